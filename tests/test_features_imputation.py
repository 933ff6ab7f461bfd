"""Imputers compared inside the folds: by hand, with gaps that tell, and bad inputs."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlworkbench._stats import corrected_interval
from mlworkbench.features import compare_imputation

mpl.use("Agg")


def data(n=300, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    frame["b"] += frame["a"]
    y = (frame["a"] + rng.normal(size=n) > 0).to_numpy()
    frame.loc[rng.random(n) < 0.3, "a"] = np.nan
    return frame, y


def mixed(n=300):
    frame, y = data(n)
    rng = np.random.default_rng(1)
    frame["kind"] = pd.Series(rng.choice(["x", "y", "z"], n)).mask(rng.random(n) < 0.2)
    frame["level"] = pd.Categorical(rng.choice(["lo", "hi"], n))
    frame["flag"] = pd.array(rng.random(n) < 0.5, dtype="boolean")
    frame["count"] = pd.array(rng.integers(0, 9, n), dtype="Int64")
    frame.loc[:20, "count"] = pd.NA
    frame["when"] = pd.date_range("2024-01-01", periods=n, tz="America/New_York")
    return frame, y


def test_scores_are_those_of_a_pipeline():
    X, y = data()
    report = compare_imputation(
        LogisticRegression(), X, y, ["mean", KNNImputer()], KFold(5), scoring="roc_auc"
    )
    for name, imputer in [("mean", SimpleImputer()), ("KNNImputer", KNNImputer())]:
        for flag in (False, True):
            imputer.set_params(add_indicator=flag)
            model = make_pipeline(imputer, LogisticRegression())
            scores = cross_val_score(model, X, y, cv=KFold(5), scoring="roc_auc")
            row = report.frame.loc[name + (" + indicators" if flag else "")]
            assert row["score"] == pytest.approx(scores.mean(), abs=2e-3)
    assert report.baseline == "mean"
    assert report.scoring == "roc_auc"
    assert report.n_rows_with_gaps == X["a"].isna().sum()


def test_differences_are_paired_and_corrected():
    X, y = data()
    report = compare_imputation(
        LogisticRegression(), X, y, ["mean", "median"], KFold(4)
    )
    wide = report.folds.pivot(index="fold", columns="strategy", values="score")
    gap = (wide["median"] - wide["mean"]).to_numpy()
    low, high = corrected_interval(gap, 1 / 3)
    row = report.frame.loc["median"]
    assert row["difference"] == pytest.approx(gap.mean())
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    first = report.frame.loc["mean"]
    assert first["difference"] == 0
    assert np.isnan(first["low"])


def test_indicators_pay_where_gaps_carry_the_label():
    X, y = data(600)
    rng = np.random.default_rng(5)
    X["a"] = np.where(y & (rng.random(600) < 0.7), np.nan, rng.normal(size=600))
    report = compare_imputation(LogisticRegression(), X[["a"]], y, ["mean"], 5)
    row = report.frame.loc["mean + indicators"]
    assert row["low"] > 0.2


class Spy(TransformerMixin, BaseEstimator):
    """An imputer that remembers how many rows it was fitted on."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y=None):
        Spy.seen.append(len(X))
        return self

    def transform(self, X):
        return np.nan_to_num(np.asarray(X, dtype=float))


def test_imputers_see_training_rows_only():
    X, y = data(100)
    Spy.seen.clear()
    report = compare_imputation(LogisticRegression(), X, y, [Spy()], 4)
    assert Spy.seen == [75] * 8
    assert report.frame.loc["Spy", "train_rows"] == 75


def test_dropped_rows_are_training_rows_only():
    X, y = data(200)
    report = compare_imputation(LogisticRegression(), X, y, ["mean"], KFold(4))
    row = report.frame.loc["drop rows"]
    complete = X["a"].notna().to_numpy()
    sizes = [complete[train].sum() for train, _ in KFold(4).split(X)]
    assert row["train_rows"] == np.mean(sizes)
    scores = []
    for train, test in KFold(4).split(X):
        kept = train[complete[train]]
        filler = SimpleImputer(strategy="median").fit(X.iloc[kept])
        model = LogisticRegression().fit(X.iloc[kept].to_numpy(), y[kept])
        scores.append(model.score(filler.transform(X.iloc[test]), y[test]))
    assert row["score"] == pytest.approx(np.mean(scores))
    assert "test rows with gaps are filled with medians" in report.notes[-1]


def test_as_it_is_where_the_estimator_takes_gaps():
    X, y = mixed()
    boosting = HistGradientBoostingClassifier(max_iter=5, max_leaf_nodes=4)
    report = compare_imputation(boosting, X, y, ["median"], 3, random_state=0)
    assert report.frame.index.tolist() == [
        "median",
        "median + indicators",
        "as it is",
        "drop rows",
    ]
    scaled = make_pipeline(StandardScaler(), boosting)
    assert "as it is" in compare_imputation(scaled, X, y, ["mean"], 3).frame.index
    report = compare_imputation(LogisticRegression(), X[["a"]], y, ["mean"], 3)
    assert "as it is" not in report.frame.index
    assert "as it is" not in set(report.folds["strategy"])
    assert "the estimator takes no gaps" in " ".join(report.notes)


def test_columns_of_every_type():
    X, y = mixed()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    report = compare_imputation(model, X, y, {"fill": "median"}, 3)
    assert report.frame.loc[["fill", "fill + indicators"], "problem"].eq("").all()
    only = compare_imputation(model, X[["kind"]], y, ["most_frequent"], 3)
    assert only.frame["folds"].eq(3).all()


def test_regression_and_other_folds():
    X, _ = data(120)
    target = X["b"] + np.arange(120) / 50
    for cv in (3, ShuffleSplit(3, random_state=0), list(KFold(3).split(X))):
        report = compare_imputation(LinearRegression(), X, target, ["mean"], cv)
        assert report.n_folds == 3
        assert report.frame.loc["mean", "folds"] == 3
    one = compare_imputation(LinearRegression(), X, target, ["mean", "median"], [
        (np.arange(60), np.arange(60, 120))
    ])  # fmt: skip
    assert np.isnan(one.frame.loc["median", "low"])
    with pytest.raises(ValueError, match="groups"):
        compare_imputation(LinearRegression(), X, target, ["mean"], GroupKFold(2))


def test_an_imputer_that_writes_into_its_input():
    frame, y = data()
    before = frame.copy()
    imputers = {"regression": IterativeImputer(random_state=0)}
    report = compare_imputation(LogisticRegression(), frame, y, imputers, KFold(3))
    assert (
        report.frame.loc[["regression", "regression + indicators"], "folds"] == 3
    ).all()
    pd.testing.assert_frame_equal(frame, before)


def test_random_state_makes_it_repeatable():
    X, y = data(120)
    forest = RandomForestClassifier(5)
    one, two = (
        compare_imputation(forest, X, y, ["mean"], 3, random_state=4).frame["score"]
        for _ in range(2)
    )
    pd.testing.assert_series_equal(one, two)
    assert forest.random_state is None


def test_indicators_alone_or_not():
    X, y = data(60)
    model = LogisticRegression()
    for given, expected in [
        (False, ["mean", "drop rows"]),
        (True, ["mean + indicators", "drop rows"]),
        ([True, False], ["mean + indicators", "mean", "drop rows"]),
    ]:
        report = compare_imputation(model, X, y, ["mean"], 2, indicators=given)
        assert report.frame.index.tolist() == expected
        assert report.baseline == expected[0]


def test_no_gaps_and_empty_columns():
    X, y = data(60)
    full = compare_imputation(LogisticRegression(), X[["b", "c"]], y, ["mean"], 2)
    assert full.frame["score"].nunique() == 1
    assert "no missing values" in " ".join(full.notes)
    report = compare_imputation(
        LogisticRegression(), X.assign(e=np.nan), y, ["mean"], 2
    )
    assert "left out, without any value: e" in report.notes


def test_no_complete_row_is_a_row_with_the_reason():
    X, y = data(60)
    X["b"] = X["b"].where(X["a"].isna())
    report = compare_imputation(LogisticRegression(), X, y, ["mean"], 2)
    row = report.frame.loc["drop rows"]
    assert (row["folds"], row["problem"]) == (0, "no training row is complete")
    assert np.isnan(row["score"])
    assert any("drop rows failed in 2 of 2" in note for note in report.notes)
    assert len(report.plot().get_yticklabels()) == 2
    mpl.pyplot.close("all")


def test_a_column_that_is_empty_in_a_training_part():
    X, y = data(60)
    X["late"] = np.where(np.arange(60) < 30, np.nan, 1.0)
    report = compare_imputation(LogisticRegression(), X, y, ["mean"], KFold(2))
    assert report.frame.loc["mean", "folds"] == 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"imputers": []}, ValueError, "imputers is empty"),
        ({"imputers": ["zero"]}, TypeError, "the imputer 'zero'"),
        ({"imputers": [SimpleImputer]}, TypeError, "pass an instance"),
        ({"imputers": ["mean", "mean"]}, ValueError, "names twice"),
        ({"imputers": {"drop rows": "mean"}}, ValueError, "names twice"),
        ({"indicators": "yes"}, ValueError, "indicators is 'yes'"),
        ({"indicators": ()}, ValueError, "indicators is"),
        ({"y": [1, 0]}, ValueError, "lengths differ"),
        ({"y": [np.nan] + [0.0, 1] * 10 + [1.0]}, ValueError, "y has missing values"),
        (
            {"y": pd.Series([0, 1] * 11, index=range(1, 23))},
            ValueError,
            "different ind",
        ),
    ],
)
def test_bad_arguments(options, error, message):
    X, y = data(22)
    given = {"y": y, "imputers": ["mean"], "cv": 2} | options
    with pytest.raises(error, match=message):
        compare_imputation(LogisticRegression(), X, **given)


def test_names_of_columns_change_nothing():
    # scikit-learn reads numbers as positions and refuses tuples and mixtures.
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(90, 2)), columns=["a", "b"])
    frame["kind"] = pd.Categorical(rng.choice(list("xyz"), 90))
    frame["took"] = pd.to_timedelta(rng.integers(0, 9, 90), unit="s")
    frame["empty"] = np.nan
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    y = rng.random(90) < 0.5
    named = compare_imputation(
        DecisionTreeClassifier(random_state=0), frame, y, "mean", 3
    )
    assert named.frame["folds"].min() == 3
    pairs = [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1)]
    for names in ([7, 0, 2, 9, 1], [0, "b", 2, "d", "e"], pairs):
        other = compare_imputation(
            DecisionTreeClassifier(random_state=0),
            frame.set_axis(names, axis=1),
            y,
            "mean",
            3,
        )
        pd.testing.assert_frame_equal(other.frame, named.frame)
