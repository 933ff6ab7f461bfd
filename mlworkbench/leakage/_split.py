"""Split in time: the past to train, what follows to choose and to judge."""

from __future__ import annotations

import datetime
import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import (
    RandomState,
    as_frame,
    as_generator,
    check_same_index,
)
from mlworkbench.leakage._times import as_length, as_times, take_column

__all__ = ["TemporalSplit", "temporal_split"]

_LENGTH = re.compile(
    r"\s*[\d.]+\s*(W|D|h|min|s|ms|days?|hours?|weeks?)(?![a-z])", re.IGNORECASE
)
_TWO_WAYS = re.compile(r"\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")  # day or month first?


class TemporalSplit(NamedTuple):
    """The three parts of a split in time, in the order of the input.

    Parameters
    ----------
    train : pandas.DataFrame
        Rows before the boundary.
    validation : pandas.DataFrame
        Later rows to choose a model with; empty when none were asked for.
    test : pandas.DataFrame
        Later rows to judge it by, once.
    """

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def temporal_split(
    frame: Any,
    time: Any,
    train_until: Any,
    gap: Any = None,
    validation: Any = 0.5,
    *,
    random_state: RandomState = 0,
) -> TemporalSplit:
    """Train on the past, validate and test on what follows.

    With four weeks to train on, the fifth is dealt at random to validation and
    test: both then look alike, and both are later than training.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n, p)
        The rows, in any order.
    time : column label, or array-like of shape (n,)
        The moment of every row: datetimes, ISO 8601 text or numbers.
    train_until : moment or length of time
        Rows strictly before it train; rows at it do not, so that rows of one
        moment stay together. Text such as "2013-10-01" is read in the zone of
        the times. A length ("28D", a timedelta) counts from the first row, whole
        days by the calendar of its zone. A date means its midnight: with
        "2013-10-01", October is not in training.
    gap : length of time, optional
        How long after `train_until` no row is used: at least as long as it
        takes to know a label, and as features look back. A day is 24 hours.
    validation : float, moment or length of time, default=0.5
        A share in [0, 1) of the later rows, drawn at random; 0 for none. A
        moment, or a length after the gap, instead puts validation before test
        (where the times are numbers: a moment of 1 or more).
    random_state : int, Generator, RandomState or None
        Seed of the draw.

    Returns
    -------
    split : TemporalSplit
        ``train, validation, test``, each in the order of the input, index kept.

    Raises
    ------
    KeyError
        When `time` is no column.
    TypeError
        When a boundary is of another kind than the times.
    ValueError
        When a time is missing, when `time` has another index than `frame`,
        when only one of boundary and times has a zone, when a boundary can be
        read in two ways, or when a part that was asked for would be empty.

    Notes
    -----
    O(n). A random draw of the later rows lets validation and test share days,
    users and weather: test is then a fair estimate for that period and no
    estimate of the next. Rows of one group can fall on both sides; check with
    `check_groups`.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    Examples
    --------
    Five weeks, one row a day.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=35)})
    >>> train, validation, test = temporal_split(frame, "day", "28D")
    >>> len(train), len(validation), len(test)
    (28, 4, 3)
    >>> train["day"].max() < min(validation["day"].min(), test["day"].min())
    True
    >>> split = temporal_split(frame, "day", "2024-01-29", gap="2D", validation=0)
    >>> split.test["day"].dt.day.tolist()
    [31, 1, 2, 3, 4]
    """
    table = as_frame(frame)
    if table.empty:
        raise ValueError("frame has no rows; there is nothing to split")
    if isinstance(time, pd.Series):
        check_same_index(frame=frame, time=time)
    given = take_column(table, time, "time")
    times = as_times(given, "time")
    if times.isna().any():
        row = int(np.argmax(times.isna()))
        raise ValueError(
            f"{int(times.isna().sum())} row(s) have no time (first at row {row}); "
            "drop them, or decide on which side they belong"
        )
    end = _moment(train_until, given, times, times.min(), "train_until")
    start = end if gap is None else end + as_length(_plain(gap), times, "gap")
    if not start >= end:
        raise ValueError(f"gap is {gap!r}, which goes back; pass a length of 0 or more")
    before = (times < end).to_numpy()
    later = np.flatnonzero((times >= start).to_numpy())
    _refuse_empty(times, before, later, end, start)
    chosen = _validation_rows(validation, given, times, later, start, random_state)
    rest = np.setdiff1d(later, chosen, assume_unique=True)
    if not len(rest):
        raise ValueError(
            f"all {len(later)} later row(s) fall to validation ({validation!r}), none "
            "to test; pass a smaller share or an earlier moment"
        )
    return TemporalSplit(table[before], table.iloc[chosen], table.iloc[rest])


def _moment(
    value: Any, given: pd.Series, times: pd.Series, origin: Any, name: str
) -> Any:
    """Take a boundary: a moment, or a length of time from `origin` on."""
    value = value.start_time if isinstance(value, pd.Period) else _plain(value)
    if value_kind(times) in ("number", "length of time"):
        return _number(value, times, name)
    lengths = pd.offsets.BaseOffset | datetime.timedelta | np.timedelta64
    if isinstance(value, lengths) or (isinstance(value, str) and _LENGTH.match(value)):
        return origin + _by_calendar(as_length(value, times, name))
    if isinstance(value, str) and _TWO_WAYS.match(value):
        raise ValueError(
            f"{name} is {value!r}, which can be read with the day or the month first; "
            "write the year first, such as '2013-10-01'"
        )
    if isinstance(value, int | float) or value is None or value is pd.NaT:
        raise TypeError(f"{name} is {value!r}, the times are dates; pass a date")
    try:
        moment = pd.Timestamp(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {value!r}; pass a moment such as '2013-10-01' or a length of "
            "time such as '28D'"
        ) from None
    zone = getattr(given.dtype, "tz", None) or getattr(times.dtype, "tz", None)
    if zone is None and moment.tzinfo is not None:
        raise ValueError(
            f"{name} has a time zone ({moment.tzinfo}), the times have none; give them "
            "theirs with .dt.tz_localize(...)"
        )
    if zone is not None and moment.tzinfo is None:
        if not isinstance(value, str):
            raise ValueError(
                f"{name} has no time zone, the times are in {zone}; pass "
                f"pandas.Timestamp('{moment}', tz='{zone}'), or text"
            )
        try:
            moment = moment.tz_localize(zone)
        except ValueError:
            raise ValueError(
                f"{name} is {value!r}, which the clock of {zone} shows never or twice; "
                "write the offset, too, such as '2013-11-03 01:30-04:00'"
            ) from None
    return moment


def _plain(value: Any) -> Any:
    """Give a number of numpy as one of Python, and the rest as it is."""
    number = isinstance(value, np.number) and not isinstance(value, np.timedelta64)
    return value.item() if number else value


def _by_calendar(length: Any) -> Any:
    """Count whole days by the clock on the wall, 23 or 25 hours some of them."""
    if isinstance(length, pd.Timedelta) and length == pd.Timedelta(days=length.days):
        return pd.DateOffset(days=length.days)
    return length


def _number(value: Any, times: pd.Series, name: str) -> Any:
    if value_kind(times) == "length of time":
        return as_length(value, times, name)
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or np.isnan(value):
        raise TypeError(f"{name} is {value!r}, the times are numbers; pass a number")
    return value


def _refuse_empty(
    times: pd.Series,
    before: npt.NDArray[np.bool_],
    later: npt.NDArray[np.intp],
    end: Any,
    start: Any,
) -> None:
    """Say which part has no row, and where the times lie."""
    span = f"the times lie between {times.min()} and {times.max()}"
    if not before.any():
        raise ValueError(f"no row is before train_until ({end}); {span}")
    if not len(later):
        after = (
            f"at or after train_until ({end})" if start == end else f"from {start} on"
        )
        raise ValueError(
            f"no row is {after}, so nothing is left for validation and test; {span}"
        )


def _validation_rows(
    validation: Any,
    given: pd.Series,
    times: pd.Series,
    later: npt.NDArray[np.intp],
    start: Any,
    random_state: RandomState,
) -> npt.NDArray[np.intp]:
    """Give the positions of the rows that validate, in order."""
    if isinstance(validation, bool) or validation is None:
        raise TypeError(f"validation is {validation!r}; pass a share in [0, 1)")
    validation = _plain(validation)
    share = isinstance(validation, int | float)
    if not share or (validation >= 1 and value_kind(times) == "number"):
        until = _moment(validation, given, times, start, "validation")
        chosen: npt.NDArray[np.intp] = later[(times.iloc[later] < until).to_numpy()]
        if not len(chosen):
            raise ValueError(
                f"no row is between {start} and the end of validation ({until}); pass "
                "a later moment, or 0 for no validation"
            )
        return chosen
    if not 0 <= validation < 1:
        raise ValueError(
            f"validation is {validation!r}; pass a share in [0, 1), or a moment"
        )
    n = int(np.ceil(validation * len(later) - 1e-9))
    rng = as_generator(random_state)
    drawn: npt.NDArray[np.intp] = rng.choice(later, n, replace=False, shuffle=False)
    return np.sort(drawn)
