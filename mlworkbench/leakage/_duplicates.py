"""Rows of test that train holds as well, told from rows equal by chance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, norm

from mlworkbench._validation import as_frame, check_columns
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._near_duplicates import near_findings
from mlworkbench.leakage._row_codes import (
    RowGroups,
    column_codes,
    group_rows,
    is_text,
    join_texts,
    rows_alone,
    texts_alone,
)

__all__ = ["check_duplicates"]

IntArray = npt.NDArray[np.int64]
_SURE = 0.001  # chance at which an excess is no longer called chance
_LIKELY = 0.01  # the same for an excess of half of what matters
_MATTERS = 0.01  # share of the rows from which on copies can change a score
_ENOUGH = 3  # rows below which a share says nothing


class _Tables(NamedTuple):
    """Both tables with the same columns, their codes, and groups of rows."""

    train: pd.DataFrame
    test: pd.DataFrame
    codes: list[IntArray]
    groups: RowGroups


def check_duplicates(
    train: Any,
    test: Any = None,
    near: bool | float | None = None,
    *,
    columns: Iterable[Any] | None = None,
) -> LeakageReport:
    """Find rows of test that are in train as well, equal or almost equal.

    Rows on a few columns of few values are equal by chance. Equal rows are a
    leak only where there are more of them across the split than the equal rows
    of the data give when rows are dealt to the two sides at random; they are a
    warning where that is not so, yet nothing in the data is like them: then
    the data held copies before the split.

    Parameters
    ----------
    train : DataFrame or 2-D array of shape (n, p)
        The training rows, or all rows where there is no split yet.
    test : DataFrame or 2-D array of shape (m, p), optional
        The test rows, with the same columns in any order. Without it,
        duplicates inside `train` are looked for.
    near : bool or float, optional
        Look for rows that are almost equal too; True stands for 0.1 for
        numbers and 0.3 for texts. For numbers: the largest distance, as a
        share of the median distance of a row to its nearest neighbour; all
        other columns must be equal. Where there are columns of text (20
        characters and 3 spaces on average): the largest share of 5-character
        pieces that two texts do not share (Jaccard distance).
    columns : iterable of labels, optional
        Columns that must be equal; all by default.

    Returns
    -------
    report : LeakageReport
        Findings of the kind "duplicates": "equal rows" across the split,
        "equal rows inside train", "almost equal rows". Their `rows` hold the
        label of every such row on both sides, and its values.

    Raises
    ------
    TypeError
        When a column holds different kinds of values in train and test.
    ValueError
        When the columns differ, or a table has no rows or no columns.

    Notes
    -----
    Rows are grouped by a sum of column hashes and every group is verified, in
    O((n + m) · p). Of a group of c equal rows dealt at random, with a share q
    for test, both sides get one with chance 1 - (1 - q)ᶜ - qᶜ: the number of
    groups on both sides is compared with the sum of these chances. Copies are
    told from chance by their surroundings: rows equal by chance come with rows
    that differ in one column only, texts with texts that differ in one word. A
    leak by copying rows that are common anyway cannot be seen, and changes
    nothing.

    References
    ----------
    .. [1] B. Barz and J. Denzler (2020), Do we train on test data? Purging
       CIFAR of near-duplicates, Journal of Imaging 6(6).
    .. [2] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    *Used in:* ``ch05_features/09_audit_a_split`` and
    ``ch05_features/11_which_leaks_matter``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from mlworkbench.leakage import check_duplicates
    >>> x = np.random.default_rng(0).normal(size=(300, 3))
    >>> train, test = pd.DataFrame(x[:200]), pd.DataFrame(x[200:])
    >>> check_duplicates(train, test).ok
    True
    >>> report = check_duplicates(pd.concat([train, test.head(20)]), test)
    >>> report.frame[["severity", "what", "n_rows", "share"]]
      severity        what  n_rows  share
    0     leak  equal rows      20    0.2
    """
    tables = _prepare(train, test, columns)
    findings: list[Finding] = []
    notes: list[str] = []
    if test is None:
        findings += _inside(tables, alone=True)
    else:
        findings += _across(tables)
        findings += _inside(tables, alone=False)
    if near is not None and near is not False:
        more, notes = near_findings(
            tables.train, tables.test, tables.codes, tables.groups, near
        )
        findings += more
    if not findings:
        sides = "inside the table" if test is None else "in both train and test"
        notes = [*notes, f"No row is {sides} twice." if test is None else _NONE]
    return make_report(findings, notes=notes)


_NONE = "No row of test has an equal row in train."


def _prepare(train: Any, test: Any, columns: Iterable[Any] | None) -> _Tables:
    """Bring both tables to the same columns, and group their rows."""
    one = as_frame(train, "train")
    two = one.iloc[:0] if test is None else as_frame(test, "test")
    if columns is not None:
        columns = check_columns(one, columns, "train")
        one, two = one[columns], two[check_columns(two, columns, "test")]
    only_train = [c for c in one.columns if c not in two.columns]
    only_test = [c for c in two.columns if c not in one.columns]
    if only_train or only_test:
        raise ValueError(
            f"train and test have different columns (only train: {only_train}, only "
            f"test: {only_test}); pass the same ones, or name those to compare with "
            "columns="
        )
    if not len(one.columns):
        raise ValueError("train has no columns; pass at least one")
    for name, table in (("train", one), ("test", two)):
        if not len(table) and (name == "train" or test is not None):
            raise ValueError(f"{name} has no rows; there is nothing to compare")
    two = two[list(one.columns)]
    codes = [column_codes(one[c], two[c]) for c in one.columns]
    return _Tables(one, two, codes, group_rows(codes, len(one)))


def _across(tables: _Tables) -> list[Finding]:
    """Judge the rows that are on both sides."""
    groups, n, m = tables.groups, len(tables.train), len(tables.test)
    both = (groups.in_train > 0) & (groups.in_test > 0)
    n_rows = int(groups.in_test[both].sum())
    if not n_rows:
        return []
    chance, expected = _chance(groups, n / (n + m))
    share = n_rows / m
    excess = (int(both.sum()) - expected) / m
    if chance < _SURE or (chance < _LIKELY and excess >= _MATTERS / 2):
        severity = "leak"
        advice = (
            f"Remove them from train: {int(both.sum()):,} different rows are on both "
            f"sides, {expected:,.0f} would be by chance."
        )
    elif _many(n_rows, share) and _are_copies(tables, np.flatnonzero(both)):
        severity = "warning"
        advice = (
            "Remove copies before the split, or keep them on one side: as many as a "
            "random split gives, but no other row is like them."
        )
    else:
        severity = "note"
        advice = "Nothing: no more than the equal rows of the data give by chance" + (
            "." if _many(n_rows, share) else ", and too few to change a score."
        )
    evidence = _pairs(tables, both)
    return [
        Finding("duplicates", severity, "equal rows", n_rows, share, evidence, advice)
    ]


def _chance(groups: RowGroups, p: float) -> tuple[float, float]:
    """Give the chance of so many groups on both sides, and their mean number."""
    size = groups.in_train + groups.in_test
    seen = int(((groups.in_train > 0) & (groups.in_test > 0)).sum())
    sizes, times = np.unique(size[size > 1], return_counts=True)
    both = np.clip(1 - p**sizes - (1 - p) ** sizes, 0, 1)
    mean = float(times @ both)
    if times.sum() > 2000:
        error = float(np.sqrt(times @ (both * (1 - both)))) or 1.0
        return float(norm.sf((seen - 0.5 - mean) / error)), mean
    chance = np.ones(1)
    for count, each in zip(times, both, strict=True):
        chance = np.convolve(chance, binom.pmf(np.arange(count + 1), count, each))
    return float(chance[seen:].sum()), mean


def _many(n_rows: int, share: float) -> bool:
    return n_rows >= _ENOUGH and share >= _MATTERS


def _are_copies(tables: _Tables, chosen: IntArray) -> bool:
    """Say whether equal rows are too special to be equal by chance."""
    groups = tables.groups
    if len(groups.first) < 0.1 * len(groups.group):
        return False  # a few kinds of rows, each many times
    texts = [c for c in tables.train.columns if is_text(tables.train[c])]
    if texts:
        rows = pd.concat([tables.train[texts], tables.test[texts]])
        joined = pd.Series(join_texts(rows.iloc[groups.first]))
        place, different = pd.factorize(joined)
        return texts_alone(pd.Series(different), np.unique(place[chosen])) >= 0.5
    return rows_alone(tables.codes, groups, chosen) >= 0.5


def _pairs(tables: _Tables, both: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Give every row of test with the first equal row of train."""
    groups, n = tables.groups, len(tables.train)
    at = np.flatnonzero(both[groups.group[n:]])
    mate = groups.first[groups.group[n + at]]
    return _beside(
        tables.test.iloc[at],
        test_row=tables.test.index[at],
        train_row=tables.train.index[mate],
        times_in_train=groups.in_train[groups.group[mate]],
    )


def _beside(values: pd.DataFrame, **labels: Any) -> pd.DataFrame:
    """Put labels before the values; a value column of that name is left out."""
    own = pd.DataFrame({k: np.asarray(v) for k, v in labels.items()})
    values = values.drop(columns=list(labels), errors="ignore")
    return pd.concat([own, values.reset_index(drop=True)], axis=1)


def _inside(tables: _Tables, *, alone: bool) -> list[Finding]:
    """Report equal rows inside train; a note where there is a test set."""
    groups, n = tables.groups, len(tables.train)
    again = groups.first[groups.group[:n]] != np.arange(n)
    n_rows = int(again.sum())
    if not n_rows:
        return []
    share = n_rows / n
    several = groups.in_train > 1
    copies = (
        alone and _many(n_rows, share) and _are_copies(tables, np.flatnonzero(several))
    )
    at = np.flatnonzero(again)
    evidence = _beside(
        tables.train.iloc[at],
        train_row=tables.train.index[at],
        first_row=tables.train.index[groups.first[groups.group[at]]],
    )
    if copies:
        advice = "Remove copies before the split: a random split puts them on both."
    elif alone:
        advice = "Look at some: too few to matter, or equal by chance on these columns."
    else:
        advice = "They count more than once in training; they do not reach test."
    return [
        Finding(
            "duplicates",
            "warning" if copies else "note",
            "equal rows inside train",
            n_rows,
            share,
            evidence,
            advice,
        )
    ]
