"""Windows of padded images are copied as rows in one pass, without the padded image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Copy, Pad, PatchRows, Windows
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, rewrite

SHORT_RUN = 16
"""Elements that lie in a row in image and window, below which NumPy copies them as fast."""


def copy_patches_in_one(program: Program) -> Program:
    """copy (windows (pad x)) -> patch_rows x, where windows are rows of some length.

    Only for compiled kernels, which write the zeros of the border while they copy; others make
    the border in memory first.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(copy_patches_in_one(parse_text('''program
    ...   input %0 'x': float32[N, 9, 8]
    ...   %1: float32[N, 11, 8] = pad{border=((1, 1),), fill=0.0} %0
    ...   %2: float32[N, 9, 3, 8] = windows{size=(3,), stride=(1,), dilation=(1,), block=(1,), \
groups=1, order='Nokc'} %1
    ...   %3: float32[N, 9, 3, 8] = copy %2
    ...   output 'y' %3''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 9, 8]
      %1: float32[N, 9, 3, 8] = patch_rows{size=(3,), stride=(1,), padding=((1, 1),), \
dilation=(1,), block=()} %0
      output 'y' %1
    """
    made = definitions(program)

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        windows = made.get(instr.args[0]) if isinstance(instr.op, Copy) else None
        if windows is None or not _are_rows(windows):
            return None
        assert isinstance(windows.op, Windows)
        form, x = windows.op, windows.args[0]
        padding = ((0, 0),) * len(form.size)
        if (pad := _zeros_around(x, made)) is not None:
            assert isinstance(pad.op, Pad)
            padding, x = pad.op.border, pad.args[0]
        block = form.block if "p" in form.order else ()
        return (builder(PatchRows(form.size, form.stride, padding, form.dilation, block), x),)

    return eliminate_dead_code(rewrite(program, rule))


def _are_rows(instr: Instr) -> bool:
    """Whether an instruction makes windows whose pixels are the last axes, in rows of a length."""
    op = instr.op
    if not isinstance(op, Windows) or op.order not in ("Nokc", "pNokc") or op.groups > 1:
        return False
    channels = instr.outs[0].type.shape[-1]
    run = channels if op.dilation[-1] > 1 else op.size[-1] * int(channels)
    single = op.order == "Nokc" and any(b > 1 for b in op.block)
    return int(run) >= SHORT_RUN and not single


def _zeros_around(x: Value, made: Mapping[Value, Instr]) -> Instr | None:
    """The padding that makes an image, if it is one of zeros."""
    pad = made.get(x)
    return pad if pad is not None and isinstance(pad.op, Pad) and pad.op.fill == 0 else None
