"""Helpers for the life of a machine-learning system, one room per idea.

Rooms load when they are first used (SPEC 1), so that importing the package
costs nothing.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

_rooms = [
    "augmentation",
    "calibration",
    "datasets",
    "evaluation",
    "features",
    "imbalance",
    "labeling",
    "leakage",
    "notebook",
    "sampling",
]

__getattr__, __dir__, _lazy_all = lazy_loader.attach(__name__, submodules=_rooms)

__all__ = [
    "__version__",
    "augmentation",
    "calibration",
    "datasets",
    "evaluation",
    "features",
    "imbalance",
    "labeling",
    "leakage",
    "notebook",
    "sampling",
]
