"""Wrong labels and their sources: brute force, planted errors, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.labeling import ABSTAIN, audit_labels, label_source

# Sources of labels


def test_the_first_source_with_a_label_wins():
    frame = label_source(
        {
            "doctor": [None, "sick", None, "well"],
            "nurse": ["sick", "well", None, "well"],
            "rule": ["well", "well", None, None],
        }
    )
    assert frame["label"].tolist()[:2] == ["sick", "sick"]
    assert frame["source"].tolist()[:2] == ["nurse", "doctor"]
    assert frame["n_sources"].tolist() == [2, 3, 0, 2]
    assert frame["conflict"].tolist() == [True, True, False, False]
    assert frame.loc[2, ["label", "source"]].isna().all()
    assert frame.loc[3, "label"] == "well"


def test_an_abstention_is_no_label():
    frame = label_source({"a": [ABSTAIN, 1], "b": [0, ABSTAIN]}, missing=ABSTAIN)
    assert frame["label"].tolist() == [0, 1]
    assert frame["source"].tolist() == ["b", "a"]
    assert not frame["conflict"].any()


def test_sources_over_some_of_the_rows():
    some = pd.Series([1, 0], index=["z", "x"])
    frame = label_source({"few": some, "all": [0, 0, 0]}, index=["x", "y", "z"])
    assert frame.index.tolist() == ["x", "y", "z"]
    assert frame["label"].tolist() == [0, 0, 1]
    assert frame["source"].tolist() == ["few", "all", "few"]


def test_the_index_is_kept():
    one = pd.Series([1, None], index=[7, 9])
    frame = label_source({"a": one, "b": pd.Series([0, 0], index=[7, 9])})
    assert frame.index.tolist() == [7, 9]
    assert frame["label"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("sources", "options", "error", "message"),
    [
        ({}, {}, TypeError, "sources is empty"),
        ([1, 2], {}, TypeError, "no dict"),
        ({"a": [1], "b": [1, 2]}, {}, ValueError, "lengths differ"),
        (
            {"a": pd.Series([1], index=[1]), "b": pd.Series([1], index=[2])},
            {},
            ValueError,
            "different indexes",
        ),
        ({"a": pd.Series([1], index=[5])}, {"index": [1]}, KeyError, "not in index"),
        (
            {"a": pd.Series([1, 2], index=[1, 1])},
            {"index": [1, 2]},
            ValueError,
            "a row twice",
        ),
    ],
)
def test_bad_sources(sources, options, error, message):
    with pytest.raises(error, match=message):
        label_source(sources, **options)


# Confident learning


def by_hand(y, prob):
    """Northcutt et al. (2021), equations 1 to 3, row by row."""
    n, k = prob.shape
    thresholds = [
        np.mean([prob[i, j] for i in range(n) if y[i] == j]) if j in y else np.inf
        for j in range(k)
    ]
    counts = np.zeros((k, k), dtype=int)
    guess = np.full(n, -1)
    for i in range(n):
        sure = [j for j in range(k) if prob[i, j] >= thresholds[j] - 1e-9]
        if sure:
            guess[i] = max(sure, key=lambda j: (prob[i, j], -j))
            counts[y[i], guess[i]] += 1
    joint = np.zeros((k, k))
    for i in range(k):
        given = sum(label == i for label in y)
        for j in range(k):
            if counts[i].sum():
                joint[i, j] = counts[i, j] / counts[i].sum() * given
            elif i == j:
                joint[i, j] = given
    return counts, joint / joint.sum(), guess


@settings(deadline=None, max_examples=80)
@given(st.integers(2, 5), st.integers(1, 40), st.integers(0, 10**6))
def test_the_joint_is_its_definition(k, n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    prob = rng.dirichlet(np.full(k, 0.5), n)
    report = audit_labels(y, prob, classes=range(k))
    counts, joint, guess = by_hand(list(y), prob)
    assert (report.confident_joint.to_numpy() == counts).all()
    np.testing.assert_allclose(report.joint, joint, atol=1e-12)
    assert report.error_rate == pytest.approx(1 - np.trace(joint))
    suspects = np.flatnonzero((guess >= 0) & (guess != y))
    assert sorted(report.frame.index) == list(suspects)
    assert report.frame["margin"].is_monotonic_increasing
    assert (report.frame["suggested"] == guess[report.frame.index]).all()
    np.testing.assert_allclose(
        report.joint.sum(axis=1), np.bincount(y, minlength=k) / n
    )
    assert report.error_low <= report.error_rate + 1e-12 <= report.error_high + 2e-12


def noisy(seed=0, n=4000):
    """Labels of three classes; a good source and one with 30 % wrong ones."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    source = np.where(rng.random(n) < 0.75, "staff", "crowd")
    flip = rng.random(n) < np.where(source == "staff", 0.02, 0.30)
    y = np.where(flip, (truth + 1) % 3, truth)
    score = rng.normal(size=(n, 3)) + 4 * np.eye(3)[truth]
    # The probabilities of a model that knows how the features came about.
    prob = np.exp(4 * score)
    return truth, y, prob / prob.sum(axis=1, keepdims=True), source


def test_planted_errors_are_found_and_counted():
    truth, y, prob, source = noisy()
    report = audit_labels(y, prob, source)
    wrong = np.flatnonzero(y != truth)
    assert report.error_rate == pytest.approx((y != truth).mean(), abs=0.01)
    assert report.error_low < (y != truth).mean() < report.error_high
    found = report.frame.index
    assert np.isin(found, wrong).mean() > 0.95
    assert np.isin(wrong, found).mean() > 0.95
    off = report.joint.to_numpy()
    # Errors go from each class to the next one, never back.
    assert min(off[(c + 1) % 3, c] for c in range(3)) > 0.02
    assert max(off[c, (c + 1) % 3] for c in range(3)) < 0.005


def test_the_bad_batch_is_found_by_its_source():
    truth, y, prob, source = noisy()
    table = audit_labels(y, prob, source).by_source
    assert table.index.tolist() == ["crowd", "staff"]
    for name, row in table.iterrows():
        at = source == name
        assert row["rows"] == at.sum()
        assert row["low"] < (y != truth)[at].mean() < row["high"]
    assert table.loc["staff", "high"] < table.loc["crowd", "low"]


def test_one_source_has_the_overall_rate():
    _, y, prob, _ = noisy(n=500)
    report = audit_labels(y, prob, np.full(500, "all"))
    row = report.by_source.loc["all"]
    assert row["error_rate"] == pytest.approx(report.error_rate)
    assert (row["low"], row["high"]) == (report.error_low, report.error_high)
    assert row["suspects"] == report.suspects


def test_digits_with_planted_errors():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    X, truth = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    wrong = rng.choice(len(truth), 180, replace=False)
    y = truth.copy()
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    model = KNeighborsClassifier(10)
    prob = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    report = audit_labels(y, prob)
    suspects = report.frame.index
    assert np.isin(wrong, suspects).mean() > 0.8
    assert np.isin(suspects, wrong).mean() > 0.9
    assert np.isin(suspects[:100], wrong).mean() > 0.95
    assert report.error_rate == pytest.approx(0.1, abs=0.02)


def test_names_and_order_of_rows_do_not_matter():
    _, y, prob, source = noisy(n=300)
    names = np.array(["b", "c", "a"])
    one = audit_labels(y, prob, source)
    order = np.random.default_rng(1).permutation(300)
    frame = pd.DataFrame(prob, columns=names, index=np.arange(300) + 1000)
    labels = pd.Series(names[y], index=frame.index)
    two = audit_labels(
        labels.iloc[order],
        frame.iloc[order],
        pd.Series(source, index=frame.index).iloc[order],
    )
    assert sorted(two.frame.index) == sorted(one.frame.index + 1000)
    np.testing.assert_allclose(two.joint, one.joint)
    pd.testing.assert_frame_equal(two.by_source, one.by_source)
    assert two.joint.columns.tolist() == list(names)


def test_two_classes_may_have_one_column():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 50), rng.random(50)
    one = audit_labels(y, p)
    two = audit_labels(y, np.column_stack([1 - p, p]))
    np.testing.assert_allclose(one.joint, two.joint)


def test_a_model_that_saw_the_labels_is_doubted():
    y = np.array([0, 1, 1, 0])
    report = audit_labels(y, np.eye(2)[y])
    assert (report.suspects, report.error_rate) == (0, 0)
    assert any("fitted on these rows" in note for note in report.notes)
    _, labels, prob, _ = noisy(n=200)
    assert audit_labels(labels, prob).notes == ()


def test_a_class_without_labels_is_never_suggested():
    prob = np.array([[0.7, 0.1, 0.2], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8]])
    report = audit_labels([0, 1, 1], prob)
    assert 2 not in report.frame["suggested"].tolist()
    assert any("no row is labelled 2" in note for note in report.notes)


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (([], np.zeros((0, 2))), {}, ValueError, "y is empty"),
        (([0, 1], [0.5]), {}, ValueError, "lengths differ"),
        (([0, 1], [0.5, 1.5]), {}, ValueError, "outside"),
        (([0, 1], [0.5, np.nan]), {}, ValueError, "missing value"),
        (([0, 1], [[0.5, 0.2], [0.5, 0.5]]), {}, ValueError, "sums to 0.7 in row 0"),
        (([0, None], [0.5, 0.5]), {}, ValueError, "y has missing labels"),
        ((["a", "a"], [0.5, 0.5]), {}, ValueError, "1 classes, y_prob has 2 columns"),
        (([0, 1], [0.5, 0.5]), {"classes": [1, 1]}, ValueError, "all different"),
        (([0, 1], [0.5, 0.5]), {"classes": [1, 2]}, ValueError, "not in classes"),
        (([0, 1], [0.5, 0.5], ["a", None]), {}, ValueError, "source is missing"),
        (([0, 1], [0.5, 0.5]), {"confidence": 0}, ValueError, "confidence is 0"),
        (
            (pd.Series([0, 1]), pd.DataFrame([[1, 0], [0, 1]], index=[5, 6])),
            {},
            ValueError,
            "different indexes",
        ),
    ],
)
def test_bad_input(args, options, error, message):
    with pytest.raises(error, match=message):
        audit_labels(*args, **options)


def test_plots():
    import matplotlib.pyplot as plt

    _, y, prob, source = noisy(n=500)
    ax = audit_labels(y, prob, source).plot()
    assert "crowd has the most wrong labels" in ax.get_title()
    plt.close(ax.figure)
    ax = audit_labels(y, prob).plot()
    assert len(ax.images) == 1
    plt.close(ax.figure)
