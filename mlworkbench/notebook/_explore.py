"""Explorers: controls that move a result, with a kernel and without."""

from __future__ import annotations

import inspect
import itertools
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

from mlworkbench.notebook._controls import Control, make_control
from mlworkbench.notebook._frames import Frame, make_frame
from mlworkbench.notebook._still import still_html
from mlworkbench.notebook._text import a_kind

__all__ = ["Explorer", "explore"]

MOST_FRAMES = 200
MOST_FIGURES = 40
MOST_KILOBYTES = 300


def explore(
    function: Callable[..., Any],
    /,
    *,
    title: str | None = None,
    start: Mapping[str, Any] | None = None,
    **controls: Any,
) -> Explorer:
    """Let a person move the arguments of a function and watch its result.

    Every combination of values is computed once, now. In JupyterLab the
    controls are widgets; in a book or any HTML page the same output moves from
    the stored frames, without a kernel and without a network.

    Parameters
    ----------
    function : callable
        Called as `function(**values)`. It returns a matplotlib figure or axes,
        a DataFrame, a report or a string.
    title : str, optional
        Heading; the name of the function by default.
    start : dict, optional
        Values shown first, by name of the control; otherwise each control
        starts at its first value.
    **controls : sequence, dict or bool
        Numbers make a slider, strings a dropdown, a dict of label to value a
        dropdown, True or False a checkbox (which starts there). A control
        cannot be called `title` or `start`.

    Returns
    -------
    explorer : Explorer
        Shown by the notebook when it is the last value of a cell.

    Raises
    ------
    ValueError
        When there are more than 200 combinations, or more than 40 of figures,
        or the frames take more than 300 KB.
    TypeError
        When a control or a result is of a kind that cannot be shown.

    Notes
    -----
    Calls the function once for every combination of values, and keeps no
    result, only what it shows. *Used in:* `00_start_here`.

    Examples
    --------
    >>> def share(late, seen):
    ...     return f"{late / seen:.0%} were late"
    >>> explorer = explore(share, late=[1, 2, 3], seen=[4, 8], start={"seen": 8})
    >>> explorer.value
    {'late': 1, 'seen': 8}
    >>> explorer.set(late=2)
    >>> explorer.text
    '25% were late'
    """
    if not callable(function):
        raise TypeError(f"explore got {a_kind(function)}; pass a function")
    if not controls:
        raise TypeError("explore has no control; pass one, such as k=[10, 20, 50]")
    made = tuple(make_control(name, values) for name, values in controls.items())
    _check_arguments(function, made)
    if title is None:
        name = getattr(function, "__name__", "<lambda>")
        title = "Explorer" if name == "<lambda>" else name.replace("_", " ").strip()
    return Explorer(title, made, _compute(function, made), start or {})


class Explorer:
    """What `explore` gives: a value, a result, and a picture of both.

    Parameters
    ----------
    title : str
        Heading.
    controls : tuple of Control
        The controls; the last one changes fastest.
    frames : tuple of Frame
        One per combination of values.
    start : mapping
        Values shown first.

    Attributes
    ----------
    title : str
        Heading.
    """

    def __init__(
        self,
        title: str,
        controls: tuple[Control, ...],
        frames: tuple[Frame, ...],
        start: Mapping[str, Any],
    ) -> None:
        self.title = title
        self._controls = controls
        self._frames = frames
        self._positions = [control.first for control in controls]
        self._live: Any = None
        self.set(**start)
        self._start = self._combination()

    @property
    def value(self) -> dict[str, Any]:
        """The value of each control, by name."""
        pairs = zip(self._controls, self._positions, strict=True)
        return {control.name: control.values[at] for control, at in pairs}

    @property
    def result(self) -> str:
        """What is shown for the current values, as HTML."""
        return self._frames[self._combination()].html

    @property
    def text(self) -> str:
        """What is shown for the current values, as text (a figure: its title)."""
        return self._frames[self._combination()].text

    def set(self, **values: Any) -> None:
        """Move controls, as a person would.

        Parameters
        ----------
        **values : object
            New values, by name of the control; the others stay.

        Raises
        ------
        ValueError
            When a control does not exist, or does not take the value. Nothing
            is moved then.
        """
        names = [control.name for control in self._controls]
        unknown = [name for name in values if name not in names]
        if unknown:
            raise ValueError(
                f"no control called {', '.join(unknown)}; there is {', '.join(names)}"
            )
        moved = {
            name: self._controls[names.index(name)].position(value)
            for name, value in values.items()
        }
        for name, position in moved.items():
            self._positions[names.index(name)] = position
        if self._live is not None:
            self._live.show(self._positions)

    def _combination(self) -> int:
        at = 0
        for control, position in zip(self._controls, self._positions, strict=True):
            at = at * len(control.values) + position
        return at

    def _moved(self, number: int, position: int) -> str:
        """Take a move from a widget and give the HTML to show."""
        self._positions[number] = position
        return self.result

    def __repr__(self) -> str:
        """Give the controls as short text, the same wherever they stand."""
        lines = [f"  {control.title}: {_range(control)}" for control in self._controls]
        return "\n".join([f"Explorer: {self.title}", *lines])

    def _repr_html_(self) -> str:
        return still_html(self.title, self._controls, self._frames, self._start)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
        }
        view = self._widget_view()
        if view is not None:
            bundle["application/vnd.jupyter.widget-view+json"] = view
        return bundle

    def _widget_view(self) -> Any:
        if self._live is None:
            from mlworkbench.notebook._live import LiveExplorer, widgets_work

            if not widgets_work():
                return None
            self._live = LiveExplorer(
                self.title, self._controls, self._positions, self.result, self._moved
            )
        return self._live.view


def _range(control: Control) -> str:
    if control.kind == "slider" and len(control.labels) > 5:
        first, second, *_, last = control.labels
        return f"{first}, {second}, ..., {last} ({len(control.labels)} values)"
    return ", ".join(control.labels)


def _check_arguments(
    function: Callable[..., Any], controls: tuple[Control, ...]
) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a builtin tells nothing
        return
    try:
        signature.bind(**{control.name: None for control in controls})
    except TypeError as error:
        names = ", ".join(control.name for control in controls)
        raise TypeError(
            f"the controls ({names}) do not fit the function {signature}: {error}"
        ) from None


def _compute(
    function: Callable[..., Any], controls: tuple[Control, ...]
) -> tuple[Frame, ...]:
    total = math.prod(len(control.values) for control in controls)
    _check_count(total, MOST_FRAMES, "frames", controls)
    frames: list[Frame] = []
    for at in itertools.product(*(range(len(c.values)) for c in controls)):
        pairs = list(zip(controls, at, strict=True))
        setting = ", ".join(f"{c.title} = {c.labels[i]}" for c, i in pairs)
        frames.append(_call(function, {c.name: c.values[i] for c, i in pairs}, setting))
        if frames[-1].is_figure:
            _check_count(total, MOST_FIGURES, "figures", controls)
    size = sum(map(len, {frame.html for frame in frames})) / 1024
    if size > MOST_KILOBYTES:
        raise ValueError(
            f"the {total} frames take {size:,.0f} KB; a notebook has room for "
            f"{MOST_KILOBYTES}: {_thin(controls)}, or make each frame smaller"
        )
    return tuple(frames)


def _call(function: Callable[..., Any], values: dict[str, Any], setting: str) -> Frame:
    plt = sys.modules.get("matplotlib.pyplot")
    before = set(plt.get_fignums()) if plt else set()
    try:
        return make_frame(function(**values), setting)
    except Exception as error:
        error.add_note(f"explore was computing the frame for {setting}")
        raise
    finally:  # a figure left open would be shown once more below the cell
        plt = sys.modules.get("matplotlib.pyplot")
        for number in sorted(set(plt.get_fignums()) - before) if plt else ():
            plt.close(number)  # type: ignore[union-attr]


def _check_count(
    total: int, most: int, what: str, controls: tuple[Control, ...]
) -> None:
    if total > most:
        counts = " × ".join(f"{len(c.values)} ({c.name})" for c in controls)
        raise ValueError(
            f"the controls make {total:,} {what}, {counts}; at most {most} are "
            f"stored: {_thin(controls)}"
        )


def _thin(controls: tuple[Control, ...]) -> str:
    widest = max(controls, key=lambda control: len(control.values))
    return f"give {widest.name} fewer values than {len(widest.values)}"
