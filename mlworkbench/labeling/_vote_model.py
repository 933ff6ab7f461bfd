"""What every model that combines votes does: check, predict, break ties."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_is_fitted

from mlworkbench._validation import (
    FloatArray,
    RandomState,
    as_generator,
    as_vector,
    check_choice,
    check_integer,
    check_same_index,
    check_same_length,
)
from mlworkbench.labeling._patterns import IntArray
from mlworkbench.labeling._votes import ABSTAIN, as_votes

__all__ = ["VoteModel", "check_balance", "check_truth", "check_votes"]

_TIE_BREAKS = ("abstain", "random", "prior")
_TIE = 1e-9


def check_votes(
    votes: Any, n_classes: Any
) -> tuple[npt.NDArray[np.int8], list[str], int]:
    """Give the votes, the names, and the number of classes, 2 at least."""
    if n_classes is not None:
        n_classes = check_integer(n_classes, "n_classes", 2)
    codes, names, _ = as_votes(votes, n_classes)
    return codes, names, n_classes or max(2, int(codes.max(initial=-1)) + 1)


def check_balance(class_balance: Any, n_classes: int) -> FloatArray | None:
    """Check shares of the classes; they are made to sum to exactly 1."""
    if class_balance is None:
        return None
    shares = as_vector(class_balance, "class_balance").astype(np.float64)
    if len(shares) != n_classes:
        raise ValueError(
            f"class_balance has {len(shares)} shares for {n_classes} classes; "
            "pass one per class (and n_classes, if the votes do not show them all)"
        )
    if not (shares > 0).all() or abs(shares.sum() - 1) > 1e-3:
        raise ValueError(
            f"class_balance is {shares.tolist()}; pass shares above 0 that sum to 1"
        )
    return np.asarray(shares / shares.sum())


def check_truth(y: Any, votes: Any, rows: int, n_classes: int) -> IntArray | None:
    """Give the known classes, -1 where there is none (-1 or missing)."""
    if y is None:
        return None
    check_same_index(votes=votes, y=y)
    check_same_length(votes=range(rows), y=y)
    try:
        values = pd.Series(as_vector(y, "y")).astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise TypeError(
            "y is not made of numbers; pass class numbers 0, 1, ... "
            "and -1 where the class is not known"
        ) from None
    known = np.where(np.isnan(values), ABSTAIN, values)
    wrong = ~((known >= ABSTAIN) & (known < n_classes) & (known == np.floor(known)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"y has {known[row]:g} at row {row}; pass whole numbers from 0 to "
            f"{n_classes - 1}, and -1 where the class is not known"
        )
    return known.astype(np.int64) if (known >= 0).any() else None


class VoteModel(BaseEstimator):
    """Base of `MajorityVote` and `LabelModel`: predict from probabilities."""

    # Votes are the data and stand where X does; nothing is to be routed here.
    __metadata_request__fit = {"votes": UNUSED}  # noqa: RUF012
    __metadata_request__predict = {"votes": UNUSED, "tie_break": UNUSED}  # noqa: RUF012
    __metadata_request__predict_proba = {"votes": UNUSED}  # noqa: RUF012

    class_prior_: FloatArray
    classes_: IntArray
    feature_names_in_: npt.NDArray[Any]
    n_features_in_: int
    random_state: RandomState

    def _set_votes(self, votes: Any, codes: npt.NDArray[np.int8], k: int) -> None:
        self.classes_ = np.arange(k)
        self.n_features_in_ = codes.shape[1]
        if hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        if _is_named(votes):
            self.feature_names_in_ = np.asarray(votes.columns, dtype=object)

    def _check_votes(self, votes: Any) -> npt.NDArray[np.int8]:
        """Check votes against those of the fit."""
        check_is_fitted(self)
        codes, names, _ = as_votes(votes, len(self.classes_))
        if codes.shape[1] != self.n_features_in_:
            raise ValueError(
                f"votes has {codes.shape[1]} functions, the model was fitted on "
                f"{self.n_features_in_}; pass the votes of the same functions"
            )
        fitted = getattr(self, "feature_names_in_", None)
        if fitted is not None and _is_named(votes) and names != list(map(str, fitted)):
            raise ValueError(
                f"votes has the functions {names}, the model was fitted on "
                f"{list(fitted)}; pass the same ones in the same order"
            )
        return codes

    def _proba(self, codes: npt.NDArray[np.int8]) -> FloatArray:
        raise NotImplementedError

    def predict_proba(self, votes: Any) -> FloatArray:
        """Give the probability of each class, row by row.

        Parameters
        ----------
        votes : DataFrame or array-like of shape (n_rows, n_functions)
            Votes of the functions of the fit, in the same order.

        Returns
        -------
        proba : ndarray of shape (n_rows, n_classes)
            Rows sum to 1; a row that nobody voted on has `class_prior_`.

        Raises
        ------
        ValueError
            When the votes are no votes, or those of other functions.
        """
        codes = self._check_votes(votes)
        proba = self._proba(codes)
        proba[(codes == ABSTAIN).all(axis=1)] = self.class_prior_
        return proba

    def predict(self, votes: Any, tie_break: str = "abstain") -> IntArray:
        """Give one class per row.

        Parameters
        ----------
        votes : DataFrame or array-like of shape (n_rows, n_functions)
            Votes of the functions of the fit, in the same order.
        tie_break : {"abstain", "random", "prior"}
            What to say where the best classes are equally likely, and where
            nobody voted: -1; one of the best at random (`random_state`); the
            best one that is most frequent (`class_prior_`), the first of those.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
            Classes; under "abstain", -1 flags ties and rows nobody voted on.

        Raises
        ------
        ValueError
            When the votes are no votes, or `tie_break` is none of the three.
        """
        check_choice(tie_break, "tie_break", _TIE_BREAKS)
        proba = self.predict_proba(votes)
        best = proba >= proba.max(axis=1, keepdims=True) - _TIE
        if tie_break == "random":
            rng = as_generator(self.random_state)
            choice = np.where(best, rng.random(proba.shape), -1.0)
            return np.asarray(choice.argmax(axis=1))
        choice = np.where(best, self.class_prior_.round(9), -1.0)
        labels = choice.argmax(axis=1)
        if tie_break == "abstain":
            silent = (self._check_votes(votes) == ABSTAIN).all(axis=1)
            labels[(best.sum(axis=1) > 1) | silent] = ABSTAIN
        return np.asarray(labels)


def _is_named(votes: Any) -> bool:
    columns = getattr(votes, "columns", None)
    return columns is not None and not isinstance(columns, pd.RangeIndex)
