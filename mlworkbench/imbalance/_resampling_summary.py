"""From one row per fold and remedy to one row per remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._stats import corrected_interval

__all__ = ["METRICS", "doubts", "paired_differences", "summarise"]

METRICS = (
    "pr_auc",
    "roc_auc",
    "cost",
    "cost_best_threshold",
    "calibration_slope",
    "calibration_intercept",
)
_MEANS = (
    *METRICS[:4],
    "threshold",
    *METRICS[4:],
    "mean_probability",
    "event_rate",
    "rows",
)


def paired_differences(folds: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Give every remedy's difference to the baseline, paired by fold."""
    ratio = float((folds["n_test"] / folds["n_train"]).mean())
    by_fold = {name: part.set_index("fold") for name, part in _parts(folds)}
    rows: list[dict[str, Any]] = []
    for name, part in by_fold.items():
        for metric in METRICS if name != baseline else ():
            values = (part[metric] - by_fold[baseline][metric]).to_numpy(np.float64)
            values = values[~np.isnan(values)]
            finite = np.isfinite(values).all()
            low, high = corrected_interval(values, ratio) if finite else (np.nan,) * 2
            mean = float(values.mean()) if len(values) and finite else float("nan")
            rows.append({"remedy": name, "metric": metric, "difference": mean})
            rows[-1] |= {"low": low, "high": high, "folds": len(values)}
    columns = ["remedy", "metric", "difference", "low", "high", "folds"]
    return pd.DataFrame(rows, columns=columns)


def summarise(folds: pd.DataFrame, differences: pd.DataFrame) -> pd.DataFrame:
    """Give the means over the folds, one row per remedy."""
    names = [name for name, _ in _parts(folds)]
    means = folds.groupby("remedy", sort=False)[list(_MEANS)].mean().loc[names]
    means["folds"] = folds.groupby("remedy", sort=False)["pr_auc"].count()
    gain = differences[differences["metric"] == "pr_auc"].set_index("remedy")
    for end in ("difference", "low", "high"):
        means[f"pr_auc_{end}"] = gain[end]
    means["problem"] = [_problem(part) for _, part in _parts(folds)]
    return means


def doubts(folds: pd.DataFrame) -> list[str]:
    """Say what failed and what looks like a leak."""
    notes = []
    for name, part in _parts(folds):
        failed = int(part["pr_auc"].isna().sum())
        if failed:
            notes.append(
                f"{name} failed in {failed} of {len(part)} folds: "
                f"{_problem(part)}"
                + ("" if failed == len(part) else "; its means are over the others")
            )
        copies = int(part["test_rows_returned"].sum())
        if copies:
            notes.append(
                f"{name} returned {copies} row(s) that equal test rows and no training "
                "row: it knows the test part, or the features have few values"
            )
    return notes


def _parts(folds: pd.DataFrame) -> Any:
    return folds.groupby("remedy", sort=False)


def _problem(part: pd.DataFrame) -> str:
    """Give the first reason, and how many others there are."""
    found = [text for text in part["problem"].unique() if text]
    others = f" (and {len(found) - 1} other reason(s))" if len(found) > 1 else ""
    return found[0] + others if found else ""
