"""Training features of two runs of one function, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "Difference",
    "Features",
    "compare_features",
    "read_features",
    "refuse_other_order",
]

IntArray = npt.NDArray[np.intp]

_RELATIVE = 1e-7  # rounding of sums in another order
_OF_LARGEST = 1e-9
_SINGLE = 1e-4  # the same in single precision


@dataclass(frozen=True, eq=False)
class Features:
    """What a function gave for some rows, by column.

    Parameters
    ----------
    rows : ndarray of shape (n,)
        Positions of the rows in the whole frame, ascending.
    names : list
        Column labels, made unique.
    column : callable
        Gives the values of a column, in the order of `rows`.
    named : bool
        False where the labels are positions only.
    """

    rows: IntArray
    names: list[Any]
    column: Callable[[Any], npt.NDArray[Any]]
    named: bool

    def of(self, keep: npt.NDArray[np.bool_]) -> Features:
        """Give the features of some rows of the whole frame."""
        at = np.flatnonzero(keep[self.rows])
        whole = self.column
        return dataclasses.replace(
            self, rows=self.rows[at], column=lambda name: whole(name)[at]
        )


@dataclass(frozen=True, eq=False)
class Difference:
    """What differs between two runs.

    Parameters
    ----------
    values : dict
        Column → (mask of the rows changed, largest change or NaN).
    here, there : dict
        Columns that only the first or only the second run has → whether they
        are constant in the rows compared.
    rows : ndarray
        Rows that only one of the runs has.
    compared : ndarray
        Rows that both have.
    selected : bool
        Whether all columns of both runs are columns of the input, so that
        what differs is which were taken.
    """

    values: dict[Any, tuple[npt.NDArray[np.bool_], float]]
    here: dict[Any, bool]
    there: dict[Any, bool]
    rows: IntArray
    compared: IntArray
    selected: bool = False

    def __bool__(self) -> bool:
        """Say whether anything differs."""
        return bool(self.values or self.here or self.there or len(self.rows))


def read_features(
    output: Any, given: pd.Index, origin: IntArray, keep: npt.NDArray[np.bool_]
) -> Features:
    """Take what the function returned, and find the row of each row.

    Parameters
    ----------
    output : DataFrame, Series, array or sparse matrix
        What the function returned.
    given : pandas.Index
        Index of the rows that it was given.
    origin : ndarray
        Their positions in the whole frame.
    keep : ndarray of bool
        Which rows of the whole frame to keep.

    Returns
    -------
    features : Features
        The rows to keep, in the order of the whole frame.
    """
    values = _as_table(output)
    index = values.index if isinstance(values, pd.DataFrame) else None
    at = origin[_positions(index, values.shape[0], given)]
    order = np.argsort(at, kind="stable")
    order = order[keep[at[order]]]
    labels = (
        values.columns if isinstance(values, pd.DataFrame) else range(values.shape[1])
    )
    names = _unique(list(labels))
    place = {name: i for i, name in enumerate(names)}

    def column(name: Any) -> npt.NDArray[Any]:
        if isinstance(values, pd.DataFrame):
            series = values.iloc[:, place[name]]
            if isinstance(series.dtype, pd.DatetimeTZDtype):
                series = series.dt.tz_convert(None)  # the instants, in UTC
            return np.asarray(series.array[order])
        if isinstance(values, np.ndarray):
            return np.asarray(values[order, place[name]])
        return np.asarray(values[:, [place[name]]].toarray().ravel()[order])

    return Features(at[order], names, column, isinstance(values, pd.DataFrame))


def refuse_other_order(output: Any, given: pd.DataFrame) -> None:
    """Refuse rows that were sorted and then lost their labels.

    They would be compared with other rows, and every function would seem to
    leak.

    Parameters
    ----------
    output : object
        What the function returned.
    given : pandas.DataFrame
        The rows that it was given.

    Raises
    ------
    ValueError
        When columns of the input come out with the same values in other
        places, and no label says which row is which.
    """
    if not isinstance(output, pd.DataFrame) or len(output) != len(given):
        return
    index = output.index
    if given.index.is_unique and _are_labels(index) and index.isin(given.index).all():
        return
    shared = [name for name in given.columns if list(output.columns).count(name) == 1]
    moved = [name for name in shared if _is_moved(given[name], output[name])]
    whole = [name for name in moved if pd.api.types.is_integer_dtype(given[name])]
    if len(moved) > 1 or len(whole) < len(moved):
        raise ValueError(
            "build_features returned the rows in another order, without an index "
            f"that says which is which ({moved[0]} has its values in other places); "
            "keep the index: sort without reset_index, or sort before"
        )


def _is_moved(old: pd.Series, new: pd.Series) -> bool:
    """Say whether a column has the same values as before in other places."""
    if old.dtype != new.dtype or old.dtype == bool or old.array.equals(new.array):
        return False
    try:
        codes = pd.factorize(np.concatenate([old.array, new.array]))[0] + 1
    except TypeError:  # lists and the like
        return False
    one, two = codes[: len(old)], codes[len(old) :]
    if codes.max() <= 2 or np.array_equal(one, two):
        return False
    n = int(codes.max()) + 1
    return bool((np.bincount(one, minlength=n) == np.bincount(two, minlength=n)).all())


def compare_features(
    first: Features, second: Features, inputs: pd.DataFrame | None = None
) -> Difference:
    """Compare two runs, on the rows that both have.

    Parameters
    ----------
    first, second : Features
        The runs.
    inputs : pandas.DataFrame, optional
        All rows as they came in.

    Returns
    -------
    difference : Difference
        By column, and the rows that one run alone has.
    """
    common, left, right = np.intersect1d(
        first.rows, second.rows, assume_unique=True, return_indices=True
    )
    alone = np.setxor1d(first.rows, second.rows, assume_unique=True)
    counts = len(first.names), len(second.names)
    if not (first.named or second.named) and counts[0] != counts[1]:
        text = f"{counts[0]} columns, {counts[1]} without"
        found = Difference({}, {text: False}, {}, alone, common)
    else:
        shared = set(first.names) & set(second.names)
        values = {}
        for name in [name for name in first.names if name in shared]:
            old, new = first.column(name)[left], second.column(name)[right]
            changed, size = _changed(old, new)
            if changed.any():
                values[name] = (changed, size)
        here, there = (
            {
                name: _is_constant(run.column(name)[at])
                for name in run.names
                if name not in shared
            }
            for run, at in ((first, left), (second, right))
        )
        found = Difference(values, here, there, alone, common)
    if found and inputs is not None and not (first.named or second.named):
        known = {_bytes(inputs.iloc[common, i]) for i in range(inputs.shape[1])}
        columns = [first.column(name)[left] for name in first.names]
        columns += [second.column(name)[right] for name in second.names]
        picked = all(_bytes(column) in known for column in columns)
        return dataclasses.replace(found, selected=picked)
    return found


def _bytes(column: Any) -> bytes:
    """Give a column as bytes, to look it up; empty for what is no number."""
    array = np.asarray(column)
    return array.astype(np.float64).tobytes() if array.dtype.kind in "biuf" else b""


def _is_constant(column: npt.NDArray[Any]) -> bool:
    return bool(
        len(column) == 0 or not _changed(column, column[[0] * len(column)])[0].any()
    )


def _as_table(output: Any) -> Any:
    """Give a DataFrame, a 2-D array or a sparse matrix by column."""
    if isinstance(output, pd.Series):
        return output.to_frame("feature" if output.name is None else output.name)
    if isinstance(output, pd.DataFrame):
        return output
    if hasattr(output, "tocsc"):
        return output.tocsc()
    if output is None or isinstance(output, tuple | dict | str):
        raise TypeError(
            f"build_features returned a {type(output).__name__}; return one table "
            "(DataFrame, array or sparse matrix) with a row for each row it is given"
        )
    array = np.asarray(output)
    if array.ndim == 0:
        raise TypeError(
            f"build_features returned a {type(output).__name__}; return one table "
            "(DataFrame, array or sparse matrix) with a row for each row it is given"
        )
    return array.reshape(len(array), -1)


def _positions(index: pd.Index | None, n: int, given: pd.Index) -> IntArray:
    """Find the place of each row of the output among the rows given.

    Row numbers from 0 are no labels: they come from a reset, which says
    nothing about rows that were shuffled before.
    """
    if index is not None and _are_labels(index) and given.is_unique:
        at = np.asarray(given.get_indexer(index), dtype=np.intp)
        if (at >= 0).all():
            return at
    if n == len(given):
        return np.arange(n)
    raise ValueError(
        f"build_features returned {n:,} rows for the {len(given):,} it was given, "
        "without an index that says which; return one row for each, or a DataFrame "
        "that keeps the index (and resample outside of it)"
    )


def _are_labels(index: pd.Index) -> bool:
    counted = isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)
    return index.is_unique and not counted


def _unique(names: list[Any]) -> list[Any]:
    seen: dict[Any, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _changed(old: Any, new: Any) -> tuple[npt.NDArray[np.bool_], float]:
    """Say which values differ by more than rounding, and by how much at most."""
    numeric = all(array.dtype.kind in "biuf" for array in (old, new))
    if numeric:
        single = any(x.dtype.kind == "f" and x.dtype.itemsize < 8 for x in (old, new))
        a, b = old.astype(np.float64), new.astype(np.float64)
        finite = np.abs(np.concatenate([a, b]))
        finite = finite[np.isfinite(finite)]
        largest = float(finite.max()) if len(finite) else 0.0
        relative = _SINGLE if single else _RELATIVE
        close = np.isclose(
            a, b, rtol=relative, atol=_OF_LARGEST * largest, equal_nan=True
        )
        gap = np.abs(a - b)[~close] if not close.all() else np.empty(0)
        gap = gap[np.isfinite(gap)]
        return ~close, float(gap.max()) if len(gap) else float("nan")
    if old.dtype.kind == new.dtype.kind and old.dtype.kind in "mM":
        return ~((old == new) | (np.isnat(old) & np.isnat(new))), float("nan")
    return _changed_objects(old.astype(object), new.astype(object)), float("nan")


def _changed_objects(old: Any, new: Any) -> npt.NDArray[np.bool_]:
    """Say which of any kind of values differ: at once, then one by one."""
    doubtful = np.ones(len(old), dtype=bool)
    try:
        equal = pd.Series(old, dtype=object) == pd.Series(new, dtype=object)
        both_missing = pd.isna(old) & pd.isna(new)
        doubtful = ~(equal.to_numpy(dtype=bool) | both_missing)
    except (TypeError, ValueError):  # cells that hold arrays have no one answer
        pass
    for row in np.flatnonzero(doubtful):
        doubtful[row] = not _same(old[row], new[row])
    return doubtful


def _same(x: Any, y: Any) -> bool:
    if np.ndim(x) or np.ndim(y):
        try:
            return bool(np.allclose(x, y, rtol=_RELATIVE, equal_nan=True))
        except (TypeError, ValueError):
            return str(x) == str(y)
    if pd.isna(x) or pd.isna(y):
        return bool(pd.isna(x) and pd.isna(y))
    if isinstance(x, float) and isinstance(y, float):
        return bool(np.isclose(x, y, rtol=_RELATIVE, atol=0))
    return bool(x == y)
