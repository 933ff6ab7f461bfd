"""Follow rows through methods of tables, columns, arrays and groups."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import mlworkbench.leakage._lint_names as names
from mlworkbench.leakage._lint_estimators import Estimators
from mlworkbench.leakage._lint_values import Fit, Value, child_rows, joined

__all__ = ["Given", "Tables"]


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


class Tables(Estimators):
    """Says what a method of rows gives."""

    def inline(self, code: ast.AST, given: Given) -> Value:
        """Read the body of a function defined here (see `Calls`)."""
        raise NotImplementedError

    def on_rows(self, node: ast.Call, name: str, owner: Value, given: Given) -> Value:
        """Read a method of a table, a column, an array."""
        if name == "split" and not given.all:
            return owner
        if name in names.NOTHING:
            return Value()
        if name in {"shift", "diff", "pct_change"} and _backwards(node):
            return self.whole(node, f"{name} from later rows", owner)
        if name in names.WINDOWS:
            ahead = given.named.get("center", Value()).constant is True
            owner = self.whole(node, name, owner) if ahead else owner
            return owner.copy(window=True)
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
            dense = given.named.get("method", Value()).constant == "dense"
            return self.whole(node, name, owner, "note" if dense else "leak")
        if name == "drop":
            return self.drop(owner, given)
        if name == "pop":
            column = self.column(owner, str(given.get(0).constant))
            owner.dropped |= frozenset({str(given.get(0).constant)})
            return column
        if name in {
            "sample",
            "query",
            "filter",
            "select_dtypes",
            "head",
            "tail",
            "take",
            "nlargest",
        }:
            return self.some_rows(node, name, owner, given)
        return self.changed(name, owner, given)

    def on_groups(self, node: ast.Call, name: str, owner: Value, given: Given) -> Value:
        """Read a method of groups."""
        rest = owner.copy(grouped=False, made_of=frozenset(), column=None)
        rest.table = None
        if name in names.CAUSAL and _backwards(node):
            return self.whole(node, f"{name} from later rows", rest)
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
        if owner.verdict and owner.role == "test" and last in {"mean", "average"}:
            varies = (
                frozenset[int]() if self.rules.redrawn(owner.rows) else owner.varies
            )
            return self.judged(node, last, owner.fits, owner, varies)
        kind = "L1.3" if last in names.SELECTING else "L1.2"
        severity = "note" if name in names.COUNTS or _of_gaps(node) else "leak"
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
        if name.partition(" ")[0] in names.FROM_LATER:
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
        if name == "select_dtypes":
            kinds = {str(text) for value in given.all for text in value.names() or ()}
            numeric = bool(kinds) and kinds <= {"number", "float", "int", "float64"}
            return owner if numeric else owner.copy(table=None)
        if name == "filter":
            return owner.copy(table=None)
        if name == "sample" and "replace" in given.named:
            return self.drawn_again(node, owner, given)
        if name == "sample":
            everything = given.named.get("frac", Value()).constant == 1
            if everything:
                return owner.copy(stacked=None)
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
        code = given.positional[0].code if given.positional else None
        if code is not None and name in {"pipe", "apply"}:
            inner = self.inline(code, Given([owner, *given.positional[1:]], {}, None))
            if name == "pipe":
                return inner
            if "axis" not in given.named:
                both.fits |= inner.all_fits
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
        if name.startswith("sort_"):
            new.stacked = None
        return self.in_place(owner, new, given)

    def drawn_again(self, node: ast.Call, owner: Value, given: Given) -> Value:
        """Read a draw with replacement: copies of rows."""
        step = ("sample", str(self.place(node)))
        again = given.named.get("replace", Value(constant=True)).constant is not False
        place = self.place(node)
        fit = Fit(place, "rows drawn with replacement", "L1.4", owner.rows)
        fits = owner.fits | {fit} if again else owner.fits
        rows = child_rows(owner.rows, step)
        return owner.copy(rows=rows, fits=fits, parent=None)

    def set_columns(self, table: Value, which: list[str] | None, value: Value) -> None:
        """Note what columns of a table are now made of (see `Flow`)."""
        raise NotImplementedError


def _backwards(node: ast.Call) -> bool:
    """Say whether a shift is by a negative number of rows."""
    steps = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "periods")]
    return any(
        isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)
        for step in steps
    )


def _of_gaps(node: ast.Call) -> bool:
    """Say whether a statistic is the share of what is missing."""
    match node.func:
        case ast.Attribute(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in {"isna", "isnull", "notna", "notnull", "duplicated"}
    return False
