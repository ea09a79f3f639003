"""Many cases as few items: a test that judges one case, run for all of them by a few items."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

Judge = Callable[..., None]


def for_each(
    name: str,
    cases: Iterable[Any],
    *,
    together: Callable[[Any], object] = lambda case: "all",
    marks: Callable[[Any], Sequence[pytest.MarkDecorator]] = lambda case: (),
) -> Callable[[Judge], Judge]:
    """Parametrise a test by cases of which those with one answer of `together` make one item.

    An item bears the marks of its first case. A failure says whose case it is; cases share the
    item's fixtures, so that no case may leave anything behind in them, and none may skip.
    """
    items: dict[str, list[Any]] = {}
    for case in cases:
        items.setdefault(str(together(case)), []).append(case)
    parameters = [pytest.param(own, id=id_, marks=marks(own[0])) for id_, own in items.items()]

    def decorate(test: Judge) -> Judge:
        assert "monkeypatch" not in inspect.signature(test).parameters, test.__name__

        @pytest.mark.parametrize(name, parameters)
        @wraps(test)
        def judge_all(**arguments: Any) -> None:
            for case in arguments[name]:
                try:
                    test(**{**arguments, name: case})
                except (Exception, pytest.skip.Exception) as error:
                    if isinstance(error, pytest.skip.Exception):
                        raise AssertionError(f"{name} {case} skips the cases after it") from error
                    error.add_note(f"{name}: {case}")
                    raise

        return judge_all

    return decorate


def few_fast(seed: int) -> Sequence[pytest.MarkDecorator]:
    """In a file that takes longer: the first twenty seeds are fast."""
    return [pytest.mark.fast] if seed < 20 else []


def by_tens(number: int) -> str:
    """Ten seeds to an item: "0-9", "10-19" and so on."""
    return f"{number // 10 * 10}-{number // 10 * 10 + 9}"


def by_hundreds(number: int) -> str:
    """A hundred seeds to an item."""
    return f"{number // 100 * 100}-{number // 100 * 100 + 99}"
