"""What a calibration report says in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench.calibration._bins import BinSums
from mlworkbench.calibration._error import Asked
from mlworkbench.calibration._inputs import Scores

__all__ = [
    "brier_line",
    "doubts",
    "error_line",
    "group_line",
    "slope_line",
    "verdict",
]

_NORMS = {"l1": "mean gap", "l2": "root mean squared gap", "max": "largest gap"}
_KINDS = {"uniform": "width", "quantile": "mass"}
_FEW = 10  # rows, below which a bin's share says little


def verdict(report: Any) -> str:
    """Say what is shown, and what is not.

    Parameters
    ----------
    report : CalibrationReport
        The report.

    Returns
    -------
    sentence : str
        One sentence.
    """
    if np.isnan(report.chance_high):
        return f"the calibration error is {report.ece:.4f}; not compared with chance"
    level = f"{report.confidence:.0%}".replace("%", " %")
    found = (
        f"the error is {report.ece:.4f}, and a calibrated model would show "
        f"at most {report.chance_high:.4f} in {level} of samples"
    )
    if report.ece > report.chance_high:
        return f"miscalibration is shown: {found}"
    all_rows = " over all rows" if len(report.groups) else ""
    return (
        f"no miscalibration is shown{all_rows}: {found}; that is no proof of "
        "calibration"
    )


def group_line(report: Any) -> str:
    """Say in which groups the percentages are wrong on average.

    Parameters
    ----------
    report : CalibrationReport
        The report, with groups.

    Returns
    -------
    line : str
        One line.
    """
    table = report.groups
    off = table[table["p_value"] < 1 - report.confidence]
    named = [
        f"{line.group} (too {'low' if line.gap > 0 else 'high'} by {abs(line.gap):.3f})"
        for line in off.sort_values("p_value").itertuples()
    ]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    wrong = ", ".join(named[:5]) + more
    return (
        f"groups where the mean probability is wrong beyond chance (p corrected for "
        f"{len(table)}): {wrong or 'none shown'}"
    )


def error_line(report: Any) -> str:
    """Give the error with its interval and its chance.

    Parameters
    ----------
    report : CalibrationReport
        The report.

    Returns
    -------
    line : str
        One line.
    """
    bins = f"{report.n_bins} bins of equal {_KINDS[report.strategy]}"
    kind = _NORMS[report.norm] + (", noise taken out" if report.debias else "")
    line = f"calibration error ({kind}, {bins}): {report.ece:.4f}"
    if np.isnan(report.chance):
        return line
    return (
        f"{line}, interval {report.ece_low:.4f} to {report.ece_high:.4f}; noise "
        f"alone gives {report.chance:.4f} on average"
    )


def slope_line(report: Any) -> str:
    """Give slope and intercept of the logistic recalibration.

    Parameters
    ----------
    report : CalibrationReport
        The report.

    Returns
    -------
    line : str
        One line.
    """
    if np.isnan(report.slope) and np.isnan(report.intercept):
        return "slope and intercept: not fitted"
    if np.isinf(report.slope):
        way = "" if report.slope > 0 else ", the wrong way round"
        return f"slope: infinite, the probabilities separate the two classes{way}"
    line = f"slope {report.slope:.2f} (1 is calibrated, less is overconfident)"
    if np.isnan(report.slope):
        line = "slope: not fitted to a single probability"
    shift = round(report.intercept, 2) + 0.0
    return (
        f"{line}, intercept {shift:+.2f} (0 is calibrated; below 0, probabilities are "
        "too high on average)"
    )


def brier_line(report: Any) -> str:
    """Give the Brier score and its parts.

    Parameters
    ----------
    report : CalibrationReport
        The report.

    Returns
    -------
    line : str
        One line.
    """
    sign = "-" if report.within_bins < -5e-5 else "+"
    return (
        f"Brier score {report.brier:.4f} = {report.reliability:.4f} reliability - "
        f"{report.resolution:.4f} resolution + {report.uncertainty:.4f} uncertainty "
        f"{sign} {abs(report.within_bins):.4f} within bins"
    )


def doubts(scores: Scores, sums: BinSums, asked: Asked, frame: Any) -> tuple[str, ...]:
    """Say what to know before believing the numbers.

    Parameters
    ----------
    scores : Scores
        The rows.
    sums : BinSums
        Sums of the bins.
    asked : tuple
        n_bins, strategy, norm, debias.
    frame : pandas.DataFrame
        The bins that are not empty.

    Returns
    -------
    notes : tuple of str
        None when there is nothing to say.
    """
    notes = []
    n_bins, strategy = asked[:2]
    if scores.positive.all() or not scores.positive.any():
        notes.append(
            "only one class is there: slope and intercept cannot be fitted, and "
            "resamples do not show how uncertain the error is"
        )
    if strategy == "quantile" and len(frame) < n_bins:
        notes.append(
            f"equal probabilities share a bin: {len(frame)} bins instead of {n_bins}"
        )
    thin = int((frame["n"] < _FEW).sum())
    if thin:
        notes.append(
            f"bins with fewer than {_FEW} rows: {thin} of {len(frame)}; see how wide "
            "their intervals (low to high) are before reading a gap"
        )
    if np.isin(scores.prob, (0.0, 1.0)).all():
        notes.append("every probability is 0 or 1: these are decisions")
    elif len(frame) == 1:
        notes.append("all probabilities fall in one bin: only their mean is tested")
    if scores.table is not None:
        notes.append(
            "bins, error, slope and intercept are of the likeliest class being "
            "right; .classes has each class; the Brier score is over all classes"
        )
    return tuple(notes)
