"""Leakage: audit a split, prove that preprocessing leaks, catch leaks in the act."""

from __future__ import annotations

from mlworkbench.leakage._duplicates import check_duplicates
from mlworkbench.leakage._findings import KINDS, Finding, LeakageReport
from mlworkbench.leakage._preprocessing import check_preprocessing

__all__ = [
    "Finding",
    "KINDS",
    "LeakageReport",
    "check_duplicates",
    "check_preprocessing",
]
