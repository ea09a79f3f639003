"""When training calls compiled kernels, and how it says that it cannot."""

from __future__ import annotations

import sys

import pytest

from nngraph.errors import UsageError
from nngraph.kernels.compiled import jit
from nngraph.targets import kernels_wanted
from nngraph.targets.choice import VARIABLE, WORTH


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "available", lambda: False)


def with_numba_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "available", lambda: True)
    monkeypatch.setitem(sys.modules, "numba", None)  # importing it raises ImportError


@pytest.mark.parametrize("broken", [without_numba, with_numba_that_refuses])
def test_without_numba_there_are_no_kernels_and_no_error(monkeypatch, broken) -> None:
    broken(monkeypatch)
    assert not kernels_wanted(10 * WORTH)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (without_numba, "numba is not installed"),
        (with_numba_that_refuses, "numba cannot be imported: "),
    ],
)
def test_always_is_refused_where_kernels_cannot_be_compiled(monkeypatch, broken, told) -> None:
    broken(monkeypatch)
    monkeypatch.setenv(VARIABLE, "always")
    with pytest.raises(UsageError, match=told) as caught:
        kernels_wanted(1)
    assert "nngraph[fast]" in str(caught.value)


def test_a_numba_that_is_told_not_to_compile_is_none(monkeypatch) -> None:
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert not kernels_wanted(10 * WORTH)


@pytest.mark.parametrize("word", ["", "  ", "auto"])
def test_small_networks_stay_without_kernels_unless_told(monkeypatch, word) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv(VARIABLE, word)
    assert not kernels_wanted(WORTH - 1)
    assert kernels_wanted(WORTH)


def test_never_and_always_are_obeyed(monkeypatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv(VARIABLE, "never")
    assert not kernels_wanted(10 * WORTH)
    monkeypatch.setenv(VARIABLE, "always")
    assert kernels_wanted(1)


def test_another_word_is_refused_with_those_that_there_are(monkeypatch) -> None:
    monkeypatch.setenv(VARIABLE, "yes")
    with pytest.raises(UsageError, match="'yes'; expected auto, never or always"):
        kernels_wanted(1)


def test_a_small_network_does_not_import_numba(monkeypatch) -> None:
    with_numba_that_refuses(monkeypatch)
    monkeypatch.setattr(jit, "available", lambda: pytest.fail("was asked"))
    assert not kernels_wanted(WORTH - 1)
