"""`watch` on notebooks of the course: it reports what is on purpose, and no more.

Three quick ones here; all of them with ``make watch-course``, once a week.
"""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import watch_course
from _notebook_data import out_of_reach
from _notebook_files import read_text
from _notebook_pairs import find_pairs

PAIRS = {watch_course.name_of(p): p for p in find_pairs(root=ROOT) if p.text.exists()}
QUICK = [
    "ch04_training_data/03_sample_from_what_you_have",
    "ch05_features/02_scale_and_bin",
    "ch05_features/12_wear_out_a_test_set",
]


@pytest.mark.parametrize("name", QUICK)
def test_watch_reports_what_is_on_purpose_and_no_more(name):
    pair = PAIRS[name]
    if reason := out_of_reach(read_text(pair.text)):
        pytest.skip(reason)
    seen = watch_course.run(pair)
    assert not watch_course.problems(name, seen)
    assert not seen.troubles


def test_what_is_declared_belongs_to_a_notebook():
    assert set(watch_course.ON_PURPOSE) <= set(PAIRS)


def test_an_unexpected_finding_and_a_missing_one_are_problems():
    name = "ch05_features/02_scale_and_bin"
    ((kind, subject),) = watch_course.ON_PURPOSE[name]
    right = watch_course.Run(1.0, [[kind, subject, "seen"]], [], "")
    assert not watch_course.problems(name, right)
    (gone,) = watch_course.problems(name, watch_course.Run(1.0, [], [], ""))
    assert gone == f"on purpose, but not found: {kind}, {subject}"
    (more,) = watch_course.problems("another", right)
    assert more == f"not on purpose: {kind}, {subject}: seen"
    failed = watch_course.Run(1.0, [], [], "code cell 3: ValueError: no")
    assert watch_course.problems("another", failed) == ["code cell 3: ValueError: no"]


def test_a_run_names_the_cell_that_fails(tmp_path):
    text = tmp_path / "01_fails.py"
    text.write_text("# %%\na = 1\n\n# %%\na / 0\n")
    seen = watch_course.run(watch_course.Pair(text, text.with_suffix(".ipynb")))
    assert seen.error == "code cell 2: ZeroDivisionError: division by zero"
