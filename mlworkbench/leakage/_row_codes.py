"""Tell which rows of one or two tables are equal: hash, group, verify."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._coverage import value_kind

__all__ = [
    "RowGroups",
    "column_codes",
    "group_rows",
    "is_text",
    "join_texts",
    "rows_alone",
    "texts_alone",
]

IntArray = npt.NDArray[np.int64]
HashArray = npt.NDArray[np.uint64]
_MISSING = np.iinfo(np.int64).min + 7  # stands for a missing whole number
_TEXTS = 20_000  # texts among which one is looked for that differs in a word
_LOOKED_AT = 1000  # rows that say what a column or a duplicate is like


class RowGroups(NamedTuple):
    """Which rows are equal, over both tables put one below the other.

    Parameters
    ----------
    group : ndarray of shape (n + m,)
        The number of a row's group of equal rows.
    first : ndarray of shape (n_groups,)
        The first row of each group.
    in_train, in_test : ndarray of shape (n_groups,)
        Rows of each group on each side.
    hashes : ndarray of shape (n + m,)
        The sum of the hashes of a row's columns.
    """

    group: IntArray
    first: IntArray
    in_train: IntArray
    in_test: IntArray
    hashes: HashArray


def column_codes(train: pd.Series, test: pd.Series) -> IntArray:
    """Give equal whole numbers to equal values of a column, on both sides.

    Parameters
    ----------
    train, test : pandas.Series
        The column in both tables.

    Returns
    -------
    codes : ndarray of shape (n + m,)
        Missing values are equal to one another; O(n + m).

    Raises
    ------
    TypeError
        When the two sides hold different kinds of values, or values that
        cannot be compared.
    """
    one, two = train.dtype, test.dtype
    if isinstance(one, np.dtype) and isinstance(two, np.dtype):
        if one.kind in "biu" and two.kind in "biu":
            return np.concatenate([train.to_numpy(), test.to_numpy()]).astype(np.int64)
        if one.kind in "biuf" and two.kind in "biuf":
            return _float_codes(train, test)
    if (
        isinstance(one, pd.CategoricalDtype)
        and isinstance(two, pd.CategoricalDtype)
        and one.categories.equals(two.categories)
    ):
        codes = [train.cat.codes.to_numpy(), test.cat.codes.to_numpy()]
        return np.concatenate(codes).astype(np.int64)
    return _codes_by_kind(train, test)


def _float_codes(train: pd.Series, test: pd.Series) -> IntArray:
    sides = [s.to_numpy(dtype=np.float64, na_value=np.nan) for s in (train, test)]
    values = np.concatenate(sides) + 0.0  # -0.0 is 0.0
    values[np.isnan(values)] = np.nan  # one pattern of bits for all
    return values.view(np.int64)


def _codes_by_kind(train: pd.Series, test: pd.Series) -> IntArray:
    """Give codes where the types of the two sides differ, or are not numpy's."""
    kinds = {value_kind(train), value_kind(test)} - {"nothing"}
    if len(kinds) > 1:
        raise TypeError(
            f"column {train.name!r} holds {value_kind(train)} in train and "
            f"{value_kind(test)} in test; convert both to one type"
        )
    kind = next(iter(kinds), "nothing")
    if kind == "number":
        both = [_plain(side) for side in (train, test)]
        if all(pd.api.types.is_integer_dtype(side) for side in both):
            return np.concatenate(
                [s.to_numpy(dtype=np.int64, na_value=_MISSING) for s in both]
            )
        return _float_codes(*(pd.to_numeric(side).astype("Float64") for side in both))
    if kind.startswith("time"):
        zone = kind != "time"
        both = [pd.to_datetime(_plain(s), utc=zone) for s in (train, test)]
    elif train.dtype == test.dtype and isinstance(train.dtype, pd.StringDtype):
        both = [train, test]
    else:
        both = [_plain(side).astype(object) for side in (train, test)]
    values = pd.concat(both, ignore_index=True)
    try:
        return np.asarray(pd.factorize(values)[0], dtype=np.int64)
    except TypeError:
        raise TypeError(
            f"column {train.name!r} holds values that cannot be compared (lists, "
            "dicts, sets?); turn them into text or leave the column out"
        ) from None


def _plain(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(values.dtype.categories.dtype)
    if isinstance(values.dtype, pd.PeriodDtype):
        return pd.Series(values.dt.to_timestamp())
    return values


def _mix(codes: IntArray, column: int) -> HashArray:
    """Scatter the codes of a column over all 64-bit numbers (splitmix64)."""
    mixed = codes.view(np.uint64) + np.uint64((column + 1) * 0x9E3779B97F4A7C15 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def group_rows(codes: list[IntArray], n_train: int) -> RowGroups:
    """Group equal rows by a hash of all columns, and verify every group.

    Parameters
    ----------
    codes : list of ndarray of shape (n + m,)
        What `column_codes` gave, one array per column, at least one.
    n_train : int
        How many of the rows belong to train, which comes first.

    Returns
    -------
    groups : RowGroups
        Exact: a collision of the hash would be resolved by sorting. O(n + m).
    """
    hashes = np.zeros(len(codes[0]), dtype=np.uint64)
    for column, values in enumerate(codes):
        hashes += _mix(values, column)
    group = np.asarray(pd.factorize(hashes)[0], dtype=np.int64)
    first = _first_rows(group)
    shared = np.flatnonzero(first[group] != np.arange(len(group)))
    wrong = np.zeros(len(shared), dtype=np.bool_)
    for values in codes:
        wrong |= values[shared] != values[first[group[shared]]]
    if wrong.any():
        unique = np.unique(np.column_stack(codes), axis=0, return_inverse=True)[1]
        group = np.asarray(pd.factorize(unique.ravel())[0], dtype=np.int64)
        first = _first_rows(group)
    size = len(first)
    return RowGroups(
        group,
        first,
        np.bincount(group[:n_train], minlength=size),
        np.bincount(group[n_train:], minlength=size),
        hashes,
    )


def _first_rows(group: IntArray) -> IntArray:
    """Give the first row of every group; groups are numbered as they appear."""
    first = np.empty(int(group.max(initial=-1)) + 1, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    return first


def rows_alone(codes: list[IntArray], groups: RowGroups, chosen: IntArray) -> float:
    """Give the share of groups that no row misses in one column only.

    Rows that are equal by chance have neighbours: rows equal in all columns but
    one. Copies of a row that has nothing else like it do not.

    Parameters
    ----------
    codes : list of ndarray of shape (n + m,)
        The columns.
    groups : RowGroups
        Their groups.
    chosen : ndarray of int
        Groups to look at; 1,000 of them, evenly spaced, are.

    Returns
    -------
    share : float
        1 where every chosen group stands alone; the count ends early below
        one half. O(columns · rows).
    """
    if len(chosen) > _LOOKED_AT:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _LOOKED_AT).astype(np.int64)]
    size = (groups.in_train + groups.in_test)[chosen]
    alone = np.ones(len(chosen), dtype=np.bool_)
    for column, values in enumerate(codes):
        if (values == values[0]).all():
            continue
        rest = groups.hashes - _mix(values, column)
        wanted, which = np.unique(rest[groups.first[chosen]], return_inverse=True)
        found = pd.Index(wanted).get_indexer(pd.Index(rest))
        like = np.bincount(found[found >= 0], minlength=len(wanted))
        alone &= like[which] == size
        if alone.mean() < 0.5:
            break
    return float(alone.mean()) if len(alone) else 0.0


def join_texts(texts: pd.DataFrame) -> list[str]:
    """Put the texts of a row together; a missing one is empty.

    Parameters
    ----------
    texts : pandas.DataFrame of shape (n, p)
        Columns of text, of any type.

    Returns
    -------
    joined : list of str
        One text per row.
    """
    filled = texts.astype(object).where(texts.notna(), "").astype(str)
    return [" ".join(row) for row in filled.itertuples(index=False, name=None)]


def texts_alone(texts: pd.Series, chosen: IntArray) -> float:
    """Give the share of texts to which no other is equal but for one word.

    Texts made from a form, such as "pain in the arm for 3 days", are equal by
    chance and have such neighbours. A copy of a text that somebody wrote has
    none.

    Parameters
    ----------
    texts : pandas.Series
        Different texts.
    chosen : ndarray of int
        Places of those to look at; 1,000 of them, evenly spaced, are, among
        20,000 texts.

    Returns
    -------
    share : float
        1 where every chosen text stands alone. O(words).
    """
    if len(chosen) > _LOOKED_AT:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _LOOKED_AT).astype(np.int64)]
    others = np.setdiff1d(np.arange(len(texts)), chosen)
    if len(others) > _TEXTS:
        others = others[np.linspace(0, len(others) - 1, _TEXTS).astype(np.int64)]
    looked = [
        text.lower().split() or [""]
        for text in texts.iloc[np.concatenate([chosen, others])]
    ]
    words = np.array([word for text in looked for word in text], dtype=object)
    hashes = pd.util.hash_array(words)
    text = np.repeat(np.arange(len(looked)), [len(text) for text in looked])
    total = np.zeros(len(looked), dtype=np.uint64)
    np.add.at(total, text, hashes)
    # The words of a text without one of them, and all: a bag that two texts
    # share is what they have in common when they differ in one word.
    bags = pd.DataFrame(
        {
            "text": np.concatenate([text, np.arange(len(looked))]),
            "bag": np.concatenate([total[text] - hashes, total]),
        }
    ).drop_duplicates()
    shared = bags["bag"].duplicated(keep=False)
    near = np.unique(bags.loc[shared, "text"])
    return float(1 - (near < len(chosen)).sum() / max(len(chosen), 1))


def is_text(values: pd.Series) -> bool:
    """Say whether a column holds texts rather than names.

    Parameters
    ----------
    values : pandas.Series
        The column.

    Returns
    -------
    text : bool
        True for strings of 20 characters and 3 spaces or more on average.
    """
    dtype: Any = values.dtype
    if not (pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype)):
        return False
    known = [v for v in values.dropna().head(_LOOKED_AT) if isinstance(v, str)]
    if not known:
        return False
    length = sum(map(len, known)) / len(known)
    return length >= 20 and sum(v.count(" ") for v in known) / len(known) >= 3
