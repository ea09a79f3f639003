"""What `train` refuses before its first step, `check` finds: the same codes at the same places."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from refused_specs import CSV, REFUSED, ROWS, XOR, Refused, classes, dense

import nngraph
from nngraph.cli import run
from nngraph.errors import Diagnostic, NNGraphError


def write(folder: Path, case: Refused) -> Path:
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    spec = folder / "net.yaml"
    spec.write_text(case.spec)
    return spec


def told(found: Sequence[Diagnostic]) -> list[tuple[str, str, str | None]]:
    return [(d.code, d.message, None if d.span is None else str(d.span)) for d in found]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_check_finds_what_train_refuses(case: Refused, tmp_path: Path) -> None:
    spec = write(tmp_path, case)
    found = nngraph.check(spec)
    assert tuple(d.code for d in found.errors) == case.codes
    span = found.errors[0].span
    line = None if span is None else span.line
    if isinstance(case.line, str):
        assert f"{span.source.name}:{line}" == case.line
    elif case.line is not None:
        assert (span.source.name, line) == (str(spec), case.line)
    with pytest.raises(NNGraphError) as refused:
        nngraph.train_run(spec, run=tmp_path / "run")
    assert told(found.errors) == told(refused.value.diagnostics)
    assert found.exit_code == refused.value.exit_code
    assert not (tmp_path / "run").exists()


GOOD = Refused("good", dense(CSV % ", split: {validation: 1}"), (), None, {"t.csv": ROWS})


def test_check_counts_the_rows_of_each_part(tmp_path: Path) -> None:
    found = nngraph.check(write(tmp_path, GOOD))
    assert found.ok
    assert found.facts is not None
    assert found.facts.rows == {"train": 3, "validation": 1}
    assert found.unchecked == ()


def test_data_are_left_out_when_asked_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(write(tmp_path, Refused("", dense(CSV % ""), (), None)))
    assert run(["check", spec]) == 8
    capsys.readouterr()
    assert run(["check", spec, "--no-data"]) == 0
    assert "not looked at: data, they are left out" in capsys.readouterr().out
    assert run(["check", spec, "--no-data", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert told["unchecked"] == [{"what": "data", "why": "they are left out"}]
    assert told["rows"] is None
    assert nngraph.check(spec, data=False).ok


def test_names_and_monitors_are_checked_without_the_data_too(tmp_path: Path) -> None:
    data = XOR % ", normalize: {z: standard}"
    text = dense(data, "{early_stopping: {monitor: validation.loss}}")
    assert [d.code for d in nngraph.check(text, data=False).errors] == ["E414", "E247"]


def test_what_cannot_be_looked_at_is_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nngraph.data.sources.opening.fetched_folder", tmp_path.joinpath)
    found = nngraph.check(classes("{source: mnist}", "[28, 28, 1]"))
    assert found.ok
    assert [one.what for one in found.unchecked] == ["data"]
    assert "nngraph data fetch mnist" in found.unchecked[0].why
    none = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n"
    assert [one.why for one in nngraph.check(none).unchecked] == ["the spec names none"]
    broken = nngraph.check(none.replace("y: {}", "y: {unit: 2}"))
    assert [one.why for one in broken.unchecked] == ["the spec has mistakes"]


def test_a_batch_of_all_rows_must_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "a,b,t\n" + "0,1,1\n" * 500
    spec = write(
        tmp_path, Refused("", dense(CSV % "", "{batch_size: full}"), (), None, {"t.csv": rows})
    )
    assert nngraph.check(spec).ok
    monkeypatch.setattr("nngraph.network.memory_limit", lambda available: 6_400)
    found = nngraph.check(spec)
    assert [d.code for d in found.errors] == ["E601"]
    with pytest.raises(NNGraphError) as refused:
        nngraph.train_run(spec, run=tmp_path / "run")
    assert told(found.errors) == told(refused.value.diagnostics)


def test_all_samples_must_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = write(tmp_path, GOOD)
    assert nngraph.check(spec).ok
    monkeypatch.setattr("nngraph.data.assembling.memory_limit", lambda: 40)  # of 4 * 3 * 4 bytes
    found = nngraph.check(spec)
    assert [(d.code, d.span and d.span.line) for d in found.errors] == [("E602", 5)]
    with pytest.raises(NNGraphError) as refused:
        nngraph.train_run(spec, run=tmp_path / "run")
    assert told(found.errors) == told(refused.value.diagnostics)


def test_the_data_of_a_spec_without_a_loss_are_looked_at_too(tmp_path: Path) -> None:
    text = (
        dense(CSV % "")
        .replace("loss: binary_cross_entropy\n", "")
        .replace("targets: {y: t}", "targets: {}")
    )
    text = text.partition("train:")[0]
    spec = write(tmp_path, Refused("", text, (), None, {"t.csv": ROWS.replace("1,0", "1,no")}))
    assert [d.code for d in nngraph.check(spec).errors] == ["E404"]


def test_a_check_enters_no_room_that_trains() -> None:
    script = (
        "import sys; from nngraph.app.check import check\n"
        "assert check(sys.argv[1]).ok\n"
        "names = [name.split('.') for name in sys.modules]\n"
        "rooms = {'.'.join(name[1:3]) for name in names if name[0] == 'nngraph'}\n"
        "print(*sorted(room for room in rooms if room.startswith(('run', 'train', 'api'))))"
    )
    spec = Path(__file__).parents[2] / "specs" / "xor-trained.yaml"
    done = subprocess.run(
        [sys.executable, "-c", script, str(spec)], capture_output=True, text=True, check=True
    )
    entered = "train train.data_files train.metrics train.monitors train.ports"
    assert done.stdout.split() == entered.split()


FILES = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 2, bias: {file: b.npz, key: b}}, y: {units: 2}}
edges:
  - {from: x, to: h, weight: {file: w.npz, key: W}}
  - {from: h, to: y, weight: {file: damaged.npz}, mask: {file: m.npy}}
loss: {kind: mean_squared_error, target: t}
data: {source: csv, path: none.csv}
"""


def test_all_files_that_cannot_be_read_are_told_in_one_run(tmp_path: Path) -> None:
    spec = write(tmp_path, Refused("", FILES, (), None, {"damaged.npz": b"PK"}))
    found = nngraph.check(spec)
    assert [(d.code, d.span and d.span.line) for d in found.errors] == [
        ("E801", 2),
        ("E801", 4),
        ("E501", 5),
        ("E801", 5),
        ("E801", 7),
    ]
    assert found.unchecked[0].why == "they were only opened, for the network has mistakes"
    more = FILES.replace("edges:\n", "edges:\n  - {file: e.csv}\n  - {file: f.csv}\n")
    found = nngraph.check(write(tmp_path, Refused("", more, (), None)))
    assert [(d.code, d.span and d.span.line) for d in found.errors] == [("E801", 4), ("E801", 5)]


def test_a_seed_is_that_of_the_training_and_nothing_else(tmp_path: Path) -> None:
    spec = write(tmp_path, Refused("", dense(XOR % ""), (), None))
    assert [d.code for d in nngraph.check(spec, seed=-1).errors] == ["E107"]
    untrained = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n"
    assert nngraph.check(untrained, seed=3) == nngraph.check(untrained)
