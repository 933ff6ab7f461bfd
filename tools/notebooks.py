"""Pair, execute and check the notebooks.

``sync`` brings each notebook up to its text, keeping the outputs of unchanged
cells; ``run`` does the same and executes what is stale; ``lint`` says what a
notebook must still get right before it is committed. The text in notebooks_src/
is the source of truth; ``sync --from-notebook`` carries edits made in Jupyter back.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from _notebook_files import UnreadableError, sync, sync_from_notebook
from _notebook_pairs import ROOT, Pair, find_pairs, orphans


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str or None
        None takes those of the process.

    Returns
    -------
    status : int
        0 when all is well, 1 when a notebook is not, 2 for a wrong call.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "sync" and options.from_notebook and not options.paths:
        parser.error("--from-notebook overwrites texts: name the notebooks it is for")
    try:
        pairs = find_pairs(options.paths, options.root)
    except FileNotFoundError as problem:
        say(str(problem))
        return 2
    if not pairs:
        say(f"there are no notebooks in {options.root}")
        return 0
    command = {"sync": sync_command, "run": run_command, "lint": lint_command}
    try:
        return command[options.command](pairs, options)
    except UnreadableError as problem:
        say(str(problem))
        return 1


def sync_command(pairs: list[Pair], options: argparse.Namespace) -> int:
    """Bring notebooks up to their texts, or the other way round.

    Parameters
    ----------
    pairs : list of Pair
        Which.
    options : argparse.Namespace
        With `from_notebook` and `root`.

    Returns
    -------
    status : int
        1 when a file has no partner.
    """
    source, make = (
        ("notebook", sync_from_notebook)
        if options.from_notebook
        else (
            "text",
            sync,
        )
    )
    for pair in pairs:
        if getattr(pair, source).exists() and make(pair):
            written = pair.text if options.from_notebook else pair.notebook
            say(f"{_short(written, options.root)}: written")
    return _report_orphans(pairs, options.root)


def run_command(pairs: list[Pair], options: argparse.Namespace) -> int:
    """Execute notebooks.

    Parameters
    ----------
    pairs : list of Pair
        Which.
    options : argparse.Namespace
        With `all`, `jobs` and `root`.

    Returns
    -------
    status : int
        1 when a cell failed or a file has no partner.
    """
    from _notebook_run import NOTEBOOK_BUDGET, run_all

    failed = []
    ready = [pair for pair in pairs if pair.text.exists()]
    outcomes = run_all(ready, every=options.all, jobs=options.jobs)
    for number, outcome in enumerate(outcomes, 1):
        name = f"[{number}/{len(ready)}] {_short(outcome.pair.notebook, options.root)}"
        if outcome.error:
            say(f"{name}: FAILED after {outcome.seconds:.1f} s\n{outcome.error}")
            failed.append(outcome.pair)
        elif outcome.skipped:
            say(f"{name}: skipped, {outcome.skipped}")
        elif not outcome.executed:
            say(f"{name}: {'text updated' if outcome.changed else 'up to date'}")
        else:
            end = "" if outcome.changed else ", same as before"
            say(f"{name}: {outcome.seconds:.1f} s{end}")
            if outcome.seconds > NOTEBOOK_BUDGET:
                say(f"    over the budget of {NOTEBOOK_BUDGET} s: use fewer rows")
    others = [pair for pair in pairs if pair not in failed]
    return max(int(bool(failed)), _report_orphans(others, options.root))


def lint_command(pairs: list[Pair], options: argparse.Namespace) -> int:
    """Print what is wrong with notebooks.

    Parameters
    ----------
    pairs : list of Pair
        Which.
    options : argparse.Namespace
        With `root`.

    Returns
    -------
    status : int
        1 when something is wrong.
    """
    from _notebook_lint import lint_pair

    problems = [p for pair in pairs for p in lint_pair(pair, options.root)]
    for problem in problems:
        print(problem)
    found = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
    say(f"{len(pairs)} notebook{'s' * (len(pairs) != 1)}, {found}")
    return int(bool(problems))


def _report_orphans(pairs: list[Pair], root: Path) -> int:
    lone = [(path, advice) for path, advice in orphans(pairs)]
    for path, advice in lone:
        say(f"{_short(path, root)}: {advice}")
    return int(bool(lone))


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def say(message: str) -> None:
    """Print a line of progress at once, beside the results.

    Parameters
    ----------
    message : str
        The line.
    """
    print(message, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    summary = (__doc__ or "").split("\n", 1)[0]
    parser = argparse.ArgumentParser(prog="notebooks.py", description=summary)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in [
        ("sync", "bring notebooks up to their texts, without executing"),
        ("run", "sync, then execute what is stale"),
        ("lint", "say what breaks the rules of the course"),
    ]:
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("paths", nargs="*", type=Path, help="files or folders")
        command.add_argument("--root", type=_folder, default=ROOT, help="repository")
        if name == "sync":
            command.add_argument(
                "--from-notebook", action="store_true", help="notebook to text"
            )
        if name == "run":
            command.add_argument("--all", action="store_true", help="stale or not")
            command.add_argument(
                "-j", "--jobs", type=int, default=1, help="how many at once"
            )
    return parser


def _folder(path: str) -> Path:
    return Path(path).resolve()


if __name__ == "__main__":
    sys.exit(main())
