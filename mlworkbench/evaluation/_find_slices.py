"""Find the groups of rows in which a model errs most."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._stats import adjust_p_values
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    as_vector,
    check_choice,
    check_columns,
    check_fraction,
    check_integer,
    check_same_index,
    check_same_length,
)
from mlworkbench.evaluation._slice_bins import make_axes
from mlworkbench.evaluation._slice_predicates import Predicate, holds_all
from mlworkbench.evaluation._slice_report import (
    LEVEL,
    SliceSearchResult,
    find_sentence,
)
from mlworkbench.evaluation._slice_search import SliceSearch
from mlworkbench.evaluation._slice_tests import worse_p_values

__all__ = ["find_slices"]

Slices = tuple[tuple[Predicate, ...], ...]
Table = tuple[pd.DataFrame, FloatArray]


def find_slices(
    X: Any,
    errors: Any,
    *,
    k: int = 10,
    max_level: int = 3,
    min_support: float = 0.01,
    alpha: float = 0.95,
    n_bins: int = 10,
    correction: str = "bh",
    holdout: Any = None,
    random_state: RandomState = None,
) -> SliceSearchResult:
    """Find the slices of a table in which a model errs most.

    A slice is the rows that meet one condition on each of a few columns, such
    as ``carrier = EV and hour ≥ 17``. All slices with enough rows compete;
    the k with the highest scores are given, whatever column they are made of.

    Parameters
    ----------
    X : DataFrame or 2-D array of shape (n, p)
        What is known of every row; the columns need not be those of the model.
    errors : array-like of shape (n,)
        What the model lost in each row, 0 or more: ``y_true != y_pred``,
        squared residuals, a cost.
    k : int, default=10
        Slices to give, at most; only scores above 0 count.
    max_level : int, default=3
        Conditions of a slice, at most.
    min_support : float or int, default=0.01
        Rows that a slice must have: a share of those searched below 1, or a
        whole number of rows.
    alpha : float, default=0.95
        Weight of the error in the score, in (0, 1]; the rest weighs the size.
        It is no level of significance (that is 0.05).
    n_bins : int, default=10
        Numbers and times with more different values are cut into so many bins
        of about equal size. With as many or fewer, each value is a level.
    correction : {"bh", "holm", "bonferroni"}, default="bh"
        How the p-values are corrected for all slices looked at.
    holdout : tuple (X, errors) or float, optional
        Rows that are not searched, on which the slices found are tested again:
        a table and its errors, or a share of the rows given, drawn at random.
    random_state : int, Generator, RandomState or None
        For the draw of a share.

    Returns
    -------
    result : SliceSearchResult
        `.frame`, `.mask(i)`, `.describe(i)`, `.plot()`.

    Raises
    ------
    ValueError
        When errors are negative or missing, lengths or indexes differ, or a
        setting is out of its range.
    TypeError
        When a column holds values that cannot be compared.

    Notes
    -----
    The score of a slice S (Sagadeeva and Boehm 2021) is α (ē_S / ē - 1) -
    (1 - α)(n / n_S - 1), with ē_S its average error and n_S its rows. It buys
    error with size: with α = 0.95, a slice of 1 % of the rows needs 6.2 times
    the average error to score above 0, one of 10 % needs 1.5 times. Lower
    scores never show, so a model that errs in 20 % of the rows has no slice of
    1 % to show. Raise alpha to look for small slices; where none is found the
    report says how large one had to be.

    The search is exact: per set of columns one table of counts gives the rows
    and the errors of all slices at once, O(n · C(p, max_level)). Above 3·10⁸
    counts, sets are skipped whose bound says that nothing in them can be among
    the k best.

    Conditions are one level of a column with few values, a category, or
    "is missing"; of binned columns one bin, or a range of neighbouring bins
    with about half of the rows at most (only ranges open at one end, where all
    would be over a million per set of columns). Of slices that differ in such
    ranges alone the best is given.
    Whole numbers stay whole, and bounds are rounded as far as that moves no
    more than a fifth of a bin. Columns with one value are left out. There are
    no sample weights: every row counts once.

    Chance: errors of 0 and 1 are tested exactly (Fisher; the one-sided chance
    doubled). For other losses the p-value is the larger of Welch's and a bound
    that holds for every distribution (Hoeffding 1963): Welch alone calls 3
    random rows of equal errors certain, and with losses skewed to the left it
    says "below 0.002" of 5 random rows in 3 cases of 100. Each is corrected
    for every slice with enough rows, not for the k shown. The average errors
    shown are still too high, because the slices were chosen for them: believe
    those of a holdout. A slice inside a bad one is significant too; `new_rows`
    says what it adds.

    References
    ----------
    .. [1] S. Sagadeeva, M. Boehm (2021), SliceLine: Fast, linear-algebra-based
       slice finding for ML model debugging, SIGMOD.
    .. [2] Y. Chung, T. Kraska, N. Polyzotis, K. H. Tae, S. E. Whang (2019),
       Slice Finder: automated data slicing for model validation, ICDE.
    .. [3] W. Hoeffding (1963), Probability inequalities for sums of bounded
       random variables, Journal of the American Statistical Association 58.

    *Used in:* ``ch06_model_development/10_find_the_slices_you_did_not_think_of``.

    Examples
    --------
    A model that fails in the evening at one of three airports.

    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"hour": rng.integers(6, 23, 6000)})
    >>> X["origin"] = rng.choice(["EWR", "JFK", "LGA"], 6000)
    >>> bad = (X["origin"] == "EWR") & (X["hour"] >= 18)
    >>> errors = rng.random(6000) < np.where(bad, 0.6, 0.1)
    >>> found = find_slices(X[:4000], errors[:4000], holdout=(X[4000:], errors[4000:]))
    >>> found.frame.loc[0, ["slice", "rows", "error", "confirmed"]]
    slice        hour ≥ 18 and origin = EWR
    rows                                413
    error                          0.615012
    confirmed                          True
    Name: 0, dtype: object
    """
    k, max_level = check_integer(k, "k", 1), check_integer(max_level, "max_level", 1)
    n_bins = check_integer(n_bins, "n_bins", 2)
    alpha = check_fraction(alpha, "alpha")
    check_choice(correction, "correction", ("bh", "holm", "bonferroni"))
    frame, losses = _pair(X, errors, "X", "errors")
    (inside, own), other = _parts(frame, losses, holdout, random_state)
    min_rows = _min_rows(min_support, len(own))
    axes, notes = make_axes(inside, n_bins, min_rows, max_level)
    search = SliceSearch(
        axes,
        own / (own.max() or 1.0),
        k=k,
        max_level=max_level,
        min_rows=min_rows,
        alpha=alpha,
    )
    best, bounded = search.run(), search.prune
    n_slices = search.n_slices
    slices = tuple(_conditions(axes, found, frame) for found in best)
    scores = [found.score for found in best]
    table = _table(slices, scores, (inside, own), n_slices, correction, other)
    return SliceSearchResult(
        table,
        finding=find_sentence(table, n_slices, correction, bounded),
        n_rows=len(own),
        average_error=float(own.mean()),
        min_rows=min_rows,
        n_slices=n_slices,
        predicates=slices,
        masks=_masks(slices, frame),
        notes=(
            *(() if best else _why_none(own, alpha, n_slices, min_rows)),
            *_notes(table, bounded),
            *notes,
        ),
    )


def _pair(
    X: Any, errors: Any, X_name: str, errors_name: str
) -> tuple[pd.DataFrame, FloatArray]:
    frame = as_frame(X, X_name)
    check_same_index(**{X_name: X, errors_name: errors})
    array = as_vector(errors, errors_name)
    try:
        if np.iscomplexobj(array):
            raise TypeError
        losses = pd.Series(array).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(
            f"{errors_name} holds values such as {str(array[0])!r}; pass what "
            "the model lost in each row, e.g. y_true != y_pred"
        ) from None
    check_same_length(**{X_name: frame, errors_name: losses})
    if len(losses) < 2 or not frame.shape[1]:
        raise ValueError(
            f"{X_name} has {len(losses)} row(s) and {frame.shape[1]} column(s); "
            "pass at least 2 rows and 1 column"
        )
    _check_losses(losses, errors_name)
    return frame, losses


def _check_losses(losses: FloatArray, errors_name: str) -> None:
    wrong = ~np.isfinite(losses)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{errors_name} has {int(wrong.sum())} missing or infinite value(s) (first "
            f"at row {row}); drop those rows"
        )
    if losses.min() < 0:
        row = int(np.argmin(losses))
        raise ValueError(
            f"{errors_name} has negative values ({losses[row]:g} at row {row}), so an "
            "average says nothing; pass losses: y_true != y_pred, or absolute or "
            "squared residuals"
        )
    with np.errstate(over="ignore"):
        if not np.isfinite(losses.sum()):
            raise ValueError(
                f"{errors_name} has values up to {losses.max():g}, too large to add; "
                "divide them by a constant"
            )


def _parts(
    frame: pd.DataFrame, losses: FloatArray, holdout: Any, random_state: RandomState
) -> tuple[Table, Table | None]:
    """Give the rows to search, and those that are held out, if any."""
    if holdout is None:
        return (frame, losses), None
    if not isinstance(holdout, int | float | np.integer | np.floating):
        return (frame, losses), _holdout_pair(holdout, frame)
    if isinstance(holdout, bool) or not 0 < holdout < 1:
        raise ValueError(
            f"holdout is {holdout!r}; pass a share in (0, 1) of the rows, or the "
            "tuple (X, errors) of other rows"
        )
    n = len(losses)
    if n < 4:
        raise ValueError(f"X has {n} rows, too few to hold some out; pass at least 4")
    n_held = min(max(round(holdout * n), 2), n - 2)
    drawn = as_generator(random_state).permutation(n)
    one, two = np.sort(drawn[n_held:]), np.sort(drawn[:n_held])
    return (frame.iloc[one], losses[one]), (frame.iloc[two], losses[two])


def _holdout_pair(holdout: Any, frame: pd.DataFrame) -> Table:
    if not isinstance(holdout, tuple | list) or len(holdout) != 2:
        raise TypeError(
            f"holdout is a {type(holdout).__name__}; pass a tuple (X, errors) of rows "
            "that are not searched, or a share in (0, 1)"
        )
    other, losses = _pair(holdout[0], holdout[1], "holdout X", "holdout errors")
    check_columns(other, list(frame.columns), "holdout X")
    return other, losses


def _min_rows(min_support: Any, n: int) -> int:
    number = int | float | np.integer | np.floating
    if not isinstance(min_support, number) or isinstance(min_support, bool):
        raise TypeError(
            f"min_support is {min_support!r}; pass a share of the rows in (0, 1) or a "
            "whole number of rows"
        )
    whole = isinstance(min_support, int | np.integer)
    if (whole and min_support < 1) or (not whole and not 0 < min_support < 1):
        raise ValueError(
            f"min_support is {min_support}; pass a share of the rows in (0, 1) or a "
            "whole number of at least 1"
        )
    return int(min_support) if whole else max(1, math.ceil(min_support * n - 1e-9))


def _conditions(axes: Any, found: Any, frame: pd.DataFrame) -> tuple[Predicate, ...]:
    """Give the conditions of a slice, in the order of the columns of X."""
    chosen = [
        axes[column].predicates[pick]
        for column, pick in zip(found.columns, found.picks, strict=True)
    ]
    places = {label: place for place, label in enumerate(frame.columns)}
    return tuple(sorted(chosen, key=lambda one: places[one.column]))


def _masks(slices: Slices, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    rows = [holds_all(one, frame) for one in slices]
    return np.array(rows, dtype=np.bool_).reshape(len(slices), len(frame))


def _averages(
    masks: npt.NDArray[np.bool_], losses: FloatArray
) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """Give the rows of each slice, its average error and that of the rest."""
    sizes = masks.sum(axis=1)
    rest = len(losses) - sizes
    inside = np.array([losses[mask].sum() for mask in masks], np.float64)
    outside = np.array([losses[~mask].sum() for mask in masks], np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return sizes, inside / sizes, outside / rest


def _table(
    slices: Slices,
    scores: list[float],
    searched: Table,
    n_slices: int,
    correction: str,
    holdout: Table | None,
) -> pd.DataFrame:
    frame, losses = searched
    masks = _masks(slices, frame)
    sizes, error, rest = _averages(masks, losses)
    p_values = worse_p_values(losses, masks)
    adjusted = adjust_p_values(p_values, correction, max(n_slices, len(slices)))
    seen = np.logical_or.accumulate(masks, axis=0) if len(masks) else masks
    table = pd.DataFrame(
        {
            "slice": [" and ".join(map(str, one)) for one in slices],
            "level": [len(one) for one in slices],
            "rows": sizes,
            "share": sizes / len(losses),
            "error": error,
            "rest_error": rest,
            "score": scores,
            "p_value": p_values,
            "p_adjusted": adjusted,
            "significant": adjusted <= LEVEL,
            "new_rows": np.diff(seen.sum(axis=1), prepend=0),
        },
        index=pd.RangeIndex(len(slices), name="i"),
    )
    if holdout is not None:
        other, losses = holdout
        masks = _masks(slices, other)
        p_values = worse_p_values(losses, masks)
        held = adjust_p_values(p_values, correction)
        sizes, error, rest = _averages(masks, losses)
        table = table.assign(
            holdout_rows=sizes,
            holdout_error=error,
            holdout_rest_error=rest,
            holdout_p_value=p_values,
            holdout_p_adjusted=held,
            confirmed=held <= LEVEL,
        )
    return table


def _notes(table: pd.DataFrame, bounded: bool) -> list[str]:
    said = []
    again = table.index[table["new_rows"] == 0].tolist()
    if again:
        which = ", ".join(map(str, again))
        said.append(
            f"{'slices' if len(again) > 1 else 'slice'} {which}: all rows are in the "
            "slices above, so perhaps the same weakness again"
        )
    if len(table) and "confirmed" not in table:
        said.append(
            "the slices were chosen for their errors, so these are higher than they "
            "will be; pass holdout=(X, errors) with rows not searched"
        )
    if bounded:
        said.append(
            "pruned: sets of columns that cannot be among the best were skipped"
        )
    return said


def _why_none(
    losses: FloatArray, alpha: float, n_slices: int, min_rows: int
) -> list[str]:
    """Say why there is no slice, or how large one would have had to be."""
    if not losses.any():
        return ["every error is 0: there is nothing to find"]
    times = float(losses.max() / losses.mean())
    if times < 1 + 1e-9:
        return ["all errors are equal: there is nothing to find"]
    if not n_slices:
        return [
            f"no condition leaves {min_rows:,} rows: lower min_support or add columns"
        ]
    if alpha == 1:
        return []
    who = "twice the average error"
    if times < 2:
        who = f"the largest error in every row, {times:.3g} times the average,"
    share = (1 - alpha) / (1 - alpha + alpha * (min(times, 2) - 1))
    return [
        f"only scores above 0 are shown: at alpha={alpha:g} a slice with {who} must "
        f"hold over {100 * share:.2g} % of the rows; raise alpha to look for "
        "smaller ones"
    ]
