"""What the data tests share: a spec from a plain mapping, ports, and loading in one line."""

from pydantic import TypeAdapter

from nngraph.data import Port
from nngraph.errors import SourceFile, Span
from nngraph.words.sources import DataSpec

ADAPTER = TypeAdapter(DataSpec)


def data_spec(**keys):
    return ADAPTER.validate_python(keys)


def x(*shape, name="x", **more):
    return Port(name, shape, "input", **more)


def values(*shape, name="y", **more):
    return Port(name, shape, "target", "values", **more)


def binary(*shape, name="y", **more):
    return Port(name, shape, "target", "binary", **more)


def classes(count, name="y", shape=None, **more):
    return Port(name, (count,) if shape is None else shape, "target", "classes", count, **more)


class Places:
    """Stands for a document: the place of a path is a mark in a text made of the paths asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, *path):
        self.asked.append(path)
        text = "/".join(map(str, path))
        return Span(SourceFile(f"spec:{text}", text), 0, len(text))


def place_of(error):
    """File name, line, column and the marked text of the first diagnostic."""
    span = error.value.diagnostics[0].span
    line, column = span.source.position(span.start)
    return span.source.name, line, column, span.source.text[span.start : span.end]
