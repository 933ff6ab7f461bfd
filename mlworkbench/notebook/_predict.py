"""Guesses: commit to one, then see what was measured."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlworkbench.notebook._ledger import ledger
from mlworkbench.notebook._text import (
    inline_html,
    question_html,
    show_number,
    show_value,
)

__all__ = ["Prediction", "Revealed", "predict"]

_NO_GUESS = " (no guess recorded)"


def predict(
    name: str,
    question: str,
    options: Sequence[str] | None = None,
    *,
    unit: str = "",
    why: str = "",
) -> Prediction:
    """Ask for a guess before the cell that answers.

    Parameters
    ----------
    name : str
        Its name in the ledger, such as `"ch04-02-late-rate"`.
    question : str
        One sentence; `code` in backticks is set as code.
    options : sequence of str, optional
        What to choose from; without it the guess is a number.
    unit : str
        Unit of the number, such as `"%"`.
    why : str
        The reason, which a reader of the still page sees after choosing.

    Returns
    -------
    prediction : Prediction
        Shown by the notebook when it is the last value of a cell. Keep it, and
        call its `reveal` in a later cell.

    Raises
    ------
    ValueError
        When there is no name, or only one option.

    Notes
    -----
    A new run starts without a guess, whatever was guessed before, so that what
    is shown is the same for everybody. *Used in:* "Predict" of every notebook.

    Examples
    --------
    >>> rate = predict("demo", "What share of flights is late?", unit="%")
    >>> rate
    What share of flights is late? (a number, %)
    >>> rate.reveal(23.94)
    Measured: 23.94 % (no guess recorded)
    >>> rate.guess(30)
    >>> rate.reveal(23.94)
    Measured: 23.94 %. Your guess was 30 %, too high by 6.06
    percentage points.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"name is {name!r}; pass a short text for the ledger")
    if options is not None:
        if isinstance(options, str) or not 2 <= len(options) <= 26:
            raise ValueError(f"options is {options!r}; pass a list of 2 to 26 strings")
        options = [str(option) for option in options]
    return Prediction(name, question, options, unit, why)


class Prediction:
    """What `predict` gives.

    Parameters
    ----------
    name, question : str
        Name in the ledger, and what is asked.
    options : list of str or None
        What to choose from; None for a number.
    unit, why : str
        Unit of the number, and the reason.

    Attributes
    ----------
    value : str, float or None
        The guess of this session.
    """

    def __init__(
        self,
        name: str,
        question: str,
        options: list[str] | None,
        unit: str,
        why: str,
    ) -> None:
        self.name, self.question, self.options = name, question, options
        self.unit, self.why = unit, why
        self.value: str | float | None = None
        self._revealed: Revealed | None = None
        self._live: Any = None

    def guess(self, value: str | float, /) -> None:
        """Commit to a guess; the button of the live form calls this too.

        Parameters
        ----------
        value : str or float
            An option, or its letter; for an open question a number.

        Raises
        ------
        ValueError
            When it is not one of the options, or not a number.
        """
        self.value = self._checked(value)
        late = self._revealed is not None
        ledger.add("guess", self.name, guess=self.value, late=late)
        if self._live is not None:
            self._live.lock(self.value)

    def reveal(self, actual: Any, /, measured: str = "") -> Revealed:
        """Show the guess of this session beside what was measured.

        Parameters
        ----------
        actual : str or number
            The right option, or the measured number.
        measured : str
            What was measured, in words, where an option stands for it.

        Returns
        -------
        revealed : Revealed
            Shown by the notebook when it is the last value of a cell.

        Raises
        ------
        ValueError
            When it is not one of the options, or not a number.
        """
        self._revealed = Revealed(self, self._checked(actual), measured)
        return self._revealed

    def _checked(self, value: Any) -> str | float:
        if self.options is None:
            number = int | float | np.integer | np.floating
            if not isinstance(value, number) or isinstance(value, bool):
                raise ValueError(f"{self.name} takes a number; got {value!r}")
            if not math.isfinite(value):
                raise ValueError(f"{self.name} takes a finite number; got {value!r}")
            return value.item() if isinstance(value, np.generic) else value
        letters = string.ascii_uppercase[: len(self.options)]
        if isinstance(value, str) and value in self.options:
            return value
        if isinstance(value, str) and len(value) == 1 and value.upper() in letters:
            return self.options[letters.index(value.upper())]
        shown = ", ".join(map(repr, self.options))
        raise ValueError(f"{self.name} takes one of {shown}; got {value!r}")

    def __repr__(self) -> str:
        """Give the question and what to choose from."""
        if self.options is None:
            unit = f", {self.unit}" if self.unit else ""
            return f"{self.question} (a number{unit})"
        pairs = zip(string.ascii_uppercase, self.options, strict=False)
        return "\n".join([self.question, *(f"  {a}. {option}" for a, option in pairs)])

    def _repr_html_(self) -> str:
        why = inline_html(self.why or "Read on: the notebook measures it.")
        if self.options is None:
            unit = f" (in {inline_html(self.unit)})" if self.unit else ""
            choices = [f"Write down a number{unit}, then open this"]
        else:
            pairs = zip(string.ascii_uppercase, self.options, strict=False)
            choices = [f"{letter}. {inline_html(option)}" for letter, option in pairs]
        asked = f"Your guess: {self.question}"
        return question_html(asked, [(choice, why) for choice in choices])

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, Any]:
        from mlworkbench.notebook._live import VIEW, LiveGuess, widgets_work

        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if widgets_work():
            if self._live is None:
                self._live = LiveGuess(self)
            bundle[VIEW] = self._live.view
        return bundle


class Revealed:
    """The guess beside the measured value.

    Parameters
    ----------
    prediction : Prediction
        What was asked, with its guess.
    actual : str or float
        What was measured, or the option it falls under.
    measured : str
        What was measured, in words, where an option stands for it.
    """

    def __init__(
        self, prediction: Prediction, actual: str | float, measured: str = ""
    ) -> None:
        self.prediction, self.actual, self.measured = prediction, actual, measured

    def __repr__(self) -> str:
        """Give one sentence."""
        asked, guess = self.prediction, self.prediction.value
        actual = _with_unit(self.actual, asked.unit)
        shown = f"{self.measured} ({actual})" if self.measured else actual
        measured = f"Measured: {shown}"
        if guess is None:
            return measured + _NO_GUESS
        return f"{measured}. {_verdict(guess, self.actual, asked.unit)}"

    def _repr_html_(self) -> str:
        said = repr(self).replace(_NO_GUESS, ".")  # a page has nowhere to record one
        why = f" {inline_html(self.prediction.why)}" if self.prediction.why else ""
        return f'<p style="margin:.5em 0">{inline_html(said)}{why}</p>'


def _verdict(guess: str | float, actual: str | float, unit: str) -> str:
    if isinstance(guess, str) or isinstance(actual, str):
        if guess == actual:
            return f"You guessed it: {guess}."
        return f"Your guess was: {guess}."
    shown = f"Your guess was {_with_unit(guess, unit)}"
    difference = float(guess) - float(actual)
    if math.isclose(guess, actual, rel_tol=5e-3):
        return f"{shown}: spot on."
    way = "high" if difference > 0 else "low"
    step = "percentage points" if unit == "%" else unit
    return f"{shown}, too {way} by {_with_unit(abs(difference), step)}."


def _with_unit(value: str | float, unit: str) -> str:
    text = show_value(value) if isinstance(value, str) else show_number(value)
    return f"{text} {unit}" if unit and not isinstance(value, str) else text
