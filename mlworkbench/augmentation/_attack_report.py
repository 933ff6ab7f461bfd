"""What an attack with a few pixels found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._report import Report

__all__ = ["AttackReport", "Seen", "attack_report"]

_SHOWN = 8  # images in the picture


@dataclass(frozen=True, eq=False, repr=False)
class AttackReport(Report):
    """What `one_pixel_attack` found.

    `frame` has a row per image: `label`, `predicted`, `predicted_after`,
    `confidence` and `confidence_after` (probability of the label), `attacked`,
    `success`, `queries`; with a target `target`, and where one pixel changed
    `row` and `column`, or `pixel` of a flat image (-1 where not attacked).

    Parameters
    ----------
    frame : pandas.DataFrame
        A row per image.
    n_images : int
        Images given.
    n_attacked : int
        Images that the model had right (and, with a target, whose label is
        another): only they were attacked.
    success_rate : float
        Share of the attacked images that fell; missing when there were none.
    accuracy_before : float
        Share of all images that the model has right.
    accuracy_after : float
        The same after the attack.
    mean_queries : float
        Images shown to the model per attacked one; missing when there were
        none.
    original : ndarray or torch.Tensor
        The images given.
    adversarial : ndarray or torch.Tensor
        The images after, of the kind, shape and dtype given.
    success : ndarray of bool, shape (n,)
        The images that fell: right before, and after wrong (with a target:
        the class wanted).
    pixels : ndarray of int, shape (n, n_pixels)
        The places changed, as row × width + column; -1 where not attacked.
    values : ndarray of shape (n, n_pixels, channels)
        The values written there; missing where not attacked.
    queries : ndarray of int, shape (n,)
        Times that an image and its candidates were shown to the model.
    notes : tuple of str
        What the reader should know.
    """

    n_images: int
    n_attacked: int
    success_rate: float
    accuracy_before: float
    accuracy_after: float
    mean_queries: float
    original: Any = field(repr=False)
    adversarial: Any = field(repr=False)
    success: npt.NDArray[np.bool_] = field(repr=False)
    pixels: npt.NDArray[np.int64] = field(repr=False)
    values: npt.NDArray[np.float64] = field(repr=False)
    queries: npt.NDArray[np.int64] = field(repr=False)

    title: ClassVar[str] = "Attack with few pixels"

    def plot(self, ax: Any = None) -> Any:
        """Draw the first images that fell, before and after.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            Each column is an image, the changed pixels are circled. For flat
            images, or where none fell, the confidence before and after.
        """
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots()
        rows = np.flatnonzero(self.success)[:_SHOWN]
        if len(rows) and np.ndim(self.original) > 2:
            self._gallery(ax, rows)
        else:
            ax.scatter(self.frame["confidence"], self.frame["confidence_after"], s=12)
            ax.set(xlabel="confidence before", ylabel="confidence after")
        fell, most = int(self.success.sum()), self.pixels.shape[1]
        changed = "one pixel" if most == 1 else f"{most} pixels"
        ax.set_title(f"{fell} of {self.n_attacked} fell to {changed}")
        return ax

    def _gallery(self, ax: Any, rows: npt.NDArray[np.int64]) -> None:
        pairs = [np.asarray(_cpu(a))[rows] for a in (self.original, self.adversarial)]
        if pairs[0].ndim == 4:
            one = pairs[0].shape[1] == 1
            pairs = [p[:, 0] if one else np.moveaxis(p, 1, 3) for p in pairs]
        height, width = pairs[0].shape[1:3]
        low, high = (float(f(p)) for f, p in ((np.min, pairs), (np.max, pairs)))
        colours = {} if pairs[0].ndim == 4 else {"cmap": "gray"}
        for line, batch in enumerate(pairs):
            for place, image in enumerate(batch):
                left, top = place * (width + 1), line * (height + 1)
                box = (left - 0.5, left + width - 0.5, top + height - 0.5, top - 0.5)
                scaled = (image - low) / ((high - low) or 1)
                ax.imshow(scaled, vmin=0, vmax=1, extent=box, **colours)
        spots = self.pixels[rows]
        across = spots % width + (np.arange(len(rows)) * (width + 1))[:, None]
        down = spots // width + height + 1
        ring = {"facecolors": "none", "edgecolors": "C4", "linewidths": 1.5}
        ax.scatter(across.ravel(), down.ravel(), s=90, **ring)
        seen = self.frame.iloc[rows]
        ax.set_xticks(
            np.arange(len(rows)) * (width + 1) + (width - 1) / 2,
            [
                f"{a} → {b}"
                for a, b in zip(seen["label"], seen["predicted_after"], strict=True)
            ],
        )
        middle = (height - 1) / 2
        ax.set_yticks([middle, middle + height + 1], ["before", "after"])
        ax.set_xlim(-1, len(rows) * (width + 1) - 0.5)
        ax.set_ylim(2 * height + 1, -1)
        ax.set_aspect("equal")
        ax.tick_params(length=0)
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)


@dataclass(frozen=True)
class Seen:
    """What an attack saw: of all rows, and what it found for the attacked ones."""

    truth: Any
    goal: Any
    attacked: Any
    before: Any
    after: Any
    found: tuple[Any, Any, Any]
    shape: tuple[int, ...]

    def spread(self) -> tuple[Any, Any, Any]:
        """Put pixels, values and queries among all rows."""
        hit, (own, new, asked) = self.attacked.numpy(), self.found
        pixels = np.full((len(hit), own.shape[1]), -1, dtype=np.int64)
        values = np.full((len(hit), *new.shape[1:]), np.nan)
        queries = np.ones(len(hit), dtype=np.int64)
        pixels[hit], values[hit], queries[hit] = own, new, 1 + asked
        return pixels, values, queries

    def confidence(self, logits: Any) -> Any:
        """Give the probability of the label in each row."""
        prob = logits.double().softmax(dim=1)
        return prob.gather(1, self.truth[:, None])[:, 0].numpy()


def attack_report(original: Any, adversarial: Any, seen: Seen) -> AttackReport:
    """Make the report.

    Parameters
    ----------
    original, adversarial : ndarray or torch.Tensor
        The images before and after.
    seen : Seen
        What the attack saw.

    Returns
    -------
    report : AttackReport
        The report.
    """
    label, hit = seen.truth.numpy(), seen.attacked.numpy()
    first, last = (z.argmax(dim=1).numpy() for z in (seen.before, seen.after))
    goal = None if seen.goal is None else seen.goal.numpy()
    pixels, values, queries = seen.spread()
    success = hit & (last != label if goal is None else last == goal)
    columns = {"label": label, "predicted": first, "predicted_after": last}
    columns |= {} if goal is None else {"target": goal}
    columns["confidence"] = seen.confidence(seen.before)
    columns["confidence_after"] = seen.confidence(seen.after)
    columns |= {"attacked": hit, "success": success, "queries": queries}
    if pixels.shape[1] == 1:
        place = pixels[:, 0]
        row, column = np.where(hit, np.divmod(place, seen.shape[-1]), -1)
        flat = len(seen.shape) == 1
        columns |= {"pixel": place} if flat else {"row": row, "column": column}
    count = int(hit.sum())
    why = "right before" + ("" if goal is None else " and of another class")
    return AttackReport(
        pd.DataFrame(columns),
        n_images=len(label),
        n_attacked=count,
        success_rate=float(success[hit].mean()) if count else float("nan"),
        accuracy_before=float((first == label).mean()),
        accuracy_after=float((last == label).mean()),
        mean_queries=float(queries[hit].mean()) if count else float("nan"),
        original=original,
        adversarial=adversarial,
        success=success,
        pixels=pixels,
        values=values,
        queries=queries,
        notes=() if count else (f"no image could be attacked: none was {why}",),
    )


def _cpu(images: Any) -> Any:
    return images.cpu() if hasattr(images, "cpu") else images
