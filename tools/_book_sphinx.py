"""What Sphinx needs to know about this book: a small extension.

Backticks in a docstring link where they name something public, and the line
*Used in:* becomes links to the notebooks that really use the name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

FACTS = "_facts.json"  # written by the staging: {"names": …, "used_in": …}
LISTED = 8
_USED_IN = "*Used in:*"


def _facts(app: Sphinx) -> dict[str, Any]:
    if not hasattr(app, "_workbench_facts"):
        text = (Path(app.srcdir) / FACTS).read_text(encoding="utf-8")
        app._workbench_facts = json.loads(text)  # type: ignore[attr-defined]
    return app._workbench_facts  # type: ignore[attr-defined, no-any-return]


def _backticks(
    name: str, raw: str, text: str, lineno: int, inliner: Any, *_: Any
) -> tuple[list[nodes.Node], list[Any]]:
    """Show `text` as code, linked when it is a public name."""
    app = inliner.document.settings.env.app
    code = nodes.literal(raw, text)
    full = _facts(app)["names"].get(text.removesuffix("()"))
    if full is None:
        return [code], []
    link = addnodes.pending_xref(
        raw, code, refdomain="py", reftype="obj", reftarget=full, refexplicit=True
    )
    link["refdoc"] = app.env.docname
    return [link], []


def _used_in(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Put links in the place of the line *Used in:* of a public name.

    A docstring that says "every notebook" keeps its own words.
    """
    pages = _facts(app)["used_in"].get(name, [])
    start = next((i for i, line in enumerate(lines) if _USED_IN in line), None)
    if start is not None:
        end = next((i for i in range(start, len(lines)) if not lines[i].strip()), None)
        if not pages or "every notebook" in " ".join(lines[start:end]):
            return
        lines[start:end] = [lines[start].partition(_USED_IN)[0].rstrip()]
    if pages:
        links = [f":doc:`/{page}`" for page in pages[:LISTED]]
        more = f" and {len(pages) - LISTED} more" if len(pages) > LISTED else ""
        lines += ["", "", ".. rubric:: Used in", "", " · ".join(links) + more, ""]


def _note_facts(app: Sphinx, docname: str, source: list[str]) -> None:
    """Read the reference again when a notebook starts to use a name."""
    if docname.startswith("api/"):
        app.env.note_dependency(str(Path(app.srcdir) / FACTS))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_role("workbench", _backticks)
    # Jupyter Book sets it for an extension that is not loaded here.
    app.add_config_value("comments_config", {}, "")
    # After numpydoc, which rewrites the sections at 500.
    app.connect("autodoc-process-docstring", _used_in, priority=600)
    app.connect("source-read", _note_facts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
