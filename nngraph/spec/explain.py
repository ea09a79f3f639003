"""Pydantic's findings in our words, at their place in the file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nngraph.diagnostics.foreign import SET_UNDER, called, foreign_answer, our_word
from nngraph.errors import Diagnostics, Span, join_words, suggest
from nngraph.spec import tree
from nngraph.spec.activations import ACTIVATIONS
from nngraph.spec.covered import Covered
from nngraph.spec.later import LATER_KEYS, LATER_KINDS
from nngraph.spec.lookup import keys_of, kinds_at, models_at, tags_of, without_tags
from nngraph.spec.nearest import LONGEST_WORD, nearest
from nngraph.spec.phrases import (
    OVERRIDES,
    RANGES,
    TYPES,
    correction,
    describe,
    dotted,
    example,
    inside_text,
    name_of,
    within,
)

MOST_LISTED = 40  # words in a help line
WIDEST = 110  # letters of them


class Explainer:
    """Tells the errors of one validation: `annotation` is what was validated, `root` the value.

    `extra_keys` may stand at the top beside the model's own; `subject` names the value at the
    top, e.g. "edge 'x -> h'".
    """

    def __init__(
        self,
        annotation: Any,
        root: tree.Tree,
        found: Diagnostics,
        section: str = "",
        subject: Callable[[tree.Path], str] | None = None,
        top: Span | None = None,
        extra_keys: tuple[str, ...] = (),
    ) -> None:
        self.annotation, self.root, self.found = annotation, root, found
        self.section, self.extra_keys = section, extra_keys
        self.subject = subject or name_of
        self.top = top
        self.told: set[tuple[str, int]] = set()
        self.before = Covered(())
        self.fractions: set[tree.Path] = set()  # where a number that is not whole would do

    def tell(self, error: ValidationError) -> None:
        """Add a diagnostic for each finding, one per place; count them where there are too many."""
        if self.found.is_full():
            self.found.hidden += error.error_count()
            return
        self.before = Covered(d.span for d in self.found.errors if d.span is not None)
        details = error.errors(include_url=False)
        # keys beside an unknown kind belong to that kind
        unclear = {d["loc"][:-1] for d in details if _is_bad_kind(d)}
        extra = [d["loc"] for d in details if d["type"] == "extra_forbidden"]
        self.fractions = {
            _follow(self.root, without_tags(self.annotation, d["loc"]))[0]
            for d in details
            if TYPES.get(d["type"]) == "a number"
        }
        for number, detail in enumerate(details):
            if self.found.is_full():
                self.found.hidden += len(details) - number
                return
            above = detail["loc"][:-1]
            if detail["type"] == "extra_forbidden" and above in unclear:
                continue
            if detail["type"] == "missing":
                beside = [str(loc[-1]) for loc in extra if loc[:-1] == above]
                if misspelt(str(detail["loc"][-1]), beside):
                    continue
            self._tell_one(detail)

    def _is_reported(self, key: tree.Scalar | None, value: tree.Tree) -> bool:
        """Whether the reading of the text has already found fault with this place."""
        places = [value] if key is None else [key, value]
        return any(self.before.has(place.source, place.start) for place in places)

    def _tell_one(self, detail: ErrorDetails) -> None:
        kind = detail["type"]
        context: dict[str, Any] = dict(detail.get("ctx", {}))
        location = detail["loc"] + tuple(context.get("at", ()))
        path, key, value = _follow(self.root, without_tags(self.annotation, location))
        if self._is_reported(key, value) or _is_echo(kind, context, detail["input"]):
            return
        told = (kind if kind in ("missing", "extra_forbidden") else "", id(key or value))
        if kind != "missing" and told in self.told:
            return  # the other branches of a union
        self.told.add(told)
        if kind == "extra_forbidden":
            self._unknown_key(detail, path, key, value)
        elif kind == "missing":
            self._missing(detail, path, key, value)
        elif kind == "union_tag_not_found":
            detail["loc"] = (*detail["loc"], str(context.get("discriminator", "")).strip("'"))
            self._missing(detail, path, key, value)
        elif kind in ("union_tag_invalid", "literal_error"):
            self._unknown_word(detail, context, path, key, value)
        else:
            self._wrong(detail, context, path, key, value)

    def _unknown_key(
        self, detail: ErrorDetails, path: tree.Path, key: tree.Scalar | None, value: tree.Tree
    ) -> None:
        word = str(detail["loc"][-1])
        models = models_at(self.annotation, detail["loc"][:-1])
        span = key.span if key is not None and path[-1:] == (word,) else value.span
        for model in models:
            for name in (base.__name__ for base in model.__mro__):
                if later := LATER_KEYS.get(name, {}).get(word):
                    self.found.tell("E190", span, problem=later)
                    return
        known = keys_of(models)
        if len(path) <= 1:
            known += [extra for extra in self.extra_keys if extra not in known]
        shown, listed = word[:LONGEST_WORD], ", ".join(known[:MOST_LISTED])
        where = inside_text(self.subject(path[:-1]))
        if kind := self._kind_with(word, detail["loc"]):
            self.found.tell("E104:kind", span, key=shown, where=where, known=listed, kind=kind)
        else:
            near = _of_another_library(word, known, self._place_of(path))
            near = near or nearest(word, known, self.found)
            if span.source.name == OVERRIDES and word in SET_UNDER:
                near = f"write `-s {SET_UNDER[word][0]}={_scalar_text(value)}`"
            self.found.tell("E104", span, label=near, key=shown, where=where, known=listed)

    def _place_of(self, path: tree.Path) -> str:
        """The section that a key belongs to: "top" above all of them."""
        if self.section:
            return self.section
        if path[:2] == ("train", "optimizer") and len(path) > 2:
            return "optimizer"
        return str(path[0]) if len(path) > 1 else "top"

    def _kind_with(self, word: str, location: tuple[str | int, ...]) -> str:
        """Another kind, at the same place, that has this key."""
        others = models_at(self.annotation, location[:-2])
        having = [model for model in others if word in model.model_fields and tags_of(model)]
        return str(tags_of(having[0])[0]) if having else ""

    def _missing(
        self, detail: ErrorDetails, path: tree.Path, key: tree.Scalar | None, value: tree.Tree
    ) -> None:
        word = str(detail["loc"][-1])
        span = key.span if key is not None else self.top or _first(value)
        where = inside_text(self.subject(path))
        if word == "nngraph":
            self.found.tell("E105:nngraph", span, where=where)
        else:
            self.found.tell("E105", span, key=word, where=where)

    def _unknown_word(
        self,
        detail: ErrorDetails,
        context: dict[str, Any],
        path: tree.Path,
        key: tree.Scalar | None,
        value: tree.Tree,
    ) -> None:
        """A word that is none of those known, as a kind or as another choice."""
        is_tag = detail["type"] == "union_tag_invalid"
        if is_tag and isinstance(value, tree.Mapping):
            discriminator = str(context.get("discriminator", "")).strip("'")
            named = value.entries.get(discriminator) or value.entries.get("kind")
            if named is not None:
                path, value = (*path, named[0].text), named[1]
        got = context.get("tag") if is_tag else detail["input"]
        if path[-1:] == ("nngraph",):
            self.found.tell("E108:version", value.span, version=got)
            return
        location = detail["loc"] if is_tag else detail["loc"][:-1]
        known = kinds_at(self.annotation, location) if _is_kind(detail, path) else []
        section = self._section_of(path)
        if later := LATER_KINDS.get(section, {}).get(str(got)):
            self.found.tell("E190", value.span, problem=later)
            return
        if not known:
            known = _expected(context)
        if not isinstance(got, str) and not is_tag:
            self._wrong_type(join_words(known, "or"), path, value, got)
            return
        text = str(got)
        near = _of_another_library(text, known, section)
        near = near or called(text, known, "learning_rate")
        self.found.tell(
            "E108:many" if len(known) > 12 else "E108",
            value.span,
            label=near or nearest(text, known, self.found),
            what=self._what(section, path, is_tag),
            word=str(got)[:LONGEST_WORD],
            known=_some_of(known),
        )

    def _section_of(self, path: tree.Path) -> str:
        """The table of words that a kind at this path is taken from."""
        if self.section:
            return self.section if path in ((), ("kind",)) else str(path[0])
        steps = [step for step in path if isinstance(step, str) and step != "kind"]
        if steps[:1] == ["nodes"] and len(steps) == 2:
            return "nodes"
        if steps in (["data"], ["data", "source"]):
            return "data"
        return steps[-1] if steps else ""

    def _what(self, section: str, path: tree.Path, is_tag: bool) -> str:
        names = {
            "nodes": "kind of node",
            "edges": "kind of edge",
            "function": "activation" if is_tag else "function of a pool",
            "data": "data source",
            "augment": "augmentation",
            "normalize": "normalisation",
            "metrics": "metric",
            "by": "way to search",
        }
        last = next((step for step in reversed(path) if isinstance(step, str)), "")
        if last in ("kind", "source") or last == section or section in ("nodes", "edges"):
            return names.get(section, section)
        return f"value of {self.subject(path)}:"

    def _wrong(
        self,
        detail: ErrorDetails,
        context: dict[str, Any],
        path: tree.Path,
        key: tree.Scalar | None,
        value: tree.Tree,
    ) -> None:
        kind, got = detail["type"], context.get("got", detail["input"])
        if kind in RANGES:
            self._out_of_range(kind, context, path, value, got)
        elif kind in ("finite_number", "nngraph_finite"):
            shown = _scalar_text(value) or str(got)
            self.found.tell("E107:finite", value.span, value=self.subject(path), got=shown[:40])
        elif kind == "nngraph_type" or kind in TYPES:
            expected = TYPES.get(kind) or str(context["expected"])
            if expected == "a whole number" and path in self.fractions:
                expected = "a number"
            self._wrong_type(expected, path, value, got)
        elif kind == "nngraph_text":
            place = _narrow(value, context.get("inside"))
            help = str(context.get("help", ""))
            self.found.tell("E107:told", place, message=context["text"], help=help)
        else:
            message = detail["msg"].removeprefix("Value error, ")
            self.found.tell("E107", value.span, value=self.subject(path), problem=message)

    def _wrong_type(self, expected: str, path: tree.Path, value: tree.Tree, got: Any) -> None:
        written = example(expected, _key(path))
        if value.source.name == OVERRIDES and path:
            written = f"`-s {dotted(path)}={written.strip('`').partition(': ')[2]}`"
        self.found.tell(
            "E106",
            value.span,
            label=correction(expected, got, value, str(path[-1]) if path else ""),
            value=self.subject(path),
            expected=expected,
            got=describe(got, value),
            example=written,
        )

    def _out_of_range(
        self, kind: str, context: dict[str, Any], path: tree.Path, value: tree.Tree, got: Any
    ) -> None:
        words, bound = RANGES[kind]
        limit: Any = context.get(bound)
        subject = self.subject(path)
        if kind == "too_short":
            self.found.tell("E107:empty", value.span, value=subject)
        elif isinstance(got, str):
            allowed = words.format(limit)
            self.found.tell(
                "E107:characters", value.span, value=subject, allowed=allowed, got=got[:60]
            )
        else:
            shown, allowed = _scalar_text(value)[:40] or got, words.format(f"{limit:g}")
            label = f"did you mean `{-got:g}`?" if _fits(kind, limit, -got) else ""
            hint = within(kind, limit, _key(path))
            self.found.tell(
                "E107:range",
                value.span,
                label=label,
                value=subject,
                allowed=allowed,
                got=shown,
                example=hint,
            )


def _of_another_library(word: str, known: Collection[str], section: str) -> str:
    """The caret's text for a word that another library would understand."""
    same = our_word(word, known)
    return f"did you mean '{same}'?" if same else foreign_answer(word, section, ACTIVATIONS)


def _key(path: tree.Path) -> str:
    return path[-1] if path and isinstance(path[-1], str) else ""


def _fits(kind: str, limit: float, value: float) -> bool:
    if kind.startswith("greater"):
        return value > limit or (kind == "greater_than_equal" and value == limit)
    return value < limit or (kind == "less_than_equal" and value == limit)


def _some_of(words: Collection[str]) -> str:
    """All words, or as many as fit a line."""
    shown = list(itertools.takewhile(lambda n: n < WIDEST, itertools.accumulate(map(len, words))))
    if len(shown) == len(words):
        return join_words(list(words), "or")
    listed = ", ".join(list(words)[: len(shown)])
    return f"{listed}, ... ('nngraph schema' lists all {len(words)})"


def _first(value: tree.Tree) -> Span:
    """The first key of a mapping, the first character of anything else."""
    if isinstance(value, tree.Mapping) and value.entries:
        return next(iter(value.entries.values()))[0].span
    return Span(value.source, value.start, value.start + 1)


def _is_kind(detail: ErrorDetails, path: tree.Path) -> bool:
    return (
        detail["type"] == "union_tag_invalid"
        or path[-1:] == ("kind",)
        or (detail["loc"][-1:] == ("kind",))
    )


def _expected(context: dict[str, Any]) -> list[str]:
    text = str(context.get("expected") or context.get("expected_tags") or "")
    return [word.strip().strip("'") for word in text.replace(" or ", ", ").split(", ")]


def _scalar_text(value: tree.Tree) -> str:
    return value.text if isinstance(value, tree.Scalar) else ""


def _narrow(value: tree.Tree, inside_text: tuple[int, int] | None) -> Span:
    if inside_text is None or not isinstance(value, tree.Scalar):
        return value.span
    return value.part(*inside_text)


def _follow(root: tree.Tree, steps: tree.Path) -> tuple[tree.Path, tree.Scalar | None, tree.Tree]:
    """The steps that are really there, and what they lead to."""
    path: tree.Path = ()
    key: tree.Scalar | None = None
    for step in steps:
        below = tree.child(root, step)
        if below is not None:
            path = (*path, step)
            key, root = below
    return path, key, root


def misspelt(key: str, others: Iterable[str]) -> bool:
    """Whether a missing key is there, only misspelt, and told as an unknown one."""
    first = itertools.islice(others, MOST_LISTED)
    return any(suggest(other[:LONGEST_WORD], [key]) for other in first)


def _is_bad_kind(detail: ErrorDetails) -> bool:
    return detail["type"] == "literal_error" and detail["loc"][-1:] == ("kind",)


def _is_echo(kind: str, context: dict[str, Any], got: Any) -> bool:
    """A list is called too short where its entries are wrong."""
    return (
        kind == "too_short"
        and isinstance(got, tuple | list | dict)
        and (len(got) >= context.get("min_length", 0))
    )
