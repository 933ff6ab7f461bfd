"""A random sample from every stratum, with exact totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    check_choice,
    check_columns,
    check_fraction,
    check_integer,
)
from mlworkbench.sampling._allocate import allocate
from mlworkbench.sampling._groups import (
    check_total,
    group_columns,
    show_labels,
    split,
    stratum_labels,
)

__all__ = ["StratifiedSample", "stratified_sample"]

IntArray = npt.NDArray[np.int64]
_COLUMNS = ["population", "share", "std", "allocated", "fraction", "weight"]


@dataclass(frozen=True, eq=False, repr=False)
class StratifiedSample(Report):
    """What `stratified_sample` drew.

    `frame` has one row per stratum: the columns of `by`, then

    - population: rows of the stratum, N_h; share: N_h/N
    - std: standard deviation of the target, where one was given
    - allocated: rows drawn, n_h; fraction: n_h/N_h
    - weight: N_h/n_h, what a drawn row stands for; missing where n_h is 0.

    Parameters
    ----------
    frame : pandas.DataFrame
        The allocation.
    n : int
        Rows drawn.
    population : int
        Rows to draw from.
    allocation : str
        How the total was shared out.
    sample : pandas.DataFrame
        The rows drawn, in the order of the table they came from, index kept.
    weights : pandas.Series
        N_h/n_h for every row of `sample`, on the same index:
        ``numpy.average(report.sample[y], weights=report.weights)`` estimates
        the mean of the population under any allocation.
    notes : tuple of str
        Strata taken whole, left out, or made of missing values.
    """

    n: int
    population: int
    allocation: str
    sample: pd.DataFrame = field(repr=False)
    weights: pd.Series = field(repr=False)

    title: ClassVar[str] = "Stratified sample"

    def plot(self, ax: Any = None) -> Any:
        """Draw each stratum's share of the population and of the sample.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on, with the 20 largest strata at most.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        shown = self.frame.nlargest(20, "population")[::-1]
        labels = stratum_labels(shown, group_columns(shown))
        at = np.arange(len(shown))
        drawn = 100 * shown["allocated"] / self.n
        ax.barh(at, 100 * shown["share"], color="0.8", label="population")
        ax.plot(drawn, at, "o", color="#0b5394", label="sample")
        ax.set_yticks(at, labels)
        ax.set_xlabel("share (%)")
        ax.set_title(f"{self.n:,} of {self.population:,} rows, {self.allocation}")
        ax.legend(loc="best")
        return ax


def stratified_sample(
    frame: Any,
    by: Any,
    *,
    n: int | None = None,
    frac: float | None = None,
    allocation: str = "proportional",
    target: Any = None,
    min_per_stratum: int = 0,
    random_state: RandomState = None,
) -> StratifiedSample:
    """Draw a simple random sample inside every stratum, `n` rows in all.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n_rows, n_columns)
        The population.
    by : column label or list of labels
        What makes a stratum. Missing values are a stratum of their own.
    n : int, optional
        Rows to draw in all; give `n` or `frac`.
    frac : float, optional
        Share of the rows to draw in all, in (0, 1].
    allocation : {"proportional", "equal", "neyman"}, default="proportional"
        How the total is shared out: n_h in proportion to N_h, the same for
        all, or in proportion to N_h·S_h, which gives the mean of `target` its
        smallest error.
    target : column label, optional
        Numbers without missing values whose standard deviation S_h per stratum
        counts; needed by "neyman". In practice S_h comes from a pilot sample or
        from a column known for all that goes with the outcome.
    min_per_stratum : int, default=0
        Draw at least so many in each stratum (all of a smaller one).
    random_state : int, numpy.random.Generator or None, default=None
        Source of chance.

    Returns
    -------
    report : StratifiedSample
        `.frame` is the allocation, `.sample` the rows, `.weights` what undoes
        an unequal allocation.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When both or none of `n` and `frac` are given, when `n` is more than
        the rows or less than the minima ask for, when Neyman has no target or
        one that is missing in places.

    Notes
    -----
    The total is exact: shares are rounded by largest remainder. A stratum
    smaller than its share is taken whole and what it leaves goes to the
    others, in proportion. Neyman's allocation gives strata of zero variance
    nothing; a stratum with no row is missing from every estimate, and no
    weight brings it back. O(N log N) for N rows.

    It misleads when the strata are taken for the target population although
    the table holds only a part of it.

    References
    ----------
    .. [1] J. Neyman (1934), On the two different aspects of the representative
       method, Journal of the Royal Statistical Society 97(4).
    .. [2] W. G. Cochran (1977), Sampling Techniques, chapter 5.

    *Used in:* ``ch04_training_data/01_draw_a_fair_sample``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"color": ["red"] * 25 + ["blue"] * 75})
    >>> report = stratified_sample(frame, "color", n=8, random_state=0)
    >>> report.frame[["color", "population", "allocated", "weight"]]
      color  population  allocated  weight
    0  blue          75          6    12.5
    1   red          25          2    12.5
    >>> report.sample["color"].value_counts().to_dict()
    {'blue': 6, 'red': 2}
    """
    table = as_frame(frame)
    rng = as_generator(random_state)
    labels, codes = split(table, by, reserved=_COLUMNS)
    sizes = np.bincount(codes, minlength=len(labels)).astype(np.int64)
    total = _total(n, frac, len(table))
    spread = None if target is None else _spread(table, target, codes, sizes)
    measure = _measure(allocation, sizes, spread)
    least = np.minimum(check_integer(min_per_stratum, "min_per_stratum"), sizes)
    if least.sum() > total:
        raise ValueError(
            f"min_per_stratum={min_per_stratum} asks for {least.sum():,} rows in "
            f"{len(sizes)} strata, n is {total:,}; raise n or lower the minimum"
        )
    drawn = allocate(total, measure, sizes, least)
    rows = _draw(codes, sizes, drawn, rng)
    weight = np.divide(
        sizes, drawn, where=drawn > 0, out=np.full(len(sizes), np.nan, dtype=float)
    )
    result = labels.assign(population=sizes, share=sizes / sizes.sum())
    if spread is not None:
        result["std"] = spread
    result = result.assign(allocated=drawn, fraction=drawn / sizes, weight=weight)
    sample = table.iloc[rows]
    return StratifiedSample(
        result,
        n=total,
        population=len(table),
        allocation=allocation,
        sample=sample,
        weights=pd.Series(weight[codes[rows]], index=sample.index, name="weight"),
        notes=_notes(labels, sizes, drawn, measure, allocation),
    )


def _total(n: int | None, frac: float | None, available: int) -> int:
    if (n is None) == (frac is None):
        raise ValueError(f"n is {n} and frac is {frac}; pass one of the two")
    if n is None:
        total = round(check_fraction(frac, "frac") * available)
        if total == 0:
            raise ValueError(
                f"frac={frac} of {available} rows is less than one; raise frac"
            )
        return total
    check_total(check_integer(n, "n", 1), available)
    return int(n)


def _spread(
    table: pd.DataFrame, target: Any, codes: IntArray, sizes: IntArray
) -> FloatArray:
    """Give the standard deviation per stratum, 0 for a single row."""
    check_columns(table, [target])
    column = table[target]
    if not pd.api.types.is_numeric_dtype(column):
        raise ValueError(
            f"target {target!r} is {column.dtype}; pass numbers or booleans"
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ValueError(
            f"target {target!r} is missing or infinite in {int(wrong.sum())} rows "
            f"(first at row {int(np.argmax(wrong))}); drop them or pass a column known "
            "for all"
        )
    means = np.bincount(codes, values, len(sizes)) / sizes
    squares = np.bincount(codes, np.square(values - means[codes]), len(sizes))
    constant = pd.Series(values).groupby(codes).nunique().to_numpy() == 1
    squares[constant] = 0.0
    return np.asarray(np.sqrt(squares / np.maximum(sizes - 1, 1)))


def _measure(allocation: str, sizes: IntArray, spread: FloatArray | None) -> FloatArray:
    check_choice(allocation, "allocation", ["proportional", "equal", "neyman"])
    if allocation == "equal":
        return np.ones(len(sizes))
    if allocation == "proportional":
        return sizes.astype(np.float64)
    if spread is None:
        raise ValueError(
            "allocation='neyman' needs the column whose mean matters; pass target="
        )
    return sizes * spread


def _draw(
    codes: IntArray, sizes: IntArray, drawn: IntArray, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Draw positions, `drawn` of every stratum, in the order of the table."""
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    picked = [
        start + rng.choice(size, count, replace=False, shuffle=False)
        for start, size, count in zip(starts, sizes, drawn, strict=True)
    ]
    return np.sort(order[np.concatenate(picked)])


def _notes(
    labels: pd.DataFrame,
    sizes: IntArray,
    drawn: IntArray,
    measure: FloatArray,
    allocation: str,
) -> tuple[str, ...]:
    names = np.array(stratum_labels(labels, list(labels.columns)), dtype=object)
    notes = []
    total = drawn.sum()
    share = total * measure / max(measure.sum(), np.finfo(float).tiny)
    whole = (drawn == sizes) & (share > sizes + 1e-9)
    if whole.any():
        shown = show_labels(list(names[whole]))
        notes.append(
            f"smaller than their share and taken whole: {shown}; the rest was shared "
            "among the others"
        )
    if not measure.any():
        notes.append("the target varies in no stratum: allocated in proportion to size")
    empty = drawn == 0
    if empty.any():
        notes.append(
            f"without a row: {show_labels(list(names[empty]))}; estimates leave them "
            "out and no weight brings them back (min_per_stratum=1 does)"
        )
    missing = labels.isna().any(axis=1).to_numpy()
    if missing.any():
        rows = int(sizes[missing].sum())
        notes.append(f"missing values are a stratum of their own ({rows:,} rows)")
    # Rounding alone moves a stratum by less than one row.
    if (abs(drawn - total * sizes / sizes.sum()) >= 1).any():
        notes.append("strata are drawn at different rates: estimate with .weights")
    return tuple(notes)
