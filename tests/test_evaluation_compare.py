"""Two models on the same rows: tests, intervals, and what would come back."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_rel
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    mean_absolute_error,
    roc_auc_score,
)
from statsmodels.stats.contingency_tables import mcnemar

from mlworkbench.evaluation import ModelComparison, compare_cv_scores, compare_models


def answers(n, right_a, right_b, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    a = np.where(rng.random(n) < right_a, y, 1 - y)
    b = np.where(rng.random(n) < right_b, y, 1 - y)
    return y, a, b


def counted(both, only_a, only_b, neither):
    """Rows with given counts of who is right."""
    n = both + only_a + only_b + neither
    y = np.arange(n) % 2
    a_right = np.arange(n) < both + only_a
    b_right = (np.arange(n) < both) | (
        (np.arange(n) >= both + only_a) & (np.arange(n) < n - neither)
    )
    return y, np.where(a_right, y, 1 - y), np.where(b_right, y, 1 - y)


def probabilities(n, seed=0, noise=(1.0, 1.4)):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    two = [1 / (1 + np.exp(-(2 * y - 1 + s * rng.normal(size=n)))) for s in noise]
    return y, *two


# --- McNemar ---------------------------------------------------------------


def test_mcnemar_golden():
    # Fagerland, Lydersen and Laake (2013), airway hyper-responsiveness before
    # and after stem cell transplantation: 1 and 7 discordant pairs of 21;
    # exact conditional p = 0.070, mid-p = 0.039.
    found = compare_models(*counted(12, 7, 1, 1), random_state=0)
    assert (found.only_a_right, found.only_b_right) == (7, 1)
    assert found.mcnemar_exact == pytest.approx(18 / 256)
    assert found.mcnemar_mid_p == pytest.approx(10 / 256)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 5), (3, 3), (17, 40), (400, 350)])
def test_mcnemar_is_that_of_statsmodels(a, b):
    found = compare_models(*counted(50, a, b, 20), n_boot=100, random_state=0)
    table = [[50, a], [b, 20]]
    expected = 1.0 if a + b == 0 else mcnemar(table, exact=True).pvalue
    assert found.mcnemar_exact == pytest.approx(min(expected, 1.0))
    assert found.mcnemar_mid_p <= found.mcnemar_exact


def test_six_rows_against_none_is_the_least_that_can_be_shown():
    # 2 / 2^5 = 0.0625 and 2 / 2^6 = 0.03125 exact; mid-p half of that.
    five = compare_models(*counted(500, 5, 0, 100), random_state=0)
    assert five.mcnemar_exact == pytest.approx(0.0625)
    assert five.mcnemar_mid_p == pytest.approx(0.03125)
    assert five.frame["p_value"][0] == five.mcnemar_mid_p


# --- Scores and intervals --------------------------------------------------


def test_scores_are_those_of_scikit_learn():
    y, a, b = probabilities(400)
    metrics = ["accuracy", "f1", "log_loss", "roc_auc", "neg_brier_score"]
    found = compare_models(y, a, b, metrics=metrics, n_boot=100, random_state=0)
    table = found.frame.set_index("metric")
    for column, p in (("score_a", a), ("score_b", b)):
        said = p > 0.5
        assert table.loc["accuracy", column] == pytest.approx(accuracy_score(y, said))
        assert table.loc["f1", column] == pytest.approx(f1_score(y, said))
        assert table.loc["log_loss", column] == pytest.approx(log_loss(y, p))
        assert table.loc["roc_auc", column] == pytest.approx(roc_auc_score(y, p))
        brier = -np.mean((p - y) ** 2)
        assert table.loc["neg_brier_score", column] == pytest.approx(brier)
    np.testing.assert_allclose(
        table["difference"], table["score_a"] - table["score_b"], atol=1e-15
    )


def test_less_loss_is_better_and_more_score_is():
    y, a, b = probabilities(2000)
    metrics = ["log_loss", "roc_auc", "neg_log_loss"]
    found = compare_models(y, a, b, metrics=metrics, n_boot=200, random_state=0)
    assert found.frame["better"].tolist() == ["A", "A", "A"]
    assert found.frame["difference"].gt(0).tolist() == [False, True, True]


def test_counts_of_cells_and_rows_give_the_same_intervals():
    y, a, b = answers(500, 0.8, 0.75)

    def accuracy(truth, said):
        return float(np.mean(truth == said))

    quick = compare_models(y, a, b, n_boot=4000, random_state=0)
    slow = compare_models(
        y, a, b, metrics={"own": accuracy}, n_boot=4000, random_state=1
    )
    for name in ("low", "high", "same_sign"):
        assert quick.frame[name][0] == pytest.approx(slow.frame[name][0], abs=0.006)
    # The standard error of a paired difference of shares, by hand.
    right = (a == y).astype(float) - (b == y)
    half = 1.96 * right.std() / np.sqrt(500)
    assert quick.frame["high"][0] == pytest.approx(right.mean() + half, abs=0.006)


def test_interval_covers_and_nothing_is_shown_without_a_difference():
    covered = shown = 0
    for seed in range(300):
        y, a, b = answers(200, 0.8, 0.8, seed)
        found = compare_models(y, a, b, n_boot=400, random_state=seed)
        row = found.frame.iloc[0]
        covered += row["low"] <= 0 <= row["high"]
        shown += row["shown"]
    # 285 expected, five standard deviations (3.8) below.
    assert covered >= 266
    assert shown <= 34


def test_chance_of_the_same_sign_is_the_share_that_comes_back():
    # True differences spread widely: then the stated chance is the true one.
    rng = np.random.default_rng(0)
    stated, came = [], []
    for _ in range(500):
        gap = rng.uniform(-0.3, 0.3)
        sets = []
        for _ in range(2):
            y, a, b = answers(100, 0.6 + gap / 2, 0.6 - gap / 2, int(rng.integers(1e9)))
            sets.append((y, a, b))
        found = compare_models(*sets[0], n_boot=200, random_state=0)
        y, a, b = sets[1]
        second = np.mean(a == y) - np.mean(b == y)
        if found.frame["difference"][0] == 0:
            continue
        stated.append(found.survives)
        same = np.sign(second) == np.sign(found.frame["difference"][0])
        came.append(0.5 if second == 0 else same)
    stated, came = np.array(stated), np.array(came)
    assert came.mean() == pytest.approx(stated.mean(), abs=0.05)
    weak = stated < 0.8
    assert came[weak].mean() == pytest.approx(stated[weak].mean(), abs=0.12)


def test_p_of_five_percent_comes_back_nine_times_of_ten():
    # z = 1.96 gives Φ(1.96 / √2) = 0.917.
    y, a, b = counted(800, 60, 40, 100)
    found = compare_models(y, a, b, n_boot=8000, random_state=0)
    z = (20 / 1000) / (np.sqrt(100 - 0.4) / 1000)
    assert found.survives == pytest.approx(0.9217, abs=0.01)
    assert z == pytest.approx(2.0, abs=0.01)
    # (1.96 + 0.84)² / z² times as many rows for 80 % power.
    assert found.rows_needed == pytest.approx(1000 * (2.802 / z) ** 2, rel=0.08)


def test_multiclass_text_labels_and_a_table_of_probabilities():
    rng = np.random.default_rng(0)
    y = rng.choice(["cat", "dog", "owl"], 300)
    table = rng.dirichlet([1, 1, 1], 300)
    table[np.arange(300), np.searchsorted(["cat", "dog", "owl"], y)] += 1.0
    table /= table.sum(axis=1, keepdims=True)
    other = np.full((300, 3), 1 / 3)
    found = compare_models(y, table, other, n_boot=200, random_state=0)
    assert found.frame["metric"].tolist() == ["accuracy", "log_loss"]
    assert found.frame["score_b"][1] == pytest.approx(np.log(3))
    assert found.frame["better"].tolist() == ["A", "A"]
    macro = compare_models(
        y,
        np.array(["cat", "dog", "owl"])[table.argmax(axis=1)],
        np.full(300, "cat"),
        metrics="f1_macro",
        n_boot=100,
        random_state=0,
    )
    expected = f1_score(y, np.full(300, "cat"), average="macro")
    assert macro.frame["score_b"][0] == pytest.approx(expected)


def test_values_are_compared_by_their_absolute_error():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    a, b = y + rng.normal(size=200), y + 2 * rng.normal(size=200)
    found = compare_models(y, a, b, random_state=0)
    assert found.frame["metric"][0] == "mean_absolute_error"
    assert found.frame["score_a"][0] == pytest.approx(mean_absolute_error(y, a))
    assert found.frame["better"][0] == "A"
    assert found.only_a_right is None
    assert np.isnan(found.mcnemar_mid_p)
    # The interval is that of a paired t-test, nearly.
    gaps = np.abs(y - a) - np.abs(y - b)
    low, high = ttest_rel(np.abs(y - a), np.abs(y - b)).confidence_interval()
    assert gaps.mean() == pytest.approx(found.frame["difference"][0])
    assert found.frame["low"][0] == pytest.approx(low, abs=0.03)
    assert found.frame["high"][0] == pytest.approx(high, abs=0.03)


def test_whole_weights_are_repetitions():
    y, a, b = probabilities(200)
    weight = np.random.default_rng(0).integers(0, 4, 200)
    kinds = ["accuracy", "log_loss", "roc_auc", "balanced_accuracy"]
    weighted = compare_models(
        y, a, b, metrics=kinds, sample_weight=weight, n_boot=100, random_state=0
    )
    repeated = compare_models(
        *(np.repeat(x, weight) for x in (y, a, b)),
        metrics=kinds,
        n_boot=100,
        random_state=0,
    )
    for name in ("score_a", "score_b"):
        np.testing.assert_allclose(weighted.frame[name], repeated.frame[name])
    assert np.isnan(weighted.mcnemar_exact)


def test_groups_widen_the_interval_where_rows_of_one_group_agree():
    y, a, b = answers(100, 0.8, 0.75)
    ten = [np.repeat(x, 10) for x in (y, a, b)]
    groups = np.repeat(np.arange(100), 10)
    alone = compare_models(*ten, random_state=0).frame.iloc[0]
    together = compare_models(*ten, groups=groups, random_state=0)
    row = together.frame.iloc[0]
    ratio = (row["high"] - row["low"]) / (alone["high"] - alone["low"])
    assert ratio == pytest.approx(np.sqrt(10), rel=0.1)
    assert np.isnan(together.mcnemar_exact)
    once = compare_models(y, a, b, random_state=0).frame.iloc[0]
    assert row["high"] - row["low"] == pytest.approx(
        once["high"] - once["low"], rel=0.1
    )


def test_few_rows_that_differ_show_nothing_by_the_bootstrap():
    y, a, b = probabilities(300)
    b = a.copy()
    b[:4] = np.where(y[:4] == 1, 0.01, 0.99)  # worse, in four rows only
    a[:4] = y[:4]
    found = compare_models(y, a, b, metrics="brier_score_loss", random_state=0)
    assert not found.frame["shown"][0]
    assert "they differ in 4 rows only" in found.verdict


# --- Folds -----------------------------------------------------------------


def test_corrected_interval_by_hand():
    # Nadeau and Bengio: variance (1/k + n_test/n_train) s²; k = 4, s² of
    # (.02, .00, .03, .01) is 1/6000, t(3) at 97.5 % is 3.182446.
    a, b = np.array([0.82, 0.80, 0.84, 0.81]), np.array([0.80, 0.80, 0.81, 0.80])
    found = compare_cv_scores(a, b, n_train=300, n_test=100)
    row = found.frame.iloc[0]
    half = 3.182446 * np.sqrt((1 / 4 + 1 / 3) / 6000)
    assert row["difference"] == pytest.approx(0.015)
    assert row["high"] == pytest.approx(0.015 + half, rel=1e-6)
    assert row["low"] == pytest.approx(0.015 - half, rel=1e-6)
    plain = ttest_rel(a, b)
    t = plain.statistic * np.sqrt((1 / 4) / (1 / 4 + 1 / 3))
    assert row["p_value"] == pytest.approx(2 * student.sf(t, 3))
    assert row["p_value"] > plain.pvalue


def test_losses_of_folds_are_better_when_less():
    found = compare_cv_scores(
        [0.5, 0.52, 0.51],
        [0.9, 0.91, 0.92],
        n_train=100,
        n_test=50,
        metric="loss",
        greater_is_better=False,
        names=("new", "old"),
    )
    assert found.frame["better"][0] == "new"
    assert found.frame["shown"][0]
    assert "new is better by 0.4 (loss" in found.verdict


def test_folds_of_one_run_are_the_scores_of_its_parts():
    y, a, b = answers(120, 0.8, 0.7)
    folds = np.arange(120) % 5
    found = compare_models(y, a, b, folds=folds)
    scores = [[np.mean((x == y)[folds == k]) for k in range(5)] for x in (a, b)]
    other = compare_cv_scores(*scores, n_train=96, n_test=24)
    for name in ("score_a", "score_b", "low", "high", "p_value", "same_sign"):
        assert found.frame[name][0] == pytest.approx(other.frame[name][0])


def test_equal_folds_are_a_tie_whatever_the_rounding():
    a = np.array([0.1 + 0.2, 0.5])
    found = compare_cv_scores(a, np.array([0.3, 0.5]), n_train=10, n_test=10)
    assert found.frame["better"][0] == "neither"
    assert found.survives == 0.5


# --- Words, containers, errors ---------------------------------------------


def test_verdict_in_words():
    clear = compare_models(
        *answers(2000, 0.9, 0.8), names=("new", "old"), random_state=0
    )
    assert clear.verdict.startswith("new is better by 0.1")
    assert "a second test set of 2,000 rows would have new ahead again" in clear.verdict
    assert "above 99 %" in clear.verdict
    even = compare_models(*answers(200, 0.8, 0.79, seed=5), random_state=0)
    assert even.verdict.startswith("Not shown that either is better")
    y = np.arange(40) % 2
    same = compare_models(y, y, y, random_state=0)
    assert same.verdict.startswith("The two have the same accuracy")
    assert same.survives == 0.5
    assert np.isinf(same.rows_needed)


def test_swapping_the_models_turns_the_signs():
    y, a, b = answers(400, 0.85, 0.8)
    one = compare_models(y, a, b, n_boot=4000, random_state=0)
    two = compare_models(y, b, a, n_boot=4000, random_state=0)
    assert one.mcnemar_exact == two.mcnemar_exact
    assert one.frame["difference"][0] == -two.frame["difference"][0]
    assert one.frame["low"][0] == pytest.approx(-two.frame["high"][0], abs=0.006)
    assert (one.frame["better"][0], two.frame["better"][0]) == ("A", "B")


def test_same_seed_same_answer_and_every_container():
    y, a, b = probabilities(150)
    first = compare_models(y, a, b, n_boot=200, random_state=3)
    for wrap in (list, tuple, pd.Series):
        again = compare_models(wrap(y), wrap(a), wrap(b), n_boot=200, random_state=3)
        pd.testing.assert_frame_equal(first.frame, again.frame)


def test_report_is_printed_and_drawn():
    y, a, b = probabilities(150)
    found = compare_models(y, a, b, names=("new", "old"), n_boot=200, random_state=0)
    assert isinstance(found, ModelComparison)
    assert "new - old" in str(found)
    assert "McNemar p, mid-p" in str(found)
    axes = found.plot()
    assert axes.get_xlabel().startswith("old better")
    # More accuracy and less loss are drawn on the same side.
    x = axes.lines[1].get_xdata()
    better = np.where(found.frame["better"] == "new", 1, -1)
    np.testing.assert_array_equal(np.sign(x), better)
    assert found.to_dict()["facts"]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"pred_b": [0, 1]}, "lengths differ"),
        ({"y_true": [0, 1, np.nan, 1, 0, 1]}, "missing values .first at row 2"),
        ({"metrics": "roc_auc"}, "roc_auc needs probabilities, A gives labels"),
        ({"metrics": ["accuracy", "r2"]}, "for classes and for values"),
        ({"metrics": "no_such"}, "no scorer of scikit-learn"),
        ({"groups": [1] * 6}, "at least two clusters"),
        ({"folds": [1] * 6}, "at least two"),
        ({"folds": [0, 1] * 3, "groups": [0, 1] * 3}, "pass folds alone"),
        ({"confidence": 95}, r"confidence is 95"),
        ({"n_boot": 10}, "n_boot is 10"),
        ({"names": ("A", "A")}, "two different names"),
        ({"sample_weight": [-1] * 6}, "finite weights"),
        ({"pos_label": 7, "metrics": "f1"}, "pos_label is 7"),
    ],
)
def test_bad_inputs(change, match):
    given = {
        "y_true": [0, 1, 0, 1, 0, 1],
        "pred_a": [0, 1, 0, 0, 0, 1],
        "pred_b": [0, 1, 1, 1, 0, 0],
    }
    given |= change
    three = [given.pop(name) for name in ("y_true", "pred_a", "pred_b")]
    with pytest.raises(ValueError, match=match):
        compare_models(*three, **given)


def test_text_labels_need_a_positive_class_for_f1():
    y = ["no", "yes"] * 20
    with pytest.raises(ValueError, match="say with pos_label"):
        compare_models(y, y, y[::-1], metrics="f1", random_state=0)
    found = compare_models(
        y, y, y[::-1], metrics="f1", pos_label="no", n_boot=100, random_state=0
    )
    assert found.frame["score_a"][0] == 1


def test_one_column_of_probabilities_needs_a_positive_class():
    _, a, b = probabilities(40)
    words = np.array(["no", "yes"] * 20)
    with pytest.raises(ValueError, match="say with pos_label"):
        compare_models(words, a, b)
    found = compare_models(words, a, b, pos_label="no", n_boot=100, random_state=0)
    assert found.frame["score_a"][0] == np.mean((a > 0.5) == (words == "no"))


def test_columns_of_a_frame_are_found_by_their_names():
    y, a, b = probabilities(100)
    words = np.array(["no", "yes"])[y]
    frames = [pd.DataFrame({"yes": p, "no": 1 - p}) for p in (a, b)]
    found = compare_models(words, *frames, n_boot=100, random_state=0)
    plain = compare_models(y, a, b, n_boot=100, random_state=0)
    np.testing.assert_allclose(found.frame["score_a"], plain.frame["score_a"])


def test_many_classes_with_numbers_for_names_are_no_values():
    y = np.arange(600) % 26
    said = np.where(np.arange(600) % 5 == 0, (y + 1) % 26, y)
    found = compare_models(y, said, y, n_boot=100, random_state=0)
    assert found.frame["metric"].tolist() == ["accuracy"]
    found = compare_models(y, said + 0.5, y + 0.1, n_boot=100, random_state=0)
    assert found.frame["metric"].tolist() == ["mean_absolute_error"]


def test_a_metric_without_a_value_is_said_to_have_none():
    y, a, b = answers(40, 0.9, 0.8)

    def nothing(truth, said):
        return float("nan")

    found = compare_models(y, a, b, metrics=nothing, n_boot=100, random_state=0)
    assert found.verdict == "nothing is not defined on these rows: nothing can be said."
    assert not found.frame["shown"][0]
    assert np.isnan(found.survives)


def test_different_indexes_are_refused():
    y = pd.Series([0, 1, 1, 0])
    with pytest.raises(ValueError, match="different indexes"):
        compare_models(y, y, y.sort_index(ascending=False))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"scores_b": [0.1, 0.2]}, "lengths differ"),
        ({"scores_b": [0.1, np.nan, 0.3]}, "1 score.s. missing"),
        ({"n_train": 0}, "n_train is 0"),
        ({"confidence": 1.0}, "confidence is 1.0"),
    ],
)
def test_bad_folds(change, match):
    given = {"scores_a": [0.1, 0.2, 0.3], "scores_b": [0.1, 0.2, 0.4]}
    given |= {"n_train": 10, "n_test": 5} | change
    with pytest.raises(ValueError, match=match):
        compare_cv_scores(given.pop("scores_a"), given.pop("scores_b"), **given)


def test_text_against_numbers_is_no_tie_at_zero():
    with pytest.raises(ValueError, match="one is text"):
        compare_models([0, 1, 1], ["0", "1", "1"], ["0", "0", "1"])


def test_values_for_whole_numbers_are_a_regression():
    ratings = np.tile([1, 2, 3, 4, 5], 10)
    found = compare_models(ratings, ratings + 0.25, ratings + 0.5, random_state=0)
    assert found.frame["metric"].tolist() == ["mean_absolute_error"]
    assert found.frame["difference"][0] == pytest.approx(-0.25)


@pytest.mark.parametrize("kind", [bool, int])
def test_probabilities_for_rows_of_one_class(kind):
    a, b = np.linspace(0.1, 0.9, 50), np.full(50, 0.7)
    found = compare_models(np.ones(50, kind), a, b, random_state=0)
    assert found.frame["score_a"][0] == 0.5
    assert found.frame["score_b"].to_numpy() == pytest.approx([1, -np.log(0.7)])


def test_the_report_of_folds_counts_folds_and_doubts_what_never_varies():
    found = compare_cv_scores([0.75] * 5, [0.5] * 5, n_train=80, n_test=20)
    assert "folds: 5" in str(found)
    assert any("the same in all folds" in note for note in found.notes)


def test_nothing_infinite_and_no_certainty_is_printed():
    y = np.tile([0, 1], 200)
    assert "∞" not in str(compare_models(y, y, y, random_state=0))
    b = np.where(np.arange(400) < 100, 1 - y, y)
    text = str(compare_models(y, y, b, random_state=0))
    assert "above 0.99" in text
