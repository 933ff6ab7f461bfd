"""The lowest threshold whose error is promised, whatever was looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betainc

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._selective_curve import Curve

__all__ = ["Choice", "choose_threshold", "naive_place", "readable_grid"]

STARTS = 10
_RANKS = 20


@dataclass(frozen=True)
class Choice:
    """A threshold, the place of its last answered row, and how it was found.

    Parameters
    ----------
    threshold : float
        Answer at or above it; infinite where none can be promised.
    place : int
        Place in the curve; -1 for no row.
    method : str
        How the thresholds were tested.
    """

    threshold: float
    place: int
    method: str


def readable_grid() -> FloatArray:
    """Give thresholds that do not depend on any data, falling.

    Returns
    -------
    grid : ndarray
        Steps of 0.01 up to 0.99, of 0.001 up to 0.999, and so on, and 0.
    """
    near = [1 - k * 10.0**-p for p in range(3, 10) for k in range(1, 10)]
    steps = np.arange(100) / 100
    return np.unique(np.round(np.concatenate([near, steps]), 9))[::-1]


def choose_threshold(
    curve: Curve, target: float, delta: float, grid: FloatArray | None
) -> Choice:
    """Find the lowest threshold that passes, at level delta for all together.

    Parameters
    ----------
    curve : Curve
        Counts of rows and errors.
    target : float
        The error to stay below.
    delta : float
        Chance allowed that the threshold found does not keep it.
    grid : ndarray or None
        Thresholds fixed before the data were seen, falling. None takes 20
        ranks of the data.

    Returns
    -------
    choice : Choice
        Infinite threshold where none passes.

    Notes
    -----
    Fixed thresholds: the fallback procedure (Wiens 2003). delta is dealt in
    equal parts to the first thresholds with 10 %, 20 %, ..., 100 % of the rows
    (those with enough rows to pass without an error); one that passes hands
    what it had to the next, one that fails loses it. With ten thresholds or
    fewer each gets an equal part. Ranks: Bonferroni, with
    one row less, as the row at the threshold is there by choice.
    """
    if grid is None:
        wanted = np.ceil(curve.rows[-1] * np.arange(1, _RANKS + 1) / _RANKS)
        places = np.unique(np.searchsorted(curve.rows, wanted))
        chance = _chance(curve.wrong[places], curve.effective[places] - 1, target)
        passed = np.asarray(chance <= delta / _RANKS)
        thresholds, method = curve.levels[places], f"{_RANKS} ranks, Bonferroni"
    else:
        thresholds, places = grid, curve.at(grid)
        method = f"{len(grid)} fixed thresholds, fallback"
        seen = np.maximum(places, 0)
        share = np.where(places < 0, 0.0, curve.effective[seen] / curve.effective[-1])
        error = curve.error[seen] * curve.effective[seen]
        chance = _chance(error, curve.effective[seen], target)
        chance[places < 0] = 1.0
        dealt = _deal(share, float(curve.effective[-1]), target, delta)
        passed = _fallback(chance, dealt)
    if not passed.any():
        return Choice(np.inf, -1, method)
    best = int(np.flatnonzero(passed)[-1])
    return Choice(float(thresholds[best]), int(places[best]), method)


def _chance(wrong: FloatArray, rows: FloatArray, target: float) -> FloatArray:
    """Give P(at most so many errors) where the error is the target."""
    wrong, rows = np.asarray(wrong, float), np.maximum(rows, 0.0)
    whole = np.isclose(rows, np.round(rows)) & np.isclose(wrong, np.round(wrong))
    n, k = np.round(rows), np.minimum(np.round(wrong), np.round(rows))
    exact = np.where(n > 0, bdtr(k, n.astype(int), target), 1.0)
    right = np.maximum(rows - wrong, 1e-12)
    smooth = betainc(right, np.minimum(wrong, rows) + 1, 1 - target)
    return np.where(whole, exact, np.where(rows > 0, smooth, 1.0))


def _deal(share: FloatArray, n: float, target: float, delta: float) -> FloatArray:
    """Deal delta to the starts that can pass at all, with no error."""
    if len(share) <= STARTS:
        return np.full(len(share), delta / len(share))
    many = np.arange(1, STARTS + 1)  # the last so many starts share delta
    rows = n * (STARTS + 1 - many) / STARTS
    able = np.flatnonzero(rows * np.log1p(-target) <= np.log(delta / many))
    used = int(many[able[-1]]) if len(able) else 1
    parts = np.maximum(np.arange(STARTS + 1) - STARTS + used, 0) * delta / used
    marks = np.floor(share * STARTS + 1e-9).astype(int)
    return np.diff(parts[marks], prepend=0.0)


def _fallback(chance: FloatArray, dealt: FloatArray) -> npt.NDArray[np.bool_]:
    """Walk down the thresholds with what is left of delta."""
    passed = np.zeros(len(chance), dtype=np.bool_)
    level = 0.0
    for i, part in enumerate(dealt):
        level += part
        passed[i] = level > 0 and chance[i] <= level
        if not passed[i]:
            level = 0.0
    return passed


def naive_place(curve: Curve, target: float) -> int:
    """Give the last place with an error seen of at most the target.

    Parameters
    ----------
    curve : Curve
        The curve.
    target : float
        The error.

    Returns
    -------
    place : int
        -1 where there is none. Nothing is promised there.
    """
    kept = np.flatnonzero(curve.error <= target + 1e-12)
    return int(kept[-1]) if len(kept) else -1
