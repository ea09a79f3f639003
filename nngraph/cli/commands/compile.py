"""`nngraph compile SPEC|RUN`: the plan, the programs, the source, or a standalone module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import chatter, result, result_json, size, table
from nngraph.cli.subject import SUBJECT, open_model
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.network import Network


@click.command("compile", short_help="Print the plan, or write a standalone NumPy module.")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Write a module (.py) that needs NumPy alone, its weights in an .npz beside it.",
)
@click.option(
    "--print",
    "printed",
    type=click.Choice(["ir", "source"]),
    help="Print the programs, or the generated source, instead of the plan.",
)
@click.option("--print-after", metavar="PASS", help="Print the program after a pass.")
@common_options
def command(
    subject: Path,
    output: Path | None,
    printed: str | None,
    print_after: str | None,
    options: Options,
) -> None:
    """Print the plan of a network: order, shapes, parameters, FLOPs, memory, what became what.

    With -o a readable module is written that computes outputs, loss and gradients without nngraph.
    """
    if sum(way is not None for way in (output, printed, print_after)) > 1:
        raise UsageError(diagnostic("E002:three-things"))
    if output is not None:
        _write_module(subject, output, options)
        return
    network = open_model(subject, options).network
    if print_after is not None:
        from nngraph.insight.plan_text import after_pass

        result(after_pass(network, print_after))
    elif printed is not None:
        _print_stages(network, printed, options)
    else:
        _print_plan(network, options)


def _write_module(subject: Path, output: Path, options: Options) -> None:
    from nngraph.app.export import check_module_name

    check_module_name(output)
    model = open_model(subject, options)
    module, weights = model.export(output)
    chatter(f"wrote {module} and {weights}")
    if model.drawn and not model.is_trained:
        chatter(f"the weights are the random start; compile a run for trained ones ({subject})")


def _print_stages(network: Network, printed: str, options: Options) -> None:
    from nngraph.insight.plan_text import programs, sources

    texts = programs(network) if printed == "ir" else sources(network)
    if options.as_json:
        result_json(texts)
        return
    result("\n\n".join(f"# {name}\n{text}".rstrip() for name, text in texts.items()))


def _print_plan(network: Network, options: Options) -> None:
    from nngraph.insight.neuron_forms import neuron_facts, neuron_lines
    from nngraph.insight.plan_text import memory_facts, node_lines, stage_facts, training_facts

    lines, neurons = node_lines(network), neuron_facts(network)
    batch = network.planned_batch
    memory = memory_facts(network.memory(batch))
    instructions, training = stage_facts(network), training_facts(network)
    if options.as_json:
        result_json(
            {
                "name": network.document.name,
                "dtype": network.dtype,
                "nodes": [line.as_json() for line in lines],
                "parameters": network.parameters,
                "trainable": network.trainable,
                "flops": sum(line.flops for line in lines),
                "batch": batch,
                "memory": memory,
                "instructions": instructions,
                "training": training,
                "neurons": neurons,
            }
        )
        return
    header = ["node", "kind", "function", "shape", "parameters", "FLOPs", "  became"]
    rows = [
        [
            line.id,
            line.kind,
            line.function,
            "x".join(map(str, line.shape)) or "scalar",
            f"{line.parameters:,}" if line.parameters else "",
            f"{line.flops:,}" if line.flops else "",
            "  " + ", ".join(line.became),
        ]
        for line in lines
    ]
    result(table(header, rows, left=3, last_left=True))
    flops = f"{sum(line.flops for line in lines):,} FLOPs per sample forward"
    result(f"\n{count(network.parameters, 'parameter')}, {network.dtype}, {flops}")
    uses = ", ".join(f"{use} {size(n)}" for use, n in memory.items() if n and use != "total")
    result(f"{size(memory['total'])} for a step on {count(batch, 'sample')}: {uses}")
    result("instructions: " + ", ".join(f"{name} {n}" for name, n in instructions.items()))
    for line in neuron_lines(neurons):
        result(line)
    if training:
        result(_how_training_runs(training))


def _how_training_runs(training: dict[str, Any]) -> str:
    """One line on kernels, what workers share, and tiles."""
    told = ["NumPy with compiled kernels" if training["kernels"] else "NumPy"]
    if len(parts := training["parts"]) > 1:
        told.append(f"in {len(parts)} parts of {' and '.join(map(str, dict.fromkeys(parts)))} rows")
    if halved := training["halved"]:
        told.append(f"{count(halved, 'large product')} in two halves")
    if training["loop"]:
        told.append("whole epochs in one compiled loop")
    if training["tile"] is not None:
        told.append(f"images in tiles of {training['tile']}")
    return "training: " + ", ".join(told)
