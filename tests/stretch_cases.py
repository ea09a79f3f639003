"""Random stretches of single neurons, and what they compute by plain Python."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nngraph.kernels.wiring import Wiring

# what the reference computes with: plain Python, one number at a time
BY_HAND = {
    "tanh": lambda a: math.tanh(a),
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "gelu": lambda a: a * 0.5 * (1 + math.erf(a / math.sqrt(2))),
    "gaussian": lambda a: math.exp(-a * a),
    "sin": lambda a: math.sin(a),
    "identity": lambda a: a,
    "mish": lambda a: a * math.tanh(math.log1p(math.exp(a))),
    "celu": lambda a, p: a if a > 0 else p * math.expm1(a / p),
    "leaky_relu": lambda a, p: a if a > 0 else p * a,
    "prelu": lambda a, p: a if a > 0 else p * a,
    "step": lambda a, p: 1.0 if a > 0 else 0.0 if a < 0 else p,
}
COMBINED = {
    "sum": sum,
    "mean": lambda terms: sum(terms) / len(terms),
    "product": math.prod,
    "maximum": max,
    "minimum": min,
}
SMOOTH = tuple(("sum", name, ()) for name in ("tanh", "sigmoid", "gelu", "gaussian", "mish"))
ALL = (
    *SMOOTH,
    ("sum", "sin", ()),
    ("sum", "identity", ()),
    ("sum", "celu", (0.7,)),
    ("sum", "leaky_relu", (0.1,)),
    ("sum", "step", (0.5,)),
)
MIXED = (
    ("sum", "tanh", ()),
    ("mean", "sigmoid", ()),
    ("product", "identity", ()),
    ("maximum", "sin", ()),
    ("minimum", "prelu", ()),
    ("sum", "prelu", ()),
    ("mean", "prelu", ()),
)


@dataclass
class Case:
    """A random stretch; edges[j] lists (unit, slot)."""

    x: np.ndarray
    w: np.ndarray
    edges: list[list[tuple[int, int]]]
    biases: list[int]
    functions: tuple
    which: list[int]
    segments: list[tuple[int, int, int]]
    slopes: list[tuple[int, ...]]

    def wiring(self) -> Wiring:
        """The record of the case, by plain loops."""
        return Wiring.of(self.literal())

    def literal(self) -> tuple:
        """Its text form."""
        flat = [edge for edges in self.edges for edge in edges]
        offsets = [0]
        for edges in self.edges:
            offsets.append(offsets[-1] + len(edges))
        most = max(len(slopes) for slopes in self.slopes)
        return (
            self.x.shape[1],
            len(self.w),
            self.functions,
            tuple(unit for unit, _ in flat),
            tuple(slot for _, slot in flat),
            tuple(offsets),
            tuple(self.biases),
            tuple(slopes + (-1,) * (most - len(slopes)) for slopes in self.slopes),
            tuple(self.segments),
        )

    def reference(self, x=None, w=None) -> np.ndarray:
        """[N, 2 S] by a loop over rows and neurons."""
        x, w = self.x if x is None else x, self.w if w is None else w
        rows = []
        for row in x.tolist():
            units, pre = list(row), []
            each = zip(self.edges, self.biases, self.slopes, self.which, strict=True)
            for edges, bias, slopes, which in each:
                aggregate, name, values = self.functions[which]
                a = COMBINED[aggregate]([w[slot] * units[unit] for unit, slot in edges])
                a += w[bias] if bias >= 0 else 0.0
                pre.append(a)
                units.append(BY_HAND[name](a, *values, *(w[slot] for slot in slopes)))
            rows.append(units[x.shape[1] :] + pre)
        return np.array(rows)


def random_case(seed: int, functions=ALL, rows=4, dtype="float64") -> Case:
    """Levels of random width; weights and biases sometimes share a slot."""
    rng = np.random.default_rng(seed)
    columns = int(rng.integers(1, 5))
    edges, biases, which, segments, slopes = [], [], [], [], []
    slots = 0
    for _ in range(int(rng.integers(1, 6))):
        before = columns + len(edges)
        width = int(rng.integers(1, 5))
        for kind in sorted(rng.integers(0, len(functions), width).tolist()):
            start = len(edges)
            sources = rng.choice(before, int(rng.integers(1, min(before, 6) + 1)), replace=False)
            mine = []
            for unit in sources.tolist():
                share = slots > 0 and rng.random() < 0.2
                slot = int(rng.integers(slots)) if share else slots
                slots += not share
                mine.append((unit, slot))
            edges.append(mine)
            bias = -1
            if rng.random() < 0.7:
                bias, slots = slots, slots + 1
            biases.append(bias)
            which.append(kind)
            learned = functions[kind][1] == "prelu"
            slopes.append((slots,) if learned else ())
            slots += learned
            alike = segments and segments[-1][2] == kind and segments[-1][0] >= before - columns
            if alike and (functions[kind][0] in ("sum", "mean") or len(mine) == len(edges[-2])):
                segments[-1] = (segments[-1][0], start + 1, kind)
            else:
                segments.append((start, start + 1, kind))
    x = rng.standard_normal((rows, columns)).astype(dtype)
    w = (rng.standard_normal(slots) * 0.8).astype(dtype)
    return Case(x, w, edges, biases, tuple(functions), which, segments, slopes)
