"""Categories that training never saw: by column and over time."""

import matplotlib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench import datasets
from mlworkbench.features import CategoryDrift, category_drift

names = st.one_of(st.none(), st.sampled_from("abcdef"))


@pytest.fixture(scope="module")
def flights():
    return datasets.load("flights").frame


def frames(train, new, **more):
    return pd.DataFrame({"x": train}), pd.DataFrame({"x": new, **more})


def test_by_hand():
    train, new = frames(
        ["a", "a", "b", None],
        ["c", "a", "c", "d", None, "b", "d", "e"],
        month=[2, 1, 1, 2, 2, 3, 3, 3],
    )
    drift = category_drift(train, new, columns="x", time="month")
    row = drift.frame.iloc[0]
    assert (row["rows"], row["coverage"]) == (7, 7 / 8)
    assert (row["train_values"], row["new_values"], row["unseen_values"]) == (2, 5, 3)
    assert row["unseen_share"] == 5 / 7
    # 1: a, c* · 2: c, d* · 3: b, d, e* (* never seen before, not even earlier)
    timed = drift.over_time
    assert timed["period"].tolist() == [1, 2, 3]
    assert timed["rows"].tolist() == [2, 2, 3]
    assert timed["unseen_share"].tolist() == [1 / 2, 1, 2 / 3]
    assert timed["first_seen_share"].tolist() == [1 / 2, 1 / 2, 1 / 3]
    assert timed["new_values"].tolist() == [1, 1, 1]
    assert timed["values_so_far"].tolist() == [3, 4, 5]
    assert (drift.n_train, drift.n_new) == (4, 8)


def brute_force(train, new, period):
    """Count with sets, one period after the other."""
    seen = {x for x in train if x is not None}
    known, rows = set(seen), []
    for p in sorted(set(period)):
        values = [x for x, q in zip(new, period, strict=True) if q == p]
        values = [x for x in values if x is not None]
        if not values:
            continue
        fresh = set(values) - known
        known |= fresh
        unseen = np.mean([x not in seen for x in values])
        first = np.mean([x in fresh for x in values])
        rows.append((p, len(values), unseen, first, len(fresh), len(known)))
    return rows


@given(
    st.lists(names, max_size=6),
    st.lists(st.tuples(names, st.integers(1, 4)), min_size=1, max_size=30),
)
def test_agrees_with_counting_by_sets(train, pairs):
    new, period = map(list, zip(*pairs, strict=True))
    before, after = frames(pd.Series(train, dtype=object), pd.Series(new, dtype=object))
    after["t"] = period
    drift = category_drift(before, after, columns=["x"], time="t")
    wanted = brute_force(train, new, period)
    found = drift.over_time.drop(columns="column").itertuples(index=False, name=None)
    for one, two in zip(found, wanted, strict=True):
        assert one == pytest.approx(two)
    unseen = [x not in set(train) for x in new if x is not None]
    if unseen and any(x is not None for x in train):
        assert drift.frame["unseen_share"][0] == pytest.approx(np.mean(unseen))


def test_tail_numbers_grow_month_by_month(flights):
    early = flights["month"] <= 9
    drift = category_drift(
        flights[early], flights[~early], columns=["tailnum"], time="time_hour"
    )
    timed = drift.over_time
    assert timed["period"].astype(str).tolist() == ["2013-10", "2013-11", "2013-12"]
    wanted = brute_force(
        flights["tailnum"][early].dropna().unique(),
        [x if isinstance(x, str) else None for x in flights["tailnum"][~early]],
        flights["month"][~early].tolist(),
    )
    assert timed["values_so_far"].tolist() == [row[-1] for row in wanted]
    np.testing.assert_allclose(timed["unseen_share"], [row[2] for row in wanted])
    assert timed["unseen_share"].is_monotonic_increasing
    assert timed["values_so_far"].iloc[-1] == flights["tailnum"].nunique()


def test_columns_default_to_names(flights):
    drift = category_drift(flights[:1000], flights[1000:2000])
    assert drift.frame["column"].tolist() == ["carrier", "tailnum", "origin", "dest"]
    assert drift.over_time.empty
    assert drift.over_time.columns[0] == "column"
    numbers = category_drift(flights[:1000], flights[1000:2000], columns=["flight"])
    known = set(flights["flight"][:1000])
    share = np.mean([x not in known for x in flights["flight"][1000:2000]])
    assert numbers.frame["unseen_share"][0] == pytest.approx(share)


def test_chance_tells_rare_from_new():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 300, 600).astype(str)
    row = category_drift(*frames(values[:300], values[300:])).frame.iloc[0]
    assert row["unseen_share"] == pytest.approx(row["unseen_by_chance"], abs=0.08)
    row = category_drift(*frames(["a"] * 300, ["b"] * 300)).frame.iloc[0]
    assert row["unseen_by_chance"] < 1e-6 < row["unseen_share"] == 1


def test_declared_is_not_seen():
    train = pd.Categorical(["a", "a"], categories=["a", "b"])
    row = category_drift(*frames(train, pd.Categorical(["b", "a"]))).frame.iloc[0]
    assert (row["train_values"], row["unseen_share"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("train", "new", "time"),
    [
        (["a"], [], []),
        ([], ["a"], [1]),
        (["a"], [None], [1]),
        ([None], ["a"], [1]),
        ([None], [None], [None]),
    ],
)
def test_nothing_to_compare_gives_nan_not_an_error(train, new, time):
    before = pd.DataFrame({"x": pd.Series(train, dtype="str")})
    after = pd.DataFrame({"x": pd.Series(new, dtype="str"), "t": time})
    drift = category_drift(before, after, time="t")
    assert np.isnan(drift.frame["unseen_share"][0])
    assert drift.frame["rows"][0] == sum(x is not None for x in new)
    assert len(drift.over_time) <= 1
    drift.plot()
    matplotlib.pyplot.close("all")


def test_the_clock_on_the_wall_makes_the_months():
    time = pd.to_datetime(["2013-10-31 23:00", "2013-11-01 00:00"])
    train, new = frames(["a"], ["b", "c"], t=time.tz_localize("America/New_York"))
    timed = category_drift(train, new, time="t").over_time
    assert timed["period"].astype(str).tolist() == ["2013-10", "2013-11"]
    timed = category_drift(train, new, time="t", freq="Y").over_time
    assert timed["period"].astype(str).tolist() == ["2013"]


def test_rows_without_a_time_are_named():
    train, new = frames(["a"], ["b", "c"], t=[1.0, np.nan])
    drift = category_drift(train, new, time="t")
    assert drift.notes == ("1 row(s) of new without a time are not in over_time",)
    assert drift.over_time["rows"].tolist() == [1]
    assert drift.frame["rows"][0] == 2


def test_bad_input_teaches():
    train, new = frames(["a"], ["b"], t=["May"])
    with pytest.raises(KeyError, match="new has no column"):
        category_drift(train, new.drop(columns="x"))
    with pytest.raises(KeyError, match=r"train has no column \['y'\]"):
        category_drift(train, new, columns=["y"])
    with pytest.raises(KeyError, match=r"new has no column \['when'\]"):
        category_drift(train, new, time="when")
    with pytest.raises(TypeError, match="time is 't', which holds text"):
        category_drift(train, new, time="t")
    with pytest.raises(ValueError, match="name the numbers that are categories"):
        category_drift(pd.DataFrame({"n": [1.5]}), pd.DataFrame({"n": [2.5]}))
    with pytest.raises(ValueError, match="columns is empty"):
        category_drift(train, new, columns=[])
    with pytest.raises(TypeError, match="'x': train holds text, new holds number"):
        category_drift(*frames(["1"], [1]))
    with pytest.raises(TypeError, match="values of type list"):
        category_drift(*frames([[1]], [[2]]))
    new["t"] = pd.to_datetime(["2013-01-01"])
    with pytest.raises(ValueError, match="freq is 'fortnight'"):
        category_drift(train, new, time="t", freq="fortnight")


def test_arrow_gives_the_same():
    train, new = frames(["a", "b"], ["b", "c"], t=[1, 2])
    one = category_drift(train, new, time="t")
    two = category_drift(
        pa.Table.from_pandas(train), pa.Table.from_pandas(new), time="t"
    )
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.over_time, two.over_time)


def test_report_prints_saves_and_draws(tmp_path):
    train, new = frames(["a", "b"], ["b", "c"], y=["u", "v"], t=[1, 2])
    drift = category_drift(train.assign(y="u"), new, time="t")
    assert isinstance(drift, CategoryDrift)
    assert "0.5" in str(drift)
    assert drift.save(tmp_path / "drift.html").stat().st_size > 1000
    ax = drift.plot()
    assert ax.get_title() == "x: 100.0 % of rows unseen in 2"
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 100])
    bars = category_drift(train, new).plot()
    assert bars.get_title() == "x: 50.0 % of rows have a category never seen"
    assert [patch.get_width() for patch in bars.patches] == [50]
    matplotlib.pyplot.close("all")
