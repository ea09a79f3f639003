"""Is everything in order with a spec, and with the files that it names?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nngraph.app.preparing import check_without_data, prepared_data, with_seed
from nngraph.data import DataSet
from nngraph.data.sources.opening import set_to_fetch
from nngraph.errors import Diagnostic, Diagnostics, NNGraphError, diagnostic_json, error_json
from nngraph.insight.lints import lints_of
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.spec import Document, open_spec
from nngraph.train.data_files import open_data, read_data


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """What there is to count in a spec; `memory_bytes` are those of a step on `batch` samples, and
    `rows` the samples of each part of the data, None where these were not looked at."""

    nodes: int
    edges: int
    parameters: int
    trainable: int
    batch: int
    memory_bytes: int
    rows: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that was not looked at ("data"), and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Check:
    """What a check found: mistakes, or else facts and what is worth a look.

    `name` is the file's, or "<spec>" for a text. `problem` is the error that training the spec
    would raise before its first step, None where all is well; `lints` and `facts` are there where
    it is None. `unchecked` is what nobody looked at.
    """

    name: str
    problem: NNGraphError | None = None
    lints: tuple[Diagnostic, ...] = ()
    facts: SpecFacts | None = None
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no mistake; lints are none."""
        return self.problem is None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """All mistakes that do not follow from others, in order of place, at most a thousand."""
        return () if self.problem is None else self.problem.diagnostics

    @property
    def exit_code(self) -> int:
        """What the command line returns for it: 0, or that of the error's kind."""
        return 0 if self.problem is None else self.problem.exit_code

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        unchecked = [asdict(one) for one in self.unchecked]
        head = {"file": self.name, "ok": self.ok, "unchecked": unchecked}
        if self.problem is not None:
            return {**head, "lints": [], **error_json(self.problem)}
        lints = [diagnostic_json(lint) for lint in self.lints]
        answer = {**head, "exit_code": 0, "errors": [], "lints": lints}
        return answer if self.facts is None else answer | asdict(self.facts)


def check(
    spec: str | Path,
    overrides: Sequence[str] = (),
    *,
    seed: int | None = None,
    data: bool = True,
    data_root: str | Path | None = None,
) -> Check:
    """Look through a spec: syntax, keys, graph, shapes, loss, metrics, memory, lints, and the files
    that it names, data to the last cell.

    What `nngraph.train_run` would refuse before its first step is found here. With `data=False` the
    data are left out. `seed` and `data_root` are as for `train_run`. Nothing that is wrong is
    raised, a file that cannot be read no more than a mistake in it: that is what was asked for.

    >>> found = check("nngraph: 1\\nnodes: {x: input, y: {activation: tahn}}\\nedges: [x -> y]")
    >>> found.ok, [(error.code, error.span.line, error.label) for error in found.errors]
    (False, [('E108', 2, "did you mean 'tanh'?")])
    """
    is_text = isinstance(spec, str) and "\n" in spec
    name = "<spec>" if is_text else str(spec)
    root = None if data_root is None else Path(data_root)
    try:
        document = _opened(spec, overrides, seed, root)
    except NNGraphError as problem:
        return Check(name, problem, unchecked=(Unchecked("data", "the spec has mistakes"),))
    why = "they are left out" if not data else _why_not(document)
    try:
        network = compile_document(document)
    except NNGraphError as problem:
        return _of_files_alone(name, document, problem, why)
    unchecked: tuple[Unchecked, ...] = () if why is None else (Unchecked("data", why),)
    try:
        read = _examine(network, reads_data=why is None)
        unchecked += _examine_search(network, overrides, why)
        facts = _facts(network, read)
    except NNGraphError as problem:
        return Check(name, problem, unchecked=unchecked)
    return Check(name, None, lints_of(network, read), facts, unchecked)


def _opened(
    spec: str | Path, overrides: Sequence[str], seed: int | None, root: Path | None
) -> Document:
    """The spec, with the seed where it has one of its own."""
    document = open_spec(spec, overrides, root)
    if seed is None or document.spec.train is None:
        return document
    return open_spec(spec, with_seed(overrides, seed), root)


def _of_files_alone(name: str, document: Document, problem: NNGraphError, why: str | None) -> Check:
    """What is wrong with a network; its data are opened, what goes where in them is not known."""
    found = Diagnostics()
    found.keep(problem)
    with found.collecting():
        if why is None:
            open_data(document)
    try:
        found.raise_if_any()
    except NNGraphError as all_of_them:
        problem = all_of_them
    opened = "they were only opened, for the network has mistakes"
    return Check(name, problem, unchecked=(Unchecked("data", opened if why is None else why),))


def _why_not(document: Document) -> str | None:
    """Why data cannot be looked at, though nothing is wrong with them; None where they can."""
    section = document.spec.data
    if section is None:
        return "the spec names none"
    name = set_to_fetch(section)
    return None if name is None else f"{name} is not on this computer: nngraph data fetch {name}"


def _examine(network: Network, *, reads_data: bool) -> DataSet | None:
    """Go through what a training goes through; the data, where they are read."""
    document = network.document
    trained = document.to_train() if document.spec.loss else document
    if trained is not document:
        network = compile_document(trained)
    if not reads_data:
        check_without_data(network)
        return None
    read = prepared_data if document.spec.loss else read_data
    return read(network)


def _examine_search(
    network: Network, overrides: Sequence[str], why: str | None
) -> tuple[Unchecked, ...]:
    """Go through what a search goes through before its first trial; what was not looked at.

    `why` data are left out, without which nothing can be searched, None where they are not.
    """
    document = network.document
    if document.search is None:
        return ()
    if why is None and not document.spec.loss:
        why = "the spec has no loss"
    if why is not None:
        return (Unchecked("search", why),)
    from nngraph.app.searching import check_search  # few specs have one

    trained = document.to_train()
    check_search(network if trained is document else compile_document(trained), overrides)
    return ()


def _facts(network: Network, data: DataSet | None) -> SpecFacts:
    document, batch = network.document, network.planned_batch
    return SpecFacts(
        nodes=len(document.nodes),
        edges=len(document.edges),
        parameters=network.parameters,
        trainable=network.trainable,
        batch=batch,
        memory_bytes=network.memory(batch).total,
        rows=None if data is None else {name: part.rows for name, part in data.parts.items()},
    )
