"""Triage notes: invariants, and a reader that knows nothing of the writer."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.datasets import _phrases as bank
from mlworkbench.datasets import make_triage_notes

# Written here on purpose and not taken from the package: how a reader knows
# that a piece of a note denies or only mentions a finding.
NOT_ASSERTED = re.compile(
    r"^(no|denies|no sign of|without|negative for|never had|history of|mother had|"
    r"worried about|asks about|seen last month for) |"
    r"( ruled out| unlikely| two years ago, resolved)$"
)
URGENCY = {phrase: f.urgency for f in bank.FINDINGS for phrase in f.asserted}
some = settings(max_examples=40, deadline=None)


def read(note):
    """Give the most urgent asserted finding of a note without misspellings."""
    found = [
        URGENCY[piece]
        for piece in re.split(r"\. |; ", note)
        if piece in URGENCY and not NOT_ASSERTED.search(piece)
    ]
    return max(found, key=bank.CLASSES.index)


@some
@given(
    n=st.integers(0, 300),
    noise=st.floats(0, 0.5),
    seed=st.integers(0, 2**32 - 1),
    misspelling=st.floats(0, 1),
)
def test_noise_is_exactly_the_share_asked_for(n, noise, seed, misspelling):
    notes = make_triage_notes(
        n, label_noise=noise, misspelling=misspelling, random_state=seed
    )
    given_, truth = notes["label"].cat.codes, notes["true_label"].cat.codes
    assert len(notes) == n
    assert (given_ != truth).sum() == round(n * noise)
    assert ((given_ - truth).abs() <= 1).all()
    assert notes["note"].str.len().min() > 3 if n else True
    assert notes.drop(columns="temperature").notna().all().all()


@some
@given(seed=st.integers(0, 2**32 - 1))
def test_a_denied_finding_never_makes_a_note_urgent(seed):
    notes = make_triage_notes(150, misspelling=0, random_state=seed)
    assert [read(note) for note in notes["note"]] == notes["true_label"].tolist()


@some
@given(seed=st.integers(0, 2**32 - 1), misspelling=st.floats(0, 1))
def test_spelling_changes_the_text_only(seed, misspelling):
    clean = make_triage_notes(60, misspelling=0, random_state=seed)
    messy = make_triage_notes(60, misspelling=misspelling, random_state=seed)
    pd.testing.assert_frame_equal(
        clean.drop(columns="note"), messy.drop(columns="note")
    )


@some
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 80))
def test_longer_frames_begin_with_shorter_ones(seed, n):
    short = make_triage_notes(n, random_state=seed).drop(columns="label")
    long = make_triage_notes(n + 40, random_state=seed).drop(columns="label")
    pd.testing.assert_frame_equal(short, long.head(n))


def test_same_seed_same_notes():
    first, again = make_triage_notes(500), make_triage_notes(500)
    pd.testing.assert_frame_equal(first, again)
    other = make_triage_notes(500, random_state=1)
    assert (first["note"] != other["note"]).mean() > 0.9


def test_a_generator_is_advanced():
    rng = np.random.default_rng(7)
    first = make_triage_notes(20, random_state=rng)
    second = make_triage_notes(20, random_state=rng)
    assert not first["note"].equals(second["note"])
    again = make_triage_notes(20, random_state=np.random.default_rng(7))
    pd.testing.assert_frame_equal(first, again)


def test_pneumonia_is_an_emergency_unless_denied():
    notes = make_triage_notes(8000, misspelling=0)
    said = notes[notes["note"].str.contains("pneumonia")]
    asserted = said["note"].map(
        lambda note: any(
            "pneumonia" in piece and not NOT_ASSERTED.search(piece)
            for piece in re.split(r"\. |; ", note)
        )
    )
    assert (said.loc[asserted, "true_label"] == "emergency").all()
    # The bare keyword is wrong more often than not: the rule must read "no".
    assert 0.25 < asserted.mean() < 0.75
    assert (said["true_label"] == "emergency").mean() < 0.75


def test_notes_hold_what_makes_rules_hard():
    notes = make_triage_notes(4000)
    text = notes["note"]
    for pattern in (
        r"\bno \w",
        r"ruled out",
        r"history of|hx of",
        r"\bpt\b",
        r"\bSOB\b",
    ):
        assert text.str.contains(pattern).sum() >= 10, pattern
    for words in bank.MISSPELLINGS.values():
        assert text.str.contains("|".join(words)).any(), words
    # Emergencies that no keyword gives away.
    silent = [p for f in bank.FINDINGS if not f.term for p in f.asserted]
    assert text.str.contains("|".join(map(re.escape, silent))).mean() > 0.03
    assert text.nunique() > 0.99 * len(text)


def test_classes_measurements_and_annotators_are_plausible():
    notes = make_triage_notes(10_000)
    share = notes["true_label"].value_counts(normalize=True)
    assert share["routine"] > share["urgent"] > share["emergency"] > 0.15
    by = notes.groupby("true_label", observed=True)
    assert by["heart_rate"].mean().is_monotonic_increasing
    assert by["oxygen_saturation"].mean().is_monotonic_decreasing
    assert notes["temperature"].dropna().between(34, 42).all()
    assert notes["oxygen_saturation"].between(70, 100).all()
    assert notes["age"].between(1, 95).all()
    missing = by["temperature"].agg(lambda t: t.isna().mean())
    assert missing.is_monotonic_decreasing
    wrong = notes.loc[notes["label"] != notes["true_label"], "annotator"]
    assert wrong.mode().tolist() == ["nurse_5"]
    assert notes["arrived_at"].is_monotonic_increasing
    assert (notes["arrived_at"].dt.hour == notes["arrival_hour"]).all()
    night = notes["arrival_hour"].lt(6) | notes["arrival_hour"].ge(22)
    emergency = notes["true_label"] == "emergency"
    assert emergency[night].mean() > emergency[~night].mean() + 0.04


def test_phrase_banks_do_not_contradict_themselves():
    terms = [f.term for f in bank.FINDINGS if f.term]
    assert len(terms) == len(set(terms))
    severe = [f.term for f in bank.FINDINGS if f.urgency == "emergency" and f.term]
    for finding in bank.FINDINGS:
        assert len(finding.asserted) == 3
        for phrase in finding.asserted:
            assert not re.search(r"\. |; ", phrase)
            assert not NOT_ASSERTED.search(phrase)
            if finding.urgency != "emergency":
                assert not any(term in phrase for term in severe)
    assert len(URGENCY) == 3 * len(bank.FINDINGS)


def test_empty_frame_has_the_same_types():
    empty, full = make_triage_notes(0), make_triage_notes(5)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": -1}, ValueError, "n is -1; pass 0 or more"),
        ({"n": 2.5}, TypeError, "n is 2.5; pass a whole number"),
        (
            {"label_noise": 0.6},
            ValueError,
            "label_noise is 0.6; pass a share between 0",
        ),
        ({"label_noise": "3 %"}, TypeError, "label_noise is '3 %'"),
        ({"label_noise": True}, TypeError, "label_noise is True"),
        ({"misspelling": -0.1}, ValueError, "misspelling is -0.1"),
        ({"misspelling": float("nan")}, ValueError, "misspelling is nan"),
        ({"random_state": "seed"}, TypeError, "random_state is a str"),
    ],
)
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        make_triage_notes(**arguments)
