"""What the catalogue knows of one code: one frozen row."""

from __future__ import annotations

from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """Files, and commands that are given one after the other where these files lie.

    `spec` is the text of `net.yaml`. In the example of a mistake the last command gives the code
    of its row and all before it pass; in the example of how it is right, all pass. A command that
    does not begin with `nngraph` is one of the shell. With `script`, a few lines of Python follow
    the commands.
    """

    spec: str = ""
    commands: tuple[str, ...] = ("nngraph check net.yaml",)
    files: tuple[tuple[str, str], ...] = ()
    script: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What is said of one mistake. `{names}` are facts that the place gives which tells it; a count
    takes its noun along, `{units:unit}`.

    `help` is the next step, `label` stands under the caret. `otherwise` is the help where the place
    has found no label, such as a word that was probably meant. `case` tells the texts of one code
    apart: "E209:itself" is the case `itself` of E209.
    """

    message: str
    help: str = ""
    label: str = ""
    case: str = ""
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosticRow:
    """One code: its name, why what it tells is a mistake, the next step, what is said of it in
    each case, wrong and right.

    `unprovoked` says why no example can show the code, where none can.
    """

    code: str
    name: str
    meaning: str
    step: str
    texts: tuple[Text, ...] = ()
    wrong: Example | None = None
    right: Example | None = None
    unprovoked: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """Codes of one kind, and what the command line returns for them: a test compares it with the
    class of error that carries them."""

    title: str
    exit_code: int
    rows: tuple[DiagnosticRow, ...]
