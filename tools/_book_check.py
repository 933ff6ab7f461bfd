"""Faults that Sphinx does not see: remote references, dead links, mute images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "faults", "read_page"]

#: Attributes from which a browser fetches without being asked.
_FETCHED = {
    "src": None,
    "srcset": None,
    "poster": None,
    "background": None,
    "data": {"object"},
    "href": {"link", "use", "image", "base"},
    "xlink:href": {"use", "image", "script"},
    "action": {"form"},
}
_REMOTE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", flags=re.IGNORECASE)
_IN_STYLE = re.compile(
    r"""(?:url\(\s*["']?|@import\s+["'])\s*((?:[a-z][a-z0-9+.-]*:)?//[^"')\s]+)""",
    flags=re.IGNORECASE,
)
_IN_SCRIPT = re.compile(
    r"""(?:\bimport\s*\(?|\bfrom|\bfetch\(|\bimportScripts\()\s*["']"""
    r"""((?:https?:)?//[^"']+)"""
)
_LOCAL = ("", "file")


@dataclass
class Page:
    """What one HTML page refers to.

    Parameters
    ----------
    ids : set of str
        Its anchors.
    links : list of str
        Targets of its hyperlinks.
    remote : list of str
        What a browser would fetch from elsewhere.
    mute : list of str
        Sources of images in the text without alternative text.
    """

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    mute: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self.raw = page, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        page, given = self.page, {name: value or "" for name, value in attrs}
        page.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            page.links.append(given["href"])
        if tag == "img" and not given.get("alt", "").strip():
            page.mute.append(given.get("src", "")[:80])
        for name, tags in _FETCHED.items():
            if name in given and (tags is None or tag in tags):
                found = given[name].split(",") if name == "srcset" else [given[name]]
                page.remote += [x.strip() for x in found if _REMOTE.match(x)]
        page.remote += _IN_STYLE.findall(given.get("style", ""))
        self.raw = tag if tag in ("style", "script") else ""

    def handle_endtag(self, tag: str) -> None:
        self.raw = ""

    def handle_data(self, data: str) -> None:
        if self.raw == "style":
            self.page.remote += _IN_STYLE.findall(data)
        elif self.raw == "script":
            self.page.remote += _IN_SCRIPT.findall(data)


def read_page(text: str) -> Page:
    """Read one page.

    Parameters
    ----------
    text : str
        HTML.

    Returns
    -------
    page : Page
        Its anchors and references.
    """
    page = Page()
    reader = _Reader(page)
    reader.feed(text)
    reader.close()
    return page


def faults(site: Path) -> list[str]:
    """Find what is wrong with a built site.

    Parameters
    ----------
    site : path
        Folder of the site.

    Returns
    -------
    faults : list of str
        One line each, `page: fault`; empty when all is well.
    """
    paths = sorted(site.rglob("*.html"))
    pages = {
        path.relative_to(site).as_posix(): read_page(path.read_text(encoding="utf-8"))
        for path in paths
    }
    files = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    found = []
    for name, page in pages.items():
        found += [
            f"{name}: fetches {address} from elsewhere" for address in page.remote
        ]
        found += [f"{name}: image {source} has no alt text" for source in page.mute]
        found += [f"{name}: {fault}" for fault in _dead_links(name, pages, files)]
    for path in sorted(site.rglob("*.css")):
        styles = path.read_text(encoding="utf-8")
        name = path.relative_to(site).as_posix()
        found += [
            f"{name}: fetches {x} from elsewhere" for x in _IN_STYLE.findall(styles)
        ]
    return found


def _dead_links(name: str, pages: dict[str, Page], files: set[str]) -> Iterator[str]:
    for link in pages[name].links:
        parts = urlsplit(link)
        if parts.scheme not in _LOCAL or parts.netloc:
            continue
        target = _resolve(name, unquote(parts.path)) if parts.path else name
        anchor = unquote(parts.fragment)
        if target not in files:
            yield f"link to {link}, which does not exist"
        elif anchor and target in pages and anchor not in pages[target].ids:
            yield f"link to {link}, which has no such anchor"


def _resolve(page: str, path: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / path).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
