"""Leakage: audit a split, prove that preprocessing leaks, catch leaks in the act."""

from __future__ import annotations

from mlworkbench.leakage._audit import audit_split
from mlworkbench.leakage._coverage import check_coverage
from mlworkbench.leakage._duplicates import check_duplicates
from mlworkbench.leakage._findings import KINDS, Finding, LeakageReport
from mlworkbench.leakage._groups import check_groups
from mlworkbench.leakage._guarded import GuardedTestSet, TestSetSpentError
from mlworkbench.leakage._lint import lint_notebook
from mlworkbench.leakage._magic import load_ipython_extension as load_ipython_extension
from mlworkbench.leakage._preprocessing import check_preprocessing
from mlworkbench.leakage._scaling import check_scaling
from mlworkbench.leakage._split import TemporalSplit, temporal_split
from mlworkbench.leakage._target import check_target
from mlworkbench.leakage._time import check_time
from mlworkbench.leakage._watch import Watch, watch

__all__ = [
    "Finding",
    "GuardedTestSet",
    "KINDS",
    "LeakageReport",
    "TestSetSpentError",
    "TemporalSplit",
    "audit_split",
    "check_coverage",
    "check_duplicates",
    "check_groups",
    "check_preprocessing",
    "check_scaling",
    "check_target",
    "check_time",
    "lint_notebook",
    "temporal_split",
    "watch",
    "Watch",
]
