"""Samples against their population: distances by hand, chance, refusals."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from mlworkbench.sampling import compare_samples


@pytest.fixture
def world():
    rng = np.random.default_rng(0)
    n = 1000
    return pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "g": pd.Categorical(rng.choice(list("abc"), n, p=[0.5, 0.3, 0.2])),
            "t": pd.date_range(
                "2013-01-01", periods=n, freq="h", tz="America/New_York"
            ),
            "flag": rng.random(n) < 0.3,
            "late": rng.random(n) < 0.2,
        },
        index=range(500, 500 + n),
    )


def test_by_hand():
    world = pd.DataFrame(
        {"x": [0.0, 0.0, 2.0, 2.0], "g": list("aabb"), "y": [0, 0, 0, 1]}
    )
    report = compare_samples(world, {"last": world.tail(2)}, outcome="y")
    frame = report.frame.set_index("column")
    # Mean 2 against 1, standard deviation 1; all b against half.
    assert frame["distance"].to_dict() == {"x": 1.0, "g": 0.5}
    assert frame["measure"].to_dict() == {
        "x": "standardised mean difference",
        "g": "total variation",
    }
    assert frame["outcome_mean"].tolist() == [0.5, 0.5]
    assert frame["outcome_error"].tolist() == [0.25, 0.25]
    # Without replacement: √(3/16 / 2 · 2/3) = 1/4.
    np.testing.assert_allclose(frame["outcome_by_chance"], 0.25)
    assert (report.population, report.outcome, report.outcome_mean) == (4, "y", 0.25)


def test_the_population_itself_is_not_off(world):
    report = compare_samples(world, {"all": world}, outcome="late")
    np.testing.assert_allclose(report.frame["distance"], 0, atol=1e-12)
    assert (report.frame[["outcome_error", "by_chance"]] == 0).all(axis=None)


def test_by_chance_is_what_random_samples_have(world):
    samples = {
        str(seed): world.sample(100, random_state=seed).index for seed in range(400)
    }
    frame = compare_samples(world, samples, ["x", "g", "flag", "t"], "late").frame
    by = frame.assign(distance=frame["distance"].abs()).groupby("column")
    ratio = by["distance"].mean() / by["by_chance"].mean()
    assert ratio.between(0.9, 1.1).all()
    once = frame.drop_duplicates("sample")
    spread = once["outcome_error"].std() / once["outcome_by_chance"].iloc[0]
    assert 0.9 < spread < 1.1


@pytest.mark.parametrize("n", [1, 7, 100, 9_999, 10_000])
def test_unique_values_are_off_by_the_most_there_can_be(n):
    # n of N labels, each once: ½(n(1/n - 1/N) + (N - n)/N) = 1 - n/N, always.
    world = pd.DataFrame({"id": [f"id {i}" for i in range(10_000)]})
    frame = compare_samples(world, {"s": world.head(n)}).frame
    np.testing.assert_allclose(frame["by_chance"], 1 - n / 10_000, atol=1e-9)
    np.testing.assert_allclose(frame["distance"], frame["by_chance"], atol=1e-9)


def test_chance_of_shares_is_the_mean_over_all_samples():
    values = list("aaabbc")
    world = pd.DataFrame({"g": values})
    for n in range(1, 7):
        every = [list(rows) for rows in combinations(range(6), n)]
        frame = compare_samples(world, dict(enumerate(every))).frame
        np.testing.assert_allclose(frame["by_chance"], frame["distance"].mean())


def test_more_rows_than_the_population_were_drawn_with_replacement():
    world = pd.DataFrame({"g": list("ab"), "x": [0.0, 1.0]})
    every = {str(rows): world.iloc[list(rows)] for rows in product([0, 1], repeat=5)}
    frame = compare_samples(world, every, "g", outcome="x").frame
    np.testing.assert_allclose(frame["by_chance"], frame["distance"].mean())
    np.testing.assert_allclose(
        frame["outcome_by_chance"], np.sqrt(np.square(frame["outcome_error"]).mean())
    )
    many = world.sample(200, replace=True, random_state=0)
    numbers = compare_samples(world, {"s": many}, "x").frame
    np.testing.assert_allclose(numbers["by_chance"], np.sqrt(2 / np.pi / 200))


def test_chance_counts_the_values_that_are_there(world):
    holes = world[["x"]].where(world["g"] == "a")
    full = holes.dropna()
    sample = holes.head(200)
    one = compare_samples(holes, {"s": sample}).frame.drop(columns="n")
    two = compare_samples(full, {"s": sample.dropna()}).frame.drop(columns="n")
    pd.testing.assert_frame_equal(one, two)
    none = compare_samples(holes, {"s": holes[holes["x"].isna()]}).frame
    assert none[["distance", "by_chance"]].isna().all(axis=None)


def test_all_ways_to_name_a_sample_agree(world):
    rows = world["x"] > 1
    samples = {
        "frame": world[rows],
        "index": world.index[rows],
        "labels": list(world.index[rows]),
        "mask": rows,
        "array mask": rows.to_numpy(),
    }
    summary = compare_samples(world, samples, outcome="late").summary
    assert list(summary.index) == list(samples)
    assert (summary == summary.iloc[0]).all(axis=None)
    assert list(summary.columns) == [
        "n",
        "x",
        "g",
        "t",
        "flag",
        "outcome_mean",
        "outcome_error",
        "outcome_by_chance",
    ]


def test_order_of_rows_does_not_matter(world):
    sample = world.head(100)
    one = compare_samples(world, {"s": sample}, outcome="late").frame
    two = compare_samples(
        world.sample(frac=1, random_state=0), {"s": sample[::-1]}, outcome="late"
    ).frame
    pd.testing.assert_frame_equal(one, two)


def test_times_count_as_numbers_and_names_as_shares(world):
    report = compare_samples(world, {"first tenth": world.head(100)}, ["t", "flag"])
    days = np.arange(1000) / 24
    expected = (days[:100].mean() - days.mean()) / days.std()
    np.testing.assert_allclose(report.frame["distance"][0], expected)
    assert report.frame["measure"].tolist()[1] == "total variation"
    gaps = world.assign(t=world["t"] - world["t"].iloc[0])
    same = compare_samples(gaps, {"first tenth": gaps.head(100)}, "t")
    np.testing.assert_allclose(same.frame["distance"], expected)


def test_missing_values(world):
    holes = world.assign(
        x=world["x"].where(world["x"] < 1),
        g=world["g"].where(world["g"] != "a"),
        late=world["late"].astype("boolean").where(world["x"] < 1),
    )
    report = compare_samples(
        holes, {"half": holes.head(500)}, columns=["x", "g"], outcome="late"
    )
    assert report.frame[["distance", "outcome_error"]].notna().all(axis=None)
    assert report.notes[0].startswith("half: late is missing in ")
    no_a = compare_samples(holes, {"no a": holes[holes["g"].notna()]}, "g")
    np.testing.assert_allclose(no_a.frame["distance"], holes["g"].isna().mean())


def test_nullable_numbers():
    world = pd.DataFrame({"x": pd.array([1, 2, None, 5], dtype="Int16")})
    report = compare_samples(world, {"s": [0, 1]}, "x")
    np.testing.assert_allclose(
        report.frame["distance"], (1.5 - 8 / 3) / np.std([1, 2, 5])
    )


def test_without_outcome_there_is_none(world):
    report = compare_samples(world, {"s": world.head(10)}, "x")
    assert "outcome_mean" not in report.frame
    assert report.outcome is None
    assert "outcome" not in str(report)
    assert list(report.summary.columns) == ["n", "x"]


def test_report_shows_and_draws(world):
    report = compare_samples(
        world,
        {"first": world.head(100), "large x": world.nlargest(100, "x")},
        ["x", "g"],
    )
    assert str(report).startswith("Samples compared with the population\n=")
    ax = report.plot()
    assert ax.get_title() == "large x is farthest off, on x"
    drawn = ax.lines[1].get_xdata()
    np.testing.assert_allclose(drawn, report.frame["distance"].abs()[2:])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["g", "x"]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["first", "large x"]


def test_wrong_calls(world):
    with pytest.raises(TypeError, match="samples is a DataFrame; pass a dict"):
        compare_samples(world, world.head())
    with pytest.raises(TypeError, match="samples is a dict; pass a dict of at least"):
        compare_samples(world, {})
    with pytest.raises(ValueError, match="sample 's' is empty; leave it out"):
        compare_samples(world, {"s": world.head(0)})
    with pytest.raises(KeyError, match=r"population has no column \['z'\]"):
        compare_samples(world, {"s": world.head()}, ["x", "z"])
    with pytest.raises(KeyError, match=r"sample 's' has no column \['x'\]"):
        compare_samples(world, {"s": world[["g"]].head()}, ["x"])
    with pytest.raises(KeyError, match=r"not in the population's index: \[3\]"):
        compare_samples(world, {"s": [500, 3]}, ["x"])
    with pytest.raises(ValueError, match="mask of 2 values for 1000 rows"):
        compare_samples(world, {"s": np.array([True, False])}, ["x"])
    with pytest.raises(ValueError, match="different indexes"):
        compare_samples(world, {"s": (world["x"] > 0).sort_values()}, ["x"])
    twice = pd.concat([world, world])
    with pytest.raises(ValueError, match="labels twice"):
        compare_samples(twice, {"s": [500]}, ["x"])
    with pytest.raises(TypeError, match="outcome 'g' is category; pass numbers"):
        compare_samples(world, {"s": world.head()}, ["x"], outcome="g")
    with pytest.raises(ValueError, match="missing in all rows of sample 's'"):
        compare_samples(
            world, {"s": world.head().assign(late=np.nan)}, ["x"], outcome="late"
        )
    taken = world.rename(columns={"x": "n", "g": "outcome_error"})
    with pytest.raises(ValueError, match="has the column 'n', a name that the summ"):
        compare_samples(taken, {"s": taken.head()})
    with pytest.raises(ValueError, match="has the column 'outcome_error', a name"):
        compare_samples(taken, {"s": taken.head()}, ["outcome_error"], outcome="late")
    free = compare_samples(taken, {"s": taken.head()}, ["outcome_error"]).summary
    assert list(free.columns) == ["n", "outcome_error"]
    with pytest.raises(ValueError, match="two samples are called '1' as text"):
        compare_samples(world, {1: world.head(), "1": world.tail()}, "x")
    mask = (world["x"] > 0).astype("boolean").mask(world["g"] == "a")
    for given in (mask, mask.astype(object).where(mask.notna(), None)):
        with pytest.raises(ValueError, match=r"missing in \d+ row\(s\); fill it"):
            compare_samples(world, {"s": given}, "x")
    with pytest.raises(ValueError, match="no column to compare"):
        compare_samples(world[["late"]], {"s": world.head()}, outcome="late")
