"""Resample to fit, then give probabilities of the world as it is."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_consistent_length, column_or_1d, get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mlworkbench._validation import FloatArray

__all__ = ["PriorCorrectedClassifier", "PriorCorrectionWarning"]

_NOT_EXACT = (
    "{name} does not leave the rows of a class as they are distributed: it makes up "
    "rows, or chooses them by their features. The prior correction moves the "
    "probabilities back to about the right level, but it cannot repair what the "
    "sampler does to their slope. Use RandomUnderSampler or RandomOverSampler "
    "(without shrinkage), or recalibrate on rows that were not resampled"
)


class PriorCorrectionWarning(UserWarning):
    """The correction is not exact for this sampler; the message says why."""


class PriorCorrectedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit on resampled rows and map the probabilities back to the true prior.

    A model that was trained on half events says "half" where the truth is
    "one in a hundred". As long as the sampler draws within each class at
    random, only the shares of the classes have changed, and the change can be
    undone exactly.

    Parameters
    ----------
    estimator : classifier
        With `fit` and `predict_proba`; a clone of it is fitted.
    sampler : sampler of imbalanced-learn
        Anything with `fit_resample`; a clone of it resamples the training
        rows. Rows to predict are never resampled.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    prior_ : ndarray of shape (n_classes,)
        Shares of the classes in the rows given to `fit`.
    resampled_prior_ : ndarray of shape (n_classes,)
        Shares after resampling.
    n_resampled_ : int
        Rows after resampling.
    estimator_ : classifier
        The fitted estimator; its own probabilities are those of the resampled
        world.
    sampler_ : sampler
        The fitted sampler.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where all are strings.

    See Also
    --------
    compare_resampling : Measures whether resampling helps at all.

    Notes
    -----
    With the prior π of a class and its share πₛ after resampling, each
    probability is multiplied by π / πₛ, and those of a row are divided by
    their sum. For two classes this is p/(1-p) · (π/(1-π)) / (πₛ/(1-πₛ)) for
    the odds. It follows from Bayes' theorem, and it is exact when the rows of
    each class have the same distribution before and after, and the estimator's
    probabilities are right in the resampled world. Random under- and
    oversampling keep that distribution. SMOTE and its family, NearMiss, Tomek
    links and the other informed samplers do not; `fit` warns.

    The correction is monotone in the probability of two classes, so it changes
    neither ROC-AUC nor PR-AUC. If the prior of the world to come is another
    one than that of the training rows, this one is wrong too.

    `sample_weight` is refused: samplers take no weights. The correction costs
    O(rows × classes).

    References
    ----------
    .. [1] M. Saerens, P. Latinne, C. Decaestecker (2002), Adjusting the
       outputs of a classifier to new a priori probabilities, Neural
       Computation 14.
    .. [2] A. Dal Pozzolo, O. Caelen, R. Johnson, G. Bontempi (2015),
       Calibrating probability with undersampling for unbalanced
       classification, IEEE Symposium Series on Computational Intelligence.

    *Used in:* ``ch04_training_data/12_does_resampling_help``.

    Examples
    --------
    >>> import numpy as np
    >>> from imblearn.under_sampling import RandomUnderSampler
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(20_000, 1))
    >>> y = rng.random(20_000) < 1 / (1 + np.exp(5 - X[:, 0]))
    >>> sampler = RandomUnderSampler(random_state=0)
    >>> model = PriorCorrectedClassifier(LogisticRegression(), sampler).fit(X, y)
    >>> model.prior_.round(3), model.resampled_prior_
    (array([0.989, 0.011]), array([0.5, 0.5]))

    The mean probability is that of the world, not one half.

    >>> model.predict_proba(X).mean(axis=0).round(2)
    array([0.99, 0.01])
    """

    def __init__(self, estimator: Any, sampler: Any) -> None:
        self.estimator = estimator
        self.sampler = sampler

    def fit(self, X: Any, y: Any, **fit_params: Any) -> PriorCorrectedClassifier:
        """Resample the rows, fit on them, remember both priors.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Training rows. A pandas frame reaches sampler and estimator as a
            frame.
        y : array-like of shape (n_samples,)
            Classes, two or more.
        **fit_params : dict
            None are accepted; `sample_weight` is refused with the reason.

        Returns
        -------
        self : PriorCorrectedClassifier
            The fitted classifier.

        Raises
        ------
        TypeError
            When sampler or estimator lack a method, or with any `fit_params`.
        ValueError
            When the sampler leaves no row of a class.

        Warns
        -----
        PriorCorrectionWarning
            When the correction is not exact for this kind of sampler.
        """
        _refuse(fit_params)
        _check_parts(self.estimator, self.sampler)
        validate_data(self, X, y, skip_check_array=True)
        y = column_or_1d(y, warn=True)
        check_consistent_length(X, y)
        check_classification_targets(y)
        if not is_exact(self.sampler):
            message = _NOT_EXACT.format(name=type(self.sampler).__name__)
            warnings.warn(message, PriorCorrectionWarning, stacklevel=2)
        self.sampler_ = clone(self.sampler)
        X_new, y_new = self.sampler_.fit_resample(X, y)[:2]
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prior_ = counts / counts.sum()
        self.resampled_prior_ = _shares(y_new, self.classes_)
        self.n_resampled_ = len(y_new)
        self.estimator_ = clone(self.estimator).fit(X_new, y_new)
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Give probabilities under the prior of the rows given to `fit`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows, not resampled.

        Returns
        -------
        y_prob : ndarray of shape (n_samples, n_classes)
            Corrected probabilities, in the order of `classes_`.

        Raises
        ------
        ValueError
            When X has other columns than in `fit`, or one dimension.
        """
        check_is_fitted(self)
        if len(getattr(X, "shape", ())) == 1:
            raise ValueError(
                "X has one dimension; pass rows × columns. Reshape your data: "
                "X.reshape(1, -1) for one row, X.reshape(-1, 1) for one column"
            )
        validate_data(self, X, reset=False, skip_check_array=True)
        y_prob = np.asarray(self.estimator_.predict_proba(X), dtype=np.float64)
        return correct_prior(y_prob, self.resampled_prior_, self.prior_)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Give the class with the largest corrected probability.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows, not resampled.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            Classes. For a rare class that is hardly ever the answer: choose a
            threshold by costs instead.
        """
        y_prob = self.predict_proba(X)
        return np.asarray(self.classes_[y_prob.argmax(axis=1)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner, sampler = get_tags(self.estimator), get_tags(self.sampler)
        for name in ("sparse", "allow_nan"):
            both = getattr(inner.input_tags, name) and getattr(sampler.input_tags, name)
            setattr(tags.input_tags, name, both)
        if inner.classifier_tags is not None:
            tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
            tags.classifier_tags.poor_score = inner.classifier_tags.poor_score
        return tags


def correct_prior(y_prob: FloatArray, had: FloatArray, has: FloatArray) -> FloatArray:
    """Move probabilities from the prior `had` to the prior `has`."""
    weighed = y_prob * (has / had)
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))


def is_exact(sampler: Any) -> bool:
    """Say whether a sampler keeps the distribution inside each class."""
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    if isinstance(sampler, RandomOverSampler):
        return not sampler.shrinkage
    return isinstance(sampler, RandomUnderSampler)


def _refuse(fit_params: dict[str, Any]) -> None:
    if fit_params.get("sample_weight", 0) is None:
        fit_params = {k: v for k, v in fit_params.items() if k != "sample_weight"}
    if "sample_weight" in fit_params:
        raise TypeError(
            "sample_weight is not supported: samplers take no weights, so a resampled "
            "row has none; weigh the rows in the estimator and do without a sampler"
        )
    if fit_params:
        raise TypeError(f"fit takes X and y only; got also {sorted(fit_params)}")


def _check_parts(estimator: Any, sampler: Any) -> None:
    for part, name, methods in (
        (estimator, "estimator", ("fit", "predict_proba")),
        (sampler, "sampler", ("fit_resample",)),
    ):
        kind = part.__name__ if isinstance(part, type) else type(part).__name__
        if isinstance(part, type):
            raise TypeError(f"{name} is the class {kind}; pass an instance, {kind}()")
        missing = [method for method in methods if not hasattr(part, method)]
        if missing:
            raise TypeError(
                f"{name} is a {kind} without {missing[0]}; pass one with it"
            )


def _shares(y_new: Any, classes: npt.NDArray[Any]) -> FloatArray:
    """Give the share of every class after resampling; none may be gone."""
    found, counts = np.unique(np.asarray(y_new), return_counts=True)
    if not np.array_equal(found, classes):
        lost = sorted(set(classes.tolist()) ^ set(found.tolist()), key=str)
        raise ValueError(
            f"the classes before and after resampling differ by {lost}; use a "
            "sampling_strategy that keeps some rows of every class"
        )
    return np.asarray(counts / counts.sum())
