"""PNG pictures, written here by hand with every filter, come back pixel by pixel."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest

from nngraph.data.png import decode_png
from nngraph.errors import DataError


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    if pa <= pb and pa <= pc:
        return a
    return b if pb <= pc else c


def filtered(rows, step, kinds):
    """Rows of bytes with their filters applied, as the specification defines them."""
    height, width = rows.shape
    result = bytearray()
    for y in range(height):
        kind = kinds[y % len(kinds)]
        result.append(kind)
        for i in range(width):
            a = int(rows[y, i - step]) if i >= step else 0
            b = int(rows[y - 1, i]) if y else 0
            c = int(rows[y - 1, i - step]) if y and i >= step else 0
            guess = [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]
            result.append((int(rows[y, i]) - guess) % 256)
    return bytes(result)


def png(pixels, kinds=(0,), colour=None, palette=None, **header):
    height, width, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels] if colour is None else colour
    fields = {"bits": 8, "compression": 0, "filters": 0, "interlaced": 0} | header
    head = struct.pack(
        ">IIBBBBB", width, height, fields["bits"], colour, *list(fields.values())[1:]
    )
    packed = zlib.compress(filtered(pixels.reshape(height, -1), channels, kinds))
    parts = [chunk(b"IHDR", head), chunk(b"gAMA", b"\0\0\xb1\x8f")]
    if palette is not None:
        parts.append(chunk(b"PLTE", palette.tobytes()))
    parts += [chunk(b"IDAT", packed[:20]), chunk(b"IDAT", packed[20:]), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def picture(channels, seed=0):
    generator = np.random.default_rng(seed)
    smooth = np.add.outer(np.arange(9) * 11, np.arange(13) * 7)[..., None]
    noise = generator.integers(0, 60, (9, 13, channels))
    return ((smooth + noise) % 256).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kinds", [(0,), (1,), (2,), (3,), (4,), (4, 1, 3, 2, 0)])
def test_every_filter_is_undone(channels, kinds):
    pixels = picture(channels)
    np.testing.assert_array_equal(decode_png(png(pixels, kinds), "a.png"), pixels)


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_undone_too(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    np.testing.assert_array_equal(decode_png(png(pixels, (4, 3)), "a.png"), pixels)


@pytest.mark.parametrize("size", [(64, 192), (257, 193), (65, 300)])
@pytest.mark.parametrize(
    ("channels", "kinds"), [(1, (4,)), (1, (3, 4)), (3, (0, 1, 2, 3, 4)), (3, (1, 4)), (4, (4, 2))]
)
def test_large_pictures_come_back_the_same(size, channels, kinds):
    generator = np.random.default_rng(7)
    pixels = generator.integers(0, 256, (*size, channels)).astype(np.uint8)
    if channels == 4:
        pixels[..., 3] = 255
    found = decode_png(png(pixels, kinds), "a.png")
    np.testing.assert_array_equal(found, pixels[..., :3])


def test_palettes_become_colours():
    indices = np.array([[[0], [1]], [[2], [1]]], np.uint8)
    palette = np.array([[1, 2, 3], [40, 50, 60], [255, 0, 255]], np.uint8)
    found = decode_png(png(indices, colour=3, palette=palette), "a.png")
    np.testing.assert_array_equal(found, palette[indices[..., 0]])


PIXELS = picture(1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"hello", "it is no PNG file"),
        (b"GIF89a", "it is no PNG file but a GIF: save it as .png"),
        (b"BM 9", "it is no PNG file but a BMP: save it as .png"),
        (b"RIFF....WEBP", "it is no PNG file but a WebP: save it as .png"),
        (b"\xff\xd8\xff\xe0", "it is no PNG file but a JPEG: give it the ending .jpg"),
        (png(PIXELS)[:60], "it is cut off or damaged"),
        (png(PIXELS)[:-12], "it is cut off or damaged"),
        (png(PIXELS).replace(b"gAMA\0", b"gAMA\1"), "checksum"),
        (png(PIXELS, bits=16), "it has 16 bits a channel, only 8 are read: save it with 8"),
        (png(PIXELS, interlaced=1), "it is interlaced"),
        (png(np.full((2, 3, 2), 9, np.uint8), colour=4), "it has transparent pixels"),
        (png(np.full((2, 3, 4), 9, np.uint8), colour=6), "it has transparent pixels"),
        (png(PIXELS, colour=2, bits=4), "it has 4 bits a channel"),
        (png(PIXELS, colour=5), "its colour type 5 is unknown"),
        (png(PIXELS, colour=2), "bytes of pixels instead of"),
        (png(PIXELS, colour=3), "a pixel is not in its palette"),
        (png(PIXELS, colour=3, palette=np.zeros((3, 3), np.uint8)), "not in its palette"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "it has no header"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"ab") + chunk(b"IEND", b""), ""),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content, message):
    with pytest.raises(DataError, match=r"cannot read the picture 'a\.png'") as e:
        decode_png(content, "a.png")
    assert message in str(e.value)


def test_an_unknown_filter_is_refused():
    rows = b"".join(b"\x09" + row.tobytes() for row in PIXELS)
    head = struct.pack(">IIBBBBB", 13, 9, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    with pytest.raises(DataError, match="row filter 9 is unknown"):
        decode_png(b"\x89PNG\r\n\x1a\n" + b"".join(parts), "a.png")


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (0, 5)])
def test_absurd_sizes_are_refused_before_anything_is_unpacked(size):
    head = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b"")
    with pytest.raises(DataError, match="its size is"):
        decode_png(content, "a.png")


def damaged(content, generator):
    """The file with random bytes of its parts changed or cut, and its checksums made right."""
    at, parts = 8, []
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], bytearray(content[at + 8 : at + 8 + length])
        if length and generator.random() < 0.5:
            data[generator.integers(length)] = generator.integers(256)
        if length and generator.random() < 0.2:
            del data[generator.integers(length) :]
        parts.append(chunk(kind, bytes(data)))
        at += 12 + length
    return content[:8] + b"".join(parts)


@pytest.mark.parametrize("seed", range(200))
def test_random_damage_is_an_error_or_a_picture_never_a_crash(seed):
    generator = np.random.default_rng(seed)
    palette = generator.integers(0, 256, (200, 3)).astype(np.uint8)
    whole = [
        png(picture(3), (4, 1)),
        png(picture(1), (3, 2)),
        png(picture(1) % 200, colour=3, palette=palette),
    ]
    for content in whole:
        broken = damaged(content, generator)
        for sample in (broken, broken[: generator.integers(8, len(broken))]):
            with contextlib.suppress(DataError):
                assert decode_png(sample, "a.png").ndim == 3


@pytest.mark.parametrize(("channels", "colour"), [(1, 4), (3, 6)])
def test_an_alpha_channel_that_hides_nothing_is_left_out(channels, colour):
    pixels = picture(channels)
    opaque = np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=2)
    assert (decode_png(png(opaque, kinds=range(5), colour=colour), "a.png") == pixels).all()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_pixels_may_share_a_byte(bits):
    numbers = np.random.default_rng(bits).integers(0, 2**bits, (5, 7)).astype(np.uint8)
    ones = np.unpackbits(numbers[..., None], axis=2)[..., 8 - bits :].reshape(5, -1)
    packed = np.packbits(ones, axis=1)
    head = struct.pack(">IIBBBBB", 7, 5, bits, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", head)]
    parts += [chunk(b"IDAT", zlib.compress(filtered(packed, 1, range(5)))), chunk(b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(parts)
    assert (decode_png(content, "a.png", indices=True)[..., 0] == numbers).all()
    bright = numbers.astype(float) * 255 / (2**bits - 1)
    assert (decode_png(content, "a.png")[..., 0] == bright).all()


def test_masks_take_the_numbers_of_a_palette():
    numbers = np.random.default_rng(4).integers(0, 3, (4, 5, 1)).astype(np.uint8)
    palette = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0]], np.uint8)
    content = png(numbers, colour=3, palette=palette)
    assert (decode_png(content, "a.png", indices=True) == numbers).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1", "RGBA"])
def test_pillow_reads_the_same(mode):
    image = pytest.importorskip("PIL.Image")
    pixels = picture(3, seed=5)
    drawn = image.fromarray(pixels).convert(mode)
    stream = io.BytesIO()
    drawn.save(stream, format="PNG")
    wanted = np.asarray(drawn.convert("L" if mode in ("L", "1") else "RGB"))
    found = decode_png(stream.getvalue(), "a.png")
    assert (found.reshape(wanted.shape) == wanted).all()
