"""Which way to fill gaps predicts best, measured inside the folds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv

from mlworkbench._report import Report
from mlworkbench._stats import corrected_interval
from mlworkbench._validation import (
    RandomState,
    as_frame,
    as_generator,
    as_vector,
    check_same_index,
    check_same_length,
)
from mlworkbench.features._imputation_pipelines import (
    Strategy,
    as_plain,
    named_imputers,
    native,
    strategy,
)

__all__ = ["ImputationComparison", "compare_imputation"]

IntArray = npt.NDArray[np.intp]

AS_IT_IS, DROP = "as it is", "drop rows"


@dataclass(frozen=True, eq=False, repr=False)
class ImputationComparison(Report):
    """What `compare_imputation` measured, one row per way to treat gaps.

    The index of `frame` is the strategy: an imputer, the same "+ indicators",
    "as it is" (the estimator gets the gaps) and "drop rows". Columns: `score`
    (mean over the folds, greater is better), `difference` to the first row,
    `low`, `high` (95 %, paired by fold), `train_rows` (mean), `folds` (that
    worked), `problem` (why others did not).

    Parameters
    ----------
    frame : pandas.DataFrame
        The comparison.
    scoring : str
        The score.
    baseline : str
        The strategy that the others are compared with: the first.
    n_rows : int
        Rows.
    n_rows_with_gaps : int
        Rows with a gap in at least one feature.
    n_folds : int
        Folds.
    folds : pandas.DataFrame
        One row per fold and strategy.
    notes : tuple of str
        How gaps were treated, and what failed.
    """

    scoring: str
    baseline: str
    n_rows: int
    n_rows_with_gaps: int
    n_folds: int
    folds: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Imputation compared"
    decimals: ClassVar[int] = 4

    def plot(self, ax: Any = None) -> Any:
        """Draw the differences to the first strategy.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: one point per strategy with its 95 % interval.
        """
        import matplotlib.pyplot as plt

        rows = self.frame[self.frame["folds"] > 0][::-1]
        if ax is None:
            size = (7, 1.4 + 0.35 * len(rows))
            _, ax = plt.subplots(figsize=size, layout="constrained")
        place = np.arange(len(rows))
        ends = rows[["low", "high"]].sub(rows["difference"], axis=0).abs().fillna(0.0)
        ax.errorbar(
            rows["difference"], place, xerr=ends.T, fmt="o", color="#0b5394", capsize=3
        )
        ax.axvline(0, color="0.5", linestyle="--", linewidth=1)
        ax.set_yticks(place, rows.index)
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.set_xlabel(f"difference of {self.scoring} to {self.baseline}")
        return ax


def compare_imputation(
    estimator: Any,
    X: Any,
    y: Any,
    imputers: Any,
    cv: Any,
    *,
    scoring: Any = None,
    indicators: Any = (False, True),
    random_state: RandomState = None,
) -> ImputationComparison:
    """Score ways to fill gaps inside the folds, with and without indicators.

    Parameters
    ----------
    estimator : classifier or regressor
        What comes after the imputer, for instance a pipeline with a scaler;
        cloned for every fit.
    X : DataFrame or Table of shape (n, n_features)
        Features with gaps. Numbers, dates and True or False go through the
        imputer as floats; text and categories are filled with the most
        frequent level and one-hot encoded (the 20 most frequent levels).
    y : array-like of shape (n,)
        Target without gaps.
    imputers : mapping of name to imputer, or list
        Imputers of scikit-learn or alike; "mean", "median" and
        "most_frequent" stand for `SimpleImputer`. Without names those of their
        classes are used.
    cv : int, splitter or iterable of (train, test)
        Folds, as everywhere in scikit-learn.
    scoring : str or callable, optional
        Score, greater is better; that of the estimator by default.
    indicators : bool or sequence of bool, default=(False, True)
        Without, with, or both: one more feature per column that says where
        gaps were, for categories too. `add_indicator` of an imputer is
        switched off in its favour.
    random_state : int, Generator, RandomState or None
        Fills in every `random_state` of imputers and estimator that is None.

    Returns
    -------
    report : ImputationComparison
        `.frame`, `.folds`, `.plot()`.

    Raises
    ------
    TypeError
        When an imputer cannot transform.
    ValueError
        When lengths or indexes differ, `y` has gaps, or names are taken.

    Notes
    -----
    Each fold fits the imputer on its training rows only. Two rows come for
    free. "as it is": the estimator gets the gaps themselves, where it takes
    them (a gap in a category is a level of its own). "drop rows": training
    rows with a gap are dropped; a test row cannot be dropped in production, so
    all are scored, filled with the medians and most frequent levels of the
    training rows that are left.

    Intervals are paired by fold with the corrected variance
    (1/k + n_test/n_train) s² and k - 1 degrees of freedom (Nadeau and Bengio
    2003). With one fold there is none. A strategy that fails is a row with the
    reason. Features without any value are left out.

    References
    ----------
    .. [1] C. Nadeau, Y. Bengio (2003), Inference for the generalization error,
       Machine Learning 52.
    .. [2] J. Josse, J. M. Chen, N. Prost, G. Varoquaux, E. Scornet (2024), On
       the consistency of supervised learning with missing values, Statistical
       Papers 65.

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    The gap itself says what the label is.

    >>> import numpy as np, pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> y = rng.random(400) < 0.5
    >>> x = np.where(y & (rng.random(400) < 0.6), np.nan, rng.normal(size=400))
    >>> report = compare_imputation(
    ...     LogisticRegression(), pd.DataFrame({"x": x}), y, ["mean"], 4
    ... )
    >>> report.frame["score"].round(1).rename_axis(None)
    mean                 0.5
    mean + indicators    0.8
    drop rows            0.5
    Name: score, dtype: float64
    """
    check_same_index(X=X, y=y)
    table, target, empty = _inputs(X, y)
    plain, numbers, others = as_plain(table)
    ways = _ways(estimator, imputers, indicators, numbers, others)
    scorer = check_scoring(estimator, scoring)
    splitter = check_cv(cv, target, classifier=is_classifier(estimator))
    splits = [
        (np.arange(len(target))[train], np.arange(len(target))[test])
        for train, test in splitter.split(plain, target)
    ]
    seeds = None
    if random_state is not None:
        seeds = as_generator(random_state).integers(0, 2**31, len(splits)).tolist()
    folds = pd.DataFrame(
        [
            _score(way, plain, target, split, scorer, fold, seeds)
            for fold, split in enumerate(splits)
            for way in ways
        ]
    )
    shown = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", None)
    shown = shown or ("accuracy" if is_classifier(estimator) else "score")
    return _report(plain, folds, [way.name for way in ways], shown, len(splits), empty)


def _ways(
    estimator: Any,
    imputers: Any,
    indicators: Any,
    numbers: list[Any],
    others: list[Any],
) -> list[Strategy]:
    """Give everything that is compared, the baseline first."""
    tools = named_imputers(imputers)
    asked = [indicators] if isinstance(indicators, bool) else list(indicators)
    if not asked or any(not isinstance(one, bool | np.bool_) for one in asked):
        raise ValueError(
            f"indicators is {indicators!r}; pass True, False or (False, True)"
        )
    ways = [
        strategy(
            f"{name} + indicators" if flag else name,
            tool,
            bool(flag),
            estimator,
            numbers,
            others,
        )
        for name, tool in tools.items()
        for flag in dict.fromkeys(asked)
    ]
    median = SimpleImputer(strategy="median")
    ways.append(native(AS_IT_IS, estimator, numbers, others))
    ways.append(strategy(DROP, median, False, estimator, numbers, others, drop=True))
    names = [way.name for way in ways]
    if len(set(names)) < len(names):
        raise ValueError(f"imputers gives names twice: {names}; rename them")
    return ways


def _inputs(X: Any, y: Any) -> tuple[pd.DataFrame, npt.NDArray[Any], list[Any]]:
    table, target = as_frame(X, "X"), as_vector(y, "y")
    check_same_length(X=table, y=target)
    if pd.isna(target).any():
        row = int(np.argmax(pd.isna(target)))
        raise ValueError(
            f"y has missing values (first at row {row}); drop those rows: a label "
            "cannot be imputed"
        )
    target = pd.Series(target).infer_objects().to_numpy()
    empty = [name for name in table.columns if table[name].isna().all()]
    table = table.loc[:, [name not in empty for name in table.columns]]
    if any(not isinstance(name, str) for name in table.columns):
        # scikit-learn takes numbers for positions, and no mixture or tuples.
        table = table.set_axis([f"x{i}" for i in range(table.shape[1])], axis=1)
    return table, target, empty


def _score(
    way: Strategy,
    X: pd.DataFrame,
    y: npt.NDArray[Any],
    split: tuple[IntArray, IntArray],
    scorer: Any,
    fold: int,
    seeds: list[int] | None,
) -> dict[str, Any]:
    """Fit on the training rows, score the test rows: one row of the result."""
    train, test = split
    row: dict[str, Any] = {"fold": fold, "strategy": way.name, "score": np.nan}
    row |= {"n_train": len(train), "n_test": len(test), "problem": ""}
    if way.drop:
        train = train[X.iloc[train].notna().all(axis=1).to_numpy()]
    row["train_rows"] = len(train)
    model = clone(way.pipeline)
    if seeds is not None:
        unset = [
            name
            for name, value in model.get_params().items()
            if value is None and name.rpartition("__")[2] == "random_state"
        ]
        model.set_params(**dict.fromkeys(unset, seeds[fold]))
    try:
        if not len(train):
            raise ValueError("no training row is complete")
        model.fit(X.iloc[train], y[train])
        row["score"] = float(scorer(model, X.iloc[test], y[test]))
    except Exception as error:
        lines = str(error).strip().splitlines()
        row["problem"] = lines[0] if lines else type(error).__name__
    return row


def _report(
    X: pd.DataFrame,
    folds: pd.DataFrame,
    names: list[str],
    scoring: str,
    n_folds: int,
    empty: list[Any],
) -> ImputationComparison:
    notes = []
    native_rows = folds[folds["strategy"] == AS_IT_IS]
    if native_rows["score"].isna().all():
        notes.append(
            f"the estimator takes no gaps, so there is no row {AS_IT_IS!r}: "
            f"{native_rows['problem'].iloc[0]}"
        )
        names = [name for name in names if name != AS_IT_IS]
        folds = folds[folds["strategy"] != AS_IT_IS].reset_index(drop=True)
    rows = _summary(folds, names)
    for name, row in zip(names, rows, strict=True):
        if row["problem"]:
            failed = n_folds - row["folds"]
            notes.append(
                f"{name} failed in {failed} of {n_folds} folds: {row['problem']}"
            )
    gaps = int(X.isna().any(axis=1).sum())
    if not gaps:
        notes.append("X has no missing values: all strategies see the same data")
    if empty:
        notes.append(f"left out, without any value: {', '.join(map(str, empty))}")
    notes.append(
        f"{DROP!r} drops training rows only; test rows with gaps are filled with "
        "medians and most frequent levels"
    )
    return ImputationComparison(
        pd.DataFrame(rows, index=pd.Index(names, name="strategy", dtype=object)),
        scoring=scoring,
        baseline=names[0],
        n_rows=len(X),
        n_rows_with_gaps=gaps,
        n_folds=n_folds,
        folds=folds,
        notes=tuple(notes),
    )


def _summary(folds: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """Give means over the folds, and differences to the first name."""
    by_fold = folds.pivot(index="fold", columns="strategy", values="score")
    ratio = float((folds["n_test"] / folds["n_train"]).mean())
    rows = []
    for name in names:
        part = folds[folds["strategy"] == name]
        gap = (by_fold[name] - by_fold[names[0]]).dropna().to_numpy(np.float64)
        low, high = corrected_interval(gap, ratio)
        first = name == names[0]
        difference = float(gap.mean()) if len(gap) else np.nan
        row = {"score": part["score"].mean(), "difference": difference}
        row |= {"low": np.nan if first else low, "high": np.nan if first else high}
        row |= {"train_rows": part["train_rows"].mean()}
        problems = [text for text in part["problem"].unique() if text]
        row |= {"folds": int(part["score"].notna().sum())}
        rows.append(row | {"problem": problems[0] if problems else ""})
    return rows
