"""Ask a model about several versions of a row, and average what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from scipy import sparse

from mlworkbench._validation import FloatArray, check_weights

__all__ = ["augment_test_time"]

Transforms = Sequence[Callable[[Any], Any]] | Mapping[str, Callable[[Any], Any]]


def augment_test_time(
    predict: Callable[[Any], Any],
    X: Any,
    transforms: Transforms,
    *,
    include_original: bool = True,
    weights: Any = None,
) -> FloatArray:
    """Average the predictions over several versions of each row.

    *The label:* every transform must preserve it. The average over a digit 6
    and the same digit upside down is an average over a 6 and a 9.

    Parameters
    ----------
    predict : callable
        Takes rows and gives numbers, one row of them per row: probabilities
        (`model.predict_proba`), scores, or a regression's `predict`.
    X : array, sparse matrix, DataFrame, Series, list or torch tensor of n rows
        The rows as `predict` wants them.
    transforms : list or dict of callables
        Each takes a copy of all rows and gives as many of the same kind, in
        the same order. The names of a dict are used in errors.
    include_original : bool, default=True
        Whether the rows as they are count too.
    weights : array-like of shape (n_versions,), optional
        Weight of each version, the original first when it is included; equal
        by default.

    Returns
    -------
    prediction : ndarray of shape (n,) or (n, k)
        The weighted mean of the predictions.

    Raises
    ------
    TypeError
        When `predict` gives labels: an average of labels means nothing. When
        a transform gives another kind than it got, such as arrays of tensors.
    ValueError
        When a transform changes the number of rows, a prediction is missing,
        or there is no version to average.

    Notes
    -----
    All versions go through `predict` in one call, so the cost is that of
    (number of versions) × n rows, and `predict` sees them in blocks, the
    original first. Averaged probabilities sum to 1. They are less extreme
    than single ones, and the average is often better than a version on its
    own; it need not be better than the original.

    References
    ----------
    .. [1] A. Krizhevsky, I. Sutskever, G. E. Hinton (2012), ImageNet
       classification with deep convolutional neural networks, NeurIPS,
       section 4.1.
    .. [2] D. Shanmugam, D. Blalock, G. Balakrishnan, J. Guttag (2021), Better
       aggregation in test-time augmentation, ICCV.

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0], [2.0]])
    >>> augment_test_time(lambda rows: rows[:, 0] ** 2, X, [lambda x: x + 1])
    array([2.5, 6.5])
    """
    if not callable(predict):
        raise TypeError(
            f"predict is a {type(predict).__name__}; pass a function of the rows, "
            "e.g. model.predict_proba"
        )
    named = _named(transforms)
    versions = {"the original": X} if include_original else {}
    n = _length(X)
    for name, transform in named.items():
        versions[name] = _transformed(transform, X, n, name)
    if not versions:
        raise ValueError(
            "transforms is empty and include_original is False: there is nothing to "
            "predict; pass at least one transform"
        )
    share = check_weights(weights, len(versions), "weights")
    predicted = _as_numbers(predict(_join(list(versions.values()))))
    if len(predicted) != len(versions) * n:
        raise ValueError(
            f"predict gave {len(predicted)} predictions for {len(versions) * n} rows "
            f"({len(versions)} versions of {n}); it must give one per row"
        )
    blocks = predicted.reshape(len(versions), n, *predicted.shape[1:])
    if np.isnan(blocks).any():
        version, row = (int(i) for i in np.argwhere(np.isnan(blocks))[0][:2])
        raise ValueError(
            f"predict gave a missing value at row {row} of {list(versions)[version]}; "
            "see what the transform makes of that row"
        )
    mean: FloatArray = np.tensordot(share / share.sum(), blocks, axes=1)
    return mean


def _named(transforms: Any) -> dict[str, Callable[[Any], Any]]:
    if isinstance(transforms, Mapping):
        named = {f"transform {name!r}": t for name, t in transforms.items()}
    elif isinstance(transforms, list | tuple):
        named = {f"transform {place}": t for place, t in enumerate(transforms)}
    else:
        raise TypeError(
            f"transforms is a {type(transforms).__name__}; pass a list or a dict of "
            "functions, [f] for one"
        )
    for name, transform in named.items():
        if not callable(transform):
            raise TypeError(f"{name} is {transform!r}; pass a function of the rows")
    return named


def _length(X: Any) -> int:
    if isinstance(X, str) or not hasattr(X, "__len__"):
        raise TypeError(f"X is a {type(X).__name__}; pass rows, a list for texts")
    n = int(X.shape[0]) if hasattr(X, "shape") else len(X)
    if n == 0:
        raise ValueError("X has no rows; pass at least one")
    return n


def _transformed(transform: Callable[[Any], Any], X: Any, n: int, name: str) -> Any:
    # A copy: a transform that works in place must not change the original.
    if isinstance(X, list | tuple):
        made = transform(deepcopy(X))
    else:
        copy = next((getattr(X, m) for m in ("copy", "clone") if hasattr(X, m)), None)
        made = transform(X if copy is None else copy())
    if made is None:
        raise ValueError(f"{name} gave None; it must return the rows")
    if _kind(X) not in ("array", _kind(made)):
        raise TypeError(
            f"{name} gave a {type(made).__name__} for a {type(X).__name__}; it must "
            "give rows of the kind it got (convert them back, or X before)"
        )
    if _length(made) != n:
        raise ValueError(
            f"{name} gave {_length(made)} rows for {n}; it must keep rows and order"
        )
    return made


def _kind(X: Any) -> str:
    """Say which rows can be put below one another: those of one kind."""
    if sparse.issparse(X):
        return "sparse"
    if type(X).__module__.partition(".")[0] == "torch":
        return "torch"
    if type(X).__name__ == "Series":
        return "series"
    return "table" if hasattr(X, "columns") else "array"


def _join(versions: list[Any]) -> Any:
    """Put the versions below one another, as what they are."""
    first = versions[0]
    if isinstance(first, list | tuple):
        return type(first)(row for version in versions for row in version)
    if sparse.issparse(first):
        return sparse.vstack(versions, format=first.format)
    if _kind(first) == "torch":
        import torch

        return torch.cat(versions)
    if _kind(first) in ("table", "series"):
        return _join_tables(versions)
    arrays = [np.asarray(version) for version in versions]
    shapes = sorted({array.shape[1:] for array in arrays})
    if len(shapes) > 1:
        raise ValueError(
            f"the versions of a row have different shapes {shapes}; a transform must "
            "keep the shape"
        )
    return np.concatenate(arrays)


def _join_tables(versions: list[Any]) -> Any:
    if _kind(versions[0]) == "series":
        frames = [nw.from_native(v, series_only=True).to_frame() for v in versions]
        joined = nw.concat(frames)
        return nw.to_native(joined[joined.columns[0]])
    return nw.to_native(nw.concat([nw.from_native(v) for v in versions]))


def _as_numbers(predicted: Any) -> npt.NDArray[np.float64]:
    if hasattr(predicted, "detach"):
        predicted = predicted.detach().cpu().numpy()
    array = np.asarray(predicted)
    if array.ndim == 0 or not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"predict gave {array.dtype} values such as "
            f"{array.flat[0] if array.size else None!r}, which look like labels, and "
            "labels have no average; pass predict_proba (for a regression that gives "
            "whole numbers, a function that makes them floats)"
        )
    return array.astype(np.float64)
