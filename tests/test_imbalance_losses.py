"""Class weights, focal loss, class-balanced loss: values, gradients, bad input."""

import copy
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from mlworkbench.imbalance import (
    ClassBalancedLoss,
    FocalLoss,
    class_balanced_loss,
    class_weights,
    focal_loss,
)

EIGHTY_TWENTY = np.repeat([0, 1], [80, 20])


# Class weights


def test_inverse_is_rows_over_rows_of_the_class():
    weights = class_weights(EIGHTY_TWENTY)
    assert weights.to_dict() == {0: 100 / 80, 1: 100 / 20}
    assert weights.name == "weight"
    assert weights.index.name == "class"


@pytest.mark.parametrize("y", [EIGHTY_TWENTY, ["b"] * 3 + ["a"] + ["c"] * 9])
def test_inverse_with_mean_one_is_what_scikit_learn_calls_balanced(y):
    ours = class_weights(y, normalize="mean")
    theirs = compute_class_weight("balanced", classes=np.unique(y), y=np.array(y))
    np.testing.assert_allclose(ours, theirs, rtol=1e-14)
    assert pd.Series(y).map(ours).mean() == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.999, 1 - 1e-9, 1 - 1e-13])
@pytest.mark.parametrize("n", [1, 7, 10**6])
def test_effective_weight_keeps_its_digits(beta, n):
    # Oracle: 1 / (1 + β + β² + … ) summed as (1 - βⁿ)/(1 - β) in whole numbers
    # of 2⁻²⁰⁰, by repeated squaring.
    one = 1 << 200
    base, power, left = int(Fraction(beta) * one), one, n
    while left:
        power = power * base // one if left & 1 else power
        base, left = base * base // one, left >> 1
    exact = float((1 - Fraction(beta)) / (1 - Fraction(power, one)))
    y = np.repeat([0, 1], [n, 1])
    weights = class_weights(y, "effective", beta=beta)
    assert weights[0] == pytest.approx(exact, rel=1e-9 if beta > 0.9999999 else 1e-12)
    assert weights[1] == pytest.approx(1, rel=1e-12)


def test_effective_weights_of_the_limits():
    flat = class_weights(EIGHTY_TWENTY, "effective", beta=0)
    assert flat.tolist() == [1, 1]
    steep = class_weights(EIGHTY_TWENTY, "effective", beta=1 - 1e-12)
    np.testing.assert_allclose(steep, [1 / 80, 1 / 20], rtol=1e-9)


def test_classes_normaliser_sums_to_the_number_of_classes():
    weights = class_weights([0, 0, 0, 1, 2, 2], "effective", normalize="classes")
    assert weights.sum() == pytest.approx(3, rel=1e-14)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.data())
def test_a_weight_of_two_counts_as_two_rows(y, data):
    repeats = data.draw(
        st.lists(st.integers(1, 4), min_size=len(y), max_size=len(y)), "repeats"
    )
    for scheme in ("inverse", "effective"):
        for normalize in (None, "mean", "classes"):
            weighted = class_weights(
                y, scheme, 0.9, sample_weight=repeats, normalize=normalize
            )
            repeated = class_weights(
                np.repeat(y, repeats), scheme, 0.9, normalize=normalize
            )
            pd.testing.assert_series_equal(weighted, repeated, rtol=1e-12)


def test_the_rarer_class_weighs_more_under_every_scheme():
    for beta in (0.1, 0.9, 0.9999):
        weights = class_weights(EIGHTY_TWENTY, "effective", beta=beta)
        assert weights[1] >= weights[0]
    assert class_weights(EIGHTY_TWENTY, "effective", beta=0.99).is_monotonic_increasing


@pytest.mark.parametrize(
    "y",
    [
        ["no", "no", "yes"],
        pd.Series(["no", "no", "yes"], index=[5, 3, 1]),
        pd.Series(["no", "no", "yes"], dtype="category"),
        np.array(["no", "no", "yes"]),
        np.array([["no"], ["no"], ["yes"]]),
    ],
)
def test_string_labels_of_every_container(y):
    assert class_weights(y).to_dict() == {"no": 1.5, "yes": 3.0}


def test_booleans_and_named_order():
    assert class_weights([True, False, False]).to_dict() == {False: 1.5, True: 3.0}
    named = class_weights([0, 1, 1, 1], classes=np.array([1, 0]))
    assert list(named.index) == [1, 0]
    assert named.tolist() == [4 / 3, 4]


def test_scikit_learn_takes_the_dict_and_the_mapped_rows():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 2)), pd.Series(EIGHTY_TWENTY)
    weights = class_weights(y, normalize="mean")
    by_class = LogisticRegression(class_weight=dict(weights)).fit(X, y)
    by_row = LogisticRegression().fit(X, y, sample_weight=y.map(weights))
    balanced = LogisticRegression(class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(by_class.coef_, balanced.coef_, rtol=1e-8)
    np.testing.assert_allclose(by_row.coef_, balanced.coef_, rtol=1e-3)


def test_one_class_weighs_one():
    assert class_weights(["only"] * 4).to_dict() == {"only": 1.0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: class_weights([]), "y is empty"),
        (lambda: class_weights([0, None, 1]), "missing values .first at row 1"),
        (lambda: class_weights(["a", float("nan")]), "missing values"),
        (lambda: class_weights([0, 1], "balanced"), "one of 'inverse', 'effective'"),
        (lambda: class_weights([0, 1], "effective", beta=1.0), "beta is 1.0; pass"),
        (lambda: class_weights([0, 1], "effective", beta=-0.1), "at least 0"),
        (lambda: class_weights([0, 1], "effective", beta=np.nan), "beta is nan"),
        (lambda: class_weights([0, 1], classes=[0, 1, 2]), r"no rows of class \[2\]"),
        (lambda: class_weights([0, 1, 5], classes=[0, 1]), "5 at row 2"),
        (lambda: class_weights([0, 1], classes=[0, 1, 1]), "each class once"),
        (lambda: class_weights([0, 1], sample_weight=[1, 0]), r"class \[1\] weigh 0"),
        (lambda: class_weights([0, 1], sample_weight=[1]), "1 values for 2 rows"),
        (lambda: class_weights([0, 1], normalize="sum"), "normalize is 'sum'"),
        (lambda: class_weights([[0, 1], [1, 0]]), "one value per row"),
    ],
)
def test_bad_labels_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_labels_without_an_order_and_a_beta_of_text_are_type_errors():
    with pytest.raises(TypeError, match="mixes types that have no order"):
        class_weights(pd.Series([1, "a"], dtype=object))
    with pytest.raises(TypeError, match="beta is 'high'"):
        class_weights([0, 1], "effective", beta="high")


# Focal loss: an independent implementation with the derivative worked out


def reference_binary(x, t, gamma, alpha=None):
    """Values and derivatives from the plain formula, for moderate logits."""
    p = 1 / (1 + np.exp(-x))
    p_t, sign = np.where(t == 1, p, 1 - p), np.where(t == 1, 1, -1)
    q = 1 - p_t
    value = -(q**gamma) * np.log(p_t)
    slope = sign * q**gamma * (gamma * p_t * np.log(p_t) - q)
    if alpha is not None:
        scale = np.where(t == 1, alpha, 1 - alpha)
        value, slope = value * scale, slope * scale
    return value, slope


def reference_classes(x, t, gamma, alpha=None):
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(x))
    p_t = p[rows, t]
    value = -((1 - p_t) ** gamma) * np.log(p_t)
    # d FL/d p_t, then d p_t/d x_j = p_t (1[j = t] - p_j).
    by_p = gamma * (1 - p_t) ** (gamma - 1) * np.log(p_t) - (1 - p_t) ** gamma / p_t
    hot = np.zeros_like(x)
    hot[rows, t] = 1
    slope = (by_p * p_t)[:, None] * (hot - p)
    if alpha is not None:
        value, slope = value * alpha[t], slope * alpha[t][:, None]
    return value, slope


def value_and_gradient(x, t, *args, dtype=torch.float64, **kwargs):
    logits = torch.tensor(x, dtype=dtype, requires_grad=True)
    loss = focal_loss(logits, torch.tensor(t), *args, reduction="none", **kwargs)
    loss.sum().backward()
    return loss.detach().numpy(), logits.grad.numpy()


GAMMAS = [0, 0.5, 1, 2, 5]


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_binary_agrees_with_the_formula_and_its_derivative(gamma, alpha):
    rng = np.random.default_rng(1)
    x, t = rng.normal(0, 3, 200), rng.integers(0, 2, 200)
    value, slope = value_and_gradient(x, t, gamma, alpha)
    expected, expected_slope = reference_binary(x, t, gamma, alpha)
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("weighted", [False, True])
def test_classes_agree_with_the_formula_and_its_derivative(gamma, weighted):
    rng = np.random.default_rng(2)
    x, t = rng.normal(0, 2, (200, 4)), rng.integers(0, 4, 200)
    alpha = np.array([0.1, 0.5, 1.0, 3.0]) if weighted else None
    value, slope = value_and_gradient(x, t, gamma, alpha)
    expected, expected_slope = reference_classes(x, t, gamma, alpha)
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-9, atol=1e-12)


def test_the_papers_example():
    # Lin et al. (2017), section 3.2: with γ = 2, p_t = 0.9 has a 100 times lower
    # loss than cross-entropy, p_t ≈ 0.968 a 1000 times lower one; at p_t = 0.5
    # it is 4 times lower.
    for p, times in [(0.9, 100), (0.968, 1000), (0.5, 4)]:
        logits = torch.logit(torch.tensor([p], dtype=torch.float64))
        ratio = focal_loss(logits, [1], 0) / focal_loss(logits, [1], 2.0)
        assert ratio.item() == pytest.approx(times, rel=0.03)


def test_gamma_zero_is_cross_entropy_exactly():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(50, 5, generator=rng)
    t = torch.randint(0, 5, (50,), generator=rng)
    assert torch.equal(focal_loss(x, t, 0), functional.cross_entropy(x, t))
    yes = (t > 2).float()
    assert torch.equal(
        focal_loss(x[:, 0], yes, 0.0),
        functional.binary_cross_entropy_with_logits(x[:, 0], yes),
    )


def test_two_classes_are_the_binary_loss_of_the_difference():
    x = torch.randn(30, 2, generator=torch.Generator().manual_seed(3)).double()
    t = torch.arange(30) % 2
    two = focal_loss(x, t, 1.5, [0.3, 0.7], reduction="none")
    one = focal_loss(x[:, 1] - x[:, 0], t, 1.5, 0.7, reduction="none")
    torch.testing.assert_close(two, one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("gamma", [0, 0.1, 0.5, 1, 2, 5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [30, 200, 1e4])
def test_extreme_logits_give_finite_values_and_gradients(gamma, dtype, size):
    x, t = [size, size, -size, -size, 0.0], [0, 1, 0, 1, 1]
    value, slope = value_and_gradient(x, t, gamma, dtype=dtype)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(value[[0, 3]], size, rtol=1e-6)  # wrong and sure
    np.testing.assert_allclose(slope[[0, 3]], [1, -1], rtol=1e-6)
    np.testing.assert_allclose(value[[1, 2]], 0, atol=1e-12)  # right and sure
    np.testing.assert_allclose(slope[[1, 2]], 0, atol=1e-12)

    table = [[size, -size, 0], [-size, size, 0], [size, size, size]]
    value, slope = value_and_gradient(table, [0, 0, 2], gamma, dtype=dtype)
    assert np.isfinite(slope).all()
    assert value[1] == pytest.approx(2 * size, rel=1e-6)
    third = (2 / 3) ** gamma * np.log(3)
    assert value[2] == pytest.approx(third, rel=1e-3 if size > 1e3 else 1e-5)


def test_small_losses_keep_their_digits_in_single_precision():
    # p_t = 1 - 4e-18 cannot be told from 1; in log space it can.
    value, _ = value_and_gradient([40.0], [1], 0.5, dtype=torch.float32)
    q = np.exp(-40.0)
    assert value[0] == pytest.approx(q**1.5, rel=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_autograd_agrees_with_finite_differences(gamma):
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)).double()
    x.requires_grad_()
    t = torch.tensor([0, 1, 2, 0, 1, 2])
    yes = (x.detach() > 0).double()
    assert torch.autograd.gradcheck(lambda z: focal_loss(z, t, gamma), x)
    assert torch.autograd.gradgradcheck(lambda z: focal_loss(z, t, gamma), x)
    assert torch.autograd.gradcheck(lambda z: focal_loss(z, yes, gamma, 0.3), x)
    assert torch.autograd.gradcheck(lambda z: focal_loss(z[:, 0], t > 0, gamma), x)
    for kind in ("softmax", "sigmoid", "focal"):
        assert torch.autograd.gradcheck(
            lambda z, kind=kind: class_balanced_loss(
                z, t, [5, 10, 90], loss=kind, gamma=gamma
            ),
            x,
        )


@settings(max_examples=50)
@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=20),
    st.floats(0, 5),
    st.floats(0, 5),
)
def test_more_focus_never_raises_a_loss(x, one, other):
    low, high = sorted([one, other])
    t = [i % 2 for i in range(len(x))]
    less, _ = value_and_gradient(x, t, low)
    more, _ = value_and_gradient(x, t, high)
    assert (more >= 0).all()
    assert (more <= less * (1 + 1e-12)).all()


def test_a_column_is_a_vector_and_never_broadcast():
    x, t = torch.tensor([0.3, -1.0, 2.0]), torch.tensor([1, 0, 1])
    expected = focal_loss(x, t, reduction="none")
    assert expected.shape == (3,)
    for logits in (x, x[:, None]):
        for targets in (t, t[:, None], t.float(), t.bool(), t.float()[:, None]):
            assert torch.equal(focal_loss(logits, targets, reduction="none"), expected)
    assert focal_loss(x, t).item() == pytest.approx(expected.mean().item())
    assert focal_loss(x, t, reduction="sum").item() == pytest.approx(
        expected.sum().item()
    )


def test_several_labels_are_as_many_questions():
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    t = (x > 0.2).float()
    loss = focal_loss(x, t, 2.0, 0.25, reduction="none")
    flat = focal_loss(x.reshape(-1), t.reshape(-1), 2.0, 0.25, reduction="none")
    assert loss.shape == (5, 3)
    assert torch.equal(loss.reshape(-1), flat)
    weighted = focal_loss(x, t, 2.0, 0.25, sample_weight=[1, 0, 0, 0, 3])
    expected = (loss[0].mean() + 3 * loss[4].mean()) / 4
    torch.testing.assert_close(weighted, expected)


def test_numpy_pandas_and_lists_are_taken():
    x, t = [0.5, -0.5], pd.Series([1, 0], index=[7, 8])
    expected = focal_loss(torch.tensor(x, dtype=torch.float64), torch.tensor([1, 0]))
    assert focal_loss(np.array(x), t) == expected
    assert focal_loss(pd.Series(x), t.to_numpy()) == expected


def test_row_weights_count_as_repeats():
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).double()
    t, times = torch.tensor([0, 1, 2, 1]), torch.tensor([1, 3, 0, 2])
    repeated = x.repeat_interleave(times, 0), t.repeat_interleave(times)
    alpha = [1.0, 2.0, 3.0]
    for reduction in ("mean", "sum"):
        options = {"alpha": alpha, "reduction": reduction}
        torch.testing.assert_close(
            focal_loss(x, t, sample_weight=times, **options),
            focal_loss(*repeated, **options),
        )
        torch.testing.assert_close(
            class_balanced_loss(
                x, t, [9, 5, 2], sample_weight=times, reduction=reduction
            ),
            class_balanced_loss(*repeated, [9, 5, 2], reduction=reduction),
        )


def test_alpha_is_read_by_class_number():
    x, t = torch.zeros(3, 3), torch.tensor([0, 1, 2])
    expected = focal_loss(x, t, 0, [1.0, 2.0, 3.0], reduction="none")
    for alpha in (
        {2: 3.0, 0: 1.0, 1: 2.0},
        pd.Series([3.0, 1.0, 2.0], index=[2, 0, 1]),
        torch.tensor([1.0, 2.0, 3.0]),
    ):
        assert torch.equal(focal_loss(x, t, 0, alpha, reduction="none"), expected)
    weights = class_weights([0, 0, 1, 2, 2, 2])
    np.testing.assert_allclose(
        focal_loss(x, t, 0, weights, reduction="none"), np.log(3) * weights, rtol=1e-6
    )


ROWS, TARGETS = torch.zeros(3, 3), torch.tensor([0, 1, 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: focal_loss(ROWS, torch.tensor([0, 1])), "one target per row"),
        (lambda: focal_loss(ROWS, torch.tensor([0, 1, 3])), "from 0 to 3.*3 columns"),
        (lambda: focal_loss(ROWS, torch.tensor([0, 1, -100])), "without a class"),
        (lambda: focal_loss(ROWS[:, 0], TARGETS), "for yes or no pass 0 and 1"),
        (lambda: focal_loss(ROWS[:, 0], [0, 0.5, 1]), "for yes or no pass 0 and 1"),
        (lambda: focal_loss(ROWS, torch.eye(3).long()), r"targets.argmax\(dim=1\)"),
        (lambda: focal_loss(ROWS, torch.full((3, 3), 0.5)), "pass 0 and 1"),
        (lambda: focal_loss(ROWS, torch.zeros(3, 2)), "shape .3, 3., targets .3, 2."),
        (lambda: focal_loss(ROWS[:0], TARGETS[:0]), "at least one row"),
        (lambda: focal_loss(torch.zeros(2, 3, 4), TARGETS[:2]), "pass .n,. or .n, k."),
        (lambda: focal_loss(torch.tensor(0.0), torch.tensor(1)), "pass .n,."),
        (lambda: focal_loss(ROWS, TARGETS, -1), "gamma is -1"),
        (lambda: focal_loss(ROWS, TARGETS, float("nan")), "gamma is nan"),
        (lambda: focal_loss(ROWS, TARGETS, alpha=0.25), "one weight for each of the 3"),
        (lambda: focal_loss(ROWS, TARGETS, alpha=[1, 2]), "each of the 3 classes"),
        (lambda: focal_loss(ROWS, TARGETS, alpha=[1, 2, -1]), "finite numbers ≥ 0"),
        (lambda: focal_loss(ROWS[:, 0], [0, 1, 1], alpha=2), "in .0, 1."),
        (lambda: focal_loss(ROWS, torch.eye(3), alpha=[1, 2, 3]), "pass a number"),
        (lambda: focal_loss(ROWS, TARGETS, alpha={"a": 1, "b": 2, "c": 3}), "numpy"),
        (lambda: focal_loss(ROWS, TARGETS, reduction="avg"), "reduction is 'avg'"),
        (lambda: focal_loss(ROWS, TARGETS, sample_weight=[1, 2]), "shape .2,. for 3"),
        (lambda: focal_loss(ROWS, TARGETS, sample_weight=[1, -2, 1]), "negative"),
        (lambda: focal_loss(ROWS, TARGETS, sample_weight=[0, 0, 0]), "every row"),
    ],
)
def test_bad_input_to_the_focal_loss_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: focal_loss(torch.tensor([1, 2]), [0, 1]), "logits are torch.int64"),
        (lambda: focal_loss(ROWS, TARGETS.float()), r"targets.long\(\)"),
        (lambda: focal_loss(ROWS, TARGETS, "2"), "gamma is '2'"),
    ],
)
def test_wrong_types_are_type_errors(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# Class-balanced loss


def paper_loss(x, t, counts, beta, kind, gamma):
    """Cui et al. (2019), section 4, term by term."""
    k = x.shape[1]
    weight = np.array([(1 - beta) / (1 - beta**n) for n in counts])
    weight *= k / weight.sum()
    result = []
    for row, y in zip(x, t, strict=True):
        if kind == "softmax":
            value = -np.log(np.exp(row[y]) / np.exp(row).sum())
        else:
            z = np.where(np.arange(k) == y, row, -row)
            p = 1 / (1 + np.exp(-z))
            power = gamma if kind == "focal" else 0
            value = -((1 - p) ** power * np.log(p)).sum()
        result.append(weight[y] * value)
    return np.array(result)


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", "focal"])
@pytest.mark.parametrize("beta", [0, 0.9, 0.999])
def test_class_balanced_loss_is_the_papers(kind, beta):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(40, 3)), rng.integers(0, 3, 40)
    counts = [500, 20, 3]
    loss = class_balanced_loss(x, t, counts, beta, kind, 0.5, reduction="none")
    expected = paper_loss(x, t, counts, beta, kind, 0.5)
    np.testing.assert_allclose(loss, expected, rtol=1e-10)
    mean = class_balanced_loss(x, t, counts, beta, kind, 0.5)
    assert mean.item() == pytest.approx(expected.mean(), rel=1e-12)


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", "focal"])
def test_one_column_is_yes_or_no(kind):
    x, t = torch.tensor([[0.5], [-2.0]]).double(), torch.tensor([1, 0])
    loss = class_balanced_loss(x, t, [90, 10], loss=kind, reduction="none")
    weight = class_weights(np.repeat([0, 1], [90, 10]), "effective")
    weight = torch.tensor((2 * weight / weight.sum()).to_numpy())
    plain = focal_loss(x, t, 2.0 if kind == "focal" else 0.0, reduction="none")
    torch.testing.assert_close(loss, plain * weight[t])


def test_counts_come_in_the_order_of_the_class_numbers():
    x, t = torch.zeros(3, 3), torch.tensor([0, 1, 2])
    labels = pd.Series([2] * 50 + [0] * 30 + [1] * 20)
    counted = labels.value_counts()  # most frequent first
    assert counted.index.tolist() == [2, 0, 1]
    expected = class_balanced_loss(x, t, [30, 20, 50], reduction="none")
    for counts in (counted, counted.to_dict(), labels.value_counts(sort=False)):
        assert torch.equal(
            class_balanced_loss(x, t, counts, reduction="none"), expected
        )


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", "focal"])
def test_extreme_logits_are_finite_in_the_class_balanced_loss(kind):
    x = torch.tensor([[200.0, -200.0], [200.0, -200.0]], requires_grad=True)
    loss = class_balanced_loss(x, torch.tensor([0, 1]), [9, 1], loss=kind, gamma=0.5)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: class_balanced_loss(ROWS, TARGETS, [5, 0, 2]), "0 for class 1"),
        (lambda: class_balanced_loss(ROWS, TARGETS, [5, 2]), "each of the 3 classes"),
        (lambda: class_balanced_loss(ROWS, TARGETS, [5, 2, 1], 1.0), "beta is 1.0"),
        (lambda: class_balanced_loss(ROWS, TARGETS, [5, 2, 1], loss="ce"), "'softmax'"),
        (lambda: class_balanced_loss(ROWS, torch.eye(3), [5, 2, 1]), "argmax"),
        (lambda: class_balanced_loss(ROWS, TARGETS, {"a": 1, "b": 2, "c": 2}), "numpy"),
        (lambda: ClassBalancedLoss([5]), "at least 2"),
        (lambda: ClassBalancedLoss([5, 2])(ROWS, TARGETS), "have 3 classes.*had 2"),
        (lambda: ClassBalancedLoss([5, 2], loss="ce"), "loss is 'ce'"),
        (lambda: FocalLoss(gamma=-1), "gamma is -1"),
        (lambda: FocalLoss(alpha=1.5), "alpha is 1.5"),
        (lambda: FocalLoss(alpha=[1, -1]), "finite numbers"),
        (lambda: FocalLoss(reduction="avg"), "reduction is 'avg'"),
    ],
)
def test_bad_input_to_the_class_balanced_loss_and_modules(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Modules


def test_modules_give_what_the_functions_give():
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    t = torch.arange(20) % 3
    w = torch.arange(1.0, 21.0)
    focal = FocalLoss(1.5, [0.5, 1.0, 2.0])
    assert torch.equal(
        focal(x, t, w), focal_loss(x, t, 1.5, focal.alpha, sample_weight=w)
    )
    for kind in ("softmax", "sigmoid", "focal"):
        module = ClassBalancedLoss([50, 5, 1], 0.99, kind, 1.0, "sum")
        expected = class_balanced_loss(
            x, t, [50, 5, 1], 0.99, kind, 1.0, reduction="sum"
        )
        torch.testing.assert_close(module(x, t), expected)


def test_scalar_alpha_in_a_module():
    x, t = torch.tensor([0.5, -1.0]), torch.tensor([1, 0])
    assert FocalLoss(2.0, 0.25)(x, t) == focal_loss(x, t, 2.0, 0.25)
    assert repr(FocalLoss(2, 0.25)) == (
        "FocalLoss(gamma=2.0, alpha=0.25, reduction='mean')"
    )
    assert "gamma=0.5" in repr(ClassBalancedLoss([3, 1], loss="focal", gamma=0.5))


def test_weights_travel_with_the_state_dict_and_the_dtype():
    one, other = ClassBalancedLoss([90, 10]), ClassBalancedLoss([1, 1])
    assert not torch.equal(one.weight, other.weight)
    other.load_state_dict(one.state_dict())
    assert torch.equal(one.weight, other.weight)
    assert list(FocalLoss(alpha=[1, 2]).state_dict()) == ["alpha"]
    assert not FocalLoss().state_dict()
    assert not list(one.parameters())
    assert copy.deepcopy(one).double().weight.dtype == torch.float64
    # A double model gets a double loss from a single module.
    assert one(torch.zeros(2, 2).double(), torch.tensor([0, 1])).dtype == torch.float64


def test_a_model_learns_the_rare_class_with_it():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(200, 2, generator=rng)
    t = (x[:, 0] > 1.3).long()
    recalls = []
    for criterion in (torch.nn.CrossEntropyLoss(), ClassBalancedLoss(t.bincount())):
        model = torch.nn.Linear(2, 2)
        torch.nn.init.zeros_(model.weight)
        torch.nn.init.zeros_(model.bias)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        for _ in range(20):
            optimizer.zero_grad()
            criterion(model(x), t).backward()
            optimizer.step()
        recalls.append(((model(x).argmax(1) == 1) & (t == 1)).sum() / t.sum())
    assert recalls[1] > recalls[0]


def test_torch_loads_when_a_loss_is_called_not_when_the_room_is_imported():
    code = """
import sys
from mlworkbench import imbalance
assert "FocalLoss" in dir(imbalance), dir(imbalance)
imbalance.class_weights([0, 1, 1])
assert "torch" not in sys.modules
imbalance.FocalLoss
assert "torch" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
