"""Ready-made kinds of labeling functions: words, patterns, tables, models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlworkbench._validation import check_columns, check_fraction, check_integer
from mlworkbench.labeling._functions import Int8, LabelingFunction, check_label
from mlworkbench.labeling._text import TextMatch, words_pattern
from mlworkbench.labeling._votes import ABSTAIN

__all__ = ["keyword_lf", "lookup_lf", "model_lf", "regex_lf"]

Phrases = str | Iterable[str] | re.Pattern[str]
_LONGEST_NAME = 60


def keyword_lf(
    column: Any,
    words: str | Iterable[str],
    label: int,
    *,
    unless: Phrases | None = None,
    unless_after: Phrases | None = None,
    window: int = 6,
    case: bool = False,
    name: str | None = None,
) -> LabelingFunction:
    """Vote for a class where a text has one of the words, and does not deny it.

    Parameters
    ----------
    column : column label
        The column of text; a missing text abstains.
    words : str or list of str
        Words and phrases, found whole: "burn" is not found in "sunburn" or
        "burns". A final ``*`` stands for any ending: "pneumon*"; it has no
        meaning elsewhere.
    label : int
        The class to vote for, 0 to 126.
    unless : str, list of str or compiled pattern, optional
        Words that take a find back when they stand before it ("no", "denies").
    unless_after : str, list of str or compiled pattern, optional
        The same, after it ("ruled out", "unlikely").
    window : int, default=6
        How many words before or after a find are looked at. The search stops
        where the clause ends: at ``. ; ! ?``, at the end of a line, and at "but".
    case : bool, default=False
        Whether capital letters matter.
    name : str, optional
        Name of the function; column and words by default.

    Returns
    -------
    lf : LabelingFunction
        Votes `label` where at least one find is not taken back.

    Raises
    ------
    TypeError, ValueError
        When there is no word, a ``*`` stands elsewhere than at the end, or the
        label is no class number.

    See Also
    --------
    regex_lf : The same for a pattern.

    Notes
    -----
    The rule for negation is NegEx without its phrase lists [1]_: a trigger, a
    scope of some words, an end of the scope. It misleads where the trigger
    belongs to something else: in "no fever, chest pain" the comma does not end
    the scope. Time is linear in the length of the texts; rows with a find cost
    more where `unless` is given.

    References
    ----------
    .. [1] W. Chapman, W. Bridewell, P. Hanbury, G. Cooper, B. Buchanan (2001),
       A simple algorithm for identifying negated findings and diseases in
       discharge summaries, Journal of Biomedical Informatics 34(5).

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.labeling import keyword_lf
    >>> notes = pd.DataFrame(
    ...     {
    ...         "note": [
    ...             "likely pneumonia",
    ...             "no sign of pneumonia",
    ...             "pneumonia ruled out",
    ...             "no fever. pneumonia on x-ray",
    ...         ]
    ...     }
    ... )
    >>> keyword_lf("note", "pneumonia", 2)(notes).tolist()
    [2, 2, 2, 2]
    >>> lf = keyword_lf("note", "pneumonia", 2, unless="no", unless_after="ruled out")
    >>> lf(notes).tolist()
    [2, -1, -1, 2]
    """
    listed = _phrases(words, "words")
    shown = f"{column}: {' / '.join(listed)}"
    return _text_lf(
        column,
        words_pattern(listed, case),
        label,
        (unless, unless_after, window, case),
        _short(name, shown, unless, unless_after),
    )


def regex_lf(
    column: Any,
    pattern: str | re.Pattern[str],
    label: int,
    *,
    unless: Phrases | None = None,
    unless_after: Phrases | None = None,
    window: int = 6,
    case: bool = True,
    name: str | None = None,
) -> LabelingFunction:
    r"""Vote for a class where a pattern is found in a text.

    Parameters
    ----------
    column : column label
        The column of text; a missing text abstains.
    pattern : str or compiled pattern
        Python's regular expression, found anywhere in the text.
    label : int
        The class to vote for, 0 to 126.
    unless, unless_after : str, list of str or compiled pattern, optional
        What takes a find back when it stands before or after it, as in
        `keyword_lf`.
    window : int, default=6
        How many words before or after a find are looked at.
    case : bool, default=True
        Whether capital letters matter, in the pattern and in `unless` and
        `unless_after` alike; by default ``unless="no"`` leaves "No" standing. A
        compiled pattern has its own say.
    name : str, optional
        Name of the function; column and pattern by default.

    Returns
    -------
    lf : LabelingFunction
        Votes `label` where at least one find is not taken back.

    Raises
    ------
    TypeError, ValueError
        When the pattern cannot be read, or can match nothing at all (and so finds
        every row).

    Notes
    -----
    The answers are those of `re.search`. Plain patterns on texts of ASCII are
    searched by Arrow's linear-time engine; patterns with lookaround or back
    references by Python's, which is slower and can be exponential.

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.labeling import regex_lf
    >>> notes = pd.DataFrame({"note": ["temp 39.5", "temp 36.8", None]})
    >>> regex_lf("note", r"\b(39|4[01])\.\d", 1)(notes).tolist()
    [1, -1, -1]
    """
    made = _compile(pattern, case)
    return _text_lf(
        column,
        made,
        label,
        (unless, unless_after, window, case),
        _short(name, f"{column}: /{made.pattern}/", unless, unless_after),
    )


def lookup_lf(
    column: Any,
    table: Any,
    label: int | None = None,
    *,
    name: str | None = None,
) -> LabelingFunction:
    """Vote by looking a value up in a table.

    Parameters
    ----------
    column : column label
        The column of values; a missing value abstains.
    table : set, list, array, dict or Series
        The values that get `label`; or a dict of value to class, or a Series
        with the values as index and the classes as values.
    label : int, optional
        The class for a set of values. Left out for a dict or a Series.
    name : str, optional
        Name of the function; by default the column's and the table's size.

    Returns
    -------
    lf : LabelingFunction
        Votes where the value is in the table, and abstains elsewhere.

    Raises
    ------
    TypeError, ValueError
        When the table is empty, has a key twice or a class that is none; when
        `label` is missing or too many; when the function is called, if the table
        has texts and the column numbers or the other way round.

    Notes
    -----
    One hash look-up per row.

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> import pandas as pd
    >>> from mlworkbench.labeling import lookup_lf
    >>> frame = pd.DataFrame({"mode": ["ambulance", "on foot", None]})
    >>> lookup_lf("mode", {"ambulance"}, 2)(frame).tolist()
    [2, -1, -1]
    >>> lookup_lf("mode", {"ambulance": 2, "on foot": 0})(frame).tolist()
    [2, 0, -1]
    """
    mapped = isinstance(table, Mapping | pd.Series)
    if mapped and label is not None:
        raise ValueError(
            f"label={label} was given with a table of value to class; leave label out, "
            "or pass the values as a set or list"
        )
    if isinstance(table, str) or not (mapped or isinstance(table, Iterable)):
        raise TypeError(
            f"table is {table!r}; pass a set or list of values, or a dict of value to "
            "class"
        )
    if not mapped and label is None:
        raise ValueError("label is missing; say which class the values in table get")
    classes = _classes(table) if mapped else dict.fromkeys(table, check_label(label))
    if not classes:
        raise ValueError("table is empty; pass at least one value")
    values = "value" if len(classes) == 1 else "values"
    made = _short(name, f"{column}: one of {len(classes)} {values}")
    return LabelingFunction(_Lookup(column, classes), made)


def model_lf(
    estimator: Any,
    columns: Any,
    label: int,
    threshold: float = 0.5,
    *,
    pos_label: Any = None,
    name: str | None = None,
) -> LabelingFunction:
    """Vote for a class where a fitted model is sure enough of it.

    Parameters
    ----------
    estimator : fitted classifier
        Anything with `predict_proba` and `classes_`, as in scikit-learn.
    columns : column label or list of labels
        What the model sees: a list gives it a frame, one label gives it that
        column (as text vectorizers want it).
    label : int
        The class to vote for, 0 to 126.
    threshold : float in (0, 1], default=0.5
        The least probability to vote.
    pos_label : scalar, optional
        The class of the *estimator* that stands for `label`; `label` itself by
        default.
    name : str, optional
        Name of the function; the estimator's and the threshold by default.

    Returns
    -------
    lf : LabelingFunction
        Votes `label` where the probability is at least `threshold`.

    Raises
    ------
    TypeError, ValueError
        When the estimator gives no probabilities or does not know the class, or
        the threshold is outside (0, 1].
    sklearn.exceptions.NotFittedError
        When it was not fitted.

    Notes
    -----
    A model trained on labels of the same rows is no independent source: it
    agrees with itself. Train it on other data, or on another task.

    *Used in:* ``ch04_training_data/04_write_labeling_functions``.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from mlworkbench.labeling import model_lf
    >>> seen = pd.DataFrame({"pulse": [60, 65, 70, 120, 125, 130]})
    >>> model = LogisticRegression().fit(seen, [0, 0, 0, 1, 1, 1])
    >>> model_lf(model, ["pulse"], 1, threshold=0.9)(seen).tolist()
    [-1, -1, -1, 1, 1, 1]
    """
    from sklearn.utils.validation import check_is_fitted

    if not hasattr(estimator, "predict_proba"):
        raise TypeError(
            f"estimator is a {type(estimator).__name__} without predict_proba; pass a "
            "classifier that gives probabilities, or write a @labeling_function"
        )
    check_is_fitted(estimator)
    label = check_label(label)
    wanted = label if pos_label is None else pos_label
    classes = np.asarray(estimator.classes_).tolist()
    if wanted not in classes:
        raise ValueError(
            f"the estimator knows the classes {classes}, not {wanted!r}; say with "
            f"pos_label which of them stands for label {label}"
        )
    threshold = check_fraction(threshold, "threshold")
    model = _Model(estimator, columns, classes.index(wanted), threshold)
    made = _short(name, f"{type(estimator).__name__}: {wanted} at {threshold:g}")
    return LabelingFunction(model, made, label)


@dataclass(frozen=True)
class _Lookup:
    column: Any
    classes: dict[Any, int]

    def __call__(self, frame: pd.DataFrame) -> Int8:
        check_columns(frame, [self.column])
        column = frame[self.column]
        self._check_kind(column)
        if _is_category(column):
            each = _look_up(column.cat.categories.to_series(), self.classes)
            codes: Int8 = np.append(each, np.int8(ABSTAIN))[column.cat.codes]
            return codes
        return _look_up(column, self.classes)

    def _check_kind(self, column: pd.Series) -> None:
        values = column.cat.categories if _is_category(column) else column
        texts = [isinstance(value, str) for value in self.classes]
        numbers = pd.api.types.is_numeric_dtype(values)
        is_text = isinstance(values.dtype, pd.StringDtype)
        if (numbers and all(texts)) or (is_text and not any(texts)):
            there, here = ("texts", "numbers") if numbers else ("numbers", "texts")
            key = next(iter(self.classes))
            raise TypeError(
                f"the table has {there} such as {key!r}, the column {self.column!r} "
                f"has {here}, so nothing can be found; make them of one kind"
            )


@dataclass(frozen=True)
class _Model:
    estimator: Any
    columns: Any
    position: int
    threshold: float

    def __call__(self, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
        many = isinstance(self.columns, list | tuple | pd.Index)
        wanted = list(self.columns) if many else [self.columns]
        check_columns(frame, wanted)
        if not len(frame):
            return np.zeros(0, dtype=np.bool_)
        seen = frame[wanted] if many else frame[self.columns]
        probability = np.asarray(self.estimator.predict_proba(seen))
        return np.asarray(probability[:, self.position] >= self.threshold)


def _look_up(values: pd.Series, classes: dict[Any, int]) -> Int8:
    found = values.map(classes).where(values.notna())
    numbers = found.astype("float64").fillna(ABSTAIN).to_numpy()
    return np.asarray(numbers, dtype=np.int8)


def _is_category(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _classes(table: Any) -> dict[Any, int]:
    if isinstance(table, pd.Series) and not table.index.is_unique:
        twice = table.index[table.index.duplicated()].tolist()[0]
        raise ValueError(f"table has the value {twice!r} twice; give it one class")
    pairs = table.items()
    return {
        value: ABSTAIN
        if isinstance(found, int | np.integer) and found == ABSTAIN
        else check_label(found, f"the class of {value!r} in table")
        for value, found in pairs
    }


def _phrases(given: Any, name: str) -> list[str]:
    listed = [given] if isinstance(given, str) else list(given)
    for word in listed:
        if not isinstance(word, str) or not word.strip(" *\t\n"):
            raise TypeError(f"{name} has {word!r}; pass words that are not empty")
        if "*" in word.strip()[:-1]:
            raise ValueError(
                f"{name} has {word!r}; a * stands for any ending and only works as the "
                "last character ('pneumon*'): for more pass a pattern, regex_lf or "
                "re.compile(...) in unless"
            )
    if not listed:
        raise ValueError(f"{name} is empty; pass at least one word")
    return listed


def _compile(pattern: Any, case: bool) -> re.Pattern[str]:
    if isinstance(pattern, str):
        try:
            pattern = re.compile(pattern, re.NOFLAG if case else re.IGNORECASE)
        except re.error as error:
            raise ValueError(
                f"pattern {pattern!r} cannot be read: {error}; "
                "write a backslash before a character that stands for itself"
            ) from None
    if not isinstance(pattern, re.Pattern) or not isinstance(pattern.pattern, str):
        raise TypeError(f"pattern is {pattern!r}; pass a regular expression for text")
    if all(pattern.search(text) is not None for text in ("", "x", "7", " ")):
        raise ValueError(
            f"pattern {pattern.pattern!r} finds nothing at all, and so every row; "
            "write + instead of *, or ask for at least one character"
        )
    return pattern


def _text_lf(
    column: Any,
    pattern: re.Pattern[str],
    label: int,
    unless: tuple[Phrases | None, Phrases | None, int, bool],
    name: str,
) -> LabelingFunction:
    before, after, window, case = unless
    sides = [
        words if isinstance(words, re.Pattern | None) else words_pattern(listed, case)
        for words, listed in (
            (before, _listed(before, "unless")),
            (after, _listed(after, "unless_after")),
        )
    ]
    window = check_integer(window, "window", 1)
    found = TextMatch(column, pattern, sides[0], sides[1], window)
    return LabelingFunction(found, name, check_label(label))


def _listed(words: Phrases | None, name: str) -> list[str]:
    return [] if isinstance(words, re.Pattern | None) else _phrases(words, name)


def _short(name: str | None, text: str, *unless: Phrases | None) -> str:
    """Give the name asked for, or a short one made of the arguments."""
    if name is not None:
        return name
    text += " (unless …)" if any(words is not None for words in unless) else ""
    if len(text) <= _LONGEST_NAME:
        return text
    return text[: _LONGEST_NAME - 1] + "…"
