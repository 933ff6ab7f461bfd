"""Tests of behaviour: change the input, and see whether the answer should move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import RandomState, as_generator, check_choice
from mlworkbench.evaluation import _perturb_tables as tables
from mlworkbench.evaluation._behaviour_answers import Asked, Copied, ask
from mlworkbench.evaluation._behaviour_judge import by_direction, by_invariance
from mlworkbench.evaluation._behaviour_report import BehaviourReport, make_report
from mlworkbench.evaluation._behaviour_rows import Rows
from mlworkbench.evaluation._behaviour_scores import with_scores
from mlworkbench.evaluation._perturb_text import swap_words
from mlworkbench.evaluation._perturbation import Perturbation, make_copies

__all__ = ["directional_test", "invariance_test", "perturbation_test"]


def invariance_test(
    predict: Any,
    X: Any,
    *,
    swap: Any,
    tolerance: float = 0.0,
    on: str = "label",
    output: str = "auto",
    threshold: float = 0.5,
    confidence: float = 0.95,
    random_state: RandomState = 0,
) -> BehaviourReport:
    """Test that a change which should not matter does not change the answer.

    Parameters
    ----------
    predict : callable or estimator
        Gives labels, probabilities of shape (n,) or (n, n_classes), or values,
        for rows of the kind that X is. Of an estimator, `predict_proba` is
        taken, or else `predict`.
    X : DataFrame, array, or list of str
        The rows; they are not changed.
    swap : column label, list of them, mapping, perturbation or callable
        What should not matter. A column: every row gets every other value of
        it. A mapping of columns to lists of values, or to mappings of old to
        new ones; a pair (column, list of values). For texts, a mapping of words
        to other words, or a list of words that may stand for each other. Or any
        of `perturb`, a function from rows to rows, or a list of these.
    tolerance : float, default=0.0
        For probabilities, in [0, 1): a row with another label passes where the
        probability of its first label moved by no more than this. For values:
        how far they may move, in their unit. Labels have no tolerance.
    on : {"label", "probability"}, default="label"
        What fails a row, with probabilities: another label (and more than the
        tolerance), or a probability of the first label that moved by more than
        the tolerance, whatever the label. The report has both shares.
    output : {"auto", "label", "probability", "value"}, default="auto"
        What `predict` gives. By itself: floats inside [0, 1] are
        probabilities, other floats values, all else labels; with a tolerance of
        1 or more all are values.
    threshold : float, default=0.5
        Probability from which a row is positive, with two classes.
    confidence : float, default=0.95
        Level of the interval.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the perturbations that draw.

    Returns
    -------
    report : BehaviourReport
        Failure rate with its interval, per change and in all, and the rows
        that failed.

    Raises
    ------
    KeyError, TypeError, ValueError
        When no row changed, when `predict` gives the wrong number of answers,
        missing ones, or two for the same row. What `predict` raises is passed
        on with a note.

    Notes
    -----
    One call of `predict`: all rows, the same rows again (which shows a model
    that is not deterministic), and every changed copy. A row fails if any of
    its copies does, and counts once: copies of a row are no independent
    evidence, so the interval (Wilson's) is by row. A copy that is equal to its
    row is left out.

    The semantics of the tolerance are those of CheckList [1]_. A model passes
    where the change has no direct effect; it can still tell groups apart by
    columns that go with the one swapped. Pass probabilities for the tolerance
    to work. The interval is about rows like those of X, and says nothing of
    changes that were not made.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"race": list("abab"), "income": [1, 2, 3, 4]})
    >>> def predict(rows):
    ...     return 0.2 * rows["income"] - 0.15 * (rows["race"] == "b")
    >>> report = invariance_test(predict, rows, swap="race", tolerance=0.05)
    >>> report.failure_rate
    0.25
    >>> report.failures[["race before", "race after", "before", "after"]].round(2)
      race before race after  before  after
    2           a          b     0.6   0.45
    >>> invariance_test(predict, rows, swap="race", tolerance=0.2).failure_rate
    0.0
    """
    check_choice(on, "on", ("label", "probability"))
    rows, asked = Rows(X), Asked(_read_as(output, tolerance), threshold)
    case = _asked(predict, rows, _read_swap(swap, rows), asked, random_state)
    judged = by_invariance(case, tolerance, on)
    return make_report("invariance", case, judged, tolerance, confidence)


def directional_test(
    predict: Any,
    X: Any,
    *,
    change: Any,
    direction: int = 1,
    tolerance: float = 0.0,
    target: Any = None,
    output: str = "auto",
    threshold: float = 0.5,
    confidence: float = 0.95,
    random_state: RandomState = 0,
) -> BehaviourReport:
    """Test that a change moves the answer one way, or at least not the other.

    Parameters
    ----------
    predict : callable or estimator
        Gives probabilities of shape (n,) or (n, n_classes), values, or labels
        that are numbers, for rows of the kind that X is. Of an estimator,
        `predict_proba` is taken, or else `predict`.
    X : DataFrame, array, or list of str
        The rows; they are not changed.
    change : mapping, perturbation or callable
        A mapping of columns to numbers, which are added, or to functions of
        the column; all columns of the mapping change together. Or any of
        `perturb`, a function from rows to rows, or a list of these.
    direction : {1, -1}, default=1
        1: the answer must not fall; -1: it must not rise.
    tolerance : float, default=0.0
        How far it may move the wrong way.
    target : int or "predicted", optional
        With more than two classes, the number of the class whose probability
        is meant; "predicted" is the class that the unchanged row got. With two
        classes the second by default.
    output : {"auto", "label", "probability", "value"}, default="auto"
        What `predict` gives. By itself: floats inside [0, 1] are
        probabilities, other floats values, all else labels; with a tolerance of
        1 or more all are values.
    threshold : float, default=0.5
        Probability from which a row is positive, with two classes.
    confidence : float, default=0.95
        Level of the interval.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the perturbations that draw.

    Returns
    -------
    report : BehaviourReport
        Failure rate with its interval, per change and in all, and the rows
        that failed.

    Raises
    ------
    KeyError, TypeError, ValueError
        When no row changed, when `predict` gives labels without an order, the
        wrong number of answers, missing ones, or two for the same row. What
        `predict` raises is passed on with a note.

    Notes
    -----
    A probability that is at the edge before the change cannot fail: one of at
    most the tolerance cannot fall by more, and one of at least 1 - tolerance
    cannot rise by more. As in CheckList [1]_ such rows are left out of the
    rate, and counted. An answer that stays where it is passes.

    One call of `predict`; a row fails if any of its copies does (see
    `invariance_test`).

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL.

    Examples
    --------
    >>> import pandas as pd
    >>> stones = pd.DataFrame({"carat": [0.5, 0.9, 1.4, 2.0]})
    >>> def price(rows):
    ...     return 5000 * rows["carat"] - 1000.0 * (rows["carat"] > 1)
    >>> report = directional_test(price, stones, change={"carat": 0.15})
    >>> report.failures[["carat before", "carat after", "before", "after"]]
       carat before  carat after  before   after
    1           0.9         1.05  4500.0  4250.0
    """
    if direction not in (1, -1) or isinstance(direction, bool):
        raise ValueError(f"direction is {direction!r}; pass 1 (up) or -1 (down)")
    rows, asked = Rows(X), Asked(_read_as(output, tolerance), threshold)
    case = _asked(predict, rows, _read_change(change, rows), asked, random_state)
    judged = by_direction(case, int(direction), tolerance, target)
    return make_report("directional", case, judged, tolerance, confidence)


def perturbation_test(
    predict: Any,
    X: Any,
    perturb: Any,
    *,
    y_true: Any = None,
    metric: Any = None,
    tolerance: float = 0.0,
    on: str = "label",
    output: str = "auto",
    threshold: float = 0.5,
    confidence: float = 0.95,
    random_state: RandomState = 0,
) -> BehaviourReport:
    """Test whether answers, and the score, bear noise and other small faults.

    Parameters
    ----------
    predict : callable or estimator
        Gives labels, probabilities of shape (n,) or (n, n_classes), or values,
        for rows of the kind that X is. Of an estimator, `predict_proba` is
        taken, or else `predict`.
    X : DataFrame, array, or list of str
        The rows; they are not changed.
    perturb : perturbation, callable, list of these, or mapping of names
        The faults: any of `perturb`, or functions from rows to rows.
    y_true : array-like of shape (n,), optional
        The truth. With it the table has the score after each change beside
        that before. With class probabilities: classes of the estimator, or
        else their numbers.
    metric : callable, optional
        ``metric(y_true, answers)``; by default accuracy for labels and
        probabilities, and the mean absolute error for values. It gets what
        `predict` gave: labels, probabilities or values.
    tolerance, on : float, str
        As in `invariance_test`.
    output : {"auto", "label", "probability", "value"}, default="auto"
        As in `invariance_test`.
    threshold : float, default=0.5
        Probability from which a row is positive, with two classes.
    confidence : float, default=0.95
        Level of the interval.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the perturbations that draw.

    Returns
    -------
    report : BehaviourReport
        Failure rate with its interval, per change and in all, the scores, and
        the rows that failed: those with another answer.

    Raises
    ------
    KeyError, TypeError, ValueError
        As in `invariance_test`, and when `y_true` has the wrong length or a
        metric comes without it.

    Notes
    -----
    A fault may change the right answer too (a storm is not a calm day); the
    score then says more than the failure rate. Rows that a change leaves as
    they are keep their answer in the score.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.evaluation import perturb
    >>> day = pd.DataFrame({"wind": [5.0, 15.0, 25.0, 35.0]})
    >>> def late(rows):
    ...     return (rows["wind"] > 20).astype(int)
    >>> report = perturbation_test(
    ...     late, day, perturb.change_unit("wind", 0.5), y_true=[0, 0, 1, 1]
    ... )
    >>> report.frame[["change", "failed", "score_before", "score_after"]]
                      change  failed  score_before  score_after
    0  wind in another unit       2           1.0          0.5
    """
    check_choice(on, "on", ("label", "probability"))
    rows, asked = Rows(X), Asked(_read_as(output, tolerance), threshold)
    case = _asked(predict, rows, perturb, asked, random_state)
    judged = by_invariance(case, tolerance, on)
    report = make_report("perturbation", case, judged, tolerance, confidence)
    if y_true is None:
        if metric is not None:
            raise ValueError("metric needs y_true; pass the truth too")
        return report
    return with_scores(report, case, y_true, metric)


def _asked(
    predict: Any,
    rows: Rows,
    change: Any,
    asked: Asked,
    random_state: RandomState,
) -> Copied:
    """Make the copies, and predict everything in one call."""
    copies = make_copies(change, rows, as_generator(random_state), "the change")
    return ask(predict, rows, copies, asked)


def _read_as(output: str, tolerance: Any) -> str:
    """Take answers as values where the tolerance can mean nothing else."""
    large = isinstance(tolerance, int | float | np.number) and tolerance >= 1
    return "value" if output == "auto" and large else output


def _read_swap(swap: Any, rows: Rows) -> Any:
    """Give the perturbations that a short form stands for."""
    if isinstance(swap, Perturbation) or callable(swap):
        return swap
    if rows.kind == "texts":
        words = isinstance(swap, Mapping) or (
            isinstance(swap, list | tuple) and all(isinstance(w, str) for w in swap)
        )
        return swap_words(swap) if words else swap
    if isinstance(swap, Mapping):
        ready = [isinstance(s, Perturbation) or callable(s) for s in swap.values()]
        if ready and all(ready):
            return swap
        return [tables.swap(column, values) for column, values in swap.items()]
    pair = isinstance(swap, tuple) and len(swap) == 2
    if pair and isinstance(swap[1], list | Mapping):  # a column and its values
        return tables.swap(*swap)
    if isinstance(swap, list | tuple) and not _is_label(swap, rows):
        return [
            one if isinstance(one, Perturbation) or callable(one) else tables.swap(one)
            for one in swap
        ]
    return tables.swap(swap)


def _is_label(value: Any, rows: Rows) -> bool:
    if isinstance(value, list) or not isinstance(rows.values, pd.DataFrame):
        return False
    return value in list(rows.values.columns)


def _read_change(change: Any, rows: Rows) -> Any:
    """Give the change that a mapping of columns stands for."""
    if not isinstance(change, Mapping) or not change:
        return change
    if rows.kind != "table":
        raise TypeError("a mapping changes columns; for other rows pass a function")
    for column, how in change.items():
        if not callable(how) and not np.isscalar(how):
            raise TypeError(
                f"change[{column!r}] is {how!r}; pass a number to add, or a function "
                "of the column"
            )
        if column not in rows.values.columns:
            raise KeyError(
                f"X has no column {column!r}; it has {list(rows.values.columns)[:20]}"
            )

    def together(rows: Rows, rng: np.random.Generator) -> dict[str, Any]:
        frame = rows.values.copy()
        for column, how in change.items():
            if callable(how):
                frame[column] = how(rows.values[column].copy())
            else:
                added = tables.add(column, how).make(rows, rng)
                frame[column] = next(iter(added.values()))[column]
        return {name: frame}

    name = ", ".join(
        f"{column} changed" if callable(how) else tables.add(column, how).name
        for column, how in change.items()
    )
    return Perturbation(name, together)
