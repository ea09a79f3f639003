"""What a use case works on: a spec that is named or written out, and where its data lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.spec import Document, parse_spec, read_spec
from nngraph.train.data_files import DataPlace


def document_of(spec: str | Path, overrides: Sequence[str] = ()) -> Document:
    """The spec in a file, or in a text: text has a line break, a path has none.

    Errors: SpecError; FileError.

    >>> document_of("nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y]").name
    'spec'
    """
    if isinstance(spec, str) and "\n" in spec:
        return parse_spec(spec, overrides=overrides)
    return read_spec(Path(spec), overrides)


def place_from(
    place: DataPlace, file: str | Path | None = None, root: str | Path | None = None
) -> DataPlace:
    """Where data lie, as far as it is said anew: another file, another second folder."""
    return DataPlace(
        place.file if file is None else Path(file), place.root if root is None else Path(root)
    )
