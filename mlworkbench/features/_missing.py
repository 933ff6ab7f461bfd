"""Why values are missing: what the data can say, and what they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._stats import adjust_p_values
from mlworkbench._validation import (
    RandomState,
    as_frame,
    as_generator,
    check_columns,
    check_fraction,
    check_integer,
)
from mlworkbench.features._deletion import cost_table, default_groups
from mlworkbench.features._fill import check_fill
from mlworkbench.features._little import LittleTest, little_mcar_test, pattern_codes
from mlworkbench.features._missing_label import (
    LabelProbe,
    Target,
    as_target,
    probe_label,
)
from mlworkbench.features._missing_plot import draw_missing
from mlworkbench.features._missing_probe import Probe, candidates, probe_column

__all__ = ["MissingReport", "diagnose_missing"]

_LISTED = 20  # complete columns named in a note
_SMALL = 30  # rows below which little can be told
_LITTLE = 1e9  # patterns × columns³ beyond which Little's test is left out
_COLUMNS = [
    "coverage",
    "n_missing",
    "auc",
    "auc_chance",
    "auc_values",
    "p_value",
    "drivers",
    "missing_with",
    "exactly_where",
    "label_auc",
    "label_missing",
    "label_present",
    "label_difference",
    "label_p_value",
    "label_p_given_others",
    "verdict",
    "flags",
]
_PROOF = (
    "values that go missing because of themselves (MNAR) look like any of these; "
    "only knowledge of how the data came about, or asking again, can tell"
)


@dataclass(frozen=True, eq=False, repr=False)
class MissingReport(Report):
    """What `diagnose_missing` found, one row per column with missing values.

    The index of `frame` is the column; those without any value come with
    coverage 0 and nothing else. Its columns:

    - coverage (share of rows with a value), n_missing
    - auc: cross-validated AUC with which the other columns, their values and
      their gaps, predict the gaps; auc_chance: what chance reaches in one of
      twenty cases; auc_values: the AUC from values only
    - p_value: that values of other columns predict the gaps (see Notes)
    - drivers: names of those columns, the strongest first, or of the column in
      `exactly_where`
    - missing_with: columns whose gaps go with these
    - exactly_where: a rule that holds in every row, or empty
    - label_auc, label_missing, label_present, label_difference, label_p_value:
      the target where the value is missing and where it is present;
      label_p_given_others: the same test among rows with like chances of a gap
    - verdict, flags: in words.

    Parameters
    ----------
    frame : pandas.DataFrame
        The diagnosis.
    n_rows : int
        Rows.
    n_complete : int
        Rows without any gap.
    little_statistic, little_df, little_p_value, n_patterns : float, int
        Little's test on the numeric columns.
    little : LittleTest
        The same with its patterns and notes.
    deletion : pandas.DataFrame
        What deleting rows would cost, as from `deletion_cost`.
    probes : pandas.DataFrame
        One row per column with gaps and other column: `strength` (AUC of its
        values alone), `p_value`, `p_adjusted` (Holm), `gaps_auc`, `p_gaps`,
        `p_gaps_adjusted`.
    patterns : pandas.DataFrame
        Combinations of gaps, True for a gap, most frequent first, and `rows`.
    notes : tuple of str
        What to know before believing it.
    """

    n_rows: int
    n_complete: int
    little_statistic: float
    little_df: int
    little_p_value: float
    n_patterns: int
    little: LittleTest = field(repr=False)
    deletion: pd.DataFrame = field(repr=False)
    probes: pd.DataFrame = field(repr=False)
    patterns: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Why values are missing"

    def plot(self, ax: Any = None) -> Any:
        """Draw how much is missing, and what is missing together.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on. Its two `child_axes` are the panels: the share
            missing per column, and the most frequent patterns of gaps.
        """
        return draw_missing(self.frame, self.patterns, self.n_rows, ax)


def diagnose_missing(
    frame: Any,
    target: Any = None,
    *,
    groups: Any = None,
    columns: Any = None,
    fill_values: Mapping[Any, Any] | None = None,
    alpha: float = 0.05,
    max_rows: int = 5_000,
    random_state: RandomState = 0,
) -> MissingReport:
    """Say for every column with gaps what its gaps depend on.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n, n_columns)
        The data.
    target : column label or array-like of shape (n,), optional
        The label: two classes, several, or numbers. It is kept out of the
        predictors and examined by itself.
    groups : list of column labels, optional
        Columns whose shares deletion may change; those with few levels by
        default.
    columns : column label or list of labels, optional
        Columns to diagnose; all with gaps by default. The other columns still
        serve as predictors.
    fill_values : mapping of column to value, optional
        What you mean to fill gaps with; a value that could be real is flagged.
    alpha : float, default=0.05
        Level of every verdict.
    max_rows : int, default=5_000
        Rows on which a column's gaps are predicted, at least half of them (if
        there are so many) from the rarer side. Counts, the label, Little's
        test and deletion use all rows.
    random_state : int, Generator, RandomState or None, default=0
        Seed of folds, samples and permutations.

    Returns
    -------
    report : MissingReport
        `.frame`, `.deletion`, `.little`, `.probes`, `.patterns`, `.plot()`.

    Raises
    ------
    KeyError, TypeError, ValueError
        When a column is not there, the target has another length or index, a
        parameter is out of range, there is no row, or a column has infinite
        values.

    Notes
    -----
    *Against MCAR*: every other column is tested alone (ranks and chi-square
    on bins; exact or by permutation where fewer than 20 rows are on one side;
    Holm over the columns), and all together by gradient boosting in five
    folds, whose AUC is compared with its distribution under chance. The
    columns alone get three quarters of the level, the model one quarter, and
    Holm corrects over the columns with gaps.
    Only *values* count: columns that are missing together may still be missing
    completely at random. For the model gaps of other columns are filled with
    values drawn at random, so that they tell nothing.

    *Drivers*: significant columns by strength. Of columns that go together one
    is named if it is as strong as the first, or adds something within bins of
    those named before; further columns if their effect turns with the value of
    the first. It is association: a driver may stand for another.

    *The label*: chi-square (classes) or ranks (numbers). Gaps that differ in
    the label are informative; whether the value itself is the reason, no test
    on these data can show. Missing at random cannot be proven either.

    The normal approximations hold for 20 gaps or more. Cost: up to 10 model
    fits per column with gaps, on `max_rows`; pass `columns` where hundreds have
    gaps. Little's test is left out where it would take minutes (a note says so).

    References
    ----------
    .. [1] D. B. Rubin (1976), Inference and missing data, Biometrika 63(3).
    .. [2] R. J. A. Little (1988), A test of missing completely at random for
       multivariate data with missing values, JASA 83(404).
    .. [3] S. van Buuren (2018), Flexible imputation of missing data, 2nd ed.

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from mlworkbench.features import simulate_missing
    >>> rng = np.random.default_rng(0)
    >>> people = pd.DataFrame(rng.normal(size=(600, 3)), columns=["age", "pay", "h"])
    >>> gaps = simulate_missing(people, "pay", "mar", 0.2, "age", random_state=0)
    >>> report = diagnose_missing(gaps)
    >>> report.frame.loc["pay", "drivers"]
    ('age',)
    >>> report.frame.loc["pay", "verdict"]
    'depends on age: evidence for MAR'
    """
    table = as_frame(frame)
    if not len(table):
        raise ValueError("frame has no row; pass at least one")
    check_fraction(alpha, "alpha")
    check_integer(max_rows, "max_rows", 100)
    rng = as_generator(random_state)
    label = as_target(table, target)
    asked = list(table.columns) if columns is None else check_columns(table, columns)
    if label is not None and columns is None:
        asked = [name for name in asked if name != label.name]
    fills = dict(fill_values or {})
    check_columns(table, list(fills))
    gaps = table.isna()
    names = [name for name in asked if gaps[name].any() and not gaps[name].all()]
    probes, labels = _probes(table, names, label, max_rows, alpha, rng)
    result = _frame(gaps, names, probes, labels, label, alpha)
    result = _with_empty(result, asked, gaps)
    shown = result.index.tolist()
    result["flags"] = [_flag(table, name, fills) for name in shown]
    chosen = check_columns(table, groups) if groups is not None else None
    chosen = default_groups(table, _named(label)) if chosen is None else chosen
    numbers = label is not None and bool(label.meaning)
    little = _little(table, gaps)
    return MissingReport(
        result,
        n_rows=len(table),
        n_complete=int((~gaps.any(axis=1)).sum()),
        little_statistic=little.statistic,
        little_df=little.df,
        little_p_value=little.p_value,
        n_patterns=little.n_patterns,
        little=little,
        deletion=cost_table(
            table, shown, label.values if numbers and label else None, chosen
        ),
        probes=_all_probes(names, probes),
        patterns=_patterns(gaps[shown]),
        notes=_notes(table, gaps, asked, names, label, little, fills),
    )


def _named(label: Target | None) -> list[Any]:
    return [] if label is None or label.name is None else [label.name]


def _probes(
    table: pd.DataFrame,
    names: list[Any],
    label: Target | None,
    max_rows: int,
    alpha: float,
    rng: np.random.Generator,
) -> tuple[list[Probe], list[LabelProbe | None]]:
    barred = _named(label)
    others = candidates(table, [c for c in table.columns if c not in barred])
    probes, labels = [], []
    seed = int(rng.integers(2**63))  # columns with the same gaps get the same rows
    for name in names:
        rng = np.random.default_rng(seed)
        gone = table[name].isna().to_numpy()
        rest = [other for other in others if other.name != name]
        probe = probe_column(gone, rest, max_rows, rng, alpha)
        probes.append(probe)
        told = label is not None and name not in barred
        labels.append(
            probe_label(gone, label, probe.rows, probe.scores, rng)
            if told and label is not None
            else None
        )
    return probes, labels


def _frame(
    gaps: pd.DataFrame,
    names: list[Any],
    probes: list[Probe],
    labels: list[LabelProbe | None],
    label: Target | None,
    alpha: float,
) -> pd.DataFrame:
    n = len(gaps)
    p_values = adjust_p_values(
        np.array([probe.p_value for probe in probes], dtype=np.float64)
    )
    p_labels = adjust_p_values(
        np.array(
            [np.nan if one is None else one.p_value for one in labels], dtype=float
        )
    )
    rows = []
    parts = zip(names, probes, labels, p_values, p_labels, strict=True)
    for name, probe, one, p_value, p_label in parts:
        missing = int(gaps[name].sum())
        row: dict[str, Any] = {"coverage": 1 - missing / n, "n_missing": missing}
        row |= {"auc": probe.auc, "auc_chance": probe.auc_chance}
        row |= {"auc_values": probe.auc_values, "p_value": p_value}
        row["drivers"] = probe.drivers if p_value < alpha else probe.exact_drivers
        row |= {"missing_with": probe.missing_with, "exactly_where": probe.exactly}
        if one is not None:
            row |= {"label_auc": one.auc, "label_missing": one.missing}
            row |= {"label_present": one.present}
            row["label_difference"] = one.missing - one.present
            row |= {"label_p_value": p_label}
            row["label_p_given_others"] = one.p_given_others
        row["verdict"] = _verdict(row, p_label, label, n, alpha)
        rows.append(row)
    index = pd.Index(names, name="column", dtype=object, tupleize_cols=False)
    return pd.DataFrame(rows, index=index, columns=list(_COLUMNS))


def _with_empty(
    result: pd.DataFrame, asked: list[Any], gaps: pd.DataFrame
) -> pd.DataFrame:
    """Add the columns without any value, in the order of the frame."""
    empty = [name for name in asked if gaps[name].all()]
    row: dict[str, Any] = dict.fromkeys(_COLUMNS, np.nan)
    row |= {"coverage": 0.0, "n_missing": len(gaps)}
    row |= {"drivers": (), "missing_with": (), "exactly_where": "", "flags": ""}
    row["verdict"] = "no value at all: nothing to diagnose"
    parts = result.to_dict("records") + [row] * len(empty)
    names = [*result.index, *empty]
    place = sorted(range(len(names)), key=lambda i: asked.index(names[i]))
    index = pd.Index(
        [names[i] for i in place], name="column", dtype=object, tupleize_cols=False
    )
    return pd.DataFrame([parts[i] for i in place], index=index, columns=list(_COLUMNS))


def _little(table: pd.DataFrame, gaps: pd.DataFrame) -> LittleTest:
    """Run Little's test, unless it would take minutes."""
    numbers = [
        name for name in table if pd.api.types.is_numeric_dtype(table[name].dtype)
    ]
    kinds = len(pattern_codes(gaps[numbers].to_numpy(dtype=np.bool_))[0])
    if kinds * (len(numbers) ** 3 + 2e5) < _LITTLE:
        return little_mcar_test(table)
    short = little_mcar_test(table.iloc[:, :0])
    note = (
        f"Little's test is left out: {kinds:,} patterns of gaps in {len(numbers)} "
        "numeric columns would take minutes; call little_mcar_test with fewer columns"
    )
    return replace(short, notes=(note,))


def _verdict(
    row: dict[str, Any], p_label: float, label: Target | None, n: int, alpha: float
) -> str:
    """Say it in words, the weightiest first."""
    said, depends, carries = [], row["p_value"] < alpha, p_label < alpha
    few = f"{n} rows: too few to tell much" if n < _SMALL else ""
    if np.isnan(row["p_value"]):
        few = "nothing to test it with"
    if depends:
        names = ", ".join(map(str, row["drivers"])) or "several columns together"
        said.append(f"depends on {names}: evidence for MAR")
    if row["exactly_where"]:
        said.append(f"missing exactly where {row['exactly_where']}")
    elif row["missing_with"]:
        others = ", ".join(map(str, row["missing_with"][:3]))
        more = len(row["missing_with"]) - 3
        said.append(f"missing together with {others}" + (" …" if more > 0 else ""))
    if carries and label is not None:
        said.append(_carries(row, label, alpha))
    # A rule by value speaks for itself; missing together may still be MCAR.
    rule = row["exactly_where"] and (few or row["drivers"])
    if not depends and not carries and not rule:
        said.insert(0, "no evidence against MCAR")
    return "; ".join(said) + (f" ({few})" if few else "")


def _carries(row: dict[str, Any], label: Target, alpha: float) -> str:
    how = "its classes differ"
    if label.meaning:
        here, there = row["label_missing"], row["label_present"]
        how = f"{label.meaning} {here:.3g} where missing, {there:.3g} where present"
    if row["label_p_given_others"] >= alpha:
        how += ", no more than the other columns explain"
    return (
        f"carries the label ({how}): informative, possibly MNAR; the data cannot "
        "prove MNAR"
    )


def _flag(table: pd.DataFrame, name: Any, fills: dict[Any, Any]) -> str:
    return (
        "; ".join(check_fill(table, name, fills[name]).notes) if name in fills else ""
    )


def _all_probes(names: list[Any], probes: list[Probe]) -> pd.DataFrame:
    tables = [
        probe.table.rename(columns={"column": "other"}).assign(
            column=[name] * len(probe.table)
        )
        for name, probe in zip(names, probes, strict=True)
        if len(probe.table)
    ]
    columns = ["column", "other", "strength", "p_value", "p_adjusted"]
    columns += ["gaps_auc", "p_gaps", "p_gaps_adjusted"]
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)[columns]


def _patterns(gaps: pd.DataFrame) -> pd.DataFrame:
    kinds, which = pattern_codes(gaps.to_numpy(dtype=np.bool_))
    counts = np.bincount(which, minlength=len(kinds))
    order = np.lexsort((np.arange(len(kinds)), -counts))
    flat = pd.Index(list(gaps.columns), dtype=object, tupleize_cols=False)
    result = pd.DataFrame(kinds[order], columns=flat)
    return result.assign(rows=counts[order])


def _notes(
    table: pd.DataFrame,
    gaps: pd.DataFrame,
    asked: list[Any],
    names: list[Any],
    label: Target | None,
    little: LittleTest,
    fills: dict[Any, Any],
) -> tuple[str, ...]:
    notes = []
    if len(table) < _SMALL:
        notes.append(f"{len(table)} rows: too few to tell much")
    few = [str(name) for name in names if 0 < gaps[name].sum() < 10]
    if few and len(table) >= _SMALL:
        notes.append(f"fewer than 10 gaps, too few to tell much: {', '.join(few)}")
    full = [str(name) for name in asked if not gaps[name].any()]
    if full:
        more = f" … ({len(full)} columns)" if len(full) > _LISTED else ""
        notes.append(f"complete: {', '.join(full[:_LISTED])}{more}")
    empty = [str(name) for name in asked if gaps[name].all()]
    if empty:
        notes.append(f"without any value, nothing to diagnose: {', '.join(empty)}")
    if label is not None and np.isnan(label.values).any():
        lost = int(np.isnan(label.values).sum())
        notes.append(f"{lost:,} row(s) without a target are left out of its comparison")
    for name in fills:
        if name not in names:
            notes += check_fill(table, name, fills[name]).notes
    return (*notes, *little.notes, *((_PROOF,) if names else ()))
