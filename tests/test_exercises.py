"""The checks of the exercises are checked: right, untouched and wrong answers.

Each notebook runs once, in a process of its own, as plain Python. At each exercise
the stub, the folded solution and one known mistake are put before its check.
"""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from _notebook_data import out_of_reach
from _notebook_exercises import exercises, load_mistakes
from _notebook_files import read_text
from _notebook_pairs import find_pairs

MISTAKES = load_mistakes(ROOT / "tests" / "exercise_mistakes.py")
PAIRS = [pair for pair in find_pairs(root=ROOT) if pair.text.exists()]
LISTED = [(e.name, pair) for pair in PAIRS for e in exercises(read_text(pair.text))]
EXERCISES = dict(LISTED)


@functools.cache
def verdicts(pair):
    """Try the answers to all exercises of a notebook."""
    if reason := out_of_reach(read_text(pair.text)):
        pytest.skip(reason)
    wrong = {name: answer for name, (answer, _) in MISTAKES.items()}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [
                sys.executable,
                ROOT / "tools" / "_notebook_exercises.py",
                pair.notebook,
                json.dumps(wrong),
            ],
            env=os.environ | {"MLWORKBENCH_HOME": home, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_stub_counts_as_not_attempted(name):
    verdict = verdicts(EXERCISES[name])[name]["stub"]
    assert verdict["status"] == "not attempted", verdict["message"]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_folded_solution_is_right(name):
    verdict = verdicts(EXERCISES[name])[name]["solution"]
    assert verdict["status"] == "right", verdict["message"]


@pytest.mark.parametrize("name", EXERCISES)
def test_a_known_mistake_gets_its_hint(name):
    assert name in MISTAKES, f"add a wrong answer to {name} in exercise_mistakes.py"
    verdict = verdicts(EXERCISES[name])[name]["mistake"]
    assert verdict["status"] == "wrong", verdict["message"]
    assert MISTAKES[name][1] in verdict["message"]


def test_names_are_unique_and_no_mistake_is_left_over():
    assert sorted(name for name, _ in LISTED) == sorted(EXERCISES)
    assert set(MISTAKES) <= set(EXERCISES)
