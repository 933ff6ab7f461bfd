"""How many values share a slot when a column is hashed."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction import FeatureHasher
from sklearn.utils import murmurhash3_32

from mlworkbench._report import Report
from mlworkbench._validation import as_frame, check_integer
from mlworkbench.features._categories import encode

__all__ = ["HashCollisions", "check_bits", "hash_collisions", "hash_tokens"]

MAX_BITS = 30  # scikit-learn's hasher takes fewer than 2**31 slots
_MAX_SEED = 2**32 - 1  # the hash takes 32 bits
_SHOWN = 8  # values named in a row of `worst`


@dataclass(frozen=True, eq=False, repr=False)
class HashCollisions(Report):
    """How many values share a slot, expected and measured.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per number of bits: `n_bits`, `n_slots`, `expected` and
        `measured` (share of the values that share their slot), `n_colliding`
        (values that do), `rows_affected` (share of the rows that have such a
        value), `slots_used` and `fullest_slot` (most values in one slot).
    worst : pandas.DataFrame
        The ten fullest slots of every number of bits: `n_bits`, `slot`,
        `n_values`, `rows` and `values`, a text of the most frequent ones.
    n_values : int
        Distinct values.
    n_rows : int
        Rows with a value.
    n_slots, expected, measured, rows_affected : int and float, or None
        As in `frame`, where one number of bits was asked for.
    notes : tuple of str, keyword-only
        What to know before believing the numbers.
    """

    worst: pd.DataFrame
    n_values: int
    n_rows: int
    n_slots: int | None = None
    expected: float | None = None
    measured: float | None = None
    rows_affected: float | None = None

    title: ClassVar[str] = "Hash collisions"
    decimals: ClassVar[int] = 4

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of colliding values against the number of bits.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(layout="constrained")[1]
        bits = self.frame["n_bits"]
        around = 0 if len(bits) > 1 else 6
        low, high = max(1, bits.min() - around), min(MAX_BITS, bits.max() + around)
        line = range(int(low), int(high) + 1)
        expected = [100 * expected_share(self.n_values, 2**b) for b in line]
        ax.plot(line, expected, color="0.5", label="expected of a fair hash")
        ax.plot(bits, 100 * self.frame["measured"], "o", label="measured")
        ax.set_xlabel("bits (2 to this power is the number of slots)")
        ax.set_ylabel("values that share a slot (%)")
        ax.set_ylim(bottom=0)
        ax.set_title(f"{self.n_values:,} distinct values, hashed")
        ax.legend()
        return ax


def hash_collisions(
    values: Any, n_bits: int | Sequence[int], *, seed: int = 0
) -> HashCollisions:
    """Count the values that share a slot with another, for one or more sizes.

    Parameters
    ----------
    values : array-like of shape (n,), or DataFrame
        Categories, one per row; repeated ones count as one value, and as rows.
        Values of an array or Series are hashed as their text. The columns of a
        table share the slots and are hashed as `HashEncoder` does it: as
        "column=value", and a missing value as the column's name alone.
    n_bits : int or sequence of int
        Binary logarithm of the number of slots, 1 to 30; 18 bits are 262,144
        slots.
    seed : int
        Seed of the hash; 0 is the one that scikit-learn's `FeatureHasher`, and
        so `HashEncoder`, uses.

    Returns
    -------
    report : HashCollisions
        `.frame` with a row per number of bits, `.worst` with the fullest slots.

    Raises
    ------
    TypeError, ValueError
        When `n_bits` is no whole number from 1 to 30, `values` no column, or
        `seed` no whole number of 32 bits.

    See Also
    --------
    HashEncoder : Encode columns by hashing.

    Notes
    -----
    In m slots, one of n distinct values meets another with probability
    1 - (1 - 1/m)^(n - 1); this is the expected share of colliding values. The
    same share of rows is expected to be affected, but which rows depends on
    whether frequent values collide: look at `rows_affected`. Missing values of
    an array or Series are left out, with a note.

    A collision costs nothing where the values behave alike, so the share says
    how much may be lost, not how much is: measure that on held-out rows.

    Murmur3 with 32 bits is used [2]_; every distinct value is hashed once, and
    all numbers of bits are read from that. O(rows + distinct values).

    References
    ----------
    .. [1] K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg
       (2009), Feature hashing for large scale multitask learning.
    .. [2] A. Appleby (2008), MurmurHash3.

    *Used in:* ``ch05_features/03_encode_categories_that_keep_coming``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.features import hash_collisions
    >>> report = hash_collisions(np.arange(5000), [8, 12, 18])
    >>> report.frame[["n_bits", "n_slots", "expected", "measured"]].round(3)
       n_bits  n_slots  expected  measured
    0       8      256     1.000     1.000
    1      12     4096     0.705     0.702
    2      18   262144     0.019     0.017
    """
    single = np.ndim(n_bits) == 0
    bits = [check_bits(b) for b in np.atleast_1d(np.asarray(n_bits, dtype=object))]
    if not bits:
        raise ValueError("n_bits is empty; pass a number of bits, or several")
    if check_integer(seed, "seed") > _MAX_SEED:
        raise ValueError(f"seed is {seed}; pass 0 to {_MAX_SEED:,}")
    tokens, counts, notes = _count_tokens(values)
    hashes = np.array([murmurhash3_32(token, seed) for token in tokens], np.int64)
    rows, worst = [], []
    for b in bits:
        row, fullest = _collide(np.abs(hashes) % 2**b, tokens, counts, b)
        rows.append(row)
        worst.append(fullest)
    names = ("n_slots", "expected", "measured", "rows_affected")
    facts = {name: rows[0][name] for name in names} if single else {}
    return HashCollisions(
        pd.DataFrame(rows),
        pd.concat(worst, ignore_index=True),
        n_values=len(tokens),
        n_rows=int(counts.sum()),
        notes=notes,
        **facts,
    )


def check_bits(n_bits: Any, name: str = "n_bits") -> int:
    """Check a number of bits.

    Parameters
    ----------
    n_bits : int
        1 to 30.
    name : str
        What to call it in an error.

    Returns
    -------
    n_bits : int
        The number as a Python int.
    """
    bits = check_integer(n_bits, name, minimum=1)
    if bits > MAX_BITS:
        raise ValueError(
            f"{name} is {bits}, that is {2**bits:,} slots; pass 1 to {MAX_BITS} "
            "(18 bits are 262,144 slots)"
        )
    return bits


def expected_share(n: int, m: int) -> float:
    """Give 1 - (1 - 1/m)^(n - 1) without losing digits.

    Parameters
    ----------
    n, m : int
        Distinct values and slots.

    Returns
    -------
    share : float
        Expected share of the values that share their slot.
    """
    if n < 2:
        return 0.0
    return -math.expm1((n - 1) * math.log1p(-1 / m)) if m > 1 else 1.0


def hash_tokens(
    tokens: list[str], n_bits: int, *, signed: bool = True
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Hash texts to slots and signs with scikit-learn's `FeatureHasher`.

    Parameters
    ----------
    tokens : list of str
        What to hash.
    n_bits : int
        Binary logarithm of the number of slots.
    signed : bool
        Whether a second bit of the hash chooses the sign.

    Returns
    -------
    slots : ndarray of shape (n_tokens,), int64
        The slots.
    signs : ndarray of shape (n_tokens,)
        1 or -1; all 1 unless signed.
    """
    hasher = FeatureHasher(2**n_bits, input_type="string", alternate_sign=signed)
    matrix = hasher.transform([[token] for token in tokens])
    return matrix.indices.astype(np.int64), matrix.data


def _count_tokens(
    values: Any,
) -> tuple[list[str], npt.NDArray[np.int64], tuple[str, ...]]:
    """Give the distinct tokens, the rows of each, and notes."""
    if isinstance(values, str | bytes) or not np.iterable(values):
        raise TypeError(
            f"values is {values!r}; pass a column of categories, such as frame['dest'] "
            "or ['SFO', 'ATL'], or a DataFrame"
        )
    values = list(values) if isinstance(values, Set) else values
    if getattr(values, "ndim", 1) == 2 or hasattr(values, "columns"):
        frame = as_frame(values, "values")
        counted: dict[str, int] = {}
        for name in frame.columns:
            codes = encode(frame[name])
            texts = [f"{name}={text}" for text in codes.texts] + [str(name)]
            counts = np.bincount(codes.codes % len(texts), minlength=len(texts))
            counted |= {t: int(c) for t, c in zip(texts, counts, strict=True) if c}
        return list(counted), np.array(list(counted.values()), np.int64), ()
    column = values if isinstance(values, pd.Series) else pd.Series(values)
    codes = encode(column)
    there = codes.codes[codes.codes >= 0]
    missing = len(column) - len(there)
    note = f"{missing:,} missing value(s) left out; HashEncoder gives them a slot"
    counts = np.bincount(there, minlength=len(codes.texts))
    return codes.texts, counts, (note,) if missing else ()


def _collide(
    slots: npt.NDArray[np.int64],
    tokens: list[str],
    counts: npt.NDArray[np.int64],
    n_bits: int,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Give the row of one number of bits, and its fullest slots."""
    used, slot_of = np.unique(slots, return_inverse=True)
    n_in = np.bincount(slot_of, minlength=len(used))
    shares = n_in[slot_of] > 1
    n_rows = counts.sum()
    row = {
        "n_bits": n_bits,
        "n_slots": 2**n_bits,
        "expected": expected_share(len(tokens), 2**n_bits),
        "measured": float(shares.mean()) if len(tokens) else 0.0,
        "n_colliding": int(shares.sum()),
        "rows_affected": float(counts[shares].sum() / n_rows) if n_rows else 0.0,
        "slots_used": len(used),
        "fullest_slot": int(n_in.max(initial=0)),
    }
    rows_in = np.bincount(slot_of, weights=counts, minlength=len(used)).astype(np.int64)
    order = np.lexsort([used, -rows_in, -n_in])[:10]
    order = order[n_in[order] > 1]
    fullest = pd.DataFrame(
        {
            "n_bits": n_bits,
            "slot": used[order],
            "n_values": n_in[order],
            "rows": rows_in[order],
            "values": pd.Series(
                [_name(np.flatnonzero(slot_of == s), tokens, counts) for s in order],
                dtype="str",
            ),
        }
    )
    return row, fullest


def _name(
    members: npt.NDArray[np.intp], tokens: list[str], counts: npt.NDArray[np.int64]
) -> str:
    """Name the values of a slot, the most frequent first."""
    ranked = sorted(members.tolist(), key=lambda i: (-counts[i], tokens[i]))
    named = ", ".join(tokens[i] for i in ranked[:_SHOWN])
    more = len(ranked) - _SHOWN
    return f"{named} and {more:,} more" if more > 0 else named
