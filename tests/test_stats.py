"""Shared statistics against hand computation and independent formulas."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, logit
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

from mlworkbench._stats import (
    adjust_p_values,
    calibration_line,
    corrected_interval,
    effective_sample_size,
    exact_interval,
    rank_auc,
    standardized_mean_difference,
    total_variation,
    wilson_interval,
)

weights = hnp.arrays(float, st.integers(1, 30), elements=st.floats(0.01, 100))
p_values = hnp.arrays(float, st.integers(1, 30), elements=st.floats(0, 1))
labels = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=30)


# Effective sample size


def test_effective_sample_size_by_hand():
    # Kish (1965): (1 + 2 + 3)² / (1 + 4 + 9) = 36/14.
    assert effective_sample_size(np.array([1.0, 2, 3])) == pytest.approx(36 / 14)
    assert effective_sample_size(np.ones(7)) == 7
    assert effective_sample_size(np.array([0.0, 5, 0])) == 1
    assert effective_sample_size(np.zeros(3)) == 0
    assert effective_sample_size(np.array([])) == 0


@given(weights, st.floats(0.001, 1000))
def test_effective_sample_size_properties(w, scale):
    size = effective_sample_size(w)
    assert 1 - 1e-9 <= size <= len(w) + 1e-9
    assert effective_sample_size(scale * w) == pytest.approx(size)
    assert effective_sample_size(w[::-1]) == pytest.approx(size)
    assert effective_sample_size(np.append(w, 0.0)) == pytest.approx(size)
    assert effective_sample_size(np.tile(w, 3)) == pytest.approx(3 * size)


def test_effective_sample_size_survives_extreme_weights():
    assert effective_sample_size(np.array([1e300, 1e300])) == 2
    assert effective_sample_size(np.array([1e-300, 1e-300])) == 2


# Standardised mean difference


def test_standardized_mean_difference_by_hand():
    # Mean 4 against 2; the reference's standard deviation is √(8/3).
    sample, reference = np.array([3.0, 5.0]), np.array([0.0, 2.0, 4.0])
    assert standardized_mean_difference(sample, reference) == pytest.approx(
        2 / np.sqrt(8 / 3)
    )
    assert standardized_mean_difference(sample, reference, scale=4) == 0.5


@given(
    hnp.arrays(float, 6, elements=st.integers(-50, 50)),
    hnp.arrays(float, 9, elements=st.integers(-50, 50), unique=True),
    st.integers(-9, 9),
    st.sampled_from([0.5, 2, -4]),
)
def test_standardized_mean_difference_properties(sample, reference, shift, factor):
    plain = standardized_mean_difference(sample, reference)
    moved = standardized_mean_difference(
        shift + factor * sample, shift + factor * reference
    )
    assert moved == pytest.approx(np.sign(factor) * plain, abs=1e-9)
    assert standardized_mean_difference(reference, reference) == 0
    holes = np.append(sample, np.nan)
    assert standardized_mean_difference(holes, reference) == pytest.approx(plain)


@pytest.mark.parametrize("value", [0.1, 0.3, 1.0, 1e17])
def test_constants_are_compared_exactly(value):
    # The mean of ten times 0.1 is not 0.1, and its spread is not 0.
    reference = np.full(10, value)
    assert standardized_mean_difference(np.full(7, value), reference) == 0
    above, below = np.full(3, 2 * value), np.full(3, value / 2)
    assert standardized_mean_difference(above, reference) == np.inf
    assert standardized_mean_difference(below, reference) == -np.inf
    assert standardized_mean_difference(above, reference, scale=value) == pytest.approx(
        1
    )


def test_no_value_is_nan():
    some, none = np.array([1.0, 2.0]), np.array([np.nan, np.nan])
    for sample, reference in ((some, none), (none, some), (np.array([]), some)):
        assert np.isnan(standardized_mean_difference(sample, reference))


# Total variation


def test_total_variation_by_hand():
    # Shares .5/.5 against .25/.25/.5.
    assert total_variation(list("ab"), list("abcc")) == pytest.approx(0.5)
    assert total_variation(list("ab"), list("ba")) == 0
    assert total_variation(list("aa"), list("bc")) == 1


@given(labels, labels)
def test_total_variation_is_half_the_sum_of_differences(one, two):
    shares = [
        {c: side.count(c) / len(side) for c in ["a", "b", "c", None]}
        for side in (one, two)
    ]
    expected = sum(abs(shares[0][c] - shares[1][c]) for c in shares[0]) / 2
    found = total_variation(one, two)
    assert found == pytest.approx(expected)
    assert total_variation(two, one) == pytest.approx(found)
    assert -1e-12 <= found <= 1 + 1e-12


def test_missing_values_of_all_kinds_are_one_category():
    assert total_variation([None, "a"], [np.nan, "a"]) == 0
    assert total_variation([np.nan] * 2, ["a", "a"]) == 1


def test_categories_of_any_type():
    one = pd.Categorical(["a", "b"], categories=list("abz"))
    assert total_variation(one, ["b", "a"]) == 0
    assert total_variation([1, "a"], ["b", 2]) == pytest.approx(1)
    assert total_variation([True, False], np.array([False, True])) == 0


def test_an_empty_side_is_nan():
    assert np.isnan(total_variation([], ["a"]))
    assert np.isnan(total_variation(["a"], pd.Series(dtype=object)))


# Wilson's interval


def test_wilson_golden():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263,
    # 15/148, 0/20 and 1/29.
    low, high = wilson_interval([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.5, 0.999))
def test_wilson_ends_solve_the_score_equation(n, share, confidence):
    hits = round(share * n)
    low, high = wilson_interval(hits, n, confidence)
    assert 0 <= low <= hits / n <= high <= 1
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    for end in (low, high):
        if 0 < end < 1:
            score = abs(hits / n - end) / np.sqrt(end * (1 - end) / n)
            assert score == pytest.approx(z, rel=1e-6)


def test_wilson_of_nothing_is_nan():
    assert np.isnan(wilson_interval(0, 0)).all()


# Calibration line


def logistic_fit(columns, event, weight, offset=None):
    family = sm.families.Binomial()
    model = sm.GLM(event, columns, family=family, freq_weights=weight, offset=offset)
    return model.fit(tol=1e-12, maxiter=200).params


@pytest.mark.parametrize("seed", range(10))
def test_calibration_line_is_the_logistic_fit(seed):
    rng = np.random.default_rng(seed)
    score = rng.normal(-2, 2, 400) * rng.choice([0.1, 1, 5])
    event = rng.random(400) < expit(0.5 * score + 1)
    weight = rng.integers(1, 4, 400)
    slope, intercept = calibration_line(event, expit(score), weight)
    score = logit(np.clip(expit(score), 1e-15, 1 - 1e-15))
    both = logistic_fit(sm.add_constant(score), event.astype(float), weight)
    alone = logistic_fit(np.ones((400, 1)), event.astype(float), weight, score)
    assert slope == pytest.approx(both[1], abs=1e-7)
    assert intercept == pytest.approx(alone[0], abs=1e-7)
    repeated = np.repeat(np.arange(400), weight)
    again = calibration_line(event[repeated], expit(score)[repeated])
    assert again == pytest.approx((slope, intercept), abs=1e-7)


def test_calibration_line_of_extreme_probabilities():
    event = np.array([True, False, True, False])
    slope, intercept = calibration_line(event, np.array([1.0, 1.0, 1e-300, 0.0]))
    assert slope == pytest.approx(0, abs=1e-6)
    assert abs(intercept) < 0.1  # the likelihood is flat to 1e-15 around 0


def test_calibration_line_where_it_cannot_be_told():
    event = np.array([True, False, True, False])
    slope, intercept = calibration_line(event, np.full(4, 0.2))
    assert np.isnan(slope)
    assert intercept == pytest.approx(-logit(0.2))
    assert calibration_line(event, np.array([0.9, 0.1, 0.8, 0.2]))[0] == np.inf
    assert calibration_line(event, np.array([0.1, 0.9, 0.2, 0.8]))[0] == -np.inf
    assert np.isnan(calibration_line(np.ones(4, bool), np.full(4, 0.2))).all()
    one_class = calibration_line(event, np.array([0.9, 0.1, 0.8, 0.2]), [1, 0, 1, 0])
    assert np.isnan(one_class).all()


# Rank AUC


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_rank_auc_is_scikit_learns(seed, n):
    rng = np.random.default_rng(seed)
    positive = rng.permutation(np.arange(n) < rng.integers(1, n))
    scores = rng.integers(0, 6, (n, 3)).astype(float)
    expected = [roc_auc_score(positive, scores[:, i]) for i in range(3)]
    np.testing.assert_allclose(rank_auc(positive, scores), expected, rtol=1e-12)
    assert rank_auc(positive, scores[:, 0]) == pytest.approx(expected[0])


def test_rank_auc_leaves_missing_scores_out():
    positive = np.array([True, True, False, False])
    scores = np.array([[np.nan, np.nan], [3, np.nan], [1, 2], [4, 1]])
    area = rank_auc(positive, scores)
    assert area[0] == 0.5
    assert np.isnan(area[1])


# Intervals over folds


def test_corrected_interval_by_hand():
    # Differences 1, 2, 3; n_test / n_train = 1/2: mean 2, s² = 1, variance
    # (1/3 + 1/2), t with 2 degrees of freedom at 97.5 %: 4.302653 (any table).
    low, high = corrected_interval(np.array([1.0, 2.0, 3.0]), 0.5)
    half = 4.302653 * np.sqrt(5 / 6)
    assert (low, high) == pytest.approx((2 - half, 2 + half), rel=1e-6)
    assert np.isnan(corrected_interval(np.array([1.0]), 0.5)).all()


# Many tests


def test_holm_by_hand():
    found = adjust_p_values([0.01, np.nan, 0.04, 0.03])
    np.testing.assert_allclose(found, [0.03, np.nan, 0.06, 0.06])


@given(p_values, st.sampled_from(["holm", "bonferroni", "bh"]))
def test_corrections_agree_with_statsmodels(p, method):
    name = {"bh": "fdr_bh"}.get(method, method)
    expected = multipletests(p, method=name)[1]
    np.testing.assert_allclose(adjust_p_values(p, method), expected, atol=1e-14)


@pytest.mark.parametrize("method", ["holm", "bonferroni", "bh"])
def test_tests_that_are_not_shown_count(method):
    p = np.random.default_rng(0).uniform(size=200) ** 3
    everything = adjust_p_values(p, method)
    best = np.argsort(p)[:10]
    shown = adjust_p_values(p[best], method, n_tests=200)
    if method == "bh":  # the rest could only lower what stands at the end
        assert (shown >= everything[best] - 1e-15).all()
        np.testing.assert_allclose(shown[0], everything[best][0])
    else:
        np.testing.assert_allclose(shown, everything[best])


def test_corrections_refuse_what_makes_no_sense():
    with pytest.raises(ValueError, match="n_tests=1 is less than the 2"):
        adjust_p_values([0.1, 0.2], n_tests=1)
    with pytest.raises(ValueError, match="give holm, bonferroni or bh"):
        adjust_p_values([0.1], "sidak")
    assert len(adjust_p_values([])) == 0


# Exact interval


@given(st.integers(0, 40), st.integers(1, 40), st.sampled_from([0.8, 0.95, 0.99]))
def test_exact_interval_agrees_with_scipy(hits, n, level):
    hits = min(hits, n)
    expected = binomtest(hits, n).proportion_ci(level, method="exact")
    low, high = exact_interval(hits, n, level)
    np.testing.assert_allclose([low, high], [expected.low, expected.high], atol=1e-10)


def test_exact_interval_knows_nothing_without_trials():
    low, high = exact_interval([0, 3], [0, 3])
    assert (low[0], high[0], high[1]) == (0, 1, 1)
