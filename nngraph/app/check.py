"""Is everything in order with a spec?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nngraph.errors import Diagnostic, NNGraphError, diagnostic_json, error_json
from nngraph.insight.lints import lints_of
from nngraph.network import compile_document
from nngraph.spec import Document, open_spec
from nngraph.train.ports import metric_plans


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """What there is to count in a spec; `memory_bytes` are those of a step on `batch` samples."""

    nodes: int
    edges: int
    parameters: int
    trainable: int
    batch: int
    memory_bytes: int


@dataclass(frozen=True)
class Check:
    """What a check found: mistakes, or else facts and what is worth a look.

    `name` is the file's, or "<spec>" for a text. `problem` is the error that compiling the spec
    would raise, None where all is well; `lints` and `facts` are there where it is None.
    """

    name: str
    problem: NNGraphError | None = None
    lints: tuple[Diagnostic, ...] = ()
    facts: SpecFacts | None = None

    @property
    def ok(self) -> bool:
        """Whether there is no mistake; lints are none."""
        return self.problem is None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """All mistakes of the stage that found some, in order of place, the first 20."""
        return () if self.problem is None else self.problem.diagnostics

    @property
    def exit_code(self) -> int:
        """What the command line returns for it: 0, or that of the error's kind."""
        return 0 if self.problem is None else self.problem.exit_code

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        if self.problem is not None:
            return {"file": self.name, "ok": False, "lints": [], **error_json(self.problem)}
        lints = [diagnostic_json(lint) for lint in self.lints]
        answer = {"file": self.name, "ok": True, "exit_code": 0, "errors": [], "lints": lints}
        return answer if self.facts is None else answer | asdict(self.facts)


def check(
    spec: str | Path, overrides: Sequence[str] = (), *, data_root: str | Path | None = None
) -> Check:
    """Look through a spec: syntax, keys, graph, shapes, loss, metrics, memory, lints.

    Nothing that is wrong with it is raised, a file that cannot be read no more than a mistake in
    it: that is what was asked for.

    >>> found = check("nngraph: 1\\nnodes: {x: input, y: {activation: tahn}}\\nedges: [x -> y]")
    >>> found.ok, [(error.code, error.span.line, error.label) for error in found.errors]
    (False, [('E108', 2, "did you mean 'tanh'?")])
    """
    is_text = isinstance(spec, str) and "\n" in spec
    name = "<spec>" if is_text else str(spec)
    try:
        root = None if data_root is None else Path(data_root)
        facts, lints = _examine(open_spec(spec, overrides, root))
    except NNGraphError as problem:
        return Check(name, problem)
    return Check(name, None, lints, facts)


def _examine(document: Document) -> tuple[SpecFacts, tuple[Diagnostic, ...]]:
    network = compile_document(document)
    metric_plans(network)
    batch = network.planned_batch
    facts = SpecFacts(
        nodes=len(document.nodes),
        edges=len(document.edges),
        parameters=network.parameters,
        trainable=network.trainable,
        batch=batch,
        memory_bytes=network.memory(batch).total,
    )
    return facts, lints_of(network)
