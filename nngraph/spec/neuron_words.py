"""What many plain neurons say of themselves, as columns: a few kinds, and a bias for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import IDS
from nngraph.spec.cells import Letters, Numbering, Places
from nngraph.spec.decimals import read_numbers
from nngraph.spec.document import Indices
from nngraph.spec.nodes import NeuronsNode

Column: TypeAlias = tuple[Places, Places]
"""Where each word of a column starts and stops."""

NEURON_WORDS = ("activation", "bias", "aggregate")
"""What a plain neuron may say of itself."""

_TRUTHS = ("", "true", "false")
_NUMBER = "#"  # in place of the bias, where it is a number


@dataclass(frozen=True, slots=True, eq=False)
class Neurons:
    """Neuron k has the id `ids[k]`, and all else from `models[kinds[k]]` but its bias, where
    `biases[k]` is a number and not NaN."""

    ids: Sequence[str]
    kinds: Indices
    models: Sequence[NeuronsNode]
    biases: NDArray[np.float64]


def neurons_of(letters: Letters, columns: Mapping[str, Column]) -> Neurons | None:
    """The neurons in the columns "id" and some of `NEURON_WORDS`, an empty word saying nothing;
    None where a word is unusual or wrong."""
    ids = letters.slices(*columns["id"])
    if not IDS.fullmatch("\n".join([*ids, ""])):
        return None
    none = np.zeros(len(ids), np.int32)
    words: dict[str, list[str]] = {key: [] for key in ("activation", "aggregate")}
    numbers = {
        key: _numbers(letters, columns[key], words[key]) if key in columns else none
        for key in words
    }
    form, biases = none, np.full(len(ids), np.nan)
    if "bias" in columns:
        try:
            form, biases = _biases(letters, *columns["bias"])
        except ValueError:
            return None
    activations, aggregates = (words[key] or [""] for key in ("activation", "aggregate"))
    codes = (numbers["activation"] * 4 + form) * len(aggregates) + numbers["aggregate"]
    found, kinds = np.unique(codes, return_inverse=True)
    models = []
    for code in found.tolist():
        rest, aggregate = divmod(code, len(aggregates))
        activation, bias = divmod(rest, 4)
        given = activations[activation], [*_TRUTHS, _NUMBER][bias], aggregates[aggregate]
        if (model := _model(*given)) is None:
            return None
        models.append(model)
    return Neurons(ids, kinds.astype(np.int32), models, biases)


def _numbers(letters: Letters, column: Column, words: list[str]) -> Indices:
    """The place of each word in a list of them, which is filled."""

    def read(new: Sequence[str]) -> list[int]:
        first = len(words)
        words.extend(new)
        return list(range(first, len(words)))

    return Numbering(read).numbers(letters, *column)


def _biases(letters: Letters, starts: Places, stops: Places) -> tuple[Indices, NDArray[np.float64]]:
    """Which of `_TRUTHS`, or 3 for a number; and the numbers, NaN for others.

    Errors: ValueError where one is no number.
    """
    lengths = stops - starts
    if int(lengths.max(initial=0)) > tree.LONGEST_NUMBER:
        raise ValueError("overlong")
    first = letters.words(starts, lengths)[0]
    form = np.full(len(starts), 3, np.int32)
    for at, truth in enumerate(_TRUTHS):
        form[first == int.from_bytes(truth.encode(), "little")] = at
    biases = np.full(len(starts), np.nan)
    is_number = form == 3
    biases[is_number] = read_numbers(letters, starts[is_number], stops[is_number])
    return form, biases


def _model(activation: str, bias: str, aggregate: str) -> NeuronsNode | None:
    """The neuron that words describe, its bias 0 where it is a number; None for wrong ones."""
    words = {"activation": activation, "aggregate": aggregate}
    given: dict[str, Any] = {key: tree.resolve(word) for key, word in words.items() if word}
    if bias:
        given["bias"] = 0.0 if bias == _NUMBER else bias == "true"
    try:
        return NeuronsNode.model_validate(given)
    except ValidationError:
        return None
