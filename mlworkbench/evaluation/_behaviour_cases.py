"""The minimum functionality test: easy cases with answers that must be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import as_frame, as_vector
from mlworkbench.evaluation._behaviour_answers import (
    Answers,
    Asked,
    ask_plainly,
    class_names,
)
from mlworkbench.evaluation._behaviour_judge import check_tolerance
from mlworkbench.evaluation._behaviour_report import (
    BehaviourReport,
    as_level,
    rate_sentence,
    shares,
)
from mlworkbench.evaluation._behaviour_rows import Rows
from mlworkbench.evaluation._behaviour_scores import as_codes

__all__ = ["minimum_functionality_test"]

_MOST_LABELS = 20
Array = npt.NDArray[Any]


def minimum_functionality_test(
    predict: Any,
    cases: Any,
    *,
    expected: Any = None,
    tolerance: float = 0.0,
    output: str = "auto",
    threshold: float = 0.5,
    confidence: float = 0.95,
) -> BehaviourReport:
    """Test that a model gets simple cases right, as a unit test does.

    Parameters
    ----------
    predict : callable or estimator
        Gives labels, probabilities of shape (n,) or (n, n_classes), or values,
        for rows of the kind that the cases are. Of an estimator,
        `predict_proba` is taken, or else `predict`.
    cases : DataFrame, list of pairs, mapping, list of mappings, or rows
        The cases with what is expected: a table with a column "expected", a
        list of pairs (row, expected), a mapping of texts to what is expected,
        a list of mappings with the key "expected"; or rows alone.
    expected : column label, scalar or array-like of shape (n,), optional
        What is expected, where `cases` does not say: one answer for all rows,
        one per row, or the column of a table that holds it.
    tolerance : float, default=0.0
        How far a value may be from the one expected.
    output : {"auto", "label", "probability", "value"}, default="auto"
        What `predict` gives. By itself: floats inside [0, 1] are
        probabilities, other floats values, all else labels.
    threshold : float, default=0.5
        Probability from which a row is positive, with two classes.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    report : BehaviourReport
        Failure rate, in all and per expected label, and the cases that failed.

    Raises
    ------
    KeyError, TypeError, ValueError
        When nothing is said of what is expected, or it is no answer that
        `predict` can give; when `predict` gives the wrong number of answers,
        missing ones, or two for the same case.

    Notes
    -----
    With probabilities, what is expected is a class of the estimator (or of the
    one that a method such as `predict_proba` belongs to), or else the number of
    a class. The interval takes the cases as a sample of more of their kind,
    which cases made from one template are only in part.

    *Used in:* ``ch06_model_development/07_test_behaviour_not_only_accuracy``.

    References
    ----------
    .. [1] M. T. Ribeiro, T. Wu, C. Guestrin, S. Singh (2020), Beyond accuracy:
       behavioral testing of NLP models with CheckList, ACL.

    Examples
    --------
    >>> def mood(texts):
    ...     return ["good" if "good" in text else "bad" for text in texts]
    >>> cases = {"a good flight": "good", "a bad one": "bad", "not good": "bad"}
    >>> report = minimum_functionality_test(mood, cases)
    >>> report.failures
           case expected answer
    2  not good      bad   good
    """
    X, truth = _split(cases, expected)
    rows = Rows(X)
    truth = _one_each(truth, len(rows))
    answers = ask_plainly(predict, rows, Asked(output, threshold))
    names = class_names(predict)
    codes = as_codes(truth, answers, "expected", names)
    allowed = check_tolerance(tolerance, answers)
    if answers.kind == "value":
        gap = np.abs(answers.values - codes)
        failed = gap > allowed + answers.slack * np.maximum(1, np.abs(codes))
        says = "are off"
    else:
        failed = np.asarray(answers.labels != codes, dtype=np.bool_)
        says = "get another label than expected"
    n, n_failed, level = len(rows), int(failed.sum()), as_level(confidence)
    label_rate = float(failed.mean()) if answers.kind != "value" else float("nan")
    moved_rate = float(failed.mean()) if answers.kind == "value" else float("nan")
    return BehaviourReport(
        _by_label(truth, failed, answers.kind, level),
        rate_sentence(n_failed, n, says, level),
        "minimum functionality",
        n,
        n_failed,
        *shares(n_failed, n, level),
        0,
        0,
        float(tolerance),
        label_rate,
        moved_rate,
        level,
        _failures(rows, truth, answers, failed, names),
    )


def _split(cases: Any, expected: Any) -> tuple[Any, Any]:
    """Take cases apart into rows and what is expected."""
    if isinstance(cases, list | tuple) and cases:
        if all(isinstance(case, Mapping) for case in cases):
            cases = pd.DataFrame(list(cases))
        elif expected is None and all(_is_pair(case) for case in cases):
            rows: Any = [row for row, _ in cases]
            if all(isinstance(row, Mapping | pd.Series) for row in rows):
                rows = pd.DataFrame(rows)
            elif not all(isinstance(row, str) for row in rows):
                rows = np.array(rows)
            return rows, [answer for _, answer in cases]
    if isinstance(cases, Mapping) and expected is None:
        return list(cases), list(cases.values())
    if hasattr(cases, "columns"):
        frame = as_frame(cases, "cases")
        name = "expected" if expected is None else expected
        if _is_column(name, frame):
            return frame.drop(columns=[name]), frame[name]
        if expected is None:
            raise KeyError(
                f"cases has no column 'expected' (it has {list(frame.columns)[:20]}); "
                "add one, or pass expected="
            )
    if expected is None:
        raise ValueError(
            "nothing says what is expected; pass pairs (row, expected), a table with a "
            'column "expected", or expected='
        )
    return cases, expected


def _is_pair(case: Any) -> bool:
    return isinstance(case, list | tuple) and len(case) == 2


def _is_column(name: Any, frame: pd.DataFrame) -> bool:
    return np.isscalar(name) and name in list(frame.columns)


def _one_each(truth: Any, n: int) -> Array:
    """Give one expected answer per row."""
    if np.isscalar(truth):
        truth = [truth] * n
    array = as_vector(truth, "expected")
    if len(array) != n:
        raise ValueError(
            f"expected has {len(array)} values for {n} cases; pass one a case"
        )
    if pd.isna(array).any():
        at = int(np.argmax(pd.isna(array)))
        raise ValueError(f"expected has missing values (first for case {at}); say what")
    return array


def _by_label(
    truth: Array, failed: Array, kind: str, confidence: float
) -> pd.DataFrame:
    """Give the table: one row per expected label, or one for all cases."""
    names = pd.Series(truth).astype(object)
    if kind == "value" or names.nunique() > _MOST_LABELS:
        names = pd.Series(["all cases"] * len(truth), dtype=object)
    groups = pd.Series(failed).groupby(names.to_numpy(), sort=False)
    table = groups.agg(["size", "sum"]).reset_index()
    table.columns = pd.Index(["expected", "n", "failed"])
    table[["n", "failed"]] = table[["n", "failed"]].astype(np.int64)
    rates = [
        shares(int(f), int(n), confidence)
        for n, f in zip(table["n"], table["failed"], strict=True)
    ]
    table[["failure_rate", "low", "high"]] = np.array(rates)
    return table


def _failures(
    rows: Rows, truth: Array, answers: Answers, failed: Array, names: Array | None
) -> pd.DataFrame:
    at = np.flatnonzero(failed)
    if rows.kind == "table":
        table: pd.DataFrame = rows.values.iloc[at].set_axis(rows.index[at])
    else:
        table = pd.DataFrame(index=rows.index[at])
        if rows.kind == "texts":
            table["case"] = [rows.values[i] for i in at]
    given = answers.values if answers.labels is None else answers.labels
    if answers.kind == "probability" and names is not None:
        given = names[given]
    table = table.assign(expected=truth[at], answer=given[at])
    return table
