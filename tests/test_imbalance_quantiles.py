"""Error by quantile band: edges, ties, weights, empty bands, bad input."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    root_mean_squared_error,
)

from mlworkbench.imbalance import weighted_quantile_report

finite = st.floats(-1e6, 1e6)


def bills(n=1000, seed=0):
    rng = np.random.default_rng(seed)
    true = rng.lognormal(4, 1.5, n)
    return true, true * rng.lognormal(0, 0.3, n)


# Bands


def test_bands_of_one_to_a_hundred_by_hand():
    y = np.arange(1.0, 101)
    report = weighted_quantile_report(y, y + 1)
    frame = report.frame
    assert frame["band"].tolist() == [
        "0–50 %",
        "50–75 %",
        "75–90 %",
        "90–95 %",
        "95–99 %",
        "99–100 %",
    ]
    assert frame["upper"].tolist() == [50, 75, 90, 95, 99, 100]
    assert frame["lower"].tolist() == [1, 50, 75, 90, 95, 99]
    assert frame["n"].tolist() == [50, 25, 15, 5, 4, 1]
    assert frame["n"].dtype.kind == "i"
    assert (frame[["bias", "mae", "rmse"]] == 1).all(axis=None)
    assert frame["mean_actual"].tolist() == [25.5, 63, 83, 93, 97.5, 100]
    np.testing.assert_allclose(frame["share_of_absolute_error"], frame["n"] / 100)
    assert (report.n, report.mae, report.bias) == (100, 1, 1)
    assert report.top_to_median == 1


def test_each_band_has_scikit_learns_errors():
    true, predicted = bills()
    report = weighted_quantile_report(true, predicted)
    edges = np.quantile(true, [0.5, 0.75, 0.9, 0.95, 0.99], method="inverted_cdf")
    np.testing.assert_array_equal(report.frame["upper"], [*edges, true.max()])
    band_of = np.searchsorted(edges, true)
    for band, row in report.frame.iterrows():
        y, p = true[band_of == band], predicted[band_of == band]
        assert row["n"] == len(y)
        for name, metric in [
            ("mae", mean_absolute_error),
            ("rmse", root_mean_squared_error),
            ("mape", mean_absolute_percentage_error),
        ]:
            assert row[name] == pytest.approx(metric(y, p), rel=1e-12)
    assert report.mae == pytest.approx(mean_absolute_error(true, predicted))
    assert report.frame["share_of_absolute_error"].sum() == pytest.approx(1)
    assert report.median_band_mae == report.frame["mae"].iloc[0]
    assert report.top_band_mae == report.frame["mae"].iloc[-1]
    assert report.top_to_median == report.top_band_mae / report.median_band_mae


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-5, 9), finite), min_size=1, max_size=30),
    st.data(),
)
def test_a_weight_counts_as_so_many_rows(pairs, data):
    times = data.draw(
        st.lists(st.integers(1, 4), min_size=len(pairs), max_size=len(pairs))
    )
    y, p = np.array(pairs, dtype=float).T
    # Also with weights of which sums are not exact.
    for scale in (1, 0.1):
        weighted = weighted_quantile_report(
            y, p, sample_weight=np.array(times) * scale, quantiles=(0.3, 0.5, 0.9)
        )
        repeated = weighted_quantile_report(
            np.repeat(y, times), np.repeat(p, times), quantiles=(0.3, 0.5, 0.9)
        )
        columns = ["lower", "upper", "mean_actual", "mae", "rmse", "mape"]
        pd.testing.assert_frame_equal(
            weighted.frame[columns], repeated.frame[columns], rtol=1e-9, atol=1e-9
        )
        assert weighted.mae == pytest.approx(repeated.mae, rel=1e-12)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=40), st.randoms())
def test_order_does_not_matter_and_every_row_is_in_one_band(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    one, other = (
        weighted_quantile_report(*np.array(rows).T) for rows in (pairs, shuffled)
    )
    assert one.frame["n"].sum() == len(pairs)
    pd.testing.assert_frame_equal(one.frame, other.frame, rtol=1e-9, atol=1e-6)
    there = one.frame[one.frame["n"] > 0]
    slack = 1e-9 * there["mean_actual"].abs()  # the mean of equal values
    assert (there["lower"] <= there["mean_actual"] + slack).all()
    assert (there["mean_actual"] <= there["upper"] + slack).all()
    assert (there["rmse"] >= there["mae"] * (1 - 1e-12)).all()


def test_ten_weights_of_a_tenth_cut_where_ten_rows_do():
    y = np.arange(10.0)
    for cut in np.arange(1, 10) / 10:
        tenths = weighted_quantile_report(
            y, y, sample_weight=np.full(10, 0.1), quantiles=[cut]
        )
        assert tenths.frame["n"].tolist() == [round(10 * cut), 10 - round(10 * cut)]


def test_weights_that_do_not_add_up_exactly_cut_where_rows_do():
    # 0.5 + 0.2 is half of 1.4, and in floating point a hair less than that.
    report = weighted_quantile_report(
        [1, 2, 3], [0, 0, 0], sample_weight=np.array([5, 2, 7]) * 0.1, quantiles=[0.5]
    )
    assert report.frame["upper"].tolist() == [2, 3]


def test_ties_at_an_edge_stay_together_in_the_band_below():
    y = [0] * 6 + [1, 2, 3, 4]
    report = weighted_quantile_report(y, np.zeros(10), quantiles=(0.25, 0.5, 0.8))
    assert report.frame["n"].tolist() == [6, 0, 2, 2]
    assert report.frame["lower"].tolist() == [0, 0, 0, 2]
    assert report.frame["upper"].tolist() == [0, 0, 2, 4]
    empty = report.frame.iloc[1]
    assert empty[["mean_actual", "bias", "mae", "rmse", "mape"]].isna().all()
    assert np.isnan(empty["share_of_absolute_error"])
    assert any("no rows in 25–50 %" in note for note in report.notes)
    # The median is 0: its band is the first, and there is no error in it.
    assert report.median_band_mae == 0
    assert report.top_to_median == np.inf


def test_an_empty_top_band_gives_way_to_the_highest_with_rows():
    report = weighted_quantile_report([1, 2, 9, 9], [1, 1, 5, 5], quantiles=(0.5, 0.9))
    assert report.frame["n"].tolist() == [2, 2, 0]
    assert report.top_band_mae == 4
    assert report.top_to_median == 8


def test_a_constant_target_is_one_band():
    report = weighted_quantile_report([5.0] * 4, [5.0, 6, 7, 4])
    assert report.frame["n"].tolist() == [4, 0, 0, 0, 0, 0]
    assert report.mae == report.top_band_mae == report.median_band_mae == 1


def test_one_row():
    report = weighted_quantile_report([3.0], [1.0], quantiles=[0.5])
    assert report.frame["n"].tolist() == [1, 0]
    assert report.bias == -2


def test_perfect_predictions_have_no_ratio():
    report = weighted_quantile_report([1, 2, 3], [1, 2, 3], quantiles=[0.5])
    assert np.isnan(report.top_to_median)
    assert report.frame["share_of_absolute_error"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("quantiles", "band"), [((0.9,), 0), ((0.25, 0.5, 0.9), 1), ((0.1, 0.4), 2)]
)
def test_the_median_band_is_the_one_with_the_median(quantiles, band):
    y = np.arange(1.0, 101)
    report = weighted_quantile_report(y, 2 * y, quantiles=quantiles)
    assert report.median_band_mae == report.frame["mae"].iloc[band]


def test_mape_leaves_out_targets_of_zero_and_less():
    report = weighted_quantile_report([-2, 0, 4, 10], [0, 0, 5, 5], quantiles=[0.5])
    assert np.isnan(report.frame["mape"].iloc[0])
    assert report.frame["mape"].iloc[1] == pytest.approx((0.25 + 0.5) / 2)
    assert any("mape leaves out 2 row(s)" in note for note in report.notes)


def test_rows_without_weight_are_left_out():
    report = weighted_quantile_report(
        [1, 2, 1000], [1, 1, 0], sample_weight=[1, 1, 0], quantiles=[0.5]
    )
    assert report.n == 2
    assert report.frame["upper"].tolist() == [1, 2]
    assert any("left out 1 row(s)" in note for note in report.notes)


def test_the_best_prediction_of_a_mean_is_low_at_the_top_and_the_report_says_so():
    rng = np.random.default_rng(0)
    mean = rng.normal(size=5000)
    report = weighted_quantile_report(mean + rng.normal(size=5000), mean)
    assert report.frame["bias"].iloc[0] > 0 > report.frame["bias"].iloc[-1]
    assert any("cutting by the outcome" in note for note in report.notes)


def test_large_numbers_do_not_overflow():
    report = weighted_quantile_report([1e200, 2e200], [0.0, 0.0], quantiles=[0.5])
    np.testing.assert_allclose(report.frame["rmse"], [1e200, 2e200])


def test_a_million_rows_in_other_containers():
    true, predicted = bills(10**6)
    frame = weighted_quantile_report(true, predicted).frame
    assert frame["n"].tolist() == [500_000, 250_000, 150_000, 50_000, 40_000, 10_000]
    again = weighted_quantile_report(
        pd.Series(true, dtype="Float64"), predicted.tolist()
    )
    pd.testing.assert_frame_equal(frame, again.frame)


# Report


def test_facts_are_shown_and_written():
    report = weighted_quantile_report(*bills())
    assert list(report.facts) == [
        "n",
        "mae",
        "bias",
        "median_band_mae",
        "top_band_mae",
        "top_to_median",
    ]
    assert "Error by band of the target" in str(report)
    assert "95–99 %" in report._repr_html_()
    json.dumps(report.to_dict(), allow_nan=False)


def test_the_plot_shows_the_bands():
    report = weighted_quantile_report(*bills())
    ax = report.plot()
    assert [bar.get_height() for bar in ax.patches] == report.frame["mae"].tolist()
    assert ax.lines[0].get_ydata()[0] == report.mae
    assert f"{report.top_to_median:.3g}×" in ax.get_title()
    share = f"{100 * report.frame['share_of_absolute_error'].iloc[-1]:.0f} %"
    assert ax.get_xticklabels()[-1].get_text() == f"99–100 %\n{share}"
    own = plt.figure().subplots()
    empty = weighted_quantile_report([5.0] * 4, [5.0] * 4)
    assert empty.plot(ax=own) is own
    assert own.get_xticklabels()[-1].get_text() == "99–100 %\nno rows"
    plt.close("all")


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weighted_quantile_report([], []), "y_true is empty"),
        (lambda: weighted_quantile_report([1, 2], [1]), "y_true: 2, y_pred: 1"),
        (lambda: weighted_quantile_report([1, np.nan], [1, 2]), "y_true has 1 .*row 1"),
        (lambda: weighted_quantile_report([1, 2], [np.inf, 2]), "y_pred has 1 .*row 0"),
        (lambda: weighted_quantile_report([1, None], [1, 2]), "missing or infinite"),
        (lambda: weighted_quantile_report(np.eye(2), [1, 2]), "one value per row"),
        (
            lambda: weighted_quantile_report([1, 2], [1, 2], sample_weight=[1, -1]),
            "finite weights ≥ 0",
        ),
        (
            lambda: weighted_quantile_report([1, 2], [1, 2], sample_weight=[0, 0]),
            "0 in every row",
        ),
        (lambda: weighted_quantile_report([1, 2], [1, 2], quantiles=[]), "rising"),
        (lambda: weighted_quantile_report([1], [1], quantiles=[0.5, 0.5]), "rising"),
        (lambda: weighted_quantile_report([1], [1], quantiles=[0.9, 0.5]), "rising"),
        (lambda: weighted_quantile_report([1], [1], quantiles=[0.5, 1]), "inside"),
        (lambda: weighted_quantile_report([1], [1], quantiles=[50, 95]), "inside"),
        (
            lambda: weighted_quantile_report(
                pd.Series([1.0, 2]), pd.Series([1.0, 2], index=[1, 0])
            ),
            "different indexes",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "y", [["a", "b"], pd.Series(["a", "b"]), pd.to_datetime(["2020-01-01"] * 2)]
)
def test_what_is_no_number_is_a_type_error(y):
    with pytest.raises(TypeError, match=r"y_true holds .*pass numbers"):
        weighted_quantile_report(y, [1, 2])


def test_a_missing_value_of_a_nullable_column_is_named():
    y = pd.Series([1, None, 3], dtype="Int64")
    with pytest.raises(ValueError, match="first nan at row 1"):
        weighted_quantile_report(y, [1, 2, 3])
