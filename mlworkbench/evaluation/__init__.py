"""Is the model any good: baselines, behaviour, abstention, slices, comparisons."""

from __future__ import annotations

from mlworkbench.evaluation import perturb
from mlworkbench.evaluation._baseline_report import BaselineReport
from mlworkbench.evaluation._baselines import baseline_table
from mlworkbench.evaluation._behaviour import (
    directional_test,
    invariance_test,
    perturbation_test,
)
from mlworkbench.evaluation._behaviour_cases import minimum_functionality_test
from mlworkbench.evaluation._behaviour_report import BehaviourReport
from mlworkbench.evaluation._behaviour_suite import (
    BehaviourSuite,
    SuiteReport,
    assert_behaviour,
)
from mlworkbench.evaluation._compare import compare_models
from mlworkbench.evaluation._compare_folds import compare_cv_scores
from mlworkbench.evaluation._compare_report import ModelComparison
from mlworkbench.evaluation._find_slices import find_slices
from mlworkbench.evaluation._selective import selective_report
from mlworkbench.evaluation._selective_report import SelectiveReport
from mlworkbench.evaluation._simpson import simpson_check
from mlworkbench.evaluation._simpson_report import SimpsonCheck
from mlworkbench.evaluation._slice_metrics import slice_metrics
from mlworkbench.evaluation._slice_metrics_report import SliceMetrics
from mlworkbench.evaluation._slice_report import SliceSearchResult
from mlworkbench.evaluation._substitution import oracle_substitution
from mlworkbench.evaluation._substitution_report import OracleSubstitution

__all__ = [
    "BaselineReport",
    "BehaviourReport",
    "BehaviourSuite",
    "ModelComparison",
    "OracleSubstitution",
    "SelectiveReport",
    "SimpsonCheck",
    "SliceMetrics",
    "SliceSearchResult",
    "SuiteReport",
    "assert_behaviour",
    "baseline_table",
    "compare_cv_scores",
    "compare_models",
    "directional_test",
    "find_slices",
    "invariance_test",
    "minimum_functionality_test",
    "oracle_substitution",
    "perturb",
    "perturbation_test",
    "selective_report",
    "simpson_check",
    "slice_metrics",
]
