"""Labels without an army of annotators."""

from __future__ import annotations

from mlworkbench.labeling._agreement import AnnotatorAgreement, annotator_agreement
from mlworkbench.labeling._votes import ABSTAIN

__all__ = [
    "ABSTAIN",
    "annotator_agreement",
    "AnnotatorAgreement",
]
