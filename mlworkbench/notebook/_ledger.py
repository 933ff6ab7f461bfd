"""What a learner guessed and solved: one line of JSON per event.

A line is appended by one write to a file opened for appending, so notebooks
that run side by side lose nothing and never wait for each other. A notebook
must not break, nor change what it shows, because of this file: what cannot be
written is kept in memory, what cannot be read is skipped, and `progress` says
so.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Ledger", "ledger", "ledger_path"]


def ledger_path() -> Path:
    """Tell where the ledger lies.

    Returns
    -------
    path : pathlib.Path
        In the folder that `MLWORKBENCH_HOME` names, or in the user's data
        folder. Nothing is created.
    """
    home = os.environ.get("MLWORKBENCH_HOME")
    if home:
        return Path(home).expanduser() / "progress.jsonl"
    import platformdirs

    folder = platformdirs.user_data_path("mlworkbench", appauthor=False)
    return Path(folder) / "progress.jsonl"


@dataclass
class Ledger:
    """The events of this session that could not be written, and why."""

    unwritten: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""

    def add(self, kind: str, name: str, **facts: Any) -> None:
        """Keep one event; never raises because of the file.

        Parameters
        ----------
        kind : {"check", "guess"}
            What happened.
        name : str
            The exercise or question.
        **facts : object
            Plain Python values.
        """
        when = datetime.now(UTC).isoformat(timespec="seconds")
        event = {"kind": kind, "name": name, "when": when, **facts}
        line = json.dumps(event, default=str, ensure_ascii=False)
        try:
            path = ledger_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            # The leading newline closes a line that a crash left half written.
            _append(path, f"\n{line}\n".encode("utf-8", "replace"))
        except (OSError, RuntimeError) as error:
            self.trouble = getattr(error, "strerror", None) or str(error)
            self.unwritten.append(event)

    def read(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Give all events, oldest first, and what went wrong in words.

        Returns
        -------
        events : list of dict
            Each with `kind`, `name`, `when`, and its facts.
        notes : list of str
            Empty when all is well.
        """
        notes, lines = [], []
        try:
            lines = ledger_path().read_bytes().splitlines()
        except FileNotFoundError:
            pass
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            notes.append(f"The ledger cannot be read ({reason}).")
        found = [_event(line) for line in lines if line.strip()]
        events = [event for event in found if event is not None]
        if len(events) < len(found):
            count = len(found) - len(events)
            notes.append(f"{count} damaged line(s) of the ledger were skipped.")
        if self.unwritten:
            notes.append(
                f"{len(self.unwritten)} event(s) of this session will be forgotten: "
                f"the ledger cannot be written ({self.trouble})."
            )
        return events + self.unwritten, notes


ledger = Ledger()


def _append(path: Path, line: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o644)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def _event(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        event = json.loads(line)
        if isinstance(event, dict) and all(
            isinstance(event.get(key), str) for key in ("kind", "name", "when")
        ):
            return event
    return None
