"""Duplicates across a split: leaks named, rows equal by chance let alone."""

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from mlworkbench import datasets
from mlworkbench.leakage import _row_codes as row_codes
from mlworkbench.leakage import check_duplicates
from mlworkbench.leakage._minhash import near_text, shingles, signatures
from mlworkbench.leakage._near_numeric import near_numeric


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def numbers(rng, n, p=4):
    return pd.DataFrame(rng.normal(size=(n, p)), columns=list("abcdefgh"[:p]))


def severities(report):
    return {f.what: f.severity for f in report.findings}


def brute_force(train, test):
    """Give the rows of test that are in train, by comparing tuples."""
    seen = set(map(tuple, train))
    return [i for i, row in enumerate(test) if tuple(row) in seen]


tables = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([None, "x", "y"])), min_size=1
)


@given(tables, tables)
def test_equal_rows_are_those_of_a_set(train, test):
    columns = ["u", "v"]
    report = check_duplicates(
        pd.DataFrame(train, columns=columns), pd.DataFrame(test, columns=columns)
    )
    wanted = brute_force(train, test)
    found = [f for f in report.findings if f.what == "equal rows"]
    assert [f.n_rows for f in found] == ([len(wanted)] if wanted else [])
    if found:
        assert found[0].evidence["test_row"].tolist() == wanted
        mates = [train[row] for row in found[0].evidence["train_row"]]
        assert mates == [test[row] for row in wanted]


def test_a_collision_of_the_hash_is_resolved(monkeypatch, rng):
    codes = [rng.integers(0, 3, 200), rng.integers(0, 3, 200)]
    right = row_codes.group_rows(codes, 150)
    monkeypatch.setattr(row_codes, "_mix", lambda c, _: np.zeros(len(c), np.uint64))
    safe = row_codes.group_rows(codes, 150)
    assert (right.group == safe.group).all()
    assert (right.in_train == safe.in_train).all()
    assert right.in_train.sum() == 150
    assert right.in_test.sum() == 50


def test_copied_rows_are_a_leak_and_named(rng):
    train, test = numbers(rng, 400), numbers(rng, 100)
    test.index = [f"t{i}" for i in range(100)]
    report = check_duplicates(pd.concat([train, test.iloc[10:18]]), test)
    assert not report.ok
    assert severities(report) == {"equal rows": "leak"}
    rows = report.rows("duplicates")
    assert rows["test_row"].tolist() == [f"t{i}" for i in range(10, 18)]
    assert rows["train_row"].tolist() == rows["test_row"].tolist()
    assert rows["a"].tolist() == test["a"].iloc[10:18].tolist()
    assert report.findings[0].share == 0.08


@pytest.mark.parametrize("seed", range(5))
def test_rows_equal_by_chance_are_a_note(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"hour": rng.integers(0, 24, 4000), "dest": rng.integers(0, 60, 4000)}
    )
    report = check_duplicates(frame[:3000], frame[3000:])
    assert report.ok
    assert severities(report)["equal rows"] == "note"
    assert report.findings[0].share > 0.8


def test_natural_duplicates_of_real_data_are_a_note(rng):
    frame = datasets.load("diamonds").frame
    order = rng.permutation(len(frame))
    report = check_duplicates(frame.iloc[order[:40000]], frame.iloc[order[40000:]])
    assert report.ok
    assert severities(report)["equal rows"] == "note"


def test_one_natural_duplicate_of_a_small_table_is_a_note():
    from sklearn.datasets import load_iris

    frame = load_iris(as_frame=True).frame  # rows 101 and 142 are equal
    test = frame.index.isin([*range(0, 150, 5), 142])
    report = check_duplicates(frame[~test], frame[test])
    assert severities(report) == {"equal rows": "note"}
    pair = report.rows("equal rows")[["test_row", "train_row"]]
    assert pair.to_numpy().tolist() == [[142, 101]]


def test_rows_copied_before_the_split_are_a_warning(rng):
    frame = numbers(rng, 1000).assign(late=rng.random(1000) < 0.1)
    more = pd.concat([frame, *[frame[frame["late"]]] * 8], ignore_index=True)
    order = rng.permutation(len(more))
    train, test = more.iloc[order[:1300]], more.iloc[order[1300:]]
    report = check_duplicates(train, test)
    assert severities(report)["equal rows"] == "warning"
    assert severities(check_duplicates(more)) == {"equal rows inside train": "warning"}


def test_duplicates_inside_train_alone_are_a_note(rng):
    train, test = numbers(rng, 400), numbers(rng, 100)
    report = check_duplicates(pd.concat([train, train]), test)
    assert severities(report) == {"equal rows inside train": "note"}
    assert report.findings[0].n_rows == 400


def test_a_reset_index_does_not_matter(rng):
    frame = numbers(rng, 500)
    train, test = frame[:400], frame[400:].reset_index(drop=True)
    report = check_duplicates(train, test)
    assert report.ok
    assert not len(report.frame)
    assert "No row of test" in report.notes[0]


def test_types_are_brought_together():
    train = pd.DataFrame(
        {
            "i": pd.array([1, 2, None], dtype="Int64"),
            "c": pd.Categorical(["x", "y", "y"]),
            "t": pd.to_datetime(["2020-01-01"] * 3).as_unit("ns"),
            "z": pd.to_datetime(["2020-01-01"] * 3, utc=True),
            "f": [0.0, 1.0, np.nan],
        }
    )
    test = pd.DataFrame(
        {
            "f": [-0.0, 1.0, None],
            "i": [1.0, 3.0, np.nan],
            "c": pd.Categorical(["x", "y", "y"], categories=["y", "x"]),
            "t": pd.to_datetime(["2020-01-01"] * 3).as_unit("s"),
            "z": pd.to_datetime(["2020-01-01"] * 3, utc=True).tz_convert("Asia/Tokyo"),
        }
    )
    report = check_duplicates(train, test)
    assert report.findings[0].evidence["test_row"].tolist() == [0, 2]
    arrays = check_duplicates(np.eye(3), np.eye(3)[:1])
    assert arrays.findings[0].n_rows == 1
    arrow = check_duplicates(pa.table({"a": [1, 2]}), pa.table({"a": [2]}))
    assert arrow.findings[0].n_rows == 1


def test_bad_input_is_explained(rng):
    one = numbers(rng, 5)
    with pytest.raises(ValueError, match=r"only train: \['d'\].*only test: \['x'\]"):
        check_duplicates(one, one.rename(columns={"d": "x"}))
    with pytest.raises(ValueError, match="test has no rows"):
        check_duplicates(one, one[:0])
    with pytest.raises(ValueError, match="no columns"):
        check_duplicates(one[[]], one[[]])
    with pytest.raises(TypeError, match="number in train and text in test"):
        check_duplicates(one, one.astype({"a": str}))
    with pytest.raises(TypeError, match="cannot be compared"):
        check_duplicates(pd.DataFrame({"a": [[1], [2]]}), pd.DataFrame({"a": [[1]]}))
    with pytest.raises(TypeError, match="time with a zone in train and time in test"):
        check_duplicates(
            pd.DataFrame({"t": pd.to_datetime(["2020-01-01"], utc=True)}),
            pd.DataFrame({"t": pd.to_datetime(["2020-01-01"])}),
        )
    with pytest.raises(KeyError, match="no column"):
        check_duplicates(one, one, columns=["nope"])
    with pytest.raises(ValueError, match="near is 2"):
        check_duplicates(one, one, near=2)
    with pytest.raises(TypeError, match="near is 'text'"):
        check_duplicates(one, one, near="text")
    assert check_duplicates(one, one.assign(d=0), columns=["a"]).findings


def test_nearest_rows_are_those_of_all_pairs(rng):
    train, test = rng.normal(size=(120, 3)), rng.normal(size=(40, 3))
    test[:5] = train[:5] + 0.01
    same = rng.integers(0, 2, 160)
    same[120:125] = same[:5]
    found = near_numeric(train, test, same, 0.5, rng)
    scale = train.std(axis=0)
    inside = np.linalg.norm((train[:, None] - train) / scale, axis=2)
    np.fill_diagonal(inside, np.inf)
    unit = np.median(inside.min(axis=1))
    far = np.linalg.norm((test[:, None] - train) / scale, axis=2) / unit
    far[same[120:, None] != same[:120]] = np.inf
    least = np.where(far.min(axis=1) <= 0.5, far.min(axis=1), np.inf)
    np.testing.assert_allclose(found.distance, least, atol=1e-9)
    assert (found.row[:5] == np.arange(5)).all()
    inside[same[:120, None] != same[:120]] = np.inf
    least = inside.min(axis=1) / unit
    np.testing.assert_allclose(
        found.inside, np.where(least <= 0.5, least, np.inf), atol=1e-9
    )


def test_slightly_changed_rows_are_a_leak(rng):
    train, test = numbers(rng, 600), numbers(rng, 200)
    train["kind"], test["kind"] = "x", "x"
    shaken = test.iloc[:20].copy()
    shaken["a"] += 0.001
    report = check_duplicates(pd.concat([train, shaken]), test, near=True)
    assert severities(report) == {"almost equal rows": "leak"}
    rows = report.rows("almost equal rows")
    assert sorted(rows["test_row"]) == list(range(20))
    assert (rows["test_row"] == rows["train_row"]).all()
    assert rows["distance"].is_monotonic_increasing
    other = pd.concat([train, shaken.assign(kind="y")])
    assert check_duplicates(other, test, near=True).ok
    assert check_duplicates(train, test, near=0.3).ok


@pytest.mark.parametrize("copied", [100, 1000])
def test_changed_copies_made_before_the_split_are_a_warning(rng, copied):
    frame = numbers(rng, 1000)
    more = pd.concat([frame, frame.head(copied) + 1e-4], ignore_index=True)
    more = more.iloc[rng.permutation(len(more))]
    report = check_duplicates(more[:800], more[800:], near=True)
    assert severities(report) == {"almost equal rows": "warning"}
    inside = check_duplicates(more, near=True)
    assert severities(inside) == {"almost equal rows": "warning"}
    assert inside.findings[0].n_rows == 2 * copied


def texts(rng, n):
    words = [f"{a}{b}n" for a in "bdfgklmprst" for b in ("a", "e", "io", "ou", "ai")]
    return [" ".join(rng.choice(words, 25)) for _ in range(n)]


def jaccard_distance(one, two):
    def pieces(text):
        return {text[i : i + 5] for i in range(len(text) - 4)}

    shared, total = pieces(one) & pieces(two), pieces(one) | pieces(two)
    return 1 - len(shared) / len(total)


def test_near_texts_are_found_with_their_true_distance(rng):
    train, test = texts(rng, 300), texts(rng, 60)
    for i in range(20):
        words = train[i].split()
        words[i % 25] = "zzz"
        test[i] = " ".join(words)
    found = near_text(train, test, 0.3, np.random.default_rng(0))
    assert (found.row[:20] == np.arange(20)).all()
    wanted = [jaccard_distance(train[i], test[i]) for i in range(20)]
    np.testing.assert_allclose(found.distance[:20], wanted)
    assert (found.row[20:] == -1).all()
    assert np.isinf(found.inside).all()


def test_signatures_agree_as_often_as_the_sets_overlap(rng):
    one = " ".join(texts(rng, 4))
    two = one[: len(one) // 2] + " ".join(texts(rng, 2))
    agree = []
    for seed in range(30):
        marks = signatures(*shingles([one, two]), np.random.default_rng(seed))
        agree.append((marks[0] == marks[1]).mean())
    wanted = 1 - jaccard_distance(one, two)
    error = np.sqrt(wanted * (1 - wanted) / (30 * 128))
    assert abs(np.mean(agree) - wanted) < 4 * error


def test_reworded_texts_are_a_leak_capitals_or_not(rng):
    train = pd.DataFrame({"note": texts(rng, 300)})
    test = pd.DataFrame({"note": texts(rng, 100)})
    again = test.head(10).assign(note=lambda f: f["note"].str.upper() + "  !")
    report = check_duplicates(pd.concat([train, again]), test, near=True)
    assert severities(report) == {"almost equal rows": "leak"}
    assert sorted(report.rows("L1.4")["test_row"]) == list(range(10))
    assert check_duplicates(train, test, near=True).ok
    short = near_text(["", "a", "bb"], ["A", ""], 0.3, rng)
    assert short.row.tolist() == [1, 0]


def test_copied_texts_before_the_split_are_a_warning(rng):
    frame = pd.DataFrame({"note": texts(rng, 400)})
    frame = pd.concat([frame, frame.head(60)], ignore_index=True)
    order = rng.permutation(len(frame))
    report = check_duplicates(frame.iloc[order[:300]], frame.iloc[order[300:]])
    assert severities(report)["equal rows"] == "warning"


def with_copies(frame, copies, n_train):
    """Put changed copies of test rows into train."""
    train, test = frame[:n_train], frame[n_train:].reset_index(drop=True)
    return pd.concat([train, copies(test)], ignore_index=True), test


@pytest.mark.parametrize("shake", ["noise", "steps"])
def test_images_that_were_shaken_are_found(rng, shake):
    # Pixels of 17 levels, dark corners that are constant or almost.
    digits = load_digits().data
    mixed = pd.DataFrame(digits[rng.permutation(len(digits))])

    def copies(test):
        some = test.head(40).to_numpy(copy=True)
        if shake == "noise":
            return pd.DataFrame(some + rng.normal(0, 0.05, some.shape))
        for row in some:
            at = rng.choice(np.argsort(-digits.std(axis=0))[:20], 2, replace=False)
            row[at] = np.where(row[at] > 8, row[at] - 1, row[at] + 1)
        return pd.DataFrame(some)

    report = check_duplicates(*with_copies(mixed, copies, 1300), near=True)
    assert severities(report)["almost equal rows"] == "leak"
    assert report.rows("almost equal rows")["test_row"].isin(range(40)).all()
    assert len(report.rows("almost equal rows")) >= 36
    assert check_duplicates(mixed[:1300], mixed[1300:], near=True).ok


def test_texts_from_a_form_are_alike_by_nature(rng):
    parts = rng.choice(["chest", "arm", "leg", "head", "back"], 1500)
    note = [
        f"patient has pain in the {p} since {rng.integers(1, 30)} days" for p in parts
    ]
    form = pd.DataFrame({"note": note, "ill": rng.integers(2, size=1500)})
    assert check_duplicates(form).ok
    for table in (form, form[["note"]]):
        report = check_duplicates(table[:1100], table[1100:], near=True)
        assert report.ok, str(report)


def test_copies_of_written_texts_are_no_form(rng):
    words = [f"w{i}" for i in range(400)]
    texts = [" ".join(rng.choice(words, 9)) for _ in range(500)]
    report = check_duplicates(pd.DataFrame({"note": texts + texts[:40]}))
    assert severities(report) == {"equal rows inside train": "warning"}


def test_texts_alone_by_brute_force(rng):
    texts = list(
        dict.fromkeys(" ".join(rng.choice(list("abcd"), 4)) for _ in range(60))
    )
    chosen = np.arange(0, len(texts), 3)

    def near(one, two):
        a, b = Counter(one.split()), Counter(two.split())
        return max(sum((a - b).values()), sum((b - a).values())) <= 1

    alone = [
        not any(near(texts[i], t) for j, t in enumerate(texts) if j != i)
        for i in chosen
    ]
    assert row_codes.texts_alone(pd.Series(texts), chosen) == np.mean(alone)
    far = pd.Series(["a b c d", "e f g h", "a b c i", "", "k"])
    assert row_codes.texts_alone(far, np.arange(2)) == 0.5


def test_names_are_texts_where_there_is_nothing_else(rng):
    names = ["".join(rng.choice(list("abcdefgh"), 12)) for _ in range(600)]
    frame = pd.DataFrame({"name": names})
    frame.loc[3, "name"] = None
    train, test = with_copies(frame, lambda t: t.head(40) + ".", 450)
    for kind in ("str", "category", object):
        report = check_duplicates(train.astype(kind), test.astype(kind), near=True)
        assert severities(report)["almost equal rows"] == "leak"


def test_few_rows_that_are_near_by_chance_are_no_copies():
    # A value of 0 that comes often leaves one column to tell rows apart.
    for seed in range(12):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"a": rng.normal(size=400), "b": rng.gamma(2, size=400)})
        frame.loc[rng.random(400) < 0.2, "a"] = 0.0
        report = check_duplicates(frame[:300], frame[300:], near=True)
        assert report.ok, str(report)
