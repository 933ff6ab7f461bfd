"""Columns that tell the target: leaks named, strong and honest columns let be."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from mlworkbench import datasets
from mlworkbench.leakage import check_target
from mlworkbench.leakage._target_copies import shakes_classes
from mlworkbench.leakage._target_joint import joint_power
from mlworkbench.leakage._target_judge import chance_power
from mlworkbench.leakage._target_pairs import find_pairs
from mlworkbench.leakage._target_power import (
    category_power,
    code_target,
    fold_rows,
    missing_power,
    order_power,
    value_power,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def flights():
    frame = datasets.load("flights").frame
    return frame.sample(20_000, random_state=0).sort_index()


def table(rng, n=1000, p=4):
    return pd.DataFrame(rng.normal(size=(n, p)), columns=list("abcdefgh"[:p]))


def severities(report):
    return {f.what: f.severity for f in report.findings}


def power(values, y):
    target = code_target(y)
    levels, code = np.unique(values, return_inverse=True)
    return order_power(levels, code, target)


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_power_is_that_of_the_known_statistics(rng, decimals):
    x = rng.normal(size=200).round(decimals)
    y = (x + rng.normal(size=200)).round(3)
    np.testing.assert_allclose(power(x, y), spearmanr(x, y)[0], rtol=1e-9)
    event = y > 0.7
    auc = roc_auc_score(event, x)
    np.testing.assert_allclose(power(x, event), 2 * auc - 1, rtol=1e-9)
    three = np.digitize(y, [-0.5, 0.5])
    wanted = [2 * roc_auc_score(three == c, x) - 1 for c in range(3)]
    np.testing.assert_allclose(power(x, three), wanted, atol=1e-9)


def test_power_of_categories_is_out_of_fold(rng):
    n = 2000
    name = rng.integers(0, 1000, n)  # two rows each: in sample nearly perfect
    target = code_target(rng.random(n) < 0.3)
    fold = fold_rows(n, None, rng)
    assert category_power(name, target, fold) < 0.1
    true = rng.integers(0, 4, n)
    target = code_target(rng.random(n) < np.array([0.05, 0.1, 0.5, 0.9])[true])
    best = order_power(np.array([0.05, 0.1, 0.5, 0.9]), true, target)[0]
    assert category_power(true, target, fold) == pytest.approx(best, abs=0.03)


def test_a_bend_is_seen(rng):
    x = rng.normal(size=3000)
    target = code_target(np.abs(x) > 1)
    assert abs(order_power(np.sort(x), np.argsort(np.argsort(x)), target)[0]) < 0.1
    assert value_power(x, target, fold_rows(3000, None, rng)) > 0.95


def test_missing_power_by_hand():
    # Missing in 3 of 4 positive rows and in 1 of 4 negative ones: 3/4 - 1/4.
    missing = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=bool)
    target = code_target([1, 1, 1, 1, 0, 0, 0, 0])
    assert missing_power(missing, target) == pytest.approx(0.5)


def test_folds_keep_groups_together(rng):
    groups = rng.integers(0, 40, 500)
    fold = fold_rows(500, groups, rng)
    assert (pd.Series(fold).groupby(groups).nunique() == 1).all()
    assert set(fold) == set(range(5))


@pytest.mark.parametrize("as_text", [False, True])
def test_a_copy_of_the_target_is_a_leak(rng, as_text):
    y = rng.random(1000) < 0.1
    copy = np.where(y, "gone", "here") if as_text else y.astype(float)
    report = check_target(table(rng).assign(flag=copy), y)
    assert severities(report) == {"flag": "leak"}
    assert report.findings[0].code == "L2"
    assert not report.ok


def test_departure_delay_stands_out_among_flights(flights):
    features = flights.drop(columns="arr_delay")
    report = check_target(features, flights["arr_delay"])
    assert severities(report)["dep_delay"] == "warning"
    known = flights["arr_delay"].notna()
    late = (flights["arr_delay"] >= 30).where(known)
    assert severities(report)["arr_time - sched_arr_time"] == "warning"
    found = severities(check_target(features, late))
    assert found["dep_delay"] == "warning"
    assert found["arr_time - sched_arr_time"] == "warning"
    schedule = ["month", "day", "sched_dep_time", "carrier", "dest", "distance"]
    assert check_target(flights[schedule], late).ok


def test_a_missing_value_tells_of_a_cancelled_flight(flights):
    cancelled = flights["dep_time"].isna()
    features = flights[["month", "carrier", "sched_dep_time", "air_time"]]
    report = check_target(features, cancelled)
    assert severities(report) == {"air_time: missing": "warning"}
    report = check_target(features.assign(gone=flights["dep_delay"]), cancelled)
    assert severities(report)["gone: missing"] == "leak"


def test_strong_legitimate_features_are_notes():
    frame = datasets.load("diamonds").frame.iloc[::5]
    for y in (frame["price"], frame["price"] > 5000):
        report = check_target(frame.drop(columns="price"), y)
        assert report.ok
        assert severities(report)["carat"] == "note"
    alone = frame[["carat", "cut", "color", "clarity", "depth", "table"]]
    assert severities(check_target(alone, frame["price"])) == {"carat": "note"}


def test_two_strong_features_of_one_thing_are_notes():
    from sklearn.datasets import load_breast_cancer, load_iris

    for load in (load_iris, load_breast_cancer):
        data = load(as_frame=True)
        assert check_target(data.data, data.target).ok


def test_joint_power_is_that_of_a_linear_model_on_unseen_rows(rng):
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    x = rng.normal(size=(600, 3))
    y = x @ [1, 2, 0] + rng.normal(size=600)
    fold = fold_rows(600, None, rng)
    fitted = cross_val_predict(Ridge(1e-3), x, y, cv=PredefinedSplit(fold))
    numbers = dict(enumerate(x.T))
    told = joint_power(numbers, code_target(y), fold)
    assert told == pytest.approx(spearmanr(fitted, y)[0], abs=2e-3)
    noise = {0: rng.normal(size=600), 1: np.ones(600), 2: np.full(600, np.nan)}
    assert joint_power(noise, code_target(y), fold) < 0.15
    assert joint_power({}, code_target(y), fold) == 0


def score(y, rng):
    """A proxy of late origin: its spread differs between the classes."""
    return np.where(y, rng.gamma(9, 60, len(y)), rng.gamma(3, 50, len(y)))


def test_a_strong_column_that_others_make_up_for_is_a_note(rng):
    x = table(rng, 2000)
    y = x["a"] + x["b"] + 0.3 * rng.normal(size=2000) > 0
    both = x.assign(score=x["a"] + x["b"] + 0.2 * rng.normal(size=2000))
    assert severities(check_target(both, y)) == {"score": "note"}
    alone = both.drop(columns=["a", "b"])
    assert severities(check_target(alone, y)) == {"score": "note"}  # a sensor, alone
    weak = pd.Series(y * 1.0 + rng.normal(size=2000))  # something to compare with
    found = severities(check_target(alone.assign(weak=weak, score=score(y, rng)), y))
    assert found == {"score": "warning"}


def test_an_easy_problem_is_no_leak():
    from sklearn.datasets import make_blobs

    x, y = make_blobs(500, 5, centers=2, random_state=0)
    report = check_target(x, y)
    assert report.ok
    assert len(report.findings) >= 3


@pytest.mark.parametrize("seed", range(10))
def test_noise_is_never_called_a_leak(seed):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(40, 30))).mask(rng.random((40, 30)) < 0.3)
    assert not check_target(x, rng.random(40) < 0.3).findings
    assert not check_target(x, rng.normal(size=40)).findings


def test_a_linear_model_of_two_features_is_none(rng):
    x = table(rng, 3000)
    noise = 0.5 * rng.normal(size=3000)
    assert check_target(x, x["a"] + x["b"] + noise).ok
    assert check_target(x, x["a"] - x["b"] + noise > 0).ok


def test_tenure_follows_from_two_dates(rng):
    n = 3000
    start = rng.integers(0, 3000, n)
    tenure = rng.integers(1, 1000, n)
    frame = pd.DataFrame({"start": start, "end": start + tenure, "age": rng.random(n)})
    day = pd.Timestamp("2010-01-01")
    for column in ("start", "end"):
        frame[column] = day + pd.to_timedelta(frame[column], unit="D")
    for y in (tenure, tenure < 120):
        assert severities(check_target(frame, y)) == {"start - end": "leak"}
    assert check_target(frame[["start", "age"]], tenure < 120).ok


@pytest.mark.parametrize(
    ("way", "name"),
    [("+", "a + b"), ("-", "a - b"), ("/", "a / b"), ("==", "a == b")],
)
def test_all_ways_of_a_pair_are_found(rng, way, name):
    n = 4000
    a = rng.integers(1, 40, n).astype(float)
    common = rng.lognormal(0, 2, n)
    b = {"+": 60 - a, "-": a, "/": 1 / common, "==": a}[way]
    if way == "/":
        hidden = rng.lognormal(0, 0.5, n)
        a, b = hidden * common, common
    else:
        hidden = rng.integers(0, 2, n) if way == "==" else rng.normal(0, 3, n)
        b = np.where(hidden == 1, a, a + 1) if way == "==" else b + hidden
    y = hidden > (2 if way == "/" else 0)
    y = hidden == 1 if way == "==" else y
    columns = {"a": a, "b": b, "c": rng.normal(size=n)}
    target = code_target(y)
    fold = fold_rows(n, None, rng)
    alone = {k: value_power(v, target, fold) for k, v in columns.items()}
    best = find_pairs(columns, {}, alone, target, fold, rng)[0]
    assert set(best.columns) == {"a", "b"}
    assert best.power > 0.99
    assert max(alone.values()) < 0.7
    report = check_target(pd.DataFrame(columns), y)
    assert not report.ok
    if way in "/==":  # a sum and a difference may serve each other
        assert name in severities(report)


def test_equal_names_in_two_columns(rng):
    frame = pd.DataFrame(
        {"ship": rng.choice(list("uvw"), 900), "bill": rng.choice(list("uvw"), 900)}
    )
    report = check_target(frame, frame["ship"] == frame["bill"])
    assert severities(report) == {"ship == bill": "leak"}


def test_one_class_only_is_ever_there(rng):
    y = rng.random(2000) < 0.2
    reason = np.where(y & (rng.random(2000) < 0.3), "moved", None)
    found = severities(check_target(table(rng, 2000).assign(reason=reason), y))
    assert found == {"reason: missing": "warning"}
    at_random = np.where(rng.random(2000) < 0.1, "moved", None)
    assert check_target(table(rng, 2000).assign(reason=at_random), y).ok


def test_names_of_rows_are_notes_and_warnings_where_they_tell(rng):
    x = table(rng).assign(number=np.arange(1000), name=[f"r{i}" for i in range(1000)])
    report = check_target(x, rng.random(1000) < 0.4)
    assert severities(report) == {"number": "note", "name": "note"}
    sorted_by = rng.random(1000) < np.linspace(0.1, 0.7, 1000)
    report = check_target(x, sorted_by)
    assert severities(report)["number"] == "warning"
    assert "order of the rows" in report.findings[0].evidence
    income = x.assign(number=rng.choice(10**6, 1000, replace=False))
    assert "number" not in severities(check_target(income, sorted_by))


def test_groups_stop_names_of_groups_from_telling(rng):
    group = np.repeat(np.arange(300), 10)
    y = np.repeat(rng.random(300) < 0.4, 10)
    x = table(rng, 3000).assign(customer=[f"c{g}" for g in group])
    assert severities(check_target(x, y)) == {"customer": "leak"}
    assert check_target(x, y, groups=group).ok


def test_classes_and_small_tables(rng):
    y = rng.choice(["u", "v", "w"], 900)
    code = pd.factorize(y)[0] + rng.normal(0, 0.05, 900)
    assert severities(check_target(table(rng, 900).assign(code=code), y))["code"] in {
        "leak",
        "warning",
    }
    few = np.r_[np.ones(8), np.zeros(12)]
    assert severities(check_target(table(rng, 20).assign(l=few), few)) == {"l": "leak"}
    assert chance_power(code_target([1, 1, 0, 0]), 3) > 1


def test_missing_targets_are_left_out_and_said(rng):
    y = pd.Series(rng.normal(size=500)).mask(rng.random(500) < 0.2)
    x = table(rng, 500).assign(copy=y)
    report = check_target(x, y)
    assert severities(report)["copy"] == "leak"
    assert any("have no target" in note for note in report.notes)


def test_inputs_of_other_kinds(rng):
    x = rng.normal(size=(200, 3))
    y = x[:, 0] > 0
    assert severities(check_target(x, y)) == {"0": "leak"}
    assert severities(check_target(x, pd.Series(y, dtype="boolean"))) == {"0": "leak"}
    frame = pd.DataFrame({"m": [1, "x"] * 100, "e": [None] * 200, "k": 1.0})
    frame["inf"] = np.where(y, np.inf, 1.0)
    frame["l"] = [[1]] * 200
    assert "inf: missing" in severities(check_target(frame, y))


@pytest.mark.parametrize("seed", range(5))
def test_a_lone_strong_sensor_is_a_note(seed):
    rng = np.random.default_rng(seed)
    x = table(rng, 1000, 6)
    for noise in (0.25, 0.35):
        y = x["a"] + noise * rng.normal(size=1000)
        for target in (y, y > 0, 2.5 * y + 0.4 * x["b"] > 0):
            assert severities(check_target(x, target))["a"] == "note"


@pytest.mark.parametrize("n_informative", [2, 5])
@pytest.mark.parametrize("seed", range(8))
def test_few_informative_columns_are_notes_at_most(n_informative, seed):
    from sklearn.datasets import make_classification

    options = {"n_redundant": 0, "random_state": seed}
    x, y = make_classification(1000, 20, n_informative=n_informative, **options)
    assert check_target(x, y).ok


@pytest.mark.parametrize("seed", range(5))
def test_a_strong_feature_of_a_measured_target_is_a_note(seed):
    from sklearn.datasets import make_friedman1, make_regression

    x, y = make_regression(1000, 10, n_informative=1, noise=15, random_state=seed)
    assert check_target(x, y).ok
    assert check_target(*make_friedman1(1000, random_state=seed)).ok


def test_a_shaken_copy_is_a_warning_even_among_noise(rng):
    x = table(rng, 2000)
    for k in (2, 3, 5):
        y = rng.integers(k, size=2000)
        names = np.array(list("vwxyz"))[y]
        gauss = 40 * (y + 0.25 * rng.normal(size=2000)) - 3
        other = np.where(rng.random(2000) < 0.04, rng.permutation(y), y)
        for copy in (gauss, other, [f"code {v}" for v in other]):
            found = severities(check_target(x.assign(copy=copy), names))
            assert found == {"copy": "warning"}
    y = rng.normal(5, 3, 2000)
    shaken = y + 0.6 * rng.normal(size=2000)
    assert severities(check_target(x.assign(copy=shaken), y)) == {"copy": "warning"}
    sensor = (y - 5) + 0.6 * rng.normal(size=2000)
    assert check_target(x.assign(y=y), sensor).ok  # the same the other way round


def test_noise_of_a_copy_is_alike_in_all_classes(rng):
    y = rng.random(3000) < 0.3
    target = code_target(y)
    assert shakes_classes(y + 0.3 * rng.normal(size=3000), target)
    assert shakes_classes(y + 0.3 * rng.random(3000), target)
    assert not shakes_classes(y * (1 + rng.normal(size=3000)), target)
    cause = rng.normal(size=3000)
    effect = code_target(cause + 0.3 * rng.normal(size=3000) > 0)
    assert not shakes_classes(cause, effect)
    assert not shakes_classes(np.full(3000, np.nan), target)


@pytest.mark.parametrize("kind", ["two", "names", "four", "measured"])
def test_a_mean_target_of_groups_is_a_leak(rng, kind):
    x = table(rng)
    value = x["a"] + rng.normal(size=1000)
    group = rng.integers(0, 200, 1000)
    y = {
        "two": value > 0,
        "names": pd.Series(np.where(value > 0, "no", "yes")),
        "four": pd.cut(value, [-9, -1, 0, 1, 9], labels=list("abcd")).astype(str),
        "measured": value,
    }[kind]
    event = {"names": y == "yes", "four": y == "c"}.get(kind, y).astype(float)
    mean = event.groupby(group).transform("mean")
    for column in (mean, mean.round(4)):
        report = check_target(x.assign(mean=column), y)
        assert severities(report)["mean"] == "leak"
        assert "mean target" in report.findings[0].evidence
    other = event.sample(frac=1, random_state=0).reset_index(drop=True)
    foreign = other.groupby(group).transform("mean")
    assert "mean" not in severities(check_target(x.assign(mean=foreign), y))


def test_a_missing_value_tells_a_measured_target(rng):
    x = table(rng)
    y = x["a"] + rng.normal(size=1000)
    refund = np.where((y > 1.5) & (rng.random(1000) < 0.95), 1.0, np.nan)
    found = severities(check_target(x.assign(refund=refund), y))
    assert found == {"refund: missing": "warning"}
    exact = np.where(y > 1.5, 1.0, np.nan)
    report = check_target(x.assign(refund=exact), y)
    assert severities(report) == {"refund: missing": "leak"}
    assert "2·AUC-1" in report.findings[0].evidence
    assert check_target(x.assign(b=x["b"].mask(x["a"] > 1)), y).ok


def test_a_missing_value_tells_one_of_many_classes(rng):
    x = table(rng)
    y = rng.choice(["early", "late", "lost", "on time"], 1000)
    found = np.where(y == "lost", "found", None)
    report = check_target(x.assign(found=found), y)
    assert severities(report) == {"found: missing": "leak"}
    some = np.where(rng.random(1000) < 0.5, found, None)
    report = check_target(x.assign(found=some), y)
    assert severities(report) == {"found: missing": "warning"}


def test_a_pair_that_differs_in_one_class_only(rng):
    x = table(rng, 2000)
    y = x["a"] + x["b"] + 0.7 * rng.normal(size=2000) > 0
    ship = rng.choice(list("pqrs"), 2000)
    bill = np.where(y, ship, rng.permutation(ship))
    found = severities(check_target(x.assign(ship=ship, bill=bill), y))
    assert found == {"ship == bill": "warning"}


@pytest.mark.parametrize("seed", range(3))
def test_many_columns_of_noise(seed):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(60, 300))).mask(rng.random((60, 300)) < 0.2)
    for y in (rng.random(60) < 0.15, rng.integers(3, size=60), rng.normal(size=60)):
        assert not check_target(x, y).findings


def test_a_shaken_copy_in_all_kinds_of_columns(rng):
    y = rng.random(800) < 0.4
    copy = pd.Series(y ^ (rng.random(800) < 0.03))
    names = copy.map({True: "yes", False: "no"})
    some = rng.random(800) < 0.3
    x = table(rng, 800)
    for column in (
        copy.astype("boolean").mask(some),
        names.mask(some),
        pd.Categorical(names, categories=["never", "yes", "no"]),
        copy.astype("Int64") * 10**17,
    ):
        for target in (y, np.where(y, "a", "b"), pd.Series(y * 1.0).mask(some)):
            assert severities(check_target(x.assign(c=column), target))["c"] in (
                "leak",  # no error among the rows that have both
                "warning",
            )


def test_bad_input_is_explained(rng):
    x = table(rng, 30)
    with pytest.raises(ValueError, match="missing in all 30 rows"):
        check_target(x, [np.nan] * 30)
    with pytest.raises(ValueError, match="y is 1 in every row"):
        check_target(x, [1] * 30)
    with pytest.raises(ValueError, match="infinite"):
        check_target(x, [np.inf, *np.arange(29.0)])
    with pytest.raises(ValueError, match="lengths differ"):
        check_target(x, [0, 1])
    with pytest.raises(ValueError, match="different indexes"):
        check_target(x, pd.Series(range(30), index=range(1, 31)))
    with pytest.raises(ValueError, match="30 different texts"):
        check_target(x, [f"t{i}" for i in range(30)])
    with pytest.raises(TypeError, match="cannot be compared"):
        check_target(x, pd.Series([[1]] * 30))
    with pytest.raises(TypeError, match="X is a generator"):
        check_target((row for row in [1]), [0, 1])
    with pytest.raises(ValueError, match="one value per row"):
        check_target(x, (v for v in range(30)))
