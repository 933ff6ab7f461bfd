"""Whether resampling helps, measured where it cannot flatter itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.base import clone

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    as_vector,
    check_binary,
    check_integer,
    check_same_index,
    check_same_length,
)
from mlworkbench.imbalance._costs import CostMatrix, as_cost_matrix, class_codes
from mlworkbench.imbalance._resampling_folds import (
    BoolArray,
    Remedy,
    Task,
    check_estimator,
    check_splits,
    run_fold,
)
from mlworkbench.imbalance._resampling_summary import (
    doubts,
    paired_differences,
    summarise,
)

__all__ = ["ResamplingComparison", "compare_resampling"]

NOTHING, MOVED, WEIGHTS = "nothing", "threshold moved", "class weight"
_BALANCED = (
    "no costs were given: a miss costs 0.5 / event rate and a false alarm "
    "0.5 / (1 - event rate), so that the cost is 1 - balanced accuracy"
)


@dataclass(frozen=True, eq=False, repr=False)
class ResamplingComparison(Report):
    """What `compare_resampling` measured, one row per remedy.

    The index of `frame` is the remedy. All numbers are means over the folds, on
    test rows that were never resampled:

    - pr_auc (average precision), roc_auc
    - cost: of the decisions that the remedy makes, per row: at the threshold
      0.5, in "threshold moved" at the best one
    - cost_best_threshold: cost where every remedy may move its threshold;
      threshold: that threshold, chosen on training rows only
    - calibration_slope, calibration_intercept: 1 and 0 for calibrated
      probabilities
    - mean_probability beside event_rate
    - rows: rows to fit on after resampling; folds: folds that worked
    - pr_auc_difference, pr_auc_low, pr_auc_high: difference to "nothing",
      paired by fold, with its 95 % interval
    - problem: why folds did not work, empty where all did.

    Parameters
    ----------
    frame : pandas.DataFrame
        The comparison.
    n : int
        Rows.
    event_rate : float
        Share of the positive class in all rows.
    n_folds : int
        Number of folds.
    costs : CostMatrix
        What decisions cost, as given or as made by default.
    differences : pandas.DataFrame
        One row per remedy and measure: `difference` to "nothing", `low`,
        `high` (95 %), `folds`.
    folds : pandas.DataFrame
        One row per fold and remedy, with the same measures, `n_train`, `n_test`
        and `test_rows_returned` (rows from the sampler that equal a test row
        and no training row).
    fit_seconds : pandas.Series
        Mean time to resample and fit in a fold. Not shown with the report,
        because it is another one in every run.
    notes : tuple of str
        What failed, and what to know about the numbers.
    """

    n: int
    event_rate: float
    n_folds: int
    costs: CostMatrix = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    folds: pd.DataFrame = field(repr=False)
    fit_seconds: pd.Series = field(repr=False)

    title: ClassVar[str] = "Resampling compared"

    def plot(self, ax: Any = None) -> Any:
        """Draw what each remedy buys, and what it does to the probabilities.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on. Its two `child_axes` are the panels: the
            difference of PR-AUC to doing nothing with its 95 % interval, and
            the calibration intercept, 0 where the level is right.
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
        ax.set_axis_off()
        left, right = ax.inset_axes((0, 0, 0.48, 1)), ax.inset_axes((0.52, 0, 0.48, 1))
        rows = self.frame[self.frame["folds"] > 0][::-1]
        place = np.arange(len(rows))
        middle = rows["pr_auc_difference"].fillna(0.0)
        ends = rows[["pr_auc_low", "pr_auc_high"]].sub(middle, axis=0).abs().fillna(0.0)
        left.errorbar(middle, place, xerr=ends.T, fmt="o", color="#0b5394", capsize=3)
        left.set_yticks(place, rows.index)
        left.set_xlabel("difference of PR-AUC\nto doing nothing")
        right.plot(rows["calibration_intercept"], place, "s", color="#990000")
        right.set_yticks(place, [""] * len(rows))
        right.set_xlabel("calibration intercept\n(0: the level is right)")
        for panel in (left, right):
            panel.axvline(0, color="0.5", linestyle="--", linewidth=1)
            panel.set_ylim(-0.6, len(rows) - 0.4)
        return ax


def compare_resampling(
    estimator: Any,
    X: Any,
    y: Any,
    samplers: Any,
    cv: Any,
    costs: Any = None,
    *,
    groups: Any = None,
    pos_label: Any = None,
    before: str | None = None,
    threshold_cv: int = 3,
    random_state: RandomState = None,
) -> ResamplingComparison:
    """Measure samplers inside the training folds, against doing without.

    Parameters
    ----------
    estimator : classifier
        With `fit` and `predict_proba`; cloned for every fit.
    X : array-like or sparse matrix of shape (n, n_features)
        Features. A frame reaches samplers and estimator as a pandas frame.
    y : array-like of shape (n,)
        Target with two classes.
    samplers : mapping of name to sampler, or iterable of samplers
        Samplers of imbalanced-learn, or anything with `fit_resample`; cloned.
        Without names, those of their classes are used.
    cv : int, splitter or iterable of (train, test)
        Folds, as everywhere in scikit-learn (a number: stratified, in the order
        of the rows). Train and test may share no row.
    costs : CostMatrix or array-like of shape (2, 2) or (n, 2, 2), optional
        What each decision costs; rows actual, columns predicted. Labels are
        matched with the classes; where they are just 0 and 1 (an array) and
        the classes are others, the second one is the positive class, as in
        `threshold_report`. By default both classes count alike whatever their
        shares, a miss 0.5 / event rate and a false alarm
        0.5 / (1 - event rate), so that the cost is 1 - balanced accuracy.
    groups : array-like of shape (n,), optional
        Groups for `cv`; the inner folds then keep groups together too, and so
        do the outer ones where `cv` is a number.
    pos_label : scalar, optional
        The positive class. Needed unless the classes are 0 and 1, -1 and 1, or
        False and True.
    before : str, optional
        Name of the step of a pipeline before which to resample. Earlier steps
        are fitted on the training rows as they are. By default the samplers
        get the rows of `X` themselves.
    threshold_cv : int, default=3
        Stratified inner folds of the training rows that give the out-of-fold
        predictions on which thresholds are chosen.
    random_state : int, Generator, RandomState or None
        Fills in every `random_state` of samplers and estimator that is None,
        and shuffles the inner folds.

    Returns
    -------
    report : ResamplingComparison
        `.frame`, `.differences`, `.folds`, `.fit_seconds`, `.plot()`.

    Raises
    ------
    TypeError
        When the estimator or a sampler lacks a method.
    ValueError
        When train and test share rows, a part of a fold has one class only,
        names are taken, lengths or indexes differ.

    Notes
    -----
    In each fold a clone of the sampler gets the training rows, a clone of the
    estimator is fitted on what it returns, and the untouched test rows judge.
    "threshold moved" is the model of "nothing" with another threshold.
    "class weight" is there when the estimator has a `class_weight`. A sampler
    that fails, for instance for lack of neighbours, is a row with the reason.

    The cost at 0.5 punishes a remedy only for where 0.5 lies on its scale. The
    best thresholds make costs comparable: where those are alike, the remedy
    found nothing that a threshold does not.

    Training parts of the folds overlap, so the differences of the folds are
    not independent, and s²/k is too small a variance. The intervals use
    (1/k + n_test/n_train) s² with k - 1 degrees of freedom (Nadeau and Bengio
    2003), as an approximation. With one fold there is no interval.

    A sampler that knows the test rows from elsewhere is noticed by the values:
    `folds` counts rows it returned that equal a test row and no training row,
    and a note says so (not for sparse X). Where features have few values that
    can be chance.

    There is no `sample_weight`: samplers take none, and a row made up from
    others has none. Fits: (1 + `threshold_cv`) per fold and remedy.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio (2003), Inference for the generalization error,
       Machine Learning 52.
    .. [2] R. van den Goorbergh, M. van Smeden, D. Timmerman, B. Van Calster
       (2022), The harm of class imbalance corrections for risk prediction
       models, Journal of the American Medical Informatics Association 29.
    .. [3] Y. Elor, H. Averbuch-Elor (2022), To SMOTE, or not to SMOTE?

    *Used in:* ``ch04_training_data/12_does_resampling_help``.

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(4_000, 2))
    >>> y = rng.random(4_000) < 1 / (1 + np.exp(4 - X.sum(axis=1)))
    >>> report = compare_resampling(
    ...     LogisticRegression(), X, y, [RandomOverSampler()], cv=4, random_state=0
    ... )
    >>> columns = ["roc_auc", "calibration_intercept", "rows"]
    >>> both = report.frame.loc[["nothing", "RandomOverSampler"], columns]
    >>> both.round(1).rename_axis(None)
                       roc_auc  calibration_intercept    rows
    nothing                0.8                   -0.0  3000.0
    RandomOverSampler      0.8                   -3.2  5767.5
    """
    task, matrix = _task(
        estimator, X, y, costs, groups, pos_label, before, threshold_cv
    )
    remedies = _remedies(estimator, _named(samplers))
    splits = check_splits(cv, task.X, task.y, task.positive, task.groups)
    if random_state is not None:
        seeds = as_generator(random_state).integers(0, 2**31, len(splits))
        task = replace(task, seeds=tuple(seeds.tolist()))
    results = []
    for fold, (train, test) in enumerate(splits):
        for remedy in remedies:
            row = run_fold(task, remedy, fold, train, test)
            results.append(row)
            if remedy.name == NOTHING:
                moved = {"remedy": MOVED, "cost": row["cost_best_threshold"]}
                results.append(row | moved)
    return _report(task, matrix, pd.DataFrame(results), costs is None)


def _task(
    estimator: Any,
    X: Any,
    y: Any,
    costs: Any,
    groups: Any,
    pos_label: Any,
    before: str | None,
    threshold_cv: int,
) -> tuple[Task, CostMatrix]:
    check_same_index(X=X, y=y, groups=groups)
    check_estimator(estimator, before)
    positive = check_binary(y, "y", pos_label)
    target = pd.Series(as_vector(y, "y")).infer_objects().to_numpy()
    if len(set(positive.tolist())) < 2:
        raise ValueError(
            f"y has {positive.sum()} positive of {len(target)} rows; pass both classes"
        )
    rows = _as_rows(X)
    check_same_length(X=range(rows.shape[0]), y=target, groups=groups)
    matrix = _cost_matrix(costs, target, positive)
    quiet, alarm = _prices(matrix, target, positive)
    task = Task(
        X=rows,
        y=target,
        positive=positive,
        label=target[positive][0],
        quiet=quiet,
        alarm=alarm,
        groups=None if groups is None else as_vector(groups, "groups"),
        before=before,
        threshold_cv=check_integer(threshold_cv, "threshold_cv", 2),
        seeds=None,
    )
    return task, matrix


def _as_rows(X: Any) -> Any:
    if sparse.issparse(X):
        return X.tocsr()
    if isinstance(X, list | tuple):
        X = np.asarray(X)
    return X if isinstance(X, np.ndarray) and X.ndim == 2 else as_frame(X, "X")


def _cost_matrix(costs: Any, y: npt.NDArray[Any], positive: BoolArray) -> CostMatrix:
    classes = [y[~positive][0], y[positive][0]]
    if costs is None:
        rate = float(positive.mean())
        return CostMatrix([[0, 0.5 / (1 - rate)], [0.5 / rate, 0]], classes)
    matrix: CostMatrix = as_cost_matrix(costs, k=2, n=len(y))
    if matrix.labels == (0, 1) and not set(classes) <= {0, 1}:
        matrix = CostMatrix(matrix.costs, classes)
    return matrix


def _prices(
    matrix: CostMatrix, y: npt.NDArray[Any], positive: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Give what it costs in each row to say no, and to say yes."""
    actual = class_codes(y, matrix.labels, "y")
    yes, row = int(actual[positive][0]), np.arange(len(y))
    costs = np.broadcast_to(matrix.costs, (len(y), 2, 2))
    return costs[row, actual, 1 - yes], costs[row, actual, yes]


def _named(samplers: Any) -> dict[str, Any]:
    """Give samplers by name; those of a list are called like their class."""
    if hasattr(samplers, "fit_resample") and not isinstance(samplers, Iterable):
        samplers = [samplers]
    if isinstance(samplers, Mapping):
        named = list(samplers.items())
    else:
        if not isinstance(samplers, Iterable) or isinstance(samplers, str):
            raise TypeError(
                f"samplers is {samplers!r}; pass a list of samplers, or a dict of "
                "names and samplers"
            )
        named = [
            ((s if isinstance(s, type) else type(s)).__name__, s) for s in samplers
        ]
    names = [str(name) for name, _ in named]
    for name, sampler in named:
        if isinstance(sampler, type) or not hasattr(sampler, "fit_resample"):
            kind = sampler if isinstance(sampler, type) else type(sampler)
            raise TypeError(
                f"the sampler {name!r} is {'the class' if kind is sampler else 'a'} "
                f"{kind.__name__}; pass an instance with fit_resample"
            )
        steps = [step for _, step in getattr(sampler, "steps", [])]
        if any(not hasattr(step, "fit_resample") for step in steps):
            raise TypeError(
                f"the sampler {name!r} is a pipeline that also transforms, and test "
                "rows would not be; put the transformers into the estimator, a "
                "Pipeline, and name in before= the step before which to resample"
            )
        if names.count(str(name)) > 1 or name in (NOTHING, MOVED, WEIGHTS):
            raise ValueError(
                f"the name {name!r} is there twice or taken by a row of the report; "
                "pass a dict of names and samplers"
            )
    return dict(zip(names, (sampler for _, sampler in named), strict=True))


def _remedies(estimator: Any, samplers: dict[str, Any]) -> list[Remedy]:
    remedies = [Remedy(NOTHING, estimator)]
    weights = [
        name
        for name, value in estimator.get_params(deep=True).items()
        if value is None and name.rpartition("__")[2] == "class_weight"
    ]
    if weights:
        weighted = clone(estimator).set_params(**dict.fromkeys(weights, "balanced"))
        remedies.append(Remedy(WEIGHTS, weighted))
    return remedies + [Remedy(name, estimator, s) for name, s in samplers.items()]


def _report(
    task: Task, matrix: CostMatrix, folds: pd.DataFrame, balanced: bool
) -> ResamplingComparison:
    seconds = folds.groupby("remedy", sort=False)["fit_seconds"].mean()
    folds = folds.drop(columns="fit_seconds")
    differences = paired_differences(folds, NOTHING)
    return ResamplingComparison(
        summarise(folds, differences),
        n=len(task.y),
        event_rate=float(task.positive.mean()),
        n_folds=int(folds["fold"].nunique()),
        costs=matrix,
        differences=differences,
        folds=folds,
        fit_seconds=seconds,
        notes=(*((_BALANCED,) if balanced else ()), *doubts(folds)),
    )
