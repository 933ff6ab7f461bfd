"""Features: why values are missing, categories, crosses, positions, what matters."""

from __future__ import annotations

__all__: list[str] = []
