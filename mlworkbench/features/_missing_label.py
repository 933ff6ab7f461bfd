"""Whether gaps carry the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._stats import rank_auc
from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_same_index,
    check_same_length,
)
from mlworkbench.features._missing_tests import (
    FEW,
    as_values,
    association,
    bins,
    stratified,
)

__all__ = ["LabelProbe", "Target", "as_target", "probe_label"]


@dataclass(frozen=True, eq=False)
class Target:
    """The label as numbers (NaN: not known), or as codes of several classes."""

    values: FloatArray
    name: Any  # of the column; None for an array
    meaning: str  # what the mean is the mean of; empty for several classes
    two: bool
    codes: bool


@dataclass(frozen=True, eq=False)
class LabelProbe:
    """How the label differs between rows with and without a gap."""

    auc: float
    missing: float
    present: float
    p_value: float
    p_given_others: float


def as_target(table: pd.DataFrame, target: Any) -> Target | None:
    """Find the label and say what its mean means."""
    if target is None:
        return None
    name = None
    labels: list[Any] = list(table.columns)
    if np.ndim(target) == 0 or (isinstance(target, tuple) and target in labels):
        if target not in table.columns:
            raise KeyError(
                f"target is {target!r}, which is no column of frame; pass a column "
                "name or one value per row"
            )
        name, column = target, table[target]
    else:
        check_same_index(frame=table, target=target)
        column = target if isinstance(target, pd.Series) else None
        column = pd.Series(as_vector(target, "target")) if column is None else column
        check_same_length(frame=table, target=column)
    known = column.dropna()
    classes = sorted(known.unique().tolist(), key=str)
    values, ordered = as_values(column)
    label = "target" if name is None else str(name)
    if len(classes) == 2:
        last = max(classes) if ordered else classes[-1]
        hit = (column == last).to_numpy(dtype=np.float64, na_value=np.nan)
        values = np.where(column.isna().to_numpy(), np.nan, hit)
        plain = set(classes) <= {0, 1}
        meaning = f"{label} mean" if plain else f"share of {last!r} in {label}"
        return Target(values, name, meaning, two=True, codes=False)
    number = pd.api.types.is_numeric_dtype(column.dtype)
    meaning = f"{label} mean" if number else ""
    return Target(values, name, meaning, two=False, codes=not ordered)


def probe_label(
    gone: npt.NDArray[np.bool_],
    target: Target,
    rows: npt.NDArray[np.intp],
    scores: FloatArray | None,
    rng: np.random.Generator,
) -> LabelProbe:
    """Compare the label where there is a gap with the label elsewhere.

    `scores` of the `rows` say how likely a gap is by the other columns; within
    ten bands of them the label is compared once more.
    """
    y, n = target.values, float("nan")
    seen = ~np.isnan(y)
    ordered = not (target.codes or target.two)
    p_value = association(y, gone, ordered, rng)
    given = n
    inside = seen[rows]
    kept = rows[inside]
    if scores is not None and min(gone[kept].sum(), (~gone[kept]).sum()) >= FEW:
        bands = bins(scores[inside], True, 10)
        given = stratified(bins(y[kept], ordered, 8), gone[kept], bands)
    if target.codes:
        return LabelProbe(n, n, n, p_value, given)
    auc = float(rank_auc(gone, y))
    there, here = y[seen & ~gone], y[seen & gone]
    means = [float(part.mean()) if len(part) else n for part in (here, there)]
    if not target.meaning:  # dates have an order, their mean is not shown
        means = [n, n]
    return LabelProbe(auc, means[0], means[1], p_value, given)
