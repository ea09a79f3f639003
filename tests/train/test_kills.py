"""A run that is killed at any system call goes on to the folder of one that never was.

The process is forked when everything is imported; strace attaches to it and kills it when it enters
its n-th call of a kind, before that does anything: each call that changes a file or a folder.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from training_runs import HEAD, state_of, timeless

import nngraph
from nngraph.cli import run as run_command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace"),
]

CHANGING = (
    "openat,write,pwrite64,writev,ftruncate,fsync,fdatasync,flock,"
    "mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat"
)
"""Calls that change files or folders, on x86-64 and ARM; to open a file to read it does not."""
ANY_TRACER = 0x59616D61, ctypes.c_ulong(-1)  # prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)
KILLED = -9
SPEC = (
    HEAD
    + """
train:
  epochs: 2
  batch_size: 9
  early_stopping: {patience: 9}
  checkpoint: {every: 1}
"""
)


class Child:
    """A forked process that runs one command, its words in a file; with `tracer` options, traced.

    It waits until the tracer is there.
    """

    def __init__(self, words: list[str], said: Path, tracer: list[str] | None = None) -> None:
        wait, go = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(go)
                if tracer is not None:
                    ctypes.CDLL(None).prctl(*ANY_TRACER, 0, 0, 0)
                handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.dup2(handle, 1)
                os.dup2(handle, 2)
                # those of pytest write elsewhere
                sys.stdout, sys.stderr = (
                    open(handle, "w", closefd=False)  # noqa: SIM115
                    for handle in (1, 2)
                )
                os.read(wait, 1)
                code = run_command(words)
                sys.stderr.flush()
            except BaseException as error:
                os.write(2, repr(error).encode())
                code = 99
            os._exit(code)
        os.close(wait)
        self._strace = None
        if tracer is not None:
            options = ["-q", "-p", str(self.pid), *tracer]
            self._strace = subprocess.Popen(
                ["strace", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self._wait_for_tracer()
        os.write(go, b"g")
        os.close(go)

    def _wait_for_tracer(self) -> None:
        assert self._strace is not None
        status = Path(f"/proc/{self.pid}/status")
        until = time.monotonic() + 60
        while "TracerPid:\t0" in status.read_text():
            if self._strace.poll() is not None or time.monotonic() > until:
                os.kill(self.pid, 9)
                os.waitpid(self.pid, 0)
                pytest.skip("strace cannot trace here")
            time.sleep(0.001)

    def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if self._strace is not None:
            self._strace.wait(30)
        return code


def do(words: list[str], folder: Path) -> tuple[int, str]:
    """A command in a process of its own; its exit code and its words."""
    code = Child(words, folder / "said").wait()
    return code, (folder / "said").read_text()


def calls_of(words: list[str], folder: Path) -> list[tuple[str, int]]:
    """The calls of a command that change something: of which kind, the how manieth of its kind."""
    trace, met, found = folder / "trace", Counter[str](), []
    options = ["-o", str(trace), "-e", f"trace={CHANGING}"]
    assert Child(words, folder / "said", options).wait() == 0
    for line in trace.read_text().splitlines():
        kind = line.partition("(")[0]
        met[kind] += 1
        if kind in CHANGING.split(",") and (kind != "openat" or "O_CREAT" in line):
            found.append((kind, met[kind]))
    return found


def each_kill(
    words: list[str], folder: Path, prepare: Callable[[], None], least: int = 50
) -> Iterator[str]:
    """Kill the command at each of its calls, in a folder that is prepared anew each time."""
    prepare()
    calls = calls_of(words, folder)
    assert len(calls) >= least, "strace saw too little"
    for kind, number in calls:
        prepare()
        inject = f"inject={kind}:signal=KILL:when={number}"
        options = ["-o", "/dev/null", "-e", f"trace={kind}", "-e", inject]
        code = Child(words, folder / "said", options).wait()
        assert code == KILLED, f"{kind} {number}: {code}"
        yield f"{kind} {number}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC)
    assert run_command(["train", "net.yaml", "-o", "warm"]) == 0  # everything is imported
    return tmp_path


def test_a_training_killed_at_any_call_goes_on_to_the_same_folder(folder: Path) -> None:
    begin, resume = ["train", "net.yaml", "-o", "run"], ["train", "--resume", "run"]
    do(["train", "net.yaml", "-o", "whole"], folder)
    expected, how = timeless(folder / "whole"), Counter[str]()
    for at in each_kill(begin, folder, lambda: shutil.rmtree(folder / "run", ignore_errors=True)):
        assert not (folder / "run/manifest.json").exists() or nngraph.verify("run").holds, at
        code, said = do(resume, folder)
        how["resumed" if code == 0 else "begun once more"] += 1
        if code != 0:
            assert re.search("once more, with -o|no run folder", said), f"{at}: {said}"
            code, said = do(begin, folder)
        assert code == 0, f"{at}: {said}"
        assert timeless(folder / "run") == expected, at
        assert nngraph.verify("run").holds, at
    print(how)


def test_a_resume_killed_at_any_call_goes_on_to_the_same_folder(folder: Path) -> None:
    """Once of a run that was killed in the middle, once of one that is given more epochs."""
    resume = ["train", "--resume", "run"]
    further = [*resume, "-s", "train.epochs=3"]
    do(["train", "net.yaml", "-o", "whole"], folder)
    shutil.copytree("whole", "cut")
    shutil.copytree("whole", "longer")
    assert do(["train", "--resume", "longer", "-s", "train.epochs=3"], folder)[0] == 0
    kill_in_the_middle(folder)
    for command, start, end in ((resume, "cut", "whole"), (further, "whole", "longer")):
        expected = timeless(folder / end)

        def prepare(start: str = start) -> None:
            shutil.rmtree("run", ignore_errors=True)
            shutil.copytree(start, "run")

        count = 0
        for at in each_kill(command, folder, prepare):
            assert nngraph.verify("run").holds, at
            code, said = do(command, folder)
            assert code == 0, f"{at}: {said}"
            assert timeless(folder / "run") == expected, at
            assert nngraph.verify("run").holds, at
            count += 1
        print(start, count)


@pytest.mark.parametrize("words", [["verify", "warm"], ["train", "--resume", "warm"]])
def test_what_only_reads_changes_nothing_wherever_it_is_killed(
    words: list[str], folder: Path
) -> None:
    before = state_of(folder / "warm")
    kinds = set()
    for at in each_kill(words, folder, lambda: None, least=1):
        kinds.add(at.split()[0])
        assert state_of(folder / "warm") == before, at
    assert kinds == {"write"}  # of its words; each other call would change a file


def kill_in_the_middle(folder: Path) -> None:
    """The folder 'cut' becomes that of a run that was killed in its second epoch."""
    shutil.rmtree(folder / "cut")
    options = ["-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL:when=28"]
    assert Child(["train", "net.yaml", "-o", "cut"], folder / "said", options).wait() == KILLED
    assert len(list((folder / "cut/checkpoints").glob("step-*"))) >= 2
    assert not (folder / "cut/summary.json").exists()
