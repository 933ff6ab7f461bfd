"""What a model gains by not answering, and what to do with the other rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._selective_costs import cost_table
from mlworkbench.evaluation._selective_curve import Curve
from mlworkbench.evaluation._selective_scores import confidence_of, read_table

__all__ = ["SelectiveReport"]


@dataclass(frozen=True, eq=False, repr=False)
class SelectiveReport(Report):
    """Error against the share of rows answered.

    The table has one row per distinct confidence, the surest first:

    - threshold: answer the rows at least as sure
    - coverage, rows: share of all rows that are answered, and how many
    - error: share of them that is wrong; low, high: its exact interval, for
      this threshold alone (with weights approximate)

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    verdict : str
        What is promised, in words.
    target_error : float
        The error to stay below.
    threshold : float
        Answer the rows at least as sure; infinite where nothing is promised.
    coverage, error_answered, error_below : float
        At this threshold: share of rows answered, error among them, and error
        the model would make in the others; NaN where there are none.
    guaranteed : bool
        Whether the promise holds; False with weights, and without a threshold.
    error_all : float
        Error when every row is answered.
    aurc : float
        Area under the risk-coverage curve: mean error over all coverages.
    excess_aurc : float
        aurc less that of a model which is least sure of its errors.
    auroc : float
        Chance that a right row is surer than a wrong one; NaN without either.
    naive_threshold, naive_coverage : float
        Where the error seen is the target: about every second time, the true
        error is above it.
    costs : pandas.DataFrame or None
        What each action below the threshold costs, where `actions` were given.
    score : str, callable or None
        How the confidence is made from probabilities; None where it was given.
    curve : Curve
        The sums behind the table.
    confidence : ndarray of shape (m,)
        How sure the model was of each row with weight.
    wrong : ndarray of shape (m,), bool
        Whether it was wrong.
    weight : ndarray of shape (m,)
        Weights of these rows.
    notes : tuple of str
        What to know before believing it.
    """

    verdict: str
    target_error: float
    threshold: float
    coverage: float
    error_answered: float
    error_below: float
    guaranteed: bool
    error_all: float
    aurc: float
    excess_aurc: float
    auroc: float
    naive_threshold: float
    naive_coverage: float
    costs: pd.DataFrame | None = None
    score: Any = field(repr=False, default="max")
    curve: Curve | None = field(repr=False, default=None)
    confidence: FloatArray | None = field(repr=False, default=None)
    wrong: npt.NDArray[np.bool_] | None = field(repr=False, default=None)
    weight: FloatArray | None = field(repr=False, default=None)

    title: ClassVar[str] = "Answer, or not"

    def answers(
        self, y_prob: Any, *, score: Any = None, threshold: float | None = None
    ) -> npt.NDArray[np.bool_]:
        """Say which rows are sure enough to be answered.

        Parameters
        ----------
        y_prob : array-like of shape (n,) or (n, n_classes)
            Probabilities of other rows.
        score : array-like of shape (n,), optional
            Their confidence, where the report was made from such numbers.
        threshold : float, optional
            Another threshold than the one promised.

        Returns
        -------
        answered : ndarray of shape (n,), bool
            True where the model is at least as sure as the threshold.

        Raises
        ------
        ValueError
            When a score is needed.
        """
        how = self.score if score is None else score
        if how is None:
            raise ValueError(
                "the report was made from given confidences; pass score= for the "
                "rows of y_prob"
            )
        at = self.threshold if threshold is None else threshold
        return np.asarray(confidence_of(how, read_table(y_prob).prob) >= at)

    def cost_table(
        self, actions: Mapping[str, Any], *, error_cost: float = 1.0
    ) -> pd.DataFrame:
        """Compare what can be done with the rows below the threshold.

        Parameters
        ----------
        actions : dict from str to float or tuple
            Name of the action to its cost per row, or to (cost, error): the
            share of rows that it still has wrong, or for each row given to
            `selective_report` whether it has (shape (n,)). A cost alone is that
            of a row left open, with no error.
        error_cost : float, default=1.0
            Cost of a wrong answer, in the same unit.

        Returns
        -------
        table : DataFrame
            One row per action, and "answer all rows": cost per row at the
            threshold, and at the action's own cheapest threshold on these rows
            (for which no error is promised).

        Raises
        ------
        ValueError
            When a cost is negative or an error is outside [0, 1].
        """
        assert self.confidence is not None
        assert self.wrong is not None
        assert self.weight is not None
        rows = self.confidence, self.wrong, self.weight
        return cost_table(*rows, self.threshold, actions, error_cost)

    def plot(self, ax: Any = None) -> Any:
        """Draw the error against the share of rows answered.

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

        if ax is None:
            ax = plt.subplots(figsize=(7, 4.2), layout="constrained")[1]
        table = self.frame
        share = 100 * table["coverage"]
        ax.fill_between(
            share, 100 * table["low"], 100 * table["high"], color="0.85", lw=0
        )
        ax.plot(share, 100 * table["error"], color="#0b5394", label="the model")
        ideal = np.linspace(max(1 - self.error_all, 1e-9), 1, 50)
        best = np.append(0.0, 1 - (1 - self.error_all) / ideal)
        ax.plot(
            100 * np.append(0.0, ideal),
            100 * best,
            color="0.4",
            ls=":",
            label="least sure of its errors",
        )
        goal = 100 * self.target_error
        ax.axhline(goal, color="#b45f06", ls="--", label=f"target {goal:g} %")
        if np.isfinite(self.threshold):
            at = 100 * self.coverage, 100 * self.error_answered
            ax.plot(*at, "o", color="#b45f06", label="threshold")
        keeps = "is promised to keep" if self.guaranteed else "seems to keep"
        roof = max(1.4 * self.error_all, 1.6 * self.target_error, 0.01)
        ax.set(xlim=(0, 100), ylim=(0, min(100 * roof, 100)))
        ax.set_xlabel("rows answered (%)")
        ax.set_ylabel("error among them (%)")
        ax.set_title(
            f"Answering {100 * self.coverage:.0f} % {keeps} the error below {goal:g} %"
            if np.isfinite(self.threshold)
            else f"No threshold keeps the error below {goal:g} % for sure"
        )
        ax.figure.legend(loc="outside lower center", ncols=4)
        return ax

    def _fact_lines(self) -> list[str]:
        """Give the facts plain names, and leave out what is not known."""
        words = {
            "coverage": "share of rows answered",
            "error_answered": "error among them",
            "error_below": "error of the model in the others",
            "guaranteed": "error promised",
            "error_all": "error if all rows are answered",
            "aurc": "area under the curve (AURC)",
            "excess_aurc": "more than with errors least sure (E-AURC)",
            "auroc": "chance that a right row is surer than a wrong one",
            "naive_threshold": "threshold where the error seen is the target",
            "naive_coverage": "share of rows answered there",
        }
        lines = zip(self.facts.items(), super()._fact_lines(), strict=True)
        return [
            f"{words.get(name, name.replace('_', ' '))}: "
            f"{line.partition(': ')[2].replace('∞', 'none')}"
            for (name, value), line in lines
            if not pd.isna(value)
        ]

    def _shown(self) -> pd.DataFrame:
        """Show the rows nearest to 10 %, 20 %, ... of coverage."""
        share = self.frame["coverage"].to_numpy()
        wanted = np.arange(1, 11) / 10
        near = np.unique([int(np.argmin(np.abs(share - goal))) for goal in wanted])
        shown = super()._shown().iloc[near].reset_index(drop=True)
        return shown.rename(columns={"low": "from", "high": "to"})

    def __str__(self) -> str:
        """Give the report for a terminal."""
        text = super().__str__()
        if self.costs is None:
            return text
        return f"{text}\n\n{self.costs.round(4).to_string(index=False)}"

    def _repr_html_(self) -> str:
        text = super()._repr_html_()
        if self.costs is None:
            return text
        return f"{text}\n{self.costs.round(4).to_html(index=False, border=0)}"
