"""One simulated round of asking for labels: fit, score, ask, again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import train_test_split

from mlworkbench._validation import FloatArray
from mlworkbench.labeling._queries import IntArray, select_queries


class OneClass(ClassifierMixin, BaseEstimator):
    """What can be learned from one class: that it is always that one."""

    def __init__(self, known: Any = None, classes: Any = None) -> None:
        self.known = known
        self.classes = classes

    def fit(self, X: Any, y: Any = None) -> OneClass:
        """Store the classes."""
        self.classes_ = self.classes
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Give 1 for the class known."""
        return np.tile((self.classes == self.known).astype(np.float64), (len(X), 1))

    def predict(self, X: Any) -> Any:
        """Give the class known."""
        return np.full(len(X), self.known, dtype=self.classes.dtype)


class AllClasses(ClassifierMixin, BaseEstimator):
    """A fitted model that also names the classes it has not seen, at 0."""

    def __init__(self, model: Any = None, classes: Any = None) -> None:
        self.model = model
        self.classes = classes

    def fit(self, X: Any, y: Any = None) -> AllClasses:
        """Store the classes; the model is fitted already."""
        self.classes_ = self.classes
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Give a column for every class there is."""
        result = np.zeros((len(X), len(self.classes)))
        seen = np.searchsorted(self.classes, self.model.classes_)
        result[:, seen] = self.model.predict_proba(X)
        return result

    def predict(self, X: Any) -> Any:
        """Give what the model gives."""
        return self.model.predict(X)


class Plan(NamedTuple):
    """What is the same in every repeat."""

    estimator: Any
    options: dict[str, dict[str, Any]]
    steps: list[int]
    scorer: Any
    classes: Any
    rarest: Any
    committee_size: int


def seeded(estimator: Any, rng: np.random.Generator) -> Any:
    """Clone with every `random_state` of None replaced by a seed."""
    copy = clone(estimator)
    seeds = {
        name: int(rng.integers(2**31))
        for name, value in sorted(copy.get_params(deep=True).items())
        if name.rpartition("__")[2] == "random_state" and value is None
    }
    return copy.set_params(**seeds)


def take(X: Any, rows: IntArray) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def split(X: Any, y: Any, n_pool: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Give the positions of the pool, and the test rows with their labels."""
    counts = np.unique(y, return_counts=True)[1]
    n_test = len(y) - n_pool
    possible = counts.min() >= 2 and min(n_pool, n_test) >= len(counts)
    pool, test = train_test_split(
        np.arange(len(y)),
        test_size=n_test,
        stratify=y if possible else None,
        random_state=int(rng.integers(2**31)),
    )
    return pool, (take(X, test), y[test])


def fit(plan: Plan, X: Any, y: Any) -> Any:
    """Fit the estimator, or say the one class there is."""
    seen = np.unique(y)
    if len(seen) == 1:
        return OneClass(known=y[0], classes=plan.classes).fit(X)
    model = clone(plan.estimator).fit(X, y)
    if len(seen) == len(plan.classes):
        return model
    return AllClasses(model, plan.classes).fit(X)


def run_once(
    plan: Plan,
    name: str,
    X: Any,
    y: Any,
    test: tuple[Any, Any],
    start: IntArray,
    seed: int,
) -> Iterator[dict[str, Any]]:
    """Run one strategy from the first labels to the budget."""
    # A generator of its own: what a strategy finds does not depend on the others.
    rng, options = np.random.default_rng(seed), plan.options[name]
    labeled, model = start, None
    for step in plan.steps:
        if step > len(labeled):
            asked = _ask(plan, options, model, X, y, labeled, step, rng)
            labeled = np.concatenate([labeled, asked])
        model = fit(plan, take(X, labeled), y[labeled])
        yield {
            "labels": step,
            "score": float(plan.scorer(model, *test)),
            "rarest_share": float(np.mean(y[labeled] == plan.rarest)),
        }


def _ask(
    plan: Plan,
    options: dict[str, Any],
    model: Any,
    X: Any,
    y: Any,
    labeled: IntArray,
    step: int,
    rng: np.random.Generator,
) -> IntArray:
    """Choose the rows that bring the labels up to `step`."""
    hidden = np.ones(len(y), dtype=bool)
    hidden[labeled] = False
    pool = np.flatnonzero(hidden)
    rows, strategy = take(X, pool), options["strategy"]
    if strategy == "random":
        y_prob = np.full((len(pool), len(plan.classes)), 1 / len(plan.classes))
    elif strategy == "committee":
        drawn = rng.choice(labeled, (plan.committee_size, len(labeled)))
        members = [fit(plan, take(X, bag), y[bag]) for bag in drawn]
        y_prob = np.stack([m.predict_proba(rows) for m in members])
    else:
        y_prob = model.predict_proba(rows)
    distances = options.get("diversity", 0) or strategy in ("density", "cluster_margin")
    queries = select_queries(
        y_prob,
        X=np.asarray(rows) if distances else None,
        X_labeled=np.asarray(take(X, labeled)) if distances else None,
        n=step - len(labeled),
        random_state=rng,
        **options,
    )
    return pool[queries.positions]
