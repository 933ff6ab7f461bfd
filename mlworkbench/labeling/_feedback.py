"""Labels that arrive by themselves, late: what the length of the wait costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    check_binary,
    check_same_index,
    check_same_length,
)

__all__ = ["FeedbackWindows", "feedback_window"]

IntArray = npt.NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max
_FEW = 100


@dataclass(frozen=True, eq=False, repr=False)
class FeedbackWindows(Report):
    """What `feedback_window` measured, one row per window length.

    - window: its length
    - labelled: share of all rows whose window had closed when the observation
      ended, so that they have a label
    - answered: share of the labelled rows whose feedback came within the window
    - positives, negatives: labels given; silence is taken for a negative
    - turned: negatives that were seen to turn positive after the window
    - turned_share: share of the negatives that turn positive sooner or later,
      corrected for rows that were not followed to the end
    - reported_rate: positives among the labelled rows
    - missed: share of the true positives that the window does not see
    - mean_wait: from serving a row to having its label, on average: until the
      feedback, or else until the window closes.

    Parameters
    ----------
    frame : pandas.DataFrame
        The windows, shortest first. Lengths of time are Timedeltas, exact to the
        nanosecond; shown, they are rounded and have a unit, as "7.4 hours".
    rows : int
        Rows served.
    true_rate, true_rate_error : float
        Share of positives when nobody hurries, and its standard error,
        corrected for rows that were not followed to the end.
    followed : str
        The longest time that a row was followed; what comes later is not known.
    median_delay : str
        Half of the positive feedback that will ever come is there by then.
    notes : tuple of str
        What to doubt.
    """

    rows: int
    true_rate: float
    true_rate_error: float
    followed: str
    median_delay: str

    title: ClassVar[str] = "What the feedback window costs"
    decimals: ClassVar[int] = 4

    def _shown(self) -> pd.DataFrame:
        table = super()._shown()
        for name in ("window", "mean_wait"):
            lengths = [
                "" if pd.isna(length) else _text(int(length.value))
                for length in self.frame[name]
            ]
            table[name] = pd.Series(lengths, index=table.index, dtype=object)
        return table

    def plot(self, ax: Any = None) -> Any:
        """Draw the reported rate against the window, beside the true rate.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        unit, name = _unit(self.frame["window"].max())
        x = self.frame["window"].dt.total_seconds() / unit.total_seconds()
        ax.plot(x, self.frame["reported_rate"], "o-", color="#0b5394", label="reported")
        ax.axhline(self.true_rate, color="0.3", linestyle="--", label="true")
        ax.set_ylim(bottom=0)
        ax.set_xlabel(f"length of the window ({name})")
        ax.set_ylabel("share of positives")
        first = self.frame.iloc[0]
        if np.isfinite(first["missed"]):
            shown = _text(int(first["window"].value))
            lost = f"{first['missed']:.0%}"
            ax.set_title(f"A window of {shown} misses {lost} of the positives")
        ax.legend(loc="best")
        return ax


def feedback_window(
    served_at: Any,
    feedback_at: Any,
    windows: Any,
    *,
    outcome: Any = None,
    observed_until: Any = None,
) -> FeedbackWindows:
    """Measure what each length of waiting for feedback does to the labels.

    A row is served (a prediction, an offer), and feedback may come later. After
    the window a row without feedback is called negative; some of these turn
    positive after all.

    Parameters
    ----------
    served_at : array-like of shape (n,), datetimes
        When each row was served.
    feedback_at : array-like of shape (n,), datetimes
        When its feedback came; missing (NaT) where none has come.
    windows : timedelta, string such as "6h" or "2D", or list of them
        Lengths of waiting to compare.
    outcome : array-like of shape (n,), bool or 0 and 1, optional
        What the feedback says (it may say no); its value is not looked at where
        there is no feedback. By default feedback is the positive itself, such
        as a click.
    observed_until : datetime, optional
        End of the observation: the latest time in the data by default. Feedback
        after it is not known yet, so the same data can be looked at as of an
        earlier day. Give it when the log ends later than its last event.

    Returns
    -------
    report : FeedbackWindows
        One row per window.

    Raises
    ------
    TypeError
        When times are no datetimes, or some have a time zone and others not.
    ValueError
        When a time of serving is missing, feedback comes before serving, a row
        is served after the observation ended, or a window is not positive.

    Notes
    -----
    Rows served shortly before the end were not followed long: what share of
    them turns positive is not known yet. The true rate is therefore the
    cumulative incidence of a positive (Aalen and Johansen; without `outcome`, 1
    minus Kaplan and Meier's survival), in which a row counts for as long as it
    was followed. It assumes that rows served late behave like those served
    early, and it knows nothing of feedback later than `followed`.

    `reported_rate` is over rows whose window has closed. Rows that are still
    open and already positive are left out on purpose: positives show
    themselves sooner than negatives, so counting them would bias the rate up.
    Times without a zone are off by an hour across a change of clocks; pass
    times with a zone. Time is O(n log n).

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier (1958), Nonparametric estimation from
       incomplete observations, JASA 53(282).
    .. [2] O. O. Aalen and S. Johansen (1978), An empirical transition matrix for
       non-homogeneous Markov chains, Scandinavian Journal of Statistics 5(3).
    .. [3] S. I. Ktena et al. (2019), Addressing delayed feedback for continuous
       training with neural networks in CTR prediction, RecSys.

    *Used in:* ``ch04_training_data/08_labels_that_arrive_late``.

    Examples
    --------
    >>> import pandas as pd
    >>> served = pd.Series(pd.Timestamp("2026-03-01 12:00"), index=range(5))
    >>> wait = pd.to_timedelta(pd.Series(["5min", "50min", "3h", None, None]))
    >>> report = feedback_window(
    ...     served, served + wait, ["10min", "1h"], observed_until="2026-03-02"
    ... )
    >>> report.frame[["window", "positives", "turned", "reported_rate", "missed"]]
               window  positives  turned  reported_rate    missed
    0 0 days 00:10:00          1       2            0.2  0.666667
    1 0 days 01:00:00          2       1            0.4  0.333333
    >>> round(report.true_rate, 3)
    0.6
    """
    check_same_length(served_at=served_at, feedback_at=feedback_at, outcome=outcome)
    check_same_index(served_at=served_at, feedback_at=feedback_at, outcome=outcome)
    lengths = _windows(windows)
    served, answer, end = _times(served_at, feedback_at, observed_until)
    positive = _outcomes(outcome, answer)
    answered = answer <= end
    follow = end - served
    delay = np.where(answered, answer - served, _NEVER)
    curve = _Incidence(
        np.minimum(delay, follow), answered & positive, answered & ~positive
    )
    true_rate = float(curve.at(np.array([_NEVER]))[0])
    rows = [
        _row(length, delay, follow, positive, curve, true_rate) for length in lengths
    ]
    frame = pd.DataFrame(rows).astype({"mean_wait": "timedelta64[ns]"})
    unseen = int(((answer > end) & (answer != _NEVER)).sum())
    return FeedbackWindows(
        frame,
        rows=len(served),
        true_rate=true_rate,
        true_rate_error=curve.error,
        followed=_text(int(follow.max())),
        median_delay=_text(curve.median()),
        notes=_doubts(unseen, curve.at_risk_last, len(served), frame),
    )


def _doubts(
    unseen: int, at_risk: int, n_rows: int, frame: pd.DataFrame
) -> tuple[str, ...]:
    """Say what is not known yet, and what rests on few rows."""
    notes = []
    if unseen:
        notes.append(
            f"feedback of {unseen} row(s) came after the observation ended "
            "and is not known yet"
        )
    if at_risk < _FEW and n_rows > _FEW:
        notes.append(
            f"the last positive was seen when only {at_risk} row(s) were "
            "still followed: the end of the curve, and with it true_rate, is uncertain"
        )
    without = int((frame["labelled"] == 0).sum())
    if without:
        notes.append(
            f"{without} window(s) are longer than any row was followed: no row has "
            "a label under them"
        )
    return tuple(notes)


def _windows(windows: Any) -> list[pd.Timedelta]:
    many = windows if isinstance(windows, list | tuple) else None
    if many is None:
        array_like = hasattr(windows, "__len__") and not isinstance(windows, str)
        many = list(windows) if array_like else [windows]
    lengths = []
    for window in many:
        if isinstance(window, int | float | np.number):
            raise TypeError(
                f"window {window!r} has no unit; pass a string such as '6h'"
            )
        try:
            length = pd.Timedelta(window)
        except (TypeError, ValueError):
            raise ValueError(
                f"window {window!r} is no length of time; pass a Timedelta or a string "
                "such as '30min', '6h' or '2D'"
            ) from None
        if pd.isna(length) or length <= pd.Timedelta(0):
            raise ValueError(f"window {window!r} is not positive; pass a longer one")
        lengths.append(length.as_unit("ns"))
    if not lengths:
        raise ValueError("windows is empty; pass at least one length of time")
    return sorted(set(lengths))


def _datetimes(values: Any, name: str) -> pd.Series:
    """Give times as a Series of datetimes, with or without a zone."""
    series = pd.Series(values)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return series.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(series.dtype) and series.notna().any():
        raise TypeError(
            f"{name} is {series.dtype}; pass datetimes, e.g. "
            "pd.to_datetime(seconds, unit='s', utc=True)"
        )
    try:
        return pd.Series(pd.to_datetime(series)).reset_index(drop=True)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is not made of times of one kind ({error}); pass datetimes, e.g. "
            "pd.to_datetime(values, utc=True)"
        ) from None


def _times(
    served_at: Any, feedback_at: Any, observed_until: Any
) -> tuple[IntArray, IntArray, int]:
    """Give serving, feedback (`_NEVER` for none) and end as nanoseconds."""
    served = _datetimes(served_at, "served_at")
    answer = _datetimes(feedback_at, "feedback_at")
    if not len(served):
        raise ValueError("served_at is empty; pass at least one row")
    if served.isna().any():
        row = int(served.isna().to_numpy().argmax())
        raise ValueError(
            f"served_at is missing in {int(served.isna().sum())} row(s) (first at row "
            f"{row}); drop rows that were not served"
        )
    if not answer.notna().any():
        answer = pd.Series(pd.NaT, index=served.index, dtype=served.dtype)
    end = None if observed_until is None else pd.Timestamp(observed_until)
    zones = {
        "served_at": served.dt.tz is not None,
        "feedback_at": answer.dt.tz is not None,
    } | ({} if end is None else {"observed_until": end.tz is not None})
    if len(set(zones.values())) > 1:
        with_zone = " and ".join(name for name, has in zones.items() if has)
        without = " and ".join(name for name, has in zones.items() if not has)
        raise TypeError(
            f"{with_zone} with a time zone, {without} without; give all of them one, "
            "e.g. times.dt.tz_localize('America/New_York')"
        )
    begin, reply = _nanoseconds(served), _nanoseconds(answer)
    if end is None:
        known = reply[reply != _NEVER]
        stop = max(int(begin.max()), int(known.max(initial=begin.max())))
    else:
        stop = int(end.as_unit("ns").value)
    _check_order(begin, reply, stop)
    return begin, reply, stop


def _nanoseconds(times: pd.Series) -> IntArray:
    values = times.dt.as_unit("ns")
    if values.dt.tz is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    plain = values.to_numpy(dtype="datetime64[ns]").astype(np.int64)
    return np.asarray(np.where(times.isna().to_numpy(), _NEVER, plain))


def _check_order(begin: IntArray, reply: IntArray, stop: int) -> None:
    early = reply < begin
    if early.any():
        row = int(early.argmax())
        raise ValueError(
            f"feedback comes before serving in {int(early.sum())} row(s) (first at row "
            f"{row}, by {_text(int(begin[row] - reply[row]))}); check the clocks, or "
            "drop those rows"
        )
    late = begin > stop
    if late.any():
        raise ValueError(
            f"{int(late.sum())} row(s) are served after observed_until (first at row "
            f"{int(late.argmax())}); drop them, they were not observed at all"
        )


def _outcomes(outcome: Any, answer: IntArray) -> npt.NDArray[np.bool_]:
    """Say which feedback is positive; False where there is none."""
    came = np.asarray(answer != _NEVER)
    if outcome is None:
        return came
    values = pd.Series(outcome).reset_index(drop=True)
    positive = np.zeros(len(came), dtype=np.bool_)
    if set(pd.unique(values[came])) - {0, 1}:
        raise ValueError(
            "outcome has values that are neither yes nor no where there is feedback; "
            "pass booleans, or 0 and 1"
        )
    positive[came] = check_binary(values[came].to_numpy(), "outcome")
    return positive


class _Incidence:
    """Share of rows turned positive by each delay, other rows followed so far.

    With n_i rows at risk just before time t_i, d_i answered then and p_i of these
    positive: S_i = Π (1 - d_i / n_i), F_i = Σ S_(i-1) p_i / n_i.
    """

    def __init__(self, time: IntArray, positive: Any, negative: Any) -> None:
        self.times, at = np.unique(time, return_inverse=True)
        size = len(self.times)
        leaving = np.bincount(at, minlength=size)
        p = np.bincount(at, weights=positive, minlength=size)
        d = p + np.bincount(at, weights=negative, minlength=size)
        n = leaving[::-1].cumsum()[::-1].astype(np.float64)
        survival = np.cumprod(1 - d / n)
        before = np.r_[1.0, survival[:-1]]
        self.share = np.cumsum(before * p / n)
        some = np.flatnonzero(p)
        self.at_risk_last = int(n[some[-1]]) if len(some) else len(time)
        # The delta method (Marubini and Valsecchi 1995, section 10.3).
        rest = self.share[-1] - self.share
        gone = np.divide(d, n * (n - d), out=np.zeros(size), where=n > d)
        variance = (
            np.square(rest) * gone
            + np.square(before) * p * (n - p) / n**3
            - 2 * rest * before * p / np.square(n)
        )
        self.error = float(np.sqrt(max(float(variance.sum()), 0.0)))

    def at(self, delay: Any) -> FloatArray:
        """Give the share turned positive by each delay."""
        place = np.searchsorted(self.times, delay, side="right")
        return np.asarray(np.r_[0.0, self.share][place])

    def median(self) -> int:
        """Give the delay by which half of all positives have come."""
        if not self.share[-1]:
            return _NEVER
        half = self.share[-1] / 2 * (1 - 1e-12)
        return int(self.times[int(np.searchsorted(self.share, half))])


def _row(
    window: pd.Timedelta,
    delay: IntArray,
    follow: IntArray,
    positive: npt.NDArray[np.bool_],
    curve: _Incidence,
    true_rate: float,
) -> dict[str, Any]:
    length = int(window.value)
    closed = follow >= length
    labelled = int(closed.sum())
    inside = closed & (delay <= length)
    positives = int((inside & positive).sum())
    turned = closed & (delay > length) & (delay != _NEVER) & positive
    share = float(curve.at(length))
    nothing = float("nan")
    wait = np.minimum(delay[closed], length).mean() if labelled else None
    return {
        "window": window,
        "labelled": labelled / len(delay),
        "answered": float(inside.sum() / labelled) if labelled else nothing,
        "positives": positives,
        "negatives": labelled - positives,
        "turned": int(turned.sum()),
        "turned_share": (
            (true_rate - share) / (1 - share) if labelled and share < 1 else nothing
        ),
        "reported_rate": positives / labelled if labelled else nothing,
        "missed": 1 - share / true_rate if labelled and true_rate else nothing,
        "mean_wait": np.timedelta64("NaT" if wait is None else round(wait), "ns"),
    }


def _unit(length: pd.Timedelta) -> tuple[pd.Timedelta, str]:
    """Give the unit in which a length is easiest to read."""
    for name, unit in (("days", "1D"), ("hours", "1h"), ("minutes", "1min")):
        if length >= 2 * pd.Timedelta(unit):
            return pd.Timedelta(unit), name
    return pd.Timedelta("1s"), "seconds"


def _text(nanoseconds: int) -> str:
    if nanoseconds == _NEVER:
        return "never"
    unit, name = _unit(pd.Timedelta(nanoseconds, unit="ns"))
    return f"{nanoseconds / unit.value:.3g} {name}"
