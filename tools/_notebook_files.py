"""Read and write the two forms of a notebook, and make one from the other."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from _notebook_normalise import normalise
from _notebook_pairs import Pair

from mlworkbench._files import write_text

FORMAT = "py:percent"
# What an author says about a cell; all other cell metadata is derived.
AUTHORED = ("exercise", "tags")
HASH = "source_sha256"

Notebook = Any  # nbformat.NotebookNode, which has no types


class UnreadableError(ValueError):
    """A file that should be a notebook is none."""


def read_text(path: Path) -> Notebook:
    """Read a py:percent text as a notebook without outputs.

    Parameters
    ----------
    path : path
        The text.

    Returns
    -------
    notebook : NotebookNode
        Cells with source and authored metadata, nothing else.
    """
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt=FORMAT)
    notebook.metadata = nbformat.from_dict({})
    return notebook


def read_notebook(path: Path) -> Notebook:
    """Read a notebook file.

    Parameters
    ----------
    path : path
        An ``.ipynb`` file.

    Returns
    -------
    notebook : NotebookNode
        In nbformat 4.

    Raises
    ------
    UnreadableError
        When the file is no notebook, for instance after a merge conflict.
    """
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError):
        raise UnreadableError(
            f"{path} is not a readable notebook; delete it and make it again from its "
            "text: python tools/notebooks.py run PATH"
        ) from None


def dumps(notebook: Notebook) -> str:
    """Write a notebook as text, always in the same way.

    Parameters
    ----------
    notebook : NotebookNode
        A valid notebook.

    Returns
    -------
    text : str
        Indented JSON with sorted keys and one newline at the end.
    """
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1, sort_keys=True).rstrip("\n") + "\n"


def save(notebook: Notebook, path: Path) -> bool:
    """Write a notebook if that changes the file.

    Parameters
    ----------
    notebook : NotebookNode
        What to write.
    path : path
        Where; missing folders are made.

    Returns
    -------
    changed : bool
        False when the file had these very bytes.
    """
    return _save_text(dumps(notebook), path)


def _save_text(text: str, path: Path) -> bool:
    if path.exists() and path.read_bytes() == text.encode("utf-8"):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    return True


def code_hash(notebook: Notebook) -> str:
    """Hash what the outputs depend on: the code cells, in order.

    Prose is left out: a new comma needs `sync`, not another execution.

    Parameters
    ----------
    notebook : NotebookNode
        Of either side.

    Returns
    -------
    digest : str
        SHA-256, hexadecimal.
    """
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(code).encode("utf-8")).hexdigest()


def is_stale(text: Notebook, notebook: Notebook | None) -> bool:
    """Tell whether the outputs come from other code than the text's.

    Parameters
    ----------
    text, notebook : NotebookNode
        The two sides; the notebook may be None.

    Returns
    -------
    stale : bool
        True too for a notebook that was never run.
    """
    if notebook is None:
        return True
    stored = notebook.metadata.get("mlworkbench", {}).get(HASH)
    return stored != code_hash(text)


def differences(text: Notebook, notebook: Notebook) -> list[int]:
    """Compare the cells of a text and of a notebook.

    Parameters
    ----------
    text, notebook : NotebookNode
        The two sides.

    Returns
    -------
    cells : list of int
        Numbers, from 1, of the cells of the notebook that differ in kind, source
        or authored metadata; the number after the last where cells are missing.
    """
    ours, theirs = [[_authored(c) for c in nb.cells] for nb in (text, notebook)]
    longest = max(len(ours), len(theirs))
    return [i + 1 for i in range(longest) if ours[i : i + 1] != theirs[i : i + 1]]


def _authored(cell: Any) -> tuple[str, str, dict[str, Any]]:
    metadata = {key: cell.metadata[key] for key in AUTHORED if key in cell.metadata}
    return cell.cell_type, cell.source, metadata


def merge(text: Notebook, notebook: Notebook | None) -> Notebook:
    """Give the cells of a text the outputs that a notebook has for them.

    Parameters
    ----------
    text : NotebookNode
        Decides cells, order and metadata.
    notebook : NotebookNode or None
        Where outputs come from: a cell with the same source keeps its own, the
        first for the first where several are alike.

    Returns
    -------
    merged : NotebookNode
        Normalised, with the hash of the last execution, if there was one.
    """
    kept = defaultdict(list)
    for cell in notebook.cells if notebook else ():
        if cell.cell_type == "code" and cell.execution_count is not None:
            kept[cell.source].append(cell.outputs)
    for cell in text.cells:
        if cell.cell_type == "code" and kept[cell.source]:
            cell.outputs = kept[cell.source].pop(0)
            cell.execution_count = 1  # numbered by normalise
    digest = notebook.metadata.get("mlworkbench", {}).get(HASH) if notebook else None
    return normalise(text, digest)


def sync(pair: Pair) -> bool:
    """Bring the notebook of a pair up to its text.

    Parameters
    ----------
    pair : Pair
        The text must exist.

    Returns
    -------
    changed : bool
        Whether the notebook was written.
    """
    old = read_notebook(pair.notebook) if pair.notebook.exists() else None
    return save(merge(read_text(pair.text), old), pair.notebook)


def sync_from_notebook(pair: Pair) -> bool:
    """Bring the text of a pair up to its notebook (edited in Jupyter).

    Parameters
    ----------
    pair : Pair
        The notebook must exist.

    Returns
    -------
    changed : bool
        Whether the text was written. The notebook is normalised as well.
    """
    notebook = read_notebook(pair.notebook)
    bare = nbformat.v4.new_notebook(
        metadata={"jupytext": {"notebook_metadata_filter": "-all"}}
    )
    for cell in notebook.cells:
        kind, source, metadata = _authored(cell)
        make = getattr(nbformat.v4, f"new_{kind}_cell")
        bare.cells.append(make(source, metadata=metadata))
    changed = _save_text(jupytext.writes(bare, fmt=FORMAT), pair.text)
    sync(pair)
    return changed
