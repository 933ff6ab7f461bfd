"""How far one column of a sample is from the population's, and by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._stats import standardized_mean_difference, total_variation
from mlworkbench._validation import FloatArray

__all__ = ["column_distance", "finite_correction"]

_MEAN, _SHARE = "standardised mean difference", "total variation"


def finite_correction(n: int, population: int) -> float:
    """Give the finite population correction of a standard error.

    A sample larger than its population was drawn with replacement: it has none.
    """
    if n > population:
        return 1.0
    return float(np.sqrt((population - n) / max(population - 1, 1)))


def column_distance(part: pd.Series, whole: pd.Series) -> dict[str, Any]:
    """Give the measure that suits the column, its value, and its size by chance."""
    if _is_measured(whole):
        n, population = int(part.notna().sum()), int(whole.notna().sum())
        scale = np.sqrt(1 / n) * finite_correction(n, population) if n else np.nan
        return {
            "measure": _MEAN,
            "distance": standardized_mean_difference(_measured(part), _measured(whole)),
            "by_chance": float(np.sqrt(2 / np.pi) * scale),
        }
    return {
        "measure": _SHARE,
        "distance": total_variation(part, whole),
        "by_chance": _share_by_chance(whole, len(part)),
    }


def _share_by_chance(whole: pd.Series, n: int) -> float:
    """Give the mean total variation of random samples of n rows.

    De Moivre: twice the mean excess over the mean, a sum that telescopes to its
    first term, ν·P(ν) times the share of the others left, ν = ⌊np⌋ + 1.
    """
    from scipy.stats import binom, hypergeom

    total = len(whole)
    sizes = whole.value_counts(dropna=False).to_numpy(dtype=np.int64)
    k, times = np.unique(sizes, return_counts=True)
    v = n * k // total + 1
    if n > total:
        excess = v * (1 - k / total) * binom.pmf(v, n, k / total)
    else:
        excess = v * (total - k - n + v) / total * hypergeom.pmf(v, total, k, n)
    return float(times @ excess / n)


def _is_measured(column: pd.Series) -> bool:
    kinds = pd.api.types
    return bool(
        (kinds.is_numeric_dtype(column) and not kinds.is_bool_dtype(column))
        or kinds.is_datetime64_any_dtype(column)
        or kinds.is_timedelta64_dtype(column)
    )


def _measured(column: pd.Series) -> FloatArray:
    """Give numbers as they are, and times in days."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column - pd.Timestamp("1970-01-01", tz=getattr(column.dt, "tz", None))
    if pd.api.types.is_timedelta64_dtype(column):
        column = column.dt.total_seconds() / 86_400
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
