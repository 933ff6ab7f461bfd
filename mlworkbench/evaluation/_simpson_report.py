"""What `simpson_check` found: comparisons that turn round, and their strata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import check_integer

__all__ = ["CAUSAL", "LEVEL", "ROWS", "SimpsonCheck", "tell"]

LEVEL = 0.05
ROWS = 15
CAUSAL = (
    "a reversal does not say which answer is causal: compare within groups when "
    "the grouping was settled before the treatment and drives both treatment and "
    "outcome; not when the treatment itself moves rows between the groups"
)


@dataclass(frozen=True, eq=False, repr=False)
class SimpsonCheck(Report):
    """One row per comparison and grouping, reversals first.

    The table has these columns:

    - by: the columns that make the groups; treatment, reference: what is
      compared
    - value, value_reference: average outcome all together; crude: their
      difference, with crude_low and crude_high
    - standardized, standardized_low, standardized_high: the difference if both
      had the same mix of groups, that of all rows compared (direct
      standardisation); standardized_value and standardized_reference are its
      two sides
    - kind: "reversal" where no group agrees with the crude difference;
      "near-reversal" where the standardised difference has the other sign, or
      groups with more than half of the rows have; else "no reversal", and "no
      overlap" where no group has both treatments
    - opposite: share of rows in groups with the other sign
    - groups, rows: in the comparison; rows_left_out: in groups that have only
      one of the two treatments
    - p_value: that chance alone gives the crude or the standardised difference
      its sign (the larger of two one-sided chances); p_adjusted: corrected for
      all comparisons in the table; shown: turned round, and at most 0.05.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    finding : str
        What is shown, in a sentence.
    outcome, treatment : str
        The columns compared.
    n_rows : int
        Rows with both.
    groups : pandas.DataFrame
        Every group of every comparison: n, n_reference, value,
        value_reference, difference with low and high, and share of the rows.
    notes : tuple of str
        What to know before believing it.
    """

    finding: str
    outcome: str
    treatment: str
    n_rows: int
    groups: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Does the comparison turn round within groups?"

    @property
    def reversals(self) -> pd.DataFrame:
        """The rows of the table that turn round or nearly do."""
        return self.frame[self.frame["kind"].isin(["reversal", "near-reversal"])]

    def strata(self, i: int = 0) -> pd.DataFrame:
        """Give the groups of one comparison, then all together and standardised.

        Parameters
        ----------
        i : int, default=0
            Row of the table.

        Returns
        -------
        strata : pandas.DataFrame
            One row per group, then "all together" and "standardised".

        Raises
        ------
        IndexError
            When there is no such row.
        """
        if check_integer(i, "i") >= len(self.frame):
            raise IndexError(f"i is {i}; there are {len(self.frame)} row(s), from 0")
        row = self.frame.iloc[i]
        names = ["by", "treatment", "reference"]
        mask = np.logical_and.reduce([self.groups[c] == row[c] for c in names])
        part = self.groups[mask].drop(columns=names)
        ends = []
        for label, one, two, gap in (
            ("all together", "value", "value_reference", "crude"),
            (
                "standardised",
                *(f"standardized{x}" for x in ("_value", "_reference", "")),
            ),
        ):
            ends.append(
                {
                    "group": label,
                    "n": part["n"].sum(),
                    "n_reference": part["n_reference"].sum(),
                    "value": row[one],
                    "value_reference": row[two],
                    "difference": row[gap],
                    "low": row[f"{gap}_low"],
                    "high": row[f"{gap}_high"],
                    "share": 1.0,
                }
            )
        part = part.astype({"group": object})
        return pd.concat([part, pd.DataFrame(ends)], ignore_index=True)

    def plot(self, ax: Any = None, i: int = 0) -> Any:
        """Draw the difference in every group, all together and standardised.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        i : int, default=0
            Row of the table.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on; of more than 20 groups the largest are drawn.

        Raises
        ------
        IndexError
            When there is no such row.
        """
        import matplotlib.pyplot as plt

        table, row = self.strata(i), self.frame.iloc[i]
        inner = table.iloc[:-2].dropna(subset="difference")
        inner = inner.loc[inner["share"].nlargest(20).sort_index().index]
        table = pd.concat([table.iloc[-2:-1], inner, table.iloc[-1:]])
        place = np.arange(len(table))[::-1]
        if ax is None:
            size = (7, 1.5 + 0.3 * max(len(table), 4))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        color = np.where(table["difference"] * row["crude"] < 0, "#b45f06", "#0b5394")
        ax.hlines(place, table["low"], table["high"], color=color, lw=2)
        ax.scatter(
            table["difference"], place, color=color, s=36, zorder=3, label="difference"
        )
        ax.axvline(0, color="0.5", linestyle="--")
        labels = [
            f"{name}  ({n + m:,.0f})"
            for name, n, m in zip(
                table["group"], table["n"], table["n_reference"], strict=True
            )
        ]
        ax.set_yticks(place, labels)
        ax.set_ylabel("group (rows)")
        names = self._name(row["treatment"]), self._name(row["reference"])
        ax.set_xlabel(f"{self.outcome}: {' less '.join(names)}")
        ax.set_title(f"Grouped by {row['by']}: {row['kind']}")
        return ax

    def _name(self, level: Any) -> str:
        return name_level(self.treatment, level)

    def _shown(self) -> pd.DataFrame:
        if len(self.frame) == 1:
            return self._one()
        table = self.frame.head(ROWS)
        both = (table[name].map(self._name) for name in ("treatment", "reference"))
        pairs = zip(*both, strict=True)
        return pd.DataFrame(
            {
                "grouped by": table["by"],
                "compared": [f"{one} less {two}" for one, two in pairs],
                "all together": [_signed(x) for x in table["crude"]],
                "standardised": [_signed(x) for x in table["standardized"]],
                "groups": table["groups"],
                "kind": table["kind"],
                "p, corrected": [_chance(p) for p in table["p_adjusted"]],
            }
        )

    def _one(self) -> pd.DataFrame:
        table, row = self.strata(), self.frame.iloc[0]
        shown = pd.DataFrame({str(row["by"]): table["group"]})
        for name, value, n in (
            (row["treatment"], "value", "n"),
            (row["reference"], "value_reference", "n_reference"),
        ):
            shown[f"{self._name(name)} (rows)"] = [
                f"{_number(v)} ({m:,.0f})"
                for v, m in zip(table[value], table[n], strict=True)
            ]
        shown["difference"] = [_signed(x) for x in table["difference"]]
        ends = zip(table["low"], table["high"], strict=True)
        shown["interval"] = [
            "–" if np.isnan(low + high) else f"{_number(low)} to {_number(high)}"
            for low, high in ends
        ]
        return shown


def _number(value: float) -> str:
    if np.isnan(value):
        return "–"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
    if 0 < abs(value) < 0.0005:  # near 0, and on one side of it
        text = np.format_float_positional(
            value, precision=1, fractional=False, trim="-"
        )
    return text.replace("-", "−")


def _signed(value: float) -> str:
    return f"+{_number(value)}" if value > 0 else _number(value)


def _chance(p: float) -> str:
    if np.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def name_level(column: str, level: Any) -> str:
    """Give a level as it is read: words alone, others with their column."""
    return level if isinstance(level, str) else f"{column} = {level}"


def tell(table: pd.DataFrame, column: str) -> str:
    """Say in words what the first row shows, and how many others there are."""
    row = table.iloc[0]
    one, two = (name_level(column, row[name]) for name in ("treatment", "reference"))
    if row["kind"] == "no overlap":
        return f"no group of {row['by']} has both {one} and {two}: nothing to compare"
    high, low = (one, two) if row["crude"] >= 0 else (two, one)
    after = row["standardized"] * (1 if row["crude"] >= 0 else -1)
    now = f"{_number(abs(row['crude']))} above" if row["crude"] else "level with"
    then = f"{_number(abs(after))} {'above' if after > 0 else 'below'}"
    text = (
        f"all together {high} is {now} {low}; with the same mix of {row['by']} it "
        f"is {then if after else 'level'}"
    )
    text += {
        "reversal": ": a reversal, no group agrees with the whole",
        "near-reversal": (
            f": a near-reversal, groups with {100 * row['opposite']:.0f} % of the rows "
            "point the other way"
        ),
        "no reversal": ": no reversal",
    }[row["kind"]]
    if row["kind"] != "no reversal":
        text += f" ({_certainty(row)})"
    if len(table) > 1:
        turned = int(table["kind"].isin(["reversal", "near-reversal"]).sum())
        sure = int(table["shown"].sum())
        text += f". {turned} of {len(table)} comparisons turn round or nearly do"
        text += f", {sure or 'none'} beyond chance" if turned else ""
    return text


def _certainty(row: pd.Series) -> str:
    """Say which of the two differences chance may explain."""
    p = _chance(row["p_adjusted"])
    if row["shown"]:
        p = p if p.startswith("<") else f"= {p}"
        return f"both differences are more than chance explains, p {p}"
    open_ones = [
        word
        for word, name in (("first", "crude"), ("second", "standardized"))
        if row[f"{name}_low"] <= 0 <= row[f"{name}_high"]
    ]
    if not open_ones:
        return "with so many comparisons looked at, chance may explain it"
    which = "each of the two" if open_ones[1:] else f"the {open_ones[0]}"
    return f"chance may explain {which}"
