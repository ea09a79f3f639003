"""What is called instead of NumPy: for each target a table from op to call, and who wants it."""

from nngraph.targets.choice import calls_of, kernels_wanted
from nngraph.targets.compiled import COMPILED, PREDICTING
from nngraph.targets.target import NUMPY, Row, Target

__all__ = ["COMPILED", "NUMPY", "PREDICTING", "Row", "Target", "calls_of", "kernels_wanted"]
