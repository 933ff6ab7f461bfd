"""A split in time: the past to train, what follows to choose and to judge."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench.leakage import temporal_split


@pytest.fixture
def weeks():
    """Five weeks of hours, shuffled."""
    hours = pd.date_range("2024-01-01", periods=35 * 24, freq="h")
    frame = pd.DataFrame({"at": hours, "x": np.arange(len(hours))})
    return frame.sample(frac=1, random_state=0)


def test_four_weeks_train_the_fifth_is_dealt_at_random(weeks):
    split = temporal_split(weeks, "at", pd.Timedelta(weeks=4))
    assert [len(part) for part in split] == [28 * 24, 84, 84]
    assert split.train["at"].max() < pd.Timestamp("2024-01-29")
    for part in (split.validation, split.test):
        assert part["at"].min() >= pd.Timestamp("2024-01-29")
        assert part["at"].dt.day.nunique() == 7
    together = pd.concat(split).sort_index()
    pd.testing.assert_frame_equal(together, weeks.sort_index())


def test_the_parts_keep_the_order_of_the_input_and_the_index(weeks):
    for part in temporal_split(weeks, "at", "2024-01-29"):
        expected = weeks.loc[weeks.index.isin(part.index)]
        pd.testing.assert_frame_equal(part, expected)


def test_the_same_boundary_in_every_spelling(weeks):
    boundary = pd.Timestamp("2024-01-29")
    spellings = [
        "2024-01-29",
        boundary,
        boundary.to_pydatetime(),
        boundary.to_datetime64(),
        "28D",
        "4W",
        pd.DateOffset(weeks=4),
        np.timedelta64(28, "D"),
    ]
    expected = temporal_split(weeks, "at", boundary)
    for spelling in spellings:
        for one, two in zip(
            temporal_split(weeks, "at", spelling), expected, strict=True
        ):
            pd.testing.assert_frame_equal(one, two)


def test_rows_at_the_boundary_stay_together_and_do_not_train():
    frame = pd.DataFrame({"t": [1, 2, 2, 2, 3, 3]})
    split = temporal_split(frame, "t", 2, validation=0)
    assert split.train.index.tolist() == [0]
    assert split.validation.empty
    assert split.test.index.tolist() == [1, 2, 3, 4, 5]


def test_the_gap_belongs_to_nobody(weeks):
    split = temporal_split(weeks, "at", "2024-01-22", gap="2D", validation=0)
    assert split.train["at"].max() == pd.Timestamp("2024-01-21 23:00")
    assert split.test["at"].min() == pd.Timestamp("2024-01-24")
    numbers = pd.DataFrame({"t": np.arange(10)})
    assert temporal_split(numbers, "t", 4, gap=3, validation=0).test["t"].min() == 7


def test_validation_can_come_before_test(weeks):
    for until in ("2024-02-02", "4D", pd.Timedelta("4D")):
        _, validation, test = temporal_split(weeks, "at", "28D", validation=until)
        assert validation["at"].max() == pd.Timestamp("2024-02-01 23:00")
        assert test["at"].min() == pd.Timestamp("2024-02-02")


def test_the_seed_decides_and_nothing_else(weeks):
    one = temporal_split(weeks, "at", "28D", random_state=1)
    same = temporal_split(weeks, "at", "28D", random_state=1)
    other = temporal_split(weeks, "at", "28D", random_state=2)
    assert one.test.index.equals(same.test.index)
    assert not one.test.index.equals(other.test.index)


@given(
    st.lists(st.integers(0, 20), min_size=3, max_size=40),
    st.integers(1, 20),
    st.integers(0, 3),
    st.floats(0, 0.9),
)
def test_every_row_is_on_the_side_of_its_time(times, until, gap, share):
    frame = pd.DataFrame({"t": times})
    before, later = frame["t"] < until, frame["t"] >= until + gap
    if not before.any() or not later.any() or share * later.sum() > later.sum() - 1:
        return
    split = temporal_split(frame, "t", until, gap, share)
    assert split.train.index.tolist() == frame.index[before].tolist()
    rest = split.validation.index.append(split.test.index).sort_values()
    assert rest.tolist() == frame.index[later].tolist()
    assert len(split.validation) == int(np.ceil(share * later.sum() - 1e-9))


def test_text_is_read_in_the_zone_of_the_times():
    hours = pd.date_range("2024-03-09", periods=72, freq="h", tz="America/New_York")
    frame = pd.DataFrame({"at": hours})
    split = temporal_split(frame, "at", "2024-03-11", validation=0)
    # The night of the 10th has 23 hours.
    assert len(split.train) == 24 + 23
    utc = pd.Timestamp("2024-03-11 04:00", tz="UTC")
    assert temporal_split(frame, "at", utc, validation=0).train.equals(split.train)


def test_two_zones_are_compared_as_instants():
    at = ["2024-01-01T23:00-05:00", "2024-01-02T03:00+00:00", "2024-01-02T06:00+00:00"]
    split = temporal_split(
        pd.DataFrame({"at": at}), "at", "2024-01-02T03:30+00:00", validation=0
    )
    assert split.train.index.tolist() == [1]


def test_dates_as_text_objects_and_periods():
    days = pd.date_range("2024-01-01", periods=6)
    for values in (
        days.strftime("%Y-%m-%d"),
        days.date,
        days.to_period("D"),
        pd.Categorical(days),
    ):
        frame = pd.DataFrame({"at": values})
        split = temporal_split(frame, "at", "2024-01-04", validation=0)
        assert split.train.index.tolist() == [0, 1, 2]


def test_the_times_may_lie_outside_the_frame():
    frame = pd.DataFrame({"x": [5, 6, 7]}, index=[9, 8, 7])
    split = temporal_split(frame, np.array([3, 1, 2]), 3, validation=0)
    assert split.train.index.tolist() == [8, 7]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train_until": "2023-01-01"}, "no row is before train_until"),
        ({"train_until": "2025-01-01"}, "nothing is left for validation and test"),
        ({"train_until": "28D", "gap": "60D"}, "no row is from 2024-03-29"),
        ({"train_until": "28D", "validation": 1.0}, r"pass a share in \[0, 1\)"),
        ({"train_until": "28D", "validation": -0.1}, r"pass a share in \[0, 1\)"),
        ({"train_until": "28D", "validation": "30D"}, "fall to validation"),
        ({"train_until": "28D", "validation": "2024-01-02"}, "no row is between"),
        ({"train_until": "soon"}, "pass a moment such as"),
        ({"train_until": "28D", "gap": "long"}, "gap is 'long'; pass a length"),
        ({"train_until": "28D", "gap": "-2D"}, "pass a length of 0 or more"),
        (
            {"train_until": pd.Timestamp("2024-01-29", tz="UTC")},
            "has a time zone .* the times have none",
        ),
    ],
)
def test_empty_parts_and_wrong_boundaries_are_refused(weeks, options, message):
    with pytest.raises(ValueError, match=message):
        temporal_split(weeks, "at", **options)


@pytest.mark.parametrize("until", [28, 28.5, None])
def test_a_number_is_no_date(weeks, until):
    with pytest.raises(TypeError, match="the times are dates"):
        temporal_split(weeks, "at", until)


def test_other_bad_input(weeks):
    zoned = weeks.assign(at=weeks["at"].dt.tz_localize("UTC"))
    with pytest.raises(ValueError, match="has no time zone, the times are in UTC"):
        temporal_split(zoned, "at", pd.Timestamp("2024-01-29"))
    with pytest.raises(KeyError, match="time is 'when', which is no column"):
        temporal_split(weeks, "when", "28D")
    with pytest.raises(ValueError, match=r"1 row\(s\) have no time \(first at row 3"):
        temporal_split(pd.DataFrame({"t": [1, 2, 3, None]}), "t", 2)
    with pytest.raises(TypeError, match="the times are numbers; pass a number"):
        temporal_split(pd.DataFrame({"t": [1, 2, 3]}), "t", "2024-01-01")
    with pytest.raises(TypeError, match="gap is 2; say the unit"):
        temporal_split(weeks, "at", "28D", 2)
    with pytest.raises(TypeError, match="validation is None"):
        temporal_split(weeks, "at", "28D", validation=None)
    with pytest.raises(ValueError, match="frame has no rows"):
        temporal_split(weeks[:0], "at", "28D")
    with pytest.raises(ValueError, match="2 values for 840 rows"):
        temporal_split(weeks, [1, 2], 2)
    with pytest.raises(ValueError, match="no ISO 8601 date, such as 'May'"):
        temporal_split(pd.DataFrame({"t": ["May", "June"]}), "t", "28D")
    mixed = pd.DataFrame({"t": ["2024-01-01T00:00", "2024-01-01T00:00Z"]})
    with pytest.raises(ValueError, match=r"mixes times .* \(1 of 2 have none\)"):
        temporal_split(mixed, "t", "28D")


def test_whole_days_are_counted_by_the_calendar():
    days = pd.date_range("2024-03-01", periods=40, tz="America/New_York")
    frame = pd.DataFrame({"at": days})
    # The clock goes forward on the 10th: 14 times 24 hours end at 1 o'clock.
    split = temporal_split(frame, "at", "14D", validation="2D")
    assert [len(part) for part in split] == [14, 2, 24]
    assert len(temporal_split(frame, "at", "14D", "3D", 0).test) == 40 - 14 - 3


def test_numbers_of_numpy_are_numbers(weeks):
    share = temporal_split(weeks, "at", "28D", validation=np.float32(0.5))
    assert len(share.validation) == len(share.test) == 84
    assert temporal_split(weeks, "at", "28D", validation=np.int64(0)).validation.empty
    numbers = pd.DataFrame({"t": np.arange(10)})
    split = temporal_split(numbers, "t", np.int64(4), np.int64(3), np.int8(0))
    assert split.test["t"].tolist() == [7, 8, 9]
    with pytest.raises(TypeError, match="the times are dates; pass a date"):
        temporal_split(weeks, "at", np.int64(28))
    length = temporal_split(weeks, "at", np.timedelta64(28, "D"), validation=0)
    assert len(length.train) == 28 * 24


def test_validation_of_numbers_can_come_before_test():
    numbers = pd.DataFrame({"t": np.arange(10)})
    split = temporal_split(numbers, "t", 6, validation=8)
    assert split.validation["t"].tolist() == [6, 7]
    assert split.test["t"].tolist() == [8, 9]


def test_other_ways_to_write_a_boundary(weeks):
    by_date = temporal_split(weeks, "at", "2024-01-09")
    for until in (pd.Period("2024-01-09"), "192h0min", "8D"):
        assert temporal_split(weeks, "at", until).train.equals(by_date.train)


def test_a_gap_never_goes_back(weeks):
    with pytest.raises(ValueError, match=r"gap is .*days=-2.* goes back"):
        temporal_split(weeks, "at", "28D", pd.DateOffset(days=-2))


def test_two_indexes_are_never_aligned_in_silence(weeks):
    with pytest.raises(ValueError, match="frame and time have different indexes"):
        temporal_split(weeks, weeks["at"].iloc[::-1], "28D")


@pytest.mark.parametrize("until", ["2024-03-10 02:30", "2024-11-03 01:30"])
def test_hours_that_the_clock_shows_never_or_twice(until):
    days = pd.date_range("2024-03-01", periods=300, tz="America/New_York")
    with pytest.raises(ValueError, match="shows never or twice; write the offset"):
        temporal_split(pd.DataFrame({"at": days}), "at", until)


def test_day_or_month_first_is_not_guessed(weeks):
    with pytest.raises(ValueError, match="the day or the month first"):
        temporal_split(weeks, "at", "01/02/2024")
