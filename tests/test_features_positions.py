"""Sinusoidal positions and Fourier features: formulas, rotation, the kernel."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlworkbench.features import FourierFeatures, SinusoidalPositions


@parametrize_with_checks(
    [
        SinusoidalPositions(4),
        SinusoidalPositions(5, base=100),
        FourierFeatures(10, 0.5, random_state=0),
    ],
    expected_failed_checks=lambda estimator: {},
    xfail_strict=True,
)
@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def by_the_paper(position, dim):
    """Vaswani et al. 2017, section 3.5, one number at a time."""
    row = []
    for column in range(dim):
        i = column // 2
        angle = position / 10_000 ** (2 * i / dim)
        row.append(np.cos(angle) if column % 2 else np.sin(angle))
    return row


@pytest.mark.parametrize("dim", [1, 2, 3, 8, 17, 512])
def test_the_paper_s_formula(dim):
    expected = [by_the_paper(p, dim) for p in range(30)]
    np.testing.assert_allclose(SinusoidalPositions(dim)(30), expected, atol=1e-13)


def test_golden_values():
    # sin 1, cos 1, sin 0.01, cos 0.01 (any table of sines)
    expected = [0.8414709848, 0.5403023059, 0.0099998333, 0.9999500004]
    np.testing.assert_allclose(SinusoidalPositions(4)(2)[1], expected, atol=1e-10)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 20).map(lambda half: 2 * half),
    st.floats(-500, 500),
    st.floats(-200, 200),
)
def test_a_step_is_the_same_rotation_everywhere(dim, position, offset):
    encode = SinusoidalPositions(dim)
    R = encode.shift_matrix(offset)
    np.testing.assert_allclose(R @ R.T, np.eye(dim), atol=1e-12)
    there = encode([position + offset])[0]
    np.testing.assert_allclose(R @ encode([position])[0], there, atol=1e-10)


def test_the_linear_map_is_found_from_the_vectors_alone():
    vectors = SinusoidalPositions(8)(200)
    found, *_ = np.linalg.lstsq(vectors[:-3], vectors[3:], rcond=None)
    np.testing.assert_allclose(vectors[:-3] @ found, vectors[3:], atol=1e-10)


def test_likeness_depends_on_the_distance_only():
    vectors = SinusoidalPositions(16)(60)
    products = vectors @ vectors.T
    for k in range(60):
        np.testing.assert_allclose(np.diag(products, k), products[0, k], atol=1e-12)
    assert products[0, 0] == pytest.approx(8)


def test_any_length_starts_the_same():
    encode = SinusoidalPositions(6)
    np.testing.assert_array_equal(encode(500)[:8], encode(8))
    np.testing.assert_array_equal(encode([7, 3]), encode(8)[[7, 3]])
    np.testing.assert_array_equal(encode(pd.Series([3], dtype="Int64")), encode(4)[3:])
    assert encode(0).shape == encode([]).shape == (0, 6)


def test_as_a_transformer_of_columns():
    frame = pd.DataFrame({"stop": [0, 1, 2], "page": [5, 5, 6]}, index=[4, 5, 6])
    encode = SinusoidalPositions(4)
    out = encode.set_output(transform="pandas").fit_transform(frame)
    assert list(out)[:5] == [
        "stop_sin_0",
        "stop_cos_0",
        "stop_sin_1",
        "stop_cos_1",
        "page_sin_0",
    ]
    assert out.index.equals(frame.index)
    np.testing.assert_array_equal(out.to_numpy()[:, :4], encode(3))
    np.testing.assert_array_equal(out.to_numpy()[:, 4:], encode([5, 5, 6]))
    assert encode.transform(frame.iloc[:0]).shape == (0, 8)


def test_nothing_has_to_be_fitted():
    encode = SinusoidalPositions(4)
    np.testing.assert_array_equal(encode.transform([[0], [1]]), encode(2))
    assert encode.get_feature_names_out(["p"]).tolist()[:2] == ["p_sin_0", "p_cos_0"]
    with pytest.raises(ValueError, match="not known before fit; pass input_features"):
        encode.get_feature_names_out()


def test_odd_dim_ends_with_a_lone_sine():
    encode = SinusoidalPositions(3)
    assert encode(4).shape == (4, 3)
    np.testing.assert_allclose(
        encode(4)[:, 2], np.sin(np.arange(4) / 10_000 ** (2 / 3))
    )
    with pytest.raises(ValueError, match=r"dim is 3.*no cosine to turn with.*even dim"):
        encode.shift_matrix(1)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"dim": 0}, ValueError, "dim is 0; pass 1 or more"),
        ({"dim": 4.0}, TypeError, "dim is 4.0; pass a whole number"),
        ({"base": 1}, ValueError, "base is 1; pass a finite number above 1"),
        ({"base": np.inf}, ValueError, "base is inf"),
        ({"base": "e"}, TypeError, "base is 'e'; pass a number"),
    ],
)
def test_bad_parameters_of_positions(options, error, match):
    encode = SinusoidalPositions(**options)
    with pytest.raises(error, match=match):
        encode(3)
    with pytest.raises(error, match=match):
        encode.fit([[1]])


@pytest.mark.parametrize(
    ("positions", "error", "match"),
    [
        (-1, ValueError, "the number of positions is -1"),
        (2.5, TypeError, "the number of positions is 2.5"),
        ([1.0, np.nan], ValueError, "holds nan at row 1"),
        ([[1, 2]], ValueError, r"shape \(1, 2\)"),
        (["first"], ValueError, "positions are not numbers: .*first"),
        (pd.Series(pd.to_datetime(["2013-01-01"])), TypeError, "holds dates.*count"),
        ([{}], TypeError, "positions are not numbers"),
    ],
)
def test_bad_positions(positions, error, match):
    with pytest.raises(error, match=match):
        SinusoidalPositions(4)(positions)


def test_missing_positions_in_a_column_are_refused():
    with pytest.raises(ValueError, match="contains NaN"):
        SinusoidalPositions(4).fit_transform(pd.DataFrame({"stop": [1.0, None]}))


DAYS = pd.Series(pd.to_datetime(["2013-01-01", "2013-01-03"]))


@pytest.mark.parametrize(
    ("column", "error", "match"),
    [
        (DAYS, TypeError, r"'stop' holds dates.*\(dates - dates.min\(\)\).dt.days"),
        (DAYS.astype("datetime64[ns]"), TypeError, "'stop' holds dates"),
        (DAYS.dt.tz_localize("UTC"), TypeError, "'stop' holds dates"),
        (DAYS.dt.to_period("D"), TypeError, "'stop' holds dates"),
        (DAYS.astype(object), TypeError, "'stop' holds dates"),
        (DAYS - DAYS[0], TypeError, "'stop' holds durations.*total_seconds"),
        (["A", "B"], ValueError, "'stop' does not hold numbers.*'A'"),
        (pd.Categorical(["A", "B"]), ValueError, "'stop' does not hold numbers"),
        ([None, None], ValueError, "NaN: the column 'stop' misses 2 of 2 values"),
        (pd.array([1, None], "Int64"), ValueError, "'stop' misses 1 of 2 values"),
    ],
)
@pytest.mark.parametrize("encode", [SinusoidalPositions(4), FourierFeatures(4)])
def test_columns_that_are_no_places_are_named(encode, column, error, match):
    frame = pd.DataFrame({"line": [1, 2], "stop": column})
    with pytest.raises(error, match=match):
        clone(encode).fit(frame)
    fitted = clone(encode).fit(frame.assign(stop=[3, 4]))
    with pytest.raises(error, match=match):
        fitted.transform(frame)


def test_dates_in_an_array_are_refused():
    for values, match in ((DAYS, "X holds dates"), (DAYS - DAYS[0], "durations")):
        with pytest.raises(TypeError, match=match):
            FourierFeatures(4).fit(values.to_numpy()[:, None])
    features = FourierFeatures(4).fit([[1.0]])
    with pytest.raises(TypeError, match="X holds dates"):
        features.kernel([[1.0]], DAYS.to_numpy()[:, None])


@pytest.mark.parametrize(
    "column",
    [[1, 2], pd.Categorical([1, 2]), pd.array([1, 2], "Int64"), np.array([1, 2], "O")],
)
def test_any_column_of_numbers_is_a_place(column):
    frame = pd.DataFrame({"stop": column})
    wanted = SinusoidalPositions(4)([1, 2])
    assert np.array_equal(SinusoidalPositions(4).fit_transform(frame), wanted)


@pytest.mark.parametrize("dim", [4, 16, 128])
def test_wavelength_of_the_slowest_pair(dim):
    wavelength = 2 * np.pi * 10_000 ** (1 - 2 / dim)
    quarter = SinusoidalPositions(dim)([wavelength / 4])[0, -2:]
    assert quarter == pytest.approx([1, 0], abs=1e-9)


# --- Fourier features ---------------------------------------------------------


def test_formula_of_the_features():
    X = np.random.default_rng(0).normal(size=(7, 2))
    waves = FourierFeatures(6, scale=0.3, random_state=1).fit(X)
    B = waves.frequencies_
    assert B.shape == (3, 2)
    angles = [[2 * np.pi * (b @ v) for b in B] for v in X]
    expected = np.hstack([np.cos(angles), np.sin(angles)])
    np.testing.assert_allclose(waves.transform(X), expected, atol=1e-13)


@pytest.mark.parametrize("scale", [0.05, 0.3, [0.3, 0.02]])
@pytest.mark.parametrize("seed", range(3))
def test_inner_products_are_the_gaussian_kernel(scale, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(40, 2)), rng.normal(size=(30, 2))
    m = 20_000
    waves = FourierFeatures(2 * m, scale, random_state=seed).fit(X)
    got = waves.transform(X) @ waves.transform(Y).T / m
    exact = waves.kernel(X, Y)
    # Var cos(2πb·δ) = (1 + k(2δ)) / 2 - k(δ)², with k(2δ) = k(δ)⁴.
    sigma = np.sqrt(((1 + exact**4) / 2 - exact**2) / m)
    z = (got - exact) / np.maximum(sigma, 1e-12)
    assert np.abs(z).max() < 5
    assert np.sqrt((z**2).mean()) < 2


def test_the_error_falls_with_the_root_of_the_number_of_features():
    X = np.random.default_rng(0).normal(size=(60, 2))

    def error(n):
        tries = []
        for seed in range(10):
            waves = FourierFeatures(n, 0.2, random_state=seed).fit(X)
            Z = waves.transform(X)
            tries.append(((Z @ Z.T / (n / 2) - waves.kernel(X)) ** 2).mean())
        return np.sqrt(np.mean(tries))

    assert error(100) / error(1_600) == pytest.approx(4, rel=0.25)
    assert error(100) < 1 / np.sqrt(100)


def test_kernel_is_scikit_learns_with_gamma():
    X = np.random.default_rng(2).normal(size=(20, 3))
    waves = FourierFeatures(2, scale=0.4).fit(X)
    gamma = 2 * np.pi**2 * 0.4**2
    np.testing.assert_allclose(waves.kernel(X), rbf_kernel(X, gamma=gamma), rtol=1e-9)
    # The library's own sampler approximates the same kernel, less closely.
    Z = RBFSampler(gamma=gamma, n_components=20_000, random_state=0).fit_transform(X)
    assert np.abs(Z @ Z.T - waves.kernel(X)).max() < 0.05


def test_same_seed_same_features_and_global_state_untouched():
    X = np.arange(6.0).reshape(3, 2)
    state = np.random.get_state()[1].copy()
    one = FourierFeatures(8, random_state=3).fit(X)
    two = FourierFeatures(8, random_state=3).fit(X)
    np.testing.assert_array_equal(one.frequencies_, two.frequencies_)
    other = FourierFeatures(8, random_state=4).fit(X)
    assert not np.allclose(one.frequencies_, other.frequencies_)
    rng = np.random.default_rng(3)
    advanced = FourierFeatures(8, random_state=rng).fit(X)
    np.testing.assert_array_equal(one.frequencies_, advanced.frequencies_)
    assert (np.random.get_state()[1] == state).all()


def test_names_frames_pickle_and_zero_rows():
    frame = pd.DataFrame({"lat": [40.0, 41.0], "lon": [-74, -73]}, index=["a", "b"])
    waves = FourierFeatures(4, 0.1, random_state=0).set_output(transform="pandas")
    out = waves.fit_transform(frame)
    names = ["fourier_cos_0", "fourier_cos_1", "fourier_sin_0", "fourier_sin_1"]
    assert list(out) == names
    assert list(out.index) == ["a", "b"]
    assert waves.transform(frame.iloc[:0]).shape == (0, 4)
    copy = pickle.loads(pickle.dumps(waves))
    pd.testing.assert_frame_equal(copy.transform(frame), out)
    assert not hasattr(clone(waves), "frequencies_")
    with pytest.raises(ValueError, match="input_features is not equal"):
        waves.get_feature_names_out(["lon", "lat"])


def test_a_linear_model_learns_a_surface_with_them():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(800, 2))
    y = np.sin(5 * X[:, 0]) * np.cos(5 * X[:, 1])
    new = rng.uniform(-0.9, 0.9, size=(200, 2))
    truth = np.sin(5 * new[:, 0]) * np.cos(5 * new[:, 1])
    flat = Ridge().fit(X, y)
    waves = FourierFeatures(200, scale=0.5, random_state=0)
    curved = make_pipeline(waves, Ridge(alpha=1e-3)).fit(X, y)
    assert flat.score(new, truth) < 0.1
    assert curved.score(new, truth) > 0.99


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"n_features": 5}, ValueError, "pass an even number, 4 or 6"),
        ({"n_features": 0}, ValueError, "n_features is 0; pass 2 or more"),
        ({"n_features": "8"}, TypeError, "n_features is '8'"),
        ({"scale": 0}, ValueError, "scale is 0; pass positive"),
        ({"scale": np.nan}, ValueError, "scale is nan"),
        ({"scale": [1, 2, 3]}, ValueError, r"shape \(3,\) for 2 column"),
        ({"scale": "wide"}, TypeError, "scale is 'wide'"),
        ({"random_state": "x"}, TypeError, "random_state is a str"),
    ],
)
def test_bad_parameters_of_features(options, error, match):
    waves = FourierFeatures(**options)
    with pytest.raises(error, match=match):
        waves.fit(np.ones((3, 2)))


def test_not_fitted_and_missing():
    with pytest.raises(NotFittedError):
        FourierFeatures().transform([[1.0]])
    with pytest.raises(NotFittedError):
        FourierFeatures().kernel([[1.0]])
    with pytest.raises(ValueError, match="contains NaN"):
        FourierFeatures().fit([[np.nan]])
