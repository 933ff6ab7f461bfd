"""The rows behind the counts: who voted what where the truth was which."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench.labeling._summary import check_truth
from mlworkbench.labeling._votes import ABSTAIN, as_votes

__all__ = ["ErrorBuckets", "error_buckets"]


@dataclass(frozen=True, eq=False, repr=False)
class ErrorBuckets(Report):
    """What `error_buckets` found: a table of counts, and the rows of each cell.

    ``buckets[vote_a, vote_b, truth]`` gives the index labels of a cell, empty
    where there is no such row; without labels ``buckets[vote_a, vote_b]``.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per cell that occurs: the two votes, the truth, the number of rows.
    rows : int
        Number of rows in all cells.
    cells : dict of tuple to pandas.Index
        Index labels of the rows of each cell that occurs.
    empty : pandas.Index
        What a cell without rows gives.
    notes : tuple of str
        What -1 stands for, where it occurs.
    """

    rows: int
    cells: dict[tuple[int, ...], pd.Index] = field(default_factory=dict)
    empty: pd.Index = field(default_factory=lambda: pd.Index([]))

    title: ClassVar[str] = "Rows by votes"

    def __getitem__(self, cell: tuple[int, ...]) -> pd.Index:
        """Give the index labels of the rows of a cell."""
        size = len(next(iter(self.cells))) if self.cells else 2
        if not isinstance(cell, tuple) or len(cell) != size:
            parts = "vote_a, vote_b, truth" if size == 3 else "vote_a, vote_b"
            raise KeyError(f"the cell is {cell!r}; name it by {parts}")
        return self.cells.get(cell, self.empty)


def error_buckets(votes: Any, y: Any, lf_a: Any, lf_b: Any) -> ErrorBuckets:
    """Sort rows by what two functions say and what is true.

    Parameters
    ----------
    votes : DataFrame or array-like of shape (n_rows, n_functions)
        Class numbers and `ABSTAIN` (-1), as `apply_lfs` gives them.
    y : array-like of shape (n_rows,) or None
        Class numbers of the rows, -1 or missing where not known; None sorts by
        votes alone.
    lf_a, lf_b : str or int
        The two functions, by name or by position.

    Returns
    -------
    buckets : ErrorBuckets
        Counts in `.frame`; ``frame.loc[buckets[2, -1, 0]]`` shows the rows where
        the first says 2, the second nothing, and 0 is true.

    Raises
    ------
    KeyError
        When there is no such function.
    TypeError, ValueError
        When votes or labels are no class numbers, or the index names rows twice.

    See Also
    --------
    summarize_lfs : The counts of all functions.

    Notes
    -----
    Costs one sort of the rows. Functions mended on the rows seen here fit those
    rows: judge them on others.

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> from mlworkbench.labeling import error_buckets
    >>> votes = [[1, 1], [0, 1], [-1, 0], [1, 1]]
    >>> buckets = error_buckets(votes, [1, 1, 0, 0], "lf_0", "lf_1")
    >>> buckets[1, 1, 0].tolist()
    [3]
    >>> buckets.frame
       lf_0  lf_1  truth  rows
    0    -1     0      0     1
    1     0     1      1     1
    2     1     1      0     1
    3     1     1      1     1
    """
    codes, names, index = as_votes(votes)
    if not index.is_unique:
        twice = index[index.duplicated()].tolist()[0]
        raise ValueError(
            f"the index of votes has {twice!r} twice, so that labels name no rows; "
            "use reset_index() on the frame before applying the functions"
        )
    a, b = _position(lf_a, names, "lf_a"), _position(lf_b, names, "lf_b")
    columns = [names[a], names[b] if a != b else f"{names[b]} (again)"]
    parts = [codes[:, a], codes[:, b]]
    if y is not None:
        parts.append(check_truth(y, votes, len(codes)))
        columns.append("truth")
    table = np.column_stack(parts)
    keys, which, counts = np.unique(
        table, axis=0, return_inverse=True, return_counts=True
    )
    order = np.argsort(which.ravel(), kind="stable")
    groups = np.split(order, np.cumsum(counts)[:-1])
    cells = {
        tuple(int(part) for part in key): index[rows]
        for key, rows in zip(keys, groups, strict=True)
    }
    frame = pd.DataFrame(keys, columns=columns).assign(rows=counts)
    notes = (f"{ABSTAIN} is no opinion",) if (table[:, :2] == ABSTAIN).any() else ()
    return ErrorBuckets(
        frame, rows=len(codes), cells=cells, empty=index[:0], notes=notes
    )


def _position(lf: Any, names: list[str], argument: str) -> int:
    if isinstance(lf, int | np.integer) and not isinstance(lf, bool):
        if not -len(names) <= lf < len(names):
            raise KeyError(f"{argument} is {lf}; there are {len(names)} functions")
        return int(lf) % len(names)
    name = getattr(lf, "name", lf)
    if name not in names:
        raise KeyError(f"{argument} is {name!r}; the functions are {names}")
    return names.index(name)
