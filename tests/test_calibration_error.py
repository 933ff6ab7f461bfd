"""The expected calibration error: goldens, peers, oracles, bad inputs."""

import numpy as np
import pandas as pd
import pytest
from _calibration_rows import golden_classes, golden_rows, random_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.metrics.calibration import expected_calibration_error as mapie_error
from sklearn.calibration import calibration_curve

from mlworkbench.calibration import calibration_report, expected_calibration_error
from mlworkbench.calibration._bins import (
    bin_edges,
    bin_index,
    bin_sums,
    error_of,
    squared_error,
)


def slow_error(y, p, w, edges, norm):
    """Do it bin by bin and row by row, as the definition says."""
    gaps, mass = [], []
    for b in range(len(edges) - 1):
        rows = [
            i
            for i in range(len(p))
            if (p[i] > edges[b] or b == 0) and (p[i] <= edges[b + 1])
        ]
        if rows and sum(w[i] for i in rows):
            total = sum(w[i] for i in rows)
            gaps.append(sum(w[i] * (y[i] - p[i]) for i in rows) / total)
            mass.append(total / sum(w))
    gaps, mass = np.abs(gaps), np.array(mass)
    if norm == "max":
        return gaps.max()
    return mass @ gaps if norm == "l1" else np.sqrt(mass @ gaps**2)


# netcal 1.4.0: ECE(n).measure, MCE(n).measure, ECE(n, equal_intervals=False).measure;
# uncertainty-calibration 0.1.4: get_ece, get_ece_em give the same to 1e-15.
@pytest.mark.parametrize(
    ("n_bins", "strategy", "norm", "expected"),
    [
        (10, "uniform", "l1", 0.09016180149838605),
        (15, "uniform", "l1", 0.09065425332207672),
        (10, "quantile", "l1", 0.09034276474564108),
        (15, "quantile", "l1", 0.09077403796122012),
        (10, "uniform", "max", 0.14052945166066322),
        (15, "uniform", "max", 0.14292297226245587),
    ],
)
def test_equals_netcal(n_bins, strategy, norm, expected):
    y, p = golden_rows()
    found = expected_calibration_error(
        y, p, n_bins=n_bins, strategy=strategy, norm=norm
    )
    assert found == pytest.approx(expected, abs=1e-12)


# uncertainty-calibration 0.1.4, lower_bound_scaling_ce with p=2, 15 and 10 bins of
# equal width (plain, debiased) and of equal mass (debiased).
@pytest.mark.parametrize(
    ("n_bins", "strategy", "debias", "expected"),
    [
        (10, "uniform", False, 0.10125735011688512),
        (10, "uniform", True, 0.09776789239164167),
        (10, "quantile", True, 0.09764487061950863),
        (15, "uniform", False, 0.10122157041200237),
        (15, "uniform", True, 0.09591954393173892),
        (15, "quantile", True, 0.09643525581745169),
    ],
)
def test_l2_equals_uncertainty_calibration(n_bins, strategy, debias, expected):
    y, p = golden_rows()
    found = expected_calibration_error(
        y, p, n_bins=n_bins, strategy=strategy, norm="l2", debias=debias
    )
    assert found == pytest.approx(expected, abs=1e-12)


def test_many_classes_equal_two_peers():
    y, p = golden_classes()
    # netcal 1.4.0 ECE(10) and uncertainty-calibration 0.1.4 get_ece, top-label.
    assert expected_calibration_error(y, p, n_bins=10) == pytest.approx(
        0.12135737628816343, abs=1e-12
    )
    # uncertainty-calibration 0.1.4, mode="marginal": L1, L2, L2 debiased.
    wise = {"n_bins": 10, "multiclass": "classwise"}
    found = [
        expected_calibration_error(y, p, norm=norm, debias=debias, **wise)
        for norm, debias in (("l1", False), ("l2", False), ("l2", True))
    ]
    expected = [0.08004969164541204, 0.09490616676510404, 0.09255903242992795]
    np.testing.assert_allclose(found, expected, atol=1e-12)


# MAPIE counts edges, not bins: num_bins=16 makes 15 bins of equal width. (Its bins
# of equal mass give the smallest probability a bin of its own, so they differ.)
@pytest.mark.parametrize("n_bins", [5, 15, 50])
def test_equals_mapie(n_bins):
    y, p = random_rows()
    expected = mapie_error(y, p, num_bins=n_bins + 1, split_strategy="uniform")
    found = expected_calibration_error(y, p, n_bins=n_bins)
    assert found == pytest.approx(expected, abs=1e-6)


def test_classwise_equals_mapie():
    y, p = golden_classes()
    expected = mapie_error(
        y, p, num_bins=16, split_strategy="uniform", classwise=True, class_labels=y
    )
    found = expected_calibration_error(y, p, multiclass="classwise")
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("n_bins", [1, 5, 15, 61, 100])
@pytest.mark.parametrize("digits", [1, 2, 16])
def test_bins_equal_calibration_curve(strategy, n_bins, digits):
    y, p = random_rows()
    p = p.round(digits)
    prob_true, prob_pred = calibration_curve(y, p, n_bins=n_bins, strategy=strategy)
    table = calibration_report(y, p, n_bins=n_bins, strategy=strategy, n_boot=0).frame
    np.testing.assert_allclose(table["observed"], prob_true, atol=1e-12)
    np.testing.assert_allclose(table["predicted"], prob_pred, atol=1e-12)
    assert table["n"].sum() == len(y)


def test_by_hand():
    # Bins of width .5: said .2 and .4, happened 1 of 2; said .9, happened 1 of 1.
    y, p = [0, 1, 1], [0.2, 0.4, 0.9]
    gaps = abs(0.5 - 0.3), 0.1
    assert expected_calibration_error(y, p, n_bins=2) == pytest.approx(
        (2 * gaps[0] + gaps[1]) / 3
    )
    assert expected_calibration_error(y, p, n_bins=2, norm="l2") == pytest.approx(
        np.sqrt((2 * gaps[0] ** 2 + gaps[1] ** 2) / 3)
    )
    assert expected_calibration_error(y, p, n_bins=2, norm="max") == pytest.approx(0.2)
    # Debiased: .5 · .5 / (2 - 1) off the first squared gap; a lone row counts 0.
    assert expected_calibration_error(y, p, n_bins=2, norm="l2", debias=True) == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from([0.0, 0.1, 0.3, 0.5, 2 / 3, 0.9, 1.0]),
            st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 6),
    st.sampled_from(["l1", "l2", "max"]),
)
def test_equals_the_definition(rows, n_bins, norm):
    y, p, w = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if not w.any():
        w = np.ones(len(w))
    found = expected_calibration_error(y, p, n_bins=n_bins, norm=norm, sample_weight=w)
    edges = np.linspace(0, 1, n_bins + 1)
    assert found == pytest.approx(slow_error(y, p, w, edges, norm), abs=1e-12)
    order = np.random.default_rng(0).permutation(len(y))
    again = expected_calibration_error(
        y[order], p[order], n_bins=n_bins, norm=norm, sample_weight=w[order]
    )
    assert again == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_whole_weights_are_repeated_rows(strategy, norm):
    y, p = random_rows(300)
    p = p.round(2)
    w = np.random.default_rng(1).integers(0, 4, 300)
    options = {"strategy": strategy, "norm": norm, "n_bins": 7}
    found = expected_calibration_error(y, p, sample_weight=w, **options)
    rows = np.repeat(np.arange(300), w)
    repeated = expected_calibration_error(y[rows], p[rows], **options)
    assert found == pytest.approx(repeated, abs=1e-12)
    ones = expected_calibration_error(y, p, sample_weight=np.ones(300), **options)
    assert ones == pytest.approx(expected_calibration_error(y, p, **options))


def test_only_the_ratios_of_broken_weights_matter():
    y, p = random_rows(500)
    w = np.random.default_rng(0).gamma(1, 1, 500)
    for options in ({"strategy": "quantile"}, {"norm": "l2", "debias": True}):
        one = expected_calibration_error(y, p, sample_weight=w, **options)
        two = expected_calibration_error(y, p, sample_weight=7 * w, **options)
        assert one == pytest.approx(two, abs=1e-12)


def test_bins_of_equal_mass_hold_equal_weight():
    p = np.random.default_rng(0).random(4000)
    w = np.random.default_rng(1).gamma(2, 1, 4000)
    edges = bin_edges(p, 8, "quantile", w)
    mass = bin_sums(p > 2, p, edges, w).weight
    np.testing.assert_allclose(mass / mass.sum(), 1 / 8, atol=2e-3)


def test_ties_are_never_split():
    p = np.repeat([0.1, 0.2, 0.7], [60, 30, 10])
    edges = bin_edges(p, 10, "quantile")
    index = bin_index(p, edges)
    assert all(len(set(index[p == value])) == 1 for value in np.unique(p))


def test_a_search_and_comparisons_give_the_same_bins():
    p = np.concatenate([np.linspace(0, 1, 1001), np.linspace(0, 1, 31)])
    for n_bins in (2, 30, 61, 62, 200):
        edges = np.linspace(0, 1, n_bins + 1)
        np.testing.assert_array_equal(
            bin_index(p, edges), np.searchsorted(edges[1:-1], p)
        )


def test_parts_of_the_rows_can_be_counted_apart():
    y, p = random_rows()
    edges = bin_edges(p, 15, "uniform")
    whole = bin_sums(y == 1, p, edges)
    halves = bin_sums(y[:700] == 1, p[:700], edges).merge(
        bin_sums(y[700:] == 1, p[700:], edges)
    )
    assert error_of(whole, "l2") == pytest.approx(error_of(halves, "l2"), abs=1e-12)


def test_debiased_squared_error_is_zero_on_average_when_calibrated():
    rng = np.random.default_rng(0)
    edges = np.linspace(0, 1, 11)
    debiased, plain = [], []
    for _ in range(600):
        p = rng.random(200)
        sums = bin_sums(rng.random(200) < p, p, edges)
        debiased.append(float(squared_error(sums, True)))
        plain.append(float(squared_error(sums, False)))
    error = np.std(debiased) / np.sqrt(600)
    assert abs(np.mean(debiased)) < 4 * error
    assert np.mean(plain) > 20 * error


def test_a_constant_base_rate_is_perfectly_calibrated():
    y = np.repeat([0, 1], [90, 10])
    assert expected_calibration_error(y, np.full(100, 0.1)) == pytest.approx(
        0, abs=1e-12
    )


def test_certain_probabilities_err_as_often_as_they_are_wrong():
    y, p = np.array([0, 0, 1, 1, 1]), np.array([0.0, 1.0, 1.0, 1.0, 0.0])
    assert expected_calibration_error(y, p, n_bins=10) == pytest.approx(
        (2 * 0.5 + 3 * (1 / 3)) / 5
    )
    assert expected_calibration_error(y, y.astype(float)) == 0.0


def test_one_class_one_row():
    assert expected_calibration_error([1], [0.75]) == pytest.approx(0.25)
    assert expected_calibration_error([0, 0], [0.75, 0.25]) == pytest.approx(0.5)


def test_two_columns_and_labels_of_any_kind():
    y, p = random_rows(400)
    expected = expected_calibration_error(y, p)
    both = np.column_stack([1 - p, p])
    words = np.where(y == 1, "late", "early")
    assert expected_calibration_error(y, both) == expected
    assert expected_calibration_error(words, both) == expected
    assert expected_calibration_error(words, p, pos_label="late") == expected
    assert expected_calibration_error(y == 1, p.reshape(-1, 1)) == expected
    assert expected_calibration_error(2 * y - 1, p.tolist()) == expected
    assert expected_calibration_error(pd.Series(y), pd.Series(p)) == expected
    flipped = expected_calibration_error(words, both, pos_label="early")
    assert flipped == pytest.approx(expected_calibration_error(1 - y, 1 - p))
    named = pd.DataFrame({"late": p, "early": 1 - p})
    assert expected_calibration_error(words, named, pos_label="late") == expected
    swapped = expected_calibration_error(
        words, both[:, ::-1], labels=["late", "early"], pos_label="late"
    )
    assert swapped == expected


@pytest.mark.parametrize("k", [3, 40])
def test_likeliest_class_by_rows_and_by_columns(k):
    p = np.random.default_rng(0).integers(0, 4, (500, k)) + 0.1  # with ties
    p = p / p.sum(axis=1, keepdims=True)
    y = np.random.default_rng(1).integers(0, k, 500)
    right, best = p.argmax(axis=1) == y, p.max(axis=1)
    expected = expected_calibration_error(right, best)
    assert expected_calibration_error(y, p) == expected
    words = np.array([f"class {i:02}" for i in range(k)])
    assert expected_calibration_error(words[y], p, labels=words) == expected


def test_a_class_that_did_not_occur_needs_no_labels_where_classes_are_numbers():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    found = expected_calibration_error([0, 1], p)
    assert found == pytest.approx((0.3 + 0.2) / 2)
    words = expected_calibration_error(["a", "b"], p, labels=["a", "b", "c"])
    assert words == found


@pytest.mark.parametrize("norm", ["l1", "max"])
def test_debias_teaches_where_it_is_not_known(norm):
    with pytest.raises(ValueError, match="pass norm='l2' or debias=False"):
        expected_calibration_error([0, 1], [0.2, 0.7], norm=norm, debias=True)


@pytest.mark.parametrize(
    ("y", "p", "options", "message"),
    [
        ([0, 1], [0.2, np.nan], {}, r"missing value.*row 1"),
        ([0, np.nan], [0.2, 0.5], {}, r"y_true has missing values.*row 1"),
        ([0, 1], [0.2, 1.2], {}, r"outside \[0, 1\] \(max 1.2 at row 1\)"),
        ([0, 1], [0.2], {}, "lengths differ"),
        ([], [], {}, "no rows"),
        (["a", "b"], [0.2, 0.5], {}, "pos_label"),
        ([0, 1, 2], [0.2, 0.5, 0.1], {}, "3 classes"),
        ([0, 1], [[0.2, 0.5], [0.5, 0.5]], {}, "sums to 0.7"),
        (["a", "b"], [[0.2, 0.5, 0.3]] * 2, {}, "say with labels"),
        (["a", "b"], [[0.2, 0.5, 0.3]] * 2, {"labels": ["a", "c", "d"]}, "every class"),
        ([0, 1, 2], [[0.2, 0.5, 0.3]] * 3, {"pos_label": 1}, "one of two classes"),
        ([0, 1], [[[0.2]], [[0.1]]], {}, r"shape \(2, 1, 1\)"),
        ([0, 1], [0.2, 0.5], {"n_bins": 0}, "n_bins is 0"),
        ([0, 1], [0.2, 0.5], {"strategy": "width"}, "strategy is 'width'"),
        ([0, 1], [0.2, 0.5], {"norm": "l3"}, "norm is 'l3'"),
        ([0, 1], [0.2, 0.5], {"multiclass": "all"}, "multiclass is 'all'"),
        ([0, 1], [0.2, 0.5], {"sample_weight": [1, -1]}, "negative"),
        ([0, 1], [0.2, 0.5], {"sample_weight": [0, 0]}, "0 in every row"),
    ],
)
def test_bad_inputs(y, p, options, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(y, p, **options)


def test_pandas_inputs_are_not_aligned_in_silence():
    y = pd.Series([0, 1], index=[5, 6])
    with pytest.raises(ValueError, match="different indexes"):
        expected_calibration_error(y, pd.Series([0.2, 0.5]))
