"""One label per item from what several people said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy import sparse

from mlworkbench._report import Report
from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_frame,
    as_generator,
    check_choice,
    check_columns,
    check_integer,
)
from mlworkbench.labeling._em import EMFit, fit_counts

__all__ = ["Consensus", "consensus"]

_METHODS = ("dawid_skene", "majority")
_TIE = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Consensus(Report):
    """What `consensus` settled on, one row per item.

    - index: the item
    - label: the most probable class
    - probability: of that class (share of the ratings, for a majority)
    - ratings: how many the item got; agreeing: share of these that gave `label`
    - tie: whether another class is exactly as probable; the one that comes
      first in the order of `class_prior` stands.

    Parameters
    ----------
    frame : pandas.DataFrame
        The items, in the order in which they first occur.
    items, ratings : int
        How many of each there are.
    method : str
        "dawid_skene" or "majority".
    n_iter : int
        Steps that the fit took; 0 for a majority.
    converged : bool
        Whether the fit had come to rest.
    log_likelihood : float
        Of the records under the fit; NaN for a majority.
    annotators : pandas.DataFrame
        One row per annotator: ratings, items, `accuracy` (expected share of
        correct ratings) and `agreeing` (share that gave the item's label).
    confusion : pandas.DataFrame
        One row per (annotator, true class), one column per class given; a row
        sums to one, or is missing where the annotator never met that class.
    probabilities : pandas.DataFrame
        One row per item, one column per class.
    class_prior : pandas.Series
        Share of each class.
    notes : tuple of str
        What to doubt.
    """

    items: int
    ratings: int
    method: str
    n_iter: int
    converged: bool
    log_likelihood: float
    annotators: pd.DataFrame = field(repr=False)
    confusion: pd.DataFrame = field(repr=False)
    probabilities: pd.DataFrame = field(repr=False)
    class_prior: pd.Series = field(repr=False)

    title: ClassVar[str] = "Consensus of annotators"

    def plot(self, ax: Any = None) -> Any:
        """Draw the estimated accuracy of each annotator.

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
        table = self.annotators.sort_values("accuracy", kind="stable").tail(30)
        names = [str(name) for name in table.index]
        ax.barh(names, table["accuracy"], color="#0b5394")
        ax.set_xlim(0, 1)
        ax.set_xlabel("estimated share of correct ratings")
        ax.set_ylabel("annotator")
        ax.set_title(f"{names[0]} is right least often, {names[-1]} most often")
        return ax


def consensus(
    records: Any,
    item: Any = "item",
    annotator: Any = "annotator",
    label: Any = "label",
    *,
    method: str = "dawid_skene",
    smoothing: float = 1.0,
    n_init: int = 1,
    max_iter: int = 1000,
    random_state: RandomState = 0,
) -> Consensus:
    """Settle on one label per item, and learn how far each annotator is right.

    Parameters
    ----------
    records : DataFrame or Table of shape (n_records, n_columns)
        One row per rating. An annotator may rate an item more than once: every
        rating counts. Records without a label are left out.
    item, annotator, label : column label
        Where the item, the person and the class stand.
    method : {"dawid_skene", "majority"}
        Weigh annotators by the confusion matrices found by EM, or count all
        ratings alike. A majority's confusion matrices compare each annotator
        with the majority (their own rating included, so they flatter).
    smoothing : float
        Ratings added to each annotator and true class, spread as the annotator
        rates over all: who rated little is taken to know little. 0 is maximum
        likelihood.
    n_init : int
        Starts of the EM: the shares of the ratings first, then shares that weigh
        annotators at random; the most likely end is kept. More starts can find
        a likelier fit, and with few records one in which classes have changed
        their names: compare with the majority.
    max_iter : int
        Most steps of a start.
    random_state : int, Generator or None
        For the starts after the first.

    Returns
    -------
    report : Consensus
        `.frame` has one row per item, `.annotators` one per person,
        `.confusion` their matrices.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When an item or annotator is missing in a record, or no label is left.

    Notes
    -----
    The model of Dawid and Skene: an item has one true class, drawn with the
    class prior; an annotator gives class k to an item of class c with the
    probability confusion[c, k], each rating on its own. Time is O(records ×
    classes) per step.

    It misleads where annotators err together (the same misread instruction,
    copies of one another): agreement is then taken for truth. With one or two
    ratings an item there is little to learn from, and the matrices of people
    who rated little are guesses.

    References
    ----------
    .. [1] A. P. Dawid and A. M. Skene (1979), Maximum likelihood estimation of
       observer error-rates using the EM algorithm, Applied Statistics 28(1).

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> import pandas as pd
    >>> said = {"ann": "yynnyn", "bob": "yynnyn", "cat": "nyyyny"}
    >>> records = pd.DataFrame(
    ...     [(i, who, v) for who, text in said.items() for i, v in enumerate(text)],
    ...     columns=["item", "annotator", "label"],
    ... )
    >>> report = consensus(records)
    >>> report.frame["label"].tolist()
    ['y', 'y', 'n', 'n', 'y', 'n']
    >>> report.annotators["accuracy"].round(1).tolist()
    [1.0, 1.0, 0.2]
    """
    check_choice(method, "method", _METHODS)
    _check_smoothing(smoothing)
    check_integer(n_init, "n_init", 1)
    check_integer(max_iter, "max_iter", 1)
    table, notes = _records(records, item, annotator, label)
    coded = _Coded(table)
    fit: EMFit | None = None
    if method == "dawid_skene":
        fit = fit_counts(
            coded.counts,
            len(coded.classes),
            len(coded.classes),
            smoothing=float(smoothing),
            n_init=n_init,
            max_iter=max_iter,
            tol=1e-10,
            rng=as_generator(random_state),
        )
        if not fit.converged:
            notes.append(f"the fit had not come to rest after {max_iter} steps")
    return _report(coded, fit, method, notes)


def _check_smoothing(smoothing: Any) -> None:
    real = isinstance(smoothing, int | float | np.number)
    if not real or not np.isfinite(smoothing) or smoothing < 0:
        raise ValueError(f"smoothing is {smoothing!r}; pass a number of 0 or more")


def _records(
    records: Any, item: Any, annotator: Any, label: Any
) -> tuple[pd.DataFrame, list[str]]:
    """Give the records with a label, in three columns."""
    given = as_frame(records, "records")
    check_columns(given, [item, annotator, label], "records")
    table = pd.DataFrame(
        {"item": given[item], "annotator": given[annotator], "label": given[label]}
    )
    for role in ("item", "annotator"):
        empty = table[role].isna().to_numpy()
        if empty.any():
            raise ValueError(
                f"records have no {role} in {int(empty.sum())} row(s) (first at row "
                f"{int(empty.argmax())}); every rating needs one"
            )
    unrated = table["label"].isna()
    notes = []
    if unrated.any():
        table = table[~unrated]
        notes.append(f"{int(unrated.sum())} record(s) without a label were left out")
    if not len(table):
        raise ValueError("records have no label at all; pass at least one rating")
    return table, notes


class _Coded:
    """Records as numbers: items and annotators as they come, classes sorted."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.item, items = pd.factorize(table["item"])
        self.annotator, people = pd.factorize(table["annotator"])
        self.items = pd.Index(items, name="item")
        self.people = pd.Index(people, name="annotator")
        label = table["label"]
        if isinstance(label.dtype, pd.CategoricalDtype):
            label = label.cat.remove_unused_categories()
            self.label = label.cat.codes.to_numpy().astype(np.int64)
            self.classes = pd.Index(label.cat.categories, name="label")
        else:
            self.label, classes = pd.factorize(label, sort=True)
            self.classes = pd.Index(classes, name="label")
        k = len(self.classes)
        ones = np.ones(len(table))
        self.counts = sparse.csr_array(
            (ones, (self.item, self.annotator * k + self.label)),
            shape=(len(self.items), len(self.people) * k),
        )
        self.shares = np.zeros((len(self.items), k))
        np.add.at(self.shares, (self.item, self.label), 1.0)
        self.ratings = self.shares.sum(axis=1).astype(np.int64)
        self.shares /= self.ratings[:, None]


def _report(
    coded: _Coded, fit: EMFit | None, method: str, notes: list[str]
) -> Consensus:
    posterior = coded.shares if fit is None else fit.posterior
    top = posterior.max(axis=1)
    near = posterior >= top[:, None] - _TIE
    chosen = near.argmax(axis=1)
    ties = near.sum(axis=1) > 1
    if ties.any():
        notes.append(f"{int(ties.sum())} item(s) are tied between classes")
    if len(coded.ratings) == coded.ratings.sum():
        notes.append("every item has one rating: there is nothing to settle")
    frame = pd.DataFrame(
        {
            "label": coded.classes[chosen],
            "probability": top,
            "ratings": coded.ratings,
            "agreeing": coded.shares[np.arange(len(chosen)), chosen],
            "tie": ties,
        },
        index=coded.items,
    )
    prior = posterior.mean(axis=0) if fit is None else fit.class_prior
    return Consensus(
        frame,
        items=len(frame),
        ratings=len(coded.label),
        method=method,
        n_iter=0 if fit is None else fit.n_iter,
        converged=fit is None or fit.converged,
        log_likelihood=float("nan") if fit is None else fit.log_likelihood,
        annotators=_annotators(coded, posterior, chosen),
        confusion=_confusion(coded, posterior, fit),
        probabilities=pd.DataFrame(posterior, index=coded.items, columns=coded.classes),
        class_prior=pd.Series(prior, index=coded.classes, name="share"),
        notes=tuple(notes),
    )


def _annotators(coded: _Coded, posterior: FloatArray, chosen: Any) -> pd.DataFrame:
    each = pd.DataFrame(
        {
            "ratings": 1,
            "item": coded.item,
            "accuracy": posterior[coded.item, coded.label],
            "agreeing": chosen[coded.item] == coded.label,
        }
    ).groupby(coded.annotator)
    table = each.agg(
        ratings=("ratings", "sum"),
        items=("item", "nunique"),
        accuracy=("accuracy", "mean"),
        agreeing=("agreeing", "mean"),
    )
    return table.set_index(coded.people)


def _confusion(coded: _Coded, posterior: FloatArray, fit: EMFit | None) -> pd.DataFrame:
    k = len(coded.classes)
    met = np.asarray(coded.counts.T @ posterior).reshape(-1, k, k).transpose(0, 2, 1)
    total = met.sum(axis=2, keepdims=True)
    with np.errstate(invalid="ignore"):
        shares = met / total if fit is None else fit.confusion
    shares = np.where(total > _TIE, shares, np.nan)
    rows = pd.MultiIndex.from_product(
        [coded.people, coded.classes.rename("true")], names=["annotator", "true"]
    )
    return pd.DataFrame(
        shares.reshape(-1, k), index=rows, columns=coded.classes.rename("given")
    )
