"""Conditions on one column that a person can read and a table can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Predicate", "as_numbers", "column_name", "holds_all", "show_number"]

_KINDS = {
    "number": "numbers",
    "time": "times",
    "span": "lengths of time",
    "level": "categories",
}


def column_name(label: Any) -> str:
    """Give the name of a column as it is read: a position becomes x0, x1, ..."""
    return f"x{label}" if isinstance(label, int | np.integer) else str(label)


def as_numbers(column: pd.Series) -> tuple[str, npt.NDArray[np.float64] | None]:
    """Say what kind of values a column has, as numbers where they have an order.

    Parameters
    ----------
    column : pandas.Series of shape (n,)
        Any column.

    Returns
    -------
    kind : {"number", "time", "span", "level"}
        Times count in seconds of the clock on the wall, lengths of time in
        seconds; categories, text and truth values are levels.
    values : ndarray of shape (n,) or None
        NaN where missing; None for levels.
    """
    if column.dtype == object:
        column = column.infer_objects()
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(np.asarray(column), name=column.name)
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) or isinstance(kind, pd.CategoricalDtype):
        return "level", None
    if pd.api.types.is_complex_dtype(kind):
        raise TypeError(
            f"column {column_name(column.name)!r} has complex numbers; "
            "pass their parts as two columns"
        )
    if pd.api.types.is_numeric_dtype(kind):
        return "number", column.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_datetime64_any_dtype(kind):
        if getattr(kind, "tz", None) is not None:
            column = column.dt.tz_localize(None)
        return "time", _seconds(column - pd.Timestamp(0))
    if pd.api.types.is_timedelta64_dtype(kind):
        return "span", _seconds(column)
    return "level", None


def _seconds(spans: pd.Series) -> npt.NDArray[np.float64]:
    return np.asarray(spans.dt.total_seconds(), dtype=np.float64)


def show_number(value: float, kind: str = "number") -> str:
    """Write a number, a time or a length of time as short as it is exact."""
    if kind == "time":
        moment = pd.Timestamp(0) + pd.Timedelta(seconds=value)
        text = str(moment.round("us"))
        return text.removesuffix(" 00:00:00").removesuffix(":00")
    if kind == "span":
        return str(pd.Timedelta(seconds=value)).replace(" 00:00:00", "")
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    if 1e-30 < abs(value) < 1e30 and float(np.float32(value)) == value:
        return f"{value:.7g}"  # 3.9 was stored in half the bits, as 3.90000009537
    return f"{value:.12g}"


@dataclass(frozen=True)
class Predicate:
    """One condition on one column.

    Parameters
    ----------
    column : object
        Label of the column.
    kind : {"number", "time", "span", "level"}
        What `as_numbers` says of it.
    test : {"missing", "equal", "range"}
        What is asked.
    value : object
        The level or number, for "equal".
    low, high : float
        For "range": from low on, to below high; infinite where open.
    whole : bool
        Whether the column has whole numbers only.
    """

    column: Any
    kind: str
    test: str
    value: Any = None
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False

    def __str__(self) -> str:
        """Write the condition as a person would."""
        name = column_name(self.column)
        if self.test == "missing":
            return f"{name} is missing"
        if self.test == "equal":
            return f"{name} = {self._show(self.value)}"
        low, high = self.low, self.high
        last = high - 1 if self.whole else high
        below = "≤" if self.whole else "<"
        if low == -np.inf:
            return f"{name} {below} {self._show(last)}"
        if high == np.inf:
            return f"{name} ≥ {self._show(low)}"
        if self.whole and low == last:
            return f"{name} = {self._show(low)}"
        return f"{self._show(low)} ≤ {name} {below} {self._show(last)}"

    def _show(self, value: Any) -> str:
        if self.kind != "level":
            return show_number(value, self.kind)
        text = str(value)
        plain = text and text == text.strip() and " and " not in text
        return text if plain or not isinstance(value, str) else repr(value)

    def holds(self, column: pd.Series) -> npt.NDArray[np.bool_]:
        """Say in which rows of a column the condition holds.

        Parameters
        ----------
        column : pandas.Series of shape (n,)
            The column, of these or of other rows.

        Returns
        -------
        mask : ndarray of shape (n,), bool
            False where the value is missing, unless that is what is asked.

        Raises
        ------
        TypeError
            When the column holds another kind of values.
        """
        if self.test == "missing":
            return np.asarray(column.isna(), dtype=np.bool_)
        kind, values = as_numbers(column)
        if column.isna().all():
            return np.zeros(len(column), dtype=np.bool_)
        if kind != self.kind:
            raise TypeError(
                f"column {column_name(self.column)!r} holds {_KINDS[kind]}, the slice "
                f"asks for {_KINDS[self.kind]} ({self}); pass it as it was searched"
            )
        if values is None:
            same = column.astype(object).eq(self.value)
            return same.fillna(False).to_numpy(dtype=np.bool_)
        if self.test == "equal":
            return np.asarray(values == self.value)
        above = values >= self.low
        return np.asarray(above & ((values < self.high) | (self.high == np.inf)))


def holds_all(
    predicates: tuple[Predicate, ...], frame: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Say in which rows of a frame all conditions hold.

    Parameters
    ----------
    predicates : tuple of Predicate
        Conditions on different columns.
    frame : pandas.DataFrame
        The rows.

    Returns
    -------
    mask : ndarray of shape (n,), bool
        True where every condition holds.
    """
    mask = np.ones(len(frame), dtype=np.bool_)
    for predicate in predicates:
        mask &= predicate.holds(frame[predicate.column])
    return mask
