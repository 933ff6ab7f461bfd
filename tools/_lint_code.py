"""What code cells may hold, so that their outputs can be stored and compared."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from _lint_lesson import Cell, Findings, Lesson, called

INTERACT = {"interact", "interactive", "interact_manual", "interactive_output"}
DRAWING = re.compile(
    r"(plt|sns|seaborn)\.(?!show$|close$|style|rcParams|setp$)\w+"
    r"|\w*(\.\w+)*\.(plot(\.\w+)?|hist|boxplot)|(\w+\.)*\w+Display\.from_\w+"
)
MAGIC = re.compile(r"^\s*(%|!|\?\w|\w[\w.]*\?\??$)", re.MULTILINE)


def parses(lesson: Lesson) -> Findings:
    """Hold that the course is plain Python, which also runs outside of a notebook."""
    for cell in lesson.code:
        try:
            ast.parse(cell.python)
        except SyntaxError as error:
            if MAGIC.search(cell.source):
                yield cell, "uses a magic or a shell line (%, !, ?); write plain Python"
            else:
                yield cell, f"is no Python: {error.msg}, line {error.lineno}"


def semicolons(lesson: Lesson) -> Findings:
    """Find semicolons: they silence nothing where outputs are compared."""
    for cell in lesson.code:
        if any(_semicolon_lines(cell.source)):
            yield (
                cell,
                "has a line that ends with a semicolon; end with plt.show(), or assign "
                "what should not be shown",
            )


def _semicolon_lines(source: str) -> Iterator[int]:
    last = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source + "\n").readline):
            ends = token.type in (tokenize.NEWLINE, tokenize.COMMENT, tokenize.NL)
            if ends and last and last.type == tokenize.OP and last.string == ";":
                yield last.start[0]
            last = token
    except (tokenize.TokenError, SyntaxError):
        return


def widgets(lesson: Lesson) -> Findings:
    """Find widgets whose outputs can be neither stored nor compared."""
    for cell in lesson.code:
        for node in ast.walk(cell.tree):
            name = ""
            if isinstance(node, ast.Call):
                name = called(node).rsplit(".", 1)[-1]
            elif isinstance(node, ast.alias):
                name = node.name
            if name in INTERACT or name == "Output":
                yield cell, f"uses {name}; make the explorer with nb.explore"
                break


def styler(lesson: Lesson) -> Findings:
    """Find Stylers: they have other ids at each run."""
    for cell in lesson.code:
        for node in ast.walk(cell.tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "style"
                and ast.unparse(node.value) not in ("plt", "mpl", "matplotlib")
            ):
                yield cell, "uses .style; show a rounded table, frame.round(3)"
                break


def timers(lesson: Lesson) -> Findings:
    """Find clocks: seconds differ from run to run."""
    clocks = {"perf_counter", "process_time", "monotonic", "time.time", "timeit"}
    for cell in lesson.code:
        names = {called(n) for n in ast.walk(cell.tree) if isinstance(n, ast.Call)}
        measured = {n for n in names for c in clocks if n == c or n.endswith(f".{c}")}
        measured |= {name for name in names if name.startswith("timeit.")}
        if measured and "nbval-ignore-output" not in cell.tags:
            yield (
                cell,
                f"measures time ({', '.join(sorted(measured))}); count operations, or "
                'show a ratio in a cell tagged "nbval-ignore-output"',
            )


def sets(lesson: Lesson) -> Findings:
    """Find shown sets: they have no order to compare."""
    for cell in lesson.code:
        shown: list[ast.expr] = []
        if cell.tree.body and isinstance(cell.tree.body[-1], ast.Expr):
            shown.append(cell.tree.body[-1].value)
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Call) and called(node) in ("print", "display"):
                shown += node.args
        if any(_is_set(value) for value in shown):
            yield cell, "shows a set; show sorted(...) of it"


def _is_set(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return called(value) in ("set", "frozenset")
    return isinstance(value, ast.Set | ast.SetComp)


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk the statements that run with the cell, not those of its functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from _outside_functions(child)


def draws(cell: Cell) -> bool:
    """Tell whether a cell makes a figure.

    Parameters
    ----------
    cell : Cell
        A code cell.

    Returns
    -------
    draws : bool
        True when its output holds an image, or its code calls a plotting function
        outside of the functions it defines.
    """
    return bool(cell.mimes("image/png")) or any(
        isinstance(node, ast.Call) and DRAWING.fullmatch(called(node))
        for node in _outside_functions(cell.tree)
    )


def shown_plots(lesson: Lesson) -> Findings:
    """Hold that a plotting cell ends with plt.show(), else it prints objects."""
    for cell in lesson.code:
        if not draws(cell) or not cell.tree.body:
            continue
        last = cell.tree.body[-1]
        ends = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
        if not ends or called(last.value) not in ("plt.show", "plt.close"):  # type: ignore[attr-defined]
            yield cell, "makes a figure: end the cell with plt.show()"
