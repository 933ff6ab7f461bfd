"""Numbers that betray a transformation fitted on train and test together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from mlworkbench._validation import as_frame, check_columns
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report

__all__ = ["check_scaling"]

_LEVELS = 20  # distinct values from which on a column is measured
_EXACT = 1e-9  # of a standard deviation: what rounding leaves of double precision
_SINGLE = 2e-6  # and of single precision
_RANGE = 1e-12
_CLEARLY = 1e-4  # of a standard deviation: train alone must miss it by so much
_ROUNDED = 1e-3  # distance of mean and deviation from 0 and 1 at which it is asked
_ADVICE = "Fit {} on train alone, best inside a Pipeline, and transform test with it."


_Trace = tuple[str, str, float, float]  # what, of which figure, in train, in both


class _Sides(NamedTuple):
    """A column on both sides and pooled, without missing values."""

    train: npt.NDArray[np.float64]
    both: npt.NDArray[np.float64]
    exact: float
    measured: bool


def check_scaling(
    train: Any,
    test: Any,
    *,
    columns: Iterable[Any] | None = None,
    target: Any = None,
) -> LeakageReport:
    """Look for numbers scaled or filled with what train and test say together.

    A column scaled on all rows before the split has mean 0 and standard
    deviation 1 over both sides, to the last digit, and not in train alone.

    Parameters
    ----------
    train, test : DataFrame or Table of shape (n, p) and (m, q)
        The two sides after preprocessing.
    columns : iterable of labels, optional
        Columns to look at; by default those both have. Only columns of floats
        that are not whole say something.
    target : column label, optional
        A target of numbers or truth values: are there columns that hold its
        mean per category, taken over both sides.

    Returns
    -------
    report : LeakageReport
        Findings of the kind "preprocessing on both", one for each of: scaled
        to mean 0 and deviation 1, centred, scaled by median and quartiles,
        scaled to a range, gaps filled with a mean or with a median, replaced by
        ranks, replaced by means of the target.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When a side has no rows.

    Notes
    -----
    A mean that is 0 within 1e-9 standard deviations over both sides (2e-6 for
    single precision), and misses 0 by 1e-4 in train, does not come about by
    chance: such a finding is as good as a proof, and so it is, with what
    rounding allows, for numbers of 3 to 8 digits. A value that comes often and
    has exactly half of the others below it is a warning. A range of 0 to 1 that train
    alone does not fill can be natural: a warning, and a note where only one
    column has it. No finding proves nothing: encodings, selection and learned
    features leave no such trace. `check_preprocessing` tests the code itself.
    O((n + m) · p), with a sort per column of floats.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x = np.random.default_rng(0).lognormal(size=200)
    >>> scaled = pd.DataFrame({"income": (x - x.mean()) / x.std()})
    >>> report = check_scaling(scaled[:150], scaled[150:])
    >>> report.frame[["severity", "kind", "what"]]
      severity                   kind            what
    0     leak  preprocessing on both  scaled: income
    >>> one = x[:150]
    >>> scaled = pd.DataFrame({"income": (x - one.mean()) / one.std()})
    >>> check_scaling(scaled[:150], scaled[150:]).ok
    True
    """
    before, after = as_frame(train, "train"), as_frame(test, "test")
    for side, name in ((before, "train"), (after, "test")):
        if not len(side):
            raise ValueError(f"{name} has no rows; there is nothing to compare")
    chosen = [c for c in before.columns if c in after.columns]
    if columns is not None:
        chosen = check_columns(before, columns, "train")
        check_columns(after, chosen, "test")
    found: dict[str, list[tuple[Any, ...]]] = {}
    ranged = measured = 0
    for column in chosen:
        sides = _sides(before[column], after[column])
        if sides is None:
            continue
        measured += sides.measured
        ranged += sides.measured and _fills_range(sides.both)
        trace = _trace(sides)
        if trace is None and target is not None:
            trace = _target_means(before, after, column, target)
        if trace is not None:
            found.setdefault(trace[0], []).append((column, *trace[1:]))
    findings = [
        _finding(what, rows, by_chance=ranged < 2 or ranged < measured / 2)
        for what, rows in found.items()
    ]
    notes = ["only scaling and filling leave a trace in the numbers themselves"]
    return make_report(findings, notes=notes)


def _sides(train: pd.Series, test: pd.Series) -> _Sides | None:
    """Give a column that is measured; None for any other."""
    if not all(pd.api.types.is_float_dtype(side.dtype) for side in (train, test)):
        return None
    one = train.dropna().to_numpy(np.float64)
    both = np.concatenate([one, test.dropna().to_numpy(np.float64)])
    if len(one) < 2 or len(one) == len(both) or not np.isfinite(both).all():
        return None
    if (both == np.floor(both)).all():
        return None
    double = not any(
        "32" in str(s.dtype) or "16" in str(s.dtype) for s in (train, test)
    )
    measured = len(np.unique(both)) > _LEVELS
    return _Sides(one, both, _EXACT if double else _SINGLE, measured)


def _trace(sides: _Sides) -> _Trace | None:
    """Give what was done on both sides: its name, and a figure of each."""
    if sides.train.std() == 0:
        return None
    found = _scaled(sides)
    if sides.measured:
        for look in (_by_quartiles, _filled, _filled_middle, _ranked, _ranged):
            found = found or look(sides)
    return found


def _scaled(sides: _Sides) -> _Trace | None:
    """Ask for mean 0, with deviation 1 or without."""
    one, both, exact, measured = sides
    mean, spread, own = float(both.mean()), float(both.std()), float(one.mean())
    unit = 1 / np.sqrt(1 - 1 / len(both))  # with n - 1 in the divisor
    off = min(abs(spread - 1), abs(spread * unit - 1))
    if abs(mean) <= exact * spread and abs(own) > max(_CLEARLY, 10 * exact) * spread:
        sized = off <= max(exact, 1e-8)
        if sized or measured:
            return "scaled" if sized else "centred", "mean", own, mean
    if measured and max(abs(mean), off) < _ROUNDED:
        slack = _rounding(both)
        clearly = abs(own) > max(_CLEARLY, 10 * slack)
        if clearly and max(abs(mean), off) <= slack:
            return "scaled", "mean", own, mean
    return None


def _rounding(values: npt.NDArray[np.float64]) -> float:
    """Give how far rounding to 3 to 8 digits may move a mean; 0 for none."""
    for digits in range(3, 9):
        shifted = values * 10.0**digits
        if np.abs(shifted - np.round(shifted)).max() < 1e-4:
            return 5 * 10.0**-digits / float(np.sqrt(12 * len(values)))
    return 0.0


def _by_quartiles(sides: _Sides) -> _Trace | None:
    one, both, exact, _ = sides
    spread = float(both.std())
    low, middle, high = np.quantile(both, [0.25, 0.5, 0.75])
    mine = float(np.median(one))
    unit_box = abs(middle) <= exact * spread and abs(high - low - 1) <= max(exact, 1e-8)
    if unit_box and abs(mine) > _CLEARLY * spread:
        return "scaled by quartiles", "median", mine, float(middle)
    return None


def _filled(sides: _Sides) -> _Trace | None:
    """Ask whether a value that comes often is the mean of both."""
    one, both, exact, _ = sides
    mean, spread, own = float(both.mean()), float(both.std()), float(one.mean())
    values, counts = np.unique(both, return_counts=True)
    often = values[np.argmax(counts)]
    filled = counts.max() >= 3 and abs(often - mean) <= max(exact, 1e-9) * spread
    if filled and abs(own - often) > _CLEARLY * spread / 10:
        return "filled with a mean", "mean", own, mean
    return None


def _filled_middle(sides: _Sides) -> _Trace | None:
    """Ask whether a lone value that comes often has half of the others below it."""
    one, both, *_ = sides
    values, counts = np.unique(both, return_counts=True)
    often = float(values[np.argmax(counts)])
    lone = counts.max() >= 3 and np.partition(counts, -2)[-2] <= counts.max() / 5
    if not lone or often == np.floor(often):  # whole numbers come often by nature
        return None
    above, mine = (int(np.sign(side - often).sum()) for side in (both, one))
    if above == 0 and abs(mine) > 1:
        known = one[one != often]
        return "filled with a median", "median", float(np.median(known)), often
    return None


def _ranked(sides: _Sides) -> _Trace | None:
    one, both, *_ = sides
    n, high = len(both), float(both.max())
    if not both.min() > 0:
        return None
    for method in ("average", "min", "max"):  # of equal values
        ranks = rankdata(both, method)
        top = float(ranks.max()) / high
        known = min(abs(top / t - 1) for t in (1, n, n + 1)) < 1e-6
        if known and np.allclose(both * top, ranks, rtol=0, atol=1e-6):
            return "replaced by ranks", "largest", float(one.max()), high
    return None


def _ranged(sides: _Sides) -> _Trace | None:
    one, both, *_ = sides
    if _fills_range(both) and not _fills_range(one):
        return "scaled to a range", "largest", float(np.abs(one).max()), 1.0
    low, own_low = float(both.min()), float(one.min())
    ends = min(abs(low), abs(low + 1)) < _RANGE  # 0 to 1, or -1 to 1
    if _fills_range(both) and ends and own_low - low > _RANGE:
        return "scaled to a range", "smallest", own_low, low
    return None


def _target_means(
    train: pd.DataFrame, test: pd.DataFrame, column: Any, target: Any
) -> _Trace | None:
    """Ask whether each value is the mean of the target over the rows that have it."""
    y = [side[target] for side in (train, test)]
    types = pd.api.types
    if not all(types.is_numeric_dtype(s.dtype) or types.is_bool_dtype(s) for s in y):
        return None
    own = pd.DataFrame(
        {"x": train[column].astype("float64"), "y": y[0].astype("float64")}
    ).dropna()
    other = pd.DataFrame(
        {"x": test[column].astype("float64"), "y": y[1].astype("float64")}
    ).dropna()
    both = pd.concat([own, other])
    means = both.groupby("x")["y"].mean()
    if not 2 <= len(means) <= len(both) / 2:
        return None
    spread = float(both["y"].std()) or 1.0
    values = means.index.to_numpy()
    if np.abs(means.to_numpy() - values).max() > _EXACT * max(spread, 1.0):
        return None
    alone = own.groupby("x")["y"].mean()
    off = np.abs(alone.to_numpy() - alone.index.to_numpy())
    if not len(off) or off.max() <= _CLEARLY * spread:
        return None
    at = int(np.argmax(off))
    return "means of the target", "mean", float(alone.iloc[at]), float(alone.index[at])


def _fills_range(values: npt.NDArray[np.float64]) -> bool:
    """Say whether the largest value, or the largest size, is exactly 1."""
    return abs(float(np.abs(values).max()) - 1) < _RANGE


def _finding(what: str, rows: list[tuple[Any, ...]], *, by_chance: bool) -> Finding:
    """Turn the columns with one trace into a finding."""
    evidence = pd.DataFrame(rows, columns=["column", "figure", "train", "both"])
    severity = "leak"
    if what == "scaled to a range":
        severity = "note" if by_chance else "warning"
    shown = ", ".join(str(row[0]) for row in rows[:4]) + (" …" if len(rows) > 4 else "")
    if what == "filled with a median":
        severity = "warning"
    step = {"filled with a mean": "the mean", "replaced by ranks": "the ranks"}
    step["filled with a median"] = "the median"
    step["means of the target"] = "the encoder"
    advice = _ADVICE.format(step.get(what, "the scaler"))
    return Finding(
        "preprocessing on both",
        severity,
        f"{what}: {shown}",
        None,
        1.0,
        evidence,
        advice,
    )
