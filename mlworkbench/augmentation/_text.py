"""New texts from old ones: tokens masked at random, words replaced by others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import RandomState, as_generator

__all__ = ["random_tokens", "replace_words"]

# A word with what holds it together: don't, well-known, 38.5, 120/80.
_TOKEN = re.compile(r"\w+(?:['’.,/\-]\w+)*")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_BEFORE, _AFTER = r"(?<!\w)(?<!\w['’\-])", r"(?!['’\-]?\w)"


def random_tokens(
    text: Any,
    mask_rate: float = 0.15,
    replace_share: float = 0.10,
    *,
    vocabulary: Sequence[str] | None = None,
    mask_token: str = "[MASK]",  # noqa: S107, it is a word
    keep_share: float = 0.10,
    random_state: RandomState = None,
) -> Any:
    """Hide or replace a few words, as BERT is trained to see them.

    Of all tokens `mask_rate` are chosen. Of the chosen ones `replace_share`
    become another word at random, `keep_share` stay as they are, and the rest
    are masked. With the defaults 15 % are chosen, 12 % of all tokens become
    the mask, 1.5 % become nonsense, and 1.5 % are chosen and stay.

    *The label:* preserved most of the time only. The word that decides
    ("no" in "no fever") can be among the chosen. For word-by-word labels
    positions are preserved, since every token stays one token.

    Parameters
    ----------
    text : str or sequence of str
        The text or texts: str, list, tuple, array or Series. Missing texts
        stay missing. A token is a word or number with its apostrophes,
        hyphens and decimal points; punctuation and spaces are left alone.
    mask_rate : float, default=0.15
        Share of the tokens that are chosen, in [0, 1].
    replace_share : float, default=0.10
        Share of the chosen ones that become another word.
    vocabulary : sequence of str, optional
        Words to replace with, each equally likely; the different tokens of
        the texts by default.
    mask_token : str, default="[MASK]"
        What stands for a masked token.
    keep_share : float, default=0.10
        Share of the chosen ones that stay as they are.
    random_state : int, Generator or None
        Seed or generator.

    Returns
    -------
    changed : str or sequence of str, as `text`
        The texts; a Series keeps its index and name.

    Raises
    ------
    TypeError
        When a text is not a string.
    ValueError
        When a share is outside [0, 1], the shares exceed 1 together, or the
        vocabulary has no other word to offer.

    Notes
    -----
    The counts are those of the shares over all texts of the call, and not
    drawn token by token: 1,000 tokens give 150 chosen, 15 of them replaced and
    15 kept. A count that is not whole is rounded up or down at random, so that
    short texts have the right shares on average. A token is never replaced by
    itself. O(tokens).

    References
    ----------
    .. [1] J. Devlin, M.-W. Chang, K. Lee, K. Toutanova (2019), BERT:
       pre-training of deep bidirectional transformers for language
       understanding, NAACL, section 3.1.

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> note = "Chest pain since the morning, no fever, pulse 96."
    >>> random_tokens(note, mask_rate=0.25, random_state=0)
    'Chest pain since the [MASK], [MASK] fever, pulse 96.'
    """
    shares = {"mask_rate": mask_rate, "replace_share": replace_share}
    for name, share in (shares | {"keep_share": keep_share}).items():
        _check_share(share, name)
    if replace_share + keep_share > 1:
        raise ValueError(
            f"replace_share and keep_share are {replace_share} and {keep_share}, "
            "together above 1; they are shares of the chosen tokens"
        )
    if not isinstance(mask_token, str):
        raise TypeError(f"mask_token is {mask_token!r}; pass a str")
    texts, rebuild = _open(text)
    rng = as_generator(random_state)
    spans = [
        (row, found.span())
        for row, one in enumerate(texts)
        if one is not None
        for found in _TOKEN.finditer(one)
    ]
    tokens = [str(texts[row])[slice(*span)] for row, span in spans]
    chosen = rng.permutation(len(tokens))[: _round(mask_rate * len(tokens), rng)]
    n_replaced = _round(replace_share * len(chosen), rng)
    n_kept = min(_round(keep_share * len(chosen), rng), len(chosen) - n_replaced)
    words = _words(tokens if vocabulary is None else vocabulary)
    new = dict.fromkeys(chosen[n_replaced + n_kept :].tolist(), mask_token)
    for at in chosen[:n_replaced].tolist():
        new[at] = _other_word(tokens[at], words, rng)
    edits: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    for at in sorted(new):
        row, (start, end) = spans[at]
        edits[row].append((start, end, new[at]))
    return rebuild(
        [None if t is None else _edit(t, e) for t, e in zip(texts, edits, strict=True)]
    )


def replace_words(
    text: Any,
    synonyms: Mapping[str, str | Sequence[str]],
    *,
    rate: float = 1.0,
    random_state: RandomState = None,
) -> Any:
    """Replace whole words and phrases by words that mean the same.

    *The label:* preserved as far as the synonyms are true in every sentence
    they meet. Read a few results: "light" weighs little in one sentence, and
    shines in the next. Word-by-word labels are not preserved, because a
    replacement may have more or fewer words.

    Parameters
    ----------
    text : str or sequence of str
        The text or texts: str, list, tuple, array or Series. Missing texts
        stay missing.
    synonyms : mapping of str to str or sequence of str
        What to put for a word or phrase; of several, each equally likely. A
        key in lower case finds the word in any case, and its replacement
        takes over a capital first letter or all capitals; a key with capitals
        ("US", "MI") finds that spelling only, and its replacement is written
        as given.
    rate : float, default=1.0
        Chance of every find to be replaced, drawn one by one, in [0, 1].
    random_state : int, Generator or None
        Seed or generator; matters with a rate below 1 or several synonyms.

    Returns
    -------
    changed : str or sequence of str, as `text`
        The texts; a Series keeps its index and name.

    Raises
    ------
    TypeError
        When a text, a key or a replacement is not a string.
    ValueError
        When there are no synonyms, a key or a replacement is empty, or
        `rate` is outside [0, 1].

    Notes
    -----
    One pass over each text: what was put in is not looked at again, so
    replacements never chain or swap back. The longest key wins ("chest pain"
    before "pain"), the leftmost find first. Whole words only: "pain" finds
    neither "pains" nor "pain-free"; give inflected forms as keys of their own.
    O(characters + words × phrases): words are looked up, and only keys of
    several words are tried one by one.

    References
    ----------
    .. [1] X. Zhang, J. Zhao, Y. LeCun (2015), Character-level convolutional
       networks for text classification, NeurIPS, section 2.4.

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> words = {"chest pain": "pressure in the chest", "pain": "ache", "MI": "infarct"}
    >>> replace_words("Chest pain after MI, no back pain. Painful.", words)
    'Pressure in the chest after infarct, no back ache. Painful.'
    """
    _check_share(rate, "rate")
    choices = _choices(synonyms)
    # A word is looked up; a phrase needs a pattern, the longest tried first. Of
    # the same length, the spelling with capitals is the more specific one.
    phrases = [key for key in choices if not _WORD.fullmatch(key)]
    phrases.sort(key=lambda k: (-len(k), k == k.lower(), k))
    pattern = _pattern(phrases)
    texts, rebuild = _open(text)
    rng = as_generator(random_state)

    def swap(found: re.Match[str]) -> str:
        written = found[0]
        if found.lastindex:
            key = phrases[found.lastindex - 1]
        else:
            key = written if written in choices else written.lower()
        if key not in choices or (rate < 1 and rng.random() >= rate):
            return written
        options = choices[key]
        new = options[int(rng.integers(len(options)))] if options[1:] else options[0]
        return new if key != key.lower() else _in_case(new, written)

    return rebuild([None if t is None else pattern.sub(swap, t) for t in texts])


def _check_share(value: Any, name: str) -> None:
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{name} is {value!r}; pass a number in [0, 1]")


def _open(text: Any) -> tuple[list[str | None], Callable[[list[Any]], Any]]:
    """Give the texts as a list, and how to make what was given of a list."""
    if isinstance(text, str):
        return [text], lambda new: new[0]
    if isinstance(text, pd.Series):
        index, name, dtype = text.index, text.name, text.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = np.dtype(object)
        given = text.astype(object).where(text.notna(), None).tolist()

        def rebuild(new: list[Any]) -> Any:
            return pd.Series(new, index=index, name=name, dtype=dtype)

    elif isinstance(text, np.ndarray) and text.ndim == 1:
        given = text.tolist()

        def rebuild(new: list[Any]) -> Any:
            return np.array(new, dtype=object if text.dtype == object else None)

    elif isinstance(text, list | tuple):
        given, rebuild = list(text), type(text)
    else:
        raise TypeError(
            f"text is a {type(text).__name__}; pass a str, or a list, tuple, 1-D "
            "array or Series of them"
        )
    for row, one in enumerate(given):
        if one is None or one is pd.NA or (isinstance(one, float) and np.isnan(one)):
            given[row] = None
        elif not isinstance(one, str):
            raise TypeError(f"text has {one!r} at row {row}, which is no str")
    return given, rebuild


def _round(value: float, rng: np.random.Generator) -> int:
    """Round up or down at random, so that the mean is the value."""
    whole = int(value + 1e-9)
    rest = value - whole
    return whole + int(rest > 1e-9 and rng.random() < rest)


def _words(words: Sequence[str]) -> list[str]:
    if isinstance(words, str):
        raise TypeError("vocabulary is one str; pass a list of words")
    for word in words:
        if not isinstance(word, str) or not word:
            raise TypeError(f"vocabulary has {word!r}; pass words, each a str")
    return sorted(set(words))


def _other_word(token: str, words: list[str], rng: np.random.Generator) -> str:
    if not words or words == [token]:
        raise ValueError(
            f"vocabulary has no word other than {token!r} to replace it with; pass "
            "a longer vocabulary, or replace_share=0"
        )
    while (word := words[int(rng.integers(len(words)))]) == token:
        pass
    return word


def _edit(text: str, edits: list[tuple[int, int, str]]) -> str:
    parts, last = [], 0
    for start, end, new in edits:
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


def _choices(synonyms: Any) -> dict[str, list[str]]:
    """Give the replacements of every key as a list."""
    if not isinstance(synonyms, Mapping):
        raise TypeError(
            f"synonyms is a {type(synonyms).__name__}; pass a dict, word → synonyms"
        )
    if not synonyms:
        raise ValueError("synonyms is empty; pass at least one word")
    choices = {}
    for key, given in synonyms.items():
        if not isinstance(key, str):
            raise TypeError(f"synonyms has the key {key!r}; pass words, each a str")
        if not key.strip():
            raise ValueError(f"synonyms has the key {key!r}; pass a word")
        options = [given] if isinstance(given, str) else list(given)
        if any(not isinstance(option, str) for option in options):
            raise TypeError(f"the synonyms of {key!r} are {given!r}; pass str or strs")
        if not options or not all(option.strip() for option in options):
            raise ValueError(
                f"the synonyms of {key!r} are {given!r}; pass at least one word, "
                "none of them empty"
            )
        choices[key.strip()] = options
    return choices


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    """Give a pattern that finds phrases, a group for each, and any word."""
    groups = []
    for key in phrases:
        words = r"\s+".join(map(re.escape, key.split()))
        groups.append(f"((?i:{words}))" if key == key.lower() else f"({words})")
    found = f"{_BEFORE}(?:{'|'.join(groups)}){_AFTER}|" if groups else ""
    return re.compile(found + _WORD.pattern)


def _in_case(new: str, found: str) -> str:
    """Write the replacement as the word was written."""
    if sum(map(str.isalpha, found)) > 1 and found.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if found[0].isupper() else new
