"""Small changes to small images: flips, shifts, turns, erased patches."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import RandomState, as_generator, check_choice
from mlworkbench.augmentation._pixels import (
    Array,
    LabelMap,
    as_images,
    as_labels,
    as_range,
    check_fill,
    check_probability,
    keep_kind,
    relabel,
)

__all__ = ["erase_images", "flip_images", "rotate_images", "shift_images"]

_KINDS = ("objects", "digits", "letters", None)
_SMALL_TURN = 30.0  # degrees: beyond it a sign may become another


def flip_images(
    images: Any,
    axis: str = "horizontal",
    *,
    probability: float = 1.0,
    y: Any = None,
    kind: str | None = None,
    label_map: LabelMap | None = None,
    channels: str = "first",
    random_state: RandomState = None,
) -> Any:
    """Mirror images, all of them or each with a probability.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, c, h, w) or (n, h, w, c)
        The batch; its dtype and its range of values are kept.
    axis : {"horizontal", "vertical"}, default="horizontal"
        Swap left and right, or top and bottom.
    probability : float, default=1.0
        Chance of each image to be flipped; 1 flips all.
    y : array-like of shape (n,), optional
        Labels, to be checked and given back.
    kind : {"objects", "digits", "letters"}, optional
        What the images show. The label of an object survives. Of digits only
        0 and 8 survive a horizontal flip, and 0, 3 and 8 a vertical one; of
        letters the symmetric capitals. Needed with `y`, unless `label_map` is
        given.
    label_map : mapping, optional
        The label of a flipped image, by its label before, for all labels in
        `y`; for example ``{"left": "right", "right": "left"}``.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws; not used when `probability` is 0 or 1.

    Returns
    -------
    images : ndarray
        The batch after, of the same shape and dtype; a new array.
    y : ndarray of shape (n,)
        The labels after. Only given when `y` was.

    Raises
    ------
    TypeError, ValueError
        When `images` is no batch of images, or a label does not survive: the
        check looks at all labels, whichever images are drawn.

    Notes
    -----
    Mirrored text and mirrored traffic signs are not what the world shows; flip
    only what may appear both ways. O(n·h·w).

    *Used in:* ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    >>> import numpy as np
    >>> flip_images(np.array([[[1, 2], [3, 4]]])).tolist()
    [[[2, 1], [4, 3]]]

    A mirrored arrow points the other way.

    >>> arrow = np.array([[[0, 0, 1], [1, 1, 1], [0, 0, 1]]])
    >>> other = {"left": "right", "right": "left"}
    >>> flip_images(arrow, y=["right"], label_map=other)[1].tolist()
    ['left']
    """
    check_choice(axis, "axis", ("horizontal", "vertical"))
    check_choice(kind, "kind", _KINDS)
    check_probability(probability)
    array, _, view = as_images(images, channels)
    n = len(array)
    if probability in (0, 1):
        flipped = np.full(n, bool(probability))
    else:
        flipped = as_generator(random_state).random(n) < probability
    mirrored = view[:, :, ::-1] if axis == "horizontal" else view[:, ::-1]
    after = np.where(flipped[:, None, None, None], mirrored, view)
    result = keep_kind(after, array, channels)
    if y is None:
        return result
    labels = as_labels(y, n)
    if probability > 0:
        labels = relabel(labels, axis, flipped, kind, label_map)
    return result, labels


def shift_images(
    images: Any,
    down: Any = 0,
    right: Any = 0,
    *,
    fill_value: float = 0.0,
    y: Any = None,
    channels: str = "first",
    random_state: RandomState = None,
) -> Any:
    """Move images by whole pixels; what leaves the frame is lost.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, c, h, w) or (n, h, w, c)
        The batch; its dtype is kept.
    down : int or (int, int), default=0
        Pixels to move down, negative for up. A pair (low, high) draws one
        number per image, both ends included.
    right : int or (int, int), default=0
        Pixels to move right, negative for left, in the same way.
    fill_value : float, default=0.0
        Value of the pixels that come into the frame.
    y : array-like of shape (n,), optional
        Labels. They survive as long as no image moves by more than half its
        height or width; whatever it shows.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws; not used for fixed amounts.

    Returns
    -------
    images : ndarray
        The batch after, of the same shape and dtype; a new array.
    y : ndarray of shape (n,)
        The labels, unchanged. Only given when `y` was.

    Raises
    ------
    TypeError, ValueError
        When `images` is no batch of images, an amount is not a whole number of
        pixels, nothing of an image would be left, or with `y` more than half
        of it would go.

    Notes
    -----
    A sign that touches the edge loses a part with the first pixel: look at a
    few. O(n·h·w).

    *Used in:* ``ch04_training_data/14_make_more_data``,
    ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    >>> import numpy as np
    >>> shift_images(np.array([[[1, 2], [3, 4]]]), down=1, fill_value=9).tolist()
    [[[9, 9], [1, 2]]]
    """
    array, size, view = as_images(images, channels)
    fill = check_fill(fill_value, array)
    rng, n = as_generator(random_state), len(array)
    moves = []
    for name, amount, side in zip(("down", "right"), (down, right), size, strict=True):
        low, high = as_range(amount, name, whole=True)
        _check_shift(name, max(abs(low), abs(high)), side, y is not None)
        fixed = np.full(n, int(low))
        draw = low < high
        moves.append(rng.integers(int(low), int(high) + 1, size=n) if draw else fixed)
    result = keep_kind(_moved(view, moves[0], moves[1], fill), array, channels)
    return result if y is None else (result, as_labels(y, n))


def _check_shift(name: str, most: float, side: int, labelled: bool) -> None:
    """Refuse a shift that leaves nothing, or too little for a label."""
    if most >= side:
        raise ValueError(
            f"{name} moves up to {most:.0f} of {side} pixels: nothing of the image "
            "is left; pass less"
        )
    if labelled and most > side / 2:
        raise ValueError(
            f"{name} moves up to {most:.0f} of {side} pixels: more than half of "
            "the image leaves the frame, and its label with it; pass at most "
            f"{side // 2}, or leave y out"
        )


def _moved(view: Array, down: Array, right: Array, fill: float) -> Array:
    """Fetch each pixel of (n, h, w, c) from where it was."""
    n, height, width, _ = view.shape
    rows = (np.arange(height) - down[:, None])[:, :, None]
    columns = (np.arange(width) - right[:, None])[:, None, :]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    which = np.arange(n)[:, None, None]
    moved = view[which, rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return np.where(inside[..., None], moved, np.asarray(fill).astype(view.dtype))


def rotate_images(
    images: Any,
    angle: Any,
    *,
    fill_value: float = 0.0,
    y: Any = None,
    kind: str | None = None,
    label_map: LabelMap | None = None,
    channels: str = "first",
    random_state: RandomState = None,
) -> Any:
    """Turn images about their centre, counter-clockwise.

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, c, h, w) or (n, h, w, c)
        The batch; its dtype is kept, and no value leaves the range that the
        image and `fill_value` span.
    angle : float or (float, float)
        Degrees. A pair (low, high) draws one angle per image, uniformly.
    fill_value : float, default=0.0
        Value outside the image, which comes in at the corners.
    y : array-like of shape (n,), optional
        Labels. They survive a turn of at most 30 degrees either way, whatever
        the image shows. Beyond that see `kind`.
    kind : {"objects", "digits", "letters"}, optional
        What the images show. The label of an object survives. Of digits only 0
        and 8 survive a half turn (within 30 degrees of 180), of letters H, I,
        N, O, S, X and Z; no sign is safe from another large turn. Needed with
        `y` for turns beyond 30 degrees, unless `label_map` is given.
    label_map : mapping, optional
        The label of an image turned by more than 30 degrees, by its label
        before, for all labels in `y`; for a half turn of digits
        ``{0: 0, 6: 9, 8: 8, 9: 6}``.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws; not used for a fixed angle.

    Returns
    -------
    images : ndarray
        The batch after, of the same shape and dtype; a new array.
    y : ndarray of shape (n,)
        The labels after. Only given when `y` was.

    Raises
    ------
    TypeError, ValueError
        When `images` is no batch of images, or a label does not survive: the
        check looks at all labels and at all angles that may be drawn.

    Notes
    -----
    Linear interpolation (`scipy.ndimage.map_coordinates`), so that other
    angles than multiples of 90 degrees blur; whole numbers are rounded. The
    frame keeps its size: corners of the image are lost. O(n·h·w).

    *Used in:* ``ch04_training_data/14_make_more_data``,
    ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    >>> import numpy as np
    >>> rotate_images(np.array([[[1, 2], [3, 4]]]), 90).tolist()
    [[[2, 4], [1, 3]]]

    A six upside down is no six.

    >>> six = np.array([[[1, 0], [1, 1]]])
    >>> turn = {0: 0, 6: 9, 8: 8, 9: 6}
    >>> rotate_images(six, 180, y=[6], kind="digits", label_map=turn)[1].tolist()
    [9]
    """
    check_choice(kind, "kind", _KINDS)
    array, _, view = as_images(images, channels)
    fill = check_fill(fill_value, array)
    low, high = as_range(angle, "angle")
    n = len(array)
    degrees = np.full(n, low)
    if low < high:
        degrees = as_generator(random_state).uniform(low, high, size=n)
    result = keep_kind(_turned(view, degrees, fill), array, channels)
    if y is None:
        return result
    labels = as_labels(y, n)
    change = _kind_of_turn(low, high)
    if change is None:
        return result, labels
    changed = np.abs((degrees + 180) % 360 - 180) > _SMALL_TURN
    return result, relabel(labels, change, changed, kind, label_map)


def _kind_of_turn(low: float, high: float) -> str | None:
    """Say whether all angles are small, all about 180 degrees, or neither."""
    for change, centre in ((None, 0), ("half turn", 180)):
        near = (low - centre + 180) % 360 - 180
        if near >= -_SMALL_TURN and near + (high - low) <= _SMALL_TURN:
            return change
    return "large turn"


def _turned(view: Array, degrees: Array, fill: float) -> Array:
    """Interpolate (n, h, w, c) at the places that turn into the pixels."""
    from scipy.ndimage import map_coordinates

    n, height, width, colours = view.shape
    down = np.arange(height)[:, None] - (height - 1) / 2
    right = np.arange(width)[None, :] - (width - 1) / 2
    cosine = np.cos(np.radians(degrees))[:, None, None]
    sine = np.sin(np.radians(degrees))[:, None, None]
    rows = cosine * down + sine * right + (height - 1) / 2
    columns = cosine * right - sine * down + (width - 1) / 2
    which = np.broadcast_to(np.arange(n)[:, None, None], rows.shape)
    # Rounded, so that a turn of 90 degrees meets the pixels and not their rims.
    places = np.stack([which, rows.round(9), columns.round(9)])
    after = np.empty(view.shape, dtype=np.float64)
    for colour in range(colours):
        after[..., colour] = map_coordinates(
            view[..., colour].astype(np.float64),
            places,
            order=1,
            mode="grid-constant",
            cval=fill,
        )
    return after


def erase_images(
    images: Any,
    share: Any = (0.02, 0.2),
    *,
    probability: float = 1.0,
    fill_value: float = 0.0,
    y: Any = None,
    channels: str = "first",
    random_state: RandomState = None,
) -> Any:
    """Blank a random rectangle of each image (random erasing).

    Parameters
    ----------
    images : array-like of shape (n, h, w), (n, c, h, w) or (n, h, w, c)
        The batch; its dtype is kept.
    share : float or (float, float), default=(0.02, 0.2)
        Share of the pixels to erase, in (0, 1). A pair (low, high) draws one
        share per image, uniformly. Rounded to a rectangle of whole pixels, at
        least one.
    probability : float, default=1.0
        Chance of each image to be changed.
    fill_value : float, default=0.0
        Value of the erased pixels, in all channels.
    y : array-like of shape (n,), optional
        Labels. They survive as long as at most half of an image is erased.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws: place and shape are always drawn.

    Returns
    -------
    images : ndarray
        The batch after, of the same shape and dtype; a new array.
    y : ndarray of shape (n,)
        The labels, unchanged. Only given when `y` was.

    Raises
    ------
    TypeError, ValueError
        When `images` is no batch of images, a share is outside (0, 1), or with
        `y` more than half of an image could be erased.

    Notes
    -----
    The height over the width of the patch is drawn between 1/3 and 3, evenly
    in its logarithm [1]_, and cut where the patch would not fit. A patch over
    the one stroke that tells a 3 from an 8 does change the label: small shares
    for small images. O(n·h·w).

    References
    ----------
    .. [1] Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang (2020), Random erasing
       data augmentation, AAAI.

    *Used in:* ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    >>> import numpy as np
    >>> erased = erase_images(np.ones((3, 8, 8)), 0.25, random_state=0)
    >>> bool((erased.mean(axis=(1, 2)) < 1).all()), erased.shape
    (True, (3, 8, 8))
    """
    array, (height, width), view = as_images(images, channels)
    fill = check_fill(fill_value, array)
    low, high = as_range(share, "share")
    if not 0 < low <= high < 1:
        raise ValueError(f"share is {share!r}; pass shares between 0 and 1")
    check_probability(probability)
    if y is not None and high > 0.5:
        raise ValueError(
            f"share goes up to {high:g}: with more than half of an image erased its "
            "label is a guess; pass at most 0.5, or leave y out"
        )
    n, rng = len(array), as_generator(random_state)
    area = rng.uniform(low, high, size=n) * height * width
    aspect = np.exp(rng.uniform(-np.log(3), np.log(3), size=n))
    tall = np.rint(np.sqrt(area * aspect)).clip(1, height)
    wide = np.rint(area / tall).clip(1, width)
    tall = np.rint(area / wide).clip(1, height)  # the cut side gives to the other
    top = np.floor(rng.random(n) * (height - tall + 1))
    left = np.floor(rng.random(n) * (width - wide + 1))
    hit = rng.random(n) < probability
    rows, columns = np.arange(height), np.arange(width)
    inside = (rows >= top[:, None]) & (rows < (top + tall)[:, None])
    across = (columns >= left[:, None]) & (columns < (left + wide)[:, None])
    patch = inside[:, :, None] & across[:, None, :] & hit[:, None, None]
    new = np.asarray(fill).astype(array.dtype)
    result = keep_kind(np.where(patch[..., None], new, view), array, channels)
    return result if y is None else (result, as_labels(y, n))
