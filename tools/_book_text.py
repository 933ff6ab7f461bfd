"""Markdown of the notebooks, as the book wants it: pure functions on text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

__all__ = ["admonitions", "first_mentions", "heading", "minutes_line"]

KINDS = ("note", "tip", "warning", "important", "caution")
_OPENING = re.compile(
    rf"^> ?\*\*({'|'.join(KINDS)})[.:]\*\*[ ]*(.*)$", flags=re.IGNORECASE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_SPAN = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")
_MINUTES = re.compile(
    r"^\*(?P<minutes>\d+) minutes?(?: · (?P<rest>[^*]*))?\*[ ]*$", re.MULTILINE
)


def lines_outside_fences(text: str) -> Iterator[tuple[str, bool]]:
    """Give each line, and whether it is prose (not inside a code fence)."""
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence:
            yield line, False
            if match and line.strip().startswith(fence) and not line.strip("`~ "):
                fence = ""
        elif match:
            fence = match[1]
            yield line, False
        else:
            yield line, True


def admonitions(text: str) -> str:
    """Turn blockquotes that begin `> **Note.** …` into MyST admonitions."""
    result: list[str] = []
    block: list[str] = []
    kind, previous = "", ""

    def close() -> None:
        nonlocal kind
        # The fence must be longer than any inside the block.
        inner = max((len(m) for m in re.findall(r":{3,}", "\n".join(block))), default=2)
        colons = ":" * (inner + 1)
        result.extend([f"{colons}{{{kind}}}", *block, colons])
        block.clear()
        kind = ""

    for line, prose in lines_outside_fences(text):
        opens = prose and not previous.startswith(">")
        previous = line
        match = _OPENING.match(line) if opens else None
        if match:
            kind = match[1].lower()
            block.append(match[2])
        elif kind and line.startswith(">"):
            block.append(line[2:] if line.startswith("> ") else line[1:])
        else:
            if kind:
                close()
            result.append(line)
    if kind:
        close()
    return "\n".join(result)


def first_mentions(text: str, names: Mapping[str, str], seen: set[str]) -> str:
    """Link the first mention of each public name to its API entry.

    Parameters
    ----------
    text : str
        Markdown of one cell.
    names : mapping
        What may be written in a code span, and the full name it means.
    seen : set of str
        Full names already linked in this notebook; changed in place.

    Returns
    -------
    text : str
        The same text with `{py:obj}` roles in it.
    """

    def link(match: re.Match[str]) -> str:
        words = match[1].removesuffix("()")
        full = names.get(words)
        if full is None or full in seen:
            return match[0]
        seen.add(full)
        return f"{{py:obj}}`{match[1]} <{full}>`"

    return map_prose(text, lambda line: _outside_links(line, link))


def map_prose(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to each line that is neither a heading nor in a fence."""
    return "\n".join(
        change(line) if prose and not line.startswith("#") else line
        for line, prose in lines_outside_fences(text)
    )


def _outside_links(line: str, link: Callable[[re.Match[str]], str]) -> str:
    if "](" in line or "{" in line or "<" in line:  # a link, a role or HTML: leave it
        return line
    return _SPAN.sub(link, line)


def heading(text: str) -> str | None:
    """Give the text of the first level-one heading, or None."""
    for line, prose in lines_outside_fences(text):
        if prose and line.startswith("# "):
            return line[2:].strip()
    return None


def minutes_line(
    text: str, link: Callable[[str], str | None] = lambda name: None
) -> tuple[int | None, str]:
    """Read `*12 minutes · data: flights*` and link the data sets in it.

    Parameters
    ----------
    text : str
        Markdown of the title cell.
    link : callable
        Gives the address of a data set's card, or None where there is none.

    Returns
    -------
    minutes : int or None
        None where the cell has no such line.
    text : str
        The text with the links in it.
    """
    match = _MINUTES.search(text)
    if match is None:
        return None, text
    parts = (match["rest"] or "").split(" · ")
    shown = " · ".join(_link_data(part, link) for part in parts if part)
    line = f"*{match['minutes']} minutes{' · ' if shown else ''}{shown}*"
    return int(match["minutes"]), text[: match.start()] + line + text[match.end() :]


def _link_data(part: str, link: Callable[[str], str | None]) -> str:
    if not part.startswith("data:"):
        return part

    def one(match: re.Match[str]) -> str:
        address = link(match[0])
        return f"[{match[0]}]({address})" if address else match[0]

    return "data:" + re.sub(r"[a-z][a-z0-9_]+", one, part.removeprefix("data:"))
