"""How far samples are from the population they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    as_frame,
    check_columns,
    check_same_index,
)
from mlworkbench.sampling._distance import column_distance, finite_correction

__all__ = ["SampleComparison", "compare_samples"]

_MARKERS = "osD^vPX*"
_COLORS = ("#0b5394", "#e69138", "#38761d", "#a64d79", "#666666", "#990000")
_OUTCOME = ("outcome_mean", "outcome_error", "outcome_by_chance")


@dataclass(frozen=True, eq=False, repr=False)
class SampleComparison(Report):
    """What `compare_samples` measured, one row per sample and column.

    - sample, n: its name and number of rows; column
    - measure: "standardised mean difference" (numbers, dates) or "total
      variation" (everything else); distance: its value
    - by_chance: the size of distance that a simple random sample of n rows has
      on average
    - outcome_mean: mean of the outcome in the sample; outcome_error: that minus
      the population's; outcome_by_chance: the standard error that a simple
      random sample of n rows would have.

    Parameters
    ----------
    frame : pandas.DataFrame
        The distances.
    population : int
        Rows of the population.
    outcome : str or None
        Name of the outcome, where one was given.
    outcome_mean : float or None
        Its mean in the population.
    notes : tuple of str
        Rows without an outcome, left out of its means.
    """

    population: int
    outcome: str | None = None
    outcome_mean: float | None = None

    title: ClassVar[str] = "Samples compared with the population"

    @property
    def summary(self) -> pd.DataFrame:
        """One row per sample, one column per distance: the table to show.

        The index is the sample's name; after the distances, by column, come
        the outcome's mean, its error and the error to expect by chance.
        """
        facts = self.frame.drop_duplicates("sample").set_index("sample")
        parts = self.frame.groupby("sample", sort=False)
        rows = [dict(zip(p["column"], p["distance"], strict=True)) for _, p in parts]
        wide = pd.DataFrame(rows, index=facts.index)
        outcome = [name for name in _OUTCOME if name in facts]
        return facts[["n"]].join(wide).join(facts[outcome])

    def plot(self, ax: Any = None) -> Any:
        """Draw the size of every distance, a row per column of the table.

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
        columns = list(dict.fromkeys(self.frame["column"]))[::-1]
        at = {column: i for i, column in enumerate(columns)}
        groups = self.frame.groupby("sample", sort=False)
        for i, (name, rows) in enumerate(groups):
            ax.plot(
                rows["distance"].abs(),
                rows["column"].map(at) + 0.12 * ((len(groups) - 1) / 2 - i),
                _MARKERS[i % len(_MARKERS)],
                color=_COLORS[i % len(_COLORS)],
                alpha=0.8,
                label=name,
            )
        ax.set_yticks(range(len(columns)), [str(column) for column in columns])
        ax.set_ylim(-0.5, len(columns) - 0.5)
        ax.axvline(0, color="0.6", linewidth=0.8, zorder=0)
        ax.set_xlabel("distance from the population (size)")
        worst = self.frame.iloc[int(self.frame["distance"].abs().fillna(0).argmax())]
        ax.set_title(f"{worst['sample']} is farthest off, on {worst['column']}")
        ax.grid(axis="y", color="0.9")
        ax.legend(loc="best")
        return ax


def compare_samples(
    population: Any,
    samples: Mapping[str, Any],
    columns: Any = None,
    outcome: Any = None,
) -> SampleComparison:
    """Measure how far each sample is from the population, column by column.

    Parameters
    ----------
    population : DataFrame or Table of shape (n_rows, n_columns)
        All rows.
    samples : mapping of name to DataFrame, Index, labels or mask
        Each sample as a table with the columns, as labels of the population's
        index, or as one boolean per row of the population.
    columns : column label or list of labels, optional
        What to compare; all but the outcome by default. Numbers and dates are
        compared by their means, everything else by shares (make numbers that
        are names, such as a month, categories to compare shares).
    outcome : column label, optional
        Numbers or booleans whose mean matters.

    Returns
    -------
    report : SampleComparison
        `.summary` has one row per sample; `.frame` one per sample and column.

    Raises
    ------
    KeyError
        When a column, or a label of a sample, is not there.
    TypeError, ValueError
        When there is no sample, one is empty, two names read the same, a
        column has the name of a column of `.summary`, or the outcome is not
        numeric.

    Notes
    -----
    The standardised mean difference is (mean in the sample - mean in the
    population) / standard deviation in the population; missing values are left
    out. The total variation is half the sum of the differences of shares, from
    0 to 1; a missing value is a category.

    `by_chance` is the mean size of a distance over all simple random samples
    of n of the N rows, drawn without replacement (with replacement, where a
    sample has more rows than the population). For numbers it is the normal
    approximation √(2/π)·√(1/n)·√((N-n)/(N-1)), n and N without the missing
    values. For shares it is exact: half the sum of the mean absolute deviations
    of hypergeometric (or binomial) counts, by de Moivre's formula [2]_.

    Samples that agree on every column compared may still differ on the
    outcome: only what is in `columns` is looked at. Weighted samples are
    compared without their weights.

    References
    ----------
    .. [1] P. C. Austin (2009), Balance diagnostics for comparing the
       distribution of baseline covariates between treatment groups,
       Statistics in Medicine 28(25).
    .. [2] P. Diaconis, S. Zabell (1991), Closed form summation for classical
       distributions: variations on a theme of de Moivre, Statistical Science
       6(3).

    *Used in:* ``ch04_training_data/01_draw_a_fair_sample``.

    Examples
    --------
    >>> import pandas as pd
    >>> world = pd.DataFrame({"x": range(100), "late": [0, 1] * 50})
    >>> first = world.head(20)
    >>> report = compare_samples(world, {"first 20": first}, "x", outcome="late")
    >>> report.summary[["n", "x", "outcome_error"]].round(2)
               n     x  outcome_error
    sample
    first 20  20 -1.39            0.0
    """
    table = as_frame(population, "population")
    if not isinstance(samples, Mapping) or not samples:
        raise TypeError(
            f"samples is a {type(samples).__name__}; pass a dict of at least one "
            "name to a table or to labels of the population's index"
        )
    chosen = _columns(table, columns, outcome)
    _check_names(chosen, samples, outcome)
    truth = None if outcome is None else _numbers(table, outcome, "population")
    rows: list[dict[str, Any]] = []
    notes = []
    for name, given in samples.items():
        part = _rows(table, given, name)
        check_columns(part, chosen, f"sample {name!r}")
        facts = {}
        if truth is not None:
            found = _numbers(part, outcome, f"sample {name!r}")
            facts = _outcome(found, truth)
            if np.isnan(found).any():
                share = np.isnan(found).mean()
                notes.append(f"{name}: {outcome} is missing in {share:.1%} of its rows")
        rows += [
            {"sample": str(name), "n": len(part), "column": column}
            | column_distance(part[column], table[column])
            | facts
            for column in chosen
        ]
    return SampleComparison(
        pd.DataFrame(rows),
        population=len(table),
        outcome=None if outcome is None else str(outcome),
        outcome_mean=None if truth is None else float(np.nanmean(truth)),
        notes=tuple(notes),
    )


def _columns(table: pd.DataFrame, columns: Any, outcome: Any) -> list[Any]:
    if columns is None:
        columns = [column for column in table.columns if column != outcome]
    elif not isinstance(columns, list | tuple | pd.Index):
        columns = [columns]
    chosen = check_columns(table, list(dict.fromkeys(columns)), "population")
    if not chosen:
        raise ValueError("there is no column to compare; pass at least one")
    return chosen


def _check_names(chosen: list[Any], samples: Mapping[Any, Any], outcome: Any) -> None:
    """Refuse names under which two things would be one in the summary."""
    reserved = ["n", *([] if outcome is None else _OUTCOME)]
    taken = [column for column in chosen if column in reserved]
    if taken:
        raise ValueError(
            f"population has the column {taken[0]!r}, a name that the summary needs "
            "for itself; rename it, or leave it out of columns"
        )
    names = list(map(str, samples))
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(
            f"two samples are called {twice[0]!r} as text; give each its own name"
        )


def _rows(table: pd.DataFrame, given: Any, name: str) -> pd.DataFrame:
    """Give the rows of a sample, whichever way it was named."""
    if isinstance(given, pd.DataFrame) or hasattr(given, "columns"):
        part = as_frame(given, f"sample {name!r}")
    else:
        labels = pd.Index(given)
        known = labels[labels.notna()].infer_objects()
        if pd.api.types.is_bool_dtype(known):
            if len(known) < len(labels):
                raise ValueError(
                    f"sample {name!r} is a mask that is missing in "
                    f"{len(labels) - len(known)} row(s); fill it, e.g. "
                    "mask.fillna(False)"
                )
            check_same_index(population=table, **{f"sample {name!r}": given})
            if len(labels) != len(table):
                raise ValueError(
                    f"sample {name!r} is a mask of {len(labels)} values for "
                    f"{len(table)} rows; pass one a row"
                )
            part = table[labels.to_numpy(dtype=bool)]
        else:
            if not table.index.is_unique:
                raise ValueError(
                    "the population's index has labels twice, so labels do not name "
                    f"rows; pass the sample {name!r} as a table"
                )
            missing = labels[~labels.isin(table.index)]
            if len(missing):
                raise KeyError(
                    f"sample {name!r} has labels that are not in the population's "
                    f"index: {missing[:5].tolist()}"
                )
            part = table.loc[labels]
    if not len(part):
        raise ValueError(f"sample {name!r} is empty; leave it out")
    return part


def _numbers(table: pd.DataFrame, outcome: Any, name: str) -> FloatArray:
    check_columns(table, [outcome], name)
    column = table[outcome]
    if not pd.api.types.is_numeric_dtype(column):
        raise TypeError(
            f"outcome {outcome!r} is {column.dtype}; pass numbers or booleans, "
            "e.g. frame[outcome] == one_value"
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(values).all():
        raise ValueError(f"outcome {outcome!r} is missing in all rows of {name}")
    return np.asarray(values)


def _outcome(found: FloatArray, truth: FloatArray) -> dict[str, float]:
    found, truth = found[~np.isnan(found)], truth[~np.isnan(truth)]
    error = (
        float(truth.std())
        / np.sqrt(len(found))
        * finite_correction(len(found), len(truth))
    )
    return {
        "outcome_mean": float(found.mean()),
        "outcome_error": float(found.mean() - truth.mean()),
        "outcome_by_chance": float(error),
    }
