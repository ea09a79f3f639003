"""Places in the spec's `data` section, where there is a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from nngraph.errors import CapacityError, DataError, FileError, Span

COMMAND_LINE = "-s"  # the name of the source of a value that an override gave


@dataclass(frozen=True)
class DataPlaces:
    """Looks up places below `data`; every place is None without a spec."""

    span: Callable[..., Span] | None = None
    key_span: Callable[..., Span] | None = None

    def at(self, *path: str | int) -> Span | None:
        """The place of a value, e.g. at("inputs", "x")."""
        return None if self.span is None else self.span("data", *path)

    def is_from_command_line(self, *path: str | int) -> bool:
        """Whether a value was given with `-s`, not by the file itself, whatever its name."""
        if self.span is None:
            return False
        source = self.span("data", *path).source
        return source.name == COMMAND_LINE and source is not self.span().source

    def key_at(self, *path: str | int) -> Span | None:
        """The place of a key, or of its value where keys cannot be looked up."""
        return self.at(*path) if self.key_span is None else self.key_span("data", *path)

    @contextmanager
    def standing_in(self, *path: str | int) -> Iterator[None]:
        """Errors without a place of their own get that of a value."""
        try:
            yield
        except (DataError, CapacityError) as error:
            place = self.at(*path)
            told = (replace(d, span=d.span or place) for d in error.diagnostics)
            raise type(error)(*told, hidden=error.hidden) from error

    def file_error(self, error: FileError, *path: str | int) -> FileError:
        """The same error, at the place where the spec names the file."""
        place = self.at(*path)
        return FileError(*(replace(d, span=d.span or place) for d in error.diagnostics))
