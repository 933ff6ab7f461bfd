"""More data from the data you have, and attacks that show what a model relies on."""

from mlworkbench.augmentation._images import (
    erase_images,
    flip_images,
    rotate_images,
    shift_images,
)

__all__ = [
    "flip_images",
    "shift_images",
    "rotate_images",
    "erase_images",
]
