"""Metrics given as functions: called once per slice, and once per rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench.evaluation._slice_wald import Measured

__all__ = ["Calls"]

FloatArray = npt.NDArray[np.float64]


class Calls:
    """A function of (y_true, y_pred), with `sample_weight` where there are weights.

    Parameters
    ----------
    function : callable
        Gives a number.
    y_true, y_pred : ndarray of shape (n,)
        What it is called with, cut to a slice.
    codes : ndarray of shape (n,)
        Group of each row.
    size : int
        Number of groups.
    weights : ndarray of shape (n,) or None
        Weights of the rows.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        y_true: npt.NDArray[Any],
        y_pred: npt.NDArray[Any],
        codes: npt.NDArray[np.int64],
        size: int,
        weights: FloatArray | None,
    ) -> None:
        self.function, self.codes, self.size = function, codes, size
        self.y_true, self.y_pred, self.weights = y_true, y_pred, weights

    def values(
        self, times: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Call for every group, for its rest, and for all rows."""
        rows = np.arange(len(self.codes))
        if times is not None:
            rows = np.repeat(rows, times.astype(np.int64))
        code = self.codes[rows]
        strict = times is None
        group = [self._call(rows[code == g], strict) for g in range(self.size)]
        rest = [self._call(rows[code != g], strict) for g in range(self.size)]
        every = np.asarray(self._call(rows, strict))
        return np.array(group), np.array(rest), every

    def closed_form(self, confidence: float) -> Measured:
        """Give the values; intervals of any function take a bootstrap."""
        group, rest, every = self.values()
        no = np.full(self.size, np.nan)
        overall = (float(every), float("nan"), float("nan"))
        return Measured(group, no, no, rest, no, no, no, overall)

    def _call(self, rows: npt.NDArray[np.int64], strict: bool) -> float:
        if not len(rows):
            return float("nan")
        extra = {} if self.weights is None else {"sample_weight": self.weights[rows]}
        if self.weights is not None and not extra["sample_weight"].any():
            return float("nan")
        try:
            return float(self.function(self.y_true[rows], self.y_pred[rows], **extra))
        except ValueError:
            if strict:
                raise
            return float("nan")  # a draw may lack a class
