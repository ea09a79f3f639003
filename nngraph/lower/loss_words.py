"""From a loss's row to its value: one op, or where the row has no derivative, its formula."""

from __future__ import annotations

from nngraph.ir import Builder, Value
from nngraph.ops import LossWord, Reshape, is_word
from nngraph.ops.loss_word import spelled_out
from nngraph.words.loss_row import LossRow, LossSpec


def loss_of_samples(builder: Builder, row: LossRow, term: LossSpec, y: Value, t: Value) -> Value:
    """The loss of each sample, T[N], of an output and a target, T[N, *d] each."""
    mean = (getattr(term, "values", None) or row.values) == "mean"
    settings = row.settings_of(term)
    if row.pull is not None:
        return builder(LossWord(row, mean, settings), y, t)
    for form in row.exact_with:
        a = logits(builder, y, form.activation)
        if a is not None:
            (loss,) = spelled_out(builder, row, form.formula, mean, settings, a, t)
            return loss
    (loss,) = spelled_out(builder, row, row.formula, mean, settings, y, t)
    return loss


def logits(builder: Builder, value: Value, activation: str) -> Value | None:
    """What an activation was applied to, where `value` is its result."""
    for instr in reversed(builder.body):
        if value in instr.outs:
            if is_word(instr.op, activation):
                return instr.args[0]
            if isinstance(instr.op, Reshape):
                inner = logits(builder, instr.args[0], activation)
                return None if inner is None else builder(instr.op, inner)
            return None
    return None
