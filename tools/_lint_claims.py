"""Every number in the prose is asserted by a claim or carries a citation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from _lint_lesson import Block, Cell, Findings, Lesson

MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|"
    "December|Spring|Summer|Autumn|Winter"
)
NAME = rf"(?!(?:{MONTHS})\b)[A-Z][\w'’-]+"
NAMES = rf"{NAME}(?:,? (?:and |& )?{NAME})*(?: et al\.?)?"
YEAR = r"(?:1[5-9]|20)\d\d[a-z]?"
CITATION = re.compile(
    rf"\([^()]*\b{NAMES},? {YEAR}\b[^()]*\)|{NAMES} \({YEAR}(?:[,;][^()]*)?\)"
)
# «Vitter, J. S. (1985). …» or «Jeffrey Vitter, *Title*, 1985» as a list item.
REFERENCE = re.compile(
    rf"(?:(?:[A-Z]\.\s?|{NAME}[ ,&]*|and |et al\.?)+)[,(:].*\b{YEAR}"
)
# Numbers that point somewhere: «chapter 12», «notebooks 02 and 03».
POINTER = re.compile(
    r"\b(?:chapter|notebook|exercise|section|step|question|cell|figure|table|part|"
    r"page)s?\s+\d+(?:\.\d+)*(?:(?:,| and|, and| to|–|-)\s*\d+)*",
    re.IGNORECASE,
)
NUMERAL = re.compile(
    r"(?<!\w)(?<!\d[.,])(?P<sign>(?:(?<![\w)])[−-])?)"
    r"(?P<digits>\d{1,3}(?:[,\u2009\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"(?P<percent>\s?(?:%|per ?cent\b))?"
)
SENTENCE = re.compile(
    r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!et al\.)(?<!vs\.)(?<!cf\.)(?<!\b[A-Z]\.)"
    r"\s+(?=[^\sa-z])"
)
SMALL = 10


class Numeral(NamedTuple):
    """A number as it is written, without separators.

    Attributes
    ----------
    digits : str
        With its sign and all its decimals.
    percent : bool
        Whether a per-cent sign or word follows.
    """

    digits: str
    percent: bool

    def __str__(self) -> str:
        """Write it as an author would."""
        whole, dot, decimals = self.digits.lstrip("-").partition(".")
        sign = "-" * self.digits.startswith("-")
        return f"{sign}{int(whole):,}{dot}{decimals}" + " %" * self.percent


def numerals(text: str) -> Iterator[Numeral]:
    """Find the numbers in a text.

    Parameters
    ----------
    text : str
        Plain text.

    Yields
    ------
    numeral : Numeral
        In order.
    """
    for match in NUMERAL.finditer(text):
        digits = re.sub(r"[,\u2009\u202f]", "", match["digits"])
        yield Numeral("-" * bool(match["sign"]) + digits, bool(match["percent"]))


def needs_claim(text: str) -> Iterator[Numeral]:
    """Find the numbers in prose that somebody must answer for.

    Parameters
    ----------
    text : str
        One paragraph.

    Yields
    ------
    numeral : Numeral
        Not those of sentences with a citation, years, whole numbers from 0 to 10
        and numbers of chapters and the like.
    """
    for sentence in SENTENCE.split(" ".join(text.split())):
        if CITATION.search(sentence):
            continue
        for match in NUMERAL.finditer(POINTER.sub(" ", sentence)):
            numeral = next(numerals(match[0]))
            plain = match["digits"].isdigit() and not numeral.percent
            if plain and int(match["digits"]) <= SMALL:
                continue
            if plain and re.fullmatch(YEAR, match["digits"]):
                continue
            yield numeral


def _prose(cell: Cell) -> Iterator[str]:
    """Give what a reader reads of a cell: markdown, figure texts, reasons."""
    for block in cell.blocks:
        if not (block.kind == "li" and REFERENCE.match(block.text)):
            yield _without_numbering(block)
    yield cell.alt
    for call in cell.calls("predict"):
        for keyword in call.keywords:
            if keyword.arg == "why" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _without_numbering(block: Block) -> str:
    if block.kind == "heading":
        return re.sub(r"^\d+(?:\.\d+)*\.?\s", "", block.text)
    if re.match(r"\d+ minutes ·", block.text):
        return ""
    return block.text


def claims(lesson: Lesson) -> Iterator[tuple[Cell, ast.Call, str | None]]:
    """Find the claims of a notebook.

    Parameters
    ----------
    lesson : Lesson
        The notebook.

    Yields
    ------
    cell, call, text : tuple of (Cell, ast.Call, str or None)
        The text is None where it is no plain string.
    """
    for cell in lesson.code:
        for call in cell.calls("claim"):
            first = call.args[0] if call.args else None
            known = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield cell, call, str(first.value) if known else None  # type: ignore[union-attr]


def claimed_numerals(lesson: Lesson) -> Findings:
    """Hold that each numeral of the prose stands in a claim or near a citation."""
    made = {n for _, _, text in claims(lesson) for n in numerals(text or "")}
    digits = {numeral.digits for numeral in made}
    for cell in lesson.cells:
        for text in _prose(cell):
            for numeral in needs_claim(text):
                if numeral not in made and (
                    numeral.percent or numeral.digits not in digits
                ):
                    yield (
                        cell,
                        f'says "{numeral}"; assert it in the claims cell, '
                        f'nb.claim("{numeral}", <what computes it>), '
                        "or cite its source in the same sentence, (Vitter 1985)",
                    )


def honest_claims(lesson: Lesson) -> Findings:
    """Hold that a claim compares a text with something computed."""
    for cell, call, text in claims(lesson):
        if text is None:
            yield (
                cell,
                "give nb.claim its text as a plain string, so that lint reads it",
            )
        elif not any(numerals(text)):
            yield cell, f"nb.claim({text!r}, …) holds no number; quote the prose's"
        values = [*call.args[1:2], *(k.value for k in call.keywords)]
        names = (ast.Name, ast.Call, ast.Attribute)
        if not any(isinstance(n, names) for v in values for n in ast.walk(v)):
            yield (
                cell,
                f"nb.claim({text!r}, …) compares a text with a literal; "
                "pass the expression that computes the number",
            )


def used_claims(lesson: Lesson) -> Findings:
    """Find claims that nothing quotes any more: left over from an older text."""
    words = [cell.source for cell in lesson.cells if "claims" not in cell.tags]
    quoted = {n.digits for source in words for n in numerals(source)}
    for cell, _, text in claims(lesson):
        for numeral in numerals(text or ""):
            if "claims" in cell.tags and numeral.digits not in quoted:
                yield (
                    cell,
                    f'claims "{text}", which the notebook says nowhere; remove it, '
                    "or write the number as the prose does",
                )
