"""What a check of leakage returns: findings, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Verdict

__all__ = ["KINDS", "SEVERITIES", "Finding", "LeakageReport", "make_report"]

KINDS = {
    "L1.1": "no clean test set",
    "L1.2": "preprocessing on both",
    "L1.3": "feature selection on both",
    "L1.4": "duplicates",
    "L2": "illegitimate feature",
    "L3.1": "temporal",
    "L3.2": "dependence",
    "L3.3": "sampling bias",
}
SEVERITIES = ("leak", "warning", "note")
_CODES = {name: code for code, name in KINDS.items()}
_COLORS = {"leak": "#b2182b", "warning": "#e08214", "note": "#9e9e9e"}
_COLUMNS = ["severity", "code", "kind", "what", "n_rows", "share", "evidence", "advice"]


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that a check found.

    Parameters
    ----------
    kind : str
        A kind of the taxonomy of Kapoor and Narayanan (2023), by name
        ("duplicates") or by code ("L1.4"); kept as the name.
    severity : {"leak", "warning", "note"}
        "leak" where test has told training something, "warning" where that is
        likely or the score will mislead, "note" where one should know it.
    what : str
        A short name: the columns, the estimator, the rows it is about.
    n_rows : int, optional
        Rows concerned; None where it is not about rows.
    share : float, optional
        Their share of the rows looked at, in [0, 1]; NaN where unknown.
    evidence : pandas.DataFrame or str
        Example rows or pairs, or what was seen, in words.
    advice : str
        What to do, in one sentence.
    """

    kind: str
    severity: str
    what: str
    n_rows: int | None = None
    share: float = float("nan")
    evidence: pd.DataFrame | str = ""
    advice: str = ""

    def __post_init__(self) -> None:
        """Take a code for its name, and refuse what is neither."""
        object.__setattr__(self, "kind", KINDS.get(self.kind, self.kind))
        if self.kind not in _CODES:
            raise ValueError(f"kind is {self.kind!r}; pass one of {list(_CODES)}")
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity is {self.severity!r}; pass one of {SEVERITIES}")

    @property
    def code(self) -> str:
        """The code of the kind in the taxonomy."""
        return _CODES[self.kind]


@dataclass(frozen=True, eq=False, repr=False)
class LeakageReport(Verdict):
    """What a check of leakage found, the gravest first.

    The columns of `frame`, one row per finding:

    - severity: "leak", "warning" or "note"
    - code, kind: which kind of leakage, after Kapoor and Narayanan (2023)
    - what: the columns, rows or estimator it is about
    - n_rows, share: rows concerned, and their share of those looked at
    - evidence: in words, or how many example rows `rows` gives
    - advice: what to do.

    Parameters
    ----------
    frame : pandas.DataFrame
        The findings as a table.
    n_leaks, n_warnings, n_notes : int
        Findings of each severity.
    findings : tuple of Finding
        The findings, in the order of the table.
    notes : tuple of str
        What was looked at, and what could not be seen.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).
    """

    n_leaks: int
    n_warnings: int
    n_notes: int
    findings: tuple[Finding, ...] = field(repr=False)

    title: ClassVar[str] = "Leakage"

    @property
    def ok(self) -> bool:
        """True when nothing is graver than a note: evidence, not proof."""
        return not self.n_leaks and not self.n_warnings

    def rows(self, what: str) -> pd.DataFrame:
        """Give the example rows of the findings of one kind.

        Parameters
        ----------
        what : str
            A kind ("duplicates"), its code ("L1.4"), or the `what` of a
            finding.

        Returns
        -------
        rows : pandas.DataFrame
            The evidence; that of several findings one below the other, with
            the `what` of each in the column "finding". Empty where nothing of
            that kind was found.

        Raises
        ------
        KeyError
            When `what` is neither a kind nor the name of a finding.
        """
        kind = KINDS.get(what, what)
        chosen = [f for f in self.findings if kind == f.kind or what == f.what]
        if not chosen:
            if kind in _CODES:
                return pd.DataFrame()
            names = list(dict.fromkeys(f.what for f in self.findings))
            raise KeyError(
                f"no kind and no finding is called {what!r}; "
                f"kinds are {list(_CODES)}, findings {names}"
            )
        tables = [_as_table(finding) for finding in chosen]
        if len(tables) == 1:
            return tables[0]
        for finding, table in zip(chosen, tables, strict=True):
            table.insert(0, "finding", finding.what, allow_duplicates=True)
        return pd.concat(tables)

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of rows of every finding.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: a bar per finding, the gravest on top.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            height = max(2.0, 0.4 * len(self.findings) + 1.2)
            ax = plt.subplots(figsize=(7, height), layout="constrained")[1]
        shown = self.findings[::-1]
        at = np.arange(len(shown))
        share = np.array([finding.share for finding in shown], dtype=np.float64)
        colors = [_COLORS[finding.severity] for finding in shown]
        ax.barh(at, 100 * np.nan_to_num(share), color=colors)
        for y, finding in zip(at, shown, strict=True):
            size = "" if np.isnan(finding.share) else f" {_percent(finding.share)}"
            start = 100 * float(np.nan_to_num(finding.share))
            ax.text(start + 1, y, finding.severity + size, va="center", fontsize=8)
        ax.set_yticks(at, [f"{f.kind}: {_shorten(f.what)}" for f in shown])
        ax.set_xlim(0, 150)
        ax.set_xticks(range(0, 101, 20))
        ax.set_xlabel("rows concerned (%)")
        counts = f"{self.n_leaks} leak(s), {self.n_warnings} warning(s)"
        ax.set_title("Nothing above a note" if self.ok else counts)
        return ax


def make_report(
    findings: Iterable[Finding], *, notes: Iterable[str] = ()
) -> LeakageReport:
    """Sort findings by severity and put them into a report.

    Parameters
    ----------
    findings : iterable of Finding
        What was found; findings of one severity keep their order.
    notes : iterable of str
        What was looked at, and what could not be seen; said once each.

    Returns
    -------
    report : LeakageReport
        The report.
    """
    ordered = sorted(findings, key=lambda f: SEVERITIES.index(f.severity))
    counts = {s: sum(f.severity == s for f in ordered) for s in SEVERITIES}
    rows = [
        (f.severity, f.code, f.kind, f.what, f.n_rows, f.share, _words(f), f.advice)
        for f in ordered
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame["n_rows"] = frame["n_rows"].astype("Int64")
    frame["share"] = frame["share"].astype("float64")
    return LeakageReport(
        frame,
        n_leaks=counts["leak"],
        n_warnings=counts["warning"],
        n_notes=counts["note"],
        findings=tuple(ordered),
        notes=tuple(dict.fromkeys(notes)),
    )


def _words(finding: Finding) -> str:
    """Give the evidence in words."""
    if isinstance(finding.evidence, str):
        return finding.evidence
    return f"{len(finding.evidence)} example row(s) in .rows({finding.what!r})"


def _as_table(finding: Finding) -> pd.DataFrame:
    """Give the evidence as a table of its own."""
    if isinstance(finding.evidence, str):
        return pd.DataFrame({"evidence": [finding.evidence]})
    return finding.evidence.copy()


def _percent(share: float) -> str:
    """Write a share so that a small one is not none and a large one not all."""
    text = f"{100 * share:.1f}"
    if text in ("0.0", "100.0") and 0 < share < 1:
        return "under 0.1 %" if share < 0.5 else "over 99.9 %"
    return f"{text.removesuffix('.0')} %"


def _shorten(text: str, limit: int = 32) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
