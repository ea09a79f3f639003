"""The command line: `nngraph COMMAND SPEC|RUN ...`."""

from nngraph.cli.frame import main, run

__all__ = ["main", "run"]
