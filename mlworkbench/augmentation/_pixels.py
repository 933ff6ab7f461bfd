"""What a batch of images must be, and which labels survive a change of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import as_vector, check_choice, check_same_length

__all__ = [
    "as_images",
    "as_labels",
    "as_range",
    "check_fill",
    "check_probability",
    "keep_kind",
    "relabel",
]

Array = npt.NDArray[Any]
LabelMap = Mapping[Any, Any]

# Signs that look the same after the change. Only these keep their label.
_SAME = {
    "digits": {"horizontal": "08", "vertical": "038", "half turn": "08"},
    "letters": {
        "horizontal": "AHIMOTUVWXY",
        "vertical": "BCDEHIKOX",
        "half turn": "HINOSXZ",
    },
}
_EXAMPLE = {
    "horizontal": {
        "digits": "mirrored left to right, a 3 is no digit",
        "letters": "mirrored left to right, a b is a d",
    },
    "vertical": {
        "digits": "mirrored top to bottom, a 2 looks like a 5",
        "letters": "mirrored top to bottom, a b looks like a p",
    },
    "half turn": {
        "digits": "turned by 180 degrees, a 6 is a 9",
        "letters": "turned by 180 degrees, an M is a W",
    },
    "large turn": {
        "digits": "turned by more than 30 degrees, a 6 becomes a 9 by and by",
        "letters": "turned by more than 30 degrees, an N becomes a Z",
    },
}
_MAP = {"digits": "{6: 9, 9: 6, ...}", "letters": '{"b": "d", "d": "b", ...}'}


def as_images(
    images: Any, channels: str = "first"
) -> tuple[Array, tuple[int, int], Array]:
    """Check a batch and give it with axes (n, h, w, c).

    Parameters
    ----------
    images : array-like
        Shape (n, h, w), or (n, c, h, w), or (n, h, w, c).
    channels : {"first", "last"}
        Where the colours are in a 4-D batch.

    Returns
    -------
    images : ndarray
        As given.
    size : tuple of int
        Height and width.
    view : ndarray of shape (n, h, w, c)
        The same pixels.
    """
    check_choice(channels, "channels", ("first", "last"))
    array = np.asarray(images)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"images has dtype {array.dtype}; pass numbers, one per pixel")
    if array.ndim == 2:
        side = int(np.sqrt(array.shape[1]))
        square = side > 1 and side * side == array.shape[1]
        shown = f"{side}, {side}" if square else "height, width"
        raise ValueError(
            f"images has shape {array.shape}; a batch has the shape (n, height, "
            f"width): rows of pixels become images with images.reshape(-1, {shown}), "
            "and one image becomes a batch with image[None]"
        )
    if array.ndim not in (3, 4):
        raise ValueError(
            f"images has shape {array.shape}; pass (n, height, width), or with "
            "colours (n, channels, height, width)"
        )
    if 0 in array.shape[1:]:
        raise ValueError(f"images has shape {array.shape}: images without a pixel")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        raise ValueError(
            f"images has missing or infinite pixels (first in image {row}); "
            "fill them or drop the image"
        )
    if array.ndim == 3:
        return array, array.shape[1:], array[..., None]
    _check_channels(array.shape, channels)
    view = np.moveaxis(array, 1, 3) if channels == "first" else array
    return array, view.shape[1:3], view


def _check_channels(shape: tuple[int, ...], channels: str) -> None:
    """Refuse a batch whose colours are plainly at the other end."""
    axis, other = (1, 3) if channels == "first" else (3, 1)
    if shape[axis] > 4 >= shape[other]:
        right, looks = ("last", "(n, height, width, channels)")
        if channels == "last":
            right, looks = ("first", "(n, channels, height, width)")
        raise ValueError(
            f"images has shape {shape}, which looks like {looks}; "
            f'pass channels="{right}"'
        )


def keep_kind(view: Array, like: Array, channels: str) -> Array:
    """Give pixels (n, h, w, c) the axes and the dtype of the images given."""
    if like.ndim == 3:
        view = view[..., 0]
    elif channels == "first":
        view = np.moveaxis(view, 3, 1)
    if like.dtype == np.bool_:
        return np.ascontiguousarray(np.asarray(view) >= 0.5)
    if like.dtype.kind in "iu" and view.dtype.kind == "f":
        view = np.rint(view)
    return np.ascontiguousarray(view.astype(like.dtype, copy=False))


def check_fill(fill_value: Any, like: Array) -> float:
    """Check that the value of new pixels is one that the dtype has."""
    if isinstance(fill_value, str) or not np.isscalar(fill_value):
        raise TypeError(f"fill_value is {fill_value!r}; pass one number")
    value = float(fill_value)  # type: ignore[arg-type]
    if not np.isfinite(value):
        raise ValueError(f"fill_value is {value}; pass a finite number")
    kind = like.dtype.kind
    if kind == "b":
        fits = value in (0.0, 1.0)
    elif kind in "iu":
        limits = np.iinfo(like.dtype)
        fits = value.is_integer() and limits.min <= value <= limits.max
    else:
        fits = True
    if not fits:
        raise ValueError(
            f"fill_value is {value:g}, which {like.dtype} images cannot hold; pass a "
            "value of their kind, or convert the images to float"
        )
    return value


def check_probability(probability: Any) -> None:
    """Check that it is a number from 0 to 1."""
    number = isinstance(probability, int | float | np.number)
    if not number or not 0 <= probability <= 1:
        raise ValueError(f"probability is {probability!r}; pass a number from 0 to 1")


def as_range(amount: Any, name: str, *, whole: bool = False) -> tuple[float, float]:
    """Read an amount: a number is fixed, a pair (low, high) is drawn from."""
    pair = np.asarray(amount)
    if pair.dtype.kind not in "iuf" or pair.shape not in ((), (2,)):
        raise TypeError(
            f"{name} is {amount!r}; pass a number, the same for all images, or a "
            "pair (low, high) to draw from"
        )
    low, high = (float(v) for v in np.broadcast_to(pair, (2,)))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} is {amount!r}; pass finite numbers")
    if low > high:
        raise ValueError(f"{name} goes from {low:g} to {high:g}; pass (low, high)")
    if whole and not (low.is_integer() and high.is_integer()):
        raise ValueError(f"{name} is {amount!r}; pass whole pixels")
    return low, high


def as_labels(y: Any, n: int) -> Array:
    """Check labels: one per image, none missing."""
    labels = as_vector(y, "y")
    if len(labels) != n:
        check_same_length(images=range(n), y=labels)
    missing = labels != labels if labels.dtype.kind in "fO" else np.zeros(n, bool)
    if labels.dtype.kind == "O":
        missing = missing | np.array([label is None for label in labels], dtype=bool)
    if np.any(missing):
        row = int(np.argmax(missing))
        raise ValueError(f"y has missing labels (first at row {row}); drop those rows")
    return labels


def relabel(
    labels: Array,
    change: str,
    changed: npt.NDArray[np.bool_],
    kind: str | None,
    label_map: LabelMap | None,
) -> Array:
    """Give the labels after a flip or a large turn, or say why there are none.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        The labels before.
    change : {"horizontal", "vertical", "half turn", "large turn"}
        What is done.
    changed : ndarray of bool, shape (n,)
        The images that it is done to.
    kind : {"objects", "digits", "letters"} or None
        What the images show.
    label_map : mapping or None
        The label after, by the label before.

    Returns
    -------
    labels : ndarray of shape (n,)
        The labels after; the rule is applied to all, whether drawn or not.
    """
    if label_map is not None:
        lost = sorted({str(v) for v in labels.tolist() if v not in label_map})
        if lost:
            raise ValueError(
                f"label_map says nothing about the label(s) {', '.join(lost[:5])}; "
                "add what they become, or leave those images out"
            )
        mapped = np.array([label_map[v] for v in labels.tolist()])
        if len(mapped) == 0:
            return labels
        return np.asarray(np.where(changed, mapped, labels))
    if kind == "objects":
        return labels
    if kind is None:
        raise ValueError(
            f"does y survive? {_EXAMPLE[change]['digits']}, and a cat is a cat. Say "
            'what the images show with kind="objects", "digits" or "letters", or what '
            "each label becomes with label_map={...}"
        )
    same = _SAME[kind].get(change, "")
    lost = sorted({_sign(v) for v in labels.tolist()} - set(same))
    if lost:
        safe = f"only {', '.join(same)} are sure to" if same else "none is sure to"
        raise ValueError(
            f"these {kind} do not all stay what they are: {_EXAMPLE[change][kind]}; "
            f"{safe}, and y has {', '.join(lost[:5])}. Leave those images out, or say "
            f"with label_map={_MAP[kind]} what each label becomes"
        )
    return labels


def _sign(label: Any) -> str:
    """Give the sign that a label names: 8, 8.0 and "8" are one."""
    whole = isinstance(label, float) and label.is_integer()
    return str(int(label)) if whole else str(label)
