"""New texts from old ones: tokens masked at random, words replaced by others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import RandomState, as_generator
from mlworkbench.augmentation._words import Phrases, token_pattern

__all__ = ["random_tokens", "replace_words"]


def random_tokens(
    text: Any,
    mask_rate: float = 0.15,
    replace_share: float = 0.10,
    *,
    vocabulary: Sequence[str] | None = None,
    mask_token: str = "[MASK]",  # noqa: S107, it is a word
    keep_share: float | None = None,
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
        hyphens, accents and decimal points; punctuation and spaces are left
        alone. Where a language puts no spaces, cut the words first.
    mask_rate : float, default=0.15
        Share of the tokens that are chosen, in [0, 1].
    replace_share : float, default=0.10
        Share of the chosen ones that become another word.
    vocabulary : sequence of str, optional
        Words to replace with, each equally likely; the different tokens of
        the texts by default (a text of one word alone offers no other, and
        the word is masked).
    mask_token : str, default="[MASK]"
        What stands for a masked token.
    keep_share : float, optional
        Share of the chosen ones that stay as they are: 0.10 by default, or
        what `replace_share` leaves of 1.
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
        When a share is outside [0, 1], the shares exceed 1 together, or
        `vocabulary` has no other word to offer for some token.

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
    'Chest pain since the morning, [MASK] fever, pulse 96.'
    """
    keep_share = _shares(mask_rate, replace_share, keep_share)
    if not isinstance(mask_token, str):
        raise TypeError(f"mask_token is {mask_token!r}; pass a str")
    texts, rebuild = _open(text)
    rng = as_generator(random_state)
    spans = [
        (row, found.span())
        for row, one in enumerate(texts)
        if one is not None
        for found in token_pattern().finditer(one)
    ]
    tokens = [str(texts[row])[slice(*span)] for row, span in spans]
    words = _words(tokens if vocabulary is None else vocabulary)
    if vocabulary is not None and replace_share > 0 and mask_rate > 0:
        _check_offer(words, tokens)
    (n_chosen,) = _rounded([mask_rate * len(tokens)], rng)
    chosen = rng.permutation(len(tokens))[:n_chosen]
    shares = replace_share, min(1.0, replace_share + keep_share)
    n_replaced, n_unmasked = _rounded([s * n_chosen for s in shares], rng)
    new = dict.fromkeys(chosen[n_unmasked:].tolist(), mask_token)
    for at in chosen[:n_replaced].tolist():
        new[at] = _other_word(tokens[at], words, rng) or mask_token
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
    O(characters + words × k), with k the most keys that begin with the same
    word: a word is looked up, and only the phrases that begin with it tried.

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
    texts, rebuild = _open(text)
    rng = as_generator(random_state)
    phrases = Phrases(choices)

    def swap(key: str, written: str) -> str:
        if rate < 1 and rng.random() >= rate:
            return written
        options = choices[key]
        new = options[int(rng.integers(len(options)))] if options[1:] else options[0]
        return new if key != key.lower() else _in_case(new, written)

    def changed(one: str) -> str:
        found = phrases.finditer(one)
        return _edit(one, [(a, b, swap(key, one[a:b])) for a, b, key in found])

    return rebuild([None if one is None else changed(one) for one in texts])


def _shares(mask_rate: Any, replace_share: Any, keep_share: Any) -> float:
    """Check the three, and give the share to keep."""
    _check_share(mask_rate, "mask_rate")
    _check_share(replace_share, "replace_share")
    if keep_share is None:
        return float(min(0.10, 1 - replace_share))
    _check_share(keep_share, "keep_share")
    if replace_share + keep_share > 1:
        raise ValueError(
            f"replace_share and keep_share are {replace_share} and {keep_share}, "
            "together above 1; they are shares of the chosen tokens"
        )
    return float(keep_share)


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


def _rounded(values: list[float], rng: np.random.Generator) -> list[int]:
    """Round up or down at random, so that the mean is the value.

    One draw for all, so that increasing values stay in order.
    """
    near = [round(v) if abs(v - round(v)) < 1e-9 else v for v in values]
    draw = 0.0 if all(v == int(v) for v in near) else rng.random()
    return [int(v + draw) for v in near]


def _words(words: Sequence[str]) -> list[str]:
    if isinstance(words, str):
        raise TypeError("vocabulary is one str; pass a list of words")
    for word in words:
        if not isinstance(word, str) or not word:
            raise TypeError(f"vocabulary has {word!r}; pass words, each a str")
    return sorted(set(words))


def _check_offer(words: list[str], tokens: list[str]) -> None:
    """Refuse a vocabulary that lacks another word for some token."""
    if tokens and (not words or (len(words) == 1 and words[0] in tokens)):
        token = words[0] if words else tokens[0]
        raise ValueError(
            f"vocabulary has no word other than {token!r} to replace it with; pass "
            "a longer vocabulary, or replace_share=0"
        )


def _other_word(token: str, words: list[str], rng: np.random.Generator) -> str | None:
    if words == [token]:
        return None
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
        options = _options(given)
        if any(not isinstance(option, str) for option in options):
            raise TypeError(f"the synonyms of {key!r} are {given!r}; pass str or strs")
        if not options or not all(option.strip() for option in options):
            raise ValueError(
                f"the synonyms of {key!r} are {given!r}; pass at least one word, "
                "none of them empty"
            )
        choices[key.strip()] = options
    return choices


def _options(given: Any) -> list[Any]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        return [given]
    # The order of a set is another in each run of Python.
    return sorted(given, key=str) if isinstance(given, Set) else list(given)


def _in_case(new: str, found: str) -> str:
    """Write the replacement as the word was written."""
    if sum(map(str.isalpha, found)) > 1 and found.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if found[0].isupper() else new
