"""Strata and quotas: exact totals, bounds, weights, who is left out."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlworkbench.sampling import StratifiedSample, quota_sample, stratified_sample
from mlworkbench.sampling._allocate import allocate, largest_remainder


def table(**sizes):
    labels = np.repeat(list(sizes), list(sizes.values()))
    return pd.DataFrame({"g": labels, "x": np.arange(len(labels))})


def allocated(report):
    return dict(zip(report.frame.iloc[:, 0], report.frame["allocated"], strict=True))


# Sharing out


def test_largest_remainder_by_hand():
    # Hamilton's method: 5, 3, 1.6 and 0.4 of 10 rows; the one left goes to 1.6.
    assert largest_remainder(np.array([5, 3, 1.6, 0.4]), 10).tolist() == [5, 3, 2, 0]
    # Ties: the larger share first, then the earlier.
    assert largest_remainder(np.array([0.5, 2.5]), 3).tolist() == [0, 3]
    assert largest_remainder(np.array([1.5, 1.5]), 3).tolist() == [2, 1]


groups = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from([0.0, 0.3, 1.0, 2.5, 40.0])),
    min_size=1,
    max_size=12,
)


@given(groups=groups, data=st.data())
def test_allocation_is_exact_and_within_bounds(groups, data):
    upper = np.array([size for size, _ in groups])
    measure = np.array([m for _, m in groups])
    lower = np.minimum(data.draw(st.integers(0, 5)), upper)
    total = data.draw(st.integers(int(lower.sum()), int(upper.sum())))
    shares = allocate(total, measure, upper, lower)
    assert shares.sum() == total
    assert (shares >= lower).all()
    assert (shares <= upper).all()
    # Of two groups inside their bounds the larger measure has no less.
    inside = (shares > lower) & (shares < upper)
    for i, j in itertools.permutations(np.flatnonzero(inside), 2):
        if measure[i] > measure[j]:
            assert shares[i] >= shares[j]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=12), st.data())
def test_proportional_is_within_one_row_of_the_exact_share(sizes, data):
    sizes = np.array(sizes)
    total = data.draw(st.integers(1, int(sizes.sum())))
    shares = allocate(total, sizes.astype(float), sizes)
    assert (abs(shares - total * sizes / sizes.sum()) < 1).all()


@given(groups=groups, data=st.data())
@settings(max_examples=60)
def test_redistribution_agrees_with_taking_strata_out_one_by_one(groups, data):
    # The oracle: while a stratum is over its size, take it whole and start
    # anew with the rest (no lower bound, before rounding).
    upper = np.array([size for size, _ in groups], dtype=float)
    measure = np.array([m + 0.1 for _, m in groups])
    total = data.draw(st.integers(1, int(upper.sum())))
    exact, free = upper.copy(), np.ones(len(upper), dtype=bool)
    while free.any():
        share = (total - upper[~free].sum()) * measure / measure[free].sum()
        over = free & (share > upper + 1e-9)
        if not over.any():
            exact[free] = share[free]
            break
        free &= ~over
    shares = allocate(total, measure, upper.astype(int))
    assert (abs(shares - exact) < 1 + 1e-6).all()


# Stratified samples


def test_proportional_by_hand():
    report = stratified_sample(table(a=60, b=30, c=10), "g", n=10, random_state=0)
    assert allocated(report) == {"a": 6, "b": 3, "c": 1}
    assert report.frame["weight"].tolist() == [10, 10, 10]
    assert report.sample["g"].value_counts().to_dict() == {"a": 6, "b": 3, "c": 1}
    assert report.notes == ()
    assert isinstance(report, StratifiedSample)
    assert (report.n, report.population, len(report.sample)) == (10, 100, 10)


def test_equal_takes_the_small_whole_and_says_so():
    report = stratified_sample(
        table(a=100, b=50, c=4), "g", n=30, allocation="equal", random_state=0
    )
    assert allocated(report) == {"a": 13, "b": 13, "c": 4}
    assert report.frame["fraction"].tolist() == [0.13, 0.26, 1.0]
    assert "taken whole: c; the rest was shared" in report.notes[0]
    assert "estimate with .weights" in report.notes[1]


def test_neyman_by_hand():
    # Cochran (1977), eq. 5.26: n_h ∝ N_h S_h. N = 40, 60; S = 3, 1 → 2 : 1.
    x = np.concatenate([np.tile([-1.0, 1.0], 20), np.tile([-1.0, 1.0], 30)])
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 60, "x": x})
    scale = frame.groupby("g")["x"].transform("std")
    frame["x"] *= np.where(frame["g"] == "a", 3, 1) / scale
    report = stratified_sample(
        frame, "g", n=30, allocation="neyman", target="x", random_state=0
    )
    np.testing.assert_allclose(report.frame["std"], [3, 1])
    assert allocated(report) == {"a": 20, "b": 10}


def test_neyman_gives_constant_strata_nothing_and_warns():
    frame = table(a=10, b=10, c=10)
    frame["y"] = [0.1] * 10 + list(range(20))
    report = stratified_sample(
        frame, "g", n=6, allocation="neyman", target="y", random_state=0
    )
    assert allocated(report) == {"a": 0, "b": 3, "c": 3}
    assert np.isnan(report.frame["weight"][0])
    assert "without a row: a; estimates leave them out" in report.notes[0]
    least = stratified_sample(
        frame, "g", n=7, allocation="neyman", target="y", min_per_stratum=1
    )
    assert allocated(least) == {"a": 1, "b": 3, "c": 3}
    # All others full: the rest goes to the constant one.
    most = stratified_sample(frame, "g", n=25, allocation="neyman", target="y")
    assert allocated(most) == {"a": 5, "b": 10, "c": 10}
    flat = stratified_sample(
        frame.assign(y=1), "g", n=6, allocation="neyman", target="y"
    )
    assert allocated(flat) == {"a": 2, "b": 2, "c": 2}
    assert "varies in no stratum: allocated in proportion" in flat.notes[0]


def test_a_stratum_of_one_row_has_no_spread():
    frame = pd.DataFrame({"g": list("aabbb"), "y": [1, 5, 2, 4, 9]})
    frame.loc[5] = ["c", 100]
    report = stratified_sample(frame, "g", n=2, allocation="neyman", target="y")
    assert report.frame["std"].tolist()[2] == 0
    assert allocated(report)["c"] == 0


def test_min_per_stratum_lifts_the_small():
    frame = table(a=90, b=9, c=1)
    assert allocated(stratified_sample(frame, "g", n=10)) == {"a": 9, "b": 1, "c": 0}
    report = stratified_sample(frame, "g", n=10, min_per_stratum=2)
    assert allocated(report) == {"a": 7, "b": 2, "c": 1}
    with pytest.raises(ValueError, match="asks for 11 rows in 3 strata, n is 10"):
        stratified_sample(frame, "g", n=10, min_per_stratum=5)


def test_missing_values_are_a_stratum():
    frame = pd.DataFrame({"g": ["a", None, "a", None, None, "a"], "x": range(6)})
    report = stratified_sample(frame, "g", n=4, random_state=0)
    assert report.frame["population"].tolist() == [3, 3]
    assert report.sample["g"].isna().sum() == 2
    assert "missing values are a stratum of their own (3 rows)" in report.notes[0]


def test_several_columns_make_a_stratum():
    frame = pd.DataFrame({"a": [1, 1, 2, 2] * 5, "b": list("xyxx") * 5})
    report = stratified_sample(frame, ["a", "b"], frac=0.4, random_state=0)
    assert report.frame[["a", "b", "allocated"]].to_numpy().tolist() == [
        [1, "x", 2],
        [1, "y", 2],
        [2, "x", 4],
    ]


def test_categories_without_rows_are_no_stratum():
    frame = pd.DataFrame({"g": pd.Categorical(["a", "b"] * 5, categories=list("abc"))})
    assert stratified_sample(frame, "g", n=4).frame["g"].tolist() == ["a", "b"]


def test_rows_keep_index_order_and_types():
    frame = table(a=20, b=20).set_index(pd.Index(range(100, 140), name="id"))
    frame = frame.sample(frac=1, random_state=0)
    sample = stratified_sample(frame, "g", n=10, random_state=1).sample
    assert sample.index.name == "id"
    assert sample.index.tolist() == [i for i in frame.index if i in set(sample.index)]
    pd.testing.assert_frame_equal(sample, frame.loc[sample.index])


@pytest.mark.parametrize("allocation", ["proportional", "equal", "neyman"])
def test_weights_undo_the_allocation(allocation):
    rng = np.random.default_rng(0)
    frame = table(a=500, b=200, c=20)
    frame["y"] = rng.normal(
        frame["g"].map({"a": 1, "b": 5, "c": 40}), 1 + frame.x / 200
    )
    means = []
    for seed in range(300):
        report = stratified_sample(
            frame, "g", n=60, allocation=allocation, target="y", random_state=seed
        )
        assert report.weights.index.equals(report.sample.index)
        np.testing.assert_allclose(report.weights.sum(), len(frame))
        means.append(np.average(report.sample["y"], weights=report.weights))
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - frame["y"].mean()) < 5 * error


def test_inside_a_stratum_chances_are_equal():
    frame = table(a=12, b=6)
    hits = np.concatenate(
        [
            stratified_sample(frame, "g", n=6, random_state=seed).sample["x"]
            for seed in range(1500)
        ]
    )
    counts = np.bincount(hits, minlength=18)
    assert counts[:12].sum() == 4 * 1500
    assert stats.chisquare(counts[:12]).pvalue > 1e-5
    assert stats.chisquare(counts[12:]).pvalue > 1e-5


def test_permuting_rows_changes_no_allocation():
    frame = table(a=31, b=17, c=5)
    mixed = frame.sample(frac=1, random_state=0)
    for how in ("proportional", "equal", "neyman"):
        one, two = (
            stratified_sample(f, "g", n=20, allocation=how, target="x").frame
            for f in (frame, mixed)
        )
        pd.testing.assert_frame_equal(one, two)


def test_seeds():
    frame = table(a=100, b=100)
    one, two, three = (
        stratified_sample(frame, "g", n=10, random_state=seed).sample.index.tolist()
        for seed in (0, 0, 1)
    )
    assert one == two != three


def test_all_rows():
    frame = table(a=3, b=2)
    report = stratified_sample(frame, "g", frac=1.0)
    pd.testing.assert_frame_equal(report.sample, frame)
    assert report.notes == ()


def test_wrong_calls():
    frame = table(a=5, b=5)
    with pytest.raises(ValueError, match="n is None and frac is None; pass one"):
        stratified_sample(frame, "g")
    with pytest.raises(ValueError, match=r"n is 2 and frac is 0\.5; pass one"):
        stratified_sample(frame, "g", n=2, frac=0.5)
    with pytest.raises(ValueError, match="n is 11, frame has 10 rows"):
        stratified_sample(frame, "g", n=11)
    with pytest.raises(ValueError, match="n is 0; pass 1 or more"):
        stratified_sample(frame, "g", n=0)
    with pytest.raises(TypeError, match=r"n is 2\.5; pass a whole number"):
        stratified_sample(frame, "g", n=2.5)
    with pytest.raises(ValueError, match=r"frac=0\.01 of 10 rows is less than one"):
        stratified_sample(frame, "g", frac=0.01)
    with pytest.raises(ValueError, match=r"frac is 1\.5; pass a number in"):
        stratified_sample(frame, "g", frac=1.5)
    with pytest.raises(KeyError, match=r"no column \['h'\]; it has 'g', 'x'"):
        stratified_sample(frame, "h", n=2)
    with pytest.raises(ValueError, match="each once"):
        stratified_sample(frame, ["g", "g"], n=2)
    with pytest.raises(ValueError, match="pass one column label or several"):
        stratified_sample(frame, [], n=2)
    with pytest.raises(ValueError, match="allocation is 'best'; pass one of"):
        stratified_sample(frame, "g", n=2, allocation="best")
    with pytest.raises(ValueError, match="allocation='neyman' needs the column"):
        stratified_sample(frame, "g", n=2, allocation="neyman")
    with pytest.raises(ValueError, match="frame has no rows"):
        stratified_sample(frame.head(0), "g", n=2)
    with pytest.raises(ValueError, match="'share', a name the report uses itself"):
        stratified_sample(frame.rename(columns={"g": "share"}), "share", n=2)


def test_wrong_targets():
    frame = table(a=5, b=5).assign(y=[1.0] * 4 + [np.nan] + [2.0] * 5, t="late")
    call = {"by": "g", "n": 4, "allocation": "neyman"}
    with pytest.raises(
        ValueError, match=r"missing or infinite in 1 rows \(first at row 4"
    ):
        stratified_sample(frame, target="y", **call)
    with pytest.raises(ValueError, match="target 't' is str; pass numbers"):
        stratified_sample(frame, target="t", **call)
    with pytest.raises(KeyError, match="no column"):
        stratified_sample(frame, target="z", **call)


def test_report_shows_and_draws():
    report = stratified_sample(table(a=60, b=40), "g", n=10, random_state=0)
    text = str(report)
    assert text.startswith("Stratified sample\n=")
    assert "allocation: proportional" in text
    assert "weights" not in text.split("\n\n")[0]
    ax = report.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a"]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [40, 60])
    assert ax.get_xlabel() == "share (%)"
    assert report.to_dict()["frame"][0]["allocated"] == 6


# Quotas


def test_first_come_first_served():
    frame = pd.DataFrame({"g": list("aabbabcc"), "x": range(8)})
    report = quota_sample(frame, "g", quota=2)
    assert report.sample["x"].tolist() == [0, 1, 2, 3, 6, 7]
    assert report.frame["taken"].tolist() == [2, 2, 2]
    assert "not a random sample" in report.notes[-1]


def test_quotas_by_group_and_in_proportion():
    frame = table(a=60, b=30, c=10)
    report = quota_sample(frame, "g", n=10)
    assert report.frame["quota"].tolist() == [6, 3, 1]
    assert report.sample["x"].tolist() == [0, 1, 2, 3, 4, 5, 60, 61, 62, 90]
    named = quota_sample(frame, "g", quota={"c": 12, "a": 1})
    assert named.frame["taken"].tolist() == [1, 0, 10]
    assert named.n == 11
    assert named.notes[:2] == (
        "too few rows to fill the quota: c",
        "no quota, no row: b",
    )
    series = quota_sample(frame, "g", quota=pd.Series({"a": 1, "c": 2}))
    assert series.sample["x"].tolist() == [0, 90, 91]


def test_order_decides_who_comes_first():
    frame = pd.DataFrame({"g": list("abab"), "t": [3, 1, 2, None]})
    frame.index = [10, 11, 12, 13]
    report = quota_sample(frame, "g", quota=1, order="t")
    assert report.sample.index.tolist() == [11, 12]
    ties = quota_sample(frame.assign(t=1), "g", quota=1, order="t")
    assert ties.sample.index.tolist() == [10, 11]


def test_quota_groups_of_several_columns_and_of_missing_values():
    frame = pd.DataFrame({"a": [1, 1, 2], "b": ["x", None, "x"]})
    report = quota_sample(frame, ["a", "b"], quota={(1, None): 1, (2, "x"): 1})
    assert report.sample.index.tolist() == [1, 2]
    lone = quota_sample(frame, "b", quota={None: 1})
    assert lone.sample.index.tolist() == [1]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40), st.integers(1, 10))
@settings(max_examples=50)
def test_quota_against_a_loop(labels, quota):
    taken, left = [], dict.fromkeys("abc", quota)
    for row, label in enumerate(labels):
        if left[label]:
            left[label] -= 1
            taken.append(row)
    report = quota_sample(pd.DataFrame({"g": labels}), "g", quota=quota)
    assert report.sample.index.tolist() == taken


def test_wrong_quotas():
    frame = table(a=3, b=3)
    with pytest.raises(ValueError, match="quota is None and n is None; pass one"):
        quota_sample(frame, "g")
    with pytest.raises(KeyError, match=r"names the group 'z'; there are 'a', 'b'"):
        quota_sample(frame, "g", quota={"z": 1})
    with pytest.raises(TypeError, match=r"quota\['a'\] is 1\.5; pass a whole"):
        quota_sample(frame, "g", quota={"a": 1.5})
    with pytest.raises(ValueError, match="quota asks for no row"):
        quota_sample(frame, "g", quota={"a": 0})
    with pytest.raises(ValueError, match="n is 7, frame has 6 rows"):
        quota_sample(frame, "g", n=7)
    with pytest.raises(KeyError, match="no column"):
        quota_sample(frame, "g", n=2, order="t")


def test_quota_report_draws():
    ax = quota_sample(table(a=60, b=4), "g", quota=10).plot()
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [4, 10])
    assert ax.get_title() == "14 of 64 rows, first come first"
