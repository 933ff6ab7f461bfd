"""Two-phase and dynamic samplers: exact shares, new draws, checkpoints."""

import json
import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from torch.utils.data import BatchSampler, DataLoader, Sampler, TensorDataset

from mlworkbench.imbalance import DynamicSampler, TwoPhaseSampler
from mlworkbench.imbalance._phase_samplers import largest_remainder

LABELS = np.repeat(["cat", "dog", "owl"], [60, 30, 10])


def drawn_classes(sampler, labels=LABELS):
    return Counter(np.asarray(labels)[list(sampler)].tolist())


# Two phases


def test_phase_one_cuts_to_the_maximum_and_phase_two_takes_all():
    sampler = TwoPhaseSampler(LABELS, 20)
    assert isinstance(sampler, Sampler)
    assert drawn_classes(sampler) == {"cat": 20, "dog": 20, "owl": 10}
    assert len(sampler) == 50
    assert sampler.set_phase(2) is sampler
    assert len(sampler) == 100
    assert sorted(sampler) == list(range(100))
    sampler.phase = 1
    assert sampler.sizes_.to_dict() == {"cat": 20, "dog": 20, "owl": 10}


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(0, 2**32),
)
def test_shares_of_phase_one_are_exact(labels, maximum, seed):
    sampler = TwoPhaseSampler(labels, maximum, random_state=seed)
    for _ in range(3):
        rows = list(sampler)
        assert len(rows) == len(sampler) == len(set(rows))
        counts = Counter(labels[row] for row in rows)
        assert counts == {c: min(n, maximum) for c, n in Counter(labels).items()}
    assert sorted(sampler.set_phase(2)) == list(range(len(labels)))


def test_each_epoch_is_a_new_draw_and_a_seed_repeats_them():
    def epochs(seed):
        sampler = TwoPhaseSampler(LABELS, 20, random_state=seed)
        return [list(sampler) for _ in range(3)]

    first = epochs(0)
    assert first == epochs(0) == epochs(0)
    assert first != epochs(1)
    assert len({tuple(sorted(rows)) for rows in first}) == 3


def test_every_row_has_the_same_chance():
    sampler = TwoPhaseSampler([0] * 10 + [1] * 2, 3)
    counts = np.bincount([row for _ in range(3000) for row in sampler], minlength=12)
    assert counts[10:].tolist() == [3000, 3000]
    # 900 expected, standard deviation √(3000 × .3 × .7) = 25.1: within 5 of them.
    assert np.abs(counts[:10] - 900).max() < 126


def test_classes_are_mixed_in_the_order():
    rows = list(TwoPhaseSampler([0] * 500 + [1] * 500, 400))
    first_half = np.mean(np.array(rows[:400]) < 500)
    # Hypergeometric, standard deviation 0.018: within 5 of them.
    assert abs(first_half - 0.5) < 0.09


def test_an_epoch_can_be_repeated_and_resumed():
    sampler = TwoPhaseSampler(LABELS, 20, random_state=5)
    epochs = [list(sampler) for _ in range(4)]
    sampler.set_epoch(2)
    assert list(sampler) == epochs[2]
    assert sampler.epoch == 3

    saved = json.loads(json.dumps(sampler.state_dict()))
    resumed = TwoPhaseSampler(LABELS, 20, phase=2, random_state=99)
    resumed.load_state_dict(saved)
    assert resumed.phase == 1
    assert list(resumed) == epochs[3]
    copied = pickle.loads(pickle.dumps(sampler))
    assert list(copied) == epochs[3]


def test_global_random_states_are_left_alone():
    np.random.seed(0)
    torch.manual_seed(0)
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    list(TwoPhaseSampler(LABELS, 20))
    list(DynamicSampler(LABELS))
    assert (np.random.get_state()[1] == before[0]).all()
    assert torch.equal(torch.get_rng_state(), before[1])


def test_indices_are_python_ints():
    for sampler in (TwoPhaseSampler(LABELS, 5), DynamicSampler(LABELS)):
        assert {type(row) for row in sampler} == {int}


@pytest.mark.parametrize(
    "labels",
    [
        LABELS.tolist(),
        pd.Series(LABELS, index=range(100, 200)),
        pd.Series(LABELS, dtype="category"),
    ],
)
def test_labels_of_every_container(labels):
    sampler = TwoPhaseSampler(labels, 20)
    assert sampler.sizes_.to_dict() == {"cat": 20, "dog": 20, "owl": 10}


def test_a_data_loader_takes_them():
    numbers = torch.tensor([0] * 60 + [1] * 30 + [2] * 10)
    data = TensorDataset(torch.arange(100), numbers)
    sampler = TwoPhaseSampler(numbers, 20)
    loader = DataLoader(data, batch_size=16, sampler=sampler, num_workers=0)
    assert len(loader) == 4
    seen = torch.cat([y for _, y in loader])
    assert seen.bincount().tolist() == [20, 20, 10]
    sampler.set_phase(2)
    assert len(loader) == 7
    assert sorted(torch.cat([x for x, _ in loader]).tolist()) == list(range(100))
    assert sampler.epoch == 2

    dynamic = DynamicSampler(numbers).update_f1([0.9, 0.7, 0.4])
    batches = DataLoader(data, batch_sampler=BatchSampler(dynamic, 10, True))
    assert torch.cat([y for _, y in batches]).bincount().tolist() == [10, 30, 60]


def test_reprs_say_the_essentials():
    assert repr(TwoPhaseSampler(LABELS, 20)) == (
        "TwoPhaseSampler(phase=1, max_per_class=20, rows=50, classes=3)"
    )
    assert repr(DynamicSampler(LABELS)) == "DynamicSampler(rows=100, classes=3)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TwoPhaseSampler([], 5), "labels is empty"),
        (lambda: TwoPhaseSampler(["a", None], 5), "missing values .first at row 1"),
        (lambda: TwoPhaseSampler(LABELS, 0), "max_per_class is 0"),
        (lambda: TwoPhaseSampler(LABELS, 5, phase=3), "phase is 3; pass 1"),
        (lambda: TwoPhaseSampler(LABELS, 5).set_phase(0), "phase is 0; pass 1"),
        (lambda: TwoPhaseSampler(LABELS, 5).set_epoch(-1), "epoch is -1"),
        (lambda: TwoPhaseSampler(np.eye(3), 5), "one value per row"),
        (lambda: DynamicSampler(LABELS, n_samples=0), "n_samples is 0"),
        (lambda: DynamicSampler(LABELS, min_share=0.5), "from 0 to 1/3"),
        (lambda: DynamicSampler(LABELS, min_share=-0.1), "min_share is -0.1"),
        (lambda: DynamicSampler(LABELS, min_share="a"), "min_share is 'a'; pass a num"),
        (lambda: DynamicSampler(LABELS).update_f1([0.5, 0.5]), "2 values for 3"),
        (lambda: DynamicSampler(LABELS).update_f1([0.5, 1.5, 0]), "outside .0, 1."),
        (lambda: DynamicSampler(LABELS).update_f1([0.5, np.nan, 0]), "or missing"),
        (lambda: DynamicSampler(LABELS).update_f1({"cat": 1.0}), "each class"),
        (
            lambda: DynamicSampler(LABELS).update(["cat", "dog"], ["cat", "dog"]),
            r"y_true has no rows of class \['owl'\]",
        ),
        (
            lambda: DynamicSampler(LABELS).update(["cat", "dog", "emu"], ["cat"] * 3),
            "y_true has a class that is not named .'emu' at row 2",
        ),
        (
            lambda: DynamicSampler(LABELS).update(["cat", "dog", "owl"], ["emu"] * 3),
            "y_pred has a class that is not named .'emu' at row 0",
        ),
        (
            lambda: DynamicSampler(LABELS).update(["cat", "dog", "owl"], ["cat"]),
            "y_true: 3, y_pred: 1",
        ),
        (lambda: DynamicSampler(["0", "1"]).update([0, 1], [0, 1]), "not named"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_maximum_that_is_no_whole_number_is_a_type_error():
    with pytest.raises(TypeError, match=r"max_per_class is 2\.5"):
        TwoPhaseSampler(LABELS, 2.5)


# Dynamic shares


def test_the_first_epoch_takes_the_average_size_from_every_class():
    # Pouyanfar et al. (2018) begin with N* = n / k rows of each class.
    labels = np.repeat([0, 1, 2], [70, 15, 5])
    sampler = DynamicSampler(labels)
    assert sampler.shares_.tolist() == [1 / 3] * 3
    assert drawn_classes(sampler, labels) == {0: 30, 1: 30, 2: 30}
    assert sampler.f1_ is None


def test_shares_follow_the_papers_formula():
    # (1 - F1) / Σ(1 - F1) = .1/1, .3/1, .6/1.
    sampler = DynamicSampler(LABELS)
    assert sampler.update_f1([0.9, 0.7, 0.4]) is sampler
    np.testing.assert_allclose(sampler.shares_, [0.1, 0.3, 0.6], rtol=1e-14)
    assert drawn_classes(sampler) == {"cat": 10, "dog": 30, "owl": 60}
    assert len(sampler) == 100
    # The formula to the letter has N* = 100 / 3 for a factor.
    letter = DynamicSampler(LABELS, n_samples=33).update_f1([0.9, 0.7, 0.4])
    assert drawn_classes(letter) == {"cat": 3, "dog": 10, "owl": 20}


@settings(max_examples=60)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    st.integers(1, 200),
    st.data(),
)
def test_drawn_counts_are_the_whole_numbers_nearest_to_the_formula(f1, n, data):
    k = len(f1)
    counts = data.draw(st.lists(st.integers(1, 30), min_size=k, max_size=k))
    labels = np.repeat(np.arange(k), counts)
    sampler = DynamicSampler(labels, n_samples=n).update_f1(f1)
    deficit = [1 - value for value in f1]
    if sum(deficit) == 0:
        deficit = [1] * k
    rows = list(sampler)
    assert len(rows) == n == len(sampler)
    sizes = np.bincount(labels[rows], minlength=k)
    assert sizes.tolist() == sampler.sizes_.tolist()
    exact = np.array(deficit) / sum(deficit) * n
    assert (np.abs(sizes - exact) < 1 + 1e-6).all()
    used = np.bincount(rows, minlength=len(labels))
    for code, size in enumerate(sizes):
        times = used[labels == code]
        # None twice while there are enough; evenly where there are not.
        assert times.max() <= -(-size // counts[code])
        assert times.min() >= size // counts[code]


def test_largest_remainder_by_hand():
    # Quotas 3.33 each of 10: the first class gets the row that is left over.
    assert largest_remainder(np.ones(3), 10).tolist() == [4, 3, 3]
    # Quotas 1.2, 2.3, 6.5 of 10: one left, to the remainder 0.5.
    assert largest_remainder(np.array([1.2, 2.3, 6.5]), 10).tolist() == [1, 2, 7]
    # 0.1 × 30 is 3, though not in floating point.
    assert largest_remainder(np.array([0.1, 0.2, 0.7]), 30).tolist() == [3, 6, 21]
    assert largest_remainder(np.array([0.0, 1.0, 1.0]), 3).tolist() == [0, 2, 1]
    # 0.99 and 0.81 of 1.8 are 5.5 and 4.5 of 10: a tie, goes to the first.
    assert largest_remainder(1 - np.array([0.01, 0.19]), 10).tolist() == [6, 4]


def test_perfect_classes_share_equally_when_all_are_and_drop_out_when_not():
    sampler = DynamicSampler(LABELS).update_f1([1, 1, 1])
    assert sampler.sizes_.tolist() == [34, 33, 33]
    sampler.update_f1([1, 0.5, 0.5])
    assert drawn_classes(sampler) == {"dog": 50, "owl": 50}
    kept = DynamicSampler(LABELS, min_share=0.1).update_f1([1, 0.5, 0.5])
    np.testing.assert_allclose(kept.shares_, [0.1, 0.45, 0.45], rtol=1e-14)
    assert kept.sizes_.tolist() == [10, 45, 45]
    even = DynamicSampler(LABELS, min_share=1 / 3).update_f1([1, 0.5, 0.5])
    assert even.sizes_.tolist() == [34, 33, 33]


def test_update_measures_f1_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    y_true = np.concatenate([LABELS, rng.choice(LABELS, 50)])
    y_pred = rng.choice(LABELS, 150)
    sampler = DynamicSampler(LABELS)
    sampler.update(y_true, y_pred)
    scores = f1_score(y_true, y_pred, average=None)
    np.testing.assert_allclose(sampler.f1_, scores, rtol=1e-14)
    np.testing.assert_allclose(
        sampler.shares_, (1 - scores) / (1 - scores).sum(), rtol=1e-12
    )


def test_a_class_that_is_never_predicted_gets_the_most():
    sampler = DynamicSampler(LABELS)
    sampler.update(LABELS, np.where(LABELS == "owl", "dog", LABELS))
    # Dog: 30 right of 40 called so, all 30 found: F1 = 60/70, 1 - F1 = 1/7.
    np.testing.assert_allclose(sampler.f1_, [1, 6 / 7, 0], rtol=1e-14)
    np.testing.assert_allclose(sampler.shares_, [0, 1 / 8, 7 / 8], rtol=1e-12)


def test_f1_by_name_or_by_position():
    by_name = DynamicSampler(LABELS).update_f1({"owl": 0.4, "cat": 0.9, "dog": 0.7})
    series = pd.Series([0.4, 0.9, 0.7], index=["owl", "cat", "dog"])
    for sampler in (by_name, DynamicSampler(LABELS).update_f1(series)):
        assert sampler.sizes_.to_dict() == {"cat": 10, "dog": 30, "owl": 60}


def test_pandas_inputs_with_other_indexes_are_refused():
    y = pd.Series(["cat", "dog", "owl"])
    with pytest.raises(ValueError, match="different indexes"):
        DynamicSampler(LABELS).update(y, y[::-1])


@pytest.mark.parametrize("f1", [None, [0.9, 0.7, 0.4], [1, 1, 1]])
def test_dynamic_state_goes_on_where_it_stood(f1):
    sampler = DynamicSampler(LABELS, random_state=3)
    if f1 is not None:
        sampler.update_f1(f1)
    list(sampler)
    saved = json.loads(json.dumps(sampler.state_dict()))
    resumed = DynamicSampler(LABELS).update_f1([0, 0, 1])
    resumed.load_state_dict(saved)
    pd.testing.assert_series_equal(resumed.shares_, sampler.shares_)
    assert list(resumed) == list(sampler)


def test_one_class_is_drawn_whole():
    sampler = DynamicSampler(["only"] * 7)
    assert sorted(sampler) == list(range(7))
    assert sorted(sampler.update_f1([0.2])) == list(range(7))
