"""metrics.jsonl and statistics.jsonl: what a run tells of its epochs while it goes on, and what is
read of it afterwards."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from nngraph.errors import NonFiniteError
from nngraph.files import AppendedFile, bound_exists, bound_path, read_bytes
from nngraph.files.nested import parse_json
from nngraph.train.position import Epoch, Position
from nngraph.train.run_folder import METRICS, STATISTICS, SUMMARY, finite, read_bound
from nngraph.train.statistics import Statistics


def metrics_lines(history: Sequence[Epoch]) -> bytes:
    """The content of metrics.jsonl after these epochs."""
    return b"".join(_line(epoch.as_json()) for epoch in history)


class Journal:
    """The two files of a run in a folder that is locked; with `position` they end as it does.

    Use: `with Journal(run, position, statistics) as journal: journal.tell(epoch, is_over=True)`.
    Lines of a process that was killed after its last checkpoint are dropped, whole or cut off:
    they will be told again, in the same bytes but for the seconds of metrics.jsonl. What became
    non-finite is the last line of statistics.jsonl.

    Errors: FileError.
    """

    def __init__(self, run: Path, position: Position, statistics: Statistics | None) -> None:
        self._metrics = AppendedFile(run / METRICS, metrics_lines(position.history))
        self._statistics = statistics
        self._looks: AppendedFile | None = None
        if statistics is not None and statistics.is_due(0):
            self._looks = AppendedFile(run / STATISTICS, _looks_before(run, position, statistics))
        self._told = position.history[-1].number if position.history else 0
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Journal:
        with contextlib.ExitStack() as opened:
            opened.enter_context(self._metrics)
            if self._looks is not None:
                opened.enter_context(self._looks)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._looks is not None and isinstance(error, NonFiniteError):
            message = error.diagnostics[0].message
            self._looks.append(_line({"epoch": self._told + 1, "failure": message}))
        self._open.__exit__(kind, error, trace)

    def tell(self, epoch: Epoch, *, is_over: bool) -> None:
        """Add an epoch's lines; the network is looked at only when it is over."""
        self._metrics.append(_line(epoch.as_json()))
        self._told = epoch.number
        if is_over and self._statistics is not None and self._statistics.is_due(epoch.number):
            assert self._looks is not None
            self._looks.append(_line(self._statistics.look(epoch.number)))

    def sync(self) -> None:
        """Wait until all lines are on the disk, as a checkpoint that counts on them wants it."""
        self._metrics.sync()
        if self._looks is not None:
            self._looks.sync()


def _looks_before(run: Path, position: Position, statistics: Statistics) -> bytes:
    """The lines of statistics.jsonl up to a position, those that were wanted and no other."""
    if statistics.is_at_start:
        return _line(statistics.look(0))
    found: dict[int, bytes] = {}
    for line in _lines(run / STATISTICS):
        with contextlib.suppress(ValueError, KeyError, TypeError):  # cut off by a crash
            found[int(parse_json(line)["epoch"])] = line + b"\n"
    kept = [n for n in sorted(found) if n < position.epoch and statistics.is_due(n)]
    return b"".join(found[number] for number in kept)


def read_seconds(run: Path) -> dict[int, float]:
    """Epoch -> seconds, of all whole lines of a run's metrics.jsonl.

    Errors: ModelFileError where it does not hold; FileError.
    """
    found: dict[int, float] = {}
    for line in _lines(bound_path(run, METRICS)):
        with contextlib.suppress(ValueError, KeyError, TypeError):  # cut off by a crash
            row = parse_json(line)
            found[int(row["epoch"])] = float(row["seconds"])
    return found


def read_summary(folder: Path) -> dict[str, Any]:
    """summary.json, {} where there is none, or an old one is damaged.

    Errors: ModelFileError where it does not hold; FileError.
    """
    if not bound_exists(folder, SUMMARY):
        return {}
    try:
        found = parse_json(read_bound(folder, SUMMARY))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def read_history(folder: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl that can be read, one an epoch.

    Errors: as `read_summary`.
    """
    if not bound_exists(folder, METRICS):
        return []
    rows: dict[Any, dict[str, Any]] = {}
    for number, line in enumerate(read_bound(folder, METRICS).splitlines(), 1):
        try:
            row = parse_json(line)
        except ValueError:  # cut short by a crash
            continue
        if isinstance(row, dict):
            kept = {k: v for k, v in row.items() if v is None or isinstance(v, int | float)}
            rows[kept.get("epoch", number)] = kept
    return list(rows.values())


def _lines(path: Path) -> list[bytes]:
    return read_bytes(path).splitlines() if path.exists() else []


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(finite(row)).encode() + b"\n"
