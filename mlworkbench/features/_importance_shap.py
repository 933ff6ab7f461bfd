"""Shapley values of raw columns, by shap: trees fast, anything else by sampling."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mlworkbench._validation import FloatArray
from mlworkbench.features._importance_methods import Fold, Task

__all__ = ["load_shap", "shap_values"]

BACKGROUND = 20  # rows that stand for "not known" in the sampling explainer
ROUNDS = 2  # orders of the columns tried per row, each forwards and backwards


def load_shap() -> Any:
    """Import shap, None where it is not installed.

    Its import touches deprecated parts of matplotlib; those warnings are not
    the caller's.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("shap")
    except ImportError:
        return None


def shap_values(
    shap: Any, task: Task, fold: Fold, rows: pd.DataFrame, background: pd.DataFrame
) -> tuple[FloatArray, str]:
    """Explain rows of a fold.

    Returns
    -------
    values : ndarray of shape (n_rows, n_columns, n_outputs)
        Of two classes only the second is an output.
    kind : {"tree", "sampled"}
        Which explainer; a tree model of scikit-learn explains itself in its own
        units (log-odds for boosting), the other one in those of the prediction.
    """
    values = _from_trees(shap, task, fold, rows)
    kind = "tree"
    if values is None:
        values, kind = _sampled(shap, task, fold, rows, background), "sampled"
    if values.ndim == 2:
        values = values[:, :, None]
    return (values[:, :, 1:] if values.shape[2] == 2 else values), kind


def _from_trees(
    shap: Any, task: Task, fold: Fold, rows: pd.DataFrame
) -> FloatArray | None:
    """Use the tree explainer; None where model or preprocessing is not for it."""
    steps = fold.model.steps if isinstance(fold.model, Pipeline) else [("", fold.model)]
    head, final = [step for _, step in steps[:-1]], steps[-1][1]
    if np.any(getattr(final, "is_categorical_", None)):
        return None  # its splits on categories are unknown to shap
    origin: Any = np.arange(rows.shape[1])
    table = task.give(rows)
    for step in head:
        if step is None or step == "passthrough":
            continue
        found = _origins(step, table)
        if found is None:
            return None
        after = step.transform(table)
        if not _column_by_column(step, table, after, found):
            return None
        origin, table = origin[found], after
    if hasattr(table, "toarray"):
        table = table.toarray()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            explainer = shap.TreeExplainer(final)
            inner = np.asarray(explainer.shap_values(np.asarray(table, np.float64)))
    except Exception:  # shap has many reasons, and the other explainer none
        return None
    outer = np.zeros((len(rows), rows.shape[1], *inner.shape[2:]))
    for place, column in enumerate(origin):
        outer[:, column] += inner[:, place]
    return outer


def _origins(step: Any, table: Any) -> Any:
    """Give the input column of every output column, None where one has several."""
    names = [str(name) for name in getattr(table, "columns", range(table.shape[1]))]
    if not isinstance(step, ColumnTransformer):
        return _origins_of_one(step, names)
    places: list[int] = [-1] * sum(
        part.stop - part.start for part in step.output_indices_.values()
    )
    for name, transformer, _ in step.transformers_:
        part = step.output_indices_[name]
        if part.stop == part.start:
            continue
        inputs = step._transformer_to_input_indices[name]
        if transformer == "passthrough":
            found: Any = np.arange(len(inputs))
        else:
            found = _origins_of_one(transformer, [names[i] for i in inputs])
        if found is None or len(found) != part.stop - part.start:
            return None
        places[part] = [int(inputs[i]) for i in found]
    return np.asarray(places)


def _column_by_column(step: Any, table: Any, after: Any, origin: Any) -> bool:
    """See that every output depends on its own input column and row alone.

    The names do not tell: Normalizer and KNNImputer keep them and mix columns. So
    every column gets rows in an order of its own; the outputs must follow.
    """
    rng = np.random.default_rng(0)
    orders = [rng.permutation(table.shape[0]) for _ in range(table.shape[1])]
    if isinstance(table, pd.DataFrame):
        moved: Any = table.copy(deep=False)
        for column, order in zip(table.columns, orders, strict=True):
            moved[column] = table[column].array.take(order)
    else:
        inner = _dense(table)
        moved = np.column_stack([inner[o, i] for i, o in enumerate(orders)])
        moved = type(table)(moved) if hasattr(table, "toarray") else moved
    found, before = _dense(step.transform(moved)), _dense(after)
    rows = np.column_stack([orders[i] for i in origin])
    expected = np.take_along_axis(before, rows, axis=0)
    if found.dtype == object or expected.dtype == object:
        same = (found == expected) | (pd.isna(found) & pd.isna(expected))
        return bool(np.all(same))
    return bool(np.allclose(found, expected, equal_nan=True))


def _dense(table: Any) -> Any:
    return table.toarray() if hasattr(table, "toarray") else np.asarray(table)


def _origins_of_one(step: Any, names: list[str]) -> Any:
    """Trace outputs to inputs by their names, or where there is one input."""
    try:
        outputs = [str(name) for name in step.get_feature_names_out()]
    except (AttributeError, ValueError, TypeError):
        return None
    if len(names) == 1:
        return np.zeros(len(outputs), dtype=np.int64)
    if outputs == names or outputs == [f"x{i}" for i in range(len(names))]:
        return np.arange(len(names))
    if not hasattr(step, "categories_"):
        return None
    owners = [
        [i for i, n in enumerate(names) if out.startswith(f"{n}_")] for out in outputs
    ]
    if any(len(owner) != 1 for owner in owners):
        return None
    return np.asarray([owner[0] for owner in owners])


def _sampled(
    shap: Any, task: Task, fold: Fold, rows: pd.DataFrame, background: pd.DataFrame
) -> FloatArray:
    """Use the permutation explainer on row numbers, so that any column will do.

    Every cell is coded by the row it comes from; the prediction decodes it. So
    texts, dates and missing values are mixed like numbers.
    """
    both = pd.concat([background, rows], ignore_index=True)
    m, p = len(background), rows.shape[1]
    predict = _predictor(fold.model)

    def of_codes(codes: FloatArray) -> FloatArray:
        whole = np.rint(codes).astype(np.int64)
        mixed = {
            column: both[column].array.take(whole[:, place])
            for place, column in enumerate(both.columns)
        }
        frame = pd.DataFrame(mixed).astype(both.dtypes)
        return np.asarray(predict(task.give(frame)), dtype=np.float64)

    codes = np.repeat(np.arange(len(both), dtype=np.float64)[:, None], p, axis=1)
    before = np.random.get_state()  # noqa: NPY002 (shap seeds the global state)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            masker = shap.maskers.Independent(codes[:m], max_samples=m)
            explainer = shap.explainers.Permutation(of_codes, masker, seed=fold.number)
            found = explainer(codes[m:], max_evals=ROUNDS * (2 * p + 1), silent=True)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return np.asarray(found.values, dtype=np.float64)


def _predictor(model: Any) -> Any:
    if not is_classifier(model):
        return model.predict
    if hasattr(model, "predict_proba"):
        return model.predict_proba
    return model.decision_function
