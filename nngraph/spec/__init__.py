"""What a user may write: the vocabulary as models, and YAML text to a `Document` with places."""

from nngraph.spec.document import Document, EdgeEntry, NodeEntry
from nngraph.spec.ends import End
from nngraph.spec.model import Spec

__all__ = ["Document", "EdgeEntry", "End", "NodeEntry", "Spec"]
