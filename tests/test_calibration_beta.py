"""Beta calibration: the most likely curve of its family that never falls."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from mlworkbench.calibration import BetaCalibration

VARIANTS = ("abm", "am", "ab")


def sample(n=4000, a=0.6, b=1.4, m=0.4, seed=0):
    """Draw rows whose true curve is the beta curve with these parameters."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.8, 0.9, size=n).clip(1e-9, 1 - 1e-9)
    c = b * np.log(1 - m) - a * np.log(m)
    truth = expit(a * np.log(p) - b * np.log1p(-p) + c)
    return p, (rng.random(n) < truth).astype(int), truth


def loss(found, p, y):
    a, b, c = found
    z = a * np.log(p) - b * np.log1p(-p) + c
    return np.sum(np.logaddexp(0, z) - y * z)


def test_finds_the_curve_that_made_the_data():
    p, y, truth = sample(200_000)
    beta = BetaCalibration().fit(p, y)
    np.testing.assert_allclose([beta.a_, beta.b_, beta.m_], [0.6, 1.4, 0.4], atol=0.03)
    assert np.abs(beta.predict(p) - truth).max() < 0.02
    assert beta.notes_ == ()
    assert beta.predict([beta.m_]) == pytest.approx([0.5])


def test_equal_to_the_logistic_regression_of_the_paper():
    # Kull et al. (2017), section 4: features ln p and -ln(1 - p), no penalty.
    p, y, _ = sample()
    columns = np.column_stack([np.log(p), -np.log1p(-p)])
    plain = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000).fit(columns, y)
    beta = BetaCalibration().fit(p, y)
    expected = plain.predict_proba(columns)[:, 1]
    np.testing.assert_allclose(beta.predict(p), expected, atol=1e-6)
    # "am": the log odds only; "ab": ln 2p and -ln 2(1 - p) without intercept.
    odds = logit(p)[:, None]
    plain = LogisticRegression(C=1e12, tol=1e-12).fit(odds, y)
    beta = BetaCalibration("am").fit(p, y)
    assert beta.a_ == beta.b_
    np.testing.assert_allclose(beta.predict(p), plain.predict_proba(odds)[:, 1], 1e-5)
    both = columns + np.log(2) * np.array([1, -1])
    plain = LogisticRegression(C=1e12, tol=1e-12, fit_intercept=False).fit(both, y)
    beta = BetaCalibration("ab").fit(p, y)
    assert beta.m_ == pytest.approx(0.5)
    assert beta.predict([0.5]) == pytest.approx([0.5])
    np.testing.assert_allclose(beta.predict(p), plain.predict_proba(both)[:, 1], 1e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([-0.5, 0.3, 1.5]))
def test_no_rising_curve_is_likelier(seed, slope):
    # Brute force: a bounded optimiser from the fitted point and from (1, 1, 0).
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.98, size=60)
    y = (rng.random(60) < expit(slope * logit(p) + rng.normal())).astype(int)
    if y.min() == y.max():
        return
    beta = BetaCalibration().fit(p, y)
    ours = loss((beta.a_, beta.b_, beta.c_), p, y)
    bounds = [(0, None), (0, None), (None, None)]
    for start in ([1, 1, 0], [beta.a_, beta.b_, beta.c_]):
        other = minimize(loss, start, (p, y), bounds=bounds, tol=1e-12)
        assert ours <= other.fun + 1e-6


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1e-12, 0.1, 0.4, 0.5, 0.9, 1]), st.booleans()),
        min_size=2,
        max_size=25,
    ),
    st.sampled_from(VARIANTS),
)
def test_never_falls_and_stays_a_probability(rows, parameters):
    p, y = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    if y.min() == y.max():
        return
    grid = np.r_[0, np.logspace(-15, -1, 20), np.linspace(0.1, 0.999, 50), 1]
    beta = BetaCalibration(parameters).fit(p, y)
    told = beta.predict(grid)
    assert beta.a_ >= 0
    assert beta.b_ >= 0
    assert (np.diff(told) >= 0).all()
    assert ((told >= 0) & (told <= 1)).all()


def test_calibrated_scores_stay_as_they_are():
    p, y, _ = sample(100_000, a=1, b=1, m=0.5)
    for parameters in VARIANTS:
        told = BetaCalibration(parameters).fit(p, y).predict(p)
        assert np.abs(told - p).max() < 0.02


def test_a_power_that_would_be_negative_is_held_at_0():
    p, y, _ = sample(20_000, a=-0.3, b=1.5)
    beta = BetaCalibration().fit(p, y)
    assert beta.a_ == 0
    assert beta.b_ > 0
    assert beta.notes_ == ("a would be negative, so it was held at 0",)
    # The same as the fit with the other power alone (the published fallback).
    alone = -np.log1p(-p)[:, None]
    plain = LogisticRegression(C=1e12, tol=1e-12).fit(alone, y)
    np.testing.assert_allclose(beta.predict(p), plain.predict_proba(alone)[:, 1], 1e-4)


def test_scores_that_rank_backwards_give_the_share_of_positives():
    p, y, _ = sample()
    beta = BetaCalibration().fit(1 - p, y)
    np.testing.assert_allclose(beta.predict([0, 0.3, 1]), y.mean())
    assert "backwards" in beta.notes_[0]
    assert np.isnan(beta.m_)


def test_scores_of_0_and_1_go_half_way_and_are_counted():
    p = np.r_[0, 0, 0.2, 0.4, 0.6, 0.7, 1]
    beta = BetaCalibration().fit(p, [0, 1, 0, 1, 0, 1, 1])
    np.testing.assert_allclose(beta.bounds_, (0.1, 0.85))
    assert "2 scores of 0 and 1 of 1 among 7" in beta.notes_[0]
    assert np.isfinite(beta.predict(p)).all()
    only = BetaCalibration().fit([0, 1, 0, 1], [0, 1, 1, 0])
    assert only.bounds_ == (0.25, 0.75)


def test_classes_that_the_scores_separate_are_smoothed():
    beta = BetaCalibration().fit([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert "separate" in beta.notes_[0]
    told = beta.predict([0.1, 0.9])
    assert 0.1 < told[0] < 0.5 < told[1] < 0.9  # Platt's targets: 1/4 and 3/4
    assert BetaCalibration().fit([0.3, 0.3], [0, 1]).predict([0.9]) == [0.5]


def test_weights_are_repetitions():
    p, y, _ = sample(300)
    times = np.random.default_rng(1).integers(0, 4, 300)
    for parameters in VARIANTS:
        weighted = BetaCalibration(parameters).fit(p, y, times)
        repeated = BetaCalibration(parameters).fit(
            np.repeat(p, times), np.repeat(y, times)
        )
        np.testing.assert_allclose(weighted.predict(p), repeated.predict(p), atol=1e-9)


@pytest.mark.parametrize("labels", [("no", "yes"), (-1, 1), (False, True), (3, 7)])
def test_any_two_labels(labels):
    p, y, _ = sample(500)
    beta = BetaCalibration().fit(p, np.array(labels)[y])
    assert beta.classes_.tolist() == list(labels)
    np.testing.assert_array_equal(
        beta.predict(p), BetaCalibration().fit(p, y).predict(p)
    )
    np.testing.assert_allclose(beta.predict_proba(p)[:, 1], beta.predict(p))
    np.testing.assert_allclose(beta.predict_proba(p).sum(axis=1), 1)


def test_family():
    p, y, _ = sample(400)
    p, y = pd.Series(p), pd.Series(y)
    beta = BetaCalibration("ab")
    assert beta.fit(p, y) is beta
    expected = beta.predict(p)
    for other in (clone(beta).fit(p, y), pickle.loads(pickle.dumps(beta))):
        np.testing.assert_array_equal(other.predict(p), expected)
    columns = np.column_stack([1 - p, p])
    two = BetaCalibration("ab").fit(columns, y)
    np.testing.assert_array_equal(two.predict(columns), expected)
    assert beta.predict([]).shape == (0,)
    assert beta.get_params() == {"parameters": "ab"}
    with pytest.raises(NotFittedError):
        BetaCalibration().predict([0.5])


@pytest.mark.parametrize(
    ("scores", "y", "message"),
    [
        ([0.1, 1.7], [0, 1], "outside .0, 1. .max 1.7"),
        ([0.1, np.nan], [0, 1], "nan at row 1"),
        ([0.1, 0.2], [0, 0], "one class only"),
        ([0.1, 0.2], ["a", "a"], "one class only"),
        ([0.1, 0.2, 0.3], [0, 1, 2], "3 classes"),
        ([0.1, 0.2], [0, 1, 1], "lengths differ"),
        ([0.1, 0.2], [0, np.nan], "missing"),
        (np.full((3, 3), 1 / 3), [0, 1, 2], "3 columns"),
    ],
)
def test_bad_input_is_named(scores, y, message):
    with pytest.raises(ValueError, match=message):
        BetaCalibration().fit(scores, y)


def test_parameters_are_checked_in_fit():
    with pytest.raises(ValueError, match="parameters is 'abc'; pass one of 'abm'"):
        BetaCalibration("abc").fit([0.1, 0.9], [0, 1])
    with pytest.raises(ValueError, match=r"one class only \(among the rows"):
        BetaCalibration().fit([0.1, 0.9], [0, 1], [1, 0])
