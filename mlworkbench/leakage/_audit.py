"""Everything two tables can tell about leakage between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlworkbench._coverage import value_kind
from mlworkbench._validation import (
    RandomState,
    as_frame,
    as_generator,
    check_columns,
)
from mlworkbench.leakage._coverage import check_coverage
from mlworkbench.leakage._duplicates import check_duplicates
from mlworkbench.leakage._findings import Finding, LeakageReport, make_report
from mlworkbench.leakage._groups import check_groups
from mlworkbench.leakage._identity import find_same_ids, find_same_labels
from mlworkbench.leakage._row_codes import is_text
from mlworkbench.leakage._scaling import check_scaling
from mlworkbench.leakage._target import check_target
from mlworkbench.leakage._time import check_time
from mlworkbench.leakage._times import as_times

__all__ = ["audit_split"]

_ALL_OF_TEST = 0.9  # share of test that is in train, from which on there is no test
_SOME_NAMES = 30  # rows from which on no value twice means that it names rows
_NEAR_ROWS = 10_000  # rows of test for which almost equal rows are looked for
_UNSEEN = (
    "two tables show neither how features were made nor how the model was chosen: see "
    "check_preprocessing, watch and lint_notebook"
)


class _Split(NamedTuple):
    """The checked input."""

    train: pd.DataFrame
    test: pd.DataFrame
    target: Any
    time: Any
    groups: list[Any]
    ids: list[Any]
    text: list[Any]
    columns: list[Any]
    row_names: list[Any]
    asked: list[Any]


def audit_split(
    train: Any,
    test: Any,
    *,
    target: Any,
    time: Any = None,
    groups: Any = None,
    id_columns: Iterable[Any] = (),
    text: Any = None,
    available_at: Mapping[Any, Any] | None = None,
    prediction_time: Any = None,
    random_state: RandomState = 0,
) -> LeakageReport:
    """Audit a split: ask of two tables whether the test score can be believed.

    Runs every check that needs no code, only the tables: the same rows and
    almost the same rows on both sides, shared groups and identifiers, the
    order in time, features that know the target or come too late, numbers
    scaled on both sides, and a test set that is no sample of the rest.

    Parameters
    ----------
    train, test : DataFrame or Table of shape (n, p) and (m, p)
        Both sides of the split, the target among their columns.
    target : column label
        What is predicted.
    time : column label, optional
        The moment of every row, when the model will predict the future.
    groups : column label or list of labels, optional
        Whose rows they are, when the model will meet new ones.
    id_columns : iterable of labels, optional
        Columns that name rows and are no features.
    text : column label or list of labels, optional
        Columns of text, long or short, in which to look for almost the same
        text; rows of almost equal numbers are looked for in any case.
    available_at : dict of column label to column label or length, optional
        When a feature is known; see `check_time`.
    prediction_time : column label or moment, optional
        When the model is asked; `time` by default.
    random_state : int, Generator, RandomState or None
        Seed of the sample of test rows, where there are more than 10,000, for
        which almost equal rows are looked for.

    Returns
    -------
    report : LeakageReport
        One row per finding, the gravest first; `.rows("duplicates")` gives the
        evidence of a kind, `.plot()` the share of rows, `.ok` whether nothing
        is graver than a note.

    Raises
    ------
    KeyError
        When a column that was named is not there.
    TypeError
        When times of different types would have to be compared, `text` names
        a column of something else, or the target holds lists.
    ValueError
        When a side has no rows, both have no column in common, all of the
        target is missing, or only one side has time zones.

    Notes
    -----
    A finding of severity "leak" rests on facts in the tables and on what you
    said they mean (`time`, `groups`, `available_at`); a warning asks for a
    decision. No finding is evidence, not proof: what was not named is not
    checked, and preprocessing, selection and tuning on test leave no trace in
    tables. Rows are compared without a column of whole numbers or names in which
    no value comes twice, too: copies may have been numbered anew.
    O((n + m) · p · log(n + m)) and a few copies of one column at a time.

    References
    ----------
    .. [1] S. Kapoor and A. Narayanan (2023), Leakage and the reproducibility
       crisis in machine-learning-based science, Patterns 4(9).
    .. [2] S. Kaufman, S. Rosset and C. Perlich (2012), Leakage in data mining:
       formulation, detection, and avoidance, ACM TKDD 6(4).

    *Used in:* ``ch05_features/09_audit_a_split``.

    Examples
    --------
    A table in which patients come twice, split at random.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> patient = np.repeat(np.arange(200), 2)
    >>> visits = pd.DataFrame({"patient": patient, "age": rng.normal(50, 9, 400)})
    >>> visits["ill"] = rng.random(400) < 0.3
    >>> mixed = visits.sample(frac=1, random_state=0)
    >>> report = audit_split(mixed[:300], mixed[300:], target="ill", groups="patient")
    >>> report.frame[["severity", "kind", "what", "n_rows"]]
      severity        kind                   what  n_rows
    0     leak  dependence  shared groups: patient      78
    >>> new = visits["patient"] >= 150
    >>> report = audit_split(visits[~new], visits[new], target="ill", groups="patient")
    >>> report.ok
    True
    """
    split = _take(train, test, target, time, groups, id_columns, text)
    split = split._replace(asked=_moments(split, available_at, prediction_time))
    reports = [
        _duplicates(split, random_state),
        _target(split),
        _coverage(split),
        _scaling(split),
    ]
    if split.groups:
        reports.append(check_groups(split.train, split.test, split.groups))
    if time is not None or available_at is not None:
        reports.append(
            check_time(
                split.train,
                split.test,
                time,
                available_at=available_at,
                prediction_time=prediction_time,
            )
        )
    findings = [
        *_columns(split),
        *find_same_labels(split.train[split.columns], split.test[split.columns]),
        *find_same_ids(split.train, split.test, split.ids),
        *(finding for report in reports for finding in report.findings),
    ]
    return make_report(findings, notes=_notes(split, available_at))


def _take(
    train: Any, test: Any, target: Any, time: Any, groups: Any, ids: Any, text: Any
) -> _Split:
    """Check the input."""
    one, two = as_frame(train, "train"), as_frame(test, "test")
    for side, name in ((one, "train"), (two, "test")):
        if not len(side):
            raise ValueError(f"{name} has no rows; there is no split to audit")
    for name, label in (("target", target), ("time", time)):
        if not isinstance(label, Hashable):
            raise TypeError(
                f"{name} is a {type(label).__name__}; pass the label of a column"
            )
    check_columns(one, [target], "train")
    if not one[target].notna().any():
        raise ValueError(
            f"the target {target!r} is missing in all {len(one)} rows of train; pass "
            "rows with labels"
        )
    lists = [_labels(one, labels) for labels in (groups, ids, text)]
    for labels in (*lists, [] if time is None else [time]):
        check_columns(one, labels, "train")
        check_columns(two, labels, "test")
    _check_text(one, lists[2])
    shared = [c for c in one.columns if c in two.columns and c != target]
    if not shared:
        raise ValueError(
            f"train and test have no feature in common; train has {list(one.columns)}, "
            f"test {list(two.columns)}"
        )
    one_kind = [c for c in shared if _one_kind(one[c], two[c])]
    names = [c for c in one_kind if all(_names_rows(side[c]) for side in (one, two))]
    by, ids, texts = lists
    return _Split(one, two, target, time, by, ids, texts, one_kind, names, [])


def _check_text(train: pd.DataFrame, text: list[Any]) -> None:
    for column in text:
        kind = value_kind(train[column])
        if kind not in ("text", "nothing"):
            raise TypeError(
                f"text names {column!r}, which holds values of the kind {kind!r}; "
                "pass columns of text"
            )


def _names_rows(values: pd.Series) -> bool:
    """Say whether a column may be the number or the name of a row: none twice."""
    types = pd.api.types
    if types.is_bool_dtype(values) or not len(values) >= _SOME_NAMES:
        return False
    known = types.is_integer_dtype(values) or types.is_string_dtype(values)
    return known and not is_text(values) and values.is_unique


def _moments(split: _Split, available_at: Any, prediction_time: Any) -> list[Any]:
    """Give the columns that say when the model is asked, and a feature known."""
    stamps = available_at if isinstance(available_at, Mapping) else {}
    named = [prediction_time, *stamps.values()]
    labels = [label for label in named if isinstance(label, Hashable)]
    features = set(stamps)
    return [c for c in split.train.columns if c in labels and c not in features]


def _labels(frame: pd.DataFrame, labels: Any) -> list[Any]:
    """Take one label or several."""
    if labels is None or (isinstance(labels, tuple) and not labels):
        return []
    if isinstance(labels, str):
        return [labels]
    if isinstance(labels, pd.Series | pd.DataFrame | np.ndarray):
        raise TypeError(
            f"a {type(labels).__name__} was given; pass the labels of columns"
        )
    if isinstance(labels, Hashable) and labels in frame.columns:
        return [labels]
    return list(labels)


def _one_kind(one: pd.Series, two: pd.Series) -> bool:
    """Say whether a column holds one kind of values, which can be compared."""
    kinds = {value_kind(one), value_kind(two)} - {"nothing"}
    return len(kinds) < 2 and "mixed" not in kinds


def _duplicates(split: _Split, random_state: RandomState) -> LeakageReport:
    """Look for equal and almost equal rows, identifiers left aside."""
    columns = [c for c in split.columns if c not in split.ids]
    if not columns:
        return make_report([])
    if split.target in split.test.columns and _one_kind(
        split.train[split.target], split.test[split.target]
    ):
        columns.append(split.target)  # a copy has the label too; chance has not
    rng = as_generator(random_state)
    exact = check_duplicates(split.train, split.test, columns=columns)
    findings = [_no_test_set(f) for f in exact.findings]
    findings += _renamed(split, columns)
    columns = [c for c in columns if c not in split.row_names] or columns
    some = split.test
    if len(some) > _NEAR_ROWS:
        some = some.iloc[
            rng.choice(len(some), _NEAR_ROWS, replace=False, shuffle=False)
        ]
    looked = [[c] for c in split.text] + [_near_columns(split, columns)]
    for chosen in looked:
        if chosen:
            near = check_duplicates(split.train, some, near=True, columns=chosen)
            almost = [f for f in near.findings if f.what.startswith("almost")]
            if chosen[0] in split.text:  # say in which text
                what = f"almost equal texts: {chosen[0]}"
                almost = [dataclasses.replace(f, what=what) for f in almost]
            findings += almost
    return make_report(findings)


def _renamed(split: _Split, columns: list[Any]) -> list[Finding]:
    """Look for rows that came again under another number or name."""
    names = [c for c in columns if c in split.row_names and c not in split.text]
    rest = [c for c in columns if c not in names]
    if not names or not [c for c in rest if c != split.target]:
        return []
    found = check_duplicates(split.train, split.test, columns=rest).findings
    shown = ", ".join(map(str, names))
    return [
        dataclasses.replace(_no_test_set(f), what=f"equal rows but for: {shown}")
        for f in found
        if f.severity != "note" and f.what == "equal rows"
    ]


def _near_columns(split: _Split, columns: list[Any]) -> list[Any]:
    """Give the columns in which rows are compared; long text only when named."""
    dtypes = split.train[columns].dtypes
    strings = pd.api.types.is_string_dtype
    return [c for c in columns if c not in split.text and not strings(dtypes[c])]


def _no_test_set(finding: Finding) -> Finding:
    """Call it by its name where nearly all of test is in train."""
    if finding.severity != "leak" or not finding.share >= _ALL_OF_TEST:
        return finding
    return dataclasses.replace(finding, kind="no clean test set")


def _features(split: _Split) -> list[Any]:
    """Give the columns of train that a model would learn from."""
    other = {split.target, split.time, *split.ids, *split.groups, *split.text}
    other.update(split.asked)
    return [c for c in split.train.columns if c not in other]


def _target(split: _Split) -> LeakageReport:
    """Ask what the features know of the target, where that can be asked."""
    y = split.train[split.target]
    try:
        n_values = y.nunique()
    except TypeError:
        raise TypeError(
            f"the target {split.target!r} holds values that cannot be compared "
            "(lists, dicts, sets?); pass numbers, classes or truth values"
        ) from None
    if n_values == 1:
        value = y.dropna().iloc[0]
        words = f"train holds one value of {split.target}: {value!r}"
        advice = "Split again, stratified by the target; nothing can be learned."
        finding = Finding(
            "sampling bias", "warning", "one class", len(y), 1.0, words, advice
        )
        return make_report([finding])
    features = _features(split)
    if not features:
        return make_report([])
    groups = split.train[split.groups[0]] if split.groups else None
    return check_target(split.train[features], y, groups)


def _coverage(split: _Split) -> LeakageReport:
    """Ask whether test is a sample of the rest."""
    skipped = {split.time, *split.ids, *split.groups, *split.text, *split.asked}
    columns = [
        c for c in split.train.columns if c in split.test.columns and c not in skipped
    ]
    time = split.time if split.time is not None else _split_in_time(split)
    if not columns:
        return make_report([])
    return check_coverage(
        split.train,
        split.test,
        columns=columns,
        target=split.target,
        time=time,
        groups=split.groups or None,
    )


def _split_in_time(split: _Split) -> Any:
    """Find the dates by which the rows were split, where nobody named them."""
    for column in split.columns:
        if "time" not in value_kind(split.train[column]):
            continue
        try:
            sides = [as_times(s[column], "x") for s in (split.train, split.test)]
        except ValueError:  # half of them with a zone: no order to split by
            continue
        if sides[0].max() <= sides[1].min():
            return column
    return None


def _scaling(split: _Split) -> LeakageReport:
    """Look for numbers that both sides were scaled or filled with."""
    other = {split.time, *split.ids, *split.groups}
    labelled = split.target in split.test.columns
    return check_scaling(
        split.train,
        split.test,
        columns=[c for c in split.columns if c not in other],
        target=split.target if labelled else None,
    )


def _columns(split: _Split) -> list[Finding]:
    """Name the columns of one side only."""
    findings = []
    sides = ((split.train, split.test, "train"), (split.test, split.train, "test"))
    for one, other, name in sides:
        only = [c for c in one.columns if c not in other.columns]
        if only:
            findings.append(
                Finding(
                    "sampling bias",
                    "note",
                    f"columns only in {name}",
                    len(one),
                    1.0,
                    ", ".join(map(str, only)),
                    "Give both sides the same columns; these were not compared.",
                )
            )
    return findings


def _notes(split: _Split, available_at: Any) -> list[str]:
    """Say what was not asked."""
    missing = {
        "time": split.time is None,
        "groups": not split.groups,
        "available_at": available_at is None,
    }
    names = [name for name, absent in missing.items() if absent]
    notes = [f"not named, so not checked: {', '.join(names)}"] if names else []
    if len(split.test) > _NEAR_ROWS:
        notes.append(f"almost equal rows: looked for {_NEAR_ROWS:,} rows of test")
    return [*notes, _UNSEEN]
