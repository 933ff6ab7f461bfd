"""Comparisons that turn round when like is compared with like."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._stats import adjust_p_values
from mlworkbench._validation import (
    FloatArray,
    as_frame,
    check_binary,
    check_columns,
    check_fraction,
    check_integer,
    check_same_index,
    check_weights,
)
from mlworkbench.evaluation._simpson_counts import Comparison, compare, count
from mlworkbench.evaluation._simpson_report import (
    CAUSAL,
    LEVEL,
    ROWS,
    SimpsonCheck,
    tell,
)
from mlworkbench.evaluation._slice_groups import factorize, make_groups
from mlworkbench.evaluation._slice_predicates import column_name

__all__ = ["simpson_check"]

_KINDS = ("reversal", "near-reversal", "no reversal", "no overlap")


def simpson_check(
    frame: Any,
    outcome: Hashable,
    treatment: Hashable,
    by: Any = None,
    *,
    reference: Any = None,
    pos_label: Any = None,
    sample_weight: Any = None,
    max_columns: int = 2,
    max_levels: int = 20,
    n_bins: int = 5,
    confidence: float = 0.95,
) -> SimpsonCheck:
    """Check whether a comparison turns round within groups.

    Two treatments (models, carriers, applicants) are compared all together,
    within every group, and with the mix of groups made equal. The groups are
    made by each column of `by`, and by every two of them.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        One row per case; a table of counts is repeated first
        (``frame.loc[frame.index.repeat(counts)]``).
    outcome : column label
        Two values (0 and 1, truth values; others with `pos_label`), or numbers
        of which averages are compared. Rows without one are left out.
    treatment : column label
        What is compared; rows without one are left out.
    by : column label or list of them, optional
        What may make the groups; by default every other column. A missing
        value is a group of its own.
    reference : scalar, optional
        The treatment that the others are compared with, by default the first
        in order.
    pos_label : scalar, optional
        The outcome that counts, where the two values are no 0 and 1.
    sample_weight : array-like of shape (n,), optional
        Weights of 0 or more: what a row stands for.
    max_columns : {1, 2}, default=2
        Columns that make the groups together, at most.
    max_levels : int, default=20
        Numbers and times with more different values are cut into `n_bins`
        groups of about equal size; other columns with more are left out unless
        `by` names them.
    n_bins : int, default=5
        Groups that numbers and times are cut into.
    confidence : float, default=0.95
        Level of the intervals.

    Returns
    -------
    report : SimpsonCheck
        `.frame`, one row per comparison, reversals first; `.strata(i)`, the
        groups of one; `.reversals`, `.plot()`.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When there are fewer than two treatments, no column to group by, or an
        outcome that is neither two-valued nor a number.

    Notes
    -----
    With d the difference in group s and w the share of the rows compared that
    are in it, the standardised difference is the sum of w · d: what would be
    seen if both treatments had that mix of groups. Groups with one of the two
    treatments cannot be compared and are left out; the sign of the crude
    difference is then judged on the rows that remain.

    Intervals of shares are Newcombe's, of averages Welch's; of the standardised
    difference normal, with the mix taken as given. Counting is O(n) for each
    set of columns.

    A reversal does not say which of the two answers is right. Groups settled
    before the treatment that drive both treatment and outcome, such as the
    size of a stone, must be held fixed. Groups that the treatment itself
    changes, such as blood pressure after it, must not (Pearl 2014). Among many
    columns, reversals of small differences turn up by chance: see `shown`.

    *Used in:* ``ch06_model_development/11_simpsons_paradox``.

    References
    ----------
    .. [1] E. H. Simpson (1951), The interpretation of interaction in
       contingency tables, Journal of the Royal Statistical Society B 13(2).
    .. [2] P. J. Bickel, E. A. Hammel, J. W. O'Connell (1975), Sex bias in
       graduate admissions: data from Berkeley, Science 187.
    .. [3] J. Pearl (2014), Understanding Simpson's paradox, The American
       Statistician 68(1).

    Examples
    --------
    Two treatments of kidney stones (Charig et al. 1986): the one that is better
    for small stones and better for large ones is worse all together.

    >>> import pandas as pd
    >>> from mlworkbench.evaluation import simpson_check
    >>> counts = pd.DataFrame(
    ...     [
    ...         ("open surgery", "small", True, 81),
    ...         ("open surgery", "small", False, 6),
    ...         ("open surgery", "large", True, 192),
    ...         ("open surgery", "large", False, 71),
    ...         ("puncture", "small", True, 234),
    ...         ("puncture", "small", False, 36),
    ...         ("puncture", "large", True, 55),
    ...         ("puncture", "large", False, 25),
    ...     ],
    ...     columns=["treatment", "stone", "success", "patients"],
    ... )
    >>> patients = counts.loc[counts.index.repeat(counts["patients"])]
    >>> report = simpson_check(patients, "success", "treatment", "stone")
    >>> report.frame[["crude", "standardized", "kind"]].round(3)
       crude  standardized      kind
    0  0.046        -0.054  reversal
    >>> report.strata()[["group", "n", "n_reference", "difference"]].round(3)
              group    n  n_reference  difference
    0         large   80          263      -0.043
    1         small  270           87      -0.064
    2  all together  350          350       0.046
    3  standardised  350          350      -0.054
    """
    check_same_index(frame=frame, sample_weight=sample_weight)
    table = as_frame(frame)
    check_columns(table, [outcome, treatment])
    if outcome == treatment:
        raise ValueError(
            f"outcome and treatment are both {outcome!r}; pass two columns"
        )
    if check_integer(max_columns, "max_columns", 1) > 2:
        raise ValueError(f"max_columns is {max_columns}; pass 1 or 2")
    if check_fraction(confidence, "confidence") == 1:
        raise ValueError("confidence is 1; pass a level below 1, such as 0.95")
    weights = check_weights(sample_weight, len(table))
    there = table[[outcome, treatment]].notna().all(axis=1).to_numpy() & (weights > 0)
    gone = len(table) - int(there.sum())
    table, weights = table[there], weights[there]
    notes = [f"{gone} row(s) without outcome, treatment or weight are left out"]
    notes = notes if gone else []
    values, binary = _outcome(table[outcome], pos_label)
    codes, levels = factorize(table[treatment])
    pairs = _pairs(levels, reference, treatment)
    columns = _columns(table, by, (outcome, treatment), (max_levels, n_bins), notes)
    middle = 0.0 if binary else float(np.average(values, weights=weights))
    found, parts = [], []
    for names in _sets(list(columns), max_columns):
        groups = make_groups({name: columns[name] for name in names}, len(table))
        shape = (groups.size, len(levels))
        sums = count(groups.codes, codes, shape, values - middle, weights)
        label = " × ".join(map(column_name, names))
        for pair in pairs:
            result = compare(sums, pair, binary, middle, confidence)
            compared = (label, levels[pair[0]], levels[pair[1]])
            found.append(_row(compared, result) | {"width": len(names)})
            parts.append(_groups(compared, groups.labels(), result))
    titles = column_name(outcome), column_name(treatment)
    return _report(found, parts, titles, weights, notes)


def _outcome(column: pd.Series, pos_label: Any) -> tuple[FloatArray, bool]:
    """Give the outcome as numbers, and whether they are 0 and 1."""
    if not len(column):
        raise ValueError("frame has no row with outcome and treatment; pass some")
    plain = pd.api.types.is_numeric_dtype(column)
    if plain and pos_label is None and not column.isin([0, 1]).all():
        values = column.to_numpy(dtype=np.float64)
        if not np.isfinite(values).all():
            raise ValueError(f"outcome {column.name!r} is infinite; drop those rows")
        return values, False
    positive = check_binary(column.to_numpy(), f"outcome {column.name!r}", pos_label)
    return positive.astype(np.float64), True


def _pairs(levels: list[Any], reference: Any, name: Hashable) -> list[tuple[int, int]]:
    """Give the comparisons as places among the levels."""
    if len(levels) < 2:
        raise ValueError(
            f"treatment {name!r} has {len(levels)} level(s) ({levels}); "
            "pass a column with two or more"
        )
    if len(levels) > 100:
        raise ValueError(
            f"treatment {name!r} has {len(levels):,} levels; keep the rows of those "
            "to compare, or cut numbers into ranges, e.g. with pandas.cut"
        )
    if reference is not None and reference not in levels:
        raise ValueError(
            f"reference is {reference!r}, {name!r} has "
            f"{', '.join(map(str, levels[:10]))}; pass one of them"
        )
    base = 0 if reference is None else levels.index(reference)
    return [(i, base) for i in range(len(levels)) if i != base]


def _columns(
    table: pd.DataFrame,
    by: Any,
    taken: tuple[Hashable, Hashable],
    limits: tuple[int, int],
    notes: list[str],
) -> dict[Any, pd.Series]:
    """Give the columns that may make groups, numbers cut into a few."""
    if by is None:
        names = [name for name in table.columns if name not in taken]
    else:
        names = check_columns(table, by)
        wrong = [name for name in names if name in taken]
        if wrong:
            raise ValueError(f"by has {wrong[0]!r}, which is compared; leave it out")
        if len(set(names)) < len(names):
            raise ValueError(f"by has a column twice: {names}; pass each once")
    max_levels = check_integer(limits[0], "max_levels", 2)
    n_bins = check_integer(limits[1], "n_bins", 2)
    kept: dict[Any, pd.Series] = {}
    wide = []
    for name in names:
        column = table[name]
        levels = column.nunique(dropna=False)
        if levels > max_levels and _has_order(column):
            kept[name] = pd.qcut(column, n_bins, duplicates="drop", precision=3)
        elif levels > max_levels and by is None:
            wide.append(column_name(name))
        elif levels > 1 or by is not None:
            kept[name] = column
    if wide:
        notes.append(f"left out, with more than {max_levels} levels: {', '.join(wide)}")
    if not kept:
        raise ValueError("there is no column to group by; pass one with a few levels")
    return kept


def _has_order(column: pd.Series) -> bool:
    kind = pd.api.types
    if kind.is_bool_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return False
    time = kind.is_datetime64_any_dtype(column) or kind.is_timedelta64_dtype(column)
    return bool(kind.is_numeric_dtype(column) or time)


def _sets(names: list[Any], most: int) -> Iterable[tuple[Any, ...]]:
    for size in range(1, most + 1):
        yield from combinations(names, size)


def _row(compared: tuple[Any, ...], found: Comparison) -> dict[str, Any]:
    one, two, gap, low, high = found.crude
    rate, rate_two, even, even_low, even_high = found.standardized
    names = ("by", "treatment", "reference")
    return dict(zip(names, compared, strict=True)) | {
        "value": one,
        "value_reference": two,
        "crude": gap,
        "crude_low": low,
        "crude_high": high,
        "standardized_value": rate,
        "standardized_reference": rate_two,
        "standardized": even,
        "standardized_low": even_low,
        "standardized_high": even_high,
        "kind": found.kind,
        "opposite": found.opposite,
        "groups": int(found.kept.sum()),
        "crude_kept": found.crude_kept,
        "p_value": found.p_value,
    }


def _groups(
    compared: tuple[Any, ...], labels: pd.Series, found: Comparison
) -> pd.DataFrame:
    some = found.mass.sum(axis=1) > 0
    table = pd.DataFrame(
        {
            "group": labels.to_numpy(),
            "n": found.mass[:, 0],
            "n_reference": found.mass[:, 1],
            "value": found.values[:, 0],
            "value_reference": found.values[:, 1],
            "difference": found.gap,
            "low": found.gap_low,
            "high": found.gap_high,
            "share": found.share,
        }
    )
    table = pd.DataFrame(table.loc[some])
    for place, (name, value) in enumerate(
        zip(("by", "treatment", "reference"), compared, strict=True)
    ):
        table.insert(place, name, value)
    return table


def _report(
    found: list[dict[str, Any]],
    parts: list[pd.DataFrame],
    compared: tuple[str, str],
    weights: FloatArray,
    notes: list[str],
) -> SimpsonCheck:
    table = pd.DataFrame(found)
    table["p_adjusted"] = adjust_p_values(table["p_value"])
    turned = table["kind"].isin(_KINDS[:2])
    table["shown"] = turned & (table["p_adjusted"] <= LEVEL)
    groups = pd.concat(parts, ignore_index=True)
    rows = [part[["n", "n_reference"]].to_numpy() for part in parts]
    table["rows"] = [float(x[(x > 0).all(axis=1)].sum()) for x in rows]
    table["rows_left_out"] = [float(x.sum()) for x in rows] - table["rows"]
    if (weights == 1).all():
        counts = {"rows": int, "rows_left_out": int}
        table = table.astype(counts)
        groups = groups.astype({"n": int, "n_reference": int})
    else:
        notes.append("rows are counted by their weights; intervals by effective sizes")
    rank = table["kind"].map(_KINDS.index)
    table = table.assign(rank=rank, chance=~table["shown"])
    table = table.sort_values(["rank", "chance", "width", "p_value"], kind="stable")
    table = table.drop(columns=["rank", "chance", "width"])
    table = table.reset_index(drop=True)
    notes += _notes(table)
    finding = tell(table, compared[1])
    return SimpsonCheck(
        table, finding, *compared, len(weights), groups, notes=tuple(notes)
    )


def _notes(table: pd.DataFrame) -> list[str]:
    """Say what the reader should know before believing the table."""
    notes = []
    first = table.iloc[0]
    if len(table) > ROWS:
        notes.append(f"the first {ROWS} of {len(table)} comparisons; all are in .frame")
    if first["rows_left_out"]:
        notes.append(
            f"{first['rows_left_out']:,.0f} of the rows compared are in groups of "
            f"{first['by']} with one of the two only; they are left out of the "
            "standardised difference"
        )
        if first["crude_kept"] * first["crude"] < 0:
            notes.append(
                "leaving them out alone turns the crude difference round: to "
                f"{first['crude_kept']:.3g}"
            )
    thin = table.iloc[1:].query("rows_left_out > rows")
    if len(thin):
        notes.append(
            "fewer than half of the rows are in groups with both, so the standardised "
            f"difference says little, for {', '.join(dict.fromkeys(thin['by']))}"
        )
    if table["kind"].isin(_KINDS[:2]).any():
        notes.append(CAUSAL)
    return notes
