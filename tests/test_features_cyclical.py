"""Cyclical encoding: known angles, every kind of column, there and back."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlworkbench import datasets
from mlworkbench.features import CyclicalEncoder

PERIODS = {"hour": 24, "day_of_week": 7}


@parametrize_with_checks(
    [
        CyclicalEncoder(2.0),
        CyclicalEncoder({0: 7}),
        CyclicalEncoder({0: 7}, drop_original=False),
    ],
    expected_failed_checks=lambda estimator: {},
    xfail_strict=True,
)
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "hour": [0, 6, 12, 18, 23],
            "carrier": pd.Categorical(["UA", "AA", "UA", None, "B6"]),
            "day_of_week": [0, 1, 2, 5, 6],
            "delay": pd.array([1, None, 3, 4, 5], dtype="Int64"),
        },
        index=[10, 20, 30, 40, 50],
    )


def test_quarters_of_the_day_are_the_four_corners():
    out = CyclicalEncoder({0: 24}).fit_transform([[0], [6], [12], [18]])
    np.testing.assert_allclose(out, [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-15)


def test_neighbours_are_one_step_apart_also_over_midnight():
    out = CyclicalEncoder(24).fit_transform(np.arange(24.0).reshape(-1, 1))
    steps = np.linalg.norm(out - np.roll(out, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, 2 * np.sin(np.pi / 24), rtol=1e-12)


def test_frame_keeps_index_dtypes_and_other_columns(frame):
    encoder = CyclicalEncoder(PERIODS).set_output(transform="pandas")
    out = encoder.fit_transform(frame)
    assert list(out) == [
        "carrier",
        "delay",
        "hour_sin",
        "hour_cos",
        "day_of_week_sin",
        "day_of_week_cos",
    ]
    assert list(out) == encoder.get_feature_names_out().tolist()
    assert out.index.equals(frame.index)
    pd.testing.assert_frame_equal(
        out[["carrier", "delay"]], frame[["carrier", "delay"]]
    )
    expected = np.cos(2 * np.pi * frame["day_of_week"] / 7)
    np.testing.assert_allclose(out["day_of_week_cos"], expected, atol=1e-15)


def test_array_comes_out_by_default(frame):
    numbers = frame.drop(columns="carrier")
    out = CyclicalEncoder(PERIODS).fit_transform(numbers)
    assert isinstance(out, np.ndarray)
    assert out.dtype == np.float64
    assert out.shape == (5, 5)
    assert np.isnan(out[1, 0])
    mixed = CyclicalEncoder(PERIODS).fit_transform(frame)
    assert mixed.dtype == object
    assert mixed[0, 0] == "UA"


def test_originals_can_stay(frame):
    encoder = CyclicalEncoder(PERIODS, drop_original=False)
    out = encoder.set_output(transform="pandas").fit_transform(frame)
    assert list(out)[:4] == list(frame)
    assert list(out)[4:] == [
        "hour_sin",
        "hour_cos",
        "day_of_week_sin",
        "day_of_week_cos",
    ]
    back = encoder.inverse_transform(out)
    pd.testing.assert_frame_equal(back, frame)


def test_positions_and_names_say_the_same(frame):
    by_name = CyclicalEncoder(PERIODS).fit(frame)
    by_place = CyclicalEncoder({0: 24, -2: 7}).fit(frame)
    assert by_name.periods_ == by_place.periods_ == {"hour": 24.0, "day_of_week": 7.0}


def test_order_of_the_dict_is_the_order_out(frame):
    encoder = CyclicalEncoder({"day_of_week": 7, "hour": 24}).fit(frame)
    names = encoder.get_feature_names_out().tolist()
    assert names[2:] == ["day_of_week_sin", "day_of_week_cos", "hour_sin", "hour_cos"]
    out = encoder.set_output(transform="pandas").transform(frame)
    back = encoder.inverse_transform(out)
    assert list(back) == list(frame)
    assert back["hour"].tolist() == frame["hour"].tolist()
    assert back["day_of_week"].tolist() == frame["day_of_week"].tolist()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=8),
    st.floats(1e-3, 1e6),
    st.integers(-5, 5),
)
def test_round_trip_and_wrapping(shares, period, rounds):
    X = np.array(shares).reshape(-1, 1) * period
    encoder = CyclicalEncoder(period).fit(X)
    out = encoder.transform(X)
    np.testing.assert_allclose(np.hypot(*out.T), 1, rtol=1e-12)
    np.testing.assert_allclose(encoder.transform(X + rounds * period), out, atol=1e-8)
    back = encoder.inverse_transform(out)
    off = np.abs(back - X)
    assert np.minimum(off, period - off).max() <= 1e-8 * period
    assert back.min() >= 0
    assert back.max() < period


@pytest.mark.parametrize(
    ("values", "period"),
    [
        (np.arange(24), 24),
        (np.arange(1, 13), 12),
        (np.arange(-180, 180, 10), 360),
        (np.arange(-170, 190, 10), 360),
        (np.arange(0, 60, 5), 60),
        (np.linspace(0, 0.99, 34), 1),
    ],
)
def test_usual_rounds_come_back_as_they_were(values, period):
    X = values.reshape(-1, 1).astype(float)
    encoder = CyclicalEncoder(period).fit(X)
    back = encoder.inverse_transform(encoder.transform(X))
    np.testing.assert_allclose(back, X, atol=1e-9 * period)
    if period > 1:
        np.testing.assert_array_equal(back, X)


def test_months_without_january_still_know_january():
    encoder = CyclicalEncoder({"month": 12}).fit(pd.DataFrame({"month": [2, 12]}))
    assert encoder.ranges_ == {"month": pd.Interval(0, 12, closed="right")}
    new = encoder.transform(pd.DataFrame({"month": [1, 12]}))
    assert encoder.inverse_transform(new).ravel().tolist() == [1, 12]


def test_values_beyond_every_usual_round_wrap_into_the_first():
    encoder = CyclicalEncoder(24).fit([[-30.0], [50.0]])
    back = encoder.inverse_transform(encoder.transform([[-30.0], [50.0], [25.0]]))
    assert back.ravel().tolist() == [18, 2, 1]


def test_means_inside_the_circle_have_a_direction():
    encoder = CyclicalEncoder({"hour": 24}).fit(pd.DataFrame({"hour": [23, 1]}))
    mean = encoder.transform(pd.DataFrame({"hour": [23, 2]})).mean(axis=0)
    back = encoder.inverse_transform(mean.reshape(1, -1))
    assert back[0, 0] == pytest.approx(0.5)


def test_the_middle_of_the_circle_is_refused():
    encoder = CyclicalEncoder({0: 24}).fit([[3.0], [4.0]])
    with pytest.raises(ValueError, match="middle of the circle at row 1"):
        encoder.inverse_transform([[0.0, 1.0], [0.0, 0.0]])


def test_missing_stays_missing_both_ways():
    hours = pd.DataFrame({"hour": pd.array([5, None, 23], dtype="Int64")})
    encoder = CyclicalEncoder({"hour": 24}).fit(hours)
    out = encoder.transform(hours)
    assert np.isnan(out[1]).all()
    assert not np.isnan(out[[0, 2]]).any()
    back = encoder.inverse_transform(out)
    np.testing.assert_array_equal(back.ravel(), [5, np.nan, 23])


@pytest.mark.parametrize(
    "column",
    [
        [1, None, 3],
        [1.0, np.nan, 3.0],
        pd.array([1, None, 3], dtype="Int64"),
        pd.array([1, None, 3], dtype="Float64"),
        pd.array([1, None, 3], dtype="int64[pyarrow]"),
        pd.Categorical([1, None, 3]),
        pd.Series([1, None, 3], dtype=object),
    ],
    ids=lambda column: str(getattr(column, "dtype", "list")),
)
def test_every_kind_of_number_column(column):
    frame = pd.DataFrame({"hour": column})
    out = CyclicalEncoder({"hour": 24}).fit_transform(frame)
    expected = 2 * np.pi * np.array([1, np.nan, 3]) / 24
    np.testing.assert_allclose(out, np.c_[np.sin(expected), np.cos(expected)])


def test_bool_columns_pass_through():
    frame = pd.DataFrame({"hour": [1, 2], "late": [True, False]})
    out = CyclicalEncoder({"hour": 24}).fit_transform(frame)
    assert out.dtype == np.float64
    assert out[:, 0].tolist() == [1, 0]


def test_all_missing_gives_missing():
    frame = pd.DataFrame({"hour": [np.nan, np.nan]})
    encoder = CyclicalEncoder({"hour": 24}).fit(frame)
    assert np.isnan(encoder.transform(frame)).all()
    assert encoder.ranges_["hour"] == pd.Interval(0, 24, closed="left")


def test_zero_rows_transform_and_do_not_fit(frame):
    encoder = CyclicalEncoder(PERIODS).set_output(transform="pandas").fit(frame)
    out = encoder.transform(frame.iloc[:0])
    assert out.shape == (0, 6)
    assert encoder.inverse_transform(out).shape == (0, 4)
    assert CyclicalEncoder(24).fit([[1.0]]).transform(np.empty((0, 1))).shape == (0, 2)
    with pytest.raises(ValueError, match=r"0 sample\(s\).* fit on some rows"):
        CyclicalEncoder(PERIODS).fit(frame.iloc[:0])


def test_a_pyarrow_table_is_taken(frame):
    table = pa.Table.from_pandas(frame[["hour", "day_of_week"]], preserve_index=False)
    encoder = CyclicalEncoder(PERIODS).fit(frame[["hour", "day_of_week"]])
    out = CyclicalEncoder(PERIODS).fit_transform(table)
    np.testing.assert_array_equal(
        out, encoder.transform(frame[["hour", "day_of_week"]])
    )


def test_flights_in_a_pipeline_and_a_column_transformer():
    flights = datasets.load("flights").frame.dropna(subset=["arr_delay"]).head(2_000)
    X, y = flights[["hour", "distance"]], flights["arr_delay"].astype(float)
    pipeline = make_pipeline(CyclicalEncoder({"hour": 24}), LinearRegression())
    alone = pipeline.fit(X, y).predict(X)
    split = ColumnTransformer(
        [("cycle", CyclicalEncoder({"hour": 24}), ["hour"])], remainder="passthrough"
    )
    other = make_pipeline(split, LinearRegression()).fit(X, y).predict(X)
    np.testing.assert_allclose(alone, other, rtol=1e-9)
    copy = pickle.loads(pickle.dumps(clone(pipeline).fit(X, y)))
    np.testing.assert_array_equal(copy.predict(X), alone)


def test_inverse_of_a_frame_finds_columns_by_name(frame):
    encoder = CyclicalEncoder(PERIODS).set_output(transform="pandas").fit(frame)
    out = encoder.transform(frame)
    back = encoder.inverse_transform(out[out.columns[::-1]])
    assert back.index.equals(frame.index)
    assert back["hour"].tolist() == frame["hour"].tolist()
    assert back["carrier"].dtype == frame["carrier"].dtype
    with pytest.raises(ValueError, match=r"lacks the columns \['hour_sin'\]"):
        encoder.inverse_transform(out.rename(columns={"hour_sin": "sin"}))
    with pytest.raises(ValueError, match="X has 5 columns; pass the 6"):
        encoder.inverse_transform(out.iloc[:, :5])


@pytest.mark.parametrize(
    ("periods", "error", "match"),
    [
        (0, ValueError, "periods is 0; pass a positive"),
        (-7, ValueError, "periods is -7"),
        (np.inf, ValueError, "finite"),
        (np.nan, ValueError, "periods is nan"),
        (True, TypeError, "periods is True"),
        ("24", TypeError, "periods is '24'; pass a positive number, or a dict"),
        (None, TypeError, "periods is None"),
        ({}, ValueError, "periods is empty; name a column"),
        ({"hour": "24"}, TypeError, "the period of 'hour' is '24'"),
        ({"hour": 0}, ValueError, "the period of 'hour' is 0"),
        ({"our": 24}, KeyError, "the column 'our'; X has 'hour', 'carrier'"),
        ({9: 24}, KeyError, "position 9; X has 4"),
        ({"hour": 24, 0: 24}, ValueError, "'hour' twice"),
        ({"carrier": 7}, ValueError, "carrier is not a column of numbers"),
    ],
)
def test_periods_are_checked_in_fit(frame, periods, error, match):
    encoder = CyclicalEncoder(periods)
    with pytest.raises(error, match=match):
        encoder.fit(frame)


def test_drop_original_is_checked(frame):
    with pytest.raises(TypeError, match="drop_original is 'no'; pass True or False"):
        CyclicalEncoder(PERIODS, drop_original="no").fit(frame)


def test_names_need_a_frame():
    with pytest.raises(KeyError, match="1 columns without names; use positions"):
        CyclicalEncoder({"hour": 24}).fit(np.ones((2, 1)))


@pytest.mark.parametrize(
    ("column", "match"),
    [
        (pd.date_range("2013-01-01", periods=2), r"X\['t'\].dt.hour \(period 24\)"),
        (pd.date_range("2013-01-01", periods=2, tz="America/New_York"), r"\.dt\.hour"),
        (pd.Series(pd.date_range("2013", periods=2).date, dtype=object), r"\.dt\.hour"),
        (pd.period_range("2013-01", periods=2, freq="M"), "calendar periods"),
        (pd.to_timedelta([1, 2], unit="h"), r"durations.*total_seconds"),
    ],
)
def test_dates_are_refused_with_the_way_out(column, match):
    frame = pd.DataFrame({"t": column})
    with pytest.raises(TypeError, match=match):
        CyclicalEncoder({"t": 24}).fit(frame)
    passed = frame.assign(hour=[1, 2])
    out = CyclicalEncoder({"hour": 24}).set_output(transform="pandas")
    assert out.fit_transform(passed)["t"].equals(passed["t"])


def test_infinite_values_and_texts_are_refused():
    encoder = CyclicalEncoder({"hour": 24})
    with pytest.raises(
        ValueError, match=r"hour has an infinite value \(inf\) at row 1"
    ):
        encoder.fit(pd.DataFrame({"hour": [1.0, np.inf]}))
    with pytest.raises(ValueError, match=r"'Mon'.*number the values in their order"):
        encoder.fit(pd.DataFrame({"hour": ["Mon", "Tue"]}))


def test_names_out_that_exist_already_are_refused():
    frame = pd.DataFrame({"hour": [1, 2], "hour_sin": [0.3, 0.5]})
    with pytest.raises(ValueError, match=r"two columns \['hour_sin'\]; rename"):
        CyclicalEncoder({"hour": 24}).fit(frame)


def test_largest_value_taken_for_the_period_is_noticed():
    hours = pd.DataFrame({"hour": range(24)})
    with pytest.warns(UserWarning, match="24 whole values 0 to 23.*the period is 24"):
        CyclicalEncoder({"hour": 23}).fit(hours)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CyclicalEncoder({"hour": 24}).fit(hours)
        CyclicalEncoder(360).fit(np.arange(0, 370, 10).reshape(-1, 1))


def test_another_frame_is_refused(frame):
    encoder = CyclicalEncoder(PERIODS)
    with pytest.raises(NotFittedError):
        encoder.transform(frame)
    encoder.fit(frame)
    with pytest.raises(ValueError, match="feature names should match"):
        encoder.transform(frame[frame.columns[::-1]])
    with pytest.raises(ValueError, match="input_features is not equal"):
        encoder.get_feature_names_out(["a", "b", "c", "d"])
