"""Rows drawn with replacement: as counts where that is enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from mlworkbench.evaluation._slice_counts import Cells, draw_cells
from mlworkbench.evaluation._slice_wald import Measured

__all__ = ["Family", "draw", "percentiles"]

FloatArray = npt.NDArray[np.float64]
Family = tuple[Any, str]
Draws = dict[str, tuple[FloatArray, ...]]


def draw(
    families: Mapping[str, Family],
    n: int,
    n_boot: int,
    rng: np.random.Generator,
) -> Draws:
    """Draw all rows with replacement: as counts where that is enough."""
    kept: dict[str, list[tuple[FloatArray, ...]]] = {name: [] for name in families}
    by_rows: dict[str, Family] = {}
    counted: dict[str, Family] = {}
    for name, (owner, metric) in families.items():
        plain = isinstance(owner, Cells) and owner.weights is None
        (counted if plain else by_rows)[name] = (owner, metric)
    if counted:
        cells = next(iter(counted.values()))[0]
        for counts in draw_cells(cells, n_boot, rng):
            for name, (_, metric) in counted.items():
                kept[name].append(cells.values(metric, counts))
    for _ in range(n_boot if by_rows else 0):
        times = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for name, (owner, metric) in by_rows.items():
            if isinstance(owner, Cells):
                drawn = owner.values(metric, owner.redrawn(times))
            else:
                drawn = owner.values(times)
            kept[name].append(tuple(np.asarray(x)[None] for x in drawn))
    return {
        name: tuple(np.concatenate(x) for x in zip(*parts, strict=True))
        for name, parts in kept.items()
    }


def percentiles(
    measured: Measured, drawn: tuple[FloatArray, ...], confidence: float
) -> Measured:
    """Put the percentiles of the draws in place of the formulas."""
    group, rest, every = drawn
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = _quantiles(group, ends)
    gap_low, gap_high = _quantiles(group - rest, ends)
    middle, *_ = measured.overall
    overall = (middle, *(float(x) for x in _quantiles(every[:, None], ends)[:, 0]))
    chance = measured.p_value
    if np.isnan(chance).all():  # a function of any kind: no other spread is known
        gaps, spread = group - rest, np.zeros(group.shape[1])
        known = (~np.isnan(gaps)).sum(axis=0) > 1
        spread[known] = np.nanstd(gaps[:, known], axis=0, ddof=1)
        spread = np.where(spread > 0, spread, np.nan)
        chance = 2 * ndtr(-np.abs(measured.value - measured.rest) / spread)
    return measured._replace(
        **{"low": low, "high": high, "gap_low": gap_low, "gap_high": gap_high},
        p_value=chance,
        overall=overall,
    )


def _quantiles(draws: FloatArray, ends: list[float]) -> FloatArray:
    """Give quantiles over the draws, leaving out draws without a value."""
    result = np.full((2, draws.shape[1]), np.nan)
    holes = np.isnan(draws).any(axis=0)
    if not holes.all():
        result[:, ~holes] = np.quantile(draws[:, ~holes], ends, axis=0)
    for column in np.flatnonzero(holes):
        known = draws[~np.isnan(draws[:, column]), column]
        if len(known):
            result[:, column] = np.quantile(known, ends)
    return result
