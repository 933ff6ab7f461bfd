"""What every benchmark needs: versions, the best of a few runs, a table."""

import platform
import time
from importlib.metadata import version


def best_of(function, runs=3, warm_up=True):
    """Give the shortest time in seconds, and the last result."""
    if warm_up:
        function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return min(times), result


def show_versions(*packages):
    names = " · ".join(f"{name} {version(name)}" for name in packages)
    print(f"Python {platform.python_version()} · {names}\n")


def show_table(rows, headings=("task", "peer", "peer s", "own s", "ratio")):
    """Print rows of (task, peer, peer's seconds, own seconds)."""
    lines = [
        (task, peer, f"{theirs:.4f}", f"{own:.4f}", f"{theirs / own:.1f}×")
        for task, peer, theirs, own in rows
    ]
    widths = [max(map(len, column)) for column in zip(headings, *lines, strict=True)]
    for line in (headings, ["-" * width for width in widths], *lines):
        cells = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    print()
