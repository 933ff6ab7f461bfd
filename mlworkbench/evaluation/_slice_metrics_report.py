"""What `slice_metrics` measured: the table, a sentence, a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import check_choice

__all__ = ["LEVEL", "ROWS", "SliceMetrics", "say_finding"]

LEVEL = 0.05
ROWS = 20
_SHOWN = {
    "slice": "slice",
    "n": "rows",
    "metric": "metric",
    "value": "value",
    "interval": "interval",
    "gap": "gap to the rest",
    "gap_interval": "interval of the gap",
    "p_adjusted": "p, corrected",
}
_NAMES = {"bh": "Benjamini and Hochberg", "holm": "Holm", "bonferroni": "Bonferroni"}


@dataclass(frozen=True, eq=False, repr=False)
class SliceMetrics(Report):
    """Every metric in every slice, beside all other rows.

    The table has one row per metric and slice:

    - slice: the level, or the conditions where columns are crossed (the levels
      follow in columns of their own); ``(missing)`` for a missing value
    - n: rows; n_effective, with weights: rows that would tell as much
    - metric, value, and the interval from low to high
    - rest: the metric in all other rows; gap: value less rest, and the interval
      from gap_low to gap_high
    - p_value: that slice and rest differ as much by chance; p_adjusted:
      corrected for every test in the table; significant: at most 0.05.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    finding : str
        What is shown, in a sentence.
    n_rows, n_slices : int
        Rows, and groups among them.
    overall : pandas.DataFrame
        Value, low and high of every metric over all rows.
    notes : tuple of str
        What to know before believing it.
    """

    finding: str
    n_rows: int
    n_slices: int
    overall: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Metrics by slice"

    def plot(self, ax: Any = None, metric: str | None = None) -> Any:
        """Draw one metric in every slice with its interval, the lowest on top.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        metric : str, optional
            Which one; by default the first.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on. Of more than 30 slices those with the smallest
            p-values are drawn.

        Raises
        ------
        ValueError
            When the metric was not measured.
        """
        import matplotlib.pyplot as plt

        names = list(self.overall.index)
        name = names[0] if metric is None else check_choice(metric, "metric", names)
        table = self.frame[self.frame["metric"] == name].dropna(subset="value")
        table = table.sort_values("p_value", kind="stable").head(30)
        table = table.sort_values("value", kind="stable", ascending=False)
        k = len(table)
        if ax is None:
            size = (7, 1.6 + 0.3 * max(k, 3))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        place = np.arange(k)
        middle = self.overall.loc[name, "value"]
        ax.axvline(middle, color="0.5", linestyle="--", label="all rows")
        sure = table["significant"].to_numpy(dtype=bool)
        for mask, color, mark, label in (
            (sure, "#b45f06", "o", "slice, differs from the rest"),
            (~sure, "#0b5394", "s", "slice, may be chance"),
        ):
            if mask.any():
                part, at = table[mask], place[mask]
                ax.hlines(at, part["low"], part["high"], color=color, lw=2)
                ax.plot(part["value"], at, mark, color=color, label=label)
        shown = zip(table["slice"].astype(str), table["n"], strict=True)
        ax.set_yticks(place, [f"{label}  ({n:,})" for label, n in shown])
        ax.set_ylim(-0.5, max(k, 1) - 0.5)
        ax.set_xlabel(name.replace("_", " "))
        ax.set_ylabel("slice (rows)")
        ax.set_title(f"{_title(name)} in {k} of {self.n_slices} slices")
        ax.figure.legend(loc="outside lower center", ncols=3)
        return ax

    def _shown(self) -> pd.DataFrame:
        table = self.frame
        if len(table) > 1.5 * ROWS:
            table = table.sort_values("p_value", kind="stable").head(ROWS)
        table = table.reset_index(drop=True)
        shown = pd.DataFrame(index=table.index)
        for name in _SHOWN:
            low, high = ("gap_low", "gap_high") if "gap" in name else ("low", "high")
            if "interval" in name:
                pairs = zip(table[low], table[high], strict=True)
                shown[name] = [_between(*pair) for pair in pairs]
            elif name == "p_adjusted":
                shown[name] = [_chance(p) for p in table[name]]
            elif name in ("value", "gap"):
                shown[name] = [_number(x, name == "gap") for x in table[name]]
            elif name == "n":
                shown[name] = [f"{n:,}" for n in table[name]]
            else:
                shown[name] = table[name]
        if table["metric"].nunique() == 1:
            title = _title(str(table["metric"].iloc[0]))
            shown = shown.drop(columns="metric")
            return shown.rename(columns=_SHOWN | {"value": title.lower()})
        return shown.rename(columns=_SHOWN)


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _number(value: float, signed: bool = False) -> str:
    if np.isnan(value):
        return "–"
    if abs(value) == np.inf:
        return "∞" if value > 0 else "−∞"
    sign = "+" if signed else ""
    text = f"{value:{sign}.3f}" if abs(value) < 100 else f"{value:{sign},.1f}"
    return text.replace("-", "−")


def _between(low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return "–"
    return f"{_number(low)} to {_number(high)}"


def _chance(p: float) -> str:
    if np.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _level(by: str, level: Any) -> str:
    return level if isinstance(level, str) else f"{by} = {level}"


def say_finding(
    table: pd.DataFrame,
    overall: pd.DataFrame,
    correction: str,
    n_tests: int,
    by: str,
) -> str:
    """Say what the table shows, and what it does not.

    A level that is no word is named with its column, `by`.
    """
    name = str(overall.index[0])
    part = table[table["metric"] == name].dropna(subset="value")
    value = overall["value"].iloc[0]
    level = "not defined" if np.isnan(value) else _number(value)
    text = f"{name.replace('_', ' ')} is {level} over all rows"
    if len(part) > 1:
        low, high = (
            f"{_number(part['value'].iloc[i])} ({_level(by, part['slice'].iloc[i])}, "
            f"{part['n'].iloc[i]:,} rows)"
            for i in np.argsort(part["value"].to_numpy(), kind="stable")[[0, -1]]
        )
        text += f", from {low} to {high}"
    if not n_tests:
        return f"{text}; nothing is tested"
    sure = int(table["significant"].sum())
    of = f"{sure or 'none'} of {len(table):,} values"
    verb = "differ" if sure > 1 else "differs"
    return (
        f"{text}; {of} {verb} from the rest of the rows by more than chance "
        f"explains ({_NAMES[correction]}, {n_tests:,} test{'s' * (n_tests > 1)}, "
        f"level {LEVEL})"
    )
