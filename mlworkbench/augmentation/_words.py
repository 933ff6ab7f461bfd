"""Where words and phrases are in a text."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

__all__ = ["Phrases", "token_pattern"]

_LAST_MARK = 0x1FFFF  # and the variation selectors, which are far above


@cache
def _letter() -> str:
    """Give the class of what is inside a word: letters, digits and their marks.

    An accent may be a character of its own, and so are most vowels of Indian
    scripts; for `re` they are no word characters.
    """
    places = [*range(0x300, _LAST_MARK + 1), *range(0xE0100, 0xE01F0)]
    marks = [i for i in places if unicodedata.category(chr(i)) in ("Mn", "Mc")]
    parts, start = [], marks[0]
    for this, following in zip(marks, [*marks[1:], sys.maxunicode], strict=True):
        if following != this + 1:
            parts.append(f"{chr(start)}-{chr(this)}")
            start = following
    # The joiners inside words of Persian and of Indian scripts.
    return rf"[\w\u200c\u200d{''.join(parts)}]"


@cache
def token_pattern() -> re.Pattern[str]:
    """Give what finds a word with what holds it together: 38.5, 120/80, don't.

    Returns
    -------
    pattern : re.Pattern
        One match per token.
    """
    return re.compile(_joined(r"'’.,/\-"))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(_joined(r"'’\-"))


def _joined(joints: str) -> str:
    return rf"\w{_letter()}*(?:[{joints}]\w{_letter()}*)*"


def _fold(text: str) -> str:
    """Write all spellings that `(?i:...)` holds equal in the same way."""
    if text.isascii():
        return text.upper()
    return "".join(char.lower()[0].upper() for char in text)


class Phrases:
    """Words and phrases to look for, in an index by how they begin.

    Parameters
    ----------
    keys : iterable of str
        What to find: in any case if in lower case, else as written.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._words = set()
        self._by_head: dict[str, list[str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        signs = set()
        # The longest is tried first. Of the same length, the spelling with
        # capitals is the more specific one.
        for key in sorted(keys, key=lambda k: (-len(k), k == k.lower(), k)):
            begins = _word().match(key)
            head = begins[0] if begins else key[0]
            if head == key and begins:
                self._words.add(key)
                continue
            self._by_head.setdefault(_fold(head), []).append(key)
            if not begins:
                signs.add(f"(?i:{re.escape(head)})")
        self._heads = re.compile("|".join([_word().pattern, *sorted(signs)]))

    def finditer(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Find keys, from left to right, whole words only, the longest first.

        Parameters
        ----------
        text : str
            Where to look.

        Yields
        ------
        start, end : int
            Where the key is; never overlapping.
        key : str
            The key, as given.
        """
        done = 0
        for found in self._heads.finditer(text):
            start, written = found.start(), found[0]
            if start < done:
                continue
            if self._by_head and (phrase := self._phrase(text, start, written)):
                key, done = phrase
                yield start, done, key
                continue
            key = written if written in self._words else written.lower()
            if key in self._words:
                yield start, found.end(), key

    def _phrase(self, text: str, start: int, written: str) -> tuple[str, int] | None:
        """Give the longest phrase that begins here, and where it ends."""
        head = _fold(written)
        keys = self._by_head.get(head)
        if keys is None:
            return None
        if head not in self._patterns:
            self._patterns[head] = _pattern(keys)
        found = self._patterns[head].match(text, start)
        return (keys[(found.lastindex or 1) - 1], found.end()) if found else None


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    """Give a pattern that finds phrases between words, a group for each."""
    groups = []
    for key in phrases:
        words = r"\s+".join(map(re.escape, key.split()))
        groups.append(f"((?i:{words}))" if key == key.lower() else f"({words})")
    letter = _letter()
    before = rf"(?<!{letter})(?<!{letter}['’\-])"
    after = rf"(?!{letter})(?!['’\-]\w)"
    return re.compile(f"{before}(?:{'|'.join(groups)}){after}")
