"""Rows that are the same row on both sides: by label, or by identifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench.leakage._findings import Finding

__all__ = ["find_same_ids", "find_same_labels"]

_SHOWN = 10
_SAME, _CHANCE = 0.9, 0.5  # share of equal rows under one label, and of other pairs


def find_same_labels(train: pd.DataFrame, test: pd.DataFrame) -> list[Finding]:
    """Find rows with one index label and equal values on both sides.

    Parameters
    ----------
    train, test : pandas.DataFrame
        The sides, with the same columns.

    Returns
    -------
    findings : list of Finding
        At most one. Labels that start anew on each side (a reset index) stand
        for different rows and are no finding.
    """
    if not train.index.is_unique or not test.index.is_unique:
        return []
    shared = test.index[test.index.isin(train.index)]
    if not len(shared) or len(train.columns) == 0:
        return []
    one, two = train.loc[shared], test.loc[shared]
    equal = _equal_rows(one, two)
    other = _equal_rows(one, two.iloc[np.roll(np.arange(len(two)), 1)])
    by_chance = len(shared) > 1 and other.mean() >= _CHANCE
    if equal.mean() < _SAME or by_chance:
        return []
    rows = two[equal]
    share = len(rows) / len(test)
    advice = "Split again, so that each row is on one side: these are the same rows."
    kind = "no clean test set" if share >= _SAME else "duplicates"
    what = "same rows by index label"
    return [Finding(kind, "leak", what, len(rows), share, rows.head(_SHOWN), advice)]


def find_same_ids(
    train: pd.DataFrame, test: pd.DataFrame, id_columns: list[Any]
) -> list[Finding]:
    """Find identifiers that are on both sides.

    Parameters
    ----------
    train, test : pandas.DataFrame
        The sides.
    id_columns : list of labels
        Columns that name a row: each alone where it is unique on both sides,
        else all of them together.

    Returns
    -------
    findings : list of Finding
        One per shared identifier. Equal rows are "duplicates"; rows that
        differ are of one entity, "dependence"; numbers that begin anew on each
        side are a note.
    """
    sides = train, test
    alone = [[c] for c in id_columns if all(side[c].is_unique for side in sides)]
    keys = alone or ([id_columns] if id_columns else [])
    return [f for key in keys for f in _shared_key(train, test, key, id_columns)]


def _shared_key(
    train: pd.DataFrame, test: pd.DataFrame, key: list[Any], ids: list[Any]
) -> list[Finding]:
    """Judge one identifier."""
    known = [side.dropna(subset=key) for side in (train, test)]
    marks = [pd.MultiIndex.from_frame(side[key]) for side in known]
    hit = marks[1].isin(marks[0])
    if not hit.any():
        return []
    n, share = int(hit.sum()), float(hit.sum() / len(test))
    name = ", ".join(map(str, key))
    example = known[1][hit].head(_SHOWN)
    values = [c for c in train.columns if c not in ids and c in test.columns]
    first = ~marks[0].duplicated()
    place = marks[0][first].get_indexer(marks[1][hit])
    one, two = known[0].loc[first, values].iloc[place], known[1].loc[hit, values]
    equal = _equal_cells(one, two)
    other = _equal_cells(one, two.iloc[np.roll(np.arange(n), 1)]) if n > 1 else 0.0
    if values and equal >= _SAME and other < _SAME:
        kind = "no clean test set" if share >= _SAME else "duplicates"
        advice = "Remove them from one side: the same records are in both."
        what = f"same rows by identifier: {name}"
        return [Finding(kind, "leak", what, n, share, example, advice)]
    if len(key) == 1 and all(_counts_up(side[key[0]]) for side in (train, test)):
        advice = f"Check that {name} was numbered anew on each side: the rows differ."
        what = f"identifiers numbered anew: {name}"
        return [Finding("duplicates", "note", what, n, share, example, advice)]
    advice = f"Keep all rows of one {name} on one side, e.g. with GroupShuffleSplit."
    what = f"shared identifiers: {name}"
    return [Finding("dependence", "warning", what, n, share, example, advice)]


def _counts_up(values: pd.Series) -> bool:
    """Say whether identifiers are row numbers, from 0 or 1 on."""
    if not pd.api.types.is_integer_dtype(values) or values.isna().any():
        return False
    low, high = int(values.min()), int(values.max())
    return low in (0, 1) and high - low + 1 == len(values) == values.nunique()


def _cells(one: pd.DataFrame, two: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Compare cell by cell, by position; two missing values are equal."""
    equal = np.empty((len(one), len(one.columns)), dtype=np.bool_)
    for place, column in enumerate(one.columns):
        left, right = one[column], two[column]
        if isinstance(left.dtype, pd.CategoricalDtype) or left.dtype != right.dtype:
            left, right = left.astype(object), right.astype(object)
        a, b = left.reset_index(drop=True), right.reset_index(drop=True)
        same = (a == b).fillna(value=False) | (a.isna() & b.isna())
        equal[:, place] = np.asarray(same, dtype=np.bool_)
    return equal


def _equal_rows(one: pd.DataFrame, two: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray(_cells(one, two).all(axis=1), dtype=np.bool_)


def _equal_cells(one: pd.DataFrame, two: pd.DataFrame) -> float:
    """Give the share of equal cells."""
    return float(_cells(one, two).mean()) if len(one.columns) else 0.0
