"""Scorers that scikit-learn can pickle, clone and route metadata to."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import check_probabilities
from mlworkbench.imbalance._costs import CostMatrix, as_cost_matrix, class_codes
from mlworkbench.imbalance._decide import expected_cost

__all__ = ["BayesCostScorer", "decision_cost"]


def decision_cost(
    y_true: Any,
    y_pred: Any,
    *,
    costs: Any = None,
    cost_labels: Any = None,
    sample_weight: Any = None,
) -> float:
    """Give the mean cost of an estimator's own decisions.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        Classes.
    costs : CostMatrix or array-like
        The costs; of a fold, when they are routed.
    cost_labels : sequence, optional
        Classes of an array of costs. (`labels` is a name that scikit-learn
        fills in by itself.)
    sample_weight : array-like of shape (n,), optional
        Weights.

    Returns
    -------
    cost : float
        Mean cost per row.
    """
    matrix = _labelled(costs, cost_labels)
    return expected_cost(
        np.asarray(y_true), np.asarray(y_pred), matrix, sample_weight=sample_weight
    )


class BayesCostScorer:
    """Minus the cost of the cheapest decisions under predicted probabilities.

    Parameters
    ----------
    costs : CostMatrix, optional
        None when they come as metadata.
    cost_labels : sequence, optional
        Classes of costs that come as metadata.
    """

    def __init__(
        self, costs: CostMatrix | None = None, cost_labels: Any = None
    ) -> None:
        self.costs = costs
        self.cost_labels = cost_labels
        self.requests: dict[str, Any] = {}

    def __call__(
        self,
        estimator: Any,
        X: Any,
        y_true: Any,
        *,
        sample_weight: Any = None,
        costs: Any = None,
    ) -> float:
        """Score a fitted classifier."""
        if not hasattr(estimator, "predict_proba"):
            raise TypeError(
                f"{type(estimator).__name__} has no predict_proba; use "
                'cost_scorer(costs, response="predict")'
            )
        matrix = _labelled(self.costs if costs is None else costs, self.cost_labels)
        prob = check_probabilities(estimator.predict_proba(X), "predict_proba")
        places = class_codes(estimator.classes_, matrix.labels, "estimator.classes_")
        ordered = np.zeros((len(prob), len(matrix.labels)))
        ordered[:, places] = prob
        y = np.asarray(y_true)
        return -expected_cost(y, None, matrix, y_prob=ordered, **_one(sample_weight))

    def set_score_request(self, **requests: Any) -> BayesCostScorer:
        """Say which metadata the scorer asks for, as scikit-learn's scorers do."""
        unknown = sorted(set(requests) - {"costs", "sample_weight"})
        if unknown:
            raise TypeError(f"{unknown} asked for; a scorer takes costs, sample_weight")
        self.requests = dict(requests)
        return self

    def get_metadata_routing(self) -> Any:
        """Tell scikit-learn what was asked for."""
        from sklearn.utils.metadata_routing import MetadataRequest

        request = MetadataRequest(owner=self)
        for name in ("costs", "sample_weight"):
            request.score.add_request(param=name, alias=self.requests.get(name))
        return request

    @property
    def _score_func(self) -> Any:
        # Tuners of thresholds ask for it; for others it must seem not to be there.
        raise AttributeError(
            "this scorer makes the decisions from probabilities, and so does a tuner "
            'of thresholds; give it cost_scorer(costs, response="predict")'
        )

    def __repr__(self) -> str:
        return f'cost_scorer({self.costs!r}, response="predict_proba")'


def _labelled(costs: Any, labels: Any) -> CostMatrix:
    if costs is None:
        raise ValueError(
            "the scorer has no costs: it was made by cost_scorer(None), which needs "
            "set_score_request(costs=True) and params={'costs': array}"
        )
    if labels is not None and not isinstance(costs, CostMatrix):
        return CostMatrix(costs, labels)
    matrix: CostMatrix = as_cost_matrix(costs)
    return matrix


def _one(sample_weight: Any) -> dict[str, Any]:
    return {} if sample_weight is None else {"sample_weight": np.asarray(sample_weight)}
