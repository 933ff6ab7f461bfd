"""Compare tables: memory they share, values that one took from the other."""

from __future__ import annotations

import weakref
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mlworkbench.leakage._watch_hash import row_hashes

__all__ = [
    "PlaceBook",
    "Strong",
    "owner_of",
    "layout_of",
    "plain_values",
    "may_be_copy",
    "alike",
    "common",
    "is_index",
    "which_index",
    "is_telling",
    "may_be_taken",
    "places_of",
    "unique_places",
    "share_a_column",
]

_SORTED = 30  # tables whose rows are kept sorted


@dataclass(frozen=True)
class Strong:
    """What a weak reference is, for lists, which have none."""

    table: Any

    def __call__(self) -> Any:
        return self.table


def owner_of(table: Any) -> Any:
    """Give the array that owns the memory."""
    while isinstance(table.base, np.ndarray):
        table = table.base
    return table


def layout_of(base: Any, table: Any) -> tuple[Any, ...] | None:
    """Guess which axis of the owner of the memory holds the rows of a view."""
    start = base.__array_interface__["data"][0]
    step = abs(table.strides[0])
    if base.ndim == 1 and table.ndim > 1 and step > base.itemsize:
        return start, step, 0, base.nbytes // step
    fits = [axis for axis in range(base.ndim) if base.strides[axis] > 0]
    fits = [axis for axis in fits if step and step % base.strides[axis] == 0]
    if not fits:
        return None
    axis = max(fits, key=lambda a: base.strides[a])
    outer = max(base.strides) if base.strides[axis] < max(base.strides) else 0
    return start, base.strides[axis], outer, base.shape[axis]


def plain_values(table: Any) -> Any:
    """Give the memory of a table that lies in one block, else None."""
    if isinstance(table, np.ndarray):
        return table if table.ndim else None
    if isinstance(table, pd.Series) and isinstance(table.dtype, np.dtype):
        return table.to_numpy()
    if isinstance(table, pd.DataFrame) and len(table.columns):
        kinds = set(table.dtypes)
        if len(kinds) == 1 and isinstance(next(iter(kinds)), np.dtype):
            values = table.to_numpy()
            return values if np.shares_memory(values, table.iloc[:, 0]) else None
    return None


def may_be_copy(table: Any) -> bool:
    """Tell whether values may say more than labels do."""
    if isinstance(table, pd.DataFrame | pd.Series):
        index = table.index
        return isinstance(index, pd.RangeIndex) and index.start == 0
    return isinstance(table, np.ndarray) or sparse.issparse(table)


def alike(parent: Any, table: Any, n: int) -> bool:
    """Tell whether one table may hold the rows of the other."""
    if type(parent) is not type(table) or parent is table:
        return False
    if not parent.shape or parent.shape[0] < n or parent.shape[1:] != table.shape[1:]:
        return False
    if isinstance(parent, pd.DataFrame):
        return bool(parent.columns.equals(table.columns))
    return bool(parent.dtype == table.dtype)


def is_index(index: Any, n: int) -> bool:
    """Tell whether an array may be the index that took n rows."""
    if not isinstance(index, np.ndarray) or index.ndim != 1:
        return False
    if index.dtype == bool:
        return int(index.sum()) == n
    return index.dtype.kind in "iu" and len(index) == n


def which_index(parent: Any, table: Any, indices: list[Any]) -> Any:
    """Find the index that makes this table from the other, value by value."""
    if len(parent) == len(table) and np.array_equal(parent, table):
        return np.arange(len(table))
    for index in indices:
        places = np.flatnonzero(index) if index.dtype == bool else index
        if index.dtype == bool and len(index) != len(parent):
            continue
        if places.min() < -len(parent) or places.max() >= len(parent):
            continue
        few = places[:20]
        if not np.array_equal(parent[few], table[:20]):
            continue
        same = np.array_equal(parent[places], table)
        if same and 2 * len(np.unique(places)) >= len(places):
            return places  # else these are classes, not places
    return None


def may_be_taken(table: Any) -> bool:
    """Tell whether a table may be matched value by value: a constant may not."""
    if not isinstance(table, np.ndarray):
        return False
    return len(np.unique(table[:50].reshape(-1).astype(str))) > 1


def is_telling(table: Any) -> bool:
    """Tell whether values can say which row it is: one whole number cannot."""
    return table.ndim > 1 or getattr(table.dtype, "kind", "O") not in "iub"


def places_of(parent: Any) -> Any:
    """Sort numbers: the values, where each stands first, and how often it stands."""
    if parent is None:
        return None
    return np.unique(parent, return_index=True, return_counts=True)


class PlaceBook:
    """Keep the sorted numbers of the rows of the last tables that were asked for."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, Any]] = {}

    def of(self, table: Any) -> Any:
        """Give the sorted numbers of the rows of a table, made once."""
        kept = self._kept.get(id(table))
        if kept is not None and kept[0]() is table:
            return kept[1]
        places = places_of(row_hashes(table))
        if len(self._kept) >= _SORTED:
            del self._kept[next(iter(self._kept))]
        with suppress(TypeError):  # what cannot be followed is sorted each time
            self._kept[id(table)] = (weakref.ref(table), places)
        return places


def unique_places(places: Any, table: Any) -> Any:
    """Find each row in a table where every value stands once, else None."""
    if places is None or table is None:
        return None
    values, first, counts = places
    for few in (table[:4], table):  # the first rows tell most tables apart
        at = np.searchsorted(values, few)
        at[at == len(values)] = 0
        if not np.array_equal(values[at], few) or (counts[at] > 1).any():
            return None
    if 2 * len(np.unique(table)) < len(table):
        return None  # few values, many rows: equal by chance
    return first[at]


def common(ids: Any, order: Any, few: Any) -> tuple[Any, Any]:
    """Find where identities of few rows stand among many, whose order is given.

    Gives places in `ids` and in `few`, of the first of each identity.
    """
    values, first = np.unique(few, return_index=True)
    at = np.searchsorted(ids, values, sorter=order)
    at = order[np.minimum(at, len(order) - 1)]
    found = ids[at] == values
    return at[found], first[found]


def share_a_column(mine: Any, other: Any) -> bool:
    """Tell whether a column of one is a copy of one of the other."""
    for column in other.T:
        if len(mine) != len(column) or len(np.unique(column)) < 4:
            continue
        close = np.isclose(mine, column[:, None], rtol=1e-9, atol=0, equal_nan=True)
        if close.all(axis=0).any():
            return True
    return False
