"""The reservoir, uniform: the law, the containers, what it refuses."""

import copy
import itertools
import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlworkbench.sampling import ReservoirSampler
from mlworkbench.sampling._plans import UniformPlan, _minus_log1mexp

GENEROUS = 1e-5  # fixed seeds: a right law fails once in 100,000 choices of seed


def algorithm_r(stream, k, rng):
    """Vitter (1985), Algorithm R, as the textbook has it: the oracle."""
    reservoir = []
    for i, item in enumerate(stream):
        if i < k:
            reservoir.append(item)
        else:
            j = int(rng.integers(i + 1))
            if j < k:
                reservoir[j] = item
    return reservoir


def subset_p_value(draw, n, k, runs):
    """Chi-square of the subsets drawn against all being equally likely."""
    counts = Counter(tuple(sorted(draw(seed))) for seed in range(runs))
    subsets = list(itertools.combinations(range(n), k))
    assert set(counts) <= set(subsets)
    return stats.chisquare([counts[s] for s in subsets]).pvalue


def by_add(seed, n, k):
    sampler = ReservoirSampler(k, random_state=seed)
    for i in range(n):
        sampler.add(i)
    return sampler.sample


def by_array(seed, n, k):
    return ReservoirSampler(k, random_state=seed).extend(np.arange(n)).sample.tolist()


def by_generator(seed, n, k):
    return ReservoirSampler(k, random_state=seed).extend(i for i in range(n)).sample


@pytest.mark.parametrize("draw", [by_add, by_array, by_generator])
def test_every_subset_is_equally_likely(draw):
    # n = 6, k = 2: 15 subsets.
    assert subset_p_value(lambda seed: draw(seed, 6, 2), 6, 2, 3000) > GENEROUS


def test_every_subset_of_one_and_of_all_but_one():
    assert subset_p_value(lambda seed: by_array(seed, 7, 1), 7, 1, 3000) > GENEROUS
    assert subset_p_value(lambda seed: by_array(seed, 6, 5), 6, 5, 3000) > GENEROUS


def test_the_oracle_passes_the_same_test_and_a_biased_sampler_does_not():
    def oracle(seed):
        return algorithm_r(range(6), 2, np.random.default_rng(seed))

    def first_k(seed):
        return [0, 1]

    assert subset_p_value(oracle, 6, 2, 3000) > GENEROUS
    assert subset_p_value(first_k, 6, 2, 3000) < GENEROUS


def test_inclusion_frequencies_in_a_long_stream():
    # After n items each is in a reservoir of k with probability k/n.
    n, k, runs, blocks = 20_000, 50, 400, 40
    hits = np.concatenate([by_array(seed, n, k) for seed in range(runs)])
    counts = np.bincount(hits // (n // blocks), minlength=blocks)
    assert counts.sum() == runs * k
    assert stats.chisquare(counts).pvalue > GENEROUS


def test_number_of_entries_follows_the_harmonic_law():
    # Item i > k enters with probability k/i: mean k(H_n - H_k) entries.
    n, k, runs = 5000, 20, 300
    entries = [
        len(UniformPlan(k, np.random.default_rng(seed)).take(n)[0]) - k
        for seed in range(runs)
    ]
    chance = k / np.arange(k + 1, n + 1)
    error = np.sqrt((chance * (1 - chance)).sum() / runs)
    assert abs(np.mean(entries) - chance.sum()) < 5 * error


def test_draws_are_few_on_a_long_array():
    # O(k log(n/k)): about 10·(1 + log(10^6)) = 148 entries, not 10^7 steps.
    plan = UniformPlan(10, np.random.default_rng(0))
    at, _ = plan.take(10_000_000)
    assert 80 < len(at) < 250
    assert plan.n_seen == 10_000_000


def test_stopping_at_any_time_gives_a_fair_sample():
    counts = np.zeros((3, 8))
    for seed in range(4000):
        sampler = ReservoirSampler(2, random_state=seed)
        for row, stop in enumerate([(0, 3), (3, 4), (4, 8)]):
            sampler.extend(range(*stop))
            counts[row, sampler.sample] += 1
    for row, n in enumerate([3, 4, 8]):
        assert not counts[row, n:].any()
        expected = 2 / n
        z = (counts[row, :n] / 4000 - expected) / np.sqrt(expected / 4000)
        assert abs(z).max() < 5


@given(
    n=st.integers(0, 300),
    k=st.integers(1, 40),
    cuts=st.lists(st.integers(0, 300), max_size=5),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_one_seed_gives_one_sample_however_the_stream_is_cut(n, k, cuts, seed):
    whole = ReservoirSampler(k, random_state=seed).extend(range(n))
    assert whole.sample == by_add(seed, n, k) == by_generator(seed, n, k)
    parts = ReservoirSampler(k, random_state=seed)
    ways = itertools.cycle([np.arange, list, lambda part: (i for i in part)])
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    for (start, stop), way in zip(itertools.pairwise(edges), ways, strict=False):
        parts.extend(
            way(range(start, stop)) if way is not np.arange else way(start, stop)
        )
    assert list(parts.sample) == whole.sample
    assert parts.n_seen == whole.n_seen == n
    assert len(set(whole.sample)) == len(whole.sample) == min(k, n)
    assert set(whole.sample) <= set(range(n))


@given(n=st.integers(0, 30), extra=st.integers(0, 10))
def test_all_is_kept_while_there_is_room(n, extra):
    sampler = ReservoirSampler(n + extra + 1, random_state=0).extend(range(n))
    assert sampler.sample == list(range(n))


# Merging


def merged(seed, sizes, k, ks=None):
    rngs = np.random.default_rng(seed).spawn(len(sizes))
    ks = ks or [k] * len(sizes)
    starts = np.cumsum([0, *sizes])
    samplers = [
        ReservoirSampler(size_k, random_state=rng).extend(range(start, stop))
        for rng, size_k, start, stop in zip(
            rngs, ks, starts[:-1], starts[1:], strict=True
        )
    ]
    for other in samplers[1:]:
        samplers[0].merge(other)
    return samplers[0]


@pytest.mark.parametrize("sizes", [[3, 3], [1, 5], [5, 1], [2, 2, 2], [0, 6], [6, 0]])
def test_merging_has_the_law_of_one_pass(sizes):
    p = subset_p_value(lambda seed: merged(seed, sizes, 2).sample, 6, 2, 3000)
    assert p > GENEROUS


def test_adding_after_a_merge_keeps_the_law():
    def draw(seed):
        return merged(seed, [2, 2], 2).extend([4]).add(5).sample

    assert subset_p_value(draw, 6, 2, 3000) > GENEROUS


def test_adding_after_a_merge_of_streams_shorter_than_k_keeps_the_law():
    def draw(seed):
        return merged(seed, [1, 2], 3).extend(range(3, 6)).sample

    assert subset_p_value(draw, 6, 3, 3000) > GENEROUS


def test_a_small_reservoir_takes_in_a_larger_one():
    def draw(seed):
        return merged(seed, [3, 4], 2, ks=[2, 3]).sample

    assert subset_p_value(draw, 7, 2, 3000) > GENEROUS


def test_merge_counts_leaves_the_other_alone_and_returns_self():
    one = ReservoirSampler(2, random_state=0).extend(range(10))
    two = ReservoirSampler(2, random_state=1).extend(range(10, 30))
    before = two.sample
    assert one.merge(two) is one
    assert (one.n_seen, len(one.sample)) == (30, 2)
    assert (two.n_seen, two.sample) == (20, before)


def test_merge_of_nothing_changes_nothing():
    one = ReservoirSampler(2, random_state=0).extend(range(10))
    same = ReservoirSampler(2, random_state=0).extend(range(10))
    one.merge(ReservoirSampler(5, random_state=0)).extend(range(10, 50))
    assert one.sample == same.extend(range(10, 50)).sample


def test_merge_refuses_what_has_no_right_law():
    full = ReservoirSampler(5, random_state=0).extend(range(10))
    with pytest.raises(ValueError, match="the sampler itself"):
        full.merge(full)
    with pytest.raises(ValueError, match="weighted=False, the other weighted=True"):
        full.merge(ReservoirSampler(5, weighted=True))
    with pytest.raises(TypeError, match="is a list; pass a ReservoirSampler"):
        full.merge([1, 2])
    small = ReservoirSampler(3, random_state=1).extend(range(10))
    with pytest.raises(ValueError, match=r"kept 3 of 10 items.*small\.merge\(large\)"):
        full.merge(small)
    same_seed = ReservoirSampler(5, random_state=0).extend(range(10))
    with pytest.raises(ValueError, match="random_state=0 and so made the same draws"):
        full.merge(same_seed)
    assert full.n_seen == 10
    # Nothing was dropped yet: a smaller k is no loss.
    assert full.merge(ReservoirSampler(3, random_state=2).extend("abc")).n_seen == 13


# Containers


def test_sample_is_of_the_kind_that_came_in():
    frame = pd.DataFrame({"a": range(50), "b": list("xy") * 25}, index=range(100, 150))
    cases = {
        "list": (list(range(50)), list),
        "tuple": (tuple(range(50)), list),
        "text": ("abcdefghij" * 5, list),
        "generator": ((i for i in range(50)), list),
        "index": (frame.index, list),
        "array": (np.arange(50), np.ndarray),
        "rows": (np.arange(100).reshape(50, 2), np.ndarray),
        "series": (frame["a"], pd.Series),
        "frame": (frame, pd.DataFrame),
    }
    for name, (items, kind) in cases.items():
        sampler = ReservoirSampler(4, random_state=0).extend(items)
        assert isinstance(sampler.sample, kind), name
        assert len(sampler.sample) == 4, name
        assert sampler.n_seen == 50, name


def test_rows_of_a_frame_keep_index_and_types():
    frame = pd.DataFrame(
        {
            "a": range(60),
            "c": pd.Categorical(list("xyz") * 20),
            "t": pd.date_range("2013-01-01", periods=60),
        },
        index=pd.Index(range(1000, 1060), name="id"),
    )
    sampler = ReservoirSampler(7, random_state=3)
    for start in range(0, 60, 10):
        sampler.extend(frame.iloc[start : start + 10])
    sample = sampler.sample
    assert sample.dtypes.equals(frame.dtypes)
    assert sample.index.name == "id"
    pd.testing.assert_frame_equal(sample, frame.loc[sample.index])
    at_once = ReservoirSampler(7, random_state=3).extend(frame).sample
    pd.testing.assert_frame_equal(sample, at_once)
    # Reading the sample between blocks changes nothing, nor does writing to it.
    peeked = ReservoirSampler(7, random_state=3)
    for start in range(0, 60, 10):
        peeked.extend(frame.iloc[start : start + 10])
        seen = peeked.sample
        seen["a"] = -1
    pd.testing.assert_frame_equal(peeked.sample, at_once)


def test_rows_of_arrays_are_copied():
    rows = np.arange(20).reshape(10, 2)
    sampler = ReservoirSampler(3, random_state=0).extend(rows)
    before = sampler.sample
    rows[:] = -1
    sampler.sample[:] = -2
    assert (sampler.sample == before).all()
    assert before.min() >= 0


def test_items_are_kept_by_reference():
    item = ["x"]
    sampler = ReservoirSampler(1).add(item)
    assert sampler.sample[0] is item
    sampler.sample.clear()
    assert len(sampler.sample) == 1


def test_arrays_mixed_with_items_become_a_list():
    sampler = ReservoirSampler(5, random_state=0).extend(np.arange(3))
    sampler.add("x").extend(np.array([[7, 8]]))
    assert [np.asarray(i).tolist() for i in sampler.sample] == [0, 1, 2, "x", [7, 8]]
    assert isinstance(sampler.sample, list)
    mixed = ReservoirSampler(4).extend(np.arange(2)).extend(np.array(["a", "b"]))
    assert mixed.sample == [0, 1, "a", "b"]
    joined = ReservoirSampler(4).extend(np.arange(2)).extend(np.arange(2, 4))
    assert joined.sample.tolist() == [0, 1, 2, 3]


def test_merging_joins_the_kinds():
    frame = pd.DataFrame({"a": range(10)})
    one = ReservoirSampler(20).extend(frame.head(4))
    one.merge(ReservoirSampler(20).extend(frame.tail(6)))
    assert one.sample.index.sort_values().tolist() == list(range(10))
    array = ReservoirSampler(20).extend(np.arange(2))
    items = ReservoirSampler(20).extend(["x"])
    assert sorted(map(str, items.merge(array).sample)) == ["0", "1", "x"]
    assert sorted(map(str, array.merge(items).sample)) == ["0", "0", "1", "1", "x"]
    with pytest.raises(TypeError, match="came as DataFrame, these as list"):
        one.merge(ReservoirSampler(20).extend([1]))
    with pytest.raises(TypeError, match="came as list, these as DataFrame"):
        items.merge(one)
    assert one.n_seen == 10


def test_frames_must_go_on_as_they_began():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    sampler = ReservoirSampler(5).extend(frame)
    with pytest.raises(ValueError, match=r"columns \['b', 'a'\]"):
        sampler.extend(frame[["b", "a"]])
    with pytest.raises(TypeError, match=r"extend\(frame.iloc\[\[i\]\]\)"):
        sampler.add({"a": 1, "b": 2})
    with pytest.raises(TypeError, match="these as list"):
        sampler.extend(x for x in [1])
    assert sampler.n_seen == 1
    assert len(sampler.extend(frame).sample) == 2


def test_empty_streams():
    assert ReservoirSampler(3).sample == []
    assert ReservoirSampler(3).extend([]).sample == []
    assert ReservoirSampler(3).extend(iter(())).n_seen == 0
    empty = pd.DataFrame({"a": pd.Series(dtype="int64")})
    sampler = ReservoirSampler(3).extend([]).extend(empty)
    pd.testing.assert_frame_equal(sampler.sample, empty)
    assert len(sampler.extend(pd.DataFrame({"a": [1]})).sample) == 1
    array = ReservoirSampler(3).extend(np.zeros((0, 2)))
    assert array.sample.shape == (0, 2)


def test_other_tables_are_kept_as_pandas():
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"a": list(range(10))})
    sample = ReservoirSampler(3, random_state=0).extend(table).sample
    assert list(sample.columns) == ["a"]
    assert len(sample) == 3


def test_a_stream_that_breaks_counts_what_came_before():
    def broken():
        yield from range(7)
        raise OSError("cut off")

    sampler = ReservoirSampler(2, random_state=5)
    with pytest.raises(OSError, match="cut off"):
        sampler.extend(broken())
    assert sampler.n_seen == 7
    whole = ReservoirSampler(2, random_state=5).extend(range(7))
    assert sampler.extend(range(7, 40)).sample == whole.extend(range(7, 40)).sample


def test_a_generator_is_read_one_item_at_a_time():
    read = []
    sampler = ReservoirSampler(1, random_state=0)

    def stream():
        for i in range(5):
            read.append(i)
            yield i

    sampler.extend(itertools.islice(stream(), 3))
    assert read == [0, 1, 2]


# Small things


def test_repr_counts():
    assert repr(ReservoirSampler(3)) == "ReservoirSampler(k=3): 0 of 0 items kept"
    sampler = ReservoirSampler(3, weighted=True).extend(range(5000))
    assert (
        repr(sampler) == "ReservoirSampler(k=3, weighted=True): 3 of 5,000 items kept"
    )


def test_seeds_and_generators():
    draw = [by_array(seed, 1000, 5) for seed in (0, 0, 1)]
    assert draw[0] == draw[1] != draw[2]
    rng = np.random.default_rng(0)
    first = ReservoirSampler(5, random_state=rng).extend(range(1000)).sample
    second = ReservoirSampler(5, random_state=rng).extend(range(1000)).sample
    assert first == draw[0] != second
    state = np.random.get_state()[1].copy()
    ReservoirSampler(5).extend(range(1000))
    assert (np.random.get_state()[1] == state).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_a_copy_goes_on_like_the_original(weighted):
    sampler = ReservoirSampler(3, weighted=weighted, random_state=0).extend(range(100))
    twins = [copy.deepcopy(sampler), pickle.loads(pickle.dumps(sampler))]
    expected = sampler.extend(range(100, 500)).sample
    for twin in twins:
        assert twin.extend(range(100, 500)).sample == expected


@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_one_or_more(k):
    with pytest.raises(ValueError, match=f"k is {k}; pass 1 or more"):
        ReservoirSampler(k)


@pytest.mark.parametrize("k", [2.0, "3", None, True])
def test_k_must_be_whole(k):
    with pytest.raises(TypeError, match="pass a whole number"):
        ReservoirSampler(k)


def test_wrong_items():
    sampler = ReservoirSampler(3)
    with pytest.raises(TypeError, match=r"items is a int; pass.*add\(\) takes one"):
        sampler.extend(5)
    with pytest.raises(TypeError, match="array of no dimension"):
        sampler.extend(np.array(5))
    with pytest.raises(ValueError, match=r"ReservoirSampler\(k, weighted=True\)"):
        sampler.extend([1, 2], weights=[1, 2])
    with pytest.raises(ValueError, match="takes no weights"):
        sampler.add(1, weight=2)
    assert sampler.n_seen == 0


def test_skips_are_exact_at_both_ends():
    # -log(1 - e^x): x → 0 gives -log(-x), x → -inf gives e^x.
    x = np.array([0.0, -1e-18, -1e-3, -1.0, -40.0, -300.0])
    expected = [np.inf, -np.log(1e-18), 6.90825519, -np.log1p(-np.exp(-1.0))]
    expected += [np.exp(-40.0), np.exp(-300.0)]
    np.testing.assert_allclose(_minus_log1mexp(x), expected, rtol=1e-8)
