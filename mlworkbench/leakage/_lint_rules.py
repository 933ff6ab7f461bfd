"""What counts as a leak once rows and lessons are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mlworkbench.leakage._findings import SEVERITIES
from mlworkbench.leakage._lint_values import (
    Fit,
    Path,
    Place,
    Rows,
    Value,
    meets,
    seen_by,
)

__all__ = ["Event", "Rules"]

_ADVICE = {
    "L1.1": "Choose on a validation part or by cross-validation; score test once.",
    "L1.2": "Split first; fit on the training rows, or inside a Pipeline.",
    "L1.3": "Select columns on the training rows, inside a Pipeline.",
    "L1.4": "Split first; draw rows again only among the training rows.",
    "L3.1": "Take values of earlier rows only, or fill after the split.",
    "L3.3": "Judge on rows as they come: resample the training rows only.",
    "L2": "Take the target, and what is computed from it, out of the features.",
}


@dataclass
class Event:
    """One finding in the making."""

    kind: str
    severity: str
    what: str
    place: Place
    why: str
    advice: str
    scored: list[Place] = field(default_factory=list)


class Rules:
    """Collects what a notebook does, and judges it.

    Parameters
    ----------
    None
    """

    def __init__(self) -> None:
        self.events: dict[tuple[str, Place, str], Event] = {}
        self.born: dict[Path, tuple[int, ...]] = {}
        self.in_sample: list[tuple[Fit, Place]] = []
        self.judged = False
        self.models: dict[Rows, dict[Place, Place]] = {}

    def report(
        self,
        kind: str,
        severity: str,
        what: str,
        place: Place,
        why: str,
        scored: Place | None = None,
        advice: str | None = None,
    ) -> None:
        """Note a finding; the same one at the same place counts once."""
        event = self.events.setdefault(
            (kind, place, what),
            Event(kind, severity, what, place, why, advice or _ADVICE[kind]),
        )
        if SEVERITIES.index(severity) < SEVERITIES.index(event.severity):
            event.severity, event.why = severity, why
        if scored and scored not in event.scored:
            event.scored.append(scored)

    def remember(self, rows: Rows, loops: tuple[int, ...]) -> None:
        """Note in which loops a set of rows came into being."""
        for path in rows:
            self.born.setdefault(path, loops)

    def redrawn(self, rows: Rows) -> bool:
        """Say whether rows come into being in a loop, each turn anew."""
        return any(self.born.get(path) for path in rows)

    def split(self, value: Value, place: Place) -> None:
        """Judge rows that are about to be split."""
        self.judged = True
        for fit in value.all_fits:
            if fit.kind == "L3.1":  # may be the target: what is ahead
                continue
            if fit.role == "values" and seen_by(fit.rows, value.rows):
                why = "it saw all rows before they were split"
                self.report(fit.kind, fit.severity, fit.what, fit.place, why, place)

    def cross_validated(self, value: Value, place: Place) -> None:
        """Judge rows on which folds are drawn."""
        self.judged = True
        for fit in value.all_fits:
            if fit.role != "values" or not seen_by(fit.rows, value.rows):
                continue
            severity = fit.severity
            if value.role == "train":  # the test rows stay clean
                grave = fit.kind == "L1.3" or "resample" in fit.what
                severity = "warning" if grave and severity == "leak" else "note"
            why = "it saw the rows of every fold before they were drawn"
            self.report(fit.kind, severity, fit.what, fit.place, why, place)

    def scored(
        self,
        fits: Iterable[Fit],
        value: Value,
        place: Place,
        loops: tuple[int, ...],
        varies: frozenset[int],
    ) -> None:
        """Judge a score: was anything learned from the rows that it is about."""
        if not value.rows or value.role == "train":
            return
        models = [fit for fit in fits if fit.role == "model"]
        for fit in fits:
            self._one(fit, value, place)
        if value.role != "test":
            self.judged |= not any(meets(m.rows, value.rows) for m in models)
            return
        self.judged = True
        for model in models:
            self.models.setdefault(value.rows, {})[model.place] = place
        # Splits that are drawn again in every turn are no reuse.
        if not self.redrawn(value.rows) and any(loop in varies for loop in loops):
            why = "models or thresholds are compared on the same test rows in a loop"
            self.report("L1.1", "warning", "test rows scored in a loop", place, why)

    def _one(self, fit: Fit, value: Value, place: Place) -> None:
        if fit.role == "model":
            if fit.rows == value.rows and value.role != "test":
                self.in_sample.append((fit, place))
            elif seen_by(fit.rows, value.rows):
                why = "the model was trained on the rows that judge it"
                self.report("L1.1", "leak", fit.what, fit.place, why, place, _APART)
            elif seen_by(value.rows, fit.rows) and value.role != "test":
                why = "training rows are among the rows that judge the model"
                self.report("L1.1", "warning", fit.what, fit.place, why, place, _APART)
        elif fit.kind == "L1.4" or (fit.rows == value.rows and value.role != "test"):
            return  # a bootstrap of test rows; a score on the training rows
        elif seen_by(fit.rows, value.rows):
            whys = {
                "values": "it saw the test rows",
                "choice": "it was chosen on the rows that judge it",
            }
            why = whys[fit.role]
            self.report(fit.kind, fit.severity, fit.what, fit.place, why, place)

    def fitted_on_test(self, what: str, kind: str, severity: str, place: Place) -> None:
        """Note a transformer that learned from test rows."""
        why = "it learns from the test rows; call transform on them"
        self.report(kind, severity, what, place, why)

    def target(self, X: Value, y: Value, place: Place, what: str) -> None:
        """Judge whether the target, or what tells it, is among the features."""
        if X.table is None or X.table != y.table or y.rows == frozenset():
            return
        goals = {y.column} if y.column else set(y.made_of)
        if not goals or None in goals:
            return
        names = {str(name) for name in goals}
        if all(_computable(X, name) for name in names):
            told = " and ".join(repr(name) for name in sorted(names))
            why = f"the features hold {told}, which is or gives the target"
            self.report("L2", "leak", "target in the features", place, why)
            return
        if len(names) > 1:
            return
        goal = _closure(X, next(iter(names)))
        ours = names if len(goal) != 1 else names | goal
        for column in sorted(X.made):
            if X.has(column) and column not in names and _closure(X, column) & ours:
                why = f"the feature {column!r} is computed from the target"
                self.report("L2", "leak", f"{column} tells the target", place, why)

    def finish(self) -> None:
        """Judge what only the whole notebook can tell."""
        if not self.judged:
            for fit, place in self.in_sample:
                why = "the only score is on the rows that the model was trained on"
                self.report("L1.1", "warning", fit.what, fit.place, why, place, _APART)
        for models in self.models.values():
            if len(models) > 2:
                places = list(models.values())
                why = f"{len(models)} models are judged by the same test rows"
                what = "test rows scored by several models"
                for place in places:
                    self.report("L1.1", "note", what, places[-1], why, place)


_APART = "Keep test rows apart, or cross-validate."


def _closure(X: Value, name: str, depth: int = 0) -> set[str]:
    """Give the columns that one is computed from, through all steps."""
    found: set[str] = set()
    for other in X.made.get(name, ()) if depth < 8 else ():
        if other != name:
            found |= {other} | _closure(X, other, depth + 1)
    return found


def _computable(X: Value, name: str, depth: int = 0) -> bool:
    """Say whether the columns of X give a column."""
    if X.has(name):
        return True
    parts = X.made.get(name, frozenset()) - {name}
    return (
        bool(parts)
        and depth < 8
        and all(_computable(X, part, depth + 1) for part in parts)
    )
