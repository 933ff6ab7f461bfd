"""What `find_slices` found: the slices, how sure, and their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import as_frame, check_columns, check_integer
from mlworkbench.evaluation._slice_predicates import Predicate, holds_all

__all__ = ["LEVEL", "SliceSearchResult"]

LEVEL = 0.05
_SHOWN = {
    "slice": "slice",
    "rows": "rows",
    "new_rows": "new rows",
    "error": "error",
    "rest_error": "in the rest",
    "score": "score",
    "p_adjusted": "p",
    "holdout_error": "held-out error",
    "confirmed": "confirmed",
}
_NAMES = {"bh": "Benjamini and Hochberg", "holm": "Holm", "bonferroni": "Bonferroni"}


@dataclass(frozen=True, eq=False, repr=False)
class SliceSearchResult(Report):
    """The slices with the highest scores, the best first.

    The table has one row per slice, numbered by `i`, which `.mask` and
    `.describe` take:

    - slice: the conditions; level: how many; rows and share of the rows
      searched
    - error, rest_error: average error inside, and of all other rows
    - score: SliceLine's, 0 for all rows together
    - p_value: that chance alone makes these rows so much worse; p_adjusted:
      corrected for every slice that was looked at; significant: at most 0.05
    - new_rows: rows that are in no slice above; 0 where the slice says again
      what those above say
    - with a holdout: holdout_rows, holdout_error, holdout_rest_error,
      holdout_p_value, holdout_p_adjusted (corrected for the slices shown), and
      confirmed: at most 0.05.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    finding : str
        What is shown, in a sentence.
    n_rows : int
        Rows searched.
    average_error : float
        Their average error.
    min_rows : int
        Rows that a slice had to have.
    n_slices : int
        Slices with as many rows: how often was looked. Where pruning skipped
        some, a number that they cannot exceed.
    predicates : tuple of tuple
        The conditions of each slice; `str` gives each as text.
    masks : ndarray of shape (k, n), bool
        The rows of each slice, among all rows given.
    notes : tuple of str
        What to know before believing it.
    """

    finding: str
    n_rows: int
    average_error: float
    min_rows: int
    n_slices: int
    predicates: tuple[tuple[Predicate, ...], ...] = field(repr=False)
    masks: npt.NDArray[np.bool_] = field(repr=False)

    title: ClassVar[str] = "Slices with the largest errors"

    def mask(self, i: int, X: Any = None) -> npt.NDArray[np.bool_]:
        """Say which rows are in a slice.

        Parameters
        ----------
        i : int
            Number of the slice, from 0.
        X : DataFrame or 2-D array, optional
            Other rows, with the columns of the slice; by default those given
            to `find_slices`, held-out share included.

        Returns
        -------
        mask : ndarray of shape (n,), bool
            True in the rows of the slice.

        Raises
        ------
        IndexError
            When there is no such slice.
        KeyError, TypeError
            When X lacks a column, or has values of another kind in it.
        """
        i = self._number(i)
        if X is None:
            return np.array(self.masks[i], dtype=np.bool_)
        frame = as_frame(X, "X")
        check_columns(frame, [p.column for p in self.predicates[i]], "X")
        return holds_all(self.predicates[i], frame)

    def describe(self, i: int) -> str:
        """Tell about one slice in a few sentences.

        Parameters
        ----------
        i : int
            Number of the slice, from 0.

        Returns
        -------
        text : str
            The conditions, the rows, the errors, and what is shown.

        Raises
        ------
        IndexError
            When there is no such slice.
        """
        i = self._number(i)
        row = self.frame.iloc[i]
        often = "at most " if self._bounded else ""
        sure = "Significant" if row["significant"] else "Not significant"
        lines = [
            f"{row['slice']}: {row['rows']:,} of {self.n_rows:,} rows "
            f"({row['share']:.1%}).",
            f"Average error {_error(row['error'])}, against "
            f"{_error(row['rest_error'])} in the other rows.",
            f"{sure}: p {_equals(row['p_adjusted'])}, corrected for {often}"
            f"{self.n_slices:,} slices looked at.",
        ]
        if "confirmed" in self.frame:
            lines.append(_held_sentence(row))
        if not row["new_rows"]:
            lines.append("All its rows are in the slices above it.")
        return "\n".join(lines)

    def plot(self, ax: Any = None) -> Any:
        """Draw the average error of every slice beside that of all rows.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: full dots for the rows searched, open ones for
            the held-out rows.
        """
        import matplotlib.pyplot as plt

        table, k = self.frame, len(self.frame)
        if ax is None:
            size = (7, 1.4 + 0.32 * max(k, 3))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        place = np.arange(k)
        ax.axvline(self.average_error, color="0.5", linestyle="--", label="all rows")
        sure = table["significant"].to_numpy(dtype=bool)
        for mask, color, label in (
            (sure, "#0b5394", "slice, significant"),
            (~sure, "0.65", "slice, may be chance"),
        ):
            if mask.any():
                ax.plot(
                    table["error"][mask], place[mask], "o", color=color, label=label
                )
        if "confirmed" in table:
            style = {"mfc": "none", "color": "#b45f06", "markersize": 9}
            ax.plot(table["holdout_error"], place, "o", label="held-out rows", **style)
        names = [f"{name}  ({i})" for i, name in enumerate(table["slice"])]
        ax.set_yticks(place, names)
        ax.set_ylim(max(k, 1) - 0.5, -0.5)
        ax.set_xlabel("average error")
        ax.set_title(_headline(table))
        ax.figure.legend(loc="outside lower center", ncols=2) if k else None
        return ax

    @property
    def _bounded(self) -> bool:
        return any(note.startswith("pruned") for note in self.notes)

    def _fact_lines(self) -> list[str]:
        return [
            f"finding: {self.finding}",
            f"rows searched: {self.n_rows:,}, average error "
            f"{_error(self.average_error)}",
            f"a slice has at least {self.min_rows:,} rows",
        ]

    def _number(self, i: int) -> int:
        if check_integer(i, "i") >= len(self.frame):
            raise IndexError(f"i is {i}; there are {len(self.frame)} slice(s), from 0")
        return int(i)

    def _shown(self) -> pd.DataFrame:
        shown = super()._shown()
        shown["p_adjusted"] = [_chance(p) for p in self.frame["p_adjusted"]]
        if "confirmed" in shown:
            shown["confirmed"] = np.where(shown["confirmed"], "yes", "no")
        names = [name for name in _SHOWN if name in shown]
        return shown[names].rename(columns=_SHOWN)


def _error(value: float) -> str:
    return f"{value:#.3g}" if value < 1000 else f"{value:,.0f}"


def _held_sentence(row: Any) -> str:
    held = int(row["holdout_rows"])
    if not held:
        return "Not confirmed: none of the held-out rows is in it."
    sure = "Confirmed" if row["confirmed"] else "Not confirmed"
    known = pd.notna(row["holdout_p_adjusted"])
    p = f", p {_equals(row['holdout_p_adjusted'])}" if known else ""
    return (
        f"{sure} on {held:,} held-out rows: average error "
        f"{_error(row['holdout_error'])}, against {_error(row['holdout_rest_error'])}"
        f" in the other rows{p}."
    )


def _headline(table: pd.DataFrame) -> str:
    k = len(table)
    if not k:
        return "No slice found"
    if "confirmed" in table:
        held = int(table["confirmed"].sum())
        return f"{held} of {k} slices are confirmed on held-out rows"
    sure = int(table["significant"].sum())
    return f"{sure} of {k} slices are worse than chance explains"


def _equals(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def _chance(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def find_sentence(
    table: pd.DataFrame, n_slices: int, correction: str, bounded: bool
) -> str:
    """Say what the table shows, and what it does not."""
    k, looked = len(table), f"{'at most ' if bounded else ''}{n_slices:,}"
    if not k:
        if not n_slices:
            return "no slice could be looked at"
        return f"no slice is worse than average by enough: {looked} looked at"
    sure = int(table["significant"].sum())
    text = (
        f"{_of(sure, k)} worse than chance explains, with {looked} slices "
        f"looked at ({_NAMES[correction]}, level {LEVEL})"
    )
    if "confirmed" in table:
        text += f"; {_of(int(table['confirmed'].sum()), k)} confirmed on held-out rows"
    return text


def _of(count: int, k: int) -> str:
    if not count:
        return "the slice is not" if k == 1 else "none of the slices is"
    if k == 1:
        return "the slice is"
    return f"{count} of {k} slices {'is' if count == 1 else 'are'}"
