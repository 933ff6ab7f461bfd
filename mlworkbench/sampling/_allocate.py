"""Share a whole number out, exactly."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["allocate", "largest_remainder"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def allocate(
    total: int, sizes: FloatArray, upper: IntArray, lower: IntArray | None = None
) -> IntArray:
    """Share `total` out in proportion to `sizes`, within bounds.

    What a bound takes away or adds is shared among the others, again in
    proportion. Groups of size 0 get their lower bound, and more (in proportion
    to `upper`) only when all others are full. ``sum(lower) <= total <=
    sum(upper)`` is the caller's to check. O(h log h) for h groups.
    """
    least = np.zeros_like(upper) if lower is None else lower
    shares = _fill(total, sizes, least, upper)
    idle = sizes == 0
    if idle.any() and shares.sum() < total - 0.5:
        left = total - shares[~idle].sum()
        most = upper[idle]
        shares[idle] = _fill(left, most.astype(np.float64), least[idle], most)
    return largest_remainder(shares, total)


def largest_remainder(shares: FloatArray, total: int) -> IntArray:
    """Round shares that sum to `total` so that they still do (Hamilton).

    Of equal remainders the larger share goes first, then the earlier one.
    """
    rounded = np.floor(shares).astype(np.int64)
    # Remainders that differ by rounding error are ties.
    remainder = np.round(shares - rounded, 9)
    order = np.lexsort((np.arange(len(shares)), -shares, -remainder))
    rounded[order[: total - int(rounded.sum())]] += 1
    return rounded


def _fill(
    total: float, sizes: FloatArray, lower: IntArray, upper: IntArray
) -> FloatArray:
    """Give clip(rate · sizes, lower, upper) with the rate that sums to total."""

    def filled(rate: Any) -> FloatArray:
        return np.asarray(np.clip(rate * sizes, lower, upper))

    growing = sizes > 0
    if not growing.any():
        return lower.astype(np.float64)
    # The sum is piecewise linear in the rate, with a bend at each bound.
    bends = np.unique(
        np.concatenate([bound[growing] / sizes[growing] for bound in (lower, upper)])
    )
    at = bisect_left(range(len(bends)), total, key=lambda i: filled(bends[i]).sum())
    if at == 0 or at == len(bends):
        return filled(bends[min(at, len(bends) - 1)])
    below, above = filled(bends[at - 1]), filled(bends[at])
    part = (total - below.sum()) / (above.sum() - below.sum())
    return np.asarray(below + part * (above - below))
