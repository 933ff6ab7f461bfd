"""Is the model any good: baselines, behaviour, abstention, slices, comparisons."""

from __future__ import annotations

from mlworkbench.evaluation._baseline_report import BaselineReport
from mlworkbench.evaluation._baselines import baseline_table
from mlworkbench.evaluation._compare import compare_models
from mlworkbench.evaluation._compare_folds import compare_cv_scores
from mlworkbench.evaluation._compare_report import ModelComparison
from mlworkbench.evaluation._find_slices import find_slices
from mlworkbench.evaluation._slice_metrics import slice_metrics
from mlworkbench.evaluation._slice_metrics_report import SliceMetrics
from mlworkbench.evaluation._slice_report import SliceSearchResult

__all__ = [
    "BaselineReport",
    "ModelComparison",
    "SliceMetrics",
    "SliceSearchResult",
    "baseline_table",
    "compare_cv_scores",
    "compare_models",
    "find_slices",
    "slice_metrics",
]
