"""A profile as colours on the drawing of its network."""

from __future__ import annotations

from dataclasses import replace

from nngraph.insight.profile import Profile
from nngraph.render import Picture

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))


def heated(picture: Picture, profile: Profile) -> Picture:
    """Each node is the more orange the longer it takes, and says its time and its share; single
    neurons that are computed together have one colour and say of how many."""
    hottest = max((row.share for row in profile.nodes), default=0.0) or 1.0
    found = {id_: row for row in profile.nodes for id_ in row.nodes}
    nodes = []
    for node in picture.nodes:
        row = found[node.id]
        note = f"{span_text(row.seconds)} · {row.share:.1%}" if row.seconds > 0 else ""
        if note and len(row.nodes) > 1:
            note = f"{row.share:.1%} of {len(row.nodes):,}"
        nodes.append(replace(node, heat=row.share / hottest, note=note))
    return replace(picture, nodes=tuple(nodes), note=_caption(profile))


def _caption(profile: Profile) -> str:
    step = "training step" if profile.trains else "forward step"
    others = [f"{row.name} {row.share:.1%}" for row in profile.rows if not row.nodes]
    on = f"{profile.batch:,} sample{'' if profile.batch == 1 else 's'}"
    told = f"a {step} on {on} takes {span_text(profile.seconds)}; the more orange, the longer"
    return f"{told}; of no node: {', '.join(others)}"


def span_text(seconds: float) -> str:
    """A span of time with three digits.

    >>> span_text(0.0123), span_text(-2e-6), span_text(4.2e-8)
    ('12.3 ms', '-2 us', '0.042 us')
    """
    size, unit = next((u for u in UNITS if abs(seconds) >= u[0]), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"
