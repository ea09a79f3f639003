"""Program -> Program: each pass is a pure function whose name says what changes."""

from nngraph.passes.bias_into_product import bias_into_product
from nngraph.passes.choose_kernels import choose_kernels, choose_whole_kernels
from nngraph.passes.copy_patches_in_one import copy_patches_in_one
from nngraph.passes.copy_windows_again import copy_windows_again
from nngraph.passes.eliminate_dead_code import eliminate_dead_code, keep_outputs
from nngraph.passes.fold_constants import feed_as_read, fold_constants
from nngraph.passes.fold_what_was_chosen import fold_what_was_chosen
from nngraph.passes.fuse_losses_with_activations import fuse_losses_with_activations
from nngraph.passes.fuse_updates import fuse_updates
from nngraph.passes.gate_in_one import gate_in_one
from nngraph.passes.gather_cotangents import gather_cotangents
from nngraph.passes.legalise import expand_into_calls, legalise
from nngraph.passes.pool_within_convolution import pool_within_convolution
from nngraph.passes.remember_maxima import remember_maxima
from nngraph.passes.share_common_subexpressions import share_common_subexpressions
from nngraph.passes.simplify import simplify
from nngraph.passes.spell_out_neurons import spell_out_neurons
from nngraph.passes.spell_out_norms import spell_out_batch_norms, spell_out_norms
from nngraph.passes.spread_in_one_product import spread_in_one_product

__all__ = [
    "bias_into_product",
    "choose_kernels",
    "choose_whole_kernels",
    "copy_patches_in_one",
    "copy_windows_again",
    "eliminate_dead_code",
    "expand_into_calls",
    "feed_as_read",
    "fold_constants",
    "fold_what_was_chosen",
    "fuse_losses_with_activations",
    "fuse_updates",
    "gate_in_one",
    "gather_cotangents",
    "keep_outputs",
    "legalise",
    "pool_within_convolution",
    "remember_maxima",
    "share_common_subexpressions",
    "simplify",
    "spell_out_batch_norms",
    "spell_out_neurons",
    "spell_out_norms",
    "spread_in_one_product",
]
