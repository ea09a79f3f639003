"""`nngraph profile SPEC|RUN`: where the time of a training step goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import chatter, result, result_json, size, table
from nngraph.cli.subject import SUBJECT, open_model
from nngraph.diagnostics.wording import count

if TYPE_CHECKING:
    from nngraph.insight.profile import Profile, ProfileRow


@click.command(
    "profile", short_help="Measure where the time of a training step goes, node by node."
)
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Draw the network, the nodes coloured by their share: .svg, .png, .pdf, .dot, .mmd.",
)
@click.option("--batch", type=click.IntRange(min=1), help="Samples of a step, not the spec's.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    help="How long to measure.",
)
@click.option("--no-data", is_flag=True, help="Draw rows at random instead of reading the data.")
@common_options
def command(
    subject: Path,
    output: Path | None,
    batch: int | None,
    seconds: float,
    no_data: bool,
    options: Options,
) -> None:
    """Measure where the time of a training step goes: node by node, forward and backward.

    Beside the time stand floating-point operations, bytes read and written, the share of the
    whole step, and the rate in per cent of what this machine reaches in one matrix product of
    that size. "loading" is bringing a batch into place, "update" the optimiser, "rest" what the
    whole step takes beyond all rows. One worker and one BLAS thread compute; of a spec without a
    loss it is the forward step. No weight changes.
    """
    model = open_model(subject, options)
    measured = model.profile(batch=batch, seconds=seconds, data=not no_data, path=output)
    if options.as_json:
        result_json(measured.as_json())
    else:
        _tell(measured)
    if output is not None:
        chatter(f"wrote {output}")


def _tell(measured: Profile) -> None:
    from nngraph.insight.profile_picture import span_text

    header = ["", "kind", "forward", "backward", "share", "FLOPs", "read", "written", "of product"]
    rows = [_cells(row) for row in measured.rows]
    total = ["total", "", "", span_text(measured.seconds), "100.0%", "", "", "", ""]
    result(table(header, [*rows, total], left=2))
    step = "training step" if measured.trains else "forward step"
    fed = ", on drawn rows" if measured.made_up else ""
    how = "NumPy with compiled kernels" if measured.kernels else "NumPy"
    result(f"\na {step} on {count(measured.batch, 'sample')}, {measured.dtype}{fed}: {how}, one")
    result(f"worker, one BLAS thread; the means of {count(measured.rounds, 'round')}")


def _cells(row: ProfileRow) -> list[str]:
    from nngraph.insight.profile_picture import span_text

    return [
        row.name,
        row.kind if row.nodes else "",
        span_text(row.forward) if row.forward else "",
        span_text(row.backward) if row.backward else "",
        f"{row.share:.1%}",
        f"{row.flops:,}" if row.flops else "",
        size(row.read) if row.read else "",
        size(row.written) if row.written else "",
        f"{row.of_product:.1%}" if row.of_product is not None else "",
    ]
