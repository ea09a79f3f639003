"""Graph -> forward program; the reverse sweep; optimisers as programs; first weights."""

from nngraph.lower.forward import lower
from nngraph.lower.lowered import Lowered, Target, Weight
from nngraph.lower.reverse import differentiate

__all__ = ["Lowered", "Target", "Weight", "differentiate", "lower"]
