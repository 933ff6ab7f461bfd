"""Expectation-maximisation for noisy sources of one hidden class (Dawid and Skene).

The one entry point is `fit_counts`. It takes *counts of votes*, not votes, so
that rows that look alike are stated once (with a weight), a source may speak
several times about one item, and silence may be an outcome like any other.

The model. An item has a class c with probability prior[c]. Source j, asked
about it, answers outcome o with probability confusion[j, c, o], each answer on
its own. With counts x[i, j, o] the posterior of item i is proportional to

    prior[c] * product over j, o of confusion[j, c, o] ** (power[j] * x[i, j, o]).

How to call it. For `n_sources` sources of `n_outcomes` outcomes, `counts` has
one row per item and one column per (source, outcome), source by source:
column `j * n_outcomes + o`. It may be an array or a scipy sparse matrix. For
records (item, annotator, label), coded from 0, with repeats:

    counts = scipy.sparse.csr_array(
        (np.ones(len(item)), (item, annotator * n_classes + label)),
        shape=(n_items, n_annotators * n_classes),
    )                                      # repeats add up
    fit = fit_counts(counts, n_classes, n_classes)
    fit.posterior       # (n_items, n_classes)
    fit.confusion       # (n_annotators, n_classes, n_classes): true, said
    fit.class_prior     # (n_classes,)

Outcome o < n_classes is a vote for class o; a further outcome (silence) is a
vote for nobody. A step costs two products of `counts` with a thin matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray

__all__ = ["EMFit", "fit_counts"]

IntArray = npt.NDArray[np.int64]
_FLOOR = 1e-300


@dataclass(frozen=True, eq=False)
class EMFit:
    """What `fit_counts` found.

    Parameters
    ----------
    posterior : ndarray of shape (n_items, n_classes)
        Probability of each class, item by item.
    class_prior : ndarray of shape (n_classes,)
        Share of each class, learned or given.
    confusion : ndarray of shape (n_sources, n_classes, n_outcomes)
        Probability of each outcome, by source and true class.
    log_likelihood : float
        Of the counts, natural logarithm, without the smoothing.
    n_iter : int
        Steps of the start that was kept.
    converged : bool
        Whether the last step gained less than the tolerance.
    """

    posterior: FloatArray
    class_prior: FloatArray
    confusion: FloatArray
    log_likelihood: float
    n_iter: int
    converged: bool


def fit_counts(
    counts: Any,
    n_classes: int,
    n_outcomes: int,
    *,
    weights: FloatArray | None = None,
    known: IntArray | None = None,
    class_balance: FloatArray | None = None,
    power: FloatArray | None = None,
    smoothing: float = 0.0,
    n_init: int = 1,
    max_iter: int = 100,
    tol: float = 1e-6,
    rng: np.random.Generator | None = None,
) -> EMFit:
    """Fit classes and sources to counts of votes.

    Parameters
    ----------
    counts : array or sparse matrix of shape (n_items, n_sources * n_outcomes)
        How often each source gave each outcome; column j * n_outcomes + o.
    n_classes : int
        Number of classes; the first outcomes are votes for them.
    n_outcomes : int
        Outcomes of a source, at least n_classes.
    weights : ndarray of shape (n_items,), optional
        Rows that each item stands for; 1 by default.
    known : ndarray of shape (n_items,), optional
        The true class where it is known, -1 elsewhere.
    class_balance : ndarray of shape (n_classes,), optional
        Shares of the classes, held fixed; learned by default.
    power : ndarray of shape (n_sources,), optional
        What a source's vote counts, 1 by default; 1/2 each for two copies.
    smoothing : float
        Votes added to each source and class, spread as the source votes over
        all: 0 is maximum likelihood.
    n_init : int
        Starts: majority vote first, then votes with random weights.
    max_iter : int
        Most steps of a start.
    tol : float
        Stop when the mean log-likelihood of a row gains less.
    rng : numpy.random.Generator, optional
        For the starts after the first.

    Returns
    -------
    fit : EMFit
        The start with the highest (smoothed) likelihood.

    References
    ----------
    .. [1] A. P. Dawid and A. M. Skene (1979), Maximum likelihood estimation of
       observer error-rates using the EM algorithm, Applied Statistics 28.
    """
    problem = _Problem(
        counts, n_classes, n_outcomes, weights, known, class_balance, power, smoothing
    )
    rng = np.random.default_rng(0) if rng is None else rng
    best: tuple[float, EMFit] | None = None
    for start in range(n_init):
        votes = None if start == 0 else rng.exponential(size=problem.n_sources)
        found = problem.climb(problem.vote_shares(votes), max_iter, tol)
        if best is None or found[0] > best[0]:
            best = found
    assert best is not None
    return best[1]


class _Problem:
    """The counts and what stays fixed while the steps run."""

    def __init__(
        self,
        counts: Any,
        n_classes: int,
        n_outcomes: int,
        weights: FloatArray | None,
        known: IntArray | None,
        class_balance: FloatArray | None,
        power: FloatArray | None,
        smoothing: float,
    ) -> None:
        self.counts = counts
        self.n_items, columns = counts.shape
        self.n_classes, self.n_outcomes = n_classes, n_outcomes
        self.n_sources = columns // n_outcomes
        self.weights = np.ones(self.n_items) if weights is None else weights
        self.power = np.ones(self.n_sources) if power is None else power
        self.balance = class_balance
        self.known = known
        said = (counts.T @ self.weights).reshape(self.n_sources, n_outcomes)
        total = np.maximum(said.sum(axis=1, keepdims=True), 1.0)
        self.pseudo = smoothing * (said / total)[:, None, :]
        self.smoothing = smoothing

    def vote_shares(self, votes: FloatArray | None) -> FloatArray:
        """Give each item the shares of the votes it got, the start of a climb."""
        weight = self.power if votes is None else self.power * votes
        table = np.zeros((self.n_sources, self.n_outcomes, self.n_classes))
        classes = np.arange(self.n_classes)
        table[:, classes, classes] = weight[:, None]
        shares = self.counts @ table.reshape(-1, self.n_classes) + 1e-3
        return self._pin(shares / shares.sum(axis=1, keepdims=True))

    def climb(
        self, posterior: FloatArray, max_iter: int, tol: float
    ) -> tuple[float, EMFit]:
        """Step until the gain is small."""
        before, converged, step = -np.inf, False, 0
        total = max(float(self.weights.sum()), 1.0)
        while not converged and step < max_iter:
            step += 1
            prior, confusion = self.maximise(posterior)
            posterior, likelihood = self.expect(prior, confusion)
            goal = likelihood + self.log_prior(confusion)
            converged = goal - before <= tol * total
            before = goal
        fit = EMFit(posterior, prior, confusion, likelihood, step, converged)
        return before, fit

    def maximise(self, posterior: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the best prior and confusion for these posteriors."""
        mass = posterior * self.weights[:, None]
        said = np.asarray(self.counts.T @ mass)
        said = said.reshape(self.n_sources, self.n_outcomes, self.n_classes)
        confusion = said.transpose(0, 2, 1) + self.pseudo
        confusion /= np.maximum(confusion.sum(axis=2, keepdims=True), _FLOOR)
        if self.balance is not None:
            return self.balance, confusion
        prior = mass.sum(axis=0)
        return prior / max(float(prior.sum()), _FLOOR), confusion

    def expect(
        self, prior: FloatArray, confusion: FloatArray
    ) -> tuple[FloatArray, float]:
        """Give the posteriors, and the log-likelihood of all rows."""
        logs = np.log(np.maximum(confusion, _FLOOR)) * self.power[:, None, None]
        table = logs.transpose(0, 2, 1).reshape(-1, self.n_classes)
        joint = np.asarray(self.counts @ table) + np.log(np.maximum(prior, _FLOOR))
        if self.known is not None:
            others = (self.known[:, None] >= 0) & (
                self.known[:, None] != np.arange(self.n_classes)
            )
            joint[others] = -np.inf
        top = joint.max(axis=1, keepdims=True)
        np.exp(joint - top, out=joint)
        size = joint.sum(axis=1, keepdims=True)
        joint /= size
        return joint, float(self.weights @ (np.log(size) + top)[:, 0])

    def log_prior(self, confusion: FloatArray) -> float:
        """Give the logarithm of the smoothing's density, up to a constant."""
        if self.smoothing == 0:
            return 0.0
        return float((self.pseudo * np.log(np.maximum(confusion, _FLOOR))).sum())

    def _pin(self, posterior: FloatArray) -> FloatArray:
        if self.known is None:
            return posterior
        rows = self.known >= 0
        posterior[rows] = np.eye(self.n_classes)[self.known[rows]]
        return posterior
