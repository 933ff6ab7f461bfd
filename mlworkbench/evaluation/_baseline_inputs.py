"""Read what `baseline_table` was given: the task, the classes, the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier, is_regressor

from mlworkbench._validation import FloatArray, as_vector
from mlworkbench.evaluation._baseline_answers import (
    Answer,
    Raw,
    class_order,
    encode,
    looks_soft,
    read_classes,
    read_values,
)
from mlworkbench.evaluation._baseline_metrics import Metric
from mlworkbench.evaluation._baseline_rules import rules_of_classes, rules_of_values
from mlworkbench.evaluation._baseline_scores import Problem

__all__ = ["classification", "named_sources", "read_target", "regression", "which_task"]

_FEW = 20  # whole numbers with more values than this are taken for amounts
_TAKEN = (
    "uniform random",
    "label-distribution random",
    "zero rule",
    "mean",
    "median",
    "last value",
    "seasonal naive",
)


def read_target(values: Any, name: str) -> npt.NDArray[Any]:
    """Take a target without missing values.

    Parameters
    ----------
    values : array-like of shape (n,)
        The target.
    name : str
        What to call it in an error.

    Returns
    -------
    values : ndarray of shape (n,)
        The same.

    Raises
    ------
    ValueError
        When it is empty or a value is missing.
    """
    array = as_vector(values, name)
    missing = pd.isna(array)
    if not len(array) or missing.any():
        where = f" (first at row {int(np.argmax(missing))})" if len(array) else ""
        what = "missing values" if len(array) else "no rows"
        raise ValueError(f"{name} has {what}{where}; pass rows with a known answer")
    return array


def which_task(y: npt.NDArray[Any], metrics: list[Metric], model: Any) -> str:
    """Say whether classes or amounts are predicted.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Targets of training and test rows.
    metrics : list of Metric
        Their names tell, most often.
    model : object
        Or the kind of estimator.

    Returns
    -------
    task : {"classification", "regression"}
        The task; where nothing tells, numbers with fractions or with more
        than 20 values are amounts.
    """
    kinds = {metric.of_regression for metric in metrics} - {None}
    if y.dtype.kind not in "iuf":
        return "classification"
    fractions = y.dtype.kind == "f" and (y != np.round(y)).any()
    many = len(np.unique(y)) > _FEW
    if kinds == {False} and fractions and many:
        raise ValueError(
            f"the target has {len(np.unique(y))} values with fractions, and "
            f"{', '.join(metric.name for metric in metrics)} is for classes; pass "
            "metrics for amounts, 'neg_mean_absolute_error', or classes as the target"
        )
    if len(kinds) == 1:
        return "regression" if True in kinds else "classification"
    if model is not None and hasattr(model, "predict"):
        for test, task in (
            (is_classifier, "classification"),
            (is_regressor, "regression"),
        ):
            if hasattr(model, "__sklearn_tags__") and test(model):
                return task
    return "regression" if fractions or many else "classification"


def named_sources(
    heuristics: Any, human: Any, existing: Any, model: Any
) -> list[tuple[str, str, Any]]:
    """List the user's own answers with name and kind, the model last.

    Parameters
    ----------
    heuristics : mapping of str to object
        Rules by name.
    human, existing, model : object or None
        The others.

    Returns
    -------
    sources : list of tuple
        Name, kind and source.

    Raises
    ------
    TypeError, ValueError
        When heuristics is no mapping, or has a name that is in use.
    """
    if heuristics is None:
        heuristics = {}
    if not isinstance(heuristics, Mapping):
        raise TypeError(
            f"heuristics is a {type(heuristics).__name__}; pass a dict from the name "
            "of a rule to the rule, {'late airline': function_of_X_or_answers}"
        )
    taken = {*_TAKEN, "human", "existing", "model"}
    wrong = [str(name) for name in heuristics if str(name) in taken]
    if wrong:
        raise ValueError(f"heuristics has the name(s) {wrong}, which are taken; rename")
    sources = [(str(name), "rule", rule) for name, rule in heuristics.items()]
    more = (("human", human), ("existing", existing), ("model", model))
    return sources + [(name, name, given) for name, given in more if given is not None]


def classification(
    train: npt.NDArray[Any],
    test: npt.NDArray[Any],
    raws: list[Raw],
    weights: FloatArray,
    metrics: list[Metric],
    pos_label: Any,
) -> tuple[Problem, list[Answer], list[str]]:
    """Bring classes and answers into numbers.

    Parameters
    ----------
    train, test : ndarray
        The targets.
    raws : list of Raw
        The user's answers.
    weights : ndarray of shape (n,)
        Weights of the test rows.
    metrics : list of Metric
        They decide whether a positive class must be known.
    pos_label : object
        The positive class, or None.

    Returns
    -------
    problem, answers, notes : Problem, list of Answer, list of str
        The built-in baselines first.

    Raises
    ------
    ValueError
        When a metric does not fit the classes.
    """
    known = _known_classes(train, test, pos_label)
    label = _positive(known, metrics, pos_label)
    said = [r.labels for r in raws if r.labels.ndim == 1 and not looks_soft(r, known)]
    columns = [np.array(r.columns) for r in raws if r.columns]
    classes = class_order(np.array(known, dtype=object), *said, *columns)
    positive = classes.index(label)
    same = len({type(x) for x in classes}) == 1
    named = np.array(classes) if same else np.array(classes, dtype=object)
    codes = encode(test, classes)
    problem = Problem(codes, named[codes], weights, named, positive, len(known) < 3)
    trained = np.bincount(encode(train, classes), minlength=len(classes))
    answers = rules_of_classes(trained / trained.sum(), len(test))
    answers += [read_classes(raw, known, classes, positive) for raw in raws]
    return problem, answers, _class_notes(codes, trained, named, raws, known)


def _known_classes(train: Any, test: Any, pos_label: Any) -> list[Any]:
    known = class_order(train, test)
    for pair in ([0, 1], [-1, 1]):
        if len(known) == 1 and known[0] in pair and pos_label in (None, *pair):
            return pair
    if pos_label is not None and pos_label not in known:
        if len(known) > 1:
            raise ValueError(
                f"pos_label is {pos_label!r}, the target has {known[:5]}; "
                "pass one of them"
            )
        known = class_order(train, np.array([pos_label]))
    return known


def _positive(known: list[Any], metrics: list[Metric], pos_label: Any) -> Any:
    many = [metric.name for metric in metrics if metric.two_classes]
    if len(known) > 2 and many:
        raise ValueError(
            f"metric(s) {many} are for two classes, the target has {len(known)}; use "
            "'f1_macro', 'roc_auc_ovr' and the like, or pass y == one_of_them"
        )
    if pos_label is not None:
        return pos_label
    if set(known) <= {0, 1} or set(known) <= {-1, 1}:
        return 1
    if any(metric.one_class for metric in metrics):
        raise ValueError(
            f"the target has the classes {known}; say with pos_label which one is "
            "positive"
        )
    return known[-1]


def _class_notes(
    codes: Any, trained: Any, named: Any, raws: list[Raw], known: list[Any]
) -> list[str]:
    notes = []
    new = [str(named[c]) for c in np.unique(codes) if trained[c] == 0]
    if new:
        rows = int((trained[codes] == 0).sum())
        notes.append(
            f"{', '.join(new)}: in no training row, so no guesser says it "
            f"({rows:,} test row(s))"
        )
    if len(np.unique(codes)) == 1:
        notes.append(
            f"all test rows are {named[codes[0]]}: what a metric says of the other "
            "classes means nothing"
        )
    for raw in raws:
        if raw.labels.ndim == 1 and not looks_soft(raw, known):
            said = class_order(raw.labels)
            strange = [x for x in said if x not in known]
            texts = [{isinstance(x, str) for x in side} for side in (said, known)]
            if not texts[0] & texts[1]:
                raise ValueError(
                    f"{raw.name} says {said[:3]}, the target has {known[:5]}; pass "
                    "answers in the terms of the target"
                )
            if strange:
                notes.append(
                    f"{raw.name} says {', '.join(map(str, strange[:3]))}, which is no "
                    "class of the target: counted as wrong"
                )
    return notes


def regression(
    train: npt.NDArray[Any],
    test: npt.NDArray[Any],
    raws: list[Raw],
    weights: FloatArray,
    order: dict[str, Any],
) -> tuple[Problem, list[Answer], list[str]]:
    """Bring amounts and answers into floats.

    Parameters
    ----------
    train, test : ndarray
        The targets.
    raws : list of Raw
        The user's answers.
    weights : ndarray of shape (n,)
        Weights of the test rows.
    order : dict
        `time_order`, `horizon` and `period` of `baseline_table`.

    Returns
    -------
    problem, answers, notes : Problem, list of Answer, list of str
        The built-in baselines first.

    Raises
    ------
    ValueError
        When a target is not a finite number.
    """
    try:
        y_train, y_test = train.astype(np.float64), test.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            "the target has values that are no numbers; for classes pass "
            "task='classification' and metrics of classes"
        ) from None
    if not (np.isfinite(y_train).all() and np.isfinite(y_test).all()):
        raise ValueError("the target has infinite values; pass finite ones")
    answers = [*rules_of_values(y_train, y_test, **order), *map(read_values, raws)]
    notes = []
    if order["time_order"]:
        notes.append(
            "rows are taken to be in time order, the test rows right after the "
            "training rows; else pass time_order=False"
        )
        if order["period"] is None:
            notes.append("no seasonal naive baseline: it needs period")
    if y_test.min() == y_test.max():
        notes.append("y_test does not vary: R² is 0 or 1 by convention")
    for answer in answers[: len(answers) - len(raws)]:
        if answer.there is not None and not answer.there.any():
            notes.append(f"{answer.name}: no training row lies so far back")
    return Problem(y_test, y_test, weights), answers, notes
