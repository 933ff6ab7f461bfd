"""A test set that is no sample of what it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._coverage import Coverage, compare_coverage, value_kind
from mlworkbench._validation import as_frame, check_columns
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._times import as_times, check_same_kind

__all__ = ["check_coverage"]

_FAR = 0.2  # distance of two distributions from which on it is worth a word
_FILLED = 0.1  # change of the share of filled rows, likewise
_CHANCE = 0.001  # of a distance beyond its bound, over all columns together
_AS_TIME = 1.5  # times what time changed inside train
_BINS = 20
_DEALS, _MANY_CELLS = 200, 2_000_000  # deals of groups; groups × levels at most
_FEW = 30  # rows in a half of train, below which its drift says nothing


class _Change(NamedTuple):
    """How much a column changed, beside what chance and time would do."""

    column: Any
    filled: tuple[float, float]
    filled_change: float
    distance: float
    allowed: float
    by_time: float
    by_time_filled: float


def check_coverage(
    train: Any,
    test: Any,
    *,
    columns: Iterable[Any] | None = None,
    target: Any = None,
    time: Any = None,
    groups: Any = None,
) -> LeakageReport:
    """Ask whether test is a sample of what train was drawn from.

    A feature filled in 90 % of train and 20 % of test, or a test set of easy
    cases only, makes the score an answer to another question.

    Parameters
    ----------
    train, test : DataFrame or Table of shape (n, p) and (m, q)
        The two sides.
    columns : iterable of labels, optional
        Columns to compare; by default all that both have.
    target : column label, optional
        The target: training may be balanced on purpose, test may not.
    time : column label, optional
        The moment of every row, when test is later than train (or earlier, a
        fault that `check_time` names): changes no larger than those inside
        train are then put down to time.
    groups : column label, optional
        The group of every row, when groups were kept together: chance is then
        that of so many groups, not rows.

    Returns
    -------
    report : LeakageReport
        Findings of the kind "sampling bias": a warning where the change is
        larger than chance and time explain, a note where time explains it.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When a side has no rows, or there is no column to compare.

    Notes
    -----
    Categories are compared by total variation, measured values by the
    Kolmogorov-Smirnov distance. A column is named from a distance of 0.2, or a
    change of 0.1 in the share of filled rows, on, if that is also beyond the
    mean by chance plus √(ln(p/.001)/2 · (1/n + 1/m)), McDiarmid's bound over p
    columns; for measured values beyond √(ln(2p/.001)/2 · (1/n + 1/m)) alone,
    Smirnov's. With groups, 200 deals of the groups to the sides show how far
    chance gets, where that is less: the largest, or the mean and 5 standard
    deviations. What time explains is at most 1.5 times the distance between the
    earliest and the latest part of train, the one next to test as large a share
    of train as test is of both. Evidence, not proof: a biased sample can look
    like a change of season, and a small bias hides in chance. O(p · n log n).

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).
    .. [2] C. McDiarmid (1989), On the method of bounded differences, Surveys in
       Combinatorics.
    .. [3] N. Smirnov (1948), Table for estimating the goodness of fit of
       empirical distributions, Annals of Mathematical Statistics 19(2).

    Examples
    --------
    >>> import pandas as pd
    >>> train = pd.DataFrame({"age": [40, 50, 60] * 60 + [None] * 20})
    >>> test = pd.DataFrame({"age": [40, 50, 60] * 7 + [None] * 84})
    >>> report = check_coverage(train, test)
    >>> report.frame[["severity", "kind", "what", "n_rows"]]
      severity           kind        what  n_rows
    0  warning  sampling bias  filled: age      84
    >>> report.frame["evidence"][0]
    'filled in 90 % of train and 20 % of test'
    """
    before, after = as_frame(train, "train"), as_frame(test, "test")
    for side, name in ((before, "train"), (after, "test")):
        if not len(side):
            raise ValueError(f"{name} has no rows; there is nothing to compare")
    chosen = [c for c in before.columns if c in after.columns]
    if columns is not None:
        chosen = check_columns(before, columns, "train")
        check_columns(after, chosen, "test")
    if not chosen:
        raise ValueError("train and test have no column in common; compare their names")
    halves = _ends_of_train(before, after, time)
    sizes = _sizes(before, after, groups)
    dealt = _groups_of_rows(before, after, groups)
    findings, notes = [], []
    skipped = {time, *_labels(groups)}
    for column in (c for c in chosen if c not in skipped):
        try:
            change = _compare(before, after, column, halves, sizes, len(chosen))
            if dealt and _FAR < change.distance <= change.allowed:
                allowed = _dealt_by_group(before[column], after[column], dealt)
                change = change._replace(allowed=min(change.allowed, allowed))
        except TypeError as error:
            kinds = value_kind(before[column]), value_kind(after[column])
            severity = "warning" if kinds[0] != kinds[1] else "note"
            findings.append(_type_finding(column, str(error), len(after), severity))
            continue
        findings += _judge(change, before, after, is_target=column == target)
    if halves is not None:
        notes.append("changes that time brought inside train too are notes")
    return make_report(findings, notes=notes)


def _labels(groups: Any) -> list[Any]:
    if groups is None:
        return []
    return list(groups) if isinstance(groups, list) else [groups]


def _sizes(train: pd.DataFrame, test: pd.DataFrame, groups: Any) -> tuple[float, float]:
    """Count what was dealt to the sides: rows, or groups of rows."""
    labels = _labels(groups)
    if not labels:
        return len(train), len(test)
    for side, name in ((train, "train"), (test, "test")):
        check_columns(side, labels, name)
    dealt = [min(side[c].nunique() for c in labels) for side in (train, test)]
    return max(1, dealt[0]), max(1, dealt[1])


def _ends_of_train(
    train: pd.DataFrame, test: pd.DataFrame, time: Any
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None:
    """Give the earlier and the latest rows of train, for what time changes."""
    if time is None:
        return None
    check_columns(train, [time], "train")
    check_columns(test, [time], "test")
    one, two = as_times(train[time], "time in train"), as_times(test[time], "test")
    check_same_kind(one, two, ("the time in train", "the time in test"))
    after = bool(two.median() >= one.quantile(0.9))
    if not after and not two.median() <= one.quantile(0.1):
        return None  # not a split in time: time explains no difference
    known = one.reset_index(drop=True).dropna()
    order = known.sort_values(kind="stable").index.to_numpy()
    order = order if after else order[::-1]
    late = round(len(order) * min(0.5, len(test) / (len(train) + len(test))))
    return (order[:-late], order[-late:]) if late >= _FEW else None


def _compare(
    train: pd.DataFrame,
    test: pd.DataFrame,
    column: Any,
    halves: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None,
    sizes: tuple[float, float],
    n_columns: int,
) -> _Change:
    """Measure how much a column changed from train to test."""
    cover = compare_coverage(train[column], test[column])
    slack = np.log(max(n_columns, 1) / _CHANCE) / 2 * (1 / sizes[0] + 1 / sizes[1])
    filled = cover.train_coverage, cover.new_coverage
    by_time = by_time_filled = 0.0
    far = abs(filled[0] - filled[1]) > _FILLED or cover.distance > _FAR
    if halves is not None and far:
        early, late = (train[column].iloc[rows] for rows in halves)
        inside = compare_coverage(early, late, discrete=cover.discrete)
        by_time = float(np.nan_to_num(inside.distance))
        by_time_filled = abs(inside.train_coverage - inside.new_coverage)
    share = max(min(filled), 1e-9)  # only filled rows have a distribution
    bound = float(np.sqrt(slack))
    return _Change(
        column,
        filled,
        _beyond(abs(filled[0] - filled[1]), max(_FILLED, bound)),
        _beyond(cover.distance, _FAR),
        _allowed(cover, sizes, bound / float(np.sqrt(share)), n_columns),
        by_time,
        by_time_filled,
    )


def _beyond(size: float, limit: float) -> float:
    return size if size > limit else 0.0


def _allowed(
    cover: Coverage, sizes: tuple[float, float], bound: float, n_columns: int
) -> float:
    """Give the distance that chance does not exceed, but for one time in 1,000."""
    groups = np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / sizes[0] + 1 / sizes[1])
    few = cover.n_train > sizes[0] or cover.n_new > sizes[1]
    if not cover.discrete and not few and min(cover.n_train, cover.n_new) > 0:
        spread = (1 / cover.n_train + 1 / cover.n_new) / 2
        return float(np.sqrt(np.log(2 * max(n_columns, 1) / _CHANCE) * spread))
    chance = float(np.nan_to_num(cover.distance_by_chance))
    return bound + (max(chance, float(groups)) if few else chance)


def _groups_of_rows(
    train: pd.DataFrame, test: pd.DataFrame, groups: Any
) -> tuple[npt.NDArray[np.intp], int] | None:
    """Give every row the number of its group, and how many train has."""
    labels = _labels(groups)
    if not labels:
        return None
    label = min(labels, key=lambda c: train[c].nunique())
    sides = [pd.factorize(side[label])[0] for side in (train, test)]
    n = int(sides[0].max(initial=-1)) + 1
    later = np.where(sides[1] < 0, -1, sides[1] + n)
    return np.concatenate([sides[0], later]).astype(np.intp), n


def _dealt_by_group(
    train: pd.Series, test: pd.Series, dealt: tuple[npt.NDArray[np.intp], int]
) -> float:
    """Give the largest distance when the groups are dealt to the sides by chance."""
    group, n_train = dealt
    values = pd.concat([train, test], ignore_index=True)
    if value_kind(values) == "number" and values.nunique() > _BINS:
        values = pd.qcut(values.astype(float).rank(), _BINS, labels=False)
    level = pd.factorize(values)[0]
    known = (group >= 0) & (level >= 0)
    n, k = int(group.max(initial=-1)) + 1, int(level.max(initial=-1)) + 1
    if not 2 <= n_train < n or n * k > _MANY_CELLS:
        return float("inf")
    cell = np.bincount(group[known] * k + level[known], minlength=n * k)
    counts = cell.reshape(n, k).astype(np.float64)
    rng = np.random.default_rng(0)
    order = np.argsort(rng.random((_DEALS, n)), axis=1)
    inside = (order < n_train).astype(np.float64) @ counts
    outside = counts.sum(axis=0) - inside
    shares = [
        side / np.maximum(side.sum(axis=1), 1)[:, None] for side in (inside, outside)
    ]
    distance = np.abs(shares[0] - shares[1]).sum(axis=1) / 2
    return float(max(distance.max(), distance.mean() + 5 * distance.std()))


def _judge(
    change: _Change, train: pd.DataFrame, test: pd.DataFrame, *, is_target: bool
) -> list[Finding]:
    """Turn a change into findings."""
    findings = []
    column = change.column
    if change.filled_change:
        severity = _severity(change.filled_change, change.by_time_filled)
        words = "filled in {} of train and {} of test".format(
            *(_percent(share) for share in change.filled)
        )
        n = int(test[column].isna().sum())
        advice = f"Find out why {column} is filled so differently; do not rely on it."
        share = n / len(test)
        what = f"filled: {column}"
        findings.append(
            Finding("sampling bias", severity, what, n, share, words, advice)
        )
    if change.distance > max(_FAR, change.allowed):
        severity = _severity(change.distance, change.by_time)
        if is_target and _balanced_train(train[column], test[column]):
            severity = "note"
        what = f"other values: {column}"
        advice = (
            f"Find out how the rows of test were chosen: {column} has other shares in "
            "test than in train."
        )
        if change.by_time and severity == "note":
            advice = f"{column} changes with time: expect its effect to change too."
        rows = round(change.distance * int(test[column].notna().sum()))
        evidence = _shares(train[column], test[column])
        findings.append(
            Finding(
                "sampling bias",
                severity,
                what,
                rows,
                rows / len(test),
                evidence,
                advice,
            )
        )
    return findings


def _severity(size: float, by_time: float) -> str:
    return "note" if size <= _AS_TIME * by_time else "warning"


def _balanced_train(train: pd.Series, test: pd.Series) -> bool:
    """Say whether train holds more of the rare classes than test: by design."""
    if value_kind(test) == "nothing" or test.nunique() > _BINS:
        return False
    before = train.value_counts(normalize=True)
    after = test.value_counts(normalize=True).reindex(before.index, fill_value=0.0)
    return bool(np.square(before).sum() < np.square(after).sum()) and bool(
        (after > 0).all()
    )


def _shares(train: pd.Series, test: pd.Series) -> pd.DataFrame | str:
    """Give the shares of the values that changed most."""
    one, two = train.dropna(), test.dropna()
    if value_kind(one) == "number" and one.nunique() > _BINS:
        one, two = one.astype(float), two.astype(float)
        inner = np.unique(np.nanquantile(one, np.linspace(0, 1, 6)[1:-1]))
        edges = [-np.inf, *inner.tolist(), np.inf]
        one, two = pd.cut(one, edges), pd.cut(two, edges)
    elif value_kind(one) not in ("number", "text"):
        return _first_and_last(one, two)
    shares = pd.DataFrame(
        {
            "train_share": one.value_counts(normalize=True, sort=False),
            "test_share": two.value_counts(normalize=True, sort=False),
        }
    ).fillna(0.0)
    change = (shares["test_share"] - shares["train_share"]).abs()
    order = change.sort_values(ascending=False, kind="stable").index[:5]
    return shares.loc[order].rename_axis("value").reset_index()


def _first_and_last(train: pd.Series, test: pd.Series) -> pd.DataFrame | str:
    """Give the ends of what is measured."""
    try:
        rows = [(side.min(), side.max()) for side in (train, test)]
    except TypeError as error:  # some with a time zone, some without
        return str(error)
    sides = pd.Index(["train", "test"], name="side")
    return pd.DataFrame(rows, sides, ["first", "last"]).reset_index()


def _type_finding(column: Any, problem: str, n: int, severity: str) -> Finding:
    """Name a column that cannot be compared: other types, or no plain values."""
    advice = f"Convert {column} to one type before the split."
    what = f"other type: {column}"
    if severity == "note":
        advice, what = f"Turn {column} into plain values.", f"not compared: {column}"
    return Finding("sampling bias", severity, what, n, 1.0, problem, advice)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
