"""Every program, plan and source of many networks, and the bits that they compute, as recorded.

A refactor leaves what stands here byte for byte. It holds for each shipped spec and for twenty
random networks (`specs/`, frozen; drawn once by `tests/whole/random_specs.py`):

- `programs/NAME.txt`: the text of every program (prediction, evaluation, training step, update),
  without kernels and with them, and digests of constants, plan and source; the standalone module
  that people read. The same everywhere.
- `bits/numpy/NAME.txt`, `bits/kernels/NAME.txt`: digests of predictions of three subsets of nodes,
  of the losses of three training steps (a whole batch, a batch cut into shards, a single row),
  of weights and optimiser state after them, and of an evaluation. Products and exp round
  differently on other processors, so digests are compared only where the environment is the
  recorded one. Elsewhere the mean and root mean square beside each digest are compared, to a few
  digits, and the test says that it skips the bits.

The habit: **read the difference before you commit it.** A failure shows its first lines; then

    pytest tests/replay -vv                 # all that differs, but for renumbered values
    pytest tests/replay --update-replay     # writes what is true now
    git diff tests/replay                   # read it: is each line what you meant?

and the commit says why the lines changed. A change that should change nothing and does is a
mistake, however small the difference looks.

Where only numbers of values or the order of instructions change, text cannot show that the bits
stay. Then compare the old commit with the new one on one machine, in any environment:

    git worktree add OLD COMMIT && (cd OLD && pytest tests/replay --replay-record=DIR)
    pytest tests/replay --replay-against=DIR
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from recording import (
    BITS,
    KERNELS,
    PROGRAMS,
    SPECS,
    Sections,
    difference,
    figures_that_differ,
    read,
    record_bits,
    record_programs,
    write,
)
from replay_adapter import why_no_kernels

every_spec = pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
WITHOUT: Mapping[str, bool] = {"": False}
BOTH: Mapping[str, bool] = {"": False, KERNELS: True}


def refuse(before: Sections, now: Sections, file: Path, config: pytest.Config) -> None:
    """Fail with what differs, and say what to do with it."""
    told = difference(before, now, None if config.get_verbosity() > 0 else 40)
    if told:
        pytest.fail(
            f"{file.name} is not what was recorded{'' if before else ' (nothing was)'}:\n{told}\n\n"
            "If you meant it: pytest tests/replay --update-replay, then read `git diff "
            "tests/replay` before committing. If you did not: something changed that should not.",
            pytrace=False,
        )


@every_spec
def test_programs_plans_and_sources_are_as_recorded(
    path: Path, pytestconfig: pytest.Config
) -> None:
    file, problem = PROGRAMS / f"{path.stem}.txt", why_no_kernels()
    now = record_programs(path, BOTH if problem is None else WITHOUT)
    if pytestconfig.getoption("--update-replay"):
        if problem is not None:
            pytest.fail(f"recording needs kernels, but {problem}", pytrace=False)
        write(file, now)
    before = read(file)
    if problem is not None:
        before = {title: text for title, text in before.items() if not title.endswith(KERNELS)}
    refuse(before, now, file, pytestconfig)
    if problem is not None:
        pytest.skip(f"as recorded without kernels; with kernels not compared, for {problem}")


@every_spec
@pytest.mark.parametrize("target", ["numpy", "kernels"])
def test_executed_bits_are_as_recorded(
    path: Path, target: str, pytestconfig: pytest.Config
) -> None:
    if target == "kernels" and (problem := why_no_kernels()) is not None:
        pytest.skip(f"not executed with kernels, for {problem}")
    now = record_bits(path, kernels=target == "kernels")
    if (folder := pytestconfig.getoption("--replay-record")) is not None:
        write(Path(folder) / target / f"{path.stem}.txt", now)
        return
    against = pytestconfig.getoption("--replay-against")
    file = (BITS if against is None else Path(against)) / target / f"{path.stem}.txt"
    if pytestconfig.getoption("--update-replay"):
        write(file, now)
    before = read(file)
    if before and against is None and before["environment"] != now["environment"]:
        if wrong := figures_that_differ(before["bits"], now["bits"]):
            pytest.fail(f"{file.name}: more than rounding:\n" + "\n".join(wrong), pytrace=False)
        other = difference(
            {"environment": before["environment"]}, {"environment": now["environment"]}
        )
        pytest.skip(f"figures agree; bits not compared, for the environment is another:\n{other}")
    refuse(before, now, file, pytestconfig)


def test_nothing_is_recorded_of_specs_that_are_gone() -> None:
    names = {path.stem for path in SPECS}
    recorded = [*PROGRAMS.glob("*.txt"), *BITS.glob("*/*.txt")]
    assert {file.stem for file in recorded} == names
