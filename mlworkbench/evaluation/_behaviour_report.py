"""What a test of behaviour found, and the assertion for a test suite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._stats import wilson_interval
from mlworkbench._validation import check_fraction
from mlworkbench.evaluation._behaviour_answers import Copied
from mlworkbench.evaluation._behaviour_judge import Judged

__all__ = [
    "BehaviourReport",
    "as_level",
    "count_rows",
    "make_report",
    "rate_sentence",
    "shares",
]

_MOST_COLUMNS = 12  # that differ, shown before and after
_SHOWN = {
    "change": "change",
    "expected": "expected",
    "n": "rows",
    "failed": "failed",
    "failure_rate": "failure rate",
    "low": "from",
    "high": "to",
    "largest_move": "largest move",
    "score_before": "score before",
    "score_after": "score after",
}


@dataclass(frozen=True, eq=False, repr=False)
class BehaviourReport(Report):
    """How often a model does not behave as expected, and where.

    The table has one row per change: `change` (for a minimum functionality
    test `expected`), n (rows that it changed and that could fail), failed,
    failure_rate with its interval (low, high); largest_move of a number; with
    the truth, score_before and score_after.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    finding : str
        What is shown, in a sentence.
    kind : str
        Which test.
    n : int
        Rows tested: changed at least once, and able to fail.
    n_failed : int
        Rows of which at least one copy fails.
    failure_rate : float
        Their share; NaN where n is 0.
    low, high : float
        Wilson's interval of the rate, by row.
    n_cannot_fail : int
        Rows left out because no copy of theirs could fail: the probability is
        at its edge already.
    n_unchanged : int
        Rows left out because no change changed them.
    tolerance : float
        What was tolerated.
    label_change_rate : float
        Share of the changed rows of which a copy has another label; NaN
        without labels.
    moved_rate : float
        Share of the changed rows of which a copy's probability (of the first
        label) or value moved by more than the tolerance; NaN for labels.
    confidence : float
        Level of the intervals.
    failures : pandas.DataFrame
        One row per failing copy, the largest move first, with the index of X:
        the change, the columns that differ before and after, and the answers
        before and after.
    notes : tuple of str
        What to know before believing it.
    """

    finding: str
    kind: str
    n: int
    n_failed: int
    failure_rate: float
    low: float
    high: float
    n_cannot_fail: int
    n_unchanged: int
    tolerance: float
    label_change_rate: float
    moved_rate: float
    confidence: float
    failures: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Test of behaviour"

    def plot(self, ax: Any = None) -> Any:
        """Draw the failure rate of every change, with its interval.

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

        table, k = self.frame, len(self.frame)
        if ax is None:
            size = (7, 1.4 + 0.35 * max(k, 2))
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        rate = 100 * table["failure_rate"].to_numpy()
        ends = 100 * table[["low", "high"]].to_numpy().T
        errors = np.abs(np.vstack([rate - ends[0], ends[1] - rate]))
        ax.errorbar(rate, np.arange(k), xerr=errors, fmt="o", color="#0b5394")
        ax.set_yticks(np.arange(k), [str(name) for name in table.iloc[:, 0]])
        ax.set_ylim(k - 0.5, -0.5)
        ax.set_xlim(left=min(0, ax.get_xlim()[0]))
        ax.set_xlabel(f"rows that fail, % (with {100 * self.confidence:g} % intervals)")
        ax.set_title(f"{self.n_failed:,} of {self.n:,} rows fail")
        return ax

    def _fact_lines(self) -> list[str]:
        lines = [f"{self.kind}: {self.finding}"]
        both = {
            "another label": self.label_change_rate,
            f"probability moved by more than {self.tolerance:g}": self.moved_rate,
        }
        if self.tolerance and not np.isnan(list(both.values())).any():
            lines += [f"{name}: {_percent(x)} of rows" for name, x in both.items()]
        left = (
            ("could not fail", self.n_cannot_fail),
            ("not changed", self.n_unchanged),
        )
        out = ", ".join(f"{count:,} {name}" for name, count in left if count)
        return lines + ([f"rows left out: {out}"] if out else [])

    def _shown(self) -> pd.DataFrame:
        shown = super()._shown()
        for name in ("failure_rate", "low", "high"):
            shown[name] = [_percent(value) for value in self.frame[name]]
        names = [name for name in _SHOWN if name in shown]
        return shown[names].rename(columns=_SHOWN)


def make_report(
    kind: str, case: Copied, judged: Judged, tolerance: float, confidence: float
) -> BehaviourReport:
    """Count what became of the copies, by row, and write the report."""
    level = as_level(confidence)
    rows, owner, can_fail = case.rows, case.owner, judged.can_fail
    n = len(rows)
    changed = count_rows(n, owner) > 0
    able = count_rows(n, owner[can_fail]) > 0
    failed = count_rows(n, owner[judged.failed]) > 0
    rate, low, high = shares(int(failed.sum()), int(able.sum()), level)
    any_of = [
        float("nan")
        if mask is None
        else float((count_rows(n, owner[mask]) > 0)[changed].mean())
        for mask in (judged.flipped, judged.moved)
    ]
    return BehaviourReport(
        _by_change(case, judged, level),
        rate_sentence(int(failed.sum()), int(able.sum()), judged.says, level),
        kind,
        int(able.sum()),
        int(failed.sum()),
        rate,
        low,
        high,
        int((changed & ~able).sum()),
        int((~changed).sum()),
        float(tolerance),
        any_of[0],
        any_of[1],
        level,
        _failures(case, judged),
        notes=_notes(case, kind, tolerance),
    )


def count_rows(n: int, owner: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Count the copies of each of n rows."""
    return np.bincount(owner, minlength=n)


def shares(failed: int, n: int, confidence: float) -> tuple[float, float, float]:
    """Give the failure rate with Wilson's interval; NaN without rows."""
    low, high = wilson_interval(failed, n, confidence)
    return failed / n if n else float("nan"), float(low), float(high)


def rate_sentence(failed: int, n: int, says: str, confidence: float) -> str:
    """Say what is shown, and what is not."""
    rate, low, high = shares(failed, n, confidence)
    if not n:
        return "nothing is shown: no row could fail"
    level = f"{100 * confidence:g} % interval"
    if not failed:
        return (
            f"none of {n:,} rows {_one_of(says)}; that does not show that none "
            f"would: a rate up to {_percent(high)} fits as well ({level})"
        )
    return (
        f"{failed:,} of {n:,} rows fail ({_percent(rate)}; {level} "
        f"{_percent(low)} to {_percent(high)}): they {says}"
    )


def _one_of(says: str) -> str:
    """Give what rows do as what one of them does."""
    verb, _, rest = says.partition(" ")
    return {"get": "gets ", "are": "is "}[verb] + rest


def _by_change(case: Copied, judged: Judged, confidence: float) -> pd.DataFrame:
    """Give the table: one row per change."""
    k = len(case.copies)
    numbers = judged.before.dtype.kind == "f"
    table = pd.DataFrame({"change": list(case.copies)})
    table["n"] = np.bincount(case.which[judged.can_fail], minlength=k)
    table["failed"] = np.bincount(case.which[judged.failed], minlength=k)
    ends = [
        shares(int(f), int(n), confidence) for n, f in table[["n", "failed"]].values
    ]
    table[["failure_rate", "low", "high"]] = np.array(ends)
    if numbers:
        move = np.zeros(k)
        np.maximum.at(move, case.which, np.abs(judged.after - judged.before))
        table["largest_move"] = move
    return table


def _failures(case: Copied, judged: Judged) -> pd.DataFrame:
    """Give the failing copies: what changed, and the answers."""
    at = np.flatnonzero(judged.failed)
    before, after = judged.before[at], judged.after[at]
    if before.dtype.kind == "f":
        order = np.argsort(-np.abs(after - before), kind="stable")
        at, before, after = at[order], before[order], after[order]
    rows, owner, which = case.rows, case.owner[at], case.which[at]
    names = list(case.copies)
    table = pd.DataFrame({"change": [names[i] for i in which]}, rows.index[owner])
    for name, (old, new) in _differences(case, owner, which).items():
        table[f"{name} before"], table[f"{name} after"] = old, new
    table["before"], table["after"] = before, after
    first, new_answers = case.before.at(owner), case.after.at(at)
    if judged.flipped is not None and first.kind == "probability":
        for when, codes in (("before", first.labels), ("after", new_answers.labels)):
            known = case.classes
            table[f"label {when}"] = codes if known is None else known[codes]
    return table


def _differences(
    case: Copied, owner: npt.NDArray[np.intp], which: npt.NDArray[np.intp]
) -> dict[str, tuple[Any, Any]]:
    """Give the columns, or texts, that differ in the copies, before and after."""
    rows, made = case.rows, list(case.copies.values())
    if rows.kind == "array":
        return {}
    if rows.kind == "texts":
        old = [rows.values[i] for i in owner]
        new = [made[k][i] for i, k in zip(owner, which, strict=True)]
        return {"text": (old, new)}
    touched = [set(rows.touched(copy)) for copy in made]
    columns = [c for c in rows.values.columns if any(c in some for some in touched)]
    if len(columns) > _MOST_COLUMNS:
        return {}
    wanted: dict[str, tuple[Any, Any]] = {}
    for column in columns:
        old = rows.values[column].iloc[owner]
        new = old.to_numpy(object, copy=True)
        for k, copy in enumerate(made):
            if column in touched[k]:
                mine = np.flatnonzero(which == k)
                new[mine] = copy[column].iloc[owner[mine]].to_numpy(object)
        wanted[str(column)] = (old.to_numpy(), pd.Series(new).infer_objects())
    return {name: (old, np.asarray(new)) for name, (old, new) in wanted.items()}


def _notes(case: Copied, kind: str, tolerance: float) -> tuple[str, ...]:
    notes = []
    if case.before.kind == "label" and tolerance and kind != "directional":
        notes.append(
            "predict gave labels, so the tolerance plays no part; pass predict_proba"
        )
    if case.before.kind == "probability" and case.before.values.ndim == 1:
        notes.append(
            "answers inside [0, 1] are read as probabilities; for values pass "
            'output="value"'
        )
    if len(case.copies) > 1:
        notes.append("a row fails if any of its copies does, and counts once")
    return tuple(notes)


def _percent(value: float) -> str:
    if value != value:
        return "–"
    places = 0 if value in (0, 1) else 1 if value >= 0.001 else 2
    return f"{100 * value:.{places}f} %"


def as_level(confidence: Any) -> float:
    if check_fraction(confidence, "confidence") == 1:
        raise ValueError("confidence is 1; pass less, such as 0.95")
    return float(confidence)
