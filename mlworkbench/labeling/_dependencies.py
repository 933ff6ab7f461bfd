"""Functions that agree more than their accuracy explains: copies, shared sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import FloatArray
from mlworkbench.labeling._em import EMFit
from mlworkbench.labeling._patterns import (
    IntArray,
    Patterns,
    agreement,
    distinct,
    fit_patterns,
)
from mlworkbench.labeling._vote_model import check_balance, check_votes

__all__ = ["DependentLFs", "Search", "find_dependent_lfs", "power_of"]

_THRESHOLD = 0.2
_SIGMAS = 5.0  # so rarely by chance that thousands of pairs may be tried
_MOST = 5_000  # rows looked at
_COPY = 1e-9
_SMOOTHING = 20.0
_TOL = 1e-5
_LINK = 0.1  # excess that all pairs of a group must have
_TIGHT = 0.3  # agreement beyond chance of a pair that may pass for the truth
_COMMON = 1e6  # votes added so that all functions have one table
_LESS = 0.8  # part of the unexplained agreement of the others that may stay


@dataclass(frozen=True, eq=False, repr=False)
class DependentLFs(Report):
    """What `find_dependent_lfs` found.

    `frame` has a row per dependent pair, the strongest first: `lf_a`, `lf_b`,
    `agreement` (share of rows with one outcome, silence included), `expected`
    (what the model allows), `excess` (the part of the disagreement expected
    that is missing: 1 for copies, 0 for independent functions) and `group`.

    Parameters
    ----------
    frame : pandas.DataFrame
        The pairs.
    n_functions : int
        Functions looked at.
    n_pairs : int
        Dependent pairs.
    groups : tuple of tuple of str
        Functions to count once, ready for ``LabelModel(dependencies=...)``.
    excess : pandas.DataFrame
        Excess agreement of every pair, functions × functions.
    notes : tuple of str
        What to know before believing it.
    """

    n_functions: int
    n_pairs: int
    groups: tuple[tuple[str, ...], ...]
    excess: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Dependent labeling functions"

    def plot(self, ax: Any = None) -> Any:
        """Draw the excess agreement of every pair.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: functions by functions, 0 is white.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        names = list(self.excess.columns)
        image = ax.imshow(self.excess, vmin=-1, vmax=1, cmap="RdBu_r")
        ax.set_xticks(range(len(names)), names, rotation=90)
        ax.set_yticks(range(len(names)), names)
        ax.figure.colorbar(image, ax=ax, label="excess agreement")
        ax.set_title(f"{self.n_pairs} dependent pair(s)")
        return ax


def find_dependent_lfs(
    votes: Any,
    *,
    n_classes: int | None = None,
    class_balance: Any = None,
    threshold: float = _THRESHOLD,
) -> DependentLFs:
    """Find labeling functions that agree more than the label model allows.

    Parameters
    ----------
    votes : DataFrame or array-like of shape (n_rows, n_functions)
        Classes 0 to n_classes - 1, and -1 for no opinion.
    n_classes : int, optional
        Number of classes; as many as the votes show by default, at least 2.
    class_balance : array-like of shape (n_classes,), optional
        Shares of the classes; learned by default.
    threshold : float
        Excess agreement from which on a pair is dependent, above 0 and below 1.

    Returns
    -------
    report : DependentLFs
        The pairs, and the groups they make.

    Raises
    ------
    TypeError, ValueError
        When the votes are no votes, or the threshold is outside (0, 1).

    Notes
    -----
    The model says how often two functions have one outcome when only the class
    ties them: E = sum over c, o of prior[c] a[c, o] b[c, o]. The excess is
    (A - E) / (1 - E) for the observed agreement A, Cohen's kappa with the class
    taken into account. A pair counts when the excess is above the threshold
    and five standard errors above 0.

    A strong group drags the model to its side and then looks innocent. So pairs
    are joined one at a time, the worst by excess or by plain agreement,
    whichever explains more of what is left, and the model is fitted anew with
    the joined functions counted once. A join that turns a function that was
    better than chance into one that is worse is not made, nor one of groups with
    a pair that agrees as it should. A group that captured the first fit leaves
    nothing to explain. So, where a pair agrees by more than .3 beyond chance, the
    search runs again with one table for all functions, under which no group can
    pass for the truth. What it joins is kept if it is dependent under tables of
    their own too and the other functions' agreement is explained better by a
    fifth. Copies are compared on all rows. With three functions
    or fewer the votes cannot tell dependence from accuracy: only copies are
    found. O(rows × functions² × classes), on at most 5,000 rows.

    References
    ----------
    .. [1] S. H. Bach, B. He, A. Ratner and C. Ré (2017), Learning the structure
       of generative models without labeled data.

    *Used in:* ``ch04_training_data/05_combine_noisy_votes``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.labeling import find_dependent_lfs
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 2, size=(2000, 1))
    >>> votes = np.where(rng.random((2000, 5)) < 0.75, truth, 1 - truth)
    >>> votes[:, 4] = votes[:, 0]
    >>> find_dependent_lfs(votes).groups
    (('lf_0', 'lf_4'),)
    """
    if isinstance(threshold, bool) or not 0 < threshold < 1:
        raise ValueError(f"threshold is {threshold!r}; pass a number in (0, 1)")
    codes, names, n_classes = check_votes(votes, n_classes)
    balance = check_balance(class_balance, n_classes)
    search = Search(
        distinct(codes, n_classes), n_classes, balance, threshold, smoothing=_SMOOTHING
    )
    found = search.run()
    joined = (found.group[:, None] == found.group) & found.dependent
    pairs = [(int(a), int(b)) for a, b in np.argwhere(np.triu(joined))]
    pairs.sort(key=lambda pair: (-round(float(found.excess[pair]), 9), pair))
    frame = pd.DataFrame(
        {
            "lf_a": pd.Series([names[a] for a, _ in pairs], dtype="str"),
            "lf_b": pd.Series([names[b] for _, b in pairs], dtype="str"),
            "agreement": [float(search.same[pair]) for pair in pairs],
            "expected": [float(found.expected[pair]) for pair in pairs],
            "excess": [float(found.excess[pair]) for pair in pairs],
            "group": [int(found.group[a]) for a, _ in pairs],
        }
    )
    numbers = {old: new for new, old in enumerate(frame["group"].unique())}
    frame["group"] = frame["group"].map(numbers).astype("int64")
    groups = tuple(
        tuple(names[j] for j in np.flatnonzero(found.group == g)) for g in numbers
    )
    notes = (
        ("with three functions or fewer, only copies can be found",)
        if len(names) <= 3
        else ()
    )
    return DependentLFs(
        frame,
        n_functions=len(names),
        n_pairs=len(pairs),
        groups=groups,
        excess=pd.DataFrame(found.excess, index=names, columns=names),
        notes=notes,
    )


def power_of(group: IntArray, excess: FloatArray | None = None) -> FloatArray:
    """Give what each vote counts: 1 over the functions it speaks for.

    With the excess agreement, a function speaks for another of its group in
    that measure; without it, fully.
    """
    same = (group[:, None] == group) & ~np.eye(len(group), dtype=bool)
    measure = same * (1.0 if excess is None else np.clip(excess, 0, 1))
    return np.asarray(1 / (1 + measure.sum(axis=1)))


@dataclass(frozen=True, eq=False)
class Look:
    """What a fit with some functions joined leaves unexplained.

    Parameters
    ----------
    group : ndarray of shape (n_functions,)
        The group of each function; each group counts once.
    fit : EMFit
        The fit.
    expected, excess : ndarray of shape (n_functions, n_functions)
        Agreement that the model allows, and that is left beyond it.
    dependent : ndarray of shape (n_functions, n_functions), bool
        Whether that is too much.
    """

    group: IntArray
    fit: EMFit
    expected: FloatArray
    excess: FloatArray
    dependent: npt.NDArray[np.bool_]

    @property
    def joined(self) -> npt.NDArray[np.bool_]:
        """Whether two functions are of one group."""
        return np.asarray(self.group[:, None] == self.group)

    @property
    def left(self) -> FloatArray:
        """Excess of the dependent pairs that are not joined, 0 elsewhere."""
        return np.where(~self.joined & self.dependent, self.excess, 0.0)

    @property
    def worse(self) -> npt.NDArray[np.bool_]:
        """Functions that are worse than chance."""
        gain = informedness(self.fit.confusion, self.fit.class_prior)
        return np.asarray(gain < -0.02)


class Search:
    """The search for dependent functions, on some of the rows."""

    def __init__(
        self,
        patterns: Patterns,
        n_classes: int,
        balance: FloatArray | None,
        threshold: float = _THRESHOLD,
        n_init: int = 1,
        **options: Any,
    ) -> None:
        self.patterns = patterns.take(_MOST)
        self.n_classes, self.balance = n_classes, balance
        self.threshold, self.n_init, self.options = threshold, n_init, options
        self.same, self.shares = agreement(self.patterns, n_classes + 1)
        # Two functions that never vote are no copies; copies are so on all rows.
        voting = patterns.by_function(n_classes + 1)[:, :n_classes].sum(axis=1) > 0
        self.speaks = np.asarray(voting[:, None] & voting)
        self.copies = np.zeros(self.same.shape, dtype=bool)
        for a, b in np.argwhere(np.triu((self.same > 1 - _COPY) & self.speaks, 1)):
            if (patterns.outcomes[:, a] == patterns.outcomes[:, b]).all():
                self.copies[a, b] = self.copies[b, a] = True
        self.copied = np.arange(len(self.same))
        for a, b in np.argwhere(np.triu(self.copies)):
            self.copied[self.copied == self.copied[b]] = self.copied[a]
        self.same[self.copies] = 1.0
        chance = self.shares @ self.shares.T
        self.plain = (self.same - chance) / np.maximum(1 - chance, _COPY)

    def run(self) -> Look:
        """Join dependent functions until nothing is left to explain."""
        return self.unmask(self.join(self.look(self.copied, self.n_init)))

    def join(self, now: Look, **options: Any) -> Look:
        """Join dependent pairs, the worst first, while that is fair to all."""
        while now.left.max() > 0 and len(set(now.group.tolist())) > 2:
            apart = ~now.joined
            pairs = {_pair(now.left), _pair(np.where(apart, self.plain, -1.0))}
            looks = [
                self.look(
                    np.where(now.group == now.group[b], now.group[a], now.group),
                    **options,
                )
                for a, b in sorted(pairs)
            ]
            fair = [
                look
                for look in looks
                if not (look.worse & ~now.worse).any()
                and look.excess[apart & look.joined].min() > _LINK
            ]
            if not fair:
                break
            now = min(fair, key=lambda look: np.square(look.left).sum())
        return now

    def unmask(self, now: Look) -> Look:
        """Find a group that the model has taken for the truth.

        Under tables that all functions have in common no group can be the
        truth. What is found so must be dependent under tables of their own too.
        """
        apart = ~now.joined
        tight = np.where(apart & self.speaks, self.plain, 0.0)
        if len(set(now.group.tolist())) < 4 or tight.max() < _TIGHT:
            return now
        common: dict[str, Any] = {"smoothing": _COMMON}
        shared = self.join(self.look(now.group, **common), **common)
        if len(set(shared.group.tolist())) < 3 or (shared.group == now.group).all():
            return now
        then = self.look(shared.group)
        joined = apart & then.joined
        others = ~joined.any(axis=1)
        honest = ~then.joined & self.speaks
        rest = [
            float(np.square(np.where(honest, one.excess, 0.0)).sum())
            for one in (now, then)
        ]
        fair = not (then.worse & ~now.worse & others).any()
        if then.dependent[joined].all() and fair and rest[1] < _LESS * rest[0]:
            return self.join(then)
        return now

    def look(self, group: IntArray, n_init: int = 1, **options: Any) -> Look:
        """Fit with each group counted once, and compare agreements."""
        fit = fit_patterns(
            self.patterns,
            self.n_classes,
            class_balance=self.balance,
            power=power_of(group),
            n_init=n_init,
            tol=_TOL,
            **{**self.options, **options},
        )
        flat = (fit.confusion * np.sqrt(fit.class_prior)[None, :, None]).reshape(
            len(group), -1
        )
        expected = np.clip(flat @ flat.T, 0, 1)
        gap = self.same - expected
        excess = gap / np.maximum(1 - expected, _COPY)
        rows = max(float(self.patterns.weights.sum()), 1.0)
        noise = np.sqrt(np.maximum(expected * (1 - expected), 1e-6) / rows)
        # Copies may have been taken for the truth: they are copies all the same.
        excess[self.copies] = 1.0
        np.fill_diagonal(excess, 0.0)
        dependent = (excess > self.threshold) & (gap > _SIGMAS * noise) & self.speaks
        return Look(group, fit, expected, excess, dependent | self.copies)


def _pair(score: FloatArray) -> tuple[int, int]:
    a, b = np.unravel_index(int(np.argmax(score.round(9))), score.shape)
    return min(int(a), int(b)), max(int(a), int(b))


def informedness(confusion: FloatArray, prior: FloatArray) -> FloatArray:
    """Give how much more often a vote is right than if it ignored the class.

    As a share of the votes: 0 for chance, below 0 for worse.
    """
    classes = np.arange(len(prior))
    right = confusion[:, classes, classes] @ prior
    said = (prior @ confusion)[:, : len(prior)]
    return np.asarray((right - said @ prior) / np.maximum(said.sum(axis=1), _COPY))
