"""In what two networks differ: as data, as text, and in one picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nngraph
from nngraph.cli import run
from nngraph.insight.diff import ChangedPart, ChangedValue, known_weights
from nngraph.insight.diff_picture import diff_picture
from nngraph.render import to_dot, to_mermaid

SPECS = Path(__file__).parents[2] / "specs"

A = """\
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, g: {}, y: {bias: 0.5}}
edges: [x -> h: [[1, 2], [3, 4]], x -> g: 0.5, h -> y, g -> y: 1]
loss: mean_squared_error
train: {epochs: 5}
"""
B = """\
# another layout of the same, but for relu, k in place of g, and other numbers
name: net
nngraph: 1
description: words for people change nothing
nodes:
  x: {kind: input, shape: 2, title: words too}
  h:
    units: 2
    activation: relu
  k: {}
  y: {bias: 0.25}
edges:
  - x -> h: [[1, 2], [3.5, 4]]
  - x -> k: 0.5
  - h -> y
  - k -> y: 1
loss: mean_squared_error
train: {epochs: 7}
"""


def test_structure_settings_and_weights_are_told_apart():
    found = nngraph.diff(A, B)
    assert found.nodes == (
        ChangedPart("h", "changed", (ChangedValue("activation.kind", "tanh", "relu"),)),
        ChangedPart("g", "removed", ()),
        ChangedPart("k", "added", ()),
    )
    assert [(part.id, part.state) for part in found.edges] == [
        ("x->g", "removed"),
        ("g->y", "removed"),
        ("x->k", "added"),
        ("k->y", "added"),
    ]
    assert found.settings == (ChangedValue("train.epochs", "5", "7"),)
    first, second = found.weights
    assert (first.id, first.differing, first.size, first.place) == ("x->h", 1, 4, (1, 0))
    assert (first.before, first.after, first.largest) == (3.0, 3.5, 0.5)
    assert (second.id, second.before, second.after) == ("y.bias", 0.5, 0.25)
    assert found.uncompared == ()  # h -> y is drawn in both


def test_words_and_layout_are_no_difference():
    same = A.replace("{bias: 0.5}}", '{bias: 0.5, title: "# y"}}  # words')
    assert nngraph.diff(A, same).is_none
    assert not nngraph.diff(A, same.replace("0.5, title", "0.50000006, title")).is_none


def test_the_order_of_edges_is_a_setting_where_all_are_there():
    text = "nngraph: 1\nnodes:\n  x, z: {kind: input, shape: 2}\n  s: concat\n"
    text += "edges: [x -> s, z -> s]\n"
    (order,) = nngraph.diff(text, text.replace("x -> s, z -> s", "z -> s, x -> s")).settings
    assert order.name == "the order of edges"


def test_trained_weights_are_compared_with_given_ones_and_drawn_ones_are_named(tmp_path):
    spec = SPECS / "xor-trained.yaml"
    model = nngraph.train_run(spec, run=tmp_path / "run")
    found = nngraph.diff(spec, tmp_path / "run")
    assert found.uncompared == ("x->h", "h->y")
    assert [weight.id for weight in found.weights] == ["h.bias", "y.bias"]
    again = nngraph.load(tmp_path / "run")
    assert nngraph.diff(model, again).is_none
    changed = model.weights
    changed["x->h"][1, 2] += 0.25
    again.weights = changed
    # what was set by hand is neither given nor trained
    (weight,) = nngraph.diff(model, again).weights
    assert (weight.id, weight.place) == ("x->h", (1, 2))
    assert weight.after - weight.before == pytest.approx(0.25)


def test_the_picture_holds_both_networks_in_colours():
    a, b = nngraph.compile(A).learner, nngraph.compile(B).learner
    known = (known_weights(a, is_trained=False), known_weights(b, is_trained=False))
    picture = diff_picture(a.network, b.network, nngraph.diff(A, B), known)
    marks = {node.id: (node.mark, node.note) for node in picture.nodes}
    assert marks == {
        "x": ("same", ""),
        "h": ("changed", "activation.kind tanh → relu"),
        "k": ("added", "added"),
        "y": ("changed", "bias 0.5 → 0.25"),
        "g": ("removed", "removed"),
    }
    edges = {(e.source, e.target): (e.mark, e.note) for e in picture.edges}
    assert edges["x", "h"] == ("changed", "1 of 4 differ")
    assert edges["h", "y"] == ("same", "")
    assert edges["g", "y"] == ("removed", "removed")
    assert "b = 0.25" not in to_dot(picture)  # the note tells it
    for neurons in (False, True):
        dot = to_dot(picture, neurons=neurons)
        assert all(colour in dot for colour in ("#23803f", "#c2413a", "#8a55c9", "dashed"))
        assert all(f">{word}<" in dot for word in ("added", "removed", "changed"))
        assert "positive" not in dot
    assert "#f9d9d6" in to_mermaid(picture)


def test_a_changed_number_stands_in_the_picture_once():
    a = "nngraph: 1\nnodes: {x: input, y: {bias: -1.5}}\nedges: [x -> y: 0.5]\n"
    dots = []
    for text in (a.replace("-1.5", "-1.25").replace("0.5", "-2"), a.replace("-1.5", "2")):
        one, other = nngraph.compile(a).learner, nngraph.compile(text).learner
        known = (known_weights(one, is_trained=False), known_weights(other, is_trained=False))
        found = nngraph.diff(a, text)
        dots.append(to_dot(diff_picture(one.network, other.network, found, known)))
    assert dots[0].count("1.25") == dots[0].count("bias −1.5 → −1.25") == 1
    assert dots[0].count("0.5 → −2") == 1
    assert dots[1].count("bias −1.5 → 2") == 1


def test_a_picture_of_one_network_knows_no_marks():
    dot = to_dot(nngraph.compile(A)._picture())
    assert "#23803f" not in dot
    assert "positive" in dot


def test_a_large_picture_is_marked_too():
    names = [f"n{k}" for k in range(200)]
    nodes = "".join(f"  {name}: {{}}\n" for name in names)
    edges = "".join(f"  - x -> {name}: 1\n  - {name} -> y: 1\n" for name in names)
    text = f"nngraph: 1\nnodes:\n  x: input\n{nodes}  y: {{}}\nedges:\n{edges}"
    changed = text.replace("y: {}", "y: {activation: tanh}")
    a, b = nngraph.compile(text).learner, nngraph.compile(changed).learner
    known = (known_weights(a, is_trained=False), known_weights(b, is_trained=False))
    dot = to_dot(diff_picture(a.network, b.network, nngraph.diff(text, changed), known))
    assert dot.count("#e8dcf8") == 1


# ---- the command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "b.yaml").write_text(B)
    return tmp_path


def test_differences_are_printed_line_by_line(folder, capsys):
    assert run(["diff", "a.yaml", "b.yaml", "-o", "both.dot"]) == 10
    told = capsys.readouterr()
    assert told.out == (
        "nodes\n  ~ h: activation.kind tanh -> relu\n  - g\n  + k\n"
        "edges\n  - x->g\n  - g->y\n  + x->k\n  + k->y\n"
        "settings\n  ~ train.epochs 5 -> 7\n"
        "weights\n  ~ x->h: 1 of 4 numbers, at most by 0.5 ([1, 0]: 3 -> 3.5)\n"
        "  ~ y.bias: 0.5 -> 0.25\n"
    )
    assert told.err == "wrote both.dot\n"
    assert (folder / "both.dot").read_text().startswith("digraph")


def test_as_json_it_is_all_there(folder, capsys):
    assert run(["diff", "a.yaml", "b.yaml", "--json"]) == 10
    found = json.loads(capsys.readouterr().out)
    assert found["same"] is False
    assert found["settings"] == [{"name": "train.epochs", "before": "5", "after": "7"}]
    assert found["weights"][0]["place"] == [1, 0]


def test_the_same_network_is_said_to_be_the_same(folder, capsys):
    assert run(["diff", "a.yaml", "a.yaml"]) == 0
    assert capsys.readouterr().out == "a.yaml and a.yaml are the same network\n"


def test_what_is_left_to_a_seed_is_said(folder, capsys):
    (folder / "c.yaml").write_text(A.replace("h -> y,", "h -> y: [1, 2],"))
    assert run(["diff", "a.yaml", "c.yaml"]) == 10
    told = capsys.readouterr()
    assert "  ~ h->y: weight none -> [1.0, 2.0]\n" in told.out
    assert told.err == "not compared, for one of the two leaves them to its seed: 'h->y'\n"


def test_another_suffix_is_refused_before_anything_is_drawn(folder, capsys):
    assert run(["diff", "a.yaml", "b.yaml", "-o", "both.txt"]) == 2
    assert "cannot draw a '.txt' file" in capsys.readouterr().err
