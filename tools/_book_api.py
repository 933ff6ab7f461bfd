"""The reference pages, and which notebook uses which public name."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["index_page", "public_names", "room_page", "rooms", "short_names", "used"]

PACKAGE = "mlworkbench"
#: What every room may return: documented once, although its module is private.
SHARED = {f"{PACKAGE}._report": ("Report", "Verdict", "VerdictError")}


def rooms() -> list[str]:
    """Give the rooms in the package's order; `notebook` stands beside them, last."""
    package = importlib.import_module(PACKAGE)
    names = [name for name in package.__all__ if not name.startswith("_")]
    return sorted(names, key=lambda name: name == "notebook")


def public_names(room: str) -> list[str]:
    """Give the public names of a room in the order of its `__all__`."""
    module = importlib.import_module(f"{PACKAGE}.{room}")
    return list(getattr(module, "__all__", ()))


def all_names() -> list[str]:
    """Give the full name of everything public."""
    return [
        f"{PACKAGE}.{room}.{name}" for room in rooms() for name in public_names(room)
    ]


def short_names(full_names: Iterable[str]) -> dict[str, str]:
    """Map what prose may write to the one full name it can mean.

    `ReservoirSampler`, `sampling.ReservoirSampler` and the full name itself
    all mean the same; `nb.` stands for the room `notebook`. A bare word that two
    rooms share means nothing. Neither does a bare word of `notebook`, where
    names are plain English (`check`).
    """
    found: dict[str, set[str]] = {}
    for full in full_names:
        package, room, name = full.split(".")
        forms = {full, f"{room}.{name}", f"{package}.{room}.{name}"}
        forms |= {f"nb.{name}"} if room == "notebook" else {name}
        for form in forms:
            found.setdefault(form, set()).add(full)
    return {form: full.pop() for form, full in found.items() if len(full) == 1}


def used(sources: Iterable[str]) -> set[str]:
    """Find which names of the package some notebook cells use.

    Parameters
    ----------
    sources : iterable of str
        The code cells of one notebook, in order.

    Returns
    -------
    names : set of str
        Full names such as `mlworkbench.sampling.ReservoirSampler`, whether or
        not they exist.
    """
    aliases: dict[str, str] = {}
    names: set[str] = set()
    for source in sources:
        for node in ast.walk(_parse(source)):
            if isinstance(node, ast.Import):
                for item in node.names:
                    target = item.name if item.asname else item.name.split(".")[0]
                    aliases[item.asname or target] = target
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for item in node.names:
                    aliases[item.asname or item.name] = f"{node.module}.{item.name}"
            elif isinstance(node, ast.Attribute | ast.Name):
                names.add(_dotted(node, aliases))
    names |= set(aliases.values())
    parts = (name.split(".") for name in names if name.startswith(f"{PACKAGE}."))
    return {".".join(p[:3]) for p in parts if len(p) >= 3}


def _parse(source: str) -> ast.Module:
    # A line for IPython (`%matplotlib inline`, `!ls`) is not Python.
    lines = ("" if x.lstrip()[:1] in ("%", "!") else x for x in source.split("\n"))
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _dotted(node: ast.expr, aliases: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([aliases.get(node.id, ""), *reversed(parts)])


def room_page(room: str) -> str:
    """Write the reference page of one room as reStructuredText."""
    module = importlib.import_module(f"{PACKAGE}.{room}")
    return _page(
        f"{PACKAGE}.{room}",
        inspect.getdoc(module) or "",
        [f"{PACKAGE}.{room}.{name}" for name in public_names(room)],
    )


def shared_page() -> str:
    """Write the page on the reports that every room returns."""
    names = [f"{module}.{name}" for module in SHARED for name in SHARED[module]]
    text = (
        "What an analysis returns, in every room. The reports of the rooms are made "
        "from these classes and have all their methods."
    )
    return _page("Reports", text, names)


def index_page(extra: Mapping[str, str]) -> str:
    """Write the page that lists the rooms and all their names."""
    title = "Reference"
    lines = [title, "=" * len(title), ""]
    lines += ["Every public name, room by room, in the order data flows.", ""]
    for room in rooms():
        module = importlib.import_module(f"{PACKAGE}.{room}")
        about = (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " ")
        lines += [f".. rubric:: :doc:`{PACKAGE}.{room} <{room}>`", "", about, ""]
        lines += _table(f"{PACKAGE}.{room}.{name}" for name in public_names(room))
    for page, about in extra.items():
        lines += [f".. rubric:: :doc:`{page}`", "", about, ""]
    return "\n".join(lines) + "\n"


def _page(title: str, about: str, names: list[str]) -> str:
    lines = [title, "=" * len(title), "", about, "", *_table(names)]
    for name in names:
        lines += [f".. {_directive(name)}:: {name}", *_options(name), ""]
    return "\n".join(lines) + "\n"


def _table(names: Iterable[str]) -> list[str]:
    rows = [f"   ~{name}" for name in names]
    return [".. autosummary::", "   :nosignatures:", "", *rows, ""] if rows else []


def _thing(full: str) -> object:
    module, name = full.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def _directive(full: str) -> str:
    thing = _thing(full)
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, BaseException) else "autoclass"
    return "autofunction" if callable(thing) else "autodata"


def _options(full: str) -> list[str]:
    if _directive(full) != "autoclass":
        return []
    names = members(_thing(full))
    return [f"   :members: {', '.join(names)}"] if names else []


def members(thing: Any) -> list[str]:
    """Give the public methods and properties of a class that we wrote.

    Those that a private base class of ours adds count; those of `Report` are on
    their own page, and those of scikit-learn are documented by scikit-learn (its
    `set_fit_request` and kin refer to pages that only its own site has).
    """
    bases = (thing,) if thing.__module__ in SHARED else thing.__mro__[::-1]
    written_in = {
        name: _module(value)
        for base in bases
        for name, value in vars(base).items()
        if not name.startswith("_") and (callable(value) or hasattr(value, "__get__"))
    }
    others = set() if thing.__module__ in SHARED else set(SHARED)
    return [
        name
        for name, module in written_in.items()
        if module.startswith(PACKAGE) and module not in others
    ]


def _module(member: Any) -> str:
    """Give the module in which a method or the getter of a property was written."""
    inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
    return getattr(inspect.unwrap(inner), "__module__", None) or ""
