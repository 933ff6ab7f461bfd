"""A torch classifier, asked without being changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

__all__ = ["Asked", "as_value_range", "read_images", "read_labels"]

Tensor = Any  # torch is imported by those who call an attack, not by the room
_VALUES_PER_CALL = 2**22


class Asked:
    """A model in evaluation mode, for the length of a `with` block.

    On leaving, every module is in the mode it was in before. Parameters,
    their gradients and torch's random state are not touched.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits of shape (n, k), or (n,) or (n, 1) for two classes.
    """

    def __init__(self, model: Any) -> None:
        import torch

        if not isinstance(model, torch.nn.Module):
            raise TypeError(
                f"model is a {type(model).__name__}; pass a torch.nn.Module that gives "
                "logits (an estimator of scikit-learn has no gradients)"
            )
        self.model = model
        tensors = [*model.parameters(), *model.buffers()]
        floats = [t for t in tensors if t.is_floating_point()]
        self.device = floats[0].device if floats else None
        self.dtype = floats[0].dtype if floats else None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Hold the model in evaluation mode."""
        import torch

        modes = [(module, module.training) for module in self.model.modules()]
        cuda = self.device is not None and self.device.type == "cuda"
        try:
            with torch.random.fork_rng(devices=[self.device] if cuda else []):
                self.model.eval()
                yield
        finally:
            for module, training in modes:
                module.training = training

    def own(self, images: Tensor) -> Tensor:
        """Give the images in the dtype and on the device of the model."""
        return images.to(device=self.device, dtype=self.dtype)

    def logits(self, images: Tensor) -> Tensor:
        """Ask once, and give logits of shape (n, k) with k of at least 2."""
        import torch

        answer = self.model(self.own(images))
        if not isinstance(answer, torch.Tensor):
            raise TypeError(
                f"the model gives a {type(answer).__name__}; wrap it in a module "
                "whose forward gives the logits alone"
            )
        if answer.ndim == 1:
            answer = answer[:, None]
        if answer.ndim != 2 or len(answer) != len(images) or answer.shape[1] == 0:
            raise ValueError(
                f"the model gives shape {tuple(answer.shape)} for {len(images)} "
                "images; expected logits of shape (n, k), or (n,) for two classes"
            )
        if answer.shape[1] == 1:
            answer = torch.cat([torch.zeros_like(answer), answer], dim=1)
        if torch.isnan(answer).any():
            raise ValueError(
                "the model gives NaN for images without any; check its weights"
            )
        return answer

    def all_logits(self, images: Tensor) -> Tensor:
        """Ask in as few calls as memory allows; without gradients."""
        import torch

        rows = rows_per_call(images[0].numel() if len(images) else 1)
        with torch.no_grad():
            return torch.cat([self.logits(part) for part in images.split(rows)])


def rows_per_call(size: int) -> int:
    """Say how many images of so many values go into one call."""
    return max(1, _VALUES_PER_CALL // max(1, size))


def as_value_range(value_range: Any) -> tuple[float, float]:
    """Check the smallest and the largest value of a pixel."""
    try:
        low, high = (float(v) for v in value_range)
    except (TypeError, ValueError):
        raise TypeError(
            f"value_range is {value_range!r}; pass the smallest and the largest "
            "value of a pixel, e.g. (0, 1)"
        ) from None
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"value_range is ({low:g}, {high:g}); pass (low, high)")
    return low, high


def read_images(images: Any, value_range: Any) -> tuple[Tensor, tuple[float, float]]:
    """Check a batch of images, numpy or torch, and give a tensor.

    Parameters
    ----------
    images : array-like or torch.Tensor
        Shape (n, d), (n, h, w) or (n, c, h, w), floating point.
    value_range : (float, float)
        The smallest and the largest value of a pixel.

    Returns
    -------
    images : torch.Tensor
        Detached, of the dtype given.
    value_range : tuple of float
        The same, checked.
    """
    import torch

    low, high = as_value_range(value_range)
    if isinstance(images, torch.Tensor):
        given = images.detach()
    else:  # torch takes no array that is read backwards, and warns of frozen ones
        given = np.require(np.asarray(images), requirements=("C", "W"))
    try:
        tensor = torch.as_tensor(given)
    except TypeError:
        raise TypeError("images are not numbers; pass one number per pixel") from None
    if not tensor.is_floating_point():
        raise TypeError(
            f"images has dtype {given.dtype}; an attack makes values in between: "
            "convert to float first, e.g. images / 255"
        )
    if tensor.ndim not in (2, 3, 4) or not all(tensor.shape):
        raise ValueError(
            f"images has shape {tuple(tensor.shape)}; pass at least one image, as "
            "(n, values), (n, height, width) or (n, channels, height, width)"
        )
    bad = ~torch.isfinite(tensor.reshape(len(tensor), -1)).all(dim=1)
    if bad.any():
        row = int(bad.to(torch.int8).argmax())
        raise ValueError(
            f"images has missing or infinite pixels (first in image {row})"
        )
    smallest, largest = float(tensor.min()), float(tensor.max())
    slack = 1e-6 * (high - low)
    if smallest < low - slack or largest > high + slack:
        raise ValueError(
            f"images go from {smallest:g} to {largest:g}, outside value_range "
            f"({low:g}, {high:g}); scale them, or pass the range they have"
        )
    return tensor, (low, high)


def like(result: Tensor, images: Any) -> Any:
    """Give a tensor as the kind that the images were."""
    import torch

    if isinstance(images, torch.Tensor):
        return result.to(images.device)
    return result.cpu().numpy()


def read_labels(labels: Any, n: int, name: str = "labels") -> Tensor:
    """Check class numbers, one per image."""
    import torch

    if isinstance(labels, torch.Tensor):
        labels = labels.detach().cpu().numpy()
    array = np.asarray(labels)
    if array.shape != (n,):
        raise ValueError(
            f"{name} has shape {array.shape} for {n} images; pass one class number "
            "per image, shape (n,)"
        )
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} has dtype {array.dtype}; pass the class numbers of the model, "
            "from 0 (sklearn.preprocessing.LabelEncoder makes them)"
        )
    if array.dtype.kind == "f" and not (np.isfinite(array) & (array % 1 == 0)).all():
        raise ValueError(f"{name} has values that are no class numbers; pass 0, 1, 2 …")
    return torch.as_tensor(array.astype(np.int64))


def check_classes(labels: Tensor, classes: int, name: str = "labels") -> None:
    """Check that the model has a logit for every label."""
    smallest, largest = int(labels.min()), int(labels.max())
    if smallest < 0 or largest >= classes:
        raise ValueError(
            f"{name} go from {smallest} to {largest} and the model has {classes} "
            f"classes; pass numbers from 0 to {classes - 1}"
        )
