"""Rare classes: costs, thresholds, weights and losses, honest resampling.

What derives from a torch class loads when it is first asked for: importing the
room does not import torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

from mlworkbench.imbalance._class_weights import class_weights
from mlworkbench.imbalance._compare_resampling import (
    ResamplingComparison,
    compare_resampling,
)
from mlworkbench.imbalance._costs import CostMatrix
from mlworkbench.imbalance._decide import (
    bayes_decision,
    break_even_threshold,
    cost_scorer,
    expected_cost,
)
from mlworkbench.imbalance._losses import class_balanced_loss, focal_loss
from mlworkbench.imbalance._prior_correction import (
    PriorCorrectedClassifier,
    PriorCorrectionWarning,
)
from mlworkbench.imbalance._quantile_bands import (
    QuantileBands,
    weighted_quantile_report,
)
from mlworkbench.imbalance._thresholds import ThresholdReport, threshold_report

if TYPE_CHECKING:
    from mlworkbench.imbalance._loss_modules import ClassBalancedLoss, FocalLoss
    from mlworkbench.imbalance._phase_samplers import DynamicSampler, TwoPhaseSampler

__getattr__, _, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_loss_modules": ["ClassBalancedLoss", "FocalLoss"],
        "_phase_samplers": ["DynamicSampler", "TwoPhaseSampler"],
    },
)

__all__ = [
    "CostMatrix",
    "expected_cost",
    "bayes_decision",
    "break_even_threshold",
    "cost_scorer",
    "threshold_report",
    "ThresholdReport",
    "class_weights",
    "focal_loss",
    "class_balanced_loss",
    "FocalLoss",
    "ClassBalancedLoss",
    "TwoPhaseSampler",
    "DynamicSampler",
    "compare_resampling",
    "ResamplingComparison",
    "PriorCorrectedClassifier",
    "PriorCorrectionWarning",
    "weighted_quantile_report",
    "QuantileBands",
]


def __dir__() -> list[str]:
    return list(__all__)
