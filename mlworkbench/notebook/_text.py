"""Small pieces of text: numbers, names and code inside a sentence."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np

__all__ = ["inline_html", "show_number", "show_value"]


def show_number(value: float, digits: int = 4) -> str:
    """Write a number for a person: separators, at most `digits` significant.

    Parameters
    ----------
    value : int or float
        The number.
    digits : int
        Significant digits of a number that is not whole.

    Returns
    -------
    text : str
        Such as `336,776`, `0.7213` or `1.2e-07`.
    """
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    number = float(value)
    if not np.isfinite(number):
        return str(number)
    if number == round(number) and abs(number) < 10**15:
        return f"{round(number):,}"
    size = abs(number)
    if not 1e-4 <= size < 1e15:
        return f"{number:.{digits}g}"
    places = max(digits - 1 - int(np.floor(np.log10(size))), 0)
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_value(value: Any) -> str:
    """Write any scalar for a person.

    Parameters
    ----------
    value : object
        Text is given as it is, numbers by `show_number`.

    Returns
    -------
    text : str
        The text.
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        return show_number(value)  # type: ignore[arg-type]
    return str(value)


def inline_html(text: str) -> str:
    """Escape a sentence for HTML; `code` in backticks becomes <code>.

    Parameters
    ----------
    text : str
        The sentence.

    Returns
    -------
    html : str
        Safe inside any element.
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
