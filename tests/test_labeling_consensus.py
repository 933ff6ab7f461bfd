"""Consensus of annotators: Dawid and Skene's table, repeats, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.labeling import consensus

# Dawid and Skene (1979), table 1: 45 patients; the first anaesthetist rated
# three times, four others once.
PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223
4444444 2223343 1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322
2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111
1111111 1212111 2322222 1211111 2222222
"""


@pytest.fixture(scope="module")
def records():
    return pd.DataFrame(
        [
            (patient, max(place - 2, 1), int(rating))
            for patient, row in enumerate(PATIENTS.split(), start=1)
            for place, rating in enumerate(row, start=1)
        ],
        columns=["patient", "observer", "rating"],
    )


def settle(records, **options):
    return consensus(records, "patient", "observer", "rating", **options)


def crowd(seed=0, n=400, k=3, skill=(0.9, 0.8, 0.6, 0.4, 0.9)):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    rows = []
    for who, right in enumerate(skill):
        wrong = (truth + rng.integers(1, k, n)) % k
        said = np.where(rng.random(n) < right, truth, wrong)
        rows += [(i, f"w{who}", said[i]) for i in range(n) if rng.random() < 0.7]
    return truth, pd.DataFrame(rows, columns=["item", "annotator", "label"])


def test_dawid_and_skene_marginals(records):
    # Their table 3: .40, .42, .11, .07.
    report = settle(records, smoothing=0)
    np.testing.assert_allclose(
        report.class_prior, [0.400, 0.422, 0.112, 0.067], atol=5e-4
    )
    assert report.class_prior.index.tolist() == [1, 2, 3, 4]
    assert report.converged
    # Their table 2, observer 1: the diagonal .89, .88, .66, .44.
    first = report.confusion.loc[1].to_numpy()
    np.testing.assert_allclose(np.diag(first), [0.89, 0.88, 0.66, 0.44], atol=6e-3)
    assert report.annotators["ratings"].tolist() == [135, 45, 45, 45, 45]
    assert report.annotators["items"].tolist() == [45] * 5


def em_by_hand(records, steps):
    """Dawid and Skene's two steps in plain loops, from the shares of ratings."""
    rows = records.to_numpy()
    people, k = 5, 4
    posterior = np.zeros((45, k))
    for i, _, said in rows:
        posterior[i - 1, said - 1] += 1 / 7
    for _ in range(steps):
        prior = posterior.mean(axis=0)
        confusion = np.zeros((people, k, k))
        for i, who, said in rows:
            confusion[who - 1, :, said - 1] += posterior[i - 1]
        confusion /= confusion.sum(axis=2, keepdims=True)
        joint = np.tile(prior, (45, 1))
        for i, who, said in rows:
            joint[i - 1] *= confusion[who - 1, :, said - 1]
        posterior = joint / joint.sum(axis=1, keepdims=True)
    return posterior


def test_em_is_dawid_and_skenes(records):
    report = settle(records, smoothing=0)
    expected = em_by_hand(records, 200)
    np.testing.assert_allclose(report.probabilities, expected, atol=1e-4)
    assert (report.frame["label"] == expected.argmax(axis=1) + 1).all()
    np.testing.assert_allclose(
        report.frame["probability"], expected.max(axis=1), atol=1e-4
    )


def test_a_likelier_fit_than_the_published_one_exists(records):
    one, many = (settle(records, smoothing=0, n_init=n) for n in (1, 10))
    assert many.log_likelihood > one.log_likelihood + 0.1
    again = settle(records, smoothing=0, n_init=10)
    pd.testing.assert_frame_equal(again.frame, many.frame)


def test_weighing_people_beats_counting_them():
    truth, said = crowd()
    right = {}
    for method in ("dawid_skene", "majority"):
        label = consensus(said, method=method).frame["label"]
        right[method] = (label == truth[label.index]).mean()
    assert right["dawid_skene"] > right["majority"] + 0.03
    accuracy = consensus(said).annotators["accuracy"]
    np.testing.assert_allclose(accuracy, [0.9, 0.8, 0.6, 0.4, 0.9], atol=0.05)


def test_majority_by_hand(records):
    report = settle(records, method="majority")
    for patient, row in enumerate(PATIENTS.split(), start=1):
        counts = [row.count(c) for c in "1234"]
        found = report.frame.loc[patient]
        assert found["label"] == int(np.argmax(counts)) + 1
        assert found["probability"] == pytest.approx(max(counts) / 7)
        assert found["tie"] == (counts.count(max(counts)) > 1)
    assert report.n_iter == 0
    assert np.isnan(report.log_likelihood)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.permutations(["b", "a", "c"]))
def test_names_and_order_do_not_matter(seed, names):
    _, said = crowd(seed, n=40)
    one = consensus(said)
    other = said.assign(
        label=said["label"].map(dict(enumerate(names))),
        annotator=said["annotator"].str.upper(),
    ).sample(frac=1, random_state=seed)
    two = consensus(other)
    expected = one.probabilities.rename(columns=dict(enumerate(names)))
    pd.testing.assert_frame_equal(
        two.probabilities.sort_index(),
        expected[sorted(names)].sort_index(),
        check_names=False,
        check_column_type=False,
        rtol=1e-3,
        atol=1e-3,
    )
    np.testing.assert_allclose(two.probabilities.sum(axis=1), 1)
    rows = two.confusion.sum(axis=1, skipna=False).dropna()
    np.testing.assert_allclose(rows, 1)


def test_a_repeated_rating_counts_again():
    rows = [("x", "a", 1), ("x", "a", 1), ("x", "b", 0)]
    records = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    found = consensus(records, method="majority").frame.loc["x"]
    assert (found["label"], found["ratings"]) == (1, 3)
    assert found["agreeing"] == pytest.approx(2 / 3)


def test_a_tie_is_said():
    records = pd.DataFrame({"item": [1, 1], "annotator": ["a", "b"], "label": [1, 0]})
    report = consensus(records, method="majority")
    assert report.frame["tie"].tolist() == [True]
    assert report.frame["label"].tolist() == [0]
    assert any("1 item(s) are tied" in note for note in report.notes)


def test_one_rating_each_is_said():
    records = pd.DataFrame({"item": [1, 2], "annotator": ["a", "b"], "label": [1, 0]})
    notes = consensus(records).notes
    assert any("nothing to settle" in note for note in notes)


def test_a_class_an_annotator_never_met_has_no_row():
    rows = [(i, who, c) for i, c in enumerate("nnyy") for who in "ab"]
    rows += [(0, "c", "n")]
    records = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    confusion = consensus(records, method="majority").confusion
    assert confusion.loc[("c", "y")].isna().all()
    assert confusion.loc[("c", "n")].tolist() == [1, 0]


def test_records_without_a_label_are_left_out_and_counted(records):
    extra = pd.DataFrame({"patient": [1, 99], "observer": [2, 2], "rating": [None] * 2})
    more = pd.concat(
        [records.astype({"rating": "Int64"}), extra.astype({"rating": "Int64"})]
    )
    report = settle(more)
    np.testing.assert_allclose(report.class_prior, settle(records).class_prior)
    assert report.items == 45
    assert any("2 record(s) without a label" in note for note in report.notes)


def test_categories_keep_their_order():
    kind = pd.CategoricalDtype(["low", "high", "never"], ordered=True)
    rows = [(i, who, c) for i, c in enumerate(["low", "high"]) for who in "ab"]
    records = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    report = consensus(records.astype({"label": kind}))
    assert report.class_prior.index.tolist() == ["low", "high"]


GOOD = pd.DataFrame({"item": [1, 1], "annotator": ["a", "b"], "label": [0, 0]})


@pytest.mark.parametrize(
    ("records", "options", "error", "message"),
    [
        (GOOD.drop(columns="label"), {}, KeyError, "no column"),
        (GOOD.assign(item=[1, None]), {}, ValueError, "no item in 1 row"),
        (GOOD.assign(annotator=None), {}, ValueError, "first at row 0"),
        (GOOD.assign(label=None), {}, ValueError, "no label at all"),
        (GOOD.head(0), {}, ValueError, "no label at all"),
        (GOOD, {"method": "mean"}, ValueError, "method is 'mean'"),
        (GOOD, {"smoothing": -1}, ValueError, "smoothing is -1"),
        (GOOD, {"smoothing": "no"}, ValueError, "smoothing is 'no'"),
        (GOOD, {"n_init": 0}, ValueError, "n_init is 0"),
        ([1, 2], {}, TypeError, "records is a list"),
    ],
)
def test_bad_input(records, options, error, message):
    with pytest.raises(error, match=message):
        consensus(records, **options)


def test_one_class_and_one_annotator_work():
    report = consensus(GOOD)
    assert report.frame["label"].tolist() == [0]
    alone = consensus(GOOD.assign(annotator="a", item=[1, 2], label=[0, 1]))
    assert alone.frame["label"].tolist() == [0, 1]


def test_too_few_steps_are_said(records):
    report = settle(records, max_iter=2)
    assert not report.converged
    assert any("after 2 steps" in note for note in report.notes)


def test_plot_draws_a_bar_per_annotator(records):
    import matplotlib.pyplot as plt

    ax = settle(records).plot()
    assert len(ax.patches) == 5
    assert ax.get_xlim() == (0, 1)
    plt.close(ax.figure)
