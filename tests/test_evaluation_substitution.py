"""A chain of steps with the truth in place of one after another."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score

from mlworkbench.evaluation import (
    OracleSubstitution,
    compare_models,
    oracle_substitution,
)

N = 1500
RNG = np.random.default_rng(0)
CODE = RNG.integers(0, 12, N)
SEEN = np.where(RNG.random(N) < 0.8, CODE, (CODE + 1) % 12)
PRICE = CODE % 4


def read(rows):
    return SEEN[rows]


def look_up(codes):
    return np.where(codes == 7, 0, codes % 4)


ROWS = np.arange(N)
STEPS = {"read": read, "look up": look_up}


def test_scores_are_those_of_the_chain_with_the_truth():
    found = oracle_substitution(STEPS, ROWS, PRICE, {"read": CODE}, random_state=0)
    table = found.frame.set_index("step")
    start = accuracy_score(PRICE, look_up(SEEN))
    middle = accuracy_score(PRICE, look_up(CODE))
    assert found.as_it_is == pytest.approx(start)
    assert table.loc["read", "score"] == pytest.approx(middle)
    assert table.loc["look up", "score"] == 1
    assert table.loc["read", "gain"] == pytest.approx(middle - start)
    assert table.loc["look up", "gain"] == pytest.approx(1 - middle)
    assert table["gain"].sum() == pytest.approx(1 - start)
    assert found.improve_first == "read"
    assert found.verdict.startswith("Improve read first")


def test_interval_is_that_of_the_paired_comparison():
    found = oracle_substitution(
        STEPS, ROWS, PRICE, {"read": CODE}, n_boot=4000, random_state=0
    )
    pair = compare_models(
        PRICE, look_up(CODE), look_up(SEEN), n_boot=4000, random_state=1
    ).frame.iloc[0]
    row = found.frame.iloc[0]
    assert row["gain"] == pytest.approx(pair["difference"])
    assert row["low"] == pytest.approx(pair["low"], abs=0.004)
    assert row["high"] == pytest.approx(pair["high"], abs=0.004)


def test_a_perfect_step_as_a_function_differs_from_the_truth_of_its_output():
    # A perfect look-up of a code that was read wrongly still gives a wrong price.
    def perfect(codes):
        return codes % 4

    found = oracle_substitution(
        STEPS, ROWS, PRICE, {"read": CODE, "look up": perfect}, random_state=0
    )
    table = found.frame.set_index("step")
    alone = accuracy_score(PRICE, SEEN % 4)
    assert table.loc["look up", "score_alone"] == pytest.approx(alone)
    assert table.loc["look up", "score"] == 1
    assert table.loc["read", "score_alone"] == table.loc["read", "score"]
    assert "this one alone" in str(found)


def test_steps_that_add_columns():
    def language(frame):
        return frame.assign(language=np.where(SEEN % 2, "fr", "en"))

    def topic(frame):
        return frame.assign(topic=SEEN % 3)

    def route(frame):
        return frame["language"] + frame["topic"].astype(str)

    true_language, true_topic = np.where(CODE % 2, "fr", "en"), CODE % 3
    y = pd.Series(true_language) + pd.Series(true_topic).astype(str)
    found = oracle_substitution(
        {"language": language, "topic": topic, "route": route},
        pd.DataFrame({"row": ROWS}),
        y,
        {
            "language": lambda frame: frame.assign(language=true_language),
            "topic": lambda frame: frame.assign(topic=true_topic),
        },
        random_state=0,
    )
    table = found.frame.set_index("step")
    expected = np.mean(SEEN % 2 == CODE % 2)
    assert table.loc["topic", "score_alone"] == pytest.approx(expected)
    assert table.loc["topic", "score"] == 1
    assert table.loc["route", "gain"] == 0
    assert np.isnan(table.loc["route", "gain_alone"])


def test_values_and_fitted_predictors_and_losses():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 1))
    weight = 2 * x[:, 0] + rng.normal(scale=0.5, size=400)
    price = 3 * weight + rng.normal(scale=0.1, size=400)
    first = LinearRegression().fit(x, weight)
    second = LinearRegression().fit(weight.reshape(-1, 1), price)
    found = oracle_substitution(
        [
            ("weight", first),
            ("column", lambda w: np.asarray(w).reshape(-1, 1)),
            ("price", second),
        ],
        x,
        price,
        [weight, None],
        random_state=0,
    )
    table = found.frame.set_index("step")
    assert found.metric == "mean_absolute_error"
    assert table.loc["weight", "gain"] == pytest.approx(
        found.as_it_is - table.loc["weight", "score"]
    )
    assert table.loc["weight", "gain"] > 1
    assert np.isnan(table.loc["column", "gain"])
    assert table.loc["price", "score"] == 0
    assert found.improve_first == "weight"
    assert "no truth is known for column" in found.notes[1]


def test_a_chain_without_errors_gains_nothing():
    steps = [lambda rows: CODE[rows], lambda codes: codes % 4]
    found = oracle_substitution(steps, ROWS, PRICE, [CODE], random_state=0)
    assert found.frame["step"].tolist() == ["step 1", "step 2"]
    assert found.verdict.startswith("No step gains")


def test_small_gains_are_not_shown():
    steps = {"read": lambda rows: np.where(rows == 3, 0, CODE[rows]), "price": look_up}
    rows = ROWS[:40]
    found = oracle_substitution(
        steps, rows, np.where(rows == 5, 9, look_up(CODE[:40])), {"read": CODE[:40]}
    )
    assert found.verdict.startswith(("Not shown", "No step"))


def test_groups_and_weights_and_seed():
    settings = {"groups": ROWS // 50, "sample_weight": 1 + ROWS % 3, "random_state": 4}
    one = oracle_substitution(STEPS, ROWS, PRICE, {"read": CODE}, **settings)
    two = oracle_substitution(STEPS, ROWS, PRICE, {"read": CODE}, **settings)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    expected = np.average(look_up(SEEN) == PRICE, weights=1 + ROWS % 3)
    assert one.as_it_is == pytest.approx(expected)


def test_report_is_drawn():
    found = oracle_substitution(STEPS, ROWS, PRICE, {"read": CODE}, random_state=0)
    assert isinstance(found, OracleSubstitution)
    axes = found.plot()
    assert axes.get_title() == "Improve read first"
    assert "this one alone" not in str(found)


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"steps": {"read": read}}, ValueError, "two or more steps"),
        ({"steps": [("a", read), ("a", look_up)]}, ValueError, "name of its own"),
        ({"steps": read}, TypeError, "pass a dict from names to steps"),
        ({"steps": [read, 3]}, TypeError, "pass a function, or a fitted object"),
        ({"truths": {"write": CODE}}, ValueError, "names .'write'.; the steps are"),
        ({"truths": {}}, ValueError, "none for a step before the last"),
        ({"truths": [CODE, PRICE, PRICE]}, ValueError, "3 entries for 2 steps"),
        ({"truths": [CODE[:5]]}, ValueError, "has 5 rows, its input 1500"),
        ({"truths": CODE}, TypeError, "truths is a ndarray"),
        ({"metric": ["accuracy", "f1"]}, ValueError, "pass one metric"),
        ({"y_true": PRICE[:5]}, ValueError, "rows|lengths differ"),
    ],
)
def test_bad_inputs(change, error, match):
    given = {"steps": STEPS, "X": ROWS, "y_true": PRICE, "truths": {"read": CODE}}
    with pytest.raises(error, match=match):
        oracle_substitution(**(given | change))


@pytest.mark.parametrize(
    "metric", [None, "mean_absolute_error", "neg_mean_absolute_error"]
)
def test_an_error_is_saved_a_score_is_added(metric):
    x = np.arange(50.0)
    steps = {"a": lambda v: v + 3, "b": lambda v: 2 * v + 1}
    found = oracle_substitution(
        steps, x, 2 * x + 0.5, {"a": x}, metric=metric, random_state=0
    )
    # Off by 2 * 3 + 0.5; with a right by 0.5.
    assert "save 6 of 6.5 mean absolute error" in found.verdict
    kind = np.arange(50) % 10
    steps = {"a": lambda v: v + v % 2, "b": lambda v: v}
    score = oracle_substitution(steps, kind, kind, {"a": kind}, random_state=0)
    assert "add 0.5 to the accuracy, which is 0.5" in score.verdict


def test_a_chain_without_error_has_no_step_to_improve():
    x = np.arange(20)
    for a, b in ((0, 0), (1, -1)):  # the second undoes the first
        steps = {"a": lambda v, a=a: v + a, "b": lambda v, b=b: v + b}
        found = oracle_substitution(steps, x, x, {"a": x}, random_state=0)
        assert found.improve_first is None
        assert found.verdict == (
            "No step gains from the truth: the accuracy is 1 already."
        )
        assert "improve first" not in str(found)
    assert any("makes the chain worse" in note for note in found.notes)


def test_classes_count_as_probabilities_where_the_metric_wants_them():
    x = np.arange(40)
    y = np.where(x % 4 > 1, "late", "at noon")
    steps = {
        "read": lambda v: v + (v % 5 == 0),
        "rate": lambda v: np.where((v % 4 > 1)[:, None], [0.2, 0.8], [0.8, 0.2]),
    }
    found = oracle_substitution(
        steps, x, y, {"read": x}, metric="neg_log_loss", random_state=0
    )
    assert found.frame["score"].to_numpy() == pytest.approx([np.log(0.8), 0])


def test_an_error_in_a_step_names_the_step():
    steps = {"a": lambda v: v, "b": lambda v: v / "x"}
    with pytest.raises(TypeError) as caught:
        oracle_substitution(steps, np.ones(3), [1, 2, 3], {"a": np.ones(3)})
    assert caught.value.__notes__ == ["raised in the step 'b'"]
