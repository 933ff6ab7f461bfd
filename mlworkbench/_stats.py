"""Statistics that several rooms need, each written and tested once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, expit, logit, ndtri, stdtrit
from scipy.stats import rankdata

__all__ = [
    "adjust_p_values",
    "calibration_line",
    "corrected_interval",
    "effective_sample_size",
    "exact_interval",
    "fit_logistic",
    "rank_auc",
    "standardized_mean_difference",
    "total_variation",
    "wilson_interval",
]

FloatArray = npt.NDArray[np.float64]


def adjust_p_values(
    p_values: Any, method: str = "holm", n_tests: int | None = None
) -> FloatArray:
    """Correct p-values for having looked more than once.

    Parameters
    ----------
    p_values : array-like of shape (n,)
        In [0, 1]; NaN stays NaN and is not counted as a test.
    method : {"holm", "bonferroni", "bh"}
        Holm and Bonferroni bound the chance of any false finding,
        Benjamini and Hochberg the expected share of false ones.
    n_tests : int, optional
        Tests made, where only the n smallest p-values of them are given; the
        others count as larger. By default those given.

    Returns
    -------
    adjusted : ndarray of shape (n,)
        Compare with the level; never below the p-value, at most 1.

    Raises
    ------
    ValueError
        If the method is unknown, or fewer tests are named than given.

    References
    ----------
    .. [1] S. Holm (1979), A simple sequentially rejective multiple test
       procedure, Scandinavian Journal of Statistics 6(2).
    .. [2] Y. Benjamini, Y. Hochberg (1995), Controlling the false discovery
       rate, Journal of the Royal Statistical Society B 57(1).
    """
    raw = np.asarray(p_values, np.float64)
    known = np.flatnonzero(~np.isnan(raw))
    m = len(known) if n_tests is None else n_tests
    if m < len(known):
        raise ValueError(f"n_tests={m} is less than the {len(known)} p-values given")
    order = known[np.argsort(raw[known], kind="stable")]
    place = np.arange(len(order))
    if method == "bonferroni":
        steps = raw[order] * m
    elif method == "holm":
        steps = np.maximum.accumulate(raw[order] * (m - place))
    elif method == "bh":
        steps = raw[order] * m / (place + 1)
        steps = np.minimum.accumulate(steps[::-1])[::-1]
    else:
        raise ValueError(f"unknown method {method!r}; give holm, bonferroni or bh")
    result = np.full(len(raw), np.nan)
    result[order] = np.minimum(steps, 1.0)
    return result


def calibration_line(
    positive: npt.NDArray[np.bool_], y_prob: FloatArray, weights: Any = None
) -> tuple[float, float]:
    """Give Cox's calibration slope, and the intercept with the slope at 1.

    The slope b comes from the logistic fit logit P(y) = a + b · logit(p); the
    intercept ("calibration in the large") is a where b is held at 1.

    Parameters
    ----------
    positive : ndarray of shape (n,), bool
        Whether the event happened.
    y_prob : ndarray of shape (n,)
        Predicted probability; 0 and 1 count as 1e-15 and 1 - 1e-15.
    weights : ndarray of shape (n,), optional
        Weights of 0 or more.

    Returns
    -------
    slope, intercept : float
        1 and 0 for calibrated probabilities. Both are NaN where only one class
        has weight, the slope also where all probabilities are equal; the slope
        is infinite where the probabilities separate the classes.

    References
    ----------
    .. [1] D. R. Cox (1958), Two further applications of a model for binary
       regression, Biometrika 45(3/4).
    .. [2] B. Van Calster et al. (2019), Calibration: the Achilles heel of
       predictive analytics, BMC Medicine 17.
    """
    event = np.asarray(positive, dtype=np.float64)
    weight = np.ones(len(event)) if weights is None else np.asarray(weights, float)
    seen = weight > 0
    event, weight = event[seen], weight[seen]
    score = logit(np.clip(y_prob[seen], 1e-15, 1 - 1e-15))
    if not len(event) or event.min() == event.max():
        return float("nan"), float("nan")
    intercept = fit_logistic(np.ones((len(event), 1)), event, weight, score)[0]
    return _calibration_slope(score, event, weight), float(intercept)


def corrected_interval(
    differences: FloatArray, test_to_train: float
) -> tuple[float, float]:
    """Give a 95 % interval of a mean over folds whose training parts overlap.

    Parameters
    ----------
    differences : ndarray of shape (k,)
        One difference per fold.
    test_to_train : float
        Rows of the test part over rows of the training part.

    Returns
    -------
    low, high : float
        NaN with fewer than two folds.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio (2003), Inference for the generalization error,
       Machine Learning 52.
    """
    k = len(differences)
    if k < 2:
        return float("nan"), float("nan")
    variance = (1 / k + test_to_train) * float(differences.var(ddof=1))
    half = float(stdtrit(k - 1, 0.975)) * np.sqrt(variance)
    middle = float(differences.mean())
    return middle - half, middle + half


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


def exact_interval(
    successes: Any, n: Any, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Give the exact interval of a proportion, which covers at least its level.

    Parameters
    ----------
    successes, n : array-like of int, broadcast together
        Successes and trials.
    confidence : float
        Level of the two-sided interval, in (0, 1). One end alone holds at
        (1 + confidence) / 2.

    Returns
    -------
    low, high : ndarray
        Ends of the interval, inside [0, 1]; 0 and 1 where n is 0.

    References
    ----------
    .. [1] C. J. Clopper, E. S. Pearson (1934), The use of confidence or fiducial
       limits illustrated in the case of the binomial, Biometrika 26(4).
    """
    hits, trials = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    hits, trials = np.broadcast_arrays(hits, trials)
    tail = (1 - confidence) / 2
    none, full = hits <= 0, hits >= trials
    misses = trials - hits
    one = np.ones_like(hits)
    low = betaincinv(np.where(none, one, hits), misses + 1, tail)
    high = betaincinv(hits + 1, np.where(full, one, misses), 1 - tail)
    return np.where(none, 0.0, low), np.where(full, 1.0, high)


def fit_logistic(
    columns: FloatArray, event: FloatArray, weight: FloatArray, offset: Any = 0.0
) -> FloatArray:
    """Maximise the weighted likelihood by Newton's method with halved steps.

    Parameters
    ----------
    columns : ndarray of shape (n, k)
        What the log odds are linear in; include a column of ones.
    event : ndarray of shape (n,)
        1 where the event happened, 0 elsewhere, or a share in between.
    weight : ndarray of shape (n,)
        Weights, not all 0.
    offset : float or ndarray of shape (n,)
        Added to the log odds as it is.

    Returns
    -------
    beta : ndarray of shape (k,)
        The coefficients: the shortest of the best where columns depend on
        each other; large but finite where the columns separate the events.
    """
    weight = weight / weight.sum()
    beta = np.zeros(columns.shape[1])

    def loss(at: FloatArray) -> float:
        z = columns @ at + offset
        return float(weight @ (np.logaddexp(0, z) - event * z))

    now = loss(beta)
    for _ in range(100):
        p = expit(columns @ beta + offset)
        slope = columns.T @ (weight * (event - p))
        curve = (columns * (weight * p * (1 - p))[:, None]).T @ columns
        step = np.linalg.lstsq(curve, slope, rcond=None)[0]
        while step.any() and loss(beta + step) > now + 1e-14:
            step = np.where(np.abs(step) > 1e-12, step / 2, 0.0)
        beta, last, now = beta + step, now, loss(beta + step)
        if np.abs(step).max() < 1e-10 or last - now < 0:
            break
    return beta


def rank_auc(positive: npt.NDArray[np.bool_], scores: FloatArray) -> FloatArray:
    """Give the area under the ROC curve of one or many columns of scores.

    The chance that a positive row has a higher score than a negative one, ties
    counting half: the Mann-Whitney statistic, from ranks, in O(n log n).

    Parameters
    ----------
    positive : ndarray of shape (n,), bool
        Whether a row is positive.
    scores : ndarray of shape (n,) or (n, k)
        Scores; a row with a missing score is left out of its column.

    Returns
    -------
    auc : ndarray of shape () or (k,)
        In [0, 1]; NaN where a column has rows of one class only.

    References
    ----------
    .. [1] J. A. Hanley and B. J. McNeil (1982), The meaning and use of the area
       under a receiver operating characteristic curve, Radiology 143.
    """
    scores = np.asarray(scores, dtype=np.float64)
    ranks = rankdata(scores, axis=0, nan_policy="omit")
    there = ~np.isnan(scores)
    event = positive.reshape(-1, *[1] * (scores.ndim - 1)) & there
    n_event = event.sum(axis=0).astype(np.float64)
    n_other = there.sum(axis=0) - n_event
    total = np.where(event, ranks, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (total - n_event * (n_event + 1) / 2) / (n_event * n_other)
    return np.asarray(area)


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


def _calibration_slope(
    score: FloatArray, event: FloatArray, weight: FloatArray
) -> float:
    """Fit logit P(event) = a + b · score and give b."""
    yes, no = score[event == 1], score[event == 0]
    if score.min() == score.max():
        return float("nan")
    if no.max() <= yes.min():
        return float("inf")
    if yes.max() <= no.min():
        return float("-inf")
    middle, spread = float(score.mean()), float(score.std())
    columns = np.column_stack([np.ones(len(score)), (score - middle) / spread])
    return float(fit_logistic(columns, event, weight)[1] / spread)


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
