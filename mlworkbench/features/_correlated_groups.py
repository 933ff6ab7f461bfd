"""Which columns say the same: association of columns of any kind, and clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from mlworkbench._validation import FloatArray, check_columns

__all__ = ["association", "check_groups", "coded", "find_groups"]

FEWEST = 3  # complete pairs for an association to mean anything
MOST_ROWS = 10_000


def coded(column: pd.Series) -> tuple[FloatArray, bool]:
    """Give a column as numbers, NaN where missing, and whether order counts.

    Numbers, dates, lengths of time, booleans and ordered categories keep their
    order; everything else becomes the number of its category.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes, ordered = column.cat.codes.to_numpy(np.float64), bool(dtype.ordered)
        return np.where(codes < 0, np.nan, codes), ordered
    if pd.api.types.is_datetime64_any_dtype(dtype):
        column = column - column.min()
        dtype = column.dtype
    if pd.api.types.is_timedelta64_dtype(dtype):
        return column.dt.total_seconds().to_numpy(np.float64), True
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(
        dtype
    ):
        return column.to_numpy(dtype="float64", na_value=np.nan), True
    try:
        codes, _ = pd.factorize(column)
    except TypeError:  # lists and dicts
        codes, _ = pd.factorize(column.astype(str))
    return np.where(codes < 0, np.nan, codes.astype(np.float64)), False


def association(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the strength of association of every two columns, 0 to 1.

    Two columns with an order: |Spearman's rank correlation|. Two without:
    Cramér's V, corrected for chance. One of each: the correlation ratio of the
    ranks, corrected for chance. Rows where one of the two is missing are left
    out; a constant column goes with none. O(n p²) after ranking.
    """
    columns = [coded(frame.iloc[:, place]) for place in range(frame.shape[1])]
    size = len(columns)
    matrix = np.eye(size)
    ordered = [place for place in range(size) if columns[place][1]]
    if len(ordered) > 1:
        numbers = pd.DataFrame({place: columns[place][0] for place in ordered})
        with np.errstate(invalid="ignore", divide="ignore"):
            rho = numbers.corr("spearman", min_periods=FEWEST).abs().to_numpy()
        matrix[np.ix_(ordered, ordered)] = np.nan_to_num(rho)
    for i in range(size):
        for j in range(i):
            if not (columns[i][1] and columns[j][1]):
                matrix[i, j] = matrix[j, i] = _mixed(columns[i], columns[j])
    np.fill_diagonal(matrix, 1.0)
    matrix = np.clip(matrix, 0, 1)
    return pd.DataFrame(matrix, index=frame.columns, columns=frame.columns)


def _mixed(one: tuple[FloatArray, bool], other: tuple[FloatArray, bool]) -> float:
    both = ~np.isnan(one[0]) & ~np.isnan(other[0])
    if both.sum() < FEWEST:
        return 0.0
    if one[1]:
        return _correlation_ratio(one[0][both], other[0][both])
    if other[1]:
        return _correlation_ratio(other[0][both], one[0][both])
    return _cramers_v(one[0][both], other[0][both])


def _correlation_ratio(numbers: FloatArray, codes: FloatArray) -> float:
    """Give ε, the correlation ratio of ranks corrected for chance (Kelley)."""
    ranks = rankdata(numbers)
    _, group = np.unique(codes, return_inverse=True)
    n, k = len(ranks), int(group.max()) + 1
    total = float(np.square(ranks - ranks.mean()).sum())
    if total == 0 or k < 2 or k >= n:
        return 0.0
    means = np.bincount(group, ranks) / np.bincount(group)
    within = float(np.square(ranks - means[group]).sum())
    return float(np.sqrt(max(0.0, 1 - within / total * (n - 1) / (n - k))))


def _cramers_v(one: FloatArray, other: FloatArray) -> float:
    """Give Cramér's V corrected for chance (Bergsma 2013)."""
    _, a = np.unique(one, return_inverse=True)
    _, b = np.unique(other, return_inverse=True)
    n, r, c = len(a), int(a.max()) + 1, int(b.max()) + 1
    if r < 2 or c < 2:
        return 0.0
    cells, counts = np.unique(a * c + b, return_counts=True)
    rows, places = np.bincount(a), np.bincount(b)
    phi = float((counts**2 / (rows[cells // c] * places[cells % c])).sum()) - 1
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    r_left, c_left = (k - (k - 1) ** 2 / (n - 1) for k in (r, c))
    smaller = min(r_left, c_left) - 1
    return float(np.sqrt(min(1.0, phi / smaller))) if smaller > 0 else 0.0


def find_groups(strength: pd.DataFrame, threshold: float) -> dict[Any, list[Any]]:
    """Cluster columns whose average association is at least `threshold`.

    Average linkage on 1 - association. A column that goes with none is a group
    of one under its own name; groups come in the order of their first column.
    """
    columns = list(strength.columns)
    if len(columns) < 2:
        return {column: [column] for column in columns}
    distance = 1 - strength.to_numpy()
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance.round(12), checks=False), "average")
    label = fcluster(tree, 1 - threshold + 1e-9, "distance")
    members: dict[int, list[Any]] = {}
    for column, number in zip(columns, label, strict=True):
        members.setdefault(int(number), []).append(column)
    groups: dict[Any, list[Any]] = {}
    for several in members.values():
        name = several[0] if len(several) == 1 else _group_name(several)
        while name in groups or (len(several) > 1 and name in columns):
            name = f"{name} (group)"
        groups[name] = several
    return groups


def _group_name(columns: list[Any]) -> str:
    shown = " + ".join(map(str, columns[:4]))
    return shown if len(columns) <= 4 else f"{shown} + {len(columns) - 4} more"


def check_groups(groups: Any, frame: pd.DataFrame) -> dict[Any, list[Any]]:
    """Take groups of columns by name; a column in none is a group of its own."""
    if not isinstance(groups, Mapping):
        raise TypeError(
            f"groups is a {type(groups).__name__}; pass a dict of group name and "
            "columns, {} for every column alone, or None to find groups (groups of "
            "rows belong into cv, as an iterable of train and test rows)"
        )
    result: dict[Any, list[Any]] = {}
    owner: dict[Any, Any] = {}
    for name, given in groups.items():
        wanted = given if isinstance(given, str | list | tuple | set) else [given]
        if not isinstance(given, str) and hasattr(given, "__iter__"):
            wanted = list(given)
        columns = check_columns(frame, wanted, "X")
        if not columns:
            raise ValueError(f"groups[{name!r}] is empty; name one column or more")
        for column in columns:
            if column in owner:
                raise ValueError(
                    f"column {column!r} is named twice, in {owner[column]!r} and "
                    f"{name!r}; put every column into one group"
                )
            owner[column] = name
        result[name] = columns
    for column in frame.columns:
        if column not in owner:
            if column in result:
                raise ValueError(
                    f"the group {column!r} has the name of a column outside it; "
                    "call the group something else"
                )
            result[column] = [column]
    return result
