"""The majority of the votes: the baseline of every label model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlworkbench._validation import FloatArray, RandomState
from mlworkbench.labeling._vote_model import (
    VoteModel,
    check_balance,
    check_votes,
)

__all__ = ["MajorityVote"]


class MajorityVote(VoteModel):
    """Combine votes by counting them.

    Parameters
    ----------
    n_classes : int, optional
        Number of classes; as many as the votes show by default, at least 2.
    class_balance : array-like of shape (n_classes,), optional
        Shares of the classes, for rows nobody voted on and for
        ``tie_break="prior"``; all the same by default. Votes are not weighed
        by them.
    random_state : int, Generator, RandomState or None
        For ``tie_break="random"``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        0 to n_classes - 1.
    class_prior_ : ndarray of shape (n_classes,)
        The shares given, or equal ones.
    n_features_in_ : int
        Number of functions.
    feature_names_in_ : ndarray of shape (n_functions,)
        Their names, when the votes of the fit had names.

    See Also
    --------
    LabelModel : Weighs each function by what it turns out to be worth.

    Notes
    -----
    `predict_proba` gives shares of votes, which are no calibrated
    probabilities: two good functions and two copies of a bad one give one half.
    O(rows × functions).

    *Used in:* ``ch04_training_data/05_combine_noisy_votes``.

    Examples
    --------
    >>> from mlworkbench.labeling import MajorityVote
    >>> votes = [[0, 0, 1], [1, -1, -1], [0, 1, -1], [-1, -1, -1]]
    >>> model = MajorityVote().fit(votes)
    >>> model.predict(votes).tolist()
    [0, 1, -1, -1]
    >>> model.predict_proba(votes).round(2).tolist()
    [[0.67, 0.33], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(
        self,
        n_classes: int | None = None,
        *,
        class_balance: Any = None,
        random_state: RandomState = 0,
    ) -> None:
        self.n_classes = n_classes
        self.class_balance = class_balance
        self.random_state = random_state

    def fit(self, votes: Any, y: Any = None) -> MajorityVote:
        """Learn the functions and the classes; there is nothing to estimate.

        Parameters
        ----------
        votes : DataFrame or array-like of shape (n_rows, n_functions)
            Classes 0 to n_classes - 1, and -1 for no opinion.
        y : array-like, optional
            Not used.

        Returns
        -------
        model : MajorityVote
            The model itself.

        Raises
        ------
        TypeError, ValueError
            When the votes are no votes, or the class balance is none.
        """
        codes, _, k = check_votes(votes, self.n_classes)
        balance = check_balance(self.class_balance, k)
        self._set_votes(votes, codes, k)
        self.class_prior_ = np.full(k, 1 / k) if balance is None else balance
        return self

    def _proba(self, codes: npt.NDArray[np.int8]) -> FloatArray:
        shares = np.stack([(codes == c).sum(axis=1) for c in self.classes_], axis=1)
        return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1))
