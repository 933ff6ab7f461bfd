"""The expected calibration error as a plain function."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import FloatArray, check_choice, check_integer
from mlworkbench.calibration._bins import (
    STRATEGIES,
    BoolArray,
    bin_edges,
    bin_sums,
    error_of,
    pool_norms,
)
from mlworkbench.calibration._inputs import check_norm, read_scores

__all__ = ["Asked", "expected_calibration_error", "plain_error"]

Asked = tuple[int, str, str, bool]


def expected_calibration_error(
    y_true: Any,
    y_prob: Any,
    *,
    n_bins: int = 15,
    strategy: str = "uniform",
    norm: str = "l1",
    debias: bool = False,
    sample_weight: Any = None,
    pos_label: Any = None,
    labels: Any = None,
    multiclass: str = "top-label",
) -> float:
    """Give the distance between what was said and what happened, over bins.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        What happened: 0 and 1, -1 and 1, False and True, or any classes.
    y_prob : array-like of shape (n_samples,), (n_samples, 2) or (n_samples, n_classes)
        Probability of the positive class, or of each class. Two columns are
        read as the second one.
    n_bins : int, default=15
        Number of bins.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of equal mass. Equal probabilities always share
        a bin, so heavy ties make fewer bins than asked for.
    norm : {"l1", "l2", "max"}, default="l1"
        Mean absolute gap (the usual ECE), root of the mean squared gap, or
        largest gap (MCE).
    debias : bool, default=False
        Take the sampling noise out (L2 only).
    sample_weight : array-like of shape (n_samples,), optional
        Weights of 0 or more.
    pos_label : scalar, optional
        The positive class; needed for labels other than 0/1, -1/1, False/True
        when `y_prob` has one column.
    labels : array-like of shape (n_classes,), optional
        Classes in the order of the columns; by default the columns' names of a
        DataFrame where they are the classes, else the sorted classes.
    multiclass : {"top-label", "classwise"}, default="top-label"
        With three classes or more: whether the likeliest class is right as
        often as its probability says, or the mean over every class against
        the rest (for "l2" the root mean square, for "max" the largest).

    Returns
    -------
    error : float
        From 0 to 1.

    Raises
    ------
    ValueError
        When a probability is missing or outside [0, 1], lengths or indexes
        differ, the positive class is not clear, or `debias` is asked for
        another norm than L2.

    See Also
    --------
    calibration_report : The same with intervals, what chance gives, and bins.

    Notes
    -----
    With share s of the weight, share of events o and mean probability m in a
    bin, L1 is Σ s·abs(o - m), L2 is √(Σ s (o - m)²). A bin holds what is above
    its lower edge and up to its upper edge, as in scikit-learn's
    ``calibration_curve``. The debiased error takes o(1 - o)/(n - 1) from each
    squared gap (bins of one row count 0) and is cut at 0; with weights, n is
    Kish's effective sample size of the bin: weights are importance, not
    copies. For the edges of bins of equal mass whole-number weights do count
    as copies.

    The error depends on the bins. Without `debias` it is biased upward: a
    perfectly calibrated model has an error above 0 from noise alone. And it
    says nothing about ranking: a constant prediction of the base rate has
    error 0.

    O(n) for bins of equal width, O(n log n) for equal mass.

    References
    ----------
    .. [1] M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015), Obtaining well
       calibrated probabilities using Bayesian binning, AAAI.
    .. [2] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017), On calibration of
       modern neural networks, ICML.
    .. [3] A. Kumar, P. S. Liang, T. Ma (2019), Verified uncertainty
       calibration, NeurIPS.
    .. [4] M. Kull et al. (2019), Beyond temperature scaling, NeurIPS.

    *Used in:* ``ch06_model_development/09_make_probabilities_mean_something``.

    Examples
    --------
    Ten ads were shown with 0.3 and clicked once, ten with 0.6 and clicked six
    times: half of the rows are off by 0.2.

    >>> y_true = [1] + [0] * 9 + [1] * 6 + [0] * 4
    >>> y_prob = [0.3] * 10 + [0.6] * 10
    >>> round(expected_calibration_error(y_true, y_prob), 3)
    0.1
    >>> round(expected_calibration_error(y_true, y_prob, norm="max"), 3)
    0.2
    """
    n_bins = check_integer(n_bins, "n_bins", 1)
    check_choice(strategy, "strategy", STRATEGIES)
    check_choice(multiclass, "multiclass", ("top-label", "classwise"))
    check_norm(norm, debias)
    scores = read_scores(y_true, y_prob, sample_weight, pos_label, labels)
    bins: Asked = (n_bins, strategy, norm, bool(debias))
    if scores.table is None or multiclass == "top-label":
        return plain_error(scores.positive, scores.prob, scores.weight, bins)
    each = [
        plain_error(*scores.of_class(place), scores.weight, bins)
        for place in range(len(scores.labels))
    ]
    return pool_norms(np.array(each), norm)


def plain_error(
    positive: BoolArray, prob: FloatArray, weight: FloatArray | None, asked: Asked
) -> float:
    """Give the error of checked rows of two classes.

    Parameters
    ----------
    positive, prob, weight : ndarray of shape (n,)
        The rows; `weight` may be None.
    asked : tuple
        n_bins, strategy, norm, debias.

    Returns
    -------
    error : float
        From 0 to 1.
    """
    n_bins, strategy, norm, debias = asked
    edges = bin_edges(prob, n_bins, strategy, weight)
    return float(error_of(bin_sums(positive, prob, edges, weight), norm, debias))
