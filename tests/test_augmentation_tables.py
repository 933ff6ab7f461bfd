"""Mixup and noise: rows between rows, labels in proportion, types kept."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlworkbench.augmentation import jitter, mixup

TABLE = pd.DataFrame(
    {"hours": [1.0, 2.0, 4.0, 8.0], "stops": [0, 1, 2, 3], "card": [True] * 4},
    index=list("abcd"),
)
LABELS = pd.Series(["late", "on time", "late", "on time"], index=list("abcd"))


@given(
    st.integers(1, 30),
    st.integers(0, 5),
    st.sampled_from([0.0, 1e-300, 0.2, 1.0, 1e6]),
    st.one_of(st.none(), st.integers(1, 70)),
)
def test_a_mixture_is_the_formula_of_its_parents(n_rows, seed, alpha, n):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n_rows, 3)), rng.integers(0, 4, n_rows)
    mixed = mixup(X, y, alpha, n=n, random_state=seed)
    lam = mixed.lam[:, None]
    one_hot = (y[:, None] == mixed.classes).astype(float)
    np.testing.assert_allclose(
        mixed.X, lam * X[mixed.first] + (1 - lam) * X[mixed.second]
    )
    np.testing.assert_allclose(
        mixed.y, lam * one_hot[mixed.first] + (1 - lam) * one_hot[mixed.second]
    )
    np.testing.assert_allclose(mixed.y.sum(axis=1), 1)
    assert len(mixed.X) == (n or n_rows)
    assert np.all((mixed.lam >= 0) & (mixed.lam <= 1))
    # Every row is a parent equally often, give or take one, on both sides.
    for side in (mixed.first, mixed.second):
        assert np.ptp(np.bincount(side, minlength=n_rows)) <= 1


def test_lambda_follows_the_beta_law():
    mixed = mixup(np.zeros((5000, 1)), np.zeros(5000), 0.4, random_state=0)
    assert stats.kstest(mixed.lam, stats.beta(0.4, 0.4).cdf).pvalue > 0.01
    assert stats.kstest(mixed.lam, stats.beta(1, 1).cdf).pvalue < 1e-6


def test_alpha_zero_gives_the_rows_as_they_are():
    X, y = mixup(TABLE, LABELS, alpha=0, random_state=0)
    assert np.array_equal(X, TABLE.astype(float))
    assert list(X.index) == list(y.index) == list("abcd")
    assert list(X.columns) == list(TABLE.columns)
    assert list(y.columns) == ["late", "on time"]
    assert y["late"].tolist() == [1, 0, 1, 0]
    again = mixup(TABLE, LABELS, alpha=0, n=8, random_state=0)
    assert list(again.X.index) == list(range(8))
    expected = TABLE.astype(float).to_numpy()[again.first]
    assert np.array_equal(again.X, expected)


def test_the_same_seed_gives_the_same_rows_and_nothing_is_changed():
    before = TABLE.copy()
    one, two = (mixup(TABLE, LABELS, random_state=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.X, two.X)
    pd.testing.assert_frame_equal(one.y, two.y)
    pd.testing.assert_frame_equal(TABLE, before)
    state = np.random.get_state()[1].copy()
    mixup(TABLE, LABELS)
    assert np.array_equal(state, np.random.get_state()[1])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_images_keep_their_shape_and_precision(kind):
    images = np.arange(4 * 2 * 3, dtype=kind).reshape(4, 2, 3)
    X, y = mixup(images, [0, 1, 0, 1], 1.0, random_state=0)
    assert X.shape == images.shape
    assert X.dtype == kind
    assert y.shape == (4, 2)


def test_whole_numbers_and_other_tables_become_fractions():
    X, _ = mixup(np.arange(8, dtype=np.uint8).reshape(4, 2), [0, 1, 0, 1], 1)
    assert X.dtype == np.float64
    mixed = mixup(pa.table({"a": [1, 2]}), [0, 1], 1, random_state=0)
    assert list(mixed.X.columns) == ["a"]
    assert jitter(pa.table({"a": [1.0, 2.0]}), random_state=0).shape == (2, 1)


def test_mixtures_can_be_mixed_again():
    first = mixup(TABLE, LABELS, 1, random_state=0)
    second = mixup(first.X, first.y, 1, random_state=1)
    assert list(second.y.columns) == ["late", "on time"]
    np.testing.assert_allclose(second.y.sum(axis=1), 1)
    third = mixup(first.X.to_numpy(), first.y.to_numpy(), 0, random_state=1)
    assert third.classes.tolist() == [0, 1]
    np.testing.assert_allclose(third.y, first.y)


def test_labels_of_every_kind():
    for y, classes in [
        ([True, False], [False, True]),
        ([3.0, 1.0], [1.0, 3.0]),
        (pd.Series(["b", "a"], dtype="category"), ["a", "b"]),
        (np.array([[1], [0]]), [0, 1]),
        (["only", "only"], ["only"]),
    ]:
        assert mixup(np.eye(2), y, random_state=0).classes.tolist() == classes


@pytest.mark.parametrize(
    ("X", "y", "options", "error", "message"),
    [
        (pd.DataFrame({"c": ["a", "b"]}), [0, 1], {}, TypeError, r"\['c'\].*one-hot"),
        (
            pd.DataFrame({"t": pd.to_datetime(["2013-01-01"] * 2)}),
            [0, 1],
            {},
            TypeError,
            "not numbers",
        ),
        (np.array([["a"], ["b"]]), [0, 1], {}, TypeError, "rows of numbers"),
        (3.0, [0], {}, TypeError, "rows of numbers"),
        ([[np.nan], [1.0]], [0, 1], {}, ValueError, "first at row 0"),
        ([[1.0], [np.inf]], [0, 1], {}, ValueError, "infinite .first at row 1"),
        ([[1.0], [2.0]], [0, 1, 1], {}, ValueError, "lengths differ"),
        ([[1.0], [2.0]], [0.5, 1], {}, ValueError, "a quantity and not a class"),
        ([[1.0], [2.0]], ["a", None], {}, ValueError, "missing values .first at row 1"),
        ([[1.0]], [[1, 1]], {}, ValueError, "not probabilities of classes"),
        ([[1.0]], [["a", "b"]], {}, ValueError, "not probabilities of classes"),
        (np.empty((0, 2)), [], {}, ValueError, "no rows"),
        ([[1.0]], [0], {"alpha": -1}, ValueError, "alpha is -1"),
        ([[1.0]], [0], {"alpha": np.nan}, ValueError, "alpha is nan"),
        ([[1.0]], [0], {"alpha": np.inf}, ValueError, "alpha is inf"),
        ([[1.0]], [0], {"alpha": "1"}, ValueError, "alpha is '1'"),
        ([[1.0]], [0], {"n": 0}, ValueError, "n is 0"),
        (TABLE, LABELS.iloc[::-1], {}, ValueError, "different indexes"),
    ],
)
def test_mixup_says_what_it_cannot_mix(X, y, options, error, message):
    with pytest.raises(error, match=message):
        mixup(X, y, **options)


def test_noise_has_the_size_asked_for():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=20_000), "b": rng.normal(5, 10, 20_000)})
    change = jitter(frame, 0.1, random_state=1) - frame
    four_errors = 4 * 0.1 / np.sqrt(2 * 20_000)
    assert np.all(np.abs(change.std() / frame.std() - 0.1) < four_errors)
    assert np.all(np.abs(change.mean() / frame.std()) < 4 * 0.1 / np.sqrt(20_000))
    assert abs(change["a"].corr(change["b"])) < 4 / np.sqrt(20_000)
    quartiles = frame["b"].quantile(0.75) - frame["b"].quantile(0.25)
    by_iqr = jitter(frame, 0.1, relative_to="iqr", random_state=1) - frame
    np.testing.assert_allclose(
        by_iqr["b"] / quartiles, change["b"] / frame["b"].std(ddof=0)
    )
    plain = jitter(frame, 0.1, relative_to=None, random_state=1) - frame
    np.testing.assert_allclose(plain["b"], change["b"] / frame["b"].std(ddof=0))


def test_only_floats_get_noise_and_missing_stays_missing():
    frame = TABLE.assign(
        gap=[1.0, np.nan, 3.0, 4.0],
        name=list("wxyz"),
        same=7.0,
        none=np.nan,
        known=pd.array([1.5, None, 2.5, 3.5], dtype="Float64"),
        small=np.float32([1, 2, 3, 4]),
    )
    before = frame.copy()
    noisy = jitter(frame, 0.1, random_state=0)
    pd.testing.assert_frame_equal(frame, before)
    assert noisy.dtypes.equals(frame.dtypes)
    assert noisy.index.equals(frame.index)
    pd.testing.assert_frame_equal(noisy.isna(), frame.isna())
    same = ["stops", "card", "name", "same", "none"]
    pd.testing.assert_frame_equal(noisy[same], frame[same])
    for column in ["hours", "gap", "known", "small"]:
        assert (noisy[column] != frame[column])[frame[column].notna()].all()


def test_a_column_of_one_value_gets_no_noise_from_rounding():
    column = pd.DataFrame({"a": [0.1] * 3})
    assert column["a"].to_numpy().std() >= 0
    assert jitter(column, 1000.0, random_state=0).equals(column)


def test_named_columns_and_clip():
    frame = TABLE.assign(miles=[0.0, 1.0, 2.0, 9.0])
    noisy = jitter(frame, 5, columns=["miles"], clip=True, random_state=0)
    assert noisy["hours"].equals(frame["hours"])
    assert noisy["miles"].between(0, 9).all()
    free = jitter(frame, 5, columns="miles", random_state=0)
    assert not free["miles"].between(0, 9).all()
    inside = free["miles"].between(0, 9)
    assert np.array_equal(free["miles"][inside], noisy["miles"][inside])


@pytest.mark.parametrize("name", [None, "miles", 3])
def test_one_column_stays_a_series(name):
    column = pd.Series([1.0, np.nan, 3.0], index=[4, 5, 5], name=name)
    noisy = jitter(column, 0.1, random_state=0)
    frame = jitter(column.to_frame("x"), 0.1, random_state=0)
    assert np.array_equal(noisy, frame["x"], equal_nan=True)
    assert noisy.index.equals(column.index)
    assert noisy.name == name
    with pytest.raises(TypeError, match="int64"):
        jitter(pd.Series([1, 2]))


def test_arrays_have_a_spread_per_column_images_one():
    X = np.column_stack([np.linspace(0, 1, 500), np.linspace(0, 1000, 500)])
    change = jitter(X, 0.1, random_state=0) - X
    ratio = change[:, 1].std() / change[:, 0].std()
    assert 800 < ratio < 1200
    one = jitter(X, 0.1, columns=[1], random_state=0) - X
    assert np.all(one[:, 0] == 0)
    assert np.all(one[:, 1] != 0)
    images = np.zeros((50, 4, 4), dtype=np.float32)
    images[:, 1:3] = 16
    noisy = jitter(images, 0.1, random_state=0)
    assert noisy.dtype == np.float32
    assert np.all(noisy != images)  # the black pixels too: one spread for all
    assert np.array_equal(jitter(X, 0), X)
    assert jitter(X[:, 0], 0.1, random_state=0).shape == (500,)


@pytest.mark.parametrize(
    ("X", "options", "error", "message"),
    [
        (TABLE, {"columns": ["stops"]}, TypeError, r"'stops' \(int64\)"),
        (TABLE, {"columns": ["mile"]}, KeyError, "no column"),
        (TABLE[["stops"]], {}, TypeError, "no column of floats"),
        (np.array([[1, 2]]), {}, TypeError, "array of int64"),
        (TABLE, {"scale": -0.1}, ValueError, "scale is -0.1"),
        (TABLE, {"scale": True}, ValueError, "scale is True"),
        (TABLE, {"relative_to": "range"}, ValueError, "relative_to is 'range'"),
        (pd.DataFrame({"a": [1, np.inf]}), {}, ValueError, "'a' has infinite"),
        (np.array([[1.0, 2.0]]), {"columns": [2]}, KeyError, "no column"),
        (np.array([1.0, 2.0]), {"columns": [0]}, ValueError, "need a table"),
    ],
)
def test_jitter_says_what_it_cannot_change(X, options, error, message):
    with pytest.raises(error, match=message):
        jitter(X, **options)
