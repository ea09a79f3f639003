"""Augmentation: each kind against its definition, and bits that follow from seed, row and epoch."""

import numpy as np
import pytest
from data_samples import Places, binary, classes, data_spec, place_of, values, x
from pydantic import TypeAdapter

from nngraph.data import AugmentPlan
from nngraph.data.augment import Augmenter, augment, motion_of
from nngraph.data.augmentations.effect import Handling
from nngraph.data.warping import move
from nngraph.errors import DataError
from nngraph.words.augmentations import Augmentations

EVERYTHING = [
    {"kind": "shift", "pixels": 2},
    {"kind": "rotate", "degrees": 30},
    "scale",
    "flip",
    "crop",
    "noise",
    "erase",
    {"kind": "mixup", "alpha": 0.4},
]


def specs(*entries):
    return TypeAdapter(Augmentations).validate_python(list(entries))


def images(count, height=9, width=7, channels=2, seed=0):
    return np.random.default_rng(seed).uniform(0.1, 1, (count, height, width, channels))


def rows(*numbers):
    return np.array(numbers, np.int64)


def everywhere(count):
    return np.arange(count, dtype=np.int64)


def augmenter(*entries, seed=0, inputs=None, targets=None):
    plan = AugmentPlan(specs(*entries), inputs or {"x": Handling(True)}, targets or {})
    return Augmenter(plan, seed)


@pytest.mark.parametrize("entry", EVERYTHING, ids=lambda e: e if isinstance(e, str) else e["kind"])
def test_a_row_is_varied_alike_in_any_batch_and_order(entry):
    pictures, one_hot = images(20), np.eye(4)[np.arange(20) % 4]
    given = {"x": pictures}, {"y": one_hot}
    whole = augmenter(*EVERYTHING[:2], entry).apply(*given, everywhere(20), 3)
    order = np.random.default_rng(1).permutation(20)
    for size in (1, 3, 20):
        piecewise = augmenter(*EVERYTHING[:2], entry)
        for start in range(0, 20, size):
            some = order[start : start + size]
            inputs, targets = piecewise.apply(*given, some, 3)
            np.testing.assert_array_equal(inputs["x"], whole[0]["x"][some])
            np.testing.assert_array_equal(targets["y"], whole[1]["y"][some])


@pytest.mark.parametrize("entry", EVERYTHING, ids=lambda e: e if isinstance(e, str) else e["kind"])
def test_another_epoch_or_seed_gives_another_variation_and_the_data_stay(entry):
    pictures = images(12)
    before = pictures.copy()
    given = {"x": pictures}, {"y": np.eye(12)}
    first = augmenter(entry).apply(*given, everywhere(12), 1)[0]["x"]
    assert (augmenter(entry).apply(*given, everywhere(12), 1)[0]["x"] == first).all()
    assert (augmenter(entry).apply(*given, everywhere(12), 2)[0]["x"] != first).any()
    assert (augmenter(entry, seed=1).apply(*given, everywhere(12), 1)[0]["x"] != first).any()
    np.testing.assert_array_equal(pictures, before)


def test_an_augmentation_more_in_the_list_leaves_the_others_draws_alone():
    pictures = images(10)
    alone, _ = augment(pictures, None, specs("flip"), 0, 1, everywhere(10))
    then, _ = augment(
        pictures, None, specs("flip", {"kind": "noise", "stddev": 1e-9}), 0, 1, everywhere(10)
    )
    np.testing.assert_allclose(then, alone, atol=1e-7)


def shifted(picture, down, right):
    height, width = picture.shape[:2]
    result = np.zeros_like(picture)
    for y in range(height):
        for x_ in range(width):
            if 0 <= y - down < height and 0 <= x_ - right < width:
                result[y, x_] = picture[y - down, x_ - right]
    return result


def test_shift_moves_by_whole_pixels_and_reaches_every_place():
    pictures = images(300)
    moved, _ = augment(pictures, None, specs({"kind": "shift", "pixels": 2}), 0, 1, everywhere(300))
    seen = set()
    for before, after in zip(pictures, moved, strict=True):
        fits = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if (shifted(before, down, right) == after).all()
        ]
        assert len(fits) == 1
        seen.add(fits[0])
    assert len(seen) == 25


@pytest.mark.parametrize(("axis", "along"), [("horizontal", 1), ("vertical", 0)])
def test_flip_mirrors_as_often_as_it_is_told(axis, along):
    pictures = images(400)
    entry = {"kind": "flip", "axis": axis, "probability": 0.25}
    flipped, _ = augment(pictures, None, specs(entry), 0, 1, everywhere(400))
    is_flipped = (flipped == np.flip(pictures, axis=1 + along)).all(axis=(1, 2, 3))
    assert ((flipped == pictures).all(axis=(1, 2, 3)) != is_flipped).all()
    assert 0.15 < is_flipped.mean() < 0.35


@pytest.mark.parametrize("size", [(6, 6), (7, 7)])
def test_a_quarter_turn_is_exact(size):
    pictures = images(1, *size)
    draws = np.array([[0.75, 0, 0, 0]])  # half of 180 degrees
    turned = move(
        pictures,
        motion_of(specs({"kind": "rotate", "degrees": 180}), [draws], size),
        np.zeros(2),
        blend=True,
    )
    np.testing.assert_allclose(turned[0], np.rot90(pictures[0], -1), atol=1e-12)


def bilinear(picture, row, column):
    """The plain definition, 0 outside."""
    total = 0.0
    for y in range(picture.shape[0]):
        for x_ in range(picture.shape[1]):
            total = total + picture[y, x_] * max(0, 1 - abs(row - y)) * max(0, 1 - abs(column - x_))
    return total


def test_rotation_and_scale_look_up_the_place_that_a_pixel_comes_from():
    picture = images(1, 6, 5)
    draws = np.random.default_rng(2).uniform(size=(2, 1, 4))
    chosen = specs({"kind": "rotate", "degrees": 40}, {"kind": "scale", "low": 0.7, "high": 1.5})
    moved = move(picture, motion_of(chosen, draws, (6, 5)), np.zeros(2), blend=True)[0]
    angle = np.radians(40) * (2 * draws[0, 0, 0] - 1)
    factor = 0.7 + 0.8 * draws[1, 0, 0]
    for y in range(6):
        for x_ in range(5):
            down, right = (y - 2.5) / factor, (x_ - 2.0) / factor  # the scale came last
            row = np.cos(angle) * down - np.sin(angle) * right + 2.5
            column = np.sin(angle) * down + np.cos(angle) * right + 2.0
            np.testing.assert_allclose(moved[y, x_], bilinear(picture[0], row, column), atol=1e-12)


def test_motions_in_a_row_are_the_motions_one_by_one():
    pictures, draws = images(5, 8, 8), np.random.default_rng(3).uniform(size=(2, 5, 4))
    chosen = specs({"kind": "shift", "pixels": 3}, {"kind": "flip", "probability": 0.5})
    together = move(pictures, motion_of(chosen, draws, (8, 8)), np.zeros(2), blend=True)
    step = pictures
    for spec, drawn in zip(chosen, draws, strict=True):
        step = move(step, motion_of([spec], [drawn], (8, 8)), np.zeros(2), blend=True)
    np.testing.assert_array_equal(together, step)


def test_a_turn_and_a_flip_are_done_in_the_order_of_the_list():
    pictures = images(1, 6, 6)
    chosen = specs({"kind": "rotate", "degrees": 180}, {"kind": "flip", "axis": "horizontal"})
    draws = [np.array([[0.75, 0, 0, 0]]), np.array([[0.0, 0, 0, 0]])]  # a quarter turn, a flip
    moved = move(pictures, motion_of(chosen, draws, (6, 6)), np.zeros(2), blend=True)[0]
    np.testing.assert_allclose(moved, np.rot90(pictures[0], -1)[:, ::-1], atol=1e-12)


def test_one_augmenter_goes_from_epoch_to_epoch_like_a_new_one():
    pictures = images(12)
    lasting = augmenter("shift", "mixup")
    for epoch in (1, 2, 1):
        found = lasting.apply({"x": pictures}, {}, everywhere(12), epoch)[0]["x"]
        fresh = augmenter("shift", "mixup").apply({"x": pictures}, {}, everywhere(12), epoch)[0]
        np.testing.assert_array_equal(found, fresh["x"])


def test_a_picture_of_one_channel_needs_no_axis_for_it():
    pictures = images(6, channels=1)
    plan = AugmentPlan(specs("shift", "erase"), {"x": Handling(True)})
    flat, _ = Augmenter(plan, 0).apply({"x": pictures[..., 0]}, {}, everywhere(6), 1)
    deep, _ = Augmenter(plan, 0).apply({"x": pictures}, {}, everywhere(6), 1)
    np.testing.assert_array_equal(flat["x"], deep["x"][..., 0])


def test_a_crop_never_shows_what_is_outside():
    pictures = np.ones((50, 12, 9, 1))
    cropped, _ = augment(pictures, None, specs({"kind": "crop", "keep": 0.3}), 0, 1, everywhere(50))
    assert cropped.min() > 1 - 1e-12


def test_masks_move_with_their_image_and_keep_whole_classes():
    mask = np.zeros((30, 12, 12, 3))
    generator = np.random.default_rng(5)
    for picture in mask:
        top, left = generator.integers(2, 6, 2)
        picture[..., 0] = 1
        picture[top : top + 5, left : left + 4] = [0, 0, 1]
    image = mask[..., 2:].copy()
    exact = specs({"kind": "shift", "pixels": 2}, "flip")
    image_moved, mask_moved = augment(image, mask, exact, 0, 1, everywhere(30))
    np.testing.assert_array_equal(image_moved[..., 0], mask_moved[..., 2])
    turned = specs({"kind": "rotate", "degrees": 45}, "crop", "erase", "noise")
    plan = AugmentPlan(turned, {"x": Handling(True)}, {"y": Handling(True, True, (1.0, 0.0, 0.0))})
    _, targets = Augmenter(plan, 0).apply({"x": image}, {"y": mask}, everywhere(30), 1)
    assert (np.sort(targets["y"], axis=-1) == [0, 0, 1]).all()
    smooth, _ = augment(
        image, None, specs({"kind": "rotate", "degrees": 45}, "crop"), 0, 1, everywhere(30)
    )
    agree = (smooth[..., 0] > 0.5) == (targets["y"][..., 2] == 1)
    assert agree.mean() > 0.97


def test_noise_is_normal_and_its_own_for_each_input():
    given = {"x": np.zeros((200, 30)), "z": np.zeros((200, 31))}
    plan = AugmentPlan(specs({"kind": "noise", "stddev": 0.5}))
    found, _ = Augmenter(plan, 0).apply(given, {}, everywhere(200), 1)
    for name, size in (("x", 30), ("z", 31)):
        noise = found[name].ravel() / 0.5
        assert noise.shape == (200 * size,)
        assert abs(noise.mean()) < 0.05
        assert abs(noise.std() - 1) < 0.03
        assert abs((np.abs(noise) < 1.96).mean() - 0.95) < 0.01
    assert abs(np.corrcoef(found["x"].ravel(), found["z"][:, :30].ravel())[0, 1]) < 0.05


def test_erase_blanks_one_rectangle_that_lies_inside():
    pictures = images(300, 10, 8)
    entry = {"kind": "erase", "size": 0.5, "probability": 0.4}
    erased, _ = augment(pictures, None, specs(entry), 0, 1, everywhere(300))
    blank = (erased == 0).all(axis=-1)
    np.testing.assert_array_equal(erased[~blank], pictures[~blank])
    hit = blank.any(axis=(1, 2))
    assert 0.3 < hit.mean() < 0.5
    for picture in blank[hit]:
        tall, wide = picture.any(axis=1), picture.any(axis=0)
        assert picture.sum() == tall.sum() * wide.sum()
        assert tall.sum() <= 5
        assert wide.sum() <= 4
    assert blank.any(axis=0).all()


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_mixup_blends_inputs_and_targets_by_one_share_from_the_beta_distribution(alpha):
    n = 3000
    given = {"x": np.arange(n, dtype=float)[:, None]}, {"y": np.eye(n)}
    inputs, targets = augmenter({"kind": "mixup", "alpha": alpha}, inputs={"x": Handling()}).apply(
        *given, everywhere(n), 1
    )
    np.testing.assert_allclose(targets["y"].sum(axis=1), 1)
    np.testing.assert_allclose(targets["y"] @ np.arange(n), inputs["x"][:, 0], rtol=1e-12)
    share = np.diagonal(targets["y"])
    assert abs(share.mean() - 0.5) < 0.03
    assert abs(share.var() - 1 / (4 * (2 * alpha + 1))) < 0.01


def test_partners_of_mixup_went_through_what_came_before():
    flags = np.zeros((40, 4, 4, 1))
    flags[:, 0] = 1  # a bright upper row, which a vertical flip moves down
    entry = {"kind": "flip", "axis": "vertical", "probability": 1.0}
    mixed, _ = augment(flags, None, specs(entry, "mixup"), 0, 1, everywhere(40))
    np.testing.assert_allclose(mixed[:, 3], 1)
    assert (mixed[:, :3] == 0).all()


def test_what_comes_in_from_outside_is_0_of_the_raw_data(load_here):
    part = load_here(
        x(8, 8, 1, name="image"),
        classes(10, name="label"),
        source="digits",
        normalize="standard",
        augment=[{"kind": "shift", "pixels": 7}],
    ).parts["train"]
    data = load_here(
        x(8, 8, 1, name="image"), classes(10, name="label"), source="digits", normalize="standard"
    )
    scale = data.normalizers.inputs["image"]
    plan = part.augmentation
    assert plan.inputs["image"].fill == (-scale.shift[0] / scale.scale[0],)
    moved, _ = Augmenter(plan, 0).apply(part.inputs, part.targets, rows(0, 1, 2), 1)
    assert abs(moved["image"].min() - plan.inputs["image"].fill[0]) < 1e-6


def test_only_the_training_part_is_varied(load_here):
    data = load_here(
        x(64, name="image"),
        classes(10, name="label"),
        source="digits",
        split={"test": 0.2},
        augment=["noise"],
    )
    assert data.parts["train"].augmentation is not None
    assert data.parts["test"].augmentation is None


def test_who_takes_part_follows_from_shapes_and_kinds(load_here):
    ports = [
        x(16, 16, 1, name="image"),
        x(16, 16, name="mask_too"),
        binary(16, 16, name="mask"),
        classes(4, shape=(16, 16, 4), name="regions"),
        values(16, 16, 1, name="copy"),
        classes(3, name="label"),
    ]
    plan = (
        load_here(
            *ports,
            source="shapes",
            samples=6,
            size=[16, 16],
            augment=["shift"],
            inputs={"mask_too": "mask"},
            targets={"copy": "image"},
        )
        .parts["train"]
        .augmentation
    )
    assert all(place.is_image and not place.is_mask for place in plan.inputs.values())
    kinds = {name: (p.is_image, p.is_mask) for name, p in plan.targets.items()}
    assert kinds == {
        "mask": (True, True),
        "regions": (True, True),
        "copy": (True, False),
        "label": (False, False),
    }
    assert plan.targets["regions"].fill == (1.0, 0.0, 0.0, 0.0)


def test_moving_without_an_image_is_refused_at_its_entry(load_here):
    with pytest.raises(DataError, match="'rotate' moves pixels, but the network has no image") as e:
        load_here(
            x(64, name="image"),
            classes(10, name="label"),
            source="digits",
            augment=["noise", "rotate"],
            span=Places(),
        )
    assert place_of(e)[0] == "spec:data/augment/1"


def test_images_of_unlike_size_cannot_move_together(load_here, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 4, 4)), y=np.zeros((2, 8, 8)))
    with pytest.raises(DataError, match="but they are 4 x 4 and 8 x 8 pixels"):
        load_here(x(4, 4), values(8, 8), source="npz", path="a.npz", augment=["shift"])


def test_without_augment_there_is_none():
    assert data_spec(source="digits").augment == ()
