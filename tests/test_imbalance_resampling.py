"""Honest resampling: no row of the test part leaks, and the numbers are right."""

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from imblearn.under_sampling import RandomUnderSampler, TomekLinks
from scipy import sparse
from scipy.special import expit
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold, ShuffleSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from mlworkbench._stats import calibration_line, corrected_interval
from mlworkbench.imbalance import CostMatrix, compare_resampling
from mlworkbench.imbalance import _resampling_folds as engine
from mlworkbench.imbalance._resampling_folds import best_threshold

mpl.use("Agg")


def logistic(n, seed=0, constant=-2.0):
    """Rows of a known logistic model; the last feature is the row's number."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = rng.random(n) < expit(constant + X @ [1.0, 0.5])
    return np.column_stack([X, np.arange(n)]), y.astype(int)


def model():
    return make_pipeline(StandardScaler(), LogisticRegression())


SEEN = []  # row numbers that a spy was given, one array per call


class Spy(BaseEstimator):
    """Record the rows it is given, and return them as they are."""

    def fit_resample(self, X, y):
        values = X["id"] if isinstance(X, pd.DataFrame) else X[:, -1]
        SEEN.append(np.asarray(values).astype(int))
        return X, y


@pytest.fixture(autouse=True)
def nothing_seen():
    SEEN.clear()


# Leaks


def test_a_sampler_gets_the_training_rows_of_its_fold_and_no_other():
    X, y = logistic(400)
    splits = list(StratifiedKFold(4, shuffle=True, random_state=0).split(X, y))
    compare_resampling(model(), X, y, [Spy()], splits, threshold_cv=2)
    per_fold = 1 + 2  # the fit, and the inner fits for the threshold
    assert len(SEEN) == per_fold * len(splits)
    for fold, (train, test) in enumerate(splits):
        whole, *inner = SEEN[per_fold * fold : per_fold * (fold + 1)]
        np.testing.assert_array_equal(whole, train)
        for rows in inner:
            assert not set(rows) & set(test)
            assert set(rows) < set(train)
        assert not set(inner[0]) & set(train) - set(train)
        # Each training row is held out in exactly one inner fold.
        assert sorted([*inner[0], *inner[1]]) == sorted(train)


def test_planted_rows_of_the_test_fold_are_caught_by_row_number():
    X, y = logistic(300)
    splits = list(StratifiedKFold(3).split(X, y))
    train, test = splits[1]
    splits[1] = (np.r_[train, test[:5]], test)
    match = rf"fold 1: 5 row\(s\) are in the test part .*first: row {test[0]}"
    with pytest.raises(ValueError, match=match):
        compare_resampling(model(), X, y, [Spy()], splits)
    assert not SEEN  # refused before a sampler saw anything


def test_planting_rows_inside_the_engine_is_caught_before_the_sampler(monkeypatch):
    X, y = logistic(300)
    right = engine._resample

    def leaky(task, remedy, fold, X_train, train, test):
        return right(task, remedy, fold, X_train, np.r_[train, test[:1]], test)

    monkeypatch.setattr(engine, "_resample", leaky)
    with pytest.raises(ValueError, match=r"fold 0, Spy: 1 row\(s\) .* flattered"):
        compare_resampling(model(), X, y, [Spy()], 3)
    assert not SEEN


class KnowsEverything(BaseEstimator):
    """A sampler that brings rows of its own, whatever it is given."""

    def __init__(self, X=None, y=None):
        self.X = X
        self.y = y

    def fit_resample(self, X, y):
        return self.X, self.y


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_sampler_that_brings_test_rows_is_named(as_frame):
    X, y = logistic(300)
    if as_frame:
        X = pd.DataFrame(X, columns=["a", "b", "id"])
    samplers = {"leaky": KnowsEverything(X, y), "clean": Spy()}
    report = compare_resampling(model(), X, y, samplers, 3)
    by_name = report.folds.groupby("remedy")["test_rows_returned"].sum()
    assert by_name["leaky"] == 300  # every row is a test row once
    assert by_name["clean"] == 0 == by_name["nothing"]
    noted = [note for note in report.notes if "equal test rows" in note]
    assert len(noted) == 1
    assert noted[0].startswith("leaky returned 300 row(s)")


def test_copies_of_training_rows_are_not_called_a_leak():
    X, y = logistic(150)
    X, y = np.vstack([X, X]), np.r_[y, y]  # each test row has a twin in training
    splits = [(np.arange(150), np.arange(150, 300))]
    report = compare_resampling(model(), X, y, [RandomOverSampler()], splits)
    assert report.folds["test_rows_returned"].sum() == 0


# Numbers


def test_every_number_agrees_with_scikit_learn_done_by_hand():
    X, y = logistic(600)
    cv, costs = StratifiedKFold(3), np.array([[0, 1.0], [7.0, 0.5]])
    sampler = RandomUnderSampler(random_state=3)
    report = compare_resampling(model(), X, y, {"under": sampler}, cv, costs)
    for fold, (train, test) in enumerate(cv.split(X, y)):
        rows = report.folds[report.folds["fold"] == fold].set_index("remedy")
        resampled = clone(sampler).fit_resample(X[train], y[train])
        for name, (X_fit, y_fit) in {
            "nothing": (X[train], y[train]),
            "under": resampled,
        }.items():
            prob = model().fit(X_fit, y_fit).predict_proba(X[test])[:, 1]
            row = rows.loc[name]
            assert row["pr_auc"] == average_precision_score(y[test], prob)
            assert row["roc_auc"] == roc_auc_score(y[test], prob)
            for at, column in (
                (0.5, "cost"),
                (row["threshold"], "cost_best_threshold"),
            ):
                paid = costs[y[test], (prob >= at).astype(int)].mean()
                assert row[column] == pytest.approx(paid, rel=1e-12)
            line = (row["calibration_slope"], row["calibration_intercept"])
            assert line == calibration_line(y[test] == 1, prob)
            assert row["mean_probability"] == pytest.approx(prob.mean(), rel=1e-12)
            assert row["event_rate"] == y[test].mean()
            assert row["rows"] == len(y_fit)
    means = report.folds.groupby("remedy")["pr_auc"].mean()
    pd.testing.assert_series_equal(
        report.frame["pr_auc"].sort_index(), means, check_names=False
    )


def test_threshold_moved_is_the_same_model_with_another_threshold():
    X, y = logistic(900, constant=-3)
    report = compare_resampling(model(), X, y, [], 3, [[0, 1], [20, 0]])
    nothing, moved = report.frame.loc["nothing"], report.frame.loc["threshold moved"]
    for same in ("pr_auc", "roc_auc", "calibration_slope", "threshold", "rows"):
        assert nothing[same] == moved[same]
    assert moved["cost"] == nothing["cost_best_threshold"] < nothing["cost"]
    # Elkan's threshold for these costs is 1 / 21.
    assert moved["threshold"] == pytest.approx(1 / 21, abs=0.03)


def test_the_threshold_never_sees_the_test_fold():
    X, y = logistic(600)
    train, test = next(iter(StratifiedKFold(3).split(X, y)))
    one = compare_resampling(model(), X, y, [], [(train, test)])
    changed = y.copy()
    changed[test] = 1 - changed[test]
    costs = one.costs  # the same costs, whatever the labels of the test fold
    one = compare_resampling(model(), X, y, [], [(train, test)], costs)
    other = compare_resampling(model(), X, changed, [], [(train, test)], costs)
    assert one.folds["threshold"].tolist() == other.folds["threshold"].tolist()
    assert one.frame.loc["nothing", "roc_auc"] == pytest.approx(
        1 - other.frame.loc["nothing", "roc_auc"]
    )


scores = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(scores)
def test_best_threshold_is_the_best_of_all(rows):
    prob = np.array([row[0] for row in rows]) / 6
    quiet = np.array([row[2] * row[1] for row in rows], float)
    alarm = np.array([row[3] * (not row[1]) for row in rows], float)
    got = best_threshold(prob, quiet, alarm)
    every = [-1.0, *np.unique(prob), 2.0]
    paid = [np.where(prob >= at, alarm, quiet).sum() for at in every]
    assert np.where(prob >= got, alarm, quiet).sum() == pytest.approx(min(paid))
    assert got >= 0


def test_without_costs_the_cost_is_one_minus_balanced_accuracy():
    X, y = logistic(600)
    report = compare_resampling(model(), X, y, [], 3)
    rate = y.mean()
    expected = [[0, 0.5 / (1 - rate)], [0.5 / rate, 0]]
    np.testing.assert_allclose(report.costs.costs, expected)
    assert any("balanced accuracy" in note for note in report.notes)
    with_costs = compare_resampling(model(), X, y, [], 3, expected)
    pd.testing.assert_frame_equal(report.frame, with_costs.frame)
    assert not with_costs.notes


def test_costs_of_every_row_and_a_labelled_matrix():
    X, y = logistic(400)
    matrix = [[0, 1], [9, 0]]
    plain = compare_resampling(model(), X, y, [], 3, matrix)
    rows = compare_resampling(model(), X, y, [], 3, np.tile(matrix, (400, 1, 1)))
    pd.testing.assert_frame_equal(plain.frame, rows.frame)
    # The same with names, the positive class first in the alphabet.
    names = np.where(y == 1, "CANCER", "NORMAL")
    costs = CostMatrix([[0, 9], [1, 0]], ["CANCER", "NORMAL"])
    # An array has the positive class second, wherever its name is in the alphabet.
    for given_costs in (costs, matrix, CostMatrix(matrix), costs.frame):
        named = compare_resampling(
            model(), X, names, [], 3, given_costs, pos_label="CANCER"
        )
        columns = ["pr_auc", "cost", "cost_best_threshold", "calibration_slope"]
        np.testing.assert_allclose(
            named.frame[columns], plain.frame[columns], rtol=1e-3
        )


def test_differences_are_paired_by_fold():
    X, y = logistic(900)
    report = compare_resampling(
        model(), X, y, [SMOTE(k_neighbors=3)], 4, random_state=0
    )
    folds = report.folds.pivot(index="fold", columns="remedy", values="pr_auc")
    gap = (folds["SMOTE"] - folds["nothing"]).to_numpy()
    row = report.frame.loc["SMOTE"]
    low, high = corrected_interval(gap, 1 / 3)
    assert row["pr_auc_difference"] == pytest.approx(gap.mean(), rel=1e-12)
    assert (row["pr_auc_low"], row["pr_auc_high"]) == pytest.approx((low, high))
    wide = report.differences.set_index(["remedy", "metric"])
    assert wide.loc[("SMOTE", "pr_auc"), "difference"] == row["pr_auc_difference"]
    assert wide.loc[("SMOTE", "pr_auc"), "folds"] == 4
    assert "nothing" not in set(report.differences["remedy"])


def test_resampling_keeps_the_ranking_and_ruins_calibration():
    # The claim of van den Goorbergh et al. (2022): 1 % events, a logistic truth.
    rng = np.random.default_rng(1)
    X = rng.normal(size=(30_000, 4))
    y = rng.random(30_000) < expit(-5.2 + X @ [1.0, 0.7, 0.4, 0.0])
    assert 0.008 < y.mean() < 0.013
    samplers = {
        "over": RandomOverSampler(),
        "under": RandomUnderSampler(),
        "SMOTE": SMOTE(),
    }
    report = compare_resampling(LogisticRegression(), X, y, samplers, 5, random_state=0)
    frame = report.frame
    assert frame.loc["nothing", "calibration_slope"] == pytest.approx(1, abs=0.1)
    assert frame.loc["nothing", "calibration_intercept"] == pytest.approx(0, abs=0.1)
    for name in ("class weight", *samplers):
        row, nothing = frame.loc[name], frame.loc["nothing"]
        assert row["roc_auc"] == pytest.approx(nothing["roc_auc"], abs=0.01)
        assert row["calibration_intercept"] < -4
        assert row["mean_probability"] > 20 * row["event_rate"]
        # Judged at 0.5 resampling looks like a rescue; a threshold does as much.
        assert row["cost"] < nothing["cost"] - 0.1
        assert row["cost_best_threshold"] > nothing["cost_best_threshold"] - 0.01


# Inputs


def test_a_sampler_that_fails_is_a_row_with_the_reason():
    X, y = logistic(300)
    samplers = {"too many": SMOTE(k_neighbors=200), "works": RandomOverSampler()}
    report = compare_resampling(model(), X, y, samplers, 3)
    row = report.frame.loc["too many"]
    assert row["folds"] == 0
    assert np.isnan(row["pr_auc"])
    assert np.isnan(row["pr_auc_difference"])
    assert row["problem"].startswith("ValueError: Expected n_neighbors <=")
    assert any(note.startswith("too many failed in 3 of 3") for note in report.notes)
    assert report.frame.loc["works", "folds"] == 3
    assert report.frame.loc["works", "problem"] == ""
    assert len(report.plot().child_axes[0].get_yticks()) == 4


class FailsOnce(BaseEstimator):
    def fit_resample(self, X, y):
        if 0 in X[:, -1]:
            raise RuntimeError("row 0 is bad luck")
        return X, y


class OneClass(BaseEstimator):
    def fit_resample(self, X, y):
        return X[y == 0], y[y == 0]


def test_a_sampler_may_fail_in_some_folds_or_lose_a_class():
    X, y = logistic(300)
    report = compare_resampling(model(), X, y, [FailsOnce(), OneClass()], 3)
    row = report.frame.loc["FailsOnce"]
    assert row["folds"] == 1  # row 0 is a training row of the two others
    assert "row 0 is bad luck" in row["problem"]
    assert any("2 of 3 folds" in note for note in report.notes)
    alone = report.frame.loc["nothing", "pr_auc"]
    assert row["pr_auc"] != alone  # the mean of the fold that worked
    assert row["pr_auc_difference"] == pytest.approx(0)
    assert "only the class(es) [0] are left" in report.frame.loc["OneClass", "problem"]


class BreaksBelow(BaseEstimator):
    def fit_resample(self, X, y):
        if len(y) < 180:
            raise RuntimeError("too few rows")
        return X, y


def test_a_sampler_that_fails_only_in_the_inner_folds_keeps_its_scores():
    X, y = logistic(300)
    report = compare_resampling(model(), X, y, [BreaksBelow()], 3, threshold_cv=2)
    row = report.frame.loc["BreaksBelow"]
    assert row["pr_auc"] == report.frame.loc["nothing", "pr_auc"]
    assert np.isnan(row["cost_best_threshold"])
    assert row["problem"] == "no best threshold: RuntimeError: too few rows"


class KeepsNames(BaseEstimator):
    def fit_resample(self, X, y):
        assert list(X.columns) == ["a", "b", "id"]
        return X, y


def test_frames_keep_their_columns_and_sparse_rows_work():
    X, y = logistic(300)
    frame = pd.DataFrame(X, columns=["a", "b", "id"], index=np.arange(300) * 2)
    target = pd.Series(y, index=frame.index)
    plain = compare_resampling(GaussianNB(), X, y, [TomekLinks()], 3)
    named = compare_resampling(
        GaussianNB(), frame, target, [TomekLinks(), KeepsNames()], 3
    )
    np.testing.assert_allclose(
        named.frame.loc["TomekLinks", "pr_auc"], plain.frame.loc["TomekLinks", "pr_auc"]
    )
    assert named.frame.loc["KeepsNames", "problem"] == ""
    thin = compare_resampling(
        LogisticRegression(),
        sparse.coo_matrix(X[:, :2]),
        y,
        [RandomOverSampler(random_state=0)],
        3,
    )
    thick = compare_resampling(
        LogisticRegression(), X[:, :2], y, [RandomOverSampler(random_state=0)], 3
    )
    np.testing.assert_allclose(thin.frame["pr_auc"], thick.frame["pr_auc"], rtol=1e-3)


def test_class_weight_row_only_where_the_estimator_has_one():
    X, y = logistic(300)
    assert "class weight" in compare_resampling(model(), X, y, [], 3).frame.index
    assert (
        "class weight" not in compare_resampling(GaussianNB(), X, y, [], 3).frame.index
    )
    given_one = LogisticRegression(class_weight={0: 1, 1: 2}, max_iter=1000)
    report = compare_resampling(given_one, X[:, :2], y, [], 3)
    assert list(report.frame.index) == ["nothing", "threshold moved"]


def test_strings_and_sampling_strategies_by_class():
    X, y = logistic(600)
    names = np.where(y == 1, "late", "punctual")
    sampler = RandomUnderSampler(sampling_strategy={"punctual": 100}, random_state=0)
    report = compare_resampling(model(), X, names, [sampler], 3, pos_label="late")
    kept = report.folds.set_index("remedy").loc["RandomUnderSampler", "rows"]
    assert (kept == 100 + 2 * y.sum() // 3).all() or kept.nunique() <= 2
    assert report.frame.loc["nothing", "event_rate"] == pytest.approx(y.mean())
    with pytest.raises(ValueError, match="say with pos_label which one is positive"):
        compare_resampling(model(), X, names, [sampler], 3)


def test_groups_stay_together_in_the_inner_folds_too():
    X, y = logistic(600)
    groups = np.arange(600) // 6
    compare_resampling(
        model(), X, y, [Spy()], GroupKFold(3), groups=groups, threshold_cv=2
    )
    assert len(SEEN) == 9
    for fold in range(3):
        whole, one, two = (set(groups[rows]) for rows in SEEN[3 * fold : 3 * fold + 3])
        assert one.isdisjoint(two)
        assert one | two == whole


def test_a_number_of_folds_does_not_cut_through_groups():
    X, y = logistic(600)
    groups = np.arange(600) % 40
    SEEN.clear()
    report = compare_resampling(model(), X, y, [Spy()], 4, groups=groups)
    assert report.n_folds == 4
    trained = [set(groups[rows]) for rows in SEEN[:: len(SEEN) // 4]]
    tested = [set(range(40)) - there for there in trained]
    assert sorted(group for fold in tested for group in fold) == list(range(40))


class SeesScaled(BaseEstimator):
    def fit_resample(self, X, y):
        assert abs(X.min()) < 1e-9
        assert abs(X.max() - 1) < 1e-9
        return X, y


def test_resampling_inside_a_pipeline():
    X, y = logistic(300)
    chain = make_pipeline(MinMaxScaler(), LogisticRegression())
    for before in ("logisticregression", "minmaxscaler", None):
        report = compare_resampling(chain, X, y, [SeesScaled()], 3, before=before)
        if before == "logisticregression":
            assert report.frame.loc["SeesScaled", "problem"] == ""
            expected = report.frame.loc["nothing", "pr_auc"]
            assert report.frame.loc["SeesScaled", "pr_auc"] == expected
        else:
            assert "AssertionError" in report.frame.loc["SeesScaled", "problem"]
    with pytest.raises(ValueError, match=r"before is 'scale'; .*\['minmaxscaler'"):
        compare_resampling(chain, X, y, [], 3, before="scale")


def test_same_seed_same_report_and_nothing_given_is_changed():
    X, y = logistic(300)
    copy = X.copy()
    samplers = {"over": RandomOverSampler(), "fixed": SMOTE(random_state=1)}
    estimator = model()
    one, two, other = (
        compare_resampling(estimator, X, y, samplers, 3, random_state=seed)
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.folds, two.folds)
    assert str(one) == str(two)  # no time in it
    assert one.frame.loc["over", "pr_auc"] != other.frame.loc["over", "pr_auc"]
    assert samplers["over"].random_state is None
    assert not hasattr(estimator[-1], "coef_")
    np.testing.assert_array_equal(X, copy)


def test_one_fold_has_no_interval():
    X, y = logistic(300)
    cv = ShuffleSplit(1, random_state=0)
    report = compare_resampling(model(), X, y, [RandomOverSampler()], cv)
    assert report.n_folds == 1
    assert np.isnan(report.frame.loc["RandomOverSampler", "pr_auc_low"])
    assert np.isfinite(report.frame.loc["RandomOverSampler", "pr_auc_difference"])


def test_report_shows_saves_and_keeps_times_apart(tmp_path):
    X, y = logistic(300)
    report = compare_resampling(model(), X, y, [RandomOverSampler()], 3)
    assert (report.fit_seconds > 0).all()
    assert list(report.fit_seconds.index) == list(report.frame.index)
    assert "seconds" not in str(report)
    assert "seconds" not in json.dumps(report.to_dict())
    assert not [c for c in [*report.frame, *report.folds] if "seconds" in c]
    left, right = report.plot().child_axes
    assert [t.get_text() for t in left.get_yticklabels()] == list(report.frame.index)[
        ::-1
    ]
    np.testing.assert_allclose(
        right.lines[0].get_xdata(), report.frame["calibration_intercept"][::-1]
    )
    assert report.save(tmp_path / "report.html").stat().st_size > 5_000


def test_bad_inputs_teach():
    X, y = logistic(120)
    frame = pd.DataFrame(X)
    call = compare_resampling
    with pytest.raises(TypeError, match="Perceptron without predict_proba"):
        call(Perceptron(), X, y, [], 3)
    with pytest.raises(
        TypeError, match=r"'SMOTE' is the class SMOTE|is the class SMOTE"
    ):
        call(model(), X, y, {"SMOTE": SMOTE}, 3)
    with pytest.raises(
        TypeError, match="'scale' is a StandardScaler; pass an instance"
    ):
        call(model(), X, y, {"scale": StandardScaler()}, 3)
    scaled = make_imblearn_pipeline(StandardScaler(), SMOTE())
    with pytest.raises(TypeError, match=r"also transforms, .* name in before="):
        call(model(), X, y, {"scaled": scaled}, 3)
    with pytest.raises(ValueError, match="'SMOTE' is there twice"):
        call(model(), X, y, [SMOTE(), SMOTE()], 3)
    with pytest.raises(ValueError, match="'nothing' is there twice or taken"):
        call(model(), X, y, {"nothing": SMOTE()}, 3)
    with pytest.raises(ValueError, match="different indexes"):
        call(model(), frame, pd.Series(y, index=frame.index[::-1]), [], 3)
    with pytest.raises(ValueError, match="lengths differ"):
        call(model(), X, y[:-1], [], 3)
    with pytest.raises(ValueError, match="y has 0 positive of 120 rows"):
        call(model(), X, np.zeros(120, int), [], 3)
    with pytest.raises(ValueError, match="3 classes"):
        call(model(), X, np.arange(120) % 3, [], 3)
    with pytest.raises(ValueError, match="missing values"):
        call(model(), X, np.where(y == 1, np.nan, 0.0), [], 3)
    with pytest.raises(ValueError, match="test part of fold 0 has 0 positive"):
        call(model(), X[np.argsort(y)], np.sort(y), [], [(range(60, 120), range(9))])
    with pytest.raises(ValueError, match="cv gives no fold"):
        call(model(), X, y, [], [])
    with pytest.raises(ValueError, match="threshold_cv is 1; pass 2 or more"):
        call(model(), X, y, [], 3, threshold_cv=1)
    with pytest.raises(TypeError, match=r"samplers is None; pass a list"):
        call(model(), X, y, None, 3)
    with pytest.raises(TypeError, match=r"samplers is 'smote'; pass a list"):
        call(model(), X, y, "smote", 3)
    with pytest.raises(TypeError, match=r"'SMOTE' is the class SMOTE; pass an inst"):
        call(model(), X, y, [SMOTE], 3)
    with pytest.raises(TypeError, match=r"class GaussianNB; pass an .* GaussianNB\(\)"):
        call(GaussianNB, X, y, [], 3)
    with pytest.raises(ValueError, match=r"costs has .*classes, here are 2"):
        call(model(), X, y, [], 3, CostMatrix(np.ones((3, 3))))
    few = np.zeros(120, int)
    few[[0, 50, 119]] = 1
    with pytest.raises(
        ValueError, match=r"too few rows of a class .* lower threshold_cv"
    ):
        call(model(), X, few, [], [(range(60), range(60, 120))], threshold_cv=4)


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "int8", "float64", "object"])
def test_the_type_of_the_target_does_not_matter(dtype):
    X, y = logistic(300)
    sampler = RandomUnderSampler(random_state=0)
    plain = compare_resampling(model(), X, y, [sampler], 3)
    other = compare_resampling(model(), X, pd.Series(y).astype(dtype), [sampler], 3)
    assert (other.frame["problem"] == "").all()
    pd.testing.assert_frame_equal(plain.frame, other.frame)


def test_samplers_in_a_row_are_a_sampler():
    X, y = logistic(300)
    both = make_imblearn_pipeline(
        SMOTE(random_state=0, sampling_strategy=0.5), RandomUnderSampler(random_state=0)
    )
    report = compare_resampling(model(), X, y, {"both": both}, 3)
    assert report.frame.loc["both", "problem"] == ""
    per_fold = report.folds.query("remedy == 'both'")["rows"]
    assert (per_fold % 2 == 0).all()
