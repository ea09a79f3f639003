"""The packaged sets, judged by what is published of them."""

import hashlib
from importlib import resources

import numpy as np
import pytest
from data_samples import binary, classes, x

from nngraph.words.sources import SOURCES

# rows, features, class counts (UCI Machine Learning Repository)
PUBLISHED = {
    "iris": (150, 4, [50, 50, 50]),
    "wine": (178, 13, [59, 71, 48]),
    "breast_cancer": (569, 30, [212, 357]),
}
NAMES = {
    "iris": ("species", ("setosa", "versicolor", "virginica")),
    "wine": ("cultivar", ("class_0", "class_1", "class_2")),
    "breast_cancer": ("diagnosis", ("malignant", "benign")),
}
# mean of the first and the last feature over all rows
MEANS = {
    "iris": (5.843333, 1.199333),
    "wine": (13.000618, 746.893258),
    "breast_cancer": (14.127292, 0.083946),
}
FIRST_ROW = {
    "iris": [5.1, 3.5, 1.4, 0.2],
    "wine": [14.23, 1.71, 2.43, 15.6, 127, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065],
}


@pytest.mark.parametrize("source", sorted(PUBLISHED))
def test_counts_names_and_means_are_the_published_ones(load_here, source):
    rows, features, counts = PUBLISHED[source]
    target, names = NAMES[source]
    data = load_here(x(features), classes(len(names), name=target), source=source)
    part = data.parts["train"]
    assert set(data.parts) == {"train"}
    assert part.inputs["x"].shape == (rows, features)
    assert part.targets[target].sum(axis=0).tolist() == counts
    assert data.labels == {target: names}
    means = part.inputs["x"].mean(axis=0)
    np.testing.assert_allclose((means[0], means[-1]), MEANS[source], atol=5e-7)
    if source in FIRST_ROW:
        assert part.inputs["x"][0].tolist() == FIRST_ROW[source]


# place among the features -> its name (UCI Machine Learning Repository; scikit-learn's order)
FEATURES = {
    "iris": {0: "sepal_length", 3: "petal_width"},
    "wine": {0: "alcohol", 12: "proline"},
    "breast_cancer": {0: "mean_radius", 13: "area_error", 29: "worst_fractal_dimension"},
}


@pytest.mark.parametrize("source", sorted(PUBLISHED))
def test_features_have_their_published_names(load_here, source):
    for k, name in FEATURES[source].items():
        named = load_here(x(name=name), source=source).parts["train"].inputs[name]
        together = load_here(x(PUBLISHED[source][1]), source=source).parts["train"].inputs["x"]
        np.testing.assert_array_equal(named, together[:, k])


@pytest.mark.parametrize("source", sorted(PUBLISHED))
def test_each_feature_is_a_column_of_its_own_name(load_here, source):
    features = next(row.columns_of_x for row in SOURCES if row.word() == source)
    assert len(set(features)) == PUBLISHED[source][1]
    together = load_here(x(len(features)), source=source).parts["train"].inputs["x"]
    ports = [x(name=name) for name in features]
    alone = load_here(*ports, source=source).parts["train"].inputs
    np.testing.assert_array_equal(np.stack([alone[n] for n in features], axis=1), together)
    chosen = load_here(x(2), source=source, inputs={"x": [features[2], features[0]]})
    np.testing.assert_array_equal(chosen.parts["train"].inputs["x"], together[:, [2, 0]])


@pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 1)])
def test_digits_fit_any_shape_of_64_values(load_here, shape):
    part = load_here(x(*shape), classes(10, name="label"), source="digits").parts["train"]
    images = part.inputs["x"].reshape(-1, 8, 8)
    assert part.inputs["x"].shape == (1797, *shape)
    assert (images.min(), images.max()) == (0, 16)
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert part.targets["label"].sum(axis=0).tolist() == counts
    assert images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_a_derived_target_answers_yes_or_no(load_here):
    target = {"is_zero": {"column": "label", "equals": 0}}
    data = load_here(x(64), binary(1, name="is_zero"), source="digits", targets=target)
    assert data.parts["train"].targets["is_zero"].shape == (1797, 1)
    assert data.parts["train"].targets["is_zero"].sum() == 178
    target = {"bad": {"column": "diagnosis", "equals": "malignant"}}
    data = load_here(x(30), binary(name="bad"), source="breast_cancer", targets=target)
    assert data.parts["train"].targets["bad"].sum() == 212
    assert data.parts["train"].targets["bad"][0] == 1


def test_a_class_of_two_is_a_binary_target_of_0_and_1(load_here):
    data = load_here(x(30), binary(1), source="breast_cancer")
    assert data.parts["train"].targets["y"].sum() == 357
    assert data.labels == {"y": ("malignant", "benign")}


def test_the_files_in_the_package_never_change():
    folder = resources.files("nngraph.data") / "sets"
    found = {
        name: hashlib.sha256((folder / f"{name}.npz").read_bytes()).hexdigest()[:16]
        for name in ("digits", "iris", "wine", "breast_cancer")
    }
    assert found == DIGESTS


DIGESTS = {
    "digits": "8ce5e8307467bce1",
    "iris": "42374af17f6748f2",
    "wine": "d618ae813db22d37",
    "breast_cancer": "393a42199794e4cd",
}


def test_the_sources_are_cited():
    text = (resources.files("nngraph.data") / "sets" / "README.md").read_text(encoding="utf-8")
    for word in ("UCI", "CC BY 4.0", "digits.npz", "iris.npz", "wine.npz", "breast_cancer.npz"):
        assert word in text
    assert text.count("https://doi.org/10.24432/") == 4
