"""Who is connected with whom: the graph of a document, checked and in canonical order.

Codes of its errors: E201 unknown node, E202 edge into an input, E203 repeated edge, E204 cycle,
E205 node that no input reaches, E206 unread input, E207 names that collide, E208 and E209 shares,
E210 outputs, E211 losses, E212 expectations and metrics; L201 a node that leads nowhere.
"""

from nngraph.graph.graph import Graph, build_graph

__all__ = ["Graph", "build_graph"]
