"""Rows into groups: one code per row, one label per group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame
from mlworkbench.evaluation._slice_predicates import column_name, show_number

__all__ = ["MISSING", "Groups", "factorize", "make_groups"]

MISSING = "(missing)"
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Groups:
    """The groups of a table: a code from 0 per row, the levels of each group."""

    codes: IntArray
    keys: pd.DataFrame

    @property
    def size(self) -> int:
        """How many groups have rows."""
        return len(self.keys)

    def labels(self) -> pd.Series:
        """Give the level itself for one column, the conditions for several."""
        if self.keys.shape[1] == 1:
            return self.keys.iloc[:, 0].rename("slice")
        said = [
            " and ".join(
                f"{column_name(name)} is missing"
                if isinstance(level, str) and level == MISSING
                else f"{column_name(name)} = {_show(level)}"
                for name, level in zip(self.keys.columns, row, strict=True)
            )
            for row in self.keys.itertuples(index=False, name=None)
        ]
        return pd.Series(said, name="slice", dtype=object)


def factorize(column: pd.Series) -> tuple[IntArray, list[Any]]:
    """Code the levels of a column in their order, a missing value the last.

    Parameters
    ----------
    column : pandas.Series of shape (n,)
        Any column; the order of a categorical one is kept.

    Returns
    -------
    codes : ndarray of shape (n,)
        From 0, every code in use.
    levels : list
        The level of each code.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        raw = column.cat.codes.to_numpy(dtype=np.int64)
        kept, codes = np.unique(raw[raw >= 0], return_inverse=True)
        result = np.full(len(raw), -1)
        result[raw >= 0] = codes
        levels = list(column.cat.categories.take(kept))
    else:
        found, values = pd.factorize(column, use_na_sentinel=True)
        result, levels = found.astype(np.int64), list(values)
        try:
            order = sorted(range(len(levels)), key=levels.__getitem__)
        except TypeError:  # levels of several kinds stay as they came
            order = list(range(len(levels)))
        place = np.empty(len(order) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(order)), -1
        result, levels = place[result], [levels[i] for i in order]
    if (result < 0).any():
        result = np.where(result < 0, len(levels), result)
        levels = [*levels, MISSING]
    return result, levels


def make_groups(by: Any, n: int) -> Groups:
    """Cross the columns of `by` into groups; only groups with rows are made.

    Parameters
    ----------
    by : Series, array, list of them, DataFrame or dict
        The columns.
    n : int
        Rows there must be.

    Returns
    -------
    groups : Groups
        In the order of the levels.

    Raises
    ------
    TypeError, ValueError
        When `by` is a name, has no column, or another length.
    """
    codes = np.zeros(n, dtype=np.int64)
    columns: list[tuple[Any, list[Any]]] = []
    for name, column in _columns(by):
        if len(column) != n:
            raise ValueError(
                f"by has {len(column)} values in {name!r} for {n} rows; pass one a "
                "row (columns of a frame as frame[['a', 'b']], not as names)"
            )
        here, levels = factorize(column)
        both = codes * len(levels) + here
        order = np.unique(both) if len(columns) else np.arange(len(levels))
        codes = np.searchsorted(order, both) if len(columns) else here
        above, level = np.divmod(order, max(len(levels), 1))
        columns = [(key, [old[i] for i in above]) for key, old in columns]
        columns.append((name, [levels[i] for i in level]))
    if not columns:
        raise ValueError("by has no column; pass at least one")
    names = [name for name, _ in columns]
    if len(set(names)) < len(names):
        raise ValueError(
            f"by has columns of the same name: {names}; rename all but one"
        )
    keys = pd.DataFrame({name: pd.Series(values) for name, values in columns})
    return Groups(codes, keys)


def _columns(by: Any) -> Iterator[tuple[Any, pd.Series]]:
    if isinstance(by, str | bytes) or (np.ndim(by) == 0 and not _holds(by)):
        example = f", e.g. frame[{by!r}]," if isinstance(by, str) else ""
        raise TypeError(
            f"by is {by!r}; pass the column itself{example} "
            "or a list of columns, a DataFrame or a dict of columns"
        )
    if isinstance(by, Mapping):
        yield from ((name, _series(column)) for name, column in by.items())
    elif isinstance(by, list | tuple) and by and all(map(_is_column, by)):
        for place, column in enumerate(by):
            name = getattr(column, "name", None)
            yield (f"by{place}" if name is None else name), _series(column)
    elif isinstance(by, pd.DataFrame) or len(getattr(by, "shape", (0,))) == 2:
        frame = as_frame(by, "by")
        yield from ((name, frame[name]) for name in frame.columns)
    else:
        name = getattr(by, "name", None)
        yield ("slice" if name is None else name), _series(by)


def _show(level: Any) -> str:
    return show_number(level) if isinstance(level, float) else str(level)


def _holds(by: Any) -> bool:
    return isinstance(by, Mapping) or hasattr(by, "columns") or hasattr(by, "__len__")


def _is_column(value: Any) -> bool:
    return not isinstance(value, str | bytes | Mapping) and hasattr(value, "__len__")


def _series(column: Any) -> pd.Series:
    if isinstance(column, pd.Series):
        return column
    if isinstance(column, pd.Categorical | pd.Index):
        return pd.Series(column)
    if hasattr(column, "to_pandas"):
        return pd.Series(column.to_pandas())
    array = column if isinstance(column, np.ndarray) else None
    if array is None:
        return pd.Series(list(column))
    return pd.Series(array[:, 0] if array.ndim == 2 else array)
