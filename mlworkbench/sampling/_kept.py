"""The items a reservoir holds: objects, or rows of arrays and pandas tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from mlworkbench._validation import as_frame

__all__ = ["Kept", "as_block"]


def as_block(items: Any) -> Any:
    """Give what has rows to pick from by position; None for a bare stream."""
    if isinstance(items, np.ndarray):
        if items.ndim == 0:
            raise TypeError("items is an array of no dimension; add() takes one item")
        return items
    if isinstance(items, pd.Series | pd.DataFrame | Sequence):
        return items
    if nw.dependencies.is_into_dataframe(items):
        return as_frame(items, "items")
    if isinstance(items, Iterable):
        return None
    raise TypeError(
        f"items is a {type(items).__name__}; pass an array, a DataFrame or an "
        "iterable (add() takes one item)"
    )


def _kind(block: Any) -> str:
    """Give the kind of a block; blocks of one kind can be joined."""
    if isinstance(block, pd.DataFrame):
        return "DataFrame"
    if isinstance(block, pd.Series):
        return "Series"
    if isinstance(block, np.ndarray):
        return f"array of kind {block.dtype.kind}, rows {block.shape[1:]}"
    return "list"


def _rows(block: Any, at: Sequence[int]) -> Any:
    """Copy the rows at these positions."""
    if isinstance(block, pd.DataFrame | pd.Series):
        return block.iloc[list(at)]
    if isinstance(block, np.ndarray):
        return block[np.asarray(at, dtype=np.intp)]
    return [block[i] for i in at]


class Kept:
    """Numbered slots, each with one item.

    A list holds the items themselves. Of arrays and pandas tables only the
    rows that entered are copied; a slot then holds (part, row).
    """

    def __init__(self) -> None:
        self.slots: list[Any] = []
        self._kind: str | None = None
        self._empty: Any = []

    def admit(self, block: Any) -> None:
        """Check that a block fits what is here, before anything is drawn."""
        kind = _kind(block)
        if self._kind is None or not self.slots:
            self._kind, self._empty = kind, _rows(block, [])
        elif self._kind != kind:
            pandas_kinds = {self._kind, kind} & {"DataFrame", "Series"}
            if pandas_kinds:
                raise TypeError(
                    f"the items before came as {self._kind}, these as {kind}; pass "
                    "one kind throughout (for one row: extend(frame.iloc[[i]]))"
                )
            self._loosen()
        elif kind == "DataFrame" and not block.columns.equals(self._empty.columns):
            raise ValueError(
                f"items has the columns {list(block.columns)[:20]}, the rows seen "
                f"before had {list(self._empty.columns)[:20]}; pass the same columns "
                "in the same order"
            )

    def put(self, block: Any, at: Sequence[int], slots: Sequence[int]) -> None:
        """Put rows of an admitted block into slots; a later one replaces."""
        final = dict(zip(slots, at, strict=True))
        part = _rows(block, list(final.values()))
        for row, slot in enumerate(final):
            item = part[row] if self._kind == "list" else (part, row)
            if slot == len(self.slots):
                self.slots.append(item)
            else:
                self.slots[slot] = item

    def merge(self, other: Kept, mine: Sequence[int], theirs: Sequence[int]) -> None:
        """Keep some of the own slots and some of the other's."""
        added = other.slots
        if self._kind == "list" and other._kind != "list":
            added = _loose(added)
        self.slots = [self.slots[i] for i in mine] + [added[i] for i in theirs]

    def admit_other(self, other: Kept) -> None:
        """Check that the slots of another fit, as `admit` does for a block."""
        if other._kind is not None:
            self.admit(other._empty)

    def collect(self) -> Any:
        """Give all items: a list, or one array, Series or DataFrame."""
        if self._kind in (None, "list"):
            return list(self.slots)
        parts = {id(part): part for part, _ in self.slots}
        if not parts:
            return self._empty.copy()
        start, offset = {}, 0
        for name, part in parts.items():
            start[name] = offset
            offset += len(part)
        whole = _join(list(parts.values()))
        joined = _rows(whole, [start[id(part)] + row for part, row in self.slots])
        self.slots = [(joined, row) for row in range(len(joined))]
        return joined.copy()

    def _loosen(self) -> None:
        """Turn array rows into plain items, once the stream is mixed."""
        if self._kind != "list":
            self._kind, self.slots = "list", _loose(self.slots)


def _loose(slots: list[Any]) -> list[Any]:
    return [part[row] for part, row in slots]


def _join(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return pd.concat(parts)
