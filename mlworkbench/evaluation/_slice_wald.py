"""What was measured of a metric in every slice, and intervals from spreads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mlworkbench.evaluation._differences import (
    difference_interval,
    t_half,
    wald_chance,
)

__all__ = ["Estimate", "Measured", "wald"]

FloatArray = npt.NDArray[np.float64]
Estimate = tuple[FloatArray, FloatArray, FloatArray]


class Measured(NamedTuple):
    """One metric: vectors with one entry per group, and (value, low, high) of all."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    rest: FloatArray
    gap_low: FloatArray
    gap_high: FloatArray
    p_value: FloatArray
    overall: tuple[float, ...]


def wald(
    own: Estimate,
    other: Estimate,
    every: Estimate,
    confidence: float,
    bounds: tuple[float, float],
    null: tuple[FloatArray, FloatArray] | None = None,
) -> Measured:
    """Make intervals and chances of values with standard errors.

    Parameters
    ----------
    own, other, every : tuple of ndarray
        Value, standard error and effective number of rows of each group, of
        all other rows, and of all rows.
    confidence : float
        Level of the intervals.
    bounds : tuple of float
        Between which the metric lies.
    null : tuple of ndarray, optional
        Standard errors that a group and its rest would have if they had the
        spread of all rows; by default from the numbers of rows.

    Returns
    -------
    measured : Measured
        A group without a spread of its own borrows that of all rows.
    """
    (value, se, n), (rest, rest_se, rest_n) = own, other
    with np.errstate(invalid="ignore", divide="ignore"):
        if null is None:
            unit = every[1] * np.sqrt(every[2])
            null = unit / np.sqrt(n), unit / np.sqrt(rest_n)
        spread = np.hypot(*null)
        se = np.where(se <= 1e-8 * null[0], null[0], se)
        rest_se = np.where(rest_se <= 1e-8 * null[1], null[1], rest_se)
        half = t_half(n - 1, confidence) * se
        rest_half = t_half(rest_n - 1, confidence) * rest_se
        one, two = np.square(se), np.square(rest_se)
        df = np.square(one + two) / (one**2 / (n - 1) + two**2 / (rest_n - 1))
    few = (n < 2) | (rest_n < 2)
    df = np.where(few, 0.0, np.where(one + two > 0, df, 1.0))
    chance = wald_chance(value - rest, np.hypot(se, rest_se), spread, df)
    gap = difference_interval(
        (value, value - half, value + half), (rest, rest - rest_half, rest + rest_half)
    )
    wide = t_half(every[2] - 1, confidence) * every[1]
    overall = (
        *(every[0], np.maximum(every[0] - wide, bounds[0])),
        np.minimum(every[0] + wide, bounds[1]),
    )
    return Measured(
        *(value, np.maximum(value - half, bounds[0])),
        *(np.minimum(value + half, bounds[1]), rest, *gap, chance),
        tuple(float(x) for x in overall),
    )
