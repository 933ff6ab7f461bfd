"""Metrics that are functions of counts: one table (group, y, ŷ) answers all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._stats import wilson_interval
from mlworkbench.evaluation._differences import (
    difference_interval,
    equal_shares_chance,
)
from mlworkbench.evaluation._slice_wald import Measured, wald

__all__ = ["MACRO", "RATIOS", "Cells", "draw_cells"]

FloatArray = npt.NDArray[np.float64]
Shares = tuple[FloatArray, FloatArray]

RATIOS = (
    "accuracy",
    "error",
    "precision",
    "recall",
    "f1",
    "selection_rate",
    "false_positive_rate",
    "false_negative_rate",
    "base_rate",
)
MACRO = ("precision", "recall", "f1")


class Cells:
    """Counts by group, true and predicted class, and what follows from them.

    Parameters
    ----------
    codes : tuple of three ndarray of shape (n,)
        Group, true class and predicted class of every row, from 0.
    shape : tuple of int
        How many of each.
    weights : ndarray of shape (n,) or None
        Weights; None counts rows.
    positive : int or None
        The positive class; None for averages over the classes.
    undefined : float
        Value of a ratio without a denominator.
    """

    def __init__(
        self,
        codes: tuple[npt.NDArray[np.int64], ...],
        shape: tuple[int, int, int],
        weights: FloatArray | None,
        positive: int | None,
        undefined: float,
    ) -> None:
        group, true, said = codes
        _, k, _ = shape
        self.cell = (group * k + true) * k + said
        self.shape, self.weights = shape, weights
        self.positive, self.undefined = positive, undefined
        self.counts = self.count(weights)
        squares = None if weights is None else np.square(weights)
        self.squares = self.counts if squares is None else self.count(squares)

    def count(self, weights: FloatArray | None) -> FloatArray:
        """Count, or add up weights, per cell; shape (groups, k, k)."""
        size = int(np.prod(self.shape))
        flat = np.bincount(self.cell, weights, minlength=size)
        return flat.reshape(self.shape).astype(np.float64)

    def redrawn(self, times: FloatArray) -> FloatArray:
        """Count again when every row was drawn so many times."""
        return self.count(times if self.weights is None else times * self.weights)

    def values(
        self, name: str, counts: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give a metric in every group, in all other rows, and in all rows.

        `counts` may have draws as leading dimensions.
        """
        total = counts.sum(axis=-3, keepdims=True)
        rest = _leave_out(total, counts)
        parts = (self._value(name, part) for part in (counts, rest, total))
        group, other, every = parts
        return group, other, every[..., 0]

    def closed_form(self, name: str, confidence: float) -> Measured:
        """Give a metric with intervals and chances that need no resampling."""
        if self._is_macro(name):
            return self._macro_closed_form(name, confidence)
        total, total2 = self.counts.sum(axis=0), self.squares.sum(axis=0)
        rest, rest2 = _leave_out(total, self.counts), _leave_out(total2, self.squares)
        own = self._interval(name, self.counts, self.squares, confidence)
        other = self._interval(name, rest, rest2, confidence)
        gap = difference_interval(own[0], other[0])
        chance = equal_shares_chance(*own[1], *other[1])
        every = self._interval(name, total, total2, confidence)[0]
        value, low, high = own[0]
        return Measured(
            *(value, low, high, other[0][0]),
            *(*gap, chance, tuple(float(x) for x in every)),
        )

    def _is_macro(self, name: str) -> bool:
        return self.positive is None and name in MACRO

    def _value(self, name: str, counts: FloatArray) -> FloatArray:
        if self._is_macro(name):
            return self._macro(name, counts)[0]
        hits, trials = self._share(name, counts)
        return self._finish(name, _divide(hits, trials))

    def _finish(self, name: str, share: FloatArray) -> FloatArray:
        value = 2 * share / (1 + share) if name == "f1" else share
        return np.where(np.isnan(value), self.undefined, value)

    def _interval(
        self, name: str, counts: FloatArray, squares: FloatArray, confidence: float
    ) -> tuple[tuple[FloatArray, FloatArray, FloatArray], Shares]:
        """Give (value, low, high) and the effective hits and trials."""
        (hits, trials), (_, spread) = (
            self._share(name, part) for part in (counts, squares)
        )
        size = trials * _divide(trials, spread)
        size = np.where(np.isnan(size), 0.0, size)
        share = _divide(hits, trials)
        hits = np.where(size > 0, share, 0.0) * size
        ends = (
            np.where(share == end, share, bound)
            for end, bound in zip(
                (0.0, 1.0), wilson_interval(hits, size, confidence), strict=True
            )
        )
        low, high = (2 * x / (1 + x) if name == "f1" else x for x in ends)
        return (self._finish(name, share), low, high), (hits, size)

    def _share(self, name: str, counts: FloatArray) -> Shares:
        """Give hits and trials; for F1 those of TP / (TP + FP + FN)."""
        total = counts.sum(axis=(-2, -1))
        if name in ("accuracy", "error"):
            right = np.trace(counts, axis1=-2, axis2=-1)
            off = _leave_out(total, right)
            return (right if name == "accuracy" else off), total
        p = self.positive
        hit = counts[..., p, p]
        actual, said = counts[..., p, :].sum(-1), counts[..., :, p].sum(-1)
        missed, false = _leave_out(actual, hit), _leave_out(said, hit)
        shares: dict[str, Shares] = {
            "precision": (hit, said),
            "recall": (hit, actual),
            "f1": (hit, hit + missed + false),
            "selection_rate": (said, total),
            "false_positive_rate": (false, _leave_out(total, actual)),
            "false_negative_rate": (missed, actual),
            "base_rate": (actual, total),
        }
        return shares[name]

    def _macro(self, name: str, counts: FloatArray) -> tuple[FloatArray, ...]:
        """Give the average over the classes of a slice, and its parts."""
        hit = np.diagonal(counts, axis1=-2, axis2=-1)
        actual, said = counts.sum(-1), counts.sum(-2)
        size = {"precision": said, "recall": actual, "f1": said + actual}[name]
        each = _divide(hit * (2 if name == "f1" else 1), size)
        fill = 0.0 if np.isnan(self.undefined) else self.undefined
        there = said + actual > 0
        each = np.where(np.isnan(each), fill, each)
        value = _divide(np.where(there, each, 0.0).sum(-1), there.sum(-1))
        return value, each, size, there.sum(-1)

    def _macro_closed_form(self, name: str, confidence: float) -> Measured:
        """Linearise the average in the counts (delta method)."""
        total, total2 = self.counts.sum(axis=0), self.squares.sum(axis=0)
        rest, rest2 = _leave_out(total, self.counts), _leave_out(total2, self.squares)
        pairs = ((self.counts, self.squares), (rest, rest2), (total, total2))
        own, other, every = (self._linear(name, *pair) for pair in pairs)
        return wald(own, other, every, confidence, (0.0, 1.0))

    def _linear(
        self, name: str, counts: FloatArray, squares: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give the value, its standard error, and the rows of its smallest class."""
        value, each, size, classes = self._macro(name, counts)
        k = self.shape[1]
        slope = np.zeros(counts.shape)
        weight = _divide(np.ones_like(size), size * classes[..., None])
        weight = np.where(np.isnan(weight), 0.0, weight)
        if name in ("recall", "f1"):
            slope -= (each * weight)[..., :, None]
        if name in ("precision", "f1"):
            slope -= (each * weight)[..., None, :]
        same = np.arange(k)
        slope[..., same, same] += (2 if name == "f1" else 1) * weight
        rows = counts.sum(axis=(-2, -1))
        there = counts.sum(-1) + counts.sum(-2) > 0
        least = np.where(there, size, np.inf).min(-1) / (2 if name == "f1" else 1)
        n = least * _divide(rows, squares.sum(axis=(-2, -1)))
        n = np.where(np.isfinite(n), n, 0.0)
        variance = (squares * np.square(slope)).sum(axis=(-2, -1))
        return value, np.sqrt(variance * _divide(n, n - 1)), n


def draw_cells(
    cells: Cells, n_boot: int, rng: np.random.Generator, at_once: int = 4_000_000
) -> Iterator[FloatArray]:
    """Resample all rows with replacement, as counts: chunks (draws, groups, k, k)."""
    flat = cells.counts.ravel()
    used = np.flatnonzero(flat)
    n = int(flat.sum())
    chunk = max(1, at_once // len(flat))
    for start in range(0, n_boot, chunk):
        draws = min(chunk, n_boot - start)
        counts = np.zeros((draws, len(flat)))
        counts[:, used] = rng.multinomial(n, flat[used] / n, size=draws)
        yield counts.reshape(draws, *cells.shape)


def _leave_out(total: Any, part: Any) -> FloatArray:
    """Subtract, and let a remainder of rounding be 0."""
    left = np.asarray(total - part)
    return np.where(left <= 1e-12 * np.asarray(total), 0.0, left)


def _divide(part: Any, whole: Any) -> FloatArray:
    """Divide, NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(whole) > 0, np.asarray(part) / whole, np.nan)
