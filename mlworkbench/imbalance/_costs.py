"""What each mistake costs: a matrix, actual by predicted."""

from __future__ import annotations

import html
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_vector, check_same_index

__all__ = ["CostMatrix", "as_cost_matrix", "class_codes"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class CostMatrix:
    """What it costs to say one class when another is true.

    Parameters
    ----------
    costs : array-like of shape (k, k) or (n, k, k), or DataFrame
        Rows are the actual class, columns the predicted one: `costs[i][j]` is
        the cost of saying j when i is true, in any unit of money or harm. A
        negative cost is a benefit. With three dimensions every row of the data
        has a matrix of its own. A DataFrame brings its labels along.
    labels : sequence of length k, optional
        The classes, in the order of rows and columns; 0 to k - 1 by default.

    Attributes
    ----------
    costs : ndarray, float64
        The costs, read-only.
    labels : tuple
        The classes.

    Raises
    ------
    ValueError
        When the costs are not square, are missing or infinite, or when the
        labels are too many, too few or not unique.

    See Also
    --------
    bayes_decision : The cheapest class for given probabilities.
    cost_scorer : The same costs inside scikit-learn.

    Notes
    -----
    A matrix is reasonable when no mistake is cheaper than the right answer of
    the same row (Elkan 2001 asks for it). One that is not is allowed, since
    costs per row can be so for good reasons (a letter that costs more than the
    gift it brings), but it is noted where the matrix is shown, and
    `break_even_threshold` refuses what has no threshold.

    Two matrices are equal when labels and costs are.

    References
    ----------
    .. [1] C. Elkan (2001), The foundations of cost-sensitive learning, IJCAI.

    *Used in:* ``ch04_training_data/11_put_a_price_on_mistakes``.

    Examples
    --------
    >>> costs = CostMatrix([[0, 1], [50, 0]], labels=["NORMAL", "CANCER"])
    >>> print(costs)
    actual / predicted  NORMAL  CANCER
    NORMAL                   0       1
    CANCER                  50       0
    >>> costs == CostMatrix.binary(
    ...     false_positive=1, false_negative=50, labels=["NORMAL", "CANCER"]
    ... )
    True
    """

    costs: Any
    labels: Any = None

    def __post_init__(self) -> None:
        """Check and freeze."""
        labels, given = self.labels, self.costs
        if isinstance(given, pd.DataFrame) and labels is None:
            labels = _frame_labels(given)
        costs = _as_numbers(given) + 0.0  # no -0.0
        if costs.ndim not in (2, 3) or costs.shape[-1] != costs.shape[-2]:
            raise ValueError(
                f"costs has shape {costs.shape}; pass one row and one column for "
                "each class, shape (k, k), or (n, k, k) with costs of every row"
            )
        k = costs.shape[-1]
        if k < 2:
            raise ValueError(f"costs has {k} class(es); pass at least 2")
        if not np.isfinite(costs).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(costs))[0])
            raise ValueError(
                f"costs is {costs[place]} at {place}; pass finite costs "
                "(a mistake that must never happen: a very large one)"
            )
        costs.flags.writeable = False
        object.__setattr__(self, "costs", costs)
        object.__setattr__(self, "labels", _check_labels(labels, k))

    @classmethod
    def binary(
        cls,
        *,
        false_positive: Any,
        false_negative: Any,
        true_positive: Any = 0,
        true_negative: Any = 0,
        labels: Any = (0, 1),
    ) -> CostMatrix:
        """Make the matrix of two classes from the price of each outcome.

        Parameters
        ----------
        false_positive : float or array-like of shape (n,)
            Cost of an alert for nothing, of all rows or of each.
        false_negative : float or array-like of shape (n,)
            Cost of a miss.
        true_positive : float or array-like of shape (n,), default=0
            Cost of a right alert; negative when it brings a benefit.
        true_negative : float or array-like of shape (n,), default=0
            Cost of rightly saying nothing.
        labels : sequence of two
            The negative class and then the positive one.

        Returns
        -------
        costs : CostMatrix
            With one matrix, or with one for each row if any price is an array.

        Raises
        ------
        ValueError
            When the arrays have different lengths.

        Examples
        --------
        A missed fraud costs its amount, a check costs 5.

        >>> CostMatrix.binary(
        ...     false_positive=5, false_negative=[20, 900], true_positive=5
        ... ).costs.tolist()
        [[[0.0, 5.0], [20.0, 5.0]], [[0.0, 5.0], [900.0, 5.0]]]
        """
        prices: dict[str, Any] = {
            "true_negative": true_negative,
            "false_positive": false_positive,
            "false_negative": false_negative,
            "true_positive": true_positive,
        }
        check_same_index(**prices)
        prices = {
            name: float(price) if np.ndim(price) == 0 else as_vector(price, name)
            for name, price in prices.items()
        }
        lengths = {n: len(p) for n, p in prices.items() if not isinstance(p, float)}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name}: {n}" for name, n in lengths.items())
            raise ValueError(f"lengths differ ({shown}); pass one value per row")
        cells = np.stack(np.broadcast_arrays(*prices.values()), axis=-1)
        return cls(cells.reshape(*cells.shape[:-1], 2, 2), labels)

    @property
    def n_rows(self) -> int | None:
        """How many rows have costs of their own; None for one matrix."""
        return None if self.costs.ndim == 2 else len(self.costs)

    @property
    def reasonable(self) -> bool:
        """Whether no mistake is cheaper than the right answer of its row."""
        return not self._unreasonable().any()

    @property
    def frame(self) -> pd.DataFrame:
        """The matrix as a table; of costs per row, their mean."""
        costs = self.costs if self.n_rows is None else self.costs.mean(axis=0)
        index = pd.Index(self.labels, name="actual", tupleize_cols=False)
        columns = pd.Index(self.labels, name="predicted", tupleize_cols=False)
        return pd.DataFrame(costs, index=index, columns=columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader should know about these costs."""
        notes = []
        if self.n_rows is not None:
            notes.append(f"mean of {self.n_rows:,} matrices, one per row of the data")
        wrong = self._unreasonable()
        if wrong.any():
            *_, i, j = (int(place) for place in np.argwhere(wrong)[0])
            rows = "" if self.n_rows is None else f" in {int(wrong.any((1, 2)).sum())}"
            rows += " of the rows" if rows else ""
            notes.append(
                f"saying {self.labels[j]!r} when {self.labels[i]!r} is true costs less "
                f"than the right answer{rows}: are rows (actual) and columns "
                "(predicted) swapped?"
            )
        return tuple(notes)

    def plot(self, ax: Any = None) -> Any:
        """Draw the matrix as a heat map with the costs written in.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: actual classes down, predicted ones across.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        costs = self.frame.to_numpy()
        middle = (costs.min() + costs.max()) / 2
        ax.imshow(costs, cmap="Blues")
        ax.grid(visible=False)
        for (i, j), cost in np.ndenumerate(costs):
            color = "white" if cost > middle else "black"
            ax.text(j, i, _short(cost), ha="center", va="center", color=color)
        places = range(len(self.labels))
        names = [str(label) for label in self.labels]
        ax.set_xticks(places, labels=names)
        ax.set_yticks(places, labels=names)
        ax.set_xlabel("predicted")
        ax.set_ylabel("actual")
        mean = "" if self.n_rows is None else f", mean of {self.n_rows:,} rows"
        ax.set_title(f"Cost of one decision{mean}")
        return ax

    def _unreasonable(self) -> npt.NDArray[np.bool_]:
        right = np.diagonal(self.costs, axis1=-2, axis2=-1)[..., None]
        return np.asarray(self.costs < right, dtype=np.bool_)

    def _shown(self) -> pd.DataFrame:
        shown = self.frame.map(_short)
        shown.columns.name = "actual / predicted"
        shown.index.name = None
        return shown

    def __eq__(self, other: object) -> bool:
        """Compare labels and costs."""
        if not isinstance(other, CostMatrix):
            return NotImplemented
        return self.labels == other.labels and np.array_equal(self.costs, other.costs)

    def __hash__(self) -> int:
        return hash((self.labels, self.costs.shape, self.costs.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild through the constructor, so that a copy is read-only too."""
        return CostMatrix, (np.array(self.costs), self.labels)

    def __str__(self) -> str:
        """Give the table for a terminal."""
        lines = [self._shown().to_string(), *(f"note: {note}" for note in self.notes)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        costs = ", ".join(
            "[" + ", ".join(_short(cost).replace(",", "") for cost in row) + "]"
            for row in (self.costs if self.n_rows is None else ())
        )
        inside = f"[{costs}]" if self.n_rows is None else f"<{self.n_rows} matrices>"
        return f"CostMatrix({inside}, labels={list(self.labels)})"

    def _repr_html_(self) -> str:
        """Give the table for a notebook."""
        notes = [f"<p>Note: {html.escape(note)}</p>" for note in self.notes]
        return "\n".join([self._shown().to_html(border=0), *notes])


def as_cost_matrix(costs: Any, k: int | None = None, n: int | None = None) -> Any:
    """Take a `CostMatrix` or an array, and check classes and rows.

    Parameters
    ----------
    costs : CostMatrix or array-like
        The costs.
    k, n : int, optional
        Number of classes, and of rows where the costs are per row.

    Returns
    -------
    costs : CostMatrix
        The same, checked.

    Raises
    ------
    ValueError
        When there are none, or too few or many.
    """
    if costs is None:
        raise ValueError(
            "costs is missing; pass a CostMatrix or an array, rows actual and "
            "columns predicted"
        )
    matrix = costs if isinstance(costs, CostMatrix) else CostMatrix(costs)
    if k is not None and len(matrix.labels) != k:
        raise ValueError(
            f"costs has {len(matrix.labels)} classes, here are {k}; "
            "pass one row and one column for each class"
        )
    if n is not None and matrix.n_rows not in (None, n):
        raise ValueError(
            f"costs has {matrix.n_rows} matrices for {n} rows; pass one matrix, or "
            "one for each row"
        )
    return matrix


def class_codes(y: Any, labels: tuple[Any, ...], name: str) -> IntArray:
    """Give the place of each row's class in the matrix.

    Parameters
    ----------
    y : array-like of shape (n,)
        Classes.
    labels : tuple
        The labels of the matrix.
    name : str
        What to call `y` in an error.

    Returns
    -------
    codes : ndarray of shape (n,)
        Places in `labels`.

    Raises
    ------
    ValueError
        When a value is missing, or is no label.
    """
    codes, found = pd.factorize(as_vector(y, name), use_na_sentinel=True)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise ValueError(f"{name} has missing values (first at row {row}); drop them")
    place = {label: i for i, label in enumerate(labels)}
    unknown = [value for value in found.tolist() if value not in place]
    if unknown:
        fraction = all(isinstance(v, float) and 0 < v < 1 for v in unknown)
        hint = (
            "pass probabilities as y_prob="
            if fraction
            else "name the classes: CostMatrix(costs, labels=[...])"
        )
        raise ValueError(
            f"{name} has {unknown[:5]}, which costs has not (labels "
            f"{list(labels)}); {hint}"
        )
    return np.array([place[value] for value in found.tolist()], np.intp)[codes]


def _as_numbers(costs: Any) -> npt.NDArray[np.float64]:
    if isinstance(costs, CostMatrix):
        raise TypeError(
            "costs is a CostMatrix already; for other labels pass its .costs"
        )
    try:
        return np.array(costs, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"costs is a {type(costs).__name__} that is no table of numbers ({error}); "
            "pass rows of equal length, e.g. [[0, 1], [50, 0]]"
        ) from None


def _check_labels(labels: Any, k: int) -> tuple[Any, ...]:
    if labels is None:
        return tuple(range(k))
    if isinstance(labels, str):
        raise TypeError(f"labels is the text {labels!r}; pass a list of {k} labels")
    plain = [x.item() if isinstance(x, np.generic) else x for x in labels]
    if len(plain) != k:
        raise ValueError(
            f"labels has {len(plain)} classes for a {k}×{k} matrix; pass one a row"
        )
    if not all(isinstance(label, Hashable) for label in plain):
        raise TypeError(f"labels is {plain}; pass texts or numbers")
    if len(set(plain)) < k or pd.isna(pd.Series(plain, dtype=object)).any():
        raise ValueError(f"labels is {plain}; pass labels that are there and differ")
    return tuple(plain)


def _frame_labels(frame: pd.DataFrame) -> list[Any]:
    if list(frame.index) != list(frame.columns):
        raise ValueError(
            f"costs has the rows {list(frame.index)} and the columns "
            f"{list(frame.columns)}; bring both into one order, "
            "e.g. costs.loc[labels, labels]"
        )
    return list(frame.columns)


def _short(cost: float) -> str:
    text = f"{cost:,.2f}"
    if 0 < abs(cost) < 0.005 or abs(cost) >= 10**9:
        return f"{cost:.3g}"
    return text.rstrip("0").rstrip(".") or "0"
