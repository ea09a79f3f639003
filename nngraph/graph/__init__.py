"""Who is connected with whom: the graph of a document, checked and in canonical order."""

from nngraph.graph.build import build_graph
from nngraph.graph.graph import Graph

__all__ = ["Graph", "build_graph"]
