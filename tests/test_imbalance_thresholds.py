"""Every threshold: counts, costs, optima, folds, bands."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix_at_thresholds,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import GroupKFold, StratifiedKFold

from mlworkbench.imbalance import (
    CostMatrix,
    break_even_threshold,
    expected_cost,
    threshold_report,
)
from mlworkbench.imbalance._threshold_curve import best_place

mpl.use("agg")
COSTS = [[0, 1], [9, 0]]
COUNTS = ["tp", "fp", "fn", "tn"]


def scores(n=400, seed=0, digits=2):
    """Calibrated probabilities with ties, and outcomes drawn from them."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 4, n).round(digits)
    return (rng.random(n) < p).astype(int), p


def report(y, p, costs=None, cv=None, **options):
    return threshold_report(y, p, costs, cv, **({"n_boot": 0} | options))


def at(found, threshold):
    rows = found.frame[found.frame["threshold"] == threshold]
    assert len(rows) == 1
    return rows.iloc[0]


# Goldens


def screening(sick_found, healthy_cleared):
    """Rows of 100 CANCER and 900 NORMAL, with a model that says yes or no."""
    y = np.repeat(["CANCER", "NORMAL"], [100, 900])
    alarm = np.r_[np.arange(100) < sick_found, np.arange(900) >= healthy_cleared]
    return y, alarm.astype(float)


@pytest.mark.parametrize(
    ("model", "precision", "recall", "f1"),
    [((10, 890), 0.5, 0.1, 0.17), ((90, 810), 0.5, 0.9, 0.64)],
)
def test_two_models_of_the_same_accuracy(model, precision, recall, f1):
    # The models A and B.
    y, p = screening(*model)
    found = at(report(y, p, pos_label="CANCER"), 1.0)
    assert found["precision"] == precision
    assert found["recall"] == recall
    assert round(found["f1"], 2) == f1
    assert (found["tp"] + found["tn"]) / 1000 == 0.9
    assert accuracy_score(y == "CANCER", p == 1) == 0.9
    assert found["alerts_per_1000"] == 2 * model[0]


def test_the_poor_model_looks_well_on_the_common_class():
    y, p = screening(10, 890)
    assert round(at(report(y, 1 - p, pos_label="NORMAL"), 1.0)["f1"], 2) == 0.95


def test_costs_tell_the_two_models_apart():
    costs = CostMatrix.binary(
        false_positive=1, false_negative=50, labels=["NORMAL", "CANCER"]
    )
    # A: 90 misses and 10 false alarms; B: 10 misses and 90 false alarms.
    for model, cost in (((10, 890), 4.51), ((90, 810), 0.59)):
        y, p = screening(*model)
        found = report(y, p, costs, pos_label="CANCER")
        assert at(found, 1.0)["cost"] == pytest.approx(cost)
        # The order of the labels of the matrix does not matter.
        turned = CostMatrix(costs.frame.iloc[::-1, ::-1])
        same = report(y, p, turned, pos_label="CANCER")
        pd.testing.assert_frame_equal(found.frame, same.frame)
        # Labels 0 and 1 mean negative and positive.
        plain = report(y, p, costs.costs, pos_label="CANCER")
        pd.testing.assert_frame_equal(found.frame, plain.frame)
        # And with NORMAL positive the same mistakes keep their price.
        other = report(y, 1 - p, costs, pos_label="NORMAL")
        assert at(other, 1.0)["cost"] == pytest.approx(cost)


# Against scikit-learn and brute force


@given(st.data(), st.booleans(), st.sampled_from(["none", "one", "per row"]))
def test_every_row_is_what_scikit_learn_says(data, weighted, kind):
    n = data.draw(st.integers(2, 25))
    y = data.draw(arrays(int, n, elements=st.integers(0, 1)))
    p = data.draw(arrays(float, n, elements=st.integers(0, 8))) / 8
    w = data.draw(arrays(float, n, elements=st.integers(1, 5))) if weighted else None
    shape = {"none": None, "one": (2, 2), "per row": (n, 2, 2)}[kind]
    costs = shape and data.draw(arrays(float, shape, elements=st.integers(-9, 9)))
    found = report(y, p, costs, sample_weight=w)
    assert found.frame["threshold"].tolist() == [np.inf, *np.unique(p)[::-1]]
    for row in found.frame.itertuples():
        said = (p >= row.threshold).astype(int)
        kw = {"sample_weight": w, "zero_division": np.nan}
        close = {"rtol": 1e-12, "atol": 1e-12}
        np.testing.assert_allclose(
            row.precision, precision_score(y, said, **kw), **close
        )
        np.testing.assert_allclose(row.recall, recall_score(y, said, **kw), **close)
        if y.any():
            np.testing.assert_allclose(row.f1, f1_score(y, said, **kw), **close)
        else:
            assert np.isnan(row.f1)
        share = np.average(said, weights=w)
        np.testing.assert_allclose(row.alerts_per_1000, 1000 * share, **close)
        if costs is not None:
            cost = expected_cost(y, said, costs, sample_weight=w)
            np.testing.assert_allclose(row.cost, cost, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_counts_and_areas_are_those_of_scikit_learn(weighted):
    y, p = scores(5000, digits=3)
    w = np.random.default_rng(1).gamma(1, 1, 5000) if weighted else None
    found = report(y, p, sample_weight=w, max_points=5000)
    tn, fp, fn, tp, thresholds = confusion_matrix_at_thresholds(y, p, sample_weight=w)
    frame = found.frame[1:]
    assert frame["threshold"].tolist() == thresholds.tolist()
    for name, count in zip(COUNTS, (tp, fp, fn, tn), strict=True):
        np.testing.assert_allclose(frame[name], count, rtol=1e-12, atol=1e-9)
    assert frame[COUNTS].dtypes.unique() == [np.float64 if weighted else np.int64]
    precision, recall, _ = precision_recall_curve(y, p, sample_weight=w)
    np.testing.assert_allclose(frame["precision"], precision[-2::-1], atol=1e-12)
    np.testing.assert_allclose(frame["recall"], recall[-2::-1], atol=1e-12)
    auc = roc_auc_score(y, p, sample_weight=w)
    ap = average_precision_score(y, p, sample_weight=w)
    np.testing.assert_allclose(found.roc_auc, auc, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.average_precision, ap, rtol=0, atol=1e-12)


def test_no_alert_at_all_is_a_choice():
    first = report([0, 1, 0], [0.2, 0.7, 0.1], [[0, 9], [1, 0]]).frame.iloc[0]
    assert first["threshold"] == np.inf
    assert (first["tp"], first["fp"], first["fn"], first["tn"]) == (0, 0, 1, 2)
    assert np.isnan(first["precision"])
    assert (first["recall"], first["f1"], first["alerts_per_1000"]) == (0, 0, 0)
    assert first["cost"] == 1 / 3
    # When alerts cost too much, the best threshold is that one.
    found = report([0, 1, 0], [0.7, 0.2, 0.1], [[0, 9], [1, 0]])
    assert found.optima.set_index("criterion").loc["cost", "threshold"] == np.inf
    assert "inf" in str(found)


def test_the_order_of_the_rows_does_not_matter():
    y, p = scores()
    mixed = np.random.default_rng(5).permutation(len(y))
    one = threshold_report(y, p, COSTS, random_state=0)
    two = threshold_report(y[mixed], p[mixed], COSTS, random_state=0)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.optima, two.optima)


def test_whole_weights_are_repeated_rows_and_none_is_no_row():
    y, p = scores(60)
    w = np.arange(60) % 4
    weighted = report(y, p, COSTS, sample_weight=w)
    repeated = report(y.repeat(w), p.repeat(w), COSTS)
    pd.testing.assert_frame_equal(weighted.frame, repeated.frame, check_dtype=False)
    pd.testing.assert_frame_equal(weighted.optima, repeated.optima)
    assert weighted.n == (w > 0).sum()
    assert weighted.positive_rate == pytest.approx(repeated.positive_rate)


# Optima


@given(st.integers(0, 200), st.booleans(), st.booleans())
def test_optima_are_those_of_trying_every_threshold(seed, weighted, per_row):
    y, p = scores(60, seed)
    rng = np.random.default_rng(seed)
    w = rng.integers(1, 4, 60) if weighted else None
    costs = COSTS
    if per_row:
        fn = rng.integers(1, 30, 60)
        costs = CostMatrix.binary(false_positive=2, false_negative=fn)
    optima = report(y, p, costs, sample_weight=w).optima.set_index("criterion")
    tried = [np.inf, *np.unique(p)[::-1]]
    said = [(p >= t).astype(int) for t in tried]
    cost = [expected_cost(y, s, costs, sample_weight=w) for s in said]
    least = next(t for t, c in zip(tried, cost, strict=True) if c <= min(cost) + 1e-12)
    assert optima.loc["cost", "threshold"] == least
    assert optima.loc["cost", "value"] == pytest.approx(min(cost))
    if y.any():
        f1 = [f1_score(y, s, sample_weight=w) for s in said]
        best = next(t for t, f in zip(tried, f1, strict=True) if f >= max(f1) - 1e-12)
        assert optima.loc["f1", "threshold"] == best
        assert optima.loc["f1", "value"] == pytest.approx(max(f1))


def test_of_equally_good_thresholds_the_highest():
    # Costs .1, .2, .3 are not exact in binary: 0.1 + 0.2 > 0.3.
    y, p = [1, 0, 0, 0, 1], [0.9, 0.8, 0.7, 0.6, 0.5]
    costs = CostMatrix.binary(
        false_positive=[0.1, 0.1, 0.1, 0.1, 0.1],
        false_negative=[0.3, 0.3, 0.3, 0.3, 0.1 + 0.2],
    )
    optima = report(y, p, costs).optima.set_index("criterion")
    assert optima.loc["cost", "threshold"] == 0.9
    values = np.array([[np.nan, 0.3, 0.1 + 0.2], [np.nan] * 3, [1, -np.inf, 2]])
    assert best_place(values).tolist() == [1, -1, 2]


def test_break_even_stands_beside_the_optima():
    y, p = scores()
    found = report(y, p, COSTS)
    row = found.optima.set_index("criterion").loc["break_even"]
    assert row["threshold"] == break_even_threshold(COSTS) == 0.1
    cost = expected_cost(y, costs=COSTS, y_prob=p)
    assert row["value"] == pytest.approx(cost)
    assert row["alerts_per_1000"] == pytest.approx(1000 * (p >= 0.1).mean())
    # Rows at the threshold itself are alerts, and there are some.
    assert (p == 0.1).any()
    assert report(y, p).optima["criterion"].tolist() == ["f1"]


def test_break_even_of_each_row():
    y, p = scores()
    fn = np.random.default_rng(0).gamma(1, 20, len(y))
    costs = CostMatrix.binary(false_positive=1, false_negative=fn)
    w = np.random.default_rng(1).integers(0, 3, len(y))
    found = report(y, p, costs, sample_weight=w, cv=2)
    row = found.optima.set_index("criterion").loc["break_even"]
    assert np.isnan(row["threshold"])
    expected = expected_cost(y, costs=costs, y_prob=p, sample_weight=w)
    assert row["value"] == pytest.approx(expected)
    alerts = np.average(p >= break_even_threshold(costs), weights=w)
    assert row["alerts_per_1000"] == pytest.approx(1000 * alerts)
    assert any("break-even of its own" in note for note in found.notes)
    folds = found.folds.query("criterion == 'break_even'")["value"]
    splits = StratifiedKFold(2).split(y, y)
    for value, (_, test) in zip(folds, splits, strict=True):
        part = CostMatrix(costs.costs[test])
        again = expected_cost(
            y[test], costs=part, y_prob=p[test], sample_weight=w[test]
        )
        assert value == pytest.approx(again)


def test_costs_without_a_break_even():
    y, p = scores()
    found = report(y, p, [[1, 0], [0, 1]])
    row = found.optima.set_index("criterion").loc["break_even"]
    assert row[["threshold", "value"]].isna().all()
    assert any("break-even has no threshold" in note for note in found.notes)


# Folds


@pytest.mark.parametrize("weighted", [False, True])
def test_a_fold_chooses_as_a_report_of_its_own(weighted):
    y, p = scores(600)
    w = np.random.default_rng(0).integers(0, 3, 600) if weighted else None
    found = report(y, p, COSTS, 4, sample_weight=w)
    for fold, (_, test) in enumerate(StratifiedKFold(4).split(y, y)):
        part = None if w is None else w[test]
        alone = report(y[test], p[test], COSTS, sample_weight=part).optima
        mine = found.folds[found.folds["fold"] == fold]
        assert mine["threshold"].tolist() == alone["threshold"].tolist()
        np.testing.assert_allclose(mine["value"], alone["value"])
    chosen = found.folds.query("criterion == 'f1'")["threshold"]
    row = found.optima.set_index("criterion").loc["f1"]
    assert row["fold_min"] == chosen.min()
    assert row["fold_median"] == chosen.median()
    assert row["fold_max"] == chosen.max()
    assert row["fold_sd"] == pytest.approx(np.std(chosen, ddof=1))


def test_splitters_lists_of_splits_and_folds_of_one_class():
    y, p = scores(90)
    groups = np.arange(90) // 10
    splits = list(GroupKFold(3).split(p, y, groups))
    found = report(y, p, cv=splits)
    assert found.folds["fold"].tolist() == [0, 1, 2]
    shuffled = StratifiedKFold(3, shuffle=True, random_state=0)
    again = report(pd.Series(y), pd.Series(p), cv=shuffled)
    _, test = next(iter(shuffled.split(y, y)))
    assert again.folds.loc[0, "value"] == report(y[test], p[test]).optima["value"][0]
    healthy = np.flatnonzero(y == 0)
    split = [(healthy, healthy), (healthy, np.arange(90))]
    lonely = report(y, p, COSTS, split)
    f1 = lonely.folds.query("criterion == 'f1'")["threshold"]
    assert f1.isna().tolist() == [True, False]
    never = lonely.folds.query("criterion == 'cost'")["threshold"]
    assert never.iloc[0] == np.inf
    assert lonely.optima.set_index("criterion").loc["f1", "fold_min"] == f1.iloc[1]
    assert report(y, p).folds.empty
    with pytest.raises(ValueError, match="fold 0 of cv has no row with weight"):
        report(y, p, cv=[([1], [0])], sample_weight=np.arange(90))


# Bands


@pytest.mark.parametrize("kind", ["plain", "weights", "per row", "both"])
def test_bands_are_those_of_drawing_rows(kind):
    y, p = scores(1500, digits=6)
    rng = np.random.default_rng(0)
    w = rng.gamma(1, 1, 1500) if kind in ("weights", "both") else None
    costs = COSTS
    if kind in ("per row", "both"):
        costs = CostMatrix.binary(
            false_positive=rng.gamma(2, 1, 1500),
            false_negative=(miss := rng.gamma(1, 9, 1500)),
            true_positive=miss / 3,
        ).costs
    options = {"sample_weight": w, "max_points": 40}
    found = report(y, p, costs, n_boot=3000, random_state=0, **options)
    names = ["precision", "recall", "f1", "cost", "alerts_per_1000"]
    thresholds = found.frame["threshold"].to_numpy()
    said = p[:, None] >= thresholds
    drawn = {name: [] for name in names}
    c = np.broadcast_to(costs, (1500, 2, 2))
    each = np.where(
        said, c[np.arange(1500), y, 1, None], c[np.arange(1500), y, 0, None]
    )
    for _ in range(1500):
        times = np.bincount(rng.integers(1500, size=1500), minlength=1500)
        v = times if w is None else times * w
        tp, alerts = (v * y) @ said, v @ said
        with np.errstate(invalid="ignore"):
            drawn["precision"].append(tp / alerts)
        drawn["recall"].append(tp / (v @ y))
        drawn["f1"].append(2 * tp / (alerts + v @ y))
        drawn["cost"].append(v @ each / v.sum())
        drawn["alerts_per_1000"].append(1000 * alerts / v.sum())
    # Leave out the very ends, where a few alerts make a lumpy law.
    inner = slice(4, -1)
    for name in names:
        low, high = np.quantile(np.array(drawn[name])[:, inner], [0.025, 0.975], axis=0)
        mine = found.frame[[f"{name}_low", f"{name}_high"]].to_numpy()[inner]
        width = high - low
        assert np.abs(mine[:, 0] - low).max() < 0.2 * width.max()
        assert np.abs(mine[:, 1] - high).max() < 0.2 * width.max()
        sure = width > 0
        ratio = (mine[:, 1] - mine[:, 0])[sure] / width[sure]
        assert 0.9 < np.median(ratio) < 1.1


def test_bands_hold_the_value_and_follow_the_level():
    y, p = scores()
    wide = threshold_report(y, p, COSTS, confidence=0.99, random_state=0).frame[1:-1]
    slim = threshold_report(y, p, COSTS, confidence=0.5, random_state=0).frame[1:-1]
    for name in ("precision", "recall", "f1", "cost", "alerts_per_1000"):
        assert (wide[f"{name}_low"] <= slim[f"{name}_low"]).all()
        assert (wide[f"{name}_high"] >= slim[f"{name}_high"]).all()
        assert wide[name].between(wide[f"{name}_low"], wide[f"{name}_high"]).all()


def test_the_interval_of_the_best_threshold():
    y, p = scores(3000)
    found = threshold_report(y, p, COSTS, random_state=0)
    row = found.optima.set_index("criterion").loc["cost"]
    assert row["threshold_low"] <= row["threshold"] <= row["threshold_high"]
    assert row["threshold_low"] < row["threshold_high"]
    none = report(y, p, COSTS).optima
    assert none[["threshold_low", "threshold_high"]].isna().all(axis=None)
    assert "threshold_low" not in str(report(y, p, COSTS))


def test_same_seed_same_bands():
    y, p = scores()
    one, two = (threshold_report(y, p, COSTS, random_state=7) for _ in range(2))
    other = threshold_report(y, p, COSTS, random_state=8)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert not one.frame.equals(other.frame)
    plain = ["threshold", *COUNTS, "precision", "recall", "f1", "cost"]
    pd.testing.assert_frame_equal(one.frame[plain], other.frame[plain])


# Many thresholds


@pytest.mark.parametrize("max_points", [10, 57, 1000])
def test_kept_thresholds_are_some_of_all_and_hold_the_optima(max_points):
    y, p = scores(20_000, digits=12)
    every = report(y, p, COSTS, max_points=30_000)
    some = report(y, p, COSTS, max_points=max_points)
    assert len(every.frame) == every.n_thresholds + 1
    assert max_points / 2 < len(some.frame) <= max_points
    both = every.frame.merge(some.frame, how="inner")
    pd.testing.assert_frame_equal(both, some.frame)
    pd.testing.assert_frame_equal(every.optima, some.optima)
    assert some.roc_auc == every.roc_auc
    best = some.optima.set_index("criterion")["threshold"]
    assert {best["f1"], best["cost"], np.inf, p.min()} <= set(some.frame["threshold"])
    assert some.frame["threshold"].is_monotonic_decreasing
    assert any("thresholds of" in note for note in some.notes)
    # No long way along the ROC curve without a kept threshold.
    way = some.frame["tp"] / y.sum() + some.frame["fp"] / (1 - y).sum()
    assert way.diff().max() < 2.1 / (max_points - 6) + 0.001


# Edges and errors


def test_one_class_gives_what_can_be_said():
    for label, missing in ((0, "recall"), (1, None)):
        found = threshold_report([label] * 4, [0.1, 0.2, 0.2, 0.9], COSTS, 2)
        assert np.isnan(found.roc_auc)
        assert any("all rows are" in note for note in found.notes)
        assert missing is None or found.frame[missing].isna().all()
        assert found.frame["cost"].notna().all()
        str(found)
        found.plot()
        found.plot_curves()
    mpl.pyplot.close("all")


def test_one_row_and_few_positives():
    found = threshold_report([True], [0.3], random_state=0)
    assert found.frame["threshold"].tolist() == [np.inf, 0.3]
    assert found.average_precision == 1
    few = report([0] * 50 + [1] * 3, np.linspace(0, 1, 53))
    assert any("only 3 row(s) of the rarer class" in note for note in few.notes)
    assert not any("rarer" in note for note in report(*scores(3000)).notes)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 1], [0.1, 1.7]), {}, "pass probabilities, not scores"),
        (([0, 1], [0.1, np.nan]), {}, "y_prob has 1 missing"),
        (([0, 1], [[0.1, 0.9]] * 2), {}, r"y_prob\[:, 1\]"),
        (([0, 1], [0.1]), {}, "y_true: 2, y_prob: 1"),
        (([], []), {}, "y_true is empty"),
        (([0, 1, 2], [0.1] * 3), {}, "3 classes"),
        ((["a", "b"], [0.1] * 2), {}, "say with pos_label"),
        (([0, 1], [0.1] * 2, np.ones((3, 3))), {}, "costs has 3 classes, here are 2"),
        (([0, 1], [0.1] * 2, np.ones((3, 2, 2))), {}, "3 matrices for 2 rows"),
        (
            (["a", "b"], [0.1] * 2, CostMatrix(COSTS, ["a", "c"])),
            {"pos_label": "b"},
            "name the classes",
        ),
        (([0, 1], [0.1] * 2), {"confidence": 0}, "confidence is 0"),
        (([0, 1], [0.1] * 2), {"n_boot": -1}, "n_boot is -1"),
        (([0, 1], [0.1] * 2), {"max_points": 9}, "max_points is 9; pass 10"),
        (([0, 1], [0.1] * 2), {"sample_weight": [1]}, "1 values for 2 rows"),
        (([0, 1], [0.1] * 2), {"sample_weight": [0, 0]}, "0 in every row"),
    ],
)
def test_wrong_inputs(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        threshold_report(*arguments, **options)


def test_indexes_are_never_aligned():
    y = pd.Series([0, 1])
    with pytest.raises(ValueError, match="different indexes"):
        threshold_report(y, pd.Series([0.1, 0.2], index=[1, 0]))


def test_minus_one_and_booleans_are_two_classes():
    y, p = scores()
    plain = report(y, p, COSTS).frame
    pd.testing.assert_frame_equal(report(2 * y - 1, p, COSTS).frame, plain)
    pd.testing.assert_frame_equal(report(y == 1, p, COSTS).frame, plain)
    turned = report(y, 1 - p, COSTS, pos_label=0).frame
    assert turned["cost"].iloc[0] == pytest.approx(plain["cost"].iloc[-1])


# Shown


def test_shown_are_the_optima_and_saved_is_everything(tmp_path):
    y, p = scores()
    found = threshold_report(y, p, COSTS, 3, random_state=0)
    text, html = str(found), found._repr_html_()
    assert "break_even" in text
    assert "average precision" in text
    assert html.count("<tr") == 4
    saved = json.loads(json.dumps(found.to_dict()))
    assert len(saved["frame"]) == len(found.frame)
    assert [row["criterion"] for row in saved["optima"]] == ["f1", "cost", "break_even"]
    assert len(saved["folds"]) == 9
    assert "image/png" in found.save(tmp_path / "r.html").read_text()


def test_plots_draw_the_numbers():
    y, p = scores()
    found = threshold_report(y, p, COSTS, random_state=0)
    ax = found.plot()
    x, cost = ax.lines[0].get_data()
    np.testing.assert_array_equal(cost, found.frame["cost"][1:])
    np.testing.assert_array_equal(x, found.frame["threshold"][1:])
    assert ax.get_ylabel() == "cost per row"
    assert "break-even at 0.1" in [t.get_text() for t in ax.get_legend().texts]
    assert ax.get_title().startswith("Cheapest at")
    ax = report(y, p).plot()
    assert [line.get_label() for line in ax.lines][:3] == ["precision", "recall", "F1"]
    assert found.plot(ax, metrics="recall") is ax
    with pytest.raises(KeyError, match=r"report\.frame has no column"):
        found.plot(metrics=["accuracy"])
    left, right = found.plot_curves()
    np.testing.assert_array_equal(left.lines[0].get_ydata(), found.frame["recall"])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), found.frame["precision"])
    assert f"{found.roc_auc:.3f}" in left.get_title()
    # The marks lie where the decisions at the optima lie.
    best = found.optima.set_index("criterion").loc["f1", "threshold"]
    said = (p >= best).astype(int)
    mark = right.lines[2]
    assert mark.get_label() == "best F1"
    assert mark.get_xdata()[0] == pytest.approx(recall_score(y, said))
    assert mark.get_ydata()[0] == pytest.approx(precision_score(y, said))
    own = mpl.pyplot.subplots(1, 2)[1]
    assert found.plot_curves(own)[1] is own[1]
    mpl.pyplot.close("all")


def test_never_alerting_has_a_picture_too():
    ax = report([0, 1, 0], [0.7, 0.2, 0.1], [[0, 9], [1, 0]]).plot()
    assert ax.get_title() == "Never alerting is cheapest"
    mpl.pyplot.close("all")
