"""Groups that are on both sides of a split."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import as_frame, as_vector, check_columns
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report

__all__ = ["check_groups", "find_groups"]

_SHOWN = 10  # groups given as evidence


def check_groups(train: Any, test: Any, groups: Any = None) -> LeakageReport:
    """Look for groups that have rows in train and in test.

    Rows of one patient, user or aircraft resemble each other. A model that has
    seen some of them has seen part of the answer for the others.

    Parameters
    ----------
    train, test : array-like of shape (n,) and (m,), or DataFrames
        The group of every row; with `groups`, the tables.
    groups : column label or list of labels, optional
        The columns of the tables that name a group; each is looked at alone.

    Returns
    -------
    report : LeakageReport
        A finding of the kind "dependence" per column with shared groups:
        ``.rows("dependence")`` gives those with the most rows in test.

    Raises
    ------
    KeyError
        When a column is not there.
    TypeError
        When groups are of different types in train and test.
    ValueError
        When a side has no rows.

    Notes
    -----
    A shared group is a fact; that its rows depend on each other is what you
    say by naming the groups. Rows without a group belong to none and are
    counted in a note. O(n + m).

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    *Used in:* ``ch05_features/09_audit_a_split``.

    Examples
    --------
    >>> report = check_groups(["Ann", "Bob", "Bob"], ["Bob", "Eve", "Bob"])
    >>> report.frame[["severity", "kind", "n_rows"]]
      severity        kind  n_rows
    0     leak  dependence       2
    >>> report.rows("dependence")
      group  train_rows  test_rows
    0   Bob           2          2
    """
    if groups is None:
        for side, name in ((train, "train"), (test, "test")):
            if isinstance(side, Iterator):
                raise TypeError(
                    f"{name} is a {type(side).__name__}, which can be read only once; "
                    "pass a list, an array or a Series"
                )
        before = pd.DataFrame({"group": as_vector(train, "train")})
        after = pd.DataFrame({"group": as_vector(test, "test")})
        columns: list[Any] = ["group"]
    else:
        before, after = as_frame(train, "train"), as_frame(test, "test")
        one = isinstance(groups, Hashable) and groups in before.columns
        columns = check_columns(before, [groups] if one else groups, "train")
        check_columns(after, columns, "test")
    for side, name in ((before, "train"), (after, "test")):
        if not len(side):
            raise ValueError(f"{name} has no rows; pass the groups of both sides")
    findings = [
        finding
        for column in columns
        for finding in find_groups(before[column], after[column], str(column))
    ]
    return make_report(findings, notes=["only the groups named were looked at"])


def find_groups(train: pd.Series, test: pd.Series, name: str) -> list[Finding]:
    """Give the findings on one column of groups.

    Parameters
    ----------
    train, test : pandas.Series
        The group of every row.
    name : str
        What the groups are called.

    Returns
    -------
    findings : list of Finding
        Shared groups, and rows without one.
    """
    findings = []
    before, after = train.value_counts(), test.value_counts()
    kinds = value_kind(train), value_kind(test)
    if len(set(kinds)) == 2 and not {"nothing", "mixed"} & set(kinds):
        raise TypeError(
            f"{name} holds {kinds[0]} in train and {kinds[1]} in test, which are "
            "never equal; convert both to one type"
        )
    shared = after[after.index.isin(before.index)]
    shared = shared[shared > 0]  # categories without rows are counted by pandas
    shared = shared[before.reindex(shared.index).to_numpy() > 0]
    if len(shared):
        evidence = pd.DataFrame(
            {
                name: shared.index,
                "train_rows": before.reindex(shared.index).to_numpy(),
                "test_rows": shared.to_numpy(),
            }
        )
        rows = int(shared.sum())
        total = int((after > 0).sum())
        findings.append(
            Finding(
                "dependence",
                "leak",
                f"shared groups: {name}",
                rows,
                rows / len(test),
                evidence.sort_values(
                    "test_rows", ascending=False, kind="stable", ignore_index=True
                ).head(_SHOWN),
                f"{len(shared):,} of the {total:,} groups in test are in train too: "
                "put each group on one side, e.g. with GroupShuffleSplit.",
            )
        )
    missing = [int(side.isna().sum()) for side in (train, test)]
    if any(missing):
        where = f"{missing[0]} row(s) of train and {missing[1]} of test have no group"
        share = float(np.mean(test.isna()))
        advice = "Find out whose rows they are; they were counted to no group."
        what = f"no group: {name}"
        findings.append(
            Finding("dependence", "note", what, sum(missing), share, where, advice)
        )
    return findings
