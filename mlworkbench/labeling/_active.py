"""What asking for the right labels would have saved, on labels you have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.metrics import get_scorer

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    as_vector,
    check_choice,
    check_fraction,
    check_integer,
    check_same_index,
    check_same_length,
)
from mlworkbench.labeling._active_loop import Plan, fit, run_once, seeded, split, take
from mlworkbench.labeling._queries import select_queries

__all__ = ["ActiveLearningReport", "simulate_active_learning"]

_RESAMPLES = 1_000
_BAND = (5, 95)
_OPTIONS = {"strategy", "disagreement", "density_weight", "diversity"}


@dataclass(frozen=True, eq=False, repr=False)
class ActiveLearningReport(Report):
    """What `simulate_active_learning` found, one row per strategy.

    - score, low, high: mean score at the full budget, and the band that holds
      90 % of the repeats
    - gain, gain_low, gain_high: mean difference from the baseline, repeat by
      repeat, and the 90 % interval of that *mean* (bootstrap over repeats)
    - labels_saved, saved_low, saved_high: fewer labels than the baseline for
      the same mean score, with the same kind of interval; negative when more
      are needed.

    Parameters
    ----------
    frame : pandas.DataFrame
        The comparison; index `strategy`.
    runs : pandas.DataFrame
        Every score: `strategy`, `repeat`, `labels`, `score`, and
        `rarest_share`, the share of the pool's rarest class among the labelled.
    baseline : str
        The strategy that the others are compared with.
    budget : int
        Labels in total.
    n_repeats : int
        Splits and first labels drawn; all strategies share them.
    score_with_all_labels : float
        Mean score of the same model trained on the whole pool.
    rarest_share : float
        Share of the rarest class in the pool, on average.
    scoring : str
        What the score is.
    notes : tuple of str
        What the reader should know.
    """

    runs: pd.DataFrame = field(repr=False)
    baseline: str
    budget: int
    n_repeats: int
    score_with_all_labels: float
    rarest_share: float
    scoring: str

    title: ClassVar[str] = "Active learning, simulated"

    @property
    def curves(self) -> pd.DataFrame:
        """Mean score and 90 % band per strategy (first level) and labels."""
        groups = self.runs.groupby(["strategy", "labels"], sort=False)["score"]
        low, high = (groups.quantile(q / 100) for q in _BAND)
        return pd.DataFrame({"mean": groups.mean(), "low": low, "high": high})

    def plot(self, ax: Any = None) -> Any:
        """Draw the learning curves with their bands over repeats.

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
        for name, curve in self.curves.groupby(level="strategy", sort=False):
            labels = curve.index.get_level_values("labels")
            (line,) = ax.plot(labels, curve["mean"], label=name)
            ax.fill_between(
                labels,
                curve["low"],
                curve["high"],
                color=line.get_color(),
                alpha=0.15,
                linewidth=0,
            )
        ax.axhline(self.score_with_all_labels, color="0.4", linewidth=1)
        ax.annotate(
            "all labels",
            (self.runs["labels"].max(), self.score_with_all_labels),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            color="0.4",
        )
        ax.set(xlabel="labels", ylabel=self.scoring, title=self._finding())
        ax.legend(loc="lower right")
        return ax

    def _finding(self) -> str:
        others = self.frame.drop(index=self.baseline)
        sure = others[others["gain_low"] > 0]
        if others.empty:
            return f"{self.baseline}: {self.frame['score'].iloc[0]:.3f} at the end"
        if sure.empty:
            return f"No strategy is surely better than {self.baseline}"
        best = sure.sort_values("gain", kind="stable").iloc[-1]
        return f"{best.name} saves {best['labels_saved']:.0f} of {self.budget:,} labels"


def simulate_active_learning(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    strategies: Sequence[str] | Mapping[str, Any] = ("random", "margin"),
    baseline: str | None = None,
    budget: int = 100,
    batch: int = 10,
    n_initial: int = 10,
    n_repeats: int = 10,
    test_size: float = 0.3,
    X_test: Any = None,
    y_test: Any = None,
    scoring: Any = "accuracy",
    committee_size: int = 5,
    random_state: RandomState = None,
) -> ActiveLearningReport:
    """Pretend that labels are hidden, ask for them, and keep score.

    In each repeat a test set is put aside, `n_initial` rows of the rest (the
    pool) get their labels at random, and every strategy starts from those: fit,
    score, ask for `batch` labels, again, until the budget is spent.

    Parameters
    ----------
    estimator : scikit-learn classifier
        With `predict_proba`; cloned for every fit.
    X : DataFrame or array of shape (n_rows, n_features)
        The rows. Strategies that measure distances measure them here: scale.
    y : array-like of shape (n_rows,)
        All labels.
    strategies : sequence of str, or mapping of name to str or dict
        Strategies of `select_queries`; a dict holds its keyword arguments
        (`strategy`, `disagreement`, `density_weight`, `diversity`).
    baseline : str, optional
        What to compare with; `"random"` by default, or the first strategy
        where there is no random one.
    budget : int, default=100
        Labels in total, the first ones included.
    batch : int, default=10
        Labels asked for between two fits.
    n_initial : int, default=10
        Labels drawn at random at the start.
    n_repeats : int, default=10
        Repeats, each with its own split and first labels.
    test_size : float, default=0.3
        Share of the rows put aside for scoring, class by class where possible.
    X_test, y_test : table and array-like, optional
        A test set of your own; then the whole of X is the pool.
    scoring : str or callable, default="accuracy"
        A scorer of scikit-learn, more is better.
    committee_size : int, default=5
        Members for `"committee"`: the estimator on bootstrap samples of the
        labelled rows.
    random_state : int, Generator, RandomState or None, default=None
        Splits, first labels, ties, bootstrap, and the estimator's own
        `random_state` where that is None.

    Returns
    -------
    report : ActiveLearningReport
        `.frame`, `.curves`, `.runs`, `.plot()`.

    Raises
    ------
    TypeError
        When the estimator has no `predict_proba`.
    ValueError
        When labels are missing, lengths or indexes differ, a strategy is
        unknown, or the first labels exceed the budget or the pool.

    Notes
    -----
    Equal score: the worse of two mean curves at the budget sets the score, and
    both curves are read at the number of labels from which on they stay at or
    above it, between two points by a straight line.

    A labelled set of one class gives a model that always says that class; every
    row is then as useful as any other, and ties are broken at random.

    Cost: n_repeats × strategies × (budget - n_initial) / batch fits, times
    `committee_size` for the committee. A simulation needs all labels, so it
    tells what active learning *would have* saved on data like these; the
    budget spent on real labels cannot be spent twice to find out.

    References
    ----------
    .. [1] B. Settles (2012), Active Learning, Morgan & Claypool.
    .. [2] N. Abe and H. Mamitsuka (1998), Query learning strategies using
       boosting and bagging, ICML.
    .. [3] J. Attenberg and F. Provost (2011), Inactive learning? Difficulties
       employing active learning in practice, SIGKDD Explorations 12(2).

    *Used in:* ``ch04_training_data/10_ask_for_the_right_labels``.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> report = simulate_active_learning(
    ...     GaussianNB(), X, y, budget=30, n_repeats=3, random_state=0
    ... )
    >>> report.frame.index.tolist(), report.runs["labels"].unique().tolist()
    (['random', 'margin'], [10, 20, 30])
    """
    target = _target(X, y)
    _check_estimator(estimator)
    options, base = _as_options(strategies, baseline)
    test, n_pool = _held_out(target, X_test, y_test, test_size)
    steps, notes = _steps(budget, batch, n_initial, n_pool)
    repeats = check_integer(n_repeats, "n_repeats", 1)
    rng = as_generator(random_state)
    classes, counts = np.unique(target, return_counts=True)
    plan = Plan(
        seeded(estimator, rng),
        options,
        steps,
        get_scorer(scoring) if isinstance(scoring, str) else scoring,
        classes if test is None else np.union1d(classes, test[1]),
        classes[np.argmin(counts)],
        check_integer(committee_size, "committee_size", 2),
    )
    table, full, one_class = _simulate(plan, X, target, test, n_pool, repeats, rng)
    if one_class:
        notes += [f"{one_class} of {repeats} repeats started with one class only"]
    return ActiveLearningReport(
        _compare(table, base, rng),
        runs=table,
        baseline=base,
        budget=steps[-1],
        n_repeats=repeats,
        score_with_all_labels=full,
        rarest_share=float(counts.min() / len(target)),
        scoring=scoring if isinstance(scoring, str) else "score",
        notes=tuple(notes),
    )


def _check_estimator(estimator: Any) -> None:
    if not hasattr(estimator, "predict_proba"):
        raise TypeError(
            f"{type(estimator).__name__} has no predict_proba; "
            "wrap it, e.g. CalibratedClassifierCV(estimator)"
        )


def _simulate(
    plan: Plan,
    X: Any,
    y: Any,
    test: tuple[Any, Any] | None,
    n_pool: int,
    n_repeats: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, float, int]:
    """Give all runs, the score with all labels, and the starts with one class."""
    runs: list[dict[str, Any]] = []
    full, one_class = np.empty(n_repeats), 0
    for repeat in range(n_repeats):
        pool, held = (
            split(X, y, n_pool, rng) if test is None else (np.arange(len(y)), test)
        )
        rows, labels = take(X, pool), y[pool]
        full[repeat] = plan.scorer(fit(plan, rows, labels), *held)
        start = rng.choice(len(pool), plan.steps[0], replace=False)
        one_class += len(np.unique(labels[start])) == 1
        seed = int(rng.integers(2**31))
        for name in plan.options:
            for run in run_once(plan, name, rows, labels, held, start, seed):
                runs.append({"strategy": name, "repeat": repeat} | run)
    return pd.DataFrame(runs), float(full.mean()), one_class


def _target(X: Any, y: Any) -> Any:
    target = as_vector(y, "y")
    if not hasattr(X, "shape") or len(X.shape) != 2:
        raise TypeError(f"X is a {type(X).__name__}; pass a DataFrame or a 2-D array")
    check_same_length(X=X, y=target)
    check_same_index(X=X, y=y)
    if pd.isna(target).any():
        row = int(np.argmax(pd.isna(target)))
        raise ValueError(
            f"y has missing labels (first at row {row}); a simulation needs them all: "
            "drop those rows"
        )
    if len(np.unique(target)) < 2:
        raise ValueError("y has fewer than two classes; there is nothing to learn")
    return target


def _as_options(
    strategies: Any, baseline: str | None
) -> tuple[dict[str, dict[str, Any]], str]:
    """Give keyword arguments of `select_queries` by name, and the baseline."""
    if isinstance(strategies, str):
        strategies = [strategies]
    if not isinstance(strategies, Mapping):
        strategies = {name: name for name in strategies}
    if not strategies:
        raise ValueError("strategies is empty; pass at least one")
    options = {}
    for name, given in strategies.items():
        chosen = {"strategy": given} if isinstance(given, str) else dict(given)
        unknown = sorted(set(chosen) - _OPTIONS)
        if unknown:
            raise ValueError(
                f"strategy {name!r} has the options {unknown}; "
                f"pass some of {sorted(_OPTIONS)}"
            )
        committee = chosen.get("strategy") == "committee"
        trial = np.full((2, 1, 2) if committee else (1, 2), 0.5)
        select_queries(trial, X=np.zeros((1, 1)), **chosen)  # errors before any fit
        options[str(name)] = {"strategy": "least_confidence"} | chosen
    fallback = "random" if "random" in options else next(iter(options))
    base = fallback if baseline is None else baseline
    check_choice(base, "baseline", list(options))
    return options, base


def _held_out(
    y: Any, X_test: Any, y_test: Any, test_size: float
) -> tuple[tuple[Any, Any] | None, int]:
    """Give the caller's test set, if any, and the size of the pool."""
    if (X_test is None) != (y_test is None):
        raise ValueError("pass X_test and y_test together, or neither")
    if X_test is None:
        share = check_fraction(test_size, "test_size")
        return None, len(y) - int(np.ceil(share * len(y)))
    labels = as_vector(y_test, "y_test")
    check_same_length(X_test=X_test, y_test=labels)
    check_same_index(X_test=X_test, y_test=y_test)
    return (X_test, labels), len(y)


def _steps(
    budget: int, batch: int, n_initial: int, n_pool: int
) -> tuple[list[int], list[str]]:
    """Give the numbers of labels at which the model is fitted."""
    budget = check_integer(budget, "budget", 1)
    batch = check_integer(batch, "batch", 1)
    first = check_integer(n_initial, "n_initial", 1)
    last = min(budget, n_pool)
    if first > last:
        raise ValueError(
            f"n_initial is {first}, more than the budget ({budget}) or the pool "
            f"({n_pool} rows) allows; pass fewer first labels"
        )
    notes = []
    if last < budget:
        notes.append(f"the pool has {n_pool} rows: the budget of {budget} was cut")
    return [*range(first, last, batch), last], notes


def _compare(runs: pd.DataFrame, base: str, rng: np.random.Generator) -> pd.DataFrame:
    """Compare every strategy with the baseline, repeat by repeat."""
    names = list(dict.fromkeys(runs["strategy"]))
    steps = np.sort(runs["labels"].unique()).astype(np.float64)
    scores = {
        name: rows.pivot(index="repeat", columns="labels", values="score").to_numpy()
        for name, rows in runs.groupby("strategy")
    }
    n = len(scores[base])
    # One repeat says nothing of the spread over repeats.
    drawn = rng.integers(n, size=(_RESAMPLES, n)) if n > 1 else None
    frame = {}
    for name in names:
        ours, theirs = scores[name], scores[base]
        low, high = np.percentile(ours[:, -1], _BAND)
        gains, saved = np.full(1, np.nan), np.full(1, np.nan)
        if drawn is not None:
            gains = (ours[:, -1] - theirs[:, -1])[drawn].mean(axis=1)
            pairs = zip(ours[drawn].mean(1), theirs[drawn].mean(1), strict=True)
            saved = np.array([_saved(one, two, steps) for one, two in pairs])
        gain_low, gain_high = np.percentile(gains, _BAND)
        saved_low, saved_high = np.percentile(saved, _BAND)
        frame[name] = {
            "score": ours[:, -1].mean(),
            "low": low,
            "high": high,
            "gain": (ours[:, -1] - theirs[:, -1]).mean(),
            "gain_low": gain_low,
            "gain_high": gain_high,
            "labels_saved": _saved(ours.mean(0), theirs.mean(0), steps),
            "saved_low": saved_low,
            "saved_high": saved_high,
        }
    return pd.DataFrame.from_dict(frame, orient="index").rename_axis("strategy")


def _saved(ours: FloatArray, theirs: FloatArray, steps: FloatArray) -> float:
    """Give the labels we save at the score that both curves reach."""
    score = min(ours[-1], theirs[-1])
    return _reached(theirs, score, steps) - _reached(ours, score, steps)


def _reached(curve: FloatArray, score: float, steps: FloatArray) -> float:
    """Give the labels from which on the curve is not below the score."""
    below = np.flatnonzero(curve < score)
    if not len(below):
        return float(steps[0])
    i = below[-1]  # never the last: the score is at most the curve's end
    part = (score - curve[i]) / (curve[i + 1] - curve[i])
    return float(steps[i] + part * (steps[i + 1] - steps[i]))
