"""Error against the share of rows answered, ties in confidence together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from mlworkbench._validation import FloatArray

__all__ = ["Curve", "make_curve"]


@dataclass(frozen=True)
class Curve:
    """Sums over the rows at least as sure as each level, the surest first.

    Parameters
    ----------
    levels : ndarray of shape (m,)
        The distinct confidences, falling.
    rows : ndarray of shape (m,)
        Rows answered.
    weight, wrong : ndarray of shape (m,)
        Their weight, and the weight of those answered wrongly.
    squares : ndarray of shape (m,)
        Sum of their squared weights.
    """

    levels: FloatArray
    rows: FloatArray
    weight: FloatArray
    wrong: FloatArray
    squares: FloatArray

    @property
    def coverage(self) -> FloatArray:
        """Share of the weight answered."""
        return np.asarray(self.weight / self.weight[-1])

    @property
    def error(self) -> FloatArray:
        """Error among the answered."""
        return self.wrong / self.weight

    @property
    def effective(self) -> FloatArray:
        """Rows answered, or with weights Kish's effective number of them."""
        return np.asarray(self.weight**2 / self.squares)

    def at(self, thresholds: FloatArray) -> npt.NDArray[np.int64]:
        """Give the place of the lowest level at or above each; -1 for none."""
        place = np.searchsorted(-self.levels, -thresholds, side="right") - 1
        return np.asarray(place, dtype=np.int64)

    def area(self) -> float:
        """Give the area under the curve, and expect any order within ties."""
        n = float(self.rows[-1])
        scale = n / self.weight[-1]
        return _area(self.weight * scale, self.wrong * scale) / n

    def oracle_area(self) -> float:
        """Give the area where all wrong rows are less sure than all others."""
        n = float(self.rows[-1])
        wrong = n * float(self.wrong[-1] / self.weight[-1])
        if wrong in (0, n):
            return wrong / n
        return _area(np.array([n - wrong, n]), np.array([0.0, wrong])) / n


def make_curve(
    confidence: FloatArray, wrong: npt.NDArray[np.bool_], weight: FloatArray
) -> Curve:
    """Cumulate the rows from the surest downwards.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        More is surer.
    wrong : ndarray of shape (n,), bool
        Rows answered wrongly.
    weight : ndarray of shape (n,)
        Weights above 0.

    Returns
    -------
    curve : Curve
        One place per distinct confidence.
    """
    order = np.argsort(-confidence, kind="stable")
    sure = confidence[order]
    last = np.append(np.flatnonzero(sure[1:] != sure[:-1]), len(sure) - 1)
    w = weight[order]
    return Curve(
        sure[last],
        last + 1.0,
        np.cumsum(w)[last],
        np.cumsum(w * wrong[order])[last],
        np.cumsum(w * w)[last],
    )


def _area(upto: FloatArray, wrong: FloatArray) -> float:
    """Sum the error after every row; errors lie evenly within a tie.

    After i rows, of which those up to `before` came earlier, the error is
    (wrong_before + (i - before) · rate) / i: a constant and a harmonic sum.
    """
    before = np.append(0.0, upto[:-1])
    wrong_before = np.append(0.0, wrong[:-1])
    rate = (wrong - wrong_before) / (upto - before)
    harmonic = digamma(upto + 1) - digamma(before + 1)
    total = (wrong_before - before * rate) * harmonic + (upto - before) * rate
    return float(total.sum())
