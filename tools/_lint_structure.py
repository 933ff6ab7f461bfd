"""The shape of a notebook: title, promise, setup, headings, size, exercises."""

from __future__ import annotations

import ast
import math
import re

from _lint_lesson import Cell, Findings, Lesson, called
from _notebook_exercises import NAME, solution_code

MINUTES = re.compile(r"\*\d+ minutes · data: [^*]+\*")
BYTES = 300_000
CELLS = (15, 35)
WORDS = (600, 2000)
CONTROLS = 3
# Headings that name a kind of section instead of what is found in it.
EMPTY_HEADINGS = {
    "break it",
    "by hand",
    "conclusion",
    "introduction",
    "on the real data",
    "predict",
    "results",
    "the helper",
    "the situation",
    "try it",
}


def title(lesson: Lesson) -> Findings:
    """Hold that the first cell has the title, the minutes line and the promise."""
    first = lesson.cells[0] if lesson.cells else None
    lines = [s for s in (first.source if first else "").splitlines() if s.strip()]
    if first is None or first.is_code or not lines or not lines[0].startswith("# "):
        yield first, "start with a markdown cell whose first line is the title, # …"
        return
    if len(lines) < 2 or not MINUTES.fullmatch(lines[1].strip()):
        yield first, "put the line *12 minutes · data: flights* under the title"
    opening: list[str] = []
    for cell in lesson.cells:
        if cell.is_code:
            break
        opening.append(cell.source)
    if "**You will**" not in "\n".join(opening):
        yield first, "say before the first code what the reader gets: **You will** …"


def headings(lesson: Lesson) -> Findings:
    """Hold one H1, levels without jumps, and headings that state what is found."""
    last = 0
    for cell in lesson.prose:
        for block in cell.blocks:
            if block.kind != "heading":
                continue
            if block.level == 1 and last:
                yield cell, f'"{block.text}" is a second H1; use ## for a section'
            elif block.level > last + 1:
                yield (
                    cell,
                    f'"{block.text}" jumps from level {last} to {block.level}; '
                    f"use {'#' * (last + 1)}",
                )
            if block.text.strip(" .!").lower() in EMPTY_HEADINGS:
                yield cell, f'"{block.text}" says nothing; write what is found there'
            last = block.level


def setup(lesson: Lesson) -> Findings:
    """Hold that the first code cell imports the notebook helpers and sets up."""
    first = lesson.code[0] if lesson.code else None
    imported = first is not None and any(
        isinstance(node, ast.ImportFrom)
        and node.module == "mlworkbench"
        and any(name.name == "notebook" and name.asname == "nb" for name in node.names)
        for node in ast.walk(first.tree)
    )
    if first is None or not imported or not any(first.calls("setup")):
        yield (
            first,
            "begin the first code cell with: from mlworkbench import notebook as nb "
            "and nb.setup()",
        )


def claims_cell(lesson: Lesson) -> Findings:
    """Hold that the last code cell is the hidden one with the claims."""
    tagged = [cell for cell in lesson.code if "claims" in cell.tags]
    for cell in tagged:
        if cell is not lesson.code[-1]:
            yield cell, "the claims cell must be the last code cell, and the only one"
        if "remove-cell" not in cell.tags:
            yield cell, 'tag the claims cell "remove-cell" too: readers need not see it'
    if not tagged and not lesson.is_start:
        yield (
            None,
            'ends without a claims cell; add a last code cell tagged "claims" and '
            '"remove-cell" that asserts every number of the prose with nb.claim',
        )


def size(lesson: Lesson) -> Findings:
    """Hold a notebook small enough to clone, to open and to review."""
    if lesson.size > BYTES:
        yield (
            None,
            f"is {lesson.size / 1000:,.0f} KB, the budget is {BYTES // 1000}; "
            "use fewer frames in explorers, smaller figures, shorter tables",
        )


def length(lesson: Lesson) -> Findings:
    """Hold a notebook to one idea: neither too short nor too long.

    Cells a reader does not work through are not counted (claims, solutions, the
    checks of exercises), nor are words in code and in solutions.
    """
    checks = list(lesson.checks.values())
    seen = [
        cell
        for cell in lesson.cells
        if not {"claims", "remove-cell", "solution"} & set(cell.tags)
        and cell not in checks
    ]
    words = sum(
        len(re.findall(r"\w[\w'’.,-]*", block.text))
        for cell in seen
        for block in cell.blocks
    )
    for what, count, (low, high) in [
        ("cells", len(seen), CELLS),
        ("words", words, WORDS),
    ]:
        if count > high:
            yield None, f"has {count} {what}, at most {high}: one idea, split it"
        elif count < low and not lesson.is_start:
            yield (
                None,
                f"has {count} {what}, at least {low}: tell it more slowly, with "
                "every intermediate step, or join it with a neighbour",
            )


def activity(lesson: Lesson) -> Findings:
    """Hold that a reader does something: guesses, moves, answers or solves."""
    does = ("predict", "explore", "quiz", "check")
    if not any(any(cell.calls(name)) for cell in lesson.code for name in does):
        yield None, "asks nothing of the reader; add nb.predict, explore, quiz or check"


def predictions(lesson: Lesson) -> Findings:
    """Hold that each guess is compared with what is measured."""
    asked = [(cell, call) for cell in lesson.code for call in cell.calls("predict")]
    shown = [
        node
        for cell in lesson.code
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Call) and called(node).endswith(".reveal")
    ]
    if len(shown) < len(asked):
        yield (
            asked[-1][0],
            "asks for a guess and never shows the measured value; "
            "call its .reveal(actual) in a later cell",
        )


def controls(lesson: Lesson) -> Findings:
    """Hold that an explorer has few enough controls to understand each."""
    for cell in lesson.code:
        for call in cell.calls("explore"):
            moved = [k.arg for k in call.keywords if k.arg not in ("title", "start")]
            if len(moved) > CONTROLS:
                yield (
                    cell,
                    f"has an explorer with {len(moved)} controls, at most {CONTROLS}: "
                    f"fix one of {', '.join(map(str, moved))}",
                )


def exercise_parts(lesson: Lesson) -> Findings:
    """Hold that an exercise has a name, a check, a solution and a known mistake."""
    stubs = [cell for cell in lesson.cells if "exercise" in cell.tags]
    solutions = [cell for cell in lesson.cells if "solution" in cell.tags]
    names = [cell.exercise for cell in stubs]
    prefix = _prefix(lesson)
    for cell in stubs:
        if not NAME.fullmatch(cell.exercise) or not cell.exercise.startswith(prefix):
            yield (
                cell,
                f'is an exercise named "{cell.exercise}"; set its metadata, '
                f'exercise="{prefix}…", lower case with hyphens',
            )
        if names.count(cell.exercise) > 1:
            yield cell, f'two exercises are named "{cell.exercise}"; rename one'
        yield from _parts(cell, lesson, solutions)
    for cell in solutions:
        if cell.exercise not in names:
            yield (
                cell,
                f'solves "{cell.exercise}", which is no exercise of this notebook',
            )


def _prefix(lesson: Lesson) -> str:
    """Give what names of exercises start with: ch04-02- in ch04_…/02_….ipynb."""
    found = [re.match(r"(?:ch)?\d+(?![^_])", name) for name in lesson.path.parts[-2:]]
    return "".join(f"{match[0]}-" for match in found if match)


def _parts(cell: Cell, lesson: Lesson, solutions: list[Cell]) -> Findings:
    name = cell.exercise
    later = [other for other in lesson.code if other.number > cell.number]
    if not later or lesson.checks.get(name) is not later[0]:
        yield cell, f'check it in the next code cell: nb.check("{name}", …)'
    own = [solution for solution in solutions if solution.exercise == name]
    if len(own) != 1:
        yield (
            cell,
            f'has {len(own)} solutions; add one markdown cell tagged "solution" '
            f'with exercise="{name}"',
        )
    elif "<details>" not in own[0].source or not solution_code(own[0].source):
        yield (
            own[0],
            "fold the solution: <details><summary>Solution</summary>, an empty line, "
            "a fence that begins ```python, </details>",
        )
    if name not in lesson.mistakes:
        yield (
            cell,
            "has no wrong answer on record; add one, and a fragment of the hint it "
            f'must get, to tests/exercise_mistakes.py under "{name}"',
        )


def ignored_outputs(lesson: Lesson) -> Findings:
    """Hold that outputs are compared; a cell that cannot be is the exception."""
    ignored = [c for c in lesson.code if "nbval-ignore-output" in c.tags]
    allowed = math.floor(len(lesson.code) / 10)
    if len(ignored) > allowed:
        yield (
            ignored[allowed],
            f"is one of {len(ignored)} cells of {len(lesson.code)} whose output is not "
            "compared, at most one in ten: round, sort or count instead of timing",
        )
    for cell in lesson.code:
        if {"nbval-skip", "nbval-raises-exception"} & set(cell.tags) or re.search(
            r"#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source
        ):
            yield (
                cell,
                "only the tags nbval-ignore-output and raises-exception are used",
            )
