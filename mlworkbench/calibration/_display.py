"""The reliability diagram, in scikit-learn's manner."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._stats import wilson_interval
from mlworkbench._validation import (
    FloatArray,
    check_choice,
    check_integer,
)
from mlworkbench.calibration._bins import STRATEGIES, bin_edges, bin_sums
from mlworkbench.calibration._inputs import check_level, read_scores

__all__ = ["ReliabilityDisplay"]

_PARTS = 20  # of the histogram
_BELOW = "_mlworkbench_histogram"


class ReliabilityDisplay:
    """Reliability diagram: what happened against what was said, by bins.

    Make one with `from_predictions`, `from_estimator` or `from_cv_results`.
    Beside scikit-learn's `CalibrationDisplay` it has the interval of every
    bin and the histogram of the probabilities.

    Parameters
    ----------
    prob_true : ndarray of shape (n_bins,)
        Share of events in each bin.
    prob_pred : ndarray of shape (n_bins,)
        Mean probability in each bin.
    y_prob : ndarray of shape (n_samples,), optional
        The probabilities, for the histogram.
    low, high : ndarray of shape (n_bins,), optional
        Interval of `prob_true`; no band without them.
    histogram : ndarray, optional
        Weight in equal parts of [0, 1]; counted from `y_prob` by default.
    estimator_name : str, optional
        Name of the curve.
    pos_label : scalar, optional
        The positive class, named on the axes.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.
    band_ : matplotlib collection or None
        The intervals.
    ax_ : matplotlib Axes
        Axes of the curve.
    ax_histogram_ : matplotlib Axes or None
        Axes of the histogram, inside `ax_` under its 0.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    calibration_report : The numbers.

    Notes
    -----
    The band is Wilson's interval of each bin's share, by itself: with fifteen
    bins and 95 %, it is common that one of a calibrated model's bins is off
    the diagonal. With weights it rests on the effective sample size.

    References
    ----------
    .. [1] M. H. DeGroot, S. E. Fienberg (1983), The comparison and evaluation of
       forecasters, The Statistician 32.

    *Used in:* ``ch06_model_development/09_make_probabilities_mean_something``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.calibration import ReliabilityDisplay
    >>> y_prob = np.repeat([0.2, 0.7], 10)
    >>> y_true = [1] * 2 + [0] * 8 + [1] * 7 + [0] * 3
    >>> display = ReliabilityDisplay.from_predictions(y_true, y_prob)
    >>> display.prob_true.tolist()
    [0.2, 0.7]
    """

    def __init__(
        self,
        prob_true: FloatArray,
        prob_pred: FloatArray,
        y_prob: FloatArray | None = None,
        *,
        low: FloatArray | None = None,
        high: FloatArray | None = None,
        histogram: FloatArray | None = None,
        estimator_name: str | None = None,
        pos_label: Any = None,
    ) -> None:
        self.prob_true = prob_true
        self.prob_pred = prob_pred
        self.y_prob = y_prob
        self.low = low
        self.high = high
        self.histogram = histogram
        self.estimator_name = estimator_name
        self.pos_label = pos_label

    def plot(
        self,
        *,
        ax: Any = None,
        name: str | None = None,
        ref_line: bool = True,
        show_histogram: bool = True,
        **kwargs: Any,
    ) -> ReliabilityDisplay:
        """Draw the curve, its band and the histogram.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default. A second display drawn on
            the same axes shares its histogram axes.
        name : str, optional
            Name of the curve; `estimator_name` by default.
        ref_line : bool, default=True
            Draw the diagonal.
        show_histogram : bool, default=True
            Draw the histogram of the probabilities below.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.plot`, over the defaults.

        Returns
        -------
        display : ReliabilityDisplay
            This object, with the artists.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        self.ax_, self.figure_ = ax, ax.figure
        name = self.estimator_name if name is None else name
        if ref_line and "calibrated" not in ax.get_legend_handles_labels()[1]:
            ax.plot([0, 1], [0, 1], color="0.5", linestyle="--", label="calibrated")
        style = {"marker": "o", "markersize": 4, "label": name or "model"} | kwargs
        self.line_ = ax.plot(self.prob_pred, self.prob_true, **style)[0]
        color = self.line_.get_color()
        self.band_ = None
        if self.low is not None and self.high is not None:
            self.band_ = ax.vlines(self.prob_pred, self.low, self.high, color=color)
            self.band_.set_alpha(0.5)
        self.ax_histogram_ = self._draw_histogram(color) if show_histogram else None
        what = "" if self.pos_label is None else f" (positive class: {self.pos_label})"
        ax.set(
            xlabel=f"mean predicted probability{what}",
            ylabel=f"share of events{what}",
            xlim=(-0.02, 1.02),
            ylim=(-0.02 if not hasattr(ax, _BELOW) else -0.3, 1.02),
            yticks=np.linspace(0, 1, 6),
        )
        ax.legend(loc="best")
        return self

    def _draw_histogram(self, color: Any) -> Any:
        counts = self.histogram
        if counts is None and self.y_prob is not None:
            counts = np.histogram(self.y_prob, _PARTS, (0, 1))[0]
        if counts is None:
            return None
        below = getattr(self.ax_, _BELOW, None)
        if below is None:
            # Inside the axes, under their 0: no layout can cut it off.
            below = self.ax_.inset_axes([0, 0, 1, 0.17])
            below.set(xlim=(-0.02, 1.02), xticks=[], yticks=[], ylabel="rows")
            setattr(self.ax_, _BELOW, below)
        edges = np.linspace(0, 1, len(counts) + 1)
        share = np.asarray(counts, dtype=np.float64) / max(
            float(np.sum(counts)), 1e-300
        )
        below.stairs(share, edges, color=color, fill=False)
        return below

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_prob: Any,
        *,
        n_bins: int = 10,
        strategy: str = "uniform",
        sample_weight: Any = None,
        pos_label: Any = None,
        labels: Any = None,
        confidence: float | None = 0.95,
        name: str | None = None,
        ax: Any = None,
        ref_line: bool = True,
        show_histogram: bool = True,
        **kwargs: Any,
    ) -> ReliabilityDisplay:
        """Draw the diagram of labels and probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            What happened.
        y_prob : array-like of shape (n_samples,) or (n_samples, n_classes)
            Probability of the positive class; two columns are read as the
            second one, more as the likeliest class and its being right.
        n_bins : int, default=10
            Number of bins; empty ones are left out.
        strategy : {"uniform", "quantile"}, default="uniform"
            Bins of equal width, or of equal mass.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of 0 or more.
        pos_label : scalar, optional
            The positive class.
        labels : array-like of shape (n_classes,), optional
            Classes in the order of the columns of `y_prob`.
        confidence : float or None, default=0.95
            Level of each bin's interval; None for no band.
        name : str, optional
            Name of the curve.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        ref_line : bool, default=True
            Draw the diagonal.
        show_histogram : bool, default=True
            Draw the histogram below.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : ReliabilityDisplay
            The drawn display.

        Raises
        ------
        ValueError
            As for `calibration_report`.
        """
        n_bins = check_integer(n_bins, "n_bins", 1)
        check_choice(strategy, "strategy", STRATEGIES)
        scores = read_scores(y_true, y_prob, sample_weight, pos_label, labels)
        edges = bin_edges(scores.prob, n_bins, strategy, scores.weight)
        sums = bin_sums(scores.positive, scores.prob, edges, scores.weight)
        full = sums.weight > 0
        mass, worth = sums.weight[full], sums.weight[full] ** 2 / sums.squares[full]
        share = np.clip(sums.event[full] / mass, 0.0, 1.0)
        low = high = None
        if confidence is not None:
            level = check_level(confidence)
            low, high = wilson_interval(share * worth, worth, level)
        counts = np.histogram(scores.prob, _PARTS, (0, 1), weights=scores.weight)[0]
        display = cls(
            share,
            sums.prob[full] / mass,
            scores.prob,
            low=low,
            high=high,
            histogram=counts,
            estimator_name=name,
            pos_label=pos_label,
        )
        return display.plot(
            ax=ax, ref_line=ref_line, show_histogram=show_histogram, **kwargs
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        name: str | None = None,
        **options: Any,
    ) -> ReliabilityDisplay:
        """Draw the diagram of a fitted classifier on rows it has not seen.

        Parameters
        ----------
        estimator : classifier
            Fitted, with `predict_proba`.
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,)
            What happened.
        name : str, optional
            Name of the curve; that of the class by default.
        **options : dict
            As for `from_predictions`.

        Returns
        -------
        display : ReliabilityDisplay
            The drawn display.

        Raises
        ------
        TypeError
            When the estimator gives no probabilities.
        ValueError
            As for `calibration_report`.
        """
        prob, options = _probabilities(estimator, X, options)
        name = type(estimator).__name__ if name is None else name
        return cls.from_predictions(y, prob, name=name, **options)

    @classmethod
    def from_cv_results(
        cls,
        cv_results: Any,
        X: Any,
        y: Any,
        *,
        name: str | None = None,
        **options: Any,
    ) -> ReliabilityDisplay:
        """Draw one diagram of all test folds of a cross-validation.

        The test folds' probabilities are put together: a fold by itself has
        too few rows in a bin.

        Parameters
        ----------
        cv_results : dict
            From `sklearn.model_selection.cross_validate` with
            ``return_estimator=True, return_indices=True``.
        X : array-like of shape (n_samples, n_features)
            The rows cross-validated.
        y : array-like of shape (n_samples,)
            What happened.
        name : str, optional
            Name of the curve.
        **options : dict
            As for `from_predictions`, without `sample_weight`.

        Returns
        -------
        display : ReliabilityDisplay
            The drawn display.

        Raises
        ------
        ValueError
            When the estimators or the indices were not kept.
        """
        missing = {"estimator", "indices"} - set(cv_results)
        if missing:
            raise ValueError(
                f"cv_results has no {sorted(missing)}; call cross_validate with "
                "return_estimator=True and return_indices=True"
            )
        parts, truth = [], []
        for fitted, rows in zip(
            cv_results["estimator"], cv_results["indices"]["test"], strict=True
        ):
            found, used = _probabilities(fitted, _rows(X, rows), options)
            parts.append(found)
            truth.append(np.asarray(_rows(y, rows)))
        prob, y_all = np.concatenate(parts), np.concatenate(truth)
        return cls.from_predictions(y_all, prob, name=name, **used)


def _probabilities(estimator: Any, X: Any, options: Any) -> tuple[Any, dict[str, Any]]:
    """Ask for probabilities; with two classes, of the positive one."""
    if not hasattr(estimator, "predict_proba"):
        raise TypeError(
            f"{type(estimator).__name__} has no predict_proba; pass a fitted "
            "classifier that gives probabilities, or wrap it in "
            "CalibratedClassifierCV"
        )
    table = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != 2:
        return table, {"labels": list(estimator.classes_), **options}
    classes = list(estimator.classes_)
    positive = options.get("pos_label")
    positive = classes[1] if positive is None else positive
    if positive not in classes:
        raise ValueError(f"pos_label is {positive!r}; pass one of {classes}")
    return table[:, classes.index(positive)], {**options, "pos_label": positive}


def _rows(data: Any, places: Any) -> Any:
    """Take rows by position."""
    if hasattr(data, "iloc"):
        return data.iloc[places]
    return data[places] if hasattr(data, "shape") else np.asarray(data)[places]
