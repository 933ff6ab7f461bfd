"""One loaded data set: rows, target, card and further tables."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mlworkbench.datasets._card import Card

__all__ = ["Dataset", "target_of"]


def target_of(frame: pd.DataFrame, name: str, rule: Mapping[str, Any]) -> pd.Series:
    """Derive a target from a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        The main table.
    name : str
        Name of the target.
    rule : mapping
        `column`, and at most one of `at_least` (a number), `equals` (a value)
        and `is_missing` (True). With none of them the column is the target.

    Returns
    -------
    target : pandas.Series
        With the index of `frame`. A yes/no target is 1 and 0: int64, or the
        nullable Int64 where the column is missing (unknown stays unknown).
    """
    column: pd.Series = frame[rule["column"]]
    unknown = column.isna()
    answer: pd.Series
    if rule.get("is_missing"):
        return unknown.astype("int64").rename(name)
    if "at_least" in rule:
        answer = column >= rule["at_least"]
    elif "equals" in rule:
        answer = column == rule["equals"]
    else:
        return column.rename(name)
    if unknown.any():
        return answer.astype("boolean").mask(unknown).astype("Int64").rename(name)
    return answer.astype("int64").rename(name)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A data set ready to use.

    Parameters
    ----------
    name : str
        What `load` was asked for.
    frame : pandas.DataFrame
        All rows and columns, a fresh copy at every load.
    target : pandas.Series
        What is to be predicted, with the index of `frame`. Where the answer is
        unknown (a cancelled flight has no arrival delay) it is missing, not 0:
        see `labelled`.
    card : Card
        Origin, licence, meaning of every column, known faults.
    tables : mapping of str to pandas.DataFrame
        Further tables to join, by name; empty for most.

    Notes
    -----
    `frame` holds columns that are only known after the event, because real
    tables do; `features` leaves them out.

    Examples
    --------
    >>> from mlworkbench import datasets
    >>> hmda = datasets.load("hmda")
    >>> hmda.frame.shape
    (2380, 14)
    >>> round(float(hmda.target.mean()), 3)
    0.12
    """

    name: str
    frame: pd.DataFrame
    target: pd.Series
    card: Card
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def features(self) -> pd.DataFrame:
        """The columns known at the moment of prediction, by the card.

        The column that the target is, or is made from, is never among them.
        """
        columns, targets = self.card.facts["columns"], self.card.facts["targets"]
        answer = {self.target.name}
        if self.target.name in targets:
            answer.add(targets[self.target.name]["rule"]["column"])
        known = [c for c in self.frame if columns[str(c)]["known"] == "before"]
        return self.frame[[c for c in known if c not in answer]]

    def labelled(self) -> Dataset:
        """Keep the rows whose target is known.

        Returns
        -------
        dataset : Dataset
            The same, without the rows whose target is missing; index kept. A
            yes/no target is then a plain int64, which every estimator takes.
        """
        known = self.target.notna()
        target = self.target[known]
        if target.dtype == "Int64":
            target = target.astype("int64")
        return Dataset(self.name, self.frame[known], target, self.card, self.tables)

    def _lines(self) -> list[str]:
        rows, columns = self.frame.shape
        target, known = self.target, self.target.notna()
        line = f"target {target.name}: "
        if target[known].isin([0, 1]).all():
            share = float(target[known].mean()) if known.any() else float("nan")
            line += f"{share:.1%} positive"
        elif pd.api.types.is_numeric_dtype(target):
            line += f"mean {target.mean():,.4g}"
        else:
            line += f"{target.nunique()} classes"
        if not known.all():
            line += f", unknown in {int((~known).sum()):,} rows"
        lines = [f"{rows:,} rows × {columns} columns", line]
        lines += [
            f"table {name}: {table.shape[0]:,} rows × {table.shape[1]} columns"
            for name, table in self.tables.items()
        ]
        return [*lines, f"licence: {self.card.licence}"]

    def __str__(self) -> str:
        """Give the facts for a terminal."""
        title = f"{self.name}: {self.card.title}"
        return "\n".join([title, "=" * len(title), *self._lines()])

    def __repr__(self) -> str:
        """Give the same text as `str`."""
        return str(self)

    def _repr_html_(self) -> str:
        """Give the facts and the first rows for a notebook."""
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self._lines())
        title = html.escape(f"{self.name}: {self.card.title}")
        head = self.frame.head(3).to_html(border=0, index=False)
        return f"<p><strong>{title}</strong></p>\n<ul>{items}</ul>\n{head}"
