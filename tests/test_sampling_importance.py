"""Importance sampling: analytic cases, log space, the verdict."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlworkbench._report import VerdictError
from mlworkbench._stats import effective_sample_size
from mlworkbench.sampling import importance_estimate, importance_weights
from mlworkbench.sampling._log_weights import tail_shape

logs = st.lists(st.floats(-50, 50), min_size=2, max_size=40)


def normal_case(shift, n=20_000, scale=1.0, seed=0):
    """Draws from N(0, 1), target N(shift, scale²)."""
    x = np.random.default_rng(seed).normal(size=n)
    return x, stats.norm.logpdf(x, shift, scale), stats.norm.logpdf(x)


# Weights


def test_red_weighs_three_times_blue():
    # Data 25 % red and 75 % blue, world half and half: (.5/.25) / (.5/.75) = 3.
    red = np.arange(8) < 2
    weights = importance_weights(
        np.log(np.full(8, 0.5)), np.log(np.where(red, 0.25, 0.75))
    )
    np.testing.assert_allclose(weights[red], 3 * weights[~red][0])
    np.testing.assert_allclose(weights[red].sum(), 0.5)


@given(logs)
def test_weights_are_the_naive_ones_where_those_work(log_target):
    target = np.array(log_target)
    naive = np.exp(target) / np.exp(target).sum()
    np.testing.assert_allclose(
        importance_weights(target, np.zeros(len(target))), naive, rtol=1e-10
    )


@given(logs, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_constants_do_not_matter(log_target, a, b):
    target = np.array(log_target)
    proposal = target[::-1] / 2
    plain = importance_weights(target, proposal)
    shifted = importance_weights(target + a, proposal + b)
    np.testing.assert_allclose(shifted, plain, rtol=1e-6)
    np.testing.assert_allclose(plain.sum(), 1)


def test_differences_of_a_thousand_do_not_overflow():
    weights = importance_weights([1000.0, 1000.0, 0.0], [0.0, 0.0, 0.0])
    assert weights.tolist() == [0.5, 0.5, 0.0]
    weights = importance_weights([-1000.0, -1001.0], [0.0, 0.0])
    np.testing.assert_allclose(weights, np.array([np.e, 1]) / (np.e + 1))
    report = importance_estimate([1.0, 3.0], [1e5, 1e5], [-1e5, -1e5])
    assert (report.estimate, report.mean_weight) == (2.0, np.inf)


def test_density_zero_gives_weight_zero():
    assert importance_weights([0.0, -np.inf], [0.0, 0.0]).tolist() == [1.0, 0.0]


def test_wrong_logarithms():
    zero = [0.0, 0.0]
    with pytest.raises(ValueError, match="log_target is nan at row 1; pass logarithms"):
        importance_weights([0.0, np.nan], zero)
    with pytest.raises(ValueError, match="log_proposal is inf at row 0"):
        importance_weights(zero, [np.inf, 0.0])
    with pytest.raises(ValueError, match="-inf at row 1: the proposal cannot have"):
        importance_weights(zero, [0.0, -np.inf])
    with pytest.raises(ValueError, match="the target allows none of the draws"):
        importance_weights([-np.inf, -np.inf], zero)
    with pytest.raises(ValueError, match="log_target: 2, log_proposal: 3"):
        importance_weights(zero, [0.0] * 3)
    with pytest.raises(ValueError, match="log_target is empty"):
        importance_weights([], [])
    with pytest.raises(ValueError, match="log_target and log_proposal have different"):
        importance_weights(pd.Series(zero), pd.Series(zero, index=[1, 0]))


# Estimates


@pytest.mark.parametrize("self_normalized", [True, False])
def test_mean_and_error_of_a_shifted_normal(self_normalized):
    # Under N(1, 1) the mean of x is 1 and of x² is 2.
    x, target, proposal = normal_case(1)
    for values, truth in ((x, 1), (x**2, 2), (x > 1, 0.5)):
        report = importance_estimate(values, target, proposal, self_normalized)
        assert abs(report.estimate - truth) < 4 * report.standard_error
        assert report.ok
        assert report.n == 20_000
    # E w² = e^(shift²), so that n draws are worth n/e.
    np.testing.assert_allclose(report.effective_sample_size, 20_000 / np.e, rtol=0.1)


@pytest.mark.parametrize("self_normalized", [True, False])
def test_the_standard_error_is_the_spread_of_estimates(self_normalized):
    reports = [
        importance_estimate(*normal_case(0.5, 2000, seed=s), self_normalized)
        for s in range(300)
    ]
    spread = np.std([r.estimate for r in reports], ddof=1)
    stated = np.sqrt(np.mean([r.standard_error**2 for r in reports]))
    assert 0.85 < stated / spread < 1.15


def test_by_hand():
    # Weights .2, .3, .5 on 1, 2, 4: mean 2.8, error √Σw²(f - 2.8)².
    report = importance_estimate([1, 2, 4], np.log([2, 3, 5]), np.zeros(3))
    np.testing.assert_allclose(report.weights, [0.2, 0.3, 0.5])
    np.testing.assert_allclose(report.estimate, 2.8)
    np.testing.assert_allclose(
        report.standard_error, np.sqrt(0.04 * 3.24 + 0.09 * 0.64 + 0.25 * 1.44)
    )
    np.testing.assert_allclose(report.effective_sample_size, 1 / 0.38)
    assert report.largest_share == 0.5
    # Not normalised: the mean of w·f = 2, 6, 20.
    plain = importance_estimate([1, 2, 4], np.log([2, 3, 5]), np.zeros(3), False)
    np.testing.assert_allclose(plain.estimate, 28 / 3)
    np.testing.assert_allclose(
        plain.standard_error, np.std([2, 6, 20], ddof=1) / np.sqrt(3)
    )
    np.testing.assert_allclose(plain.mean_weight, 10 / 3)


def test_equal_densities_give_the_plain_mean():
    f = np.random.default_rng(0).normal(size=500)
    for self_normalized in (True, False):
        report = importance_estimate(f, np.ones(500), np.ones(500), self_normalized)
        np.testing.assert_allclose(report.estimate, f.mean(), atol=1e-12)
        np.testing.assert_allclose(report.effective_sample_size, 500)
        assert report.ok
        assert report.notes == ()


@given(st.permutations(range(8)))
def test_order_does_not_matter(order):
    rng = np.random.default_rng(0)
    f, a, b = rng.normal(size=(3, 8))
    one = importance_estimate(f, a, b)
    two = importance_estimate(f[order], a[order], b[order])
    np.testing.assert_allclose(one.estimate, two.estimate)
    np.testing.assert_allclose(one.standard_error, two.standard_error)


# The verdict


def test_a_proposal_far_off_is_called_out():
    report = importance_estimate(*normal_case(8))
    assert not report.ok
    assert report.effective_sample_size < 20
    assert report.largest_share > 0.1
    assert "the proposal misses the target" in report.notes[0]
    with pytest.raises(VerdictError, match="ok: no"):
        report.raise_if_failed()


def test_a_heavy_tail_is_called_out_although_draws_seem_many():
    # Worth 231 draws by Kish, and five standard errors off: n e^(-6.25) = 19.
    report = importance_estimate(*normal_case(2.5, 10_000))
    assert report.effective_sample_size > 100
    assert abs(report.estimate - 2.5) > 4 * report.standard_error
    assert not report.ok
    assert "heavy tail" in report.notes[0]


def test_a_narrow_proposal_has_weights_without_variance():
    # Draws N(0, .5²) for N(0, 1): weights e^(1.5x²) have tail index 4/3.
    x = np.random.default_rng(1).normal(scale=0.5, size=20_000)
    args = stats.norm.logpdf(x), stats.norm.logpdf(x, scale=0.5)
    report = importance_estimate(x**2, *args)
    assert abs(report.tail_shape - 0.75) < 0.15
    wide = np.random.default_rng(1).normal(scale=2, size=20_000)
    fine = importance_estimate(
        wide**2, stats.norm.logpdf(wide), stats.norm.logpdf(wide, scale=2)
    )
    assert fine.ok
    assert fine.tail_shape < 0.3
    assert abs(fine.estimate - 1) < 4 * fine.standard_error


def test_weights_that_do_not_average_one_are_called_out():
    x, target, proposal = normal_case(0.5)
    lost = importance_estimate(x, target + np.log(0.5), proposal, False)
    assert not lost.ok
    assert "average 0.5, not 1" in lost.notes[0]
    assert importance_estimate(x, target + np.log(0.5), proposal).ok
    assert importance_estimate(x, target, proposal, False).ok


@pytest.mark.parametrize("largest", [1, 2, 4, 6])
def test_a_handful_of_huge_weights_is_called_out(largest):
    # No tail can be fitted to one to four weights; Kish still says over 100.
    n, weight = 100_000, 20_000 / largest
    target = np.log(np.where(np.arange(n) < largest, weight, 1.0))
    report = importance_estimate(np.arange(n) % 2, target, np.zeros(n))
    assert not report.ok
    if largest == 4:
        assert np.isnan(report.tail_shape)
        assert report.effective_sample_size > 100
        assert "tail shape: no tail to fit" in str(report)
        assert report.notes[0].startswith("the 5 largest weights carry 16.7%")


def test_two_weights_that_many_draws_share_are_no_handful():
    # Notebook 03's desk: a tenth of the draws weighs nine times the others.
    target = np.log(np.where(np.arange(100_000) % 10 == 0, 9.0, 1.0))
    report = importance_estimate(np.arange(100_000) % 2, target, np.zeros(100_000))
    assert report.ok
    assert report.tail_shape == -np.inf
    assert "tail shape: none, the weights are bounded" in str(report)


def test_few_equal_draws_are_no_handful():
    for n in (2, 5, 6, 12, 30, 150):
        assert importance_estimate(np.arange(n), np.zeros(n), np.zeros(n)).ok


def test_few_draws_are_held_to_half_of_them():
    assert importance_estimate([1, 2, 3], [0.0] * 3, [0.0] * 3).ok
    assert not importance_estimate([1, 2, 3], [0.0, 0.0, 9.0], [0.0] * 3).ok


@pytest.mark.parametrize("k", [0.1, 0.5, 0.9])
def test_tail_shape_finds_the_shape_of_pareto_weights(k):
    found = [
        tail_shape(stats.genpareto.rvs(k, size=20_000, random_state=seed))
        for seed in range(8)
    ]
    assert abs(np.mean(found) - k) < 0.08


def test_tail_shape_at_the_edges():
    assert np.isnan(tail_shape(np.ones(24)))
    assert tail_shape(np.ones(100)) == -np.inf
    for huge in (1, 4):
        assert np.isnan(tail_shape(np.where(np.arange(100) < huge, 50.0, 1.0)))
    assert tail_shape(np.random.default_rng(0).uniform(size=5000)) < 0
    ten_percent = np.where(np.arange(1000) % 10 == 0, 3.0, 1.0)
    assert tail_shape(ten_percent) < 0.5
    weights = np.random.default_rng(0).lognormal(size=300)
    np.testing.assert_allclose(tail_shape(weights), tail_shape(1e-9 * weights))


# Report and refusals


def test_the_table_says_how_concentrated_the_weight_is():
    report = importance_estimate(*normal_case(1, 1000))
    assert report.frame["draws"].tolist() == [1, 10, 100, 500, 1000]
    ordered = np.sort(report.weights)[::-1]
    np.testing.assert_allclose(report.frame["share_of_weight"][1], ordered[:10].sum())
    np.testing.assert_allclose(report.frame["share_of_weight"].iloc[-1], 1)
    text = str(report)
    assert "ok: yes" in text
    assert "effective sample size" in text
    assert report.to_dict()["facts"]["n"] == 1000
    np.testing.assert_allclose(
        report.effective_sample_size, effective_sample_size(report.weights)
    )


def test_report_draws():
    ax = importance_estimate(*normal_case(1, 1000)).plot()
    x, y = ax.lines[0].get_data()
    assert (x[0], y[0], x[-1]) == (0, 0, 100)
    np.testing.assert_allclose(y[-1], 100)
    assert (np.diff(y) >= 0).all()
    assert "1,000 draws are worth" in ax.get_title()


def test_wrong_values():
    zero = np.zeros(3)
    with pytest.raises(
        ValueError, match=r"infinite in 1 row\(s\) \(first nan at row 1"
    ):
        importance_estimate([1.0, np.nan, 2.0], zero, zero)
    with pytest.raises(ValueError, match="values: 2, log_target: 3"):
        importance_estimate([1.0, 2.0], zero, zero)
    with pytest.raises(ValueError, match=r"values has 1 draw\(s\); pass at least 2"):
        importance_estimate([1.0], [0.0], [0.0])
    with pytest.raises(ValueError, match=r"e\^1000.*pass self_normalized=True"):
        importance_estimate([1.0] * 3, zero + 1000, zero, self_normalized=False)
    with pytest.raises(ValueError, match=r"values has shape \(2, 2\)"):
        importance_estimate(np.ones((2, 2)), [0.0] * 2, [0.0] * 2)
    with pytest.raises(ValueError, match="values and log_target have different"):
        importance_estimate(
            pd.Series([1.0, 2.0]), pd.Series([0.0, 0.0], index=[5, 6]), [0.0, 0.0]
        )
