"""The names of the columns that came in, for the names of those that go out."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["names_in"]


def names_in(estimator: Any, input_features: Any = None) -> list[str]:
    """Give the names of an estimator's input columns, as scikit-learn does.

    Parameters
    ----------
    estimator : estimator
        With `n_features_in_` once it is fitted, and `feature_names_in_` when
        it was fitted on a frame.
    input_features : array-like of str, optional
        Names to use; they must agree with what was fitted.

    Returns
    -------
    names : list of str
        `input_features`, else the names of the frame, else x0, x1, ...

    Raises
    ------
    ValueError
        When the names given do not fit the columns.
    """
    known = getattr(estimator, "feature_names_in_", None)
    n_columns = getattr(estimator, "n_features_in_", None)
    if input_features is None:
        if known is not None:
            return [str(name) for name in known]
        if n_columns is None:
            raise ValueError(
                "the columns are not known before fit; pass input_features, or fit"
            )
        return [f"x{i}" for i in range(n_columns)]
    given = [str(name) for name in np.asarray(input_features, dtype=object).ravel()]
    if known is not None and given != list(known):
        raise ValueError(
            f"input_features is not equal to feature_names_in_: got {given[:5]}, "
            f"fitted on {list(known)[:5]}; pass those or None"
        )
    if n_columns is not None and len(given) != n_columns:
        raise ValueError(
            "input_features should have length equal to number of features "
            f"({n_columns}), got {len(given)}"
        )
    return given
