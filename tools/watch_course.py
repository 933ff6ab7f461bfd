"""Run notebooks of the course under `watch`, and compare with what is on purpose.

python tools/watch_course.py                  all of them
python tools/watch_course.py NOTEBOOK ...     some of them
python tools/watch_course.py --times ...      with, without, with, without
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from _notebook_data import out_of_reach
from _notebook_files import read_text
from _notebook_pairs import Pair, find_pairs
from _notebook_run import environment

LIMIT = 600  # seconds for one notebook

# What the notebooks do wrong, so that one sees what it does: by notebook, the kind
# of leakage and what was fitted, picked or scored.
SCALED = "preprocessing on both"
CHOSEN = "feature selection on both"
TRAINED = "no clean test set"
ON_PURPOSE: dict[str, set[tuple[str, str]]] = {
    "ch04_training_data/12_does_resampling_help": {
        (SCALED, "StandardScaler"),
        (SCALED, "resampling before the split: SMOTE"),
        (SCALED, "resampling before the split: RandomOverSampler"),
        (TRAINED, "DecisionTreeClassifier"),
        ("sampling bias", "resampled test rows: SMOTE"),
    },
    "ch05_features/02_scale_and_bin": {(SCALED, "StandardScaler")},
    "ch05_features/10_catch_a_leak_in_the_act": {
        (SCALED, "SimpleImputer"),
        (SCALED, "StandardScaler"),
        (SCALED, "resampling before the split: RandomOverSampler"),
        (CHOSEN, "SelectKBest"),
        (TRAINED, "LogisticRegression"),
        (TRAINED, "model chosen on the test set"),
    },
    "ch05_features/11_which_leaks_matter": {
        (SCALED, "SimpleImputer"),
        (SCALED, "StandardScaler"),
        (SCALED, "TargetEncoder"),
        (CHOSEN, "SelectKBest"),
        (TRAINED, "LogisticRegression"),
    },
    # The alarm rings in the months it learnt from, too, beside those it did not.
    "ch06_model_development/10_find_the_slices_you_did_not_think_of": {
        (TRAINED, "HistGradientBoostingClassifier")
    },
    # The winner of a day among twenty twins, to see it lose its lead.
    "ch06_model_development/12_choose_between_two_models": {
        (TRAINED, "model chosen on the test set")
    },
}


@dataclass(frozen=True)
class Run:
    """What came of one notebook.

    Attributes
    ----------
    seconds : float
        Of the processor for its cells, imports among them: what other programs
        do meanwhile counts little.
    findings : set of (str, str, str)
        Kind, subject and evidence of everything graver than a note.
    troubles : list of str
        Calls that could not be followed.
    error : str
        Of a cell that failed, else empty.
    """

    seconds: float
    findings: list[list[str]]
    troubles: list[str]
    error: str

    def subjects(self) -> set[tuple[str, str]]:
        """Give kind and subject of each finding."""
        return {(kind, subject) for kind, subject, _ in self.findings}


def name_of(pair: Pair) -> str:
    """Name a notebook by its place: "ch05_features/02_scale_and_bin"."""
    place = pair.text.with_suffix("")
    return "/".join(place.parts[place.parts.index("notebooks_src") + 1 :])


def problems(name: str, run: Run) -> list[str]:
    """Compare a run with what is on purpose.

    Parameters
    ----------
    name : str
        The notebook.
    run : Run
        What was seen.

    Returns
    -------
    problems : list of str
        Empty when only what was declared was found, and all of it.
    """
    expected = ON_PURPOSE.get(name, set())
    said = [run.error] if run.error else []
    said += [
        f"not on purpose: {kind}, {subject}: {evidence}"
        for kind, subject, evidence in run.findings
        if (kind, subject) not in expected
    ]
    gone = sorted(expected - run.subjects())
    return said + [f"on purpose, but not found: {kind}, {who}" for kind, who in gone]


def run(pair: Pair, *, watched: bool = True) -> Run:
    """Run a notebook in a process of its own.

    Parameters
    ----------
    pair : Pair
        The notebook; its text is what is run.
    watched : bool, default=True
        Under `watch`, or as it is.

    Returns
    -------
    run : Run
        What came of it.
    """
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, __file__, "--here", str(int(watched)), pair.text],
            env=environment(Path(home)) | {"MPLBACKEND": "Agg"},
            cwd=pair.text.parent,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=LIMIT,
        )
    if done.returncode:
        return Run(0.0, [], [], f"the process ended early: {done.stderr[-2000:]}")
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def run_here(path: str, *, watched: bool) -> dict[str, Any]:
    """Run the code cells of a text in this process, in a shell of IPython."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from mlworkbench.leakage import watch

    shell = InteractiveShell.instance()
    cells = [c for c in read_text(Path(path)).cells if c.cell_type == "code"]
    watching, error = watch(show=False), ""
    start = time.process_time()
    with ExitStack() as stack:
        stack.enter_context(capture_output())
        if watched:
            stack.enter_context(watching)
        for number, cell in enumerate(cells, 1):
            done = shell.run_cell(cell.source, store_history=True)
            problem = done.error_before_exec or done.error_in_exec
            if problem is not None:
                error = f"code cell {number}: {type(problem).__name__}: {problem}"
                break
    report = watching.report
    found = [
        [f.kind, f.what.split(" at ")[0], f"{f.what}: {f.evidence}"]
        for f in report.findings
        if f.severity != "note"
    ]
    seconds = time.process_time() - start
    troubles = [note for note in report.notes if "not followed" in note]
    return vars(Run(seconds, found, troubles, error))


def check(pairs: Iterable[Pair]) -> int:
    """Run each notebook, say what is wrong, and count it."""
    wrong = 0
    for pair in pairs:
        name = name_of(pair)
        if reason := out_of_reach(read_text(pair.text)):
            print(f"{name}: skipped, {reason}", flush=True)
            continue
        seen = run(pair)
        said = problems(name, seen)
        wrong += len(said)
        n = len(seen.findings)
        print(f"{name}: {n} finding(s), {seen.seconds:.1f} s", flush=True)
        for line in [*said, *seen.troubles]:
            print(f"    {line}", flush=True)
    return wrong


def compare_times(pairs: Iterable[Pair], rounds: int = 3) -> None:
    """Print how much longer each notebook takes under `watch`."""
    ratios = []
    for pair in pairs:
        plain, watched = [], []
        for _ in range(rounds):
            plain.append(run(pair, watched=False).seconds)
            watched.append(run(pair).seconds)
        ratios.append(median(watched) / median(plain))
        print(
            f"{name_of(pair)}: {median(plain):.1f} s, watched {median(watched):.1f} s, "
            f"{ratios[-1]:.2f}×",
            flush=True,
        )
    print(f"median {median(ratios):.2f}×, largest {max(ratios):.2f}×")


def main() -> int:
    """Read the arguments and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--times", action="store_true", help="measure, do not judge")
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here is not None:
        print(json.dumps(run_here(str(given.paths[0]), watched=bool(given.here))))
        return 0
    pairs = [p for p in find_pairs(given.paths) if p.text.exists()]
    if given.times:
        compare_times(pairs)
        return 0
    wrong = check(pairs)
    print(f"{wrong} problem(s)" if wrong else "only what is on purpose")
    return int(bool(wrong))


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.exit(main())
