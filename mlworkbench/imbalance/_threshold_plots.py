"""Pictures of a threshold report."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import check_columns

__all__ = ["plot_curves", "plot_measures"]

_LOOKS = (("#0b5394", "-"), ("#b45f06", "--"), ("#38761d", "-."), ("#741b47", ":"))
_MARKS = {"f1": ("o", "best F1"), "cost": ("s", "least cost")}
_MARKS |= {"break_even": ("^", "break-even")}
_NAMES = {"f1": "F1", "alerts_per_1000": "alerts per 1,000 rows"}
_NAMES |= {"cost": "cost per row"}


def plot_measures(report: Any, ax: Any, metrics: Any) -> Any:
    """Draw columns of the frame against the threshold.

    Parameters
    ----------
    report : ThresholdReport
        What to draw.
    ax : matplotlib.axes.Axes or None
        Where.
    metrics : str, list of str or None
        Columns.

    Returns
    -------
    ax : matplotlib.axes.Axes
        The axes drawn on.
    """
    import matplotlib.pyplot as plt

    ax = plt.subplots(layout="constrained")[1] if ax is None else ax
    frame = report.frame[np.isfinite(report.frame["threshold"])]
    usual = ["cost"] if "cost" in frame else ["precision", "recall", "f1"]
    names = check_columns(frame, usual if metrics is None else metrics, "report.frame")
    for place, name in enumerate(names):
        color, line = _LOOKS[place % len(_LOOKS)]
        label = _NAMES.get(name, name)
        ax.plot(frame["threshold"], frame[name], line, color=color, label=label)
        if f"{name}_low" in frame:
            low, high = frame[f"{name}_low"], frame[f"{name}_high"]
            ax.fill_between(
                frame["threshold"], low, high, color=color, alpha=0.2, linewidth=0
            )
    marks = ["cost", "break_even"] if "cost" in names else ["f1"]
    for _, row in report.optima.iterrows():
        if row["criterion"] in marks and np.isfinite(row["threshold"]):
            text = f"{_MARKS[row['criterion']][1]} at {row['threshold']:.3g}"
            style = "--" if row["criterion"] == "break_even" else ":"
            ax.axvline(row["threshold"], color="0.3", linestyle=style, label=text)
    ax.set_xlabel("threshold (alert when the probability is at least this)")
    ax.set_ylabel(_NAMES.get(names[0], names[0]) if len(names) == 1 else "value")
    ax.set_title(_title(report, names))
    ax.legend()
    return ax


def plot_curves(report: Any, axes: Any) -> Any:
    """Draw ROC and precision-recall side by side.

    Parameters
    ----------
    report : ThresholdReport
        What to draw.
    axes : pair of matplotlib.axes.Axes or None
        Where.

    Returns
    -------
    axes : ndarray of two matplotlib.axes.Axes
        The axes drawn on.
    """
    import matplotlib.pyplot as plt

    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")[1]
    left, right = axes = np.ravel(axes)
    frame = report.frame
    with np.errstate(invalid="ignore", divide="ignore"):
        false_rate = frame["fp"] / (frame["fp"] + frame["tn"])
    left.plot(false_rate, frame["recall"], color="#0b5394")
    left.plot([0, 1], [0, 1], color="0.5", linestyle="--", label="chance")
    left.set_xlabel("false positive rate")
    left.set_ylabel("recall (true positive rate)")
    left.set_title(f"ROC: area {report.roc_auc:.3f}")
    # Average precision sums steps, so steps are what it is the area of.
    right.step(frame["recall"], frame["precision"], where="pre", color="#0b5394")
    if "precision_low" in frame:
        right.fill_between(
            frame["recall"],
            frame["precision_low"],
            frame["precision_high"],
            step="pre",
            color="#0b5394",
            alpha=0.2,
            linewidth=0,
        )
    rate = report.positive_rate
    right.axhline(rate, color="0.5", linestyle="--", label=f"chance, {rate:.1%}")
    right.set_xlabel("recall")
    right.set_ylabel("precision")
    right.set_title(f"Precision and recall: average {report.average_precision:.3f}")
    _mark(report, axes, false_rate)
    for ax in axes:
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(-0.02, 1.02)
        ax.legend()
    return axes


def _mark(report: Any, axes: Any, false_rate: Any) -> None:
    """Mark the optima on both curves."""
    left, right = axes
    frame = report.frame
    for _, row in report.optima.iterrows():
        if np.isnan(row["threshold"]):
            continue
        # The last kept threshold that gives the same alerts.
        at = int((frame["threshold"] >= row["threshold"]).sum()) - 1
        marker, text = _MARKS[row["criterion"]]
        here = frame.iloc[at]
        point = {"linestyle": "", "marker": marker, "markersize": 8, "label": text}
        point |= {"color": "black", "markerfacecolor": "none"}
        left.plot(false_rate.iloc[at], here["recall"], **point)
        right.plot(here["recall"], here["precision"], **point)


def _title(report: Any, names: list[str]) -> str:
    wanted = "cost" if "cost" in names else "f1"
    row = report.optima.set_index("criterion").loc[wanted]
    if not np.isfinite(row["threshold"]):
        return "Never alerting is cheapest" if wanted == "cost" else "Thresholds"
    best = "Cheapest" if wanted == "cost" else "Best F1"
    return f"{best} at {row['threshold']:.3g}: {row['value']:.3g}"
