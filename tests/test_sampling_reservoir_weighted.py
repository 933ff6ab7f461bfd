"""The reservoir, weighted: successive sampling, exactly."""

import heapq
import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlworkbench.sampling import ReservoirSampler

GENEROUS = 1e-5


def successive_law(weights, k):
    """Probability of every subset, by enumerating the orders of drawing."""
    law = Counter()
    items = [i for i, w in enumerate(weights) if w > 0]
    for order in itertools.permutations(items, min(k, len(items))):
        left, p = sum(weights), 1.0
        for i in order:
            p *= weights[i] / left
            left -= weights[i]
        law[tuple(sorted(order))] += p
    return law


def a_res(weights, k, rng):
    """Efraimidis & Spirakis (2006), Algorithm A-Res: keys u^(1/w), the oracle."""
    heap = []
    for i, w in enumerate(weights):
        if w > 0:
            entry = (math.log(rng.random()) / w, i)
            if len(heap) < k:
                heapq.heappush(heap, entry)
            elif entry > heap[0]:
                heapq.heapreplace(heap, entry)
    return [i for _, i in heap]


def law_p_value(draw, weights, k, runs=3000):
    law = successive_law(weights, k)
    assert math.isclose(sum(law.values()), 1)
    counts = Counter(tuple(sorted(draw(seed))) for seed in range(runs))
    assert set(counts) <= set(law)
    expected = [runs * law[s] for s in law]
    return stats.chisquare([counts[s] for s in law], expected).pvalue


def make(seed, k):
    return ReservoirSampler(k, weighted=True, random_state=seed)


def by_add(seed, weights, k):
    sampler = make(seed, k)
    for i, weight in enumerate(weights):
        sampler.add(i, weight)
    return sampler.sample


def by_array(seed, weights, k):
    items = np.arange(len(weights))
    return make(seed, k).extend(items, np.array(weights)).sample.tolist()


def by_generator(seed, weights, k):
    items = (i for i in range(len(weights)))
    return make(seed, k).extend(items, (w for w in weights)).sample


WEIGHTS = {
    "mixed": ([1, 2, 3, 4, 5], 2),
    "one heavy, first": ([20, 1, 1, 1, 1], 2),
    "one heavy, last": ([1, 1, 1, 1, 20], 2),
    "zeros": ([0, 1, 0, 2, 3, 0], 2),
    "equal": ([1, 1, 1, 1, 1, 1], 3),
    "one slot": ([1, 2, 3, 4, 5, 6, 7], 1),
}


@pytest.mark.parametrize("draw", [by_add, by_array, by_generator])
@pytest.mark.parametrize("case", WEIGHTS)
def test_the_law_is_successive_sampling(draw, case):
    weights, k = WEIGHTS[case]
    assert law_p_value(lambda seed: draw(seed, weights, k), weights, k) > GENEROUS


def test_the_oracle_passes_and_equal_chances_do_not():
    weights, k = WEIGHTS["mixed"]

    def oracle(seed):
        return a_res(weights, k, np.random.default_rng(seed))

    def uniform(seed):
        return np.random.default_rng(seed).choice(5, 2, replace=False).tolist()

    assert law_p_value(oracle, weights, k) > GENEROUS
    assert law_p_value(uniform, weights, k) < GENEROUS


def test_inclusion_is_not_proportional_to_the_weights():
    # Known by hand, weights 1, 1, 2 and k = 2: the heavy item is left out with
    # probability 2 · (1/4 · 1/3) = 1/6, so it is in with 5/6, not 2·2/4 = 1.
    law = successive_law([1, 1, 2], 2)
    assert math.isclose(law[0, 2] + law[1, 2], 5 / 6)
    hits = np.mean([2 in by_array(seed, [1, 1, 2], 2) for seed in range(4000)])
    assert abs(hits - 5 / 6) < 5 * math.sqrt(5 / 36 / 4000)


def test_red_weighs_three_times_blue():
    # 25 % red, 75 % blue in the data, half and half in the world: with red
    # weights three times blue a sample small beside n is half red.
    red = np.arange(40_000) % 4 == 0
    weights = np.where(red, 3.0, 1.0)
    hits = [make(s, 50).extend(red, weights).sample.mean() for s in range(200)]
    assert abs(np.mean(hits) - 0.5) < 5 * 0.5 / math.sqrt(200 * 50)


def test_long_streams_agree_with_a_res():
    # The sum of the weights kept, against the oracle: two-sample test.
    rng = np.random.default_rng(0)
    weights = rng.lognormal(sigma=1.5, size=600)
    own = [weights[by_array(s, weights, 20)].sum() for s in range(400)]
    oracle = [
        weights[a_res(weights, 20, np.random.default_rng(10_000 + s))].sum()
        for s in range(400)
    ]
    assert stats.ks_2samp(own, oracle).pvalue > GENEROUS


@given(
    weights=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 64.0]), max_size=120),
    k=st.integers(1, 12),
    cut=st.integers(0, 120),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_one_seed_gives_one_sample_however_the_stream_is_cut(weights, k, cut, seed):
    # Sums of these weights are exact, so that even rounding is the same.
    whole = by_array(seed, weights, k)
    assert whole == by_add(seed, weights, k) == by_generator(seed, weights, k)
    n = len(weights)
    parts = make(seed, k).extend(range(min(cut, n)), weights[:cut])
    parts.extend((i for i in range(cut, n)), weights[cut:])
    assert parts.sample == whole
    assert parts.n_seen == n
    positive = {i for i, w in enumerate(weights) if w > 0}
    assert set(whole) <= positive
    assert len(set(whole)) == len(whole) == min(k, len(positive))


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=60), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_only_ratios_matter(weights, seed):
    # A power of two changes no rounding.
    scaled = [2.0**40 * w for w in weights]
    assert by_array(seed, weights, 3) == by_array(seed, scaled, 3)


def test_equal_weights_change_nothing_in_law():
    law = successive_law([1] * 6, 2)
    assert set(np.round(list(law.values()), 12)) == {round(1 / 15, 12)}

    def draw(seed):
        return make(seed, 2).extend(range(6)).sample

    assert law_p_value(draw, [1] * 6, 2) > GENEROUS


def test_a_huge_weight_does_not_swallow_those_after_it():
    # In running sums 1e20 + 1 = 1e20: the sums must start anew.
    weights = [1e20] + [1.0] * 400
    hits = np.array([by_array(seed, weights, 5) for seed in range(500)])
    assert (hits == 0).any(axis=1).all()
    others = hits[hits > 0]
    counts = np.histogram(others, bins=8, range=(1, 401))[0]
    assert counts.sum() == 500 * 4
    assert stats.chisquare(counts).pvalue > GENEROUS


def test_weights_far_apart_are_taken_as_given():
    weights = [1e-200, 1e200, 1e-200, 1e200, 1e-200]
    for seed in range(20):
        assert sorted(by_array(seed, weights, 2)) == [1, 3]
        assert sorted(by_add(seed, weights, 2)) == [1, 3]


# Merging


def merged(seed, weights, cut, k):
    rngs = np.random.default_rng(seed).spawn(2)
    one = ReservoirSampler(k, weighted=True, random_state=rngs[0])
    two = ReservoirSampler(k, weighted=True, random_state=rngs[1])
    one.extend(range(cut), weights[:cut])
    return one.merge(two.extend(range(cut, len(weights)), weights[cut:]))


@pytest.mark.parametrize("cut", [0, 1, 3, 6])
def test_merging_has_the_law_of_one_pass(cut):
    weights = [1, 2, 3, 0, 4, 5]
    p = law_p_value(lambda seed: merged(seed, weights, cut, 2).sample, weights, 2)
    assert p > GENEROUS


@pytest.mark.parametrize("cut", [1, 3])
def test_adding_after_a_merge_keeps_the_law(cut):
    # At cut 3 the first sampler has already drawn the weight to pass over.
    weights = [3, 1, 2, 9, 4, 3]

    def draw(seed):
        return merged(seed, weights[:4], cut, 2).add(4, 4).extend([5], [3]).sample

    assert law_p_value(draw, weights, 2) > GENEROUS


def test_merge_needs_keys_enough():
    small = make(0, 2).extend(range(10), np.ones(10))
    large = make(1, 4).extend(range(10), np.ones(10))
    with pytest.raises(ValueError, match="kept 2 of 10 items, too few for k=4"):
        large.merge(small)
    assert small.merge(large).n_seen == 20
    assert len(small.sample) == 2
    # Weights of 0 were no loss: all that can be kept is there.
    sparse = make(2, 2).extend(range(10), [0] * 9 + [1])
    assert large.merge(sparse).n_seen == 20


# Zeros, tables, refusals


def test_items_of_weight_zero_are_seen_and_never_kept():
    sampler = make(0, 3).extend(range(5), [0, 0, 1, 0, 0])
    assert (sampler.sample, sampler.n_seen) == ([2], 5)
    assert make(0, 3).extend(range(5), np.zeros(5)).sample == []
    assert make(0, 3).add("x", 0).sample == []


def test_frames_with_a_column_of_weights():
    frame = pd.DataFrame({"w": [1.0, 0.0] * 50}, index=range(7, 107))
    sample = make(0, 10).extend(frame, frame["w"]).sample
    assert len(sample) == 10
    assert (sample["w"] == 1).all()
    pd.testing.assert_frame_equal(sample, frame.loc[sample.index])
    with pytest.raises(ValueError, match="items and weights have different indexes"):
        make(0, 10).extend(frame, frame["w"].sort_values(kind="stable"))


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf])
def test_wrong_weights(wrong):
    sampler = make(0, 2)
    with pytest.raises(ValueError, match="pass a finite weight of 0 or more"):
        sampler.add("x", wrong)
    with pytest.raises(ValueError, match=r"at row 1; pass a finite weight"):
        sampler.extend(np.arange(3), [1, wrong, 1])
    assert (sampler.n_seen, sampler.sample) == (0, [])
    # A stream is read until then, and stays fair to what was read.
    with pytest.raises(ValueError, match="finite weight"):
        sampler.extend(iter("abc"), iter([1, wrong, 1]))
    assert (sampler.n_seen, sampler.sample) == (1, ["a"])


def test_weights_of_an_insane_size():
    with pytest.raises(ValueError, match=r"weight is 1e-300; pass 0 or 1e-200 to"):
        make(0, 2).add("x", 1e-300)
    with pytest.raises(ValueError, match=r"1e\+250 at row 0.*divide all by their mean"):
        make(0, 2).extend([1], [1e250])


def test_one_weight_per_item():
    with pytest.raises(ValueError, match="weights has 2 values for 3 items"):
        make(0, 2).extend([1, 2, 3], [1, 1])
    with pytest.raises(ValueError, match="weights has 4 or more values for 3 items"):
        make(0, 2).extend([1, 2, 3], itertools.repeat(1.0))
    with pytest.raises(ValueError, match="weights ended after 2 items"):
        make(0, 2).extend(iter("abc"), [1, 1])
    with pytest.raises(ValueError, match="more values than there are items"):
        make(0, 2).extend(iter("abc"), [1, 1, 1, 1])
    with pytest.raises(ValueError, match=r"weights has shape \(\)"):
        make(0, 2).extend(pd.DataFrame({"w": [1]}), "w")
