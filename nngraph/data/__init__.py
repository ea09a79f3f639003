"""Data: from the `data` section of a spec, or a file, to arrays that a network takes in."""

from nngraph.data.augment_plan import plan_augmentation
from nngraph.data.augmentations.effect import AugmentPlan
from nngraph.data.columns import ColumnFacts
from nngraph.data.dataset import Batches, DataSet, DType, Part, Port, gather_rows
from nngraph.data.inputs import brightest, read_inputs
from nngraph.data.load import load_data_set
from nngraph.data.normalizers import Normalizer, Normalizers, Values, apply_normalizers, read_scaled
from nngraph.data.outputs import csv_text, write_outputs

__all__ = [
    "AugmentPlan",
    "Batches",
    "ColumnFacts",
    "DType",
    "DataSet",
    "Normalizer",
    "Normalizers",
    "Part",
    "Port",
    "Values",
    "apply_normalizers",
    "read_scaled",
    "brightest",
    "csv_text",
    "gather_rows",
    "load_data_set",
    "plan_augmentation",
    "read_inputs",
    "write_outputs",
]
