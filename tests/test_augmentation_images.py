"""Flips, shifts, turns and erased patches: pixels, dtypes, labels, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from mlworkbench.augmentation import (
    erase_images,
    flip_images,
    rotate_images,
    shift_images,
)

rng = np.random.default_rng(0)
BATCH = rng.integers(0, 17, size=(6, 5, 4))
COLOURS = rng.random((6, 3, 5, 4))
ALL = [
    (flip_images, {}),
    (shift_images, {"down": 1, "right": (-1, 1), "random_state": 0}),
    (rotate_images, {"angle": (-20, 20), "random_state": 0}),
    (erase_images, {"random_state": 0}),
]
DTYPES = [np.uint8, np.int64, np.bool_, np.float16, np.float32, np.float64]

batches = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 4), st.integers(1, 6), st.integers(1, 6)),
    elements=st.floats(0, 1),
)


# What holds for all of them


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("change", "how"), ALL)
def test_dtype_shape_and_range_are_kept(change, how, dtype):
    images = (BATCH % 2 if dtype is np.bool_ else BATCH).astype(dtype)
    before = images.copy()
    after = change(images, **how)
    assert after.dtype == images.dtype
    assert after.shape == images.shape
    assert after.min() >= images.min()
    assert after.max() <= images.max()
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(after, images)


@pytest.mark.parametrize(("change", "how"), ALL)
def test_every_channel_is_changed_like_a_grey_image(change, how):
    first = change(COLOURS, **how)
    last = change(np.moveaxis(COLOURS, 1, 3), channels="last", **how)
    np.testing.assert_array_equal(np.moveaxis(last, 3, 1), first)
    for channel in range(3):
        grey = change(COLOURS[:, channel], **how)
        np.testing.assert_array_equal(first[:, channel], grey)


@pytest.mark.parametrize(("change", "how"), ALL)
def test_an_empty_batch_stays_empty(change, how):
    assert change(np.zeros((0, 5, 4)), **how).shape == (0, 5, 4)


@pytest.mark.parametrize(("change", "how"), ALL)
def test_flat_rows_are_refused_with_how_to_reshape(change, how):
    with pytest.raises(ValueError, match=r"images\.reshape\(-1, 8, 8\)"):
        change(np.zeros((10, 64)), **how)
    with pytest.raises(ValueError, match=r"one image becomes a batch"):
        change(np.zeros((5, 7)), **how)
    with pytest.raises(ValueError, match="pass \\(n, height, width\\)"):
        change(np.zeros(64), **how)


@pytest.mark.parametrize(("change", "how"), ALL)
def test_the_wrong_end_for_the_colours_is_noticed(change, how):
    with pytest.raises(ValueError, match='pass channels="last"'):
        change(np.zeros((2, 8, 8, 3)), **how)
    with pytest.raises(ValueError, match='pass channels="first"'):
        change(np.zeros((2, 3, 8, 8)), channels="last", **how)


@pytest.mark.parametrize(("change", "how"), ALL)
def test_bad_pixels_and_labels_are_refused(change, how):
    wrong = BATCH.astype(float)
    wrong[2, 0, 0] = np.nan
    with pytest.raises(ValueError, match="first in image 2"):
        change(wrong, **how)
    with pytest.raises(TypeError, match="pass numbers"):
        change(BATCH.astype(str), **how)
    with pytest.raises(ValueError, match="without a pixel"):
        change(np.zeros((3, 0, 4)), **how)
    options = how | ({"kind": "objects"} if change in (flip_images,) else {})
    with pytest.raises(ValueError, match="images: 6, y: 5"):
        change(BATCH, y=np.arange(5), **options)
    with pytest.raises(ValueError, match="first at row 1"):
        change(BATCH, y=[0, None, 1, 1, 1, 1], **options)


@pytest.mark.parametrize(("change", "how"), ALL[1:])
def test_labels_of_small_changes_survive(change, how):
    y = np.array([6, 9, 2, 3, 4, 5])
    after, labels = change(BATCH, y=y, **how)
    np.testing.assert_array_equal(labels, y)
    np.testing.assert_array_equal(after, change(BATCH, **how))


@pytest.mark.parametrize(("change", "how"), ALL[1:])
def test_a_seed_repeats_and_the_global_state_is_left_alone(change, how):
    state = np.random.get_state()[1].copy()
    np.testing.assert_array_equal(change(BATCH, **how), change(BATCH, **how))
    other = how | {"random_state": 1}
    assert (change(BATCH, **other) != change(BATCH, **how)).any()
    np.testing.assert_array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("change", [shift_images, rotate_images, erase_images])
def test_fill_values_must_fit_the_dtype(change):
    how = {"angle": 10} if change is rotate_images else {}
    bytes_ = BATCH.astype(np.uint8)
    with pytest.raises(ValueError, match="uint8 images cannot hold"):
        change(bytes_, fill_value=0.5, **how)
    with pytest.raises(ValueError, match="uint8 images cannot hold"):
        change(bytes_, fill_value=-1, **how)
    with pytest.raises(ValueError, match="finite"):
        change(BATCH, fill_value=np.nan, **how)
    with pytest.raises(TypeError, match="pass one number"):
        change(BATCH, fill_value="noise", **how)


# Flips


def test_flips_are_those_of_numpy():
    np.testing.assert_array_equal(flip_images(BATCH), BATCH[:, :, ::-1])
    np.testing.assert_array_equal(flip_images(BATCH, "vertical"), BATCH[:, ::-1])


@given(batches, st.sampled_from(["horizontal", "vertical"]))
def test_two_flips_are_none(images, axis):
    np.testing.assert_array_equal(flip_images(flip_images(images, axis), axis), images)


def test_each_image_is_flipped_with_its_probability():
    images = np.tile([[[0.0, 1.0]]], (4000, 1, 1))
    flipped = flip_images(images, probability=0.3, random_state=0)[:, 0, 0] == 1
    # Four standard errors of a share of 0.3 in 4,000.
    assert abs(flipped.mean() - 0.3) < 4 * np.sqrt(0.21 / 4000)
    np.testing.assert_array_equal(flip_images(images, probability=0), images)
    with pytest.raises(ValueError, match=r"probability is 1\.5"):
        flip_images(images, probability=1.5)


def test_flip_asks_what_the_images_show():
    with pytest.raises(ValueError, match='kind="objects", "digits" or "letters"'):
        flip_images(BATCH, y=np.arange(6))
    _, labels = flip_images(BATCH, y=np.arange(6), kind="objects")
    assert labels.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("axis", "kind", "good", "bad"),
    [
        ("horizontal", "digits", [0, 8], [3]),
        ("vertical", "digits", [0, 3, 8.0], [2]),
        ("horizontal", "letters", ["A", "T"], ["B"]),
        ("vertical", "letters", ["B", "D"], ["A"]),
    ],
)
def test_signs_survive_a_flip_only_where_they_are_symmetric(axis, kind, good, bad):
    images = np.zeros((len(good), 2, 2))
    labels = flip_images(images, axis, y=good, kind=kind)[1]
    assert labels.tolist() == good
    with pytest.raises(ValueError, match=f"and y has {bad[0]}"):
        flip_images(images[:1], axis, y=bad, kind=kind)


def test_the_refusal_does_not_depend_on_the_draw():
    for seed in range(5):
        with pytest.raises(ValueError, match="do not all stay"):
            flip_images(
                BATCH[:1], probability=0.01, y=[3], kind="digits", random_state=seed
            )
    assert flip_images(BATCH[:1], probability=0, y=[3], kind="digits")[1] == [3]


def test_a_label_map_changes_the_flipped_rows_only():
    images = np.tile([[[0, 1]]], (200, 1, 1))
    after, labels = flip_images(
        images,
        probability=0.5,
        y=["b"] * 200,
        label_map={"b": "d", "d": "b"},
        random_state=0,
    )
    assert 0 < (labels == "d").sum() < 200
    np.testing.assert_array_equal(labels == "d", after[:, 0, 0] == 1)
    with pytest.raises(ValueError, match="says nothing about the label\\(s\\) p"):
        flip_images(images[:1], y=["p"], label_map={"b": "d"})


# Shifts


def loop_shift(image, down, right, fill):
    after = np.full_like(image, fill)
    for r in range(image.shape[0]):
        for c in range(image.shape[1]):
            if 0 <= r - down < image.shape[0] and 0 <= c - right < image.shape[1]:
                after[r, c] = image[r - down, c - right]
    return after


@given(st.integers(-4, 4), st.integers(-3, 3))
def test_shift_is_the_loop(down, right):
    expected = [loop_shift(image, down, right, 7) for image in BATCH]
    after = shift_images(BATCH, down, right, fill_value=7)
    np.testing.assert_array_equal(after, expected)


def test_random_shifts_reach_both_ends_evenly():
    images = np.zeros((3000, 5, 1))
    images[:, 2] = 1
    moved = shift_images(images, (-2, 2), random_state=0).argmax(axis=1)[:, 0]
    counts = np.bincount(moved, minlength=5)
    assert np.all(np.abs(counts / 3000 - 0.2) < 4 * np.sqrt(0.16 / 3000))


def test_shift_refuses_what_leaves_nothing():
    with pytest.raises(ValueError, match="nothing of the image is left"):
        shift_images(BATCH, down=5)
    with pytest.raises(ValueError, match="more than half of"):
        shift_images(BATCH, right=(-3, 0), y=np.arange(6))
    assert shift_images(BATCH, right=2, y=np.arange(6))[1].tolist() == list(range(6))
    with pytest.raises(ValueError, match="whole pixels"):
        shift_images(BATCH, down=0.5)
    with pytest.raises(ValueError, match="pass \\(low, high\\)"):
        shift_images(BATCH, down=(1, -1))
    with pytest.raises(TypeError, match="a pair \\(low, high\\)"):
        shift_images(BATCH, down=(1, 2, 3))


# Turns


@pytest.mark.parametrize("quarter", [-2, -1, 0, 1, 2, 3, 4, 7])
@pytest.mark.parametrize("side", [1, 4, 5])
def test_quarter_turns_are_exact(quarter, side):
    images = rng.random((3, side, side))
    after = rotate_images(images, 90 * quarter)
    np.testing.assert_array_equal(after, np.rot90(images, quarter, axes=(1, 2)))


@pytest.mark.parametrize("angle", [17.0, -33.3, 120.0])
def test_turns_are_those_of_scipy(angle):
    images = rng.random((3, 7, 9))
    # For images with rows first, scipy's axes (2, 1) turn counter-clockwise.
    expected = ndimage.rotate(
        images, angle, axes=(2, 1), reshape=False, order=1, mode="grid-constant"
    )
    np.testing.assert_allclose(rotate_images(images, angle), expected, atol=1e-7)


def test_positive_angles_turn_counter_clockwise():
    dot = np.zeros((1, 9, 9))
    dot[0, 4, 8] = 1  # at three o'clock
    after = rotate_images(dot, 45)[0]
    row, column = np.unravel_index(after.argmax(), after.shape)
    assert (row, column) == (1, 7)  # half past one


@given(batches, st.floats(-400, 400), st.floats(0, 1))
def test_a_turn_stays_in_the_range_of_image_and_fill(images, angle, fill):
    after = rotate_images(images, angle, fill_value=fill)
    if images.size:
        assert after.min() >= min(images.min(), fill) - 1e-12
        assert after.max() <= max(images.max(), fill) + 1e-12


def test_a_turned_six_is_a_nine():
    six = BATCH[:1]
    with pytest.raises(ValueError, match="a 6 is a 9"):
        rotate_images(six, 180, y=[6], kind="digits")
    with pytest.raises(ValueError, match="what the images show"):
        rotate_images(six, 180, y=[6])
    turn = {0: 0, 6: 9, 8: 8, 9: 6}
    after, labels = rotate_images(six, 180, y=[6], kind="digits", label_map=turn)
    assert labels.tolist() == [9]
    np.testing.assert_array_equal(after, six[:, ::-1, ::-1])


@pytest.mark.parametrize("angle", [30, -30, (-30, 30), 360, (345, 375), 0])
def test_small_turns_keep_all_labels(angle):
    labels = rotate_images(BATCH[:2], angle, y=[6, 9], kind="digits")[1]
    assert labels.tolist() == [6, 9]


@pytest.mark.parametrize("angle", [180, -180, 540, (150, 210), (-190, -170)])
def test_symmetric_signs_survive_a_half_turn(angle):
    images = BATCH[:2]
    assert rotate_images(images, angle, y=[0, 8], kind="digits")[1].tolist() == [0, 8]
    signs = ["S", "N"]
    assert rotate_images(images, angle, y=signs, kind="letters")[1].tolist() == signs


@pytest.mark.parametrize("angle", [31, 90, (0, 180), (-180, 180), (149, 200)])
def test_no_sign_survives_every_turn(angle):
    with pytest.raises(ValueError, match="none is sure to"):
        rotate_images(BATCH[:1], angle, y=[8], kind="digits")
    labels = rotate_images(BATCH[:1], angle, y=["cat"], kind="objects")[1]
    assert labels.tolist() == ["cat"]


def test_the_map_is_for_the_rows_that_turn_far():
    images = np.zeros((300, 9, 9))
    images[:, 4, 8] = 1
    after, labels = rotate_images(
        images, (0, 180), y=[6] * 300, label_map={6: 9}, random_state=0
    )
    angles = np.random.default_rng(0).uniform(0, 180, size=300)
    np.testing.assert_array_equal(labels == 9, angles > 30)
    assert after.shape == images.shape


def test_bad_angles_and_kinds():
    with pytest.raises(TypeError, match="angle is 'left'"):
        rotate_images(BATCH, "left")
    with pytest.raises(ValueError, match="finite"):
        rotate_images(BATCH, np.inf)
    with pytest.raises(ValueError, match="kind"):
        rotate_images(BATCH, 10, kind="cats")
    with pytest.raises(ValueError, match="axis"):
        flip_images(BATCH, "diagonal")


# Patches


def test_a_patch_is_one_rectangle_of_the_size_asked_for():
    images = np.ones((2000, 20, 20))
    erased = erase_images(images, 0.2, random_state=0) == 0
    for patch in erased:
        rows, columns = np.flatnonzero(patch.any(1)), np.flatnonzero(patch.any(0))
        assert patch[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert patch.sum() == len(rows) * len(columns)
        assert 1 / 4 < len(rows) / len(columns) < 4
    assert abs(erased.mean() - 0.2) < 0.005
    assert erased.any(axis=0).all()  # the corners too


def test_even_a_tiny_share_takes_a_pixel_and_a_large_one_fits():
    images = np.ones((50, 3, 8))
    assert ((erase_images(images, 0.001) == 0).sum(axis=(1, 2)) == 1).all()
    large = (erase_images(images, 0.9, random_state=0) == 0).mean(axis=(1, 2))
    assert (large > 0.7).all()


def test_probability_and_refusals_of_erase():
    images = np.ones((2000, 4, 4))
    hit = (erase_images(images, probability=0.25, random_state=0) == 0).any((1, 2))
    assert abs(hit.mean() - 0.25) < 4 * np.sqrt(0.1875 / 2000)
    np.testing.assert_array_equal(erase_images(images, probability=0), images)
    with pytest.raises(ValueError, match="label is a guess"):
        erase_images(images, (0.1, 0.6), y=np.zeros(2000))
    for share in (0, 1, (-0.1, 0.2)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            erase_images(images, share)
    with pytest.raises(ValueError, match="from 0 to 1"):
        erase_images(images, probability="often")
