"""The picture of `diagnose_missing`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["draw_missing"]

_BARS = 20
_PATTERNS = 8


def draw_missing(
    frame: pd.DataFrame, patterns: pd.DataFrame, n_rows: int, ax: Any
) -> Any:
    """Draw the share missing per column, and the most frequent patterns."""
    import matplotlib.pyplot as plt

    shown = frame.sort_values("coverage", kind="stable")[:_BARS]
    if ax is None:
        size = (8, 1.6 + 0.3 * max(len(shown), 3))
        _, ax = plt.subplots(figsize=size, layout="constrained")
    ax.set_axis_off()
    if shown.empty:
        ax.text(0.5, 0.5, "no missing values", ha="center", va="center")
        return ax
    left, right = ax.inset_axes((0, 0, 0.46, 1)), ax.inset_axes((0.52, 0, 0.48, 1))
    place = np.arange(len(shown))
    share = 100 * (1 - shown["coverage"].to_numpy(np.float64))
    left.barh(place, share, color="#0b5394")
    left.set_yticks(place, [str(name) for name in shown.index])
    left.set_xlabel("rows without a value (%)")
    left.set_xlim(0, max(share) * 1.2)
    for at, value in zip(place, share, strict=True):
        left.annotate(f" {value:.3g}", (value, at), va="center", fontsize="small")
    most = patterns[:_PATTERNS]
    cells = most[list(shown.index)].to_numpy(dtype=np.float64).T
    right.imshow(cells, aspect="auto", cmap="Greys", vmin=0, vmax=1.4)
    counts = [f"{count:,}" for count in most["rows"]]
    right.set_xticks(range(len(most)), counts, rotation=45, ha="right")
    right.set_yticks(place, [""] * len(place))
    right.set_xticks(np.arange(0.5, len(most) - 1), minor=True)
    right.set_yticks(np.arange(0.5, len(shown) - 1), minor=True)
    right.grid(False)
    right.grid(which="minor", color="0.85", linewidth=0.8)
    right.tick_params(which="minor", length=0)
    right.set_xlabel("rows with this pattern (dark: missing)")
    for panel in (left, right):
        panel.set_ylim(len(shown) - 0.5, -0.5)
    return ax
