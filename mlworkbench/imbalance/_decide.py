"""What decisions cost, and which ones are cheapest."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    check_choice,
    check_probabilities,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.imbalance._costs import (
    CostMatrix,
    IntArray,
    as_cost_matrix,
    class_codes,
)

__all__ = [
    "bayes_decision",
    "break_even_threshold",
    "cost_scorer",
    "expected_cost",
]

_SUM_TOLERANCE = 1e-4  # how far the probabilities of a row may be from 1
_TIE = 1e-12  # of the largest cost


def expected_cost(
    y_true: Any,
    y_pred: Any = None,
    costs: Any = None,
    *,
    y_prob: Any = None,
    sample_weight: Any = None,
) -> float:
    """Give the mean cost of decisions, per row.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The classes that turned out to be true.
    y_pred : array-like of shape (n,), or (n, k) or (n,) as `y_prob`, optional
        The classes that were said. Two columns or more, and for two classes
        fractions that are no labels, are taken for `y_prob`.
    costs : CostMatrix or array-like of shape (k, k) or (n, k, k)
        Rows actual, columns predicted. An array stands for the classes 0 to
        k - 1; for other classes pass a `CostMatrix` with labels.
    y_prob : array-like of shape (n,) or (n, k), optional
        Probabilities, as for `bayes_decision`: the cost is then that of the
        cheapest decision they allow, measured on what turned out to be true.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.

    Returns
    -------
    cost : float
        Σ w·cost / Σ w, in the unit of the costs.

    Raises
    ------
    ValueError
        When a class is not in the matrix, when lengths differ, when there are
        no rows, or unless exactly one of `y_pred` and `y_prob` is given.

    Notes
    -----
    O(n). The mean is over the rows given: on data that were resampled it is
    the cost in a world that does not exist, unless weights bring the true
    shares back.

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    One false alert at 1 and one miss at 50, over four rows.

    >>> costs = [[0, 1], [50, 0]]
    >>> expected_cost([0, 0, 1, 1], [0, 1, 0, 1], costs)
    12.75

    A probability of 0.1 is enough for an alert when a miss costs 50.

    >>> expected_cost([0, 0, 1, 1], costs=costs, y_prob=[0.01, 0.2, 0.1, 0.9])
    0.25
    >>> expected_cost([0, 0, 1, 1], [0.01, 0.2, 0.1, 0.9], costs)
    0.25
    """
    if (y_pred is None) == (y_prob is None):
        both = "neither y_pred nor y_prob" if y_pred is None else "y_pred and y_prob"
        raise ValueError(f"{both} given; pass the decisions or the probabilities")
    check_same_index(
        y_true=y_true, y_pred=y_pred, y_prob=y_prob, sample_weight=sample_weight
    )
    n = len(y_true)
    matrix = as_cost_matrix(costs, n=n)
    actual = class_codes(y_true, matrix.labels, "y_true")
    if y_pred is not None and _are_probabilities(y_pred, matrix.labels):
        y_pred, y_prob = None, y_pred
    if y_pred is not None:
        said = class_codes(y_pred, matrix.labels, "y_pred")
        check_same_length(y_true=actual, y_pred=said)
    else:
        check_same_length(y_true=actual, y_prob=y_prob)
        said = _cheapest(y_prob, matrix)
    if not n:
        raise ValueError("y_true is empty; pass at least one row")
    weights = check_weights(sample_weight, n)
    if matrix.n_rows is None:
        each = matrix.costs[actual, said]
    else:
        each = matrix.costs[np.arange(n), actual, said]
    return float(weights @ each / weights.sum())


def bayes_decision(y_prob: Any, costs: Any) -> npt.NDArray[Any]:
    """Give the class of least expected cost for each row.

    Parameters
    ----------
    y_prob : array-like of shape (n,) or (n, k)
        Probabilities of the classes, in the order of the labels of `costs`
        (a DataFrame whose columns are the labels: in any order); with two
        classes the probability of the second alone will do. They should be
        calibrated: the decision believes them.
    costs : CostMatrix or array-like of shape (k, k) or (n, k, k)
        Rows actual, columns predicted; an array stands for the classes 0 to
        k - 1.

    Returns
    -------
    y_pred : ndarray of shape (n,)
        Labels. Where classes cost the same, the last of them in the order of
        the labels: with two classes, the same as
        ``y_prob >= break_even_threshold(costs)``.

    Raises
    ------
    ValueError
        When probabilities are missing, outside [0, 1], do not sum to 1, or
        have not one column for each class.

    Notes
    -----
    The decision for a row is argmin_j Σ_i p_i · cost(i, j). O(n·k²). With more
    than two classes, costs that differ by less than 10⁻¹² of the largest count
    as the same.

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI,
       equation 1.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    >>> costs = CostMatrix([[0, 1], [4, 0]], labels=["keep", "check"])
    >>> bayes_decision([0.1, 0.2, 0.9], costs).tolist()
    ['keep', 'check', 'check']

    The likely class need not be the cheap one.

    >>> three = [[0, 1, 1], [1, 0, 1], [10, 10, 0]]
    >>> bayes_decision([[0.8, 0.15, 0.05], [0.6, 0.3, 0.1]], three).tolist()
    [0, 2]
    """
    matrix = as_cost_matrix(costs)
    return _as_labels(matrix.labels)[_cheapest(y_prob, matrix)]


def break_even_threshold(costs: Any) -> float | FloatArray:
    """Give the probability from which on the second class is the cheaper one.

    Parameters
    ----------
    costs : CostMatrix or array-like of shape (2, 2) or (n, 2, 2)
        Rows actual, columns predicted; the second class is the positive one.

    Returns
    -------
    threshold : float, or ndarray of shape (n,) for costs per row
        Say the second class when its probability is at least this.

    Raises
    ------
    ValueError
        When there are more than two classes (there is no one threshold: use
        `bayes_decision`), when a mistake is cheaper than the right answer, or
        when no mistake costs anything.

    Notes
    -----
    p* = (c_FP - c_TN) / (c_FP - c_TN + c_FN - c_TP). It is the best threshold
    for probabilities that are calibrated. Where the best threshold found on
    data lies far from it, either the probabilities are off or the data are
    few.

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI,
       equation 2.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    >>> break_even_threshold([[0, 1], [4, 0]])
    0.2
    >>> break_even_threshold(
    ...     CostMatrix.binary(false_positive=5, false_negative=[20, 95])
    ... ).tolist()
    [0.2, 0.05]
    """
    matrix = as_cost_matrix(costs)
    if len(matrix.labels) != 2:
        raise ValueError(
            f"costs has {len(matrix.labels)} classes, and only two have one "
            "threshold; use bayes_decision"
        )
    alert, miss = _regrets(matrix)
    wrong = np.atleast_1d((alert < 0) | (miss < 0) | (alert + miss <= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        where = "" if matrix.n_rows is None else f" at row {row}"
        a, m = np.atleast_1d(alert)[row], np.atleast_1d(miss)[row]
        raise ValueError(
            f"no threshold{where}: a false positive costs {a:g} more than a true "
            f"negative, a false negative {m:g} more than a true positive; both must "
            "be 0 or more and one above 0 (bayes_decision needs no threshold)"
        )
    threshold = alert / (alert + miss)
    return float(threshold) if matrix.n_rows is None else np.asarray(threshold)


def cost_scorer(costs: Any, *, response: str = "predict", labels: Any = None) -> Any:
    """Make a scikit-learn scorer of the costs: minus the mean cost per row.

    Parameters
    ----------
    costs : CostMatrix, array-like of shape (k, k), or None
        Rows actual, columns predicted. An array stands for the classes 0 to
        k - 1, or for `labels`. None for costs per row, which are then passed
        as metadata (see Notes).
    response : {"predict", "predict_proba"}, default="predict"
        Score the estimator's own decisions, or those of least cost under its
        probabilities. `TunedThresholdClassifierCV` makes decisions itself and
        needs "predict".
    labels : sequence of length k, optional
        The classes, where `costs` is an array or None.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y, sample_weight=None)``, higher is better. It
        works wherever scikit-learn takes `scoring`, and can be pickled.
        Probabilities are matched by `estimator.classes_`; a class that the
        estimator has never seen has probability 0.

    Raises
    ------
    ValueError
        When `costs` has one matrix per row: a scorer sees a fold, and cannot
        know which rows these are.

    Notes
    -----
    Costs per row go the way of all metadata, so that scikit-learn cuts them
    into folds with the rows::

        sklearn.set_config(enable_metadata_routing=True)
        scorer = cost_scorer(None).set_score_request(costs=True)
        cross_validate(model, X, y, scoring=scorer, params={"costs": array})

    where the array has shape (n, k, k).

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = [[0]] * 8, [0, 0, 0, 1] * 2
    >>> never = DummyClassifier(strategy="most_frequent")
    >>> scorer = cost_scorer([[0, 1], [50, 0]])
    >>> cross_val_score(never, X, y, scoring=scorer, cv=2).tolist()
    [-12.5, -12.5]
    """
    from sklearn.metrics import make_scorer

    from mlworkbench.imbalance._scorers import BayesCostScorer, decision_cost

    check_choice(response, "response", ("predict", "predict_proba"))
    given: dict[str, Any] = {}
    if costs is not None:
        if labels is not None:
            if isinstance(costs, CostMatrix):
                raise ValueError("labels is given twice; the CostMatrix has its own")
            costs = CostMatrix(costs, labels)
        matrix = as_cost_matrix(costs)
        if matrix.n_rows is not None:
            raise ValueError(
                f"costs has {matrix.n_rows} matrices, and a scorer cannot know which "
                "rows its fold has; use cost_scorer(None)"
                ".set_score_request(costs=True) and pass the costs as "
                "params={'costs': array}, with scikit-learn's metadata routing on"
            )
        given["costs"] = matrix
    elif labels is not None:
        given["cost_labels"] = tuple(labels)
    if response == "predict_proba":
        return BayesCostScorer(**given)
    return make_scorer(decision_cost, greater_is_better=False, **given)


def _are_probabilities(said: Any, labels: tuple[Any, ...]) -> bool:
    """Say whether what stands in the place of decisions can only be chances."""
    values = np.asarray(said)
    if values.ndim == 2 and values.shape[1] > 1:
        return values.dtype.kind in "fiub"
    if values.dtype.kind != "f" or len(labels) != 2:
        return False
    inside = np.unique(values[(values > 0) & (values < 1)]).tolist()
    return not set(inside) <= set(labels)


def _regrets(matrix: CostMatrix) -> tuple[Any, Any]:
    """Give what a wrong alert and a miss cost above the right answer."""
    c = matrix.costs
    return c[..., 0, 1] - c[..., 0, 0], c[..., 1, 0] - c[..., 1, 1]


def _cheapest(y_prob: Any, matrix: CostMatrix) -> IntArray:
    """Give the place of the cheapest class of each row."""
    if isinstance(y_prob, pd.DataFrame) and set(y_prob) == set(matrix.labels):
        y_prob = y_prob[list(matrix.labels)]
    prob, k = check_probabilities(y_prob), len(matrix.labels)
    if prob.ndim == 2 and prob.shape[1] == 1:
        prob = prob[:, 0]
    if not (prob.ndim == 2 and prob.shape[1] == k) and not (prob.ndim == 1 and k == 2):
        alone = ", or (n,) with that of the second class" if k == 2 else ""
        raise ValueError(
            f"y_prob has shape {prob.shape} for {k} classes; pass one column for "
            f"each class, shape (n, {k}){alone}"
        )
    as_cost_matrix(matrix, n=len(prob))
    if prob.ndim == 2:
        off = np.abs(prob.sum(axis=1) - 1)
        if (off > _SUM_TOLERANCE).any():
            row = int(np.argmax(off))
            raise ValueError(
                f"y_prob sums to {prob[row].sum():g} at row {row}; pass "
                "probabilities that sum to 1 in each row"
            )
    if k == 2:
        return _cheapest_of_two(prob if prob.ndim == 1 else prob[:, 1], matrix)
    if matrix.n_rows is None:
        cost = prob @ matrix.costs
    else:
        cost = np.einsum("ni,nij->nj", prob, matrix.costs)
    slack = _TIE * np.abs(matrix.costs).max(initial=0.0)
    least = cost <= cost.min(axis=1, keepdims=True) + slack
    return np.asarray(k - 1 - np.argmax(least[:, ::-1], axis=1), dtype=np.intp)


def _cheapest_of_two(positive: FloatArray, matrix: CostMatrix) -> IntArray:
    """Compare with the threshold itself, so that both agree to the last bit."""
    alert, miss = _regrets(matrix)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = (alert >= 0) & (miss >= 0) & (alert + miss > 0)
        above = positive >= alert / (alert + miss)
    by_cost = positive * miss >= (1 - positive) * alert
    return np.asarray(np.where(usual, above, by_cost), dtype=np.intp)


def _as_labels(labels: tuple[Any, ...]) -> npt.NDArray[Any]:
    array = np.array(labels)
    if array.tolist() == list(labels):
        return array
    mixed = np.empty(len(labels), dtype=object)  # numpy made 1 and "a" texts
    mixed[:] = labels
    return mixed
