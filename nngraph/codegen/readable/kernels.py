"""The text of kernels that a readable module needs, with all that they lean on."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any


def source_of(function: Callable[..., Any], known: dict[str, str]) -> None:
    """Add the definitions that a kernel needs to `known`, by name, each after what it needs."""
    _add(function.__name__, sys.modules[function.__module__], known)


def _add(name: str, module: ModuleType, known: dict[str, str]) -> None:
    if name in known:
        return
    source, tree = _parsed(module)
    node = _definitions(tree).get(name)
    if node is None:
        _add_imported(name, tree, known)
        return
    known[name] = ""  # a function may call itself
    for other in _names_in(node):
        if other != name:
            _add(other, module, known)
    del known[name]
    known[name] = _text(source, node)


@lru_cache
def _parsed(module: ModuleType) -> tuple[str, ast.Module]:
    """The text of a module and its tree; asked for again for each name in it."""
    source = inspect.getsource(module)
    return source, ast.parse(source)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
    return found


def _add_imported(name: str, tree: ast.Module, known: dict[str, str]) -> None:
    """A name from another module: a kernel's text, or the import as it stands."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(a.name == name for a in node.names):
            assert node.module is not None
            if node.module == "nngraph.records":  # the library's decorator, made quicker
                known[name] = f"from dataclasses import {name}"
            elif node.module.startswith("nngraph."):
                _add(name, sys.modules[node.module], known)
            else:
                known[name] = f"from {node.module} import {name}"
        if isinstance(node, ast.Import) and any(a.name == name for a in node.names):
            known[name] = f"import {name}"


def _names_in(node: ast.stmt) -> list[str]:
    """All names of a definition, annotations included."""
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name)))


def _text(source: str, node: ast.stmt) -> str:
    """The lines of a definition, with the comments on them and right above."""
    lines = source.split("\n")
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    while start > 0 and lines[start - 1].startswith("#"):
        start -= 1
    return "\n".join(lines[start : node.end_lineno])
