"""Prints every mistake with what is said of it, to be read and graded: place, cause, next step.

python -m tests.mistakes [writing network data commands python]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mistakes import BASES, Mistake, mistakes, play, trained


def main() -> None:
    with tempfile.TemporaryDirectory() as top:
        (Path(top) / "trained").mkdir()
        run = trained(Path(top) / "trained")
        for number, mistake in enumerate(mistakes(*sys.argv[1:]), 1):
            folder = Path(top) / str(number)
            folder.mkdir()
            print(f"{number}. {mistake.claim}", *_done(mistake), sep="\n")
            print(play(mistake, folder, run), flush=True)


def _done(mistake: Mistake) -> list[str]:
    assert mistake.base in BASES
    return [f"   {kind}: {text}".replace("\n", "\n      ") for kind, text in mistake.steps]


main()
