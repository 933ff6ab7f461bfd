"""What a person can move in an explorer, and which values it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlworkbench.notebook._text import show_number

__all__ = ["Control", "make_control"]


@dataclass(frozen=True, eq=False)
class Control:
    """One control: its kind and its values in order, each with a label."""

    name: str
    kind: Literal["slider", "dropdown", "checkbox"]
    labels: tuple[str, ...]
    values: tuple[Any, ...]
    first: int = 0

    @property
    def title(self) -> str:
        """The name as a person reads it."""
        return self.name.replace("_", " ")

    def position(self, value: Any) -> int:
        """Find a value, or its label, among the values.

        Parameters
        ----------
        value : object
            A value of this control; for a dropdown its label will do.

        Returns
        -------
        position : int
            Where it stands.

        Raises
        ------
        ValueError
            When the control does not take it.
        """
        for position, own in enumerate(self.values):
            if _equal(own, value):
                return position
        if isinstance(value, str) and value in self.labels:
            return self.labels.index(value)
        shown = ", ".join(self.labels)
        raise ValueError(f"{self.name} is {value!r}; this control takes {shown}")


def make_control(name: str, values: Any) -> Control:
    """Choose the control for a specification.

    Parameters
    ----------
    name : str
        The argument of the explored function.
    values : bool, dict, sequence or array
        Numbers make a slider, strings a dropdown, a dict of label to value a
        dropdown, a bool or both bools a checkbox.

    Returns
    -------
    control : Control
        The control.

    Raises
    ------
    TypeError, ValueError
        When no control fits, or there is nothing to choose from.
    """
    if isinstance(values, bool | np.bool_):
        values = [bool(values), not values]
    if isinstance(values, Mapping):
        labels = [str(label) for label in values]
        return _checked(Control(name, "dropdown", tuple(labels), (*values.values(),)))
    plain = _plain_list(name, values)
    if plain and all(isinstance(value, bool) for value in plain):
        if sorted(plain) != [False, True]:
            raise ValueError(
                f"control {name} is {plain}; pass (True, False) or one of the two"
            )
        return Control(name, "checkbox", ("no", "yes"), (False, True), int(plain[0]))
    if plain and all(isinstance(value, str) for value in plain):
        return _checked(Control(name, "dropdown", tuple(plain), tuple(plain)))
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in plain):
        return _slider(name, plain)
    kinds = ", ".join(sorted({type(value).__name__ for value in plain}))
    raise TypeError(
        f"control {name} has values of type {kinds}; pass numbers (a slider), "
        "strings (a dropdown), True or False (a checkbox), or a dict of label to "
        "value for anything else"
    )


def _plain_list(name: str, values: Any) -> list[Any]:
    if isinstance(values, np.ndarray | pd.Series | pd.Index | range):
        values = list(values)
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(
            f"control {name} is {values!r}; pass the values it can take, such as "
            f"{name}=[10, 20, 50]"
        )
    return [v.item() if isinstance(v, np.generic) else v for v in values]


def _slider(name: str, values: list[Any]) -> Control:
    if any(not math.isfinite(value) for value in values):
        raise ValueError(f"control {name} has a value that is not finite: {values}")
    labels: list[str] = []
    for digits in (4, 6, 9, 17):  # more digits only where two would look the same
        labels = [show_number(value, digits) for value in values]
        if len(set(labels)) == len(labels):
            break
    return _checked(Control(name, "slider", tuple(labels), tuple(values)))


def _checked(control: Control) -> Control:
    if len(control.values) < 2:
        raise ValueError(
            f"control {control.name} has {len(control.values)} value(s); pass two or "
            "more, or give the function this argument yourself"
        )
    twice = {label for label in control.labels if control.labels.count(label) > 1}
    if twice:
        raise ValueError(
            f"control {control.name} has the same value twice: {sorted(twice)}"
        )
    return control


def _equal(own: Any, value: Any) -> bool:
    if own is value:
        return True
    if isinstance(own, float) and isinstance(value, int | float | np.number):
        return math.isclose(own, float(value), rel_tol=1e-9, abs_tol=1e-12)
    try:
        return bool(own == value)
    except (TypeError, ValueError):  # arrays and the like have no single truth
        return False
