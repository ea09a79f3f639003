"""YAML's own syntax errors in words that help, with the mend where a line shows what was meant."""

from __future__ import annotations

import re

import yaml

from nngraph.errors import Diagnostics, SourceFile, Span

_LIST_AS_ENDS = re.compile(r"^(\s*-\s+)?(\[[^\]]*\])\s*->")
_UNITS = re.compile(r"[A-Za-z][A-Za-z0-9_]*\[[0-9: ]+\]")


def explain_syntax(error: yaml.MarkedYAMLError, source: SourceFile, found: Diagnostics) -> None:
    """Add one error for what stopped the parser."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index if mark is not None else 0, len(source.text))
    context = error.context_mark.index if error.context_mark is not None else at
    for explain in (_list_as_ends, _bare_brackets, _options_below, _odd_start):
        if explain(source, at, context, found):
            return
    problem = error.problem or "not readable"
    message, help = _in_words(problem)
    found.error("E101", message, _visible(source, at), help=help)


def _visible(source: SourceFile, at: int) -> Span:
    """One character; at the end of the file, the last one that is not white."""
    text = source.text
    if at >= len(text):
        at = max(0, len(text.rstrip()) - 1)
    return Span(source, at, at + 1)


def _lines(source: SourceFile, *offsets: int) -> list[tuple[int, str]]:
    numbers = dict.fromkeys(source.position(offset)[0] for offset in offsets)
    return [(source.line_starts[number - 1], source.line(number)) for number in numbers]


def _list_as_ends(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    for start, line in _lines(source, at, context):
        if matched := _LIST_AS_ENDS.match(line):
            names = matched[2][1:-1].strip()
            found.error(
                "E128",
                "the ends of an edge are written without brackets",
                Span(source, start + matched.start(2), start + matched.end(2)),
                label=f"write `{names} -> ...`",
            )
            return True
    return False


def _bare_brackets(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    """`outputs: [h[0]]`: inside { } or [ ] a bracket ends the text."""
    for start, line in _lines(source, at, context):
        for matched in _UNITS.finditer(line):
            opened = start + matched.start() + matched[0].index("[")
            near = opened <= at <= start + matched.end() + 1
            if near and re.search(r"[\[{]", line[: matched.start()]):
                found.error(
                    "E124",
                    f"'{matched[0]}' has brackets of its own",
                    Span(source, start + matched.start(), start + matched.end()),
                    label=f'inside {{ }} or [ ] quote it: "{matched[0].replace(" ", "")}"',
                )
                return True
    return False


def _options_below(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    """`- x -> h` with `trainable: false` on the next line."""
    number = source.position(at)[0]
    key = re.match(r"(\s+)([A-Za-z_]+):", source.line(number))
    above = re.fullmatch(r"(\s*)-\s+([^:#]*->[^:#]*)", source.line(number - 1))
    if key is None or above is None or len(key[1]) <= len(above[1]):
        return False
    start = source.line_starts[number - 1] + key.start(2)
    found.error(
        "E123",
        f"'{key[2]}' stands beside the arrow, not in its value",
        Span(source, start, start + len(key[2])),
        help=f"write `- {above[2].strip()}: {{{key[2]}: ...}}`",
    )
    return True


def _odd_start(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    character = source.text[at : at + 1]
    if character == "\t":
        found.error(
            "E101",
            "a tab where YAML wants spaces",
            Span(source, at, at + 1),
            help="indent with spaces",
        )
        return True
    if character and character in "@`%":
        found.error(
            "E101",
            f"a text cannot start with '{character}'",
            Span(source, at, at + 1),
            help="put the text in quotes",
        )
        return True
    return False


def _in_words(problem: str) -> tuple[str, str]:
    if "mapping values are not allowed" in problem:
        return (
            "a ':' where no key can stand",
            "put text that holds ': ' in quotes; start a key on a line of its own, indented like "
            "the keys beside it",
        )
    if "could not find expected ':'" in problem:
        return "a ':' is missing after this key", "write `key: value`, with a space after the ':'"
    if "',' or '" in problem:
        closing = "]" if "']'" in problem else "}"
        return (
            f"a ',' or a '{closing}' is missing here",
            f"separate entries by ', ' and close the bracket with '{closing}'",
        )
    if "end of stream" in problem or "<stream end>" in problem:
        return "the file ends inside a bracket or a quote", "look for one that is never closed"
    if "'-' indicator" in problem or "<block end>" in problem or "expected key" in problem:
        return (
            "this line does not fit to the lines above it",
            "keys of one mapping, and the '-' of one list, stand in one column",
        )
    if "node content" in problem:
        return "a value is missing here", "write a value, or close the bracket"
    if "document start" in problem:
        return "the mapping above ends, but more text follows", "check how this line is indented"
    return f"not readable as YAML: {problem}", ""
