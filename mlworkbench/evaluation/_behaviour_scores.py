"""The score before and after each change, where the truth is known."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_vector
from mlworkbench.evaluation._behaviour_answers import Answers, Copied
from mlworkbench.evaluation._behaviour_report import BehaviourReport

__all__ = ["as_codes", "with_scores"]

Array = npt.NDArray[Any]


def with_scores(
    report: BehaviourReport, case: Copied, y_true: Any, metric: Any
) -> BehaviourReport:
    """Add the score of each change to a report."""
    truth = as_vector(y_true, "y_true")
    n = len(case.rows)
    if len(truth) != n:
        raise ValueError(f"y_true has {len(truth)} values for {n} rows; pass one a row")
    if pd.isna(truth).any():
        raise ValueError("y_true has missing values; drop those rows")
    if metric is not None and not callable(metric):
        raise TypeError(
            f"metric is {metric!r}; pass a function of (y_true, answers), such as "
            "sklearn.metrics.accuracy_score"
        )
    if metric is None:
        truth = as_codes(truth, case.before, "y_true", case.classes)
    before = _score(metric, truth, case.before)
    after = []
    for k in range(len(case.copies)):
        mine = case.which == k
        answers = _replaced(case.before, case.owner[mine], case.after.at(mine))
        after.append(_score(metric, truth, answers))
    table = report.frame.assign(score_before=before, score_after=after)
    name = "accuracy" if case.before.kind != "value" else "mean absolute error"
    name = getattr(metric, "__name__", "metric") if metric is not None else name
    notes = (*report.notes, f"score: {name.replace('_', ' ')}, over all rows")
    return dataclasses.replace(report, frame=table, notes=notes)


def as_codes(truth: Array, answers: Answers, name: str, names: Array | None) -> Array:
    """Give the truth as what the answers' labels are compared with.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Labels or values.
    answers : Answers
        What predict gave.
    name : str
        What the caller calls the truth.
    names : ndarray or None
        The classes by number, where they are known.

    Returns
    -------
    truth : ndarray of shape (n,)
        Numbers of classes for probabilities, numbers for values, else as is.
    """
    if answers.kind == "label":
        return truth
    if answers.kind == "probability" and names is not None:
        numbers_by_name = {value: number for number, value in enumerate(names.tolist())}
        unknown = set(truth.tolist()) - set(numbers_by_name)
        if unknown:
            raise ValueError(
                f"{name} has {sorted(map(str, unknown))[0]!r}, and the classes of the "
                f"model are {names.tolist()}; pass some of these"
            )
        return np.array([numbers_by_name[value] for value in truth.tolist()])
    try:
        numbers = truth.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} has values such as {truth[0]!r}, and predict gave "
            f"{answers.kind}s; pass the number of each class (0, 1, ...), or a predict "
            "that gives labels"
        ) from None
    if answers.kind == "value":
        return numbers
    classes = 2 if answers.values.ndim == 1 else answers.values.shape[1]
    wrong = ~np.isin(numbers, np.arange(classes))
    if wrong.any():
        raise ValueError(
            f"{name} has {truth[wrong][0]!r}, and predict gave probabilities of "
            f"{classes} classes; pass their numbers, 0 to {classes - 1}"
        )
    return numbers


def _replaced(answers: Answers, at: npt.NDArray[np.intp], new: Answers) -> Answers:
    values = answers.values.astype(np.result_type(answers.values, new.values))
    values[at] = new.values
    labels = None
    if answers.labels is not None and new.labels is not None:
        labels = answers.labels.astype(np.result_type(answers.labels, new.labels))
        labels[at] = new.labels
    return Answers(answers.kind, values, labels, answers.slack)


def _score(metric: Any, truth: Array, answers: Answers) -> float:
    if metric is not None:
        return float(metric(truth, answers.values))
    if answers.labels is None:
        return float(np.mean(np.abs(truth - answers.values)))
    return float(np.mean(truth == answers.labels))
