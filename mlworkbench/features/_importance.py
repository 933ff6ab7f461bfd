"""What a model would lose without a feature, measured in three ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from mlworkbench._report import Report
from mlworkbench._validation import (
    RandomState,
    as_generator,
    check_choice,
    check_fraction,
    check_integer,
)
from mlworkbench.features import _importance_shap as shapley
from mlworkbench.features._correlated_groups import (
    MOST_ROWS,
    association,
    check_groups,
    find_groups,
)
from mlworkbench.features._importance_measure import (
    METHODS,
    Measure,
    check_methods,
    make_splits,
    make_task,
    some_rows,
)
from mlworkbench.features._importance_table import (
    agreement,
    hidden_groups,
    per_column,
    per_group,
)

__all__ = ["ImportanceReport", "importance_report"]

CONDITIONAL = "permutation_conditional"
COLOURS = {"permutation": "#0b5394", "drop": "#990000", "shap": "#b45f06"}
MARKERS = {"permutation": "o", "drop": "s", "shap": "^"}


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceReport(Report):
    """What `importance_report` measured, one row per group of columns.

    The index of `frame` is the name of the group (that of the column, where a
    column is alone). Rows are sorted by the first method. For every method:

    - its own name (`permutation`, `drop`, `shap`): mean over the folds, in the
      units of the score, for SHAP in those of the prediction
    - `_sd`: standard deviation of the folds
    - `_rank`: 1 is the most important; ties share the better rank
    - `_share`: of the sum of all positive values.

    `columns` is the number of columns in the group, `cumulative_share` the sum
    of the shares so far, by the first method.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per group.
    by_column : pandas.DataFrame
        The same for every column alone, with `group`. The columns
        `permutation_conditional` hold the loss when a column is shuffled only
        among rows that are alike in the rest of its group.
    score : float
        Mean score on the held-out rows.
    score_shuffled : float
        The same with all columns shuffled together: what the model scores when
        it knows nothing about the row.
    n : int
        Rows.
    n_folds : int
        Folds.
    scoring : str
        What the score is.
    groups : dict
        Columns of every group.
    association : pandas.DataFrame or None
        Association of every two columns, where groups were looked for.
    hidden : tuple
        Groups worth much more than what their columns alone add up to.
    folds : pandas.DataFrame
        One row per fold, method and set of columns.
    notes : tuple of str
        What hides, and what to know about the numbers.
    """

    by_column: pd.DataFrame = field(repr=False)
    score: float
    score_shuffled: float
    n: int
    n_folds: int
    scoring: str
    groups: dict[Any, list[Any]] = field(repr=False)
    association: pd.DataFrame | None = field(repr=False)
    hidden: tuple[Any, ...] = field(repr=False)
    folds: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Importance of features"

    def _shown(self) -> pd.DataFrame:
        shown = super()._shown()  # the shares are drawn, and in .frame
        return shown.drop(columns=[f"{method}_share" for method in self.methods])

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that were used, in the order asked for."""
        return tuple(_measured(self.frame))

    def agreement(
        self, kind: str = "kendall", *, by_column: bool = False
    ) -> pd.DataFrame:
        """Give the rank correlation of every two methods.

        Parameters
        ----------
        kind : {"kendall", "spearman"}, default="kendall"
            Kendall's τ-b, or Spearman's ρ.
        by_column : bool, default=False
            Compare the ranks of single columns instead of groups.

        Returns
        -------
        matrix : pandas.DataFrame
            Methods × methods; NaN where a method gives every row the same.
        """
        check_choice(kind, "kind", ("kendall", "spearman"))
        table = self.by_column if by_column else self.frame
        return agreement(table, _measured(table), kind)

    def cumulative(self) -> pd.DataFrame:
        """Give the share of importance that the best k groups hold.

        Returns
        -------
        shares : pandas.DataFrame
            Index k = 1, 2, …; one column per method, each in its own order.
        """
        parts = {
            method: np.sort(self.frame[f"{method}_share"].to_numpy())[::-1].cumsum()
            for method in self.methods
        }
        k = pd.RangeIndex(1, len(self.frame) + 1, name="k")
        return pd.DataFrame(parts, index=k)

    def plot(self, ax: Any = None, *, kind: str = "bars") -> Any:
        """Draw the shares of the groups, or how they add up.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        kind : {"bars", "cumulative"}, default="bars"
            Share of every group by every method (the 20 first rows), or the
            share that the best k groups hold.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        check_choice(kind, "kind", ("bars", "cumulative"))
        if ax is None:
            _, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
        if kind == "cumulative":
            for method, shares in self.cumulative().items():
                name = str(method)
                style = {"marker": MARKERS[name], "color": COLOURS[name]}
                ax.plot(shares.index, shares, label=name, markersize=4, **style)
            ax.set(xlabel="features, the most important first", ylim=(0, 1.05))
            ax.set_ylabel("share of all importance")
        else:
            rows = self.frame.head(20)
            place = np.arange(len(rows))
            height = 0.8 / len(self.methods)
            for number, method in enumerate(self.methods):
                shift = (number - (len(self.methods) - 1) / 2) * height
                bars = (place + shift, rows[f"{method}_share"].fillna(0))
                ax.barh(*bars, height, label=method, color=COLOURS[method])
            ax.set_yticks(place, [str(name) for name in rows.index])
            ax.invert_yaxis()
            ax.set_xlabel("share of all importance")
        ax.legend(loc="lower right", frameon=False)
        return ax


def importance_report(
    estimator: Any,
    X: Any,
    y: Any,
    groups: Any = None,
    cv: Any = 5,
    *,
    methods: Any = METHODS,
    scoring: Any = None,
    n_repeats: int = 5,
    group_threshold: float = 0.7,
    max_shap_rows: int = 200,
    sample_weight: Any = None,
    random_state: RandomState = None,
) -> ImportanceReport:
    """Measure what each column, and each group of correlated columns, is worth.

    Parameters
    ----------
    estimator : estimator
        A classifier, regressor or pipeline of scikit-learn; cloned for every
        fit. It may start from raw columns, for instance with a
        `ColumnTransformer`: importance is that of the columns of `X`.
    X : DataFrame or array-like of shape (n, n_columns)
        Columns of any kind. The estimator gets a pandas frame, or an array
        where an array was passed.
    y : array-like of shape (n,)
        Target.
    groups : mapping of name to columns, optional
        Columns to shuffle and leave out together; a column in none is alone,
        so `{}` takes every column alone. By default groups are found (Notes).
    cv : int, splitter or iterable of (train, test), default=5
        Folds, as everywhere in scikit-learn (a number: not shuffled). Groups of
        *rows* belong here, as an iterable of splits.
    methods : sequence of {"permutation", "drop", "shap"}
        What to measure; the first one sorts the table.
    scoring : str, callable or None
        Scorer, greater is better; by default that of the estimator (accuracy or
        R²).
    n_repeats : int, default=5
        Shuffles per fold.
    group_threshold : float, default=0.7
        Average association in (0, 1] from which columns form a group.
    max_shap_rows : int, default=200
        Held-out rows to explain in all folds together.
    sample_weight : array-like of shape (n,), optional
        Weights of the score, of the mean absolute SHAP, and of the fit where the
        estimator takes them.
    random_state : int, Generator, RandomState or None
        Shuffles, samples rows for SHAP, and fills in every `random_state` of
        the estimator that is None.

    Returns
    -------
    report : ImportanceReport
        `.frame`, `.by_column`, `.agreement()`, `.cumulative()`, `.plot()`.

    Raises
    ------
    KeyError
        When a group names a column that is not there.
    TypeError
        When the estimator has no `fit`, or `groups` is no mapping.
    ValueError
        When there is nothing to measure: no rows or columns, a fold whose score
        is NaN, missing targets, train and test rows in common.

    Notes
    -----
    All importances are measured on rows that the model was not fitted on.

    *permutation*: the score minus the score after shuffling the columns of a
    group together, with one order of rows, so that they still fit each other
    but not the rest of the row (Breiman 2001; Fisher et al. 2019). In
    `by_column` each column is shuffled alone, and once more only among rows
    alike in the rest of its group (*conditional*; leaves of a small tree, as in
    Debeer and Strobl 2020): that loss is what the column adds to its group.

    *drop*: the score minus that of a model refitted without the columns. They
    are taken out of a `ColumnTransformer` that comes first. Where the estimator
    names its columns in another place they are held constant instead, and a
    note says so.

    *shap*: mean of abs(Σ φ) over held-out rows, φ summed over the columns of the
    group (Lundberg and Lee 2017); of three or more classes added up. Trees are
    explained along their paths, in the units of their leaves; other models by
    shap's permutation explainer, on few rows. It measures what moves the
    *prediction*, right or wrong; the others what improves the *score*.

    A column can be worth nothing by `drop` because others stand in for it. A
    note names groups worth at least twice what their columns alone add up to (by
    permutation half as much again: of two copies each still costs something).
    Importance is that for one model, never a cause.

    Groups are found by average linkage on 1 - association: abs(Spearman) of two
    columns with an order, bias-corrected Cramér's V of two without, corrected
    correlation ratio of ranks for one of each; on 10,000 rows at most.

    The folds share training rows, so `_sd` understates the uncertainty.

    Fits: folds × (1 + groups + columns that share a group). Predictions: folds
    × repeats × (1 + groups + 2 × columns that share a group), and about
    80 × columns × `max_shap_rows` rows for models without trees.

    References
    ----------
    .. [1] L. Breiman (2001), Random forests, Machine Learning 45.
    .. [2] C. Strobl et al. (2008), Conditional variable importance for random
       forests, BMC Bioinformatics 9.
    .. [3] A. Fisher, C. Rudin, F. Dominici (2019), All models are wrong, but
       many are useful, Journal of Machine Learning Research 20.
    .. [4] D. Debeer, C. Strobl (2020), Conditional permutation importance
       revisited, BMC Bioinformatics 21.
    .. [5] S. Lundberg, S.-I. Lee (2017), A unified approach to interpreting
       model predictions, NeurIPS.
    .. [6] W. Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's
       T, Journal of the Korean Statistical Society 42.

    *Used in:* ``ch05_features/07_which_features_matter``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(size=(2, 400))
    >>> twin = a + 0.01 * rng.normal(size=400)
    >>> X = pd.DataFrame({"a": a, "twin": twin, "b": b})
    >>> report = importance_report(
    ...     LinearRegression(),
    ...     X,
    ...     2 * a + b,
    ...     methods=["drop", "permutation"],
    ...     random_state=0,
    ... )
    >>> report.frame[["columns", "drop", "drop_rank"]].round(1)
              columns  drop  drop_rank
    feature
    a + twin        2   0.8          1
    b               1   0.2          2
    >>> report.hidden
    ('a + twin',)
    """
    used = check_methods(methods)
    seed = int(as_generator(random_state).integers(2**31))
    own = None if random_state is None else seed
    task = make_task(estimator, X, y, scoring, sample_weight, own)
    n_repeats = check_integer(n_repeats, "n_repeats", 1)
    max_shap_rows = check_integer(max_shap_rows, "max_shap_rows", 1)
    strength, columns_of = None, {}
    threshold = check_fraction(group_threshold, "group_threshold")
    if groups is None:
        strength = association(some_rows(task.X, MOST_ROWS, seed))
        columns_of = find_groups(strength, threshold)
    else:
        columns_of = check_groups(groups, task.X)
    splits = make_splits(cv, task)
    shap = shapley.load_shap() if "shap" in used else None
    notes = []
    if "shap" in used and shap is None:
        used = tuple(method for method in used if method != "shap")
        notes.append("shap is not installed, so its column is absent; pip install shap")
        if not used:
            raise ImportError("shap is not installed; pip install shap")
    measure = Measure(task, columns_of, used, n_repeats, shap, seed)
    measure.shap_rows = max(1, max_shap_rows // len(splits))
    for number, (train, test) in enumerate(splits):
        measure.fold(number, train, test)
    return _report(measure, strength, notes, scoring)


def _measured(table: pd.DataFrame) -> list[str]:
    return [str(name)[:-5] for name in table if str(name).endswith("_rank")]


def _report(
    measure: Measure, strength: pd.DataFrame | None, notes: list[str], scoring: Any
) -> ImportanceReport:
    task, methods = measure.task, list(measure.methods)
    losses: dict[str, Any] = dict(measure.losses)
    frame = per_group(measure.groups, losses, methods)
    extended = list(methods)
    if "permutation" in methods:
        losses[CONDITIONAL] = measure.conditional
        extended.insert(methods.index("permutation") + 1, CONDITIONAL)
    by_column = per_column(measure.groups, list(task.X.columns), losses, extended)
    score, shuffled = float(np.mean(measure.scores)), float(np.mean(measure.shuffled))
    hidden = hidden_groups(measure.groups, frame, by_column, score - shuffled)
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", None)
    if scoring is None:
        name = "accuracy" if is_classifier(task.estimator) else "r2"
    tidy = [
        {"fold": i, "method": method, "columns": subset, "importance": value}
        for method, folds in losses.items()
        for i, found in enumerate(folds)
        for subset, value in found.items()
    ]
    notes = notes + _notes(measure, hidden, scoring, score - shuffled, strength)
    return ImportanceReport(
        frame,
        by_column=by_column,
        score=score,
        score_shuffled=shuffled,
        n=len(task.X),
        n_folds=len(measure.scores),
        scoring=name or "a scorer",
        groups=measure.groups,
        association=strength,
        hidden=tuple(hidden),
        folds=pd.DataFrame(tidy),
        notes=tuple(notes),
    )


def _notes(
    measure: Measure,
    hidden: dict[Any, tuple[str, float, float]],
    scoring: Any,
    known: float,
    strength: pd.DataFrame | None,
) -> list[str]:
    notes = []
    for name, (method, joint, alone) in hidden.items():
        how = "leaving out" if method == "drop" else "shuffling"
        columns = ", ".join(map(str, measure.groups[name]))
        notes.append(
            f"{columns} hide each other: {how} all of them costs {joint:.3g}, one at "
            f"a time {alone:.3g} added up; judge them as one"
        )
    if known <= 0:
        notes.append(
            "the model scores no better than with all columns shuffled; importances "
            "of a model that knows nothing mean nothing"
        )
    if strength is None and not measure.several and len(measure.groups) > 1:
        notes.append(
            "every column was taken alone; correlated ones may hide each other"
        )
    if measure.constant:
        notes.append(
            "drop: the estimator names columns (or none would be left), so they "
            "were held constant instead of left out"
        )
    if scoring is None and is_classifier(measure.task.estimator):
        notes.append(
            "scored by accuracy, which moves only where a decision flips; "
            "scoring='neg_log_loss' or 'roc_auc' sees more"
        )
    if "tree" in measure.kinds:
        notes.append("shap explains trees in the units of their leaves")
    return notes
