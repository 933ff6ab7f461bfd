"""The one-pixel attack: how little it takes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import (
    RandomState,
    as_generator,
    check_choice,
    check_integer,
    check_same_index,
)
from mlworkbench.augmentation._attack_report import AttackReport, Seen, attack_report
from mlworkbench.augmentation._classifier import (
    Asked,
    check_classes,
    like,
    read_images,
    read_labels,
    rows_per_call,
)

__all__ = ["one_pixel_attack"]

_WEIGHT = 0.5  # of the difference of two members, in differential evolution
_MOST_CANDIDATES = 2**22  # per image, for the exhaustive search


def one_pixel_attack(
    model: Any,
    images: Any,
    labels: Any,
    *,
    n_pixels: int = 1,
    max_iterations: int = 75,
    population: int = 100,
    targeted: Any = None,
    value_range: tuple[float, float] = (0, 1),
    method: str = "differential_evolution",
    n_values: int = 17,
    random_state: RandomState = 0,
) -> AttackReport:
    """Look for one pixel (or a few) whose change makes a model wrong.

    Only the images that the model has right are attacked, and only they count
    in the success rate.

    Parameters
    ----------
    model : torch.nn.Module
        Gives logits of shape (n, k), or (n,) or (n, 1) for two classes. It is
        asked in evaluation mode, without gradients, and left as it was.
    images : ndarray or torch.Tensor of shape (n, d), (n, h, w) or (n, c, h, w)
        Floating point, in the shape that the model takes. All channels of a
        pixel change together.
    labels : array-like of shape (n,)
        True class numbers, from 0.
    n_pixels : int, default=1
        At most so many pixels change.
    max_iterations : int, default=75
        Generations of differential evolution; the search for an image stops
        with the first that holds a success.
    population : int, default=100
        Candidates in each generation, at least 4.
    targeted : int or array-like of shape (n,), optional
        Class numbers wanted; by default any wrong one will do. Images whose
        label is the one wanted are not attacked.
    value_range : (float, float), default=(0, 1)
        Smallest and largest value of a pixel.
    method : {"differential_evolution", "exhaustive"}
        A search that samples, or one that tries every pixel with every value
        of a grid (`n_pixels` of 1 only): exact for the grid, and fast enough
        for small images.
    n_values : int, default=17
        Values of the grid in each channel, evenly spaced from the smallest to
        the largest. Exhaustive search only.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the search. What is found for an image does not depend on the
        images after it.

    Returns
    -------
    report : AttackReport
        `.adversarial`, `.success`, `.pixels`, `.values`, `.queries`,
        `.success_rate`, `.accuracy_before`, `.accuracy_after`, and `.frame`
        with a row per image. An image that withstood is given with its most
        harmful candidate; one that was not attacked as it was.

    Raises
    ------
    TypeError, ValueError
        When the model is no torch module or does not give logits; when images
        are whole numbers, missing or outside `value_range`; when labels are no
        class numbers; when the search is too small, or too large to finish.

    Notes
    -----
    A candidate is a place and a value for each pixel. Its score is the margin:
    the logit of the true class minus the largest other one (with a target the
    largest other one minus that of the target), since probabilities of a sure
    model are all 1 to the last digit. Each generation proposes
    x₁ + 0.5 (x₂ - x₃) of three other members for each, without crossover, and
    keeps the better of the two [1]_ [2]_; places wrap around, values are
    clipped. The paper takes a population of 400 and 100 generations, for
    images with 1,024 pixels. A search that fails proves nothing: it is an
    upper bound of the robustness. Queries per image: 1 + population ×
    (generations + 1), or 1 + pixels × n_values^channels. The candidates of all
    images go through the model together.

    References
    ----------
    .. [1] J. Su, D. V. Vargas, K. Sakurai (2019), One pixel attack for fooling
       deep neural networks, IEEE Transactions on Evolutionary Computation 23.
    .. [2] R. Storn, K. Price (1997), Differential evolution, Journal of Global
       Optimization 11.

    *Used in:* ``ch04_training_data/15_fool_a_model_with_one_pixel``.

    Examples
    --------
    A model that adds up the pixels falls to the one bright pixel it lacks.

    >>> import numpy as np, torch
    >>> model = torch.nn.Linear(4, 1).double()
    >>> with torch.no_grad():
    ...     _ = model.weight.fill_(1.0), model.bias.fill_(-0.5)
    >>> images = np.array([[0.1, 0.1, 0.1, 0.1], [0.9, 0.9, 0.0, 0.0]])
    >>> report = one_pixel_attack(model, images, [0, 1], method="exhaustive")
    >>> report.success.tolist(), report.adversarial[0].tolist()
    ([True, False], [1.0, 0.1, 0.1, 0.1])
    """
    check_same_index(images=images, labels=labels)
    _check_search(method, n_pixels, max_iterations, population, n_values)
    asked = Asked(model)
    tensor, limits = read_images(images, value_range)
    n = len(tensor)
    truth = read_labels(labels, n)
    goal = None if targeted is None else _read_target(targeted, n)
    rng = as_generator(random_state)
    with asked.open():
        before = asked.all_logits(tensor).cpu()
        attacked = _to_attack(before, truth, goal)
        rows = attacked.nonzero()[:, 0]
        problem = _Problem.of(asked, tensor, truth, goal, limits).only(rows)
        if n_pixels > problem.size:
            raise ValueError(f"n_pixels is {n_pixels}, of {problem.size} in an image")
        if method == "exhaustive":
            found = _exhaustive(problem, n_pixels, n_values)
        else:
            rngs = rng.spawn(n)
            own = [rngs[row] for row in rows.tolist()]
            found = _evolve(problem, n_pixels, max_iterations, population, own)
        changed = tensor.clone()
        changed[rows] = problem.images(*found[:2]).reshape(changed[rows].shape)
        after = asked.all_logits(changed).cpu()
    seen = Seen(truth, goal, attacked, before, after, found, problem.shape)
    return attack_report(like(tensor, images), like(changed, images), seen)


def _check_search(
    method: Any, n_pixels: Any, max_iterations: Any, population: Any, n_values: Any
) -> None:
    check_choice(method, "method", ("differential_evolution", "exhaustive"))
    check_integer(n_pixels, "n_pixels", 1)
    check_integer(max_iterations, "max_iterations", 0)
    check_integer(population, "population", 4)
    check_integer(n_values, "n_values", 2)


def _to_attack(logits: Any, truth: Any, goal: Any) -> Any:
    """Say which rows are right, and not yet what is wanted."""
    check_classes(truth, logits.shape[1])
    right = logits.argmax(dim=1) == truth
    if goal is None:
        return right
    check_classes(goal, logits.shape[1], "targeted")
    return right & (goal != truth)


def _read_target(targeted: Any, n: int) -> Any:
    if np.ndim(targeted) == 0:
        targeted = np.full(n, np.asarray(targeted))
    return read_labels(targeted, n, "targeted")


Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int64]]


@dataclass(frozen=True)
class _Problem:
    """Images to attack as (m, channels, pixels), and how to score candidates."""

    asked: Asked
    base: Any
    truth: Any
    goal: Any
    limits: tuple[float, float]
    shape: tuple[int, ...]

    @classmethod
    def of(
        cls, asked: Asked, images: Any, truth: Any, goal: Any, limits: Any
    ) -> _Problem:
        shape = tuple(images.shape[1:])
        channels = shape[0] if len(shape) == 3 else 1
        base = images.reshape(len(images), channels, -1)
        return cls(asked, base, truth, goal, limits, shape)

    def only(self, rows: Any) -> _Problem:
        goal = None if self.goal is None else self.goal[rows]
        base = self.base[rows.to(self.base.device)]
        return _Problem(
            self.asked, base, self.truth[rows], goal, self.limits, self.shape
        )

    @property
    def size(self) -> int:
        """Pixels of an image."""
        return int(self.base.shape[2])

    @property
    def places(self) -> tuple[int, ...]:
        """Height and width, or the length of a flat image."""
        return self.shape[-2:] if len(self.shape) > 1 else self.shape

    @property
    def bounds(self) -> tuple[Any, Any]:
        """Smallest value and range of each gene: the place, then the colours."""
        (low, high), channels = self.limits, self.base.shape[1]
        floor = np.array([0.0] * len(self.places) + [low] * channels)
        return floor, np.array([*self.places, *[high - low] * channels], dtype=float)

    def decode(self, genes: Any) -> tuple[Any, Any]:
        """Read pixels and values out of genes of shape (..., q, gene)."""
        import torch

        many = len(self.places)
        spots = np.floor(genes[..., :many]).astype(np.int64)
        spots = np.minimum(spots, np.array(self.places) - 1)
        flat = np.ravel_multi_index(tuple(np.moveaxis(spots, -1, 0)), self.places)
        return torch.as_tensor(flat), torch.as_tensor(genes[..., many:])

    def images(self, pixels: Any, values: Any, which: Any = None) -> Any:
        """Write values (r, q, c) at pixels (r, q) of the images `which`."""
        import torch

        device = self.base.device
        base = self.base if which is None else self.base[which.to(device)]
        changed = base.clone()
        rows = torch.arange(len(changed), device=device)
        at = torch.as_tensor(pixels, device=device)
        new = torch.as_tensor(values, device=device).to(changed.dtype)
        for place in range(at.shape[1]):
            changed[rows, :, at[:, place]] = new[:, place]
        return changed

    def scores(self, pixels: Any, values: Any) -> npt.NDArray[np.float64]:
        """Score candidates (m, k, q) and (m, k, q, c); below 0 is a success."""
        import torch

        m, k = pixels.shape[:2]
        every = torch.arange(m * k)
        parts = []
        for part in every.split(rows_per_call(self.base[0].numel() if m else 1)):
            which, turn = part // k, part % k
            batch = self.images(pixels[which, turn], values[which, turn], which)
            with torch.no_grad():
                logits = self.asked.logits(batch.reshape(-1, *self.shape))
            parts.append(self._margin(logits.cpu().double(), which))
        return np.asarray(torch.cat(parts).reshape(m, k).numpy())

    def _margin(self, logits: Any, which: Any) -> Any:
        import torch

        aim = (self.truth if self.goal is None else self.goal)[which][:, None]
        own = logits.gather(1, aim)[:, 0]
        other = logits.scatter(1, aim, -torch.inf).max(dim=1).values
        guess = logits.argmax(dim=1)
        if self.goal is None:
            margin, fooled = own - other, guess != aim[:, 0]
        else:
            margin, fooled = other - own, guess == aim[:, 0]
        # At a tie the model says the smaller class number: 0 may be a success.
        return torch.where(fooled & (margin == 0), -np.finfo(float).tiny, margin)


def _exhaustive(problem: _Problem, n_pixels: int, n_values: int) -> Found:
    """Try every pixel with every value of the grid."""
    import torch

    if n_pixels != 1:
        raise ValueError(
            f"n_pixels is {n_pixels}, and the exhaustive search is for 1; "
            'pass method="differential_evolution"'
        )
    m, channels, size = problem.base.shape
    count = size * n_values**channels
    if count > _MOST_CANDIDATES:
        raise ValueError(
            f"{size:,} pixels with {n_values} values in {channels} channel(s) make "
            f"{count:,} candidates per image; pass fewer n_values, or "
            'method="differential_evolution"'
        )
    grid = np.linspace(*problem.limits, n_values)
    colours = np.array(list(itertools.product(grid, repeat=channels)))
    pixels = torch.arange(size).repeat_interleave(len(colours))[:, None]
    values = torch.as_tensor(np.tile(colours, (size, 1)))[:, None]
    scores = problem.scores(
        pixels.expand(m, count, 1), values.expand(m, count, 1, channels)
    )
    best = scores.argmin(axis=1) if m else np.zeros(0, dtype=np.int64)
    return pixels.numpy()[best], values.numpy()[best], np.full(m, count)


def _evolve(
    problem: _Problem,
    n_pixels: int,
    max_iterations: int,
    population: int,
    rngs: list[np.random.Generator],
) -> Found:
    """Differential evolution, for all images at once."""
    import torch

    low, span = problem.bounds
    m = len(rngs)
    genes = np.empty((m, population, n_pixels, len(span)))
    for i, rng in enumerate(rngs):
        genes[i] = low + span * rng.random(genes.shape[1:])
    scores = problem.scores(*problem.decode(genes))
    queries = np.full(m, population)
    for _ in range(max_iterations if m else 0):
        active = np.flatnonzero(scores.min(axis=1) >= 0)
        if not len(active):
            break
        order = np.stack([rngs[i].permutation(population) for i in active])
        child = _children(problem, genes[active], order)
        score = problem.only(torch.as_tensor(active)).scores(*problem.decode(child))
        better = score <= scores[active]
        genes[active] = np.where(better[:, :, None, None], child, genes[active])
        scores[active] = np.where(better, score, scores[active])
        queries[active] += population
    best = scores.argmin(axis=1) if m else np.zeros(0, dtype=np.int64)
    pixels, values = problem.decode(genes[np.arange(m), best])
    return pixels.numpy(), values.numpy(), queries


def _children(problem: _Problem, genes: Any, order: Any) -> Any:
    """Propose one vector per member: x₁ + 0.5 (x₂ - x₃), inside the bounds."""
    one, two, three = (
        # A permutation, rolled: three members for each, never the same one twice.
        np.take_along_axis(genes, np.roll(order, turn, axis=1)[:, :, None, None], 1)
        for turn in range(3)
    )
    child = one + _WEIGHT * (two - three)
    places = len(problem.places)
    low, high = problem.limits
    child[..., :places] = np.mod(child[..., :places], np.array(problem.places))
    child[..., places:] = child[..., places:].clip(low, high)
    return child
