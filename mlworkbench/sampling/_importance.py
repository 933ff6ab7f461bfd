"""Answer about one distribution with draws from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Verdict
from mlworkbench._stats import effective_sample_size
from mlworkbench._validation import FloatArray, check_same_index, check_same_length
from mlworkbench.sampling._log_weights import (
    finite_values,
    log_weights,
    normalise,
    tail_shape,
)

__all__ = ["ImportanceEstimate", "importance_estimate", "importance_weights"]

_ENOUGH = 100  # effective draws
_HEAVY = 0.5  # tail shape from which on the variance is infinite
_HANDFUL = 5  # draws too few to fit a tail to
_SHARES = (0.01, 0.1, 0.5, 1.0)


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceEstimate(Verdict):
    """What `importance_estimate` found, and whether to believe it.

    `frame` says how the weight is spread: `draws` (the largest weights, so
    many of them), `share_of_draws`, `share_of_weight`.

    Parameters
    ----------
    frame : pandas.DataFrame
        Concentration of the weights.
    estimate : float
        Mean of the values under the target.
    standard_error : float
        Its standard error, as far as the draws can tell.
    n : int
        Number of draws.
    effective_sample_size : float
        Draws from the target itself that would be worth as much (Kish).
    largest_share : float
        Share of the largest weight in all weight.
    tail_shape : float
        Shape k of the Pareto tail that fits the largest weights. Above 0.5 the
        weights have no finite variance, above 1 no finite mean. Missing where
        fewer than five weights make the tail, minus infinity where many draws
        share the largest weight.
    self_normalized : bool
        Whether the weights were divided by their sum.
    mean_weight : float
        Mean of the weights before they were normalised, 1 when both densities
        are complete; infinite when too large for a float.
    weights : ndarray of shape (n,)
        The normalised weights, in the order of the draws.
    notes : tuple of str
        Why not to believe it.
    """

    estimate: float
    standard_error: float
    n: int
    effective_sample_size: float
    largest_share: float
    tail_shape: float
    self_normalized: bool
    mean_weight: float = field(repr=False)
    weights: FloatArray = field(repr=False)

    title: ClassVar[str] = "Importance sampling"

    @property
    def facts(self) -> dict[str, Any]:
        """The scalar fields by name; where no tail was fitted, why not."""
        shown = super().facts
        if self.tail_shape == -np.inf:
            shown["tail_shape"] = "none, the weights are bounded"
        elif np.isnan(self.tail_shape):
            shown["tail_shape"] = "no tail to fit"
        return shown

    @property
    def ok(self) -> bool:
        """False when the draws show that the proposal misses the target.

        That is when fewer than 100 effective draws are left (or fewer than
        half of the draws, when there are less than 200); when the tail of the
        weights is so heavy, k above 0.5, that they have no finite variance and
        the standard error means little (Vehtari and others 2024); when the
        five largest weights carry more than twice what five of the fewest
        draws allowed would carry, so with 200 draws or more over 10 %; or,
        without self-normalisation, when the mean weight is more than four
        standard errors from 1. True is no proof: draws cannot show a region
        that the proposal never reaches.
        """
        return not self.notes

    def plot(self, ax: Any = None) -> Any:
        """Draw how much of the weight the largest weights carry.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: cumulated weight over draws, largest first.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        carried = np.concatenate(([0.0], np.cumsum(np.sort(self.weights)[::-1])))
        x = np.linspace(0, 100, len(carried))
        ax.plot(x, 100 * carried, color="#0b5394", label="these draws")
        ax.plot([0, 100], [0, 100], color="0.5", linestyle="--", label="equal weights")
        ax.set_xlabel("draws, largest weight first (%)")
        ax.set_ylabel("weight carried (%)")
        worth = f"{self.effective_sample_size:,.0f}"
        ax.set_title(f"{self.n:,} draws are worth {worth}")
        ax.legend(loc="lower right")
        return ax


def importance_weights(log_target: Any, log_proposal: Any) -> FloatArray:
    """Give the weights that turn draws from the proposal into the target.

    Parameters
    ----------
    log_target : array-like of shape (n,)
        Natural logarithm of the target's density (or probability) at each
        draw; a constant may be missing. Minus infinity where it is 0.
    log_proposal : array-like of shape (n,)
        The same of the distribution that the draws came from, always finite.

    Returns
    -------
    weights : ndarray of shape (n,)
        Proportional to exp(log_target - log_proposal), and summing to 1.

    Raises
    ------
    ValueError
        When lengths differ, a value is missing or plus infinity, the proposal
        is 0 at one of its own draws, or the target is 0 at all of them.

    Notes
    -----
    The largest difference of logarithms is subtracted first, so differences
    of 1,000 neither overflow nor turn all weights into 0. O(n).

    References
    ----------
    .. [1] A. B. Owen (2013), Monte Carlo theory, methods and examples,
       chapter 9.

    *Used in:* ``ch04_training_data/03_sample_from_what_you_have``.

    Examples
    --------
    The data are 25 % red and 75 % blue, the world is half and half: a red
    row weighs three times a blue one.

    >>> import numpy as np
    >>> target, proposal = np.log([0.5, 0.5]), np.log([0.25, 0.75])
    >>> importance_weights(target, proposal).round(2)
    array([0.75, 0.25])
    """
    return normalise(log_weights(log_target, log_proposal))[0]


def importance_estimate(
    values: Any, log_target: Any, log_proposal: Any, self_normalized: bool = True
) -> ImportanceEstimate:
    """Estimate a mean under the target from draws of the proposal.

    Parameters
    ----------
    values : array-like of shape (n,)
        The quantity at each draw, finite; True and False for a probability.
    log_target : array-like of shape (n,)
        Natural logarithm of the target's density at each draw; a constant may
        be missing when `self_normalized`.
    log_proposal : array-like of shape (n,)
        The same of the distribution that the draws came from.
    self_normalized : bool, default=True
        Divide the weights by their sum: a small bias of order 1/n, and no need
        for the constants. False is unbiased and needs both densities complete.

    Returns
    -------
    report : ImportanceEstimate
        `.estimate`, `.standard_error`, `.effective_sample_size`,
        `.largest_share`, `.weights`, and the verdict `.ok`.

    Raises
    ------
    ValueError
        As for `importance_weights`; when values are missing or there are fewer
        than two; when a weight is too large for a float and `self_normalized`
        is False.

    Notes
    -----
    Self-normalised: μ = Σwᵢfᵢ with Σwᵢ = 1, and standard error
    √Σwᵢ²(fᵢ - μ)² (the delta method). Otherwise the mean of wᵢfᵢ and its usual
    standard error. The error and the effective sample size are themselves
    estimates from the draws: where the proposal has lighter tails than the
    target both look better than they are. The tail of the weights shows it
    earlier. O(n log n).

    References
    ----------
    .. [1] A. B. Owen (2013), Monte Carlo theory, methods and examples,
       sections 9.1 to 9.3.
    .. [2] L. Kish (1965), Survey Sampling, section 11.7.
    .. [3] A. Vehtari, D. Simpson, A. Gelman, Y. Yao, J. Gabry (2024), Pareto
       smoothed importance sampling, Journal of Machine Learning Research 25.

    *Used in:* ``ch04_training_data/03_sample_from_what_you_have``.

    Examples
    --------
    The mean of a normal around 1, from draws of one around 0.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=10_000)
    >>> report = importance_estimate(x, -((x - 1) ** 2) / 2, -(x**2) / 2)
    >>> round(report.estimate, 1), report.ok
    (1.0, True)

    Around 8 the same draws say little, and the report says so.

    >>> importance_estimate(x, -((x - 8) ** 2) / 2, -(x**2) / 2).ok
    False
    """
    check_same_index(values=values, log_target=log_target, log_proposal=log_proposal)
    f = finite_values(values)
    log_w = log_weights(log_target, log_proposal)
    check_same_length(values=f, log_target=log_w)
    if len(f) < 2:
        raise ValueError(f"values has {len(f)} draw(s); pass at least 2")
    weights, log_sum = normalise(log_w)
    n = len(f)
    log_mean = log_sum - np.log(n)
    mean_weight = float(np.exp(log_mean)) if log_mean < 700 else float("inf")
    if self_normalized:
        estimate = float(weights @ f)
        error = float(np.sqrt(np.square(weights) @ np.square(f - estimate)))
    else:
        if not np.isfinite(mean_weight):
            raise ValueError(
                f"the mean weight is e^{log_mean:.0f}, so one density lacks its "
                "constant; complete it or pass self_normalized=True"
            )
        terms = n * weights * f * mean_weight
        estimate = float(terms.mean())
        error = float(terms.std(ddof=1) / np.sqrt(n))
    size, shape = effective_sample_size(weights), tail_shape(weights)
    return ImportanceEstimate(
        _concentration(weights),
        estimate=estimate,
        standard_error=error,
        n=n,
        effective_sample_size=size,
        largest_share=float(weights.max()),
        tail_shape=shape,
        self_normalized=bool(self_normalized),
        mean_weight=mean_weight,
        weights=weights,
        notes=_doubts(weights, size, shape, None if self_normalized else mean_weight),
    )


def _concentration(weights: FloatArray) -> pd.DataFrame:
    n = len(weights)
    carried = np.cumsum(np.sort(weights)[::-1])
    counts = sorted({1, *(max(1, round(share * n)) for share in _SHARES)})
    return pd.DataFrame(
        {
            "draws": counts,
            "share_of_draws": [count / n for count in counts],
            "share_of_weight": [min(1.0, float(carried[c - 1])) for c in counts],
        }
    )


def _doubts(
    weights: FloatArray, size: float, shape: float, mean_weight: float | None
) -> tuple[str, ...]:
    n = len(weights)
    enough = min(_ENOUGH, n / 2)
    handful = float(np.sort(weights)[-_HANDFUL:].sum())
    doubts = []
    if size < enough:
        doubts.append(
            f"the proposal misses the target: {n:,} draws are worth {size:.1f}, and "
            f"the largest weight carries {weights.max():.1%}; draw from a proposal "
            "closer to the target, with tails at least as heavy"
        )
    elif shape > _HEAVY:
        doubts.append(
            f"the weights have a heavy tail (k = {shape:.2f}): the proposal reaches "
            "too little of the target, and the standard error is too small; use a "
            "proposal with heavier tails"
        )
    elif handful > 2 * _HANDFUL / enough:
        doubts.append(
            f"the {_HANDFUL} largest weights carry {handful:.1%}: the estimate hangs "
            "on a handful of draws, and another sample may have none of them; use "
            "a proposal that reaches their region more often"
        )
    if mean_weight is not None:
        error = mean_weight * float((n * weights).std(ddof=1)) / np.sqrt(n)
        if abs(mean_weight - 1) > 4 * error + 1e-9:
            doubts.append(
                f"the weights average {mean_weight:.3g}, not 1: the proposal misses "
                "part of the target, or a density lacks its constant "
                "(self_normalized=True does without)"
            )
    return tuple(doubts)
