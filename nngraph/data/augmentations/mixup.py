"""Each sample is blended with another, and so are their targets."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nngraph.data.augmentations.effect import Batch, Floats, Varying
from nngraph.words.augmentations import Mixup

BETA_STEPS = 4096


def _mix(spec: Mixup, batch: Batch) -> None:
    """Blend with partners that went through the same augmentations before."""
    partners = np.minimum((batch.draws[:, 0] * batch.total).astype(np.int64), batch.total - 1)
    others = batch.others(partners)
    share = _share(_beta_distribution(spec.alpha), batch.draws[:, 1])
    for arrays, other in zip((batch.inputs, batch.targets), others, strict=True):
        for name, array in arrays.items():
            m = share.reshape(-1, *(1,) * (array.ndim - 1)).astype(array.dtype)
            arrays[name] = m * array + (1 - m) * other[name]


@lru_cache(maxsize=8)
def _beta_distribution(alpha: float) -> tuple[Floats, Floats]:
    """Points (x, P(X <= x)) of Beta(alpha, alpha) from 0 to 1/2; the other half mirrors it.

    With t = s^(1/alpha) the density t^(alpha-1) (1-t)^(alpha-1) dt loses its pole at 0.
    """
    s = np.linspace(0.0, 0.5**alpha, BETA_STEPS + 1)
    x = s ** (1.0 / alpha)
    density = (1.0 - x) ** (alpha - 1.0)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2.0)])
    return x, area / (2.0 * area[-1])


def _share(distribution: tuple[Floats, Floats], draws: Floats) -> Floats:
    """Shares distributed so; rounded, so that the last bits of powers do not matter."""
    x, probability = distribution
    upper = draws > 0.5
    share = np.interp(np.where(upper, 1.0 - draws, draws), probability, x)
    return np.rint(np.where(upper, 1.0 - share, share) * 2.0**16) / 2.0**16


MIXUP = Varying(Mixup, _mix)
