"""Labeling functions: a heuristic that votes on every row of a frame."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import reduce
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame
from mlworkbench.labeling._votes import ABSTAIN

__all__ = ["BadVotesError", "LabelingFunction", "check_label", "labeling_function"]

Int8 = npt.NDArray[np.int8]
_MOST = 126


class BadVotesError(ValueError):
    """A labeling function returned something that is not one vote per row."""


class LabelingFunction:
    """A named heuristic that votes on all rows of a frame at once.

    Made by `labeling_function` and by the makers (`keyword_lf`, `regex_lf`,
    `lookup_lf`, `model_lf`, `rule_lf`). Called with a frame it gives its votes.

    Parameters
    ----------
    function : callable
        Takes the whole frame. Returns one class number per row, `ABSTAIN` (-1)
        where it has no opinion; with `label`, a boolean mask.
    name : str
        Name of the column of votes.
    label : int, optional
        The class that a mask stands for.

    Raises
    ------
    TypeError, ValueError
        When the name is empty or the label is no class number.

    See Also
    --------
    labeling_function : The decorator that makes one.
    apply_lfs : Apply many, and keep what worked when one fails.

    Notes
    -----
    The function gets a shallow copy of the frame: columns that it adds or writes
    stay its own. Pickling works where pickling the plain function does, so the
    function must stand at the top of a module, not inside another function; as a
    decorated one it comes back as the very object of that module.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.labeling import LabelingFunction
    >>> hot = LabelingFunction(lambda frame: frame["t"] > 39, "hot", label=1)
    >>> hot(pd.DataFrame({"t": [36.8, 39.5]})).tolist()
    [-1, 1]
    """

    def __init__(
        self,
        function: Callable[[pd.DataFrame], Any],
        name: str,
        label: int | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(
                f"function is a {type(function).__name__}; "
                "pass a function that takes a frame"
            )
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"name is {name!r}; pass a text that is not empty")
        self.function = function
        self.name = name
        self.label = None if label is None else check_label(label)
        self.__doc__ = getattr(function, "__doc__", None)

    def __call__(self, frame: Any) -> pd.Series:
        """Give the votes on a frame.

        Parameters
        ----------
        frame : DataFrame of shape (n_rows, n_columns)
            The rows to vote on.

        Returns
        -------
        votes : Series of shape (n_rows,), int8
            Class numbers and `ABSTAIN`, with the index of the frame.
        """
        table = as_frame(frame)
        return pd.Series(self.vote(table), index=table.index, name=self.name)

    def vote(self, frame: pd.DataFrame) -> Int8:
        """Give the votes on a pandas frame as an array, checked.

        Parameters
        ----------
        frame : pandas.DataFrame
            The rows to vote on.

        Returns
        -------
        votes : ndarray of shape (n_rows,), int8
            Class numbers and `ABSTAIN`.

        Raises
        ------
        BadVotesError
            When the function does not return one vote per row.
        """
        own = frame.copy(deep=False)
        return _check_result(self.function(own), frame, self.label)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Pickle a decorated function by its name, as pickle does a plain one."""
        module = getattr(self.function, "__module__", None)
        place = getattr(self.function, "__qualname__", None)
        if isinstance(module, str) and place and self._stands_at(module, place):
            if module != "__main__":
                return _global, (module, place)
            # Another process has another __main__: cloudpickle sends the function
            # itself there, pickle its name. The plain name is this object's now.
            self.function.__qualname__ = f"{place}.function"
        return type(self), (self.function, self.name, self.label)

    def _stands_at(self, module: str, place: str) -> bool:
        try:
            return _global(module, place) is self
        except (ImportError, AttributeError):
            return False

    def __repr__(self) -> str:
        """Say its name and its class."""
        label = "" if self.label is None else f", label={self.label}"
        return f"LabelingFunction({self.name!r}{label})"


@overload
def labeling_function(
    function: Callable[[pd.DataFrame], Any],
) -> LabelingFunction: ...


@overload
def labeling_function(
    function: None = None, *, name: str | None = None, label: int | None = None
) -> Callable[[Callable[[pd.DataFrame], Any]], LabelingFunction]: ...


def labeling_function(
    function: Callable[[pd.DataFrame], Any] | None = None,
    *,
    name: str | None = None,
    label: int | None = None,
) -> Any:
    """Make a labeling function of a function of a frame.

    The function sees the whole frame once, not one row at a time: write
    ``frame["age"] > 80``, not ``if row.age > 80``.

    Parameters
    ----------
    function : callable, optional
        Takes a frame and returns one class number per row, `ABSTAIN` (-1) where
        it has no opinion. Left out when the decorator is called with arguments.
    name : str, optional
        Name of its column of votes; the function's own name by default.
    label : int, optional
        When given, the function returns a boolean mask instead: this class where
        True, no opinion where False or missing.

    Returns
    -------
    lf : LabelingFunction
        The function, named; calling it on a frame gives checked votes.

    Raises
    ------
    TypeError, ValueError
        When the label is no class number.

    See Also
    --------
    keyword_lf, regex_lf, lookup_lf, model_lf, rule_lf : Ready-made kinds.

    References
    ----------
    .. [1] A. Ratner, S. Bach, H. Ehrenberg, J. Fries, S. Wu, C. Ré (2017),
       Snorkel: rapid training data creation with weak supervision, PVLDB 11(3).

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from mlworkbench.labeling import ABSTAIN, labeling_function
    >>> @labeling_function(label=2)
    ... def low_oxygen(frame):
    ...     return frame["oxygen_saturation"] < 92
    >>> @labeling_function(name="fever or none")
    ... def fever(frame):
    ...     hot = frame["temperature"]
    ...     return np.select([hot > 39, hot < 37], [1, 0], default=ABSTAIN)
    >>> frame = pd.DataFrame(
    ...     {"oxygen_saturation": [98, 88, 96], "temperature": [36.6, 39.4, 38.0]}
    ... )
    >>> low_oxygen(frame).tolist(), fever(frame).tolist()
    ([-1, 2, -1], [0, 1, -1])
    """

    def make(given: Callable[[pd.DataFrame], Any]) -> LabelingFunction:
        own = getattr(given, "__name__", type(given).__name__)
        return LabelingFunction(given, own if name is None else name, label)

    return make if function is None else make(function)


def check_label(label: Any, name: str = "label") -> int:
    """Check a class number that a function may vote for.

    Parameters
    ----------
    label : int
        The class, 0 to 126.
    name : str
        What to call it in an error.

    Returns
    -------
    label : int
        The class as a Python int.

    Raises
    ------
    TypeError, ValueError
        When it is not a whole number in that range.
    """
    if not isinstance(label, int | np.integer) or isinstance(label, bool):
        raise TypeError(
            f"{name} is {label!r}; pass a class number 0, 1, 2, ... "
            "(give names to them, e.g. EMERGENCY = 2)"
        )
    if not 0 <= label <= _MOST:
        why = "; -1 stands for no opinion" if label == ABSTAIN else ""
        raise ValueError(f"{name} is {label}; pass a class number 0 to {_MOST}{why}")
    return int(label)


def _global(module: str, place: str) -> Any:
    """Give what stands at a place in a module."""
    return reduce(getattr, place.split("."), importlib.import_module(module))


def _check_result(result: Any, frame: pd.DataFrame, label: int | None) -> Int8:
    """Turn what a function returned into votes, or say what is wrong with it."""
    if isinstance(result, pd.Series) and not result.index.equals(frame.index):
        if len(result) == len(frame):
            raise BadVotesError(
                "returned a Series with another index than the frame's; keep the "
                "frame's index and order, or return .to_numpy()"
            )
    elif result is None or np.ndim(result) == 0:
        shown = "nothing" if result is None else f"one value, {result!r},"
        raise BadVotesError(
            f"returned {shown} for {len(frame)} rows; it gets the whole frame and "
            'must return one vote per row, e.g. frame["age"] > 80 with label='
        )
    shape = np.shape(result)
    if shape != (len(frame),):
        given = f"{shape[0]} votes" if len(shape) == 1 else f"an array of shape {shape}"
        raise BadVotesError(
            f"returned {given} for {len(frame)} rows; return one vote for every row, "
            "ABSTAIN (-1) where there is no opinion, and do not drop rows"
        )
    series = result if isinstance(result, pd.Series) else pd.Series(result)
    mask = _as_mask(series)
    if mask is not None and label is None:
        raise BadVotesError(
            "returned a mask of True and False, and no label; say which class True "
            "stands for with label=, or return class numbers"
        )
    if mask is None and label is not None:
        raise BadVotesError(
            f"returned values of type {series.dtype} although label={label} was "
            "given; return a boolean mask, or leave label out"
        )
    if mask is not None:
        return np.where(mask, np.int8(label or 0), np.int8(ABSTAIN))
    return _check_numbers(series)


def _as_mask(series: pd.Series) -> npt.NDArray[np.bool_] | None:
    """Give booleans with False where missing; None when these are no booleans."""
    if series.dtype == bool:
        return series.to_numpy()
    if pd.api.types.is_bool_dtype(series.dtype):
        return series.to_numpy(dtype=bool, na_value=False)
    if series.dtype == object and len(series):
        known = series.dropna()
        if known.map(type).isin([bool, np.bool_]).all() and len(known):
            return series.where(series.notna(), False).to_numpy(dtype=bool)
    return None


def _check_numbers(series: pd.Series) -> Int8:
    if series.dtype == np.int8 and len(series) and series.to_numpy().min() >= ABSTAIN:
        values = series.to_numpy()
        if values.max() <= _MOST:
            return values
    if series.dtype == object and len(series) == 0:
        return np.empty(0, dtype=np.int8)
    if isinstance(series.dtype, pd.CategoricalDtype) or series.dtype.kind not in "iuf":
        raise BadVotesError(
            f"returned values of type {series.dtype}; return class numbers 0, 1, ... "
            "and ABSTAIN (-1), not names"
        )
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~((values >= ABSTAIN) & (values <= _MOST) & (values == np.floor(values)))
    if wrong.any():
        row = int(np.argmax(wrong))
        what = "a missing value" if np.isnan(values[row]) else f"{values[row]:g}"
        raise BadVotesError(
            f"returned {what} at row {row}; return class numbers 0 to {_MOST} and "
            "ABSTAIN (-1) where there is no opinion, e.g. .fillna(ABSTAIN)"
        )
    return values.astype(np.int8)
