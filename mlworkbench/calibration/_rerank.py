"""A list that has of each genre what somebody's history has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mlworkbench._report import Report
from mlworkbench._validation import FloatArray, check_fraction, check_integer
from mlworkbench.calibration._genres import (
    Candidates,
    read_candidates,
    wanted_shares,
)

__all__ = ["CalibratedList", "calibrated_rerank"]

_TIE = 1e-12  # objectives nearer than this are one


@dataclass(frozen=True, eq=False, repr=False)
class CalibratedList(Report):
    """What `calibrated_rerank` put on the list.

    `frame` has one row per genre: `genre`, the share `wanted`, the share `got`
    and the share `by_score` in the list that scores alone would make.

    Parameters
    ----------
    frame : pandas.DataFrame
        Shares by genre, largest wish first.
    verdict : str
        How far the list is from the history, and what that costs, in words.
    trade_off : float
        0 is by score alone, 1 by calibration alone.
    kl_divergence : float
        Of the list's genres from those wanted, in nats; 0 is a perfect match.
    kl_by_score : float
        The same for the list by score alone.
    total_score : float
        Sum of the scores on the list.
    best_total_score : float
        The same for the list by score alone, the largest there is.
    items : tuple
        The list, first place first.
    ranking : pandas.DataFrame
        One row per place: `item`, `score`, `place_by_score`, `genres`.
    notes : tuple of str
        What the candidates could not give.
    """

    verdict: str
    trade_off: float
    kl_divergence: float
    kl_by_score: float
    total_score: float
    best_total_score: float
    items: tuple[Any, ...] = field(repr=False)
    ranking: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Calibrated list"

    def _fact_lines(self) -> list[str]:
        return [
            self.verdict,
            f"distance from the history (KL divergence, 0 is a match): "
            f"{self.kl_divergence:.3f}, by score alone {self.kl_by_score:.3f}",
            f"sum of scores: {self.total_score:.4g}, by score alone "
            f"{self.best_total_score:.4g}",
            f"trade-off: {self.trade_off:g} (0 is by score alone, 1 by genres alone)",
        ]

    def plot(self, ax: Any = None) -> Any:
        """Draw the genres wanted, got, and by score alone.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        ax : matplotlib.axes.Axes
            The axes drawn on: one group of bars per genre.
        """
        import matplotlib.pyplot as plt

        ax = plt.subplots(layout="constrained")[1] if ax is None else ax
        at = np.arange(len(self.frame))
        styles = [
            ("wanted", "0.75", "wanted"),
            ("got", "#0b5394", "this list"),
            ("by_score", "#e69138", "by score alone"),
        ]
        for shift, (column, color, label) in zip((-0.27, 0, 0.27), styles, strict=True):
            share = 100 * self.frame[column]
            ax.bar(at + shift, share, width=0.25, color=color, label=label)
        ax.set_xticks(at, [str(genre) for genre in self.frame["genre"]])
        ax.set_xlabel("genre")
        ax.set_ylabel("share of the list (%)")
        ax.set_title(
            f"Divergence {self.kl_divergence:.3f}, by score alone "
            f"{self.kl_by_score:.3f}"
        )
        ax.legend()
        return ax


def calibrated_rerank(
    scores: Any,
    item_genres: Any,
    history: Any,
    trade_off: float,
    *,
    k: int = 10,
    smoothing: float = 0.01,
) -> CalibratedList:
    """Make a list with the genres in the shares of somebody's history.

    Ranking by score alone fills a list with the main interest: who watches 80 %
    romance gets romance only. This list trades score against that.

    Parameters
    ----------
    scores : dict, Series or array-like of shape (n_items,)
        Score of each candidate, by item; in an array in the order of
        `item_genres`. Leave out what was watched already.
    item_genres : DataFrame, dict, Series, array or list
        A frame or array of shape (n_items, n_genres) with 0 and 1 or weights;
        or by item a genre, a list of genres, or a dict of weights. An item's
        weights are divided by their sum: two genres are half each. Items that
        are only in the history may be in it too.
    history : dict, Series, DataFrame, list or array
        Items watched (twice counts twice), or weights by item; or genres
        watched, or shares by genre, such as ``{"romance": 0.8, "comedy": 0.2}``;
        or the genres of the items watched, one row each. Of arrays, whole
        numbers are items, fractions shares of the genres in their order, True
        and False mark the items watched. A name of both an item and a genre is
        the item.
    trade_off : float
        λ in [0, 1]: 0 is by score, 1 by calibration alone.
    k : int
        Places on the list; all candidates where there are fewer.
    smoothing : float
        α in (0, 1): share of the wish that is mixed into the list's shares, so
        that a genre missing from the list costs much and not infinitely much.

    Returns
    -------
    report : CalibratedList
        `.items`, `.ranking`, the shares in `.frame`, `.kl_divergence`.

    Raises
    ------
    TypeError, ValueError
        When an item has no genre or no finite score, the history is empty or
        names what is neither item nor genre, or a parameter is out of range.

    Notes
    -----
    With p(g) the share of genre g in the history and q(g) in the list, maximise
    (1 - λ) · Σ score - λ · KL(p ‖ q̃), where KL = Σ p ln(p / q̃) and
    q̃ = (1 - α) q + α p. Greedy: the next place gets the item that makes the
    objective of the list so far largest; ties go to the higher score, then to
    the item named first. O(k · n_items · n_genres).

    For a fixed length, Σ p ln Σ q̃ over the items is submodular, which is what
    holds greedy within a factor 1 - 1/e of the best (in Steck's form of the
    objective, not in KL). On 300 small random problems (8 items, 4 genres, 4
    places, all 70 lists tried) it found the best list in 245; the objective,
    of the order of 1, fell short by 0.008 on average and by 0.17 at most.

    Scores and KL are in different units: with scores in the thousands a λ of
    0.99 is still by score. Look at both figures of the report and choose λ by
    them. A history is a sample: of five films one comedy is 20 % by chance. And
    what was watched is what was shown: calibration keeps a person's shares,
    those of an earlier recommender included.

    References
    ----------
    .. [1] H. Steck (2018), Calibrated recommendations, RecSys.

    *Used in:* ``ch06_model_development/09_make_probabilities_mean_something``.

    Examples
    --------
    The scores prefer romance throughout; two of ten places go to comedy.

    >>> scores = {f"romance {i}": 1 - i / 100 for i in range(20)}
    >>> scores |= {f"comedy {i}": 0.5 - i / 100 for i in range(20)}
    >>> genres = {item: item.split()[0] for item in scores}
    >>> watched = {"romance": 0.8, "comedy": 0.2}
    >>> report = calibrated_rerank(scores, genres, watched, 0.95)
    >>> report.frame.round(2).to_dict("list")["got"]
    [0.8, 0.2]
    >>> sum(item.startswith("comedy") for item in report.items)
    2
    """
    weight = _check_trade_off(trade_off)
    check_integer(k, "k", minimum=1)
    if check_fraction(smoothing, "smoothing") == 1:
        raise ValueError("smoothing is 1, so every list matches; pass less, e.g. 0.01")
    candidates = read_candidates(scores, item_genres)
    wanted = wanted_shares(history, candidates)
    length = min(k, len(candidates.items))
    order = np.argsort(-candidates.scores, kind="stable")
    chosen = _greedy(candidates, wanted, length, weight, smoothing, order)
    return _report(candidates, wanted, chosen, order, weight, smoothing, k)


def _check_trade_off(trade_off: Any) -> float:
    number = int | float | np.integer | np.floating
    if not isinstance(trade_off, number) or isinstance(trade_off, bool):
        raise TypeError(f"trade_off is {trade_off!r}; pass a number in [0, 1]")
    if not 0 <= trade_off <= 1:
        raise ValueError(
            f"trade_off is {trade_off}; pass 0 (by score) to 1 (by calibration)"
        )
    return float(trade_off)


def _greedy(
    candidates: Candidates,
    wanted: FloatArray,
    length: int,
    weight: float,
    smoothing: float,
    order: Any,
) -> list[int]:
    """Fill place after place; `order` settles ties."""
    scores, shares = candidates.scores[order], candidates.shares[order]
    total = np.zeros(shares.shape[1])
    free = np.ones(len(scores), dtype=np.bool_)
    chosen: list[int] = []
    for place in range(1, length + 1):
        gain = (1 - weight) * scores
        if weight:
            gap = divergence(wanted, (total + shares) / place, smoothing)
            gain = gain - weight * gap
        gain = np.where(free, gain, -np.inf)
        best = float(gain.max())
        tie = _TIE * max(1.0, abs(best)) if weight else 0.0
        at = int(np.argmax(gain >= best - tie))
        free[at] = False
        total += shares[at]
        chosen.append(int(order[at]))
    return chosen


def divergence(wanted: FloatArray, got: FloatArray, smoothing: float) -> FloatArray:
    """Give KL(wanted ‖ smoothed got) in nats, for each row of `got`.

    Parameters
    ----------
    wanted : ndarray of shape (n_genres,)
        Shares wanted.
    got : ndarray of shape (n_genres,) or (n, n_genres)
        Shares of one list or of several.
    smoothing : float
        Share of the wish mixed in.

    Returns
    -------
    kl : ndarray of shape () or (n,)
        Of 0 or more.
    """
    asked = wanted > 0
    p = wanted[asked]
    mixed = (1 - smoothing) * got[..., asked] + smoothing * p
    return np.asarray(np.maximum(np.log(p / mixed) @ p, 0.0))


def _report(
    candidates: Candidates,
    wanted: FloatArray,
    chosen: list[int],
    order: Any,
    weight: float,
    smoothing: float,
    k: int,
) -> CalibratedList:
    length = len(chosen)
    got = candidates.shares[chosen].mean(axis=0)
    plain = candidates.shares[order[:length]].mean(axis=0)
    frame = pd.DataFrame(
        {"genre": candidates.genres, "wanted": wanted, "got": got, "by_score": plain}
    ).sort_values("wanted", ascending=False, kind="stable", ignore_index=True)
    places = np.empty(len(order), dtype=int)
    places[order] = np.arange(1, len(order) + 1)
    ranking = pd.DataFrame(
        {
            "item": [candidates.items[i] for i in chosen],
            "score": candidates.scores[chosen],
            "place_by_score": places[chosen],
            "genres": [_names(candidates.shares[i], candidates.genres) for i in chosen],
        },
        index=pd.RangeIndex(1, length + 1, name="place"),
    )
    total = float(candidates.scores[chosen].sum())
    best = float(candidates.scores[order[:length]].sum())
    return CalibratedList(
        frame,
        verdict=_verdict(frame, total, best),
        trade_off=weight,
        kl_divergence=float(divergence(wanted, got, smoothing)),
        kl_by_score=float(divergence(wanted, plain, smoothing)),
        total_score=total,
        best_total_score=best,
        items=tuple(ranking["item"]),
        ranking=ranking,
        notes=_notes(candidates, wanted, length, k),
    )


def _verdict(frame: pd.DataFrame, total: float, best: float) -> str:
    off, plain = (
        f"{50 * (frame[column] - frame['wanted']).abs().sum():.0f} %"
        for column in ("got", "by_score")
    )
    cost = f"{100 * (1 - total / best):.1f} %" if best > 0 else f"{best - total:.3g}"
    return (
        f"{off} of the list would have to change genre to match the history, by "
        f"score alone {plain}; the list gives up {cost} of the score."
    )


def _names(shares: FloatArray, genres: list[Any]) -> str:
    return ", ".join(str(g) for g, s in zip(genres, shares, strict=True) if s > 0)


def _notes(
    candidates: Candidates,
    wanted: FloatArray,
    length: int,
    k: int,
) -> tuple[str, ...]:
    notes = []
    absent = (candidates.shares.sum(axis=0) == 0) & (wanted > 0)
    if absent.any():
        named = ", ".join(str(candidates.genres[i]) for i in np.flatnonzero(absent))
        notes.append(
            f"no candidate has the genre {named}, "
            f"{100 * wanted[absent].sum():.0f} % of what is wanted: no list of these "
            "items can have it"
        )
    if length < k:
        notes.append(f"{length} candidates for {k} places: all are on the list")
    return tuple(notes)
