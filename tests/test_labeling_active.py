"""Simulated active learning: the loop, the comparison, what must not leak."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from mlworkbench.labeling import simulate_active_learning
from mlworkbench.labeling._active import _saved
from mlworkbench.labeling._active_loop import Plan, fit
from mlworkbench.labeling._queries import STRATEGIES


def blobs(n=120, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    return rng.normal(size=(n, 2)) + 2 * y[:, None], y


def simulate(**options):
    X, y = options.pop("data", None) or blobs()
    chosen = {"budget": 30, "n_repeats": 2, "random_state": 0} | options
    return simulate_active_learning(GaussianNB(), X, y, **chosen)


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps what it was shown; is unsure near 0 in the only column."""

    seen: ClassVar[list] = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        Spy.seen.append((np.asarray(X)[:, 0].tolist(), list(y)))
        return self

    def predict_proba(self, X):
        second = 1 / (1 + np.exp(-np.asarray(X)[:, 0]))
        return np.column_stack([1 - second, second])

    def predict(self, X):
        return self.classes_[(np.asarray(X)[:, 0] > 0).astype(int)]


# The loop


def test_the_loop_asks_for_the_least_sure_rows_and_keeps_the_others_hidden():
    x = np.random.default_rng(1).permutation(np.linspace(-5, 5, 40))
    y = (x > 0).astype(int)
    Spy.seen = []
    simulate_active_learning(
        Spy(),
        x[:, None],
        y,
        strategies=["least_confidence"],
        X_test=x[:, None],
        y_test=y,
        n_initial=8,
        batch=3,
        budget=13,
        n_repeats=1,
        random_state=3,
    )
    whole, first, second, third = (rows for rows, _ in Spy.seen)
    assert len(whole) == 40  # the score with all labels
    assert [len(first), len(second), len(third)] == [8, 11, 13]
    hidden = sorted(set(x) - set(first), key=abs)
    assert set(second) - set(first) == set(hidden[:3])
    assert set(third) - set(second) == set(hidden[3:5])
    for rows, labels in Spy.seen:
        assert labels == [int(row > 0) for row in rows]


def test_the_test_rows_are_never_shown():
    x = np.random.default_rng(2).permutation(60).astype(float)
    Spy.seen = []
    report = simulate_active_learning(
        Spy(), x[:, None], x > 30, test_size=0.25, budget=45, n_repeats=1
    )
    assert report.runs["labels"].max() == 45
    shown = [set(rows) for rows, _ in Spy.seen]
    assert max(map(len, shown)) == 45
    assert len(set.union(*shown)) == 45


def test_all_strategies_start_from_the_same_labels():
    report = simulate(strategies=["random", "margin", "entropy"], n_repeats=3)
    first = report.runs[report.runs["labels"] == 10]
    assert (first.groupby("repeat")["score"].nunique() == 1).all()
    assert first["score"].nunique() > 1


def test_the_whole_pool_scores_as_all_labels_whatever_the_strategy():
    report = simulate(strategies=["random", "margin"], budget=84, n_repeats=2)
    np.testing.assert_allclose(report.frame["score"], report.score_with_all_labels)
    np.testing.assert_allclose(report.frame["gain"], 0, atol=1e-15)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_runs_and_repeats_itself(strategy):
    options = {"strategies": [strategy], "data": blobs(classes=3)}
    one, two = simulate(**options), simulate(**options)
    pd.testing.assert_frame_equal(one.runs, two.runs)
    assert one.runs["score"].between(0, 1).all()


def test_other_strategies_do_not_change_what_one_finds():
    alone = simulate(strategies=["committee"]).runs
    among = simulate(strategies=["random", "committee", "margin"]).runs
    among = among[among["strategy"] == "committee"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_a_seedless_estimator_is_seeded():
    X, y = blobs()
    forest = RandomForestClassifier(3)
    one, two = (
        simulate_active_learning(
            forest, X, y, budget=20, n_repeats=1, random_state=5
        ).runs
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert forest.random_state is None


def test_options_of_a_strategy_are_passed_on():
    data = blobs(60)
    data = np.repeat(data[0], 2, axis=0), np.repeat(data[1], 2)
    report = simulate(
        data=data,
        strategies={
            "plain": "margin",
            "same": {"strategy": "margin", "diversity": 0},
            "spread": {"strategy": "margin", "diversity": 0.5},
            "default": {},
        },
    )
    scores = {n: r["score"].tolist() for n, r in report.runs.groupby("strategy")}
    assert scores["plain"] == scores["same"] == scores["default"] != scores["spread"]
    assert report.baseline == "plain"


def test_frames_and_text_labels_are_welcome():
    X, y = blobs()
    frame = pd.DataFrame(X, index=np.arange(len(X)) + 1_000)
    names = pd.Series(np.where(y, "yes", "no"), index=frame.index)
    plain, named = simulate(data=(X, y)), simulate(data=(frame, names))
    pd.testing.assert_frame_equal(plain.runs, named.runs)


# One class in the first labels, few rows


def test_first_labels_of_one_class_are_survived_and_said():
    X, y = blobs(100)
    y = (np.arange(100) < 6).astype(int)
    report = simulate(
        data=(X, y),
        strategies=["random", "margin", "committee"],
        n_initial=3,
        batch=5,
        scoring="roc_auc",
        n_repeats=8,
    )
    assert "started with one class only" in report.notes[0]
    first = report.runs[report.runs["labels"] == 3]
    alone = first["rarest_share"] == 0
    assert alone.sum() > 0
    assert (first.loc[alone, "score"] == 0.5).all()


def test_classes_not_seen_yet_have_probability_zero():
    report = simulate(data=blobs(200, classes=8), n_initial=2, batch=4)
    assert report.runs["score"].notna().all()


@pytest.mark.parametrize("scoring", ["roc_auc_ovr", "neg_log_loss", "accuracy"])
def test_every_score_can_be_had_before_every_class_is_seen(scoring):
    X, y = blobs(200, classes=8)
    names = np.array([f"class {c}" for c in range(8)])[y]
    report = simulate(data=(X, names), n_initial=4, batch=8, scoring=scoring)
    assert report.runs["score"].notna().all()
    assert report.scoring == scoring


def test_a_class_not_seen_has_a_column_of_zeros():
    X, y = np.arange(6.0)[:, None], np.array([0, 0, 0, 2, 2, 2])
    plan = Plan(GaussianNB(), {}, [], None, np.arange(4), 0, 2)
    model = fit(plan, X, y)
    assert model.classes_.tolist() == [0, 1, 2, 3]
    expected = GaussianNB().fit(X, y)
    given = model.predict_proba(X)
    np.testing.assert_array_equal(given[:, [0, 2]], expected.predict_proba(X))
    assert (given[:, [1, 3]] == 0).all()
    assert model.predict(X).tolist() == expected.predict(X).tolist()


def test_a_budget_beyond_the_pool_is_cut_and_said():
    report = simulate(budget=500)
    assert report.budget == 84
    assert report.notes == ("the pool has 84 rows: the budget of 500 was cut",)
    assert report.runs["labels"].max() == 84


def test_steps_end_at_the_budget():
    report = simulate(budget=27, n_initial=5, batch=10)
    assert report.runs["labels"].unique().tolist() == [5, 15, 25, 27]


def test_a_class_of_one_row_gives_a_plain_split():
    X, y = blobs(40)
    y[0] = 7
    assert simulate(data=(X, y), n_repeats=1, budget=20).n_repeats == 1


# The comparison


def test_labels_saved_are_read_off_the_curves():
    steps = np.array([10.0, 20, 30, 40])
    slow, fast = np.array([0.5, 0.6, 0.7, 0.8]), np.array([0.5, 0.8, 0.85, 0.9])
    assert _saved(fast, slow, steps) == 20  # at .8: 20 labels in place of 40
    assert _saved(slow, fast, steps) == -20
    assert _saved(slow, slow, steps) == 0
    halfway = np.array([0.5, 0.7, 0.9, 0.9])
    assert _saved(halfway, slow, steps) == pytest.approx(15)


def test_a_curve_that_falls_back_is_read_from_where_it_stays():
    steps = np.array([10.0, 20, 30, 40])
    lucky, slow = np.array([0.9, 0.6, 0.7, 0.9]), np.array([0.5, 0.6, 0.7, 0.8])
    assert _saved(lucky, slow, steps) == pytest.approx(5)


def test_the_table_is_the_one_recomputed_from_the_runs():
    report = simulate(strategies=["random", "margin"], n_repeats=6)
    wide = report.runs.pivot(index=["strategy", "repeat"], columns="labels")["score"]
    ours, theirs = wide.loc["margin"], wide.loc["random"]
    row = report.frame.loc["margin"]
    assert row["score"] == pytest.approx(ours[30].mean())
    assert row["gain"] == pytest.approx((ours[30] - theirs[30]).mean())
    assert row["low"] == pytest.approx(np.percentile(ours[30], 5))
    assert row["gain_low"] <= row["gain"] <= row["gain_high"]
    base = report.frame.loc["random"]
    assert (base[["gain", "labels_saved", "saved_low", "saved_high"]] == 0).all()
    curve = report.curves.loc["margin"]
    np.testing.assert_allclose(curve["mean"], ours.mean())


def test_one_repeat_has_no_interval():
    row = simulate(strategies=["random", "margin"], n_repeats=1).frame.loc["margin"]
    assert row[["gain_low", "gain_high", "saved_low", "saved_high"]].isna().all()
    assert row[["score", "gain", "labels_saved"]].notna().all()


def test_margin_beats_chance_on_digits():
    X, y = load_digits(return_X_y=True)
    report = simulate_active_learning(
        RandomForestClassifier(30, max_depth=12),
        X,
        y,
        budget=130,
        batch=30,
        n_repeats=4,
        random_state=0,
    )
    row = report.frame.loc["margin"]
    assert row["gain_low"] > 0
    assert row["labels_saved"] > 10


def test_a_shifted_class_balance_is_on_record():
    report = simulate(strategies=["random", "margin"], n_repeats=4)
    assert report.rarest_share == 0.5
    first = report.runs[report.runs["labels"] == 10]
    assert first["rarest_share"].between(0, 1).all()


def test_the_plot_shows_every_curve_and_says_the_finding():
    report = simulate(strategies=["random", "margin"])
    ax = report.plot()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["random", "margin"]
    np.testing.assert_allclose(
        ax.lines[1].get_ydata(), report.curves.loc["margin", "mean"]
    )
    assert ax.get_title() in {
        "No strategy is surely better than random",
        f"margin saves {report.frame.loc['margin', 'labels_saved']:.0f} of 30 labels",
    }
    assert simulate(strategies="margin").plot().get_title().startswith("margin: 0.")


# Bad inputs


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strategies": ["best"]}, ValueError, "strategy is 'best'"),
        ({"strategies": []}, ValueError, "strategies is empty"),
        ({"strategies": {"a": {"n": 3}}}, ValueError, "options \\['n'\\]"),
        ({"baseline": "margins"}, ValueError, "baseline is 'margins'"),
        ({"n_initial": 31}, ValueError, "n_initial is 31"),
        ({"n_repeats": 0}, ValueError, "n_repeats is 0"),
        ({"batch": 0}, ValueError, "batch is 0"),
        ({"committee_size": 1}, ValueError, "committee_size is 1"),
        ({"test_size": 1.5}, ValueError, "test_size is 1.5"),
        ({"X_test": np.ones((2, 2))}, ValueError, "together"),
        ({"data": (np.ones((4, 2)), [0, 1, 0])}, ValueError, "lengths differ"),
        ({"data": (np.ones((2, 2)), [0, np.nan])}, ValueError, "first at row 1"),
        ({"data": (np.ones((2, 2)), [1, 1])}, ValueError, "fewer than two classes"),
        ({"data": ([1, 2], [1, 0])}, TypeError, "X is a list"),
        (
            {
                "data": (
                    pd.DataFrame({"x": [1, 2]}),
                    pd.Series([0, 1], index=[1, 0]),
                )
            },
            ValueError,
            "different indexes",
        ),
    ],
)
def test_bad_inputs_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        simulate(**options)


def test_a_model_without_probabilities_is_refused():
    with pytest.raises(TypeError, match="LinearSVC has no predict_proba"):
        simulate_active_learning(LinearSVC(), *blobs())


def test_missing_values_are_the_models_business_until_a_strategy_measures():
    from sklearn.tree import DecisionTreeClassifier

    X, y = blobs()
    X[::7, 0] = np.nan
    tree = DecisionTreeClassifier(max_depth=3)
    options = {"budget": 20, "n_repeats": 1, "random_state": 0}
    report = simulate_active_learning(tree, X, y, **options)
    assert report.runs["score"].notna().all()
    with pytest.raises(ValueError, match="distances need every number"):
        simulate_active_learning(tree, X, y, strategies=["density"], **options)
