"""Hashing categories: collisions measured, and an encoder that can be explained."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlworkbench import datasets
from mlworkbench.features import HashEncoder, hash_collisions

FLIGHTS = pd.DataFrame(
    {
        "carrier": ["UA", "DL", "UA", None],
        "flight": [1545, 1714, 1141, 1545],
        "dest": pd.Categorical(["IAH", "ATL", None, "IAH"], ["ATL", "BOS", "IAH"]),
    },
    index=[7, 3, 9, 1],
)


def with_feature_hasher(tokens, n_bits, signed=True):
    hasher = FeatureHasher(2**n_bits, input_type="string", alternate_sign=signed)
    return hasher.transform(tokens).toarray()


@parametrize_with_checks(
    [
        HashEncoder(n_bits=6),
        HashEncoder(n_bits=6, signed=False),
        HashEncoder(n_bits=6, sparse_output=False),
    ]
)
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


# --- the encoder: equal to FeatureHasher on the tokens -----------------------


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("n_bits", [1, 4, 18])
def test_it_is_feature_hasher_on_the_documented_tokens(n_bits, signed):
    tokens = [
        ["carrier=UA", "flight=1545", "dest=IAH"],
        ["carrier=DL", "flight=1714", "dest=ATL"],
        ["carrier=UA", "flight=1141", "dest"],
        ["carrier", "flight=1545", "dest=IAH"],
    ]
    hashed = HashEncoder(n_bits=n_bits, signed=signed).fit_transform(FLIGHTS)
    assert sparse.issparse(hashed)
    assert hashed.format == "csr"
    expected = with_feature_hasher(tokens, n_bits, signed)
    np.testing.assert_array_equal(hashed.toarray(), expected)


cell = st.one_of(
    st.none(), st.text(max_size=3), st.integers(-3, 3), st.booleans(), st.just(np.nan)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=12), st.integers(1, 8))
def test_it_is_feature_hasher_on_anything(rows, n_bits):
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    tokens = [
        [n if pd.isna(v) else f"{n}={v}" for n, v in zip("ab", row, strict=True)]
        for row in rows
    ]
    hashed = HashEncoder(n_bits=n_bits).fit_transform(frame)
    np.testing.assert_array_equal(hashed.toarray(), with_feature_hasher(tokens, n_bits))


def test_eighteen_bits_are_the_default():
    assert HashEncoder().fit_transform(FLIGHTS).shape == (4, 262_144)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2, 1], dtype="int64"),
        pd.Series([1.0, 2.0, 1.0]),
        pd.Series([1, 2, 1], dtype="Int64"),
        pd.Series([1, 2, 1], dtype="int8").astype("category"),
        pd.Series(["1", "2", "1"], dtype="str"),
        pd.Series(["1", 2, 1.0], dtype=object),
        pd.Series([1.0, 2.0, 1.0], dtype="float32"),
    ],
    ids=lambda c: str(c.dtype),
)
def test_a_value_has_one_slot_whatever_the_dtype(column):
    hashed = HashEncoder(n_bits=5).fit_transform(column.to_frame("x"))
    expected = with_feature_hasher([["x=1"], ["x=2"], ["x=1"]], 5)
    np.testing.assert_array_equal(hashed.toarray(), expected)


def test_dates_bools_and_numbers_are_hashed_as_their_text():
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2013-01-01", None]),
            "late": pd.array([True, None], dtype="boolean"),
            "x": [0.5, np.inf],
        }
    )
    tokens = [["day=2013-01-01 00:00:00", "late=True", "x=0.5"]]
    tokens += [["day", "late", "x=inf"]]
    hashed = HashEncoder(n_bits=9).fit_transform(frame).toarray()
    np.testing.assert_array_equal(hashed, with_feature_hasher(tokens, 9))


def test_arrays_and_lists_have_columns_x0_x1():
    rows = [["UA", "IAH"], ["DL", None]]
    expected = with_feature_hasher([["x0=UA", "x1=IAH"], ["x0=DL", "x1"]], 6)
    for X in (rows, np.array(rows, dtype=object), pd.DataFrame(rows)):
        encoder = HashEncoder(n_bits=6).fit(X)
        np.testing.assert_array_equal(encoder.transform(X).toarray(), expected)
        assert encoder.columns_ == ["x0", "x1"]


def test_a_pyarrow_table_is_taken():
    table = pa.table({"carrier": ["UA", "DL"]})
    hashed = HashEncoder(n_bits=6).fit_transform(table).toarray()
    expected = with_feature_hasher([["carrier=UA"], ["carrier=DL"]], 6)
    np.testing.assert_array_equal(hashed, expected)


@pytest.mark.parametrize("columns", [["dest", "carrier"], [2, 0], [-1, "carrier"]])
def test_columns_by_name_and_position(columns):
    encoder = HashEncoder(columns, n_bits=6).fit(FLIGHTS)
    assert encoder.columns_ == ["dest", "carrier"]
    expected = HashEncoder(n_bits=6).fit_transform(FLIGHTS[["dest", "carrier"]])
    assert (encoder.transform(FLIGHTS) != expected).nnz == 0


def test_one_column_needs_no_list():
    assert HashEncoder("dest").fit(FLIGHTS).columns_ == ["dest"]
    assert HashEncoder(2).fit(FLIGHTS).columns_ == ["dest"]


def test_false_and_0_true_and_1_are_different_values():
    for rows in ([False, 0, True, 1.0, None, 0], [0, False, 1.0, True, None, False]):
        frame = pd.DataFrame({"x": pd.Series(rows, dtype=object)})
        texts = {False: "False", True: "True"}
        tokens = [
            ["x"]
            if v is None
            else ["x=" + (texts[v] if v is True or v is False else str(int(v)))]
            for v in rows
        ]
        encoder = HashEncoder(n_bits=9).fit(frame)
        np.testing.assert_array_equal(
            encoder.transform(frame).toarray(), with_feature_hasher(tokens, 9)
        )
        assert len(encoder.slots_) == 5
        back = encoder.inverse_transform(encoder.transform(frame))["x"]
        for value, original in zip(back, rows, strict=True):
            assert type(value) is type(original) or pd.isna(value)


# --- signs (Weinberger and others 2009) --------------------------------------


def inner_products(signed, n=2000, bits=4, k=6):
    """Pairs of rows with one value in common, every pair with tokens of its own."""
    left = {f"c{j}": [f"a{i}" for i in range(n)] for j in range(k)}
    right = {f"c{j}": [f"b{i}" for i in range(n)] for j in range(k)}
    same = {"same": [f"s{i}" for i in range(n)]}
    encoder = HashEncoder(n_bits=bits, signed=signed)
    a = encoder.fit_transform(pd.DataFrame(left | same)).toarray()
    b = encoder.fit_transform(pd.DataFrame(right | same)).toarray()
    return (a * b).sum(axis=1), (a * a).sum(axis=1)


def test_signed_inner_products_are_unbiased_and_unsigned_ones_are_not():
    # The one-hot rows share one value: their inner product is 1, with
    # themselves 7. New tokens stand for a new hash function; means over 2,000
    # of them, within 3 standard errors.
    between, within = inner_products(signed=True)
    for products, truth in ((between, 1), (within, 7)):
        error = products.std() / np.sqrt(len(products))
        assert error < 0.1
        assert abs(products.mean() - truth) < 3 * error
    # Without signs collisions add: 48 pairs of different values, 1/16 each.
    between, _ = inner_products(signed=False)
    error = between.std() / np.sqrt(len(between))
    assert abs(between.mean() - (1 + 48 / 16)) < 3 * error


# --- the map back ------------------------------------------------------------


def test_slots_hold_every_value_with_its_count():
    encoder = HashEncoder(n_bits=18).fit(FLIGHTS)
    found = {
        (row.column, row.value): row.count_
        for row in encoder.slots_.rename(columns={"count": "count_"}).itertuples()
    }
    assert found == {
        ("carrier", "UA"): 2,
        ("carrier", "DL"): 1,
        ("carrier", None): 1,
        ("flight", 1545): 2,
        ("flight", 1714): 1,
        ("flight", 1141): 1,
        ("dest", "IAH"): 2,
        ("dest", "ATL"): 1,
        ("dest", None): 1,
    }
    assert encoder.slots_.index.is_monotonic_increasing
    assert encoder.slots_.index.name == "slot"


def test_explain_gives_the_values_of_a_slot_the_most_frequent_first():
    frame = pd.DataFrame({"x": ["a"] * 3 + ["b"] * 5 + ["c"] * 4})
    encoder = HashEncoder(n_bits=1).fit(frame)
    for slot in (0, 1):
        values = encoder.explain(slot)
        hashed = with_feature_hasher([[f"x={v}"] for v in "abc"], 1)
        there = {v for v, row in zip("abc", hashed, strict=True) if row[slot]}
        assert set(values["value"]) == there
        assert values["count"].is_monotonic_decreasing
        for row in values.itertuples():
            assert hashed["abc".index(row.value), slot] == row.sign
    lone = HashEncoder(n_bits=10).fit(frame)
    unused = next(s for s in range(1024) if s not in lone.slots_.index)
    assert lone.explain(unused).empty


def test_round_trip_where_nothing_collides():
    encoder = HashEncoder(n_bits=18).fit(FLIGHTS)
    assert encoder.slots_.index.is_unique
    back = encoder.inverse_transform(encoder.transform(FLIGHTS))
    expected = FLIGHTS.reset_index(drop=True).astype({"dest": "str"})
    pd.testing.assert_frame_equal(back, expected)


def test_round_trip_on_real_flights():
    columns = ["carrier", "origin", "dest"]
    frame = datasets.load("flights").frame[columns].iloc[::97].astype("str")
    encoder = HashEncoder(n_bits=18).fit(frame)
    assert encoder.slots_.index.is_unique
    back = encoder.inverse_transform(encoder.transform(frame))
    pd.testing.assert_frame_equal(back, frame.reset_index(drop=True))


def test_where_values_collide_the_frequent_one_comes_back():
    frame = pd.DataFrame({"x": ["a"] * 3 + ["b"] * 5 + ["c"] * 4})
    encoder = HashEncoder(n_bits=1).fit(frame)
    back = encoder.inverse_transform(encoder.transform(frame))
    slots = {v: encoder.slots_.index[encoder.slots_["value"] == v][0] for v in "abc"}
    likeliest = {
        v: max(
            (w for w in "abc" if slots[w] == slots[v]), key={"a": 3, "b": 5, "c": 4}.get
        )
        for v in "abc"
    }
    assert back["x"].tolist() == frame["x"].map(likeliest).tolist()
    assert len(set(likeliest.values())) < 3


def test_inverse_of_new_values_is_missing():
    encoder = HashEncoder(n_bits=18).fit(FLIGHTS)
    new = pd.DataFrame({"carrier": ["ZZ"], "flight": [1], "dest": ["NOWHERE"]})
    assert encoder.inverse_transform(encoder.transform(new)).isna().all(axis=None)


def test_inverse_refuses_another_width():
    encoder = HashEncoder(n_bits=6).fit(FLIGHTS)
    with pytest.raises(ValueError, match=r"X has 3 columns; .* with 64"):
        encoder.inverse_transform(np.zeros((2, 3)))


# --- new, missing, none ------------------------------------------------------


def test_new_values_get_their_slot():
    encoder = HashEncoder(["carrier"], n_bits=10).fit(FLIGHTS)
    new = FLIGHTS.assign(carrier="ZZ")
    expected = with_feature_hasher([["carrier=ZZ"]] * 4, 10)
    np.testing.assert_array_equal(encoder.transform(new).toarray(), expected)


def test_an_all_missing_column_is_one_value():
    for nothing in ([None, None], [np.nan, np.nan], pd.array([None, None], "Int64")):
        frame = pd.DataFrame({"x": nothing})
        encoder = HashEncoder(n_bits=6).fit(frame)
        expected = with_feature_hasher([["x"], ["x"]], 6)
        np.testing.assert_array_equal(encoder.transform(frame).toarray(), expected)
        assert encoder.slots_["value"].tolist() == [None]
        assert encoder.inverse_transform(encoder.transform(frame))["x"].isna().all()


def test_no_rows_can_be_transformed_but_not_fitted():
    encoder = HashEncoder(n_bits=6).fit(FLIGHTS)
    assert encoder.transform(FLIGHTS.iloc[:0]).shape == (0, 64)
    assert encoder.inverse_transform(encoder.transform(FLIGHTS.iloc[:0])).shape == (
        0,
        3,
    )
    with pytest.raises(ValueError, match="0 sample"):
        HashEncoder().fit(FLIGHTS.iloc[:0])
    with pytest.raises(ValueError, match="0 feature"):
        HashEncoder().fit(FLIGHTS[[]])


# --- output ------------------------------------------------------------------


def test_pandas_output_of_a_sparse_result_says_so():
    encoder = HashEncoder().set_output(transform="pandas").fit(FLIGHTS)
    with pytest.raises(ValueError, match=r"sparse matrix with 262,144 .*sparse_output"):
        encoder.transform(FLIGHTS)


def test_dense_output_works_with_set_output_and_keeps_the_index():
    encoder = HashEncoder(n_bits=4, sparse_output=False)
    dense = encoder.fit_transform(FLIGHTS)
    assert isinstance(dense, np.ndarray)
    pipeline = make_pipeline(clone(encoder)).set_output(transform="pandas")
    frame = pipeline.fit_transform(FLIGHTS)
    assert frame.columns.tolist() == [f"slot_{i}" for i in range(16)]
    assert frame.index.tolist() == FLIGHTS.index.tolist()
    np.testing.assert_array_equal(frame, dense)


def test_a_wide_dense_result_is_refused():
    with pytest.raises(ValueError, match="262,144 columns"):
        HashEncoder(sparse_output=False).fit(FLIGHTS)


def test_in_a_pipeline_with_other_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"c": rng.choice(list("abcdef"), 400), "z": rng.normal(size=400)})
    y = X["c"].isin(["a", "b"]).to_numpy()
    columns = ColumnTransformer(
        [("hash", HashEncoder(n_bits=8), ["c"])], remainder="passthrough"
    )
    model = make_pipeline(columns, LogisticRegression(C=100)).fit(X, y)
    assert model.score(X, y) == 1.0
    assert model[:-1].get_feature_names_out()[[0, -1]].tolist() == [
        "hash__slot_0",
        "remainder__z",
    ]


def test_parameters_are_kept_cloned_and_pickled():
    columns = ["dest"]
    encoder = HashEncoder(columns, 7, False)
    assert encoder.columns is columns
    assert clone(encoder).get_params() == encoder.get_params()
    fitted = encoder.fit(FLIGHTS)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.transform(FLIGHTS) != fitted.transform(FLIGHTS)).nnz == 0


# --- bad input ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_bits": 0}, ValueError, "n_bits is 0; pass 1 or more"),
        ({"n_bits": 31}, ValueError, "2,147,483,648 slots; pass 1 to 30"),
        ({"n_bits": 8.0}, TypeError, "n_bits is 8.0; pass a whole number"),
        ({"signed": "yes"}, ValueError, "signed is 'yes'"),
        ({"sparse_output": None}, ValueError, "sparse_output is None"),
        ({"columns": ["tailnum"]}, KeyError, "no column .*tailnum.*; it has 'carrier'"),
        ({"columns": [3]}, ValueError, "position 3; X has the positions 0 to 2"),
        ({"columns": []}, ValueError, "columns is empty"),
        ({"columns": ["dest", 2]}, ValueError, "names .*dest.* twice"),
        ({"columns": [True]}, TypeError, "columns has True"),
        ({"columns": 1.5}, TypeError, "columns is 1.5; pass a list"),
    ],
)
def test_wrong_parameters_are_refused_at_fit(parameters, error, message):
    encoder = HashEncoder(**parameters)  # never in __init__
    with pytest.raises(error, match=message):
        encoder.fit(FLIGHTS)


def test_other_mistakes():
    encoder = HashEncoder(n_bits=6)
    with pytest.raises(NotFittedError):
        encoder.transform(FLIGHTS)
    with pytest.raises(NotFittedError):
        encoder.get_feature_names_out()
    encoder.fit(FLIGHTS)
    with pytest.raises(ValueError, match="feature names should match"):
        encoder.transform(FLIGHTS[["dest", "flight", "carrier"]])
    with pytest.raises(ValueError, match=r"2-?[dD]"):
        encoder.fit(FLIGHTS["dest"])
    with pytest.raises(TypeError, match="column 'x' has values that are no categories"):
        HashEncoder().fit(pd.DataFrame({"x": [[1], [2]]}))
    with pytest.raises(ValueError, match="same name"):
        HashEncoder().fit(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(ValueError, match="slot is 64; 6 bits have the slots 0 to 63"):
        encoder.explain(64)
    with pytest.raises(ValueError, match="slot is -1"):
        encoder.explain(-1)


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HashEncoder(n_bits=6).fit(FLIGHTS).transform(FLIGHTS)


# --- hash_collisions ---------------------------------------------------------


def brute_force(values, n_bits):
    """Collisions of distinct texts, from FeatureHasher's own slots."""
    texts = sorted(set(values))
    rows = with_feature_hasher([[t] for t in texts], n_bits, signed=False)
    slot = dict(zip(texts, rows.argmax(axis=1), strict=True))
    crowd = {t: sum(slot[u] == slot[t] for u in texts) for t in texts}
    return {
        "measured": np.mean([crowd[t] > 1 for t in texts]),
        "n_colliding": sum(crowd[t] > 1 for t in texts),
        "rows_affected": np.mean([crowd[v] > 1 for v in values]),
        "slots_used": len(set(slot.values())),
        "fullest_slot": max(crowd.values()),
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=2), min_size=1, max_size=30), st.integers(1, 7))
def test_collisions_by_brute_force(values, n_bits):
    report = hash_collisions(values, n_bits)
    row = report.frame.iloc[0]
    for name, value in brute_force(values, n_bits).items():
        assert row[name] == pytest.approx(value), name
    assert report.measured == row["measured"]
    assert report.n_rows == len(values)
    assert report.n_values == len(set(values))


def test_eighteen_bits_are_262144_slots():
    report = hash_collisions(["a", "b"], 18)
    assert report.n_slots == 262_144
    assert report.expected == pytest.approx(1 / 262_144)


def test_the_measured_share_is_the_expected_one_on_average():
    values = [f"v{i}" for i in range(300)]
    expected = 1 - (1 - 1 / 512) ** 299
    shares = [hash_collisions(values, 9, seed=s).measured for s in range(200)]
    error = np.std(shares) / np.sqrt(200)
    assert error < 0.005
    assert abs(np.mean(shares) - expected) < 3 * error
    assert hash_collisions(values, 9).expected == pytest.approx(expected)


def test_several_sizes_make_a_table():
    report = hash_collisions(np.arange(1000), [6, 10, 30])
    assert report.frame["n_bits"].tolist() == [6, 10, 30]
    assert report.frame["expected"].is_monotonic_decreasing
    assert report.n_slots is None
    assert "n slots" not in report._fact_lines()
    assert list(report.facts) == ["n_values", "n_rows"]
    for bits in (6, 10, 30):
        alone = hash_collisions(np.arange(1000), bits)
        row = report.frame[report.frame["n_bits"] == bits].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.frame, row)
    assert set(report.worst["n_bits"]) == {6, 10}


def test_worst_slots_name_their_values():
    values = ["a"] * 3 + ["b"] * 5 + ["c"] * 4
    worst = hash_collisions(values, 1).worst
    hashed = with_feature_hasher([["a"], ["b"], ["c"]], 1, signed=False).argmax(axis=1)
    by_slot = {
        s: [v for v, h in zip("abc", hashed, strict=True) if h == s] for s in (0, 1)
    }
    count = {"a": 3, "b": 5, "c": 4}
    shared = {s: vs for s, vs in by_slot.items() if len(vs) > 1}
    assert worst["slot"].tolist() == list(shared)
    for row in worst.itertuples(index=False):
        there = sorted(shared[row.slot], key=lambda v: -count[v])
        assert row[4] == ", ".join(there)
        assert row.rows == sum(count[v] for v in there)
    crowded = hash_collisions(np.arange(100), 1).worst
    assert crowded["values"].str.contains(r"more$").all()


def test_a_frame_is_hashed_as_the_encoder_does_it():
    frame = datasets.load("flights").frame[["carrier", "tailnum", "flight"]].iloc[::50]
    for bits in (8, 12):
        slots = HashEncoder(n_bits=bits).fit(frame).slots_
        report = hash_collisions(frame, bits)
        shared = slots.index.duplicated(keep=False)
        assert report.n_values == len(slots)
        assert report.n_rows == frame.size
        assert report.measured == pytest.approx(shared.mean())
        rows = slots["count"][shared].sum() / frame.size
        assert report.rows_affected == pytest.approx(rows)


def test_missing_values_are_left_out_and_said():
    report = hash_collisions(pd.Series(["a", None, "b", np.nan]), 4)
    assert (report.n_values, report.n_rows) == (2, 2)
    assert "2 missing value(s) left out" in report.notes[0]


def test_few_and_no_values():
    none = hash_collisions([], 4)
    assert (none.n_values, none.expected, none.measured) == (0, 0.0, 0.0)
    assert hash_collisions(["a", "a"], 4).expected == 0.0
    assert hash_collisions([None, None], 4).rows_affected == 0.0
    assert hash_collisions(["a", "b"], 1).expected == pytest.approx(0.5)


@pytest.mark.parametrize("values", ["SFO", b"SFO", None, 5])
def test_one_value_is_no_column(values):
    with pytest.raises(TypeError, match=r"values is .*; pass a column of categories"):
        hash_collisions(values, 4)


def test_a_set_a_generator_and_lists_in_cells():
    values = [f"value {i}" for i in range(40)]
    whole = hash_collisions(values, 4)
    for other in (set(values), (value for value in values)):
        report = hash_collisions(other, 4)
        pd.testing.assert_frame_equal(report.frame, whole.frame)
        pd.testing.assert_frame_equal(report.worst, whole.worst)
    with pytest.raises(TypeError, match="no categories"):
        hash_collisions([["a"], ["b", "c"]], 4)
    with pytest.raises(ValueError, match="seed is 4294967296; pass 0 to 4,294,967,295"):
        hash_collisions(values, 4, seed=2**32)


@pytest.mark.parametrize(
    ("n_bits", "error", "message"),
    [
        (0, ValueError, "n_bits is 0"),
        (31, ValueError, "2,147,483,648 slots"),
        (2.5, TypeError, "n_bits is 2.5"),
        ([4, "8"], TypeError, "n_bits is '8'"),
        ([], ValueError, "n_bits is empty"),
    ],
)
def test_wrong_bits(n_bits, error, message):
    with pytest.raises(error, match=message):
        hash_collisions(["a"], n_bits)


def test_the_picture_shows_expected_and_measured():
    for bits in (10, [8, 10, 12]):
        report = hash_collisions(np.arange(2000), bits)
        ax = report.plot()
        line, dots = ax.get_lines()
        np.testing.assert_allclose(dots.get_ydata(), 100 * report.frame["measured"])
        at = line.get_xdata().tolist().index(10)
        expected = 1 - (1 - 1 / 1024) ** 1999
        assert line.get_ydata()[at] == pytest.approx(100 * expected)
        ax.figure.clear()
