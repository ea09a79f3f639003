"""Normal noise on every value of every input."""

from __future__ import annotations

from nngraph.data.augmentations.effect import Batch, Varying
from nngraph.words.augmentations import Noise


def _add(spec: Noise, batch: Batch) -> None:
    for name, array in batch.inputs.items():
        noise = batch.noise(name, array.shape[1:])
        array += (spec.stddev * noise).astype(array.dtype)


NOISE = Varying(Noise, _add)
