"""The picture of a summary: the votes, and who contradicts whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mlworkbench.labeling._summary import LFSummary

__all__ = ["draw"]

# Okabe and Ito (2008), in an order whose lightness differs; no opinion is pale.
_COLORS = ["#56B4E9", "#E69F00", "#000000", "#009E73", "#CC79A7", "#0072B2", "#D55E00"]
_PALE = "#F2F2F2"
_LONGEST = 26
_MOST_WRITTEN = 12


def draw(report: LFSummary, ax: Any = None) -> Any:
    """Draw the matrix of votes and the matrix of conflicts side by side.

    Parameters
    ----------
    report : LFSummary
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where; a new figure by default.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The outer axes, with two `child_axes`.
    """
    import matplotlib.pyplot as plt

    names = [f"{_cut(str(name))}  {j}" for j, name in enumerate(report.frame.index)]
    if ax is None:
        size = (9, 2.2 + 0.32 * len(names))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    ax.set_axis_off()
    left = ax.inset_axes((0, 0, 0.56, 1))
    right = ax.inset_axes((0.64, 0, 0.36, 1))
    _draw_votes(report, left, names)
    _draw_conflicts(report, right, len(names))
    return ax


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _draw_votes(report: LFSummary, ax: Any, names: list[str]) -> None:
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    shown = np.asarray(report.drawn).T
    classes = sorted({c for polarity in report.frame["Polarity"] for c in polarity})
    if max(classes, default=0) < len(_COLORS):
        colors: list[Any] = [_COLORS[c] for c in classes]  # a class keeps its colour
    else:
        colors = list(colormaps["cividis"](np.linspace(0, 1, len(classes))))
    place = np.searchsorted(np.array([-1, *classes]), shown)
    ax.imshow(
        place,
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap([_PALE, *colors]),
        vmin=-0.5,
        vmax=len(classes) + 0.5,
    )
    ax.grid(visible=False)
    ax.set_yticks(range(len(names)), names)
    ax.hlines(np.arange(1, len(names)) - 0.5, *ax.get_xlim(), color="white")
    ax.set_xticks([])
    some = "" if shown.shape[1] == report.rows else f"{shown.shape[1]} of "
    ax.set_xlabel(f"{some}{report.rows:,} rows, sorted")
    ax.set_title(f"{_share(report.coverage)} have a vote")
    labels = ["no opinion", *map(str, classes)]
    patches = [
        Patch(facecolor=color, edgecolor="0.6", label=text)
        for color, text in zip([_PALE, *colors], labels, strict=True)
    ]
    ax.legend(
        handles=patches,
        ncols=min(len(patches), 5),
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        borderaxespad=2.6,
        frameon=False,
    )


def _draw_conflicts(report: LFSummary, ax: Any, m: int) -> None:
    # Rows, not rates: two functions that vote for one class each agree always
    # or never.
    differ, both = np.zeros((m, m)), np.zeros((m, m))
    upper = np.triu_indices(m, k=1)
    differ[upper], both[upper] = report.pairs["differ"], report.pairs["both_vote"]
    differ, both = differ + differ.T, both + both.T
    top = max(float(differ.max()), 1.0)
    shown = np.where(both > 0, differ, np.nan)
    ax.imshow(shown, cmap="Greys", vmin=0, vmax=top, aspect="auto")
    ax.grid(visible=False)
    for i, j in np.argwhere(both > 0) if m <= _MOST_WRITTEN else []:
        ax.text(
            j,
            i,
            f"{int(differ[i, j]):,}",
            ha="center",
            va="center",
            color="white" if differ[i, j] > top / 2 else "black",
            fontsize="small" if m <= 6 else "x-small",
        )
    ax.set_xticks(range(m), [str(j) for j in range(m)])
    ax.set_yticks(range(m), [str(j) for j in range(m)])
    ax.set_xlabel("rows they differ on")
    ax.set_title(f"{_share(report.conflict)} in conflict")
