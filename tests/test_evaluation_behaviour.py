"""Tests of behaviour: CheckList's semantics, one call, rates by row, clear errors."""

import inspect

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpydoc.validate import validate
from sklearn.linear_model import LogisticRegression

from mlworkbench._stats import wilson_interval
from mlworkbench.evaluation import (
    BehaviourSuite,
    assert_behaviour,
    directional_test,
    invariance_test,
    minimum_functionality_test,
    perturb,
    perturbation_test,
)

ROWS = pd.DataFrame(
    {"race": pd.Categorical(list("ababa"), ["a", "b", "z"]), "income": [1, 2, 3, 4, 5]},
    index=[10, 20, 30, 40, 50],
)


class Counted:
    """A predict that counts its calls and keeps what it was given."""

    def __init__(self, function):
        self.function, self.seen = function, []

    def __call__(self, X):
        self.seen.append(X)
        return self.function(X)


def answers_of(before, after):
    """A predict that answers from two tables: `copy` is 1 in changed rows."""
    before, after = np.asarray(before), np.asarray(after)

    def predict(X):
        row, copy = X["row"].to_numpy(), X["copy"].to_numpy()
        where = copy if before.ndim == 1 else copy[:, None]
        return np.where(where == 1, after[row], before[row])

    return predict


def planned(before, after, test=invariance_test, **options):
    X = pd.DataFrame({"row": range(len(before)), "copy": 0})
    role = "swap" if test is invariance_test else "change"
    options[role] = lambda X: X.assign(copy=1)
    return test(answers_of(before, after), X, **options)


# CheckList's Expect.inv and Expect.monotonic, checklist 0.0.11 (expect.py), as
# truth tables computed with it by hand for softmax predictions: True passes.
@pytest.mark.parametrize(
    ("before", "after", "tolerance", "passes"),
    [
        ([0.9, 0.1], [0.6, 0.4], 0.0, True),  # same label, whatever the move
        ([0.9, 0.1], [0.51, 0.49], 0.05, True),
        ([0.52, 0.48], [0.49, 0.51], 0.0, False),  # a flip
        ([0.52, 0.48], [0.49, 0.51], 0.05, True),  # a flip within tolerance
        ([0.52, 0.48], [0.49, 0.51], 0.03, True),  # exactly at it
        ([0.52, 0.48], [0.49, 0.51], 0.029, False),
        ([0.9, 0.1], [0.2, 0.8], 0.5, False),
        # Three classes: it is the first label's probability that counts.
        ([0.4, 0.3, 0.3], [0.4, 0.5, 0.1], 0.05, True),
        ([0.4, 0.3, 0.3], [0.4, 0.5, 0.1], 0.0, False),
    ],
)
def test_tolerance_has_the_semantics_of_checklist(before, after, tolerance, passes):
    report = planned([before], [after], tolerance=tolerance)
    assert (report.n_failed == 0) == passes
    if len(before) == 2:  # the same as one column of probabilities
        report = planned([before[1]], [after[1]], tolerance=tolerance)
        assert (report.n_failed == 0) == passes


@pytest.mark.parametrize(
    ("before", "after", "direction", "tolerance", "result"),
    [
        (0.3, 0.4, 1, 0.0, True),
        (0.3, 0.2, 1, 0.0, False),
        (0.3, 0.3, 1, 0.0, True),  # staying is passing
        (0.3, 0.2, 1, 0.1, True),  # exactly at the tolerance
        (0.3, 0.19, 1, 0.1, False),
        (0.1, 0.0, 1, 0.1, None),  # cannot fall by more than 0.1
        (0.0, 0.0, 1, 0.0, None),
        (0.3, 0.4, -1, 0.0, False),
        (0.3, 0.4, -1, 0.2, True),
        (0.9, 1.0, -1, 0.1, None),
        (1.0, 1.0, -1, 0.0, None),
        (1.0, 0.9, 1, 0.0, False),
    ],
)
def test_direction_has_the_semantics_of_checklist(
    before, after, direction, tolerance, result
):
    for first, new in (
        ([before], [after]),
        ([[1 - before, before]], [[1 - after, after]]),
    ):
        report = planned(
            first, new, directional_test, direction=direction, tolerance=tolerance
        )
        assert report.n == (result is not None)
        assert report.n_cannot_fail == (result is None)
        assert report.n_failed == (result is False)


def checklist_inv(before, after, tolerance):
    """Say which rows fail, a row at a time, as CheckList does."""
    failed = []
    for b, copies in zip(before, after, strict=True):
        label, passes = int(np.argmax(b)), []
        for c in copies:
            same = int(np.argmax(c)) == label
            near = tolerance > 0 and abs(c[label] - b[label]) <= tolerance
            passes.append(same or near)
        failed.append(not all(passes))
    return failed


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.3]), st.integers(2, 4))
def test_rows_fail_as_in_a_loop_over_copies(seed, tolerance, classes):
    rng = np.random.default_rng(seed)
    n, k = 30, 3
    before = rng.dirichlet(np.ones(classes), n)
    after = rng.dirichlet(np.ones(classes), (n, k))
    X = pd.DataFrame({"row": range(n), "copy": 0})

    def predict(X):
        row, copy = X["row"].to_numpy(), X["copy"].to_numpy()
        every = np.concatenate([before[:, None], after], axis=1)
        return every[row, copy]

    changes = {str(c): lambda X, c=c: X.assign(copy=c) for c in range(1, k + 1)}
    report = invariance_test(
        predict, X, swap=list(changes.values()), tolerance=tolerance
    )
    expected = checklist_inv(before, after, tolerance)
    assert sorted(set(report.failures.index)) == list(np.flatnonzero(expected))
    assert report.n == n
    assert report.n_failed == sum(expected)
    low, high = wilson_interval(sum(expected), n)
    np.testing.assert_allclose([report.low, report.high], [low, high], rtol=1e-12)


def checklist_monotonic(before, after, label, direction, tolerance):
    """Say of one row whether it passes; None: no copy could fail."""
    start = before[label]
    if start <= tolerance if direction == 1 else start >= 1 - tolerance:
        return None
    return all(direction * (copy[label] - start) + tolerance >= 0 for copy in after)


@pytest.mark.parametrize("tolerance", [0.0, 0.1])
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("target", ["predicted", 0])
def test_rows_move_the_wrong_way_as_in_a_loop_over_copies(tolerance, direction, target):
    rng = np.random.default_rng(5)
    n, classes, k = 200, 3, 2
    before = rng.dirichlet(np.full(classes, 0.4), n)
    before[:6] = np.eye(classes)[[0, 1, 2, 0, 1, 2]]
    after = rng.dirichlet(np.full(classes, 0.4), (n, k))
    every = np.concatenate([before[:, None], after], axis=1)
    report = directional_test(
        lambda X: every[X["row"].to_numpy(), X["copy"].to_numpy()],
        pd.DataFrame({"row": range(n), "copy": 0}),
        change=[lambda X: X.assign(copy=1), lambda X: X.assign(copy=2)],
        direction=direction,
        tolerance=tolerance,
        target=target,
    )
    passed = [
        checklist_monotonic(
            b, a, b.argmax() if target == "predicted" else 0, direction, tolerance
        )
        for b, a in zip(before, after, strict=True)
    ]
    assert report.n == sum(one is not None for one in passed)
    assert report.n_cannot_fail == sum(one is None for one in passed)
    wrong = [i for i, one in enumerate(passed) if one is False]
    assert sorted(set(report.failures.index)) == wrong


def test_all_copies_are_predicted_in_one_call_beside_the_rows_twice():
    predict = Counted(lambda X: (X["income"] > 2).astype(int))
    before = ROWS.copy(deep=True)
    report = invariance_test(predict, ROWS, swap="race")
    assert len(predict.seen) == 1
    (seen,) = predict.seen
    assert len(seen) == 5 + 5 + 5  # two values: each row has one other
    assert seen.dtypes.equals(ROWS.dtypes)  # the unused level z included
    assert list(seen.index[:10]) == [*ROWS.index, *ROWS.index]
    assert set(seen.index[10:]) == set(ROWS.index)
    pd.testing.assert_frame_equal(ROWS, before)
    assert report.failure_rate == 0
    assert report.n == 5


def test_odd_tables_are_tested_like_others():
    X = pd.DataFrame(
        {
            "when": pd.date_range("2013-01-01", periods=4, tz="America/New_York"),
            "n": pd.array([1, None, 3, 4], dtype="Int64"),
            7: ["a", "b", "a", None],
            "list": [[1], [2], [3], [4]],
        },
        index=pd.MultiIndex.from_product([["u", "v"], [0, 0]]),
    )
    predict = Counted(lambda X: X[7].eq("a").to_numpy())
    report = invariance_test(predict, X, swap=7)
    assert (report.n, report.n_failed, report.n_unchanged) == (3, 3, 1)
    assert predict.seen[0].dtypes.equals(X.dtypes)
    assert report.failures.index.tolist()[0] == ("u", 0)
    noisy = perturb.noise("n", 3, relative=False).copies(X)["noise"]["n"]
    assert noisy.dtype == "Int64"
    assert noisy.isna().tolist() == [False, True, False, False]
    pair = invariance_test(predict, X, swap=(7, ["c"]))
    assert pair.frame["change"].tolist() == ["7 → c"]


def test_a_row_counts_once_however_many_copies_fail():
    X = pd.DataFrame({"g": list("abcd"), "v": range(4)})
    predict = lambda X: (X["g"] == "a").astype(float)  # noqa: E731
    report = invariance_test(predict, X, swap="g")
    assert report.frame["n"].tolist() == [3, 3, 3, 3]
    assert report.frame["failed"].tolist() == [3, 1, 1, 1]
    assert (report.n, report.n_failed) == (4, 4)
    assert len(report.failures) == 6


def test_both_shares_are_reported_and_on_chooses():
    before, after = [0.2, 0.2, 0.6, 0.9], [0.45, 0.25, 0.4, 0.9]
    report = planned(before, after, tolerance=0.1)
    assert report.failure_rate == 0.25
    assert (report.label_change_rate, report.moved_rate) == (0.25, 0.5)
    strict = planned(before, after, tolerance=0.1, on="probability")
    assert strict.failure_rate == 0.5
    assert strict.failures.index.tolist() == [0, 2]
    with pytest.raises(ValueError, match="needs probabilities"):
        planned([0, 1], [1, 1], on="probability")


def test_rows_that_do_not_change_are_left_out_and_counted():
    def half(X):
        return X.assign(income=X["income"].where(X["income"] < 3, -1))

    report = invariance_test(lambda X: X["income"] > 0, ROWS, swap=half)
    assert (report.n, report.n_unchanged, report.n_failed) == (3, 2, 3)
    assert report.failures["income after"].tolist() == [-1, -1, -1]
    assert report.failures.index.tolist() == [30, 40, 50]
    assert "2 not changed" in str(report)


@pytest.mark.parametrize(
    ("swap", "error", "message"),
    [
        (lambda X: X, ValueError, "no row changed"),
        ({"race": ["z", "q"]}, ValueError, "no category"),
        ("colour", KeyError, "no column"),
        (lambda X: X.drop(columns="race"), ValueError, "added or dropped"),
        (lambda X: X.iloc[:2], ValueError, "keep kind, rows and order"),
        (lambda X: X[::-1], ValueError, "another order"),
        (lambda X: None, TypeError, "gave nothing"),
        (
            lambda X: X.assign(race=["q"] * 5),
            ValueError,
            "none of its categories",
        ),
        ([], ValueError, "makes no copy"),
        (("race", ["q"]), ValueError, "no category"),
    ],
)
def test_a_change_that_is_none_is_said(swap, error, message):
    with pytest.raises(error, match=message):
        invariance_test(lambda X: X["income"], ROWS, swap=swap)


def test_a_function_that_loses_the_levels_of_a_category_gets_them_back():
    predict = Counted(lambda X: X["income"])
    invariance_test(predict, ROWS, swap=lambda X: X.assign(race=["z"] * len(X)))
    assert predict.seen[0]["race"].dtype == ROWS["race"].dtype


def test_a_function_that_changes_in_place_does_not_change_the_rows():
    def spoil(X):
        X.loc[:, "income"] = 0
        return X

    before = ROWS.copy(deep=True)
    report = invariance_test(lambda X: X["income"] > 2, ROWS, swap=spoil)
    pd.testing.assert_frame_equal(ROWS, before)
    assert report.n_failed == 3


def noisy(rng):
    return lambda X: rng.random(len(X))


@pytest.mark.parametrize(
    ("predict", "error", "message"),
    [
        (lambda X: np.zeros(3), ValueError, r"shape \(3,\) for 15 rows"),
        (lambda X: None, TypeError, "gave nothing"),
        (lambda X: np.where(X["income"] > 4, np.nan, 1.0), ValueError, "NaN"),
        (lambda X: [None] * len(X), ValueError, "missing answer"),
        (
            lambda X: X["income"].astype(str).where(X["income"] > 2),
            ValueError,
            "missing",
        ),
        (noisy(np.random.default_rng(0)), ValueError, "not deterministic: 5 of 5"),
        (lambda X: X["income"].sort_values(), ValueError, "another order"),
        (lambda X: np.ones((len(X), 2)), ValueError, "sum to 1"),
        ("model", TypeError, "pass a function"),
    ],
)
def test_a_model_that_cannot_be_tested_is_said(predict, error, message):
    with pytest.raises(error, match=message):
        invariance_test(predict, ROWS, swap="race")


def test_what_predict_raises_is_passed_on_with_a_note():
    def predict(X):
        raise ZeroDivisionError("by zero")

    with pytest.raises(ZeroDivisionError, match="by zero") as caught:
        invariance_test(predict, ROWS, swap="race")
    assert "15 rows" in caught.value.__notes__[0]
    suite = BehaviourSuite().add("fair", "invariance", ROWS, swap="race")
    with pytest.raises(ZeroDivisionError) as caught:
        suite.run(predict)
    assert "fair: invariance" in caught.value.__notes__[1]


def test_the_rows_that_flicker_are_named():
    def flickers(X):
        answer = X["income"].to_numpy(float)
        answer[6] += 1
        return answer

    with pytest.raises(ValueError, match=r"1 of 5 unchanged rows.*row 20"):
        invariance_test(flickers, ROWS, swap="race")


def test_labels_of_any_kind_are_compared():
    by_race = {"a": "yes", "b": "no", "z": "no"}
    text = invariance_test(lambda X: X["race"].map(by_race), ROWS, swap="race")
    assert text.failure_rate == 1
    assert text.failures.loc[10, ["before", "after"]].tolist() == ["yes", "no"]
    flags = invariance_test(
        lambda X: X["race"] == "a", ROWS, swap="race", tolerance=0.1
    )
    assert flags.failure_rate == 1
    assert "tolerance plays no part" in str(flags)


def test_values_have_a_tolerance_in_their_unit():
    price = lambda X: X["income"] * 1000 + 40.0 * (X["race"] == "a")  # noqa: E731
    assert invariance_test(price, ROWS, swap="race", tolerance=40).n_failed == 0
    assert invariance_test(price, ROWS, swap="race", tolerance=39.9).n_failed == 5
    whole = lambda X: price(X).astype(int)  # noqa: E731
    assert invariance_test(whole, ROWS, swap="race", tolerance=40).n_failed == 0
    assert "value that moved by more than 39.9" in str(
        invariance_test(price, ROWS, swap="race", tolerance=39.9)
    )


def test_values_inside_zero_and_one_can_be_named_as_values():
    report = planned([0.0, 0.5], [-0.0, 0.4], directional_test, output="value")
    assert (report.n, report.n_cannot_fail, report.n_failed) == (2, 0, 1)
    report = planned([0.0, 0.5], [0.0, 0.4], directional_test)
    assert (report.n, report.n_cannot_fail) == (1, 1)
    assert 'output="value"' in str(report)


def test_rounding_is_no_failure():
    before = np.array([0.1 + 0.2, 5.0, 1e6])
    report = planned(before, before * (1 - 1e-12), directional_test, output="value")
    assert report.n_failed == 0
    report = planned(before, before * (1 - 1e-6), directional_test, output="value")
    assert report.n_failed == 3


@pytest.mark.parametrize("tolerance", [-0.1, np.nan, np.inf, "small", True])
def test_a_tolerance_is_a_number(tolerance):
    with pytest.raises((TypeError, ValueError), match="tolerance is"):
        planned([0.2], [0.3], tolerance=tolerance)


def test_a_tolerance_that_nothing_can_exceed_is_refused():
    with pytest.raises(ValueError, match="no probability moves by more than 1"):
        planned([0.2], [0.3], tolerance=1.0, output="probability")


def test_estimators_are_taken_by_their_probabilities():
    X = ROWS[["income"]].assign(other=[1.0, 0, 1, 0, 1])
    model = LogisticRegression().fit(X, [0, 0, 1, 1, 1])
    one = invariance_test(model, X, swap="other", tolerance=0.01)
    other = invariance_test(model.predict_proba, X, swap="other", tolerance=0.01)
    pd.testing.assert_frame_equal(one.frame, other.frame)
    labels = invariance_test(model.predict, X, swap="other")
    assert labels.failure_rate == one.label_change_rate


def test_the_threshold_is_that_of_the_decision():
    assert planned([0.15], [0.25], threshold=0.2).n_failed == 1
    assert planned([0.15], [0.25]).n_failed == 0
    assert planned([[0.85, 0.15]], [[0.75, 0.25]], threshold=0.2).n_failed == 1
    with pytest.raises(ValueError, match="a threshold is for two"):
        planned([[0.2, 0.3, 0.5]], [[0.3, 0.3, 0.4]], threshold=0.4)
    with pytest.raises(ValueError, match="threshold is 0"):
        planned([0.15], [0.25], threshold=0)


@pytest.mark.parametrize("direction", [0, 2, "up", True])
def test_direction_is_up_or_down(direction):
    with pytest.raises(ValueError, match="direction is"):
        directional_test(len, ROWS, change={"income": 1}, direction=direction)


def test_direction_with_many_classes_needs_one():
    before, after = [[0.5, 0.3, 0.2]], [[0.4, 0.3, 0.3]]
    with pytest.raises(ValueError, match="3 classes; say with target="):
        planned(before, after, directional_test)
    assert planned(before, after, directional_test, target=0).n_failed == 1
    assert planned(before, after, directional_test, target=2).n_failed == 0
    assert planned(before, after, directional_test, target="predicted").n_failed == 1
    with pytest.raises(ValueError, match="numbered from 0"):
        planned(before, after, directional_test, target=3)
    with pytest.raises(ValueError, match="needs class probabilities"):
        planned([5.0], [6.0], directional_test, target=1)


def test_labels_without_an_order_have_no_direction():
    with pytest.raises(TypeError, match="no up and down"):
        directional_test(lambda X: X["race"].astype(str), ROWS, change={"income": 1})
    events = directional_test(lambda X: X["income"] > 3, ROWS, change={"income": -1})
    assert (events.n, events.n_cannot_fail, events.n_failed) == (2, 3, 1)


def test_a_mapping_changes_columns_together():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [5, 6], "c": [0, 0]})
    predict = Counted(lambda X: X["a"] + X["b"] + 10.0)
    change = {"a": 0.5, "b": lambda b: b * 2}
    report = directional_test(predict, X, change=change)
    assert predict.seen[0].iloc[4:].to_numpy().tolist() == [[1.5, 10, 0], [2.5, 12, 0]]
    assert report.frame["change"].tolist() == ["a + 0.5, b changed"]
    with pytest.raises(KeyError, match="no column 'q'"):
        directional_test(predict, X, change={"q": 1})
    with pytest.raises(TypeError, match="pass a number to add"):
        directional_test(predict, X, change={"a": [1, 2]})


def test_a_wrong_way_step_is_found_with_its_rows():
    stones = pd.DataFrame({"carat": np.linspace(0.5, 2, 16)}, index=range(100, 116))
    price = lambda X: 5000 * X["carat"] - 1000.0 * (X["carat"] > 1.05)  # noqa: E731
    report = directional_test(price, stones, change={"carat": 0.1})
    assert report.failures.index.tolist() == [105]
    assert report.failures.loc[105, "carat after"] == pytest.approx(1.1)
    assert report.failures.loc[105, "after"] == pytest.approx(4500)
    assert (
        directional_test(price, stones, change={"carat": 0.1}, tolerance=500).n_failed
        == 0
    )
    down = directional_test(price, stones, change={"carat": -0.1}, direction=-1)
    assert down.failures.index.tolist() == [106]


@pytest.mark.parametrize("kind", ["array", "pyarrow", "list", "series", "images"])
def test_rows_of_every_kind_reach_predict_as_they_are(kind):
    if kind in ("list", "series"):
        X, swap = ["late bus", "on time"], {"late": "early"}
        X = pd.Series(X, index=[3, 4]) if kind == "series" else X
        predict = Counted(lambda X: np.array(["late" in text for text in X]))
    elif kind == "images":
        X, swap = np.eye(4)[None] * np.ones((3, 1, 1)), perturb.shift(1)
        predict = Counted(lambda X: X[:, 0, 0] > 0)
    else:
        X, swap = np.array([[1.0, 0.0], [2.0, 1.0]]), 1
        predict = Counted(lambda X: np.asarray(X)[:, 1])
        if kind == "pyarrow":
            X, swap = pa.table({"a": X[:, 0], "b": X[:, 1]}), "b"
            predict = Counted(lambda X: X["b"].to_numpy())
    report = invariance_test(predict, X, swap=swap)
    (seen,) = predict.seen
    assert type(seen) is type(X)
    assert report.n_failed > 0
    if kind == "series":
        assert list(seen.index) == [3, 4, 3, 4, 3]
        assert report.failures.index.tolist() == [3]
        assert report.failures["text after"].tolist() == ["early bus"]
    if kind == "images":
        assert seen.shape == (3 + 3 + 4 * 3, 4, 4)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("one text", "one text"),
        (["a", None], "holds values such as None"),
        (pd.DataFrame({"a": []}), "no rows"),
        (7, "is a int"),
    ],
)
def test_rows_that_are_none_are_said(X, message):
    with pytest.raises((TypeError, ValueError), match=message):
        invariance_test(len, X, swap={"a": "b"})


# Minimum functionality


def mood(texts):
    return ["bad" if "not" in text or "awful" in text else "good" for text in texts]


@pytest.mark.parametrize(
    "cases",
    [
        {"good": "good", "awful": "bad", "not bad": "good"},
        [("good", "good"), ("awful", "bad"), ("not bad", "good")],
    ],
)
def test_cases_come_with_what_is_expected(cases):
    predict = Counted(mood)
    report = minimum_functionality_test(predict, cases)
    assert len(predict.seen) == 1
    assert (report.n, report.n_failed) == (3, 1)
    assert report.failures.to_dict("records") == [
        {"case": "not bad", "expected": "good", "answer": "bad"}
    ]
    assert report.frame["expected"].tolist() == ["good", "bad"]
    assert report.frame["failed"].tolist() == [1, 0]


def test_cases_in_a_table_and_as_mappings():
    table = pd.DataFrame({"x": [1.0, 2, 3], "expected": [0, 1, 1]}, index=[7, 8, 9])
    predict = Counted(lambda X: (X["x"] - 0.5) / 5)
    report = minimum_functionality_test(predict, table)
    assert list(predict.seen[0].columns) == ["x"]
    assert report.failures.index.tolist() == [8]
    same = minimum_functionality_test(predict, table.to_dict("records"))
    assert same.n_failed == report.n_failed
    pairs = [({"x": 1.0}, 0), ({"x": 2.0}, 1), ({"x": 3.0}, 1)]
    assert minimum_functionality_test(predict, pairs).n_failed == 1
    named = table.rename(columns={"expected": "truth"})
    assert minimum_functionality_test(predict, named, expected="truth").n_failed == 1
    rows = table[["x"]]
    assert minimum_functionality_test(predict, rows, expected=[0, 1, 1]).n_failed == 1
    assert minimum_functionality_test(predict, rows, expected=0).n_failed == 1
    values = minimum_functionality_test(
        lambda X: X["x"] * 10, rows, expected=[10, 21, 35], tolerance=1
    )
    assert values.failures.index.tolist() == [9]


@pytest.mark.parametrize(
    ("cases", "expected", "error", "message"),
    [
        (["a", "b"], None, ValueError, "nothing says what is expected"),
        (pd.DataFrame({"x": [1]}), None, KeyError, "no column 'expected'"),
        (["a", "b"], ["good"], ValueError, "1 values for 2 cases"),
        (["a"], [None], ValueError, "missing"),
    ],
)
def test_cases_without_an_answer_are_said(cases, expected, error, message):
    with pytest.raises(error, match=message):
        minimum_functionality_test(mood, cases, expected=expected)


def test_the_classes_of_an_estimator_are_known():
    X = pd.DataFrame({"x": [1.0, 2, 3, 4], "z": [0, 1, 0, 1]})
    y = np.array(["no", "no", "yes", "yes"])
    model = LogisticRegression(C=100).fit(X[["x"]], y)
    cases = pd.DataFrame({"x": [0.0, 9, 9], "expected": ["no", "yes", "no"]})
    for predict in (model, model.predict_proba):
        report = minimum_functionality_test(predict, cases)
        assert report.failures["answer"].tolist() == ["yes"]
        with pytest.raises(ValueError, match=r"'maybe'.*classes of the model"):
            minimum_functionality_test(predict, cases[["x"]], expected="maybe")
    moved = perturbation_test(model, X[["x"]], perturb.add("x", 3), y_true=y)
    assert moved.frame["score_before"].tolist() == [1.0]
    assert moved.frame["score_after"].tolist() == [0.5]
    assert set(moved.failures["label after"]) == {"yes"}
    numbers = LogisticRegression(C=100).fit(X[["x"]], [1, 1, 2, 2])
    report = perturbation_test(
        numbers, X[["x"]], perturb.add("x", 3), y_true=[1, 1, 2, 2]
    )
    assert report.frame["score_before"].tolist() == [1.0]


def test_classes_that_predict_cannot_give_are_said():
    predict = lambda X: np.full(len(X), 0.7)  # noqa: E731
    with pytest.raises(ValueError, match="number of each class"):
        minimum_functionality_test(predict, {"a": "good"})
    with pytest.raises(ValueError, match="0 to 1"):
        minimum_functionality_test(predict, {"a": 2})


# Perturbation tests and scores


def test_scores_before_and_after():
    X = pd.DataFrame({"x": [1.0, 2, 3, 4]})
    predict = lambda X: (X["x"] > 2).astype(int)  # noqa: E731
    changes = {"up": perturb.add("x", 1), "double": lambda X: X * 2}
    report = perturbation_test(predict, X, changes, y_true=[0, 0, 1, 1])
    assert report.frame["change"].tolist() == ["up", "double"]
    assert report.frame["score_before"].tolist() == [1.0, 1.0]
    assert report.frame["score_after"].tolist() == [0.75, 0.75]
    values = perturbation_test(
        lambda X: X["x"] * 10, X, changes, y_true=[10, 20, 30, 40]
    )
    assert values.frame["score_after"].tolist() == [10.0, 25.0]
    own = perturbation_test(
        predict, X, changes, y_true=[0, 0, 1, 1], metric=lambda y, p: np.sum(y != p)
    )
    assert own.frame["score_after"].tolist() == [1.0, 1.0]


def test_the_score_keeps_answers_of_rows_that_did_not_change():
    X = pd.DataFrame({"x": [1.0, 2, np.nan]})
    predict = lambda X: np.where(X["x"].isna(), 1, 0)  # noqa: E731
    report = perturbation_test(predict, X, perturb.missing("x"), y_true=[0, 1, 1])
    row = report.frame.iloc[0]
    assert (row["n"], row["score_before"]) == (2, 2 / 3)
    assert row["score_after"] == 2 / 3
    assert report.n_unchanged == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_true": [0, 1]}, "2 values for 5 rows"),
        ({"y_true": [0, 1, 0, 1, None]}, "missing"),
        ({"metric": max}, "metric needs y_true"),
    ],
)
def test_scores_need_the_truth(options, message):
    with pytest.raises(ValueError, match=message):
        perturbation_test(
            lambda X: X["income"] > 2, ROWS, perturb.add("income", 1), **options
        )


# Perturbations


def test_swap_takes_every_other_value_and_keeps_the_type():
    copies = perturb.swap("race").copies(ROWS)
    assert list(copies) == ["race → a", "race → b"]  # z does not occur
    for copy in copies.values():
        assert copy["race"].dtype == ROWS["race"].dtype
        assert copy.index.equals(ROWS.index)
    assert set(perturb.swap("race", ["z"]).copies(ROWS)["race → z"]["race"]) == {"z"}
    swapped = perturb.swap("race", {"a": "b", "b": "a"}).copies(ROWS)
    assert swapped["race swapped"]["race"].tolist() == list("babab")
    flags = pd.DataFrame({"f": [True, False]})
    for copy in perturb.swap("f").copies(flags).values():
        assert copy["f"].dtype == bool


def test_swap_leaves_missing_values_and_many_values_alone():
    X = pd.DataFrame({"c": ["a", None, "b"], "many": [1.0, 2, 3]})
    copy = perturb.swap("c").copies(X)["c → a"]["c"]
    assert copy.isna().tolist() == [False, True, False]
    wide = pd.DataFrame({"many": np.arange(51.0)})
    with pytest.raises(ValueError, match="51 values; name those"):
        perturb.swap("many").copies(wide)
    with pytest.raises(ValueError, match="no second value"):
        perturb.swap("c").copies(X.iloc[:1])
    with pytest.raises(ValueError, match="cannot hold"):
        perturb.swap("many", ["text"]).copies(X)


@pytest.mark.parametrize("dtype", ["int64", "int8", "Int64", "float32", "float64"])
def test_changes_of_numbers_keep_their_type(dtype):
    X = pd.DataFrame({"x": pd.Series([1, 2, 120], dtype=dtype), "t": list("abc")})
    for change in (perturb.noise(), perturb.scale("x", 1.1), perturb.add("x", 3)):
        for copy in change.copies(X).values():
            assert copy["x"].dtype == X["x"].dtype
            assert copy["t"].tolist() == ["a", "b", "c"]
    added = perturb.add("x", 100).copies(X)["x + 100"]["x"].tolist()
    assert added == ([101, 102, 127] if dtype == "int8" else [101, 102, 220])


def test_noise_has_its_size_and_its_seed():
    X = pd.DataFrame({"x": np.random.default_rng(0).normal(50, 8, 4000)})
    change = perturb.noise("x", 0.5)
    copy = change.copies(X)["noise"]
    assert np.std(copy["x"] - X["x"]) == pytest.approx(4, rel=0.05)
    pd.testing.assert_frame_equal(copy, change.copies(X)["noise"])
    assert not copy.equals(change.copies(X, random_state=1)["noise"])
    plain = perturb.noise("x", 2, relative=False, n_copies=2).copies(X)
    assert list(plain) == ["noise, copy 1", "noise, copy 2"]
    assert np.std(plain["noise, copy 2"]["x"] - X["x"]) == pytest.approx(2, rel=0.05)
    gone = pd.DataFrame({"x": [1.0, np.nan, 4.0]})
    assert perturb.noise().copies(gone)["noise"]["x"].isna().tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: perturb.noise("t").copies(pd.DataFrame({"t": ["a"]})), "not numbers"),
        (lambda: perturb.noise().copies(pd.DataFrame({"t": ["a"]})), "no columns of"),
        (lambda: perturb.noise().copies(["text"]), "perturb.typos"),
        (lambda: perturb.noise(scale=0), "above 0"),
        (lambda: perturb.scale("x", "two"), "pass a number"),
        (lambda: perturb.scale("x", np.inf), "finite"),
        (lambda: perturb.missing("f").copies(pd.DataFrame({"f": [True]})), "is bool"),
        (lambda: perturb.swap("x").copies(["text"]), "columns of a table"),
        (lambda: perturb.typos().copies(pd.DataFrame({"t": ["a"]})), "column="),
        (
            lambda: perturb.typos(column="x").copies(pd.DataFrame({"x": [1]})),
            "not texts",
        ),
        (lambda: perturb.casing("small"), "kinds is 'small'"),
        (lambda: perturb.swap_words([]), "pass a mapping"),
        (lambda: perturb.swap_words({"a": []}), "nothing to be replaced"),
        (lambda: perturb.shift(4).copies(np.zeros((1, 4, 4))), "nothing of the image"),
        (lambda: perturb.shift().copies(np.zeros((1, 16))), "image_shape"),
        (lambda: perturb.shift().copies(["text"]), "no images"),
        (lambda: perturb.rotate(45), "at most 30"),
    ],
)
def test_a_change_that_cannot_be_made_is_said(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_missing_keeps_levels_and_makes_floats_of_whole_numbers():
    copies = perturb.missing(["race", "income"]).copies(ROWS)
    race, income = copies["race missing"]["race"], copies["income missing"]["income"]
    assert race.isna().all()
    assert race.dtype == ROWS["race"].dtype
    assert income.isna().all()
    assert income.dtype == np.float64
    predict = Counted(lambda X: X["income"].fillna(0) > 2)
    assert invariance_test(predict, ROWS, swap=perturb.missing("income")).n_failed == 3


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40), st.integers(1, 4), st.integers(0, 100))
def test_typos_swap_neighbours_and_nothing_else(text, n, seed):
    (after,) = perturb.typos(n).copies([text], random_state=seed)["typos"]
    assert sorted(after) == sorted(text)
    apart = [i for i, (a, b) in enumerate(zip(text, after, strict=True)) if a != b]
    assert len(apart) <= 2 * n
    assert len(apart) % 2 == 0
    assert all(text[i].isalpha() for i in apart)


def test_words_are_swapped_whole_and_keep_their_capital():
    table = pd.DataFrame({"t": ["Ohio, not Ohioan; OHIO", None, "ohio"]})
    change = perturb.swap_words({"ohio": ["utah", "maine"]}, column="t")
    copies = change.copies(table)
    assert list(copies) == ["→ utah", "→ maine"]
    assert copies["→ utah"]["t"].iloc[0] == "Utah, not Ohioan; Utah"
    assert copies["→ maine"]["t"].iloc[2] == "maine"
    assert pd.isna(copies["→ utah"]["t"].iloc[1])
    both = perturb.swap_words({"a": "b", "b": "a"}).copies(["a b"])
    assert both == {"words swapped": ["b a"]}
    report = invariance_test(
        lambda texts: ["Boston" in t for t in texts],
        ["to Boston", "to Denver", "home"],
        swap=["Boston", "Denver"],
    )
    assert (report.n, report.n_failed, report.n_unchanged) == (2, 2, 1)


def test_images_move_turn_and_brighten():
    image = np.zeros((1, 5, 5), dtype=np.uint8)
    image[0, 1, 3] = 200
    moved = {
        name: np.argwhere(c[0])[0] for name, c in perturb.shift().copies(image).items()
    }
    assert {name: at.tolist() for name, at in moved.items()} == {
        "up 1": [0, 3],
        "down 1": [2, 3],
        "left 1": [1, 2],
        "right 1": [1, 4],
    }
    turned = perturb.rotate(30).copies(image)
    assert turned["turned 30° left"][0, :, :2].sum() == 0
    left, right = (
        np.average(np.indices((5, 5))[1], weights=turned[f"turned 30° {way}"][0])
        for way in ("left", "right")
    )
    assert left < right  # counter-clockwise, a dot at the upper right goes left
    light = perturb.brightness(0.5).copies(image)
    assert light["lighter"][0, 1, 3] == 200
    assert light["lighter"][0, 0, 0] == 100
    assert light["darker"][0, 1, 3] == 100
    flat = image.reshape(1, -1)
    for change in (perturb.shift(), perturb.rotate(), perturb.brightness()):
        kwargs = change.copies(image)
        again = {
            "shift": perturb.shift(image_shape=(5, 5)),
            "rotate": perturb.rotate(image_shape=(5, 5)),
            "brightness": perturb.brightness(image_shape=(5, 5)),
        }[change.name].copies(flat)
        for name, copy in again.items():
            assert copy.dtype == np.uint8
            np.testing.assert_array_equal(copy.reshape(1, 5, 5), kwargs[name])


def test_colours_are_moved_together():
    rng = np.random.default_rng(0)
    first = rng.random((2, 3, 6, 6))
    last = np.moveaxis(first, 1, 3)
    for change in (perturb.shift, perturb.rotate):
        one, other = change().copies(first), change(channels="last").copies(last)
        for name in one:
            np.testing.assert_allclose(np.moveaxis(one[name], 1, 3), other[name])
    noise = perturb.noise(scale=0.1).copies(first)["noise"]
    assert noise.shape == first.shape
    assert noise.min() >= first.min()


# The report, the assertion and the suite


def report_of(failed, n):
    after = np.where(np.arange(n) < failed, 0.9, 0.1)
    return planned(np.full(n, 0.1), after)


def test_the_report_says_what_is_shown_and_what_is_not():
    text = str(report_of(4, 100))
    assert "4 of 100 rows fail (4.0 %; 95 % interval 1.6 % to 9.8 %)" in text
    none = str(report_of(0, 100))
    assert "none of 100 rows gets another label; that does not show" in none
    assert "a rate up to 3.7 % fits as well" in none
    assert "nothing is shown" in str(planned([0.0], [0.0], directional_test))
    assert report_of(4, 100).to_dict()["facts"]["n_failed"] == 4


def test_assertions_compare_the_rate_or_an_end_of_the_interval():
    report = report_of(4, 100)
    assert_behaviour(report, 0.04)
    assert_behaviour(report, max_failure_rate=0.02, by="lower")
    assert_behaviour(report, max_failure_rate=0.1, by="upper")
    with pytest.raises(AssertionError, match=r"failure rate 4.00% > .* 0.00%"):
        assert_behaviour(report)
    with pytest.raises(AssertionError, match=r"upper end of the interval 9\.8"):
        assert_behaviour(report, max_failure_rate=0.04, by="upper")
    with pytest.raises(AssertionError, match="lower end"):
        assert_behaviour(report, max_failure_rate=0.01, by="lower")
    with pytest.raises(AssertionError, match="first failing rows"):
        assert_behaviour(report)


def test_a_test_in_which_nothing_could_fail_does_not_pass():
    report = planned([0.0], [0.0], directional_test)
    assert np.isnan(report.failure_rate)
    for limit in (0.0, 1.0):
        with pytest.raises(AssertionError, match="nothing was tested"):
            assert_behaviour(report, limit)


@pytest.mark.parametrize("limit", [-0.1, 2, "2 %", None, True])
def test_a_limit_is_a_share(limit):
    with pytest.raises(ValueError, match="max_failure_rate is"):
        assert_behaviour(report_of(1, 9), limit)
    with pytest.raises(TypeError, match="report is a float"):
        assert_behaviour(0.3)


def test_a_suite_prints_capability_by_kind():
    suite = (
        BehaviourSuite("loans")
        .add("fairness", "invariance", ROWS, swap="race", max_failure_rate=0.5)
        .add("money", directional_test, ROWS, change={"income": 1})
        .add("money", perturbation_test, ROWS, perturb=perturb.add("income", 2))
        .add("ready", report_of(1, 10), max_failure_rate=0.1)
    )
    result = suite.run(lambda X: X["income"] > 2)
    assert result.table.columns.tolist() == [
        "invariance",
        "directional",
        "perturbation",
    ]
    assert result.table.index.tolist() == ["fairness", "money", "ready"]
    assert result.table.loc["fairness"].tolist() == ["0 % (of 5)", "–", "–"]
    assert result.table.loc["ready", "invariance"] == "10.0 % (of 10)"
    assert not result.ok
    assert "money: perturbation: ✗ 40.0 % (of 5), allowed 0 %" in str(result)
    assert "fairness" in str(result).splitlines()[-3]
    with pytest.raises(AssertionError, match="1 of 4 tests fail"):
        assert_behaviour(result)
    good = suite.run(lambda X: np.zeros(len(X)) + X["income"])
    assert good.frame["name"].is_unique
    assert set(good.reports) == set(good.frame["name"])


def test_a_suite_refuses_what_it_cannot_run():
    suite = BehaviourSuite().add("a", report_of(0, 9))
    assert_behaviour(suite.run())
    with pytest.raises(ValueError, match="pass another name"):
        suite.add("a", report_of(1, 9))
    with pytest.raises(ValueError, match="test is 'fast'"):
        suite.add("a", "fast", ROWS)
    with pytest.raises(TypeError, match="has no rows"):
        suite.add("b", "invariance", swap="race")
    with pytest.raises(ValueError, match="no tests"):
        BehaviourSuite().run(len)


def test_pictures_can_be_drawn():
    report = report_of(3, 50)
    ax = report.plot()
    assert ax.get_title() == "3 of 50 rows fail"
    suite = BehaviourSuite().add("a", report).run()
    assert suite.plot().get_title().startswith("1 of 1 tests fail")


@pytest.mark.parametrize("name", perturb.__all__)
def test_perturbations_are_documented_in_numpydoc(name):
    wanted = {"GL08", "SS03", "PR01", "PR02", "PR04", "PR07", "PR10", "RT03", "EX01"}
    errors = validate(f"mlworkbench.evaluation.perturb.{name}")["errors"]
    if not inspect.isclass(getattr(perturb, name)):
        assert not [error for error in errors if error[0] in wanted]


def test_the_interval_by_row_covers_where_copies_fail_together():
    rng = np.random.default_rng(0)
    rate, runs, by_row, by_copy = 0.06, 120, 0, 0
    for _ in range(runs):
        home = rng.integers(0, 8, 150)
        X = pd.DataFrame({"g": home, "home": home, "bad": rng.random(150) < rate})

        def predict(X):
            return (X["bad"] & (X["g"] != X["home"])).astype(int)

        report = invariance_test(predict, X, swap="g")
        by_row += report.low <= rate <= report.high
        low, high = wilson_interval(*report.frame[["failed", "n"]].sum())
        by_copy += low <= rate <= high
    assert by_row >= 0.9 * runs
    assert by_copy <= 0.7 * runs


def test_lists_of_lists_are_rows_of_numbers() -> None:
    report = invariance_test(
        lambda X: X[:, 0] > 0, [[1, 2], [-3, 4]], swap=perturb.scale(0, -1.0)
    )
    assert (report.n, report.n_failed) == (2, 2)


def test_a_metric_by_name_is_refused() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(TypeError, match=r"'accuracy'; pass a function of \(y_true"):
        perturbation_test(
            lambda X: (X["a"] > 1).astype(int),
            frame,
            perturb.scale("a", 2.0),
            y_true=[0, 1],
            metric="accuracy",
        )


@pytest.mark.parametrize(
    "name", ["minimum_functionality", "minimum_functionality_test"]
)
def test_suite_takes_the_names_of_the_functions(name: str) -> None:
    suite = BehaviourSuite().add("easy", name, [("a", 1), ("b", 1)])
    report = suite.run(lambda texts: [1] * len(texts))
    assert report.frame["kind"].tolist() == ["minimum functionality"]


def test_a_swap_of_one_pair_is_named() -> None:
    frame = pd.DataFrame({"race": ["white", "black"]})
    swap = perturb.swap("race", {"white": "black"})
    assert list(swap.copies(frame)) == ["race white → black"]
