"""A fair sample of a stream that is too long to keep."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from mlworkbench._validation import (
    RandomState,
    as_generator,
    check_integer,
    check_same_index,
)
from mlworkbench.sampling._kept import Kept, as_block
from mlworkbench.sampling._plans import UniformPlan, WeightedPlan
from mlworkbench.sampling._weights import check_stream_weights, check_weight, pairs

__all__ = ["ReservoirSampler"]


class ReservoirSampler:
    """Keep a fair sample of `k` items from a stream of unknown length.

    At any moment `sample` is a simple random sample, without replacement, of
    all items seen so far: after n of them each is in it with probability
    min(1, k/n). Two samplers that saw two streams merge into one that is as
    good as if it had seen both.

    Parameters
    ----------
    k : int
        Number of items to keep, 1 or more.
    weighted : bool, default=False
        Draw in proportion to weights instead of with equal chances.
    random_state : int, numpy.random.Generator or None, default=None
        Source of chance. One seed gives one sample, however the stream is cut
        into `add` and `extend`. A Generator is used, not copied.

    Attributes
    ----------
    n_seen : int
        Number of items seen, kept or not.
    sample : list, ndarray, Series or DataFrame
        The items kept.

    Raises
    ------
    TypeError, ValueError
        When `k` is not a whole number of 1 or more.

    See Also
    --------
    stratified_sample : When the whole table is at hand and strata matter.
    pandas.DataFrame.sample : A simple or weighted sample of a table at hand.

    Notes
    -----
    Uniform: Li's Algorithm L. The gap to the next item that enters is drawn,
    not a number per item: O(k (1 + log(n/k))) draws, and on arrays and lists
    as little work. An iterator must still be read to its end.

    Weighted: A-ExpJ of Efraimidis and Spirakis, with as few draws. It is
    *successive sampling*: the law of drawing `k` times without replacement,
    each time in proportion to the weights that are left. Inclusion
    probabilities are therefore not proportional to the weights unless `k` is
    small beside n. Only ratios of weights matter; an item of weight 0 is
    counted and never kept, so that fewer than `k` may be kept.

    Items are kept by reference, as a list keeps them: change one and the
    sample changes. Of arrays and pandas tables the rows kept are copied, and
    the rest can be freed. The order of `sample` means nothing and is not
    random; shuffle it where order matters. Memory is O(k) for items, and
    O(k (1 + log(n/k))) rows at most for arrays and tables.

    A reservoir is fair to the items seen, not to a world they do not show.

    References
    ----------
    .. [1] K.-H. Li (1994), Reservoir-sampling algorithms of time complexity
       O(n(1 + log(N/n))), ACM Transactions on Mathematical Software 20(4).
    .. [2] P. S. Efraimidis, P. G. Spirakis (2006), Weighted random sampling
       with a reservoir, Information Processing Letters 97(5).
    .. [3] J. S. Vitter (1985), Random sampling with a reservoir, ACM
       Transactions on Mathematical Software 11(1).

    *Used in:* ``ch04_training_data/02_keep_a_fair_sample_of_a_stream``.

    Examples
    --------
    >>> from mlworkbench.sampling import ReservoirSampler
    >>> sampler = ReservoirSampler(3, random_state=0)
    >>> sampler.extend(range(1_000_000))
    ReservoirSampler(k=3): 3 of 1,000,000 items kept
    >>> len(sampler.sample)
    3
    >>> other = ReservoirSampler(3, random_state=1).extend(range(500))
    >>> sampler.merge(other).n_seen
    1000500

    Weights: an item of weight 0 never enters.

    >>> weighted = ReservoirSampler(2, weighted=True, random_state=0)
    >>> sorted(weighted.extend("abc", weights=[1, 0, 5]).sample)
    ['a', 'c']
    """

    def __init__(
        self, k: int, weighted: bool = False, random_state: RandomState = None
    ) -> None:
        self.k = check_integer(k, "k", 1)
        self.weighted = bool(weighted)
        self.random_state = random_state
        plan = WeightedPlan if self.weighted else UniformPlan
        self._plan: UniformPlan | WeightedPlan = plan(
            self.k, as_generator(random_state)
        )
        self._kept = Kept()

    @property
    def n_seen(self) -> int:
        """Number of items seen so far, those of weight 0 included."""
        return self._plan.n_seen

    @property
    def sample(self) -> Any:
        """The items kept so far, min(k, n_seen) of them.

        An array, Series or DataFrame (index kept) when every item came by
        `extend` in such blocks; otherwise a list. Changing what is returned
        (not an item of a list) leaves the sampler as it was.
        """
        return self._kept.collect()

    def add(self, item: Any, weight: float = 1) -> ReservoirSampler:
        """Show one item to the sampler, in O(1), or O(log k) when weighted.

        Parameters
        ----------
        item : object
            Anything; kept by reference.
        weight : float, default=1
            Finite and 0 or more; only a weighted sampler takes another than 1.

        Returns
        -------
        self : ReservoirSampler
            The sampler.

        Raises
        ------
        ValueError
            When the weight is wrong, or given to a sampler without weights.
        TypeError
            When the sampler holds rows of a DataFrame or Series: use `extend`.
        """
        if isinstance(self._plan, WeightedPlan):
            number = check_weight(weight)
            self._kept.admit([item])
            slot = self._plan.offer(number)
        else:
            if weight != 1:
                raise ValueError(_NO_WEIGHTS)
            self._kept.admit([item])
            slot = self._plan.offer()
        if slot is not None:
            self._kept.put([item], [0], [slot])
        return self

    def extend(self, items: Any, weights: Any = None) -> ReservoirSampler:
        """Show many items to the sampler; same law as `add` one by one.

        Parameters
        ----------
        items : array-like, DataFrame or iterable
            One item per element, per row of a 2-D array, per row of a table
            (pandas, polars, pyarrow; kept as pandas). Generators are read one
            item at a time, and nothing but the sample is held.
        weights : array-like or iterable, optional
            One weight per item, finite and 0 or more; 1 each by default.

        Returns
        -------
        self : ReservoirSampler
            The sampler.

        Raises
        ------
        ValueError
            When a weight is wrong (nothing of an array or table is then seen),
            when the numbers of items and weights differ, when the columns are
            not those seen before.
        TypeError
            When `items` is not iterable, or rows of a DataFrame or Series are
            mixed with other items.

        Notes
        -----
        When a generator raises, the items before count as seen and the sample
        is fair to them.
        """
        if weights is not None and not self.weighted:
            raise ValueError(_NO_WEIGHTS)
        block = as_block(items)
        if block is None:
            self._extend_stream(iter(items), weights)
        elif isinstance(self._plan, WeightedPlan):
            check_same_index(items=block, weights=weights)
            vector = check_stream_weights(weights, len(block))
            self._kept.admit(block)
            self._kept.put(block, *self._plan.take(vector))
        else:
            self._kept.admit(block)
            self._kept.put(block, *self._plan.take(len(block)))
        return self

    def merge(self, other: ReservoirSampler) -> ReservoirSampler:
        """Take in what another sampler saw, as if this one had seen it all.

        Parameters
        ----------
        other : ReservoirSampler
            A sampler of another part of the stream, with the same `weighted`
            and a `k` at least as large (or with nothing dropped yet). It is
            left as it was. The two must have drawn independently: give each a
            seed of its own.

        Returns
        -------
        self : ReservoirSampler
            This sampler; adding to it goes on with the right law.

        Raises
        ------
        ValueError
            When one is weighted and the other not, when `other` kept too few
            items, when both are one object or had the same seed.
        TypeError
            When `other` is not a ReservoirSampler, or holds rows that cannot
            be joined with those held here.

        Notes
        -----
        Uniform: the number taken from each side is hypergeometric. Weighted:
        the `k` smallest keys of both. O(k) time, whatever was seen.
        """
        self._check_other(other)
        self._kept.admit_other(other._kept)
        if other.n_seen:
            # Both plans are of one type: checked above.
            mine, theirs = self._plan.merge(other._plan)  # type: ignore[arg-type]
            self._kept.merge(other._kept, mine, theirs)
        return self

    def __repr__(self) -> str:
        """Say how much was seen and kept."""
        weighted = ", weighted=True" if self.weighted else ""
        return (
            f"ReservoirSampler(k={self.k}{weighted}): "
            f"{len(self._kept.slots):,} of {self.n_seen:,} items kept"
        )

    def _extend_stream(self, stream: Iterator[Any], weights: Any) -> None:
        if isinstance(self._plan, WeightedPlan):
            ones = itertools.repeat(1.0)
            for item, weight in pairs(stream, ones if weights is None else weights):
                self.add(item, weight)
            return
        self._kept.admit([])
        plan, before = self._plan, self._plan.n_seen
        # zip reads the stream first, so the counter ends at the number read.
        counter = itertools.count()
        stamped = zip(stream, counter, strict=False)
        try:
            while True:
                found = next(itertools.islice(stamped, plan.gap(), None), None)
                if found is None:
                    break
                plan.n_seen = before + found[1]
                slot = plan.offer()
                self._kept.put([found[0]], [0], [slot or 0])
        finally:
            plan.n_seen = before + next(counter)

    def _check_other(self, other: ReservoirSampler) -> None:
        if not isinstance(other, ReservoirSampler):
            raise TypeError(
                f"other is a {type(other).__name__}; pass a ReservoirSampler "
                "(extend() takes items)"
            )
        if other is self:
            raise ValueError("other is the sampler itself; pass one of other items")
        if self.weighted != other.weighted:
            raise ValueError(
                f"one sampler has weighted={self.weighted}, the other "
                f"weighted={other.weighted}; merge samplers of one kind"
            )
        complete = (
            other._plan.complete
            if isinstance(other._plan, WeightedPlan)
            else other.n_seen <= other.k
        )
        if other.k < self.k and not complete:
            raise ValueError(
                f"other kept {other.k} of {other.n_seen:,} items, too few for k="
                f"{self.k}; merge the other way round, small.merge(large), or give "
                "both the same k"
            )
        seed = self.random_state
        if (
            isinstance(seed, int | np.integer)
            and isinstance(other.random_state, int | np.integer)
            and seed == other.random_state
            and min(self.n_seen, other.n_seen)
        ):
            raise ValueError(
                f"both samplers have random_state={seed} and so made the same draws; "
                "give each its own, e.g. from numpy.random.default_rng(0).spawn(2)"
            )


_NO_WEIGHTS = (
    "this sampler takes no weights; make it with ReservoirSampler(k, weighted=True)"
)
