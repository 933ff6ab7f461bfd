"""How far people who label the same items agree, beyond chance."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    check_choice,
    check_fraction,
    check_integer,
)

__all__ = ["AnnotatorAgreement", "annotator_agreement"]

_LEVELS = ("nominal", "ordinal", "interval")
_BATCH = 2_000_000
_MOST_CLASSES = 1_000  # above, kappa's table of classes by classes is a burden

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class AnnotatorAgreement(Report):
    """What `annotator_agreement` measured, one row per pair of annotators.

    - annotator_a, annotator_b: the pair
    - items: how many items both rated
    - agreement: share of these on which they agree
    - cohen_kappa: that beyond chance; NaN where one class is all they used.

    Parameters
    ----------
    frame : pandas.DataFrame
        The pairs.
    items, annotators, ratings : int
        How many of each there are.
    missing : float
        Share of items × annotators without a rating.
    agreement : float
        Share of pairs of ratings of one item that agree.
    fleiss_kappa : float
        Over the items that every annotator rated; NaN where it does not exist.
    alpha, alpha_low, alpha_high : float
        Krippendorff's alpha and its bootstrap interval.
    level : str
        Level of measurement that alpha used.
    notes : tuple of str
        What was left out, and what could not be computed.
    """

    items: int
    annotators: int
    ratings: int
    missing: float
    agreement: float
    fleiss_kappa: float
    alpha: float
    alpha_low: float
    alpha_high: float
    level: str

    title: ClassVar[str] = "Agreement between annotators"

    def plot(self, ax: Any = None) -> Any:
        """Draw the share of items on which each pair agrees.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        pairs = self.frame
        names = list(dict.fromkeys([*pairs["annotator_a"], *pairs["annotator_b"]]))
        at = {name: i for i, name in enumerate(names)}
        grid = np.full((len(names), len(names)), np.nan)
        for a, b, share in zip(
            pairs["annotator_a"], pairs["annotator_b"], pairs["agreement"], strict=True
        ):
            grid[at[a], at[b]] = grid[at[b], at[a]] = share
        image = ax.imshow(grid, vmin=0, vmax=1, cmap="Blues")
        for i, j in np.argwhere(np.isfinite(grid)):
            dark = "white" if grid[i, j] > 0.6 else "black"
            ax.text(j, i, f"{grid[i, j]:.2f}", ha="center", va="center", color=dark)
        ax.set_xticks(range(len(names)), [str(name) for name in names])
        ax.set_yticks(range(len(names)), [str(name) for name in names])
        ax.figure.colorbar(image, ax=ax, label="share of items on which both agree")
        ax.set_title(f"Krippendorff's alpha is {self.alpha:.2f}")
        ax.grid(visible=False)
        return ax


def annotator_agreement(
    labels: Any,
    *,
    level: str = "nominal",
    missing: Any = None,
    confidence: float = 0.95,
    n_bootstrap: int = 1000,
    random_state: RandomState = None,
) -> AnnotatorAgreement:
    """Measure how far annotators agree, and how much of that chance explains.

    Parameters
    ----------
    labels : DataFrame or Table of shape (n_items, n_annotators)
        One row per item, one column per annotator; missing (None or NaN) where
        an annotator did not rate an item. Long records become such a table by
        ``records.pivot(index="item", columns="annotator", values="label")``.
    level : {"nominal", "ordinal", "interval"}
        What a difference means to alpha: any two labels differ alike; labels
        have an order (numbers, or categories with an order); numbers whose
        distance counts. The kappas and the shares are nominal always.
    missing : scalar, optional
        A value that stands for no rating, such as `ABSTAIN` in votes; None and
        NaN always do.
    confidence : float
        Level of the bootstrap interval of alpha.
    n_bootstrap : int
        Number of bootstrap samples; 0 for no interval.
    random_state : int, Generator or None
        Seed of the bootstrap.

    Returns
    -------
    report : AnnotatorAgreement
        One row per pair of annotators, and the coefficients for all.

    Raises
    ------
    TypeError
        When `level` needs an order or numbers and the labels have none.
    ValueError
        When there are fewer than two annotators, or no item has two ratings.

    Notes
    -----
    All coefficients are 1 - (observed disagreement) / (disagreement expected by
    chance). Cohen's takes chance from the labels of the two annotators, Fleiss'
    from the labels of all and needs every item rated equally often, alpha from
    the pool of ratings that can be paired and takes missing ratings as they
    come. 1 is full agreement, 0 is chance, below 0 is worse than chance. When
    one class is very common, chance alone explains most agreement and all of
    them are low beside the plain share: look at both.

    The interval resamples items (not single ratings), grouped by their counts;
    Krippendorff's own procedure resamples disagreements and is narrower. With
    few items neither is to be trusted. Time is O(items × annotators² + n_bootstrap
    × (ratings + classes)), memory O(ratings): the labels may be measurements, all
    of them different. Fleiss' kappa is statsmodels', Cohen's scikit-learn's; both
    are missing above 1,000 classes, where labels are measurements.

    References
    ----------
    .. [1] J. Cohen (1960), A coefficient of agreement for nominal scales,
       Educational and Psychological Measurement 20(1).
    .. [2] J. L. Fleiss (1971), Measuring nominal scale agreement among many
       raters, Psychological Bulletin 76(5).
    .. [3] K. Krippendorff (2011), Computing Krippendorff's alpha-reliability,
       University of Pennsylvania.

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> import pandas as pd
    >>> labels = pd.DataFrame(
    ...     {
    ...         "ann": ["cat", "cat", "dog", "dog", "cat"],
    ...         "bob": ["cat", "dog", "dog", "dog", None],
    ...     }
    ... )
    >>> report = annotator_agreement(labels, random_state=0)
    >>> report.agreement, round(report.alpha, 3)
    (0.75, 0.533)
    """
    table = as_frame(labels, "labels")
    check_choice(level, "level", _LEVELS)
    check_fraction(confidence, "confidence")
    check_integer(n_bootstrap, "n_bootstrap")
    if table.shape[1] < 2:
        raise ValueError(
            f"labels has {table.shape[1]} column(s); pass one per annotator, at least "
            "two (long records: records.pivot(index=..., columns=..., values=...))"
        )
    if missing is not None:
        table = _without(table, missing)
    codes, values = _codes(table, level)
    counts = _counts(codes, len(values))
    pairable = counts.sum(axis=1) > 1
    notes = _doubts(pairable, missing is None and level == "nominal" and -1 in values)
    rng = as_generator(random_state)
    scale = _scale(values, level)
    alpha, low, high = _alpha_interval(
        codes[pairable], scale, level, confidence, n_bootstrap, rng
    )
    if np.isnan(alpha):
        notes.append(
            "all ratings that can be paired are one class: whether people agree or "
            "always say the same cannot be told, so alpha is missing"
        )
    return AnnotatorAgreement(
        _pairs(codes, [*table.columns]),
        items=len(table),
        annotators=table.shape[1],
        ratings=int(counts.sum()),
        missing=float((codes < 0).mean()),
        agreement=_share_agreeing(counts[np.flatnonzero(pairable)]),
        fleiss_kappa=_fleiss(counts, table.shape[1], notes),
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        level=level,
        notes=tuple(notes),
    )


def _doubts(pairable: npt.NDArray[np.bool_], minus_one: bool) -> list[str]:
    """Say what the ratings cannot tell; refuse when they tell nothing."""
    if not pairable.any():
        raise ValueError(
            "no item has two ratings, so nothing can be compared; give some items to "
            "at least two annotators"
        )
    notes = []
    if minus_one:
        notes.append(
            "-1 is taken for a label; where it stands for no opinion pass missing=-1"
        )
    if not pairable.all():
        notes.append(
            f"{int((~pairable).sum())} of {len(pairable)} items have fewer than two "
            "ratings and say nothing about agreement"
        )
    return notes


def _without(table: pd.DataFrame, missing: Any) -> pd.DataFrame:
    """Make a value missing, column by column: each keeps its type."""
    columns = []
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        hit = (column == missing).to_numpy(dtype=bool, na_value=False)
        columns.append(column.mask(hit) if hit.any() else column)
    return pd.concat(columns, axis=1)


def _codes(table: pd.DataFrame, level: str) -> tuple[IntArray, pd.Index]:
    """Give the labels as numbers in order, -1 where missing, and the labels."""
    first = table.iloc[:, 0].dtype
    ordered = isinstance(first, pd.CategoricalDtype) and bool(first.ordered)
    if ordered and all(dtype == first for dtype in table.dtypes):
        categories = pd.Index(table.iloc[:, 0].cat.categories)
        columns = [table.iloc[:, place] for place in range(table.shape[1])]
        codes = np.column_stack([column.cat.codes for column in columns])
    else:
        numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes)
        if level != "nominal" and not numeric:
            raise TypeError(
                f"level is {level!r}, but labels has text or objects; pass numbers, or "
                "for 'ordinal' ordered categories of one kind in every column"
            )
        plain = table.to_numpy(dtype=np.float64 if numeric else object, na_value=np.nan)
        flat, categories = pd.factorize(plain.ravel(), sort=numeric)
        codes, categories = flat.reshape(plain.shape), pd.Index(categories)
    if level == "interval" and not pd.api.types.is_numeric_dtype(categories):
        raise TypeError("level is 'interval', but labels are not numbers; pass numbers")
    return codes.astype(np.int64), categories


def _counts(codes: IntArray, n_classes: int) -> csr_array:
    """Count the ratings of each item in each class: items × classes, sparse."""
    item, annotator = np.nonzero(codes >= 0)
    ones = np.ones(len(item))
    shape = (len(codes), n_classes)
    counts = csr_array((ones, (item, codes[item, annotator])), shape=shape)
    counts.sum_duplicates()
    return counts


def _scale(values: pd.Index, level: str) -> FloatArray:
    """Give the value of each class; ordinal ones get their place by the counts."""
    if level == "interval":
        return values.to_numpy(dtype=np.float64)
    return np.arange(len(values), dtype=np.float64)


def _share_agreeing(counts: csr_array) -> float:
    totals = counts.sum(axis=1)
    pairs = (counts.data * (counts.data - 1)).sum()
    return float(pairs / (totals * (totals - 1)).sum())


def _alpha_interval(
    codes: IntArray,
    scale: FloatArray,
    level: str,
    confidence: float,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """Give alpha and its interval: items with equal counts are drawn together."""
    n, k = len(codes), len(scale)
    # Sorted ratings tell the counts; missing ones go last.
    rated = np.sort(np.where(codes < 0, k, codes), axis=1)
    found, times = np.unique(rated, axis=0, return_counts=True)
    patterns, times = _counts(np.where(found < k, found, -1)[::-1], k), times[::-1]
    alpha = float(_alpha(patterns, times[None, :].astype(float), scale, level)[0])
    if not n_bootstrap or np.isnan(alpha):
        return alpha, float("nan"), float("nan")
    size = max(1, _BATCH // (len(times) + k))
    draws = []
    for start in range(0, n_bootstrap, size):
        rows = min(size, n_bootstrap - start)
        weights = rng.multinomial(n, times / n, size=rows).astype(np.float64)
        draws.append(_alpha(patterns, weights, scale, level))
    # A sample in which all ratings are one class has no alpha.
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.nanquantile(np.concatenate(draws), tails)
    return alpha, float(low), float(high)


def _alpha(
    patterns: csr_array, weights: FloatArray, scale: FloatArray, level: str
) -> FloatArray:
    """Give Krippendorff's alpha for each row of weights of the patterns.

    With n_uc ratings of unit u in class c, m_u in all, and margins n_c = Σ_u n_uc:
    alpha = 1 - (n - 1) Σ_u D(n_u) / (m_u - 1) / D(n_c), where D sums δ² over all
    pairs. Classes at places x give D(n) = 2 (m Σ n_c x_c² - (Σ n_c x_c)²), so no
    table of classes × classes is needed.
    """
    sizes = patterns.sum(axis=1)
    margins = np.asarray((patterns.T @ weights.T).T)
    total = margins.sum(axis=1)
    if level == "nominal":
        square = patterns.copy()
        square.data **= 2
        observed = weights @ ((sizes**2 - square.sum(axis=1)) / (sizes - 1))
        chance = total**2 - (margins**2).sum(axis=1)
    else:
        place = _place(margins, scale, level)
        middle = (margins * place).sum(axis=1, keepdims=True) / total[:, None]
        place = place - middle  # keeps digits where places are far from 0
        chance = 2 * total * (margins * place**2).sum(axis=1)
        sums, squares = patterns @ place.T, patterns @ (place**2).T
        within = 2 * (sizes[:, None] * squares - sums**2) / (sizes[:, None] - 1)
        observed = (weights * within.T).sum(axis=1)
    result = np.full(len(weights), np.nan)
    some = (margins > 0).sum(axis=1) > 1
    result[some] = 1 - (total[some] - 1) * observed[some] / chance[some]
    return result


def _place(margins: FloatArray, scale: FloatArray, level: str) -> FloatArray:
    """Give the place of each class: its value, or the middle of its ranks."""
    if level == "interval":
        return np.broadcast_to(scale, margins.shape)
    return np.asarray(np.cumsum(margins, axis=1) - margins / 2)


def _pairs(codes: IntArray, names: list[Any]) -> pd.DataFrame:
    """Compare each two annotators on the items that both rated."""
    rows = []
    for i, j in itertools.combinations(range(len(names)), 2):
        both = (codes[:, i] >= 0) & (codes[:, j] >= 0)
        a, b = codes[both, i], codes[both, j]
        rows.append(
            {
                "annotator_a": names[i],
                "annotator_b": names[j],
                "items": len(a),
                "agreement": float((a == b).mean()) if len(a) else float("nan"),
                "cohen_kappa": _cohen(a, b),
            }
        )
    return pd.DataFrame(rows)


def _cohen(a: IntArray, b: IntArray) -> float:
    """Give Cohen's kappa; NaN where one class is all they used, or far too many."""
    from sklearn.metrics import cohen_kappa_score

    if not 2 <= len(np.union1d(a, b)) <= _MOST_CLASSES:
        return float("nan")
    return float(cohen_kappa_score(a, b))


def _fleiss(counts: csr_array, n_annotators: int, notes: list[str]) -> float:
    """Give Fleiss' kappa over the items all rated; say why where there is none."""
    full = counts[np.flatnonzero(counts.sum(axis=1) == n_annotators)]
    n = full.shape[0]
    if not n:
        notes.append("no item was rated by every annotator: Fleiss' kappa is missing")
        return float("nan")
    ratings = full.sum(axis=0)
    if (ratings > 0).sum() == 1:
        notes.append("items rated by all have one class only: Fleiss' kappa is missing")
        return float("nan")
    if n < counts.shape[0]:
        notes.append(
            f"Fleiss' kappa needs every item rated equally often: it is over the "
            f"{n} of {counts.shape[0]} items that every annotator rated"
        )
    if full.shape[1] > _MOST_CLASSES:
        notes.append(
            f"{full.shape[1]:,} different ratings look like measurements, which kappa "
            'takes for unrelated classes: it is missing; read alpha, level="interval"'
        )
        return float("nan")
    try:
        from statsmodels.stats.inter_rater import fleiss_kappa
    except ImportError:
        notes.append(
            "Fleiss' kappa is missing because statsmodels is not installed; "
            'pip install "mlworkbench[course]" brings it'
        )
        return float("nan")
    return float(fleiss_kappa(full.toarray().astype(np.int64)))
