"""Why values are missing: planted mechanisms, the eight respondents, bad inputs."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlworkbench import datasets
from mlworkbench._stats import rank_auc
from mlworkbench.features import (
    check_fill,
    deletion_cost,
    diagnose_missing,
    simulate_missing,
)
from mlworkbench.features._missing_model import fold_numbers, model_probe
from mlworkbench.features._missing_probe import candidates, probe_column
from mlworkbench.features._missing_tests import (
    _permuted,
    association,
    bins,
    standard_error,
    stratified,
)

mpl.use("Agg")


@pytest.fixture(scope="module")
def respondents():
    """The eight respondents of the issue."""
    return pd.DataFrame(
        {
            "id": range(1, 9),
            "age": [None, 27, None, 40, 35, None, 33, 20],
            "gender": list("ABABBABB"),
            "income": [150_000, 50_000, 100_000, None, None, 50_000, 60_000, 10_000],
            "marital_status": [None, None, "Married", None, *["Single", None] * 2],
            "children": [1, None, 2, 2, 0, 0, None, None],
            "job": [
                "Engineer",
                "Teacher",
                "-",
                "Engineer",
                "Doctor",
                "Teacher",
                "Teacher",
                "Student",
            ],
            "buys": ["No", "No", "Yes", "Yes", "Yes", "No", "No", "No"],
        }
    ).replace({"job": {"-": None}})


@pytest.fixture(scope="module")
def frames():
    names = ("flights", "hmda", "diamonds")
    return {name: datasets.load(name).frame for name in names}


def people(n=800, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=["age", "pay", "debt", "x"])
    frame["city"] = rng.choice(list("PQRS"), n)
    frame["member"] = rng.random(n) < 0.4
    return frame


# The eight respondents


def test_eight_respondents(respondents):
    report = diagnose_missing(respondents, "buys", fill_values={"children": 0})
    rows = report.frame
    assert rows.index.tolist() == [
        "age",
        "income",
        "marital_status",
        "children",
        "job",
    ]
    assert rows["n_missing"].tolist() == [3, 2, 5, 3, 1]
    assert rows.loc["age", "exactly_where"] == "gender is A"
    assert rows.loc["age", "drivers"] == ("gender",)
    assert rows["drivers"].drop("age").map(len).eq(0).all()
    assert rows.loc["age", "verdict"].startswith("missing exactly where gender is A")
    assert rows.loc["marital_status", "coverage"] == 3 / 8
    assert "0 occurs among the observed values of children" in rows["flags"]["children"]
    assert rows["flags"].drop("children").eq("").all()
    assert rows["verdict"].str.contains("8 rows: too few to tell much").all()
    assert "8 rows: too few to tell much" in report.notes
    assert (report.n_rows, report.n_complete) == (8, 0)
    assert rows["auc"].isna().all()


def test_deleting_respondents_without_age_removes_gender_a(respondents):
    cost = diagnose_missing(respondents, "buys").deletion
    age = cost[cost["missing_in"] == "age"].set_index(["quantity", "level"])
    assert age.loc[("gender", "A"), "before"] == 3 / 8
    assert age.loc[("gender", "A"), "after"] == 0
    assert age.loc[("gender", "B"), "after"] == 1
    assert age.loc[("rows", ""), ["before", "after"]].tolist() == [8, 5]
    assert age.loc[("target mean", ""), ["before", "after"]].tolist() == [3 / 8, 2 / 5]
    every = cost[cost["missing_in"] == "any column"].set_index(["quantity", "level"])
    assert every.loc[("rows", ""), "after"] == 0
    assert np.isnan(every.loc[("target mean", ""), "after"])


def test_the_target_may_be_an_array(respondents):
    features = respondents.drop(columns="buys")
    named = diagnose_missing(respondents, "buys").frame
    for target in (respondents["buys"], (respondents["buys"] == "Yes").to_numpy()):
        given = diagnose_missing(features, target).frame
        columns = ["label_auc", "label_missing", "label_p_value"]
        pd.testing.assert_frame_equal(given[columns], named[columns])


# Planted mechanisms

PLANS = {
    "flights": [("distance", "hour"), ("hour", "distance"), ("dest", "carrier")],
    "hmda": [("pirat", "unemp"), ("lvrat", "chist"), ("hirat", "single")],
    "diamonds": [("depth", "carat"), ("table", "cut"), ("price", "color")],
}


@pytest.mark.parametrize("name", PLANS)
def test_planted_mechanisms(frames, name):
    # The whole grid (3 data sets, 20 seeds, rates 10 % and 30 %, 1,000 and 3,000
    # rows, AUC 0.65 and 0.75) was measured once; this is a part of it.
    fine, named, seeds = 0, 0, 20
    for seed in range(seeds):
        frame = frames[name].sample(500, random_state=seed).reset_index(drop=True)
        column, driver = PLANS[name][seed % 3]
        at = {"rate": 0.25, "random_state": seed}
        others = [c for c in frame if c != column]
        for mechanism in ("mcar", "mar"):
            cause = driver if mechanism == "mar" else None
            gaps = simulate_missing(frame, column, mechanism, driver=cause, **at)
            gone = gaps[column].isna().to_numpy()
            rng = np.random.default_rng(seed)
            probe = probe_column(gone, candidates(gaps, others), 5000, rng)
            if mechanism == "mcar":
                fine += probe.p_value >= 0.05
            else:
                assert probe.p_value < 0.05, (seed, column, driver)
                named += driver in probe.drivers
    assert fine >= 0.9 * seeds
    assert named >= 0.95 * seeds


def test_verdicts_of_planted_columns(frames):
    frame = frames["hmda"].sample(1500, random_state=0).reset_index(drop=True)
    gaps = simulate_missing(frame, "pirat", "mcar", 0.2, random_state=1)
    gaps = simulate_missing(gaps, "lvrat", "mar", 0.2, "chist", random_state=2)
    report = diagnose_missing(gaps)
    assert report.frame.loc["pirat", "verdict"] == "no evidence against MCAR"
    assert report.frame.loc["pirat", "drivers"] == ()
    verdict = report.frame.loc["lvrat", "verdict"]
    assert verdict.startswith("depends on chist")
    assert verdict.endswith("evidence for MAR")
    assert report.frame.loc["lvrat", "auc"] > 0.65
    assert report.frame.loc["pirat", "auc"] < report.frame.loc["pirat", "auc_chance"]
    assert report.little_p_value == report.little.p_value
    assert "complete: deny, hirat" in " ".join(report.notes)
    assert any("MNAR" in note for note in report.notes)


def test_gaps_that_carry_the_label():
    frame = people(1500)
    frame["bought"] = (frame["pay"] > 0.5).astype(int)
    gaps = simulate_missing(frame, "pay", "mnar", 0.3, auc=0.8, random_state=0)
    row = diagnose_missing(gaps, "bought").frame.loc["pay"]
    here = frame.loc[gaps["pay"].isna(), "bought"].mean()
    there = frame.loc[gaps["pay"].notna(), "bought"].mean()
    assert row["label_missing"] == pytest.approx(here)
    assert row["label_present"] == pytest.approx(there)
    assert row["label_difference"] == pytest.approx(here - there)
    assert row["label_auc"] == pytest.approx(0.5 + (here - there) / 2, abs=0.15)
    assert row["verdict"] == (
        f"carries the label (bought mean {here:.3g} where missing, {there:.3g} where "
        "present): informative, possibly MNAR; the data cannot prove MNAR"
    )
    assert row["label_p_given_others"] < 0.001


def test_a_label_that_the_driver_explains():
    frame = people(3000)
    rng = np.random.default_rng(0)
    frame["bought"] = rng.random(3000) < 1 / (1 + np.exp(-2 * frame["age"]))
    gaps = simulate_missing(frame, "pay", "mar", 0.3, "age", random_state=0)
    row = diagnose_missing(gaps, "bought").frame.loc["pay"]
    assert row["drivers"][0] == "age"
    assert row["label_p_value"] < 0.001
    assert row["label_p_given_others"] > 0.001
    assert row["verdict"].startswith("depends on age: evidence for MAR; carries the")


@pytest.mark.parametrize("kind", ["classes", "numbers", "dates", "gappy"])
def test_labels_of_every_kind(kind):
    frame = people(400)
    gone = frame["age"] > 0.5
    label = {
        "classes": pd.Series(np.select([gone, frame["x"] > 0], list("ab"), "c")),
        "numbers": frame["age"] * 10,
        "dates": pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["age"], unit="D"),
        "gappy": gone.astype("Int64").mask(frame["x"] > 1),
    }[kind]
    frame.loc[gone, "pay"] = np.nan
    row = diagnose_missing(frame, label).frame.loc["pay"]
    assert row["label_p_value"] < 0.001
    assert "carries the label" in row["verdict"]
    assert np.isnan(row["label_difference"]) == (kind in ("classes", "dates"))


def test_an_interaction_that_no_column_shows_alone():
    frame = people(3000)
    frame = frame.drop(columns=["city", "member"])
    frame.loc[(frame["age"] > 0) == (frame["debt"] > 0), "pay"] = np.nan
    row = diagnose_missing(frame).frame.loc["pay"]
    assert row["auc"] > 0.8
    assert set(row["drivers"][:2]) == {"age", "debt"}


def test_the_partner_of_a_driver_is_named():
    # In the middle of age, the sign of debt says which side goes missing: debt
    # alone shows nothing.
    frame = people(2000).drop(columns=["city", "member"])
    side = np.sign(frame["age"]) * np.where(frame["debt"] > 0, 1, -1)
    chance = 0.15 + 0.35 * (frame["age"].abs() < 0.7) * (1 + side)
    rng = np.random.default_rng(0)
    frame.loc[rng.random(2000) < chance, "pay"] = np.nan
    report = diagnose_missing(frame)
    assert report.probes.set_index("other").loc["debt", "p_adjusted"] > 0.05
    assert report.frame.loc["pay", "drivers"] == ("age", "debt")


def test_missing_in_the_middle_is_seen():
    frame = people(800)
    frame.loc[frame["age"].abs() < 0.4, "pay"] = np.nan
    row = diagnose_missing(frame).frame.loc["pay"]
    assert row["drivers"] == ("age",)


def test_of_two_copies_both_or_one_are_named_and_weak_proxies_are_not():
    frame = people(3000)
    rng = np.random.default_rng(1)
    frame["proxy"] = frame["age"] + rng.normal(size=3000)
    gaps = simulate_missing(frame, "pay", "mar", 0.3, "age", auc=0.8, random_state=0)
    report = diagnose_missing(gaps)
    assert report.frame.loc["pay", "drivers"] == ("age",)
    probes = report.probes.set_index("other")
    assert probes.loc["proxy", "p_adjusted"] < 0.001


def test_missing_together_is_no_evidence_against_mcar():
    # A page of a survey lost at random takes two answers with it.
    frame = people(1500)
    rng = np.random.default_rng(3)
    frame.loc[rng.random(1500) < 0.2, ["pay", "debt"]] = np.nan
    rows = diagnose_missing(frame).frame
    assert rows.loc["pay", "auc"] > 0.99
    assert rows.loc["pay", "auc_values"] < rows.loc["pay", "auc_chance"]
    assert rows.loc["pay", "missing_with"] == ("debt",)
    assert rows.loc["pay", "verdict"] == (
        "no evidence against MCAR; missing exactly where debt is missing"
    )


def test_flights_as_they_are(frames):
    report = diagnose_missing(frames["flights"], columns=["air_time"], max_rows=2000)
    row = report.frame.loc["air_time"]
    assert row["n_missing"] == 9430
    assert row["exactly_where"] == "arr_delay is missing"
    assert "carrier" in row["drivers"]
    assert report.n_complete == 327_346
    assert report.patterns["rows"].sum() == 336_776


# The report


def test_same_seed_same_report_and_rows_in_any_order():
    frame = simulate_missing(people(300), "pay", "mar", 0.3, "age", random_state=0)
    one, two = (diagnose_missing(frame).frame for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    turned = diagnose_missing(frame.iloc[::-1]).frame
    assert turned["drivers"].tolist() == one["drivers"].tolist()
    before = frame.copy()
    diagnose_missing(frame, "city")
    pd.testing.assert_frame_equal(frame, before)


def test_report_is_shown_saved_and_drawn(respondents, tmp_path):
    report = diagnose_missing(respondents, "buys")
    assert "gender is A" in str(report)
    assert report.to_dict()["frame"][0]["column"] == "age"
    assert "gender is A" in report.save(tmp_path / "r.html").read_text()
    left, right = report.plot().child_axes
    assert [bar.get_width() for bar in left.patches] == [62.5, 37.5, 37.5, 25, 12.5]
    assert right.images[0].get_array().shape == (5, 6)
    mpl.pyplot.close("all")


def test_nothing_missing_and_nothing_there():
    report = diagnose_missing(people(50))
    assert report.frame.empty
    assert report.deletion.empty
    assert report.n_complete == 50
    assert "complete: age" in report.notes[0]
    str(report), report.to_dict(), report.plot()
    mpl.pyplot.close("all")
    frame = people(50).assign(empty=np.nan)
    report = diagnose_missing(frame)
    assert report.frame.index.tolist() == ["empty"]
    assert report.frame.loc["empty", "coverage"] == 0
    assert "no value at all" in report.frame.loc["empty", "verdict"]
    assert report.deletion["after"].tolist()[0] == 0
    assert any("without any value" in note and "empty" in note for note in report.notes)


def test_an_empty_column_beside_columns_with_gaps():
    # The model of the gaps cannot bin a column without any value, nor one whose
    # only values are all in one fold.
    frame = simulate_missing(people(300), "pay", "mar", 0.3, "age", random_state=0)
    frame.insert(0, "empty", np.nan)
    frame["nothing"] = pd.Series([None] * 300, dtype=object)
    frame["once"] = np.where(np.arange(300) == 7, 1.0, np.nan)
    report = diagnose_missing(frame)
    rows = report.frame
    assert rows.index.tolist() == ["empty", "pay", "nothing", "once"]
    assert rows.loc["pay", "drivers"] == ("age",)
    assert rows.loc[["empty", "nothing"], "n_missing"].tolist() == [300, 300]
    lost = report.deletion.set_index(["missing_in", "quantity"])["after"]
    assert lost[("any column", "rows")] == report.n_complete == 0
    str(report), report.to_dict(), report.plot()
    mpl.pyplot.close("all")


def test_columns_whose_names_are_pairs_or_numbers():
    frame = simulate_missing(people(200), "pay", "mar", 0.3, "age", random_state=0)
    frame = frame[["age", "pay", "debt"]]
    plain = diagnose_missing(frame, "debt").frame.loc["pay"]
    pairs = [("a", "x"), ("a", "y"), ("b", "z")]
    for columns in (pairs, pd.MultiIndex.from_tuples(pairs), [0, 1, 2]):
        other = frame.set_axis(columns, axis=1)
        age, pay, debt = other.columns
        report = diagnose_missing(other, debt, columns=pay)
        assert report.frame.index.tolist() == [pay]
        assert report.frame["drivers"].tolist() == [(age,)]
        assert report.frame["label_p_value"].iloc[0] == plain["label_p_value"]
        cost = deletion_cost(other, pay, debt)
        pd.testing.assert_frame_equal(cost, report.deletion)
        str(report), report.to_dict()


def test_littles_test_is_left_out_where_it_would_take_minutes():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 200))
    frame = pd.DataFrame(np.where(rng.random(values.shape) < 0.05, np.nan, values))
    report = diagnose_missing(frame, columns=[0])
    assert np.isnan(report.little_p_value)
    assert any("400 patterns of gaps in 200 numeric" in note for note in report.notes)


def test_one_column_alone():
    report = diagnose_missing(pd.DataFrame({"a": [1.0, np.nan] * 50}))
    assert report.frame.loc["a", "verdict"] == (
        "no evidence against MCAR (nothing to test it with)"
    )


def test_columns_of_every_type():
    n = 300
    frame = people(n)
    frame["when"] = pd.date_range("2024-01-01", periods=n, tz="America/New_York")
    frame["took"] = pd.to_timedelta(np.arange(n), unit="s")
    frame["count"] = pd.array(np.arange(n) % 7, dtype="Int64")
    frame["flag"] = pd.array(np.arange(n) % 2 == 0, dtype="boolean")
    frame["size"] = pd.Categorical(["S", "M", "L"] * 100, ["S", "M", "L"], ordered=True)
    frame["mixed"] = pd.Series([1, "a", 2.5] * 100, dtype=object)
    frame["name"] = [f"row {i}" for i in range(n)]
    frame["member"] = frame["member"].astype("boolean")
    for name in list(frame.columns):
        frame.loc[np.arange(n) % 11 == 3, name] = None
    report = diagnose_missing(frame, columns=["when", "flag", "size", "mixed", "name"])
    assert report.frame["n_missing"].eq(27).all()
    assert diagnose_missing(frame.convert_dtypes(), columns=["age"]).n_rows == n


def test_polars_frames():
    pl = pytest.importorskip("polars")
    frame = pl.from_pandas(people(100).assign(pay=[None, 1.0] * 50))
    assert diagnose_missing(frame).frame.index.tolist() == ["pay"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"target": "nope"}, KeyError, "target is 'nope', which is no column"),
        ({"target": [1, 0]}, ValueError, "lengths differ"),
        (
            {"target": pd.Series([0, 1] * 10, index=range(5, 25))},
            ValueError,
            "different indexes",
        ),
        ({"columns": ["nope"]}, KeyError, "no column"),
        ({"groups": ["nope"]}, KeyError, "no column"),
        ({"fill_values": {"nope": 0}}, KeyError, "no column"),
        ({"alpha": 0}, ValueError, "alpha is 0"),
        ({"max_rows": 5}, ValueError, "max_rows is 5"),
    ],
)
def test_bad_arguments(options, error, message):
    frame = people(20).assign(pay=[np.nan, 1.0] * 10)
    with pytest.raises(error, match=message):
        diagnose_missing(frame, **options)


def test_no_row():
    with pytest.raises(ValueError, match="frame has no row"):
        diagnose_missing(people(10)[:0])


# What deletion costs, and fill values


def test_deletion_cost_by_hand():
    frame = pd.DataFrame(
        {
            "a": [1.0, None, 3.0, None],
            "b": [None, 2.0, 3.0, 4.0],
            "city": ["P", "Q", None, "Q"],
            "y": [1, 0, 1, 1],
        }
    )
    cost = deletion_cost(frame, ["a", "b"], "y", ["city"])
    rows = cost.set_index(["missing_in", "quantity", "level"])
    assert rows.loc[("a", "target mean", ""), ["before", "after"]].tolist() == [0.75, 1]
    assert rows.loc[("a", "city", "(missing)"), "after"] == 0.5
    assert rows.loc[("any column", "rows", ""), "after"] == 1
    assert rows.loc[("any column", "city", "Q"), "change"] == -0.5
    with pytest.raises(ValueError, match="several classes"):
        deletion_cost(frame, target=pd.Series(list("abca")))
    share = deletion_cost(frame, "a", np.array(["No", "Yes", "No", "No"]))
    assert share.loc[1, ["before", "after"]].tolist() == [0.25, 0]


def test_default_groups_have_few_levels(frames):
    cost = deletion_cost(frames["flights"], "air_time")
    assert set(cost["quantity"]) == {"rows", "carrier", "origin"}


def test_check_fill():
    frame = pd.DataFrame({"n": [0, 2, None, 5], "x": [0.5, None, 1.5, 2.5]})
    same = check_fill(frame, "n", 0)
    assert (same.ok, same.n_same, same.n_missing) == (False, 1, 1)
    assert same.frame["rows"].tolist() == [1, 1, 2]
    between = check_fill(frame, "n", 3)
    assert not between.ok
    assert "whole numbers from 0 to 5" in between.notes[0]
    assert check_fill(frame, "n", -1).ok
    assert check_fill(frame, "x", 1.0).ok
    assert check_fill(frame, "n", "none").ok
    with pytest.raises(ValueError, match="value is nan"):
        check_fill(frame, "n", np.nan)
    with pytest.raises(ValueError, match=r"value is \[0\]"):
        check_fill(frame, "n", [0])


# Gaps made on purpose


@given(
    st.integers(0, 10**6),
    st.floats(0, 1),
    st.sampled_from(["mcar", "mar", "mnar"]),
    st.floats(0.55, 0.8),
)
@settings(max_examples=40, deadline=None)
def test_simulated_rate_is_exact(seed, rate, mechanism, auc):
    frame = people(150)
    gaps = simulate_missing(
        frame,
        "pay",
        mechanism,
        rate,
        "age" if mechanism == "mar" else None,
        auc=auc,
        random_state=seed,
    )
    assert gaps["pay"].isna().sum() == round(rate * 150)
    rest = gaps["pay"].notna()
    pd.testing.assert_series_equal(gaps.loc[rest, "pay"], frame.loc[rest, "pay"])
    others = frame.columns.drop("pay")
    pd.testing.assert_frame_equal(gaps[others], frame[others])


@pytest.mark.parametrize("auc", [0.3, 0.5, 0.65, 0.9])
@pytest.mark.parametrize("driver", ["age", "debt"])
def test_simulated_strength_is_the_auc(auc, driver):
    frame = people(4000)
    frame["debt"] = frame["debt"].round()  # many ties
    found = []
    for seed in range(10):
        gaps = simulate_missing(
            frame, "pay", "mar", 0.2, driver, auc=auc, random_state=seed
        )
        gone = gaps["pay"].isna().to_numpy()
        found.append(float(rank_auc(gone, frame[driver].to_numpy())))
    assert np.mean(found) == pytest.approx(auc, abs=0.01)


def test_simulated_mechanisms_depend_on_what_they_should():
    frame = people(4000)
    age, pay = frame["age"].to_numpy(), frame["pay"].to_numpy()
    at = {"rate": 0.3, "random_state": 0}
    mcar = simulate_missing(frame, "pay", **at)["pay"].isna().to_numpy()
    mar = simulate_missing(frame, "pay", "mar", driver="age", **at)["pay"].isna()
    mnar = simulate_missing(frame, "pay", "mnar", **at)["pay"].isna().to_numpy()
    for gone, by_age, by_pay in [
        (mcar, 0.5, 0.5),
        (mar.to_numpy(), 0.75, 0.5),
        (mnar, 0.5, 0.75),
    ]:
        assert float(rank_auc(gone, age)) == pytest.approx(by_age, abs=0.03)
        assert float(rank_auc(gone, pay)) == pytest.approx(by_pay, abs=0.03)


def test_simulated_gaps_by_category_and_by_several_drivers():
    frame = people(4000)
    gaps = simulate_missing(frame, "pay", "mar", 0.3, "city", auc=0.7, random_state=0)
    rates = gaps["pay"].isna().groupby(frame["city"]).mean()
    score = frame["city"].map(rates).to_numpy(dtype=float)
    found = float(rank_auc(gaps["pay"].isna().to_numpy(), score))
    assert found == pytest.approx(0.7, abs=0.02)
    gaps = simulate_missing(frame, "pay", "mar", 0.3, ["age", "debt"], random_state=0)
    gone = gaps["pay"].isna().to_numpy()
    for name in ("age", "debt"):
        assert float(rank_auc(gone, frame[name].to_numpy())) > 0.6


def test_simulated_types(frames):
    flights = frames["flights"][:200]
    whole = simulate_missing(flights, "distance", "mcar", 0.1, random_state=0)
    assert whole["distance"].dtype == "float64"
    assert simulate_missing(flights, "distance", rate=0)["distance"].dtype == "int64"
    hmda = frames["hmda"][:200]
    flag = simulate_missing(hmda, "single", "mnar", 0.1, auc=0.6, random_state=0)
    assert flag["single"].dtype == "boolean"
    for name in ("carrier", "tailnum", "time_hour", "dep_time"):
        gaps = simulate_missing(flights, name, "mar", 0.2, "hour", random_state=0)
        assert gaps[name].dtype == flights[name].dtype
        already = int(flights[name].isna().sum())
        assert gaps[name].isna().sum() == already + round(0.2 * (200 - already))
    assert simulate_missing(flights, "hour", rate=1.0)["hour"].isna().all()
    by_time = simulate_missing(flights, "hour", "mar", 0.2, "time_hour", random_state=0)
    assert by_time["hour"].isna().sum() == 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mechanism": "random"}, "mechanism is 'random'"),
        ({"mechanism": "mar"}, "'mar' without a driver"),
        ({"driver": "age"}, "only 'mar' depends"),
        ({"mechanism": "mnar", "driver": "age"}, "only 'mar' depends"),
        ({"mechanism": "mar", "driver": "pay"}, "pass another column than 'pay'"),
        ({"rate": 1.5}, "rate is 1.5"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"mechanism": "mnar", "auc": 1}, "auc is 1"),
        ({"mechanism": "mar", "driver": "same"}, "same has one value only"),
        ({"mechanism": "mar", "driver": "member", "auc": 0.95}, "at most"),
        ({"mechanism": "mar", "driver": "number", "auc": 0.01}, "at least"),
    ],
)
def test_bad_simulations(options, message):
    frame = people(100).assign(same=1, number=[0, 1] * 50)
    with pytest.raises(ValueError, match=message):
        simulate_missing(frame, "pay", **options)


def test_simulation_names_columns_that_are_not_there():
    with pytest.raises(KeyError, match="no column"):
        simulate_missing(people(10), "nope")
    with pytest.raises(KeyError, match="no column"):
        simulate_missing(people(10), "pay", "mar", driver="nope")


# The tests behind the verdict


def test_exact_permutation_is_all_of_them():
    values, gone = (
        np.array([5.0, 1, 2, 8, 9, 3, 3]),
        np.array([1, 0, 0, 1, 1, 0, 0]) > 0,
    )
    ranks = stats.rankdata(values)
    centred = np.abs(
        [
            sum(ranks[list(pick)]) - 3 * ranks.mean()
            for pick in combinations(range(7), 3)
        ]
    )
    observed = abs(ranks[gone].sum() - 3 * ranks.mean())
    expected = np.mean(centred >= observed - 1e-9)
    rng = np.random.default_rng(0)
    assert _permuted(values, gone, True, rng) <= 2 * expected + 1e-12
    # Two levels: Fisher's exact test, two-sided by chi-square.
    codes = np.array([0.0, 0, 0, 1, 1, 1, 1, 1])
    match = codes == 0
    assert _permuted(codes, match, False, rng) == pytest.approx(1 / 56)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("n", "m", "levels"), [(400, 60, 6), (300, 40, 150), (60, 9, 8)]
)
def test_associations_are_level_under_chance(ordered, n, m, levels):
    rng = np.random.default_rng(1)
    p_values = []
    for _ in range(200):
        gone = np.zeros(n, dtype=bool)
        gone[rng.choice(n, m, replace=False)] = True
        p_values.append(
            association(rng.integers(0, levels, n).astype(float), gone, ordered, rng)
        )
    # 5 % of 200 with three standard errors
    assert np.mean(np.array(p_values) < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_model_is_level_under_chance():
    z = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        gone = np.zeros(300, dtype=bool)
        gone[rng.choice(300, 60, replace=False)] = True
        columns = [rng.normal(size=300), rng.integers(0, 5, 300).astype(float)]
        folds = fold_numbers(gone, 5, rng)
        z.append(model_probe(columns, [True, False], gone, folds, seed))
    scaled = np.array([(probe.auc - 0.5) / probe.error for probe in z])
    assert abs(scaled.mean()) < 0.5
    assert 0.5 < scaled.std() < 1.15


def test_stratified_is_mantel_haenszel():
    rng = np.random.default_rng(0)
    strata, codes = rng.integers(0, 3, 300), rng.integers(0, 2, 300)
    gone = rng.random(300) < 0.2 + 0.2 * strata / 2 + 0.1 * codes
    tables = [
        [
            [np.sum((strata == s) & (codes == c) & (gone == g)) for g in (1, 0)]
            for c in (1, 0)
        ]
        for s in range(3)
    ]
    sm = pytest.importorskip("statsmodels.stats.contingency_tables")
    # statsmodels divides the variance by n - 1 within strata, as here.
    expected = sm.StratifiedTable([np.array(t) for t in tables]).test_null_odds()
    assert stratified(codes, gone, strata) == pytest.approx(expected.pvalue, rel=1e-6)


def test_standard_error_by_hand():
    # Hanley and McNeil (1982): A = 0.8, 20 against 30.
    q1, q2 = 0.8 / 1.2, 2 * 0.64 / 1.8
    expected = (0.16 + 19 * (q1 - 0.64) + 29 * (q2 - 0.64)) / 600
    assert standard_error(0.8, 20, 30) == pytest.approx(np.sqrt(expected))


def test_bins():
    assert bins(np.array([3.0, 1, 1, 7]), True, 5).tolist() == [1, 0, 0, 2]
    halves = bins(np.arange(100.0), True, 4)
    assert np.bincount(halves).tolist() == [25, 25, 25, 25]
    assert bins(np.array([5.0, 5, 9, 9, 9, 1]), False, 2).tolist() == [1, 1, 0, 0, 0, 1]
