"""Score answers on any weighting of the rows; resample, and simulate guessers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._baseline_answers import Answer
from mlworkbench.evaluation._baseline_kernels import (
    CONFUSION,
    RANKING,
    Weighted,
    confusion_score,
    ranking_score,
    rowwise_loss,
    weighted_r2,
)
from mlworkbench.evaluation._baseline_metrics import Metric, Said

__all__ = ["Counts", "NoScore", "Problem", "prepare", "resamples", "simulate"]

_RANKINGS = 200  # random orders simulated for a ranking metric, at most


class NoScore(ValueError):
    """Says why a metric cannot be computed for an answer."""


@dataclass(frozen=True)
class Problem:
    """The truth of the test rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Places of the classes; in regression the values.
    truth : ndarray of shape (n,)
        The same in the user's terms.
    weights : ndarray of shape (n,)
        Weights of the rows; 1 where none were given.
    classes : ndarray of shape (k,) or None
        The classes in the user's terms; None in regression.
    positive : int
        Place of the positive class.
    two : bool
        Whether the target has at most two classes.
    """

    y: Any
    truth: Any
    weights: FloatArray
    classes: Any = None
    positive: int = 0
    two: bool = False


class Counts:
    """Confusion matrices of one answer, the last one kept.

    Parameters
    ----------
    problem : Problem
        The truth.
    answer : Answer
        What was said; a guesser gets the expected matrix.
    """

    def __init__(self, problem: Problem, answer: Answer) -> None:
        self.k = len(problem.classes)
        self.guess = answer.guess
        self.cell = problem.y
        if answer.guess is None:
            assert answer.labels is not None
            self.cell = problem.y * self.k + np.maximum(answer.labels, 0)
        self.last: tuple[FloatArray, FloatArray] | None = None

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Count rows by true and by said class."""
        if self.last is None or self.last[0] is not weights:
            k = self.k
            if self.guess is not None:
                found = np.outer(np.bincount(self.cell, weights, k), self.guess)
            else:
                found = np.bincount(self.cell, weights, k * k).reshape(k, k)
            self.last = weights, found
        return self.last[1]


def prepare(
    metric: Metric, answer: Answer, problem: Problem, counts: Counts | None
) -> Weighted:
    """Give the score of an answer as a function of the row weights.

    Parameters
    ----------
    metric : Metric
        The metric.
    answer : Answer
        The answers; a guesser is scored by its expected confusion matrix.
    problem : Problem
        The truth.
    counts : Counts or None
        Confusion matrices of the answer; None in regression.

    Returns
    -------
    score : callable
        From weights of shape (n,) to the value.

    Raises
    ------
    NoScore
        When the answer has no probabilities and the metric needs them.
    """
    sign, rule = metric.sign, metric.rule
    if rule in CONFUSION:
        assert counts is not None
        assert rule is not None
        at = problem.positive
        return lambda w: sign * float(confusion_score(rule, counts(w), at))
    if metric.soft and answer.soft is None:
        scores = answer.scores if rule in RANKING else None
        if scores is None or rule is None:
            raise NoScore("it gives no probabilities")
        return ranking_score(rule, problem.y == problem.positive, scores)
    if rule is None:
        return _called(metric, answer, problem, counts)
    assert answer.soft is not None
    if rule in RANKING:
        positive = problem.y == problem.positive
        return ranking_score(rule, positive, answer.soft[:, problem.positive])
    there = answer.soft if answer.there is None else _filled(answer)
    if rule == "r2":
        return weighted_r2(problem.y, there)
    loss = rowwise_loss(rule, problem.y, there, problem.two)
    root = rule == "root_mean_squared_error"

    def mean(weights: FloatArray) -> float:
        value = float(weights @ loss / weights.sum()) if weights.any() else np.nan
        return sign * float(np.sqrt(value) if root else value)

    return mean


def _filled(answer: Answer) -> FloatArray:
    """Put a number where nothing was said: these rows get no weight."""
    assert answer.soft is not None
    return np.where(np.isnan(answer.soft), 0.0, answer.soft)


def _called(
    metric: Metric, answer: Answer, problem: Problem, counts: Counts | None
) -> Weighted:
    """Ask a function of the user's or of scikit-learn's."""
    call, classes = metric.call, problem.classes
    assert call is not None
    if answer.guess is not None and not metric.soft:
        if not metric.weighted:
            raise NoScore("")  # the simulation tells
        assert counts is not None
        k = len(classes)
        truth, said = np.repeat(classes, k), np.tile(classes, k)

        def expected(weights: FloatArray) -> float:
            cells = counts(weights).ravel()
            kept = cells > 0
            return call(truth[kept], Said(said[kept], classes), cells[kept])

        return expected
    values: Any = answer.soft
    if classes is not None and not metric.soft:
        values = classes[answer.labels]

    alike = bool((problem.weights == 1).all())

    def called(weights: FloatArray) -> float:
        rows, given = np.flatnonzero(weights > 0), None
        if metric.weighted and not alike:
            given = weights[rows]
        elif (weights == np.round(weights)).all():
            rows = np.repeat(rows, weights[rows].astype(np.int64))
        else:
            raise TypeError(
                f"metric {metric.name!r} takes no sample_weight; pass one that does, "
                "or leave the weights out"
            )
        return call(problem.truth[rows], Said(values[rows], classes), given)

    return called


def resamples(
    problem: Problem, n_boot: int, block: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Draw rows with replacement, as weights.

    Parameters
    ----------
    problem : Problem
        The truth and the weights.
    n_boot : int
        How many resamples.
    block : int
        Rows that are drawn together; they follow each other, and the last row
        is followed by the first.
    rng : numpy.random.Generator
        Where the chance comes from.

    Yields
    ------
    weights : ndarray of shape (n,)
        Weight of the row times how often it was drawn.
    """
    n = len(problem.y)
    starts = -(-n // block)
    for _ in range(n_boot):
        rows = rng.integers(n, size=starts)
        if block > 1:
            rows = ((rows[:, None] + np.arange(block)) % n).ravel()[:n]
        yield problem.weights * np.bincount(rows, minlength=n)


def simulate(
    metric: Metric,
    answer: Answer,
    problem: Problem,
    times: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Let a guesser guess, many times over.

    Parameters
    ----------
    metric : Metric
        The metric.
    answer : Answer
        The guesser.
    problem : Problem
        The truth.
    times : int
        How often.
    rng : numpy.random.Generator
        Where the chance comes from.

    Returns
    -------
    scores : ndarray of shape (m,)
        For ranking metrics of random orders, at most 200; one value where the
        guesser's probabilities leave nothing to chance.
    """
    y, w, k = problem.y, problem.weights, len(problem.classes)
    assert answer.guess is not None
    if metric.rule in RANKING:
        hit = y == problem.positive
        draws = (rng.random(len(y)) for _ in range(min(times, _RANKINGS)))
        return np.array([ranking_score(str(metric.rule), hit, s)(w) for s in draws])
    if metric.soft:
        return np.array([prepare(metric, answer, problem, None)(w)])
    if metric.rule is not None and (w == 1).all():
        rows = np.bincount(y, minlength=k)
        drawn = [rng.multinomial(count, answer.guess, times) for count in rows]
        counts = np.stack(drawn, axis=1).astype(float)
        return metric.sign * confusion_score(metric.rule, counts, problem.positive)
    scores = np.empty(times)
    for i in range(times):
        labels = rng.choice(k, len(y), p=answer.guess)
        said = Answer(answer.name, "random", labels)
        scores[i] = prepare(metric, said, problem, Counts(problem, said))(w)
    return scores
