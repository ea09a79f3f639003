"""Many short words of an ASCII text at once: compared as numbers, not made as strings.

A word is the characters from a start to a stop. Eight of its characters are one integer of 64 bits,
so what was met before is found in a table of such integers, and only a new word becomes a string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.spec.document import Indices

Places: TypeAlias = NDArray[np.int64]
"""Characters of a text, by number."""

FRONT = 24
"""Zero bytes before the text, so that the eight characters that end anywhere in it can be read."""
_MASKS = np.array([(1 << 8 * many) - 1 for many in range(9)], np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: spreads what is alike
_TRIES = 32  # places that a key may be moved on to; so no file can make the table slow


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """The characters of an ASCII text, and behind each place eight of them as an integer."""

    text: str
    codes: NDArray[np.uint8]
    eights: NDArray[np.uint64]

    @classmethod
    def of(cls, text: str) -> Letters | None:
        """None for a text with other letters, or with the zero byte that ends words here."""
        if not text.isascii() or "\0" in text:
            return None
        written = bytes(FRONT) + text.encode("ascii") + bytes(8)
        eights: NDArray[np.uint64] = np.ndarray(
            (len(written) - 7,), np.dtype("<u8"), written, strides=(1,)
        )
        codes = np.frombuffer(written, np.uint8)[FRONT:-8]
        return cls(text, codes, np.ascontiguousarray(eights, np.uint64))

    def words(self, starts: Places, lengths: Places) -> list[NDArray[np.uint64]]:
        """The first eight characters of each word, the next eight, and so on; zeros behind it."""
        longest = int(lengths.max(initial=0))
        return [
            self.eights[np.where(lengths > at, starts + (at + FRONT), 0)]
            & _MASKS[np.clip(lengths - at, 0, 8)]
            for at in range(0, max(longest, 1), 8)
        ]

    def slices(self, starts: Places, stops: Places) -> list[str]:
        """The words as strings."""
        text = self.text
        return [text[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]


def cells_by_column(letters: Letters, width: int) -> tuple[Places, Places] | None:
    """Where each cell of a table of whole lines starts and stops, [rows, width]; None if it has
    lines of other widths."""
    codes = letters.codes
    is_break = codes == ord("\n")
    marks = np.flatnonzero(is_break | (codes == ord(",")))
    if len(marks) % width:
        return None
    stops = marks.reshape(-1, width)
    ends = is_break[stops]
    if not ends[:, -1].all() or ends[:, :-1].any():
        return None
    starts = np.concatenate([[0], marks[:-1] + 1]).reshape(-1, width)
    before = codes[stops[:, -1] - 1]
    stops[:, -1] -= before == ord("\r")
    return starts, stops


def are_alike(letters: Letters, starts: Places, stops: Places) -> bool:
    """Whether words are all the same."""
    words = letters.words(starts, stops - starts)
    return all(bool((word == word[0]).all()) for word in words)


class Numbering:
    """The numbers of words: `read` says those of some, and is asked once for each."""

    def __init__(self, read: Callable[[Sequence[str]], Iterable[int]]) -> None:
        self._read = read
        self._places = _KeyTable()
        self._known: list[NDArray[np.uint64]] = [np.zeros(16, np.uint64)]  # of word k, by its place
        self._numbers = np.zeros(16, np.int32)
        self._count = 0

    def numbers(self, letters: Letters, starts: Places, stops: Places) -> Indices:
        """The number of each word. Errors: those of `read`."""
        lengths = stops - starts
        words = letters.words(starts, lengths)
        keys = _key_of(words)
        places = self._find(keys, words)
        new = np.flatnonzero(places < 0)
        if not len(new):
            return self._numbers[places]
        _, first = np.unique(keys[new], return_index=True)
        self._add(letters, new[np.sort(first)], starts, stops, keys, words)
        places[new] = self._find(keys[new], [word[new] for word in words])
        numbers = self._numbers[places]
        for at in np.flatnonzero(places < 0).tolist():  # two words of one key, or a table in knots
            (numbers[at],) = self._read([letters.text[starts[at] : stops[at]]])
        return numbers

    def _find(self, keys: NDArray[np.uint64], words: list[NDArray[np.uint64]]) -> Indices:
        places = self._places.get(keys)
        if len(words) == len(self._known) == 1:
            return places  # the key is the word
        found = np.maximum(places, 0)
        none = np.zeros(1, np.uint64)
        for at in range(max(len(words), len(self._known))):
            known = self._known[at][found] if at < len(self._known) else none
            places = np.where(known == (words[at] if at < len(words) else none), places, -1)
        return places

    def _add(
        self,
        letters: Letters,
        chosen: Places,
        starts: Places,
        stops: Places,
        keys: NDArray[np.uint64],
        words: list[NDArray[np.uint64]],
    ) -> None:
        texts = letters.slices(starts[chosen], stops[chosen])
        first, stop = self._count, self._count + len(texts)
        self._grow(stop, len(words))
        self._numbers[first:stop] = np.fromiter(self._read(texts), np.int32, len(texts))
        for known, word in zip(self._known, words, strict=False):
            known[first:stop] = word[chosen]
        self._places.add(keys[chosen], np.arange(first, stop, dtype=np.int32))
        self._count = stop

    def _grow(self, count: int, width: int) -> None:
        size = len(self._numbers)
        self._known += [np.zeros(size, np.uint64) for _ in range(width - len(self._known))]
        if count > size:
            more = max(count, 2 * size) - size
            self._numbers = np.concatenate([self._numbers, np.zeros(more, np.int32)])
            self._known = [np.concatenate([w, np.zeros(more, np.uint64)]) for w in self._known]


def _key_of(words: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """One integer for each word; that of eight characters is the word itself."""
    key = words[0]
    for word in words[1:]:
        key = np.where(word == 0, key, (key ^ (key >> np.uint64(29))) * _MIX + word)
    return key


class _KeyTable:
    """Small numbers by keys of 64 bits, looked up and added many at once."""

    def __init__(self) -> None:
        self._bits, self._count = 10, 0
        self._keys, self._values = self._empty()

    def _empty(self) -> tuple[NDArray[np.uint64], Indices]:
        size = 1 << self._bits
        return np.zeros(size, np.uint64), np.full(size, -1, np.int32)

    def _slots(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        mixed = (keys ^ (keys >> np.uint64(31))) * _MIX
        return (mixed >> np.uint64(64 - self._bits)).astype(np.int64)

    def get(self, keys: NDArray[np.uint64]) -> Indices:
        """The value of each key, -1 for one that is not there."""
        slots = self._slots(keys)
        values = self._values[slots]
        others = np.flatnonzero((self._keys[slots] != keys) & (values >= 0))
        for _ in range(_TRIES):
            if not len(others):
                return values
            slots[others] = (slots[others] + 1) & (len(self._keys) - 1)
            at = slots[others]
            values[others] = self._values[at]
            others = others[(self._keys[at] != keys[others]) & (values[others] >= 0)]
        values[others] = -1
        return values

    def add(self, keys: NDArray[np.uint64], values: Indices) -> None:
        """Keys that are not there; those that find no place near theirs are left out."""
        self._count += len(keys)
        if 2 * self._count > len(self._keys):
            self._bits = (4 * self._count).bit_length()
            old_keys, old_values = self._keys, self._values
            self._keys, self._values = self._empty()
            is_used = old_values >= 0
            self._put(old_keys[is_used], old_values[is_used])
        self._put(keys, values)

    def _put(self, keys: NDArray[np.uint64], values: Indices) -> None:
        slots = self._slots(keys)
        for _ in range(_TRIES):
            is_free = self._values[slots] < 0
            at = slots[is_free]
            self._keys[at], self._values[at] = keys[is_free], values[is_free]  # the last one stays
            is_left = self._values[slots] != values
            if not is_left.any():
                return
            keys, values = keys[is_left], values[is_left]
            slots = (slots[is_left] + 1) & (len(self._keys) - 1)


def one_of(words: Mapping[str, int]) -> Numbering:
    """The numbers of words, white space around them left out. Errors: KeyError for others."""
    return Numbering(lambda texts: [words[text.strip()] for text in texts])
