"""Calibration of each class and of each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from mlworkbench._stats import adjust_p_values, calibration_line
from mlworkbench._validation import (
    as_vector,
    check_same_index,
    check_same_length,
)
from mlworkbench.calibration._bins import bin_edges, bin_sums, error_of
from mlworkbench.calibration._error import Asked, plain_error
from mlworkbench.calibration._inputs import Scores
from mlworkbench.calibration._resample import chance_of_error

__all__ = ["class_table", "group_table", "read_groups"]

_CELLS = 200  # of probability: within one, rows count as equally likely
_NORMAL = 30.0  # standard deviation of the count from which it is taken for normal


def read_groups(
    groups: Any, y_true: Any, scores: Scores
) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Give every kept row the number of its group.

    Parameters
    ----------
    groups : array-like of shape (n,) or None
        A group for each row.
    y_true : array-like of shape (n,)
        As the caller gave it, for its index.
    scores : Scores
        The kept rows.

    Returns
    -------
    codes : ndarray of shape (n_kept,)
        The group of each kept row.
    names : list
        The groups, sorted where they can be, "(missing)" last.
    """
    if groups is None:
        return np.zeros(0, dtype=np.intp), []
    check_same_index(y_true=y_true, groups=groups)
    values = as_vector(groups, "groups")
    check_same_length(y_true=as_vector(y_true, "y_true"), groups=values)
    values = values if scores.kept is None else values[scores.kept]
    codes, seen = pd.factorize(pd.Series(values), use_na_sentinel=True)
    names: list[Any] = pd.Index(seen).tolist()
    order = sorted(range(len(names)), key=lambda i: _sort_key(names[i]))
    rank = np.empty(len(names) + 1, dtype=np.intp)
    rank[order] = np.arange(len(names))
    rank[-1] = len(names)
    names = [names[i] for i in order]
    return rank[codes], [*names, "(missing)"] if (codes < 0).any() else names


def group_table(
    scores: Scores,
    codes: npt.NDArray[np.intp],
    names: list[Any],
    asked: Asked,
    rest: tuple[int, float, np.random.Generator],
) -> pd.DataFrame:
    """Measure each group by itself; bins of equal mass are the group's own.

    Parameters
    ----------
    scores : Scores
        The rows.
    codes, names
        From `read_groups`.
    asked : tuple
        n_bins, strategy, norm, debias.
    rest : tuple
        n_boot, confidence, generator.

    Returns
    -------
    table : pandas.DataFrame
        As `CalibrationReport.groups`; without rows when no groups are given.
    """
    lines, p_values = [], []
    for code, name in enumerate(names):
        here = codes == code
        weight = None if scores.weight is None else scores.weight[here]
        positive, prob = scores.positive[here], scores.prob[here]
        edges = bin_edges(prob, asked[0], asked[1], weight)
        sums = bin_sums(positive, prob, edges, weight)
        bound = chance_of_error(prob, weight, edges, sums, asked[2], asked[3], *rest)[1]
        slope, intercept = calibration_line(positive, prob, weight)
        predicted = float(np.average(prob, weights=weight))
        observed = float(np.average(positive, weights=weight))
        p_values.append(_chance_of_gap(positive, prob, weight))
        lines.append(
            {
                "group": name,
                "n": len(prob),
                "predicted": predicted,
                "observed": observed,
                "gap": observed - predicted,
                "p_value": 1.0,
                "ece": float(error_of(sums, asked[2], asked[3])),
                "chance_high": bound,
                "brier": float(np.average(np.square(prob - positive), weights=weight)),
                "slope": slope,
                "intercept": intercept,
            }
        )
    table = pd.DataFrame(lines)
    if lines:
        table["p_value"] = adjust_p_values(p_values)
    return table


def class_table(scores: Scores, asked: Asked) -> pd.DataFrame:
    """Measure each class against the rest.

    Parameters
    ----------
    scores : Scores
        The rows.
    asked : tuple
        n_bins, strategy, norm, debias.

    Returns
    -------
    table : pandas.DataFrame
        `label`, `predicted`, `observed`, `gap`, `ece`; without rows when there
        are two classes.
    """
    lines = []
    for place, label in enumerate(scores.labels):
        positive, prob = scores.of_class(place)
        predicted = float(np.average(prob, weights=scores.weight))
        observed = float(np.average(positive, weights=scores.weight))
        lines.append(
            {
                "label": label,
                "predicted": predicted,
                "observed": observed,
                "gap": observed - predicted,
                "ece": plain_error(positive, prob, scores.weight, asked),
            }
        )
    return pd.DataFrame(lines)


def _chance_of_gap(positive: Any, prob: Any, weight: Any) -> float:
    """Give the two-sided p-value of as many events, all probabilities true."""
    even = weight is None or np.ptp(weight) == 0
    mass = np.ones(len(prob)) if even else weight
    gap = abs(float(mass @ (positive - prob)))
    spread = float(np.sqrt(np.square(mass) @ (prob * (1 - prob))))
    if gap <= 1e-12 * float(mass.sum()):
        return 1.0
    if spread == 0:
        return 0.0
    if even and spread < _NORMAL:
        return _chance_of_count(int(positive.sum()), prob)
    return float(2 * ndtr(-gap / spread))


def _chance_of_count(events: int, prob: Any) -> float:
    """Add up the tail of the Poisson binomial law, from its transform."""
    place = (prob * _CELLS).astype(np.intp)
    count = np.bincount(place)
    chance = np.bincount(place, prob)[count > 0] / count[count > 0]
    count = count[count > 0]
    reach = int(30 * np.sqrt(count @ (chance * (1 - chance)))) + 30
    first, size = int(count @ chance) - reach, 2 * reach + 1
    turn = np.exp(-2j * np.pi * np.arange(size) / size)
    waves = np.prod((1 - chance + np.outer(turn, chance)) ** count, axis=1)
    law = np.fft.ifft(waves).real[(first + np.arange(size)) % size]
    at = min(max(events - first, 0), size - 1)
    tail = 2 * min(law[: at + 1].sum(), law[at:].sum())
    return float(np.clip(tail, 1e-12, 1.0))  # the transform is no finer


def _sort_key(name: Any) -> tuple[int, Any]:
    number = isinstance(name, int | float | np.number) and not isinstance(name, bool)
    return (0, float(name)) if number else (1, str(name))
