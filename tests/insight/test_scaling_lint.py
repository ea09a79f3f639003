"""Raw pictures are told before they are trained on."""

from __future__ import annotations

import pytest

from nngraph.insight.lints import lints_of
from nngraph.network import compile_document
from nngraph.spec import parse_spec

SPEC = """
nngraph: 1
nodes:
  image: {{kind: input, shape: 64}}
  digit: {{units: 10, activation: softmax}}
edges:
  - image -> digit
loss: cross_entropy
data: {data}
"""


def lints(data: str):
    return lints_of(compile_document(parse_spec(SPEC.format(data=data))))


@pytest.mark.parametrize(
    "data", ["{source: digits}", "{source: digits, normalize: {targets: none}}"]
)
def test_raw_pictures_are_told_at_their_source(data):
    (lint,) = lints(data)
    assert lint.code == "L203"
    assert lint.severity == "lint"
    assert lint.span is not None
    assert (lint.span.line, lint.span.column) == (9, 16)
    assert "'image' takes digits as they are, with values from 0 to 16" in lint.message
    assert "normalize: {kind: scale, divisor: 16}" in lint.help


@pytest.mark.parametrize(
    "data",
    [
        "{source: digits, normalize: standard}",
        "{source: digits, normalize: {image: minmax}}",
        "{source: iris}",
        "{source: digits}  # nngraph: ignore L203",
    ],
)
def test_scaled_small_or_silenced_data_are_not_told(data):
    assert not lints(data)
