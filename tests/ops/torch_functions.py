"""PyTorch's functions written in our ops, one function for each family."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch_images import IMAGE_FUNCTIONS
from torch_samples import Bench, Unsupported

from nngraph import ops
from nngraph.ir import Op, Value

Array = NDArray[Any]
Write = Callable[[Bench], Value]


def unary(op: Op) -> Write:
    def write(bench: Bench) -> Value:
        _only(bench, ())
        return bench(op, bench.tensor(0))

    return write


def _only(bench: Bench, known: tuple[str, ...]) -> None:
    """Refuse keywords that nothing here reads."""
    unknown = sorted(set(bench.sample.kwargs) - set(known))
    if unknown:
        raise Unsupported(f"keyword {unknown[0]}")


def binary(op: Op) -> Write:
    def write(bench: Bench) -> Value:
        _only(bench, ("alpha",))
        x, y = bench.tensor(0), bench.tensor(1)
        alpha = bench.sample.kwargs.get("alpha", 1)
        return bench(op, x, y if alpha == 1 else bench(ops.ScaleBy(float(alpha)), y))

    return write


def divide(bench: Bench) -> Value:
    if "rounding_mode" in bench.sample.kwargs:
        raise Unsupported("rounding")
    return binary(ops.Divide())(bench)


def power(bench: Bench) -> Value:
    """x^y = e^(y ln x); a single exponent by our own op."""
    x, y = bench.floats()
    if np.any(x <= 0.0):
        raise Unsupported("tensor exponents of negative numbers")
    if y.ndim == 0:
        return bench(ops.Power(float(y)), bench.tensor(0))
    log = bench(ops.Log(), bench.tensor(0))
    return bench(ops.Exp(), bench(ops.Multiply(), bench.tensor(1), log))


def clamp(bench: Bench) -> Value:
    bounds = [*bench.sample.args, None][:2]
    if any(b is not None and b.dtype.kind != "f" for b in bounds):
        raise Unsupported("mixed dtypes")
    result, index = bench.tensor(0), 1
    for op, bound in zip((ops.Maximum(), ops.Minimum()), bounds, strict=True):
        if bound is not None:
            result = bench(op, result, bench.tensor(index))
            index += 1
    return result


def hardtanh(bench: Bench) -> Value:
    _only(bench, ("min_val", "max_val"))
    if not bench.sample.kwargs:
        return bench(ops.word("hard_tanh"), bench.tensor(0))
    low, high = bench.sample.kwargs["min_val"], bench.sample.kwargs["max_val"]
    return bench(ops.ClampAbove(high), bench(ops.ClampBelow(low), bench.tensor(0)))


def gelu(bench: Bench) -> Value:
    if bench.sample.kwargs.get("approximate") == "tanh":
        raise Unsupported("the approximation of gelu by tanh")
    return unary(ops.word("gelu"))(bench)


def softplus(bench: Bench) -> Value:
    if bench.floats()[0].size and bench.sample.kwargs:
        raise Unsupported("softplus with a threshold")
    return bench(ops.word("softplus"), bench.tensor(0))


def log_sigmoid(bench: Bench) -> Value:
    x = bench(ops.Negative(), bench.tensor(0))
    return bench(ops.Negative(), bench(ops.word("softplus"), x))


def prelu(bench: Bench) -> Value:
    x, alpha = bench.floats()
    if x.ndim < 2:
        x_value = bench.tensor(0, lambda a: a.reshape(-1, 1), lambda g: g.reshape(x.shape))
        bench.result_to = lambda g: g.reshape(-1, 1)
        bench.result_back = lambda y: y.reshape(x.shape)
    else:
        x_value = bench.axis_last(0, 1)
    return bench(ops.word("prelu"), x_value, bench.flat(1) if alpha.ndim == 0 else bench.tensor(1))


def last_axis(op: Op) -> Write:
    def write(bench: Bench) -> Value:
        _only(bench, ("dtype",))
        axis = bench.sample.args[0]
        x = bench.floats()[0]
        if x.ndim and x.shape[axis] == 0:
            raise Unsupported("a maximum of no elements")
        return bench(op, bench.axis_last(0, axis))

    return write


def total(mean: bool) -> Write:
    def write(bench: Bench) -> Value:
        _only(bench, ("dim", "keepdim"))
        x, kwargs = bench.floats()[0], bench.sample.kwargs
        dims = kwargs.get("dim")
        axes = range(x.ndim) if dims is None else dims if isinstance(dims, list) else [dims]
        reduced = {axis % x.ndim for axis in axes} if x.ndim else set()
        value = bench.tensor(0)
        if len(reduced) == x.ndim:
            value = bench(ops.SumAll(), value)
        elif len(reduced) == 1:
            value = bench(ops.SumAxis(*reduced), value)
        else:
            kept = tuple(1 if axis in reduced else d for axis, d in enumerate(x.shape))
            value = bench(ops.SumTo(kept), value)
        value = bench.reshape(value, *bench.sample.outputs[0].shape)
        count = math.prod(x.shape[axis] for axis in reduced)
        return bench(ops.ScaleBy(1.0 / count), value) if mean else value

    return write


def matmul(bench: Bench) -> Value:
    x, y = bench.floats()
    if y.ndim > 2 or x.ndim < 2:
        raise Unsupported("batched products")
    left = bench.tensor(0, lambda a: a.reshape(-1, a.shape[-1]) if a.size else _rows(a), _like(x))
    right = bench.tensor(1, lambda a: a.reshape(len(a), -1) if a.size else _columns(a), _like(y))
    bench.result_back = lambda out: out.reshape(bench.sample.outputs[0].shape)
    bench.result_to = lambda g: g.reshape(-1, right.type.shape[1])
    return bench(ops.MatMul(), left, right)


def _rows(a: Array) -> Array:
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])


def _columns(a: Array) -> Array:
    return a.reshape(a.shape[0], a.shape[1] if a.ndim == 2 else 1)


def _like(x: Array) -> Callable[[Array], Array]:
    return lambda g: g.reshape(x.shape)


def linear(bench: Bench) -> Value:
    """z W + b in our storage order, the bias as one more row of W."""
    x, W, *bias = bench.floats()
    z = bench.tensor(0, _rows, _like(x))
    outputs = len(W) if W.ndim == 2 else 1
    stored = bench.tensor(
        1, lambda a: a.reshape(outputs, x.shape[-1]).T, lambda g: g.T.reshape(W.shape)
    )
    bench.result_back = lambda out: out.reshape(bench.sample.outputs[0].shape)
    bench.result_to = lambda g: g.reshape(math.prod(x.shape[:-1]), outputs)
    if not bias:
        return bench(ops.MatMul(), z, stored)
    stacked = bench(ops.StackBias(), stored, bench.tensor(2))
    return bench(ops.MatMul(), bench(ops.AppendOne(), z), stacked)


def reshape(bench: Bench) -> Value:
    return bench.reshape(bench.tensor(0), *bench.sample.outputs[0].shape)


def transpose(bench: Bench) -> Value:
    rank = bench.floats()[0].ndim
    axes = list(range(rank))
    if rank:
        one, other = bench.sample.args
        axes[one], axes[other] = axes[other], axes[one]
    return bench(ops.PermuteAxes(tuple(axes)), bench.tensor(0))


def permute(bench: Bench) -> Value:
    rank = bench.floats()[0].ndim
    axes = tuple(axis % rank for axis in bench.sample.args[0])
    return bench(ops.PermuteAxes(axes), bench.tensor(0))


def concat(bench: Bench) -> Value:
    axis = bench.sample.kwargs.get("dim", (*bench.sample.args, 0)[0])
    return bench(ops.Concat(axis), *(bench.tensor(i) for i in range(len(bench.floats()))))


def pad(bench: Bench) -> Value:
    if bench.sample.variant != "constant":
        raise Unsupported("padding by anything but a number")
    widths, fill = bench.sample.args[0], float((*bench.sample.args, "", 0.0)[2] or 0.0)
    if min(widths) < 0:
        raise Unsupported("cropping")
    value = bench.tensor(0)
    for number, (before, after) in enumerate(zip(widths[::2], widths[1::2], strict=True)):
        axis = len(value.type.shape) - 1 - number
        size = value.type.shape[axis]
        assert isinstance(size, int)
        value = bench(ops.PlaceUnits(axis, before, before + size + after, fill), value)
    return value


def _reduced(bench: Bench, values: Value, weight: float | None = None) -> Value:
    """The reduction over values of the whole batch that the sample asks for."""
    reduction = bench.sample.kwargs.get("reduction", "mean")
    if reduction == "none":
        shape = bench.sample.outputs[0].shape
        bench.result_back, bench.result_to = _like(np.empty(shape)), lambda g: g.reshape(-1)
        return values
    count = float(values.type.count({})) if weight is None else weight
    summed = bench(ops.SumRows(), values)
    return summed if reduction == "sum" else bench(ops.ScaleBy(1.0 / count), summed)


def compared(op: Op) -> Write:
    """Losses of single values: every value is a sample of its own."""

    def write(bench: Bench) -> Value:
        _only(bench, ("reduction",))
        return _reduced(bench, bench(op, bench.flat(0), bench.flat(1)))

    return write


def with_logits(bench: Bench) -> Value:
    _only(bench, ("reduction",))
    operands = bench.flat(0), bench.flat(1)
    loss, _ = bench.builder.apply(
        ops.exact_loss(ops.loss_word("binary_cross_entropy"), "sigmoid"), *operands
    )
    return _reduced(bench, loss)


def classified(fused: bool) -> Write:
    """Losses over classes, which PyTorch keeps on axis 1; pixels are samples of their own."""

    def write(bench: Bench) -> Value:
        _only(bench, ("reduction", "ignore_index", "weight"))
        x, target = bench.floats()[0], bench.sample.args[0]
        axis, classes = (0, len(x)) if x.ndim == 1 else (1, x.shape[1])
        rows = lambda a: np.moveaxis(a, axis, -1).reshape(-1, classes)  # noqa: E731
        moved = np.moveaxis(x, axis, -1).shape
        back = lambda g: np.moveaxis(g.reshape(moved), -1, axis)  # noqa: E731
        a, weight = bench.tensor(0, rows, back), None
        if target.dtype.kind == "f":
            t = bench.tensor(1, rows, back)
        else:
            one_hot = np.eye(classes)[target.reshape(-1)]
            ignored = bench.sample.kwargs.get("ignore_index", -100)
            one_hot[target.reshape(-1) == ignored] = 0.0
            t, weight = bench.constant(one_hot), float(one_hot.sum())
        if "weight" in bench.sample.kwargs:
            t = bench(ops.Multiply(), t, bench.tensor(2))
        if fused:
            entropy = ops.loss_word("cross_entropy", normalised=False)
            loss, _ = bench.builder.apply(ops.exact_loss(entropy, "softmax"), a, t)
        else:
            loss = bench(ops.loss_word("negative_log_likelihood"), a, t)
        return _reduced(bench, loss, weight)

    return write


def huber(smooth: bool) -> Write:
    """huber_loss, or smooth_l1_loss, which is huber_loss divided by delta."""

    def write(bench: Bench) -> Value:
        _only(bench, ("reduction", "delta", "beta"))
        options, args = bench.sample.kwargs, bench.sample.args
        delta = float(options.get("beta" if smooth else "delta", 1.0))
        if delta == 0.0:
            raise Unsupported("a smooth loss without a round part")
        assert len(args) == 1
        value = bench(ops.loss_word("huber", delta=delta), bench.flat(0), bench.flat(1))
        return _reduced(bench, bench(ops.ScaleBy(1.0 / delta), value) if smooth else value)

    return write


def divergence(bench: Bench) -> Value:
    """kl_div: a cross-entropy minus the entropy of the target, of log-probabilities."""
    _only(bench, ("reduction", "log_target"))
    log, target = bench.flat(0), bench.flat(1)
    if bench.sample.kwargs.get("log_target"):
        target = bench(ops.Exp(), target)
    own = bench(ops.Log(), bench(ops.ClampBelow(1e-300), target))
    entropy = bench(ops.loss_word("negative_log_likelihood"), own, target)
    crossed = bench(ops.loss_word("negative_log_likelihood"), log, target)
    value = bench(ops.Subtract(), crossed, entropy)
    if bench.sample.kwargs.get("reduction") == "batchmean":
        rows = len(bench.floats()[0])
        return bench(ops.ScaleBy(1.0 / rows), bench(ops.SumRows(), value))
    return _reduced(bench, value)


FUNCTIONS: Mapping[str, Write] = {
    **IMAGE_FUNCTIONS,
    "abs": unary(ops.Abs()),
    "exp": unary(ops.Exp()),
    "log": unary(ops.Log()),
    "sqrt": unary(ops.Sqrt()),
    "sigmoid": unary(ops.word("sigmoid")),
    "nn.functional.relu": unary(ops.word("relu")),
    "nn.functional.relu6": unary(ops.word("relu6")),
    "nn.functional.leaky_relu": unary(ops.word("leaky_relu", 0.01)),
    "nn.functional.hardswish": unary(ops.word("hard_swish")),
    "nn.functional.hardsigmoid": unary(ops.word("hard_sigmoid")),
    "nn.functional.elu": unary(ops.word("elu")),
    "nn.functional.celu": unary(ops.word("celu")),
    "nn.functional.selu": unary(ops.word("selu")),
    "nn.functional.silu": unary(ops.word("silu")),
    "nn.functional.mish": unary(ops.word("mish")),
    "nn.functional.softsign": unary(ops.word("softsign")),
    "nn.functional.hardtanh": hardtanh,
    "nn.functional.gelu": gelu,
    "nn.functional.softplus": softplus,
    "nn.functional.logsigmoid": log_sigmoid,
    "nn.functional.prelu": prelu,
    "add": binary(ops.Add()),
    "sub": binary(ops.Subtract()),
    "mul": binary(ops.Multiply()),
    "div": divide,
    "true_divide": divide,
    "maximum": binary(ops.Maximum()),
    "minimum": binary(ops.Minimum()),
    "clamp": clamp,
    "pow": power,
    "softmax": last_axis(ops.word("softmax")),
    "log_softmax": last_axis(ops.word("log_softmax")),
    "sum": total(mean=False),
    "mean": total(mean=True),
    "matmul": matmul,
    "nn.functional.linear": linear,
    "reshape": reshape,
    "flatten": reshape,
    "transpose": transpose,
    "permute": permute,
    "cat": concat,
    "nn.functional.pad": pad,
    "nn.functional.mse_loss": compared(ops.loss_word("squared_error")),
    "nn.functional.huber_loss": huber(smooth=False),
    "nn.functional.smooth_l1_loss": huber(smooth=True),
    "nn.functional.kl_div": divergence,
    "nn.functional.l1_loss": compared(ops.loss_word("absolute_error")),
    "nn.functional.binary_cross_entropy": compared(ops.loss_word("binary_cross_entropy")),
    "nn.functional.binary_cross_entropy_with_logits": with_logits,
    "nn.functional.cross_entropy": classified(fused=True),
    "nn.functional.nll_loss": classified(fused=False),
}
