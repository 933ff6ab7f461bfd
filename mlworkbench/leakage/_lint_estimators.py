"""Follow rows through splitters, estimators and scores."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import mlworkbench.leakage._lint_names as names
from mlworkbench.leakage._lint_parts import Parts
from mlworkbench.leakage._lint_values import Fit, Value, flat, joined

if TYPE_CHECKING:
    from mlworkbench.leakage._lint_tables import Given

__all__ = ["Estimators"]

_LEARNS = {"fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample"}
_LEARNS |= {"fit_sample", "fit_generator"}
_PREDICTS = {"predict", "predict_proba", "decision_function", "predict_log_proba"}
_PREDICTS |= {"predict_classes", "score_samples", "apply"}
_SCORES = {"score", "evaluate"}
_TRANSFORMERS = (
    *("Scaler", "Encoder", "Vectorizer", "Imputer", "Transformer"),
    *("Discretizer", "PCA", "SVD", "Selector"),
)


class Estimators(Parts):
    """Says what splitters, estimators and metrics give."""

    def is_maker(self, name: str) -> bool:
        """Say whether a function of that name makes an estimator."""
        return name in names.WRAPPERS or names.makes_model(name)

    def split(self, node: ast.Call, name: str, given: Given) -> Value:
        """Read `train_test_split`: two parts of every array."""
        parts: list[Value] = []
        frames = [value for value in given.positional if value.rows]
        key = str(self.place(node))
        for at, value in enumerate(frames):
            if at == 0 or at < len(frames) - 1:  # the last one is the target
                self.rules.split(value, self.place(node))
            sides = ["train", "test"]
            if name == "temporal_split":
                sides = ["train", "validation", "test"]
            if value.role in {"train", "validation"}:
                sides = ["train", "validation"]
            if value.role == "test" and name == "train_test_split":
                sides = ["validation", "test"]
            parts += self.halves(value, key, sides)
        for part in parts:
            self.rules.remember(part.rows, tuple(self.loops))
        return Value(items=parts)

    def folds(self, node: ast.Call, given: Given) -> Value:
        """Read `splitter.split(X)`: two sets of positions, per fold."""
        key = f"folds {self.place(node)}"
        for value in given.positional[:1]:
            self.rules.cross_validated(value, self.place(node))
        loops = tuple(self.loops)
        pair = []
        for role in ("train", "test"):
            step = self.split_step(key, role)
            pair.append(Value(step=step, role=role))
            self.rules.remember(frozenset({(step,)}), loops)
        return Value(items=pair, step=("folds", key))

    def cross_validate(self, node: ast.Call, given: Given) -> Value:
        """Read `cross_val_score` and its like."""
        model, X = given.get(0, "estimator"), given.get(1, "X")
        y = given.get(2, "y")
        place = self.place(node)
        if X.rows:
            self.rules.cross_validated(X, place)
            self.check_target(model, X, y, node)
        return Value(rows=X.rows, fits=X.all_fits, role=X.role, varies=model.varies)

    def check_target(self, model: Value, X: Value, y: Value, node: ast.Call) -> None:
        """Judge the features, unless the estimator picks its columns itself."""
        inside = {part.estimator for part in _all_parts(model)}
        pick = {"ColumnTransformer", "make_column_transformer", "TableVectorizer"}
        if not inside & pick:
            self.rules.target(X, y, self.place(node), "")

    def construct(self, name: str, given: Given, code: Value | None) -> Value:
        """Read a constructor: an estimator, a splitter, or a holder of rows."""
        if code is None or code.klass is None:
            rows = any(part.rows for value in given.all for part in flat(value))
            prefit = name in {"FrozenEstimator", "SelectFromModel"}
            if rows and not prefit and not names.is_estimator(name):
                return joined(given.all)
        parts = [part for value in given.all for part in flat(value)]
        models = [part for part in parts if part.estimator]
        varies: frozenset[int] = frozenset().union(*(part.varies for part in parts))
        frozen = name == "FrozenEstimator" or "prefit" in given.named
        fitted = [fit for model in models for fit in model.fitted] if frozen else []
        early = any("early_stop" in key for key in given.named)
        return Value(
            estimator=name,
            parts=models,
            varies=varies,
            early=early or any(model.early for model in models),
            fitted=frozenset(fitted),
        )

    def method(self, node: ast.Call, name: str, model: Value, given: Given) -> Value:
        """Read a method of an estimator."""
        X = given.get(0, "X", "x", "data", "raw_documents")
        if X.items and any(item.rows for item in X.items):
            X = joined([X])
        if name in {"split"} and model.estimator:
            return self.folds(node, given)
        if name in _LEARNS:
            return self.learn(node, name, model, X, given)
        if name in _PREDICTS or name in {"transform", "inverse_transform"}:
            role = "model" if name in _PREDICTS else "values"
            return self.apply(model, X, role)
        if name in _SCORES:
            return self.score(node, name, model, X)
        if name in {"set_params", "set_output", "compile", "clone", "to"}:
            model.varies |= joined(given.all).varies
            return model
        if name == "get_support":
            return Value(fits=self.learned(model, "values"), varies=model.varies)
        if name == "append" and given.positional:
            return Value()
        return joined([Value(varies=model.varies), *given.all])

    def learn(
        self, node: ast.Call, name: str, model: Value, X: Value, given: Given
    ) -> Value:
        """Read a fit, and what comes out of it."""
        what, kind, severity = self.judge(name, model)
        place = self.place(node)
        y = given.get(1, "y")
        settings = [value for value in given.named.values() if not value.rows]
        model.varies |= joined(settings).varies
        if y.rows and X.rows:
            self.check_target(model, X, y, node)
        if model.estimator in names.SEARCHES and X.rows:
            self.rules.cross_validated(X, place)
        if X.rows:
            fit = Fit(place, what, kind, X.rows, severity)
            new = frozenset({fit}) if severity else frozenset()
            kept = model.fitted if name == "partial_fit" else frozenset()
            model.own = new
            model.fitted = kept | new | X.all_fits | self.watched(node, model, given)
        if name in {"fit", "partial_fit", "fit_generator"}:
            if X.role == "test" and severity and self.only_transforms(model):
                self.rules.fitted_on_test(what, kind, severity, place)
            return model
        if X.role == "test" and severity and name == "fit_transform":
            self.rules.fitted_on_test(what, kind, severity, place)
        if name in {"fit_resample", "fit_sample"}:
            if X.role == "test":
                why_what = f"{what} on test rows"
                self.rules.fitted_on_test(why_what, "L3.3", severity, place)
            out = [
                value.copy(fits=value.fits | model.fitted, table=None)
                for value in given.positional
            ]
            return Value(items=out)
        role = "model" if name == "fit_predict" else "values"
        return self.apply(model, X, role)

    def boosted(self, node: ast.Call, given: Given) -> Value:
        """Read `xgb.train(params, data, ...)` and its like: a model, fitted."""
        model = Value(estimator="booster", varies=joined(given.all).varies)
        X = given.get(1, "dtrain", "train_set")
        self.learn(node, "fit", model, X, given)
        return model

    def only_transforms(self, model: Value) -> bool:
        """Say whether an estimator is a transformer by its name."""
        name = model.estimator or ""
        return name.endswith(_TRANSFORMERS) or names.is_selector(name)

    def judge(self, name: str, model: Value) -> tuple[str, str, str]:
        """Say what a fit is called, and how grave it would be."""
        what = f"{model.estimator}.{name}"
        parts = [part.estimator or "" for part in _all_parts(model)]
        leaves = [part for part in parts if part not in names.WRAPPERS]
        if any(names.is_selector(part) for part in parts):
            return what, "L1.3", "leak"
        if leaves and all(part in names.STATELESS for part in leaves):
            return what, "L1.2", ""
        calm = names.STATELESS | names.NAMES_ONLY
        if leaves and all(part in calm for part in leaves):
            return what, "L1.2", "note"
        return what, "L1.2", "leak"

    def watched(self, node: ast.Call, model: Value, given: Given) -> frozenset[Fit]:
        """Give the choice that early stopping makes on the rows it watches."""
        keys = ("eval_set", "validation_data", "evals", "valid_sets")
        shown = [given.named.get(key) for key in keys]
        rows = [part for value in shown if value for part in flat(value) if part.rows]
        rows = [part for part in rows if part.role != "train"]
        early = model.early or any("early_stop" in key for key in given.named)
        callbacks = [k.value for k in node.keywords if k.arg == "callbacks"]
        early = early or any("arly" in ast.unparse(node) for node in callbacks)
        named = flat(given.named.get("callbacks", Value()))
        made = [path[0][-1] for part in named for path in part.rows]
        made += [part.estimator or "" for part in named]
        early = early or any("arly" in name for name in made)
        if not rows or not early:
            return frozenset()
        held = joined(rows).rows
        fit = Fit(
            self.place(node), "early stopping", "L1.1", held, "leak", role="choice"
        )
        return frozenset({fit})

    def apply(self, model: Value, X: Value, role: str) -> Value:
        """Give what an estimator makes of rows."""
        if role == "values":
            fits = X.all_fits | self.learned(model, "values")
            return Value(rows=X.rows, fits=fits, role=X.role, varies=X.varies)
        fits = X.all_fits | self.as_model(model)
        return Value(rows=X.rows, fits=fits, role=X.role, varies=model.varies)

    def as_model(self, model: Value) -> frozenset[Fit]:
        """Give the lessons of a model that predicts: its own fit, and the rest."""
        found = set()
        for fit in model.fitted:
            if fit in model.own and fit.role == "values":
                fit = Fit(fit.place, fit.what, "L1.1", fit.rows, "leak", "model")
            found.add(fit)
        return frozenset(found)

    def score(self, node: ast.Call, name: str, model: Value, X: Value) -> Value:
        """Read `model.score(X, y)`."""
        fits = X.all_fits | self.as_model(model)
        return self.judged(node, f"{model.estimator}.{name}", fits, X, model.varies)

    def metric(self, node: ast.Call, name: str, given: Given) -> Value:
        """Read `metric(y_true, y_pred)`, or a scorer with a model in it."""
        model = next((value for value in given.all if value.estimator), None)
        values = [value for value in given.all if value.rows]
        if not values:
            return joined(given.all)
        if model is not None:
            return self.score(node, name, model, values[0])
        roles = {value.role for value in values}
        both = joined(values)
        if "test" in roles:
            both.role = "test"
        elif roles & {"train", "validation"}:
            both.role = "train" if "train" in roles else "validation"
        predicted = values[1] if len(values) > 1 else values[0]
        first = given.get(1, "y_pred", "y_score", "y_proba")
        predicted = first if first.rows else predicted
        goal = given.get(0, "y_true", "y_test")
        if predicted is goal:
            return joined(values)
        redrawn = self.rules.redrawn(both.rows)
        both.rows = predicted.rows
        varies = frozenset[int]() if redrawn else predicted.varies
        return self.judged(node, name, predicted.all_fits, both, varies)

    def judged(
        self,
        node: ast.Call,
        name: str,
        fits: frozenset[Fit],
        X: Value,
        varies: frozenset[int],
    ) -> Value:
        """Judge a score, and give it: what is chosen by it knows its rows."""
        place = self.place(node)
        self.rules.scored(fits, X, place, tuple(self.loops), varies)
        if X.role != "test":
            return Value(varies=varies)
        what = f"choice by {name}"
        choice = Fit(place, what, "L1.1", X.rows, "leak", role="choice")
        return Value(fits=frozenset({choice}), varies=varies)


def _all_parts(model: Value) -> list[Value]:
    return [model, *(deep for part in model.parts for deep in _all_parts(part))]
