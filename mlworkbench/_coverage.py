"""How far what was seen in one table covers another, column by column."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln
from scipy.stats import hypergeom

from mlworkbench._stats import total_variation

__all__ = ["Coverage", "compare_coverage", "value_kind"]

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
        pooled = _pooled(before, after)
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
    if types.is_numeric_dtype(dtype):  # complex numbers have no order
        return "mixed" if types.is_complex_dtype(dtype) else "number"
    if isinstance(dtype, pd.ArrowDtype) and not types.is_string_dtype(dtype):
        return value_kind(values.astype(object))
    if not types.is_object_dtype(dtype):
        return "text" if types.is_string_dtype(dtype) else "mixed"
    kind = _INFERRED.get(types.infer_dtype(values, skipna=True), "mixed")
    if kind == "time" and any(getattr(x, "tzinfo", None) for x in values):
        return "time with a zone"
    return kind


def _known(values: pd.Series) -> pd.Series:
    """Give the values there are, in the plainest type: numbers where it can be."""
    kind = value_kind(values)
    known = values.dropna().reset_index(drop=True)
    if isinstance(known.dtype, pd.ArrowDtype):
        known = known.astype(object)
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


def _pooled(before: pd.Series, after: pd.Series) -> npt.NDArray[np.int64]:
    """Add up the rows of every value on both sides; values need no order."""
    pooled = before.to_numpy(dtype=np.int64, copy=True)
    place = before.index.get_indexer(after.index)
    rows = after.to_numpy(dtype=np.int64)
    pooled[place[place >= 0]] += rows[place >= 0]
    return np.concatenate([pooled, rows[place < 0]])


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
