"""What `baseline_table` found: every answer, the model beside each, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Verdict
from mlworkbench._validation import check_choice

__all__ = ["BaselineReport", "say_verdict"]

_WIDE = 2  # metrics that stand side by side; more stand below each other


@dataclass(frozen=True, eq=False, repr=False)
class BaselineReport(Verdict):
    """What `baseline_table` found.

    `frame` has one row per metric and answer, the model last:

    - metric, baseline (the name of the answer), kind (random, rule, human,
      existing, model), rows: how many test rows it answered
    - score; of a guesser the expected score
    - score_low, score_high: bootstrap interval; of a guesser the band that
      holds the given share of its simulated scores, whose mean is
      simulated_mean
    - difference: the model's score minus this one's, on the same rows;
      difference_low, difference_high: interval of the paired bootstrap
    - model_is: "better" or "worse" where the interval leaves 0 out, else "not
      shown"; empty where there is no difference.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    verdict : str
        What is shown, in a sentence.
    task : {"classification", "regression"}
        What was judged.
    n : int
        Test rows.
    confidence : float
        Level of the intervals.
    greater_is_better : dict of str to bool
        Which way each metric is better.
    notes : tuple of str
        What is not there and why; what to know before believing it.
    """

    verdict: str
    task: str
    n: int
    confidence: float = field(repr=False)
    greater_is_better: dict[str, bool] = field(repr=False)

    title: ClassVar[str] = "Baselines"

    @property
    def ok(self) -> bool:
        """Whether the model is shown to be better than every baseline.

        On every metric, and each row of the table but the model's counts, if
        it has a score: leave `human` out where a model need not beat people.
        False without a model.
        """
        others = self.frame[self.frame["kind"] != "model"]
        known = others[others["score"].notna()]
        complete = bool(known.groupby("metric").size().size) and (
            set(known["metric"]) == set(self.greater_is_better)
        )
        return complete and bool((known["model_is"] == "better").all())

    def plot(self, ax: Any = None, *, metric: str | None = None) -> Any:
        """Draw the score of every answer with its interval, the model last.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        metric : str, optional
            Which metric; the first by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        names = list(self.greater_is_better)
        metric = check_choice(metric or names[0], "metric", names)
        table = self.frame[self.frame["metric"] == metric]
        table = table[table["score"].notna()]
        if ax is None:
            size = (6.5, 1.2 + 0.35 * len(table))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        for place in range(len(table)):
            row: Any = table.iloc[place]
            style = _STYLES["guess" if row.kind == "random" else str(row.kind)]
            if np.isfinite([row.score_low, row.score_high]).all():
                ax.plot([row.score_low, row.score_high], [place] * 2, lw=2, **style)
            ax.plot([row.score], [place], "o", **style)
            if row.kind == "model":
                ax.axvline(row.score, lw=1, ls="--", zorder=0, **style)
        ax.set_yticks(range(len(table)), table["baseline"])
        ax.set_ylim(len(table) - 0.5, -0.5)
        better = "more" if self.greater_is_better[metric] else "less"
        ax.set_xlabel(f"{metric} ({better} is better)")
        ax.set_title(f"{metric}: the model and what it has to beat")
        return ax

    def _fact_lines(self) -> list[str]:
        lines = super()._fact_lines()
        return lines if (self.frame["kind"] == "model").any() else lines[1:]

    def _shown(self) -> pd.DataFrame:
        table, names = self.frame, list(self.greater_is_better)
        has_model = bool((table["kind"] == "model").any())
        side_by_side = len(names) <= _WIDE
        first = table[table["metric"] == names[0]] if side_by_side else table
        shown = pd.DataFrame({"answers from": first["baseline"].tolist()})
        if not side_by_side:
            shown.insert(0, "metric", table["metric"].tolist())
        if table["rows"].nunique() > 1:
            shown["rows"] = [f"{count:,}" for count in first["rows"]]
        parts = {"score": table}
        if side_by_side:
            parts = {name: table[table["metric"] == name] for name in names}
        for name, rows in parts.items():
            shown[name] = [_score(row) for row in rows.itertuples()]
            if has_model:
                what = f"model minus it, {name}" if len(parts) > 1 else "model minus it"
                shown[what] = [_difference(row) for row in rows.itertuples()]
        return shown


_STYLES = {
    "guess": {"color": "0.6"},
    "rule": {"color": "0.25"},
    "human": {"color": "#b45f06"},
    "existing": {"color": "#b45f06"},
    "model": {"color": "#0b5394"},
}


def _number(value: float, sign: str = "") -> str:
    if np.isnan(value):
        return "–"
    size = abs(value)
    digits = 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    if 1e-6 < size < 5e-4:  # rounding must not hide on which side of 0 it is
        digits = int(np.ceil(-np.log10(size)))
    value = round(value, digits) + 0.0  # no −0.000
    return f"{value:{sign},.{digits}f}".replace("-", "−")


def _score(row: Any) -> str:
    text = _number(row.score)
    if row.kind == "random" and row.score_high > row.score_low:
        text += f" ({_number(row.score_low)} to {_number(row.score_high)})"
    return text


def _difference(row: Any) -> str:
    if np.isnan(row.difference):
        return "–" if row.kind != "model" else ""
    text = _number(row.difference, "+")
    if np.isnan(row.difference_low):
        return text
    return (
        f"{text} [{_number(row.difference_low, '+')}, "
        f"{_number(row.difference_high, '+')}] {row.model_is}"
    )


def say_verdict(table: pd.DataFrame, confidence: float) -> str:
    """Say what the table shows, and what it does not.

    Parameters
    ----------
    table : pandas.DataFrame
        The frame of the report.
    confidence : float
        Level of the intervals.

    Returns
    -------
    verdict : str
        One clause per metric.
    """
    if not (table["kind"] == "model").any():
        return "no model was given: this is what one has to beat"
    if table["difference_low"].isna().all():
        return "no interval of a difference could be computed: nothing is shown"
    clauses: dict[str, list[str]] = {}
    for name, rows in table[table["kind"] != "model"].groupby("metric", sort=False):
        clauses.setdefault(_clause(rows), []).append(str(name))
    text = "; ".join(f"on {_list(on)} the model {said}" for said, on in clauses.items())
    return f"{text} (paired bootstrap, {confidence:.0%} intervals)"


def _clause(rows: pd.DataFrame) -> str:
    """Say whom the model beats on one metric."""
    scored = rows[rows["score"].notna()]
    better = int((scored["model_is"] == "better").sum())
    if not len(scored) or scored["difference"].isna().all():
        return "cannot be compared"
    if better == len(rows):
        return "beats every baseline"
    if better == len(scored):
        return f"beats every baseline that has a score ({better} of {len(rows)})"
    worse = scored.loc[scored["model_is"] == "worse", "baseline"].tolist()
    rest = scored.loc[~scored["model_is"].isin(["better", "worse"]), "baseline"]
    said = [f"is worse than {_list(worse)}"] if worse else []
    said += [f"is not shown to beat {_list(rest.tolist())}"] if len(rest) else []
    rest = scored.loc[scored["model_is"] == "better", "baseline"]
    others = rest.iloc[0] if better == 1 else f"the other {better}"
    said += [f"beats {others}"] if better else []
    return ", and ".join([", ".join(said[:-1]), said[-1]][len(said) < 2 :])


def _list(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
