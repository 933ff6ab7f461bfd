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

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray

__all__ = ["EMFit", "fit_counts", "posterior_of"]

IntArray = npt.NDArray[np.int64]
_FLOOR = 1e-300
_SHORT = 10  # steps after which starts are compared
_STRIDE = 1.5  # by how much a step may grow that went well
_FAR = 8.0
_MARGIN = 0.01  # nats a row by which another start must be better


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
        Whether the last step changed less than the tolerance.
    start : int
        Number of the start that was kept; 0 is the majority vote.
    """

    posterior: FloatArray
    class_prior: FloatArray
    confusion: FloatArray
    log_likelihood: float
    n_iter: int
    converged: bool
    start: int = 0


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
    pooled: bool = False,
    expand: Any = None,
    n_init: int = 1,
    start: EMFit | None = None,
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
    pooled : bool
        Tilt the added votes as the votes of all sources are tilted by the
        class (relearned at each step): with few rows, sources are taken to be
        about equally good. As many rows are added to the shares of the classes,
        spread as the majority of the votes.
    expand : sparse matrix of shape (n_sources * n_outcomes, n_columns), optional
        Which outcomes a column of `counts` stands for, when it is not one: a
        column may be one joint outcome of several sources, so that a row has
        fewer entries. `counts` then has n_columns columns.
    n_init : int
        Starts: majority vote first, then votes with random weights.
    start : EMFit, optional
        Where to go on from (a fit to some of the items); the only start then.
    max_iter : int
        Most steps of a start.
    tol : float
        Stop when the mean log-likelihood of a row gains less.
    rng : numpy.random.Generator, optional
        For the starts after the first.

    Returns
    -------
    fit : EMFit
        The likeliest start; `pooled`, the majority vote unless another is likelier
        by far.

    References
    ----------
    .. [1] A. P. Dawid and A. M. Skene (1979), Maximum likelihood estimation of
       observer error-rates using the EM algorithm, Applied Statistics 28.
    """
    problem = _Problem(
        counts, n_classes, n_outcomes, weights, known, class_balance, power, expand
    )
    problem.smooth(smoothing, pooled)
    rng = np.random.default_rng(0) if rng is None else rng
    if start is not None:
        return problem.climb(start.class_prior, start.confusion, max_iter, tol)
    first = problem.maximise(problem.vote_shares(None))
    if n_init == 1:
        return problem.climb(*first, max_iter, tol)
    # Short climbs from every start; the best goes on (Biernacki and others 2003).
    firsts = [first]
    for _ in range(n_init - 1):
        votes = rng.exponential(size=problem.n_sources)
        firsts.append(problem.maximise(problem.vote_shares(votes)))
    short = min(_SHORT, max_iter)
    tries = [problem.climb(*one, short, tol) for one in firsts]
    best = max(tries, key=lambda fit: round(fit.log_likelihood, 6))
    # Pooled, the majority's meaning of the classes is kept, unless clearly worse.
    margin = _MARGIN * float(problem.weights.sum())
    if pooled and tries[0].log_likelihood >= best.log_likelihood - margin:
        best = tries[0]
    best = replace(best, start=tries.index(best))
    if best.converged or max_iter <= short:
        return best
    fit = problem.climb(best.class_prior, best.confusion, max_iter - short, tol)
    return replace(fit, n_iter=fit.n_iter + best.n_iter)


def posterior_of(
    counts: Any,
    expand: Any,
    class_prior: FloatArray,
    confusion: FloatArray,
    power: FloatArray,
) -> FloatArray:
    """Give the posteriors of items under tables that are known.

    Parameters
    ----------
    counts, expand : array or sparse matrix, sparse matrix or None
        As for `fit_counts`.
    class_prior : ndarray of shape (n_classes,)
        Shares of the classes.
    confusion : ndarray of shape (n_sources, n_classes, n_outcomes)
        Probability of each outcome, by source and true class.
    power : ndarray of shape (n_sources,)
        What a source's vote counts.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        Probability of each class, item by item.
    """
    # An outcome that a source never gave says nothing, should it come up.
    unseen = confusion.sum(axis=1, keepdims=True) == 0
    confusion = np.where(unseen, 1.0, confusion)
    k, outcomes = confusion.shape[1:]
    problem = _Problem(counts, k, outcomes, None, None, class_prior, power, expand)
    return np.ascontiguousarray(problem.expect(class_prior, confusion)[0].T)


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
        expand: Any,
    ) -> None:
        self.counts, self.expand = counts, expand
        self.n_items = counts.shape[0]
        columns = (counts if expand is None else expand.T).shape[1]
        self.n_classes, self.n_outcomes = n_classes, n_outcomes
        self.n_sources = columns // n_outcomes
        self.weights = np.ones(self.n_items) if weights is None else weights
        self.power = np.ones(self.n_sources) if power is None else power
        self.balance = class_balance
        self.known = known

    def smooth(self, smoothing: float, pooled: bool) -> None:
        """Set the votes that are added to each source and class."""
        said = self.gather(self.weights[None, :])[:, 0, :]
        total = np.maximum(said.sum(axis=1, keepdims=True), _FLOOR)
        self.shares = said / total
        self.speaks = self.shares[:, : self.n_classes].any(axis=1).astype(np.float64)
        self.smoothing, self.pooled = smoothing, pooled
        self.added_prior: FloatArray | float = 0.0
        if pooled and smoothing > 0:
            votes = self.scatter(self.votes_for(self.power))
            top = (votes >= votes.max(axis=0) - 1e-9) & (votes > 0)
            ties = np.maximum(top.sum(axis=0), 1)
            mass = (top * (self.weights / ties)).sum(axis=1)
            self.added_prior = smoothing * mass / max(float(mass.sum()), _FLOOR)

    def votes_for(self, weight: FloatArray) -> FloatArray:
        """Give the table that scatters each source's weight to what it says."""
        table = np.zeros((self.n_sources, self.n_classes, self.n_outcomes))
        classes = np.arange(self.n_classes)
        table[:, classes, classes] = weight[:, None]
        return table

    def pseudo(self, said: FloatArray) -> FloatArray | float:
        """Give the added votes, shape (n_sources, n_classes, n_outcomes)."""
        if self.smoothing == 0:
            return 0.0
        added = self.shares[:, None, :]
        if self.pooled:
            # A source that never votes has no part in what all have in common.
            expected = (said.sum(axis=2).T * self.speaks) @ self.shares
            seen = np.tensordot(self.speaks, said, 1)
            added = added * ((seen + 1e-9) / (expected + 1e-9))
        return np.asarray(
            self.smoothing / (added.sum(axis=2, keepdims=True) + _FLOOR) * added
        )

    # Inside, posteriors have shape (n_classes, n_items): sums over a few classes
    # then run along the items, several times as fast.

    def gather(self, mass: FloatArray) -> FloatArray:
        """Sum mass (class, item) by source, class and outcome: one product."""
        if self.expand is None and isinstance(self.counts, np.ndarray):
            said = mass @ self.counts
        else:
            flat = self.counts.T @ np.ascontiguousarray(mass.T)
            said = (flat if self.expand is None else self.expand @ flat).T
        said = np.asarray(said).reshape(len(mass), self.n_sources, self.n_outcomes)
        return said.transpose(1, 0, 2)

    def scatter(self, table: FloatArray) -> FloatArray:
        """Sum a (source, class, outcome) table over what items got: one product."""
        flat = table.transpose(1, 0, 2).reshape(table.shape[1], -1).T
        if self.expand is None and isinstance(self.counts, np.ndarray):
            return np.asarray(flat.T @ self.counts.T)
        flat = flat if self.expand is None else self.expand.T @ flat
        return np.ascontiguousarray(np.asarray(self.counts @ flat).T)

    def vote_shares(self, votes: FloatArray | None) -> FloatArray:
        """Give each item the shares of the votes it got, the start of a climb."""
        weight = self.power if votes is None else self.power * votes
        shares = self.scatter(self.votes_for(weight)) + 1e-3
        if self.known is not None:
            rows = np.flatnonzero(self.known >= 0)
            shares[:, rows] = 0.0
            shares[self.known[rows], rows] = 1.0
        return np.asarray(shares / shares.sum(axis=0))

    def climb(
        self, prior: FloatArray, confusion: FloatArray, max_iter: int, tol: float
    ) -> EMFit:
        """Step until the likelihood changes little.

        A step goes from the old tables through the new ones and beyond, further
        as long as that goes well, on the scale of logarithms (Salakhutdinov and
        Roweis 2003); when it makes things worse, back to the plain step.
        """
        total = max(float(self.weights.sum()), 1.0)
        posterior, before = self.expect(prior, confusion)
        stride, converged, step = 1.0, False, 0
        while not converged and step < max_iter:
            step += 1
            plain = self.maximise(posterior)
            far = _beyond(prior, plain[0], stride), _beyond(confusion, plain[1], stride)
            tried, likelihood = self.expect(*far)
            if stride > 1 and likelihood < before:
                stride, far = 1.0, plain
                tried, likelihood = self.expect(*far)
            else:
                stride = min(stride * _STRIDE, _FAR)
            (prior, confusion), posterior = far, tried
            converged = abs(likelihood - before) <= tol * total
            before = likelihood
        items = np.ascontiguousarray(posterior.T)
        return EMFit(items, prior, confusion, before, step, converged)

    def maximise(self, posterior: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the best prior and confusion for these posteriors."""
        mass = posterior * self.weights
        said = self.gather(mass)
        confusion = said + self.pseudo(said)
        confusion /= np.maximum(confusion.sum(axis=2, keepdims=True), _FLOOR)
        if self.balance is not None:
            return self.balance, confusion
        prior = mass.sum(axis=1) + self.added_prior
        return prior / max(float(prior.sum()), _FLOOR), confusion

    def expect(
        self, prior: FloatArray, confusion: FloatArray
    ) -> tuple[FloatArray, float]:
        """Give the posteriors, and the log-likelihood of all rows."""
        logs = np.log(np.maximum(confusion, _FLOOR))
        logs *= self.power[:, None, None]
        joint = self.scatter(logs)
        joint += np.log(np.maximum(prior, _FLOOR))[:, None]
        if self.known is not None:
            classes = np.arange(self.n_classes)[:, None]
            joint[(self.known >= 0) & (self.known != classes)] = -np.inf
        top = joint[0].copy()  # for a few classes faster than joint.max(axis=0)
        for row in joint[1:]:
            np.maximum(top, row, out=top)
        joint -= top
        np.exp(joint, out=joint)
        size = joint.sum(axis=0)
        joint /= size
        return joint, float(self.weights @ (np.log(size) + top))


def _beyond(old: FloatArray, new: FloatArray, stride: float) -> FloatArray:
    """Go from old to new and on, by the ratio; rows sum to 1 as before."""
    if stride == 1:
        return new
    ratio = (new + _FLOOR) / (old + _FLOOR)
    far = np.minimum(new * ratio ** (stride - 1), 1e9)
    return np.asarray(far / (far.sum(axis=-1, keepdims=True) + _FLOOR))
