"""Which columns stand too far above the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import norm

from mlworkbench.leakage._target_copies import (
    copies_number,
    has_unit_of,
    is_whole,
    shakes_classes,
)
from mlworkbench.leakage._target_power import Target

__all__ = ["Clue", "chance_power", "compare_jointly", "judge_clues"]

FloatArray = npt.NDArray[np.float64]
_EXACT = 0.999
_STRONG = 0.85  # power below which nothing is called too good
_STRONG_NUMBER = 0.975  # the same for a measured target
_LEFT = 0.25  # of what the next best leaves unexplained, for one column
_MUCH = 0.5  # what the others tell from which on less must be left
_LEFT_OF_LITTLE = 0.15  # of what they leave then
_LEFT_TWO = 0.1  # the same for two columns that stand above all others
_STRONG_PAIR = 0.9  # the same for a pair that cancels
_SURE_PAIR = 0.99  # the same for one that does not
_SAME = 0.98  # correlation from which on two columns are one, said twice
_EASY = 2  # columns that decide the target; with more of them it is an easy one
_CHANCE = 1e-4  # of pure chance that any of the clues is taken for one
_SURE_NUMBER = 0.995  # power that warns of itself, where nothing else tells
_SHAKEN = 0.95  # power from which on noise alike in all classes counts
_SHAKEN_KNOWN = 0.9  # the same where there is something to compare with
_KNOWN = 0.3  # what others must tell for a comparison with them, in classes
_KNOWN_NUMBER = 0.25  # the same for a measured target
_KNOWN_UNIT = 0.15  # the same for a column in the unit of the target


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
    codes : bool
        Whether it has no more values than there are classes.
    averages : bool
        Whether it is the mean target of the rows that share its value.
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
    codes: bool = False
    averages: bool = False
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
    honest = [c for c in single if c.power < _EXACT and not c.averages]
    for clue in ordered:
        others = [c for c in honest if c is not clue]
        clue.rest = others[0].power if others else 0.0
        if clue.averages or (clue.power >= _EXACT and clue.power > clue.chance):
            clue.severity = "leak"
        elif clue.one_class or (clue.codes and clue.power >= max(_STRONG, clue.chance)):
            clue.severity = "warning"
    _mark_alone([c for c in single if not c.severity], target)
    best = max((c.power for c in single if not c.severity), default=0.0)
    told: set[Any] = set()
    for clue in ordered:
        if clue.kind == "pair":
            clue.rest = best
            enough = clue.one_class or _too_good(clue, best, target)
            if told & set(clue.columns) or not enough:
                clue.severity = ""
                continue
            clue.severity = clue.severity or "warning"
            told |= set(clue.columns)
        elif not clue.severity and clue.power >= max(_STRONG, clue.chance):
            clue.severity = "note"
    return ordered


def compare_jointly(
    clues: list[Clue], target: Target, together: Callable[[set[Any]], float]
) -> None:
    """Take warnings back where the other columns together tell as much, or nothing.

    Parameters
    ----------
    clues : list of Clue
        Judged clues; their `severity` and `rest` may change.
    target : Target
        The target.
    together : callable
        Gives the power of all columns but those of a set of labels.
    """
    for kind in ("value", "pair"):  # a pair is compared with what is not yet named
        warned = [c for c in clues if c.severity == "warning" and c.kind == "value"]
        named = [c for c in clues if c.severity == "warning" and c.kind == kind]
        if not named:
            continue
        rest = together({name for clue in {*warned, *named} for name in clue.columns})
        for clue in named:
            clue.rest = max(clue.rest, rest)
            if clue.codes or clue.one_class:
                continue
            most = _LEFT if clue.rest < _MUCH else _LEFT_OF_LITTLE
            far = 1 - clue.power <= most * (1 - clue.rest)
            if kind == "pair":
                clue.severity = "warning" if far else ""
            elif not far or not _beyond(clue, target):
                clue.severity = "note"
    exact = [c for c in clues if c.severity == "leak" and c.kind == "value"]
    exact = [c for c in exact if not c.averages]
    distinct = [
        c for i, c in enumerate(exact) if not any(_same(c, d) for d in exact[:i])
    ]
    if len(distinct) > _EASY:
        for clue in exact:
            clue.severity, clue.rest = "note", 1.0


def _beyond(clue: Clue, target: Target) -> bool:
    """Say whether more than one strong legitimate column speaks for a leak.

    Where no other column tells anything there is nothing to compare with: only
    what looks like a copy of the target counts.
    """
    values = clue.values
    if target.classes:
        known = clue.rest >= _KNOWN
        if values is None or (known and (clue.power >= _SHAKEN or is_whole(values))):
            return known
        enough = _SHAKEN_KNOWN if known else _SHAKEN
        return clue.power >= enough and shakes_classes(values, target)
    if clue.power >= (_STRONG_NUMBER if clue.rest >= _KNOWN_NUMBER else _SURE_NUMBER):
        return True
    if values is None:
        return False
    known = clue.rest >= _KNOWN_UNIT and has_unit_of(values, target.numbers)
    return known or copies_number(values, target.numbers)


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


def chance_power(target: Target, n_clues: int, parted: int | None = None) -> float:
    """Give a power that pure chance does not reach.

    Parameters
    ----------
    target : Target
        The rows that have a value.
    n_clues : int
        How many columns were looked at.
    parted : int, optional
        Rows on one side, where the target of two groups of rows is compared.

    Returns
    -------
    power : float
        Four standard errors or more, for many clues; just below 1 where only a
        perfect order of so few rows would be beyond chance, 2 where not even that.
    """
    n = len(target.rows)
    errors = float(norm.isf(_CHANCE / max(n_clues, 1)))
    if not target.classes and parted is None:
        usual, orders = errors / np.sqrt(max(n - 1, 1)), gammaln(n + 1)
    else:
        few = n
        if parted is not None:
            few = min(parted, n - parted)
        elif n:
            count = np.bincount(target.numbers.astype(np.int64))
            few = int(count[count > 0].min())
        usual = errors * np.sqrt((n + 1) / (3 * max(few * (n - few), 1)))
        orders = gammaln(n + 1) - gammaln(few + 1) - gammaln(n - few + 1)
    if usual < _EXACT:
        return float(usual)
    return 2.0 if orders < np.log(max(n_clues, 1) / _CHANCE) else _EXACT - 1e-9


def _too_good(clue: Clue, rest: float, target: Target, most: float = _LEFT) -> bool:
    """Say whether a clue leaves far less unexplained than the rest."""
    if clue.power < max(_STRONG, clue.chance) or 1 - clue.power > most * (1 - rest):
        return False
    if clue.kind == "pair":
        usual = _STRONG if target.classes else _STRONG_PAIR
        return clue.power >= (usual if clue.cancels else _SURE_PAIR)
    if target.classes or clue.kind == "missing" or clue.power >= _STRONG_NUMBER:
        return True
    return clue.values is not None and (
        has_unit_of(clue.values, target.numbers)
        or copies_number(clue.values, target.numbers)
    )
