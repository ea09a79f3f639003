"""What boxes, circles and arrows say, line by line, whatever the format."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.diagnostics.wording import count
from nngraph.render.picture import PictureEdge, PictureLoss, PictureNode
from nngraph.render.words import clip_text, number, shape_words, wrap

GLYPHS = {"add": "+", "subtract": "−", "multiply": "×"}
LONGEST_OPTION = 30  # letters

Line = tuple[str, int, bool]
"""Words, their size in points, and whether they are bold."""


def is_single(node: PictureNode) -> bool:
    """One input value or one neuron: a circle, as the textbooks draw it."""
    return node.kind in ("input", "neurons") and node.units == 1


def function_label(node: PictureNode) -> str:
    """The activation where there is one to speak of."""
    return "" if node.activation == "identity" and node.kind != "activation" else node.activation


def is_circle(node: PictureNode) -> bool:
    """Whether it is drawn as a circle with its name in it."""
    return is_single(node) and len(node.name) <= 16


def node_lines(node: PictureNode, *, narrow: bool = False) -> list[Line]:
    """All that a box or circle says: its sign, its name, its details."""
    if node.kind in GLYPHS:
        below = [*wrap(node.name, 12, 2), shape_words(node.shape), *noted(node)]
        return [(GLYPHS[node.kind], 17, True), *((text, 9, False) for text in below)]
    longest = max(len(word) for word in node.name.split())
    width, most = (max(8, longest), 3) if is_circle(node) else (24, 2)
    title = wrap(node.name, width, most)
    details = single_details(node) if is_single(node) else block_details(node, narrow=narrow)
    return [*((text, 13, True) for text in title), *((text, 10, False) for text in details)]


def edge_lines(edge: PictureEdge) -> list[Line]:
    """What stands beside an arrow."""
    return [(text, 9 if place else 10, False) for place, text in enumerate(edge_words(edge))]


def loss_lines(loss: PictureLoss) -> list[Line]:
    """What the note of a loss says."""
    kind = wrap(loss.kind.replace("_", " "), 24, 2)
    target = wrap(f"target: {loss.target}", 24, 2)
    return [*((text, 11, False) for text in kind), *((text, 9, False) for text in target)]


def single_details(node: PictureNode) -> list[str]:
    """What a circle says below its name: activation and bias."""
    details = [function_label(node)] if function_label(node) else []
    details += option_lines(node.options, 1)
    if node.bias is not None and len(node.bias) == 1:
        details.append(f"b = {number(node.bias[0])}")
    elif node.parameters:
        details.append("+ b")
    return details + noted(node)


def block_details(node: PictureNode, *, narrow: bool = False) -> list[str]:
    """What a box says below its name: size and function, options, then its own parameters.

    `narrow` gives the size and each option a line of its own.
    """
    size = shape_words(node.shape)
    if len(node.shape) == 1:
        size = count(node.units, "unit" if node.kind == "neurons" else "value")
    words = [size]
    if node.kind not in ("input", "neurons", "activation", node.name):
        words.append(node.kind.replace("_", " "))
    if function_label(node) not in ("", node.name):
        words.append(function_label(node))
    heads = [words[:1], words[1:]] if narrow else [words]
    details = [" · ".join(head) for head in heads if head]
    details += option_lines(node.options, 1 if narrow else 2)
    details += [count(node.parameters, "parameter")] if node.parameters else []
    return details + noted(node)


def option_lines(options: Sequence[str], a_line: int = 2) -> list[str]:
    """The options that decide, so many on a line.

    >>> option_lines(("stride = 2", "padding = same", "groups = 2"))
    ['stride = 2 · padding = same', 'groups = 2']
    """
    short = [clip_text(option, LONGEST_OPTION) for option in options]
    return [" · ".join(short[k : k + a_line]) for k in range(0, len(short), a_line)]


def noted(node: PictureNode) -> list[str]:
    """What is said of a node below all else."""
    return [node.note] if node.note else []


def edge_words(edge: PictureEdge) -> list[str]:
    """The lines of an edge's label: weight or shape, count, ranges, whose W it is."""
    words: list[str] = []
    if edge.scalar is not None:
        words.append(number(edge.scalar))
    elif edge.is_weighted and edge.shape is not None:
        shape = shape_words(edge.shape) if edge.shape else "1"
        kind = edge.kind.replace("_", " ")
        words.append(shape if edge.kind == "dense" else f"{kind} {shape}")
        if edge.parameters and edge.shared_with is None:
            words.append(count(edge.parameters, "weight"))
    words += option_lines(edge.options)
    if edge.source_units is not None or edge.target_units is not None:
        words.append(_ranges(edge))
    if edge.shared_with is not None:
        words += wrap(f"shared with {edge.shared_with}", 26, 2)
    elif edge.is_weighted and not edge.trainable:
        words.append("fixed")
    return words + ([edge.note] if edge.note else [])


def _ranges(edge: PictureEdge) -> str:
    if edge.target_units is None and edge.source_units is not None:
        return f"from {_units(edge.source_units)}"
    if edge.source_units is None and edge.target_units is not None:
        return f"into {_units(edge.target_units)}"
    assert edge.source_units is not None
    assert edge.target_units is not None
    return f"{_units(edge.source_units)} → {_units(edge.target_units)}"


def _units(units: tuple[int, int]) -> str:
    start, stop = units
    return f"[{start}]" if stop == start + 1 else f"[{start}:{stop}]"
