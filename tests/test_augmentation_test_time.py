"""Predictions averaged over versions of the rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlworkbench.augmentation import augment_test_time

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] + 0.3 * X[:, 1] > 0).astype(int)
SHIFTS = [lambda x: x + 0.5, lambda x: x - 0.5]
MODEL = LogisticRegression().fit(X, Y)


def test_it_is_the_mean_of_the_predictions():
    blocks = [MODEL.predict_proba(X + d) for d in (0, 0.5, -0.5)]
    found = augment_test_time(MODEL.predict_proba, X, SHIFTS)
    np.testing.assert_allclose(found, np.mean(blocks, axis=0))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    without = augment_test_time(MODEL.predict_proba, X, SHIFTS, include_original=False)
    np.testing.assert_allclose(without, np.mean(blocks[1:], axis=0))
    weighted = augment_test_time(MODEL.predict_proba, X, SHIFTS, weights=[2, 1, 0])
    np.testing.assert_allclose(weighted, (2 * blocks[0] + blocks[1]) / 3)
    alone = augment_test_time(MODEL.predict_proba, X, [])
    np.testing.assert_allclose(alone, blocks[0])
    named = dict(zip("ab", SHIFTS, strict=True))
    np.testing.assert_allclose(augment_test_time(MODEL.predict_proba, X, named), found)


def test_regression_and_one_column_keep_their_shape():
    model = LinearRegression().fit(X, X[:, 0])
    found = augment_test_time(model.predict, X, SHIFTS)
    assert found.shape == (40,)
    np.testing.assert_allclose(found, model.predict(X))  # a line averages to itself
    deep = augment_test_time(lambda x: np.ones((len(x), 2, 3)), X, SHIFTS)
    assert deep.shape == (40, 2, 3)


def test_all_versions_go_through_predict_in_one_call():
    calls = []

    def predict(rows):
        calls.append(len(rows))
        return rows[:, 0]

    augment_test_time(predict, X, SHIFTS)
    assert calls == [120]


def test_a_transform_in_place_leaves_the_rows_alone():
    def spoil(rows):
        rows += 1
        return rows

    rows = X.copy()
    found = augment_test_time(lambda x: x[:, 0], rows, [spoil, spoil])
    assert np.array_equal(rows, X)
    np.testing.assert_allclose(found, X[:, 0] + 2 / 3)


def test_a_transform_in_place_leaves_lists_of_lists_alone():
    def add(rows):
        for row in rows:
            row[0] += 1
        return rows

    rows = [[1.0], [2.0]]
    found = augment_test_time(lambda x: np.array(x)[:, 0], rows, [add])
    assert found.tolist() == [1.5, 2.5]
    assert rows == [[1.0], [2.0]]
    arrays = [lambda x: np.array(x) + 1]
    assert augment_test_time(lambda x: np.array(x)[:, 0], rows, arrays).tolist() == [
        1.5,
        2.5,
    ]


def test_frames_series_and_lists_stay_what_they_are():
    frame = pd.DataFrame(X, columns=list("abc")).assign(kind="x")

    def predict(rows):
        assert list(rows.columns) == ["a", "b", "c", "kind"]
        return rows["a"] + (rows["kind"] == "y")

    found = augment_test_time(predict, frame, [lambda f: f.assign(kind="y")])
    np.testing.assert_allclose(found, X[:, 0] + 0.5)
    lengths = pd.Series(["aa", "bbbb"], index=[5, 5], name="note")
    for texts, double in [
        (lengths, lambda s: s + s),
        (["aa", "bbbb"], lambda s: [t + t for t in s]),
    ]:
        found = augment_test_time(
            lambda s: np.array([float(len(t)) for t in s]), texts, [double]
        )
        assert found.tolist() == [3, 6]
    table = pa.table({"a": [1.0, 2.0]})
    found = augment_test_time(
        lambda t: t["a"].to_numpy(),
        table,
        [lambda t: pa.table({"a": pc.multiply(t["a"], 3)})],
    )
    assert found.tolist() == [2, 4]


def test_sparse_rows_stay_sparse():
    rows = sparse.csr_array(X)
    found = augment_test_time(MODEL.predict_proba, rows, [lambda s: 2 * s])
    blocks = [MODEL.predict_proba(X), MODEL.predict_proba(2 * X)]
    np.testing.assert_allclose(found, np.mean(blocks, axis=0))


def test_tensors_stay_tensors():
    torch = pytest.importorskip("torch")
    rows = torch.tensor([[1.0], [2.0]])
    with pytest.raises(TypeError, match="transform 0 gave a ndarray for a Tensor"):
        augment_test_time(len, rows, [lambda x: x.numpy()])
    model = torch.nn.Linear(1, 2)
    found = augment_test_time(model, rows, [lambda t: t.mul_(3)])
    assert rows.tolist() == [[1.0], [2.0]]
    with torch.no_grad():
        np.testing.assert_allclose(found, model(2 * rows).numpy(), rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((MODEL.predict, X, SHIFTS), {}, TypeError, "int64 .* pass predict_proba"),
        ((lambda x: ["a"] * len(x), X, []), {}, TypeError, "look like labels"),
        ((lambda x: np.ones(len(x), bool), X, []), {}, TypeError, "look like labels"),
        ((lambda x: 0.5, X, []), {}, TypeError, "look like labels"),
        ((lambda x: [], X, []), {}, ValueError, "gave 0 predictions for 40 rows"),
        ((lambda x: x[:-1, 0], X, SHIFTS), {}, ValueError, "119 .* for 120 rows"),
        ((lambda x: x[:, 0], X, SHIFTS[0]), {}, TypeError, r"a function; pass a list"),
        ((lambda x: x[:, 0], X, {"up": 3}), {}, TypeError, "transform 'up' is 3"),
        (
            (lambda x: x[:, 0], X, [lambda x: x[1:]]),
            {},
            ValueError,
            "transform 0 gave 39 rows for 40",
        ),
        (
            (lambda x: x[:, 0], X, [lambda x: None]),
            {},
            ValueError,
            "transform 0 gave None",
        ),
        (
            (lambda x: x[:, 0], X, [lambda x: x[:, :2]]),
            {},
            ValueError,
            "different shapes",
        ),
        (
            (lambda x: np.sqrt(x[:, 0]), abs(X), [lambda x: x * np.nan]),
            {},
            ValueError,
            "missing value at row 0 of transform 0",
        ),
        ((lambda x: x[:, 0], X[:0], []), {}, ValueError, "X has no rows"),
        (
            (lambda x: x[:, 0], X, []),
            {"include_original": False},
            ValueError,
            "nothing to predict",
        ),
        (
            (lambda x: x[:, 0], X, SHIFTS),
            {"weights": [1, 1]},
            ValueError,
            "weights has 2 values for 3",
        ),
        (
            (lambda x: x[:, 0], X, SHIFTS),
            {"weights": [1, -1, 1]},
            ValueError,
            "weights has 1 value",
        ),
        ((object(), X, SHIFTS), {}, TypeError, "predict is a object; pass a function"),
        ((len, "abc", SHIFTS), {}, TypeError, "X is a str; pass rows"),
        ((len, 5, SHIFTS), {}, TypeError, "X is a int; pass rows"),
        (
            (len, pd.DataFrame(X), {"half": lambda x: x.to_numpy() / 2}),
            {},
            TypeError,
            "'half' gave a ndarray for a DataFrame",
        ),
        (
            (len, sparse.csr_array(X), [lambda x: x.toarray()]),
            {},
            TypeError,
            "gave a ndarray for a csr_array",
        ),
    ],
)
def test_it_says_what_cannot_be_averaged(arguments, options, error, message):
    with pytest.raises(error, match=message):
        augment_test_time(*arguments, **options)
