"""What the ledger says, as a small table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from mlworkbench._report import Report
from mlworkbench.notebook._ledger import ledger
from mlworkbench.notebook._text import show_value

__all__ = ["Progress", "progress"]


@dataclass(frozen=True, eq=False, repr=False)
class Progress(Report):
    """What you guessed and solved so far.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per exercise and question, in the order first met: name, kind,
        result, tries.
    exercises_right : int
        Exercises whose check has once said "right".
    guesses_made : int
        Questions guessed before the answer was shown.
    notes : tuple of str, keyword-only
        What is wrong with the ledger, if anything.
    """

    exercises_right: int
    guesses_made: int

    title: ClassVar[str] = "Your progress"


def progress(prefix: str = "", /) -> Progress:
    """Show what you guessed and solved, on this computer.

    Parameters
    ----------
    prefix : str
        Only names that begin so, such as `"ch04"`.

    Returns
    -------
    report : Progress
        A table of exercises and guesses. It depends on who runs it: tag its
        cell `nbval-ignore-output`.

    Notes
    -----
    The events lie in `progress.jsonl`, in the user's data folder or where
    `MLWORKBENCH_HOME` points; delete the file to start again. Answers are not
    kept, only whether they were right. *Used in:* `00_start_here`.
    """
    events, notes = ledger.read()
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for event in events:
        if event["name"].startswith(prefix):
            groups.setdefault((event["name"], event["kind"]), []).append(event)
    rows = [
        {"name": name, "kind": kind, **_summary(kind, group)}
        for (name, kind), group in groups.items()
        if kind in ("check", "guess")
    ]
    frame = pd.DataFrame(rows, columns=["name", "kind", "result", "tries"])
    right = (frame["kind"] == "check") & (frame["result"] == "right")
    honest = (frame["kind"] == "guess") & ~frame["result"].str.endswith(_LATE)
    if frame.empty:
        notes = ["Nothing yet: make a guess, or check an exercise.", *notes]
    return Progress(frame, int(right.sum()), int(honest.sum()), notes=tuple(notes))


_LATE = " (after the answer)"


def _summary(kind: str, group: list[dict[str, Any]]) -> dict[str, Any]:
    if kind == "check":
        solved = any(event.get("status") == "right" for event in group)
        return {"result": "right" if solved else "not yet", "tries": len(group)}
    first = group[0]  # the honest guess is the first one
    late = _LATE if first.get("late") else ""
    return {"result": show_value(first.get("guess")) + late, "tries": len(group)}
