"""The frame around every command: it runs one, and turns whatever happens into an exit code.

    0 done                      5 a model file             9 a bug in nngraph
    2 wrong usage               6 it would not fit        10 a check ran and said no
    3 the spec                  7 training non-finite    130 interrupted, 143 terminated
    4 the data                  8 files, environment     141 the reader of our output went away

Never 1: that is Python's own crash, so a crash is always visible.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import click

from nngraph.cli.group import nngraph
from nngraph.cli.messages import KEY, messages_of_run
from nngraph.cli.output import count_hidden, report_error, warn
from nngraph.cli.standard_streams import INTERRUPTED, EnduringFile, OneInterrupt, endure
from nngraph.diagnostics.foreign import SET_UNDER, our_word
from nngraph.errors import (
    CapacityError,
    FileError,
    InternalError,
    NNGraphError,
    OtherDataWarning,
    UnboundRunWarning,
    UsageError,
    diagnostic,
    format_error,
)

WARNINGS = (UnboundRunWarning, OtherDataWarning)
SIGNALS = 128  # exit codes of signals lie above
PIPE_CLOSED = 141
BETWEEN_COLLECTIONS = 200_000  # objects made; nothing that imports make is garbage


def main() -> None:
    """The console script `nngraph`."""
    gc.set_threshold(BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # they are looked for on the disk
    interrupt, code = OneInterrupt(), INTERRUPTED
    with contextlib.suppress(KeyboardInterrupt):
        files = endure()
        code = _told(run(sys.argv[1:]), files)
    sys.exit(interrupt.end(code))


def _told(code: int, files: Sequence[EnduringFile]) -> int:
    """The exit code: another where a stream did not take what there was to tell."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            return _leave_quietly()
    names = ("standard output", "standard error")
    lost = [(name, file.fault) for name, file in zip(names, files, strict=True)]
    for name, fault in lost:
        if fault is not None:
            problem = FileError(diagnostic("E803:stream", stream=name, reason=_why(fault)))
            _write_error(format_error(problem))
    is_lost = any(fault is not None for _, fault in lost)
    return FileError.exit_code if is_lost and code < SIGNALS else code


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every message is already written."""
    _survive_any_encoding()
    as_json = "--json" in arguments
    try:
        with _warnings_shown():
            code = _run_command(list(arguments), as_json)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _leave_quietly()
    except KeyboardInterrupt:
        _write_error("interrupted")
        return INTERRUPTED


@contextlib.contextmanager
def _warnings_shown() -> Iterator[None]:
    """Our own warnings in the form of our other words, each once."""
    with warnings.catch_warnings():
        for ours in WARNINGS:
            warnings.simplefilter("default", ours)
        show = warnings.showwarning

        def tell(message: Warning | str, category: type[Warning], *more: Any, **named: Any) -> None:
            if issubclass(category, WARNINGS):
                warn(str(message))
            else:
                show(message, category, *more, **named)

        warnings.showwarning = tell
        yield


def _run_command(arguments: list[str], as_json: bool) -> int:
    with click.Context(nngraph).scope(cleanup=False):  # all messages of a run are counted together
        code = _invoke(arguments, as_json)
        count_hidden()
    return code


def _invoke(arguments: list[str], as_json: bool) -> int:
    messages = messages_of_run()
    try:
        with nngraph.make_context("nngraph", arguments) as context:
            context.meta[KEY] = messages
            code = nngraph.invoke(context)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, EOFError):
        raise KeyboardInterrupt from None
    except click.exceptions.NoArgsIsHelpError as problem:
        _write_error(problem.ctx.get_help() if problem.ctx is not None else str(problem))
        return UsageError.exit_code
    except click.ClickException as problem:
        return report_error(_usage_error(problem), as_json)
    except NNGraphError as problem:
        return _report_ours(problem, as_json)
    except MemoryError:
        return report_error(CapacityError(diagnostic("E600")), as_json)
    except OSError as problem:
        if problem.errno == errno.EPIPE:
            raise BrokenPipeError from None
        return report_error(_file_error(problem), as_json)
    except Exception as problem:
        if isinstance(problem.__cause__ or problem.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None  # a library made another error of Ctrl-C
        return _report_bug(problem, as_json)


def _usage_error(problem: click.ClickException) -> NNGraphError:
    """Click's own errors in the form of ours, with a next step."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else "nngraph"
    advice = f"try '{path} --help'"
    message = problem.format_message()
    if isinstance(problem, click.NoSuchOption):
        message = f"no option '{problem.option_name}'"
        takes_values = context is not None and any(
            "--set" in parameter.opts for parameter in context.command.params
        )
        if problem.possibilities:
            advice = f"did you mean '{sorted(problem.possibilities)[0]}'?"
        elif takes_values:
            advice = f"values of the spec are set with -s, e.g. {_set_instead(problem)}; {advice}"
    message = message.replace("is not a valid integer range", "is no whole number")
    message = message.replace("is not a valid integer", "is no whole number")
    message = message[:1].lower() + message[1:].rstrip(".")
    return UsageError(diagnostic("E002", message=message, help=advice))


def _set_instead(problem: click.NoSuchOption) -> str:
    """How -s sets what an option of another tool would."""
    word = problem.option_name.lstrip("-").partition("=")[0].replace("-", "_")
    near = our_word(word, SET_UNDER) or our_word(word.rstrip("s"), SET_UNDER) or word
    near = near if near in SET_UNDER else f"{near}s"
    path, value = SET_UNDER.get(near, SET_UNDER["epochs"])
    return f"-s {path}={value}"


def _file_error(problem: OSError) -> FileError:
    where = f"'{problem.filename}': " if problem.filename is not None else ""
    return FileError(diagnostic("E800", where=where, reason=problem.strerror or str(problem)))


def _why(problem: OSError) -> str:
    reason = problem.strerror or str(problem)
    return reason[:1].lower() + reason[1:]


def _report_ours(problem: NNGraphError, as_json: bool) -> int:
    code = report_error(problem, as_json)
    if isinstance(problem, InternalError):
        _write_error(_bug_report(problem))
    return code


def _report_bug(problem: Exception, as_json: bool) -> int:
    message = f"a bug in nngraph: {type(problem).__name__}: {problem}"
    code = report_error(InternalError(message), as_json)
    _write_error(_bug_report(problem))
    return code


def _bug_report(problem: Exception) -> str:
    trace = "".join(traceback.format_exception(problem))
    return (
        f"{trace}\nThis is never the fault of your spec. Please report it, with the lines above, "
        "the spec and the output of 'nngraph doctor'."
    )


def _write_error(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _survive_any_encoding() -> None:
    # a terminal that knows no arrows gets question marks, not a crash
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _leave_quietly() -> int:
    # Python flushes both streams once more at exit: give those without a reader somewhere to write
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return PIPE_CLOSED
