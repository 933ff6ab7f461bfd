"""The exact best slices, from one table of counts per set of columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._slice_bins import Axis, Codes

__all__ = ["Found", "SliceSearch", "slice_score"]

_CHEAP = 3 * 10**8  # rows × sets of columns that are counted without pruning
_TIE = 1e-9  # scores closer than this are equal
_DIGITS = 9


def slice_score(
    sizes: Any, totals: Any, n: int, average: float, alpha: float
) -> FloatArray:
    """Give SliceLine's score from rows and summed errors of slices.

    Parameters
    ----------
    sizes, totals : array-like
        Rows and sum of the errors of each slice; sizes above 0.
    n : int
        All rows.
    average : float
        Average error of all rows, above 0.
    alpha : float
        Weight of the error against the size.

    Returns
    -------
    score : ndarray
        0 for all rows together.
    """
    rows = np.asarray(sizes, dtype=np.float64)
    worse = np.asarray(totals, dtype=np.float64) / rows / average - 1
    return np.asarray(alpha * worse - (1 - alpha) * (n / rows - 1))


@dataclass(frozen=True)
class Found:
    """A slice: its columns, its conditions on them, and what it counts.

    Parameters
    ----------
    columns, picks : tuple of int
        Places of the axes, and of the condition on each.
    size : int
        Rows.
    score : float
        SliceLine's score.
    """

    columns: tuple[int, ...]
    picks: tuple[int, ...]
    size: int
    score: float

    @property
    def order(self) -> tuple[Any, ...]:
        """Best score first; of equals the one with fewer conditions, then columns."""
        key = -round(self.score, _DIGITS)
        return key, len(self.columns), self.columns, self.picks


@dataclass
class _Part:
    """Rows still in play while the columns of a set are added one by one."""

    rows: Codes | None  # None: all
    codes: Codes  # cell of every row
    errors: FloatArray
    cells: Codes  # (n_cells, levels so far): which levels a cell stands for
    sizes: FloatArray
    totals: FloatArray
    dense: tuple[int, ...] = ()  # codes of the ranges so far


class SliceSearch:
    """Search all sets of up to `max_level` columns.

    Parameters
    ----------
    axes : sequence of Axis
        Levels before ranges.
    errors : ndarray of shape (n,)
        Errors of 0 or more, not all 0.
    k, max_level, min_rows, alpha
        As in `find_slices`, the support in rows.
    prune : bool, optional
        Whether to skip sets of columns whose bound says that nothing in them
        can be among the best. By default only where counting all takes long.

    Attributes
    ----------
    n_slices : int
        Slices with enough rows; with pruning a number they cannot exceed.
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        errors: FloatArray,
        *,
        k: int,
        max_level: int,
        min_rows: int,
        alpha: float,
        prune: bool | None = None,
    ) -> None:
        self.axes, self.errors, self.n = axes, errors, len(errors)
        self.k, self.min_rows, self.alpha = k, min_rows, alpha
        self.max_level = min(max_level, len(axes))
        self.average = float(errors.mean())
        self.largest = float(errors.max())
        sets = sum(math.comb(len(axes), i + 1) for i in range(self.max_level))
        self.prune = sets * self.n > _CHEAP if prune is None else prune
        self.n_slices = 0
        self.best: list[Found] = []
        self._dead: set[tuple[int, ...]] = set()

    def run(self) -> list[Found]:
        """Search, and give the best first; only scores above 0 count."""
        if not self.largest or not self.axes:
            return []
        start = _Part(
            None,
            np.zeros(self.n, np.intp),
            self.errors,
            np.zeros((1, 0), np.intp),
            np.array([float(self.n)]),
            np.array([self.errors.sum()]),
        )
        for level in range(1, self.max_level + 1):
            self._extend((), start, level)
        if self.prune:
            self.n_slices = self._at_most()
        return self.best

    def _at_most(self) -> int:
        """Count all slices, with enough rows or not, as a product of 1 + pᵢx."""
        ways = [1] + [0] * self.max_level
        for axis in self.axes:
            for level in range(self.max_level, 0, -1):
                ways[level] += ways[level - 1] * len(axis.predicates)
        return sum(ways[1:])

    @property
    def _bar(self) -> float:
        """What a score must exceed."""
        last = self.best[-1].score - 2 * _TIE if len(self.best) == self.k else 0.0
        return max(last, _TIE)

    def _extend(self, chosen: tuple[int, ...], part: _Part, level: int) -> None:
        missing = level - len(chosen)
        first = chosen[-1] + 1 if chosen else 0
        for column in range(first, len(self.axes) - missing + 1):
            new = (*chosen, column)
            if self._is_dead(new):
                continue
            axis = self.axes[column]
            if axis.member is None:
                grown = self._add_level(part, axis, keep_rows=missing > 1)
            else:
                grown = self._add_range(part, axis)
            if not len(grown.cells):
                self._dead.add(new)
            elif missing > 1:
                self._extend(new, grown, level)
            else:
                self._judge(new, grown)

    def _is_dead(self, columns: tuple[int, ...]) -> bool:
        if columns in self._dead:
            return True
        smaller = combinations(columns, len(columns) - 1)
        dead = len(columns) > 1 and any(one in self._dead for one in smaller)
        if dead and len(columns) < self.max_level:
            self._dead.add(columns)
        return dead

    def _add_level(self, part: _Part, axis: Axis, keep_rows: bool) -> _Part:
        """Split every cell by the levels of a column; keep those with enough rows."""
        codes = axis.codes if part.rows is None else axis.codes[part.rows]
        width, n_levels = axis.n_codes, len(axis.predicates)
        joint = part.codes * width + codes
        n_joint = len(part.cells) * width
        sizes = np.bincount(joint, minlength=n_joint)
        totals = np.bincount(joint, part.errors, n_joint).astype(np.float64)
        enough = (sizes >= self.min_rows) & (np.arange(n_joint) % width < n_levels)
        kept = np.flatnonzero(enough)
        cells = np.column_stack([part.cells[kept // width], kept % width])
        rows = sizes[kept].astype(np.float64)
        grown = _Part(None, joint, part.errors, cells, rows, totals[kept])
        if keep_rows and len(kept):
            place = np.full(n_joint, -1, np.intp)
            place[kept] = np.arange(len(kept))
            joint = place[joint]
            inside = np.flatnonzero(joint >= 0)
            grown.rows = inside if part.rows is None else part.rows[inside]
            grown.codes, grown.errors = joint[inside], part.errors[inside]
        return grown

    def _add_range(self, part: _Part, axis: Axis) -> _Part:
        """Split every cell by the bins of a number; nothing is dropped."""
        codes = axis.codes if part.rows is None else axis.codes[part.rows]
        joint = part.codes * axis.n_codes + codes
        dense = (*part.dense, axis.n_codes)
        return _Part(
            part.rows, joint, part.errors, part.cells, part.sizes, part.totals, dense
        )

    def _judge(self, columns: tuple[int, ...], part: _Part) -> None:
        """Score every slice of a set of columns, and keep the best."""
        sizes, totals = part.sizes, part.totals
        ranges = [self.axes[c] for c in columns[len(columns) - len(part.dense) :]]
        if ranges:
            shape = (len(part.cells), *part.dense)
            n_joint = math.prod(shape)
            counts = np.bincount(part.codes, minlength=n_joint).astype(np.float64)
            sums = np.bincount(part.codes, part.errors, n_joint).astype(np.float64)
            sizes = _sum_ranges(counts.reshape(shape), ranges)
            totals = _sum_ranges(sums.reshape(shape), ranges)
        enough = sizes >= self.min_rows
        self.n_slices += int(np.count_nonzero(enough))
        with np.errstate(divide="ignore", invalid="ignore"):
            score = slice_score(sizes, totals, self.n, self.average, self.alpha)
        score = np.where(enough, score, -np.inf)
        self._keep(columns, part.cells, sizes, score, ranges)
        if self.prune and not (self._bound(sizes, totals)[enough] > self._bar).any():
            self._dead.add(columns)

    def _bound(self, sizes: FloatArray, totals: FloatArray) -> FloatArray:
        """Give a score that no slice inside these slices exceeds.

        Inside a slice of s rows and error sum e, x rows have at most
        min(e, x · largest). With that the score rises with x as long as the
        second counts, and is monotone beyond: its largest value is at one of
        the ends of [max(min_rows, e / largest), s].
        """
        least = np.maximum(self.min_rows, totals / self.largest)
        bounds = [
            slice_score(x, np.minimum(totals, x * self.largest), *self._rest)
            for x in (np.minimum(least, sizes.clip(1)), sizes.clip(1))
        ]
        return np.maximum(*bounds)

    @property
    def _rest(self) -> tuple[int, float, float]:
        return self.n, self.average, self.alpha

    def _keep(
        self,
        columns: tuple[int, ...],
        cells: Codes,
        sizes: FloatArray,
        score: FloatArray,
        ranges: list[Axis],
    ) -> None:
        group = score
        for place, axis in enumerate(ranges, start=1):
            group = np.maximum.reduceat(group, list(axis.starts), axis=place)
        flat = group.ravel()
        good = np.flatnonzero(flat > self._bar)
        if not len(good):
            return
        rounded = -flat[good].round(_DIGITS)
        good = good[np.lexsort((good, rounded))][: self.k]
        for one in good:
            at = _first_best(score, np.unravel_index(one, group.shape), ranges)
            picks = (*map(int, cells[at[0]]), *at[1:])
            self.best.append(Found(columns, picks, int(sizes[at]), float(score[at])))
        self.best = sorted(self.best, key=lambda found: found.order)[: self.k]


def _sum_ranges(cube: FloatArray, ranges: list[Axis]) -> FloatArray:
    """Turn counts by bins into counts by ranges, axis by axis."""
    for place, axis in enumerate(ranges, start=1):
        summed = np.tensordot(cube, np.asarray(axis.member), (place, 1))
        cube = np.moveaxis(summed, -1, place)
    return cube


def _first_best(
    score: FloatArray, group: tuple[Any, ...], ranges: list[Axis]
) -> tuple[int, ...]:
    """Give the place of the first of the best slices of one group."""
    corner = [int(group[0])]
    window: list[Any] = [slice(corner[0], corner[0] + 1)]
    for axis, at in zip(ranges, group[1:], strict=True):
        edges = [*axis.starts, len(axis.predicates)]
        corner.append(edges[int(at)])
        window.append(slice(edges[int(at)], edges[int(at) + 1]))
    inside = score[tuple(window)]
    best = int(np.argmax(inside.ravel() >= inside.max() - _TIE))
    steps = np.unravel_index(best, inside.shape)
    return tuple(int(c + s) for c, s in zip(corner, steps, strict=True))
