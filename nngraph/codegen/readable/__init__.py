"""A program as a standalone module that a person can read."""

from nngraph.codegen.readable.module import Standalone, standalone_module
from nngraph.codegen.readable.names import ModuleWeight

__all__ = ["ModuleWeight", "Standalone", "standalone_module"]
