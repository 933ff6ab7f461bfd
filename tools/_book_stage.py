"""Collect everything the book is made of, as a mapping from path to content.

Nothing is written here except by `sync`, which touches only files whose content
changed, so that Sphinx reads again only what is new.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _book_api as api
import _book_notebooks
import yaml
from _book_notebooks import Notebook

__all__ = ["Book", "collect", "sync"]

MATHJAX = "sphinx-mathjax-offline"
#: The parts of MathJax that a page can ask for; the package holds 24 MB.
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"


@dataclass(frozen=True)
class Book:
    """Where the sources of a book lie.

    Parameters
    ----------
    root : pathlib.Path
        Folder that holds `notebooks/` and `book/`.
    repository : str
        Address for the repository, Binder and Colab buttons; empty for none.
    cards : mapping of str to str
        Markdown of each data card by name.
    reference : bool
        Whether to write the reference pages.
    """

    root: Path
    repository: str = ""
    cards: Mapping[str, str] | None = None
    reference: bool = True


def collect(book: Book) -> dict[str, bytes]:
    """Give every file of the staged book, by its path in the staging folder."""
    names = api.short_names(api.all_names()) if book.reference else {}
    cards = dict(book.cards or {})
    notebooks = _book_notebooks.read_all(book.root / "notebooks")
    used_in: dict[str, list[str]] = {}
    for notebook in notebooks:
        for name in sorted(notebook.uses):
            used_in.setdefault(name, []).append(notebook.page)
    files: dict[str, bytes | str] = {}
    for notebook in notebooks:
        files[f"{notebook.page}.ipynb"] = notebook.staged(names, set(cards))
    files |= _pages(book, notebooks)
    files |= _card_pages(cards, notebooks)
    if book.reference:
        files |= _reference_pages()
    files["_facts.json"] = _json({"names": names, "used_in": used_in})
    files["_config.yml"] = _config(book)
    files["_toc.yml"] = _toc(files, notebooks)
    content = {p: x.encode() if isinstance(x, str) else x for p, x in files.items()}
    return content | _static(book) | _mathjax()


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True)


def sync(files: Mapping[str, bytes], folder: Path) -> int:
    """Make `folder` hold exactly `files`; give the number of changes made."""
    changes = 0
    for path, content in files.items():
        target = folder / path
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        changes += 1
    for found in sorted(folder.rglob("*"), reverse=True):
        if found.is_dir():
            if not any(found.iterdir()):
                found.rmdir()
        elif found.relative_to(folder).as_posix() not in files:
            found.unlink()
            changes += 1
    return changes


def _pages(book: Book, notebooks: list[Notebook]) -> dict[str, bytes | str]:
    """Give the pages written by hand, and an opening page for each chapter."""
    source = book.root / "book"
    pages: dict[str, bytes | str] = {}
    for path in (*source.glob("*.md"), *(source / "chapters").glob("*.md")):
        pages[path.relative_to(source).as_posix()] = path.read_text(encoding="utf-8")
    chapters = _book_notebooks.chapters(notebooks)
    for chapter, members in chapters.items():
        page = f"chapters/{chapter}.md"
        text = str(pages.get(page) or f"# {_chapter_title(chapter)}\n\n{NOTEBOOKS}\n")
        pages[page] = text.replace(NOTEBOOKS, _notebook_list(members))
    for page in [p for p in pages if p.startswith("chapters/")]:
        if Path(page).stem not in chapters:  # written before its notebooks
            del pages[page]
    if "index.md" in pages:
        pages["index.md"] = (
            str(pages["index.md"])
            .replace(MAP, _map(source / "map.yml", list(chapters)))
            .replace(COUNTS, _counts(notebooks))
        )
    return pages


#: What a page may hold for the staging to fill in.
NOTEBOOKS, MAP, COUNTS = "<!-- notebooks -->", "<!-- map -->", "<!-- counts -->"


def _chapter_title(chapter: str) -> str:
    number, _, name = chapter.partition("_")
    return f"{int(number[2:])}. {name.replace('_', ' ').capitalize()}"


def _notebook_list(notebooks: list[Notebook]) -> str:
    lines = ["| notebook | minutes | data |", "|---|---:|---|"]
    for n in notebooks:
        data = ", ".join(f"[{d}](../cards/{d}.md)" for d in sorted(n.data)) or "–"
        lines.append(
            f"| [{n.title}](../{n.page}.ipynb) | {n.minutes or '–'} | {data} |"
        )
    return "\n".join(lines)


def _counts(notebooks: list[Notebook]) -> str:
    minutes = sum(n.minutes or 0 for n in notebooks)
    return f"{len(notebooks)} notebooks, {minutes} minutes of reading and doing"


def _map(path: Path, chapters: list[str]) -> str:
    """Draw the life of a system as a list; a stage with a chapter is a link."""
    stages = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else []
    items = []
    for stage in stages:
        page = next((c for c in chapters if c.startswith(f"{stage['chapter']}_")), None)
        number = int(stage["chapter"].removeprefix("ch"))
        name = html.escape(stage["stage"])
        name = f'<a href="chapters/{page}.html">{name}</a>' if page else name
        state = "written" if page else "planned"
        items.append(
            f'<li class="stage-{state}"><span class="stage"><small>{number} ·</small> '
            f"<strong>{name}</strong></span>"
            f"<span class='asks'>{html.escape(stage['asks'])}</span></li>"
        )
    return f'<ol class="life-map">\n{chr(10).join(items)}\n</ol>' if items else ""


def _card_pages(
    cards: Mapping[str, str], notebooks: list[Notebook]
) -> dict[str, bytes | str]:
    if not cards:
        return {}
    lines = [
        "# Data cards",
        "",
        CARDS_TEXT,
        "",
        "| data set | what it is |",
        "|---|---|",
    ]
    pages: dict[str, bytes | str] = {}
    for name, text in cards.items():
        title, _, body = text.removeprefix("# ").partition("\n")
        summary = body.strip().partition("\n")[0]
        lines.append(f"| [{title}]({name}.md) `{name}` | {summary} |")
        users = [n for n in notebooks if name in n.data]
        links = [f"- [{n.title}](../{n.page}.ipynb)" for n in users]
        # The card names its notebooks; the book knows who really loads it.
        own = text.partition(f"\n{USED_IN}\n")[0].rstrip() if links else text.rstrip()
        end = ["", USED_IN, "", *links] if links else []
        pages[f"cards/{name}.md"] = "\n".join([own, *end]) + "\n"
    return {"cards/index.md": "\n".join(lines) + "\n", **pages}


USED_IN = "## Notebooks that use it"
CARDS_TEXT = (
    "What is in each data set, where it comes from, what is wrong with it, and what "
    "it must not be used for. Read the card before you trust a number."
)


def _reference_pages() -> dict[str, bytes | str]:
    pages: dict[str, bytes | str] = {
        f"api/{room}.rst": api.room_page(room) for room in api.rooms()
    }
    about = {"reports": "What an analysis returns, in every room."}
    pages["api/reports.rst"] = api.shared_page()
    pages["api/index.rst"] = api.index_page(about)
    return pages


def _config(book: Book) -> str:
    path = book.root / "book" / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    repository = config.setdefault("repository", {})
    url = book.repository or repository.get("url", "")
    theme = config["sphinx"]["config"]["html_theme_options"]
    if url:
        theme |= {
            "repository_url": url,
            "repository_branch": repository.get("branch", "main"),
            "path_to_docs": "",
            "use_repository_button": True,
            "use_issues_button": True,
            "launch_buttons": {
                "notebook_interface": "jupyterlab",
                "binderhub_url": BINDER,
                "colab_url": COLAB,
            },
        }
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _toc(files: Mapping[str, object], notebooks: list[Notebook]) -> str:
    """Put the pages in reading order: the folders' own."""
    first = [{"file": n.page} for n in notebooks if not n.chapter]
    chapters = [
        {"file": f"chapters/{name}", "sections": [{"file": n.page} for n in members]}
        for name, members in _book_notebooks.chapters(notebooks).items()
    ]
    back: list[dict[str, Any]] = []
    for folder in ("cards", "api"):
        pages = [p.rsplit(".", 1)[0] for p in files if p.startswith(f"{folder}/")]
        if pages:
            index = f"{folder}/index"
            sections = [{"file": p} for p in pages if p != index]
            back.append({"file": index, "sections": sections})
    hand = [p[:-3] for p in files if p.endswith(".md") and "/" not in p]
    back += [{"file": p} for p in sorted(hand) if p != "index"]
    parts = [("Begin", first), ("Chapters", chapters), ("Look up", back)]
    toc = {
        "format": "jb-book",
        "root": "index",
        "parts": [{"caption": c, "chapters": pages} for c, pages in parts if pages],
    }
    return yaml.safe_dump(toc, sort_keys=False)


def _static(book: Book) -> dict[str, bytes]:
    source = book.root / "book"
    found = (p for p in (source / "_static").rglob("*") if p.is_file())
    return {p.relative_to(source).as_posix(): p.read_bytes() for p in found}


def _mathjax() -> dict[str, bytes]:
    spec = importlib.util.find_spec(MATHJAX)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {MATHJAX!r}", name=MATHJAX)
    source = Path(spec.origin).parent / "static" / "mathjax"
    files: dict[str, bytes] = {}
    for part in MATHJAX_PARTS:
        path = source / part
        for found in [path] if path.is_file() else path.rglob("*"):
            if found.is_file():
                name = found.relative_to(source).as_posix()
                files[f"extra/vendor/mathjax/{name}"] = found.read_bytes()
    if not files:
        raise FileNotFoundError(f"{os.fspath(source)} holds no MathJax")
    return files
