"""The exercises of a notebook, and what the checks say to known answers.

Run as a program it executes the code of a notebook in order, in this process, and
at each exercise tries three answers: the stub, the folded solution, a known mistake.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import runpy
import sys
import textwrap
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class Exercise:
    """An exercise: what is given, and what is folded away.

    Attributes
    ----------
    name : str
        As in ``nb.check(name, ...)``.
    position : int
        Index of the stub among all cells.
    stub, solution : str
        Code.
    """

    name: str
    position: int
    stub: str
    solution: str


def solution_code(markdown: str) -> str:
    """Take the code out of a solution cell.

    Parameters
    ----------
    markdown : str
        The cell.

    Returns
    -------
    code : str
        Its python fences, one after the other; empty when there are none.
    """
    fences = re.findall(r"^```python\n(.*?)^```", markdown, re.DOTALL | re.MULTILINE)
    return "\n".join(fences)


def exercises(notebook: Any) -> list[Exercise]:
    """List the exercises of a notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Stub cells are tagged ``exercise``, solutions ``solution``.

    Returns
    -------
    exercises : list of Exercise
        In order.
    """
    solutions = {
        cell.metadata.get("exercise"): solution_code(cell.source)
        for cell in notebook.cells
        if "solution" in cell.metadata.get("tags", ())
    }
    found = []
    for position, cell in enumerate(notebook.cells):
        if "exercise" in cell.metadata.get("tags", ()):
            name = cell.metadata.get("exercise", "")
            solution = solutions.get(name, "")
            found.append(Exercise(name, position, cell.source, solution))
    return found


def load_mistakes(path: Path) -> dict[str, tuple[str, str]]:
    """Read the wrong answers on record.

    Parameters
    ----------
    path : path
        A Python file that defines ``MISTAKES``.

    Returns
    -------
    mistakes : dict of str to (str, str)
        By exercise: code of a wrong answer, and a fragment of the hint it gets.
    """
    if not path.exists():
        return {}
    mistakes: dict[str, tuple[str, str]] = runpy.run_path(str(path))["MISTAKES"]
    return mistakes


def try_answers(notebook: Any, mistakes: dict[str, str]) -> dict[str, Any]:
    """Execute a notebook and try three answers to each of its exercises.

    Parameters
    ----------
    notebook : NotebookNode
        Plain Python: the course uses no magics.
    mistakes : dict of str to str
        Code of a wrong answer, by exercise.

    Returns
    -------
    verdicts : dict
        By exercise and by answer ("stub", "solution", "mistake"): the check's
        status and message, or the error that the answer raised.
    """
    from IPython.display import display

    from mlworkbench import notebook as nb

    asked: list[tuple[str, Any]] = []
    original = nb.check

    def recorded(name: str, *args: Any, **options: Any) -> Any:
        result = original(name, *args, **options)
        asked.append((name, result))
        return result

    names = {exercise.position: exercise for exercise in exercises(notebook)}
    code = [(i, c) for i, c in enumerate(notebook.cells) if c.cell_type == "code"]
    namespace: dict[str, Any] = {"__name__": "__main__", "display": display}
    verdicts: dict[str, Any] = {}
    nb.check = recorded
    try:
        for place, (position, cell) in enumerate(code):
            if exercise := names.get(position):
                check = code[place + 1][1].source if place + 1 < len(code) else ""
                answers = {"stub": exercise.stub, "solution": exercise.solution}
                if exercise.name in mistakes:
                    answers["mistake"] = mistakes[exercise.name]
                verdicts[exercise.name] = {
                    kind: _verdict(exercise.name, answer, check, namespace, asked)
                    for kind, answer in answers.items()
                }
            _execute(cell.source, position, namespace)
    finally:
        nb.check = original
    return verdicts


def _without_magic(source: str) -> str:
    """Say the course's own magic in plain Python: no shell is running here."""
    source = re.sub(r"^%load_ext mlworkbench\.\w+$", "", source, flags=re.MULTILINE)
    magic = re.match(r"%%watch(?: (\w+))?\n", source)
    if magic is None:
        return source
    name, body = magic[1] or "_watched", textwrap.indent(source[magic.end() :], "    ")
    return (
        "from mlworkbench.leakage import watch as _watch\n"
        f"{name} = globals().get({name!r}, _watch(show=False))\n"
        f"with {name}:\n{body}"
    )


def _execute(source: str, position: int, namespace: dict[str, Any]) -> None:
    source = _without_magic(source)
    file = f"<cell {position + 1}>"
    # As in a kernel: `inspect.getsource` finds the code of a function in a cell.
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec"), namespace)  # noqa: S102


def _verdict(
    name: str,
    answer: str,
    check: str,
    namespace: dict[str, Any],
    asked: list[tuple[str, Any]],
) -> dict[str, str]:
    """Give one answer to one check, in a copy of what is defined so far."""
    trial = dict(namespace)
    asked.clear()
    try:
        _execute(answer, -1, trial)
        _execute(check, -1, trial)
    except Exception as error:
        return {"status": "error", "message": f"{type(error).__name__}: {error}"}
    results = [result for asked_name, result in asked if asked_name == name]
    if not results:
        return {"status": "error", "message": f"no nb.check({name!r}, …) was called"}
    return {"status": results[0].status, "message": results[0].message}


def main(path: str, mistakes: str) -> None:
    """Print the verdicts on a notebook's exercises as JSON.

    Parameters
    ----------
    path : str
        The notebook; its folder becomes the working folder.
    mistakes : str
        JSON: code of a wrong answer, by exercise.
    """
    import nbformat

    import matplotlib  # isort: skip

    matplotlib.use("Agg")
    notebook = nbformat.reads(Path(path).read_text(encoding="utf-8"), as_version=4)
    os.chdir(Path(path).parent)
    with redirect_stdout(sys.stderr):
        verdicts = try_answers(notebook, json.loads(mistakes))
    print(json.dumps(verdicts))


if __name__ == "__main__":
    main(*sys.argv[1:])
