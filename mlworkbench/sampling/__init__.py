"""Samples that are fair, and how far off the others are.

Weighted sampling of rows needs no helper: `DataFrame.sample(weights=...)`.
"""

from mlworkbench.sampling._compare import SampleComparison, compare_samples
from mlworkbench.sampling._importance import (
    ImportanceEstimate,
    importance_estimate,
    importance_weights,
)
from mlworkbench.sampling._quota import QuotaSample, quota_sample
from mlworkbench.sampling._reservoir import ReservoirSampler
from mlworkbench.sampling._snowball import SnowballSample, snowball_sample
from mlworkbench.sampling._stratified import StratifiedSample, stratified_sample

__all__ = [
    "ReservoirSampler",
    "stratified_sample",
    "StratifiedSample",
    "importance_weights",
    "importance_estimate",
    "ImportanceEstimate",
    "quota_sample",
    "QuotaSample",
    "snowball_sample",
    "SnowballSample",
    "compare_samples",
    "SampleComparison",
]
