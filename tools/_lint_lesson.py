"""A notebook as the lint rules see it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from _notebook_normalise import alt_text
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

START = "00_start_here"
_MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
# The magic of the leakage room; all else is plain Python.
_OWN_MAGIC = re.compile(r"\A%%watch(?: \w+)?$|^%load_ext mlworkbench\.\w+$", re.M)
_INLINE = {"em_open", "em_close", "strong_open", "strong_close"}


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item or table cell of prose, without markup.

    Attributes
    ----------
    kind : str
        "p", "li", "heading", "td", "th" or "html".
    text : str
        What a reader reads; code, links, images and formulas are left out.
    level : int
        Of a heading.
    """

    kind: str
    text: str
    level: int = 0


def read_blocks(markdown: str) -> list[Block]:
    """Take markdown apart into blocks of prose.

    Parameters
    ----------
    markdown : str
        Source of a cell.

    Returns
    -------
    blocks : list of Block
        In order; fences of code and formulas are no prose.
    """
    blocks: list[Block] = []
    opened: list[str] = []
    for token in _MARKDOWN.parse(markdown):
        if token.nesting == 1:
            opened.append(token.tag)
        elif token.nesting == -1:
            opened.pop()
        elif token.type == "html_block":
            blocks.append(Block("html", re.sub(r"<[^>]*>", " ", token.content)))
        elif token.type == "inline":
            tag = opened[-1]
            if re.fullmatch(r"h\d", tag):
                blocks.append(Block("heading", _plain(token), int(tag[1])))
            else:
                blocks.append(Block("li" if "li" in opened else tag, _plain(token)))
    return blocks


def _plain(token: Any) -> str:
    parts, in_link = [], 0
    for child in token.children or ():
        in_link += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if in_link or child.type in _INLINE:
            continue
        parts.append(child.content if child.type == "text" else " ")
    return re.sub(r"https?://\S+", " ", "".join(parts))


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell with its place.

    Attributes
    ----------
    number : int
        From 1, counting all cells.
    raw : NotebookNode
        The cell itself.
    """

    number: int
    raw: Any

    @property
    def source(self) -> str:
        """What is written in it."""
        return str(self.raw.source)

    @property
    def is_code(self) -> bool:
        """Whether it is a code cell."""
        return bool(self.raw.cell_type == "code")

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self.raw.metadata.get("tags", ()))

    @property
    def exercise(self) -> str:
        """The exercise it belongs to, or nothing."""
        return str(self.raw.metadata.get("exercise", ""))

    @property
    def outputs(self) -> list[Any]:
        """What it gave."""
        return list(self.raw.get("outputs", ()))

    @property
    def python(self) -> str:
        """Its source without the magic of the course's own rooms."""
        return _OWN_MAGIC.sub("", self.source)

    @cached_property
    def tree(self) -> ast.Module:
        """Its code, empty for markdown and where it does not parse."""
        try:
            return ast.parse(self.python if self.is_code else "")
        except SyntaxError:
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def blocks(self) -> list[Block]:
        """Its prose, empty for code."""
        return [] if self.is_code else read_blocks(self.source)

    @property
    def alt(self) -> str:
        """Alternative text of its figure."""
        return alt_text(self.source) if self.is_code else ""

    @cached_property
    def texts(self) -> list[str]:
        """What its outputs say in plain text."""
        said = []
        for output in self.outputs:
            if output.output_type == "stream":
                said.append(output.text)
            elif output.output_type != "error" and "text/plain" in output.data:
                said.append(output.data["text/plain"])
        return said

    def mimes(self, kind: str) -> list[str]:
        """Give the outputs of one media type.

        Parameters
        ----------
        kind : str
            For instance ``text/html``.

        Returns
        -------
        data : list of str
            One for each output that has it.
        """
        rich = [o for o in self.outputs if o.output_type not in ("stream", "error")]
        return [o.data[kind] for o in rich if kind in o.data]

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Find the calls of a function of the course, ``nb.name(...)``.

        Parameters
        ----------
        name : str
            What comes after ``nb.``.

        Yields
        ------
        call : ast.Call
            In the order of the code.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and called(node) == f"nb.{name}":
                yield node


def called(call: ast.Call) -> str:
    """Name what a call calls.

    Parameters
    ----------
    call : ast.Call
        For instance that of ``plt.show()``.

    Returns
    -------
    name : str
        ``plt.show``; starts with a dot where the object has no name.
    """
    parts = []
    function: ast.expr = call.func
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    parts.append(function.id if isinstance(function, ast.Name) else "")
    return ".".join(reversed(parts))


@dataclass(frozen=True, eq=False)
class Lesson:
    """A notebook with what the rules need to know of it.

    Attributes
    ----------
    path : pathlib.Path
        Where it lies.
    cells : list of Cell
        In order.
    size : int
        Bytes of the file.
    mistakes : frozenset of str
        Exercises for which a wrong answer is on record.
    """

    path: Path
    cells: list[Cell]
    size: int
    mistakes: frozenset[str] = frozenset()

    @property
    def is_start(self) -> bool:
        """Whether it is the first notebook, which may be short."""
        return self.path.stem == START

    @property
    def code(self) -> list[Cell]:
        """The code cells."""
        return [cell for cell in self.cells if cell.is_code]

    @property
    def prose(self) -> list[Cell]:
        """The markdown cells."""
        return [cell for cell in self.cells if cell.raw.cell_type == "markdown"]

    @cached_property
    def checks(self) -> dict[str, Cell]:
        """The cell that checks each exercise, by its name."""
        found: dict[str, Cell] = {}
        for cell in self.code:
            for call in cell.calls("check"):
                if call.args and isinstance(call.args[0], ast.Constant):
                    found.setdefault(str(call.args[0].value), cell)
        return found


Finding = tuple[Cell | None, str]
Findings = Iterator[Finding]
