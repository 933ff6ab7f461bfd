"""Cyclical encoding: a column that starts again, as a point on a circle."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mlworkbench._validation import FloatArray, as_frame
from mlworkbench.features._cyclical_columns import (
    as_numbers,
    matrix,
    resolve_periods,
    unwind,
    usual_range,
)
from mlworkbench.features._feature_names import names_in

__all__ = ["CyclicalEncoder"]


class CyclicalEncoder(TransformerMixin, BaseEstimator):
    """Put columns that start again on a circle: a sine and a cosine each.

    As numbers, the hours 23 and 0 are far apart. On a circle with 24 hours
    they are neighbours, and every hour is as far from the next as any other.
    Columns without a period go through unchanged, whatever they hold.

    Parameters
    ----------
    periods : dict or float
        The length of one round, by column: ``{"hour": 24, "day_of_week": 7}``.
        A text is the name of a column, a whole number its position. One number
        stands for all columns. The period is the step from a value to its
        next return, not the largest value: hours 0 to 23 have period 24.
    drop_original : bool, default=True
        Leave the encoded columns out of the result; False keeps them beside
        their sine and cosine.

    Attributes
    ----------
    periods_ : dict of str to float
        The period of each encoded column, by name.
    ranges_ : dict of str to pandas.Interval
        The round in which `inverse_transform` gives the values of a column:
        [0, period), or (0, period] for columns such as months 1 to 12, or
        (-period/2, period/2] for columns such as longitudes.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where all are strings.

    See Also
    --------
    FourierFeatures : Many waves, for positions that do not start again.
    SinusoidalPositions : Many waves, for places in a sequence.
    sklearn.preprocessing.SplineTransformer : With ``extrapolation="periodic"``
        it draws any smooth daily curve; a single sine and cosine cannot.

    Notes
    -----
    A value v becomes sin(2πv / period) and cos(2πv / period). Values outside
    one round wrap: with period 24, the hours 25 and -23 are the hour 1. A
    missing value stays missing in both columns (an imputer after this step
    may fill them; 0 and 0 is the middle of the circle, the same distance from
    every hour). Infinite values, dates and texts that are no numbers are refused.

    The columns kept come first, in their order, then sine and cosine of each
    encoded column. An array comes out, or a frame after ``set_output``; when a
    column kept does not hold numbers, the array has the dtype object. Unseen
    values need no special care, zero rows can be transformed, and a column
    with all values missing gives missing ones.

    One sine and cosine give a linear model one smooth hill and one valley per
    round. That is little: 24 indicators or a periodic spline can follow any
    daily curve. A tree cuts one column at a time, so it needs two or three
    cuts to find an interval on the circle where the plain hour needs one or
    two. Cost: O(rows × columns).

    *Used in:* ``ch05_features/05_encode_cycles_and_positions``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"hour": [0, 6, 23], "distance": [200, 500, 900]})
    >>> encoder = CyclicalEncoder({"hour": 24}).set_output(transform="pandas")
    >>> encoder.fit_transform(frame).round(2)
       distance  hour_sin  hour_cos
    0       200      0.00      1.00
    1       500      1.00      0.00
    2       900     -0.26      0.97
    >>> encoder.inverse_transform(encoder.transform(frame))["hour"].tolist()
    [0.0, 6.0, 23.0]
    """

    def __init__(self, periods: Any, *, drop_original: bool = True) -> None:
        self.periods = periods
        self.drop_original = drop_original

    def fit(self, X: Any, y: Any = None) -> CyclicalEncoder:
        """Check the columns and their periods.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_columns)
            The table; the columns with a period hold numbers or are missing.
        y : None
            Ignored.

        Returns
        -------
        self : CyclicalEncoder
            The fitted encoder.

        Raises
        ------
        TypeError, ValueError, KeyError
            When a period is not positive, a column is not there, or it does
            not hold numbers.

        Warns
        -----
        UserWarning
            When the two ends of a column of whole numbers fall on one point,
            as the hours 0 and 23 do with period 23.
        """
        frame = self._as_frame(X, reset=True)
        if not isinstance(self.drop_original, bool | np.bool_):
            raise TypeError(
                f"drop_original is {self.drop_original!r}; pass True or False"
            )
        names = names_in(self)
        periods = resolve_periods(self.periods, names, hasattr(X, "columns"))
        self._positions = list(periods)
        self.periods_ = {names[i]: period for i, period in periods.items()}
        values = self._values(frame)
        self.ranges_ = {}
        for j, (name, period) in enumerate(self.periods_.items()):
            self.ranges_[name] = usual_range(values[:, j], period)
            _warn_where_ends_meet(values[:, j], period, name)
        uses = Counter(self.get_feature_names_out().tolist())
        twice = sorted(name for name, n in uses.items() if n > 1)
        if twice:
            raise ValueError(
                f"the result would have two columns {twice}; rename those of X"
            )
        return self

    def transform(self, X: Any) -> Any:
        """Give the columns kept, and a sine and a cosine of each other one.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_columns)
            The table, columns as in `fit`.

        Returns
        -------
        X_out : ndarray of shape (n_samples, n_columns_out)
            See Notes of the class; a frame after ``set_output``.

        Raises
        ------
        TypeError, ValueError
            When a column with a period does not hold numbers.
        """
        check_is_fitted(self)
        frame = self._as_frame(X, reset=False)
        period = np.array(list(self.periods_.values()))
        angles = 2 * np.pi * np.mod(self._values(frame), period) / period
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=2)
        waves = waves.reshape(len(frame), 2 * len(period))
        kept = frame.iloc[:, self._kept()]
        if not _wants_frame(self):
            return np.hstack([matrix(kept), waves]) if kept.shape[1] else waves
        encoded = pd.DataFrame(waves, index=frame.index)
        out = pd.concat([kept, encoded], axis=1)
        out.columns = pd.Index(self.get_feature_names_out())
        return out

    def inverse_transform(self, X: Any) -> Any:
        """Read the values from the circle.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_columns_out)
            What `transform` gave. Points inside the circle, such as means,
            are allowed: their direction counts.

        Returns
        -------
        X_in : ndarray or DataFrame of shape (n_samples, n_columns)
            The columns of `fit` in their order; a frame for a frame. Values
            lie in `ranges_`, those that had wrapped stay so. Rounding errors
            are removed next to whole numbers.

        Raises
        ------
        ValueError
            When the columns are not those of `transform`, or a point is the
            middle of the circle, which has no direction.
        """
        check_is_fitted(self)
        names, out = names_in(self), self.get_feature_names_out()
        table = as_frame(X if hasattr(X, "columns") else np.asarray(X), "X")
        if table.shape[1] != len(out):
            raise ValueError(
                f"X has {table.shape[1]} columns; pass the {len(out)} that transform "
                f"gave: {', '.join(out)}"
            )
        if hasattr(X, "columns"):
            if set(table.columns) != set(out):
                lost = [name for name in out if name not in table.columns]
                raise ValueError(f"X lacks the columns {lost} that transform gave")
            table = table[list(out)]
        kept, n_kept = self._kept(), len(self._kept())
        columns = {i: table.iloc[:, j] for j, i in enumerate(kept)}
        for j, (name, i) in enumerate(zip(self.periods_, self._positions, strict=True)):
            if i in columns:
                continue
            sin, cos = (as_numbers(table.iloc[:, n_kept + 2 * j + k]) for k in (0, 1))
            values = unwind(sin, cos, self.periods_[name], self.ranges_[name], name)
            columns[i] = pd.Series(values, index=table.index)
        back = pd.DataFrame({i: columns[i] for i in range(len(names))})
        back.columns = pd.Index(names)
        return back if hasattr(X, "columns") else matrix(back)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Give the names of the columns that go out.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the input columns, by default those seen in `fit`.

        Returns
        -------
        names : ndarray of shape (n_columns_out,), object
            The columns kept, then hour_sin, hour_cos for a column "hour".
        """
        check_is_fitted(self, "periods_")
        names = names_in(self, input_features)
        waves = [f"{names[i]}_{w}" for i in self._positions for w in ("sin", "cos")]
        return np.array([*(names[i] for i in self._kept()), *waves], dtype=object)

    def _kept(self) -> list[int]:
        """Give the positions of the columns that go through unchanged."""
        gone = self._positions if self.drop_original else []
        return [i for i in range(self.n_features_in_) if i not in gone]

    def _as_frame(self, X: Any, reset: bool) -> pd.DataFrame:
        """Check X as scikit-learn does and give a frame, columns of any kind."""
        if not hasattr(X, "columns"):
            X = validate_data(
                self,
                X,
                reset=reset,
                dtype=None,
                ensure_all_finite=False,
                ensure_min_samples=int(reset),
            )
            return pd.DataFrame(X)
        validate_data(self, X, reset=reset, skip_check_array=True)
        frame = as_frame(X, "X")
        if reset and not len(frame):
            raise ValueError(
                f"Found array with 0 sample(s) (shape={frame.shape}) while a minimum "
                "of 1 is required; fit on some rows"
            )
        return frame

    def _values(self, frame: pd.DataFrame) -> FloatArray:
        """Give the columns with a period as numbers."""
        columns = zip(self.periods_, self._positions, strict=True)
        values = [as_numbers(frame.iloc[:, i], name) for name, i in columns]
        return np.column_stack(values)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _wants_frame(encoder: CyclicalEncoder) -> bool:
    """Say whether ``set_output``, here or globally, asks for a frame."""
    chosen = getattr(encoder, "_sklearn_output_config", {}).get("transform")
    return bool((chosen or sklearn.get_config()["transform_output"]) != "default")


def _warn_where_ends_meet(values: FloatArray, period: float, name: str) -> None:
    """Warn when a column has every whole number from a to a + period."""
    seen = np.unique(values[np.isfinite(values)])
    if len(seen) < 3 or len(seen) != period + 1 or np.any(seen % 1):
        return
    if seen[-1] - seen[0] == period:
        warnings.warn(
            f"{name} has the {len(seen)} whole values {seen[0]:g} to {seen[-1]:g}, and "
            f"with period {period:g} the first and the last are the same point; if "
            f"they are not the same, the period is {len(seen)}",
            UserWarning,
            stacklevel=3,
        )
