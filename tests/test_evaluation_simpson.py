"""Reversals: the textbook cases, brute force, chance, and odd tables."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import ttest_ind

from mlworkbench import datasets
from mlworkbench.evaluation import SimpsonCheck, simpson_check


def kidney():
    """Charig et al. (1986), as Julious and Mullee (1994) tabulate them."""
    cells = [
        ("A", "small", 81, 87),
        ("A", "large", 192, 263),
        ("B", "small", 234, 270),
        ("B", "large", 55, 80),
    ]
    rows = [
        (treatment, stone, i < good)
        for treatment, stone, good, n in cells
        for i in range(n)
    ]
    return pd.DataFrame(rows, columns=["treatment", "stone", "success"])


def test_kidney_stones():
    report = simpson_check(kidney(), "success", "treatment", "stone")
    assert isinstance(report, SimpsonCheck)
    row = report.frame.iloc[0]
    assert (row["treatment"], row["reference"]) == ("B", "A")
    assert_allclose([row["value"], row["value_reference"]], [289 / 350, 273 / 350])
    assert_allclose(row["crude"], 16 / 350)
    small, large = 357 / 700, 343 / 700
    even = [
        small * 234 / 270 + large * 55 / 80,
        small * 81 / 87 + large * 192 / 263,
    ]
    found = row[["standardized_value", "standardized_reference"]]
    assert_allclose(found.astype(float), even)
    assert_allclose(row["standardized"], even[0] - even[1])
    assert row["kind"] == "reversal"
    assert row["opposite"] == 1
    assert not row["shown"]  # neither difference is beyond chance
    assert row["crude_low"] < 0 < row["crude_high"]
    assert len(report.reversals) == 1
    strata = report.strata()
    assert strata["group"].tolist() == [
        "large",
        "small",
        "all together",
        "standardised",
    ]
    assert strata["n"].tolist() == [80, 270, 350, 350]
    assert_allclose(strata["difference"][0], 55 / 80 - 192 / 263)
    assert_allclose(strata["difference"][1], 234 / 270 - 81 / 87)
    turned = simpson_check(kidney(), "success", "treatment", "stone", reference="B")
    assert_allclose(turned.frame["standardized"], -row["standardized"])
    assert_allclose(turned.frame["crude_low"], -row["crude_high"])


# Newcombe (1998), table II, method 10: 56/70 against 48/80.
def test_interval_of_two_shares_is_newcombes():
    rows = [("x", i < 56) for i in range(70)] + [("y", i < 48) for i in range(80)]
    frame = pd.DataFrame(rows, columns=["arm", "hit"]).assign(one="same")
    row = simpson_check(frame, "hit", "arm", "one", reference="y").frame.iloc[0]
    assert_allclose([row["crude_low"], row["crude_high"]], [0.0524, 0.3339], atol=1e-4)
    assert row["kind"] == "no reversal"


# Bickel, Hammel, O'Connell (1975); the six departments of Freedman, Pisani and
# Purves: women lead in four of six.
def test_berkeley():
    frame = datasets.load("admissions").frame
    report = simpson_check(frame, "admitted", "gender", "department")
    row = report.frame.iloc[0]
    assert (row["treatment"], row["reference"]) == ("male", "female")
    assert_allclose([row["value"], row["value_reference"]], [1198 / 2691, 557 / 1835])
    table = frame.groupby(["department", "gender"], observed=True)["admitted"].mean()
    gaps = table.unstack()["male"] - table.unstack()["female"]
    share = frame["department"].value_counts(normalize=True)
    assert_allclose(row["standardized"], (gaps * share).sum())
    assert (gaps < 0).sum() == 4
    assert_allclose(row["opposite"], share[gaps[gaps < 0].index].sum())
    assert row["kind"] == "near-reversal"
    assert row["shown"]
    assert row["standardized"] < 0 < row["crude_low"]
    assert "all together male is 0.142 above female" in report.finding
    assert (
        "(both differences are more than chance explains, p = 0.010)" in report.finding
    )
    assert any("does not say which answer is causal" in note for note in report.notes)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_comparisons_are_those_of_pandas(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 200))
    frame = pd.DataFrame(
        {
            "t": rng.choice(["a", "b", "c"], n),
            "g": rng.choice([1.0, 2.0, np.nan], n),
            "h": rng.choice(["x", "y"], n),
            "y": rng.normal(size=n) if seed % 2 else rng.integers(0, 2, n),
            "w": rng.random(n) + 0.01,
        }
    )
    if frame["t"].nunique() < 3:
        return
    weight = frame["w"] if seed % 3 else None
    report = simpson_check(frame, "y", "t", ["g", "h"], sample_weight=weight)
    assert len(report.frame) == 6
    mass = frame["w"] if seed % 3 else pd.Series(1.0, frame.index)
    for row in report.frame.itertuples():
        names = row.by.split(" × ")
        part = frame[frame["t"].isin([row.treatment, row.reference])]
        part = part.assign(w=mass, wy=mass * frame["y"])
        sums = part.groupby([*names, "t"], dropna=False)[["w", "wy"]].sum().unstack()
        mean = sums["wy"] / sums["w"]
        gap = mean[row.treatment] - mean[row.reference]
        both = gap.notna()
        total = sums["w"].sum(axis=1)[both]
        assert row.groups == both.sum()
        total_wy = part.groupby("t")[["w", "wy"]].sum()
        crude = total_wy["wy"] / total_wy["w"]
        assert_allclose(row.crude, crude[row.treatment] - crude[row.reference])
        if not both.any():
            assert row.kind == "no overlap"
            continue
        expected = (gap[both] * total).sum() / total.sum()
        assert_allclose(row.standardized, expected, atol=1e-12)
        kept = sums[both].sum()
        crude = kept["wy"] / kept["w"]
        crude = crude[row.treatment] - crude[row.reference]
        side = np.sign(gap[both]) * np.sign(crude)
        if ((side <= 0).all() and (side < 0).any()) != (row.kind == "reversal"):
            assert abs(crude) < 1e-9 or gap[both].abs().min() < 1e-9


def test_numbers_are_compared_by_their_averages():
    rng = np.random.default_rng(0)
    n = 400
    hard = rng.random(n) < 0.5
    arm = np.where(rng.random(n) < np.where(hard, 0.9, 0.1), "new", "old")
    cost = 100 + 20 * hard - 5 * (arm == "new") + rng.normal(0, 3, n)
    frame = pd.DataFrame({"arm": arm, "hard": hard, "cost": cost})
    report = simpson_check(frame, "cost", "arm", "hard", reference="old")
    row = report.frame.iloc[0]
    assert row["kind"] == "reversal"
    assert row["shown"]
    assert row["crude"] > 5
    assert row["standardized_low"] < -5 < row["standardized_high"]
    test = ttest_ind(
        cost[arm == "new"], cost[arm == "old"], equal_var=False
    ).confidence_interval()
    # two Welch-sized intervals joined by squares: near the t interval
    assert_allclose([row["crude_low"], row["crude_high"]], [*test], rtol=0.02)
    shifted = simpson_check(
        frame.assign(cost=cost + 1e6), "cost", "arm", "hard", reference="old"
    )
    assert_allclose(shifted.frame["standardized_low"], row["standardized_low"])


def test_reversals_are_found_among_all_columns():
    rng = np.random.default_rng(1)
    frame = kidney().sample(frac=1, random_state=0, ignore_index=True)
    frame = pd.concat([frame] * 8, ignore_index=True)
    frame["ward"] = rng.choice(["n", "s", "w"], len(frame))
    frame["age"] = rng.normal(50, 10, len(frame))
    frame["patient"] = [f"p{i}" for i in range(len(frame))]
    frame["constant"] = 1
    report = simpson_check(frame, "success", "treatment")
    assert report.frame["by"].iloc[0] == "stone"
    assert set(report.frame["by"]) == {
        *("stone", "ward", "age"),
        *("stone × ward", "stone × age", "ward × age"),
    }
    assert (report.groups["by"] == "age").sum() == 5  # cut into fifths
    assert any("patient" in note for note in report.notes)
    shown = report.frame.loc[report.frame["shown"], "by"]
    assert "stone" in set(shown)
    assert not {"ward", "age", "ward × age"} & set(shown)
    assert f"turn round or nearly do, {len(shown)} beyond chance" in report.finding
    alone = simpson_check(frame, "success", "treatment", max_columns=1)
    assert len(alone.frame) == 3


def test_without_effects_few_reversals_are_shown():
    rng = np.random.default_rng(2)
    shown = 0
    for _ in range(60):
        frame = pd.DataFrame(rng.integers(0, 3, (300, 3))).add_prefix("c")
        frame["t"], frame["y"] = rng.integers(0, 2, (2, 300))
        shown += bool(simpson_check(frame, "y", "t").frame["shown"].any())
    assert shown <= 3


def test_groups_with_one_treatment_are_left_out():
    frame = kidney()
    extra = pd.DataFrame({"treatment": "B", "stone": "none", "success": [True] * 50})
    report = simpson_check(pd.concat([frame, extra]), "success", "treatment", "stone")
    row = report.frame.iloc[0]
    assert (row["groups"], row["rows"], row["rows_left_out"]) == (2, 700, 50)
    before = simpson_check(frame, "success", "treatment", "stone").frame.iloc[0]
    assert_allclose(row["standardized"], before["standardized"])
    assert_allclose(row["crude"], 339 / 400 - 273 / 350)
    assert_allclose(row["crude_kept"], before["crude"])
    assert any("50 of the rows compared" in note for note in report.notes)
    split = pd.DataFrame({"t": list("aabb"), "g": list("xxyy"), "y": [0, 1, 1, 1]})
    nothing = simpson_check(split, "y", "t", "g")
    assert nothing.frame["kind"].tolist() == ["no overlap"]
    assert "nothing to compare" in nothing.finding
    assert np.isnan(nothing.frame["standardized"][0])


def test_leaving_out_alone_may_turn_the_sign():
    frame = kidney()
    extra = pd.DataFrame({"treatment": "A", "stone": "none", "success": [True] * 500})
    report = simpson_check(pd.concat([frame, extra]), "success", "treatment", "stone")
    assert report.frame["crude"][0] < 0 < report.frame["crude_kept"][0]
    assert any("alone turns the crude" in note for note in report.notes)


def test_missing_values():
    frame = kidney().astype({"success": object, "stone": object})
    frame.loc[:9, "success"] = None
    frame.loc[10:14, "treatment"] = None
    frame.loc[20:29, "stone"] = None
    report = simpson_check(frame, "success", "treatment", "stone")
    assert report.n_rows == 685
    assert "15 row(s) without outcome" in report.notes[0]
    assert "(missing)" in set(report.groups["group"])


def test_kinds_of_table_and_weights():
    frame = kidney()
    plain = simpson_check(frame, "success", "treatment", "stone").frame.iloc[0]
    arrow = pa.Table.from_pandas(frame)
    same = simpson_check(arrow, "success", "treatment", ["stone"]).frame.iloc[0]
    assert same["standardized"] == plain["standardized"]
    words = frame.assign(success=np.where(frame["success"], "good", "bad"))
    same = simpson_check(
        words, "success", "treatment", "stone", pos_label="good"
    ).frame.iloc[0]
    assert_allclose(same["crude_low"], plain["crude_low"])
    same = simpson_check(
        frame, "success", "treatment", "stone", sample_weight=np.full(700, 3.0)
    )
    row = same.frame.iloc[0]
    assert_allclose(row["standardized_high"], plain["standardized_high"])
    assert any("by their weights" in note for note in same.notes)
    half = frame.assign(w=(frame["stone"] == "small") * 1.0)
    only = simpson_check(half, "success", "treatment", "stone", sample_weight=half["w"])
    assert only.n_rows == 357


def test_certainty_is_not_had_from_few_rows():
    frame = pd.DataFrame({"t": list("aaabbb"), "g": "x", "y": [1, 1, 1, 0, 0, 0]})
    row = simpson_check(frame, "y", "t", "g").frame.iloc[0]
    assert row["standardized"] == row["standardized_low"] == -1
    assert row["standardized_high"] > -0.6
    single = pd.DataFrame({"t": list("ab" * 3), "g": list("xxyyzz"), "y": [1.5, 2] * 3})
    row = simpson_check(single.assign(y=range(6)), "y", "t", "g").frame.iloc[0]
    assert row["kind"] == "no reversal"


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (("success", "arm"), {}, KeyError, "no column"),
        (("success", "success"), {}, ValueError, "both 'success'"),
        (("success", "treatment", "age"), {}, KeyError, "no column"),
        (("success", "treatment", "success"), {}, ValueError, "which is compared"),
        (("success", "treatment", ["stone"] * 2), {}, ValueError, "twice"),
        (("stone", "treatment", "success"), {}, ValueError, "pos_label"),
        (("success", "treatment"), {"reference": "C"}, ValueError, "reference is 'C'"),
        (("success", "treatment"), {"max_columns": 3}, ValueError, "pass 1 or 2"),
        (("success", "treatment"), {"confidence": 1}, ValueError, "confidence is 1"),
        (("success", "treatment"), {"sample_weight": [1]}, ValueError, "1 values"),
    ],
)
def test_wrong_input_is_explained(args, options, error, message):
    with pytest.raises(error, match=message):
        simpson_check(kidney(), *args, **options)


def test_one_treatment_and_no_group_are_explained():
    one = kidney().query("treatment == 'A'")
    with pytest.raises(ValueError, match=r"has 1 level\(s\)"):
        simpson_check(one, "success", "treatment", "stone")
    with pytest.raises(ValueError, match="no column to group by"):
        simpson_check(kidney().drop(columns="stone"), "success", "treatment")
    with pytest.raises(ValueError, match="no row with outcome"):
        simpson_check(kidney().iloc[:0], "success", "treatment", "stone")
    many = kidney().assign(treatment=range(700))
    with pytest.raises(ValueError, match="has 700 levels"):
        simpson_check(many, "success", "treatment", "stone")
    infinite = kidney().assign(success=np.inf)
    with pytest.raises(ValueError, match="infinite"):
        simpson_check(infinite, "success", "treatment", "stone")


def test_report_is_read_by_a_person():
    report = simpson_check(kidney(), "success", "treatment", "stone")
    text = str(report)
    assert "0.867 (270)" in text
    assert "no group agrees with the whole (chance may explain each of the two)" in text
    ax = report.plot()
    assert ax.get_xlabel() == "success: B less A"
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [
        "all together  (700)",
        "large  (343)",
        "small  (357)",
        "standardised  (700)",
    ]
    assert "reversal" in ax.get_title()
    with pytest.raises(IndexError, match="i is 1; there are 1"):
        report.strata(1)
    assert report.to_dict()["frame"][0]["kind"] == "reversal"
    truth = kidney().assign(treatment=lambda f: f["treatment"] == "B")
    yes = simpson_check(truth, "success", "treatment", "stone")
    assert "all together treatment = True is 0.046 above" in yes.finding
    assert "treatment = False (rows)" in str(yes)
    flights = datasets.load("flights").frame.dropna(subset="arr_delay")
    flights = flights[flights["carrier"].isin(["AA", "B6", "UA"])]
    report = simpson_check(flights, "arr_delay", "carrier", ["origin", "month"])
    assert len(report.frame) == 6
    assert "comparisons turn round or nearly do" in report.finding
    assert "origin × month" in str(report)


@pytest.mark.parametrize("numbers", [False, True])
def test_equal_rates_have_no_sign(numbers):
    """Both treatments have the same rate in every group: only rounding differs."""
    kinds = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = []
        for group in range(3):
            n, times = rng.integers(1, 9), rng.integers(1, 7)
            hits = rng.integers(0, n + 1)
            for name, factor in (("a", 1), ("b", times)):
                good = [1] * (hits * factor) + [0] * ((n - hits) * factor)
                rows += [(name, group, y) for y in good]
        frame = pd.DataFrame(rows, columns=["t", "s", "y"])
        if frame["y"].nunique() < 2:
            continue
        frame["y"] = 1e3 + 0.1 * frame["y"] if numbers else frame["y"]
        report = simpson_check(frame, "y", "t", "s")
        assert (report.strata()["difference"].iloc[:-2] == 0).all()
        assert report.frame["standardized"].iloc[0] == 0
        kinds.add(report.frame["kind"].iloc[0])
    assert kinds == {"no reversal"}


def test_a_share_of_none_is_zero():
    frame = pd.DataFrame(
        {"t": list("aabb"), "s": list("xyxz"), "y": [0, 0, 1, 1], "w": 0.3}
    )
    values = simpson_check(frame, "y", "t", "s").strata()["value_reference"]
    assert values.iloc[1] == 0


def test_report_names_what_is_hidden_and_what_is_thin():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": rng.integers(0, 3, 300) for i in range(6)})
    frame = frame.assign(y=rng.random(300) < 0.4, t=rng.integers(0, 2, 300))
    frame["late"] = np.where(frame.index < 280, frame["t"] + 5, 9)
    report = simpson_check(frame, "y", "t")
    assert len(report.frame) == 28
    assert any("first 15 of 28 comparisons" in note for note in report.notes)
    thin = next(note for note in report.notes if "fewer than half" in note)
    assert "late" in thin
    assert "c0 × c1" not in thin


def test_small_differences_are_shown_with_a_digit():
    frame = pd.DataFrame({"t": np.repeat(["a", "b"], 10_000), "s": 1})
    frame["y"] = (np.arange(20_000) % 10_000) < np.repeat([5_000, 5_002], 10_000)
    said = str(simpson_check(frame, "y", "t", "s"))
    assert "b is 0.0002 above a" in said
    assert "+0.0002" in said


def test_reference_is_named_plainly():
    frame = pd.DataFrame({"t": [0, 1], "s": 1, "y": [0, 1]})
    with pytest.raises(ValueError, match="'t' has 0, 1; pass one of them"):
        simpson_check(frame, "y", "t", "s", reference=7)


def test_equal_outcomes_are_said_to_be_level():
    frame = pd.DataFrame({"t": list("aabb"), "s": list("xyxy"), "y": 1})
    finding = simpson_check(frame, "y", "t", "s").finding
    assert finding == (
        "all together b is level with a; with the same mix of s it is level: "
        "no reversal"
    )
