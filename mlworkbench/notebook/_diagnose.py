"""Say what is off about a wrong answer, without saying what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench.notebook._mistakes import Tolerance, name_mistake, name_order
from mlworkbench.notebook._rule import Rule
from mlworkbench.notebook._text import show_value
from mlworkbench.notebook._values import NUMERIC, Values

__all__ = ["counts", "diagnose"]

Same = Callable[[npt.NDArray[Any], npt.NDArray[Any]], bool]


def counts(index: pd.Index) -> bool:
    """Tell whether an index only numbers the rows.

    Parameters
    ----------
    index : pandas.Index
        Of a Series or a table.

    Returns
    -------
    answer : bool
        Then it carries no labels.
    """
    return isinstance(index, pd.RangeIndex)


def diagnose(
    given: Values,
    right: Values,
    equal: npt.NDArray[np.bool_],
    rule: Rule,
    same: Same,
    labelled: bool = False,
) -> str:
    """Say what is off.

    Parameters
    ----------
    given, right : Values
        Of one kind and shape; not all are equal.
    equal : ndarray of bool
        Which are.
    rule : Rule
        How they were compared.
    same : callable
        Tells whether two arrays of this kind are equal throughout.
    labelled : bool
        Whether both were lined up by their labels.

    Returns
    -------
    hint : str
        It never states what is right.
    """
    wrong = np.flatnonzero(~equal)
    numeric = given.kind == right.kind and right.kind in NUMERIC
    if numeric and not _blanks(given, right).size:
        # One value in a longer list may differ by chance as a mistake would have
        # it; a mistake is named only where it explains all values.
        hint = name_mistake(given.array, right.array, rule.tolerance(right.whole))
        if hint:
            return hint
    if _is_other_column(given, right, equal):
        return f"its name is {given.name!r}: is that the column that is asked for?"
    hint = _diagnose_numbers(given, right, rule) if numeric else ""
    if hint:
        return hint
    if right.kind == "bool" and not equal.any():
        return "every True should be False, and the other way round"
    hint = _diagnose_order(given, right, same, labelled) if rule.ordered else ""
    if hint:
        return hint
    if right.is_single:
        return f"{_said(given, given.array.ravel()[0])!r} is not it"
    return _where_wrong(right, wrong, rule)


def _is_other_column(
    given: Values, right: Values, equal: npt.NDArray[np.bool_]
) -> bool:
    """Tell whether the name explains the values: of another column few are right.

    A name that is no identifier was given to a result, not to a column of data.
    """
    named = isinstance(given.name, str) and given.name.isidentifier()
    if not named or right.name is None or given.name == right.name:
        return False
    return given.is_telling and right.is_telling and bool(equal.mean() < 0.5)


def _diagnose_order(given: Values, right: Values, same: Same, labelled: bool) -> str:
    shape = right.array.shape
    square = right.array.ndim == 2 and shape == shape[::-1]
    if square and same(given.array.T, right.array):
        return "rows and columns are exchanged: transpose it"
    if not (given.is_telling and right.is_telling):
        return ""
    hint = name_order(given.array, right.array, same)
    if labelled and hint.startswith("the right values"):
        return "the right values at other labels: is something set by position?"
    return "" if labelled else hint


def _blanks(given: Values, right: Values) -> npt.NDArray[np.intp]:
    """Find what is missing in the answer alone."""
    a, b = given.array.ravel(), right.array.ravel()
    return np.flatnonzero(np.isnan(a) & ~np.isnan(b))


def _diagnose_numbers(given: Values, right: Values, rule: Rule) -> str:
    a, b = given.array.ravel(), right.array.ravel()
    times = right.kind == "duration"
    blank, thing = ("NaT", "a length of time") if times else ("NaN", "a number")
    lost = _blanks(given, right)
    if lost.size:
        where = _first(right, lost, rule)
        return f"{blank} where {thing} should be{where}: did a missing value get in?"
    found = _blanks(right, given)
    if found.size:
        return f"{thing} where {blank} (missing) should be{_first(right, found, rule)}"
    endless = np.flatnonzero(np.isinf(a) & ~np.isinf(b))
    if endless.size:
        where = _first(right, endless, rule)
        return f"infinite{where}: is something divided by zero?"
    if Tolerance(0.02, rule.atol).fits(a, b):
        return "close, but not equal: was something rounded, or left out?"
    if right.is_single:
        return f"{_said(given, a[0])} is too {'large' if a[0] > b[0] else 'small'}"
    return ""


def _said(given: Values, value: Any) -> str:
    if given.kind == "duration":
        return str(pd.Timedelta(seconds=float(value)))
    return show_value(float(value) if given.kind == "number" else value)


def _first(right: Values, places: npt.NDArray[np.intp], rule: Rule) -> str:
    if right.is_single or not rule.ordered:
        return ""
    return f", first {_place(right, places[0])}"


def _place(right: Values, position: Any) -> str:
    if right.array.ndim > 1:
        row, *rest = np.unravel_index(int(position), right.array.shape)
        return f"in row {row}, column {rest[0]}"
    if right.index is not None and not counts(right.index):
        return f"at {show_value(right.index[int(position)])!r}"
    return f"at position {int(position)}"


def _where_wrong(right: Values, wrong: npt.NDArray[np.intp], rule: Rule) -> str:
    total = right.array.size
    if wrong.size == total:
        return f"none of the {total:,} values is right"
    verb = "is" if wrong.size == 1 else "are"
    where = f", the first {_place(right, wrong[0])}" if rule.ordered else ""
    return f"{wrong.size:,} of {total:,} values {verb} off{where}"
