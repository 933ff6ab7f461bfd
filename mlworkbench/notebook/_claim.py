"""Numbers in prose, held against what the code says."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

import numpy as np

from mlworkbench.notebook._text import a_kind

__all__ = ["claim"]

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-+−])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<places>\d+))?"
    r"(?:[eE](?P<power>[-+−]?\d+))?"
)
_WORDS = {"thousand": 3, "million": 6, "billion": 9}


def claim(text: str, value: Any) -> None:
    """Assert that a number in the prose is what the code gives.

    Parameters
    ----------
    text : str
        The numeral as the prose has it, with its unit: `"23.9 %"`,
        `"336,776"`, `"4.5 minutes"`, `"3×"`, `"1.2 million"`. A per cent sign
        multiplies the value by 100; the words thousand, million and billion
        divide it; any other unit is only text.
    value : number
        The expression that the numeral states, in full precision.

    Raises
    ------
    AssertionError
        When the value does not round to the numeral: when it is further from
        it than half a unit of its last place. A half may go either way.
    TypeError, ValueError
        When the value is not one number, or the text has none or several.

    Notes
    -----
    *Used in:* the last cell of every notebook.

    Examples
    --------
    >>> claim("23.9 %", 0.23941)
    >>> claim("336,776 flights", 336776)
    >>> claim("1.2 million", 1_161_000)
    >>> claim("2.5", 2.45)  # a half may go up ...
    >>> claim("2.4", 2.45)  # ... or to the even digit
    >>> claim("24.0 %", 0.23941)
    Traceback (most recent call last):
    AssertionError: the text says "24.0 %", the code gives 23.9 % (0.23941);
    correct the text, or the code
    """
    match = _one_number(text)
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"claim({text!r}) got {a_kind(value)}; pass one number")
    decimals = len(match["places"] or "") - int(_minus(match["power"] or "0"))
    scale = _scale(text[match.end() :])
    stated = float(_minus(match[0]).replace(",", ""))
    given = value * 10.0**scale
    unit = 10.0**-decimals
    # A hair more than half: 2.675 is stored a little below itself.
    allowed = unit / 2 * (1 + 1e-9) + 4 * sys.float_info.epsilon * abs(stated)
    if not math.isfinite(given) or abs(given - stated) > allowed:
        right = f"{given:,.{max(decimals, 0)}f}" if math.isfinite(given) else str(given)
        shown = text[: match.start()] + right + text[match.end() :]
        raise AssertionError(
            f'the text says "{text}", the code gives {shown} ({value!r}); '
            "correct the text, or the code"
        )


def _one_number(text: str) -> re.Match[str]:
    if not isinstance(text, str):
        raise TypeError(f"claim got {text!r}; pass the numeral as text, then the value")
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        shown = ", ".join(match[0] for match in found) or "none"
        raise ValueError(
            f"claim({text!r}) holds {len(found)} numbers ({shown}); "
            "make one claim for each"
        )
    return found[0]


def _scale(unit: str) -> int:
    """Give the power of ten from the value to the numeral."""
    if unit.lstrip().startswith("%"):
        return 2
    word = re.match(r"\s*([a-z]+)", unit)
    return -_WORDS.get(word[1], 0) if word else 0


def _minus(text: str) -> str:
    return text.replace("−", "-")
