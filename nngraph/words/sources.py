"""All data sources: a source is added by a row in the file of its family, and by the file in
`data/sources/` that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Union

from nngraph.words.base import ChosenBy
from nngraph.words.data_keys import SourceSpec
from nngraph.words.generated_sets import GENERATED
from nngraph.words.own_data import OWN
from nngraph.words.published_sets import PUBLISHED

SOURCES: tuple[type[SourceSpec], ...] = (*PUBLISHED, *GENERATED, *OWN)

if TYPE_CHECKING:
    DataSpec = SourceSpec  # one of SOURCES
else:
    DataSpec = Annotated[Union[SOURCES], ChosenBy("source")]  # noqa: UP007 (of a tuple)
"""The value of `data`."""
