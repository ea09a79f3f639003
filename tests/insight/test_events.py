"""Event files, taken apart byte by byte. TensorBoard 2.x's own reader was held beside them once."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import pytest
from run_samples import TABLE, train

from nngraph.cli.frame import run
from nngraph.insight.events import crc32c, events_by_part

HISTORY = [
    {"epoch": 1, "seconds": 0.5, "train.loss": 2.0, "train.accuracy": 0.25, "validation.loss": 3.0},
    {"epoch": 300, "seconds": 1.5, "train.loss": 1.5, "validation.loss": None},
]


def records(content: bytes) -> list[bytes]:
    """The records of a file; both checksums of each are checked."""
    found, at = [], 0
    while at < len(content):
        head = content[at : at + 8]
        (length,) = struct.unpack("<Q", head)
        body = content[at + 12 : at + 12 + length]
        for part, place in ((head, at + 8), (body, at + 12 + length)):
            (masked,) = struct.unpack_from("<I", content, place)
            turned = (masked - 0xA282EAD8) % 2**32
            assert crc32c(part) == (turned >> 17 | turned << 15) % 2**32
        found.append(body)
        at += 16 + length
    return found


def fields(message: bytes) -> list[tuple[int, object]]:
    """Number and value of each field of a protocol buffer."""
    found: list[tuple[int, object]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        number, wire = key >> 3, key & 7
        if wire == 0:
            found.append((number, varint()))
        elif wire == 2:
            length = varint()
            found.append((number, message[at : at + length]))
            at += length
        else:
            form, size = {1: ("<d", 8), 5: ("<f", 4)}[wire]
            found.append((number, struct.unpack_from(form, message, at)[0]))
            at += size
    return found


def figures(event: bytes) -> tuple[float, int, dict[str, float]]:
    """Time, step and figures of an event."""
    parts = dict(fields(event))
    values = [dict(fields(value)) for _, value in fields(parts[5])]
    return parts[1], parts[2], {value[1].decode(): value[2] for value in values}


def test_the_checksum_is_that_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


def test_each_part_is_a_file_with_its_figures_by_epoch():
    found = events_by_part(HISTORY, 1000.0)
    assert list(found) == ["train", "validation"]
    first, *events = records(found["train"])
    assert fields(first) == [(1, 1000.0), (3, b"brain.Event:2")]
    assert [figures(event) for event in events] == [
        (1000.5, 1, {"loss": 2.0, "accuracy": 0.25}),
        (1001.5, 300, {"loss": 1.5}),
    ]
    assert [figures(event)[2] for event in records(found["validation"])[1:]] == [{"loss": 3.0}]


def test_a_figure_that_single_precision_cannot_hold_is_infinite():
    content = events_by_part([{"epoch": 1, "train.loss": 1e300}], 0.0)["train"]
    assert figures(records(content)[1])[2] == {"loss": math.inf}


def test_the_command_writes_them_beside_the_report(tmp_path: Path, capsys):
    made = train(TABLE, tmp_path)
    folder = tmp_path / "events"
    assert run(["report", str(made), "--tensorboard", str(folder)]) == 0
    assert "tensorboard --logdir" in capsys.readouterr().err
    (file,) = folder.rglob("events.out.tfevents.*")
    assert file.parent == folder / "run" / "train"
    lines = [json.loads(line) for line in (made / "metrics.jsonl").read_text().splitlines()]
    events = [figures(event) for event in records(file.read_bytes())[1:]]
    assert [step for _, step, _ in events] == [line["epoch"] for line in lines]
    assert events[-1][2]["r2"] == pytest.approx(lines[-1]["train.r2"])
