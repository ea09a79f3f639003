"""All losses: a loss is added by a row in the file of its family, and by its tests."""

from __future__ import annotations

from nngraph.words.distances import DISTANCES
from nngraph.words.entropies import ENTROPIES
from nngraph.words.margins import MARGINS
from nngraph.words.overlaps import OVERLAPS
from nngraph.words.row import LossRow

LOSSES: tuple[LossRow, ...] = (*DISTANCES, *ENTROPIES, *MARGINS, *OVERLAPS)
