"""Tell whether an answer is right, and if not, what is off."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame
from mlworkbench.notebook._mistakes import Tolerance, name_mistake, name_order
from mlworkbench.notebook._text import a_kind, show_value
from mlworkbench.notebook._values import Values, as_values, is_table

__all__ = ["Rule", "compare"]

# What can be taken apart; everything else is compared by its own equality.
_OPEN = (list, tuple, np.ndarray, pd.Series, Mapping, Set)


class Rule:
    """How strictly to compare.

    Parameters
    ----------
    rtol : float or None
        Relative tolerance; None is 1e-3, and exact where whole numbers are
        expected.
    atol : float
        Absolute tolerance.
    ordered : bool
        Whether the order of values, or of rows, counts.
    """

    def __init__(self, rtol: float | None, atol: float, ordered: bool) -> None:
        self.rtol, self.atol, self.ordered = rtol, atol, ordered

    def tolerance(self, whole: bool) -> Tolerance:
        """Give the tolerance for one comparison.

        Parameters
        ----------
        whole : bool
            Whether the expected values are whole numbers by type.

        Returns
        -------
        tolerance : Tolerance
            With the numbers filled in.
        """
        default = 1e-9 if whole else 1e-3
        return Tolerance(default if self.rtol is None else self.rtol, self.atol)


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
        return _compare_tables(answer, as_frame(expected), rule)
    if isinstance(expected, Mapping):
        return _compare_mappings(answer, expected, rule)
    if isinstance(expected, Set):
        return _compare_sets(answer, expected)
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
    if isinstance(answer, Set) and not rule.ordered:
        answer = sorted(answer, key=repr)
    return _compare_values(as_values(answer), as_values(expected), rule)


def _compare_values(given: Values, right: Values, rule: Rule) -> str | None:
    given = _match_kind(given, right)
    if given.kind != right.kind != "other" and right.array.size:
        hints = {
            ("text", "number"): ": leave out the quotation marks",
            ("text", "bool"): ": leave out the quotation marks",
        }
        more = hints.get((given.kind, right.kind), "")
        return f"{given.words} where {right.words} should be{more}"
    given, hint = _match_shape(given, right)
    if hint:
        return hint
    given, right, hint = _match_labels(given, right, rule)
    if hint:
        return hint
    if not rule.ordered and right.array.ndim == 1 and right.kind != "other":
        given, right = _sorted(given), _sorted(right)
    equal = _equal(given, right, rule)
    if equal.all():
        return None
    return _diagnose(given, right, equal, rule)


def _match_kind(given: Values, right: Values) -> Values:
    """Take 0 and 1 for False and True."""
    numbers = right.kind == "bool" and given.kind == "number"
    if numbers and np.isin(given.array, (0.0, 1.0)).all():
        return Values("bool", given.array == 1, given.index, given.name)
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


def _match_labels(
    given: Values, right: Values, rule: Rule
) -> tuple[Values, Values, str]:
    """Line up two Series by their labels, whatever their order."""
    a, b = given.index, right.index
    if a is None or b is None or _counts(a) or _counts(b) or a.equals(b):
        return given, right, ""
    if not (a.is_unique and b.is_unique):
        return given, right, ""
    missing = [label for label in b if label not in a]
    if missing:
        return given, right, f"no value for the label {show_value(missing[0])!r}"
    if not rule.ordered:
        return given, right, ""
    place = a.get_indexer(b)
    lined = given.array[place]
    return Values(given.kind, lined, b, given.name, given.whole), right, ""


def _counts(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex)


def _sorted(values: Values) -> Values:
    try:
        array = np.sort(values.array)
    except TypeError:  # a missing value among texts
        array = np.array(sorted(values.array, key=repr), dtype=object)
    return Values(values.kind, array, None, values.name, values.whole)


def _equal(given: Values, right: Values, rule: Rule) -> npt.NDArray[np.bool_]:
    if right.kind == "number" and given.kind == "number":
        return rule.tolerance(right.whole).equal(given.array, right.array)
    if right.kind == "text" and given.kind == "text":
        pairs = zip(_folded(given.array), _folded(right.array), strict=True)
        same = [a == b for a, b in pairs]
        return np.array(same, dtype=bool).reshape(right.array.shape)
    if right.kind == "other" or given.kind == "other":
        pairs = zip(given.array.ravel(), right.array.ravel(), strict=True)
        same = [_same_object(a, b, rule) for a, b in pairs]
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
    """Spaces at the ends and capitals do not make a text wrong."""
    return [
        text.strip().casefold() if isinstance(text, str) else None
        for text in texts.ravel()
    ]


def _diagnose(
    given: Values, right: Values, equal: npt.NDArray[np.bool_], rule: Rule
) -> str:
    if given.name is not None and right.name is not None and given.name != right.name:
        return f"this is the column {given.name!r}: is it the one that is asked for?"
    wrong = np.flatnonzero(~equal)
    if given.kind == "number" and right.kind == "number":
        hint = _diagnose_numbers(given, right, wrong, rule)
        if hint:
            return hint
    if right.kind == "bool" and not equal.any():
        return "every True should be False, and the other way round"
    if rule.ordered:
        same = _same_arrays(right, rule)
        if right.array.ndim == 2 and right.array.shape == right.array.T.shape:
            transposed = same(given.array.T, right.array)
            if transposed:
                return "rows and columns are exchanged: transpose it"
        hint = name_order(given.array, right.array, same)
        if hint:
            return hint
    if right.is_single:
        return f"{show_value(given.array.ravel()[0])!r} is not it"
    return _where_wrong(right, wrong)


def _same_arrays(right: Values, rule: Rule) -> Any:
    def same(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> bool:
        one = Values(right.kind, a, whole=right.whole)
        two = Values(right.kind, b, whole=right.whole)
        return bool(_equal(one, two, rule).all())

    return same


def _diagnose_numbers(
    given: Values, right: Values, wrong: npt.NDArray[np.intp], rule: Rule
) -> str:
    a, b = given.array.ravel(), right.array.ravel()
    lost = np.flatnonzero(np.isnan(a) & ~np.isnan(b))
    if lost.size:
        where = "" if right.is_single else f", first {_place(right, lost[0])}"
        return f"NaN where a number should be{where}: did a missing value get in?"
    found = np.flatnonzero(~np.isnan(a) & np.isnan(b))
    if found.size:
        return (
            f"a number where NaN (missing) should be, first {_place(right, found[0])}"
        )
    endless = np.flatnonzero(np.isinf(a) & ~np.isinf(b))
    if endless.size:
        where = "" if right.is_single else f", first {_place(right, endless[0])}"
        return f"infinite{where}: is something divided by zero?"
    close = rule.tolerance(right.whole)
    # One value in a longer list may differ by chance as a mistake would have it;
    # a mistake is named only where it explains all values.
    hint = name_mistake(given.array, right.array, close)
    if hint:
        return hint
    if Tolerance(0.02, rule.atol).fits(a, b):
        return "close, but not equal: was something rounded, or left out?"
    if right.is_single:
        return f"{show_value(float(a[0]))} is too {'large' if a[0] > b[0] else 'small'}"
    return ""


def _place(right: Values, position: Any) -> str:
    if right.array.ndim > 1:
        row, *rest = np.unravel_index(int(position), right.array.shape)
        return f"in row {row}, column {rest[0]}"
    if right.index is not None and not _counts(right.index):
        return f"at {show_value(right.index[int(position)])!r}"
    return f"at position {int(position)}"


def _where_wrong(right: Values, wrong: npt.NDArray[np.intp]) -> str:
    total = right.array.size
    if wrong.size == total:
        return f"none of the {total:,} values is right"
    verb = "is" if wrong.size == 1 else "are"
    return (
        f"{wrong.size:,} of {total:,} values {verb} off, "
        f"the first {_place(right, wrong[0])}"
    )


def _compare_tables(answer: Any, right: pd.DataFrame, rule: Rule) -> str | None:
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
    if not rule.ordered:
        by = list(right.columns)
        given, right = given.sort_values(by), right.sort_values(by)
        given, right = given.reset_index(drop=True), right.reset_index(drop=True)
    for column in right.columns:
        hint = compare(given[column], right[column], rule)
        if hint is not None:
            other = _same_column(given[column], right, column, rule)
            if other is not None:
                return f"the column {column!r} holds what belongs in {other!r}"
            return f"in the column {column!r}: {hint}"
    return None


def _same_column(
    values: pd.Series, right: pd.DataFrame, column: Any, rule: Rule
) -> Any:
    for other in right.columns:
        if other != column:
            renamed = values.rename(other)
            if compare(renamed, right[other], rule) is None:
                return other
    return None


def _compare_mappings(answer: Any, right: Mapping[Any, Any], rule: Rule) -> str | None:
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


def _compare_sets(answer: Any, right: Set[Any]) -> str | None:
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        return f"{show_value(answer)!r} where a set of {len(right)} is expected"
    given = set(as_values(answer).array.ravel().tolist())
    missing, extra = len(right - given), len(given - right)
    if not missing and not extra:
        return None
    parts = [f"{missing} missing"] if missing else []
    parts += [f"{extra} too many"] if extra else []
    return f"{' and '.join(parts)} of the {len(right)} that are expected"
