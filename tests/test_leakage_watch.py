"""What `watch` must see, must not see, and must leave alone."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from mlworkbench.leakage import watch
from mlworkbench.leakage._watch_patch import METHODS, _subclasses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 6))
Y = (X[:, 0] + RNG.normal(size=400) > 0).astype(int)
NAMES = list("abcdef")
FRAME = pd.DataFrame(X, columns=NAMES).assign(y=Y)
INDEX = RNG.permutation(400)
MASK = RNG.random(400) < 0.7
TEXTS = [f"w{i % 7} x{i} z{i * i % 11}" for i in range(100)]


def model(**options):
    return LogisticRegression(**options)


def split(*tables):
    return train_test_split(*(tables or (X, Y)), random_state=0)


# ---------------------------------------------------------------- clean twins
def clean_split():
    a, b, c, d = split()
    scaler = StandardScaler().fit(a)
    fitted = model().fit(scaler.transform(a), c)
    fitted.score(scaler.transform(a), c)
    fitted.score(scaler.transform(b), d)


def clean_pipeline():
    a, b, c, d = split()
    fitted = make_pipeline(StandardScaler(), model()).fit(a, c)
    roc_auc_score(d, fitted.predict_proba(b)[:, 1])


def clean_cross_validation():
    cross_val_score(make_pipeline(SelectKBest(k=2), model()), X, Y)


def clean_folds_by_hand():
    for train, test in KFold(4).split(X):
        scaler = StandardScaler().fit(X[train])
        fitted = model().fit(scaler.transform(X[train]), Y[train])
        fitted.score(scaler.transform(X[test]), Y[test])


def clean_two_folds_with_training_scores():
    for train, test in KFold(2).split(X):
        fitted = model().fit(X[train], Y[train])
        fitted.score(X[train], Y[train])
        fitted.score(X[test], Y[test])


def clean_search():
    a, b, c, d = split()
    search = GridSearchCV(model(), {"C": [0.1, 1]}).fit(a, c)
    search.score(b, d)
    search.best_estimator_.predict(b)


def clean_reset_index():
    train = FRAME.iloc[:200].reset_index(drop=True)
    test = FRAME.iloc[200:].reset_index(drop=True)
    scaler = StandardScaler().fit(train[NAMES])
    fitted = model().fit(scaler.transform(train[NAMES]), train["y"])
    fitted.score(scaler.transform(test[NAMES]), test["y"])


def clean_sample_and_drop():
    train = FRAME.sample(frac=0.7, random_state=0)
    test = FRAME.drop(train.index)
    fitted = model().fit(train[NAMES], train["y"])
    accuracy_score(test["y"], fitted.predict(test[NAMES]))


def clean_final_refit():
    a, b, c, d = split()
    model().fit(a, c).score(b, d)
    model().fit(X, Y)


def clean_choice_on_validation_rows():
    rest, b, rest_y, d = split()
    a, v, c, e = split(rest, rest_y)
    best = max((model(C=k).fit(a, c).score(v, e), k) for k in (0.01, 0.1, 1, 10))
    model(C=best[1]).fit(a, c).score(b, d)


def clean_comparison_without_choice():
    a, b, c, d = split()
    return [model(C=k).fit(a, c).score(b, d) for k in (0.01, 0.1, 1, 10)]


def clean_equal_rows():
    few = np.random.default_rng(1).integers(0, 3, (400, 2))
    model().fit(few[:300], Y[:300]).score(few[300:], Y[300:])


def clean_resampled_training_rows():
    a, b, c, d = split()
    a, c = SMOTE(random_state=0).fit_resample(a, c)
    model().fit(a, c).score(b, d)


def clean_pca_for_a_picture():
    PCA(2).fit_transform(X)
    a, b, c, d = split()
    model().fit(a, c).score(b, d)


def clean_powers_learn_nothing():
    a, b, c, d = split(PolynomialFeatures(2).fit_transform(X), Y)
    model(max_iter=1000).fit(a, c).score(b, d)


# ---------------------------------------------------------------- leaks
def leak_scaler_then_index():
    scaled = StandardScaler().fit_transform(X)
    a, b = INDEX[:300], INDEX[300:]
    model().fit(scaled[a], Y[a]).score(scaled[b], Y[b])


def leak_scaler_then_mask():
    scaled = StandardScaler().fit_transform(X)
    fitted = model().fit(scaled[MASK], Y[MASK])
    fitted.score(scaled[~MASK], Y[~MASK])


def leak_scaler_then_slice():
    scaled = StandardScaler().fit_transform(X)
    model().fit(scaled[:300], Y[:300]).score(scaled[300:], Y[300:])


def leak_scaler_fitted_then_used_apart():
    scaler = StandardScaler().fit(X)
    a, b, c, d = split()
    model().fit(scaler.transform(a), c).score(scaler.transform(b), d)


def leak_scaler_in_columns_of_a_frame():
    frame = FRAME.copy()
    frame[NAMES] = StandardScaler().fit_transform(frame[NAMES])
    train, test = split(frame)
    fitted = model().fit(train[NAMES], train["y"])
    f1_score(test["y"], fitted.predict(test[NAMES]))


def leak_scaler_in_columns_cut_by_hand():
    frame = FRAME.copy()
    frame[NAMES] = StandardScaler().fit_transform(frame[NAMES])
    train, test = frame.iloc[:300], frame.iloc[300:]
    model().fit(train[NAMES], train["y"]).score(test[NAMES], test["y"])


def leak_scaled_frame_with_a_new_index():
    frame = pd.DataFrame(StandardScaler().fit_transform(FRAME[NAMES]), columns=NAMES)
    train = frame.iloc[:300].reset_index(drop=True)
    test = frame.iloc[300:].reset_index(drop=True)
    model().fit(train, Y[:300]).score(test, Y[300:])


def leak_imputed_frame():
    holes = FRAME[NAMES].mask(np.random.default_rng(0).random((400, 6)) < 0.1)
    full = pd.DataFrame(SimpleImputer().fit_transform(holes), columns=NAMES)
    train = full.sample(frac=0.7, random_state=0)
    test = full.drop(train.index)
    fitted = model().fit(train, FRAME["y"][train.index])
    fitted.score(test, FRAME["y"][test.index])


def leak_scaler_fitted_again_on_test():
    a, b, c, d = split()
    scaler = StandardScaler()
    fitted = model().fit(scaler.fit_transform(a), c)
    fitted.score(scaler.fit_transform(b), d)


def leak_words_of_all_texts():
    words = TfidfVectorizer().fit_transform(TEXTS)
    a, b, c, d = split(words, Y[:100])
    model().fit(a, c).score(b, d)


def leak_words_of_all_texts_sliced():
    words = TfidfVectorizer().fit_transform(TEXTS)
    model().fit(words[:70], Y[:70]).score(words[70:], Y[70:100])


def leak_own_class():
    class Centre(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            self.mean_ = X.mean(0)
            return self

        def transform(self, X):
            return X - self.mean_

    centred = Centre().fit_transform(X)
    model().fit(centred[:300], Y[:300]).score(centred[300:], Y[300:])


def leak_folds_after_scaling():
    scaled = StandardScaler().fit_transform(X)
    for train, test in KFold(4).split(scaled):
        model().fit(scaled[train], Y[train]).score(scaled[test], Y[test])


def leak_selection():
    a, b, c, d = split(SelectKBest(k=2).fit_transform(X, Y), Y)
    model().fit(a, c).score(b, d)


def leak_selection_before_cross_validation():
    cross_val_score(model(), SelectKBest(k=2).fit_transform(X, Y), Y)


def leak_fitted_on_all():
    _, b, _, d = split()
    model().fit(X, Y).score(b, d)


def leak_overlap():
    train, test = FRAME.iloc[:300], FRAME.iloc[250:]
    model().fit(train[NAMES], train["y"]).score(test[NAMES], test["y"])


def leak_smote():
    a, b, c, d = split(*SMOTE(random_state=0).fit_resample(X, Y))
    model().fit(a, c).score(b, d)


def leak_over_sampling_and_index():
    all_x, all_y = RandomOverSampler(random_state=0).fit_resample(X, Y)
    a, b = INDEX[:300], INDEX[300:]
    model().fit(all_x[a], all_y[a]).score(all_x[b], all_y[b])


def leak_smote_on_test():
    a, b, c, d = split()
    b, d = SMOTE(random_state=0).fit_resample(b, d)
    model().fit(a, c).score(b, d)


def leak_model_chosen():
    a, b, c, d = split()
    return max(model(C=k).fit(a, c).score(b, d) for k in (0.01, 0.1, 1, 10))


def leak_threshold_chosen():
    a, b, c, d = split()
    prob = model().fit(a, c).predict_proba(b)[:, 1]
    cuts = np.linspace(0.2, 0.8, 7)
    return cuts[np.argmax([f1_score(d, prob > cut) for cut in cuts])]


def leak_search_on_all():
    a, b, c, d = split()
    search = GridSearchCV(model(), {"C": [0.1, 1]}).fit(X, Y)
    model(**search.best_params_).fit(a, c).score(b, d)


def leak_no_test():
    model().fit(X, Y).score(X, Y)


KINDS = {
    "preprocessing on both": [
        leak_scaler_then_index,
        leak_scaler_then_mask,
        leak_scaler_then_slice,
        leak_scaler_fitted_then_used_apart,
        leak_scaler_in_columns_of_a_frame,
        leak_scaler_in_columns_cut_by_hand,
        leak_imputed_frame,
        leak_scaled_frame_with_a_new_index,
        leak_scaler_fitted_again_on_test,
        leak_words_of_all_texts,
        leak_words_of_all_texts_sliced,
        leak_own_class,
        leak_folds_after_scaling,
        leak_smote,
        leak_over_sampling_and_index,
    ],
    "feature selection on both": [
        leak_selection,
        leak_selection_before_cross_validation,
    ],
    "no clean test set": [
        leak_fitted_on_all,
        leak_overlap,
        leak_model_chosen,
        leak_threshold_chosen,
        leak_search_on_all,
        leak_no_test,
    ],
    "sampling bias": [leak_smote_on_test],
}
CLEAN = [value for name, value in list(globals().items()) if name[:6] == "clean_"]
LEAKS = [(kind, run) for kind, runs in KINDS.items() for run in runs]


def look(run):
    with watch(show=False) as watched:
        run()
    missed = [note for note in watched.notes if "was not followed" in note]
    assert not missed
    return watched


@pytest.mark.parametrize("run", CLEAN, ids=lambda run: run.__name__)
def test_a_clean_twin_is_not_flagged(run):
    assert look(run).ok


@pytest.mark.parametrize(
    ("kind", "run"), LEAKS, ids=lambda x: getattr(x, "__name__", "")
)
def test_a_leak_is_named(kind, run):
    watched = look(run)
    assert not watched.ok
    assert watched.findings[0].kind == kind


def test_every_leak_above_is_tried():
    written = {name for name in globals() if name.startswith("leak_")}
    assert {run.__name__ for _, run in LEAKS} == written


def test_the_line_and_the_rows_are_right():
    watched = look(leak_fitted_on_all)
    first = leak_fitted_on_all.__code__.co_firstlineno
    found = watched.findings[0]
    assert (
        found.what == f"LogisticRegression at test_leakage_watch.py, line {first + 2}"
    )
    assert found.n_rows == 100
    assert found.share == 1


def test_equal_values_are_a_finding_of_their_own():
    found = look(clean_equal_rows).findings
    assert [(f.kind, f.severity, f.what) for f in found] == [
        ("duplicates", "note", "same values")
    ]
    assert found[0].n_rows == 100


def test_a_final_refit_and_many_scores_are_notes():
    assert look(clean_final_refit).findings[0].what.startswith("final refit")
    found = look(clean_comparison_without_choice).findings
    assert [f.what for f in found] == ["test rows scored 4 times"]


def test_overlap_is_counted():
    assert look(leak_overlap).findings[0].n_rows == 50


def everything():
    classes = {p for c in _subclasses(BaseEstimator) for p in c.__mro__}
    kept = {(c, m): vars(c)[m] for c in classes for m in METHODS if m in vars(c)}
    cells = [f.__closure__[0].cell_contents for f in (train_test_split, f1_score)]
    return kept, cells


def test_everything_is_put_back_after_an_exception():
    before = everything()
    watched = watch(show=False)

    def stopped():
        with watched:
            leak_fitted_on_all()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    kept, cells = everything()
    assert cells == before[1]
    assert all(kept[key] is value for key, value in before[0].items())
    assert not watched.ok


def test_a_nested_watch_sees_the_same_and_ends_alone():
    with watch(show=False) as outer:
        with watch(show=False) as inner:
            leak_fitted_on_all()
        clean_split()
    assert not inner.ok
    assert not outer.ok


def test_results_do_not_change():
    def results():
        a, b, c, _d = train_test_split(X, Y, random_state=3)
        fitted = make_pipeline(StandardScaler(), model()).fit(a, c)
        np.random.seed(5)
        drawn = KFold(3, shuffle=True).split(X)
        drawn = np.concatenate([test for _, test in drawn])
        return fitted.predict_proba(b), drawn, np.random.random()

    plain = results()
    with watch(show=False):
        seen = results()
    np.testing.assert_array_equal(plain[0], seen[0])
    np.testing.assert_array_equal(plain[1], seen[1])
    assert plain[2] == seen[2]


def test_estimators_can_be_copied_cloned_and_pickled_inside():
    with watch(show=False):
        fitted = Pipeline([("s", StandardScaler()), ("m", model())]).fit(X, Y)
        clone(fitted)
        copy.deepcopy(fitted)
        again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_errors_of_the_user_come_through_unchanged():
    with watch(show=False) as watched, pytest.raises(ValueError, match="inconsistent"):
        model().fit(X, Y[:10])
    assert watched.ok


def test_a_generator_is_not_consumed():
    with watch(show=False) as watched:
        words = TfidfVectorizer().fit_transform(text for text in TEXTS)
    assert words.shape[0] == 100
    assert any("generator" in note for note in watched.notes)


def test_an_estimator_of_another_house_runs_as_before():
    class Mean:
        def fit(self, X, y):
            self.mean = y.mean()
            return self

        def predict(self, X):
            return np.full(len(X), self.mean)

    with watch(show=False) as watched:
        a, b, c, d = split()
        guess = Mean().fit(a, c).predict(b)
        accuracy_score(d, guess > 0.5)
    assert watched.ok
    assert any("code outside scikit-learn" in note for note in watched.notes)


def test_a_model_fitted_before_is_said_to_be_unknown():
    fitted = model().fit(X, Y)
    with watch(show=False) as watched:
        fitted.score(X, Y)
    assert any("fitted where no one watched" in note for note in watched.notes)


def test_other_containers_run():
    with watch(show=False) as watched:
        a, b, c, d = split(X.tolist(), Y.tolist())
        model().fit(a, c).score(b, d)
        wide = sparse.csr_matrix(X)
        model().fit(wide[:300], Y[:300]).score(wide[300:], Y[300:])
    assert watched.ok
    assert not [note for note in watched.notes if "was not followed" in note]


def test_the_report_is_shown_only_when_something_is_wrong(capsys):
    with watch():
        clean_split()
    assert capsys.readouterr().out == ""
    with watch() as watched:
        leak_fitted_on_all()
    assert "no clean test set" in capsys.readouterr().out
    assert str(watched) == str(watched.report)
    assert len(watched.frame) == len(watched.rows("no clean test set"))
