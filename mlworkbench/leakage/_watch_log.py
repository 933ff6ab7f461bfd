"""What was seen: fits, splits and looks at rows, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlworkbench.leakage._watch_where import Where

__all__ = ["Fit", "Log", "Look", "Split", "inside", "role_of", "validation_pairs"]

# These learn nothing from the rows but names, shapes or types.
_HARMLESS = {
    "Binarizer",
    "ColumnSelector",
    "FeatureHasher",
    "FunctionTransformer",
    "GaussianRandomProjection",
    "HashingVectorizer",
    "LabelBinarizer",
    "LabelEncoder",
    "MultiLabelBinarizer",
    "Normalizer",
    "PolynomialFeatures",
    "SparseRandomProjection",
}


@dataclass
class Fit:
    """A fit: who, on which rows, made of the outputs of which other fits."""

    number: int
    name: str
    role: str
    ids: Any
    made_by: frozenset[int]
    where: Where
    hashes: Any = None
    supervised: bool = False
    sure: bool = True


@dataclass
class Split:
    """A split: the rows of both sides."""

    number: int
    name: str
    train: Any
    test: Any
    made_by: frozenset[int]
    where: Where


@dataclass
class Look:
    """Rows that were predicted or scored, with the fits that took part."""

    number: int
    name: str
    model: str
    ids: Any
    own: frozenset[int]
    made_by: frozenset[int]
    where: Where
    scored: bool
    again: bool = False
    hashes: Any = None
    cross: bool = False
    sure: bool = True

    @property
    def key(self) -> int:
        """The same for the same rows."""
        return hash(np.sort(self.ids).tobytes())


@dataclass
class Log:
    """Everything that was seen, and what could not be."""

    fits: dict[int, Fit] = field(default_factory=dict)
    splits: list[Split] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    troubles: dict[str, None] = field(default_factory=dict)
    number: int = 0

    def tick(self) -> int:
        """Give a number to the next event."""
        self.number += 1
        return self.number

    def asks_again(self, look: Look) -> bool:
        """Tell whether a library asks again and again within one call."""
        if look.where.direct or not self.looks:
            return False
        last = self.looks[-1].where
        return not last.direct and last == look.where

    def chain(self, fits: frozenset[int]) -> Iterator[Fit]:
        """Give these fits, and those that made what they were fitted on."""
        todo, seen = list(fits), set()
        while todo:
            number = todo.pop()
            if number in seen or number not in self.fits:
                continue
            seen.add(number)
            yield self.fits[number]
            todo += self.fits[number].made_by


def inside(one: Any, other: Any) -> Any:
    """Tell for each row whether it is among the others."""
    return np.isin(one, other)


def role_of(estimator: Any, method: str) -> str:
    """Tell what a fit is for: "harmless", "resampler", "selector", ..."""
    names = {cls.__name__ for cls in type(estimator).__mro__}
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps and not hasattr(estimator, "predict"):
        roles = {role_of(step[1], method) for step in steps}
        for role in ("selector", "transformer"):
            if role in roles:
                return role
        return "harmless"
    if names & _HARMLESS or estimator is None or estimator == "passthrough":
        return "harmless"
    if hasattr(estimator, "fit_resample"):
        return "resampler"
    if "SelectorMixin" in names and "RFE" not in names:
        return "selector"
    if "SelectorMixin" in names:
        return "selector"
    if "BaseSearchCV" in names or "BaseThresholdClassifier" in names:
        return "search"
    if hasattr(estimator, "transform") and not hasattr(estimator, "predict"):
        return "transformer"
    return "model"


def validation_pairs(given: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Give the tables, with their targets, that tell a fit when to stop."""
    if given.get("X_val") is not None:
        yield given["X_val"], given.get("y_val")
    sets = given.get("eval_set")
    for pair in sets if isinstance(sets, list) else [sets]:
        if isinstance(pair, tuple) and len(pair) == 2:
            yield pair
