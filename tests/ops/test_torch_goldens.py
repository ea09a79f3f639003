"""Outputs and vector-Jacobian products of PyTorch, sample by sample.

The samples are no part of the project: NNGRAPH_CASES names the folder that holds them.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from cases import for_each
from torch_functions import FUNCTIONS
from torch_samples import Bench, Sample, Unsupported, folder, samples

LATER = {
    "nn.functional.conv3d",
    "nn.functional.group_norm", "nn.functional.instance_norm", "nn.functional.layer_norm",
    "nn.functional.batch_norm", "nn.functional.embedding",
}  # fmt: skip
"""Functions of which we have no op yet."""

LEFT_OUT = {
    "rounding": 9,
    "mixed dtypes": 1,
    "batched products": 3,
    "a maximum of no elements": 2,
    "padding by anything but a number": 19,
    "cropping": 2,
    "the approximation of gelu by tanh": 4,
    "means of windows that hang over the end": 4,
    "windows of unequal sizes": 4,
}
"""Samples left out of functions that we have, by what they ask for."""

ROUNDED = {"nn.functional.hardsigmoid": 1e-7}
"""PyTorch's derivative takes 1 / 6 in single precision."""

pytestmark = pytest.mark.skipif(
    folder() is None, reason="NNGRAPH_CASES does not name the folder of PyTorch's samples"
)


def test_every_function_is_written_in_our_ops_or_known_as_later_work() -> None:
    assert {sample.op for sample in samples()} == set(FUNCTIONS) | LATER


def test_as_many_samples_run_as_can() -> None:
    left_out: Counter[str] = Counter()
    ran = 0
    for sample in samples():
        if sample.op in LATER:
            continue
        try:
            FUNCTIONS[sample.op](Bench(sample))
            ran += 1
        except Unsupported as reason:
            left_out[str(reason)] += 1
    assert dict(left_out) == LEFT_OUT
    assert ran == 289


@for_each("sample", [s for s in samples() if s.op in FUNCTIONS], together=lambda s: s.op)
def test_results_and_gradients_are_those_of_pytorch(sample: Sample) -> None:
    bench = Bench(sample)
    try:
        result = FUNCTIONS[sample.op](bench)
    except Unsupported:
        return  # and counted above
    found, gradients = bench.run(result)
    assert found.shape == sample.outputs[0].shape
    np.testing.assert_allclose(found, sample.outputs[0], rtol=1e-12, atol=1e-14)
    rtol = ROUNDED.get(sample.op, 1e-10)
    for index, expected in enumerate(sample.grads):
        if expected is not None and index in gradients:
            np.testing.assert_allclose(gradients[index], expected, rtol=rtol, atol=1e-13)
    assert 0 in gradients
