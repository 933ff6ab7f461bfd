"""The groups of a table, and what to call them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import check_columns

__all__ = [
    "check_total",
    "group_columns",
    "label_columns",
    "show_labels",
    "split",
    "stratum_labels",
]

IntArray = npt.NDArray[np.int64]


def label_columns(by: Any) -> list[Any]:
    """Give the labels of `by` as a list; a lone label counts as one."""
    return list(by) if isinstance(by, list | pd.Index) else [by]


def split(
    table: pd.DataFrame, by: Any, reserved: list[str]
) -> tuple[pd.DataFrame, IntArray]:
    """Give the groups that `by` makes, sorted, and the group of every row."""
    columns = check_columns(table, label_columns(by))
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(f"by is {by!r}; pass one column label or several, each once")
    clash = [column for column in columns if column in reserved]
    if clash:
        raise ValueError(
            f"by has the column {clash[0]!r}, a name the report uses itself; "
            "rename the column"
        )
    if not len(table):
        raise ValueError("frame has no rows; pass at least one")
    groups = table.groupby(columns, dropna=False, observed=True, sort=True)
    codes = groups.ngroup().to_numpy().astype(np.int64)
    return groups.size().index.to_frame(index=False), codes


def stratum_labels(frame: pd.DataFrame, columns: list[Any]) -> list[str]:
    """Name the groups for people: EWR, or EWR / 1 for several columns."""
    parts = frame[columns].astype(object).where(frame[columns].notna(), "missing")
    return [" / ".join(map(str, row)) for row in parts.to_numpy()]


def check_total(n: int, available: int, name: str = "frame") -> None:
    """Refuse to draw more rows than there are."""
    if n > available:
        raise ValueError(
            f"n is {n:,}, {name} has {available:,} rows; pass n of at most that "
            "(rows are drawn without replacement)"
        )


def show_labels(labels: list[str], most: int = 5) -> str:
    """Name a few groups in a note."""
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more


def group_columns(frame: pd.DataFrame) -> list[Any]:
    """Give the columns that name the groups: those before population."""
    columns = list(frame.columns)
    return columns[: columns.index("population")]
