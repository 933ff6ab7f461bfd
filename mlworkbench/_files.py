"""Write files so that what was there before is never lost."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["replace_file", "write_text"]


@contextmanager
def replace_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Give a temporary file that takes the place of `path` on success.

    The temporary file lies in the same folder, so the final rename is atomic:
    a reader sees the old file or the whole new one. After an exception the old
    file stands untouched and the temporary one is gone. A symbolic link stays,
    and the file it points to is replaced; an existing file keeps its mode.

    Parameters
    ----------
    path : path-like
        File to create or to replace. Its folder must exist.

    Yields
    ------
    file : binary file
        Open for writing.

    Raises
    ------
    OSError
        When the folder is missing, read-only or full.
    """
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode) if target.is_file() else None

    def create(name: str, flags: int) -> int:
        # The system takes the umask off; what replaces a file may be private.
        return os.open(name, flags, 0o666 if mode is None else 0o600)

    # A hidden name: a crash between write and rename leaves nothing that a
    # reader could take for data.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    opened = open(temporary, "xb", opener=create)  # noqa: SIM115
    try:
        with opened as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write UTF-8 text through `replace_file`.

    Parameters
    ----------
    path : path-like
        File to create or to replace.
    text : str
        The whole content.

    Returns
    -------
    path : pathlib.Path
        The file written.
    """
    with replace_file(path) as file:
        file.write(text.encode("utf-8"))
    return Path(path)
