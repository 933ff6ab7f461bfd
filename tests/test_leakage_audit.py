"""The audit of a split, and its parts that compare two tables."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer

from mlworkbench import datasets
from mlworkbench.leakage import audit_split, check_coverage, check_scaling
from mlworkbench.leakage._identity import find_same_ids, find_same_labels


def people(n=900, seed=0):
    """Independent rows: numbers, a category, a target that depends on them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.normal(50, 12, n),
            "pay": rng.lognormal(3, 0.5, n),
            "town": rng.choice(["Bern", "Kyiv", "Lima"], n),
            "visits": rng.poisson(3, n),
        }
    )
    signal = 0.05 * (frame["age"] - 50) + (frame["town"] == "Kyiv")
    frame["ill"] = signal + rng.normal(size=n) > 0.5
    return frame


@pytest.fixture
def sides():
    frame = people()
    return frame[:600].copy(), frame[600:].copy()


def found(report):
    """Give the findings above a note as (severity, kind)."""
    return {(f.severity, f.kind) for f in report.findings if f.severity != "note"}


def test_a_clean_split_passes_and_says_what_was_not_asked(sides):
    report = audit_split(*sides, target="ill")
    assert report.ok, str(report)
    assert report.frame.empty
    assert "not named, so not checked: time, groups, available_at" in report.notes
    assert any("check_preprocessing" in note for note in report.notes)


def test_every_part_is_asked_and_the_gravest_comes_first(sides):
    train, test = sides
    train["who"], test["who"] = np.arange(600) // 2, 299 + np.arange(300) // 2
    train["at"], test["at"] = np.arange(600), 595 + np.arange(300)
    for side in sides:
        side["copy"] = side["ill"] * 1.0
    test.loc[test.index[:250], "pay"] = np.nan
    train = pd.concat([train, test.head(40).assign(at=0, who=-1)], ignore_index=True)
    report = audit_split(train, test, target="ill", time="at", groups="who")
    severities = report.frame["severity"].tolist()
    assert severities == sorted(severities, key=["leak", "warning", "note"].index)
    kinds = {kind for _, kind in found(report)}
    assert {"temporal", "dependence", "illegitimate feature", "sampling bias"} <= kinds


def test_rows_on_both_sides_are_named_with_their_labels(sides):
    train, test = sides
    report = audit_split(pd.concat([train, test[:30]]), test, target="ill")
    assert found(report) == {("leak", "duplicates")}
    assert report.rows("equal rows")["test_row"].tolist() == list(range(600, 630))
    assert report.rows("same rows by index label").index.tolist() == [*range(600, 610)]


def test_a_test_set_inside_train_is_none(sides):
    train, _ = sides
    report = audit_split(train, train.sample(100, random_state=0), target="ill")
    assert ("leak", "no clean test set") in found(report)
    again = train.sample(100, random_state=0).reset_index(drop=True)
    report = audit_split(train, again, target="ill")
    assert found(report) == {("leak", "no clean test set")}


def test_a_reset_index_and_equal_row_numbers_are_no_finding(sides):
    train, test = (side.reset_index(drop=True) for side in sides)
    assert audit_split(train, test, target="ill").frame.empty
    for side in (train, test):
        side["id"] = np.arange(len(side))
    report = audit_split(train, test, target="ill", id_columns="id")
    assert report.ok
    assert report.frame["what"].tolist() == ["identifiers numbered anew: id"]


def test_labels_of_equal_rows_by_chance_prove_nothing():
    dull = pd.DataFrame({"x": [0] * 98 + [1] * 2})
    assert find_same_labels(dull, dull.iloc[::-1].reset_index(drop=True)) == []


def test_shared_identifiers(sides):
    train, test = sides
    train["id"], test["id"] = np.arange(1000, 1600), np.arange(1590, 1890)
    (finding,) = find_same_ids(train, test, ["id"])
    assert (finding.severity, finding.kind, finding.n_rows) == (
        "warning",
        "dependence",
        10,
    )
    copies = test.copy()
    copies.loc[copies.index[:10], ["age", "pay", "town", "visits", "ill"]] = train.loc[
        590:599, ["age", "pay", "town", "visits", "ill"]
    ].to_numpy()
    (finding,) = find_same_ids(train, copies, ["id"])
    assert (finding.severity, finding.kind) == ("leak", "duplicates")
    # A key of several columns: only together do they name a row.
    one = pd.DataFrame({"a": [1, 1, 2], "b": [1, 2, 1], "x": [1.0, 2.0, 3.0]})
    two = pd.DataFrame({"a": [2, 3], "b": [2, 1], "x": [4.0, 5.0]})
    assert find_same_ids(one, two, ["a", "b"]) == []


def test_scaling_on_both_sides_is_seen_and_on_train_alone_is_not(sides):
    train, test = sides
    both = pd.concat(sides)
    columns = ["age", "pay"]
    for fitted, leaks in ((both, True), (train, False)):
        mean, spread = fitted[columns].mean(), fitted[columns].std()
        low, width = fitted[columns].min(), np.ptp(fitted[columns], axis=0)
        middle = fitted[columns].quantile([0.25, 0.5, 0.75])
        box = middle.loc[0.75] - middle.loc[0.25]
        changes = {
            "scaled": lambda x, m=mean, s=spread: (x[columns] - m) / s,
            "centred": lambda x, m=mean: x[columns] - m,
            "scaled by quartiles": lambda x, m=middle, b=box: (
                (x[columns] - m.loc[0.5]) / b
            ),
            "scaled to a range": lambda x, m=low, w=width: (x[columns] - m) / w,
        }
        for what, change in changes.items():
            report = check_scaling(change(train), change(test))
            names = [str(f.what).partition(":")[0] for f in report.findings]
            if what != "scaled to a range":
                assert names == ([what] if leaks else []), what
            elif not leaks:
                assert report.ok
    scaled = (both[columns] - both[columns].mean()) / both[columns].std(ddof=0)
    report = check_scaling(scaled[:600], scaled[600:])
    assert report.rows("preprocessing on both")["column"].tolist() == columns
    small = scaled.astype("float32")
    assert not check_scaling(small[:600], small[600:]).ok


def test_gaps_filled_with_the_mean_of_both_sides(sides):
    train, _ = sides
    for side in sides:
        side.loc[side.index[::7], "age"] = np.nan
    both, alone = pd.concat(sides)["age"].mean(), train["age"].mean()
    for value, leaks in ((both, True), (alone, False)):
        filled = [side.fillna({"age": value}) for side in sides]
        report = check_scaling(*filled)
        assert report.ok is not leaks
        assert report.frame["what"].tolist() == ["filled with a mean: age"] * leaks


def test_categories_replaced_by_means_of_the_target_over_both_sides(sides):
    train, _ = sides
    for rows, leaks in ((pd.concat(sides), True), (train, False)):
        means = rows.groupby("town")["ill"].mean()
        coded = [side.assign(town=side["town"].map(means)) for side in sides]
        report = audit_split(*coded, target="ill")
        assert report.frame["what"].tolist() == ["means of the target: town"] * leaks


def test_levels_scaled_on_both_sides(sides):
    levels = pd.concat(sides)[["visits"]].astype(float)
    both = (levels - levels.mean()) / levels.std(ddof=0)
    report = check_scaling(both[:600], both[600:])
    assert report.frame["what"].tolist() == ["scaled: visits"]
    alone = (levels - levels[:600].mean()) / levels[:600].std(ddof=0)
    assert check_scaling(alone[:600], alone[600:]).ok
    even = pd.DataFrame({"sign": [-1.0, 1.0, 1.0, -1.0, -1.0, 1.0]})
    assert check_scaling(even[:3], even[3:]).ok


def test_ranks_of_both_sides(sides):
    ranks = pd.concat(sides)["pay"].rank(pct=True)
    report = check_scaling(ranks[:600].to_frame(), ranks[600:].to_frame())
    assert report.frame["what"].tolist() == ["replaced by ranks: pay"]
    own = [side["pay"].rank(pct=True).to_frame() for side in sides]
    assert check_scaling(*own).ok


def test_shares_that_start_in_0_and_end_in_1_are_a_note_at_most():
    rng = np.random.default_rng(0)
    share = np.clip(rng.normal(0.5, 0.15, 400), 0.01, 0.99).round(4)
    share[[350, 351]] = 0.0, 1.0
    frame = pd.DataFrame({"share": share, "x": rng.normal(size=400)})
    report = check_scaling(frame[:300], frame[300:])
    assert report.ok
    assert report.frame["severity"].tolist() == ["note"]


def test_coverage_names_the_share_filled_and_the_values(sides):
    train, test = sides
    test.loc[test.index[:240], "pay"] = np.nan
    report = check_coverage(train, test)
    assert report.frame["what"].tolist() == ["filled: pay"]
    assert report.frame["evidence"][0] == "filled in 100 % of train and 20 % of test"
    report = check_coverage(train, test[test["town"] == "Lima"], columns=["town"])
    assert report.frame["what"].tolist() == ["other values: town"]
    assert set(report.rows("sampling bias")["value"]) == {"Bern", "Kyiv", "Lima"}


def test_dealt_at_random_nothing_is_named():
    named = 0
    for seed in range(30):
        frame = people(120, seed)
        named += not check_coverage(frame[:80], frame[80:]).frame.empty
    assert named == 0


def test_a_change_that_time_brought_inside_train_too_is_a_note():
    n = 2000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"at": np.arange(n), "heat": np.arange(n) / 400})
    frame["heat"] += rng.normal(size=n)
    frame["shop"] = rng.choice(list("abcd"), n)
    train, test = frame[:1500], frame[1500:]
    report = check_coverage(train, test, time="at")
    assert report.frame[["severity", "what"]].values.tolist() == [
        ["note", "other values: heat"]
    ]
    assert not check_coverage(train, test).ok
    biased = check_coverage(train, test[test["shop"] == "a"], time="at")
    assert (
        "other values: shop"
        in biased.frame["what"][biased.frame["severity"] != "note"].tolist()
    )


def test_few_groups_differ_by_chance():
    rng = np.random.default_rng(3)
    ward = np.repeat(np.arange(16), 60)
    frame = pd.DataFrame({"ward": ward, "level": rng.normal(size=16)[ward]})
    frame["level"] += rng.normal(size=len(frame)) / 3
    train, test = frame[ward < 12], frame[ward >= 12]
    assert not check_coverage(train, test, columns=["level"]).ok
    assert check_coverage(train, test, groups="ward").ok


def test_balanced_training_is_a_note_balanced_test_a_warning():
    rare, even = [1] * 30 + [0] * 270, [1] * 150 + [0] * 150
    frames = [pd.DataFrame({"y": y}) for y in (even, rare)]
    assert check_coverage(*frames, target="y").frame["severity"].tolist() == ["note"]
    assert not check_coverage(*frames[::-1], target="y").ok


def test_flights_in_time_pass_without_what_is_known_late():
    flights = datasets.load("flights").frame[::7]
    late = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
    y = (flights["arr_delay"] >= 30).rename("late")
    frame = flights.drop(columns=late).assign(late=y.fillna(value=False).astype(bool))
    past = flights["month"] < 10
    report = audit_split(frame[past], frame[~past], target="late", time="time_hour")
    assert report.ok, str(report)
    known = frame.assign(dep_delay=flights["dep_delay"])
    report = audit_split(known[past], known[~past], target="late", time="time_hour")
    assert found(report) == {("warning", "illegitimate feature")}
    assert report.frame["what"][0] == "dep_delay"


def test_arrow_and_arrays_give_the_same_findings(sides):
    train, test = sides
    train = pd.concat([train, test[:30]])
    expected = found(audit_split(train.reset_index(drop=True), test, target="ill"))
    own = [pa.Table.from_pandas(side, preserve_index=False) for side in (train, test)]
    assert found(audit_split(*own, target="ill")) == expected
    numbers = [side[["age", "pay", "ill"]].to_numpy(float) for side in (train, test)]
    assert found(audit_split(*numbers, target=2)) == expected


def test_the_input_is_not_changed_and_the_answer_repeats(sides):
    train, test = sides
    before = [side.copy(deep=True) for side in sides]
    reports = [audit_split(train, test, target="ill", random_state=7) for _ in "ab"]
    pd.testing.assert_frame_equal(reports[0].frame, reports[1].frame)
    for one, two in zip(sides, before, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_different_columns_are_named_and_the_rest_is_audited(sides):
    train, test = sides
    report = audit_split(train.assign(x=1), test.drop(columns="ill"), target="ill")
    assert report.frame["what"].tolist() == ["columns only in train"]
    assert report.frame["evidence"][0] == "ill, x"
    renamed = test.add_prefix("new ")
    with pytest.raises(ValueError, match="no feature in common; train has"):
        audit_split(train, renamed, target="ill")


def test_other_types_are_named_and_the_rest_is_audited(sides):
    train, test = sides
    train["visits"] = train["visits"].astype(str)
    report = audit_split(train, test, target="ill")
    assert report.frame["what"].tolist() == ["other type: visits"]


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2], [3]] * 450,
        [{"a": 1}, {}] * 450,
        [1, "a", None] * 300,
        [None] * 900,
        [1j, 2j] * 450,
        [np.inf, 1.5, -np.inf] * 300,
        pd.array([1, None, 3] * 300, dtype="Int64"),
        pd.array([True, None, False] * 300, dtype="boolean"),
        pd.Categorical(["low", "high"] * 450, ordered=True),
        pd.period_range("2020-01-01", periods=900, freq="D"),
        pd.timedelta_range("0D", periods=900),
        pd.date_range("2020-01-01", periods=900).date,
        [
            *pd.date_range("2020", periods=450),
            *pd.date_range("2022", periods=450, tz="UTC"),
        ],
        np.arange(900, dtype=np.uint64) + 2**63,
        np.random.default_rng(0).normal(size=900).astype("float16"),
    ],
    ids=lambda values: type(values[0]).__name__,
)
def test_a_column_of_any_type_neither_breaks_nor_flags_a_clean_split(sides, values):
    frame = pd.concat(sides).assign(
        odd=pd.Series(values, dtype=getattr(values, "dtype", object))
    )
    train, test = frame[:600], frame[600:]
    if isinstance(values[0], np.uint64 | pd.Timestamp):
        train, test = frame[::2], frame[1::2]
    report = audit_split(train, test, target="ill")
    assert report.ok, str(report)
    assert report.to_dict()["facts"]["n_leaks"] == 0


def test_times_with_and_without_a_zone_do_not_break_the_comparison(sides):
    train, test = sides
    train["at"] = pd.date_range("2020", periods=600).astype(object)
    test["at"] = pd.date_range("2023", periods=300, tz="UTC").astype(object)
    test.loc[test.index[:9], "at"] = pd.Timestamp("2023-01-01")
    report = audit_split(train, test, target="ill")
    assert report.frame["what"].tolist() == ["other type: at"]
    with pytest.raises(ValueError, match="mixes times with and without"):
        audit_split(train, test, target="ill", time="at")


def test_a_label_is_asked_for_not_the_values(sides):
    train, test = sides
    with pytest.raises(TypeError, match="target is a Series; pass the label"):
        audit_split(train, test, target=train["ill"])
    with pytest.raises(TypeError, match="time is a list; pass the label"):
        audit_split(train, test, target="ill", time=["age"])
    with pytest.raises(TypeError, match="a Series was given; pass the labels"):
        audit_split(train, test, target="ill", groups=train["town"])


def test_columns_of_two_levels(sides):
    both = [pd.concat({"clinic": side}, axis=1) for side in sides]
    report = audit_split(*both, target=("clinic", "ill"), groups=[("clinic", "town")])
    assert found(report) == {("leak", "dependence")}


def test_one_class_is_a_warning_and_no_class_an_error(sides):
    train, test = sides
    report = audit_split(train.assign(ill=True), test, target="ill")
    assert "one class" in report.frame["what"].tolist()
    assert not report.ok
    with pytest.raises(ValueError, match="'ill' is missing in all 600 rows of train"):
        audit_split(train.assign(ill=np.nan), test, target="ill")


def test_bad_input(sides):
    train, test = sides
    with pytest.raises(TypeError, match="train is a generator"):
        audit_split((row for row in train), test, target="ill")
    with pytest.raises(ValueError, match="test has no rows"):
        audit_split(train, test[:0], target="ill")
    for option in ("target", "time", "groups", "id_columns", "text"):
        options = {"target": "ill"} | {option: "nowhere"}
        with pytest.raises(KeyError, match=r"no column.*nowhere"):
            audit_split(train, test, **options)
    zone = pd.date_range("2024-01-01", periods=900, freq="h", tz="UTC")
    train["at"], test["at"] = zone[:600], zone[600:].tz_localize(None)
    with pytest.raises(ValueError, match="has no time zone and"):
        audit_split(train, test, target="ill", time="at")
    with pytest.raises(ValueError, match="no column in common"):
        check_coverage(train[["age"]], test[["pay"]])
    with pytest.raises(ValueError, match="test has no rows"):
        check_coverage(train, test[:0])


def copied(sides, names=None):
    """Put 40 rows of test into train, all rows under new numbers or names."""
    train, test = sides
    train = pd.concat([train, test.head(40)], ignore_index=True)
    test = test.reset_index(drop=True)
    if names is not None:
        train["row"], test["row"] = names(len(train)), names(len(test), 5000)
    return train, test


@pytest.mark.parametrize(
    "names",
    [
        lambda n, start=0: np.arange(start, start + n),
        lambda n, start=0: [f"id-{i}" for i in range(start, start + n)],
    ],
    ids=["numbers", "names"],
)
def test_copies_under_a_new_name_are_found(sides, names):
    report = audit_split(*copied(sides, names), target="ill")
    assert ("leak", "duplicates") in found(report)
    assert report.rows("equal rows but for: row")["test_row"].tolist() == [*range(40)]
    train, test = (side.reset_index(drop=True) for side in sides)
    train["row"], test["row"] = names(len(train)), names(len(test), len(train))
    assert "duplicates" not in {
        kind for _, kind in found(audit_split(train, test, target="ill"))
    }


def test_a_named_text_does_not_hide_almost_equal_numbers(sides):
    train, test = copied(sides)
    rng = np.random.default_rng(3)
    train["note"] = rng.permuted(np.arange(len(train))).astype(str)
    test["note"] = rng.permuted(np.arange(9000, 9000 + len(test))).astype(str)
    train.loc[600:, "pay"] += 1e-6
    report = audit_split(train, test, target="ill", text="note")
    assert len(report.rows("almost equal rows")) >= 38
    assert ("leak", "duplicates") in found(report)


def test_a_short_text_is_a_text_where_it_is_named(sides):
    train, test = sides
    letters = np.random.default_rng(3).choice(list("abcdefghij"), (900, 12))
    names = pd.Series(["".join(row) for row in letters], range(900))
    train["note"], test["note"] = names[:600], names[600:]
    other = test.head(40).assign(age=30.0 + np.arange(40), note=names[600:640] + ".")
    train = pd.concat([train, other], ignore_index=True)
    test = test.reset_index(drop=True)
    report = audit_split(train, test, target="ill", text="note")
    assert len(report.rows("almost equal texts: note")) == 40
    assert found(report) == {("leak", "duplicates")}
    with pytest.raises(
        TypeError, match="text names 'age', which holds values of the kind 'number'"
    ):
        audit_split(train, test, target="ill", text="age")


def test_scaled_on_both_sides_and_rounded_in_a_file(sides):
    both = pd.concat(sides)
    for digits in (3, 4, 6):
        pay = ((both["pay"] - both["pay"].mean()) / both["pay"].std()).round(digits)
        report = check_scaling(*(s.assign(pay=pay[s.index]) for s in sides))
        assert found(report) == {("leak", "preprocessing on both")}
        own = sides[0]["pay"]
        alone = [((s["pay"] - own.mean()) / own.std()).round(digits) for s in sides]
        sides_alone = [s.assign(pay=p) for s, p in zip(sides, alone, strict=True)]
        assert check_scaling(*sides_alone).ok


def test_gaps_filled_with_the_median_of_both_sides(sides):
    both = pd.concat(sides)
    gaps = both["pay"].mask(np.random.default_rng(0).random(900) < 0.2)
    for fill, expected in (
        (gaps.median(), {("warning", "preprocessing on both")}),
        (gaps[:600].median(), set()),
        (0.0, set()),
    ):
        pay = gaps.fillna(fill)
        report = check_scaling(*(s.assign(pay=pay[s.index]) for s in sides))
        assert found(report) == expected
    what = "filled with a median: pay"
    pay = gaps.fillna(gaps.median())
    report = check_scaling(*(s.assign(pay=pay[s.index]) for s in sides))
    row = report.rows(what).iloc[0]
    own = pay[:600][pay[:600] != gaps.median()].median()
    assert (row["train"], row["both"]) == (own, gaps.median())


def test_ranks_with_ties_of_both_sides(sides):
    both = pd.concat(sides)
    whole = both["age"].round()  # many people of one age
    for ranks in (
        whole.rank(pct=True),
        whole.rank(),
        whole.rank(pct=True, method="min"),
    ):
        report = check_scaling(*(s.assign(age=ranks[s.index]) for s in sides))
        expected = {("leak", "preprocessing on both")}
        assert found(report) == (set() if (ranks % 1 == 0).all() else expected)
        alone = [whole[s.index].rank(pct=True) for s in sides]
        parts = [s.assign(age=a) for s, a in zip(sides, alone, strict=True)]
        assert check_scaling(*parts).ok


def test_nothing_to_compare_is_an_error(sides):
    train, test = sides
    for check in (check_scaling, check_coverage):
        with pytest.raises(ValueError, match="test has no rows; there is nothing"):
            check(train, test[:0])


def test_a_split_against_time_is_no_sampling_bias():
    rng = np.random.default_rng(0)
    day = np.arange(1200)
    frame = pd.DataFrame({"day": day, "price": 0.01 * day + rng.normal(size=1200)})
    frame["y"] = rng.integers(2, size=1200)
    for train, test in ((frame[:900], frame[900:]), (frame[300:], frame[:300])):
        report = check_coverage(train, test, time="day", columns=["price"])
        assert report.frame["severity"].tolist() == ["note"]


def test_easy_cases_in_a_small_test_of_many_columns_are_seen():
    frame = load_breast_cancer(as_frame=True).frame.sample(frac=1, random_state=0)
    train, test = frame[:369], frame[369:]
    easy = test[(test["mean radius"] < 11) | (test["mean radius"] > 19)]
    assert check_coverage(train, test).ok
    assert (
        "other values: mean radius"
        in check_coverage(train, easy).frame["what"].tolist()
    )


def test_the_moment_of_the_prediction_is_no_feature(sides):
    train, test = sides
    for side in sides:
        side["asked"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(side.index, "h")
        side["known"] = side["asked"] - pd.Timedelta("1h")
    stamps = {"available_at": {"pay": "known"}, "prediction_time": "asked"}
    report = audit_split(train, test, target="ill", **stamps)
    assert not {"other values: asked", "other values: known"} & set(
        report.frame["what"]
    )
    assert report.ok


def test_a_target_that_cannot_be_compared(sides):
    train, test = (side.assign(ill=[[1]] * len(side)) for side in sides)
    with pytest.raises(TypeError, match="the target 'ill' holds values that cannot"):
        audit_split(train, test, target="ill")


def test_what_all_groups_of_train_have_and_none_of_test_is_no_chance():
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(120), 30)
    frame = pd.DataFrame({"day": day, "from": rng.choice(["A", "B", "C"], 3600)})
    frame["length"] = rng.normal(size=3600) + 2.0 * (frame["from"] == "A")
    train, test = frame[day < 90], frame[day >= 90]
    asked = {"columns": ["from", "length"], "groups": "day"}
    assert check_coverage(train, test, **asked).ok
    report = check_coverage(train, test[test["from"] != "A"], **asked)
    assert [(f.severity, f.what) for f in report.findings] == [
        ("warning", "other values: from"),
        ("warning", "other values: length"),
    ]
    # Days that are each of one place differ as much by chance.
    frame["from"] = rng.choice(["A", "B", "C"], 120)[day]
    for seed in range(20):
        late = np.isin(day, np.random.default_rng(seed).choice(120, 12, replace=False))
        report = check_coverage(
            frame[~late], frame[late], columns=["from"], groups="day"
        )
        assert report.ok
