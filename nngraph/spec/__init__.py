"""What a user may write: the vocabulary as models, and YAML text to a `Document` with places."""

from nngraph.spec.document import Document, EdgeEntry, NodeEntry
from nngraph.spec.ends import End
from nngraph.spec.model import Spec
from nngraph.spec.read import parse_spec, read_spec

__all__ = ["Document", "EdgeEntry", "End", "NodeEntry", "Spec", "parse_spec", "read_spec"]
