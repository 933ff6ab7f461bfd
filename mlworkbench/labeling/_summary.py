"""How often labeling functions vote, agree, and are right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._stats import wilson_interval
from mlworkbench._validation import as_vector, check_same_index
from mlworkbench.labeling._votes import ABSTAIN, as_votes

__all__ = ["LFSummary", "check_truth", "summarize_lfs"]

Int8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
_ROWS_DRAWN = 400


@dataclass(frozen=True, eq=False, repr=False)
class LFSummary(Report):
    """What `summarize_lfs` measured, one row per function.

    - j: position; Polarity: the classes it votes for
    - Coverage: share of rows it votes on; Overlaps: on which another one votes
      as well; Conflicts: on which another one votes for another class
    - with labels: Correct and Incorrect, votes counted; Emp. Acc., the share
      that is correct; Acc. Low and Acc. High, Wilson's interval of it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The measures, functions as index.
    rows, functions : int
        Size of the votes.
    coverage, overlap, conflict : float
        Shares of rows with at least one vote, two votes, two different votes.
    labeled : int or None
        Rows with a known label, where labels were given.
    pairs : pandas.DataFrame
        For each two functions: rows both vote on, rows they differ on, and the
        share of the former that the latter are.
    drawn : ndarray of int8
        Some of the rows of votes, sorted, for the picture.
    notes : tuple of str
        Functions that never vote, that vote alike, that are no better than chance.
    """

    rows: int
    functions: int
    coverage: float
    overlap: float
    conflict: float
    labeled: int | None = None
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame)
    drawn: Any = None

    title: ClassVar[str] = "Labeling functions"

    def plot(self, ax: Any = None) -> Any:
        """Draw the votes as a matrix, and beside it who contradicts whom.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on, an empty frame; its `child_axes` are the matrix of
            votes and the one of conflicts.
        """
        from mlworkbench.labeling._summary_plot import draw

        return draw(self, ax)


def summarize_lfs(votes: Any, y: Any = None, *, confidence: float = 0.95) -> LFSummary:
    """Say how often each labeling function votes, agrees and is right.

    Parameters
    ----------
    votes : DataFrame or array-like of shape (n_rows, n_functions)
        Class numbers and `ABSTAIN` (-1), as `apply_lfs` gives them.
    y : array-like of shape (n_rows,), optional
        Class numbers of the rows; -1 or missing (None, NaN) where the label is
        not known: such rows count for all but the accuracy.
    confidence : float, default=0.95
        Level of the interval of the accuracy.

    Returns
    -------
    report : LFSummary
        `.frame` has one row per function, with the column names of Snorkel;
        `.pairs` has one per two functions.

    Raises
    ------
    TypeError, ValueError
        When votes or labels are no class numbers, or of different lengths or
        indexes.

    See Also
    --------
    error_buckets : The rows behind the counts.

    Notes
    -----
    A function that never votes has no accuracy: NaN, not 0. Overlaps and
    conflicts are shares of all rows. Without labels, no number here says that a
    function is right: two that copy one mistake overlap and do not conflict. Labels
    of a development set that was looked at while writing the functions flatter them.

    Time is O(rows · functions · (functions + classes)).

    References
    ----------
    .. [1] A. Ratner, S. Bach, H. Ehrenberg, J. Fries, S. Wu, C. Ré (2017),
       Snorkel: rapid training data creation with weak supervision, PVLDB 11(3).
    .. [2] E. B. Wilson (1927), Probable inference, the law of succession, and
       statistical inference, JASA 22(158).

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> from mlworkbench.labeling import summarize_lfs
    >>> votes = [[1, 1, -1], [0, 1, -1], [-1, 0, -1], [1, 1, -1]]
    >>> report = summarize_lfs(votes, y=[1, 1, 0, 1])
    >>> report.frame[["Coverage", "Conflicts", "Correct", "Emp. Acc."]].round(2)
          Coverage  Conflicts  Correct  Emp. Acc.
    lf_0      0.75       0.25        2       0.67
    lf_1      1.00       0.25        4       1.00
    lf_2      0.00       0.00        0        NaN
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; pass a level inside (0, 1)")
    codes, names, _ = as_votes(votes)
    truth = None if y is None else check_truth(y, votes, len(codes))
    if not len(codes):
        raise ValueError("votes has no row; pass at least one")
    voted = codes != ABSTAIN
    count = voted.sum(axis=1)
    overlap, conflict = count > 1, _differ(codes, voted)
    frame = pd.DataFrame(
        {
            "j": np.arange(len(names)),
            "Polarity": [np.unique(v[v != ABSTAIN]).tolist() for v in codes.T],
            "Coverage": voted.mean(axis=0),
            "Overlaps": (voted & overlap[:, None]).mean(axis=0),
            "Conflicts": (voted & conflict[:, None]).mean(axis=0),
        },
        index=names,
    )
    if truth is not None:
        frame = frame.assign(**_accuracy(codes, truth, confidence))
    pairs = _pairs(codes, voted, names)
    return LFSummary(
        frame,
        rows=len(codes),
        functions=len(names),
        coverage=float((count > 0).mean()),
        overlap=float(overlap.mean()),
        conflict=float(conflict.mean()),
        labeled=None if truth is None else int((truth != ABSTAIN).sum()),
        pairs=pairs,
        drawn=_some_rows(codes),
        notes=_notes(codes, frame, truth),
    )


def check_truth(y: Any, votes: Any, n: int) -> Int8:
    """Check labels: one class number per row, -1 or missing where not known.

    Parameters
    ----------
    y : array-like of shape (n,)
        The labels.
    votes : DataFrame or array-like
        The votes, for their index.
    n : int
        Number of rows.

    Returns
    -------
    y : ndarray of shape (n,), int8
        The labels, -1 where they are not known.

    Raises
    ------
    TypeError, ValueError
        When they are no class numbers, or do not belong to the votes.
    """
    check_same_index(votes=votes, y=y)
    if isinstance(getattr(y, "dtype", None), pd.CategoricalDtype):
        raise TypeError(
            "y is a category; pass class numbers, e.g. y.cat.codes where the order of "
            "the categories is that of the classes"
        )
    values = as_vector(y, "y")
    if len(values) != n:
        raise ValueError(f"y has {len(values)} labels for {n} rows; pass one a row")
    missing = pd.isna(values)
    if missing.any():
        values = np.asarray(pd.Series(values).where(~missing, ABSTAIN).tolist())
    if n and values.dtype.kind not in "iufb":
        first = values[:1].tolist()[0]
        raise TypeError(
            f"y has values such as {first!r}; pass class numbers 0, 1, ... "
            "(those the functions vote for), and -1 for not known"
        )
    numbers = values.astype(np.float64)
    wrong = ~((numbers >= ABSTAIN) & (numbers < 127) & (numbers == np.floor(numbers)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"y has {numbers[row]:g} at row {row}; pass class numbers 0, 1, ... and -1 "
            "where the label is not known"
        )
    return numbers.astype(np.int8)


def _differ(codes: Int8, voted: Mask) -> Mask:
    """Say in which rows two functions vote for different classes."""
    lowest = np.where(voted, codes, np.int8(127)).min(axis=1)
    return np.asarray((codes.max(axis=1) > lowest) & voted.any(axis=1))


def _accuracy(codes: Int8, truth: Int8, confidence: float) -> dict[str, Any]:
    known = (codes != ABSTAIN) & (truth != ABSTAIN)[:, None]
    correct = (known & (codes == truth[:, None])).sum(axis=0)
    judged = known.sum(axis=0)
    low, high = wilson_interval(correct, judged, confidence)
    share = np.divide(
        correct, judged, out=np.full(len(judged), np.nan), where=judged > 0
    )
    return {
        "Correct": correct,
        "Incorrect": judged - correct,
        "Emp. Acc.": share,
        "Acc. Low": low,
        "Acc. High": high,
    }


def _pairs(codes: Int8, voted: Mask, names: list[str]) -> pd.DataFrame:
    # float64 products of 0 and 1 are exact counts, and much faster than int.
    ones = voted.astype(np.float64)
    both = ones.T @ ones
    agree = np.zeros_like(both)
    for label in np.unique(codes[voted]):
        each = (codes == label).astype(np.float64)
        agree += each.T @ each
    first, second = np.triu_indices(len(names), k=1)
    shared = both[first, second].astype(np.int64)
    differ = shared - agree[first, second].astype(np.int64)
    rate = np.divide(differ, shared, out=np.full(len(shared), np.nan), where=shared > 0)
    return pd.DataFrame(
        {
            "lf_a": [names[i] for i in first],
            "lf_b": [names[i] for i in second],
            "both_vote": shared,
            "differ": differ,
            "conflict_rate": rate,
        }
    )


def _some_rows(codes: Int8) -> Int8:
    """Give at most a few hundred rows, evenly from all rows when sorted."""
    order = np.lexsort(codes.T[::-1])
    at = np.linspace(0, len(order) - 1, min(len(order), _ROWS_DRAWN)).astype(np.intp)
    return np.asarray(codes[order[at]])


def _notes(codes: Int8, frame: pd.DataFrame, truth: Int8 | None) -> tuple[str, ...]:
    notes = []
    silent = frame.index[frame["Coverage"] == 0].tolist()
    if silent:
        notes.append(f"never votes: {', '.join(silent)}")
    seen: dict[bytes, str] = {}
    for name, column in zip(frame.index, codes.T, strict=True):
        if (column == ABSTAIN).all():
            continue
        twin = seen.setdefault(np.ascontiguousarray(column).tobytes(), name)
        if twin != name:
            notes.append(f"{name} votes exactly as {twin}: one opinion, not two")
    if truth is not None:
        unknown = int((truth == ABSTAIN).sum())
        if unknown:
            notes.append(f"{unknown:,} rows have no label: left out of the accuracy")
        notes += _doubtful(codes, frame, truth)
    return tuple(notes)


def _doubtful(codes: Int8, frame: pd.DataFrame, truth: Int8) -> list[str]:
    """Name the functions that do worse than a vote without looking."""
    known = truth[truth != ABSTAIN]
    if not len(known):
        return []
    notes = []
    for name, column in zip(frame.index, codes.T, strict=True):
        judged = column[(column != ABSTAIN) & (truth != ABSTAIN)]
        if not len(judged):
            continue
        # Right by chance: its own votes, dealt to rows at random.
        shares = [(known == c).mean() * (judged == c).mean() for c in np.unique(judged)]
        if frame.loc[name, "Acc. High"] < sum(shares):
            notes.append(
                f"{name} is right less often than its votes dealt at random "
                f"({frame.loc[name, 'Emp. Acc.']:.1%} against {sum(shares):.1%})"
            )
    return notes
