"""Which data a notebook needs, and why it cannot run where they cannot be had.

A notebook names its data in the line under its title, ``*12 minutes · data:
flights*``. Those of the repository are always there. A remote data set may be out
of reach (no network, nothing in MLWORKBENCH_DATA): its notebooks are then skipped,
with the reason, by nbval, by the tests of the exercises and by ``notebooks.py run``.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from mlworkbench import datasets

_LINE = re.compile(r"^\*\d+ minutes · data: ([^*]+)\*\s*$", re.MULTILINE)


def data_sets(notebook: Any) -> list[str]:
    """Read the data sets that a notebook names in its first cell.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook, or the notebook made from a text.

    Returns
    -------
    names : list of str
        As written; the bundled sets of scikit-learn are among them.
    """
    first = notebook.cells[0].source if notebook.cells else ""
    line = _LINE.search(first)
    return re.split(r"\s*,\s*|\s+and\s+", line[1].strip()) if line else []


def out_of_reach(notebook: Any) -> str:
    """Say why a notebook cannot run here for want of its data.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook, or the notebook made from a text.

    Returns
    -------
    reason : str
        Empty when all data are here, or were fetched just now.
    """
    remote = datasets.names("remote")
    reasons = (_missing(name) for name in data_sets(notebook) if name in remote)
    return next(filter(None, reasons), "")


@functools.cache
def _missing(name: str) -> str:
    try:
        datasets.fetch(name)
    except datasets.ChecksumError:
        return ""  # a wrong file is no missing one: the notebook says what it is
    except datasets.DatasetError as error:
        return f"{name} cannot be had here: {str(error).split(';')[0]}"
    return ""
