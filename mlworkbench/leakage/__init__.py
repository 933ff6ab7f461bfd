"""Leakage: audit a split, prove that preprocessing leaks, catch leaks in the act."""

from __future__ import annotations

__all__: list[str] = []
