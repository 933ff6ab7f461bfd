"""Marked spans of text: how far annotators agree, and a rule that settles it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from mlworkbench._report import Report
from mlworkbench._validation import as_frame, check_columns

__all__ = ["SpanAgreement", "longest_spans", "span_agreement"]


@dataclass(frozen=True, eq=False, repr=False)
class SpanAgreement(Report):
    """What `span_agreement` counted, one row per pair of annotators.

    - annotator_a, annotator_b: the pair; spans_a, spans_b: what each marked
    - exact: spans that both marked, start, end and label alike
    - overlapping: pairs of spans, one of each, that overlap (labels alike),
      every span used at most once
    - exact_f1, overlap_f1: 2 × that / (spans_a + spans_b); NaN where neither
      marked anything
    - characters: share of the characters marked by either that both marked.

    Parameters
    ----------
    frame : pandas.DataFrame
        The pairs.
    annotators, items : int
        How many annotators, and how many texts with at least one span.
    exact_by_all : int
        Different spans that every annotator marked exactly.
    exact_f1, overlap_f1 : float
        Means over the pairs.
    spans : pandas.DataFrame
        One row per annotator: number of spans, mean length in characters.
    notes : tuple of str
        What was dropped, and spans that differ in their label only.
    """

    annotators: int
    items: int
    exact_by_all: int
    exact_f1: float
    overlap_f1: float
    spans: pd.DataFrame = field(repr=False)

    title: ClassVar[str] = "Agreement on spans"

    def plot(self, ax: Any = None) -> Any:
        """Draw exact and overlapping agreement, a pair of bars per pair.

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
        names = [
            f"{a} and {b}"
            for a, b in zip(
                self.frame["annotator_a"], self.frame["annotator_b"], strict=True
            )
        ]
        at = np.arange(len(names))
        ax.barh(at + 0.2, self.frame["exact_f1"], 0.38, label="exact", color="#0b5394")
        ax.barh(
            at - 0.2,
            self.frame["overlap_f1"],
            0.38,
            label="overlapping",
            color="#e69138",
        )
        ax.set_yticks(at, names)
        ax.set_xlim(0, 1)
        ax.set_xlabel("share of spans matched (F1)")
        ax.set_title(f"{self.exact_by_all} span(s) are marked alike by everyone")
        ax.legend(loc="best")
        return ax


def span_agreement(
    spans: Any,
    *,
    annotator: Any = "annotator",
    start: Any = "start",
    end: Any = "end",
    label: Any = None,
    item: Any = None,
) -> SpanAgreement:
    """Count the spans that annotators marked alike, and those that overlap.

    Parameters
    ----------
    spans : DataFrame or mapping of annotator to list of tuples
        One row per marked span; or for one text, each annotator's list of
        (start, end) or (start, end, label). An annotator with an empty list
        marked nothing and counts; one without a row is not known of.
    annotator, start, end : column label
        The columns of a table. Positions are characters from 0, `end` is the
        first one after the span, as in ``text[start:end]``.
    label : column label, optional
        Kind of the span. With it, spans of different kinds do not match.
    item : column label, optional
        Text that the span lies in; all in one text by default.

    Returns
    -------
    report : SpanAgreement
        One row per pair of annotators.

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When there are fewer than two annotators, or a span is empty, reversed,
        or not in whole characters.

    Notes
    -----
    Agreement beyond chance is not defined for spans without counting all the
    places where nobody marked anything; the F1 score between two annotators is
    what takes its place. It is the same whichever of them is called the truth.
    Overlapping spans are paired so that there are as many pairs as can be. Time
    is quadratic in the spans of one text, and linear in the texts.

    References
    ----------
    .. [1] G. Hripcsak and A. S. Rothschild (2005), Agreement, the F-measure, and
       reliability in information retrieval, JAMIA 12(3).

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> report = span_agreement({"ann": [(0, 14), (20, 25)], "bob": [(0, 5)]})
    >>> report.frame[["exact", "overlapping", "overlap_f1"]].round(2)
       exact  overlapping  overlap_f1
    0      0            1        0.67
    """
    table, people, notes = _table(spans, annotator, start, end, label, item)
    if len(people) < 2:
        raise ValueError(
            f"spans are of {len(people)} annotator(s); pass those of at least two"
        )
    marked = {who: table[table["annotator"] == who] for who in people}
    rows = [
        _compare(a, b, marked[a], marked[b])
        for a, b in itertools.combinations(people, 2)
    ]
    frame = pd.DataFrame(rows)
    keys = ["item", "start", "end", "label"]
    by_all = table.groupby(keys, dropna=False, sort=False)["annotator"].nunique()
    other = _label_only(table)
    if other:
        notes.append(f"{other} span(s) are marked alike but with different labels")
    return SpanAgreement(
        frame,
        annotators=len(people),
        items=int(table["item"].nunique()),
        exact_by_all=int((by_all == len(people)).sum()),
        exact_f1=float(frame["exact_f1"].mean()),
        overlap_f1=float(frame["overlap_f1"].mean()),
        spans=_per_annotator(table, people),
        notes=tuple(notes),
    )


def longest_spans(
    spans: Any,
    *,
    annotator: Any = "annotator",
    start: Any = "start",
    end: Any = "end",
    label: Any = None,
    item: Any = None,
    text: str | None = None,
) -> pd.DataFrame:
    """Settle overlapping spans: where some overlap, the longest one stands.

    Parameters
    ----------
    spans : DataFrame or mapping of annotator to list of tuples
        As for `span_agreement`.
    annotator, start, end, label, item : column label
        As for `span_agreement`.
    text : str, optional
        The text, to show what each span says. For spans of one text only.

    Returns
    -------
    settled : pandas.DataFrame
        One row per span that stands, in order of position, none overlapping
        another: item, start, end and label where they were given, `text` where
        it was given, `exact` (annotators who marked just this span with this
        label) and `replaced` (other spans, of whoever, that it stands for).

    Raises
    ------
    KeyError
        When a column is not there.
    ValueError
        When a span is empty, reversed, in no whole characters, or outside the
        text; when `text` is given for several texts.

    Notes
    -----
    Spans are taken from the longest to the shortest, each unless it overlaps one
    that was taken. Of equally long ones the one that more annotators marked
    goes first, then the one that starts first, then the label that sorts first.
    The rule settles where a name ends, not whether there is one: a span that
    one person marked by mistake stands when nothing longer overlaps it (see
    `exact`).

    *Used in:* ``ch04_training_data/07_when_people_disagree``.

    Examples
    --------
    >>> marks = {"ann": [(0, 14)], "bob": [(0, 5), (10, 14)]}
    >>> longest_spans(marks, text="Lake Constance")
       start  end            text  exact  replaced
    0      0   14  Lake Constance      1         2
    """
    table, _, _ = _table(spans, annotator, start, end, label, item)
    if text is not None and table["item"].nunique() > 1:
        raise ValueError("text is one text, but the spans lie in several; leave it out")
    if text is not None and len(table) and int(table["end"].max()) > len(text):
        raise ValueError(
            f"a span ends at {int(table['end'].max())}, the text has {len(text)} "
            "characters; positions count characters from 0"
        )
    rows = [
        row for name, part in table.groupby("item", sort=True) for row in _settle(part)
    ]
    columns = ["item", "start", "end", "label", "exact", "replaced"]
    result = pd.DataFrame(rows, columns=columns)
    if text is not None:
        says = [text[a:b] for a, b in zip(result["start"], result["end"], strict=True)]
        result.insert(4, "text", says)
    labelled = not table["label"].isna().all()
    drop = ([] if item is not None else ["item"]) + ([] if labelled else ["label"])
    return result.drop(columns=drop)


def _table(
    spans: Any, annotator: Any, start: Any, end: Any, label: Any, item: Any
) -> tuple[pd.DataFrame, list[Any], list[str]]:
    """Give checked spans in the five columns, annotators, notes."""
    if isinstance(spans, Mapping):
        table = _from_mapping(spans)
        people = list(spans)
    else:
        given = as_frame(spans, "spans")
        wanted = [annotator, start, end]
        wanted += [column for column in (label, item) if column is not None]
        check_columns(given, wanted, "spans")
        table = pd.DataFrame(
            {
                "annotator": given[annotator],
                "start": given[start],
                "end": given[end],
                "label": None if label is None else given[label],
                "item": 0 if item is None else given[item],
            },
            index=given.index,
        )
        people = list(dict.fromkeys(table["annotator"]))
    _check_positions(table)
    keys = ["annotator", "item", "start", "end", "label"]
    once = table.drop_duplicates(keys)
    notes = []
    if len(once) < len(table):
        notes.append(f"{len(table) - len(once)} span(s) marked twice count once")
    return once.astype({"start": np.int64, "end": np.int64}), people, notes


def _from_mapping(spans: Mapping[Any, Any]) -> pd.DataFrame:
    rows = []
    for who, marked in spans.items():
        for span in marked:
            if not isinstance(span, tuple | list) or len(span) not in (2, 3):
                raise ValueError(
                    f"a span of {who!r} is {span!r}; pass (start, end) or "
                    "(start, end, label)"
                )
            rows.append([who, span[0], span[1], span[2] if len(span) == 3 else None, 0])
    return pd.DataFrame(rows, columns=["annotator", "start", "end", "label", "item"])


def _check_positions(table: pd.DataFrame) -> None:
    for column in ("annotator", "item"):
        if table[column].isna().any():
            row = int(table[column].isna().to_numpy().argmax())
            raise ValueError(
                f"spans have no {column} in row {row}; every span needs one"
            )
    try:
        places = table[["start", "end"]].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(
            "start and end are not numbers; pass positions of characters, from 0"
        ) from None
    good = (places == np.floor(places)).all(axis=1) & (places[:, 0] >= 0)
    good &= places[:, 0] < places[:, 1]
    if not good.all():
        row = int((~good).argmax())
        shown = f"({places[row, 0]:g}, {places[row, 1]:g})"
        raise ValueError(
            f"span {shown} at row {row} is no span; pass whole numbers with "
            "0 ≤ start < end, end being the first character after it"
        )


def _compare(a: Any, b: Any, one: pd.DataFrame, two: pd.DataFrame) -> dict[str, Any]:
    spans_a, spans_b = _tuples(one), _tuples(two)
    exact = len(set(spans_a) & set(spans_b))
    overlapping = _matched(spans_a, spans_b)
    total = len(spans_a) + len(spans_b)
    in_a, in_b = _characters(one), _characters(two)
    return {
        "annotator_a": a,
        "annotator_b": b,
        "spans_a": len(spans_a),
        "spans_b": len(spans_b),
        "exact": exact,
        "overlapping": overlapping,
        "exact_f1": 2 * exact / total if total else float("nan"),
        "overlap_f1": 2 * overlapping / total if total else float("nan"),
        "characters": len(in_a & in_b) / len(in_a | in_b) if total else float("nan"),
    }


def _tuples(part: pd.DataFrame) -> list[tuple[Any, int, int, Any]]:
    label = part["label"].where(part["label"].notna(), None)
    return list(zip(part["item"], part["start"], part["end"], label, strict=True))


def _characters(part: pd.DataFrame) -> set[tuple[Any, int]]:
    return {
        (text, at) for text, a, b, _ in _tuples(part) for at in range(int(a), int(b))
    }


def _matched(one: list[Any], two: list[Any]) -> int:
    """Pair overlapping spans of one text and label, as many as possible."""
    near: dict[Any, list[int]] = {}
    for j, (text, _, _, label) in enumerate(two):
        near.setdefault((text, label), []).append(j)
    edges = [
        (i, j)
        for i, (text, a, b, label) in enumerate(one)
        for j in near.get((text, label), [])
        if a < two[j][2] and two[j][1] < b
    ]
    if not edges:
        return 0
    rows, columns = np.array(edges).T
    graph = csr_array((np.ones(len(edges)), (rows, columns)), (len(one), len(two)))
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def _label_only(table: pd.DataFrame) -> int:
    """Count the places that two people marked alike under different labels."""
    kinds = table.groupby(["item", "start", "end"])["label"]
    return int((kinds.nunique(dropna=False) > 1).sum())


def _per_annotator(table: pd.DataFrame, people: list[Any]) -> pd.DataFrame:
    length = (table["end"] - table["start"]).groupby(table["annotator"])
    result = pd.DataFrame({"spans": length.size(), "mean_length": length.mean()})
    result = result.reindex(pd.Index(people, name="annotator"))
    return result.fillna({"spans": 0}).astype({"spans": np.int64})


def _settle(part: pd.DataFrame) -> list[dict[str, Any]]:
    """Take the longest spans of one text."""
    keys = ["item", "start", "end", "label"]
    each = part.groupby(keys, dropna=False, sort=False)["annotator"].nunique()
    spans = each.rename("exact").reset_index()
    spans["length"] = spans["end"] - spans["start"]
    spans["by_name"] = spans["label"].astype(str)
    order = spans.sort_values(
        ["length", "exact", "start", "by_name"], ascending=[False, False, True, True]
    )
    stand: list[dict[str, Any]] = []
    for row in order.to_dict("records"):
        over = [s for s in stand if row["start"] < s["end"] and s["start"] < row["end"]]
        for taken in over:
            taken["replaced"] += 1
        if not over:
            stand.append({key: row[key] for key in [*keys, "exact"]} | {"replaced": 0})
    return sorted(stand, key=lambda row: row["start"])
