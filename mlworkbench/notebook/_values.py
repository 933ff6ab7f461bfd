"""Any answer as one plain array, so that equal values compare equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Values", "as_values", "is_table"]

WORDS = {
    "number": ("a number", "numbers"),
    "bool": ("True or False", "True and False"),
    "text": ("a text", "texts"),
    "date": ("a date", "dates"),
    "other": ("a value", "values of mixed kinds"),
}


@dataclass(frozen=True, eq=False)
class Values:
    """An array with its kind; `index` where the values carried labels."""

    kind: str
    array: npt.NDArray[Any]
    index: pd.Index | None = None
    name: Any = None
    whole: bool = False

    @property
    def is_single(self) -> bool:
        """Whether there is exactly one value, however it was wrapped."""
        return self.array.size == 1

    @property
    def words(self) -> str:
        """What this is, for a sentence."""
        one, several = WORDS[self.kind]
        if self.array.ndim == 0:
            return one
        shape = " × ".join(map(str, self.array.shape))
        return f"{shape} {several}"


def is_table(value: Any) -> bool:
    """Tell whether a value is a DataFrame, of any library.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    answer : bool
        True for pandas, polars and pyarrow tables.
    """
    return isinstance(value, pd.DataFrame) or (
        type(value).__module__.split(".")[0] in ("polars", "pyarrow")
        and hasattr(value, "columns")
    )


def as_values(value: Any) -> Values:
    """Take apart a scalar, list, array, Series, tensor or other collection.

    Parameters
    ----------
    value : object
        Anything but a table, a mapping or a set.

    Returns
    -------
    values : Values
        With kind `number` (float64; `whole` where the type holds whole numbers
        only), `bool`, `text`, `date` or `other`.
    """
    if hasattr(value, "detach"):  # a torch tensor
        value = value.detach().cpu().numpy()
    index = value.index if isinstance(value, pd.Series) else None
    name = getattr(value, "name", None) if isinstance(value, pd.Series) else None
    array = _as_array(value)
    kind, array, whole = _kind(array)
    return Values(kind, array, index, name, whole)


def _as_array(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, pd.Series | pd.Index):
        value = value.array
    if isinstance(value, pd.api.extensions.ExtensionArray):
        if pd.api.types.is_numeric_dtype(value.dtype) and value.isna().any():
            return np.asarray(value.to_numpy(dtype=float, na_value=np.nan))
        return np.asarray(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        if not isinstance(value, np.ndarray | list | tuple):
            value = list(value) if not hasattr(value, "__array__") else value
        if isinstance(value, list | tuple):
            return _from_list(list(value))
    return np.asarray(value)


def _from_list(items: list[Any]) -> npt.NDArray[Any]:
    """Keep "1" and 1 apart, which numpy would both make text."""
    try:
        array = np.asarray(items)
    except ValueError:  # rows of different lengths
        array = None
    if array is not None and array.dtype.kind in "biufM":
        flags = array.dtype.kind == "b"
        mixed = not flags and any(isinstance(item, bool | np.bool_) for item in items)
        if not mixed:
            return np.asarray(array)
    if (
        array is not None
        and array.dtype.kind == "U"
        and all(isinstance(item, str) for item in items)
    ):
        return np.asarray(array)
    boxed = np.empty(len(items), dtype=object)
    boxed[:] = items
    return boxed


def _kind(array: npt.NDArray[Any]) -> tuple[str, npt.NDArray[Any], bool]:
    code = array.dtype.kind
    if code == "b":
        return "bool", array, False
    if code in "iuf":
        return "number", array.astype(float), code != "f"
    if code in "Mm":
        return "date", array, False
    if code in "US":
        return "text", array.astype(object), False
    return _kind_of_objects(array)


def _kind_of_objects(array: npt.NDArray[Any]) -> tuple[str, npt.NDArray[Any], bool]:
    items = array.ravel().tolist()
    present = [item for item in items if not _is_missing(item)]
    if present and all(isinstance(item, str) for item in present):
        return "text", array, False
    if items and all(isinstance(item, bool | np.bool_) for item in items):
        return "bool", array.astype(bool), False
    number = Number | Decimal | Fraction
    if items and all(
        isinstance(item, number) and not isinstance(item, bool | complex)
        for item in present
    ):
        filled = [np.nan if _is_missing(item) else float(item) for item in items]
        return "number", np.array(filled, dtype=float).reshape(array.shape), False
    if present and all(
        isinstance(item, pd.Timestamp | np.datetime64) or hasattr(item, "isoformat")
        for item in present
    ):
        return "date", pd.to_datetime(items).to_numpy().reshape(array.shape), False
    return "other", array, False


def _is_missing(item: Any) -> bool:
    return (
        item is None
        or item is pd.NA
        or item is pd.NaT
        or (isinstance(item, float | np.floating) and bool(np.isnan(item)))
    )
