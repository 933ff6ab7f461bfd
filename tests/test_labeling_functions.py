"""Labeling functions, their makers, and applying many of them."""

import io
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from mlworkbench.datasets import make_triage_notes
from mlworkbench.labeling import (
    ABSTAIN,
    LabelingError,
    LabelingFunction,
    apply_lfs,
    keyword_lf,
    labeling_function,
    lookup_lf,
    model_lf,
    regex_lf,
    rule_lf,
)

BEFORE = ["no", "denies", "without", "negative for", "never had", "history of"]
AFTER = ["ruled out", "unlikely"]


def text(*notes):
    return pd.DataFrame({"note": list(notes)})


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1.0, 5.0, np.nan, 9.0]}, index=list("abcd"))


def lf_of(result, **options):
    return LabelingFunction(lambda frame: result, "f", **options)


# ---- the function itself


def test_decorator_bare_and_with_arguments(frame):
    @labeling_function
    def high(frame):
        """Say high."""
        return np.where(frame["x"] > 4, 1, ABSTAIN)

    @labeling_function(name="low ones", label=0)
    def low(frame):
        return frame["x"] < 4

    assert (high.name, low.name, low.label) == ("high", "low ones", 0)
    assert high.__doc__ == "Say high."
    assert repr(low) == "LabelingFunction('low ones', label=0)"
    votes = high(frame)
    assert votes.dtype == np.int8
    assert votes.name == "high"
    assert votes.index.equals(frame.index)
    assert votes.tolist() == [-1, 1, -1, 1]
    assert low(frame).tolist() == [0, -1, -1, -1]


@pytest.mark.parametrize(
    "mask",
    [
        [True, False, True],
        np.array([True, False, True]),
        pd.Series([True, False, True]),
        pd.array([True, None, True], dtype="boolean"),
        pd.Series([True, None, True], dtype=object),
        pd.Series([True, False, True], dtype="bool[pyarrow]"),
    ],
    ids=["list", "array", "series", "nullable", "object", "arrow"],
)
def test_masks_of_every_kind(mask):
    assert lf_of(mask, label=3)(text("a", "b", "c")).tolist() == [3, -1, 3]


@pytest.mark.parametrize("dtype", ["int8", "int64", "float64", "Int16", "uint8"])
def test_class_numbers_of_every_kind(dtype):
    result = pd.Series([0, 126, 2], dtype=dtype)
    assert lf_of(result)(text("a", "b", "c")).tolist() == [0, 126, 2]


@pytest.mark.parametrize(
    ("result", "label", "message"),
    [
        (None, None, "returned nothing for 2 rows; it gets the whole frame"),
        (1, None, "returned one value, 1, for 2 rows; it gets the whole frame"),
        ([1], None, "returned 1 votes for 2 rows; return one vote for every row"),
        ([[1, 0]], None, r"an array of shape \(1, 2\) for 2 rows"),
        ([True, False], None, "a mask of True and False, and no label"),
        ([1, 0], 1, "values of type int64 although label=1 was given"),
        (["a", "b"], None, "type str; return class numbers 0, 1"),
        (pd.Categorical([1, 2]), None, "type category; return class numbers"),
        ([1.0, np.nan], None, r"a missing value at row 1.*fillna\(ABSTAIN\)"),
        ([1, -2], None, "returned -2 at row 1; return class numbers 0 to 126"),
        ([127, 0], None, "returned 127 at row 0"),
        ([0.5, 0], None, "returned 0.5 at row 0"),
        (pd.Series([1, 0], index=[1, 0]), None, "another index than the frame's"),
    ],
)
def test_what_is_no_vote_is_refused(result, label, message):
    frame = text("a", "b")
    with pytest.raises(ValueError, match=message):
        lf_of(result, label=label)(frame)
    with pytest.raises(LabelingError, match=f"'f' .*{message}"):
        apply_lfs([lf_of(result, label=label)], frame)


@pytest.mark.parametrize(
    ("label", "kind", "message"),
    [
        ("emergency", TypeError, "label is 'emergency'; pass a class number"),
        (True, TypeError, "label is True; pass a class number"),
        (1.0, TypeError, "label is 1.0; pass a class number"),
        (-1, ValueError, "label is -1; .*-1 stands for no opinion"),
        (127, ValueError, "label is 127; pass a class number 0 to 126"),
    ],
)
def test_labels_are_class_numbers(label, kind, message):
    for make in (
        lambda: labeling_function(label=label)(len),
        lambda: keyword_lf("note", "a", label),
        lambda: lookup_lf("note", {"a"}, label),
        lambda: lookup_lf("note", {"a"}, label=label),
        lambda: rule_lf("x > 1", label),
    ):
        with pytest.raises(kind, match=message):
            make()


def test_a_function_needs_a_name_and_a_function():
    with pytest.raises(TypeError, match="name is ' '; pass a text"):
        LabelingFunction(len, " ")
    with pytest.raises(TypeError, match="function is a int; pass a function"):
        LabelingFunction(3, "three")


# ---- words


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("likely pneumonia", True),
        ("Likely PNEUMONIA.", True),
        ("no pneumonia", False),
        ("no sign of pneumonia", False),
        ("pneumonia ruled out", False),
        ("stroke unlikely; pneumonia on x-ray", True),
        ("no fever. pneumonia on x-ray", True),
        ("no fever but pneumonia", True),
        ("no fever\npneumonia", True),
        ("pneumonia; sepsis ruled out", True),
        ("temp 38.5 without pneumonia", False),
        ("no one two three four five pneumonia", False),
        ("no one two three four five six pneumonia", True),
        ("pneumonia one two three four ruled out", False),
        ("pneumonia one two three four five ruled out", True),
        ("no pneumonia. later: pneumonia", True),
        ("nose bleeds, pneumonia", True),
        ("pneumonias", False),
        ("bronchopneumonia", False),
        ("prä pneumonia", True),
        ("präpneumonia", False),
        ("kein denies\u00a0pneumonia", False),
        ("", False),
        (None, False),
    ],
)
def test_words_count_unless_denied(note, found):
    lf = keyword_lf("note", "pneumonia", 2, unless=BEFORE, unless_after=AFTER)
    assert lf(text(note, "x")).tolist() == [2 if found else -1, -1]


def test_phrases_endings_and_odd_words():
    lf = keyword_lf("note", ["chest  pain", "pneumon*", "c/o", "2/7"], 1)
    notes = text(
        "chest pain", "chest\t pain", "chestpain", "pneumona", "c/o", "12/7", "2/7."
    )
    assert lf(notes).tolist() == [1, 1, -1, 1, 1, -1, 1]
    assert keyword_lf("note", "OK", 1, case=True)(text("ok", "OK")).tolist() == [-1, 1]


def test_unless_as_a_pattern_and_a_window():
    pattern = re.compile(r"^(?:no|not)\b")
    lf = keyword_lf("note", "fever", 1, unless=pattern, window=2)
    notes = text("no fever", "no high fever", "no very high fever", "today no fever")
    assert lf(notes).tolist() == [-1, -1, 1, 1]


def test_negation_makes_the_pneumonia_function_right_on_the_notes():
    notes = make_triage_notes(3000, random_state=1, misspelling=0.0)
    emergency = (notes["true_label"] == "emergency").to_numpy()
    naive = keyword_lf("note", "pneumonia", 2)(notes) == 2
    careful = keyword_lf(
        "note",
        "pneumonia",
        2,
        unless=[*BEFORE, "asks about", "worried about", "seen last month for"],
        unless_after=[*AFTER, "resolved", "last year"],
    )(notes)
    assert emergency[naive].mean() < 0.6
    assert emergency[careful == 2].mean() == 1.0
    assert (naive | (careful != 2)).all()


def test_text_columns_of_every_kind():
    notes = ["no flu", "flu", None, "flu"]
    lf = keyword_lf("note", "flu", 1, unless="no")
    for dtype in ["str", object, "category", "string", "string[pyarrow]"]:
        frame = pd.DataFrame({"note": pd.Series(notes, dtype=dtype)})
        assert lf(frame).tolist() == [-1, 1, -1, 1], dtype
        assert lf(frame.iloc[:0]).tolist() == []
        assert lf(frame.iloc[::-1]).tolist() == [1, -1, 1, -1]


def test_text_is_asked_for():
    with pytest.raises(TypeError, match=r"column 'x' is float64; words are looked"):
        keyword_lf("x", "a", 1)(pd.DataFrame({"x": [1.0]}))
    mixed = pd.DataFrame({"x": pd.Series(["a", None, 3], dtype=object)})
    with pytest.raises(TypeError, match="column 'x' has 3 at row 2, which is no text"):
        keyword_lf("x", "a", 1)(mixed)
    with pytest.raises(KeyError, match=r"no column \['y'\]; it has 'x'"):
        regex_lf("y", "a", 1)(mixed)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"words": []}, ValueError, "words is empty"),
        ({"words": ["a", " "]}, TypeError, "words has ' '; pass words"),
        ({"words": "*"}, TypeError, r"words has '\*'"),
        ({"words": [3]}, TypeError, "words has 3"),
        ({"words": "*no*"}, ValueError, r"words has '\*no\*'; a \* .* last character"),
        ({"words": ["a", "burn* unit"]}, ValueError, r"'burn\* unit'; .*regex_lf"),
        ({"unless": "a**"}, ValueError, r"unless has 'a\*\*'; a \* stands"),
        ({"unless": []}, ValueError, "unless is empty"),
        ({"unless_after": [""]}, TypeError, "unless_after has ''"),
        ({"window": 0}, ValueError, "window is 0; pass 1 or more"),
    ],
)
def test_wrong_words(options, kind, message):
    with pytest.raises(kind, match=message):
        keyword_lf("note", **{"words": "a", "label": 1, **options})


# ---- patterns


PIECES = [
    "a", "b", "B", "1", " ", "_", ".", r"\.", r"\w", r"\d", r"\s", r"\S", r"\b", r"\B",
    "[a-c]", "[^a]", "(a|b)", "(?:ab)", "a?", "b+", "1{2}", "a{,2}", "^", "$", "|",
    "(?=b)", r"(a)\1", "é", "(?<!a)", "[[:alpha:]]", r"\Z", r"\A",
]  # fmt: skip
TEXTS = st.one_of(
    st.none(),
    st.text(alphabet="abB1 ._é\n\tſİK", max_size=8),
    st.text(alphabet="abB1 ._", max_size=8),
)


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    texts=st.lists(TEXTS, min_size=1, max_size=6),
    case=st.booleans(),
)
@example(pieces=["a{,2}", "1"], texts=["1", "aaa1", "a{,2}1"], case=True)
@example(pieces=[r"\B"], texts=["", "a"], case=True)
@example(pieces=["b", "$"], texts=["b\n", "b"], case=True)
@example(pieces=["[[:alpha:]]"], texts=["a]", "b", ":]"], case=True)
def test_patterns_find_what_python_finds(pieces, texts, case):
    pattern = "".join(pieces)
    try:
        oracle = re.compile(pattern, re.NOFLAG if case else re.IGNORECASE)
        lf = regex_lf("note", pattern, 1, case=case)
    except (re.error, ValueError):
        return
    frame = pd.DataFrame({"note": pd.Series(texts, dtype="str")})
    expected = [1 if t is not None and oracle.search(t) else -1 for t in texts]
    assert lf(frame).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(
    words=st.lists(
        st.text(alphabet="aAb1é/. ", min_size=1, max_size=4), min_size=1, max_size=3
    ),
    texts=st.lists(TEXTS, min_size=1, max_size=6),
)
def test_words_find_what_a_slow_search_finds(words, texts):
    words = [word for word in words if word.strip()] or ["a"]

    def word_in(note):
        for word in words:
            pattern = r"\s+".join(re.escape(part) for part in word.split())
            for m in re.finditer(f"(?={pattern})", note, re.IGNORECASE):
                end = re.compile(pattern, re.IGNORECASE).match(note, m.start()).end()
                edges = note[: m.start()][-1:] + note[end:][:1]
                if not re.search(r"\w", edges):
                    return True
        return False

    lf = keyword_lf("note", words, 1)
    frame = pd.DataFrame({"note": pd.Series(texts, dtype="str")})
    expected = [1 if t is not None and word_in(t) else -1 for t in texts]
    assert lf(frame).tolist() == expected


def test_flags_of_a_compiled_pattern_are_kept():
    notes = text("A b", "a\nb", "ab")
    cases = {
        re.compile("a b", re.I): [1, -1, -1],
        re.compile("a.b", re.S): [-1, 1, -1],
        re.compile("^b", re.M): [-1, 1, -1],
        re.compile("a b  # two letters", re.X): [-1, -1, 1],
        re.compile(r"(?i)a\sb"): [1, 1, -1],
    }
    for pattern, expected in cases.items():
        assert regex_lf("note", pattern, 1)(notes).tolist() == expected, pattern


def test_patterns_can_be_denied_too():
    lf = regex_lf("note", r"fevers?", 1, unless="no", unless_after="settled")
    assert lf(text("no fever", "fevers", "fever settled")).tolist() == [-1, 1, -1]


@pytest.mark.parametrize(
    ("pattern", "kind", "message"),
    [
        ("(a", ValueError, r"pattern '\(a' cannot be read: missing \)"),
        ("a*", ValueError, r"pattern 'a\*' finds nothing at all, and so every row"),
        (b"a", TypeError, "pattern is b'a'; pass a regular expression"),
        (re.compile(b"a"), TypeError, "pass a regular expression for text"),
    ],
)
def test_wrong_patterns(pattern, kind, message):
    with pytest.raises(kind, match=message):
        regex_lf("note", pattern, 1)


# ---- tables


def test_tables_of_every_kind():
    for dtype in ["str", object, "category"]:
        column = pd.Series(["a", "b", None, "c"], dtype=dtype)
        frame = pd.DataFrame({"x": column}).set_axis([3, 2, 1, 0])
        for some in (
            {"a", "c"},
            ["a", "c"],
            np.array(["a", "c"]),
            pd.Index(["a", "c"]),
        ):
            assert lookup_lf("x", some, 1)(frame).tolist() == [1, -1, -1, 1]
        for table in ({"a": 0, "b": 2}, pd.Series([0, 2], index=["a", "b"])):
            assert lookup_lf("x", table)(frame).tolist() == [0, 2, -1, -1]
        assert lookup_lf("x", {"a": 0, "b": -1})(frame).tolist() == [0, -1, -1, -1]
    numbers = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    assert lookup_lf("x", {1: 1, np.nan: 0})(numbers).tolist() == [1, -1, -1]
    assert lookup_lf("x", {1}, 1)(numbers.iloc[:0]).tolist() == []
    assert lookup_lf("x", {1}, 1).name == "x: one of 1 value"


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (({"a": 1}, 1), ValueError, "label=1 was given with a table"),
        (({"a"},), ValueError, "label is missing"),
        (("a", 1), TypeError, "table is 'a'; pass a set or list"),
        ((3, 1), TypeError, "table is 3; pass a set or list"),
        ((set(), 1), ValueError, "table is empty"),
        (({"a": "x"},), TypeError, "the class of 'a' in table is 'x'"),
        (({"a": 1.5},), TypeError, "the class of 'a' in table is 1.5"),
        ((pd.Series([1, 0], index=["a", "a"]),), ValueError, "the value 'a' twice"),
    ],
)
def test_wrong_tables(arguments, kind, message):
    with pytest.raises(kind, match=message):
        lookup_lf("x", *arguments)


def test_texts_are_not_looked_up_among_numbers():
    with pytest.raises(TypeError, match="the table has texts such as '1', the column"):
        lookup_lf("x", {"1"}, 1)(pd.DataFrame({"x": [1, 2]}))
    with pytest.raises(TypeError, match="the table has numbers such as 1, the column"):
        lookup_lf("x", {1}, 1)(pd.DataFrame({"x": ["1", "2"]}))


# ---- models


@pytest.fixture(scope="module")
def model():
    seen = pd.DataFrame({"x": [0.0, 1, 2, 8, 9, 10]})
    return LogisticRegression().fit(seen, ["low"] * 3 + ["high"] * 3)


def test_model_votes_where_it_is_sure(model):
    frame = pd.DataFrame({"x": np.arange(11.0), "other": 0})
    p = model.predict_proba(frame[["x"]])[:, 0]
    for threshold in (0.5, 0.9, float(p[7])):
        lf = model_lf(model, ["x"], 4, threshold, pos_label="high")
        np.testing.assert_array_equal(lf(frame), np.where(p >= threshold, 4, -1))
    assert lf(frame.iloc[:0]).tolist() == []
    assert model_lf(model, ["x"], 1, pos_label="low").name == (
        "LogisticRegression: low at 0.5"
    )


def test_one_label_gives_the_model_a_column_of_text():
    words = make_pipeline(CountVectorizer(), LogisticRegression(C=100))
    words.fit(["sick note", "tired", "chest pain", "pain in chest"], [0, 0, 1, 1])
    lf = model_lf(words, "note", 1, 0.9)
    assert lf(text("chest pain", "sick note")).tolist() == [1, -1]


def test_wrong_models(model):
    with pytest.raises(TypeError, match="a LinearSVC without predict_proba"):
        model_lf(LinearSVC(), ["x"], 1)
    with pytest.raises(NotFittedError):
        model_lf(LogisticRegression(), ["x"], 1)
    with pytest.raises(ValueError, match=r"knows the classes \['high', 'low'\], not 1"):
        model_lf(model, ["x"], 1)
    with pytest.raises(ValueError, match=r"threshold is 1\.5"):
        model_lf(model, ["x"], 1, 1.5, pos_label="low")
    with pytest.raises(KeyError, match=r"no column \['y'\]"):
        model_lf(model, ["y"], 1, pos_label="low")(text("a"))


def test_made_functions_can_be_pickled(model):
    lfs = [
        keyword_lf("note", "a", 1, unless="no"),
        lookup_lf("note", {"a"}, 1, name="table"),
        rule_lf("x > 1 or `a b` in [1, 2]", 1),
        model_lf(model, ["x"], 1, pos_label="low"),
    ]
    frame = pd.DataFrame({"note": ["a", "no a"], "x": [0.0, 2.0], "a b": [1, 3]})
    again = pickle.loads(pickle.dumps(lfs))
    pd.testing.assert_frame_equal(apply_lfs(again, frame), apply_lfs(lfs, frame))


@labeling_function(label=1)
def at_the_top(frame):
    return frame["x"] > 1


def test_a_decorated_function_comes_back_as_itself():
    assert pickle.loads(pickle.dumps(at_the_top)) is at_the_top


def test_a_function_of_a_module_is_imported_by_another_process(tmp_path):
    (tmp_path / "own_lfs.py").write_text(
        "from mlworkbench.labeling import labeling_function\n"
        "@labeling_function(label=1)\n"
        "def big(frame):\n    return frame['x'] > 1\n"
    )
    for code in (
        "import pickle, own_lfs; f = open('lf', 'wb'); pickle.dump(own_lfs.big, f)",
        "import pickle, sys; lf = pickle.load(open('lf', 'rb'))\n"
        "assert lf is sys.modules['own_lfs'].big",
    ):
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


@pytest.mark.parametrize("pickler", ["pickle", "cloudpickle"])
def test_a_function_of_a_notebook_can_be_pickled(tmp_path, pickler):
    pytest.importorskip(pickler)
    make = (
        f"import {pickler} as p, pickle, pandas as pd\n"
        "from mlworkbench.labeling import labeling_function\n"
        "@labeling_function(label=1)\n"
        "def big(frame):\n    return frame['x'] > 1\n"
        "saved = p.dumps(big)\n"
        "for _ in range(2):\n"
        "    again = pickle.loads(p.dumps(big))\n"
        "    assert again(pd.DataFrame({'x': [0, 2]})).tolist() == [-1, 1]\n"
        "open('lf', 'wb').write(saved)\n"
    )
    run = [sys.executable, "-c", make]
    subprocess.run(run, cwd=tmp_path, check=True)
    if pickler != "pickle":  # sent to another process, as joblib does
        load = "import pickle; assert pickle.load(open('lf', 'rb')).label == 1"
        run = [sys.executable, "-c", load]
        subprocess.run(run, cwd=tmp_path, check=True)


def test_a_function_inside_another_is_refused_by_pickle():
    @labeling_function
    def inner(frame):
        return frame["x"]

    with pytest.raises((AttributeError, pickle.PicklingError), match="local object"):
        pickle.dumps(inner)


# ---- many functions


def test_a_function_that_writes_to_the_frame_keeps_it_to_itself():
    @labeling_function(label=1)
    def writes(frame):
        frame["y"] = frame["x"] * 2
        frame.loc[frame["x"] > 1, "x"] = 0
        del frame["z"]
        return frame["y"] > 3

    @labeling_function(label=1)
    def reads(frame):
        return ("y" not in frame) & (frame["x"] + frame["z"] > 6)

    @labeling_function
    def writes_and_fails(frame):
        frame["y"] = 1
        raise ValueError("no")

    frame = pd.DataFrame({"x": [1, 2], "z": [5, 5]})
    before = frame.copy()
    assert apply_lfs([writes, reads], frame).to_numpy().tolist() == [[-1, -1], [1, 1]]
    assert writes(frame).tolist() == [-1, 1]
    with pytest.raises(LabelingError):
        apply_lfs(writes_and_fails, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_apply_keeps_index_names_and_order(frame):
    lfs = [rule_lf("x > 4", 1, name="high"), rule_lf("x < 4", 0, name="low")]
    votes = apply_lfs(lfs, frame)
    assert votes.index.equals(frame.index)
    assert list(votes) == ["high", "low"]
    assert (votes.dtypes == np.int8).all()
    assert votes.to_numpy().tolist() == [[-1, 0], [1, -1], [-1, -1], [1, -1]]
    assert apply_lfs(lfs[0], frame).to_numpy().ravel().tolist() == [-1, 1, -1, 1]
    assert apply_lfs(lfs, frame.iloc[:0]).shape == (0, 2)
    twice = pd.concat([frame, frame])
    assert apply_lfs(lfs, twice).index.equals(twice.index)


def test_arrow_tables_are_taken():
    table = pa.table({"note": ["a", "b"]})
    votes = apply_lfs([keyword_lf("note", "a", 1, name="has a")], table)
    assert votes["has a"].tolist() == [1, -1]


def age_of(frame):
    return frame["age"].map(int) > 80


@pytest.fixture
def ages():
    values = [str(10 * i) for i in range(10)]
    return pd.DataFrame({"age": values}, index=[f"p{i}" for i in range(10)])


@pytest.mark.parametrize("broken", [[0], [9], [4], [7, 3], [5, 6]])
def test_the_row_that_broke_a_function_is_named(ages, broken):
    ages.iloc[broken, 0] = "ninety"
    lfs = [
        keyword_lf("age", "10", 0, name="before"),
        LabelingFunction(age_of, "old", 1),
        keyword_lf("age", "20", 0, name="after"),
    ]
    with pytest.raises(LabelingError) as caught:
        apply_lfs(lfs, ages)
    error, row = caught.value, min(broken)
    message = (
        f"1 of 3 labeling functions failed:\n  'old' fails at row {row} "
        f"(index 'p{row}'): ValueError: invalid literal for int() with base 10: 'ninety"
    )
    assert str(error).startswith(message)
    assert isinstance(error.__cause__, ValueError)
    assert (error.failures[0].row, error.failures[0].label) == (row, f"p{row}")
    expected = apply_lfs([lfs[0], lfs[2]], ages)
    pd.testing.assert_frame_equal(error.votes, expected)
    assert (error.votes >= 0).any(axis=None)


def test_a_function_that_always_fails_names_no_row(ages):
    def wrong(frame):
        return frame["age"].no_such_thing

    def never(frame):
        if len(frame):
            raise RuntimeError("broken")
        return []

    lfs = [LabelingFunction(wrong, "wrong"), LabelingFunction(never, "never")]
    lfs.append(rule_lf("agee > 3", 1))
    with pytest.raises(LabelingError) as caught:
        apply_lfs(lfs, ages)
    text = str(caught.value)
    assert "3 of 3 labeling functions failed" in text
    assert "'wrong' fails whatever the rows: AttributeError: " in text
    assert "'never' fails on every row tried: RuntimeError: broken" in text
    assert "did you mean age (position 0 of the rule)" in text
    assert [failure.row for failure in caught.value.failures] == [None] * 3
    assert caught.value.votes.shape == (10, 0)


def test_a_function_of_one_row_is_told_about_the_frame(ages):
    def old(row):
        return 1 if row["age"] > "80" else ABSTAIN

    with pytest.raises(LabelingError, match=r"write masks such as frame\[") as caught:
        apply_lfs([LabelingFunction(old, "old")], ages)
    assert caught.value.failures[0].row is None


def test_failed_functions_can_abstain(ages):
    ages.iloc[2, 0] = "?"
    lfs = [LabelingFunction(age_of, "old", 1), keyword_lf("age", "10", 0, name="ten")]
    with pytest.warns(UserWarning, match="every row: 'old' fails at row 2"):
        votes = apply_lfs(lfs, ages, errors="abstain")
    assert list(votes) == ["old", "ten"]
    assert (votes["old"] == ABSTAIN).all()
    assert (votes["ten"] == 0).sum() == 1


def test_wrong_calls(frame):
    lf = rule_lf("x > 1", 1)
    with pytest.raises(ValueError, match="functions have one name: 'x > 1'"):
        apply_lfs([lf, rule_lf("x > 1", 0)], frame)
    with pytest.raises(ValueError, match="lfs is empty"):
        apply_lfs([], frame)
    with pytest.raises(TypeError, match=r"lfs\[1\] is the function age_of, not a lab"):
        apply_lfs([lf, age_of], frame)
    with pytest.raises(TypeError, match=r"lfs\[0\] is a str"):
        apply_lfs(["x > 1"], frame)
    with pytest.raises(ValueError, match="errors is 'ignore'; pass one of 'raise'"):
        apply_lfs([lf], frame, errors="ignore")
    with pytest.raises(TypeError, match="frame is a list; pass a DataFrame"):
        apply_lfs([lf], [1, 2])


def test_progress_is_silent_unless_wanted(frame, capsys, monkeypatch):
    lfs = [rule_lf("x > 4", 1, name="high"), rule_lf("x < 4", 0, name="low")]
    apply_lfs(lfs, frame)
    assert capsys.readouterr() == ("", "")
    apply_lfs(lfs, frame, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split("\r")[1:3] == [
        "labeling function 1 of 2: high",
        "labeling function 2 of 2: low ",
    ]
    assert err.endswith(" \r")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    apply_lfs(lfs, frame)
    assert terminal.getvalue() == "", "short work needs no progress"


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(40)))
def test_order_of_rows_does_not_matter(order):
    notes = make_triage_notes(40, random_state=0)
    lfs = [
        keyword_lf("note", ["pain", "fever"], 1, unless=BEFORE),
        regex_lf("note", r"\d+ year", 0),
        lookup_lf("arrival_mode", {"ambulance"}, 2),
        rule_lf("temperature > 37 and heart_rate > 90", 2),
    ]
    shuffled = notes.iloc[list(order)]
    expected = apply_lfs(lfs, notes).loc[shuffled.index]
    pd.testing.assert_frame_equal(apply_lfs(lfs, shuffled), expected)
