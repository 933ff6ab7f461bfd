"""What the truth in place of a step brings, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report

__all__ = ["OracleSubstitution"]


@dataclass(frozen=True, eq=False, repr=False)
class OracleSubstitution(Report):
    """A chain of models with the truth put in, step by step.

    The table has one row per step; NaN where its truth is not known:

    - step
    - score: with this step and all before it replaced by the truth
    - gain: by how much that is better than with all before it replaced, and
      low, high: its interval. The gains add up to the distance from perfect
    - score_alone, gain_alone, low_alone, high_alone: with this step alone
      replaced, against the chain as it is. NaN for a last step whose truth is
      the answer itself.

    A gain is positive where the truth makes the chain better, for errors and
    losses too.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    verdict : str
        Which step to improve first, in words.
    metric : str
        What is measured.
    as_it_is : float
        Score of the chain.
    improve_first : str or None
        The step with the largest gain; None where no step gains.
    first_share : float
        Share of the resamples in which it has the largest gain; NaN for None.
    n_rows : int
        Rows scored.
    notes : tuple of str
        What to know before believing it.
    """

    verdict: str
    metric: str
    as_it_is: float
    improve_first: str | None
    first_share: float
    n_rows: int

    title: ClassVar[str] = "One step after another replaced by the truth"

    def plot(self, ax: Any = None) -> Any:
        """Draw the gain of every step with its interval.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        table = self.frame[self.frame["gain"].notna()]
        if ax is None:
            size = (7, 1.4 + 0.4 * len(table))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        place = np.arange(len(table))
        middle = table["gain"].to_numpy()
        ends = [middle - table["low"], table["high"] - middle]
        first = (table["step"] == self.improve_first).to_numpy()
        colors = np.where(first, "#b45f06", "#0b5394")
        ax.barh(place, middle, color=colors, height=0.6)
        ax.errorbar(middle, place, xerr=ends, fmt="none", color="0.2", capsize=4)
        ax.axvline(0, color="0.5", lw=1)
        ax.set_yticks(place, table["step"])
        ax.set_ylim(len(table) - 0.5, -0.5)
        unit = self.metric.removeprefix("neg_").replace("_", " ")
        ax.set_xlabel(f"gain in {unit} with the truth in its place")
        shown = bool((table["low"] > 0).to_numpy()[first].any())
        name = self.improve_first
        ax.set_title(f"Improve {name} first" if shown else "No step is shown to gain")
        return ax

    def _fact_lines(self) -> list[str]:
        """Give the facts plain names."""
        words = {
            "as_it_is": f"{self.metric} of the chain as it is",
            "first_share": "share of resamples in which it gains most",
        }
        lines = zip(self.facts.items(), super()._fact_lines(), strict=True)
        return [
            f"{words[name]}: {line.partition(': ')[2]}" if name in words else line
            for (name, value), line in lines
            if name != "metric" and not pd.isna(value)
        ]

    def _shown(self) -> pd.DataFrame:
        shown = super()._shown()
        names = ["step", "score", "gain", "low", "high"]
        other = self.frame["score_alone"] - self.frame["score"]
        if (other.abs() > 0).any():
            names += ["gain_alone"]
        return shown[names].rename(
            columns={
                "step": "truth up to",
                "low": "from",
                "high": "to",
                "gain_alone": "this one alone",
            }
        )
