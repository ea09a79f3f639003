"""Generated sets: the figures that they promise, drawn the same everywhere."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
from data_samples import binary, data_spec, values, x

from nngraph.data.columns import DataPlaces
from nngraph.data.sources.opening import open_source
from nngraph.data.trigonometry import cosine, sine


def generated(source, samples, noise, seed):
    spec = data_spec(source=source, samples=samples, noise=noise, seed=seed)
    return open_source(spec, Path(), None, DataPlaces())


FIGURES = ["circles", "gaussians", "spirals", "quadrants", "moons"]


def points(source, samples=2000, noise=0.0, seed=0):
    table = generated(source, samples, noise, seed)
    return table.column("x").values, table.column("label").values


@pytest.mark.parametrize("source", FIGURES)
def test_a_figure_is_two_columns_and_a_label_of_0_and_1(load_here, source):
    data = load_here(x(2), binary(1), source=source, samples=101, noise=0.1)
    part = data.parts["train"]
    assert part.inputs["x"].shape == (101, 2)
    assert set(np.unique(part.targets["y"])) == {0, 1}
    alone = load_here(x(name="x1"), x(name="x2"), binary(), source=source, samples=101, noise=0.1)
    both = [alone.parts["train"].inputs[name] for name in ("x1", "x2")]
    np.testing.assert_array_equal(np.stack(both, axis=1), part.inputs["x"])


@pytest.mark.parametrize("source", ["circles", "gaussians", "spirals", "moons"])
def test_classes_alternate(source):
    _, label = points(source, 501)
    assert abs(int(label.sum()) * 2 - 501) == 1
    assert (label[1:] != label[:-1]).all()


def test_circles_are_a_disc_in_a_ring():
    point, label = points("circles")
    radius = np.hypot(*point.T)
    assert radius[label == 1].max() <= 2.5
    assert radius[label == 0].min() >= 3.5 - 1e-12
    assert radius.max() <= 5.0 + 1e-12
    # the directions are even: their mean vector is short (chance of one in a thousand)
    for c in (0, 1):
        mean = (point[label == c] / radius[label == c][:, None]).mean(axis=0)
        assert np.hypot(*mean) < math.sqrt(math.log(1000) / 1000)


def test_gaussians_are_two_clouds_of_variance_one_half():
    point, label = points("gaussians", 20_000)
    for c, centre in ((1, 2.0), (0, -2.0)):
        cloud = point[label == c]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=4.5 * math.sqrt(0.5 / 10_000))
        np.testing.assert_allclose(cloud.var(axis=0), 0.5, atol=0.5 * 4.5 * math.sqrt(2 / 10_000))


def test_spirals_are_two_arms_half_a_turn_apart():
    point, label = points("spirals", 400)
    one, other = point[label == 1], point[label == 0]
    np.testing.assert_allclose(one, -other, atol=1e-12)
    radius = np.hypot(*one.T)
    np.testing.assert_allclose(np.diff(radius), 5.0 / 200, atol=1e-12)
    turned = np.unwrap(np.arctan2(one[1:, 0], one[1:, 1]))
    np.testing.assert_allclose(turned[-1] - turned[0], 2 * math.pi * 1.75 * 198 / 200, atol=1e-9)


def test_quadrants_are_one_where_the_signs_differ_and_leave_the_axes_free():
    point, label = points("quadrants")
    np.testing.assert_array_equal(label, np.sign(point[:, 0]) != np.sign(point[:, 1]))
    assert np.abs(point).min() >= 0.3
    assert np.abs(point).max() <= 5.3
    assert 0.45 < label.mean() < 0.55


def test_moons_lie_on_two_half_circles():
    point, label = points("moons")
    upper, lower = point[label == 0], point[label == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.hypot(*(lower - [1.0, 0.5]).T), 1.0, atol=1e-12)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


@pytest.mark.parametrize(("source", "size"), [("spirals", 5.0), ("circles", 5.0), ("moons", 1.0)])
def test_noise_is_normal_with_the_stated_share_of_the_size(source, size):
    clean, label = points(source, 5000)
    noisy, same = points(source, 5000, noise=0.1)
    np.testing.assert_array_equal(label, same)
    shift = (noisy - clean) / (0.1 * size)
    assert abs(shift.mean()) < 4.5 / 100
    assert abs(shift.std() - 1) < 4.5 / math.sqrt(20_000)


def test_sine_and_plane_are_the_functions_they_are_called(load_here):
    part = load_here(x(), values(), source="sine", samples=300).parts["train"]
    np.testing.assert_allclose(part.targets["y"], np.sin(part.inputs["x"]), atol=1e-15)
    assert np.abs(part.inputs["x"]).max() <= math.pi
    part = load_here(x(2), values(1), source="plane", samples=300).parts["train"]
    np.testing.assert_allclose(part.targets["y"][:, 0], part.inputs["x"].sum(axis=1) / 10)
    assert np.abs(part.inputs["x"]).max() <= 6
    noisy = load_here(x(), values(), source="sine", samples=4000, noise=0.2).parts["train"]
    rest = noisy.targets["y"] - np.sin(noisy.inputs["x"])
    assert abs(rest.std() - 0.2) < 0.2 * 4.5 / math.sqrt(8000)


def test_xor_is_its_four_rows(load_here):
    part = load_here(x(2), binary(1, name="label"), source="xor").parts["train"]
    assert part.inputs["x"].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert part.targets["label"].tolist() == [[0], [1], [1], [0]]


@pytest.mark.parametrize("source", FIGURES)
def test_a_seed_gives_the_same_samples_and_another_seed_others(source):
    first, again, other = (points(source, 50, 0.1, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_the_samples_of_version_one_never_change():
    found = {}
    for source in [*FIGURES, "sine", "plane"]:
        table = generated(source, 200, 0.1, 0)
        content = b"".join(np.ascontiguousarray(table.column(n).values).data for n in table.names)
        found[source] = hashlib.sha256(content).hexdigest()[:16]
    assert found == DIGESTS


DIGESTS = {
    "circles": "3cc699756d72516f",
    "gaussians": "1b318a63441c1749",
    "spirals": "9a497f819bc25cf4",
    "quadrants": "0d83d53e37ff791e",
    "moons": "8ff0f9f4feb16515",
    "sine": "f6acb14e8c6bb5d1",
    "plane": "4f52cbc0ca18d146",
}


def test_sine_and_cosine_are_right_to_the_last_places():
    generator = np.random.default_rng(0)
    special = np.arange(-16, 17) * (math.pi / 4)
    angle = np.concatenate([generator.uniform(-20, 20, 5000), special, [0.0, 1e-300]])
    for ours, theirs in ((sine, math.sin), (cosine, math.cos)):
        expected = np.array([theirs(a) for a in angle])
        np.testing.assert_allclose(ours(angle), expected, rtol=0, atol=2.3e-16)
    assert sine(np.array([0.0])) == 0.0
    assert cosine(np.array([0.0])) == 1.0


def test_no_transcendental_function_of_the_platform_is_called(monkeypatch):
    def forbidden(*_args, **_keywords):
        raise AssertionError("a function whose bits differ between platforms")

    for name in ["log", "exp", "cos", "sin", "tan", "hypot", "power", "arctan2"]:
        monkeypatch.setattr(np, name, forbidden)
    for name in ["log", "exp", "cos", "sin", "pow", "hypot"]:
        monkeypatch.setattr(math, name, forbidden)
    for source in [*FIGURES, "sine", "plane"]:
        generated(source, 100, 0.1, 0)
