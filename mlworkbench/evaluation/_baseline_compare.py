"""Score every answer, and the model on the same rows of the same resamples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._baseline_answers import Answer
from mlworkbench.evaluation._baseline_kernels import RANKING, Weighted
from mlworkbench.evaluation._baseline_metrics import Metric
from mlworkbench.evaluation._baseline_scores import (
    Counts,
    NoScore,
    Problem,
    prepare,
    resamples,
    simulate,
)

__all__ = ["LEAST", "compare"]

LEAST = 10  # rows, below which a resample is no evidence


class _Side:
    """One answer: its scores by metric, and why one is missing."""

    def __init__(self, answer: Answer, metrics: list[Metric], problem: Problem) -> None:
        self.answer = answer
        self.scores: dict[str, Weighted] = {}
        self.reasons: dict[str, str] = {}
        self.errors: dict[str, ValueError] = {}
        there = np.ones(len(problem.y), bool) if answer.there is None else answer.there
        self.there, self.rows = answer.there, int(there.sum())
        if not self.rows:
            return
        counts = Counts(problem, answer) if problem.classes is not None else None
        weights = self.masked(problem.weights)
        if not weights.any():
            why = "all rows with an answer have a weight of 0"
            self.reasons = dict.fromkeys((metric.name for metric in metrics), why)
            return
        for metric in metrics:
            try:
                score = prepare(metric, answer, problem, counts)
                value = score(weights)
            except NoScore as reason:
                self.reasons[metric.name] = str(reason)
            except ValueError as error:
                self.errors[metric.name] = error
                self.reasons[metric.name] = str(error).splitlines()[0]
            else:
                if np.isnan(value):
                    self.reasons[metric.name] = "not defined for these rows"
                self.scores[metric.name] = score

    def masked(self, weights: FloatArray) -> FloatArray:
        return weights if self.there is None else weights * self.there

    def at(self, name: str, weights: FloatArray) -> float:
        """Give the score, NaN where a resample leaves the metric undefined."""
        if name not in self.scores or not weights.any():
            return float("nan")
        try:
            return self.scores[name](weights)
        except ValueError:
            return float("nan")


def compare(
    metrics: list[Metric],
    answers: list[Answer],
    problem: Problem,
    n_boot: int,
    block: int,
    confidence: float,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, list[str]]:
    """Build the table.

    Parameters
    ----------
    metrics, answers, problem : list of Metric, list of Answer, Problem
        What to score.
    n_boot, block, confidence : int, int, float
        See `baseline_table`.
    rng : numpy.random.Generator
        Where the chance comes from.

    Returns
    -------
    table, notes : DataFrame, list of str
        The frame of the report, and why scores are missing.

    Raises
    ------
    ValueError
        Of a metric that fails for every answer.
    """
    sides = [_Side(answer, metrics, problem) for answer in answers]
    for metric in metrics:
        errors = [s.errors[metric.name] for s in sides if metric.name in s.errors]
        if len(errors) == sum(side.rows > 0 for side in sides):
            raise errors[0]
    guesses = _simulated(sides, metrics, problem, max(n_boot, 1), rng)
    own, models = _bootstrap(sides, metrics, problem, n_boot, block, rng)
    rows = []
    for i, metric in enumerate(metrics):
        for j, side in enumerate(sides):
            guess = guesses.get((metric.name, side.answer.name))
            draws = own[i, j], models[i, j]
            rows.append(
                _row(metric, side, sides[-1], problem, guess, draws, confidence)
            )
    return pd.DataFrame(rows), _reasons(sides, metrics)


def _simulated(
    sides: list[_Side],
    metrics: list[Metric],
    problem: Problem,
    times: int,
    rng: np.random.Generator,
) -> dict[tuple[str, str], FloatArray]:
    """Let every guesser guess; random orders are the same for all of them."""
    found: dict[tuple[str, str], FloatArray] = {}
    for metric in metrics:
        orders = None
        for side in sides:
            if side.answer.guess is None or metric.name in side.errors:
                continue
            if orders is None or metric.rule not in RANKING:
                orders = simulate(metric, side.answer, problem, times, rng)
            found[metric.name, side.answer.name] = orders
    return found


def _bootstrap(
    sides: list[_Side],
    metrics: list[Metric],
    problem: Problem,
    n_boot: int,
    block: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Give every score in every resample, and the model's on the same rows."""
    own = np.full((len(metrics), len(sides), n_boot), np.nan)
    models, model = own.copy(), sides[-1]
    for b, weights in enumerate(resamples(problem, n_boot, block, rng)):
        full = [model.at(metric.name, weights) for metric in metrics]
        for j, side in enumerate(sides):
            seen = side.masked(weights)
            for i, metric in enumerate(metrics):
                own[i, j, b] = side.at(metric.name, seen)
                same = side.there is None
                models[i, j, b] = full[i] if same else model.at(metric.name, seen)
    return own, models


def _row(
    metric: Metric,
    side: _Side,
    model: _Side,
    problem: Problem,
    guess: FloatArray | None,
    draws: tuple[FloatArray, FloatArray],
    confidence: float,
) -> dict[str, Any]:
    name, nothing = metric.name, float("nan")
    weights = side.masked(problem.weights)
    score = side.at(name, weights)
    low, high = _interval(draws[0], confidence)
    simulated = nothing
    if guess is not None:
        simulated = float(guess.mean())
        low, high = (
            _interval(guess, confidence) if len(draws[0]) else (nothing, nothing)
        )
        score = score if name in side.scores else simulated
    gap, gap_low, gap_high = nothing, nothing, nothing
    if model.answer.kind == "model" and side is not model:
        gap = model.at(name, weights) - score
        base = draws[0] if name in side.scores else score
        gap_low, gap_high = _interval(draws[1] - base, confidence)
    up, down = ("better", "worse") if metric.greater else ("worse", "better")
    shown = "" if np.isnan(gap) else "not shown"
    tiny = 1e-12 * max(1.0, abs(score))  # what rounding alone can make
    if side.rows >= LEAST:
        shown = up if gap_low > tiny else down if gap_high < -tiny else shown
    return {
        "metric": name,
        "baseline": side.answer.name,
        "kind": side.answer.kind,
        "rows": side.rows,
        "score": score,
        "score_low": low,
        "score_high": high,
        "simulated_mean": simulated,
        "difference": gap,
        "difference_low": gap_low,
        "difference_high": gap_high,
        "model_is": shown,
    }


def _interval(draws: FloatArray, confidence: float) -> tuple[float, float]:
    known = draws[~np.isnan(draws)]
    if not len(known):
        return float("nan"), float("nan")
    ends = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(ends[0]), float(ends[1])


def _reasons(sides: list[_Side], metrics: list[Metric]) -> list[str]:
    notes = [
        f"{metric.name}: more is taken to be better; if less is, pass "
        "make_scorer(function, greater_is_better=False) or a name that ends in cost"
        for metric in metrics
        if metric.assumed and metric.greater and sides[-1].answer.kind == "model"
    ]
    for metric in metrics:
        by_reason: dict[str, list[str]] = {}
        for side in sides:
            if metric.name in side.reasons:
                reason = side.reasons[metric.name]
                by_reason.setdefault(reason, []).append(side.answer.name)
        for reason, names in by_reason.items():
            if reason:
                notes.append(f"no {metric.name} of {', '.join(names)}: {reason}")
            else:
                notes.append(
                    f"{metric.name} of {', '.join(names)}: the mean of the simulations "
                    "(the metric takes no sample_weight)"
                )
    return notes
