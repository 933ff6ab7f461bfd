"""Give the learner a copy of the notebooks, and open JupyterLab on it.

`work/` is never overwritten: what is there belongs to the learner.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mlworkbench._files import replace_file, write_text

ROOT = Path(__file__).resolve().parent.parent
FIRST = "00_start_here.ipynb"
WIDGET = "application/vnd.jupyter.widget-view+json"


def digest(path: Path) -> str:
    """Give the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy(source: Path, target: Path) -> None:
    """Copy a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(target) as file:
        file.write(source.read_bytes())


def shipped(notebooks: Path) -> list[Path]:
    """List the course's notebooks, relative to their folder, in reading order."""
    return sorted(
        path.relative_to(notebooks)
        for path in notebooks.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    )


def update(notebooks: Path, work: Path) -> tuple[list[Path], list[Path]]:
    """Add the notebooks that `work` does not have.

    Parameters
    ----------
    notebooks, work : Path
        The course's folder and the learner's.

    Returns
    -------
    added, newer : list of Path
        What was copied; and what exists in `work` but has since changed in the
        course (left alone).
    """
    work.mkdir(exist_ok=True)
    record = work / ".shipped.json"
    known = json.loads(record.read_text()) if record.exists() else {}
    added, newer = [], []
    for name in shipped(notebooks):
        source, target = notebooks / name, work / name
        if not target.exists():
            copy(source, target)
            known[str(name)] = digest(source)
            added.append(name)
        elif known.get(str(name)) != digest(source) != digest(target):
            newer.append(name)
    write_text(record, json.dumps(known, indent=1, sort_keys=True) + "\n")
    return added, newer


def reset(notebooks: Path, work: Path, name: str) -> Path | None:
    """Restore one notebook in `work` and keep the learner's version beside it.

    Parameters
    ----------
    notebooks, work : Path
        The course's folder and the learner's.
    name : str
        The notebook: its path in either folder, or any part that only it has.

    Returns
    -------
    kept : Path or None
        Where the learner's version is now.

    Raises
    ------
    LookupError
        When `name` fits no notebook, or several.
    """
    names = shipped(notebooks)
    wanted = name.removeprefix("work/").removeprefix("notebooks/").strip()
    fits = [n for n in names if str(n) == wanted] or [
        n for n in names if wanted and wanted in str(n)
    ]
    if len(fits) != 1:
        shown = "\n  ".join(map(str, fits or names))
        what = "fits several" if fits else "fits no notebook; there are"
        raise LookupError(f"NOTEBOOK={wanted!r} {what}:\n  {shown}")
    target, kept = work / fits[0], None
    if target.exists():
        number = 1
        while (kept := target.with_suffix(f".mine-{number}.ipynb")).exists():
            number += 1
        shutil.move(target, kept)
    update(notebooks, work)
    return kept


def without_dead_widgets(model: dict[str, Any], **_: Any) -> None:
    """Drop, before a notebook is saved, what only its living kernel could show.

    A widget without its kernel opens as "model not found". The page of frames
    stored beside it still shows, so that one is kept alone.

    Parameters
    ----------
    model : dict
        What Jupyter is about to save; changed in place.
    **_
        The path and the contents manager, not used.
    """
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                data.pop(WIDGET, None)


def command(work: Path, token: str) -> list[str]:
    """Give the JupyterLab command line for a folder."""
    port = os.environ.get("PORT", "")
    line = [
        *(sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}"),
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        f"--IdentityProvider.token={token}",
        # A learner's edits must never reach the paired text of the repository.
        "--ServerApp.jpserver_extensions=jupyterlab_jupytext=False",
        "--FileContentsManager.pre_save_hook=lab.without_dead_widgets",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    line += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"] if port else []
    line += ["--no-browser"] if os.environ.get("NO_BROWSER") else []
    return [*line, "--allow-root"] if os.name == "posix" and os.getuid() == 0 else line


def environment() -> dict[str, str]:
    """Give the server an environment in which it finds this file's hook."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def start(work: Path) -> int:
    """Run JupyterLab until it is stopped."""
    token = secrets.token_urlsafe(24)
    port = os.environ.get("PORT") or "8888"
    print(
        f"\nJupyterLab: http://localhost:{port}/lab/tree/{FIRST}?token={token}\n"
        "(another port where that one is taken: see below) Stop it with Ctrl-C.\n",
        flush=True,
    )
    try:
        return subprocess.run(
            command(work, token), cwd=work, env=environment()
        ).returncode
    except KeyboardInterrupt:
        return 0


def main(arguments: list[str]) -> int:
    """Run `open`, `update` or `reset NAME`."""
    notebooks, work = ROOT / "notebooks", ROOT / "work"
    action = arguments[0] if arguments else "open"
    if action == "reset":
        try:
            kept = reset(notebooks, work, arguments[1] if len(arguments) > 1 else "")
        except LookupError as error:
            print(error, file=sys.stderr)
            return 2
        print("Restored." + (f" Your version: {kept}" if kept else ""))
        return 0
    added, newer = update(notebooks, work)
    print(f"{len(added)} notebook(s) added to work/.")
    for name in newer:
        print(f"The course has a newer {name}: make reset NOTEBOOK={name}")
    return start(work) if action == "open" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
