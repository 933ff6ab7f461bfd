"""Rows that look alike, stated once, and their votes as counts for `fit_counts`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from mlworkbench._validation import FloatArray
from mlworkbench.labeling._em import EMFit, fit_counts
from mlworkbench.labeling._votes import ABSTAIN

__all__ = [
    "Patterns",
    "agreement",
    "design",
    "distinct",
    "fit_patterns",
    "overruled",
]

IntArray = npt.NDArray[np.int64]
_DENSE = 300_000  # cells up to which one plain matrix is the fastest
_JOINT = 600  # most joint outcomes of the functions taken together
_CODES = 2**40
_TRIAL = 1_000  # rows on which the starts are compared ...
_STEPS = 5  # ... after so many steps


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct rows of votes.

    Parameters
    ----------
    outcomes : ndarray of shape (n_patterns, n_functions)
        A class, or n_classes for silence; in order of first appearance, so
        that renaming the classes does not change the order.
    weights : ndarray of shape (n_patterns,)
        Rows that look like this.
    inverse : ndarray of shape (n_rows,)
        The pattern of each row.
    known : ndarray of shape (n_patterns,) or None
        The true class of the rows, where it was given; -1 elsewhere.
    """

    outcomes: IntArray
    weights: FloatArray
    inverse: IntArray
    known: IntArray | None = None

    def tally(self, n_outcomes: int) -> IntArray:
        """Give how many functions have each outcome, pattern by pattern."""
        shape = (len(self.outcomes), n_outcomes)
        at = self.outcomes + n_outcomes * np.arange(shape[0])[:, None]
        count = np.bincount(at.ravel(), minlength=shape[0] * n_outcomes)
        return np.asarray(count.reshape(shape), dtype=np.int64)

    def by_function(self, n_outcomes: int) -> FloatArray:
        """Give on how many rows each function has each outcome."""
        count = [
            np.bincount(column, weights=self.weights, minlength=n_outcomes)
            for column in self.outcomes.T
        ]
        return np.asarray(count, dtype=np.float64)

    def take(self, most: int) -> Patterns:
        """Give the patterns of at most so many rows, drawn by a fixed seed."""
        if len(self.inverse) <= most:
            return self
        rng = np.random.default_rng(0)
        rows = rng.choice(len(self.inverse), most, replace=False, shuffle=False)
        inverse, kept = pd.factorize(self.inverse[np.sort(rows)])
        known = None if self.known is None else self.known[kept]
        weights = np.bincount(inverse).astype(np.float64)
        return Patterns(self.outcomes[kept], weights, inverse, known)


def distinct(
    votes: npt.NDArray[np.int8], n_classes: int, known: IntArray | None = None
) -> Patterns:
    """Find the distinct rows; rows with different known classes stay apart.

    O(rows × functions): codes are hashed, not sorted.
    """
    base = n_classes + 1
    code = np.zeros(len(votes), dtype=np.int64)
    room = 1
    columns = list(np.ascontiguousarray(votes.T))
    for column in columns if known is None else [*columns, known]:
        if room * base > _CODES:
            code = np.asarray(pd.factorize(code)[0], dtype=np.int64)
            room = len(code) + 1
        code *= base
        code += column
        code += 1
        room *= base
    inverse = np.asarray(pd.factorize(code)[0], dtype=np.int64)
    count = np.bincount(inverse)
    first = np.empty(len(count), dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(inverse))[::-1]
    outcomes = votes[first].astype(np.int64)
    outcomes[outcomes == ABSTAIN] = n_classes
    return Patterns(
        outcomes,
        count.astype(np.float64),
        inverse,
        None if known is None else known[first],
    )


def design(outcomes: IntArray, n_outcomes: int, silent: int | None) -> tuple[Any, Any]:
    """Give the counts of votes, and what their columns stand for.

    Parameters
    ----------
    outcomes : ndarray of shape (n_patterns, n_functions)
        Outcomes.
    n_outcomes : int
        Outcomes of a function.
    silent : int, optional
        The outcome that is not counted.

    Returns
    -------
    counts : array or sparse matrix of shape (n_patterns, n_columns)
        One entry per pattern and group of functions.
    expand : sparse matrix or None
        For `fit_counts`: a column is a joint outcome of a group of functions.
    """
    rows, functions = outcomes.shape
    if rows * functions * n_outcomes <= _DENSE:
        plain = np.zeros((rows, functions, n_outcomes))
        np.put_along_axis(plain, outcomes[:, :, None], 1.0, axis=2)
        if silent is not None:
            plain[:, :, silent] = 0.0
        return plain.reshape(rows, functions * n_outcomes), None
    size = max(1, int(np.log(_JOINT) / np.log(n_outcomes)))
    codes, expand, offset = [], [], 0
    for start in range(0, functions, size):
        group = np.arange(start, min(start + size, functions))
        place = n_outcomes ** np.arange(len(group))
        joint = np.arange(n_outcomes ** len(group))
        said = joint[:, None] // place % n_outcomes
        lines = group * n_outcomes + said
        at = np.column_stack([lines.ravel(), np.repeat(joint + offset, len(group))])
        expand.append(at if silent is None else at[said.ravel() != silent])
        codes.append(outcomes[:, group] @ place + offset)
        offset += len(joint)
    columns = np.column_stack(codes)
    starts = np.arange(rows + 1) * columns.shape[1]
    counts = sparse.csr_array(
        (np.ones(columns.size), columns.ravel(), starts), shape=(rows, offset)
    )
    line, column = np.concatenate(expand).T
    stands = sparse.csr_array(
        (np.ones(len(line)), (line, column)), shape=(functions * n_outcomes, offset)
    )
    return counts, stands


def fit_patterns(
    patterns: Patterns,
    n_classes: int,
    *,
    missing: bool = False,
    n_init: int = 1,
    start: EMFit | None = None,
    **options: Any,
) -> EMFit:
    """Fit the model of `fit_counts`, smoothed by what the sources have in common.

    Parameters
    ----------
    patterns : Patterns
        The votes.
    n_classes : int
        Number of classes.
    missing : bool
        Leave silence out.
    n_init : int
        Starts; compared on some of the rows, the best goes on with all.
    start : EMFit, optional
        Where to go on from instead.
    **options
        Passed to `fit_counts`.

    Returns
    -------
    fit : EMFit
        The fit; posteriors by pattern.
    """
    if start is None and n_init > 1 and len(patterns.inverse) > _TRIAL:
        short = {**options, "max_iter": min(_STEPS, options.get("max_iter", _STEPS))}
        trial = fit_patterns(
            patterns.take(_TRIAL), n_classes, missing=missing, n_init=n_init, **short
        )
        start, n_init = trial if trial.start else None, 1
    silent = n_classes if missing else None
    counts, expand = design(patterns.outcomes, n_classes + 1, silent)
    return fit_counts(
        counts,
        n_classes,
        n_classes + 1,
        weights=patterns.weights,
        known=patterns.known,
        pooled=True,
        expand=expand,
        n_init=n_init,
        start=start,
        **options,
    )


def agreement(patterns: Patterns, n_outcomes: int) -> tuple[FloatArray, FloatArray]:
    """Give how often two functions have the same outcome, and their outcomes.

    Returns
    -------
    same : ndarray of shape (n_functions, n_functions)
        Share of rows on which the pair has one outcome; silence is one.
    shares : ndarray of shape (n_functions, n_outcomes)
        Share of rows by outcome.
    """
    total = max(float(patterns.weights.sum()), 1.0)
    root = np.sqrt(patterns.weights / total)[:, None]
    functions = patterns.outcomes.shape[1]
    same = np.zeros((functions, functions))
    shares = np.zeros((functions, n_outcomes))
    for outcome in range(n_outcomes):
        hit = (patterns.outcomes == outcome) * root
        pair = hit.T @ hit
        same += pair
        shares[:, outcome] = np.diag(pair)
    return same, shares


def overruled(spread: IntArray, weights: FloatArray, posterior: FloatArray) -> float:
    """Give the share of rows with two or more votes, all equal, that are overruled."""
    agreed = ((spread > 0).sum(axis=1) == 1) & (spread.sum(axis=1) > 1)
    total = float(weights[agreed].sum())
    if total == 0:
        return 0.0
    other = posterior[agreed].argmax(axis=1) != spread[agreed].argmax(axis=1)
    return float(weights[agreed][other].sum()) / total
