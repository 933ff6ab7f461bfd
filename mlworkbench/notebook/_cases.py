"""Check a function by calling it, beside a reference, on the same cases."""

from __future__ import annotations

import copy
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlworkbench.notebook._compare import Rule, compare

__all__ = ["Outcome", "run_cases"]

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_MUTATES = "it changes its input: work on a copy"


@dataclass(frozen=True)
class Outcome:
    """What the cases say: no hint is right, no attempt is a stub."""

    hint: str | None
    attempted: bool = True
    remark: str = ""


@dataclass(frozen=True)
class _Call:
    result: Any
    error: BaseException | None
    mutated: bool


def run_cases(
    function: Callable[..., Any],
    reference: Callable[..., Any],
    cases: Sequence[Any],
    rule: Rule,
) -> Outcome:
    """Call both on copies of every case, and compare.

    Parameters
    ----------
    function : callable
        The answer.
    reference : callable
        What is right; where it raises, the answer must raise the same kind.
    cases : sequence
        Positional arguments as a tuple, keyword arguments as a dict, or one
        argument.
    rule : Rule
        How strictly to compare.

    Returns
    -------
    outcome : Outcome
        For the first case that fails.
    """
    remark, silent = "", 0
    for case in cases:
        given, right = _call(function, case), _call(reference, case)
        if isinstance(given.error, NotImplementedError):
            return Outcome(None, attempted=False)
        empty = given.error is None and _is_empty(given.result)
        empty = empty and right.result is not None
        silent += empty
        if given.mutated and not right.mutated:
            remark = _MUTATES
        hint = None if empty else _judge(given, right, rule)
        if hint is not None:
            more = f" Also, {remark}." if remark else ""
            return Outcome(f"for {_shown(function, case)}: {hint}{more}")
    if silent == len(cases):
        return Outcome(None, attempted=False, remark="it returns nothing yet")
    if silent:
        return Outcome("for some cases it returns nothing: is a `return` missing?")
    return Outcome(None, remark=remark)


def _is_empty(value: Any) -> bool:
    return value is None or value is ...


def _call(function: Callable[..., Any], case: Any) -> _Call:
    arguments = copy.deepcopy(case)
    before = copy.deepcopy(case)
    result, error = None, None
    try:
        if isinstance(arguments, dict):
            result = function(**arguments)
        else:
            tuple_ = arguments if isinstance(arguments, tuple) else (arguments,)
            result = function(*tuple_)
    except (Exception, SystemExit) as caught:
        error = caught
    return _Call(result, error, not _unchanged(before, arguments))


def _judge(given: _Call, right: _Call, rule: Rule) -> str | None:
    if right.error is not None:
        kind = type(right.error).__name__
        if given.error is None:
            return f"it should raise {kind}, and returns {_short.repr(given.result)}"
        if isinstance(given.error, type(right.error)):
            return None
        return f"it should raise {kind}, and raises {_said(given.error)}"
    if given.error is not None:
        return f"it raises {_said(given.error)}"
    if right.result is None:  # called for its effect only
        return None if given.result is None else "it should return nothing"
    return compare(given.result, right.result, rule)


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text[:200]}" if text else name


def _shown(function: Callable[..., Any], case: Any) -> str:
    name = getattr(function, "__name__", "the function")
    name = "the function" if name == "<lambda>" else name
    if isinstance(case, dict):
        parts = [f"{key}={_argument(value)}" for key, value in case.items()]
    else:
        parts = [_argument(v) for v in (case if isinstance(case, tuple) else (case,))]
    return f"{name}({', '.join(parts)})"


def _argument(value: Any) -> str:
    """Show an argument on one line; a big one by its kind and shape."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        if isinstance(value, np.ndarray) and value.size <= 6:
            return str(value.tolist())
        return f"{type(value).__name__} of {' × '.join(map(str, shape))}"
    if isinstance(value, np.generic):
        return str(value.item())
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, np.random.Generator):
        return "Generator"
    return _short.repr(value)


def _unchanged(before: Any, after: Any) -> bool:
    """Compare deeply; what has no values of its own counts as unchanged."""
    if isinstance(before, tuple | list) and isinstance(after, tuple | list):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return list(before) == list(after) and all(
            map(_unchanged, before.values(), after.values())
        )
    if hasattr(before, "equals"):  # pandas and polars
        try:
            columns = getattr(before, "columns", None)
            named = columns is None or list(columns) == list(after.columns)
            return bool(named and before.equals(after))
        except (AttributeError, TypeError):
            return False
    if isinstance(before, np.ndarray):
        if before.shape != after.shape or before.dtype != after.dtype:
            return False
        if before.dtype.kind == "f":
            return bool(np.array_equal(before, after, equal_nan=True))
        return bool(np.array_equal(before, after))
    if isinstance(before, set | bytearray | str | int | float):
        return bool(before == after or before != before)
    return True
