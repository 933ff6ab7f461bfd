"""Training that knows the future: of the test rows, or of its own features."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import as_frame, check_columns
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._times import (
    as_length,
    as_times,
    check_same_kind,
    take_column,
)

__all__ = ["check_time"]

_SHOWN = 5  # rows given as evidence
_SOME_ROWS = 0.01  # from this share of rows on a late stamp is no slip of a clock


def check_time(
    train: Any,
    test: Any,
    time: Any = None,
    *,
    gap: Any = None,
    available_at: Mapping[Any, Any] | None = None,
    prediction_time: Any = None,
) -> LeakageReport:
    """Ask whether training knew what was still to come.

    Two questions: does a row of test lie before the last row of train, and is
    a feature known only after the moment of the prediction.

    Parameters
    ----------
    train, test : DataFrames, or array-likes of shape (n,) and (m,)
        The tables; without `time`, the moment of every row.
    time : column label, optional
        The column with the moment of every row: datetimes, ISO 8601 text, or
        numbers that grow with time.
    gap : length of time, optional
        How long after the last row of train test may begin, such as "7D"; a
        number where the times are numbers.
    available_at : dict of column label to column label or length, optional
        When a feature is known: in which column that is written, or how long
        after the prediction. Whole numbers such as 1435 beside a datetime are
        taken as clock times of the same day.
    prediction_time : column label or moment, optional
        When the model is asked; `time` by default.

    Returns
    -------
    report : LeakageReport
        Rows of test that are not later than training: the kind "temporal";
        features stamped after the prediction: "illegitimate feature".

    Raises
    ------
    KeyError
        When a column is not there.
    TypeError
        When times of different types would have to be compared.
    ValueError
        When only one side has time zones, or a side has no time at all.

    Notes
    -----
    Only what is strictly earlier is a leak; the same moment on both sides is a
    note. One straggler in train makes all of test too early, so the evidence
    counts, for the earliest rows of test, the rows of train after them. A late
    stamp is a leak from 1 % of the rows that have the feature, a warning below:
    clocks err. A clock time past midnight reads as early, so its count is a
    lower limit. Zones are compared as instants. O((n + m) log n).

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    *Used in:* ``ch05_features/09_audit_a_split``.

    Examples
    --------
    >>> import pandas as pd
    >>> train = pd.DataFrame({"day": ["2024-01-01", "2024-01-02", "2024-01-05"]})
    >>> test = pd.DataFrame({"day": ["2024-01-03", "2024-01-06"]})
    >>> report = check_time(train, test, "day", gap="2D")
    >>> report.frame[["severity", "what", "n_rows"]]
      severity                     what  n_rows
    0     leak  test rows before train's end       1
    1     leak  test rows inside the gap       1
    """
    if time is None and prediction_time is None and available_at is not None:
        raise ValueError("available_at needs `time` or `prediction_time` to compare to")
    if available_at is not None and not isinstance(available_at, Mapping):
        raise TypeError(
            f"available_at is a {type(available_at).__name__}; pass a dict of feature "
            "to the column or the length that says when it is known, such as "
            "{'dep_delay': 'dep_time'}"
        )
    findings: list[Finding] = []
    notes = []
    if time is not None or available_at is None:
        one, two = _both(train, test, time)
        findings += _order(one, two, gap)
        if time is not None and _zones(train, test, time):
            notes.append(f"{time!r} has two time zones; compared as instants")
    if available_at is not None:
        when = time if prediction_time is None else prediction_time
        findings += _stamps(
            _stacked(train, test, available_at, when), available_at, when
        )
    if available_at is None:
        notes.append("when each feature is known was not asked (available_at)")
    return make_report(findings, notes=notes)


def _both(train: Any, test: Any, time: Any) -> tuple[pd.Series, pd.Series]:
    """Read the times of both sides."""
    sides = []
    for data, name in ((train, "train"), (test, "test")):
        if time is None:
            values, label = pd.Series(data), f"time in {name}"
        else:
            frame = as_frame(data, name)
            check_columns(frame, [time], name)
            values, label = frame[time], f"{time!r} in {name}"
        if not len(values):
            raise ValueError(f"{name} has no rows; pass the times of both sides")
        sides.append(as_times(values, label))
    check_same_kind(sides[0], sides[1], ("the time in train", "the time in test"))
    return sides[0], sides[1]


def _zones(train: Any, test: Any, time: Any) -> bool:
    dtypes = [as_frame(side)[time].dtype for side in (train, test)]
    zones = {str(getattr(dtype, "tz", None)) for dtype in dtypes}
    return len(zones - {"None"}) > 1


def _order(train: pd.Series, test: pd.Series, gap: Any) -> list[Finding]:
    """Compare the rows of test with the last row of train."""
    last, n = train.max(), len(test)
    early, same = (test < last).to_numpy(bool), (test == last).to_numpy(bool)
    findings = []
    if early.any():
        later = _rows_after(train, test[early])
        findings.append(
            _finding(
                "leak",
                "test rows before train's end",
                early,
                later,
                f"Train ends at {last}, test begins at {test.min()}: train on the past "
                "and test on what follows (temporal_split).",
            )
        )
    if same.any():
        rows = pd.DataFrame({"test_time": test[same].head(_SHOWN)})
        advice = "Split between two moments, so that one moment is on one side."
        findings.append(
            _finding("note", "one moment on both sides", same, rows, advice)
        )
    if gap is not None:
        # From the last row on: nothing at a distance shorter than the gap.
        until = last + as_length(gap, train, "gap")
        inside = (test < until).to_numpy(bool) & ~early
        rows = pd.DataFrame({"test_time": test[inside].sort_values().head(_SHOWN)})
        advice = f"Begin test at {until} or later, {gap} after the last row of train."
        if inside.any():
            what = "test rows inside the gap"
            findings.append(_finding("leak", what, inside, rows, advice))
    missing = train.isna().to_numpy().sum(), test.isna().to_numpy()
    if missing[0] or missing[1].any():
        words = f"{missing[0]} row(s) of train, {missing[1].sum()} of test"
        advice = "Find out when these rows are from; they were left out."
        total = int(missing[0] + missing[1].sum())
        share = total / (n + len(train))
        findings.append(
            Finding("temporal", "note", "no time", total, share, words, advice)
        )
    return findings


def _finding(
    severity: str, what: str, rows: Any, evidence: Any, advice: str
) -> Finding:
    n, share = int(rows.sum()), float(rows.mean())
    return Finding("temporal", severity, what, n, share, evidence, advice)


def _rows_after(train: pd.Series, early: pd.Series) -> pd.DataFrame:
    """Count the rows of train after each of the earliest rows of test."""
    shown = early.sort_values().head(_SHOWN)
    after = [int((train > moment).sum()) for moment in shown]
    return pd.DataFrame({"test_time": shown, "train_rows_after": after})


def _stamps(
    table: pd.DataFrame, available_at: Mapping[Any, Any], when: Any
) -> list[Finding]:
    """Find the features that are known only after the prediction."""
    constant = not isinstance(when, list) and _is_moment(when, table)
    moments = pd.Series([when] * len(table), table.index) if constant else None
    asked = take_column(table, when, "prediction_time") if moments is None else moments
    prediction = as_times(asked, "prediction_time")
    findings = []
    for feature, stamp in available_at.items():
        delay = _delay(stamp, table, prediction)
        if delay is None:
            known = _stamp_times(table, stamp, asked, prediction)
            late = (known > prediction).to_numpy(bool)
        else:
            known = prediction + delay
            late = np.full(len(table), bool(delay > type(delay)(0)))
        there = table[feature].notna().to_numpy(bool)
        late = late & there
        if late.any():
            zone = getattr(asked.dtype, "tz", None)
            if zone is not None:  # one zone, so that the two can be read together
                known = known.dt.tz_convert(zone)
            columns = {feature: table[feature], "known_at": known, "asked_at": asked}
            rows = pd.DataFrame(columns)[late].head(_SHOWN)
            share = float(late.sum() / there.sum())
            severity = "leak" if share >= _SOME_ROWS else "warning"
            also = f", nor {stamp}" if delay is None and stamp != feature else ""
            advice = f"Do not use {feature}{also}: it is known after the prediction."
            what, n = f"known too late: {feature}", int(late.sum())
            findings.append(
                Finding("illegitimate feature", severity, what, n, share, rows, advice)
            )
    return findings


def _stacked(
    train: Any, test: Any, available_at: Mapping[Any, Any], when: Any
) -> pd.DataFrame:
    """Put the columns that are needed of both sides below each other."""
    sides = as_frame(train, "train"), as_frame(test, "test")
    for side, name in zip(sides, ("train", "test"), strict=True):
        check_columns(side, available_at, name)
    asked = [*available_at, *available_at.values(), when]
    columns = [c for c in sides[0].columns if any(_same(c, label) for label in asked)]
    for side in sides[1:]:
        check_columns(side, columns, "test")
    return pd.concat([side[columns] for side in sides])


def _same(column: Any, label: Any) -> bool:
    return isinstance(label, Hashable) and bool(column == label)


def _is_moment(when: Any, table: pd.DataFrame) -> bool:
    """Say whether the prediction is made at one moment for all rows."""
    if isinstance(when, datetime.date | np.datetime64):
        return True
    if not isinstance(when, str) or when in table.columns:
        return False
    try:
        pd.Timestamp(when)
    except ValueError:
        return False
    return True


def _delay(stamp: Any, table: pd.DataFrame, prediction: pd.Series) -> Any:
    """Take a length of time, where `stamp` is one and no column."""
    if isinstance(stamp, datetime.timedelta | np.timedelta64):
        return pd.Timedelta(stamp)
    if stamp in table.columns:
        return None
    if isinstance(stamp, str):
        try:
            return pd.Timedelta(stamp)
        except ValueError:
            pass
    if isinstance(stamp, int | float) and value_kind(prediction) == "number":
        return stamp
    there = list(table.columns)[:20]
    raise KeyError(
        f"available_at names {stamp!r}, which is no column and no length of time; "
        f"there are {there}"
    )


def _stamp_times(
    table: pd.DataFrame, stamp: Any, asked: pd.Series, prediction: pd.Series
) -> pd.Series:
    """Read when a feature is known, clock times on the day of the prediction."""
    column = table[stamp]
    dates = value_kind(prediction) not in ("number", "length of time")
    if not column.notna().any():
        return pd.Series(pd.NaT if dates else np.nan, table.index)
    if dates and value_kind(column) == "number":
        return _clock_times(column, asked, stamp)
    known = as_times(column, f"{stamp!r}")
    check_same_kind(known, prediction, (f"{stamp!r}", "prediction_time"))
    return known


def _clock_times(column: pd.Series, asked: pd.Series, stamp: Any) -> pd.Series:
    """Turn 1435 into 14:35 of the day on which the prediction is asked."""
    clock = pd.to_numeric(column).astype("float64")
    known = clock.dropna()
    whole = (known == np.floor(known)) & known.between(0, 2400) & (known % 100 < 60)
    if not whole.all():
        wrong = known[~whole].iloc[0]
        raise TypeError(
            f"{stamp!r} holds numbers such as {wrong:g}, prediction_time holds dates; "
            "pass datetimes, or clock times from 0 to 2400"
        )
    local = asked if hasattr(asked, "dt") else as_times(asked, "prediction_time")
    minutes = clock // 100 * 60 + clock % 100
    bare = local.dt.tz_localize(None)
    moment: pd.Series = bare.dt.normalize() + pd.to_timedelta(minutes, unit="min")
    zone = local.dt.tz
    if zone is None:
        return moment
    fixed = moment.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    known_at: pd.Series = fixed.dt.tz_convert("UTC")
    return known_at
