"""Snowball sampling: who is in the sample names who comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import (
    RandomState,
    as_frame,
    as_generator,
    check_integer,
)

__all__ = ["SnowballSample", "snowball_sample"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class SnowballSample(Report):
    """What `snowball_sample` reached.

    `frame` has one row per wave: wave (0 for the seeds), nodes (new in it),
    total (so far) and mean_degree (of the new ones, in the whole graph).

    Parameters
    ----------
    frame : pandas.DataFrame
        The waves.
    n : int
        Nodes in the sample.
    population : int
        Nodes of the graph.
    mean_degree : float
        Mean number of neighbours of the nodes in the sample.
    population_mean_degree : float
        The same of all nodes; the sample's is higher as a rule, for who has
        many neighbours is named more often.
    sample : pandas.DataFrame
        One row per node, in the order in which they came: node, wave, named_by
        (missing for a seed) and degree.
    notes : tuple of str
        Why the sample stopped early, where it did.
    """

    n: int
    population: int
    mean_degree: float
    population_mean_degree: float
    sample: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Snowball sample"

    def plot(self, ax: Any = None) -> Any:
        """Draw the size of the sample, wave by wave.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        ax.bar(self.frame["wave"], self.frame["nodes"], color="#0b5394")
        ax.set_xticks(self.frame["wave"])
        ax.set_xlabel("wave (0: seeds)")
        ax.set_ylabel("new nodes")
        ax.set_title(f"{self.n:,} of {self.population:,} nodes reached")
        return ax


def snowball_sample(
    edges: Any,
    seeds: Any,
    *,
    waves: int | None = None,
    max_per_wave: int | None = None,
    n: int | None = None,
    random_state: RandomState = None,
) -> SnowballSample:
    """Start from a few nodes and add their neighbours, wave after wave.

    Parameters
    ----------
    edges : DataFrame with two columns, array of shape (n_edges, 2) or list of pairs
        Who knows whom. Edges count in both directions and once each; an edge
        of a node to itself makes it part of the graph and no more.
    seeds : int, or array-like of nodes
        A number of nodes to draw at random, or the nodes to start from.
    waves : int, optional
        Number of waves after the seeds. Give `waves`, `n` or both.
    max_per_wave : int, optional
        Take at most so many new nodes in a wave, drawn at random; the others
        may be named again in a later one.
    n : int, optional
        Stop at so many nodes, seeds included; the last wave is cut at random.
    random_state : int, numpy.random.Generator or None, default=None
        Source of chance.

    Returns
    -------
    report : SnowballSample
        `.sample["node"]` has the nodes; `.frame` the waves.

    Raises
    ------
    KeyError
        When a seed is in no edge.
    TypeError, ValueError
        When `edges` has not two columns or has missing values, when there are
        no edges or no seeds, when neither `waves` nor `n` is given.

    Notes
    -----
    Nodes with many neighbours are overrepresented, and nodes that no path
    joins to a seed are never reached. O(edges · log(edges)) time.

    References
    ----------
    .. [1] L. A. Goodman (1961), Snowball sampling, Annals of Mathematical
       Statistics 32(1).
    .. [2] S. L. Feld (1991), Why your friends have more friends than you do,
       American Journal of Sociology 96(6).

    *Used in:* ``ch04_training_data/01_draw_a_fair_sample``.

    Examples
    --------
    A star around "a", with a tail.

    >>> import pandas as pd
    >>> edges = pd.DataFrame({"from": list("aaad"), "to": list("bcde")})
    >>> report = snowball_sample(edges, ["b"], waves=2, random_state=0)
    >>> report.sample
      node  wave named_by  degree
    0    b     0     None       1
    1    a     1        b       3
    2    c     2        a       1
    3    d     2        a       2
    """
    rng = as_generator(random_state)
    nodes, pairs = _graph(edges)
    if waves is None and n is None:
        raise ValueError("neither waves nor n is given; say when to stop")
    last = len(nodes) if waves is None else check_integer(waves, "waves")
    most = len(nodes) if n is None else check_integer(n, "n", 1)
    cap = (
        most if max_per_wave is None else check_integer(max_per_wave, "max_per_wave", 1)
    )
    degree = np.bincount(pairs[:, 0], minlength=len(nodes))
    start = _seeds(nodes, seeds, rng)
    if len(start) > most:
        raise ValueError(f"n is {most}, there are {len(start)} seeds; raise n")
    reached = _spread(pairs, degree, start, last, cap, most, rng)
    return _report(nodes, degree, reached, n)


def _graph(edges: Any) -> tuple[pd.Index, IntArray]:
    """Give the nodes, sorted, and every edge in both directions, by source."""
    # A list keeps the types of both ends: an array would turn (1, "a") into text.
    table = as_frame(
        edges if hasattr(edges, "shape") else pd.DataFrame(list(edges)), "edges"
    )
    if not len(table):
        raise ValueError("edges has no rows; pass at least one edge")
    if table.shape[1] != 2:
        raise ValueError(
            f"edges has {table.shape[1]} column(s); pass two, e.g. "
            "frame[['from', 'to']]"
        )
    if table.isna().any(axis=None):
        row = int(np.argmax(table.isna().any(axis=1).to_numpy()))
        raise ValueError(f"edges has missing values (first at row {row}); drop them")
    both = pd.concat([table.iloc[:, 0], table.iloc[:, 1]], ignore_index=True)
    codes, nodes = pd.factorize(both, sort=True)
    ends = codes.astype(np.int64).reshape(2, -1)
    ends = ends[:, ends[0] != ends[1]]
    source, end = np.concatenate([ends, ends[::-1]], axis=1)
    # Not np.unique, whose hashing takes 15 times as long on such keys (numpy 2.4).
    keys = np.sort(pd.unique(source * len(nodes) + end))
    return pd.Index(nodes), np.column_stack(np.divmod(keys, len(nodes)))


def _seeds(nodes: pd.Index, seeds: Any, rng: np.random.Generator) -> IntArray:
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        count = check_integer(seeds, "seeds", 1)
        if count > len(nodes):
            raise ValueError(f"seeds is {count}, the graph has {len(nodes)} nodes")
        return rng.choice(len(nodes), count, replace=False).astype(np.int64)
    wanted = pd.Index([seeds] if isinstance(seeds, str) else list(seeds)).unique()
    if not len(wanted):
        raise ValueError("seeds is empty; pass at least one node")
    found = nodes.get_indexer(wanted)
    if (found < 0).any():
        missing = wanted[found < 0].tolist()[:5]
        raise KeyError(f"seeds has nodes that are in no edge: {missing}")
    return np.asarray(found, dtype=np.int64)


def _spread(
    pairs: IntArray,
    degree: IntArray,
    start: IntArray,
    last: int,
    cap: int,
    most: int,
    rng: np.random.Generator,
) -> list[tuple[IntArray, IntArray]]:
    """Give the new nodes of each wave, and who named them (-1 for a seed)."""
    first = np.concatenate(([0], np.cumsum(degree)))
    seen = np.zeros(len(degree), dtype=bool)
    seen[start] = True
    reached = [(start, np.full(len(start), -1, dtype=np.int64))]
    active = start
    for _ in range(last):
        # All edges of the nodes that may name others, without a loop over them.
        counts = degree[active]
        offset = np.repeat(first[active] - np.cumsum(counts) + counts, counts)
        named = pairs[offset + np.arange(counts.sum())]
        named = named[~seen[named[:, 1]]]
        if not len(named):
            break
        named = named[rng.permutation(len(named))]  # who named first is chance
        new, at = np.unique(named[:, 1], return_index=True)
        room = min(cap, most - int(seen.sum()))
        if room < len(new):
            chosen = np.sort(rng.choice(len(new), room, replace=False))
            new, at = new[chosen], at[chosen]
        if not len(new):
            break
        seen[new] = True
        reached.append((new, named[at, 0]))
        # Nodes passed over may be named again by anyone in the sample.
        active = new if cap >= len(degree) else np.flatnonzero(seen)
    return reached


def _report(
    nodes: pd.Index,
    degree: IntArray,
    reached: list[tuple[IntArray, IntArray]],
    wanted: int | None,
) -> SnowballSample:
    new = np.concatenate([nodes_ for nodes_, _ in reached])
    by = np.concatenate([by for _, by in reached])
    sizes = [len(nodes_) for nodes_, _ in reached]
    wave = np.repeat(np.arange(len(reached)), sizes)
    named_by = nodes.astype(object).take(np.maximum(by, 0)).where(by >= 0, None)
    sample = pd.DataFrame(
        {"node": nodes[new], "wave": wave, "named_by": named_by, "degree": degree[new]}
    )
    frame = pd.DataFrame(
        {
            "wave": range(len(reached)),
            "nodes": sizes,
            "total": np.cumsum(sizes),
            "mean_degree": [degree[nodes_].mean() for nodes_, _ in reached],
        }
    )
    notes = []
    if wanted is not None and len(new) < wanted:
        notes.append(f"stopped at {len(new):,} nodes of {wanted:,} wanted")
    unreached = len(nodes) - len(new)
    if unreached and wanted is None:
        notes.append(f"{unreached:,} nodes were not reached from these seeds")
    return SnowballSample(
        frame,
        n=len(new),
        population=len(nodes),
        mean_degree=float(degree[new].mean()),
        population_mean_degree=float(degree.mean()),
        sample=sample,
        notes=tuple(notes),
    )
