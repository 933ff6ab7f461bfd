"""Is the model any good: baselines, behaviour, abstention, slices, comparisons."""

from __future__ import annotations

from mlworkbench.evaluation._find_slices import find_slices
from mlworkbench.evaluation._slice_report import SliceSearchResult

__all__ = ["SliceSearchResult", "find_slices"]
