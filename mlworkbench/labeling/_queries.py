"""Which unlabelled rows to ask about next."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import entr

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_choice,
    check_integer,
    check_probabilities,
    check_same_index,
    check_same_length,
)

__all__ = ["Queries", "select_queries"]

IntArray = npt.NDArray[np.intp]

STRATEGIES = (
    "random",
    "least_confidence",
    "margin",
    "entropy",
    "committee",
    "density",
    "cluster_margin",
)
DISAGREEMENTS = ("kl", "vote_entropy", "consensus_entropy")
_DECIMALS = 12  # utilities that agree so far are ties: the rest is rounding
_REFERENCES = 5_000  # rows that density is measured against, at most
_CANDIDATES = 10  # rows per query that cluster_margin clusters
_MOST_CANDIDATES = 5_000


class Queries(NamedTuple):
    """What `select_queries` chose, best first.

    Parameters
    ----------
    positions : ndarray of shape (min(n, n_rows),), int
        Positions in the pool (for `.iloc`), never labels of an index.
    utilities : ndarray of shape (n_rows,)
        How useful the strategy finds each row of the pool, before any
        diversity; more is better.
    """

    positions: IntArray
    utilities: FloatArray


def select_queries(
    y_prob: Any,
    *,
    X: Any = None,
    X_labeled: Any = None,
    strategy: str = "least_confidence",
    n: int = 1,
    disagreement: str = "kl",
    density_weight: float = 1.0,
    diversity: float = 0.0,
    random_state: RandomState = None,
) -> Queries:
    """Choose the rows of a pool whose labels would help most.

    Parameters
    ----------
    y_prob : array-like of shape (n_rows, n_classes), (n_rows,) or (n_members, \
n_rows, n_classes)
        Probabilities of a model for the unlabelled rows; one column means the
        probability of the second of two classes. Three dimensions are a
        committee: its mean is used where the strategy needs one model.
    X : DataFrame or array of shape (n_rows, n_features), optional
        The rows in numbers, in comparable units. Needed for `"density"`,
        `"cluster_margin"` and `diversity`.
    X_labeled : DataFrame or array of shape (n_labeled, n_features), optional
        Rows that have a label already: `diversity` keeps away from them too.
    strategy : str, default="least_confidence"
        - `"least_confidence"`: 1 - largest probability;
        - `"margin"`: 1 - (largest - second largest);
        - `"entropy"`: entropy of the probabilities, in nats;
        - `"committee"`: how much the members of a committee disagree;
        - `"density"`: least confidence × mean similarity to the pool;
        - `"cluster_margin"`: small margins, spread over clusters;
        - `"random"`: chance, what the others have to beat.
    n : int, default=1
        How many; all rows, in order, where the pool has fewer.
    disagreement : {"kl", "vote_entropy", "consensus_entropy"}, default="kl"
        For `"committee"`: mean Kullback-Leibler divergence of the members from
        their mean; entropy of the members' votes; entropy of their mean.
    density_weight : float, default=1.0
        For `"density"`: power of the similarity, 0 or more.
    diversity : float, default=0.0
        Between 0 (the n most useful) and 1 (the n farthest apart): weight of
        the distance to what is labelled or already chosen.
    random_state : int, Generator, RandomState or None, default=None
        Breaks ties at random, and draws `"random"`. With None ties go to the
        first row.

    Returns
    -------
    queries : Queries
        `positions` (best first) and `utilities` (of the whole pool).

    Raises
    ------
    TypeError
        When X is no table of numbers.
    ValueError
        When probabilities are missing, outside [0, 1] or do not sum to 1, when
        lengths differ, or when the strategy needs what was not given.

    Notes
    -----
    With diversity w the batch is built greedily: pick the row with the largest
    (1 - w) · u / max(u) + w · δ / (s + δ), where u is the utility, δ the
    distance to the nearest row labelled or chosen, and s the root mean square
    distance within the pool. One running array of distances makes that
    O(n · n_rows · n_features); w = 1 is the farthest-first walk of k-centre.

    Similarity is 1 / (1 + distance / s), on average over the pool (over 5,000
    evenly spaced rows of a larger one): O(n_rows² · n_features) at most.
    `cluster_margin` clusters the 10 n rows of smallest margin (at most 5,000)
    into n clusters by average linkage and takes turns, small clusters first,
    the smallest margin of each; the paper clusters the whole pool once and
    draws within a cluster. All other strategies are O(n_rows · n_classes),
    and the ranking O(n_rows log n_rows).

    It misleads when the model is confidently wrong: no strategy that listens to
    the model asks there. And the rows chosen are not a sample: never estimate
    accuracy or class shares from them.

    References
    ----------
    .. [1] B. Settles (2012), Active Learning, Morgan & Claypool.
    .. [2] I. Dagan and S. Engelson (1995), Committee-based sampling for training
       probabilistic classifiers, ICML.
    .. [3] A. McCallum and K. Nigam (1998), Employing EM and pool-based active
       learning for text classification, ICML.
    .. [4] B. Settles and M. Craven (2008), An analysis of active learning
       strategies for sequence labeling tasks, EMNLP.
    .. [5] T. Cardoso et al. (2017), Ranked batch-mode active learning,
       Information Sciences 379.
    .. [6] O. Sener and S. Savarese (2018), Active learning for convolutional
       neural networks: a core-set approach, ICLR.
    .. [7] G. Citovsky et al. (2021), Batch active learning at scale, NeurIPS.

    *Used in:* ``ch04_training_data/10_ask_for_the_right_labels``.

    Examples
    --------
    >>> y_prob = [[0.9, 0.1, 0.0], [0.5, 0.4, 0.1], [0.4, 0.3, 0.3]]
    >>> select_queries(y_prob, strategy="margin").positions.tolist()
    [1]
    >>> select_queries(y_prob, strategy="entropy", n=2).positions.tolist()
    [2, 1]
    """
    check_choice(strategy, "strategy", STRATEGIES)
    check_choice(disagreement, "disagreement", DISAGREEMENTS)
    n = check_integer(n, "n", 1)
    weight = _check_number(diversity, "diversity", 0, 1)
    power = _check_number(density_weight, "density_weight", 0, np.inf)
    members = _as_committee(y_prob)
    check_same_index(y_prob=y_prob, X=X)
    if weight and strategy == "cluster_margin":
        raise ValueError(
            "cluster_margin spreads its queries by itself; leave diversity at 0"
        )
    needs_X = weight > 0 or strategy in ("density", "cluster_margin")
    rows = _as_rows(X, strategy, members.shape[1]) if needs_X else None
    rng = None if random_state is None else as_generator(random_state)
    utilities = _utilities(members, strategy, disagreement, rng)
    if rows is not None and strategy == "density":
        utilities = utilities * _similarity(rows) ** power
    order = _ranked(utilities, rng)
    if rows is None or not len(order):
        positions = order[:n]
    elif strategy == "cluster_margin":
        positions = _spread_over_clusters(order, rows, n)
    else:
        labeled = None if X_labeled is None else _matrix(X_labeled, "X_labeled")
        positions = _spread(utilities, order, rows, labeled, n, weight)
    return Queries(positions, utilities)


def _check_number(value: Any, name: str, low: float, high: float) -> float:
    number = int | float | np.integer | np.floating
    if not isinstance(value, number) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; pass a number from {low} to {high}")
    if not (low <= value <= high) or np.isinf(value):
        raise ValueError(f"{name} is {value}; pass a number from {low} to {high}")
    return float(value)


def _as_committee(y_prob: Any) -> FloatArray:
    """Give probabilities as (members, rows, classes)."""
    array = check_probabilities(y_prob)
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        second = array.reshape(-1)
        array = np.column_stack([1 - second, second])
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or 0 in (array.shape[0], array.shape[2]):
        raise ValueError(
            f"y_prob has shape {np.shape(y_prob)}; pass (n_rows, n_classes), or "
            "(n_members, n_rows, n_classes) for a committee"
        )
    wrong = np.abs(array.sum(axis=2) - 1) > 1e-3
    if wrong.any():
        member, row = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"y_prob sums to {array[member, row].sum():.4g} at row {row}, not to 1; "
            "pass predict_proba of all classes"
        )
    return array


def _matrix(X: Any, name: str) -> FloatArray:
    """Give rows as finite numbers."""
    try:
        array = np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} has values that are not numbers; pass the rows as the model "
            "sees them, encoded and scaled"
        ) from None
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; pass (n_rows, n_features)")
    wrong = ~np.isfinite(array).all(axis=1)
    if wrong.any():
        raise ValueError(
            f"{name} has a missing or infinite value (first at row "
            f"{int(np.argmax(wrong))}); fill it: distances need every number"
        )
    return array


def _as_rows(X: Any, strategy: str, n_rows: int) -> FloatArray:
    if X is None:
        what = strategy if strategy in ("density", "cluster_margin") else "diversity"
        raise ValueError(f"{what} measures distances; pass the rows of the pool as X")
    rows = _matrix(X, "X")
    check_same_length(y_prob=range(n_rows), X=rows)
    return rows


def _utilities(
    members: FloatArray,
    strategy: str,
    disagreement: str,
    rng: np.random.Generator | None,
) -> FloatArray:
    """Give the utility of every row, before density and diversity."""
    if strategy == "random":
        drawn = np.random.default_rng() if rng is None else rng
        return np.asarray(drawn.random(members.shape[1]))
    if strategy == "committee":
        return _disagreement(members, disagreement)
    # Sorted, so that the order of the classes cannot change a sum.
    mean = np.sort(members.mean(axis=0), axis=1)
    if strategy == "entropy":
        return np.asarray(entr(mean).sum(axis=1))
    if strategy in ("margin", "cluster_margin"):
        second = mean[:, -2] if mean.shape[1] > 1 else np.zeros(len(mean))
        return np.asarray(1 - (mean[:, -1] - second))
    return np.asarray(1 - mean[:, -1])


def _disagreement(members: FloatArray, kind: str) -> FloatArray:
    if len(members) < 2:
        raise ValueError(
            "a committee needs two members or more; pass y_prob of shape "
            "(n_members, n_rows, n_classes)"
        )
    if kind == "vote_entropy":
        classes = np.arange(members.shape[2])
        votes = members.argmax(axis=2)[:, :, None] == classes
        return np.asarray(entr(np.sort(votes.mean(axis=0), axis=1)).sum(axis=1))
    consensus = entr(np.sort(members.mean(axis=0), axis=1)).sum(axis=1)
    if kind == "consensus_entropy":
        return np.asarray(consensus)
    # Mean KL to the mean = entropy of the mean - mean entropy (Jensen-Shannon).
    own = entr(np.sort(members, axis=2)).sum(axis=2).mean(axis=0)
    return np.asarray(np.maximum(consensus - own, 0))


def _ranked(utilities: FloatArray, rng: np.random.Generator | None) -> IntArray:
    """Give all positions, the most useful first; ties by position or by chance."""
    n = len(utilities)
    tie = np.arange(n) if rng is None else rng.permutation(n)
    return np.lexsort((tie, -np.round(utilities, _DECIMALS)))


def _scale(rows: FloatArray) -> float:
    """Give the root mean square distance between two rows, 1 where all are equal."""
    variance = float(rows.var(axis=0).sum())
    return float(np.sqrt(2 * variance)) or 1.0


def _similarity(rows: FloatArray) -> FloatArray:
    """Give the mean similarity of every row to the pool, in (0, 1]."""
    from sklearn.metrics import pairwise_distances_chunked

    if not len(rows):
        return np.ones(0)
    scale = _scale(rows)
    at = np.linspace(0, len(rows) - 1, min(len(rows), _REFERENCES)).astype(int)
    parts = pairwise_distances_chunked(
        rows, rows[at], reduce_func=lambda d, _: (1 / (1 + d / scale)).mean(axis=1)
    )
    return np.concatenate(list(parts))


def _spread(
    utilities: FloatArray,
    order: IntArray,
    rows: FloatArray,
    labeled: FloatArray | None,
    n: int,
    weight: float,
) -> IntArray:
    """Choose greedily: useful, and far from what is labelled or chosen."""
    if not weight:
        return order[:n]
    # In ranked order argmax gives the tie to the more useful, then to the first.
    u, points, scale = utilities[order], rows[order], _scale(rows)
    useful = u / u.max() if u.max() > 0 else np.zeros(len(u))
    nearest = np.full(len(u), np.inf)
    if labeled is not None and len(labeled):
        nearest = _nearest(points, labeled)
    chosen: list[int] = []
    for _ in range(min(n, len(u))):
        novelty = 1 - 1 / (1 + nearest / scale)
        score = np.round((1 - weight) * useful + weight * novelty, _DECIMALS)
        score[chosen] = -1
        chosen.append(int(score.argmax()))
        step = np.sqrt(np.square(points - points[chosen[-1]]).sum(axis=1))
        np.minimum(nearest, step, out=nearest)
    return order[chosen]


def _nearest(points: FloatArray, labeled: FloatArray) -> FloatArray:
    from sklearn.metrics import pairwise_distances_argmin

    if points.shape[1] != labeled.shape[1]:
        raise ValueError(
            f"X has {points.shape[1]} columns and X_labeled {labeled.shape[1]}; "
            "pass the same features"
        )
    nearest = labeled[pairwise_distances_argmin(points, labeled)]
    return np.asarray(np.sqrt(np.square(points - nearest).sum(axis=1)))


def _spread_over_clusters(order: IntArray, rows: FloatArray, n: int) -> IntArray:
    """Take turns among clusters of the best candidates, small clusters first."""
    from scipy.cluster.hierarchy import fcluster, linkage

    n_candidates = max(n, min(_CANDIDATES * n, _MOST_CANDIDATES))
    candidates = order[:n_candidates]
    if len(candidates) <= n:
        return candidates
    tree = linkage(rows[candidates], method="average")
    cluster = pd.Series(fcluster(tree, t=n, criterion="maxclust"))
    groups = cluster.index.to_series().groupby(cluster)
    # Turn by turn; within a turn the small cluster first, then the better one.
    turns = np.lexsort(
        (groups.transform("min"), groups.transform("size"), groups.cumcount())
    )
    return candidates[turns[:n]]
