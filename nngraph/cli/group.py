"""The commands by name; each one's module is imported only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

from nngraph.errors import suggest

# name -> what its line in the overview says; the module is nngraph.cli.commands.NAME
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "new": "Write a commented starter file.",
        "check": "Validate a spec and the files that it names; lints.",
        "fmt": "Format a spec; comments and meaning stay.",
        "compile": "Print the plan, or write a standalone NumPy module.",
        "export": "Write the network for other tools (ONNX), and compare.",
        "profile": "Measure where the time of a training step goes, node by node.",
        "train": "Train a network with live progress; write a run folder.",
        "tune": "Search for good values: train with many, keep the best.",
        "evaluate": "Compute the loss and the metrics on any part of the data.",
        "predict": "Compute the outputs for new data.",
        "test": "Run the unit tests that a spec carries under 'expect'.",
        "explain": "Write a network's formulas; tell what a code means.",
        "trace": "Follow one sample forward and back, edge by edge.",
        "gradcheck": "Compare every gradient with a numerical one.",
        "render": "Draw the network: svg, png, pdf, dot, mermaid.",
        "report": "Write a report about a run: one HTML file.",
        "compare": "Put runs side by side: figures, specs, curves.",
        "diff": "Show in what two specs or runs differ; draw it.",
        "equiv": "Test whether two networks compute the same function.",
        "weights": "Print weights edge by edge, or write them into the spec.",
        "why": "Say why a run does not learn, with the evidence.",
        "verify": "Check every file of a run against its manifest.",
        "data": "Describe the data of a spec; fetch a published data set.",
        "schema": "Print the JSON Schema of the language, for editors.",
        "doctor": "Show versions, BLAS library, threads and what is installed.",
    }
)

# words of the command line that later versions will know -> what they are for
LATER: Mapping[str, str] = MappingProxyType(
    {
        "import": "reading other formats",
        "play": "watching a network learn in a browser",
    }
)


class LazyGroup(click.Group):
    """A group that knows the names of its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a first session: new, check, compile, train, ..."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nngraph.cli.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word, or say which one may be meant."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        if name in LATER:
            text = f"'nngraph {name}' ({LATER[name]}) is not available in nngraph 0.1"
            raise click.UsageError(text, ctx)
        hint = suggest(name, COMMANDS)
        raise click.UsageError(f"no command '{name}'{'; ' if hint else ''}{hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import nngraph

    click.echo(f"nngraph {nngraph.__version__}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with 'nngraph new xor xor.yaml', then 'nngraph train xor.yaml'.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def nngraph() -> None:
    """Neural networks as graphs: one YAML file in, a trained and drawn network out."""
