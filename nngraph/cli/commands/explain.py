"""`nngraph explain SPEC|RUN|CODE`: the formulas of a network, or what a code means."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import result, result_json
from nngraph.errors import UsageError, diagnostic


@click.command("explain", short_help="Write a network's formulas; tell what a code means.")
@click.argument("subject", metavar="SPEC|RUN|CODE", type=PATH)
@click.option("--text", "as_text", is_flag=True, help="Print plain characters (the default).")
@click.option("--latex", is_flag=True, help="Print LaTeX (amsmath).")
@common_options
def command(subject: Path, as_text: bool, latex: bool, options: Options) -> None:
    """Write the formulas of a network, forward and backward, composed and node by node.

    They are those that the network computes with: functions, losses and their derivatives as the
    vocabulary has them, without what only keeps numbers from overflowing. W is stored [in, out], so
    a = W^T z + b and delta = f'(a) * (W delta). L is the loss of one sample.

    'nngraph explain E240' prints what a code of an error or a lint means: the cause, what to do, a
    file that is wrong and one that is right.
    """
    from nngraph.app.explain import is_code

    if sum((as_text, latex, options.as_json)) > 1:
        raise UsageError(diagnostic("E002:one-form"))
    if is_code(str(subject)) and not subject.exists():
        _explain_code(str(subject), latex, options)
        return
    from nngraph.cli.subject import open_model

    found = open_model(subject, options).formulas()
    if options.as_json:
        result_json(found.as_json())
    else:
        result(found.latex() if latex else found.text())


def _explain_code(code: str, latex: bool, options: Options) -> None:
    from nngraph.app.explain import explain

    of_networks = latex or options.overrides or options.seed is not None or options.data_root
    if of_networks:
        raise UsageError(diagnostic("E002:code-options", code=code))
    page = explain(code)
    if options.as_json:
        result_json({"code": code.upper(), "page": page})
    else:
        result(page.rstrip("\n"))
