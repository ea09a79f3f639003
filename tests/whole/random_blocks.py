"""Pieces of random networks that stand on anything: vectors, images, sequences."""

from __future__ import annotations

from random_draft import Draft


def activation(draft: Draft, source: str) -> str:
    """f alone."""
    function = draft.function(draft.width(source))
    return draft.plain(source, f"{{kind: activation, function: {function}}}")


def positive(draft: Draft, source: str) -> str:
    """Functions that are not defined everywhere, where they are."""
    first, then = draft.form(("softplus", "log"), ("softplus", "sqrt"), ("tanh", "exp"))
    inner = draft.plain(source, f"{{kind: activation, function: {first}}}")
    return draft.plain(inner, f"{{kind: activation, function: {then}}}")


def batch_norm(draft: Draft, source: str) -> str:
    """Over the batch."""
    return draft.plain(source, draft.form("batch_norm", "{kind: batch_norm, momentum: 0.8}"))


def layer_norm(draft: Draft, source: str) -> str:
    """Over the units."""
    if draft.width(source) == 1:
        return batch_norm(draft, source)
    slow = "{kind: layer_norm, epsilon: 1e-3, learning_rate_scale: 0.5}"
    return draft.plain(source, draft.form("layer_norm", slow))


def dropout(draft: Draft, source: str) -> str:
    """Of units, or of channels."""
    per = draft.form("channel", "unit") if len(draft.shapes[source]) > 1 else "unit"
    return draft.plain(source, f"{{kind: dropout, rate: 0.25, per: {per}}}")


def noise(draft: Draft, source: str) -> str:
    """Normal noise."""
    return draft.plain(source, "{kind: noise, stddev: 0.1}")


def residual(draft: Draft, source: str) -> str:
    """Around an activation: source + f(source)."""
    inner = activation(draft, source)
    total = draft.node("add", draft.shapes[source])
    draft.edge(f"{source}, {inner} -> {total}")
    return total


def difference(draft: Draft, source: str) -> str:
    """A number minus an activation: number - f(source)."""
    inner = activation(draft, source)
    number = draft.node(f"{{kind: constant, value: {draft.number()}}}", ())
    total = draft.node("subtract", draft.shapes[source])
    draft.edge(f"{number} -> {total}")
    draft.edge(f"{inner} -> {total}")
    return total


def scale(draft: Draft, source: str) -> str:
    """One weight for each unit or channel."""
    name = draft.neurons(draft.width(source), shape=draft.shapes[source])
    draft.edge(f"{source} -> {name}", "{kind: scale, weight: 1.1, weight_decay_scale: 0.5}")
    return name


def slices(draft: Draft, source: str) -> str:
    """A cut along the last axis, and both parts side by side again, the other way round."""
    shape = draft.shapes[source]
    if shape[-1] < 2:
        return activation(draft, source)
    cut = int(draft.rng.integers(1, shape[-1]))
    rest = (*shape[:-1], shape[-1] - cut)
    low = draft.plain(source, f"{{kind: slice, stop: {cut}}}", (*shape[:-1], cut))
    high = draft.plain(source, f"{{kind: slice, axis: -1, start: {cut}}}", rest)
    joined = draft.node("concat", shape)
    draft.edge(f"{high}, {low} -> {joined}")
    return joined


ANYWHERE = (activation, batch_norm, layer_norm, dropout, noise, residual, positive, difference)
