import copy
import datetime
import decimal
import fractions
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from mlworkbench import notebook as nb
from mlworkbench.notebook._ledger import ledger
from mlworkbench.notebook._mistakes import MISTAKES, Tolerance, name_mistake

RATE = 0.239


def verdict(answer, expected, **options):
    result = nb.check("x", answer, expected, **options)
    assert result.ok == (result.status == "right")
    return result


def hint(answer, expected, **options):
    result = verdict(answer, expected, **options)
    assert result.status == "wrong", result
    return result.message.removeprefix("not yet. ")


# ---- right, however it is wrapped -------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        2,
        2.0,
        np.float64(2),
        np.int8(2),
        np.array(2.0),
        [2],
        np.array([[2]]),
        pd.Series([2], index=["JFK"]),
        pd.DataFrame({"n": [2]}),
        torch.tensor(2.0, requires_grad=True),
        fractions.Fraction(2),
        decimal.Decimal("2"),
        pd.Series([2], dtype="Int64"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("expected", [2, 2.0, np.int64(2), np.array([2])])
def test_one_number_is_right_in_any_wrapping(answer, expected):
    assert verdict(answer, expected).ok


@pytest.mark.parametrize(
    "answer",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        np.array([[1], [2], [3]]),
        range(1, 4),
        pd.Series([1, 2, 3], index=list("abc")),
        pd.Index([1, 2, 3]),
        torch.tensor([1, 2, 3]),
        {1: 0, 2: 0, 3: 0}.keys(),
        pd.array([1, 2, 3], dtype="Int64"),
        pd.Series([1, 2, 3], dtype="category"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("wrap", [list, np.array, pd.Series])
def test_several_numbers_are_right_in_any_wrapping(answer, wrap):
    assert verdict(answer, wrap([1, 2, 3])).ok


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("ua", "UA"),
        (" UA\n", "UA"),
        (np.str_("UA"), "UA"),
        (["ua", "dl"], pd.Series(["UA", "DL"])),
        (pd.Series(["UA", None]), ["UA", None]),
        (True, np.True_),
        (1, True),
        (np.array([1, 0]), [True, False]),
        ([np.nan, 1.0], [np.nan, 1.0]),
        (float("inf"), np.inf),
        ("2013-01-01", "2013-01-01"),
        (pd.Timestamp("2013-01-01"), np.datetime64("2013-01-01")),
        (("UA", 0.3), ("UA", 0.30001)),
        ([[1], [2, 3]], [[1], [2, 3]]),
        ({"a": 1.0}, {"a": 1}),
        (pd.Series({"a": 1}), {"a": 1}),
        ([3, 1], {1, 3}),
        (1 + 2j, 1 + 2j),
        ([], []),
        ([], np.array([], dtype=object)),
    ],
)
def test_right_answers_of_other_kinds(answer, expected):
    assert verdict(answer, expected).ok


def test_a_generator_and_an_arrow_table_are_answers_too():
    table = pd.DataFrame({"a": [1, 2]})
    assert verdict((n for n in (1, 2)), [1, 2]).ok
    assert verdict(pa.table({"a": [1, 2]}), table).ok


def test_whole_numbers_are_exact_and_others_are_not():
    assert verdict(0.23905, RATE).ok
    assert not verdict(336_775, 336_776).ok
    assert not verdict([336_775], np.array([336_776])).ok
    assert verdict(336_775, 336_776.0).ok
    assert verdict(336_775, 336_776, rtol=1e-3).ok
    assert verdict(1.4, 1.0, rtol=0, atol=0.5).ok
    assert not verdict(0.24, RATE).ok


@pytest.mark.parametrize("count", [336_776, 10**9, 10**13])
def test_one_more_or_less_is_wrong_however_large_the_count(count):
    assert verdict(count, count).ok
    assert verdict(float(count), count).ok
    assert not verdict(count + 1, count).ok
    assert not verdict([1, count - 1], [1, count]).ok
    assert not verdict([count - 1, None], [count, None]).ok
    counts = pd.Series([count, None], dtype="Int64")
    assert verdict([count, np.nan], counts).ok
    assert "exactly one" in hint(counts + 1, counts)
    assert not verdict({count + 1}, {count}).ok
    assert verdict(count + 1, float(count), rtol=0.1).ok


def test_floats_that_were_rounded_off_are_whole():
    assert verdict(0.1 * 3 * 10**9, 3 * 10**8).ok
    assert verdict(3.0000000000000004, 3).ok


MOMENT = datetime.datetime(2013, 1, 1, 5, 30)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    "right",
    [
        [("UA", 0.3), ("DL", 0.1)],
        [["a", "b"], ["c", "d"]],
        [("a", "b"), ("c",)],
        np.array([["a", 1], ["b", 2]], dtype=object),
        [(1, 2), (3, 4)],
        [(1, np.nan), (3, None)],
        [{"a": 1}, {"b": [2, 3]}],
        [{1, 2}, {3}],
        {("UA", 1), ("DL", 2)},
        {("UA", 0.1 + 0.2), ("DL", None)},
        {frozenset({1, 2}), frozenset()},
        {"JFK", None},
        {1, "1", 2.5, np.nan},
        {pd.Timedelta("1h"), pd.Timestamp("2013-01-01")},
        set(),
        {"a": {1, 2}, "b": ("x", 1), "c": pd.DataFrame({"z": [1.5]})},
        pd.Timedelta("90min"),
        datetime.timedelta(minutes=90),
        np.timedelta64(90, "m"),
        pd.to_timedelta(["1h", None]),
        pd.Series(pd.to_timedelta(["2h", "1h"])),
        datetime.time(5, 30),
        [datetime.time(5, 30), datetime.time(4)],
        MOMENT,
        [MOMENT.date(), pd.NaT],
        pd.Series(pd.to_datetime(["2013-01-02", "2013-01-01"]).tz_localize("UTC")),
        pd.Period("2013-01"),
        [pd.Interval(1, 2), pd.Interval(0, 1)],
        b"bytes",
        [None, None],
        [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        [np.array([3, 1]), np.array([2])],
        pd.DataFrame({"t": pd.to_timedelta(["2h", "1h"]), "s": [{1}, {2}]}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_expected_is_right_itself(right, ordered):
    assert verdict(copy.deepcopy(right), right, ordered=ordered).ok


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ([("DL", 0.1), ("UA", 0.30001)], [("UA", 0.3), ("DL", 0.1)]),
        ([["dl", 0.1], ["UA", 0.3]], (("UA", 0.3), ("DL", 0.1))),
        ([(3, 4), (1, 2)], np.array([[1, 2], [3, 4]])),
        # The first number says nothing about the order, up to its tolerance.
        ([(0.30001, 4.0), (0.3, 5.0)], [(0.30001, 5.0), (0.3, 4.0)]),
        (["b", "A"], ["a", "B"]),
        ([["c"], ["a", "b"]], [["a", "b"], ["c"]]),
        (
            pd.DataFrame({"x": [0.30001, 0.3], "y": [4, 5]}),
            pd.DataFrame({"x": [0.30001, 0.3], "y": [5, 4]}),
        ),
        (
            pd.DataFrame({"g": ["b", "A"], "n": [2, 1]}),
            pd.DataFrame({"g": ["a", "B"], "n": [1, 2]}),
        ),
    ],
)
def test_rows_without_an_order(answer, right):
    assert verdict(answer, right, ordered=False).ok
    assert not verdict(answer, right).ok


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ([(2, 1), (4, 3)], [(1, 2), (3, 4)]),
        ([("UA", 0.1), ("DL", 0.3)], [("UA", 0.3), ("DL", 0.1)]),
        ([("a", "b"), ("d", "c")], [("a", "b"), ("c", "d")]),
        ([(1000.5, 1)], np.array([[1000, 1]])),
        (
            pd.DataFrame({"x": [1001, 5], "y": [2.5, 1]}),
            pd.DataFrame({"x": [1000, 5], "y": [2.5, 1]}),
        ),
    ],
)
def test_rows_hold_together(answer, right):
    assert not verdict(answer, right, ordered=False).ok


def test_sets_forgive_what_values_are_forgiven():
    assert verdict({"ua", " DL"}, {"UA", "DL"}).ok
    assert verdict({0.30001, 0.1}, {0.3, 0.1}).ok
    assert verdict([["UA", 0.30001]], {("UA", 0.3)}).ok
    assert verdict(np.array([[1, 2], [3, 4]]), {(1, 2), (3, 4)}).ok
    assert verdict(pd.Series(["UA", "UA", "DL"]), {"UA", "DL"}).ok
    assert verdict(pd.DataFrame({"carrier": ["UA", "DL"]}), {"UA", "DL"}).ok
    assert verdict(pd.DataFrame({"a": [1], "b": ["x"]}), {(1, "x")}).ok
    assert hint({(2, 1)}, {(1, 2)}).startswith("1 missing and 1 too many of the 1")
    assert hint({1, 3, 0.30002}, {1, 2, 0.3}).startswith("1 missing and 1 too many")
    many = set(range(0, 200, 2))
    assert hint(many - {0}, many) == "1 missing of the 100 that are expected."
    assert verdict(
        {x + 1e-5 for x in map(float, range(1, 200))}, {*map(float, range(1, 200))}
    ).ok


def test_lengths_of_time_are_compared_and_named():
    hour = pd.Timedelta("1h")
    assert verdict(np.timedelta64(60, "m"), hour).ok
    assert verdict([datetime.timedelta(hours=1)], hour).ok
    assert verdict([hour, 2 * hour], pd.to_timedelta([2, 1], "h"), ordered=False).ok
    assert hint(60, hour) == "A number where a length of time should be."
    assert "divide it by a unit" in hint(hour, 60)
    assert "The sign is reversed" in hint(-hour, hour)
    assert hint(1.3 * hour, hour) == "0 days 01:18:00 is too large."
    assert "NaT where a length of time should be" in hint(pd.NaT, hour)
    assert hint([hour, hour * 9], [hour, hour * 4]).startswith("1 of 2 values is off")
    assert hint(datetime.time(5), datetime.time(6)) == "'05:00:00' is not it."


def test_a_set_has_no_order():
    said = "This is a set, which has no order: give a list."
    assert hint({"a", "b"}, ["a", "b"]) == said
    assert verdict({"a"}, ["a"]).ok


# ---- not attempted ----------------------------------------------------------


def stub(values):
    raise NotImplementedError


@pytest.mark.parametrize("answer", [..., None])
def test_nothing_is_not_wrong(answer):
    result = verdict(answer, 1)
    assert result.status == "not attempted"
    assert repr(result) == "○ x: not attempted yet."


def test_a_stub_is_not_wrong():
    assert verdict(stub, sum, cases=[([1],)]).status == "not attempted"
    silent = verdict(lambda values: None, sum, cases=[([1],)])
    assert silent.status == "not attempted"
    assert "returns nothing yet" in silent.message


# ---- wrong, and what is off -------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (-RATE, RATE, "The sign is reversed"),
        (23.9, RATE, "A percentage where a fraction is expected"),
        (RATE, 23.9, "A fraction where a percentage is expected"),
        (270, 4.5, "60 times too large"),
        (4.5, 270.0, "60 times too small"),
        (4500, 4.5, "1,000 times too large"),
        (4.5, 4500.0, "1,000 times too small"),
        (7200.0, 2.0, "3,600 times too large"),
        (48.0, 2.0, "24 times too large"),
        (4.5e6, 4.5, "A million times too large"),
        (1 - RATE, RATE, "The complement: 1 − p"),
        (76.1, 23.9, "The complement: 100 − p"),
        (27005, 27004, "Too large by exactly one"),
        (27003, 27004, "Too small by exactly one"),
        (1 / 0.3, 0.3, "Upside down"),
        (2 * RATE, RATE, "Twice what is expected"),
        (RATE / 2, RATE, "Half of what is expected"),
        (RATE**2, RATE, "Squared"),
        (RATE**0.5, RATE, "The square root"),
        (np.log(7.3), 7.3, "Its logarithm"),
        (np.exp(7.3), 7.3, "Not on the logarithmic scale"),
        (7.3 * np.log(2), 7.3, "A logarithm to another base: e where 2"),
        (0.24, RATE, "Close, but not equal"),
        (0.9, RATE, "0.9 is too large."),
        (0.05, RATE, "0.05 is too small."),
        (np.nan, RATE, "NaN where a number should be: did a missing value"),
        (pd.NA, RATE, "NaN where a number should be"),
        (RATE, np.nan, "A number where NaN (missing) should be"),
        (np.inf, RATE, "Infinite: is something divided by zero?"),
        ("0.239", RATE, "A text where a number should be: leave out the quotation"),
        (True, 1, "True or False where a number should be"),
        (0, 1, "Too small by exactly one"),
        (60, 40, "60 is too large"),
        (3, "UA", "A number where a text should be"),
        (3, True, "A number where True or False should be"),
        ("True", True, "A text where True or False should be: leave out"),
        ("DL", "UA", "'DL' is not it."),
        (False, True, "Every True should be False"),
        (len, 3, "This is the function itself: call it"),
        ({"a": 1}, 1, "This is a dict: give its values."),
        (object(), 1, "A value where a number should be"),
        ([1, "a"], [1, 2], "2 values of mixed kinds where 2 numbers should be"),
        ([1.5, 2], 1.5, "2 numbers where one value is expected"),
        (pd.Timestamp("2013-01-02"), pd.Timestamp("2013-01-01"), "is not it"),
    ],
)
def test_one_wrong_value_is_named(answer, expected, said):
    assert said in hint(answer, expected)


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        ([-1.0, -2.5], [1.0, 2.5], "The sign is reversed"),
        ([10.0, 25.0], [0.1, 0.25], "A percentage where"),
        ([0.9, 0.75], [0.1, 0.25], "The complement"),
        ([1.0, 3.0, 6.5], [1.0, 2.0, 3.5], "Running totals where single"),
        ([1.0, 2.0, 3.5], [1.0, 3.0, 6.5], "Single values where running"),
        ([0.2, 0.8], [1.0, 4.0], "Divided by their sum"),
        ([1.0, 4.0], [0.2, 0.8], "Not yet divided by their sum"),
        ([3, 2, 1], [1, 2, 3], "The right values in reversed order"),
        ([3, 1, 5, 2], [1, 2, 3, 5], "The right values in another order"),
        ([2, 3, 5, 1], [1, 2, 3, 5], "The right values, each one place off"),
        ([9, 1, 2, 3], [1, 2, 3, 5], "Shifted by one place"),
        (["b", "a", "c"], ["a", "b", "c"], "The right values in another order"),
        ([1, 2], [1, 2, 3], "2 values where 3 are expected, one too few"),
        ([1, 2, 3, 4], [1, 2, 3], "4 values where 3 are expected, one too many"),
        ([1] * 9, [1, 2, 3], "9 values where 3 are expected, too many"),
        ([1, 2, 4], [1, 2, 3], "1 of 3 values is off, the first at position 2"),
        ([1, 7, 4], [1, 2, 3], "2 of 3 values are off, the first at position 1"),
        ([7, 1, 9], [1, 2, 3], "None of the 3 values is right"),
        (
            [0.1, np.nan],
            [0.1, 0.2],
            "NaN where a number should be, first at position 1",
        ),
        ([[1, 2], [3, 4]], [[1, 3], [2, 4]], "Rows and columns are exchanged"),
        (np.ones((2, 3)), np.ones((3, 2)), "Rows and columns are exchanged"),
        (np.ones((2, 2)), np.ones(3), "2 × 2 numbers where 3 numbers should be"),
        ([[1, 2], [3, 5]], [[1, 2], [3, 4]], "the first in row 1, column 1"),
        (1.5, [1.5, 2.0], "A number where 2 numbers should be"),
        ([True, False], [False, True], "Every True should be False"),
        (("UA", 0.3), ("UA", 0.6), "1 of 2 values is off, the first at position 1"),
        ({1}, {1, 2}, "1 missing of the 2 that are expected"),
        ({1, 3}, {1, 2}, "1 missing and 1 too many of the 2"),
        (5, {1, 2}, "'5' where a set of 2 is expected"),
        ({"a": 2}, {"a": 1}, "For the key 'a': too large by exactly one"),
        ({"b": 1}, {"a": 1}, "The key 'a' is missing"),
        ({"a": 1, "b": 1}, {"a": 1}, "The key 'b' is too many"),
        ([1], {"a": 1}, "A list where a dict is expected"),
    ],
)
def test_several_wrong_values_are_named(answer, expected, said):
    assert said in hint(answer, expected)


def test_the_place_is_a_label_where_there_are_labels():
    right = pd.Series({"UA": 0.1, "DL": 0.2, "B6": 0.3})
    wrong = right.replace(0.3, 0.9)
    assert "the first at 'B6'" in hint(wrong, right)


def test_labels_line_up_whatever_their_order():
    right = pd.Series({"DL": 0.2, "UA": 0.1})
    assert verdict(right[::-1], right).ok
    assert verdict([0.2, 0.1], right).ok
    assert "reversed order" in hint([0.1, 0.2], right)
    renamed = right.rename({"DL": "AA"})
    assert hint(renamed, right) == "No value for the label 'DL'."
    by_type = pd.Categorical(["low", "mid", "high"], ["low", "mid", "high"])
    grades = pd.Series([3, 1, 2], index=by_type)
    assert verdict(grades[::-1], grades).ok


def test_an_order_that_is_not_that_of_the_labels_counts():
    top = pd.Series({"UA": 0.3, "B6": 0.2, "EV": 0.1})
    said = "The right values, each at its label, in another order: sort them as the"
    assert hint(top.sort_index(), top).startswith(said)
    assert verdict(top.sort_index(), top, ordered=False).ok
    assert verdict(top.to_numpy(), top).ok
    # A wrong value comes before the order.
    assert "at 'B6'" in hint(top.sort_index().replace(0.2, 0.25), top)
    rows = top.rename_axis("carrier").to_frame("late")
    said = "The right rows in another order: sort them as the question asks."
    assert hint(rows.sort_index(), rows) == said
    assert verdict(rows.sort_index(), rows, ordered=False).ok
    assert verdict(rows, rows.sort_index()).ok


@pytest.mark.parametrize("ordered", [True, False])
def test_values_swapped_between_labels_are_wrong(ordered):
    right = pd.Series({"B6": 0.3, "DL": 0.1, "EV": 0.2})
    swapped = pd.Series({"B6": 0.3, "DL": 0.2, "EV": 0.1})
    said = hint(swapped, right, ordered=ordered)
    assert said == "The right values at other labels: is something set by position?"
    assert hint(swapped[::-1], right, ordered=ordered) == said
    table, wrong = right.to_frame("late"), swapped.to_frame("late")
    assert "other labels" in hint(wrong, table, ordered=ordered)
    rows = table.rename_axis("carrier").reset_index()
    wrong = wrong.rename_axis("carrier").reset_index()
    assert "In the column 'late'" in hint(wrong[::-1], rows, ordered=False)
    assert verdict(rows[::-1], rows, ordered=False).ok


def test_another_column_is_named():
    flights = pd.DataFrame({"dep_delay": [1.0, 5.0], "arr_delay": [2.0, np.nan]})
    said = hint(flights["arr_delay"], flights["dep_delay"])
    assert said == "Its name is 'arr_delay': is that the column that is asked for?"
    assert verdict(flights["dep_delay"].rename("mine"), flights["dep_delay"]).ok
    assert "a table with 2 columns" in hint(flights, flights["dep_delay"])


def test_a_name_explains_only_the_values_of_another_column():
    right = pd.Series([4.5, 1.2, 9.9, 3.1], name="gain")
    # One value is off: the column is right, whatever its name.
    assert "1 of 4 values" in hint(right.rename("mine").replace(9.9, 7), right)
    # Something else explains all values.
    assert "sign" in hint(-right.rename("loss"), right)
    votes = pd.Series([0, -1, -1, 1, -1, 0, -1, -1], name="stroke")
    wrong = pd.Series([1, 1, 0, -1, 1, 1, 1, 1], name="bleeding")
    assert hint(wrong, votes) == "None of the 8 values is right."
    result = pd.Series([7.0, 8.0, 9.5, 2.5], name="note: /stroke/")
    assert hint(result, right) == "None of the 4 values is right."


VOTES = [0, -1, -1, 1, -1, 0, -1, -1, -1, 0, 0, -1]


@pytest.mark.parametrize(
    "wrong", [VOTES[::-1], sorted(VOTES), VOTES[1:] + VOTES[:1], [1, *VOTES[:-1]]]
)
def test_votes_in_other_places_are_not_an_order(wrong):
    assert re.match(r"\d+ of 12 values are off", hint(wrong, VOTES))


def test_order_counts_only_where_it_should():
    assert verdict(["b", "a"], ["a", "b"], ordered=False).ok
    assert verdict({"b", "a"}, ["a", "b"], ordered=False).ok
    assert verdict([2.0, np.nan, 1], [np.nan, 1, 2], ordered=False).ok
    assert not verdict(["b", "b"], ["a", "b"], ordered=False).ok


@pytest.fixture
def table():
    return pd.DataFrame({"carrier": ["UA", "DL"], "late": [0.25, 0.1]})


def test_a_table_is_right_in_any_order_of_columns(table):
    assert verdict(table[["late", "carrier"]], table).ok
    assert verdict(table.set_index(pd.Index([7, 9])), table).ok
    assert verdict(table[::-1], table, ordered=False).ok
    indexed = table.set_index("carrier").sort_index()
    assert verdict(indexed[::-1], indexed).ok


def test_a_wrong_table_is_named(table):
    assert hint(table[["late"]], table) == "The column 'carrier' is missing."
    assert hint(table.assign(n=1), table) == "The column 'n' is too many."
    assert hint(table[:1], table) == "1 row where 2 are expected."
    assert "In the column 'late': the sign" in hint(
        table.assign(late=-table["late"]), table
    )
    assert hint(3, table) == "An int where a table (DataFrame) is expected."
    two = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    swapped = two.rename(columns={"a": "b", "b": "a"})
    assert hint(swapped, two) == "The column 'a' holds what belongs in 'b'."


def test_a_known_mistake_comes_first():
    mistakes = {"You counted carriers, not flights.": 16}
    assert hint(16, 17, mistakes=mistakes) == "You counted carriers, not flights."
    assert "exactly one" in hint(18, 17, mistakes=mistakes)
    assert verdict(17, 17, mistakes=mistakes).ok


def test_no_hint_states_the_right_value():
    for answer in (1.0, -1, "a", [1, 2], np.nan, True, {1: 2}):
        assert "0.7213" not in hint(answer, 0.7213)


# ---- functions --------------------------------------------------------------


CASES = [([1, 2],), ([3, 4, 5],), ([],)]


def test_a_right_function():
    assert verdict(lambda values: float(sum(values)), sum, cases=CASES).ok
    assert verdict(np.sum, sum, cases=[np.array([1, 2])]).ok


def test_the_first_failing_case_is_shown():
    def total(values):
        return sum(values[1:])

    said = hint(total, sum, cases=CASES)
    assert said.startswith("For total([1, 2]): too small by exactly one")


def test_an_exception_is_told_not_raised():
    def mean(values):
        return sum(values) / len(values)

    def right(values):
        return sum(values) / len(values) if values else 0.0

    said = hint(mean, right, cases=CASES)
    assert said == "For mean([]): it raises ZeroDivisionError: division by zero."


def test_leaving_the_program_is_told_too():
    def leave(values):
        raise SystemExit(2)

    assert "raises SystemExit: 2" in hint(leave, sum, cases=CASES)


def test_an_exception_can_be_what_is_right():
    def right(k):
        if k < 1:
            raise ValueError("k is too small")
        return k

    def lenient(k):
        return max(k, 1)

    def other(k):
        return k if k > 0 else [][k]

    assert verdict(right, right, cases=[(1,), (0,)]).ok
    assert "it should raise ValueError, and returns 1" in hint(
        lenient, right, cases=[(1,), (0,)]
    )
    assert "it should raise ValueError, and raises IndexError" in hint(
        other, right, cases=[(1,), (0,)]
    )


def test_keyword_cases():
    def power(base, to):
        return base**to

    assert verdict(power, lambda base, to: base**to, cases=[{"base": 2, "to": 3}]).ok
    said = hint(lambda base, to: base * to, power, cases=[{"base": 2, "to": 3}])
    assert said.startswith("For the function(base=2, to=3): ")


@pytest.mark.parametrize(
    ("make", "spoil"),
    [
        (lambda: [3, 1], lambda v: v.sort()),
        (lambda: np.array([3.0, np.nan]), lambda v: v.fill(0)),
        (lambda: pd.DataFrame({"a": [1]}), lambda v: v.insert(0, "b", 2)),
        (
            lambda: pd.DataFrame({"a": [1]}),
            lambda v: setattr(v, "columns", ["A"]),
        ),
        (lambda: pd.Series([1, 2]), lambda v: v.pop(0)),
        (lambda: {"a": [1]}, lambda v: v["a"].append(2)),
        (lambda: {1, 2}, lambda v: v.clear()),
    ],
)
def test_changing_the_input_is_remarked_and_spoils_nothing(make, spoil):
    def answer(values):
        spoil(values)
        return 1

    case = make()
    result = verdict(answer, lambda values: 1, cases=[(case,), (case,)])
    assert result.ok
    assert (
        result.message == "right. One thing more: it changes its input: work on a copy."
    )
    again = verdict(lambda values: 1, lambda values: 1, cases=[(case,)])
    assert again.message == "right."
    wrong = verdict(
        lambda values: (spoil(values), 2)[1], lambda values: 1, cases=[(case,)]
    )
    assert "Also, it changes its input" in wrong.message


def test_a_generator_is_copied_so_that_both_draw_the_same():
    def draw(rng):
        return rng.random(3)

    result = verdict(draw, draw, cases=[(np.random.default_rng(0),)])
    assert result.message == "right."


def test_a_function_that_sometimes_returns_nothing():
    said = hint(lambda v: sum(v) if v else None, sum, cases=CASES)
    assert said == "For some cases it returns nothing: is a `return` missing?"


def test_known_wrong_functions():
    mistakes = {"You take the largest.": lambda v: max(v, default=0)}
    largest = lambda v: max(v, default=0)  # noqa: E731
    assert hint(largest, sum, cases=CASES, mistakes=mistakes) == "You take the largest."


def test_a_number_where_a_function_belongs():
    assert hint(3, sum, cases=CASES) == "An int where a function is expected."


def test_big_arguments_are_shown_short():
    said = hint(lambda a: 0, np.sum, cases=[np.arange(1000.0)])
    assert said.startswith("For the function(ndarray of 1000): ")


# ---- never raises, always records -------------------------------------------


class Hostile:
    """An answer that fails whatever is asked of it."""

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __array__(self, *args, **options):
        raise RuntimeError("no")

    def __len__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "answer", [Hostile(), [Hostile()], {"a": Hostile()}, (i for i in [Hostile()])]
)
@pytest.mark.parametrize("expected", [1, "a", [1, 2], {"a": 1}, {1}, pd.DataFrame()])
def test_no_answer_breaks_the_check(answer, expected):
    assert verdict(answer, expected).status == "wrong"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=2), inner, max_size=2)
        ),
        max_leaves=6,
    ),
    st.sampled_from([1, 0.5, "a", True, [1.0, 2.0], ["a", "b"], {"a": 1}, {1, 2}]),
)
def test_any_answer_gets_a_verdict(answer, expected):
    assert verdict(answer, expected).status in ("right", "wrong", "not attempted")


@pytest.mark.parametrize(
    ("name", "expected", "options", "error", "message"),
    [
        ("", 1, {}, ValueError, "name is ''"),
        ("x", None, {}, TypeError, "expects None; pass what is right"),
        ("x", sum, {}, TypeError, "has no cases; pass cases"),
        ("x", 3, {"cases": [1]}, TypeError, "has cases, but expects an int"),
    ],
)
def test_a_badly_made_exercise_is_an_error(name, expected, options, error, message):
    with pytest.raises(error, match=message):
        nb.check(name, 1, expected, **options)


def test_only_attempts_are_recorded(monkeypatch):
    kept = []
    monkeypatch.setattr(
        type(ledger), "add", lambda self, *facts, **more: kept.append((*facts, more))
    )
    nb.check("a", ..., 1)
    nb.check("b", 1, 1)
    nb.check("c", 2, 1)
    assert kept == [
        ("check", "b", {"status": "right"}),
        ("check", "c", {"status": "wrong"}),
    ]


def test_long_messages_are_wrapped():
    shown = repr(nb.check("ch04-02-stars", 1, 2, mistakes={"long word " * 20: 1}))
    assert max(map(len, shown.splitlines())) <= 84
    assert shown.startswith("✗ ch04-02-stars: not yet. Long word")


# ---- properties -------------------------------------------------------------


NUMBERS = st.floats(0.01, 1000).filter(lambda x: abs(x - 1) > 0.05)


@given(NUMBERS, st.sampled_from(range(len(MISTAKES))))
def test_every_row_of_the_table_is_recognised(right, row):
    with np.errstate(all="ignore"):
        wrong = float(MISTAKES[row][1](np.float64(right)))
    close = Tolerance(1e-6, 1e-9)
    assume(np.isfinite(wrong) and abs(wrong - right) > 1e-3 * right)
    said = name_mistake(np.array(wrong), np.array(right), close)
    assert said, (MISTAKES[row][0], right)
    assert verdict(wrong, right, rtol=1e-6).status == "wrong"


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8),
    st.sampled_from([list, tuple, np.array, pd.Series, torch.tensor]),
)
def test_the_right_values_are_always_right(values, wrap):
    assert verdict(wrap(values), np.array(values), rtol=1e-5).ok


@given(
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=8),
    st.integers(0, 7),
    st.integers(-1000, 1000).filter(bool),
)
def test_one_wrong_whole_number_is_always_wrong(values, place, by):
    wrong = list(values)
    wrong[place % len(values)] += by
    assert verdict(wrong, values).status == "wrong"
