"""The card of a data set: where it comes from, what it means, where it fails."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

__all__ = ["Card", "card_names", "cards_folder", "read_card"]

REQUIRED = (
    "name", "title", "summary", "tier", "licence", "origin", "collected", "rows",
    "columns", "targets", "faults", "not_for", "files", "references", "notebooks",
)  # fmt: skip
_OPTIONAL = ("licence_note", "tables", "default_target", "source", "built_with")
_TIERS = ("embedded", "remote", "synthetic")


def cards_folder() -> Path:
    """Find the folder that holds one folder a data set.

    Returns
    -------
    folder : pathlib.Path
        Inside an installed package, or the repository's own for a package
        installed in place.
    """
    inside = Path(__file__).parent / "_files"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "datasets"


def card_names() -> list[str]:
    """List the data sets that have a card.

    Returns
    -------
    names : list of str
        In alphabetical order.
    """
    return sorted(path.parent.name for path in cards_folder().glob("*/card.yaml"))


@dataclass(frozen=True, eq=False, repr=False)
class Card:
    """What one should know before using a data set.

    Shown as HTML in a notebook and as text in a terminal; `to_markdown` gives
    the page of the book.

    Parameters
    ----------
    facts : mapping
        The content of `card.yaml`, as read.

    Attributes
    ----------
    name, title, summary : str
        What to call it, and what it is in one line.
    tier : {"embedded", "remote", "synthetic"}
        Whether the file is in the package, is fetched, or is made on the spot.
    licence, origin, collected : str
        What is allowed, who published it, how it came about.
    rows : int
        Number of rows of the main table.
    columns : pandas.DataFrame
        One row a column: `dtype`, `unit`, `known` (before or after the moment
        of prediction), `missing` (rows), `meaning`.
    targets : pandas.DataFrame
        One row a target: `rows` with a known value, `positives`,
        `positive_rate`, `meaning`.
    faults, not_for, references, notebooks : tuple of str
        Known faults, what it must not be used for, sources, where it is used.
    files : dict
        Size and SHA-256 of every file.
    """

    facts: Mapping[str, Any]

    def __getattr__(self, key: str) -> Any:
        """Give an entry of the card."""
        facts = self.__dict__.get("facts", {})
        if key.startswith("_") or key not in facts:
            raise AttributeError(f"the card has no {key!r}; it has {sorted(facts)}")
        value = facts[key]
        return tuple(value) if isinstance(value, list) else value

    def __dir__(self) -> list[str]:
        """List the entries too, for completion."""
        return sorted({*super().__dir__(), *self.facts})

    @property
    def columns(self) -> pd.DataFrame:
        """One row a column of the main table."""
        return _table(self.facts["columns"])

    @property
    def targets(self) -> pd.DataFrame:
        """One row a target that `load(name, target=...)` knows."""
        return _table(self.facts["targets"])

    @property
    def default_target(self) -> str:
        """The target that `load(name)` gives."""
        return str(self.facts.get("default_target", next(iter(self.facts["targets"]))))

    def table_columns(self, table: str) -> pd.DataFrame:
        """Describe the columns of one of the further tables.

        Parameters
        ----------
        table : str
            Its name, e.g. "weather".

        Returns
        -------
        columns : pandas.DataFrame
            One row a column.

        Raises
        ------
        KeyError
            When there is no such table.
        """
        tables = self.facts.get("tables", {})
        if table not in tables:
            raise KeyError(f"{self.name} has no table {table!r}; it has {list(tables)}")
        return _table(tables[table]["columns"])

    def _sections(self) -> list[tuple[str, Any]]:
        """Give headings with a text, a list or a table, in reading order."""
        facts = self.facts
        positive = self.targets.drop(columns=["rule"], errors="ignore")
        parts: list[tuple[str, Any]] = [
            ("Licence", f"{facts['licence']}. {facts.get('licence_note', '')}".strip()),
            ("Origin", facts["origin"]),
            ("How it was collected", facts["collected"]),
            ("Targets", positive),
            (f"Columns ({len(facts['columns'])})", self.columns),
        ]
        for name, table in facts.get("tables", {}).items():
            title = f"Table {name}: {table['meaning']} ({table['rows']:,} rows)"
            parts.append((title, _table(table["columns"])))
        parts += [
            ("Known faults", facts["faults"]),
            ("Must not be used for", facts["not_for"]),
        ]
        if facts["files"]:
            parts.append(("Files", _table(facts["files"])))
        if facts["references"]:
            parts.append(("References", facts["references"]))
        return parts

    def _line(self) -> str:
        facts = self.facts
        return f"{facts['rows']:,} rows × {len(facts['columns'])} columns, {self.tier}"

    def to_markdown(self, level: int = 1) -> str:
        """Write the card as Markdown.

        Parameters
        ----------
        level : int, default=1
            Level of the card's own heading; its sections are one deeper.

        Returns
        -------
        text : str
            Plain Markdown with pipe tables, ending with a newline.

        Examples
        --------
        >>> from mlworkbench import datasets
        >>> print(datasets.card("hmda").to_markdown().splitlines()[0])
        # Boston mortgage applications, 1990
        """
        lines = [f"{'#' * level} {self.title}", "", self.summary, "", self._line()]
        # Not in a notebook's own view of the card: each new notebook would make
        # the stored output of the others stale.
        used = ("Notebooks that use it", self.facts["notebooks"] or ["none yet"])
        for heading, content in [*self._sections(), used]:
            lines += ["", f"{'#' * (level + 1)} {heading}", ""]
            if isinstance(content, pd.DataFrame):
                lines += _pipes(content)
            elif isinstance(content, list):
                lines += [f"- {item}" for item in content]
            else:
                lines.append(str(content))
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        """Give the card for a terminal."""
        lines = [self.title, "=" * len(self.title), self.summary, self._line()]
        for heading, content in self._sections():
            lines += ["", heading, "-" * len(heading)]
            if isinstance(content, pd.DataFrame):
                lines.append(_left(_shown(content)).to_string(justify="left"))
            elif isinstance(content, list):
                lines += [f"* {item}" for item in content]
            else:
                lines.append(str(content))
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Give the same text as `str`."""
        return str(self)

    def _repr_html_(self) -> str:
        """Give the card for a notebook; long parts fold."""
        parts = [
            f"<p><strong>{html.escape(self.title)}</strong></p>",
            f"<p>{html.escape(self.summary)}</p><p>{html.escape(self._line())}</p>",
        ]
        for heading, content in self._sections():
            if isinstance(content, pd.DataFrame):
                body = _shown(content).to_html(border=0, justify="left")
            elif isinstance(content, list):
                items = "".join(f"<li>{html.escape(str(i))}</li>" for i in content)
                body = f"<ul>{items}</ul>"
            else:
                body = f"<p>{html.escape(str(content))}</p>"
            title = html.escape(heading)
            parts.append(f"<details><summary>{title}</summary>{body}</details>")
        return "\n".join(parts)


def _table(rows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(dict(rows), orient="index")
    # The meaning is the longest text: it reads best at the end.
    last = [c for c in ("meaning", "sha256") if c in frame]
    return frame[[c for c in frame if c not in last] + last]


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.map(_cell)


def _left(frame: pd.DataFrame) -> pd.DataFrame:
    """Pad words to the right; pandas would push them to the right edge."""
    width = {c: max(map(len, frame[c]), default=0) for c in frame}
    padded = {c: [cell.ljust(width[c]) for cell in frame[c]] for c in frame}
    return pd.DataFrame(padded, index=frame.index)


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return "–"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) > 1
        return f"{int(value):,}" if whole else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _pipes(frame: pd.DataFrame) -> list[str]:
    def row(cells: Any) -> str:
        return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"

    # An address in code quotes stays text: the book links to nothing remote.
    shown = _shown(frame).replace(r"^(https?://.*)$", r"`\1`", regex=True)
    head = ["", *shown.columns]
    body = [row([f"`{i}`", *values]) for i, *values in shown.itertuples(name=None)]
    return [row(head), row(["---"] * len(head)), *body]


@lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> Mapping[str, Any]:
    # The compiled safe loader is ten times faster, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    facts = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    missing = [key for key in REQUIRED if key not in facts]
    unknown = [key for key in facts if key not in (*REQUIRED, *_OPTIONAL)]
    if missing or unknown or facts["tier"] not in _TIERS:
        raise ValueError(
            f"{path.parent.name}/card.yaml lacks {missing}, has the unknown keys "
            f"{unknown} or a tier outside {_TIERS}; bring it into the form of the "
            "other cards"
        )
    return dict(facts)


def read_card(name: str) -> Card:
    """Read a card that exists.

    Parameters
    ----------
    name : str
        One of `card_names()`.

    Returns
    -------
    card : Card
        Read once a process, again when the file changes.
    """
    path = cards_folder() / name / "card.yaml"
    return Card(_read(path, path.stat().st_mtime_ns))
