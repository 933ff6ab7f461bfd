"""One result of an explored function as a small piece of HTML."""

from __future__ import annotations

import base64
import html
import io
import re
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench.notebook._text import a_kind, inline_html, show_value

__all__ = ["Frame", "make_frame"]

WIDTH = 640  # pixels
COLOURS = 32
FRAME_BYTES = 7 * 1024
_TABLE = "text-align:right;border-spacing:.75em .2em"
_IMG = "max-width:100%;height:auto;background:#fff;border-radius:4px"


@dataclass(frozen=True)
class Frame:
    """What one setting shows, as HTML and as text."""

    html: str
    text: str
    is_figure: bool = False


def make_frame(result: Any, setting: str) -> Frame:
    """Draw what the function returned.

    Parameters
    ----------
    result : Figure, Axes, DataFrame, Series, Report, str or number
        What the function returned; anything with `_repr_html_` will do.
    setting : str
        The values of the controls, for the alternative text of a figure.

    Returns
    -------
    frame : Frame
        The piece of HTML: deterministic, no ids, no external parts.

    Raises
    ------
    TypeError
        When the result is nothing that can be shown.
    """
    figure = _as_figure(result)
    if figure is not None:
        return _from_figure(figure, setting)
    if isinstance(result, pd.Series):
        result = result.to_frame()
    if isinstance(result, pd.DataFrame):
        return _from_table(result)
    if isinstance(result, Report):
        return Frame(_tidy(result._repr_html_()), str(result))
    if isinstance(result, str | int | float | np.number | np.bool_):
        text = show_value(result)
        style = "white-space:pre-wrap;margin:0"
        return Frame(f'<p style="{style}">{inline_html(text)}</p>', text)
    if callable(getattr(result, "_repr_html_", None)):
        return Frame(_tidy(str(result._repr_html_())), str(result))
    given = "nothing (None)" if result is None else a_kind(result)
    raise TypeError(
        f"the explored function returned {given} for {setting}; return a figure "
        "or its axes, a DataFrame, a report or a string"
    )


def _as_figure(result: Any) -> Any:
    if "matplotlib.figure" not in sys.modules:
        return None
    from matplotlib.figure import Figure

    if isinstance(result, np.ndarray | list | tuple) and len(result):
        result = np.asarray(result, dtype=object).ravel()[0]
    for _ in range(3):  # a figure inside a figure: climb to the outermost
        if isinstance(result, Figure):
            return result
        result = getattr(result, "figure", None)
    return None


def _from_figure(figure: Any, setting: str) -> Frame:
    from PIL import Image

    width = figure.get_size_inches()[0]
    buffer = io.BytesIO()
    quick = {"compress_level": 1}  # only read back below
    dpi = min(100.0, WIDTH / width)
    figure.savefig(buffer, format="png", dpi=dpi, pil_kwargs=quick)
    drawn = Image.open(buffer).convert("RGBA")
    white = Image.new("RGBA", drawn.size, "white")
    picture = Image.alpha_composite(white, drawn).convert("RGB")
    for colours in (COLOURS, COLOURS // 2):  # fewer where a picture is crowded
        small = picture.quantize(
            colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        buffer = io.BytesIO()
        small.save(buffer, format="png", optimize=True)
        if len(buffer.getvalue()) <= FRAME_BYTES:
            break
    code = base64.b64encode(buffer.getvalue()).decode("ascii")
    title = _figure_title(figure)
    alt = f"{title}. {setting}" if title else setting
    wide, high = small.size
    return Frame(
        f'<img alt="{html.escape(alt)}" width="{wide}" height="{high}" '
        f'style="{_IMG}" src="data:image/png;base64,{code}">',
        alt,
        is_figure=True,
    )


def _figure_title(figure: Any) -> str:
    if figure.get_suptitle():
        return str(figure.get_suptitle())
    titles = [
        axes.get_title(loc=side)
        for axes in figure.axes
        for side in ("left", "center", "right")
    ]
    return "; ".join(" ".join(title.split()) for title in titles if title)


def _from_table(table: pd.DataFrame) -> Frame:
    rounded = table.round(3)
    index = not (isinstance(table.index, pd.RangeIndex) and table.index.name is None)
    markup = _tidy(rounded.to_html(index=index, border=0))
    return Frame(markup, rounded.to_string(index=index))


def _tidy(markup: str) -> str:
    """Drop the indentation between tags, a third of a table's bytes; style tables.

    The style sheet of a page does not reach into a widget. Where it does, it
    joins the borders of cells, and the space between them counts for nothing.
    """
    tight = re.sub(r">\s*\n\s*<", "><", markup.strip())
    return re.sub(r"<table(?![^>]*\sstyle=)", f'<table style="{_TABLE}"', tight)
