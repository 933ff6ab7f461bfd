"""Is the model any good: baselines, behaviour, abstention, slices, comparisons."""

from __future__ import annotations

from mlworkbench.evaluation._baseline_report import BaselineReport
from mlworkbench.evaluation._baselines import baseline_table
from mlworkbench.evaluation._find_slices import find_slices
from mlworkbench.evaluation._slice_report import SliceSearchResult

__all__ = ["BaselineReport", "baseline_table", "SliceSearchResult", "find_slices"]
