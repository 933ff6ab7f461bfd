"""Verdicts on columns: planted changes, chance, types, and what is missing."""

import matplotlib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlworkbench import datasets
from mlworkbench._report import VerdictError
from mlworkbench.features import GeneralizationReport, feature_generalization

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]


def verdict(train, test, **options):
    """Give verdict, reason and flag of one column."""
    report = feature_generalization(
        pd.DataFrame({"x": train}), pd.DataFrame({"x": test}), **options
    )
    row = report.frame.iloc[0]
    return row["verdict"], row["reason"], bool(row["flagged"])


@pytest.fixture(scope="module")
def flights():
    return datasets.load("flights").frame


# The example of the textbook: Monday to Saturday in train, Sunday in test


@pytest.mark.parametrize("rows_a_day", [4, 24, 240])
@pytest.mark.parametrize("numbers", [False, True])
def test_day_of_week_is_flagged_and_hour_of_day_passes(rows_a_day, numbers):
    hours = np.arange(6 * rows_a_day) % 24
    days = np.repeat(np.arange(1, 7), rows_a_day)
    train = pd.DataFrame({"DAY_OF_WEEK": days, "HOUR_OF_DAY": hours})
    test = pd.DataFrame({"DAY_OF_WEEK": 7, "HOUR_OF_DAY": np.arange(24)})
    if not numbers:
        names = dict(enumerate([*DAYS, "Sun"], start=1))
        train["DAY_OF_WEEK"] = train["DAY_OF_WEEK"].map(names)
        test["DAY_OF_WEEK"] = test["DAY_OF_WEEK"].map(names)
    report = feature_generalization(train, test)
    day, hour = (report.frame.iloc[i] for i in (0, 1))
    assert report.flagged == ("DAY_OF_WEEK",)
    assert not report.ok
    assert day["verdict"] == "does not generalise"
    assert (day["overlap"], day["shared_values"]) == (0, 0)
    assert (day["unseen_share"], day["distance"]) == (1, 1)
    assert hour["verdict"] == "generalises"
    assert hour["unseen_share"] == 0
    if numbers:
        assert "outside the training range: train 1 to 6, test 7" in day["reason"]
    else:
        assert day["reason"] == "no value in common: train has 6 values, test 1 other"
    with pytest.raises(VerdictError, match="DAY_OF_WEEK"):
        report.raise_if_failed()


def test_even_one_row_of_a_new_day_is_flagged():
    assert verdict(DAYS, ["Sun"])[2]


@pytest.mark.parametrize("n", [10, 100, 10_000])
def test_coverage_from_90_to_20_percent_is_a_split_problem(n):
    there = np.arange(n) % 10
    rng = np.random.default_rng(0)
    values = rng.normal(size=n)
    found = verdict(
        np.where(there < 9, values, np.nan), np.where(there < 2, values, np.nan)
    )
    assert found == (
        "does not generalise",
        "a split problem: filled in 90 % of train and 20 % of test",
        True,
    )


@pytest.mark.parametrize("swap", [False, True])
def test_filled_on_one_side_only(swap):
    sides = [[1.0, 2.0, 3.0] * 20, [np.nan] * 60]
    word, reason, flagged = verdict(*(sides[::-1] if swap else sides))
    assert (word, flagged) == ("does not generalise", True)
    assert "a split problem" in reason


def test_filled_nowhere_cannot_be_judged_and_is_no_reason_to_stop():
    report = feature_generalization(
        pd.DataFrame({"x": [None, None]}), pd.DataFrame({"x": [np.nan]})
    )
    assert report.ok
    assert report.frame["verdict"][0] == "cannot tell"
    assert report.frame["reason"][0] == "no value in train or test"
    assert "not a pass" in report.notes[0]


# What grows: row numbers, months, years, times, aircraft


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (range(100), range(100, 150), "train 0 to 99, test 100 to 149"),
        ([2011, 2012] * 20, [2013] * 9, "train 2011 to 2012, test 2013"),
        (np.arange(50) / 4, [99.5], "train 0 to 12.25, test 99.5"),
        (
            pd.date_range("2013-01-01", periods=40),
            pd.date_range("2013-03-01 06:30", periods=4),
            "train 2013-01-01 to 2013-02-09, test 2013-03-01 06:30 to 2013-03-04 06:30",
        ),
        (
            pd.to_timedelta([1, 2, 3] * 9, unit="h"),
            pd.to_timedelta([9], unit="h"),
            "test 0 days 09:00:00",
        ),
        (
            pd.array([1, 2, None] * 20, dtype="Int64"),
            pd.array([None, 5, 6] * 9, dtype="Int64"),
            "train 1 to 2, test 5 to 6",
        ),
    ],
)
def test_beyond_the_range_is_named_with_both_ranges(train, test, said):
    word, reason, flagged = verdict(train, test)
    assert (word, flagged) == ("does not generalise", True)
    assert reason.startswith("outside the training range: ")
    assert said in reason


def test_flights_by_month(flights):
    early = flights["month"] <= 9
    report = feature_generalization(flights[early], flights[~early])
    assert report.flagged == ("month", "tailnum", "time_hour")
    words = report.frame.set_index("column")["verdict"]
    assert words["tailnum"] == "generalises in part"
    assert words["hour"] == words["carrier"] == "generalises"
    reasons = report.frame.set_index("column")["reason"]
    assert reasons["year"].startswith("one value in both")
    # Counted with sets: 93 aircraft of October to December flew never before.
    new = set(flights["tailnum"][~early].dropna()) - set(flights["tailnum"][early])
    assert f"{len(new)} value(s) never seen" in reasons["tailnum"]
    share = flights["tailnum"][~early].dropna().isin(new).mean()
    row = report.frame.set_index("column").loc["tailnum"]
    assert row["unseen_share"] == pytest.approx(share)


def test_a_key_of_every_row_is_called_an_identifier():
    train = [f"{i:03}" for i in range(40)]
    word, reason, _ = verdict(train, [f"new{i}" for i in range(9)])
    assert word == "does not generalise"
    assert "an identifier" in reason


def test_few_values_say_little():
    assert verdict(["a"] * 4, ["b"] * 9) == (
        "cannot tell",
        "only 4 values in train: too few",
        False,
    )
    assert verdict(["a"] * 5, ["b"] * 9)[2]


# Chance raises no flag


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [200, 2_000, 60_000])
def test_two_random_halves_of_flights_raise_no_flag(flights, n, seed):
    part = flights.sample(n, random_state=seed)
    half = np.random.default_rng(seed).random(n) < 0.5
    report = feature_generalization(part[half], part[~half])
    assert report.flagged == (), report
    words = report.frame.set_index("column")["verdict"]
    assert words["origin"] == words["distance"] == "generalises"


@pytest.mark.parametrize("holes", [0.02, 0.5, 0.9])
def test_gaps_at_random_raise_few_flags(holes):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 300))
    values[rng.random(values.shape) < holes] = np.nan
    report = feature_generalization(values[:100], values[100:])
    assert report.n_flagged <= 300 * 0.015


def test_rare_is_not_new():
    rng = np.random.default_rng(0)
    names = rng.integers(0, 500, size=800).astype(str)
    word, reason, flagged = verdict(names[:400], names[400:])
    assert (word, flagged) == ("cannot tell", False)
    assert "rare, not new" in reason
    new = np.where(np.arange(400) % 3 == 0, "brand new", names[400:])
    assert verdict(names[:400], new)[2]


def test_other_shares_of_known_values():
    train, test = ["a"] * 90 + ["b"] * 10, ["a"] * 10 + ["b"] * 90
    word, reason, flagged = verdict(train, test)
    assert (word, flagged) == ("generalises in part", True)
    assert reason.startswith("known values in other shares: distance 0.80")
    assert verdict(train, test, max_distance=0.9)[0] == "generalises"
    low, high = np.linspace(0, 1, 400), np.linspace(0, 1, 400) ** 4
    assert "other distribution" in verdict(low, high)[1]


def test_two_findings_are_both_named():
    train = ["a"] * 50
    test = ["b"] * 10 + [None] * 40
    word, reason, _ = verdict(train, test)
    assert word == "does not generalise"
    assert "a split problem" in reason
    assert "no value in common" in reason


def test_more_unseen_rows_than_half_do_not_generalise():
    train = ["a", "b"] * 50
    assert verdict(train, ["c"] * 60 + ["a"] * 40)[0] == "does not generalise"
    assert verdict(train, ["c"] * 40 + ["a"] * 60)[0] == "generalises in part"
    assert verdict(train, ["c"] * 40 + ["a"] * 60, max_unseen=0.5, max_distance=1)[
        0
    ] == ("generalises")


# Types


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        ([1, 2], ["1", "2"], "number in train, text in test; convert with astype"),
        (["2013-01-01"], pd.to_datetime(["2013-01-01"]), "pandas.to_datetime"),
        (
            pd.to_datetime(["2013-01-01"]),
            pd.to_datetime(["2013-01-01"]).tz_localize("UTC"),
            "time in train, time with a zone in test; give both a zone",
        ),
        (pd.to_timedelta([1], unit="h"), [1.0], "length of time in train, number"),
        ([1, "a"], ["a", "b"], "mixed in train, text in test; convert both"),
    ],
)
def test_different_types_are_named(train, test, said):
    word, reason, flagged = verdict(train, test)
    assert (word, flagged) == ("does not generalise", True)
    assert reason.startswith("different types: ")
    assert said in reason


def test_values_that_cannot_be_counted_are_named():
    word, reason, flagged = verdict([[1], [2]], [[1], [3]])
    assert (word, flagged) == ("cannot tell", True)
    assert "values of type list" in reason


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ([1, 2, 3], [1.0, 2.0]),
        (pd.array([1, 2, None], dtype="Int64"), [1.0, 2.0]),
        (pd.Categorical(["a", "b"]), ["b", "a"]),
        ([True, False], pd.array([True, None], dtype="boolean")),
        ([True, False, None], [1, 0]),
    ],
)
def test_types_that_mean_the_same_compare(train, test):
    assert verdict(train, test)[0] == "generalises"


def test_two_zones_are_the_same_instants():
    new_york = pd.date_range("2013-06-01", periods=48, freq="h", tz="America/New_York")
    assert verdict(new_york, new_york.tz_convert("Asia/Tokyo"))[0] == "generalises"
    shifted = new_york.tz_localize(None).tz_localize("Asia/Tokyo")
    frames = (pd.DataFrame({"x": x}) for x in (new_york, shifted))
    report = feature_generalization(*frames)  # 13 hours earlier
    assert report.frame["unseen_share"][0] == 13 / 48


# Shape of the input


def test_columns_in_only_one_frame_are_named():
    train = pd.DataFrame({"a": [1, 2], "gone": [1, 2]})
    test = pd.DataFrame({"fresh": [1, 2], "a": [1, 2]})
    report = feature_generalization(train, test)
    assert report.frame["column"].tolist() == ["a", "gone", "fresh"]
    assert report.flagged == ("gone", "fresh")
    assert report.notes[:2] == ("only in train: gone", "only in test: fresh")
    assert report.frame["reason"][1].startswith("only in train: ")
    assert feature_generalization(train, test, columns=["a"]).ok
    assert feature_generalization(train, test, columns="gone").flagged == ("gone",)


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0)])
def test_a_side_without_rows_is_named_and_stops(n, m):
    table = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    report = feature_generalization(table.head(n), table.head(m))
    assert not report.ok
    assert set(report.frame["verdict"]) == {"cannot tell"}
    assert f"{'train' if n == 0 else 'test'} has no rows" in report.frame["reason"][0]


def test_bad_input_teaches():
    table = pd.DataFrame({"a": [1]})
    with pytest.raises(TypeError, match="train is a list; pass a DataFrame"):
        feature_generalization([1], table)
    with pytest.raises(ValueError, match="neither train nor test has a column"):
        feature_generalization(pd.DataFrame(), pd.DataFrame())
    with pytest.raises(KeyError, match="train or test has no column"):
        feature_generalization(table, table, columns=["b"])
    for name in ("max_unseen", "max_coverage_change", "max_distance"):
        with pytest.raises(ValueError, match=rf"{name} is 2; pass a share in \[0, 1\]"):
            feature_generalization(table, table, **{name: 2})


def test_arrays_arrow_and_any_index_give_the_same():
    train = pd.DataFrame(
        {"a": [1.5, 2, 3, 4, 5], "b": list("xyxyx")}, index=[9, 9, 1, 0, 7]
    )
    test = pd.DataFrame({"a": [9.0, 10], "b": ["z", "z"]}, index=["p", "q"])
    report = feature_generalization(train, test)
    same = feature_generalization(
        pa.Table.from_pandas(train), pa.Table.from_pandas(test)
    )
    pd.testing.assert_frame_equal(report.frame, same.frame)
    numbers = feature_generalization(train[["a"]].to_numpy(), test[["a"]].to_numpy())
    assert numbers.flagged == (0,)


def test_order_of_rows_and_copies_of_the_input_do_not_matter(flights):
    train, test = flights[:3000], flights[200_000:203_000]
    before = train.copy()
    one = feature_generalization(train, test).frame
    two = feature_generalization(train.sample(frac=1, random_state=0), test[::-1]).frame
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(train, before)


def test_report_prints_saves_and_draws(tmp_path):
    train = pd.DataFrame({"day": DAYS * 4, "hour": range(24), "gone": 1})
    test = pd.DataFrame({"day": ["Sun"] * 24, "hour": range(24)})
    report = feature_generalization(train, test)
    assert isinstance(report, GeneralizationReport)
    assert "no value in common" in str(report)
    assert report.to_dict()["facts"]["n_flagged"] == 2
    assert report.save(tmp_path / "report.html").stat().st_size > 1000
    with matplotlib.rc_context({"backend": "agg"}):
        ax = report.plot()
    assert ax.get_title() == "2 of 3 columns would not mean the same"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["gone", "hour", "day"]
    assert [bar.get_width() for bar in ax.patches] == [0, 0, 100]


def test_few_rows_do_not_pass_when_many_lie_outside():
    # A third of the rows outside the range; 5 % would be by chance, yet it can be.
    train = [1.0, 2.0, 3.0, np.inf] * 9
    found = verdict(train, [1.0, -np.inf, 3.0] * 9)
    reason = (
        "33.3 % of rows lie outside the training range, 5.4 % by chance: too few rows "
        "to tell"
    )
    assert found == ("cannot tell", reason, False)
    enough = verdict(train * 100, [1.0, -np.inf, 3.0] * 900, columns=["x"])
    assert enough[::2] == ("generalises in part", True)
