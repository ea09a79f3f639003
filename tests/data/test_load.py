"""A whole data set: types, memory, digests and words for people."""

import hashlib

import numpy as np
import pytest
from data_samples import binary, classes, data_spec, values, x

from nngraph.data import DataSet, Part, load_data_set
from nngraph.errors import DataError, FileError
from nngraph.spec import parse_spec

DIGITS = {
    "source": "digits",
    "split": {"validation": 0.1, "test": 0.2},
    "normalize": {"kind": "scale", "divisor": 16},
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_have_the_networks_type_and_lie_in_rows(load_here, dtype):
    data = load_here(x(64), classes(10, name="label"), dtype=dtype, **DIGITS)
    assert list(data.parts) == ["train", "validation", "test"]
    for part in data.parts.values():
        for array in (*part.inputs.values(), *part.targets.values()):
            assert array.dtype == dtype
            assert array.flags.c_contiguous
            assert len(array) == part.rows


def test_float32_is_float64_rounded_once(load_here):
    keys = {"source": "iris", "normalize": "standard"}
    single = load_here(x(4), dtype="float32", **keys).parts["train"].inputs["x"]
    double = load_here(x(4), dtype="float64", **keys).parts["train"].inputs["x"]
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_the_order_of_the_ports_changes_nothing(load_here):
    ports = x(name="x1"), x(name="x2"), binary(name="label")
    first = load_here(*ports, source="circles", split={"test": 0.3})
    second = load_here(*reversed(ports), source="circles", split={"test": 0.3})
    assert first.digest == second.digest


def test_the_digest_is_the_hash_of_names_types_shapes_and_values(load_here):
    data = load_here(x(2), binary(), source="xor")
    part = data.parts["train"]
    text = hashlib.sha256()
    text.update(b"train|input|x|float64|4|2" + part.inputs["x"].tobytes())
    text.update(b"train|target|y|float64|4" + part.targets["y"].tobytes())
    assert data.digest == text.hexdigest()


def test_the_digest_sees_every_difference(load_here):
    base = {"source": "iris", "split": {"test": 0.2}}
    digests = [
        load_here(x(4), **base).digest,
        load_here(x(4), dtype="float32", **base).digest,
        load_here(x(4), **base | {"split": {"test": 0.2, "seed": 1}}).digest,
        load_here(x(4), **base | {"normalize": "standard"}).digest,
        load_here(x(4, name="z"), **base).digest,
        load_here(x(2, 2), **base).digest,
    ]
    assert len(set(digests)) == len(digests)
    assert load_here(x(4), **base).digest == digests[0]


def test_the_digest_of_an_empty_width_is_possible():
    part = Part({"x": np.zeros((2, 0))}, {}, np.arange(2))
    assert len(DataSet({"train": part}).digest) == 64


def test_the_description_tells_rows_sources_and_scaling(load_here):
    data = load_here(
        x(64),
        binary(1, name="is_zero"),
        targets={"is_zero": {"column": "label", "equals": 0}},
        **DIGITS,
    )
    assert data.description.splitlines() == [
        "digits: 1,797 rows: 1,258 train, 180 validation and 359 test",
        "  input  x        [64]  column 'image'  scale",
        "  target is_zero  [1]  column 'label' equals 0",
    ]


def test_a_set_without_targets_has_none(load_here):
    part = load_here(x(64), source="digits").parts["train"]
    assert part.targets == {}


def test_two_targets_may_come_from_one_column(load_here):
    data = load_here(
        x(64),
        classes(10, name="label"),
        binary(name="is_zero"),
        source="digits",
        targets={"is_zero": {"column": "label", "equals": 0}},
    )
    part = data.parts["train"]
    np.testing.assert_array_equal(part.targets["is_zero"], part.targets["label"][:, 0])


def test_one_column_may_feed_two_inputs(load_here):
    data = load_here(
        x(4, name="left"),
        x(4, name="right"),
        source="iris",
        inputs={"left": "x", "right": "x"},
    )
    part = data.parts["train"]
    np.testing.assert_array_equal(part.inputs["left"], part.inputs["right"])


def test_mistakes_in_values_of_all_ports_are_told_together(tmp_path, load_here):
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,0\nx,y,3\n")
    with pytest.raises(DataError) as e:
        load_here(x(name="a"), x(name="b"), binary(), source="csv", path="t.csv")
    assert sorted(d.span.column for d in e.value.diagnostics) == [1, 3, 5]


def test_loading_leaves_the_spec_alone(load_here):
    keys = {"source": "table", "columns": {"x": [1, 2], "y": [0, 1]}}
    before = data_spec(**keys).model_dump_json()
    load_here(x(), values(), **keys)
    assert data_spec(**keys).model_dump_json() == before


SPEC = """\
nngraph: 1
nodes: {{x: {{kind: input, shape: 1}}, y: {{}}}}
edges: [x -> y]
data: {{source: csv, path: {path}}}
"""


def test_a_path_of_the_command_line_is_free_and_one_of_the_file_is_not(tmp_path):
    (tmp_path / "spec").mkdir()
    (tmp_path / "t.csv").write_text("x,y\n1,2\n")
    ports = (x(1), values(1))
    inside = SPEC.format(path="t.csv")
    override = [f"data.path={tmp_path / 't.csv'}"]
    document = parse_spec(inside, "a.yaml", tmp_path / "spec", override)
    data = load_data_set(document.spec.data, ports, document.folder, span=document.span)
    assert data.parts["train"].inputs["x"].tolist() == [[1]]
    # not even a file that is called like the option
    for name in ("a.yaml", "-s"):
        for path in ("../t.csv", tmp_path / "t.csv"):
            document = parse_spec(SPEC.format(path=path), name, tmp_path / "spec")
            with pytest.raises(FileError, match=r"leads out of|is an absolute path") as e:
                load_data_set(document.spec.data, ports, document.folder, span=document.span)
            assert e.value.diagnostics[0].span.line == 4


def test_mistakes_that_do_not_follow_from_another_are_told_in_one_run(load_here, tmp_path):
    file = tmp_path / "t.csv"
    keys = {"source": "csv", "path": "t.csv", "inputs": {"x": ["a", "b", "c"]}}
    file.write_text("a,b,c,y\n1,red,,0\n2,3,x,1\n4,5,6,1\n")
    with pytest.raises(DataError) as caught:  # names that are unknown, and a cell that is empty
        load_here(x(3), binary(name="y"), **keys, normalize={"w": "none"}, targets={"v": "y"})
    assert [told.code for told in caught.value.diagnostics] == ["E414", "E414", "E405"]
    file.write_text("a,b,c,y\n1,red,2,0\n2,3,x,1\n4,5,6,1\n")
    with pytest.raises(DataError) as caught:  # a split of more rows than there are, and two cells
        load_here(x(3), binary(name="y"), **keys, split={"test": 5})
    told = caught.value.diagnostics
    assert [one.code for one in told] == ["E412", "E404", "E404"]
    assert [str(one.span) for one in told[1:]] == ["t.csv:2:3", "t.csv:3:5"]
