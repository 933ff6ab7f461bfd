"""Lint notebooks from a shell: `python -m mlworkbench.leakage notebook.ipynb`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from mlworkbench.leakage._findings import LeakageReport
from mlworkbench.leakage._lint import lint_notebook

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint files and print what was found.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the shell by default.

    Returns
    -------
    status : int
        0 when nothing is graver than a note, 1 when something is, 2 when a
        file could not be read.
    """
    parser = argparse.ArgumentParser(
        prog="python -m mlworkbench.leakage",
        description="Say where notebooks leak test rows, without running them.",
    )
    parser.add_argument("paths", nargs="+", help="notebooks (.ipynb) or scripts (.py)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    status = 0
    reports: dict[str, LeakageReport] = {}
    for path in options.paths:
        try:
            reports[path] = lint_notebook(path)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            print(f"{path}: {reason}", file=sys.stderr)
            status = 2
            continue
        status = max(status, int(not reports[path].ok))
    if options.json:
        print(json.dumps([_plain(p, r) for p, r in reports.items()], indent=2))
    else:
        for path, report in reports.items():
            print("\n".join(_lines(path, report)))
    return status


def _plain(path: str, report: LeakageReport) -> dict[str, object]:
    """Give a report as values that JSON knows."""
    findings = [
        {
            "cell": cell,
            "line": line,
            "severity": finding.severity,
            "code": finding.code,
            "kind": finding.kind,
            "what": finding.what,
            "lines": report.rows(finding.what).to_dict("records"),
            "advice": finding.advice,
        }
        for finding, cell, line in zip(
            report.findings,
            report.frame["cell"].tolist(),
            report.frame["line"].tolist(),
            strict=True,
        )
    ]
    notes = list(report.notes)
    return {"path": path, "ok": report.ok, "findings": findings, "notes": notes}


def _lines(path: str, report: LeakageReport) -> list[str]:
    """Give a report as lines of text."""
    *told, _ = report.notes  # the last one, on the limits, is always the same
    lines = [f"{path}: {note}" for note in told]
    if not report.findings:
        return [*lines, f"{path}: nothing found"]
    for finding in report.findings:
        head = f"{finding.severity} {finding.code} {finding.kind}"
        table = report.rows(finding.what)
        why = table["why"].iloc[0] if "why" in table else table["evidence"].iloc[0]
        lines.append(f"{path}: {finding.what}: {head}: {why}. {finding.advice}")
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
