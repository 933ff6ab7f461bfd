"""Is the model any good: baselines, behaviour, abstention, slices, comparisons."""

from __future__ import annotations

__all__: list[str] = []
