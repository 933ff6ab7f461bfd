"""Many sentences from one: fill the slots of a template."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import RandomState, as_generator, check_integer

__all__ = ["fill_template"]

_MANY = 1_000_000  # sentences that nobody asks for by accident
_FEW = 100_000  # combinations that are numbered and shuffled

Parts = list[tuple[str, str | None]]
Sentence = tuple[str, list[tuple[int, int, str]]]


def fill_template(
    template: str,
    slots: Mapping[str, Sequence[Any]],
    n: int | None = None,
    *,
    random_state: RandomState = None,
    return_slots: bool = False,
) -> Any:
    """Fill the slots of a template, in all ways or in a sample of them.

    *The label:* preserved where the template carries it (every filling of
    "Find me a {cuisine} restaurant" asks for a restaurant). A label that hangs
    on what fills a slot is not; `return_slots` gives what was filled in, and
    where it stands, as labels of spans.

    Parameters
    ----------
    template : str
        The sentence, slots as ``{name}``; a literal brace is doubled. A slot
        may stand in several places, and is the same in all of them.
    slots : mapping of str to sequence
        What can fill each slot. Values that are not text are written with
        `str`; a value given twice counts once.
    n : int, optional
        Number of sentences to draw, all different. By default all
        combinations, the last slot changing fastest.
    random_state : int, Generator or None
        Seed or generator of the sample.
    return_slots : bool, default=False
        Return a DataFrame with a column `text`, a column per slot, and
        `spans`, a list of (start, end, slot) for each sentence.

    Returns
    -------
    sentences : list of str, or DataFrame
        No sentence twice, not even when two fillings read the same.

    Raises
    ------
    TypeError
        When the template or a slot is not of the kind above.
    ValueError
        When slots and template do not fit, a slot has no value, or `n` is
        more than there are sentences (the message has the number).

    Notes
    -----
    Fillings are drawn uniformly without replacement, by number, and only
    those drawn are written: a sample from 10¹² combinations costs no more
    than one from a hundred. O(n × length) as long as few fillings read the
    same.

    A model trained on templates is good at templates. Keep real sentences to
    test on.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL, section 3.

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> ask = "Find me a {cuisine} restaurant within {distance} of {place}"
    >>> slots = {
    ...     "cuisine": ["Thai", "Greek"],
    ...     "distance": ["1 mile", "2 miles"],
    ...     "place": ["home", "the office"],
    ... }
    >>> len(fill_template(ask, slots))
    8
    >>> fill_template(ask, slots, 2, random_state=0)
    ['Find me a Thai restaurant within 2 miles of home',
     'Find me a Greek restaurant within 1 mile of home']
    >>> asked = fill_template(ask, slots, 1, return_slots=True, random_state=1)
    >>> asked["spans"][0]
    [(10, 15, 'cuisine'), (34, 40, 'distance'), (44, 54, 'place')]
    """
    parts = _parse(template)
    choices = _choices(parts, slots)
    total = math.prod(len(values) for values in choices.values())
    if n is None:
        if total > _MANY:
            raise ValueError(
                f"the slots have {total:,} combinations; pass n for a sample of them"
            )
        fillings: Iterator[tuple[str, ...]] = itertools.product(*choices.values())
        wanted = total
    else:
        wanted = check_integer(n, "n", 1)
        if wanted > total:
            raise ValueError(
                f"n is {wanted:,}, and the slots have {total:,} combinations; ask "
                "for at most that many, or give the slots more values"
            )
        fillings = _drawn(choices, wanted, total, as_generator(random_state))
    made: dict[str, tuple[tuple[str, ...], list[tuple[int, int, str]]]] = {}
    for filling in fillings:
        text, spans = _write(parts, dict(zip(choices, filling, strict=True)))
        made.setdefault(text, (filling, spans))
        if len(made) == wanted:
            break
    if n is not None and len(made) < wanted:
        raise ValueError(
            f"n is {wanted:,}, but only {len(made):,} different sentences were found "
            f"in {total:,} combinations: many fillings read the same; ask for fewer"
        )
    return _as_frame(made, list(choices)) if return_slots else list(made)


def _parse(template: Any) -> Parts:
    """Split the template into (literal, slot that follows)."""
    if not isinstance(template, str):
        raise TypeError(f"template is a {type(template).__name__}; pass a str")
    try:
        found = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(
            f"template cannot be read ({error}); write slots as {{name}}, and double "
            "a brace that is meant as one"
        ) from None
    for _, name, spec, conversion in found:
        if name is not None and (not name.isidentifier() or spec or conversion):
            raise ValueError(
                f"template has the slot {{{name}}} with something other than a plain "
                "name; write {name}, and format the values before"
            )
    if all(name is None for _, name, _, _ in found):
        raise ValueError(f"template {template!r} has no slot; write one as {{name}}")
    return [(literal, name) for literal, name, _, _ in found]


def _choices(parts: Parts, slots: Any) -> dict[str, list[str]]:
    """Give the different values of each slot, in the order of the template."""
    if not isinstance(slots, Mapping):
        raise TypeError(
            f"slots is a {type(slots).__name__}; pass a dict, slot → list of values"
        )
    names = list(dict.fromkeys(name for _, name in parts if name is not None))
    missing = [name for name in names if name not in slots]
    unknown = [name for name in slots if name not in names]
    if missing or unknown:
        raise ValueError(
            f"slots and template do not fit: slots lacks {missing}, and the template "
            f"lacks {unknown}; the template has {names}"
        )
    choices = {}
    for name in names:
        values = slots[name]
        if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
            raise TypeError(
                f"slot {name!r} is {values!r}; pass a list of values, even for one"
            )
        written = map(str, values)
        # The order of a set is another in each run of Python.
        ordered = sorted(written) if isinstance(values, Set) else written
        choices[name] = list(dict.fromkeys(ordered))
        if not choices[name]:
            raise ValueError(f"slot {name!r} has no values; pass at least one")
    return choices


def _drawn(
    choices: dict[str, list[str]], wanted: int, total: int, rng: np.random.Generator
) -> Iterator[tuple[str, ...]]:
    """Draw fillings without replacement; give up when nothing new comes."""
    values = list(choices.values())
    if total <= max(_FEW, 4 * wanted):
        sizes = tuple(map(len, values))
        for number in rng.permutation(total):
            at = np.unravel_index(int(number), sizes)
            yield tuple(v[int(i)] for v, i in zip(values, at, strict=True))
        return
    seen = set()
    for _ in range(20 * wanted + 10_000):
        drawn = tuple(int(rng.integers(len(v))) for v in values)
        if drawn not in seen:
            seen.add(drawn)
            yield tuple(v[i] for v, i in zip(values, drawn, strict=True))


def _write(parts: Parts, filling: dict[str, str]) -> Sentence:
    text, spans = "", []
    for literal, name in parts:
        text += literal
        if name is not None:
            spans.append((len(text), len(text) + len(filling[name]), name))
            text += filling[name]
    return text, spans


def _as_frame(made: Mapping[str, Any], names: list[str]) -> pd.DataFrame:
    taken = [name for name in names if name in ("text", "spans")]
    if taken:
        raise ValueError(
            f"a slot is called {taken[0]!r}, as a column of the result; rename it"
        )
    columns: dict[str, Any] = {"text": list(made)}
    for place, name in enumerate(names):
        columns[name] = [filling[place] for filling, _ in made.values()]
    columns["spans"] = [spans for _, spans in made.values()]
    return pd.DataFrame(columns)
