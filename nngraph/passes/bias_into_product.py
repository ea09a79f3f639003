"""The bias as one more row of W: the product adds it, and the gradient's product yields db."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nngraph.ir import Builder, Constant, Input, Instr, Leaf, Param, Program, Value
from nngraph.ops import Add, AppendOne, MatMul, Reshape, SliceAxis, StackBias, SumRows, Transpose
from nngraph.passes.rewriting import definitions, rewrite, use_counts


def bias_into_product(program: Program) -> Program:
    """x W + b -> [x, 1] [W; b], and its two gradients become one product.

    A weight that is used by two products, a bias that is added twice, and a gradient that has
    other parts (a shared weight) stay as they are. So does a layer whose x is a view that would
    have to be copied beside its ones, where that costs more than adding the bias.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(bias_into_product(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   param %1 'W': float32[2, 3]
    ...   param %2 'b': float32[3]
    ...   %3: float32[N, 3] = matmul %0 %1
    ...   %4: float32[N, 3] = add %3 %2
    ...   output 'y' %4''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      param %1 'W': float32[2, 3]
      param %2 'b': float32[3]
      %3: float32[N, 3] = append_one %0
      %4: float32[3, 3] = stack_bias %1 %2
      %5: float32[N, 3] = matmul %3 %4
      output 'y' %5
    """
    layers = list(_find_layers(program))
    by_product = {layer.product: layer for layer in layers}
    by_sum = {layer.a: layer for layer in layers}
    by_gradient = {
        v: layer for layer in layers for v in (layer.grad_W, layer.grad_b) if v is not None
    }
    with_one: dict[Value, Value] = {}
    beside_one: dict[_Layer, Value] = {}
    stacked_gradient: dict[_Layer, Value] = {}

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        out = instr.outs[0]
        if (layer := by_product.get(out)) is not None:
            x = instr.args[0]
            if x not in with_one:
                with_one[x] = builder(AppendOne(), x)
            beside_one[layer] = with_one[x]
            return (builder(MatMul(), with_one[x], builder(StackBias(), layer.W, layer.b)),)
        if (layer := by_sum.get(out)) is not None:
            return (instr.args[1 if instr.args[0] is layer.b else 0],)
        if (layer := by_gradient.get(out)) is not None:
            if layer not in stacked_gradient:
                d = instr.args[-1]
                transposed = builder(Transpose(), beside_one[layer])
                stacked_gradient[layer] = builder(MatMul(), transposed, d)
            return (_row(builder, stacked_gradient[layer], layer, out),)
        return None

    return rewrite(program, rule)


def _row(builder: Builder, G: Value, layer: _Layer, out: Value) -> Value:
    """dW or db out of the gradient of the stack."""
    rows, columns = layer.W.type.sample_shape
    if out is layer.grad_W:
        return builder(SliceAxis(0, 0, rows), G)
    return builder(Reshape((columns,)), builder(SliceAxis(0, rows, rows + 1), G))


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """a = x W + b, and where there are gradients, dW = x^T d and db = the sum of d's rows."""

    W: Leaf
    b: Leaf
    product: Value
    a: Value
    grad_W: Value | None = None
    grad_b: Value | None = None


def _find_layers(program: Program) -> Iterator[_Layer]:
    made, uses = definitions(program), use_counts(program)
    products = Counter(i.args[1] for i in program.body if isinstance(i.op, MatMul))
    outputs = dict(program.outputs)
    pieces = {
        arg
        for i in program.body
        if i.op.container(*(a.type for a in i.args)) is not None
        for arg in i.args
    }
    for instr in program.body:
        if not isinstance(instr.op, Add):
            continue
        for product, b in (instr.args, instr.args[::-1]):
            inner = made.get(product)
            if inner is None or not isinstance(inner.op, MatMul) or uses[product] != 1:
                continue
            x, W = inner.args
            if not _stackable(W, b) or products[W] != 1 or uses[b] != 1:
                continue
            if _must_be_copied(x, made, pieces) and _width(x) > _width(product):
                continue
            assert isinstance(W, Leaf)
            assert isinstance(b, Leaf)
            dW, db = outputs.get(f"gradient:{W.id}"), outputs.get(f"gradient:{b.id}")
            if dW is None and db is None:
                yield _Layer(W, b, product, instr.outs[0])
            elif dW is not None and db is not None and _same_delta(made, x, dW, db):
                yield _Layer(W, b, product, instr.outs[0], dW, db)


def _stackable(W: Value, b: Value) -> bool:
    both = all(isinstance(v, Param) for v in (W, b)) or all(isinstance(v, Constant) for v in (W, b))
    return both and b.type.shape == W.type.shape[1:]


def _must_be_copied(x: Value, made: Mapping[Value, Instr], pieces: set[Value]) -> bool:
    """Whether x cannot be written in place beside its ones: a view, a weight, part of another."""
    instr = made.get(x)
    if instr is None:
        return not isinstance(x, Input) or x in pieces
    return x in pieces or instr.op.view(*(a.type for a in instr.args)) is not None


def _width(x: Value) -> int:
    width = x.type.shape[1]
    assert isinstance(width, int)
    return width


def _same_delta(made: Mapping[Value, Instr], x: Value, dW: Value, db: Value) -> bool:
    """dW = x^T d and db = the sum of the rows of the same d."""
    product, total = made.get(dW), made.get(db)
    if product is None or total is None:
        return False
    if not isinstance(product.op, MatMul) or not isinstance(total.op, SumRows):
        return False
    left, d = product.args
    turned = made.get(left)
    is_x = turned is not None and isinstance(turned.op, Transpose) and turned.args[0] is x
    return is_x and total.args[0] is d
