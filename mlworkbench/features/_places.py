"""Columns that hold places: numbers, none missing, no dates, no texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import as_frame

__all__ = ["check_places"]

_DATES = (
    "{what} holds dates, and as numbers they change with the unit they are stored "
    "in; count first, e.g. days with (dates - dates.min()).dt.days"
)
_DURATIONS = (
    "{what} holds durations, and as numbers they change with the unit they are "
    "stored in; pass numbers, e.g. durations.dt.total_seconds()"
)


def check_places(X: Any, name: str = "X") -> None:
    """Refuse, with the column's name, what does not say where a row lies.

    scikit-learn would read dates as numbers, and its errors on texts and
    missing values do not say which column has them. What is no table with
    names, and infinite numbers, are left to scikit-learn but for the dates.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n_samples, n_columns)
        The places; or the places of one column.
    name : str
        What to call an array in an error.

    Raises
    ------
    TypeError
        When a column holds dates or durations.
    ValueError
        When it holds texts or misses values.
    """
    if hasattr(X, "columns"):
        for label, values in as_frame(X, "X").items():
            _check_column(values, label)
        return
    kind = getattr(getattr(X, "dtype", None), "kind", "")
    if kind in ("M", "m"):
        raise TypeError((_DATES if kind == "M" else _DURATIONS).format(what=name))


def _check_column(values: pd.Series[Any], name: Any) -> None:
    """Check one column of a frame."""
    what = f"the column {name!r}"
    dates = isinstance(values.dtype, pd.DatetimeTZDtype | pd.PeriodDtype)
    if values.dtype == object:
        kind = pd.api.types.infer_dtype(values, skipna=True)
    else:
        kind = {"M": "datetime", "m": "timedelta"}.get(values.dtype.kind, "")
    if dates or kind.startswith(("date", "period")):
        raise TypeError(_DATES.format(what=what))
    if kind.startswith("timedelta"):
        raise TypeError(_DURATIONS.format(what=what))
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    try:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{what} does not hold numbers ({error}); a place is a number, or "
            "several columns of numbers: leave this column out"
        ) from None
    n_missing = int(np.isnan(numbers).sum())
    if n_missing:
        raise ValueError(
            f"Input X contains NaN: {what} misses {n_missing:,} of {len(numbers):,} "
            "values, and a row without its place lies nowhere; drop these rows, or "
            "fill the places first"
        )
