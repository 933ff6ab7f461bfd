"""Venn-Abers: equal to refitting isotonic regression twice for every new row."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.isotonic import IsotonicRegression

from mlworkbench.calibration import VennAbers


def refit(scores, y, new, weight=None):
    """Fit isotonic regression with the new row, once with each label."""
    weight = np.ones(len(scores)) if weight is None else weight
    found = [
        IsotonicRegression()
        .fit(np.r_[scores, value], np.r_[y, label], sample_weight=np.r_[weight, 1])
        .predict([value])[0]
        for value in new
        for label in (0, 1)
    ]
    return np.reshape(found, (-1, 2))


def around(scores):
    """Give every score, the middles between two, and one beyond each end."""
    known = np.unique(scores)
    return np.r_[known[0] - 1, known, (known[1:] + known[:-1]) / 2, known[-1] + 1]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=30),
)
def test_equal_to_refits_with_ties_between_and_outside(rows):
    scores = np.array([score for score, _ in rows]) / 9
    y = np.array([label for _, label in rows]).astype(int)
    new = around(scores)
    ours = VennAbers().fit(scores, y).predict_interval(new)
    np.testing.assert_allclose(ours, refit(scores, y, new), atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_equal_to_refits_where_scores_are_informative(seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=300).round(seed % 3 + 1)
    y = (rng.random(300) < 1 / (1 + np.exp(-2 * scores))).astype(int)
    new = around(scores)[::7]
    ours = VennAbers().fit(scores, y).predict_interval(new)
    np.testing.assert_allclose(ours, refit(scores, y, new), atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_equal_to_weighted_refits(seed):
    rng = np.random.default_rng(seed)
    scores, weight = rng.integers(0, 15, 60) / 15, rng.random(60) + 0.05
    y = (rng.random(60) < scores).astype(int)
    new = around(scores)
    ours = VennAbers().fit(scores, y, weight).predict_interval(new)
    np.testing.assert_allclose(ours, refit(scores, y, new, weight), atol=1e-12)


# venn-abers 1.5.4, VennAbers().fit(...).predict_proba(...), computed once.
GOLDEN_SCORES = [
    *(0.63, 0.9, 0.78, 0.23, 0.3, 0.87, 0.01, 0.82, 0.8, 0.47, 0.3, 0.28, 0.25, 0.45),
    *(0.5, 0.55, 1.0, 0.79, 0.62, 0.99, 0.22, 0.16, 0.61, 0.04, 0.04, 0.51, 0.47),
    *(0.92, 0.63, 0.51, 0.5, 0.25, 0.01, 0.19, 0.69, 0.2, 0.37, 0.0, 0.83, 0.15),
]
GOLDEN_Y = [int(c) for c in "1110010110001111110100000111010000100011"]
GOLDEN_NEW = [0, 0.05, 0.2, 0.335, 0.5, 0.71, 0.9, 1.0]
GOLDEN_INTERVAL = [
    [0.0, 0.166666666667],
    [0.0, 0.230769230769],
    [0.142857142857, 0.230769230769],
    [0.153846153846, 0.5],
    [0.5, 0.615384615385],
    [0.571428571429, 1.0],
    [0.888888888889, 1.0],
    [0.916666666667, 1.0],
]
GOLDEN_MERGED = [0.142857142857, 0.1875, 0.212121212121, 0.371428571429]
GOLDEN_MERGED += [0.551724137931, 0.7, 0.9, 0.923076923077]


def test_equal_to_the_published_package():
    venn = VennAbers().fit(GOLDEN_SCORES, GOLDEN_Y)
    interval = venn.predict_interval(GOLDEN_NEW)
    np.testing.assert_allclose(interval, GOLDEN_INTERVAL, atol=1e-11)
    np.testing.assert_allclose(venn.predict(GOLDEN_NEW), GOLDEN_MERGED, atol=1e-11)


def test_by_hand():
    # Beside one positive at 1: below it a positive joins it (1), a negative
    # stays alone (0); above it a negative is pooled with it (1/2).
    venn = VennAbers().fit([1.0], [1])
    assert venn.predict_interval([0, 1, 2]).tolist() == [[0, 1], [0.5, 1], [0.5, 1]]
    np.testing.assert_allclose(venn.predict([0, 1]), [1 / 2, 1 / 1.5])
    # Above a negative nothing is known: a new row decides for itself.
    assert VennAbers().fit([1.0], [0]).predict_interval([2]).tolist() == [[0, 1]]


def test_intervals_rise_and_never_cross():
    rng = np.random.default_rng(0)
    scores = rng.random(50_000)
    venn = VennAbers().fit(scores, rng.random(50_000) < scores**3)
    interval = venn.predict_interval(np.linspace(-0.1, 1.1, 5000))
    assert (np.diff(interval, axis=0) >= 0).all()
    assert (interval[:, 0] <= interval[:, 1]).all()
    assert (np.diff(venn.predict(np.linspace(0, 1, 5000))) >= -1e-15).all()


def test_the_probability_of_the_true_label_is_calibrated():
    # The promise: p1 where the label is 1, p0 where it is 0. For 50 calibration
    # rows and one new row, 4,000 times.
    rng = np.random.default_rng(1)
    told, truth = [], []
    for _ in range(4000):
        scores = rng.random(51)
        y = rng.random(51) < scores**2 * 1.1
        low, high = (
            VennAbers().fit(scores[:50], y[:50]).predict_interval(scores[50:])[0]
        )
        told.append(high if y[50] else low)
        truth.append(y[50])
    told, truth = np.array(told), np.array(truth)
    for start in (0.0, 0.25, 0.5, 0.75):
        here = (told >= start) & (told < start + 0.25 + (start == 0.75))
        error = np.sqrt(truth[here].var() / here.sum())
        assert abs(truth[here].mean() - told[here].mean()) < 4 * error


def test_weights_are_repetitions():
    rng = np.random.default_rng(2)
    scores, y = rng.integers(0, 8, 40) / 8, rng.integers(0, 2, 40)
    times = rng.integers(0, 4, 40)
    weighted = VennAbers().fit(scores, y, sample_weight=times)
    repeated = VennAbers().fit(np.repeat(scores, times), np.repeat(y, times))
    new = np.linspace(-1, 2, 50)
    np.testing.assert_allclose(
        weighted.predict_interval(new), repeated.predict_interval(new), atol=1e-15
    )


def test_only_the_order_of_the_scores_counts():
    rng = np.random.default_rng(3)
    scores, y = rng.random(100), rng.integers(0, 2, 100)
    plain = VennAbers().fit(scores, y).predict(scores)
    moved = VennAbers().fit(np.log(scores), y).predict(np.log(scores))
    np.testing.assert_array_equal(plain, moved)
    order = rng.permutation(100)
    again = VennAbers().fit(scores[order], y[order]).predict(scores)
    np.testing.assert_array_equal(plain, again)


@pytest.mark.parametrize("labels", [("no", "yes"), (-1, 1), (False, True), (3, 7)])
def test_any_two_labels(labels):
    y = np.array(labels)[[0, 1, 0, 1, 1]]
    venn = VennAbers().fit([0.1, 0.3, 0.5, 0.7, 0.9], y)
    expected = VennAbers().fit([0.1, 0.3, 0.5, 0.7, 0.9], [0, 1, 0, 1, 1])
    assert venn.classes_.tolist() == list(labels)
    np.testing.assert_array_equal(venn.predict([0.4]), expected.predict([0.4]))
    assert venn.predict_proba([0.4, 0.8]).sum(axis=1).tolist() == [1, 1]


def test_family():
    scores, y = pd.Series([0.1, 0.4, 0.6, 0.9]), pd.Series([0, 1, 0, 1])
    venn = VennAbers()
    assert venn.fit(scores, y) is venn
    expected = venn.predict_interval(scores)
    assert expected.shape == (4, 2)
    for other in (clone(venn).fit(scores, y), pickle.loads(pickle.dumps(venn))):
        np.testing.assert_array_equal(other.predict_interval(scores), expected)
    columns = np.column_stack([1 - scores, scores])
    two = VennAbers().fit(columns, y).predict_interval(columns)
    np.testing.assert_array_equal(two, expected)
    frame = scores.to_frame()
    np.testing.assert_array_equal(venn.predict_interval(frame), expected)
    assert venn.predict_interval([]).shape == (0, 2)
    with pytest.raises(NotFittedError):
        VennAbers().predict([0.5])


@pytest.mark.parametrize(
    ("scores", "y", "message"),
    [
        ([0.1, np.nan], [0, 1], "nan at row 1"),
        ([0.1, np.inf], [0, 1], "inf at row 1"),
        ([0.1, 0.2], [0, None], "y has missing values .first at row 1"),
        ([0.1, 0.2, 0.3], [0, 1, 2], "3 classes.*one calibrator a class"),
        ([0.1, 0.2], ["a", "a"], "one class.*y == the_positive_class"),
        ([0.1, 0.2], [0], "lengths differ"),
        ([], [], "y has no rows"),
        (["a", "b"], [0, 1], "no numbers"),
        (np.eye(3), [0, 1, 2], "3 columns.*two classes"),
        ([[0.1, 0.2], [0.3, 0.4]], [0, 1], "do not sum to 1"),
        (np.zeros((2, 2, 2)), [0, 1], "shape"),
    ],
)
def test_bad_input_is_named(scores, y, message):
    with pytest.raises(ValueError, match=message):
        VennAbers().fit(scores, y)


def test_pandas_rows_in_another_order_are_refused():
    with pytest.raises(ValueError, match="different indexes"):
        VennAbers().fit(pd.Series([0.1, 0.2]), pd.Series([0, 1], index=[1, 0]))


def test_weights_are_checked():
    with pytest.raises(ValueError, match="negative"):
        VennAbers().fit([0.1, 0.2], [0, 1], [1, -1])
