"""How well one column alone orders the target: on its values, and out of fold."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import as_vector

__all__ = [
    "Target",
    "as_numbers",
    "category_power",
    "code_target",
    "fold_rows",
    "missing_power",
    "order_power",
    "value_power",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_FEW_CLASSES = 20  # whole numbers with no more values than this are classes
_FOLDS = 5
_BINS = 24  # parts of equal size that a number is cut into, to see a bend
_SMOOTH = 4.0  # rows of the overall mean that are mixed into that of a category


class Target(NamedTuple):
    """A target ready to be compared with columns.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        One column of zeros and ones per class (one for two classes), or the
        ranks of a measured target.
    classes : tuple
        The classes, the positive one last for two; empty for a measured target.
    numbers : ndarray of shape (n,)
        The target as numbers: the class numbers, or what was measured.
    rows : ndarray of int
        Rows of the input that have a target.
    """

    values: FloatArray
    classes: tuple[Any, ...]
    numbers: FloatArray
    rows: IntArray

    def take(self, chosen: npt.NDArray[Any]) -> Target:
        """Give the target of some rows."""
        return self._replace(
            values=self.values[chosen],
            numbers=self.numbers[chosen],
            rows=self.rows[chosen],
        )


def code_target(y: Any) -> Target:
    """Tell classes from a measured target, and code it.

    Parameters
    ----------
    y : array-like of shape (n,)
        Text, truth values, categories and whole numbers of at most 20 values
        are classes.

    Returns
    -------
    target : Target
        Rows without a target are left out.

    Raises
    ------
    ValueError
        When all of it is missing, or all of it is the same.
    TypeError
        When it holds neither numbers nor classes.
    """
    series = y if isinstance(y, pd.Series) else pd.Series(as_vector(y, "y"))
    series = series.reset_index(drop=True)
    rows = np.flatnonzero(series.notna().to_numpy())
    if not len(rows):
        raise ValueError(f"y is missing in all {len(series)} rows; pass a target")
    known = series.iloc[rows]
    try:
        n_values = known.nunique()
    except TypeError:
        raise TypeError(
            "y holds values that cannot be compared; pass numbers or class names"
        ) from None
    if n_values == 1:
        raise ValueError(
            f"y is {known.tolist()[0]!r} in every row that has a target; at least two "
            "values are needed to say what a column tells about it"
        )
    kind = value_kind(known)
    if kind in ("time", "time with a zone", "length of time"):
        numbers = _as_times(known)
    elif kind == "number" and not isinstance(known.dtype, pd.CategoricalDtype):
        numbers = known.to_numpy(dtype=np.float64)
        if np.isinf(numbers).any():
            raise ValueError("y has infinite values; leave those rows out or cap them")
        whole = bool((np.floor(numbers) == numbers).all())
        if n_values == 2 or (whole and n_values <= min(_FEW_CLASSES, len(rows) / 5)):
            return _code_classes(known, rows)
    else:
        if n_values > max(_FEW_CLASSES, 0.5 * len(rows)):
            raise ValueError(
                f"y has {n_values} different texts in {len(rows)} rows; pass classes"
            )
        return _code_classes(known, rows)
    ranks = np.asarray(pd.Series(numbers).rank(), dtype=np.float64)
    return Target(ranks[:, None], (), numbers, rows)


def _code_classes(known: pd.Series, rows: IntArray) -> Target:
    codes, classes = pd.factorize(known.astype(object), sort=_sortable(known))
    hot = (codes[:, None] == np.arange(len(classes))).astype(np.float64)
    hot = hot[:, 1:] if len(classes) == 2 else hot
    return Target(hot, tuple(classes), codes.astype(np.float64), rows)


def _sortable(known: pd.Series) -> bool:
    return value_kind(known) in ("number", "text")


def _as_times(values: pd.Series) -> FloatArray:
    """Give times as seconds, missing ones as NaN."""
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if value_kind(values) == "length of time":
        length = pd.to_timedelta(values).dt.total_seconds()
        return np.asarray(length, dtype=np.float64)
    times = pd.to_datetime(values, utc=value_kind(values) == "time with a zone")
    return np.asarray((times - times.min()).dt.total_seconds(), dtype=np.float64)


def as_numbers(values: pd.Series) -> FloatArray | None:
    """Give a column as numbers, times as seconds since its first.

    Parameters
    ----------
    values : pandas.Series
        The column.

    Returns
    -------
    numbers : ndarray of shape (n,), or None
        Missing and infinite values are NaN; None for categories and text.
    """
    kind = value_kind(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return None
    if kind == "number":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(numbers), numbers, np.nan)
    if kind in ("time", "time with a zone", "length of time"):
        return _as_times(values)
    return None


def fold_rows(n: int, groups: Any, rng: np.random.Generator) -> IntArray:
    """Deal rows, or whole groups of rows, to five folds.

    Parameters
    ----------
    n : int
        Number of rows.
    groups : array-like of shape (n,) or None
        Rows of one group stay together.
    rng : numpy.random.Generator
        Deals.

    Returns
    -------
    fold : ndarray of shape (n,)
        0 to 4; fewer for fewer groups.
    """
    codes = np.arange(n) if groups is None else pd.factorize(pd.Series(groups))[0] + 1
    size = int(codes.max(initial=0)) + 1
    return np.asarray((rng.permutation(size) % _FOLDS)[codes], dtype=np.int64)


def order_power(score: FloatArray, code: IntArray, target: Target) -> FloatArray:
    """Say how well scores order the target, one signed number per class.

    Parameters
    ----------
    score : ndarray of shape (s,)
        The score of each code.
    code : ndarray of shape (n,)
        The code of each row, -1 for a row to leave out.
    target : Target
        The target of the same rows.

    Returns
    -------
    power : ndarray of shape (k,)
        2 · AUC - 1 of each class, or the rank correlation with a measured
        target; 0 where there is nothing to compare.
    """
    values = target.values
    if (code < 0).any():
        values, code = values[code >= 0], code[code >= 0]
    order = np.argsort(score, kind="stable")
    count = np.bincount(code, minlength=len(score)).astype(np.float64)
    new = np.concatenate([[True], np.diff(score[order]) > 0])
    level = np.empty(len(score), dtype=np.int64)
    level[order] = np.cumsum(new) - 1
    tied = np.bincount(level, weights=count)
    rank = (np.cumsum(tied) - (tied - 1) / 2)[level] - (len(code) + 1) / 2
    power = np.zeros(values.shape[1])
    if not len(code):
        return power
    total = float(count @ np.square(rank))
    for place in range(values.shape[1]):
        column = values[:, place] - values[:, place].mean()
        together = float(rank @ np.bincount(code, weights=column, minlength=len(score)))
        if target.classes:
            share = values[:, place].mean()
            size = len(code) ** 2 * share * (1 - share) / 2
        else:
            size = np.sqrt(total * float(column @ column))
        power[place] = together / size if size > 0 else 0.0
    return np.clip(power, -1, 1)


def _mean_power(power: FloatArray, target: Target) -> float:
    """Weigh the classes by their rows."""
    if len(power) == 1:
        return float(power[0])
    share = target.values.mean(axis=0)
    return float(power @ share / share.sum())


def value_power(numbers: FloatArray, target: Target, fold: IntArray) -> float:
    """Give the power of a number: by its order, or by its parts where it bends.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        The column; rows with NaN are left out.
    target : Target
        The target.
    fold : ndarray of shape (n,)
        Folds for the parts.

    Returns
    -------
    power : float
        Between 0 and 1; for a measured target the larger of the rank
        correlation and of Pearson's.
    """
    levels, code = np.unique(numbers, return_inverse=True)
    code = np.where(np.isnan(numbers), -1, code)
    levels = levels[~np.isnan(levels)]
    if len(levels) < 2:
        return 0.0
    power = _mean_power(np.abs(order_power(levels, code, target)), target)
    if not target.classes:
        power = max(power, _pearson(numbers, target.numbers))
    there = code >= 0
    upto = np.cumsum(np.bincount(code[there], minlength=len(levels)))
    part = ((upto - 1) * _BINS // upto[-1]).astype(np.int64)
    binned = np.where(there, part[code], -1)
    return max(power, category_power(binned, target, fold))


def _pearson(one: FloatArray, two: FloatArray) -> float:
    """Give the size of the correlation of what both have; 0 for a constant."""
    there = ~(np.isnan(one) | np.isnan(two))
    x, y = one[there], two[there]
    if len(x) < 2:
        return 0.0
    with np.errstate(all="ignore"):
        x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
        found = abs(float((x * y).mean()))
    return min(found, 1.0) if np.isfinite(found) else 0.0


def missing_power(missing: npt.NDArray[np.bool_], target: Target) -> float:
    """Give the power of a value being missing.

    Parameters
    ----------
    missing : ndarray of shape (n,), bool
        Whether it is.
    target : Target
        The target.

    Returns
    -------
    power : float
        Between 0 and 1: the largest over the classes; for a measured target
        2 · AUC - 1, the target being the score.
    """
    if not target.classes:
        classes = target._replace(
            values=missing[:, None].astype(np.float64), classes=(0, 1)
        )
        levels, code = np.unique(target.numbers, return_inverse=True)
        return float(abs(order_power(levels, code, classes)[0]))
    power = order_power(np.arange(2.0), missing.astype(np.int64), target)
    return float(np.abs(power).max())


def category_power(code: IntArray, target: Target, fold: IntArray) -> float:
    """Give the power of a category, coded by the mean target of other folds.

    Parameters
    ----------
    code : ndarray of shape (n,)
        The category of each row, -1 for a row to leave out.
    target : Target
        The target.
    fold : ndarray of shape (n,)
        Each row is coded by the rows of other folds.

    Returns
    -------
    power : float
        Between 0 and 1; about 0 for a category whose rows share a fold, such
        as a name that occurs once.
    """
    there = code >= 0
    if not there.any():
        return 0.0
    size = int(code.max()) + 1
    cell = np.where(there, code * _FOLDS + fold, -1)
    inside = cell[there]
    count = np.bincount(inside, minlength=size * _FOLDS).reshape(size, _FOLDS)
    others = count.sum(axis=1, keepdims=True) - count
    powers = []
    for place in range(target.values.shape[1]):
        values = target.values[there, place]
        total = np.bincount(inside, weights=values, minlength=size * _FOLDS)
        total = total.reshape(size, _FOLDS)
        other = total.sum(axis=1, keepdims=True) - total
        mean = (other + _SMOOTH * values.mean()) / (others + _SMOOTH)
        one = target._replace(values=target.values[:, [place]])
        powers.append(order_power(np.round(mean, 12).ravel(), cell, one)[0])
    return max(0.0, _mean_power(np.maximum(powers, 0), target))
