"""The losses for rare classes as torch modules; importing this loads torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from mlworkbench._validation import check_choice
from mlworkbench.imbalance._losses import (
    LOSSES,
    REDUCTIONS,
    balanced_weights,
    check_gamma,
    check_pair,
    focal_loss,
    per_class,
    weighted_loss,
)

__all__ = ["ClassBalancedLoss", "FocalLoss"]


class FocalLoss(torch.nn.Module):
    """The focal loss as a module; see `focal_loss` for the formula.

    Parameters
    ----------
    gamma : float, default=2.0
        How fast a row fades as its probability grows; 0 is cross-entropy.
    alpha : float or array-like of shape (k,), optional
        Weight of the classes: a number in [0, 1] for yes or no (α for 1, 1 - α
        for 0), otherwise one weight per class. Kept as the buffer `alpha`, so
        it moves with ``.to(device)`` and is saved in the ``state_dict``.
    reduction : {'mean', 'sum', 'none'}, default='mean'
        Mean over the rows, sum, or one value per row.

    Raises
    ------
    ValueError, TypeError
        When a parameter is not what it should be.

    References
    ----------
    .. [1] T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár (2017), Focal loss
       for dense object detection, ICCV.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    >>> import torch
    >>> criterion = FocalLoss(alpha=[0.25, 0.75])
    >>> criterion
    FocalLoss(gamma=2.0, alpha=[0.25, 0.75], reduction='mean')
    >>> round(criterion(torch.zeros(4, 2), torch.tensor([0, 0, 0, 1])).item(), 4)
    0.065
    """

    alpha: Any

    def __init__(
        self, gamma: float = 2.0, alpha: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.gamma = check_gamma(gamma)
        self.reduction = check_choice(reduction, "reduction", REDUCTIONS)
        if alpha is not None:
            alpha = _scalar_or_vector(alpha)
        self.register_buffer("alpha", alpha)

    def forward(self, logits: Any, targets: Any, sample_weight: Any = None) -> Any:
        """Give the loss.

        Parameters
        ----------
        logits : tensor of shape (n,), (n, 1) or (n, k)
            Scores before the sigmoid or the softmax.
        targets : tensor
            The truth, as `focal_loss` takes it.
        sample_weight : array-like of shape (n,), optional
            Weight of each row.

        Returns
        -------
        loss : tensor
            A scalar, or one value per row.
        """
        return focal_loss(
            logits,
            targets,
            self.gamma,
            self.alpha,
            reduction=self.reduction,
            sample_weight=sample_weight,
        )

    def extra_repr(self) -> str:
        """Say the parameters.

        Returns
        -------
        text : str
            What stands between the brackets.
        """
        alpha = None if self.alpha is None else _shown(self.alpha)
        return f"gamma={self.gamma}, alpha={alpha}, reduction={self.reduction!r}"


class ClassBalancedLoss(torch.nn.Module):
    """The class-balanced loss as a module; see `class_balanced_loss`.

    Parameters
    ----------
    samples_per_class : array-like of shape (k,)
        Rows of each class in the training data, above 0. A Series or a dict is
        read by class number. The weights they give are kept as the buffer
        `weight`, which the ``state_dict`` saves.
    beta : float, default=0.999
        At least 0 and below 1; at 0 all classes weigh the same.
    loss : {'softmax', 'sigmoid', 'focal'}, default='softmax'
        The loss that is weighted.
    gamma : float, default=2.0
        γ of 'focal'.
    reduction : {'mean', 'sum', 'none'}, default='mean'
        Mean over the rows, sum, or one value per row.

    Raises
    ------
    ValueError, TypeError
        When a parameter is not what it should be.

    References
    ----------
    .. [1] Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie (2019),
       Class-balanced loss based on effective number of samples, CVPR.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    >>> criterion = ClassBalancedLoss([1000, 50])
    >>> criterion
    ClassBalancedLoss(weight=[0.1433, 1.857], loss='softmax', reduction='mean')
    """

    weight: Any

    def __init__(
        self,
        samples_per_class: Any,
        beta: float = 0.999,
        loss: str = "softmax",
        gamma: float = 2.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.beta = beta
        self.loss = check_choice(loss, "loss", LOSSES)
        self.gamma = check_gamma(gamma)
        self.reduction = check_choice(reduction, "reduction", REDUCTIONS)
        counts = per_class(samples_per_class, None, "samples_per_class")
        if len(counts) < 2:
            raise ValueError(
                f"samples_per_class has {len(counts)} number(s); pass one per class, "
                "at least 2"
            )
        weights = balanced_weights(counts, beta)
        self.register_buffer(
            "weight", torch.as_tensor(weights, dtype=torch.get_default_dtype())
        )

    def forward(self, logits: Any, targets: Any, sample_weight: Any = None) -> Any:
        """Give the loss.

        Parameters
        ----------
        logits : tensor of shape (n, k), (n,) or (n, 1)
            Scores before the softmax or the sigmoid.
        targets : tensor of shape (n,)
            Class numbers 0 to k - 1.
        sample_weight : array-like of shape (n,), optional
            Weight of each row.

        Returns
        -------
        loss : tensor
            A scalar, or one value per row.
        """
        logits, targets = check_pair(logits, targets, classes_only=True)
        k = logits.shape[1] if logits.ndim == 2 else 2
        if k != len(self.weight):
            raise ValueError(
                f"logits have {k} classes, samples_per_class had {len(self.weight)}; "
                "pass one count per class"
            )
        return weighted_loss(
            logits,
            targets,
            self.weight.to(logits),
            loss=self.loss,
            gamma=self.gamma,
            reduction=self.reduction,
            sample_weight=sample_weight,
        )

    def extra_repr(self) -> str:
        """Say the parameters.

        Returns
        -------
        text : str
            What stands between the brackets.
        """
        gamma = f", gamma={self.gamma}" if self.loss == "focal" else ""
        return (
            f"weight={_shown(self.weight)}, loss={self.loss!r}{gamma}, "
            f"reduction={self.reduction!r}"
        )


def _scalar_or_vector(alpha: Any) -> Any:
    """Check what can be checked before the number of classes is known."""
    if np.ndim(alpha) == 0 and not isinstance(alpha, Mapping):
        values = np.float64(alpha)
        if not 0 <= values <= 1:
            raise ValueError(
                f"alpha is {values:g}; pass a number in [0, 1], or one per class"
            )
    else:
        values = per_class(alpha, None, "alpha")
    return torch.as_tensor(values, dtype=torch.get_default_dtype())


def _shown(values: Any) -> Any:
    numbers = values.detach().cpu().double().numpy()
    rounded: Any = np.array([float(f"{x:.4g}") for x in numbers.ravel()])
    return rounded.tolist() if numbers.ndim else float(rounded[0])
