"""Files fetched once into the user's cache, checked before anyone sees them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from mlworkbench._files import replace_file
from mlworkbench.datasets._errors import ChecksumError, DatasetError

__all__ = ["check_hash", "fetch_file", "find_file"]

_verified: set[tuple[str, int, int, str]] = set()


def check_hash(path: Path, sha256: str) -> bool:
    """Say whether a file is the expected one.

    The answer "yes" is kept for the process, as long as size and time of
    change stay the same.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sha256 : str
        Expected SHA-256, 64 hexadecimal digits.

    Returns
    -------
    same : bool
        Whether it has this hash.
    """
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns, sha256)
    if key in _verified:
        return True
    with path.open("rb") as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    if same:
        _verified.add(key)
    return same


class _Hashing:
    """A file to write to that keeps the SHA-256 of what went through."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.hash = file, hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Write, and count."""
        self.file.write(chunk)
        self.hash.update(chunk)

    def flush(self) -> None:
        """Hand on."""
        self.file.flush()


class _Bar:
    """A line on the error stream that grows; what pooch asks of a progress bar."""

    def __init__(self, label: str) -> None:
        self.label, self.total, self.done, self.shown = label, 0, 0, -1

    def update(self, size: int) -> None:
        """Count bytes; draw when a whole per cent is done."""
        self.done = min(self.done + size, self.total)
        percent = 100 * self.done // self.total if self.total else 0
        if percent != self.shown:
            self.shown = percent
            bar = "█" * (percent // 5)
            print(
                f"\r{self.label} {bar:<20} {percent:3d} % of {self.total / 1e6:.1f} MB",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def reset(self) -> None:
        """Start counting again."""
        self.done = 0

    def close(self) -> None:
        """End the line."""
        print(file=sys.stderr, flush=True)


def _wants_bar() -> bool:
    """Show a bar to a person: a terminal or a notebook, never a test."""
    forced = os.environ.get("MLWORKBENCH_PROGRESS")
    if forced is not None:
        return forced != "0"
    if "PYTEST_VERSION" in os.environ:
        return False
    return sys.stderr.isatty() or "ipykernel" in sys.modules


def fetch_file(address: str, path: Path, sha256: str, timeout: float = 30.0) -> Path:
    """Download one file; it appears under its name only when it is right.

    Two processes that fetch the same file do not disturb each other: each
    writes a temporary file of its own and renames it.

    Parameters
    ----------
    address : str
        HTTP(S) address.
    path : pathlib.Path
        Where the file shall lie; folders are made.
    sha256 : str
        Expected SHA-256.
    timeout : float, default=30.0
        Seconds without an answer after which to give up.

    Returns
    -------
    path : pathlib.Path
        The same.

    Raises
    ------
    ChecksumError
        When what arrived has another hash.
    DatasetError
        When nothing, or only a part, arrived, or the cache cannot be written.
    """
    import pooch
    import requests

    label = f"{path.parent.name}/{path.name}"
    download = pooch.HTTPDownloader(
        progressbar=_Bar(label) if _wants_bar() else False,
        timeout=timeout,
        chunk_size=1 << 16,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as file:
            sink = _Hashing(file)
            download(address, sink, None)
            found = sink.hash.hexdigest()
            if found != sha256:
                raise ChecksumError(
                    f"{label} arrived from {address} with SHA-256 {found[:16]}…, its "
                    f"card says {sha256[:16]}…; nothing was kept. Try again; if it "
                    "stays so, the source has changed: report it"
                )
    except requests.RequestException as error:
        raise DatasetError(
            f"{label} could not be fetched from {address} "
            f"({type(error).__name__}); nothing was kept. Go online and try again, or "
            f"put the file into a folder as {label} and set MLWORKBENCH_DATA to "
            "that folder"
        ) from error
    except DatasetError:
        raise
    except OSError as error:
        raise DatasetError(
            f"{label} could not be written to the cache {path.parent} "
            f"({error.strerror or error}); nothing was kept. Free space there, make "
            "it writable, or set MLWORKBENCH_DATA to a folder that holds the file"
        ) from error
    return path


def find_file(name: str, file: str, entry: Mapping[str, Any]) -> Path:
    """Find a data set's file, fetching it when it is nowhere.

    Looked for in the folder `MLWORKBENCH_DATA` (read, never written), then in
    the user's cache, then at its address.

    Parameters
    ----------
    name, file : str
        Data set and file name.
    entry : mapping
        `address` and `sha256` from the card.

    Returns
    -------
    path : pathlib.Path
        A file with the right hash.

    Raises
    ------
    DatasetError
        When it cannot be had; `ChecksumError` for a wrong file in
        `MLWORKBENCH_DATA`.
    """
    import pooch

    folder = os.environ.get("MLWORKBENCH_DATA")
    if folder:
        path = Path(folder).expanduser() / name / file
        if path.is_file():
            if check_hash(path, entry["sha256"]):
                return path
            raise ChecksumError(
                f"{path} is not the file the card describes (SHA-256 differs from "
                f"{entry['sha256'][:16]}…); replace it, or unset MLWORKBENCH_DATA to "
                "fetch it anew"
            )
    path = Path(pooch.os_cache("mlworkbench")) / name / file
    if path.is_file() and check_hash(path, entry["sha256"]):
        return path
    return fetch_file(entry["address"], path, entry["sha256"])
