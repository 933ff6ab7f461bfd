"""A number for every row, equal where the values are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

__all__ = ["columns_of", "floats_of", "numbers_of", "row_hashes"]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_CELLS = 20_000_000  # above this many values a table is not read


def row_hashes(table: Any) -> Any:
    """Give one unsigned integer per row, or None where rows cannot be read."""
    try:
        if isinstance(table, pd.DataFrame | pd.Series):
            if table.size > _CELLS:
                return None
            return pd.util.hash_pandas_object(table, index=False).to_numpy()
        if sparse.issparse(table):
            return _sparse_hashes(table)
        if not isinstance(table, np.ndarray) or table.size > _CELLS or not table.ndim:
            return None
        wide = table.reshape(len(table), -1) if len(table) else table.reshape(0, 1)
        total = np.zeros(len(wide), dtype=np.uint64)
        for column in wide.T:
            total = (total ^ _bits(column)) * _PRIME
            total ^= total >> np.uint64(29)
        return total
    except (TypeError, ValueError):
        return None


def _bits(column: Any) -> Any:
    if column.dtype.kind in "fiub":
        return (column.astype(np.float64) + 0.0).view(np.uint64)
    if column.dtype.kind in "mM":
        return column.astype(np.int64).view(np.uint64)
    return pd.util.hash_array(column.astype(object))


def _sparse_hashes(table: Any) -> Any:
    if table.format != "csr":
        return None
    places = (table.indices.astype(np.uint64) + np.uint64(1)) * _PRIME
    cells = (_bits(table.data) ^ places) * _PRIME
    cells = np.where(table.data == 0, np.uint64(0), cells)
    running = np.concatenate((np.zeros(1, np.uint64), np.cumsum(cells)))
    return running[table.indptr[1:]] - running[table.indptr[:-1]]


def numbers_of(table: Any) -> Any:
    """Give the columns of numbers of a table; None where there are no columns."""
    if isinstance(table, pd.Series):
        table = table.to_frame()
    if isinstance(table, pd.DataFrame):
        return table.select_dtypes(["number", "bool"])
    if isinstance(table, np.ndarray) and table.ndim and table.dtype.kind in "fiub":
        return table
    return None


def columns_of(table: Any, rows: Any) -> Any:
    """Give some rows as a matrix of floats without text; None if impossible."""
    return floats_of(numbers_of(table), rows)


def floats_of(numbers: Any, rows: Any) -> Any:
    """Give some rows of columns of numbers as floats; None if impossible."""
    try:
        if isinstance(numbers, pd.DataFrame):
            return numbers.iloc[rows].to_numpy(dtype=np.float64, na_value=np.nan)
        if isinstance(numbers, np.ndarray):
            part = numbers[rows].astype(np.float64)
            return part.reshape(len(part), -1)
    except (TypeError, ValueError, IndexError):
        return None
    return None
