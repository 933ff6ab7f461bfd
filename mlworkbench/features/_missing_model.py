"""A small model of the gaps: sees interactions that no single column shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlworkbench._stats import rank_auc
from mlworkbench._validation import FloatArray

__all__ = ["ModelProbe", "fold_numbers", "model_probe", "shuffle_losses"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

_LEVELS = 60  # most frequent levels of a category that the model is given


@dataclass(frozen=True, eq=False)
class ModelProbe:
    """Cross-validated: how well gaps can be predicted, and what chance gives."""

    auc: float
    error: float  # standard deviation of the AUC under chance
    scores: FloatArray
    models: tuple[HistGradientBoostingClassifier, ...]
    inputs: FloatArray

    @property
    def p_value(self) -> float:
        """Chance of such an AUC when nothing predicts the gaps."""
        return float(norm.sf((self.auc - 0.5) / self.error))

    @property
    def chance(self) -> float:
        """AUC that chance reaches in one of twenty cases."""
        return 0.5 + float(norm.isf(0.05)) * self.error


def fold_numbers(gone: BoolArray, k: int, rng: np.random.Generator) -> IntArray:
    """Give every row a fold, gaps spread evenly."""
    folds = np.empty(len(gone), dtype=np.intp)
    for side in (gone, ~gone):
        rows = rng.permutation(np.flatnonzero(side))
        folds[rows] = np.arange(len(rows)) % k
    return folds


def model_probe(
    columns: list[FloatArray],
    ordered: list[bool],
    gone: BoolArray,
    folds: IntArray,
    seed: int,
) -> ModelProbe:
    """Fit gradient boosting on all folds but one, and score that one."""
    inputs = np.column_stack(
        [
            values if order else _frequent(values)
            for values, order in zip(columns, ordered, strict=True)
        ]
    )
    categories = [not order for order in ordered]
    scores, models, areas, spread = np.zeros(len(gone)), [], [], 0.0
    for fold in range(int(folds.max()) + 1):
        test = folds == fold
        model = HistGradientBoostingClassifier(
            max_iter=20,
            learning_rate=0.2,
            max_leaf_nodes=8,
            l2_regularization=1.0,
            early_stopping=False,
            categorical_features=categories,
            random_state=seed,
        )
        # Binning refuses a column without any value to learn from.
        known = np.where(np.isnan(inputs[~test]).all(axis=0), 0.0, inputs)
        with threadpool_limits(1, "openmp"):  # threads that wait cost more than they do
            model.fit(known[~test], gone[~test])
            scores[test] = model.decision_function(known[test])
        areas.append(float(rank_auc(gone[test], scores[test])))
        spread += _null_variance(scores[test], int(gone[test].sum()))
        models.append(model)
    # Folds share training rows: variance as corrected by Nadeau and Bengio (2003).
    k = len(areas)
    error = max(float(np.sqrt(spread * (1 + k / (k - 1)))) / k, 1e-9)
    return ModelProbe(float(np.mean(areas)), error, scores, tuple(models), inputs)


def shuffle_losses(
    probe: ModelProbe, gone: BoolArray, folds: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Give the AUC lost when one input after the other is shuffled."""
    losses = np.zeros(probe.inputs.shape[1])
    for place in range(len(losses)):
        areas = []
        for fold, model in enumerate(probe.models):
            test = probe.inputs[folds == fold].copy()
            test[:, place] = rng.permutation(test[:, place])
            score = model.decision_function(test)
            areas.append(float(rank_auc(gone[folds == fold], score)))
        losses[place] = probe.auc - float(np.mean(areas))
    return losses


def _frequent(values: FloatArray) -> FloatArray:
    """Give levels numbers by frequency, one for all beyond the first."""
    result = np.full(len(values), np.nan)
    seen = ~np.isnan(values)
    levels, codes, counts = np.unique(
        values[seen], return_inverse=True, return_counts=True
    )
    place = np.empty(len(levels))
    place[np.argsort(-counts, kind="stable")] = np.arange(len(levels))
    result[seen] = np.minimum(place[codes], _LEVELS)
    return result


def _null_variance(scores: FloatArray, m: int) -> float:
    """Give the variance of an AUC over all ways to place the gaps."""
    ranks = rankdata(scores)
    n = len(ranks)
    k = n - m
    return float(np.var(ranks, ddof=1)) / n * m * k / (m * k) ** 2
