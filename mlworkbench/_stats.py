"""Statistics that several rooms need, each written and tested once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

__all__ = [
    "effective_sample_size",
    "standardized_mean_difference",
    "total_variation",
    "wilson_interval",
]

FloatArray = npt.NDArray[np.float64]


def effective_sample_size(weights: FloatArray) -> float:
    """Give Kish's effective sample size, (Σw)² / Σw².

    Parameters
    ----------
    weights : ndarray of shape (n,)
        Weights of 0 or more; only their ratios matter.

    Returns
    -------
    size : float
        Between 1 and n; 0 for no weight at all.

    References
    ----------
    .. [1] L. Kish (1965), Survey Sampling, section 11.7.
    """
    largest = float(weights.max(initial=0.0))
    if largest == 0:
        return 0.0
    scaled = weights / largest
    return float(scaled.sum() ** 2 / np.square(scaled).sum())


def standardized_mean_difference(
    sample: FloatArray, reference: FloatArray, scale: float | None = None
) -> float:
    """Give the difference of means in standard deviations of the reference.

    Missing values are left out on both sides.

    Parameters
    ----------
    sample, reference : ndarray of shape (n,) and (m,)
        The values to compare.
    scale : float, optional
        Standard deviation to divide by; that of `reference` by default.

    Returns
    -------
    difference : float
        0 where both are constant and equal, infinite where the reference is
        constant and the sample differs, NaN where a side has no value.
    """
    if np.isnan(sample).all() or np.isnan(reference).all():
        return float("nan")
    difference = float(np.nanmean(sample) - np.nanmean(reference))
    spread = float(np.nanstd(reference)) if scale is None else scale
    low, high = float(np.nanmin(reference)), float(np.nanmax(reference))
    if low == high:
        # Means of a constant are off by rounding: compare the values themselves.
        same = np.nanmin(sample) == low == np.nanmax(sample)
        difference, spread = (0.0, spread) if same else (difference, scale or 0.0)
    if spread == 0:
        return 0.0 if difference == 0 else float(np.copysign(np.inf, difference))
    return difference / spread


def total_variation(sample: Any, reference: Any) -> float:
    """Give the total variation distance between two sets of categories.

    Half the sum of the absolute differences of shares: the largest difference
    any event can have. A missing value is a category of its own.

    Parameters
    ----------
    sample, reference : array-like of shape (n,) and (m,)
        Categories.

    Returns
    -------
    distance : float
        Between 0 (same shares) and 1 (no category in common); NaN where a side
        is empty.
    """
    one, two = _shares(sample), _shares(reference)
    if not one or not two:
        return float("nan")
    labels = one.keys() | two.keys()
    return sum(sorted(abs(one.get(x, 0.0) - two.get(x, 0.0)) for x in labels)) / 2


def wilson_interval(
    successes: Any, n: Any, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Give Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, n : array-like, broadcast together
        Successes and trials; they need not be whole numbers.
    confidence : float
        Level of the interval, in (0, 1).

    Returns
    -------
    low, high : ndarray
        Ends of the interval, inside [0, 1]; NaN where n is 0.

    References
    ----------
    .. [1] E. B. Wilson (1927), Probable inference, the law of succession, and
       statistical inference, JASA 22(158).
    """
    hits, trials = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / trials
        middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
        half = share * (1 - share) / trials + z2 / (4 * np.square(trials))
        half = np.sqrt(z2 * half) / (1 + z2 / trials)
    none, all_of_them = hits == 0, hits == trials
    low = np.where(none & (trials > 0), 0.0, middle - half)
    return low, np.where(all_of_them & (trials > 0), 1.0, middle + half)


def _shares(side: Any) -> dict[Any, float]:
    """Give the share of every category; None stands for all missing values."""
    # By label, not by pandas' alignment, which loses a missing label when the
    # two indexes have different types.
    counts = pd.Series(side).value_counts(dropna=False)
    missing = np.asarray(counts.index.isna())
    each = counts.to_numpy(dtype=np.float64) / max(int(counts.sum()), 1)
    known = counts.index[~missing].tolist()
    result: dict[Any, float] = dict(zip(known, each[~missing].tolist(), strict=True))
    if missing.any():
        result[None] = float(each[missing].sum())
    return result
