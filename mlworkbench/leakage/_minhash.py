"""Texts that are almost equal: MinHash, bands, and the true Jaccard distance."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from mlworkbench.leakage._near_numeric import NearRows

__all__ = ["near_text", "shingles", "signatures"]

HashArray = npt.NDArray[np.uint64]
MarkArray = npt.NDArray[np.uint32]
IntArray = npt.NDArray[np.int64]
_LENGTH = 5  # characters of a shingle
_HASHES = 128
_BUCKET = 4  # rows of a bucket that are looked at for one text
_CHUNK = 2_000_000  # characters hashed at once


def near_text(
    train: Sequence[str],
    test: Sequence[str],
    within: float,
    rng: np.random.Generator,
) -> NearRows:
    """Find the nearest text of train for texts of test.

    Parameters
    ----------
    train, test : sequence of str
        The texts; capitals and white space do not matter.
    within : float
        Largest Jaccard distance of the sets of 5-character pieces, below 1.
    rng : numpy.random.Generator
        For the hash functions.

    Returns
    -------
    near : NearRows
        Distances are exact. Each pair within the distance is looked at with a
        chance of 99 % or more, unless many texts share a bucket.

    Notes
    -----
    The smallest of a random hash over the pieces of two texts is the same with
    the chance of their Jaccard similarity s. Bands of r hashes that must all
    agree find a pair with chance 1 - (1 - sʳ)ᵇ. O(characters · 128).

    References
    ----------
    .. [1] A. Broder (1997), On the resemblance and containment of documents,
       Proceedings of Compression and Complexity of Sequences.
    .. [2] P. Indyk and R. Motwani (1998), Approximate nearest neighbors, STOC.
    """
    pieces, start = shingles([*train, *test])
    marks = signatures(pieces, start, rng)
    n = len(train)
    keys = _bands(marks, _rows_per_band(1 - within))
    pairs = [_meet(k[:n], k[n:]) for k in keys]
    row, distance, _ = _nearest(pairs, pieces, start, n, len(test), within)
    inner = [_meet(k[:n], None) for k in keys]
    inside_row, inside, count = _nearest(inner, pieces, start, 0, n, within)
    crowd = float(np.median(count[count > 0])) if count.any() else 0.0
    return NearRows(row, distance, inside, inside_row, np.arange(n), crowd)


def shingles(texts: Sequence[str]) -> tuple[HashArray, IntArray]:
    """Hash all pieces of five characters of all texts.

    Parameters
    ----------
    texts : sequence of str
        The texts.

    Returns
    -------
    pieces : ndarray of shape (n_pieces,)
        Hashes of the pieces, text after text.
    start : ndarray of shape (n_texts + 1,)
        Where the pieces of each text begin; a text has at least one piece.
    """
    plain = [re.sub(r"\s+", " ", t).strip().lower().ljust(_LENGTH) for t in texts]
    length = np.fromiter(map(len, plain), dtype=np.int64, count=len(plain))
    letters = np.frombuffer("".join(plain).encode("utf-32-le", "replace"), np.uint32)
    rolling = np.zeros(max(len(letters) - _LENGTH + 1, 0), dtype=np.uint64)
    for place in range(_LENGTH):
        end = len(letters) - _LENGTH + 1 + place
        rolling = rolling * np.uint64(0x100000001B3) + letters[place:end]
    ends = np.cumsum(length)
    keep = np.ones(len(letters), dtype=np.bool_)
    for place in range(1, _LENGTH):
        keep[ends - place] = False
    start = np.concatenate([[0], np.cumsum(length - _LENGTH + 1)])
    rolling = rolling[keep[: len(rolling)]]
    rolling = (rolling ^ (rolling >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return rolling ^ (rolling >> np.uint64(32)), start.astype(np.int64)


def signatures(
    pieces: HashArray, start: IntArray, rng: np.random.Generator
) -> MarkArray:
    """Give the smallest of 128 random hashes over the pieces of each text.

    Parameters
    ----------
    pieces : ndarray of shape (n_pieces,)
        Hashes of pieces.
    start : ndarray of shape (n_texts + 1,)
        Where each text begins; no text is empty.
    rng : numpy.random.Generator
        For the hash functions.

    Returns
    -------
    signatures : ndarray of shape (n_texts, 128)
        Two texts agree in a column with the chance of their similarity.
    """
    odd = rng.integers(0, 2**63, _HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    plus = rng.integers(0, 2**63, _HASHES, dtype=np.uint64)
    marks = np.empty((len(start) - 1, _HASHES), dtype=np.uint32)
    text = 0
    while text < len(start) - 1:
        stop = int(np.searchsorted(start, start[text] + _CHUNK, side="right")) - 1
        stop = max(stop, text + 1)
        part = pieces[start[text] : start[stop]]
        offset = start[text:stop] - start[text]
        for place in range(_HASHES):
            hashed = ((part * odd[place] + plus[place]) >> np.uint64(32)).astype(
                np.uint32
            )
            marks[text:stop, place] = np.minimum.reduceat(hashed, offset)
        text = stop
    return marks


def _rows_per_band(similarity: float) -> int:
    """Give the longest band that finds a pair so similar 99 times in 100."""
    for rows in range(8, 1, -1):
        if (1 - similarity**rows) ** (_HASHES // rows) <= 0.01:
            return rows
    return 1


def _bands(marks: MarkArray, rows: int) -> list[HashArray]:
    """Give one key per text and band."""
    keys = []
    for band in range(0, _HASHES - rows + 1, rows):
        key = np.zeros(len(marks), dtype=np.uint64)
        for place in range(band, band + rows):
            key = (key ^ marks[:, place]) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        keys.append(key)
    return keys


def _meet(one: HashArray, two: HashArray | None) -> tuple[IntArray, IntArray]:
    """Give pairs (row of two, row of one) that share a key; a few per row.

    Without `two`, pairs within `one`, each with the rows that follow it.
    """
    order = np.argsort(one, kind="stable")
    ordered = one[order]
    if two is None:
        rows, left = order, np.arange(len(one)) + 1
        right = np.searchsorted(ordered, ordered, side="right")
    else:
        rows = np.arange(len(two))
        left = np.searchsorted(ordered, two, side="left")
        right = np.searchsorted(ordered, two, side="right")
    pairs_of, pairs_with = [], []
    for step in range(_BUCKET):
        there = left + step < right
        pairs_of.append(rows[there])
        pairs_with.append(order[(left + step)[there]])
    return np.concatenate(pairs_of), np.concatenate(pairs_with)


def _nearest(
    pairs: list[tuple[IntArray, IntArray]],
    pieces: HashArray,
    start: IntArray,
    offset: int,
    n_rows: int,
    within: float,
) -> tuple[IntArray, npt.NDArray[np.float64], IntArray]:
    """Verify the pairs; keep the nearest of each row, and how many it has.

    With an offset of 0 both rows of a pair are of one table: each may be the
    nearest of the other.
    """
    row = np.full(n_rows, -1, dtype=np.int64)
    best = np.full(n_rows, np.inf)
    of = np.concatenate([p[0] for p in pairs])
    mate = np.concatenate([p[1] for p in pairs])
    if not len(of):
        return row, best, np.zeros(n_rows, dtype=np.int64)
    code = np.unique(of * (len(start) + 1) + mate)
    of, mate = code // (len(start) + 1), code % (len(start) + 1)
    distance = 1 - _jaccard(of + offset, mate, pieces, start)
    if offset == 0:
        of, mate = np.concatenate([of, mate]), np.concatenate([mate, of])
        distance = np.concatenate([distance, distance])
    good = distance <= within + 1e-12
    of, mate, distance = of[good], mate[good], distance[good]
    order = np.lexsort([-mate, -distance])  # the last one written stays
    row[of[order]] = mate[order]
    best[of[order]] = distance[order]
    return row, best, np.bincount(of, minlength=n_rows)


def _jaccard(
    one: IntArray, two: IntArray, pieces: HashArray, start: IntArray
) -> npt.NDArray[np.float64]:
    """Give the Jaccard similarity of the sets of pieces of pairs of texts."""
    used, where = np.unique(np.concatenate([one, two]), return_inverse=True)
    count = start[used + 1] - start[used]
    text = np.repeat(np.arange(len(used)), count)
    take = np.arange(len(text)) - np.repeat(np.cumsum(count) - count, count)
    code = pd.factorize(pieces[np.repeat(start[used], count) + take])[0]
    unique = pd.unique(text * (int(code.max()) + 1) + code)
    text, code = np.divmod(unique, int(code.max()) + 1)
    table = csr_array((np.ones(len(text)), (text, code)))
    size = np.bincount(text, minlength=len(used))
    first, second = where[: len(one)], where[len(one) :]
    shared = np.empty(len(one))
    for at in range(0, len(one), 20_000):
        cut = slice(at, at + 20_000)
        shared[cut] = table[first[cut]].multiply(table[second[cut]]).sum(axis=1)
    return np.asarray(shared / (size[first] + size[second] - shared))
