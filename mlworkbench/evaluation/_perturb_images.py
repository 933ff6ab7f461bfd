"""Changes of small images: moved, turned a little, lighter and darker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import check_choice, check_integer
from mlworkbench.evaluation._behaviour_rows import Rows
from mlworkbench.evaluation._perturb_tables import _positive
from mlworkbench.evaluation._perturbation import Copies, Perturbation

__all__ = ["brightness", "rotate", "shift"]

Array = npt.NDArray[Any]
Shape = tuple[int, ...] | None
Change = Callable[[Array], Array]


def shift(
    pixels: int = 1, *, image_shape: Shape = None, channels: str = "first"
) -> Perturbation:
    """Move images up, down, left and right, one copy each.

    Parameters
    ----------
    pixels : int, default=1
        How far.
    image_shape : tuple of int, optional
        (height, width) of an image, where X has one row of pixels per image.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When X holds no images, or nothing is left of one.

    Notes
    -----
    New pixels have the smallest value of the batch.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.evaluation import perturb
    >>> image = np.array([[[0, 0], [0, 9]]])
    >>> perturb.shift().copies(image)["up 1"].tolist()
    [[[0, 9], [0, 0]]]
    """
    far = check_integer(pixels, "pixels", 1)
    ways = {"up": (-far, 0), "down": (far, 0), "left": (0, -far), "right": (0, far)}
    changes = {f"{way} {far}": partial(_moved, by=by) for way, by in ways.items()}
    return _perturbation("shift", changes, image_shape, channels)


def rotate(
    degrees: float = 10.0, *, image_shape: Shape = None, channels: str = "first"
) -> Perturbation:
    """Turn images a little either way, one copy each.

    Parameters
    ----------
    degrees : float, default=10.0
        How far; at most 30, beyond which a sign may become another.
    image_shape : tuple of int, optional
        (height, width) of an image, where X has one row of pixels per image.
    channels : {"first", "last"}, default="first"
        Where the colours are in a 4-D batch; "first" is (n, c, h, w).

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When X holds no images, or the turn is not in (0, 30].

    Notes
    -----
    Linear interpolation about the centre; corners have the smallest value of
    the batch.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.evaluation import perturb
    >>> list(perturb.rotate(5).copies(np.eye(4)[None]))
    ['turned 5° left', 'turned 5° right']
    """
    angle = _positive(degrees, "degrees")
    if angle > 30:
        raise ValueError(
            f"degrees is {degrees}; pass at most 30: turned further, a 6 becomes a 9"
        )
    ways = {"left": angle, "right": -angle}
    changes = {
        f"turned {angle:g}° {way}": partial(_turned, degrees=by)
        for way, by in ways.items()
    }
    return _perturbation("rotate", changes, image_shape, channels)


def brightness(amount: float = 0.1, *, image_shape: Shape = None) -> Perturbation:
    """Make images lighter and darker, one copy each.

    Parameters
    ----------
    amount : float, default=0.1
        Share of the range of the batch that is added and taken away.
    image_shape : tuple of int, optional
        (height, width) of an image, where X has one row of pixels per image.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When X holds no images, or the amount is not above 0.

    Notes
    -----
    Pixels stay within the range of the batch.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.evaluation import perturb
    >>> perturb.brightness(0.5).copies(np.array([[[0, 8]]]))["lighter"].tolist()
    [[[4, 8]]]
    """
    share = _positive(amount, "amount")

    changes = {
        "lighter": partial(_lighter, share=share),
        "darker": partial(_lighter, share=-share),
    }
    return _perturbation("brightness", changes, image_shape, "first")


def _perturbation(
    name: str, changes: Mapping[str, Change], shape: Shape, channels: str
) -> Perturbation:
    def make(rows: Rows, rng: np.random.Generator) -> Copies:
        return {
            label: _map_images(rows, change, shape, channels)
            for label, change in changes.items()
        }

    return Perturbation(name, make)


def _map_images(rows: Rows, function: Change, shape: Shape, channels: str) -> Any:
    """Change a batch, seen with axes (n, h, w, c), and keep shape and type."""
    check_choice(channels, "channels", ("first", "last"))
    frame = rows.values if rows.kind == "table" else None
    array = rows.values if frame is None else frame.to_numpy()
    if array is None or rows.kind == "texts" or array.dtype.kind not in "biuf":
        raise TypeError("X holds no images; pass an array (n, height, width)")
    if frame is not None:
        if shape is None or int(np.prod(shape)) != array.shape[1]:
            raise ValueError(
                f"X has {array.shape[1]} columns and image_shape is {shape}; pass "
                "image_shape=(height, width), with one column per pixel"
            )
        array = array.reshape(len(array), *shape)
    if array.ndim not in (3, 4):
        raise ValueError(f"X has shape {array.shape}; pass (n, height, width)")
    flat = array.ndim == 3
    view = array[..., None] if flat else array
    view = np.moveaxis(view, 1, 3) if not flat and channels == "first" else view
    view = function(view)
    view = np.moveaxis(view, 3, 1) if not flat and channels == "first" else view
    made = view[..., 0] if flat else view
    made = np.rint(made) if array.dtype.kind in "biu" else made
    made = made.astype(array.dtype)
    if frame is None:
        return made
    new = pd.DataFrame(made.reshape(len(frame), -1), frame.index, frame.columns)
    return new.astype(frame.dtypes)


def _lighter(view: Array, share: float) -> Array:
    low, high = float(view.min()), float(view.max())
    lighter = view.astype(np.float64) + share * (high - low)
    return np.asarray(lighter.clip(low, high))


def _moved(view: Array, by: tuple[int, int]) -> Array:
    down, right = by
    height, width = view.shape[1:3]
    if abs(down) >= height or abs(right) >= width:
        raise ValueError(
            f"pixels moves {max(abs(down), abs(right))} of {height} × {width}: nothing "
            "of the image is left; pass less"
        )
    new = np.full_like(view, view.min())
    new[:, max(down, 0) : height + down, max(right, 0) : width + right] = view[
        :, max(-down, 0) : height - down, max(-right, 0) : width - right
    ]
    return new


def _turned(view: Array, degrees: float) -> Array:
    from scipy.ndimage import rotate as turn

    return np.asarray(
        turn(
            view.astype(np.float64),
            degrees,
            axes=(1, 2),
            reshape=False,
            order=1,
            mode="grid-constant",
            cval=float(view.min()),
        )
    )
