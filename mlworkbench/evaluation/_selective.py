"""Know when not to answer: error, coverage, and a threshold with a promise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._stats import exact_interval, rank_auc
from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_fraction,
    check_same_index,
    check_weights,
)
from mlworkbench.evaluation._selective_curve import Curve, make_curve
from mlworkbench.evaluation._selective_report import SelectiveReport
from mlworkbench.evaluation._selective_scores import (
    confidence_of,
    read_table,
    wrong_rows,
)
from mlworkbench.evaluation._selective_threshold import (
    Choice,
    choose_threshold,
    naive_place,
    readable_grid,
)

__all__ = ["selective_report"]


def selective_report(
    y_true: Any,
    y_prob: Any,
    *,
    target_error: float = 0.05,
    confidence: float = 0.95,
    y_pred: Any = None,
    labels: Any = None,
    pos_label: Any = None,
    score: Any = "max",
    thresholds: Any = None,
    actions: Any = None,
    error_cost: float = 1.0,
    sample_weight: Any = None,
) -> SelectiveReport:
    """See how the error falls when a model answers only where it is sure.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Classes.
    y_prob : array-like of shape (n,) or (n, n_classes)
        Probabilities of the positive class, or of all classes.
    target_error : float, default=0.05
        Share of wrong answers among the answered rows that may not be exceeded.
    confidence : float, default=0.95
        The promise fails in at most 1 - confidence of such data sets.
    y_pred : array-like of shape (n,), optional
        Predicted classes, where they are not the likeliest ones (two classes
        with a threshold other than 0.5).
    labels : sequence, optional
        Class of every column. By default the names of a frame's columns, or
        the classes of y_true in sorted order.
    pos_label : scalar, optional
        The positive class, where y_prob has one value per row and the classes
        are not 0 and 1.
    score : {"max", "margin", "entropy"}, callable or array-like of shape (n,)
        What says how sure the model is: the largest probability, the gap
        between the two largest, 1 - entropy / log k, a function of the
        probabilities (n, k), or numbers of your own, more for surer.
    thresholds : array-like, optional
        Thresholds to try, chosen before these rows were looked at. By default
        steps of 0.01 up to 0.99, of 0.001 up to 0.999 and so on; 20 ranks of
        the rows where a score of yours leaves [0, 1].
    actions : dict, optional
        What can be done with the rows not answered, and its cost: see
        `SelectiveReport.cost_table`.
    error_cost : float, default=1.0
        Cost of a wrong answer, in the unit of the actions.
    sample_weight : array-like of shape (n,), optional
        Weights of 0 or more. With weights nothing is promised.

    Returns
    -------
    report : SelectiveReport
        `.threshold`, `.coverage`, `.aurc`, `.frame` (the curve), `.costs`,
        `.answers(y_prob)`, `.plot()`.

    Raises
    ------
    ValueError
        When values are missing, lengths or indexes differ, the classes of the
        columns are unclear, or a setting is out of its range.

    Notes
    -----
    *The promise*: on rows drawn like these, independently, with the model and
    the score fixed before (not trained or tuned on these rows), the error among
    rows at or above `threshold` is at most `target_error`, but for a chance of
    1 - confidence over such data sets. It does not hold for single classes or
    groups, nor when the world shifts.

    A threshold passes if so few errors would have at most its share of the
    chance were the error equal to the target: the exact binomial bound of
    Clopper and Pearson (Geifman and El-Yaniv 2017). As many thresholds are
    tried, the chance is shared: dealt in equal parts to the thresholds where
    the coverage passes 10 %, 20 %, ..., 100 % (those that have enough rows to
    pass at all), and handed on by one that
    passes to the next below (the fallback procedure, Wiens 2003). This is exact
    for thresholds fixed before where a surer row is no worse; in simulations
    with other shapes too the promise held. With 95 % and a target of 5 %, at
    least 59 rows without an error are needed.

    *The area*, AURC, is the mean over i = 1 ... n of the error among the i
    surest rows; rows of equal confidence are taken in every order (their
    expectation). Its excess over the model that is least sure of its errors,
    E-AURC (Geifman et al. 2019), says how good the confidence is; the error
    itself says how good the answers are. O(n log n).

    *Used in:* ``ch06_model_development/08_know_when_not_to_answer``.

    References
    ----------
    .. [1] Y. Geifman, R. El-Yaniv (2017), Selective classification for deep
       neural networks, NeurIPS.
    .. [2] Y. Geifman, G. Uziel, R. El-Yaniv (2019), Bias-reduced uncertainty
       estimation for deep neural classifiers, ICLR.
    .. [3] B. L. Wiens (2003), A fixed sequence Bonferroni procedure for testing
       multiple endpoints, Pharmaceutical Statistics 2.
    .. [4] A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan, L. Lei
       (2021), Learn then test: calibrating predictive algorithms to achieve
       risk control.
    .. [5] C. K. Chow (1970), On optimum recognition error and reject tradeoff,
       IEEE Transactions on Information Theory 16(1).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y_prob = rng.beta(0.5, 0.5, 4000)
    >>> y_true = (rng.random(4000) < y_prob).astype(int)
    >>> report = selective_report(y_true, y_prob, target_error=0.05)
    >>> round(report.error_all, 3), report.threshold, round(report.coverage, 2)
    (0.172, 0.9, 0.42)
    >>> actions = {"ask a person": (0.2, 0.02), "leave open": 0.3}
    >>> report.cost_table(actions)[["below the threshold", "cost per row"]].round(3)
      below the threshold  cost per row
    0        ask a person         0.143
    1     answer all rows         0.172
    2          leave open         0.189
    """
    check_same_index(
        y_true=y_true, y_prob=y_prob, y_pred=y_pred, sample_weight=sample_weight
    )
    if not 0 < check_fraction(target_error, "target_error") < 1:
        raise ValueError(f"target_error is {target_error}; pass a share below 1")
    if isinstance(confidence, bool) or not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; pass a level in (0, 1)")
    table = read_table(y_prob)
    wrong = wrong_rows(y_true, table, y_pred, labels, pos_label)
    sure = confidence_of(score, table.prob)
    weight = check_weights(sample_weight, len(wrong))
    seen = weight > 0
    sure, wrong, used = sure[seen], wrong[seen], weight[seen]
    curve = make_curve(sure, wrong, used)
    grid = _grid(thresholds, sure)
    delta = 1 - confidence
    choice = choose_threshold(curve, target_error, delta, grid)
    report = SelectiveReport(
        _frame(curve, confidence),
        **_facts(curve, choice, target_error, sample_weight is None),
        auroc=float(rank_auc(~wrong, sure)) if used.min() == used.max() else np.nan,
        score=score if isinstance(score, str) or callable(score) else None,
        curve=curve,
        confidence=sure,
        wrong=wrong,
        weight=used,
        notes=_notes(choice, sample_weight is not None, confidence),
    )
    if actions is None:
        return report
    costs = _taken(actions, seen)
    priced = report.cost_table(costs, error_cost=error_cost)
    verdict = f"{report.verdict} {_cheapest(priced)}"
    return replace(report, costs=priced, verdict=verdict)


def _cheapest(costs: pd.DataFrame) -> str:
    """Say which action costs least at the threshold."""
    name, cost = costs.iloc[0, :2]
    whole = costs.set_index("below the threshold").loc["answer all rows"].iloc[0]
    if cost >= whole:
        return f"No action given is cheaper than to answer all rows, {whole:.3g} a row."
    return f"Cheapest there: {name}, {cost:.3g} a row; all answered cost {whole:.3g}."


def _taken(actions: Any, seen: npt.NDArray[np.bool_]) -> Any:
    """Leave out the errors of actions in rows without weight."""
    if seen.all() or not isinstance(actions, dict):
        return actions

    def pick(action: Any) -> Any:
        if isinstance(action, tuple | list) and np.ndim(action[1]) == 1:
            return action[0], np.asarray(action[1])[seen]
        return action

    return {name: pick(action) for name, action in actions.items()}


def _grid(thresholds: Any, sure: FloatArray) -> FloatArray | None:
    if thresholds is None:
        inside = sure.min() >= 0 and sure.max() <= 1
        return readable_grid() if inside else None
    grid = as_vector(thresholds, "thresholds").astype(np.float64)
    if not len(grid) or not np.isfinite(grid).all():
        raise ValueError("thresholds is empty or has missing values; pass numbers")
    return np.asarray(np.unique(grid)[::-1])


def _frame(curve: Curve, confidence: float) -> pd.DataFrame:
    n = curve.effective
    low, high = exact_interval(curve.error * n, n, confidence)
    return pd.DataFrame(
        {
            "threshold": curve.levels,
            "coverage": curve.coverage,
            "rows": curve.rows.astype(np.int64),
            "error": curve.error,
            "low": low,
            "high": high,
        }
    )


def _facts(curve: Curve, choice: Choice, target: float, exact: bool) -> dict[str, Any]:
    """Give the fields of the report that follow from the curve."""
    found = choice.place >= 0
    coverage = float(curve.coverage[choice.place]) if found else 0.0
    error = float(curve.error[choice.place]) if found else np.nan
    rest = curve.weight[-1] - (curve.weight[choice.place] if found else 0.0)
    lost = curve.wrong[-1] - (curve.wrong[choice.place] if found else 0.0)
    below = float(lost / rest) if coverage < 1 else np.nan
    naive = naive_place(curve, target)
    area = curve.area()
    return {
        "verdict": _verdict(choice, coverage, error, below, target, exact),
        "target_error": float(target),
        "threshold": choice.threshold,
        "coverage": coverage,
        "error_answered": error,
        "error_below": below,
        "guaranteed": bool(found and exact),
        "error_all": float(curve.error[-1]),
        "aurc": area,
        "excess_aurc": area - curve.oracle_area(),
        "naive_threshold": float(curve.levels[naive]) if naive >= 0 else np.inf,
        "naive_coverage": float(curve.coverage[naive]) if naive >= 0 else 0.0,
    }


def _verdict(
    choice: Choice,
    coverage: float,
    error: float,
    below: float,
    target: float,
    exact: bool,
) -> str:
    goal = f"{100 * target:g} %"
    if choice.place < 0:
        return (
            f"No threshold can be promised to keep the error at {goal} or below: too "
            "few rows, or too many errors among the surest."
        )
    word = "is promised to keep" if exact else "seems to keep"
    which = (
        "every row"
        if np.isnan(below)
        else f"the rows with a confidence of {choice.threshold:.4g} or more "
        f"({100 * coverage:.3g} % of them)"
    )
    text = (
        f"Answering {which} {word} the error at {goal} or below; here it is "
        f"{100 * error:.3g} %."
    )
    if not exact:
        text += " With weights nothing is promised."
    if np.isnan(below):
        return text
    return (
        f"{text} In the other rows the model would be wrong in {100 * below:.3g} %: "
        f"another way is worth it there if its cost and its own errors come to less "
        f"than {below:.3g} wrong answers a row."
    )


def _notes(choice: Choice, weighted: bool, confidence: float) -> tuple[str, ...]:
    if weighted:
        return (
            "with weights the number of errors is not binomial: intervals and "
            "threshold use Kish's effective number of rows, and are approximate",
        )
    return (
        f"the promise ({100 * confidence:g} %; {choice.method}) is for rows drawn like "
        "these, and for a model that was not trained or tuned on them",
    )
