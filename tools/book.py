"""Build the book from the committed notebooks, and serve it on this machine.

``build`` stages pages, notebooks, data cards and reference into
book/_generated, runs Jupyter Book there with warnings as errors, and puts the
site into book/_build/html once it is whole. No network is needed.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
NEEDED = ("jupyter_book", "numpydoc", "sphinx-mathjax-offline")
HINT = "run `make book`, or: python -m pip install -e '.[course,book]'"
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str or None
        None takes those of the process.

    Returns
    -------
    status : int
        0 when all is well, 1 when the book has faults, 2 for a wrong call or an
        environment that lacks what is needed.
    """
    options = _parser().parse_args(arguments)
    # Jupyter Book runs in the folder of its sources: no path may be relative.
    options.root = options.root.resolve()
    options.out = (options.out or options.root / "book" / "_build").resolve()
    if options.command == "serve":
        return serve(options.out / "html", options.port, not options.no_browser)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        say(f"this environment lacks {', '.join(missing)} (extra `book`); {HINT}")
        return 2
    if not (options.root / "book" / "_config.yml").is_file():
        say(f"{options.root} holds no book/_config.yml; --root wants the repository")
        return 2
    return build(options.root, options.out, fresh=options.fresh)


def build(root: Path, out: Path, *, fresh: bool = False, course: bool = True) -> int:
    """Build the site into `out`/html.

    Parameters
    ----------
    root : path
        Folder that holds `notebooks/` and `book/`.
    out : path
        Folder for the site. What is there is replaced when the new site is whole,
        and stays when the build fails.
    fresh : bool
        Read every page again.
    course : bool
        With the data cards and the reference of the package.

    Returns
    -------
    status : int
        0, or 1 when Jupyter Book reported an error or a warning.
    """
    from _book_stage import Book, collect, sync

    started = time.perf_counter()
    work = root / "book" / "_generated"
    source, built = work / "source", work / "build"
    work.mkdir(parents=True, exist_ok=True)
    with _only_one(work / "lock"):
        book = Book(root, os.environ.get("REPOSITORY", ""), _cards() if course else {})
        files = collect(book if course else Book(root, book.repository, {}, False))
        stamp = _stamp(files)
        if fresh or _read(work / "stamp") != stamp:
            shutil.rmtree(built, ignore_errors=True)
        changed = sync(files, source)
        say(f"{len(files)} files staged, {changed} changed")
        if _jupyter_book(source, built):
            # A second, incremental run would not read the faulty page again and
            # so would not repeat its warning.
            shutil.rmtree(built, ignore_errors=True)
            say("the book has faults (above); what was built before is unchanged")
            return 1
        (work / "stamp").write_text(stamp, encoding="utf-8")
        _publish(built / "_build" / "html", out / "html", root)
    size = sum(p.stat().st_size for p in (out / "html").rglob("*") if p.is_file())
    pages = sum(1 for _ in (out / "html").rglob("*.html"))
    seconds = time.perf_counter() - started
    say(f"{pages} pages, {size / 1e6:.1f} MB, {seconds:.0f} s: {out / 'html'}")
    return 0


def _cards() -> dict[str, str]:
    from mlworkbench import datasets

    return {name: datasets.card(name).to_markdown() for name in datasets.names()}


def _jupyter_book(source: Path, built: Path) -> int:
    """Run Jupyter Book; give its exit code."""
    environment = {
        **os.environ,
        "MPLBACKEND": "Agg",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(TOOLS), os.environ.get("PYTHONPATH")])
        ),
    }
    strict = ["-W", "-n", "--keep-going"]
    words = ["build", str(source), "--path-output", str(built), *strict]
    command = [sys.executable, "-c", JUPYTER_BOOK, *words]
    return subprocess.run(command, env=environment, check=False).returncode


def _stamp(files: Mapping[str, bytes]) -> str:
    """Name what an incremental build cannot see: settings, extension, versions."""
    names = ("sphinx", "myst-nb", "numpydoc", "sphinx-book-theme")
    extension = (TOOLS / "_book_sphinx.py").read_bytes()
    digest = hashlib.sha256(files["_config.yml"] + extension)
    digest.update(json.dumps([metadata.version(name) for name in names]).encode())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _publish(built: Path, target: Path, root: Path) -> None:
    """Put a copy of the finished site in the place of the old one."""
    new, old = target.with_name("html.new"), target.with_name("html.old")
    for rest in (new, old):
        shutil.rmtree(rest, ignore_errors=True)
    shutil.copytree(built, new, ignore=shutil.ignore_patterns(".buildinfo"))
    # The download button gives the notebook as it is committed.
    for path in (new / "_sources").rglob("*.ipynb"):
        shutil.copyfile(root / path.relative_to(new / "_sources"), path)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Wait until no other build works in the same folder."""
    try:
        import fcntl
    except ImportError:  # Windows: nobody else is kept out
        yield
        return
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is at work here; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def serve(folder: Path, port: int, browser: bool) -> int:
    """Serve a built site on loopback until interrupted.

    Parameters
    ----------
    folder : path
        The site.
    port : int
        0 takes any free port.
    browser : bool
        Open the first page.

    Returns
    -------
    status : int
        0 after an interrupt, 2 when there is no site or the port is taken.
    """
    if not (folder / "index.html").is_file():
        say(f"there is no book in {folder} yet: run `make book` first")
        return 2
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as problem:
        say(f"port {port} cannot be used ({problem.strerror}): choose one with --port")
        return 2
    address = f"http://127.0.0.1:{server.server_port}/"
    say(f"the book is at {address} (stop with Ctrl-C)")
    if browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/book.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="build the site")
    make.add_argument("--fresh", action="store_true", help="read every page again")
    look = commands.add_parser("serve", help="serve the site on this machine")
    look.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("PORT", "8000")),
        help="default: PORT, or 8000; 0 takes a free one",
    )
    look.add_argument(
        "--no-browser",
        action="store_true",
        default=bool(os.environ.get("NO_BROWSER")),
        help="print the address only (also: NO_BROWSER=1)",
    )
    for command in (make, look):
        command.add_argument("--out", type=Path, help="default: book/_build")
        command.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser


def say(message: str) -> None:
    """Print a line of progress at once."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
