"""A test set that many may ask and nobody can wear out unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    as_vector,
    check_integer,
    check_same_index,
)

__all__ = ["GuardedTestSet", "TestSetSpentError"]

_COLUMNS = ["question", "name", "asked", "answer", "answered_from", "remaining"]


class TestSetSpentError(RuntimeError):
    """Raised by `GuardedTestSet.score` when the budget is used up."""

    __test__ = False  # no test case, whatever pytest makes of the name


class GuardedTestSet:
    """Answer questions about a test set without giving it away (Thresholdout).

    Who asks the same test set again and again, and lets the answers decide
    what to ask next, fits the test set. The guard answers with the training
    score as long as that is close to the test score: such an answer says
    nothing new about the test rows. Only where the two differ by more than a
    noisy threshold does it answer from the test set, with noise, and that
    costs one of `budget`.

    Parameters
    ----------
    X_train : array-like of shape (n_train, n_features)
        Rows that everybody may see. Rows that the models are *not* fitted on
        (a validation part) make the budget last longer: a model that knows
        its training rows by heart differs from test every time.
    y_train : array-like of shape (n_train,)
        Their labels.
    X_test : array-like of shape (n_test, n_features)
        The rows to guard, drawn from the same population.
    y_test : array-like of shape (n_test,)
        Their labels.
    budget : int
        How many answers may come from the test set, 1 or more.
    threshold : float, default=0.04
        Difference of the two scores up to which they count as close, in
        (0, 1). Several standard errors of that difference.
    noise : float, default=0.01
        Scale of the noise in the answers from the test set, 0 or more; the
        noise in the comparison is four times as large. 0 is a plain threshold,
        without the guarantee.
    random_state : int, numpy.random.Generator or None, default=None
        Source of the noise. Whoever knows the seed can take the noise off.
    row_score : callable, optional
        Takes true and predicted values of all rows, gives a score in [0, 1]
        for each. By default 1 where they are equal, so that the score is the
        accuracy.

    Raises
    ------
    TypeError, ValueError
        When lengths or columns differ, a part is empty, a label is missing,
        or a parameter is out of range.

    See Also
    --------
    audit_split : Whether the test set is clean before anybody asks.

    Notes
    -----
    Thresholdout, with σ for the noise: the comparison is
    abs(test - train) > threshold + γ + η with γ from Laplace(2σ), drawn anew
    after every answer from the test set, and η from Laplace(4σ), drawn for
    every question. An answer from the test set is its score plus noise from
    Laplace(σ), cut to [0, 1]. The answers stay close to the truth for a
    number of questions that is exponential in n_test, as long as those that
    overfit stay within a budget, which may grow with n_test.

    It guards against fitting the test set by asking. It does not guard
    against a test set that leaks, that is too small or that is from another
    population, and not against somebody who reads its attributes.

    A question costs two calls of `predict`, and O(n_train + n_test).

    References
    ----------
    .. [1] C. Dwork, V. Feldman, M. Hardt, T. Pitassi, O. Reingold, A. Roth
       (2015), The reusable holdout: preserving validity in adaptive data
       analysis, Science 349(6248).

    *Used in:* ``ch05_features/12_wear_out_a_test_set``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlworkbench.leakage import GuardedTestSet
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(1_000, 3)), rng.integers(0, 2, 1_000)
    >>> guard = GuardedTestSet(
    ...     X[:500],
    ...     y[:500],
    ...     X[500:],
    ...     y[500:],
    ...     budget=2,
    ...     threshold=0.1,
    ...     noise=0.01,
    ...     random_state=0,
    ... )

    A rule that is as good on test as on train costs nothing; one that has
    learnt the training rows by heart is found out.

    >>> guard.score(lambda rows: np.zeros(len(rows)), name="all zero")
    0.532
    >>> known = {row.tobytes(): label for row, label in zip(X[:500], y[:500])}
    >>> by_heart = lambda rows: [known.get(row.tobytes(), 0) for row in rows]
    >>> round(guard.score(by_heart, name="by heart"), 1)
    0.5
    >>> guard.remaining
    1
    >>> guard.log[["name", "answered_from", "remaining"]]
           name answered_from  remaining
    0  all zero         train          2
    1  by heart          test          1
    """

    def __init__(
        self,
        X_train: Any,
        y_train: Any,
        X_test: Any,
        y_test: Any,
        *,
        budget: int,
        threshold: float = 0.04,
        noise: float = 0.01,
        random_state: RandomState = None,
        row_score: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.budget = check_integer(budget, "budget", 1)
        self.threshold = _check_number(threshold, "threshold")
        self.noise = _check_number(noise, "noise", zero=True)
        self._train = _Part("train", X_train, y_train, row_score)
        self._test = _Part("test", X_test, y_test, row_score)
        self._rng = as_generator(random_state)
        self._used = 0
        self._log: list[tuple[Any, ...]] = []
        self._level = self._draw_level()
        self._lock = threading.Lock()
        _check_columns(self._train.X, self._test.X)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the lock, which cannot be pickled or copied."""
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state, with a lock of its own."""
        vars(self).update(state, _lock=threading.Lock())

    @property
    def remaining(self) -> int:
        """How many answers may still come from the test set."""
        return self.budget - self._used

    @property
    def log(self) -> pd.DataFrame:
        """Who asked what, one row per question, oldest first.

        Columns: question (from 1), name, asked (the kind of model), answer,
        answered_from ("train" or "test"), remaining (after the answer). A
        refused question is there too, "refused", without an answer. The
        score of the test set itself is nowhere in it.
        """
        return pd.DataFrame(self._log, columns=_COLUMNS)

    def score(self, predict_or_estimator: Any, name: str | None = None) -> float:
        """Ask how good a model is.

        Parameters
        ----------
        predict_or_estimator : callable or fitted estimator
            A function that takes rows and gives a prediction for each, or
            anything with such a `predict`. It sees the rows of train and of
            test in turn, each time as a copy.
        name : str, optional
            Who asks, and what; for the log.

        Returns
        -------
        score : float
            The mean score in [0, 1]: of the training rows when the test rows
            agree, else of the test rows with noise.

        Raises
        ------
        TestSetSpentError
            When no answer from the test set remains. Nothing is answered
            then, not even from the training rows: that an answer comes from
            there says something about the test rows too.
        TypeError, ValueError
            When there is nothing to predict with, or the predictions are not
            one per row, missing, or of another kind than the labels. Nothing
            is used up then.

        Examples
        --------
        >>> import numpy as np
        >>> from mlworkbench.leakage import GuardedTestSet
        >>> X, y = np.zeros((10, 1)), np.arange(10) % 2
        >>> guard = GuardedTestSet(X, y, X, y, budget=1, random_state=0)
        >>> guard.score(lambda rows: np.ones(len(rows), dtype=int), name="ones")
        0.5
        """
        predict = getattr(predict_or_estimator, "predict", predict_or_estimator)
        if not callable(predict) or isinstance(predict_or_estimator, type):
            raise TypeError(
                f"predict_or_estimator is a {type(predict_or_estimator).__name__}; "
                "pass a fitted estimator, or a function from rows to predictions"
            )
        kind = getattr(predict_or_estimator, "__name__", None)
        kind = kind or type(predict_or_estimator).__name__
        name = kind if name is None else str(name)
        if self.remaining < 1:
            raise self._refuse(name, kind)
        train, test = self._train.score(predict), self._test.score(predict)
        with self._lock:  # two who ask at once do not share the last answer
            if self.remaining < 1:
                raise self._refuse(name, kind)
            if abs(test - train) <= self._level + self._laplace(4):
                self._write(name, kind, train, "train")
                return train
            self._used += 1
            answer = float(np.clip(test + self._laplace(1), 0, 1))
            self._level = self._draw_level()
            self._write(name, kind, answer, "test")
            return answer

    def __repr__(self) -> str:
        """Say how much is left, and nothing of the rows."""
        return (
            f"GuardedTestSet: {len(self._log):,} question(s), "
            f"{self.remaining:,} of {self.budget:,} test answers left"
        )

    def _laplace(self, times: float) -> float:
        return float(self._rng.laplace(0, times * self.noise))

    def _draw_level(self) -> float:
        return self.threshold + self._laplace(2)

    def _write(self, name: str, kind: str, answer: float, source: str) -> None:
        number = len(self._log) + 1
        self._log.append((number, name, kind, answer, source, self.remaining))

    def _refuse(self, name: str, kind: str) -> TestSetSpentError:
        asked = sum(source != "refused" for *_, source, _ in self._log)
        self._write(name, kind, float("nan"), "refused")
        return TestSetSpentError(
            f"the test set is spent: {self.budget:,} of {asked:,} answers came from "
            "it, which is the budget, and one more could be fitted to its rows. "
            "Decide with what .log has, choose on validation data or by "
            "cross-validation, and collect new test rows for a new guard"
        )


def _check_columns(train: Any, test: Any) -> None:
    """Check that rows of train and of test can be given to one model."""
    if isinstance(train, pd.DataFrame) and isinstance(test, pd.DataFrame):
        if not train.columns.equals(test.columns):
            other = list(train.columns.symmetric_difference(test.columns, sort=False))
            raise ValueError(
                "X_train and X_test have different columns "
                f"({other[:5] or 'the order'}); pass the same in one order"
            )
        return
    shapes = [np.shape(X)[1:] if hasattr(X, "shape") else None for X in (train, test)]
    if None not in shapes and shapes[0] != shapes[1]:
        raise ValueError(
            f"X_train has rows of shape {shapes[0]}, X_test of {shapes[1]}; pass the "
            "same columns"
        )


class _Part:
    """Rows and labels, and the mean score of predictions for them."""

    def __init__(
        self, name: str, X: Any, y: Any, row_score: Callable[[Any, Any], Any] | None
    ) -> None:
        if row_score is not None and not callable(row_score):
            raise TypeError(
                f"row_score is a {type(row_score).__name__}; pass a function of true "
                "and predicted values"
            )
        check_same_index(**{f"X_{name}": X, f"y_{name}": y})
        self.name, self.row_score = name, row_score
        self.X = X.copy() if hasattr(X, "copy") else np.array(X)
        self.y = as_vector(y, f"y_{name}").copy()
        rows = self.X.shape[0] if hasattr(self.X, "shape") else len(self.X)
        if rows != len(self.y):
            raise ValueError(
                f"X_{name} has {rows:,} rows, y_{name} {len(self.y):,} labels; pass "
                "one label per row"
            )
        if not rows:
            raise ValueError(f"X_{name} has no rows; pass at least one")
        missing = pd.isna(self.y)
        if missing.any():
            raise ValueError(
                f"y_{name} has {int(missing.sum())} missing label(s) (first at row "
                f"{int(np.argmax(missing))}); drop those rows"
            )

        if row_score is None and not _is_whole(self.y):
            raise ValueError(
                f"y_{name} has numbers such as {self.y[0]!r}, which are no labels; "
                "pass a row_score that says how good a prediction is, from 0 to 1"
            )

    def score(self, predict: Callable[[Any], Any]) -> float:
        """Give the mean score of the predictions."""
        X = self.X.copy() if hasattr(self.X, "copy") else self.X
        predicted = as_vector(predict(X), "predictions")
        if len(predicted) != len(self.y):
            raise ValueError(
                f"predict gave {len(predicted):,} predictions for {len(self.y):,} "
                f"{self.name} rows; give one per row"
            )
        if pd.isna(predicted).any():
            raise ValueError(
                f"predict gave {int(pd.isna(predicted).sum())} missing prediction(s) "
                f"for the {self.name} rows; give a label for each"
            )
        if self.row_score is None:
            self._check_labels(predicted)
            return float((predicted == self.y).mean())
        scores = self._own_scores(predicted)
        return float(scores.mean())

    def _check_labels(self, predicted: Any) -> None:
        texts = [_is_text(array) for array in (predicted, self.y)]
        if texts[0] != texts[1] or not _is_whole(predicted):
            raise ValueError(
                f"predict gave {predicted[0]!r}, labels are like {self.y[0]!r}; give "
                "labels, not probabilities, or pass a row_score"
            )

    def _own_scores(self, predicted: Any) -> FloatArray:
        assert self.row_score is not None
        scores = np.asarray(self.row_score(self.y, predicted), dtype=np.float64)
        if scores.shape != self.y.shape:
            raise ValueError(
                f"row_score gave shape {scores.shape} for {len(self.y):,} rows; give "
                "one score per row"
            )
        if not ((scores >= 0) & (scores <= 1)).all():
            raise ValueError(
                "row_score gave values outside [0, 1]; scale them, the noise is made "
                "for scores between 0 and 1"
            )
        return scores


def _is_text(values: Any) -> bool:
    kind = values.dtype.kind
    return kind in "UST" or (kind == "O" and isinstance(values[0], str))


def _is_whole(values: Any) -> bool:
    """Say whether values can be labels: anything but fractions."""
    return values.dtype.kind != "f" or bool((values == np.round(values)).all())


def _check_number(value: Any, name: str, zero: bool = False) -> float:
    """Check a number in (0, 1), or with `zero` in [0, 1)."""
    number = int | float | np.integer | np.floating
    lowest = "[0" if zero else "(0"
    if not isinstance(value, number) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; pass a number in {lowest}, 1)")
    if not (0 <= value < 1) or (value == 0 and not zero):
        raise ValueError(f"{name} is {value}; pass a number in {lowest}, 1)")
    return float(value)
