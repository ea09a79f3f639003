"""Formulas as trees, written as text or as LaTeX: one tree, two ways to write it.

>>> a = Symbol("a", "h[1]")
>>> f = Fraction(Number(1), Sum((Number(1), Power(Letter("e"), Negative(a)))))
>>> print(text(f))
1 / (1 + e^(-a_h[1]))
>>> print(latex(f))
\\frac{1}{1 + e^{-a_{\\mathrm{h[1]}}}}
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TypeAlias

from nngraph.records import dataclass

DIGITS = 4  # of numbers put into formulas


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float
    digits: int = DIGITS


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter without an index: e, t."""

    name: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter of a node or an edge: z of h, W of x->h; `turned` is the transposed matrix."""

    letter: str
    of: str
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added up; one that is `Negative`, or a negative number, is subtracted."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors; `sign` is "*" between numbers, "." element by element, "" between matrices, "conv"
    for a convolution."""

    factors: tuple[Expr, ...]
    sign: str = "*"


@dataclass(frozen=True, slots=True)
class Fraction:
    """One above the other."""

    above: Expr
    below: Expr


@dataclass(frozen=True, slots=True)
class Power:
    """A base and its exponent."""

    base: Expr
    exponent: Expr


@dataclass(frozen=True, slots=True)
class Negative:
    """The negative."""

    inner: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A function of some arguments, by its name."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Absolute:
    """The absolute value."""

    inner: Expr


@dataclass(frozen=True, slots=True)
class Over:
    """A sum (or another operator, as max) over what the index names: sum_k x."""

    operator: str
    index: str
    inner: Expr


@dataclass(frozen=True, slots=True)
class Indicator:
    """1 where it lies above, below, or is exactly so much, else 0."""

    inner: Expr
    above: float | None = None
    below: float | None = None
    equal: float | None = None


@dataclass(frozen=True, slots=True)
class Slope:
    """dL by a letter of a node or an edge: dL/dW of x->h."""

    letter: str
    of: str


@dataclass(frozen=True, slots=True)
class Plain:
    """Words that stand as they are: dots between terms, remarks."""

    words: str


Expr: TypeAlias = (
    Number
    | Letter
    | Symbol
    | Sum
    | Product
    | Fraction
    | Power
    | Negative
    | Call
    | Absolute
    | Over
    | Indicator
    | Slope
    | Plain
)

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How tightly an expression holds together, the loosest first."""


def figure(value: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits.

    >>> figure(0.15627), figure(-2.0), figure(1.5e-7)
    ('0.1563', '-2', '1.5e-07')
    """
    return f"{value:.{digits}g}" if value else "0"


# ---- text


def text(expr: Expr) -> str:
    """In one line of plain characters."""
    return _text(expr)[0]


def _text(expr: Expr) -> tuple[str, int]:
    match expr:
        case Number(value, digits):
            return figure(value, digits), SIGN if value < 0 else ATOM
        case Letter(name):
            return name, ATOM
        case Symbol(letter, of, turned):
            return f"{letter}_{of}" + ("^T" if turned else ""), POWER if turned else ATOM
        case Plain(words):
            return words, ATOM
        case Slope(letter, of):
            return f"dL/d{letter}({of})", ATOM
        case Sum(terms):
            return _added(terms, text_at), SUM
        case Product(factors, sign):
            between = {"*": " * ", ".": " * ", "": " ", "conv": " conv "}[sign]
            return between.join(text_at(factor, SIGN) for factor in factors), PRODUCT
        case Fraction(above, below):
            return f"{text_at(above, PRODUCT)} / {text_at(below, POWER)}", PRODUCT
        case Power(base, exponent):
            return f"{text_at(base, ATOM)}^{text_at(exponent, ATOM)}", POWER
        case Negative(inner):
            return f"-{text_at(inner, PRODUCT)}", SIGN
        case Call(name, arguments):
            return f"{name}({', '.join(map(text, arguments))})", ATOM
        case Absolute(inner):
            return f"|{text(inner)}|", ATOM
        case Over(operator, index, inner):
            over = f"_{index}" if len(index) == 1 else f" over {index} of" if index else ""
            return f"{operator}{over} {text_at(inner, PRODUCT)}", SIGN
        case Indicator():
            return f"[{_condition(expr, text(expr.inner), figure)}]", ATOM


def _condition(expr: Indicator, inner: str, write: Callable[[float], str]) -> str:
    if expr.equal is not None:
        return f"{inner} = {write(expr.equal)}"
    if expr.above is not None and expr.below is None:
        return f"{inner} > {write(expr.above)}"
    low = "" if expr.above is None else f"{write(expr.above)} < "
    high = "" if expr.below is None else f" < {write(expr.below)}"
    return f"{low}{inner}{high}"


def text_at(expr: Expr, least: int) -> str:
    """As text, in brackets where it would fall apart."""
    written, tight = _text(expr)
    return written if tight >= least else f"({written})"


def _added(terms: tuple[Expr, ...], write: Callable[[Expr, int], str]) -> str:
    written = ""
    for number, term in enumerate(terms):
        minus = number > 0 and _is_negative(term)
        one = write(_turned_round(term) if minus else term, PRODUCT)
        written += one if number == 0 else f" {'-' if minus else '+'} {one}"
    return written or "0"


def _is_negative(term: Expr) -> bool:
    if isinstance(term, Product):
        return _is_negative(term.factors[0])
    return isinstance(term, Negative) or (isinstance(term, Number) and term.value < 0)


def _turned_round(term: Expr) -> Expr:
    """The negative of a term that is negative."""
    match term:
        case Negative(inner):
            return inner
        case Number(value, digits):
            return Number(-value, digits)
        case Product(factors, sign):
            return Product((_turned_round(factors[0]), *factors[1:]), sign)
    return Negative(term)


# ---- LaTeX

FUNCTIONS = frozenset({"exp", "ln", "sin", "cos", "tanh", "max", "min"})
"""Functions that LaTeX has a command for."""
LETTERS = {"alpha": "\\alpha", "delta": "\\delta", "gamma": "\\gamma", "eta": "\\eta"}
SPECIAL = re.compile(r"[\\{}$&#%_^~]")


def latex(expr: Expr) -> str:
    """For mathematics mode; needs amsmath for \\operatorname."""
    return _latex(expr)[0]


def _latex(expr: Expr) -> tuple[str, int]:
    match expr:
        case Number(value, digits):
            return _figure_latex(value, digits), SIGN if value < 0 else ATOM
        case Letter(name):
            return LETTERS.get(name, name if len(name) == 1 else upright(name)), ATOM
        case Symbol(letter, of, turned):
            head = LETTERS.get(letter, letter if len(letter) <= 2 else upright(letter))
            above = "^{\\top}" if turned else ""
            return f"{head}_{{{_index(of)}}}{above}", POWER if turned else ATOM
        case Slope(letter, of):
            below = _latex(Symbol(letter, of))[0]
            return f"\\frac{{\\partial L}}{{\\partial {below}}}", ATOM
        case Plain(words):
            return ("\\dots" if words == "..." else f"\\text{{{escaped(words)}}}"), ATOM
        case Sum(terms):
            return _added(terms, latex_at), SUM
        case Product(factors, sign):
            numbers = any(isinstance(f, Number) for f in factors[1:])
            dot = " \\cdot " if numbers else " \\, "
            between = {"*": dot, ".": " \\odot ", "": " \\, ", "conv": " * "}[sign]
            first, *others = factors
            written = [latex_at(first, SIGN), *(latex_at(factor, POWER) for factor in others)]
            return between.join(written), PRODUCT
        case Fraction(above, below):
            return f"\\frac{{{latex(above)}}}{{{latex(below)}}}", POWER
        case Power(base, exponent):
            return f"{latex_at(base, ATOM)}^{{{latex(exponent)}}}", POWER
        case Negative(inner):
            return f"-{latex_at(inner, PRODUCT)}", SIGN
        case Call(name, arguments):
            inside = ", ".join(map(latex, arguments))
            if name == "sqrt":
                return f"\\sqrt{{{inside}}}", ATOM
            plain, prime, _ = name.partition("'")
            head = f"\\{plain}" if plain in FUNCTIONS else f"\\operatorname{{{spaced(plain)}}}"
            head += prime
            return f"{head}\\left({inside}\\right)", ATOM
        case Absolute(inner):
            return f"\\left|{latex(inner)}\\right|", ATOM
        case Over(operator, index, inner):
            words = index if len(index) == 1 else f"\\text{{{escaped(index)}}}"
            below = f"_{{{words}}}" if index else ""
            return f"\\{operator}{below} {latex_at(inner, PRODUCT)}", SIGN
        case Indicator():
            return f"\\left[{_condition(expr, latex(expr.inner), _figure_latex)}\\right]", ATOM


def latex_at(expr: Expr, least: int) -> str:
    """As LaTeX, in brackets where it would fall apart."""
    written, tight = _latex(expr)
    return written if tight >= least else f"\\left({written}\\right)"


def _figure_latex(value: float, digits: int = DIGITS) -> str:
    if not math.isfinite(value):
        return "\\text{NaN}" if math.isnan(value) else ("-" * (value < 0) + "\\infty")
    mantissa, _, exponent = figure(value, digits).partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def upright(name: str) -> str:
    """A name as one word."""
    return f"\\mathrm{{{spaced(name)}}}"


def spaced(words: str) -> str:
    """Words whose spaces stay in mathematics mode."""
    return escaped(words).replace(" ", "\\ ")


def _index(of: str) -> str:
    """The name of a node, a unit or an edge below a letter."""
    return " \\to ".join(upright(part) for part in of.split("->"))


def escaped(words: str) -> str:
    """Words with what LaTeX would obey made harmless."""
    commands = {"\\": "\\backslash ", "^": "\\hat{}", "~": "\\sim "}
    return SPECIAL.sub(lambda found: commands.get(found[0], "\\" + found[0]), words)
