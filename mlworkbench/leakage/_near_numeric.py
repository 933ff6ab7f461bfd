"""Rows of numbers that are almost equal: nearest neighbours within a radius."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

__all__ = ["NearRows", "near_numeric"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_COPIES = 5  # nearest rows looked at, so that a few copies of each do not hide
_JUMP = 5.0  # how much farther the next row is where the nearer ones are copies
_SAMPLE = 400  # rows whose nearest neighbour says what a usual distance is
_ALIKE = 16  # columns from which on they can be of one measure, as pixels are
_INSIDE = 5000  # rows of train whose neighbours inside train are looked for


class NearRows(NamedTuple):
    """Nearest rows within a distance.

    Parameters
    ----------
    row : ndarray of shape (m,)
        For every row of test the nearest row of train, -1 for none.
    distance : ndarray of shape (m,)
        How far it is, on the scale of `near`; infinite for none.
    inside : ndarray of shape (k,)
        The same distance of rows of train to the nearest other row of train.
    inside_row : ndarray of shape (k,)
        That other row, -1 for none.
    inside_of : ndarray of shape (k,)
        The rows of train looked at.
    crowd : float
        How many rows are near a row of train that has any, on the median.
    """

    row: IntArray
    distance: FloatArray
    inside: FloatArray
    inside_row: IntArray
    inside_of: IntArray
    crowd: float = 1.0


def near_numeric(
    train: FloatArray,
    test: FloatArray,
    same: IntArray,
    within: float,
    rng: np.random.Generator,
) -> NearRows | None:
    """Find the nearest row of train for rows of test.

    Columns are divided by their standard deviation in train; where there are
    16 or more of one measure, such as the pixels of an image, by no less than a
    fifth of the usual one, so that a shake of the dark corners does not count
    more than the picture. The unit of distance is the median distance of a row
    of train to its nearest neighbour (to the next one where all rows have a
    copy).

    Parameters
    ----------
    train : ndarray of shape (n, p)
        Numbers without missing values, no row twice.
    test : ndarray of shape (m, p)
        The same columns.
    same : ndarray of shape (n + m,)
        A number per row; only rows with the same number are neighbours.
    within : float
        Largest distance, in units.
    rng : numpy.random.Generator
        For the sample that gives the unit.

    Returns
    -------
    near : NearRows or None
        None where there is no unit: fewer than three rows, or constant ones.

    Notes
    -----
    A k-d tree with a small radius: about O((n + m) log n).
    """
    spread = _spreads(train)
    train, test = (train - train.mean(axis=0)) / spread, test - train.mean(axis=0)
    test = test / spread
    unit = _usual_distance(train, rng)
    if not np.isfinite(unit) or len(train) < 3:
        return None
    radius = within * unit
    far = (same * (4 * radius))[:, None]
    train = np.hstack([train, far[: len(train)]])
    test = np.hstack([test, far[len(train) :]])
    tree = cKDTree(train)
    distance, row = _query(tree, test, radius, 1)
    of = np.arange(len(train))
    if len(train) > _INSIDE:
        of = np.sort(rng.choice(len(train), _INSIDE, replace=False))
    inside, other = _query(tree, train[of], radius, 2)
    itself = other == of[:, None]
    pick = np.where(itself[:, 0], 1, 0)
    line = np.arange(len(of))
    return NearRows(
        row[:, 0],
        distance[:, 0] / unit,
        inside[line, pick] / unit,
        other[line, pick],
        of,
    )


def _query(
    tree: Any, points: FloatArray, radius: float, k: int
) -> tuple[FloatArray, IntArray]:
    """Give distances and rows of shape (points, k); infinity and -1 for none."""
    distance, row = tree.query(
        points, k=[*range(1, k + 1)], distance_upper_bound=radius
    )
    row = np.where(np.isfinite(distance), row, -1).astype(np.int64)
    return np.asarray(distance, dtype=np.float64), row


def _spreads(train: FloatArray) -> FloatArray:
    """Give what to divide each column by."""
    spread = train.std(axis=0) if len(train) else np.zeros(train.shape[1])
    some = spread[spread > 0]
    if len(some) >= _ALIKE:
        usual, high = np.quantile(some, [0.5, 0.75])
        if high <= 3 * usual:  # of one measure
            spread = np.maximum(spread, usual / 5)
    return np.where(spread == 0, 1.0, spread)


def _usual_distance(rows: FloatArray, rng: np.random.Generator) -> float:
    """Give the median distance of a row to the nearest one that is no copy.

    That is the nearest one that differs, unless the second (third, ...) nearest
    is more than five times as far on the median: then every row has a copy.
    """
    some = rows
    if len(rows) > _SAMPLE:
        some = rows[np.sort(rng.choice(len(rows), _SAMPLE, replace=False))]
    least = np.full((len(some), _COPIES), np.inf)
    square = np.square(some).sum(axis=1)[:, None]
    for start in range(0, len(rows), 20_000):
        part = rows[start : start + 20_000]
        distance = square + np.square(part).sum(axis=1) - 2 * some @ part.T
        distance[distance < 1e-10 * (1 + square)] = np.inf
        both = np.hstack([least, distance])
        least = np.sort(np.partition(both, _COPIES - 1, axis=1)[:, :_COPIES], axis=1)
    least = least[np.isfinite(least[:, 0])]
    if not len(least):
        return float("inf")
    usual = np.sqrt(np.median(least, axis=0))
    usual = usual[np.isfinite(usual)]
    jump = usual[1:] / usual[:-1]
    copies = int(np.argmax(jump)) + 1 if len(jump) and jump.max() > _JUMP else 0
    return float(usual[copies])
