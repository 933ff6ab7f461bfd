"""The columns of the cyclical encoder: their periods, numbers, and way back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from mlworkbench._validation import FloatArray

__all__ = ["as_numbers", "matrix", "resolve_periods", "unwind", "usual_range"]

# Rounding on the circle, as a share of the period.
_TOLERANCE = 1e-9


def resolve_periods(
    periods: Any, names: list[str], has_names: bool
) -> dict[int, float]:
    """Give the period by the position of the column.

    Parameters
    ----------
    periods : dict or float
        By name or position, or one for all.
    names : list of str
        Names of the columns.
    has_names : bool
        Whether the columns came with names; else a name is an error.

    Returns
    -------
    periods : dict of int to float
        In the order given.

    Raises
    ------
    TypeError, ValueError, KeyError
        When a period is not a positive number or a column is not there.
    """
    if not isinstance(periods, dict):
        period = _check_period(periods, "periods")
        return dict.fromkeys(range(len(names)), period)
    if not periods:
        raise ValueError(
            "periods is empty; name a column and its period, e.g. {'hour': 24}"
        )
    found: dict[int, float] = {}
    for column, period in periods.items():
        i = _position(column, names, has_names)
        if i in found:
            raise ValueError(f"periods names the column {names[i]!r} twice")
        found[i] = _check_period(period, f"the period of {column!r}")
    return found


def _position(column: Any, names: list[str], has_names: bool) -> int:
    if isinstance(column, int | np.integer) and not isinstance(column, bool):
        if -len(names) <= column < len(names):
            return int(column) % len(names)
        raise KeyError(
            f"periods names the column at position {column}; X has {len(names)}"
        )
    if isinstance(column, str) and column in names and has_names:
        return names.index(column)
    there = ", ".join(map(repr, names[:20])) + (" …" if len(names) > 20 else "")
    if not has_names:
        there = f"{len(names)} columns without names; use positions, e.g. {{0: 24}}"
    raise KeyError(f"periods names the column {column!r}; X has {there}")


def _check_period(period: Any, name: str) -> float:
    number = int | float | np.integer | np.floating
    if not isinstance(period, number) or isinstance(period, bool):
        raise TypeError(
            f"{name} is {period!r}; pass a positive number, or a dict such as "
            "{'hour': 24, 'day_of_week': 7}"
        )
    if not 0 < period < np.inf:
        raise ValueError(f"{name} is {period}; pass a positive, finite number")
    return float(period)


def as_numbers(column: pd.Series[Any], name: str = "") -> FloatArray:
    """Give a column as floats, missing as NaN.

    Parameters
    ----------
    column : Series
        Of any dtype.
    name : str
        What to call it in an error; its own name by default.

    Returns
    -------
    values : ndarray of shape (n,), float64
        The numbers.

    Raises
    ------
    TypeError
        When it holds dates.
    ValueError
        When it holds texts or infinite numbers.
    """
    name = name or str(column.name)
    kind = types.infer_dtype(column, skipna=True) if column.dtype == object else ""
    if kind.startswith(("date", "period")) or column.dtype.kind == "M":
        raise TypeError(
            f"{name} holds dates; extract what comes round again first, e.g. "
            f"X[{name!r}].dt.hour (period 24), .dt.day_of_week (7) or .dt.month (12)"
        )
    if isinstance(column.dtype, pd.PeriodDtype):
        raise TypeError(f"{name} holds calendar periods; extract .dt.month or the like")
    if kind.startswith("timedelta") or column.dtype.kind == "m":
        raise TypeError(
            f"{name} holds durations; pass numbers, e.g. X[{name!r}].dt.total_seconds()"
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except ValueError as error:
        raise ValueError(
            f"{name} is not a column of numbers ({error}); number the values in "
            "their order first, e.g. Monday 0 to Sunday 6"
        ) from None
    if np.isinf(values).any():
        row = int(np.argmax(np.isinf(values)))
        raise ValueError(
            f"{name} has an infinite value (inf) at row {row}; it lies nowhere on a "
            "circle: make it missing or drop the row"
        )
    return values


def usual_range(values: FloatArray, period: float) -> pd.Interval[float]:
    """Give the round in which the values of a column lie.

    Parameters
    ----------
    values : ndarray of shape (n,)
        The column, with NaN where missing.
    period : float
        Its period.

    Returns
    -------
    interval : pandas.Interval
        One period long; [0, period) when the values fit no usual round.
    """
    values, half = values[np.isfinite(values)], period / 2
    first = pd.Interval(0.0, period, closed="left")
    usual = [first]
    usual += [pd.Interval(0.0, period, closed="right")]
    usual += [pd.Interval(-half, half, closed="left")]
    usual += [pd.Interval(-half, half, closed="right")]
    if not len(values):
        return first
    low, high = values.min(), values.max()
    if low == -half and high == half:  # both ends are one point
        return usual[-1]
    return next((round_ for round_ in usual if low in round_ and high in round_), first)


def unwind(
    sin: FloatArray,
    cos: FloatArray,
    period: float,
    interval: pd.Interval[float],
    name: str,
) -> FloatArray:
    """Read values from the circle into one round.

    Parameters
    ----------
    sin, cos : ndarray of shape (n,)
        The points; NaN gives NaN.
    period : float
        Length of a round.
    interval : pandas.Interval
        The round to give them in.
    name : str
        What to call the column in an error.

    Returns
    -------
    values : ndarray of shape (n,)
        Inside `interval`.

    Raises
    ------
    ValueError
        When a point is the middle of the circle.
    """
    middle = np.hypot(sin, cos) < _TOLERANCE
    if middle.any():
        raise ValueError(
            f"{name} is the middle of the circle at row {int(np.argmax(middle))} (sine "
            "and cosine 0), which has no direction; make both missing there"
        )
    values = np.arctan2(sin, cos) / (2 * np.pi) * period
    slack = _TOLERANCE * period
    whole = np.round(values)
    values = np.where(np.abs(values - whole) < slack, whole, values)
    if interval.closed == "left":
        beyond = np.mod(values - interval.left, period)
        beyond = np.where(period - beyond < slack, 0.0, beyond)
        return np.asarray(interval.left + beyond)
    before = np.mod(interval.right - values, period)
    before = np.where(period - before < slack, 0.0, before)
    return np.asarray(interval.right - before)


def matrix(frame: pd.DataFrame) -> npt.NDArray[Any]:
    """Give a frame as floats where all columns hold numbers, else as objects.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of any kind.

    Returns
    -------
    values : ndarray of shape (n, n_columns)
        Of float64 or object; missing numbers as NaN.
    """
    if all(types.is_numeric_dtype(dtype) for dtype in frame.dtypes):
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return frame.to_numpy(dtype=object)
