"""Mistakes of meaning: each is told once, at its place, with its mend."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import mistakes, place

from nngraph.errors import FileError, ModelFileError
from nngraph.graph import build_graph
from nngraph.lower import lower
from nngraph.spec import parse_spec

# text, then for each mistake: code, line, column, words of message, label or help
CASES = {
    "weights that fit transposed": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}}
edges:
  - x -> h: {weight: [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]}
""",
        [("E221", 3, 22, "[4, 3] (4 units of 'x' to 3 of 'h'), got [3, 4]", "a transpose")],
    ),
    "weights of another shape": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}}
edges: [{from: x, to: h, weight: [1, 2]}]
""",
        [("E221", 2, 34, "got [2]", "a row for each unit of 'x'")],
    ),
    "a kernel on a dense edge": (
        """nodes: {x: {kind: input, shape: [9, 9, 1]}, h: {units: 2}}
edges:
  - x -> h: {weight: [[[[1, 2]], [[1, 2]]], [[[1, 2]], [[1, 2]]]]}
""",
        [("E221", 3, 22, "got [2, 2, 1, 2]", "was `conv` forgotten?")],
    ),
    "scale weights of another length": (
        """nodes: {x: {kind: input, shape: 4}, y: add}
edges: [{from: x, to: y, kind: scale, weight: [1, 2]}]
""",
        [("E221", 2, 47, "one per unit of 'x'", "one number per unit")],
    ),
    "a mask of another shape": (
        """nodes: {x: {kind: input, shape: 2}, h: {units: 3}}
edges: [{from: x, to: h, mask: [[1, 0], [0, 1]]}]
""",
        [("E230", 2, 32, "mask of shape [2, 3]", "")],
    ),
    "units beyond the last on both sides": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}}
edges:
  - x[2:6] -> h
  - x[0] -> h[3]
""",
        [
            ("E222", 3, 5, "'x[2:6]' reaches beyond 4 units", "there is no unit 5"),
            ("E222", 4, 13, "'h[3]' reaches beyond 3 units", "the last one is 2"),
        ],
    ),
    "a unit of a scalar": (
        """nodes: {x: input, h: {units: 3}}
edges: ["x[0] -> h"]
""",
        [("E222", 2, 10, "units of a scalar", "write `x` alone")],
    ),
    "an identity edge between widths": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 2}}
edges:
  - x -> h: identity
  - h -> y
""",
        [("E220", 3, 5, "brings [4] to 3 units of 'h'", "use a dense edge")],
    ),
    "an image beside a vector": (
        """nodes: {x: {kind: input, shape: 4}, i: {kind: input, shape: [2, 2, 3]}, h: {units: 3}}
edges:
  - x -> h
  - i -> h: identity
""",
        [("E220", 4, 5, "'x->h' gives [3], 'i->h' gives [2, 2, 3]", "equal shapes")],
    ),
    "a dense edge into a node without weights": (
        """nodes: {x: {kind: input, shape: 4}, y: add}
edges: [{from: x, to: y, kind: dense}]
""",
        [("E225", 2, 9, "a node of kind add", "lead into neurons")],
    ),
    "a weight on what is an identity": (
        """nodes: {x: {kind: input, shape: 4}, y: add}
edges: [x -> y: 0.5]
""",
        [("E225", 2, 17, "has a weight", "kind: scale")],
    ),
    "some units of a node that is no neurons": (
        """nodes: {x, z: {kind: input, shape: 4}, y: concat}
edges:
  - x, z -> y[0]
""".replace("{x, z: {", "{x: {kind: input, shape: 4}, z: {"),
        [("E225", 3, 13, "only neurons", "write `y` alone")],
    ),
    "shared arrays of different shape": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 2}}
edges:
  - x -> h
  - h -> y: {share: x->h}
""",
        [("E223", 4, 21, "[3, 2], but the array of 'x->h' is [4, 3]", "equal shape")],
    ),
    "a share that fits transposed": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 4}}
edges:
  - x -> h
  - h -> y: {share: x->h}
""",
        [("E223", 4, 21, "[3, 4]", "transpose: true")],
    ),
    "a share before its owner": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 4}}
edges:
  - x -> h: {share: h->y}
  - h -> y
""",
        [("E223", 3, 21, "'x->h' needs weights of shape [4, 3]", "transpose: true")],
    ),
    "a share of an identity edge": (
        """nodes: {x: {kind: input, shape: 3}, h: {units: 3}, y: add}
edges:
  - x -> h: {share: h->y}
  - h -> y
""",
        [("E223", 3, 21, "is an identity edge", "share a dense")],
    ),
    "nodes that share with other widths": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 4, share: h}}
edges: [x -> h -> y]
""",
        [("E223", 1, 73, "'y' has 4 units and cannot share with 'h', which has 3", "")],
    ),
    "a bias of another length": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3, bias: [1, 2]}}
edges: [x -> h]
""",
        [("E224", 1, 57, "but its bias has 2 numbers", "one number per unit (3)")],
    ),
    "softmax of one unit": (
        """nodes: {x: {kind: input, shape: 4}, y: {activation: softmax}}
edges: [x -> y]
loss: cross_entropy
""",
        [("E226", 1, 53, "always be 1", "sigmoid")],
    ),
    "log_softmax of a scalar": (
        """nodes: {x: input, y: {kind: activation, function: log_softmax}}
edges: [x -> y]
""",
        [("E226", 1, 51, "always be 0", "sigmoid")],
    ),
    "several edges where one is taken": (
        """nodes: {x: {kind: input, shape: 4}, z: {kind: input, shape: 4}, f: flatten}
edges:
  - x -> f
  - z -> f
""",
        [("E228", 4, 5, "takes one edge, not 2", "concat or add")],
    ),
    "adding what does not fit": (
        """nodes: {x: {kind: input, shape: 4}, z: {kind: input, shape: 3}, y: add}
edges:
  - x -> y
  - z -> y
""",
        [("E227", 4, 5, "cannot add [4] and [3]", "vector of channels")],
    ),
    "joining what does not fit": (
        """nodes: {x: {kind: input, shape: [2, 4]}, z: {kind: input, shape: [3, 4]}, y: concat}
edges:
  - x -> y
  - z -> y
""",
        [("E227", 4, 5, "cannot concat [2, 4] and [3, 4] along axis 1", "extents")],
    ),
    "an axis that is not there": (
        """nodes: {x: {kind: input, shape: 4}, y: {kind: concat, axis: 1}}
edges: [x -> y]
""",
        [("E227", 1, 61, "'x' has 1 axis", "axis 0 is the first")],
    ),
    "a slice beyond the end": (
        """nodes: {x: {kind: input, shape: 4}, y: {kind: slice, start: 2, stop: 9}}
edges: [x -> y]
""",
        [("E227", 1, 70, "2 to 9 of an axis of length 4", "ends at 4")],
    ),
    "a reshape to another number of values": (
        """nodes: {x: {kind: input, shape: 4}, y: {kind: reshape, shape: [3, 2]}}
edges: [x -> y]
""",
        [("E227", 1, 63, "cannot make [3, 2] of 4 values", "holds 6 values")],
    ),
    "the maximum of nothing": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3, aggregate: maximum}}
edges: ["x -> y[0:2]"]
""",
        [("E229", 1, 62, "1 unit of 'y' (number 2)", "connect these units")],
    ),
    "the mean of masked connections": (
        """nodes: {x: {kind: input, shape: 1}, y: {units: 2, aggregate: mean}}
edges: [{from: x, to: y, mask: [[1, 0]]}]
""",
        [("E229", 1, 62, "(number 1)", "mask")],
    ),
    "cross_entropy of sigmoids": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: sigmoid}}
edges: [x -> y]
loss: cross_entropy
""",
        [("E240", 3, 7, "needs a softmax, but the activation of 'y' is sigmoid", "binary_cross")],
    ),
    "cross_entropy of one unit": (
        """nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
loss: {kind: cross_entropy, target: t}
""",
        [("E240", 3, 7, "is identity", "binary_cross_entropy")],
    ),
    "negative_log_likelihood of a softmax": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: [{kind: negative_log_likelihood}]
""",
        [("E240", 3, 8, "needs a log_softmax", "goes with `cross_entropy`")],
    ),
    "binary_cross_entropy of tanh": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: tanh}, z: flatten}
edges: [x -> y -> z]
loss: binary_cross_entropy
""",
        [("E240", 3, 7, "between 0 and 1, but 'z' gives -1 to 1", "sigmoid")],
    ),
    "binary_cross_entropy of anything": (
        """nodes: {x: {kind: input, shape: 4}, y: {activation: relu}}
edges: [x -> y]
loss: binary_cross_entropy
""",
        [("E240", 3, 7, "'y' (relu) gives numbers from 0 up", "sigmoid")],
    ),
    "a step in a trained path": (
        """nodes: {x: {kind: input, shape: 4}, h: {units: 3, activation: step}, y: {}}
edges: [x -> h -> y]
loss: mean_squared_error
train: {epochs: 1}
""",
        [("E243", 1, 63, "the derivative of step is zero", "sigmoid")],
    ),
    "a sign node behind a trained bias": (
        """nodes:
  x: {kind: input, shape: 4}
  h: {}
  s: {kind: activation, function: sign}
  y: {}
edges:
  - x -> h: {weight: 1, trainable: false}
  - h -> s -> y
loss: mean_squared_error
train: {epochs: 1}
""",
        [("E243", 4, 35, "'h.bias' would never change", "tanh")],
    ),
    "a target of another size": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3}}
edges: [x -> y]
loss: {kind: mean_squared_error, target: x}
""",
        [("E241", 3, 42, "'y' has shape [3], its target 'x' [4]", "equally many")],
    ),
    "one target for two shapes": (
        """nodes: {x: {kind: input, shape: 4}, y: {units: 3}, z: {units: 2}}
edges: [x -> y, x -> z]
loss:
  - {kind: mean_squared_error, node: y, target: t}
  - {kind: mean_squared_error, node: z, target: t}
""",
        [("E241", 5, 49, "'y' has shape [3] and 'z' [2]", "its own target")],
    ),
    "names that every network has": (
        """nodes: {x: {kind: input, shape: 4}, step: input, loss: {}}
edges: [{from: x, to: loss, id: per_sample}, step -> loss]
loss: mean_squared_error
""",
        [("E250", 1, 50, "'loss'", "choose another")],
    ),
    "independent mistakes, and none that another caused": (
        """nodes:
  x: {kind: input, shape: 4}
  w: {kind: input, shape: 4}
  h: {units: 3}
  y: {units: 2, activation: tanh}
  z: {units: 1, activation: softmax}
edges:
  - x -> h: {weight: [1, 2]}
  - h -> y: {weight: [1, 2]}
  - x -> z: {weight: [1, 2]}
  - w[9] -> z
loss: {kind: cross_entropy, node: y}
""",
        [
            ("E221", 8, 22, "'x->h'", ""),
            ("E221", 10, 22, "'x->z'", ""),
            ("E222", 11, 5, "'w[9]'", ""),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_at_its_place_with_its_mend(name) -> None:
    text, expected = CASES[name]
    found = mistakes(text)
    assert [place(d) for d in found] == [case[:3] for case in expected]
    for diagnostic, (_, _, _, message, more) in zip(found, expected, strict=True):
        assert message in diagnostic.message
        assert more in f"{diagnostic.label} {diagnostic.help}"


def test_both_sides_of_a_mismatch_are_named_with_their_places() -> None:
    (told,) = mistakes(CASES["weights of another shape"][0])
    assert [(note.text, note.span.line - 1, note.span.column) for note in told.notes] == [
        ("'x' has shape [4]", 1, 9),
        ("'h' has 3 units", 1, 37),
    ]


def test_a_step_beside_the_loss_or_behind_fixed_weights_is_fine() -> None:
    text = """nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  fixed: {activation: step, bias: {value: 0, trainable: false}}
  y: {activation: sigmoid}
  answer: {activation: step, bias: -0.5}
edges:
  - x -> fixed: {weight: 1, trainable: false}
  - x, fixed -> y
  - y -> answer: 1
outputs: [y, answer]
loss: {kind: binary_cross_entropy, node: y}
train: {epochs: 1}
"""
    lower(build_graph(parse_spec(text)), training=True)


def test_a_step_may_be_run_without_train() -> None:
    text = CASES["a step in a trained path"][0].replace("train: {epochs: 1}\n", "")
    lower(build_graph(parse_spec("nngraph: 1\n" + text)), training=True)


def file_error(text: str, folder, error):
    graph = build_graph(parse_spec("nngraph: 1\n" + text, folder=folder))
    with pytest.raises(error) as told:
        lower(graph, training=False)
    (diagnostic,) = told.value.diagnostics
    return diagnostic


FILE = """nodes: {x: {kind: input, shape: 2}, y: {units: 3}}
edges:
  - x -> y: {weight: {file: %s}}
"""


def test_a_missing_weight_file_is_an_error_of_files_at_its_place(tmp_path) -> None:
    told = file_error(FILE % "none.npz", tmp_path, FileError)
    assert place(told) == ("E801", 3, 22)


def test_a_weight_file_outside_the_folder_is_refused(tmp_path) -> None:
    assert place(file_error(FILE % "../w.npz", tmp_path, FileError)) == ("E805", 3, 22)


def test_a_missing_key_of_a_weight_file_is_told(tmp_path) -> None:
    np.savez(tmp_path / "w.npz", V=np.zeros((2, 3)))
    told = file_error(FILE % "w.npz, key: W", tmp_path, ModelFileError)
    assert place(told)[1:] == (3, 22)
    assert "has no array 'W'" in told.message


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((3, 2)), "got [3, 2]"),
        (np.array(["a", "b"]), "holds no numbers"),
        (np.full((2, 3), np.nan), "not finite"),
    ],
)
def test_arrays_in_files_are_checked(array, words, tmp_path) -> None:
    np.savez(tmp_path / "w.npz", W=array)
    (told,) = mistakes(FILE % "w.npz", folder=tmp_path)
    assert words in told.message
    assert place(told)[1:] == (3, 22)
