"""How much worse a model gets without a column: shuffled, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.validation import has_fit_parameter

from mlworkbench._validation import FloatArray
from mlworkbench.features._correlated_groups import coded

__all__ = ["Fold", "Task", "conditional_losses", "drop_losses", "permutation_losses"]

IntArray = npt.NDArray[np.int64]
Subset = tuple[Any, ...]
# Parameters that name columns by position or label: a column cannot just go.
_NAMING = {
    "categorical_features",
    "cols",
    "columns",
    "interaction_cst",
    "monotonic_cst",
    "variables",
}


@dataclass(frozen=True)
class Task:
    """What stays the same in all folds."""

    estimator: Any
    X: pd.DataFrame
    y: npt.NDArray[Any]
    weights: FloatArray | None
    scorer: Any
    arrays: bool  # whether the caller gave an array
    seed: int | None

    def give(self, frame: pd.DataFrame) -> Any:
        """Give rows in the kind of container that the caller passed."""
        return frame.to_numpy() if self.arrays else frame

    def fit(self, estimator: Any, frame: pd.DataFrame, rows: IntArray) -> Any:
        """Fit a clone; the same seeds in every fit."""
        model = clone(estimator)
        if self.seed is not None:
            unset = [
                name
                for name, value in model.get_params(deep=True).items()
                if value is None and name.rpartition("__")[2] == "random_state"
            ]
            model.set_params(**dict.fromkeys(sorted(unset), self.seed))
        weight = {}
        if self.weights is not None and (name := weight_parameter(model)):
            weight = {name: self.weights[rows]}
        return model.fit(self.give(frame), self.y[rows], **weight)

    def score(self, model: Any, frame: pd.DataFrame, rows: IntArray) -> float:
        """Score a fitted model; greater is better."""
        weight = {}
        if self.weights is not None:
            weight = {"sample_weight": self.weights[rows]}
        return float(self.scorer(model, self.give(frame), self.y[rows], **weight))


@dataclass(frozen=True)
class Fold:
    """One fold with its model, and its score on the rows held out."""

    number: int
    train: IntArray
    test: IntArray
    X_test: pd.DataFrame
    model: Any
    score: float


def weight_parameter(model: Any) -> str | None:
    """Give the name under which `fit` takes weights, None where it does not."""
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = weight_parameter(last)
        return None if inner is None else f"{name}__{inner}"
    return "sample_weight" if has_fit_parameter(model, "sample_weight") else None


def permutation_losses(
    task: Task, fold: Fold, subsets: Sequence[Subset], orders: Sequence[IntArray]
) -> dict[Subset, float]:
    """Shuffle the columns of each subset together; give the mean loss of score."""
    return {
        subset: float(
            np.mean(
                [_loss(task, fold, _moved(fold, subset, order)) for order in orders]
            )
        )
        for subset in subsets
    }


def conditional_losses(
    task: Task,
    fold: Fold,
    groups: Sequence[Subset],
    n_repeats: int,
    rng: np.random.Generator,
) -> dict[Subset, float]:
    """Shuffle a column among rows that are alike in the rest of its group.

    A small tree predicts the (ranked) column from the others of its group; rows
    in one leaf are alike.
    """
    losses = {}
    for group in groups:
        for column in group:
            leaf = _leaves(fold.X_test, column, [c for c in group if c != column])
            start = np.lexsort((np.arange(len(leaf)), leaf))
            found = []
            for _ in range(n_repeats):
                order = np.empty(len(leaf), dtype=np.int64)
                order[start] = np.lexsort((rng.random(len(leaf)), leaf))
                found.append(_loss(task, fold, _moved(fold, (column,), order)))
            losses[(column,)] = float(np.mean(found))
    return losses


def _leaves(frame: pd.DataFrame, column: Any, others: list[Any]) -> IntArray:
    target = coded(frame[column])[0]
    known = np.column_stack([coded(frame[name])[0] for name in others])
    known = np.where(np.isinf(known), np.nan, known)
    ranks = pd.Series(target).rank().fillna(0.0).to_numpy()
    smallest = max(10, len(frame) // 50)
    tree = DecisionTreeRegressor(min_samples_leaf=smallest, random_state=0)
    return np.asarray(tree.fit(known, ranks).apply(known), dtype=np.int64)


def _moved(fold: Fold, subset: Subset, order: IntArray) -> pd.DataFrame:
    frame = fold.X_test.copy(deep=False)
    for column in subset:
        frame[column] = frame[column].array.take(order)
    return frame


def _loss(task: Task, fold: Fold, frame: pd.DataFrame) -> float:
    return fold.score - task.score(fold.model, frame, fold.test)


def drop_losses(
    task: Task, fold: Fold, subsets: Sequence[Subset]
) -> tuple[dict[Subset, float], bool]:
    """Refit without the columns of each subset; give the loss of score.

    Also says whether a column had to be made constant, because the estimator
    names its columns or none would have been left.
    """
    losses, constant = {}, False
    for subset in subsets:
        score = _score_without(task, fold, subset)
        if score is None:
            constant = True
            train = _constant(task.X.iloc[fold.train], task, fold, subset)
            test = _constant(fold.X_test, task, fold, subset)
            model = task.fit(task.estimator, train, fold.train)
            score = task.score(model, test, fold.test)
        losses[subset] = fold.score - score
    return losses, constant


def _score_without(task: Task, fold: Fold, subset: Subset) -> float | None:
    """Score a model that never saw the columns; None where that cannot be."""
    kept = [column for column in task.X.columns if column not in set(subset)]
    estimator = clone(task.estimator)
    if not kept or not _strike_out(estimator, list(task.X.columns), kept):
        return None
    frame = task.X.iloc[fold.train][kept]
    if not all(isinstance(name, str) for name in kept):
        frame = frame.set_axis(range(len(kept)), axis=1)
    try:
        model = task.fit(estimator, frame, fold.train)
        test = fold.X_test[kept].set_axis(frame.columns, axis=1)
        return task.score(model, test, fold.test)
    except (AttributeError, ValueError, LookupError, TypeError):
        return None


def _strike_out(estimator: Any, columns: list[Any], kept: list[Any]) -> bool:
    """Take columns out of a first ColumnTransformer; False where names remain."""
    first = estimator
    while isinstance(first, Pipeline) and first.steps:
        first = first.steps[0][1]
    if isinstance(first, ColumnTransformer):
        parts = []
        for name, transformer, chosen in first.transformers:
            if callable(chosen):
                parts.append((name, transformer, chosen))
                continue
            labels = _labels(chosen, columns)
            if labels is None:
                return False
            left = [label for label in labels if label in kept]
            if not all(isinstance(label, str) for label in columns):
                left = [kept.index(label) for label in left]
            if left:  # a label alone gives the transformer a vector
                one = isinstance(chosen, str | int | np.integer)
                parts.append((name, transformer, left[0] if one else left))
        if not parts and first.remainder == "drop":
            return False
        first.transformers = parts
    for name, value in estimator.get_params(deep=True).items():
        if isinstance(value, ColumnTransformer) and value is not first:
            return False
        named = name.rpartition("__")[2] in _NAMING and value is not None
        if named and not isinstance(value, str) and not callable(value):
            return False
    return True


def _labels(chosen: Any, columns: list[Any]) -> list[Any] | None:
    """Give the labels that a ColumnTransformer's choice of columns stands for."""
    if isinstance(chosen, slice):
        ends = (chosen.start, chosen.stop)
        if any(isinstance(end, str) for end in ends):
            return None
        return columns[chosen]
    one = isinstance(chosen, str | int | np.integer)
    several: list[Any] = [chosen] if one else list(chosen)
    if several and all(isinstance(item, bool | np.bool_) for item in several):
        return [c for c, is_in in zip(columns, several, strict=True) if is_in]
    if all(isinstance(item, str) for item in several):
        return several
    if all(isinstance(item, int | np.integer) for item in several):
        return [columns[item] for item in several]
    return None


def _constant(
    frame: pd.DataFrame, task: Task, fold: Fold, subset: Subset
) -> pd.DataFrame:
    """Give every row of the columns one typical value of the training rows."""
    frame = frame.copy(deep=False)
    for column in subset:
        values = pd.Series(task.X[column].iloc[fold.train]).dropna()
        place = 0
        if len(values) and pd.api.types.is_numeric_dtype(values.dtype):
            place = int(np.argsort(values.to_numpy(), kind="stable")[len(values) // 2])
        elif len(values):
            codes, _ = pd.factorize(values)
            place = int(np.argmax(codes == np.bincount(codes).argmax()))
        source = values if len(values) else task.X[column].iloc[fold.train]
        frame[column] = source.array.take(np.full(len(frame), place))
    return frame
