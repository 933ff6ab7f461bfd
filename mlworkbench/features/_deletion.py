"""What it costs to delete the rows with missing values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import FloatArray, as_frame, check_columns
from mlworkbench.features._missing_label import as_target

__all__ = ["default_groups", "deletion_cost"]

ANY = "any column"
_LEVELS = 20
_WHOLE_NUMBERS = 10


def deletion_cost(
    frame: Any, columns: Any = None, target: Any = None, groups: Any = None
) -> pd.DataFrame:
    """Show what is lost when rows with missing values are deleted.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n, n_columns)
        The data.
    columns : column label or list of labels, optional
        Columns whose gaps cost a row; all that have gaps by default.
    target : column label or array-like of shape (n,), optional
        Numbers, or two classes; the mean is compared, of two classes other
        than 0 and 1 the share of the later one by name.
    groups : list of column labels, optional
        Columns whose shares are compared. By default text, categories, True
        and False with at most 20 levels, and whole numbers with at most 10.

    Returns
    -------
    cost : pandas.DataFrame
        `missing_in` (the column, or "any column" where several have gaps),
        `quantity` ("rows", "target mean" or the group's column), `level` (of
        the group), `before`, `after` the deletion, `change`. Shares count gaps
        in the group as a level, "(missing)".

    Raises
    ------
    KeyError, ValueError
        When a column is not there, or the target has no mean.

    Notes
    -----
    A group that disappears has the share 0 after. The target mean is NaN where
    no row is left. O(n) per column and group.

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [None, 27, None, 40], "gender": list("ABAB")})
    >>> deletion_cost(people)[["quantity", "level", "before", "after"]]
      quantity level  before  after
    0     rows           4.0    2.0
    1   gender     A     0.5    0.0
    2   gender     B     0.5    1.0
    """
    table = as_frame(frame)
    names = list(table.columns) if columns is None else check_columns(table, columns)
    names = [name for name in names if table[name].isna().any()]
    label = as_target(table, target)
    if label is not None and not label.meaning:
        raise ValueError(
            "target has several classes that are no numbers, so it has no mean; pass "
            "numbers or two classes, e.g. y == one_of_them"
        )
    barred = [] if label is None or label.name is None else [label.name]
    chosen = default_groups(table, barred)
    chosen = chosen if groups is None else check_columns(table, groups)
    y = None if label is None else label.values
    return cost_table(table, names, y, chosen)


def default_groups(table: pd.DataFrame, leave_out: Iterable[Any] = ()) -> list[Any]:
    """Give the columns with few levels."""
    barred, result = list(leave_out), []
    for name in table.columns:
        if name in barred:
            continue
        column, kind = table[name], table[name].dtype
        number = pd.api.types.is_numeric_dtype(kind) and not (
            pd.api.types.is_bool_dtype(kind)
        )
        if number:
            known = column.dropna()[:1000].to_numpy(dtype=np.float64)
            if not np.array_equal(known, np.round(known)):
                continue
        elif not (
            pd.api.types.is_bool_dtype(kind)
            or pd.api.types.is_string_dtype(kind)
            or pd.api.types.is_object_dtype(kind)
            or isinstance(kind, pd.CategoricalDtype)
        ):
            continue
        mixed = pd.api.types.is_object_dtype(kind)
        levels = (column.astype(str) if mixed else column).nunique()
        most = _WHOLE_NUMBERS if number else _LEVELS
        if 1 < levels <= min(most, max(2, len(table) // 2)):
            result.append(name)
    return result


def cost_table(
    table: pd.DataFrame,
    names: list[Any],
    y: FloatArray | None,
    groups: list[Any],
    y_name: str = "target mean",
) -> pd.DataFrame:
    """Compare before and after, for each column and for all together."""
    gaps = {name: table[name].isna().to_numpy() for name in names}
    scopes: list[tuple[Any, npt.NDArray[np.bool_]]] = list(gaps.items())
    if len(scopes) > 1:
        scopes.append((ANY, np.any(list(gaps.values()), axis=0)))
    coded = {name: _levels(table[name]) for name in groups}
    rows = []
    for name, gone in scopes:
        kept = ~gone
        rows.append((name, "rows", "", float(len(table)), float(kept.sum())))
        if y is not None:
            rows.append((name, y_name, "", _mean(y), _mean(y[kept])))
        for group, (codes, levels) in coded.items():
            if group == name:
                continue
            before = np.bincount(codes, minlength=len(levels))
            after = np.bincount(codes[kept], minlength=len(levels))
            total = max(int(kept.sum()), 1)
            rows += [
                (name, str(group), level, b / len(table), a / total)
                for level, b, a in zip(levels, before, after, strict=True)
            ]
    columns = ["missing_in", "quantity", "level", "before", "after"]
    result = pd.DataFrame(rows, columns=columns)
    result["change"] = result["after"] - result["before"]
    return result


def _levels(column: pd.Series) -> tuple[npt.NDArray[np.intp], list[str]]:
    codes, levels = pd.factorize(column)
    labels = [str(level) for level in levels]
    order = sorted(range(len(labels)), key=lambda i: _sort_key(levels[i]))
    place = np.empty(len(labels) + 1, dtype=np.intp)
    place[order] = np.arange(len(order))
    place[-1] = len(labels)  # code -1, missing
    shown = [labels[i] for i in order]
    return place[codes], [*shown, "(missing)"] if (codes < 0).any() else shown


def _sort_key(level: Any) -> tuple[bool, float, str]:
    number = isinstance(level, int | float | np.number)
    return (not number, float(level) if number else 0.0, str(level))


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
