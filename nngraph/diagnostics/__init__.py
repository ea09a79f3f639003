"""Every code that nngraph can tell: what it means, the next step, wrong and right examples.

This room imports nothing of the house, so that everybody may ask it. `catalogue` holds the rows,
one file a family; `wording` fills their texts in; `reference` prints them.
"""

from nngraph.diagnostics.wording import Said, say

__all__ = ["Said", "say"]
