"""Changes of the columns of a table: noise, units, missing values, swaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from mlworkbench._validation import check_columns, check_integer
from mlworkbench.evaluation._behaviour_rows import Rows
from mlworkbench.evaluation._perturbation import Copies, Perturbation

__all__ = ["add", "change_unit", "missing", "noise", "scale", "swap"]

_MOST_VALUES = 50
Floats = npt.NDArray[np.float64]


def noise(
    columns: Any = None,
    scale: float = 0.1,
    *,
    relative: bool = True,
    n_copies: int = 1,
) -> Perturbation:
    """Add Gaussian noise to numbers, or to the pixels of images.

    Parameters
    ----------
    columns : column label or list of them, optional
        Columns of a table; by default all numbers (not booleans). Not used for
        images.
    scale : float, default=0.1
        Standard deviation of the noise.
    relative : bool, default=True
        Whether `scale` is in standard deviations of the column (of all pixels
        of an image batch), or in its units.
    n_copies : int, default=1
        How many noisy copies.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When `scale` is not a number above 0, or a column holds no numbers.

    Notes
    -----
    The type of a column is kept: whole numbers are rounded, so that little
    noise changes few of them. Missing values stay missing. Pixels stay within
    the range of the batch. A change that leaves a row as it was is not counted
    by the tests.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> wind = pd.DataFrame({"wind": [3.0, 5.0, 10.0]})
    >>> perturb.noise("wind", 1.0, relative=False).copies(wind)["noise"].round(2)
        wind
    0   3.13
    1   4.87
    2  10.64
    """
    size, n_copies = _positive(scale, "scale"), check_integer(n_copies, "n_copies", 1)

    def make(rows: Rows, rng: np.random.Generator) -> Copies:
        copies = {}
        for number in range(n_copies):
            name = "noise" if n_copies == 1 else f"noise, copy {number + 1}"
            if rows.kind == "table":
                copies[name] = _map_columns(
                    rows,
                    columns,
                    lambda x: x + rng.normal(0, _size(x, size, relative), len(x)),
                )
            else:
                copies[name] = _noisy_pixels(rows, size, relative, rng)
        return copies

    return Perturbation("noise", make)


def scale(columns: Any, factor: float) -> Perturbation:
    """Multiply columns by a factor.

    Parameters
    ----------
    columns : column label or list of them
        Columns of numbers.
    factor : float
        What to multiply by.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When `factor` is no number, or a column holds no numbers.

    Notes
    -----
    The type of a column is kept: whole numbers are rounded.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> stone = pd.DataFrame({"carat": [0.5, 1.0]})
    >>> perturb.scale("carat", 1.1).copies(stone)["carat × 1.1"]["carat"].tolist()
    [0.55, 1.1]
    """
    by = _number(factor, "factor")
    name = f"{_names(columns)} × {by:g}"
    return Perturbation(
        name, lambda rows, rng: {name: _map_columns(rows, columns, lambda x: x * by)}
    )


def add(columns: Any, amount: float) -> Perturbation:
    """Add an amount to columns.

    Parameters
    ----------
    columns : column label or list of them
        Columns of numbers.
    amount : float
        What to add, in the unit of the columns.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When `amount` is no number, or a column holds no numbers.

    Notes
    -----
    The type of a column is kept: whole numbers are rounded.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> stone = pd.DataFrame({"carat": [0.5, 1.0]})
    >>> perturb.add("carat", 0.5).copies(stone)["carat + 0.5"]["carat"].tolist()
    [1.0, 1.5]
    """
    plus = _number(amount, "amount")
    name = f"{_names(columns)} {'+' if plus >= 0 else '−'} {abs(plus):g}"
    return Perturbation(
        name, lambda rows, rng: {name: _map_columns(rows, columns, lambda x: x + plus)}
    )


def change_unit(columns: Any, factor: float, offset: float = 0.0) -> Perturbation:
    """Write columns in another unit, as a sender might without telling.

    Parameters
    ----------
    columns : column label or list of them
        Columns of numbers.
    factor, offset : float
        The new number is factor × old + offset: 1.609 from miles to
        kilometres, 5/9 and -160/9 from Fahrenheit to Celsius.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError, ValueError
        When a factor is no number, or a column holds no numbers.

    Notes
    -----
    The type of a column is kept: whole numbers are rounded.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> day = pd.DataFrame({"temp": [32.0, 212.0]})
    >>> celsius = perturb.change_unit("temp", 5 / 9, -160 / 9)
    >>> celsius.copies(day)["temp in another unit"]["temp"].round(9).tolist()
    [0.0, 100.0]
    """
    by, plus = _number(factor, "factor"), _number(offset, "offset")
    name = f"{_names(columns)} in another unit"
    return Perturbation(
        name,
        lambda rows, rng: {name: _map_columns(rows, columns, lambda x: x * by + plus)},
    )


def missing(columns: Any) -> Perturbation:
    """Make columns missing, one copy per column.

    Parameters
    ----------
    columns : column label or list of them
        Each is made missing in a copy of its own.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    TypeError
        When a column cannot hold missing values (booleans).

    Notes
    -----
    Whole numbers become floats, which can be missing; categories keep their
    levels.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> day = pd.DataFrame({"temp": [20.5], "wind": [3.5]})
    >>> list(perturb.missing(["temp", "wind"]).copies(day))
    ['temp missing', 'wind missing']
    """

    def make(rows: Rows, rng: np.random.Generator) -> Copies:
        frame = _table(rows)
        copies = {}
        for name in check_columns(frame, columns, "X"):
            column = frame[name]
            if column.dtype == np.bool_:
                raise TypeError(
                    f"column {name!r} is bool and cannot be missing; convert it "
                    'with .astype("boolean") or .astype("category") first'
                )
            if column.dtype.kind in "iu" and isinstance(column.dtype, np.dtype):
                column = column.astype(np.float64)
            gone = column.mask(np.ones(len(column), dtype=bool))
            copies[f"{name} missing"] = _with(frame, name, gone)
        return copies

    return Perturbation(f"{_names(columns)} missing", make)


def swap(column: Any, values: Any = None) -> Perturbation:
    """Give every row every other value of a column.

    Parameters
    ----------
    column : column label
        A column of categories, texts, booleans or few numbers.
    values : list or mapping, optional
        The values to put in, one copy per value; by default those that occur.
        A mapping gives the new value by the old one, in one copy; rows with
        other values stay as they are.

    Returns
    -------
    perturbation : Perturbation
        For the tests of this room.

    Raises
    ------
    ValueError
        When there are more than 50 values, one value only, or a value is none
        of the categories of the column.

    Notes
    -----
    k values make k copies; a row that has the value already is left out of
    that copy. Missing values stay missing. The type of the column is kept,
    levels of a category included.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> rows = pd.DataFrame({"race": ["white", "black"], "income": [3, 4]})
    >>> for name, copy in perturb.swap("race").copies(rows).items():
    ...     print(name, copy["race"].tolist())
    race → black ['black', 'black']
    race → white ['white', 'white']
    """

    def make(rows: Rows, rng: np.random.Generator) -> Copies:
        frame = _table(rows)
        check_columns(frame, [column], "X")
        old = frame[column]
        if isinstance(values, Mapping):
            put = old.astype(object).map(lambda v: values.get(v, v), na_action="ignore")
            pairs = [f"{old_one} → {new}" for old_one, new in values.items()]
            name = f"{column} {pairs[0]}" if len(pairs) == 1 else f"{column} swapped"
            return {name: _with(frame, column, _as_type(put, old))}
        copies = {}
        for value in _values(old, values):
            copies[f"{column} → {value}"] = _with(frame, column, _filled(old, value))
        return copies

    return Perturbation(f"{column} swapped", make)


def _values(column: pd.Series, values: Any) -> list[Any]:
    """Give the values that a column can be swapped to."""
    if values is not None:
        one = isinstance(values, str) or not hasattr(values, "__iter__")
        return [values] if one else list(values)
    found = column.dropna().unique()
    if len(found) > _MOST_VALUES:
        raise ValueError(
            f"column {column.name!r} has {len(found):,} values; name those to put in "
            f"with values= (at most {_MOST_VALUES} are taken unasked)"
        )
    if len(found) < 2:
        raise ValueError(
            f"column {column.name!r} has no second value to swap in (it holds "
            f"{list(found)}), so no row changes; name others with values="
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [level for level in column.cat.categories if level in set(found)]
    try:
        return sorted(found.tolist())
    except TypeError:
        return sorted(found.tolist(), key=str)


def _filled(old: pd.Series, value: Any) -> pd.Series:
    """Give a column in which every value is one, and missing stays missing."""
    if isinstance(old.dtype, pd.CategoricalDtype) and value in old.cat.categories:
        codes = old.cat.codes.to_numpy().copy()
        codes[codes >= 0] = list(old.cat.categories).index(value)
        return pd.Series(pd.Categorical.from_codes(codes, dtype=old.dtype), old.index)
    return _as_type(old.astype(object).where(old.isna(), value), old)


def _as_type(put: pd.Series, old: pd.Series) -> pd.Series:
    """Give new values the type of the column that they come into."""
    if isinstance(old.dtype, pd.CategoricalDtype):
        unknown = set(put.dropna().unique()) - set(old.cat.categories)
        if unknown:
            raise ValueError(
                f"column {old.name!r} has no category {sorted(map(str, unknown))}; it "
                f"has {list(old.cat.categories)}"
            )
    try:
        return put.astype(old.dtype)
    except (TypeError, ValueError):
        raise ValueError(
            f"column {old.name!r} is {old.dtype} and cannot hold "
            f"{put.iloc[0]!r}; pass values of its type"
        ) from None


def _map_columns(
    rows: Rows, columns: Any, function: Callable[[Floats], Floats]
) -> pd.DataFrame:
    """Apply a function to columns of numbers, and keep their types."""
    frame = _table(rows)
    if columns is None:
        named = [c for c in frame.columns if _is_number(frame[c])]
        if not named:
            raise TypeError("X has no columns of numbers; name columns= that are")
    else:
        named = check_columns(frame, columns, "X")
    new = frame.copy()
    for name in named:
        new[name] = _mapped(frame[name], function)
    return new


def _mapped(old: pd.Series, function: Callable[[Floats], Floats]) -> pd.Series:
    if not _is_number(old):
        raise TypeError(
            f"column {old.name!r} is {old.dtype}, not numbers; name others, or swap "
            "its values with perturb.swap"
        )
    values = function(old.to_numpy(dtype=np.float64, na_value=np.nan))
    if types.is_integer_dtype(old.dtype):
        kind = getattr(old.dtype, "numpy_dtype", old.dtype)
        bounds = np.iinfo(kind)
        values = np.rint(values).clip(bounds.min, bounds.max)
    return pd.Series(values, index=old.index, name=old.name).astype(old.dtype)


def _noisy_pixels(
    rows: Rows, size: float, relative: bool, rng: np.random.Generator
) -> Any:
    if rows.kind != "array":
        raise TypeError("noise is for numbers and images; for texts see perturb.typos")
    pixels = rows.values.astype(np.float64)
    low, high = np.nanmin(pixels), np.nanmax(pixels)
    spread = size * np.nanstd(pixels) if relative else size
    noisy = (pixels + rng.normal(0, spread, pixels.shape)).clip(low, high)
    whole = rows.values.dtype.kind in "iub"
    return (np.rint(noisy) if whole else noisy).astype(rows.values.dtype)


def _size(values: Floats, scale: float, relative: bool) -> float:
    if not relative:
        return scale
    seen = values[np.isfinite(values)]
    return scale * float(np.std(seen)) if len(seen) else 0.0


def _is_number(column: pd.Series) -> bool:
    kind = column.dtype
    return types.is_numeric_dtype(kind) and not types.is_bool_dtype(kind)


def _with(frame: pd.DataFrame, name: Any, column: pd.Series) -> pd.DataFrame:
    new = frame.copy()
    new[name] = column
    return new


def _table(rows: Rows) -> pd.DataFrame:
    if rows.kind != "table":
        raise TypeError(f"this change is for columns of a table; X holds {rows.kind}")
    frame: pd.DataFrame = rows.values
    return frame


def _names(columns: Any) -> str:
    one = isinstance(columns, str) or not hasattr(columns, "__iter__")
    return str(columns) if one else ", ".join(map(str, columns))


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float | np.number) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; pass a number")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value}; pass a finite number")
    return float(value)


def _positive(value: Any, name: str) -> float:
    if _number(value, name) <= 0:
        raise ValueError(f"{name} is {value}; pass a number above 0")
    return float(value)
