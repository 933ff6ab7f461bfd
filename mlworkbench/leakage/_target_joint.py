"""What columns tell together: a linear fit, out of fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench.leakage._target_power import Target, order_power

__all__ = ["joint_power"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_MOST_ROWS = 20_000
_FARTHEST = 5.0  # standard deviations at which a value is cut off


def joint_power(
    numbers: Mapping[Any, FloatArray], target: Target, fold: IntArray
) -> float:
    """Give the power of a linear fit to all columns, on rows it has not seen.

    Parameters
    ----------
    numbers : mapping of label to ndarray of shape (n,)
        Columns; a missing value counts as the mean.
    target : Target
        The target.
    fold : ndarray of shape (n,)
        Each fold is predicted from the others.

    Returns
    -------
    power : float
        Between 0 and 1, on at most 20,000 evenly spaced rows; O(n · p²).
    """
    if not numbers:
        return 0.0
    if len(fold) > _MOST_ROWS:
        some = np.linspace(0, len(fold) - 1, _MOST_ROWS).astype(np.int64)
        numbers = {name: values[some] for name, values in numbers.items()}
        target, fold = target.take(some), fold[some]
    table = np.column_stack([_standard(values) for values in numbers.values()])
    table = np.column_stack([table, np.ones(len(table))])
    fitted = np.zeros(target.values.shape)
    for part in np.unique(fold):
        seen, unseen = table[fold != part], fold == part
        square = seen.T @ seen + 1e-3 * max(len(seen), 1) * np.eye(table.shape[1])
        slope = np.linalg.solve(square, seen.T @ target.values[fold != part])
        fitted[unseen] = table[unseen] @ slope
    told = []
    for place in range(target.values.shape[1]):
        score, code = np.unique(fitted[:, place], return_inverse=True)
        one = target._replace(values=target.values[:, [place]])
        told.append(max(0.0, float(order_power(score, code, one)[0])))
    share = target.values.mean(axis=0) if target.classes else np.ones(1)
    return float(np.average(told, weights=share))


def _standard(values: FloatArray) -> FloatArray:
    there = ~np.isnan(values)
    if not there.any():
        return np.zeros(len(values))
    low, high = values[there].min(), values[there].max()
    if low == high:
        return np.zeros(len(values))
    scaled = values / max(abs(low), abs(high))  # squares of large values overflow
    scaled = (scaled - scaled[there].mean()) / scaled[there].std()
    return np.clip(np.where(there, scaled, 0.0), -_FARTHEST, _FARTHEST)
