"""A weight for every class, so that rare classes count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    as_vector,
    check_choice,
    check_same_index,
    check_weights,
)

__all__ = ["class_weights"]

IntArray = npt.NDArray[np.int64]
_SCHEMES = ("inverse", "effective")
_NORMALISERS = (None, "mean", "classes")


def class_weights(
    y: Any,
    scheme: str = "inverse",
    beta: float = 0.999,
    *,
    sample_weight: Any = None,
    classes: Any = None,
    normalize: str | None = None,
) -> pd.Series[float]:
    """Give every class a weight that grows as the class gets rarer.

    Parameters
    ----------
    y : array-like of shape (n,)
        The class of each row: numbers, strings or booleans, none missing.
    scheme : {'inverse', 'effective'}, default='inverse'
        'inverse' is N/n_i, the rows over the rows of the class. 'effective' is
        one over the effective number of rows, (1 - β)/(1 - β^n_i).
    beta : float, default=0.999
        β of 'effective', at least 0 and below 1; 'inverse' does without. At 0
        all classes weigh 1; towards 1 the weight goes to 1/n_i.
    sample_weight : array-like of shape (n,), optional
        Weight of each row; n_i is then the weight of the class in place of its
        rows. A row of weight 2 counts as two.
    classes : array-like of shape (k,), optional
        The classes, in the order wanted; those of `y`, sorted, by default.
    normalize : {None, 'mean', 'classes'}, default=None
        None leaves the formula as it is. 'mean' divides by one number so that
        the weights average 1 over the rows, which keeps the size of the loss.
        'classes' makes them sum to the number of classes, as Cui and others
        do.

    Returns
    -------
    weights : pandas.Series of shape (k,), float64
        The weights by class: index `class`, name `weight`.
        scikit-learn takes ``weights.to_dict()`` as ``class_weight``, and
        ``y.map(weights)`` as ``sample_weight``.

    Raises
    ------
    ValueError
        When `y` is empty or has missing values, when a class named has no rows
        or no weight, when a row has a class that is not named, and for a
        `beta` outside [0, 1).

    Notes
    -----
    scikit-learn's ``class_weight="balanced"`` is N/(k n_i) for k classes: the
    same as ``normalize="mean"`` with the scheme 'inverse'. The factor k changes
    nothing in a comparison of classes; it does change how strong a penalty is
    beside the loss, and the step of gradient descent.

    Weights move the probabilities of a model: one fitted with balanced weights
    predicts as if the classes were equally frequent. Where only the decision
    should change, move the threshold. The powers of β are taken through
    logarithms, so β = 1 - 10⁻¹² and millions of rows lose no digits.
    O(n log n) for the sorting of the classes.

    References
    ----------
    .. [1] Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie (2019),
       Class-balanced loss based on effective number of samples, CVPR.
    .. [2] G. King, L. Zeng (2001), Logistic regression in rare events data,
       Political Analysis 9(2).

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    >>> y = ["late"] * 2 + ["on time"] * 98
    >>> class_weights(y).round(2)
    class
    late       50.00
    on time     1.02
    Name: weight, dtype: float64
    >>> class_weights(y, normalize="mean").round(2).to_dict()
    {'late': 25.0, 'on time': 0.51}
    >>> class_weights(y, "effective", beta=0.9).round(2).to_dict()
    {'late': 0.53, 'on time': 0.1}
    """
    check_choice(scheme, "scheme", _SCHEMES)
    check_choice(normalize, "normalize", _NORMALISERS)
    check_same_index(y=y, sample_weight=sample_weight)
    found, codes = encode_labels(y, "y", classes)
    weight = check_weights(sample_weight, len(codes))
    counts = np.bincount(codes, weight, len(found)).astype(np.float64)
    if not counts.all():
        none = [found[i] for i in np.flatnonzero(counts == 0)]
        raise ValueError(
            f"the rows of class {none} weigh 0 in all; leave the class out, "
            "or give its rows a weight"
        )
    if scheme == "inverse":
        result = counts.sum() / counts
    else:
        result = effective_weights(counts, beta)
    if normalize == "mean":
        result = result * (counts.sum() / (counts @ result))
    elif normalize == "classes":
        result = result * (len(found) / result.sum())
    return pd.Series(result, index=pd.Index(found, name="class"), name="weight")


def effective_weights(counts: FloatArray, beta: float) -> FloatArray:
    """Give (1 - β)/(1 - β^n) for each count."""
    number = int | float | np.integer | np.floating
    if not isinstance(beta, number) or isinstance(beta, bool):
        raise TypeError(f"beta is {beta!r}; pass a number of at least 0 and below 1")
    if not 0 <= beta < 1:
        raise ValueError(
            f"beta is {beta}; pass a number of at least 0 and below 1, e.g. 0.999 "
            "(scheme='inverse' is the limit at 1, up to a factor)"
        )
    if beta == 0:
        return np.ones(len(counts))
    weights: FloatArray = (1 - beta) / -np.expm1(counts * np.log(beta))
    return weights


def encode_labels(
    labels: Any, name: str, classes: Any = None, each: bool = True
) -> tuple[list[Any], IntArray]:
    """Give the classes and, for each row, the position of its class.

    Without `each`, a class that is named may have no rows.
    """
    if isinstance(labels, list | tuple):
        # As objects: numpy turns a missing value among strings into "nan".
        labels = np.array(labels, dtype=object)
    values = as_vector(labels, name)
    if len(values) == 0:
        raise ValueError(f"{name} is empty; pass at least one row")
    column = pd.Series(values).infer_objects()
    if column.isna().any():
        row = int(np.argmax(column.isna().to_numpy()))
        raise ValueError(
            f"{name} has missing values (first at row {row}); drop those rows"
        )
    named = _sorted_classes(column, name) if classes is None else classes
    wanted = pd.Index(named).tolist()
    index = pd.Index(wanted)
    if not index.is_unique:
        raise ValueError(f"classes names {wanted}; pass each class once")
    codes = index.get_indexer(pd.Index(column))
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise ValueError(
            f"{name} has a class that is not named ({values[row]!r} at row {row}; "
            f"the classes are {wanted[:10]}); name it too, or drop its rows"
        )
    absent = sorted(set(range(len(wanted))) - set(np.unique(codes).tolist()))
    if each and absent:
        raise ValueError(
            f"{name} has no rows of class {[wanted[i] for i in absent]}; "
            "leave the class out, or add rows of it"
        )
    return wanted, codes.astype(np.int64)


def _sorted_classes(column: pd.Series[Any], name: str) -> list[Any]:
    found = column.unique().tolist()
    try:
        return sorted(found)
    except TypeError:
        raise TypeError(
            f"{name} mixes types that have no order ({found[:5]}); "
            "turn the classes into one type"
        ) from None
