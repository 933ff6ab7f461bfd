"""Which copies fail: the expectations of the tests, on whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import check_integer
from mlworkbench.evaluation._behaviour_answers import Answers, Copied

__all__ = ["Judged", "by_direction", "by_invariance", "check_tolerance"]

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """What became of each changed copy.

    Parameters
    ----------
    failed, can_fail : ndarray of shape (m,), bool
        Whether it fails, and whether it could have.
    before, after : ndarray of shape (m,)
        The number or label that was compared.
    flipped, moved : ndarray of shape (m,), bool, or None
        Another label; and a number that moved by more than the tolerance.
    says : str
        What a failing row does, after "rows".
    """

    failed: Mask
    can_fail: Mask
    before: npt.NDArray[Any]
    after: npt.NDArray[Any]
    flipped: Mask | None
    moved: Mask | None
    says: str


def by_invariance(case: Copied, tolerance: float, on: str) -> Judged:
    """Judge that nothing changes, up to the tolerance.

    Parameters
    ----------
    case : Copied
        Answers to rows and copies.
    tolerance : float
        Of probabilities or values.
    on : {"label", "probability"}
        What fails a row, with probabilities.

    Returns
    -------
    judged : Judged
        One entry per changed copy.
    """
    first, new = case.before.at(case.owner), case.after
    allowed = check_tolerance(tolerance, first)
    every = np.ones(len(case.owner), dtype=np.bool_)
    if first.kind == "label":
        if on == "probability":
            raise ValueError(
                'on="probability" needs probabilities, and predict gave labels; pass '
                "predict_proba"
            )
        flipped = np.asarray(first.values != new.values, dtype=np.bool_)
        says = "get another label"
        return Judged(flipped, every, first.values, new.values, flipped, None, says)
    margin = first.margin(new)
    if first.kind == "value":
        moved = np.abs(new.values - first.values) > allowed + margin
        says = f"get a value that moved by more than {allowed:g}"
        says = says if allowed else "get another value"
        return Judged(moved, every, first.values, new.values, None, moved, says)
    assert first.labels is not None
    assert new.labels is not None
    before, after = (a.probability_of(first.labels) for a in (first, new))
    flipped = np.asarray(first.labels != new.labels, dtype=np.bool_)
    moved = np.abs(after - before) > allowed + margin
    if first.values.ndim == 1 or first.values.shape[1] == 2:  # as people read it
        second = np.ones(len(before), dtype=np.intp)
        before, after = (a.probability_of(second) for a in (first, new))
    if on == "probability":
        says = "get a probability of their label that moved"
        says += f" by more than {allowed:g}" if allowed else ""
        return Judged(moved, every, before, after, flipped, moved, says)
    failed, says = flipped, "get another label"
    if allowed:
        failed = flipped & moved
        says += f", with a probability that moved by more than {allowed:g}"
    return Judged(failed, every, before, after, flipped, moved, says)


def by_direction(case: Copied, direction: int, tolerance: float, target: Any) -> Judged:
    """Judge that nothing moves the wrong way by more than the tolerance.

    Parameters
    ----------
    case : Copied
        Answers to rows and copies.
    direction : {1, -1}
        Which way is right.
    tolerance : float
        Of probabilities or values.
    target : int, "predicted" or None
        The class that is meant.

    Returns
    -------
    judged : Judged
        One entry per changed copy.
    """
    first, new = (_as_numbers(a) for a in (case.before.at(case.owner), case.after))
    both = np.concatenate([first.values, new.values])
    is_event = first.kind == "label" and bool(np.isin(both, (0, 1)).all())
    allowed = check_tolerance(tolerance, first)
    can_fail = np.ones(len(case.owner), dtype=np.bool_)
    before, after = first.values, new.values
    if first.kind == "probability":
        codes = _target(first, target)
        before, after = first.probability_of(codes), new.probability_of(codes)
    elif target is not None:
        raise ValueError(f"target={target!r} needs class probabilities from predict")
    if first.kind == "probability" or is_event:
        at_edge = before <= allowed if direction == 1 else before >= 1 - allowed
        can_fail = ~at_edge
    wrong_way = direction * (before - after)
    failed = can_fail & (wrong_way > allowed + first.margin(new))
    what = "probability" if first.kind == "probability" else "value"
    says = f"get a {what} that {'falls' if direction == 1 else 'rises'}"
    says += f" by more than {allowed:g}" if allowed else ""
    return Judged(failed, can_fail, before, after, None, None, says)


def check_tolerance(tolerance: Any, answers: Answers) -> float:
    """Check that a tolerance is one that these answers can exceed.

    Parameters
    ----------
    tolerance : float
        What was asked for.
    answers : Answers
        What predict gave.

    Returns
    -------
    tolerance : float
        As a float.
    """
    if not isinstance(tolerance, int | float | np.number) or isinstance(
        tolerance, bool
    ):
        raise TypeError(f"tolerance is {tolerance!r}; pass a number of 0 or more")
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"tolerance is {tolerance}; pass a number of 0 or more")
    if answers.kind == "probability" and tolerance >= 1:
        raise ValueError(
            f"tolerance is {tolerance:g}, and no probability moves by more than 1; "
            'pass less, or output="value" where predict gives values'
        )
    return float(tolerance)


def _as_numbers(answers: Answers) -> Answers:
    """Give labels that are numbers as numbers."""
    if answers.kind != "label":
        return answers
    if answers.values.dtype.kind not in "biuf":
        raise TypeError(
            f"predict gave labels such as {answers.values.tolist()[0]!r}, which have "
            "no up and down; pass predict_proba, or a function that gives numbers"
        )
    values = answers.values.astype(np.float64)
    return Answers("label", values, answers.labels, answers.slack)


def _target(first: Answers, target: Any) -> npt.NDArray[np.intp]:
    """Give for each row the number of the class whose probability is meant."""
    assert first.labels is not None
    n_classes = 2 if first.values.ndim == 1 else first.values.shape[1]
    if target is None:
        if n_classes > 2:
            raise ValueError(
                f"predict gave the probabilities of {n_classes} classes; say with "
                'target= the number of the one that is meant, or "predicted"'
            )
        target = 1
    if isinstance(target, str) and target == "predicted":
        return np.asarray(first.labels, dtype=np.intp)
    if check_integer(target, "target") >= n_classes:
        raise ValueError(
            f"target is {target}; there are {n_classes} classes, numbered from 0"
        )
    return np.full(len(first.labels), target, dtype=np.intp)
