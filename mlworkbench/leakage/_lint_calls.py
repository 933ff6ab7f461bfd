"""Follow rows through calls: splits, fits, scores, statistics, functions."""

from __future__ import annotations

import ast

import mlworkbench.leakage._lint_names as names
from mlworkbench.leakage._lint_expressions import MAX_WORK
from mlworkbench.leakage._lint_tables import Given, Tables
from mlworkbench.leakage._lint_values import Value, flat, joined

__all__ = ["Calls"]

_MAX_DEPTH = 4


class Calls(Tables):
    """Says what a call gives."""

    def call(self, node: ast.Call) -> Value:
        """Read a call."""
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else ""
        name = func.id if isinstance(func, ast.Name) else name
        owner = None
        if isinstance(func, ast.Attribute):
            owner = self.value(func.value)
        given = Given(
            self.sequence(node.args).items or [],
            {k.arg or "**": self.value(k.value) for k in node.keywords},
            owner,
        )
        code = self.names.get(name) if isinstance(func, ast.Name) else None
        if isinstance(func, ast.Lambda):
            code = Value(code=func)
        tried = next((value for value in given.all if value.code), None)
        if name in names.OPTIMISERS and tried is not None and tried.code:
            self.turn(tried.code, Value())
            return Value()
        if code is not None and code.code is not None:
            return self.inline(code.code, given)
        if code is not None and code.estimator:
            return joined([code, *given.all])
        if name == "train" and {k.arg for k in node.keywords} & names.BOOSTING:
            return self.boosted(node, given)
        if name == "append" and owner is not None and owner.items is not None:
            owner.items = [*owner.items[-20:], *given.positional]
            return Value()
        if name in {"items", "values"} and owner is not None and _a_dict(owner):
            return _entries(name, owner)
        if owner is not None and owner.estimator:
            return self.method(node, name, owner, given)
        if owner is not None and (owner.rows or owner.grouped):
            return self.on_rows(node, name, owner, given)
        return self.function(node, name, given, code)

    def inline(self, code: ast.AST, given: Given) -> Value:
        """Read the body of a function defined here, with these arguments."""
        if self.depth >= _MAX_DEPTH or self.work > MAX_WORK:
            return joined(given.all)
        assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        self.called.add(id(code))
        inside, outside = dict(self.names), self.names
        spec = code.args
        wanted = [*spec.posonlyargs, *spec.args]
        defaults = wanted[len(wanted) - len(spec.defaults) :]
        for parameter, default in zip(defaults, spec.defaults, strict=True):
            inside[parameter.arg] = self.value(default)
        for parameter, given_value in zip(wanted, given.positional, strict=False):
            inside[parameter.arg] = given_value
        inside |= {key: value for key, value in given.named.items() if key != "**"}
        self.names, self.depth, cell = inside, self.depth + 1, self.cell
        self.cell = getattr(code, "cell", cell)
        if isinstance(code, ast.Lambda):
            result = self.value(code.body)
        else:
            result = self.run(code.body) or Value()
        self.names, self.depth, self.cell = outside, self.depth - 1, cell
        return result

    def function(
        self, node: ast.Call, name: str, given: Given, code: Value | None
    ) -> Value:
        """Read a call of a function or of a class."""
        first = given.get(0, "X", "data", "df")
        if name in names.SPLITTERS:
            return self.split(node, name, given)
        if name in names.CROSS_VALIDATORS:
            return self.cross_validate(node, given)
        if name in {"from_estimator", "permutation_importance", "plot_roc_curve"}:
            return Value()
        if names.is_metric(name) or name == "from_predictions":
            return self.metric(node, name, given)
        if name == "next" or name in {"list", "iter", "tqdm", "tuple", "sorted"}:
            return first if first.items or first.rows else joined(given.all)
        if name == "enumerate":
            return Value(items=[Value(items=[Value(), self.each(first)])])
        if name == "zip":
            return Value(items=[Value(items=[self.each(v) for v in given.positional])])
        if name in {"max", "min"} and "key" in given.named:
            return self.best(first, given)
        if name in names.NOTHING:
            many = name in {"product", "combinations", "permutations"}
            return Value(varies=joined(given.all).varies) if many else Value()
        if name == "resample" and first.rows:
            return self.drawn_again(node, first, given)
        if name in names.STATISTICS and any(value.rows for value in given.all):
            return self.statistic(node, name, joined(given.all))
        if name in names.WHOLE and first.rows:
            return self.whole(node, name, joined(given.all))
        if name in names.DATA or (name[:1].islower() and not self.is_maker(name)):
            return self.plain(node, name, given)
        if name[:1].isupper() or self.is_maker(name):
            return self.construct(name, given, code)
        return self.plain(node, name, given)

    def plain(self, node: ast.Call, name: str, given: Given) -> Value:
        """Read a call of something unknown: rows go through, or come from it."""
        everything = [*given.all, *([given.owner] if given.owner else [])]
        if any(part.rows for value in everything for part in flat(value)):
            if name in {"DataFrame", "get_dummies", "deepcopy", "copy"}:
                first = given.get(0, "data")
                if first.rows:
                    return first.copy(items=None)
            result = joined(everything)
            if name in names.STACKS and "axis" not in given.named:
                result.stacked = _two_parts(given)
            if name not in names.ROWWISE:
                result.made_of, result.table = frozenset(), None
            return result
        if name[:1].isupper() and name not in names.DATA:
            return joined(everything)
        result = joined(everything)
        if name in names.NUMBERS:
            return result
        if result.fits or result.varies:
            return result
        self.tables += 1
        place = self.place(node)
        root = frozenset({(("source", str(place), str(node.col_offset), name),)})
        return Value(rows=root, table=self.tables)

    def each(self, value: Value) -> Value:
        """Give what one turn of a loop over a value gives."""
        if value.items and not value.step:
            return self.either(value.items)
        if value.step:
            return Value(items=value.items)
        return value.copy(items=None, constant=None)

    def turn(self, code: ast.AST, one: Value) -> None:
        """Read a function that is called again and again with other values."""
        self.loops.append(id(code))
        one.varies |= {self.loops[-1]}
        self.inline(code, Given([one], {}, None))
        self.loops.pop()

    def best(self, first: Value, given: Given) -> Value:
        """Read `max(candidates, key=score)`: a loop over the candidates."""
        code = given.named["key"].code
        if code is not None:
            self.turn(code, self.each(first))
        return self.each(first)


def _two_parts(given: Given) -> tuple[Value, Value] | None:
    """Give the two tables that are put below each other, if there are two."""
    items = given.get(0, "objs").items or []
    if len(items) != 2 or items[0].rows == items[1].rows:
        return None
    return items[0], items[1]


def _a_dict(value: Value) -> bool:
    return bool(value.items) and not (value.rows or value.estimator)


def _entries(name: str, table: Value) -> Value:
    """Read `.items()` and `.values()` of a dictionary."""
    items = table.items or []
    if name == "values":
        return Value(items=items, varies=table.varies)
    known = len(table.parts) == len(items)
    keys = table.parts if known else [Value() for _ in items]
    pairs = [Value(items=[k, v]) for k, v in zip(keys, items, strict=True)]
    return Value(items=pairs, varies=table.varies)
