"""Pairs of columns that are weak alone and give the target away together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench.leakage._target_power import Target, missing_power, value_power

__all__ = ["Pair", "find_pairs"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_SCREENED_ROWS = 5000
_SCREENED_CELLS = 4_000_000  # values sorted in the screening, at most
_MOST_COLUMNS = 100
_CONFIRMED = 12  # pairs measured on all rows
_GAIN = 0.1  # power a pair must add to that of its columns in the screening


class Pair(NamedTuple):
    """Two columns and what they say together.

    Parameters
    ----------
    name : str
        For example "end - start".
    columns : tuple
        Their labels.
    power : float
        On all rows where both have a value.
    values : ndarray of shape (n,)
        The combined column, NaN where one of the two is missing.
    cancels : bool
        Whether the two have something in common that drops out: the difference
        varies less than one of them does. Two independent features, which a
        linear model may well add, have not.
    """

    name: str
    columns: tuple[Any, Any]
    power: float
    values: FloatArray
    cancels: bool


def _ratio(one: FloatArray, two: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(two == 0, np.nan, one / two))


def _equal(one: FloatArray, two: FloatArray) -> FloatArray:
    missing = np.isnan(one) | np.isnan(two)
    return np.where(missing, np.nan, one == two)


_WAYS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "==": _equal,  # the first of equally good ones is told
    "-": np.subtract,
    "+": np.add,
    "/": _ratio,
}


def find_pairs(
    numbers: dict[Any, FloatArray],
    texts: dict[Any, pd.Series],
    power: dict[Any, float],
    target: Target,
    fold: IntArray,
    rng: np.random.Generator,
) -> list[Pair]:
    """Find pairs whose sum, difference, ratio or equality tells more than they do.

    Parameters
    ----------
    numbers : dict of label to ndarray of shape (n,)
        Columns of numbers, NaN for missing; the first 100 are paired.
    texts : dict of label to pandas.Series
        Columns of names, compared for equality alone.
    power : dict of label to float
        What each column tells alone.
    target : Target
        The target.
    fold : ndarray of shape (n,)
        Folds.
    rng : numpy.random.Generator
        For the rows of the screening.

    Returns
    -------
    pairs : list of Pair
        Each pair of columns once, the strongest first, at most 12.

    Notes
    -----
    All pairs are screened on at most 5,000 rows, half of them of the rarest
    class, fewer for many columns; the best are measured on all rows.
    O(p² · 5,000 + n).
    """
    columns = dict(list(numbers.items())[:_MOST_COLUMNS])
    n_pairs = len(columns) * (len(columns) - 1) // 2
    few = _SCREENED_CELLS // max(3 * n_pairs, 1)
    rows = _sample(target, min(_SCREENED_ROWS, max(few, 300)), rng)
    some = target.take(rows)
    found = _screen(columns, power, rows, some)
    codes = _text_codes(texts)
    found += _screen_equal(codes, power, rows, some)
    found.sort(key=lambda pair: -pair[0])
    best: dict[tuple[Any, Any], Pair] = {}
    simple = list(_WAYS)
    chosen = sorted(found[:_CONFIRMED], key=lambda pair: simple.index(pair[1]))
    for _, way, one, two in chosen:
        both = {**columns, **codes}
        values = _WAYS[way](both[one], both[two])
        there = ~np.isnan(values)
        if way == "==":
            told = missing_power(values[there] == 1, target.take(there))
        else:
            told = value_power(values, target, fold)
        cancels = way == "==" or _cancels(both[one], both[two], values, way)
        pair = Pair(f"{one} {way} {two}", (one, two), told, values, cancels)
        if (one, two) not in best or best[one, two].power < told - 1e-3:
            best[one, two] = pair
    return sorted(best.values(), key=lambda pair: -pair.power)


def _cancels(one: FloatArray, two: FloatArray, values: FloatArray, way: str) -> bool:
    """Say whether a combination varies less than one of its columns."""
    there = ~np.isnan(values)
    parts = [one[there], two[there], values[there]]
    if way == "/":
        if any((part <= 0).any() for part in parts):
            return False
        parts = [np.log(part) for part in parts]
    spread = [float(part.std()) for part in parts]
    return spread[2] < max(spread[:2])


def _sample(target: Target, size: int, rng: np.random.Generator) -> IntArray:
    """Choose rows in random order, half of them of the rarest class."""
    order = rng.permutation(len(target.values))
    if len(order) <= size or not target.classes:
        return np.asarray(order[:size])
    rarest = int(np.argmin(np.bincount(target.numbers.astype(np.int64))))
    rare = target.numbers[order] == rarest
    kept = np.concatenate([order[rare][: size // 2], order[~rare][: size - size // 2]])
    return np.asarray(rng.permutation(kept))


def _screen(
    columns: dict[Any, FloatArray],
    power: dict[Any, float],
    rows: IntArray,
    target: Target,
) -> list[tuple[float, str, Any, Any]]:
    """Give the gain of every pair of numbers in every way, where it is large.

    Rows are in random order, so ties are broken at random: unbiased.
    """
    names = list(columns)
    table = np.array([_filled(columns[name][rows]) for name in names])
    raw = np.array([columns[name][rows] for name in names])
    centred = target.values - target.values.mean(axis=0)
    found = []
    for i, one in enumerate(names[:-1]):
        alone = np.array([max(power[one], power[two]) for two in names[i + 1 :]])
        ways = {w: _WAYS[w](table[i], table[i + 1 :]) for w in "+-/"}
        told = {way: _rank_power(values, centred) for way, values in ways.items()}
        told["=="] = _equal_power(raw[i] == raw[i + 1 :], centred)
        for way, powers in told.items():
            for j in np.flatnonzero(powers - alone > _GAIN):
                gain = float(powers[j] - alone[j])
                found.append((gain, way, one, names[i + 1 + j]))
    return found


def _filled(values: FloatArray) -> FloatArray:
    missing = np.isnan(values)
    if missing.all():
        return np.zeros(len(values))
    return np.where(missing, np.median(values[~missing]), values)


def _rank_power(values: FloatArray, centred: FloatArray) -> FloatArray:
    """Give the largest power over the classes, from the ranks of each row."""
    order = np.argsort(values, axis=1)
    rank = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    best = np.zeros(len(values))
    for column in centred.T:
        most = float(np.sort(column) @ rank)
        if most > 0:
            best = np.maximum(best, np.abs(column[order] @ rank) / most)
    return best


def _equal_power(same: npt.NDArray[np.bool_], centred: FloatArray) -> FloatArray:
    """Give the power of each row of truth values."""
    n = same.shape[1]
    share = same.mean(axis=1)
    best = np.zeros(len(same))
    for column in centred.T:
        high = column > 0
        size = float(column[high].sum()) or 1.0
        together = np.abs(same @ column)
        most = np.sqrt(share * (1 - share) * n * float(column @ column))
        binary = len(np.unique(column)) == 2
        most = np.full(len(same), size) if binary else most
        best = np.maximum(best, together / np.where(most > 0, most, np.inf))
    return best


def _text_codes(texts: dict[Any, pd.Series]) -> dict[Any, FloatArray]:
    """Give the same number to the same text in all columns, NaN for none."""
    if len(texts) < 2:
        return {}
    chosen = dict(list(texts.items())[:_MOST_COLUMNS])
    both = pd.concat([s.astype(object) for s in chosen.values()], ignore_index=True)
    codes = pd.factorize(both)[0].astype(np.float64)
    codes[codes < 0] = np.nan
    n = len(next(iter(chosen.values())))
    return {name: codes[i * n : (i + 1) * n] for i, name in enumerate(chosen)}


def _screen_equal(
    codes: dict[Any, FloatArray],
    power: dict[Any, float],
    rows: IntArray,
    target: Target,
) -> list[tuple[float, str, Any, Any]]:
    names = list(codes)
    if not names:
        return []
    table = np.array([codes[name][rows] for name in names])
    centred = target.values - target.values.mean(axis=0)
    found = []
    for i, one in enumerate(names[:-1]):
        told = _equal_power(table[i] == table[i + 1 :], centred)
        for two, gave in zip(names[i + 1 :], told, strict=True):
            gain = float(gave) - max(power[one], power[two])
            if gain > _GAIN:
                found.append((gain, "==", one, two))
    return found
