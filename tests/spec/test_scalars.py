"""Plain scalars follow YAML 1.2's core schema."""

from __future__ import annotations

import math

import pytest

from nngraph.spec.tree import is_overlong, number_meant, resolve, truth_meant


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E+3", -1500.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
    ],
)
def test_words_of_the_core_schema(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["no", "on", "off", "y", "n", "yes", "1:30", "1_000", "0,7", "50%", "0b1", "1e", ".", "-",
     "0x", "1.2.3", "nan", "inf", "TrUe", "١"],
)  # fmt: skip
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


def test_not_a_number() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["7" * 301, "0." + "7" * 300, "0x" + "f" * 300, "1e" + "1" * 300])
def test_numbers_beyond_all_use_are_not_converted(text: str) -> None:
    assert is_overlong(text)
    assert resolve(text) == text


def test_long_text_is_no_number() -> None:
    assert not is_overlong("a" * 1_000)
    assert not is_overlong("1" * 500 + "x")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1_000_000", "1000000"),
        ("0,7", "0.7"),
        ("50%", "0.5"),
        ("12,5 %", "0.125"),
        ("\N{MINUS SIGN}1", "-1"),
        ("1 000", "1000"),
        ("3/4", "0.75"),
        ("1'000", "1000"),
        ("three", ""),
        ("1:30", ""),
        ("1_000x", ""),
        ("1/0", ""),
    ],
)
def test_what_to_write_instead(text: str, meant: str) -> None:
    assert number_meant(text) == meant


def test_words_for_truth() -> None:
    assert [truth_meant(word) for word in ("yes", "On", "N", "FALSE", "maybe")] == [
        "true",
        "true",
        "false",
        "false",
        "",
    ]
