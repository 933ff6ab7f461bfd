"""Combinations of codes: count them, find them again, name them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mlworkbench.features._categories import Codes, IntArray

__all__ = ["MISSING", "OTHER", "Cross", "count_crosses", "merge_codes", "name_crosses"]

MISSING = "missing"
OTHER = "other"
_DENSE = 1 << 22  # as many combinations have a table, more are looked up


@dataclass(frozen=True, eq=False)
class Cross:
    """The combinations of a cross that occur.

    Parameters
    ----------
    name : str
        Its name.
    levels : list of list of str
        The values of each column, sorted, None for missing last.
    keys : ndarray of int64
        The combinations as mixed-radix numbers, ascending.
    counts : ndarray of int64
        Rows of each.
    """

    name: str
    levels: list[list[str | None]]
    keys: IntArray
    counts: IntArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values per column."""
        return tuple(len(level) for level in self.levels)

    @property
    def possible(self) -> int:
        """Number of combinations that could occur."""
        return math.prod(self.shape)

    @property
    def shown(self) -> str:
        """The product that gives `possible`."""
        return " × ".join(f"{n:,}" for n in self.shape)

    def only(self, keep: npt.NDArray[np.bool_]) -> Cross:
        """Keep some of the combinations.

        Parameters
        ----------
        keep : ndarray of bool
            Which.

        Returns
        -------
        cross : Cross
            With these combinations; the values of the columns stay.
        """
        return replace(self, keys=self.keys[keep], counts=self.counts[keep])

    def find(self, parts: list[Codes]) -> IntArray:
        """Give each row the position of its combination.

        Parameters
        ----------
        parts : list of Codes
            The columns.

        Returns
        -------
        positions : ndarray of shape (n_rows,), int64
            Positions in `keys`; their number, "other", where it is not there.
        """
        key, known = _combine(parts, self.levels)
        other = len(self.keys)
        if self.possible <= _DENSE:
            table = np.full(self.possible, other, dtype=np.int64)
            table[self.keys] = np.arange(other)
            found = table[key]
        else:
            place = np.searchsorted(self.keys, key)
            place[place == other] = 0
            hit = self.keys[place] == key if other else np.zeros(len(key), np.bool_)
            found = np.where(hit, place, other)
        return found if known is None else np.where(known, found, other)


def count_crosses(parts: list[Codes], name: str) -> Cross:
    """Count the combinations of the columns.

    Parameters
    ----------
    parts : list of Codes
        The columns.
    name : str
        Name of the cross.

    Returns
    -------
    cross : Cross
        All that occur; independent of the order of the rows.
    """
    return merge_codes(parts, name)[0]


def merge_codes(parts: list[Codes], name: str) -> tuple[Cross, IntArray]:
    """Count the combinations, and say which one each row has.

    Parameters
    ----------
    parts : list of Codes
        The columns.
    name : str
        Name of the cross.

    Returns
    -------
    cross : Cross
        All combinations that occur.
    positions : ndarray of shape (n_rows,), int64
        Position of each row's combination in it.
    """
    levels = [_levels(part) for part in parts]
    possible = math.prod(len(level) for level in levels)
    if possible > np.iinfo(np.int64).max:
        raise ValueError(
            f"{name} has {possible:.1e} possible combinations, more than can be "
            "counted; cross fewer columns"
        )
    key, _ = _combine(parts, levels)
    if possible <= _DENSE:
        counted = np.bincount(key, minlength=possible)
        keys = np.flatnonzero(counted)
        table = np.cumsum(counted > 0) - 1
        return Cross(name, levels, keys, counted[keys]), table[key]
    keys, position, counts = np.unique(key, return_inverse=True, return_counts=True)
    return Cross(name, levels, keys, counts), position


def name_crosses(cross: Cross, sep: str) -> list[str]:
    """Name the combinations, and "other" last.

    Parameters
    ----------
    cross : Cross
        The combinations.
    sep : str
        Between the values.

    Returns
    -------
    names : list of str
        One per combination, and "other".
    """
    codes = np.unravel_index(cross.keys, cross.shape)
    columns = [
        np.array([MISSING if text is None else text for text in level], dtype=object)[c]
        for level, c in zip(cross.levels, codes, strict=True)
    ]
    names = [sep.join(values) for values in zip(*columns, strict=True)] + [OTHER]
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(n for n in names if n in seen or seen.add(n))  # type: ignore[func-returns-value]
        raise ValueError(
            f"{cross.name} has two combinations with the name {twice!r}; choose "
            f"another sep than {sep!r}, or rename values called {MISSING!r} or with "
            "the sep in them"
        )
    return names


def _levels(part: Codes) -> list[str | None]:
    """Sort a column's values: numbers by size, the rest by text; missing last."""
    try:
        order = sorted(range(len(part.values)), key=lambda i: part.values[i])
    except TypeError:
        order = sorted(range(len(part.texts)), key=lambda i: part.texts[i])
    missing: list[str | None] = [None] if (part.codes < 0).any() else []
    return [part.texts[i] for i in order] + missing


def _combine(
    parts: list[Codes], levels: list[list[str | None]]
) -> tuple[IntArray, npt.NDArray[np.bool_] | None]:
    """Give each row its mixed-radix number, and which rows have known values."""
    key = np.zeros(len(parts[0].codes), dtype=np.int64)
    unknown = np.zeros(len(key), dtype=np.bool_)
    for part, level in zip(parts, levels, strict=True):
        place = {text: i for i, text in enumerate(level)}
        to_level = np.array(
            [place.get(text, -1) for text in [*part.texts, None]], dtype=np.int64
        )
        there = to_level[part.codes]  # -1, missing, is the last
        if (to_level < 0).any():
            unknown |= there < 0
            there = np.maximum(there, 0)
        key = key * len(level) + there
    return key, ~unknown if unknown.any() else None
