"""Make the same notebook file from the same run, byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
# What a renderer needs to know of an image; the rest is dropped.
IMAGE_KEYS = ("width", "height", "needs_background")


def normalise(notebook: Any, executed: str | None = None) -> Any:
    """Keep of a notebook what is authored or computed, in one form.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    executed : str or None
        Hash of the code that gave the outputs; None for a notebook never run.

    Returns
    -------
    notebook : NotebookNode
        The same object: counts 1..n, no timestamps, no widget state or view,
        cell ids made from the content, alternative texts where readers look.
    """
    metadata: dict[str, Any] = {"kernelspec": KERNELSPEC, "language_info": LANGUAGE}
    if executed:
        metadata["mlworkbench"] = {"source_sha256": executed}
    notebook.metadata = type(notebook)(metadata)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: Counter[str] = Counter()
    count = 0
    for cell in notebook.cells:
        cell.id = _cell_id(cell, seen)
        cell.pop("attachments", None)
        cell.metadata = type(notebook)(_cell_metadata(cell))
        if cell.cell_type == "code":
            if cell.execution_count is not None:
                count += 1
                cell.execution_count = count
            cell.outputs = _outputs(cell)
    return notebook


def alt_text(source: str) -> str:
    """Read the alternative text of a cell's figure from the comment on its top.

    Parameters
    ----------
    source : str
        The cell. Its first line may be ``# alt: a line of text``; the lines that
        follow as ``#   more text`` (two or more spaces) go on with it.

    Returns
    -------
    text : str
        In one line; empty when the cell has none.
    """
    match = re.match(r"# alt:(.*(?:\n#  +\S.*)*)", source)
    return re.sub(r"\s*\n#\s+", " ", match[1]).strip() if match else ""


def _cell_id(cell: Any, seen: Counter[str]) -> str:
    """Name a cell by its content, so that it keeps its id when others move."""
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _cell_metadata(cell: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if cell.metadata.get("tags"):
        metadata["tags"] = list(cell.metadata["tags"])
    if "exercise" in cell.metadata:
        metadata["exercise"] = cell.metadata["exercise"]
    if cell.cell_type == "code":
        if "claims" in metadata.get("tags", ()):
            metadata["jupyter"] = {"source_hidden": True}
        if alt := alt_text(cell.source):
            metadata["mystnb"] = {"image": {"alt": alt}}  # where the book looks
    return metadata


def _outputs(cell: Any) -> list[Any]:
    kept: list[Any] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            last = kept[-1] if kept else None
            if last and last.output_type == "stream" and last.name == output.name:
                last.text += output.text
                continue
            output = type(output)(output)
        elif output.output_type == "error":
            # The traceback names paths and addresses; the error itself stays.
            output.traceback = [f"{output.ename}: {output.evalue}"]
        else:
            output.data.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
            output.metadata = type(output)(_image_metadata(output, cell.source))
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        output.pop("transient", None)
        kept.append(output)
    return kept


def _image_metadata(output: Any, source: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    alt = alt_text(source)
    for kind in sorted(output.data):
        if kind.startswith("image/"):
            old = output.metadata.get(kind, {})
            known = {key: old[key] for key in IMAGE_KEYS if key in old}
            known |= {"alt": alt} if alt else {}
            metadata |= {kind: known} if known else {}
    return metadata
