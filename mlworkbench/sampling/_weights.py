"""The weights of a stream, checked one by one or all at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from mlworkbench._validation import FloatArray, as_vector

__all__ = ["check_stream_weights", "check_weight", "pairs"]

# Sums and ratios of weights inside these bounds stay inside a float's range.
_SMALLEST, _LARGEST = 1e-200, 1e200


def check_weight(weight: Any, row: int | None = None) -> float:
    """Check one weight: finite, 0 or more, and of a sane size."""
    number = float(weight)
    if number == 0 or _SMALLEST <= number <= _LARGEST:
        return number
    where = "" if row is None else f" at row {row}"
    if math.isfinite(number) and number > 0:
        raise ValueError(
            f"weight is {number:g}{where}; pass 0 or {_SMALLEST:g} to {_LARGEST:g} "
            "(only ratios matter: divide all by their mean)"
        )
    raise ValueError(f"weight is {number:g}{where}; pass a finite weight of 0 or more")


def check_stream_weights(weights: Any, n: int) -> FloatArray:
    """Check one weight per item; None stands for 1 each. All may be 0."""
    if weights is None:
        return np.broadcast_to(np.float64(1.0), n)
    if not hasattr(weights, "__len__"):
        weights = list(itertools.islice(weights, n + 1))
    vector = as_vector(weights, "weights").astype(np.float64, copy=False)
    if len(vector) != n:
        more = "or more " if len(vector) > n else ""
        raise ValueError(
            f"weights has {len(vector)} {more}values for {n} items; pass one an item"
        )
    right = (vector == 0) | ((vector >= _SMALLEST) & (vector <= _LARGEST))
    if not right.all():
        row = int(np.argmin(right))
        check_weight(vector[row], row)
    return vector


def pairs(items: Iterator[Any], weights: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair a stream with its weights; say so when one of them ends early."""
    nothing = object()
    stream = iter(weights)
    for n, item in enumerate(items):
        weight = next(stream, nothing)
        if weight is nothing:
            raise ValueError(f"weights ended after {n} items; pass one an item")
        yield item, weight
    endless = isinstance(weights, itertools.repeat)
    if not endless and next(stream, nothing) is not nothing:
        raise ValueError("weights has more values than there are items; pass one each")
