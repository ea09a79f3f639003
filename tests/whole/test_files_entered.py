"""How much of the package a reader of one training has to follow."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import nngraph

MOST = 100
"""Files of the package with a function entered, each one drawer of fifty to four hundred lines."""


def test_from_a_text_to_a_trained_network_and_its_prediction_few_files_are_entered() -> None:
    package = str(Path(nngraph.__file__).parent)
    text = (Path(package).parent / "specs" / "xor-trained.yaml").read_text()
    entered: set[str] = set()

    def see(frame: FrameType, event: str, value: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(package):
            entered.add(code.co_filename)

    def run() -> None:
        model = nngraph.compile(text)
        model.fit(epochs=2)
        model.predict([[0, 1]])

    run()  # what is imported on the way is not entered again
    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(None)
    assert 50 < len(entered) <= MOST, sorted(entered)
