"""Weigh functions by what they turn out to be worth, without labels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_choice,
    check_integer,
)
from mlworkbench.labeling._choose import Choice, choose
from mlworkbench.labeling._dependencies import Search, power_of
from mlworkbench.labeling._diagnose import doubts
from mlworkbench.labeling._em import EMFit, posterior_of
from mlworkbench.labeling._patterns import (
    IntArray,
    Patterns,
    design,
    distinct,
    fit_patterns,
)
from mlworkbench.labeling._vote_model import (
    VoteModel,
    check_balance,
    check_truth,
    check_votes,
)
from mlworkbench.labeling._votes import ABSTAIN

__all__ = ["LabelModel", "LabelModelWarning"]

_FLOOR = 1e-300
_CLIMB = 20  # steps asked for from which on a climb may be given up


class LabelModelWarning(UserWarning):
    """The votes do not support the label model; the message says why."""


class LabelModel(VoteModel):
    """Combine votes by a model of each function, learned without labels.

    Each function has a table of its own: how often it says what (or nothing)
    when the class is c. The tables and the shares of the classes are those that
    make the votes most likely (Dawid and Skene 1979), found by EM.

    Parameters
    ----------
    n_classes : int, optional
        Number of classes; as many as the votes show by default, at least 2.
    class_balance : array-like of shape (n_classes,), optional
        Shares of the classes, held fixed; learned by default. Give them when
        you know them.
    abstain : {"vote", "missing"}
        Whether silence is an outcome like any other, likelier under one class
        than under another, or says nothing.
    smoothing : float
        Votes added to each function and class, tilted as the votes of all
        functions are: with few rows, functions are taken to be about equally
        good. As many rows are added to the shares of the classes, as the
        majority of the votes has them. 0 is maximum likelihood.
    n_init : int
        Starts: the majority vote, and majority votes with random weights.
    max_iter : int
        Most EM steps.
    tol : float
        Stop when a step changes the mean log-likelihood of a row by less.
    dependencies : "auto", None or sequence of groups
        Functions that count once, each group a sequence of two or more names
        or positions; "auto" looks for them (see `find_dependent_lfs`); None
        takes all functions for independent.
    random_state : int, Generator, RandomState or None
        For the starts after the first, and for ``tie_break="random"``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        0 to n_classes - 1.
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the classes, given or learned.
    confusion_ : ndarray of shape (n_functions, n_classes, n_classes + 1)
        Probability of each outcome by function and true class; the last
        outcome is silence, 0 throughout when `abstain_` is "missing".
    accuracies_ : ndarray of shape (n_functions,)
        Share of a function's votes that are right, as the model sees it; NaN
        for a function that never votes.
    vote_powers_ : ndarray of shape (n_functions,)
        What a vote counts: 1, or less for functions that speak for each other.
    dependencies_ : tuple of tuple of str
        Functions that were counted once.
    fallback_ : {None, "step", "common"}
        What was used instead of the full model: one step from the majority
        vote, or one table for all functions, with silence left out (see Notes).
    abstain_ : {"vote", "missing"}
        How silence was taken in the end.
    log_likelihood_ : float
        Natural logarithm of the likelihood of all votes.
    n_iter_ : int
        EM steps of the start that was kept.
    converged_ : bool
        Whether the last step changed less than `tol`.
    notes_ : tuple of str
        What to know before believing the labels. What makes them doubtful is
        also raised as one `LabelModelWarning`.
    n_features_in_ : int
        Number of functions.
    feature_names_in_ : ndarray of shape (n_functions,)
        Their names, when the votes of the fit had names.

    See Also
    --------
    MajorityVote : The baseline: count the votes.
    find_dependent_lfs : The pairs of functions that agree too much.

    Notes
    -----
    The posterior of a row is proportional to prior[c] times the product over
    functions of confusion[j, c, vote] ** power[j].

    The defaults, by experiment on simulated votes. *Silence is an outcome*:
    where silence depends on the class, accuracy rises by up to 8 points; where
    it does not, the cost is up to 0.6 points at 1,000 and 2,000 rows and mostly
    under 0.1 at 10,000 (0.5 when functions are as sparse as 1 to 6 %, 1 when
    they are weak and a class is rare). One-sided functions (they vote for one
    class or are silent, as keywords do) say everything by their silence, so
    ``"missing"`` is an error when all are such. *The class balance is learned*:
    0 to 0.3 points below the true one given when classes are even, or functions
    good and rows many; with 5 to 10 % of a rare class and functions right .6 to
    .8 of the time, 3 to 8 points below, at any number of rows: give the balance
    if you know it. Assuming equal classes loses 10 to 35 points there.
    *Dependent functions are looked
    for*: two or three copies of one function make a model of independent
    functions believe the copies, 11 to 16 points below plain majority vote;
    counted once, it is 4 to 8 above. *The majority vote is the first start*:
    another one replaces it only when it is likelier by 0.01 a row, since a
    likelier fit is often one of something other than the classes.

    *It stays near the majority vote where the votes cannot carry more*, unless
    `smoothing` is 0, `max_iter` is 20 or less, or some classes are known. (1)
    One table for all functions explains the votes as well, up to the half nat
    per parameter that chance gives (looked at up to 5,000 rows, and in case of
    2): the labels stay one step from the majority vote, or take one table for
    all where a class is rare. (2) More than 3 % of the rows on which two or more
    functions agree are overruled, or the votes for a class are likelier under
    another, and some functions are one-sided: the full model has found another
    split of the rows, such as long and short texts, or topics. Then, too, the
    labels stay one step from the majority vote, only copies count once, and a
    warning says so. On such votes the full model is 5 to 30 points below the
    majority vote. Unanimous rows may be overruled when functions clearly differ:
    by 0.35 nats a row, or 0.8 per parameter where every function votes for more
    than one class; then some of them are worthless, or lie.

    When it misleads: with fewer than three independent functions accuracy
    cannot be told from the votes (the model then stays one step from the
    majority vote and warns); where functions share a cause of error that is no
    copy; and where most functions are worse than chance, a world in which the
    classes change names is as likely.

    Rows with a known class in `y` keep it during the fit and count as one row
    each: a handful says little beside thousands of votes, many make the model
    a supervised one. A step costs two products of the distinct vote patterns
    with a thin matrix: O(patterns × functions × classes).

    References
    ----------
    .. [1] A. P. Dawid and A. M. Skene (1979), Maximum likelihood estimation of
       observer error-rates using the EM algorithm, Applied Statistics 28.
    .. [2] A. Ratner, B. Hancock, J. Dunnmon, F. Sala, S. Pandey and C. Ré
       (2019), Training complex models with multi-task weak supervision.

    *Used in:* ``ch04_training_data/05_combine_noisy_votes``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.labeling import LabelModel
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 2, size=5000)
    >>> right = rng.random((5000, 4)) < [0.9, 0.7, 0.6, 0.6]
    >>> votes = np.where(right, truth[:, None], 1 - truth[:, None])
    >>> votes[rng.random(votes.shape) < 0.3] = -1
    >>> model = LabelModel().fit(votes)
    >>> model.accuracies_.round(1).tolist()
    [0.9, 0.7, 0.6, 0.6]
    >>> model.predict([[1, 0, 0, -1], [-1, -1, -1, -1]]).tolist()
    [1, -1]
    """

    def __init__(
        self,
        n_classes: int | None = None,
        *,
        class_balance: Any = None,
        abstain: str = "vote",
        smoothing: float = 20.0,
        n_init: int = 3,
        max_iter: int = 200,
        tol: float = 1e-6,
        dependencies: str | Sequence[Sequence[Any]] | None = "auto",
        random_state: RandomState = 0,
    ) -> None:
        self.n_classes = n_classes
        self.class_balance = class_balance
        self.abstain = abstain
        self.smoothing = smoothing
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.dependencies = dependencies
        self.random_state = random_state

    def fit(self, votes: Any, y: Any = None) -> LabelModel:
        """Learn what each function is worth.

        Parameters
        ----------
        votes : DataFrame or array-like of shape (n_rows, n_functions)
            Classes 0 to n_classes - 1, and -1 for no opinion.
        y : array-like of shape (n_rows,), optional
            True classes where they are known, -1 (or missing) elsewhere.

        Returns
        -------
        model : LabelModel
            The model itself.

        Raises
        ------
        TypeError, ValueError
            When the votes are no votes, there is none at all, a parameter is
            out of range, or ``abstain="missing"`` and all functions are
            one-sided.

        Warns
        -----
        LabelModelWarning
            When the result is doubtful; the message names the functions.
        """
        self._check_parameters()
        codes, names, k = check_votes(votes, self.n_classes)
        balance = check_balance(self.class_balance, k)
        known = check_truth(y, votes, len(codes), k)
        if not (codes != ABSTAIN).any():
            raise ValueError("no function votes on any row; there is nothing to learn")
        if self.abstain == "missing":
            _refuse_one_sided(codes, known)
        patterns = distinct(codes, k, known)
        group, power, start, copied = self._groups(patterns, k, balance, names)
        # Two functions cannot say which is right: stay beside the majority.
        enough = known is not None or len(set(group.tolist())) > 2
        steps = self.max_iter if enough else 1
        missing = self.abstain == "missing"
        options: dict[str, Any] = {
            "class_balance": balance,
            "power": power,
            "smoothing": float(self.smoothing),
            "max_iter": steps,
            "tol": self.tol,
        }
        fit = fit_patterns(
            patterns,
            k,
            missing=missing,
            n_init=self.n_init,
            start=start if steps > 1 and not missing else None,
            rng=as_generator(self.random_state),
            **options,
        )
        chosen = Choice(fit, missing)
        if self.smoothing > 0 and steps > _CLIMB and known is None:
            chosen = choose(patterns, k, fit, missing, power_of(copied), **options)
        if chosen.plain:
            group, power = copied, power_of(copied)
        self._set_votes(votes, codes, k)
        self._keep(chosen, power)
        self.dependencies_ = tuple(
            tuple(names[j] for j in np.flatnonzero(group == g))
            for g in dict.fromkeys(group.tolist())
            if (group == g).sum() > 1
        )
        self.notes_, doubtful = doubts(self, patterns, chosen, names, known is not None)
        if doubtful:
            warnings.warn(" · ".join(doubtful), LabelModelWarning, stacklevel=2)
        return self

    def _check_parameters(self) -> None:
        check_choice(self.abstain, "abstain", ("vote", "missing"))
        check_integer(self.n_init, "n_init", 1)
        check_integer(self.max_iter, "max_iter", 1)
        for name in ("smoothing", "tol"):
            value = getattr(self, name)
            real = isinstance(value, int | float | np.number)
            if isinstance(value, bool) or not real or not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value!r}; pass a number of 0 or more")

    def _groups(
        self, patterns: Patterns, k: int, balance: FloatArray | None, names: list[str]
    ) -> tuple[IntArray, FloatArray, EMFit | None, IntArray]:
        """Give each function's group, what its vote counts, a first fit, and copies."""
        if self.dependencies is None:
            group = np.arange(len(names))
            return group, np.ones(len(names)), None, group
        if isinstance(self.dependencies, str):
            check_choice(self.dependencies, "dependencies", ("auto", None))
            search = Search(
                patterns,
                k,
                balance,
                smoothing=float(self.smoothing),
                n_init=self.n_init,
                rng=as_generator(self.random_state),
            )
            found = search.run()
            power = power_of(found.group, found.excess)
            return found.group, power, found.fit, search.copied
        group = _given_groups(self.dependencies, names)
        return group, power_of(group), None, group

    def _keep(self, chosen: Choice, power: FloatArray) -> None:
        fit = chosen.fit
        self.fallback_ = None if chosen.kind == "full" else chosen.kind
        self.abstain_ = "missing" if chosen.missing else "vote"
        self.class_prior_, self.confusion_ = fit.class_prior, fit.confusion
        self.vote_powers_ = power
        k = len(fit.class_prior)
        right = fit.confusion[:, np.arange(k), np.arange(k)] @ fit.class_prior
        voted = (fit.class_prior @ fit.confusion)[:, :k].sum(axis=1)
        self.accuracies_ = np.where(
            voted > 0, right / np.maximum(voted, _FLOOR), np.nan
        )
        self.log_likelihood_ = fit.log_likelihood
        self.n_iter_, self.converged_ = fit.n_iter, fit.converged

    def _proba(self, codes: npt.NDArray[np.int8]) -> FloatArray:
        k = len(self.classes_)
        found = distinct(codes, k)
        counts, expand = design(
            found.outcomes, k + 1, k if self.abstain_ == "missing" else None
        )
        proba = posterior_of(
            counts, expand, self.class_prior_, self.confusion_, self.vote_powers_
        )
        return np.asarray(proba[found.inverse])


def _refuse_one_sided(codes: npt.NDArray[np.int8], known: IntArray | None) -> None:
    if known is None and all(len(set(c[c != ABSTAIN].tolist())) <= 1 for c in codes.T):
        raise ValueError(
            'every function votes for one class only; under abstain="missing" such '
            'votes carry no evidence: use abstain="vote", or functions that can '
            "vote for more than one class"
        )


def _given_groups(dependencies: Sequence[Sequence[Any]], names: list[str]) -> IntArray:
    """Read groups of names or positions; groups that share a function are one."""
    group = np.arange(len(names))
    for members in dependencies:
        if isinstance(members, str) or len(members) < 2:
            raise ValueError(
                f"dependencies has {members!r}; pass groups of two or more functions"
            )
        for one, other in pairwise(members):
            a, b = _position(one, names), _position(other, names)
            group[group == group[b]] = group[a]
    return group


def _position(member: Any, names: list[str]) -> int:
    if isinstance(member, str) and member in names:
        return names.index(member)
    whole = isinstance(member, int | np.integer) and not isinstance(member, bool)
    if whole and 0 <= member < len(names):
        return int(member)
    raise ValueError(
        f"dependencies names the function {member!r}; there are "
        f"{', '.join(names)} (or pass positions from 0 to {len(names) - 1})"
    )
