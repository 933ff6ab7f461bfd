"""The table of baselines: goldens, scikit-learn, brute force, bad input."""

import inspect
import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as skm
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from mlworkbench._report import VerdictError
from mlworkbench.evaluation import BaselineReport, baseline_table
from mlworkbench.evaluation._baseline_report import _number

GUESSERS = ["uniform random", "label-distribution random"]


def scores(report, metric=None):
    table = report.frame
    metric = metric or table["metric"].iloc[0]
    return table[table["metric"] == metric].set_index("baseline")["score"]


def row(report, baseline, metric=None):
    table = report.frame[report.frame["baseline"] == baseline]
    return (table if metric is None else table[table["metric"] == metric]).iloc[0]


def binary(n=400, seed=0, rate=0.3):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rate).astype(int)
    prob = np.clip(0.2 + 0.4 * y + rng.normal(0, 0.2, n), 0.01, 0.99)
    return y, prob, rng


def test_signature_is_that_of_the_specification():
    parameters = inspect.signature(baseline_table).parameters
    assert list(parameters)[:8] == [
        "y_train",
        "X_test",
        "y_test",
        "metrics",
        "heuristics",
        "human",
        "existing",
        "model",
    ]
    assert parameters["heuristics"].default == {}
    assert [parameters[p].default for p in ("human", "existing", "model")] == [None] * 3


@pytest.mark.parametrize(
    ("positives", "f1", "accuracy", "zero"),
    # 2πq / (π + q) and πq + (1 - π)(1 - q), with q = 0.5 and q = π.
    [
        (100, [1 / 6, 0.10], [0.5, 0.82], 0.9),
        (900, [0.9 / 1.4, 0.90], [0.5, 0.82], 0.9),
    ],
)
def test_golden_shares(positives, f1, accuracy, zero):
    y = np.repeat([1, 0], [positives, 1000 - positives])
    report = baseline_table(
        y, None, y, metrics=["f1", "accuracy"], n_boot=300, random_state=0
    )
    assert scores(report, "f1")[GUESSERS].tolist() == pytest.approx(f1)
    assert scores(report, "accuracy")[GUESSERS].tolist() == pytest.approx(accuracy)
    assert scores(report, "accuracy")["zero rule"] == pytest.approx(zero)
    assert report.verdict == "no model was given: this is what one has to beat"
    assert not report.ok
    assert "ok:" not in str(report)


def test_guessers_have_closed_forms_for_probability_metrics():
    y = np.repeat([1, 0], [100, 900])
    names = ["neg_log_loss", "neg_brier_score", "roc_auc", "average_precision"]
    report = baseline_table(y, None, y, metrics=names, n_boot=50, random_state=0)
    entropy = -(0.1 * np.log(0.1) + 0.9 * np.log(0.9))
    assert scores(report, "neg_log_loss")[GUESSERS].tolist() == pytest.approx(
        [-np.log(2), -entropy]
    )
    assert scores(report, "neg_brier_score")[GUESSERS].tolist() == pytest.approx(
        [-0.25, -0.09]
    )
    assert scores(report, "roc_auc")[GUESSERS].tolist() == [0.5, 0.5]
    assert scores(report, "average_precision")[GUESSERS].tolist() == [0.1, 0.1]
    ranked = row(report, "uniform random", "roc_auc")
    assert ranked["score_low"] < 0.5 < ranked["score_high"]


@pytest.mark.parametrize("strategy", ["uniform", "stratified"])
def test_closed_forms_are_the_mean_of_scikit_learns_guessers(strategy):
    y, _, _ = binary(2000)
    names = ["accuracy", "balanced_accuracy", "f1", "precision", "jaccard_macro"]
    report = baseline_table(y[:1000], None, y[1000:], metrics=names, n_boot=200)
    name = GUESSERS[strategy == "stratified"]
    X = np.zeros((1000, 1))
    for metric in names:
        scorer = skm.get_scorer(metric)
        draws = [
            scorer(
                DummyClassifier(strategy=strategy, random_state=i).fit(X, y[:1000]),
                X,
                y[1000:],
            )
            for i in range(60)
        ]
        # 5 standard errors of the mean, and the bias of a ratio of sums, O(1/n).
        margin = 5 * np.std(draws) / np.sqrt(60) + 2e-3
        assert abs(np.mean(draws) - scores(report, metric)[name]) < margin
        assert (
            abs(row(report, name, metric)["simulated_mean"] - np.mean(draws)) < margin
        )


def test_the_band_is_that_of_the_binomial_law():
    y = np.repeat([1, 0], [100, 900])
    report = baseline_table(y, None, y, metrics="accuracy", n_boot=4000, random_state=0)
    half = 1.96 * np.sqrt(0.25 / 1000)
    line = row(report, "uniform random")
    assert line["score_low"] == pytest.approx(0.5 - half, abs=0.003)
    assert line["score_high"] == pytest.approx(0.5 + half, abs=0.003)


NAMED = [
    "accuracy",
    "balanced_accuracy",
    "f1",
    "precision",
    "recall",
    "jaccard",
    "matthews_corrcoef",
    "roc_auc",
    "average_precision",
    "neg_log_loss",
    "neg_brier_score",
    "f1_macro",
    "f1_micro",
    "f1_weighted",
    "recall_macro",
    "d2_log_loss_score",
]


@pytest.mark.parametrize("metric", NAMED)
@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"], [False, True], [-1, 1]])
def test_scores_of_a_model_are_those_of_scikit_learn(metric, labels):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    y = np.array(labels)[(X[:, 0] + rng.normal(size=200) > 0.8).astype(int)]
    weight = rng.integers(0, 4, 200) + 0.5
    model = LogisticRegression().fit(X[:100], y[:100])
    report = baseline_table(
        y[:100],
        X[100:],
        y[100:],
        metrics=metric,
        model=model,
        sample_weight=weight[100:],
        pos_label=labels[1],
        n_boot=0,
    )
    truth = (y[100:] == labels[1]).astype(int)
    twin = LogisticRegression().fit(X[:100], (y[:100] == labels[1]).astype(int))
    expected = skm.get_scorer(metric)(twin, X[100:], truth, sample_weight=weight[100:])
    assert scores(report)["model"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "metric",
    [
        "accuracy",
        "balanced_accuracy",
        "f1_macro",
        "f1_weighted",
        "precision_macro",
        "jaccard_weighted",
        "matthews_corrcoef",
        "neg_log_loss",
        "neg_brier_score",
        "roc_auc_ovr",
        "roc_auc_ovo_weighted",
        "top_k_accuracy",
    ],
)
def test_many_classes_are_scored_as_scikit_learn_does(metric):
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 2))
    y = np.array(["a", "b", "c"])[
        np.digitize(X[:, 0] + rng.normal(0, 0.7, 300), [0, 1])
    ]
    model = LogisticRegression().fit(X[:150], y[:150])
    report = baseline_table(
        y[:150],
        pd.DataFrame(X).iloc[150:].to_numpy(),
        y[150:],
        metrics=metric,
        model=model,
        n_boot=20,
        random_state=0,
    )
    expected = skm.get_scorer(metric)(model, X[150:], y[150:])
    assert scores(report)["model"] == pytest.approx(expected, rel=1e-12)
    assert row(report, "zero rule")["model_is"] == "better"


@pytest.mark.parametrize(
    "metric",
    [
        "neg_mean_absolute_error",
        "neg_mean_squared_error",
        "neg_root_mean_squared_error",
        "neg_median_absolute_error",
        "r2",
        "explained_variance",
    ],
)
def test_regression_is_scored_as_scikit_learn_does(metric):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(120, 2))
    y = X[:, 0] * 3 + rng.normal(size=120)
    weight = rng.random(60)
    model = LinearRegression().fit(X[:60], y[:60])
    report = baseline_table(
        y[:60],
        X[60:],
        y[60:],
        metrics=metric,
        model=model,
        sample_weight=weight,
        n_boot=30,
        random_state=0,
    )
    expected = skm.get_scorer(metric)(model, X[60:], y[60:], sample_weight=weight)
    assert scores(report)["model"] == pytest.approx(expected, rel=1e-12)
    assert report.task == "regression"
    assert row(report, "mean")["model_is"] == "better"


def test_paired_bootstrap_is_the_brute_force_one():
    y, prob, rng = binary(150)
    rule = rng.integers(0, 2, 150)
    names = ["f1", "roc_auc", "neg_log_loss"]
    report = baseline_table(
        y,
        None,
        y,
        metrics=names,
        existing=np.clip(prob + rng.normal(0, 0.2, 150), 0.01, 0.99),
        heuristics={"rule": rule},
        model=prob,
        n_boot=60,
        random_state=7,
    )
    rng = np.random.default_rng(7)
    # The guessers are simulated first, in the order metric, guesser.
    for metric in names:
        for q in (0.5, y.mean()):
            if metric == "f1":
                for count in np.bincount(y):
                    rng.multinomial(count, [1 - q, q], 60)
            elif metric == "roc_auc" and q == 0.5:  # once for both
                for _ in range(60):
                    rng.random(150)
    draws = [rng.integers(150, size=150) for _ in range(60)]
    gaps = [
        skm.f1_score(y[d], (prob > 0.5)[d]) - skm.f1_score(y[d], rule[d]) for d in draws
    ]
    line = row(report, "rule", "f1")
    expected = np.quantile(gaps, [0.025, 0.975])
    found = line[["difference_low", "difference_high"]].tolist()
    assert found == pytest.approx(expected.tolist(), abs=1e-12)
    areas = [skm.roc_auc_score(y[d], prob[d]) for d in draws]
    line = row(report, "model", "roc_auc")
    found = line[["score_low", "score_high"]].tolist()
    assert found == pytest.approx(
        np.quantile(areas, [0.025, 0.975]).tolist(), abs=1e-12
    )


def test_same_seed_same_table_and_the_callers_generator_is_used():
    y, prob, _ = binary()
    ask = partial(
        baseline_table, y, None, y, metrics=["f1", "roc_auc"], model=prob, n_boot=20
    )
    pd.testing.assert_frame_equal(ask(random_state=1).frame, ask(random_state=1).frame)
    with_rng = ask(random_state=np.random.default_rng(1))
    pd.testing.assert_frame_equal(ask(random_state=1).frame, with_rng.frame)
    assert not ask(random_state=2).frame.equals(with_rng.frame)


def test_weights_count_like_repeated_rows():
    y, prob, rng = binary(80)
    weight = rng.integers(1, 4, 80)
    ask = partial(baseline_table, y, None, metrics=NAMED[:14], n_boot=0)
    human = np.where(np.arange(80) % 3 == 0, np.nan, y)
    one = ask(y, model=prob, human=human, sample_weight=weight).frame
    many = np.repeat(np.arange(80), weight)
    two = ask(y[many], model=prob[many], human=human[many]).frame
    np.testing.assert_allclose(one["score"], two["score"], rtol=1e-10)
    np.testing.assert_allclose(one["difference"], two["difference"], atol=1e-10)


def test_equal_weights_change_nothing():
    y, prob, _ = binary(100)
    ask = partial(
        baseline_table, y, None, y, metrics=["f1", "roc_auc"], model=prob, n_boot=0
    )
    plain, weighted = ask().frame, ask(sample_weight=np.full(100, 2.5)).frame
    np.testing.assert_allclose(plain["score"], weighted["score"], rtol=1e-12)


def test_people_are_compared_on_the_rows_they_saw():
    y, prob, _ = binary(300)
    seen = np.arange(300) < 90
    human = np.where(seen, y, np.nan)
    human[:9] = 1 - y[:9]
    report = baseline_table(
        y,
        None,
        y,
        metrics="accuracy",
        human=human,
        model=prob,
        n_boot=200,
        random_state=0,
    )
    line = row(report, "human")
    model = ((prob > 0.5) == y)[seen].mean()
    assert line["rows"] == 90
    assert line["score"] == pytest.approx(0.9)
    assert line["difference"] == pytest.approx(model - 0.9)
    assert "human: 90 of 300 rows; the model is compared on these" in report.notes


def test_people_may_use_strings_and_none():
    y = np.array(["late", "on time"] * 20)
    human = [None if i % 2 else label for i, label in enumerate(y)]
    report = baseline_table(y, None, y, metrics="accuracy", human=human, n_boot=0)
    assert row(report, "human")["rows"] == 20
    assert row(report, "human")["score"] == 1


def test_a_perfect_model_beats_every_baseline():
    y, prob, _ = binary()
    report = baseline_table(
        y,
        None,
        y,
        metrics=["accuracy", "f1"],
        model=y,
        existing=prob,
        n_boot=200,
        random_state=0,
    )
    assert report.ok
    assert report.verdict == (
        "on accuracy and f1 the model beats every baseline "
        "(paired bootstrap, 95% intervals)"
    )
    report.raise_if_failed()


def test_a_model_that_says_what_the_zero_rule_says_is_not_shown_to_beat_it():
    y, _, _ = binary()
    report = baseline_table(
        y,
        None,
        y,
        metrics=["accuracy", "neg_log_loss"],
        model=np.full(400, y.mean()),
        n_boot=200,
        random_state=0,
    )
    assert not report.ok
    zero = report.frame.query("baseline == 'zero rule'")
    assert zero["model_is"].tolist() == ["not shown", "not shown"]
    assert "is not shown to beat zero rule, and beats the other 2" in report.verdict
    with pytest.raises(VerdictError, match="not shown to beat"):
        report.raise_if_failed()


def test_a_worse_model_is_called_worse():
    y, _, _ = binary()
    report = baseline_table(
        y, None, y, metrics="accuracy", model=1 - y, n_boot=100, random_state=0
    )
    assert "is worse than uniform random, label-distribution random and zero rule" in (
        report.verdict
    )


def test_a_loss_is_better_when_it_is_less():
    y, prob, _ = binary()
    report = baseline_table(
        y,
        None,
        y,
        metrics=["log_loss", "neg_log_loss"],
        model=prob,
        n_boot=100,
        random_state=0,
    )
    assert report.greater_is_better == {"log_loss": False, "neg_log_loss": True}
    np.testing.assert_allclose(
        scores(report, "log_loss"), -scores(report, "neg_log_loss")
    )
    assert (report.frame.query("kind != 'model'")["model_is"] == "better").all()


def test_metrics_may_be_functions_partials_scorers_and_dicts():
    y, prob, _ = binary()

    def hits(y_true, y_pred):
        return float(np.mean(y_true == y_pred))

    report = baseline_table(
        y,
        None,
        y,
        metrics={
            "own": hits,
            "f2": partial(skm.fbeta_score, beta=2),
            "scorer": skm.make_scorer(
                skm.log_loss, greater_is_better=False, response_method="predict_proba"
            ),
            "name": "accuracy",
            "function": skm.f1_score,
        },
        model=prob,
        n_boot=30,
        random_state=0,
    )
    said = (prob > 0.5).astype(int)
    expected = {
        "own": (said == y).mean(),
        "f2": skm.fbeta_score(y, said, beta=2),
        "scorer": -skm.log_loss(y, prob),
        "name": (said == y).mean(),
        "function": skm.f1_score(y, said),
    }
    for name, value in expected.items():
        assert scores(report, name)["model"] == pytest.approx(value)
    uniform = row(report, "uniform random", "own")
    assert uniform["score"] == uniform["simulated_mean"] == pytest.approx(0.5, abs=0.03)
    assert any("mean of the simulations" in note for note in report.notes)
    q, p = 0.5, y.mean()
    assert scores(report, "f2")["uniform random"] == pytest.approx(
        5 * p * q / (4 * p + q)
    )


def test_labels_have_no_score_for_probabilities_and_the_notes_say_so():
    y, prob, _ = binary()
    report = baseline_table(
        y,
        None,
        y,
        metrics="neg_log_loss",
        heuristics={"never": 0},
        model=prob,
        n_boot=50,
        random_state=0,
    )
    assert np.isnan(scores(report)["never"])
    assert "no neg_log_loss of never: it gives no probabilities" in report.notes
    assert "beats every baseline that has a score (3 of 4)" in report.verdict


def test_rules_may_be_functions_arrays_constants_and_estimators():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    y = (X["a"] > 0).astype(int)
    report = baseline_table(
        y,
        X,
        y,
        metrics="accuracy",
        heuristics={
            "function": lambda X: (X["a"] > 0).astype(int),
            "array": 1 - y,
            "constant": 1,
            "estimator": LogisticRegression().fit(X, y),
        },
        existing=lambda X: X["a"] > 0,
        model=LinearSVC().fit(X, y),
        n_boot=0,
    )
    found = scores(report)
    assert found["function"] == found["existing"] == 1
    assert found["array"] == 0
    assert found["constant"] == pytest.approx(y.mean())
    assert found["estimator"] > 0.9
    assert found.index[-1] == "model"


def test_a_decision_function_is_enough_for_a_ranking():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    model = LinearSVC().fit(X, y)
    report = baseline_table(
        y, X, y, metrics=["roc_auc", "neg_brier_score"], model=model, n_boot=0
    )
    area = skm.roc_auc_score(y, model.decision_function(X))
    assert scores(report, "roc_auc")["model"] == pytest.approx(area)
    assert np.isnan(scores(report, "neg_brier_score")["model"])


def test_a_table_of_probabilities_has_one_column_per_sorted_class():
    y = np.array(["b", "a", "c", "a"])
    table = np.array([[0.1, 0.8, 0.1], [0.6, 0.2, 0.2], [0, 0, 1], [0.2, 0.5, 0.3]])
    report = baseline_table(
        y, None, y, metrics=["accuracy", "neg_log_loss"], model=table, n_boot=0
    )
    assert scores(report, "accuracy")["model"] == 0.75
    expected = np.log([0.8, 0.6, 1, 0.2]).mean()
    assert scores(report, "neg_log_loss")["model"] == pytest.approx(expected)


def test_one_class_in_the_test_rows():
    y, prob, _ = binary(100)
    report = baseline_table(
        y,
        None,
        np.zeros(100, int),
        metrics=["accuracy", "roc_auc"],
        model=prob,
        n_boot=50,
        random_state=0,
    )
    assert scores(report, "accuracy")["zero rule"] == 1
    assert scores(report, "roc_auc").isna().all()
    assert any("all test rows are 0" in note for note in report.notes)
    assert any("no roc_auc of" in note for note in report.notes)


def test_a_class_that_is_in_no_training_row():
    report = baseline_table(
        ["a", "a", "b"], None, ["a", "c", "b", "c"], metrics="accuracy", n_boot=0
    )
    # a and b with chance 1/2 each, never c: (1/4 + 1/4) / 2.
    assert scores(report)["uniform random"] == pytest.approx(0.25)
    assert any(n.startswith("c: in no training row") for n in report.notes)


def test_a_label_that_is_no_class_is_wrong():
    report = baseline_table(
        ["a", "b"],
        None,
        ["a", "b"],
        metrics=["accuracy", "neg_brier_score"],
        human=["a", "unsure"],
        model=[[1, 0], [0, 1]],
        n_boot=0,
    )
    assert scores(report, "accuracy")["human"] == 0.5
    assert scores(report, "neg_brier_score")["uniform random"] == -0.25
    assert any("human says unsure, which is no class" in n for n in report.notes)


def test_earlier_values_at_the_end_of_training_and_one_row_ahead():
    train, test = np.arange(1.0, 8.0), np.array([10.0, 20.0, 30.0, 40.0])
    ask = partial(
        baseline_table, train, None, test, metrics="mean_absolute_error", n_boot=0
    )
    far = scores(ask(period=3))
    assert far["mean"] == far["median"] == pytest.approx(25 - 4)
    assert far["last value"] == pytest.approx(25 - 7)
    # The last season is 5, 6, 7, and then 5 again.
    assert far["seasonal naive"] == pytest.approx(25 - (5 + 6 + 7 + 5) / 4)
    near = scores(ask(period=3, horizon=1))
    assert near["last value"] == pytest.approx((3 + 10 + 10 + 10) / 4)
    # 5, 6, 7, and the first test row.
    assert near["seasonal naive"] == pytest.approx(
        ((10 - 5) + (20 - 6) + (30 - 7) + 30) / 4
    )
    two = scores(ask(period=3, horizon=2))
    assert two["last value"] == pytest.approx((10 - 6 + 20 - 7 + 30 - 10 + 40 - 20) / 4)
    assert "last value" not in scores(ask(time_order=False, period=3))


def test_a_season_longer_than_the_training_rows_has_no_score():
    report = baseline_table(
        [1.5, 2.0], None, [1.0, 2.0], metrics="r2", period=7, n_boot=0
    )
    assert np.isnan(scores(report)["seasonal naive"])
    assert any("no training row lies so far back" in note for note in report.notes)


def test_amounts_that_do_not_vary():
    report = baseline_table(
        np.full(40, 2.5),
        None,
        np.full(40, 2.5),
        metrics=["r2", "mean_squared_error"],
        model=np.full(40, 2.0),
        n_boot=20,
        random_state=0,
    )
    assert scores(report, "r2").tolist() == [1, 1, 1, 0]
    assert scores(report, "mean_squared_error").tolist() == [0, 0, 0, 0.25]
    assert "worse than mean, median and last value" in report.verdict
    assert any("does not vary" in note for note in report.notes)


def test_blocks_widen_the_interval_where_neighbours_resemble_each_other():
    rng = np.random.default_rng(0)
    drift = np.repeat(rng.normal(size=40), 10)
    truth = drift + rng.normal(0, 0.1, 400)
    ask = partial(
        baseline_table,
        truth,
        None,
        truth,
        metrics="neg_mean_absolute_error",
        model=np.zeros(400),
        n_boot=300,
        random_state=0,
    )
    one, ten = row(ask(), "model"), row(ask(block=10), "model")
    width = [line["score_high"] - line["score_low"] for line in (one, ten)]
    assert width[1] > 2 * width[0]


@pytest.mark.parametrize(
    ("y", "metric", "task"),
    [
        (np.arange(50), "neg_mean_absolute_error", "regression"),
        (np.arange(50) % 3, "accuracy", "classification"),
        (np.arange(50) / 3, lambda a, b: 0.0, "regression"),
        (np.arange(50), lambda a, b: 0.0, "regression"),
        (np.arange(50) % 4, lambda a, b: 0.0, "classification"),
        (np.arange(50).astype(str), lambda a, b: 0.0, "classification"),
    ],
)
def test_the_task_is_told_by_metric_and_target(y, metric, task):
    report = baseline_table(y, None, y, metrics=metric, n_boot=0)
    assert report.task == task


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(0, 1000))
def test_permuting_rows_changes_no_score(labels, seed):
    y = np.array(labels)
    order = np.random.default_rng(seed).permutation(len(y))
    said = np.random.default_rng(seed).integers(0, 4, len(y))
    names = ["accuracy", "f1_macro", "matthews_corrcoef"]
    one = baseline_table(y, None, y, metrics=names, model=said, n_boot=0)
    two = baseline_table(y, None, y[order], metrics=names, model=said[order], n_boot=0)
    np.testing.assert_allclose(one.frame["score"], two.frame["score"], atol=1e-12)


def test_the_text_is_short_and_says_everything():
    y, prob, _ = binary()
    report = baseline_table(
        y, None, y, metrics="f1", model=prob, n_boot=50, random_state=0
    )
    text = str(report)
    assert isinstance(report, BaselineReport)
    assert "answers from" in text
    assert "model minus it" in text
    assert "ok: yes" in text
    assert max(len(line) for line in text.splitlines()) < 100
    wide = str(
        baseline_table(y, None, y, metrics=["f1", "accuracy", "recall"], n_boot=0)
    )
    assert "metric" in wide
    assert report.to_dict()["facts"]["n"] == 400


def test_the_picture_has_a_row_per_answer():
    import matplotlib.pyplot as plt

    y, prob, _ = binary()
    report = baseline_table(
        y,
        None,
        y,
        metrics=["f1", "roc_auc"],
        model=prob,
        heuristics={"never": 0},
        n_boot=20,
        random_state=0,
    )
    labels = [text.get_text() for text in report.plot().get_yticklabels()]
    assert labels == [*GUESSERS, "zero rule", "never", "model"]
    assert "more is better" in report.plot(metric="roc_auc").get_xlabel()
    with pytest.raises(ValueError, match="metric is 'x'"):
        report.plot(metric="x")
    plt.close("all")


Y = np.array([0, 1] * 20)


@pytest.mark.parametrize(
    ("changed", "error", "match"),
    [
        ({"metrics": "f_one"}, ValueError, "no scorer of scikit-learn"),
        ({"metrics": []}, ValueError, "pass at least one"),
        ({"metrics": ["f1", "f1"]}, ValueError, "each name once"),
        ({"metrics": 3}, TypeError, "metrics is a int"),
        ({"metrics": [3]}, TypeError, "metric 3 is a int"),
        ({"y_test": Y[:3]}, ValueError, "model gives answers of shape"),
        ({"X_test": np.zeros((3, 1))}, ValueError, "X_test has 3 rows, y_test has 40"),
        ({"y_test": np.where(Y, np.nan, 0)}, ValueError, "y_test has missing values"),
        ({"y_train": []}, ValueError, "y_train has no rows"),
        (
            {"model": np.where(Y, np.nan, 0)},
            ValueError,
            "a model must answer every row",
        ),
        ({"human": np.full(40, np.nan)}, ValueError, "a baseline at least one"),
        ({"model": np.full(40, 1.7)}, ValueError, "model says 1.7, which is no class"),
        ({"model": np.full((40, 3), 1 / 3)}, ValueError, "one column per class"),
        ({"model": np.full((40, 2), 0.7)}, ValueError, "sum to 1.4 in row 0"),
        (
            {"model": LogisticRegression},
            TypeError,
            r"pass a fitted LogisticRegression\(\)",
        ),
        ({"heuristics": [Y]}, TypeError, "heuristics is a list"),
        ({"model": ["no", "yes"] * 20}, ValueError, "in the terms of the target"),
        ({"heuristics": {"zero rule": Y}}, ValueError, "which are taken"),
        ({"sample_weight": -np.ones(40)}, ValueError, "sample_weight has 40"),
        ({"n_boot": -1}, ValueError, "n_boot is -1"),
        ({"confidence": 2}, ValueError, "confidence is 2"),
        ({"task": "ranking"}, ValueError, "task is 'ranking'"),
        ({"period": 0}, ValueError, "period is 0"),
        ({"pos_label": 7}, ValueError, "pos_label is 7"),
        (
            {"y_train": list("ab") * 3, "y_test": list("ab") * 20},
            ValueError,
            "pos_label which",
        ),
        ({"y_train": [0, 1, 2]}, ValueError, "'f1_macro'"),
        ({"task": "regression", "y_train": list("ab")}, ValueError, "no numbers"),
        (
            {"task": "regression", "metrics": "r2", "model": list("a" * 40)},
            ValueError,
            "model gives no numbers",
        ),
        (
            {"task": "regression", "metrics": "r2", "y_train": [np.inf]},
            ValueError,
            "infinite",
        ),
    ],
)
def test_bad_input_is_explained(changed, error, match):
    given = {"y_train": Y, "X_test": None, "y_test": Y, "metrics": "f1", "model": Y}
    with pytest.raises(error, match=match):
        baseline_table(**{**given, "n_boot": 5, **changed})


def test_a_metric_that_takes_no_weights_refuses_them():
    with pytest.raises(TypeError, match="takes no sample_weight"):
        baseline_table(
            Y,
            None,
            Y,
            metrics=lambda a, b: 0.5,
            model=Y,
            sample_weight=np.full(40, 0.5),
            task="classification",
        )


def test_an_error_of_the_users_metric_is_not_swallowed():
    def broken(y_true, y_pred):
        raise ValueError("units differ")

    with pytest.raises(ValueError, match="units differ"):
        baseline_table(Y, None, Y, metrics=broken, model=Y, task="classification")


def test_indexes_that_differ_are_refused():
    X = pd.DataFrame({"a": Y})
    with pytest.raises(ValueError, match="different indexes"):
        baseline_table(Y, X, pd.Series(Y, index=Y + np.arange(40)), metrics="f1")


def test_pandas_types_are_read():
    y = pd.Series(["x", "y"] * 20, dtype="category")
    human = pd.Series([1, None] * 20, dtype="Int64")
    assert (
        scores(baseline_table(y, None, y, metrics="accuracy", n_boot=0)).iloc[0] == 0.5
    )
    report = baseline_table(
        pd.Series(Y, dtype="Int64"), None, Y, metrics="accuracy", human=human, n_boot=0
    )
    assert row(report, "human")["rows"] == 20


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (-0.25, "−0.250"),
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (-0.00004, "−0.00004"),
        (12.345, "12.35"),
        (123.45, "123.5"),
        (1234.5, "1,234"),
        (float("nan"), "–"),
    ],
)
def test_numbers_are_short_and_keep_their_sign(value, text):
    assert _number(value) == text


def test_people_whose_rows_have_no_weight_have_no_score():
    y, prob, _ = binary(50)
    human = np.where(np.arange(50) < 5, y, np.nan)
    weight = (np.arange(50) >= 5).astype(float)
    report = baseline_table(
        y,
        None,
        y,
        metrics=["f1", "roc_auc"],
        human=human,
        model=prob,
        sample_weight=weight,
        n_boot=20,
        random_state=0,
    )
    assert np.isnan(scores(report)["human"])
    reason = "no f1 of human: all rows with an answer have a weight of 0"
    assert reason in report.notes


@pytest.mark.parametrize("seed", range(20))
def test_random_answers_with_ties_and_zero_weights_agree_with_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(6, 40)), int(rng.integers(3, 5))
    y, said = rng.integers(0, k, (2, n))
    weight = rng.integers(0, 3, n).astype(float) + (np.arange(n) == 0)
    names = ["balanced_accuracy", "matthews_corrcoef"]
    names += [f"{m}_{a}" for m in ("f1", "jaccard") for a in ("macro", "weighted")]
    found = scores_by_metric(
        baseline_table(
            np.arange(k),
            None,
            y,
            metrics=names,
            model=said,
            sample_weight=weight,
            task="classification",
            n_boot=0,
        )
    )
    seen = weight > 0
    functions = {
        "balanced_accuracy": skm.balanced_accuracy_score,
        "matthews_corrcoef": skm.matthews_corrcoef,
        "f1_macro": partial(skm.f1_score, average="macro"),
        "f1_weighted": partial(skm.f1_score, average="weighted"),
        "jaccard_macro": partial(skm.jaccard_score, average="macro"),
        "jaccard_weighted": partial(skm.jaccard_score, average="weighted"),
    }
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = functions[name](y[seen], said[seen], sample_weight=weight[seen])
        assert found[name] == pytest.approx(expected, abs=1e-12)
    late, prob = y > 0, np.round(rng.random(n), 1)
    late[:2], weight[:2] = [True, False], 1.0
    found = scores_by_metric(
        baseline_table(
            late,
            None,
            late,
            metrics=["roc_auc", "average_precision", "log_loss"],
            model=prob,
            sample_weight=weight,
            n_boot=0,
        )
    )
    area = skm.roc_auc_score(late, prob, sample_weight=weight)
    precision = skm.average_precision_score(late, prob, sample_weight=weight)
    loss = skm.log_loss(late, prob, sample_weight=weight)
    assert found.tolist() == pytest.approx([area, precision, loss], abs=1e-12)


def scores_by_metric(report):
    model = report.frame.query("kind == 'model'")
    return model.set_index("metric")["score"]


def test_few_rows_show_nothing() -> None:
    report = baseline_table([0, 1], None, [1], metrics="accuracy", model=[1])
    assert not report.ok
    assert "not shown to beat" in report.verdict
    assert any("fewer than 10 rows" in note for note in report.notes)
    y = np.arange(40) % 2
    seen = np.where(np.arange(40) < 9, 1.0 - y, np.nan)
    table = baseline_table(y, None, y, metrics="accuracy", human=seen, model=y).frame
    found = table.set_index("baseline")["model_is"]
    assert found["human"] == "not shown"
    assert found["uniform random"] == "better"


def test_the_only_baseline_beaten_is_named() -> None:
    y = np.repeat([0, 1], [70, 30])
    report = baseline_table(
        y, None, y, metrics="accuracy", model=np.zeros(100, int), random_state=0
    )
    assert "and beats the other 2" in report.verdict
    report = baseline_table(
        y,
        None,
        y,
        metrics="f1",
        model=np.arange(100) % 2,
        heuristics={"same": np.arange(100) % 2},
        random_state=0,
    )
    assert report.verdict.split(" (")[0].endswith("and beats zero rule")


@pytest.mark.parametrize("name", ["cost", "my_cost", "regret_loss"])
def test_a_cost_is_better_when_less(name: str) -> None:
    def mistakes(y: Any, said: Any) -> float:
        return float(np.mean(y != said))

    y = np.arange(60) % 2
    given = {"model": y, "random_state": 0}
    report = baseline_table(y, None, y, metrics={name: mistakes}, **given)
    assert report.ok
    assert not any("taken to be better" in note for note in report.notes)
    other = baseline_table(y, None, y, metrics={"mistakes": mistakes}, **given)
    assert not other.ok
    assert any("mistakes: more is taken to be better" in n for n in other.notes)


def test_classes_are_not_read_from_amounts() -> None:
    y = np.linspace(0.1, 9.7, 500)
    with pytest.raises(ValueError, match="500 values with fractions, and accuracy"):
        baseline_table(y, None, y, metrics="accuracy")


def test_an_error_says_whose_answers() -> None:
    with pytest.raises(AttributeError) as caught:
        baseline_table(
            [0, 1],
            [[1], [2]],
            [1, 0],
            metrics="accuracy",
            heuristics={"late": lambda X: X.hour},
        )
    assert "'late'" in caught.value.__notes__[0]
