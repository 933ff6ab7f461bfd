"""Items without an order: a key to sort any of them by, and pairs that match."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench.notebook._values import fold, is_missing

__all__ = ["match_order", "sort_key", "sorted_order"]

MOST = 30  # items to try against each other


def sort_key(item: Any) -> tuple[Any, ...]:
    """Give what any two values can be sorted by; equal for equal values.

    Parameters
    ----------
    item : object
        A scalar, or a list, tuple, set or dict of them.

    Returns
    -------
    key : tuple
        Its first part is the kind. Of several values the numbers come last:
        they may be off by a rounding error, the others are what identifies.
    """
    if isinstance(item, np.ndarray):
        item = list(item)
    if is_missing(item):
        return (0,)
    if isinstance(item, datetime.timedelta | np.timedelta64):
        return (2, pd.Timedelta(item).total_seconds())
    if isinstance(item, int | np.integer):  # exact, however large
        return (1, int(item))
    if isinstance(item, float | np.floating | Decimal | Fraction):
        return (1, float(item))
    if isinstance(item, str):
        return (3, fold(item))
    if isinstance(item, datetime.date | np.datetime64):
        return (4, str(pd.Timestamp(item)))
    if isinstance(item, list | tuple):
        keys = [sort_key(part) for part in item]
        exact = tuple(key for key in keys if key[0] != 1)
        numbers = tuple(key for key in keys if key[0] == 1)
        return (5, tuple(key[0] for key in keys), exact, numbers)
    if isinstance(item, Set):
        return (6, tuple(sorted(map(sort_key, item))))
    if isinstance(item, Mapping):
        pairs = ((sort_key(key), sort_key(value)) for key, value in item.items())
        return (7, tuple(sorted(pairs)))
    return (8, type(item).__name__, repr(item))


def sorted_order(items: Sequence[Any]) -> list[int]:
    """Give the positions that sort the items.

    Parameters
    ----------
    items : sequence
        Values of any kinds.

    Returns
    -------
    order : list of int
        Position of the smallest first.
    """
    keys = [sort_key(item) for item in items]
    return sorted(range(len(items)), key=keys.__getitem__)


def match_order(given: int, right: int, same: Callable[[int, int], bool]) -> list[int]:
    """Find for each right item a given one that matches it.

    Parameters
    ----------
    given, right : int
        How many there are; with more than 30 none is tried, for every one may
        have to be tried against every other.
    same : callable
        Tells whether the given item at one place and the right one at another
        are equal.

    Returns
    -------
    order : list of int
        Place of the given item for each right one, -1 where there is none.
    """
    if max(given, right) > MOST:
        return [-1] * right
    free = list(range(given))
    order = []
    for place in range(right):
        found = next((other for other in free if same(other, place)), -1)
        order.append(found)
        if found >= 0:
            free.remove(found)
    return order
