"""Sampling against its peers: same law first, then the clock.

Run with ``python benchmarks/sampling.py``; under a minute on two cores.
"""

import heapq
import itertools
import math
import random
from collections import Counter

import numpy as np
import pandas as pd
from _bench import best_of, show_table, show_versions
from scipy import stats

from mlworkbench.sampling import ReservoirSampler, stratified_sample

N = 10_000_000
N_WEIGHTED = 2_000_000


def algorithm_r(stream, k, seed):
    """Vitter (1985), the textbook loop, with Python's fast generator."""
    chance = random.Random(seed).random
    reservoir = []
    for i, item in enumerate(stream):
        if i < k:
            reservoir.append(item)
        else:
            j = int(chance() * (i + 1))
            if j < k:
                reservoir[j] = item
    return reservoir


def a_res(stream, weights, k, seed):
    """Efraimidis and Spirakis (2006), one key per item."""
    chance, log = random.Random(seed).random, math.log
    heap = []
    for item, weight in zip(stream, weights, strict=True):
        entry = (log(1 - chance()) / weight, item)
        if len(heap) < k:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)
    return [item for _, item in heap]


def assert_law(draw, law, name, runs=4000):
    counts = Counter(tuple(sorted(draw(seed))) for seed in range(runs))
    assert set(counts) <= set(law), name
    expected = [runs * law[subset] for subset in law]
    p = stats.chisquare([counts[subset] for subset in law], expected).pvalue
    assert p > 1e-5, f"{name} has not the law it should have (p = {p:.2g})"


def assert_same_laws():
    subsets = list(itertools.combinations(range(6), 2))
    uniform = dict.fromkeys(subsets, 1 / len(subsets))
    weights = np.array([1.0, 2, 3, 4, 5, 6])
    successive = Counter()
    for i, j in itertools.permutations(range(6), 2):
        p = weights[i] / 21 * weights[j] / (21 - weights[i])
        successive[tuple(sorted((i, j)))] += p
    array = np.arange(6)

    def own(seed):
        return ReservoirSampler(2, random_state=seed).extend(array).sample.tolist()

    def own_weighted(seed):
        sampler = ReservoirSampler(2, weighted=True, random_state=seed)
        return sampler.extend(array, weights).sample.tolist()

    assert_law(own, uniform, "ReservoirSampler")
    assert_law(lambda s: algorithm_r(range(6), 2, s), uniform, "Algorithm R")
    assert_law(own_weighted, successive, "weighted ReservoirSampler")
    assert_law(lambda s: a_res(range(6), weights, 2, s), successive, "A-Res")


def reservoir_rows():
    array = np.arange(N)
    for k, peer_runs in ((100, 1), (10_000, 1)):
        theirs, sample = best_of(
            lambda k=k: algorithm_r(range(N), k, 0), peer_runs, warm_up=False
        )
        own, mine = best_of(lambda k=k: extend(array, k))
        assert len(mine) == len(sample) == k
        # Both means within five standard errors of the middle.
        error = N / math.sqrt(12 * k)
        assert abs(np.mean(sample) - N / 2) < 5 * error
        assert abs(mine.mean() - N / 2) < 5 * error
        yield f"{k:,} of {N:,}, array", "Algorithm R loop", theirs, own
        if k == 100:
            own, mine = best_of(lambda k=k: extend(iter(range(N)), k), 1, False)
            assert len(mine) == k
            yield f"{k:,} of {N:,}, iterator", "Algorithm R loop", theirs, own


def extend(items, k):
    return ReservoirSampler(k, random_state=0).extend(items).sample


def weighted_rows():
    array = np.arange(N_WEIGHTED)
    weights = np.random.default_rng(0).lognormal(size=N_WEIGHTED)
    listed = weights.tolist()
    k = 100
    theirs, sample = best_of(
        lambda: a_res(range(N_WEIGHTED), listed, k, 0), 1, warm_up=False
    )
    own, mine = best_of(
        lambda: (
            ReservoirSampler(k, weighted=True, random_state=0)
            .extend(array, weights)
            .sample
        )
    )
    # The items kept have weights around Σw²/Σw, in both.
    expected = np.square(weights).sum() / weights.sum()
    for found in (sample, mine):
        assert len(found) == k
        assert 0.4 * expected < weights[found].mean() < 2.5 * expected
    yield f"{k} of {N_WEIGHTED:,}, weighted", "A-Res loop", theirs, own
    frame = pd.DataFrame({"x": array})
    theirs, _ = best_of(lambda: frame.sample(k, weights=weights, random_state=0))
    yield f"{k} of {N_WEIGHTED:,}, weighted", "DataFrame.sample", theirs, own


def stratified_rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"g": rng.integers(500, size=1_000_000), "x": rng.normal(size=1_000_000)}
    )
    theirs, sample = best_of(lambda: frame.groupby("g").sample(20, random_state=0))
    own, report = best_of(
        lambda: stratified_sample(
            frame, "g", n=10_000, allocation="equal", random_state=0
        )
    )
    counts = [part["g"].value_counts().sort_index() for part in (sample, report.sample)]
    pd.testing.assert_series_equal(*counts)
    yield "20 of each of 500 strata, 1,000,000 rows", "groupby.sample", theirs, own


def main():
    show_versions("mlworkbench", "numpy", "pandas", "scipy")
    assert_same_laws()
    print("Same laws (chi-square over all subsets of a small case).\n")
    rows = [*reservoir_rows(), *weighted_rows(), *stratified_rows()]
    show_table(rows)
    for task, peer, theirs, own in rows:
        if peer.endswith("loop"):
            print(f"{task}: {own / theirs:.2%} of the time of the {peer}")
    print("\nstratified_sample is not meant to beat groupby.sample, but to share out.")


if __name__ == "__main__":
    main()
