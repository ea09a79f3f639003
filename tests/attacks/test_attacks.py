"""A corpus of attacks: each is refused, or harmless, with the exit code that it should have.

`expected.json` says for each row the exit code and the code of the first diagnostic, "" for none: a
row that changes is read, and changed by hand.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attack_rows import ATTACKS, LEARN, Attack

from nngraph.cli.frame import run
from nngraph.diagnostics.showing import LINE_WIDTH
from nngraph.errors import LINES_AT_MOST

EXPECTED = json.loads((Path(__file__).parent / "expected.json").read_text())
DOCUMENTED = {0, 2, 3, 4, 5, 6, 7, 8, 10}
GENEROUS = 120  # seconds, for what takes one on a machine at rest
DRIVES = re.compile(  # what a terminal obeys, or shows in another order
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
TRAINED = (
    f"{LEARN}data: {{source: table, columns: {{x: [[0, 1], [1, 0], [1, 1]], y: [1, 2, 3]}}}}\n"
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "net.yaml").write_text(TRAINED)
    assert run(["train", str(folder / "net.yaml"), "-o", str(folder / "RUN")]) == 0
    return folder / "RUN"


@contextmanager
def watched() -> Iterator[None]:
    """A hang is a failure, not a wait."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise AssertionError(f"it took more than {GENEROUS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(GENEROUS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def things_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def outcome(attack: Attack, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str, str]:
    with watched():
        code = run(list(attack.command))
    told = capsys.readouterr()
    found = re.search(r"\[(E\d{3})\]$", told.err, re.MULTILINE)
    return code, found[1] if found else "", told.out, told.err


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack.name))
def test_an_attack_ends_as_it_should(
    attack: Attack,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if attack.with_run:
        shutil.copytree(trained, tmp_path / "RUN")
    attack.make(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = things_in(tmp_path)
    code, first, out, err = outcome(attack, capsys)
    assert [code, first] == EXPECTED[attack.name], err
    assert code in DOCUMENTED
    assert "Traceback" not in err
    lines = err.split("\n")[:-1]
    assert len(lines) <= LINES_AT_MOST
    assert max(map(len, lines), default=0) <= LINE_WIDTH
    assert not DRIVES.search(out + err)
    if code:
        assert things_in(tmp_path) == before


def test_there_are_three_hundred_attacks_and_each_has_a_name_of_its_own() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) >= 300
    assert sorted(names) == sorted(set(names)) == sorted(EXPECTED)
