"""Follow rows through calls: splits, fits, scores, statistics, functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import mlworkbench.leakage._lint_names as names
from mlworkbench.leakage._lint_estimators import Estimators
from mlworkbench.leakage._lint_values import Fit, Value, child_rows, flat, joined

__all__ = ["Calls"]

_MAX_DEPTH = 4


@dataclass
class Given:
    """The arguments of a call."""

    positional: list[Value]
    named: dict[str, Value]
    owner: Value | None

    @property
    def all(self) -> list[Value]:
        """Every argument; a seed varies nothing."""
        seeds = {"random_state", "seed"}
        return [
            *self.positional,
            *(value for name, value in self.named.items() if name not in seeds),
        ]

    def get(self, position: int, *others: str) -> Value:
        """Give an argument by position or name."""
        for name in others:
            if name in self.named:
                return self.named[name]
        return self.positional[position] if position < len(self.positional) else Value()


class Calls(Estimators):
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
        if code is not None and code.code is not None:
            return self.inline(code.code, given)
        if code is not None and code.estimator:
            return joined([code, *given.all])
        if owner is not None and owner.estimator:
            return self.method(node, name, owner, given)
        if owner is not None and (owner.rows or owner.grouped):
            return self.on_rows(node, name, owner, given)
        return self.function(node, name, given, code)

    def inline(self, code: ast.AST, given: Given) -> Value:
        """Read the body of a function defined here, with these arguments."""
        if self.depth >= _MAX_DEPTH:
            return joined(given.all)
        assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
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
            return Value()
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
            if name not in names.ROWWISE:
                result.made_of, result.table = frozenset(), None
            return result
        if name[:1].isupper() and name not in names.DATA:
            return joined(everything)
        result = joined(everything)
        if name in {"range", "linspace", "int", "float", "str", "round"}:
            return result
        if result.fits or result.varies:
            return result
        self.tables += 1
        place = self.place(node)
        root = frozenset({(("source", str(place), str(node.col_offset)),)})
        return Value(rows=root, table=self.tables)

    def each(self, value: Value) -> Value:
        """Give what one turn of a loop over a value gives."""
        if value.items and not value.step:
            return self.either(value.items)
        if value.step:
            return Value(items=value.items)
        return value.copy(items=None, constant=None)

    def best(self, first: Value, given: Given) -> Value:
        """Read `max(candidates, key=score)`: a loop over the candidates."""
        code = given.named["key"].code
        if code is not None:
            self.loops.append(id(code))
            one = self.each(first)
            one.varies |= {self.loops[-1]}
            self.inline(code, Given([one], {}, None))
            self.loops.pop()
        return self.each(first)

    def on_rows(self, node: ast.Call, name: str, owner: Value, given: Given) -> Value:
        """Read a method of a table, a column, an array."""
        if name == "split" and not given.all:
            return owner
        if name in names.NOTHING:
            return Value()
        if name in names.WINDOWS:
            ahead = given.named.get("center", Value()).constant is True
            return self.whole(node, name, owner) if ahead else owner.copy(window=True)
        if owner.window:
            return owner.copy(made_of=frozenset(), column=None, table=None)
        if name in {"groupby", "resample"}:
            return owner.copy(grouped=True)
        if owner.grouped:
            return self.on_groups(node, name, owner, given)
        across = given.named.get("axis")
        across = across or (given.positional[0] if given.positional else Value())
        if name in names.STATISTICS and across.constant not in {1, "columns"}:
            return self.statistic(node, name, owner)
        if name in names.WHOLE:
            return self.whole(node, name, owner)
        if name == "drop":
            return self.drop(owner, given)
        if name == "pop":
            column = self.column(owner, str(given.get(0).constant))
            owner.dropped |= frozenset({str(given.get(0).constant)})
            return column
        if name in {"sample", "query", "filter", "head", "tail", "take", "nlargest"}:
            return self.some_rows(node, name, owner, given)
        return self.changed(name, owner, given)

    def on_groups(self, node: ast.Call, name: str, owner: Value, given: Given) -> Value:
        """Read a method of groups."""
        rest = owner.copy(grouped=False, made_of=frozenset(), column=None)
        rest.table = None
        if name in names.CAUSAL:
            return rest.copy(window=name in names.WINDOWS)
        if name in {"transform", "rank", "apply", "fillna"}:
            how = given.get(0, "func").constant
            if how in names.CAUSAL:
                return rest
            return self.whole(node, f"groupby.{name}", rest, severity="warning")
        if name in names.STATISTICS:
            return self.statistic(node, f"groupby.{name}", rest)
        return owner

    def statistic(self, node: ast.Call, name: str, owner: Value) -> Value:
        """Give a number that was computed from all rows of a value."""
        last = name.rpartition(".")[2]
        kind = "L1.3" if last in names.SELECTING else "L1.2"
        severity = "note" if name in names.COUNTS else "leak"
        fit = Fit(self.place(node), name, kind, owner.rows, severity)
        return Value(
            fits=owner.all_fits | {fit},
            varies=owner.varies,
            extreme=last in names.EXTREMES,
        )

    def whole(
        self, node: ast.Call, name: str, owner: Value, severity: str = "leak"
    ) -> Value:
        """Give rows that each hold something of all the others."""
        kind = "L1.2"
        if name in names.FROM_LATER:
            kind, severity = "L3.1", "warning"
        fit = Fit(self.place(node), name, kind, owner.rows, severity)
        return owner.copy(
            window=False,
            fits=owner.fits | {fit},
            made_of=frozenset(),
            column=None,
            items=None,
        )

    def drop(self, owner: Value, given: Given) -> Value:
        """Read `drop`: of columns, or of rows by their labels."""
        where = given.get(0, "columns", "labels", "index")
        gone = where.names()
        if gone is not None:
            new = owner.copy(dropped=owner.dropped | frozenset(gone))
            for name in gone:
                new.by_column.pop(name, None)
            if new.known is not None:
                new.known -= frozenset(gone)
        elif where.rows and "columns" not in given.named:
            step = ("rows", f"not {sorted(map(str, where.rows))}")
            new = owner.copy(rows=child_rows(owner.rows, step), role=None)
        else:
            new = owner.copy(table=None)
            new.fits |= where.all_fits
        return self.in_place(owner, new, given)

    def in_place(self, owner: Value, new: Value, given: Given) -> Value:
        """Change the value itself where the call says so."""
        flag = given.named.get("inplace")
        if flag is None or flag.constant is not True:
            return new
        owner.dropped, owner.known, owner.fits = new.dropped, new.known, new.fits
        owner.by_column = new.by_column
        if owner.parent is not None and owner.column:
            owner.parent.by_column[owner.column] = new.fits
        return Value()

    def some_rows(self, node: ast.Call, name: str, owner: Value, given: Given) -> Value:
        """Read what keeps some rows."""
        if name == "filter":
            return owner.copy(table=None)
        if name == "sample":
            everything = given.named.get("frac", Value()).constant == 1
            if everything:
                return owner
            step: tuple[str, ...] = ("sample", str(self.place(node)))
        else:
            step = ("rows", name, *(ast.unparse(argument) for argument in node.args))
        varies = owner.varies.union(*(value.varies for value in given.all))
        return owner.copy(rows=child_rows(owner.rows, step), varies=varies, parent=None)

    def changed(self, name: str, owner: Value, given: Given) -> Value:
        """Read any other method: values change, the rows stay."""
        both = joined([owner, *given.all])
        if name == "assign":
            new = owner.copy()
            for column, value in given.named.items():
                if value.code is not None:
                    value = self.inline(value.code, Given([new], {}, None))
                self.set_columns(new, [column], value)
            return new
        if name in {"apply", "map", "pipe"} and given.positional:
            code = given.positional[0].code
            if code is not None and name == "pipe":
                return self.inline(
                    code, Given([owner, *given.positional[1:]], {}, None)
                )
        keep = owner.table if name in names.SAME_ROWS or name in names.ROWWISE else None
        new = owner.copy(
            rows=both.rows,
            fits=owner.fits | both.fits - owner.all_fits,
            varies=both.varies,
            table=keep,
        )
        if keep is None:
            new.column, new.made_of = None, frozenset()
        elif owner.column and name not in names.SAME_ROWS:
            new.column, new.made_of = None, frozenset({owner.column})
        new.items = None
        return self.in_place(owner, new, given)

    def set_columns(self, table: Value, which: list[str] | None, value: Value) -> None:
        """Note what columns of a table are now made of (see `Flow`)."""
        raise NotImplementedError
