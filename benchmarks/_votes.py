"""Simulated votes with known truth, for the benchmark of label models."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

ABSTAIN = -1


@dataclass
class Case:
    """Votes, what is true, and the tables the votes were drawn from."""

    name: str
    votes: np.ndarray
    truth: np.ndarray
    prior: np.ndarray
    oracle: np.ndarray

    @property
    def covered(self):
        return (self.votes != ABSTAIN).any(axis=1)

    @property
    def accuracies(self):
        right = self.votes == self.truth[:, None]
        return np.array(
            [r[v != ABSTAIN].mean() for r, v in zip(right.T, self.votes.T, strict=True)]
        )


def generator(rng, functions, classes, silence=1):
    """Snorkel's own law: uniform tables, the right vote k - 1 likelier, silence × s."""
    tables = rng.random((functions, classes, classes + 1))
    tables[:, np.arange(classes), np.arange(classes)] += classes - 1
    tables[:, :, classes] *= silence
    return tables / tables.sum(axis=2, keepdims=True)


def plain(rng, accuracies, coverages, classes=2):
    """Silence and mistakes do not depend on the class."""
    tables = np.empty((len(accuracies), classes, classes + 1))
    wrong = (1 - accuracies) / (classes - 1) * coverages
    tables[:] = wrong[:, None, None]
    right = (accuracies * coverages)[:, None]
    tables[:, np.arange(classes), np.arange(classes)] = right
    tables[:, :, classes] = (1 - coverages)[:, None]
    return tables


def keywords(rng, functions, classes=2, most=0.5):
    """Each function votes for one class, up to 20 times as often on it."""
    tables = np.zeros((functions, classes, classes + 1))
    for j in range(functions):
        hit = rng.uniform(most / 5, most)
        tables[j, :, j % classes] = hit * rng.uniform(0.05, 0.25)
        tables[j, j % classes, j % classes] = hit
        tables[j, :, classes] = 1 - tables[j, :, j % classes]
    return tables


def draw(rng, tables, truth):
    silence = tables.shape[2] - 1
    cumulated = tables.cumsum(axis=2)[:, truth, :]
    outcome = (rng.random((len(tables), len(truth), 1)) > cumulated).sum(axis=2).T
    return np.where(outcome >= silence, ABSTAIN, outcome)


def posterior(tables, prior, votes):
    outcome = np.where(votes == ABSTAIN, tables.shape[2] - 1, votes)
    logs = np.log(prior) + sum(
        np.log(np.maximum(tables[j][:, outcome[:, j]].T, 1e-300))
        for j in range(len(tables))
    )
    proba = np.exp(logs - logs.max(axis=1, keepdims=True))
    return proba / proba.sum(axis=1, keepdims=True)


def repeat(rng, votes, leader, followers, share):
    """Let functions repeat another on a share of the rows."""
    for follower in followers:
        rows = rng.random(len(votes)) < share
        votes[rows, follower] = votes[rows, leader]


def between(rng, low, high, n=10):
    return rng.uniform(low, high, n)


# Name: rows, shares of the classes, tables, (leader, followers, share of rows).
CASES = {
    "balanced": (10_000, 2, lambda r: generator(r, 10, 2), None),
    "balanced, 2,000 rows": (2_000, 2, lambda r: generator(r, 10, 2), None),
    "accuracy only": (
        10_000,
        2,
        lambda r: plain(r, between(r, 0.55, 0.9), between(r, 0.3, 0.9)),
        None,
    ),
    "imbalanced 5 %": (10_000, (0.95, 0.05), lambda r: generator(r, 10, 2), None),
    "imbalanced 20 %, sparse": (
        10_000,
        (0.8, 0.2),
        lambda r: generator(r, 10, 2, 5),
        None,
    ),
    "adversarial": (
        10_000,
        2,
        lambda r: plain(
            r,
            np.r_[between(r, 0.15, 0.4, 3), between(r, 0.6, 0.9, 7)],
            between(r, 0.3, 0.9),
        ),
        None,
    ),
    "correlated 70 %": (
        10_000,
        2,
        lambda r: plain(r, between(r, 0.6, 0.85), between(r, 0.4, 0.9)),
        (0, (1, 2), 0.7),
    ),
    "correlated, generator": (
        10_000,
        2,
        lambda r: generator(r, 10, 2, 3),
        (0, (1, 2, 3), 0.8),
    ),
    "sparse": (10_000, 2, lambda r: generator(r, 10, 2, 10), None),
    "sparse, accuracy only": (
        10_000,
        2,
        lambda r: plain(r, between(r, 0.55, 0.9), between(r, 0.05, 0.2)),
        None,
    ),
    "sparse, 3 classes, 2,000": (2_000, 3, lambda r: generator(r, 8, 3, 20), None),
    "multiclass 4": (
        10_000,
        4,
        lambda r: plain(r, between(r, 0.4, 0.9), between(r, 0.1, 0.5), 4),
        None,
    ),
    "multiclass 20": (10_000, 20, lambda r: generator(r, 15, 20, 30), None),
    "unipolar": (10_000, 2, lambda r: keywords(r, 10), None),
    "unipolar, imbalanced": (10_000, (0.85, 0.15), lambda r: keywords(r, 10), None),
    "unipolar, sparse": (10_000, 2, lambda r: keywords(r, 10, most=0.15), None),
    "duplicated": (
        10_000,
        2,
        lambda r: plain(r, between(r, 0.6, 0.85, 6), between(r, 0.4, 0.9, 6)),
        (0, (1,), 1.0),
    ),
    "three copies": (
        10_000,
        2,
        lambda r: generator(r, 8, 2, 3),
        (0, (1, 2), 1.0),
    ),
    "large": (100_000, 3, lambda r: generator(r, 30, 3, 3), None),
}


def make(name, seed):
    rows, prior, tables_of, ties = CASES[name]
    rng = np.random.default_rng([crc32(name.encode()), seed])
    prior = np.full(prior, 1 / prior) if isinstance(prior, int) else np.array(prior)
    tables = tables_of(rng)
    truth = rng.choice(len(prior), size=rows, p=prior)
    votes = draw(rng, tables, truth)
    if ties is None:
        return Case(name, votes, truth, prior, posterior(tables, prior, votes))
    leader, followers, share = ties
    repeat(rng, votes, leader, followers, share)
    kept = [j for j in range(len(tables)) if share < 1 or j not in followers]
    # With partial repeats no oracle is known; with copies it counts one.
    best = posterior(tables[kept], prior, votes[:, kept])
    return Case(name, votes, truth, prior, best if share == 1 else None)
