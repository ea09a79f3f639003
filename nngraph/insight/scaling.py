"""A lint: pictures fed as they are, with numbers far over 1."""

from __future__ import annotations

from nngraph.errors import Diagnostic
from nngraph.spec import Document


def scaling_lints(document: Document) -> tuple[Diagnostic, ...]:
    """L203 for each input that takes raw pictures without `normalize`.

    First steps on values of up to 255 saturate sigmoids and make gradients explode; every
    textbook recipe scales them to 0..1 first.
    """
    data = document.spec.data
    if data is None or data.white is None or data.white <= 1:
        return ()
    greatest = f"{data.white:g}"
    names = [name for name, entry in document.nodes.items() if entry.node.kind == "input"]
    return tuple(
        Diagnostic(
            "L203",
            f"'{name}' takes {data.source} as they are, with values from 0 to {greatest}",
            span=document.span("data", "source"),
            label="not scaled",
            help=f"write `normalize: {{kind: scale, divisor: {greatest}}}` beside the source, or "
            "silence this line with `# nngraph: ignore L203`",
            severity="lint",
        )
        for name in names
        if data.rule_for(name).kind == "none"
    )
