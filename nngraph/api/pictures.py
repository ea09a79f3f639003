"""A picture as text, which a notebook shows as a picture."""

from __future__ import annotations


class Svg(str):
    """SVG; `str` of it is the text that a file holds."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<nngraph SVG, {len(self):,} characters>"
