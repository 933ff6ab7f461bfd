"""Compare two models, and say whether the difference would come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import RandomState, as_generator, check_integer
from mlworkbench.evaluation._compare_folds import (
    check_level,
    check_names,
    compare_over_folds,
)
from mlworkbench.evaluation._compare_inputs import read_pair
from mlworkbench.evaluation._compare_report import ModelComparison
from mlworkbench.evaluation._compare_scores import Scorer, resample_scores
from mlworkbench.evaluation._compare_tables import (
    Setting,
    boot_table,
    conclude,
    mcnemar,
    only_right,
    too_few,
)

__all__ = ["compare_models"]


def compare_models(
    y_true: Any,
    pred_a: Any,
    pred_b: Any,
    *,
    metrics: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    folds: Any = None,
    names: tuple[str, str] = ("A", "B"),
    pos_label: Any = None,
    confidence: float = 0.95,
    n_boot: int = 2000,
    random_state: RandomState = None,
) -> ModelComparison:
    """Compare what two models predict for the same rows.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Classes or values.
    pred_a, pred_b : array-like of shape (n,) or (n, n_classes)
        What each model predicts: classes, probabilities of the positive class,
        probabilities of all classes (in sorted order of y_true's), or values.
    metrics : str, callable, list or dict, optional
        Names of scikit-learn's scorers or metrics, or functions of (y_true,
        y_pred); a dict gives them names. The first one decides. By default
        accuracy, and the log loss where both give probabilities; the mean
        absolute error for values.
    sample_weight : array-like of shape (n,), optional
        Weights of 0 or more.
    groups : array-like of shape (n,), optional
        Rows of one group (a patient, a day) are drawn together.
    folds : array-like of shape (n,), optional
        The fold in which a row was tested, where the predictions come from one
        run of cross-validation: the interval is then that of Nadeau and Bengio
        over the folds, and there is no bootstrap.
    names : tuple of two str, default=("A", "B")
        What to call the models.
    pos_label : scalar, optional
        The positive class; needed for F1 and the like with text labels.
    confidence : float, default=0.95
        Level of the intervals; the level of the tests is 1 - confidence.
    n_boot : int, default=2000
        Resamples.
    random_state : int, Generator, RandomState or None
        For the bootstrap.

    Returns
    -------
    comparison : ModelComparison
        `.verdict`, `.frame` (one row per metric), `.survives`,
        `.mcnemar_exact`, `.mcnemar_mid_p`, `.plot()`.

    Raises
    ------
    ValueError
        When lengths or indexes differ, values are missing, a metric needs
        probabilities and gets labels, or a setting is out of its range.

    Notes
    -----
    *McNemar*: of the rows that exactly one model has right, each model has half
    if they are equally good; the exact p-value is binomial, the mid-p value
    leaves out half of the chance of what was seen, is less cautious, and hardly
    ever exceeds its level (Fagerland et al. 2013).

    *Paired bootstrap*: both models are scored on the same resamples, so that
    what is hard for both cancels out. The percentiles are widened as Student's
    t is against the normal (Hesterberg 2015), for the number of rows, or of
    groups. Below 10 rows (or groups) on which the two differ, nothing is called
    shown but by McNemar. Where accuracy decides, interval and mid-p must agree.

    *A second test set* of the same size has noise of its own: its difference
    lies around the one seen with variance 2 s², where s is the standard error.
    The chance of the same sign is Φ(abs(d) / (s √2)), with t in place of Φ for
    folds (Killeen 2005). A p-value of 0.05 makes it 92 %, not 95 %; and it is
    too high where the better of many was picked on these rows, or where large
    differences are known to be rare. It speaks of rows of the same kind: not of
    next year's.

    The time is O(n_boot · n) per metric; with accuracy and other metrics of a
    confusion matrix alone it does not grow with n. Other functions are called
    2 · n_boot times. Rows are taken to be independent unless `groups` says
    otherwise.

    *Used in:* ``ch06_model_development/12_choose_between_two_models``.

    References
    ----------
    .. [1] Q. McNemar (1947), Note on the sampling error of the difference
       between correlated proportions or percentages, Psychometrika 12(2).
    .. [2] M. W. Fagerland, S. Lydersen, P. Laake (2013), The McNemar test for
       binary matched-pairs data: mid-p and asymptotic are better than exact
       conditional, BMC Medical Research Methodology 13.
    .. [3] T. Hesterberg (2015), What teachers should know about the bootstrap,
       The American Statistician 69(4).
    .. [4] P. R. Killeen (2005), An alternative to null-hypothesis significance
       tests, Psychological Science 16(5).
    .. [5] C. Nadeau, Y. Bengio (2003), Inference for the generalization error,
       Machine Learning 52.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 1000)
    >>> a = np.where(rng.random(1000) < 0.85, y, 1 - y)
    >>> b = np.where(rng.random(1000) < 0.80, y, 1 - y)
    >>> found = compare_models(y, a, b, random_state=0)
    >>> found.only_a_right, found.only_b_right
    (172, 121)
    >>> round(found.mcnemar_mid_p, 4), round(found.survives, 2)
    (0.0029, 0.98)
    """
    names = check_names(names)
    check_level(confidence)
    check_integer(n_boot, "n_boot", 100)
    both_answers = dict(zip(names, (pred_a, pred_b), strict=True))
    pair = read_pair(y_true, both_answers, metrics, pos_label, sample_weight, groups)
    if folds is not None:
        if groups is not None:
            raise ValueError(
                "groups and folds are both given; the folds must keep the groups "
                "together themselves: pass folds alone"
            )
        return compare_over_folds(pair, folds, names, confidence)
    scores = Scorer(pair)(pair.problem.weights, strict=True)
    drawn = resample_scores(pair, n_boot, as_generator(random_state))
    table, spread = boot_table(pair, scores, drawn, confidence)
    right = only_right(pair)
    plain = not pair.weighted and pair.unit is None and right is not None
    both = mcnemar(*right) if plain and right else (np.nan, np.nan)
    table["by_mcnemar"] = [plain and m.rule == "accuracy" for m in pair.metrics]
    table.loc[table["by_mcnemar"], "p_value"] = both[1]
    unit = "rows" if pair.unit is None else "groups"
    setting = Setting(names, confidence, pair.n, pair.n_units, unit)
    return conclude(table, setting, too_few(pair), both, right, spread)
