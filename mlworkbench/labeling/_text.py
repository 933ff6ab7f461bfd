"""Find words and patterns in a column of text, and leave out what is denied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlworkbench._validation import check_columns

__all__ = ["TextMatch", "words_pattern"]

Mask = npt.NDArray[np.bool_]

# Where a clause ends; a dot only before a space, for 38.5 is one word.
_CLAUSE_END = re.compile(r"[.;!?](?=\s|$)|\n|\bbut\b", re.IGNORECASE)
# Texts for Python's engine: not printable ASCII, or empty (where \B is no match).
_OTHER = "^$|[^ -~]"
# What may not touch a word.
_START, _END = r"(?<!\w)", r"(?!\w)"
# Constructs that Python's engine and RE2 both read, but not as the same thing.
_READ_DIFFERENTLY = re.compile(r"\{,|\[:")


@dataclass(frozen=True)
class TextMatch:
    """Says in which rows a pattern is found, and not denied nearby.

    Parameters
    ----------
    column : object
        Label of the column of text.
    pattern : re.Pattern
        What to find.
    before, after : re.Pattern or None
        What takes a find back when it stands in the same clause, at most
        `window` words before or after it.
    window : int
        Number of words to look at on each side.
    """

    column: Any
    pattern: re.Pattern[str]
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    window: int = 6

    def __call__(self, frame: pd.DataFrame) -> Mask:
        """Give one boolean per row; a missing text counts as not found."""
        check_columns(frame, [self.column])
        column = frame[self.column]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            texts = pd.Series(column.cat.categories)
            found = np.append(self._find(_as_arrow(texts, self.column)), False)
            return np.asarray(found[codes])
        return self._find(_as_arrow(column, self.column))

    def _find(self, texts: Any) -> Mask:
        found = search(texts, self.pattern)
        if self.before is None and self.after is None:
            return found
        rows = np.flatnonzero(found)
        some = texts.take(pa.array(rows)).to_pylist()
        found[rows] = [self._stands(text) for text in some]
        return found

    def _stands(self, text: str) -> bool:
        """Whether at least one find in the text is not taken back."""
        return any(
            not self._denied(text, m.start(), m.end())
            for m in self.pattern.finditer(text)
        )

    def _denied(self, text: str, start: int, end: int) -> bool:
        if self.before is not None:
            clause = _CLAUSE_END.split(text[:start])[-1]
            near = _last_words(clause, self.window)
            if self.before.search(near):
                return True
        if self.after is not None:
            clause = _CLAUSE_END.split(text[end:], maxsplit=1)[0]
            near = _first_words(clause, self.window)
            return self.after.search(near) is not None
        return False


def _last_words(text: str, n: int) -> str:
    starts = [m.start() for m in re.finditer(r"\S+", text)]
    return text[starts[-n] :] if len(starts) > n else text


def _first_words(text: str, n: int) -> str:
    ends = [m.end() for m in re.finditer(r"\S+", text)]
    return text[: ends[n - 1]] if len(ends) > n else text


def words_pattern(words: list[str], case: bool) -> re.Pattern[str]:
    """Make a pattern that finds whole words and phrases.

    Parameters
    ----------
    words : list of str
        Words and phrases; a final ``*`` stands for any ending.
    case : bool
        Whether capital letters matter.

    Returns
    -------
    pattern : re.Pattern
        Matches one of them where no letter, digit or underscore touches it.
    """
    parts = []
    for word in words:
        stem, ending = (word[:-1], r"\w*") if word.endswith("*") else (word, "")
        parts.append(r"\s+".join(map(re.escape, stem.split())) + ending)
    # Longest first, so that a phrase is found whole.
    parts.sort(key=lambda part: (-len(part), part))
    flags = re.NOFLAG if case else re.IGNORECASE
    return re.compile(f"{_START}(?:{'|'.join(parts)}){_END}", flags)


def search(texts: Any, pattern: re.Pattern[str]) -> Mask:
    """Say which texts a pattern is found in, as `pattern.search` would.

    Arrow's engine (RE2) finds in linear time what Python's engine finds, and many
    times faster, but reads some patterns and some characters differently. It is
    used for texts of printable ASCII that are not empty, where the two agree, and
    for patterns that it can read; Python's engine does the rest.

    Parameters
    ----------
    texts : pyarrow Array or ChunkedArray of strings
        The texts.
    pattern : re.Pattern
        What to find.

    Returns
    -------
    found : ndarray of shape (n,), bool
        False where the text is missing.
    """
    fast = _for_arrow(pattern)
    if fast is not None:
        try:
            found = _as_bool(pc.match_substring_regex(texts, fast))
        except pa.ArrowInvalid:
            fast = None
    if fast is None:
        given = texts.to_pylist()
        look = pattern.search
        return np.array([t is not None and look(t) is not None for t in given], bool)
    other = _as_bool(pc.match_substring_regex(texts, _OTHER))
    for row in np.flatnonzero(other):
        found[row] = pattern.search(texts[int(row)].as_py()) is not None
    return found


def _for_arrow(pattern: re.Pattern[str]) -> str | None:
    """Write a pattern for RE2; None when it could be read differently there."""
    text = pattern.pattern
    known = re.IGNORECASE | re.DOTALL | re.MULTILINE | re.UNICODE
    if not text.isascii() or re.RegexFlag(pattern.flags) & ~known:
        return None
    # The edges that `words_pattern` writes: RE2 cannot look around.
    if text.startswith(_START) and text.endswith(_END):
        text = r"(?:^|\W)" + text[len(_START) : -len(_END)] + r"(?:\W|$)"
    if _READ_DIFFERENTLY.search(text):
        return None
    flags = {re.IGNORECASE: "i", re.DOTALL: "s", re.MULTILINE: "m"}
    letters = "".join(c for flag, c in flags.items() if pattern.flags & flag)
    return f"(?{letters}){text}" if letters else text


def _as_bool(found: Any) -> Mask:
    return np.array(pc.fill_null(found, False), dtype=np.bool_)


def _as_arrow(column: pd.Series, name: Any) -> Any:
    """Give a column of text as Arrow has it, without a copy where it can."""
    if isinstance(column.dtype, pd.StringDtype):
        return pa.array(column.array, from_pandas=True)
    if column.dtype != object:
        raise TypeError(
            f"column {name!r} is {column.dtype}; words are looked for in text: make "
            'it text with .astype("str"), or use rule_lf for numbers'
        )
    values = column.where(column.notna(), None).tolist()
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, str):
            raise TypeError(
                f"column {name!r} has {value!r} at row {row}, which is no text; "
                'make the column text with .astype("str")'
            )
    return pa.array(values, type=pa.string())
