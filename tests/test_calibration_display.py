"""The reliability diagram: what it draws is what was counted."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from _calibration_rows import golden_classes, random_rows
from sklearn.calibration import CalibrationDisplay
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_validate
from sklearn.svm import LinearSVC

from mlworkbench.calibration import ReliabilityDisplay, calibration_report

mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = np.where(rng.random(300) < 1 / (1 + np.exp(-X[:, 0])), "late", "early")
    return pd.DataFrame(X, columns=["a", "b"], index=range(10, 310)), y


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_draws_what_scikit_learn_draws(strategy):
    y, p = random_rows(700)
    ours = ReliabilityDisplay.from_predictions(y, p, n_bins=8, strategy=strategy)
    theirs = CalibrationDisplay.from_predictions(y, p, n_bins=8, strategy=strategy)
    for mine, other in (
        (ours.prob_true, theirs.prob_true),
        (ours.prob_pred, theirs.prob_pred),
        (ours.line_.get_xdata(), theirs.line_.get_xdata()),
        (ours.line_.get_ydata(), theirs.line_.get_ydata()),
    ):
        np.testing.assert_allclose(mine, other, atol=1e-12)


def test_band_and_histogram():
    y, p = random_rows(700)
    display = ReliabilityDisplay.from_predictions(y, p, n_bins=15)
    table = calibration_report(y, p, n_boot=0).frame
    ends = np.array([path[:, 1] for path in display.band_.get_segments()])
    np.testing.assert_allclose(ends, table[["low", "high"]], atol=1e-12)
    assert display.histogram.sum() == 700
    assert display.ax_histogram_ in display.ax_.child_axes
    assert display.figure_ is display.ax_.figure
    assert display.ax_.get_ylabel() == "share of events"
    assert display.ax_.get_xlabel() == "mean predicted probability"


@pytest.mark.parametrize("layout", [None, "tight", "constrained"])
def test_nothing_lies_outside_the_figure_or_on_the_curve(layout):
    y, p = random_rows(200)
    figure, axes = plt.subplots(1, 2, layout=layout)
    display = ReliabilityDisplay.from_predictions(y, p, ax=axes[1])
    figure.canvas.draw()
    below = display.ax_histogram_.get_window_extent()
    assert below.y0 >= 0
    assert below.y1 < display.ax_.transData.transform((0, 0))[1]


def test_bare():
    y, p = random_rows(100)
    display = ReliabilityDisplay.from_predictions(
        y, p, confidence=None, show_histogram=False, ref_line=False, color="red"
    )
    assert display.band_ is None
    assert display.ax_histogram_ is None
    assert len(display.ax_.get_lines()) == 1
    assert display.line_.get_color() == "red"
    assert display.ax_.get_xlabel() == "mean predicted probability"


def test_two_models_share_axes_and_diagonal():
    y, p = random_rows(300)
    one = ReliabilityDisplay.from_predictions(y, p, name="one")
    two = ReliabilityDisplay.from_predictions(y, p / 2, name="two", ax=one.ax_)
    assert two.ax_ is one.ax_
    assert two.ax_histogram_ is one.ax_histogram_
    labels = [text.get_text() for text in one.ax_.get_legend().get_texts()]
    assert labels == ["calibrated", "one", "two"]


def test_from_estimator(data):
    X, y = data
    model = LogisticRegression().fit(X, y)
    display = ReliabilityDisplay.from_estimator(model, X, y, n_bins=5)
    p = model.predict_proba(X)[:, 1]
    expected = ReliabilityDisplay.from_predictions(y, p, n_bins=5, pos_label="late")
    np.testing.assert_array_equal(display.prob_true, expected.prob_true)
    assert display.estimator_name == "LogisticRegression"
    assert display.pos_label == "late"
    assert "late" in display.ax_.get_ylabel()
    early = ReliabilityDisplay.from_estimator(model, X, y, pos_label="early", n_bins=5)
    np.testing.assert_allclose(early.prob_true, 1 - display.prob_true[::-1])


def test_from_cv_results_pools_the_folds(data):
    X, y = data
    model = LogisticRegression()
    kept = cross_validate(model, X, y, cv=4, return_estimator=True, return_indices=True)
    display = ReliabilityDisplay.from_cv_results(kept, X, y, n_bins=6, name="four")
    p = cross_val_predict(model, X, y, cv=4, method="predict_proba")[:, 1]
    expected = ReliabilityDisplay.from_predictions(y, p, n_bins=6, pos_label="late")
    np.testing.assert_allclose(display.prob_true, expected.prob_true, atol=1e-12)
    np.testing.assert_allclose(display.prob_pred, expected.prob_pred, atol=1e-12)
    with pytest.raises(ValueError, match="return_estimator=True"):
        ReliabilityDisplay.from_cv_results({"test_score": []}, X, y)


def test_many_classes_from_an_estimator():
    y, X = golden_classes()
    words = np.array(["a", "b", "c"])[y]
    model = LogisticRegression().fit(X, words)
    some = y < 2  # the classes in the table are more than those that occurred
    display = ReliabilityDisplay.from_estimator(model, X[some], words[some])
    table = model.predict_proba(X[some])
    right = model.predict(X[some]) == words[some]
    expected = ReliabilityDisplay.from_predictions(right, table.max(axis=1))
    np.testing.assert_array_equal(display.prob_true, expected.prob_true)
    np.testing.assert_array_equal(display.prob_pred, expected.prob_pred)


def test_an_estimator_without_probabilities(data):
    X, y = data
    with pytest.raises(TypeError, match="no predict_proba"):
        ReliabilityDisplay.from_estimator(LinearSVC().fit(X, y), X, y)
    model = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="pass one of"):
        ReliabilityDisplay.from_estimator(model, X, y, pos_label="soon")


def test_drawn_again_from_plain_arrays():
    display = ReliabilityDisplay(np.array([0.1, 0.8]), np.array([0.2, 0.7]))
    assert display.plot(name="kept") is display
    assert display.ax_histogram_ is None
    counted = ReliabilityDisplay(
        np.array([0.1]), np.array([0.2]), y_prob=np.array([0.2, 0.2])
    ).plot()
    assert counted.ax_histogram_ is not None
