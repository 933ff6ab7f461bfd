"""Which rows a training epoch sees; importing this loads torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import f1_score
from torch.utils.data import Sampler

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    as_vector,
    check_integer,
    check_same_index,
    check_same_length,
)
from mlworkbench.imbalance._class_weights import encode_labels

__all__ = ["DynamicSampler", "TwoPhaseSampler"]

IntArray = npt.NDArray[np.int64]


class _EpochSampler(Sampler):
    """Draw so many rows of each class, in random order, anew each epoch."""

    epoch: int

    def __init__(self, labels: Any, random_state: RandomState) -> None:
        classes, codes = encode_labels(labels, "labels")
        self.classes_ = classes
        self._rows = [np.flatnonzero(codes == code) for code in range(len(classes))]
        self.class_sizes_ = self._by_class([len(rows) for rows in self._rows], "rows")
        self._seed = int(as_generator(random_state).integers(2**63))
        self.epoch = 0

    @property
    def sizes_(self) -> pd.Series[int]:
        """Rows of each class in the next epoch, by class."""
        return self._by_class(self._sizes().tolist(), "rows")

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch is drawn next, to repeat one or to go on after a stop.

        Parameters
        ----------
        epoch : int
            Its number, from 0; each pass over the sampler adds one.

        Raises
        ------
        TypeError, ValueError
            When it is not a whole number of at least 0.
        """
        self.epoch = check_integer(epoch, "epoch")

    def state_dict(self) -> dict[str, Any]:
        """Give what a checkpoint needs to go on where this sampler stands.

        Returns
        -------
        state : dict
            Plain numbers; hand it to `load_state_dict`.
        """
        return {"epoch": self.epoch, "seed": self._seed}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another sampler of the same labels stood.

        Parameters
        ----------
        state : dict
            What `state_dict` gave.

        Raises
        ------
        KeyError
            When a part is missing.
        """
        self._seed = int(state["seed"])
        self.epoch = check_integer(state["epoch"], "epoch")

    def __len__(self) -> int:
        return int(self._sizes().sum())

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, self.epoch])
        sizes = self._sizes().tolist()
        drawn = [
            _draw(rows, size, rng) for rows, size in zip(self._rows, sizes, strict=True)
        ]
        self.epoch += 1
        return iter(rng.permutation(np.concatenate(drawn)).tolist())

    def _sizes(self) -> IntArray:
        raise NotImplementedError

    def _by_class(self, values: list[Any], name: str) -> pd.Series[Any]:
        return pd.Series(values, pd.Index(self.classes_, name="class"), name=name)


class TwoPhaseSampler(_EpochSampler):
    """First at most so many rows of each class, then all rows.

    Train some epochs in phase one, on classes that are closer to balance; then
    call ``set_phase(2)`` and fine-tune on the data as they are.

    Parameters
    ----------
    labels : array-like of shape (n,)
        The class of each row of the data set, none missing.
    max_per_class : int
        N: classes with more rows are cut to N in phase one, by drawing without
        replacement; smaller ones are kept whole.
    phase : {1, 2}, default=1
        The phase to begin with.
    random_state : int, Generator or None, default=0
        Seed. The draw of an epoch depends on the seed and its number alone.

    Attributes
    ----------
    classes_ : list
        The classes, sorted.
    class_sizes_ : pandas.Series
        Rows of each class in the data.
    sizes_ : pandas.Series
        Rows of each class in the next epoch.
    epoch : int
        Number of the next epoch, from 0.

    Raises
    ------
    ValueError, TypeError
        When labels are missing, or a parameter is not what it should be.

    See Also
    --------
    DynamicSampler : Class shares from the F1 of the last epoch.

    Notes
    -----
    Lee and others draw the reduced set once. Here phase one draws anew each
    epoch, so that in time it sees every row; ``set_epoch(0)`` before each pass
    keeps the first draw. Phase two is a plain shuffle. Only phase one changes
    the class shares: after phase two the probabilities speak about the true
    ones again. O(n) per epoch. With worker processes the sampler runs in the
    main one; over several machines, give each its own rows.

    References
    ----------
    .. [1] H. Lee, M. Park, J. Kim (2016), Plankton classification on imbalanced
       large scale database via convolutional neural networks with transfer
       learning, ICIP.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    >>> labels = ["common"] * 90 + ["rare"] * 10
    >>> sampler = TwoPhaseSampler(labels, max_per_class=20)
    >>> sampler.sizes_.to_dict(), len(list(sampler))
    ({'common': 20, 'rare': 10}, 30)
    >>> sampler.set_phase(2).sizes_.to_dict()
    {'common': 90, 'rare': 10}

    It goes where any sampler goes, ``DataLoader(data, sampler=sampler)``.
    """

    def __init__(
        self,
        labels: Any,
        max_per_class: int,
        *,
        phase: int = 1,
        random_state: RandomState = 0,
    ) -> None:
        super().__init__(labels, random_state)
        self.max_per_class = check_integer(max_per_class, "max_per_class", 1)
        self.set_phase(phase)

    @property
    def phase(self) -> int:
        """The phase, 1 or 2; assign it or call `set_phase`."""
        return self._phase

    @phase.setter
    def phase(self, phase: int) -> None:
        if phase not in (1, 2) or isinstance(phase, bool):
            raise ValueError(
                f"phase is {phase!r}; pass 1 (at most max_per_class rows of each "
                "class) or 2 (all rows)"
            )
        self._phase = int(phase)

    def set_phase(self, phase: int) -> TwoPhaseSampler:
        """Go to a phase, from the next epoch on.

        Parameters
        ----------
        phase : {1, 2}
            The phase.

        Returns
        -------
        sampler : TwoPhaseSampler
            The sampler itself.

        Raises
        ------
        ValueError
            When it is neither.
        """
        self.phase = phase
        return self

    def state_dict(self) -> dict[str, Any]:
        """Give what a checkpoint needs to go on where this sampler stands.

        Returns
        -------
        state : dict
            Plain numbers; hand it to `load_state_dict`.
        """
        return {**super().state_dict(), "phase": self.phase}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another sampler of the same labels stood.

        Parameters
        ----------
        state : dict
            What `state_dict` gave.

        Raises
        ------
        KeyError, ValueError
            When a part is missing or wrong.
        """
        self.phase = state["phase"]
        super().load_state_dict(state)

    def __repr__(self) -> str:
        return (
            f"TwoPhaseSampler(phase={self.phase}, max_per_class={self.max_per_class}, "
            f"rows={len(self)}, classes={len(self.classes_)})"
        )

    def _sizes(self) -> IntArray:
        sizes = self.class_sizes_.to_numpy(np.int64)
        return np.minimum(sizes, self.max_per_class) if self.phase == 1 else sizes


class DynamicSampler(_EpochSampler):
    """Draw most from the classes that the model gets wrong most.

    Call `update` after each epoch with predictions for validation rows: the
    share of a class in the next epoch is in proportion to 1 - F1.

    Parameters
    ----------
    labels : array-like of shape (n,)
        The class of each row of the data set, none missing.
    n_samples : int, optional
        Rows of an epoch; as many as there are labels by default.
    min_share : float, default=0.0
        Lower limit of the share of each class, at most 1/k for k classes. The
        paper has none: a class with an F1 of 1 is then not drawn at all, and
        can be forgotten.
    random_state : int, Generator or None, default=0
        Seed. The draw of an epoch depends on the seed, its number and the
        shares alone.

    Attributes
    ----------
    classes_ : list
        The classes, sorted.
    class_sizes_ : pandas.Series
        Rows of each class in the data.
    shares_ : pandas.Series
        Share of each class in the next epoch; equal before the first update.
    sizes_ : pandas.Series
        Rows of each class in the next epoch: whole numbers nearest to the
        shares, by largest remainder (ties to the class that sorts first).
    f1_ : pandas.Series or None
        The F1 of the last update.
    epoch : int
        Number of the next epoch, from 0.

    Raises
    ------
    ValueError, TypeError
        When labels are missing, or a parameter is not what it should be.

    See Also
    --------
    TwoPhaseSampler : Classes cut to size first, all rows later.

    Notes
    -----
    With f_j the F1 of class j after epoch i, epoch i + 1 draws

        (1 - f_j) / Σ_k (1 - f_k)

    of its rows from class j. The paper multiplies this by N*, the average size
    of a class, which leaves the length of an epoch open (Johnson and Khoshgoftaar
    2019 give the formula). Beginning with N* rows of every class and keeping the
    total makes it k N* = n, the default here.
    ``n_samples=round(n / k)`` takes the formula to the letter. Where every F1 is 1
    the shares are equal. A class with enough rows is drawn without replacement; of
    a smaller one every row is repeated as often as any other, give or take one.

    With `min_share` m the share is m + (1 - k m) times that of the formula.
    Measure F1 on rows the model was not trained on, in their true shares, and
    not on the test set. The model learns shares that are not the true ones, so
    its probabilities need a correction. O(n) per epoch.

    References
    ----------
    .. [1] S. Pouyanfar, Y. Tao, A. Mohan, H. Tian, A. S. Kaseb, K. Gauen,
       R. Dailey, S. Aghajanzadeh, Y.-H. Lu, S.-C. Chen, M.-L. Shyu (2018),
       Dynamic sampling in convolutional neural networks for imbalanced data
       classification, IEEE Conference on Multimedia Information Processing and
       Retrieval.
    .. [2] J. M. Johnson, T. M. Khoshgoftaar (2019), Survey on deep learning with
       class imbalance, Journal of Big Data 6.

    *Used in:* ``ch04_training_data/13_losses_for_rare_classes``.

    Examples
    --------
    >>> labels = ["cat"] * 60 + ["dog"] * 30 + ["owl"] * 10
    >>> sampler = DynamicSampler(labels)
    >>> sampler.sizes_.to_dict()
    {'cat': 34, 'dog': 33, 'owl': 33}
    >>> sampler.update_f1({"cat": 0.9, "dog": 0.7, "owl": 0.4}).sizes_.to_dict()
    {'cat': 10, 'dog': 30, 'owl': 60}
    """

    def __init__(
        self,
        labels: Any,
        *,
        n_samples: int | None = None,
        min_share: float = 0.0,
        random_state: RandomState = 0,
    ) -> None:
        super().__init__(labels, random_state)
        k = len(self.classes_)
        total = int(self.class_sizes_.sum()) if n_samples is None else n_samples
        self.n_samples = check_integer(total, "n_samples", 1)
        number = int | float | np.integer | np.floating
        if not isinstance(min_share, number) or not 0 <= min_share <= 1 / k:
            raise ValueError(
                f"min_share is {min_share!r}; pass a number from 0 to 1/{k}, "
                "one over the number of classes"
            )
        self.min_share = float(min_share)
        self.f1_: pd.Series[float] | None = None
        self.shares_ = self._by_class([1 / k] * k, "share")
        self._deficits = np.ones(k)

    def update(self, y_true: Any, y_pred: Any) -> DynamicSampler:
        """Set the shares of the next epoch from predictions.

        Parameters
        ----------
        y_true : array-like of shape (m,)
            The classes of validation rows; each class at least once.
        y_pred : array-like of shape (m,)
            The classes predicted for them.

        Returns
        -------
        sampler : DynamicSampler
            The sampler itself.

        Raises
        ------
        ValueError
            When lengths differ, a class is unknown or has no row in `y_true`,
            or a label is missing.

        Notes
        -----
        A class that is never predicted has an F1 of 0.
        """
        check_same_index(y_true=y_true, y_pred=y_pred)
        _, true = encode_labels(y_true, "y_true", self.classes_)
        _, predicted = encode_labels(y_pred, "y_pred", self.classes_, each=False)
        check_same_length(y_true=true, y_pred=predicted)
        codes = np.arange(len(self.classes_))
        scores = f1_score(true, predicted, labels=codes, average=None, zero_division=0)
        return self.update_f1(scores)

    def update_f1(self, f1_per_class: Any) -> DynamicSampler:
        """Set the shares of the next epoch from the F1 of each class.

        Parameters
        ----------
        f1_per_class : dict, Series or array-like of shape (k,)
            F1 in [0, 1] by class; an array is read in the order of `classes_`.

        Returns
        -------
        sampler : DynamicSampler
            The sampler itself.

        Raises
        ------
        ValueError
            When a class is missing or unknown, or a value outside [0, 1].
        """
        f1 = self._scores(f1_per_class)
        deficits = 1 - f1 if (f1 < 1).any() else np.ones(len(f1))
        shares = deficits / deficits.sum()
        floor = self.min_share
        self._deficits = floor + (1 - len(f1) * floor) * shares if floor else deficits
        self.shares_ = self._by_class(
            (self._deficits / self._deficits.sum()).tolist(), "share"
        )
        self.f1_ = self._by_class(f1.tolist(), "f1")
        return self

    def state_dict(self) -> dict[str, Any]:
        """Give what a checkpoint needs to go on where this sampler stands.

        Returns
        -------
        state : dict
            Plain numbers; hand it to `load_state_dict`.
        """
        f1 = None if self.f1_ is None else self.f1_.tolist()
        return {**super().state_dict(), "f1": f1}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another sampler of the same labels stood.

        Parameters
        ----------
        state : dict
            What `state_dict` gave.

        Raises
        ------
        KeyError, ValueError
            When a part is missing or wrong.
        """
        if state["f1"] is None:
            k = len(self.classes_)
            self.f1_, self._deficits = None, np.ones(k)
            self.shares_ = self._by_class([1 / k] * k, "share")
        else:
            self.update_f1(state["f1"])
        super().load_state_dict(state)

    def __repr__(self) -> str:
        return f"DynamicSampler(rows={len(self)}, classes={len(self.classes_)})"

    def _sizes(self) -> IntArray:
        return largest_remainder(self._deficits, self.n_samples)

    def _scores(self, f1_per_class: Any) -> FloatArray:
        if isinstance(f1_per_class, Mapping | pd.Series):
            given = dict(f1_per_class)
            if set(given) != set(self.classes_):
                raise ValueError(
                    f"f1_per_class has the classes {list(given)[:10]}, the labels "
                    f"{self.classes_[:10]}; pass the F1 of each class"
                )
            f1_per_class = [given[name] for name in self.classes_]
        f1 = as_vector(f1_per_class, "f1_per_class").astype(np.float64)
        if len(f1) != len(self.classes_):
            raise ValueError(
                f"f1_per_class has {len(f1)} values for {len(self.classes_)} classes; "
                "pass one per class, in the order of classes_"
            )
        if not ((f1 >= 0) & (f1 <= 1)).all():
            raise ValueError(
                f"f1_per_class has values outside [0, 1] or missing ({f1.tolist()}); "
                "pass the F1 of each class, 0 where a class is never predicted"
            )
        return f1


def largest_remainder(parts: FloatArray, total: int) -> IntArray:
    """Share out a total in proportion to the parts, in whole numbers."""
    # Rounded, so that 0.1 × 30 counts as 3 and equal parts tie.
    quotas = np.round(parts * total / parts.sum(), 9)
    sizes: IntArray = np.floor(quotas).astype(np.int64)
    left = total - int(sizes.sum())
    first = np.argsort(-np.round(quotas - sizes, 9), kind="stable")[:left]
    sizes[first] += 1
    return sizes


def _draw(rows: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    """Draw rows, none twice as long as there are enough of them."""
    passes, rest = divmod(size, len(rows))
    extra: IntArray = rng.choice(rows, rest, replace=False, shuffle=False)
    return np.concatenate([np.tile(rows, passes), extra])
