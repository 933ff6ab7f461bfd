"""Summaries of votes and the rows behind them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlworkbench.datasets import make_triage_notes
from mlworkbench.labeling import (
    ABSTAIN,
    ErrorBuckets,
    LFSummary,
    apply_lfs,
    error_buckets,
    keyword_lf,
    rule_lf,
    summarize_lfs,
)

# The fixture and the figures of Snorkel 0.10, test/labeling/test_analysis.py
# (snorkel-team/snorkel at commit 070db4b, Apache-2.0): six rows, six functions,
# three classes.
VOTES = [
    [-1, -1, 0, -1, -1, 0],
    [-1, -1, -1, 2, -1, -1],
    [2, -1, -1, -1, -1, 0],
    [1, -1, 2, -1, 0, 0],
    [-1, -1, -1, -1, -1, -1],
    [1, -1, 0, 2, 1, 0],
]
TRUTH = [0, 1, 2, 0, 1, 2]

votes_strategy = hnp.arrays(
    np.int8,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.integers(-1, 3),
)


def test_snorkels_published_figures():
    report = summarize_lfs(VOTES, TRUTH)
    assert (report.coverage, report.overlap, report.conflict) == (5 / 6, 4 / 6, 3 / 6)
    assert (report.rows, report.functions, report.labeled) == (6, 6, 6)
    frame = report.frame
    assert list(frame.columns[:8]) == [
        "j",
        "Polarity",
        "Coverage",
        "Overlaps",
        "Conflicts",
        "Correct",
        "Incorrect",
        "Emp. Acc.",
    ]
    assert frame["j"].tolist() == [0, 1, 2, 3, 4, 5]
    assert frame["Polarity"].tolist() == [[1, 2], [], [0, 2], [2], [0, 1], [0]]
    for column, expected in {
        "Coverage": [3, 0, 3, 2, 2, 4],
        "Overlaps": [3, 0, 3, 1, 2, 4],
        "Conflicts": [3, 0, 2, 1, 2, 3],
    }.items():
        np.testing.assert_allclose(frame[column] * 6, expected)
    rate = (frame["Conflicts"] / frame["Overlaps"]).fillna(0)
    np.testing.assert_allclose(rate, [1, 0, 2 / 3, 1, 1, 3 / 4])
    rate = (frame["Overlaps"] / frame["Coverage"]).fillna(0)
    np.testing.assert_allclose(rate, [1, 0, 1, 1 / 2, 1, 1])
    assert frame["Correct"].tolist() == [1, 0, 1, 1, 1, 2]
    assert frame["Incorrect"].tolist() == [2, 0, 2, 1, 1, 2]
    # Snorkel says 0 for the function that never votes; there is nothing to divide.
    expected = [1 / 3, np.nan, 1 / 3, 1 / 2, 1 / 2, 2 / 4]
    np.testing.assert_allclose(frame["Emp. Acc."], expected)


def test_without_labels_there_is_no_accuracy():
    report = summarize_lfs(VOTES)
    assert list(report.frame) == ["j", "Polarity", "Coverage", "Overlaps", "Conflicts"]
    assert report.labeled is None
    assert "labeled" not in str(report)
    pd.testing.assert_frame_equal(
        report.frame, summarize_lfs(VOTES, TRUTH).frame.iloc[:, :5]
    )


def test_interval_is_wilsons():
    # R. Newcombe (1998), Two-sided confidence intervals for the single
    # proportion, Statistics in Medicine 17, table I, method 3: 81 of 263 and
    # 15 of 148.
    votes = np.full((263, 2), 1)
    votes[148:, 1] = -1
    y = np.zeros(263, dtype=int)
    y[:15] = 1
    y[148 : 148 + 66] = 1
    frame = summarize_lfs(votes, y).frame
    assert frame["Correct"].tolist() == [81, 15]
    np.testing.assert_allclose(frame["Acc. Low"], [0.2553, 0.0624], atol=5e-5)
    np.testing.assert_allclose(frame["Acc. High"], [0.3662, 0.1605], atol=5e-5)
    narrow = summarize_lfs(votes, y, confidence=0.5).frame
    assert (narrow["Acc. Low"] > frame["Acc. Low"]).all()
    assert (narrow["Acc. High"] < frame["Acc. High"]).all()


def by_hand(votes, y):
    """Count everything row by row."""
    n, m = votes.shape
    out = {"Coverage": [], "Overlaps": [], "Conflicts": [], "Correct": []}
    for j in range(m):
        rows = [[int(v) for v in row] for row in votes if row[j] != -1]
        others = [[v for i, v in enumerate(r) if i != j and v != -1] for r in rows]
        out["Coverage"].append(len(rows) / n)
        out["Overlaps"].append(sum(bool(o) for o in others) / n)
        differ = [any(v != r[j] for v in o) for r, o in zip(rows, others, strict=True)]
        out["Conflicts"].append(sum(differ) / n)
        known = [(v, t) for v, t in zip(votes[:, j], y, strict=True) if t >= 0 <= v]
        out["Correct"].append(sum(v == t for v, t in known))
    return pd.DataFrame(out)


@settings(max_examples=100, deadline=None)
@given(votes=votes_strategy, data=st.data())
def test_measures_are_those_counted_by_hand(votes, data):
    y = data.draw(hnp.arrays(np.int8, len(votes), elements=st.integers(-1, 3)))
    report = summarize_lfs(votes, y)
    expected = by_hand(votes, y)
    found = report.frame[list(expected)].reset_index(drop=True)
    np.testing.assert_allclose(found.astype(float), expected.astype(float))
    cover = [{*row} - {-1} for row in votes.tolist()]
    np.testing.assert_allclose(report.coverage, np.mean([len(c) > 0 for c in cover]))
    np.testing.assert_allclose(report.conflict, np.mean([len(c) > 1 for c in cover]))
    names = report.frame.index
    for row in report.pairs.itertuples():
        a, b = (votes[:, names.get_loc(name)] for name in (row.lf_a, row.lf_b))
        both = (a != -1) & (b != -1)
        assert (row.both_vote, row.differ) == (both.sum(), (both & (a != b)).sum())
    order = data.draw(st.permutations(range(len(votes))))
    again = summarize_lfs(votes[order], y[order])
    pd.testing.assert_frame_equal(again.frame, report.frame)
    np.testing.assert_array_equal(again.drawn, report.drawn)


@settings(max_examples=50, deadline=None)
@given(votes=votes_strategy, names=st.permutations(range(4)))
def test_renaming_the_classes_changes_nothing_but_polarity(votes, names):
    rename = np.append(names, -1)
    y = votes[:, 0]
    one = summarize_lfs(votes, y).frame.drop(columns="Polarity")
    two = summarize_lfs(rename[votes], rename[y]).frame.drop(columns="Polarity")
    pd.testing.assert_frame_equal(one, two)


def test_notes_name_what_is_doubtful():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    votes = pd.DataFrame({"good": y, "silent": -1, "bad": 1 - y, "copy": y, "one": 1})
    votes["also silent"] = -1
    report = summarize_lfs(votes, np.where(np.arange(400) < 100, -1, y))
    assert report.notes[:3] == (
        "never votes: silent, also silent",
        "copy votes exactly as good: one opinion, not two",
        "100 rows have no label: left out of the accuracy",
    )
    assert len(report.notes) == 4
    assert report.notes[3].startswith("bad is right less often than its votes dealt at")
    assert report.labeled == 300
    assert len(summarize_lfs(votes, np.full(400, -1)).notes) == 3


def test_report_shows_and_goes_to_json(tmp_path):
    report = summarize_lfs(VOTES, TRUTH)
    assert isinstance(report, LFSummary)
    assert "coverage: 0.833" in str(report)
    assert "Emp. Acc." in report._repr_html_()
    record = report.to_dict()["frame"][1]
    assert (record["Polarity"], record["Emp. Acc."]) == ([], None)
    assert "data:image/png" in report.save(tmp_path / "r.html").read_text()


def test_plot_draws_votes_and_conflicts():
    report = summarize_lfs(VOTES)
    ax = report.plot()
    matrix, conflicts = ax.child_axes
    shown = matrix.images[0].get_array()
    assert shown.shape == (6, 6)
    # 0 is no opinion, then the classes in order.
    order = sorted(range(6), key=lambda row: VOTES[row])
    np.testing.assert_array_equal(shown - 1, np.array(VOTES)[order].T)
    assert matrix.get_title() == "83% have a vote"
    legend = [text.get_text() for text in matrix.get_legend().get_texts()]
    assert legend == ["no opinion", "0", "1", "2"]
    assert matrix.get_yticklabels()[0].get_text() == "lf_0  0"
    drawn = np.ma.filled(conflicts.images[0].get_array(), -1)
    assert drawn[0].tolist() == [-1, -1, 2, 1, 1, 3]
    np.testing.assert_array_equal(drawn, drawn.T)
    written = {t.get_position(): t.get_text() for t in conflicts.texts}
    assert written[(5, 0)] == "3"
    assert (1, 0) not in written


def test_plot_of_many_rows_functions_and_classes():
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(0)
    report = summarize_lfs(rng.integers(-1, 20, (1000, 30)))
    outer = plt.subplots()[1]
    assert report.plot(outer) is outer
    matrix, conflicts = outer.child_axes
    assert matrix.images[0].get_array().shape == (30, 400)
    assert matrix.get_xlabel() == "400 of 1,000 rows, sorted"
    assert not conflicts.texts
    one = summarize_lfs([[-1], [-1]]).plot()
    assert one.child_axes[0].get_title() == "0% have a vote"
    plt.close("all")


@pytest.mark.parametrize(
    ("y", "kind", "message"),
    [
        ([0, 1], ValueError, "y has 2 labels for 6 rows"),
        ([0, 1, 2, 0, 1, np.inf], ValueError, "y has inf at row 5; .* not known"),
        ([0, 1, 2, 0, 1, -2], ValueError, "y has -2 at row 5"),
        ([0, 1, 2, 0, 1, 0.5], ValueError, "y has 0.5 at row 5"),
        (list("abcabc"), TypeError, "y has values such as 'a'; pass class numbers"),
        (
            pd.Series(TRUTH, dtype="category"),
            TypeError,
            r"pass .* e\.g\. y\.cat\.codes",
        ),
        ([TRUTH], ValueError, r"y has shape \(1, 6\)"),
    ],
)
def test_wrong_labels(y, kind, message):
    with pytest.raises(kind, match=message):
        summarize_lfs(VOTES, y)
    with pytest.raises(kind, match=message):
        error_buckets(VOTES, y, 0, 1)


@pytest.mark.parametrize(
    "y",
    [
        [0.0, np.nan, 2, 0, 1, np.nan],
        [0, None, 2, 0, 1, None],
        pd.Series([0, pd.NA, 2, 0, 1, pd.NA], dtype="Int64"),
        np.array([0, None, 2, 0, 1, pd.NA], dtype=object),
    ],
)
def test_missing_labels_are_not_known(y):
    expected = summarize_lfs(VOTES, [0, -1, 2, 0, 1, -1])
    found = summarize_lfs(VOTES, y)
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert found.labeled == 4
    pd.testing.assert_frame_equal(
        error_buckets(VOTES, y, 0, 1).frame,
        error_buckets(VOTES, [0, -1, 2, 0, 1, -1], 0, 1).frame,
    )


def test_wrong_votes():
    frame = pd.DataFrame(VOTES, index=list("abcdef"))
    with pytest.raises(ValueError, match="votes and y have different indexes"):
        summarize_lfs(frame, pd.Series(TRUTH))
    with pytest.raises(ValueError, match="votes has no row"):
        summarize_lfs(frame.iloc[:0])
    with pytest.raises(ValueError, match="confidence is 95; pass a level inside"):
        summarize_lfs(frame, confidence=95)
    with pytest.raises(ValueError, match="-1 for no opinion"):
        summarize_lfs([[0.5]])


# ---- buckets


@settings(max_examples=60, deadline=None)
@given(votes=votes_strategy, data=st.data())
def test_buckets_hold_every_row_once(votes, data):
    n, m = votes.shape
    y = data.draw(hnp.arrays(np.int8, n, elements=st.integers(-1, 3)))
    a, b = (data.draw(st.integers(0, m - 1)) for _ in range(2))
    index = pd.Index([f"r{i}" for i in range(n)])
    buckets = error_buckets(pd.DataFrame(votes, index=index), y, a, b)
    assert buckets.frame["rows"].sum() == n == buckets.rows
    for va in range(-1, 4):
        for vb in range(-1, 4):
            for truth in range(-1, 4):
                cell = (votes[:, a] == va) & (votes[:, b] == vb) & (y == truth)
                assert buckets[va, vb, truth].tolist() == index[cell].tolist()
    sizes = [
        len(buckets.cells[tuple(r[:3])]) for r in buckets.frame.to_numpy().tolist()
    ]
    assert sizes == buckets.frame["rows"].tolist()


def test_buckets_by_name_function_and_position():
    notes = make_triage_notes(300, random_state=0).set_index("arrived_at")
    word = keyword_lf("note", "pneumonia", 2)
    low = rule_lf("oxygen_saturation < 92", 2, name="low oxygen")
    votes, y = apply_lfs([word, low], notes), notes["true_label"].cat.codes
    one = error_buckets(votes, y, word, "low oxygen")
    assert isinstance(one, ErrorBuckets)
    assert list(one.frame) == [word.name, "low oxygen", "truth", "rows"]
    pd.testing.assert_frame_equal(error_buckets(votes, y, 0, -1).frame, one.frame)
    rows = notes.loc[one[2, ABSTAIN, 0]]
    assert len(rows) >= 1
    assert rows["note"].str.contains("pneumonia").all()
    assert (rows["true_label"] == "routine").all()
    assert one.notes == ("-1 is no opinion",)


def test_buckets_without_labels():
    buckets = error_buckets(VOTES, None, 0, 5)
    assert buckets[1, 0].tolist() == [3, 5]
    assert buckets[2, 2].tolist() == []
    assert list(buckets.frame) == ["lf_0", "lf_5", "rows"]
    same = error_buckets(VOTES, None, 0, 0)
    assert list(same.frame) == ["lf_0", "lf_0 (again)", "rows"]


def test_wrong_buckets():
    with pytest.raises(KeyError, match="lf_a is 'x'; the functions are"):
        error_buckets(VOTES, TRUTH, "x", 1)
    with pytest.raises(KeyError, match="lf_b is 6; there are 6 functions"):
        error_buckets(VOTES, TRUTH, 1, 6)
    twice = pd.DataFrame(VOTES, index=[0, 1, 2, 3, 4, 4])
    with pytest.raises(ValueError, match="the index of votes has 4 twice"):
        error_buckets(twice, TRUTH, 0, 1)
    buckets = error_buckets(VOTES, TRUTH, 0, 1)
    with pytest.raises(KeyError, match="name it by vote_a, vote_b, truth"):
        buckets[0, 1]
    with pytest.raises(KeyError, match="name it by vote_a, vote_b"):
        error_buckets(VOTES, None, 0, 1)[0]
