"""Legal program + plan -> source in a closed grammar."""

from nngraph.codegen.grammar import verify_source
from nngraph.codegen.source import BEGIN, EMPTY, TURN, Mark, Source, generate

__all__ = ["BEGIN", "EMPTY", "TURN", "Mark", "Source", "generate", "verify_source"]
