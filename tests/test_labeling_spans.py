"""Marked spans: one sentence by hand, brute force, refusals."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.labeling import longest_spans, span_agreement

TEXT = (
    "Captain Mara Lindqvist of the Northern Ice Patrol met the harbour master "
    "of Port Ellis."
)


def at(*words):
    return [(TEXT.index(w), TEXT.index(w) + len(w)) for w in words]


# Three people mark 3, 6 and 4 entities in the same sentence.
MARKS = {
    "ann": at(
        "Captain Mara Lindqvist",
        "the Northern Ice Patrol",
        "the harbour master of Port Ellis",
    ),
    "bob": at(
        "Captain", "Mara Lindqvist", "Northern", "Ice Patrol", "harbour", "Port Ellis"
    ),
    "cat": at(
        "Mara Lindqvist", "the Northern Ice Patrol", "harbour master", "Port Ellis"
    ),
}


def long(marks, item="s1", label=None):
    return pd.DataFrame(
        [(item, who, *span) for who, spans in marks.items() for span in spans],
        columns=[
            "item",
            "annotator",
            "start",
            "end",
            *([] if label is None else [label]),
        ],
    )


def test_three_six_and_four_entities():
    report = span_agreement(MARKS)
    assert report.spans["spans"].to_dict() == {"ann": 3, "bob": 6, "cat": 4}
    frame = report.frame.set_index(["annotator_a", "annotator_b"])
    assert frame["exact"].tolist() == [0, 1, 2]
    assert frame["overlapping"].tolist() == [3, 3, 4]
    np.testing.assert_allclose(frame["exact_f1"], [0, 2 / 7, 4 / 10])
    np.testing.assert_allclose(frame["overlap_f1"], [6 / 9, 6 / 7, 8 / 10])
    # Ann marks 22 + 23 + 32 characters; of these bob marks 7 + 14, 8 + 10, 7 + 10.
    assert frame.loc[("ann", "bob"), "characters"] == pytest.approx(56 / 77)
    assert report.exact_by_all == 0
    assert report.exact_f1 == pytest.approx(np.mean([0, 2 / 7, 0.4]))


def test_the_longest_span_settles_it():
    settled = longest_spans(MARKS, text=TEXT)
    assert settled["text"].tolist() == [
        "Captain Mara Lindqvist",
        "the Northern Ice Patrol",
        "the harbour master of Port Ellis",
    ]
    assert settled["exact"].tolist() == [1, 2, 1]
    assert settled["replaced"].tolist() == [2, 2, 3]
    # Whoever is held to the settled spans marks the same three.
    spans = list(zip(settled["start"], settled["end"], strict=True))
    for marked in MARKS.values():
        assert {
            s for s in spans if any(a < s[1] and s[0] < b for a, b in marked)
        } == set(spans)


def test_a_table_says_the_same_as_lists():
    one, two = span_agreement(MARKS), span_agreement(long(MARKS), item="item")
    pd.testing.assert_frame_equal(one.frame, two.frame)
    settled = longest_spans(long(MARKS), item="item")
    assert settled["item"].unique().tolist() == ["s1"]
    assert settled["end"].tolist() == longest_spans(MARKS)["end"].tolist()


def test_spans_of_other_texts_do_not_match():
    both = pd.concat([long({"a": [(0, 5)]}, "s1"), long({"b": [(0, 5)]}, "s2")])
    report = span_agreement(both, item="item")
    assert report.frame[["exact", "overlapping"]].to_numpy().tolist() == [[0, 0]]
    assert report.items == 2
    assert len(longest_spans(both, item="item")) == 2


def test_labels_must_be_alike():
    marks = {"a": [(0, 5, "PER"), (8, 9, "LOC")], "b": [(0, 5, "ORG"), (8, 9, "LOC")]}
    report = span_agreement(marks)
    assert report.frame.loc[0, ["exact", "overlapping"]].tolist() == [1, 1]
    assert any("1 span(s) are marked alike but" in note for note in report.notes)
    settled = longest_spans(marks)
    assert settled["label"].tolist() == ["ORG", "LOC"]
    marks["c"] = [(0, 5, "PER")]
    assert longest_spans(marks)["label"].tolist() == ["PER", "LOC"]


spans = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=5,
    unique=True,
)


def most_pairs(one, two):
    """Try every way to pair spans that overlap."""
    small, large = sorted([one, two], key=len)
    return max(
        sum(a[0] < b[1] and b[0] < a[1] for a, b in zip(small, chosen, strict=True))
        for chosen in itertools.permutations(large, len(small))
    )


@settings(deadline=None, max_examples=80)
@given(spans, spans)
def test_counts_are_their_definition(one, two):
    row = span_agreement({"a": one, "b": two}).frame.iloc[0]
    assert row["exact"] == len(set(one) & set(two))
    assert row["overlapping"] == most_pairs(one, two)
    chars = [{c for s in side for c in range(*s)} for side in (one, two)]
    if one or two:
        share = len(chars[0] & chars[1]) / len(chars[0] | chars[1])
        assert row["characters"] == pytest.approx(share)
    else:
        assert np.isnan(row["exact_f1"])
    back = span_agreement({"a": two, "b": one}).frame.iloc[0]
    assert back["overlap_f1"] == pytest.approx(row["overlap_f1"], nan_ok=True)


@settings(deadline=None, max_examples=80)
@given(spans, spans)
def test_settled_spans_stand_alone_and_none_longer_was_dropped(one, two):
    settled = longest_spans({"a": one, "b": two})
    kept = list(zip(settled["start"], settled["end"], strict=True))
    assert kept == sorted(kept)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(kept))
    for span in set(one) | set(two):
        over = [k for k in kept if span[0] < k[1] and k[0] < span[1]]
        assert span in kept or max(b - a for a, b in over) >= span[1] - span[0]
    again = longest_spans({"a": kept, "b": []})
    assert list(zip(again["start"], again["end"], strict=True)) == kept


def test_a_span_marked_twice_counts_once():
    report = span_agreement({"a": [(0, 3), (0, 3)], "b": [(0, 3)]})
    assert report.frame.loc[0, ["spans_a", "exact"]].tolist() == [1, 1]
    assert report.notes == ("1 span(s) marked twice count once",)


def test_whoever_marked_nothing_counts():
    report = span_agreement({"a": [(0, 3)], "b": []})
    assert report.frame.loc[0, ["spans_b", "exact_f1"]].tolist() == [0, 0]
    assert report.spans["spans"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("marks", "options", "error", "message"),
    [
        ({"a": [(0, 1)]}, {}, ValueError, "1 annotator"),
        ({}, {}, ValueError, "0 annotator"),
        ({"a": [(3, 3)], "b": []}, {}, ValueError, r"span \(3, 3\) at row 0"),
        ({"a": [(5, 3)], "b": []}, {}, ValueError, "is no span"),
        ({"a": [(-1, 3)], "b": []}, {}, ValueError, "is no span"),
        ({"a": [(0.5, 3)], "b": []}, {}, ValueError, "whole numbers"),
        ({"a": [(0, None)], "b": []}, {}, ValueError, "is no span"),
        ({"a": [("x", 3)], "b": []}, {}, ValueError, "not numbers"),
        ({"a": [(1, 2, 3, 4)], "b": []}, {}, ValueError, r"pass \(start, end\)"),
        ({"a": ["word"], "b": []}, {}, ValueError, "'word'"),
        (long(MARKS), {"label": "kind"}, KeyError, "kind"),
        (long(MARKS).assign(annotator=None), {}, ValueError, "no annotator in row 0"),
        ([1], {}, TypeError, "spans is a list"),
    ],
)
def test_bad_input(marks, options, error, message):
    with pytest.raises(error, match=message):
        span_agreement(marks, **options)


def test_bad_texts():
    with pytest.raises(ValueError, match="the text has 5 characters"):
        longest_spans({"a": [(0, 9)]}, text="short")
    both = pd.concat([long({"a": [(0, 5)]}, "s1"), long({"b": [(0, 5)]}, "s2")])
    with pytest.raises(ValueError, match="lie in several"):
        longest_spans(both, item="item", text=TEXT)


def test_plot_draws_two_bars_per_pair():
    import matplotlib.pyplot as plt

    ax = span_agreement(MARKS).plot()
    assert len(ax.patches) == 6
    plt.close(ax.figure)
