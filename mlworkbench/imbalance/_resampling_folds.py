"""The engine of `compare_resampling`: one remedy, one fold, nothing leaks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv

from mlworkbench._stats import calibration_line
from mlworkbench._validation import FloatArray

__all__ = ["Remedy", "Task", "check_estimator", "check_splits", "run_fold"]

IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Remedy:
    """What is tried: an estimator, and a sampler before it or None."""

    name: str
    estimator: Any
    sampler: Any = None


@dataclass(frozen=True, eq=False)
class Task:
    """The rows and how to judge; X is a frame, an array or a csr matrix."""

    X: Any
    y: npt.NDArray[Any]
    positive: BoolArray
    label: Any
    quiet: FloatArray  # what it costs to say no in each row
    alarm: FloatArray  # and to say yes
    groups: npt.NDArray[Any] | None
    before: str | None
    threshold_cv: int
    seeds: tuple[int, ...] | None

    def take(self, rows: IntArray) -> Any:
        """Give those rows of X, a frame for a frame."""
        return self.X.iloc[rows] if isinstance(self.X, pd.DataFrame) else self.X[rows]


@dataclass(frozen=True, eq=False)
class _Fitted:
    head: Any  # fitted steps before the sampler, or None
    model: Any
    rows: int
    copies: int  # rows of the sampler that are rows of the test part
    seconds: float

    def predict(self, X: Any, label: Any) -> FloatArray:
        X = X if self.head is None else self.head.transform(X)
        column = list(self.model.classes_).index(label)
        return np.asarray(self.model.predict_proba(X)[:, column], dtype=np.float64)


def check_estimator(estimator: Any, before: str | None) -> None:
    """Check that there are probabilities, and the step to resample before."""
    if isinstance(estimator, type):
        name = estimator.__name__
        raise TypeError(f"estimator is the class {name}; pass an instance, {name}()")
    kind = type(estimator).__name__
    if not hasattr(estimator, "predict_proba"):
        raise TypeError(
            f"estimator is a {kind} without predict_proba; pass a classifier that "
            "gives probabilities"
        )
    steps = [name for name, _ in getattr(estimator, "steps", [])]
    if before is not None and before not in steps:
        raise ValueError(
            f"before is {before!r}; pass the name of a step of the pipeline: {steps}"
        )


def check_splits(
    cv: Any, X: Any, y: npt.NDArray[Any], positive: BoolArray, groups: Any
) -> list[tuple[IntArray, IntArray]]:
    """Give the folds as row numbers; train and test may share no row."""
    splits = []
    if groups is not None and (cv is None or isinstance(cv, int | np.integer)):
        # A plain number would cut through the groups.
        cv = StratifiedGroupKFold(5 if cv is None else cv)
    for fold, parts in enumerate(check_cv(cv, y, classifier=True).split(X, y, groups)):
        train, test = (np.arange(len(y))[np.asarray(part)] for part in parts)
        check_apart(train, test, f"fold {fold}")
        for name, rows in (("training", train), ("test", test)):
            if not 0 < positive[rows].sum() < len(rows):
                raise ValueError(
                    f"the {name} part of fold {fold} has {positive[rows].sum()} "
                    f"positive of {len(rows)} rows; every part needs both classes: "
                    "use fewer folds, or stratified ones"
                )
        splits.append((train, test))
    if not splits:
        raise ValueError("cv gives no fold; pass a number of folds or a splitter")
    return splits


def check_apart(train: IntArray, test: IntArray, where: str) -> None:
    """Stop when rows of the test part are about to be learned from."""
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"{where}: {len(both)} row(s) are in the test part and among the rows to "
            f"resample and learn from (first: row {both[0]}); the scores would be "
            "flattered. Make the parts disjoint"
        )


def run_fold(
    task: Task, remedy: Remedy, fold: int, train: IntArray, test: IntArray
) -> dict[str, Any]:
    """Resample and fit on `train`, judge on `test`: one row of the result.

    What goes wrong with a sampler becomes the text in `problem`.
    """
    row: dict[str, Any] = {"fold": fold, "remedy": remedy.name}
    row |= {"n_train": len(train), "n_test": len(test), "problem": ""}
    try:
        fitted = _fit(task, remedy, fold, train, test)
        prob = fitted.predict(task.take(test), task.label)
    except _SamplerError as error:
        return row | {"problem": str(error)}
    threshold = float("nan")
    try:
        threshold = _tuned_threshold(task, remedy, fold, train)
    except _SamplerError as error:
        row["problem"] = f"no best threshold: {error}"
    row |= {"rows": fitted.rows, "test_rows_returned": fitted.copies}
    row |= {"threshold": threshold, "fit_seconds": fitted.seconds}
    prices = task.quiet[test], task.alarm[test]
    return row | judge(task.positive[test], prob, threshold, *prices)


class _SamplerError(Exception):
    """The sampler, or the fit on what it returned, did not work."""


def _fit(
    task: Task, remedy: Remedy, fold: int, train: IntArray, test: IntArray
) -> _Fitted:
    """Fit on `train`; `test` is looked at only to catch a leak."""
    start = time.perf_counter()
    estimator = _seeded(clone(remedy.estimator), task, fold)
    head, model = _split_pipeline(estimator, task.before)
    X, y = task.take(train), task.y[train]
    if head is not None:
        X = head.fit(X, y).transform(X)
    if remedy.sampler is None:
        model.fit(X, y)
        return _Fitted(head, model, len(y), 0, time.perf_counter() - start)
    try:
        X_new, y_new = _resample(task, remedy, fold, X, train, test)
        model.fit(X_new, y_new)
    except _LeakError:
        raise
    except Exception as error:
        raise _SamplerError(f"{type(error).__name__}: {error}") from error
    seconds = time.perf_counter() - start
    X_test = task.take(test)
    copies = _copies(X_new, X, X_test if head is None else head.transform(X_test))
    return _Fitted(head, model, len(y_new), copies, seconds)


class _LeakError(ValueError):
    """A row of the test part was about to reach the sampler."""


def _resample(
    task: Task, remedy: Remedy, fold: int, X: Any, train: IntArray, test: IntArray
) -> tuple[Any, npt.NDArray[Any]]:
    """Give the training rows, and no other, to a clone of the sampler."""
    try:
        check_apart(train, test, f"fold {fold}, {remedy.name}")
    except ValueError as error:
        raise _LeakError(str(error)) from None
    sampler = _seeded(clone(remedy.sampler), task, fold)
    X_new, y_new = sampler.fit_resample(X, task.y[train])[:2]
    y_new = np.asarray(y_new)
    found = pd.Series(y_new).unique().tolist()
    if len(found) < 2:
        raise ValueError(f"only the class(es) {found} are left after resampling")
    return X_new, y_new


def _seeded(estimator: Any, task: Task, fold: int) -> Any:
    """Fill in every `random_state` that is None, where a seed was given."""
    if task.seeds is not None:
        unset = [
            name
            for name, value in estimator.get_params(deep=True).items()
            if value is None and name.rpartition("__")[2] == "random_state"
        ]
        estimator.set_params(**dict.fromkeys(unset, task.seeds[fold]))
    return estimator


def _split_pipeline(estimator: Any, before: str | None) -> tuple[Any, Any]:
    """Give the steps before the sampler (None: there are none) and the rest."""
    if before is None:
        return None, estimator
    place = [name for name, _ in estimator.steps].index(before)
    return (estimator[:place] if place else None), estimator[place:]


def _copies(X_new: Any, X_train: Any, X_test: Any) -> int:
    """Count rows of the sampler that equal test rows and no training row."""
    if sparse.issparse(X_new) or sparse.issparse(X_test):
        return 0
    new, train, test = (_hashes(X) for X in (X_new, X_train, X_test))
    return int((np.isin(new, test) & ~np.isin(new, train)).sum())


def _hashes(X: Any) -> npt.NDArray[np.uint64]:
    """Give one number per row, equal for equal values whatever their type."""
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    plain = [
        column.to_numpy(dtype="float64", na_value=np.nan) + 0.0  # no -0.0
        if pd.api.types.is_numeric_dtype(column)
        else column.astype(str).to_numpy()
        for column in columns
    ]
    table = pd.DataFrame(dict(enumerate(plain)))
    return np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)


def _tuned_threshold(task: Task, remedy: Remedy, fold: int, train: IntArray) -> float:
    """Choose the cheapest threshold on out-of-fold predictions within `train`."""
    seed = 0 if task.seeds is None else task.seeds[fold]
    kind = StratifiedKFold if task.groups is None else StratifiedGroupKFold
    inner = kind(task.threshold_cv, shuffle=True, random_state=seed)
    groups = None if task.groups is None else task.groups[train]
    prob = np.full(len(train), np.nan)
    positive, splits = task.positive[train], []
    if min(positive.sum(), (~positive).sum()) >= task.threshold_cv:
        splits = list(inner.split(train, positive, groups))
    if not splits or any(len(set(positive[learn])) < 2 for learn, _ in splits):
        raise ValueError(
            f"fold {fold} has too few rows of a class (or too few groups with it) "
            f"for threshold_cv={task.threshold_cv} inner folds; lower threshold_cv"
        )
    for learn, hold in splits:
        fitted = _fit(task, remedy, fold, train[learn], train[hold])
        prob[hold] = fitted.predict(task.take(train[hold]), task.label)
    return best_threshold(prob, task.quiet[train], task.alarm[train])


def best_threshold(prob: FloatArray, quiet: FloatArray, alarm: FloatArray) -> float:
    """Give the threshold with the least cost, halfway between two probabilities.

    A row is called positive when its probability reaches the threshold. Of
    equal costs the highest threshold wins (fewest alarms). O(n log n).
    """
    order = np.argsort(-prob, kind="stable")
    p = prob[order]
    total = np.concatenate(([0.0], np.cumsum((alarm - quiet)[order])))
    cuts = np.concatenate(([0], np.flatnonzero(np.diff(p)) + 1, [len(p)]))
    scale = max(float(np.abs(total).max()), 1e-300)
    best = cuts[np.argmin(np.round(total[cuts] / scale, 12))]
    if best == 0:
        return float(max((p[0] + 1) / 2, np.nextafter(p[0], 2)))
    return 0.0 if best == len(p) else float((p[best - 1] + p[best]) / 2)


def judge(
    positive: BoolArray,
    prob: FloatArray,
    threshold: float,
    quiet: FloatArray,
    alarm: FloatArray,
) -> dict[str, float]:
    """Give every number that a row of the report has."""
    slope, intercept = calibration_line(positive, prob)

    def cost(at: float) -> float:
        return float(np.where(prob >= at, alarm, quiet).mean())

    return {
        "pr_auc": float(average_precision_score(positive, prob)),
        "roc_auc": float(roc_auc_score(positive, prob)),
        "cost": cost(0.5),
        "cost_best_threshold": float("nan") if np.isnan(threshold) else cost(threshold),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "mean_probability": float(prob.mean()),
        "event_rate": float(positive.mean()),
    }
