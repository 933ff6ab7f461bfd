"""The prior correction: truth known, brute force, scikit-learn's own checks."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.combine import SMOTETomek
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import NearMiss, RandomUnderSampler, TomekLinks
from scipy import sparse
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlworkbench._stats import calibration_line
from mlworkbench.imbalance import PriorCorrectedClassifier, PriorCorrectionWarning
from mlworkbench.imbalance._prior_correction import correct_prior, is_exact

EXACT = [RandomUnderSampler(random_state=0), RandomOverSampler(random_state=0)]
NOT_EXACT = [SMOTE(), SMOTETomek(), NearMiss(), TomekLinks()]
NOT_EXACT += [RandomOverSampler(shrinkage=0.1)]


def logistic(n, seed, constant=-4.8):
    """Rows of a known logistic model, and the true probabilities."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    p = expit(constant + X @ [1.0, -0.5])
    return X, rng.random(n) < p, p


def plain(C=1e6):
    return LogisticRegression(C=C)


@parametrize_with_checks(
    [PriorCorrectedClassifier(LogisticRegression(), sampler) for sampler in EXACT]
)
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("sampler", EXACT, ids=lambda s: type(s).__name__)
def test_probabilities_of_a_known_logistic_model_come_back(sampler):
    X, y, _ = logistic(60_000, seed=0)
    X_new, y_new, truth = logistic(60_000, seed=1)
    assert 0.01 < y.mean() < 0.02
    model = PriorCorrectedClassifier(plain(), sampler).fit(X, y)
    prob = model.predict_proba(X_new)[:, 1]
    # 800 events: the standard error of the level is about 4 %, of a slope 0.05.
    slope, intercept = calibration_line(y_new, prob)
    assert slope == pytest.approx(1, abs=0.15)
    assert intercept == pytest.approx(0, abs=0.15)
    assert np.abs(np.log(prob / (1 - prob)) - np.log(truth / (1 - truth))).max() < 0.7
    raw = model.estimator_.predict_proba(X_new)[:, 1]
    assert calibration_line(y_new, raw)[1] < -4  # what the correction repairs


def test_coefficients_agree_with_the_truth_after_the_shift_of_the_constant():
    X, y, _ = logistic(60_000, seed=2)
    model = PriorCorrectedClassifier(plain(), EXACT[1]).fit(X, y)
    had, has = model.resampled_prior_, model.prior_
    constant = model.estimator_.intercept_[0]
    constant += np.log(has[1] / has[0]) - np.log(had[1] / had[0])
    assert constant == pytest.approx(-4.8, abs=0.2)
    assert model.estimator_.coef_[0] == pytest.approx([1.0, -0.5], abs=0.15)


def test_smote_keeps_a_wrong_slope_and_says_so():
    rng = np.random.default_rng(0)
    weights = np.r_[0.8, 0.5, np.zeros(8)]
    X, X_new = rng.normal(size=(60_000, 10)), rng.normal(size=(100_000, 10))
    y = rng.random(60_000) < expit(X @ weights - 5)
    y_new = rng.random(100_000) < expit(X_new @ weights - 5)
    slopes = {}
    for sampler in (SMOTE(random_state=0), RandomOverSampler(random_state=0)):
        model = PriorCorrectedClassifier(plain(), sampler)
        if isinstance(sampler, SMOTE):
            with pytest.warns(PriorCorrectionWarning, match="SMOTE .* cannot repair"):
                model.fit(X, y)
        else:
            model.fit(X, y)
        prob = model.predict_proba(X_new)[:, 1]
        slopes[type(sampler).__name__] = calibration_line(y_new, prob)[0]
    # Measured 0.08 to 0.13 apart over seeds; over- and undersampling are not.
    assert slopes["SMOTE"] < slopes["RandomOverSampler"] - 0.05
    assert slopes["RandomOverSampler"] == pytest.approx(1, abs=0.1)


def test_no_shift_changes_nothing():
    X, y, _ = logistic(2_000, seed=3, constant=-1)
    same = RandomOverSampler(sampling_strategy={True: int(y.sum())}, random_state=0)
    model = PriorCorrectedClassifier(plain(), same).fit(X, y)
    assert model.prior_ == pytest.approx(model.resampled_prior_, abs=1e-15)
    expected = model.estimator_.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-12)


def test_two_classes_follow_the_odds_formula():
    p, pi, pi_s = 0.3, 0.01, 0.5
    odds = p / (1 - p) * (pi / (1 - pi)) / (pi_s / (1 - pi_s))
    got = correct_prior(
        np.array([[1 - p, p]]), np.array([1 - pi_s, pi_s]), np.array([1 - pi, pi])
    )
    assert got[0] == pytest.approx([1 / (1 + odds), odds / (1 + odds)], rel=1e-14)


def shares(draw):
    parts = np.array(draw)
    return parts / parts.sum()


parts = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(parts, min_size=1, max_size=5), parts, parts)
def test_correction_sums_to_one_and_can_be_undone(rows, had, has):
    prob = np.array([shares(row) for row in rows])
    had, has = shares(had), shares(has)
    there = correct_prior(prob, had, has)
    np.testing.assert_allclose(there.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(correct_prior(there, has, had), prob, rtol=1e-9)


def test_correction_is_bayes_theorem():
    # Three classes, two values of x: joint tables before and after.
    likelihood = np.array([[0.2, 0.5, 0.9], [0.8, 0.5, 0.1]])  # P(x | class)
    had, has = np.array([1, 1, 1]) / 3, np.array([0.9, 0.09, 0.01])
    before, truth = likelihood * had, likelihood * has
    before /= before.sum(axis=1, keepdims=True)
    truth /= truth.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(correct_prior(before, had, has), truth, rtol=1e-14)


def test_several_classes_with_names_and_a_frame():
    rng = np.random.default_rng(0)
    y = rng.choice(["common", "rare", "some"], p=[0.9, 0.02, 0.08], size=6_000)
    centre = pd.Series(y).map({"common": 0, "rare": 2, "some": -2}).to_numpy()
    X = pd.DataFrame({"a": rng.normal(centre), "b": rng.normal(size=len(y))})
    model = PriorCorrectedClassifier(LogisticRegression(), EXACT[0]).fit(X, y)
    assert model.classes_.tolist() == ["common", "rare", "some"]
    assert model.resampled_prior_ == pytest.approx([1 / 3] * 3)
    assert model.prior_ == pytest.approx(
        [np.mean(y == name) for name in model.classes_], abs=1e-15
    )
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert model.estimator_.feature_names_in_.tolist() == ["a", "b"]
    prob = model.predict_proba(X)
    assert prob.mean(axis=0) == pytest.approx(model.prior_, abs=0.01)
    assert (model.predict(X) == model.classes_[prob.argmax(axis=1)]).all()
    assert model.n_resampled_ == 3 * int((y == "rare").sum())
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[["b", "a"]])


def test_works_with_sparse_rows_pipelines_and_cross_validation():
    X, y, _ = logistic(3_000, seed=4, constant=-2)
    dense = PriorCorrectedClassifier(plain(), EXACT[0]).fit(X, y)
    thin = PriorCorrectedClassifier(plain(), EXACT[0]).fit(sparse.csr_matrix(X), y)
    np.testing.assert_allclose(
        dense.predict_proba(X), thin.predict_proba(sparse.csr_matrix(X)), rtol=1e-5
    )
    chain = make_pipeline(StandardScaler(), PriorCorrectedClassifier(plain(), EXACT[0]))
    assert cross_val_score(chain, X, y, scoring="roc_auc", cv=3).min() > 0.6
    chain.set_params(priorcorrectedclassifier__sampler__random_state=5)
    assert chain[-1].sampler.random_state == 5


def test_clone_and_pickle_and_untouched_arguments():
    sampler, estimator = RandomUnderSampler(random_state=0), LogisticRegression()
    model = PriorCorrectedClassifier(estimator, sampler)
    assert clone(model).get_params()["sampler__random_state"] == 0
    X, y, _ = logistic(2_000, seed=5, constant=-2)
    model.fit(X, y)
    assert not hasattr(estimator, "coef_")
    assert not hasattr(sampler, "sampling_strategy_")
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("sampler", NOT_EXACT, ids=str)
def test_samplers_that_are_not_exact_warn(sampler):
    X, y, _ = logistic(600, seed=6, constant=-1.5)
    assert not is_exact(sampler)
    with pytest.warns(PriorCorrectionWarning, match=type(sampler).__name__):
        PriorCorrectedClassifier(LogisticRegression(), sampler).fit(X, y)


@pytest.mark.parametrize("sampler", EXACT, ids=lambda s: type(s).__name__)
def test_random_samplers_do_not_warn(sampler):
    X, y, _ = logistic(600, seed=6, constant=-1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PriorCorrectedClassifier(LogisticRegression(), sampler).fit(X, y)


class DropsAClass(RandomUnderSampler):
    def fit_resample(self, X, y):
        return X[y == 0], y[y == 0]


def test_bad_inputs_teach():
    X, y, _ = logistic(200, seed=7, constant=-1)
    model = PriorCorrectedClassifier(LogisticRegression(), EXACT[0])
    with pytest.raises(TypeError, match="sample_weight is not supported: samplers"):
        model.fit(X, y, sample_weight=np.ones(len(y)))
    with pytest.raises(TypeError, match=r"X and y only; got also \['eval_set'\]"):
        model.fit(X, y, eval_set=3)
    assert model.fit(X, y, sample_weight=None) is model
    with pytest.raises(NotFittedError):
        clone(model).predict(X)
    with pytest.raises(ValueError, match="Reshape your data"):
        model.predict_proba(X[0])
    for bad, match in (
        (PriorCorrectedClassifier(Perceptron(), EXACT[0]), "without predict_proba"),
        (PriorCorrectedClassifier(plain(), StandardScaler()), "without fit_resample"),
        (PriorCorrectedClassifier(plain(), SMOTE), r"is the class SMOTE; .*SMOTE\(\)"),
    ):
        with pytest.raises(TypeError, match=match):
            bad.fit(X, y)
    with pytest.raises(ValueError, match=r"before and after resampling differ by \[1"):
        PriorCorrectedClassifier(plain(), DropsAClass()).fit(X, y.astype(int))
    with pytest.raises(ValueError, match="class"):
        model.fit(X, np.zeros(len(y)))
