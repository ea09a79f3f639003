"""What replay writes down: one text a spec for its programs, one for what they computed.

Programs stand there as text, so that a difference can be read. Arrays stand as digests, beside
two figures (mean and root mean square) that mean something on any processor.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from replay_adapter import Array, StageRecord, environment, executed, stages

HERE = Path(__file__).parent
SHIPPED = sorted((HERE.parents[1] / "specs").glob("*.yaml"))
RANDOM = sorted((HERE / "specs").glob("*.yaml"))
SPECS = [*SHIPPED, *RANDOM]
PROGRAMS, BITS = HERE / "programs", HERE / "bits"
KERNELS = ", with kernels"
TOLERANCE = 2e-3  # of the figures between processors: three steps in float32, kernels or not

Sections = dict[str, str]


def digest(data: bytes) -> str:
    """The first 16 digits of its sha256."""
    return hashlib.sha256(data).hexdigest()[:16]


# ---- programs


def record_programs(path: Path, targets: Mapping[str, bool]) -> Sections:
    """Title -> text of each stage; `targets` are kernels or not, by what they add to a title."""
    sections: Sections = {}
    for suffix, kernels in targets.items():
        for stage in stages(path, kernels):
            text = _stage_text(stage)
            same = suffix and text == sections.get(stage.name)
            sections[stage.name + suffix] = "as without\n" if same else text
    return sections


def _stage_text(stage: StageRecord) -> str:
    if stage.plan is None:  # a module is its program, spelled for people: that is the one to read
        return f"program {digest(stage.program.encode())}\n{stage.source.rstrip()}\n"
    lines = [
        f"plan {digest(stage.plan.encode())}",
        f"source {digest(stage.source.encode())}, {len(stage.source.splitlines())} lines",
        *(f"data {id_!r} {_digest_of_data(array)}" for id_, array in stage.data),
        stage.program,
    ]
    return "\n".join(lines) + "\n"


def _digest_of_data(array: Array) -> str:
    """Of a constant in a program. Folding may have computed it, with exp for example, whose last
    digits depend on the processor: what they round to does not."""
    if array.dtype.kind == "f":
        numbers = " ".join(f"{x:.5g}" for x in (array + 0.0).ravel().tolist())
        return digest(f"{array.dtype} {array.shape} {numbers}".encode())
    return digest(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())


# ---- executed bits


def record_bits(path: Path, kernels: bool) -> Sections:
    """The environment, and a line for each array: digest, mean, root mean square, name."""
    lines = [
        f"{_digest_of_bits(array)} {_figures(array)}  {name}"
        for name, array in executed(path, kernels)
    ]
    return {"environment": environment() + "\n", "bits": "\n".join(lines) + "\n"}


def _digest_of_bits(array: Array) -> str:
    kind = f"{array.dtype} {array.shape}".encode()
    return digest(kind + np.ascontiguousarray(array).tobytes())


def _figures(array: Array) -> str:
    numbers = array.astype(np.float64)
    if numbers.size == 0:
        return f"{0:12.5g} {0:12.5g}"
    return f"{numbers.mean():12.5g} {math.sqrt(float((numbers**2).mean())):12.5g}"


def figures_that_differ(before: str, now: str) -> list[str]:
    """Lines whose figures differ by more than rounding, whatever their digests.

    Not those of weights and optimiser state: where a gradient is 0 but for rounding, as that of a
    bias in front of batch_norm, Adam still takes a whole step. What the network gives tells.
    """
    pairs = zip(before.splitlines(), now.splitlines(), strict=False)
    found = [f"-{old}\n+{new}" for old, new in pairs if not _figures_agree(old, new)]
    if len(before.splitlines()) != len(now.splitlines()):
        found.append("another number of arrays")
    return found


def _figures_agree(old: str, new: str) -> bool:
    _, mean, size, name = old.split(maxsplit=3)
    _, new_mean, new_size, new_name = new.split(maxsplit=3)
    if name == new_name and name.startswith(("weights", "state")):
        return True
    room = TOLERANCE * max(1e-3, abs(float(size)))  # the mean may be small where numbers cancel
    close = np.isclose([float(new_mean), float(new_size)], [float(mean), float(size)], 0, room)
    alike = np.isnan([float(mean), float(size)]) & np.isnan([float(new_mean), float(new_size)])
    return name == new_name and bool((close | alike).all())


# ---- files


def write(path: Path, sections: Sections) -> None:
    """Write sections, each under its title."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(f"== {title}\n{body}" for title, body in sections.items())
    path.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> Sections:
    """The sections of a file; none where there is no file yet."""
    if not path.exists():
        return {}
    sections: Sections = {}
    for part in path.read_text(encoding="utf-8").removeprefix("== ").split("\n== "):
        title, _, body = part.partition("\n")
        sections[title] = body if body.endswith("\n") else body + "\n"
    return sections


def difference(before: Sections, now: Sections, longest: int | None = 40) -> str:
    """What differs, section by section, as unified diffs; '' where nothing does.

    Lines that differ only in the numbers of values are left out, for one more instruction numbers
    all that follow anew; where nothing else differs, they are what is shown.
    """
    lines: list[str] = []
    for title in dict.fromkeys([*before, *now]):
        old, new = before.get(title, "").splitlines(), now.get(title, "").splitlines()
        if old == new:
            continue
        lines += [f"--- recorded: {title}", f"+++ now: {title}"]
        lines += _hunks(old, new, _without_numbers) or _hunks(old, new, str)
    if longest is not None and len(lines) > longest:
        lines = [*lines[:longest], f"... and {len(lines) - longest} lines more; -vv shows them"]
    return "\n".join(lines)


_NUMBER = re.compile(r"%\d+|\bv\d+\b")


def _without_numbers(line: str) -> str:
    return _NUMBER.sub("%", line)


def _hunks(old: list[str], new: list[str], seen_as: Callable[[str], str]) -> list[str]:
    """Lines that differ as they are seen, with two lines around them."""
    a, b = [seen_as(line) for line in old], [seen_as(line) for line in new]
    lines = []
    for group in difflib.SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(2):
        lines.append(f"@@ line {group[0][1] + 1}, now {group[0][3] + 1} @@")
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                lines += [f" {line}" for line in new[j:j_end]]
                continue
            lines += [f"-{line}" for line in old[i:i_end]]
            lines += [f"+{line}" for line in new[j:j_end]]
    return lines
