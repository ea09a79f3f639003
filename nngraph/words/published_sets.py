"""Data sets that others have published: four in the package, one that is fetched."""

from typing import ClassVar, Literal

from nngraph.words.data_keys import FileName, SourceSpec

_CELL_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)


class DigitsData(SourceSpec):
    """1,797 handwritten digits of 8x8 pixels from 0 to 16 (`image`), with their `label` 0 to 9."""

    source: Literal["digits"]
    white = 16.0


class MeasuredData(SourceSpec):
    """A packaged set of measurements `x`: its `target` and the names of the classes of that."""

    target: ClassVar[str]
    classes: ClassVar[tuple[str, ...]]


class IrisData(MeasuredData):
    """150 iris flowers: four lengths in cm (`x`, or by name) and the `species`."""

    source: Literal["iris"]
    columns_of_x = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    target = "species"
    classes = ("setosa", "versicolor", "virginica")


class WineData(MeasuredData):
    """178 wines: 13 chemical measurements (`x`, or by name) and the `cultivar`."""

    source: Literal["wine"]
    columns_of_x = (
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280_od315_of_diluted_wines",
        "proline",
    )
    target = "cultivar"
    classes = ("class_0", "class_1", "class_2")


class BreastCancerData(MeasuredData):
    """569 tumours: 30 measurements of cell nuclei (`x`, or by name) and the `diagnosis`."""

    source: Literal["breast_cancer"]
    columns_of_x = tuple(
        f"{of}_{measure}" if of != "error" else f"{measure}_error"
        for of in ("mean", "error", "worst")
        for measure in _CELL_MEASURES
    )
    target = "diagnosis"
    classes = ("malignant", "benign")


class MnistData(SourceSpec):
    """70,000 handwritten digits of 28x28 pixels from 0 to 255 (`image`), with their `label`."""

    source: Literal["mnist"]
    white = 255.0
    folder: FileName | None = None
    """Folder with the four IDX files, as they are or gzipped; by default where `nngraph data fetch
    mnist` put them."""


PUBLISHED: tuple[type[SourceSpec], ...] = (
    DigitsData,
    IrisData,
    WineData,
    BreastCancerData,
    MnistData,
)
