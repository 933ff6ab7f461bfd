"""Data sets with cards, licences and checksums."""

from mlworkbench.datasets._card import Card
from mlworkbench.datasets._dataset import Dataset
from mlworkbench.datasets._errors import ChecksumError, DatasetError
from mlworkbench.datasets._load import card, catalog, fetch, load, names
from mlworkbench.datasets._triage import make_triage_notes

__all__ = [
    "load",
    "names",
    "catalog",
    "card",
    "fetch",
    "make_triage_notes",
    "Dataset",
    "Card",
    "DatasetError",
    "ChecksumError",
]
