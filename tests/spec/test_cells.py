"""Words of a text as integers, and decimal numbers: what they mean one by one."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nngraph.spec import cells
from nngraph.spec.cells import Letters, Numbering, Places, cells_by_column, one_of
from nngraph.spec.decimals import read_decimals, read_numbers


def lines_of(words: list[str]) -> tuple[Letters, Places, Places]:
    letters = Letters.of("".join(f"{word}\n" for word in words))
    assert letters is not None
    found = cells_by_column(letters, 1)
    assert found is not None
    return letters, found[0][:, 0], found[1][:, 0]


def bits(number: float) -> bytes:
    return struct.pack("<d", number)


HALVES = st.integers(2**53, 2**54 - 1).map(lambda n: f"{n // 2}.{'5' if n % 2 else '0'}")
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(
    FLOATS.map(repr),
    st.floats(-9, 9, width=32).map(repr),
    FLOATS.map(lambda x: f"{x:.12f}"[:24]),
    st.integers(-(10**19), 10**19).map(str),
    st.integers(2**52, 2**54).map(lambda n: f"{n}.{n % 1000}"),
    HALVES,
    st.text("0123456789.+-", min_size=1, max_size=25),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_a_decimal_number_has_the_bits_of_float(words: list[str]) -> None:
    values, is_read = read_decimals(*lines_of(words))
    for word, value, good in zip(words, values.tolist(), is_read.tolist(), strict=True):
        if good:
            assert bits(value) == bits(float(word)), word


def test_numbers_of_usual_length_are_read_together() -> None:
    drawn = np.random.default_rng(0).standard_normal(2_000).astype(np.float32).tolist()
    words = [repr(x) for x in drawn if abs(x) >= 1e-4]
    words += ["0", "-0.0", "12", "+3.5", ".5", "7.", "0.1", "99999999.5", "-0.00012"]
    values, is_read = read_decimals(*lines_of(words))
    assert is_read.all()
    assert [*map(bits, values.tolist())] == [bits(float(word)) for word in words]


def test_other_numbers_are_read_one_by_one() -> None:
    words = ["1e-3", "0.5", " 2", f"0.{'0' * 30}1", "9007199254740993", "123456789012345678901"]
    assert read_numbers(*lines_of(words)).tolist() == [float(word) for word in words]


@pytest.mark.parametrize("word", ["", ".", "-", "1_0", "one", "1e999", "nan", "1.2.3", "--1", "1-"])
def test_what_is_no_finite_number_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"float|finite|_"):
        read_numbers(*lines_of(["0.5", word, "1.25"]))


WORDS = st.lists(st.text("ab1[:]", max_size=30), min_size=1, max_size=60)


class Reader:
    """Numbers words as they come, and keeps which it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, words: list[str]) -> list[int]:
        self.asked += words
        return [sum(map(ord, word)) for word in words]


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3))
def test_words_get_the_numbers_that_were_read_once_for_each(pieces: list[list[str]]) -> None:
    reader = Reader()
    numbering = Numbering(reader)
    for words in pieces:
        assert numbering.numbers(*lines_of(words)).tolist() == Reader()(words)
    assert len(reader.asked) == len(set(reader.asked))


def test_words_that_share_a_key_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_key_of", lambda words: np.zeros_like(words[0]))
    words = [f"a_long_neuron_{k % 7}" for k in range(40)]
    numbering = Numbering(Reader())
    for _ in range(2):
        assert numbering.numbers(*lines_of(words)).tolist() == Reader()(words)


def test_a_table_in_knots_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        cells._KeyTable, "_slots", lambda table, keys: np.zeros(len(keys), np.int64)
    )
    words = [f"n{k}" for k in range(200)]
    numbering = Numbering(Reader())
    for _ in range(2):
        assert numbering.numbers(*lines_of(words)).tolist() == Reader()(words)


def test_many_words_make_the_table_grow() -> None:
    words = [f"n{k}" for k in range(5_000)] + [f"a_longer_name_{k}" for k in range(5_000)]
    reader = Reader()
    numbering = Numbering(reader)
    for start in (0, 0, 4_000):
        assert numbering.numbers(*lines_of(words[start:])).tolist() == Reader()(words[start:])
    assert reader.asked == words


def test_a_word_of_a_few_has_white_space_around_it() -> None:
    truths = one_of({"true": 1, "": 0})
    assert truths.numbers(*lines_of([" true", "", "true"])).tolist() == [1, 0, 1]
    with pytest.raises(KeyError):
        truths.numbers(*lines_of(["yes"]))


@pytest.mark.parametrize(
    ("text", "width"), [("a,b\nc\n", 2), ("a\n\nb,c\n", 2), ("a,b,c\nd\n", 2), ("a,b\n", 1)]
)
def test_ragged_lines_are_no_table(text: str, width: int) -> None:
    assert cells_by_column(Letters.of(text), width) is None
