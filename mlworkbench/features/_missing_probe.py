"""Which other columns tell where a column has gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import fisher_exact

from mlworkbench._stats import adjust_p_values, rank_auc
from mlworkbench._validation import FloatArray
from mlworkbench.features._missing_model import (
    ModelProbe,
    fold_numbers,
    model_probe,
    shuffle_losses,
)
from mlworkbench.features._missing_tests import (
    FEW,
    as_values,
    association,
    bins,
    standard_error,
    stratified,
    strength,
    weighted,
)

__all__ = ["Candidate", "Probe", "candidates", "probe_column"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_ENOUGH = 10  # rows with and without a gap that the model needs
_FOLDS = 5
_NAMED = 5  # drivers named at most


@dataclass(frozen=True, eq=False)
class Candidate:
    """A column that may tell where another one has gaps."""

    name: Any
    values: FloatArray
    ordered: bool
    column: pd.Series


@dataclass(frozen=True, eq=False)
class Probe:
    """What the other columns tell about the gaps of one."""

    auc: float
    auc_chance: float
    auc_values: float
    p_value: float  # that values predict the gaps, several looks allowed for
    drivers: tuple[Any, ...]
    missing_with: tuple[Any, ...]
    exactly: str
    exact_drivers: tuple[Any, ...]  # the column of that rule, if it is by value
    table: pd.DataFrame
    rows: IntArray
    scores: FloatArray | None  # cross-validated, of the rows, from the values


def candidates(table: pd.DataFrame, names: list[Any]) -> list[Candidate]:
    """Prepare columns once for all probes."""
    return [Candidate(name, *as_values(table[name]), table[name]) for name in names]


def probe_column(
    gone: BoolArray,
    others: list[Candidate],
    max_rows: int,
    rng: np.random.Generator,
    alpha: float = 0.05,
) -> Probe:
    """Look for columns that go with the gaps, one by one and together."""
    rows = _sample(gone, max_rows, rng)
    g = gone[rows]
    rare = min(int(g.sum()), int((~g).sum()))
    folds = fold_numbers(g, max(2, min(_FOLDS, rare)), rng)
    table = _screen(g, others, rows, folds, rng)
    exactly, exact = _exact_rule(gone, others)
    filled = [_hot_deck(other.values[rows], rng) for other in others]
    together, apart = _models(g, others, rows, folds, filled, rng)
    screened = float(table["p_adjusted"].min()) if len(table) else float("nan")
    p_value = screened if apart is None else weighted(screened, apart.p_value)
    return Probe(
        auc=float("nan") if together is None else together.auc,
        auc_chance=float("nan") if together is None else together.chance,
        auc_values=float("nan") if apart is None else apart.auc,
        p_value=p_value,
        drivers=_drivers(table, g, others, filled, folds, apart, rng, alpha),
        missing_with=_missing_with(table, alpha),
        exactly=exactly,
        exact_drivers=exact,
        table=table,
        rows=rows,
        scores=None if apart is None else apart.scores,
    )


def _sample(gone: BoolArray, max_rows: int, rng: np.random.Generator) -> IntArray:
    """Take at most `max_rows`, up to half of them from the rarer side.

    Ranks, odds and AUC do not mind that the sides are sampled unequally.
    """
    if len(gone) <= max_rows:
        return np.arange(len(gone))
    sides = [np.flatnonzero(gone), np.flatnonzero(~gone)]
    rare = min(len(sides[0]), len(sides[1]), max_rows // 2)
    sizes = [rare if len(s) == min(map(len, sides)) else max_rows - rare for s in sides]
    drawn = [
        rng.choice(side, min(size, len(side)), replace=False)
        for side, size in zip(sides, sizes, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def _hot_deck(values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Fill gaps with values drawn from the column, so that gaps tell nothing."""
    gaps = np.isnan(values)
    if not gaps.any() or gaps.all():
        return values
    filled = values.copy()
    filled[gaps] = rng.choice(values[~gaps], int(gaps.sum()))
    return filled


def _screen(
    gone: BoolArray,
    others: list[Candidate],
    rows: IntArray,
    folds: IntArray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Test each column alone: its values, and its own gaps."""
    found = []
    for other in others:
        values = other.values[rows]
        gaps = np.isnan(values)
        p_gaps = float("nan")
        if gaps.any() and not gaps.all():
            cross = [[(gaps & gone).sum(), (gaps & ~gone).sum()]]
            cross += [[(~gaps & gone).sum(), (~gaps & ~gone).sum()]]
            p_gaps = float(fisher_exact(cross)[1])
        line: dict[str, Any] = {"column": other.name}
        line["strength"] = strength(values, gone, other.ordered, folds)
        line["p_value"] = association(values, gone, other.ordered, rng)
        line["gaps_auc"] = float(rank_auc(gone, gaps.astype(np.float64)))
        line["p_gaps"] = p_gaps
        found.append(line)
    columns = ["column", "strength", "p_value", "gaps_auc", "p_gaps"]
    table = pd.DataFrame(found, columns=columns)
    for name, adjusted in (("p_value", "p_adjusted"), ("p_gaps", "p_gaps_adjusted")):
        table[adjusted] = adjust_p_values(table[name].to_numpy(np.float64))
    return table


def _models(
    gone: BoolArray,
    others: list[Candidate],
    rows: IntArray,
    folds: IntArray,
    filled: list[FloatArray],
    rng: np.random.Generator,
) -> tuple[ModelProbe | None, ModelProbe | None]:
    """Fit with values and gaps of the other columns, and with values only."""
    usable = [not np.isnan(values).all() for values in filled]
    if min(gone.sum(), (~gone).sum()) < _ENOUGH or not any(usable):
        return None, None
    seed = int(rng.integers(2**31))
    ordered = [other.ordered for other in others]
    apart = model_probe(
        [np.nan_to_num(values) for values in filled], ordered, gone, folds, seed
    )
    raw = [other.values[rows] for other in others]
    if not any(np.isnan(values).any() for values in raw):
        return apart, apart
    return model_probe(raw, ordered, gone, folds, seed), apart


def _drivers(
    table: pd.DataFrame,
    gone: BoolArray,
    others: list[Candidate],
    filled: list[FloatArray],
    folds: IntArray,
    apart: ModelProbe | None,
    rng: np.random.Generator,
    alpha: float,
) -> tuple[Any, ...]:
    """Name the columns that matter, the strongest first.

    Of columns that go together, one is named only if it is as strong as the
    first, up to its standard error, or adds to those named before.
    """
    hits = table[table["p_adjusted"] < alpha].sort_values(
        "strength", ascending=False, kind="stable"
    )
    if hits.empty:
        if apart is None or apart.p_value >= alpha:
            return ()
        losses = shuffle_losses(apart, gone, folds, rng)
        order = np.argsort(-losses, kind="stable")[:_NAMED]
        return tuple(others[i].name for i in order if losses[i] > apart.error)
    places = hits.index.tolist()
    if min(gone.sum(), (~gone).sum()) < FEW:
        return tuple(others[place].name for place in places[:_NAMED])
    best = float(hits["strength"].iloc[0])
    near = best - standard_error(best, int(gone.sum()), int((~gone).sum()))
    named: list[int] = []
    strata = np.zeros(len(gone), dtype=np.intp)
    for place in places:
        codes = bins(filled[place], others[place].ordered, 8)
        adds = not named or stratified(codes, gone, strata) < alpha / len(places)
        if adds or table["strength"][place] >= near:
            named.append(place)
            fine = bins(filled[place], others[place].ordered, 24 if adds else 1)
            strata = _codes(strata * 24 + fine)
        if len(named) == _NAMED:
            break
    named += _partners(named, gone, others, filled, strata, alpha)
    return tuple(others[place].name for place in named[:_NAMED])


def _partners(
    named: list[int],
    gone: BoolArray,
    others: list[Candidate],
    filled: list[FloatArray],
    strata: IntArray,
    alpha: float,
) -> list[int]:
    """Find columns whose effect turns with the value of the first driver.

    Alone they may show nothing. Quarters of both columns together are tested
    within the fine bins of the drivers named before.
    """
    first = bins(filled[named[0]], others[named[0]].ordered, 4)
    found = []
    for place, other in enumerate(others):
        if place not in named and not np.isnan(filled[place]).any():
            cells = 4 * first + bins(filled[place], other.ordered, 4)
            p_value = stratified(_codes(cells), gone, strata)
            if p_value < alpha / len(others):
                found.append((p_value, place))
    return [place for _, place in sorted(found)]


def _codes(values: IntArray) -> IntArray:
    return np.unique(values, return_inverse=True)[1]


def _missing_with(table: pd.DataFrame, alpha: float) -> tuple[Any, ...]:
    """Name the columns whose gaps go with these, the strongest first."""
    hits = table[(table["p_gaps_adjusted"] < alpha) & (table["gaps_auc"] > 0.5)]
    hits = hits.sort_values("gaps_auc", ascending=False, kind="stable")
    return tuple(hits["column"].tolist())


def _exact_rule(
    gone: BoolArray, others: list[Candidate]
) -> tuple[str, tuple[Any, ...]]:
    """Say where exactly the gaps are, when one level or other gaps tell it all.

    Only where chance would do so in fewer than one of twenty cases.
    """
    n, m = len(gone), int(gone.sum())
    if m < 2 or n - m < 2 or n * (n - 1) / 2 < 20:
        return "", ()
    for other in others:
        if other.ordered:
            continue
        values = other.values
        inside = np.unique(values[gone])
        if _single(inside) and not (values[~gone] == inside[0]).any():
            return f"{other.name} is {other.column[gone].iloc[0]}", (other.name,)
        outside = np.unique(values[~gone])
        if _single(outside) and not (values[gone] == outside[0]).any():
            return f"{other.name} is not {other.column[~gone].iloc[0]}", (other.name,)
    same = [o.name for o in others if np.array_equal(np.isnan(o.values), gone)]
    return f"{', '.join(map(str, same))} is missing" if same else "", ()


def _single(levels: FloatArray) -> bool:
    return len(levels) == 1 and not np.isnan(levels[0])
