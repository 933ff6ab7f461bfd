"""Judge rows that are almost equal: a leak, copies, or what the data is like."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from mlworkbench._coverage import value_kind
from mlworkbench.leakage._findings import Finding
from mlworkbench.leakage._minhash import near_text
from mlworkbench.leakage._near_numeric import NearRows, near_numeric
from mlworkbench.leakage._row_codes import (
    RowGroups,
    group_rows,
    is_text,
    join_texts,
)

__all__ = ["near_findings"]

IntArray = npt.NDArray[np.int64]
_NUMBERS, _TEXTS = 0.1, 0.3  # what near=True stands for
_FEW_LEVELS = 20  # numbers with no more levels than this must be equal
_IMAGE = 16  # columns of numbers from which on few levels are measured as well
_MATTERS = 0.01
_CROWD = 10  # near rows of a row from which on they are what the data is like
_GAP = 1.3  # up to twice the distance, so much more rows where copies stand apart
_BY_CHANCE = 0.01
_ENOUGH = 5  # rows below which nothing is said about a share


def near_findings(
    train: pd.DataFrame,
    test: pd.DataFrame,
    codes: list[IntArray],
    groups: RowGroups,
    near: bool | float,
) -> tuple[list[Finding], list[str]]:
    """Find rows that are almost equal, and judge them.

    Parameters
    ----------
    train, test : pandas.DataFrame
        The tables; an empty test stands for duplicates inside train.
    codes : list of ndarray of shape (n + m,)
        The codes of their columns.
    groups : RowGroups
        Their equal rows, which are left out.
    near : bool or float
        The largest distance, below 1; True for the usual one.

    Returns
    -------
    findings : list of Finding
        At most one.
    notes : list of str
        What was compared.
    """
    n = len(train)
    texts = _text_columns(train)
    within = _within(near, _TEXTS if texts else _NUMBERS)
    first = np.flatnonzero(groups.first[groups.group] == np.arange(len(groups.group)))
    one = first[first < n]
    two = n + np.flatnonzero(groups.in_train[groups.group[n:]] == 0)
    rng = np.random.default_rng(0)
    rows = pd.concat([train, test]) if len(test) else train
    both = np.concatenate([one, two])
    if texts:
        joined = join_texts(rows[texts].iloc[both])
        # pieces of a text weigh by their number: distances up to twice `within`
        wide = min(2 * within, 0.95)
        found: NearRows | None = near_text(
            joined[: len(one)], joined[len(one) :], wide, rng
        )
        notes = [f"Texts were compared in {texts}; other columns may differ."]
    else:
        found, notes = _numbers(rows, codes, one, two, within, rng)
    if found is None:
        return [], notes
    return _judge(rows, one, two, found, within, len(test)), notes


def _text_columns(train: pd.DataFrame) -> list[Any]:
    """Give the columns of text; short ones too where there is nothing else."""
    texts = [c for c in train.columns if is_text(train[c])]
    if not texts and all(value_kind(train[c]) == "text" for c in train.columns):
        return list(train.columns)
    return texts


def _within(near: bool | float, usual: float) -> float:
    if near is True:
        return usual
    if not isinstance(near, int | float | np.integer | np.floating):
        raise TypeError(f"near is {near!r}; pass True or a number in (0, 1)")
    if not 0 < near < 1:
        raise ValueError(f"near is {near}; pass True or a number in (0, 1)")
    return float(near)


def _numbers(
    rows: pd.DataFrame,
    codes: list[IntArray],
    one: IntArray,
    two: IntArray,
    within: float,
    rng: np.random.Generator,
) -> tuple[NearRows | None, list[str]]:
    """Compare the measured columns among rows equal in all others."""
    measured, same, values = [], [], []
    levels = {c: rows[c].nunique() for c in rows.columns if _is_number(rows[c])}
    many = sum(n > 2 for n in levels.values()) >= _IMAGE  # pixels of few levels
    for place, name in enumerate(rows.columns):
        column = rows[name]
        if levels.get(name, 0) <= (2 if many else _FEW_LEVELS):
            same.append(codes[place])
            continue
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        missing = ~np.isfinite(numbers)
        same.append(missing.astype(np.int64))
        values.append(np.where(missing, np.median(numbers[~missing]), numbers))
        measured.append(name)
    if not measured:
        return None, ["Almost equal rows: no column of text or measured numbers."]
    both = np.concatenate([one, two])
    group = group_rows([s[both] for s in same], len(one)).group
    table = np.column_stack(values)
    found = near_numeric(table[one], table[two], group, 2 * within, rng)
    shown = ", ".join(map(str, measured[:8])) + (" …" if len(measured) > 8 else "")
    return found, [f"Distances are in {shown}; all other columns must be equal."]


def _is_number(column: pd.Series) -> bool:
    return value_kind(column) == "number" and not (
        pd.api.types.is_bool_dtype(column)
        or isinstance(column.dtype, pd.CategoricalDtype)
    )


def _judge(
    rows: pd.DataFrame,
    one: IntArray,
    two: IntArray,
    found: NearRows,
    within: float,
    n_test: int,
) -> list[Finding]:
    """Compare the share near a row of train with the share inside train."""
    inside_only = not n_test
    usual = found.inside <= within
    looked = found.inside if inside_only else found.distance
    n_rows = int((looked <= within).sum())
    if not n_rows:
        return []
    share = n_rows / (len(looked) if inside_only else n_test)
    inside, here = float(usual.mean()), n_rows / len(looked)
    apart = _stand_apart(looked, within) and not (
        found.crowd >= _CROWD and inside >= 0.5
    )
    if not inside_only and n_rows >= _ENOUGH and _more(here, looked, inside, usual):
        severity = "leak"
        advice = (
            f"Remove them from train: {here:.1%} of the other rows of test have so "
            f"near a row in train, {inside:.1%} of the rows of train do."
        )
    elif n_rows >= _ENOUGH and share >= _MATTERS and apart:
        severity = "warning"
        advice = (
            "Keep them on one side of the split: they stand apart from all other "
            "rows, as changed copies do."
        )
    else:
        severity = "note"
        advice = "Nothing: rows of train are as near to one another."
    pairs = _near_pairs(rows, one, two, found, within, inside_only)
    what = "almost equal rows"
    return [Finding("duplicates", severity, what, n_rows, share, pairs, advice)]


def _more(here: float, looked: Any, inside: float, usual: Any) -> bool:
    """Say whether a share is larger than another by three standard errors."""
    parts = [(here, len(looked)), (inside, len(usual))]
    error = np.sqrt(sum(max(p * (1 - p), 1 / n) / n for p, n in parts))
    return bool(here - inside > 3 * error)


def _stand_apart(distance: npt.NDArray[np.float64], within: float) -> bool:
    """Say whether fewer rows lie a little farther than chance would put there.

    Between one and two times the distance lie at least as many rows as within
    it where neighbours are near by chance, and even in one dimension.
    """
    near = int((distance <= within).sum())
    both = int((distance <= 2 * within).sum())
    return both <= _GAP * near and bool(binom.cdf(both - near, both, 0.5) < _BY_CHANCE)


def _near_pairs(
    rows: pd.DataFrame,
    one: IntArray,
    two: IntArray,
    found: NearRows,
    within: float,
    inside_only: bool,
) -> pd.DataFrame:
    """Give the labels and the values of both rows of every pair, nearest first."""
    distance = found.inside if inside_only else found.distance
    at = np.flatnonzero(distance <= within)
    at = at[np.argsort(distance[at], kind="stable")]
    of = one[found.inside_of[at]] if inside_only else two[at]
    mate = one[(found.inside_row if inside_only else found.row)[at]]
    columns: dict[str, Any] = {
        "train_row" if inside_only else "test_row": rows.index[of],
        "near_row" if inside_only else "train_row": rows.index[mate],
        "distance": distance[at],
    }
    for name in rows.columns:
        columns[f"{name}"] = rows[name].iloc[of].array
        columns[f"{name} (train)"] = rows[name].iloc[mate].array
    return pd.DataFrame(columns)
