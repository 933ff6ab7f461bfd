"""Columns that tell too much about the target, against what the others tell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import (
    as_frame,
    as_vector,
    check_same_index,
    check_same_length,
)
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._target_copies import averages_target
from mlworkbench.leakage._target_joint import joint_power
from mlworkbench.leakage._target_judge import (
    Clue,
    chance_power,
    compare_jointly,
    judge_clues,
)
from mlworkbench.leakage._target_pairs import Pair, find_pairs
from mlworkbench.leakage._target_power import (
    Target,
    as_numbers,
    category_power,
    code_target,
    fold_rows,
    missing_power,
    value_power,
)

__all__ = ["check_target"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_NAME_LIKE = 0.98  # share of different values from which on a column names rows
_NAMES_TELL = 0.3  # power from which on the names of rows should not be features
_HIDDEN = 0.4  # gain from which on a pair (two dates) hides a column, as a leak does
_CODES = 0.5  # power from which on the values of a column are counted
_FEW_ROWS = 20  # rows from which on a missing pattern of one class only counts


class _Columns(NamedTuple):
    """The columns of X, measured one by one."""

    numbers: dict[Any, FloatArray]
    texts: dict[Any, pd.Series]
    power: dict[Any, float]
    clues: list[Clue]


def check_target(X: Any, y: Any, groups: Any = None) -> LeakageReport:
    """Find columns that tell the target better than a legitimate one could.

    Measured are every column alone, its being missing, and the sum,
    difference, ratio and equality of pairs. What counts as too good depends on
    the other columns: a column is named when it leaves at most a quarter of
    what the next best, and a linear fit to all others, leave unexplained. Where
    the others tell next to nothing a strong column is only a note, unless it
    looks like a shaken copy of the target.

    Parameters
    ----------
    X : DataFrame or 2-D array of shape (n, p)
        The features, as they are before any encoding.
    y : array-like of shape (n,)
        The target. Text, truth values and whole numbers of at most 20 values
        are classes, other numbers and times are measured. Rows without a
        target are left out.
    groups : array-like of shape (n,), optional
        Rows of one group stay in one fold when categories are measured: a name
        that only its own group bears tells nothing about other groups.

    Returns
    -------
    report : LeakageReport
        Findings of the kind "illegitimate feature": a leak where the target
        follows from a column without error or the column is the mean target
        of its rows, a warning where one column stands far above all others or
        only one class is ever missing, a note on strong columns and on columns
        that name rows.

    Raises
    ------
    TypeError
        When `y` holds neither numbers nor classes.
    ValueError
        When all of `y` is missing or the same, or lengths or indexes differ.

    Notes
    -----
    Power is 2 · AUC - 1 for classes (the mean over classes by their rows), the
    larger of Spearman's and Pearson's correlation for a measured target; for
    categories, and for numbers cut into 24 parts, on five folds, coded by the
    other four. A missing value counts by the class it tells best, or by the AUC
    of the measured target between rows with and without it.

    A strong column is no proof: only the question "is it known when the
    prediction is made?" decides. Signs of a copy are: no more values than
    classes (power from .85 on); noise that is alike in all classes (from .95,
    or .9 where others tell something); a slope of 1 on a measured target (from
    .85). Where the others reach .3 (.25 for a measured target), a power of .95
    (.975) is enough, and .85 for whole numbers, such as the minutes of a delay;
    where they do not, a measured target warns from .995 on.

    What it cannot tell apart: two normal classes of one variance from a copy
    with normal noise; a rescaled copy of a measured target from a good sensor,
    where nothing else tells; whole numbers that rightly tell much more than the
    other columns from records made later. A mean target that was smoothed, or
    taken on other rows too, is not recognised. A pair counts where the two have
    something in common that drops out, or where the target follows from it
    almost without error; a sum of two independent features is a linear model. A
    weak leak among strong columns is not seen, and one that the others together
    make up for is a note. More than two columns that each decide the target
    alone are notes too: an easy problem. O(p · n log n + p² · (n + 5,000)).

    References
    ----------
    .. [1] S. Kaufman, S. Rosset and C. Perlich (2012), Leakage in data mining:
       formulation, detection, and avoidance, ACM TKDD 6(4).
    .. [2] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    *Used in:* ``ch05_features/09_audit_a_split``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from mlworkbench.leakage import check_target
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(500, 3)), columns=["age", "pay", "debt"])
    >>> left = X["debt"] + rng.normal(size=500) > 1
    >>> check_target(X, left).ok
    True
    >>> X["exit_interview"] = np.where(left, 1.0, np.nan)
    >>> check_target(X, left).frame[["severity", "kind", "what"]]
      severity                  kind                     what
    0     leak  illegitimate feature  exit_interview: missing
    """
    frame = as_frame(X, "X")
    check_same_index(X=frame, y=y, groups=groups)
    y = y if isinstance(y, pd.Series) else as_vector(y, "y")
    if groups is not None and not isinstance(groups, pd.Series):
        groups = as_vector(groups, "groups")
    check_same_length(X=frame, y=y, groups=groups)
    target = code_target(y)
    if groups is not None:
        groups = pd.Series(groups).reset_index(drop=True).iloc[target.rows]
    rng = np.random.default_rng(0)
    fold = fold_rows(len(target.rows), groups, rng)
    whole = frame
    if len(target.rows) < len(frame):
        whole = frame.iloc[target.rows]
    columns = _measure(whole, target, fold)
    named = {c.column for c in judge_clues(columns.clues, target) if c.severity}
    free = {k: v for k, v in columns.numbers.items() if k not in named}
    texts = {k: v for k, v in columns.texts.items() if k not in named}
    pairs = find_pairs(free, texts, columns.power, target, fold, rng)
    clues = [*columns.clues, *_pair_clues(pairs, len(free), target)]
    dates = {
        name
        for pair in pairs
        if pair.cancels
        and pair.power - max(columns.power[c] for c in pair.columns) >= _HIDDEN
        for name in pair.columns
    }

    def together(without: set[Any]) -> float:
        left = set(columns.numbers) - without - dates
        others = {k: v for k, v in columns.numbers.items() if k in left}
        return joint_power(others, target, fold)

    judged = judge_clues(clues, target)
    compare_jointly(judged, target, together)
    findings = [_finding(clue, target) for clue in judged if clue.severity]
    findings += _names(whole, columns.power, {f.what for f in findings})
    return make_report(findings, notes=_notes(frame, target, columns))


def _pair_clues(pairs: list[Pair], n_columns: int, target: Target) -> list[Clue]:
    """Make clues of pairs."""
    clues = []
    for pair in pairs:
        clue = Clue(pair.name, None, pair.power, "pair", pair.values, pair.columns)
        there = ~np.isnan(pair.values)
        rows = target.take(there)
        clue.chance = chance_power(rows, 4 * n_columns**2)
        clue.cancels = pair.cancels
        if " == " in pair.name:
            clue.one_class = _one_class(pair.values[there] == 1, rows)
        clues.append(clue)
    return clues


def _measure(frame: pd.DataFrame, target: Target, fold: IntArray) -> _Columns:
    """Measure every column, and its being missing."""
    found = _Columns({}, {}, {}, [])
    patterns: dict[bytes, Clue] = {}
    chance = chance_power(target, frame.shape[1])
    for name in frame.columns:
        column = frame[name].reset_index(drop=True)
        missing = column.isna().to_numpy(dtype=np.bool_)
        numbers = as_numbers(column)
        if numbers is not None:
            missing = np.isnan(numbers)
            found.numbers[name] = numbers
            power = value_power(numbers, target, fold)
        else:
            try:
                codes = pd.factorize(column)[0]
            except TypeError:
                codes = pd.factorize(column.astype(str))[0]
            power = category_power(codes.astype(np.int64), target, fold)
            if value_kind(column) == "text":
                found.texts[name] = column
        found.power[name] = power
        clue = Clue(str(name), name, power, "value", numbers, (name,))
        clue.averages = numbers is not None and averages_target(numbers, target)
        if power >= _CODES:
            values = codes[codes >= 0] if numbers is None else numbers[~missing]
            clue.codes = len(np.unique(values)) <= len(target.classes)
        there = target.take(~missing) if missing.any() else target
        clue.chance = chance_power(there, frame.shape[1]) if missing.any() else chance
        found.clues.append(clue)
        if missing.any() and not missing.all():
            key = np.packbits(missing).tobytes()
            if key in patterns:
                patterns[key].columns += (name,)
                continue
            patterns[key] = _missing_clue(name, missing, target, frame.shape[1])
    found.clues.extend(patterns.values())
    return found


def _missing_clue(
    name: Any, missing: npt.NDArray[np.bool_], target: Target, n_columns: int
) -> Clue:
    """Make a clue of a missing pattern."""
    told = missing_power(missing, target)
    where = missing.astype(np.float64)
    clue = Clue(f"{name}: missing", name, told, "missing", where, (name,))
    clue.one_class = _one_class(missing, target)
    parted = None if target.classes else int(missing.sum())
    clue.chance = chance_power(target, n_columns, parted)
    return clue


def _one_class(missing: npt.NDArray[np.bool_], target: Target) -> int:
    """Give how many rows are missing, or there, if of one class, not the common one."""
    if not target.classes:
        return 0
    codes = target.numbers.astype(np.int64)
    share = np.bincount(codes) / len(codes)
    for side in (missing, ~missing):
        inside = codes[side]
        if len(inside) < _FEW_ROWS or share[inside[0]] > 0.5:
            continue
        if (inside == inside[0]).all():
            return len(inside)
    return 0


_DECIDE = "Ask whether it is known when the prediction is made; if not, leave it out."


def _finding(clue: Clue, target: Target) -> Finding:
    """Put a clue into words."""
    n = len(target.rows)
    scale = "2·AUC-1" if target.classes or clue.kind == "missing" else "correlation"
    what = {
        "value": f"{clue.name} orders the target with a {scale} of {clue.power:.3f}",
        "missing": f"a missing value ({', '.join(map(str, clue.columns))}) tells the "
        f"target with a {scale} of {clue.power:.3f}",
        "pair": f"together they order the target with a {scale} of {clue.power:.3f}",
    }[clue.kind]
    n_rows = n if clue.values is None else int((~np.isnan(clue.values)).sum())
    if clue.kind == "missing" and clue.values is not None:
        n_rows = clue.one_class or int(clue.values.sum())
    if clue.averages:
        what = f"{clue.name} is the mean target of the rows that share its value"
    if clue.one_class:
        what += f"; {clue.one_class:,} rows of one class only"
    what += f"; the other columns reach {clue.rest:.3f}"
    advice = _DECIDE
    if clue.averages:
        advice = "Take the mean inside each training fold, or leave the column out."
    elif clue.severity == "leak":
        advice = "Leave it out, unless it is known when the prediction is made."
    return Finding("L2", clue.severity, clue.name, n_rows, n_rows / n, what, advice)


def _names(
    frame: pd.DataFrame, power: dict[Any, float], told: set[str]
) -> list[Finding]:
    """Find columns that name rows, and those that follow their order."""
    findings = []
    n = len(frame)
    for name in frame.columns:
        column = frame[name]
        if str(name) in told or n < _FEW_ROWS or not _counts(column):
            continue
        if column.nunique() < _NAME_LIKE * n or column.isna().any():
            continue
        if value_kind(column) == "number" and column.max() - column.min() > 3 * n:
            continue  # numbers that lie apart measure something
        ordered = column.is_monotonic_increasing or column.is_monotonic_decreasing
        tells = power[name] >= _NAMES_TELL
        like = (
            "follows the order of the rows" if ordered else "is different in each row"
        )
        evidence = f"{name} {like}; its power on the target is {power[name]:.3f}"
        advice = "Leave it out of the features: new rows get names never seen."
        if tells:
            advice = (
                "Leave it out, and find out why names of rows tell the target: rows "
                "sorted or numbered after the outcome."
            )
        severity = "warning" if tells else "note"
        findings.append(Finding("L2", severity, str(name), n, 1.0, evidence, advice))
    return findings


def _counts(column: pd.Series) -> bool:
    """Say whether values can be names: text or whole numbers, not measures."""
    kind = value_kind(column)
    if kind == "number":
        return bool(pd.api.types.is_integer_dtype(column.dtype))
    return kind == "text"


def _notes(frame: pd.DataFrame, target: Target, columns: _Columns) -> list[str]:
    kind = f"{len(target.classes)} classes" if target.classes else "a measured target"
    notes = [
        f"{len(frame.columns)} columns, {len(target.rows):,} rows, {kind}: a strong "
        "column is evidence, not proof; nothing found is no proof either."
    ]
    left = len(frame) - len(target.rows)
    if left:
        notes.append(f"{left:,} rows have no target and were left out.")
    if len(columns.numbers) > 100:
        notes.append("Pairs were looked for among the first 100 columns of numbers.")
    return notes
