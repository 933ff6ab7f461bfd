"""Columns that somebody chose by what a fit said of them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from mlworkbench.leakage._watch_hash import columns_of

__all__ = ["ChosenColumns", "teller"]

_SAMPLE = 64  # rows kept of what a fit has seen
_FEW = 8  # rows too few to tell columns by
_WIDE = 2_000  # columns above which a choice is not followed
_BY_CHANCE = 50  # sets of as many columns, of which one is no accident


class ChosenColumns:
    """Remember which columns a fit put first, and recognise tables of only those.

    The last fit of a line counts: in a loop over folds each has its own.
    """

    def __init__(self) -> None:
        self._fits: dict[tuple[str, int], _Told] = {}

    def add(self, number: int, line: Any, table: Any, rows: Any, tell: Any) -> None:
        """Keep a sample of the table, and how to ask what the fit said of it.

        `tell` gives a mask of the columns kept, or one importance for each.
        """
        n = len(rows.ids)
        width = _width(table)
        if n < _FEW or not 1 < width <= _WIDE:
            return
        at = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(int))
        values = columns_of(table, at)
        if values is not None and values.shape == (len(at), width):
            self._fits.pop(line, None)
            self._fits[line] = _Told(number, rows.ids[at], values, tell)

    def makers(self, table: Any, rows: Any) -> frozenset[int]:
        """Give the fit whose first columns, and no others, are in a table."""
        width = _width(table)
        for told in reversed(list(self._fits.values())):
            if not 0 < width < told.values.shape[1]:
                continue
            shared, at, there = np.intersect1d(rows.ids, told.ids, return_indices=True)
            first = told.first(width) if len(shared) >= _FEW else None
            mine = None if first is None else columns_of(table, at)
            if mine is None or mine.shape[1] != width:
                continue
            if _same(mine, told.values[there][:, first]):
                return frozenset({told.number})
        return frozenset()


@dataclass
class _Told:
    """A fit, a sample of its rows, and what it says of their columns."""

    number: int
    ids: Any
    values: Any
    tell: Callable[[], Any]

    def first(self, width: int) -> Any:
        """Give the columns that come first, if so many would be chosen."""
        told = self.tell()
        if told is None or np.shape(told) != (self.values.shape[1],):
            return None
        told = np.asarray(told)
        if told.dtype == bool:
            return np.flatnonzero(told) if told.sum() == width else None
        if comb(len(told), width) < _BY_CHANCE:
            return None
        return np.argsort(-np.abs(told), kind="stable")[:width]


def _width(table: Any) -> int:
    """Count the columns; 0 for what is no table."""
    shape: Any = getattr(table, "shape", None)
    return int(shape[1]) if isinstance(shape, tuple) and len(shape) == 2 else 0


def _same(one: Any, other: Any) -> bool:
    """Tell whether two matrices have the same columns, in any order."""
    return bool(np.array_equal(_sorted(one), _sorted(other), equal_nan=True))


def _sorted(matrix: Any) -> Any:
    return matrix[:, np.lexsort(matrix[::-1])]


def teller(estimator: Any, role: str) -> Callable[[], Any] | None:
    """Give a function that tells which columns an estimator puts first."""
    if role == "selector" and hasattr(estimator, "get_support"):
        mask = np.asarray(estimator.get_support())
        return lambda: mask
    if role != "model" or not (
        "coef_" in vars(estimator) or hasattr(type(estimator), "feature_importances_")
    ):
        return None
    link = weakref.ref(estimator)  # importances can be dear: asked when needed
    return lambda: _importances(link())


def _importances(estimator: Any) -> Any:
    """Give one number for each column, or None."""
    told = getattr(estimator, "coef_", None)
    if told is None:
        told = getattr(estimator, "feature_importances_", None)
    told = None if told is None else np.squeeze(np.asarray(told))
    return told if told is not None and told.dtype.kind == "f" else None
