"""Small pieces of text: numbers, names and code inside a sentence."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "CARD",
    "a_kind",
    "inline_html",
    "question_html",
    "show_number",
    "show_value",
]

# Translucent grey suits a light and a dark page, without a style sheet.
CARD = (
    "border:1px solid rgba(128,128,128,.45);border-radius:6px;padding:.75em 1em;"
    "margin:.5em 0;max-width:100%;box-sizing:border-box"
)


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


def a_kind(value: Any) -> str:
    """Name the type of a value, with its article.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    text : str
        Such as `a list` or `an int`.
    """
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


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


def question_html(question: str, choices: Sequence[tuple[str, str]]) -> str:
    """Write a question whose choices open to an answer; no script is needed.

    Parameters
    ----------
    question : str
        One sentence; `code` in backticks is set as code.
    choices : sequence of (str, str)
        What to open and what is then read, both as HTML.

    Returns
    -------
    html : str
        One element, without ids.
    """
    parts = [f'<p style="margin:0 0 .5em"><strong>{inline_html(question)}</strong></p>']
    parts += [
        f'<details style="margin:.25em 0"><summary style="cursor:pointer">{choice}'
        f'</summary><p style="margin:.25em 0 .5em 1.5em">{answer}</p></details>'
        for choice, answer in choices
    ]
    return f'<div style="{CARD}">' + "\n".join(parts) + "</div>"
