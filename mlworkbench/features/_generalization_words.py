"""The verdict on one column, in words."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlworkbench._coverage import Coverage

__all__ = ["FAILS", "GENERALISES", "PARTLY", "UNKNOWN", "Finding", "Limits", "judge"]

GENERALISES = "generalises"
PARTLY = "generalises in part"
FAILS = "does not generalise"
UNKNOWN = "cannot tell"

_CHANCE = 0.001  # of a distance beyond its bound
_CHANCE_OF_COVERAGE = 0.01  # in Fisher's test
_ERRORS, _ERRORS_OF_RANGE = 4, 8  # allowed above the mean by chance: long tails
_ROWS = 2  # and so many rows
_FEW = 5  # values in train; with fewer nothing is said of what is not among them
_ENOUGH_ROWS = 20  # for calling a column an identifier
_RARE = 0.1  # share of unseen rows from which rare values leave the verdict open


class Limits(NamedTuple):
    """What may change without a flag."""

    unseen: float
    coverage_change: float
    distance: float


class Finding(NamedTuple):
    """The verdict on a column, why, and whether to look at it."""

    verdict: str
    reason: str
    flagged: bool


def judge(
    cover: Coverage, train: pd.Series, test: pd.Series, limits: Limits
) -> Finding:
    """Say what a comparison means for a feature."""
    if not cover.n_train and not cover.n_new:
        return Finding(UNKNOWN, "no value in train or test", False)
    found = [
        finding
        for finding in (
            _on_coverage(cover, train, test, limits.coverage_change),
            _on_values(cover, train, test, limits.unseen),
            _on_distance(cover, limits.distance),
        )
        if finding is not None
    ]
    if not found:
        return Finding(GENERALISES, _all_well(cover, limits.unseen), False)
    worst = next(v for v in (FAILS, PARTLY, UNKNOWN) if v in {f.verdict for f in found})
    reason = "; ".join(finding.reason for finding in found)
    return Finding(worst, reason, any(finding.flagged for finding in found))


def _on_coverage(
    cover: Coverage, train: pd.Series, test: pd.Series, most: float
) -> Finding | None:
    """Compare the shares of rows that have a value."""
    from scipy.stats import fisher_exact

    before, after = cover.train_coverage, cover.new_coverage
    gone = (before == 0) != (after == 0)
    if not gone and abs(before - after) <= most:
        return None
    sides = ((cover.n_train, train), (cover.n_new, test))
    table = [[known, len(side) - known] for known, side in sides]
    if fisher_exact(table).pvalue >= _CHANCE_OF_COVERAGE:
        return None
    said = f"filled in {_percent(before)} of train and {_percent(after)} of test"
    return Finding(FAILS, f"a split problem: {said}", True)


def _on_values(
    cover: Coverage, train: pd.Series, test: pd.Series, most: float
) -> Finding | None:
    """Look for values that training never had."""
    if not cover.n_train or not cover.n_new:
        return None
    unseen, beyond = cover.unseen_share, cover.outside_share == 1
    ranges = ""
    if cover.outside_share > 0:
        ranges = f"train {_range(train)}, test {_range(test)}"
    if unseen > most and cover.n_train < _FEW:
        few = f"{cover.n_train} value{'s' if cover.n_train > 1 else ''}"
        return Finding(UNKNOWN, f"only {few} in train: too few", False)
    if unseen == 1:
        return Finding(FAILS, _nothing_shared(cover, beyond, ranges), True)
    if unseen <= most:
        return None
    share, chance = _percent(unseen), cover.unseen_by_chance
    errors = _ERRORS if cover.discrete else _ERRORS_OF_RANGE
    allowed = chance + errors * cover.unseen_error + _ROWS / cover.n_new
    if unseen <= allowed and unseen <= _RARE:
        return None
    if unseen <= allowed:
        where, why = "have a value never seen in train", "the values are rare, not new"
        if not cover.discrete:
            where, why = "lie outside the training range", "too few rows to tell"
        reason = f"{share} of rows {where}, {_percent(chance)} by chance: {why}"
        return Finding(UNKNOWN, reason, False)
    verdict = PARTLY if unseen < 0.5 else FAILS
    if not cover.discrete:
        reason = f"{share} of rows outside the training range: {ranges}"
        return Finding(verdict, reason, True)
    new = cover.new_values - cover.shared_values
    reason = f"{share} of rows have one of {new:,} value(s) never seen in train"
    return Finding(verdict, reason, True)


def _nothing_shared(cover: Coverage, beyond: bool, ranges: str) -> str:
    """Say that no row of test has a value that train covers."""
    outside = f"outside the training range: {ranges}" if beyond else ""
    if not cover.discrete:
        return outside
    others = f"{cover.new_values:,} other{'s' if cover.new_values != 1 else ''}"
    values = "value" if cover.train_values == 1 else "values"
    reason = (
        f"no value in common: train has {cover.train_values:,} {values}, test {others}"
    )
    own = cover.train_values == cover.n_train >= _ENOUGH_ROWS
    reason += "; each row has its own, an identifier" if own else ""
    return f"{outside}; {reason}" if outside else reason


def _on_distance(cover: Coverage, most: float) -> Finding | None:
    """Compare the distributions of what was seen on both sides."""
    if not cover.n_train or not cover.n_new or cover.unseen_share >= 0.5:
        return None
    spread = np.log(1 / _CHANCE) / 2 * (1 / cover.n_train + 1 / cover.n_new)
    if cover.distance <= max(most, cover.distance_by_chance + float(np.sqrt(spread))):
        return None
    same = "known values in other shares" if cover.discrete else "other distribution"
    chance = max(cover.distance_by_chance, 0.01)
    about = "under" if chance > cover.distance_by_chance else "about"
    reason = f"{same}: distance {cover.distance:.2f}, by chance {about} {chance:.2f}"
    return Finding(PARTLY, reason, True)


def _all_well(cover: Coverage, most: float) -> str:
    if cover.n_train == 0 or cover.n_new == 0:
        return "hardly ever filled"
    if cover.train_values == 1 and cover.new_values == 1:
        return "one value in both: safe, and it says nothing"
    if cover.unseen_share == 0:
        return "every value seen" if cover.discrete else "within the training range"
    what = "unseen" if cover.discrete else "outside the training range"
    share = f"{_percent(cover.unseen_share)} of rows {what}"
    return share if cover.unseen_share <= most else f"{share}, as by chance"


def _percent(share: float) -> str:
    """Write a share so that a small one is not none and a large one not all."""
    text = f"{100 * share:.1f}"
    if text in ("0.0", "100.0") and 0 < share < 1:
        return "under 0.1 %" if share < 0.5 else "over 99.9 %"
    return f"{text.removesuffix('.0')} %"


def _range(values: pd.Series) -> str:
    """Write the smallest and the largest value."""
    known = values.dropna()
    if isinstance(known.dtype, pd.CategoricalDtype):
        known = known.astype(known.dtype.categories.dtype)
    low, high = _value(known.min()), _value(known.max())
    return low if low == high else f"{low} to {high}"


def _value(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return str(value)
