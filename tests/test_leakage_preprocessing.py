"""check_preprocessing: every leak is proved, no clean twin is accused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from mlworkbench.leakage import check_preprocessing

N = 200
PREPROCESSING = "preprocessing on both"
SELECTION = "feature selection on both"


def make_frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "distance": rng.normal(1000, 300, N),
            "wind": np.where(rng.random(N) < 0.1, np.nan, rng.gamma(2, 5, N)),
            "hour": rng.integers(5, 24, N),
            "carrier": rng.choice(["AA", "B6", "UA"], N),
            "month": np.repeat([1, 2, 3, 4], N // 4),
            "when": pd.date_range("2013-01-01", periods=N, freq="h"),
            "late": rng.random(N) < 0.3,
        },
        index=np.arange(N) * 3 + 7,
    )
    for i in range(8):
        frame[f"noise{i}"] = rng.normal(size=N)
    return frame


FRAME = make_frame()
TRAIN = FRAME.index[:150]
NOISE = [f"noise{i}" for i in range(8)]
NUMBERS = ["distance", "hour"]


def on_train(frame):
    """Give the training rows among those given, whatever else is there."""
    return frame.loc[frame.index.intersection(TRAIN)]


def scaled(fit):
    def build(frame):
        scaler = StandardScaler().fit(fit(frame)[NUMBERS])
        return pd.DataFrame(
            scaler.transform(frame[NUMBERS]), index=frame.index, columns=NUMBERS
        )

    return build


def imputed(fit):
    def build(frame):
        imputer = SimpleImputer(strategy="median").fit(fit(frame)[["wind"]])
        return imputer.transform(frame[["wind"]])

    return build


def selected(fit):
    def build(frame):
        part = fit(frame)
        best = SelectKBest(f_classif, k=2).fit(part[NOISE], part["late"])
        return frame[[NOISE[i] for i in best.get_support(indices=True)]]

    return build


def encoded(fit):
    def build(frame):
        rates = fit(frame).groupby("carrier")["late"].mean()
        return frame["carrier"].map(rates)

    return build


def counted(fit):
    return lambda frame: frame["carrier"].map(fit(frame)["carrier"].value_counts())


def components(fit):
    return lambda frame: PCA(2).fit(fit(frame)[NOISE]).transform(frame[NOISE])


def capped(fit):
    def build(frame):
        return frame["distance"].clip(upper=fit(frame)["distance"].quantile(0.9))

    return build


STEPS = {
    f.__name__: f
    for f in (scaled, imputed, selected, encoded, counted, components, capped)
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_fitted_on_all_rows_is_proved_to_leak(name):
    report = check_preprocessing(STEPS[name](lambda frame: frame), FRAME, TRAIN)
    assert not report.ok
    assert report.findings[0].severity == "leak"
    wanted = SELECTION if name == "selected" else PREPROCESSING
    assert {finding.kind for finding in report.findings} == {wanted}
    assert "proof" in report.notes[0]


@pytest.mark.parametrize("name", STEPS)
def test_the_same_step_fitted_on_train_is_not_accused(name):
    report = check_preprocessing(STEPS[name](on_train), FRAME, TRAIN)
    assert report.ok
    assert report.findings == ()
    assert report.notes[0].endswith(
        "evidence, not proof, that no test row flows into them"
    )


@pytest.mark.parametrize(
    "rows",
    [
        TRAIN,
        np.arange(150),
        list(range(150)),
        np.arange(N) < 150,
        pd.Series(np.arange(N) < 150, index=FRAME.index),
        slice(150),
    ],
    ids=["labels", "positions", "list", "mask", "series", "slice"],
)
def test_rows_can_be_named_in_many_ways(rows):
    report = check_preprocessing(scaled(lambda f: f), FRAME, rows)
    table = report.rows(PREPROCESSING)
    assert set(table["feature"]) == set(NUMBERS)
    assert report.findings[0].n_rows == 150
    assert report.findings[0].share == 1
    assert check_preprocessing(scaled(on_train), FRAME, rows).ok


def test_only_the_columns_that_leak_are_named():
    def build(frame):
        out = frame[["distance", "hour"]].copy()
        out["hour_rank"] = frame["hour"].rank(pct=True)
        return out

    report = check_preprocessing(build, FRAME, TRAIN)
    assert [f.what for f in report.findings] == ["hour_rank"]


def test_the_sizes_of_the_changes_are_those_counted_by_hand():
    frame = pd.DataFrame({"x": [1.0, 10.0, 3.0, 2.0]})
    report = check_preprocessing(lambda f: f - f.mean(), frame, slice(3))
    table = report.rows(PREPROCESSING).set_index("seen with")
    # mean 4 of all four, 14/3 of the first three
    assert table.loc["test rows dropped", "largest change"] == pytest.approx(2 / 3)
    # 2 becomes 10 * 2 + 1000 * sd, sd = sqrt(12.5): the mean moves by a fourth of it
    moved = (20 + 1000 * np.sqrt(12.5) - 2) / 4
    assert table.loc["test values shifted", "largest change"] == pytest.approx(moved)
    assert list(table["rows changed"]) == [3, 3]


def test_rows_that_do_not_change_are_not_counted():
    filled = check_preprocessing(
        lambda f: f["wind"].fillna(f["wind"].mean()), FRAME, TRAIN
    )
    missing = FRAME.loc[TRAIN, "wind"].isna().sum()
    assert filled.findings[0].n_rows == missing


def test_a_permutation_blind_leak_is_seen():
    # Means and ranks do not change when test rows are permuted; the drop sees them.
    report = check_preprocessing(lambda f: f["distance"].rank(), FRAME, TRAIN)
    assert not report.ok


def test_a_lag_that_reaches_into_test_rows_is_proved():
    every_other = FRAME.index[::2]
    report = check_preprocessing(lambda f: f["hour"].shift(1), FRAME, every_other)
    assert not report.ok
    # The first rows are training rows: a lag looks back at training rows only.
    assert check_preprocessing(lambda f: f["hour"].shift(1), FRAME, TRAIN).ok


def test_chance_is_told_from_leakage():
    calls = np.random.default_rng(0)

    def build(frame):
        return frame["distance"] + calls.normal(size=len(frame))

    report = check_preprocessing(build, FRAME, TRAIN)
    assert not report.ok
    assert report.n_leaks == 0
    assert "not deterministic" in report.findings[0].what
    assert "Seed it" in report.findings[0].advice


def test_a_function_with_a_seed_is_judged():
    def build(frame):
        rng = np.random.default_rng(0)
        noise = pd.Series(rng.normal(size=N), index=FRAME.index)
        return frame["distance"] + noise[frame.index]

    assert check_preprocessing(build, FRAME, TRAIN).ok


def test_a_function_that_changes_its_input_changes_nothing_outside():
    before = FRAME.copy()

    def build(frame):
        frame["distance"] -= on_train(frame)["distance"].mean()
        del frame["late"]
        return frame

    assert check_preprocessing(build, FRAME, TRAIN).ok
    pd.testing.assert_frame_equal(FRAME, before)


def test_a_clean_function_that_needs_test_rows_is_judged_by_the_others():
    def build(frame):
        test = frame.drop(index=TRAIN)
        scaler = StandardScaler().fit(on_train(frame)[NUMBERS])
        parts = [scaler.transform(on_train(frame)[NUMBERS])]
        parts.append(scaler.transform(test[NUMBERS]))  # fails on no rows
        return np.vstack(parts)

    report = check_preprocessing(build, FRAME, TRAIN)
    assert report.ok
    assert any("fails with test rows dropped" in note for note in report.notes)


@pytest.mark.parametrize(
    "split",
    [
        lambda frame: frame[frame["month"] <= 3],
        lambda frame: frame[frame["when"] < pd.Timestamp("2013-01-07 06:00")],
        lambda frame: frame[frame["key"].isin(range(150))],
        lambda frame: frame[frame["part"] == "train"],
    ],
    ids=["month", "time", "key", "part"],
)
def test_a_function_that_splits_by_a_column_is_not_accused(split):
    frame = FRAME.assign(
        key=np.arange(N), part=np.where(np.arange(N) < 150, "train", "test")
    )
    build = scaled(split)
    assert check_preprocessing(build, frame, TRAIN).ok


def test_shifted_values_show_what_a_dropped_row_cannot():
    def build(frame):
        if len(frame) < N:
            raise RuntimeError("all rows, please")
        return frame["distance"] - frame["distance"].mean()

    report = check_preprocessing(build, FRAME, TRAIN)
    assert report.n_leaks == 1
    seen = list(report.rows(PREPROCESSING)["seen with"])
    assert seen == ["test values shifted", "all test values alike"]


def test_values_never_seen_are_replaced_by_known_ones_where_they_fail():
    names = {hour: f"h{hour}" for hour in range(24)}

    def build(frame):
        if len(frame) < N:
            raise RuntimeError("all rows, please")
        assert set(frame["hour"]) <= set(names)
        return frame["hour"] - frame["hour"].mean()

    report = check_preprocessing(build, FRAME, TRAIN)
    assert report.n_leaks == 1
    assert any("test values shifted" in note for note in report.notes)


def test_a_function_that_runs_on_no_other_rows_is_a_warning():
    def build(frame):
        assert frame.equals(FRAME)
        return frame["hour"]

    report = check_preprocessing(build, FRAME, TRAIN)
    assert (report.n_leaks, report.n_warnings) == (0, 1)
    assert report.findings[0].what == "could not be checked"


def test_categories_of_test_rows_alone_are_a_warning():
    frame = FRAME.assign(carrier=FRAME["carrier"].where(FRAME.index.isin(TRAIN), "HA"))
    report = check_preprocessing(
        lambda f: pd.get_dummies(f["carrier"], dtype=float), frame, TRAIN
    )
    assert (report.n_leaks, report.n_warnings) == (0, 1)
    assert report.findings[0].what == "HA"
    assert report.findings[0].kind == PREPROCESSING


def test_sparse_text_features_are_compared():
    rng = np.random.default_rng(1)
    words = np.array(["late", "wind", "snow", "crew", "gate", "bag", "fuel", "delay"])
    texts = pd.Series([" ".join(rng.choice(words, 3)) for _ in range(60)])
    report = check_preprocessing(
        lambda t: TfidfVectorizer().fit_transform(t), texts, slice(40)
    )
    assert report.n_leaks == 1
    clean = TfidfVectorizer().fit(texts[:40])
    assert check_preprocessing(clean.transform, texts, slice(40)).ok


def test_a_vocabulary_that_grows_is_seen_in_an_array():
    texts = pd.Series(["late wind", "wind snow", "late snow", "crew gate"])
    report = check_preprocessing(
        lambda t: TfidfVectorizer().fit_transform(t).toarray(), texts, slice(3)
    )
    assert report.n_leaks == 1
    assert report.findings[0].kind == PREPROCESSING


def test_selection_is_recognised_in_an_array_without_names():
    X = np.random.default_rng(0).normal(size=(40, 30))
    y = np.arange(40) % 2
    both = np.column_stack([X, y])

    def build(values):
        return SelectKBest(f_classif, k=3).fit_transform(values[:, :-1], values[:, -1])

    report = check_preprocessing(build, both, np.arange(20))
    assert {f.kind for f in report.findings} == {SELECTION}


def test_encoders_of_scikit_learn():
    def one_hot(frame):
        return OneHotEncoder().fit_transform(frame[["carrier"]])

    assert check_preprocessing(one_hot, FRAME, TRAIN).ok  # all carriers are in train

    def target(frame):
        encoder = TargetEncoder().fit(frame[["carrier"]], frame["late"])
        return encoder.transform(frame[["carrier"]])

    assert check_preprocessing(target, FRAME, TRAIN).n_leaks == 1


def test_training_rows_that_come_and_go_are_a_leak():
    def build(frame):
        return frame[frame["distance"] < frame["distance"].quantile(0.9)]

    report = check_preprocessing(build, FRAME, TRAIN)
    assert report.findings[0].kind == PREPROCESSING
    assert "(rows)" in report.rows(PREPROCESSING)["feature"].tolist()


def test_rows_sorted_inside_are_found_by_their_labels():
    def build(frame):
        return frame.sort_values("distance")[["hour", "carrier", "when"]]

    assert check_preprocessing(build, FRAME, TRAIN).ok


def test_a_reset_index_is_no_difference():
    rows = np.random.default_rng(0).permutation(N)[:150]
    assert check_preprocessing(
        lambda f: f[["hour", "wind"]].reset_index(drop=True), FRAME, rows
    ).ok


def test_columns_that_tell_the_split_keep_their_values_and_are_named():
    report = check_preprocessing(lambda f: f[["hour"]], FRAME, TRAIN)
    assert any("month, when" in note for note in report.notes)
    only = check_preprocessing(lambda f: f, FRAME[["month", "when"]], TRAIN)
    assert any("no values were shifted" in note for note in only.notes)


@pytest.mark.parametrize("seed", range(3))
def test_a_shuffled_frame_whose_index_is_lost_inside_is_read_by_position(seed):
    frame = FRAME.reset_index(drop=True).sample(frac=1, random_state=seed)
    train = frame.index[:150]
    mean = frame.loc[train, NUMBERS].mean()

    def lost(fit):
        return lambda f: pd.DataFrame((f[NUMBERS] - fit(f)).to_numpy())

    assert check_preprocessing(lost(lambda f: mean), frame, train).ok
    report = check_preprocessing(lost(lambda f: f[NUMBERS].mean()), frame, train)
    assert report.findings[0].n_rows == 150


def test_rows_dropped_and_renumbered_cannot_be_told_apart():
    frame = FRAME.reset_index(drop=True)
    with pytest.raises(ValueError, match="without an index that says which"):
        check_preprocessing(
            lambda f: f.dropna().reset_index(drop=True), frame, slice(150)
        )


def test_a_merge_inside_is_no_difference():
    wind = pd.DataFrame({"hour": range(24), "gusts": np.arange(24) * 2.0})
    train = np.random.default_rng(0).permutation(N)[:120]
    build = scaled(lambda f: FRAME)
    assert check_preprocessing(lambda f: f.merge(wind, on="hour"), FRAME, train).ok
    assert check_preprocessing(build, FRAME, train).ok


def test_a_split_by_chance_inside_is_hinted_at():
    def build(frame):
        part = frame.sample(frac=0.75, random_state=0)
        return frame["distance"] - len(part)

    report = check_preprocessing(build, FRAME, TRAIN)
    assert not report.ok
    assert any("split outside of it" in note for note in report.notes)


def test_pipelines_can_be_passed_as_they_are():
    scaler = StandardScaler()
    assert not check_preprocessing(scaler.fit_transform, FRAME[NUMBERS], TRAIN).ok
    scaler.fit(FRAME.loc[TRAIN, NUMBERS])
    assert check_preprocessing(scaler.transform, FRAME[NUMBERS], TRAIN).ok


KINDS_OF_COLUMNS = {
    "dates": lambda f: f["when"] + (f["when"].max() - f["when"].min()),
    "lengths": lambda f: f["when"].max() - f["when"],
    "zones": lambda f: f["when"].dt.tz_localize("UTC") + f["when"].diff().sum(),
    "lists": lambda f: pd.Series([[x, len(f)] for x in f["hour"]], f.index),
    "arrays": lambda f: pd.Series([np.array([x, len(f)]) for x in f["hour"]], f.index),
    "categories": lambda f: pd.cut(f["distance"], 4).astype("category"),
    "nullable": lambda f: f["hour"].astype("Int64") + len(f),
    "truth": lambda f: f["hour"] > f["hour"].shift(-60, fill_value=0),
    "words": lambda f: f["carrier"] + str(len(f)),
}


@pytest.mark.parametrize("kind", KINDS_OF_COLUMNS)
def test_every_kind_of_column_is_compared(kind):
    build = KINDS_OF_COLUMNS[kind]
    report = check_preprocessing(build, FRAME, TRAIN)
    assert not report.ok
    fixed = build(FRAME)
    assert check_preprocessing(lambda f: fixed.loc[f.index], FRAME, TRAIN).ok


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), size=st.integers(1, 39))
def test_row_wise_functions_never_leak_and_means_always_do(seed, size):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    frame["d"] = rng.integers(0, 5, 40)
    frame["e"] = pd.array(rng.integers(0, 5, 40), dtype="Int64")
    rows = rng.permutation(40)[:size]
    assert check_preprocessing(lambda f: np.log1p(f.abs()), frame, rows).ok
    assert not check_preprocessing(lambda f: f["a"] - f["a"].mean(), frame, rows).ok


@pytest.mark.parametrize(
    ("build", "frame", "rows", "error", "message"),
    [
        (FRAME, FRAME, TRAIN, TypeError, "pass the function itself"),
        (len, FRAME.to_dict(), TRAIN, TypeError, "frame is a dict"),
        (len, FRAME, TRAIN, TypeError, "returned a int; return one table"),
        (lambda f: None, FRAME, TRAIN, TypeError, "returned a NoneType"),
        (lambda f: (f, f), FRAME, TRAIN, TypeError, "returned a tuple"),
        (lambda f: np.ones((3, 2)), FRAME, TRAIN, ValueError, "returned 3 rows"),
        (scaled, FRAME, FRAME.index, ValueError, "names 200 of 200 rows"),
        (scaled, FRAME, [], ValueError, "names 0 of 200 rows"),
        (scaled, FRAME, [1, 1], ValueError, "names a row twice"),
        (scaled, FRAME, [500], ValueError, "has position 500"),
        (scaled, FRAME, [True], ValueError, "mask of shape"),
        (scaled, FRAME, [0.5], TypeError, "has dtype float64"),
        (scaled, FRAME, FRAME, TypeError, "train_rows is a DataFrame"),
        (scaled, FRAME, pd.Index([1]), ValueError, "that frame has not"),
        (scaled, FRAME, pd.Series([True] * N), ValueError, "different indexes"),
    ],
)
def test_bad_input_is_explained(build, frame, rows, error, message):
    with pytest.raises(error, match=message):
        check_preprocessing(build, frame, rows)


def test_what_the_function_itself_raises_is_passed_on():
    with pytest.raises(KeyError, match="no_such_column"):
        check_preprocessing(lambda f: f["no_such_column"], FRAME, TRAIN)


def filled_with_the_mode(frame):
    return frame[["carrier"]].fillna(frame["carrier"].mode()[0])


@pytest.mark.parametrize("kind", ["object", "category", "string"])
def test_the_most_frequent_value_of_all_rows_is_proved_to_leak(kind):
    frame = FRAME[["carrier"]].astype(kind)
    frame.iloc[::9] = None
    # The mode of all rows is that of train: to drop test rows shows nothing.
    train = np.arange(N) < 150
    assert filled_with_the_mode(frame)[train].equals(filled_with_the_mode(frame[train]))
    report = check_preprocessing(filled_with_the_mode, frame, train)
    assert report.n_leaks == 1
    assert set(report.rows(PREPROCESSING)["feature"]) == {"carrier"}
    assert check_preprocessing(lambda f: f.fillna("AA"), frame, train).ok


def test_train_and_test_told_apart_by_a_missing_target_are_no_leak():
    frame = FRAME.assign(y=np.where(np.arange(N) < 150, FRAME["hour"], np.nan))

    def build(frame):
        known = frame[frame["y"].notna()]
        return frame[["distance"]] - known["distance"].mean()

    assert not check_preprocessing(build, frame, TRAIN).findings


def test_rows_in_another_order_without_labels_are_refused():
    frame = FRAME.sample(frac=1, random_state=0)
    sort = {
        "renumbered": lambda f: f.sort_values("when").reset_index(drop=True),
        "other labels": lambda f: f.set_index("distance", drop=False).sort_index(),
    }
    for build in sort.values():
        with pytest.raises(ValueError, match="in another order, without an index"):
            check_preprocessing(build, frame, TRAIN)
    assert check_preprocessing(lambda f: f.sort_values("when"), frame, TRAIN).ok
    ahead = frame.sort_values("when")
    assert check_preprocessing(sort["renumbered"], ahead, TRAIN).ok


def test_swapped_and_reversed_values_are_not_taken_for_sorted_rows():
    frame = pd.DataFrame({"id": np.arange(40), "side": ["a", "b"] * 20})

    def build(frame):
        swapped = frame["side"].map({"a": "b", "b": "a"})
        turned = 39 - frame["id"]
        return pd.DataFrame({"id": turned, "side": swapped}).reset_index(drop=True)

    assert check_preprocessing(build, frame, np.arange(30)).ok


def test_a_function_that_changes_by_itself_later_is_not_accused():
    calls = []

    def build(frame):
        calls.append(1)
        return frame[["distance"]] * (1 if len(calls) < 3 else 2)

    report = check_preprocessing(build, FRAME, TRAIN)
    assert report.n_leaks == 0
    assert "Seed it" in report.findings[0].advice


def test_labels_can_be_text_dates_or_a_slice_of_them():
    named = FRAME.set_axis([f"flight {i:03}" for i in range(N)])
    timed = FRAME.set_index("when", drop=False)
    for frame, rows in (
        (named, named.index[:150].tolist()),
        (named, named.index[:150].to_numpy()),
        (named, slice(None, "flight 149")),
        (timed, timed.index[:150].to_numpy()),
        (timed, slice("2013-01-01", timed.index[149])),
    ):
        for build, ok in ((lambda f: f[["hour"]], True), (lambda f: f.hour.rank(), 0)):
            report = check_preprocessing(build, frame, rows)
            assert report.ok == ok
        assert report.findings[0].share == report.findings[0].n_rows / 150
    with pytest.raises(ValueError, match=r"1 label.* that frame has not"):
        check_preprocessing(lambda f: f, named, ["flight 200", "flight 001"])
    mixed = named.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match=r"no ends in frame\.index"):
        check_preprocessing(lambda f: f, mixed, slice("first", "last"))
    with pytest.raises(TypeError, match="the first of the two that a splitter gives"):
        check_preprocessing(lambda f: f, FRAME, (np.arange(150), np.arange(150, N)))


def test_long_errors_are_cut_in_the_notes():
    def build(frame):
        if len(frame) < N:
            raise KeyError("x" * 5_000)
        return frame[["hour"]]

    report = check_preprocessing(build, FRAME, TRAIN)
    assert max(len(note) for note in report.notes) < 300
