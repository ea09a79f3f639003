"""The option that chooses the paper of a picture; imported where something is drawn."""

from __future__ import annotations

import click

from nngraph.render.colours import THEMES

THEME = click.option(
    "--theme",
    type=click.Choice(THEMES),
    default="auto",
    help="Light or dark paper; auto, the default, follows the reader of an .svg or a page.",
)
