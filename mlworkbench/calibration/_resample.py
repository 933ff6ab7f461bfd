"""How sure a calibration error is: resampled counts, never rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray
from mlworkbench.calibration._bins import (
    BinSums,
    BoolArray,
    bin_index,
    error_of,
    squared_error,
)

__all__ = ["Spread", "chance_of_error", "spread_of_error"]

_GRID = 200  # cells are no wider than 1 / 200


@dataclass(frozen=True)
class Spread:
    """Interval of an error, and what noise alone would make of it."""

    low: float = float("nan")
    high: float = float("nan")
    chance: float = float("nan")
    chance_high: float = float("nan")


@dataclass(frozen=True)
class _Cells:
    """Rows of one bin, of one class, and of nearly one probability.

    Arrays of shape (cells,); `bin` rises.
    """

    bin: npt.NDArray[np.integer]
    count: FloatArray
    weight: FloatArray
    squares: FloatArray
    prob: FloatArray
    event: BoolArray

    @property
    def spread(self) -> FloatArray:
        """Variance of the weights in a cell."""
        mean = self.weight / self.count
        return np.maximum(self.squares / self.count - mean**2, 0.0)


def spread_of_error(
    positive: BoolArray,
    prob: FloatArray,
    weight: FloatArray | None,
    edges: FloatArray,
    sums: BinSums,
    norm: str,
    debias: bool,
    n_boot: int,
    confidence: float,
    rng: np.random.Generator,
) -> Spread:
    """Give the interval of an error, and the error of calibrated chance.

    Parameters
    ----------
    positive, prob, weight : ndarray of shape (n,)
        The rows; `weight` may be None.
    edges : ndarray of shape (n_bins + 1,)
        The bins, held fixed.
    sums : BinSums
        The sums of these rows.
    norm, debias : str, bool
        The error.
    n_boot : int
        Resamples, 0 for none.
    confidence : float
        Level of the interval and of the bound on chance.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    spread : Spread
        NaN throughout without resamples.
    """
    if n_boot == 0:
        return Spread()
    cells = _cells(positive, prob, weight, edges)
    again = _add_up(*_bootstrap(cells, n_boot, rng), cells, len(edges) - 1)
    low, high = _interval(sums, again, norm, debias, confidence)
    chance, bound = chance_of_error(
        prob, weight, edges, sums, norm, debias, n_boot, confidence, rng
    )
    if float(error_of(sums, norm, debias)) <= bound:
        low = 0.0  # noise alone can do it
    return Spread(low, high, chance, bound)


def chance_of_error(
    prob: FloatArray,
    weight: FloatArray | None,
    edges: FloatArray,
    sums: BinSums,
    norm: str,
    debias: bool,
    n_boot: int,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Give the error that noise alone makes where every probability is true.

    Parameters
    ----------
    prob, weight : ndarray of shape (n,)
        The rows; `weight` may be None.
    edges : ndarray of shape (n_bins + 1,)
        The bins.
    sums : BinSums
        The sums of these rows.
    norm, debias : str, bool
        The error.
    n_boot : int
        Draws of the events, 0 for none.
    confidence : float
        Level of the bound.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    mean, bound : float
        NaN without draws.
    """
    if n_boot == 0:
        return float("nan"), float("nan")
    cells = _cells(np.zeros(len(prob), dtype=np.bool_), prob, weight, edges)
    null = error_of(_null(cells, sums, n_boot, rng, len(edges) - 1), norm, debias)
    return float(null.mean()), float(np.quantile(null, confidence))


def _interval(
    sums: BinSums, again: BinSums, norm: str, debias: bool, confidence: float
) -> tuple[float, float]:
    """Turn the resamples' distances round, which takes their bias off once."""
    ends = [(1 + confidence) / 2, (1 - confidence) / 2]
    found = float(error_of(sums, norm, debias))
    if debias:
        # A resample without noise has the squared error of the sample with it.
        far = np.quantile(squared_error(again, True), ends)
        shift = squared_error(sums, True) + squared_error(sums, False) - far
        low, high = np.sqrt(np.maximum(shift, 0.0))
    else:
        far = np.quantile(error_of(again, norm), ends)
        low, high = np.maximum(2 * found - far, 0.0)
    return min(float(low), found), min(max(float(high), found), 1.0)


def _cells(
    positive: BoolArray,
    prob: FloatArray,
    weight: FloatArray | None,
    edges: FloatArray,
) -> _Cells:
    fine = np.union1d(edges, np.linspace(0, 1, _GRID + 1))
    place = np.searchsorted(fine[1:-1], prob) * 2 + positive
    size = 2 * (len(fine) - 1)
    count = np.bincount(place, minlength=size).astype(np.float64)
    mass = squares = count
    if weight is not None:
        mass = np.bincount(place, weight, size).astype(np.float64)
        squares = np.bincount(place, weight**2, size).astype(np.float64)
    product = prob if weight is None else weight * prob
    full = count > 0
    mean = np.bincount(place, product, size)[full] / mass[full]
    return _Cells(
        bin=np.repeat(bin_index(fine[1:], edges), 2)[full],
        count=count[full],
        weight=mass[full],
        squares=squares[full],
        prob=mean,
        event=np.flatnonzero(full) % 2 == 1,
    )


def _bootstrap(
    cells: _Cells, n_boot: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw as many rows again; give weight, weight of events, of probability."""
    n = int(cells.count.sum())
    drawn = rng.multinomial(n, cells.count / n, size=n_boot).astype(np.float64)
    mass = drawn * (cells.weight / cells.count)
    uneven = cells.spread > 1e-12 * cells.weight**2
    if uneven.any():
        # The sum of so many weights: a gamma of the same mean and variance.
        mean, noise = mass[:, uneven], drawn[:, uneven] * cells.spread[uneven]
        scale = np.divide(noise, mean, out=np.ones_like(mean), where=mean > 0)
        mass[:, uneven] = rng.gamma(mean / scale, scale)
    return mass, mass * cells.event, mass * cells.prob


def _null(
    cells: _Cells, sums: BinSums, n_boot: int, rng: np.random.Generator, m: int
) -> BinSums:
    """Draw the events anew as if every probability were true."""
    count, chance = cells.count, cells.prob
    share = rng.binomial(count.astype(np.int64), chance, (n_boot, len(count))) / count
    worth = cells.weight**2 / cells.squares  # uneven weights: fewer rows' worth
    share = chance + (share - chance) * np.sqrt(count / worth)
    event = _by_bin(share * cells.weight, cells, m)
    ones = np.ones_like(event)
    return BinSums(sums.weight * ones, event, sums.prob * ones, sums.squares * ones)


def _add_up(
    mass: FloatArray, event: FloatArray, prob: FloatArray, cells: _Cells, m: int
) -> BinSums:
    squares = mass * (cells.squares / cells.weight)
    parts = (_by_bin(part, cells, m) for part in (mass, event, prob, squares))
    return BinSums(*parts)


def _by_bin(values: FloatArray, cells: _Cells, m: int) -> FloatArray:
    """Add the cells of each bin, shape (n_boot, cells) to (n_boot, m)."""
    members = np.zeros((len(cells.count), m))
    members[np.arange(len(cells.count)), cells.bin] = 1.0
    return values @ members
