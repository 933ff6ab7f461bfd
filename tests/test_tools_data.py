"""Notebooks whose data cannot be had are skipped, and say why."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import _notebook_data as tool
from _notebook_pairs import Pair
from _notebook_run import run_one

import notebooks as command
from mlworkbench import datasets


def lesson(data, source="1 + 1"):
    title = f"# Do a thing\n\n*12 minutes · data: {data}*\n\n**You will** do it."
    cells = [new_markdown_cell(title), new_code_cell(source)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def unreachable(monkeypatch):
    """No remote data set can be had; what was asked for."""
    asked = []

    def fetch(name):
        asked.append(name)
        raise datasets.DatasetError(f"{name}/a.csv could not be fetched; go online")

    monkeypatch.setattr(tool.datasets, "fetch", fetch)
    tool._missing.cache_clear()
    yield asked
    tool._missing.cache_clear()


def test_data_sets_are_read_from_the_line_under_the_title():
    assert tool.data_sets(lesson("flights")) == ["flights"]
    assert tool.data_sets(lesson("breast_cancer, email")) == ["breast_cancer", "email"]
    assert tool.data_sets(lesson("flights and elec2")) == ["flights", "elec2"]
    assert tool.data_sets(new_notebook(cells=[new_markdown_cell("# Start")])) == []
    assert tool.data_sets(new_notebook()) == []


def test_only_remote_data_are_asked_for_and_once(unreachable):
    assert tool.out_of_reach(lesson("flights, breast_cancer")) == ""
    assert unreachable == []
    for _ in range(2):
        reason = tool.out_of_reach(lesson("flights, banking77"))
        assert reason == (
            "banking77 cannot be had here: banking77/a.csv could not be fetched"
        )
    assert unreachable == ["banking77"]


def test_data_at_hand_and_a_wrong_file_do_not_skip(monkeypatch):
    def wrong(name):
        raise datasets.ChecksumError("not the file the card describes")

    for fetch in (lambda name: [], wrong):
        tool._missing.cache_clear()
        monkeypatch.setattr(tool.datasets, "fetch", fetch)
        assert tool.out_of_reach(lesson("banking77")) == ""
    tool._missing.cache_clear()


def test_run_leaves_the_notebook_and_says_why(unreachable, tmp_path, capsys):
    source, built = tmp_path / "notebooks_src", tmp_path / "notebooks"
    source.mkdir()
    built.mkdir()
    pair = Pair(source / "01_do.py", built / "01_do.ipynb")
    line = "# %% [markdown]\n# # Do\n#\n# *5 minutes · data: elec2*\n\n# %%\n1 / 0\n"
    pair.text.write_text(line, encoding="utf-8")
    pair.notebook.write_text(nbformat.writes(lesson("elec2")), encoding="utf-8")
    before = pair.notebook.read_bytes()
    outcome = run_one(pair, every=True)
    assert not outcome.executed
    assert not outcome.error
    assert outcome.skipped.startswith("elec2 cannot be had here")
    assert command.main(["run", "--root", str(tmp_path)]) == 0
    assert "skipped, elec2 cannot be had here" in capsys.readouterr().err
    assert pair.notebook.read_bytes() == before


def test_nbval_skips_the_notebook_with_the_reason(tmp_path):
    for name, data in [("here", "flights"), ("far", "banking77")]:
        notebook = lesson(data, "raise SystemError" if name == "far" else "x = 1")
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    # The course's own conftest.py; a cache with nothing in it; no way out.
    offline = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "PYTEST_ADDOPTS": "",
        "MLWORKBENCH_DATA": str(tmp_path),
    }
    options = ["-p", "conftest", "-p", "no:cacheprovider", "--color=no", "-rs"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--nbval", "."],
        cwd=tmp_path,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 1 skipped" in done.stdout
    assert re.search(r"SKIPPED.*banking77 cannot be had here: banking77", done.stdout)
