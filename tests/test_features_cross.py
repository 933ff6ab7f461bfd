"""Crosses of categories: right, bounded, and the same whatever the order."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, TargetEncoder
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlworkbench.features import FeatureCross
from mlworkbench.features import _cross_levels as levels_module

PEOPLE = pd.DataFrame(
    {
        "marriage": ["Single", "Married", "Single", "Married", "Single"],
        "children": [0, 2, 1, 2, 0],
        "job": pd.Categorical(["a", "b", "a", "b", "c"]),
    },
    index=[5, 3, 8, 1, 0],
)
PAIR = [("marriage", "children")]
NAME = "marriage_x_children"
TEXT = "compares outputs by subtraction; crosses are text (own test below)"


def expected_failures(estimator):
    if estimator.hash_bits is not None:
        return {}
    names = (
        "check_pipeline_consistency",
        "check_estimators_pickle",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_fit_idempotent",
    )
    return dict.fromkeys(names, TEXT)


@parametrize_with_checks(
    [
        FeatureCross(max_crosses=None),
        FeatureCross(hash_bits=6),
        FeatureCross(hash_bits=6, min_count=2),
    ],
    expected_failed_checks=expected_failures,
    xfail_strict=True,
)
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("parameters", [{}, {"min_count": 2}, {"hash_bits": 8}])
def test_what_the_checks_compare_holds_for_text(parameters):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, size=(60, 3)).astype(float)
    cross = FeatureCross(**parameters)
    whole = cross.fit_transform(X)
    np.testing.assert_array_equal(cross.transform(X), whole)
    np.testing.assert_array_equal(cross.transform(X.tolist()), whole)
    np.testing.assert_array_equal(clone(cross).fit(X).fit(X).transform(X), whole)
    again = pickle.loads(pickle.dumps(cross))
    np.testing.assert_array_equal(again.transform(X), whole)
    order = rng.permutation(60)
    np.testing.assert_array_equal(cross.transform(X[order]), whole[order])
    shuffled = clone(cross).fit(X[order])
    np.testing.assert_array_equal(shuffled.transform(X), whole)
    assert shuffled.categories_ == cross.categories_
    pieces = np.vstack([cross.transform(X[i : i + 7]) for i in range(0, 60, 7)])
    np.testing.assert_array_equal(pieces, whole)
    pipeline = make_pipeline(clone(cross)).fit(X)
    np.testing.assert_array_equal(pipeline.transform(X), whole)


# --- golden ------------------------------------------------------------------


def test_marriage_by_children():
    # The crosses of the issue: "Single, 0", "Married, 2".
    crossed = FeatureCross(PAIR).fit_transform(PEOPLE)
    assert crossed[NAME].tolist() == [
        "Single, 0",
        "Married, 2",
        "Single, 1",
        "Married, 2",
        "Single, 0",
    ]
    assert crossed.index.tolist() == PEOPLE.index.tolist()
    assert isinstance(crossed[NAME].dtype, pd.CategoricalDtype)


def test_crosses_says_what_is_possible_and_what_occurs():
    cross = FeatureCross([*PAIR, ("marriage", "job")], min_count=2).fit(PEOPLE)
    expected = pd.DataFrame(
        {
            "cross": [NAME, "marriage_x_job"],
            "levels": ["2 × 3", "2 × 3"],
            "possible": [6, 6],
            "occurring": [3, 3],
            "kept": [2, 2],
            "other_share": [0.2, 0.2],
        }
    )
    pd.testing.assert_frame_equal(cross.crosses_, expected)
    assert cross.categories_[0] == ["Married, 2", "Single, 0", "other"]


def test_whole_numbers_look_the_same_when_one_is_missing():
    people = PEOPLE.assign(children=[0, 2, None, 2, 0])
    assert people["children"].dtype == "float64"
    crossed = FeatureCross(PAIR).fit_transform(people)[NAME].tolist()
    assert crossed[:3] == ["Single, 0", "Married, 2", "Single, missing"]
    cross = FeatureCross(PAIR).fit(PEOPLE)
    unseen = cross.transform(people)[NAME].tolist()
    assert unseen[1:3] == ["Married, 2", "other"]


def test_categories_are_in_the_order_of_their_values():
    frame = pd.DataFrame({"a": [10, 9, 9, None], "b": ["y", "y", "x", "x"]})
    found = FeatureCross().fit(frame).categories_[0]
    assert found == ["9, x", "9, y", "10, y", "missing, x", "other"]


# --- by brute force ----------------------------------------------------------

cell = st.one_of(st.none(), st.sampled_from("abc"), st.integers(0, 2))


def by_hand(frame, names, min_count):
    def text(value):
        return "missing" if pd.isna(value) else str(value)

    rows = [
        ", ".join(map(text, row))
        for row in zip(*(frame[n] for n in names), strict=True)
    ]
    counts = pd.Series(rows).value_counts()
    return [row if counts[row] >= min_count else "other" for row in rows]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=25),
    st.integers(1, 4),
    st.booleans(),
)
def test_crosses_are_the_joined_texts(rows, min_count, dense):
    frame = pd.DataFrame(rows, columns=["p", "q", "r"], dtype=object)
    pairs = [("p", "q"), ("r", "p", "q")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels_module, "_DENSE", 1 << 22 if dense else 0)
        crossed = FeatureCross(pairs, min_count).fit_transform(frame)
    for names in pairs:
        expected = by_hand(frame, names, min_count)
        assert crossed["_x_".join(names)].tolist() == expected


@pytest.mark.parametrize("dense", [True, False])
def test_unseen_combinations_and_values_are_other(monkeypatch, dense):
    monkeypatch.setattr(levels_module, "_DENSE", 1 << 22 if dense else 0)
    cross = FeatureCross(PAIR).fit(PEOPLE)
    new = pd.DataFrame(
        {
            "marriage": ["Married", "Widowed", "Single", None, "Single"],
            "children": [0, 2, 7, 0, 1],
            "job": "z",
        }
    )
    expected = ["other", "other", "other", "other", "Single, 1"]
    assert cross.transform(new)[NAME].tolist() == expected


def test_one_hot_crosses_are_the_products_of_one_hot_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.choice(list("xyz"), 80), "b": rng.integers(4, size=80)}
    )
    one_hot = OneHotEncoder(sparse_output=False)
    ours = one_hot.fit_transform(FeatureCross().fit_transform(frame))
    singles = OneHotEncoder(sparse_output=False).fit_transform(frame)
    products = PolynomialFeatures(
        degree=(2, 2), interaction_only=True, include_bias=False
    ).fit_transform(singles)
    between = products[:, products.any(axis=0)]  # within a column they are all 0
    assert ours.shape == between.shape == (80, 12)
    np.testing.assert_array_equal(np.unique(ours, axis=1), np.unique(between, axis=1))


# --- exploding ---------------------------------------------------------------


def hundred_by_hundred():
    a, b = np.divmod(np.arange(10_000), 100)
    return pd.DataFrame({"a": a, "b": b})


def test_100_by_100_is_refused_with_its_figures():
    frame = hundred_by_hundred()
    message = (
        r"a_x_b: 100 × 100 = 10,000 possible, 10,000 occur in 10,000 rows.*"
        r"max_crosses=5,000.*hash_bits=12.*max_crosses=10000"
    )
    with pytest.raises(ValueError, match=message) as caught:
        FeatureCross().fit(frame)
    assert "min_count" not in str(caught.value)  # none would keep anything
    with pytest.raises(ValueError, match="10,000 possible, 298 occur in 300 rows"):
        FeatureCross().fit(pd.concat([frame[::101], frame[:200]]))


def test_what_the_message_advises_works():
    frame = pd.concat([hundred_by_hundred(), hundred_by_hundred()[:4000]])
    with pytest.raises(ValueError, match=r"Pass min_count=2 \(keeps 4,000"):
        FeatureCross().fit(frame)
    assert FeatureCross(min_count=2).fit(frame).crosses_["kept"].tolist() == [4000]
    assert FeatureCross(hash_bits=12).fit_transform(frame).max().item() < 4096
    cross = FeatureCross(max_crosses=10_000).fit(frame)
    assert cross.crosses_["kept"].tolist() == [10_000]
    FeatureCross(max_crosses=None).fit(frame)


def test_a_min_count_that_is_too_low_is_refused_too():
    frame = pd.concat([hundred_by_hundred()] * 2 + [hundred_by_hundred()[:50]])
    message = r"10,000 combinations kept with min_count=2.*min_count=3 \(keeps 50"
    with pytest.raises(ValueError, match=message):
        FeatureCross(min_count=2).fit(frame)


def test_the_limit_is_for_all_crosses_together():
    frame = pd.DataFrame({n: np.arange(40) for n in "abcd"})
    assert FeatureCross([("a", "b")]).fit(frame).crosses_["possible"].tolist() == [1600]
    with pytest.raises(ValueError, match="together have 9,600 combinations"):
        FeatureCross().fit(frame)


def test_more_than_can_be_counted():
    frame = pd.DataFrame({str(i): np.arange(1000) for i in range(7)})
    with pytest.raises(ValueError, match=r"1\.0e\+21 possible .*cross fewer columns"):
        FeatureCross([tuple(frame.columns)], hash_bits=10).fit(frame)


# --- hashing -----------------------------------------------------------------


def slots_of(tokens, bits):
    hasher = FeatureHasher(2**bits, input_type="string", alternate_sign=False)
    return hasher.transform([[t] for t in tokens]).toarray().argmax(axis=1)


def test_slots_are_those_of_the_named_tokens():
    crossed = FeatureCross(PAIR, hash_bits=10).fit_transform(PEOPLE)
    texts = FeatureCross(PAIR).fit_transform(PEOPLE)[NAME]
    expected = slots_of([f"{NAME}={text}" for text in texts], 10)
    assert crossed[NAME].tolist() == expected.tolist()
    assert crossed[NAME].dtype == "int64"
    assert FeatureCross(PAIR, hash_bits=10).fit(PEOPLE).categories_ == [[]]


def test_unseen_combinations_have_a_slot_when_hashed():
    cross = FeatureCross(PAIR, hash_bits=10).fit(PEOPLE)
    new = pd.DataFrame({"marriage": ["Widowed", None], "children": [7, 0], "job": "z"})
    tokens = [f"{NAME}=Widowed, 7", f"{NAME}=missing, 0"]
    assert cross.transform(new)[NAME].tolist() == slots_of(tokens, 10).tolist()


def test_rare_combinations_share_a_slot_when_hashed_with_a_min_count():
    cross = FeatureCross(PAIR, min_count=2, hash_bits=10)
    tokens = ["Single, 0", "Married, 2", "other", "Married, 2", "Single, 0"]
    expected = slots_of([f"{NAME}={token}" for token in tokens], 10)
    assert cross.fit_transform(PEOPLE)[NAME].tolist() == expected.tolist()


# --- missing, none, output ---------------------------------------------------


@pytest.mark.parametrize("hash_bits", [None, 8])
def test_all_missing_and_no_rows(hash_bits):
    frame = pd.DataFrame({"a": [None, None], "b": pd.array([None, 1], "Int64")})
    cross = FeatureCross(hash_bits=hash_bits).fit(frame)
    crossed = cross.transform(frame)
    if hash_bits is None:
        assert crossed["a_x_b"].tolist() == ["missing, missing", "missing, 1"]
    assert cross.transform(frame[:0]).shape == (0, 1)
    array = frame.to_numpy(dtype=object, na_value=None)
    assert FeatureCross(hash_bits=hash_bits).fit(array).transform(array[:0]).shape == (
        0,
        1,
    )
    with pytest.raises(ValueError, match="0 sample"):
        FeatureCross().fit(frame[:0])


def test_set_output_decides_the_container():
    array = PEOPLE.to_numpy(dtype=object)
    assert isinstance(FeatureCross().fit_transform(array), np.ndarray)
    cross = FeatureCross().set_output(transform="pandas")
    frame = cross.fit_transform(array)
    assert frame.columns.tolist() == ["x0_x_x1", "x0_x_x2", "x1_x_x2"]
    assert all(isinstance(t, pd.CategoricalDtype) for t in frame.dtypes)
    assert cross.get_feature_names_out().tolist() == frame.columns.tolist()
    pipeline = make_pipeline(FeatureCross(PAIR)).set_output(transform="pandas")
    assert pipeline.fit_transform(PEOPLE).index.tolist() == PEOPLE.index.tolist()
    by_position = FeatureCross([(0, 1), (-1, "marriage")]).fit(PEOPLE)
    assert by_position.pairs_ == [("marriage", "children"), ("job", "marriage")]


@pytest.mark.parametrize("hash_bits", [None, 10])
@pytest.mark.parametrize(
    "encoder", [OneHotEncoder(handle_unknown="ignore"), TargetEncoder(cv=KFold(5))]
)
def test_a_cross_solves_what_no_single_column_can(encoder, hash_bits):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(2, size=400), "b": rng.choice(["u", "v"], 400)})
    y = (X["a"] == 1) ^ (X["b"] == "u")
    plain = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(X, y)
    assert plain.score(X, y) < 0.65
    cross = FeatureCross([("a", "b")], hash_bits=hash_bits)
    model = make_pipeline(cross, encoder, LogisticRegression()).fit(X, y)
    assert model.score(X, y) == 1.0
    model.predict(X.assign(b="new"))


# --- bad input ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        (
            {"pairs": ("marriage", "job")},
            ValueError,
            "pairs has 'marriage'; pass a list",
        ),
        ({"pairs": "marriage"}, ValueError, "pairs has 'marriage'"),
        ({"pairs": [("job",)]}, ValueError, "two or more columns"),
        ({"pairs": 5}, ValueError, "pairs has 5; pass a list of tuples"),
        ({"pairs": []}, ValueError, "pairs is empty"),
        ({"pairs": [("job", "job")]}, ValueError, "names .*job.* twice"),
        ({"pairs": [*PAIR, *PAIR]}, ValueError, "a cross twice"),
        ({"pairs": [("job", "age")]}, KeyError, "no column .*age"),
        ({"pairs": [(0, 3)]}, ValueError, "position 3; X has the positions 0 to 2"),
        ({"min_count": 0}, ValueError, "min_count is 0"),
        ({"min_count": 0.01}, TypeError, "min_count is 0.01"),
        ({"hash_bits": 40}, ValueError, "hash_bits is 40"),
        ({"max_crosses": 0}, ValueError, "max_crosses is 0"),
        ({"sep": ""}, ValueError, "sep is ''"),
        ({"sep": 3}, ValueError, "sep is 3"),
    ],
)
def test_wrong_parameters_are_refused_at_fit(parameters, error, message):
    cross = FeatureCross(**parameters)
    with pytest.raises(error, match=message):
        cross.fit(PEOPLE)


def test_two_combinations_of_one_name_are_refused():
    frame = pd.DataFrame({"p": ["a, b", "a"], "q": ["c", "b, c"]})
    with pytest.raises(ValueError, match="two combinations with the name 'a, b, c'"):
        FeatureCross().fit(frame)
    assert FeatureCross(sep=" & ").fit(frame).categories_[0][:2] == [
        "a & b, c",
        "a, b & c",
    ]
    frame = pd.DataFrame({"p": ["missing", None], "q": [1, 1]})
    with pytest.raises(
        ValueError, match=r"'missing, 1'.*rename values called 'missing'"
    ):
        FeatureCross().fit(frame)


def test_two_crosses_of_one_name_are_refused():
    frame = pd.DataFrame({"a": [1], "b_x_c": [2], "a_x_b": [3], "c": [4]})
    pairs = [("a", "b_x_c"), ("a_x_b", "c")]
    with pytest.raises(ValueError, match="would have one name, 'a_x_b_x_c'; rename"):
        FeatureCross(pairs).fit(frame)
    renamed = frame.rename(columns={"a_x_b": "d"})
    named = FeatureCross([pairs[0], ("d", "c")]).fit_transform(renamed)
    assert list(named) == ["a_x_b_x_c", "d_x_c"]


def test_a_min_count_that_leaves_nothing_can_be_read_off():
    frame = pd.DataFrame({"a": range(6), "b": range(6)})
    cross = FeatureCross([("a", "b")], min_count=2).fit(frame)
    assert cross.crosses_[["kept", "other_share"]].values.tolist() == [[0, 1.0]]
    assert cross.transform(frame)["a_x_b"].tolist() == ["other"] * 6


def test_other_mistakes():
    with pytest.raises(NotFittedError):
        FeatureCross().transform(PEOPLE)
    with pytest.raises(ValueError, match="a cross needs two or more columns"):
        FeatureCross().fit(PEOPLE[["job"]])
    with pytest.raises(ValueError, match="feature names should match"):
        FeatureCross().fit(PEOPLE).transform(PEOPLE[["job", "children", "marriage"]])
