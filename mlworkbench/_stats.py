"""Statistics that several rooms need, each written and tested once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, gammaln, logit, ndtri, stdtrit
from scipy.stats import hypergeom, rankdata

__all__ = [
    "Coverage",
    "calibration_line",
    "compare_coverage",
    "corrected_interval",
    "effective_sample_size",
    "rank_auc",
    "standardized_mean_difference",
    "total_variation",
    "value_kind",
    "wilson_interval",
]

FloatArray = npt.NDArray[np.float64]
_MANY_LEVELS = 100  # whole numbers with more levels than this measure something
_FEW_ROWS = 5  # rows per level from which on whole numbers count as categories
_INFERRED = {
    "string": "text",
    "boolean": "number",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "date": "time",
    "datetime": "time",
    "datetime64": "time",
    "timedelta": "length of time",
    "timedelta64": "length of time",
}


class Coverage(NamedTuple):
    """How far the values of a column in training cover those in new data.

    Parameters
    ----------
    train_coverage, new_coverage : float
        Share of rows that have a value; NaN without rows.
    n_train, n_new : int
        Rows that have a value: all that follows is about these.
    train_values, new_values, shared_values : int
        Distinct values on each side, and in both.
    discrete : bool
        Whether the values were taken as categories.
    unseen_share : float
        Share of the new rows whose value was never seen in training; for a
        measured column, that lies outside the range of training. NaN where a
        side has no value.
    unseen_by_chance : float
        The same, on average, had the rows been dealt at random to two sides of
        these sizes.
    unseen_error : float
        About one standard deviation of that.
    distance : float
        Total variation for categories, Kolmogorov-Smirnov's largest difference
        of the two distribution functions for what is measured; NaN where a
        side has no value.
    distance_by_chance : float
        The same, on average, of rows dealt at random.
    outside_share : float
        Share of the new rows outside the range of training; NaN for values
        that have no order.
    """

    train_coverage: float
    new_coverage: float
    n_train: int
    n_new: int
    train_values: int
    new_values: int
    shared_values: int
    discrete: bool
    unseen_share: float = float("nan")
    unseen_by_chance: float = float("nan")
    unseen_error: float = float("nan")
    distance: float = float("nan")
    distance_by_chance: float = float("nan")
    outside_share: float = float("nan")


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
    intercept = _fit_logistic(np.ones((len(event), 1)), event, weight, score)[0]
    return _calibration_slope(score, event, weight), float(intercept)


def compare_coverage(
    train: pd.Series, new: pd.Series, *, discrete: bool | None = None
) -> Coverage:
    """Compare the values a column has in training with those in new data.

    Text, categories and truth values are categories; so are whole numbers with
    at most 100 levels and 5 rows per level in training. Other numbers, dates
    and lengths of time are measured: they are covered by a range.

    Parameters
    ----------
    train, new : pandas.Series
        The column in both; their indexes do not matter. Missing values count
        in the coverage and in nothing else.
    discrete : bool, optional
        Take the values as categories, or as measured; by default as above.

    Returns
    -------
    coverage : Coverage
        What was found, with its size by chance. O(n log n).

    Raises
    ------
    TypeError
        When the two hold different kinds of values, or values that cannot be
        counted (lists), or when unordered values are to be measured.

    References
    ----------
    .. [1] I. J. Good (1953), The population frequencies of species and the
       estimation of population parameters, Biometrika 40(3/4).
    """
    kinds = {value_kind(train), value_kind(new)} - {"nothing"}
    if len(kinds) > 1:
        raise TypeError(
            f"train holds {value_kind(train)}, new holds {value_kind(new)}; "
            "convert both to one type"
        )
    one, two = _same_type(_known(train), _known(new))
    if discrete is None:
        discrete = _looks_discrete(train, new, one, two)
    ordered = pd.api.types.is_numeric_dtype(one) and pd.api.types.is_numeric_dtype(two)
    if not discrete and not ordered and kinds:
        raise TypeError(f"values of kind {kinds.pop()} have no order; use categories")
    before, after, shared = _counts(one, two)
    outside = _outside(one, two) if ordered else float("nan")
    found = Coverage(
        train_coverage=_share_known(train, one),
        new_coverage=_share_known(new, two),
        n_train=len(one),
        n_new=len(two),
        train_values=len(before),
        new_values=len(after),
        shared_values=int(shared.sum()),
        unseen_share=outside,
        outside_share=outside,
        discrete=discrete,
    )
    if one.empty or two.empty:
        return found
    if discrete:
        found = found._replace(unseen_share=float(after[~shared].sum() / len(two)))
        pooled = before.add(after, fill_value=0).to_numpy(dtype=np.int64)
        chance = _chance_of_categories(pooled, len(two))
        distance = total_variation(one, two)
    else:
        chance = _chance_of_range(len(one), len(two))
        distance = _kolmogorov_smirnov(np.sort(one.to_numpy()), np.sort(two.to_numpy()))
    return found._replace(
        unseen_by_chance=chance[0],
        unseen_error=chance[1],
        distance=distance,
        distance_by_chance=chance[2],
    )


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


def value_kind(values: pd.Series) -> str:
    """Name the kind of values a column holds.

    Parameters
    ----------
    values : pandas.Series
        The column.

    Returns
    -------
    kind : str
        "number" (truth values count as 0 and 1), "text", "time", "time with a
        zone", "length of time", "mixed", or "nothing" where all is missing. A
        categorical column has the kind of its categories.
    """
    types, dtype = pd.api.types, values.dtype
    if not values.notna().any():
        return "nothing"
    if isinstance(dtype, pd.CategoricalDtype):
        return value_kind(dtype.categories.to_series())
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "time with a zone"
    if types.is_datetime64_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return "time"
    if types.is_timedelta64_dtype(dtype):
        return "length of time"
    if types.is_numeric_dtype(dtype):
        return "number"
    if not types.is_object_dtype(dtype):
        return "text" if types.is_string_dtype(dtype) else "mixed"
    kind = _INFERRED.get(types.infer_dtype(values, skipna=True), "mixed")
    if kind == "time" and any(getattr(x, "tzinfo", None) for x in values):
        return "time with a zone"
    return kind


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
    return float(_fit_logistic(columns, event, weight)[1] / spread)


def _fit_logistic(
    columns: FloatArray, event: FloatArray, weight: FloatArray, offset: Any = 0.0
) -> FloatArray:
    """Maximise the weighted likelihood by Newton's method with halved steps."""
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


def _known(values: pd.Series) -> pd.Series:
    """Give the values there are, in the plainest type: numbers where it can be."""
    kind = value_kind(values)
    known = values.dropna().reset_index(drop=True)
    if isinstance(known.dtype, pd.CategoricalDtype):
        known = known.astype(known.dtype.categories.dtype)
    if isinstance(known.dtype, pd.PeriodDtype):
        known = known.dt.to_timestamp()
    if kind.startswith("time"):
        known = pd.to_datetime(known, utc=kind != "time").astype(
            "datetime64[us, UTC]" if kind != "time" else "datetime64[us]"
        )
        return known.astype("int64")
    if kind == "length of time":
        return pd.to_timedelta(known).astype("timedelta64[us]").astype("int64")
    if kind == "number":
        types = pd.api.types
        if types.is_integer_dtype(known) or types.is_bool_dtype(known):
            big = len(known) and known.max() > np.iinfo(np.int64).max
            return known.astype("float64" if big else "int64")
        return known.astype("float64")
    return known.astype(object)


def _same_type(one: pd.Series, two: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Bring whole and broken numbers together; an empty side adapts."""
    if one.empty or two.empty:
        return (
            (one.astype(two.dtype), two) if one.empty else (one, two.astype(one.dtype))
        )
    if {str(one.dtype), str(two.dtype)} == {"int64", "float64"}:
        return one.astype("float64"), two.astype("float64")
    return one, two


def _looks_discrete(
    train: pd.Series, new: pd.Series, one: pd.Series, two: pd.Series
) -> bool:
    """Say whether a column holds categories."""
    for side in (train, new):
        types = pd.api.types
        if isinstance(side.dtype, pd.CategoricalDtype) or types.is_bool_dtype(side):
            return True
    if one.dtype == object or two.dtype == object:
        return bool(len(one) or len(two))
    if "number" not in (value_kind(train), value_kind(new)):
        return False
    numbers = np.concatenate([one.to_numpy(float), two.to_numpy(float)])
    whole = np.isfinite(numbers) & (np.floor(numbers) == numbers)
    levels = one.nunique()
    return bool(whole.all() and levels <= min(_MANY_LEVELS, len(one) / _FEW_ROWS))


def _counts(
    one: pd.Series, two: pd.Series
) -> tuple[pd.Series, pd.Series, npt.NDArray[np.bool_]]:
    """Count every value of both, and say which of the second the first has."""
    try:
        before, after = one.value_counts(sort=False), two.value_counts(sort=False)
        set(before.index), set(after.index)  # pandas counts lists, and cannot look up
        return before, after, np.asarray(after.index.isin(before.index), np.bool_)
    except TypeError:
        first = one.iloc[0] if len(one) else two.iloc[0]
        raise TypeError(
            f"the column holds values of type {type(first).__name__}, which cannot be "
            "counted; turn them into text or numbers"
        ) from None


def _share_known(values: pd.Series, known: pd.Series) -> float:
    return len(known) / len(values) if len(values) else float("nan")


def _outside(one: pd.Series, two: pd.Series) -> float:
    """Give the share of `two` outside the range of `one`."""
    if one.empty or two.empty:
        return float("nan")
    return float(((two < one.min()) | (two > one.max())).mean())


def _kolmogorov_smirnov(one: npt.NDArray[Any], two: npt.NDArray[Any]) -> float:
    """Give the largest difference of two distribution functions (sorted input)."""
    at = np.concatenate([one, two])
    below = np.searchsorted(one, at, side="right") / len(one)
    difference = below - np.searchsorted(two, at, side="right") / len(two)
    return float(np.abs(difference).max())


def _chance_of_categories(
    pooled: npt.NDArray[np.int64], n_new: int
) -> tuple[float, float, float]:
    """Give unseen share, its error and total variation of rows dealt at random.

    `pooled` are the rows of every value on both sides. A value is unseen when
    all its rows fall on the new side: C(m, c) / C(N, c). The total variation is
    N/(nm) times the sum of the mean excesses over the mean (de Moivre: v times
    the chance of v, times the share of the others left, v = ⌊mc/N⌋ + 1).
    """
    total = int(pooled.sum())
    size, times = np.unique(pooled, return_counts=True)
    inside = size <= n_new
    c = np.where(inside, size, 0)
    log_all_new = gammaln(n_new + 1) - gammaln(n_new - c + 1)
    log_all_new -= gammaln(total + 1) - gammaln(total - c + 1)
    all_new = np.where(inside, np.exp(log_all_new), 0.0)
    unseen = float(times @ (size * all_new) / n_new)
    error = float(np.sqrt(times @ (size**2 * all_new * (1 - all_new))) / n_new)
    v = n_new * size // total + 1
    left = np.maximum(total - size - n_new + v, 0) / total
    excess = v * left * hypergeom.pmf(v, total, size, n_new)
    far = float(times @ excess * total / (n_new * (total - n_new)))
    return unseen, error, far


def _chance_of_range(n_train: int, n_new: int) -> tuple[float, float, float]:
    """Give the same for measured values without ties."""
    outside = min(1.0, 2 / (n_train + 1))
    error = float(np.sqrt(outside * (1 - outside) * (1 / n_new + outside)))
    # 0.8687 is the mean of Kolmogorov's distribution, √(π/2) · ln 2.
    far = np.sqrt(np.pi / 2) * np.log(2) * np.sqrt(1 / n_train + 1 / n_new)
    return outside, error, min(1.0, float(far))
