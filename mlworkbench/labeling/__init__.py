"""Labels without an army of annotators."""

from __future__ import annotations

from mlworkbench.labeling._active import (
    ActiveLearningReport,
    simulate_active_learning,
)
from mlworkbench.labeling._agreement import AnnotatorAgreement, annotator_agreement
from mlworkbench.labeling._apply import LabelingError, LFFailure, apply_lfs
from mlworkbench.labeling._audit import LabelAudit, audit_labels
from mlworkbench.labeling._buckets import ErrorBuckets, error_buckets
from mlworkbench.labeling._consensus import Consensus, consensus
from mlworkbench.labeling._dependencies import DependentLFs, find_dependent_lfs
from mlworkbench.labeling._feedback import FeedbackWindows, feedback_window
from mlworkbench.labeling._functions import LabelingFunction, labeling_function
from mlworkbench.labeling._label_model import LabelModel, LabelModelWarning
from mlworkbench.labeling._lineage import label_source
from mlworkbench.labeling._majority import MajorityVote
from mlworkbench.labeling._makers import keyword_lf, lookup_lf, model_lf, regex_lf
from mlworkbench.labeling._queries import Queries, select_queries
from mlworkbench.labeling._rules import rule_lf
from mlworkbench.labeling._spans import SpanAgreement, longest_spans, span_agreement
from mlworkbench.labeling._summary import LFSummary, summarize_lfs
from mlworkbench.labeling._votes import ABSTAIN

__all__ = [
    "ABSTAIN",
    "labeling_function",
    "LabelingFunction",
    "keyword_lf",
    "regex_lf",
    "lookup_lf",
    "model_lf",
    "rule_lf",
    "apply_lfs",
    "LabelingError",
    "LFFailure",
    "summarize_lfs",
    "LFSummary",
    "error_buckets",
    "ErrorBuckets",
    "MajorityVote",
    "LabelModel",
    "LabelModelWarning",
    "find_dependent_lfs",
    "DependentLFs",
    "annotator_agreement",
    "AnnotatorAgreement",
    "consensus",
    "Consensus",
    "select_queries",
    "Queries",
    "simulate_active_learning",
    "ActiveLearningReport",
    "span_agreement",
    "SpanAgreement",
    "longest_spans",
    "feedback_window",
    "FeedbackWindows",
    "audit_labels",
    "LabelAudit",
    "label_source",
]
