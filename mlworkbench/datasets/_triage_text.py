"""From drawn findings to the text of a triage note."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench.datasets import _phrases as bank

__all__ = ["write_texts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@lru_cache(maxsize=4096)
def _variants(phrase: str) -> tuple[str, ...]:
    """Give the ways a hurried hand writes a phrase; at least the phrase itself."""
    found = []
    for word, short in bank.ABBREVIATIONS.items():
        if re.search(rf"\b{word}\b", phrase):
            found.append(re.sub(rf"\b{word}\b", short, phrase))
    for word, wrong in bank.MISSPELLINGS.items():
        if re.search(rf"\b{word}\b", phrase):
            found += [re.sub(rf"\b{word}\b", w, phrase) for w in wrong]
    return tuple(found) or (phrase,)


def write_texts(
    draws: Floats, main: Ints, others: Ints, table: Mapping[str, Any], typos: float
) -> list[str]:
    """Put the pieces of each note together.

    Parameters
    ----------
    draws : ndarray of shape (n, 23)
        Uniform numbers, one row a note.
    main : ndarray of shape (n,)
        Positions in the bank of what is asserted.
    others : ndarray of shape (n, 4)
        What may be asserted too, denied twice, and mentioned.
    table : mapping
        `age`, `sex` and `arrival_mode` of each note.
    typos : float
        Share of pieces that are abbreviated or misspelt.

    Returns
    -------
    texts : list of str
        One text a note.
    """
    opening = [
        form.format(age=age, sex=sex)
        for form, age, sex in zip(
            _choose(draws[:, 0], bank.OPENINGS), table["age"], table["sex"], strict=True
        )
    ]
    arrival = [
        bank.MODE_TEXTS[mode][int(draw > 0.4)]
        for mode, draw in zip(table["arrival_mode"], draws[:, 1], strict=True)
    ]
    second = _assertion(draws[:, 3], others[:, 0])
    second = [s if d < 0.25 else "" for s, d in zip(second, draws[:, 4], strict=True)]
    pieces = [
        opening,
        arrival,
        _assertion(draws[:, 2], main),
        _choose(draws[:, 5], bank.DURATIONS),
        second,
        _about(draws[:, 6:8], others[:, 1], bank.NEGATIONS, 0.55),
        _about(draws[:, 8:10], others[:, 2], bank.NEGATIONS, 0.20),
        _about(draws[:, 10:12], others[:, 3], bank.MENTIONS, 0.25),
        _choose(draws[:, 12], bank.CLOSINGS),
    ]
    hurried = draws[:, 13:22] < typos
    return [
        _join(row, which, swap)
        for row, which, swap in zip(
            zip(*pieces, strict=True), draws[:, 22], hurried, strict=True
        )
    ]


def _choose(draw: Floats, options: tuple[str, ...]) -> list[str]:
    return [options[i] for i in (draw * len(options)).astype(np.intp)]


def _assertion(draw: Floats, which: Ints) -> list[str]:
    picked = (draw * 3).astype(np.intp)
    return [bank.FINDINGS[f].asserted[i] for f, i in zip(which, picked, strict=True)]


def _about(
    draws: Floats, which: Ints, forms: tuple[str, ...], share: float
) -> list[str]:
    """Deny or mention a finding in a share of the notes, nothing in the rest."""
    said = draws[:, 1] < share
    return [
        form.format(bank.FINDINGS[i].term) if s else ""
        for form, i, s in zip(_choose(draws[:, 0], forms), which, said, strict=True)
    ]


def _join(pieces: tuple[str, ...], draw: float, hurried: Any) -> str:
    """Join what is there; a hurried piece is misspelt or abbreviated."""
    kept = []
    for place, piece in enumerate(pieces):
        if not piece:
            continue
        if hurried[place]:
            options = _variants(piece)
            # A stable choice that depends on the piece and on the note.
            seed = zlib.crc32(piece.encode()) + int(draw * 1e6)
            piece = options[seed % len(options)]
        kept.append(piece)
    return (". ", "; ", ". ")[int(draw * 1e4) % 3].join(kept)
