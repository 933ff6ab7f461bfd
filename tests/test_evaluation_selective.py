"""Error against coverage, and a threshold that keeps its promise."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from mlworkbench.evaluation import SelectiveReport, selective_report


def calibrated(n, seed=0, shape=0.5):
    rng = np.random.default_rng(seed)
    y_prob = rng.beta(shape, shape, n)
    return (rng.random(n) < y_prob).astype(int), y_prob


def by_score(wrong, score, **settings):
    """A report from who is wrong and how sure the model was."""
    y = np.zeros(len(wrong), int)
    return selective_report(
        y,
        np.full(len(wrong), 0.4),
        y_pred=np.where(wrong, 1, 0),
        score=score,
        **settings,
    )


# --- The curve ---------------------------------------------------------------


def test_curve_by_hand():
    # Four answers, from the surest: right, wrong, right, right.
    found = by_score([0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6])
    table = found.frame
    assert table["coverage"].tolist() == [0.25, 0.5, 0.75, 1.0]
    np.testing.assert_allclose(table["error"], [0, 1 / 2, 1 / 3, 1 / 4])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    # An oracle is least sure of the wrong one: 0, 0, 0, 1/4.
    assert found.excess_aurc == pytest.approx(found.aurc - 1 / 16)
    assert found.auroc == pytest.approx(1 / 3)


def test_area_is_the_mean_of_the_errors_of_the_surest_rows():
    # Geifman, Uziel and El-Yaniv (2019), equation of AURC: the mean over i of
    # the error among the i surest rows.
    y, p = calibrated(500)
    found = selective_report(y, p)
    sure = np.maximum(p, 1 - p)
    wrong = ((p > 0.5) != y)[np.argsort(-sure)]
    area = np.mean(np.cumsum(wrong) / np.arange(1, 501))
    assert found.aurc == pytest.approx(area)
    best = np.mean(np.cumsum(np.sort(wrong)) / np.arange(1, 501))
    assert found.excess_aurc == pytest.approx(area - best)


def test_ties_are_taken_in_every_order():
    rng = np.random.default_rng(0)
    wrong, sure = rng.random(12) < 0.4, rng.integers(0, 4, 12) / 4
    areas = []
    for _ in range(20_000):
        order = np.lexsort((rng.random(12), -sure))
        areas.append(np.mean(np.cumsum(wrong[order]) / np.arange(1, 13)))
    found = by_score(wrong, sure)
    assert found.aurc == pytest.approx(np.mean(areas), abs=0.003)
    assert len(found.frame) == len(np.unique(sure))


def test_without_confidence_the_area_is_the_error():
    found = by_score([1, 0, 0, 1, 0], np.full(5, 0.7))
    assert found.aurc == pytest.approx(0.4)
    assert found.frame["coverage"].tolist() == [1.0]


def test_order_of_rows_and_equal_weights_change_nothing():
    y, p = calibrated(300)
    order = np.random.default_rng(1).permutation(300)
    one, two = selective_report(y, p), selective_report(y[order], p[order])
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert one.threshold == two.threshold
    three = selective_report(y, p, sample_weight=np.full(300, 7.0))
    assert three.aurc == pytest.approx(one.aurc)
    np.testing.assert_allclose(three.frame["error"], one.frame["error"])


def test_whole_weights_are_repetitions():
    y, p = calibrated(200)
    weight = np.random.default_rng(0).integers(0, 4, 200)
    one = selective_report(y, p, sample_weight=weight)
    two = selective_report(np.repeat(y, weight), np.repeat(p, weight))
    for name in ("threshold", "coverage", "error"):
        np.testing.assert_allclose(one.frame[name], two.frame[name])
    assert one.aurc == pytest.approx(two.aurc, abs=0.01)
    assert not one.guaranteed
    assert "nothing is promised" in one.verdict or "No threshold" in one.verdict
    assert "effective number" in one.notes[0]


# --- The promise -------------------------------------------------------------


def risks(kind, sure):
    """True error given the confidence."""
    if kind == "calibrated":
        return 1 - sure
    if kind == "flat":  # just above the target everywhere
        return np.full(len(sure), 0.102)
    # surest rows are not the best, as of a model that is too sure of itself
    return np.where(sure > 0.95, 0.3, np.where(sure > 0.7, 0.055, 0.35))


@pytest.mark.parametrize("kind", ["calibrated", "flat", "too sure"])
@pytest.mark.parametrize("fixed", [True, False])
def test_the_promise_is_kept(kind, fixed):
    # delta = 0.2, 150 data sets: 30 failures expected at the worst; 50 would be
    # four standard deviations more.
    many = np.linspace(0.5, 1, 20_001)[::-1]
    true = np.cumsum(risks(kind, many)) / np.arange(1, len(many) + 1)
    failed = naive = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sure = rng.uniform(0.5, 1, 800)
        wrong = rng.random(800) < risks(kind, sure)
        shift = 0 if fixed else 5  # outside [0, 1] ranks are used
        found = by_score(wrong, sure + shift, target_error=0.1, confidence=0.8)

        def truth(threshold, shift=shift):
            place = np.searchsorted(-many, -(threshold - shift), side="right") - 1
            return true[place] if np.isfinite(threshold) else 0.0

        failed += truth(found.threshold) > 0.1 + 1e-4
        naive += truth(found.naive_threshold) > 0.1 + 1e-4
    assert failed <= 40
    assert naive > 50


def test_threshold_is_found_where_it_can_be():
    y, p = calibrated(20_000)
    found = selective_report(y, p, target_error=0.05)
    assert found.guaranteed
    assert 0.9 * found.naive_coverage < found.coverage < found.naive_coverage
    # The exact chance of so few errors, were the error 5 %, is below 5 %.
    at = found.frame[found.frame["threshold"] >= found.threshold].iloc[-1]
    errors = round(at["error"] * at["rows"])
    assert binom.cdf(errors, at["rows"], 0.05) <= 0.05
    assert found.error_answered == at["error"]


@pytest.mark.parametrize(("n", "passes"), [(58, False), (59, True)])
def test_one_threshold_needs_59_rows_without_an_error(n, passes):
    # 0.95^59 = 0.0485: the first n with 0.95^n ≤ 0.05.
    found = by_score(np.zeros(n, bool), np.full(n, 0.9), thresholds=[0.5])
    assert np.isfinite(found.threshold) == passes
    if passes:
        assert found.threshold == 0.5
        assert found.coverage == 1
        assert found.verdict.startswith("Answering every row is promised")
    else:
        assert "No threshold can be promised" in found.verdict


@pytest.mark.parametrize(("n", "passes"), [(58, False), (59, True), (100, True)])
def test_59_rows_without_an_error_are_enough_for_a_model_without_doubts(n, passes):
    found = selective_report(np.ones(n, int), np.full(n, 0.9))
    assert found.guaranteed == passes
    assert found.coverage == passes


def test_a_looser_target_never_answers_less():
    y, p = calibrated(3000)
    shares = [
        selective_report(y, p, target_error=t).coverage for t in (0.02, 0.05, 0.1, 0.3)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_rows_with_a_confidence_of_the_threshold_are_answered():
    y, p = calibrated(3000)
    p = np.round(p, 2)
    found = selective_report(y, p, target_error=0.1)
    answered = found.answers(p)
    assert answered.mean() == pytest.approx(found.coverage)
    assert np.mean(((p > 0.5) != y)[answered]) == pytest.approx(found.error_answered)
    assert np.mean(((p > 0.5) != y)[~answered]) == pytest.approx(found.error_below)


# --- Forms of input ------------------------------------------------------------


def test_two_columns_text_labels_and_one_column_agree():
    y, p = calibrated(1000)
    words = np.array(["no", "yes"])[y]
    both = np.column_stack([1 - p, p])
    plain = selective_report(y, p)
    for given in (
        selective_report(y, both),
        selective_report(words, p, pos_label="yes"),
        selective_report(words, both, labels=["no", "yes"]),
        selective_report(words, pd.DataFrame(both, columns=["no", "yes"])),
        selective_report(words, pd.DataFrame(both[:, ::-1], columns=["yes", "no"])),
        selective_report(list(y), list(p)),
    ):
        assert given.aurc == pytest.approx(plain.aurc)
        assert given.coverage == pytest.approx(plain.coverage)


def test_many_classes_and_scores():
    rng = np.random.default_rng(0)
    table = rng.dirichlet([0.3] * 5, 2000)
    y = (table.cumsum(axis=1) > rng.random((2000, 1))).argmax(axis=1)
    by_name = {
        s: selective_report(y, table, score=s) for s in ("max", "margin", "entropy")
    }
    own = selective_report(y, table, score=lambda prob: prob.max(axis=1))
    assert own.aurc == by_name["max"].aurc
    assert own.error_all == pytest.approx(np.mean(table.argmax(axis=1) != y))
    assert len({round(r.aurc, 6) for r in by_name.values()}) == 3
    sure = by_name["margin"].answers(
        [[0.9, 0.1, 0, 0, 0], [0.3, 0.3, 0.4, 0, 0]], threshold=0.5
    )
    assert sure.tolist() == [True, False]
    level = selective_report(y, table, score="entropy").confidence
    assert 0 <= level.min() <= level.max() <= 1


def test_classes_that_do_not_occur_may_be_named():
    table = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.2, 0.2]])
    found = selective_report(["a", "b", "b"], table, labels=["a", "b", "c"])
    assert found.error_all == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="name with labels the class of every column"):
        selective_report(["a", "b", "b"], table)


# --- What to do below --------------------------------------------------------


def test_costs_by_hand():
    # Four rows, surest first; wrong are the second and the fourth. At 0.75 two
    # are answered, one of them wrong.
    found = by_score([0, 1, 0, 1], [0.9, 0.8, 0.7, 0.6])
    object.__setattr__(found, "threshold", 0.75)
    table = found.cost_table(
        {
            "leave open": 1.0,
            "ask": (0.5, 0.1),
            "read again": (0.25, [0, 0, 0, 1]),
        },
        error_cost=10,
    ).set_index("below the threshold")
    assert table.loc["leave open", "cost per row"] == pytest.approx((10 + 2 * 1) / 4)
    assert table.loc["ask", "cost per row"] == pytest.approx((10 + 2 * 1.5) / 4)
    assert table.loc["read again", "cost per row"] == pytest.approx((10 + 0.5 + 10) / 4)
    assert table.loc["answer all rows", "cost per row"] == pytest.approx(20 / 4)
    assert table.loc["leave open", "share below"] == 0.5
    # Cheapest for leaving open: answer the first row only.
    assert table.loc["leave open", "cheapest threshold"] == 0.9
    assert table.loc["leave open", "cost there"] == pytest.approx(3 / 4)


def test_cheapest_threshold_is_chows():
    # Chow (1970): with calibrated probabilities, answer where the chance of an
    # error costs less than the action: 1 - confidence < 0.2.
    y, p = calibrated(50_000)
    found = selective_report(y, p, actions={"open": 0.2})
    row = found.costs.set_index("below the threshold").loc["open"]
    assert row["cheapest threshold"] == pytest.approx(0.8, abs=0.02)
    assert "open" in str(found)
    assert "cheapest threshold" in found._repr_html_()


def test_actions_keep_their_rows_when_some_have_no_weight():
    y, p = calibrated(100)
    weight = np.arange(100) % 2
    errors = (np.arange(100) % 2 == 0).astype(float)  # only where there is no weight
    found = selective_report(
        y, p, sample_weight=weight, actions={"more": (0.0, errors)}
    )
    row = found.costs.set_index("below the threshold").loc["more"]
    assert row["cost there"] == 0


@pytest.mark.parametrize(
    ("actions", "match"),
    [
        ({}, "pass a dict"),
        ({"ask": -1}, "cost of 'ask' is -1"),
        ({"ask": (1, 2)}, "outside"),
        ({"ask": (1, [0, 1])}, "has shape"),
    ],
)
def test_bad_actions(actions, match):
    y, p = calibrated(50)
    with pytest.raises(ValueError, match=match):
        selective_report(y, p, actions=actions)


# --- Report and errors -------------------------------------------------------


def test_report_is_printed_and_drawn():
    y, p = calibrated(3000)
    found = selective_report(y, p)
    assert isinstance(found, SelectiveReport)
    assert "is promised to keep the error at 5 % or below" in found.verdict
    assert len(str(found).splitlines()) < 40
    axes = found.plot()
    assert "is promised to keep the error below 5 %" in axes.get_title()
    assert found.to_dict()["facts"]["guaranteed"] is True
    none = selective_report(y[:40], p[:40])
    assert none.plot().get_title().startswith("No threshold")
    assert none.threshold == np.inf
    assert none.answers(p).sum() == 0


def test_given_scores_are_asked_for_again():
    found = by_score(np.zeros(100, bool), np.linspace(0, 1, 100))
    with pytest.raises(ValueError, match="pass score="):
        found.answers([0.5])
    assert found.answers([0.5, 0.5], score=[1.0, 0.0], threshold=0.5).tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"y_prob": [0.1, 0.2]}, "lengths differ"),
        ({"y_prob": [0.1, 0.2, np.nan]}, "missing value"),
        ({"y_prob": [0.1, 0.2, 1.7]}, "pass probabilities, not scores"),
        ({"y_prob": [[0.5, 0.6]] * 3}, "do not sum to 1"),
        ({"y_true": [0, 1, None]}, "missing values .first at row 2"),
        ({"y_true": ["a", "b", "a"]}, "say with pos_label"),
        ({"y_true": [], "y_prob": []}, "no rows"),
        ({"target_error": 1.0}, "target_error is 1.0"),
        ({"target_error": 5}, "target_error is 5"),
        ({"confidence": 0}, "confidence is 0"),
        ({"score": "best"}, "score is 'best'"),
        ({"score": [1, np.nan, 1]}, "first at row 1"),
        ({"y_pred": ["x", "y", "z"]}, "no class in common"),
        ({"thresholds": []}, "thresholds is empty"),
        ({"error_cost": -1, "actions": {"a": 1}}, "error_cost is -1"),
    ],
)
def test_bad_inputs(change, match):
    given = {"y_true": [0, 1, 1], "y_prob": [0.1, 0.2, 0.8]} | change
    with pytest.raises(ValueError, match=match):
        selective_report(given.pop("y_true"), given.pop("y_prob"), **given)


def test_different_indexes_are_refused():
    y = pd.Series([0, 1])
    with pytest.raises(ValueError, match="different indexes"):
        selective_report(y, pd.Series([0.2, 0.8], index=[1, 0]))


@pytest.mark.parametrize("make", [np.array, lambda y: np.where(y, "late", "at noon")])
def test_two_columns_are_read_in_sorted_order_like_three(make):
    y, p = calibrated(500)
    # "at noon" < "late": class 0 first in both.
    both = selective_report(make(y), np.column_stack([1 - p, p]))
    assert both.error_all == selective_report(y, p).error_all


def test_pos_label_does_not_turn_two_columns_round():
    y, p = calibrated(500)
    words = np.where(y, "late", "on time")
    with pytest.raises(ValueError, match="the columns of y_prob are of"):
        selective_report(words, np.column_stack([p, 1 - p]), pos_label="late")


@pytest.mark.parametrize("kind", [bool, int, float])
def test_one_class_in_two_columns_has_its_own_column(kind):
    sure = np.linspace(0.4, 1, 100)
    found = selective_report(np.ones(100, kind), np.column_stack([1 - sure, sure]))
    assert found.error_all == pytest.approx((sure < 0.5).mean())


def test_one_class_of_text_asks_for_labels():
    with pytest.raises(ValueError, match="name with labels"):
        selective_report(["a"] * 3, np.full((3, 2), 0.5))


def test_the_verdict_names_the_cheapest_action():
    y, p = calibrated(2000)
    cheap = selective_report(y, p, actions={"ask": (0.1, 0.0), "leave": 0.5})
    assert "Cheapest there: ask" in cheap.verdict
    dear = selective_report(y, p, actions={"ask": (5, 0.0)})
    assert "No action given is cheaper than to answer all rows" in dear.verdict


def test_no_threshold_is_printed_as_none():
    text = str(selective_report([0, 1], [0.1, 0.9]))
    assert "threshold: none" in text
    assert "∞" not in text


def test_with_weights_the_verdict_promises_nothing():
    y, p = calibrated(3000)
    found = selective_report(y, p, sample_weight=np.ones(3000))
    assert "seems to keep" in found.verdict
    assert "With weights nothing is promised." in found.verdict
