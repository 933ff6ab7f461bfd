"""What an input must be, and what the errors teach."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench._validation import (
    as_frame,
    as_generator,
    as_vector,
    check_binary,
    check_choice,
    check_columns,
    check_fraction,
    check_integer,
    check_probabilities,
    check_same_index,
    check_same_length,
    check_weights,
)

# Generators


def test_one_seed_one_stream():
    draws = [as_generator(3).random(4) for _ in range(2)]
    assert (draws[0] == draws[1]).all()
    assert (as_generator(np.int64(3)).random(4) == draws[0]).all()
    assert (as_generator(None).random(4) != as_generator(None).random(4)).any()


def test_a_generator_goes_on():
    rng = np.random.default_rng(0)
    assert as_generator(rng) is rng


def test_a_legacy_state_gives_a_seed():
    one, two = (as_generator(np.random.RandomState(5)).random() for _ in range(2))
    assert one == two
    legacy = np.random.RandomState(5)
    assert as_generator(legacy).random() != as_generator(legacy).random()


def test_the_global_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    as_generator(None).random()
    as_generator(0).random()
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("wrong", [True, 1.0, "0", [1]])
def test_other_seeds_are_refused(wrong):
    with pytest.raises(TypeError, match=f"random_state is a {type(wrong).__name__}"):
        as_generator(wrong)
    with pytest.raises(ValueError, match="random_state is -1; pass a seed of 0"):
        as_generator(-1)


# Frames and vectors


def test_a_pandas_frame_passes_through():
    frame = pd.DataFrame({"a": [1]}, index=[7])
    assert as_frame(frame) is frame


def test_arrays_and_arrow_tables_become_frames():
    frame = as_frame(np.arange(6).reshape(3, 2))
    assert list(frame.columns) == [0, 1]
    pa = pytest.importorskip("pyarrow")
    table = as_frame(pa.table({"a": [1, 2], "b": ["x", None]}))
    assert list(table.columns) == ["a", "b"]
    assert table["b"].isna().tolist() == [False, True]


@pytest.mark.parametrize("wrong", [[1, 2], {"a": [1]}, "text", None, pd.Series([1])])
def test_what_is_no_table(wrong):
    with pytest.raises(TypeError, match=f"edges is a {type(wrong).__name__}; pass a D"):
        as_frame(wrong, "edges")


def test_frames_of_a_wrong_shape():
    with pytest.raises(ValueError, match=r"1 dimension\(s\); pass rows × columns"):
        as_frame(np.arange(3))
    twice = pd.DataFrame(np.ones((1, 3)), columns=["a", "b", "a"])
    with pytest.raises(ValueError, match=r"columns of the same name: \['a'\]"):
        as_frame(twice)


@pytest.mark.parametrize(
    "values",
    [[1, 2], (1, 2), np.array([1, 2]), np.array([[1], [2]]), pd.Series([1, 2], [5, 6])],
)
def test_vectors(values):
    assert as_vector(values, "y").tolist() == [1, 2]


def test_vectors_are_not_copied():
    array = np.arange(3)
    assert as_vector(array, "y") is array


@pytest.mark.parametrize("wrong", [np.ones((2, 2)), 3, "text", np.ones((1, 1, 1))])
def test_what_is_no_vector(wrong):
    with pytest.raises(ValueError, match=r"y has shape \(.*pass one value per row"):
        as_vector(wrong, "y")


# Columns, lengths, indexes


def test_columns():
    frame = pd.DataFrame({"ab": [1], "b": [2], 3: [4]})
    assert check_columns(frame, "ab") == ["ab"]
    assert check_columns(frame, ["b", 3]) == ["b", 3]
    assert check_columns(frame, iter(["b"])) == ["b"]
    assert check_columns(frame, 3) == [3]
    assert check_columns(frame, ("b", 3)) == ["b", 3]
    pairs = pd.DataFrame([[1, 2]], columns=[("a", "b"), "b"])
    assert check_columns(pairs, ("a", "b")) == [("a", "b")]
    with pytest.raises(
        KeyError, match=r"world has no column \['c', 'd'\]; it has 'ab'"
    ):
        check_columns(frame, ["c", "b", "d"], "world")
    wide = pd.DataFrame(np.ones((1, 25)))
    with pytest.raises(KeyError, match="19 …"):
        check_columns(wide, [99])


def test_lengths():
    assert check_same_length(a=[1, 2], b=np.ones(2), c=None) == 2
    assert check_same_length(a=None) == 0
    with pytest.raises(ValueError, match=r"lengths differ \(a: 2, b: 3\)"):
        check_same_length(a=[1, 2], b=[1, 2, 3])


def test_indexes():
    one, two = pd.Series([1, 2]), pd.Series([1, 2], index=[1, 0])
    check_same_index(a=one, b=[3, 4], c=None, d=one.to_frame())
    check_same_index(a=two, b=np.ones(5))
    with pytest.raises(ValueError, match=r"a and c have.*e\.g\. c\.loc\[a\.index\]"):
        check_same_index(a=one, b=[1, 2], c=two.to_frame())


# Weights


def test_weights():
    assert check_weights(None, 3).tolist() == [1, 1, 1]
    weights = check_weights([0, 2], 2)
    assert (weights.tolist(), weights.dtype) == ([0, 2], np.float64)
    assert check_weights([True, False], 2).tolist() == [1, 0]
    assert len(check_weights([], 0)) == 0


@pytest.mark.parametrize("wrong", [-1, np.nan, np.inf])
def test_wrong_weights(wrong):
    with pytest.raises(
        ValueError, match=r"w has 2 value\(s\) that are negative.* row 1"
    ):
        check_weights([1, wrong, 2, wrong], 4, "w")


def test_weights_that_weigh_nothing_or_too_few():
    with pytest.raises(ValueError, match="sample_weight is 0 in every row"):
        check_weights([0, 0], 2)
    with pytest.raises(ValueError, match="sample_weight has 2 values for 3 rows"):
        check_weights([1, 1], 3)


# Probabilities


@given(st.lists(st.floats(0, 1)))
def test_probabilities_pass(values):
    assert check_probabilities(values).tolist() == values


def test_probabilities_of_any_shape():
    assert check_probabilities([[0, 1], [0.5, 0.5]]).shape == (2, 2)
    assert check_probabilities(0.5).shape == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.1, 1.7, 1.2], "max 1.7 at row 1"),
        ([0.1, -0.3, 1.2], "min -0.3 at row 1"),
        ([[0.1, 0.2], [0.3, 4.0]], "max 4 at row 1"),
        ([np.inf], "max inf at row 0"),
        (1.7, "max 1.7 at row 0"),
    ],
)
def test_scores_are_no_probabilities(values, message):
    with pytest.raises(
        ValueError, match=message + r"\); pass probabilities, not scores"
    ):
        check_probabilities(values)


@pytest.mark.parametrize("values", [[0.1, np.nan], [[0.1, 0.2], [np.nan, 0.1]]])
def test_missing_probabilities(values):
    with pytest.raises(
        ValueError, match=r"p has 1 missing value\(s\) \(first at row 1"
    ):
        check_probabilities(values, "p")
    with pytest.raises(ValueError, match="first at row 0"):
        check_probabilities(np.nan)


# Two classes


@pytest.mark.parametrize(
    "y",
    [
        [0, 1, 1],
        [-1, 1, 1],
        [False, True, True],
        [0.0, 1.0, 1.0],
        np.array([[0], [1], [1]]),
        pd.Series([0, 1, 1], dtype="Int64"),
        pd.Series([False, True, True], dtype="boolean"),
        pd.Categorical([0, 1, 1]),
    ],
)
def test_binary(y):
    assert check_binary(y).tolist() == [False, True, True]


def test_binary_with_names():
    assert check_binary(list("abb"), pos_label="b").tolist() == [False, True, True]
    assert check_binary(list("abb"), pos_label="a").tolist() == [True, False, False]
    assert check_binary(list("aa"), pos_label="b").tolist() == [False, False]
    assert check_binary([1, 1]).tolist() == [True, True]
    assert check_binary([0, 1], pos_label=0).tolist() == [True, False]
    assert check_binary([]).tolist() == []


def test_what_is_not_binary():
    with pytest.raises(ValueError, match="say with pos_label which one is positive"):
        check_binary(list("ab"))
    with pytest.raises(ValueError, match="say with pos_label"):
        check_binary([1, 2])
    with pytest.raises(ValueError, match=r"y_true has 3 classes \(\[0, 1, 2\]"):
        check_binary([0, 1, 2])
    with pytest.raises(ValueError, match="pos_label is 'c', y has"):
        check_binary(list("ab"), "y", pos_label="c")
    with pytest.raises(ValueError, match=r"missing values \(first at row 1\); drop"):
        check_binary([0, np.nan, 1])
    with pytest.raises(ValueError, match="missing values"):
        check_binary(["a", None], pos_label="a")


# Numbers and choices


def test_integers():
    assert check_integer(3, "n") == 3
    assert type(check_integer(np.int8(3), "n")) is int
    assert check_integer(-2, "n", minimum=-2) == -2
    with pytest.raises(ValueError, match="n is 0; pass 1 or more"):
        check_integer(0, "n", 1)


@pytest.mark.parametrize("wrong", [1.0, "1", None, True, np.float64(2)])
def test_what_is_no_integer(wrong):
    with pytest.raises(TypeError, match="pass a whole number of at least 0"):
        check_integer(wrong, "n")


def test_fractions():
    assert check_fraction(1, "frac") == 1.0
    assert check_fraction(np.float32(0.5), "frac") == 0.5
    for wrong in (0, -0.1, 1.1, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"pass a number in \(0, 1\]"):
            check_fraction(wrong, "frac")
    for wrong in ("0.5", None, True):
        with pytest.raises(TypeError, match=r"pass a number in \(0, 1\]"):
            check_fraction(wrong, "frac")


def test_choices():
    assert check_choice("a", "how", ["a", "b"]) == "a"
    with pytest.raises(ValueError, match="how is 'c'; pass one of 'a', 'b'"):
        check_choice("c", "how", ["a", "b"])
