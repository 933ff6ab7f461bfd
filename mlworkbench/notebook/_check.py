"""Exercises checked at once: right, or what is off."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlworkbench.notebook._cases import Outcome, run_cases
from mlworkbench.notebook._compare import Rule, compare
from mlworkbench.notebook._ledger import ledger
from mlworkbench.notebook._text import a_kind

__all__ = ["CheckResult", "check"]

Status = Literal["right", "wrong", "not attempted"]


@dataclass(frozen=True)
class CheckResult:
    """What a check says.

    Parameters
    ----------
    name : str
        The exercise.
    status : {"right", "wrong", "not attempted"}
        The verdict.
    message : str
        One or two sentences.
    """

    name: str
    status: Status
    message: str

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    def __repr__(self) -> str:
        """Give the verdict as text, wrapped."""
        mark = {"right": "✓", "wrong": "✗", "not attempted": "○"}[self.status]
        return textwrap.fill(
            f"{mark} {self.name}: {self.message}",
            width=84,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def check(
    name: str,
    answer: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float = 1e-9,
    mistakes: Mapping[str, Any] | None = None,
    ordered: bool = True,
    cases: Sequence[Any] | None = None,
) -> CheckResult:
    """Compare an answer with what is expected, and say what is off.

    Values count, not their wrapping: a Python or numpy number, a list, array,
    Series or tensor of the same values is right, a DataFrame whatever the
    order of its columns, a text whatever its capitals. Where both carry labels
    (an index that is more than row numbers) values are compared label by label;
    their order then counts only where `expected` is not in the order of its own
    labels, as after sorting by value. A wrong answer is told
    by what it looks like: reversed sign, percentage for fraction, off by one,
    complement, reciprocal, other order, other column, NaN, and so on.

    Parameters
    ----------
    name : str
        The exercise, such as `"ch04-02-stars"`.
    answer : object
        What the learner gives; `...` and None are "not attempted".
    expected : object
        What is right; for a function, a reference function.
    rtol : float, optional
        Relative tolerance; by default 1e-3, and exact where `expected` is a
        whole number (an int, or an array of ints, as precise as a float is).
    atol : float
        Absolute tolerance.
    mistakes : dict of str to object, optional
        Hint by wrong value (for a function, by wrong function): what to say
        when the answer equals it. Looked at before the general hints.
    ordered : bool
        False where the order of values, or of rows (of a table, or tuples in a
        list), is free; each row stays one, and each value at its label.
    cases : sequence, optional
        For a function: arguments of each call, a tuple for positional, a dict
        for keyword arguments. Every call works on copies.

    Returns
    -------
    result : CheckResult
        With `.ok`, `.status` and `.message`; shown as text. It never raises
        because of the answer.

    Raises
    ------
    TypeError, ValueError
        When the exercise itself is wrong: `expected` is None, or a function
        comes without cases.

    Notes
    -----
    *Used in:* the exercises of every notebook.

    Examples
    --------
    >>> check("demo", 23.9, 0.239)
    ✗ demo: not yet. A percentage where a fraction is expected, 100 times too
      large.
    >>> check("demo", 0.239, 0.239)
    ✓ demo: right.
    >>> check("demo", ..., 0.239)
    ○ demo: not attempted yet.
    """
    _check_exercise(name, expected, cases)
    rule = Rule(rtol, atol, ordered)
    if _is_blank(answer):
        return CheckResult(name, "not attempted", "not attempted yet.")
    wrong = dict(mistakes or {})
    if callable(expected):
        outcome = _check_function(answer, expected, cases or (), wrong, rule)
    else:
        outcome = Outcome(_check_value(answer, expected, wrong, rule))
    if not outcome.attempted:
        more = f" ({outcome.remark})" if outcome.remark else ""
        return CheckResult(name, "not attempted", f"not attempted yet{more}.")
    if outcome.hint is None:
        more = f" One thing more: {outcome.remark}." if outcome.remark else ""
        result = CheckResult(name, "right", f"right.{more}")
    else:
        result = CheckResult(name, "wrong", f"not yet. {_sentence(outcome.hint)}")
    ledger.add("check", name, status=result.status)
    return result


def _check_exercise(name: str, expected: Any, cases: Sequence[Any] | None) -> None:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"name is {name!r}; pass a short text for the ledger")
    if _is_blank(expected):
        raise TypeError(f"check({name!r}) expects {expected!r}; pass what is right")
    if callable(expected) and not cases:
        raise TypeError(
            f"check({name!r}) expects a function but has no cases; pass "
            "cases=[(argument, ...), ...]"
        )
    if cases is not None and not callable(expected):
        raise TypeError(
            f"check({name!r}) has cases, but expects {a_kind(expected)}; "
            "pass a reference function"
        )


def _is_blank(answer: Any) -> bool:
    return answer is None or answer is ...


def _check_value(
    answer: Any, expected: Any, mistakes: Mapping[str, Any], rule: Rule
) -> str | None:
    hint = _guarded(answer, expected, rule)
    if hint is None:
        return None
    for told, value in mistakes.items():
        if _guarded(answer, value, rule) is None:
            return told
    return hint


def _guarded(answer: Any, expected: Any, rule: Rule) -> str | None:
    """Compare whatever was given: an answer may be any object at all."""
    try:
        return compare(answer, expected, rule)
    except Exception as error:
        return (
            f"{a_kind(answer)} that cannot be compared with what is "
            f"expected ({type(error).__name__})"
        )


def _check_function(
    answer: Any,
    reference: Callable[..., Any],
    cases: Sequence[Any],
    mistakes: Mapping[str, Any],
    rule: Rule,
) -> Outcome:
    if not callable(answer):
        return Outcome(f"{a_kind(answer)} where a function is expected")
    outcome = run_cases(answer, reference, cases, rule)
    if outcome.hint is None:
        return outcome
    for told, wrong in mistakes.items():
        if run_cases(answer, wrong, cases, rule) == Outcome(None):
            return Outcome(told)
    return outcome


def _sentence(hint: str) -> str:
    text = hint[:1].upper() + hint[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
