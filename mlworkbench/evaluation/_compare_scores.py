"""Scores of models on the same resamples of the test rows."""

from __future__ import annotations

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._baseline_kernels import CONFUSION, confusion_score
from mlworkbench.evaluation._baseline_scores import Counts, prepare
from mlworkbench.evaluation._compare_inputs import Pair

__all__ = ["Scorer", "resample_scores"]

MANY_CLASSES = 30


class Scorer:
    """All models on any weighting of the rows, all metrics.

    Parameters
    ----------
    pair : Pair
        Truth, answers, metrics.
    """

    def __init__(self, pair: Pair) -> None:
        problem = pair.problem
        self.scores = []
        counts = [
            Counts(problem, answer) if pair.classes else None for answer in pair.answers
        ]
        for metric in pair.metrics:
            self.scores.append(
                [
                    prepare(metric, answer, problem, count)
                    for answer, count in zip(pair.answers, counts, strict=True)
                ]
            )

    def __call__(self, weights: FloatArray, strict: bool = False) -> FloatArray:
        """Give the scores, (n_metrics, n_models); NaN where one is not defined."""
        result = np.full((len(self.scores), len(self.scores[0])), np.nan)
        for i, models in enumerate(self.scores):
            for j, score in enumerate(models):
                try:
                    result[i, j] = score(weights)
                except ValueError:  # e.g. one class only in a resample
                    if strict:
                        raise
        return result


def resample_scores(pair: Pair, n_boot: int, rng: np.random.Generator) -> FloatArray:
    """Score all models on resamples of the rows, or of the clusters.

    Parameters
    ----------
    pair : Pair
        Truth, answers, metrics.
    n_boot : int
        Number of resamples; each serves all models and all metrics.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    scores : ndarray of shape (n_boot, n_metrics, n_models)
        NaN where a metric is not defined on a resample.
    """
    counted = not pair.weighted and pair.unit is None
    few = len(pair.classes) <= MANY_CLASSES and len(pair.answers) == 2
    if counted and few and all(m.rule in CONFUSION for m in pair.metrics):
        return _from_cells(pair, n_boot, rng)
    base, scorer = pair.problem.weights, Scorer(pair)
    m = pair.n_units
    drawn = np.full((n_boot, len(pair.metrics), len(pair.answers)), np.nan)
    for b in range(n_boot):
        times = np.bincount(rng.integers(0, m, m), minlength=m).astype(np.float64)
        weights = (times if pair.unit is None else times[pair.unit]) * base
        if weights.any():
            drawn[b] = scorer(weights)
    return drawn


def _from_cells(pair: Pair, n_boot: int, rng: np.random.Generator) -> FloatArray:
    """Draw counts of the cells (truth, said by A, said by B), not rows."""
    k = len(pair.classes)
    a, b = (np.asarray(answer.labels) for answer in pair.answers)
    cells, counts = np.unique((pair.problem.y * k + a) * k + b, return_counts=True)
    drawn = rng.multinomial(pair.n, counts / pair.n, size=n_boot)
    true, left = np.divmod(cells, k * k)
    result = np.empty((n_boot, len(pair.metrics), 2))
    for model, said in enumerate((left // k, left % k)):
        tables = np.zeros((n_boot, k * k))
        for place, cell in enumerate(true * k + said):
            tables[:, cell] += drawn[:, place]
        shaped = tables.reshape(n_boot, k, k)
        for i, metric in enumerate(pair.metrics):
            score = confusion_score(str(metric.rule), shaped, pair.problem.positive)
            result[:, i, model] = metric.sign * score
    return result
