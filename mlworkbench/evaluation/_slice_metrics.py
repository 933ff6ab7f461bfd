"""Any metric in every slice of the data, with the gap to the other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._stats import adjust_p_values
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_choice,
    check_fraction,
    check_integer,
    check_same_index,
    check_same_length,
    check_weights,
)
from mlworkbench.evaluation._slice_bootstrap import Family, draw, percentiles
from mlworkbench.evaluation._slice_calls import Calls
from mlworkbench.evaluation._slice_counts import RATIOS, Cells
from mlworkbench.evaluation._slice_groups import Groups, make_groups
from mlworkbench.evaluation._slice_metrics_report import (
    LEVEL,
    ROWS,
    SliceMetrics,
    say_finding,
)
from mlworkbench.evaluation._slice_targets import Target
from mlworkbench.evaluation._slice_values import (
    PROBABILITY,
    REGRESSION,
    Means,
    Ranks,
    row_values,
)
from mlworkbench.evaluation._slice_wald import Measured

__all__ = ["slice_metrics"]

NAMED = (*RATIOS, *PROBABILITY, *REGRESSION)
NEED_POSITIVE = RATIOS[5:]
ALIASES = {
    "error_rate": "error",
    "zero_one_loss": "error",
    "tpr": "recall",
    "true_positive_rate": "recall",
    "sensitivity": "recall",
    "f1_score": "f1",
    "fpr": "false_positive_rate",
    "fnr": "false_negative_rate",
    "auc": "roc_auc",
    "brier_score": "brier",
    "mean_absolute_error": "mae",
    "root_mean_squared_error": "rmse",
    "r2_score": "r2",
}


def slice_metrics(
    y_true: Any,
    y_pred: Any,
    by: Any,
    *,
    y_prob: Any = None,
    metrics: Any = None,
    sample_weight: Any = None,
    n_boot: int = 0,
    confidence: float = 0.95,
    correction: str = "holm",
    pos_label: Any = None,
    zero_division: float = float("nan"),
    random_state: RandomState = None,
) -> SliceMetrics:
    """Measure a model in every slice, and say which slices differ.

    Every slice is compared with all other rows: the gap with an interval, and
    a p-value corrected for the number of slices looked at.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Labels (numbers, strings, truth values) or, for regression, numbers.
    y_pred : array-like of shape (n,) or None
        Predictions of the same kind; None where only probabilities are judged.
    by : Series, array, list of columns, DataFrame or dict of columns
        What a row belongs to. Several columns are crossed; combinations
        without rows are left out. A missing value is a group of its own.
    y_prob : array-like of shape (n,) or (n, k), optional
        Probability of the positive class, or of each class in sorted order (a
        DataFrame brings the classes as its columns).
    metrics : str, callable, list or dict of them, optional
        Of counts: "accuracy", "error", "precision", "recall", "f1",
        "selection_rate", "false_positive_rate", "false_negative_rate",
        "base_rate". Of probabilities: "roc_auc", "log_loss", "brier",
        "calibration_in_the_large" (mean probability less share of positives).
        Of numbers: "mae", "rmse", "bias" (prediction less truth), "r2". Short
        names such as "fpr" and "auc" are understood. A callable gets
        ``(y_true, y_pred)`` of a slice, and `sample_weight` by keyword where
        given: one call per slice and per rest, which is slow. By default
        "accuracy", for regression "mae", without `y_pred` "log_loss".
    sample_weight : array-like of shape (n,), optional
        Weights of 0 or more: what a row stands for, not how often it was seen.
    n_boot : int, default=0
        Resamples for percentile intervals. With 0 the intervals come from
        formulas, which do not fail on small slices (see Notes).
    confidence : float, default=0.95
        Level of all intervals.
    correction : {"holm", "bonferroni", "bh"}, default="holm"
        How the p-values are corrected for all tests in the table.
    pos_label : scalar, optional
        The positive class; needed for the metrics of one class unless the
        labels are 0 and 1, -1 and 1, or truth values. With more than two
        classes it compares that class with all others; without it, precision,
        recall, F1 and the area under ROC are averages over the classes.
    zero_division : float, default=nan
        Value of a ratio without a denominator, such as the recall of a slice
        without positives. In averages over classes, a class of the slice
        without a denominator counts 0, as in scikit-learn.
    random_state : int, Generator, RandomState or None
        For the resamples.

    Returns
    -------
    report : SliceMetrics
        `.frame`, one row per metric and slice, `.overall`, `.plot()`.

    Raises
    ------
    TypeError, ValueError
        When lengths or indexes differ, a label is missing, a metric is not
        known, or what it needs was not given.

    See Also
    --------
    find_slices : Search for the slices instead of naming them.
    simpson_check : Does a comparison turn round within the groups?

    Notes
    -----
    Counts by (group, truth, prediction) are made once, in O(n); every metric of
    counts follows from them, and so do its resamples: the counts of n rows
    drawn with replacement have a multinomial law, so that 1,000 resamples cost
    as many draws as there are cells and never a look at the rows. Weighted
    rows, probabilities and numbers are resampled row by row, O(n) each.

    Intervals of ratios are Wilson's, gaps Newcombe's, p-values exact (Fisher's
    test, the smaller tail doubled). F1 is a ratio too: TP / (TP + FP + FN) =
    F1 / (2 - F1). The rest: delta method with Student's t, for ROC AUC DeLong's
    variance; p is the larger of two, by the spread of the slice and by that of
    all rows; there is none for fewer than two rows, or, in averages and areas,
    for fewer than two of a class. A slice whose values
    are all equal borrows the spread of all rows. With weights Kish's effective
    sizes take the place of counts.

    A bootstrap interval of a small slice misleads: 5 right of 5 is 100 % in
    every resample, from 100 % to 100 %. Wilson says 57 % to 100 %.

    A gap says that a model serves a slice less well, not why: slices differ in
    how hard their rows are.

    *Used in:* ``ch06_model_development/11_simpsons_paradox``.

    References
    ----------
    .. [1] R. G. Newcombe (1998), Interval estimation for the difference between
       independent proportions, Statistics in Medicine 17.
    .. [2] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Comparing
       the areas under two or more correlated ROC curves, Biometrics 44.
    .. [3] B. Efron, R. Tibshirani (1993), An Introduction to the Bootstrap.

    Examples
    --------
    98 % right on nine tenths of the rows and 80 % on one tenth: 96.2 % overall,
    better than a model with 95 % everywhere, though not for the small group.

    >>> import numpy as np
    >>> from mlworkbench.evaluation import slice_metrics
    >>> group = np.repeat(["large", "small"], [900, 100])
    >>> y_true = np.ones(1000, dtype=int)
    >>> y_pred = np.ones(1000, dtype=int)
    >>> y_pred[:18] = y_pred[900:920] = 0
    >>> report = slice_metrics(y_true, y_pred, group)
    >>> print(report.overall.round(3).to_string())
              value   low   high
    metric
    accuracy  0.962  0.948  0.972
    >>> report.frame[["slice", "n", "value", "gap", "significant"]].round(3)
       slice    n  value   gap  significant
    0  large  900   0.98  0.18         True
    1  small  100   0.80 -0.18         True
    """
    several = list(by.values()) if isinstance(by, dict) else by
    several = several if isinstance(several, list | tuple) else [by]
    check_same_index(
        **{"y_true": y_true, "y_pred": y_pred, "y_prob": y_prob},
        sample_weight=sample_weight,
        **{"by" + f" ({i})" * (i > 0): column for i, column in enumerate(several)},
    )
    target = Target(y_true, y_pred, y_prob, pos_label)
    n = check_same_length(y_true=target.y_true, y_pred=target.y_pred)
    if not n:
        raise ValueError("y_true is empty; pass at least one row")
    check_integer(n_boot, "n_boot")
    check_choice(correction, "correction", ("holm", "bonferroni", "bh"))
    if check_fraction(confidence, "confidence") == 1:
        raise ValueError("confidence is 1; pass a level below 1, such as 0.95")
    weights = None if sample_weight is None else check_weights(sample_weight, n)
    groups = make_groups(by, n)
    chosen = _choose(metrics, target)
    families = _families(chosen, target, groups, weights, zero_division)
    measured = {name: _closed(family, confidence) for name, family in families.items()}
    if n_boot:
        draws = draw(families, n, n_boot, as_generator(random_state))
        for name, drawn in draws.items():
            measured[name] = percentiles(measured[name], drawn, confidence)
    return _report(measured, groups, weights, n, n_boot, correction, chosen)


def _choose(metrics: Any, target: Target) -> dict[str, str | Callable[..., Any]]:
    """Give the metrics by the names they have in the table."""
    if metrics is None:
        plain = "mae" if target.is_regression else "accuracy"
        metrics = "log_loss" if target.y_pred is None else plain
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    pairs = metrics.items() if isinstance(metrics, Mapping) else _named(metrics)
    chosen: dict[str, str | Callable[..., Any]] = {}
    for name, metric in pairs:
        if name in chosen:
            raise ValueError(f"metrics has {name!r} twice; name them in a dict")
        if not callable(metric):
            key = str(metric).lower()
            known = ALIASES.get(key, key)
            if known not in NAMED:
                raise ValueError(
                    f"metrics has {metric!r}; pass a callable or one of "
                    f"{', '.join(NAMED)}"
                )
            metric = known
        chosen[str(name)] = metric
    if not chosen:
        raise ValueError("metrics is empty; pass at least one")
    return chosen


def _named(metrics: Any) -> list[tuple[str, Any]]:
    return [(getattr(x, "__name__", str(x)), x) for x in metrics]


def _families(
    chosen: Mapping[str, Any],
    target: Target,
    groups: Groups,
    weights: FloatArray | None,
    undefined: float,
) -> dict[str, Family]:
    """Give for each metric who computes it; counts are shared."""
    made: dict[str, Family] = {}
    cells, codes, size = None, groups.codes, groups.size
    for name, metric in chosen.items():
        if callable(metric):
            if target.y_pred is None:
                raise ValueError("y_pred is None; a callable metric needs it")
            call = Calls(metric, target.y_true, target.y_pred, codes, size, weights)
            made[name] = call, ""
        elif metric in RATIOS:
            cells = cells or _cells(chosen, target, groups, weights, undefined)
            made[name] = cells, metric
        elif metric == "roc_auc":
            truth, prob = (x.T for x in target.probabilities())
            keep = slice(1, None) if len(truth) == 2 else slice(None)
            made[name] = (
                Ranks(truth[keep] > 0, prob[keep], codes, size, weights),
                metric,
            )
        else:
            pair = target.probabilities if metric in PROBABILITY else target.numbers
            truth, said = pair()
            if metric == "calibration_in_the_large" and truth.shape[1] != 2:
                raise ValueError(
                    "calibration_in_the_large needs two classes; give pos_label and "
                    "the probability of that class"
                )
            columns = row_values(metric, truth, said)
            made[name] = Means(metric, columns, codes, size, weights), metric
    return made


def _cells(
    chosen: Mapping[str, Any],
    target: Target,
    groups: Groups,
    weights: FloatArray | None,
    undefined: float,
) -> Cells:
    """Count once, with the positive class where a metric asks for one."""
    if target.y_pred is None:
        raise ValueError("y_pred is None; pass predictions for metrics of counts")
    true, said, classes = target.labels()
    if all(x in ("accuracy", "error") for x in chosen.values() if x in RATIOS):
        wrong = (true != said).astype(np.int64)  # right or wrong is all they need
        codes = (groups.codes, np.zeros_like(wrong), wrong)
        return Cells(codes, (groups.size, 2, 2), weights, None, float(undefined))
    one_class = [x for x in chosen.values() if x in NEED_POSITIVE]
    asked = one_class or any(x in RATIOS[2:] for x in chosen.values())
    positive = target.positive if asked else None
    if one_class and positive is None:
        raise ValueError(
            f"{one_class[0]} needs two classes, there are {len(classes)}; say with "
            "pos_label which one to compare with the others"
        )
    k = len(classes)
    if groups.size * k * k > 10**8:
        raise ValueError(
            f"{groups.size:,} slices × {k} classes are too many to count; if y_true "
            "has numbers, choose metrics of numbers such as 'mae'"
        )
    codes = groups.codes, true, said
    return Cells(codes, (groups.size, k, k), weights, positive, float(undefined))


def _closed(family: Family, confidence: float) -> Measured:
    owner, metric = family
    if isinstance(owner, Cells):
        return owner.closed_form(metric, confidence)
    result: Measured = owner.closed_form(confidence)
    return result


def _report(
    measured: Mapping[str, Measured],
    groups: Groups,
    weights: FloatArray | None,
    n: int,
    n_boot: int,
    correction: str,
    chosen: Mapping[str, Any],
) -> SliceMetrics:
    rows = np.bincount(groups.codes, minlength=groups.size)
    keys = {}
    if groups.keys.shape[1] > 1:
        keys = {_free(name): groups.keys[name] for name in groups.keys}
    parts = []
    for name, found in measured.items():
        part = pd.DataFrame({"slice": groups.labels(), **keys, "n": rows})
        if weights is not None:
            part["n_effective"] = _effective(groups, weights)
        part["metric"] = name
        for field in ("value", "low", "high", "rest"):
            part[field] = getattr(found, field)
        part["gap"] = found.value - found.rest
        part["gap_low"], part["gap_high"] = found.gap_low, found.gap_high
        part["p_value"] = found.p_value
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    p = table["p_value"].to_numpy()
    # Of two slices each is the rest of the other: one test, said twice.
    tests = np.arange(len(p)) % groups.size == 0 if groups.size == 2 else p == p
    adjusted = adjust_p_values(np.where(tests, p, np.nan), correction)
    if groups.size == 2:
        adjusted = np.repeat(adjusted[tests], 2)
    table["p_adjusted"], table["significant"] = adjusted, adjusted <= LEVEL
    overall = pd.DataFrame(
        [found.overall for found in measured.values()],
        columns=["value", "low", "high"],
        index=pd.Index(list(measured), name="metric"),
    )
    n_tests = int((~np.isnan(p[tests])).sum())
    return SliceMetrics(
        table,
        say_finding(table, overall, correction, n_tests, str(groups.keys.columns[0])),
        n,
        groups.size,
        overall,
        notes=_notes(table, groups, weights, n_boot, chosen),
    )


def _free(name: Any) -> str:
    taken = (*SliceMetrics.__dataclass_fields__, "slice", "n", "metric", "value")
    taken += ("low", "high", "rest", "gap", "gap_low", "gap_high", "p_value")
    taken += ("p_adjusted", "significant", "n_effective")
    return f"{name} (column)" if str(name) in taken else str(name)


def _effective(groups: Groups, weights: FloatArray) -> npt.NDArray[Any]:
    mass = np.bincount(groups.codes, weights, minlength=groups.size)
    square = np.bincount(groups.codes, weights**2, minlength=groups.size)
    return np.where(mass > 0, mass**2 / np.where(mass > 0, square, 1), 0.0)


def _notes(
    table: pd.DataFrame,
    groups: Groups,
    weights: FloatArray | None,
    n_boot: int,
    chosen: Mapping[str, Any],
) -> tuple[str, ...]:
    """Say what the reader should know before believing the numbers."""
    notes, n = [], len(groups.codes)
    gone = int(table["value"].isna().sum())
    if gone:
        notes.append(
            f"{gone} value(s) are not defined in their slice, such as a recall "
            "where no row is positive"
        )
    if len(table) > 1.5 * ROWS:
        notes.append(
            f"shown are the {ROWS} of {len(table):,} values with the smallest "
            "chances; all are in .frame"
        )
    if groups.size > 50 and groups.size > n / 5:
        notes.append(
            f"{groups.size:,} slices of {n:,} rows: cut numbers into ranges first, "
            "e.g. with pandas.cut"
        )
    small = int((table["n"] < 30).sum() / max(len(chosen), 1))
    if n_boot and small:
        notes.append(
            f"{small} slice(s) have fewer than 30 rows, where resampling promises "
            "too much; n_boot=0 gives intervals that hold there too"
        )
    if not n_boot and any(callable(metric) for metric in chosen.values()):
        notes.append("a callable has no interval without resampling: give n_boot")
    if weights is not None:
        notes.append("with weights, chances and intervals use effective sizes")
    notes.append("a gap does not say why: slices differ in how hard their rows are")
    return tuple(notes)
