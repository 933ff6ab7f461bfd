"""What makes the labels of a label model doubtful, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlworkbench._validation import FloatArray
from mlworkbench.labeling._choose import Choice
from mlworkbench.labeling._dependencies import informedness
from mlworkbench.labeling._patterns import Patterns, overruled

if TYPE_CHECKING:
    from mlworkbench.labeling._label_model import LabelModel

__all__ = ["doubts"]

_SIGMAS = 3.0
_AGAINST = 0.1  # share of unanimous rows that may be overruled


def doubts(
    model: LabelModel,
    patterns: Patterns,
    chosen: Choice,
    names: list[str],
    anchored: bool,
) -> tuple[tuple[str, ...], list[str]]:
    """Give all notes, and those that call for a warning."""
    k = len(model.classes_)
    tally = patterns.by_function(k + 1)[:, :k]
    spread = patterns.tally(k + 1)
    notes, serious = [], []
    never = tally.sum(axis=1) == 0
    if never.any():
        notes.append(f"never vote: {_list(names, never)}")
    one_sided = (tally > 0).sum(axis=1) == 1
    if one_sided.all():
        notes.append(
            "every function votes for one class only: all evidence is in who is "
            "silent when; give class_balance if you know it"
        )
    if model.dependencies_:
        groups = "; ".join(", ".join(group) for group in model.dependencies_)
        notes.append(f"counted once, as they agree too much: {groups}")
    silent = float(patterns.weights[spread[:, k] == len(names)].sum())
    if silent:
        share = silent / patterns.weights.sum()
        notes.append(f"{share:.1%} of the rows have no vote: they get class_prior_")
    serious += _few(model, names, never, anchored)
    serious += _unheard(tally)
    serious += _worse(model, tally, names)
    serious += _overruled(
        overruled(spread[:, :k], patterns.weights, chosen.fit.posterior)
    )
    if chosen.note:
        (serious if chosen.serious else notes).append(chosen.note)
    climbs = chosen.kind == "full"
    if (
        climbs
        and not model.converged_
        and not any("fewer than three" in s for s in serious)
    ):
        serious.append(f"EM had not come to rest after {model.n_iter_} steps")
    return tuple(notes + serious), serious


def _few(
    model: LabelModel, names: list[str], never: np.ndarray, anchored: bool
) -> list[str]:
    copies = sum(len(group) - 1 for group in model.dependencies_)
    independent = len(names) - copies - int(never.sum())
    if independent > 2 or anchored:
        return []
    return [
        f"fewer than three independent functions vote ({independent}): their "
        "accuracies cannot be told from the votes; add functions or labels"
    ]


def _unheard(tally: FloatArray) -> list[str]:
    unheard = np.flatnonzero(tally.sum(axis=0) == 0)
    if not len(unheard):
        return []
    return [
        f"no function votes for class {', '.join(map(str, unheard))}: what the "
        "others leave is taken for it; add functions or give class_balance"
    ]


def _worse(model: LabelModel, tally: FloatArray, names: list[str]) -> list[str]:
    said = tally.sum(axis=1)
    noise = 0.5 / np.sqrt(np.maximum(said, 1))
    gain = informedness(model.confusion_, model.class_prior_)
    worse = (said > 0) & (gain < -_SIGMAS * noise)
    if not worse.any():
        return []
    alone = ((tally > 0) & ~worse[:, None]).any(axis=0)
    if 2 * worse.sum() >= (said > 0).sum() or not alone[tally.sum(axis=0) > 0].all():
        return [
            f"{worse.sum()} of {(said > 0).sum()} functions look worse than chance: "
            "they may be, or the model has found something other than the classes; "
            "check some rows by hand, give class_balance or some labels"
        ]
    return [f"worse than chance: {_list(names, worse)} (used the other way round)"]


def _overruled(share: float) -> list[str]:
    """Say when rows whose votes all agree are labelled otherwise."""
    if share <= _AGAINST:
        return []
    return [
        f"{share:.0%} of the rows on which two or more functions agree get another "
        "class: the classes found may not be yours; check some rows by hand, give "
        "class_balance or some labels"
    ]


def _list(names: list[str], mask: np.ndarray) -> str:
    return ", ".join(name for name, yes in zip(names, mask, strict=True) if yes)
