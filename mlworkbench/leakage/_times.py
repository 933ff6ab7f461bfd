"""Reading times: one type on both sides, or a message that says why not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlworkbench._coverage import value_kind

__all__ = ["as_length", "as_times", "check_same_kind", "take_column"]

ZONED = "time with a zone"


def take_column(frame: pd.DataFrame, column: Any, name: str) -> pd.Series:
    """Give a column by its label, or values that belong to the rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    column : column label, or array-like of shape (n,)
        The label, or one value per row.
    name : str
        What to call it in an error.

    Returns
    -------
    values : pandas.Series
        One value per row, with the index of the frame.

    Raises
    ------
    KeyError
        When there is no such column.
    ValueError
        When there is not one value per row.
    """
    if isinstance(column, list) or hasattr(column, "__array__"):
        values = pd.Series(column)
    elif column in frame.columns:
        found: pd.Series = frame[column]
        return found
    else:
        there = ", ".join(map(repr, list(frame.columns)[:20]))
        raise KeyError(f"{name} is {column!r}, which is no column; there are {there}")
    if len(values) != len(frame):
        raise ValueError(
            f"{name} has {len(values)} values for {len(frame)} rows; pass one per row"
        )
    return values.set_axis(frame.index)


def as_times(values: Any, name: str) -> pd.Series:
    """Take moments of any kind: dates, text that says one, or numbers.

    Parameters
    ----------
    values : array-like of shape (n,)
        Datetimes with or without a zone, periods, ISO 8601 text, lengths of
        time or numbers that grow with time.
    name : str
        What to call them in an error.

    Returns
    -------
    times : pandas.Series
        The same moments; a column of zone-aware objects or text is in UTC.
        Missing ones stay missing.

    Raises
    ------
    TypeError
        When the values are no moments.
    ValueError
        When none is there, when text is no date, or when some have a zone and
        others have none.
    """
    values = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    kind = value_kind(values)
    if kind == "nothing":
        raise ValueError(f"{name} has no value in {len(values)} rows; pass the times")
    times: pd.Series
    if kind == "text":
        times = _read_text(values, name)
    elif kind == "number" and not pd.api.types.is_bool_dtype(values):
        whole = pd.api.types.is_integer_dtype(values) and not values.isna().any()
        times = values.astype("int64" if whole else "float64")
    elif kind == "length of time":
        times = pd.to_timedelta(values)
    elif isinstance(values.dtype, pd.PeriodDtype):
        times = values.dt.to_timestamp()
    elif isinstance(values.dtype, pd.DatetimeTZDtype):
        times = values
    elif kind == ZONED:
        _refuse_half_zoned(values, name)
        times = pd.to_datetime(values, utc=True)
    elif kind == "time":
        times = pd.to_datetime(values)
    else:
        found = "truth values" if kind == "number" else "values of several kinds"
        raise TypeError(
            f"{name} holds {found}; pass datetimes, dates as text or numbers"
        )
    return times


def check_same_kind(one: pd.Series, two: pd.Series, names: tuple[str, str]) -> None:
    """Check that two sets of moments can be compared.

    Parameters
    ----------
    one, two : pandas.Series
        What `as_times` gave.
    names : tuple of two str
        What to call them in an error.

    Raises
    ------
    TypeError
        When one holds dates and the other numbers.
    ValueError
        When only one of them has a zone.
    """
    kinds = value_kind(one), value_kind(two)
    if kinds[0] == kinds[1] or "nothing" in kinds:
        return
    if set(kinds) == {"time", ZONED}:
        bare, zoned = names if kinds[0] == "time" else names[::-1]
        raise ValueError(
            f"{bare} has no time zone and {zoned} has one, so they cannot be put in "
            f"order; give {bare} its zone with .dt.tz_localize(...)"
        )
    raise TypeError(
        f"{names[0]} is of the kind {kinds[0]!r}, {names[1]} of the kind {kinds[1]!r}; "
        "convert both to one type, e.g. with pandas.to_datetime"
    )


def as_length(length: Any, times: pd.Series, name: str) -> Any:
    """Take a length of time in the unit of the times.

    Parameters
    ----------
    length : str, timedelta, DateOffset or number
        Such as "7D"; a number where the times are numbers.
    times : pandas.Series
        What `as_times` gave.
    name : str
        What to call it in an error.

    Returns
    -------
    length : Timedelta, DateOffset or number
        What can be added to a time.

    Raises
    ------
    TypeError, ValueError
        When it is no length of that unit, or negative.
    """
    if isinstance(length, pd.offsets.BaseOffset):
        return length
    numbers = value_kind(times) == "number"
    if numbers:
        fits = isinstance(length, int | float) and not isinstance(length, bool)
        if not fits or not 0 <= length < float("inf"):
            raise TypeError(
                f"{name} is {length!r}; the times are numbers, pass one ≥ 0"
            )
        return length
    if isinstance(length, int | float):
        raise TypeError(
            f"{name} is {length!r}; say the unit, e.g. '{length}D' for days"
        )
    try:
        taken = pd.Timedelta(length)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {length!r}; pass a length of time such as '7D' or '12h'"
        ) from None
    if not taken >= pd.Timedelta(0):
        raise ValueError(f"{name} is {length!r}; pass a length of 0 or more")
    return taken


def _read_text(values: pd.Series, name: str) -> pd.Series:
    """Read ISO 8601 text; different offsets become UTC."""
    known = values.dropna().astype(str)
    zoned = known.str.contains(r"(?:Z|[+-]\d\d:?\d\d)\s*$", regex=True) & (
        known.str.len() > len("2013-01-01+0000")
    )
    if zoned.any() and not zoned.all():
        raise ValueError(_half_zoned(name, int((~zoned).sum()), len(known)))
    try:
        return pd.to_datetime(values, format="ISO8601", utc=bool(zoned.any()))
    except ValueError:
        raise ValueError(
            f"{name} is text that is no ISO 8601 date, such as {known.iloc[0]!r}; "
            "read it with pandas.to_datetime first"
        ) from None


def _refuse_half_zoned(values: pd.Series, name: str) -> None:
    if not pd.api.types.is_object_dtype(values.dtype):
        return
    known = values.dropna()
    bare = sum(getattr(moment, "tzinfo", None) is None for moment in known)
    if bare:
        raise ValueError(_half_zoned(name, bare, len(known)))


def _half_zoned(name: str, bare: int, n: int) -> str:
    return (
        f"{name} mixes times with and without a time zone ({bare} of {n} have none); "
        "give all of them one"
    )
