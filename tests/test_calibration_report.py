"""The calibration report: parts of the Brier score, intervals, groups, words."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from _calibration_rows import golden_classes, golden_rows, random_rows
from scipy.stats import norm as normal
from scipy.stats import poisson_binom
from sklearn.metrics import brier_score_loss

from mlworkbench._stats import calibration_line, wilson_interval
from mlworkbench.calibration import (
    CalibrationReport,
    calibration_report,
    expected_calibration_error,
)

mpl.use("Agg")


def report(factor=1.5, n=2000, seed=0, **options):
    y, p = random_rows(n, seed, factor)
    return calibration_report(y, p, **{"random_state": 0, **options})


def test_facts_are_those_of_the_plain_functions():
    y, p = golden_rows()
    found = calibration_report(y, p, n_bins=10, random_state=0)
    assert isinstance(found, CalibrationReport)
    assert found.ece == expected_calibration_error(y, p, n_bins=10)
    assert found.mce == expected_calibration_error(y, p, n_bins=10, norm="max")
    assert found.brier == pytest.approx(brier_score_loss(y, p), abs=1e-14)
    assert (found.slope, found.intercept) == calibration_line(y == 1, p)
    assert found.n == 3000
    assert found.observed == pytest.approx(y.mean())
    assert found.predicted == pytest.approx(p.mean())
    assert found.bins is found.frame
    assert found.ci == (found.ece_low, found.ece_high)


def test_all_errors_of_both_kinds_of_bins():
    y, p = golden_rows()
    table = calibration_report(y, p, n_boot=0).errors
    for strategy in ("uniform", "quantile"):
        for column, norm, debias in (
            ("l1", "l1", False),
            ("l2", "l2", False),
            ("l2_debiased", "l2", True),
            ("max", "max", False),
        ):
            assert table.loc[strategy, column] == expected_calibration_error(
                y, p, strategy=strategy, norm=norm, debias=debias
            )


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("weighted", [False, True])
def test_parts_of_the_brier_score_by_rows(strategy, weighted):
    y, p = random_rows(800)
    w = np.random.default_rng(2).gamma(2, 1, 800) if weighted else np.ones(800)
    found = calibration_report(
        y, p, n_bins=6, strategy=strategy, sample_weight=w if weighted else None,
        n_boot=0,
    )  # fmt: skip
    index = np.full(800, -1)
    for b, (low, high) in enumerate(
        zip(found.frame["lower"], found.frame["upper"], strict=True)
    ):
        index[((p > low) | (b == 0)) & (p <= high)] = b
    rel = res = within = 0.0
    rate = np.average(y, weights=w)
    for b in range(len(found.frame)):
        here = index == b
        share = w[here].sum() / w.sum()
        o, m = (
            np.average(y[here], weights=w[here]),
            np.average(p[here], weights=w[here]),
        )
        rel += share * (m - o) ** 2
        res += share * (o - rate) ** 2
        # Stephenson et al. (2008): variance less twice the covariance in a bin.
        spread = np.average((p[here] - m) ** 2, weights=w[here])
        joint = np.average((p[here] - m) * (y[here] - o), weights=w[here])
        within += share * (spread - 2 * joint)
    parts = (found.reliability, found.resolution, found.uncertainty, found.within_bins)
    np.testing.assert_allclose(parts, (rel, res, rate * (1 - rate), within), atol=1e-12)
    assert found.brier == pytest.approx(
        parts[0] - parts[1] + parts[2] + parts[3], abs=1e-14
    )


def test_murphy_is_exact_where_a_bin_has_one_probability():
    # Murphy (1973): with few distinct probabilities nothing is left in the bins.
    y, p = np.array([0, 1, 1, 1, 0]), np.array([0.2, 0.2, 0.8, 0.8, 0.8])
    found = calibration_report(y, p, n_boot=0)
    assert found.within_bins == pytest.approx(0, abs=1e-15)
    assert found.reliability == pytest.approx(0.4 * 0.3**2 + 0.6 * (0.8 - 2 / 3) ** 2)
    assert found.uncertainty == pytest.approx(0.24)


def test_bins_have_wilsons_interval():
    found = report(n_boot=0)
    table = found.frame
    low, high = wilson_interval(table["observed"] * table["n"], table["n"])
    np.testing.assert_allclose(table["low"], low, atol=1e-12)
    np.testing.assert_allclose(table["high"], high, atol=1e-12)
    np.testing.assert_allclose(table["gap"], table["observed"] - table["predicted"])
    assert (table["upper"] > table["lower"]).all()


def test_weights_are_importance_in_intervals():
    y, p = random_rows(500)
    plain = calibration_report(y, p, n_boot=0).frame
    seven = calibration_report(y, p, sample_weight=np.full(500, 7.0), n_boot=0).frame
    pd.testing.assert_frame_equal(plain, seven)


@pytest.mark.parametrize(
    "options", [{}, {"norm": "max"}, {"norm": "l2", "debias": True}]
)
def test_the_interval_holds_the_estimate(options):
    for factor in (1, 2):
        found = report(factor, 500, **options)
        assert 0 <= found.ece_low <= found.ece <= found.ece_high <= 1


def test_resampled_cells_are_resampled_rows():
    y, p = random_rows(1500, factor=2)
    w = np.random.default_rng(3).gamma(2, 1, 1500)
    rng = np.random.default_rng(0)
    for weight in (None, w):
        found = calibration_report(
            y, p, sample_weight=weight, n_boot=2000, random_state=1
        )
        rows = (rng.integers(0, 1500, 1500) for _ in range(1500))
        again = [
            expected_calibration_error(
                y[at], p[at], sample_weight=None if weight is None else weight[at]
            )
            for at in rows
        ]
        turned = 2 * found.ece - np.quantile(again, [0.975, 0.025])
        assert found.ece > found.chance_high  # else the lower end is set to 0
        np.testing.assert_allclose(found.ci, turned, atol=0.004)


def test_chance_is_drawing_the_events_anew():
    p = random_rows(1500)[1]
    w = np.random.default_rng(3).gamma(2, 1, 1500)
    rng = np.random.default_rng(0)
    y = random_rows(1500)[0]
    for weight in (None, w):
        found = calibration_report(
            y, p, sample_weight=weight, n_boot=2000, random_state=1
        )
        anew = [
            expected_calibration_error(rng.random(1500) < p, p, sample_weight=weight)
            for _ in range(1500)
        ]
        assert found.chance == pytest.approx(np.mean(anew), rel=0.02)
        assert found.chance_high == pytest.approx(np.quantile(anew, 0.95), rel=0.03)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_chance_of_probabilities_on_the_edges_of_bins(strategy):
    # A mean of many 0.1s is not 0.1: a cell must not change its bin by rounding.
    p = np.repeat(np.arange(1, 10) / 10, 70)
    rng = np.random.default_rng(0)
    y = rng.random(len(p)) < p
    options = {"n_bins": 10, "strategy": strategy}
    found = calibration_report(y, p, n_boot=1000, random_state=1, **options)
    anew = [
        expected_calibration_error(rng.random(len(p)) < p, p, **options)
        for _ in range(1000)
    ]
    assert found.chance == pytest.approx(np.mean(anew), rel=0.03)
    weighted = calibration_report(
        y, p, sample_weight=np.full(len(p), 0.3), n_boot=1000, random_state=1, **options
    )
    assert weighted.chance == pytest.approx(found.chance, rel=0.05)


def test_calibrated_probabilities_are_rarely_called_off():
    shown = [
        found.ece > found.chance_high
        for found in (report(1, 400, seed, n_boot=200) for seed in range(200))
    ]
    # 5 % is nominal; 20 or more of 200 has a chance below 0.3 %.
    assert sum(shown) < 20


def test_overconfidence_is_shown():
    found = report(2)
    assert found.ece > found.chance_high
    assert found.verdict.startswith("miscalibration is shown")
    assert 0.4 < found.slope < 0.6


def test_the_verdict_does_not_call_silence_proof():
    found = report(1, 300)
    assert found.verdict.startswith("no miscalibration is shown")
    assert "no proof" in found.verdict
    assert found.ece_low == 0


def test_same_seed_same_report():
    assert report().to_dict() == report().to_dict()
    assert report().ci != report(random_state=1).ci


def test_without_resamples_nothing_is_said_of_chance():
    found = report(n_boot=0)
    assert np.isnan([found.ece_low, found.ece_high, found.chance]).all()
    assert "not compared with chance" in str(found)


def test_groups():
    y, p = random_rows(3000, factor=1)
    group = np.where(np.arange(3000) % 3 == 0, "b", "a")
    p = np.where(group == "b", p * 0.6, p)
    found = calibration_report(y, p, groups=group, random_state=0)
    table = found.groups.set_index("group")
    assert table.index.tolist() == ["a", "b"]
    for name, line in table.iterrows():
        here = group == name
        assert line["n"] == here.sum()
        assert line["ece"] == expected_calibration_error(y[here], p[here])
        assert line["gap"] == pytest.approx(y[here].mean() - p[here].mean())
        assert line["slope"] == calibration_line(y[here] == 1, p[here])[0]
        assert line["brier"] == pytest.approx(brier_score_loss(y[here], p[here]))
    assert table.loc["b", "p_value"] < 1e-6 < 0.05 < table.loc["a", "p_value"]
    assert "wrong beyond chance (p corrected for 2): b (too low by" in str(found)
    assert "<0.001" in str(found)
    assert "group" in found.to_dict()["groups"][0]


@pytest.mark.parametrize("shape", [(0.1, 3), (2, 5), (0.3, 0.3)])
@pytest.mark.parametrize("n", [1, 3, 60, 700])
def test_p_value_of_a_group_is_exact(shape, n):
    rng = np.random.default_rng(n)
    p = rng.beta(*shape, n)
    y = rng.random(n) < p
    law = poisson_binom(p)
    exact = min(1, 2 * min(law.cdf(y.sum()), law.sf(y.sum() - 1)))
    # Holm for two groups, the other of which has a p-value of 1.
    both = np.r_[y, True, False], np.r_[p, 0.5, 0.5]
    group = np.repeat(["asked", "other"], [n, 2])
    for weight in (None, np.full(n + 2, 3.0)):
        found = calibration_report(
            *both, groups=group, sample_weight=weight, n_boot=0
        ).groups
        assert found.loc[0, "p_value"] == pytest.approx(min(1, 2 * exact), rel=1e-3)


def test_rare_events_are_no_alarm():
    # A normal approximation calls one of twenty calibrated groups wrong in a
    # fifth of these runs: one event where 0.05 are expected is no wonder.
    alarms = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.choice([0.001, 0.01, 0.05], 1000)
        y = rng.random(1000) < p
        found = calibration_report(y, p, groups=np.arange(1000) % 20, n_boot=0)
        alarms += found.groups["p_value"].min() < 0.05
    assert alarms <= 6


def test_many_events_and_uneven_weights_take_the_normal_law():
    rng = np.random.default_rng(0)
    p = rng.random(8000)
    y = rng.random(8000) < p**1.03
    for w in (None, rng.random(8000)):
        mass = np.ones(8000) if w is None else w
        z = abs(mass @ (y - p)) / np.sqrt(mass**2 @ (p * (1 - p)))
        found = calibration_report(
            y, p, groups=np.zeros(8000), sample_weight=w, n_boot=0
        )
        assert found.groups.loc[0, "p_value"] == pytest.approx(2 * normal.sf(z))


def test_a_calibrated_whole_does_not_speak_for_its_groups():
    p = np.tile([0.2, 0.4, 0.6], 400)
    group = np.repeat(["too low", "too high"], 600)
    shift = np.where(group == "too low", 0.1, -0.1)
    y = np.random.default_rng(0).random(1200) < p + shift
    found = calibration_report(y, p, groups=group, random_state=0)
    assert found.verdict.startswith("no miscalibration is shown over all rows")
    assert "too high (too high by 0.090), too low (too low by 0.065)" in str(found)
    fine = calibration_report(
        np.random.default_rng(0).random(1200) < p, p, groups=group, random_state=0
    )
    assert "(p corrected for 2): none shown" in str(fine)


def test_group_names_sort_and_missing_is_a_group():
    y, p = random_rows(12)
    group = pd.Series([10, 9, None] * 4, dtype="Float64")
    names = calibration_report(y, p, groups=group, n_boot=0).groups["group"]
    assert names.tolist() == [9, 10, "(missing)"]
    with pytest.raises(ValueError, match="lengths differ"):
        calibration_report(y, p, groups=["a"])
    with pytest.raises(ValueError, match="different indexes"):
        calibration_report(pd.Series(y), p, groups=pd.Series(group.array, range(1, 13)))


def test_a_row_without_weight_is_not_there():
    y, p = random_rows(300)
    w = (np.arange(300) % 3 > 0).astype(float)
    group = np.where(np.arange(300) % 3 == 0, "gone", "here")
    found = calibration_report(
        y, p, sample_weight=w, groups=group, strategy="quantile", random_state=0
    )
    kept = w > 0
    alone = calibration_report(
        y[kept], p[kept], groups=group[kept], strategy="quantile", random_state=0
    )
    assert found.groups["group"].tolist() == ["here"]
    assert found.n == alone.n
    assert found.ece == pytest.approx(alone.ece, abs=1e-12)


def test_many_classes():
    y, p = golden_classes()
    found = calibration_report(y, p, n_bins=10, random_state=0)
    assert found.ece == expected_calibration_error(y, p, n_bins=10)
    assert found.classwise_ece == expected_calibration_error(
        y, p, n_bins=10, multiclass="classwise"
    )
    assert found.brier == pytest.approx(brier_score_loss(y, p, scale_by_half=False))
    assert found.brier == pytest.approx(
        found.reliability - found.resolution + found.uncertainty + found.within_bins
    )
    assert found.observed == pytest.approx((p.argmax(axis=1) == y).mean())
    assert found.classes["label"].tolist() == [0, 1, 2]
    assert found.classes["ece"].mean() == pytest.approx(found.classwise_ece)
    assert "right" in str(found)
    assert "likeliest class" in found.notes[-1]


def test_one_class_and_certain_probabilities():
    found = calibration_report([1, 1, 1], [0.0, 1.0, 1.0], random_state=0)
    assert found.ece == pytest.approx(1 / 3)
    assert found.chance_high == 0
    assert np.isnan(found.slope)
    assert any("only one class" in note for note in found.notes)
    assert any("these are decisions" in note for note in found.notes)
    assert "slope and intercept: not fitted" in str(found)
    assert found.verdict.startswith("miscalibration is shown")


def test_a_constant_prediction_is_calibrated_and_useless():
    y = np.repeat([0, 1], [90, 10])
    found = calibration_report(y, np.full(100, 0.1), random_state=0)
    assert found.ece == pytest.approx(0, abs=1e-12)
    assert found.resolution == pytest.approx(0, abs=1e-12)
    assert np.isnan(found.slope)
    assert any("one bin" in note for note in found.notes)
    assert "slope: not fitted to a single probability" in str(found)
    assert "intercept +0.00" in str(found)


def test_an_infinite_slope_is_said_in_words():
    y = np.tile([0, 1], 20)
    text = str(calibration_report(y, y, random_state=0))
    assert "the probabilities separate the two classes\n" in text
    assert "intercept" not in text
    assert "wrong way round" in str(calibration_report(y, 1 - y, n_boot=0))


def test_ties_make_fewer_bins_and_the_report_says_so():
    y = np.tile([0, 1], 50)
    p = np.repeat([0.2, 0.4], 50)
    found = calibration_report(y, p, strategy="quantile", n_boot=0)
    assert len(found.frame) == 2
    assert any("2 bins instead of 15" in note for note in found.notes)


def test_words_and_json():
    found = report(2, 100)
    text = str(found)
    assert "100 rows" in text
    assert "Brier score" in text
    assert "bins with fewer than 10 rows" in text
    page = json.loads(json.dumps(found.to_dict()))
    assert page["facts"]["ece"] == found.ece
    assert page["verdict"] == found.verdict
    assert len(page["errors"]) == 2
    assert found.verdict.split(":")[0] in found._repr_html_()


def test_plot_shows_the_bins(tmp_path):
    found = report(2, 600)
    ax = found.plot()
    line = ax.get_lines()[-1]
    np.testing.assert_array_equal(line.get_xdata(), found.frame["predicted"])
    np.testing.assert_array_equal(line.get_ydata(), found.frame["observed"])
    assert found.save(tmp_path / "report.html").read_text().count("<img") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"debias": True}, "pass norm='l2'"),
        ({"n_boot": -1}, "n_boot is -1"),
        ({"confidence": 1.5}, "confidence is 1.5"),
        ({"confidence": 1}, "confidence is 1; pass a level below 1"),
        ({"strategy": "equal"}, "strategy is 'equal'"),
        ({"random_state": -1}, "seed of 0 or more"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        report(**options)
