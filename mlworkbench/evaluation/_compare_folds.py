"""Compare two models by the scores of cross-validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import as_vector, check_same_length
from mlworkbench.evaluation._baseline_metrics import Metric
from mlworkbench.evaluation._compare_inputs import Pair
from mlworkbench.evaluation._compare_report import ModelComparison
from mlworkbench.evaluation._compare_scores import Scorer
from mlworkbench.evaluation._compare_tables import (
    Setting,
    conclude,
    fold_row,
    only_right,
)

__all__ = ["check_level", "check_names", "compare_cv_scores", "compare_over_folds"]


def compare_cv_scores(
    scores_a: Any,
    scores_b: Any,
    *,
    n_train: float,
    n_test: float,
    metric: str = "score",
    greater_is_better: bool = True,
    names: tuple[str, str] = ("A", "B"),
    confidence: float = 0.95,
) -> ModelComparison:
    """Compare two models by their scores on the same folds.

    Parameters
    ----------
    scores_a, scores_b : array-like of shape (k,)
        One score per fold, the same folds in the same order; repeated runs of
        cross-validation one after the other.
    n_train, n_test : float
        Rows of the training part and of the test part of a fold.
    metric : str, default="score"
        What the scores are.
    greater_is_better : bool, default=True
        False for errors and losses.
    names : tuple of two str, default=("A", "B")
        What to call the models.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    comparison : ModelComparison
        One row; without counts of rows and McNemar's test.

    Raises
    ------
    ValueError
        With fewer than two folds, missing scores, or no rows.

    Notes
    -----
    Training parts of folds overlap, so their scores move together, and the
    variance of their mean is not σ²/k. Nadeau and Bengio (2003) use
    σ² (1/k + n_test / n_train) and Student's t with k - 1 degrees of freedom.
    With 10 folds that is 2.1 times the plain variance. It stays an
    approximation: no unbiased estimate exists (Bengio and Grandvalet 2004). The
    time is O(k).

    *Used in:* ``ch06_model_development/12_choose_between_two_models``.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio (2003), Inference for the generalization error,
       Machine Learning 52.
    .. [2] R. R. Bouckaert, E. Frank (2004), Evaluating the replicability of
       significance tests for comparing learning algorithms, PAKDD.
    .. [3] Y. Bengio, Y. Grandvalet (2004), No unbiased estimator of the
       variance of k-fold cross-validation, JMLR 5.

    Examples
    --------
    >>> a, b = [0.81, 0.84, 0.80, 0.83, 0.82], [0.80, 0.81, 0.80, 0.81, 0.80]
    >>> found = compare_cv_scores(a, b, n_train=800, n_test=200)
    >>> found.frame[["difference", "low", "high", "shown"]].round(3)
       difference    low   high  shown
    0       0.016 -0.005  0.037  False
    """
    names = check_names(names)
    check_level(confidence)
    if not (np.isfinite([n_train, n_test]).all() and n_train > 0 and n_test > 0):
        raise ValueError(
            f"n_train is {n_train}, n_test {n_test}; pass the rows of a fold's parts"
        )
    a, b = (
        as_vector(scores, name).astype(np.float64)
        for scores, name in ((scores_a, "scores_a"), (scores_b, "scores_b"))
    )
    k = check_same_length(scores_a=a, scores_b=b)
    bad = int((~np.isfinite([a, b])).sum())
    if k < 2 or bad:
        raise ValueError(
            f"scores_a and scores_b have {k} fold(s), {bad} score(s) missing or "
            "infinite; pass two or more folds without gaps"
        )
    measured = Metric(metric, None, greater=greater_is_better)
    table = pd.DataFrame([fold_row(measured, a, b, n_test / n_train, confidence)])
    return conclude(table, Setting(names, confidence, k, k, "folds"))


def check_level(confidence: Any) -> float:
    """Check a level of confidence.

    Parameters
    ----------
    confidence : float
        The level.

    Returns
    -------
    confidence : float
        The level.

    Raises
    ------
    ValueError
        When it is outside (0, 1).
    """
    if isinstance(confidence, bool) or not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; pass a level in (0, 1)")
    return float(confidence)


def check_names(names: Any) -> tuple[str, str]:
    """Check the names of two models.

    Parameters
    ----------
    names : sequence of two
        The names.

    Returns
    -------
    names : tuple of two str
        The names.

    Raises
    ------
    ValueError
        When they are not two, or the same.
    """
    found = [names] if isinstance(names, str) else [str(name) for name in names]
    if len(found) != 2 or found[0] == found[1]:
        raise ValueError(f"names is {names!r}; pass two different names")
    return found[0], found[1]


def compare_over_folds(
    pair: Pair, folds: Any, names: tuple[str, str], confidence: float
) -> ModelComparison:
    """Compare two models by their scores in each fold.

    Parameters
    ----------
    pair : Pair
        Truth, answers, metrics.
    folds : array-like of shape (n,)
        The fold in which a row was tested.
    names : tuple of two str
        The models.
    confidence : float
        Level of the intervals.

    Returns
    -------
    comparison : ModelComparison
        The report.

    Raises
    ------
    ValueError
        When a row has no fold, or all have the same.
    """
    codes, known = pd.factorize(pd.Series(as_vector(folds, "folds")))
    check_same_length(y_true=pair.problem.y, folds=codes)
    if (codes < 0).any() or len(known) < 2:
        raise ValueError("folds must name a fold in every row, and at least two")
    base, scorer = pair.problem.weights, Scorer(pair)
    scores = np.array(
        [scorer(base * (codes == k), strict=True) for k in range(len(known))]
    )
    share = 1 / (len(known) - 1)  # rows tested over rows trained on
    rows = [
        fold_row(metric, scores[:, i, 0], scores[:, i, 1], share, confidence)
        for i, metric in enumerate(pair.metrics)
    ]
    setting = Setting(names, confidence, pair.n, len(known), "folds")
    return conclude(pd.DataFrame(rows), setting, right=only_right(pair))
