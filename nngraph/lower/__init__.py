"""Graph -> forward program; the reverse sweep; optimisers as programs; first weights."""

from nngraph.lower.deltas import differentiate_nodes, expose_pre_activations
from nngraph.lower.forward import lower
from nngraph.lower.initialise import (
    first_weights,
    initial_weights,
    pack_weights,
    unpack_weights,
)
from nngraph.lower.lowered import LossTarget, Lowered, Weight, lay_out
from nngraph.lower.optimizers import optimizer_program
from nngraph.lower.reverse import differentiate
from nngraph.lower.update import Regularisation

__all__ = [
    "Lowered",
    "Regularisation",
    "LossTarget",
    "Weight",
    "differentiate",
    "differentiate_nodes",
    "expose_pre_activations",
    "first_weights",
    "initial_weights",
    "lay_out",
    "lower",
    "optimizer_program",
    "pack_weights",
    "unpack_weights",
]
