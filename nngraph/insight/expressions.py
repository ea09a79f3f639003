"""From the formulas of the vocabulary to trees that are written as text or LaTeX.

The vocabulary owns the formulas (`words`): its steps, and the steps of its derivatives, become
trees here, each primitive in one row. What only keeps numbers from overflowing is left out, as
books leave it out: bounds that depend on the dtype, and the maximum that softmax subtracts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from nngraph.formula import Formula, Named
from nngraph.formula import Number as StepNumber
from nngraph.insight.notation import (
    Absolute,
    Call,
    Expr,
    Fraction,
    Indicator,
    Letter,
    Negative,
    Number,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
)
from nngraph.ir import BATCH, Builder, Input, TensorType, Value
from nngraph.ops.word import op_for
from nngraph.words.row import Activation, LossRow, Setting

Numbers = Sequence[StepNumber]
Row = Callable[[Sequence[Expr], Sequence[float]], Expr]

ONE, ZERO = Number(1), Number(0)
INDEX = "k"
VALUES = ("a", "z", "y", "t")
"""Letters of what has one value for each unit."""


def function_of_a(row: Activation, values: tuple[float, ...], a: Expr, *learned: Expr) -> Expr:
    """f(a)."""
    (found,) = tree_of(row.steps(values), (a, *learned))
    assert found is not None
    return found


def derivative_of_a(
    row: Activation, values: tuple[float, ...], a: Expr, z: Expr, *learned: Expr
) -> Expr:
    """f'(a), written with z = f(a) where the vocabulary writes it so; 0 where it is zero."""
    if row.pull is not None:
        found, *_ = tree_of(row.pull_steps(values), (ONE, z, a, *learned))
        return ZERO if found is None else found
    return _of_primitive(row, values, a, z)


def _of_primitive(row: Activation, values: tuple[float, ...], a: Expr, z: Expr) -> Expr:
    """The derivative of a word that is a primitive: the op has it."""
    builder, type_ = Builder(), TensorType((BATCH,), "float64")
    g, of_z, of_a = (builder.leaf(Input(type_, name)) for name in "gza")
    (found,) = op_for(row, values).vjp(builder, (g,), (of_z,), of_a)
    if found is None:
        return ZERO
    known: dict[Value, Expr] = {g: ONE, of_z: z, of_a: a}
    for instr in builder.body:
        numbers = [n for n in instr.op.attributes().values() if isinstance(n, int | float)]
        operands = [known[arg] for arg in instr.args]
        known[instr.outs[0]] = _step(instr.op.name, operands, numbers)
    return known[found]


def loss_of(
    row: LossRow, settings: tuple[Setting, ...], y: Expr, t: Expr, values: int, *, mean: bool
) -> Expr:
    """The loss of one sample whose output has so many values."""
    (found,) = tree_of(row.traced(row.formula, 2, settings), (y, t), values, mean=mean)
    assert found is not None
    return found


def delta_of_loss(
    row: LossRow,
    settings: tuple[Setting, ...],
    activation: str | None,
    z: Expr,
    a: Expr,
    t: Expr,
    values: int,
    *,
    mean: bool,
) -> tuple[Expr | None, bool]:
    """dL/da where the vocabulary has it for this activation, else dL/dz; whether it is dL/da.

    None where the loss has no derivative of its own.
    """
    form = row.exact(activation) if activation is not None else None
    if form is not None and form.pull is not None:
        pull = row.traced(form.pull, 4, settings)
        return tree_of(pull, (ONE, z, a, t), values, mean=mean)[0], True
    if row.pull is None:
        return None, False
    return tree_of(row.traced(row.pull, 3, settings), (ONE, z, t), values, mean=mean)[0], False


def tree_of(
    formula: Formula, operands: Sequence[Expr], values: int = 2, *, mean: bool = False
) -> tuple[Expr | None, ...]:
    """The results of a formula of these operands; sums are over so many values of a sample."""
    found = list(operands)
    for step in formula.steps:
        inner = [found[k] for k in step.operands]
        if step.primitive in ("clamp_below", "clamp_above") and isinstance(step.numbers[0], Named):
            found.append(inner[0])
            continue
        numbers = [float(n) for n in step.numbers if not isinstance(n, Named)]
        found.append(
            _of_sample(step.primitive, inner, numbers, values, mean)
            or _step(step.primitive, inner, numbers)
        )
    return tuple(None if place is None else found[place] for place in formula.results)


def _of_sample(
    primitive: str, x: Sequence[Expr], numbers: Sequence[float], values: int, mean: bool
) -> Expr | None:
    """What adds up the values of a sample, or spreads over them; None for all else."""
    if primitive not in ("total", "dot", "spread"):
        return None
    factor: Expr = Number(numbers[0])
    if mean and values > 1:
        factor = Fraction(factor, Number(values, 9))
    if primitive == "spread":
        return times(x[0], factor)
    inner = x[0] if primitive == "total" else times(x[0], x[1])
    return times(factor, inner if values == 1 else _over("sum", inner))


def _step(name: str, operands: Sequence[Expr], numbers: Sequence[float]) -> Expr:
    row = PRIMITIVES.get(name)
    if row is None:  # another word, or what has no sign of its own
        return Call(name, tuple(operands))
    return row(operands, numbers)


# ---- the signs of the primitives


def times(*factors: Expr) -> Expr:
    """A product in one piece: numbers in front, what divides below, the minus before all."""
    above: list[Expr] = []
    below: list[Expr] = []
    number = 1.0
    for factor in factors:
        if isinstance(factor, Negative):
            number, factor = -number, factor.inner
        if isinstance(factor, Fraction):
            below.append(factor.below)
            factor = factor.above
        if isinstance(factor, Number):
            number *= factor.value
        elif isinstance(factor, Product) and factor.sign == "*":
            first, *others = factor.factors
            if isinstance(first, Number):
                number *= first.value
                above += others
            else:
                above += factor.factors
        else:
            above.append(factor)
    if number == 0:
        return ZERO
    if abs(number) != 1 or not above:
        above.insert(0, Number(abs(number)))
    whole = _product(above)
    whole = Fraction(whole, _product(below)) if below else whole
    return Negative(whole) if number < 0 else whole


def _product(factors: Sequence[Expr]) -> Expr:
    if len(factors) == 1:
        return factors[0]
    if len(factors) == 2 and factors[0] == factors[1]:
        return Power(factors[0], Number(2))
    return Product(tuple(factors))


def added(*terms: Expr) -> Expr:
    """A sum in one piece."""
    found: list[Expr] = []
    for term in terms:
        found += term.terms if isinstance(term, Sum) else (term,)
    return Sum(tuple(found))


def _together(x: Expr, y: Expr) -> Expr:
    """x + y, where it is a form that never overflows, as books write it."""
    match x, y:
        # max(a, 0) + ln(1 + e^-|a|) = ln(1 + e^a)
        case (
            Call("max", (a, Number(0))),
            Call("ln", (Sum((Number(1), Power(e, Negative(Absolute(inner))))),)),
        ) if inner == a:
            return Call("ln", (Sum((ONE, Power(e, a))),))
        # t (A - B) + B = t A + (1 - t) B
        case Product((t, Sum((first, Negative(second))))), other if second == other:
            return Sum((times(t, first), times(less(ONE, t), other)))
    return added(x, y)


def less(x: Expr, y: Expr) -> Expr:
    """x - y."""
    if isinstance(y, Sum):
        return Sum((x, Negative(y)))
    return added(x, times(Number(-1), y))


def _scaled(x: Expr, number: float) -> Expr:
    parts = 1 / number if number else 0.0
    if abs(number) < 1 and abs(parts - round(parts)) < 1e-9 and abs(parts) > 1:
        part = Fraction(x, Number(abs(round(parts))))
        return Negative(part) if number < 0 else part
    return times(Number(number), x)


def _shifted(x: Expr, number: float) -> Expr:
    if number == 1 and not isinstance(x, Sum):
        return Sum((ONE, x))
    return added(x, Number(number)) if number else x


def _subtracted(x: Expr, y: Expr) -> Expr:
    # s - max s: what softmax and its logarithm take away changes nothing
    if isinstance(y, Over) and y.operator == "max" and y.inner == _indexed(x):
        return x
    return less(x, y)


def _over(operator: str, inner: Expr) -> Expr:
    return Over(operator, INDEX, _indexed(inner))


def _indexed(expr: Expr) -> Expr:
    """Every symbol with the index over which is added."""
    if isinstance(expr, Letter) and expr.name in VALUES:
        return Symbol(expr.name, INDEX)
    if isinstance(expr, Symbol):
        return replace(expr, of=f"{expr.of}[{INDEX}]") if not expr.of.endswith("]") else expr
    match expr:
        case Sum(terms):
            return Sum(tuple(map(_indexed, terms)))
        case Product(factors, sign):
            return Product(tuple(map(_indexed, factors)), sign)
        case Fraction(above, below):
            return Fraction(_indexed(above), _indexed(below))
        case Power(base, exponent):
            return Power(_indexed(base), _indexed(exponent))
        case Call(name, arguments):
            return Call(name, tuple(map(_indexed, arguments)))
        case Negative() | Absolute() | Indicator():
            return replace(expr, inner=_indexed(expr.inner))
    return expr


def _bounded(x: Expr, floor: float) -> Expr:
    # the smallest normal number: it guards a division
    return x if 0 < floor < 1e-30 else Call("max", (x, Number(floor)))


def _stepped(x: Expr, at_zero: float) -> Expr:
    above = Indicator(x, above=0.0)
    if at_zero == 0:
        return above
    return Sum((above, times(Number(at_zero), Indicator(x, equal=0.0))))


PRIMITIVES: Mapping[str, Row] = {
    "negative": lambda x, n: times(Number(-1), x[0]),
    "scale_by": lambda x, n: _scaled(x[0], n[0]),
    "shift_by": lambda x, n: _shifted(x[0], n[0]),
    "subtract_from": lambda x, n: less(Number(n[0]), x[0]),
    "add": lambda x, n: _together(x[0], x[1]),
    "subtract": lambda x, n: _subtracted(x[0], x[1]),
    "multiply": lambda x, n: times(x[0], x[1]),
    "divide": lambda x, n: times(x[0], Fraction(ONE, x[1])),
    "reciprocal": lambda x, n: Fraction(ONE, x[0]),
    "maximum": lambda x, n: Call("max", (x[0], x[1])),
    "minimum": lambda x, n: Call("min", (x[0], x[1])),
    "clamp_below": lambda x, n: _bounded(x[0], n[0]),
    "clamp_above": lambda x, n: Call("min", (x[0], Number(n[0]))),
    "greater": lambda x, n: Indicator(x[0], above=n[0]),
    "less": lambda x, n: Indicator(x[0], below=n[0]),
    "between": lambda x, n: Indicator(x[0], above=n[0], below=n[1]),
    "number": lambda x, n: x[0],
    "cast": lambda x, n: x[0],
    "step": lambda x, n: _stepped(x[0], n[0] if n else 0.0),
    "exp": lambda x, n: Power(Letter("e"), x[0]),
    "expm1": lambda x, n: Sum((Power(Letter("e"), x[0]), Number(-1))),
    "log": lambda x, n: Call("ln", (x[0],)),
    "log1p": lambda x, n: Call("ln", (added(ONE, x[0]),)),
    "square": lambda x, n: Power(x[0], Number(2)),
    "power": lambda x, n: Power(x[0], Number(n[0])),
    "abs": lambda x, n: Absolute(x[0]),
    "max_last": lambda x, n: _over("max", x[0]),
    "sum_last": lambda x, n: _over("sum", x[0]),
}
"""How a step of a formula is written; other names are functions (tanh, sin, sqrt, softmax)."""
