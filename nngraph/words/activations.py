"""All activations: an activation is added by a row in the file of its family, and by its tests."""

from __future__ import annotations

from nngraph.words.piecewise import PIECEWISE
from nngraph.words.rectifying import RECTIFYING
from nngraph.words.row import Activation
from nngraph.words.smooth import SMOOTH
from nngraph.words.softmax import COUPLED

ACTIVATIONS: tuple[Activation, ...] = (*SMOOTH, *PIECEWISE, *RECTIFYING, *COUPLED)
