"""`nngraph trace SPEC|RUN --sample N`: one sample, forward and back, edge by edge."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.given import read_given
from nngraph.cli.options import INITIAL, Options, common_options
from nngraph.cli.output import PARTS, result, result_json
from nngraph.cli.subject import SUBJECT, open_with_weights
from nngraph.errors import UsageError, diagnostic


@click.command("trace", short_help="Follow one sample forward and back, edge by edge.")
@SUBJECT
@click.option("--sample", type=click.IntRange(min=0), help="Which row of the data; 0 by default.")
@click.option("--part", type=click.Choice(PARTS), default="train", show_default=True)
@click.option("--given", help="One sample by hand, its target too: 'x1=0, x2=1, label=1'.")
@click.option(
    "--edge",
    "edges",
    multiple=True,
    metavar="PAIR",
    help="Show these connections alone: 'hidden[3]->y[0]', 'image[0]->conv[5]', 'h->y'.",
)
@click.option("--update", is_flag=True, help="Make one step of the optimiser; before and after.")
@click.option("--latex", is_flag=True, help="Print the formulas as LaTeX (amsmath).")
@INITIAL
@common_options
def command(
    subject: Path,
    sample: int | None,
    part: str,
    given: str | None,
    edges: tuple[str, ...],
    update: bool,
    latex: bool,
    initial: bool,
    options: Options,
) -> None:
    """Follow one sample through a network: each node's a, z and delta, each edge's dL/dW.

    Numbers stand in their formulas, in the order of computation, first forward and then back:
    a_j = sum of W_ij z_i + b_j, z_j = f(a_j), delta_j = dL/da_j, dL/dW_ij = delta_j z_i. They are
    those of the program that computes the gradients, as the network predicts (no dropout). Large
    arrays are told as ranges; --edge shows any of their connections, of a convolution as the sum
    over places. Without a target for --given there is only the way forward. No weight changes;
    --update tells what one step on this sample would make of them.
    """
    if sample is not None and given is not None:
        raise UsageError(diagnostic("E002:sample-or-given"))
    if latex and options.as_json:
        raise UsageError(diagnostic("E002:latex-or-json"))
    values = None if given is None else read_given(given)
    model = open_with_weights(subject, options, initial=initial)
    found = model.trace(sample or 0, part=part, given=values, update=update)
    if options.as_json:
        result_json(found.as_json(edges))
    else:
        result(found.latex(edges) if latex else found.text(edges))
