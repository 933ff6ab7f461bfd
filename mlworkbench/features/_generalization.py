"""Ask of every column whether it will still mean the same in new data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd

from mlworkbench._coverage import Coverage, compare_coverage, value_kind
from mlworkbench._report import Verdict
from mlworkbench._validation import as_frame, check_columns
from mlworkbench.features._generalization_words import (
    FAILS,
    GENERALISES,
    PARTLY,
    UNKNOWN,
    Finding,
    Limits,
    judge,
)

__all__ = ["GeneralizationReport", "feature_generalization"]

_COLORS = {
    GENERALISES: "#0b5394",
    PARTLY: "#e69138",
    FAILS: "#990000",
    UNKNOWN: "#999999",
}


class _Compared(NamedTuple):
    column: Any
    finding: Finding
    coverage: Coverage | None


@dataclass(frozen=True, eq=False, repr=False)
class GeneralizationReport(Verdict):
    """What `feature_generalization` found, one row per column.

    - column; verdict: "generalises", "generalises in part", "does not
      generalise" or "cannot tell"; reason: why, in words; flagged: whether
      somebody should look before the model is trusted
    - train_coverage, test_coverage: share of rows with a value
    - train_values, test_values, shared_values: distinct values
    - overlap: share of the distinct values of test that train has too
    - unseen_share: share of the test rows whose value train never had (for a
      measured column: outside its range); unseen_by_chance: the same, on
      average, had the rows been dealt at random
    - distance: how far the two distributions are apart, in [0, 1]; measure:
      "total variation" or "Kolmogorov-Smirnov"; distance_by_chance.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table, in the order of the columns of train; those only in test
        come last.
    n_train, n_test : int
        Rows compared.
    n_flagged : int
        Columns flagged.
    flagged : tuple
        Their names.
    notes : tuple of str
        What the reader should know before believing the verdicts.
    """

    n_train: int
    n_test: int
    n_flagged: int
    flagged: tuple[Any, ...] = field(repr=False)

    title: ClassVar[str] = "Will the features generalise?"

    @property
    def ok(self) -> bool:
        """True when no column is flagged."""
        return not self.flagged

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of unseen rows and the distance of every column.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: bars are unseen rows, dots the distance.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            height = max(2.5, 0.28 * len(self.frame) + 1.3)
            ax = plt.subplots(figsize=(7, height), layout="constrained")[1]
        shown = self.frame.iloc[::-1]
        at = np.arange(len(shown))
        colors = shown["verdict"].map(_COLORS)
        bars = 100 * shown["unseen_share"].to_numpy(dtype=np.float64)
        dots = 100 * shown["distance"].to_numpy(dtype=np.float64)
        ax.barh(at, np.nan_to_num(bars), color=colors, alpha=0.5, label="unseen rows")
        ax.scatter(dots, at, color=colors, zorder=3, label="distance")
        ax.set_yticks(at, shown["column"].astype(str))
        ax.set_xlim(-3, 103)
        ax.set_xlabel("unseen rows (bars), distance (dots) (%)")
        count = f"{self.n_flagged} of {len(self.frame)} columns"
        ax.set_title(f"{count} would not mean the same" if self.flagged else "All pass")
        return ax


def feature_generalization(
    train: Any,
    test: Any,
    *,
    columns: Iterable[Any] | None = None,
    max_unseen: float = 0.005,
    max_coverage_change: float = 0.1,
    max_distance: float = 0.25,
) -> GeneralizationReport:
    """Ask of every column whether what is learned from it will hold in test.

    A feature can help only where its values in new data were seen in training,
    as often filled and not in quite other shares. This compares the two sides,
    column by column, without a target and without a model.

    Parameters
    ----------
    train : DataFrame or 2-D array of shape (n, p)
        What the model learns from.
    test : DataFrame or 2-D array of shape (m, q)
        What it will be asked about: a later period, another place.
    columns : iterable of labels, optional
        Columns to compare; by default all of both. A column in only one of the
        two is named and flagged.
    max_unseen : float, default=0.005
        Share of test rows with values never seen from which on a column is
        flagged.
    max_coverage_change : float, default=0.1
        Change of the share of rows that have a value, likewise.
    max_distance : float, default=0.25
        Distance between the distributions, likewise.

    Returns
    -------
    report : GeneralizationReport
        A verdict per column with its reason; `.flagged`, `.ok`, `.plot()`.

    Raises
    ------
    TypeError
        When an input is not a table.
    ValueError
        When neither has a column, or a limit is outside [0, 1].
    KeyError
        When a column asked for is in neither.

    Notes
    -----
    Coverage and distinct values are compared by
    `compare_coverage` (`mlworkbench._coverage`): text, categories, truth values and
    whole numbers with few levels as sets, with the total variation distance;
    other numbers and times by the range of training, with the
    Kolmogorov-Smirnov distance.

    A limit that is passed raises a flag only when rows dealt at random would
    hardly pass it as well: unseen rows beyond their mean by chance, four of its
    standard deviations (eight for a range, whose tails are long) and two rows;
    a distance beyond its mean by √(ln(1/.001)/2 · (1/n + 1/m)), McDiarmid's
    bound; a change of coverage with P below .01 in Fisher's exact test. Two
    facts need no such comparison: different types, and no test row with a value
    that train (with five values or more) covers. Where every tenth row is
    unseen and chance could explain it, the verdict is "cannot tell": the values
    are rare, not new, or the rows too few. A side without rows gives "cannot
    tell" and a flag. With hundreds of columns some flags are chance.

    It misleads where the rows are not independent (chance is then larger than
    said); for numbers that are names, such as flight numbers, which lie within
    the range however new they are (turn them into text); and for what no
    comparison of columns can see: the *meaning* may change, and with it the
    relation to the target, while the values stay the same. A time without a
    zone and one with a zone are different types; two zones are compared as
    instants. O(p · n log n).

    References
    ----------
    .. [1] I. J. Good (1953), The population frequencies of species and the
       estimation of population parameters, Biometrika 40(3/4).
    .. [2] C. McDiarmid (1989), On the method of bounded differences, Surveys in
       Combinatorics.

    *Used in:* ``ch05_features/06_will_this_feature_generalise``.

    Examples
    --------
    Trained from Monday to Saturday, tested on a Sunday.

    >>> import pandas as pd
    >>> days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    >>> train = pd.DataFrame({"day": days * 8, "hour": [*range(24)] * 2})
    >>> test = pd.DataFrame({"day": ["Sun"] * 24, "hour": range(24)})
    >>> report = feature_generalization(train, test)
    >>> report.frame[["column", "verdict"]]
      column              verdict
    0    day  does not generalise
    1   hour          generalises
    >>> report.frame["reason"][0]
    'no value in common: train has 6 values, test 1 other'
    """
    before, after = as_frame(train, "train"), as_frame(test, "test")
    limits = Limits(max_unseen, max_coverage_change, max_distance)
    for name, limit in zip(Limits._fields, limits, strict=True):
        if isinstance(limit, bool) or not 0 <= limit <= 1:
            raise ValueError(f"max_{name} is {limit!r}; pass a share in [0, 1]")
    compared = [
        _compare(before, after, c, limits) for c in _all(before, after, columns)
    ]
    flagged = tuple(found.column for found in compared if found.finding.flagged)
    return GeneralizationReport(
        pd.DataFrame([_row(found) for found in compared]),
        n_train=len(before),
        n_test=len(after),
        n_flagged=len(flagged),
        flagged=flagged,
        notes=_notes(before, after, compared),
    )


def _all(
    train: pd.DataFrame, test: pd.DataFrame, columns: Iterable[Any] | None
) -> list[Any]:
    """Give the columns of train, then those only in test."""
    there = list(dict.fromkeys([*train.columns, *test.columns]))
    if not there:
        raise ValueError("neither train nor test has a column; pass at least one")
    if columns is None:
        return there
    return check_columns(pd.DataFrame(columns=there), columns, "train or test")


def _compare(
    train: pd.DataFrame, test: pd.DataFrame, column: Any, limits: Limits
) -> _Compared:
    """Compare one column and say what it means."""
    for one, other, side in ((train, test, "train"), (test, train, "test")):
        if column not in other:
            what = "asks for" if side == "train" else "never saw"
            reason = f"only in {side}: a model fitted on train {what} this column"
            return _Compared(column, Finding(FAILS, reason, True), None)
        if not len(one):
            return _Compared(
                column, Finding(UNKNOWN, f"{side} has no rows", True), None
            )
    before, after = train[column], test[column]
    kinds = value_kind(before), value_kind(after)
    if kinds[0] != kinds[1] and "nothing" not in kinds:
        reason = f"different types: {kinds[0]} in train, {kinds[1]} in test"
        return _Compared(column, Finding(FAILS, reason + _hint(kinds), True), None)
    try:
        coverage = compare_coverage(before, after)
    except TypeError as error:
        return _Compared(column, Finding(UNKNOWN, str(error), True), None)
    return _Compared(column, judge(coverage, before, after, limits), coverage)


def _hint(kinds: tuple[str, str]) -> str:
    """Say how to bring two kinds together."""
    pair = set(kinds)
    if pair == {"number", "text"}:
        return "; convert with astype(str) or pandas.to_numeric"
    if pair == {"time", "time with a zone"}:
        return "; give both a zone with dt.tz_localize"
    if "time" in pair and "text" in pair:
        return "; read the text with pandas.to_datetime"
    return "; convert both to one type"


def _row(found: _Compared) -> dict[str, Any]:
    row: dict[str, Any] = {"column": found.column, **found.finding._asdict()}
    cover, measure, overlap = found.coverage, None, float("nan")
    counts: tuple[int | None, ...] = (None, None, None)
    if cover is None:
        nan = float("nan")
        cover = Coverage(nan, nan, 0, 0, 0, 0, 0, discrete=False)
    else:
        counts = (cover.train_values, cover.new_values, cover.shared_values)
        measure = "total variation" if cover.discrete else "Kolmogorov-Smirnov"
        overlap = (
            cover.shared_values / cover.new_values if cover.new_values else overlap
        )
    names = ("train_values", "test_values", "shared_values")
    return {
        **row,
        "train_coverage": cover.train_coverage,
        "test_coverage": cover.new_coverage,
        **{n: pd.NA if c is None else c for n, c in zip(names, counts, strict=True)},
        "overlap": overlap,
        "unseen_share": cover.unseen_share,
        "unseen_by_chance": cover.unseen_by_chance,
        "measure": measure,
        "distance": cover.distance,
        "distance_by_chance": cover.distance_by_chance,
    }


def _notes(
    train: pd.DataFrame, test: pd.DataFrame, compared: list[_Compared]
) -> tuple[str, ...]:
    """Name what the table alone does not make plain."""
    notes = []
    for one, other, name in ((train, test, "train"), (test, train, "test")):
        names = {found.column for found in compared}
        only = [c for c in one.columns if c in names and c not in other.columns]
        if only:
            notes.append(f"only in {name}: {', '.join(map(str, only))}")
        if not len(one):
            notes.append(f"{name} has no rows: nothing could be compared")
    if any(found.finding.verdict == UNKNOWN for found in compared):
        notes.append("'cannot tell' is not a pass: there is too little to judge by")
    return tuple(notes)
