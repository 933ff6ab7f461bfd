"""The notebook magic ``%%watch``."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import replace
from typing import Any

from mlworkbench.leakage._watch import Watch, _show

__all__ = ["load_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Give a shell of IPython the magic; names keep their watch between cells."""
    watches: dict[str, Watch] = {}

    def run(line: str, cell: str) -> Any:
        """Run the cell and report which test rows leaked.

        ``%%watch`` watches one cell; ``%%watch NAME`` goes on in every cell of
        that name and keeps the watch in the variable NAME; ``%%watch NAME
        --new`` begins anew, for a cell that was repaired.
        """
        name, new = _read_line(line)
        known = bool(name) and name in watches and not new
        watched = watches[name] if known else Watch()
        watched.show = False
        if name:
            shell.user_ns[name] = watches[name] = watched
        with watched:
            value = _run_cell(shell, cell)
        report = watched.report
        if known:  # the first cell has said what is never seen
            troubles = watched._listener.log.troubles
            report = replace(report, notes=tuple(troubles))
        _show(report)
        return value

    shell.register_magic_function(run, magic_kind="cell", magic_name="watch")


def _read_line(line: str) -> tuple[str, bool]:
    """Read the name after ``%%watch``, and whether it begins anew."""
    from IPython.core.error import UsageError

    words = line.split()
    new = "--new" in words
    names = [word for word in words if word != "--new"]
    if len(names) > 1 or not all(name.isidentifier() for name in names):
        raise UsageError(f"%%watch takes one name or none, not {line.strip()!r}")
    return "".join(names), new


def _cell_number(shell: Any) -> int:
    """Give the number of the cell that called the magic."""
    known = getattr(shell.compile, "_filename_map", {})
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename in known:
            return int(known[frame.f_code.co_filename])
        frame = frame.f_back
    return int(shell.execution_count)


def _run_cell(shell: Any, cell: str) -> Any:
    """Run the cell in the user's names; give the value of its last line.

    The first line is the magic's own, so that a line here is the line there.
    """
    text = "\n" + shell.transform_cell(cell)
    name = shell.compile.cache(text, _cell_number(shell), raw_code="\n" + cell)
    tree = shell.transform_ast(_parsed(shell, text, name))
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(shell.compile(tree, name, "exec"), shell.user_ns)  # noqa: S102
    if last is None:
        return None
    return eval(shell.compile(last, name, "eval"), shell.user_ns)  # noqa: S307


def _parsed(shell: Any, text: str, name: str) -> ast.Module:
    """Parse the cell; say what to do where it awaits something.

    The shell calls a magic within its own loop of events, which cannot turn
    while the magic has not returned.
    """
    from IPython.core.error import UsageError

    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree: ast.Module = compile(text, name, "exec", flags | ast.PyCF_ONLY_AST)
    code = compile(tree, name, "exec", flags)
    if code.co_flags & inspect.CO_COROUTINE:
        raise UsageError(
            "%%watch cannot run a cell that awaits at its top level; write "
            "'with watch() as watched:' around the lines instead"
        )
    return tree
