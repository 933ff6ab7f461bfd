"""Rules: what they may say, what they mean, and where they are wrong."""

import operator
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.labeling import ABSTAIN, rule_lf

NAN = np.nan


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "age": [5.0, 40.0, NAN, 90.0],
            "pulse": [120, 80, 70, 60],
            "sex": ["F", "M", "F", None],
            "mode": pd.Categorical(["car", "foot", "car", None]),
            "level": pd.Categorical(
                ["low", "high", None, "mid"], ["low", "mid", "high"], ordered=True
            ),
            "seen": pd.to_datetime(["2024-01-01", "2024-03-01", None, "2024-05-01"]),
            "flag": [True, False, True, False],
            "maybe": pd.array([True, None, False, True], dtype="boolean"),
            "count": pd.array([1, None, 3, 0], dtype="Int64"),
            "worst radius": [18.0, 18.1, NAN, 30.0],
            "größe": [1, 2, 3, 4],
            "µ": [1, 2, 3, 4],
            "class": [0, 1, 0, 1],
            "it's `odd`": [1, 2, 3, 4],
        },
        index=list("wxyz"),
    ).rename(columns={"it's `odd`": "it's odd"})


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("age > 40", "z"),
        ("age >= 40", "xz"),
        ("40 <= age", "xz"),
        ("age < pulse", "wx"),
        ("age == 40", "x"),
        ("age != 40", "wz"),
        ("5 < age < 90", "x"),
        ("90 > age >= 5", "wx"),
        ("age > 4 > 3", "wxz"),
        ("age > 4 > 5", ""),
        ("not age > 40", "wx"),
        ("not (age > 40 or pulse > 100)", "x"),
        ("not not age > 40", "z"),
        ("age > 40 or pulse == 70", "yz"),
        ("age > 40 and pulse == 70", ""),
        ("not (age > 40 and pulse == 70)", "wxz"),
        ("sex == 'F'", "wy"),
        ('sex != "F"', "x"),
        ("sex in ['F', 'X']", "wy"),
        ("sex not in {'F'}", "x"),
        ("not sex in ('F',)", "x"),
        ("pulse in [60, -70, 80]", "xz"),
        ("mode == 'car'", "wy"),
        ("mode in ['foot']", "x"),
        ("mode not in ['foot']", "wy"),
        ("level > 'low'", "xz"),
        ("seen >= '2024-03-01'", "xz"),
        ("flag", "wy"),
        ("not flag", "xz"),
        ("flag == True", "wy"),
        ("maybe", "wz"),
        ("not maybe", "y"),
        ("maybe or flag", "wyz"),
        ("maybe and flag", "w"),
        ("count > 0", "wy"),
        ("not count > 0", "z"),
        ("count in [0, 3]", "yz"),
        ("age is None", "y"),
        ("age is not None and sex is None", "z"),
        ("count is None", "x"),
        ("age / pulse > 0.4", "xz"),
        ("pulse - 2 * age < 0", "z"),
        ("(pulse + age) * 2 > 240", "wz"),
        ("-pulse > -75", "yz"),
        ("+pulse < 75 - 5", "z"),
        ("pulse / (pulse - 60) > 2", "xy"),
        ("not pulse / (pulse - 60) > 2", "w"),
        ("count + 1 >= 2", "wy"),
        ("`worst radius` > 18", "xz"),
        ("`worst radius` > 18 and `class` == 1", "xz"),
        ("größe > 2 and `größe` < 4", "y"),
        ("größe > 2 and pulse > 60", "y"),
        ("µ > 3", "z"),
        ("`it's odd` == 2 or sex == '`F`'", "x"),
        ("  age\n  > 40  ", "z"),
        ("age > 40  # old", "z"),
        ("((((age)))) > 40", "z"),
        ("age > 1_0 and age < 4.5e1", "x"),
    ],
)
def test_what_rules_mean(frame, rule, rows):
    votes = rule_lf(rule, 3)(frame)
    assert "".join(votes.index[votes == 3]) == rows
    assert set(votes) <= {3, ABSTAIN}
    assert len(rule_lf(rule, 3)(frame.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("rule", "position", "message"),
    [
        ("age > max(pulse)", 6, "functions cannot be called here; use @labeling_func"),
        ("__import__('os').system('x') > 1", 0, "functions cannot be called"),
        ("().__class__ > 1", 0, "a dot is not allowed"),
        ("age > 1 and sex.lower == 'f'", 12, "a dot is not allowed; put a name"),
        ("sex['a'] == 1", 0, "brackets are not allowed"),
        ("(lambda: 1) > age", 1, "lambda is not allowed"),
        ("age > (1 if flag else 2)", 7, "if … else is not allowed"),
        ("sex == f'{age}'", 7, "f-strings are not allowed"),
        ("(age := 3) > 1", 1, "a rule assigns nothing; to compare, write =="),
        ("[x for x in age] == 1", 0, "ListComp is not allowed in a rule"),
        ("{'a': 1} == age", 0, "Dict is not allowed in a rule"),
        ("age > 1 & pulse > 2", 6, "write and, or, not instead of &, |, ~"),
        ("(age > 1) | (pulse > 2)", 0, "write and, or, not instead of &, |, ~"),
        ("~flag", 0, "write and, or, not instead"),
        ("age = 3", 4, "to compare, write == instead of ="),
        ("age > 3 && flag", 9, "write and, or, not, in, in small letters"),
        ("age > 3 AND flag", 8, "write and, or, not, in, in small letters"),
        ("worst radius > 3", 6, "names with blanks or dots"),
        ("class == 1", 0, "words of Python, stand in `backticks`"),
        ("`age > 3", 0, "a backtick has no partner"),
        ("age > ", 5, "the rule cannot be read"),
        ("age ** 2 > 3", 0, r"only \+ - \* / are known"),
        ("age // 2 > 3", 0, r"only \+ - \* / are known"),
        ("age @ pulse > 3", 0, r"only \+ - \* / are known"),
        ("age", None, None),
        ("age + 1", 0, "this is a number; compare it"),
        ("3", 0, "this is no condition; compare it with a column"),
        ("age > 3 and 'yes'", 12, "this is no condition"),
        ("age == None", 7, "to ask for a missing value, write: is None"),
        ("age is 3", 7, "is goes with None alone"),
        ("age == 3j", 7, "3j is no number, text or truth value"),
        ("age == ...", 7, "Ellipsis is no number"),
        ("sex == b'F'", 7, "b'F' is no number"),
        ("sex in 'F'", 7, "in needs a list of constants"),
        ("sex in mode", 7, "in needs a list of constants"),
        ("sex in []", 7, "the list is empty"),
        ("sex in ['F', mode]", 13, "a list holds constants only"),
        ("sex in ['F', None]", 13, "to ask for a missing value"),
        ("sex == ['F']", 7, "a list stands only after in"),
        ("sex in ['F'] in ['M']", 7, "in cannot be chained"),
        ("age is None is None", 7, "is cannot be chained"),
        ("(age > 3) == flag", 1, "a condition cannot be compared"),
        ("(age > 3) + 1 > 2", 1, "a condition cannot be compared"),
        ("age + 'x' > 3", 6, "there is no arithmetic with texts"),
        ("age > (not flag)", 7, "not belongs before a condition"),
        ("größe > 2 and größe(3) > 1", 14, "functions cannot be called"),
        ("`worst radius` > 2 and f(3)", 23, "functions cannot be called"),
    ],
)
def test_what_rules_may_not_say(rule, position, message):
    if message is None:
        assert rule_lf(rule, 1).name == rule
        return
    with pytest.raises(ValueError, match=message) as caught:
        rule_lf(rule, 1)
    text = str(caught.value)
    assert f"(position {position} of the rule)\n" in text
    line, caret = text.splitlines()[-2:]
    assert line[4:] == rule.strip()
    assert caret == " " * (4 + position) + "^"


@pytest.mark.parametrize(
    ("rule", "kind", "message"),
    [
        (3, TypeError, "rule is 3; pass a text such as"),
        ("  \n", ValueError, "rule is empty"),
        ("3 > 2", ValueError, "names no column; compare at least one"),
        ("a > 1 or " * 300 + "a > 1", ValueError, "2,705 characters, at most 2,000"),
        ("not " * 60 + "a > 1", ValueError, "nested more than 40 deep; split it"),
        ("-" * 1900 + "a > 1", ValueError, "nested (more than 40|too) deep"),
        ("(" * 900 + "a" + ")" * 900 + "> 1", ValueError, "rule|nested"),
        ("a > 1\0", ValueError, "cannot be read"),
    ],
)
def test_rules_too_long_too_deep_or_empty(rule, kind, message):
    with pytest.raises(kind, match=message):
        rule_lf(rule, 1)


def test_a_long_rule_of_allowed_length_works(frame):
    rule = " or ".join(f"pulse == {i}" for i in range(120))
    lf = rule_lf(rule, 1)
    assert lf(frame).tolist() == [-1, 1, 1, 1]
    assert lf.name == rule[:59] + "…"
    assert rule_lf(rule, 1, name="some pulse").name == "some pulse"


def test_an_error_in_a_long_rule_shows_the_place():
    with pytest.raises(ValueError, match="cannot be called") as caught:
        rule_lf("a > 1 or " * 20 + "f(a) > 1", 1)
    line, caret = str(caught.value).splitlines()[-2:]
    assert line[caret.index("^") :].startswith("f(a)")
    assert len(line) < 90


@pytest.mark.parametrize(
    ("rule", "kind", "position", "message"),
    [
        ("ages > 3", KeyError, 0, "the frame has no column 'ages'; did you mean age"),
        ("flag and worst_radius > 1", KeyError, 9, "did you mean `worst radius`"),
        ("xyzzy > 3", KeyError, 0, "has no column 'xyzzy'; it has age, pulse, sex"),
        ("age > '40'", TypeError, 0, "a number is compared with a text"),
        ("3 < age == '4'", TypeError, 4, "a number is compared with a text"),
        ("sex == 1", TypeError, 0, "a text is compared with a number"),
        ("mode == 1", TypeError, 0, "a text is compared with a number"),
        ("sex == age", TypeError, 0, "a text is compared with a number"),
        (
            "flag or age in ['40']",
            TypeError,
            8,
            "the column has numbers, the list text",
        ),
        ("sex in [1]", TypeError, 0, "the column has texts, the list numbers"),
        ("mode < 'car'", TypeError, 0, "these cannot be compared"),
        ("seen > 3", TypeError, 0, "these cannot be compared"),
        ("seen in ['2024-01-01']", TypeError, 0, "compare times with < and =="),
        ("flag and age", TypeError, 9, "column 'age' is float64, no condition"),
        ("1 + sex > 2", TypeError, 4, "no arithmetic with a column of str"),
    ],
)
def test_rules_that_do_not_fit_the_frame(frame, rule, kind, position, message):
    lf = rule_lf(rule, 1)
    with pytest.raises(kind, match=message) as caught:
        lf(frame)
    assert f"(position {position} of the rule)\n    {rule}\n" in str(caught.value)


def test_large_whole_numbers_are_exact():
    big = 2**53
    frame = pd.DataFrame({"id": [big, big + 1]})
    assert rule_lf(f"id == {big + 1}", 1)(frame).tolist() == [-1, 1]


def test_rows_that_share_a_label_are_compared_by_place():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1]}, index=[0, 0, 0])
    assert rule_lf("a + 0 > b - 0 and a > b", 1)(frame).tolist() == [-1, -1, 1]


def test_rules_can_be_pickled(frame):
    lf = pickle.loads(pickle.dumps(rule_lf("`worst radius` > 18", 1)))
    assert lf(frame).tolist() == [-1, 1, -1, 1]


# ---- a slow oracle: one row at a time, three-valued logic written out

SIGNS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
VALUES = st.one_of(st.none(), st.integers(-2, 2))
LEAVES = st.tuples(st.sampled_from("abc"), st.sampled_from(list(SIGNS)), VALUES)


def compare(term, row):
    name, sign, constant = term
    other = row["d"] if constant is None else constant
    if row[name] is None or other is None:
        return None
    return SIGNS[sign](row[name], other)


def decide(tree, row):
    kind, *parts = tree
    if kind == "leaf":
        return compare(parts[0], row)
    found = [decide(part, row) for part in parts]
    if kind == "not":
        return None if found[0] is None else not found[0]
    if kind == "and":
        return False if False in found else (None if None in found else True)
    return True if True in found else (None if None in found else False)


def write(tree):
    kind, *parts = tree
    if kind == "leaf":
        name, sign, constant = parts[0]
        return f"{name} {sign} {'d' if constant is None else constant}"
    if kind == "not":
        return f"not ({write(parts[0])})"
    return f" {kind} ".join(f"({write(part)})" for part in parts)


TREES = st.recursive(
    LEAVES.map(lambda leaf: ("leaf", leaf)),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries(dict.fromkeys("abcd", VALUES)), min_size=1, max_size=5
)


@settings(max_examples=150, deadline=None)
@given(tree=TREES, rows=ROWS, dtype=st.sampled_from(["float64", "Int64"]))
def test_rules_agree_with_a_slow_reading(tree, rows, dtype):
    frame = pd.DataFrame(rows, columns=list("abcd")).astype(dtype)
    votes = rule_lf(write(tree), 1)(frame)
    assert (votes == 1).tolist() == [decide(tree, row) is True for row in rows]
