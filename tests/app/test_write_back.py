"""Trained weights in the user's own file: the same bits, and not a byte more is changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_back import file, fitted, shape_of, text_after, written

import nngraph
from nngraph.errors import ModelFileError, NNGraphError, UsageError

HEAD = "nngraph: 1\nnodes: {x1, x2: input, h1: {}, h2: {}, y: {}}\n".replace(
    "x1, x2: input", '"x1, x2": input'
)


# ---- what a person writes


def test_a_comma_list_becomes_one_line_each_and_its_comment_stays(tmp_path):
    text = (
        "# top\nnngraph: 1\nnodes:\n  x1, x2: input  # two\n  h: {activation: tanh}   # hidden\n\n"
    )
    text += "edges:\n  # first\n  - x1, x2 -> h: 1  # both\n  # last\n"
    assert shape_of(text_after(tmp_path, text)) == (
        "# top\nnngraph: 1\nnodes:\n  x1, x2: input  # two\n"
        "  h: {activation: tanh, bias: #.#}   # hidden\n\nedges:\n  # first\n"
        "  - x1 -> h: #.#  # both\n  - x2 -> h: #.#\n  # last\n"
    )


def test_a_key_of_several_nodes_becomes_one_line_each(tmp_path):
    text = (
        "nngraph: 1\nnodes:\n  x: input\n  h1, h2: # two\n    activation: tanh # of both\n"
        "    bias: 0\n  y: {}\nedges:\n- x -> h1, h2\n- h1, h2 -> y\n"
    )
    assert shape_of(text_after(tmp_path, text)) == (
        "nngraph: 1\nnodes:\n  x: input\n  h1: # two\n    activation: tanh # of both\n"
        "    bias: #.#\n  h2: {activation: tanh, bias: #.#}\n  y: {bias: #.#}\nedges:\n"
        "- x -> h1: #.#\n- x -> h2: #.#\n- h1 -> y: #.#\n- h2 -> y: #.#\n"
    )


def test_what_an_alias_shared_is_written_out(tmp_path):
    text = (
        "nngraph: 1\nnodes:\n  x: input\n  h1: &n {activation: tanh}\n  h2: *n  # the same\n"
        "  y: {}\nedges:\n  - x -> h1: &w 0.5\n  - x -> h2: *w\n  - h1 -> y: *w\n  - h2 -> y: 1.5\n"
    )
    assert shape_of(text_after(tmp_path, text)) == (
        "nngraph: 1\nnodes:\n  x: input\n  h1: &n {activation: tanh, bias: #.#}\n"
        "  h2: {activation: tanh, bias: #.#}  # the same\n  y: {bias: #.#}\nedges:\n"
        "  - x -> h1: &w #.#\n  - x -> h2: #.#\n  - h1 -> y: #.#\n  - h2 -> y: #.#\n"
    )


def test_an_alias_that_stays_keeps_what_it_meant(tmp_path):
    text = (
        "nngraph: 1\nnodes: {x: input, y: {bias: false}, z: {bias: false}}\nedges:\n"
        "  - x -> y: &w 0.5\n  - y -> z: {weight: *w, trainable: false}\n"
    )
    assert "{weight: 0.5, trainable: false}" in text_after(tmp_path, text)


def test_fixed_and_shared_weights_are_left_alone(tmp_path):
    text = HEAD + (
        "edges:\n  - x1 -> h1: {weight: 0.25, trainable: false}  # fixed\n"
        "  - x2 -> h1: 1\n  - x1, x2 -> h2: {share: x2->h1}\n  - h1, h2 -> y: {trainable: false}\n"
    )
    after = text_after(tmp_path, text)
    assert "  - x1 -> h1: {weight: 0.25, trainable: false}  # fixed\n" in after
    assert "  - x1, x2 -> h2: {share: x2->h1}\n" in after
    # drawn once and never trained: another seed would draw others
    assert "  - h1 -> y: {trainable: false, weight: #.#}\n" in shape_of(after)


def test_lists_are_replaced_number_by_number_and_files_by_a_new_file(tmp_path):
    np.savez(tmp_path / "first.npz", W=np.ones((2, 2)))
    text = (
        "nngraph: 1\nnodes:\n  x: {kind: input, shape: 2}\n"
        "  h: {units: 2, bias: [0.5, # one\n    0.25]}\n  y: {units: 2, bias: {init: zeros}}\n"
        "edges:\n"
        "  - x -> h: {weight: {file: first.npz, key: W}}\n"
        "  - h -> y:\n      weight: # as a book has it\n        - [1.0, 2.0]  # from h[0]\n"
        "        - [3.0, 4.0]\n"
    )
    before = (tmp_path / "first.npz").read_bytes()
    after = shape_of(text_after(tmp_path, text))
    assert after == (
        "nngraph: 1\nnodes:\n  x: {kind: input, shape: 2}\n"
        "  h: {units: 2, bias: [#.#, # one\n    #.#]}\n"
        "  y: {units: 2, bias: {value: {file: net.trained.npz, key: y.bias}}}\nedges:\n"
        '  - x -> h: {weight: {file: net.trained.npz, key: "x->h"}}\n'
        "  - h -> y:\n      weight: # as a book has it\n        - [#.#, #.#]  # from h[0]\n"
        "        - [#.#, #.#]\n"
    )
    assert (tmp_path / "first.npz").read_bytes() == before


def test_a_table_of_edges_is_written_anew_and_the_old_one_is_left(tmp_path):
    table = "to,from,weight,trainable\r\nh, x1 , 1.0,\r\nh,x2,2.0,false\r\n\r\ny,h,  3.0 ,true"
    file(tmp_path, table, "edges.csv")
    file(tmp_path, "id,activation\nh,tanh\ny,\n", "neurons.csv")
    text = (
        "nngraph: 1\nnodes: {x1: input, x2: input}\nnodes_file: neurons.csv  # many\n"
        "edges: [{file: edges.csv}]"
    )
    assert text_after(tmp_path, text) == text.replace("edges.csv", "edges.trained.csv").replace(
        "neurons.csv", "neurons.trained.csv"
    )
    assert shape_of((tmp_path / "edges.trained.csv").read_bytes().decode()) == (
        "to,from,weight,trainable\r\nh, x1 , #.#,\r\nh,x2,#.#,false\r\n\r\ny,h,  #.# ,true"
    )
    assert shape_of((tmp_path / "neurons.trained.csv").read_text()) == (
        "id,activation,bias\nh,tanh,#.#\ny,,#.#\n"
    )
    assert (tmp_path / "edges.csv").read_bytes().decode() == table


def test_an_entry_of_more_edges_than_fit_by_hand_becomes_a_table(tmp_path):
    names = ", ".join(f"h{k}" for k in range(150))
    text = f"nngraph: 1\nnodes:\n  x: input\n  {names}: {{bias: false}}\n  y: {{bias: false}}\n"
    text += f"edges:\n  - x -> {names}  # wide\n  - {names} -> y: 0.5\n"
    after = text_after(tmp_path, text)
    tables = ["net.trained.csv", "net.trained-2.csv"]
    assert after == text.replace(
        f"x -> {names}  # wide", "{file: net.trained.csv}  # wide"
    ).replace(f"{names} -> y: 0.5", "{file: net.trained-2.csv}")
    assert [(tmp_path / name).read_text().count("\n") for name in tables] == [151, 151]


def test_what_a_mask_hides_is_no_weight(tmp_path):
    path = file(
        tmp_path,
        "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, h: {units: 2, bias: false}}\n"
        "edges: [x -> h: {weight: 0.5, mask: [[1, 0], [0, 1]]}]\n",
    )
    written(path, fitted(path))  # numbers where there is no connection, as a caller may set them
    W = np.load(tmp_path / "net.trained.npz")["x->h"]
    assert W[0, 1] == W[1, 0] == 0
    assert W[0, 0] != 0.5


def test_slopes_of_single_neurons_are_written(tmp_path):
    text = (
        "nngraph: 1\nnodes:\n  x: input\n  h: {activation: prelu}\n  g: {activation: {kind: prelu, "
        "alpha: 0.25}, bias: false}\n  y: {kind: activation, function: prelu}\n"
        "edges: [x -> h -> g -> y]\n"
    )
    assert shape_of(text_after(tmp_path, text)) == (
        "nngraph: 1\nnodes:\n  x: input\n  h: {activation: {kind: prelu, alpha: #.#}, bias: #.#}\n"
        "  g: {activation: {kind: prelu, alpha: #.#}, bias: false}\n"
        "  y: {kind: activation, function: {kind: prelu, alpha: #.#}}\n"
        "edges: [x -> h: #.#, h -> g: #.#]\n"
    ).replace("h -> g: #.#]", "h -> g: #.#, g -> y]")


def test_line_ends_a_byte_order_mark_and_a_missing_last_line_end_stay(tmp_path):
    text = "\ufeffnngraph: 1\r\nnodes:\r\n  x: input\r\n  y:\r\n    activation: tanh\r\n"
    text += "edges:\r\n  - x -> y  # the last line"
    assert shape_of(text_after(tmp_path, text)) == text.replace(
        "activation: tanh\r\n", "activation: tanh\r\n    bias: #.#\r\n"
    ).replace("x -> y ", "x -> y: #.# ")


# ---- what is refused


XOR = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 2, batch_size: full}
"""


def test_a_spec_that_was_changed_by_hand_is_not_written_over(tmp_path):
    path = file(tmp_path, XOR)
    model = nngraph.train_run(path, run=tmp_path / "run")
    changed = XOR.replace("x -> h -> y", "x -> h -> y: 0.5")
    path.write_text(changed)
    with pytest.raises(
        ModelFileError, match=r"edges\.x->h\.weight was absent, it is 0\.5"
    ) as error:
        model.write_back(path)
    assert error.value.diagnostics[0].code == "E505"
    assert path.read_text() == changed
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.yaml", "run"]


def test_words_and_layout_may_change_since_the_run_began(tmp_path):
    path = file(tmp_path, XOR)
    model = nngraph.train_run(path, run=tmp_path / "run")
    path.write_text("# my net\n" + XOR.replace("train:", "train :  "))
    assert model.write_back(path).changed
    assert model.write_back(path).changed == ()
    assert nngraph.load(tmp_path / "run").write_back(path).changed == ()
    x = np.random.default_rng(0).normal(size=(20, 2))
    assert np.array_equal(nngraph.compile(path).predict(x), model.predict(x))


def test_another_network_by_overrides_is_refused_before_training(tmp_path):
    path = file(tmp_path, XOR)
    with pytest.raises(UsageError, match=r"nodes\.h\.units was 2, it is 3"):
        nngraph.train_run(path, ["nodes.h.units=3"], run=tmp_path / "run", write_back=True)
    assert [p.name for p in tmp_path.iterdir()] == ["net.yaml"]


def test_other_training_by_overrides_is_written_back(tmp_path):
    path = file(tmp_path, XOR)
    model = nngraph.train_run(path, ["train.epochs=3"], run=tmp_path / "run", write_back=True)
    again = nngraph.compile(path)
    assert {k: v.tobytes() for k, v in again.weights.items()} == {
        k: v.tobytes() for k, v in model.weights.items()
    }
    assert "epochs: 2" in path.read_text()


def test_what_no_spec_can_say_is_refused_before_training(tmp_path):
    path = file(
        tmp_path,
        XOR.replace("x -> h -> y", "x -> h -> n -> y").replace("{x:", "{n: layer_norm, x:"),
    )
    with pytest.raises(UsageError, match=r"a spec cannot say 'n.scale' and 'n.shift'"):
        nngraph.train_run(path, run=tmp_path / "run", write_back=True)
    assert [p.name for p in tmp_path.iterdir()] == ["net.yaml"]


def test_a_text_has_no_file_to_write_into():
    with pytest.raises(UsageError, match="no file of a spec"):
        nngraph.compile(XOR).write_back()


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path, monkeypatch):
    path = file(tmp_path, XOR)
    learner = fitted(path)
    import nngraph.app.write_back as module

    def refuse(path: Path, data: bytes) -> None:
        raise NNGraphError("no room")

    monkeypatch.setattr(module, "write_atomically", refuse)
    with pytest.raises(NNGraphError, match="no room"):
        written(path, learner)
    assert [p.name for p in tmp_path.iterdir()] == ["net.yaml"]
    assert path.read_text() == XOR


# ---- numbers


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_float32_is_read_back_to_the_last_bit(value):
    from nngraph.spec.editing.numbers import number_text
    from nngraph.spec.tree import resolve

    read = resolve(number_text(np.float32(value)))
    assert isinstance(read, float)
    assert np.float32(read).tobytes() == np.float32(value).tobytes()


def test_a_number_that_would_be_rounded_twice_is_written_in_full():
    from nngraph.spec.editing.numbers import number_text

    random = np.random.default_rng(0)
    bits = random.integers(0, 2**31 - 2**24, 200_000, dtype=np.uint32).view(np.float32)
    wrong = [x for x in bits[:20_000] if np.float32(float(number_text(x))) != x]
    assert not wrong
