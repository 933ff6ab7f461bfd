"""Which row is which: labels of an index, places in memory, takes, copies."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from mlworkbench.leakage._watch_hash import (
    columns_of,
    floats_of,
    numbers_of,
    row_hashes,
)
from mlworkbench.leakage._watch_labels import LabelBook
from mlworkbench.leakage._watch_match import (
    PlaceBook,
    Strong,
    alike,
    common,
    is_index,
    is_telling,
    layout_of,
    may_be_copy,
    may_be_taken,
    owner_of,
    plain_values,
    share_a_column,
    unique_places,
    which_index,
)
from mlworkbench.leakage._watch_values import ValueBook

__all__ = ["RowBook", "Rows", "length_of"]

_FEW = 8  # rows too few to be recognised by their values
_SAMPLE = 64  # rows kept of every output, to recognise its columns
_CROWD = 200  # tables known before those that are gone are forgotten
_HASHED = 60  # tables whose values are compared


@dataclass(frozen=True)
class Rows:
    """The identity of the rows of a table, and the fits it was made with.

    `sure` is False where only their values said which rows these are.
    """

    ids: Any
    made_by: frozenset[int] = frozenset()
    sure: bool = True

    def take(self, index: Any) -> Rows:
        """Give the rows at these places."""
        return Rows(self.ids[index], self.made_by, self.sure)

    def by_value(self, index: Any) -> Rows:
        """Give the rows at these places, which values have told."""
        return Rows(self.ids[index], self.made_by, False)

    def target(self) -> Rows:
        """Give the rows of the target beside these."""
        return Rows(self.ids, frozenset(), self.sure)

    def made(self, fits: frozenset[int]) -> Rows:
        """Give the same rows, made with these fits, too."""
        return Rows(self.ids, self.made_by | fits, self.sure)


def length_of(table: Any) -> int | None:
    """Count rows without reading anything; None for what has no rows."""
    if isinstance(table, list | tuple):
        return len(table)
    shape = getattr(table, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return None
    return shape[0] if isinstance(shape[0], int) else None


class RowBook:
    """Remember the rows of every table that was seen."""

    def __init__(self) -> None:
        self._next = 0
        self._known: dict[int, tuple[Any, Rows]] = {}
        self._crowded = _CROWD
        self._buffers: dict[int, tuple[Any, list[tuple[Any, ...]]]] = {}
        self._labels = LabelBook()
        self._outputs: list[tuple[Any, Any, Rows]] = []
        self._values = ValueBook()
        self._sorted = PlaceBook()
        self._hashes: dict[int, tuple[Any, Any]] = {}
        self.indices: list[Any] = []

    def fresh(self, n: int) -> Any:
        """Give identities that nobody has yet."""
        self._next += n
        return np.arange(self._next - n, self._next, dtype=np.int64)

    def remember(self, table: Any, rows: Rows) -> Rows:
        """Keep who the rows of a table are."""
        if length_of(table) != len(rows.ids):
            return rows
        try:
            kept: Any = weakref.ref(table)
        except TypeError:
            kept = Strong(table)
        self._known[id(table)] = (kept, rows)
        self._forget()
        values = plain_values(table)
        if values is not None:
            self._keep_memory(values, rows)
        if isinstance(table, pd.DataFrame | pd.Series):
            self._labels.add(table, rows.ids, rows.made_by)
        return rows

    def _forget(self) -> None:
        """Let go of tables that are gone, each time their number has doubled."""
        if len(self._known) > self._crowded:
            alive = {k: v for k, v in self._known.items() if v[0]() is not None}
            self._known, self._crowded = alive, max(_CROWD, 2 * len(alive))

    def remember_output(self, table: Any, rows: Rows) -> None:
        """Keep a sample of a transformed table: its columns may be copied."""
        self.remember(table, rows)
        n = length_of(table)
        if not n or n != len(rows.ids) or not rows.made_by:
            return
        at = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(int))
        values = columns_of(table, at)
        if values is not None and values.size:
            kept = (rows.ids[at], values, rows)
            self._outputs = [*self._outputs[-49:], kept]
            self._values.keep_columns(table, rows)

    def remember_values(self, table: Any, rows: Rows) -> Any:
        """Give a number per row, equal for equal rows, and keep whose it is."""
        hashes = self.content(table)
        self._values.keep_rows(table, hashes, rows)
        return hashes

    def content(self, table: Any) -> Any:
        """Give a number per row, equal for equal rows; None after many tables."""
        kept = self._hashes.get(id(table))
        if kept is not None and kept[0]() is table:
            return kept[1]
        if len(self._hashes) >= _HASHED:
            return None
        try:
            link = weakref.ref(table)
        except TypeError:
            return None
        hashes = row_hashes(table)
        self._hashes[id(table)] = (link, hashes)
        return hashes

    def find(self, table: Any, namespace: Iterable[Any] = ()) -> Rows | None:
        """Recognise the rows of a table; None when they were never seen."""
        kept = self._known.get(id(table))
        if kept and kept[0]() is table and len(kept[1].ids) == length_of(table):
            return kept[1]
        n = length_of(table)
        if not n:
            return None
        found = None
        if isinstance(table, pd.DataFrame | pd.Series):
            found = self._by_label(table)
        elif isinstance(table, np.ndarray):
            found = self._by_memory(table)
        elif isinstance(table, list | tuple):
            found = self._by_object(table)
        if found is None and may_be_copy(table):
            found = self._by_value(table, list(namespace))
        if found is None:
            found = self._by_column(table, None)
        if found is None and n >= _FEW and may_be_copy(table):
            found = self._values.find(table, self.content(table))
        return None if found is None else self.remember(table, found)

    def rows(self, table: Any, namespace: Iterable[Any] = ()) -> Rows | None:
        """Recognise the rows of a table, or give them an identity."""
        n = length_of(table)
        if n is None:
            return None
        found = self.find(table, namespace)
        if found is not None:
            return found
        base = owner_of(table) if isinstance(table, np.ndarray) else None
        if base is not None and base is not table and base.ndim >= 1:
            layout = layout_of(base, table)
            if layout is not None:
                self._add_layout(base, layout, Rows(self.fresh(layout[3])))
                seen = self._by_memory(table)
                if seen is not None:
                    return self.remember(table, seen)
        return self.remember(table, Rows(self.fresh(n)))

    def pair(
        self, x: Any, y: Any, namespace: Iterable[Any] = ()
    ) -> tuple[Rows | None, Rows | None]:
        """Recognise a table and its target together: their rows are the same."""
        known = list(namespace)
        first = self.find(x, known)
        n = length_of(x)
        if y is None or n is None or length_of(y) != n:
            return (first or self.rows(x, known)), None
        second = self.find(y, known) if first is None else None
        if second is not None and self._labels.denies(x, second.ids):
            second = None  # the labels are those of another table
        if first is None:
            first = self.rows(x, known) if second is None else second.target()
            if second is not None and first is not None:
                self.remember(x, first)
        if first is not None:
            self.remember(y, first.target())
        return first, first

    def _by_label(self, table: Any) -> Rows | None:
        found = self._labels.find(table)
        if found is None:
            values = plain_values(table)
            seen = None if values is None else self._by_memory(values)
            return seen or self._by_label_of_output(table)
        ids, made_by, whole = found
        if (ids < 0).any():
            better = self._by_label_of_output(table)
            if better is not None:
                return better
        unknown = ids < 0
        ids[unknown] = self.fresh(int(unknown.sum()))
        rows = Rows(ids, made_by)
        return rows if whole else self._by_column(table, rows) or rows

    def _by_label_of_output(self, table: Any) -> Rows | None:
        """Take the labels for true where columns are those of an output."""
        for ids in self._labels.guesses(table) if self._outputs else ():
            rows = self._by_column(table, Rows(ids))
            if rows is not None:
                return rows
        return None

    def _by_column(self, table: Any, rows: Rows | None) -> Rows | None:
        """Look for columns that are copies of what an estimator gave out."""
        n = length_of(table) or 0
        made_by: frozenset[int] = frozenset() if rows is None else rows.made_by
        hit = False
        order, numbers = None, numbers_of(table) if self._outputs else None
        taken: dict[bytes, Any] = {}
        for ids, values, whole in reversed(self._outputs):
            if rows is None:
                if len(whole.ids) != n or n < _FEW or isinstance(table, list | tuple):
                    continue
                at = np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(int))
                other = values
            else:
                if order is None:
                    order = np.argsort(rows.ids, kind="stable")
                at, there = common(rows.ids, order, ids)
                if len(at) < _FEW:
                    continue
                other = values[there]
            key = at.tobytes()
            if key not in taken:
                taken[key] = floats_of(numbers, at)
            mine = taken[key]
            if mine is None or not mine.size or not share_a_column(mine, other):
                continue
            hit, made_by = True, made_by | whole.made_by
            rows = Rows(whole.ids, sure=False) if rows is None else rows
        if not hit or rows is None:
            return None
        return Rows(rows.ids, made_by, rows.sure)

    def _by_object(self, table: Any) -> Rows | None:
        names = np.array([id(item) for item in table])
        if len(np.unique(names)) < len(names):
            return None  # one object in several places is no identity
        for kept, rows in reversed(list(self._known.values())):
            other = kept()
            if not isinstance(other, list | tuple) or len(other) < len(table):
                continue
            place = {id(item): i for i, item in enumerate(other)}
            at = [place.get(name, -1) for name in names.tolist()]
            if min(at) >= 0 and len(place) == len(other):
                found: Rows = rows.take(np.array(at))
                return found
        return None

    def _by_memory(self, table: Any) -> Rows | None:
        owner = owner_of(table)
        kept = self._buffers.get(id(owner))
        if kept is None or kept[0]() is not owner or not len(table):
            return None
        start = table.__array_interface__["data"][0]
        step = table.strides[0]
        for pointer, stride, outer, n, rows in kept[1]:
            offset = start - pointer
            if offset < 0 or not stride or step % stride:
                continue
            first = (offset % outer if outer > stride else offset) // stride
            places = first + (step // stride) * np.arange(len(table))
            if places.min() >= 0 and places.max() < n:
                found: Rows = rows.take(places)
                return found
        return None

    def _keep_memory(self, values: Any, rows: Rows) -> None:
        outer = values.strides[1] if values.ndim > 1 and values.shape[1] > 1 else 0
        if min(values.strides) <= 0 or len(values) < 2:
            return
        start = values.__array_interface__["data"][0]
        layout = (start, values.strides[0], outer, len(values))
        self._add_layout(owner_of(values), layout, rows)

    def _add_layout(self, owner: Any, layout: tuple[Any, ...], rows: Rows) -> None:
        kept = self._buffers.get(id(owner))
        if kept is None or kept[0]() is not owner:
            kept = (weakref.ref(owner), [])
            self._buffers[id(owner)] = kept
        if len(kept[1]) < 50:
            kept[1].insert(0, (*layout, rows))

    def _by_value(self, table: Any, namespace: list[Any]) -> Rows | None:
        n = len(table) if not sparse.issparse(table) else table.shape[0]
        if n < _FEW:
            return None
        seen = [kept() for kept, _ in self._known.values()]
        parents = {id(t): t for t in [*namespace, *seen] if alike(t, table, n)}
        indices = [i for i in [*namespace, *self.indices] if is_index(i, n)]
        hashes, taken = None, may_be_taken(table)
        order = sorted(parents.values(), key=lambda t: -t.shape[0])
        for parent in order[:12]:
            index = which_index(parent, table, indices) if taken else None
            named = index is not None
            if index is None and is_telling(table):
                hashes = row_hashes(table) if hashes is None else hashes
                index = unique_places(self._sorted.of(parent), hashes)
            if index is None:
                continue
            kept = self._known.get(id(parent))
            known = kept is not None and kept[0]() is parent
            rows = kept[1] if kept is not None and known else self.rows(parent)
            if rows is None:
                return None
            return rows.take(index) if named else rows.by_value(index)
        return None
