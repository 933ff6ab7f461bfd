"""Coverage of new values by training, against brute force and scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import ks_2samp

from mlworkbench._coverage import compare_coverage, value_kind

labels = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=30)


def test_coverage_of_categories_by_hand():
    train = pd.Series(["a", "a", "b", None])
    new = pd.Series(["a", "c", "c", "c", None, None])
    cover = compare_coverage(train, new)
    assert (cover.train_coverage, cover.new_coverage) == (3 / 4, 4 / 6)
    assert (cover.n_train, cover.n_new, cover.discrete) == (3, 4, True)
    assert (cover.train_values, cover.new_values, cover.shared_values) == (2, 2, 1)
    assert cover.unseen_share == 3 / 4
    # |2/3 - 1/4|, |1/3 - 0|, |0 - 3/4|, halved
    assert cover.distance == pytest.approx((5 / 12 + 1 / 3 + 3 / 4) / 2)
    assert np.isnan(cover.outside_share)


def test_coverage_of_a_range_by_hand():
    cover = compare_coverage(pd.Series([1.0, 2.5, 4]), pd.Series([0.5, 2, 3, 4, 5]))
    assert not cover.discrete
    assert cover.unseen_share == cover.outside_share == 2 / 5
    assert cover.unseen_by_chance == 2 / 4


def test_coverage_takes_few_whole_numbers_for_categories():
    hours = pd.Series(np.arange(240) % 24)
    cover = compare_coverage(hours, pd.Series([3.0, 25, 25, np.nan]))
    assert cover.discrete
    assert cover.unseen_share == cover.outside_share == 2 / 3
    assert not compare_coverage(hours, pd.Series([3.5])).discrete
    assert not compare_coverage(hours[:24], hours).discrete
    assert not compare_coverage(pd.Series(np.arange(1010) % 101), hours).discrete
    measured = compare_coverage(hours, pd.Series([3, 25]), discrete=False)
    assert not measured.discrete
    assert compare_coverage(hours / 7, hours, discrete=True).discrete


@given(
    hnp.arrays(float, st.integers(1, 30), elements=st.integers(-5, 5)),
    hnp.arrays(float, st.integers(1, 30), elements=st.integers(-5, 5)),
)
def test_distance_of_measured_values_by_brute_force(one, two):
    cover = compare_coverage(pd.Series(one), pd.Series(two), discrete=False)
    gaps = [abs((one <= x).mean() - (two <= x).mean()) for x in [*one, *two]]
    assert cover.distance == pytest.approx(max(gaps))
    back = compare_coverage(pd.Series(two), pd.Series(one), discrete=False)
    assert back.distance == pytest.approx(cover.distance)


@given(labels, labels)
def test_coverage_of_categories_properties(one, two):
    train, new = pd.Series(one, dtype=object), pd.Series(two, dtype=object)
    cover = compare_coverage(train, new)
    known = [x for x in two if x is not None]
    if not known or not any(x is not None for x in one):
        assert np.isnan(cover.unseen_share)
        return
    assert cover.unseen_share == pytest.approx(np.mean([x not in one for x in known]))
    assert 0 <= cover.unseen_by_chance <= 1
    assert 0 <= cover.distance_by_chance <= 1
    same = compare_coverage(train.astype("category"), new.astype("category"))
    assert same[:-1] == cover[:-1]  # the last is NaN: no order
    itself = compare_coverage(train, train)
    assert (itself.unseen_share, itself.distance) == (0, 0)


def test_chance_is_the_mean_over_random_deals():
    pooled = np.repeat(np.arange(12), [1, 1, 1, 2, 2, 3, 5, 8, 10, 20, 30, 40])
    rng, found = np.random.default_rng(0), []
    for _ in range(500):
        dealt = pd.Series(rng.permutation(pooled).astype(str))
        found.append(compare_coverage(dealt[30:], dealt[:30]))
    unseen = np.array([cover.unseen_share for cover in found])
    distance = np.array([cover.distance for cover in found])
    spread = 4 / np.sqrt(len(found))
    assert abs(unseen.mean() - found[0].unseen_by_chance) < spread * unseen.std()
    assert abs(distance.mean() - found[0].distance_by_chance) < spread * distance.std()
    assert found[0].unseen_error == pytest.approx(unseen.std(), rel=0.15)


def test_distance_of_measured_values_is_that_of_scipy():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=70), rng.gamma(2, size=90)
    cover = compare_coverage(pd.Series(one), pd.Series(two))
    assert cover.distance == pytest.approx(ks_2samp(one, two).statistic)


def test_chance_of_measured_values():
    rng = np.random.default_rng(0)
    found = [
        compare_coverage(pd.Series(rng.normal(size=50)), pd.Series(rng.normal(size=30)))
        for _ in range(500)
    ]
    unseen = np.array([cover.unseen_share for cover in found])
    distance = np.array([cover.distance for cover in found])
    error = 4 * unseen.std() / np.sqrt(len(found))
    assert abs(unseen.mean() - found[0].unseen_by_chance) < error
    assert found[0].distance_by_chance == pytest.approx(distance.mean(), rel=0.1)
    assert found[0].unseen_error == pytest.approx(unseen.std(), rel=0.3)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        ([True, False, None], "number"),
        (pd.array([1, None], dtype="Int64"), "number"),
        (["a", None], "text"),
        (pd.Categorical(["a", None]), "text"),
        (pd.Categorical([1, 2]), "number"),
        ([1, "a"], "mixed"),
        ([None, None], "nothing"),
        ([], "nothing"),
        (pd.to_datetime(["2013-01-01"]), "time"),
        (pd.period_range("2013", periods=2, freq="M"), "time"),
        ([pd.Timestamp("2013-01-01").date()], "time"),
        (pd.to_datetime(["2013-01-01"]).tz_localize("UTC"), "time with a zone"),
        (pd.to_timedelta([1], unit="h"), "length of time"),
    ],
)
def test_kinds_of_values(values, kind):
    column = pd.Series(values)
    assert value_kind(column) == kind
    cover = compare_coverage(column, column[:0])
    assert cover.n_train == column.notna().sum()
    assert np.isnan(cover.unseen_share)
    if kind != "nothing":
        assert compare_coverage(column, column).unseen_share == 0


def test_coverage_survives_infinite_and_huge_numbers():
    cover = compare_coverage(pd.Series([1.0, 2, 3]), pd.Series([2, np.inf]))
    assert cover.unseen_share == 0.5
    huge = pd.Series([2**63, 2**64 - 1], dtype="uint64")
    assert compare_coverage(huge, pd.Series([1])).unseen_share == 1
    keys = pd.Series([2**60, 2**60 + 1])
    assert compare_coverage(keys[:1], keys[1:]).unseen_share == 1


def test_coverage_says_what_it_cannot_compare():
    with pytest.raises(TypeError, match="train holds number, new holds text"):
        compare_coverage(pd.Series([1]), pd.Series(["1"]))
    with pytest.raises(TypeError, match="values of type list, which cannot be counted"):
        compare_coverage(pd.Series([[1]]), pd.Series([[2]]))
    with pytest.raises(TypeError, match="text have no order"):
        compare_coverage(pd.Series(["a"]), pd.Series(["b"]), discrete=False)


@pytest.mark.parametrize(
    ("values", "arrow"),
    [
        (pd.date_range("2013", periods=40).to_series(), "timestamp[us][pyarrow]"),
        (
            pd.date_range("2013", periods=40, tz="UTC").to_series(),
            "timestamp[us, tz=UTC][pyarrow]",
        ),
        (pd.to_timedelta(range(40), unit="h").to_series(), "duration[us][pyarrow]"),
        (pd.Series([True, False] * 20), "bool[pyarrow]"),
        (pd.Series([1.5, None] * 20), "double[pyarrow]"),
        (pd.Series(["a", "b"] * 20), "string[pyarrow]"),
    ],
)
def test_arrow_types_are_compared_like_others(values, arrow):
    values = values.reset_index(drop=True)
    stored = values.astype(arrow)
    assert value_kind(stored) == value_kind(values)
    found, same = compare_coverage(stored, values), compare_coverage(values, values)
    np.testing.assert_equal(found._asdict(), same._asdict())


def test_values_without_an_order_are_counted():
    one = pd.Series([1 + 1j, 2j] * 20)
    two = pd.Series([1 + 1j, 3j] * 20)
    cover = compare_coverage(one, two)
    assert (cover.discrete, cover.unseen_share, cover.distance) == (True, 0.5, 0.5)
    # 20 rows of one value, all on one of two equal sides: about 1 in a million.
    assert cover.unseen_by_chance == pytest.approx(0, abs=1e-6)
    mixed = compare_coverage(pd.Series([("a", 1), "a"]), pd.Series(["a", ("b", "c")]))
    assert mixed.unseen_share == 0.5
