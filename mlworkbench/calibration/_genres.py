"""Items, their genres, and what somebody's history asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import FloatArray, as_frame, as_vector

__all__ = ["Candidates", "read_candidates", "wanted_shares"]


@dataclass(frozen=True)
class Candidates:
    """What may be shown.

    `items` are the candidates' labels, `scores` and `shares` belong to them row
    by row; `table` has the shares of every item that has genres, shown or not.
    """

    items: list[Any]
    scores: FloatArray
    shares: FloatArray
    table: pd.DataFrame

    @property
    def genres(self) -> list[Any]:
        """The genres in the order of the columns."""
        return list(self.table.columns)


def read_candidates(scores: Any, item_genres: Any) -> Candidates:
    """Bring scores and genres into one order.

    Parameters
    ----------
    scores : dict, Series or array-like of shape (n_items,)
        Scores by item, or in the order of `item_genres`.
    item_genres : DataFrame, dict, Series, list or array
        Genres of the items.

    Returns
    -------
    candidates : Candidates
        Checked, with shares that sum to 1 for each item.

    Raises
    ------
    TypeError, ValueError
        With what is wrong and what to pass.
    """
    table = _genre_table(item_genres)
    if isinstance(scores, Mapping):
        scores = pd.Series(dict(scores), dtype=object)
    if isinstance(scores, pd.Series):
        items = scores.index.tolist()
        if not scores.index.is_unique:
            raise ValueError("scores names an item twice; pass one score an item")
        unknown = [item for item in items if item not in table.index]
        if unknown:
            raise ValueError(
                f"{len(unknown)} item(s) of scores have no genres (first "
                f"{unknown[0]!r}); item_genres must name every item to be ranked"
            )
    elif len(as_vector(scores, "scores")) == len(table):
        items = table.index.tolist()
    else:
        raise ValueError(
            f"scores has {len(scores)} values for {len(table)} items with genres; "
            "pass one an item in the same order, or a dict or Series by item"
        )
    values = _numbers(scores)
    if not items:
        raise ValueError("scores has no items; pass at least one")
    return Candidates(items, values, table.loc[items].to_numpy(), table)


def wanted_shares(history: Any, candidates: Candidates) -> FloatArray:
    """Say how much of each genre somebody wants.

    Parameters
    ----------
    history : dict, Series, list, array or DataFrame
        Items watched (with weights in a dict), or shares of genres.
    candidates : Candidates
        What `read_candidates` gave.

    Returns
    -------
    shares : ndarray of shape (n_genres,)
        Summing to 1.

    Raises
    ------
    ValueError
        When the history is empty, or names what is neither item nor genre.
    """
    table = candidates.table
    if isinstance(history, np.ndarray) and history.ndim == 2:
        _check_width(history.shape[1], candidates)
        history = pd.DataFrame(history, columns=table.columns)
    if isinstance(history, pd.DataFrame):
        return _mean_of_rows(history, candidates)
    weights = _history_weights(history, candidates)
    if not weights:
        raise ValueError(
            "history is empty; pass what was watched, or {genre: share}: without a "
            "history there is nothing to calibrate to"
        )
    labels = list(weights)
    amounts = _numbers(pd.Series(weights.values(), dtype=object), "history")
    if (amounts < 0).any() or not amounts.any():
        raise ValueError("history has weights below 0, or 0 only; pass some above 0")
    of_genres = isinstance(weights, _GenreWeights)
    if not of_genres and all(label in table.index for label in labels):
        shares = amounts @ table.loc[labels].to_numpy()
    elif all(label in table.columns for label in labels):
        shares = pd.Series(amounts, labels).reindex(table.columns).fillna(0).to_numpy()
    else:
        known = set(table.index) | set(table.columns)
        strange = [x for x in labels if x not in known] or labels
        raise ValueError(
            f"history has {strange[0]!r}, neither an item with genres nor a genre "
            f"({candidates.genres[:8]}); pass items, {{item: weight}} or "
            "{genre: share}, not a mixture"
        )
    return np.asarray(shares / shares.sum(), dtype=np.float64)


class _GenreWeights(dict[Any, Any]):
    """Weights known to be of genres, whatever the items are called."""


def _mean_of_rows(history: pd.DataFrame, candidates: Candidates) -> FloatArray:
    strange = [name for name in history.columns if name not in candidates.genres]
    if strange or not len(history):
        raise ValueError(
            f"history has {len(history)} rows and the columns "
            f"{list(history.columns)[:8]}; pass a row for each item watched, with "
            f"columns among the genres {candidates.genres[:8]}"
        )
    rows = _normalised(history.reindex(columns=candidates.genres, fill_value=0.0))
    return np.asarray(rows.to_numpy().mean(axis=0))


def _check_width(width: int, candidates: Candidates) -> None:
    if width != len(candidates.genres):
        raise ValueError(
            f"history has {width} shares for {len(candidates.genres)} genres "
            f"({candidates.genres[:8]}); pass one a genre in this order, or a dict"
        )


def _history_weights(history: Any, candidates: Candidates) -> dict[Any, Any]:
    """Read weights by item or genre; what is only named counts as often as named."""
    if isinstance(history, Mapping):
        return dict(history)
    if isinstance(history, str):
        return {history: 1}
    if isinstance(history, pd.Series) and history.dtype.kind in "iuf":
        counts = not pd.api.types.is_integer_dtype(history.index.dtype)
        if counts or history.dtype.kind == "f":
            return history.to_dict()
    if isinstance(history, set | frozenset):
        history = list(history)
    seen = as_vector(history, "history")
    if seen.dtype.kind == "f" and len(seen):
        _check_width(len(seen), candidates)
        return _GenreWeights(zip(candidates.genres, seen, strict=True))
    if seen.dtype == bool:
        if len(seen) != len(candidates.table):
            raise ValueError(
                f"history has {len(seen)} flags for {len(candidates.table)} items "
                "with genres; pass one an item, or the items themselves"
            )
        seen = candidates.table.index.to_numpy()[seen]
    counts_of = pd.Series(seen, dtype=object).value_counts(sort=False)
    return {item: int(n) for item, n in counts_of.items()}


def _genre_table(item_genres: Any) -> pd.DataFrame:
    """Give shares by item and genre."""
    if isinstance(item_genres, str):
        raise TypeError("item_genres is one text; pass the genres of every item")
    if isinstance(item_genres, Mapping):
        item_genres = pd.Series(dict(item_genres), dtype=object)
    if isinstance(item_genres, list | tuple) and _is_matrix(item_genres):
        item_genres = np.asarray(item_genres, dtype=float)
    if isinstance(item_genres, np.ndarray) and item_genres.ndim == 1:
        item_genres = item_genres.tolist()
    if isinstance(item_genres, list | tuple):
        item_genres = pd.Series(dict(enumerate(item_genres)), dtype=object)
    if isinstance(item_genres, pd.Series):
        each = [_as_weights(value) for value in item_genres]
        genres = sorted({genre for one in each for genre in one}, key=str)
        rows = [[one.get(genre, 0.0) for genre in genres] for one in each]
        frame = pd.DataFrame(rows, item_genres.index, genres, dtype=float)
    else:
        frame = as_frame(item_genres, "item_genres")
    if not frame.index.is_unique:
        raise ValueError("item_genres names an item twice; merge its rows first")
    return _normalised(frame)


def _is_matrix(rows: Any) -> bool:
    """Say whether rows are lists of numbers: weights and not names."""
    first = next(iter(rows), None)
    if not isinstance(first, list | tuple | np.ndarray) or not len(first):
        return False
    return isinstance(first[0], int | float | np.number)


def _as_weights(value: Any) -> dict[Any, float]:
    """Read one item's genres: a name, several names, or weights by name."""
    if isinstance(value, Mapping):
        return {genre: float(weight) for genre, weight in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return dict.fromkeys(value, 1.0)
    return {} if value is None or value != value else {value: 1.0}


def _normalised(frame: pd.DataFrame) -> pd.DataFrame:
    try:
        weights = frame.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            "the genres of the items are no numbers; pass one column a genre with 0 "
            "and 1 or weights, or a dict {item: genre or genres}"
        ) from None
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        row = int(np.argmax(wrong.any(axis=1)))
        raise ValueError(
            f"item {frame.index[row]!r} has a genre weight that is negative or "
            "missing; pass weights of 0 or more"
        )
    total = weights.sum(axis=1, keepdims=True)
    if len(weights) and total.min() == 0:
        raise ValueError(
            f"item {frame.index[int(total.argmin())]!r} has no genre; give it one, "
            "such as 'unknown', or leave it out"
        )
    return pd.DataFrame(weights / total, frame.index, frame.columns)


def _numbers(values: Any, name: str = "scores") -> FloatArray:
    try:
        array = as_vector(values, name).astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds no numbers; pass one number an item") from None
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array)))
        raise ValueError(
            f"{name} is {array[row]} at place {row}; leave out what has no finite value"
        )
    return array
