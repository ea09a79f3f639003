"""Rows as text: the answer to "what does this code mean?", and the page `docs/errors.md`."""

from __future__ import annotations

from nngraph.diagnostics.catalogue import FAMILIES
from nngraph.diagnostics.row import DiagnosticRow, Example, Family
from nngraph.diagnostics.showing import printable
from nngraph.diagnostics.wording import pattern

CHECK = Example().commands  # said once at the top of the page
LONGEST_LINE = 200  # characters of an example; what is longer is cut for the eye

_HEAD = """\
# Errors and lints

Every message of nngraph ends with a code. This page says what each means, what to do, and shows
a file `net.yaml` that is wrong and one that is right. Where no command stands beside it, `nngraph
check net.yaml` tells of it. The page is made from the catalogue in
`nngraph/diagnostics/`, whose examples are executed by a test:

    python -m nngraph.diagnostics > docs/errors.md
"""


def _as_markdown(row: DiagnosticRow) -> str:
    """One row: a heading with code and name, what it means, what to do, wrong and right.

    >>> from nngraph.diagnostics.catalogue import find
    >>> _, row = find("E201")
    >>> print(_as_markdown(row).partition("It says")[0].strip())
    ### E201 unknown-node
    <BLANKLINE>
    An edge begins or ends at a node that is not listed.
    <BLANKLINE>
    *What to do:* Correct the spelling, or add the node under `nodes`.
    """
    parts = [f"### {row.code} {row.name}", row.meaning, f"*What to do:* {row.step}"]
    if messages := [m for m in dict.fromkeys(map(pattern, row.texts)) if m.strip(".: ")]:
        parts += ["It says:", "\n".join(f"- {_as_code(message)}" for message in messages)]
    if row.unprovoked:
        parts.append(f"There is no example: {row.unprovoked}.")
    parts += _example("Wrong", row.wrong) + _example("Right", row.right)
    return "\n\n".join(parts) + "\n"


def page_of(family: Family, row: DiagnosticRow) -> str:
    """One row on a page of its own, with the exit code of its family."""
    exits = f" (exit code {family.exit_code})" if family.exit_code else ""
    head, _, rest = _as_markdown(row).partition("\n")
    return f"{head.removeprefix('### ')}{exits}\n{rest}".replace("*What to do:*", "What to do:", 1)


def _as_code(message: str) -> str:
    ticks = "``" if "`" in message else "`"
    return f"{ticks}{message}{ticks}"


def _example(title: str, example: Example | None) -> list[str]:
    if example is None:
        return []
    parts = [f"{title}:"]
    parts += [_fenced("yaml", example.spec)] if example.spec else []
    for name, text in example.files:
        parts += [f"`{name}`:", _fenced("text", text)]
    if example.commands and example.commands != CHECK:
        parts.append(_fenced("sh", "".join(f"{command}\n" for command in example.commands)))
    return parts + ([_fenced("python", example.script)] if example.script else [])


def _fenced(language: str, text: str) -> str:
    body = "\n".join(_shown(line) for line in text.splitlines())
    return f"```{language}\n{body}\n```"


def _shown(line: str) -> str:
    """A line as a person can read it: not too long, control characters spelled out."""
    if len(line) > LONGEST_LINE:
        line = f"{line[: LONGEST_LINE // 4]}... (and so on)"
    return printable(line, keep="")


def reference_page() -> str:
    """The whole reference, by family."""
    parts = [_HEAD, *(_section(family) for family in FAMILIES)]
    return "\n".join(parts)


def _section(family: Family) -> str:
    exits = f"exit code {family.exit_code}"
    head = f"## {family.title} ({exits})\n" if family.exit_code else f"## {family.title}\n"
    return "\n".join([head, *(_as_markdown(row) for row in family.rows)])
