"""Agreement between annotators: published examples, brute force, refusals."""

import itertools
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mlworkbench.labeling import ABSTAIN, annotator_agreement

NA = np.nan
# Krippendorff (2011), Computing Krippendorff's alpha-reliability, section E:
# four observers, twelve units.
KRIPPENDORFF = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
        "C": [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
    }
)


def alpha_by_pairs(table, distance):
    """Alpha from its definition: all pairs within units, all pairs overall."""
    units = [[v for v in row if v == v and v is not None] for row in table]
    units = [unit for unit in units if len(unit) > 1]
    pool = [v for unit in units for v in unit]
    n = len(pool)
    observed = (
        sum(
            sum(distance(a, b, pool) for a, b in itertools.permutations(unit, 2))
            / (len(unit) - 1)
            for unit in units
        )
        / n
    )
    chance = sum(distance(a, b, pool) for a, b in itertools.permutations(pool, 2))
    chance /= n * (n - 1)
    return 1 - observed / chance if chance else np.nan


def nominal(a, b, pool):
    return float(a != b)


def interval(a, b, pool):
    return float(a - b) ** 2


def ordinal(a, b, pool):
    low, high = min(a, b), max(a, b)
    between = sum(low <= v <= high for v in pool)
    return (between - (pool.count(a) + pool.count(b)) / 2) ** 2


DISTANCES = {"nominal": nominal, "ordinal": ordinal, "interval": interval}
tables = st.integers(2, 4).flatmap(
    lambda m: st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0, NA]), min_size=m, max_size=m),
        min_size=1,
        max_size=8,
    )
)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_krippendorffs_published_example(level, alpha):
    report = annotator_agreement(KRIPPENDORFF, level=level, n_bootstrap=0)
    assert report.alpha == pytest.approx(alpha, abs=5e-4)
    assert (report.items, report.annotators, report.ratings) == (12, 4, 41)
    assert np.isnan(report.alpha_low)


@settings(deadline=None, max_examples=60)
@given(tables, st.sampled_from(sorted(DISTANCES)))
def test_alpha_is_its_definition(table, level):
    if not any(sum(v == v for v in row) > 1 for row in table):
        with pytest.raises(ValueError, match="no item has two ratings"):
            annotator_agreement(np.array(table), level=level)
        return
    report = annotator_agreement(np.array(table), level=level, n_bootstrap=0)
    expected = alpha_by_pairs(table, DISTANCES[level])
    assert report.alpha == pytest.approx(expected, nan_ok=True)
    pairs = [
        a == b
        for row in table
        for a, b in itertools.combinations([v for v in row if v == v], 2)
    ]
    assert report.agreement == pytest.approx(np.mean(pairs))


def test_fleiss_published_example():
    # Fleiss (1971), table 1: 30 subjects, 6 raters, 5 diagnoses; kappa .430.
    counts = """0 0 0 6 0/0 3 0 0 3/0 1 4 0 1/0 0 0 0 6/0 3 0 3 0/2 0 4 0 0
    0 0 4 0 2/2 0 3 1 0/2 0 0 4 0/0 0 0 0 6/1 0 0 5 0/1 1 0 4 0/0 3 3 0 0/1 0 0 5 0
    0 2 0 3 1/0 0 5 0 1/3 0 0 1 2/5 1 0 0 0/0 2 0 4 0/1 0 2 0 3/0 0 0 0 6/0 1 0 5 0
    0 2 0 1 3/2 0 0 4 0/1 0 0 4 1/0 5 0 1 0/4 0 0 0 2/0 2 0 4 0/1 0 5 0 0/0 0 0 0 6"""
    rows = [
        np.repeat(list("abcde"), [int(x) for x in row.split()])
        for line in counts.splitlines()
        for row in line.split("/")
    ]
    report = annotator_agreement(pd.DataFrame(rows), n_bootstrap=0)
    assert report.fleiss_kappa == pytest.approx(0.430, abs=5e-4)
    assert report.notes == ()


def test_pairs_use_only_the_items_that_both_rated():
    frame = annotator_agreement(KRIPPENDORFF, n_bootstrap=0).frame
    assert frame["items"].tolist() == [9, 8, 9, 9, 10, 10]
    both = KRIPPENDORFF[["A", "C"]].dropna().astype(int)
    row = frame.query("annotator_a == 'A' and annotator_b == 'C'").iloc[0]
    assert row["cohen_kappa"] == pytest.approx(cohen_kappa_score(both.A, both.C))
    assert row["agreement"] == (both.A == both.C).mean() == 5 / 8


def test_fleiss_leaves_out_items_not_rated_by_all_and_says_so():
    report = annotator_agreement(KRIPPENDORFF, n_bootstrap=0)
    full = annotator_agreement(KRIPPENDORFF.dropna(), n_bootstrap=0)
    assert report.fleiss_kappa == full.fleiss_kappa
    assert any("8 of 12" in note for note in report.notes)
    assert any("1 of 12 items have fewer than two" in note for note in report.notes)


def test_the_interval_is_that_of_resampled_items():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 80)
    table = np.where(
        rng.random((80, 4)) < 0.8, truth[:, None], rng.integers(0, 3, (80, 4))
    )
    report = annotator_agreement(table, random_state=1, n_bootstrap=4000)
    draws = [
        annotator_agreement(table[rng.integers(0, 80, 80)], n_bootstrap=0).alpha
        for _ in range(400)
    ]
    expected = np.quantile(draws, [0.025, 0.975])
    found = [report.alpha_low, report.alpha_high]
    np.testing.assert_allclose(found, expected, atol=0.03)
    assert report.alpha_low < report.alpha < report.alpha_high
    again = annotator_agreement(table, random_state=1, n_bootstrap=4000)
    assert (again.alpha_low, again.alpha_high) == tuple(found)


def test_names_of_labels_and_order_of_rows_and_columns_do_not_matter():
    names = KRIPPENDORFF.replace({1: "x", 2: "c", 3: "b", 4: "z", 5: "a"})
    names = names.sample(frac=1, random_state=0)[["D", "B", "A", "C"]]
    one = annotator_agreement(KRIPPENDORFF, n_bootstrap=0)
    two = annotator_agreement(names, n_bootstrap=0)
    assert two.alpha == pytest.approx(one.alpha)
    assert two.agreement == one.agreement
    assert two.fleiss_kappa == pytest.approx(one.fleiss_kappa)


def test_ordered_categories_have_the_order_of_their_type():
    kind = pd.CategoricalDtype(["low", "high", "urgent"], ordered=True)
    words = pd.DataFrame(
        {"a": ["low", "urgent", "high", "low"], "b": ["low", "high", "high", None]}
    )
    found = annotator_agreement(words.astype(kind), level="ordinal", n_bootstrap=0)
    numbers = words.replace({"low": 0, "high": 1, "urgent": 2}).astype(float)
    expected = annotator_agreement(numbers, level="ordinal", n_bootstrap=0)
    assert found.alpha == pytest.approx(expected.alpha)


def test_a_value_for_missing_leaves_ordered_categories_their_order():
    kind = pd.CategoricalDtype(["low", "none", "high", "urgent"], ordered=True)
    words = pd.DataFrame(
        {"a": ["low", "urgent", "high", "low"], "b": ["low", "high", "high", "none"]}
    )
    found = annotator_agreement(
        words.astype(kind), level="ordinal", missing="none", n_bootstrap=0
    )
    expected = annotator_agreement(
        words.replace("none", None).astype(kind), level="ordinal", n_bootstrap=0
    )
    assert found.alpha == pytest.approx(expected.alpha)
    assert found.ratings == 7


def test_an_abstention_is_missing_where_it_is_said_to_be():
    votes = np.array([[0, 1, -1], [1, 1, -1], [0, 0, 0], [-1, 1, 1]])
    found = annotator_agreement(votes, missing=ABSTAIN, n_bootstrap=0)
    expected = annotator_agreement(np.where(votes < 0, NA, votes), n_bootstrap=0)
    assert found.alpha == pytest.approx(expected.alpha)
    assert found.ratings == 9
    asked = annotator_agreement(votes, n_bootstrap=0)
    assert asked.ratings == 12
    assert any("pass missing=-1" in note for note in asked.notes)


def test_one_class_only_is_said_not_guessed():
    report = annotator_agreement([[1, 1], [1, 1]] * np.array(1))
    assert np.isnan([report.alpha, report.alpha_low, report.fleiss_kappa]).all()
    assert report.agreement == 1
    assert np.isnan(report.frame["cohen_kappa"]).all()
    assert any("one class" in note for note in report.notes)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_measurements_need_no_table_of_values_by_values(level):
    rng = np.random.default_rng(0)
    truth = rng.normal(100, 10, 3000)
    labels = truth[:, None] + rng.normal(0, 5, (3000, 3))
    tracemalloc.start()
    report = annotator_agreement(labels, level=level, n_bootstrap=20, random_state=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6  # 9,000 values squared are 648 MB
    # Equal variances within: 100 of 125 parts of the variance are the items'.
    expected = {"nominal": 0, "ordinal": 0.79, "interval": 0.8}[level]
    assert report.alpha == pytest.approx(expected, abs=0.02)
    assert np.isfinite([report.alpha_low, report.alpha_high]).all()
    assert report.frame["cohen_kappa"].isna().all()


def test_interval_alpha_keeps_its_digits_far_from_zero():
    near = annotator_agreement(KRIPPENDORFF, level="interval", n_bootstrap=0)
    far = annotator_agreement(KRIPPENDORFF + 1e7, level="interval", n_bootstrap=0)
    assert far.alpha == pytest.approx(near.alpha, rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2))
def test_kappas_are_those_of_the_libraries(table):
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    table = np.array([*table, [0, 1, 1], [1, 1, 1]])
    report = annotator_agreement(table, n_bootstrap=0)
    expected = fleiss_kappa(aggregate_raters(table)[0])
    assert report.fleiss_kappa == pytest.approx(expected, abs=1e-12)
    for row in report.frame.itertuples():
        a, b = table[:, row.annotator_a], table[:, row.annotator_b]
        found = cohen_kappa_score(a, b) if len({*a, *b}) > 1 else np.nan
        assert row.cohen_kappa == pytest.approx(found, abs=1e-12, nan_ok=True)


def test_without_statsmodels_the_rest_is_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.stats.inter_rater", None)
    report = annotator_agreement(KRIPPENDORFF, n_bootstrap=0)
    assert np.isnan(report.fleiss_kappa)
    assert report.alpha == pytest.approx(0.743, abs=5e-4)
    assert any("statsmodels is not installed" in note for note in report.notes)


def test_measurements_have_no_kappa_and_say_so():
    values = np.random.default_rng(0).normal(size=(1_100, 2)).cumsum(axis=1)
    report = annotator_agreement(values, level="interval", n_bootstrap=0)
    assert np.isnan(report.fleiss_kappa)
    assert report.frame["cohen_kappa"].isna().all()
    assert any("look like measurements" in note for note in report.notes)
    assert 0 < report.alpha < 1


@pytest.mark.parametrize(
    ("labels", "options", "error", "message"),
    [
        (pd.DataFrame({"a": [1, 2]}), {}, ValueError, "1 column"),
        (pd.DataFrame({"a": [1, NA], "b": [NA, 1]}), {}, ValueError, "two ratings"),
        (pd.DataFrame({"a": [], "b": []}), {}, ValueError, "two ratings"),
        (KRIPPENDORFF, {"level": "ratio"}, ValueError, "level is 'ratio'"),
        (
            KRIPPENDORFF.astype(str),
            {"level": "ordinal"},
            TypeError,
            "level is 'ordinal', but labels has text",
        ),
        (
            pd.DataFrame({"a": list("ab"), "b": list("ab")}).astype(
                pd.CategoricalDtype(list("ab"), ordered=True)
            ),
            {"level": "interval"},
            TypeError,
            "not numbers",
        ),
        (KRIPPENDORFF, {"n_bootstrap": -1}, ValueError, "n_bootstrap"),
        (KRIPPENDORFF, {"confidence": 95}, ValueError, "confidence is 95"),
        ("abc", {}, TypeError, "labels is a str"),
    ],
)
def test_bad_input(labels, options, error, message):
    with pytest.raises(error, match=message):
        annotator_agreement(labels, **options)


def test_plot_shows_every_pair():
    import matplotlib.pyplot as plt

    ax = annotator_agreement(KRIPPENDORFF, random_state=0).plot()
    assert len(ax.texts) == 12
    assert "0.74" in ax.get_title()
    plt.close(ax.figure)
