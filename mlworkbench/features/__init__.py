"""Features: why values are missing, categories, crosses, positions, what matters."""

from mlworkbench.features._category_drift import CategoryDrift, category_drift
from mlworkbench.features._compare_imputation import (
    ImputationComparison,
    compare_imputation,
)
from mlworkbench.features._cross import FeatureCross
from mlworkbench.features._cyclical import CyclicalEncoder
from mlworkbench.features._deletion import deletion_cost
from mlworkbench.features._fill import FillCheck, check_fill
from mlworkbench.features._fourier import FourierFeatures
from mlworkbench.features._generalization import (
    GeneralizationReport,
    feature_generalization,
)
from mlworkbench.features._hash_encoder import HashEncoder
from mlworkbench.features._hashing import HashCollisions, hash_collisions
from mlworkbench.features._importance import ImportanceReport, importance_report
from mlworkbench.features._little import LittleTest, little_mcar_test
from mlworkbench.features._missing import MissingReport, diagnose_missing
from mlworkbench.features._positions import SinusoidalPositions
from mlworkbench.features._simulate_missing import simulate_missing

__all__ = [
    "diagnose_missing",
    "MissingReport",
    "little_mcar_test",
    "LittleTest",
    "simulate_missing",
    "deletion_cost",
    "compare_imputation",
    "ImputationComparison",
    "check_fill",
    "FillCheck",
    "hash_collisions",
    "HashCollisions",
    "HashEncoder",
    "FeatureCross",
    "CyclicalEncoder",
    "SinusoidalPositions",
    "FourierFeatures",
    "importance_report",
    "ImportanceReport",
    "category_drift",
    "CategoryDrift",
    "feature_generalization",
    "GeneralizationReport",
]
