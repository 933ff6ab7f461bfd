"""Bring the truth and the answers of models into one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.evaluation._baseline_answers import (
    Answer,
    Raw,
    ask,
    class_order,
    encode,
    looks_soft,
    read_classes,
    read_values,
)
from mlworkbench.evaluation._baseline_kernels import IntArray
from mlworkbench.evaluation._baseline_metrics import Metric, resolve_metrics
from mlworkbench.evaluation._baseline_scores import Problem

__all__ = ["Pair", "read_pair"]

MANY_VALUES = 20
Task = tuple[bool, list[Metric] | None]


@dataclass(frozen=True)
class Pair:
    """The truth, the answers, and what to measure.

    Parameters
    ----------
    problem : Problem
        The truth and the weights.
    answers : tuple of Answer
        What the models said.
    metrics : list of Metric
        The first decides.
    weighted : bool
        Whether weights were given.
    unit : ndarray of shape (n,), int, or None
        The cluster of each row; None where every row is one.
    """

    problem: Problem
    answers: tuple[Answer, ...]
    metrics: list[Metric]
    weighted: bool = False
    unit: IntArray | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.problem.y)

    @property
    def classes(self) -> list[Any]:
        """All classes; empty in regression."""
        known = self.problem.classes
        return [] if known is None else list(known)

    @property
    def n_units(self) -> int:
        """Number of clusters, or of rows where each is one."""
        return self.n if self.unit is None else int(self.unit.max()) + 1


def read_pair(
    y_true: Any,
    answers: Mapping[str, Any],
    metrics: Any = None,
    pos_label: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    first_only: bool = False,
) -> Pair:
    """Check and encode what `compare_models` was given.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The truth.
    answers : dict from str to array-like of shape (n,) or (n, k)
        Labels, probabilities or values of each model, by its name.
    metrics : str, callable, list or dict, optional
        What to measure.
    pos_label : scalar, optional
        The positive class.
    sample_weight, groups : array-like of shape (n,), optional
        Weights and clusters.
    first_only : bool
        Whether to keep the first metric alone.

    Returns
    -------
    pair : Pair
        All of it, in one form.

    Raises
    ------
    ValueError
        With what is wrong and what to pass.
    """
    rowwise = {"sample_weight": sample_weight, "groups": groups}
    check_same_index(**{"y_true": y_true, **answers, **rowwise})
    truth = as_vector(y_true, "y_true")
    n = check_same_length(**{"y_true": truth, **answers, **rowwise})
    if n < 2:
        raise ValueError(f"y_true has {n} row(s); pass at least two")
    if pd.isna(truth).any():
        row = int(np.argmax(pd.isna(truth)))
        raise ValueError(
            f"y_true has missing values (first at row {row}); drop those rows"
        )
    weight, weighted = check_weights(sample_weight, n), sample_weight is not None
    unit = None if groups is None else _clusters(groups)
    raws = [
        ask(name, "model", _in_order(given, truth), None, n, soft=True)
        for name, given in answers.items()
    ]
    regression, wanted = _task(truth, raws, metrics)
    if regression:
        numbers = tuple(read_values(raw) for raw in raws)
        chosen = wanted or resolve_metrics("mean_absolute_error")
        values = _numbers(truth)
        return Pair(Problem(values, values, weight), numbers, chosen, weighted, unit)
    problem, said, chosen = _classes(truth, raws, wanted, pos_label, weight)
    kept = chosen[:1] if first_only else chosen
    return Pair(problem, said, kept, weighted, unit)


def _numbers(truth: Any) -> FloatArray:
    try:
        values = truth.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"y_true has the type {truth.dtype}, the metric is one of values; pass "
            "numbers, or a metric of classes"
        ) from None
    if np.isinf(values).any():
        raise ValueError("y_true has infinite values; drop those rows")
    return np.asarray(values)


def _in_order(given: Any, truth: Any) -> Any:
    """Sort the columns of a frame of probabilities that are named by classes."""
    if not isinstance(given, pd.DataFrame) or given.shape[1] < 2:
        return given
    known = class_order(truth)
    return given[known] if set(given.columns) == set(known) else given


def _clusters(groups: Any) -> IntArray:
    codes, known = pd.factorize(pd.Series(as_vector(groups, "groups")))
    if (codes < 0).any():
        raise ValueError(
            f"groups has missing values (first at row {int(np.argmin(codes))}); give "
            "every row a group, a name of its own where it stands alone"
        )
    if len(known) < 2:
        raise ValueError("groups has one value only; at least two clusters are needed")
    return np.asarray(codes, np.int64)


def _task(truth: Any, raws: list[Raw], metrics: Any) -> Task:
    """Say whether values are predicted, from the metrics or from the data."""
    if metrics is not None:
        wanted = resolve_metrics(metrics)
        said = [m.of_regression for m in wanted if m.of_regression is not None]
        if said and len(set(said)) > 1:
            names = [metric.name for metric in wanted]
            raise ValueError(f"metrics {names} are for classes and for values; choose")
        return (said[0] if said else _looks_continuous(truth, raws)), wanted
    return _looks_continuous(truth, raws), None


def _looks_continuous(truth: Any, raws: list[Raw]) -> bool:
    if truth.dtype.kind not in "iuf" or any(raw.labels.ndim == 2 for raw in raws):
        return False
    if truth.dtype.kind == "f" and (truth != np.round(truth)).any():
        return True
    known = np.unique(truth)
    if len(known) > 2 and any(_has_fractions(raw.labels) for raw in raws):
        return True
    if len(known) <= MANY_VALUES:
        return False
    try:
        return not all(np.isin(raw.labels, known).all() for raw in raws)
    except TypeError:
        return False


def _has_fractions(said: Any) -> bool:
    if said.dtype.kind != "f":
        return False
    inside = said[np.isfinite(said)]
    return bool((inside != np.round(inside)).any())


def _known_classes(truth: Any, raws: list[Raw]) -> list[Any]:
    """Give the classes of the truth; of 0 and 1 the other one, for probabilities."""
    known = class_order(truth)
    soft = any(raw.labels.ndim == 2 or _has_fractions(raw.labels) for raw in raws)
    if soft and len(known) == 1 and known[0] in (0, 1):
        return [False, True] if isinstance(known[0], bool) else [0, 1]
    return known


def _check_kind(known: list[Any], raws: list[Raw], soft: list[bool]) -> None:
    for raw, is_soft in zip(raws, soft, strict=True):
        said = [] if is_soft else pd.unique(pd.Series(raw.labels)).tolist()
        if said and isinstance(said[0], str) != isinstance(known[0], str):
            raise ValueError(
                f"{raw.name} says {said[0]!r}, y_true {known[0]!r}: one is text, the "
                "other is not; pass both in one form"
            )


def _classes(
    truth: Any,
    raws: list[Raw],
    metrics: list[Metric] | None,
    pos_label: Any,
    weight: FloatArray,
) -> tuple[Problem, tuple[Answer, ...], list[Metric]]:
    known = _known_classes(truth, raws)
    soft = [raw.labels.ndim == 2 or looks_soft(raw, known) for raw in raws]
    hard = [raw.labels for raw, is_soft in zip(raws, soft, strict=True) if not is_soft]
    _check_kind(known, raws, soft)
    classes = class_order(known, *hard)
    for raw, is_soft in zip(raws, soft, strict=True):
        if is_soft and len(known) != raw.labels.shape[-1] and raw.labels.ndim == 2:
            raise ValueError(
                f"{raw.name} gives {raw.labels.shape[1]} columns of probabilities, "
                f"y_true has {len(known)} classes ({known[:5]}); pass one column for "
                "each class of y_true, sorted"
            )
    wanted = metrics or resolve_metrics(
        ["accuracy", "log_loss"] if all(soft) else "accuracy"
    )
    column = any(s and raw.labels.ndim == 1 for raw, s in zip(raws, soft, strict=True))
    positive = _positive(classes, pos_label, wanted, column)
    answers = tuple(read_classes(raw, known, classes, positive) for raw in raws)
    for metric in wanted:
        lacking = [raw.name for raw, has in zip(raws, soft, strict=True) if not has]
        if metric.soft and lacking:
            raise ValueError(
                f"{metric.name} needs probabilities, {lacking[0]} gives labels; pass "
                "predict_proba, or a metric of labels"
            )
        if metric.two_classes and len(classes) > 2:
            raise ValueError(
                f"{metric.name} is for two classes, there are {len(classes)}; pass "
                f"an average, e.g. '{metric.name}_macro', or a function"
            )
    two = len(known) <= 2
    same = len({type(label) for label in classes}) == 1
    own = np.array(classes) if same else np.array(classes, dtype=object)
    problem = Problem(encode(truth, classes), truth, weight, own, positive, two)
    return problem, answers, wanted


def _positive(
    classes: list[Any], pos_label: Any, metrics: list[Metric], column: bool
) -> int:
    if pos_label is not None:
        if pos_label not in classes:
            raise ValueError(
                f"pos_label is {pos_label!r}, the classes are {classes[:5]}; pass one "
                "of them"
            )
        return classes.index(pos_label)
    if len(classes) == 2 and (set(classes) <= {0, 1} or set(classes) <= {-1, 1}):
        return classes.index(1)
    needed = column or any(metric.one_class for metric in metrics)
    if needed and len(classes) == 2:
        raise ValueError(
            f"the classes are {classes}; say with pos_label which one is positive"
        )
    return len(classes) - 1
