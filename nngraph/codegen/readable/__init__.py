"""A program as a standalone module that a person can read."""

from nngraph.codegen.readable.module import Standalone, standalone_module

__all__ = ["Standalone", "standalone_module"]
