"""Tell whether an answer is right, and if not, what is off."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame
from mlworkbench.notebook._containers import (
    MOVED,
    compare_mappings,
    compare_sets,
    compare_tables,
)
from mlworkbench.notebook._diagnose import counts, diagnose
from mlworkbench.notebook._rule import Rule
from mlworkbench.notebook._text import show_value
from mlworkbench.notebook._unordered import match_order, sorted_order
from mlworkbench.notebook._values import (
    NUMERIC,
    Values,
    as_values,
    fold,
    is_table,
)

__all__ = ["Rule", "compare"]

# What can be taken apart; everything else is compared by its own equality.
_OPEN = (list, tuple, np.ndarray, pd.Series, Mapping, Set)


def compare(answer: Any, expected: Any, rule: Rule) -> str | None:
    """Say what is off.

    Parameters
    ----------
    answer : object
        What was given.
    expected : object
        What is right.
    rule : Rule
        How strictly to compare.

    Returns
    -------
    hint : str or None
        None when the answer is right. The hint never states what is right.
    """
    if callable(answer) and not callable(expected):
        return "this is the function itself: call it, with parentheses"
    if is_table(expected):
        return compare_tables(answer, as_frame(expected), rule, compare)
    if isinstance(expected, Mapping):
        return compare_mappings(answer, expected, rule, compare)
    if isinstance(expected, Set):
        return compare_sets(answer, expected, rule, compare)
    if is_table(answer):
        table = as_frame(answer)
        if table.shape[1] != 1:
            return (
                f"this is a table with {table.shape[1]} columns: "
                "take the one that is asked for"
            )
        answer = table.iloc[:, 0]
    if isinstance(answer, Mapping):
        return "this is a dict: give its values"
    if isinstance(answer, set | frozenset) and rule.ordered and len(answer) > 1:
        return "this is a set, which has no order: give a list"
    return _compare_values(as_values(answer), as_values(expected), rule)


def _compare_values(given: Values, right: Values, rule: Rule) -> str | None:
    given = _match_kind(given, right)
    if given.kind != right.kind != "other" and right.array.size:
        hints = {
            ("text", "number"): ": leave out the quotation marks",
            ("text", "bool"): ": leave out the quotation marks",
            ("duration", "number"): ": divide it by a unit, pd.Timedelta('1h') say",
        }
        more = hints.get((given.kind, right.kind), "")
        return f"{given.words} where {right.words} should be{more}"
    given, hint = _match_shape(given, right)
    if hint:
        return hint
    if _have_labels(given, right):
        return _compare_labelled(given, right, rule)
    if not rule.ordered and right.array.ndim:
        given, right = _line_up(given, right, rule)
    return _judge(given, right, rule)


def _judge(
    given: Values, right: Values, rule: Rule, labelled: bool = False
) -> str | None:
    equal = _equal(given, right, rule)
    if equal.all():
        return None

    def same(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
        one = Values(right.kind, a, whole=right.whole)
        two = Values(right.kind, b, whole=right.whole)
        return bool(_equal(one, two, rule).all())

    return diagnose(given, right, equal, rule, same, labelled)


def _match_kind(given: Values, right: Values) -> Values:
    """Take 0 and 1 for False and True, and a missing number for a missing time."""
    numbers = right.kind == "bool" and given.kind == "number"
    if numbers and np.isin(given.array, (0.0, 1.0)).all():
        return Values("bool", given.array == 1, given.index, given.name)
    times = right.kind == "duration" and given.kind == "number"
    if times and np.isnan(given.array).all():
        return Values("duration", given.array, given.index, given.name)
    return given


def _match_shape(given: Values, right: Values) -> tuple[Values, str]:
    if given.array.shape == right.array.shape:
        return given, ""
    if given.array.size == right.array.size:
        plain = given.array.squeeze().shape == right.array.squeeze().shape
        if plain:  # 5 × 1 for 5, or one value in a list
            same = given.array.reshape(right.array.shape)
            index = given.index if right.index is not None else None
            return Values(given.kind, same, index, given.name, given.whole), ""
        if given.array.T.shape == right.array.shape:
            return given, "rows and columns are exchanged: transpose it"
    if given.array.ndim == right.array.ndim == 1:
        few, many = given.array.size, right.array.size
        off = "one too few" if few == many - 1 else "too few"
        if few > many:
            off = "one too many" if few == many + 1 else "too many"
        return given, f"{few:,} values where {many:,} are expected, {off}"
    if right.array.ndim == 0:
        return given, f"{given.words} where one value is expected"
    return given, f"{given.words} where {right.words} should be"


def _have_labels(given: Values, right: Values) -> bool:
    a, b = given.index, right.index
    if a is None or b is None or counts(a) or counts(b):
        return False
    return bool(a.is_unique and b.is_unique)


def _compare_labelled(given: Values, right: Values, rule: Rule) -> str | None:
    """Line up two Series by their labels, and compare.

    Their order counts only where it says something: not where what is expected
    stands in the order of its labels, which anyone may have sorted by or not.
    """
    a, b = given.index, right.index
    assert a is not None
    assert b is not None
    place = a.get_indexer(b)
    if (place < 0).any():
        missing = b[int(np.argmin(place))]
        return f"no value for the label {show_value(missing)!r}"
    lined = Values(given.kind, given.array[place], b, given.name, given.whole)
    hint = _judge(lined, right, rule.in_order(), labelled=True)
    moved = bool((place != np.arange(len(b))).any())
    if hint is None and moved and rule.ordered and not b.is_monotonic_increasing:
        return f"the right values, each at its label, {MOVED}"
    return hint


def _line_up(given: Values, right: Values, rule: Rule) -> tuple[Values, Values]:
    """Sort both; where that does not match them, try the pairs."""
    if right.array.ndim == 1 and right.kind == given.kind and right.kind in NUMERIC:
        order = np.argsort(right.array)
        return _taken(given, np.argsort(given.array)), _taken(right, order)
    lined = _taken(given, sorted_order(list(given.array)))
    wanted = _taken(right, sorted_order(list(right.array)))
    if _equal(lined, wanted, rule).all():
        return lined, wanted

    def same(i: int, j: int) -> bool:
        return bool(_equal(_taken(given, [i]), _taken(right, [j]), rule).all())

    found = match_order(len(given.array), len(right.array), same)
    return (lined, wanted) if -1 in found else (_taken(given, found), right)


def _taken(values: Values, order: Any) -> Values:
    array = values.array[np.asarray(order, dtype=np.intp)]
    return Values(values.kind, array, None, values.name, values.whole)


def _equal(given: Values, right: Values, rule: Rule) -> npt.NDArray[np.bool_]:
    if right.kind == given.kind and right.kind in NUMERIC:
        return rule.tolerance(right.whole).equal(given.array, right.array)
    if right.kind == "text" and given.kind == "text":
        pairs = zip(_folded(given.array), _folded(right.array), strict=True)
        same = [a == b for a, b in pairs]
        return np.array(same, dtype=bool).reshape(right.array.shape)
    if right.kind == "other" or given.kind == "other":
        pairs = zip(given.array.ravel(), right.array.ravel(), strict=True)
        same = [_same_object(a, b, rule.in_order()) for a, b in pairs]
        return np.array(same, dtype=bool).reshape(right.array.shape)
    both_missing = pd.isna(given.array) & pd.isna(right.array)
    return np.asarray((given.array == right.array) | both_missing, dtype=bool)


def _same_object(given: Any, right: Any, rule: Rule) -> bool:
    if given is right:
        return True
    known = isinstance(right, _OPEN) or is_table(right)
    if known or as_values(right).kind != "other":
        return compare(given, right, rule) is None
    return bool(given == right)


def _folded(texts: npt.NDArray[Any]) -> list[Any]:
    return [fold(text) if isinstance(text, str) else None for text in texts.ravel()]
