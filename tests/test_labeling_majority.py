"""The majority of votes: counting, ties, rows nobody voted on."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mlworkbench.labeling import ABSTAIN, MajorityVote

VOTES = [[0, 0, 1], [1, -1, -1], [0, 1, -1], [-1, -1, -1], [2, 1, 2]]


def test_votes_are_counted():
    model = MajorityVote().fit(VOTES)
    assert model.predict(VOTES).tolist() == [0, 1, ABSTAIN, ABSTAIN, 2]
    np.testing.assert_allclose(
        model.predict_proba(VOTES),
        [[2 / 3, 1 / 3, 0], [0, 1, 0], [0.5, 0.5, 0], [1 / 3] * 3, [0, 1 / 3, 2 / 3]],
    )


def test_ties_go_to_the_more_frequent_class():
    model = MajorityVote(class_balance=[0.2, 0.7, 0.1]).fit(VOTES)
    assert model.predict(VOTES, tie_break="prior").tolist() == [0, 1, 1, 1, 2]
    np.testing.assert_allclose(model.predict_proba(VOTES)[3], [0.2, 0.7, 0.1])


def test_ties_at_random_are_fair_and_repeatable():
    votes = np.tile([0, 1], (4000, 1))
    model = MajorityVote(random_state=1).fit(votes)
    labels = model.predict(votes, tie_break="random")
    assert labels.mean() == pytest.approx(0.5, abs=0.04)
    np.testing.assert_array_equal(labels, model.predict(votes, tie_break="random"))
    other = MajorityVote(random_state=2).fit(votes).predict(votes, "random")
    assert (labels != other).any()


@given(arrays(np.int8, (12, 5), elements=st.integers(-1, 2)))
def test_equals_counting_by_hand(votes):
    proba = MajorityVote(3).fit(votes).predict_proba(votes)
    for row, shares in zip(votes, proba, strict=True):
        cast = [int(v) for v in row if v != ABSTAIN]
        expected = [cast.count(c) / len(cast) if cast else 1 / 3 for c in range(3)]
        np.testing.assert_allclose(shares, expected)


def test_only_class_zero_is_voted():
    assert MajorityVote().fit([[0], [-1]]).classes_.tolist() == [0, 1]


def test_an_index_and_names_are_fine():
    frame = pd.DataFrame([[0, 1], [1, 1]], columns=["a", "b"], index=[7, 9])
    model = MajorityVote().fit(frame)
    assert model.predict(frame).tolist() == [ABSTAIN, 1]
    with pytest.raises(ValueError, match="pass the same ones in the same order"):
        model.predict(frame[["b", "a"]])


def test_clones_and_pickles():
    model = MajorityVote(3, class_balance=[0.5, 0.3, 0.2])
    assert clone(model).get_params() == model.get_params()
    fitted = pickle.loads(pickle.dumps(model.fit(VOTES)))
    np.testing.assert_array_equal(fitted.predict(VOTES), model.predict(VOTES))


def test_bad_input_is_refused():
    with pytest.raises(NotFittedError):
        MajorityVote().predict(VOTES)
    with pytest.raises(ValueError, match="tie_break is 'first'; pass one of 'abstain'"):
        MajorityVote().fit(VOTES).predict(VOTES, tie_break="first")
    with pytest.raises(ValueError, match="n_classes is 1; pass 2 or more"):
        MajorityVote(1).fit(VOTES)
    with pytest.raises(ValueError, match="class_balance has 2 shares for 3 classes"):
        MajorityVote(class_balance=[0.5, 0.5]).fit(VOTES)
    with pytest.raises(ValueError, match="pass whole numbers from 0 to 2"):
        MajorityVote().fit(VOTES).predict([[3, 0, 0]])
