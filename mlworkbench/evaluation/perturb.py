"""Small changes that a good model should bear: of tables, texts and images.

Each function gives a `Perturbation`, which the tests of
`mlworkbench.evaluation` take; `.copies(X)` shows what it does.
"""

from __future__ import annotations

from mlworkbench.evaluation._perturb_images import brightness, rotate, shift
from mlworkbench.evaluation._perturb_tables import (
    add,
    change_unit,
    missing,
    noise,
    scale,
    swap,
)
from mlworkbench.evaluation._perturb_text import casing, swap_words, typos
from mlworkbench.evaluation._perturbation import Perturbation

__all__ = [
    "Perturbation",
    "add",
    "brightness",
    "casing",
    "change_unit",
    "missing",
    "noise",
    "rotate",
    "scale",
    "shift",
    "swap",
    "swap_words",
    "typos",
]
