"""Importance: shuffled, left out, explained; groups of correlated columns."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import kendalltau, spearmanr
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import (
    ColumnTransformer,
    make_column_selector,
    make_column_transformer,
)
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlworkbench.features import ImportanceReport, importance_report
from mlworkbench.features import _importance_shap as shapley
from mlworkbench.features._correlated_groups import association, coded, find_groups
from mlworkbench.features._importance_methods import Fold, Task, drop_losses

SHUFFLED = KFold(3, shuffle=True, random_state=0)


def twins(n=400, seed=0):
    """Three columns: a, nearly a again, b; y = 2 a + b."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    X = pd.DataFrame({"a": a, "twin": a + 0.01 * rng.normal(size=n), "b": b})
    return X, 2 * a + b + 0.1 * rng.normal(size=n)


def mixed(n=300, seed=0):
    """Columns of every kind that flights have."""
    rng = np.random.default_rng(seed)
    hour = rng.integers(5, 23, n)
    X = pd.DataFrame(
        {
            "hour": hour,
            "carrier": pd.Series(rng.choice(["UA", "AA", "DL"], n), dtype="str"),
            "origin": pd.Categorical(rng.choice(["JFK", "EWR"], n)),
            "air_time": pd.array(rng.integers(30, 300, n), dtype="Int64"),
            "weekend": rng.random(n) < 0.3,
            "time_hour": pd.Timestamp("2013-01-01", tz="America/New_York")
            + pd.to_timedelta(hour, unit="h"),
            "nothing": np.full(n, np.nan),
        }
    )
    X.loc[:9, "air_time"] = pd.NA
    y = hour + 10 * (X["carrier"] == "UA") + rng.normal(size=n)
    return X, y.to_numpy()


def encoder():
    return make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin"]),
        (StandardScaler(), ["hour", "weekend"]),
    )


# --- associations and groups


def test_association_of_two_numbers_is_spearmans():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(50, 3)), columns=list("abc"))
    frame["c"] = np.exp(-frame["a"])
    found = association(frame)
    assert found.loc["a", "c"] == pytest.approx(1)
    assert found.loc["a", "b"] == pytest.approx(
        abs(spearmanr(frame["a"], frame["b"]).statistic)
    )


def test_association_of_categories_is_bergsmas_v():
    # By hand: 2 × 2 table [[30, 10], [10, 30]]: phi² = .25, n = 80;
    # corrected (.25 - 1/79) / (1 - 1/79) = .24050...
    a = np.repeat(["x", "y"], 40)
    b = np.r_[np.repeat(["u", "v"], [30, 10]), np.repeat(["u", "v"], [10, 30])]
    found = association(pd.DataFrame({"a": a, "b": b})).loc["a", "b"]
    assert found == pytest.approx(np.sqrt((0.25 - 1 / 79) / (1 - 1 / 79)))


def test_association_of_a_category_and_a_number_is_the_corrected_ratio():
    # Ranks 1..6 in groups of two: between 16, total 17.5; within 1.5.
    # epsilon² = 1 - 1.5 / 17.5 · 5 / 3
    frame = pd.DataFrame({"g": list("aabbcc"), "x": [1, 2, 30, 40, 500, 600]})
    expected = np.sqrt(1 - 1.5 / 17.5 * 5 / 3)
    assert association(frame).loc["g", "x"] == pytest.approx(expected)


def test_columns_of_chance_go_with_none_however_many_categories():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "tailnum": rng.integers(0, 500, 1000).astype(str),
            "dest": rng.integers(0, 100, 1000).astype(str),
            "x": rng.normal(size=1000),
        }
    )
    found = association(frame).to_numpy()
    assert found[~np.eye(3, dtype=bool)].max() < 0.3


def test_constant_missing_and_unique_columns_have_no_association():
    frame = pd.DataFrame(
        {
            "constant": [1.0] * 6,
            "missing": [np.nan] * 6,
            "unique": list("abcdef"),
            "x": range(6),
            "lists": [[i] for i in range(6)],
        }
    )
    found = association(frame)
    assert found.notna().all().all()
    assert found.loc["x", ["constant", "missing", "unique"]].tolist() == [0, 0, 0]


def test_every_kind_of_column_is_coded():
    X, _ = mixed(30)
    X["length"] = pd.to_timedelta(np.arange(30), unit="h")
    X["grade"] = pd.Categorical(["b", "a"] * 15, ["a", "b"], ordered=True)
    kinds = {name: coded(X[name])[1] for name in X}
    assert not kinds["carrier"]
    assert not kinds["origin"]
    assert all(kinds[c] for c in set(X) - {"carrier", "origin"})
    assert np.isnan(coded(X["air_time"])[0][:10]).all()
    assert coded(X["grade"])[0][:2].tolist() == [1, 0]


def test_groups_need_the_threshold_and_keep_the_order():
    strength = pd.DataFrame(
        [[1, 0.1, 0.7], [0.1, 1, 0.2], [0.7, 0.2, 1]],
        index=list("abc"),
        columns=list("abc"),
    )
    assert find_groups(strength, 0.7) == {"a + c": ["a", "c"], "b": ["b"]}
    assert find_groups(strength, 0.71) == {c: [c] for c in "abc"}


def test_groups_of_many_columns_have_short_names_that_are_not_taken():
    columns = ["a", "b", "c", "d", "e", "a + b + c + d + 1 more"]
    strength = pd.DataFrame(np.eye(6), index=columns, columns=columns)
    strength.iloc[:5, :5] = 1.0
    names = list(find_groups(strength, 0.7))
    assert names == ["a + b + c + d + 1 more (group)", "a + b + c + d + 1 more"]


# --- permutation and dropping against brute force


def test_permutation_is_the_loss_with_the_group_shuffled_as_one():
    X, y = twins()
    report = importance_report(
        LinearRegression(),
        X,
        y,
        {"both": ["a", "twin"]},
        SHUFFLED,
        methods="permutation",
        n_repeats=60,
        random_state=0,
    )
    rng, losses = np.random.default_rng(9), []
    for train, test in SHUFFLED.split(X):
        model = LinearRegression().fit(X.iloc[train], y[train])
        for _ in range(60):
            other = X.iloc[test].copy()
            order = rng.permutation(len(test))
            other[["a", "twin"]] = other[["a", "twin"]].to_numpy()[order]
            full = r2_score(y[test], model.predict(X.iloc[test]))
            losses.append(full - r2_score(y[test], model.predict(other)))
    found = report.frame.loc["both", "permutation"]
    assert found == pytest.approx(np.mean(losses), rel=0.03)


@pytest.mark.parametrize("kind", [LinearRegression(), RandomForestRegressor(10)])
def test_drop_is_the_loss_of_a_refit(kind):
    X, y = twins(150)
    report = importance_report(kind, X, y, {}, 4, methods="drop", random_state=5)
    model = clone(kind)
    seed = int(np.random.default_rng(5).integers(2**31))
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    full = cross_val_score(model, X, y, cv=4)
    for column in X:
        without = cross_val_score(model, X.drop(columns=column), y, cv=4)
        row = report.frame.loc[column]
        assert row["drop"] == pytest.approx(np.mean(full - without))
        assert row["drop_sd"] == pytest.approx(np.std(full - without, ddof=1))


def test_a_column_is_taken_out_of_a_column_transformer():
    X, y = mixed()
    model = make_pipeline(encoder(), Ridge())
    report = importance_report(model, X, y, {}, 3, methods="drop", random_state=0)
    smaller = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["origin"]),
        (StandardScaler(), ["hour", "weekend"]),
    )
    full = cross_val_score(model, X, y, cv=3)
    without = cross_val_score(make_pipeline(smaller, Ridge()), X, y, cv=3)
    assert report.frame.loc["carrier", "drop"] == pytest.approx((full - without).mean())
    assert report.frame.loc[["air_time", "time_hour", "nothing"], "drop"].eq(0).all()
    assert not any("constant" in note for note in report.notes)


@pytest.mark.parametrize(
    "chosen",
    [
        [0, 2],
        slice(0, None, 2),
        np.array([True, False, True]),
        lambda X: [0, 2],
        [-3, 2],
    ],
    ids=["places", "slice", "mask", "callable", "negative"],
)
def test_positions_are_followed_when_a_column_goes(chosen):
    X, y = twins()
    X = X.to_numpy()
    model = make_pipeline(
        ColumnTransformer([("one", StandardScaler(), chosen)]), LinearRegression()
    )
    report = importance_report(model, X, y, {}, 3, methods="drop", random_state=0)
    alone = [cross_val_score(LinearRegression(), X[:, [i]], y, cv=3) for i in (0, 2)]
    full = cross_val_score(LinearRegression(), X[:, [0, 2]], y, cv=3)
    assert report.frame.loc[0, "drop"] == pytest.approx((full - alone[1]).mean())
    assert report.frame.loc[2, "drop"] == pytest.approx((full - alone[0]).mean())
    assert report.frame.loc[1, "drop"] == 0


def test_where_names_are_fixed_a_column_is_held_constant():
    X, y = twins()
    union = FeatureUnion(
        [("one", ColumnTransformer([("c", "passthrough", ["a", "b"])]))]
    )
    model = make_pipeline(union, LinearRegression())
    report = importance_report(model, X, y, {}, 3, methods="drop", random_state=0)
    without = cross_val_score(LinearRegression(), X[["b"]], y, cv=3)
    full = cross_val_score(model, X, y, cv=3)
    assert report.frame.loc["a", "drop"] == pytest.approx((full - without).mean())
    assert report.frame.loc["twin", "drop"] == pytest.approx(0, abs=1e-12)
    assert any("held constant" in note for note in report.notes)


def test_the_only_column_can_be_left_out():
    X, y = twins()
    report = importance_report(
        LinearRegression(), X[["a"]], y, cv=3, methods=["drop"], random_state=0
    )
    dummy = cross_val_score(DummyRegressor(), X, y, cv=3).mean()
    assert report.frame.loc["a", "drop"] == pytest.approx(report.score - dummy)


def test_categories_that_name_columns_by_place_do_not_slip():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=300), rng.integers(0, 5, 300)])
    y = (X[:, 1] == 2) ^ (rng.random(300) < 0.1)
    model = HistGradientBoostingClassifier(categorical_features=[1], max_iter=10)
    report = importance_report(
        model, X, y, {}, SHUFFLED, methods=["drop", "shap"], random_state=0
    )
    assert report.frame.index[0] == 1
    assert abs(report.frame.loc[0, "drop"]) < 0.05
    assert report.frame.loc[1, "shap_rank"] == 1
    assert not any("leaves" in note for note in report.notes)


# --- conditional permutation, hiding


def test_a_column_that_adds_nothing_to_its_twin_loses_little_conditionally():
    X, y = twins(1000)
    model = RandomForestRegressor(20, max_features=1, random_state=0)
    report = importance_report(
        model, X, y, cv=SHUFFLED, methods="permutation", random_state=0
    )
    table = report.by_column
    assert table.loc["a", "permutation"] > 0.1
    within = table.loc[["a", "twin"], "permutation_conditional"]
    assert within.max() < 0.2 * table.loc["a", "permutation"]
    b = table.loc["b"]
    assert b["permutation_conditional"] == b["permutation"]


def test_twins_hide_each_other_and_a_note_says_so():
    X, y = twins()
    report = importance_report(
        LinearRegression(), X, y, cv=3, methods=["permutation", "drop"], random_state=0
    )
    assert report.groups == {"a + twin": ["a", "twin"], "b": ["b"]}
    assert report.hidden == ("a + twin",)
    assert report.notes[0].startswith("a, twin hide each other: leaving out all")
    alone = report.by_column["drop"]
    assert report.frame.loc["a + twin", "drop"] > 100 * alone[["a", "twin"]].max()


def test_columns_that_each_matter_hide_nothing():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    y = X["a"] + X["b"]
    report = importance_report(
        LinearRegression(), X, y, {"ab": ["a", "b"]}, 3, methods="drop", random_state=0
    )
    assert report.hidden == ()
    assert not any("hide" in note for note in report.notes)


# --- SHAP


def test_linear_shap_is_slope_times_distance_from_the_mean():
    # φ_j = w_j (x_j - mean of the background), for any background.
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=list("abc"))
    y = X @ [3.0, -2.0, 0.5]
    train, test = np.arange(40), np.arange(40, 60)
    model = LinearRegression().fit(X.iloc[train], y.iloc[train])
    task = Task(model, X, y.to_numpy(), None, None, False, 0)
    fold = Fold(0, train, test, X.iloc[test], model, 1.0)
    background = X.iloc[:10]
    values, kind = shapley.shap_values(
        shapley.load_shap(), task, fold, X.iloc[test], background
    )
    expected = (X.iloc[test] - background.mean()) * [3.0, -2.0, 0.5]
    assert kind == "sampled"
    np.testing.assert_allclose(values[:, :, 0], expected, atol=1e-9)


def test_shap_of_a_group_is_that_of_the_sum():
    X, y = twins()
    y = y - 2 * X["a"] - X["twin"] + X["a"]  # a and its twin nearly cancel
    report = importance_report(
        LinearRegression(), X, y, cv=3, methods="shap", random_state=0
    )
    single = report.by_column.loc[["a", "twin"], "shap"]
    assert report.frame.loc["a + twin", "shap"] < 0.2 * max(single.min(), 1)


def test_trees_behind_an_encoder_are_explained_by_raw_columns():
    X, y = mixed()
    model = make_pipeline(encoder(), DecisionTreeRegressor(max_depth=4))
    report = importance_report(
        model, X, y, {}, 3, methods="shap", max_shap_rows=30, random_state=0
    )
    assert any("leaves" in note for note in report.notes)
    assert report.frame.index[0] in {"carrier", "hour"}
    assert report.frame.loc[["air_time", "nothing"], "shap"].eq(0).all()


def test_traced_tree_values_add_up_to_the_prediction():
    X, y = mixed()
    X = X[["hour", "carrier", "origin", "weekend"]]
    model = make_pipeline(encoder(), DecisionTreeRegressor(max_depth=4)).fit(X, y)
    task = Task(model, X, y, None, None, False, 0)
    rows = np.arange(20)
    fold = Fold(0, rows, rows, X.iloc[rows], model, 1.0)
    values, kind = shapley.shap_values(shapley.load_shap(), task, fold, X[:20], X[:5])
    rest = model.predict(X[:20]) - values[:, :, 0].sum(axis=1)
    assert kind == "tree"
    np.testing.assert_allclose(rest, rest[0])


def test_what_trees_cannot_be_traced_through_is_sampled():
    X, y = mixed()
    head = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector("carrier")),
        ("passthrough", ["hour"]),
    )
    scaled = FeatureUnion([("all", head)])
    model = make_pipeline(scaled, DecisionTreeRegressor(max_depth=3))
    report = importance_report(
        model, X, y, {}, 3, methods="shap", max_shap_rows=12, random_state=0
    )
    assert not any("leaves" in note for note in report.notes)
    assert report.frame.loc[["air_time", "time_hour", "nothing"], "shap"].eq(0).all()
    assert report.frame.loc["hour", "shap"] > 0


def test_without_shap_its_column_is_absent_and_a_note_says_so(monkeypatch):
    monkeypatch.setattr(shapley, "load_shap", lambda: None)
    X, y = twins(60)
    report = importance_report(LinearRegression(), X, y, cv=3, random_state=0)
    assert report.methods == ("permutation", "drop")
    assert "shap is not installed" in report.notes[0]
    with pytest.raises(ImportError, match="pip install shap"):
        importance_report(LinearRegression(), X, y, cv=3, methods="shap")


def test_global_random_state_is_left_alone():
    X, y = twins(60)
    before = np.random.get_state()[1].tolist()
    importance_report(LinearRegression(), X, y, cv=2, methods="shap", random_state=0)
    assert np.random.get_state()[1].tolist() == before


# --- the tables


@pytest.fixture(scope="module")
def whole():
    X, y = mixed()
    model = make_pipeline(encoder(), DecisionTreeRegressor(max_depth=4))
    return importance_report(
        model, X, y, cv=SHUFFLED, n_repeats=2, max_shap_rows=30, random_state=0
    )


def test_report_has_ranks_shares_and_agreement(whole):
    assert isinstance(whole, ImportanceReport)
    frame = whole.frame
    assert whole.methods == ("permutation", "drop", "shap")
    assert frame["permutation"].is_monotonic_decreasing
    assert frame["cumulative_share"].iloc[-1] == pytest.approx(1)
    for method in whole.methods:
        assert frame[f"{method}_share"].sum() == pytest.approx(1)
        assert frame[f"{method}_rank"].min() == 1
    assert whole.cumulative().iloc[-1].round(9).eq(1).all()
    assert (whole.cumulative().diff().dropna() >= -1e-12).all().all()
    tau = kendalltau(frame["permutation"], frame["shap"]).statistic
    assert whole.agreement().loc["permutation", "shap"] == pytest.approx(tau)
    rho = spearmanr(whole.by_column["drop"], whole.by_column["shap"]).statistic
    matrix = whole.agreement("spearman", by_column=True)
    assert matrix.loc["drop", "shap"] == pytest.approx(rho)
    assert "permutation_conditional" in matrix
    with pytest.raises(ValueError, match="kind is 'pearson'"):
        whole.agreement("pearson")


def test_hour_and_time_of_day_are_found_to_be_one(whole):
    assert ["hour", "time_hour"] in whole.groups.values()
    assert whole.by_column.loc["time_hour", "group"] == "hour + time_hour"


def test_report_is_shown_saved_and_drawn(whole, tmp_path):
    assert "hour + time_hour" in str(whole)
    assert "_share" not in str(whole).replace("cumulative_share", "")
    assert "<img" in whole.save(tmp_path / "report.html").read_text()
    bars = whole.plot()
    assert len(bars.patches) == 3 * len(whole.frame)
    lines = whole.plot(kind="cumulative").lines
    assert [line.get_label() for line in lines] == list(whole.methods)
    np.testing.assert_allclose(lines[1].get_ydata(), whole.cumulative()["drop"])
    with pytest.raises(ValueError, match="kind is 'pie'"):
        whole.plot(kind="pie")


def test_same_seed_same_report():
    X, y = twins(90)
    kind = RandomForestRegressor(5)
    one, two, other = (
        importance_report(kind, X, y, cv=3, n_repeats=2, random_state=seed)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.by_column, two.by_column)
    assert not one.frame.equals(other.frame)
    again = importance_report(
        kind, X, y, cv=3, n_repeats=2, random_state=np.random.default_rng(1)
    )
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert kind.random_state is None


def test_a_method_alone_gives_the_same_numbers():
    X, y = twins(90)
    both = importance_report(LinearRegression(), X, y, cv=3, random_state=1)
    for method in both.methods:
        alone = importance_report(
            LinearRegression(), X, y, cv=3, methods=method, random_state=1
        )
        pd.testing.assert_series_equal(
            alone.frame[method].sort_index(), both.frame[method].sort_index()
        )


@pytest.mark.parametrize("kind", ["array", "list", "pyarrow"])
def test_other_containers_give_the_same_numbers(kind):
    X, y = twins(90)
    as_pandas = importance_report(
        LinearRegression(), X, y, cv=3, methods=["permutation", "drop"], random_state=0
    )
    made = {
        "array": X.to_numpy(),
        "list": X.to_numpy().tolist(),
        "pyarrow": pa.Table.from_pandas(X),
    }[kind]
    found = importance_report(
        LinearRegression(),
        made,
        y.tolist() if kind == "list" else y,
        cv=3,
        methods=["permutation", "drop"],
        random_state=0,
    )
    np.testing.assert_allclose(found.frame["drop"], as_pandas.frame["drop"], atol=1e-9)
    place = {"a": 0, "twin": 1, "b": 2}
    names = list(as_pandas.by_column.index)
    expected = names if kind == "pyarrow" else [place[name] for name in names]
    assert list(found.by_column.index) == expected


def test_weights_reach_fit_and_score():
    X, y = twins(120)
    model = make_pipeline(StandardScaler(), LinearRegression())
    y = y.copy()
    y[:60] = np.random.default_rng(0).normal(size=60)  # noise that has no weight
    weights = np.r_[np.zeros(60), np.ones(60)]
    splits = [(np.r_[0:30, 60:90], np.r_[30:60, 90:120])]
    weighed = importance_report(
        model, X, y, {}, splits, methods="drop", sample_weight=weights, random_state=0
    )
    kept = importance_report(
        LinearRegression(),
        X[60:],
        y[60:],
        {},
        [(np.arange(30), np.arange(30, 60))],
        methods="drop",
        random_state=0,
    )
    # Scaling by other means changes nothing in least squares.
    np.testing.assert_allclose(
        weighed.frame["drop"].sort_index(), kept.frame["drop"].sort_index(), atol=1e-9
    )
    assert weighed.frame["drop_sd"].isna().all()  # one fold has no spread


def test_classifiers_with_text_labels_and_without_probabilities():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 3)), columns=list("abc"))
    y = np.where(X["a"] > 0, "late", "on time")
    for model in (LogisticRegression(), LinearSVC(), DecisionTreeClassifier()):
        report = importance_report(
            model, X, y, cv=3, n_repeats=2, max_shap_rows=15, random_state=0
        )
        assert report.frame.index[0] == "a"
        assert report.frame["shap_rank"]["a"] == 1
        assert any("scored by accuracy" in note for note in report.notes)
    three = np.digitize(X["a"] + X["b"], [-1, 1])
    report = importance_report(
        LogisticRegression(), X, three, cv=3, scoring="neg_log_loss", random_state=0
    )
    assert report.frame.index[-1] == "c"
    assert not any("scored by accuracy" in note for note in report.notes)


def test_a_model_that_knows_nothing_is_called_so():
    X, y = twins(60)
    report = importance_report(DummyRegressor(), X, y, cv=3, random_state=0)
    assert report.score == report.score_shuffled
    assert report.frame["permutation"].eq(0).all()
    assert report.frame["permutation_share"].isna().all()
    assert report.agreement().loc["permutation", "drop"] != 1
    assert any("knows nothing" in note for note in report.notes)


def test_a_missing_column_and_missing_values_are_worth_what_they_tell():
    X, y = mixed()
    X = X[["hour", "air_time", "nothing"]].astype("float64")
    model = DecisionTreeClassifier(max_depth=4)
    y = X["air_time"].isna() | (X["hour"] > 12)
    report = importance_report(
        model, X, y, {}, SHUFFLED, n_repeats=2, max_shap_rows=30, random_state=0
    )
    assert report.frame.loc["nothing", ["permutation", "drop", "shap"]].eq(0).all()
    assert report.frame.index[0] == "hour"


def test_raw_columns_that_only_the_encoder_can_read_are_sampled():
    X, y = mixed()
    head = make_column_transformer((OrdinalEncoder(), ["carrier", "weekend"]))
    model = make_pipeline(head, LinearRegression())
    report = importance_report(
        model, X, y, {}, 3, methods="shap", max_shap_rows=9, random_state=0
    )
    assert report.frame.index[0] == "carrier"
    assert report.frame.loc["time_hour", "shap"] == 0


# --- bad inputs


class NotForMissing(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        raise RuntimeError("the estimator's own trouble")


BAD = {
    "no rows": (
        {"X": np.empty((0, 2)), "y": []},
        ValueError,
        "X has 0 rows and 2 columns",
    ),
    "no columns": ({"X": pd.DataFrame(index=range(90))}, ValueError, "and 0 columns"),
    "lengths": ({"y": np.arange(5)}, ValueError, "lengths differ"),
    "missing y": ({"y": np.r_[np.nan, np.ones(89)]}, ValueError, "first at row 0"),
    "other index": ({"y": pd.Series(range(90), range(1, 91))}, ValueError, "indexes"),
    "class": ({"estimator": LinearRegression}, TypeError, "the class LinearRegression"),
    "no fit": ({"estimator": "ridge"}, TypeError, "a str; pass an instance"),
    "method": ({"methods": ["lime"]}, ValueError, "a method is 'lime'"),
    "twice": ({"methods": ["drop", "drop"]}, ValueError, "each once"),
    "none": ({"methods": []}, ValueError, "name one or more"),
    "row groups": ({"groups": np.arange(90)}, TypeError, "groups of rows belong"),
    "unknown column": ({"groups": {"g": ["a", "z"]}}, KeyError, "no column"),
    "empty group": ({"groups": {"g": []}}, ValueError, "is empty"),
    "twice in groups": (
        {"groups": {"g": ["a"], "h": ["a", "b"]}},
        ValueError,
        "named twice, in 'g' and 'h'",
    ),
    "name taken": ({"groups": {"b": ["a"]}}, ValueError, "name of a column outside"),
    "threshold": ({"group_threshold": 0}, ValueError, "group_threshold is 0"),
    "repeats": ({"n_repeats": 0}, ValueError, "n_repeats is 0"),
    "shap rows": ({"max_shap_rows": 1.5}, TypeError, "max_shap_rows is 1.5"),
    "weights": ({"sample_weight": -np.ones(90)}, ValueError, "negative"),
    "common rows": (
        {"cv": [(np.arange(50), np.arange(40, 90))]},
        ValueError,
        "fold 0 has row 40 in train and in test",
    ),
    "no test": ({"cv": [(np.arange(50), [])]}, ValueError, "has no rows to fit on"),
    "no folds": ({"cv": []}, ValueError, "cv gave no folds"),
    "own trouble": ({"estimator": NotForMissing()}, RuntimeError, "own trouble"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    changes, error, message = BAD[case]
    X, y = twins(90)
    arguments = {"estimator": LinearRegression(), "X": X, "y": y} | changes
    with pytest.raises(error, match=message):
        importance_report(**arguments)


def test_one_class_and_a_fold_without_score_are_named():
    X, y = twins(90)
    with pytest.raises(ValueError, match="y has only the class 1"):
        importance_report(LogisticRegression(), X, np.ones(90, int))

    def never(model, X, y):
        return float("nan")

    with pytest.raises(ValueError, match="score of fold 0 is NaN"):
        importance_report(LinearRegression(), X, y, scoring=never)


def test_the_estimator_passed_is_not_changed():
    X, y = mixed()
    model = make_pipeline(encoder(), Ridge())
    before = str(model.get_params())
    train, test = np.arange(200), np.arange(200, 300)
    task = Task(model, X, y, None, lambda m, X, y: m.score(X, y), False, 0)
    fitted = clone(model).fit(X[:200], y[:200])
    fold = Fold(0, train, test, X[200:], fitted, fitted.score(X[200:], y[200:]))
    losses, constant = drop_losses(task, fold, [("carrier",), ("carrier", "hour")])
    assert losses[("carrier",)] < losses[("carrier", "hour")]
    assert not constant
    assert str(model.get_params()) == before


@pytest.mark.parametrize("seed", range(6))
def test_copies_hide_each_other_for_shuffling_too(seed):
    # Half the slope each: shuffling one costs a quarter of what both cost.
    rng = np.random.default_rng(seed)
    a, b, other = rng.normal(size=(3, 400))
    X = pd.DataFrame({"a": a, "copy": a, "b": b, "c": 0.8 * b + 0.4 * other})
    options = {"methods": "permutation", "random_state": seed}
    report = importance_report(LinearRegression(), X, a + b, **options)
    assert report.hidden == ("a + copy",)
    single = report.by_column.loc[["a", "copy"], "permutation"]
    joint = report.frame.loc["a + copy", "permutation"]
    assert single.to_numpy() == pytest.approx(joint / 4, rel=0.25)


def test_a_transformer_that_reads_one_text_keeps_getting_a_vector():
    X, y = twins(150)
    words = np.where(X["a"] > 0, "good day", "bad night")
    X = pd.DataFrame({"words": words, "b": X["b"]})
    steps = (CountVectorizer(), "words"), ("passthrough", ["b"])
    model = make_pipeline(make_column_transformer(*steps), Ridge())
    report = importance_report(model, X, y, {}, SHUFFLED, methods="drop")
    assert not any("constant" in note for note in report.notes)
    alone = make_pipeline(CountVectorizer(), Ridge())
    gap = cross_val_score(model, X, y, cv=SHUFFLED) - cross_val_score(
        alone, X["words"], y, cv=SHUFFLED
    )
    assert report.frame.loc["b", "drop"] == pytest.approx(gap.mean())


def test_a_step_that_names_columns_as_attributes_gets_a_constant():
    X, y = twins(150)
    add = FunctionTransformer(lambda frame: pd.DataFrame({"s": frame.a + frame.b}))
    model = make_pipeline(add, LinearRegression())
    report = importance_report(model, X, y, {}, 3, methods="drop")
    assert any("held constant" in note for note in report.notes)
    assert report.frame.loc["twin", "drop"] == 0
    assert report.frame.loc["a", "drop"] > 0.3


@pytest.mark.parametrize(
    ("model", "scoring", "name"),
    [
        (LinearRegression(), lambda model, X, y: model.score(X, y), "scoring"),
        (GridSearchCV(Ridge(), {"alpha": [1]}), None, r"GridSearchCV\.score"),
        (
            make_pipeline(StandardScaler(), GridSearchCV(Ridge(), {"alpha": [1]})),
            None,
            r"GridSearchCV\.score",
        ),
    ],
)
def test_a_score_that_takes_no_weights_is_named(model, scoring, name):
    X, y = twins(60)
    options = {"cv": 2, "methods": "drop", "sample_weight": np.ones(60)}
    with pytest.raises(ValueError, match=f"{name} does not take it; name a score"):
        importance_report(model, X, y, scoring=scoring, **options)
    assert importance_report(model, X, y, scoring="r2", **options).score > 0.9


def test_a_step_that_mixes_columns_under_their_own_names_is_sampled():
    # The tree reads a alone, but a was divided by the length of the whole row.
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    y = X["a"] / np.sqrt(np.square(X).sum(axis=1))
    tree = DecisionTreeRegressor(max_depth=4, random_state=0)
    options = {"methods": "shap", "random_state": 0, "max_shap_rows": 60}
    model = make_pipeline(Normalizer(), tree)
    mixed = importance_report(model, X, y, {}, 2, **options)
    assert not any("trees" in note for note in mixed.notes)
    assert (mixed.frame.loc[["b", "c"], "shap"] > 0.02).all()
    model = make_pipeline(StandardScaler(), tree)
    plain = importance_report(model, X, y, {}, 2, **options)
    assert any("trees" in note for note in plain.notes)


def test_sparse_steps_in_a_row_are_traced():
    names = ["carrier", "origin"]
    X = mixed(120)[0][names]
    coder = OneHotEncoder(handle_unknown="ignore")
    head = make_column_transformer((coder, names), sparse_threshold=1.0)
    model = make_pipeline(head, MaxAbsScaler(), DecisionTreeRegressor(max_depth=3))
    options = {"methods": "shap", "random_state": 0, "max_shap_rows": 20}
    target = np.arange(120.0) % 7
    report = importance_report(model, X, target, {}, 2, **options)
    assert any("trees" in note for note in report.notes)
