"""Quota sampling: the first who come, until each group is full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import as_frame, check_columns, check_integer
from mlworkbench.sampling._allocate import allocate
from mlworkbench.sampling._groups import (
    check_total,
    group_columns,
    show_labels,
    split,
    stratum_labels,
)

__all__ = ["QuotaSample", "quota_sample"]

IntArray = npt.NDArray[np.int64]
_COLUMNS = ["population", "quota", "taken"]


@dataclass(frozen=True, eq=False, repr=False)
class QuotaSample(Report):
    """What `quota_sample` took.

    `frame` has one row per group: the columns of `by`, then population (rows
    there are), quota (rows wanted) and taken (rows had).

    Parameters
    ----------
    frame : pandas.DataFrame
        The groups.
    n : int
        Rows taken.
    population : int
        Rows there are.
    sample : pandas.DataFrame
        The rows taken, first come first, index kept.
    notes : tuple of str
        Groups that stayed short of their quota, or had none.
    """

    n: int
    population: int
    sample: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Quota sample"

    def plot(self, ax: Any = None) -> Any:
        """Draw the quota and the rows taken, group by group.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on, with the 20 largest quotas at most.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        shown = self.frame.nlargest(20, "quota")[::-1]
        at = np.arange(len(shown))
        ax.barh(at, shown["quota"], color="0.8", label="quota")
        ax.plot(shown["taken"], at, "o", color="#0b5394", label="taken")
        ax.set_yticks(at, stratum_labels(shown, group_columns(shown)))
        ax.set_xlabel("rows")
        ax.set_title(f"{self.n:,} of {self.population:,} rows, first come first")
        ax.legend(loc="best")
        return ax


def quota_sample(
    frame: Any, by: Any, *, quota: Any = None, n: int | None = None, order: Any = None
) -> QuotaSample:
    """Take the first rows of every group until its quota is full.

    Nothing is drawn at random: that is what quota sampling is, and why it
    misleads. The sample agrees with the population on `by` and on nothing else
    that goes with who comes first.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n_rows, n_columns)
        The population, in the order in which its members are met.
    by : column label or list of labels
        What makes a group. Missing values are a group of their own.
    quota : int, or mapping of group to int, optional
        Rows wanted: the same for all groups, or by group (a tuple of labels
        where `by` has several). Groups that are not named get none. Give
        `quota` or `n`.
    n : int, optional
        Rows in all, shared out in proportion to the groups' sizes, exactly
        (largest remainder).
    order : column label, optional
        Sort by this column first, ties in the order of the rows, missing
        values last.

    Returns
    -------
    report : QuotaSample
        `.frame` has the groups, `.sample` the rows.

    Raises
    ------
    KeyError
        When a column, or a group named in `quota`, is not there.
    TypeError, ValueError
        When both or none of `quota` and `n` are given, or one is not a whole
        number, or too large.

    See Also
    --------
    stratified_sample : The same totals, drawn at random inside each group.

    Notes
    -----
    O(N log N) for N rows, linear without `order`.

    References
    ----------
    .. [1] F. Mosteller and others (1949), The Pre-Election Polls of 1948,
       Social Science Research Council Bulletin 60.

    *Used in:* ``ch04_training_data/01_draw_a_fair_sample``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"color": list("rbbbrbbb"), "day": range(8)})
    >>> quota_sample(frame, "color", n=4).sample
      color  day
    0     r    0
    1     b    1
    2     b    2
    3     b    3
    """
    table = as_frame(frame)
    labels, codes = split(table, by, reserved=_COLUMNS)
    sizes = np.bincount(codes, minlength=len(labels)).astype(np.int64)
    wanted = _wanted(labels, sizes, quota, n)
    rows = np.arange(len(table))
    if order is not None:
        check_columns(table, [order])
        rows = table[order].reset_index(drop=True).sort_values(kind="stable").index
        rows = rows.to_numpy()
    met = pd.Series(codes[rows])
    rows = rows[(met.groupby(met).cumcount() < wanted[met]).to_numpy()]
    taken = np.minimum(wanted, sizes)
    return QuotaSample(
        labels.assign(population=sizes, quota=wanted, taken=taken),
        n=int(taken.sum()),
        population=len(table),
        sample=table.iloc[rows],
        notes=_notes(labels, wanted, taken),
    )


def _wanted(labels: pd.DataFrame, sizes: IntArray, quota: Any, n: Any) -> IntArray:
    if (quota is None) == (n is None):
        raise ValueError(f"quota is {quota} and n is {n}; pass one of the two")
    if n is not None:
        check_total(check_integer(n, "n", 1), int(sizes.sum()))
        return allocate(n, sizes.astype(np.float64), sizes)
    if not isinstance(quota, Mapping | pd.Series):
        return np.full(len(sizes), check_integer(quota, "quota", 1), dtype=np.int64)
    keys = labels.iloc[:, 0] if labels.shape[1] == 1 else labels.apply(tuple, axis=1)
    at = {_key(key): i for i, key in enumerate(keys)}
    wanted = np.zeros(len(sizes), dtype=np.int64)
    for key, count in quota.items():
        if _key(key) not in at:
            there = show_labels([repr(known) for known in at], 20)
            raise KeyError(f"quota names the group {key!r}; there are {there}")
        wanted[at[_key(key)]] = check_integer(count, f"quota[{key!r}]")
    if not wanted.any():
        raise ValueError("quota asks for no row; give at least one group 1 or more")
    return wanted


def _key(key: Any) -> Any:
    """Give missing values one face, so that they can be looked up."""
    if isinstance(key, tuple):
        return tuple(map(_key, key))
    return None if pd.isna(key) else key


def _notes(labels: pd.DataFrame, wanted: IntArray, taken: IntArray) -> tuple[str, ...]:
    names = np.array(stratum_labels(labels, list(labels.columns)), dtype=object)
    notes = []
    if (taken < wanted).any():
        short = show_labels(list(names[taken < wanted]))
        notes.append(f"too few rows to fill the quota: {short}")
    if (wanted == 0).any():
        notes.append(f"no quota, no row: {show_labels(list(names[wanted == 0]))}")
    notes.append("not a random sample: who comes first decides, inside every group")
    return tuple(notes)
