"""Little's test: whether means differ between patterns of missing values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from mlworkbench._report import Report
from mlworkbench._validation import FloatArray, as_frame

__all__ = ["LittleTest", "little_mcar_test"]

_TINY = 1e-8  # smallest eigenvalue of a correlation matrix that counts
_FEW = 5  # rows of a pattern below which chi-square is rough


@dataclass(frozen=True, eq=False, repr=False)
class LittleTest(Report):
    """What `little_mcar_test` found.

    `frame` has one row per pattern, the most frequent first: `missing` (the
    columns without a value), `rows`, `distance` (its part of the statistic).

    Parameters
    ----------
    frame : pandas.DataFrame
        The patterns.
    statistic : float
        Little's d², chi-square under MCAR.
    df : int
        Degrees of freedom.
    p_value : float
        Chance of a statistic as large under MCAR; NaN where there is nothing
        to test.
    n_patterns : int
        Patterns of missing values, the complete one among them.
    columns : tuple
        The columns that were used.
    mean : pandas.Series
        Maximum-likelihood mean of the normal distribution.
    covariance : pandas.DataFrame
        Maximum-likelihood covariance.
    notes : tuple of str
        What was left out, and what to know.
    """

    statistic: float
    df: int
    p_value: float
    n_patterns: int
    columns: tuple[Any, ...] = field(repr=False)
    mean: pd.Series = field(repr=False)
    covariance: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Little's test of missing completely at random"
    decimals: ClassVar[int] = 4


@dataclass(frozen=True, eq=False)
class _Pattern:
    """Rows with the same gaps, as sums: all that EM needs."""

    seen: npt.NDArray[np.intp]
    gone: npt.NDArray[np.intp]
    n: int
    total: FloatArray
    products: FloatArray


def little_mcar_test(
    frame: Any, *, max_iter: int = 2000, tol: float = 1e-10
) -> LittleTest:
    """Test whether values are missing completely at random (Little 1988).

    Parameters
    ----------
    frame : DataFrame, Table or 2-D array of shape (n, n_columns)
        The data. Numbers, and True or False as 1 and 0, are used; categories,
        text and dates are left out, and a note says so.
    max_iter : int, default=2000
        Most steps of the EM algorithm.
    tol : float, default=1e-10
        EM stops when no mean and no covariance of the standardised columns
        changes by more.

    Returns
    -------
    report : LittleTest
        `.statistic`, `.df`, `.p_value`, `.n_patterns`, `.frame`, `.mean`,
        `.covariance`. Without gaps, or with one usable column, the p-value is
        NaN and a note says why.

    Raises
    ------
    TypeError, ValueError
        When `frame` is no table, has no row, or has infinite values.

    Notes
    -----
    d² = Σ nⱼ (ȳⱼ - μⱼ)ᵀ Σⱼ⁻¹ (ȳⱼ - μⱼ) over the patterns j, where μⱼ and Σⱼ are
    the parts for the columns seen in j of the maximum-likelihood mean and
    covariance of a normal distribution, found by EM; Σ pⱼ - p degrees of
    freedom. Columns that repeat others exactly are handled by the
    pseudo-inverse, and ranks take the place of pⱼ and p.

    The test compares means only: gaps that depend on the spread, or on a
    category, go unseen; a column that is missing because of its own value is
    seen only through columns that go with it. A large p-value proves nothing,
    and with many rows a tiny difference is significant. With many patterns of
    a few rows the chi-square distribution is rough.

    EM runs on sums per pattern: O(n p²) once, then O(patterns · p³) a step.

    References
    ----------
    .. [1] R. J. A. Little (1988), A test of missing completely at random for
       multivariate data with missing values, JASA 83(404).
    .. [2] A. P. Dempster, N. M. Laird, D. B. Rubin (1977), Maximum likelihood
       from incomplete data via the EM algorithm, JRSS B 39(1).

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    Income is missing for the old.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> age = rng.uniform(20, 80, 500)
    >>> income = rng.normal(size=500)
    >>> income[age > 70] = np.nan
    >>> report = little_mcar_test(pd.DataFrame({"age": age, "income": income}))
    >>> report.df, report.n_patterns, report.p_value < 0.001
    (1, 2, True)
    """
    table = as_frame(frame)
    if not len(table):
        raise ValueError("frame has no row; pass at least one")
    values, names, notes = _usable(table)
    center, scale = _moments(values)
    patterns, empty = _patterns((values - center) / scale)
    if empty:
        notes.append(f"{empty:,} row(s) without any value in these columns left out")
    gaps = any(len(pattern.gone) for pattern in patterns)
    if not gaps or len(names) < 2:
        notes.append(
            f"{len(names)} numeric column(s) to use: Little's test needs two"
            if len(names) < 2
            else "no numeric column has missing values: nothing to test"
        )
        return _report(table, patterns, names, None, notes)
    mean, cov, done = _normal(patterns, len(names), max_iter, tol)
    if not done:
        notes.append(
            f"EM has not settled after {max_iter:,} steps; take the result as rough, "
            "or raise max_iter"
        )
    notes += _warnings(values, names, patterns)
    return _report(table, patterns, names, (mean, cov, center, scale), notes)


def _usable(table: pd.DataFrame) -> tuple[FloatArray, list[Any], list[str]]:
    """Give the numeric columns that vary, and what was left out and why."""
    left: dict[str, list[str]] = {"not numeric": [], "without a value": []}
    left["constant"] = []
    names, columns = [], []
    for name in table.columns:
        kind = table[name].dtype
        plain = pd.api.types.is_numeric_dtype(kind) and kind.kind != "c"
        if not plain:
            left["not numeric"].append(str(name))
            continue
        column = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(column).any():
            raise ValueError(
                f"{name} has {int(np.isinf(column).sum())} infinite value(s); pass "
                "finite ones, or NaN where the value is not known"
            )
        seen = column[~np.isnan(column)]
        if not len(seen):
            left["without a value"].append(str(name))
        elif seen.min() == seen.max():
            left["constant"].append(str(name))
        else:
            names.append(name)
            columns.append(column)
    notes = [
        f"Little's test leaves out {', '.join(what)}: {why}"
        for why, what in left.items()
        if what
    ]
    empty = np.empty((len(table), 0))
    return np.column_stack(columns) if columns else empty, names, notes


def pattern_codes(
    gaps: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Give the different rows of a table of gaps, and which one each row is."""
    if gaps.shape[1] > 62:
        kinds, which = np.unique(gaps, axis=0, return_inverse=True)
        return kinds, which.ravel()
    bits = np.left_shift(np.int64(1), np.arange(gaps.shape[1], dtype=np.int64))
    which, found = pd.factorize(gaps @ bits, sort=True)
    return (found[:, None] & bits) > 0, which


def _moments(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    if not values.shape[1]:
        return np.empty(0), np.empty(0)
    return np.nanmean(values, axis=0), np.nanstd(values, axis=0)


def _patterns(values: FloatArray) -> tuple[list[_Pattern], int]:
    """Give sums per pattern, most rows first, and the number of empty rows."""
    gaps = np.isnan(values)
    kinds, which = pattern_codes(gaps)
    sizes = np.bincount(which, minlength=len(kinds))
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(sizes)
    result, empty = [], 0
    for kind in np.argsort(-sizes, kind="stable"):
        seen = np.flatnonzero(~kinds[kind])
        rows = values[np.ix_(order[ends[kind] - sizes[kind] : ends[kind]], seen)]
        if not len(seen):
            empty = len(rows)
            continue
        gone = np.flatnonzero(kinds[kind])
        result.append(_Pattern(seen, gone, len(rows), rows.sum(axis=0), rows.T @ rows))
    return result, empty


def _inverse(matrix: FloatArray) -> tuple[FloatArray, int]:
    """Give the pseudo-inverse of a covariance of standardised columns, and rank."""
    size, axes = np.linalg.eigh(matrix)
    keep = size > _TINY * max(float(size[-1]), 1.0)
    return (axes[:, keep] / size[keep]) @ axes[:, keep].T, int(keep.sum())


def _normal(
    patterns: list[_Pattern], p: int, max_iter: int, tol: float
) -> tuple[FloatArray, FloatArray, bool]:
    """Fit mean and covariance by EM; the third value says whether it settled."""
    mean, cov = np.zeros(p), np.eye(p)
    n = sum(pattern.n for pattern in patterns)
    for _ in range(max_iter):
        total, products = np.zeros(p), np.zeros((p, p))
        for part in patterns:
            o, m = part.seen, part.gone
            slope = cov[np.ix_(m, o)] @ _inverse(cov[np.ix_(o, o)])[0]
            # A row filled with its expectation is fill @ seen + base.
            fill, base = np.zeros((p, len(o))), np.zeros(p)
            fill[o, np.arange(len(o))] = 1.0
            fill[m], base[m] = slope, mean[m] - slope @ mean[o]
            ahead = fill @ part.total
            total += ahead + part.n * base
            products += fill @ part.products @ fill.T + part.n * np.outer(base, base)
            products += np.outer(ahead, base) + np.outer(base, ahead)
            rest = cov[np.ix_(m, m)] - slope @ cov[np.ix_(o, m)]
            products[np.ix_(m, m)] += part.n * rest
        new = total / n
        spread = products / n - np.outer(new, new)
        change = max(np.abs(new - mean).max(), np.abs(spread - cov).max())
        mean, cov = new, (spread + spread.T) / 2
        if change < tol:
            return mean, cov, True
    return mean, cov, False


def _warnings(
    values: FloatArray, names: list[Any], patterns: list[_Pattern]
) -> list[str]:
    notes = []
    seen = (~np.isnan(values)).astype(np.float64)
    apart = np.argwhere(np.triu(seen.T @ seen == 0))
    if len(apart):
        one, two = (names[place] for place in apart[0])
        notes.append(
            f"{one} and {two} are never seen in the same row, so the data do not say "
            "how they go together; the test is rough"
        )
    small = sum(pattern.n < _FEW for pattern in patterns)
    if small:
        notes.append(
            f"{small} of {len(patterns)} patterns have fewer than {_FEW} rows: the "
            "p-value of Little's test is rough"
        )
    return notes


def _report(
    table: pd.DataFrame,
    patterns: list[_Pattern],
    names: list[Any],
    fit: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None,
    notes: list[str],
) -> LittleTest:
    distances, ranks, whole = [], [], 0
    labels = pd.Index(names, dtype=object, tupleize_cols=False)
    mean = pd.Series(np.nan, index=labels)
    cov = pd.DataFrame(np.nan, index=labels, columns=labels)
    if fit is not None:
        m, c, center, scale = fit
        whole = _inverse(c)[1]
        for part in patterns:
            inverse, rank = _inverse(c[np.ix_(part.seen, part.seen)])
            gap = part.total / part.n - m[part.seen]
            distances.append(part.n * float(gap @ inverse @ gap))
            ranks.append(rank)
        mean[:] = center + scale * m
        cov.iloc[:, :] = c * np.outer(scale, scale)
    df = sum(ranks) - whole
    testable = fit is not None and df > 0
    statistic = float(sum(distances)) if testable else float("nan")
    missing = [", ".join(str(names[g]) for g in part.gone) for part in patterns]
    rows = [part.n for part in patterns]
    frame = pd.DataFrame({"missing": missing, "rows": rows})
    frame["distance"] = distances if distances else np.nan
    return LittleTest(
        frame,
        statistic=statistic,
        df=max(df, 0),
        p_value=float(chi2.sf(statistic, df)) if testable else float("nan"),
        n_patterns=len(patterns),
        columns=tuple(names),
        mean=mean,
        covariance=cov,
        notes=tuple(notes),
    )
