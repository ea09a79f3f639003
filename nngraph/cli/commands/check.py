"""`nngraph check SPEC ...`: is everything in order?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import report_error, result, result_json, show_lints, size
from nngraph.diagnostics.wording import count

if TYPE_CHECKING:
    from nngraph.app.check import Check, SpecFacts


@click.command("check", short_help="Validate a spec and the files that it names; lints.")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True, type=PATH)
@click.option("--no-data", is_flag=True, help="Do not look at the data that the specs name.")
@common_options
def command(specs: tuple[Path, ...], no_data: bool, options: Options) -> int:
    """Validate specs: syntax, keys, graph, shapes, loss, memory, and the files that they name.

    What 'train' would refuse before its first step is found here, data to the last cell; what was
    not looked at is said. Mistakes that do not follow from others are shown together. Lints (worth
    a look, no mistake) leave the exit code at 0; '# nngraph: ignore L203' at the end of a line
    silences one.
    """
    from nngraph.app.check import check

    found = []
    for spec in specs:
        found.append(
            check(
                spec,
                options.overrides,
                seed=options.seed,
                data=not no_data,
                data_root=options.data_root,
            )
        )
        if not options.as_json:
            _show(found[-1])
    if options.as_json:
        result_json({"files": [one.as_json() for one in found]})
    return next((one.exit_code for one in found if one.exit_code), 0)


def _show(found: Check) -> None:
    if found.problem is not None:
        report_error(found.problem, as_json=False)
        return
    assert found.facts is not None
    show_lints(found.lints)
    result(_summary(found.name, found.facts, len(found.lints)))
    for left in found.unchecked:
        result(f"{found.name}: not looked at: {left.what}, {left.why}")


def _summary(spec: str, facts: SpecFacts, lints: int) -> str:
    parts = [
        count(facts.nodes, "node"),
        count(facts.edges, "edge"),
        count(facts.parameters, "parameter"),
        f"{size(facts.memory_bytes)} for a step on {count(facts.batch, 'sample')}",
    ]
    parts += [f"{count(rows, 'row')} of {part} data" for part, rows in (facts.rows or {}).items()]
    fine = "no mistakes" if not lints else f"no mistakes, {count(lints, 'lint')}"
    return f"{spec}: {fine} ({', '.join(parts)})"
