"""Pictures of two classes, hills and stripes in any colour, in a folder for each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nngraph.data.png_writing import encode_png

SIDE = 40


def photo_folder(folder: Path, count: int = 60) -> Path:
    """Write `count` png pictures of each class; the folder."""
    generator = np.random.default_rng(5)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for name in ("hills", "stripes"):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            middle, turn = generator.uniform(10, 30, 2), generator.uniform(0, np.pi)
            away = np.hypot(rows - middle[0], columns - middle[1])
            along = rows * np.sin(turn) + columns * np.cos(turn)
            stripes = np.sin(along / generator.uniform(1.2, 2.0))
            wave = np.cos(away / 12) if name == "hills" else stripes
            colour = generator.uniform(60, 120, 3)
            pixels = 128 + wave[..., None] * colour + generator.normal(0, 12, (SIDE, SIDE, 3))
            picture = np.clip(pixels, 0, 255).astype(np.uint8)
            (folder / name / f"{number:02}.png").write_bytes(encode_png(picture))
    return folder
