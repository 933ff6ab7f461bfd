"""The mistakes people make with numbers, as a table.

Each row has a hint and a function from the right values to the wrong ones that
this mistake gives. The same table serves one number and many; NaN stands for
"this mistake cannot give anything here". The first row that fits is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Tolerance", "name_mistake", "name_order"]

FloatArray = npt.NDArray[np.float64]


class Tolerance:
    """How far a number may be from the right one.

    Parameters
    ----------
    rtol, atol : float
        Allowed is `atol + rtol * |right|`.
    most : float
        The relative part is never more than this.
    """

    def __init__(self, rtol: float, atol: float, most: float = np.inf) -> None:
        self.rtol, self.atol, self.most = rtol, atol, most

    def equal(self, given: FloatArray, right: FloatArray) -> npt.NDArray[np.bool_]:
        """Compare element by element; NaN equals NaN.

        Parameters
        ----------
        given, right : ndarray of the same shape
            The values.

        Returns
        -------
        equal : ndarray of bool
            Of the same shape.
        """
        with np.errstate(invalid="ignore"):
            allowed = self.atol + np.minimum(self.rtol * np.abs(right), self.most)
            near = np.abs(given - right) <= allowed
        both = np.isnan(given) & np.isnan(right)
        ends = np.isfinite(given) & np.isfinite(right)
        return np.asarray((near & ends) | (given == right) | both)

    def fits(self, given: FloatArray, right: FloatArray) -> bool:
        """Tell whether all are equal and at least one is a number.

        Parameters
        ----------
        given, right : ndarray of the same shape
            The values.

        Returns
        -------
        answer : bool
            True where the right values explain the given ones.
        """
        return bool(self.equal(given, right).all() and np.isfinite(right).any())


def _where(test: Callable[[FloatArray], Any], then: Callable[[FloatArray], Any]) -> Any:
    return lambda right: np.where(test(right), then(right), np.nan)


def _whole(right: FloatArray) -> Any:
    return right == np.round(right)


def _share(right: FloatArray) -> Any:
    return (right > 0) & (right < 1)


def _percent(right: FloatArray) -> Any:
    return (right > 0) & (right < 100) & ~_whole(right)  # a count is no per cent


def _positive(right: FloatArray) -> Any:
    return right > 0


def _times(factor: float) -> Callable[[FloatArray], Any]:
    return lambda right: right * factor


SCALES: list[tuple[float, str]] = [
    (100, "a percentage where a fraction is expected, 100 times too large"),
    (0.01, "a fraction where a percentage is expected, 100 times too small"),
    (60, "60 times too large: minutes and hours (or seconds and minutes)?"),
    (1 / 60, "60 times too small: minutes and hours (or seconds and minutes)?"),
    (1000, "1,000 times too large: is it the unit?"),
    (0.001, "1,000 times too small: is it the unit?"),
    (3600, "3,600 times too large: seconds and hours?"),
    (1 / 3600, "3,600 times too small: seconds and hours?"),
    (24, "24 times too large: hours and days?"),
    (1 / 24, "24 times too small: hours and days?"),
    (1e6, "a million times too large: is it the unit?"),
    (1e-6, "a million times too small: is it the unit?"),
]

MISTAKES: list[tuple[str, Callable[[FloatArray], Any]]] = [
    ("the sign is reversed: what is taken away from what?", np.negative),
    (
        "the complement: 1 − p where p is expected",
        _where(_share, lambda p: 1 - p),
    ),
    *[(hint, _times(factor)) for factor, hint in SCALES],
    (
        "the complement: 100 − p where p per cent is expected",
        _where(_percent, lambda p: 100 - p),
    ),
    (
        "too large by exactly one: does the count include one item too many?",
        _where(_whole, lambda n: n + 1),
    ),
    (
        "too small by exactly one: does the count leave one item out?",
        _where(_whole, lambda n: n - 1),
    ),
    (
        "upside down: 1 / x where x is expected",
        _where(lambda x: x != 0, np.reciprocal),
    ),
    ("twice what is expected: is something counted twice?", _times(2)),
    ("half of what is expected: is something left out?", _times(0.5)),
    ("without its sign: is there an absolute value too many?", np.abs),
    ("squared: is a square root missing (variance, standard deviation)?", np.square),
    (
        "the square root of what is expected (standard deviation, variance)?",
        _where(_positive, np.sqrt),
    ),
    ("its logarithm: undo it with `exp`", _where(_positive, np.log)),
    (
        "not on the logarithmic scale that is expected: take the logarithm",
        _where(lambda x: np.abs(x) < 500, np.exp),
    ),
    ("a logarithm to another base: e where 2 is expected", _times(np.log(2))),
    ("a logarithm to another base: 2 where e is expected", _times(1 / np.log(2))),
    ("a logarithm to another base: 10 where e is expected", _times(1 / np.log(10))),
    ("a logarithm to another base: e where 10 is expected", _times(np.log(10))),
]

SERIES_MISTAKES: list[tuple[str, Callable[[FloatArray], Any]]] = [
    ("running totals where single values are expected", np.cumsum),
    (
        "single values where running totals are expected",
        lambda right: np.diff(right, prepend=0.0),
    ),
    (
        "divided by their sum, which is not expected here",
        lambda right: right / right.sum() if right.sum() else right * np.nan,
    ),
]


def name_mistake(given: FloatArray, right: FloatArray, close: Tolerance) -> str:
    """Recognise a common mistake that explains all the given values.

    Parameters
    ----------
    given, right : ndarray of the same shape
        The answer and what was expected.
    close : Tolerance
        How near is equal.

    Returns
    -------
    hint : str
        Empty when no row of the table fits.
    """
    table = MISTAKES + (SERIES_MISTAKES if right.ndim == 1 and right.size > 1 else [])
    with np.errstate(all="ignore"):
        for hint, wrong in table:
            if close.fits(given, np.asarray(wrong(right), dtype=float)):
                return hint
        if right.ndim == 1 and right.size > 1:
            total = given.sum()
            if (
                total
                and not close.fits(given, given / total)
                and close.fits(given / total, right)
            ):
                return "not yet divided by their sum: the shares should sum to 1"
    return ""


def name_order(given: npt.NDArray[Any], right: npt.NDArray[Any], same: Any) -> str:
    """Recognise the right values in other places.

    Ask only where the values are telling: of votes or labels, which take a
    handful of values, half are equal in any order.

    Parameters
    ----------
    given, right : ndarray of shape (n,)
        The answer and what was expected.
    same : callable
        Tells whether two arrays are equal throughout.

    Returns
    -------
    hint : str
        Empty when the values themselves differ.
    """
    if right.ndim != 1 or right.size < 2:
        return ""
    if same(given[::-1], right):
        return "the right values in reversed order"
    if same(np.roll(given, 1), right) or same(np.roll(given, -1), right):
        return "the right values, each one place off"
    try:
        if same(np.sort(given), np.sort(right)):
            return "the right values in another order"
    except TypeError:  # not sortable
        return ""
    if right.size < 4:  # one or two equal neighbours are chance
        return ""
    if same(given[1:], right[:-1]) or same(given[:-1], right[1:]):
        return "shifted by one place: do the positions begin at 0 or at 1?"
    return ""
