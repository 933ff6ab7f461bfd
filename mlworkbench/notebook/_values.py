"""Any answer as one plain array, so that equal values compare equal."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["NUMERIC", "Values", "as_values", "boxed", "fold", "is_missing", "is_table"]

NUMERIC = ("number", "duration")  # floats inside, compared with tolerance

_DATES = (datetime.date, np.datetime64)  # a Timestamp is a date
_DURATIONS = (datetime.timedelta, np.timedelta64)
WORDS = {
    "number": ("a number", "numbers"),
    "bool": ("True or False", "True and False"),
    "text": ("a text", "texts"),
    "date": ("a date", "dates"),
    "duration": ("a length of time", "lengths of time"),
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

    @property
    def is_telling(self) -> bool:
        """Whether the values differ enough for their order to tell something.

        Votes and labels take a handful of values: two of them agree in many
        places, in any order.
        """
        if self.kind == "other":
            return False
        distinct = len(pd.unique(pd.Series(self.array.ravel())))
        return distinct > min(5, self.array.size / 2)


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
        With kind `number` (float64; `whole` where all are whole numbers by
        type), `bool`, `text`, `date`, `duration` (seconds, float64) or `other`
        (rows of mixed kinds are tuples).
    """
    if hasattr(value, "detach"):  # a torch tensor
        value = value.detach().cpu().numpy()
    index = value.index if isinstance(value, pd.Series) else None
    name = getattr(value, "name", None) if isinstance(value, pd.Series) else None
    kind, array, whole = _kind(_as_array(value))
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, pd.api.extensions.ExtensionDtype):  # NA made floats of them
        whole = whole or bool(pd.api.types.is_integer_dtype(dtype))
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
    nested = array is not None and array.ndim > 1
    cells = np.array(items, dtype=object) if nested else boxed(items)
    # numpy would make text of the number in ("UA", 0.3).
    if all(isinstance(cell, str) for cell in cells.ravel()):
        return cells
    return boxed(items)


def boxed(items: Sequence[Any]) -> npt.NDArray[Any]:
    """Put items into an array one by one, whatever they hold themselves.

    Parameters
    ----------
    items : sequence
        Values of any kinds.

    Returns
    -------
    array : ndarray of shape (n,), object
        The same items.
    """
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    return array


def _kind(array: npt.NDArray[Any]) -> tuple[str, npt.NDArray[Any], bool]:
    code = array.dtype.kind
    if code == "b":
        return "bool", array, False
    if code in "iuf":
        return "number", array.astype(float), code != "f"
    if code == "M":
        return "date", array, False
    if code == "m":
        return "duration", _seconds(array), False
    if code in "US":
        return "text", array.astype(object), False
    return _kind_of_objects(array)


def _kind_of_objects(array: npt.NDArray[Any]) -> tuple[str, npt.NDArray[Any], bool]:
    items = array.ravel().tolist()
    present = [item for item in items if not is_missing(item)]
    if present and all(isinstance(item, str) for item in present):
        return "text", array, False
    if items and all(isinstance(item, bool | np.bool_) for item in items):
        return "bool", array.astype(bool), False
    number = Number | Decimal | Fraction
    if items and all(
        isinstance(item, number)
        and not isinstance(item, bool | complex | np.timedelta64)
        for item in present
    ):
        filled = [np.nan if is_missing(item) else float(item) for item in items]
        whole = all(isinstance(item, Integral) for item in present)
        numbers = np.array(filled, dtype=float).reshape(array.shape)
        return "number", numbers, whole and bool(present)
    if present and all(isinstance(item, _DURATIONS) for item in present):
        return "duration", _seconds(array), False
    if present and all(isinstance(item, _DATES) for item in present):
        return "date", pd.to_datetime(items).to_numpy().reshape(array.shape), False
    if array.ndim == 2:
        return "other", boxed([tuple(row) for row in array]), False
    return "other", array, False


def _seconds(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    lengths = pd.to_timedelta(array.ravel()).total_seconds()
    return np.asarray(lengths, dtype=float).reshape(array.shape)


def fold(text: str) -> str:
    """Spaces at the ends and capitals do not make a text wrong.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    text : str
        Without them.
    """
    return text.strip().casefold()


def is_missing(item: Any) -> bool:
    """Tell whether a value is one of the signs for "no value".

    Parameters
    ----------
    item : object
        Anything.

    Returns
    -------
    answer : bool
        True for None, NaN, NA and NaT.
    """
    return (
        item is None
        or item is pd.NA
        or item is pd.NaT
        or (isinstance(item, float | np.floating) and bool(np.isnan(item)))
        or (isinstance(item, np.datetime64 | np.timedelta64) and bool(np.isnat(item)))
    )
