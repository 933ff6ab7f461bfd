"""Leakage checks against what people write by hand: same answer, then the clock.

Run with ``python benchmarks/leakage.py``; about half a minute on two cores.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd
from _bench import best_of, show_table, show_versions
from sklearn.feature_selection import mutual_info_classif
from threadpoolctl import threadpool_limits

from mlworkbench import datasets
from mlworkbench.leakage import audit_split, check_duplicates, check_target

N_TRAIN, N_TEST = 100_000, 25_000
COPIED = 500


def rows_with_copies():
    """Mixed columns; 500 rows of test are rows of train."""
    rng = np.random.default_rng(0)
    n = N_TRAIN + N_TEST
    frame = pd.DataFrame(rng.normal(size=(n, 6))).add_prefix("x")
    frame["level"] = rng.integers(50, size=n)
    frame["town"] = pd.Categorical(rng.choice([f"town {i}" for i in range(30)], n))
    train, test = frame[:N_TRAIN], frame[N_TRAIN:].reset_index(drop=True)
    copies = train.sample(COPIED, random_state=0)
    test = pd.concat([test[:-COPIED], copies], ignore_index=True)
    return train, test


def by_merge(train, test):
    """What a pandas user writes: join on all columns."""
    columns = list(train.columns)
    seen = test.reset_index().merge(train.drop_duplicates(), on=columns)
    return seen["index"].nunique()


def duplicate_rows():
    train, test = rows_with_copies()
    theirs, n = best_of(lambda: by_merge(train, test))
    own, report = best_of(lambda: check_duplicates(train, test))
    assert n == COPIED == report.findings[0].n_rows
    assert report.findings[0].severity == "leak"
    yield f"rows of {N_TEST:,} in {N_TRAIN:,} × 8", "DataFrame.merge", theirs, own


def columns_that_tell(n=50_000, p=50):
    """40 numbers, some with gaps, 10 categories; x7 is the target, shaken."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=n)
    frame = pd.DataFrame(rng.normal(size=(n, p - 10))).add_prefix("x")
    frame["x3"] += 0.5 * y
    frame["x7"] = y + rng.normal(0, 0.1, n)
    frame[["x20", "x21", "x22"]] = frame[["x20", "x21", "x22"]].mask(
        rng.random((n, 3)) < 0.2
    )
    for k in range(10):
        levels = [f"level {i}" for i in range(5 * (k + 1))]
        frame[f"c{k}"] = pd.Categorical(rng.choice(levels, n))
    return frame, y


def by_mutual_information(frame, y):
    """The usual screen: codes and medians, then mutual information."""
    numbers = frame.apply(
        lambda c: c.cat.codes if c.dtype == "category" else c.fillna(c.median())
    )
    discrete = (frame.dtypes == "category").to_numpy()
    told = mutual_info_classif(numbers, y, discrete_features=discrete, random_state=0)
    return frame.columns[int(np.argmax(told))]


def target_rows():
    frame, y = columns_that_tell()
    theirs, best = best_of(lambda: by_mutual_information(frame, y), 1, warm_up=False)
    own, report = best_of(lambda: check_target(frame, y))
    graver = [f.what for f in report.findings if f.severity != "note"]
    assert best == "x7"
    assert graver == ["x7"]
    yield "50,000 × 50 mixed columns", "mutual_info_classif", theirs, own


def audit_of_flights():
    frame = datasets.load("flights").frame
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(frame))
    train, test = frame.iloc[rows[:250_000]], frame.iloc[rows[250_000:330_000]]
    start = time.perf_counter()
    report = audit_split(
        train,
        test,
        target="arr_delay",
        time="time_hour",
        groups="tailnum",
        available_at={"dep_delay": "dep_time"},
    )
    seconds = time.perf_counter() - start
    kinds = {f.kind for f in report.findings if f.severity == "leak"}
    assert kinds == {"temporal", "dependence", "illegitimate feature"}
    return seconds


def peak_memory():
    """Give the largest memory of this process in GB."""
    unit = 1e9 if sys.platform == "darwin" else 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main():
    show_versions("mlworkbench", "numpy", "pandas", "scikit-learn")
    with threadpool_limits(1):
        seconds, memory = audit_of_flights(), peak_memory()
        show_table([*duplicate_rows(), *target_rows()])
    print(
        f"audit_split, flights 250,000 / 80,000 × 19: {seconds:.1f} s, peak of the "
        f"process {memory:.2f} GB"
    )


if __name__ == "__main__":
    main()
