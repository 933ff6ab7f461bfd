"""The first cell of a notebook, and a check of what it runs in."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import partialmethod
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from mlworkbench._report import Verdict
from mlworkbench._validation import check_integer

__all__ = ["Environment", "environment", "setup"]

STYLE = Path(__file__).with_name("course.mplstyle")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_REPAIR = 'run `make lab` again, or `pip install -U "mlworkbench[course]"`'


def setup(*, threads: int | None = 1) -> None:
    """Make a notebook show things the same way everywhere; prints nothing.

    Sets the display options of pandas, the course's matplotlib style with PNG
    pictures, scikit-learn's text display, no progress bars, and one thread for
    numerical work. Safe to run again.

    Parameters
    ----------
    threads : int or None, default=1
        How many threads the libraries below NumPy, SciPy, scikit-learn and torch
        (BLAS, OpenMP) may use; None leaves that to them.

    Raises
    ------
    RuntimeError
        When an installed package is older than the course needs, with all of
        them named.
    TypeError, ValueError
        When `threads` is no whole number above 0.

    Notes
    -----
    One thread, for the data of the course are small: threads that wait for each
    other cost more than they bring, most of all where other programs run. On
    large data of your own pass the number of your cores, or None. `n_jobs` of
    scikit-learn is another matter: its processes stay yours to choose.
    Libraries that are loaded are limited at once; those to come, and the
    processes started from here, by the variables ``OMP_NUM_THREADS``,
    ``OPENBLAS_NUM_THREADS`` and ``MKL_NUM_THREADS``.

    *Used in:* the first cell of every notebook.
    """
    _, old = _packages()
    if old:
        raise RuntimeError(
            f"this environment is too old: {'; '.join(old)}. To repair it, {_REPAIR}, "
            "then restart the kernel"
        )
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if threads is not None:
        _limit(check_integer(threads, "threads", 1))
    _no_progress_bars()
    pd.set_option("display.max_rows", 20)
    pd.set_option("display.max_columns", 20)
    pd.set_option("display.width", 88)
    pd.set_option("display.precision", 4)
    import sklearn

    sklearn.set_config(display="text")
    _figures()


@dataclass(frozen=True, eq=False, repr=False)
class Environment(Verdict):
    """Whether the course can run here.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per part: part, state, what to do.
    notes : tuple of str, keyword-only
        Unused.
    """

    title: ClassVar[str] = "Your environment"

    @property
    def ok(self) -> bool:
        """Whether every part is ready."""
        return bool((self.frame["state"] == "ready").all())


def environment() -> Environment:
    """Check that the course can run here.

    Returns
    -------
    report : Environment
        The same on every machine where all is ready: it shows no versions and
        no paths.

    Notes
    -----
    *Used in:* `00_start_here`.

    Examples
    --------
    >>> environment().frame["part"].tolist()
    ['Python', 'packages', 'live controls', 'figures']
    """
    missing, old = _packages()
    python = sys.version_info >= (3, 11)
    live = not any(name.startswith("ipywidgets") for name in missing)
    figures = not any(name.startswith("matplotlib") for name in missing)
    wrong = [f"{name} is missing" for name in missing] + old
    rows = [
        ("Python", python, "too old: install Python 3.11 or newer"),
        ("packages", not wrong, f"{'; '.join(wrong)}: {_REPAIR}"),
        ("live controls", live, f"ipywidgets is missing: {_REPAIR}"),
        ("figures", figures, f"matplotlib is missing: {_REPAIR}"),
    ]
    frame = pd.DataFrame(
        [(part, "ready" if good else what) for part, good, what in rows],
        columns=["part", "state"],
    )
    return Environment(frame)


def _packages() -> tuple[list[str], list[str]]:
    """Compare what is installed with what the package asks for.

    Returns
    -------
    missing, old : list of str
        Requirements of the base and of the course that are not met.
    """
    from packaging.requirements import Requirement

    try:
        asked = metadata.requires("mlworkbench") or []
    except metadata.PackageNotFoundError:  # run from a folder, not installed
        return [], []
    missing, old = [], []
    for requirement in map(Requirement, asked):
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": e}) for e in ("", "course")):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            old.append(
                f"{requirement.name} is {version}, needed is {requirement.specifier}"
            )
    return missing, old


def _limit(threads: int) -> None:
    """Limit the threads of libraries that are loaded, and of those to come."""
    for name in _THREADS:
        os.environ[name] = str(threads)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
    import sklearn  # noqa: F401  loads BLAS and OpenMP, which can then be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(threads)  # until told otherwise: it is no context here


def _no_progress_bars() -> None:
    os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported
    tqdm = sys.modules.get("tqdm.std")
    if tqdm is not None:  # imported before: its default is fixed already
        tqdm.tqdm.__init__ = partialmethod(tqdm.tqdm.__init__, disable=True)


def _figures() -> None:
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        return
    shell: Any = None
    if "IPython" in sys.modules:
        from IPython import get_ipython

        shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        # The kernel may have inherited another backend, which shows nothing.
        shell.run_line_magic("matplotlib", "inline")
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("png")  # type: ignore[no-untyped-call]
    plt.style.use(STYLE)
