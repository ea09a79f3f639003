"""Every code that nngraph can tell: what it means, the next step, wrong and right examples.

This room imports nothing of the house, so that everybody may ask it.
"""

from nngraph.diagnostics.catalogue import FAMILIES, find
from nngraph.diagnostics.reference import as_markdown, page
from nngraph.diagnostics.row import Example, Family, Row

__all__ = ["FAMILIES", "Example", "Family", "Row", "as_markdown", "find", "page"]
