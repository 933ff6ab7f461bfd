"""Changes of texts: typing errors, upper and lower case, other words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import check_choice, check_columns, check_integer
from mlworkbench.evaluation._behaviour_rows import Rows
from mlworkbench.evaluation._perturbation import Copies, Perturbation

__all__ = ["casing", "swap_words", "typos"]

_CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
}


def typos(n: int = 1, *, column: Any = None, n_copies: int = 1) -> Perturbation:
    """Swap two neighbouring letters, as quick fingers do.

    Parameters
    ----------
    n : int, default=1
        Swaps per text.
    column : column label, optional
        The column with the texts, where X is a table.
    n_copies : int, default=1
        How many copies, each with typing errors of its own.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When X holds no texts, or a number is below 1.

    Notes
    -----
    Only two letters that differ are swapped; a text without such a pair stays
    as it is, and is not counted by the tests.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL.

    Examples
    --------
    >>> from mlworkbench.evaluation import perturb
    >>> perturb.typos().copies(["the flight was late"])
    {'typos': ['the flight was alte']}
    """
    n, n_copies = check_integer(n, "n", 1), check_integer(n_copies, "n_copies", 1)

    def make(rows: Rows, rng: np.random.Generator) -> Copies:
        copies = {}
        for number in range(n_copies):
            name = "typos" if n_copies == 1 else f"typos, copy {number + 1}"
            copies[name] = _map_texts(rows, column, lambda text: _mistype(text, n, rng))
        return copies

    return Perturbation("typos", make)


def casing(*kinds: str, column: Any = None) -> Perturbation:
    """Write texts in upper, lower or title case, one copy each.

    Parameters
    ----------
    *kinds : {"upper", "lower", "title"}
        Which; upper and lower case by default.
    column : column label, optional
        The column with the texts, where X is a table.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When X holds no texts, or a kind is unknown.

    Notes
    -----
    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> from mlworkbench.evaluation import perturb
    >>> perturb.casing("lower").copies(["NOT happy"])
    {'lower case': ['not happy']}
    """
    wanted = kinds or ("upper", "lower")
    for kind in wanted:
        check_choice(kind, "kinds", tuple(_CASES))
    return Perturbation(
        "casing",
        lambda rows, rng: {
            f"{kind} case": _map_texts(rows, column, _CASES[kind]) for kind in wanted
        },
    )


def swap_words(
    words: Mapping[str, Any] | Sequence[str], *, column: Any = None
) -> Perturbation:
    """Put other words in the place of some.

    Parameters
    ----------
    words : mapping or list of str
        A mapping gives the word to put in, or a list of such words, by the
        word to look for. A list says that each of its words may stand for any
        other, as names of towns do.
    column : column label, optional
        The column with the texts, where X is a table.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room. One copy per word put in.

    Raises
    ------
    TypeError, ValueError
        When X holds no texts, or `words` is empty.

    Notes
    -----
    Whole words only, whatever their case; a capital is kept. All words of a
    text are replaced at once. Texts with none of the words are not counted by
    the tests.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> from mlworkbench.evaluation import perturb
    >>> perturb.swap_words({"late": "delayed"}).copies(["Late again, too late"])
    {'words swapped': ['Delayed again, too delayed']}
    >>> perturb.swap_words(["Boston", "Denver"]).copies(["to Boston"])
    {'→ Boston': ['to Boston'], '→ Denver': ['to Denver']}
    """
    tables = _word_tables(words)
    return Perturbation(
        "words swapped",
        lambda rows, rng: {
            name: _map_texts(rows, column, _replacer(table))
            for name, table in tables.items()
        },
    )


def _word_tables(words: Any) -> dict[str, dict[str, str]]:
    """Give for each copy the new word by the old one in lower case."""
    if isinstance(words, str) or not words:
        raise ValueError(f"words is {words!r}; pass a mapping or a list of words")
    if not isinstance(words, Mapping):
        return {f"→ {new}": {str(w).lower(): str(new) for w in words} for new in words}
    lists = {
        str(old).lower(): [new] if isinstance(new, str) else list(new)
        for old, new in words.items()
    }
    if not all(lists.values()):
        raise ValueError("a word has nothing to be replaced by; give it a word")
    most = max(map(len, lists.values()))
    if most == 1:
        return {"words swapped": {old: news[0] for old, news in lists.items()}}
    single = len(lists) == 1
    return {
        f"→ {next(iter(lists.values()))[i]}" if single else f"words swapped {i + 1}": {
            old: news[i] for old, news in lists.items() if i < len(news)
        }
        for i in range(most)
    }


def _replacer(table: dict[str, str]) -> Callable[[str], str]:
    longest_first = sorted(table, key=lambda word: (-len(word), word))
    pattern = re.compile(
        r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)",
        re.IGNORECASE,
    )

    def replaced(match: re.Match[str]) -> str:
        found = match.group()
        new = table.get(found.lower(), found)
        if new.lower() == found.lower():
            return found
        return new[:1].upper() + new[1:] if found[:1].isupper() else new

    return lambda text: pattern.sub(replaced, text)


def _mistype(text: str, n: int, rng: np.random.Generator) -> str:
    """Swap n pairs of neighbouring letters, none of them twice."""
    letters = list(text)
    places = [
        i
        for i, (a, b) in enumerate(itertools.pairwise(letters))
        if a.isalpha() and b.isalpha() and a != b
    ]
    used: set[int] = set()
    for i in rng.permutation(places).tolist() if places else []:
        if len(used) == 2 * n:
            break
        if not used & {i, i + 1}:
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
            used |= {i, i + 1}
    return "".join(letters)


def _map_texts(rows: Rows, column: Any, function: Callable[[str], str]) -> Any:
    """Change texts, or those of one column of a table."""
    if rows.kind == "texts":
        return [function(text) for text in rows.values]
    if rows.kind != "table" or column is None:
        raise TypeError(
            "X holds no texts; pass a list of texts, or say with column= which column "
            "of the table holds them"
        )
    check_columns(rows.values, [column], "X")
    old = rows.values[column]
    odd = [v for v in old.dropna() if not isinstance(v, str)]
    if odd:
        raise TypeError(f"column {column!r} holds {odd[0]!r}, not texts; name another")
    new = [function(text) if isinstance(text, str) else text for text in old]
    frame = rows.values.copy()
    kind = object if isinstance(old.dtype, pd.CategoricalDtype) else old.dtype
    frame[column] = pd.Series(new, index=old.index, dtype=kind)
    return frame
