"""Queries: brute-force oracles, ties, batches, bad inputs."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlworkbench.labeling import select_queries
from mlworkbench.labeling._queries import DISAGREEMENTS, STRATEGIES

ONE_MODEL = [s for s in STRATEGIES if s not in ("random", "committee")]


def pool(n=40, classes=3, features=2, members=None, seed=0):
    rng = np.random.default_rng(seed)
    size = n if members is None else (members, n)
    return rng.dirichlet(np.ones(classes), size), rng.normal(size=(n, features))


def entropy(p):
    return -sum(x * math.log(x) for x in p if x > 0)


def by_hand(p, strategy):
    first, second = sorted(p, reverse=True)[:2]
    return {
        "least_confidence": 1 - first,
        "margin": 1 - (first - second),
        "entropy": entropy(p),
    }[strategy]


# One model


@pytest.mark.parametrize("strategy", ["least_confidence", "margin", "entropy"])
def test_utilities_are_those_of_the_definition(strategy):
    y_prob, _ = pool()
    found = select_queries(y_prob, strategy=strategy, n=5)
    expected = [by_hand(p, strategy) for p in y_prob]
    np.testing.assert_allclose(found.utilities, expected)
    assert found.positions.tolist() == np.argsort(expected)[::-1][:5].tolist()


def test_the_three_measures_disagree_where_settles_says():
    # Settles (2012), section 2.3: the three rank alike for two classes only.
    y_prob = [[0.5, 0.5, 0.0], [0.4, 0.3, 0.3], [0.34, 0.33, 0.33]]
    best = {s: select_queries(y_prob, strategy=s).positions[0] for s in ONE_MODEL[:3]}
    assert best == {"least_confidence": 2, "margin": 0, "entropy": 2}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_with_two_classes_all_three_rank_alike(percent):
    y_prob = np.array(percent) / 100
    ranks = [
        select_queries(y_prob, strategy=s, n=30).positions.tolist()
        for s in ("least_confidence", "margin", "entropy")
    ]
    assert ranks[0] == ranks[1] == ranks[2]


@pytest.mark.parametrize("strategy", ONE_MODEL)
def test_renaming_the_classes_changes_nothing(strategy):
    y_prob, X = pool(seed=1)
    plain = select_queries(y_prob, X=X, strategy=strategy, n=7)
    renamed = select_queries(y_prob[:, [2, 0, 1]], X=X, strategy=strategy, n=7)
    assert plain.positions.tolist() == renamed.positions.tolist()
    assert plain.utilities.tolist() == renamed.utilities.tolist()


@pytest.mark.parametrize("strategy", ONE_MODEL)
@pytest.mark.parametrize("diversity", [0.0, 0.5, 1.0])
def test_permuting_the_pool_permutes_the_answer(strategy, diversity):
    if strategy == "cluster_margin" and diversity:
        return
    y_prob, X = pool(seed=2)
    order = np.random.default_rng(3).permutation(len(X))
    options = {"strategy": strategy, "n": 6, "diversity": diversity}
    plain = select_queries(y_prob, X=X, **options).positions
    moved = select_queries(y_prob[order], X=X[order], **options).positions
    assert order[moved].tolist() == plain.tolist()


def test_probabilities_of_the_second_class_are_enough():
    second = np.array([0.1, 0.45, 0.8])
    both = np.column_stack([1 - second, second])
    for given_ in (second, second[:, None], pd.Series(second), both.tolist()):
        assert select_queries(given_, n=3).positions.tolist() == [1, 2, 0]


# Committees


@pytest.mark.parametrize("kind", DISAGREEMENTS)
def test_disagreement_is_that_of_the_definition(kind):
    members, _ = pool(members=4)
    expected = []
    for row in range(members.shape[1]):
        each = members[:, row]
        mean = each.mean(axis=0)
        votes = np.bincount(each.argmax(axis=1), minlength=3) / 4
        expected.append(
            {
                "kl": np.mean([np.sum(p * np.log(p / mean)) for p in each]),
                "vote_entropy": entropy(votes),
                "consensus_entropy": entropy(mean),
            }[kind]
        )
    found = select_queries(members, strategy="committee", disagreement=kind)
    np.testing.assert_allclose(found.utilities, expected, atol=1e-12)


def test_a_committee_that_agrees_to_be_unsure_is_not_asked_by_kl():
    unsure, split = [[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]
    members = np.stack([unsure, split], axis=1)
    kl, consensus = (
        select_queries(members, strategy="committee", disagreement=kind).utilities
        for kind in ("kl", "consensus_entropy")
    )
    np.testing.assert_allclose(kl, [0, math.log(2)], atol=1e-12)
    np.testing.assert_allclose(consensus, [math.log(2)] * 2)


def test_one_model_strategies_use_the_mean_of_a_committee():
    members, _ = pool(members=3)
    one = select_queries(members.mean(axis=0), strategy="margin", n=9)
    assert (
        select_queries(members, strategy="margin", n=9).positions.tolist()
        == one.positions.tolist()
    )


# Rows that are like others


def similarity_by_hand(X):
    pairs = [[math.dist(a, b) for b in X] for a in X]
    scale = math.sqrt(np.mean(np.square(pairs)))
    return np.mean(1 / (1 + np.array(pairs) / scale), axis=1)


@pytest.mark.parametrize("power", [0, 1, 2.5])
def test_density_is_confidence_times_similarity(power):
    y_prob, X = pool(seed=4)
    found = select_queries(y_prob, X=X, strategy="density", density_weight=power)
    expected = (1 - y_prob.max(axis=1)) * similarity_by_hand(X) ** power
    np.testing.assert_allclose(found.utilities, expected)


def test_density_of_a_large_pool_is_close_to_that_of_all_its_rows(monkeypatch):
    y_prob, X = pool(n=900, seed=5)
    exact = select_queries(y_prob, X=X, strategy="density").utilities
    monkeypatch.setattr("mlworkbench.labeling._queries._REFERENCES", 300)
    rough = select_queries(y_prob, X=X, strategy="density").utilities
    assert not np.array_equal(exact, rough)
    np.testing.assert_allclose(rough, exact, rtol=0.05)


def test_density_leaves_the_outlier_that_confidence_asks_for():
    rng = np.random.default_rng(6)
    X = np.vstack([rng.normal(size=(50, 2)), [[50, 50]]])
    y_prob = np.append(rng.uniform(0.4, 0.44, 50), 0.5)
    assert select_queries(y_prob).positions.tolist() == [50]
    found = select_queries(y_prob, X=X, strategy="density", n=51)
    assert found.positions[-1] == 50


def spread_by_hand(u, X, n, weight, labeled=()):
    """Choose greedily, all distances from scratch at every pick."""
    pairs = [[math.dist(a, b) for b in X] for a in X]
    scale = math.sqrt(np.mean(np.square(pairs)))
    chosen = []
    for _ in range(n):
        scores = []
        for i in range(len(X)):
            near = [math.dist(X[i], X[j]) for j in chosen]
            near += [math.dist(X[i], x) for x in labeled]
            delta = min(near, default=math.inf)
            novelty = 1.0 if delta == math.inf else delta / (scale + delta)
            score = (1 - weight) * u[i] / max(u) + weight * novelty
            scores.append(-1 if i in chosen else round(score, 9))
        top = [i for i, s in enumerate(scores) if s == max(scores)]
        chosen.append(max(top, key=lambda i: u[i]))
    return chosen


@pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("n_labeled", [0, 5])
@pytest.mark.parametrize("seed", range(4))
def test_diverse_batches_are_those_of_brute_force(weight, n_labeled, seed):
    y_prob, X = pool(seed=seed)
    labeled = np.random.default_rng(seed + 100).normal(size=(n_labeled, 2))
    found = select_queries(y_prob, X=X, X_labeled=labeled, n=8, diversity=weight)
    expected = spread_by_hand(found.utilities, X, 8, weight, labeled)
    assert found.positions.tolist() == expected


def test_full_diversity_walks_to_the_farthest_row():
    X = np.array([[0.0], [1.0], [10.0], [4.0]])
    found = select_queries([0.5, 0.1, 0.1, 0.1], X=X, n=4, diversity=1.0)
    assert found.positions.tolist() == [0, 2, 3, 1]


def test_a_diverse_batch_holds_no_duplicate_while_there_are_others():
    X = np.repeat([[0.0], [1.0], [2.0]], 5, axis=0)
    y_prob = np.repeat([0.5, 0.4, 0.3], 5)
    plain = select_queries(y_prob, n=3)
    assert len(set(X[plain.positions, 0])) == 1
    diverse = select_queries(y_prob, X=X, n=3, diversity=0.5)
    assert len(set(X[diverse.positions, 0])) == 3
    clusters = select_queries(y_prob, X=X, n=3, strategy="cluster_margin")
    assert len(set(X[clusters.positions, 0])) == 3


def test_cluster_margin_takes_the_best_of_each_cluster():
    X = np.concatenate([np.linspace(0, 1, 8), np.linspace(50, 51, 4), [100, 101]])
    y_prob = np.linspace(0.5, 0.1, 14)
    found = select_queries(y_prob, X=X[:, None], strategy="cluster_margin", n=3)
    assert found.positions.tolist() == [12, 8, 0]  # small clusters first


def test_cluster_margin_takes_turns_when_clusters_are_fewer_than_queries():
    X = np.repeat([[0.0], [9.0]], [30, 20], axis=0)
    y_prob = np.linspace(0.5, 0.1, 50)
    found = select_queries(y_prob, X=X, strategy="cluster_margin", n=5)
    assert found.positions.tolist() == [30, 0, 31, 1, 32]


def test_cluster_margin_ignores_rows_that_are_clear():
    rng = np.random.default_rng(7)
    y_prob = np.concatenate([rng.uniform(0.4, 0.6, 20), np.full(500, 0.99)])
    X = rng.normal(size=(520, 3))
    found = select_queries(y_prob, X=X, strategy="cluster_margin", n=2)
    assert (found.positions < 20).all()


# Ties, sizes, randomness


@pytest.mark.parametrize("strategy", ONE_MODEL)
def test_ties_go_to_the_first_row(strategy):
    X = np.zeros((6, 2))
    found = select_queries(np.full((6, 3), 1 / 3), X=X, strategy=strategy, n=4)
    assert found.positions.tolist() == [0, 1, 2, 3]


def test_rounding_does_not_break_a_tie():
    y_prob = np.array([0.7, 0.3, 0.1 + 0.2])  # 1 - 0.7 is not 0.3 in floats
    for strategy in ("least_confidence", "margin", "entropy"):
        found = select_queries(y_prob, strategy=strategy, n=3)
        assert found.positions.tolist() == [0, 1, 2]


def test_a_seed_breaks_ties_at_random_and_only_ties():
    y_prob = np.append(np.full(30, 0.3), 0.5)
    one, same, other = (
        select_queries(y_prob, n=8, random_state=seed).positions for seed in (0, 0, 1)
    )
    assert one.tolist() == same.tolist() != other.tolist()
    assert one[0] == other[0] == 30


def test_random_is_uniform_and_ignores_the_model():
    rng, counts = np.random.default_rng(0), np.zeros(5)
    for _ in range(2_000):
        y_prob = [0.5, 0.0, 0.0, 0.0, 0.0]
        found = select_queries(y_prob, strategy="random", random_state=rng)
        counts[found.positions] += 1
    np.testing.assert_allclose(counts / 2_000, 0.2, atol=4 * np.sqrt(0.16 / 2_000))


def test_random_without_a_seed_leaves_the_global_state_alone():
    before = np.random.get_state()[1].copy()
    select_queries([0.5, 0.5], strategy="random")
    np.testing.assert_array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("strategy", ONE_MODEL)
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_pool_smaller_than_the_batch_is_taken_whole(strategy, rows):
    y_prob, X = pool(n=rows)
    for diversity in (0.0, 0.5) if strategy != "cluster_margin" else (0.0,):
        found = select_queries(
            y_prob, X=X, strategy=strategy, n=10, diversity=diversity
        )
        assert sorted(found.positions) == list(range(rows))
        assert len(found.utilities) == rows


def test_a_model_that_knows_one_class_finds_every_row_alike():
    found = select_queries(np.ones((4, 1)) * [[1.0, 0.0]], n=2)
    assert found.utilities.tolist() == [0] * 4
    assert found.positions.tolist() == [0, 1]


def test_positions_are_not_labels():
    y_prob = pd.DataFrame({"a": [0.9, 0.5], "b": [0.1, 0.5]}, index=[70, 50])
    X = pd.DataFrame({"x": [1.0, 2.0]}, index=[70, 50])
    found = select_queries(y_prob, X=X, strategy="density")
    assert found.positions.tolist() == [1]


# Bad inputs


@pytest.mark.parametrize(
    ("y_prob", "message"),
    [
        ([[0.5, np.nan]], "missing value"),
        ([[1.5, -0.5]], "outside"),
        ([[0.5, 0.2]], "sums to 0.7 at row 0"),
        (np.ones((1, 1, 1, 1)), "shape"),
        (np.ones((0, 3, 2)), "shape"),
    ],
)
def test_bad_probabilities_are_refused(y_prob, message):
    with pytest.raises(ValueError, match=message):
        select_queries(y_prob)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strategy": "best"}, ValueError, "strategy is 'best'"),
        ({"disagreement": "js"}, ValueError, "disagreement is 'js'"),
        ({"strategy": "committee"}, ValueError, "two members"),
        ({"strategy": "density"}, ValueError, "density measures distances"),
        ({"strategy": "cluster_margin"}, ValueError, "cluster_margin measures"),
        ({"diversity": 0.5}, ValueError, "diversity measures distances"),
        ({"diversity": 2}, ValueError, "diversity is 2"),
        ({"diversity": np.nan}, ValueError, "diversity is nan"),
        ({"diversity": "much"}, TypeError, "diversity is 'much'"),
        ({"density_weight": np.inf}, ValueError, "density_weight is inf"),
        ({"n": 0}, ValueError, "n is 0"),
        ({"n": 1.0}, TypeError, "whole number"),
        (
            {"strategy": "cluster_margin", "diversity": 0.5, "X": [[1], [2]]},
            ValueError,
            "leave diversity at 0",
        ),
        ({"diversity": 0.5, "X": [[1.0], [np.nan]]}, ValueError, "first at row 1"),
        ({"diversity": 0.5, "X": [["a"], ["b"]]}, TypeError, "not numbers"),
        ({"diversity": 0.5, "X": [1.0, 2.0]}, ValueError, "n_features"),
        ({"diversity": 0.5, "X": [[1.0]]}, ValueError, "lengths differ"),
        (
            {"diversity": 0.5, "X": [[1.0], [2.0]], "X_labeled": [[1.0, 2.0]]},
            ValueError,
            "1 columns and X_labeled 2",
        ),
    ],
)
def test_bad_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        select_queries([[0.5, 0.5], [0.1, 0.9]], **options)


def test_indexes_that_differ_are_refused():
    y_prob = pd.Series([0.5, 0.2], index=[0, 1])
    X = pd.DataFrame({"x": [1.0, 2.0]}, index=[1, 0])
    with pytest.raises(ValueError, match="different indexes"):
        select_queries(y_prob, X=X)
