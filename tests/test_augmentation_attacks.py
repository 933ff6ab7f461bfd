"""Attacks on torch classifiers: closed forms, brute force, what is left alone."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mlworkbench.augmentation import AttackReport, fgsm, one_pixel_attack

rng = np.random.default_rng(0)
IMAGES = rng.random((12, 4, 3))


def net(channels=1, height=4, width=3, classes=3, seed=0, dropout=False):
    """A small net with weights that are not trained."""
    generator = torch.Generator().manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(channels * height * width, 8),
        torch.nn.BatchNorm1d(8) if dropout else torch.nn.Identity(),
        torch.nn.Tanh(),
        torch.nn.Dropout(0.5) if dropout else torch.nn.Identity(),
        torch.nn.Linear(8, classes),
    ).double()
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(torch.randn(value.shape, generator=generator))
    return model


def linear(weight, bias=0.0):
    model = torch.nn.Linear(len(weight), 1).double()
    with torch.no_grad():
        model.weight.copy_(torch.tensor(weight)[None])
        model.bias.fill_(bias)
    return model


def guesses(model, images):
    training = model.training
    model.eval()
    with torch.no_grad():
        answer = model(torch.as_tensor(images)).argmax(dim=1).numpy()
    model.train(training)
    return answer


MODEL = net()
LABELS = guesses(MODEL, IMAGES)
assert len(set(LABELS)) > 1


class Squeezed(torch.nn.Module):
    """The logits of a linear model with shape (n,)."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)[:, 0]


# The fast gradient sign method


@given(
    st.lists(st.floats(-3, 3).filter(lambda w: abs(w) > 0.01), min_size=2, max_size=6),
    st.floats(0, 1),
    st.integers(0, 1),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_linear_model_closed_form(weight, epsilon, label, targeted):
    # d loss / dx = (p - y) w: its sign is that of w for y = 0, of -w for y = 1
    # (Goodfellow, Shlens and Szegedy 2015, section 5).
    x = np.random.default_rng(1).random((5, len(weight)))
    direction = np.sign(weight) * (1 if label == 0 else -1) * (-1 if targeted else 1)
    expected = np.clip(x + epsilon * direction, 0, 1)
    labels = np.full(5, label)
    for model in (linear(weight), Squeezed(linear(weight))):
        after = fgsm(model, x, labels, epsilon, targeted=targeted)
        np.testing.assert_allclose(after, expected, atol=1e-12)


def test_two_logits_are_the_same_as_one():
    one = linear([1.0, -2.0, 0.5], 0.3)
    two = torch.nn.Linear(3, 2).double()
    with torch.no_grad():
        two.weight.zero_()[1] = one.weight[0]
        two.bias.zero_()[1] = one.bias[0]
    x, y = rng.random((6, 3)), np.array([0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(fgsm(one, x, y, 0.2), fgsm(two, x, y, 0.2))
    reports = [one_pixel_attack(m, x, y, method="exhaustive") for m in (one, two)]
    np.testing.assert_allclose(*(r.frame["confidence_after"] for r in reports))


def test_sign_is_that_of_finite_differences():
    after = fgsm(MODEL, IMAGES, LABELS, 0.01, value_range=(-1, 2))
    loss = torch.nn.CrossEntropyLoss()

    def at(image, label):
        with torch.no_grad():
            return float(loss(MODEL(torch.tensor(image)[None]), torch.tensor([label])))

    for i in range(3):
        for place in np.ndindex(4, 3):
            bump = np.zeros((4, 3))
            bump[place] = 1e-6
            slope = at(IMAGES[i] + bump, LABELS[i]) - at(IMAGES[i] - bump, LABELS[i])
            assert np.sign(slope) == np.sign((after - IMAGES)[(i, *place)])


@given(st.floats(0, 2))
@settings(max_examples=25, deadline=None)
def test_no_pixel_moves_further_than_epsilon_or_leaves_the_range(epsilon):
    after = fgsm(MODEL, IMAGES, LABELS, epsilon, value_range=(0, 1))
    assert np.abs(after - IMAGES).max() <= epsilon + 1e-12
    assert after.min() >= 0
    assert after.max() <= 1


def test_epsilon_0_changes_nothing_and_rows_are_alone():
    np.testing.assert_array_equal(fgsm(MODEL, IMAGES, LABELS, 0), IMAGES)
    together = fgsm(MODEL, IMAGES, LABELS, 0.1)
    apart = [
        fgsm(MODEL, IMAGES[i : i + 1], LABELS[i : i + 1], 0.1)[0] for i in range(12)
    ]
    np.testing.assert_array_equal(together, apart)


def test_a_targeted_step_raises_the_target():
    target = (LABELS + 1) % 3
    after = fgsm(MODEL, IMAGES, target, 0.02, targeted=True, value_range=(-1, 2))
    with torch.no_grad():
        before, later = (
            MODEL(torch.as_tensor(x)).log_softmax(1)[range(12), target]
            for x in (IMAGES, after)
        )
    assert (later > before).all()


def test_a_model_without_gradients_is_refused():
    class Hard(torch.nn.Module):
        def forward(self, x):
            return torch.nn.functional.one_hot(x[:, 0].argmax(1), 3).double()

    with pytest.raises(ValueError, match="no gradient"):
        fgsm(Hard(), IMAGES, LABELS, 0.1)
    assert one_pixel_attack(Hard(), IMAGES, LABELS, method="exhaustive").n_images == 12


# One pixel


def loop(model, image, label, levels, target=None):
    """Try every pixel and level, one call each; best margin and success."""
    best, fooled = np.inf, False
    for row, column, value in itertools.product(range(4), range(3), levels):
        changed = image.copy()
        changed[row, column] = value
        with torch.no_grad():
            z = model(torch.tensor(changed)[None])[0].numpy()
        aim = label if target is None else target
        other = np.delete(z, aim).max()
        best = min(best, z[aim] - other if target is None else other - z[aim])
        guess = z.argmax()
        fooled |= bool(guess != label if target is None else guess == target)
    return best, fooled


@pytest.mark.parametrize("target", [None, 2])
def test_exhaustive_is_the_loop(target):
    report = one_pixel_attack(
        MODEL, IMAGES, LABELS, method="exhaustive", n_values=5, targeted=target
    )
    levels = np.linspace(0, 1, 5)
    with torch.no_grad():
        after = MODEL(torch.as_tensor(report.adversarial)).numpy()
    for i in range(12):
        if LABELS[i] == target:
            assert not report.frame["attacked"][i]
            np.testing.assert_array_equal(report.adversarial[i], IMAGES[i])
            continue
        best, fooled = loop(MODEL, IMAGES[i], LABELS[i], levels, target)
        assert report.success[i] == fooled
        aim = LABELS[i] if target is None else target
        margin = after[i, aim] - np.delete(after[i], aim).max()
        np.testing.assert_allclose(margin if target is None else -margin, best)
    assert 0 < report.success.sum() < 12
    np.testing.assert_array_equal(report.queries[report.frame["attacked"]], 1 + 12 * 5)


@pytest.mark.parametrize("method", ["exhaustive", "differential_evolution"])
@pytest.mark.parametrize("channels", [0, 1, 3])
def test_one_pixel_changes_and_it_is_the_one_reported(method, channels):
    shape = (10, 4, 3) if channels == 0 else (10, channels, 4, 3)
    images = np.random.default_rng(2).random(shape)
    model = net(channels=max(channels, 1))
    labels = guesses(model, images)
    report = one_pixel_attack(
        model, images, labels, method=method, n_values=3, population=20
    )
    grid = images.reshape(10, max(channels, 1), 12)
    after = report.adversarial.reshape(grid.shape)
    changed = (grid != after).any(axis=1)
    assert (changed.sum(axis=1) <= 1).all()
    assert changed.any()
    for i in range(10):
        place = report.pixels[i, 0]
        np.testing.assert_array_equal(after[i, :, place], report.values[i, 0])
        assert not np.delete(changed[i], place).any()
        row, column = report.frame.loc[i, ["row", "column"]]
        assert place == 3 * row + column
    np.testing.assert_array_equal(
        report.success, guesses(model, report.adversarial) != labels
    )
    np.testing.assert_array_equal(
        report.frame["predicted_after"], guesses(model, report.adversarial)
    )
    assert after.min() >= 0
    assert after.max() <= 1


def test_flat_images_are_allowed():
    flat = IMAGES.reshape(12, 12)
    shaped = one_pixel_attack(MODEL, IMAGES, LABELS, method="exhaustive")
    report = one_pixel_attack(MODEL, flat, LABELS, method="exhaustive")
    np.testing.assert_array_equal(
        report.adversarial.reshape(12, 4, 3), shaped.adversarial
    )
    np.testing.assert_array_equal(report.frame["pixel"], shaped.pixels[:, 0])
    evolved = one_pixel_attack(MODEL, flat, LABELS, population=30)
    assert (evolved.adversarial != flat).sum(axis=1).max() == 1


def test_evolution_never_beats_the_truth_and_comes_close():
    # On a grid of 201 values the exhaustive search is the truth but for rounding.
    exact = one_pixel_attack(MODEL, IMAGES, LABELS, method="exhaustive", n_values=201)
    found = one_pixel_attack(MODEL, IMAGES, LABELS, population=60, max_iterations=60)
    assert found.success_rate == exact.success_rate > 0
    np.testing.assert_array_equal(found.success, exact.success)
    withstood = ~exact.success
    np.testing.assert_allclose(
        found.frame["confidence_after"][withstood],
        exact.frame["confidence_after"][withstood],
        atol=0.02,
    )


def test_more_pixels_fool_more():
    rates = [
        one_pixel_attack(MODEL, IMAGES, LABELS, n_pixels=n).success_rate
        for n in (1, 2, 4)
    ]
    assert rates == sorted(rates)
    assert rates[0] < rates[-1]
    report = one_pixel_attack(MODEL, IMAGES, LABELS, n_pixels=2)
    changed = (report.adversarial != IMAGES).reshape(12, -1).sum(axis=1)
    assert changed.max() == 2
    assert report.pixels.shape == (12, 2)
    assert report.values.shape == (12, 2, 1)


def test_an_image_is_searched_alone_and_a_seed_repeats():
    how = {"population": 20, "max_iterations": 10}
    together = one_pixel_attack(MODEL, IMAGES, LABELS, **how)
    again = one_pixel_attack(MODEL, IMAGES, LABELS, **how)
    fewer = one_pixel_attack(MODEL, IMAGES[:5], LABELS[:5], **how)
    np.testing.assert_array_equal(together.adversarial, again.adversarial)
    np.testing.assert_array_equal(together.adversarial[:5], fewer.adversarial)
    other = one_pixel_attack(MODEL, IMAGES, LABELS, random_state=1, **how)
    assert (other.adversarial != together.adversarial).any()
    assert (together.queries[~together.success] == 1 + 20 * 11).all()
    assert (together.queries[together.success] <= 1 + 20 * 11).all()


def test_only_rows_that_were_right_are_attacked_and_count():
    wrong = LABELS.copy()
    wrong[:4] = (wrong[:4] + 1) % 3
    report = one_pixel_attack(MODEL, IMAGES, wrong, method="exhaustive")
    full = one_pixel_attack(MODEL, IMAGES, LABELS, method="exhaustive")
    assert report.n_attacked == 8
    assert report.accuracy_before == 8 / 12
    assert report.success_rate == full.success[4:].mean()
    assert report.accuracy_after == (~full.success[4:]).sum() / 12
    assert not report.success[:4].any()
    np.testing.assert_array_equal(report.adversarial[:4], IMAGES[:4])
    np.testing.assert_array_equal(report.pixels[:4], -1)
    np.testing.assert_array_equal(report.queries[:4], 1)
    assert np.isnan(report.values[:4]).all()


@pytest.mark.parametrize("method", ["exhaustive", "differential_evolution"])
def test_nothing_to_attack_is_said(method):
    wrong = (LABELS + 1) % 3
    report = one_pixel_attack(MODEL, IMAGES, wrong, method=method)
    assert report.n_attacked == 0
    assert np.isnan(report.success_rate)
    assert "none was right" in report.notes[0]
    wanted = one_pixel_attack(MODEL, IMAGES, LABELS, targeted=LABELS, method=method)
    assert "and of another class" in wanted.notes[0]
    np.testing.assert_array_equal(report.adversarial, IMAGES)


def test_a_tie_counts_as_argmax_decides():
    # Zero weights: all logits equal, so class 0 is said. No pixel changes that.
    report = one_pixel_attack(
        torch.nn.Linear(2, 2)
        .double()
        .apply(lambda m: [p.data.zero_() for p in m.parameters()]),
        np.zeros((2, 2)),
        [0, 1],
        method="exhaustive",
    )
    assert report.n_attacked == 1
    assert report.success_rate == 0
    # z = (0, 1 - 2x): 1 at x = 0; a tie at x = 1/2 already says 0, x = 1 more so.
    tie = one_pixel_attack(
        linear([-2.0], 1.0),
        np.zeros((1, 1)),
        [1],
        method="exhaustive",
        value_range=(0, 0.5),
        n_values=2,
    )
    assert tie.success_rate == 1
    assert tie.adversarial.tolist() == [[0.5]]


# What both leave alone, and what they give back


def attacks():
    yield "fgsm", lambda m, x, y, **k: fgsm(m, x, y, 0.1, **k)
    yield (
        "exhaustive",
        lambda m, x, y, **k: one_pixel_attack(
            m, x, y, method="exhaustive", n_values=3, **k
        ),
    )
    yield (
        "evolution",
        lambda m, x, y, **k: one_pixel_attack(
            m, x, y, population=10, max_iterations=3, **k
        ),
    )


both = pytest.mark.parametrize(
    "attack", [a for _, a in attacks()], ids=[name for name, _ in attacks()]
)


def images_of(result):
    return result.adversarial if isinstance(result, AttackReport) else result


@both
@pytest.mark.parametrize("training", [True, False])
def test_the_model_and_the_random_states_are_left_as_they_were(attack, training):
    model = net(dropout=True)
    labels = guesses(model, IMAGES)
    model.train(training)
    model[4].eval()  # one part in another mode
    modes = [m.training for m in model.modules()]
    model[1].weight.requires_grad_(False)
    model(torch.as_tensor(IMAGES)).sum().backward()
    grads = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    seeds = torch.get_rng_state(), np.random.get_state()[1].copy()
    before = IMAGES.copy()
    attack(model, IMAGES, labels)
    assert [m.training for m in model.modules()] == modes
    for p, grad in zip(model.parameters(), grads, strict=True):
        assert (p.grad is None) == (grad is None)
        assert grad is None or torch.equal(p.grad, grad)
    assert not model[1].weight.requires_grad
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])
    assert torch.equal(torch.get_rng_state(), seeds[0])
    np.testing.assert_array_equal(np.random.get_state()[1], seeds[1])
    np.testing.assert_array_equal(IMAGES, before)


@both
def test_the_mode_is_restored_after_an_error(attack):
    class Breaks(torch.nn.Module):
        def forward(self, x):
            torch.rand(3)
            raise RuntimeError("out of order")

    model = Breaks().train()
    seed = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="out of order"):
        attack(model, IMAGES, LABELS)
    assert model.training
    assert torch.equal(torch.get_rng_state(), seed)


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kind_and_dtype_are_those_given(attack, dtype):
    model = net().float()
    images = IMAGES.astype(dtype)
    after = images_of(attack(model, images, LABELS))
    assert isinstance(after, np.ndarray)
    assert after.dtype == dtype
    tensor = torch.as_tensor(images).requires_grad_(True)
    with torch.no_grad():
        given = images_of(attack(model, tensor, torch.as_tensor(LABELS)))
    assert isinstance(given, torch.Tensor)
    assert not given.requires_grad
    assert tensor.grad is None
    np.testing.assert_array_equal(given.numpy(), after)
    with torch.inference_mode():
        given = images_of(attack(model, torch.as_tensor(images), LABELS))
    np.testing.assert_array_equal(given.numpy(), after)


@both
def test_arrays_in_any_order_and_frozen_ones_are_read(attack):
    # torch takes no array that is read backwards, and warns of frozen ones.
    expected = images_of(attack(net(), IMAGES[::-1].copy(), LABELS[::-1]))
    found = images_of(attack(net(), IMAGES[::-1], LABELS[::-1]))
    np.testing.assert_array_equal(found, expected)
    frozen = IMAGES.copy()
    frozen.flags.writeable = False
    found = images_of(attack(net(), frozen, LABELS))
    np.testing.assert_array_equal(found, images_of(attack(net(), IMAGES, LABELS)))
    assert found.flags.writeable


@both
def test_a_model_without_parameters_works(attack):
    class Halves(torch.nn.Module):
        def forward(self, x):
            return torch.stack([x[:, :2].sum((1, 2)), x[:, 2:].sum((1, 2))], dim=1)

    assert images_of(attack(Halves(), IMAGES, [0] * 12)).shape == IMAGES.shape


@both
def test_bad_models_are_refused(attack):
    with pytest.raises(TypeError, match=r"pass a torch\.nn\.Module"):
        attack(lambda x: x, IMAGES, LABELS)

    class Gives(torch.nn.Module):
        def __init__(self, make):
            super().__init__()
            self.make = make

        def forward(self, x):
            return self.make(x)

    with pytest.raises(TypeError, match="gives the logits alone"):
        attack(Gives(lambda x: (x, x)), IMAGES, LABELS)
    with pytest.raises(ValueError, match="expected logits of shape"):
        attack(Gives(lambda x: x), IMAGES, LABELS)
    with pytest.raises(ValueError, match="gives NaN"):
        attack(Gives(lambda x: x.sum(2) * torch.nan), IMAGES, LABELS)


@both
def test_bad_images_are_refused(attack):
    wrong = IMAGES.copy()
    wrong[3, 0, 0] = np.nan
    with pytest.raises(ValueError, match="first in image 3"):
        attack(MODEL, wrong, LABELS)
    with pytest.raises(ValueError, match=r"go from .* outside value_range \(0, 1\)"):
        attack(MODEL, IMAGES * 16, LABELS)
    with pytest.raises(TypeError, match="convert to float first"):
        attack(MODEL, (IMAGES * 16).astype(int), LABELS)
    with pytest.raises(TypeError, match="images are not numbers"):
        attack(MODEL, IMAGES.astype(str), LABELS)
    with pytest.raises(ValueError, match="at least one image"):
        attack(MODEL, IMAGES[:0], LABELS[:0])
    with pytest.raises(ValueError, match="at least one image"):
        attack(MODEL, IMAGES[0, 0], LABELS)
    for value_range, message in [((1, 0), "low, high"), ((0, np.inf), "low, high")]:
        with pytest.raises(ValueError, match=message):
            attack(MODEL, IMAGES, LABELS, value_range=value_range)
    with pytest.raises(TypeError, match="smallest and the largest"):
        attack(MODEL, IMAGES, LABELS, value_range=1)


@both
def test_bad_labels_are_refused(attack):
    with pytest.raises(ValueError, match="for 12 images"):
        attack(MODEL, IMAGES, LABELS[:5])
    with pytest.raises(TypeError, match="LabelEncoder"):
        attack(MODEL, IMAGES, LABELS.astype(str))
    with pytest.raises(ValueError, match="no class numbers"):
        attack(MODEL, IMAGES, LABELS + 0.5)
    with pytest.raises(ValueError, match="from 0 to 2"):
        attack(MODEL, IMAGES, LABELS + 1)
    frame = pd.DataFrame(IMAGES.reshape(12, 12))
    with pytest.raises(ValueError, match="different indexes"):
        attack(MODEL, frame, pd.Series(LABELS, index=range(1, 13)))


def test_bad_searches_are_refused():
    with pytest.raises(ValueError, match="exhaustive search is for 1"):
        one_pixel_attack(MODEL, IMAGES, LABELS, method="exhaustive", n_pixels=2)
    with pytest.raises(ValueError, match="n_pixels is 13, of 12"):
        one_pixel_attack(MODEL, IMAGES, LABELS, n_pixels=13)
    with pytest.raises(ValueError, match="population is 3"):
        one_pixel_attack(MODEL, IMAGES, LABELS, population=3)
    with pytest.raises(ValueError, match="method"):
        one_pixel_attack(MODEL, IMAGES, LABELS, method="luck")
    with pytest.raises(ValueError, match="candidates per image"):
        one_pixel_attack(
            net(channels=3),
            rng.random((2, 3, 4, 3)),
            [0, 1],
            method="exhaustive",
            n_values=256,
        )
    with pytest.raises(ValueError, match="targeted go from 7"):
        one_pixel_attack(MODEL, IMAGES, LABELS, targeted=7)
    for epsilon in (-0.1, np.nan):
        with pytest.raises(ValueError, match="epsilon"):
            fgsm(MODEL, IMAGES, LABELS, epsilon)
    with pytest.raises(TypeError, match="one number"):
        fgsm(MODEL, IMAGES, LABELS, [0.1])


def test_a_target_may_be_a_tensor_or_one_per_row():
    plain = one_pixel_attack(MODEL, IMAGES, LABELS, targeted=2, population=10)
    for target in (torch.tensor(2), np.int64(2), np.full(12, 2)):
        same = one_pixel_attack(MODEL, IMAGES, LABELS, targeted=target, population=10)
        np.testing.assert_array_equal(same.adversarial, plain.adversarial)
    assert (plain.frame["predicted_after"][plain.success] == 2).all()


def test_many_images_go_in_several_calls(monkeypatch):
    from mlworkbench.augmentation import _classifier

    whole = (
        one_pixel_attack(MODEL, IMAGES, LABELS, population=10),
        fgsm(MODEL, IMAGES, LABELS, 0.1),
    )
    monkeypatch.setattr(_classifier, "_VALUES_PER_CALL", 12 * 7)
    parts = (
        one_pixel_attack(MODEL, IMAGES, LABELS, population=10),
        fgsm(MODEL, IMAGES, LABELS, 0.1),
    )
    np.testing.assert_array_equal(whole[0].success, parts[0].success)
    np.testing.assert_array_equal(whole[1], parts[1])


# The report


@pytest.mark.parametrize("shape", [(12, 12), (12, 4, 3), (12, 1, 4, 3)])
def test_the_picture_and_the_text(shape):
    images = IMAGES.reshape(shape)
    report = one_pixel_attack(MODEL, images, LABELS, method="exhaustive")
    ax = report.plot()
    fell = int(report.success.sum())
    assert ax.get_title() == f"{fell} of 12 fell to one pixel"
    assert len(ax.images) == (2 * min(fell, 8) if len(shape) > 2 else 0)
    import matplotlib.pyplot as plt

    plt.close("all")
    assert "success rate" in str(report)
    assert report.to_dict()["facts"]["n_attacked"] == 12
    with pytest.raises(AttributeError, match="cannot assign"):
        report.success_rate = 1.0


def test_the_picture_of_colours():
    images = np.random.default_rng(3).random((6, 3, 4, 3))
    model = net(channels=3)
    report = one_pixel_attack(
        model, torch.as_tensor(images), guesses(model, images), n_pixels=3
    )
    ax = report.plot()
    assert ax.images[0].get_array().shape == (4, 3, 3)
    assert "fell to 3 pixels" in ax.get_title()
    import matplotlib.pyplot as plt

    plt.close("all")
