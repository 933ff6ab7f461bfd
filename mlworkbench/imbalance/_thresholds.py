"""Every threshold at once: what it catches, what it costs, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    as_vector,
    check_binary,
    check_fraction,
    check_integer,
    check_probabilities,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.imbalance._costs import CostMatrix, as_cost_matrix
from mlworkbench.imbalance._decide import bayes_decision, break_even_threshold
from mlworkbench.imbalance._threshold_bands import Bands, bootstrap, keep_places
from mlworkbench.imbalance._threshold_curve import (
    BoolArray,
    Curve,
    IntArray,
    Ordered,
    best_place,
    curve_of,
    measures,
    order,
)

__all__ = ["ThresholdReport", "threshold_report"]

_FEW = 30  # positives, below which an optimum is mostly luck


@dataclass(frozen=True, eq=False, repr=False)
class ThresholdReport(Report):
    """What `threshold_report` found.

    `frame` has one row per threshold, from the highest to the lowest; the
    first is infinite: no alert at all. Columns: `threshold`, the counts `tp`,
    `fp`, `fn`, `tn` (weights, where there are weights), `precision` (NaN
    without an alert), `recall`, `f1`, `alerts_per_1000` rows, with costs
    `cost` (mean per row), and a `_low` and a `_high` for each measure.

    Parameters
    ----------
    frame : pandas.DataFrame
        The thresholds kept.
    n : int
        Number of rows (with weight).
    positive_rate : float
        Share of the positive class.
    n_thresholds : int
        Number of distinct probabilities.
    roc_auc : float
        Area under the ROC curve; missing with one class.
    average_precision : float
        Area under the precision-recall steps; missing without positives.
    optima : pandas.DataFrame
        One row per `criterion` (f1, cost, break_even) with `threshold`,
        `value` (the F1, or the cost per row), `alerts_per_1000`,
        `threshold_low` and `threshold_high` from the bootstrap, and
        `fold_min`, `fold_median`, `fold_max`, `fold_sd` of the thresholds that
        the folds would have chosen.
    folds : pandas.DataFrame
        `fold`, `criterion`, `threshold`, `value` in each fold; empty without
        `cv`.
    notes : tuple of str
        What to know before using a threshold.
    """

    n: int
    positive_rate: float
    n_thresholds: int
    roc_auc: float
    average_precision: float
    optima: pd.DataFrame = field(repr=False)
    folds: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Thresholds"

    def plot(self, ax: Any = None, *, metrics: Any = None) -> Any:
        """Draw measures against the threshold, with bands and optima.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        metrics : str or list of str, optional
            Columns of `frame`; by default the cost, where there are costs, and
            else precision, recall and F1.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        from mlworkbench.imbalance._threshold_plots import plot_measures

        return plot_measures(self, ax, metrics)

    def plot_curves(self, axes: Any = None) -> Any:
        """Draw the ROC and the precision-recall curve side by side.

        Parameters
        ----------
        axes : pair of matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        axes : ndarray of two matplotlib.axes.Axes
            ROC left, precision and recall right, the optima marked on both.
        """
        from mlworkbench.imbalance._threshold_plots import plot_curves

        return plot_curves(self, axes)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain Python values, ready for JSON.

        Returns
        -------
        report : dict
            As for every report, and `optima` and `folds` as lists of records.
        """
        tables = {"optima": self.optima, "folds": self.folds}
        more = {name: Report(t).to_dict()["frame"] for name, t in tables.items()}
        return super().to_dict() | more

    def _shown(self) -> pd.DataFrame:
        # A thousand thresholds are for a figure; the optima are for reading.
        return Report(self.optima.dropna(axis=1, how="all"))._shown()


def threshold_report(
    y_true: Any,
    y_prob: Any,
    costs: Any = None,
    cv: Any = None,
    *,
    sample_weight: Any = None,
    pos_label: Any = None,
    n_boot: int = 200,
    confidence: float = 0.95,
    max_points: int = 1000,
    random_state: RandomState = None,
) -> ThresholdReport:
    """Measure every threshold, and say how sure the best one is.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Two classes.
    y_prob : array-like of shape (n,)
        Probability of the positive class, from a model that has not seen these
        rows: a test set, or out-of-fold predictions (`cross_val_predict`). An
        alert is ``y_prob >= threshold``, as in scikit-learn.
    costs : CostMatrix or array-like of shape (2, 2) or (n, 2, 2), optional
        Rows actual, columns predicted. Labels are matched with the classes;
        under the labels 0 and 1 the second one is the positive class.
    cv : int, splitter or iterable of (train, test), optional
        Find the best threshold again in the test part of each split. Nothing
        is fitted: the split only cuts the predictions given. An int means
        `StratifiedKFold`; a splitter by groups: pass ``list(splitter.split(X,
        y, groups))``.
    sample_weight : array-like of shape (n,), optional
        Weights of the rows.
    pos_label : scalar, optional
        The positive class; needed unless the classes are 0 and 1, -1 and 1, or
        False and True.
    n_boot : int, default=200
        Bootstrap draws for the bands; 0 for none.
    confidence : float, default=0.95
        Level of the bands, pointwise.
    max_points : int, default=1000
        At most so many thresholds in `frame`, at least 10. When there are more,
        those are kept that lie evenly along the ROC curve, and all optima. The
        optima, ROC AUC and average precision are from all thresholds.
    random_state : int, Generator, RandomState or None
        Source of the bootstrap.

    Returns
    -------
    report : ThresholdReport
        `.frame`, `.optima`, `.folds`, `.roc_auc`, `.average_precision`,
        `.plot()` and `.plot_curves()`.

    Raises
    ------
    ValueError
        When lengths or indexes differ, values are missing, there are more than
        two classes or it is not clear which is positive, and when `costs` does
        not fit them.

    See Also
    --------
    sklearn.model_selection.TunedThresholdClassifierCV : Use such a threshold.

    Notes
    -----
    One sort and a few cumulated sums, O(n log n). Precision and recall have no
    row among the optima: alone, each is best at a useless threshold. Where
    several thresholds are equally good, the highest is taken (fewest alerts).

    The bands come from counts between kept thresholds, drawn as Poisson
    numbers, which is the bootstrap of rows without drawing rows; with weights
    the numbers are scaled to the same mean and variance, and costs that vary
    within a cell add a normal term of their variance. They show the luck of
    these rows, not that of fitting the model, and no luck at all where a few
    alerts are all right (precision 1 of 3 alerts has a band of width 0). The
    bootstrap's best threshold can only be a kept one.

    The best threshold is chosen and measured on the same rows, so its value
    flatters, the more the fewer positives there are. Break-even needs no
    choosing, but calibrated probabilities. Its cost, with costs per row, is
    that of each row's own threshold.

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI.
    .. [2] T. Fawcett (2006), An introduction to ROC analysis, Pattern
       Recognition Letters 27(8).
    .. [3] J. Davis, M. Goadrich (2006), The relationship between
       precision-recall and ROC curves, ICML.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    >>> y = [0, 0, 0, 1, 0, 1]
    >>> p = [0.1, 0.2, 0.3, 0.4, 0.6, 0.9]
    >>> report = threshold_report(y, p, [[0, 1], [4, 0]], n_boot=0)
    >>> report.optima[["criterion", "threshold", "value"]].round(3)
        criterion  threshold  value
    0          f1        0.4  0.800
    1        cost        0.4  0.167
    2  break_even        0.2  0.500
    >>> report.frame[["threshold", "tp", "fp", "precision"]].head(3)
       threshold  tp  fp  precision
    0        inf   0   0        NaN
    1        0.9   1   0        1.0
    2        0.6   1   1        0.5
    """
    n_boot = check_integer(n_boot, "n_boot")
    max_points = check_integer(max_points, "max_points", 10)
    confidence = check_fraction(confidence, "confidence")
    rows = _rows(y_true, y_prob, costs, sample_weight, pos_label)
    ordered, curve = rows.ordered, curve_of(rows.ordered)
    optima = _optima(ordered, curve, rows.even, rows.by_row)
    folds = _folds(rows, cv)
    must = {curve.place(t) for t in optima["threshold"] if not np.isnan(t)}
    kept = keep_places(curve, max_points, must)
    bands = None
    if n_boot:
        rng = as_generator(random_state)
        bands = bootstrap(ordered, curve, kept, n_boot, confidence, rng)
    return ThresholdReport(
        _frame(curve, kept, bands, weighted=ordered.weight is not None),
        n=len(ordered.y_prob),
        positive_rate=curve.positives / (curve.positives + curve.negatives),
        n_thresholds=len(curve.thresholds) - 1,
        roc_auc=curve.roc_auc(),
        average_precision=curve.average_precision(),
        optima=_with_spread(optima, folds, bands),
        folds=folds,
        notes=_notes(ordered, curve, len(kept), rows.note),
    )


@dataclass(frozen=True)
class _Rows:
    """The input, checked and in order, with the break-even of its costs."""

    ordered: Ordered
    source: IntArray
    truth: Any
    even: float = np.nan
    by_row: BoolArray | None = None
    note: str | None = None


def _rows(
    y_true: Any, y_prob: Any, costs: Any, sample_weight: Any, pos_label: Any
) -> _Rows:
    check_same_index(y_true=y_true, y_prob=y_prob, sample_weight=sample_weight)
    truth = as_vector(y_true, "y_true")
    prob = _one_column(y_prob)
    n = check_same_length(y_true=truth, y_prob=prob)
    if not n:
        raise ValueError("y_true is empty; pass at least one row")
    positive = check_binary(truth, pos_label=pos_label)
    weight = None if sample_weight is None else check_weights(sample_weight, n)
    matrix = None if costs is None else _oriented(costs, truth, pos_label, n)
    used = np.ones(n, dtype=np.bool_) if weight is None else weight > 0
    part = None if weight is None else weight[used]
    ordered, places = order(prob[used], positive[used], part, _costs_of(matrix, used))
    source = np.flatnonzero(used)[places]
    if matrix is None:
        return _Rows(ordered, source, truth)
    note, even = _break_even(matrix)
    by_row = None if matrix.n_rows is None else _row_alerts(prob, matrix)[source]
    return _Rows(ordered, source, truth, even, by_row, note)


def _one_column(y_prob: Any) -> FloatArray:
    shape = np.shape(y_prob)
    if len(shape) == 2 and shape[1] > 1:
        raise ValueError(
            f"y_prob has shape {shape}; pass the column of the positive class, "
            "e.g. y_prob[:, 1]"
        )
    return check_probabilities(as_vector(y_prob, "y_prob"))


def _oriented(costs: Any, truth: Any, pos_label: Any, n: int) -> CostMatrix:
    """Give the costs with the positive class second."""
    matrix = as_cost_matrix(costs, k=2, n=n)
    labels = matrix.labels
    classes = set(pd.unique(pd.Series(truth)).tolist())
    positive = 1 if pos_label is None else pos_label
    if positive in labels and classes <= set(labels):
        first = labels.index(positive) == 0
    elif set(labels) == {0, 1}:
        first = labels[0] == 1
    else:
        raise ValueError(
            f"costs has the labels {list(labels)}, y_true has {sorted(classes)} with "
            f"{positive!r} positive; name the classes: CostMatrix(costs, labels=[...])"
        )
    turned = matrix.costs[..., ::-1, ::-1] if first else matrix.costs
    return CostMatrix(turned)


def _costs_of(matrix: CostMatrix | None, used: BoolArray) -> FloatArray | None:
    if matrix is None:
        return None
    costs: FloatArray = matrix.costs
    return costs if matrix.n_rows is None else costs[used]


def _break_even(matrix: CostMatrix) -> tuple[str | None, float]:
    """Give a note, and the threshold where all rows share one."""
    try:
        threshold = break_even_threshold(matrix)
    except ValueError as error:
        return f"break-even has {error}", np.nan
    if isinstance(threshold, float):
        return None, threshold
    low, high = threshold.min(), threshold.max()
    return f"each row has a break-even of its own, {low:.3g} to {high:.3g}", np.nan


def _row_alerts(prob: FloatArray, matrix: CostMatrix) -> BoolArray:
    return np.asarray(bayes_decision(prob, matrix) == 1, dtype=np.bool_)


def _optima(
    ordered: Ordered, curve: Curve, even: float, by_row: BoolArray | None
) -> pd.DataFrame:
    """Give the best threshold by each criterion, and break-even."""
    f1 = curve.f1()
    alerts = 1000 * (curve.tp + curve.fp) / (curve.positives + curve.negatives)
    nothing = (np.nan, np.nan, np.nan)

    def at(values: FloatArray, place: int) -> tuple[float, float, float]:
        if place < 0:
            return nothing
        return curve.thresholds[place], values[place], alerts[place]

    rows = [("f1", *at(f1, int(best_place(f1))))]
    if curve.cost is not None:
        rows.append(("cost", *at(curve.cost, int(best_place(-curve.cost)))))
        if by_row is not None:
            rows.append(("break_even", np.nan, *_decided(ordered, by_row)))
        elif np.isnan(even):
            rows.append(("break_even", *nothing))
        else:
            _, value, share = at(curve.cost, curve.place(even))
            rows.append(("break_even", even, value, share))
    columns = ["criterion", "threshold", "value", "alerts_per_1000"]
    return pd.DataFrame(rows, columns=columns)


def _decided(ordered: Ordered, alert: BoolArray) -> tuple[float, float]:
    """Give cost and alerts of decisions made row by row."""
    w = np.ones(len(alert)) if ordered.weight is None else ordered.weight
    assert ordered.alert is not None
    assert ordered.silent is not None
    cost = np.where(alert, ordered.alert, ordered.silent)
    return float(w @ cost / w.sum()), float(1000 * (w @ alert) / w.sum())


def _folds(rows: _Rows, cv: Any) -> pd.DataFrame:
    """Find the optima again in the test part of each split."""
    columns = ["fold", "criterion", "threshold", "value"]
    tables = [pd.DataFrame(columns=columns).astype({"threshold": float})]
    if cv is not None:
        from sklearn.model_selection import check_cv

        n = len(rows.truth)
        splitter = check_cv(cv, rows.truth, classifier=True)
        for fold, (_, test) in enumerate(splitter.split(np.zeros(n), rows.truth)):
            inside = np.zeros(n, dtype=np.bool_)
            inside[test] = True
            mine = inside[rows.source]
            if not mine.any():
                raise ValueError(f"fold {fold} of cv has no row with weight")
            part = rows.ordered.of(mine)
            by_row = None if rows.by_row is None else rows.by_row[mine]
            found = _optima(part, curve_of(part), rows.even, by_row)
            tables.append(found.assign(fold=fold)[columns])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def _with_spread(
    optima: pd.DataFrame, folds: pd.DataFrame, bands: Bands | None
) -> pd.DataFrame:
    best = {} if bands is None else bands.best
    ends = [best.get(name, (np.nan, np.nan)) for name in optima["criterion"]]
    optima = optima.assign(
        threshold_low=[low for low, _ in ends],
        threshold_high=[high for _, high in ends],
    )
    by = {n: t["threshold"].dropna() for n, t in folds.groupby("criterion")}
    empty = pd.Series(dtype=np.float64)
    chosen = [by.get(name, empty) for name in optima["criterion"]]
    with np.errstate(invalid="ignore"):
        return optima.assign(
            fold_min=[t.min() for t in chosen],
            fold_median=[t.median() for t in chosen],
            fold_max=[t.max() for t in chosen],
            fold_sd=[t.std() for t in chosen],
        )


def _frame(
    curve: Curve, kept: IntArray, bands: Bands | None, weighted: bool
) -> pd.DataFrame:
    tp, fp = curve.tp[kept], curve.fp[kept]
    counts = {
        "tp": tp,
        "fp": fp,
        "fn": curve.positives - tp,
        "tn": curve.negatives - fp,
    }
    if not weighted:
        counts = {name: count.astype(np.int64) for name, count in counts.items()}
    found = measures(tp, fp, np.float64(curve.positives), np.float64(curve.negatives))
    if curve.cost is not None:
        found["cost"] = curve.cost[kept]
    columns = {"threshold": curve.thresholds[kept], **counts, **found}
    for name, (low, high) in ({} if bands is None else bands.metrics).items():
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(columns)


def _notes(
    ordered: Ordered, curve: Curve, kept: int, even: str | None
) -> tuple[str, ...]:
    positives, all_rows = int(ordered.positive.sum()), len(ordered.positive)
    notes = []
    if positives in (0, all_rows):
        which = "negative" if positives == 0 else "positive"
        notes.append(f"all rows are {which}: what needs both classes is missing")
    elif min(positives, all_rows - positives) < _FEW:
        rare = min(positives, all_rows - positives)
        notes.append(
            f"only {rare} row(s) of the rarer class: the best thresholds are mostly "
            "luck; look at their spread"
        )
    if kept < len(curve.thresholds):
        notes.append(
            f"frame has {kept:,} thresholds of {len(curve.thresholds):,}; the optima "
            "are from all of them"
        )
    notes += [] if even is None else [even]
    notes.append(
        "the best thresholds were chosen on these rows, so their values flatter; "
        "measure the one you use on other rows"
    )
    return tuple(notes)
