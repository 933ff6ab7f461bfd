"""Thresholds against scikit-learn: same table first, then the clock.

Run with ``python benchmarks/imbalance.py``; about a minute on two cores.
"""

import time

import numpy as np
from _bench import best_of, show_table, show_versions
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix_at_thresholds,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import TunedThresholdClassifierCV

from mlworkbench.imbalance import cost_scorer, expected_cost, threshold_report

N = 1_000_000
COSTS = [[0, 1], [50, 0]]
CALLED = 20  # thresholds at which scikit-learn's metrics are called
METRICS = ("precision", "recall", "f1", "cost")


def make_scores(n=N, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.3, 8, n)
    return (rng.random(n) < p).astype(int), p


def own(y, p, **options):
    return threshold_report(y, p, COSTS, random_state=0, **options)


def metrics_at(y, p, thresholds):
    """Call scikit-learn's metrics, and the mean cost, at each threshold."""
    table = []
    for threshold in thresholds:
        said = (p >= threshold).astype(int)
        table.append(
            (
                precision_score(y, said, zero_division=np.nan),
                recall_score(y, said),
                f1_score(y, said),
                expected_cost(y, said, COSTS),
            )
        )
    return np.array(table)


def metrics_from_counts(y, p):
    """The same from scikit-learn's counts at all thresholds."""
    _, fp, fn, tp, thresholds = confusion_matrix_at_thresholds(y, p)
    f1 = 2 * tp / (2 * tp + fp + fn)
    cost = (fp + 50 * fn) / len(y)
    table = np.column_stack([tp / (tp + fp), tp / (tp + fn), f1, cost])
    return thresholds, table, roc_auc_score(y, p), average_precision_score(y, p)


def assert_same(y, p):
    report = own(y, p, n_boot=0)
    frame = report.frame
    places = np.linspace(1, len(frame) - 1, 8).astype(int)
    theirs = metrics_at(y, p, frame["threshold"].iloc[places])
    mine = frame[list(METRICS)].to_numpy()
    np.testing.assert_allclose(mine[places], theirs, rtol=1e-12)
    thresholds, table, auc, ap = metrics_from_counts(y, p)
    at = np.searchsorted(-thresholds, -frame["threshold"][1:])
    np.testing.assert_allclose(mine[1:], table[at], rtol=1e-9)
    best = report.optima.set_index("criterion")
    np.testing.assert_allclose(best.loc["f1", "value"], table[:, 2].max(), rtol=1e-12)
    np.testing.assert_allclose(best.loc["cost", "value"], table[:, 3].min(), rtol=1e-12)
    np.testing.assert_allclose(report.roc_auc, auc, rtol=0, atol=1e-12)
    np.testing.assert_allclose(report.average_precision, ap, rtol=0, atol=1e-12)


def report_rows(y, p):
    frame = own(y, p, n_boot=0).frame
    some = (
        frame["threshold"]
        .iloc[np.linspace(1, len(frame) - 1, CALLED).astype(int)]
        .tolist()
    )
    start = time.perf_counter()
    metrics_at(y, p, some)
    each = (time.perf_counter() - start) / CALLED
    task = f"{N:,} scores"
    bare, _ = best_of(lambda: own(y, p, n_boot=0))
    banded, report = best_of(lambda: own(y, p))
    folded, _ = best_of(lambda: own(y, p, cv=5))
    kept = len(report.frame)
    called = f"metrics called at {kept} thresholds*"
    yield f"{task}, no bands", called, each * kept, bare
    yield f"{task}, bands", f"{called}, no bands", each * kept, banded
    yield f"{task}, bands, 5 folds", f"{called}, no bands", each * kept, folded
    theirs, _ = best_of(lambda: metrics_from_counts(y, p))
    yield f"{task}, no bands", "confusion_matrix_at_thresholds", theirs, bare


def tuned_rows(n=2000):
    """Peer's search over all thresholds of a model that costs nothing to fit."""
    y, p = make_scores(n)
    X = np.log(p / (1 - p)).reshape(-1, 1)
    model = LogisticRegression().fit(X, y)
    prob = model.predict_proba(X)[:, 1]
    tuned = TunedThresholdClassifierCV(
        model,
        scoring=cost_scorer(COSTS),
        thresholds=np.unique(prob),
        cv="prefit",
        refit=False,
    )
    theirs, _ = best_of(lambda: tuned.fit(X, y), 1, warm_up=False)
    mine, report = best_of(lambda: own(y, prob, n_boot=0))
    best = report.optima.set_index("criterion").loc["cost", "value"]
    np.testing.assert_allclose(-tuned.best_score_, best, rtol=1e-12)
    yield f"{n:,} scores, best of all", "TunedThresholdClassifierCV", theirs, mine


def main():
    show_versions("mlworkbench", "numpy", "pandas", "scikit-learn")
    y, p = make_scores()
    assert_same(y, p)
    print("Same measures, optima, ROC AUC and average precision.\n")
    rows = [*report_rows(y, p), *tuned_rows()]
    show_table(rows)
    print(
        f"* precision_score, recall_score, f1_score and expected_cost, timed at "
        f"{CALLED}\n  thresholds and multiplied. confusion_matrix_at_thresholds gives "
        "counts at all\n  thresholds too; the report adds optima, break-even and a "
        "table cut to size.\n"
    )
    seconds = rows[1][-1]
    word = "under" if seconds < 1 else "NOT under"
    print(f"{N:,} scores with bands: {seconds:.2f} s, {word} 1 s")


if __name__ == "__main__":
    main()
