"""Finding slices: exact against brute force, honest about chance, readable."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from mlworkbench import datasets
from mlworkbench.evaluation import find_slices
from mlworkbench.evaluation._slice_bins import make_axes
from mlworkbench.evaluation._slice_predicates import holds_all
from mlworkbench.evaluation._slice_search import SliceSearch, slice_score
from mlworkbench.evaluation._slice_tests import worse_p_values


def score_of(errors, mask, alpha):
    """SliceLine's score, as the paper writes it."""
    n, size = len(errors), mask.sum()
    relative = errors[mask].sum() / size / (errors.sum() / n)
    return alpha * (relative - 1) - (1 - alpha) * (n / size - 1)


def all_scores(values, errors, *, max_level, min_rows, alpha):
    """Score every slice of a table of levels, by masks: {conditions: score}."""
    found = {}
    for level in range(1, max_level + 1):
        for columns in combinations(range(values.shape[1]), level):
            domains = [np.unique(values[:, c]) for c in columns]
            for picks in product(*domains):
                mask = np.all(values[:, columns] == picks, axis=1)
                if mask.sum() >= min_rows:
                    key = tuple(zip(columns, map(int, picks), strict=True))
                    found[key] = score_of(errors, mask, alpha)
    return found


def random_problem(seed):
    """Small tables, a third of them wider than long when one-hot coded."""
    rng = np.random.default_rng(seed)
    wide = seed % 3 == 0
    n = int(rng.integers(20, 31) if wide else rng.integers(30, 200))
    p = int(rng.integers(8, 11) if wide else rng.integers(1, 6))
    values = rng.integers(0, rng.integers(2, 6, p), (n, p))
    errors = rng.random(n) < 0.3 if seed % 2 else rng.exponential(size=n)
    settings = {
        "k": int(rng.choice([1, 4, 10])),
        "max_level": int(rng.integers(1, 3 if wide else 4)),
        "min_support": int(rng.integers(1, 6)),
        "alpha": float(rng.choice([0.6, 0.8, 0.95, 1.0])),
    }
    return values, np.asarray(errors, dtype=float), settings


@pytest.mark.parametrize("block", range(10))
def test_the_best_slices_are_those_of_brute_force(block):
    searched = 0
    for seed in range(30 * block, 30 * block + 30):
        values, errors, options = random_problem(seed)
        if not errors.any() or any(len(np.unique(c)) == 1 for c in values.T):
            continue
        searched += 1
        limits = {"max_level": options["max_level"], "alpha": options["alpha"]}
        limits["min_rows"] = options["min_support"]
        every = all_scores(values, errors, **limits)
        result = find_slices(values, errors, **options)
        best = sorted((s for s in every.values() if s > 1e-9), reverse=True)
        best = best[: options["k"]]
        assert_allclose(result.frame["score"], best, rtol=1e-9, atol=1e-12)
        assert result.n_slices == len(every)
        for i, score in enumerate(result.frame["score"]):
            assert_allclose(score_of(errors, result.mask(i), options["alpha"]), score)
        assert result.frame["slice"].is_unique
        axes, _ = make_axes(pd.DataFrame(values), 10, limits["min_rows"], 3)
        if axes:
            pruned = SliceSearch(axes, errors, k=options["k"], prune=True, **limits)
            assert_allclose([found.score for found in pruned.run()], best)
            assert pruned.n_slices >= len(every)
    assert searched > 25


@pytest.mark.parametrize("seed", range(6))
def test_ranges_are_searched_as_if_every_one_had_been_tried(seed):
    rng = np.random.default_rng(seed)
    n = 90
    frame = pd.DataFrame({"c": rng.integers(0, 3, n), "x": rng.normal(size=n)})
    frame["x"] = frame["x"].mask(rng.random(n) < 0.2)
    frame["i"] = rng.integers(0, 40, n)
    errors = rng.exponential(size=n)
    axes, _ = make_axes(frame, 4, 3, 3)
    assert [axis.member is None for axis in axes] == [True, False, False]
    groups, counted = {}, 0
    for level in (1, 2, 3):
        for columns in combinations(range(3), level):
            for picks in product(*[range(len(axes[c].predicates)) for c in columns]):
                chosen = [
                    axes[c].predicates[p] for c, p in zip(columns, picks, strict=True)
                ]
                mask = holds_all(tuple(chosen), frame)
                if mask.sum() < 3:
                    continue
                counted += 1
                key = [(p.column, p.test == "range" or str(p)) for p in chosen]
                score = score_of(errors, mask, 0.9)
                groups[tuple(key)] = max(score, groups.get(tuple(key), 0.0))
    best = sorted((s for s in groups.values() if s > 1e-9), reverse=True)[:8]
    options = {"alpha": 0.9, "min_support": 3, "n_bins": 4, "k": 8}
    result = find_slices(frame, errors, **options)
    assert_allclose(result.frame["score"], best)
    assert result.n_slices == counted


def test_the_score_is_that_of_the_paper():
    # 20 rows with 4 errors; a slice of 5 rows with 3 of them has 3 times the
    # average error and a quarter of the rows: .95 · 2 - .05 · 3.
    assert_allclose(slice_score(5, 3, 20, 0.2, 0.95), 0.95 * 2 - 0.05 * 3)
    assert_allclose(slice_score(20, 4, 20, 0.2, 0.95), 0)


SLICELINE = ["x0 = 2 and x2 = 3", "x0 = 2 and x1 = 2", "x2 = 3", "x0 = 2"]
SLICELINE_SCORES = [1.2538461538461534, 0.4703703703703699]
SLICELINE_SCORES += [0.4139534883720929, 0.40467289719626154]


def test_same_slices_as_sliceline():
    # sliceline 0.3.0: Slicefinder(alpha=.95, k=4, max_l=2, min_sup=20).fit(X, e)
    # on these rows gives this top_slices_ and slice_score.
    rng = np.random.default_rng(7)
    X = rng.integers(1, 5, (400, 4))
    errors = (rng.random(400) < np.where((X[:, 0] == 2) & (X[:, 2] == 3), 0.8, 0.2)) * 1
    result = find_slices(X, errors, k=4, max_level=2, min_support=20)
    assert result.frame["slice"].tolist() == SLICELINE
    assert_allclose(result.frame["score"], SLICELINE_SCORES, rtol=1e-9)


@pytest.fixture(scope="module")
def flights():
    frame = datasets.load("flights").frame
    frame = frame[frame["arr_delay"].notna()]
    columns = ["month", "carrier", "origin", "dest", "hour", "distance"]
    return frame[columns].sample(30_000, random_state=0).reset_index(drop=True)


def test_a_slice_planted_in_real_flights_comes_first(flights):
    rng = np.random.default_rng(0)
    bad = ((flights["carrier"] == "EV") & (flights["hour"] >= 16)).to_numpy()
    errors = rng.random(len(bad)) < np.where(bad, 0.45, 0.15)
    result = find_slices(flights, errors, holdout=0.3, random_state=0)
    assert result.frame.loc[0, "slice"] == "carrier = EV and hour ≥ 16"
    assert result.frame.loc[0, ["significant", "confirmed"]].all()
    assert_allclose(result.mask(0), bad)
    text = result.describe(0)
    assert text.startswith("carrier = EV and hour ≥ 16: 1,")
    assert "\nSignificant: p < 0.001, corrected for" in text
    assert "\nConfirmed on" in text


def test_planted_slices_are_found_in_mortgages():
    frame = datasets.load("hmda").frame.drop(columns="deny")
    choices = [("single", True), ("condomin", True), ("selfemp", True), ("chist", 2)]
    choices += [("mhist", 1), ("afam", True), ("phist", True)]
    tried = found = 0
    for seed, ((one, a), (two, b)) in enumerate(combinations(choices, 2)):
        bad = ((frame[one] == a) & (frame[two] == b)).to_numpy()
        if bad.mean() < 0.03:
            continue
        tried += 1
        rng = np.random.default_rng(seed)
        errors = rng.random(len(bad)) < np.where(bad, 0.45, 0.1)
        result = find_slices(frame, errors)
        first = result.mask(0)
        pure = (first & bad).sum() / first.sum() > 0.8
        overlap = (first & bad).sum() / (first | bad).sum() > 0.5
        found += bool(pure and overlap and result.frame.loc[0, "significant"])
    assert tried >= 8
    assert found >= 0.9 * tried


LOSSES = {
    "few errors": lambda rng, n: rng.random(n) < 0.05,
    "many errors": lambda rng, n: rng.random(n) < 0.9,
    "skewed": lambda rng, n: rng.lognormal(0, 1.5, n),
    "skewed to the left": lambda rng, n: np.sqrt(rng.random(n)),
}


@pytest.mark.parametrize("losses", LOSSES)
def test_without_a_planted_slice_nothing_is_significant(losses):
    # 50 runs per shape; 200 of each were counted once: at most NULL_RUNS.
    searched = confirmed = shown = 0
    for seed in range(50):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame(rng.integers(0, 4, (300, 8)))
        X["x"] = rng.normal(size=300)
        errors = LOSSES[losses](rng, 300)
        options = {"min_support": 5, "alpha": 0.99, "holdout": 0.4, "max_level": 2}
        table = find_slices(X, errors, random_state=seed, **options).frame
        searched += table["significant"].any()
        confirmed += table["confirmed"].any()
        shown += len(table)
    assert shown > 100  # there was something to be fooled by
    assert searched <= 4
    assert confirmed <= 4


def test_every_slice_looked_at_is_paid_for():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(0, 4, (500, 8)))
    errors = rng.random(500) < 0.2
    result = find_slices(X, errors, alpha=1.0, min_support=10, correction="bonferroni")
    table = result.frame
    assert result.n_slices > 1000
    wanted = np.minimum(1, table["p_value"] * result.n_slices)
    assert_allclose(table["p_adjusted"], wanted)
    assert table["p_value"].max() < 0.05  # each alone would look convincing
    assert not table["significant"].any()
    for i in range(len(table)):
        mask = result.mask(i)
        hits = int(errors[mask].sum())
        other = [mask.sum() - hits, (~mask).sum() - errors[~mask].sum()]
        counts = [[hits, errors[~mask].sum()], other]
        exact = stats.fisher_exact(counts, alternative="greater").pvalue
        assert_allclose(table.loc[i, "p_value"], 2 * exact)


def test_other_losses_are_tested_by_welch_at_least():
    rng = np.random.default_rng(0)
    errors = rng.exponential(size=4000)
    masks = rng.random((40, 4000)) < rng.choice([0.002, 0.02, 0.4], (40, 1))
    p_values = worse_p_values(errors, masks)
    for mask, p in zip(masks, p_values, strict=True):
        test = stats.ttest_ind(
            errors[mask], errors[~mask], equal_var=False, alternative="greater"
        )
        assert p >= min(1, 2 * test.pvalue) * (1 - 1e-9)
    errors[masks[3]] *= 4
    assert worse_p_values(errors, masks)[3] < 1e-3


def test_a_handful_of_equal_losses_is_not_proof():
    # Welch sees three rows without spread and says p = 0; one row in ten has
    # this loss, so three at random have it in one case of a thousand.
    errors = np.where(np.arange(1000) % 10 == 0, 1.0, 0.5)
    mask = np.isin(np.arange(1000), [0, 10, 20])[None]
    assert 5e-4 < worse_p_values(errors, mask)[0] < 5e-3


@pytest.mark.parametrize("name", ["exponential", "left", "lognormal"])
def test_p_values_of_random_rows_are_not_too_small(name):
    rng = np.random.default_rng(1)
    draw = {
        "exponential": rng.exponential(size=600),
        "left": np.sqrt(rng.random(600)),
        "lognormal": rng.lognormal(0, 2, 600),
    }
    masks = np.zeros((600, 600), dtype=bool)
    for row, size in zip(masks, rng.integers(2, 60, 600), strict=True):
        row[rng.choice(600, size, replace=False)] = True
    p_values = worse_p_values(draw[name], masks)
    assert (p_values <= 0.05).mean() < 0.05
    assert (p_values <= 0.01).mean() < 0.01


def test_condensed_losses_bound_what_all_of_them_bound():
    rng = np.random.default_rng(0)
    errors = rng.exponential(size=20_000)
    mask = rng.random(20_000) < 0.05
    errors[mask] *= 1.3
    from mlworkbench.evaluation._slice_tests import _chernoff, _condense

    full = _chernoff(errors, np.full(20_000, 1 / 20_000), errors[mask])
    short = _chernoff(*_condense(errors), errors[mask])
    assert full <= short * (1 + 1e-6)
    assert short <= 1.2 * full


def planted(n=2000, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"town": rng.choice(["Ulm", "Rom"], n), "age": rng.normal(size=n)})
    bad = (X["town"] == "Ulm") & (X["age"] >= 0.5)
    return X, (rng.random(n) < np.where(bad, 0.7, 0.1)).astype(float)


def test_the_report_says_what_is_shown():
    X, errors = planted()
    result = find_slices(X, errors, holdout=planted(seed=1), k=3)
    text = str(result)
    assert "3 of 3 slices are worse than chance explains, with" in text
    assert "slices are confirmed on held-out rows" in text
    assert "town = Ulm and age ≥ 0.5" in text
    assert "held-out error" in text
    assert "p_value" not in text
    assert "rows searched: 2,000, average error" in text
    assert "a slice has at least 20 rows" in text
    assert "<0.001" in text
    assert result.to_dict()["facts"]["n_rows"] == 2000
    assert "chosen for their errors" not in text
    assert "chosen for their errors" in str(find_slices(X, errors))
    nothing = find_slices(X, np.ones(len(X)))
    assert "no slice is worse than average by enough" in str(nothing)
    assert nothing.notes == ("all errors are equal: there is nothing to find",)
    assert len(nothing.frame) == 0
    with pytest.raises(IndexError, match="there are 0 slice"):
        nothing.mask(0)
    with pytest.raises(IndexError, match="i is 3; there are 3"):
        result.describe(3)


def test_a_slice_that_adds_no_rows_is_named():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(0, 3, 600), "b": rng.integers(0, 2, 600)})
    X["copy of a"] = X["a"] * 10
    errors = rng.random(600) < np.where(X["a"] == 1, 0.6, 0.1)
    result = find_slices(X, errors, k=3)
    names = ["a = 1", "copy of a = 10", "a = 1 and copy of a = 10"]
    assert result.frame["slice"].tolist() == names
    assert result.frame["new_rows"].tolist() == [result.mask(0).sum(), 0, 0]
    assert any(
        "slices 1, 2: all rows are in the slices above" in note for note in result.notes
    )
    assert "All its rows are in the slices above it." in result.describe(2)


def test_holdout_shares_and_other_rows():
    X, errors = planted()
    share = find_slices(X, errors, holdout=0.25, random_state=3)
    assert share.n_rows == 1500
    assert len(share.mask(0)) == 2000
    total = share.frame["rows"] + share.frame["holdout_rows"]
    assert share.mask(0).sum() == total[0]
    again = find_slices(X, errors, holdout=0.25, random_state=3)
    pd.testing.assert_frame_equal(share.frame, again.frame)
    other, losses = planted(seed=5)
    held = find_slices(X, errors, holdout=(other, losses))
    mask = held.mask(0, other)
    assert_allclose(held.frame.loc[0, "holdout_rows"], mask.sum())
    assert_allclose(held.frame.loc[0, "holdout_error"], losses[mask].mean())
    empty = find_slices(X, errors, holdout=(other.assign(town="Rom"), losses))
    assert not empty.frame.loc[0, "confirmed"]
    assert "Not confirmed: none of the held-out rows is in it." in empty.describe(0)


def slices_of(column, bad, **options):
    """Search one column in which some rows are bad."""
    errors = np.random.default_rng(0).random(len(bad)) < np.where(bad, 0.9, 0.1)
    frame = column.to_frame() if isinstance(column, pd.Series) else column
    return find_slices(frame, errors, **options)


def test_numbers_are_read_as_ranges_with_few_digits():
    rng = np.random.default_rng(0)
    n = 3000
    age = pd.Series(rng.integers(18, 90, n), name="age")
    assert slices_of(age, age >= 75).frame.loc[0, "slice"] == "age ≥ 75"
    assert slices_of(age, age <= 24).frame.loc[0, "slice"] == "age ≤ 24"
    middle = slices_of(age, (age >= 40) & (age < 55)).frame.loc[0, "slice"]
    assert middle == "40 ≤ age ≤ 54"
    ratio = pd.Series(rng.random(n), name="ratio")
    assert slices_of(ratio, ratio < 0.2).frame.loc[0, "slice"] == "ratio < 0.2"
    some = slices_of(ratio, (ratio >= 0.5) & (ratio < 0.7)).frame.loc[0, "slice"]
    assert some == "0.5 ≤ ratio < 0.7"
    few = pd.Series(rng.integers(0, 4, n) / 2, name="half")
    assert slices_of(few, few == 1.5).frame.loc[0, "slice"] == "half = 1.5"
    short = few.mask(few == 1.5, 3.9).astype("float32")
    assert slices_of(short, few == 1.5).frame.loc[0, "slice"] == "half = 3.9"
    zeros = pd.Series(np.where(rng.random(n) < 0.6, 0, rng.integers(1, 99, n)))
    assert slices_of(zeros, zeros == 0, alpha=1.0).frame.loc[0, "slice"] == "x0 = 0"
    negative = pd.Series(-rng.exponential(size=n), name="z")
    assert "z < -" in slices_of(negative, negative < -2).frame.loc[0, "slice"]


def test_missing_values_truth_values_and_infinity():
    rng = np.random.default_rng(0)
    n = 2000
    income = pd.Series(rng.lognormal(10, 1, n), name="income")
    gone = rng.random(n) < 0.2
    result = slices_of(income.mask(gone), gone)
    assert result.frame.loc[0, "slice"] == "income is missing"
    assert_allclose(result.mask(0), gone)
    town = pd.Series(rng.choice(["a", "b", None], n), name="town")
    assert slices_of(town, town.isna()).frame.loc[0, "slice"] == "town is missing"
    flag = pd.Series(rng.random(n) < 0.3, name="own")
    assert slices_of(flag, flag).frame.loc[0, "slice"] == "own = True"
    maybe = flag.astype("boolean").mask(gone)
    assert slices_of(maybe, gone).frame.loc[0, "slice"] == "own is missing"
    counts = pd.Series(rng.integers(0, 99, n), name="c", dtype="Int64").mask(gone)
    assert slices_of(counts, gone).frame.loc[0, "slice"] == "c is missing"
    endless = income.mask(gone, np.inf)
    assert slices_of(endless, gone).frame.loc[0, "slice"].startswith("income ≥")
    assert slices_of(endless, gone).mask(0)[gone].all()


def test_times_and_lengths_of_time():
    rng = np.random.default_rng(0)
    days = pd.Series(
        pd.Timestamp(2024, 1, 1)
        + pd.to_timedelta(rng.integers(0, 366 * 24, 4000), "h"),
        name="when",
    )
    summer = (days >= "2024-06-01") & (days < "2024-09-01")
    name = slices_of(days, summer).frame.loc[0, "slice"]
    assert name.startswith("2024-0")
    assert " ≤ when < 2024-0" in name
    assert ":" not in name
    local = days.dt.tz_localize(
        "America/New_York", nonexistent="shift_forward", ambiguous=True
    )
    assert slices_of(local, summer).frame.loc[0, "slice"] == name
    wait = pd.Series(pd.to_timedelta(rng.integers(0, 6000, 3000), "s"), name="wait")
    long = slices_of(wait, wait >= pd.Timedelta(5400, "s")).frame.loc[0, "slice"]
    assert long == "wait ≥ 0 days 01:30:00"


def test_many_levels_and_constant_columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"tail": [f"N{i}" for i in range(2000)], "year": 2013})
    frame["dest"] = rng.choice([f"D{i:03}" for i in range(60)], 2000)
    frame["kind"] = pd.Categorical(rng.choice(["lo", "hi"], 2000), ["lo", "mid", "hi"])
    errors = rng.random(2000) < np.where(frame["kind"] == "hi", 0.5, 0.1)
    result = find_slices(frame, errors)
    assert result.frame.loc[0, "slice"] == "kind = hi"
    assert "one value only, so in no slice: year" in result.notes
    assert "no value has 20 rows: tail" in result.notes
    assert not result.frame["slice"].str.contains("year|tail").any()
    alone = find_slices(frame[["year"]], errors)
    assert len(alone.frame) == 0


def test_the_order_of_rows_changes_nothing():
    X, errors = planted()
    order = np.random.default_rng(0).permutation(len(X))
    one = find_slices(X, errors)
    two = find_slices(X.iloc[order], errors[order])
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert (one.mask(0)[order] == two.mask(0)).all()


def test_any_table_and_any_scale():
    X, errors = planted()
    one = find_slices(X, errors)
    two = find_slices(pa.Table.from_pandas(X), errors.tolist())
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert (two.mask(0, pa.Table.from_pandas(X)) == one.mask(0)).all()
    large = find_slices(X, errors * 1e6)
    assert large.frame["slice"].tolist() == one.frame["slice"].tolist()
    assert_allclose(large.frame["p_value"], one.frame["p_value"])
    assert_allclose(large.frame["error"], 1e6 * one.frame["error"])
    truth = find_slices(X, errors.astype(bool))
    assert_allclose(truth.frame["score"], one.frame["score"])
    mixed = X.assign(own=errors > 2).to_numpy()
    assert "x0 = Ulm" in find_slices(mixed, errors).frame.loc[0, "slice"]


def test_too_many_ranges_are_refused_or_thinned():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(400, 6)))
    errors = rng.random(400)
    thin = find_slices(X, errors, n_bins=40, max_level=2)
    assert thin.n_slices > 0
    with pytest.raises(ValueError, match="lower n_bins or max_level"):
        find_slices(X, errors, n_bins=100, max_level=5)


def test_plot_shows_both_kinds_of_rows():
    from matplotlib.figure import Figure

    X, errors = planted()
    result = find_slices(X, errors, holdout=planted(seed=1), k=4)
    ax = result.plot(Figure(layout="constrained").subplots())
    assert ax.get_title() == "3 of 3 slices are confirmed on held-out rows"
    assert ax.get_yticklabels()[0].get_text().endswith("(0)")
    labels = [line.get_label() for line in ax.lines]
    assert "held-out rows" in labels
    empty = find_slices(X, np.ones(len(X))).plot(Figure().subplots())
    assert empty.get_title() == "No slice found"
    alone = find_slices(X, errors, k=2).plot(Figure().subplots())
    assert alone.get_title() == "2 of 2 slices are worse than chance explains"


BAD = {
    "negative": ({"errors": -1.0}, ValueError, "negative values .*squared residuals"),
    "missing": ({"errors": np.nan}, ValueError, "2000 missing or infinite"),
    "k": ({"k": 0}, ValueError, "k is 0"),
    "level": ({"max_level": 0}, ValueError, "max_level is 0"),
    "alpha": ({"alpha": 1.5}, ValueError, r"alpha is 1.5; pass a number in \(0, 1\]"),
    "bins": ({"n_bins": 1}, ValueError, "n_bins is 1; pass 2 or more"),
    "share": ({"min_support": 1.0}, ValueError, "min_support is 1.0; pass a share"),
    "rows": ({"min_support": 0}, ValueError, "min_support is 0"),
    "support": ({"min_support": "1 %"}, TypeError, "min_support is '1 %'"),
    "correction": ({"correction": "fdr"}, ValueError, "one of 'bh', 'holm'"),
    "holdout": ({"holdout": 1.0}, ValueError, r"pass a share in \(0, 1\)"),
    "pair": ({"holdout": "test"}, TypeError, r"pass a tuple \(X, errors\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_said_to_be_bad(case):
    changes, kind, message = BAD[case]
    X, errors = planted()
    if "errors" in changes:
        errors = np.full(len(X), changes["errors"])
        changes = {}
    with pytest.raises(kind, match=message):
        find_slices(X, errors, **changes)


def test_bad_tables_are_said_to_be_bad():
    X, errors = planted()
    with pytest.raises(ValueError, match="lengths differ"):
        find_slices(X, errors[:-1])
    with pytest.raises(ValueError, match="different indexes"):
        find_slices(X, pd.Series(errors, index=X.index[::-1]))
    with pytest.raises(ValueError, match="y_true != y_pred"):
        find_slices(X, np.where(errors > 0, "wrong", "right"))
    with pytest.raises(ValueError, match="y_true != y_pred"):
        find_slices(X, errors * 1j)
    with pytest.raises(ValueError, match="too large to add; divide"):
        find_slices(X, np.where(errors > 0, 1e308, 0.0))
    with pytest.raises(TypeError, match="has complex numbers"):
        find_slices(X.assign(z=errors * 1j), errors)
    with pytest.raises(TypeError, match="cannot be compared"):
        find_slices(X.assign(tags=[[i] for i in range(len(X))]), errors)
    with pytest.raises(ValueError, match=r"1 row\(s\) and 2 column"):
        find_slices(X[:1], errors[:1])
    with pytest.raises(KeyError, match="holdout X has no column"):
        find_slices(X, errors, holdout=(X[["town"]], errors))
    result = find_slices(X, errors)
    with pytest.raises(KeyError, match="X has no column"):
        result.mask(0, X[["town"]])
    with pytest.raises(TypeError, match="holds numbers, the slice asks for categories"):
        result.mask(0, X.assign(town=1))
    small = find_slices(X, errors, min_support=3000)
    assert small.finding == "no slice could be looked at"
    assert small.notes[0] == (
        "no condition leaves 3,000 rows: lower min_support or add columns"
    )


def slice_of_share(share, rates, n=2000):
    """Give a table with one small group, and errors at its rate and the others'."""
    group = np.arange(n) < share * n
    errors = np.zeros(n)
    for mask, rate in zip((group, ~group), rates, strict=True):
        rows = np.flatnonzero(mask)
        errors[rows[: round(rate * len(rows))]] = 1
    return pd.DataFrame({"group": np.where(group, "new", "old")}), errors


def test_it_says_how_large_a_slice_must_be_when_none_scores():
    X, errors = slice_of_share(0.04, (0.2, 0.1))  # 1.9 times the average
    result = find_slices(X, errors)
    assert result.notes == (
        "only scores above 0 are shown: at alpha=0.95 a slice with twice the average "
        "error must hold over 5 % of the rows; raise alpha to look for smaller ones",
    )
    found = find_slices(X, errors, alpha=0.99)
    assert found.frame.loc[0, "slice"] == "group = new"
    assert not any("only scores" in note for note in found.notes)
    # The bound is the score's own zero: 5 % with twice the average error.
    n, size = 2000, 100
    assert 0.95 * (2 - 1) - 0.05 * (n / size - 1) == pytest.approx(0)
    X, errors = slice_of_share(0.02, (1.0, 0.78))
    often = find_slices(X, errors).notes[0]
    assert "the largest error in every row, 1.27 times the average, must" in often
    assert "hold over 16 % of the rows" in often
    X, errors = slice_of_share(0.5, (0.1, 0.1))
    assert find_slices(X, errors, alpha=1.0).notes == ()


def test_a_bin_with_one_value_is_that_value():
    rng = np.random.default_rng(0)
    some = rng.random(4000) < 0.3
    X = pd.DataFrame({"gain": np.where(some, rng.lognormal(6, 1, 4000).round(1), 0)})
    errors = rng.random(4000) < np.where(some, 0.05, 0.4)
    result = find_slices(X, errors)
    assert result.frame.loc[0, "slice"] == "gain = 0"
    np.testing.assert_array_equal(result.mask(0), ~some)
    fresh = pd.DataFrame({"gain": [0.0, 0.5, np.nan]})
    assert result.mask(0, fresh).tolist() == [True, False, False]
