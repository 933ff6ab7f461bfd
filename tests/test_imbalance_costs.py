"""Cost matrices, cheapest decisions, break-even, scorers."""

import copy
import pickle

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
)

from mlworkbench.imbalance import (
    CostMatrix,
    bayes_decision,
    break_even_threshold,
    cost_scorer,
    expected_cost,
)

mpl.use("agg")
NAMES = ["NORMAL", "CANCER"]
SCREEN = CostMatrix.binary(false_positive=1, false_negative=50, labels=NAMES)
amounts = st.floats(0, 1000)
prices = st.floats(1, 1000)


def brute_cost(y_true, y_pred, costs, weights=None):
    """One row at a time, with Python's own numbers."""
    weights = [1] * len(y_true) if weights is None else weights
    total = 0.0
    for row, (i, j, w) in enumerate(zip(y_true, y_pred, weights, strict=True)):
        matrix = costs[row] if np.ndim(costs) == 3 else costs
        total += w * matrix[i][j]
    return total / sum(weights)


def brute_decision(prob, costs):
    """Try every class; of equals the last."""
    decisions = []
    for row, p in enumerate(prob):
        c = np.asarray(costs[row] if np.ndim(costs) == 3 else costs)
        k = len(c)
        price = [sum(p[i] * c[i, j] for i in range(k)) for j in range(k)]
        decisions.append(max(range(k), key=lambda j, price=price: (-price[j], j)))
    return decisions


def rare(n=600, seed=0, k=2):
    shares = [0.8, 0.2] if k == 2 else [0.6, 0.2, 0.2]
    return make_classification(
        n, n_informative=4, n_classes=k, weights=shares, random_state=seed
    )


# The matrix


def test_binary_puts_each_price_in_its_place():
    costs = CostMatrix.binary(
        true_negative=1, false_positive=2, false_negative=3, true_positive=4
    )
    assert costs.costs.tolist() == [[1, 2], [3, 4]]
    assert costs.labels == (0, 1)
    assert costs.n_rows is None
    assert SCREEN.frame.loc["CANCER", "NORMAL"] == 50
    assert SCREEN.frame.loc["NORMAL", "CANCER"] == 1
    assert SCREEN.frame.index.name == "actual"
    assert SCREEN.frame.columns.name == "predicted"


def test_binary_with_a_price_per_row():
    costs = CostMatrix.binary(false_positive=5, false_negative=pd.Series([20.0, 90]))
    assert costs.costs.tolist() == [[[0, 5], [20, 0]], [[0, 5], [90, 0]]]
    assert costs.n_rows == 2
    assert costs.frame.loc[1, 0] == 55
    assert "mean of 2 matrices" in str(costs)
    with pytest.raises(ValueError, match="false_positive: 3, false_negative: 2"):
        CostMatrix.binary(false_positive=[1, 2, 3], false_negative=[1, 2])
    with pytest.raises(ValueError, match="different indexes"):
        CostMatrix.binary(
            false_positive=pd.Series([1, 2]),
            false_negative=pd.Series([1, 2], index=[1, 0]),
        )


def test_a_frame_brings_its_labels():
    assert CostMatrix(SCREEN.frame) == SCREEN
    with pytest.raises(ValueError, match="bring both into one order"):
        CostMatrix(SCREEN.frame.iloc[::-1])


def test_equality_is_by_value_and_copies_are_frozen():
    same = CostMatrix([[0, 1], [50, 0]], labels=np.array(NAMES))
    assert same == SCREEN
    assert hash(same) == hash(SCREEN)
    assert CostMatrix([[-0.0, 1], [5, 0]]) == CostMatrix([[0.0, 1], [5, 0]])
    assert same != CostMatrix([[0, 1], [50, 0]])
    assert same != CostMatrix([[0, 1], [51, 0]], NAMES)
    assert same != "CostMatrix"
    assert eval(repr(same)) == same
    assert repr(CostMatrix(same.costs, [np.str_("NORMAL"), "CANCER"])) == repr(same)
    for twin in (same, copy.deepcopy(same), pickle.loads(pickle.dumps(same))):
        assert twin == SCREEN
        with pytest.raises(ValueError, match="read-only"):
            twin.costs[0, 0] = 1
        with pytest.raises(AttributeError):
            twin.labels = (0, 1)


def test_the_caller_can_change_their_array():
    mine = np.array([[0.0, 1], [5, 0]])
    costs = CostMatrix(mine)
    mine[0, 1] = 99
    assert costs.costs[0, 1] == 1


def test_a_swapped_matrix_is_noted():
    swapped = CostMatrix([[1, 0], [0, 1]])
    assert not swapped.reasonable
    assert "swapped?" in str(swapped)
    assert "swapped?" in swapped._repr_html_()
    assert SCREEN.reasonable
    assert SCREEN.notes == ()
    # A benefit is no reason for a note: it is cheaper to be right.
    assert CostMatrix([[0, 1], [10, -5]]).reasonable
    letters = CostMatrix.binary(
        false_positive=1, false_negative=0, true_positive=[-9, -5, 1]
    )
    assert "in 1 of the rows" in str(letters)


def test_shown_as_a_table_and_a_heat_map():
    html = SCREEN._repr_html_()
    assert "actual / predicted" in html
    assert "<td>50</td>" in html
    odd = CostMatrix([[0, 1], [1234.5, 0]], labels=["<a>", "b"])
    assert "&lt;a&gt;" in odd._repr_html_()
    assert "1,234.5" in str(odd)
    ax = SCREEN.plot()
    written = {t.get_position(): t.get_text() for t in ax.texts}
    assert written == {(0, 0): "0", (1, 0): "1", (0, 1): "50", (1, 1): "0"}
    assert [t.get_text() for t in ax.get_yticklabels()] == NAMES
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "actual")
    assert odd.plot(ax) is ax
    mpl.pyplot.close("all")


@pytest.mark.parametrize(
    ("costs", "labels", "message"),
    [
        ([1, 2], None, r"shape \(2,\); pass one row and one column"),
        ([[1, 2, 3], [1, 2, 3]], None, r"shape \(2, 3\)"),
        ([[0]], None, "1 class"),
        ([[0, np.nan], [1, 0]], None, r"costs is nan at \(0, 1\); pass finite"),
        ([[0, 1], [np.inf, 0]], None, r"inf at \(1, 0\).*a very large one"),
        ([[0, 1], [1, 0]], ["a"], "labels has 1 classes for a 2×2"),
        ([[0, 1], [1, 0]], ["a", "a"], "labels that are there and differ"),
        ([[0, 1], [1, 0]], ["a", None], "labels that are there and differ"),
    ],
)
def test_wrong_matrices(costs, labels, message):
    with pytest.raises(ValueError, match=message):
        CostMatrix(costs, labels)


@pytest.mark.parametrize(
    ("costs", "error", "message"),
    [
        ([[0, 1], [2]], ValueError, "a list that is no table of numbers.*equal length"),
        ([[0, "x"], [1, 0]], ValueError, r"e\.g\. \[\[0, 1\], \[50, 0\]\]"),
        ({"a": 1}, TypeError, "costs is a dict that is no table of numbers"),
        (SCREEN, TypeError, r"a CostMatrix already; for other labels pass its \.costs"),
    ],
)
def test_what_is_no_table_of_numbers_is_no_matrix(costs, error, message):
    with pytest.raises(error, match=message):
        CostMatrix(costs)


def test_labels_of_a_wrong_type():
    with pytest.raises(TypeError, match="pass a list of 2 labels"):
        CostMatrix([[0, 1], [1, 0]], "ab")
    with pytest.raises(TypeError, match="pass texts or numbers"):
        CostMatrix([[0, 1], [1, 0]], [[0], [1]])


# Expected cost


@given(st.data(), st.integers(2, 4), st.booleans())
def test_cost_is_that_of_one_row_at_a_time(data, k, per_row):
    n = data.draw(st.integers(1, 12))
    classes = st.lists(st.integers(0, k - 1), min_size=n, max_size=n)
    y_true, y_pred = data.draw(classes), data.draw(classes)
    shape = (n, k, k) if per_row else (k, k)
    costs = data.draw(arrays(float, shape, elements=st.floats(-100, 100)))
    weights = data.draw(arrays(float, n, elements=st.floats(0.1, 10)))
    found = expected_cost(y_true, y_pred, costs, sample_weight=weights)
    expected = brute_cost(y_true, y_pred, costs, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    plain = expected_cost(y_true, y_pred, costs)
    np.testing.assert_allclose(
        plain, brute_cost(y_true, y_pred, costs), rtol=1e-9, atol=1e-9
    )


def test_cost_is_the_sum_over_the_confusion_matrix():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.choice(["a", "b", "c"], (2, 500))
    costs = rng.normal(size=(3, 3))
    labels = ["c", "a", "b"]
    table = confusion_matrix(y_true, y_pred, labels=labels)
    found = expected_cost(y_true, y_pred, CostMatrix(costs, labels))
    np.testing.assert_allclose(found, (table * costs).sum() / 500)


def test_whole_weights_are_repeated_rows():
    y_true, y_pred = np.array([0, 1, 1]), np.array([1, 1, 0])
    times = [3, 1, 2]
    weighted = expected_cost(y_true, y_pred, [[0, 1], [5, 0]], sample_weight=times)
    repeated = expected_cost(
        y_true.repeat(times), y_pred.repeat(times), [[0, 1], [5, 0]]
    )
    assert weighted == repeated == 13 / 6


def test_probabilities_cost_what_their_cheapest_decision_costs():
    rng = np.random.default_rng(1)
    y, p = rng.integers(2, size=50), rng.random(50)
    said = (p >= 1 / 6).astype(int)
    costs = [[0, 1], [5, 0]]
    by_hand = brute_cost(y, said, costs)
    assert expected_cost(y, costs=costs, y_prob=p) == pytest.approx(by_hand)
    both = np.column_stack([1 - p, p])
    assert expected_cost(y, costs=costs, y_prob=both) == pytest.approx(by_hand)
    # In the place of decisions they can be nothing else.
    for given_prob in (p, both, pd.DataFrame(both), p.astype(np.float32), both[:, [1]]):
        assert expected_cost(y, given_prob, costs) == pytest.approx(by_hand)
    # Unless a fraction is a label, or all of them are 0 and 1.
    halves = CostMatrix(costs, labels=[0, 0.5])
    assert expected_cost([0.5, 0.5], [0.5, 0], halves) == 2.5
    assert expected_cost([1, 1], [1.0, 0.0], costs) == 2.5


def test_columns_with_the_names_of_classes_are_matched():
    costs = CostMatrix([[0, 1], [4, 0]], labels=["keep", "check"])
    swapped = pd.DataFrame({"check": [0.1, 0.9], "keep": [0.9, 0.1]})
    assert bayes_decision(swapped, costs).tolist() == ["keep", "check"]
    assert bayes_decision(swapped.to_numpy(), costs).tolist() == ["check", "keep"]
    assert expected_cost(["check", "check"], swapped, costs) == 2.0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 1], None, [[0, 1], [1, 0]]), {}, "neither y_pred nor y_prob"),
        (([0, 1], [0, 1], [[0, 1], [1, 0]]), {"y_prob": [0, 1]}, "and y_prob given"),
        (([0, 1], [0, 1]), {}, "costs is missing; pass a CostMatrix"),
        (([0, 2], [0, 1], [[0, 1], [1, 0]]), {}, r"y_true has \[2\].*name the classes"),
        (([0, 1], [0.2, 0.7], 1 - np.eye(3)), {}, "pass probabilities as y_prob="),
        (([0, 1], [0.2, 1.7], [[0, 1], [1, 0]]), {}, r"outside \[0, 1\] \(max 1.7"),
        (([0, 1], ["x", "y"], [[0, 1], [1, 0]]), {}, r"y_pred has \['x', 'y'\]"),
        (([0], None, [[0, 1], [1, 0]]), {"y_prob": ["x"]}, "y_prob is no table of num"),
        ((["a", "b"], ["a", "b"], [[0, 1], [1, 0]]), {}, r"y_true has \['a', 'b'\]"),
        ((["a", "CANCER"], NAMES, SCREEN), {}, r"\['a'\].*labels \['NORMAL', 'CANCER'"),
        (([0, None], [0, 1], [[0, 1], [1, 0]]), {}, "missing values .first at row 1"),
        (([0, 1], [0], [[0, 1], [1, 0]]), {}, "y_true: 2, y_pred: 1"),
        (([0, 1], None, [[0, 1], [1, 0]]), {"y_prob": [0.5]}, "y_true: 2, y_prob: 1"),
        (([], [], [[0, 1], [1, 0]]), {}, "y_true is empty"),
        (([0, 1], [0, 1], np.zeros((3, 2, 2))), {}, "3 matrices for 2 rows"),
        (([0], [0], [[0, 1], [1, 0]]), {"sample_weight": [-1]}, "sample_weight has 1"),
    ],
)
def test_wrong_inputs_of_expected_cost(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        expected_cost(*arguments, **options)


def test_indexes_are_never_aligned():
    y = pd.Series([0, 1])
    with pytest.raises(ValueError, match="different indexes"):
        expected_cost(y, y.iloc[::-1], [[0, 1], [1, 0]])


# Decisions and break-even


@given(st.data(), st.integers(2, 4), st.booleans())
def test_decisions_are_those_of_trying_every_class(data, k, per_row):
    n = data.draw(st.integers(1, 8))
    # Whole costs and sixteenths: the sums are exact, so ties are ties.
    shape = (n, k, k) if per_row else (k, k)
    costs = data.draw(arrays(float, shape, elements=st.integers(-9, 9)))
    parts = [
        data.draw(st.lists(st.integers(0, 16), min_size=k - 1, max_size=k - 1))
        for _ in range(n)
    ]
    prob = np.array([np.diff([0, *sorted(cut), 16]) / 16 for cut in parts])
    if k == 2:  # compared with the threshold, which may round: leave out near ties
        alert = (costs[..., 0, 1] - costs[..., 0, 0]) * prob[:, 0]
        miss = (costs[..., 1, 0] - costs[..., 1, 1]) * prob[:, 1]
        clear = (alert != miss) | (alert == 0)
    else:
        clear = np.ones(n, dtype=bool)
    found = bayes_decision(prob, costs)
    expected = np.array(brute_decision(prob, costs))
    assert found[clear].tolist() == expected[clear].tolist()


@given(amounts, amounts, st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_two_classes_agree_with_the_threshold_to_the_last_bit(fp, fn, prob):
    costs = CostMatrix([[0, fp], [fn, 0]], labels=["no", "yes"])
    if fp + fn == 0:
        with pytest.raises(ValueError, match="no threshold"):
            break_even_threshold(costs)
        return
    threshold = break_even_threshold(costs)
    assert threshold == fp / (fp + fn)
    for p in (np.array(prob), np.array([threshold])):
        said = bayes_decision(p, costs)
        assert said.tolist() == np.where(p >= threshold, "yes", "no").tolist()


@given(prices, prices, st.floats(-99, 99), st.floats(1, 9))
def test_what_a_row_costs_anyway_and_the_unit_do_not_matter(fp, fn, extra, unit):
    plain = np.array([[0, fp], [fn, 0]])
    moved = unit * plain + [[extra], [2 * extra]]
    np.testing.assert_allclose(
        break_even_threshold(moved), break_even_threshold(plain), rtol=1e-6, atol=1e-9
    )


def test_break_even_by_hand():
    # Elkan (2001), equation 2: (c10 - c00) / (c10 - c00 + c01 - c11), his first
    # index being the prediction.
    costs = CostMatrix.binary(
        false_positive=20, true_negative=-5, false_negative=80, true_positive=5
    )
    assert break_even_threshold(costs) == 25 / 100
    assert break_even_threshold([[0, 0], [1, 0]]) == 0
    assert break_even_threshold([[0, 1], [0, 0]]) == 1
    assert bayes_decision([0.0, 1.0], [[0, 0], [1, 0]]).tolist() == [1, 1]
    per_row = CostMatrix.binary(false_positive=5, false_negative=[20, 95])
    assert break_even_threshold(per_row).tolist() == [0.2, 0.05]


def test_there_is_not_always_a_threshold():
    with pytest.raises(ValueError, match=r"3 classes.*use bayes_decision"):
        break_even_threshold(np.ones((3, 3)))
    swapped = [[5, 0], [0, 5]]
    with pytest.raises(ValueError, match="a false positive costs -5 more"):
        break_even_threshold(swapped)
    assert bayes_decision([0.1, 0.9], swapped).tolist() == [1, 0]
    letters = CostMatrix.binary(
        false_positive=1, false_negative=0, true_positive=[-9, 3]
    )
    with pytest.raises(ValueError, match=r"no threshold at row 1.*-3 more"):
        break_even_threshold(letters)
    assert bayes_decision([0.5, 0.5], letters).tolist() == [1, 0]


def test_decisions_are_labels():
    assert bayes_decision([0.01, 0.02], SCREEN).tolist() == ["NORMAL", "CANCER"]
    mixed = CostMatrix([[0, 1], [1, 0]], labels=[0, "other"])
    assert bayes_decision([0.1, 0.9], mixed).tolist() == [0, "other"]
    frame = pd.DataFrame({"a": [0.9, 0.2], "b": [0.1, 0.8]})
    assert bayes_decision(frame, [[0, 1], [1, 0]]).tolist() == [0, 1]
    assert len(bayes_decision(np.empty(0), SCREEN)) == 0


@pytest.mark.parametrize(
    ("prob", "costs", "message"),
    [
        ([0.1, 0.2], np.ones((3, 3)), r"shape \(2,\) for 3 classes.*shape \(n, 3\)$"),
        ([[0.1, 0.2, 0.7]], [[0, 1], [1, 0]], r"shape \(1, 3\) for 2 classes"),
        ([[0.1, 0.2]], [[0, 1], [1, 0]], "y_prob sums to 0.3 at row 0"),
        ([1.7], [[0, 1], [1, 0]], "outside"),
        ([np.nan], [[0, 1], [1, 0]], "missing"),
        ([0.5], np.zeros((2, 2, 2)), "2 matrices for 1 rows"),
    ],
)
def test_wrong_probabilities(prob, costs, message):
    with pytest.raises(ValueError, match=message):
        bayes_decision(prob, costs)


# Scorers


@pytest.mark.parametrize("response", ["predict", "predict_proba"])
@pytest.mark.parametrize("named", [False, True])
def test_the_scorer_is_minus_the_cost_of_each_fold(response, named):
    X, y = rare()
    # "yes" sorts before "zero", so classes_ is not in the order of the matrix.
    labels = ["zero", "yes"] if named else [0, 1]
    costs = CostMatrix([[0, 1], [7, 0]], labels)
    y = np.array(labels)[y]
    model = LogisticRegression()
    scorer = pickle.loads(pickle.dumps(cost_scorer(costs, response=response)))
    found = cross_validate(model, X, y, scoring=scorer, cv=3)["test_score"]
    if response == "predict":
        said = cross_val_predict(model, X, y, cv=3)
    else:
        prob = cross_val_predict(model, X, y, cv=3, method="predict_proba")
        positive = prob[:, sorted(labels).index(labels[1])]
        said = np.array(labels)[(positive >= 1 / 8).astype(int)]
    expected = [
        -expected_cost(y[test], said[test], costs)
        for _, test in StratifiedKFold(3).split(X, y)
    ]
    np.testing.assert_allclose(found, expected)


def test_probabilities_of_three_classes_and_one_never_seen():
    X, y = rare(k=3)
    names = np.array(["c", "a", "b"])
    costs = CostMatrix(1 - np.eye(3) + [[0], [0], [5]], names)
    model = LogisticRegression().fit(X, names[y])
    prob = model.predict_proba(X)[:, [2, 0, 1]]
    said = names[brute_decision(prob, costs.costs)]
    scorer = cost_scorer(costs, response="predict_proba")
    np.testing.assert_allclose(
        scorer(model, X, names[y]), -expected_cost(names[y], said, costs)
    )
    blind = LogisticRegression().fit(X[y < 2], names[y[y < 2]])
    said = names[
        brute_decision(np.c_[blind.predict_proba(X)[:, ::-1], 0 * y], costs.costs)
    ]
    np.testing.assert_allclose(
        scorer(blind, X, names[y]), -expected_cost(names[y], said, costs)
    )


def test_tuned_threshold_uses_the_scorer():
    X, y = rare(1500)
    y = np.array(NAMES)[y]
    tuned = TunedThresholdClassifierCV(
        LogisticRegression(), scoring=cost_scorer(SCREEN), thresholds=200, cv=3
    ).fit(X, y)
    dull = LogisticRegression().fit(X, y)
    # CANCER sorts first: scikit-learn's threshold is on NORMAL, 50 / 51 at best.
    assert tuned.best_threshold_ > 0.8
    scorer = cost_scorer(SCREEN)
    assert scorer(tuned, X, y) > scorer(dull, X, y)


def test_grid_search_clone_and_pickle():
    X, y = rare()
    search = GridSearchCV(
        LogisticRegression(),
        {"C": [1e-4, 1]},
        scoring=cost_scorer([[0, 1], [9, 0]]),
        cv=3,
    )
    copied = clone(search).fit(X, y)
    assert pickle.loads(pickle.dumps(copied)).best_params_ == {"C": 1}
    assert clone(search).scoring is not search.scoring
    proba = cost_scorer(SCREEN, response="predict_proba")
    assert "CostMatrix" in repr(copy.deepcopy(proba))


@pytest.mark.parametrize("response", ["predict", "predict_proba"])
def test_estimators_that_look_inside_a_scorer(response):
    # LogisticRegressionCV hands `labels` to score functions that take them.
    X, y = rare()
    scorer = cost_scorer(SCREEN, response=response)
    model = LogisticRegressionCV(
        Cs=[1e-4, 1], cv=3, scoring=scorer, l1_ratios=(0,), use_legacy_attributes=False
    ).fit(X, np.array(NAMES)[y])
    _, test = next(StratifiedKFold(3).split(X, y))
    train = np.setdiff1d(np.arange(len(y)), test)
    alone = LogisticRegression(C=1).fit(X[train], np.array(NAMES)[y[train]])
    expected = scorer(alone, X[test], np.array(NAMES)[y[test]])
    np.testing.assert_allclose(model.scores_[0, 0, 1], expected, rtol=0.05)


@pytest.mark.parametrize("response", ["predict", "predict_proba"])
def test_costs_per_row_are_routed_with_the_rows(response):
    X, y = rare()
    rng = np.random.default_rng(0)
    costs = CostMatrix.binary(false_positive=1, false_negative=rng.gamma(1, 20, len(y)))
    weights = rng.random(len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = cost_scorer(None, response=response)
        scorer.set_score_request(costs=True, sample_weight=True)
        found = cross_validate(
            LogisticRegression().set_fit_request(sample_weight=False),
            X,
            y,
            scoring=scorer,
            cv=3,
            params={"costs": costs.costs, "sample_weight": weights},
            return_indices=True,
            return_estimator=True,
        )
    for score, model, test in zip(
        found["test_score"], found["estimator"], found["indices"]["test"], strict=True
    ):
        prob = model.predict_proba(X[test])
        said = (
            model.predict(X[test])
            if response == "predict"
            else bayes_decision(prob, costs.costs[test])
        )
        expected = brute_cost(y[test], said, costs.costs[test], weights[test])
        np.testing.assert_allclose(score, -expected)


def test_routed_costs_can_have_labels():
    model = DummyClassifier().fit([[0], [0], [0]], ["a", "a", "b"])
    y, costs = ["b", "a"], np.array([[[0, 1], [9, 0]], [[0, 1], [3, 0]]])
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = cost_scorer(None, labels=["a", "b"]).set_score_request(costs=True)
        assert scorer(model, [[0], [0]], y, costs=costs) == -4.5
    proba = cost_scorer([[0, 1], [9, 0]], labels=["a", "b"], response="predict_proba")
    assert proba(model, [[0], [0]], y) == -0.5


def test_scorers_that_cannot_work():
    X, y = rare(50)
    model = LogisticRegression().fit(X, y)
    per_row = np.zeros((50, 2, 2))
    with pytest.raises(ValueError, match=r"which rows its fold has.*cost_scorer\(None"):
        cost_scorer(per_row)
    with pytest.raises(ValueError, match="response is 'decision'"):
        cost_scorer(SCREEN, response="decision")
    with pytest.raises(ValueError, match="labels is given twice"):
        cost_scorer(SCREEN, labels=NAMES)
    with pytest.raises(ValueError, match=r"needs set_score_request\(costs=True\)"):
        cost_scorer(None)(model, X, y)
    with pytest.raises(ValueError, match=r"classes_ has \[0, 1\]"):
        cost_scorer(SCREEN, response="predict_proba")(model, X, y)
    with pytest.raises(ValueError, match=r"y_true has .* which costs has not"):
        cost_scorer(SCREEN)(model, X, y)
    proba = cost_scorer([[0, 1], [9, 0]], response="predict_proba")
    with pytest.raises(TypeError, match=r"object has no predict_proba; use"):
        proba(object(), X, y)
    with pytest.raises(AttributeError, match="so does a tuner of thresholds; give it"):
        TunedThresholdClassifierCV(model, scoring=proba).fit(X, y)
    with pytest.raises(TypeError, match="groups"):
        proba.set_score_request(groups=True)
