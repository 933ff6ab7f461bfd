"""Rows of a comparison's table, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from scipy.stats import binom

from mlworkbench._stats import corrected_interval
from mlworkbench._validation import FloatArray
from mlworkbench.evaluation._baseline_metrics import Metric
from mlworkbench.evaluation._compare_inputs import Pair
from mlworkbench.evaluation._compare_report import ModelComparison, find_verdict

__all__ = [
    "Setting",
    "boot_table",
    "conclude",
    "fold_row",
    "mcnemar",
    "only_right",
    "too_few",
]

FEW = 10
FEW_CLUSTERS = 20
_POWER = 0.8


@dataclass(frozen=True)
class Setting:
    """What was compared, and what a repetition would be.

    Parameters
    ----------
    names : tuple of two str
        The models.
    confidence : float
        Level of the intervals.
    n : int
        Rows; folds where only their scores are known.
    n_units : int
        Rows, groups or folds.
    unit : {"rows", "groups", "folds"}
        What they are.
    """

    names: tuple[str, str]
    confidence: float
    n: int
    n_units: int
    unit: str

    @property
    def again(self) -> str:
        """What a repetition would be."""
        if self.unit == "folds":
            return "the same cross-validation on other rows of the same kind"
        return f"a second test set of {self.n:,} rows"

    def notes(self, n_metrics: int, alike: bool = False) -> tuple[str, ...]:
        """Say what the reader should know before believing the numbers."""
        notes = []
        if self.unit == "folds":
            notes.append(
                "training parts of the folds overlap: the variance is multiplied "
                "for it (Nadeau and Bengio 2003)"
            )
        elif self.n_units < FEW_CLUSTERS:
            notes.append(
                f"{self.n_units} {self.unit} are few for a bootstrap: the interval "
                "is a rough one"
            )
        if alike:
            notes.append(
                f"the difference is the same in all {self.unit}: its interval has no "
                "width, which is too good to be believed where they are few"
            )
        if n_metrics > 1:
            notes.append("the first metric decides; the others are not corrected for")
        notes.append(
            "the chance of the same sign holds for two models chosen before these "
            "rows were looked at, and for rows of the same kind"
        )
        return tuple(notes)


def boot_table(
    pair: Pair, scores: FloatArray, drawn: FloatArray, confidence: float
) -> tuple[pd.DataFrame, float]:
    """Make the table from the bootstrap.

    Parameters
    ----------
    pair : Pair
        Truth, answers, metrics.
    scores : ndarray of shape (n_metrics, 2)
        On the rows themselves.
    drawn : ndarray of shape (n_boot, n_metrics, 2)
        On the resamples.
    confidence : float
        Level of the intervals.

    Returns
    -------
    table, spread : DataFrame, float
        One row per metric, and the standard error of the first difference.
    """
    m = pair.n_units
    tail = ndtr(stdtrit(m - 1, (1 - confidence) / 2) * np.sqrt(m / (m - 1)))
    rows, errors = [], []
    for i, metric in enumerate(pair.metrics):
        gaps = drawn[:, i, 0] - drawn[:, i, 1]
        gaps = gaps[~np.isnan(gaps)]
        a, b = scores[i]
        if not len(gaps) or np.isnan(a - b):
            rows.append(_row(metric, a, b, np.nan, np.nan, np.nan, np.nan))
            errors.append(np.nan)
            continue
        low, high = np.quantile(gaps, [tail, 1 - tail])
        one_side = min((gaps <= 0).sum(), (gaps >= 0).sum())
        p = min(1.0, 2 * (one_side + 1) / (len(gaps) + 1))
        error = float(gaps.std(ddof=1)) * np.sqrt(m / (m - 1))
        again = _same_sign(abs(a - b), error)
        rows.append(_row(metric, a, b, low, high, p, again))
        errors.append(error)
    return pd.DataFrame(rows), errors[0]


def _same_sign(gap: float, error: float, freedom: float = np.inf) -> float:
    if gap == 0:
        return 0.5
    if error == 0:
        return 1.0
    z = gap / (error * np.sqrt(2))
    return float(ndtr(z) if freedom == np.inf else stdtr(freedom, z))


def _row(
    metric: Metric, a: float, b: float, low: float, high: float, p: float, again: float
) -> dict[str, Any]:
    gap = a - b
    if abs(gap) <= 1e-13 * max(abs(a), abs(b)):
        gap, again = 0.0, 0.5  # equal but for rounding
    ahead = gap * (1 if metric.greater else -1)
    return {
        "metric": metric.name,
        "score_a": a,
        "score_b": b,
        "difference": gap,
        "low": low,
        "high": high,
        "p_value": p,
        "better": int(np.sign(ahead)) if ahead == ahead else 0,
        "same_sign": again,
    }


def only_right(pair: Pair) -> tuple[int, int] | None:
    """Count the rows that one model alone has right.

    Parameters
    ----------
    pair : Pair
        Truth and answers.

    Returns
    -------
    counts : tuple of two int, or None
        None for values.
    """
    if not pair.classes:
        return None
    a, b = (answer.labels == pair.problem.y for answer in pair.answers)
    return int((a & ~b).sum()), int((b & ~a).sum())


def mcnemar(only_a: int, only_b: int) -> tuple[float, float]:
    """Give the two-sided p-values of McNemar's test.

    Parameters
    ----------
    only_a, only_b : int
        Rows that one model alone has right.

    Returns
    -------
    exact, mid_p : float
        Binomial, and without half of the chance of what was seen.
    """
    n, k = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0, 1.0
    here = float(binom.pmf(k, n, 0.5))
    if only_a == only_b:
        return 1.0, 1 - here / 2
    exact = min(1.0, 2 * float(binom.cdf(k, n, 0.5)))
    return exact, exact - here


def too_few(pair: Pair) -> str:
    """Say why a bootstrap is not to be believed.

    Parameters
    ----------
    pair : Pair
        Truth and answers.

    Returns
    -------
    reason : str
        Empty where the models differ in enough rows, or groups.
    """
    differ = np.zeros(pair.n, dtype=bool)
    for part in ("labels", "soft"):
        a, b = (getattr(answer, part) for answer in pair.answers)
        if a is not None and b is not None:
            differ |= (a != b).reshape(pair.n, -1).any(axis=1)
    differ &= pair.problem.weights > 0
    count = differ.sum() if pair.unit is None else len(np.unique(pair.unit[differ]))
    what = "rows" if pair.unit is None else "groups"
    return f"they differ in {count} {what} only" if count < FEW else ""


def fold_row(
    metric: Metric, a: FloatArray, b: FloatArray, share: float, confidence: float
) -> dict[str, Any]:
    """Make one row of the table from the scores of folds.

    Parameters
    ----------
    metric : Metric
        What the scores are.
    a, b : ndarray of shape (k,)
        Scores of the two models.
    share : float
        Rows tested over rows trained on.
    confidence : float
        Level of the interval.

    Returns
    -------
    row : dict
        The row.
    """
    gaps, k = a - b, len(a)
    middle = float(gaps.mean())
    high = corrected_interval(gaps, share)[1]
    error = (high - middle) / float(stdtrit(k - 1, 0.975))
    half = error * float(stdtrit(k - 1, (1 + confidence) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(np.float64(middle)) / error
    p = 1.0 if np.isnan(t) else float(2 * stdtr(k - 1, -t))
    again = _same_sign(abs(middle), error, k - 1)
    return _row(metric, a.mean(), b.mean(), middle - half, middle + half, p, again)


def conclude(
    table: pd.DataFrame,
    setting: Setting,
    few: str = "",
    mcnemar: tuple[float, float] = (np.nan, np.nan),
    right: tuple[int, int] | None = None,
    spread: float = np.nan,
) -> ModelComparison:
    """Name the winner, say what is shown, and what is not.

    Parameters
    ----------
    table : DataFrame
        Rows of `boot_table` or `fold_row`.
    setting : Setting
        Names, level and what was resampled.
    few : str
        Why the bootstrap is not to be believed; empty otherwise.
    mcnemar : tuple of two float
        Exact p-value and mid-p.
    right : tuple of two int or None
        Rows that one model alone has right.
    spread : float
        Standard error of the first difference.

    Returns
    -------
    comparison : ModelComparison
        The report.
    """
    names, n = setting.names, setting.n
    who = {1: names[0], -1: names[1], 0: "neither"}
    table["better"] = [who[sign] for sign in table["better"]]
    clear = (table["low"] > 0) | (table["high"] < 0)
    exact = table.get("by_mcnemar", False)
    table["shown"] = clear & (table["p_value"] <= 1 - setting.confidence)
    table["shown"] &= exact | (not few)
    few = "" if np.any(np.atleast_1d(exact)[:1]) else few
    first = table.iloc[0]
    gap, factor = abs(first["difference"]), ndtri((1 + setting.confidence) / 2)
    folds_only = setting.unit == "folds" and n == setting.n_units
    needed = n * ((factor + ndtri(_POWER)) * spread / gap) ** 2 if gap else np.inf
    return ModelComparison(
        table.drop(columns="by_mcnemar", errors="ignore"),
        verdict=find_verdict(first, names, setting.confidence, setting.again, few),
        n_rows=n,
        only_a_right=None if right is None else right[0],
        only_b_right=None if right is None else right[1],
        mcnemar_exact=mcnemar[0],
        mcnemar_mid_p=mcnemar[1],
        survives=float(first["same_sign"]),
        rows_needed=float(np.ceil(needed)),
        names=names,
        unit="folds" if folds_only else "rows",
        notes=setting.notes(
            len(table), bool((table["low"] == table["high"]).any() and gap)
        ),
    )
