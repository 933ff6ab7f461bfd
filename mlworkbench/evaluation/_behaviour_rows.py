"""The rows of a behavioural test: read once, copied, compared and stacked."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame

__all__ = ["Rows", "differs"]

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


class Rows:
    """Rows of any kind in one of three forms.

    Tables and 2-D arrays become a pandas frame, texts a list, everything else
    (images, for one) an array with the rows along its first axis.

    Parameters
    ----------
    X : DataFrame, Table, array, Series or list
        The rows as the caller has them.

    Attributes
    ----------
    kind : {"table", "texts", "array"}
        The form.
    values : pandas.DataFrame, list of str or ndarray
        The rows in that form; never changed.
    index : pandas.Index
        How the caller names the rows.
    """

    def __init__(self, X: Any) -> None:
        self.given = X
        self.values: Any
        if isinstance(X, str):
            raise TypeError(f"X is one text ({X[:30]!r}); pass a list of texts")
        if _is_tensor(X):
            X = X.detach().cpu().numpy()
        if isinstance(X, list | tuple) and len(X) and np.ndim(X[0]) == 1:
            X = self.given = np.asarray(X)  # rows as lists
        if hasattr(X, "columns") or (isinstance(X, np.ndarray) and X.ndim == 2):
            self.kind, self.values = "table", as_frame(X, "X")
        else:
            self.kind, self.values = _read_vector(X)
        if not len(self.values):
            raise ValueError("X has no rows; pass at least one")
        own = isinstance(X, pd.DataFrame | pd.Series)
        self.index = X.index if own else pd.RangeIndex(len(self.values))

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.values)

    def take(self, values: Any, at: Positions) -> Any:
        """Give some of the rows, in the same form."""
        if self.kind == "table":
            return values.iloc[at]
        return [values[i] for i in at] if self.kind == "texts" else values[at]

    def accept(self, made: Any, name: str) -> Any:
        """Check what a change gave for these rows, and give it in their form."""
        if made is None:
            raise TypeError(f"{name} gave nothing; a change must return the new rows")
        other = Rows(made)
        if other.kind != self.kind or len(other) != len(self):
            raise ValueError(
                f"{name} gave {len(other)} rows as {other.kind} for {len(self)} as "
                f"{self.kind}; it must keep kind, rows and order"
            )
        if self.kind == "table":
            if isinstance(made, pd.DataFrame) and not made.index.equals(self.index):
                raise ValueError(f"{name} gave rows in another order (by their index)")
            return _same_columns(self.values, other.values, name)
        if self.kind == "array" and other.values.shape != self.values.shape:
            raise ValueError(
                f"{name} gave the shape {other.values.shape} for {self.values.shape}; "
                "it must keep the shape"
            )
        return other.values

    def changed(self, values: Any) -> Mask:
        """Say which rows differ from these."""
        masks = list(self.touched(values).values())
        if masks:
            return np.asarray(np.any(masks, axis=0), dtype=np.bool_)
        if self.kind == "table":
            return np.zeros(len(self), dtype=np.bool_)
        if self.kind == "texts":
            pairs = zip(self.values, values, strict=True)
            return np.fromiter((a != b for a, b in pairs), np.bool_, len(self))
        unlike = self.values != values
        if self.values.dtype.kind == "f":
            unlike &= ~(np.isnan(self.values) & np.isnan(values))
        return np.asarray(unlike.reshape(len(self), -1).any(axis=1), dtype=np.bool_)

    def touched(self, values: Any) -> dict[Any, Mask]:
        """Give the columns of a table that differ, and in which rows."""
        if self.kind != "table":
            return {}
        masks = {
            name: differs(self.values[name], values[name])
            for name in self.values.columns
        }
        return {name: mask for name, mask in masks.items() if mask.any()}

    def join(self, parts: list[Any], places: Positions) -> Any:
        """Put parts below one another, as the kind of thing the caller gave."""
        if self.kind == "texts":
            joined: Any = [text for part in parts for text in part]
        elif self.kind == "array":
            joined = np.concatenate(parts)
        else:
            joined = pd.concat(parts, ignore_index=True)
        return self.like_given(joined, self.index[places])

    def like_given(self, values: Any, index: pd.Index | None = None) -> Any:
        """Give rows in this form back as what the caller gave."""
        index = self.index if index is None else index
        if isinstance(self.given, pd.DataFrame):
            return values.set_axis(index)
        if isinstance(self.given, pd.Series):
            kind: Any = self.given.dtype
            kind = None if isinstance(kind, pd.CategoricalDtype) else kind
            return pd.Series(values, index, kind, self.given.name)
        if hasattr(self.given, "columns"):
            return _native(values, self.given)
        array = values.to_numpy() if self.kind == "table" else values
        if _is_tensor(self.given):
            import torch

            return torch.as_tensor(np.ascontiguousarray(array)).to(self.given.device)
        if self.kind == "texts" and isinstance(self.given, np.ndarray):
            return np.array(array, dtype=object)
        return tuple(array) if isinstance(self.given, tuple) else array


def differs(a: pd.Series, b: pd.Series) -> Mask:
    """Say where two columns differ; missing equals missing."""
    if isinstance(a.dtype, pd.CategoricalDtype) and a.dtype == b.dtype:
        return np.asarray(a.cat.codes.to_numpy() != b.cat.codes.to_numpy())
    left, right = a.to_numpy(), b.to_numpy()
    if left.dtype.kind in "biuf" and right.dtype.kind in "biuf":
        if left.__array_interface__ == right.__array_interface__:
            return np.zeros(len(a), dtype=np.bool_)  # the same memory
        return np.asarray((left != right) & ~((left != left) & (right != right)))
    gone, also = a.isna().to_numpy(), b.isna().to_numpy()
    unlike = np.zeros(len(a), dtype=np.bool_)
    both = ~gone & ~also
    unlike[both] = np.asarray(a.to_numpy(object)[both] != b.to_numpy(object)[both])
    return np.asarray(unlike | (gone != also), dtype=np.bool_)


def _is_tensor(X: Any) -> bool:
    return type(X).__module__.partition(".")[0] == "torch"


def _read_vector(X: Any) -> tuple[str, Any]:
    """Tell texts from arrays."""
    if hasattr(X, "toarray"):
        raise TypeError("X is a sparse matrix; pass X.toarray(), or fewer rows of it")
    if not hasattr(X, "__len__"):
        raise TypeError(f"X is a {type(X).__name__}; pass a table, texts or an array")
    if len(X) and all(isinstance(text, str) for text in X):
        return "texts", list(map(str, X))
    values = np.asarray(X)
    if values.ndim == 0 or values.dtype.kind not in "biuf":
        odd = next((x for x in X if not isinstance(x, str)), None)
        raise TypeError(
            f"X holds values such as {odd!r}; pass a DataFrame, a list of texts "
            "without missing ones, or an array of numbers"
        )
    return "array", values


def _same_columns(before: pd.DataFrame, after: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give the table after with the columns and, where it can be, their types."""
    if set(after.columns) != set(before.columns):
        odd = sorted(map(str, set(after.columns) ^ set(before.columns)))
        raise ValueError(f"{name} added or dropped columns: {odd}; it must keep them")
    after = after[list(before.columns)].set_axis(before.index)
    casts = {}
    for column, wanted in before.dtypes.items():
        got = after[column]
        if got.dtype == wanted:
            continue
        if isinstance(wanted, pd.CategoricalDtype):
            unknown = set(got.dropna().unique()) - set(wanted.categories)
            if unknown:
                raise ValueError(
                    f"{name} puts {sorted(map(str, unknown))} into column {column!r}, "
                    "which are none of its categories; add them to the column first"
                )
            casts[column] = wanted
    return after.astype(casts) if casts else after


def _native(frame: pd.DataFrame, like: Any) -> Any:
    """Give a pandas table as the kind of table that `like` is."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    kind = nw.from_native(like, eager_only=True).implementation
    return nw.from_arrow(table, backend=kind).to_native()
