"""What a name stands for while a notebook is read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = [
    "Fit",
    "Path",
    "Place",
    "Rows",
    "Value",
    "child_rows",
    "flat",
    "joined",
    "meets",
    "seen_by",
]

Step = tuple[str, ...]
Path = tuple[Step, ...]
Rows = frozenset[Path]
NO_ROWS: Rows = frozenset()


@dataclass(frozen=True, order=True)
class Place:
    """A line of a cell."""

    cell: int
    line: int

    def __str__(self) -> str:
        """Say where that is."""
        return f"cell {self.cell}, line {self.line}"


@dataclass(frozen=True)
class Fit:
    """Something was learned from rows.

    Parameters
    ----------
    place : Place
        Where.
    what : str
        What did it, such as "StandardScaler.fit".
    kind : str
        Code of the kind of leakage that it is, if test rows are among `rows`.
    rows : frozenset of paths
        Rows that it saw.
    severity : {"leak", "warning", "note"}
        How grave.
    role : {"model", "values", "choice"}
        Whether a model was trained, values were changed, or something was
        chosen by a score.
    """

    place: Place
    what: str
    kind: str
    rows: Rows
    severity: str = "leak"
    role: str = "values"


Fits = frozenset[Fit]


@dataclass(eq=False)
class Value:
    """What is known of a value: its rows, and what was learned on the way.

    Rows are paths from a source down: ``(source,)``, then a step for every
    split or filter. A path that begins with another one lies within it.
    """

    rows: Rows = NO_ROWS
    fits: Fits = frozenset()
    role: str | None = None  # train, test, validation
    varies: frozenset[int] = frozenset()  # loops on which the value depends
    table: int | None = None  # which table its columns are of
    known: frozenset[str] | None = None  # column names, where they are known
    dropped: frozenset[str] = frozenset()
    by_column: dict[str, Fits] = field(default_factory=dict)
    made: dict[str, frozenset[str]] = field(default_factory=dict)
    column: str | None = None  # the name of the one column that this is
    made_of: frozenset[str] = frozenset()  # columns that it is computed from
    parent: Value | None = None  # the table that the column is of
    items: list[Value] | None = None
    constant: Any = None
    estimator: str | None = None
    parts: list[Value] = field(default_factory=list)
    fitted: Fits = frozenset()
    early: bool = False  # stops early on the rows it is given to watch
    grouped: bool = False
    window: bool = False  # a moving part of the rows before each
    labels: bool = False  # column labels, unknown which
    complete: bool = False  # those of the whole table, but for `dropped`
    own: Fits = frozenset()  # of an estimator: its own fit, not what came before
    extreme: bool = False  # a minimum or a maximum: a shift by it is harmless
    stacked: tuple[Value, Value] | None = None  # of which rows it was put together
    verdict: bool = False  # says where predictions and labels differ
    step: Step | None = None  # the part of the rows that an index picks
    code: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None
    klass: ast.ClassDef | None = None

    def copy(self, **changes: Any) -> Value:
        """Give another value that differs in some facts."""
        new = replace(self, **changes)
        new.by_column, new.made = dict(new.by_column), dict(new.made)
        return new

    @property
    def all_fits(self) -> Fits:
        """Everything that was learned on the way, in any column."""
        return self.fits.union(*self.by_column.values())

    def has(self, column: str) -> bool:
        """Say whether a table surely has a column (by name)."""
        if self.table is None or column in self.dropped:
            return False
        return self.known is None or column in self.known

    def names(self) -> list[str] | None:
        """Give the texts that the value is or holds."""
        if isinstance(self.constant, str):
            return [self.constant]
        if self.items is None:
            return None
        parts = [item.names() for item in self.items]
        if any(part is None for part in parts):
            return None
        return [text for part in parts for text in part or ()]


def joined(values: Iterable[Value], *, scales: bool = False) -> Value:
    """Combine values as arithmetic does: rows and lessons of all of them.

    A minimum or maximum counts only where it scales: to shift by it, or to
    count up to it, tells a model nothing.
    """
    parts = [part for value in values for part in flat(value)]
    rows = NO_ROWS.union(*(p.rows for p in parts))
    alone = not any(p.rows for p in parts)
    told = [p for p in parts if scales or alone or not p.extreme]
    fits: Fits = frozenset().union(*(p.all_fits for p in told))
    varies: frozenset[int] = frozenset().union(*(p.varies for p in parts))
    roles = {p.role for p in parts if p.rows}
    tables = {p.table for p in parts if p.rows}
    made: frozenset[str] = frozenset()
    if len(tables) == 1 and all(p.column or p.made_of for p in parts if p.rows):
        made = made.union(*({p.column} if p.column else p.made_of for p in parts))
    return Value(
        rows=rows,
        fits=fits,
        role=roles.pop() if len(roles) == 1 else None,
        varies=varies,
        table=tables.pop() if made else None,
        known=frozenset() if made else None,
        made_of=made,
        verdict=any(p.verdict for p in parts if p.rows),
        extreme=alone and not scales and any(p.extreme for p in parts),
    )


def flat(value: Value, depth: int = 0) -> list[Value]:
    """Give a value and all that it holds, four levels deep."""
    if not value.items or depth > 3:
        return [value]
    inside = (part for item in value.items for part in flat(item, depth + 1))
    return [value, *inside]


def child_rows(rows: Rows, step: Step) -> Rows:
    """Give the part of rows that a split or filter leaves."""
    return frozenset(path if path[-1:] == (step,) else (*path, step) for path in rows)


def seen_by(fitted: Rows, scored: Rows) -> bool:
    """Say whether scored rows were among those fitted on."""
    return any(
        path[: len(seen)] == seen or _two_samples(seen, path)
        for seen in fitted
        for path in scored
    )


def meets(some: Rows, others: Rows) -> bool:
    """Say whether two sets of rows have rows in common."""
    return seen_by(some, others) or seen_by(others, some)


def _two_samples(one: Path, other: Path) -> bool:
    """Say whether both were drawn from the same rows, each by itself."""
    for a, b in zip(one, other, strict=False):
        if a != b:
            return a[0] == b[0] == "sample"
    return False
