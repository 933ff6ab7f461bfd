"""The committed notebooks, read for the book: outputs kept, text made MyST."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _book_api as api
import _book_text as text

__all__ = ["Notebook", "chapters", "read_all"]

WIDGET = "application/vnd.jupyter.widget-view+json"
_ALT = re.compile(r"^# alt: *(.+?) *(?:\n|$)")
_LOAD = re.compile(r"""\bload\(\s*["']([a-z][a-z0-9_]+)["']""")


@dataclass(frozen=True)
class Notebook:
    """One committed notebook.

    Parameters
    ----------
    page : str
        Its page in the book, without suffix, for example
        `notebooks/ch04_training_data/01_draw_a_fair_sample`.
    content : dict
        The notebook as JSON. Not changed.
    """

    page: str
    content: dict[str, Any]

    @property
    def chapter(self) -> str:
        """The folder it lies in; empty at the top."""
        return "/".join(self.page.split("/")[1:-1])

    @property
    def title(self) -> str:
        """The level-one heading, or the file's name."""
        found = (text.heading(_source(cell)) for cell in self._cells("markdown"))
        name = self.page.rsplit("/", 1)[-1]
        return next((title for title in found if title), name)

    @property
    def minutes(self) -> int | None:
        """Minutes promised under the title."""
        found = (
            text.minutes_line(_source(cell))[0] for cell in self._cells("markdown")
        )
        return next((minutes for minutes in found if minutes is not None), None)

    @property
    def data(self) -> set[str]:
        """Names of the data sets that its code loads."""
        code = "\n".join(_source(cell) for cell in self._cells("code"))
        return set(_LOAD.findall(code))

    @property
    def uses(self) -> set[str]:
        """Full names of the helpers that its code uses."""
        return api.used(_source(cell) for cell in self._cells("code"))

    def _cells(self, kind: str) -> list[dict[str, Any]]:
        return [c for c in self.content["cells"] if c["cell_type"] == kind]

    def staged(self, names: dict[str, str], cards: set[str]) -> str:
        """Give the notebook as the book builds it.

        Parameters
        ----------
        names : dict
            What prose may write for a public name, and the full name.
        cards : set of str
            Data sets that have a card page.

        Returns
        -------
        notebook : str
            JSON.
        """
        up = "../" * self.page.count("/")
        seen: set[str] = set()

        def card(name: str) -> str | None:
            return f"{up}cards/{name}.md" if name in cards else None

        cells = []
        for cell in self.content["cells"]:
            if cell["cell_type"] == "markdown":
                words = text.admonitions(_source(cell))
                words = text.first_mentions(words, names, seen)
                words = text.minutes_line(words, card)[1]
                cells.append({**cell, "source": words})
            else:
                cells.append(_code_cell(cell) if "outputs" in cell else cell)
        cells += self._closing(set(names.values()))
        metadata = {k: v for k, v in self.content["metadata"].items() if k != "widgets"}
        staged = {**self.content, "cells": cells, "metadata": metadata}
        return json.dumps(staged, indent=1, ensure_ascii=False) + "\n"

    def _closing(self, known: set[str]) -> list[dict[str, Any]]:
        """Give the cell that leads on to the reference."""
        helpers = sorted(name for name in self.uses & known if ".notebook." not in name)
        if not helpers:
            return []
        links = " · ".join(f"{{py:obj}}`{n.split('.', 1)[1]} <{n}>`" for n in helpers)
        source = f"---\n\n**Look up the helpers of this notebook:** {links}"
        cell = {"cell_type": "markdown", "metadata": {}, "source": source}
        return [{**cell, "id": "look-up"} if "id" in self.content["cells"][0] else cell]


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _code_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Move `# alt: …` into the metadata, hide claims, drop live widgets."""
    metadata = dict(cell["metadata"])
    source = _source(cell)
    alt = _ALT.match(source)
    if alt:
        source = source[alt.end() :]
        render = dict(metadata.get("mystnb", {}))
        metadata["mystnb"] = {"image": {"alt": alt[1]}, **render}
    if "claims" in metadata.get("tags", []):
        metadata["tags"] = sorted({*metadata["tags"], "remove-cell"})
    outputs = [_still(output) for output in cell["outputs"]]
    return {**cell, "metadata": metadata, "source": source, "outputs": outputs}


def _still(output: dict[str, Any]) -> dict[str, Any]:
    if WIDGET not in output.get("data", {}):
        return output
    data = {mime: x for mime, x in output["data"].items() if mime != WIDGET}
    return {**output, "data": data}


def read_all(folder: Path) -> list[Notebook]:
    """Read every notebook below `folder` in reading order."""
    found = [
        path
        for path in folder.rglob("*.ipynb")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    # The top folder first, then the chapters by name.
    found.sort(key=lambda p: (len(p.relative_to(folder).parts) > 1, p.as_posix()))
    return [
        Notebook(
            f"notebooks/{path.relative_to(folder).with_suffix('').as_posix()}",
            json.loads(path.read_text(encoding="utf-8")),
        )
        for path in found
    ]


def chapters(notebooks: list[Notebook]) -> dict[str, list[Notebook]]:
    """Group the notebooks by their chapter's folder, in reading order."""
    groups: dict[str, list[Notebook]] = {}
    for notebook in notebooks:
        if notebook.chapter:
            groups.setdefault(notebook.chapter, []).append(notebook)
    return groups
