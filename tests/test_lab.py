"""The learner's copy: made once, never overwritten, restored on request."""

import importlib.util
import json
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("lab", ROOT / "tools" / "lab.py")
lab = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lab)


@pytest.fixture
def folders(tmp_path):
    notebooks, work = tmp_path / "notebooks", tmp_path / "work"
    (notebooks / "ch04_x").mkdir(parents=True)
    (notebooks / "00_start_here.ipynb").write_text("zero")
    (notebooks / "ch04_x" / "01_a.ipynb").write_text("one")
    return notebooks, work


def test_update_copies_everything_once(folders):
    notebooks, work = folders
    added, newer = lab.update(notebooks, work)
    assert [str(name) for name in added] == [
        "00_start_here.ipynb",
        str(Path("ch04_x", "01_a.ipynb")),
    ]
    assert newer == []
    assert (work / "ch04_x" / "01_a.ipynb").read_text() == "one"
    assert lab.update(notebooks, work) == ([], [])


def test_update_never_overwrites_and_names_what_is_newer(folders):
    notebooks, work = folders
    lab.update(notebooks, work)
    (work / "ch04_x" / "01_a.ipynb").write_text("my work")
    assert lab.update(notebooks, work) == ([], [])
    (notebooks / "ch04_x" / "01_a.ipynb").write_text("second edition")
    (notebooks / "ch04_x" / "02_b.ipynb").write_text("new")
    added, newer = lab.update(notebooks, work)
    assert added == [Path("ch04_x", "02_b.ipynb")]
    assert newer == [Path("ch04_x", "01_a.ipynb")]
    assert (work / "ch04_x" / "01_a.ipynb").read_text() == "my work"


def test_reset_restores_one_and_keeps_mine(folders):
    notebooks, work = folders
    lab.update(notebooks, work)
    mine = work / "ch04_x" / "01_a.ipynb"
    mine.write_text("first try")
    first = lab.reset(notebooks, work, "01_a")
    mine.write_text("second try")
    second = lab.reset(notebooks, work, "work/ch04_x/01_a.ipynb")
    assert mine.read_text() == "one"
    assert first.read_text() == "first try"
    assert second.read_text() == "second try"
    assert lab.update(notebooks, work) == ([], [])


@pytest.mark.parametrize("name", ["", "nothing_like_it", "0"])
def test_reset_refuses_what_it_cannot_tell(folders, name):
    notebooks, work = folders
    lab.update(notebooks, work)
    with pytest.raises(LookupError, match="00_start_here"):
        lab.reset(notebooks, work, name)


def test_saving_in_jupyterlab_writes_no_text_and_no_dead_widget(folders, tmp_path):
    notebooks, work = folders
    live, dead = {lab.WIDGET: {"model_id": "gone"}}, {"text/plain": "an explorer"}
    data = [live | dead | {"text/html": "<p>still</p>"}, live | dead]
    outputs = [{"output_type": "display_data", "metadata": {}, "data": d} for d in data]
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "source": "1"}
    paired = {
        "cells": [cell | {"execution_count": 1, "outputs": outputs}],
        "metadata": {"jupytext": {"formats": "ipynb,py:percent"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (notebooks / "00_start_here.ipynb").write_text(json.dumps(paired))
    lab.update(notebooks, work)
    home = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "HOME")}
    runtime = {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "NO_BROWSER": "1"}
    line = [*lab.command(work, "word"), "--no-browser", "--ServerApp.port=0"]
    server = subprocess.Popen(
        line,
        cwd=work,
        env={**lab.environment(), **home, **runtime},
        stderr=subprocess.DEVNULL,
    )
    try:
        address = wait_for_address(tmp_path / "runtime", server)
        url = f"{address}api/contents/00_start_here.ipynb?token=word"
        body = json.dumps({"type": "notebook", "format": "json", "content": paired})
        request = urllib.request.Request(url, data=body.encode(), method="PUT")
        assert urllib.request.urlopen(request, timeout=30).status == 200
    finally:
        server.terminate()
        server.wait(30)
    assert sorted(path.suffix for path in work.glob("00*")) == [".ipynb"]
    saved = json.loads((work / "00_start_here.ipynb").read_text())
    kept = [sorted(output["data"]) for output in saved["cells"][0]["outputs"]]
    # Without a page to fall back on, the widget stays: it may be alive.
    assert kept == [["text/html", "text/plain"], [lab.WIDGET, "text/plain"]]


def wait_for_address(runtime, server, seconds=60):
    """Wait until the server has written down where it listens."""
    for _ in range(seconds * 5):
        assert server.poll() is None, "JupyterLab stopped before it was ready"
        for record in runtime.glob("jpserver-*.json"):
            return json.loads(record.read_text())["url"]
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start")


def test_port_is_respected_and_never_swapped_for_another(monkeypatch, tmp_path):
    monkeypatch.setenv("PORT", "9123")
    line = lab.command(tmp_path, "word")
    assert "--ServerApp.port=9123" in line
    assert "--ServerApp.port_retries=0" in line
    monkeypatch.delenv("PORT")
    assert not any("ServerApp.port" in part for part in lab.command(tmp_path, "word"))
