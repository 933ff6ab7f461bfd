"""The fast gradient sign method: one step against every pixel at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlworkbench._validation import check_same_index
from mlworkbench.augmentation._classifier import (
    Asked,
    check_classes,
    like,
    read_images,
    read_labels,
    rows_per_call,
)

__all__ = ["fgsm"]


def fgsm(
    model: Any,
    images: Any,
    labels: Any,
    epsilon: float,
    *,
    value_range: tuple[float, float] = (0, 1),
    targeted: bool = False,
) -> Any:
    """Move every pixel by epsilon in the direction that raises the loss.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits of shape (n, k), or (n,) or (n, 1) for two classes. It is
        asked in evaluation mode and left as it was.
    images : ndarray or torch.Tensor of shape (n, d), (n, h, w) or (n, c, h, w)
        Floating point, in the shape that the model takes.
    labels : array-like of shape (n,)
        True class numbers, from 0. With `targeted` the classes wanted.
    epsilon : float
        Size of the step, in units of the pixels; no pixel moves further.
    value_range : (float, float), default=(0, 1)
        Smallest and largest value of a pixel; the result is clipped to it.
    targeted : bool, default=False
        Step towards the class in `labels` instead of away from it.

    Returns
    -------
    adversarial : ndarray or torch.Tensor
        The images after the step: the kind, dtype and device of `images`.

    Raises
    ------
    TypeError, ValueError
        When the model is no torch module, does not give logits or has no
        gradient; when images are whole numbers, missing or outside
        `value_range`; when labels are no class numbers; when epsilon is
        negative.

    Notes
    -----
    x' = clip(x + ε·sign ∇ₓL(x, y)) with the cross-entropy L [1]_, and minus
    for `targeted`. It is exact for a linear model of two classes: no other
    change of at most ε per pixel raises the loss as much. For others it is one
    step, and a model that withstands it may fall to several. Where the model
    is so sure that the gradient is 0 in floating point, the pixels stay: that
    looks like robustness and is none. One pass forward, one back.

    References
    ----------
    .. [1] I. J. Goodfellow, J. Shlens, C. Szegedy (2015), Explaining and
       harnessing adversarial examples, International Conference on Learning
       Representations.

    *Used in:* ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    A linear model falls along the signs of its weights.

    >>> import numpy as np, torch
    >>> model = torch.nn.Linear(3, 1).double()
    >>> with torch.no_grad():
    ...     _ = model.weight.copy_(torch.tensor([[2.0, -1.0, 0.5]]))
    >>> fgsm(model, np.full((1, 3), 0.5), [1], 0.25).tolist()
    [[0.25, 0.75, 0.25]]
    """
    import torch

    check_same_index(images=images, labels=labels)
    if isinstance(epsilon, bool) or not isinstance(epsilon, int | float | np.number):
        raise TypeError(f"epsilon is {epsilon!r}; pass one number, e.g. 0.1")
    if not np.isfinite(epsilon) or epsilon < 0:
        raise ValueError(f"epsilon is {epsilon}; pass a finite number of 0 or more")
    asked = Asked(model)
    tensor, (low, high) = read_images(images, value_range)
    classes = read_labels(labels, len(tensor))
    rows = rows_per_call(tensor[0].numel())
    with asked.open():
        parts = zip(tensor.split(rows), classes.split(rows), strict=True)
        sign = torch.cat([_sign(asked, part, own) for part, own in parts])
    step = (-epsilon if targeted else epsilon) * sign.to(tensor)
    return like((tensor + step).clamp(low, high), images)


def _sign(asked: Asked, images: Any, labels: Any) -> Any:
    """Give the sign of the gradient of the loss at each pixel."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        # The sum, so that a row's gradient does not depend on the others.
        point = asked.own(images).clone().requires_grad_(True)
        logits = asked.logits(point)
        check_classes(labels, logits.shape[1])
        goal = labels.clone().to(logits.device)
        loss = torch.nn.functional.cross_entropy(logits, goal, reduction="sum")
        gradient = None
        if loss.requires_grad:
            (gradient,) = torch.autograd.grad(loss, point, allow_unused=True)
    if gradient is None:
        raise ValueError(
            "the model's logits have no gradient with respect to the images (a "
            "detach(), a no_grad() or an argmax inside?); one_pixel_attack needs none"
        )
    return gradient.sign()
