"""Dependent functions: found when planted, not when there are none."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest

from mlworkbench.labeling import ABSTAIN, find_dependent_lfs

NAMES = list("abcdefgh")


def independent(
    seed, rows=5000, accuracies=(0.85, 0.8, 0.75, 0.7, 0.7, 0.65, 0.6, 0.6)
):
    """Functions tied by the class alone, silent on three rows in ten."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, size=(rows, 1))
    votes = np.where(rng.random((rows, len(accuracies))) < accuracies, truth, 1 - truth)
    votes[rng.random(votes.shape) < 0.3] = ABSTAIN
    return rng, pd.DataFrame(votes, columns=NAMES[: len(accuracies)])


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_found_where_nothing_is(seed):
    report = find_dependent_lfs(independent(seed)[1])
    assert (report.n_pairs, report.groups) == (0, ())
    assert report.frame.empty
    assert np.abs(report.excess.to_numpy()).max() < 0.1


def test_nothing_is_found_among_two_hundred_rows():
    found = [find_dependent_lfs(independent(s, rows=200)[1]).n_pairs for s in range(20)]
    assert sum(found) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_is_found(seed):
    _, votes = independent(seed)
    votes["copy"] = votes["e"]
    report = find_dependent_lfs(votes)
    assert report.groups == (("e", "copy"),)
    row = report.frame.iloc[0]
    assert (row["lf_a"], row["lf_b"]) == ("e", "copy")
    assert (row["agreement"], row["excess"]) == (1.0, 1.0)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_functions_that_often_repeat_another_are_found(share):
    rng, votes = independent(1)
    for name in ("f", "g"):
        repeat = rng.random(len(votes)) < share
        votes.loc[repeat, name] = votes.loc[repeat, "e"]
    report = find_dependent_lfs(votes)
    assert [set(group) for group in report.groups] == [{"e", "f", "g"}]
    to_the_leader = report.excess.loc["e", ["f", "g"]]
    np.testing.assert_allclose(to_the_leader, share, atol=0.12)


def test_a_group_that_passes_for_the_truth_is_found():
    # Three near copies of a weak function win over five better ones at first.
    rng, votes = independent(2, accuracies=(0.6, 0.6, 0.6, 0.8, 0.75, 0.7, 0.7, 0.7))
    for name in ("b", "c"):
        repeat = rng.random(len(votes)) < 0.95
        votes.loc[repeat, name] = votes.loc[repeat, "a"]
    assert find_dependent_lfs(votes).groups == (("a", "b", "c"),)


def test_two_groups_are_two():
    _, votes = independent(3)
    votes["a2"], votes["d2"], votes["d3"] = votes["a"], votes["d"], votes["d"]
    assert find_dependent_lfs(votes).groups == (("a", "a2"), ("d", "d2", "d3"))


def test_functions_that_never_vote_are_no_copies():
    _, votes = independent(4)
    votes["mute"], votes["dumb"] = ABSTAIN, ABSTAIN
    assert find_dependent_lfs(votes).groups == ()


def test_the_order_of_functions_does_not_matter():
    _, votes = independent(5)
    votes["copy"] = votes["e"]
    one = find_dependent_lfs(votes).excess
    two = find_dependent_lfs(votes[votes.columns[::-1]]).excess
    np.testing.assert_allclose(two.loc[one.index, one.columns], one, atol=1e-6)


def test_expected_agreement_is_the_models():
    # One row of the table by hand: sum over c, o of prior[c] a[c, o] b[c, o].
    from mlworkbench.labeling import LabelModel

    rng, votes = independent(6)
    repeat = rng.random(len(votes)) < 0.6
    votes.loc[repeat, "h"] = votes.loc[repeat, "e"]
    row = find_dependent_lfs(votes).frame.iloc[0]
    model = LabelModel(dependencies=[("e", "h")]).fit(votes)
    both = model.confusion_[NAMES.index("e")] * model.confusion_[NAMES.index("h")]
    expected = model.class_prior_ @ both.sum(axis=1)
    assert row["expected"] == pytest.approx(expected, abs=0.01)
    assert row["agreement"] == pytest.approx((votes["e"] == votes["h"]).mean())
    excess = (row["agreement"] - row["expected"]) / (1 - row["expected"])
    assert row["excess"] == pytest.approx(excess)


def test_report_is_shown_and_drawn():
    _, votes = independent(7)
    votes["copy"] = votes["e"]
    report = find_dependent_lfs(votes)
    assert "n pairs: 1" in str(report)
    assert report.to_dict()["facts"] == {"n_functions": 9, "n_pairs": 1}
    axes = report.plot()
    assert axes.get_title() == "1 dependent pair(s)"
    np.testing.assert_array_equal(axes.images[0].get_array(), report.excess.to_numpy())
    import matplotlib.pyplot as plt

    plt.close(axes.figure)


@pytest.mark.parametrize("threshold", [0, 1, -0.1, True])
def test_a_threshold_outside_is_refused(threshold):
    with pytest.raises(ValueError, match=r"threshold is .*; pass a number in \(0, 1\)"):
        find_dependent_lfs([[0, 1]], threshold=threshold)


def test_bad_votes_are_refused():
    with pytest.raises(ValueError, match="pass whole numbers from 0 to 1"):
        find_dependent_lfs([[0, 2]], n_classes=2)
    with pytest.raises(ValueError, match="class_balance has 3 shares for 2 classes"):
        find_dependent_lfs([[0, 1]], class_balance=[0.2, 0.3, 0.5])
