"""Snowballs: waves against a breadth-first search, caps, what stops them."""

from collections import deque

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.sampling import snowball_sample

PATH = [(0, 1), (1, 2), (2, 3), (3, 4)]


def distances(edges, seeds):
    """Breadth-first search, one node at a time: the oracle."""
    neighbours = {}
    for a, b in edges:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found, queue = dict.fromkeys(seeds, 0), deque(seeds)
    while queue:
        node = queue.popleft()
        for other in neighbours[node] - set(found):
            found[other] = found[node] + 1
            queue.append(other)
    return found, neighbours


edge_lists = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=40
)


@given(edges=edge_lists, waves=st.integers(0, 5), seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_waves_are_distances(edges, waves, seed):
    start = edges[0][0]
    found, neighbours = distances(edges, [start])
    report = snowball_sample(np.array(edges), [start], waves=waves, random_state=seed)
    wave = dict(zip(report.sample["node"], report.sample["wave"], strict=True))
    assert wave == {node: d for node, d in found.items() if d <= waves}
    for row in report.sample.itertuples():
        assert row.degree == len(neighbours[row.node] - {row.node})
        if row.wave:
            assert row.named_by in neighbours[row.node]
            assert wave[row.named_by] == row.wave - 1
    assert report.frame["nodes"].sum() == report.n == len(report.sample)
    assert report.frame["total"].iloc[-1] == report.n


@given(
    edges=edge_lists, n=st.integers(1, 15), cap=st.integers(1, 4), s=st.integers(0, 99)
)
@settings(max_examples=80, deadline=None)
def test_caps_hold_and_all_are_reached_in_the_end(edges, n, cap, s):
    start = edges[0][0]
    found, neighbours = distances(edges, [start])
    report = snowball_sample(
        np.array(edges), [start], n=n, max_per_wave=cap, random_state=s
    )
    assert report.n == min(n, len(found))
    assert (report.frame["nodes"] <= cap).all()
    wave = dict(zip(report.sample["node"], report.sample["wave"], strict=True))
    for row in report.sample.itertuples():
        if row.wave:
            assert row.named_by in neighbours[row.node]
            assert wave[row.named_by] < row.wave


def test_a_path_by_hand():
    report = snowball_sample(PATH, [0], waves=2)
    assert report.sample["node"].tolist() == [0, 1, 2]
    assert report.sample["named_by"].tolist() == [None, 0, 1]
    assert report.frame["mean_degree"].tolist() == [1, 2, 2]
    assert report.population_mean_degree == 8 / 5
    assert report.notes == ("2 nodes were not reached from these seeds",)


def test_direction_repeats_and_loops_do_not_matter():
    messy = [(1, 0), (0, 1), (2, 1), (2, 2), (3, 2), (4, 3), (3, 4), (9, 9)]
    one = snowball_sample(PATH, [2], waves=9, random_state=0).sample
    two = snowball_sample(messy, [2], waves=9, random_state=0)
    pd.testing.assert_frame_equal(one, two.sample)
    assert two.population == 6


def test_popular_nodes_come_too_often():
    # The mean degree of a sample through friends exceeds that of all (Feld 1991).
    rng = np.random.default_rng(0)
    hubs = rng.pareto(1.5, 400) + 1
    edges = rng.choice(400, size=(900, 2), p=hubs / hubs.sum())
    report = snowball_sample(edges, 5, n=60, random_state=0)
    assert report.mean_degree > 1.5 * report.population_mean_degree


def test_names_frames_and_seeds():
    edges = pd.DataFrame({"a": list("xxy"), "b": ["p", "q", "q"]})
    report = snowball_sample(edges, "p", n=3, random_state=0)
    assert report.sample["node"].tolist() == ["p", "x", "q"]
    assert report.notes == ()
    drawn = snowball_sample(edges, 2, waves=0, random_state=0)
    assert drawn.n == 2
    assert drawn.sample["named_by"].isna().all()
    again = snowball_sample(edges.iloc[::-1, ::-1], 2, waves=0, random_state=0)
    assert again.sample["node"].tolist() == drawn.sample["node"].tolist()
    everyone = {
        tuple(snowball_sample(edges, 1, waves=0, random_state=s).sample["node"])
        for s in range(60)
    }
    assert len(everyone) == 4


def test_a_list_of_edges_keeps_the_types_of_its_ends():
    # Who bought what: numbers on one side, texts on the other.
    report = snowball_sample([(1, "a"), (2, "a"), (2, "b")], [1], waves=3)
    assert report.sample["node"].tolist() == [1, "a", 2, "b"]
    assert {type(node) for node in report.sample["node"]} == {int, str}
    frame = pd.DataFrame({"who": [1, 2, 2], "what": list("aab")})
    same = snowball_sample(frame, [1], waves=3)
    pd.testing.assert_frame_equal(report.sample, same.sample)
    with pytest.raises(ValueError, match="edges has no rows"):
        snowball_sample([], 1, waves=1)
    with pytest.raises(ValueError, match=r"edges has 1 column\(s\); pass two"):
        snowball_sample([1, 2], 1, waves=1)


def test_short_of_n_is_said():
    report = snowball_sample([(0, 1), (2, 3)], [0], n=4)
    assert report.n == 2
    assert report.notes == ("stopped at 2 nodes of 4 wanted",)


def test_wrong_calls():
    with pytest.raises(ValueError, match="neither waves nor n is given"):
        snowball_sample(PATH, [0])
    with pytest.raises(KeyError, match=r"in no edge: \[7\]"):
        snowball_sample(PATH, [0, 7], waves=1)
    with pytest.raises(ValueError, match="seeds is 9, the graph has 5 nodes"):
        snowball_sample(PATH, 9, waves=1)
    with pytest.raises(ValueError, match="seeds is empty"):
        snowball_sample(PATH, [], waves=1)
    with pytest.raises(ValueError, match="n is 1, there are 2 seeds"):
        snowball_sample(PATH, [0, 1], n=1)
    with pytest.raises(ValueError, match=r"3 column\(s\); pass two"):
        snowball_sample(np.ones((2, 3)), [1], waves=1)
    with pytest.raises(ValueError, match="edges has no rows"):
        snowball_sample(np.zeros((0, 2)), [1], waves=1)
    with pytest.raises(ValueError, match=r"missing values \(first at row 1"):
        snowball_sample(pd.DataFrame({"a": ["x", None], "b": ["y", "y"]}), "x", n=2)
    with pytest.raises(ValueError, match="max_per_wave is 0; pass 1"):
        snowball_sample(PATH, [0], n=2, max_per_wave=0)
    with pytest.raises(ValueError, match="waves is -1"):
        snowball_sample(PATH, [0], waves=-1)


def test_report_draws():
    ax = snowball_sample(PATH, [2], waves=2).plot()
    assert [bar.get_height() for bar in ax.patches] == [1, 2, 2]
    assert ax.get_title() == "5 of 5 nodes reached"
