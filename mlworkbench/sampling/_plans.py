"""Which items of a stream enter a reservoir, and into which slot.

Both plans know nothing of the items. They count what has passed and say who
enters, so that an array of ten million values costs a few thousand draws. The
order of the draws depends on the stream alone, never on how it is cut into
blocks: one seed gives one sample, item by item or all at once.
"""

from __future__ import annotations

import heapq
import math
import sys
from bisect import bisect_left

import numpy as np
import numpy.typing as npt

__all__ = ["UniformPlan", "WeightedPlan"]

FloatArray = npt.NDArray[np.float64]
_LONGEST_SKIP = 2.0**53  # no stream is as long; keeps sums of skips inside int64
_SMALLEST = sys.float_info.min


class UniformPlan:
    """Algorithm L (Li 1994): equal chances for all.

    Give every item a uniform key and keep the `k` smallest: with W the largest
    key kept, the next item enters with probability W, so the number of items
    passed over is geometric, and the new W is the largest of `k` uniforms
    below the old one. W is kept as a logarithm.
    """

    def __init__(self, k: int, rng: np.random.Generator) -> None:
        self.k = k
        self.n_seen = 0
        self._rng = rng
        self._log_w: float | None = None
        self._last = k - 1  # the latest item that entered
        self._at: list[int] = []  # the next ones to enter, and their slots
        self._slot: list[int] = []
        self._cursor = 0

    def offer(self) -> int | None:
        """Count one item and give the slot it takes, or None."""
        at = self.n_seen
        self.n_seen += 1
        if at < self.k:
            return at
        if self._cursor == len(self._at):
            self._draw()
        if at < self._at[self._cursor]:
            return None
        self._cursor += 1
        return self._slot[self._cursor - 1]

    def gap(self) -> int:
        """Give the number of items to pass over before the next one enters."""
        if self.n_seen < self.k:
            return 0
        if self._cursor == len(self._at):
            self._draw()
        return self._at[self._cursor] - self.n_seen

    def take(self, m: int) -> tuple[list[int], list[int]]:
        """Count a block of `m` items; give the rows that enter and their slots."""
        start, end = self.n_seen, self.n_seen + m
        at = list(range(start, min(self.k, end)))
        slots = list(at)
        while end > self.k:
            stop = bisect_left(self._at, end, lo=self._cursor)
            at += self._at[self._cursor : stop]
            slots += self._slot[self._cursor : stop]
            self._cursor = stop
            if stop < len(self._at):
                break
            self._draw()
        self.n_seen = end
        return [position - start for position in at], slots

    def merge(self, other: UniformPlan) -> tuple[list[int], list[int]]:
        """Count the other's items too; give the slots to keep of each side."""
        left = [self.n_seen, other.n_seen]
        taken = [0, 0]
        for _ in range(min(self.k, sum(left))):
            # As many from each side as a simple random sample of both holds.
            side = int(self._rng.integers(sum(left)) >= left[0])
            left[side] -= 1
            taken[side] += 1
        sizes = min(self.k, self.n_seen), min(other.k, other.n_seen)
        mine, theirs = (
            self._rng.choice(size, n, replace=False).tolist()
            for size, n in zip(sizes, taken, strict=True)
        )
        self.n_seen += other.n_seen
        self._at, self._slot, self._cursor = [], [], 0
        self._last = max(self.n_seen, self.k) - 1
        # The k-th smallest of n uniform keys, whichever items they belong to.
        rank = self.n_seen - self.k + 1
        self._log_w = math.log(self._rng.beta(self.k, rank)) if rank > 1 else None
        return mine, theirs

    def _draw(self) -> None:
        """Plan a batch of entries: their positions and slots."""
        size = max(64, min(self.k, 4096))
        if self._log_w is None:
            self._log_w = -float(self._rng.standard_exponential()) / self.k
        shrink = np.cumsum(self._rng.standard_exponential(size)) / self.k
        log_w = self._log_w - np.concatenate(([0.0], shrink[:-1]))
        waits = self._rng.standard_exponential(size) / _minus_log1mexp(log_w)
        skips = np.minimum(waits, _LONGEST_SKIP).astype(np.int64)
        at = self._last + np.cumsum(skips + 1)
        self._at = at.tolist()
        self._slot = self._rng.integers(self.k, size=size).tolist()
        self._cursor = 0
        self._last = self._at[-1]
        self._log_w = float(self._log_w - shrink[-1])


class WeightedPlan:
    """A-ExpJ (Efraimidis & Spirakis 2006), with exponential keys.

    Give an item of weight w the key Exp(1)/w and keep the `k` smallest. With T
    the largest key kept, the weight passed over before the next item enters is
    Exp(1)/T, and the key of that item is its own law cut off at T.
    """

    def __init__(self, k: int, rng: np.random.Generator) -> None:
        self.k = k
        self.n_seen = 0
        self._rng = rng
        self._heap: list[tuple[float, int]] = []  # (-key, slot), largest key first
        self._left: float | None = None  # weight still to pass over

    @property
    def complete(self) -> bool:
        """Whether every item of positive weight is still here, surely."""
        return len(self._heap) < self.k or self.n_seen <= self.k

    def offer(self, weight: float) -> int | None:
        """Count one item and give the slot it takes, or None."""
        self.n_seen += 1
        if weight == 0:
            return None
        if len(self._heap) < self.k:
            return self._push(float(self._rng.standard_exponential()) / weight)
        left = self._to_pass() - weight
        if left >= 0:
            self._left = left
            return None
        return self._replace(weight)

    def take(self, weights: FloatArray) -> tuple[list[int], list[int]]:
        """Count a block of items; give the rows that enter and their slots."""
        self.n_seen += len(weights)
        at: list[int] = []
        slots: list[int] = []
        start, free = 0, self.k - len(self._heap)
        if free:
            at = np.flatnonzero(weights)[:free].tolist()
            keys = self._rng.standard_exponential(len(at)) / weights[at]
            slots = [self._push(key) for key in keys.tolist()]
            start = at[-1] + 1 if len(at) == free else len(weights)
        size = 64
        while start < len(weights):
            # Sums start anew at each entry: one huge weight spoils nothing.
            passed = np.cumsum(weights[start : start + size])
            left = self._to_pass()
            step = int(np.searchsorted(passed, left, side="right"))
            if step == len(passed):
                self._left = left - float(passed[-1])
                start, size = start + size, min(2 * size, 65_536)
                continue
            at.append(start + step)
            slots.append(self._replace(float(weights[start + step])))
            start, size = start + step + 1, 64
        return at, slots

    def merge(self, other: WeightedPlan) -> tuple[list[int], list[int]]:
        """Count the other's items too; give the slots to keep of each side."""
        both = [(-key, 0, slot) for key, slot in self._heap]
        both += [(-key, 1, slot) for key, slot in other._heap]
        kept = heapq.nsmallest(self.k, both)
        kept.sort(key=lambda entry: entry[1])  # stable: own items first
        self._heap = [(-key, slot) for slot, (key, _, _) in enumerate(kept)]
        heapq.heapify(self._heap)
        self._left = None
        self.n_seen += other.n_seen
        mine, theirs = (
            [slot for _, side, slot in kept if side == wanted] for wanted in (0, 1)
        )
        return mine, theirs

    def _to_pass(self) -> float:
        if self._left is None:
            self._left = float(self._rng.standard_exponential()) / -self._heap[0][0]
        return self._left

    def _push(self, key: float) -> int:
        slot = len(self._heap)
        heapq.heappush(self._heap, (-max(key, _SMALLEST), slot))
        return slot

    def _replace(self, weight: float) -> int:
        largest = -self._heap[0][0]
        cut = self._rng.random() * math.expm1(-weight * largest)
        key = max(-math.log1p(cut) / weight, _SMALLEST)
        slot = self._heap[0][1]
        heapq.heapreplace(self._heap, (-key, slot))
        self._left = None
        return slot


def _minus_log1mexp(log_w: FloatArray) -> FloatArray:
    """Give -log(1 - e^x) for x ≤ 0, exact at both ends; infinite at 0."""
    result = np.full_like(log_w, np.inf)
    near = (log_w > -math.log(2)) & (log_w < 0)
    far = log_w <= -math.log(2)
    result[near] = -np.log(-np.expm1(log_w[near]))
    result[far] = -np.log1p(-np.exp(log_w[far]))
    return result
