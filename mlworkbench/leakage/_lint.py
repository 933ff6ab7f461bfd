"""Read a notebook without running it, and say where test rows leak."""

from __future__ import annotations

import ast
import dataclasses
import os
from pathlib import Path

import pandas as pd

from mlworkbench.leakage._findings import (
    KINDS,
    SEVERITIES,
    Finding,
    LeakageReport,
    make_report,
)
from mlworkbench.leakage._lint_cells import Cell, parse_cell, read_cells
from mlworkbench.leakage._lint_flow import Flow
from mlworkbench.leakage._lint_rules import Event, Rules
from mlworkbench.leakage._lint_values import Place

__all__ = ["lint_notebook"]

_LIMITS = (
    "Read, not run: what depends on values, on files or on code imported from "
    "elsewhere cannot be seen; no finding is evidence, not proof."
)


def lint_notebook(path: str | os.PathLike[str]) -> LeakageReport:
    r"""Say where a notebook or script leaks, without running it.

    The code cells are read from top to bottom. Every name stands for rows (a
    file, a part after a split, a filter) and for what was learned from which
    rows on the way; a finding is a way from test rows into what they judge.

    Parameters
    ----------
    path : path-like
        A notebook (.ipynb) or a Python script (.py), with or without "# %%"
        cells. Magics are left out; a cell in another language is skipped, and
        so is a notebook in another language.

    Returns
    -------
    report : LeakageReport
        One row per finding, with two columns more than other reports have,
        `cell` (from 1, among the code cells) and `line` (in the cell; in a
        script, of the file). `.rows(what)` shows all lines concerned.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    IsADirectoryError
        When it is a folder.
    ValueError
        When it is neither a notebook nor a script, or not a text.

    See Also
    --------
    check_preprocessing : Runs a feature function, and proves what it finds.

    Notes
    -----
    Rules, with their kind:

    - preprocessing on both (L1.2): a transformer, a sampler, or a mean taken
      by hand learned from rows that a split, a fold or a score puts into test
      later; a transformer that is fitted to the test rows. Encoders that learn
      only the names of categories are a note, a `LabelEncoder` is none.
    - feature selection on both (L1.3): the same for selectors, and for columns
      chosen by a statistic of all rows.
    - illegitimate feature (L2): the target among the features, a column
      computed from it, or the column that it was computed from.
    - no clean test set (L1.1): a model trained on the rows that judge it, the
      same test rows scored in a loop, a threshold or a stopping time chosen on
      them, no test rows at all.

    Fits inside a `Pipeline`, a search or `cross_val_score` are clean. Functions
    that the notebook defines are read where they are called, with their
    arguments, and those that nobody calls with unknown ones; loops are read
    twice. Parts of the same rows picked by different filters are taken as
    disjoint. A minimum or maximum counts only where it scales. Names such as
    `X_test` or `y_val` tell the role of rows where no split does. Time grows
    with the number of statements, and with calls of functions inside functions
    (four levels at most).

    It cannot see polars expressions, columns chosen by code that it does not
    know, groups or times that a split tears apart (see `audit_split`), or what
    an imported function does.

    As a hook of pre-commit, which fails on a leak or a warning::

        - repo: local
          hooks:
            - id: leakage
              name: leakage
              entry: python -m mlworkbench.leakage
              language: system
              files: \.ipynb$

    *Used in:* ``ch05_features/10_catch_a_leak_in_the_act``.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).
    .. [2] C. Yang, R. A. Brower-Sinning, G. A. Lewis and C. Kästner (2022),
       Data leakage in notebooks: static detection and better processes, ASE.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from mlworkbench.leakage import lint_notebook
    >>> code = '''
    ... data = pd.read_csv("houses.csv")
    ... X, y = data.drop(columns="price"), data["price"]
    ... X = StandardScaler().fit_transform(X)
    ... X_train, X_test, y_train, y_test = train_test_split(X, y)
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     script = Path(folder) / "houses.py"
    ...     _ = script.write_text(code)
    ...     report = lint_notebook(script)
    >>> report.ok
    False
    >>> report.frame[["kind", "cell", "line"]].values.tolist()
    [['preprocessing on both', 1, 4]]
    """
    path = Path(path)
    cells, notes = read_cells(path)
    rules = Rules()
    flow = Flow(rules)
    broken: list[Finding] = []
    places: list[Place] = []
    read: list[tuple[ast.Module, int]] = []
    for cell in cells:
        try:
            tree = parse_cell(cell)
        except (SyntaxError, ValueError, RecursionError) as problem:
            finding, place = _unreadable(cell, problem)
            broken.append(finding)
            places.append(place)
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                node.cell = cell.number  # type: ignore[union-attr]
        flow.cell, flow.work = cell.number, 0
        if not flow.read(tree.body):
            notes.append(f"Cell {cell.number} nests too deep to be read whole.")
        read.append((tree, cell.number))
    for tree, number in read:
        flow.uncalled(tree, number)
    rules.finish()
    events = sorted(rules.events.values(), key=lambda event: event.place)
    lines = {cell.number: cell for cell in cells}
    findings = [_finding(event, lines) for event in events]
    return _with_places(
        [*findings, *broken],
        [*(event.place for event in events), *places],
        (*notes, _LIMITS),
    )


def _with_places(
    findings: list[Finding], places: list[Place], notes: tuple[str, ...]
) -> LeakageReport:
    """Make the report, and add the columns that say where."""
    report = make_report(findings, notes=notes)
    order = sorted(
        range(len(findings)), key=lambda at: SEVERITIES.index(findings[at].severity)
    )
    frame = report.frame.copy()
    for column, numbers in (
        ("line", [places[at].line for at in order]),
        ("cell", [places[at].cell for at in order]),
    ):
        frame.insert(4, column, pd.Series(numbers, dtype="Int64"))
    return dataclasses.replace(report, frame=frame)


def _finding(event: Event, cells: dict[int, Cell]) -> Finding:
    """Give a finding, with the lines that it is about."""
    scored = [place for place in event.scored if place != event.place]
    rows = [(event.place, event.why)]
    rows += [(place, "these rows are split or scored here") for place in scored]
    evidence = pd.DataFrame(
        [(p.cell, p.line, _text(cells.get(p.cell), p.line), why) for p, why in rows],
        columns=["cell", "line", "code", "why"],
    )
    what = f"{event.what} ({event.place})"
    return Finding(
        KINDS[event.kind],
        event.severity,
        what,
        evidence=evidence,
        advice=event.advice,
    )


def _text(cell: Cell | None, line: int) -> str:
    lines = cell.source.split("\n") if cell else []
    at = line - cell.first_line if cell else -1
    return lines[at].strip() if 0 <= at < len(lines) else ""


def _unreadable(cell: Cell, problem: Exception) -> tuple[Finding, Place]:
    """Give the finding for a cell that is not Python."""
    at = getattr(problem, "lineno", None) or 1
    place = Place(cell.number, cell.first_line + at - 1)
    deep = isinstance(problem, RecursionError)
    what = "too deeply nested" if deep else "syntax error"
    reason = getattr(problem, "msg", None) or str(problem)
    finding = Finding(
        "L1.1",
        "warning",
        f"{what} ({place})",
        evidence=f"the cell was left out: {reason}",
        advice="Repair the cell: what it does to test rows was not looked at.",
    )
    return finding, place
