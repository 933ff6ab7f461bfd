"""What a comparison of two models shows, and in words what it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report

__all__ = ["ModelComparison", "find_verdict"]


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison(Report):
    """Two models on the same rows.

    The table has one row per metric:

    - metric; score_a, score_b: the scores of the two models
    - difference: score_a - score_b; low, high: its interval
    - p_value: two-sided; mid-p of McNemar's test for accuracy without weights
      and groups, else from the bootstrap, or from the t distribution with folds
    - better: the name of the model that is ahead, "neither" for a tie
    - same_sign: chance that a second test set of the same size has the same
      model ahead
    - shown: whether the interval leaves 0 out and p_value is small enough.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    verdict : str
        What the first metric shows, in words.
    n_rows : int
        Rows compared; the number of folds where only their scores are known.
    only_a_right, only_b_right : int or None
        Rows that one model alone has right; None for values.
    mcnemar_exact, mcnemar_mid_p : float
        p-values of McNemar's test; NaN with weights, groups or values.
    survives : float
        same_sign of the first metric.
    rows_needed : float
        Rows with which a difference as large as the one seen would be shown
        with a chance of 80 %; infinite for no difference. NaN for scores.
    names : tuple of two str
        The models.
    unit : {"rows", "folds"}
        What n_rows counts.
    notes : tuple of str
        What to know before believing it.
    """

    verdict: str
    n_rows: int
    only_a_right: int | None
    only_b_right: int | None
    mcnemar_exact: float
    mcnemar_mid_p: float
    survives: float
    rows_needed: float
    names: tuple[str, str] = field(repr=False, default=("A", "B"))
    unit: str = field(repr=False, default="rows")

    title: ClassVar[str] = "Two models compared"

    def plot(self, ax: Any = None) -> Any:
        """Draw the difference of every metric with its interval.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on. Each difference is divided by the half width of
            its interval, and turned round for errors and losses, so that one
            axis serves all metrics.
        """
        import matplotlib.pyplot as plt

        table = self.frame
        if ax is None:
            size = (7, 1.6 + 0.4 * len(table))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        half = ((table["high"] - table["low"]) / 2).replace(0, float("nan"))
        place = range(len(table))
        a, b = self.names
        less = (table["difference"] > 0) != (table["better"] == a)
        sign = np.where(less & (table["difference"] != 0), -1, 1)
        sides = [
            (table["difference"] - table["low"]) / half,
            (table["high"] - table["difference"]) / half,
        ]
        ends = np.where(sign > 0, sides, sides[::-1])
        middle = sign * table["difference"] / half
        ax.axvline(0, color="0.5", linestyle="--")
        ax.errorbar(middle, place, xerr=ends, fmt="o", color="#0b5394", capsize=4)
        names = [f"{row.metric}\n{row.difference:+.3g}" for row in table.itertuples()]
        ax.set_yticks(list(place), names)
        ax.set_ylim(len(table) - 0.5, -0.5)
        ax.set_xlabel(f"{b} better ← half widths of the interval → {a} better")
        first = table.iloc[0]
        sure = f"{first['better']} is ahead" if first["shown"] else "No winner shown"
        ax.set_title(f"{sure} ({first['metric']})")
        return ax

    def _fact_lines(self) -> list[str]:
        """Give the facts plain names, and leave out what is not known."""
        a, b = self.names
        words = {
            "only_a_right": f"rows only {a} has right",
            "only_b_right": f"rows only {b} has right",
            "mcnemar_exact": "McNemar p, exact",
            "mcnemar_mid_p": "McNemar p, mid-p",
            "n_rows": self.unit,
            "rows_needed": "rows needed to show such a difference (80 % power)",
        }
        lines = zip(self.facts.items(), super()._fact_lines(), strict=True)
        return [
            f"{words[name]}: {line.partition(': ')[2]}" if name in words else line
            for (name, value), line in lines
            if name != "survives" and not (pd.isna(value) or value == np.inf)
        ]

    def _shown(self) -> pd.DataFrame:
        shown = super()._shown()
        a, b = self.names
        again = self.frame["same_sign"]
        shown["same_sign"] = [
            "above 0.99" if chance > 0.99 else f"{chance:.2f}" for chance in again
        ]
        shown["shown"] = ["yes" if yes else "no" for yes in self.frame["shown"]]
        return shown.rename(
            columns={
                "score_a": a,
                "score_b": b,
                "difference": f"{a} - {b}",
                "low": "from",
                "high": "to",
                "p_value": "p",
                "same_sign": "same sign again",
            }
        )


def find_verdict(
    row: Any, names: tuple[str, str], confidence: float, again: str, few: str
) -> str:
    """Say what one row of the table shows.

    Parameters
    ----------
    row : Series
        Metric, scores, interval, p-value, chance of the same sign.
    names : tuple of two str
        The models.
    confidence : float
        Level of the interval.
    again : str
        What a repetition would be ("a second test set of 500 rows").
    few : str
        Why too little is known for any verdict; empty otherwise.

    Returns
    -------
    verdict : str
        Two sentences.
    """
    if pd.isna(row["difference"]):
        return f"{row['metric']} is not defined on these rows: nothing can be said."
    gap = f"{abs(row['difference']):.3g}"
    span = (
        f"{row['metric']}, {names[0]} - {names[1]}: {row['difference']:+.3g}, "
        f"{100 * confidence:g} % interval {row['low']:+.3g} to {row['high']:+.3g}"
    )
    if row["difference"] == 0:
        return f"The two have the same {row['metric']} ({span})."
    if row["shown"]:
        start = f"{row['better']} is better by {gap} ({span})."
    elif few:
        start = f"Too little to say which is better: {few} ({span})."
    else:
        start = f"Not shown that either is better ({span})."
    chance = row["same_sign"]
    sure = " above 99 %" if chance > 0.99 else f" {chance:.0%}".replace("%", " %")
    weak = ", little more than a coin toss" if chance < 0.7 else ""
    return (
        f"{start} The chance that {again} would have {row['better']} ahead "
        f"again is{sure}{weak}."
    )
