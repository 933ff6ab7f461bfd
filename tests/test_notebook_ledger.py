import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlworkbench import notebook as nb
from mlworkbench.notebook import _ledger

SRC = """
import sys
from mlworkbench.notebook._ledger import Ledger
ledger = Ledger()
for i in range(200):
    ledger.add("check", f"{sys.argv[1]}-{i}", status="right", note="x" * 500)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "deep" / "home"
    monkeypatch.setenv("MLWORKBENCH_HOME", str(folder))
    monkeypatch.setattr(_ledger.ledger, "unwritten", [])
    return folder


def test_reading_creates_nothing(home):
    report = nb.progress()
    assert report.frame.empty
    assert report.notes == ("Nothing yet: make a guess, or check an exercise.",)
    assert not home.exists()


def test_a_stub_writes_nothing(home):
    nb.check("a", ..., 1)
    nb.predict("b", "?").reveal(1)
    assert not home.exists()


def test_progress_sums_up(home):
    nb.check("ch04-01-stars", 2, 1)
    nb.check("ch04-01-stars", 1, 1)
    nb.check("ch04-01-stars", 2, 1)
    nb.check("ch04-02-stars", 2, 1)
    asked = nb.predict("ch04-02-rate", "?")
    asked.guess(30)
    asked.guess(25)
    late = nb.predict("ch05-01-rate", "?", ["few", "many"])
    late.reveal("few")
    late.guess("few")
    report = nb.progress()
    assert report.frame.to_dict("records") == [
        {"name": "ch04-01-stars", "kind": "check", "result": "right", "tries": 3},
        {"name": "ch04-02-stars", "kind": "check", "result": "not yet", "tries": 1},
        {"name": "ch04-02-rate", "kind": "guess", "result": "30", "tries": 2},
        {
            "name": "ch05-01-rate",
            "kind": "guess",
            "result": "few (after the answer)",
            "tries": 1,
        },
    ]
    assert (report.exercises_right, report.guesses_made) == (1, 1)
    assert report.notes == ()
    assert nb.progress("ch05").frame["name"].tolist() == ["ch05-01-rate"]


def test_answers_are_not_kept(home):
    nb.check("a", "my private answer", "right")
    assert "private" not in (home / "progress.jsonl").read_text("utf-8")


def test_any_name_can_be_written(home):
    nb.check("\ud800 × \n", 1, 1)
    assert nb.progress().frame["name"].tolist() == ["? × \n"]


def test_damaged_lines_are_skipped_and_told(home):
    nb.check("a", 1, 1)
    with (home / "progress.jsonl").open("ab") as file:
        file.write(b'\xff\xfe\n[1]\n{"kind": 1}\nnull\n{"kind": "check", "na')
    nb.check("b", 1, 1)  # begins a line of its own after the half one
    report = nb.progress()
    assert report.frame["name"].tolist() == ["a", "b"]
    assert report.notes == ("5 damaged line(s) of the ledger were skipped.",)


def test_odd_facts_of_another_version_do_not_break_it(home):
    home.mkdir(parents=True)
    events = [
        {"kind": "badge", "name": "a", "when": "x"},
        {"kind": "guess", "name": "b", "when": "x"},
        {"kind": "guess", "name": "c", "when": "x", "guess": {"x": [1]}},
        {"kind": "check", "name": "d", "when": "x", "status": 7},
    ]
    lines = "\n".join(map(json.dumps, events))
    (home / "progress.jsonl").write_text(lines, "utf-8")
    assert nb.progress().frame["name"].tolist() == ["b", "c", "d"]


@pytest.mark.parametrize("trouble", ["folder is a file", "ledger is a folder"])
def test_a_ledger_that_cannot_be_written_breaks_nothing(home, trouble):
    if trouble == "folder is a file":
        home.parent.mkdir()
        home.write_text("")
    else:
        (home / "progress.jsonl").mkdir(parents=True)
    assert nb.check("a", 1, 1).ok
    nb.predict("b", "?").guess(3)
    report = nb.progress()
    assert report.frame["name"].tolist() == ["a", "b"]
    assert "cannot be read" in report.notes[0]
    assert "2 event(s) of this session will be forgotten" in report.notes[1]


def test_a_full_disk_breaks_nothing(home, monkeypatch):
    def full(path, line):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_ledger, "_append", full)
    assert nb.check("a", 1, 1).ok
    assert "(No space left on device)" in nb.progress().notes[0]


def test_what_is_shown_does_not_depend_on_the_ledger(home):
    def shown():
        asked = nb.predict("b", "?", unit="%")
        return [
            repr(nb.check("a", 2, 1)),
            repr(asked),
            asked._repr_html_(),
            repr(asked.reveal(3)),
        ]

    before = shown()
    nb.check("a", 1, 1)
    nb.predict("b", "?").guess(3)
    assert shown() == before


def test_notebooks_side_by_side_lose_nothing(home):
    writers = [
        subprocess.Popen([sys.executable, "-c", SRC, name], env=dict(os.environ))
        for name in ("one", "two", "three")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    events, notes = _ledger.Ledger().read()
    assert notes == []
    expected = {f"{name}-{i}" for name in ("one", "two", "three") for i in range(200)}
    assert {event["name"] for event in events} == expected
    assert len(events) == 600


def test_it_lies_in_the_user_s_folder_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("MLWORKBENCH_HOME", "~/here")
    assert _ledger.ledger_path() == Path("~/here").expanduser() / "progress.jsonl"
    monkeypatch.delenv("MLWORKBENCH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = _ledger.ledger_path()
    assert path.name == "progress.jsonl"
    assert path.parent.name == "mlworkbench"
    assert not path.exists()
