"""Weights go back into the file of the spec, so that the file is also the result."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from numpy.typing import NDArray

from nngraph.errors import (
    InternalError,
    ModelFileError,
    UsageError,
    diagnostic,
    join_words,
)
from nngraph.files import make_folder, read_bytes, write_atomically, write_npz
from nngraph.records import dataclass
from nngraph.spec import TEXT, Document, parse_spec
from nngraph.spec.editing.numbers import same_bits
from nngraph.spec.editing.write_back import WrittenBack, write_back
from nngraph.spec.events import LONGEST_TEXT
from nngraph.spec.read import decode
from nngraph.spec.resolved import resolved_yaml
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.origin import spec_differences, wiring_differences
from nngraph.train.run_folder import RESOLVED, SPEC, read_bound

Array = NDArray[Any]
MOST_NAMED = 4
_TRAINED = re.compile(r"\.trained(-[0-9]+)?$")


@dataclass(frozen=True)
class WroteBack:
    """A spec that holds the weights of a network; `changed` are the ids of those that it did not
    hold before, `files` what was written beside it, `remarks` what should be said aloud."""

    spec: Path
    changed: tuple[str, ...]
    files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was done."""
        if not self.changed:
            return f"{self.spec} holds these weights already; nothing in it was changed"
        more = f" and {join_words([str(file) for file in self.files])}" if self.files else ""
        weights = "weight" if len(self.changed) == 1 else "weights"
        return f"wrote {len(self.changed):,} {weights} into {self.spec}{more}"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "spec": str(self.spec),
            "changed": list(self.changed),
            "files": [str(file) for file in self.files],
        }


def write_back_run(run: Path, spec: Path, data_root: Path | None = None) -> WroteBack:
    """Write the weights of a run into the spec that it was trained from.

    Errors: as `write_back_learner`; FileError for what is no run; ModelFileError for a damaged one.
    """
    learner, _ = load_run(run, data_root=data_root)
    return write_back_learner(learner, spec, read_bound(run, SPEC))


def write_back_learner(learner: Learner, spec: Path, began_with: str) -> WroteBack:
    """Write the weights of a network into the file of its spec; all else in it stays as it is.

    `began_with` is the text of the spec as it was when the network was made.
    Numbers of scalar neurons are written where they stand; arrays go to a new .npz file beside the
    spec, weights of a table to a new table, and the spec names these. The spec's file is replaced
    last, and only where the new text is seen to give the same weights to the last bit.

    Errors: ModelFileError where the spec says something else than it did; UsageError for weights
    that a spec cannot say, and for overrides that made another network; FileError.
    """
    target = _Target.read(spec, learner, began_with)
    values = target.values()
    if not values:
        return WroteBack(spec, (), remarks=_remarks(learner))
    target.check_unchanged()
    written = target.with_values(values)
    files = target.put_in_place(written)
    return WroteBack(spec, tuple(values), files, _remarks(learner))


def check_write_back(learner: Learner, spec: Path) -> None:
    """What would refuse the weights of this network after its training, before it.

    Errors: as `write_back_learner`.
    """
    target = _Target.read(spec, learner, learner.document.source.text)
    target.with_values(target.all_values())


def file_of(document: Document) -> Path:
    """The file that a spec was read from. Errors: UsageError for a text, and the spec of a run."""
    path = Path(document.source.name)
    if document.source.name == TEXT or path.name == RESOLVED:
        raise UsageError(diagnostic("E002:write-back-file"))
    return path


@dataclass(frozen=True, eq=False)
class _Target:
    """The file of a spec as it is now, the spec as it began, the network with weights for it."""

    path: Path
    text: str
    now: Learner
    began_with: Document
    learner: Learner

    @classmethod
    def read(cls, path: Path, learner: Learner, began_with: str) -> _Target:
        root = learner.document.data_root
        text = decode(read_bytes(path, LONGEST_TEXT), str(path))
        document = parse_spec(text, str(path), path.parent, data_root=root)
        before = parse_spec(began_with, str(path), path.parent, data_root=root)
        _check_wiring(path, document, before, learner.document)
        return cls(path, text, Learner.start(document), before, learner)

    # ---- refusals

    def check_unchanged(self) -> None:
        """Refuse to write over what was changed by hand. Errors: ModelFileError."""
        _check_unchanged(self.path, self.now.document, self.began_with)

    def _refuse_unsayable(self, ids: tuple[str, ...]) -> None:
        if not ids:
            return
        named = [f"'{id_}'" for id_ in ids[:MOST_NAMED]]
        if len(ids) > MOST_NAMED:
            named.append(f"{len(ids) - MOST_NAMED} more")
        raise UsageError(
            diagnostic("E002:write-back-unsayable", spec=self.path, weights=join_words(named))
        )

    # ---- values

    def all_values(self) -> dict[str, Array]:
        """All weights that training may change, or that the seed draws."""
        records = self.now.network.lowered.weights
        free = {w.id for w in records if w.trainable} | set(self.now.drawn)
        weights = _weights(self.learner)
        return {id_: array for id_, array in weights.items() if id_ in free}

    def values(self) -> dict[str, Array]:
        """The weights that the file does not give as they are, to the last bit."""
        weights, first = _weights(self.learner), _weights(self.now)
        drawn = set(self.now.drawn)
        return {
            id_: array
            for id_, array in weights.items()
            if id_ in drawn or not same_bits(array, first[id_])
        }

    # ---- the new text

    def with_values(self, values: Mapping[str, Array]) -> WrittenBack:
        """The text with these values. Errors: UsageError for values that a spec cannot say."""
        document = self.now.document
        written = write_back(
            self.text,
            values,
            stem=self.path.stem,
            folder=self.path.parent,
            free_name=FreeNames(self.path.parent),
            data_root=document.data_root,
        )
        self._refuse_unsayable(written.left)
        return written

    def put_in_place(self, written: WrittenBack) -> tuple[Path, ...]:
        """Write new files, see that the new text gives the weights, and replace the spec."""
        folder = self.path.parent
        with _removed_on_failure() as files:
            for name, table in written.tables.items():
                files.append(folder / name)
                make_folder(files[-1].parent)
                write_atomically(files[-1], table.encode())
            if written.arrays.arrays:
                files.append(folder / written.arrays.name)
                write_npz(files[-1], written.arrays.arrays)
            self._check(written.text)
            if read_bytes(self.path) != self.text.encode():
                raise ModelFileError(diagnostic("E505:meanwhile", spec=self.path))
            write_atomically(self.path, written.text.encode())
        return tuple(files)

    def _check(self, text: str) -> None:
        """The new text describes the same network with the weights of this one."""
        document = parse_spec(
            text, str(self.path), self.path.parent, data_root=self.now.document.data_root
        )
        result = Learner.start(document)
        weights, given = _weights(self.learner), _weights(result)
        wrong = [id_ for id_, array in weights.items() if not same_bits(array, given[id_])]
        wrong += [*result.drawn]
        if not wrong and _bare(document) != _bare(self.now.document):
            wrong.append("its nodes and edges")
        if wrong:
            raise InternalError(f"the text written back to {self.path} differs: {wrong[0]}")


def _weights(learner: Learner) -> dict[str, Array]:
    """All weights by id, 0 where a mask says that there is no connection."""
    weights = learner.executable.weights()
    for record in learner.network.lowered.weights:
        if record.mask is not None:
            weights[record.id][~record.mask] = 0
    return weights


def _bare(document: Document) -> tuple[Any, ...]:
    """The nodes and edges of a spec, in order, without their options."""
    nodes = {id_: entry.node.kind for id_, entry in document.nodes.items()}
    return nodes, [(edge.id, edge.source, edge.target) for edge in document.edges]


def _check_wiring(path: Path, now: Document, began_with: Document, trained: Document) -> None:
    """Refuse another network than the one that the file describes.

    Errors: ModelFileError where the file was changed, UsageError where overrides made it another.
    """
    if lines := wiring_differences(resolved_yaml(now), resolved_yaml(trained)):
        _check_unchanged(path, now, began_with)
        raise UsageError(diagnostic("E002:write-back-network", spec=path, difference=lines[0]))


def _check_unchanged(path: Path, now: Document, began_with: Document) -> None:
    if began_with.source.text == now.source.text:
        return
    if lines := spec_differences(resolved_yaml(began_with), resolved_yaml(now)):
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        difference = f"{lines[0]}{more}"
        raise ModelFileError(diagnostic("E505:write-back", spec=path, difference=difference))


class FreeNames:
    """Names of files that are not there: `net.npz` becomes `net.trained.npz`, counting up.

    A file that a spec names is never written over, so that the spec holds until it is replaced.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()

    def __call__(self, name: str) -> str:
        path = PurePosixPath(name)
        stem, number = _TRAINED.sub("", path.stem), 1
        while True:
            more = "" if number == 1 else f"-{number}"
            free = str(path.with_name(f"{stem}.trained{more}{path.suffix}"))
            if free not in self.taken and not (self.folder / free).exists():
                self.taken.add(free)
                return free
            number += 1


@contextlib.contextmanager
def _removed_on_failure() -> Iterator[list[Path]]:
    """New files, which go again where not all of them can be put in place."""
    files: list[Path] = []
    try:
        yield files
    except BaseException:
        for file in files:
            with contextlib.suppress(OSError):
                file.unlink()
        raise


def _remarks(learner: Learner) -> tuple[str, ...]:
    """What the text does not say and its weights need."""
    scaled = [name for name, n in learner.normalizers.inputs.items() if n.kind != "none"]
    scaled += [name for name, n in learner.normalizers.targets.items() if n.kind != "none"]
    if not scaled:
        return ()
    named = join_words([f"'{name}'" for name in scaled])
    return (
        f"the weights belong to scaled values of {named}; how they were scaled stands in the run, "
        "not in the spec",
    )
