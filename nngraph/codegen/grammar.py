"""The verifier of generated source: the whole grammar, checked on the final text.

    def F(): stmt+
    stmt = K(args[, out=V][, fixed keywords]) | V = K(args) | V = arithmetic of names
         | for V, ... in T: stmt+ (one level) | return V, ...

No attribute, subscript, string, comment, default, decorator or import. Arguments are names.
It shares no code with the generator.
"""

from __future__ import annotations

import ast
from collections.abc import Container

from nngraph.errors import VerifyError

MARKS = frozenset("#'\"")  # of a comment and of strings
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)


def verify_source(text: str, names: Container[str]) -> None:
    """Check that a text is one function of the grammar whose names are all in the namespace.

    Errors: VerifyError with the line.
    """
    _verify_characters(text)
    module = ast.parse(text)
    if len(module.body) != 1 or not isinstance(module.body[0], ast.FunctionDef):
        raise VerifyError("source: expected one function and nothing else")
    function = module.body[0]
    signature = function.args
    if (
        function.decorator_list
        or function.returns is not None
        or any(getattr(signature, part) for part in signature._fields)
    ):
        raise VerifyError("source: the function must be plain: no argument, default, decorator")
    local: set[str] = set()
    for statement in function.body:
        _verify_statement(statement, names, local, inside_loop=False)


def _verify_characters(text: str) -> None:
    """Neither comments nor strings: their marks occur nowhere else in the grammar."""
    if MARKS.isdisjoint(text):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not MARKS.isdisjoint(line):
            raise VerifyError(f"source: line {number} has a comment or a string")


def _verify_statement(
    node: ast.stmt, names: Container[str], local: set[str], inside_loop: bool
) -> None:
    match node:
        case ast.Expr(value=ast.Call() as call):
            _verify_call(call, names, local)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            _verify_value(value, names, local)
            local.add(name)
        case ast.For(target=target, iter=ast.Name() as table, body=body, orelse=[]):
            if inside_loop:
                raise VerifyError(f"source: line {node.lineno} nests a loop")
            _verify_name(table, names, local)
            local.update(_targets(target))
            for statement in body:
                _verify_statement(statement, names, local, inside_loop=True)
        case ast.Return(value=ast.Tuple(elts=elements)) if not inside_loop:
            for element in elements:
                _verify_name(element, names, local)
        case _:
            raise VerifyError(f"source: line {node.lineno} is not in the grammar")


def _targets(target: ast.expr) -> list[str]:
    match target:
        case ast.Name(id=name):
            return [name]
        case ast.Tuple(elts=elements) if all(isinstance(e, ast.Name) for e in elements):
            return [e.id for e in elements if isinstance(e, ast.Name)]
    raise VerifyError(f"source: line {target.lineno} loops over something else than names")


def _verify_call(call: ast.Call, names: Container[str], local: set[str]) -> None:
    _verify_name(call.func, names, local)
    for argument in call.args:
        _verify_name(argument, names, local)
    for keyword in call.keywords:
        if keyword.arg is None:
            raise VerifyError(f"source: line {call.lineno} unpacks keywords")
        _verify_name(keyword.value, names, local)


def _verify_value(value: ast.expr, names: Container[str], local: set[str]) -> None:
    match value:
        case ast.Call():
            _verify_call(value, names, local)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, ARITHMETIC):
            _verify_value(left, names, local)
            _verify_value(right, names, local)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _verify_value(operand, names, local)
        case _:
            _verify_name(value, names, local)


def _verify_name(node: ast.expr, names: Container[str], local: set[str]) -> None:
    if not isinstance(node, ast.Name):
        raise VerifyError(f"source: line {node.lineno}: expected a name")
    if node.id.startswith("__") or (node.id not in names and node.id not in local):
        raise VerifyError(f"source: line {node.lineno} uses the unknown name {node.id!r}")
