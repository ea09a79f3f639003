"""Equations under titles, written as text, as LaTeX, or as plain data."""

from __future__ import annotations

from nngraph.insight.notation import Expr, latex, text
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = right`; what is said of it beside, such as a shape."""

    left: Expr
    right: Expr
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Equations under a title."""

    title: str
    equations: tuple[Equation, ...]


@dataclass(frozen=True, slots=True)
class Formulas:
    """All formulas of a network. `left_out` counts nodes for which there was no room."""

    name: str
    sections: tuple[Section, ...]
    left_out: int = 0

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """In plain characters."""
        parts = [self.name]
        for section in self.sections:
            width = max(len(text(each.left)) for each in section.equations)
            lines = [
                f"  {text(each.left):{width}} = {text(each.right)}"
                + (f"   ({each.remark})" if each.remark else "")
                for each in section.equations
            ]
            parts.append("\n".join([section.title, *lines]))
        if self.left_out:
            parts.append(f"{self.left_out:,} more nodes of the same kinds")
        return "\n\n".join(parts)

    def latex(self) -> str:
        """In align* environments of amsmath."""
        parts = [f"% {self.name}"]
        for section in self.sections:
            rows = [f"{latex(each.left)} &= {latex(each.right)}" for each in section.equations]
            body = " \\\\\n".join(rows)
            parts.append(f"% {section.title}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
        if self.left_out:
            parts.append(f"% {self.left_out} more nodes of the same kinds")
        return "\n".join(parts)

    def as_json(self) -> dict[str, object]:
        """Both forms of each equation."""
        return {
            "name": self.name,
            "left_out": self.left_out,
            "sections": [
                {
                    "title": section.title,
                    "equations": [
                        {
                            "text": f"{text(each.left)} = {text(each.right)}",
                            "latex": f"{latex(each.left)} = {latex(each.right)}",
                            "remark": each.remark,
                        }
                        for each in section.equations
                    ],
                }
                for section in self.sections
            ],
        }
