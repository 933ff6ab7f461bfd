"""Do probabilities mean what they say: measure it, draw it, repair it."""

from __future__ import annotations

__all__: list[str] = []
