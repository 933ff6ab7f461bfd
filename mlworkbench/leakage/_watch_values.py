"""Rows whose table is gone: recognised where every value stood once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mlworkbench.leakage._watch_hash import columns_of
from mlworkbench.leakage._watch_match import is_telling, places_of, unique_places

__all__ = ["ValueBook"]

_KEPT = 48  # tables, and columns, whose values are kept
_PER_TABLE = 3  # columns kept of one table
_WIDE = 64  # columns of an unknown table that are tried
_FEW = 16  # values looked up before all are


class ValueBook:
    """Remember values that say which row it is, after their table is gone.

    A column of a table serves when no value stands in it twice; the rows as a
    whole serve when no row does. Natural duplicates therefore match nothing.
    """

    def __init__(self) -> None:
        self._columns: list[list[Any]] = []
        self._tables: list[tuple[Any, Any, Any]] = []

    def keep_columns(self, table: Any, rows: Any) -> None:
        """Keep some columns of fractions, each value of which stands once."""
        n = len(rows.ids)
        if not isinstance(table, np.ndarray | pd.DataFrame) or n < _FEW:
            return
        look = np.unique(np.linspace(0, n - 1, 64).astype(int))
        few = columns_of(table, look)
        if few is None:
            return
        kept = 0
        for place in range(few.shape[1]):
            part = few[:, place]
            if kept == _PER_TABLE or not _is_fractions(part):
                continue
            column = columns_of(_column(table, place), np.arange(n))[:, 0]
            self._columns = [*self._columns[1 - _KEPT :], [column, rows, None]]
            kept += 1

    def keep_rows(self, table: Any, hashes: Any, rows: Any) -> None:
        """Keep a number for every row, which is the same for equal rows."""
        if hashes is None or len(hashes) != len(rows.ids) or not is_telling(table):
            return
        if not any(hashes is other for _, other, _ in self._tables):
            kept = (_shape(table), hashes, rows)
            self._tables = [*self._tables[1 - _KEPT :], kept]

    def find(self, table: Any, hashes: Any) -> Any:
        """Give the rows of a table, as they were in one that is gone; or None."""
        found = self._by_column(table)
        if found is not None or hashes is None or not is_telling(table):
            return found
        for shape, other, rows in reversed(self._tables):
            if shape != _shape(table) or len(other) < len(hashes):
                continue
            if not np.isin(hashes[:_FEW], other).all():
                continue
            if len(np.unique(other)) == len(other):
                places = unique_places(places_of(other), hashes)
                if places is not None and len(np.unique(places)) == len(places):
                    return rows.by_value(places)
        return None

    def _by_column(self, table: Any) -> Any:
        if not self._columns or not isinstance(table, np.ndarray | pd.DataFrame):
            return None
        n = len(table)
        few = columns_of(table, np.arange(min(n, _FEW)))
        if few is None:
            return None
        for place in range(min(few.shape[1], _WIDE)):
            if not _is_fractions(few[:, place]):
                continue
            for kept in reversed(self._columns):
                if len(kept[0]) < n or not _places(kept, few[:, place]) is not None:
                    continue
                whole = columns_of(_column(table, place), np.arange(n))[:, 0]
                places = _places(kept, whole)
                if places is not None and len(np.unique(places)) == n:
                    return kept[1].by_value(places)
        return None


def _column(table: Any, place: int) -> Any:
    """Give one column of numbers, counted among those."""
    if isinstance(table, pd.DataFrame):
        return table.select_dtypes(["number", "bool"]).iloc[:, [place]]
    return table if table.ndim == 1 else table.reshape(len(table), -1)[:, [place]]


def _is_fractions(values: Any) -> bool:
    """Tell whether these are different numbers, not all of them whole."""
    values = values[np.isfinite(values)]
    if len(values) < 8 or len(np.unique(values)) < len(values):
        return False
    return bool((values != np.round(values)).mean() > 0.5)


def _places(kept: list[Any], values: Any) -> Any:
    """Find values in a kept column where each stands once, else None."""
    if kept[2] is None:  # sorted when first asked
        order = np.argsort(kept[0], kind="stable")
        kept[2] = (order, kept[0][order])
    order, known = kept[2]
    at = np.searchsorted(known, values)
    if at.max(initial=0) >= len(known) or not np.array_equal(known[at], values):
        return None
    after = np.minimum(at + 1, len(known) - 1)
    if ((known[after] == values) & (after > at)).any():
        return None
    return order[at]


def _shape(table: Any) -> Any:
    """Give what tables of the same columns have in common."""
    if isinstance(table, pd.DataFrame):
        return tuple(map(str, table.columns)), tuple(map(str, table.dtypes))
    kind = "sparse" if sparse.issparse(table) else type(table).__name__
    return kind, table.shape[1:], str(getattr(table, "dtype", ""))
