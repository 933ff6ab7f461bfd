"""Which labels are probably wrong, and from which source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._stats import wilson_interval
from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_fraction,
    check_probabilities,
    check_same_index,
    check_same_length,
)

__all__ = ["LabelAudit", "audit_labels"]

IntArray = npt.NDArray[np.int64]
_SURE = 0.995


@dataclass(frozen=True, eq=False, repr=False)
class LabelAudit(Report):
    """What `audit_labels` found: the suspects, the most suspect first.

    - index: the row
    - given: its label; suggested: the class the model is confident of
    - p_given, p_suggested: their probabilities
    - margin: p_given minus the largest other probability; the lower, the more
      suspect
    - source: where the label came from, if sources were given.

    Parameters
    ----------
    frame : pandas.DataFrame
        The suspects.
    rows, suspects : int
        Labels audited, and rows the model is confident are of another class.
    error_rate, error_low, error_high : float
        Estimated share of wrong labels, with its interval.
    joint : pandas.DataFrame
        Estimated shares of (given, true) labels; sums to one.
    confident_joint : pandas.DataFrame
        The counts it comes from.
    thresholds : pandas.Series
        Probability from which a row counts as confidently of a class: the mean
        over rows with that label.
    by_source : pandas.DataFrame
        One row per source, the worst first: rows, suspects, error_rate, low,
        high. Empty without sources.
    margins : pandas.Series
        The margin of every row.
    notes : tuple of str
        What to doubt.
    """

    rows: int
    suspects: int
    error_rate: float
    error_low: float
    error_high: float
    joint: pd.DataFrame = field(repr=False)
    confident_joint: pd.DataFrame = field(repr=False)
    thresholds: pd.Series = field(repr=False)
    by_source: pd.DataFrame = field(repr=False)
    margins: pd.Series = field(repr=False)

    title: ClassVar[str] = "Labels that are probably wrong"

    def plot(self, ax: Any = None) -> Any:
        """Draw the error rate by source, or the joint where there is none.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        if len(self.by_source):
            table = self.by_source.iloc[::-1]
            rate = table["error_rate"]
            error = [rate - table["low"], table["high"] - rate]
            names = [str(name) for name in table.index]
            ax.errorbar(rate, names, xerr=error, fmt="o", color="#0b5394", capsize=3)
            ax.set_xlim(0, None)
            ax.margins(y=0.3)
            ax.set_xlabel("estimated share of wrong labels (with interval)")
            ax.set_title(f"{names[-1]} has the most wrong labels, {rate.iloc[-1]:.0%}")
            return ax
        off = self.joint.to_numpy().copy()
        np.fill_diagonal(off, np.nan)
        image = ax.imshow(off, cmap="Blues", vmin=0)
        ax.figure.colorbar(image, ax=ax, label="share of all labels")
        names = [str(name) for name in self.joint.columns]
        ax.set_xticks(range(len(names)), names)
        ax.set_yticks(range(len(names)), names)
        ax.set_xlabel("true label (estimated)")
        ax.set_ylabel("given label")
        ax.set_title(f"About {self.error_rate:.1%} of the labels are wrong")
        ax.grid(visible=False)
        return ax


def audit_labels(
    y: Any,
    y_prob: Any,
    source: Any = None,
    *,
    classes: Any = None,
    confidence: float = 0.95,
) -> LabelAudit:
    """Estimate which labels are wrong, how many, and from which source.

    Parameters
    ----------
    y : array-like of shape (n,)
        The labels given.
    y_prob : array-like of shape (n, n_classes), or (n,) for two classes
        Probability of each class, from a model that has not seen the row's
        label: ``cross_val_predict(model, X, y, method="predict_proba")``. One
        column stands for the second class. A model that was fitted on the row
        agrees with its label, wrong or not.
    source : array-like of shape (n,), optional
        Where each label came from (see `label_source`).
    classes : array-like of shape (n_classes,), optional
        Classes in the order of the columns; the sorted labels (scikit-learn's
        order) by default, or the columns' names where `y_prob` is a DataFrame
        with names that are labels.
    confidence : float
        Level of the intervals.

    Returns
    -------
    report : LabelAudit
        `.frame` has the suspects, `.joint` the given against the true labels,
        `.by_source` the error rate of each source.

    Raises
    ------
    ValueError
        When there is no row; when labels, sources or probabilities are missing;
        when probabilities do not sum to one; when classes and columns do not
        fit.

    Notes
    -----
    Confident learning. The threshold of class j is t_j, the mean of p_j over the
    rows labelled j. A row labelled i counts in C[i, j] when j is the most
    probable of the classes with p_j ≥ t_j (and in no cell when there is none).
    Each row of C is scaled to the number of labels i, the whole to one: that is
    the joint of given and true labels, and what is off its diagonal is the
    error rate. Rows counted off the diagonal are the suspects, ranked by
    p_given minus the largest other probability. Time O(n × n_classes).

    The intervals are Wilson's over the rows counted in C. They hold for chance
    alone: where the model is wrong and sure of it, good labels are suspected,
    and where all labels of a kind are wrong the model learns the error and
    suspects none. Look at the rows before changing a label.

    References
    ----------
    .. [1] C. G. Northcutt, L. Jiang and I. L. Chuang (2021), Confident learning:
       estimating uncertainty in dataset labels, JAIR 70.

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> y = ["cat", "cat", "cat", "dog", "dog", "cat"]
    >>> p_dog = [0.1, 0.2, 0.1, 0.8, 0.9, 0.9]
    >>> report = audit_labels(y, p_dog)
    >>> report.frame[["given", "suggested", "margin"]]
      given suggested  margin
    5   cat       dog    -0.8
    >>> round(report.error_rate, 3)
    0.167
    """
    check_fraction(confidence, "confidence")
    check_same_length(y=y, y_prob=y_prob, source=source)
    check_same_index(y=y, y_prob=y_prob, source=source)
    prob = _probabilities(y_prob)
    named = _classes(y, y_prob, prob.shape[1], classes)
    codes = _codes(y, named)
    thresholds = _thresholds(codes, prob)
    guess = _confident(prob, thresholds)
    counts = _cells(codes, guess, len(named))
    joint = _calibrate(counts, np.bincount(codes, minlength=len(named)))
    margins = _margins(codes, prob)
    index = next(
        (x.index for x in (y, y_prob) if isinstance(x, pd.Series | pd.DataFrame)),
        pd.RangeIndex(len(codes)),
    )
    origin = None if source is None else _origins(source)
    frame = _suspects(codes, guess, prob, margins, named, origin, index)
    rate = float(1 - np.trace(joint))
    low, high = wilson_interval(rate * counts.sum(), counts.sum(), confidence)
    labels = named.rename("given"), named.rename("true")
    return LabelAudit(
        frame,
        rows=len(codes),
        suspects=len(frame),
        error_rate=rate,
        error_low=float(low),
        error_high=float(high),
        joint=pd.DataFrame(joint, *labels),
        confident_joint=pd.DataFrame(counts, *labels),
        thresholds=pd.Series(thresholds, index=named, name="threshold"),
        by_source=_by_source(origin, codes, guess, counts, confidence),
        margins=pd.Series(margins, index=index, name="margin"),
        notes=_notes(codes, prob, counts, thresholds, named),
    )


def _probabilities(y_prob: Any) -> FloatArray:
    prob = check_probabilities(y_prob)
    if prob.ndim == 1:
        prob = np.column_stack([1 - prob, prob])
    elif prob.ndim == 2 and prob.shape[1] == 1:
        prob = np.column_stack([1 - prob[:, 0], prob[:, 0]])
    if prob.ndim != 2:
        raise ValueError(f"y_prob has shape {prob.shape}; pass rows × classes")
    if not len(prob):
        raise ValueError("y is empty; pass at least one label")
    off = np.abs(prob.sum(axis=1) - 1)
    if off.max() > 1e-3:
        row = int(off.argmax())
        raise ValueError(
            f"y_prob sums to {prob[row].sum():.3g} in row {row}; every row sums to one "
            "over the classes"
        )
    return prob


def _classes(y: Any, y_prob: Any, k: int, classes: Any) -> pd.Index:
    """Say which class each column stands for."""
    labels = pd.Series(as_vector(y, "y"))
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise ValueError(f"y has missing labels (first at row {row}); drop those rows")
    found = sorted(labels.unique(), key=lambda v: (str(type(v)), v))
    if classes is None and isinstance(y_prob, pd.DataFrame):
        classes = list(y_prob.columns) if set(found) <= set(y_prob.columns) else None
    if classes is None and len(found) == k:
        classes = found
    if classes is None and pd.api.types.is_integer_dtype(labels):
        classes = range(k) if found[0] >= 0 and found[-1] < k else None
    if classes is None:
        raise ValueError(
            f"y has {len(found)} classes, y_prob has {k} columns; say with classes= "
            "which class each column stands for, e.g. model.classes_"
        )
    named: pd.Index = pd.Index(list(classes), name="class")
    if len(named) != k or not named.is_unique:
        raise ValueError(
            f"classes has {len(named)} entries for the {k} columns of y_prob; pass one "
            "each, all different"
        )
    unknown = [value for value in found if value not in named]
    if unknown:
        raise ValueError(f"y has labels that are not in classes: {unknown[:5]}")
    return named


def _codes(y: Any, named: pd.Index) -> IntArray:
    return np.asarray(named.get_indexer(pd.Index(as_vector(y, "y"))), dtype=np.int64)


def _origins(source: Any) -> pd.Series:
    origin = pd.Series(as_vector(source, "source"))
    if origin.isna().any():
        row = int(origin.isna().to_numpy().argmax())
        raise ValueError(
            f"source is missing (first at row {row}); give every label its source"
        )
    return origin


def _thresholds(codes: IntArray, prob: FloatArray) -> FloatArray:
    """Give each class the mean of its probability over rows with that label."""
    n = np.bincount(codes, minlength=prob.shape[1])
    own = prob[np.arange(len(codes)), codes]
    total = np.bincount(codes, weights=own, minlength=prob.shape[1])
    none = np.full(len(n), np.inf)
    return np.asarray(np.divide(total, n, out=none, where=n > 0))


def _confident(prob: FloatArray, thresholds: FloatArray) -> IntArray:
    """Give the class each row is confidently of, -1 where there is none."""
    above = prob >= thresholds - 1e-9  # a mean of equal numbers may round up
    best = np.where(above, prob, -1.0).argmax(axis=1)
    return np.asarray(np.where(above.any(axis=1), best, -1), dtype=np.int64)


def _cells(codes: IntArray, guess: IntArray, k: int) -> IntArray:
    sure = guess >= 0
    cells = np.bincount(codes[sure] * k + guess[sure], minlength=k * k)
    return np.asarray(cells.reshape(k, k), dtype=np.int64)


def _calibrate(counts: IntArray, n: IntArray) -> FloatArray:
    """Scale each row to the labels given; a row without counts is taken as right."""
    filled = counts + np.diag((counts.sum(axis=1) == 0).astype(np.int64))
    shares = filled / filled.sum(axis=1, keepdims=True)
    return np.asarray(shares * (n / n.sum())[:, None])


def _margins(codes: IntArray, prob: FloatArray) -> FloatArray:
    rows = np.arange(len(codes))
    others = prob.copy()
    others[rows, codes] = -np.inf
    highest = others.max(axis=1) if prob.shape[1] > 1 else 0.0
    return np.asarray(prob[rows, codes] - highest)


def _suspects(
    codes: IntArray,
    guess: IntArray,
    prob: FloatArray,
    margins: FloatArray,
    named: pd.Index,
    origin: pd.Series | None,
    index: pd.Index,
) -> pd.DataFrame:
    rows = np.flatnonzero((guess >= 0) & (guess != codes))
    rows = rows[np.argsort(margins[rows], kind="stable")]
    frame = pd.DataFrame(
        {
            "given": named[codes[rows]],
            "suggested": named[guess[rows]],
            "p_given": prob[rows, codes[rows]],
            "p_suggested": prob[rows, guess[rows]],
            "margin": margins[rows],
        },
        index=index[rows],
    )
    if origin is not None:
        frame["source"] = origin.to_numpy()[rows]
    return frame


def _by_source(
    origin: pd.Series | None,
    codes: IntArray,
    guess: IntArray,
    counts: IntArray,
    confidence: float,
) -> pd.DataFrame:
    """Estimate the error rate of each source, with thresholds of all rows."""
    columns = ["rows", "suspects", "error_rate", "low", "high"]
    if origin is None:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="source"))
    k = len(counts)
    rows = {}
    for name, at in origin.groupby(origin, sort=True, observed=True).indices.items():
        own = _cells(codes[at], guess[at], k)
        n = np.bincount(codes[at], minlength=k)
        # A label the source gives but the model is never sure of: as overall.
        own_or_all = np.where(own.sum(axis=1, keepdims=True) > 0, own, counts)
        rate = max(0.0, 1 - float(np.trace(_calibrate(own_or_all, n))))
        low, high = wilson_interval(rate * own.sum(), own.sum(), confidence)
        wrong = int(own.sum() - np.trace(own))
        rows[name] = [len(at), wrong, rate, float(low), float(high)]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "source"
    return table.sort_values("error_rate", ascending=False, kind="stable")


def _notes(
    codes: IntArray,
    prob: FloatArray,
    counts: IntArray,
    thresholds: FloatArray,
    named: pd.Index,
) -> tuple[str, ...]:
    notes = []
    own = prob[np.arange(len(codes)), codes]
    if own.mean() > _SURE:
        notes.append(
            f"the model gives the given label {own.mean():.1%} on average: was it "
            "fitted on these rows? use cross_val_predict(..., method='predict_proba')"
        )
    absent = [str(c) for c in named[np.isinf(thresholds)]]
    if absent:
        notes.append(f"no row is labelled {', '.join(absent)}: never suggested")
    unsure = (counts.sum(axis=1) == 0) & np.isfinite(thresholds)
    if unsure.any():
        shown = ", ".join(str(c) for c in named[unsure])
        notes.append(f"no confident row is labelled {shown}: taken as right")
    return tuple(notes)
