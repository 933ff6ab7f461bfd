"""Questions with a reason for every answer, in plain HTML."""

from __future__ import annotations

import string
from collections.abc import Mapping

from mlworkbench.notebook._text import inline_html, question_html

__all__ = ["Quiz", "quiz"]


def quiz(question: str, options: Mapping[str, str], *, answer: str) -> Quiz:
    """Ask a question; each option opens to a verdict and its reason.

    Parameters
    ----------
    question : str
        One sentence; `code` in backticks is set as code.
    options : dict of str to str
        The reason why it is right or wrong, by option, in the order shown.
    answer : str
        The right option.

    Returns
    -------
    quiz : Quiz
        Shown by the notebook when it is the last value of a cell. It needs
        neither a kernel nor a script.

    Raises
    ------
    ValueError
        When there are fewer than two options or more than 26, an option has no
        reason, or the answer is not among them.

    Notes
    -----
    *Used in:* "Check yourself" of every notebook.

    Examples
    --------
    >>> quiz("Is 9 prime?", {"yes": "3 × 3 is 9.", "no": "3 divides it."}, answer="no")
    Is 9 prime?
      A. yes
      B. no
    """
    if not 2 <= len(options) <= 26:
        raise ValueError(f"quiz has {len(options)} option(s); pass between 2 and 26")
    if answer not in options:
        raise ValueError(
            f"answer is {answer!r}; pass one of {', '.join(map(repr, options))}"
        )
    silent = [option for option, reason in options.items() if not reason.strip()]
    if silent:
        raise ValueError(
            f"option {silent[0]!r} has no reason; say why it is right or wrong"
        )
    return Quiz(question, dict(options), answer)


class Quiz:
    """What `quiz` gives.

    Parameters
    ----------
    question : str
        The question.
    options : dict
        Reason by option.
    answer : str
        The right option.
    """

    def __init__(self, question: str, options: dict[str, str], answer: str) -> None:
        self.question, self.options, self.answer = question, options, answer

    def __repr__(self) -> str:
        """Give the question and its lettered options, not the answer."""
        pairs = zip(string.ascii_uppercase, self.options, strict=False)
        return "\n".join([self.question, *(f"  {a}. {option}" for a, option in pairs)])

    def _repr_html_(self) -> str:
        choices = []
        pairs = zip(string.ascii_uppercase, self.options.items(), strict=False)
        for letter, (option, reason) in pairs:
            verdict = "Right." if option == self.answer else "Not this one."
            choices.append(
                (
                    f"{letter}. {inline_html(option)}",
                    f"<strong>{verdict}</strong> {inline_html(reason)}",
                )
            )
        return question_html(self.question, choices)
