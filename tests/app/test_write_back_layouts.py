"""Weights in files of any layout: the same bits, and nothing else is changed."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spec_layouts import comments, layouts
from written_back import file, fitted, holds, written


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(layouts(), st.integers(0, 1000))
def test_where_all_numbers_are_there_nothing_but_numbers_changes(tmp_path, layout, seed):
    text, template = layout
    path = file(tmp_path, text)
    learner = fitted(path, seed)
    written(path, learner)
    pieces = [re.escape(piece) for piece in template.split("#.#")]
    after = path.read_bytes().decode()
    assert re.fullmatch(r"(-?[0-9]+\.?[0-9]*(?:e-?[0-9]+)?)".join(pieces), after), after
    assert holds(path, learner)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), st.integers(0, 1000))
def test_whatever_is_taken_apart_no_comment_and_no_other_line_is_lost(tmp_path, data, seed):
    draw = data.draw
    flow = draw(st.booleans())
    shared = draw(st.sampled_from(["tanh", "{kind: leaky_relu, alpha: 0.5}"]))
    lines = ["nngraph: 1", "nodes:", "  x1, x2: input" + draw(comments)]
    lines += [
        f"  h1, h2, h3: &n {{activation: {shared}}}" + draw(comments),
        "  g: *n",
        draw(comments),
    ]
    lines += [
        "  u, v:" + draw(comments),
        "    activation: sigmoid",
        "    title: |",
        "      two",
        "      lines",
    ]
    lines += ["  y: {units: 3}" + draw(comments), "", "# edges"]
    entries = [
        "x1, x2 -> h1, h2",
        "x1, h1 -> h3: &w 0.5",
        "h1 -> g: *w",
        "x2 -> g: {init: {kind: normal, stddev: 0.5}, learning_rate_scale: 0.5}",
        "g -> u -> v: {trainable: true}",
        "{from: v, to: y}",
        "h1, h2, h3 -> y",
    ]
    if flow:
        quoted = [
            e if e[0] == "{" else '"' + (e.replace(": ", '": ', 1) if ": " in e else e + '"')
            for e in entries
        ]
        lines += ["edges: [", *(f"    {entry},{draw(comments)}" for entry in quoted), "  ]"]
    else:
        lines += ["edges:", *(f"- {entry}{draw(comments)}" for entry in entries)]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    path = file(tmp_path, text)
    learner = fitted(path, seed)
    written(path, learner)
    after = path.read_bytes().decode()
    assert holds(path, learner)
    remark = re.compile(r"\s#[^\r\n]*")
    assert [m.strip() for m in remark.findall(after)] == [m.strip() for m in remark.findall(text)]
    kept = [line for line in lines if "h1" not in line and "->" not in line and "u, v" not in line]
    kept = [line for line in kept if not line.startswith(("  g:", "  y:", "- {from", "    {from"))]
    rest = iter(after.split(end))
    assert all(any(line == other for other in rest) for line in kept), after
