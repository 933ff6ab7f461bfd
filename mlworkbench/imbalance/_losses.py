"""Losses for rare classes, on torch tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import check_choice
from mlworkbench.imbalance._class_weights import effective_weights

__all__ = ["class_balanced_loss", "focal_loss"]

REDUCTIONS = ("mean", "sum", "none")
LOSSES = ("softmax", "sigmoid", "focal")


def focal_loss(
    logits: Any,
    targets: Any,
    gamma: float = 2.0,
    alpha: Any = None,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """Give the focal loss, which fades out the rows that are already right.

    Parameters
    ----------
    logits : tensor of shape (n,), (n, 1) or (n, k)
        Scores before the sigmoid or the softmax. One column is a question of
        yes or no, k columns are k classes.
    targets : tensor
        The truth. For one column 0 and 1, of shape (n,) or (n, 1); for k
        classes their numbers 0 to k - 1, integers of shape (n,). Floats of
        shape (n, k), all 0 or 1, are k questions of yes or no about each row
        (several labels, with sigmoids): never pass classes that way.
    gamma : float, default=2.0
        How fast a row fades as its probability p_t grows: its cross-entropy is
        multiplied by (1 - p_t)^γ. 0 is plain cross-entropy.
    alpha : float or array-like of shape (k,), optional
        Weight of the classes. For yes or no a number in [0, 1], α for 1 and
        1 - α for 0, or the two weights of 0 and 1; for k classes one weight
        each, e.g. `class_weights`. A Series or a dict is read by class number.
    reduction : {'mean', 'sum', 'none'}, default='mean'
        Mean over the rows (not divided by the sum of α, unlike the weighted
        mean of torch's cross-entropy), sum, or one value per row.
    sample_weight : array-like of shape (n,), optional
        Weight of each row. The mean is divided by their sum, so a row of
        weight 2 counts as two.

    Returns
    -------
    loss : tensor
        A scalar; for 'none' of shape (n,), or (n, k) where there are several
        labels.

    Raises
    ------
    ValueError, TypeError
        When shapes do not fit, targets are not what they should be, weights
        are negative, or there is no row.

    Notes
    -----
    FL = -α_t (1 - p_t)^γ log p_t. It is computed from the margin
    z = logit of p_t alone: log p_t = logsigmoid(z) and
    (1 - p_t)^γ = exp(γ logsigmoid(-z)), where for k classes z is the logit of
    the true class less the log-sum-exp of the others. Value and gradient stay
    finite for logits of ±200 in single precision, for γ below 1 too. O(nk).

    The minimum of the focal loss is not the true probability: it pulls
    predictions towards 1/2, so a model trained with it is underconfident and
    needs calibration before its probabilities are used. Labels that are wrong
    look like hard rows and gain weight.

    References
    ----------
    .. [1] T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár (2017), Focal loss
       for dense object detection, ICCV, equations 4 and 5.
    .. [2] N. Charoenphakdee, J. Vongkulbhisal, N. Chairatanakul, M. Sugiyama
       (2021), On focal loss for class-posterior probability estimation, CVPR.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    A row predicted at 0.9 and right counts a hundredth of its cross-entropy.

    >>> import torch
    >>> logits = torch.logit(torch.tensor([0.9, 0.1]))
    >>> targets = torch.tensor([1, 1])
    >>> [round(x, 4) for x in focal_loss(logits, targets, 0, reduction="none").tolist()]
    [0.1054, 2.3026]
    >>> [round(x, 4) for x in focal_loss(logits, targets, reduction="none").tolist()]
    [0.0011, 1.8651]
    """
    check_choice(reduction, "reduction", REDUCTIONS)
    gamma = check_gamma(gamma)
    logits, targets = check_pair(logits, targets)
    loss = focal_terms(logits, targets, gamma)
    if alpha is not None:
        loss = loss * _alpha_of_rows(alpha, logits, targets)
    return reduce_loss(loss, reduction, sample_weight)


def class_balanced_loss(
    logits: Any,
    targets: Any,
    samples_per_class: Any,
    beta: float = 0.999,
    loss: str = "softmax",
    gamma: float = 2.0,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """Give a loss weighted by the effective number of rows of each class.

    Parameters
    ----------
    logits : tensor of shape (n, k), (n,) or (n, 1)
        Scores before the softmax or the sigmoid; one column is yes or no.
    targets : tensor of shape (n,)
        Class numbers 0 to k - 1.
    samples_per_class : array-like of shape (k,)
        Rows of each class in the training data (not in the batch), above 0;
        two numbers, of 0 and of 1, for one column. A Series or a dict is read
        by class number, so ``y.value_counts()`` will do.
    beta : float, default=0.999
        At least 0 and below 1. The paper tries 0.9, 0.99, 0.999 and 0.9999; at
        0 all classes weigh the same.
    loss : {'softmax', 'sigmoid', 'focal'}, default='softmax'
        'softmax' is cross-entropy; 'sigmoid' asks of each class whether it is
        the one, and adds up the k binary cross-entropies; 'focal' does the
        same with focal losses.
    gamma : float, default=2.0
        γ of 'focal'; the others do without.
    reduction : {'mean', 'sum', 'none'}, default='mean'
        Mean over the rows, sum, or one value per row.
    sample_weight : array-like of shape (n,), optional
        Weight of each row, on top of that of its class. The mean is divided by
        their sum.

    Returns
    -------
    loss : tensor
        A scalar, or for 'none' of shape (n,).

    Raises
    ------
    ValueError, TypeError
        As for `focal_loss`; when `beta` is outside [0, 1), and when the counts
        are not one per class and above 0.

    Notes
    -----
    The weight of class i is (1 - β)/(1 - β^n_i), scaled so that the weights sum
    to the number of classes. The mean divides by the rows, not by the weights,
    as in the paper. Terms are added over the classes as the paper's equations
    have it; to compare with a mean over all n × k terms divide by k. O(nk).

    References
    ----------
    .. [1] Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie (2019),
       Class-balanced loss based on effective number of samples, CVPR, section 4.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    Two rows the model knows nothing about: the one of the rare class counts
    nearly ten times as much.

    >>> import torch
    >>> logits, targets = torch.zeros(2, 2), torch.tensor([0, 1])
    >>> rows = class_balanced_loss(
    ...     logits, targets, samples_per_class=[1000, 50], reduction="none"
    ... )
    >>> [round(x, 3) for x in rows.tolist()]
    [0.099, 1.287]
    """
    logits, targets = check_pair(logits, targets, classes_only=True)
    k = logits.shape[1] if logits.ndim == 2 else 2
    counts = per_class(samples_per_class, k, "samples_per_class")
    weight = logits.new_tensor(balanced_weights(counts, beta))
    return weighted_loss(
        logits,
        targets,
        weight,
        loss=loss,
        gamma=gamma,
        reduction=reduction,
        sample_weight=sample_weight,
    )


def weighted_loss(
    logits: Any,
    targets: Any,
    weight: Any,
    *,
    loss: str,
    gamma: float,
    reduction: str,
    sample_weight: Any,
) -> Any:
    """Weigh the loss of each row by its class; the inputs are checked."""
    import torch

    check_choice(loss, "loss", LOSSES)
    check_choice(reduction, "reduction", REDUCTIONS)
    power = check_gamma(gamma) if loss == "focal" else 0.0
    if loss == "softmax" or logits.ndim == 1:
        rows = focal_terms(logits, targets, power)
    else:
        one_hot = torch.nn.functional.one_hot(targets, logits.shape[1])
        rows = focal_terms(logits, one_hot.bool(), power).sum(dim=1)
    return reduce_loss(rows * weight[targets.long()], reduction, sample_weight)


def balanced_weights(counts: Any, beta: float) -> Any:
    """Give the weights of Cui and others, which sum to the number of classes."""
    if not (counts > 0).all():
        raise ValueError(
            f"samples_per_class has {counts.min():g} for class {counts.argmin()}; "
            "pass the rows of each class in the training data, all above 0"
        )
    weights = effective_weights(counts, beta)
    return weights * (len(weights) / weights.sum())


def per_class(values: Any, k: int | None, name: str) -> Any:
    """Give one finite number of 0 or more per class, in the order of classes."""
    if isinstance(values, Mapping):
        values = pd.Series(values)
    if isinstance(values, pd.Series):
        if set(values.index) != set(range(len(values))):
            raise ValueError(
                f"{name} has the classes {values.index.tolist()[:10]}, targets are "
                f"numbers from 0; pass {name}.to_numpy() in the order of the numbers"
            )
        values = values.sort_index()
    elif hasattr(values, "detach"):
        values = values.detach().cpu().double()
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or (k is not None and len(array) != k):
        raise ValueError(
            f"{name} has shape {array.shape}; pass one number for each of the "
            f"{k or 'k'} classes"
        )
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(
            f"{name} has values that are negative, infinite or missing "
            f"({array.tolist()[:10]}); pass finite numbers ≥ 0"
        )
    return array


def check_gamma(gamma: Any) -> float:
    """Check the focusing parameter."""
    number = int | float | np.integer | np.floating
    if not isinstance(gamma, number) or isinstance(gamma, bool):
        raise TypeError(f"gamma is {gamma!r}; pass a number of 0 or more")
    if not 0 <= gamma < np.inf:
        raise ValueError(f"gamma is {gamma}; pass a number of 0 or more")
    return float(gamma)


def check_pair(logits: Any, targets: Any, classes_only: bool = False) -> Any:
    """Bring logits and targets into one of three shapes that fit each other.

    Logits (n,) with targets (n,) of 0 and 1; (n, k) with integers (n,); or,
    unless `classes_only`, (n, k) with floats (n, k) of 0 and 1. Targets of yes
    or no come back as booleans, those of classes as integers.
    """
    logits, targets = _tensor(logits), _tensor(targets)
    if not logits.is_floating_point():
        raise TypeError(f"logits are {logits.dtype}; pass floats, before the softmax")
    targets = targets.to(logits.device)
    if logits.ndim == 2 and logits.shape[1] == 1:
        logits = logits[:, 0]
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    shapes = f"logits have shape {tuple(logits.shape)}, targets {tuple(targets.shape)}"
    if logits.ndim not in (1, 2) or targets.ndim not in (1, 2):
        raise ValueError(f"{shapes}; pass (n,) or (n, k), and targets of (n,)")
    if len(logits) != len(targets) or targets.ndim > logits.ndim:
        raise ValueError(f"{shapes}; pass one target per row")
    if len(logits) == 0:
        raise ValueError(f"{shapes}; pass at least one row")
    if logits.ndim == 2 and targets.ndim == 1:
        return logits, _class_numbers(targets, logits.shape[1])
    if logits.ndim == 2:
        fits = targets.is_floating_point() and targets.shape == logits.shape
        if classes_only or not fits:
            raise ValueError(
                f"{shapes}, {targets.dtype}; for classes pass their numbers, "
                "e.g. targets.argmax(dim=1); for several labels per row pass floats "
                "of 0 and 1 to focal_loss"
            )
    positive = targets == 1
    if not (positive | (targets == 0)).all():
        raise ValueError(
            f"targets run from {targets.min().item():g} to {targets.max().item():g}; "
            "for yes or no pass 0 and 1; for classes pass logits with one column each"
        )
    return logits, positive


def _tensor(values: Any) -> Any:
    import torch

    if isinstance(values, torch.Tensor):
        return values
    # A copy: pandas gives out arrays that are read-only.
    return (
        values if isinstance(values, torch.Tensor) else torch.tensor(np.array(values))
    )


def _class_numbers(targets: Any, k: int) -> Any:
    if targets.is_floating_point():
        raise TypeError(
            f"targets are {targets.dtype}; pass class numbers as integers, "
            "e.g. targets.long()"
        )
    targets = targets.long()
    low, high = int(targets.min()), int(targets.max())
    if low < 0 or high >= k:
        raise ValueError(
            f"targets run from {low} to {high}, logits have {k} columns; "
            f"pass class numbers from 0 to {k - 1}, and leave out rows without a class"
        )
    return targets


def focal_terms(logits: Any, targets: Any, gamma: float) -> Any:
    """Give -(1 - p_t)^γ log p_t of each row, without weights."""
    import torch
    from torch.nn import functional

    if logits.ndim == 2 and targets.ndim == 1:
        if gamma == 0:
            return functional.cross_entropy(logits, targets, reduction="none")
        column = targets.unsqueeze(1)
        others = logits.scatter(1, column, float("-inf"))
        margin = logits.gather(1, column).squeeze(1) - torch.logsumexp(others, 1)
    else:
        if gamma == 0:
            return functional.binary_cross_entropy_with_logits(
                logits, targets.to(logits.dtype), reduction="none"
            )
        margin = torch.where(targets, logits, -logits)
    log_right = functional.logsigmoid(margin)
    # logsigmoid(-z) is logsigmoid(z) - z: one pass less.
    return -torch.exp(gamma * (log_right - margin)) * log_right


def _alpha_of_rows(alpha: Any, logits: Any, targets: Any) -> Any:
    """Give each row, or each label of each row, the weight of its class."""
    import torch

    several_labels = targets.ndim == 2
    if np.ndim(alpha) == 0 and not isinstance(alpha, Mapping):
        if logits.ndim == 2 and not several_labels:
            raise ValueError(
                f"alpha is the number {float(alpha):g}; for classes pass one weight "
                f"for each of the {logits.shape[1]}"
            )
        if not 0 <= float(alpha) <= 1:
            raise ValueError(
                f"alpha is {float(alpha):g}; pass a number in [0, 1]: it weighs 1, "
                "and 1 - alpha weighs 0"
            )
        alpha = np.array([1 - float(alpha), float(alpha)])
    elif several_labels:
        raise ValueError("alpha has one weight per class; for labels pass a number")
    k = logits.shape[1] if logits.ndim == 2 and not several_labels else 2
    weight = logits.new_tensor(per_class(alpha, k, "alpha"))
    if targets.dtype == torch.bool:
        return torch.where(targets, weight[1], weight[0])
    return weight[targets]


def reduce_loss(loss: Any, reduction: str, sample_weight: Any) -> Any:
    """Weigh the rows, then take the mean, the sum, or all of them."""
    if sample_weight is not None:
        weight = _row_weights(sample_weight, loss)
        if loss.ndim == 2:
            weight = weight.unsqueeze(1).expand_as(loss)
        loss = loss * weight
        if reduction == "mean":
            return loss.sum() / weight.sum()
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()


def _row_weights(sample_weight: Any, loss: Any) -> Any:
    import torch

    weight = _tensor(sample_weight).to(loss)
    if weight.ndim == 2 and weight.shape[1] == 1:
        weight = weight[:, 0]
    if tuple(weight.shape) != (len(loss),):
        raise ValueError(
            f"sample_weight has shape {tuple(weight.shape)} for {len(loss)} rows; "
            "pass one a row"
        )
    if not (torch.isfinite(weight) & (weight >= 0)).all() or not weight.any():
        raise ValueError(
            "sample_weight has values that are negative, infinite or missing, or is "
            "0 in every row; pass finite weights ≥ 0"
        )
    return weight
