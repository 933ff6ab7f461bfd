"""How many rows of new data have a category that training never saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._coverage import compare_coverage, value_kind
from mlworkbench._report import Report
from mlworkbench._validation import as_frame, check_columns

__all__ = ["CategoryDrift", "category_drift"]

_COLORS = ("#0b5394", "#e69138", "#38761d", "#a64d79", "#666666", "#990000")
_MARKERS = "osD^vPX*"
_TIMED = (
    "column",
    "period",
    "rows",
    "unseen_share",
    "first_seen_share",
    "new_values",
    "values_so_far",
)


@dataclass(frozen=True, eq=False, repr=False)
class CategoryDrift(Report):
    """What `category_drift` counted, one row per column.

    - column; rows: rows of new with a value; coverage: their share
    - train_values, new_values: distinct categories on each side; unseen_values:
      those of new that train never had
    - unseen_share: share of the rows of new with such a category;
      unseen_by_chance: the same, on average, had the rows been dealt at random
    - distance: total variation between the shares of the categories.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    n_train, n_new : int
        Rows compared.
    over_time : pandas.DataFrame
        One row per column and period, without rows where no time was given:
        column, period; rows with a value; unseen_share (train never saw the
        category); first_seen_share (neither did an earlier period: what is
        left if the list of categories is brought up to date before each
        period); new_values, the categories first seen in the period;
        values_so_far, all categories seen until its end, train included.
    notes : tuple of str
        What was left out.
    """

    n_train: int
    n_new: int
    over_time: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Categories that training never saw"

    def plot(self, ax: Any = None) -> Any:
        """Draw the unseen share: over time where there is one, or by column.

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

        if ax is None:
            ax = plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
        if len(self.over_time):
            return _plot_over_time(ax, self.over_time)
        shown = self.frame.sort_values("unseen_share", na_position="first")
        share = 100 * shown["unseen_share"].fillna(0).to_numpy(dtype=np.float64)
        ax.barh(shown["column"].astype(str), share, color=_COLORS[0])
        ax.set_xlabel("rows with a category never seen in training (%)")
        ax.set_title(_headline(self.frame))
        return ax


def category_drift(
    train: Any,
    new: Any,
    *,
    columns: Iterable[Any] | None = None,
    time: Any = None,
    freq: str = "M",
) -> CategoryDrift:
    """Count the rows of new data whose category training never saw.

    Parameters
    ----------
    train : DataFrame or 2-D array of shape (n, p)
        What the model, or its list of categories, was made from.
    new : DataFrame or 2-D array of shape (m, q)
        Data that came later.
    columns : iterable of labels, optional
        Columns to take as categories, numbers too when they are named; by
        default all columns of text, categories and truth values in train.
    time : label, optional
        Column of `new` to follow the counts along: times, or numbers such as a
        month, which are taken as they are.
    freq : str, default="M"
        Length of a period for times, as pandas writes it: "D", "W", "M", "Q",
        "Y". The clock on the wall of the column's zone counts.

    Returns
    -------
    report : CategoryDrift
        By column in `.frame`, over time in `.over_time`; `.plot()`.

    Raises
    ------
    KeyError
        When a column is not in both, or the time is not in `new`.
    ValueError
        When there is no column of categories, or `freq` is not a period.
    TypeError
        When a column holds different kinds of values on the two sides, or the
        time is text.

    Notes
    -----
    A missing value is no category: it counts in the coverage only. A category
    that a pandas categorical declares but no row of train has was never seen.
    Without rows on a side the shares are NaN. `unseen_by_chance` tells rare
    categories from new ones: even two random halves of one table differ in
    their rarest. A share of rows is what a model feels; a count of categories
    grows with the rows looked at, new or not. O(n log n) per column.

    References
    ----------
    .. [1] I. J. Good (1953), The population frequencies of species and the
       estimation of population parameters, Biometrika 40(3/4).

    *Used in:* ``ch05_features/06_will_this_feature_generalise``.

    Examples
    --------
    >>> import pandas as pd
    >>> train = pd.DataFrame({"brand": ["a", "a", "b", "b"]})
    >>> new = pd.DataFrame({"brand": ["a", "c", "c", "d"], "month": [5, 5, 6, 6]})
    >>> drift = category_drift(train, new, time="month")
    >>> float(drift.frame["unseen_share"][0])
    0.75
    >>> columns = ["period", "unseen_share", "first_seen_share", "values_so_far"]
    >>> drift.over_time[columns]
       period  unseen_share  first_seen_share  values_so_far
    0       5           0.5               0.5              3
    1       6           1.0               0.5              4
    """
    before, after = as_frame(train, "train"), as_frame(new, "new")
    chosen = _chosen(before, after, columns, time)
    rows, parts, notes = [], [], []
    periods = None if time is None else _periods(after, time, freq)
    if periods is not None and periods.isna().any():
        lost = int(periods.isna().sum())
        notes.append(f"{lost:,} row(s) of new without a time are not in over_time")
    for column in chosen:
        rows.append(_row(column, before[column], after[column]))
        if periods is not None:
            parts.append(_follow(column, before[column], after[column], periods))
    timed = [part for part in parts if len(part)]
    return CategoryDrift(
        pd.DataFrame(rows),
        n_train=len(before),
        n_new=len(after),
        over_time=pd.concat(timed, ignore_index=True) if timed else _empty(),
        notes=tuple(notes),
    )


def _empty() -> pd.DataFrame:
    types = dict.fromkeys(("rows", "new_values", "values_so_far"), "int64")
    types |= dict.fromkeys(("unseen_share", "first_seen_share"), "float64")
    return pd.DataFrame(columns=list(_TIMED), dtype=object).astype(types)


def _chosen(
    train: pd.DataFrame, new: pd.DataFrame, columns: Iterable[Any] | None, time: Any
) -> list[Any]:
    """Give the columns to count in; all must be on both sides."""
    if columns is None:
        columns = [c for c in train.columns if _is_named(train[c]) and c != time]
        if not columns:
            raise ValueError(
                "train has no column of text, categories or truth values; name the "
                "numbers that are categories with columns=[...]"
            )
    chosen = check_columns(train, columns, "train")
    check_columns(new, chosen, "new")
    if not chosen:
        raise ValueError("columns is empty; name at least one")
    return chosen


def _is_named(values: pd.Series) -> bool:
    """Say whether values are names by their type alone."""
    types = pd.api.types
    if isinstance(values.dtype, pd.CategoricalDtype) or types.is_bool_dtype(values):
        return True
    kind = value_kind(values)
    if kind == "nothing":
        return types.is_object_dtype(values) or types.is_string_dtype(values)
    return kind in ("text", "mixed") or (
        kind == "number"
        and types.is_object_dtype(values)
        and types.infer_dtype(values, skipna=True) == "boolean"
    )


def _row(column: Any, train: pd.Series, new: pd.Series) -> dict[str, Any]:
    try:
        cover = compare_coverage(train, new, discrete=True)
    except TypeError as error:
        raise TypeError(f"column {column!r}: {error}") from None
    return {
        "column": column,
        "rows": cover.n_new,
        "coverage": cover.new_coverage,
        "train_values": cover.train_values,
        "new_values": cover.new_values,
        "unseen_values": cover.new_values - cover.shared_values,
        "unseen_share": cover.unseen_share,
        "unseen_by_chance": cover.unseen_by_chance,
        "distance": cover.distance,
    }


def _periods(new: pd.DataFrame, time: Any, freq: str) -> pd.Series:
    """Give the period of every row, in the order of the rows."""
    check_columns(new, [time], "new")
    values: pd.Series = new[time].reset_index(drop=True)
    kind = value_kind(values)
    if isinstance(values.dtype, pd.PeriodDtype) or kind in ("number", "nothing"):
        return values
    if kind not in ("time", "time with a zone"):
        raise TypeError(
            f"time is {time!r}, which holds {kind}; pass a column of times "
            "(pandas.to_datetime reads text) or of numbers"
        )
    values = pd.to_datetime(values)
    if kind != "time":
        values = values.dt.tz_localize(None)  # the clock on the wall
    try:
        periods: pd.Series = values.dt.to_period(freq)
    except (ValueError, AttributeError) as error:
        raise ValueError(
            f"freq is {freq!r} ({error}); pass a period: 'D', 'W', 'M', 'Q' or 'Y'"
        ) from None
    return periods


def _follow(
    column: Any, train: pd.Series, new: pd.Series, periods: pd.Series
) -> pd.DataFrame:
    """Count period by period what was not seen before."""
    known = new.notna().to_numpy() & periods.notna().to_numpy()
    values, period = new[known].astype(object), periods[known].to_numpy()
    seen = pd.Index(train.dropna().astype(object).unique())
    codes, names = pd.factorize(values)
    unseen = ~np.asarray(pd.Index(names, dtype=object).isin(seen), dtype=np.bool_)
    table = pd.DataFrame({"period": period, "code": codes, "unseen": unseen[codes]})
    # A category is new in the first period that has it, wherever the rows stand.
    first = table.groupby("code")["period"].transform("min")
    table["fresh"] = table["unseen"] & (table["period"] == first)
    parts = table.groupby("period", sort=True)
    fresh = table[table["fresh"]].groupby("period")["code"].nunique()
    result = parts.agg(
        rows=("code", "size"),
        unseen_share=("unseen", "mean"),
        first_seen_share=("fresh", "mean"),
    )
    result["new_values"] = fresh.reindex(result.index, fill_value=0).astype("int64")
    result["values_so_far"] = len(seen) + result["new_values"].cumsum()
    result = result.reset_index()
    result.insert(0, "column", pd.Series([column] * len(result), dtype=object))
    return result


def _plot_over_time(ax: Any, table: pd.DataFrame) -> Any:
    """Draw a line per column."""
    from matplotlib.ticker import MaxNLocator

    labels = sorted(table["period"].unique())
    at = {period: place for place, period in enumerate(labels)}
    parts = list(table.groupby("column", sort=False))
    for place, (name, rows) in enumerate(parts):
        style = f"{_MARKERS[place % len(_MARKERS)]}-"
        color = _COLORS[place % len(_COLORS)]
        share = 100 * rows["unseen_share"]
        ax.plot(rows["period"].map(at), share, style, color=color, label=str(name))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    names = dict(enumerate(map(str, labels)))
    ax.xaxis.set_major_formatter(lambda x, _: names.get(round(x), ""))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("period")
    ax.set_ylabel("rows never seen (%)")
    worst = table.iloc[int(table["unseen_share"].argmax())]
    ax.set_title(
        f"{worst['column']}: {100 * worst['unseen_share']:.1f} % of rows unseen in "
        f"{worst['period']}"
    )
    if len(parts) > 1:
        ax.figure.legend(loc="outside lower center", ncols=min(len(parts), 5))
    return ax


def _headline(table: pd.DataFrame) -> str:
    known = table.dropna(subset="unseen_share")
    if known.empty:
        return "Nothing to compare"
    worst = known.iloc[int(known["unseen_share"].argmax())]
    share = 100 * worst["unseen_share"]
    return f"{worst['column']}: {share:.1f} % of rows have a category never seen"
