"""Fourier features: a few continuous columns as many waves."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    check_integer,
)
from mlworkbench.features._feature_names import names_in
from mlworkbench.features._places import check_places

__all__ = ["FourierFeatures"]


class FourierFeatures(TransformerMixin, BaseEstimator):
    """Turn continuous positions into waves of random frequency and direction.

    A point v becomes γ(v) = [cos 2πBv, sin 2πBv] with B drawn from a normal
    distribution. A linear model on γ(v) can draw any smooth surface over the
    points, e.g. over latitude and longitude; how smooth, `scale` decides.

    Parameters
    ----------
    n_features : int, default=100
        Number of columns that go out: half of them cosines, half sines, so an
        even number.
    scale : float or array-like of shape (n_columns,), default=1.0
        Standard deviation of the frequencies, in waves per unit of the
        input; one number, or one for each column. Points much closer than
        1 / (2π · scale) look the same, points much farther apart look
        unrelated.
    random_state : int, Generator, RandomState or None, default=None
        Draws the frequencies. The same seed gives the same features.

    Attributes
    ----------
    frequencies_ : ndarray of shape (n_features / 2, n_columns)
        The matrix B, in waves per unit.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where all are strings.

    See Also
    --------
    SinusoidalPositions : Fixed frequencies for whole-numbered positions.
    CyclicalEncoder : One wave, for a column that starts again.
    sklearn.kernel_approximation.RBFSampler : Cosines with a random phase; the
        same kernel, more noise, parametrised by gamma = 2π² · scale².

    Notes
    -----
    The inner product of two rows, divided by the number of frequencies,
    n_features / 2, estimates the Gaussian kernel
    k(u, v) = exp(-2π² Σ scale² (u - v)²) without bias; :meth:`kernel` gives
    it exactly. The standard error is at most 1/√n_features, and the inner
    product of a row with itself is exact.

    `scale` decides more than the number of features [2]_: too small and the
    model is nearly linear, too large and it knows each point by heart and
    nothing between them. Choose it by cross-validation. It depends on the
    units: bring columns with other units to one, or pass a scale for each.

    Missing values are refused, a column of nothing else among them: a point
    without a coordinate lies nowhere. So are dates and texts.
    Transforming costs O(rows × columns × n_features).

    References
    ----------
    .. [1] A. Rahimi, B. Recht (2007), Random features for large-scale kernel
       machines, NeurIPS.
    .. [2] M. Tancik et al. (2020), Fourier features let networks learn high
       frequency functions in low dimensional domains, NeurIPS.

    *Used in:* ``ch05_features/05_encode_cycles_and_positions``.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0, 0.0], [0.2, 0.0], [3.0, 4.0]])
    >>> waves = FourierFeatures(2_000, scale=0.5, random_state=0)
    >>> gamma = waves.fit_transform(points)
    >>> gamma.shape
    (3, 2000)
    >>> (gamma @ gamma.T / 1_000).round(1) + 0.0
    array([[1. , 0.8, 0. ],
           [0.8, 1. , 0. ],
           [0. , 0. , 1. ]])
    >>> waves.kernel(points).round(2)
    array([[1.  , 0.82, 0.  ],
           [0.82, 1.  , 0.  ],
           [0.  , 0.  , 1.  ]])
    """

    def __init__(
        self,
        n_features: int = 100,
        scale: Any = 1.0,
        *,
        random_state: RandomState = None,
    ) -> None:
        self.n_features = n_features
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> FourierFeatures:
        """Draw the frequencies; of X only the number of columns is used.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Positions, finite numbers.
        y : None
            Ignored.

        Returns
        -------
        self : FourierFeatures
            The fitted transformer.

        Raises
        ------
        TypeError, ValueError
            When `n_features` is no even number of 2 or more, `scale` is not
            positive, or a column does not hold finite numbers in every row.
        """
        check_places(X)
        X = validate_data(self, X, dtype=np.float64)
        half, odd = divmod(check_integer(self.n_features, "n_features", 2), 2)
        if odd:
            raise ValueError(
                f"n_features is {self.n_features}; every frequency gives a cosine and "
                f"a sine, so pass an even number, {2 * half} or {2 * half + 2}"
            )
        scale = _check_scale(self.scale, X.shape[1])
        rng = as_generator(self.random_state)
        self.frequencies_ = rng.standard_normal((half, X.shape[1])) * scale
        return self

    def transform(self, X: Any) -> FloatArray:
        """Give the waves at the positions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Positions; zero rows give zero rows.

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_features)
            Cosines, then sines, all within [-1, 1].

        Raises
        ------
        TypeError, ValueError
            When a column does not hold finite numbers in every row.
        """
        check_is_fitted(self)
        check_places(X)
        X = validate_data(self, X, reset=False, dtype=np.float64, ensure_min_samples=0)
        angles = 2 * np.pi * (X @ self.frequencies_.T)
        return np.hstack([np.cos(angles), np.sin(angles)])

    def kernel(self, X: Any, Y: Any = None) -> FloatArray:
        """Give the Gaussian kernel that the features approximate, exactly.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_columns)
            Positions.
        Y : array-like of shape (n_others, n_columns), optional
            Other positions, by default X again.

        Returns
        -------
        K : ndarray of shape (n_samples, n_others)
            exp(-2π² Σ scale² (x - y)²), in [0, 1]. Compare with
            ``transform(X) @ transform(Y).T / (n_features / 2)``.

        Raises
        ------
        TypeError, ValueError
            When a column does not hold finite numbers in every row.
        """
        check_is_fitted(self)
        for places in (X, Y):
            check_places(places)
        check = {"reset": False, "dtype": np.float64, "ensure_min_samples": 0}
        X = validate_data(self, X, **check)
        Y = X if Y is None else validate_data(self, Y, **check)
        scale = _check_scale(self.scale, X.shape[1])
        from scipy.spatial.distance import cdist

        squared = cdist(X * scale, Y * scale, "sqeuclidean")
        return np.asarray(np.exp(-2 * np.pi**2 * squared))

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Give the names of the columns that go out.

        Parameters
        ----------
        input_features : array-like of str, optional
            Checked against the columns seen in `fit`, not used: each wave
            mixes all of them.

        Returns
        -------
        names : ndarray of shape (n_features,), object
            fourier_cos_0, ..., fourier_sin_0, ...
        """
        check_is_fitted(self)
        names_in(self, input_features)
        half = range(len(self.frequencies_))
        names = [f"fourier_{wave}_{i}" for wave in ("cos", "sin") for i in half]
        return np.array(names, dtype=object)


def _check_scale(scale: Any, n_columns: int) -> FloatArray:
    """Check one positive number, or one for each column."""
    try:
        array = np.asarray(scale, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"scale is {scale!r}; pass a positive number, or one for each column"
        ) from None
    if array.ndim and array.shape != (n_columns,):
        raise ValueError(
            f"scale has shape {array.shape} for {n_columns} column(s); pass one "
            "number, or one for each column"
        )
    if not (np.isfinite(array) & (array > 0)).all():
        raise ValueError(f"scale is {scale}; pass positive, finite numbers")
    return array
