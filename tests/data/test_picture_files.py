"""Picture files, written here by hand, come back pixel by pixel or are refused with the reason."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from nngraph.data.picture_files import decode_jpeg, decode_png, encode_png
from nngraph.errors import CapacityError, DataError
from nngraph.files import memory


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
            guess = dict(enumerate((0, a, b, (a + b) // 2, paeth(a, b, c)))).get(kind, 0)
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
@pytest.mark.parametrize("kinds", [(0,), (4, 1, 3, 2, 0)])
def test_a_picture_comes_back_pixel_by_pixel(channels, kinds):
    pixels = picture(channels)
    np.testing.assert_array_equal(decode_png(png(pixels, kinds), "a.png"), pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_written_picture_is_read_back_and_always_the_same_file(channels):
    pixels = picture(channels)[::2, ::-1]  # as a view
    np.testing.assert_array_equal(decode_png(encode_png(pixels), "a.png"), pixels)
    assert encode_png(pixels) == encode_png(pixels.copy())


def test_an_interlaced_picture_is_read_like_any_other():
    pixels = picture(3)
    content = b""
    # the seven passes of Adam7: first row, first column, step down, step right
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2))
    for top, left, down, right in (*passes, (0, 1, 2, 2), (1, 0, 2, 1)):
        of_pass = pixels[top::down, left::right]
        content += filtered(of_pass.reshape(len(of_pass), -1), 3, (0,))
    head = struct.pack(">IIBBBBB", 13, 9, 8, 2, 0, 0, 1)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(content)), chunk(b"IEND", b"")]
    found = decode_png(b"\x89PNG\r\n\x1a\n" + b"".join(parts), "a.png")
    np.testing.assert_array_equal(found, pixels)


def test_palettes_become_colours():
    indices = np.array([[[0], [1]], [[2], [1]]], np.uint8)
    palette = np.array([[1, 2, 3], [40, 50, 60], [255, 0, 255]], np.uint8)
    found = decode_png(png(indices, colour=3, palette=palette), "a.png")
    np.testing.assert_array_equal(found, palette[indices[..., 0]])


PIXELS = picture(1)


def last_checksum_wrong(content):
    """With one bit of the checksum of its pixels flipped."""
    at = content.index(b"IEND") - 5
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


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
        (png(PIXELS)[:-30], "it is cut off or damaged"),
        (last_checksum_wrong(png(PIXELS)), "checksum"),
        (png(PIXELS, (9,)), "it is cut off or damaged"),  # no such filter
        (png(PIXELS, interlaced=1), "it is cut off or damaged"),
        (png(PIXELS, colour=2, bits=4), "it is cut off or damaged"),
        (png(PIXELS, colour=5), "it is cut off or damaged"),
        (png(PIXELS, colour=2), "it is cut off or damaged"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "it is cut off or damaged"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"ab") + chunk(b"IEND", b""), ""),
        (png(PIXELS, bits=16), "it has 16 bits a channel, only 8 are read: save it with 8"),
        (png(np.full((2, 3, 2), 9, np.uint8), colour=4), "it has transparent pixels"),
        (png(np.full((2, 3, 4), 9, np.uint8), colour=6), "it has transparent pixels"),
        (png(PIXELS, colour=3), "a pixel is not in its palette"),
        (png(PIXELS, colour=3, palette=np.zeros((3, 3), np.uint8)), "not in its palette"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content, message):
    with pytest.raises(DataError, match=r"cannot read the picture 'a\.png'") as e:
        decode_png(content, "a.png")
    assert message in str(e.value)


def of_rows(width, height, bits, colour, interlaced, data):
    """A png file whose checksums are right, whatever its compressed rows hold."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    palette = [chunk(b"PLTE", bytes(3 * 2**bits))] if colour == 3 else []
    parts = [chunk(b"IHDR", head), *palette, chunk(b"IDAT", zlib.compress(data))]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IEND", b"")])


@pytest.mark.parametrize(
    ("bits", "colour", "interlaced", "there"),
    [
        (8, 0, 0, 9 * 14),
        (8, 2, 0, 9 * (1 + 39)),
        (8, 3, 0, 9 * 14),
        (1, 0, 0, 9 * 3),
        (4, 3, 0, 9 * 8),
        (2, 0, 0, 9 * 5),
        # by pass: 2 x 2, 2 x 2, 1 x 4, 3 x 3, 2 x 7, 5 x 6, 4 x 13 pixels
        (8, 0, 1, 6 + 6 + 5 + 12 + 16 + 35 + 56),
    ],
)
def test_rows_that_end_too_early_are_refused(bits, colour, interlaced, there):
    whole = of_rows(13, 9, bits, colour, interlaced, bytes(there))
    assert decode_png(whole, "a.png").shape[:2] == (9, 13)
    for missing in (1, there // 2, there):
        short = of_rows(13, 9, bits, colour, interlaced, bytes(there - missing))
        with pytest.raises(DataError, match="it is cut off or damaged"):
            decode_png(short, "a.png")


@pytest.mark.parametrize("behind", [b"", bytes(70_000)])
def test_a_large_picture_whose_data_end_half_way_is_refused(behind):
    """Pillow gives it, the lower half black."""
    parts = of_rows(1000, 1000, 8, 0, 0, bytes(1001 * 500))
    start, data = parts[: 8 + 25], zlib.compress(bytes(1001 * 500)) + behind
    content = start + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    with pytest.raises(DataError, match="it is cut off or damaged"):
        decode_png(content, "a.png")


def test_pictures_that_would_not_fit_are_refused_before_they_are_unpacked(monkeypatch):
    content = of_rows(2**13, 2**13, 8, 2, 0, b"")
    monkeypatch.setattr(memory, "machine_memory", lambda: 2**28)
    with pytest.raises(CapacityError, match=r"holds 512\.0 MiB when it is unpacked"):
        decode_png(content, "a.png")


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


@pytest.mark.parametrize("seed", range(60))
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


def jpeg(size=(9, 13), mode="RGB", **options):
    file = io.BytesIO()
    smooth = (np.add.outer(np.arange(size[0]) * 5, np.arange(size[1]) * 5) % 256).astype(np.uint8)
    Image.fromarray(smooth).convert(mode).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("CMYK", 3)])
def test_a_jpeg_is_grey_or_in_colour(mode, channels):
    assert decode_jpeg(jpeg(mode=mode), "a.jpg").shape == (9, 13, channels)


def test_a_jpeg_of_an_absurd_size_is_refused_before_it_is_unpacked():
    content = jpeg()
    at = content.index(b"\xff\xc0") + 5
    with pytest.raises(DataError, match="its size is 65500 x 65500 pixels"):
        decode_jpeg(content[:at] + struct.pack(">HH", 65500, 65500) + content[at + 4 :], "a.jpg")


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_jpeg_is_an_error_or_a_picture_never_a_crash(seed):
    generator = np.random.default_rng(seed)
    broken = bytearray(jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x1a\x01\x05\0\xff\xff\xff\xff"))
    for place in generator.integers(3, len(broken), 4):
        broken[place] = generator.integers(256)
    broken = bytes(broken[: generator.integers(4, len(broken) + 1)])
    with contextlib.suppress(DataError):  # whatever Pillow raises has become one
        assert decode_jpeg(broken, "a.jpg").ndim == 3


def with_part(content, kind, data):
    """The png file with one more part before its pixels."""
    at = content.index(b"IDAT") - 4
    return content[:at] + chunk(kind, data) + content[at:]


def test_a_colour_that_stands_for_nothing_is_refused_where_a_pixel_has_it():
    pixels = np.array([[[0], [1]], [[2], [1]]], np.uint8)
    palette = np.arange(12, dtype=np.uint8).reshape(4, 3)
    content = png(pixels, colour=3, palette=palette)
    unused, used = b"\xff\xff\xff\0", b"\xff\0"
    found = decode_png(with_part(content, b"tRNS", unused), "a.png")
    np.testing.assert_array_equal(found, palette[pixels[..., 0]])
    with pytest.raises(DataError, match="transparent pixels"):
        decode_png(with_part(content, b"tRNS", used), "a.png")
    with pytest.raises(DataError, match="transparent pixels"):
        decode_png(with_part(png(pixels), b"tRNS", b"\0\1"), "a.png")
    masks = decode_png(with_part(content, b"tRNS", used), "a.png", indices=True)
    np.testing.assert_array_equal(masks, pixels)


def test_pillow_is_imported_when_the_first_picture_is_read():
    script = (
        "import sys, nngraph.data, nngraph.insight.samples, nngraph.render.contact_sheet\n"
        "from nngraph.data.picture_files import decode_png\n"
        "assert 'PIL' not in sys.modules\n"
        f"decode_png({png(PIXELS)!r}, 'a.png')\n"
        "assert 'PIL' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
