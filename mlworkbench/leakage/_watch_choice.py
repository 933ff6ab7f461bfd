"""What code says of a choice: whether the best of several scores is picked."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["shows_choice"]

_WORDS = (
    r"\b(arg|nanarg|idx)(max|min)\s*\(|\bnlargest\s*\("
    r"|\bbest_?\w*\s*=|>=?\s*best|<=?\s*best|(?<![.\w])(max|min)\s*\("
    r"|\bsorted\([^\n]*(\)\s*\[|reverse|key)"
)
_THRESHOLD = re.compile(_WORDS)
_MODEL = re.compile(_WORDS + r"|\b(max|min|sort_values)\s*\(")
_PICKS = {"argmax", "argmin", "nanargmax", "nanargmin", "idxmax", "idxmin", "nlargest"}
_GROWS = {"append", "add", "update", "extend", "setdefault", "insert"}


def shows_choice(file: str, line: int, *, curve: bool = False) -> bool | None:
    """Tell whether the code around a line, or a later cell, picks a best one.

    Parameters
    ----------
    file : str
        A file, or the name that IPython gave to a cell.
    line : int
        Where scores are made.
    curve : bool, default=False
        The line makes a curve of scores: its largest value alone picks nothing.

    Returns
    -------
    shows : bool or None
        None where there is no code to read.
    """
    lines = linecache.getlines(file)
    if not lines:
        return None
    words = _THRESHOLD if curve else _MODEL
    tree = _parse("".join(lines))
    if tree is None:
        return bool(words.search("".join(lines)))
    tree = _Beside(tree, line).visit(tree)
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= line <= (node.end_lineno or 0)
    ]
    inner = max(around, key=lambda node: node.lineno) if around else tree
    if words.search(ast.unparse(inner)):
        return True
    return not around and _later(file, _made_in_loop(tree, line))


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


class _Beside(ast.NodeTransformer):
    """Take the largest of something else out of the statement that scores.

    Beside a score, `{"score": ..., "highest": p.max()}` picks nothing.
    """

    def __init__(self, tree: ast.AST, line: int) -> None:
        simple = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)
        here = [n for n in ast.walk(tree) if isinstance(n, simple) and _covers(n, line)]
        self._inside = {id(part) for node in here for part in ast.walk(node)}
        self._line = line

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave the object in place of its maximum, where no score is in it."""
        self.generic_visit(node)
        func = node.func
        largest = isinstance(func, ast.Attribute) and func.attr in {"max", "min"}
        if not largest or id(node) not in self._inside or _covers(node, self._line):
            return node
        return func.value if isinstance(func, ast.Attribute) else node


def _covers(node: ast.AST, line: int) -> bool:
    start, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    return bool(start <= line <= (end or 0))


def _made_in_loop(tree: ast.Module, line: int) -> set[str]:
    """Give the names that a loop around a line fills."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if not _covers(node, line):
            continue
        if isinstance(node, ast.For | ast.While):
            names |= {name for part in node.body for name in _filled(part)}
        elif isinstance(node, ast.Assign):
            loops = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
            if any(isinstance(part, loops) for part in ast.walk(node.value)):
                names |= set(_filled(node))
    return names


def _filled(node: ast.AST) -> Iterator[str]:
    """Give the names that are set, or grow, in a piece of code."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
            continue
        set_in = isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store)
        grown = isinstance(part, ast.Attribute) and part.attr in _GROWS
        if isinstance(part, ast.Subscript | ast.Attribute) and (set_in or grown):
            yield from _names(part.value)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _later(file: str, names: set[str]) -> bool:
    """Tell whether a later cell picks the best of what these names hold."""
    if "IPython" not in sys.modules or not names:
        return False
    shell = sys.modules["IPython"].get_ipython()
    cells: dict[str, Any] = getattr(
        getattr(shell, "compile", None), "_filename_map", {}
    )
    if file not in cells:
        return False
    later = [other for other in cells if cells[other] > cells[file]]
    for other in sorted(later, key=lambda name: cells[name]):
        tree = _parse("".join(linecache.getlines(other)))
        for part in tree.body if tree is not None else ():
            if _picks(part, names):
                return True
            if isinstance(part, ast.Assign):
                made = set(_filled(part))
                names = names | made if _names(part.value) & names else names - made
    return False


def _picks(node: ast.AST, names: set[str]) -> bool:
    """Tell whether code takes the place or the key of the best of some names."""
    for part in ast.walk(node):
        if not isinstance(part, ast.Call) or not _names(part) & names:
            continue
        func = part.func
        name = func.attr if isinstance(func, ast.Attribute) else ""
        name = func.id if isinstance(func, ast.Name) else name
        by_key = any(word.arg == "key" for word in part.keywords)
        if name in _PICKS or (name in {"max", "min", "sorted"} and by_key):
            return True
    return False
