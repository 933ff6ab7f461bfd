"""The rules a notebook keeps, in one table, and the eye that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _lint_claims as claims
import _lint_code as code
import _lint_outputs as outputs
import _lint_structure as structure
from _lint_lesson import Cell, Findings, Lesson
from _notebook_exercises import load_mistakes
from _notebook_files import (
    HASH,
    differences,
    dumps,
    is_stale,
    read_notebook,
    read_text,
)
from _notebook_normalise import normalise
from _notebook_pairs import Pair, orphans

RULES: dict[str, Callable[[Lesson], Findings]] = {
    "title": structure.title,
    "headings": structure.headings,
    "setup": structure.setup,
    "claims-cell": structure.claims_cell,
    "size": structure.size,
    "length": structure.length,
    "activity": structure.activity,
    "predictions": structure.predictions,
    "controls": structure.controls,
    "exercises": structure.exercise_parts,
    "ignored-outputs": structure.ignored_outputs,
    "python": code.parses,
    "semicolon": code.semicolons,
    "widgets": code.widgets,
    "styler": code.styler,
    "timers": code.timers,
    "sets": code.sets,
    "plot-show": code.shown_plots,
    "errors": outputs.errors,
    "counts": outputs.counts,
    "stderr": outputs.stderr,
    "media": outputs.media,
    "compared-text": outputs.compared_text,
    "alt": outputs.alternative_texts,
    "claims": claims.claimed_numerals,
    "claims-honest": claims.honest_claims,
    "claims-used": claims.used_claims,
}


@dataclass(frozen=True)
class Problem:
    """Something to mend.

    Attributes
    ----------
    rule : str
        Its name in `RULES`, or "orphan", "paired", "stale", "normal".
    path : str
        The file, from the root of the repository.
    cell : int or None
        Number of the cell, from 1, counting all cells; None for the whole file.
    advice : str
        What is wrong and what to do.
    """

    rule: str
    path: str
    cell: int | None
    advice: str

    def __str__(self) -> str:
        """Write it in one line."""
        place = self.path if self.cell is None else f"{self.path}: cell {self.cell}"
        return f"{place}: [{self.rule}] {self.advice}"


def lint_pair(pair: Pair, root: Path) -> list[Problem]:
    """Check a notebook, and that it is the one its text makes.

    Parameters
    ----------
    pair : Pair
        The two files.
    root : path
        The repository; wrong answers of exercises are read from its ``tests/``.

    Returns
    -------
    problems : list of Problem
        Empty when all is well.
    """
    lone = list(orphans([pair]))
    if lone:
        return [
            Problem("orphan", path.relative_to(root).as_posix(), None, advice)
            for path, advice in lone
        ]
    path = pair.notebook.relative_to(root).as_posix()
    text, notebook = read_text(pair.text), read_notebook(pair.notebook)
    problems = [
        Problem(rule, path, cell, advice)
        for rule, cell, advice in _pairing(text, notebook)
    ]
    mistakes = load_mistakes(root / "tests" / "exercise_mistakes.py")
    size = pair.notebook.stat().st_size
    problems += lint_notebook(notebook, Path(path), size, mistakes)
    digest = notebook.metadata.get("mlworkbench", {}).get(HASH)
    if dumps(normalise(notebook, digest)) != pair.notebook.read_text(encoding="utf-8"):
        advice = "is not in its normal form: python tools/notebooks.py sync PATH"
        problems.append(Problem("normal", path, None, advice))
    return problems


def _pairing(text: Any, notebook: Any) -> Iterable[tuple[str, int | None, str]]:
    if other := differences(text, notebook):
        shown = ", ".join(map(str, other[:5])) + (", …" if len(other) > 5 else "")
        yield (
            "paired",
            other[0],
            f"differs from its text (cells {shown}); "
            "bring it up to date: python tools/notebooks.py sync PATH "
            "(edited in Jupyter: sync --from-notebook PATH)",
        )
    if is_stale(text, notebook):
        yield (
            "stale",
            None,
            "holds outputs of other code than its text's; "
            "execute it: python tools/notebooks.py run PATH",
        )


def lint_notebook(
    notebook: Any, path: Path, size: int, mistakes: Iterable[str] = ()
) -> list[Problem]:
    """Check a notebook by itself.

    Parameters
    ----------
    notebook : NotebookNode
        As read from its file.
    path : path
        Where it lies, from the root.
    size : int
        Bytes of its file.
    mistakes : iterable of str
        Exercises with a wrong answer on record.

    Returns
    -------
    problems : list of Problem
        By rule, then by cell.
    """
    cells = [Cell(number, cell) for number, cell in enumerate(notebook.cells, 1)]
    lesson = Lesson(path, cells, size, frozenset(mistakes))
    return [
        Problem(rule, path.as_posix(), cell.number if cell else None, advice)
        for rule, check in RULES.items()
        for cell, advice in dict.fromkeys(check(lesson))
    ]
