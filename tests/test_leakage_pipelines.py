"""Small pipelines as people write them, under `watch`: leaky ones and clean ones."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline as make_imblearn_pipeline
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import f1_score, precision_recall_curve, roc_auc_score, roc_curve
from sklearn.model_selection import (
    GridSearchCV,
    GroupShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from mlworkbench.leakage import watch

N = 240
X, Y = make_classification(N, 8, random_state=3)
NAMES = list("abcdefgh")
RNG = np.random.default_rng(7)
FRAME = pd.DataFrame(X, columns=NAMES).assign(
    y=Y,
    town=RNG.choice(["N", "S", "E", "W"], N),
    who=RNG.integers(0, 40, N),
    when=pd.date_range("2020-01-01", periods=N),
)
NOISE = RNG.normal(size=(N, 60))
TEXTS = [" ".join(row) for row in RNG.choice(list("abcdefgh"), (N, 12))]


def split(*tables):
    return train_test_split(*(tables or (X, Y)), random_state=0)


def halves(*tables):
    """Split by an index that nobody outside has a name for."""
    order = np.random.default_rng(5).permutation(len(tables[0]))
    return [t[part] for t in tables for part in (order[:160], order[160:])]


def logistic():
    return LogisticRegression(max_iter=500)


# --------------------------------------------------------------------- leaky
def scaled_frame_shuffled_and_renumbered():
    frame = FRAME.copy()
    frame[NAMES] = StandardScaler().fit_transform(frame[NAMES])
    frame = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    train, test = frame[:160], frame[160:].reset_index(drop=True)
    model = logistic().fit(train[NAMES], train["y"])
    return f1_score(test["y"], model.predict(test[NAMES]))


def scaled_matrix_with_target_halved_in_a_function():
    table = np.column_stack([StandardScaler().fit_transform(X), Y])
    train, test = halves(table)
    model = logistic().fit(train[:, :-1], train[:, -1])
    return model.score(test[:, :-1], test[:, -1])


def raw_rows_copied_in_a_function():
    scaler = StandardScaler().fit(np.round(X, 1))
    a, b, c, d = halves(np.round(X, 1), Y)
    return logistic().fit(scaler.transform(a), c).score(scaler.transform(b), d)


def columns_by_the_names_of_a_selector():
    table = pd.DataFrame(NOISE).add_prefix("f")
    kept = table.columns[SelectKBest(k=5).fit(table, Y).get_support()]
    a, b, c, d = split(table[kept], Y)
    return logistic().fit(a, c).score(b, d)


def columns_by_importance():
    forest = RandomForestClassifier(10, random_state=0).fit(X, Y)
    best = np.argsort(forest.feature_importances_)[-3:]
    a, b, c, d = split(X[:, best], Y)
    return logistic().fit(a, c).score(b, d)


def clusters_of_all_rows_as_a_feature():
    group = KMeans(4, n_init=2, random_state=0).fit_predict(X)
    a, b, c, d = split(FRAME[NAMES].assign(group=group), Y)
    return logistic().fit(a, c).score(b, d)


def boosting_stopped_by_test_rows():
    a, b, c, d = split()
    model = HistGradientBoostingClassifier(max_iter=5, early_stopping=True)
    return model.fit(a, c, X_val=b, y_val=d).score(b, d)


def epochs_stopped_by_test_rows():
    a, b, c, d = split()
    model, best = SGDClassifier(random_state=0), -1.0
    for _ in range(8):
        model.partial_fit(a, c, classes=[0, 1])
        score = model.score(b, d)
        if score > best:
            best = score
    return best


def the_last_of_sorted_scores():
    a, b, c, d = split()
    told = []
    for strength in (0.01, 0.1, 1, 10):
        model = LogisticRegression(C=strength).fit(a, c)
        told.append((roc_auc_score(d, model.predict_proba(b)[:, 1]), strength))
    return sorted(told)[-1]


def threshold_from_the_curve_of_test_rows():
    a, b, c, d = split()
    chance = logistic().fit(a, c).predict_proba(b)[:, 1]
    precision, recall, cuts = precision_recall_curve(d, chance)
    cut = cuts[np.argmax((precision * recall)[:-1])]
    return f1_score(d, chance >= cut)


def calibrated_on_test_rows():
    a, b, c, d = split()
    base = DecisionTreeClassifier(max_depth=3).fit(a, c)
    scaled = CalibratedClassifierCV(FrozenEstimator(base)).fit(b, d)
    return roc_auc_score(d, scaled.predict_proba(b)[:, 1])


def stacked_on_predictions_of_all_rows():
    forest = RandomForestClassifier(10, random_state=0).fit(X, Y)
    a, b, c, d = split(np.column_stack([X, forest.predict_proba(X)[:, 1]]), Y)
    return logistic().fit(a, c).score(b, d)


def merged_then_imputed():
    side = pd.DataFrame({"town": list("NSEW"), "income": [1.0, 2.0, np.nan, 4.0]})
    full = FRAME.merge(side, on="town")
    columns = [*NAMES, "income"]
    filled = pd.DataFrame(KNNImputer().fit_transform(full[columns]), columns=columns)
    a, b, c, d = split(filled, full["y"])
    return logistic().fit(a, c).score(b, d)


def quantiles_of_all_times():
    table = QuantileTransformer(n_quantiles=50).fit_transform(X)
    return [
        logistic().fit(table[train], Y[train]).score(table[test], Y[test])
        for train, test in TimeSeriesSplit(3).split(table)
    ]


def search_on_all_rows_before_the_split():
    search = GridSearchCV(logistic(), {"C": [0.1, 1]}, cv=3).fit(X, Y)
    a, b, c, d = split()
    return LogisticRegression(**search.best_params_).fit(a, c).score(b, d)


def smote_before_cross_validation():
    return cross_val_score(logistic(), *SMOTE(random_state=0).fit_resample(X, Y), cv=3)


def encoder_of_all_targets():
    code = TargetEncoder(cv=StratifiedKFold(3)).fit_transform(FRAME[["who"]], Y)
    a, b, c, d = split(np.hstack([code, X]), Y)
    return logistic().fit(a, c).score(b, d)


def words_of_all_texts():
    a, b, c, d = split(TfidfVectorizer(analyzer="char").fit_transform(TEXTS), Y)
    return logistic().fit(a, c).score(b, d)


def index_arrays_after_the_scaler():
    scaler = StandardScaler().fit(X)
    train, test = train_test_split(np.arange(N), random_state=0)
    model = logistic().fit(scaler.transform(X[train]), Y[train])
    return model.score(scaler.transform(X[test]), Y[test])


BOTH, CHOSEN = "preprocessing on both", "feature selection on both"
NO_TEST = "no clean test set"
LEAKS = {
    scaled_frame_shuffled_and_renumbered: (BOTH, "StandardScaler"),
    scaled_matrix_with_target_halved_in_a_function: (BOTH, "StandardScaler"),
    raw_rows_copied_in_a_function: (BOTH, "StandardScaler"),
    columns_by_the_names_of_a_selector: (CHOSEN, "SelectKBest"),
    columns_by_importance: (CHOSEN, "RandomForestClassifier"),
    clusters_of_all_rows_as_a_feature: (BOTH, "KMeans"),
    boosting_stopped_by_test_rows: (NO_TEST, "stopped by the test set"),
    epochs_stopped_by_test_rows: (NO_TEST, "model chosen on the test set"),
    the_last_of_sorted_scores: (NO_TEST, "model chosen on the test set"),
    threshold_from_the_curve_of_test_rows: (NO_TEST, "threshold chosen on the test"),
    calibrated_on_test_rows: (NO_TEST, "CalibratedClassifierCV"),
    stacked_on_predictions_of_all_rows: (NO_TEST, "RandomForestClassifier"),
    merged_then_imputed: (BOTH, "KNNImputer"),
    quantiles_of_all_times: (BOTH, "QuantileTransformer"),
    search_on_all_rows_before_the_split: (NO_TEST, "chosen on the test set: Grid"),
    smote_before_cross_validation: (BOTH, "resampling before the split: SMOTE"),
    encoder_of_all_targets: (BOTH, "TargetEncoder"),
    words_of_all_texts: (BOTH, "TfidfVectorizer"),
    index_arrays_after_the_scaler: (BOTH, "StandardScaler"),
}


# --------------------------------------------------------------------- clean
def frame_shuffled_and_renumbered_then_scaled():
    frame = FRAME.sample(frac=1, random_state=1).reset_index(drop=True)
    train, test = frame[:160].copy(), frame[160:].reset_index(drop=True)
    scaler = StandardScaler()
    train[NAMES] = scaler.fit_transform(train[NAMES])
    test[NAMES] = scaler.transform(test[NAMES])
    model = logistic().fit(train[NAMES], train["y"])
    return f1_score(test["y"], model.predict(test[NAMES]))


def halved_in_a_function_then_scaled():
    a, b, c, d = halves(np.round(X, 1), Y)
    scaler = MinMaxScaler().fit(a)
    return logistic().fit(scaler.transform(a), c).score(scaler.transform(b), d)


def columns_chosen_on_training_rows():
    a, b, c, d = split(NOISE, Y)
    kept = SelectKBest(k=5).fit(a, c).get_support()
    return logistic().fit(a[:, kept], c).score(b[:, kept], d)


def columns_chosen_fold_by_fold():
    told = []
    for train, test in StratifiedKFold(4).split(X, Y):
        forest = RandomForestClassifier(5, random_state=0).fit(X[train], Y[train])
        best = np.argsort(forest.feature_importances_)[-3:]
        model = logistic().fit(X[train][:, best], Y[train])
        told.append(model.score(X[test][:, best], Y[test]))
    return np.mean(told)


def importances_shown_and_all_columns_kept():
    forest = RandomForestClassifier(5, random_state=0).fit(X, Y)
    a, b, c, d = split()
    return forest.feature_importances_, logistic().fit(a, c).score(b, d)


def boosting_stopped_by_validation_rows():
    a, b, c, d = split()
    a, v, c, e = split(a, c)
    model = HistGradientBoostingClassifier(max_iter=5, early_stopping=True)
    model.fit(a, c, X_val=v, y_val=e)
    return model.score(v, e), model.score(b, d)


def epochs_stopped_by_validation_rows():
    a, b, c, d = split()
    a, v, c, e = split(a, c)
    model, best = SGDClassifier(random_state=0), -1.0
    for _ in range(8):
        model.partial_fit(a, c, classes=[0, 1])
        score = model.score(v, e)
        if score > best:
            best = score
    return model.score(b, d)


def a_curve_drawn_to_its_largest_value():
    a, b, c, d = split()
    chance = logistic().fit(a, c).predict_proba(b)[:, 1]
    false, _, _ = roc_curve(d, chance)
    return false.max(), roc_auc_score(d, chance)


def scores_with_the_largest_answer_beside_them():
    a, b, c, d = split()
    depths = {n: DecisionTreeClassifier(max_depth=n).fit(a, c) for n in (1, 2, 3, 4)}
    return pd.DataFrame(
        {
            "auc": {
                n: roc_auc_score(d, m.predict_proba(b)[:, 1]) for n, m in depths.items()
            },
            "highest": {n: m.predict_proba(b)[:, 1].max() for n, m in depths.items()},
        }
    )


def threshold_from_predictions_across_folds():
    a, b, c, d = split()
    chance = cross_val_predict(logistic(), a, c, cv=4, method="predict_proba")[:, 1]
    cuts = np.linspace(0.1, 0.9, 9)
    best = cuts[np.argmax([f1_score(c, chance > cut) for cut in cuts])]
    return f1_score(d, logistic().fit(a, c).predict_proba(b)[:, 1] > best)


def calibrated_on_validation_rows():
    a, b, c, d = split()
    a, v, c, e = split(a, c)
    base = DecisionTreeClassifier(max_depth=3).fit(a, c)
    scaled = CalibratedClassifierCV(FrozenEstimator(base)).fit(v, e)
    return roc_auc_score(d, scaled.predict_proba(b)[:, 1])


def stacked_on_predictions_out_of_fold():
    a, b, c, d = split()
    tree = DecisionTreeClassifier(max_depth=5)
    out = cross_val_predict(tree, a, c, cv=3, method="predict_proba")[:, 1]
    top = logistic().fit(np.column_stack([a, out]), c)
    later = tree.fit(a, c).predict_proba(b)[:, 1]
    return top.score(np.column_stack([b, later]), d)


def columns_by_kind_on_training_rows():
    steps = [
        ("number", make_pipeline(SimpleImputer(), StandardScaler()), NAMES),
        ("level", OneHotEncoder(), ["town"]),
    ]
    a, b, c, d = split(FRAME.drop(columns="y"), FRAME["y"])
    columns = ColumnTransformer(steps)
    model = logistic().fit(columns.fit_transform(a), c)
    return model.score(columns.transform(b), d)


def groups_apart():
    cut = GroupShuffleSplit(1, test_size=0.3, random_state=0)
    train, test = next(cut.split(FRAME, FRAME["y"], groups=FRAME["who"]))
    one, two = FRAME.iloc[train], FRAME.iloc[test]
    model = make_pipeline(StandardScaler(), logistic()).fit(one[NAMES], one["y"])
    return model.score(two[NAMES], two["y"])


def years_apart():
    past, later = FRAME[FRAME.when < "2020-06-01"], FRAME[FRAME.when >= "2020-06-01"]
    model = make_pipeline(StandardScaler(), logistic()).fit(past[NAMES], past["y"])
    return roc_auc_score(later["y"], model.predict_proba(later[NAMES])[:, 1])


def smote_in_a_pipeline():
    model = make_imblearn_pipeline(StandardScaler(), SMOTE(random_state=0), logistic())
    return cross_val_score(model, X, Y, cv=3)


def a_picture_of_all_rows_first():
    picture = PCA(2).fit_transform(StandardScaler().fit_transform(X))
    a, b, c, d = split()
    model = make_pipeline(StandardScaler(), logistic()).fit(a, c)
    return picture.shape, model.score(b, d)


def a_grid_with_the_labels_of_the_rows():
    place, height = FRAME[["a", "b"]], FRAME["c"]
    train = np.arange(N) % 5 > 0
    one, two = np.mgrid[-2:2:20j, -2:2:20j]
    grid = pd.DataFrame({"a": one.ravel(), "b": two.ravel()})
    for depth in (2, 3):
        model = DecisionTreeClassifier(max_depth=depth)
        model.fit(place[train], height[train] > 0)
        model.predict(grid)
        [KMeans(2, n_init=1).fit(NOISE[:, [k]]) for k in range(35)]
    return model.score(place[~train], height[~train] > 0)


def parts_of_one_table_that_both_count_from_zero():
    """The labels are the same, and so is a column without information."""
    train, test = FRAME[:160], FRAME[160:].reset_index(drop=True)
    both = pd.concat([train, test])[NAMES].assign(unit="mm")
    columns = ColumnTransformer([("number", StandardScaler(), NAMES)])
    model = make_pipeline(columns, logistic()).fit(both[:160], train["y"])
    return roc_auc_score(test["y"], model.predict_proba(both[160:])[:, 1])


CLEAN = [
    parts_of_one_table_that_both_count_from_zero,
    frame_shuffled_and_renumbered_then_scaled,
    halved_in_a_function_then_scaled,
    columns_chosen_on_training_rows,
    columns_chosen_fold_by_fold,
    importances_shown_and_all_columns_kept,
    boosting_stopped_by_validation_rows,
    epochs_stopped_by_validation_rows,
    a_curve_drawn_to_its_largest_value,
    scores_with_the_largest_answer_beside_them,
    threshold_from_predictions_across_folds,
    calibrated_on_validation_rows,
    stacked_on_predictions_out_of_fold,
    columns_by_kind_on_training_rows,
    groups_apart,
    years_apart,
    smote_in_a_pipeline,
    a_picture_of_all_rows_first,
    a_grid_with_the_labels_of_the_rows,
]


def grave(pipeline):
    with watch(show=False) as watched:
        pipeline()
    return [f for f in watched.findings if f.severity != "note"]


@pytest.mark.parametrize("pipeline", LEAKS, ids=lambda p: p.__name__)
def test_a_leaky_pipeline_is_named(pipeline):
    kind, what = LEAKS[pipeline]
    found = grave(pipeline)
    assert [f.kind for f in found] == [kind]
    assert what in found[0].what


@pytest.mark.parametrize("pipeline", CLEAN, ids=lambda p: p.__name__)
def test_a_clean_pipeline_is_left_alone(pipeline):
    assert not [(f.kind, f.what) for f in grave(pipeline)]


def test_rows_known_by_their_values_only_are_not_called_identical():
    by_value = grave(scaled_matrix_with_target_halved_in_a_function)[0]
    assert by_value.evidence.endswith("the same rows, by values that stand once")
    by_place = grave(index_arrays_after_the_scaler)[0]
    assert by_place.evidence.endswith("the same rows, by identity")


def test_labels_are_not_taken_for_an_index():
    """0 and 1 at the places 0 and 1: y[y] is y, and says nothing about rows."""
    y = np.r_[0, 1, RNG.integers(0, 2, 98)]
    table = RNG.integers(0, 3, size=(100, 4))
    with watch(show=False) as watched:
        model = logistic().fit(table[:60], y[y][:60])
        model.score(table[60:].copy(), y[y][60:].copy())
    assert not [f for f in watched.findings if f.severity != "note"]


def test_rows_that_are_only_equal_are_other_rows():
    """Few values: every test row has an equal row in train, none is the same."""
    table = RNG.integers(0, 3, size=(400, 2)).astype(float)
    y = RNG.integers(0, 2, 400)
    with watch(show=False) as watched:
        model = logistic().fit(np.array(table[:300].tolist()), y[:300])
        model.score(np.array(table[300:].tolist()), y[300:])
    assert watched.ok
    assert [f.what for f in watched.findings] == ["same values"]
