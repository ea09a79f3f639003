"""Lines of plain neurons, `h: {activation: tanh, bias: 0.5}`, read many at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np

from nngraph.errors import SourceFile
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.cells import Letters, are_alike
from nngraph.spec.document import Indices
from nngraph.spec.neuron_words import NEURON_WORDS, Neurons, neurons_of

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-"
_FORM = re.compile(r"w:\{(?:w:w(?:,w:w)*)?\}\n")  # of a line: w for each word, marks as they are
_LINE = re.compile(r"[ ]*(?P<id>\w+):[ ]+(?P<value>\{[^}]*\})")
_OPTION = re.compile(r"(?P<key>\w+):[ ]+(?P<value>[^\s,}]+)")
_WORD, _BLANK, _MARK = 1, 2, 3


def _kinds_of_letters() -> bytes:
    kinds = dict.fromkeys(_LETTERS, _WORD) | dict.fromkeys(" \r", _BLANK)
    kinds |= dict.fromkeys(":{},\n", _MARK)
    return bytes(kinds.get(chr(code), 0) for code in range(128))


@dataclass(frozen=True, slots=True, eq=False)
class NeuronLines:
    """Neurons, and the characters at which their lines begin; `options` are said of each."""

    starts: Indices
    neurons: Neurons
    options: int

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def inner(self) -> NeuronLines:
        """All but the first and the last."""
        told = self.neurons
        inner = Neurons(told.ids[1:-1], told.kinds[1:-1], told.models, told.biases[1:-1])
        return NeuronLines(self.starts[1:-1], inner, self.options)


def joined(pieces: Sequence[NeuronLines]) -> NeuronLines:
    """Some neurons as one piece."""
    told = [piece.neurons for piece in pieces]
    firsts = np.cumsum([0, *(len(neurons.models) for neurons in told)])
    neurons = Neurons(
        list(chain.from_iterable(neurons.ids for neurons in told)),
        np.concatenate([n.kinds + int(first) for n, first in zip(told, firsts, strict=False)]),
        list(chain.from_iterable(neurons.models for neurons in told)),
        np.concatenate([neurons.biases for neurons in told]),
    )
    starts = np.concatenate([piece.starts for piece in pieces])
    return NeuronLines(starts, neurons, max(piece.options for piece in pieces))


@dataclass(frozen=True, slots=True)
class WrittenLines:
    """Neurons that are lines of a mapping."""

    source: SourceFile

    def read(self, start: int) -> tuple[tree.Scalar, tree.Mapping]:
        """The id, and what else the line says that begins at a character."""
        line = _LINE.match(self.source.text, start)
        assert line is not None
        key = tree.Scalar(line["id"], True, self.source, *line.span("id"))
        node = tree.Mapping(self.source, *line.span("value"))
        for found in _OPTION.finditer(self.source.text, *line.span("value")):
            name, value = (
                tree.Scalar(found[part], True, self.source, *found.span(part))
                for part in ("key", "value")
            )
            node.entries[name.text] = (name, value)
        return key, node


class NodeLines:
    """Reads lines of the section `nodes`."""

    entry = re.compile(r"[ ]+")
    """What the entries of the section begin with."""

    def __init__(self, source: SourceFile) -> None:
        self.text = source.text
        self.kinds = np.frombuffer(_kinds_of_letters(), np.uint8)

    def values(self, lines: NeuronLines, start: int, stop: int) -> int:
        """How many values of YAML these lines are."""
        return len(lines) * (2 + 2 * lines.options)

    def read(self, start: int, stop: int, indent: str) -> NeuronLines | None:
        """The neurons of whole lines that begin with `indent`; None where one is not plain."""
        text = self.text[start:stop]
        letters = Letters.of(text) if text.count("\r") == text.count("\r\n") else None
        if letters is None:
            return None
        codes = letters.codes
        kinds = self.kinds[codes]
        is_word = kinds == _WORD
        edges = np.flatnonzero(np.diff(is_word, prepend=False))
        starts, stops = edges[::2], edges[1::2]
        form = np.where(kinds == _MARK, codes, 0)
        form[starts] = ord("w")
        places = np.flatnonzero(form)
        lines = text.count("\n")
        many, rest = divmod(len(places), lines)
        if rest or not kinds.all():
            return None
        forms = form[places].reshape(lines, many)
        like = bytes(forms[0]).decode("ascii")
        if not _FORM.fullmatch(like) or not (forms == forms[0]).all():
            return None
        after = places.reshape(lines, many)
        begins = np.concatenate([[0], after[:-1, -1] + 1])
        colons = after[:, [at for at, mark in enumerate(like) if mark == ":"]]
        commas = after[:, [at for at, mark in enumerate(like) if mark == ","]]
        is_spaced = (codes[colons + 1] == ord(" ")).all() and (codes[commas + 1] == ord(" ")).all()
        if not is_spaced or not is_word[colons - 1].all():
            return None
        if not (after[:, 0] - begins == len(indent)).all():
            return None
        width = like.count("w")
        firsts, lasts = starts.reshape(lines, width), stops.reshape(lines, width)
        names = letters.slices(firsts[0, 1::2], lasts[0, 1::2])
        if len(set(names)) < len(names) or not set(names) <= set(NEURON_WORDS):
            return None
        columns = {"id": (firsts[:, 0], lasts[:, 0])}
        for at, name in enumerate(names):
            key, value = 2 * at + 1, 2 * at + 2
            if not are_alike(letters, firsts[:, key], lasts[:, key]):
                return None
            columns[name] = (firsts[:, value], lasts[:, value])
        neurons = neurons_of(letters, columns)
        if neurons is None:
            return None
        return NeuronLines((start + begins).astype(np.int32), neurons, len(names))
