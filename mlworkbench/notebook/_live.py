"""The explorer with a kernel: ipywidgets that answer from stored frames."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from typing import Any

from mlworkbench.notebook._controls import Control

__all__ = ["VIEW", "LiveExplorer", "LiveGuess", "read_number", "widgets_work"]

VIEW = "application/vnd.jupyter.widget-view+json"


def widgets_work() -> bool:
    """Tell whether ipywidgets is installed.

    Returns
    -------
    answer : bool
        Without it, everything shows its still form.
    """
    return importlib.util.find_spec("ipywidgets") is not None


class LiveExplorer:
    """A box of widgets; each move asks for the new HTML and shows it.

    Parameters
    ----------
    title : str
        Heading.
    controls : sequence of Control
        The controls.
    positions : sequence of int
        Where each stands.
    markup : str
        HTML shown first.
    moved : callable
        Called with the number of the control and its new position; gives the
        HTML to show.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        positions: Sequence[int],
        markup: str,
        moved: Callable[[int, int], str],
    ) -> None:
        import ipywidgets

        self._output = ipywidgets.HTML(_spaced(markup))
        self._controls = controls
        self._widgets = [
            _widget(ipywidgets, control, position)
            for control, position in zip(controls, positions, strict=True)
        ]
        for number, (control, widget) in enumerate(
            zip(controls, self._widgets, strict=True)
        ):
            widget.observe(self._observer(number, control, moved), names="value")
        row = ipywidgets.Box(
            self._widgets,
            layout=ipywidgets.Layout(display="flex", flex_flow="row wrap"),
        )
        heading = ipywidgets.Label(title, style={"font_weight": "bold"})
        self.box = ipywidgets.VBox([heading, row, self._output])

    @property
    def view(self) -> Any:
        """The entry of the mime bundle that shows the box."""
        return self.box._repr_mimebundle_()[VIEW]

    def show(self, positions: Sequence[int]) -> None:
        """Move the widgets.

        Parameters
        ----------
        positions : sequence of int
            Where each control stands now.
        """
        for control, widget, position in zip(
            self._controls, self._widgets, positions, strict=True
        ):
            widget.value = _widget_value(control, position)

    def _observer(
        self, number: int, control: Control, moved: Callable[[int, int], str]
    ) -> Callable[[Any], None]:
        def observe(change: Any) -> None:
            self._output.value = _spaced(moved(number, int(change["new"])))

        return observe


def _spaced(markup: str) -> str:
    """Undo the tall lines that widgets have, which pull a table apart."""
    return f'<div style="line-height:1.4">{markup}</div>'


def _widget_value(control: Control, position: int) -> Any:
    return bool(position) if control.kind == "checkbox" else position


def _widget(ipywidgets: Any, control: Control, position: int) -> Any:
    style = {"description_width": "initial"}
    if control.kind == "checkbox":
        return ipywidgets.Checkbox(
            bool(position), description=control.title, indent=False
        )
    options = [(label, place) for place, label in enumerate(control.labels)]
    kind = ipywidgets.Dropdown
    if control.kind == "slider":
        kind = ipywidgets.SelectionSlider
    return kind(options=options, value=position, description=control.title, style=style)


class LiveGuess:
    """A question with a button; a locked guess stays locked.

    Parameters
    ----------
    prediction : Prediction
        Its `guess` is called when the button is pressed.
    """

    def __init__(self, prediction: Any) -> None:
        import ipywidgets

        from mlworkbench.notebook._text import inline_html

        self._prediction = prediction
        question = f"<strong>Your guess: {inline_html(prediction.question)}</strong>"
        if prediction.options is None:
            self._input = ipywidgets.Text(
                placeholder="a number", layout=ipywidgets.Layout(width="10em")
            )
            unit = [ipywidgets.Label(prediction.unit)] if prediction.unit else []
            row = ipywidgets.HBox([self._input, *unit])
        else:
            self._input = ipywidgets.RadioButtons(
                options=prediction.options,
                value=None,
                layout=ipywidgets.Layout(width="max-content"),
            )
            row = self._input
        self._button = ipywidgets.Button(description="Lock in my guess")
        self._button.on_click(self._pressed)
        self._said = ipywidgets.HTML("")
        self.box = ipywidgets.VBox(
            [ipywidgets.HTML(question), row, self._button, self._said]
        )

    @property
    def view(self) -> Any:
        """The entry of the mime bundle that shows the box."""
        return self.box._repr_mimebundle_()[VIEW]

    def lock(self, value: Any) -> None:
        """Show the guess and take no other.

        Parameters
        ----------
        value : str or float
            The guess.
        """
        self._input.value = value if self._prediction.options else str(value)
        self._input.disabled = self._button.disabled = True
        revealed = self._prediction._revealed
        self._said.value = (
            "Recorded. Run the next cells to see what is measured."
            if revealed is None
            else revealed._repr_html_()
        )

    def _pressed(self, button: Any) -> None:
        asked, value = self._prediction, self._input.value
        if asked.options is None:
            value = read_number(value, asked.unit)
        if value is None:
            what = "Choose one" if asked.options else "Write a number, such as 12.5,"
            self._said.value = f"{what} first."
        else:
            asked.guess(value)


def read_number(text: str, unit: str = "") -> float | None:
    """Read a number as a person writes it.

    Parameters
    ----------
    text : str
        With or without separators and unit.
    unit : str
        Unit that may follow.

    Returns
    -------
    number : float or None
        None where it is no finite number.

    Examples
    --------
    >>> read_number(" 1,250 min", "min")
    1250.0
    """
    plain = text.strip().removesuffix(unit).replace(",", "").replace("−", "-")
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
