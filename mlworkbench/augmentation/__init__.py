"""More data from the data you have, and attacks that show what a model relies on."""

from __future__ import annotations

__all__: list[str] = []
