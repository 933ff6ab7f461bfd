"""The text of a rule: read into a tree of the few things a rule may say."""

from __future__ import annotations

import ast
import re
from typing import NoReturn

__all__ = ["Names", "fail", "read_rule"]

_LONGEST = 2_000
_DEEPEST = 40
_CONSTANTS = int | float | str
_COMPARE = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
# Quoted texts come first, so that a backtick inside one is left alone.
_TICKS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`([^`]+)`""")
_WRONG = {
    ast.Call: "functions cannot be called here; use @labeling_function for that",
    ast.Attribute: "a dot is not allowed; put a name that has one in backticks",
    ast.Subscript: "brackets are not allowed; write the column's name alone",
    ast.Lambda: "lambda is not allowed",
    ast.IfExp: "if … else is not allowed; write and, or, not",
    ast.JoinedStr: "f-strings are not allowed; write the text itself",
    ast.NamedExpr: "a rule assigns nothing; to compare, write ==",
}

Names = dict[int, str]


def read_rule(rule: object) -> tuple[str, ast.expr, Names]:
    """Read a rule and check that it holds nothing but what a rule may say.

    Parameters
    ----------
    rule : str
        The rule.

    Returns
    -------
    text : str
        The rule without the blanks around it.
    tree : ast.expr
        Its tree, with offsets in characters; nothing in it was ever run.
    names : dict of int to str
        The name of the column at each position where one stands.

    Raises
    ------
    TypeError, ValueError
        With the position of what is wrong.
    """
    if not isinstance(rule, str):
        raise TypeError(f"rule is {rule!r}; pass a text such as 'age > 80'")
    text = re.sub(r"\s", " ", rule).strip()
    if not text:
        raise ValueError("rule is empty; pass a text such as 'age > 80'")
    if len(text) > _LONGEST:
        raise ValueError(
            f"rule has {len(text):,} characters, at most {_LONGEST:,} are read; "
            "split it into several functions"
        )
    ticked: Names = {}
    plain = _TICKS.sub(lambda found: _stand_in(found, ticked), text)
    tree = _parse(plain, text)
    _check_depth(tree, text)
    _count_characters(tree, plain)
    names: Names = {}
    _check_truth(tree, _Reader(text, ticked, names))
    if not names:
        raise ValueError(f"rule {text!r} names no column; compare at least one")
    return text, tree, names


def fail(
    text: str, position: int, why: str, kind: type[Exception] = ValueError
) -> NoReturn:
    """Raise an error that points at a position of the rule.

    Parameters
    ----------
    text : str
        The rule.
    position : int
        Number of the character, from 0.
    why : str
        What is wrong and what to do.
    kind : type of exception
        What to raise.
    """
    start = max(position - 40, 0)
    shown = text[start : position + 40]
    raise kind(
        f"{why} (position {position} of the rule)\n"
        f"    {shown}\n    {' ' * (position - start)}^"
    )


def _stand_in(found: re.Match[str], ticked: Names) -> str:
    """Put an identifier of the same length in the place of a name in backticks."""
    if found[1] is None:
        return found[0]
    ticked[found.start()] = found[1]
    return "q" * len(found[0])


def _parse(plain: str, text: str) -> ast.expr:
    try:
        return ast.parse(plain, mode="eval").body
    except SyntaxError as error:
        # No offset: the text ended too soon.
        position = error.offset - 1 if error.offset else len(text)
        fail(text, min(position, len(text)), _why(plain, error.msg))
    except (MemoryError, RecursionError):
        raise ValueError(
            f"rule {text[:40]!r} … is nested too deep; split it into several functions"
        ) from None
    except ValueError as error:
        raise ValueError(f"rule {text!r} cannot be read: {error}") from None


def _why(plain: str, message: str) -> str:
    bare = re.sub(r"""'[^']*'|"[^"]*\"""", "", plain)
    if re.search(r"(?<![=<>!])=(?!=)", bare):
        return "the rule cannot be read: to compare, write == instead of ="
    if re.search(r"&&|\|\||!(?!=)|\b(AND|OR|NOT|IN)\b", bare):
        return "the rule cannot be read: write and, or, not, in, in small letters"
    if "`" in bare:
        return "the rule cannot be read: a backtick has no partner"
    return (
        f"the rule cannot be read: {message}; names with blanks or dots, and names "
        "that are words of Python, stand in `backticks`"
    )


def _check_depth(tree: ast.expr, text: str) -> None:
    todo: list[tuple[ast.AST, int]] = [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        if depth > _DEEPEST:
            raise ValueError(
                f"rule {text[:40]!r} … is nested more than {_DEEPEST} deep; "
                "split it into several functions"
            )
        todo += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _count_characters(tree: ast.expr, plain: str) -> None:
    """Turn offsets into characters: ast counts bytes of UTF-8."""
    coded = plain.encode()
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            end = node.end_col_offset or node.col_offset
            node.col_offset = len(coded[: node.col_offset].decode())
            node.end_col_offset = len(coded[:end].decode())


class _Reader:
    """Knows the text, and which column a name means."""

    def __init__(self, text: str, ticked: Names, names: Names) -> None:
        self.text, self.ticked, self.names = text, ticked, names

    def keep(self, node: ast.Name) -> None:
        # As it was written: the parser puts some letters into another form.
        name = self.text[node.col_offset : node.end_col_offset]
        self.names[node.col_offset] = self.ticked.get(node.col_offset, name)

    def fail(self, node: ast.expr, why: str) -> NoReturn:
        fail(self.text, node.col_offset, why)


def _check_truth(node: ast.expr, reader: _Reader) -> None:
    """Check what is true or false."""
    if isinstance(node, ast.BoolOp):
        for part in node.values:
            _check_truth(part, reader)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _check_truth(node.operand, reader)
    elif isinstance(node, ast.Compare):
        _check_compare(node, reader)
    elif isinstance(node, ast.Name):
        reader.keep(node)
    elif isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Set):
        reader.fail(node, "this is no condition; compare it with a column")
    elif isinstance(node, ast.BinOp | ast.UnaryOp):
        _check_operators(node, reader)
        reader.fail(node, "this is a number; compare it, e.g. … > 0")
    else:
        _refuse(node, reader)


def _check_compare(node: ast.Compare, reader: _Reader) -> None:
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            _check_value(left, reader)
            _check_list(right, reader)
            if len(node.ops) > 1:
                reader.fail(right, "in cannot be chained; join conditions with and")
        elif isinstance(operator, ast.Is | ast.IsNot):
            _check_value(left, reader)
            if not (isinstance(right, ast.Constant) and right.value is None):
                reader.fail(right, "is goes with None alone; to compare, write ==")
            if len(node.ops) > 1:
                reader.fail(right, "is cannot be chained; join conditions with and")
        elif isinstance(operator, _COMPARE):
            _check_value(left, reader)
            _check_value(right, reader)
        left = right


def _check_list(node: ast.expr, reader: _Reader) -> None:
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        reader.fail(node, 'in needs a list of constants, e.g. in ["a", "b"]')
    if not node.elts:
        reader.fail(node, "the list is empty; write at least one value")
    for part in node.elts:
        number = part.operand if isinstance(part, ast.UnaryOp) else part
        if not isinstance(number, ast.Constant):
            reader.fail(part, "a list holds constants only")
        _check_value(part, reader)


def _check_value(node: ast.expr, reader: _Reader) -> None:
    """Check what can be compared: a column, a constant, arithmetic of them."""
    if isinstance(node, ast.Name):
        reader.keep(node)
    elif isinstance(node, ast.Constant):
        if node.value is None:
            reader.fail(node, "to ask for a missing value, write: is None")
        if not isinstance(node.value, _CONSTANTS):
            reader.fail(node, f"{node.value!r} is no number, text or truth value")
    elif isinstance(node, ast.BinOp | ast.UnaryOp):
        _check_operators(node, reader)
        parts = (
            [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
        )
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                reader.fail(part, "there is no arithmetic with texts")
            _check_value(part, reader)
    elif isinstance(node, ast.Compare | ast.BoolOp):
        reader.fail(node, "a condition cannot be compared; join conditions with and")
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        reader.fail(node, "a list stands only after in or not in")
    else:
        _refuse(node, reader)


def _check_operators(node: ast.BinOp | ast.UnaryOp, reader: _Reader) -> None:
    if isinstance(node.op, ast.BitAnd | ast.BitOr | ast.Invert):
        reader.fail(node, "write and, or, not instead of &, |, ~")
    if isinstance(node.op, ast.Not):
        reader.fail(node, "not belongs before a condition: not (age > 80)")
    if isinstance(node, ast.BinOp) and not isinstance(node.op, _ARITHMETIC):
        reader.fail(node, "of arithmetic, only + - * / are known")


def _refuse(node: ast.expr, reader: _Reader) -> NoReturn:
    what = _WRONG.get(type(node), f"{type(node).__name__} is not allowed in a rule")
    reader.fail(node, what)
