"""The folds of an importance report: one model each, every loss measured on it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline

from mlworkbench._validation import (
    as_frame,
    as_vector,
    check_choice,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.features import _importance_shap as shapley
from mlworkbench.features._importance_methods import (
    Fold,
    Subset,
    Task,
    conditional_losses,
    drop_losses,
    permutation_losses,
)

__all__ = [
    "METHODS",
    "Measure",
    "check_methods",
    "make_splits",
    "make_task",
    "some_rows",
]

METHODS = ("permutation", "drop", "shap")


class Measure:
    """Collects the losses, fold by fold."""

    def __init__(
        self,
        task: Task,
        groups: dict[Any, list[Any]],
        methods: tuple[str, ...],
        n_repeats: int,
        shap: Any,
        seed: int,
    ) -> None:
        self.task, self.groups, self.methods = task, groups, methods
        self.n_repeats, self.shap, self.seed = n_repeats, shap, seed
        self.shap_rows = 1
        joint: list[Subset] = [tuple(several) for several in groups.values()]
        self.several = [subset for subset in joint if len(subset) > 1]
        self.subsets = joint + [(c,) for subset in self.several for c in subset]
        self.losses: dict[str, list[dict[Subset, float]]] = {m: [] for m in methods}
        self.conditional: list[dict[Subset, float]] = []
        self.scores: list[float] = []
        self.shuffled: list[float] = []
        self.constant = False
        self.kinds: set[str] = set()

    def fold(self, number: int, train: Any, test: Any) -> None:
        """Fit one model and measure all that was asked for."""
        task = self.task
        X_test = task.X.iloc[test]
        model = task.fit(task.estimator, task.X.iloc[train], train)
        score = task.score(model, X_test, test)
        if np.isnan(score):
            raise ValueError(
                f"the score of fold {number} is NaN; see that its {len(test)} test "
                "rows hold every class, or take fewer folds"
            )
        fold = Fold(number, train, test, X_test, model, score)
        rng = np.random.default_rng([self.seed, number])
        orders = [rng.permutation(len(test)) for _ in range(self.n_repeats)]
        everything = tuple(task.X.columns)
        lost = permutation_losses(task, fold, [everything], orders)[everything]
        self.scores.append(score)
        self.shuffled.append(score - lost)
        if "permutation" in self.methods:
            found = permutation_losses(task, fold, self.subsets, orders)
            self.losses["permutation"].append(found)
            within = conditional_losses(task, fold, self.several, self.n_repeats, rng)
            self.conditional.append(found | within)
        if "drop" in self.methods:
            dropped, constant = drop_losses(task, fold, self.subsets)
            self.losses["drop"].append(dropped)
            self.constant |= constant
        if "shap" in self.methods:
            self.losses["shap"].append(self._shap(fold))

    def _shap(self, fold: Fold) -> dict[Subset, float]:
        rng = np.random.default_rng([self.seed, fold.number, 1])
        size = min(self.shap_rows, len(fold.test))
        rows = np.sort(rng.choice(len(fold.test), size, replace=False))
        size = min(shapley.BACKGROUND, len(fold.train))
        known = fold.train[np.sort(rng.choice(len(fold.train), size, replace=False))]
        values, kind = shapley.shap_values(
            self.shap,
            self.task,
            fold,
            fold.X_test.iloc[rows],
            self.task.X.iloc[known],
        )
        self.kinds.add(kind)
        weights = self.task.weights
        weight = None if weights is None else weights[fold.test[rows]]
        if weight is not None and not weight.any():
            weight = None
        place = {column: i for i, column in enumerate(self.task.X.columns)}
        return {
            subset: float(
                np.average(
                    np.abs(values[:, [place[c] for c in subset]].sum(axis=1)).sum(
                        axis=1
                    ),
                    weights=weight,
                )
            )
            for subset in self.subsets
        }


def check_methods(methods: Any) -> tuple[str, ...]:
    """Check names of methods; one name alone is allowed."""
    used = (methods,) if isinstance(methods, str) else tuple(methods)
    for method in used:
        check_choice(method, "a method", METHODS)
    if not used or len(set(used)) < len(used):
        raise ValueError(f"methods is {used}; name one or more of {METHODS}, each once")
    return used


def make_task(
    estimator: Any, X: Any, y: Any, scoring: Any, weights: Any, seed: int | None
) -> Task:
    """Check estimator, table and target."""
    if inspect.isclass(estimator) or not hasattr(estimator, "fit"):
        kind = estimator if inspect.isclass(estimator) else type(estimator)
        raise TypeError(
            f"estimator is {'the class' if kind is estimator else 'a'} "
            f"{kind.__name__}; pass an instance with fit and predict"
        )
    check_same_index(X=X, y=y, sample_weight=weights)
    if isinstance(X, list | tuple):
        X = np.asarray(X)
    arrays = isinstance(X, np.ndarray)
    frame = as_frame(X, "X")
    if not len(frame) or not frame.shape[1]:
        raise ValueError(
            f"X has {len(frame)} rows and {frame.shape[1]} columns; "
            "there is nothing to measure"
        )
    target = pd.Series(as_vector(y, "y")).infer_objects().to_numpy()
    check_same_length(X=frame, y=target)
    if pd.isna(target).any():
        row = int(np.argmax(pd.isna(target)))
        raise ValueError(f"y has missing values (first at row {row}); drop those rows")
    if is_classifier(estimator) and len(pd.unique(target)) < 2:
        only = target[:1].tolist()[0]
        raise ValueError(f"y has only the class {only!r}; pass two or more")
    given = None if weights is None else check_weights(weights, len(frame))
    scorer = check_scoring(estimator, scoring=scoring)
    if given is not None:
        _check_weighted(estimator, scoring)
    return Task(estimator, frame, target, given, scorer, arrays, seed)


def _check_weighted(estimator: Any, scoring: Any) -> None:
    """See that the score can take weights."""
    last = estimator
    while isinstance(last, Pipeline):
        last = last.steps[-1][1]
    score = last.score if scoring is None else scoring
    if isinstance(score, str) or not inspect.isroutine(score):
        return  # a scorer of scikit-learn's
    names = inspect.signature(score).parameters
    kinds = {parameter.kind for parameter in names.values()}
    search = "params" in names  # a search hands on what it cannot take
    if "sample_weight" in names or (
        inspect.Parameter.VAR_KEYWORD in kinds and not search
    ):
        return
    what = f"{type(last).__name__}.score" if scoring is None else "scoring"
    raise ValueError(
        f"sample_weight was given, and {what} does not take it; name a score, such as "
        "scoring='neg_log_loss' or 'r2', or leave the weights out"
    )


def some_rows(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Give a random part of a long table, in its order."""
    if len(frame) <= most:
        return frame
    rng = np.random.default_rng([seed, 7])
    return frame.iloc[np.sort(rng.choice(len(frame), most, replace=False))]


def make_splits(cv: Any, task: Task) -> list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Give the folds as row numbers; train and test share none."""
    splitter = check_cv(cv, task.y, classifier=is_classifier(task.estimator))
    every = np.arange(len(task.X))
    splits = []
    for number, (train, test) in enumerate(splitter.split(task.X, task.y)):
        train, test = (
            every[np.asarray(rows) if len(rows) else []] for rows in (train, test)
        )
        common = np.intersect1d(train, test)
        if len(common):
            raise ValueError(
                f"fold {number} has row {common[0]} in train and in test; importance "
                "needs rows that the model has not seen"
            )
        if not len(train) or not len(test):
            raise ValueError(f"fold {number} has no rows to fit on, or none to score")
        splits.append((train, test))
    if not splits:
        raise ValueError("cv gave no folds; pass a number of folds or a splitter")
    return splits
