"""From one loss per fold and column to the tables of an importance report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, spearmanr

__all__ = ["agreement", "hidden_groups", "per_column", "per_group", "with_ranks"]

Losses = Mapping[str, Sequence[Mapping[tuple[Any, ...], float]]]
LEAST_SHARE = 0.05  # of what the model knows, for a group to be worth a warning
# Two copies cost nothing left out one at a time. Shuffled they cost a linear model
# half of what both cost (squared errors), so 2 is the most that two can reach.
TIMES = {"drop": 2.0, "permutation": 1.5}


def _measured(losses: Losses, subsets: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Give mean and standard deviation over the folds for every method."""
    table = {}
    for method, folds in losses.items():
        values = np.array(
            [[fold.get(subset, np.nan) for subset in subsets] for fold in folds]
        ).round(12)
        table[method] = values.mean(axis=0) + 0.0
        one = len(values) < 2
        spread = (
            values.std(axis=0, ddof=1) if not one else np.full(len(subsets), np.nan)
        )
        table[f"{method}_sd"] = spread
    return pd.DataFrame(table)


def with_ranks(table: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """Add a rank and a share to every method; negative importance has no share."""
    parts = []
    for method in methods:
        value = table[method]
        positive = value.clip(lower=0)
        total = positive.sum()
        parts += [value, table[f"{method}_sd"]]
        rank = value.rank(ascending=False, method="min").astype("int64")
        parts.append(rank.rename(f"{method}_rank"))
        share = positive / total if total > 0 else positive * np.nan
        parts.append(share.rename(f"{method}_share"))
    return pd.concat(parts, axis=1)


def per_group(
    groups: Mapping[Any, Sequence[Any]], losses: Losses, methods: Sequence[str]
) -> pd.DataFrame:
    """Give one row per group, by the first method, with its cumulative share."""
    subsets = [tuple(columns) for columns in groups.values()]
    table = with_ranks(_measured(losses, subsets), methods)
    table.insert(0, "columns", [len(subset) for subset in subsets])
    table.index = pd.Index(list(groups), name="feature")
    table = table.sort_values(methods[0], ascending=False, kind="stable")
    table["cumulative_share"] = table[f"{methods[0]}_share"].cumsum()
    return table


def per_column(
    groups: Mapping[Any, Sequence[Any]],
    columns: Sequence[Any],
    losses: Losses,
    methods: Sequence[str],
) -> pd.DataFrame:
    """Give one row per column taken alone, with the group it is in."""
    owner = {column: name for name, several in groups.items() for column in several}
    subsets = [(column,) for column in columns]
    table = with_ranks(_measured(losses, subsets), methods)
    table.insert(0, "group", [owner[column] for column in columns])
    table.index = pd.Index(list(columns), name="column")
    return table.sort_values(methods[0], ascending=False, kind="stable")


def agreement(table: pd.DataFrame, methods: Sequence[str], kind: str) -> pd.DataFrame:
    """Give the rank correlation of every two methods over the rows."""
    statistic = {"kendall": kendalltau, "spearman": spearmanr}[kind]
    matrix = np.eye(len(methods))
    for i, one in enumerate(methods):
        for j, other in enumerate(methods[:i]):
            a, b = table[one].to_numpy(), table[other].to_numpy()
            flat = len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0
            value = float("nan") if flat else float(statistic(a, b).statistic)
            matrix[i, j] = matrix[j, i] = value
    return pd.DataFrame(matrix, index=list(methods), columns=list(methods))


def hidden_groups(
    groups: Mapping[Any, Sequence[Any]],
    frame: pd.DataFrame,
    by_column: pd.DataFrame,
    known: float,
) -> dict[Any, tuple[str, float, float]]:
    """Find groups worth much more than what their columns alone add up to.

    At least twice as much when left out, half as much again when shuffled.

    Gives for each the method that says so, the loss of the group and the sum of
    the losses of its columns (those above 0). Leaving out is asked first, then
    shuffling alone.
    """
    found: dict[Any, tuple[str, float, float]] = {}
    for name, columns in groups.items():
        for method in ("drop", "permutation"):
            if len(columns) < 2 or method not in frame or name in found:
                continue
            joint = float(frame.loc[name, method])
            single = by_column.loc[list(columns), method]
            alone = float(single.clip(lower=0).sum())
            spread = float(np.nan_to_num(frame.loc[name, f"{method}_sd"]))
            large = joint > max(LEAST_SHARE * known, spread, 0.0)
            if large and joint >= TIMES[method] * alone:
                found[name] = (method, joint, alone)
    return found
