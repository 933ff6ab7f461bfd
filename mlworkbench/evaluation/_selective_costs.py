"""What it costs to leave rows open, to ask a person, or to ask for more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import FloatArray

__all__ = ["cost_table"]


def cost_table(
    confidence: FloatArray,
    wrong: npt.NDArray[np.bool_],
    weight: FloatArray,
    threshold: float,
    actions: Mapping[str, Any],
    error_cost: float,
) -> pd.DataFrame:
    """Compare actions for the rows below a threshold.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        More is surer.
    wrong : ndarray of shape (n,), bool
        Rows that the model has wrong.
    weight : ndarray of shape (n,)
        Weights.
    threshold : float
        Rows at least as sure are answered.
    actions : dict from str to float or tuple
        Name to cost per row, or to (cost, error).
    error_cost : float
        Cost of a wrong answer.

    Returns
    -------
    table : DataFrame
        One row per action, the one at the threshold that is cheapest first.

    Raises
    ------
    ValueError
        When a cost or an error is out of its range.
    """
    _check_cost(error_cost, "error_cost")
    if not isinstance(actions, Mapping) or not actions:
        raise ValueError(
            f"actions is {actions!r}; pass a dict such as "
            "{'ask a person': (0.2, 0.02), 'leave open': 0.3}"
        )
    order = np.argsort(-confidence, kind="stable")
    sure, w = confidence[order], weight[order] / weight.sum()
    answered = np.append(0.0, np.cumsum(w * wrong[order] * error_cost))
    # A cut may only lie between two different confidences.
    cuts = np.append(0, np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) + 1)
    here = int(np.searchsorted(-sure, -threshold, side="right"))
    share = np.append(0.0, np.cumsum(w))
    rows = []
    for name, action in actions.items():
        cost, error = _read_action(name, action, len(wrong))
        each = w * (cost + error_cost * error[order])
        total = answered + np.append(np.cumsum(each[::-1])[::-1], 0.0)
        best = int(cuts[np.argmin(total[cuts])])
        rows.append(
            {
                "below the threshold": str(name),
                "cost per row": total[here],
                "share below": 1 - share[here],
                "cheapest threshold": sure[best - 1] if best else np.inf,
                "share below it": 1 - share[best],
                "cost there": total[best],
            }
        )
    rows.append(
        {
            "below the threshold": "answer all rows",
            "cost per row": answered[-1],
            "share below": 0.0,
            "cheapest threshold": sure[-1],
            "share below it": 0.0,
            "cost there": answered[-1],
        }
    )
    table = pd.DataFrame(rows).sort_values("cost per row", kind="stable")
    clean = table[["share below", "share below it"]].clip(lower=0)
    return table.assign(**clean).reset_index(drop=True)


def _read_action(name: str, action: Any, n: int) -> tuple[float, FloatArray]:
    cost, error = action if isinstance(action, tuple | list) else (action, 0.0)
    _check_cost(cost, f"the cost of {name!r}")
    wrong = np.asarray(error, dtype=np.float64)
    if wrong.ndim == 0:
        wrong = np.full(n, float(wrong))
    if wrong.shape != (n,):
        raise ValueError(
            f"the error of {name!r} has shape {wrong.shape}; pass one share, or one "
            f"value for each of the {n} rows"
        )
    if not ((wrong >= 0) & (wrong <= 1)).all():
        raise ValueError(f"the error of {name!r} is outside [0, 1]; pass a share")
    return float(cost), wrong


def _check_cost(cost: Any, name: str) -> None:
    if isinstance(cost, bool) or not np.isscalar(cost) or isinstance(cost, str):
        raise ValueError(f"{name} is {cost!r}; pass a number of 0 or more")
    if not 0 <= float(cost) < np.inf:  # type: ignore[arg-type]
        raise ValueError(f"{name} is {cost!r}; pass a finite number of 0 or more")
