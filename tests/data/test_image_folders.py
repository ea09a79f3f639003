"""Folders of pictures: classes by folder, masks beside, one size and one kind of colour."""

import numpy as np
import pytest
from data_samples import binary, classes, data_spec, x
from PIL import Image

from nngraph.data import read_inputs
from nngraph.data.picture_files import encode_png
from nngraph.data.pictures import resized, resized_mask, with_channels
from nngraph.errors import DataError, FileError


def picture(seed, height=6, width=4, channels=1):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels)).astype(np.uint8)


def write(folder, **pictures):
    """Pictures by names such as cat__1 for cat/1.png."""
    for name, pixels in pictures.items():
        path = folder / f"{name.replace('__', '/')}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(pixels))


def test_each_folder_is_a_class_in_the_order_of_names(tmp_path, load_here):
    given = {
        "dog__b": picture(1),
        "cat__2": picture(2),
        "dog__a": picture(3),
        "cat__10": picture(4),
    }
    write(tmp_path / "p", **given)
    (tmp_path / "p" / ".hidden").write_text("")
    (tmp_path / "p" / "cat" / "Thumbs.db").write_text("")
    data = load_here(
        x(6, 4, 1, name="image"), classes(2, name="label"), source="images", folder="p"
    )
    part = data.parts["train"]
    order = ["cat__10", "cat__2", "dog__a", "dog__b"]
    np.testing.assert_array_equal(part.inputs["image"], [given[name] for name in order])
    assert part.targets["label"].tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert data.labels == {"label": ("cat", "dog")}
    assert data.description.splitlines()[0] == "the folder 'p': 4 rows: 4 train"


def test_masks_stand_beside_their_pictures(tmp_path, load_here):
    masks = [picture(5) // 128 * 255, picture(6) // 128 * 255]
    write(tmp_path, q__1=picture(1), q__2=picture(2), m__1=masks[0], m__2=masks[1])
    part = load_here(x(6, 4, 1), binary(6, 4), source="images", folder="q", masks="m").parts[
        "train"
    ]
    np.testing.assert_array_equal(part.targets["y"] * 255, np.stack(masks)[..., 0])


def test_masks_of_several_classes_become_one_hot_pixels(tmp_path, load_here):
    mask = picture(5) % 3
    write(tmp_path, q__1=picture(1), m__1=mask)
    part = load_here(
        x(6, 4, 1), classes(3, shape=(6, 4, 3)), source="images", folder="q", masks="m"
    ).parts["train"]
    np.testing.assert_array_equal(part.targets["y"][0].argmax(axis=-1), mask[..., 0])


def test_pictures_of_any_size_and_colour_are_brought_to_one(tmp_path, load_here):
    write(tmp_path / "p", a__1=picture(1, 9, 7), b__1=picture(2, 5, 12, 3))
    keys = {"source": "images", "folder": "p", "size": [6, 6]}
    for channels in (1, 3):
        data = load_here(x(6, 6, channels), classes(2), channels=channels, **keys)
        assert data.parts["train"].inputs["x"].shape == (2, 6, 6, channels)
    with pytest.raises(DataError, match="`channels: 1` or `channels: 3`"):
        load_here(x(6, 6, 1), classes(2), **keys)


def test_masks_are_resized_without_new_classes(tmp_path, load_here):
    write(tmp_path, q__1=picture(1, 9, 9), m__1=picture(5, 9, 9) % 3)
    part = load_here(
        x(4, 6, 1), classes(3, shape=(4, 6, 3)), source="images", folder="q", masks="m", size=[4, 6]
    ).parts["train"]
    assert set(np.unique(part.targets["y"].sum(axis=-1))) == {1}


def test_halving_averages_blocks_as_a_triangle_does():
    step = np.zeros((8, 8, 1), np.uint8)
    step[:, 4:] = 200
    half = resized(step, (4, 4))
    # weights 1/8 3/8 3/8 1/8 over four pixels
    assert half[0, :, 0].tolist() == [0, 25, 175, 200]
    assert (half == half[0]).all()


def test_resizing_leaves_flat_pictures_flat_and_the_same_size_alone():
    flat = np.full((7, 5, 3), 77, np.uint8)
    for size in ((3, 3), (20, 11), (1, 1)):
        assert (resized(flat, size) == 77).all()
    same = picture(3)
    assert resized(same, (6, 4)) is same
    mask = picture(4)[..., 0]
    np.testing.assert_array_equal(resized_mask(mask, (12, 8)), mask.repeat(2, 0).repeat(2, 1))


def test_resizing_comes_near_to_pillows():
    smooth = (np.add.outer(np.arange(40) * 3, np.arange(30) * 4) % 256).astype(np.uint8)
    for size in ((20, 15), (13, 30), (64, 50)):
        wanted = np.asarray(
            Image.fromarray(smooth).resize(size[::-1], Image.Resampling.BILINEAR), float
        )
        assert np.abs(resized(smooth[..., None], size)[..., 0] - wanted).max() <= 2


def test_grey_is_the_brightness_of_a_colour():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]]], np.uint8)
    assert with_channels(colours, 1)[0, :, 0].tolist() == [76, 150, 29, 9]
    assert (with_channels(picture(1), 3) == picture(1)).all()


def test_jpeg_pictures_are_read_through_pillow(tmp_path, load_here):
    smooth = (np.add.outer(np.arange(16) * 5, np.arange(16) * 5)).astype(np.uint8)
    for folder in ("a", "b"):
        (tmp_path / "p" / folder).mkdir(parents=True)
        Image.fromarray(smooth).save(tmp_path / "p" / folder / "1.JPG", quality=95)
    part = load_here(x(16, 16, 1), classes(2), source="images", folder="p").parts["train"]
    assert np.abs(part.inputs["x"][0, ..., 0] - smooth).mean() < 2
    (tmp_path / "p" / "a" / "2.jpeg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    with pytest.raises(DataError, match=r"cannot read the picture 'p/a/2\.jpeg'"):
        load_here(x(16, 16, 1), classes(2), source="images", folder="p")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"folder": "none"}, "the folder 'none' does not exist"),
        ({"folder": "p/a/1.png"}, "is a file"),
        ({"folder": "p", "masks": "none"}, "the folder 'none' does not exist"),
        ({"folder": "../p"}, "leads out of the folder"),
    ],
)
def test_missing_folders_are_file_errors(tmp_path, load_here, keys, message):
    write(tmp_path / "p", a__1=picture(1))
    if "masks" in keys:
        write(tmp_path / "q", one=picture(1))
        keys = keys | {"folder": "q"}
    with pytest.raises(FileError, match=message) as e:
        load_here(x(6, 4, 1), binary(6, 4), source="images", **keys)
    assert e.value.exit_code == 8


def test_a_link_that_leads_out_is_refused(tmp_path, load_here):
    write(tmp_path / "p", a__1=picture(1))
    write(tmp_path, secret=picture(2))
    (tmp_path / "p" / "a" / "2.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(FileError, match="a link that leads out"):
        load_here(x(6, 4, 1), classes(1), source="images", folder="p")


def test_a_picture_for_predict_takes_the_form_that_was_learnt(tmp_path):
    write(tmp_path, one=picture(1, 12, 8, 3))
    spec = data_spec(source="images", folder="p", size=[6, 4], channels=1)
    found = read_inputs(tmp_path / "one.png", [x(6, 4, 1)], spec)
    wanted = resized(with_channels(picture(1, 12, 8, 3), 1), (6, 4))
    np.testing.assert_array_equal(found["x"], wanted[None])
