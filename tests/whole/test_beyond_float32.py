"""Numbers that float32 cannot hold are refused wherever they enter, without a word from NumPy."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import DataError, ModelFileError, NNGraphError

NET = """\
nngraph: 1
nodes: {{x: {{kind: input, shape: 2}}, h: {h}, y: {{bias: {bias}}}}}
edges: [{first}, {second}]
loss: {loss}
train: {train}
"""
FINE = {
    "h": "{units: 2, activation: relu}",
    "bias": "0",
    "first": "x -> h",
    "second": "h -> y",
    "loss": "mean_squared_error",
    "train": "{epochs: 1}",
}
ROWS = "x,y\n1,2\n2,3\n3,4\n"
LINE = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: csv, path: t.csv%s}
train: {epochs: 1}
"""


@pytest.fixture(autouse=True)
def _numpy_is_silent() -> Iterator[None]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield
    assert not [str(one.message) for one in said if issubclass(one.category, RuntimeWarning)]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"first": "x -> h: 1e39"}, 3),
        ({"first": "x -> h: -1e39"}, 3),
        ({"first": "x -> h: [[1, 1e39], [0, 0]]"}, 3),
        ({"first": "{from: x, to: h, init: {kind: normal, stddev: 1e39}}"}, 3),
        ({"first": "{from: x, to: h, weight: {file: w.npz, key: W}}"}, 3),
        ({"first": "{file: e.csv}"}, 2),
        ({"bias": "1e39"}, 2),
        ({"bias": "{file: w.npz, key: b}"}, 2),
        ({"h": "{units: 2, bias: [0, 1e39]}"}, 2),
        ({"h": "{units: 2, activation: {kind: leaky_relu, alpha: 1e39}}"}, 2),
        ({"h": "{units: 2, activation: {kind: prelu, alpha: 1e39}}"}, 2),
        ({"loss": "{kind: mean_squared_error, weight: 1e39}"}, 4),
        ({"train": "{optimizer: {kind: sgd, learning_rate: 1e39}}"}, 5),
    ],
    ids=str,
)
def test_a_number_of_the_spec_is_refused_at_its_place(
    tmp_path: Path, changes: dict[str, str], line: int
) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(NET.format(**{**FINE, **changes}))
    (tmp_path / "e.csv").write_text("from,to,weight\nx[0],h[0],1e39\nx[1],h[1],1\n")
    np.savez(tmp_path / "w.npz", W=np.array([[1e39, 0], [0, 0]]), b=np.array([1e39]))
    found = nngraph.check(spec)
    assert [d.code for d in found.errors] == ["E232"]
    assert found.errors[0].span is not None
    assert found.errors[0].span.line == line
    assert "1e+39" in found.errors[0].message
    assert "3.4028235e+38" in found.errors[0].message
    assert "dtype: float64" in found.errors[0].help
    assert nngraph.check(spec, ["dtype=float64"]).ok


def test_the_bound_is_where_float32_rounds_to_infinity() -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y: %r]\n"
    largest = float(np.finfo(np.float32).max)
    middle = largest + 2.0**103
    assert nngraph.check(text % largest).ok
    assert nngraph.check(text % float(np.nextafter(middle, 0))).ok
    assert not nngraph.check(text % middle).ok


def test_edges_changed_on_the_command_line_are_measured_too() -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n"
    found = nngraph.check(text, ["edges.x->y.weight=1e39", "nodes.y.bias=1e40"])
    assert [d.code for d in found.errors] == ["E232", "E232"]


@pytest.mark.parametrize(
    ("text", "keys", "says"),
    [
        (ROWS.replace("2,3", "1e39,3"), "", "column 'x' holds 1e+39, beyond float32"),
        (ROWS.replace("2,3", "2,1e39"), "", "column 'y' holds 1e+39, beyond float32"),
        (
            ROWS.replace("2,3", "2,1e39"),
            ", normalize: {targets: standard}",
            "column 'y' holds 1e+39, beyond float32",
        ),
        (ROWS.replace("2,3", "1e300,3"), ", normalize: standard", "so large that their standard"),
        (
            "x,y\n-1e308,2\n1e308,3\n1,2\n",
            ", normalize: minmax",
            "so large that their minmax is beyond all numbers",
        ),
        (
            "x,y\n1e308,2\n1e308,3\n,2\n",
            ", missing: mean",
            "so large that their mean is beyond all numbers",
        ),
        ("x,y,w\n1,2,1\n2,3,1e39\n", ", sample_weight: w", "holds the weight 1e+39"),
    ],
)
def test_a_cell_of_the_data_is_refused(tmp_path: Path, text: str, keys: str, says: str) -> None:
    (tmp_path / "net.yaml").write_text(LINE % keys)
    (tmp_path / "t.csv").write_text(text)
    found = nngraph.check(tmp_path / "net.yaml")
    assert [d.code for d in found.errors] == ["E406"]
    assert says in found.errors[0].message


GIVEN = "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {}}\nedges: [x -> y: 1]\n"


def test_inputs_typed_by_hand_and_in_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(GIVEN)
    Path("t.csv").write_text("a,b\n0,1\n1,-1e39\n")
    np.save("t.npy", np.array([[0.0, 1.0], [1.0, -1e39]]))
    for words in (["--given", "x=[1e39, 1]"], ["--input", "t.csv"], ["--input", "t.npy"]):
        assert run(["predict", "net.yaml", *words]) == 4
        said = capsys.readouterr()
        assert "'x' holds" in said.err
        assert "1e+39" in said.err
        assert "float32, whose largest number is 3.4028235e+38" in said.err
        assert run(["predict", "net.yaml", *words, "-s", "dtype=float64"]) == 0


def test_expectations_are_refused_at_their_line() -> None:
    text = GIVEN + "expect: [{given: {x: [1e39, 0]}, output: {y: 0}}]\n"
    with pytest.raises(DataError, match=r"<spec>:4:10: 'x' holds 1e\+39"):
        nngraph.compile(text).test()


ASKED: dict[str, Callable[[nngraph.Model], object]] = {
    "predict": lambda model: model.predict([[0.0, 1e39]]),
    "fit x": lambda model: model.fit([[0.0, 1e39]], [0.0]),
    "fit y": lambda model: model.fit([[0.0, 1.0]], [-1e39]),
    "loss": lambda model: model.loss([[0.0, 1.0]], [1e39]),
    "gradients": lambda model: model.gradients([[1e39, 1.0]], [1.0]),
    "evaluate": lambda model: model.evaluate([[1e39, 1.0]], [1.0]),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_arrays_from_python_are_refused(asked: Callable[[nngraph.Model], object]) -> None:
    with pytest.raises(DataError, match=r"holds -?1e\+39.* beyond float32"):
        asked(nngraph.compile(GIVEN + "loss: mean_squared_error\n"))


def test_arrays_beyond_all_scaling_are_refused() -> None:
    data = "data: {source: table, columns: {x: [[0, 0]], y: [0]}, normalize: standard}\n"
    model = nngraph.compile(GIVEN + "loss: mean_squared_error\n" + data)
    with pytest.raises(DataError, match="so large that their standard"):
        model.fit([[1e300, 0.0], [-1e300, 0.0]], [1.0, 2.0])


def test_weights_assigned_or_of_a_run_are_refused(tmp_path: Path) -> None:
    model = nngraph.compile(GIVEN)
    before = model.weights
    with pytest.raises(ModelFileError, match=r"'x->y' holds 1e\+39, beyond float32"):
        model.weights = {**before, "y.bias": np.ones(1), "x->y": np.array([[1e39], [0.0]])}
    assert {id_: w.tolist() for id_, w in model.weights.items()} == {
        id_: w.tolist() for id_, w in before.items()
    }
    double = nngraph.compile(GIVEN.replace("x -> y: 1", "x -> y: 1e39"), ["dtype=float64"])
    double.save(tmp_path / "run")
    assert nngraph.load(tmp_path / "run").predict([[1.0, 0.0]]) == 1e39
    with pytest.raises(NNGraphError):
        nngraph.load(tmp_path / "run", ["dtype=float32"])


def test_answers_that_the_network_makes_infinite_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = GIVEN.replace("x -> y: 1", "x -> y: 1e30")
    assert nngraph.compile(text).predict([[1e30, 0.0]]).tolist() == [[np.inf]]
    (tmp_path / "net.yaml").write_text(text)
    assert run(["predict", str(tmp_path / "net.yaml"), "--given", "x=[1e30, 0]"]) == 0
    assert capsys.readouterr().err == "warning: 'y' is not finite in 1 of 1 row\n"
