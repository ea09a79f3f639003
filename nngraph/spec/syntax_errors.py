"""YAML's own syntax errors in words that help, corrected where a line shows what was meant."""

from __future__ import annotations

import re

import yaml

from nngraph.errors import Diagnostics, Note, SourceFile, Span

_LIST_AS_ENDS = re.compile(r"^(\s*-\s+)?(\[[^\]]*\])\s*->")
_UNITS = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\[[0-9: ]{1,40}\]")
_EQUALS = re.compile(r"\s*([A-Za-z_]\w{0,63})\s*=\s*([^=\s#][^#]{0,80}?)\s*(#.*)?")
_NO_SPACE = re.compile(r"\s*([A-Za-z_]\w{0,63}):([^\s:/][^:#]{0,80}?)\s*(#.*)?")
_NO_BRACES = re.compile(r"\s+([A-Za-z_]\w{0,63}): (\w+: [^{}#:]+(?:, \w+: [^{}#:]+)*?)\s*(?:#.*)?")
_NEAR = 128  # characters; the units of an end are shorter


def explain_syntax(error: yaml.MarkedYAMLError, source: SourceFile, found: Diagnostics) -> None:
    """Add one error for what stopped the parser."""
    mark = error.problem_mark or error.context_mark
    at = min(mark.index if mark is not None else 0, len(source.text))
    context = error.context_mark.index if error.context_mark is not None else at
    for explain in (_list_as_ends, _bare_brackets, _options_below, _odd_start, _line_above):
        if explain(source, at, context, found):
            return
    opened = Note(Span(source, context, context + 1), "opened here") if context < at else None
    _tell(error.problem or "not readable", _visible(source, at), found, opened)


def _visible(source: SourceFile, at: int) -> Span:
    """One character; at the end of the file, the last one that is not white."""
    text = source.text
    if at >= len(text):
        at = max(0, len(text.rstrip()) - 1)
    return Span(source, at, at + 1)


def _lines(source: SourceFile, *offsets: int) -> list[tuple[int, str]]:
    numbers = dict.fromkeys(source.position(offset)[0] for offset in offsets)
    return [(source.start_of(number), source.line(number)) for number in numbers]


def _list_as_ends(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    for start, line in _lines(source, at, context):
        if matched := _LIST_AS_ENDS.match(line):
            names = matched[2][1:-1].strip()
            place = Span(source, start + matched.start(2), start + matched.end(2))
            found.tell("E128:ends", place, names=names)
            return True
    return False


def _bare_brackets(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    """`outputs: [h[0]]`: inside { } or [ ] a bracket ends the text."""
    for start, line in _lines(source, at, context):
        opening = re.search(r"[\[{]", line)
        for matched in _UNITS.finditer(line, max(0, at - start - _NEAR), at - start + _NEAR):
            opened = start + matched.start() + matched[0].index("[")
            near = opened <= at <= start + matched.end() + 1
            if near and opening is not None and opening.start() < matched.start():
                place = Span(source, start + matched.start(), start + matched.end())
                found.tell("E124", place, text=matched[0], tight=matched[0].replace(" ", ""))
                return True
    return False


def _options_below(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    """`- x -> h` with `trainable: false` on the next line."""
    number = source.position(at)[0]
    key = re.match(r"(\s+)([A-Za-z_]+):", source.line(number))
    above = source.line(number - 1)
    entry = above.lstrip()
    arrow = entry[1:].strip()
    is_entry = entry[:1] == "-" and entry[1:2].isspace() and "->" in arrow
    if key is None or not is_entry or ":" in arrow or "#" in arrow:
        return False
    if len(key[1]) <= len(above) - len(entry):
        return False
    start = source.start_of(number) + key.start(2)
    place = Span(source, start, start + len(key[2]))
    found.tell("E123", place, key=key[2], arrow=arrow, inner="")
    return True


def _odd_start(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    character = source.text[at : at + 1]
    if character == "\t":
        found.tell("E101:tab", Span(source, at, at + 1))
        return True
    if character and character in "@`%":
        found.tell("E101:start", Span(source, at, at + 1), character=character)
        return True
    return False


def _line_above(source: SourceFile, at: int, context: int, found: Diagnostics) -> bool:
    """`epochs = 2` and `name:pets` are texts for YAML, which stumbles over the line below."""
    number = source.position(at)[0]
    for line in (number, number - 1):
        written = source.line(line)
        if matched := _EQUALS.fullmatch(written):
            key, value, start = matched[1], matched[2], source.start_of(line) + matched.start(1)
            place = Span(source, start, source.start_of(line) + matched.end(2))
            found.tell("E101:equals", place, key=key, value=value)
            return True
        if matched := _NO_SPACE.fullmatch(written):
            start = source.start_of(line)
            place = Span(source, start + matched.start(1), start + matched.end(2))
            key, value = matched[1], matched[2]
            found.tell("E109:space", place, key=f"{key}:{value}", name=key, value=value)
            return True
    return False


def _tell(problem: str, place: Span, found: Diagnostics, opened: Note | None) -> None:
    """The parser's own words for what stopped it, in ours."""
    if "mapping values are not allowed" in problem:
        _tell_colon(place, found)
    elif "could not find expected ':'" in problem:
        found.tell("E101:no-colon", place)
    elif "',' or '" in problem:
        notes = () if opened is None else (opened,)
        closing = "]" if "']'" in problem else "}"
        found.tell("E101:unclosed", place, notes=notes, closing=closing)
    elif "end of stream" in problem or "<stream end>" in problem:
        found.tell("E101:end", place)
    elif "'-' indicator" in problem or "<block end>" in problem or "expected key" in problem:
        found.tell("E101:column", place, notes=_above(place))
    elif "node content" in problem:
        is_comma = place.source.text[place.start : place.end] == ","
        found.tell("E101:comma" if is_comma else "E101:no-value", place)
    elif "document start" in problem:
        found.tell("E101:more", place)
    else:
        found.tell("E101", place, problem=problem)


def _tell_colon(place: Span, found: Diagnostics) -> None:
    """A second ':' on a line: options without braces, quotes of a word processor, or plain text."""
    line = place.source.line(place.source.position(place.start)[0])
    if matched := _NO_BRACES.fullmatch(line):
        found.tell("E101:braces", place, key=matched[1], inside=matched[2])
    elif "“" in line or "”" in line:
        found.tell("E101:quotes", place)
    else:
        found.tell("E101:colon", place)


def _above(place: Span) -> tuple[Note, ...]:
    """Where the line above begins, which the line at a place does not fit to."""
    source = place.source
    number = source.position(place.start)[0] - 1
    while number > 1 and not source.line(number).strip():
        number -= 1
    line = source.line(number) if number else ""
    if not line.strip():
        return ()
    column = len(line) - len(line.lstrip())
    if column + 1 == source.position(place.start)[1]:  # both begin alike
        return ()
    start = source.start_of(number) + column
    return (Note(Span(source, start, start + 1), f"begins in column {column + 1}"),)
