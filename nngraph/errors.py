"""What can go wrong, where it stands in a file, and how it is told.

    NNGraphError
    ├── UsageError          2   wrong arguments on the command line or in a call of the API
    ├── SpecError           3   the spec: syntax, keys, types, graph, shapes
    ├── DataError           4   the data
    ├── ModelFileError      5   a weights or checkpoint file
    ├── CapacityError       6   it would not fit: memory, size, time limits
    ├── NonFiniteError      7   training became non-finite
    ├── FileError           8   input, output, environment
    ├── InternalError       9   a bug in nngraph, never the user's fault
    │   └── VerifyError     9   a program or plan that breaks an invariant
    └── CheckFailed        10   a check ran and said no

Every error carries one or more `Diagnostic`s; `format_diagnostic` is the one place that turns a
diagnostic into text for people, `diagnostic_json` into data for editors.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any, ClassVar, Literal

from nngraph.diagnostics import say
from nngraph.diagnostics.foreign import our_word
from nngraph.diagnostics.showing import LINE_WIDTH, line_of, one_to_one, shortened
from nngraph.diagnostics.source import SourceFile as SourceFile
from nngraph.diagnostics.source import Span as Span
from nngraph.records import dataclass

CLOSE = 0.65  # of a name to a word, as difflib measures it, for the name to be what was meant
KEPT_AT_MOST = 1_000  # mistakes of a stage; more are only counted
LINES_AT_MOST = 60  # of all messages together: what fits a screen
LONGEST_MESSAGE = 20  # lines of one
SNIPPET_WIDTH = 120  # columns of a source line shown around the caret


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that belongs to a diagnostic, e.g. where a key was first defined."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: what (`message`), where (`span`), why (`label`), the next step (`help`)."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""
    severity: Literal["error", "lint"] = "error"


def diagnostic(
    key: str,
    span: Span | None = None,
    /,
    *,
    label: str = "",
    notes: Iterable[Note] = (),
    **facts: object,
) -> Diagnostic:
    """A mistake in the words of its row: "E209", or one case of it, "E209:itself".

    `facts` fill the row's texts in; a label that was found here goes before the row's own.

    >>> diagnostic("E206", id="u").message
    "nothing reads the input 'u'"
    """
    said = say(key, facts, label)
    severity: Literal["error", "lint"] = "lint" if key[0] == "L" else "error"
    return Diagnostic(said.code, said.message, span, said.label, tuple(notes), said.help, severity)


class NNGraphError(Exception):
    """Anything that nngraph reports on purpose; `exit_code` is what the command line returns."""

    exit_code: ClassVar[int] = 9
    default_code: ClassVar[str] = "E900"

    def __init__(self, *problems: str | Diagnostic, hidden: int = 0) -> None:
        self.diagnostics = tuple(
            Diagnostic(self.default_code, problem) if isinstance(problem, str) else problem
            for problem in problems
        )
        self.hidden = hidden
        super().__init__(self.diagnostics[0].message if self.diagnostics else "")

    def __str__(self) -> str:
        return format_error(self)

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in place of all frames: the caller's line, and what is wrong."""
        from nngraph.diagnostics.notebook import lines_of_caller

        return [*lines_of_caller(self.__traceback__), f"{type(self).__name__}: {self}"]


class UsageError(NNGraphError):
    """Wrong arguments on the command line or in a call of the API."""

    exit_code = 2
    default_code = "E002"


class SpecError(NNGraphError):
    """The spec: syntax, keys, types, graph, shapes."""

    exit_code = 3
    default_code = "E100"


class DataError(NNGraphError):
    """The data do not fit the spec, or are damaged."""

    exit_code = 4
    default_code = "E400"


class ModelFileError(NNGraphError):
    """A weights or checkpoint file is damaged or belongs to another network."""

    exit_code = 5
    default_code = "E500"


class CapacityError(NNGraphError):
    """It would not fit into memory, a size or a time limit."""

    exit_code = 6
    default_code = "E600"


class NonFiniteError(NNGraphError):
    """Training became non-finite."""

    exit_code = 7
    default_code = "E700"


class FileError(NNGraphError):
    """A missing or unreadable file, an unwritable folder, a missing program."""

    exit_code = 8
    default_code = "E800"


class InternalError(NNGraphError):
    """A bug in nngraph."""

    exit_code = 9
    default_code = "E900"


class VerifyError(InternalError):
    """A program or plan breaks an invariant: a bug in a pass, never in a spec."""

    default_code = "E901"


class UnboundRunWarning(UserWarning):
    """A run folder has no manifest: nothing tells whether its files are those that it wrote."""


class OtherDataWarning(UserWarning):
    """A run finds other data than those that it was trained on."""


class CheckFailed(NNGraphError):
    """A check ran and said no."""

    exit_code = 10
    default_code = "E910"


@dataclass
class Diagnostics:
    """Collects the mistakes of one stage, so that one run tells all of them.

    >>> found = Diagnostics()
    >>> found.tell("E206", id="u")
    >>> found.raise_if_any()
    Traceback (most recent call last):
    nngraph.errors.SpecError: error: nothing reads the input 'u' [E206]
      = help: connect it, e.g. `u -> ...`, or remove it
    """

    error_class: type[NNGraphError] = SpecError
    errors: list[Diagnostic] = field(default_factory=list)
    lints: list[Diagnostic] = field(default_factory=list)
    hidden: int = 0
    """Errors that were only counted, where there are a thousand already."""

    def is_full(self) -> bool:
        """Whether one more error would only be counted."""
        return len(self.errors) >= KEPT_AT_MOST

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep what is raised inside, and go on with what does not need its result.

        The first mistake decides of which class the error is that tells all of them.
        """
        try:
            yield
        except InternalError:
            raise
        except NNGraphError as error:
            self.keep(error)

    def keep(self, error: NNGraphError) -> None:
        """Keep all mistakes of an error, each once."""
        self.error_class = self.error_class if self.errors else type(error)
        self.errors.extend(d for d in error.diagnostics if d not in self.errors)
        self.hidden += error.hidden

    def tell(
        self,
        key: str,
        span: Span | None = None,
        /,
        *,
        label: str = "",
        notes: Iterable[Note] = (),
        **facts: object,
    ) -> None:
        """Add an error, or a lint for an "L" code, in the words of its row: see `diagnostic`."""
        if key[0] != "L" and self.is_full():
            self.hidden += 1
            return
        told = diagnostic(key, span, label=label, notes=notes, **facts)
        (self.lints if told.severity == "lint" else self.errors).append(told)

    def raise_if_any(self) -> None:
        """Raise all errors so far as one, file by file in order of place."""
        if not self.errors:
            return
        sources = dict.fromkeys(d.span.source for d in self.errors if d.span is not None)
        number = {source: k for k, source in enumerate(sources)}

        def place(told: Diagnostic) -> tuple[int, int]:
            span = told.span
            return (-1, -1) if span is None else (number[span.source], span.start)

        raise self.error_class(*sorted(self.errors, key=place), hidden=self.hidden)


def suggest(word: str, known: Iterable[str]) -> str:
    """The caret's text for a misspelt word, or one of another library: "did you mean 'units'?", or
    "" when nothing is near.

    >>> suggest("activaton", ["units", "activation"]), suggest("mse", ["mean_squared_error"])
    ("did you mean 'activation'?", "did you mean 'mean_squared_error'?")
    """
    candidates = sorted(set(known))
    near = our_word(word, candidates)
    if not near:
        turned = [name for name in candidates if sorted(name) == sorted(word)]  # adma for adam
        close = turned or difflib.get_close_matches(word, candidates, n=1, cutoff=CLOSE)
        begun = [name for name in candidates if word and name.startswith(f"{word}.")]
        near = next(iter((*close, *begun)), "")
    return f"did you mean '{near}'?" if near else ""


def format_diagnostic(diagnostic: Diagnostic) -> str:
    """Text for people: severity, message and code, file:line:column, source line, caret, help."""
    head = line_of(f"{diagnostic.severity}: {diagnostic.message} [{diagnostic.code}]")
    help = line_of(f"= help: {diagnostic.help}") if diagnostic.help else ""
    span = diagnostic.span
    if span is None:
        return head + (f"\n{shortened(f'  {help}')}" if help else "")
    places = [(span, "^", diagnostic.label)]
    places += [(note.span, "-", note.text) for note in diagnostic.notes]
    width = max(len(place.source.number_of(place.line)) for place, _, _ in places)
    gap = " " * width
    lines = [head, line_of(f"{gap} --> {span}"), f"{gap} |"]
    shown = span.source
    for place, mark, label in places:
        if place.source is not shown:
            lines.append(line_of(f"{gap} ::: {place}"))
            shown = place.source
        lines += _snippet(place, mark, label, width)
    if len(lines) >= LONGEST_MESSAGE:
        lines = [*lines[: LONGEST_MESSAGE - 2], f"{gap} ..."]
    if help:
        lines.append(shortened(f"{gap} {help}"))
    return "\n".join(lines)


def _snippet(span: Span, mark: str, label: str, width: int) -> list[str]:
    line, column = span.source.position(span.start)
    text = span.source.line(line)
    end_line, end_column = span.source.position(span.end)
    length = (end_column if end_line == line else len(text) + 1) - column
    start = max(0, column - 1 - SNIPPET_WIDTH // 2) if len(text) > SNIPPET_WIDTH else 0
    visible = text[start : start + SNIPPET_WIDTH]
    caret = column - 1 - start
    length = max(1, min(length, len(visible) - caret))
    # a tab keeps its width, so that the caret stands under its character
    indent = "".join("\t" if c == "\t" else " " for c in visible[:caret]).ljust(caret)
    marked = f"{' ' * width} | {indent}{mark * length} "
    told = shortened(line_of(label), LINE_WIDTH - len(marked))
    number = span.source.number_of(line)
    return [f"{number:>{width}} | {one_to_one(visible)}".rstrip(), f"{marked}{told}".rstrip()]


def format_error(error: NNGraphError) -> str:
    """The diagnostics of an error, an empty line between two, and a count of those not shown.

    At most 60 lines of at most 200 characters.
    """
    parts, rest = fitting(error.diagnostics, LINES_AT_MOST - 2)
    return "\n\n".join([*parts, *not_shown(rest + error.hidden)])


def fitting(diagnostics: Sequence[Diagnostic], lines: int) -> tuple[list[str], int]:
    """Texts of the first diagnostics, as many as fit so many lines with an empty one between two;
    and how many are left over."""
    parts: list[str] = []
    for diagnostic in diagnostics:
        text = format_diagnostic(diagnostic)
        lines -= text.count("\n") + 1
        if lines < 0:
            break
        parts.append(text)
        lines -= 1
    return parts, len(diagnostics) - len(parts)


def not_shown(count: int, what: str = "error") -> list[str]:
    """A line that counts what is not shown, if there is any.

    >>> not_shown(1234), not_shown(0)
    (['... and 1,234 more errors'], [])
    """
    return [f"... and {count:,} more {what}{'s' * (count > 1)}"] if count else []


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The facts of `format_diagnostic` for editors: lines and columns from 1, ends excluded."""
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "help": diagnostic.help,
        "place": _place(diagnostic.span) if diagnostic.span is not None else None,
        "notes": [{"text": n.text, "place": _place(n.span)} for n in diagnostic.notes],
    }


def _place(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def error_json(error: NNGraphError) -> dict[str, Any]:
    """One error as data: its exit code and all diagnostics."""
    return {
        "exit_code": error.exit_code,
        "errors": [diagnostic_json(d) for d in error.diagnostics],
        "hidden": error.hidden,
    }


def join_words(words: Sequence[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
