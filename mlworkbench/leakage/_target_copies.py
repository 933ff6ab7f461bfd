"""Signs that a column was made from the target, and not the target from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp, skew

from mlworkbench.leakage._target_power import Target

__all__ = [
    "averages_target",
    "copies_number",
    "has_unit_of",
    "is_whole",
    "shakes_classes",
]

FloatArray = npt.NDArray[np.float64]
_MOST_ROWS = 20_000
_LEVELS = 5  # values from which on equal means are no accident
_CLOSE = 1e-3  # of the target's spread, by which rounded means may differ
_FAR = 2.5  # standard deviations at which noise is cut off
_BENT = 3.0  # standard errors by which two skews may differ
_SURE = 0.02  # chance of calling the noise of two classes different
_SLOPE = 0.05  # by which the slope of a copy may differ from 1
_BETTER = 0.005  # by which one slope must be nearer to 1 than the other


def averages_target(values: FloatArray, target: Target) -> bool:
    """Say whether a column is the mean target of the rows that share its value.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column, NaN for missing.
    target : Target
        The target of the same rows.

    Returns
    -------
    averages : bool
        True for a mean over groups that was taken on these very rows.

    Notes
    -----
    The mean of such a column is the mean of the target: what fails there is
    not sorted. O(n), else O(n log n).
    """
    there = ~np.isnan(values)
    if not there.any():
        return False
    outcomes = target.values[there].T if target.classes else [target.numbers[there]]
    if len(target.classes) == 2:
        outcomes = [outcomes[0], 1 - outcomes[0]]
    known = values[there]
    for outcome in outcomes:
        close = _CLOSE * float(outcome.std())
        if not abs(known.mean() - outcome.mean()) <= close:
            continue
        levels, code = np.unique(known, return_inverse=True)
        mean = np.bincount(code, weights=outcome) / np.bincount(code)
        if len(levels) >= _LEVELS and bool((np.abs(mean - levels) <= close).all()):
            return True
    return False


def shakes_classes(values: FloatArray, target: Target) -> bool:
    """Say whether a column is a number per class plus noise alike in all classes.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column, NaN for missing.
    target : Target
        Classes of the same rows.

    Returns
    -------
    shaken : bool
        True for a copy of the classes, shaken. A measurement that the classes
        were cut from is skewed towards the cut on both sides.
    """
    there = np.flatnonzero(~np.isnan(values))
    if len(there) > _MOST_ROWS:
        there = there[np.linspace(0, len(there) - 1, _MOST_ROWS).astype(np.int64)]
    classes = target.numbers[there].astype(np.int64)
    count = np.bincount(classes)
    if not len(there) or count[count > 0].min() < 2:
        return False
    mean = np.bincount(classes, weights=values[there]) / np.maximum(count, 1)
    noise = values[there] - mean[classes]
    kinds = np.flatnonzero(count)
    parts = [(noise[classes == kind], noise[classes != kind]) for kind in kinds]
    return all(_alike(*part, _SURE / len(kinds)) for part in parts if len(part[1]))


def _alike(one: FloatArray, two: FloatArray, sure: float) -> bool:
    """Say whether two noises may be of one kind: in size, and not mirrored."""
    if one.std() == 0 or two.std() == 0:
        return bool(one.std() == two.std())
    for x, y in ((one, two), (np.abs(one), np.abs(two))):
        if ks_2samp(x, y, method="asymp").pvalue <= sure:
            return False
    bent = [float(skew(np.clip(x / x.std(), -_FAR, _FAR))) for x in (one, two)]
    usual = np.sqrt(6 / len(one) + 6 / len(two))
    return bool(abs(bent[0] - bent[1]) <= _BENT * usual)


def copies_number(values: FloatArray, numbers: FloatArray) -> bool:
    """Say whether a column is the target plus noise, and not the reverse.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column, NaN for missing.
    numbers : ndarray of shape (n,)
        A measured target.

    Returns
    -------
    copies : bool
        True where the column rises by 1 with the target, and the target by
        less than 1 with the column, which noise in the column explains.
    """
    to_column, to_target = _slopes(values, numbers)
    off = abs(to_column - 1)
    return off <= _SLOPE and off + _BETTER < abs(to_target - 1)


def has_unit_of(values: FloatArray, numbers: FloatArray) -> bool:
    """Say whether a measured target is a column plus a little, in whole units.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column, NaN for missing.
    numbers : ndarray of shape (n,)
        A measured target.

    Returns
    -------
    same : bool
        True where both are whole numbers (minutes, euros) and the target rises
        by about 1 with the column.
    """
    if not (is_whole(values) and is_whole(numbers)):
        return False
    return abs(_slopes(values, numbers)[1] - 1) <= 3 * _SLOPE


def is_whole(values: FloatArray) -> bool:
    """Say whether all values are whole numbers, as of counts and records.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Numbers, NaN for missing.

    Returns
    -------
    whole : bool
        True for minutes, euros, times, counts.
    """
    known = values[~np.isnan(values)]
    return bool((np.floor(known) == known).all())


def _slopes(values: FloatArray, numbers: FloatArray) -> tuple[float, float]:
    """Give the slope of the column on the target, and of the target on it."""
    there = ~np.isnan(values)
    x, y = values[there], numbers[there]
    if len(x) < 2 or x.std() == 0 or y.std() == 0:
        return 0.0, 0.0
    together = float(((x - x.mean()) * (y - y.mean())).mean())
    return together / float(y.var()), together / float(x.var())
