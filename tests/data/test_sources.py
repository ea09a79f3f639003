"""Each source, augmentation and normalisation: one row, one meaning, and nobody else knows it."""

import subprocess
import sys

import pytest

from nngraph.data.augmentations.effects import EFFECTS
from nngraph.data.normalizers import FITS
from nngraph.data.sources.opening import OPENERS
from nngraph.spec.schema import spec_schema
from nngraph.words.augmentations import AUGMENTATIONS
from nngraph.words.normalizations import NORMALIZATIONS
from nngraph.words.sources import SOURCES

ROWS = (
    *((row, "source") for row in SOURCES),
    *((row, "augmentation") for row in AUGMENTATIONS),
    *((row, "normalization") for row in NORMALIZATIONS),
)


@pytest.mark.parametrize(
    ("rows", "meanings"),
    [(SOURCES, OPENERS), (AUGMENTATIONS, EFFECTS), (NORMALIZATIONS, FITS)],
    ids=["source", "augment", "normalize"],
)
def test_every_row_has_its_meaning_and_every_meaning_its_row(rows, meanings):
    assert [meaning.row for meaning in meanings] == list(rows)
    assert len({row.word() for row in rows}) == len(rows)


@pytest.mark.parametrize(("row", "family"), ROWS)
def test_every_row_and_every_option_of_it_is_described(row, family):
    shape = spec_schema()["$defs"][f"{row.word()}-{family}"]
    assert shape["description"]
    for name, option in shape["properties"].items():
        assert name in ("kind", "source") or option["description"], name


MADE_UP = """
import numpy as np
from typing import Literal

import nngraph.words.generated_sets as family
from nngraph.words.data_keys import SourceSpec

class StairsData(family.GeneratedData):
    '''A flight of stairs: `label` is 1 on every other step.'''
    source: Literal["stairs"]
    white = 4.0

family.GENERATED += (StairsData,)

import nngraph.data.sources.opening as opening
from nngraph.data.sources.figures import figure

def draw(draws):
    x = draws.uniform("x", 0.0, 4.0)
    return np.stack([x, np.floor(x)], axis=1), (np.floor(x) % 2).astype(np.uint8)

opening.OPENERS += (figure(StairsData, draw),)

import nngraph
from nngraph.insight.scaling import scaling_lints
from nngraph.spec.schema import spec_schema

SPEC = '''
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 1, activation: sigmoid}}
edges: [x -> y]
loss: binary_cross_entropy
data: WORD
train: {epochs: 1}
'''
assert "stairs-source" in spec_schema()["$defs"]
model = nngraph.compile(SPEC.replace("WORD", "{source: stairs, samples: 40, noise: 0.1}"))
model.fit()
assert model.evaluate(part="train")["loss"] > 0
(lint,) = scaling_lints(model.document)
assert "from 0 to 4" in lint.message
try:
    nngraph.compile(SPEC.replace("WORD", "stars"))
except nngraph.errors.SpecError as error:
    assert "did you mean 'stairs'?" in str(error), error
else:
    raise AssertionError("'stars' is no source")
"""


def test_a_made_up_source_is_known_everywhere_by_its_row_and_its_opener():
    done = subprocess.run([sys.executable, "-c", MADE_UP], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
