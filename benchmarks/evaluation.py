"""Evaluation helpers against their peers: same answer, then the clock.

Run with ``python benchmarks/evaluation.py`` where the bench extra is installed;
about two minutes on two cores. ``python benchmarks/evaluation.py slices`` runs
one part.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd
from _bench import best_of, show_table, show_versions
from threadpoolctl import threadpool_limits

from mlworkbench.evaluation import find_slices, invariance_test, slice_metrics


def levels_and_errors(n, p, d=8, seed=0):
    """Columns of d levels; one pair of levels has 6 times the errors."""
    rng = np.random.default_rng(seed)
    X = rng.integers(1, d + 1, (n, p))
    bad = (X[:, 1] == 2) & (X[:, 3] == 1)
    return X, (rng.random(n) < np.where(bad, 0.9, 0.15)).astype(float)


def by_sliceline(X, errors, min_support):
    from sliceline.slicefinder import Slicefinder

    options = {"alpha": 0.95, "k": 10, "max_l": 3, "verbose": False}
    finder = Slicefinder(min_sup=min_support, **options).fit(X, errors)
    return [one["slice_score"] for one in finder.top_slices_statistics_]


def slices_rows():
    X, errors = levels_and_errors(30_000, 12)
    for share, runs in ((0.01, 1), (0.1, 3)):
        theirs, peer = best_of(
            lambda share=share: by_sliceline(X, errors, round(share * len(X))), runs
        )
        own, result = best_of(
            lambda share=share: find_slices(X, errors, min_support=share)
        )
        scores = result.frame["score"].to_numpy()
        assert len(scores)
        np.testing.assert_allclose(scores, peer[: len(scores)], rtol=1e-9)
        yield f"slices of 30,000 × 12, support {share:.0%}", "sliceline", theirs, own


def slices_in_wide_small_tables(problems=300):
    """Count wrong answers where columns, one-hot coded, outnumber the rows."""
    wrong, mean_of = 0, {"k": 4, "max_level": 2, "min_support": 2, "alpha": 0.8}
    for seed in range(problems):
        rng = np.random.default_rng(seed)
        X = rng.integers(1, 5, (24, 12))
        errors = rng.exponential(size=24)
        mine = find_slices(X, errors, **mean_of).frame["score"].to_numpy()
        from sliceline.slicefinder import Slicefinder

        options = {"alpha": 0.8, "k": 4, "max_l": 2, "min_sup": 2, "verbose": False}
        finder = Slicefinder(**options).fit(X, errors)
        theirs = [one["slice_score"] for one in finder.top_slices_statistics_]
        every = brute_force(X, errors, 2, 0.8)[:4]
        np.testing.assert_allclose(mine, every, rtol=1e-9)
        same = len(theirs) >= len(every) and np.allclose(theirs[: len(every)], every)
        wrong += not same
    print(f"24 rows × 12 columns, {problems} problems, wrong best four of brute force:")
    print(f"find_slices 0 · sliceline {wrong}\n")


def brute_force(X, errors, min_rows, alpha):
    """Score every slice of one or two conditions, best first."""
    n, p = X.shape
    masks = [X[:, c] == v for c in range(p) for v in np.unique(X[:, c])]
    owner = [c for c in range(p) for _ in np.unique(X[:, c])]
    pairs = [
        a & b
        for i, a in enumerate(masks)
        for j, b in enumerate(masks[:i])
        if owner[i] != owner[j]
    ]
    every = np.array(masks + pairs, dtype=float)
    every = every[every.sum(axis=1) >= min_rows]
    size = every.sum(axis=1)
    worse = every @ errors / size / errors.mean() - 1
    score = alpha * worse - (1 - alpha) * (n / size - 1)
    return np.sort(score[score > 1e-9])[::-1]


def slices_of_a_large_table():
    """The size on which the peer needed more than 20 GB."""
    X, errors = levels_and_errors(50_000, 14)
    table = pd.DataFrame(X).add_prefix("x")
    start = time.perf_counter()
    result = find_slices(table, errors)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    peak = peak / 1024 if sys.platform == "darwin" else peak
    print(f"50,000 × 14 × 8 levels: {took:.2f} s, {result.n_slices:,} slices with")
    print(f"enough rows; the process has used {peak:.2f} GB at most\n")


def slices():
    slices_of_a_large_table()  # first, so that the peak is its own
    yield from slices_rows()
    slices_in_wide_small_tables()


def calibration():
    from calibration_errors import rows  # netcal brings torch

    return rows()


def loans(n, levels=11, seed=0):
    """Rows with a column that should not matter, and a model that looks at it."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    X["group"] = rng.integers(0, levels, n)
    effect = rng.normal(0, 0.3, levels)

    def predict(X):
        score = X["a"].to_numpy() - X["b"].to_numpy() + effect[X["group"].to_numpy()]
        p = 1 / (1 + np.exp(-score))
        return np.column_stack([1 - p, p])

    return X, predict


def expect_same_label(before, after, tolerance):
    """Judge one copy as CheckList's expectation of invariance does."""
    label = np.argmax(before)
    if np.argmax(after) == label:
        return True
    return bool(abs(after[label] - before[label]) <= tolerance)


def invariance_by_loops(predict, X, column, tolerance, one_call):
    """Judge case by case: all predicted in one call, or each case in its own."""
    values = sorted(X[column].unique())
    cases = []
    for _, row in X.iterrows():
        record = row.to_dict()
        copies = [record | {column: v} for v in values if v != record[column]]
        cases.append([record, *copies])
    if one_call:
        flat = pd.DataFrame([row for case in cases for row in case]).astype(X.dtypes)
        answers = iter(predict(flat))
        predicted = [[next(answers) for _ in case] for case in cases]
    else:
        predicted = [predict(pd.DataFrame(case).astype(X.dtypes)) for case in cases]
    passed = [
        all(expect_same_label(case[0], copy, tolerance) for copy in case[1:])
        for case in predicted
    ]
    return passed.count(False)


def behaviour():
    for n, one_call, how in (
        (20_000, True, "a loop over cases, one predict"),
        (2_000, False, "a loop over cases, predict each"),
    ):
        X, predict = loans(n)
        theirs, failed = best_of(
            lambda X=X, predict=predict, one_call=one_call: invariance_by_loops(
                predict, X, "group", 0.05, one_call
            ),
            1,
        )
        own, report = best_of(
            lambda X=X, predict=predict: invariance_test(
                predict, X, swap="group", tolerance=0.05
            )
        )
        assert report.n_failed == failed > 0
        yield f"invariance, {n:,} rows × 10 copies", how, theirs, own


def answers_by_group(n, groups, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    said = np.where(rng.random(n) < 0.8, y, 1 - y)
    return y, said, rng.integers(0, groups, n)


def by_metric_frame(y, said, group, **options):
    import sklearn.metrics as sm
    from fairlearn.metrics import MetricFrame

    functions = {
        "accuracy": sm.accuracy_score,
        "precision": sm.precision_score,
        "recall": sm.recall_score,
        "f1": sm.f1_score,
    }
    return MetricFrame(
        metrics=functions, y_true=y, y_pred=said, sensitive_features=group, **options
    )


def metrics():
    """Four metrics by slice, then one resample of all of them."""
    names = ["accuracy", "precision", "recall", "f1"]
    data = answers_by_group(500_000, 1_000)
    theirs, peer = best_of(lambda: by_metric_frame(*data), 1, warm_up=False)
    own, report = best_of(lambda: slice_metrics(*data, metrics=names))
    found = report.frame.pivot(index="slice", columns="metric", values="value")
    np.testing.assert_allclose(found[names], peer.by_group[names], rtol=0, atol=1e-12)
    yield "4 metrics, 500,000 rows × 1,000 slices", "fairlearn", theirs, own

    data, draws, more = answers_by_group(20_000, 20), 40, 4_000
    band = {"n_boot": draws, "ci_quantiles": [0.025, 0.975], "random_state": 0}
    plain, _ = best_of(lambda: by_metric_frame(*data), 1)
    theirs, peer = best_of(lambda: by_metric_frame(*data, **band), 1, warm_up=False)
    own_plain, _ = best_of(lambda: slice_metrics(*data, metrics=names))
    own, report = best_of(
        lambda: slice_metrics(*data, metrics=names, n_boot=more, random_state=0)
    )
    for end, ends in zip(("low", "high"), peer.by_group_ci, strict=True):
        mine = report.frame.pivot(index="slice", columns="metric", values=end)[names]
        value = report.frame.pivot(index="slice", columns="metric", values="value")
        half = (mine - value[names]).abs()
        # the outer draws of 40: two thirds off at most, 0.2 on average
        off = (mine - ends[names]).abs() / half
        assert off.to_numpy().max() < 1.2, off.to_numpy().max()
        assert off.to_numpy().mean() < 0.3, off.to_numpy().mean()
    theirs, own = (theirs - plain) / draws, (own - own_plain) / more
    print(f"a resample of 20,000 rows, 20 slices: {theirs * 1e3:.1f} ms by fairlearn,")
    print(f"{own * 1e6:.1f} µs here: {theirs / own:,.0f} times\n")
    yield "one resample, 20,000 rows × 20 slices", "fairlearn", theirs, own


PARTS = {
    "behaviour": behaviour,
    "slices": slices,
    "metrics": metrics,
    "calibration": calibration,
}


def main():
    show_versions("numpy", "pandas", "scikit-learn", "sliceline", "fairlearn")
    wanted = sys.argv[1:] or list(PARTS)
    with threadpool_limits(1):
        rows = [row for name in wanted for row in PARTS[name]()]
    if rows:
        show_table(rows)


if __name__ == "__main__":
    main()
