"""Do probabilities mean what they say: measure it, draw it, repair it."""

from __future__ import annotations

from mlworkbench.calibration._display import ReliabilityDisplay
from mlworkbench.calibration._error import expected_calibration_error
from mlworkbench.calibration._report_card import CalibrationReport, calibration_report

__all__ = [
    "CalibrationReport",
    "ReliabilityDisplay",
    "calibration_report",
    "expected_calibration_error",
]
