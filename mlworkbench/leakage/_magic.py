"""The notebook magic ``%%watch``."""

from __future__ import annotations

import ast
import sys
from typing import Any

from mlworkbench.leakage._watch import Watch, _show

__all__ = ["load_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Give a shell of IPython the magic; names keep their watch between cells."""
    watches: dict[str, Watch] = {}

    def run(line: str, cell: str) -> Any:
        """Run the cell and report which test rows leaked.

        ``%%watch`` watches one cell; ``%%watch NAME`` goes on in every cell of
        that name and keeps the watch in the variable NAME.
        """
        name = line.strip()
        if name and not name.isidentifier():
            from IPython.core.error import UsageError

            raise UsageError(f"%%watch takes one name or none, not {name!r}")
        watched = watches.setdefault(name, Watch()) if name else Watch()
        watched.show = False
        if name:
            shell.user_ns[name] = watched
        with watched:
            value = _run_cell(shell, cell)
        _show(watched.report)
        return value

    shell.register_magic_function(run, magic_kind="cell", magic_name="watch")


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
    tree = shell.transform_ast(shell.compile.ast_parse(text, filename=name))
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(shell.compile(tree, name, "exec"), shell.user_ns)  # noqa: S102
    if last is None:
        return None
    return eval(shell.compile(last, name, "eval"), shell.user_ns)  # noqa: S307
