"""Rules on the columns of a table, written as text and never run as code."""

from __future__ import annotations

import ast
import difflib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench.labeling._functions import LabelingFunction, check_label
from mlworkbench.labeling._rule_parts import Names, fail, read_rule

__all__ = ["rule_lf"]

Mask = npt.NDArray[np.bool_]
Truth = tuple[Any, Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def rule_lf(rule: str, label: int, *, name: str | None = None) -> LabelingFunction:
    """Vote for a class where a rule on the columns holds.

    Parameters
    ----------
    rule : str
        A condition on columns: ``< <= > >= == !=`` (also chained: ``18 < age <
        65``), ``in`` and ``not in`` a list of constants, ``is None`` and ``is not
        None`` for missing values, ``and``, ``or``, ``not``, brackets, and
        ``+ - * /``. Names that are no identifiers stand in backticks: ```worst
        radius` > 18``. A column of booleans is a condition by itself.
    label : int
        The class to vote for, 0 to 126.
    name : str, optional
        Name of the function; the rule itself by default.

    Returns
    -------
    lf : LabelingFunction
        Votes `label` where the rule holds, and abstains elsewhere.

    Raises
    ------
    TypeError, ValueError
        When the rule says something else, is longer than 2,000 characters or
        nested more than 40 deep: with the position. Called on a frame: when
        numbers are compared with texts.
    KeyError
        Called on a frame that has no such column.

    Notes
    -----
    The text is parsed into a tree, the tree is checked, and numpy and pandas
    compare whole columns; the text is never run as code, so that a rule may come
    from a file or a form.

    A missing value makes a comparison undecided, as in SQL, and so does a
    division by zero: ``not (age > 80)`` does not hold where the age is missing.
    An undecided rule abstains.

    *Used in:* ``ch04_training_data/05_combine_noisy_votes``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.labeling import rule_lf
    >>> cells = pd.DataFrame(
    ...     {"worst radius": [20.1, 12.0, None], "texture": [25, 18, 20]}
    ... )
    >>> rule_lf("`worst radius` > 18 and texture < 30", 1)(cells).tolist()
    [1, -1, -1]
    """
    text, tree, names = read_rule(rule)
    made = (text if len(text) <= 60 else text[:59] + "…") if name is None else name
    return LabelingFunction(_Rule(text, tree, names), made, check_label(label))


@dataclass(frozen=True)
class _Rule:
    text: str
    tree: ast.expr
    names: Names

    def __call__(self, frame: pd.DataFrame) -> Mask:
        self._check_columns(frame)
        yes, _ = self._truth(self.tree, frame)
        return np.broadcast_to(np.asarray(yes, dtype=np.bool_), len(frame))

    def _check_columns(self, frame: pd.DataFrame) -> None:
        for position, name in self.names.items():
            if name in frame.columns:
                continue
            there = [str(column) for column in frame.columns]
            near = difflib.get_close_matches(name, there, 3, 0.6)
            shown = [c if c.isidentifier() else f"`{c}`" for c in near or there[:20]]
            text = "did you mean" if near else "it has"
            why = f"the frame has no column {name!r}; {text} {', '.join(shown)}"
            self._fail(position, why, _NoColumn)

    def _truth(self, node: ast.expr, frame: pd.DataFrame) -> Truth:
        """Give where a condition holds, and where it does not (Kleene)."""
        if isinstance(node, ast.BoolOp):
            parts = [self._truth(part, frame) for part in node.values]
            yes, no = parts[0]
            for more, less in parts[1:]:
                both = isinstance(node.op, ast.And)
                yes, no = (yes & more, no | less) if both else (yes | more, no & less)
            return yes, no
        if isinstance(node, ast.UnaryOp):
            yes, no = self._truth(node.operand, frame)
            return no, yes
        if isinstance(node, ast.Compare):
            return self._chain(node, frame)
        value = self._value(node, frame)
        if not pd.api.types.is_bool_dtype(value):
            name = self.names[node.col_offset]
            why = f"column {name!r} is {value.dtype}, no condition; compare it"
            self._fail(node.col_offset, why, TypeError)
        yes = value.to_numpy(dtype=bool, na_value=False)
        return yes, ~yes & value.notna().to_numpy()

    def _chain(self, node: ast.Compare, frame: pd.DataFrame) -> Truth:
        left, at = self._value(node.left, frame), node.left
        yes: Any = np.True_
        no: Any = np.False_
        for sign, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.Is | ast.IsNot):
                missing = np.asarray(pd.isna(left))
                asked = missing if isinstance(sign, ast.Is) else ~missing
                return asked, ~asked
            if isinstance(sign, ast.In | ast.NotIn):
                return self._among(left, right, node, isinstance(sign, ast.In))
            other = self._value(right, frame)
            more, less = self._compare(left, other, type(sign), at)
            yes, no = yes & more, no | less
            left, at = other, right
        return yes, no

    def _compare(
        self, left: Any, right: Any, sign: type[ast.cmpop], node: ast.expr
    ) -> Truth:
        one, two = _kind(left), _kind(right)
        if {one, two} == {"number", "text"}:
            why = f"a {one} is compared with a {two}; make them of one kind"
            self._fail(node.col_offset, why, TypeError)
        try:
            found = _COMPARE[sign](left, right)
        except (TypeError, ValueError) as error:
            why = f"these cannot be compared: {error}"
            self._fail(node.col_offset, why, TypeError)
        known = ~np.asarray(pd.isna(left)) & ~np.asarray(pd.isna(right))
        yes = _plain(found) & known
        return yes, known & ~yes

    def _among(
        self, left: Any, right: ast.expr, node: ast.Compare, inside: bool
    ) -> Truth:
        values = ast.literal_eval(right)
        column = left if isinstance(left, pd.Series) else pd.Series([left])
        kinds = {_kind(value) for value in values}
        if pd.api.types.is_datetime64_any_dtype(column):
            why = "in is for numbers and texts; compare times with < and =="
            self._fail(node.left.col_offset, why, TypeError)
        if _kind(column) != "other" and _kind(column) not in kinds:
            why = (
                f"the column has {_kind(column)}s, the list {min(kinds)}s; "
                "make them of one kind"
            )
            self._fail(node.left.col_offset, why, TypeError)
        found = column.isin(list(values)).to_numpy(dtype=bool)
        known = column.notna().to_numpy()
        yes, no = found & known, ~found & known
        return (yes, no) if inside else (no, yes)

    def _value(self, node: ast.expr, frame: pd.DataFrame) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return frame[self.names[node.col_offset]]
        if isinstance(node, ast.UnaryOp):
            value = self._number(node.operand, frame)
            return -value if isinstance(node.op, ast.USub) else value
        assert isinstance(node, ast.BinOp)  # read_rule let nothing else through
        left = self._number(node.left, frame)
        right = self._number(node.right, frame)
        with np.errstate(all="ignore"):
            found = _ARITHMETIC[type(node.op)](left, right)
        return (
            found.where(np.isfinite(found))
            if isinstance(found, pd.Series)
            else (found if np.isfinite(found) else np.nan)
        )

    def _number(self, node: ast.expr, frame: pd.DataFrame) -> Any:
        """Give what can be reckoned with, as float64."""
        value = self._value(node, frame)
        if isinstance(value, pd.Series):
            if not pd.api.types.is_numeric_dtype(value):
                why = f"there is no arithmetic with a column of {value.dtype}"
                self._fail(node.col_offset, why, TypeError)
            number = value.to_numpy(dtype=np.float64, na_value=np.nan)
            return pd.Series(number, index=value.index)
        return np.float64(value)

    def _fail(self, position: int, why: str, kind: type[Exception]) -> NoReturn:
        fail(self.text, position, why, kind)


class _NoColumn(KeyError):
    """A KeyError whose message is shown as it was written."""

    def __str__(self) -> str:
        return str(self.args[0])


def _plain(found: Any) -> Any:
    if isinstance(found, pd.Series):
        return found.to_numpy(dtype=bool, na_value=False)
    return np.bool_(found)


def _kind(value: Any) -> str:
    """Say whether a constant or column is a number, a text or something else."""
    if isinstance(value, pd.Series):
        dtype = value.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = dtype.categories.dtype
        if isinstance(dtype, pd.StringDtype):
            return "text"
        return "number" if pd.api.types.is_numeric_dtype(dtype) else "other"
    return "text" if isinstance(value, str) else "number"
