"""A lint: pictures fed as they are, with numbers far over 1."""

from __future__ import annotations

from nngraph.errors import Diagnostic, diagnostic
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
        diagnostic(
            "L203",
            document.span("data", "source"),
            name=name,
            source=data.source,
            greatest=greatest,
        )
        for name in names
        if data.rule_for(name).kind == "none"
    )
