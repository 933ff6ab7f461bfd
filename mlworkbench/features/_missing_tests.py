"""Tests of whether a column differs between rows with and without a gap.

Everything here is conditional on the counts, as in a permutation test.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, gamma, norm, rankdata

from mlworkbench._stats import rank_auc
from mlworkbench._validation import FloatArray

__all__ = [
    "association",
    "bins",
    "standard_error",
    "stratified",
    "strength",
    "weighted",
]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

FEW = 20  # rows of the rarer side below which p-values come from permutations
_EXPECTED = 5.0
_DRAWS = 4999


def bins(values: FloatArray, ordered: bool, most: int) -> IntArray:
    """Give codes 0, 1, …: quantile bins, or the most frequent levels."""
    levels, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(levels) <= most:
        return np.asarray(codes, dtype=np.intp)
    if ordered:
        share = (np.cumsum(counts) - counts / 2) / len(values)
        return np.unique((share * most).astype(np.intp)[codes], return_inverse=True)[1]
    place = np.empty(len(levels), dtype=np.intp)
    place[np.argsort(-counts, kind="stable")] = np.arange(len(levels))
    return np.asarray(np.minimum(place, most - 1)[codes], dtype=np.intp)


def weighted(likely: float, other: float) -> float:
    """Combine two looks, the likely one with three quarters of the level."""
    return float(np.minimum(1.0, np.fmin(likely / 0.75, other / 0.25)))


def association(
    values: FloatArray, gone: BoolArray, ordered: bool, rng: np.random.Generator
) -> float:
    """Test whether values differ between gone and present rows: a p-value.

    For ordered values a rank test and chi-square on bins, which sees what is
    not monotone, share the level; rows without a value are left out. NaN where
    nothing can be told.
    """
    seen = ~np.isnan(values)
    values, gone = values[seen], gone[seen]
    rare = min(int(gone.sum()), int((~gone).sum()))
    if not rare or (values == values[0]).all():
        return float("nan")
    if rare < FEW:
        return _permuted(values, gone, ordered, rng)
    most = max(2, min(8, int(rare / _EXPECTED))) if ordered else len(values)
    by_level = _by_level(bins(values, ordered, most), gone, rng)
    if not ordered:
        return by_level
    return weighted(_by_rank(values, gone), by_level)


def stratified(codes: IntArray, gone: BoolArray, strata: IntArray) -> float:
    """Test codes against gaps within strata (generalised Mantel-Haenszel)."""
    n_codes, n_strata = int(codes.max()) + 1, int(strata.max()) + 1
    cells = np.bincount(strata * n_codes + codes, minlength=n_codes * n_strata)
    hit = np.bincount((strata * n_codes + codes)[gone], minlength=n_codes * n_strata)
    count = cells.reshape(n_strata, n_codes).astype(np.float64)
    lost = hit.reshape(n_strata, n_codes)
    n, m = count.sum(axis=1), lost.sum(axis=1)
    use = (n > 1) & (m > 0) & (m < n)
    count, lost, n, m = count[use], lost[use], n[use], m[use]
    gap = (lost - count * (m / n)[:, None]).sum(axis=0)
    scale = m * (n - m) / (n**2 * (n - 1))
    spread = np.diag(scale * n @ count) - (count * scale[:, None]).T @ count
    size, axes = np.linalg.eigh(spread)
    keep = size > 1e-9 * max(float(size[-1]), 1e-12) if len(size) else size > 0
    if not use.any() or not keep.any():
        return float("nan")
    part = (axes[:, keep].T @ gap) ** 2 / size[keep]
    return float(chi2.sf(part.sum(), keep.sum()))


def strength(
    values: FloatArray, gone: BoolArray, ordered: bool, folds: IntArray
) -> float:
    """Give how well one column alone tells the gaps: an AUC of 0.5 or more.

    The chance of a gap per bin is learned on the other folds; for ordered
    values the AUC of the rank counts where it is larger.
    """
    seen = ~np.isnan(values)
    values, gone, folds = values[seen], gone[seen], folds[seen]
    if not gone.any() or gone.all():
        return float("nan")
    codes = bins(values, ordered, 12 if ordered else 50)
    shape = (int(folds.max()) + 1, int(codes.max()) + 1)
    flat = folds * shape[1] + codes
    count = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    lost = np.bincount(flat[gone], minlength=shape[0] * shape[1]).reshape(shape)
    rate = float(gone.mean())
    learned = (lost.sum(axis=0) - lost + rate) / (count.sum(axis=0) - count + 1.0)
    scores = learned[folds, codes]
    areas = [rank_auc(gone[folds == f], scores[folds == f]) for f in np.unique(folds)]
    told = np.array([a for a in areas if not np.isnan(a)])
    best = float(told.mean()) if len(told) else 0.5
    if ordered:
        area = float(rank_auc(gone, values))
        best = max(best, area, 1 - area)
    return max(best, 0.5)


def standard_error(auc: float, gone: int, kept: int) -> float:
    """Give the standard error of an AUC (Hanley and McNeil 1982)."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = (gone - 1) * (one - auc**2) + (kept - 1) * (two - auc**2)
    return float(np.sqrt(max(auc * (1 - auc) + spread, 0.0) / (gone * kept)))


def _by_rank(values: FloatArray, gone: BoolArray) -> float:
    ranks = rankdata(values)
    ranks -= ranks.mean()
    n, m = len(ranks), int(gone.sum())
    spread = m * (n - m) / (n * (n - 1)) * float(ranks @ ranks)
    return 2 * float(norm.sf(abs(ranks[gone].sum()) / np.sqrt(spread)))


def _by_level(codes: IntArray, gone: BoolArray, rng: np.random.Generator) -> float:
    """Chi-square of levels against gaps; rare levels count as one."""
    count = np.bincount(codes)
    share = min(float(gone.mean()), 1 - float(gone.mean()))
    rare = count * share < _EXPECTED
    if rare.any() and count[rare].sum() > 0.2 * len(codes) and rare.sum() > 1:
        return _sparse(codes, gone, rng)
    names = np.cumsum(~rare) - 1
    pooled = np.where(rare, (~rare).sum(), names)[codes]
    count = np.bincount(pooled)
    lost = np.bincount(pooled[gone], minlength=len(count))
    there = count > 0
    if there.sum() < 2:
        return float("nan")
    statistic = float(_chi_square(lost[there], count[there]))
    return float(chi2.sf(statistic, there.sum() - 1))


def _sparse(codes: IntArray, gone: BoolArray, rng: np.random.Generator) -> float:
    """Chi-square of many rare levels: a gamma tail with permuted moments."""
    count = np.bincount(codes)
    if count.max() == 1:
        return float("nan")  # every row is its own level
    lost = np.bincount(codes[gone], minlength=len(count))
    permuted = np.array([rng.permutation(gone) for _ in range(200)])
    null = [
        float(_chi_square(np.bincount(codes[p], minlength=len(count)), count))
        for p in permuted
    ]
    mean, spread = float(np.mean(null)), float(np.var(null, ddof=1))
    if spread == 0:
        return float("nan")
    shape, scale = mean**2 / spread, spread / mean
    return float(gamma.sf(float(_chi_square(lost, count)), shape, scale=scale))


def _chi_square(
    lost: npt.NDArray[np.int_], count: npt.NDArray[np.int_]
) -> npt.NDArray[np.float64]:
    n, m = count.sum(), lost.sum(axis=-1, keepdims=True)
    there = count > 0
    lost, count = lost[..., there], count[there]
    gap = np.square(lost - count * (m / n)) / count
    return np.asarray(gap.sum(axis=-1) * n * n / (m * (n - m))[..., 0])


def _permuted(
    values: FloatArray, gone: BoolArray, ordered: bool, rng: np.random.Generator
) -> float:
    """Give the exact p-value, or one from 4,999 permutations."""
    rare = gone if gone.sum() * 2 <= len(gone) else ~gone
    n, m = len(rare), int(rare.sum())
    exact = comb(n, m) <= _DRAWS
    if exact:
        draws = np.array(list(combinations(range(n), m)))
    elif n <= 500:
        draws = np.argpartition(rng.random((_DRAWS, n)), m, axis=1)[:, :m]
    else:
        draws = np.array(
            [rng.choice(n, m, replace=False, shuffle=False) for _ in range(_DRAWS)]
        )
    draws = np.vstack([draws, np.flatnonzero(rare)])  # the observed one, last
    codes = bins(values, ordered, 5 if ordered else 20)
    hits = np.stack([(codes[draws] == k).sum(axis=1) for k in range(codes.max() + 1)])
    statistics = [_chi_square(hits.T, np.bincount(codes))]
    if ordered:
        ranks = rankdata(values)
        statistics.append(np.abs((ranks - ranks.mean())[draws].sum(axis=1)))
    found = []
    for statistic in statistics:
        reached = statistic >= statistic[-1] - 1e-9
        found.append(float(reached[:-1].mean() if exact else reached.mean()))
    return min(1.0, len(found) * min(found))


def as_values(column: pd.Series) -> tuple[FloatArray, bool]:
    """Give a column as floats, NaN for gaps, and whether their order means something.

    Numbers, dates and ordered categories have an order; True and False, text
    and other categories become codes.
    """
    kind = column.dtype
    gone = column.isna().to_numpy()
    if isinstance(kind, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy().astype(np.float64)
        return np.where(gone, np.nan, codes), bool(kind.ordered)
    if pd.api.types.is_bool_dtype(kind) or not (
        pd.api.types.is_numeric_dtype(kind)
        or pd.api.types.is_datetime64_any_dtype(kind)
        or pd.api.types.is_timedelta64_dtype(kind)
    ):
        codes = pd.factorize(column.astype(str), sort=True)[0].astype(np.float64)
        return np.where(gone, np.nan, codes), False
    if not pd.api.types.is_numeric_dtype(kind):
        return np.where(gone, np.nan, column.astype("int64").astype(np.float64)), True
    return column.to_numpy(dtype=np.float64, na_value=np.nan), True
