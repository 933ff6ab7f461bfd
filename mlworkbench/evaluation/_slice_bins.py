"""Columns as levels and ranges: what a slice may be made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._slice_predicates import (
    Predicate,
    as_numbers,
    column_name,
)

__all__ = ["Axis", "make_axes"]

_HALF = 0.55  # of the rows, in a range
_SLACK = 0.2  # of a bin's rows that a readable bound may move
_MANY = 10**6  # combinations of ranges in one set of columns
_TOO_MANY = 2 * 10**7
_STEPS = {
    "time": (86400.0, 21600.0, 3600.0, 600.0, 60.0, 1.0),
    "span": (86400.0, 21600.0, 3600.0, 600.0, 60.0, 10.0, 1.0),
}

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Axis:
    """One column, coded.

    Parameters
    ----------
    predicates : tuple of Predicate
        The conditions that a slice may put on the column.
    codes : ndarray of shape (n,), intp
        Level of every row, in [0, n_codes).
    n_codes : int
        Levels, and one more at the end for rows in no condition, if any.
    member : ndarray of shape (n_predicates, n_codes) or None
        Which levels are in which range; None where every condition is one
        level, in the same order.
    starts : tuple of int
        Where the groups of conditions begin of which only the best is kept:
        all ranges are one group.
    """

    predicates: tuple[Predicate, ...]
    codes: Codes
    n_codes: int
    member: FloatArray | None = None
    starts: tuple[int, ...] = ()


def make_axes(
    frame: pd.DataFrame, n_bins: int, min_rows: int, max_level: int
) -> tuple[list[Axis], list[str]]:
    """Code the columns of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, p)
        The rows to search.
    n_bins : int
        Bins of a number with more different values than that.
    min_rows : int
        Rows a slice must have; rarer levels are in no slice.
    max_level : int
        Conditions of a slice.

    Returns
    -------
    axes : list of Axis
        Levels first, then ranges, each in the order of the columns.
    notes : list of str
        Columns that can be in no slice, and why.

    Raises
    ------
    ValueError
        When there are too many combinations of ranges.
    """
    plain: list[Axis] = []
    binned: list[tuple[Predicate, FloatArray, FloatArray]] = []
    constant, rare = [], []
    for label in frame.columns:
        column = frame[label]
        kind, values = as_numbers(column)
        different = None if values is None else np.unique(values[~np.isnan(values)])
        if values is not None and different is not None and len(different) > n_bins:
            whole = kind == "number" and bool(np.all(different == np.floor(different)))
            bounds = _bounds(values[~np.isnan(values)], n_bins, kind, whole)
            if len(bounds):
                model = Predicate(label, kind, "range", whole=whole)
                binned.append((model, values, bounds))
                continue
        codes, levels = _levels(column, values)
        if len(levels) <= 1:
            constant.append(column_name(label))
            continue
        axis = _level_axis(label, kind, codes, levels, min_rows)
        if axis.predicates:
            plain.append(axis)
        else:
            rare.append(column_name(label))
    wide = _all_ranges_fit(binned, max_level)
    notes = []
    if constant:
        notes.append(f"one value only, so in no slice: {', '.join(constant)}")
    if rare:
        notes.append(f"no value has {min_rows:,} rows: {', '.join(rare)}")
    return plain + [_range_axis(*one, wide) for one in binned], notes


def _levels(column: pd.Series, values: FloatArray | None) -> tuple[Codes, list[Any]]:
    """Give the code of every row and the levels, sorted; missing last, as None."""
    source: Any = column if values is None else values
    try:
        codes, levels = pd.factorize(source)
    except TypeError:
        raise TypeError(
            f"column {column_name(column.name)!r} has values that cannot be compared "
            "(lists, sets, dicts); pass text or numbers, or drop it"
        ) from None
    found = list(levels)
    if isinstance(column.dtype, pd.CategoricalDtype):
        order = np.argsort(column.cat.categories.get_indexer(levels), kind="stable")
    else:
        try:
            order = np.array(sorted(range(len(found)), key=found.__getitem__), np.intp)
        except TypeError:  # mixed kinds
            order = np.array(
                sorted(range(len(found)), key=lambda i: str(found[i])), np.intp
            )
    place = np.empty(len(found) + 1, np.intp)
    place[order] = np.arange(len(found))
    place[-1] = len(found)  # code -1: missing
    codes = place[codes]
    ordered = [found[i] for i in order]
    return codes, [*ordered, None] if (codes == len(found)).any() else ordered


def _level_axis(
    label: Any, kind: str, codes: Codes, levels: list[Any], min_rows: int
) -> Axis:
    sizes = np.bincount(codes, minlength=len(levels))
    kept = np.flatnonzero(sizes >= min_rows)
    place = np.full(len(levels), len(kept), np.intp)
    place[kept] = np.arange(len(kept))
    predicates = tuple(
        Predicate(label, kind, "missing")
        if levels[i] is None
        else Predicate(label, kind, "equal", value=levels[i])
        for i in kept
    )
    return Axis(predicates, place[codes], len(kept) + (len(kept) < len(levels)))


def _bounds(known: FloatArray, n_bins: int, kind: str, whole: bool) -> FloatArray:
    """Give the lower bounds of all bins but the first, readable, rising."""
    ordered = np.sort(known)
    n = len(ordered)
    raw = ordered[(np.arange(1, n_bins) * n) // n_bins]
    values, times = np.unique(raw, return_counts=True)
    heavy = [v for v, often in zip(values, times, strict=True) if often > 1]
    after = [np.searchsorted(ordered, v, "right") for v in heavy]
    nexts = [ordered[i] for i in after if i < n]  # a value with many rows stands alone
    exact = sorted({*values.tolist(), *map(float, nexts)})
    slack = _SLACK * n / n_bins
    bounds: list[float] = []
    for bound in exact:
        if not np.isfinite(bound) or bound <= ordered[0]:
            continue
        rank = np.searchsorted(ordered, bound, "left")
        tied = float(bound) in nexts or bound in heavy
        for short in _shorter(float(bound), kind, whole):
            moved = abs(int(np.searchsorted(ordered, short, "left")) - int(rank))
            if moved <= (0 if tied else slack):
                bounds.append(short)
                break
    inside = [b for b in dict.fromkeys(bounds) if ordered[0] < b <= ordered[-1]]
    return np.array(sorted(inside), dtype=np.float64)


def _shorter(bound: float, kind: str, whole: bool) -> Iterator[float]:
    """Give a bound with few digits, then more, at last as it is."""
    if kind == "number":
        top = int(np.floor(np.log10(abs(bound)))) if bound else 0
        for power in range(top, max(top - 15, -300), -1):
            for half in (1.0, 0.5):
                step = half * 10.0**power
                if whole and not step.is_integer():
                    break
                decimals = max(0, 1 - power)
                yield round(round(bound / step) * step, decimals)
    else:
        if kind == "time":
            moment = pd.Timestamp(0) + pd.Timedelta(seconds=bound)
            for month in (1, moment.month):
                first = pd.Timestamp(moment.year, month, 1)
                yield (first - pd.Timestamp(0)).total_seconds()
        for step in _STEPS[kind]:
            yield round(bound / step) * step
    yield bound


def _pairs(values: FloatArray, bounds: FloatArray, wide: bool) -> list[tuple[int, int]]:
    """Give first and last bin of every range, the narrow ones first.

    A range has one bin, or not much more than half of the known rows: the
    other half is the better name for the rest.
    """
    n_bins = len(bounds) + 1
    codes = np.searchsorted(bounds, values[~np.isnan(values)], side="right")
    below = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=n_bins))])
    return [
        (first, first + width - 1)
        for width in range(1, n_bins)
        for first in range(n_bins - width + 1)
        if width == 1 or wide or first == 0 or first + width == n_bins
        if width == 1 or below[first + width] - below[first] <= _HALF * below[-1]
    ]


def _all_ranges_fit(binned: list[Any], max_level: int) -> bool:
    """Say whether all ranges are few enough, or only those open at an end."""

    def most(wide: bool) -> int:
        counts = sorted((len(_pairs(v, b, wide)) + 1 for _, v, b in binned))
        return int(np.prod(counts[::-1][:max_level], dtype=np.float64))

    if not binned or most(True) <= _MANY:
        return True
    n_bins = max(len(bounds) for *_, bounds in binned) + 1
    if most(False) > _TOO_MANY:
        raise ValueError(
            f"{len(binned)} numeric columns in up to {n_bins} bins give "
            f"{most(False):,} combinations of {max_level} ranges; lower n_bins or "
            "max_level"
        )
    return False


def _range_axis(
    model: Predicate, values: FloatArray, bounds: FloatArray, wide: bool
) -> Axis:
    """Code a number by bins; a missing value is a level of its own, at the end."""
    n_bins = len(bounds) + 1
    gone = np.isnan(values)
    codes = np.searchsorted(bounds, values, side="right")
    codes[gone] = n_bins
    ends = np.concatenate([[-np.inf], bounds, [np.inf]])
    pairs = _pairs(values, bounds, wide)
    predicates = [
        replace(model, low=float(ends[i]), high=float(ends[j + 1])) for i, j in pairs
    ]
    for bin_ in range(n_bins):  # the narrow ranges come first
        inside = values[codes == bin_]
        if len(inside) and inside.min() == inside.max():
            only = float(inside[0])
            predicates[bin_] = replace(model, test="equal", value=only)
    place = np.arange(n_bins)
    member = np.array([(place >= i) & (place <= j) for i, j in pairs], np.float64)
    starts: tuple[int, ...] = (0,)
    if gone.any():
        predicates.append(Predicate(model.column, model.kind, "missing"))
        member = np.pad(member, ((0, 1), (0, 1)))
        member[-1, -1] = 1.0
        starts = (0, len(pairs))
    return Axis(tuple(predicates), codes, n_bins + int(gone.any()), member, starts)
