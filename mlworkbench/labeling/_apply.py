"""Apply labeling functions: one frame in, one matrix of votes out."""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import as_frame, check_choice
from mlworkbench.labeling._functions import BadVotesError, LabelingFunction
from mlworkbench.labeling._votes import ABSTAIN

__all__ = ["LFFailure", "LabelingError", "apply_lfs"]

_QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class LFFailure:
    """Why one labeling function gave no votes.

    Parameters
    ----------
    name : str
        Name of the function.
    error : Exception
        What it raised.
    row : int or None
        Position of the first row that breaks it by itself; None when no single
        row does.
    label : object
        That row's label in the frame's index.
    where : str
        The same in words.
    """

    name: str
    error: Exception
    row: int | None
    label: Any
    where: str

    def __str__(self) -> str:
        """Say it in one line."""
        text = f"{self.name!r} {self.where}"
        if isinstance(self.error, BadVotesError):
            return f"{text} {self.error}".replace("  ", " ")
        reason = str(self.error).strip("'\"") or "no message"
        return f"{text}: {type(self.error).__name__}: {reason}{_hint(self.error)}"


class LabelingError(RuntimeError):
    """Raised by `apply_lfs` after all functions ran, when some of them failed.

    Parameters
    ----------
    failures : list of LFFailure
        What went wrong, a function each.
    votes : DataFrame of shape (n_rows, n_functions that worked), int8
        The votes of the others: nothing is lost.
    """

    def __init__(self, failures: list[LFFailure], votes: pd.DataFrame) -> None:
        total = len(failures) + votes.shape[1]
        super().__init__(
            f"{len(failures)} of {total} labeling functions failed:\n  "
            + "\n  ".join(map(str, failures))
            + "\nThe votes of the others are in the error's .votes; to go on without "
            'the failed ones, pass errors="abstain".'
        )
        self.failures = failures
        self.votes = votes


def apply_lfs(
    lfs: LabelingFunction | Iterable[LabelingFunction],
    frame: Any,
    *,
    errors: str = "raise",
    progress: bool | None = None,
) -> pd.DataFrame:
    """Apply labeling functions to a frame.

    Parameters
    ----------
    lfs : LabelingFunction or list of them
        The functions; their names must differ.
    frame : DataFrame or Table of shape (n_rows, n_columns)
        The rows to vote on; each function sees all of them at once.
    errors : {"raise", "abstain"}, default="raise"
        What to do when a function fails. "raise" runs all the others first, then
        raises a `LabelingError` that has their votes. "abstain" warns, and lets
        the failed function abstain in every row.
    progress : bool, optional
        Whether to say on standard error which function is at work. By default
        only in a terminal, and only after a second.

    Returns
    -------
    votes : DataFrame of shape (n_rows, n_functions), int8
        Class numbers and `ABSTAIN` (-1); index of the frame, a column per name.

    Raises
    ------
    LabelingError
        When functions failed: with the name of each, the error, and the first
        row that breaks it by itself (found by halving the frame).
    TypeError, ValueError
        When something is no labeling function, or two have one name.

    See Also
    --------
    summarize_lfs : How often the functions vote, agree and are right.

    Notes
    -----
    Costs one call per function. Finding the row that broke one costs at most as
    much as calling it on two or three more copies of the frame.

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> from mlworkbench.datasets import make_triage_notes
    >>> from mlworkbench.labeling import apply_lfs, keyword_lf, rule_lf
    >>> notes = make_triage_notes(500, random_state=0)
    >>> lfs = [
    ...     keyword_lf("note", "pneumonia", 2, unless=["no", "denies"]),
    ...     rule_lf("oxygen_saturation < 92", 2),
    ... ]
    >>> votes = apply_lfs(lfs, notes)
    >>> votes.shape, (votes >= 0).sum().tolist()
    ((500, 2), [23, 32])
    """
    check_choice(errors, "errors", ("raise", "abstain"))
    functions = _check_functions(lfs)
    table = as_frame(frame)
    codes = np.full((len(table), len(functions)), ABSTAIN, dtype=np.int8, order="F")
    failures: dict[int, LFFailure] = {}
    with _Progress(len(functions), progress) as shown:
        for j, lf in enumerate(functions):
            shown.step(j, lf.name)
            try:
                codes[:, j] = lf.vote(table)
            except Exception as error:
                failures[j] = _explain(lf, table, error)
    names = [lf.name for lf in functions]
    votes = pd.DataFrame(codes, index=table.index, columns=names, copy=False)
    if failures and errors == "raise":
        worked = [j for j in range(len(functions)) if j not in failures]
        first = next(iter(failures.values())).error
        raise LabelingError(list(failures.values()), votes.iloc[:, worked]) from first
    if failures:
        text = "; ".join(map(str, failures.values()))
        warnings.warn(f"abstaining in every row: {text}", UserWarning, stacklevel=2)
    return votes


def _check_functions(lfs: Any) -> list[LabelingFunction]:
    functions = [lfs] if callable(lfs) else list(lfs)
    if not functions:
        raise ValueError("lfs is empty; pass at least one labeling function")
    for at, lf in enumerate(functions):
        if not isinstance(lf, LabelingFunction):
            known = getattr(lf, "__name__", None)
            what = f"the function {known}" if known else f"a {type(lf).__name__}"
            raise TypeError(
                f"lfs[{at}] is {what}, not a labeling function; "
                "write @labeling_function(...) above it, or use one of the makers"
            )
    twice = [name for name, n in Counter(lf.name for lf in functions).items() if n > 1]
    if twice:
        raise ValueError(
            f"two labeling functions have one name: {', '.join(map(repr, twice))}; "
            "tell them apart with name="
        )
    return functions


def _explain(lf: LabelingFunction, frame: pd.DataFrame, error: Exception) -> LFFailure:
    """Find the row that broke a function."""
    if isinstance(error, BadVotesError):
        return LFFailure(lf.name, error, None, None, "")
    if _breaks(lf, frame.iloc[:0], error, same_text=True):
        return LFFailure(lf.name, error, None, None, "fails whatever the rows")
    low, high = _halve(lf, frame, error)
    if high - low > 1 or not len(frame):
        where = f"fails on rows {low} to {high - 1} together, on neither half alone"
        return LFFailure(lf.name, error, None, None, where)
    last = len(frame) - 1
    if low == 0 < last and _breaks(lf, frame.iloc[last:], error, same_text=True):
        return LFFailure(lf.name, error, None, None, "fails on every row tried")
    label = frame.index[[low]].tolist()[0]
    named = "" if label == low else f" (index {label!r})"
    return LFFailure(lf.name, error, low, label, f"fails at row {low}{named}")


def _halve(
    lf: LabelingFunction, frame: pd.DataFrame, error: Exception
) -> tuple[int, int]:
    """Give the shortest range of rows, found by halving, that still fails."""
    low, high = 0, len(frame)
    while high - low > 1:
        middle = (low + high) // 2
        if _breaks(lf, frame.iloc[low:middle], error):
            high = middle
        elif _breaks(lf, frame.iloc[middle:high], error):
            low = middle
        else:
            break
    return low, high


def _breaks(
    lf: LabelingFunction,
    rows: pd.DataFrame,
    error: Exception,
    same_text: bool = False,
) -> bool:
    """Whether these rows make the function fail in the same way."""
    try:
        lf.vote(rows)
    except Exception as found:
        same = type(found) is type(error)
        return same and (not same_text or str(found) == str(error))
    return False


def _hint(error: Exception) -> str:
    if "truth value of a" in str(error):
        return (
            " (a labeling function gets the whole frame: write masks such as "
            'frame["age"] > 80, joined by & and |, instead of if)'
        )
    return ""


class _Progress:
    """Says which function is at work: on standard error, in a terminal."""

    def __init__(self, total: int, wanted: bool | None) -> None:
        self.total = total
        self.on = sys.stderr.isatty() if wanted is None else wanted
        self.wait = _QUIET_SECONDS if wanted is None else 0.0
        self.began = time.monotonic()
        self.width = 0

    def __enter__(self) -> _Progress:
        return self

    def step(self, done: int, name: str) -> None:
        """Say what comes next, when the work so far has taken long enough."""
        if self.on and time.monotonic() - self.began >= self.wait:
            self._write(f"labeling function {done + 1} of {self.total}: {name}")

    def __exit__(self, *error: object) -> None:
        if self.width:
            self._write("")
            sys.stderr.write("\r")

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self.width))
        sys.stderr.flush()
        self.width = len(text)
