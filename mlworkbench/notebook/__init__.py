"""What only a notebook needs: set up, explore, predict, check, quiz, claim.

Usually `from mlworkbench import notebook as nb`.
"""

from __future__ import annotations

from mlworkbench.notebook._check import CheckResult, check
from mlworkbench.notebook._claim import claim
from mlworkbench.notebook._explore import Explorer, explore
from mlworkbench.notebook._predict import Prediction, predict
from mlworkbench.notebook._progress import Progress, progress
from mlworkbench.notebook._quiz import Quiz, quiz
from mlworkbench.notebook._setup import Environment, environment, setup

__all__ = [
    "setup",
    "environment",
    "explore",
    "predict",
    "check",
    "quiz",
    "claim",
    "progress",
    "CheckResult",
    "Environment",
    "Explorer",
    "Prediction",
    "Progress",
    "Quiz",
]
