"""Sinusoidal positions: whole-numbered places as waves, for any length."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import validate_data

from mlworkbench._validation import FloatArray, as_vector, check_integer
from mlworkbench.features._feature_names import names_in
from mlworkbench.features._places import check_places

__all__ = ["SinusoidalPositions"]


class SinusoidalPositions(TransformerMixin, BaseEstimator):
    """Give each position in a sequence a vector, the same at any length.

    Position p becomes `dim` numbers: in the even columns 2i the sine, in the
    odd columns 2i + 1 the cosine of p / base^(2i / dim). The first pair turns
    fast and tells neighbours apart, the last turns slowly and tells the
    beginning from the end. Nothing is learned and no length is fixed.

    Call the object with a number of positions or with the positions
    themselves, or use it as a transformer of columns that hold positions.

    Parameters
    ----------
    dim : int, default=16
        Length of the vector. An even number gives whole pairs; of an odd
        number the last column is a sine without its cosine.
    base : float, default=10000.0
        The slowest pair has a wavelength of 2π · base^(1 - 2 / dim) positions
        (`dim` even): close to 2π · base only where `dim` is large.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in `fit`, when used as a transformer.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where all are strings.

    See Also
    --------
    FourierFeatures : Random frequencies, for continuous positions.
    CyclicalEncoder : One wave, for a column that starts again.

    Notes
    -----
    With the frequency ω = base^(-2i / dim) of a pair, PE(p + k) is PE(p)
    turned by the angle kω in that pair. So the vector k places further on is a
    linear function of this one, the same everywhere; :meth:`shift_matrix`
    gives it. The inner product of two positions depends on their distance
    only. Both need an even `dim`.

    Nothing has to be fitted: `transform` works at once. Positions may be
    fractions or negative; missing ones, a column of nothing else among them,
    and dates and texts are refused with the column's name. Each column of X gives
    `dim` columns, in O(rows × columns × dim).

    The vectors say where, not what: a model that gets only them cannot know
    more than the position itself says. The fastest wave has a length of 2π
    positions, so positions scaled to [0, 1] hardly move it: pass the counts.

    References
    ----------
    .. [1] A. Vaswani et al. (2017), Attention is all you need, NeurIPS,
       section 3.5.

    *Used in:* ``ch05_features/05_encode_cycles_and_positions``.

    Examples
    --------
    >>> positions = SinusoidalPositions(dim=4)
    >>> positions(3).round(2)
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]])

    A longer sequence starts with the same vectors.

    >>> bool((positions(500)[:3] == positions(3)).all())
    True

    One step further is the same turn everywhere.

    >>> turned = positions(500)[:-1] @ positions.shift_matrix(1).T
    >>> bool(abs(turned - positions(500)[1:]).max() < 1e-12)
    True
    """

    def __init__(self, dim: int = 16, base: float = 10_000.0) -> None:
        self.dim = dim
        self.base = base

    def __call__(self, positions: Any) -> FloatArray:
        """Give the vectors of positions.

        Parameters
        ----------
        positions : int or array-like of shape (n,)
            A number n stands for the positions 0, ..., n - 1.

        Returns
        -------
        vectors : ndarray of shape (n, dim)
            One row a position, all within [-1, 1].

        Raises
        ------
        TypeError, ValueError
            When the positions are not finite numbers in one dimension.
        """
        if np.ndim(positions) == 0:
            n = check_integer(positions, "the number of positions")
            return self._encode(np.arange(n, dtype=np.float64))
        try:
            places = as_vector(positions, "positions")
            check_places(places, "positions")
            places = places.astype(np.float64)
        except ValueError as error:
            if "could not convert" not in str(error):
                raise
            raise ValueError(f"positions are not numbers: {error}") from None
        except TypeError as error:
            raise TypeError(f"positions are not numbers: {error}") from None
        if not np.isfinite(places).all():
            row = int(np.argmin(np.isfinite(places)))
            raise ValueError(
                f"positions holds {places[row]} at row {row}; pass finite numbers"
            )
        return self._encode(places)

    def fit(self, X: Any, y: Any = None) -> SinusoidalPositions:
        """Check the parameters and the columns; nothing is learned.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Positions.
        y : None
            Ignored.

        Returns
        -------
        self : SinusoidalPositions
            The transformer.

        Raises
        ------
        TypeError, ValueError
            When `dim` is not a whole number of 1 or more, `base` is not
            above 1, or a column does not hold finite numbers in every row.
        """
        check_places(X)
        validate_data(self, X, dtype=np.float64)
        self._frequencies()
        return self

    def transform(self, X: Any) -> FloatArray:
        """Give the vectors of the positions in each column, side by side.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Positions; zero rows give zero rows.

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_columns * dim)
            The `dim` columns of the first input column, then of the next.

        Raises
        ------
        TypeError, ValueError
            When a column does not hold finite numbers in every row.
        """
        check_places(X)
        fitted = hasattr(self, "n_features_in_")
        X = validate_data(
            self,
            X,
            reset=False,
            dtype=np.float64,
            ensure_min_samples=0 if fitted else 1,
        )
        return np.hstack([self._encode(column) for column in X.T])

    def shift_matrix(self, offset: float) -> FloatArray:
        """Give the matrix that moves every vector by `offset` positions.

        Parameters
        ----------
        offset : float
            How many positions further on; negative for back.

        Returns
        -------
        matrix : ndarray of shape (dim, dim)
            A rotation R with ``encode(p + offset) = R @ encode(p)`` for every
            p. Rows of vectors move with ``vectors @ R.T``.

        Raises
        ------
        ValueError
            When `dim` is odd: the last sine lacks the cosine it would turn
            with.
        """
        frequencies = self._frequencies()
        if self.dim % 2:
            raise ValueError(
                f"dim is {self.dim}, so the last sine has no cosine to turn with; "
                "use an even dim"
            )
        matrix = np.zeros((self.dim, self.dim))
        even = 2 * np.arange(self.dim // 2)
        cos, sin = np.cos(offset * frequencies), np.sin(offset * frequencies)
        matrix[even, even] = matrix[even + 1, even + 1] = cos
        matrix[even, even + 1], matrix[even + 1, even] = sin, -sin
        return matrix

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Give the names of the columns that go out.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the input columns, by default those seen in `fit`.

        Returns
        -------
        names : ndarray of shape (n_columns * dim,), object
            position_sin_0, position_cos_0, position_sin_1, ... for a column
            "position"; the number is that of the pair.
        """
        waves = ("sin", "cos")
        parts = [f"{waves[j % 2]}_{j // 2}" for j in range(self.dim)]
        columns = names_in(self, input_features)
        return np.array([f"{c}_{p}" for c in columns for p in parts], dtype=object)

    def _frequencies(self) -> FloatArray:
        """Give ω of each pair, in radians a position, after the checks."""
        dim = check_integer(self.dim, "dim", 1)
        number = int | float | np.integer | np.floating
        if not isinstance(self.base, number) or isinstance(self.base, bool):
            raise TypeError(f"base is {self.base!r}; pass a number above 1")
        if not 1 < self.base < np.inf:
            raise ValueError(f"base is {self.base}; pass a finite number above 1")
        return np.asarray(float(self.base) ** -(np.arange(0, dim, 2) / dim))

    def _encode(self, positions: FloatArray) -> FloatArray:
        angles = positions[:, None] * self._frequencies()
        vectors = np.empty((len(positions), self.dim))
        vectors[:, 0::2] = np.sin(angles)
        vectors[:, 1::2] = np.cos(angles[:, : self.dim // 2])
        return vectors

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
