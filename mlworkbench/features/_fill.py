"""Check whether the value to fill gaps with could be a real one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Verdict
from mlworkbench._validation import as_frame, check_columns

__all__ = ["FillCheck", "check_fill"]


@dataclass(frozen=True, eq=False, repr=False)
class FillCheck(Verdict):
    """What `check_fill` found.

    Parameters
    ----------
    frame : pandas.DataFrame
        How often the value is there before and after filling.
    column : str
        The column.
    value : object
        The value to fill gaps with.
    n_missing : int
        Gaps to fill.
    n_same : int
        Observed values that are the same.
    notes : tuple of str
        Why not to fill with it.
    """

    column: str
    value: Any
    n_missing: int
    n_same: int

    title: ClassVar[str] = "A value to fill gaps with"

    @property
    def ok(self) -> bool:
        """False when filled and real values could not be told apart."""
        return not self.notes


def check_fill(frame: Any, column: Any, value: Any) -> FillCheck:
    """Check whether a fill value could be mistaken for an observed one.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n, n_columns)
        The data.
    column : column label
        The column with gaps.
    value : scalar
        What the gaps would be filled with.

    Returns
    -------
    report : FillCheck
        `.ok` is False when the value occurs among the observed ones, or is a
        whole number between them in a column of whole numbers; `.notes` say
        which, `.frame` counts.

    Raises
    ------
    KeyError
        When the column is not there.
    ValueError
        When `value` is missing itself.

    Notes
    -----
    A possible value, such as 0 for the number of children, cannot be told
    from a real one afterwards: keep an indicator beside it, or fill with a
    value that no row can have. A mean or median is possible too, and is no
    mistake where an indicator stands beside it. O(n).

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"children": [1, None, 2, 0, None]})
    >>> report = check_fill(people, "children", 0)
    >>> report.ok, report.n_same, report.n_missing
    (False, 1, 2)
    >>> check_fill(people, "children", -1).ok
    True
    """
    table = as_frame(frame)
    check_columns(table, [column])
    scalar = np.isscalar(value) or hasattr(value, "isoformat")
    if not scalar or pd.isna(value):
        raise ValueError(f"value is {value!r}; pass one value that is not missing")
    values = table[column]
    known = values.dropna()
    same = int(np.count_nonzero([v == value for v in known.unique()]))
    n_same = int((known == value).sum()) if same else 0
    n_missing = len(values) - len(known)
    note = ""
    if n_same:
        note = (
            f"{value} occurs among the observed values of {column} ({n_same:,} of "
            f"{len(known):,}): filled gaps could not be told from real values"
        )
    elif _between(known, value):
        note = (
            f"{value} is a possible value of {column}, which has whole numbers from "
            f"{known.min():g} to {known.max():g}: filled gaps would look real"
        )
    counts = pd.DataFrame(
        {"rows": [n_same, n_missing, n_same + n_missing]},
        index=[f"observed {value}", "gaps to fill", f"{value} after filling"],
    )
    return FillCheck(
        counts,
        column=str(column),
        value=value,
        n_missing=n_missing,
        n_same=n_same,
        notes=(note,) if note else (),
    )


def _between(known: pd.Series, value: Any) -> bool:
    if isinstance(value, bool | str) or not isinstance(value, int | float | np.number):
        return False
    kind = known.dtype
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return False
    numbers = known.to_numpy(dtype=np.float64)
    whole = bool(len(numbers)) and bool((numbers == np.round(numbers)).all())
    inside = whole and numbers.min() <= float(value) <= numbers.max()
    return bool(inside and float(value) == round(float(value)))
