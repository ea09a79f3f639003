"""Pictures one after the other, as one file that moves."""

from __future__ import annotations

import io
from collections.abc import Sequence

MILLISECONDS = 150  # of each frame
LAST = 2000  # of the last, before it begins again


def moving_picture(frames: Sequence[bytes]) -> bytes:
    """A .gif of png files, each on white paper of the size of the largest, for ever repeated."""
    from PIL import Image

    pictures = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in frames]
    size = (max(p.width for p in pictures), max(p.height for p in pictures))
    papers = [Image.new("RGB", size, "white") for _ in pictures]
    for paper, picture in zip(papers, pictures, strict=True):
        paper.paste(picture, ((size[0] - picture.width) // 2, 0))
    indexed = [paper.quantize(256, dither=Image.Dither.NONE) for paper in papers]
    file = io.BytesIO()
    durations = [MILLISECONDS] * (len(indexed) - 1) + [LAST]
    indexed[0].save(
        file, "GIF", save_all=True, append_images=indexed[1:], duration=durations, loop=0
    )
    return file.getvalue()
