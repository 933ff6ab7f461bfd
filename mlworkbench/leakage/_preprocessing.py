"""Prove that a feature function lets test rows into the training features."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench.leakage._findings import LeakageReport
from mlworkbench.leakage._preprocessing_judge import judge, not_deterministic
from mlworkbench.leakage._preprocessing_shift import mark_split, shift_test_rows
from mlworkbench.leakage._preprocessing_tables import (
    Difference,
    Features,
    compare_features,
    read_features,
    refuse_other_order,
)

__all__ = ["check_preprocessing"]

_DROPPED = "test rows dropped"
_ONE_LEFT = "test rows dropped but one"
_SHIFTED = "test values shifted"
_ALIKE = "all test values alike"
_LABELS = ("string", "datetime64", "datetime", "date", "period", "timedelta64")
_TEXT = 200  # characters of an error in a note


def check_preprocessing(
    build_features: Callable[[Any], Any], frame: Any, train_rows: Any
) -> LeakageReport:
    """Prove that a feature function lets test rows into training features.

    The function runs on all rows, on the training rows alone, and on all rows
    with other values in the test rows. Features of *training* rows that differ
    can only have changed because of the test rows.

    Parameters
    ----------
    build_features : callable
        Takes a table like `frame` and returns the features: DataFrame,
        Series, array or sparse matrix with one row for each row given, or a
        DataFrame with some of them that keeps the index. It must not split
        the rows by chance itself. It is called up to six times, each time
        with a copy.
    frame : pandas.DataFrame, pandas.Series or ndarray
        All rows, train and test, with all that the function needs.
    train_rows : pandas.Index, array-like or slice
        Which rows are training rows: labels when it is a pandas Index
        (`train.index`) or holds text or dates, else a mask of bool, or
        positions as scikit-learn's splitters give them. A slice of labels
        includes its end, a slice of positions does not.

    Returns
    -------
    report : LeakageReport
        A finding "preprocessing on both" that names the features whose values
        change, or "feature selection on both" where other columns are chosen.
        `rows` gives the table: feature, seen with, what changes, number of
        training rows changed, largest change. A function that gives two
        answers for the same rows is a warning, and nothing else is tried.

    Raises
    ------
    TypeError
        When `build_features` cannot be called or gives no table, or `frame`
        is none.
    ValueError
        When `train_rows` names no row, all rows, a row twice or one that is
        not there; when the function returns another number of rows without an
        index that says which. What the function itself raises on the
        unchanged rows is passed on.

    Notes
    -----
    A difference is proof, up to rounding (a relative 1e-7, in single
    precision 1e-4). No difference is evidence only: the function may use test
    rows in a way that these rows do not show, remember an earlier call, or use
    what was computed from all rows before, outside of it.

    To drop the test rows shows scalers, imputation, encoders, selection and
    ranks. To shift values shows what uses them where the rows cannot be
    dropped, and to make them all alike moves the most frequent value; columns
    that tell train from test, and identifiers, keep their values, as the
    function may split by them. Permuted test rows would prove nothing: means,
    ranks and scores do not depend on the order. Where something differs, all
    rows run once more, so that a function that changes by itself is not
    accused.

    The proof is about flow, not about harm: a scaler fitted on both changes
    every value and next to no score.

    Six runs of the function at most, and O(rows × columns) to compare.

    *Used in:* ``ch05_features/10_catch_a_leak_in_the_act`` and
    ``ch05_features/11_which_leaks_matter``.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.leakage import check_preprocessing
    >>> frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 10.0]})
    >>> train = frame.index[:3]
    >>> report = check_preprocessing(lambda f: f - f.mean(), frame, train)
    >>> report.ok
    False
    >>> report.findings[0].kind, report.findings[0].what
    ('preprocessing on both', 'x')
    >>> mean = frame.loc[train].mean()
    >>> check_preprocessing(lambda f: f - mean, frame, train).ok
    True
    """
    if not callable(build_features):
        raise TypeError(
            f"build_features is a {type(build_features).__name__}; pass the function "
            "itself, without calling it"
        )
    table = _Table.of(frame)
    train = _train_mask(train_rows, table.frame.index)
    runs = _Runs(build_features, table, train)
    everything = np.ones(len(train), dtype=bool)
    first = runs.run(table.frame, everything, everything)
    with _quiet():
        second = runs.run(table.frame, everything, everything)
        chance = compare_features(first, second)
        if chance:
            return not_deterministic(chance)
        seen, notes = runs.compare(first.of(train))
        if any(seen.values()):
            again = runs.run(table.frame, everything, everything)
            chance = compare_features(first, again)
            if chance:
                return not_deterministic(chance)
    return judge(seen, notes, list(table.frame.columns), int(train.sum()))


@dataclass(frozen=True, eq=False)
class _Table:
    """All rows as a pandas frame, and the way back to the user's kind."""

    frame: pd.DataFrame
    back: Callable[[pd.DataFrame], Any]

    @classmethod
    def of(cls, data: Any) -> _Table:
        if isinstance(data, pd.DataFrame):
            if not data.columns.is_unique:
                twice = data.columns[data.columns.duplicated()].unique().tolist()
                raise ValueError(f"frame has columns of the same name: {twice}")
            return cls(data, lambda frame: frame.copy())
        if isinstance(data, pd.Series):
            name: Any = data.name
            return cls(data.to_frame("x"), lambda f: f["x"].copy().rename(name))
        if isinstance(data, np.ndarray) and data.ndim in (1, 2):
            shape = data.shape[1:]
            frame = pd.DataFrame(data.reshape(len(data), -1))
            return cls(
                frame, lambda f: f.to_numpy(data.dtype).reshape(len(f), *shape).copy()
            )
        raise TypeError(
            f"frame is a {type(data).__name__}; pass the table that build_features "
            "takes, a pandas DataFrame or Series or a numpy array"
        )


def _train_mask(train_rows: Any, index: pd.Index) -> npt.NDArray[np.bool_]:
    """Turn labels, positions, a mask or a slice into a mask."""
    n = len(index)
    mask = np.zeros(n, dtype=bool)
    if isinstance(train_rows, slice):
        mask[_by_label(train_rows, index)] = True
    elif isinstance(train_rows, pd.Index) and train_rows.dtype != bool:
        mask = np.asarray(index.isin(train_rows))
        missing = train_rows[~train_rows.isin(index)]
        if len(missing):
            raise ValueError(
                f"train_rows has {len(missing)} label(s) that frame has not (first "
                f"{missing[0]!r}); pass labels of frame.index, or positions as an array"
            )
    else:
        if isinstance(train_rows, pd.Series) and train_rows.dtype == bool:
            if not train_rows.index.equals(index):
                raise ValueError(
                    "train_rows and frame have different indexes; bring them into "
                    "one order first, or pass train_rows.to_numpy()"
                )
        elif isinstance(train_rows, pd.DataFrame | str):
            raise TypeError(
                f"train_rows is a {type(train_rows).__name__}; pass which rows, for "
                "a table of training rows its .index"
            )
        rows = _as_rows(train_rows)
        if rows.ndim == 1 and pd.api.types.infer_dtype(rows) in _LABELS:
            return _train_mask(pd.Index(rows), index)
        mask = _by_place(rows, n)
    if not mask.any() or mask.all():
        raise ValueError(
            f"train_rows names {int(mask.sum()):,} of {n:,} rows; pass some, not all: "
            "the others are the test rows"
        )
    return mask


def _as_rows(train_rows: Any) -> npt.NDArray[Any]:
    """Give an array; a pair of arrays is what a splitter gives."""
    try:
        return np.asarray(train_rows)
    except ValueError:
        raise TypeError(
            f"train_rows is a {type(train_rows).__name__} of unequal parts; pass the "
            "training rows alone, the first of the two that a splitter gives"
        ) from None


def _by_label(rows: slice, index: pd.Index) -> slice:
    """Give a slice of positions; one of labels includes its end, as in .loc."""
    ends = [end for end in (rows.start, rows.stop) if end is not None]
    if all(isinstance(end, int | np.integer) for end in ends):
        return rows
    try:
        return index.slice_indexer(rows.start, rows.stop, rows.step)
    except (KeyError, TypeError):
        raise ValueError(
            f"train_rows is {rows!r}, which are no ends in frame.index; pass labels "
            "that are there once, positions, or a mask"
        ) from None


def _by_place(rows: npt.NDArray[Any], n: int) -> npt.NDArray[np.bool_]:
    if rows.dtype == bool:
        if rows.shape != (n,):
            raise ValueError(
                f"train_rows is a mask of shape {rows.shape} for {n:,} rows; pass "
                f"one value per row, shape ({n},)"
            )
        return rows
    if rows.ndim != 1 or (len(rows) and rows.dtype.kind not in "iu"):
        raise TypeError(
            f"train_rows has dtype {rows.dtype} and shape {rows.shape}; pass labels "
            "as a pandas Index, a mask of bool, or positions"
        )
    rows = rows.astype(np.intp)
    if len(rows) and (rows.max() >= n or rows.min() < -n):
        raise ValueError(
            f"train_rows has position {rows[np.argmax(np.abs(rows))]}, frame has "
            f"{n:,} rows; pass positions from 0, or labels as a pandas Index"
        )
    if len(np.unique(rows)) != len(rows):
        raise ValueError("train_rows names a row twice; pass each row once")
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


class _quiet(warnings.catch_warnings):
    """Say the warnings of the user's function once, in the first run."""

    def __enter__(self) -> Any:
        log = super().__enter__()
        warnings.simplefilter("ignore")
        return log


@dataclass(frozen=True, eq=False)
class _Runs:
    """Run the function on other versions of the rows."""

    build: Callable[[Any], Any]
    table: _Table
    train: npt.NDArray[np.bool_]

    def run(
        self,
        frame: pd.DataFrame,
        given: npt.NDArray[np.bool_],
        keep: npt.NDArray[np.bool_],
    ) -> Features:
        """Run on the rows `given`, and read the features of those to keep."""
        rows = np.flatnonzero(given)
        part = frame if given.all() else frame.iloc[rows]
        output = self.build(self.table.back(part))
        refuse_other_order(output, part)
        return read_features(output, part.index, rows, keep)

    def compare(self, baseline: Features) -> tuple[dict[str, Difference], list[str]]:
        """Compare the training features with those of the other versions."""
        seen: dict[str, Difference] = {}
        marks = mark_split(self.table.frame, self.train)
        notes = self._kept(marks)
        for attempts in (self._dropped(), *self._shifted(marks)):
            failures = []
            for name, frame, given in attempts:
                try:
                    found = self.run(frame, given, self.train)
                except Exception as error:  # the user's code, on rows it never met
                    text = " ".join(f"{name}: {type(error).__name__}: {error}".split())
                    failures.append(text if len(text) < _TEXT else text[:_TEXT] + " …")
                    continue
                seen[name] = compare_features(baseline, found, self.table.frame)
                break
            notes += [f"build_features fails with {text}" for text in failures]
        return seen, notes

    def _dropped(self) -> Iterator[tuple[str, pd.DataFrame, npt.NDArray[np.bool_]]]:
        yield _DROPPED, self.table.frame, self.train
        one = self.train.copy()
        one[np.flatnonzero(~self.train)[0]] = True
        if not one.all():
            yield _ONE_LEFT, self.table.frame, one

    def _kept(self, marks: list[Any]) -> list[str]:
        names = ", ".join(str(name) for name in marks)
        if len(marks) == self.table.frame.shape[1]:
            return ["no values were shifted: every column tells the rows apart"]
        text = "kept their values while the others were shifted: a function may"
        return [f"{names} {text} split by them"] if marks else []

    def _shifted(
        self, marks: list[Any]
    ) -> Iterable[list[tuple[str, pd.DataFrame, npt.NDArray[np.bool_]]]]:
        frame, train = self.table.frame, self.train
        if len(marks) == frame.shape[1]:
            return
        everything = np.ones(len(train), dtype=bool)
        far = shift_test_rows(frame, train, marks)
        yield [(_SHIFTED, far, everything)]
        alike = shift_test_rows(frame, train, marks, alike=True)
        yield [(_ALIKE, alike, everything)]
