"""Follow rows through expressions: names, columns, slices, arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from mlworkbench.leakage._lint_rules import Rules
from mlworkbench.leakage._lint_values import (
    Fit,
    Place,
    Value,
    flat,
    joined,
)

__all__ = ["MAX_WORK", "Expressions"]

_MAX_TURNS = 6
_INSIDE = {"best_estimator_", "named_steps", "steps", "estimator_", "estimators_"}
_INSIDE |= {"regressor_", "named_transformers_", "best_model", "best_pipeline_"}
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

    def subscript(self, node: ast.Subscript) -> Value:
        """Read columns, rows, items (see `Parts`)."""
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
        parts = [self.value(part) for part in _operands(node)]
        result = joined(parts)
        if isinstance(node, ast.Compare) and len(parts) == 2:
            result.verdict = _against_labels(*parts)
        return result

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
        result = joined([left, right], scales=scales)
        if isinstance(node.op, ast.Sub) and _against_labels(left, right):
            result.verdict = True
        return result

    def comprehension(
        self, loops: list[ast.comprehension], elements: list[ast.expr]
    ) -> Value:
        """Read a comprehension as the loop that it is."""
        turns = self.turns(loops[0].iter)
        if len(turns) > 1 and len(loops) == 1:
            return self.turn_by_turn(loops[0], turns, elements)
        before = dict(self.names)
        conditions: list[Value] = []
        complete = True
        gone: set[str] = set()
        for loop in loops:
            source = turns[0] if len(turns) == 1 else self.value(loop.iter)
            turns = []
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

    def turn_by_turn(
        self, loop: ast.comprehension, turns: list[Value], elements: list[ast.expr]
    ) -> Value:
        """Read `f(part) for part in (train, test)`: something of each part."""
        before = dict(self.names)
        self.loops.append(id(loop))
        found: list[Value] = []
        for turn in turns:
            self.bind_loop(loop.target, turn)
            for condition in loop.ifs:
                self.value(condition)
            found += [self.value(element) for element in elements]
        self.loops.pop()
        self.names = before
        return Value(items=found)

    def turns(self, node: ast.expr) -> list[Value]:
        """Give what a loop goes through: turn by turn where parts of rows differ."""
        source = self.value(node)
        if isinstance(node, ast.Name) or _call_of(node) == "select_dtypes":
            table = any(path[0][-1].startswith("read_") for path in source.rows)
            if table and source.column is None and not source.grouped:
                return [Value(labels=True)]
        items = source.items or []
        parts = {(p.rows, p.role) for item in items for p in flat(item) if p.rows}
        if source.step or len(parts) < 2 or len(items) > _MAX_TURNS:
            return [source]
        if len({role for _, role in parts}) < 2:
            return [source]
        return [source.copy(items=[item]) for item in items]

    def attribute(self, node: ast.Attribute) -> Value:
        """Read `table.column`, `model.attribute_` and the like."""
        known = self.names.get(ast.unparse(node))
        if known is not None:
            return known
        owner = self.value(node.value)
        if owner.estimator and node.attr in _INSIDE:
            return owner
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
        table = any(path[0][-1].startswith("read_") for path in owner.rows)
        if node.attr in {"data", "target", "frame"} and not table:
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


def _call_of(node: ast.expr) -> str:
    """Give the name of the method that is called, if one is."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def _against_labels(one: Value, other: Value) -> bool:
    """Say whether one is predicted for the rows of the other."""
    models = [{f for f in v.fits if f.role == "model"} for v in (one, other)]
    return bool(one.rows and other.rows) and bool(models[0]) != bool(models[1])


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


def _operands(node: ast.expr) -> list[ast.expr]:
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
