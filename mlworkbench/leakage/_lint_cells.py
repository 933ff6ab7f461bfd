"""Code cells of a notebook or a script, ready to be parsed."""

from __future__ import annotations

import ast
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Cell", "parse_cell", "read_cells"]

# Cell magics that run the rest of the cell as Python here.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "watch", "python3", "python"}
# How jupytext, Spyder, VS Code and nbconvert begin a cell of a script.
_PERCENT = re.compile(r"^#\s*(?:%%|In\s*\[[\d ]*\])(.*)$")
_SHELL = re.compile(r"^(\s*)([\w.,\s\[\]'\"]+=\s*)[!%].*$")
_ASIDE = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$")


@dataclass(frozen=True)
class Cell:
    """One code cell.

    Parameters
    ----------
    number : int
        Position among the code cells, from 1: what In [n] says after a run
        from top to bottom.
    source : str
        Its text.
    first_line : int
        Number that the first line goes by: 1 in a notebook, the line of the
        file in a script.
    """

    number: int
    source: str
    first_line: int = 1


def read_cells(path: Path) -> tuple[list[Cell], list[str]]:
    """Read the code cells of a file.

    Parameters
    ----------
    path : pathlib.Path
        A notebook (.ipynb) or a Python script (.py), with or without
        "# %%" cells.

    Returns
    -------
    cells : list of Cell
        Code cells from top to bottom.
    notes : list of str
        What the reader should know about the order.

    Raises
    ------
    ValueError
        When it is neither a notebook nor text.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path.name} is a folder; pass the files in it")
    kind = path.suffix.lower()
    if kind not in {".ipynb", ".py", ".pyw", ".txt", ""}:
        raise ValueError(
            f"{path.name} is neither a notebook (.ipynb) nor a Python script (.py)"
        )
    text = _read_text(path, kind)
    if kind != ".ipynb":
        return _script_cells(text), []
    try:
        book = json.loads(text)
        code, language = _code_cells(book)
        texts = [_joined(cell.get("source", cell.get("input", ""))) for cell in code]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(
            f"{path.name} is not a Jupyter notebook; pass one saved by Jupyter, "
            "or a Python script that ends in .py"
        ) from None
    if language not in {"", "python", "ipython", "sage"}:
        return [], [f"The notebook is in {language}, not in Python: nothing was read."]
    counts = [count for cell in code if isinstance(count := _count(cell), int)]
    notes = []
    if counts != sorted(counts):
        notes.append(
            "The cells were last run in another order than they stand in; "
            "they are read from top to bottom."
        )
    return [Cell(number, text) for number, text in enumerate(texts, 1)], notes


def _read_text(path: Path, kind: str) -> str:
    """Read a text: a script in the encoding that its first lines name."""
    try:
        with path.open("rb") as file:
            encoding = "utf-8-sig"
            if kind != ".ipynb":
                encoding, _ = tokenize.detect_encoding(file.readline)
        return path.read_text(encoding=encoding)
    except (UnicodeDecodeError, SyntaxError):
        raise ValueError(
            f"{path.name} is not a text in UTF-8; pass a notebook or .py"
        ) from None


def _code_cells(book: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """Give the code cells, of format 3 too, and the language that they are in."""
    sheets = [book] if "cells" in book else book["worksheets"]
    cells = [cell for sheet in sheets for cell in sheet["cells"]]
    told = book.get("metadata") or {}
    language = (told.get("language_info") or {}).get("name")
    language = language or (told.get("kernelspec") or {}).get("language") or ""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return code, re.sub(r"[\d.]+$", "", str(language).lower())


def _count(cell: dict[str, Any]) -> Any:
    """Give the number that a cell had in its last run."""
    return cell.get("execution_count") or cell.get("prompt_number")


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _script_cells(text: str) -> list[Cell]:
    cells: list[Cell] = []
    lines = text.split("\n")  # form feeds and the like end no line in Python
    marks = [n for n, line in enumerate(lines) if _PERCENT.match(line)]
    starts = sorted({0, *marks})
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        head = _PERCENT.match(lines[start]) if lines else None
        body = "\n".join(lines[start:stop])
        if (head and re.search(r"\[(markdown|md|raw)\]", head[1])) or not body.strip():
            continue
        if start == 0 and marks and all(_idle(line) for line in lines[:stop]):
            continue
        cells.append(Cell(len(cells) + 1, body, start + 1))
    return cells


def _idle(line: str) -> bool:
    return not line.strip() or line.startswith("#")


def parse_cell(cell: Cell) -> ast.Module:
    """Parse a cell, with magics and shell commands left out.

    Parameters
    ----------
    cell : Cell
        The cell.

    Returns
    -------
    tree : ast.Module
        Its statements; none when the cell is not Python (``%%bash``).

    Raises
    ------
    SyntaxError
        When what is left is not Python.
    """
    source = cell.source
    lines = source.split("\n")
    at = next((n for n, line in enumerate(lines) if line.strip()), 0)
    while lines[at].startswith("%%"):
        words = lines[at][2:].split()
        if not words or words[0] not in _PYTHON_MAGICS:
            return ast.Module([], [])
        lines[at] = ""
        at = min(at + 1, len(lines) - 1)
    source = "\n".join(lines)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        tree = ast.parse("\n".join(_plain(line) for line in _whole(lines)))
    return ast.increment_lineno(tree, cell.first_line - 1)


def _whole(lines: list[str]) -> list[str]:
    """Leave out the further lines of a shell command or magic that goes on."""
    told: list[str] = []
    aside = False
    for line in lines:
        told.append("" if aside else line)
        begins = aside or _ASIDE.match(line) or _SHELL.match(line)
        aside = bool(begins) and line.endswith("\\")
    return told


def _plain(line: str) -> str:
    aside = _ASIDE.match(line)
    if aside:
        timed = re.match(r"^\s*%(?:time|prun)\s+(.+)$", line)
        return aside[1] + (timed[1] if timed else "pass")
    shell = _SHELL.match(line)
    if not shell:
        return line
    timed = re.match(r"^.*?=\s*%time\s+(.+)$", line)
    return f"{shell[1]}{shell[2]}{timed[1] if timed else 'None'}"
