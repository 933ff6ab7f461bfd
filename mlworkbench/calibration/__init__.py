"""Do probabilities mean what they say: measure it, draw it, repair it."""

from __future__ import annotations

from mlworkbench.calibration._beta import BetaCalibration
from mlworkbench.calibration._display import ReliabilityDisplay
from mlworkbench.calibration._error import expected_calibration_error
from mlworkbench.calibration._report_card import CalibrationReport, calibration_report
from mlworkbench.calibration._rerank import CalibratedList, calibrated_rerank
from mlworkbench.calibration._venn_abers import VennAbers

__all__ = [
    "BetaCalibration",
    "CalibratedList",
    "CalibrationReport",
    "ReliabilityDisplay",
    "VennAbers",
    "calibrated_rerank",
    "calibration_report",
    "expected_calibration_error",
]
