"""Where in the user's code a call was made, and what the code there says."""

from __future__ import annotations

import functools
import re
import site
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Where", "namespace", "user_frame", "where"]

_LOOK = 300  # names of the user that are looked at


@dataclass(frozen=True)
class Where:
    """A line of a cell or of a file."""

    file: str
    line: int
    direct: bool
    frame: int

    def __str__(self) -> str:
        """Give the place in words."""
        if "IPython" in sys.modules:
            shell = sys.modules["IPython"].get_ipython()
            known = getattr(getattr(shell, "compile", None), "_filename_map", {})
            if self.file in known:
                return f"cell {known[self.file]}, line {self.line}"
        found = re.match(r"<ipython-input-(\d+)", self.file)
        if found:
            return f"cell {found[1]}, line {self.line}"
        return f"{Path(self.file).name}, line {self.line}"


@functools.cache
def _libraries() -> tuple[str, ...]:
    names = [sysconfig.get_path(p) for p in ("stdlib", "purelib", "platlib")]
    names += [str(Path(__file__).parent.parent), *site.getsitepackages()]
    return tuple(f"{name}/".replace("//", "/") for name in names if name)


def _is_library(file: str) -> bool:
    inside = file.startswith(_libraries()) or file.startswith("<frozen")
    return inside or file == "<__array_function__ internals>"


def user_frame() -> tuple[Any, bool]:
    """Give the innermost frame of the user's code, and whether it called."""
    frame: Any = sys._getframe(1)
    here = str(Path(__file__).parent / "_watch")
    direct = True
    while frame is not None:
        file = frame.f_code.co_filename
        if not _is_library(file):
            return frame, direct
        own = file.startswith(here) or "_param_validation" in file
        direct = direct and (own or file.endswith("contextlib.py"))
        frame = frame.f_back
    return None, False


def where() -> Where:
    """Give the line of the user's code that is being run."""
    frame, direct = user_frame()
    if frame is None:
        return Where("unknown", 0, False, 0)
    return Where(frame.f_code.co_filename, frame.f_lineno, direct, id(frame))


def namespace() -> Iterator[Any]:
    """Go through the tables and arrays that the user's code has names for."""
    frame, _ = user_frame()
    if frame is None:
        return
    kinds = (np.ndarray, pd.DataFrame, pd.Series)
    seen = 0
    spaces = [frame.f_globals] if frame.f_locals is frame.f_globals else []
    for names in spaces or [frame.f_locals, frame.f_globals]:
        for value in list(names.values())[-_LOOK:]:
            if isinstance(value, kinds) and value.ndim and seen < _LOOK:
                seen += 1
                yield value
