"""Is the model better than what costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_choice,
    check_fraction,
    check_integer,
    check_same_index,
    check_weights,
)
from mlworkbench.evaluation._baseline_answers import Answer, ask
from mlworkbench.evaluation._baseline_compare import LEAST, compare
from mlworkbench.evaluation._baseline_inputs import (
    classification,
    named_sources,
    read_target,
    regression,
    which_task,
)
from mlworkbench.evaluation._baseline_metrics import Metric, resolve_metrics
from mlworkbench.evaluation._baseline_report import BaselineReport, say_verdict

__all__ = ["baseline_table"]

_NONE: Mapping[str, Any] = MappingProxyType({})
_FEW = 30  # test rows, below which a bootstrap says too little


def baseline_table(
    y_train: Any,
    X_test: Any,
    y_test: Any,
    *,
    metrics: Any,
    heuristics: Mapping[str, Any] = _NONE,
    human: Any = None,
    existing: Any = None,
    model: Any = None,
    sample_weight: Any = None,
    pos_label: Any = None,
    task: str = "auto",
    period: int | None = None,
    horizon: int | None = None,
    time_order: bool = True,
    n_boot: int = 1000,
    block: int = 1,
    confidence: float = 0.95,
    random_state: RandomState = None,
) -> BaselineReport:
    """Put a model beside guessers, simple rules, people and what there is.

    Parameters
    ----------
    y_train : array-like of shape (m,)
        Target of the training rows: all that guessers and constants know.
    X_test : object with n rows
        Test rows, as rules and estimators take them; None where no answer has
        to be computed.
    y_test : array-like of shape (n,)
        Target of the test rows; classes of any type, or amounts.
    metrics : str, callable, list of them, or dict from name to one
        Names of scikit-learn's scorers ("f1", "neg_log_loss") or functions
        ("log_loss"), functions of (y_true, y_pred), scorers. Less is better for
        a function whose name ends in loss, error, deviance or cost (or a scorer
        made with ``greater_is_better=False``, whose sign is turned), more for
        all others; a note says so.
    heuristics : mapping from str to object, default={}
        The user's own rules by name: a function of X_test, an array of n
        answers, one answer for all rows, or a fitted estimator.
    human : array-like of shape (n,), optional
        Labels that people gave; NaN in rows that nobody looked at. Also in
        `heuristics` and `existing` a row may be left out; a comparison is then
        made on the rows that are there.
    existing : object, optional
        Answers of the system in use, as in `heuristics`.
    model : object, optional
        The model: a fitted estimator, a function of X_test, or its answers. An
        array of answers has classes, probabilities of the positive class
        (where there are two), or probabilities of shape (n, k) with a column
        per class of the target, sorted; in regression values.
    sample_weight : array-like of shape (n,), optional
        Weights of the test rows.
    pos_label : object, optional
        The positive class; needed by "f1" and the like unless the classes are
        0 and 1, -1 and 1, or False and True.
    task : {"auto", "classification", "regression"}, default="auto"
        "auto" goes by the metrics, then by the kind of model, then by y.
    period : int, optional
        Regression: rows from one season to the next, 7 for weeks of daily
        rows; it adds the seasonal naive baseline.
    horizon : int, optional
        Regression: how many rows ahead is predicted. With 1, the value of the
        row before is known, also inside the test rows; by default nothing after
        the training rows is.
    time_order : bool, default=True
        Regression: whether the rows follow each other in time, test after
        training. False leaves out the last value and the seasonal naive.
    n_boot : int, default=1000
        Resamples of the test rows, and simulated guessers; 0 for no intervals.
    block : int, default=1
        Neighbouring rows drawn together, for rows that resemble their
        neighbours (a circular block bootstrap).
    confidence : float, default=0.95
        Level of intervals and bands.
    random_state : int, Generator, RandomState or None
        Seed of the resamples.

    Returns
    -------
    report : BaselineReport
        `.frame`, `.verdict`, `.ok`, `.plot()`.

    Raises
    ------
    TypeError, ValueError
        For a metric that is not known or does not fit the target, answers that
        are not one per row, a model with missing answers, values missing in
        the target.

    See Also
    --------
    sklearn.dummy.DummyClassifier : One draw of the same guessers.

    Notes
    -----
    The baselines of classification: *uniform random* names each class of the
    training rows with the same chance, *label-distribution random* with the
    class's share in them, the *zero rule* always names the most frequent
    (the first of them at a tie). The guessers' probabilities are the chances
    they guess with, the zero rule's are the shares.

    A guesser's score is the metric of its expected confusion matrix. For what
    is linear in it (accuracy, recall, balanced accuracy) that is the expected
    value; for precision, F1 and the like it is the limit for many rows. With
    share π positive and chance q to say so: accuracy πq + (1-π)(1-q),
    precision π, recall q, F1 2πq / (π + q). ROC AUC is 0.5 and average
    precision π; the bands of these two come from at most 200 random orders. A
    function that takes no `sample_weight` has no such form: then the mean of
    the simulations stands in.

    Differences come from the same resample for both sides (a paired bootstrap
    of the test rows). A model "beats every baseline" when each interval leaves
    0 out: as all must, no correction for their number is needed. The interval
    says what other test rows would change, not what training again would. A
    guesser enters by its expected score in the resample, without its luck.

    O(n) per resample, answer and metric; for a metric without a kernel here
    (other than accuracy, balanced accuracy, F1, precision, recall, Jaccard,
    Matthews, ROC AUC, average precision, log loss, Brier, mean absolute and
    squared error, R²) one call of it.

    References
    ----------
    .. [1] R. C. Holte (1993), Very simple classification rules perform well on
       most commonly used datasets, Machine Learning 11.
    .. [2] B. Efron, R. J. Tibshirani (1993), An introduction to the bootstrap.
    .. [3] R. L. Berger (1982), Multiparameter hypothesis testing and acceptance
       sampling, Technometrics 24(4): why all must beat 0 without correction.
    .. [4] R. J. Hyndman, G. Athanasopoulos (2021), Forecasting: principles and
       practice, section 5.2: mean, naive and seasonal naive.

    *Used in:* ``ch06_model_development/01_beat_a_baseline_first``.

    Examples
    --------
    One row in ten is positive. A coin has an F1 of 0.167, and whoever never
    says yes is right for 90 %.

    >>> import numpy as np
    >>> y = np.repeat([1, 0], [100, 900])
    >>> report = baseline_table(y, None, y, metrics=["f1", "accuracy"], n_boot=0)
    >>> report.frame.pivot(index="baseline", columns="metric", values="score").round(3)
    metric                     accuracy     f1
    baseline
    label-distribution random      0.82  0.100
    uniform random                 0.50  0.167
    zero rule                      0.90  0.000
    """
    kinds = resolve_metrics(metrics)
    train, test = read_target(y_train, "y_train"), read_target(y_test, "y_test")
    pandas_ones = {"X_test": X_test, "y_test": y_test, "human": human, "model": model}
    check_same_index(**pandas_ones, existing=existing, sample_weight=sample_weight)
    _check_rows(X_test, len(test))
    weights = check_weights(sample_weight, len(test))
    _check_settings(task, n_boot, block, period=period, horizon=horizon)
    confidence = check_fraction(confidence, "confidence")
    if task == "auto":
        task = which_task(np.concatenate([train, test]), kinds, model)
    soft = task == "classification" and any(metric.soft for metric in kinds)
    sources = named_sources(heuristics, human, existing, model)
    raws = [ask(*source, X_test, len(test), soft) for source in sources]
    order = {"period": period, "horizon": horizon, "time_order": time_order}
    if task == "classification":
        read = classification(train, test, raws, weights, kinds, pos_label)
    else:
        read = regression(train, test, raws, weights, order)
    problem, answers, notes = read
    chance = n_boot, block, confidence, as_generator(random_state)
    table, more = compare(kinds, answers, problem, *chance)
    notes += _notes(answers, weights, block, task, table) + more
    return _report(table, kinds, task, confidence, notes)


def _report(
    table: pd.DataFrame,
    metrics: list[Metric],
    task: str,
    confidence: float,
    notes: list[str],
) -> BaselineReport:
    return BaselineReport(
        frame=table,
        verdict=say_verdict(table, confidence),
        task=task,
        n=int(table["rows"].max()),
        confidence=confidence,
        greater_is_better={metric.name: metric.greater for metric in metrics},
        notes=tuple(notes),
    )


def _check_settings(task: str, n_boot: int, block: int, **order: int | None) -> None:
    for name, value in order.items():
        if value is not None:
            check_integer(value, name, 1)
    check_integer(n_boot, "n_boot")
    check_integer(block, "block", 1)
    check_choice(task, "task", ("auto", "classification", "regression"))


def _check_rows(X: Any, n: int) -> None:
    rows = getattr(X, "shape", (None,))[0] if X is not None else n
    if rows is None and hasattr(X, "__len__"):
        rows = len(X)
    if rows not in (None, n):
        raise ValueError(f"X_test has {rows} rows, y_test has {n}; pass the same rows")


def _notes(
    answers: list[Answer],
    weights: FloatArray,
    block: int,
    task: str,
    table: pd.DataFrame,
) -> list[str]:
    notes = []
    for answer in answers:
        if answer.there is not None and answer.there.any():
            notes.append(
                f"{answer.name}: {int(answer.there.sum()):,} of {len(weights):,} rows; "
                "the model is compared on these"
            )
    compared = bool(table["difference_low"].notna().any())
    if compared and len(weights) < _FEW:
        notes.append(
            f"{len(weights)} test row(s) are few: the intervals are too narrow"
        )
    if compared and (table["rows"] < LEAST).any():
        notes.append(f"on fewer than {LEAST} rows no difference is called shown")
    if compared and task == "regression" and block == 1:
        notes.append(
            "intervals take rows to be independent; if errors resemble those of the "
            "row before, pass block"
        )
    return notes
