"""Figures as TensorBoard event files, written without TensorBoard.

Source: tensorflow/core/lib/io/record_writer.h (the frame of a record), tensorflow/core/util/
event.proto and framework/summary.proto (the fields used here); RFC 3720, B.4 (CRC-32C).
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from nngraph.data.dataset import PARTS

VERSION = "brain.Event:2"
_POLYNOMIAL = 0x82F63B78  # CRC-32C, bits reversed
_MASK = 0xA282EAD8
_DOUBLE, _BYTES, _FLOAT = 1, 2, 5  # wire types of protocol buffers; a varint has 0


def events_by_part(history: Sequence[Mapping[str, Any]], started: float) -> dict[str, bytes]:
    """The content of one event file per part of the data: each figure of each epoch, by epoch.

    The parts are TensorBoard's "runs", so that their lines lie over one another. `started` is the
    time of the first step, in seconds since 1970.
    """
    names = [
        part for part in PARTS if any(k.startswith(f"{part}.") for row in history for k in row)
    ]
    return {part: _event_file(part, history, started) for part in names}


def _event_file(part: str, history: Sequence[Mapping[str, Any]], started: float) -> bytes:
    content = [_record(_double(1, started) + _field(3, VERSION.encode()))]
    for number, row in enumerate(history, 1):
        figures = {
            key.removeprefix(f"{part}."): float(value)
            for key, value in row.items()
            if key.startswith(f"{part}.") and isinstance(value, int | float)
        }
        if figures:
            time = started + float(row.get("seconds") or 0.0)
            content.append(_record(_event(time, int(row.get("epoch") or number), figures)))
    return b"".join(content)


def _event(time: float, step: int, figures: Mapping[str, float]) -> bytes:
    """Event: wall_time = 1, step = 2, summary = 5; its values: tag = 1, simple_value = 2."""
    values = b"".join(
        _field(1, _field(1, name.encode(errors="replace")) + _key(2, _FLOAT) + _single(value))
        for name, value in figures.items()
    )
    return _double(1, time) + _key(2, 0) + _varint(step) + _field(5, values)


def _single(value: float) -> bytes:
    """A 32-bit float, infinite where it has no room for the value."""
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", math.copysign(math.inf, value))


def _double(number: int, value: float) -> bytes:
    return _key(number, _DOUBLE) + struct.pack("<d", value)


def _field(number: int, content: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(content)) + content


def _key(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the top bit says that more come."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + _masked_checksum(length) + content + _masked_checksum(content)


def _masked_checksum(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)


def crc32c(content: bytes) -> int:
    """The Castagnoli checksum.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc, table = 0xFFFFFFFF, _table()
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@functools.cache
def _table() -> tuple[int, ...]:
    return tuple(_shifted(byte) for byte in range(256))


def _shifted(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value
