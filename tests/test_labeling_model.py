"""The label model: the oracle, the published table, brute force, hard cases."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mlworkbench.labeling import (
    ABSTAIN,
    LabelModel,
    LabelModelWarning,
    MajorityVote,
    find_dependent_lfs,
)
from mlworkbench.labeling._em import fit_counts

# Simulated votes


def generator_tables(rng, functions, classes, silence=1.0):
    """Snorkel's law: uniform tables, the right vote k - 1 likelier, silence × s."""
    tables = rng.random((functions, classes, classes + 1))
    tables[:, np.arange(classes), np.arange(classes)] += classes - 1
    tables[:, :, classes] *= silence
    return tables / tables.sum(axis=2, keepdims=True)


def accuracy_tables(accuracies, coverages, classes=2):
    """Functions whose silence and mistakes do not depend on the class."""
    accuracies, coverages = np.array(accuracies), np.array(coverages)
    wrong = (1 - accuracies) / (classes - 1) * coverages
    tables = np.empty((len(accuracies), classes, classes + 1))
    tables[:] = wrong[:, None, None]
    tables[:, np.arange(classes), np.arange(classes)] = (accuracies * coverages)[
        :, None
    ]
    tables[:, :, classes] = (1 - coverages)[:, None]
    return tables


def keyword_tables(rng, classes):
    """Functions for one class each that fire five times as often on it."""
    tables = np.zeros((len(classes), 2, 3))
    for j, c in enumerate(classes):
        hits = rng.uniform(0.1, 0.5)
        tables[j, :, c] = hits / 5
        tables[j, c, c] = hits
        tables[j, :, 2] = 1 - tables[j, :, c]
    return tables


def draw(rng, tables, truth):
    """Draw votes; the last outcome becomes -1."""
    silence = tables.shape[2] - 1
    cumulated = tables.cumsum(axis=2)[:, truth, :]
    outcome = (rng.random((len(tables), len(truth), 1)) > cumulated).sum(axis=2).T
    return np.where(outcome >= silence, ABSTAIN, outcome)


def oracle(tables, prior, votes):
    silence = tables.shape[2] - 1
    outcome = np.where(votes == ABSTAIN, silence, votes)
    logs = np.log(prior) + sum(
        np.log(np.maximum(tables[j][:, outcome[:, j]].T, 1e-300))
        for j in range(len(tables))
    )
    return logs.argmax(axis=1)


def accuracy(labels, truth, votes):
    covered = (votes != ABSTAIN).any(axis=1)
    return (np.asarray(labels) == truth)[covered].mean()


def majority(votes, truth, classes=2):
    """Accuracy of the majority on covered rows, ties at their expected worth."""
    shares = MajorityVote(classes).fit(votes).predict_proba(votes)
    best = shares >= shares.max(axis=1, keepdims=True) - 1e-9
    worth = (best / best.sum(axis=1, keepdims=True))[np.arange(len(truth)), truth]
    return worth[(votes != ABSTAIN).any(axis=1)].mean()


def simulate(seed, tables_of, rows=3000, prior=(0.5, 0.5)):
    rng = np.random.default_rng(seed)
    tables = tables_of(rng)
    truth = rng.choice(len(prior), size=rows, p=prior)
    return tables, truth, draw(rng, tables, truth)


def good(rng):
    return accuracy_tables([0.9, 0.8, 0.7, 0.65, 0.6], [0.8, 0.5, 0.6, 0.7, 0.9])


# The oracle


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("rows", "functions", "classes", "silence", "within"),
    [(10_000, 10, 2, 1, 0.002), (10_000, 10, 2, 10, 0.002), (2000, 10, 2, 3, 0.01)],
)
def test_with_the_balance_given_it_reaches_the_bayes_oracle(
    seed, rows, functions, classes, silence, within
):
    tables, truth, votes = simulate(
        seed, lambda rng: generator_tables(rng, functions, classes, silence), rows
    )
    balance = [1 / classes] * classes
    model = LabelModel(class_balance=balance).fit(votes)
    own = accuracy(model.predict_proba(votes).argmax(axis=1), truth, votes)
    best = accuracy(oracle(tables, balance, votes), truth, votes)
    assert own >= best - within
    # and is no majority vote:
    assert own >= majority(votes, truth) + 0.01


@pytest.mark.parametrize("seed", range(3))
def test_tables_and_balance_are_recovered(seed):
    tables, truth, votes = simulate(
        seed, lambda rng: generator_tables(rng, 10, 2, 2), 20_000, (0.8, 0.2)
    )
    model = LabelModel().fit(votes)
    np.testing.assert_allclose(model.class_prior_, [0.8, 0.2], atol=0.02)
    np.testing.assert_allclose(model.confusion_, tables, atol=0.05)
    right = [(v == truth)[v != ABSTAIN].mean() for v in votes.T]
    np.testing.assert_allclose(model.accuracies_, right, atol=0.03)


def test_a_rare_class_of_five_percent():
    tables, truth, votes = simulate(
        0, lambda rng: generator_tables(rng, 10, 2, 1), 10_000, (0.95, 0.05)
    )
    model = LabelModel().fit(votes)
    own = accuracy(model.predict(votes, "prior"), truth, votes)
    assert own >= accuracy(oracle(tables, [0.95, 0.05], votes), truth, votes) - 0.002
    assert own > majority(votes, truth) + 0.01


def test_twenty_classes():
    tables, truth, votes = simulate(
        1, lambda rng: generator_tables(rng, 12, 20, 30), 10_000, [0.05] * 20
    )
    model = LabelModel().fit(votes)
    own = accuracy(model.predict(votes, "prior"), truth, votes)
    best = accuracy(oracle(tables, np.full(20, 0.05), votes), truth, votes)
    assert model.classes_.tolist() == list(range(20))
    assert own >= best - 0.003
    assert own > majority(votes, truth, 20)


def test_silence_is_evidence_unless_told_otherwise():
    _, truth, votes = simulate(0, lambda rng: generator_tables(rng, 10, 2, 10), 10_000)
    vote = LabelModel().fit(votes).predict(votes, "prior")
    missing = LabelModel(abstain="missing").fit(votes).predict(votes, "prior")
    assert accuracy(vote, truth, votes) > accuracy(missing, truth, votes) + 0.02


# Published: Dawid and Skene (1979), table 1: 45 patients; the first anaesthetist
# rated three times, four others once.
PATIENTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223
4444444 2223343 1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322
2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111
1111111 1212111 2322222 1211111 2222222
"""


def patient_counts():
    counts = np.zeros((45, 5, 4))
    for patient, ratings in enumerate(PATIENTS.split()):
        for place, rating in enumerate(ratings):
            counts[patient, max(place - 2, 0), int(rating) - 1] += 1
    return counts.reshape(45, -1)


def test_the_published_class_marginals():
    fit = fit_counts(patient_counts(), 4, 4, max_iter=1000, tol=1e-10)
    assert fit.class_prior.round(2).tolist() == [0.4, 0.42, 0.11, 0.07]
    np.testing.assert_allclose(fit.class_prior, [0.400, 0.422, 0.112, 0.067], atol=6e-4)
    assert fit.converged


# Brute force


def slow_em(votes, classes, missing, steps):
    """EM row by row, from the majority vote, without smoothing."""
    rows, functions = votes.shape
    silence = classes
    posterior = np.full((rows, classes), 1e-3)
    for i, j in np.ndindex(rows, functions):
        if votes[i, j] != ABSTAIN:
            posterior[i, votes[i, j]] += 1
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(steps):
        prior = posterior.mean(axis=0)
        tables = np.zeros((functions, classes, classes + 1))
        for i, j in np.ndindex(rows, functions):
            said = silence if votes[i, j] == ABSTAIN else votes[i, j]
            if not (missing and said == silence):
                tables[j, :, said] += posterior[i]
        tables /= tables.sum(axis=2, keepdims=True)
        posterior = np.tile(prior, (rows, 1))
        for i, j in np.ndindex(rows, functions):
            said = silence if votes[i, j] == ABSTAIN else votes[i, j]
            if not (missing and said == silence):
                posterior[i] *= tables[j, :, said]
        posterior /= posterior.sum(axis=1, keepdims=True)
    return prior, tables


@pytest.mark.parametrize("abstain", ["vote", "missing"])
def test_equals_em_written_out_row_by_row(abstain):
    _, _, votes = simulate(3, good, rows=150)
    votes = votes[:, :4]
    prior, tables = slow_em(votes, 2, abstain == "missing", steps=400)
    model = LabelModel(
        abstain=abstain, smoothing=0, dependencies=None, tol=0, max_iter=400
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelModelWarning)
        model.fit(votes)
    np.testing.assert_allclose(model.class_prior_, prior, atol=2e-3)
    np.testing.assert_allclose(model.confusion_, tables, atol=5e-3)


def test_joint_columns_change_nothing(monkeypatch):
    _, _, votes = simulate(
        4, lambda rng: generator_tables(rng, 7, 3), 2000, [1 / 3] * 3
    )
    plain = LabelModel().fit(votes)
    monkeypatch.setattr("mlworkbench.labeling._patterns._DENSE", 0)
    joint = LabelModel().fit(votes)
    np.testing.assert_allclose(joint.confusion_, plain.confusion_, atol=1e-9)
    np.testing.assert_allclose(
        joint.predict_proba(votes), plain.predict_proba(votes), atol=1e-9
    )
    missing = LabelModel(abstain="missing").fit(votes)
    assert (missing.confusion_[:, :, -1] == 0).all()


def test_more_steps_are_never_less_likely():
    _, _, votes = simulate(5, good, rows=400)
    likelihoods = []
    for steps in (1, 2, 3, 5, 8, 20, 60):
        model = LabelModel(
            smoothing=0, max_iter=steps, n_init=1, dependencies=None, tol=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LabelModelWarning)
            likelihoods.append(model.fit(votes).log_likelihood_)
    assert (np.diff(likelihoods) >= -1e-6).all()
    assert likelihoods[-1] > likelihoods[0]


# Properties


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.permutations(range(3)))
def test_renaming_the_classes_permutes_the_answer(seed, names):
    _, _, votes = simulate(
        seed, lambda rng: generator_tables(rng, 6, 3, 2), 300, [0.5, 0.3, 0.2]
    )
    renamed = np.where(votes == ABSTAIN, ABSTAIN, np.array(names)[votes])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelModelWarning)
        one = LabelModel(3).fit(votes)
        two = LabelModel(3).fit(renamed)
    np.testing.assert_allclose(
        two.predict_proba(renamed)[:, names], one.predict_proba(votes), atol=1e-7
    )
    np.testing.assert_allclose(two.class_prior_[names], one.class_prior_, atol=1e-7)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_the_order_of_rows_and_functions_does_not_matter(seed):
    _, _, votes = simulate(seed, good, rows=300)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(300), rng.permutation(5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelModelWarning)
        one = LabelModel(n_init=1).fit(votes).predict_proba(votes)
        other = votes[rows][:, columns]
        two = LabelModel(n_init=1).fit(other).predict_proba(other)
    np.testing.assert_allclose(two, one[rows], atol=1e-6)


def test_a_function_that_never_votes_changes_nothing_and_is_named():
    _, _, votes = simulate(6, good)
    silent = np.column_stack([votes, np.full(len(votes), ABSTAIN)])
    plain, wider = LabelModel(n_init=1).fit(votes), LabelModel(n_init=1).fit(silent)
    np.testing.assert_allclose(
        wider.predict_proba(silent), plain.predict_proba(votes), atol=1e-9
    )
    assert np.isnan(wider.accuracies_[5])
    assert any("never vote: lf_5" in note for note in wider.notes_)


def test_silence_is_no_vote_for_any_class():
    votes = np.array([[ABSTAIN, ABSTAIN, ABSTAIN], [1, 1, ABSTAIN], [0, 0, 0]] * 50)
    with pytest.warns(LabelModelWarning, match="fewer than three"):
        model = LabelModel(class_balance=[0.3, 0.7]).fit(votes)
    np.testing.assert_allclose(model.predict_proba(votes)[0], [0.3, 0.7])
    assert model.predict(votes)[:3].tolist() == [ABSTAIN, 1, 0]
    assert model.predict(votes, "prior")[:3].tolist() == [1, 1, 0]
    assert any("33.3% of the rows have no vote" in note for note in model.notes_)


# Hard cases


def test_a_function_worse_than_chance_is_named_and_turned_round():
    _, truth, votes = simulate(
        7,
        lambda rng: accuracy_tables([0.85, 0.8, 0.75, 0.7, 0.2], [0.8] * 5),
    )
    frame = pd.DataFrame(votes, columns=["a", "b", "c", "d", "liar"])
    with pytest.warns(LabelModelWarning, match="worse than chance: liar"):
        model = LabelModel().fit(frame)
    assert model.accuracies_[4] == pytest.approx(0.2, abs=0.05)
    assert accuracy(model.predict(frame, "prior"), truth, votes) > 0.03 + majority(
        votes, truth
    )


@pytest.mark.parametrize("balance", [None, [0.85, 0.15]])
def test_one_sided_functions_do_not_collapse(balance):
    tables, truth, votes = simulate(
        8, lambda rng: keyword_tables(rng, [0, 1] * 5), 10_000, (0.85, 0.15)
    )
    model = LabelModel(class_balance=balance).fit(votes)
    own = accuracy(model.predict(votes, "prior"), truth, votes)
    assert own > majority(votes, truth) + 0.01
    assert own > accuracy(oracle(tables, [0.85, 0.15], votes), truth, votes) - 0.005
    assert any("one class only" in note for note in model.notes_)


def test_one_sided_functions_cannot_do_without_silence():
    _, _, votes = simulate(8, lambda rng: keyword_tables(rng, [0, 1] * 3))
    with pytest.raises(ValueError, match="every function votes for one class only"):
        LabelModel(abstain="missing").fit(votes)


def test_a_class_nobody_votes_for_is_named():
    _, _, votes = simulate(9, lambda rng: keyword_tables(rng, [1] * 5))
    with pytest.warns(LabelModelWarning, match="no function votes for class 0"):
        LabelModel().fit(votes)


@pytest.mark.parametrize("functions", [1, 2])
def test_one_or_two_functions_stay_with_the_majority_and_warn(functions):
    _, _, votes = simulate(10, good)
    votes = votes[:, :functions]
    with pytest.warns(LabelModelWarning, match="fewer than three independent"):
        model = LabelModel().fit(votes)
    counted = MajorityVote().fit(votes).predict(votes)
    clear = counted != ABSTAIN
    assert (model.predict(votes, "prior")[clear] == counted[clear]).all()


@pytest.mark.parametrize("copies", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_copies_do_not_pull_it_below_the_majority(copies, seed):
    _, truth, votes = simulate(
        seed,
        lambda rng: accuracy_tables([0.62, *rng.uniform(0.65, 0.85, 4)], [0.9] * 5),
    )
    votes = np.column_stack([votes, *[votes[:, 0]] * (copies - 1)])
    model = LabelModel().fit(votes)
    own = accuracy(model.predict(votes, "prior"), truth, votes)
    assert own >= majority(votes, truth)
    names = ("lf_0", *(f"lf_{5 + i}" for i in range(copies - 1)))
    assert model.dependencies_ == (names,)
    np.testing.assert_allclose(model.vote_powers_[[0, 5]], 1 / copies)
    deluded = LabelModel(dependencies=None).fit(votes)
    assert own > accuracy(deluded.predict(votes, "prior"), truth, votes) + 0.05


def test_given_dependencies_count_once():
    _, _, votes = simulate(11, good)
    doubled = pd.DataFrame(
        np.column_stack([votes, votes[:, 2]]), columns=list("abcdef")
    )
    options = {"smoothing": 0, "n_init": 1}
    for given_ones in ([("c", "f")], [(2, 5)], [["c", 5]]):
        twice = LabelModel(dependencies=given_ones, **options).fit(doubled)
        once = LabelModel(dependencies=None, **options).fit(votes)
        np.testing.assert_allclose(
            twice.predict_proba(doubled), once.predict_proba(votes), atol=1e-9
        )
        assert twice.dependencies_ == (("c", "f"),)


def test_groups_found_may_be_given():
    _, _, votes = simulate(12, good)
    votes = np.column_stack([votes, votes[:, 0]])
    groups = find_dependent_lfs(votes).groups
    given_ones = LabelModel(dependencies=groups).fit(votes)
    np.testing.assert_allclose(given_ones.vote_powers_, [0.5, 1, 1, 1, 1, 0.5])


# Not below the majority vote where the model's assumptions fail


def votes_of_truth(rng, truth, accuracies, coverage):
    right = rng.random((len(truth), len(accuracies))) < accuracies
    votes = np.where(right, truth[:, None], 1 - truth[:, None])
    votes[rng.random(votes.shape) > coverage] = ABSTAIN
    return votes


def near_copies(rng, rows):
    """Three weak functions that repeat each other, five better ones."""
    truth = rng.integers(0, 2, rows)
    votes = votes_of_truth(rng, truth, [0.55] * 3 + [0.8, 0.75, 0.7, 0.7, 0.8], 1)
    for j in (1, 2):
        repeat = rng.random(rows) < 0.95
        votes[repeat, j] = votes[repeat, 0]
    votes[rng.random(votes.shape) > 0.8] = ABSTAIN
    return truth, votes


def long_texts(rng, rows):
    """Keywords: a long text has many, of either class."""
    truth = (rng.random(rows) < 0.3).astype(int)
    length = rng.gamma(1.5, 1, rows)
    votes = np.full((rows, 12), ABSTAIN)
    for j in range(12):
        hit = rng.uniform(0.1, 0.4)
        rate = np.where(truth == j % 2, hit, hit * rng.uniform(0.1, 0.4))
        votes[rng.random(rows) < 1 - np.exp(-rate * length), j] = j % 2
    return truth, votes


def many_topics(rng, rows):
    """Keywords for ten topics, five of each class."""
    topic = rng.integers(0, 10, rows)
    votes = np.full((rows, 20), ABSTAIN)
    for j in range(20):
        hit, other = rng.uniform(0.3, 0.7), rng.uniform(0.005, 0.03)
        votes[rng.random(rows) < np.where(topic == j % 10, hit, other), j] = j % 2
    return topic % 2, votes


def sparse_votes(rng, rows):
    truth = rng.integers(0, 2, rows)
    votes = votes_of_truth(
        rng, truth, rng.uniform(0.6, 0.9, 30), rng.uniform(0.01, 0.06, 30)
    )
    return truth, votes


def weak_functions(rng, rows):
    truth = rng.integers(0, 2, rows)
    return truth, votes_of_truth(rng, truth, [0.55] * 9, 0.6)


def rules_on_related_columns(rng, rows):
    """Thresholds on six columns that share two hidden causes; rare positives."""
    truth = (rng.random(rows) < 0.1).astype(int)
    cause = rng.normal(size=(rows, 2))
    votes = np.full((rows, 12), ABSTAIN)
    for j in range(6):
        column = 0.9 * cause[:, j % 2] + 0.5 * rng.normal(size=rows) + 1.6 * truth
        for rule in (j, j + 6):
            high = np.quantile(column[truth == 1], rng.uniform(0.3, 0.7))
            low = np.quantile(column[truth == 0], rng.uniform(0.3, 0.7))
            if rule % 3 != 1:
                votes[column > high, rule] = 1
            if rule % 3 != 0:
                votes[(column < low) & (votes[:, rule] == ABSTAIN), rule] = 0
    return truth, votes


def gains(make, rows, seeds=4):
    """Mean accuracy of the label model less that of the majority vote."""
    found = []
    for seed in range(seeds):
        truth, votes = make(np.random.default_rng(seed), rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LabelModelWarning)
            labels = LabelModel(2).fit(votes).predict(votes, "prior")
        found.append(accuracy(labels, truth, votes) - majority(votes, truth))
    return np.mean(found)


@pytest.mark.parametrize(
    ("make", "rows", "gain"),
    [
        (near_copies, 300, 0.05),
        (near_copies, 2000, 0.1),
        (long_texts, 300, -0.01),
        (long_texts, 2000, -0.01),
        (many_topics, 2000, -0.01),
        (sparse_votes, 300, -0.01),
        (sparse_votes, 1000, -0.01),
        (weak_functions, 1000, -0.01),
    ],
)
def test_not_below_the_majority_vote(make, rows, gain):
    assert gains(make, rows) >= gain


@pytest.mark.parametrize("rows", [1000, 5000])
def test_rules_on_related_columns_stay_near_the_majority_vote(rows):
    assert gains(rules_on_related_columns, rows) >= -0.03


def test_another_split_than_the_classes_is_said():
    _, votes = long_texts(np.random.default_rng(0), 2000)
    with pytest.warns(LabelModelWarning, match="something other than the classes"):
        model = LabelModel(2).fit(votes)
    assert model.fallback_ == "step"
    assert any("one step from the majority vote" in note for note in model.notes_)


def test_functions_alike_are_said_to_be_so():
    _, votes = weak_functions(np.random.default_rng(0), 1000)
    model = LabelModel(2).fit(votes)
    assert model.fallback_ == "step"
    assert any("do not show that some functions are" in n for n in model.notes_)
    _, _, clear = simulate(0, good)
    assert LabelModel(2).fit(clear).fallback_ is None


def test_one_table_for_all_leaves_silence_out():
    rng = np.random.default_rng(1)
    truth = (rng.random(1000) < 0.1).astype(int)
    votes = votes_of_truth(rng, truth, rng.uniform(0.6, 0.75, 6), 0.45)
    model = LabelModel(2).fit(votes)
    assert (model.fallback_, model.abstain_) == ("common", "missing")
    assert (model.confusion_[:, :, 2] == 0).all()
    labels = model.predict(votes, "prior")
    assert accuracy(labels, truth, votes) > majority(votes, truth) + 0.05


@pytest.mark.parametrize("shuffled", [False, True])
def test_copies_are_found_in_any_order_of_rows(shuffled):
    # Every other row is of a system where the copies are silent.
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 20_000)
    votes = votes_of_truth(rng, truth, [0.6, 0.6, 0.75, 0.7, 0.7, 0.75], 0.8)
    votes[:, 1] = votes[:, 0]
    votes[::2, :2] = ABSTAIN
    if shuffled:
        votes = votes[rng.permutation(20_000)]
    model = LabelModel(2).fit(votes)
    assert model.dependencies_ == (("lf_0", "lf_1"),)


def test_two_functions_and_labels_are_told_apart():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 2000)
    votes = votes_of_truth(rng, truth, [0.95, 0.55], 1)
    y = np.where(np.arange(2000) < 600, truth, ABSTAIN)
    model = LabelModel(2).fit(votes, y)
    np.testing.assert_allclose(model.accuracies_, [0.95, 0.55], atol=0.03)
    assert accuracy(model.predict(votes, "prior"), truth, votes) > 0.93


def test_more_classes_than_a_byte_holds_are_refused():
    with pytest.raises(ValueError, match=r"n_classes is 200; .* at most 127"):
        LabelModel(200).fit([[0, 1, 1]])


def test_overruling_agreement_calls_for_a_warning():
    # Most functions lie: the classes found are the other way round.
    _, _, votes = simulate(
        13, lambda rng: accuracy_tables([0.95, 0.95, 0.95, 0.3, 0.3, 0.3], [0.4] * 6)
    )
    with pytest.warns(LabelModelWarning, match="get another class") as said:
        LabelModel().fit(votes)
    # Half of them: it does not name good functions as bad.
    assert "3 of 6 functions look worse than chance: they may be" in str(
        said[0].message
    )


# Labels


def test_known_classes_all_known_is_counting():
    _, truth, votes = simulate(14, good, rows=500)
    model = LabelModel(smoothing=0, dependencies=None).fit(votes, truth)
    for j, c in np.ndindex(5, 2):
        outcome = votes[truth == c, j]
        shares = [(outcome == o).mean() for o in (0, 1, ABSTAIN)]
        np.testing.assert_allclose(model.confusion_[j, c], shares, atol=1e-12)
    np.testing.assert_allclose(model.class_prior_[1], truth.mean())


def test_some_known_classes_settle_which_class_is_which():
    # Two honest functions against four that lie: without labels the lie wins.
    _, truth, votes = simulate(
        15, lambda rng: accuracy_tables([0.8, 0.8, 0.2, 0.2, 0.2, 0.2], [0.9] * 6)
    )
    y = np.where(np.arange(3000) < 1500, truth, ABSTAIN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LabelModelWarning)
        without = LabelModel().fit(votes)
        with_some = LabelModel().fit(votes, y)
        missing = LabelModel().fit(votes, np.where(y == ABSTAIN, np.nan, y))
    assert accuracy(without.predict(votes, "prior"), truth, votes) < 0.2
    assert accuracy(with_some.predict(votes, "prior"), truth, votes) > 0.8
    np.testing.assert_array_equal(missing.confusion_, with_some.confusion_)


# The family's checks


def test_random_numbers_are_left_alone():
    _, _, votes = simulate(16, good)
    before = np.random.get_state()[1].copy()
    LabelModel(random_state=1).fit(votes).predict(votes, "random")
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_fitting_twice_gives_the_same_and_clones_and_pickles():
    _, _, votes = simulate(17, good)
    model = LabelModel(n_init=4, random_state=3)
    first = model.fit(votes).predict_proba(votes)
    np.testing.assert_array_equal(model.fit(votes).predict_proba(votes), first)
    np.testing.assert_array_equal(clone(model).fit(votes).predict_proba(votes), first)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(votes), first)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(smoothing=3).smoothing == 3
    np.testing.assert_array_equal(
        model.predict(votes, "random"), model.predict(votes, "random")
    )


def test_rows_are_judged_one_by_one():
    _, _, votes = simulate(18, good)
    model = LabelModel().fit(votes)
    proba = model.predict_proba(votes)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    for row in (0, 7, 2999):
        np.testing.assert_allclose(
            model.predict_proba(votes[row : row + 1]), proba[row : row + 1], atol=1e-12
        )
    assert model.predict_proba(votes[:0]).shape == (0, 2)


def test_what_was_never_seen_says_nothing():
    _, _, votes = simulate(19, good)
    votes[:, 0] = 1  # never silent, never 0
    model = LabelModel(dependencies=None).fit(votes)
    row = votes[:1].copy()
    odd, even = row.copy(), row.copy()
    odd[0, 0], even[0, 0] = 0, ABSTAIN
    np.testing.assert_allclose(model.predict_proba(odd), model.predict_proba(even))


def test_names_are_kept_and_checked():
    _, _, votes = simulate(20, good)
    frame = pd.DataFrame(votes, columns=list("abcde"))
    model = LabelModel().fit(frame)
    assert model.feature_names_in_.tolist() == list("abcde")
    assert model.n_features_in_ == 5
    with pytest.raises(ValueError, match="in the same order"):
        model.predict(frame[list("edcba")])
    with pytest.raises(ValueError, match=r"votes has 4 functions, .* fitted on 5"):
        model.predict(votes[:, :4])
    assert not hasattr(model.fit(votes), "feature_names_in_")


def test_before_the_fit():
    with pytest.raises(NotFittedError):
        LabelModel().predict([[0, 1]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"abstain": "ignore"}, "abstain is 'ignore'; pass one of 'vote', 'missing'"),
        ({"smoothing": -1}, "smoothing is -1; pass a number of 0 or more"),
        ({"smoothing": float("nan")}, "smoothing is nan"),
        ({"tol": "small"}, "tol is 'small'"),
        ({"n_init": 0}, "n_init is 0; pass 1 or more"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"n_classes": 1}, "n_classes is 1; pass 2 or more"),
        ({"class_balance": [1.0]}, "class_balance has 1 shares for 2 classes"),
        ({"class_balance": [0.5, 0.6]}, "pass shares above 0 that sum to 1"),
        ({"class_balance": [1.0, 0.0]}, "pass shares above 0 that sum to 1"),
        ({"dependencies": "all"}, "dependencies is 'all'"),
        ({"dependencies": [("lf_0",)]}, "pass groups of two or more"),
        ({"dependencies": ["lf_0"]}, "pass groups of two or more"),
        ({"dependencies": [("lf_0", "lf_9")]}, "names the function 'lf_9'"),
        ({"dependencies": [(0, 9)]}, "names the function 9"),
    ],
)
def test_bad_parameters_are_refused_at_fit(options, message):
    with pytest.raises(ValueError, match=message):
        LabelModel(**options).fit([[0, 1, 1], [1, 0, -1]])


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([[-1, -1], [-1, -1]], "no function votes on any row"),
        ([[0, 2]], "pass whole numbers from 0 to 1"),
        ([[0.5, 1]], "whole numbers"),
        ([[np.nan, 1]], "not a missing value"),
        (np.empty((0, 3)), "no function votes on any row"),
    ],
)
def test_bad_votes_are_refused(votes, message):
    with pytest.raises(ValueError, match=message):
        LabelModel(2).fit(votes)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([0, 1], ValueError, "lengths differ"),
        ([0, 1, 2], ValueError, "y has 2 at row 2; pass whole numbers from 0 to 1"),
        ([0, 0.5, 1], ValueError, "y has 0.5 at row 1"),
        (["a", "b", "c"], TypeError, "y is not made of numbers"),
    ],
)
def test_bad_labels_are_refused(y, error, message):
    with pytest.raises(error, match=message):
        LabelModel(2).fit([[0, 1, 1], [1, 0, -1], [0, 0, 1]], y)


def test_labels_of_other_rows_are_refused():
    votes = pd.DataFrame([[0, 1, 1], [1, 0, 0]])
    with pytest.raises(ValueError, match="different indexes"):
        LabelModel(2).fit(votes, pd.Series([0, 1], index=[5, 6]))


def test_not_yet_at_rest_is_said():
    _, _, votes = simulate(21, good)
    with pytest.warns(LabelModelWarning, match="had not come to rest after 3 steps"):
        LabelModel(max_iter=3, tol=0).fit(votes)


@pytest.mark.parametrize("model", [LabelModel, MajorityVote])
def test_votes_are_data_not_metadata(model):
    setters = [name for name in dir(model) if name.startswith("set_")]
    assert setters == ["set_params"]
