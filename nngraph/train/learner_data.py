"""Data for a network that knows what the data before taught it: classes, categories, scaling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nngraph.data import DataSet, apply_normalizers, load_data_set
from nngraph.train.data_files import HERE, DataPlace, naming, read_data, spec_for_file
from nngraph.train.feed import Rows
from nngraph.train.learner import Learner
from nngraph.train.ports import ports_of
from nngraph.words.data_keys import SplitSpec


def load_data(learner: Learner, place: DataPlace = HERE) -> DataSet:
    """The data set for a network: the spec's own, or those of a CSV or npz file.

    Errors: as `read_data`.
    """
    return read_data(learner.network, place, learner.labels, learner.normalizers)


def load_rows(learner: Learner, file: Path) -> Rows:
    """All rows of a CSV or npz file, scaled and encoded as the network has learnt it.

    Errors: as `read_data`.
    """
    network = learner.network
    own = spec_for_file(file, network.document.spec.data)
    plain = {"split": SplitSpec(), "normalize": "none", "augment": (), "sample_weight": None}
    spec = own.model_copy(update=plain)
    ports = ports_of(network, learner.labels, learner.normalizers)
    with naming(file):
        part = load_data_set(spec, ports, file.resolve().parent, dtype="float64").parts["train"]
    scales, dtype = learner.normalizers, network.dtype
    turned = replace(scales, inputs=scales.targets)
    return Rows.of(
        apply_normalizers(scales, part.inputs, dtype),
        apply_normalizers(turned, part.targets, dtype),
    )
