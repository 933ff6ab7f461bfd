"""Metrics by slice: equal to the libraries, intervals that hold, kind to edges."""

import warnings

import fairlearn.metrics as fm
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sklearn.metrics as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import fisher_exact, hypergeom

from mlworkbench import datasets
from mlworkbench.evaluation import SliceMetrics, slice_metrics
from mlworkbench.evaluation._differences import equal_shares_chance
from mlworkbench.evaluation._slice_groups import make_groups

COUNTS = {
    "accuracy": sm.accuracy_score,
    "error": sm.zero_one_loss,
    "precision": sm.precision_score,
    "recall": sm.recall_score,
    "f1": sm.f1_score,
    "selection_rate": fm.selection_rate,
    "false_positive_rate": fm.false_positive_rate,
    "false_negative_rate": fm.false_negative_rate,
}
PROBABILITIES = {
    "roc_auc": sm.roc_auc_score,
    "log_loss": sm.log_loss,
    "brier": sm.brier_score_loss,
}
NUMBERS = {
    "mae": sm.mean_absolute_error,
    "rmse": sm.root_mean_squared_error,
    "r2": sm.r2_score,
}


def problem(n=3000, groups=12, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    prob = np.clip(0.2 + 0.3 * y + rng.normal(0, 0.2, n), 0.01, 0.99).round(2)
    return {
        "y": y,
        "prob": prob,
        "said": (prob > 0.4).astype(int),
        "group": rng.integers(0, groups, n),
        "weight": rng.random(n) * (rng.random(n) < 0.9),
    }


def by_fairlearn(metrics, y_true, said, group, weight):
    params = None
    if weight is not None:
        params = {name: {"sample_weight": weight} for name in metrics}
    return fm.MetricFrame(
        metrics=metrics,
        y_true=y_true,
        y_pred=said,
        sensitive_features=group,
        sample_params=params,
    )


def wide(report, column="value"):
    return report.frame.pivot(index="slice", columns="metric", values=column)


def assert_equal_to(report, peer):
    names = list(peer.by_group.columns)
    assert_allclose(wide(report)[names], peer.by_group, rtol=0, atol=1e-12)
    assert_allclose(report.overall.loc[names, "value"], peer.overall, atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_counts_are_those_of_metric_frame(weighted):
    d = problem()
    weight = d["weight"] if weighted else None
    peer = by_fairlearn(COUNTS, d["y"], d["said"], d["group"], weight)
    report = slice_metrics(
        d["y"], d["said"], d["group"], metrics=list(COUNTS), sample_weight=weight
    )
    assert_equal_to(report, peer)


@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities_and_numbers_are_those_of_metric_frame(weighted):
    d = problem()
    weight = d["weight"] if weighted else None
    peer = by_fairlearn(PROBABILITIES, d["y"], d["prob"], d["group"], weight)
    report = slice_metrics(
        *(d["y"], None, d["group"]),
        y_prob=d["prob"],
        metrics=list(PROBABILITIES),
        sample_weight=weight,
    )
    assert_equal_to(report, peer)
    rng = np.random.default_rng(1)
    y = rng.normal(size=len(d["y"])) + d["group"]
    said = y + rng.normal(size=len(y))
    peer = by_fairlearn(NUMBERS, y, said, d["group"], weight)
    report = slice_metrics(
        y, said, d["group"], metrics=list(NUMBERS), sample_weight=weight
    )
    assert_equal_to(report, peer)


@pytest.mark.parametrize("weighted", [False, True])
def test_rest_is_all_other_rows(weighted):
    d = problem()
    weight = d["weight"] if weighted else None
    report = slice_metrics(
        *(d["y"], d["said"], d["group"]),
        y_prob=d["prob"],
        metrics=[*COUNTS, *PROBABILITIES, "mae", "rmse", "r2"],
        sample_weight=weight,
    )
    rest = wide(report, "rest")
    for group in (0, 7):
        keep = d["group"] != group
        w = None if weight is None else weight[keep]
        for name, function in (COUNTS | PROBABILITIES | NUMBERS).items():
            said = d["prob"] if name in PROBABILITIES else d["said"]
            expected = function(d["y"][keep], said[keep], sample_weight=w)
            assert_allclose(rest.loc[group, name], expected, atol=1e-12)
    assert_allclose(report.frame["gap"], report.frame["value"] - report.frame["rest"])


@pytest.mark.parametrize("weighted", [False, True])
def test_many_classes_are_averaged_as_in_scikit_learn(weighted):
    rng = np.random.default_rng(2)
    n, names = 2000, np.array(["ash", "beech", "cedar", "elm"])
    y = rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])
    said = np.where(rng.random(n) < 0.6, y, rng.integers(0, 4, n))
    prob = rng.dirichlet(np.ones(4), n)
    group = rng.integers(0, 40, n)  # so small that classes are absent
    weight = rng.random(n) if weighted else None
    report = slice_metrics(
        *(names[y], names[said], group),
        y_prob=prob,
        metrics=["precision", "recall", "f1", "roc_auc", "log_loss", "brier"],
        sample_weight=weight,
    )
    found = wide(report)
    functions = {
        "precision": sm.precision_score,
        "recall": sm.recall_score,
        "f1": sm.f1_score,
    }
    for g in range(40):
        rows = group == g
        w = None if weight is None else weight[rows]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, function in functions.items():
                expected = function(
                    y[rows], said[rows], average="macro", sample_weight=w
                )
                assert_allclose(found.loc[g, name], expected, atol=1e-12)
        part = {"y_true": y[rows], "sample_weight": w, "labels": range(4)}
        expected = sm.log_loss(y_proba=prob[rows], **part)
        assert_allclose(found.loc[g, "log_loss"], expected)
        expected = sm.brier_score_loss(y_proba=prob[rows], **part)
        assert_allclose(found.loc[g, "brier"], expected)
        if len(np.unique(y[rows])) == 4:
            score = prob[rows]
            expected = sm.roc_auc_score(
                y[rows], score, multi_class="ovr", sample_weight=w
            )
            assert_allclose(found.loc[g, "roc_auc"], expected)
        else:
            assert np.isnan(found.loc[g, "roc_auc"])


def test_one_class_of_many_against_the_others():
    rng = np.random.default_rng(3)
    y, said = rng.choice(["a", "b", "c"], (2, 500))
    group = rng.integers(0, 3, 500)
    names = ["accuracy", "recall", "fpr"]
    found = wide(slice_metrics(y, said, group, metrics=names, pos_label="b"))
    for g in range(3):
        rows = group == g
        assert_allclose(found.loc[g, "accuracy"], np.mean((y == said)[rows]))
        recall = sm.recall_score(y[rows] == "b", said[rows] == "b")
        assert_allclose(found.loc[g, "recall"], recall)
        assert_allclose(
            found.loc[g, "fpr"],
            fm.false_positive_rate((y == "b")[rows].astype(int), said[rows] == "b"),
        )


# 98 % on nine tenths and 80 % on one tenth is 96.2 % overall, against 95 and 95
# (Chip Huyen 2022, Designing Machine Learning Systems, chapter 6).
def test_golden_of_the_two_models():
    group = np.repeat(["large", "small"], [9000, 1000])
    y = np.ones(10_000, dtype=int)
    one, two = y.copy(), y.copy()
    one[:180] = one[9000:9200] = 0
    two[:450] = two[9000:9050] = 0
    first, second = (slice_metrics(y, said, group) for said in (one, two))
    assert_allclose(first.overall.loc["accuracy", "value"], 0.962)
    assert_allclose(second.overall.loc["accuracy", "value"], 0.95)
    assert_allclose(first.frame["value"], [0.98, 0.80])
    assert_allclose(second.frame["value"], [0.95, 0.95])
    assert first.frame["significant"].all()
    assert not second.frame["significant"].any()
    assert "0.962 over all rows, from 0.800 (small, 1,000 rows)" in first.finding
    assert "2 of 2 values differ" in first.finding
    assert "1 test," in first.finding  # each is the rest of the other
    assert "none of 2 values differs" in second.finding


def test_bands_agree_with_those_of_metric_frame():
    d = problem(n=800, groups=3)
    metrics = {name: COUNTS[name] for name in ("accuracy", "recall", "f1")}
    peer = fm.MetricFrame(
        metrics=metrics,
        y_true=d["y"],
        y_pred=d["said"],
        sensitive_features=d["group"],
        n_boot=100,
        ci_quantiles=[0.025, 0.975],
        random_state=0,
    )
    report = slice_metrics(
        *(d["y"], d["said"], d["group"]),
        metrics=list(metrics),
        n_boot=4000,
        random_state=0,
    )
    names = list(metrics)
    low, high = wide(report, "low")[names], wide(report, "high")[names]
    band = high - low
    # a quantile of 100 draws is off by a third of the band at most
    for ours, theirs in zip((low, high), peer.by_group_ci, strict=True):
        assert (np.abs(ours - theirs) < 0.33 * band).to_numpy().all()
    theirs = peer.overall_ci[1] - peer.overall_ci[0]
    ours = report.overall.loc[names, "high"] - report.overall.loc[names, "low"]
    assert_allclose(ours, theirs[names], rtol=0.3)


def test_drawing_counts_is_drawing_rows():
    d = problem(n=900, groups=3)
    options = {"metrics": ["precision", "f1"], "n_boot": 3000, "random_state": 1}
    counts = slice_metrics(d["y"], d["said"], d["group"], **options)
    rows = slice_metrics(  # equal weights are drawn row by row
        d["y"], d["said"], d["group"], sample_weight=np.full(900, 2.0), **options
    )
    band = counts.frame["high"] - counts.frame["low"]
    for end in ("low", "high", "gap_low", "gap_high"):
        off = (counts.frame[end] - rows.frame[end]).abs() / band
        assert off.max() < 0.12


def test_bootstrap_agrees_with_the_formulas_where_rows_are_many():
    d = problem(n=4000, groups=2)
    options = {
        "y_prob": d["prob"],
        "metrics": ["accuracy", "f1", "roc_auc", "log_loss", "brier", "rmse", "r2"],
    }
    args = d["y"], d["said"], d["group"]
    formula = slice_metrics(*args, **options).frame
    drawn = slice_metrics(*args, **options, n_boot=400, random_state=0).frame
    for low, high in (("low", "high"), ("gap_low", "gap_high")):
        ratio = (drawn[high] - drawn[low]) / (formula[high] - formula[low])
        assert ratio.between(0.85, 1.15).all()
    pd.testing.assert_series_equal(formula["p_value"], drawn["p_value"])
    again = slice_metrics(*args, **options, n_boot=400, random_state=0).frame
    pd.testing.assert_frame_equal(drawn, again)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_chance_is_fishers_with_the_smaller_tail_doubled(data):
    n, n2 = (data.draw(st.integers(1, 60)) for _ in range(2))
    k, k2 = data.draw(st.integers(0, n)), data.draw(st.integers(0, n2))
    law = hypergeom(n + n2, k + k2, n)
    expected = min(1.0, 2 * min(law.sf(k - 1), law.cdf(k)))
    assert_allclose(equal_shares_chance(k, n, k2, n2), expected, rtol=1e-8)
    table = [[k, n - k], [k2, n2 - k2]]
    tails = [fisher_exact(table, side).pvalue for side in ("less", "greater")]
    assert_allclose(min(1.0, 2 * min(tails)), expected, rtol=1e-8)


def test_a_small_slice_is_not_certain():
    y = np.ones(1005, dtype=int)
    said = np.r_[np.ones(5, dtype=int), np.tile([0] + [1] * 9, 100)]
    group = np.repeat(["few", "many"], [5, 1000])
    frame = slice_metrics(y, said, group).frame
    # Wilson (1927) for 5 of 5: n / (n + z²)
    assert_allclose(frame.loc[0, "low"], 5 / (5 + 1.959964**2), rtol=1e-6)
    assert frame.loc[0, "high"] == 1
    assert frame.loc[0, "p_value"] == 1
    drawn = slice_metrics(y, said, group, n_boot=100, random_state=0)
    assert drawn.frame.loc[0, "low"] == 1
    assert "fewer than 30 rows" in " ".join(drawn.notes)


def test_without_differences_few_slices_are_called_different():
    false = 0
    rng = np.random.default_rng(4)
    for _ in range(100):
        n = 400
        group = np.repeat(np.arange(8), [5, 5, 10, 10, 20, 50, 100, 200])
        y = (rng.random(n) < 0.4).astype(int)
        prob = 1 / (1 + np.exp(-rng.normal(y, 1)))
        report = slice_metrics(
            *(y, prob > 0.6, group),
            y_prob=prob,
            metrics=["accuracy", "f1", "roc_auc", "log_loss"],
        )
        false += bool(report.frame["significant"].any())
    assert false <= 10  # 5 of 100 expected at most; the tests are discrete


def test_intervals_cover():
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1], [60, 540])
    covered = np.zeros(2)
    for _ in range(300):
        y = (rng.random(600) < 0.5).astype(int)
        score = rng.normal(1.2 * y, 1)
        report = slice_metrics(
            y, score > 0.6, group, y_prob=_squash(score), metrics=["accuracy", "auc"]
        )
        rows = report.frame.query("slice == 0")
        # P(N(0, 1) < 0.6) and P(N(1.2, 2) > 0), both from the normal law
        truth = np.array([0.7257469, 0.8019389])
        covered += (rows["low"] <= truth) & (truth <= rows["high"])
    assert ((covered / 300 > 0.92) & (covered / 300 <= 0.98)).all()


def _squash(score):
    return 1 / (1 + np.exp(-score))


# --- by ---------------------------------------------------------------------


def test_columns_are_crossed_and_missing_is_a_group():
    frame = pd.DataFrame(
        {
            "carrier": ["AA", "UA", None, "AA", "UA", "AA"],
            "hour": [5.0, 5.0, 5.0, np.nan, 6.0, 5.0],
        }
    )
    y, said = np.ones(6, dtype=int), np.array([1, 0, 1, 1, 1, 0])
    expected = {
        "carrier = AA and hour = 5": (2, 0.5),
        "carrier = AA and hour is missing": (1, 1.0),
        "carrier = UA and hour = 5": (1, 0.0),
        "carrier = UA and hour = 6": (1, 1.0),
        "carrier is missing and hour = 5": (1, 1.0),
    }
    columns = [frame["carrier"], frame["hour"]]
    for by in (frame, columns, dict(frame.items()), pa.Table.from_pandas(frame)):
        table = slice_metrics(y, said, by).frame
        found = zip(table["n"], table["value"], strict=True)
        assert dict(zip(table["slice"], found, strict=True)) == expected
        assert table["carrier"].tolist()[-1] == "(missing)"
    single = slice_metrics(y, said, frame["hour"]).frame
    assert single["slice"].tolist() == [5.0, 6.0, "(missing)"]
    array = slice_metrics(y, said, np.array([[0, 1], [0, 2]] * 3)).frame
    assert array["slice"].tolist() == ["x0 = 0 and x1 = 1", "x0 = 0 and x1 = 2"]


def test_order_of_categories_is_kept_and_unused_ones_are_left_out():
    size = pd.Categorical(["big", "small", "big"], ["small", "middle", "big"])
    table = slice_metrics([1, 1, 0], [1, 0, 0], pd.Series(size)).frame
    assert table["slice"].tolist() == ["small", "big"]
    mixed = make_groups(np.array([2, "a", 1, None], dtype=object), 4)
    assert mixed.labels().tolist() == [2, "a", 1, "(missing)"]


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_groups_are_those_of_pandas(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    frame = pd.DataFrame(rng.integers(0, 4, (n, 3))).astype(float).add_prefix("c")
    frame = frame.mask(rng.random((n, 3)) < 0.2)
    groups = make_groups(frame, n)
    expected = frame.groupby(list(frame), dropna=False, sort=True).ngroup()
    assert (groups.codes == expected).all()
    assert groups.size == expected.nunique()


# --- metrics ----------------------------------------------------------------


def test_a_callable_is_called_once_per_slice_and_rest():
    d = problem(n=600, groups=3)

    def lift(y_true, y_pred, sample_weight=None):
        precision = sm.precision_score(y_true, y_pred, sample_weight=sample_weight)
        return precision / np.average(y_true, weights=sample_weight)

    args = d["y"], d["said"], d["group"]
    both = {"lift": lift, "right": "accuracy"}
    for weight in (None, d["weight"]):
        report = slice_metrics(*args, metrics=both, sample_weight=weight)
        assert list(report.overall.index) == ["lift", "right"]
        rows = d["group"] == 1
        w = None if weight is None else weight[rows]
        expected = lift(d["y"][rows], d["said"][rows], sample_weight=w)
        assert_allclose(wide(report).loc[1, "lift"], expected)
        assert report.frame.query("metric == 'lift'")["p_value"].isna().all()
        assert any("give n_boot" in note for note in report.notes)
    drawn = slice_metrics(*args, metrics=lift, n_boot=40, random_state=0).frame
    assert (drawn["metric"] == "lift").all()
    assert drawn["p_value"].between(0, 1).all()
    assert (drawn["low"] < drawn["high"]).all()


def test_a_ratio_without_denominator_is_not_defined():
    y = np.array([0, 0, 1, 1])
    said = np.array([0, 0, 1, 0])
    group = ["none", "none", "some", "some"]
    report = slice_metrics(y, said, group, metrics=["recall", "precision", "f1"])
    assert np.isnan(wide(report).loc["none"]).all()
    assert any("3 value(s) are not defined" in note for note in report.notes)
    none = slice_metrics(y[:2], said[:2], ["a", "b"], metrics="recall")
    assert none.finding == "recall is not defined over all rows; nothing is tested"
    zero = slice_metrics(y, said, group, metrics="recall", zero_division=0.0).frame
    assert zero["value"].tolist() == [0.0, 0.5]
    drawn = slice_metrics(
        y, said, group, metrics=["recall", "accuracy"], n_boot=200, random_state=0
    )
    assert wide(drawn, "low").loc["some", "recall"] == 0


def test_weight_zero_is_no_row():
    d = problem(n=300, groups=3)
    weight = np.where(d["group"] == 1, 0.0, 1.0)
    report = slice_metrics(
        *(d["y"], d["said"], d["group"]),
        y_prob=d["prob"],
        metrics=["accuracy", "recall", "roc_auc", "brier", "rmse"],
        sample_weight=weight,
    )
    assert np.isnan(wide(report).loc[1]).all()
    kept = d["group"] != 1
    plain = slice_metrics(
        *(d["y"][kept], d["said"][kept], d["group"][kept]),
        y_prob=d["prob"][kept],
        metrics=["accuracy", "recall", "roc_auc", "brier", "rmse"],
    )
    for column in ("value", "low", "high", "rest", "gap_low", "p_value"):
        left = wide(report, column).loc[[0, 2]]
        assert_allclose(left, wide(plain, column), rtol=1e-9)


def test_scale_of_weights_does_not_matter():
    d = problem(n=500, groups=3)
    args, names = (d["y"], d["said"], d["group"]), ["f1", "mae"]
    one, two = (
        slice_metrics(*args, metrics=names, sample_weight=d["weight"] * factor)
        for factor in (1, 1000)
    )
    columns = ["value", "low", "high", "gap_low", "gap_high", "p_value", "n_effective"]
    assert_allclose(one.frame[columns], two.frame[columns], rtol=1e-8)


def test_probabilities_of_named_classes():
    y = np.array(["no", "yes", "yes", "no"])
    table = pd.DataFrame({"yes": [0.1, 0.9, 0.6, 0.3]}).assign(no=lambda f: 1 - f.yes)
    group = [0, 0, 1, 1]
    options = {"metrics": ["calibration_in_the_large", "auc"], "pos_label": "yes"}
    for prob in (table, table["yes"], table[["no", "yes"]].to_numpy()):
        found = wide(slice_metrics(y, None, group, y_prob=prob, **options))
        assert_allclose(found["calibration_in_the_large"], [0, -0.05], atol=1e-12)
        assert_allclose(found["auc"], [1, 1])
    other = slice_metrics(
        *(y, None, group), y_prob=table, metrics="log_loss", pos_label="no"
    )
    expected = -np.log([0.9, 0.9]).mean()
    assert_allclose(other.frame["value"].iloc[0], expected)


def test_default_metric_fits_the_target():
    d = problem(n=100, groups=2)
    group = d["group"]
    words = np.where(d["y"] == 1, "late", "on time")
    assert slice_metrics(words, words, group).overall.index.tolist() == ["accuracy"]
    assert slice_metrics(d["prob"], d["prob"], group).overall.index[0] == "mae"
    found = slice_metrics(d["y"], None, group, y_prob=d["prob"])
    assert found.overall.index[0] == "log_loss"
    truth = slice_metrics(d["y"] == 1, d["said"] == 1, group, metrics="recall")
    plain = slice_metrics(d["y"], d["said"], group, metrics="recall")
    assert_allclose(truth.frame["value"], plain.frame["value"])
    signs = slice_metrics(2 * d["y"] - 1, 2 * d["said"] - 1, group, metrics="recall")
    assert_allclose(signs.frame["value"], plain.frame["value"])


def test_columns_of_every_kind_are_taken():
    d = problem(n=200, groups=2)
    plain = slice_metrics(d["y"], d["said"], d["group"], metrics="f1").frame
    group = pd.Series(d["group"])
    for kind in ("Int64", "boolean", object, "float32", "category"):
        y, said = pd.Series(d["y"]).astype(kind), pd.Series(d["said"]).astype(kind)
        found = slice_metrics(y, said, group.astype("Int64"), metrics="f1").frame
        assert_allclose(found["value"], plain["value"])
    words = pd.Series(d["y"]).map({0: "no", 1: "yes"}).astype("category")
    found = slice_metrics(
        words, words.astype(str), group, metrics="f1", pos_label="yes"
    )
    assert (found.frame["value"] == 1).all()


def test_accuracy_of_many_labels_needs_no_table_of_them():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 20_000, 30_000)
    said = np.where(rng.random(30_000) < 0.7, y, y + 1)
    group = rng.integers(0, 300, 30_000)
    found = slice_metrics(y, said, group, metrics=["accuracy", "error"]).frame
    expected = pd.Series(y == said).groupby(group).mean()
    assert_allclose(found["value"].iloc[:300], expected)
    with pytest.raises(ValueError, match="too many to count"):
        slice_metrics(y, said, group, metrics="f1")


def test_predictions_between_whole_numbers_are_a_regression():
    rng = np.random.default_rng(7)
    y = rng.poisson(3, 100)
    report = slice_metrics(y, y + 0.5, rng.integers(0, 2, 100))
    assert report.overall.index.tolist() == ["mae"]
    with pytest.raises(ValueError, match=r"numbers such as 0\.7.*y_prob"):
        slice_metrics([0, 1], [0.0, 0.7], ["a", "b"])


def test_one_slice_has_no_rest():
    report = slice_metrics([0, 1, 1], [0, 1, 0], ["a"] * 3, metrics=["f1", "mae"])
    assert report.frame["value"].notna().all()
    assert report.frame[["rest", "gap", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert "nothing is tested" in report.finding


# --- what is wrong ----------------------------------------------------------

Y, SAID, BY = [0, 1, 1, 0], [0, 1, 0, 0], ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        ((Y, SAID, "carrier"), {}, TypeError, "pass the column itself"),
        ((Y, SAID, 3), {}, TypeError, "pass the column itself"),
        ((Y, SAID, ["a"] * 3), {}, ValueError, "3 values in 'slice' for 4 rows"),
        ((Y, SAID, {}), {}, ValueError, "by has no column"),
        ((Y, SAID, {"k": BY, "m": BY[:2]}), {}, ValueError, "2 values in 'm'"),
        ((Y, SAID[:3], BY), {}, ValueError, "lengths differ"),
        (([], [], []), {}, ValueError, "y_true is empty"),
        (([0, 1, None, 0], SAID, BY), {}, ValueError, "y_true has 1 missing"),
        ((Y, [0, 1, np.nan, 0], BY), {}, ValueError, "y_pred has 1 missing"),
        ((Y, ["no"] * 4, BY), {}, ValueError, "same coding"),
        ((Y, SAID, BY), {"metrics": "speed"}, ValueError, "'speed'; pass a callable"),
        ((Y, SAID, BY), {"metrics": []}, ValueError, "metrics is empty"),
        ((Y, SAID, BY), {"metrics": ["f1", "f1"]}, ValueError, "twice"),
        ((Y, SAID, BY), {"metrics": "auc"}, ValueError, "y_prob is None"),
        ((Y, None, BY), {"metrics": "f1"}, ValueError, "y_pred is None"),
        ((Y, None, BY), {"metrics": "mae"}, ValueError, "y_pred is None"),
        ((Y, SAID, BY), {"n_boot": -1}, ValueError, "n_boot is -1"),
        ((Y, SAID, BY), {"confidence": 1}, ValueError, "confidence is 1"),
        ((Y, SAID, BY), {"correction": "none"}, ValueError, "correction is 'none'"),
        ((Y, SAID, BY), {"sample_weight": [1, 1]}, ValueError, "2 values for 4"),
        ((Y, SAID, BY), {"pos_label": 2, "metrics": "f1"}, ValueError, "one of them"),
        ((list("xyyx"), list("xyxx"), BY), {"metrics": "f1"}, ValueError, "pos_label"),
        ((list("xyzx"), list("xyxx"), BY), {"metrics": "fpr"}, ValueError, "two class"),
        ((list("xyyx"), list("xyxx"), BY), {"metrics": "mae"}, ValueError, "no numb"),
    ],
)
def test_wrong_input_is_explained(args, options, error, message):
    with pytest.raises(error, match=message):
        slice_metrics(*args, **options)


@pytest.mark.parametrize(
    ("prob", "message"),
    [
        ([0.1, 0.2, 1.3, 0.4], "outside"),
        ([0.1, 0.2, 0.3], "3 rows for 4"),
        (np.full((4, 3), 1 / 3), "3 columns for the classes"),
        (np.full((4, 2), 0.4), "add up to 0.8 in row 0"),
    ],
)
def test_wrong_probabilities_are_explained(prob, message):
    with pytest.raises(ValueError, match=message):
        slice_metrics(Y, SAID, BY, y_prob=prob, metrics="log_loss")


def test_different_indexes_are_refused():
    y = pd.Series(Y)
    with pytest.raises(ValueError, match="different indexes"):
        slice_metrics(y, SAID, pd.Series(BY, index=[3, 2, 1, 0]))
    with pytest.raises(ValueError, match="different indexes"):
        slice_metrics(y, SAID, [pd.Series(BY), pd.Series(BY, index=[3, 2, 1, 0])])


# --- the report -------------------------------------------------------------


def test_report_is_read_by_a_person():
    data = datasets.load("hmda")
    frame = data.frame
    said = (frame["pirat"] > 0.4).astype(int)
    names = ["accuracy", "selection_rate"]
    report = slice_metrics(frame["deny"], said, frame["afam"], metrics=names)
    assert isinstance(report, SliceMetrics)
    text = str(report)
    assert "p, corrected" in text
    assert "does not say why" in text
    one = slice_metrics(frame["deny"], said, frame["afam"])
    assert "accuracy" in str(one).splitlines()[6]
    axes = report.plot(metric="selection_rate")
    assert axes.get_xlabel() == "selection rate"
    labels = {text.get_text() for text in axes.get_yticklabels()}
    assert labels == {"True  (339)", "False  (2,041)"}
    with pytest.raises(ValueError, match="metric is 'f1'"):
        report.plot(metric="f1")
    assert len(report.to_dict()["frame"]) == 4


def test_a_long_report_shows_what_matters():
    d = problem(n=5000, groups=60)
    d["said"] = np.where(d["group"] == 17, 1 - d["y"], d["said"])
    report = slice_metrics(d["y"], d["said"], d["group"])
    lines = str(report).splitlines()
    assert len(report.frame) == 60
    assert lines[7].split()[0] == "17"
    assert len(lines) < 35
    many = slice_metrics(d["y"], d["said"], np.arange(5000))
    assert any("pandas.cut" in note for note in many.notes)


def test_report_says_which_rows_it_shows_and_names_the_column():
    rng = np.random.default_rng(0)
    store = pd.Series(rng.integers(0, 40, 2000), name="store")
    report = slice_metrics(rng.integers(0, 2, 2000), rng.integers(0, 2, 2000), store)
    assert "the 20 of 40 values with the smallest" in report.notes[0]
    assert "(store = " in report.finding


def test_messages_give_plain_levels():
    with pytest.raises(ValueError, match=r"classes are \['a', 'b'\]"):
        slice_metrics(np.array(["a", "b"]), np.array(["a", "b"]), [1, 2], metrics="f1")
    with pytest.raises(TypeError, match="by is None; pass the column itself or"):
        slice_metrics([0, 1], [0, 1], None)
    with pytest.raises(ValueError, match=r"frame\[\['a', 'b'\]\]"):
        slice_metrics([0, 1, 1], [0, 1, 1], ["site", "age"])
