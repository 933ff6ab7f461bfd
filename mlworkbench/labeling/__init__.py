"""Labels without an army of annotators."""

from __future__ import annotations

from mlworkbench.labeling._active import (
    ActiveLearningReport,
    simulate_active_learning,
)
from mlworkbench.labeling._agreement import AnnotatorAgreement, annotator_agreement
from mlworkbench.labeling._consensus import Consensus, consensus
from mlworkbench.labeling._queries import Queries, select_queries
from mlworkbench.labeling._votes import ABSTAIN

__all__ = [
    "ABSTAIN",
    "annotator_agreement",
    "AnnotatorAgreement",
    "consensus",
    "Consensus",
    "select_queries",
    "Queries",
    "simulate_active_learning",
    "ActiveLearningReport",
]
