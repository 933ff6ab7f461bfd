"""Encode categories by hashing, with a map back to the values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from mlworkbench._validation import check_choice, check_integer
from mlworkbench.features._categories import (
    Codes,
    encode,
    find_columns,
    take_table,
)
from mlworkbench.features._hashing import check_bits, hash_tokens

__all__ = ["HashEncoder"]

_MAX_DENSE_BITS = 12
# Codes of a column, and the slots and signs of its values, missing last.
_Hashed = tuple[Codes, npt.NDArray[np.int64], npt.NDArray[np.float64]]


class HashEncoder(TransformerMixin, BaseEstimator):
    """Encode columns of categories in a fixed number of slots, by hashing.

    New values need no new column: every value has a slot from the start, and
    some share one. What was seen at fit is kept, so that a slot (or the
    coefficient a model gives it) can be explained. Only slots come out: columns
    not hashed are left out, and a `ColumnTransformer` around the encoder keeps
    them.

    Parameters
    ----------
    columns : None, str, int or list of str and int
        Columns to hash, by name or position; all by default.
    n_bits : int
        Binary logarithm of the number of slots, which all columns share, 1 to
        30; 18 bits are 262,144 slots.
    signed : bool
        Whether a value counts 1 or -1 in its slot, as its hash has it; values
        that collide then cancel on average. False counts 1.
    sparse_output : bool
        Whether `transform` gives a sparse matrix. False is for 12 bits or
        fewer, and needed for pandas or polars output.

    Attributes
    ----------
    columns_ : list of str
        Names of the columns hashed; x0, x1, ... where the input had no names.
    slots_ : pandas.DataFrame
        The values seen at fit, one per row, by slot (the index), the most
        frequent first: `column`, `value` (None for missing), `sign`, `count`.
    n_features_in_ : int
        Number of columns of the input.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where they are all text.

    See Also
    --------
    hash_collisions : How many values share a slot, before you choose `n_bits`.
    sklearn.feature_extraction.FeatureHasher : The hash used, on tokens.

    Notes
    -----
    A value becomes the token "column=value", and a missing one the column's
    name alone; the result equals that of ``FeatureHasher(2**n_bits,
    input_type="string", alternate_sign=signed)`` on these tokens. Whole numbers
    have one text, whether they come as 2 or 2.0. Values not seen at fit get
    their slot as any other: transforming depends on names and parameters only.

    With signs, the inner product of two hashed rows has the inner product of
    the one-hot rows as its mean over hash functions [1]_; without, collisions
    only add to it. In one row, values that meet in a slot with opposite signs
    cancel to 0.

    Only distinct values are hashed, each once a call, and then gathered:
    O(rows × columns) in compiled code, and O(distinct values) in Python.
    `slots_` grows with the distinct values at fit.

    When it misleads: a coefficient belongs to all values of its slot. Look at
    `explain` before telling a story about one.

    References
    ----------
    .. [1] K. Weinberger, A. Dasgupta, J. Langford, A. Smola and J. Attenberg
       (2009), Feature hashing for large scale multitask learning.

    *Used in:* ``ch05_features/03_encode_categories_that_keep_coming``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.features import HashEncoder
    >>> flights = pd.DataFrame(
    ...     {"carrier": ["UA", "DL", "UA"], "dest": ["SFO", "ATL", None]}
    ... )
    >>> encoder = HashEncoder(n_bits=4).fit(flights)
    >>> encoder.transform(flights).shape
    (3, 16)
    >>> encoder.explain(9)
        column value  sign  count
    0  carrier    UA     1      2
    >>> encoder.inverse_transform(encoder.transform(flights)).equals(flights)
    True
    """

    def __init__(
        self,
        columns: Any = None,
        n_bits: int = 18,
        signed: bool = True,
        *,
        sparse_output: bool = True,
    ) -> None:
        self.columns = columns
        self.n_bits = n_bits
        self.signed = signed
        self.sparse_output = sparse_output

    def fit(self, X: Any, y: Any = None) -> HashEncoder:
        """Note which values have which slot.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Categories of any kind; values may be missing.
        y : None
            Ignored.

        Returns
        -------
        self : HashEncoder
            The encoder.

        Raises
        ------
        TypeError, ValueError, KeyError
            When a parameter is wrong, there is no row, or a column not there.
        """
        self._fit(X)
        return self

    def transform(self, X: Any) -> Any:
        """Hash the columns.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Columns as at fit; values may be new or missing, rows may be none.

        Returns
        -------
        hashed : sparse matrix, ndarray or DataFrame, shape (n_samples, 2**n_bits)
            In compressed sparse rows by default.

        Raises
        ------
        ValueError
            When the columns differ from those at fit, or pandas or polars
            output is asked of a sparse result.
        """
        check_is_fitted(self)
        self._check_output()
        return self._gather(self._encode(take_table(self, X, reset=False)))

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit and transform in one pass over the rows.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Categories of any kind; values may be missing.
        y : None
            Ignored.

        Returns
        -------
        hashed : sparse matrix, ndarray or DataFrame, shape (n_samples, 2**n_bits)
            The same as ``fit(X).transform(X)``.
        """
        self._check_output()
        return self._gather(self._fit(X))

    def inverse_transform(self, X: Any) -> pd.DataFrame:
        """Give the likeliest value behind the slots of each row.

        Parameters
        ----------
        X : sparse matrix or array-like of shape (n_samples, 2**n_bits)
            What `transform` gave.

        Returns
        -------
        values : pandas.DataFrame of shape (n_samples, n_columns)
            For each column hashed, the value seen most often at fit among
            those of the row's slots (the first where they tie); missing where
            there is none. Exact where no two values collide.

        Raises
        ------
        ValueError
            When X has another number of columns.
        """
        check_is_fitted(self)
        matrix = sparse.csr_matrix(X)
        if matrix.shape[1] != 2**self.n_bits:
            raise ValueError(
                f"X has {matrix.shape[1]:,} columns; pass what transform gave, with "
                f"{2**self.n_bits:,}"
            )
        matrix.eliminate_zeros()
        row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        found = {name: self._likeliest(name, matrix, row_of) for name in self.columns_}
        return pd.DataFrame(found, index=pd.RangeIndex(matrix.shape[0]))

    def explain(self, slot: int) -> pd.DataFrame:
        """Show which values of the fit have a slot.

        Parameters
        ----------
        slot : int
            0 to 2**n_bits - 1.

        Returns
        -------
        values : pandas.DataFrame
            `column`, `value`, `sign` and `count`, the most frequent first;
            no row where the slot was not used.

        Raises
        ------
        TypeError, ValueError
            When there is no such slot.
        """
        check_is_fitted(self)
        if check_integer(slot, "slot") >= 2**self.n_bits:
            raise ValueError(
                f"slot is {slot}; {self.n_bits} bits have the slots 0 to "
                f"{2**self.n_bits - 1:,}"
            )
        return self.slots_[self.slots_.index == slot].reset_index(drop=True)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Name the slots.

        Parameters
        ----------
        input_features : None
            Ignored: the slots belong to all columns.

        Returns
        -------
        names : ndarray of shape (2**n_bits,), object
            "slot_0", "slot_1", ...
        """
        check_is_fitted(self)
        return np.array([f"slot_{i}" for i in range(2**self.n_bits)], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit(self, X: Any) -> list[_Hashed]:
        bits = check_bits(self.n_bits)
        check_choice(self.signed, "signed", (True, False))
        check_choice(self.sparse_output, "sparse_output", (True, False))
        if not self.sparse_output and bits > _MAX_DENSE_BITS:
            raise ValueError(
                f"n_bits is {bits} and sparse_output is False: that is a table of "
                f"{2**bits:,} columns, nearly all 0; pass sparse_output=True, or "
                f"n_bits of {_MAX_DENSE_BITS} or less"
            )
        frame = take_table(self, X, reset=True)
        self.columns_ = find_columns(frame, self.columns)
        hashed = self._encode(frame)
        self.slots_ = _map_back(self.columns_, hashed)
        return hashed

    def _encode(self, frame: pd.DataFrame) -> list[_Hashed]:
        """Hash every column's distinct values, and last the missing one."""
        hashed = []
        for name in self.columns_:
            codes = encode(frame[name])
            tokens = [f"{name}={text}" for text in codes.texts] + [name]
            slots, signs = hash_tokens(tokens, self.n_bits, signed=self.signed)
            hashed.append((codes, slots, signs))
        return hashed

    def _gather(self, hashed: list[_Hashed]) -> Any:
        """Give each row the slots of its values."""
        n, k = len(hashed[0][0].codes), len(hashed)
        where = np.empty((n, k), dtype=np.int32)
        what = np.empty((n, k))
        for j, (codes, slots, signs) in enumerate(hashed):
            where[:, j] = slots[codes.codes]  # -1, missing, is the last token
            what[:, j] = signs[codes.codes]
        starts = np.arange(0, where.size + 1, k)
        matrix = sparse.csr_matrix(
            (what.ravel(), where.ravel(), starts), shape=(n, 2**self.n_bits)
        )
        matrix.sum_duplicates()
        return matrix if self.sparse_output else matrix.toarray()

    def _check_output(self) -> None:
        own = getattr(self, "_sklearn_output_config", {}).get("transform")
        output = own or sklearn.get_config()["transform_output"]
        if self.sparse_output and output != "default":
            raise ValueError(
                f"{output.capitalize()} output does not support sparse data. "
                f"HashEncoder gives a sparse matrix with {2**self.n_bits:,} columns; "
                f"pass sparse_output=False with n_bits of {_MAX_DENSE_BITS} or less, "
                'or call set_output(transform="default")'
            )

    def _likeliest(
        self, name: str, matrix: sparse.csr_matrix, row_of: npt.NDArray[np.intp]
    ) -> pd.Series:
        known = self.slots_[self.slots_["column"] == name]
        known = known[~known.index.duplicated()]  # the most frequent comes first
        place = known.index.get_indexer(matrix.indices)
        hit = np.flatnonzero(place >= 0)
        rank = known["count"].to_numpy()[place[hit]]
        order = hit[np.lexsort([-rank, row_of[hit]])]
        rows, first = np.unique(row_of[order], return_index=True)
        values = np.full(matrix.shape[0], None, dtype=object)
        values[rows] = known["value"].to_numpy()[place[order[first]]]
        return pd.Series(values, dtype=object).infer_objects()


def _map_back(columns: list[str], hashed: list[_Hashed]) -> pd.DataFrame:
    """Give every value seen, by slot, the most frequent first."""
    parts = []
    for name, (codes, slots, signs) in zip(columns, hashed, strict=True):
        counts = np.bincount(codes.codes % len(slots), minlength=len(slots))
        part = pd.DataFrame(
            {
                "column": name,
                "value": pd.Series([*codes.values, None], dtype=object),
                "sign": signs.astype(np.int64),
                "count": counts,
                "slot": slots,
            }
        )
        parts.append(part[counts > 0])
    found = pd.concat(parts)
    found = found.sort_values(["slot", "count"], ascending=[True, False], kind="stable")
    return found.set_index("slot")
