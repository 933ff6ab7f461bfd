"""New rows between old ones: mixtures of two rows, and rows with a little noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    as_vector,
    check_choice,
    check_columns,
    check_integer,
    check_same_index,
    check_same_length,
)

__all__ = ["Mixup", "jitter", "mixup"]

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Mixup:
    """What `mixup` made; `X_mix, y_mix = mixup(X, y)` unpacks it.

    Parameters
    ----------
    X : ndarray or DataFrame of shape (n, ...)
        The mixed rows.
    y : ndarray or DataFrame of shape (n, n_classes)
        The mixed labels: one probability per class, rows summing to 1.
    classes : ndarray of shape (n_classes,)
        The class of every column of `y`.
    lam : ndarray of shape (n,)
        The weight λ of the first parent; the second has 1 - λ.
    first, second : ndarray of shape (n,), int
        Positions of the two parents in the rows given.
    """

    X: Any
    y: Any
    classes: npt.NDArray[Any]
    lam: FloatArray
    first: Rows
    second: Rows

    def __iter__(self) -> Iterator[Any]:
        """Give X and y, for unpacking."""
        return iter((self.X, self.y))


def mixup(
    X: Any,
    y: Any,
    alpha: float = 0.2,
    *,
    n: int | None = None,
    random_state: RandomState = None,
) -> Mixup:
    """Mix pairs of rows, and their labels in the same proportion.

    *The label:* not preserved, mixed. A row that is 70 % of a cat and 30 % of
    a dog has the label 0.7 cat and 0.3 dog, so the model must be one that
    learns from probabilities (cross-entropy takes them; for a scikit-learn
    classifier give each row once per class, with `sample_weight`).

    Parameters
    ----------
    X : array-like of shape (n_rows, ...) or DataFrame
        Numbers, finite: tables, images, series. Whole numbers and booleans
        become fractions.
    y : array-like of shape (n_rows,) or (n_rows, n_classes)
        Classes; or probabilities of classes, rows summing to 1, so that what
        comes out can be mixed again. Pass probabilities too (one-hot) when
        batches are mixed one by one: a batch may lack a class.
    alpha : float, default=0.2
        λ is drawn from Beta(alpha, alpha) for each row: small values stay
        close to one of the parents, 1 mixes evenly, large values take the
        middle. 0 gives the rows as they are.
    n : int, optional
        Number of rows to make, as many as there are by default. Every row is
        a first parent equally often, give or take one.
    random_state : int, Generator or None
        Seed or generator.

    Returns
    -------
    mixed : Mixup
        `X_mix, y_mix = mixed`, and `.classes`, `.lam`, `.first`, `.second`. A
        DataFrame gives a DataFrame, a pandas `y` a DataFrame with one column
        per class. The index is kept when `n` is None, else it is new.

    Raises
    ------
    TypeError
        When a column of `X` is not numeric.
    ValueError
        When `X` has values that are missing or infinite, when `y` is a number
        to predict rather than a class, or when `alpha` is negative.

    Notes
    -----
    x = λ x_i + (1 - λ) x_j and the same for y, where j runs through a random
    permutation of the rows. The paper draws one λ per batch; here each row
    has its own. O(n × columns).

    The rows between two classes need not exist: where halfway between two
    healthy patients lies a sick one, mixup teaches the wrong thing. Categories
    have no middle and are refused. So is a continuous target: mixing rows of
    far apart targets makes arbitrary labels (Yao and others 2022).

    Mix the training rows only, after the split.

    References
    ----------
    .. [1] H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz (2018), mixup: beyond
       empirical risk minimization, ICLR.
    .. [2] H. Yao, Y. Wang, L. Zhang, J. Zou, C. Finn (2022), C-Mixup: improving
       generalization in regression, NeurIPS.

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> mixed = mixup([[0.0], [10.0]], ["no", "yes"], alpha=1, random_state=3)
    >>> X_mix, y_mix = mixed
    >>> X_mix.round(1)
    array([[1.4],
           [4.7]])
    >>> mixed.classes
    array(['no', 'yes'], dtype='<U3')
    >>> y_mix.round(2)
    array([[0.86, 0.14],
           [0.53, 0.47]])
    """
    check_same_index(X=X, y=y)
    values = _numbers(X)
    soft, classes = _soft_labels(y)
    n_rows = check_same_length(X=values, y=soft)
    if n_rows == 0:
        raise ValueError("X has no rows; pass at least one")
    alpha = _check_size(alpha, "alpha")
    made = n_rows if n is None else check_integer(n, "n", 1)
    rng = as_generator(random_state)
    first, second = _pairs(n_rows, made, n is None, rng)
    lam = rng.beta(alpha, alpha, made) if alpha > 0 else np.ones(made)
    mixed_x: Any = _mix(values, lam, first, second)
    mixed_y: Any = _mix(soft, lam, first, second)
    index: pd.Index = pd.RangeIndex(made)
    if n is None:
        tables = (t for t in (X, y) if isinstance(t, pd.DataFrame | pd.Series))
        index = next((t.index for t in tables), index)
    if _is_frame(X):
        mixed_x = pd.DataFrame(mixed_x, index=index, columns=as_frame(X, "X").columns)
    if isinstance(y, pd.Series | pd.DataFrame):
        mixed_y = pd.DataFrame(mixed_y, index=index, columns=classes)
    return Mixup(mixed_x, mixed_y, classes, lam, first, second)


def jitter(
    X: Any,
    scale: float = 0.05,
    *,
    columns: Any = None,
    relative_to: str | None = "std",
    clip: bool = False,
    random_state: RandomState = None,
) -> Any:
    """Add Gaussian noise to numbers, in units of each column's spread.

    *The label:* preserved where a change of the size of the noise cannot
    change it. Near a threshold that makes the label ("30 minutes late") it is
    not; keep the columns that define the label out of `columns`.

    Parameters
    ----------
    X : DataFrame, Series, or array-like of floats of shape (n_rows, ...)
        The rows. An array of three and more dimensions (images) has one
        spread for all its values, one of two dimensions a spread per column.
    scale : float, default=0.05
        Standard deviation of the noise, as a multiple of the spread.
    columns : list of labels, optional
        Columns to change; all columns of floats by default. Whole numbers,
        booleans, categories, texts and dates are left as they are, and an
        error when named here: noise would make values that cannot occur. In
        an array columns are positions.
    relative_to : {"std", "iqr"} or None, default="std"
        The spread: standard deviation, interquartile range (better with
        outliers), or None for a `scale` in the units of the column.
    clip : bool, default=False
        Keep every value inside the range its column had, so that no distance
        becomes negative. Values pile up at the ends.
    random_state : int, Generator or None
        Seed or generator.

    Returns
    -------
    noisy : DataFrame, Series or ndarray, as `X`
        The same shape, columns, index and types. What was missing is missing.

    Raises
    ------
    TypeError
        When there is no column of floats, or a named column is none.
    ValueError
        When a value is infinite, or `scale` is negative.

    Notes
    -----
    The spread is that of the rows given: pass the training rows, and repeat
    the call for more copies. A column with one value has no spread and gets
    no noise. Columns are changed one by one, so columns that belong together
    (a sum and its parts) come apart. O(values).

    References
    ----------
    .. [1] C. M. Bishop (1995), Training with noise is equivalent to Tikhonov
       regularization, Neural Computation 7(1).

    *Used in:* ``ch04_training_data/14_make_more_data``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"hours": [1.0, 3.0, 5.0], "stops": [0, 1, 2]})
    >>> jitter(rows, scale=0.1, random_state=0).round(2)
       hours  stops
    0   1.02      0
    1   2.98      1
    2   5.10      2
    """
    check_choice(relative_to, "relative_to", ("std", "iqr", None))
    scale = _check_size(scale, "scale")
    rng = as_generator(random_state)

    def noisy(values: Any, name: Any) -> FloatArray:
        return _add_noise(values, name, scale, relative_to, clip, rng)

    if isinstance(X, pd.Series):
        table = X.to_frame("X")
        (name,) = _float_columns(table, ["X"] if columns is None else columns)
        values = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
        return pd.Series(noisy(values, name), X.index, name=X.name).astype(X.dtype)
    if _is_frame(X):
        frame = as_frame(X, "X").copy()
        for column in _float_columns(frame, columns):
            dtype = frame[column].dtype
            given = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
            frame[column] = pd.Series(noisy(given, column), frame.index).astype(dtype)
        return frame
    array = np.asarray(X)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"X is an array of {array.dtype}; noise needs floats: pass "
            "X.astype(float) if fractions make sense there"
        )
    if array.ndim == 2:
        result = array.copy()
        chosen = range(array.shape[1]) if columns is None else columns
        for place in check_columns(pd.DataFrame(array[:0]), chosen, "X"):
            result[:, place] = noisy(array[:, place], place)
        return result
    if columns is not None:
        raise ValueError(f"columns need a table, X has {array.ndim} dimension(s)")
    return noisy(array, "X").astype(array.dtype)


def _check_size(value: Any, name: str) -> float:
    number = isinstance(value, int | float | np.integer | np.floating)
    if not number or isinstance(value, bool) or not 0 <= value < np.inf:
        raise ValueError(f"{name} is {value!r}; pass a finite number of 0 or more")
    return float(value)


def _is_frame(X: Any) -> bool:
    # pandas, polars and pyarrow have columns; arrays, lists and tensors do not.
    return hasattr(X, "columns") and not isinstance(X, np.ndarray)


def _numbers(X: Any) -> npt.NDArray[Any]:
    """Give the values as finite floats; 32-bit floats stay 32-bit."""
    if _is_frame(X):
        frame = as_frame(X, "X")
        other = [c for c, kind in frame.dtypes.items() if not _is_number(kind)]
        if other:
            raise TypeError(
                f"X has columns that are not numbers: {other[:10]}; there is no "
                "middle between two of their values. Encode them first (one-hot), "
                "or mix the numeric columns only"
            )
        array = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        array = np.asarray(X)
        if array.ndim == 0 or not _is_number(array.dtype):
            raise TypeError(
                f"X is an array of {array.dtype} with {array.ndim} dimension(s); "
                "pass rows of numbers, dense (encode categories first)"
            )
        if not np.issubdtype(array.dtype, np.floating):
            array = array.astype(np.float64)
    wrong = ~np.isfinite(array)
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise ValueError(
            f"X has {int(wrong.sum())} value(s) missing or infinite (first at row "
            f"{row}); a mixture with them is missing too: fill or drop them first"
        )
    return array


def _is_number(dtype: Any) -> bool:
    numeric = pd.api.types.is_numeric_dtype(dtype)  # booleans are numeric here
    return bool(numeric and not pd.api.types.is_complex_dtype(dtype))


def _soft_labels(y: Any) -> tuple[FloatArray, npt.NDArray[Any]]:
    """Give one probability per class, and the classes in their order."""
    table = np.asarray(y)
    if table.ndim == 2 and table.shape[1] > 1:
        names = y.columns if isinstance(y, pd.DataFrame) else range(table.shape[1])
        try:
            soft = table.astype(np.float64)
        except (TypeError, ValueError):
            soft = np.full((1, 1), np.nan)
        if not (np.all(soft >= 0) and np.allclose(soft.sum(axis=1), 1, atol=1e-5)):
            raise ValueError(
                "y has several columns that are not probabilities of classes (each "
                "row of 0 or more, summing to 1); pass one class per row"
            )
        return soft, np.asarray(names)
    labels = as_vector(y, "y")
    missing = pd.isna(labels)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(f"y has missing values (first at row {row}); drop those rows")
    if np.issubdtype(labels.dtype, np.floating) and np.any(labels % 1 != 0):
        raise ValueError(
            "y has numbers with fractions, so it is a quantity and not a class; "
            "mixup of a continuous target makes arbitrary labels: use jitter, or "
            "cut the target into classes"
        )
    codes, classes = pd.factorize(pd.Series(labels), sort=True)
    return np.eye(len(classes))[codes], np.asarray(classes).astype(labels.dtype)


def _pairs(
    n_rows: int, made: int, in_order: bool, rng: np.random.Generator
) -> tuple[Rows, Rows]:
    """Draw the parents: whole rounds through all rows, the last one cut."""
    rounds = -(-made // n_rows)
    second = np.concatenate([rng.permutation(n_rows) for _ in range(rounds)])[:made]
    if in_order:
        return np.arange(n_rows), second
    first = np.concatenate([rng.permutation(n_rows) for _ in range(rounds)])[:made]
    return first, second


def _mix(
    values: npt.NDArray[Any], lam: FloatArray, first: Rows, second: Rows
) -> npt.NDArray[Any]:
    share = lam.astype(values.dtype).reshape(-1, *[1] * (values.ndim - 1))
    # Not second + share × (first - second): a share of 1 must give the row itself.
    mixed: npt.NDArray[Any] = share * values[first] + (1 - share) * values[second]
    return mixed


def _float_columns(frame: pd.DataFrame, columns: Any) -> list[Any]:
    floats = [
        c for c, kind in frame.dtypes.items() if pd.api.types.is_float_dtype(kind)
    ]
    if columns is None:
        if not floats:
            raise TypeError(
                "X has no column of floats, so nothing would change; make the "
                "columns where fractions make sense floats with .astype(float)"
            )
        return floats
    wanted = check_columns(frame, columns, "X")
    other = [f"{c!r} ({frame[c].dtype})" for c in wanted if c not in floats]
    if other:
        raise TypeError(
            f"columns has {', '.join(other)}: noise needs floats; leave them out, or "
            "use .astype(float) if fractions make sense there"
        )
    return wanted


def _add_noise(
    values: npt.NDArray[Any],
    name: Any,
    scale: float,
    relative_to: str | None,
    clip: bool,
    rng: np.random.Generator,
) -> FloatArray:
    noise = rng.normal(size=values.shape)
    if np.isinf(values).any():
        raise ValueError(
            f"column {name!r} has infinite values; its spread is infinite too: "
            "replace or drop them"
        )
    known = values[~np.isnan(values)].astype(np.float64)
    if not known.size:
        return np.asarray(values, dtype=np.float64)
    spread = 1.0
    if relative_to == "std":
        # One value alone has no spread; rounding must not give it one.
        spread = float(known.std()) if np.ptp(known) > 0 else 0.0
    elif relative_to == "iqr":
        low, high = np.quantile(known, [0.25, 0.75])
        spread = float(high - low)
    noisy = values + scale * spread * noise
    return np.clip(noisy, known.min(), known.max()) if clip else noisy
