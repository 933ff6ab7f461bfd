"""Compare tables, dicts and sets, whose parts are compared one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import as_frame
from mlworkbench.notebook._diagnose import counts
from mlworkbench.notebook._rule import Rule
from mlworkbench.notebook._text import a_kind, show_value
from mlworkbench.notebook._unordered import match_order, sort_key, sorted_order
from mlworkbench.notebook._values import as_values, is_table

__all__ = ["MOVED", "Compare", "compare_mappings", "compare_sets", "compare_tables"]

Compare = Callable[[Any, Any, Rule], str | None]
MOVED = "in another order: sort them as the question asks"


def compare_tables(
    answer: Any, right: pd.DataFrame, rule: Rule, compare: Compare
) -> str | None:
    """Compare with a table, whatever the order of the columns.

    Parameters
    ----------
    answer : object
        What was given.
    right : pandas.DataFrame
        What is right.
    rule : Rule
        How strictly to compare.
    compare : callable
        Compares two values.

    Returns
    -------
    hint : str or None
        None when the answer is right.
    """
    if isinstance(answer, pd.Series):
        answer = answer.to_frame()
    if not is_table(answer):
        return f"{a_kind(answer)} where a table (DataFrame) is expected"
    given = as_frame(answer)
    for one, two, word in ((right, given, "missing"), (given, right, "too many")):
        off = [column for column in one.columns if column not in two.columns]
        if off:
            return f"the column {off[0]!r} is {word}"
    if len(given) != len(right):
        rows = "1 row" if len(given) == 1 else f"{len(given):,} rows"
        return f"{rows} where {len(right):,} are expected"
    given = given[list(right.columns)]
    if rule.ordered or _same_labels(given, right):
        return _compare_columns(given, right, rule, compare)
    return _compare_rows(given, right, rule.in_order(), compare)


def _compare_rows(
    given: pd.DataFrame, right: pd.DataFrame, rule: Rule, compare: Compare
) -> str | None:
    """Sort the rows of both; where that does not match them, try the pairs."""
    one, two = (
        table.iloc[sorted_order(_rows(table))].reset_index(drop=True)
        for table in (given, right)
    )
    hint = _compare_columns(one, two, rule, compare)
    if hint is None:
        return None

    def same(i: int, j: int) -> bool:
        row, other = one.iloc[[i]], two.iloc[[j]].set_axis([i])
        return _compare_columns(row, other, rule, compare) is None

    return hint if -1 in match_order(len(one), len(two), same) else None


def _rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    if not table.shape[1]:
        return [()] * len(table)
    columns = (table[column].tolist() for column in table.columns)
    return list(zip(*columns, strict=True))


def _same_labels(given: pd.DataFrame, right: pd.DataFrame) -> bool:
    a, b = given.index, right.index
    if counts(a) or counts(b) or not (a.is_unique and b.is_unique):
        return False
    return bool(b.isin(a).all())


def _compare_columns(
    given: pd.DataFrame, right: pd.DataFrame, rule: Rule, compare: Compare
) -> str | None:
    for column in right.columns:
        hint = compare(given[column], right[column], rule)
        if hint is not None and hint.endswith(MOVED):
            return f"the right rows {MOVED}"
        if hint is not None:
            other = _same_column(given[column], right, column, rule, compare)
            if other is not None:
                return f"the column {column!r} holds what belongs in {other!r}"
            return f"in the column {column!r}: {hint}"
    return None


def _same_column(
    values: pd.Series, right: pd.DataFrame, column: Any, rule: Rule, compare: Compare
) -> Any:
    for other in right.columns:
        if other != column:
            renamed = values.rename(other)
            if compare(renamed, right[other], rule) is None:
                return other
    return None


def compare_mappings(
    answer: Any, right: Mapping[Any, Any], rule: Rule, compare: Compare
) -> str | None:
    """Compare with a dict, key by key.

    Parameters
    ----------
    answer : object
        What was given.
    right : mapping
        What is right.
    rule : Rule
        How strictly to compare.
    compare : callable
        Compares two values.

    Returns
    -------
    hint : str or None
        None when the answer is right.
    """
    if isinstance(answer, pd.Series):
        answer = answer.to_dict()
    if not isinstance(answer, Mapping):
        return f"{a_kind(answer)} where a dict is expected"
    for one, two, word in ((right, answer, "missing"), (answer, right, "too many")):
        off = [key for key in one if key not in two]
        if off:
            return f"the key {off[0]!r} is {word}"
    for key, value in right.items():
        hint = compare(answer[key], value, rule)
        if hint is not None:
            return f"for the key {key!r}: {hint}"
    return None


def compare_sets(
    answer: Any, right: Set[Any], rule: Rule, compare: Compare
) -> str | None:
    """Compare with a set: every item must have its match.

    Parameters
    ----------
    answer : object
        What was given: a set, or any collection of the same items.
    right : set
        What is right.
    rule : Rule
        How strictly to compare.
    compare : callable
        Compares two values.

    Returns
    -------
    hint : str or None
        None when the answer is right.
    """
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        return f"{show_value(answer)!r} where a set of {len(right)} is expected"
    given = {sort_key(item): item for item in _items(answer)}
    wanted = {sort_key(item): item for item in right}
    extra = [given[key] for key in sorted(given.keys() - wanted.keys())]
    missing = [wanted[key] for key in sorted(wanted.keys() - given.keys())]

    def same(i: int, j: int) -> bool:
        return compare(extra[i], missing[j], rule.in_order()) is None

    places = range(len(missing))
    if len(extra) == len(missing) and all(map(same, places, places)):
        return None
    order = match_order(len(extra), len(missing), same)
    found = len(order) - order.count(-1)
    lost, more = len(missing) - found, len(extra) - found
    parts = [f"{lost} missing"] if lost else []
    parts += [f"{more} too many"] if more else []
    if not parts:
        return None
    return f"{' and '.join(parts)} of the {len(right)} that are expected"


def _items(answer: Any) -> list[Any]:
    if isinstance(answer, Set | Mapping):
        return list(answer)
    if is_table(answer):
        table = as_frame(answer)
        return table.iloc[:, 0].tolist() if table.shape[1] == 1 else _rows(table)
    array = np.atleast_1d(as_values(answer).array)
    return list(array)
