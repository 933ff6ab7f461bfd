"""GuardedTestSet: Thresholdout answers, counts, and cannot be worn out."""

import copy
import pickle
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

from mlworkbench.leakage import GuardedTestSet, TestSetSpentError

ROWS = np.random.default_rng(0)
X = ROWS.normal(size=(400, 3))
Y = ROWS.integers(0, 2, 400)


def make_guard(**changes):
    options = {"budget": 3, "threshold": 0.1, "noise": 0.002, "random_state": 0}
    return GuardedTestSet(X[:200], Y[:200], X[200:], Y[200:], **(options | changes))


def by_heart():
    return DecisionTreeClassifier(random_state=0).fit(X[:200], Y[:200])


def ask_of(values_train, values_test):
    """Give a predict that is right on given shares of 200 train and 200 test rows."""

    def predict(rows):
        train = np.array_equal(rows, X[:200])
        y, right = (Y[:200], values_train) if train else (Y[200:], values_test)
        return np.where(np.arange(200) < right * 200, y, 1 - y)

    return predict


def test_a_model_that_generalises_gets_the_training_score_for_nothing():
    guard = make_guard()
    for _ in range(20):
        assert guard.score(ask_of(0.7, 0.69)) == pytest.approx(0.7)
    assert guard.remaining == 3
    assert set(guard.log["answered_from"]) == {"train"}


def test_a_model_that_knows_train_by_heart_gets_a_noisy_test_score():
    guard = make_guard()
    model = by_heart()
    truth = (model.predict(X[200:]) == Y[200:]).mean()
    answer = guard.score(model, name="tree")
    assert answer != truth
    assert answer == pytest.approx(truth, abs=0.05)
    assert guard.remaining == 2


def test_the_arithmetic_is_that_of_the_paper():
    # Dwork et al. 2015, figure 1: γ ~ Lap(2σ), η ~ Lap(4σ), ξ ~ Lap(σ), in this order.
    guard = make_guard(noise=0.01, random_state=7)
    rng = np.random.default_rng(7)
    level = 0.1 + rng.laplace(0, 0.02)
    for train, test in [(0.7, 0.65), (0.9, 0.5), (0.8, 0.7), (0.5, 0.9)]:
        if guard.remaining == 0:
            break
        far = abs(test - train) > level + rng.laplace(0, 0.04)
        expected = train
        if far:
            expected = test + rng.laplace(0, 0.01)
            level = 0.1 + rng.laplace(0, 0.02)
        answer = guard.score(ask_of(train, test))
        assert answer == pytest.approx(expected, abs=1e-12)
        assert (guard.log["answered_from"].iloc[-1] == "test") == far
    assert 0 < guard.remaining < 3


def test_without_noise_it_is_a_plain_threshold():
    guard = make_guard(noise=0)
    assert guard.score(ask_of(0.7, 0.62)) == pytest.approx(0.7)
    assert guard.score(ask_of(0.7, 0.58)) == pytest.approx(0.58)
    assert guard.remaining == 2


def test_when_it_is_spent_it_says_what_to_do_and_answers_nothing():
    guard = make_guard(budget=2)
    model = by_heart()
    guard.score(model)
    guard.score(model)
    assert guard.remaining == 0
    fair = DummyClassifier(strategy="constant", constant=1).fit(X, Y)
    with pytest.raises(TestSetSpentError, match="2 of 2 answers came from it"):
        guard.score(fair, name="too late")
    with pytest.raises(RuntimeError, match="collect new test rows"):
        guard.score(fair)
    assert guard.log["answered_from"].tolist() == ["test", "test", "refused", "refused"]
    assert np.isnan(guard.log["answer"].iloc[-1])


def test_the_log_says_who_asked_what_and_not_the_score_of_the_test_set():
    guard = make_guard()
    guard.score(by_heart(), name="Ada: tree")
    guard.score(ask_of(0.5, 0.5))
    log = guard.log
    assert log["name"].tolist() == ["Ada: tree", "predict"]
    assert log["asked"].tolist() == ["DecisionTreeClassifier", "predict"]
    assert log["question"].tolist() == [1, 2]
    log.loc[0, "name"] = "nobody"
    assert guard.log["name"].iloc[0] == "Ada: tree"
    assert repr(guard) == "GuardedTestSet: 2 question(s), 2 of 3 test answers left"


def test_one_seed_gives_one_run():
    answers = [
        [guard.score(by_heart()) for _ in range(3)]
        for guard in (make_guard(), make_guard(), make_guard(random_state=1))
    ]
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_who_asks_cannot_change_the_rows_or_the_labels():
    labels = Y[200:].copy()
    guard = GuardedTestSet(
        X[:200], Y[:200], X[200:], labels, budget=1, threshold=0.3, noise=0
    )

    def destroy(rows):
        rows[:] = 0
        return np.ones(200, dtype=int)

    before = guard.score(destroy)
    labels[:] = 1
    assert guard.score(destroy) == before
    assert X[:200].any()


def test_frames_and_text_labels_work():
    frame = pd.DataFrame(X, columns=list("abc"))
    label = pd.Series(np.where(Y, "late", "on time"))
    guard = GuardedTestSet(
        frame[:200], label[:200], frame[200:], label[200:], budget=1, random_state=0
    )
    model = DummyClassifier(strategy="constant", constant="late").fit(frame, label)
    assert guard.score(model) == pytest.approx(Y[:200].mean())


@pytest.mark.parametrize("kind", ["Int64", "bool", "float64", "category"])
def test_labels_of_many_types_work(kind):
    label = pd.Series(Y).astype(kind)
    guard = GuardedTestSet(
        X[:200], label[:200], X[200:], label[200:], budget=1, threshold=0.3, noise=0
    )
    ones = guard.score(lambda rows: np.ones(len(rows), dtype=int))
    assert ones == pytest.approx(Y[:200].mean())
    with pytest.raises(ValueError, match="not probabilities"):
        guard.score(lambda rows: np.full(len(rows), 0.3))


def test_another_score_per_row():
    guard = GuardedTestSet(
        X[:200],
        X[:200, 0],
        X[200:],
        X[200:, 0],
        budget=1,
        threshold=0.5,
        noise=0,
        row_score=lambda y, p: np.clip(1 - np.abs(y - p), 0, 1),
    )
    expected = np.clip(1 - np.abs(X[:200, 0]), 0, 1).mean()
    assert guard.score(lambda rows: np.zeros(len(rows))) == pytest.approx(expected)


def attack(n, d, seed, guarded):
    """Ask about every column of pure noise, vote with those that answer well.

    Returns what the last answer says, and the accuracy on the test rows.
    """
    rng = np.random.default_rng(seed)
    X = rng.choice([-1, 1], size=(2 * n, d))
    y = rng.choice([-1, 1], size=2 * n)
    parts = X[:n], y[:n], X[n:], y[n:]
    guard = GuardedTestSet(
        *parts, budget=d, threshold=0.1, noise=0.005, random_state=seed
    )

    def ask(predict):
        plain = float((predict(X[n:]) == y[n:]).mean())
        return guard.score(predict) if guarded else plain

    train = (X[:n] == y[:n, None]).mean(axis=0) - 0.5
    answer = np.array([ask(lambda rows, j=j: rows[:, j]) for j in range(d)]) - 0.5
    enough = 0.5 / np.sqrt(n)
    use = (train * answer > 0) & (np.abs(train) > enough) & (np.abs(answer) > enough)
    vote = np.sign(train) * use

    def final(rows):
        return np.where(rows @ vote >= 0, 1, -1)

    return ask(final), float((final(X[n:]) == y[n:]).mean())


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_asking_about_noise_gains_on_a_plain_test_set_and_not_on_a_guarded(seed):
    plain, _ = attack(500, 300, seed, guarded=False)
    assert plain > 0.54  # the truth is 0.5; about 0.61
    answer, on_test = attack(500, 300, seed, guarded=True)
    five_errors = 5 * 0.5 / np.sqrt(500)
    assert abs(answer - 0.5) < five_errors + 0.05
    assert abs(on_test - 0.5) < five_errors


def test_on_average_the_guard_takes_the_whole_gain_away():
    runs = np.array(
        [[attack(500, 300, s, g)[1] for g in (False, True)] for s in range(12)]
    )
    plain, guarded = runs.mean(axis=0)
    assert plain > 0.59
    assert abs(guarded - 0.5) < 0.02


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"budget": 0}, ValueError, "budget is 0"),
        ({"budget": 1.5}, TypeError, "budget is 1.5"),
        ({"threshold": 0}, ValueError, r"threshold is 0; pass a number in \(0, 1\)"),
        ({"threshold": "a"}, TypeError, "threshold is 'a'"),
        ({"noise": -0.1}, ValueError, r"noise is -0.1; pass a number in \[0, 1\)"),
        ({"noise": float("nan")}, ValueError, "noise is nan"),
        ({"random_state": "a"}, TypeError, "random_state is a str"),
        ({"row_score": 3}, TypeError, "row_score is a int"),
    ],
)
def test_bad_parameters_are_explained(changes, error, message):
    with pytest.raises(error, match=message):
        make_guard(**changes)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((X[:200], Y[:199], X[200:], Y[200:]), "X_train has 200 rows, y_train 199"),
        ((X[:200], Y[:200], X[:0], Y[:0]), "X_test has no rows"),
        ((X[:2], [1, None], X[200:], Y[200:]), r"y_train has 1 missing label\(s\)"),
        ((X[:200], X[:200, 0], X[200:], Y[200:]), "y_train has numbers such as"),
    ],
)
def test_bad_data_is_explained(parts, message):
    with pytest.raises(ValueError, match=message):
        GuardedTestSet(*parts, budget=1)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (3, TypeError, "predict_or_estimator is a int"),
        (DummyClassifier, TypeError, "pass a fitted estimator"),
        (lambda rows: [1], ValueError, "gave 1 predictions for 200 train rows"),
        (lambda rows: np.full(len(rows), np.nan), ValueError, "200 missing"),
        (lambda rows: np.full(len(rows), 0.3), ValueError, "not probabilities"),
        (lambda rows: np.full(len(rows), "late"), ValueError, "labels are like"),
    ],
)
def test_a_bad_question_is_explained_and_costs_nothing(asked, error, message):
    guard = make_guard()
    with pytest.raises(error, match=message):
        guard.score(asked)
    assert guard.remaining == 3
    assert guard.log.empty


@pytest.mark.parametrize(
    ("row_score", "message"),
    [
        (lambda y, p: (y - p) * 5 - 1, r"outside \[0, 1\]"),
        (lambda y, p: 1.0, r"gave shape \(\) for 200 rows"),
    ],
)
def test_a_bad_score_is_explained(row_score, message):
    with pytest.raises(ValueError, match=message):
        make_guard(row_score=row_score).score(lambda rows: np.ones(len(rows)))


def test_who_asks_at_once_shares_one_budget():
    guard, rule = make_guard(), by_heart()
    at_once = threading.Barrier(8)  # all have passed the first look at the budget
    refused = []

    def slow(rows):
        at_once.wait(timeout=60)
        return rule.predict(rows)

    def ask():
        try:
            guard.score(slow)
        except TestSetSpentError:
            refused.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert guard.remaining == 0
    assert len(refused) == 5
    log = guard.log
    assert log["question"].tolist() == list(range(1, 9))
    assert log["answered_from"].tolist() == ["test"] * 3 + ["refused"] * 5


def test_a_guard_can_be_kept_in_a_file():
    guard, rule = make_guard(), by_heart()
    guard.score(rule)
    again = pickle.loads(pickle.dumps(guard))
    assert again.log.equals(guard.log)
    assert [again.score(rule) for _ in range(2)] == [guard.score(rule) for _ in "ab"]
    for spent in (again, guard, copy.deepcopy(guard)):
        with pytest.raises(TestSetSpentError, match="3 of 3 answers"):
            spent.score(rule)


def test_refused_questions_are_not_counted_as_answers():
    guard, rule = make_guard(budget=1), by_heart()
    guard.score(rule)
    for _ in range(2):
        with pytest.raises(TestSetSpentError, match="1 of 1 answers came from it"):
            guard.score(rule)


def test_train_and_test_have_the_same_columns():
    rows, y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match=r"rows of shape \(2,\), X_test of \(1,\)"):
        GuardedTestSet(rows, y, rows[:, :1], y, budget=1)
    frame = pd.DataFrame(rows, columns=["a", "b"])
    with pytest.raises(ValueError, match=r"different columns \(\['b', 'c'\]\)"):
        GuardedTestSet(frame, y, frame.set_axis(["a", "c"], axis=1), y, budget=1)
    with pytest.raises(ValueError, match=r"different columns \(the order\)"):
        GuardedTestSet(frame, y, frame[["b", "a"]], y, budget=1)
