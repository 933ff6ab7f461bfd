"""Which notebooks there are, and which text belongs to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS, NOTEBOOKS = "notebooks_src", "notebooks"


@dataclass(frozen=True)
class Pair:
    """A notebook and the text it is made from.

    Attributes
    ----------
    text : pathlib.Path
        The source, ``notebooks_src/…py``.
    notebook : pathlib.Path
        What is built, ``notebooks/…ipynb``.
    """

    text: Path
    notebook: Path


def find_pairs(paths: Iterable[Path] = (), root: Path = ROOT) -> list[Pair]:
    """Find the pairs of a repository, in reading order.

    Parameters
    ----------
    paths : iterable of path
        Files or folders of either side; all pairs when empty.
    root : path
        The repository.

    Returns
    -------
    pairs : list of Pair
        One of the two files of a pair may be missing (an orphan).

    Raises
    ------
    FileNotFoundError
        When a path names no notebook, no text and no folder that has some.
    """
    texts, notebooks = root / TEXTS, root / NOTEBOOKS
    names = {p.relative_to(texts).with_suffix("") for p in texts.rglob("*.py")}
    names |= {
        p.relative_to(notebooks).with_suffix("")
        for p in notebooks.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in p.parts
    }
    every = [
        Pair(texts / f"{name}.py", notebooks / f"{name}.ipynb")
        for name in sorted(names, key=lambda name: (len(name.parts), name))
    ]
    wanted = [Path(path).resolve() for path in paths]
    if not wanted:
        return every
    chosen = []
    for path in wanted:
        found = [
            pair
            for pair in every
            if any(one == path or path in one.parents for one in _both(pair))
        ]
        if not found:
            raise FileNotFoundError(
                f"{path} is no notebook of this repository; pass a file or a folder "
                f"below {TEXTS}/ or {NOTEBOOKS}/"
            )
        chosen += [pair for pair in found if pair not in chosen]
    return [pair for pair in every if pair in chosen]


def _both(pair: Pair) -> tuple[Path, Path]:
    return pair.text, pair.notebook


def orphans(pairs: Iterable[Pair]) -> Iterator[tuple[Path, str]]:
    """Name the files that have no partner.

    Parameters
    ----------
    pairs : iterable of Pair
        From `find_pairs`.

    Yields
    ------
    path, advice : tuple of (pathlib.Path, str)
        The lone file, and what to do.
    """
    for pair in pairs:
        if not pair.text.exists():
            yield (
                pair.notebook,
                f"has no text {pair.text.name} in {TEXTS}/; delete it, or make the "
                "text with: python tools/notebooks.py sync --from-notebook PATH",
            )
        elif not pair.notebook.exists():
            yield (
                pair.text,
                f"has no notebook in {NOTEBOOKS}/; build it with: "
                "python tools/notebooks.py run PATH",
            )
