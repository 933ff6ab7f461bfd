"""Which columns stand too far above the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from mlworkbench.leakage._target_power import Target

__all__ = ["Clue", "chance_power", "compare_jointly", "judge_clues"]

FloatArray = npt.NDArray[np.float64]
_EXACT = 0.999
_STRONG = 0.85  # power below which nothing is called too good
_STRONG_NUMBER = 0.975  # the same for a measured target
_LEFT = 0.25  # of what the next best leaves unexplained, for one column
_LEFT_TWO = 0.1  # the same for two columns that stand above all others
_STRONG_PAIR = 0.9  # the same for a pair that cancels
_SURE_PAIR = 0.99  # the same for one that does not
_SAME = 0.98  # correlation from which on two columns are one, said twice
_EASY = 2  # columns that decide the target; with more of them it is an easy one
_ERRORS = 4.0  # standard errors of pure chance that a power must exceed
_ODDS = np.log(1e4)  # against pure chance, per clue, for a perfect order


@dataclass(eq=False)
class Clue:
    """Something that tells the target: a column, a missing value, a pair.

    Parameters
    ----------
    name : str
        What to call it.
    column : object
        Its column, or the name of a pair.
    power : float
        How well it orders the target.
    kind : {"value", "missing", "pair"}
        What it is.
    values : ndarray of shape (n,), optional
        Its numbers; whether it is missing, for a missing value.
    columns : tuple
        Labels of the columns it is made of.
    one_class : int
        Rows of a missing pattern that holds one class only.
    chance : float
        A power that pure chance does not reach in the rows that have a value.
    cancels : bool
        Whether what the columns of a pair have in common drops out.
    severity : str
        Given by `judge_clues`; empty for nothing.
    rest : float
        The best power among the others.
    """

    name: str
    column: Any
    power: float
    kind: str
    values: FloatArray | None
    columns: tuple[Any, ...]
    one_class: int = 0
    chance: float = 0.0
    cancels: bool = False
    severity: str = ""
    rest: float = 0.0


def judge_clues(clues: list[Clue], target: Target) -> list[Clue]:
    """Give every clue a severity, relative to the best of the others.

    Parameters
    ----------
    clues : list of Clue
        Columns, missing values and pairs.
    target : Target
        The target.

    Returns
    -------
    clues : list of Clue
        The strongest first; the same objects, with `severity` and `rest` set.
    """
    ordered = sorted(clues, key=lambda clue: -clue.power)
    for clue in ordered:
        clue.severity = ""
    single = [c for c in ordered if c.kind != "pair"]
    for clue in ordered:
        others = [c for c in single if c is not clue and c.power < _EXACT]
        clue.rest = others[0].power if others else 0.0
        if clue.power >= _EXACT and clue.power > clue.chance:
            clue.severity = "leak"
        elif clue.one_class:
            clue.severity = "warning"
    _mark_alone([c for c in single if not c.severity], target)
    best = max((c.power for c in single if not c.severity), default=0.0)
    told: set[Any] = set()
    for clue in ordered:
        if clue.kind == "pair":
            clue.rest = best
            if told & set(clue.columns) or not _too_good(clue, best, target):
                clue.severity = ""
                continue
            clue.severity = clue.severity or "warning"
            told |= set(clue.columns)
        elif not clue.severity and clue.power >= max(_STRONG, clue.chance):
            clue.severity = "note"
    return ordered


def compare_jointly(clues: list[Clue], together: Callable[[set[Any]], float]) -> None:
    """Take warnings back where the other columns together tell as much.

    Parameters
    ----------
    clues : list of Clue
        Judged clues; their `severity` and `rest` may change.
    together : callable
        Gives the power of all columns but those of a set of labels.
    """
    warned = [c for c in clues if c.severity == "warning" and c.kind != "missing"]
    if warned:
        rest = together({name for clue in warned for name in clue.columns})
        for clue in warned:
            clue.rest = max(clue.rest, rest)
            if 1 - clue.power > _LEFT * (1 - clue.rest):
                clue.severity = "" if clue.kind == "pair" else "note"
    exact = [c for c in clues if c.severity == "leak" and c.kind == "value"]
    distinct = [
        c for i, c in enumerate(exact) if not any(_same(c, d) for d in exact[:i])
    ]
    if len(distinct) > _EASY:
        for clue in exact:
            clue.severity, clue.rest = "note", 1.0


def _mark_alone(left: list[Clue], target: Target) -> None:
    """Warn of the strongest, or the two strongest, if nothing comes near them."""
    groups: list[list[Clue]] = []
    for clue in left:
        if clue.power < _STRONG:
            break
        same = [g for g in groups if _same(g[0], clue)]
        if same:
            same[0].append(clue)
        else:
            groups.append([clue])
    for size, most in ((1, _LEFT), (2, _LEFT_TWO)):
        chosen = [clue for group in groups[:size] for clue in group]
        others = [clue.power for clue in left if clue not in chosen]
        rest = max(others, default=0.0)
        enough = all(_too_good(c, rest, target, most) for c in chosen)
        if enough and len(groups) >= size:
            for clue in chosen:
                clue.severity, clue.rest = "warning", rest


def _same(one: Clue, two: Clue) -> bool:
    """Say whether two clues are almost the same column."""
    if one.values is None or two.values is None:
        return False
    there = ~(np.isnan(one.values) | np.isnan(two.values))
    x, y = one.values[there], two.values[there]
    if len(x) < 2 or x.std() == 0 or y.std() == 0:
        return False
    return bool(abs(np.corrcoef(x, y)[0, 1]) >= _SAME)


def chance_power(target: Target, n_clues: int) -> float:
    """Give a power that pure chance does not reach.

    Parameters
    ----------
    target : Target
        The rows that have a value.
    n_clues : int
        How many columns were looked at.

    Returns
    -------
    power : float
        Four standard errors; just below 1 where only a perfect order of so few
        rows would be beyond chance, 2 where not even that.
    """
    n = len(target.rows)
    if not target.classes:
        usual, orders = _ERRORS / np.sqrt(max(n - 1, 1)), gammaln(n + 1)
    else:
        count = np.bincount(target.numbers.astype(np.int64))
        count = count[count > 0]
        few, many = int(count.min(initial=n)), n - int(count.min(initial=n))
        usual = _ERRORS * np.sqrt((n + 1) / (3 * max(few * many, 1)))
        orders = gammaln(n + 1) - gammaln(few + 1) - gammaln(many + 1)
    if usual < _EXACT:
        return float(usual)
    return 2.0 if orders < _ODDS + np.log(max(n_clues, 1)) else _EXACT - 1e-9


def _too_good(clue: Clue, rest: float, target: Target, most: float = _LEFT) -> bool:
    """Say whether a clue leaves far less unexplained than the rest."""
    if clue.power < max(_STRONG, clue.chance) or 1 - clue.power > most * (1 - rest):
        return False
    if clue.kind == "pair":
        usual = _STRONG if target.classes else _STRONG_PAIR
        return clue.power >= (usual if clue.cancels else _SURE_PAIR)
    if target.classes or clue.power >= _STRONG_NUMBER:
        return True
    return clue.values is not None and _is_copy(clue.values, target.numbers)


def _is_copy(values: FloatArray, numbers: npt.NDArray[np.float64]) -> bool:
    """Say whether the target is the column plus a little: a slope of about 1."""
    there = ~np.isnan(values)
    x, y = values[there], numbers[there]
    if x.std() == 0:
        return False
    slope = float(np.cov(x, y)[0, 1] / x.var(ddof=1))
    return 0.85 <= slope <= 1.15
