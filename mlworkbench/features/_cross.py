"""Cross columns of categories, and refuse to let the number of crosses explode."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from mlworkbench._validation import check_integer
from mlworkbench.features._categories import (
    Codes,
    encode,
    find_columns,
    take_table,
)
from mlworkbench.features._cross_levels import (
    Cross,
    count_crosses,
    merge_codes,
    name_crosses,
)
from mlworkbench.features._hashing import check_bits, hash_tokens

__all__ = ["FeatureCross"]


class FeatureCross(TransformerMixin, BaseEstimator):
    """Cross columns: one new category per combination of values, "Single, 0".

    A linear model gives every value of a column one weight, whatever the other
    columns say; a cross lets it give one to every combination. The output has
    one column of categories per cross, to be encoded as any other, e.g. by
    `OneHotEncoder` or `TargetEncoder`, and no other column: a
    `ColumnTransformer` around the two keeps those that were crossed, and the rest.

    Parameters
    ----------
    pairs : list of tuples of str and int, optional
        Columns to cross, by name or position: pairs, triples or more. All
        pairs of columns by default.
    min_count : int
        Combinations in fewer rows of the fit than this become "other".
    hash_bits : int, optional
        Give every combination a slot out of 2**hash_bits by hashing, as an
        integer, instead of a category of its own. A slot is a name, not an
        amount: encode it, too. Nothing is learned then (unless `min_count` is
        more than 1), and combinations not seen at fit have a slot.
    max_crosses : int or None
        Most combinations, over all crosses together, before `fit` refuses:
        possible ones, or those kept where `min_count` is more than 1. None, or
        `hash_bits`, lifts the limit.
    sep : str
        Between the values in the name of a combination.

    Attributes
    ----------
    pairs_ : list of tuple of str
        The columns of each cross; x0, x1, ... where the input had no names.
    crosses_ : pandas.DataFrame
        One row per cross: `cross` (its name), `levels` (e.g. "100 × 100"),
        `possible`, `occurring` and `kept` combinations, and `other_share`, the
        share of the rows of the fit that became "other".
    categories_ : list of list of str
        The combinations of each cross, "other" last; empty with `hash_bits`
        and a `min_count` of 1.
    n_features_in_ : int
        Number of columns of the input.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where they are all text.

    See Also
    --------
    HashEncoder : Hash columns into one sparse matrix.
    sklearn.preprocessing.PolynomialFeatures : Products of numbers; on one-hot
        columns with ``interaction_only=True`` it makes the same crosses, and
        the impossible ones within a column as well.

    Notes
    -----
    Columns of 100 values each have 100 × 100 = 10,000 combinations, and a
    third one makes it a million: `fit` counts the possible ones first, and
    says how many of them occur, before it refuses.

    A missing value is a value called "missing", if it was missing at fit. At
    transform, combinations that were not kept, with new values or without, are
    "other"; so is a missing value where none was missing at fit. Whole numbers
    have one text, whether they come as 2 or 2.0.

    pandas in, pandas out: columns of dtype category, with the index kept.
    Other input gives an array of text (of integers with `hash_bits`), unless
    `set_output` says otherwise.

    Hashing uses the token "cross=combination", e.g.
    "marriage_x_children=Single, 0", and scikit-learn's `FeatureHasher`.

    When it misleads: a combination in five rows carries mostly noise. Choose
    `min_count` or the regularisation of the model by cross-validation.

    O(rows × columns crossed) in compiled code; only combinations that occur are
    written as text.

    References
    ----------
    .. [1] H.-T. Cheng and others (2016), Wide and deep learning for
       recommender systems.

    *Used in:* ``ch05_features/04_cross_features``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.features import FeatureCross
    >>> people = pd.DataFrame(
    ...     {"marriage": ["Single", "Married", "Single"], "children": [0, 2, 1]}
    ... )
    >>> cross = FeatureCross([("marriage", "children")]).fit(people)
    >>> cross.transform(people)
      marriage_x_children
    0           Single, 0
    1          Married, 2
    2           Single, 1
    >>> cross.crosses_[["levels", "possible", "occurring"]]
      levels  possible  occurring
    0  2 × 3         6          3
    """

    def __init__(
        self,
        pairs: Any = None,
        min_count: int = 1,
        hash_bits: int | None = None,
        *,
        max_crosses: int | None = 5000,
        sep: str = ", ",
    ) -> None:
        self.pairs = pairs
        self.min_count = min_count
        self.hash_bits = hash_bits
        self.max_crosses = max_crosses
        self.sep = sep

    def fit(self, X: Any, y: Any = None) -> FeatureCross:
        """Count the combinations, and refuse where they are too many.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Categories of any kind; values may be missing.
        y : None
            Ignored.

        Returns
        -------
        self : FeatureCross
            The transformer.

        Raises
        ------
        TypeError, KeyError
            When a parameter is of a wrong kind, or a column not there.
        ValueError
            When there are more combinations than `max_crosses` (with the
            figures, and what would help), when two of them, or two crosses,
            would have one name, or when there is no row, or no pair of columns.
        """
        self._fit(X)
        return self

    def transform(self, X: Any) -> Any:
        """Give the combination of each row, for every cross.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Columns as at fit; values may be new or missing, rows may be none.

        Returns
        -------
        crossed : DataFrame or ndarray of shape (n_samples, n_crosses)
            Categories, or slots with `hash_bits`.

        Raises
        ------
        ValueError
            When the columns differ from those at fit.
        """
        check_is_fitted(self)
        frame = take_table(self, X, reset=False)
        coded = _encode_columns(frame, self.pairs_)
        return self._give(frame, coded, isinstance(X, pd.DataFrame))

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
        crossed : DataFrame or ndarray of shape (n_samples, n_crosses)
            The same as ``fit(X).transform(X)``.
        """
        return self._give(*self._fit(X), isinstance(X, pd.DataFrame))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Name the crosses.

        Parameters
        ----------
        input_features : None
            Ignored: the names are those of the fit.

        Returns
        -------
        names : ndarray of shape (n_crosses,), object
            The names of the columns with "_x_" between them.
        """
        check_is_fitted(self)
        return np.array(["_x_".join(names) for names in self.pairs_], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _fit(self, X: Any) -> tuple[pd.DataFrame, dict[str, Codes]]:
        self._check_parameters()
        frame = take_table(self, X, reset=True)
        self.pairs_ = self._find_pairs(frame)
        coded = _encode_columns(frame, self.pairs_)
        crosses = [
            count_crosses([coded[name] for name in names], "_x_".join(names))
            for names in self.pairs_
        ]
        kept = [cross.counts >= self.min_count for cross in crosses]
        self.crosses_ = pd.DataFrame(
            {
                "cross": [cross.name for cross in crosses],
                "levels": [cross.shown for cross in crosses],
                "possible": [cross.possible for cross in crosses],
                "occurring": [len(cross.keys) for cross in crosses],
                "kept": [int(keep.sum()) for keep in kept],
                "other_share": [
                    float(cross.counts[~keep].sum() / len(frame))
                    for cross, keep in zip(crosses, kept, strict=True)
                ],
            }
        )
        self._refuse_explosion(crosses, len(frame))
        self._crosses = [
            cross.only(keep) for cross, keep in zip(crosses, kept, strict=True)
        ]
        stateless = self.hash_bits is not None and self.min_count == 1
        self.categories_ = [
            [] if stateless else name_crosses(cross, self.sep)
            for cross in self._crosses
        ]
        if stateless:
            self._crosses = []
        return frame, coded

    def _give(
        self, frame: pd.DataFrame, coded: dict[str, Codes], from_pandas: bool
    ) -> Any:
        """Put the combination of each row into the container asked for."""
        own = getattr(self, "_sklearn_output_config", {}).get("transform")
        output = own or sklearn.get_config()["transform_output"]
        as_pandas = output == "pandas" or (output == "default" and from_pandas)
        columns: dict[str, Any] = {}
        for i, names in enumerate(self.pairs_):
            parts = [coded[name] for name in names]
            name = "_x_".join(names)
            if self.hash_bits is not None:
                columns[name] = self._slots(parts, name, i)
                continue
            codes = self._crosses[i].find(parts)
            categories = pd.Index(self.categories_[i], dtype="str")
            columns[name] = (
                pd.Categorical.from_codes(codes, categories=categories)
                if as_pandas
                else np.array(self.categories_[i], dtype=object)[codes]
            )
        if as_pandas:
            return pd.DataFrame(columns, index=frame.index)
        return np.column_stack(list(columns.values()))

    def _check_parameters(self) -> None:
        check_integer(self.min_count, "min_count", minimum=1)
        if self.hash_bits is not None:
            check_bits(self.hash_bits, "hash_bits")
        if self.max_crosses is not None:
            check_integer(self.max_crosses, "max_crosses", minimum=1)
        if not isinstance(self.sep, str) or not self.sep:
            raise ValueError(f"sep is {self.sep!r}; pass some text, such as ', '")

    def _find_pairs(self, frame: pd.DataFrame) -> list[tuple[str, ...]]:
        if self.pairs is None:
            n = frame.shape[1]
            if n < 2:
                raise ValueError(
                    f"X has {n} feature(s), n_features = {n}; a cross needs two or "
                    "more columns"
                )
            return list(combinations(frame.columns, 2))
        single = isinstance(self.pairs, str) or not np.iterable(self.pairs)
        pairs = [self.pairs] if single else list(self.pairs)
        for pair in pairs:
            if not isinstance(pair, tuple | list) or len(pair) < 2:
                raise ValueError(
                    f"pairs has {pair!r}; pass a list of tuples of two or more "
                    'columns, such as [("origin", "hour")]'
                )
        found = [tuple(find_columns(frame, pair, "pairs")) for pair in pairs]
        if not found:
            raise ValueError("pairs is empty; pass at least one, or None for all")
        if len(set(found)) < len(found):
            raise ValueError(f"pairs has a cross twice ({found}); name each once")
        uses = Counter("_x_".join(names) for names in found)
        alike = [names for names in found if uses["_x_".join(names)] > 1]
        if alike:
            raise ValueError(
                f"the crosses {alike} would have one name, {'_x_'.join(alike[0])!r}; "
                "rename a column of X"
            )
        return found

    def _refuse_explosion(self, crosses: list[Cross], n_rows: int) -> None:
        if self.hash_bits is not None or self.max_crosses is None:
            return
        rare = self.min_count > 1
        total = int(self.crosses_["kept" if rare else "possible"].sum())
        if total <= self.max_crosses:
            return
        biggest = sorted(crosses, key=lambda cross: -cross.possible)[:3]
        figures = "; ".join(
            f"{cross.name}: {cross.shown} = {cross.possible:,} possible, "
            f"{len(cross.keys):,} occur in {n_rows:,} rows"
            for cross in biggest
        )
        what = f"kept with min_count={self.min_count}" if rare else "possible"
        advice = self._smaller(np.concatenate([cross.counts for cross in crosses]))
        raise ValueError(
            f"{figures}. All crosses together have {total:,} combinations {what}, more "
            f"than max_crosses={self.max_crosses:,}. Pass {advice}hash_bits=12 (4,096 "
            f"slots), or max_crosses={total} if you want them all"
        )

    def _smaller(self, counts: npt.NDArray[np.int64]) -> str:
        """Say which `min_count` would be enough, where one keeps anything."""
        assert self.max_crosses is not None
        ranked = np.sort(counts)[::-1]
        most = int(ranked[self.max_crosses]) if len(ranked) > self.max_crosses else 1
        kept = int((counts > most).sum())
        rest = "the rest become 'other'"
        return f"min_count={most + 1} (keeps {kept:,}, {rest}), " if kept else ""

    def _slots(self, parts: list[Codes], name: str, i: int) -> npt.NDArray[np.int64]:
        """Hash the combinations of a batch; each distinct one once."""
        assert self.hash_bits is not None
        if not len(parts[0].codes):
            return np.empty(0, dtype=np.int64)
        if self.min_count > 1:
            codes, labels = self._crosses[i].find(parts), self.categories_[i]
        else:
            cross, codes = merge_codes(parts, name)
            labels = name_crosses(cross, self.sep)
        slots, _ = hash_tokens([f"{name}={label}" for label in labels], self.hash_bits)
        return slots[codes]


def _encode_columns(
    frame: pd.DataFrame, pairs: list[tuple[str, ...]]
) -> dict[str, Codes]:
    """Encode every column once, however many crosses it is in."""
    wanted = dict.fromkeys(name for names in pairs for name in names)
    return {name: encode(frame[name]) for name in wanted}
