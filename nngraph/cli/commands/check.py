"""`nngraph check SPEC ...`: is everything in order?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import Options, common_options
from nngraph.cli.output import chatter, count, report_error, result, result_json, show_lints, size
from nngraph.errors import NNGraphError, diagnostic_json, error_json

if TYPE_CHECKING:
    from nngraph.errors import Diagnostic


@click.command("check", short_help="Validate a spec: syntax, keys, graph, shapes, memory; lints.")
@click.argument(
    "specs", metavar="SPEC...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@common_options
def command(specs: tuple[Path, ...], options: Options) -> int:
    """Validate specs: syntax, keys, graph, shapes, loss, memory.

    All mistakes of a stage are shown together. Lints (worth a look, no mistake) leave the exit
    code at 0; '# nngraph: ignore L203' at the end of a line silences one.
    """
    answers = []
    for number, spec in enumerate(specs):
        answers.append(_check(spec, options))
        if not answers[-1]["ok"] and number + 1 < len(specs) and not options.as_json:
            chatter("")
    if options.as_json:
        result_json({"files": answers})
    return next((answer["exit_code"] for answer in answers if answer["exit_code"]), 0)


def _check(spec: Path, options: Options) -> dict[str, Any]:
    """One file: its answer as JSON; as text it is shown at once."""
    try:
        facts, lints = _examine(spec, options)
    except NNGraphError as problem:
        if not options.as_json:
            report_error(problem, as_json=False)
        return {"file": str(spec), "ok": False, "lints": [], **error_json(problem)}
    if not options.as_json:
        show_lints(lints)
        result(_summary(spec, facts, len(lints)))
    shown = [diagnostic_json(lint) for lint in lints]
    return {"file": str(spec), "ok": True, "exit_code": 0, "errors": [], "lints": shown} | facts


def _examine(spec: Path, options: Options) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    from nngraph.compiler import compile_document
    from nngraph.insight.lints import lints_of
    from nngraph.spec import read_spec
    from nngraph.train import metric_plans

    compiled = compile_document(read_spec(spec, options.overrides))
    metric_plans(compiled)
    batch = compiled.planned_batch
    facts = {
        "nodes": len(compiled.document.nodes),
        "edges": len(compiled.document.edges),
        "parameters": compiled.parameters,
        "trainable": compiled.trainable,
        "batch": batch,
        "memory_bytes": compiled.memory(batch).total,
    }
    return facts, lints_of(compiled)


def _summary(spec: Path, facts: dict[str, Any], lints: int) -> str:
    parts = [
        count(facts["nodes"], "node"),
        count(facts["edges"], "edge"),
        count(facts["parameters"], "parameter"),
        f"{size(facts['memory_bytes'])} for a step on {count(facts['batch'], 'sample')}",
    ]
    fine = "no mistakes" if not lints else f"no mistakes, {count(lints, 'lint')}"
    return f"{spec}: {fine} ({', '.join(parts)})"
