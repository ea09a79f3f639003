"""Texts of specs at random: blocks and flow, quotes, comments, blank lines, line ends."""

from __future__ import annotations

import re

from hypothesis import strategies as st

numbers = st.floats(-3, 3, width=32, allow_subnormal=False).map(lambda x: f"{x!r}")
comments = st.sampled_from(["", "", "  # why", " # 'quoted' {x: 1}", "   #x -> y: 9"])
between = st.sampled_from(["", "", "\n", "  # a remark\n", "\n# far left\n\n"])


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, str]:
    """A spec whose numbers are all given, and the same text with `#.#` for what may be trained."""
    pad = " " * draw(st.integers(1, 4))
    pieces: list[str] = [draw(st.sampled_from(["", "# head\n", "--- # begin\n"])), "nngraph: 1\n"]

    def slot() -> str:
        return f"\0{draw(numbers)}\0"

    ids = [f"h{k}" for k in range(draw(st.integers(1, 4)))]
    pieces += ["nodes:", draw(comments), "\n", f"{pad}x: {{kind: input, shape: 2}}\n"]
    for id_ in ids:
        pieces.append(draw(between))
        form = draw(st.integers(0, 4))
        if form == 0:
            pieces += [f"{pad}{id_}: {{activation: tanh, bias: {slot()}}}"]
        elif form == 1:
            pieces += [f"{pad}{id_}:{draw(comments)}\n{pad}{pad}bias: {slot()}"]
            pieces += [f"{draw(comments)}\n{pad}{pad}activation: 'relu'"]
        elif form == 2:
            pieces += [f'{pad}"{id_}" : {{"bias":{slot()}, title: "a # b: 0.5"}}']
        elif form == 3:
            pieces += [
                f"{pad}{id_}: {{ bias: {{value: {slot()},\n{pad}{pad}{pad}trainable: true}} }}"
            ]
        else:
            pieces += [f"{pad}{id_}:\n{pad}  bias:\n{pad}    - {slot()}"]
        pieces += [draw(comments), "\n"]
    pieces += ["edges:", draw(comments), "\n"]
    dash = draw(st.sampled_from(["", "  ", "   "]))
    before = "x[0]"
    for id_ in ids:
        pieces.append(draw(between))
        form = draw(st.integers(0, 4))
        if form == 0:
            pieces += [f"{dash}- {before} -> {id_}: {slot()}"]
        elif form == 1:
            pieces += [
                f"{dash}-   '{before}->{id_}' : {{weight: {slot()}, learning_rate_scale: 0.5}}"
            ]
        elif form == 2:
            pieces += [f"{dash}- from: {before}\n{dash}  weight: {slot()}{draw(comments)}\n"]
            pieces += [f"{dash}  to: {id_}"]
        elif form == 3:
            pieces += [
                f"{dash}- {before} -> {id_}:\n{dash}      weight:\n{dash}        - [ {slot()} ]"
            ]
        else:
            pieces += [f'{dash}- {{"{before} -> {id_}": {{weight: [ {slot()} ]}}}}']
        pieces += [draw(comments), "\n"]
        before = id_
    pieces += [draw(between), draw(st.sampled_from(["", "expect:\n  - {parameters: 0.5}\n"][:1]))]
    text = "".join(pieces)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text.replace("\0", ""), re.sub("\0[^\0]*\0", "#.#", text)
