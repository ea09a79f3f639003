"""Pydantic's findings in our words, at their place in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nngraph.errors import Diagnostics, Span, join_words, suggest
from nngraph.spec import tree
from nngraph.spec.later import LATER_KEYS, LATER_KINDS
from nngraph.spec.lookup import keys_of, kinds_at, models_at
from nngraph.spec.scalars import number_meant, truth_meant

MOST_LISTED = 40  # words in a help line


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

    def tell(self, error: ValidationError) -> None:
        """Add a diagnostic for each finding, one per place."""
        for detail in error.errors(include_url=False):
            self._tell_one(detail)

    def _tell_one(self, detail: ErrorDetails) -> None:
        kind = detail["type"]
        context: dict[str, Any] = dict(detail.get("ctx", {}))
        location = detail["loc"] + tuple(context.get("at", ()))
        path, key, value = _follow(self.root, location)
        told = (kind if kind in ("missing", "extra_forbidden") else "", id(key or value))
        if kind != "missing" and told in self.told:
            return  # the other branches of a union
        self.told.add(told)
        if kind == "extra_forbidden":
            self._unknown_key(detail, path, key, value)
        elif kind == "missing":
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
                    self.found.error("E190", later, span)
                    return
        known = keys_of(models)
        if len(path) <= 1 and not self.section:
            known += self.extra_keys
        elif len(path) <= 1:
            known += [extra for extra in self.extra_keys if extra not in known]
        self.found.error(
            "E104",
            f"unknown key '{word}' {_inside(self.subject(path[:-1]))}",
            span,
            label=suggest(word, known),
            help="" if suggest(word, known) else f"known keys: {', '.join(known[:MOST_LISTED])}",
        )

    def _missing(
        self, detail: ErrorDetails, path: tree.Path, key: tree.Scalar | None, value: tree.Tree
    ) -> None:
        word = str(detail["loc"][-1])
        span = key.span if key is not None else self.top or _first(value)
        help = f"write `{word}: ...`" if word != "nngraph" else "begin the file with `nngraph: 1`"
        self.found.error(
            "E105", f"the key '{word}' is missing {_inside(self.subject(path))}", span, help=help
        )

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
            self._unknown_version(got, value)
            return
        location = detail["loc"] if is_tag else detail["loc"][:-1]
        known = kinds_at(self.annotation, location) if _is_kind(detail, path) else []
        section = self._section_of(path)
        if later := LATER_KINDS.get(section, {}).get(str(got)):
            self.found.error("E190", later, value.span)
            return
        if not known:
            known = _expected(context)
        if not isinstance(got, str) and not is_tag:
            self._wrong_type(join_words(known, "or"), path, value, got)
            return
        near = suggest(str(got), known)
        listed = f"write {join_words(known[:MOST_LISTED], 'or')}"
        self.found.error(
            "E108",
            f"unknown {self._what(section, path)} '{got}'",
            value.span,
            label=near,
            help="" if near and len(known) > 12 else listed,
        )

    def _unknown_version(self, got: Any, value: tree.Tree) -> None:
        self.found.error(
            "E108",
            f"version {got!r} of the language",
            value.span,
            label="this nngraph reads version 1",
            help="write `nngraph: 1`",
        )

    def _section_of(self, path: tree.Path) -> str:
        """The table of words that a kind at this path is taken from."""
        if self.section:
            return self.section if len(path) <= 1 else str(path[0])
        steps = [step for step in path if isinstance(step, str) and step != "kind"]
        if steps[:1] == ["nodes"] and len(steps) == 2:
            return "nodes"
        if steps[:1] == ["data"]:
            return "data"
        return steps[-1] if steps else ""

    def _what(self, section: str, path: tree.Path) -> str:
        names = {
            "nodes": "kind of node",
            "edges": "kind of edge",
            "function": "activation",
            "data": "data source",
            "metrics": "metric",
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
        if kind in _RANGES:
            self._out_of_range(kind, context, path, value, got)
        elif kind in ("finite_number", "nngraph_finite"):
            shown = _scalar_text(value) or str(got)
            self.found.error(
                "E107",
                f"{self.subject(path)} must be a finite number, not {shown[:40]}",
                value.span,
            )
        elif kind in ("nngraph_number", "nngraph_text") or kind in _TYPES:
            expected = _TYPES.get(kind) or str(context.get("text", "")).removesuffix(" is expected")
            self._wrong_type(expected, path, value, got)
        elif kind.startswith("nngraph_"):
            self.found.error(
                "E107",
                context["text"],
                _narrow(value, context.get("inside")),
                help=str(context.get("help", "")),
            )
        else:
            message = detail["msg"].removeprefix("Value error, ")
            self.found.error("E107", f"{self.subject(path)}: {message}", value.span)

    def _wrong_type(self, expected: str, path: tree.Path, value: tree.Tree, got: Any) -> None:
        self.found.error(
            "E106",
            f"{self.subject(path)} must be {expected}, not {describe(got, value)}",
            value.span,
            label=mend(expected, got, value),
        )

    def _out_of_range(
        self, kind: str, context: dict[str, Any], path: tree.Path, value: tree.Tree, got: Any
    ) -> None:
        words, bound = _RANGES[kind]
        limit = context.get(bound)
        if kind == "too_short":
            message = f"{self.subject(path)} must hold at least one entry"
        elif isinstance(got, str):
            message = f"{self.subject(path)}: {words.format(limit)}, not '{got[:60]}'"
        else:
            shown = _scalar_text(value)[:40] or got
            message = f"{self.subject(path)} must be {words.format(limit)}, not {shown}"
        self.found.error("E107", message, value.span)


_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "union_tag_not_found": "a mapping with `kind`",
}

_RANGES = {
    "greater_than": ("more than {}", "gt"),
    "greater_than_equal": ("{} or more", "ge"),
    "less_than": ("less than {}", "lt"),
    "less_than_equal": ("{} or less", "le"),
    "too_short": ("at least {} entries", "min_length"),
    "string_too_short": ("at least {} character", "min_length"),
    "string_pattern_mismatch": (
        "only letters, digits, '_', '-' and '.' are allowed, at most 64, a letter or digit first",
        "pattern",
    ),
}


def name_of(path: tree.Path) -> str:
    """A value by its path, in words.

    >>> name_of(("nodes", "h", "units")), name_of(("train", "epochs")), name_of(("expect", 0))
    ("'units' of node 'h'", "'train.epochs'", 'entry 1 of 'expect'')
    """
    if path[:1] == ("nodes",) and len(path) > 1:
        return _of(path[2:], f"node '{path[1]}'")
    if not path:
        return "the file"
    return _of(path[1:], f"'{path[0]}'") if isinstance(path[-1], int) else f"'{_dotted(path)}'"


def _of(steps: tree.Path, whole: str) -> str:
    if not steps:
        return whole
    *outer, last = steps
    inner = f"entry {last + 1}" if isinstance(last, int) else f"'{last}'"
    if not outer:
        return f"{inner} of {whole}"
    if isinstance(last, int):
        return f"{inner} of {_of(tuple(outer), whole)}"
    return f"'{_dotted(steps)}' of {whole}"


def _dotted(path: tree.Path) -> str:
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out


def _inside(name: str) -> str:
    return "at the top of the file" if name == "the file" else f"in {name}"


def _follow(
    root: tree.Tree, location: tuple[str | int, ...]
) -> tuple[tree.Path, tree.Scalar | None, tree.Tree]:
    """The steps that are really there, and what they lead to."""
    path: tree.Path = ()
    key: tree.Scalar | None = None
    for step in location:
        below = tree.child(root, step)
        if below is not None:
            path = (*path, step)
            key, root = below
    return path, key, root


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


def _narrow(value: tree.Tree, inside: tuple[int, int] | None) -> Span:
    if inside is None or not isinstance(value, tree.Scalar):
        return value.span
    return value.part(*inside)


def describe(got: Any, value: tree.Tree) -> str:
    """What stands there, in words."""
    if isinstance(value, tree.Scalar) and not isinstance(got, str | tuple | list | dict):
        return value.text[:40]
    if isinstance(got, str):
        shown = got if len(got) <= 40 else got[:37] + "..."
        return f"the text '{shown}'"
    if isinstance(got, bool):
        return "true" if got else "false"
    if isinstance(got, tuple | list):
        return "a list"
    return "a mapping" if isinstance(got, dict) else str(got)


def mend(expected: str, got: Any, value: tree.Tree) -> str:
    """What to write instead, where that is plain."""
    if "number" in expected and isinstance(got, str):
        number = number_meant(got)
        return f"write `{number}`" if number else ""
    if expected == "true or false" and isinstance(got, str):
        return f"write `{truth_meant(got)}`" if truth_meant(got) else ""
    if expected == "true or false" and got in (0, 1):
        return f"write `{'true' if got else 'false'}`"
    if expected == "a whole number" and isinstance(got, float) and got.is_integer():
        return f"write `{int(got)}`"
    if expected == "text" and isinstance(value, tree.Scalar):
        return f'put it in quotes: `"{value.text}"`'
    if expected == "a list" and isinstance(value, tree.Scalar):
        return f"write `[{value.text}]`"
    return ""
