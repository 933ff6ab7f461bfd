"""Run a chain of steps, with the truth in place of some of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "AS_IT_IS",
    "Chain",
    "Truths",
    "as_probabilities",
    "read_steps",
    "read_truths",
    "run_all",
]

AS_IT_IS = "the chain as it is"
Chain = list[tuple[str, Any]]
Truths = dict[str, Any]


def read_steps(steps: Any) -> Chain:
    """Give every step a name.

    Parameters
    ----------
    steps : dict, list of (name, step), list of steps, or Pipeline
        The chain, in order.

    Returns
    -------
    chain : list of (str, step)
        The chain.

    Raises
    ------
    ValueError, TypeError
        For fewer than two steps, the same name twice, or a step that cannot be
        run.
    """
    given = getattr(steps, "steps", steps)
    if isinstance(given, Mapping):
        chain = [(str(name), step) for name, step in given.items()]
    elif isinstance(given, list | tuple):
        chain = [
            (str(one[0]), one[1])
            if isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)
            else (_name_of(one, place), one)
            for place, one in enumerate(given)
        ]
    else:
        raise TypeError(
            f"steps is a {type(steps).__name__}; pass a dict from names to steps, or a "
            "list, in the order in which they run"
        )
    names = [name for name, _ in chain]
    if len(chain) < 2 or len(set(names)) < len(names):
        raise ValueError(
            f"steps has the names {names}; pass two or more steps, each with a name "
            "of its own"
        )
    for name, step in chain:
        able = callable(step) or hasattr(step, "predict") or hasattr(step, "transform")
        if isinstance(step, type) or not able:
            raise TypeError(
                f"step {name!r} is {step!r}; pass a function, or a fitted object with "
                "predict or transform"
            )
    return chain


def _name_of(step: Any, place: int) -> str:
    name = getattr(step, "__name__", type(step).__name__)
    return f"step {place + 1}" if name == "<lambda>" else str(name)


def read_truths(truths: Any, chain: Chain, y_true: Any) -> Truths:
    """Give the truth of every step where it is known, by name.

    Parameters
    ----------
    truths : dict or list
        Truths by name or in order; None where there is none.
    chain : list of (str, step)
        The chain.
    y_true : array-like
        The truth of the last step, unless another is given.

    Returns
    -------
    known : dict from str to array-like or callable
        In the order of the chain.

    Raises
    ------
    ValueError, TypeError
        For unknown names, too many truths, or none but the last.
    """
    names = [name for name, _ in chain]
    if isinstance(truths, Mapping):
        strange = [str(name) for name in truths if name not in names]
        if strange:
            raise ValueError(f"truths names {strange}; the steps are {names}")
        given = dict(truths)
    elif isinstance(truths, list | tuple):
        if not len(names) - 1 <= len(truths) <= len(names):
            raise ValueError(
                f"truths has {len(truths)} entries for {len(names)} steps; pass one "
                "each (None where it is not known), the last may be left out"
            )
        given = dict(zip(names, truths, strict=False))
    else:
        raise TypeError(
            f"truths is a {type(truths).__name__}; pass a dict from names of steps to "
            "truths, or a list in their order"
        )
    known = {name: given[name] for name in names if given.get(name) is not None}
    if not set(known) - {names[-1]}:
        raise ValueError(
            "truths has none for a step before the last, so there is nothing to "
            "compare; pass what at least one of them ought to give"
        )
    known.setdefault(names[-1], y_true)
    return {name: known[name] for name in names if name in known}


def run_all(chain: Chain, known: Truths, X: Any) -> dict[str, Any]:
    """Run the chain as it is, and with every replacement.

    Parameters
    ----------
    chain : list of (str, step)
        The chain.
    known : dict from str to array-like or callable
        The truths.
    X : object
        Input of the first step.

    Returns
    -------
    outputs : dict from str to output
        `AS_IT_IS`; the name of a step for it alone; "up to " and the name for
        it and those before.
    """
    outputs = {AS_IT_IS: _run(chain, {}, X)}
    last = chain[-1][0]
    so_far: Truths = {}
    for name, truth in known.items():
        so_far = {**so_far, name: truth}
        outputs[f"up to {name}"] = _run(chain, so_far, X)
        if name != last or callable(truth):
            outputs[name] = _run(chain, {name: truth}, X)
    return outputs


def as_probabilities(said: Any, y_true: Any) -> Any:
    """Turn classes into probabilities of 0 and 1, one column a class.

    Parameters
    ----------
    said : array-like of shape (n,) or (n, k)
        Classes; anything else is given back as it is.
    y_true : array-like of shape (n,)
        The truth, which names the classes.

    Returns
    -------
    said : array-like of shape (n,) or (n, k)
        The probabilities.
    """
    label, known = np.asarray(said), np.unique(np.asarray(y_true))
    if label.ndim > 1 or not np.isin(label, known).all():
        return said
    return (label[:, None] == known).astype(float)


def _run(chain: Chain, replaced: Truths, X: Any) -> Any:
    output = X
    for name, step in chain:
        if name not in replaced:
            output = _do(name, step, output)
        elif callable(replaced[name]):
            output = _do(name, replaced[name], output)
        else:
            output = _like(name, replaced[name], output)
    return output


def _like(name: str, truth: Any, before: Any) -> Any:
    """Check that a truth has a row for every row of the input."""
    table = truth if isinstance(truth, pd.DataFrame | pd.Series) else np.asarray(truth)
    rows = before.shape[0] if hasattr(before, "shape") else len(before)
    if len(table) != rows:
        raise ValueError(
            f"the truth of {name!r} has {len(table)} rows, its input {rows}; pass one "
            "row each"
        )
    return table


def _do(name: str, step: Any, given: Any) -> Any:
    run = getattr(step, "predict", getattr(step, "transform", step))
    try:
        return run(given)
    except Exception as error:
        error.add_note(f"raised in the step {name!r}")
        raise
