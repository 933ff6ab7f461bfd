"""Follow rows through expressions: names, columns, slices, arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mlworkbench.leakage._lint_names import role_of_name
from mlworkbench.leakage._lint_rules import Rules
from mlworkbench.leakage._lint_values import (
    Fit,
    Place,
    Step,
    Value,
    child_rows,
    flat,
    joined,
)

__all__ = ["MAX_WORK", "Expressions"]

MAX_WORK = 20_000  # above it calls and loops are read in less depth
_INDEXERS = {"loc", "iloc", "at", "iat"}
_SAME = {"values", "T", "str", "dt", "cat", "A", "array"}


class Expressions:
    """Finds out what an expression stands for.

    Parameters
    ----------
    rules : Rules
        What judges.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.names: dict[str, Value] = {}
        self.loops: list[int] = []
        self.depth = 0
        self.cell = 1
        self.tables = 0
        self.work = 0  # expressions read, in the cell at hand
        self.called: set[int] = set()

    def run(self, body: Sequence[ast.stmt]) -> Value | None:
        """Read statements (see `Flow`)."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        """Read a call (see `Calls`)."""
        raise NotImplementedError

    def bind_loop(self, target: ast.expr, source: Value) -> None:
        """Give the variables of a loop what one turn gives them (see `Flow`)."""
        raise NotImplementedError

    def bind(
        self, target: ast.expr, value: Value, given: ast.expr | None = None
    ) -> None:
        """Give a name its value (see `Flow`)."""
        raise NotImplementedError

    def place(self, node: ast.AST) -> Place:
        """Say where a node stands."""
        return Place(self.cell, getattr(node, "lineno", 0))

    def value(self, node: ast.expr) -> Value:
        """Say what an expression stands for."""
        self.work += 1
        match node:
            case ast.Name():
                return self.names.get(node.id) or Value()
            case ast.Constant():
                return Value(constant=node.value)
            case ast.Tuple() | ast.List() | ast.Set():
                return self.sequence(node.elts)
            case ast.Dict():
                values = [self.value(item) for item in node.values]
                keys = [self.value(key) for key in node.keys if key is not None]
                return Value(items=values, parts=keys)
            case ast.Call():
                result = self.call(node)
                self.rules.remember(result.rows, tuple(self.loops))
                return result
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                result = self.subscript(node)
                self.rules.remember(result.rows, tuple(self.loops))
                return result
            case ast.BinOp():
                return self.arithmetic(node)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.bind(node.target, value)
                return value
            case ast.IfExp():
                return self.either([self.value(node.body), self.value(node.orelse)])
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self.comprehension(node.generators, [node.elt])
            case ast.DictComp():
                return self.comprehension(node.generators, [node.value])
            case ast.Lambda():
                return Value(code=node)
            case ast.Starred() | ast.Await():
                return self.value(node.value)
        return joined(self.value(part) for part in _operands(node))

    def sequence(self, elements: list[ast.expr]) -> Value:
        """Read a tuple or a list."""
        items: list[Value] = []
        for element in elements:
            value = self.value(element)
            spread = isinstance(element, ast.Starred) and value.items
            items += value.items if spread and value.items else [value]
        return Value(items=items)

    def either(self, values: Sequence[Value]) -> Value:
        """Give what stands for any of several values."""
        if len(values) == 1:
            return values[0].copy()
        both = joined(values)
        models = [value for value in values if value.estimator]
        if models:
            first = models[0]
            parts = [part for model in models for part in model.parts]
            fitted = frozenset[Fit]().union(*(model.fitted for model in models))
            return first.copy(parts=parts, fitted=fitted, varies=both.varies)
        return both

    def arithmetic(self, node: ast.BinOp) -> Value:
        """Combine two values, or two lists of names."""
        left, right = self.value(node.left), self.value(node.right)
        names = left.names(), right.names()
        if isinstance(node.op, ast.Add) and names[0] and names[1]:
            return Value(items=[*(left.items or [left]), *(right.items or [right])])
        scales = isinstance(node.op, ast.Div | ast.Mult | ast.FloorDiv)
        return joined([left, right], scales=scales)

    def comprehension(
        self, loops: list[ast.comprehension], elements: list[ast.expr]
    ) -> Value:
        """Read a comprehension as the loop that it is."""
        before = dict(self.names)
        conditions: list[Value] = []
        complete = True
        gone: set[str] = set()
        for loop in loops:
            source = self.value(loop.iter)
            self.loops.append(id(loop))
            self.bind_loop(loop.target, source)
            for condition in loop.ifs:
                conditions.append(self.value(condition))
                texts = _excluded(condition)
                complete, gone = complete and texts is not None, gone | (texts or set())
        found = [self.value(element) for element in elements]
        labels = any(value.labels for value in found)
        result = joined([*found, *(conditions if labels else [])])
        result.labels, result.dropped = labels, frozenset(gone if labels else ())
        result.complete = labels and complete and result.fits == frozenset()
        if any(value.estimator for value in found):
            result.items = found
        for _ in loops:
            self.loops.pop()
        self.names = before
        result.made_of = frozenset()
        return result

    def attribute(self, node: ast.Attribute) -> Value:
        """Read `table.column`, `model.attribute_` and the like."""
        known = self.names.get(ast.unparse(node))
        if known is not None:
            return known
        owner = self.value(node.value)
        if owner.estimator:
            return Value(fits=self.learned(owner, "values"), varies=owner.varies)
        if not owner.rows:
            return Value(fits=owner.all_fits, varies=owner.varies)
        if node.attr in _INDEXERS or node.attr in _SAME:
            return owner
        if node.attr == "columns":
            return Value(labels=True, complete=True)
        if node.attr in {"index", "shape", "size", "dtypes", "dtype"}:
            keep = owner.rows if node.attr == "index" else frozenset()
            return Value(rows=keep, role=owner.role if keep else None)
        if node.attr in {"data", "target", "frame"}:
            return owner.copy(table=None, known=None)
        return self.column(owner, node.attr)

    def learned(self, model: Value, role: str) -> frozenset[Fit]:
        """Give the lessons of an estimator, in the part that they play now."""
        return frozenset(
            replace(fit, role=role) if fit.role in {"model", "values"} else fit
            for fit in model.fitted
        )

    def column(self, table: Value, name: str) -> Value:
        """Give one column of a table."""
        return Value(
            rows=table.rows,
            fits=table.fits | table.by_column.get(name, frozenset()),
            role=table.role,
            varies=table.varies,
            table=table.table,
            known=frozenset({name}),
            made=table.made,
            column=name if table.table is not None else None,
            parent=table,
            grouped=table.grouped,
        )

    def subscript(self, node: ast.Subscript) -> Value:
        """Read columns, rows, items."""
        indexer = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        owner, index = self.value(node.value), node.slice
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


def _mask(owner: Value, where: Value) -> bool:
    """Say whether an index is made of the rows that it is an index of."""
    roots = {path[0] for path in owner.rows}
    return bool(where.step) or any(path[0] in roots for path in where.rows)


def _excluded(condition: ast.expr) -> set[str] | None:
    """Give the names that `c != "t"` and `c not in ("t",)` leave out."""
    if not isinstance(condition, ast.Compare) or len(condition.ops) != 1:
        return None
    if not isinstance(condition.ops[0], ast.NotEq | ast.NotIn):
        return None
    try:
        told = ast.literal_eval(condition.comparators[0])
    except (ValueError, TypeError):
        return None
    if isinstance(told, list | tuple | set):
        return {str(name) for name in told}
    return {told} if isinstance(told, str) else None


def _role_of_mask(index: ast.expr) -> str | None:
    """Say what `rows[train]`, `rows[~train]` and `rows[test_rows]` pick."""
    other = isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert)
    if isinstance(index, ast.UnaryOp) and other:
        index = index.operand
    role = role_of_name(index.id) if isinstance(index, ast.Name) else None
    if not other:
        return role
    return {"train": "test", "test": "train"}.get(role or "")


def _operands(node: ast.expr) -> list[ast.expr]:
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
