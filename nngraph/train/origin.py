"""What a run was made of, kept in its checkpoints: spec, data, plan and versions."""

from __future__ import annotations

import hashlib
import platform
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from threadpoolctl import threadpool_info

from nngraph.data import DataSet
from nngraph.files import read_manifest
from nngraph.network import Network
from nngraph.records import dataclass
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.resolved import resolved_yaml
from nngraph.targets import calls_of
from nngraph.train.feed import Array
from nngraph.train.learner import Learner
from nngraph.words.data_keys import LOCATIONS

WORDS_ONLY = ("nngraph", "name", "description", "expect")
"""Sections of a spec that change no number of a training."""
FREE = ("train.epochs", "train.checkpoint", "train.early_stopping")
"""What a run may change when it goes on."""
PLACES = tuple(f"data.{key}" for key in LOCATIONS)
"""Where data lie says nothing about what they are; their digest does."""
SHOWN = 6
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # of texts that nngraph itself wrote
_WIRING = ("dtype", "nodes", "edges", "the order of edges", "outputs")
_FIRST_VALUES = re.compile(r"\.(weight|init|bias\.value|bias\.init)(\.|$)")


@dataclass(frozen=True)
class RunOrigin:
    """`spec` is the resolved spec, `data` its digest and rows; `plan` and `versions` fix the bits.

    `run` tells runs apart (`new_run_id`), "" in a folder without a manifest.

    Types: `spec` is text; `rows` are numbers of samples by part.
    """

    spec: str
    data: str
    rows: Mapping[str, int]
    plan: str
    versions: Mapping[str, str]
    run: str = ""

    @classmethod
    def of(cls, learner: Learner, data: DataSet) -> RunOrigin:
        """Of a network that is about to be trained on data."""
        return cls(
            resolved_yaml(learner.document),
            data.digest,
            {name: part.rows for name, part in data.parts.items()},
            plan_digest(learner, data.parts["train"].rows),
            versions_of(learner),
        )

    def pack(self, arrays: dict[str, Array]) -> dict[str, Any]:
        """As JSON and arrays."""
        packed = zlib.compress(self.spec.encode(), 6)
        arrays["spec"] = np.frombuffer(packed, np.uint8)
        return {key: value for key, value in asdict(self).items() if key != "spec"}

    @classmethod
    def unpack(cls, packed: Mapping[str, Any], arrays: Mapping[str, Array]) -> RunOrigin:
        """Errors: KeyError, TypeError, ValueError for what is not of this form."""
        try:
            spec = zlib.decompress(arrays["spec"].tobytes()).decode()
        except zlib.error as error:
            raise ValueError(str(error)) from error
        return cls(spec, **packed)

    def differences(self, now: RunOrigin) -> list[str]:
        """What of spec and data has changed since, so that the run cannot go on; a line each."""
        spec = _spec_changes(self.spec, now.spec, free=False)
        return spec + self._data_differences(now)

    def _data_differences(self, now: RunOrigin) -> list[str]:
        if self.data == now.data:
            return []
        lines = []
        for part in dict.fromkeys([*self.rows, *now.rows]):
            before, after = self.rows.get(part, 0), now.rows.get(part, 0)
            if before != after:
                lines.append(f"the {part} part had {before:,} rows, it has {after:,}")
        digests = f"SHA-256 {self.data[:12]}... then, {now.data[:12]}... now"
        return lines or [f"the data have as many rows as then, but other values ({digests})"]

    def changes_on_purpose(self, now: RunOrigin) -> list[str]:
        """What has changed of that which a run may change when it goes on; a line each."""
        return _spec_changes(self.spec, now.spec, free=True)

    def remarks(self, now: RunOrigin) -> list[str]:
        """What has changed that may change bits, or was changed on purpose; a line each."""
        lines = self.changes_on_purpose(now)
        lines += [
            f"{name} was {self.versions.get(name, 'not told')}, it is {now.versions.get(name)}"
            for name in dict.fromkeys([*self.versions, *now.versions])
            if self.versions.get(name) != now.versions.get(name)
        ]
        if self.plan != now.plan:
            plans = f"{self.plan[:12]} then, {now.plan[:12]} now"
            lines.append(f"the network is computed by another plan ({plans})")
        return lines


def new_run_id(learner: Learner, data: str) -> str:
    """What tells a run from others before its first step: the SHA-256 of spec, data and weights.

    `data` is the digest of the data. Equal runs have equal ids.
    """
    digest = hashlib.sha256(f"{resolved_yaml(learner.document)}\0{data}".encode())
    for id_, array in sorted(learner.executable.weights().items()):
        digest.update(f"\0{id_}\0".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def run_id(run: Path) -> str:
    """What tells a run from others, by its manifest. Errors: as `read_manifest`."""
    manifest = read_manifest(run)
    return "" if manifest is None else manifest.facts.get("run", "")


def spec_differences(before: str, after: str) -> list[str]:
    """The values in which two resolved specs differ, each in a line; words for people left out."""
    return [line for free in (False, True) for line in _spec_changes(before, after, free=free)]


def wiring_differences(before: str, after: str) -> list[str]:
    """As `spec_differences`, of what a network is without its weights: nodes, edges, outputs."""
    return [] if before == after else _changes(_wiring(before), _wiring(after), free=False)


def _wiring(spec: str) -> dict[str, str]:
    facts = facts_of(spec)
    return {
        path: value
        for path, value in facts.items()
        if path.partition(".")[0] in _WIRING and not is_first_value(path, facts)
    }


def is_first_value(path: str, facts: Mapping[str, str]) -> bool:
    """Whether it says where something begins that is learnt."""
    owner, _, option = path.rpartition(".")
    function = ACTIVATION_ROWS.get(facts.get(f"{owner}.kind", ""))
    is_learnt = function is not None and option in function.learned
    return is_learnt or _FIRST_VALUES.search(path) is not None


def _spec_changes(before: str, after: str, *, free: bool) -> list[str]:
    """The values in which two resolved specs differ: those that a run is free to change, or not."""
    return [] if before == after else _changes(facts_of(before), facts_of(after), free=free)


def _changes(before: Mapping[str, str], after: Mapping[str, str], *, free: bool) -> list[str]:
    changed = [
        key
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key) and key.startswith(FREE) == free
    ]
    lines = [
        f"{key} was {before.get(key, 'absent')}, it is {after.get(key, 'absent')}"
        for key in changed[:SHOWN]
    ]
    if len(changed) > SHOWN:
        lines.append(f"and {len(changed) - SHOWN} more values")
    return lines


def facts_of(text: str) -> dict[str, str]:
    """Every value of a resolved spec as text by its path; edges go by their ids."""
    spec = yaml.load(text, Loader=_LOADER)
    facts: dict[str, str] = {}
    for section, value in spec.items():
        if section == "edges":
            named = {e.get("id", f"{e['from']}->{e['to']}"): e for e in value}
            _flatten(section, named, facts)
            facts["the order of edges"] = ", ".join(named)
        elif section not in WORDS_ONLY:
            _flatten(section, value, facts)
    return {path: value for path, value in facts.items() if path not in PLACES}


def _flatten(path: str, value: Any, facts: dict[str, str]) -> None:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if key != "title":
                _flatten(f"{path}.{key}", item, facts)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            _flatten(f"{path}.{number}", item, facts)
    else:
        facts[path] = str(value).replace("'", "")


def plan_digest(learner: Learner, rows: int) -> str:
    """A digest of everything that the plans of training fix for this batch size."""
    network, batch = learner.network, learner.settings(rows).batch_size
    digest = hashlib.sha256()
    for stage in (network.gradient_stage, network.update_stage, network.evaluation_stage):
        if stage is not None:
            digest.update(f"{stage.plan.digest} {stage.plan.shards.rows(batch)}\n".encode())
    if network.takes_whole_epochs(batch):
        digest.update(b"steps in one compiled loop\n")
    return digest.hexdigest()


def versions_of(learner: Learner) -> dict[str, str]:
    """`bit_versions`, and the target for which the network's training is compiled."""
    return bit_versions() | {"target": _target(learner.network)}


def _target(network: Network) -> str:
    stages = (network.gradient_stage, network.update_stage)
    return calls_of(instr for stage in stages if stage is not None for instr in stage.program.body)


def bit_versions() -> dict[str, str]:
    """Versions of what can change a bit of the result: libraries, and the kernel of products."""
    found = {name: version(name) for name in ("nngraph", "numpy")}
    found["python"] = platform.python_version()
    found["machine"] = platform.machine()
    if (blas := _own_blas(threadpool_info())) is not None:
        words = (blas.get("internal_api"), blas.get("version"), blas.get("architecture"))
        found["blas"] = " ".join(str(word) for word in words if word)
    return found


def _own_blas(pools: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The library of NumPy's products: the one that its wheel brings where other packages, SciPy's
    say, have loaded theirs too; else the first."""
    libraries = [pool for pool in pools if pool.get("user_api") == "blas"]
    own = [p for p in libraries if "numpy" in "".join(Path(str(p.get("filepath"))).parts[-3:-1])]
    return next(iter(own or libraries), None)
