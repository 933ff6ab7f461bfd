"""How likely chance alone makes a set of rows look this bad."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, stdtr
from scipy.stats import hypergeom

from mlworkbench._validation import FloatArray

__all__ = ["worse_p_values"]

_SINGLE = 1000  # largest values that are kept one by one, and groups of the others


def worse_p_values(errors: FloatArray, masks: npt.NDArray[np.bool_]) -> FloatArray:
    """Test for sets of rows whether their errors differ from those of the rest.

    Parameters
    ----------
    errors : ndarray of shape (n,)
        Errors of 0 or more.
    masks : ndarray of shape (k, n), bool
        The rows in question, chosen without a look at these errors.

    Returns
    -------
    p_values : ndarray of shape (k,)
        Twice the chance of errors so much larger, as in a two-sided test, and
        at most 1; small only where they are larger. NaN where one side has no
        rows.

    Notes
    -----
    With errors of two values, 0 and another, the exact chance that as many
    errors fall inside when they are dealt at random (Fisher's exact test).
    Otherwise the larger of Welch's p-value and a bound of the same chance that
    holds for every distribution and size (Hoeffding): Welch alone says 0 for
    three rows with equal errors. The bound is about ten times too large far
    out, more so for a large slice.
    """
    largest = float(errors.max(initial=0.0))
    scaled = errors / largest if largest else errors
    if np.all((scaled == 0) | (scaled == 1)):
        chance = [_exact(scaled, inside) for inside in masks]
    else:
        both = _condense(scaled), _condense(1 - scaled)
        chance = [_bounded(scaled, inside, *both) for inside in masks]
    return np.minimum(1.0, 2 * np.array(chance, dtype=np.float64))


def _exact(hit: FloatArray, inside: npt.NDArray[np.bool_]) -> float:
    """Give the chance of as many hits inside when they are dealt at random."""
    n, size = len(hit), int(inside.sum())
    if size in (0, n):
        return float("nan")
    hits, all_hits = int(hit[inside].sum()), int(hit.sum())
    return float(min(1.0, hypergeom.sf(hits - 1, n, all_hits, size)))


def _bounded(
    scaled: FloatArray,
    inside: npt.NDArray[np.bool_],
    large: tuple[FloatArray, FloatArray],
    small: tuple[FloatArray, FloatArray],
) -> float:
    here, rest = scaled[inside], scaled[~inside]
    if not len(here) or not len(rest):
        return float("nan")
    welch = _welch(here, rest)
    if here.mean() <= rest.mean():
        return max(0.5, welch)
    return max(welch, min(_chernoff(*large, here), _chernoff(*small, 1 - rest)))


def _condense(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give a few values and their shares, with moments no smaller.

    The largest values stay as they are; each group of the others is spread to
    its ends, so that its mean is kept.
    """
    ordered = np.sort(values)
    cut = max(0, len(ordered) - _SINGLE)
    starts = np.unique(np.linspace(0, cut, _SINGLE, endpoint=False).astype(np.intp))
    if not cut:
        return ordered, np.full(len(ordered), 1 / len(ordered))
    ends = np.append(starts[1:], cut)
    low, high = ordered[starts], ordered[ends - 1]
    counts = ends - starts
    mean = np.add.reduceat(ordered[:cut], starts) / counts
    width = np.where(high > low, high - low, 1.0)
    upper = ((mean - low) / width).clip(0, 1)
    points = np.concatenate([low, high, ordered[cut:]])
    each = [counts * (1 - upper), counts * upper, np.ones(len(ordered) - cut)]
    weights = np.concatenate(each) / len(ordered)
    return points[weights > 0], weights[weights > 0]


def _welch(here: FloatArray, rest: FloatArray) -> float:
    """Give Welch's one-sided p-value, 0 where it cannot be had."""
    if min(len(here), len(rest)) < 2:
        return 0.0
    one, two = here.var(ddof=1) / len(here), rest.var(ddof=1) / len(rest)
    if one + two == 0:
        return 0.0
    t = (here.mean() - rest.mean()) / math.sqrt(one + two)
    df = (one + two) ** 2 / (one**2 / (len(here) - 1) + two**2 / (len(rest) - 1))
    return float(stdtr(df, -t))


def _chernoff(values: FloatArray, shares: FloatArray, drawn: FloatArray) -> float:
    """Bound the chance that so many rows drawn at random sum to as much.

    Drawing without replacement has no larger moments than drawing with it, so
    log P ≤ size · (log mean exp(λx) - λ · mean of the drawn) for every λ > 0.
    """
    size, mean = len(drawn), float(drawn.mean())
    middle = float(shares @ values)
    spread = float(shares @ np.square(values - middle))
    start = math.log10(max((mean - middle) / spread, 1e-12))

    def exponent(power: float) -> float:
        tilt = 10.0**power
        grown = float(logsumexp(tilt * (values - mean), b=shares))
        return size * grown

    found = minimize_scalar(
        exponent,
        bounds=(start - 1, start + 3),
        method="bounded",
        options={"xatol": 0.01},
    )
    return math.exp(min(0.0, float(found.fun)))
