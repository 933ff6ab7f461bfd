"""What `metrics` may name, and how one is computed for one set of answers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from mlworkbench.evaluation._baseline_kernels import CONFUSION, RANKING, ROWWISE

__all__ = ["Metric", "Said", "resolve_metrics"]

# Functions of sklearn.metrics, and strings, that have a kernel here.
_FUNCTIONS = {
    "accuracy_score": "accuracy",
    "balanced_accuracy_score": "balanced_accuracy",
    "matthews_corrcoef": "matthews_corrcoef",
    "f1_score": "f1",
    "precision_score": "precision",
    "recall_score": "recall",
    "jaccard_score": "jaccard",
    "roc_auc_score": "roc_auc",
    "average_precision_score": "average_precision",
    "log_loss": "log_loss",
    "brier_score_loss": "brier_score",
    "mean_absolute_error": "mean_absolute_error",
    "mean_squared_error": "mean_squared_error",
    "root_mean_squared_error": "root_mean_squared_error",
    "r2_score": "r2",
}
_LESS = ("_loss", "_error", "_deviance")  # how scikit-learn names losses
_COSTS = ("loss", "error", "deviance", "cost")
_REGRESSION = ("r2", "explained_variance", "_error", "_deviance", "pinball")
_ONE_CLASS = {"f1", "precision", "recall", "jaccard", "average_precision"}


@dataclass(frozen=True)
class Said:
    """Answers in the user's terms.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, k)
        Classes, values, or probabilities.
    classes : ndarray of shape (k,) or None
        The classes; None in regression.
    """

    values: Any
    classes: Any = None


@dataclass(frozen=True)
class Metric:
    """One metric: its name, which way is better, and how it is computed.

    Parameters
    ----------
    name : str
        As it is shown.
    rule : str or None
        The kernel; None where `call` is asked.
    sign : int
        What a kernel's value is multiplied with.
    greater : bool
        Whether more is better.
    soft : bool
        Whether it needs probabilities (or scores).
    weighted : bool
        Whether `call` takes weights.
    call : callable or None
        From truth, answer and weights (or None) to the value; classes are the
        user's own.
    assumed : bool
        Whether `greater` is read from the name of the user's own function.
    """

    name: str
    rule: str | None
    sign: int = 1
    greater: bool = True
    soft: bool = False
    weighted: bool = True
    call: Callable[..., float] | None = None
    assumed: bool = False

    @property
    def of_regression(self) -> bool | None:
        """Whether it is for values; None where that cannot be told."""
        rule = self.rule or self.name
        if rule in CONFUSION | RANKING or rule in {"log_loss", "brier_score"}:
            return False
        return True if any(part in rule for part in _REGRESSION) else None

    @property
    def one_class(self) -> bool:
        """Whether it is about the positive class, and needs to know which."""
        return self.rule in _ONE_CLASS

    @property
    def two_classes(self) -> bool:
        """Whether it is defined for two classes only."""
        return self.one_class or self.rule == "roc_auc"


def resolve_metrics(metrics: Any) -> list[Metric]:
    """Turn what the user gave into metrics.

    Parameters
    ----------
    metrics : str, callable, list of them, or dict from name to one
        Names of scorers or of functions of scikit-learn, functions of
        (y_true, y_pred), scorers.

    Returns
    -------
    metrics : list of Metric
        In the order given.

    Raises
    ------
    TypeError, ValueError
        For an unknown name, or the same name twice.
    """
    if isinstance(metrics, Mapping):
        pairs = [(str(name), metric) for name, metric in metrics.items()]
    elif isinstance(metrics, str) or callable(metrics):
        pairs = [("", metrics)]
    else:
        try:
            pairs = [("", metric) for metric in metrics]
        except TypeError:
            raise TypeError(
                f"metrics is a {type(metrics).__name__}; pass names of scikit-learn's "
                "scorers or functions of (y_true, y_pred), in a list or a dict"
            ) from None
    found = [_resolve(name, metric) for name, metric in pairs]
    names = [metric.name for metric in found]
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"metrics has the names {names}; pass at least one, each name once "
            "(a dict gives names: {'name': metric})"
        )
    return found


def _resolve(name: str, metric: Any) -> Metric:
    if isinstance(metric, str):
        return _by_name(name or metric, metric)
    if not callable(metric):
        raise TypeError(
            f"metric {metric!r} is a {type(metric).__name__}; pass the name of a "
            "scikit-learn scorer or a function of (y_true, y_pred)"
        )
    import sklearn.metrics

    for known in _FUNCTIONS:
        if getattr(sklearn.metrics, known) is metric:
            return _by_name(name or known, known)
    own = _name_of(metric)
    name = name or own
    parameters = list(inspect.signature(metric).parameters.values())
    if parameters and parameters[0].name in {"estimator", "est", "clf", "model"}:
        return _scorer(name, metric)
    return Metric(
        name,
        None,
        greater=not (own.endswith(_COSTS) or name.endswith(_COSTS)),
        assumed=not str(getattr(metric, "__module__", "")).startswith("sklearn."),
        weighted=any(p.name == "sample_weight" for p in parameters),
        call=lambda truth, said, weights: _quiet(metric, truth, said.values, weights),
    )


def _by_name(name: str, metric: str) -> Metric:
    import sklearn.metrics

    bare = metric.removeprefix("neg_")
    rule, sign = _FUNCTIONS.get(metric), 1
    if rule is None and (metric in CONFUSION | RANKING or metric == "r2"):
        rule = metric
    elif rule is None and bare != metric and bare in ROWWISE:
        rule, sign = bare, -1
    if rule is not None:
        lower = rule in ROWWISE and sign == 1
        soft = rule in RANKING or rule in {"log_loss", "brier_score"}
        return Metric(name, rule, sign, not lower, soft)
    if metric in sklearn.metrics.get_scorer_names():
        return _scorer(name, sklearn.metrics.get_scorer(metric))
    function = getattr(sklearn.metrics, metric, None)
    if inspect.isfunction(function) and metric.endswith(("_score", *_LESS)):
        return _resolve(name, function)
    raise ValueError(
        f"metric {metric!r} is no scorer of scikit-learn; see "
        "sklearn.metrics.get_scorer_names(), or pass a function of (y_true, y_pred)"
    )


def _scorer(name: str, scorer: Any) -> Metric:
    soft = getattr(scorer, "_response_method", "predict") not in ("predict", "default")
    inner = getattr(scorer, "_score_func", scorer)
    weighted = "sample_weight" in inspect.signature(inner).parameters

    def call(truth: Any, said: Said, weights: Any) -> float:
        given = _given(said, soft)

        def ask(y: Any, rows: Any, **more: Any) -> float:
            return float(scorer(given, rows, y, **more))

        return _quiet(ask, truth, np.arange(len(truth)).reshape(-1, 1), weights)

    return Metric(name, None, soft=soft, weighted=weighted, call=call)


def _quiet(metric: Any, truth: Any, answer: Any, weights: Any) -> float:
    """Call a metric without its warnings about classes that are not there."""
    more = {} if weights is None else {"sample_weight": weights}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(metric(truth, answer, **more))


class _Classifier(ClassifierMixin, BaseEstimator):
    """A classifier that gives back what was answered; X holds row numbers."""

    def __init__(self, said: Said | None = None) -> None:
        self.said = said

    def __sklearn_is_fitted__(self) -> bool:
        return True

    @property
    def classes_(self) -> Any:
        assert self.said is not None
        return self.said.classes

    def _take(self, X: Any) -> Any:
        assert self.said is not None
        return self.said.values[X[:, 0]]

    predict = _take


class _SoftClassifier(_Classifier):
    def predict_proba(self, X: Any) -> Any:
        return self._take(X)

    def predict(self, X: Any) -> Any:
        return self.classes_[self._take(X).argmax(axis=1)]


class _Regressor(RegressorMixin, BaseEstimator):
    def __init__(self, said: Said | None = None) -> None:
        self.said = said

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        assert self.said is not None
        return self.said.values[X[:, 0]]


def _given(said: Said, soft: bool) -> Any:
    if said.classes is None:
        return _Regressor(said)
    return _SoftClassifier(said) if soft else _Classifier(said)


def _name_of(metric: Any) -> str:
    inner = getattr(metric, "func", metric)  # functools.partial
    name = getattr(inner, "__name__", None)
    return str(name) if name else type(inner).__name__
