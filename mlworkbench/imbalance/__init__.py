"""Rare classes: costs, thresholds, weights and losses, honest resampling."""

from __future__ import annotations

__all__: list[str] = []
