"""The bias as one more row of W: the product adds it, and the gradient's product yields db."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from nngraph.ir import (
    Arenas,
    Builder,
    Constant,
    Gradient,
    Input,
    Instr,
    Leaf,
    Param,
    Program,
    Role,
    Value,
)
from nngraph.ops import Add, AppendOne, MatMul, Reshape, SliceAxis, StackBias, SumRows, Transpose
from nngraph.passes.rewriting import definitions, rewrite, use_counts
from nngraph.records import dataclass


def bias_into_product(program: Program, arenas: Arenas | None = None) -> Program:
    """x W + b -> [x, 1] [W; b], and its two gradients become one product.

    A weight that is used by two products, a bias that is added twice, and a gradient that has
    other parts (a shared weight) stay as they are. So does a bias that does not lie right behind
    its matrix in `arenas` (None: every one may join), and a layer whose x is a view that would have
    to be copied beside its ones, where that costs more than adding the bias.

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
    layers = _find_layers(_Facts(program, arenas))
    by_product = {layer.product: layer for layer in layers}
    by_sum = {layer.a: layer for layer in layers}
    by_gradient = {
        v: layer for layer in layers for v in (layer.gradient_w, layer.gradient_b) if v is not None
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
    if out is layer.gradient_w:
        return builder(SliceAxis(0, 0, rows), G)
    return builder(Reshape((columns,)), builder(SliceAxis(0, rows, rows + 1), G))


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """a = x W + b, and where there are gradients, dW = x^T d and db = the sum of d's rows."""

    W: Leaf
    b: Leaf
    product: Value
    a: Value
    gradient_w: Value | None = None
    gradient_b: Value | None = None


def _find_layers(facts: _Facts) -> list[_Layer]:
    layers: dict[Value, _Layer] = {}
    for instr in facts.body:
        if not isinstance(instr.op, Add):
            continue
        for total, b in (instr.args, instr.args[::-1]):
            if not isinstance(b, Param | Constant) or facts.uses[b] != 1:
                continue
            free = (p for p in _products(facts, total) if p not in layers)
            found = (facts.layer(instr.outs[0], product, b) for product in free)
            layer = next((layer for layer in found if layer is not None), None)
            if layer is not None:
                layers[layer.product] = layer
    return list(layers.values())


class _Facts:
    """What decides whether a bias can join a product."""

    def __init__(self, program: Program, arenas: Arenas | None) -> None:
        self.body = program.body
        self.arenas = arenas
        self.made = definitions(program)
        self.uses = use_counts(program)
        self.products = Counter(i.args[1] for i in program.body if isinstance(i.op, MatMul))
        self.outputs: dict[Role, Value] = dict(program.outputs)
        self.pieces = program.pieces()

    def layer(self, a: Value, product: Value, b: Param | Constant) -> _Layer | None:
        """The layer, where its product and its gradients allow it."""
        x, W = self.made[product].args
        if not isinstance(W, type(b)) or b.type.shape != W.type.shape[1:]:
            return None
        if self.arenas is not None and self.arenas.stack(W.id, b.id) is None:
            return None
        if self.products[W] != 1 or (self._must_be_copied(x) and _width(x) > _width(product)):
            return None
        dW, db = self.outputs.get(Gradient(W)), self.outputs.get(Gradient(b))
        if dW is None and db is None:
            return _Layer(W, b, product, a)
        if dW is None or db is None or not self._same_delta(x, dW, db):
            return None
        return _Layer(W, b, product, a, dW, db)

    def _must_be_copied(self, x: Value) -> bool:
        """Whether x cannot be written in place beside its ones: a view, a weight, a piece."""
        instr = self.made.get(x)
        if instr is None:
            return not isinstance(x, Input) or x in self.pieces
        if isinstance(instr.op, Reshape) and isinstance(instr.args[0], Input):
            return self.uses[instr.args[0]] != 1  # else the plan lays its rows out at once
        return x in self.pieces or instr.view is not None

    def _same_delta(self, x: Value, dW: Value, db: Value) -> bool:
        """dW = x^T d and db = the sum of the rows of the same d."""
        product, total = self.made.get(dW), self.made.get(db)
        if product is None or total is None:
            return False
        if not isinstance(product.op, MatMul) or not isinstance(total.op, SumRows):
            return False
        left, d = product.args
        turned = self.made.get(left)
        is_x = turned is not None and isinstance(turned.op, Transpose) and turned.args[0] is x
        return is_x and total.args[0] is d


def _products(facts: _Facts, total: Value) -> Iterator[Value]:
    """The products of which a value is the sum, where nothing else reads them or the sum."""
    pending = [total]
    while pending:
        value = pending.pop()
        instr = facts.made.get(value)
        if instr is None or facts.uses[value] != 1:
            continue
        if isinstance(instr.op, MatMul):
            yield value
        elif isinstance(instr.op, Add):
            pending += reversed(instr.args)


def _width(x: Value) -> int:
    width = x.type.shape[1]
    assert isinstance(width, int)
    return width
