"""Rows of pandas tables: the labels of the index, where the values agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["LabelBook"]

_SPACES = 32  # last tables whose labels are kept
_LARGEST = 8  # and largest ones
_LOOK = 256  # rows whose values are compared
_GLANCE = 8  # and first of all so many of them


class LabelBook:
    """Remember labels, and recognise tables that carry them.

    A label alone is no identity: after `reset_index` train and test both count
    from 0. Where two tables share columns, the values must agree too.
    """

    def __init__(self) -> None:
        self._spaces: list[tuple[pd.Index, Any, pd.DataFrame, frozenset[int]]] = []

    def add(self, table: Any, ids: Any, made_by: frozenset[int]) -> None:
        """Keep the labels of a table."""
        frame = table.to_frame() if isinstance(table, pd.Series) else table
        if not frame.index.is_unique or not frame.columns.is_unique:
            return
        space = (frame.index, ids, frame.copy(deep=False), made_by)
        last = [s for s in self._spaces if len(s[0])][:_SPACES]
        older = self._spaces[len(last) :]
        older.sort(key=lambda s: -len(s[0]))
        self._spaces = [space, *last, *older[:_LARGEST]]

    def denies(self, table: Any, ids: Any) -> bool:
        """Tell whether rows of these labels and identities have other values."""
        if not isinstance(table, pd.DataFrame | pd.Series):
            return False
        frame = table.to_frame() if isinstance(table, pd.Series) else table
        for index, other, seen, _ in self._spaces if frame.columns.is_unique else ():
            try:
                at = index.get_indexer(frame.index)
            except (TypeError, ValueError):
                continue
            if (at < 0).any() or not np.array_equal(other[at], ids):
                continue
            shares = any(name in seen.columns for name in frame.columns)
            if shares and _agreement(frame, np.arange(len(at)), seen, at) is None:
                return True
        return False

    def guesses(self, table: Any) -> Iterator[Any]:
        """Give the identities that labels alone would mean, largest table first."""
        for index, other, _, _ in sorted(self._spaces, key=lambda s: -len(s[0])):
            try:
                at = index.get_indexer(table.index)
            except (TypeError, ValueError):
                continue
            if len(at) and at.min() >= 0:
                yield other[at]

    def find(self, table: Any) -> tuple[Any, frozenset[int], bool] | None:
        """Give identities (-1: not found), fits, and whether all columns agree."""
        frame = table.to_frame() if isinstance(table, pd.Series) else table
        if not frame.columns.is_unique:
            return None
        ids = np.full(len(frame), -1, dtype=np.int64)
        made_by: frozenset[int] = frozenset()
        whole: set[Any] = set()
        for index, other, seen, made in sorted(self._spaces, key=lambda s: -len(s[0])):
            todo = np.flatnonzero(ids < 0)
            if not len(todo) and whole >= set(frame.columns):
                break
            try:
                at = index.get_indexer(frame.index)
            except (TypeError, ValueError):
                continue
            hit = at >= 0
            if len(todo):
                hit &= ids < 0
            if not hit.any():
                continue
            places = np.flatnonzero(hit)
            if not len(todo) and not np.array_equal(other[at[hit]], ids[hit]):
                continue
            if not len(todo) and not _adds(frame, places, seen, at[hit], whole):
                continue
            agree = _agreement(frame, places, seen, at[hit])
            if agree is None:
                continue
            ids[hit] = other[at[hit]]
            new = agree - whole
            whole |= agree
            if new or not agree:
                made_by |= made
        if (ids < 0).all():
            return None
        return ids, made_by, whole >= set(frame.columns)


def _adds(frame: Any, places: Any, seen: Any, at: Any, whole: set[Any]) -> bool:
    """Tell whether a table may account for a column that none has yet.

    Most tables of known rows are copies with one column changed, and only that
    column is worth a look: comparing all of them is what takes the time.
    """
    shared = [name for name in frame.columns if name in seen.columns]
    look = _places(len(places), _GLANCE)
    mine, theirs = places[look], at[look]
    return not shared or any(
        name not in whole and _same(frame[name], mine, seen[name], theirs)
        for name in shared
    )


def _same(one: Any, mine: Any, other: Any, theirs: Any) -> bool:
    """Tell whether two columns agree at places; two gaps agree."""
    left, right = one.iloc[mine].to_numpy(), other.iloc[theirs].to_numpy()
    return bool(np.all((left == right) | (pd.isna(left) & pd.isna(right))))


def _places(n: int, most: int) -> Any:
    """Spread at most so many places evenly over n rows."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def _agreement(frame: Any, places: Any, seen: Any, at: Any) -> set[Any] | None:
    """Give the columns with equal values; None where the rows are others."""
    shared = [name for name in frame.columns if name in seen.columns]
    telling = not _is_count(frame.index)
    if not shared:
        return set() if telling and len(at) == len(frame) else None
    few, look = _places(len(places), _GLANCE), _places(len(places), _LOOK)
    equal, varied = set(), False
    for name in shared:
        one, two = frame[name], seen[name]
        if _same(one, places[few], two, at[few]) and _same(
            one, places[look], two, at[look]
        ):
            equal.add(name)
            varied = varied or one.iloc[places[look]].nunique(dropna=False) > 1
    if telling and len(equal) == len(shared):
        return equal
    enough = telling or 2 * len(equal) > len(shared)
    return equal if varied and enough else None


def _is_count(index: pd.Index) -> bool:
    """Tell whether labels only count from 0, as they do after `reset_index`."""
    if isinstance(index, pd.RangeIndex):
        return bool(index.start == 0)
    if index.dtype.kind not in "iu" or not len(index) or index[0] != 0:
        return False
    return bool(np.array_equal(index, np.arange(len(index))))
