"""Stay near the majority vote where the votes do not carry the full model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray
from mlworkbench.labeling._em import EMFit
from mlworkbench.labeling._patterns import Patterns, fit_patterns, overruled

__all__ = ["Choice", "choose"]

# Set on simulated votes of 37 kinds, 300 to 5,000 rows. Where the classes are found,
# up to .02 of the unanimous rows are overruled (more where two-sided functions lie);
# mostly .04 to .8 where something else is.
_AGAINST = 0.03
_GAIN = 0.5  # nats per parameter: what chance alone gives (Wilks 1938)
_DIFFER = 0.8  # what it takes where rows on which all agree are overruled
_CLEAR = 0.35  # nats a row from which on they may be overruled by one-sided ones too
_HALF = 0.25
_UNEVEN = 0.1
_FEW = 5_000  # rows beyond which functions that differ at all show it
_COMMON = 1e6  # votes added so that all functions have one table
_STEPS = 30


@dataclass(frozen=True, eq=False)
class Choice:
    """The fit to use, and why it is not the full one.

    Parameters
    ----------
    fit : EMFit
        The fit.
    missing : bool
        Whether it leaves silence out.
    kind : str
        "full"; "step": one step from the majority; "common": one table for all.
    note : str
        Why, if it is not the full one.
    serious : bool
        Whether the full fit seems to have found something else than the classes.
    plain : bool
        Whether copies alone were counted once, as other groups are in doubt too.
    """

    fit: EMFit
    missing: bool
    kind: str = "full"
    note: str = ""
    serious: bool = False
    plain: bool = False


def choose(
    patterns: Patterns,
    n_classes: int,
    fit: EMFit,
    missing: bool,
    copied: FloatArray,
    **options: Any,
) -> Choice:
    """Keep the full fit, or take a simpler one that the votes can carry.

    Two things speak against the full fit. Functions of one table for all explain
    the votes as well, up to what chance gives: then what it says of each is
    noise. Or it overrules rows on which all votes agree, or finds the votes for a
    class to be likelier under another: then it has found long texts, or topics,
    unless functions that vote for all classes differ much (some of them lie).
    """
    full = Choice(fit, missing)
    tally = patterns.by_function(n_classes + 1)
    if not (tally[:, :n_classes].sum(axis=0) > 0).all():
        return full
    against = overruled(
        patterns.tally(n_classes + 1)[:, :n_classes], patterns.weights, fit.posterior
    )
    tilted = _tilt(fit, n_classes)
    other = against > _AGAINST or tilted < 1
    two_sided = bool(((tally[:, :n_classes] > 0).sum(axis=1) != 1).all())
    if not other and patterns.weights.sum() > _FEW:
        return full
    simple = {**options, "smoothing": _COMMON, "max_iter": _STEPS}
    common = fit_patterns(patterns, n_classes, missing=missing, **simple)
    outcomes = (tally > 0).sum(axis=1) - (missing & (tally[:, n_classes] > 0))
    size = max(1, n_classes * int(np.maximum(outcomes - 1, 0).sum()))
    gain = (fit.log_likelihood - common.log_likelihood) / size
    if gain * size > _CLEAR * patterns.weights.sum() and tilted >= 1:
        return full
    if gain > (_DIFFER if other else _GAIN) and (two_sided or not other):
        return full
    if other and not two_sided and gain > _GAIN:
        careful = {**options, "max_iter": 1, "power": copied}
        step = fit_patterns(patterns, n_classes, missing=missing, **careful)
        return Choice(step, missing, "step", _captured(against), True, True)
    one_step = {**options, "max_iter": 1}
    step = fit_patterns(patterns, n_classes, missing=missing, **one_step)
    half = (step.log_likelihood - common.log_likelihood) / size
    if two_sided and half <= _HALF and _uneven(step, n_classes, patterns):
        if not missing:
            common = fit_patterns(patterns, n_classes, missing=True, **simple)
        return Choice(
            common, True, "common", _ALIKE + "all get one table, silence none"
        )
    why = _captured(against) if other and not two_sided else _ALIKE + _STAYS
    return Choice(step, missing, "step", why, other and not two_sided)


def _uneven(fit: EMFit, n_classes: int, patterns: Patterns) -> bool:
    """Say whether the classes differ in size by more than chance gives."""
    noise = 0.4 * float(np.sqrt(n_classes / patterns.weights.sum()))
    away = np.abs(fit.class_prior - 1 / n_classes).sum() / 2
    return bool(away > _UNEVEN + noise)


_STAYS = "the labels stay one step from the majority vote"
_ALIKE = "the votes do not show that some functions are better than others: "


def _captured(against: float) -> str:
    found = (
        f"{against:.0%} of the rows on which two or more functions agree got "
        "another class"
        if against > _AGAINST
        else "votes for a class were likelier under another"
    )
    return (
        f"the full model seemed to find something other than the classes ({found}): "
        f"{_STAYS}; give class_balance or some labels"
    )


def _tilt(fit: EMFit, n_classes: int) -> float:
    """Give how much likelier votes for a class are under it, for the worst class."""
    votes: npt.NDArray[np.float64] = fit.confusion[:, :, :n_classes].sum(axis=0)
    own = np.diag(votes)
    rest = np.maximum(1 - fit.class_prior, 1e-9)
    others = (fit.class_prior @ votes - fit.class_prior * own) / rest
    return float((own / np.maximum(others, 1e-9)).min())
