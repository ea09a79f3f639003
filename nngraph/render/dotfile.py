"""Writing DOT: minted ids, quoted attributes, HTML-like labels, and the names behind the ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from nngraph.records import dataclass
from nngraph.render.escape import dot_html, dot_quoted


@dataclass(frozen=True, slots=True)
class Html:
    """An HTML-like label; its text has been through `dot_html`."""

    markup: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Commands of Graphviz's own language of drawings (xdot): numbers and colours of ours."""

    commands: str


Attribute = str | float | Html | Drawing


@dataclass(slots=True)
class DotFile:
    """A directed graph in the making. `names` maps each minted id to what it stands for, `images`
    the name of a png file to what it holds."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)

    def defaults(self, of: str, **attributes: Attribute) -> None:
        """Attributes of the `graph`, or of every `node` or `edge` from here on."""
        self.lines.append(f"  {of}{_attributes(attributes)};")

    def node(self, minted: str, name: str, **attributes: Attribute) -> None:
        """One node."""
        self.names[minted] = name
        self.lines.append(f"  {minted}{_attributes(attributes)};")

    def edge(self, source: str, target: str, **attributes: Attribute) -> None:
        """One edge between minted ids."""
        self.lines.append(f"  {source} -> {target}{_attributes(attributes)};")

    def same_rank(self, minted: Sequence[str]) -> None:
        """Nodes that stand in one column."""
        if len(minted) > 1:
            self.lines.append(f"  {{ rank=same; {'; '.join(minted)}; }}")

    @property
    def text(self) -> str:
        """The finished file."""
        return "\n".join(["digraph nngraph {", *self.lines, "}", ""])


def _attributes(attributes: dict[str, Attribute]) -> str:
    if not attributes:
        return ""
    return f" [{', '.join(f'{key}={_value(value)}' for key, value in attributes.items())}]"


def _value(value: Attribute) -> str:
    if isinstance(value, Html):
        return f"<{value.markup}>"
    if isinstance(value, Drawing):
        return f'"{value.commands}"'
    return dot_quoted(value) if isinstance(value, str) else f"{value:.6g}"


def text_line(
    text: str, size: int, colour: str, *, bold: bool = False, italic: bool = False
) -> str:
    """One line of a label, escaped here and nowhere else."""
    inner = dot_html(text) or " "
    if bold:
        inner = f"<B>{inner}</B>"
    if italic:
        inner = f"<I>{inner}</I>"
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{inner}</FONT>'


def stack(
    lines: Sequence[str],
    *,
    padding: int = 1,
    above: int = 0,
    before: int = 0,
    width: int = 0,
    align: str = "CENTER",
    ground: str = "",
) -> Html:
    """Lines one below the other, each made by `text_line`; sizes in points.

    `above` leaves room over them, `before` to their left; `width` is the least, in which they are
    aligned; `ground` is the colour below them.
    """
    if not lines:
        return Html(" ")
    cell = f'<TD ALIGN="{align}" WIDTH="{width}">' if width else "<TD>"
    gap = f'<TD WIDTH="{before}"></TD>' if before else ""
    rows = "".join(f"<TR>{gap}{cell}{line}</TD></TR>" for line in lines)
    if above:
        rows = f'<TR><TD HEIGHT="{above}"></TD></TR>' + rows
    colour = f' BGCOLOR="{ground}"' if ground else ""
    table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{colour}>'
    return Html(f"{table}{rows}</TABLE>")
