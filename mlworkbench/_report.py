"""What an analysis returns: one table, a few facts, one plot, some notes."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import html
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._files import write_text

__all__ = ["Report", "Verdict", "VerdictError"]

_SCALARS = (bool, int, float, str, np.generic)
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse}th,td{padding:.25rem .6rem;"
    "text-align:right;border-bottom:1px solid #ccc}th{text-align:left}"
)


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """Base of everything an analysis returns.

    A subclass is a frozen dataclass (`eq=False`) that adds its facts as fields
    and implements `plot`. All facts are shown, in the order of the fields.

    Parameters
    ----------
    frame : pandas.DataFrame
        The result as a tidy table, in full precision.
    notes : tuple of str, keyword-only
        What the reader should know before believing the numbers.

    Attributes
    ----------
    title : str, class attribute
        Heading of the report.
    decimals : int, class attribute
        Decimal places shown; nothing is rounded in `frame` or in the fields.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    title: ClassVar[str] = "Report"
    decimals: ClassVar[int] = 3

    @property
    def facts(self) -> dict[str, Any]:
        """The scalar fields by name: what is shown above the table."""
        return {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.repr and isinstance(getattr(self, f.name), _SCALARS)
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the one obvious picture.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.

        Raises
        ------
        NotImplementedError
            When this kind of report has no picture.
        """
        raise NotImplementedError(f"{type(self).__name__} has no picture; use .frame")

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain Python values, ready for JSON.

        Returns
        -------
        report : dict
            Keys `title`, `facts`, `notes` and `frame`, a list of records; an
            index that is more than row numbers comes first in each.

        Notes
        -----
        Numbers keep all their digits. A missing value is None. JSON has no
        infinity: it becomes the text "inf" or "-inf", which `float` reads.
        Dates and lengths of time become ISO 8601 text.
        """
        return {
            "title": self.title,
            "facts": {name: _plain(value) for name, value in self.facts.items()},
            "notes": list(self.notes),
            "frame": _records(self.frame),
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report as one self-contained HTML page.

        Parameters
        ----------
        path : path-like
            File to write; an existing one is replaced only when the new one is
            complete. The picture is included where matplotlib is installed.

        Returns
        -------
        path : pathlib.Path
            The file written.
        """
        page = (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{html.escape(self.title)}</title><style>{_STYLE}</style></head>"
            f"<body>{self._repr_html_()}{self._picture()}</body></html>\n"
        )
        return write_text(path, page)

    def _picture(self) -> str:
        if type(self).plot is Report.plot:
            return ""
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError:
            return "<p>No picture: matplotlib is not installed.</p>"
        figure = Figure(figsize=(7, 4), layout="constrained")
        FigureCanvasAgg(figure)
        self.plot(ax=figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=110)
        code = base64.b64encode(buffer.getvalue()).decode("ascii")
        return (
            f'<img alt="{html.escape(self.title)}" src="data:image/png;base64,{code}">'
        )

    def _shown(self) -> pd.DataFrame:
        numbers = self.frame.select_dtypes("number", exclude="timedelta")
        shown = self.frame.round(dict.fromkeys(numbers, self.decimals))
        for name in numbers.select_dtypes("float"):
            lost = (shown[name] == 0) & (self.frame[name] != 0)
            if lost.any():  # rounding must not turn a small number into none
                small = [_show(value, self.decimals) for value in self.frame[name]]
                shown[name] = pd.Series(small, index=shown.index, dtype=object)
        return shown

    def _fact_lines(self) -> list[str]:
        return [
            f"{name.replace('_', ' ')}: {_show(value, self.decimals)}"
            for name, value in self.facts.items()
        ]

    def __str__(self) -> str:
        """Give the report for a terminal."""
        index = not _is_default(self.frame.index)
        lines = [self.title, "=" * len(self.title), *self._fact_lines()]
        lines += ["", self._shown().to_string(index=index)] if len(self.frame) else []
        lines += [""] if self.notes else []
        return "\n".join(lines + [f"note: {note}" for note in self.notes])

    def __repr__(self) -> str:
        """Give the same text as `str`."""
        return str(self)

    def _repr_html_(self) -> str:
        """Give the report for a notebook: stable text, no ids, no styles."""
        parts = [f"<p><strong>{html.escape(self.title)}</strong></p>"]
        facts = [f"<li>{html.escape(line)}</li>" for line in self._fact_lines()]
        parts += [f"<ul>{''.join(facts)}</ul>"] if facts else []
        if len(self.frame):
            index = not _is_default(self.frame.index)
            parts.append(self._shown().to_html(index=index, border=0))
        parts += [f"<p>Note: {html.escape(note)}</p>" for note in self.notes]
        return "\n".join(parts)


class VerdictError(AssertionError):
    """Raised by `Verdict.raise_if_failed`, with the report as its message."""


@dataclass(frozen=True, eq=False, repr=False)
class Verdict(Report):
    """A report that says yes or no; a subclass implements `ok`."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found that should stop a pipeline."""
        raise NotImplementedError(f"{type(self).__name__} must say when it is ok")

    def raise_if_failed(self) -> None:
        """Stop a pipeline when the verdict is no.

        Raises
        ------
        VerdictError
            With the report as its message, when `ok` is False.
        """
        if not self.ok:
            raise VerdictError(f"\n{self}")

    def _fact_lines(self) -> list[str]:
        return [f"ok: {'yes' if self.ok else 'no'}", *super()._fact_lines()]


def _is_default(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex) and index.name is None


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give one dict a row, the index first where it means something."""
    columns: dict[str, Any] = {
        str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)
    }
    index = frame.index
    own: dict[str, Any] = {}
    for level in range(0 if _is_default(index) else index.nlevels):
        unnamed = f"level_{level}" if index.nlevels > 1 else "index"
        name = unnamed if index.names[level] is None else str(index.names[level])
        while name in columns or name in own:
            name = f"{name} (index)"
        own[name] = index.get_level_values(level)
    columns = own | columns
    values = ([_plain(value) for value in column] for column in columns.values())
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _plain(value: Any) -> Any:
    """Turn a value into one that JSON has."""
    if isinstance(value, np.datetime64 | np.timedelta64 | np.ndarray):
        value = pd.Series([value]).iloc[0] if value.ndim == 0 else value.tolist()
    elif isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        if np.isinf(value):
            return "inf" if value > 0 else "-inf"
        return None if np.isnan(value) else value
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.timedelta):
        return pd.Timedelta(value).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _show(value: Any, decimals: int) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        size = abs(float(value))
        if size == np.inf:
            return "∞" if value > 0 else "−∞"
        if size >= 10**6 or 0 < size < 10**-decimals:
            return f"{value:.{decimals}g}"
        if size >= 1000:
            return f"{value:,.0f}"
        text = f"{value + 0.0:.{decimals}f}"  # -0.0 + 0.0 is 0.0
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return str(value)
