"""How large the errors are where the target is large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_same_index,
    check_same_length,
    check_weights,
)

__all__ = ["QuantileBands", "weighted_quantile_report"]

_QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True, eq=False, repr=False)
class QuantileBands(Report):
    """What `weighted_quantile_report` found.

    `frame` has one row per band of the target, from the smallest values up:

    - band: the part of the rows, by weight, that it covers
    - lower, upper: its edges, in the unit of the target; a value on an edge
      belongs to the band below, the smallest value to the first band
    - n, weight: rows of the band, and the sum of their weights
    - mean_actual, mean_predicted: weighted means
    - bias: mean of predicted less actual; negative where predictions are low
    - mae, rmse: mean absolute error, root of the mean squared error
    - mape: mean of the absolute error over the target, over the rows whose
      target is above 0; 0.1 is 10 %
    - share_of_absolute_error: part of all absolute error that falls here

    A band without rows has n = 0 and missing values.

    Parameters
    ----------
    frame : pandas.DataFrame
        The bands.
    n : int
        Rows that have a weight.
    mae : float
        Mean absolute error over all rows, in the unit of the target.
    bias : float
        Mean of predicted less actual over all rows.
    median_band_mae : float
        Mean absolute error of the band that holds the median.
    top_band_mae : float
        That of the top band; of the highest band with rows, where it has none.
    top_to_median : float
        The ratio of the two; infinite where the median band has no error,
        missing where neither has.
    notes : tuple of str
        What to know before believing the numbers.
    """

    n: int
    mae: float
    bias: float
    median_band_mae: float
    top_band_mae: float
    top_to_median: float

    title: ClassVar[str] = "Error by band of the target"

    def plot(self, ax: Any = None) -> Any:
        """Draw the mean absolute error of each band.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: one bar per band, named with its share of all
            absolute error, and a line at the mean over all rows.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        bands = self.frame
        heights = bands["mae"].fillna(0.0).to_numpy()
        ax.bar(range(len(bands)), heights, color="#0b5394")
        ax.axhline(self.mae, color="0.3", linestyle="--", label="all rows")
        shares = bands["share_of_absolute_error"]
        parts = ["no rows" if np.isnan(x) else f"{100 * x:.0f} %" for x in shares]
        names = zip(bands["band"], parts, strict=True)
        ax.set_xticks(range(len(bands)), [f"{band}\n{part}" for band, part in names])
        ax.set_xlabel("rows by size of the target, and their part of all error")
        ax.set_ylabel("mean absolute error (unit of the target)")
        ratio = self.top_to_median
        if np.isfinite(ratio):
            ax.set_title(f"The top band's error is {ratio:.3g}× the median band's")
        else:
            ax.set_title(f"Mean absolute error {self.mae:.3g} over {self.n:,} rows")
        ax.legend(loc="upper left")
        return ax


def weighted_quantile_report(
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    quantiles: Sequence[float] = _QUANTILES,
) -> QuantileBands:
    """Show the error of a regression by quantile band of the target.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The target, finite.
    y_pred : array-like of shape (n,)
        The predictions, finite, in the same unit.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, in the edges and in the means; a row of weight 2
        counts as two. Rows of weight 0 are left out.
    quantiles : sequence of float, default=(0.5, 0.75, 0.9, 0.95, 0.99)
        Where to cut, rising, each inside (0, 1); q of them make q + 1 bands.

    Returns
    -------
    report : QuantileBands
        `.frame` by band, `.mae`, `.top_to_median`, `.plot()`.

    Raises
    ------
    ValueError
        When lengths or indexes differ, values are missing or infinite, there
        is no row, or the quantiles do not rise inside (0, 1).

    Notes
    -----
    The edge at q is the smallest value with at least q of the weight at or
    below it (the inverse of the distribution function), so it is always a value
    of the target. Rows that share the value of an edge all go to the band
    below it. Where one value fills a whole band or more, bands stay empty and a
    note says so. O(n log n).

    Bands are cut by the outcome. Even the best prediction of the mean is too
    high in the lowest band and too low in the top one, since rows come into the
    top band partly by chance. So compare the bands of two models, and do not
    take the bias of a band as something to correct: for that cut by the
    prediction.

    References
    ----------
    .. [1] R. J. Hyndman, Y. Fan (1996), Sample quantiles in statistical
       packages, The American Statistician 50(4), definition 1.
    .. [2] S. Lerch, T. L. Thorarinsdottir, F. Ravazzolo, T. Gneiting (2017),
       Forecaster's dilemma: extreme events and forecast evaluation,
       Statistical Science 32(1).

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    Predictions that are 10 % low, everywhere.

    >>> import numpy as np
    >>> bill = np.arange(1, 101) ** 2.0
    >>> report = weighted_quantile_report(bill, 0.9 * bill, quantiles=(0.5, 0.95))
    >>> report.frame[["band", "n", "bias", "mape"]].round(2)
           band   n    bias  mape
    0    0–50 %  50  -85.85   0.1
    1   50–95 %  45 -549.77   0.1
    2  95–100 %   5 -960.60   0.1
    >>> round(report.top_to_median, 1)
    11.2
    """
    check_same_index(y_true=y_true, y_pred=y_pred, sample_weight=sample_weight)
    actual, predicted = _finite(y_true, "y_true"), _finite(y_pred, "y_pred")
    check_same_length(y_true=actual, y_pred=predicted)
    cuts = _check_quantiles(quantiles)
    weight = check_weights(sample_weight, len(actual))
    if not len(actual):
        raise ValueError("y_true is empty; pass at least one row")
    kept = weight > 0
    left_out = int((~kept).sum())
    actual, predicted, weight = actual[kept], predicted[kept], weight[kept]
    edges = _weighted_quantiles(actual, weight, cuts)
    frame = _bands(actual, predicted, weight, cuts, edges)
    error = predicted - actual
    median = _weighted_quantiles(actual, weight, np.array([0.5]))
    median_mae = float(frame["mae"].iloc[int(np.searchsorted(edges, median[0]))])
    top_mae = float(frame["mae"].dropna().iloc[-1])
    return QuantileBands(
        frame,
        n=len(actual),
        mae=float(np.average(np.abs(error), weights=weight)),
        bias=float(np.average(error, weights=weight)),
        median_band_mae=median_mae,
        top_band_mae=top_mae,
        top_to_median=_ratio(top_mae, median_mae),
        notes=_notes(frame, int((actual <= 0).sum()), left_out),
    )


def _finite(values: Any, name: str) -> FloatArray:
    given = as_vector(values, name)
    try:
        if given.dtype.kind in "mMSU":
            raise TypeError
        array = np.where(pd.isna(given), np.nan, given).astype(np.float64)
    except (TypeError, ValueError):
        kind = pd.api.types.infer_dtype(given)
        raise TypeError(f"{name} holds {kind} values; pass numbers") from None
    wrong = ~np.isfinite(array)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} has {int(wrong.sum())} value(s) missing or infinite "
            f"(first {array[row]} at row {row}); drop those rows"
        )
    return array


def _check_quantiles(quantiles: Sequence[float]) -> FloatArray:
    cuts = as_vector(quantiles, "quantiles").astype(np.float64)
    inside = (cuts > 0) & (cuts < 1)
    if not len(cuts) or not inside.all() or (np.diff(cuts) <= 0).any():
        raise ValueError(
            f"quantiles are {cuts.tolist()}; pass rising numbers inside (0, 1), "
            "e.g. (0.5, 0.9, 0.99)"
        )
    return cuts


def _weighted_quantiles(
    values: FloatArray, weight: FloatArray, cuts: FloatArray
) -> FloatArray:
    """Give the smallest values with at least so much of the weight below."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order] / weight.max())
    # A hair of slack: ten weights of 0.1 do not add up to 1.
    wanted = cuts * below[-1] - 1e-12 * below[-1]
    at = np.minimum(np.searchsorted(below, wanted, side="left"), len(values) - 1)
    edges: FloatArray = values[order][at]
    return edges


def _bands(
    actual: FloatArray,
    predicted: FloatArray,
    weight: FloatArray,
    cuts: FloatArray,
    edges: FloatArray,
) -> pd.DataFrame:
    band_of = np.searchsorted(edges, actual, side="left")
    lower = np.concatenate(([actual.min()], edges))
    upper = np.concatenate((edges, [actual.max()]))
    total = float(weight @ np.abs(predicted - actual))
    levels = [f"{100 * cut:.10g}" for cut in (0.0, *cuts, 1.0)]
    rows = []
    for band in range(len(edges) + 1):
        inside = band_of == band
        facts = _errors(actual[inside], predicted[inside], weight[inside], total)
        name = f"{levels[band]}–{levels[band + 1]} %"
        rows.append({"band": name, "lower": lower[band], "upper": upper[band], **facts})
    return pd.DataFrame(rows)


def _errors(
    actual: FloatArray, predicted: FloatArray, weight: FloatArray, total: float
) -> dict[str, float]:
    error = predicted - actual
    size = np.abs(error)
    # Squares of large errors overflow: divided by the largest first.
    largest = float(size.max(initial=0.0)) or 1.0
    above = actual > 0
    with np.errstate(over="ignore"):
        relative = size[above] / actual[above]
    share = float(weight @ size) / total if total else 0.0
    return {
        "n": len(actual),
        "weight": float(weight.sum()),
        "mean_actual": _mean(actual, weight),
        "mean_predicted": _mean(predicted, weight),
        "bias": _mean(error, weight),
        "mae": _mean(size, weight),
        "rmse": largest * float(np.sqrt(_mean(np.square(size / largest), weight))),
        "mape": _mean(relative, weight[above]),
        "share_of_absolute_error": share if len(actual) else float("nan"),
    }


def _mean(values: npt.NDArray[Any], weight: FloatArray) -> float:
    return float(np.average(values, weights=weight)) if len(values) else float("nan")


def _ratio(top: float, middle: float) -> float:
    if np.isnan(middle) or (middle == 0 and top == 0):
        return float("nan")
    return top / middle if middle else float("inf")


def _notes(frame: pd.DataFrame, not_above: int, left_out: int) -> tuple[str, ...]:
    notes = []
    there = frame[frame["n"] > 0]
    empty = frame.loc[frame["n"] == 0, "band"].tolist()
    if empty:
        notes.append(
            f"no rows in {', '.join(empty)}: many rows share one value of the target, "
            "and all of them are in the band below"
        )
    if len(there) > 1 and there["bias"].iloc[0] > 0 > there["bias"].iloc[-1]:
        notes.append(
            "predictions are high in the lowest band and low in the top one: some of "
            "it comes from cutting by the outcome, and the best prediction of the "
            "mean has it too; compare with another model"
        )
    if not_above:
        notes.append(f"mape leaves out {not_above:,} row(s) with a target of 0 or less")
    if left_out:
        notes.append(f"left out {left_out:,} row(s) with a weight of 0")
    return tuple(notes)
