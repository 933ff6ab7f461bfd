"""What a perturbation is: a name, and how to make changed copies of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import RandomState, as_generator
from mlworkbench.evaluation._behaviour_rows import Rows

__all__ = ["Copies", "Perturbation", "make_copies"]

Copies = dict[str, Any]
Make = Callable[[Rows, np.random.Generator], Copies]


@dataclass(frozen=True)
class Perturbation:
    """A change of rows, made by the functions of `perturb`.

    Parameters
    ----------
    name : str
        What is changed.
    make : callable
        Gives changed copies by name, for rows and a generator.
    """

    name: str
    make: Make

    def copies(self, X: Any, random_state: RandomState = 0) -> dict[str, Any]:
        """Make the changed copies.

        Parameters
        ----------
        X : DataFrame, array, or list of str
            The rows; they are not changed.
        random_state : int, Generator, RandomState or None, default=0
            Seed, where chance plays a part.

        Returns
        -------
        copies : dict of str to rows
            All rows, changed, as the kind of thing that X is, by the name of
            the change.

        Raises
        ------
        KeyError, TypeError, ValueError
            When the change cannot be made to these rows.

        Examples
        --------
        >>> from mlworkbench.evaluation import perturb
        >>> perturb.casing("upper").copies(["On time"])
        {'upper case': ['ON TIME']}
        """
        rows = Rows(X)
        made = self.make(rows, as_generator(random_state))
        return {name: rows.like_given(values) for name, values in made.items()}


def make_copies(change: Any, rows: Rows, rng: np.random.Generator, role: str) -> Copies:
    """Make all copies of all changes, each checked, by distinct names.

    Parameters
    ----------
    change : Perturbation, callable, mapping of name to these, or list of these
        The changes.
    rows : Rows
        What to change.
    rng : numpy.random.Generator
        Source of chance.
    role : str
        What the caller calls the changes.

    Returns
    -------
    copies : dict of str to rows
        In the form of `rows.values`.
    """
    copies: Copies = {}
    for name, one in _listed(change, role):
        if isinstance(one, Perturbation):
            made = one.make(rows, rng)
        elif callable(one):
            made = {_name_of(one): one(_own_copy(rows))}
        else:
            raise TypeError(
                f"{role} has {one!r}; pass a perturbation such as perturb.noise(), "
                "or a function of the rows"
            )
        for label, values in made.items():
            label = label if name is None else name if len(made) == 1 else label
            number, taken = 2, label
            while taken in copies:
                taken, number = f"{label} ({number})", number + 1
            copies[taken] = rows.accept(values, taken)
    if not copies:
        raise ValueError(f"{role} makes no copy; pass at least one change")
    return copies


def _listed(change: Any, role: str) -> list[tuple[str | None, Any]]:
    if isinstance(change, Mapping):
        return [(str(name), one) for name, one in change.items()]
    if isinstance(change, list | tuple):
        return [(None, one) for one in change]
    return [(None, change)]


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return "changed" if name == "<lambda>" else name.replace("_", " ")


def _own_copy(rows: Rows) -> Any:
    """Give the rows as the caller has them, safe to change."""
    values = rows.values
    if isinstance(values, pd.DataFrame | np.ndarray):
        values = values.copy()
    return rows.like_given(list(values) if rows.kind == "texts" else values)
