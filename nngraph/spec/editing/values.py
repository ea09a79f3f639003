"""One value at its place: a weight of an edge, a bias or a slope of a node.

What stands there says how it is written: a number is replaced by a number, a list number by number,
a mapping gets a key. Arrays that have no list go to a file of arrays, which is named there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Any

from nngraph.records import dataclass
from nngraph.spec.editing.editor import Editor
from nngraph.spec.editing.flow import flow
from nngraph.spec.editing.numbers import number_text, same_bits
from nngraph.spec.editing.written import Written
from nngraph.spec.tree import resolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOPES_UNDER = ("activation", "function")
"""Keys of a node under which a function may have something of its own that is learnt."""


@dataclass
class ArrayFile:
    """A file of arrays that the text names: what is to be in it, under which names."""

    name: str
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    def put(self, id: str, array: NDArray[Any]) -> dict[str, str]:
        """Add an array; how a spec names it."""
        self.arrays[id] = array
        return {"file": self.name, "key": id}


class ValuePlacer:
    """Writes arrays to places of one text; what is too large for it goes to `file`."""

    def __init__(self, editor: Editor, file: ArrayFile) -> None:
        self.editor, self.file = editor, file

    # ---- edges

    def weight_behind_arrow(
        self, key: Written, options: Written | None, id: str, array: NDArray[Any]
    ) -> None:
        """The weight of the entry `x -> h`, which makes one edge, with or without options."""
        if options is None:
            self.editor.append(key, f": {self._weight_alone(id, array)}")
        elif options.kind == "mapping":
            self.value_in(options, "weight", id, array)
        elif options.kind == "sequence" or not is_word(options):
            self._list_or_number(options, id, array, behind_arrow=True)
        else:
            kind = self.editor.source(options)
            self.editor.replace(options, f"{{kind: {kind}, weight: {self._text(id, array)}}}")

    def _weight_alone(self, id: str, array: NDArray[Any]) -> str:
        text = self._text(id, array)
        return text if array.size == 1 else f"{{weight: {text}}}"

    # ---- nodes

    def bias_of(self, node: Written, id: str, array: NDArray[Any]) -> None:
        """The bias of a node."""
        if node.kind == "scalar":
            self._open(node, "kind", "bias", self._text(id, array))
            return
        bias = node.get("bias")
        is_long = bias is not None and bias.kind == "mapping" and bias.get("file") is None
        if is_long and bias is not None:
            self.value_in(bias, "value", id, array)
        else:
            self.value_in(node, "bias", id, array)

    def slope_of(self, node: Written, option: str, number: str) -> None:
        """What the function of a node has learnt, one number."""
        if node.kind == "scalar":
            return
        under = next(key for key in SLOPES_UNDER if node.get(key) is not None)
        function = node.get(under)
        assert function is not None
        if function.kind == "scalar":
            self._open(function, "kind", option, number)
        elif (written := function.get(option)) is not None:
            self.editor.replace(written, number)
        else:
            self.editor.insert(function, option, number)

    # ---- any of them

    def value_in(self, mapping: Written, key: str, id: str, array: NDArray[Any]) -> None:
        """The value of a key that takes a number, a list or a file; instead of `init`, if that is
        there."""
        if (value := mapping.get(key)) is not None:
            self._list_or_number(value, id, array)
        elif (init := mapping.entry("init")) is not None:
            self.editor.replace_pair(init, key, self._text(id, array))
        else:
            self.editor.insert(mapping, key, self._text(id, array))

    def _list_or_number(
        self, node: Written, id: str, array: NDArray[Any], *, behind_arrow: bool = False
    ) -> None:
        """Instead of a number, a list or a file's name: the same, as far as that can be."""
        if node.kind == "sequence":
            leaves = list(_leaves(node))
            if len(leaves) == array.size:
                self._number_by_number(leaves, array)
                return
        if node.kind == "mapping" and array.size > 1:
            self._other_file(node, id, array)
        elif behind_arrow:
            self.editor.replace(node, self._weight_alone(id, array))
        else:
            self.editor.replace(node, self._text(id, array))

    def _number_by_number(self, leaves: list[Written], array: NDArray[Any]) -> None:
        for leaf, number in zip(leaves, array.reshape(-1), strict=True):
            if not same_bits(array.dtype.type(float(leaf.text)), number):
                self.editor.replace(leaf, number_text(number))

    def _other_file(self, mapping: Written, id: str, array: NDArray[Any]) -> None:
        for key, value in self.file.put(id, array).items():
            if (there := mapping.get(key)) is not None:
                self.editor.replace(there, flow(value))
            else:
                self.editor.insert(mapping, key, flow(value))

    def _open(self, node: Written, word: str, key: str, value: str) -> None:
        """`relu` as `{kind: relu, alpha: 0.1}`."""
        text = self.editor.source(node)
        self.editor.replace(node, f"{{{word}: {text}, {key}: {value}}}")

    def _text(self, id: str, array: NDArray[Any]) -> str:
        if array.size == 1:
            return number_text(array.reshape(-1)[0])
        return flow(self.file.put(id, array))


def _leaves(node: Written) -> Iterator[Written]:
    for item in node.items:
        if item.kind == "sequence":
            yield from _leaves(item)
        else:
            yield item


def is_word(node: Written) -> bool:
    """Whether a scalar means text."""
    return node.is_quoted or isinstance(resolve(node.text), str)
