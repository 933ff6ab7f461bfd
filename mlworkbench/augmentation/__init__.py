"""More data from the data you have, and attacks that show what a model relies on."""

from mlworkbench.augmentation._attack_report import AttackReport
from mlworkbench.augmentation._attacks import fgsm
from mlworkbench.augmentation._images import (
    erase_images,
    flip_images,
    rotate_images,
    shift_images,
)
from mlworkbench.augmentation._mixup import Mixup, jitter, mixup
from mlworkbench.augmentation._one_pixel import one_pixel_attack
from mlworkbench.augmentation._templates import fill_template
from mlworkbench.augmentation._test_time import augment_test_time
from mlworkbench.augmentation._text import random_tokens, replace_words

__all__ = [
    "mixup",
    "Mixup",
    "jitter",
    "random_tokens",
    "replace_words",
    "fill_template",
    "augment_test_time",
    "flip_images",
    "shift_images",
    "rotate_images",
    "erase_images",
    "fgsm",
    "one_pixel_attack",
    "AttackReport",
]
