"""Planted leaks of every kind, and as many clean twins that look alike.

Every leak must be named with its kind and be graver than a note. No twin may
be flagged above a note. Of the leaks, `scaled_on_both`, `range_on_both` and
`known_later` do not change the score: a report that only compared scores would
miss them.
"""

import textwrap

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupShuffleSplit,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from mlworkbench.leakage import (
    KINDS,
    audit_split,
    check_duplicates,
    check_preprocessing,
    check_time,
    lint_notebook,
    temporal_split,
    watch,
)

NUMBERS = ["age", "pressure", "sugar", "weight"]


def clinic(n=1200, seed=0):
    """Admissions: independent patients, four measurements, a ward, a date."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=NUMBERS)
    frame["age"] = 55 + 14 * frame["age"]
    frame["pressure"] = 130 + 15 * frame["pressure"] + 0.3 * (frame["age"] - 55)
    frame["sugar"] = np.exp(1.6 + 0.25 * frame["sugar"])
    frame["weight"] = 78 + 13 * frame["weight"]
    frame["ward"] = rng.choice(["heart", "lung", "bone"], n, p=[0.5, 0.3, 0.2])
    frame["admitted"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(
        np.sort(rng.uniform(0, 360, n)), unit="D"
    ).round("min")
    signal = 0.04 * (frame["age"] - 55) + 0.3 * (frame["sugar"] - 5)
    signal += 0.8 * (frame["ward"] == "heart")
    frame["ill"] = (signal + rng.normal(size=n) > 1).astype(int)
    return frame


def dealt(frame, seed=0):
    return train_test_split(frame.drop(columns="admitted"), random_state=seed)


def in_time(frame):
    train, _, test = temporal_split(frame, "admitted", "270D", validation=0)
    return train, test


def audit(train, test, **options):
    return audit_split(train, test, target="ill", **options)


# --- the same rows ---------------------------------------------------------


def no_test_set_of_its_own():
    frame = clinic().drop(columns="admitted")
    return audit(frame, frame.sample(300, random_state=0)), "no clean test set"


def copies_dealt_to_both():
    frame = clinic()
    twice = pd.concat([frame, frame.sample(200, random_state=0)], ignore_index=True)
    return audit(*dealt(twice)), "duplicates"


def copies_with_noise():
    train, test = dealt(clinic())
    extra = test.sample(80, random_state=0).reset_index(drop=True)
    noise = np.random.default_rng(0).normal(size=(80, 4))
    extra[NUMBERS] += 1e-3 * noise * train[NUMBERS].std().to_numpy()
    return audit(pd.concat([train, extra], ignore_index=True), test), "duplicates"


TEXT = """
patient reports pain in the left knee after long walks no fever cough at night
shortness of breath on stairs since monday mild headache advised rest and fluids
blood pressure raised ankle swelling dizzy when standing sleeps badly new rash
"""


def notes(seed=0):
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(TEXT.split(), 25)) for _ in range(400)]
    return pd.DataFrame({"note": texts, "ill": rng.integers(2, size=400)})


def texts_retyped():
    frame = notes()
    train, test = frame[:300], frame[300:]
    again = test[:40].assign(note=test["note"][:40].str.replace("fever", "Fever!"))
    train = pd.concat([train, again], ignore_index=True)
    return audit(train, test, text="note"), "duplicates"


# --- preprocessing and selection -------------------------------------------


def scaled_on_both():
    frame = clinic()
    frame[NUMBERS] = StandardScaler().fit_transform(frame[NUMBERS])
    return audit(*dealt(frame)), "preprocessing on both"


def filled_on_both():
    frame = clinic()
    frame.loc[frame.index[::6], "sugar"] = np.nan
    frame["sugar"] = frame["sugar"].fillna(frame["sugar"].mean())
    return audit(*dealt(frame)), "preprocessing on both"


def _range(rows):
    return pd.DataFrame(MinMaxScaler().fit_transform(rows[NUMBERS]), rows.index)


def range_on_both():
    frame = clinic()
    frame.loc[1100, NUMBERS] = [120, 220, 30, 180]  # the extremes lie in test
    train = np.arange(900)
    return check_preprocessing(_range, frame, train), "preprocessing on both"


def selected_on_both():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(120, 300))).add_prefix("gene ")
    wide["ill"] = rng.integers(2, size=120)

    def best(rows):
        genes = rows.drop(columns="ill")
        chosen = SelectKBest(k=10).fit(genes, rows["ill"]).get_support()
        return genes.loc[:, chosen]

    return check_preprocessing(best, wide, np.arange(80)), "feature selection on both"


# --- features --------------------------------------------------------------


def a_proxy_of_the_target():
    frame = clinic()
    rng = np.random.default_rng(1)
    frame["bill"] = 400 + 900 * frame["ill"] + rng.normal(0, 90, len(frame))
    return audit(*dealt(frame)), "illegitimate feature"


def filled_in_later_for_the_ill():
    frame = clinic()
    rng = np.random.default_rng(1)
    dose = rng.normal(5, 1, len(frame))
    frame["dose"] = np.where(frame["ill"] == 1, dose, np.nan)
    return audit(*dealt(frame)), "illegitimate feature"


def two_dates_that_give_the_target():
    frame = clinic()
    rng = np.random.default_rng(1)
    start = pd.Timestamp("2010-01-01") + pd.to_timedelta(
        rng.integers(0, 3000, len(frame)), unit="D"
    )
    days = np.where(frame["ill"] == 1, 3, 40) + rng.integers(0, 20, len(frame))
    frame["start"], frame["end"] = start, start + pd.to_timedelta(days, unit="D")
    return audit(*dealt(frame)), "illegitimate feature"


def known_later():
    frame = clinic()
    frame["letter"] = np.random.default_rng(1).normal(size=len(frame))
    frame["letter_at"] = frame["admitted"] + pd.Timedelta("9D")
    stamps = {"available_at": {"letter": "letter_at"}}
    return audit(*in_time(frame), time="admitted", **stamps), "illegitimate feature"


# --- time, dependence, bias ------------------------------------------------


def future_in_train():
    train, test = train_test_split(clinic(), random_state=0)
    return audit(train, test, time="admitted"), "temporal"


def no_gap():
    train, test = in_time(clinic())
    return check_time(train, test, "admitted", gap="30D"), "temporal"


def visits():
    """Each patient comes five times and looks much the same."""
    frame = clinic(240).drop(columns="admitted")
    frame = frame.loc[np.repeat(frame.index, 5)].reset_index(names="patient")
    frame[NUMBERS] += np.random.default_rng(2).normal(size=(1200, 4))
    return frame


def patients_on_both_sides():
    train, test = train_test_split(visits(), random_state=0)
    return audit(train, test, groups="patient"), "dependence"


def only_easy_cases_in_test():
    train, test = dealt(clinic())
    return audit(train, test[test["ward"] != "heart"]), "sampling bias"


# --- what only the code shows ----------------------------------------------


def resampled_before_the_split():
    frame = clinic()
    with watch(show=False) as seen:
        more, y = RandomOverSampler(random_state=0).fit_resample(
            frame[NUMBERS], frame["ill"]
        )
        train, test, y_train, y_test = train_test_split(more, y, random_state=0)
        LogisticRegression(max_iter=1000).fit(train, y_train).score(test, y_test)
    # Copies of one row train and judge: so the model saw test rows as well.
    return seen.report, {"preprocessing on both", "no clean test set"}


def chosen_on_test():
    frame = clinic()
    train, test, y_train, y_test = train_test_split(
        frame[NUMBERS], frame["ill"], random_state=0
    )
    with watch(show=False) as seen:
        scores = {}
        for c in np.logspace(-4, 4, 12):
            model = LogisticRegression(C=c, max_iter=1000).fit(train, y_train)
            scores[c] = model.score(test, y_test)
        best = max(scores, key=scores.get)
        LogisticRegression(C=best, max_iter=1000).fit(train, y_train)
    return seen.report, "no clean test set"


def lint(folder, body):
    path = folder / "script.py"
    path.write_text(textwrap.dedent(body))
    return lint_notebook(path)


def target_among_the_features(folder):
    body = """
        import pandas as pd
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import train_test_split

        frame = pd.read_csv("clinic.csv")
        X = frame[["age", "sugar", "ill"]]
        X_train, X_test, y_train, y_test = train_test_split(X, frame["ill"])
        LogisticRegression().fit(X_train, y_train).score(X_test, y_test)
    """
    return lint(folder, body), "illegitimate feature"


LEAKS = [
    no_test_set_of_its_own,
    copies_dealt_to_both,
    copies_with_noise,
    texts_retyped,
    scaled_on_both,
    filled_on_both,
    range_on_both,
    selected_on_both,
    a_proxy_of_the_target,
    filled_in_later_for_the_ill,
    two_dates_that_give_the_target,
    known_later,
    future_in_train,
    no_gap,
    patients_on_both_sides,
    only_easy_cases_in_test,
    resampled_before_the_split,
    chosen_on_test,
    target_among_the_features,
]


# --- the twins -------------------------------------------------------------


def a_reset_index():
    train, test = (side.reset_index(drop=True) for side in dealt(clinic()))
    train["row"], test["row"] = train.index, test.index
    return audit(train, test, id_columns="row")


def natural_duplicates():
    frame = clinic(3000)
    frame["age"] = frame["age"].round(-1)
    frame["sugar"] = frame["sugar"].round()
    return audit(*dealt(frame[["age", "sugar", "ward", "ill", "admitted"]]))


def copies_inside_train():
    train, test = dealt(clinic())
    return audit(pd.concat([train, train.head(200)], ignore_index=True), test)


def measured_twice_in_round_numbers():
    frame = clinic()
    frame[NUMBERS] = frame[NUMBERS].round()
    return audit(*dealt(frame))


def texts_of_the_same_words():
    frame = notes()
    return audit(frame[:300], frame[300:], text="note")


def scaled_on_train():
    train, test = dealt(clinic())
    scaler = StandardScaler().fit(train[NUMBERS])
    for side in (train, test):
        side[NUMBERS] = scaler.transform(side[NUMBERS])
    return audit(train, test)


def filled_on_train():
    frame = clinic()
    frame.loc[frame.index[::6], "sugar"] = np.nan
    train, test = dealt(frame)
    mean = train["sugar"].mean()
    return audit(train.fillna({"sugar": mean}), test.fillna({"sugar": mean}))


def components_fitted_on_train():
    train = np.arange(900)

    def components(rows):
        learned = rows.loc[rows.index.intersection(train), NUMBERS]
        return PCA(2).fit(learned).transform(rows[NUMBERS])

    return check_preprocessing(components, clinic(), train)


def features_row_by_row():
    def ratios(rows):
        return pd.DataFrame({"ratio": rows["pressure"] / rows["weight"]})

    return check_preprocessing(ratios, clinic(), np.arange(900))


def a_strong_feature():
    frame = clinic()
    rng = np.random.default_rng(1)
    frame["sign"] = 1.3 * frame["ill"] + rng.normal(size=len(frame))
    return audit(*dealt(frame))


def missing_for_reasons_of_its_own():
    frame = clinic()
    gone = np.random.default_rng(1).random(len(frame)) < 0.2 + 0.2 * frame["ill"]
    frame["sugar"] = frame["sugar"].mask(gone)
    return audit(*dealt(frame))


def two_dates_that_say_little():
    frame = clinic()
    rng = np.random.default_rng(1)
    born = pd.to_timedelta(rng.integers(0, 20000, len(frame)), unit="D")
    seen = pd.to_timedelta(rng.integers(0, 300, len(frame)), unit="D")
    frame["born"] = pd.Timestamp("1940-01-01") + born
    frame["first_seen"] = pd.Timestamp("2022-01-01") + seen
    return audit(*dealt(frame))


def known_in_time():
    frame = clinic()
    frame["letter"] = np.random.default_rng(1).normal(size=len(frame))
    frame["letter_at"] = frame["admitted"] - pd.Timedelta("9D")
    stamps = {"available_at": {"letter": "letter_at"}}
    return audit(*in_time(frame), time="admitted", **stamps)


def split_in_time_between_rows_of_one_hour():
    frame = clinic()
    frame["admitted"] = frame["admitted"].dt.floor("D")
    frame = frame.sort_values("admitted")
    return audit(frame[:900], frame[900:], time="admitted")


def patients_kept_together():
    frame = visits()
    parts = GroupShuffleSplit(1, test_size=0.25, random_state=0)
    train, test = next(parts.split(frame, groups=frame["patient"]))
    return audit(frame.iloc[train], frame.iloc[test], groups="patient")


def training_balanced_on_purpose():
    frame = clinic(2400)
    rare = frame[(frame["ill"] == 0) | (frame.index % 4 == 0)]
    train, test = dealt(rare)
    fewer = train[train["ill"] == 0].sample((train["ill"] == 1).sum(), random_state=0)
    return audit(pd.concat([train[train["ill"] == 1], fewer]), test)


def resampled_train_only():
    frame = clinic()
    with watch(show=False) as seen:
        train, test, y_train, y_test = train_test_split(
            frame[NUMBERS], frame["ill"], random_state=0
        )
        more, y = RandomOverSampler(random_state=0).fit_resample(train, y_train)
        LogisticRegression(max_iter=1000).fit(more, y).score(test, y_test)
    return seen.report


def chosen_inside_a_pipeline_by_folds():
    frame = clinic()
    with watch(show=False) as seen:
        train, test, y_train, y_test = train_test_split(
            frame[NUMBERS], frame["ill"], random_state=0
        )
        models = [
            make_pipeline(StandardScaler(), SelectKBest(k=k), LogisticRegression())
            for k in (1, 2, 3, 4)
        ]
        best = max(models, key=lambda m: cross_val_score(m, train, y_train).mean())
        best.fit(train, y_train).score(test, y_test)
    return seen.report


def target_apart_from_the_features(folder):
    body = """
        import pandas as pd
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import train_test_split

        frame = pd.read_csv("clinic.csv")
        X = frame[["age", "sugar", "ill"]].drop(columns="ill")
        X_train, X_test, y_train, y_test = train_test_split(X, frame["ill"])
        LogisticRegression().fit(X_train, y_train).score(X_test, y_test)
    """
    return lint(folder, body)


TWINS = [
    a_reset_index,
    natural_duplicates,
    copies_inside_train,
    measured_twice_in_round_numbers,
    texts_of_the_same_words,
    scaled_on_train,
    filled_on_train,
    components_fitted_on_train,
    features_row_by_row,
    a_strong_feature,
    missing_for_reasons_of_its_own,
    two_dates_that_say_little,
    known_in_time,
    split_in_time_between_rows_of_one_hour,
    patients_kept_together,
    training_balanced_on_purpose,
    resampled_train_only,
    chosen_inside_a_pipeline_by_folds,
    target_apart_from_the_features,
]


def run(case, folder):
    return case(folder) if case.__code__.co_argcount else case()


@pytest.mark.parametrize("plant", LEAKS, ids=lambda f: f.__name__)
def test_every_planted_leak_is_named(plant, tmp_path):
    report, expected = run(plant, tmp_path)
    kinds = {f.kind for f in report.findings if f.severity != "note"}
    # Named as what it is, and as nothing else.
    wanted = {expected} if isinstance(expected, str) else expected
    assert kinds == wanted, f"\n{report}"
    assert not report.ok


@pytest.mark.parametrize("twin", TWINS, ids=lambda f: f.__name__)
def test_no_clean_twin_is_flagged(twin, tmp_path):
    report = run(twin, tmp_path)
    assert report.ok, f"\n{report}"


def test_there_are_sixteen_of_each_and_more_and_every_kind(tmp_path):
    assert len(set(LEAKS)) == len(set(TWINS)) >= 16
    expected = [run(plant, tmp_path)[1] for plant in LEAKS]
    named = {kind for kind in expected if isinstance(kind, str)}
    assert named == set(KINDS.values())


def test_scaling_on_both_sides_does_not_change_the_score():
    frame = clinic()
    scores = []
    for fitted in (frame, dealt(frame)[0]):
        change = StandardScaler().fit(fitted[NUMBERS])
        train, test = dealt(frame)
        model = LogisticRegression().fit(change.transform(train[NUMBERS]), train["ill"])
        prob = model.predict_proba(change.transform(test[NUMBERS]))[:, 1]
        scores.append(roc_auc_score(test["ill"], prob))
    assert scores[0] == pytest.approx(scores[1], abs=0.002)


def test_near_copies_need_to_be_asked_for():
    train, test = dealt(clinic())
    near = test.head(80).copy()
    near[NUMBERS] *= 1 + 1e-6
    both = pd.concat([train, near], ignore_index=True)
    assert check_duplicates(both, test).ok
    assert not check_duplicates(both, test, near=True).ok
