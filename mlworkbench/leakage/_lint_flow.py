"""Follow rows through the statements of a notebook, without running it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mlworkbench.leakage._lint_calls import Calls
from mlworkbench.leakage._lint_expressions import MAX_WORK
from mlworkbench.leakage._lint_names import role_of_name
from mlworkbench.leakage._lint_values import Value, child_rows, joined

__all__ = ["Flow"]


class Flow(Calls):
    """Reads statements in order; what a call does is in `Calls`."""

    def run(self, body: Sequence[ast.stmt]) -> Value | None:
        """Read statements.

        Parameters
        ----------
        body : sequence of ast.stmt
            The statements.

        Returns
        -------
        value : Value or None
            What the first `return` gives.
        """
        given: Value | None = None
        for statement in body:
            result = self.statement(statement)
            if result is not None and given is None:
                given = result
        return given

    def read(self, body: Sequence[ast.stmt]) -> bool:
        """Read statements of a cell, one by one.

        Parameters
        ----------
        body : sequence of ast.stmt
            The statements.

        Returns
        -------
        whole : bool
            Whether none of them nests so deep that it had to be left out.
        """
        whole = True
        for statement in body:
            before = self.names, list(self.loops), self.depth, self.cell
            try:
                self.run([statement])
            except RecursionError:
                self.names, self.loops, self.depth, self.cell = before
                whole = False
        return whole

    def uncalled(self, tree: ast.Module, cell: int) -> None:
        """Read functions that nobody called, with unknown arguments.

        Parameters
        ----------
        tree : ast.Module
            Statements of a cell that has been read.
        cell : int
            Its number.
        """
        self.cell, before = cell, self.names
        for node in tree.body:
            self.names = dict(before)
            methods = node.body if isinstance(node, ast.ClassDef) else [node]
            for code in methods:
                known = not isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef)
                if known or id(code) in self.called:
                    continue
                self.called.add(id(code))
                self.work = 0
                assert isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef)
                for spec in [*code.args.args, *code.args.kwonlyargs]:
                    self.tables += 1
                    rows = frozenset({(("argument", code.name, spec.arg),)})
                    own = Value() if spec.arg == "self" else Value(rows=rows)
                    own.table = self.tables
                    self.bind(ast.Name(spec.arg), own)
                self.read(code.body)
        self.names = before

    def statement(self, node: ast.stmt) -> Value | None:
        """Read one statement; give what it returns, if it does."""
        match node:
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value, node.value)
            case ast.AnnAssign() if node.value is not None:
                self.bind(node.target, self.value(node.value), node.value)
            case ast.AugAssign():
                both = joined([self.value(node.target), self.value(node.value)])
                both.varies |= frozenset(self.loops)
                self.bind(node.target, both, node.value)
            case ast.Expr():
                self.value(node.value)
            case ast.Return():
                return self.value(node.value) if node.value else Value()
            case ast.Match():
                return self.cases(node)
            case ast.If() | ast.While():
                return self.branches(node)
            case ast.For() | ast.AsyncFor():
                return self.loop(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, value, item.context_expr)
                return self.run(node.body)
            case ast.Try() | ast.TryStar():
                given = self.run([*node.body, *node.orelse, *node.finalbody])
                self.run([line for way in node.handlers for line in way.body])
                return given
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.names[node.name] = Value(code=node)
            case ast.ClassDef():
                self.names[node.name] = Value(klass=node)
            case ast.Delete():
                for target in node.targets:
                    self.forget(target)
            case _:
                pass
        return None

    def branches(self, node: ast.If | ast.While) -> Value | None:
        """Read both ways of an `if`; a name may stand for either after it."""
        self.value(node.test)
        if isinstance(node, ast.While):
            return self.repeat(node.body)
        before = dict(self.names)
        given = self.run(node.body)
        first, self.names = self.names, before
        other = self.run(node.orelse)
        for name, value in first.items():
            mine = self.names.get(name)
            if mine is not None and mine is not value and mine.rows | value.rows:
                both = joined([mine, value])
                self.names[name] = value.copy(
                    rows=both.rows, fits=both.fits | mine.fits, role=both.role
                )
            else:
                self.names[name] = value
        return given if given is not None else other

    def cases(self, node: ast.Match) -> Value | None:
        """Read every way of a `match`."""
        self.value(node.subject)
        ways = [self.run(case.body) for case in node.cases]
        return next((way for way in ways if way is not None), None)

    def loop(self, node: ast.For | ast.AsyncFor) -> Value | None:
        """Read a loop twice, so that what it carries over is seen."""
        first, *others = self.turns(node.iter)
        self.loops.append(id(node))
        self.bind_loop(node.target, first)
        given = again = self.run(node.body)
        for source in others or [first]:
            if self.work <= MAX_WORK:
                self.bind_loop(node.target, source)
                again = self.run(node.body)
        self.loops.pop()
        self.run(node.orelse)
        return given if given is not None else again

    def repeat(self, body: Sequence[ast.stmt]) -> Value | None:
        """Read the body of a `while` twice."""
        self.loops.append(id(body))
        given = self.run(body)
        if self.work <= MAX_WORK:
            self.run(body)
        self.loops.pop()
        return given

    def bind_loop(self, target: ast.expr, source: Value) -> None:
        """Give the variables of a loop what one turn gives them."""
        varies = source.varies | {self.loops[-1]}
        if source.items and not source.step:
            shapes = {len(item.items) for item in source.items if item.items}
            if len(shapes) == 1 and all(item.items for item in source.items):
                columns = [
                    self.either([item.items[at] for item in source.items if item.items])
                    for at in range(shapes.pop())
                ]
                for column in columns:
                    column.varies |= varies
                each = Value(items=columns, varies=varies)
            elif source.names():
                each = Value(items=source.items)  # any of these columns
            else:
                each = self.either(source.items)
        elif source.step and source.items:
            each = Value(items=source.items, varies=varies)  # folds of a splitter
        else:
            each = source.copy(items=None, constant=None, complete=False)
        if source.grouped:  # other rows in every turn
            each.grouped = False
            each.rows = child_rows(each.rows, ("rows", "group", str(self.loops[-1])))
            self.rules.remember(each.rows, tuple(self.loops))
        each.varies = each.varies | varies
        self.bind(target, each)

    def bind(
        self, target: ast.expr, value: Value, given: ast.expr | None = None
    ) -> None:
        """Give a name, a tuple of names, a column or an item its value."""
        match target:
            case ast.Name():
                role = role_of_name(target.id)
                if role and value.role != role and value.rows:
                    value = value.copy(role=role)
                self.names[target.id] = value
            case ast.Tuple() | ast.List():
                self.unpack(target.elts, value)
            case ast.Starred():
                self.bind(target.value, value)
            case ast.Subscript():
                self.store(target, value)
            case ast.Attribute():
                owner = self.value(target.value)
                if owner.rows:
                    self.set_columns(owner, [target.attr], value)
                else:
                    self.names[ast.unparse(target)] = value
            case _:
                pass

    def unpack(self, targets: list[ast.expr], value: Value) -> None:
        """Give each of several names its part."""
        items = value.items
        if items and any(isinstance(t, ast.Name) and t.id == "_" for t in targets):
            items = [item.copy(role=None) for item in items]  # a smaller sample
        sides = [_side(target) for target in targets]
        apart = len({side for side in sides if side}) > 1
        for at, target in enumerate(targets):
            if items and len(items) == len(targets):
                item, varies = items[at], items[at].varies | value.varies
                same = varies == item.varies
                self.bind(target, item if same else item.copy(varies=varies))
                continue
            # such as X, y = make_classification()
            part = value.copy(items=None, constant=None, table=None)
            if apart and sides[at] and part.rows:  # or the two parts of a data set
                step = ("split", f"unpacked {self.place(target)}", str(sides[at]))
                part.rows = child_rows(part.rows, step)
            self.bind(target, part)

    def store(self, target: ast.Subscript, value: Value) -> None:
        """Put values into columns, rows or items."""
        owner_node, index = target.value, target.slice
        if isinstance(owner_node, ast.Attribute) and owner_node.attr in {"loc", "at"}:
            owner_node = owner_node.value
            if isinstance(index, ast.Tuple):
                index = index.elts[-1]
        elif isinstance(owner_node, ast.Attribute) and owner_node.attr == "iloc":
            owner_node, index = owner_node.value, ast.Constant(None)
        owner = self.value(owner_node)
        where = self.value(index)
        names = where.names()
        if owner.rows:
            self.set_columns(owner, names, value)
        else:
            owner.fits |= value.all_fits
            owner.items = [*(owner.items or [])[-20:], value]

    def set_columns(self, table: Value, names: list[str] | None, value: Value) -> None:
        """Note what columns of a table are now made of."""
        if names is None:
            table.fits |= value.all_fits
            return
        sources = {value.column} if value.column else set(value.made_of)
        for name in names:
            table.by_column[name] = value.fits | value.by_column.get(name, frozenset())
            rowwise = value.table == table.table and sources - {name}
            made = frozenset(str(s) for s in sources) if rowwise else frozenset()
            if name in sources:  # changed in place: what it was made of stays
                continue
            table.made[name] = made
            table.dropped -= {name}
            if table.known is not None:
                table.known |= {name}

    def forget(self, target: ast.expr) -> None:
        """Read `del`."""
        if isinstance(target, ast.Subscript):
            owner, names = self.value(target.value), self.value(target.slice).names()
            owner.dropped |= frozenset(names or ())
        elif isinstance(target, ast.Name):
            self.names.pop(target.id, None)


def _side(target: ast.expr) -> str | None:
    """Say what part of the data a name, or the first of several, speaks of."""
    first = next((n for n in ast.walk(target) if isinstance(n, ast.Name)), None)
    return role_of_name(first.id) if first else None
