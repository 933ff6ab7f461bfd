"""The pipelines that `compare_imputation` puts in competition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

__all__ = ["Strategy", "as_plain", "named_imputers", "native", "strategy"]

_LEVELS = 20
_SIMPLE = ("mean", "median", "most_frequent")


@dataclass(frozen=True, eq=False)
class Strategy:
    """A way to treat gaps: a pipeline, and whether rows with gaps are dropped."""

    name: str
    pipeline: Pipeline
    drop: bool = False


def as_plain(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Any], list[Any]]:
    """Give numbers as floats and the rest as objects, with NaN for every gap."""
    columns: dict[Any, Any] = {}
    numbers, others = [], []
    for name in frame.columns:
        column = frame[name]
        gaps = column.isna().to_numpy()
        if pd.api.types.is_datetime64_any_dtype(
            column.dtype
        ) or pd.api.types.is_timedelta64_dtype(column.dtype):
            seconds = column.astype("int64").to_numpy(dtype=np.float64)
            columns[name] = np.where(gaps, np.nan, seconds)
        elif pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            text = column.astype(str).to_numpy(dtype=object)
            text[gaps] = np.nan
            columns[name] = pd.Series(text, index=frame.index, dtype=object)
            others.append(name)
            continue
        numbers.append(name)
    return pd.DataFrame(columns, index=frame.index), numbers, others


def named_imputers(imputers: Any) -> dict[str, Any]:
    """Give imputers by name; those of a list are called like their class."""
    if isinstance(imputers, Mapping):
        named = [(str(name), value) for name, value in imputers.items()]
    elif isinstance(imputers, str) or not isinstance(imputers, Iterable):
        named = [(_name(imputers), imputers)]
    else:
        named = [(_name(value), value) for value in imputers]
    if not named:
        raise ValueError("imputers is empty; pass at least one, e.g. ['mean']")
    for name, value in named:
        simple = isinstance(value, str) and value in _SIMPLE
        if not simple and (isinstance(value, type) or not hasattr(value, "transform")):
            raise TypeError(
                f"the imputer {name!r} is {value!r}; pass an instance with fit and "
                f"transform, or one of {', '.join(_SIMPLE)}"
            )
    names = [name for name, _ in named]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"imputers has names twice: {twice}; pass a dict with names")
    return {
        name: SimpleImputer(strategy=value) if isinstance(value, str) else value
        for name, value in named
    }


def strategy(
    name: str,
    imputer: Any,
    indicator: bool,
    estimator: Any,
    numbers: list[Any],
    others: list[Any],
    drop: bool = False,
) -> Strategy:
    """Fill gaps, encode categories, then the estimator."""
    tool = clone(imputer)
    known = tool.get_params(deep=False)
    fixed = {"keep_empty_features": True, "add_indicator": False}
    tool.set_params(**{key: value for key, value in fixed.items() if key in known})
    parts = []
    if numbers:
        # IterativeImputer that keeps empty features writes into its input, and
        # pandas locks what it hands out.
        own = FunctionTransformer(_own_copy)
        parts.append(("numbers", Pipeline([("copy", own), ("fill", tool)]), numbers))
    if others:
        steps = [("fill", _most_frequent()), ("encode", _one_hot())]
        parts.append(("categories", Pipeline(steps), others))
    if indicator:
        gaps = MissingIndicator(features="all", error_on_new=False)
        parts.append(("gaps", gaps, [*numbers, *others]))
    return Strategy(name, _pipeline(parts, estimator), drop)


def native(
    name: str, estimator: Any, numbers: list[Any], others: list[Any]
) -> Strategy:
    """Leave gaps in numbers as they are; a gap in a category is a level."""
    parts: list[tuple[str, Any, list[Any]]] = []
    if numbers:
        parts.append(("numbers", "passthrough", numbers))
    if others:
        parts.append(("categories", _one_hot(), others))
    return Strategy(name, _pipeline(parts, estimator))


def _pipeline(parts: list[tuple[str, Any, list[Any]]], estimator: Any) -> Pipeline:
    table = ColumnTransformer(parts, sparse_threshold=0.0)
    return Pipeline([("prepare", table), ("model", clone(estimator))])


def _own_copy(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    return np.array(table, dtype=np.float64)


def _most_frequent() -> SimpleImputer:
    return SimpleImputer(strategy="most_frequent", keep_empty_features=True)


def _one_hot() -> OneHotEncoder:
    return OneHotEncoder(
        max_categories=_LEVELS,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    )


def _name(imputer: Any) -> str:
    return imputer if isinstance(imputer, str) else type(imputer).__name__
