"""Follow rows through indexing: columns, masks, slices, items."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mlworkbench.leakage._lint_expressions import Expressions
from mlworkbench.leakage._lint_names import role_of_name
from mlworkbench.leakage._lint_values import Step, Value, child_rows, flat, joined

__all__ = ["Parts"]


class Parts(Expressions):
    """Says what `table[...]` gives."""

    def subscript(self, node: ast.Subscript) -> Value:
        """Read columns, rows, items."""
        indexer = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        owner, index = self.value(node.value), node.slice
        if owner.estimator and not owner.items:  # a step of a pipeline
            return owner
        if not owner.rows and not owner.grouped:
            return self.item(owner, index)
        if isinstance(index, ast.Tuple) and len(index.elts) == 2:
            return self.both_axes(owner, indexer, index)
        if indexer not in {"loc", "iloc"}:
            where = self.value(index)
            names = where.names()
            if names is not None:
                if isinstance(where.constant, str):
                    return self.column(owner, names[0])
                return self.columns(owner, names)
            if where.all_fits and not where.rows:
                return self.chosen(owner, where)
            if where.labels:
                table = owner.table if where.complete else None
                return owner.copy(table=table, dropped=owner.dropped | where.dropped)
            part = self.part(owner, index)
            if not isinstance(index, ast.Slice) and not _mask(owner, where):
                part.table = None  # rows or columns, who knows
            return part
        return self.part(owner, index)

    def item(self, owner: Value, index: ast.expr) -> Value:
        """Read an item of a list, a dict, a result."""
        where = self.value(index)
        if owner.items and isinstance(where.constant, int):
            at = where.constant
            if -len(owner.items) <= at < len(owner.items):
                return owner.items[at]
        if owner.items and not owner.step:
            return self.either(owner.items) if len(flat(owner)) < 200 else Value()
        return joined([owner, where])

    def both_axes(self, owner: Value, indexer: str, index: ast.Tuple) -> Value:
        """Read `table.loc[rows, columns]` and `array[rows, columns]`."""
        rows, columns = index.elts
        whole = isinstance(rows, ast.Slice) and not (rows.lower or rows.upper)
        part = owner if whole else self.part(owner, rows)
        where = self.value(columns)
        names = where.names()
        if names is not None:
            if isinstance(where.constant, str):
                return self.column(part, names[0])
            return self.columns(part, names)
        if where.all_fits and not where.rows:
            return self.chosen(part, where)
        return part.copy(table=None, known=None, column=None)

    def columns(self, table: Value, names: Iterable[str]) -> Value:
        """Give some columns of a table."""
        kept = frozenset(names)
        mine = {k: v for k, v in table.by_column.items() if k in kept}
        return table.copy(known=kept, by_column=mine, column=None, made_of=frozenset())

    def chosen(self, table: Value, where: Value) -> Value:
        """Give the columns that a statistic has chosen."""
        fits = {
            replace(fit, kind="L1.3") if fit.role == "values" else fit
            for fit in where.all_fits
        }
        return table.copy(fits=table.fits | fits, table=None, known=None, column=None)

    def part(self, owner: Value, index: ast.expr) -> Value:
        """Give the rows that an index picks."""
        where = self.value(index)
        role = owner.role
        whose = _half(owner, index)
        if whose is not None:
            new = owner.copy(rows=whose.rows, role=whose.role, stacked=None)
            return new.copy(parent=None)
        ends = {path[-1] for path in where.rows if path[-1][0] == "split"}
        if where.step:
            step, role = where.step, where.role
        elif len(ends) == 1 and len(where.rows) == 1:
            step, role = ends.pop(), where.role
        elif isinstance(index, ast.Slice) and not (index.lower or index.upper):
            return owner
        else:
            step = ("rows", ast.unparse(index))
            role = _role_of_mask(index) or role
        varies = owner.varies | where.varies
        new = owner.copy(rows=child_rows(owner.rows, step), role=role, varies=varies)
        new.stacked = None
        if new.parent is not None:
            new.parent = None
        return new

    def halves(self, value: Value, key: str, names: Sequence[str]) -> list[Value]:
        """Give the parts of rows after a split, by the name of their role."""
        return [
            value.copy(rows=child_rows(value.rows, step), role=name, parent=None)
            for name in names
            for step in [self.split_step(key, name)]
        ]

    @staticmethod
    def split_step(key: str, name: str) -> Step:
        """Give the step that leads to one side of a split."""
        return ("split", key, name)


def _half(owner: Value, index: ast.expr) -> Value | None:
    """Say which of two stacked tables `[:len(train)]`, `[n_train:]` give back."""
    if owner.stacked is None or not isinstance(index, ast.Slice) or index.step:
        return None
    bound = index.lower or index.upper
    if bound is None or (index.lower and index.upper):
        return None
    if not re.search(r"len\(|shape|train", ast.unparse(bound)):
        return None
    return owner.stacked[1 if index.lower else 0]


def _mask(owner: Value, where: Value) -> bool:
    """Say whether an index is made of the rows that it is an index of."""
    roots = {path[0] for path in owner.rows}
    return bool(where.step) or any(path[0] in roots for path in where.rows)


def _role_of_mask(index: ast.expr) -> str | None:
    """Say what `rows[train]`, `rows[~train]` and `rows[test_rows]` pick."""
    other = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert)
    if isinstance(index, ast.UnaryOp) and other:
        index = index.operand
    role = role_of_name(index.id) if isinstance(index, ast.Name) else None
    if not other:
        return role
    return {"train": "test", "test": "train"}.get(role or "")
