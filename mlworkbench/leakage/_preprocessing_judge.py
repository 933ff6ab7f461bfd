"""What the differences between runs prove, in exact words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._preprocessing_tables import Difference

__all__ = ["judge", "not_deterministic"]

_COLUMNS = ["feature", "seen with", "what changes", "rows changed", "largest change"]
_SHOWN = 4  # column names in the name of a finding
_VALUES = "its values"
_CHOSEN = "whether it is chosen"
_EMPTY = "whether it is there, the same in all training rows"
_MADE = "whether it is there"
_ROWS = "which training rows are kept"
_ONLY_DROPPED = (
    "other values in the test rows change nothing, so it may be their number alone: "
    "where build_features splits the rows by chance itself, or draws a number for "
    "each, fewer rows get other draws; split outside of it, draw outside of it"
)
_ADVICE = {
    _VALUES: "Fit every step that learns from rows on the training rows alone, in a "
    "Pipeline, and only transform the test rows.",
    _CHOSEN: "Choose the features on the training rows alone, inside a Pipeline or "
    "each fold.",
    _EMPTY: "Take the categories or words from the training rows alone; what is new "
    "in test must be handled as unknown.",
    _MADE: "Decide which features there are from the training rows alone.",
    _ROWS: "Decide which training rows to keep from the training rows alone.",
}


def not_deterministic(chance: Difference) -> LeakageReport:
    """Report that two runs on the same rows differ, so nothing can be proved.

    Parameters
    ----------
    chance : Difference
        Between the two runs.

    Returns
    -------
    report : LeakageReport
        One warning that says "seed it".
    """
    names = [*chance.values, *chance.here, *chance.there]
    n = _rows_changed([chance])
    finding = Finding(
        "preprocessing on both",
        "warning",
        f"not deterministic: {_some(names) or 'the rows kept'}",
        n_rows=n,
        share=n / max(1, len(chance.compared) + len(chance.rows)),
        evidence="two runs on the same rows gave different features",
        advice="Seed it: give every random step in build_features a fixed "
        "random_state, let it remember nothing between calls, and check again.",
    )
    note = (
        "build_features gives two answers for the same rows, so no difference "
        "could be blamed on the test rows; nothing else was tried"
    )
    return make_report([finding], notes=[note])


def judge(
    seen: dict[str, Difference], notes: list[str], inputs: list[Any], n_train: int
) -> LeakageReport:
    """Say what the differences prove, or that there are none.

    Parameters
    ----------
    seen : dict
        What was done to the test rows → what it changed.
    notes : list of str
        Runs that failed.
    inputs : list
        Columns of the input.
    n_train : int
        Number of training rows.

    Returns
    -------
    report : LeakageReport
        A finding for each way in which training features change.
    """
    if not seen:
        finding = Finding(
            "preprocessing on both",
            "warning",
            "could not be checked",
            evidence="; ".join(notes),
            advice="Let build_features run on the training rows alone.",
        )
        return make_report([finding], notes=notes)
    tried = ", ".join(seen)
    if not any(seen.values()):
        verdict = (
            f"no feature of the {n_train:,} training rows differs with {tried}: "
            "evidence, not proof, that no test row flows into them"
        )
        return make_report([], notes=[verdict, *notes])
    verdict = (
        f"compared with {tried}: a difference is proof that test rows flow into "
        "training features; it does not say how much the score gains"
    )
    if len(seen) > 1 and not any(list(seen.values())[1:]):
        notes = [*notes, _ONLY_DROPPED]
    return make_report(_findings(seen, inputs, n_train), notes=[verdict, *notes])


def _findings(
    seen: dict[str, Difference], inputs: list[Any], n_train: int
) -> Iterator[Finding]:
    rows = [row for name, d in seen.items() for row in _evidence(name, d, inputs)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    for what, part in table.groupby("what changes", sort=False):
        names = list(dict.fromkeys(part["feature"]))
        picked = what == _VALUES and any(d.selected for d in seen.values())
        chosen = what == _CHOSEN or picked
        n = int(part["rows changed"].max())
        if what == _VALUES:
            n = _rows_changed(seen.values(), whole=False)
        yield Finding(
            "feature selection on both" if chosen else "preprocessing on both",
            "warning" if what == _EMPTY else "leak",
            _some(names),
            n_rows=n,
            share=n / n_train,
            evidence=part.reset_index(drop=True),
            advice=_ADVICE[_CHOSEN if picked else str(what)],
        )


def _evidence(
    name: str, found: Difference, inputs: list[Any]
) -> Iterator[tuple[Any, ...]]:
    for column, (changed, size) in found.values.items():
        yield column, name, _VALUES, int(changed.sum()), size
    n, nan = len(found.compared), float("nan")
    lost = {**found.here, **found.there}
    varied = [column for column, constant in lost.items() if not constant]
    swapped = any(not c for c in found.here.values()) and any(
        not c for c in found.there.values()
    )
    chosen = found.selected or swapped or set(varied) <= set(inputs)
    for column, constant in lost.items():
        what = _EMPTY if constant else _CHOSEN if chosen else _MADE
        yield column, name, what, 0 if constant else n, nan
    if len(found.rows):
        yield "(rows)", name, _ROWS, len(found.rows), nan


def _rows_changed(differences: Iterable[Difference], whole: bool = True) -> int:
    """Count the rows of which any value changes, or (whole) anything at all."""
    parts = [np.empty(0, dtype=np.intp)]
    for found in differences:
        if whole:
            parts.append(found.rows)
        if whole and (found.here or found.there):
            parts.append(found.compared)
        masks = [changed for changed, _ in found.values.values()]
        if masks:
            parts.append(found.compared[np.logical_or.reduce(masks)])
    return len(np.unique(np.concatenate(parts)))


def _some(names: list[Any]) -> str:
    shown = ", ".join(str(name) for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
