"""Make values go missing on purpose, for a reason that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from scipy.stats import rankdata

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    check_choice,
    check_columns,
)

__all__ = ["simulate_missing"]

_MECHANISMS = ("mcar", "mar", "mnar")
_GRID = 2000  # distinct scores on which the strength is tuned
_STEEPEST = 2000.0


def simulate_missing(
    frame: Any,
    column: Any,
    mechanism: str = "mcar",
    rate: float = 0.2,
    driver: Any = None,
    *,
    auc: float = 0.75,
    random_state: RandomState = None,
) -> pd.DataFrame:
    """Take values out of a column, by a mechanism that you choose.

    Parameters
    ----------
    frame : DataFrame or Table of shape (n, n_columns)
        The data, left as they are.
    column : column label
        The column that gets gaps.
    mechanism : {"mcar", "mar", "mnar"}, default="mcar"
        Missing completely at random: every value has the same chance. Missing
        at random: the chance depends on `driver`. Missing not at random: it
        depends on the value itself.
    rate : float, default=0.2
        Share of the values of `column` to take out, in [0, 1]; exact up to
        rounding to whole rows. Values missing already are not counted.
    driver : column label or list of labels, optional
        What the chance depends on, for "mar" only; of several columns the
        mean rank counts.
    auc : float, default=0.75
        Strength, in (0, 1): the area under the ROC curve with which the driver
        (for "mnar" the value) tells missing from present, on average over
        draws. 0.5 is no dependence; below 0.5 small values go missing more
        often. Not used for "mcar".
    random_state : int, Generator, RandomState or None
        Seed of the draw, and of the order of categories.

    Returns
    -------
    frame : pandas.DataFrame
        A copy with gaps. Whole numbers become floats and True or False the
        nullable "boolean", as pandas has no gaps in them; other types stay.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When `rate` or `auc` is out of range, `driver` does not fit the
        mechanism or is constant, or its ties allow no such `auc`.

    Notes
    -----
    The chance is 1 / (1 + exp(-a - b·u)) with u the rank of the driver, scaled
    to [0, 1]; a and b are solved for, so that rate and AUC come out. Numbers,
    dates and ordered categories are ranked by value, other categories in an
    order drawn at random, so some get many gaps and some few. A missing driver
    counts as the middle rank. Rows are then drawn by systematic sampling in
    random order, which keeps every chance and fixes the count (Madow 1949).
    O(n log n).

    "mar" can be told from "mcar" by looking at the driver; "mnar" from "mar"
    cannot, except here, where you made it.

    References
    ----------
    .. [1] D. B. Rubin (1976), Inference and missing data, Biometrika 63(3).
    .. [2] W. G. Madow (1949), On the theory of systematic sampling, II, Annals
       of Mathematical Statistics 20(3).

    *Used in:* ``ch05_features/01_why_is_it_missing``.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": range(20, 60), "income": range(40)})
    >>> gaps = simulate_missing(people, "income", "mar", 0.25, "age", random_state=0)
    >>> int(gaps["income"].isna().sum())
    10
    >>> old = gaps["age"] >= 40
    >>> int(gaps.loc[old, "income"].isna().sum())
    8
    """
    table = as_frame(frame)
    check_choice(mechanism, "mechanism", _MECHANISMS)
    check_columns(table, [column])
    names = _drivers(table, column, mechanism, driver)
    _check_number(rate, "rate", 0 <= rate <= 1, "a share in [0, 1]")
    _check_number(auc, "auc", 0 < auc < 1, "a number between 0 and 1, such as 0.75")
    rng = as_generator(random_state)
    there = np.flatnonzero(table[column].notna().to_numpy())
    count = round(rate * len(there))
    if names and 0 < count < len(there):
        part = table.iloc[there]
        score = np.mean([_ranks(part[name], rng) for name in names], axis=0)
        chance = _chances(score, count, auc, names)
    else:
        chance = np.full(len(there), count / max(len(there), 1))
    gone = there[_systematic(chance, count, rng)]
    return _with_gaps(table, column, gone)


def _drivers(
    table: pd.DataFrame, column: Any, mechanism: str, driver: Any
) -> list[Any]:
    if mechanism != "mar":
        if driver is not None:
            raise ValueError(
                f"driver is {driver!r} with mechanism={mechanism!r}; only 'mar' "
                "depends on another column: leave driver out or pass 'mar'"
            )
        return [column] if mechanism == "mnar" else []
    if driver is None:
        raise ValueError(
            "mechanism is 'mar' without a driver; name the column that the gaps "
            "depend on, driver=..."
        )
    names = check_columns(table, driver if isinstance(driver, list) else [driver])
    if not names or column in names:
        raise ValueError(
            f"driver is {driver!r}; pass another column than {column!r} "
            "(mechanism='mnar' makes the gaps depend on the column itself)"
        )
    return names


def _check_number(value: Any, name: str, inside: bool, wanted: str) -> None:
    if isinstance(value, bool) or not inside:
        raise ValueError(f"{name} is {value!r}; pass {wanted}")


def _ranks(values: pd.Series, rng: np.random.Generator) -> FloatArray:
    """Give mid-ranks in [0, 1]; categories without order get one at random."""
    gone = values.isna().to_numpy()
    kind = values.dtype
    ordered = isinstance(kind, pd.CategoricalDtype) and bool(kind.ordered)
    if ordered:
        codes = values.cat.codes.to_numpy().astype(np.float64)
    elif pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(
        kind
    ):
        if not pd.api.types.is_numeric_dtype(kind):
            values = values.astype("int64").where(~gone)
        codes = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        levels = pd.factorize(values.astype(str), sort=True)[0]
        codes = rng.permutation(levels.max() + 1)[levels].astype(np.float64)
    result = np.full(len(codes), 0.5)
    if not gone.all():
        ranks = rankdata(codes[~gone])
        result[~gone] = (ranks - 0.5) / len(ranks)
    return result


def _chances(score: FloatArray, count: int, auc: float, names: list[Any]) -> FloatArray:
    """Give every row its chance: they sum to `count` and have the AUC."""
    levels, place, sizes = np.unique(score, return_inverse=True, return_counts=True)
    if len(levels) < 2:
        raise ValueError(
            f"{', '.join(map(str, names))} has one value only, so nothing can depend "
            "on it; pass another driver"
        )
    step = max(1, len(levels) // _GRID)
    starts = np.arange(0, len(levels), step)
    size = np.add.reduceat(sizes, starts).astype(np.float64)
    middle = np.add.reduceat(levels * sizes, starts) / size
    strong, turned = max(auc, 1 - auc), auc < 0.5
    if turned:
        middle, size, levels = 1 - middle[::-1], size[::-1], 1 - levels
    low, high = 0.0, _STEEPEST
    best = _area(size, expit(_level(middle, size, high, count) + high * middle))
    if strong > best + 1e-6:
        raise ValueError(
            f"auc is {auc}; with {count} gaps the ties of "
            f"{', '.join(map(str, names))} allow "
            + (f"{1 - best:.3f} at least" if turned else f"{best:.3f} at most")
            + "; pass a weaker auc or a driver with more values"
        )
    for _ in range(60):
        slope = (low + high) / 2
        chance = expit(_level(middle, size, slope, count) + slope * middle)
        low, high = (slope, high) if _area(size, chance) < strong else (low, slope)
    exact = _level(levels, sizes.astype(np.float64), slope, count)
    return np.asarray(expit(exact + slope * levels)[place], dtype=np.float64)


def _level(u: FloatArray, size: FloatArray, slope: float, count: int) -> float:
    """Solve for the intercept at which the chances sum to `count`."""
    low, high = -slope - 50.0, 50.0
    for _ in range(80):
        middle = (low + high) / 2
        enough = float(size @ expit(middle + slope * u)) >= count
        low, high = (low, middle) if enough else (middle, high)
    return (low + high) / 2


def _area(size: FloatArray, chance: FloatArray) -> float:
    """Give the expected AUC of levels in rising order."""
    gone, kept = size * chance, size * (1 - chance)
    below = np.cumsum(kept) - kept / 2
    return float(gone @ below / (gone.sum() * kept.sum()))


def _systematic(
    chance: FloatArray, count: int, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Draw `count` rows, each with its chance."""
    order = rng.permutation(len(chance))
    if not count:
        return order[:0]
    mass = np.cumsum(chance[order])
    marks = (np.arange(count) + rng.uniform()) * (mass[-1] / count)
    place = np.searchsorted(mass, marks, side="right")
    return np.asarray(order[np.minimum(place, len(mass) - 1)], dtype=np.intp)


def _with_gaps(
    table: pd.DataFrame, column: Any, gone: npt.NDArray[np.intp]
) -> pd.DataFrame:
    result = table.copy()
    values = result[column]
    if pd.api.types.is_bool_dtype(values.dtype) and values.dtype == bool:
        values = values.astype("boolean")
    out = np.zeros(len(table), dtype=np.bool_)
    out[gone] = True
    result[column] = values.mask(out) if len(gone) else values
    return result
