"""Training that knows the future, and groups on both sides."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench import datasets
from mlworkbench.leakage import check_groups, check_time


def table(*days, **columns):
    return pd.DataFrame({"at": pd.to_datetime(list(days)), **columns})


def test_test_rows_before_the_end_of_train_are_a_leak():
    train = table("2024-01-01", "2024-01-05", "2024-01-09")
    test = table("2024-01-10", "2024-01-06", "2024-01-02")
    report = check_time(train, test, "at")
    assert report.frame[["severity", "kind", "n_rows"]].values.tolist() == [
        ["leak", "temporal", 2]
    ]
    assert report.frame["share"][0] == pytest.approx(2 / 3)
    rows = report.rows("temporal")
    assert rows.index.tolist() == [2, 1]
    assert rows["train_rows_after"].tolist() == [2, 1]
    assert "Train ends at 2024-01-09" in report.frame["advice"][0]


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.integers(0, 4),
)
def test_counts_agree_with_a_loop(train, test, gap):
    report = check_time(train, test, gap=gap)
    found = dict(zip(report.frame["what"], report.frame["n_rows"], strict=True))
    last = max(train)
    assert found.get("test rows before train's end", 0) == sum(t < last for t in test)
    assert found.get("one moment on both sides", 0) == sum(t == last for t in test)
    inside = sum(last <= t < last + gap for t in test)
    assert found.get("test rows inside the gap", 0) == inside
    early = sorted(t for t in test if t < last)[:5]
    if early:
        rows = report.rows("test rows before train's end")
        after = [sum(u > t for u in train) for t in early]
        assert rows["train_rows_after"].tolist() == after


def test_a_split_in_time_is_clean_and_ties_are_a_note():
    train, test = table("2024-01-01", "2024-01-02"), table("2024-01-03")
    assert check_time(train, test, "at").frame.empty
    tied = check_time(train, table("2024-01-02", "2024-01-03"), "at")
    assert tied.ok
    assert tied.frame["what"].tolist() == ["one moment on both sides"]
    assert not check_time(train, test, "at", gap="2D").ok
    assert check_time(train, test, "at", gap="1D").ok


def test_zones_are_instants_and_half_zoned_is_refused():
    new_york = pd.Series(pd.to_datetime(["2024-01-01 20:00"])).dt.tz_localize(
        "America/New_York"
    )
    utc = pd.Series(pd.to_datetime(["2024-01-01 23:00"])).dt.tz_localize("UTC")
    assert not check_time(new_york, utc).ok  # 20:00 there is 01:00 the next day
    assert check_time(utc, new_york).ok
    frames = [pd.DataFrame({"at": side}) for side in (utc, new_york)]
    assert any("two time zones" in note for note in check_time(*frames, "at").notes)
    with pytest.raises(ValueError, match="the time in test has no time zone and"):
        check_time(new_york, utc.dt.tz_localize(None))
    objects = pd.Series([utc[0], pd.Timestamp("2024-01-02")], dtype=object)
    with pytest.raises(ValueError, match="mixes times with and without"):
        check_time(utc, objects)


def test_rows_without_a_time_are_left_out_and_said():
    report = check_time([1.0, 2.0, None], [3.0, None])
    assert report.ok
    assert report.frame["evidence"].tolist() == ["1 row(s) of train, 1 of test"]
    with pytest.raises(ValueError, match="time in test has no value in 2 rows"):
        check_time([1.0, 2.0], [np.nan, np.nan])


def test_a_feature_known_after_the_prediction_is_illegitimate():
    train = table("2024-01-01", "2024-01-02", stay=[3, 4])
    test = table("2024-01-03", "2024-01-04", stay=[5.0, None])
    for side in (train, test):
        side["left"] = side["at"] + pd.to_timedelta([2, 0], unit="D")
    report = check_time(train, test, "at", available_at={"stay": "left"})
    assert report.frame["kind"].tolist() == ["illegitimate feature"]
    assert report.frame["what"][0] == "known too late: stay"
    assert report.frame["n_rows"][0] == 2
    assert report.frame["share"][0] == pytest.approx(2 / 3)  # of those with a value
    assert "Do not use stay, nor left" in report.frame["advice"][0]
    assert list(report.rows("illegitimate feature")) == ["stay", "known_at", "asked_at"]


@pytest.mark.parametrize(
    ("stamp", "ok"), [("1D", False), ("0D", True), (pd.Timedelta("-1h"), True)]
)
def test_a_feature_may_be_known_after_a_length_of_time(stamp, ok):
    train, test = table("2024-01-01", x=[1]), table("2024-01-02", x=[1])
    assert check_time(train, test, "at", available_at={"x": stamp}).ok is ok


def test_one_moment_of_prediction_for_all():
    train = table("2024-01-01", x=[1])
    test = table("2024-01-02", x=[1])
    options = {"available_at": {"x": "at"}}
    assert not check_time(train, test, prediction_time="2024-01-01", **options).ok
    moment = pd.Timestamp("2024-01-02")
    assert check_time(train, test, prediction_time=moment, **options).ok


def test_few_late_stamps_are_a_warning():
    train = pd.DataFrame({"t": range(400), "x": 1.0, "known": range(400)})
    train.loc[0, "known"] = 7
    test = pd.DataFrame({"t": [500], "x": 1.0, "known": [500]})
    report = check_time(train, test, "t", available_at={"x": "known"})
    assert report.frame["severity"].tolist() == ["warning"]


def test_the_delay_of_a_flight_is_known_when_it_has_left():
    flights = datasets.load("flights").frame
    late = flights["month"] > 9
    train, test = flights[~late], flights[late]
    stamps = {"available_at": {"dep_delay": "dep_time"}}
    report = check_time(train, test, "time_hour", **stamps)
    assert report.frame[["severity", "what"]].values.tolist() == [
        ["leak", "known too late: dep_delay"]
    ]
    # A departure after the full hour of its schedule, midnight aside.
    hour = flights["time_hour"].dt.hour * 100
    after = (flights["dep_time"] > hour).fillna(False) & flights["dep_delay"].notna()
    assert report.frame["n_rows"][0] == int(after.sum())
    clock = check_time(train, test, prediction_time="sched_dep_time", **stamps)
    there = flights["dep_time"].notna()
    after = (flights["dep_time"] > flights["sched_dep_time"])[there]
    assert clock.frame["n_rows"][0] == int(after.sum())
    assert clock.frame["share"][0] == pytest.approx(float(after.mean()))


def test_bad_input_of_check_time():
    train, test = table("2024-01-01", x=[1]), table("2024-01-02", x=[1])
    with pytest.raises(KeyError, match="train has no column"):
        check_time(train, test, "when")
    with pytest.raises(KeyError, match="'then', which is no column and no length"):
        check_time(train, test, "at", available_at={"x": "then"})
    with pytest.raises(KeyError, match=r"no column \['y'\]"):
        check_time(train, test, "at", available_at={"y": "1D"})
    with pytest.raises(ValueError, match="needs `time` or `prediction_time`"):
        check_time(train, test, available_at={"x": "at"})
    with pytest.raises(ValueError, match="test has no rows"):
        check_time(train, test[:0], "at")
    with pytest.raises(TypeError, match="convert both to one type"):
        check_time(train["at"], [1, 2])
    with pytest.raises(TypeError, match="truth values"):
        check_time([True, False], [True])
    train["clock"], test["clock"] = 9999, 9999
    with pytest.raises(TypeError, match="or clock times from 0 to 2400"):
        check_time(train, test, "at", available_at={"x": "clock"})


def test_shared_groups_are_counted_by_hand():
    train = pd.DataFrame({"who": ["a", "a", "b", "c", None]})
    test = pd.DataFrame({"who": ["b", "b", "a", "d", None]})
    report = check_groups(train, test, "who")
    leak = report.findings[0]
    assert (leak.severity, leak.kind, leak.n_rows) == ("leak", "dependence", 3)
    assert leak.share == pytest.approx(3 / 5)
    assert leak.evidence.values.tolist() == [["b", 1, 2], ["a", 2, 1]]
    assert leak.advice.startswith("2 of the 3 groups in test")
    assert report.findings[1].severity == "note"
    assert report.findings[1].n_rows == 2


def test_separate_groups_are_clean():
    assert check_groups([1, 1, 2], [3, 4]).frame.empty
    kept = pd.Categorical(["a", "a"], categories=["a", "b"])
    other = pd.Categorical(["b"], categories=["a", "b"])
    assert check_groups(pd.Series(kept), pd.Series(other)).ok
    frames = [pd.DataFrame({"who": side}) for side in (kept, other)]
    assert check_groups(*frames, "who").ok


def test_each_column_of_groups_is_looked_at_alone():
    train = pd.DataFrame({"patient": [1, 2], "ward": ["x", "y"]})
    test = pd.DataFrame({"patient": [3, 4], "ward": ["x", "z"]})
    report = check_groups(train, test, ["patient", "ward"])
    assert report.frame["what"].tolist() == ["shared groups: ward"]


def test_bad_input_of_check_groups():
    with pytest.raises(ValueError, match="test has no rows"):
        check_groups([1, 2], [])
    with pytest.raises(TypeError, match="which are never equal"):
        check_groups(pd.Series([1, 2]), pd.Series(["1", "2"]))
    with pytest.raises(KeyError, match="no column"):
        check_groups(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), "b")


def test_groups_that_are_never_equal_are_refused():
    dates = pd.Series(pd.date_range("2024-01-01", periods=3))
    for train, test, kinds in (
        (["1", "2"], [1.0, np.nan], "text in train and number in test"),
        (dates, dates.dt.tz_localize("UTC"), "time in train and time with a zone"),
    ):
        with pytest.raises(TypeError, match=f"group holds {kinds}"):
            check_groups(train, test)
    assert not check_groups(["1", 2], ["1"]).ok  # some of them can be equal
    assert check_groups([np.nan, np.nan], ["a"]).ok
    with pytest.raises(TypeError, match="train is a generator, which can be read only"):
        check_groups((i for i in range(3)), [1])


def test_available_at_says_what_it_wants():
    frame = table("2024-01-01", "2024-01-02", x=[1, 2])
    with pytest.raises(TypeError, match="available_at is a list; pass a dict"):
        check_time(frame, frame, "at", available_at=["x"])


def test_late_stamps_are_shown_in_the_zone_of_the_question():
    asked = pd.date_range("2024-07-01", periods=4, freq="D", tz="America/New_York")
    frame = pd.DataFrame({"at": asked, "known": asked + pd.Timedelta("1h"), "x": 1.0})
    frame["known"] = frame["known"].dt.tz_convert("UTC")
    clock = frame.assign(known=100)
    for table_, stamp in ((frame, "known"), (clock, "known"), (frame, "60min")):
        report = check_time(table_[:2], table_[2:], "at", available_at={"x": stamp})
        rows = report.rows("illegitimate feature")
        assert (rows["known_at"].dt.tz, len(rows)) == (rows["asked_at"].dt.tz, 4)
        assert (rows["known_at"] - rows["asked_at"] == pd.Timedelta("1h")).all()
