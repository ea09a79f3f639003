"""Legal program + plan -> source in a closed grammar."""

from nngraph.codegen.grammar import verify_source
from nngraph.codegen.source import Source, generate

__all__ = ["Source", "generate", "verify_source"]
