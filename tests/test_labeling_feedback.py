"""Feedback windows: by hand, against simulation with censoring, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.labeling import feedback_window

NOON = pd.Timestamp("2026-03-01 12:00", tz="America/New_York")
HOUR = pd.Timedelta("1h")


def times(hours):
    return NOON + pd.to_timedelta(pd.Series(hours, dtype=float), unit="h")


@pytest.fixture
def shop():
    """Six offers, one an hour from noon; clicks after 0.5, 3, never, 2, -, - h."""
    served = times(range(6))
    return served, served + pd.to_timedelta(
        pd.Series([0.5, 3, None, 2, None, None]), unit="h"
    )


def test_by_hand(shop):
    report = feedback_window(*shop, ["4h", "1h", HOUR], observed_until=NOON + 6 * HOUR)
    frame = report.frame
    assert frame["window"].tolist() == [HOUR, 4 * HOUR]
    # 1 h: all six closed, one click in time, two later. 4 h: the offers of 12,
    # 13 and 14 h closed; two clicks in time.
    assert frame["labelled"].tolist() == [1, 0.5]
    assert frame["positives"].tolist() == [1, 2]
    assert frame["negatives"].tolist() == [5, 1]
    assert frame["turned"].tolist() == [2, 0]
    np.testing.assert_allclose(frame["reported_rate"], [1 / 6, 2 / 3])
    np.testing.assert_allclose(frame["answered"], [1 / 6, 2 / 3])
    # At risk: 6 at 0.5 h, 4 at 2 h (the last offer was followed for 1 h), and 2
    # at 3 h (the one before it for 2 h). S = 5/6 · 3/4 · 1/2.
    true = 1 - 5 / 6 * 3 / 4 * 1 / 2
    assert report.true_rate == pytest.approx(true)
    np.testing.assert_allclose(frame["turned_share"], [(true - 1 / 6) / (5 / 6), 0])
    np.testing.assert_allclose(frame["missed"], [1 - 1 / 6 / true, 0], atol=1e-12)
    assert frame["mean_wait"].tolist() == [5.5 * HOUR / 6, (0.5 + 3 + 4) * HOUR / 3]
    assert (report.rows, report.followed) == (6, "6 hours")
    assert report.median_delay == "2 hours"


def test_without_censoring_the_rates_are_plain_shares():
    rng = np.random.default_rng(0)
    served = times(rng.uniform(0, 24, 500))
    delay = np.where(rng.random(500) < 0.4, rng.exponential(5, 500), np.nan)
    answer = served + pd.to_timedelta(pd.Series(delay), unit="h")
    end = NOON + pd.Timedelta("300D")
    report = feedback_window(served, answer, ["2h", "10h"], observed_until=end)
    share = np.isfinite(delay).mean()
    assert report.true_rate == pytest.approx(share)
    assert report.true_rate_error == pytest.approx(np.sqrt(share * (1 - share) / 500))
    for row in report.frame.itertuples():
        inside = (delay <= row.window / HOUR).mean()
        assert row.reported_rate == pytest.approx(inside)
        assert row.missed == pytest.approx(1 - inside / share)
        assert row.turned == round((share - inside) * 500)
        assert row.turned_share == pytest.approx(row.turned / row.negatives)
        assert row.labelled == 1


def test_rows_still_open_do_not_bias_the_true_rate():
    # Half of all rows turn positive, after 10 days on average; the log ends when
    # many are still open.
    found, naive, errors = [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = 1500
        served = times(rng.uniform(0, 60 * 24, n))
        delay = np.where(rng.random(n) < 0.5, rng.exponential(240, n), np.nan)
        answer = served + pd.to_timedelta(pd.Series(delay), unit="h")
        end = NOON + pd.Timedelta("60D")
        report = feedback_window(served, answer, "5D", observed_until=end)
        found.append(report.true_rate)
        errors.append(report.true_rate_error)
        naive.append((answer <= end).mean())
    assert np.mean(naive) < 0.45
    assert np.mean(found) == pytest.approx(0.5, abs=0.01)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.3)


def test_an_answer_may_be_no():
    served = times([0, 0, 0, 0])
    answer = served + pd.to_timedelta(pd.Series([1, 2, 3, None]), unit="h")
    said = [True, False, True, None]
    end = NOON + 10 * HOUR
    report = feedback_window(served, answer, "2h", outcome=said, observed_until=end)
    row = report.frame.iloc[0]
    assert (row["positives"], row["negatives"], row["turned"]) == (1, 3, 1)
    assert (row["answered"], row["reported_rate"]) == (0.5, 0.25)
    assert report.true_rate == pytest.approx(0.5)
    assert row["turned_share"] == pytest.approx(1 / 3)
    yes = feedback_window(
        served, answer, "2h", outcome=[1, 1, 1, 0], observed_until=end
    )
    plain = feedback_window(served, answer, "2h", observed_until=end)
    pd.testing.assert_frame_equal(yes.frame, plain.frame)


def test_a_flight_has_no_label_before_it_lands():
    served = times([0, 0, 0])
    landed = times([5, 5.5, 9])
    report = feedback_window(
        served,
        landed,
        ["6h", "12h"],
        outcome=[0, 0, 1],
        observed_until=NOON + 24 * HOUR,
    )
    assert report.frame["reported_rate"].tolist() == [0, pytest.approx(1 / 3)]
    assert report.frame["missed"].tolist() == [1, 0]


def test_feedback_after_the_end_is_not_known_yet(shop):
    served, answer = shop
    early = served <= NOON + 2 * HOUR
    end = NOON + 3.5 * HOUR
    report = feedback_window(served[early], answer[early], "1h", observed_until=end)
    hidden = answer[early].where(answer[early] <= end)
    expected = feedback_window(served[early], hidden, "1h", observed_until=end)
    pd.testing.assert_frame_equal(report.frame, expected.frame)
    assert report.frame["turned"].tolist() == [0]
    assert any("feedback of 1 row(s) came after" in note for note in report.notes)


def test_the_end_is_the_last_event_by_default(shop):
    found = feedback_window(*shop, "1h")
    expected = feedback_window(*shop, "1h", observed_until=NOON + 5 * HOUR)
    pd.testing.assert_frame_equal(found.frame, expected.frame)


def test_zones_are_one_time_line(shop):
    served, answer = shop
    other = answer.dt.tz_convert("Asia/Tokyo")
    end = (NOON + 6 * HOUR).tz_convert("UTC")
    one = feedback_window(served, other, "1h", observed_until=end)
    two = feedback_window(served, answer, "1h", observed_until=NOON + 6 * HOUR)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    # Across the change of clocks of 2026-03-08 in New York one hour is one hour.
    night = pd.Series([pd.Timestamp("2026-03-08 01:30", tz="America/New_York")])
    after = pd.Series([pd.Timestamp("2026-03-08 03:15", tz="America/New_York")])
    frame = feedback_window(night, after, ["40min", "50min"]).frame
    assert frame["positives"].tolist() == [0, 0]
    assert frame.loc[0, ["labelled", "turned"]].tolist() == [1, 1]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.none() | st.integers(0, 40)),
        min_size=1,
        max_size=25,
    ),
    st.lists(st.integers(1, 50), min_size=2, max_size=4, unique=True),
)
def test_longer_windows_label_less_and_miss_less(rows, windows):
    served = times([s for s, _ in rows])
    answer = served + pd.to_timedelta(
        pd.Series([d for _, d in rows], dtype=float), unit="h"
    )
    report = feedback_window(served, answer, [f"{w}h" for w in windows])
    frame = report.frame
    assert 0 <= report.true_rate <= 1 + 1e-12
    assert frame["labelled"].is_monotonic_decreasing
    missed = frame["missed"].dropna().to_numpy()
    assert (np.diff(missed) <= 1e-12).all()
    known = frame[frame["labelled"] > 0]
    labelled = known["positives"] + known["negatives"]
    np.testing.assert_allclose(labelled, known["labelled"] * len(rows))
    assert (known["turned"] <= known["negatives"]).all()
    assert (known["mean_wait"] <= known["window"]).all()
    order = np.random.default_rng(0).permutation(len(rows))
    again = feedback_window(
        served.iloc[order], answer.iloc[order], [f"{w}h" for w in windows]
    )
    pd.testing.assert_frame_equal(again.frame, frame)


def test_a_window_longer_than_the_log_has_no_labels(shop):
    report = feedback_window(*shop, ["1h", "9D"])
    row = report.frame.iloc[1]
    assert row["labelled"] == 0
    assert np.isnan(row["reported_rate"])
    assert row["mean_wait"] is pd.NaT
    assert feedback_window(*shop, "9D").frame["mean_wait"].dtype == "timedelta64[ns]"
    assert any("longer than any row was followed" in note for note in report.notes)


def test_lengths_are_shown_rounded_and_kept_exact(shop):
    report = feedback_window(*shop, ["7s", "100min", "9D"])
    shown = report._shown()
    assert shown["window"].tolist() == ["7 seconds", "100 minutes", "9 days"]
    assert shown["mean_wait"].tolist() == ["7 seconds", "82.5 minutes", ""]
    assert report.frame["mean_wait"].dtype == "timedelta64[ns]"
    assert report.frame["mean_wait"].isna().tolist() == [False, False, True]


def test_no_feedback_at_all():
    report = feedback_window(times([0, 1]), [None, None], "30min")
    assert report.true_rate == 0
    assert report.median_delay == "never"
    assert np.isnan(report.frame.loc[0, "missed"])


def test_an_uncertain_end_is_said():
    served = times(np.arange(300) / 10)
    answer = served + pd.to_timedelta(pd.Series([29.9, *[None] * 299]), unit="h")
    notes = feedback_window(served, answer, "1h").notes
    assert any("only 1 row(s) were still followed" in note for note in notes)


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        ((times([]), times([]), "1h"), {}, ValueError, "served_at is empty"),
        ((times([0]), times([0, 1]), "1h"), {}, ValueError, "lengths differ"),
        ((times([None, 0]), times([1, 1]), "1h"), {}, ValueError, "first at row 0"),
        ((times([2]), times([0]), "1h"), {}, ValueError, "by 2 hours"),
        (
            (times([0]), times([1]), "1h"),
            {"observed_until": NOON - HOUR},
            ValueError,
            "served after observed_until",
        ),
        (
            (times([0]), times([1]).dt.tz_localize(None), "1h"),
            {},
            TypeError,
            "served_at with a time zone, feedback_at without",
        ),
        (
            (times([0]), times([1]), "1h"),
            {"observed_until": "2026-03-02"},
            TypeError,
            "observed_until without",
        ),
        (([0.5], times([1]), "1h"), {}, TypeError, "served_at is float64"),
        ((["noon"], times([1]), "1h"), {}, TypeError, "not made of times"),
        ((times([0]), times([1]), 6), {}, TypeError, "6 has no unit"),
        ((times([0]), times([1]), "soon"), {}, ValueError, "'soon' is no length"),
        ((times([0]), times([1]), "-1h"), {}, ValueError, "is not positive"),
        ((times([0]), times([1]), []), {}, ValueError, "windows is empty"),
        ((times([0]), times([1]), "1h"), {"outcome": [3]}, ValueError, "neither yes"),
        (
            (times([0]), times([1]).set_axis([7]), "1h"),
            {},
            ValueError,
            "different indexes",
        ),
    ],
)
def test_bad_input(args, options, error, message):
    with pytest.raises(error, match=message):
        feedback_window(*args, **options)


def test_report_is_shown_saved_and_drawn(shop, tmp_path):
    import matplotlib.pyplot as plt

    report = feedback_window(*shop, ["1h", "3h"])
    assert "60 minutes" in str(report)
    assert "54 minutes" in str(report)  # (0.5 h + 4 · 1 h) / 5
    assert "0 days" not in str(report) + report._repr_html_()
    assert report.frame["window"].tolist() == [HOUR, 3 * HOUR]
    assert "median delay" in report._repr_html_()
    assert report.to_dict()["frame"][0]["positives"] == 1
    assert report.save(tmp_path / "r.html").stat().st_size > 5000
    ax = report.plot()
    assert ax.get_xlabel() == "length of the window (hours)"
    assert ax.get_title() == "A window of 60 minutes misses 73% of the positives"
    plt.close(ax.figure)
