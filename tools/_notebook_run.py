"""Execute notebooks in order, each in a fresh kernel and a clean home."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from _notebook_data import out_of_reach
from _notebook_files import (
    Notebook,
    code_hash,
    is_stale,
    read_notebook,
    read_text,
    save,
    sync,
)
from _notebook_normalise import normalise
from _notebook_pairs import Pair

CELL_TIMEOUT = 300  # seconds; a whole notebook should take 10
NOTEBOOK_BUDGET = 60


@dataclass(frozen=True)
class Outcome:
    """What came of one notebook.

    Attributes
    ----------
    pair : Pair
        Which.
    seconds : float
        Wall time; 0 when it was not executed.
    executed, changed : bool
        Whether cells ran, and whether the file was written.
    error : str
        What went wrong, empty when nothing did.
    skipped : str
        Why it was not executed although it is stale: its data are out of reach.
    """

    pair: Pair
    seconds: float = 0.0
    executed: bool = False
    changed: bool = False
    error: str = ""
    skipped: str = ""


def run_all(pairs: Iterable[Pair], *, every: bool, jobs: int) -> Iterator[Outcome]:
    """Bring notebooks up to their texts and execute those that are stale.

    Parameters
    ----------
    pairs : iterable of Pair
        With a text each.
    every : bool
        Execute all, stale or not.
    jobs : int
        How many at once.

    Yields
    ------
    outcome : Outcome
        As each is done.
    """
    pairs = list(pairs)
    if jobs == 1:
        for pair in pairs:
            yield run_one(pair, every=every)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(run_one, pair, every=every) for pair in pairs]
        for done in as_completed(waiting):
            yield done.result()


def run_one(pair: Pair, *, every: bool = False) -> Outcome:
    """Bring one notebook up to its text; execute it when it is stale.

    Parameters
    ----------
    pair : Pair
        The text must exist.
    every : bool
        Execute even when the outputs are those of the same code.

    Returns
    -------
    outcome : Outcome
        With an error, or when its data cannot be had, the file is left as it was.
    """
    text = read_text(pair.text)
    old = read_notebook(pair.notebook) if pair.notebook.exists() else None
    if not every and not is_stale(text, old):
        return Outcome(pair, changed=sync(pair))
    if reason := out_of_reach(text):
        return Outcome(pair, skipped=reason)
    start = time.perf_counter()
    pair.notebook.parent.mkdir(parents=True, exist_ok=True)
    digest = code_hash(text)
    error = execute(text, pair.notebook.parent)
    seconds = time.perf_counter() - start
    if error:
        return Outcome(pair, seconds, executed=True, error=error)
    changed = save(normalise(text, digest), pair.notebook)
    return Outcome(pair, seconds, executed=True, changed=changed)


def execute(notebook: Notebook, folder: Path) -> str:
    """Run the cells of a notebook in order.

    Parameters
    ----------
    notebook : NotebookNode
        Gets the outputs, in place.
    folder : path
        Working folder of the kernel.

    Returns
    -------
    error : str
        The cell and the traceback where one failed, else empty.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile() as log:
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(env=environment(Path(home)), stderr=log)
        except CellExecutionError as problem:
            return f"{_where(notebook)} failed\n{_plain(problem.traceback)}"
        except CellTimeoutError:
            return f"{_where(notebook)} took over {CELL_TIMEOUT} s"
        except DeadKernelError:
            log.seek(0)
            said = log.read().decode("utf-8", "replace").strip()
            return f"{_where(notebook)} ended the kernel, which said\n{said}"
    return ""


def environment(home: Path) -> dict[str, str]:
    """Make the environment in which kernels give the same outputs everywhere.

    Parameters
    ----------
    home : path
        An empty folder: the learner's ledger and IPython's profile of this run.

    Returns
    -------
    env : dict
        The present environment (``MLWORKBENCH_DATA`` with it), with those set.
    """
    env = dict(os.environ)
    env.pop("MPLBACKEND", None)  # the kernel chooses inline figures itself
    return env | {
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONHASHSEED": "0",
        "MLWORKBENCH_HOME": str(home / "mlworkbench"),
        "IPYTHONDIR": str(home / "ipython"),
    }


def _where(notebook: Notebook) -> str:
    """Name the cell that ran last."""
    code = [(i, c) for i, c in enumerate(notebook.cells, 1) if c.cell_type == "code"]
    ran = [(i, c) for i, c in code if c.execution_count is not None or c.outputs]
    number, cell = ran[-1] if ran else code[0]
    first = cell.source.strip().split("\n", 1)[0]
    return f"cell {number} of {len(notebook.cells)} ({first})"


def _plain(text: str) -> str:
    """Drop terminal colours where nobody sees them."""
    return text if sys.stderr.isatty() else re.sub(r"\x1b\[[0-9;]*m", "", text)
