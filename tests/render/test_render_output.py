"""Files in every format, with whichever Graphviz there is, or a clear word without one."""

from __future__ import annotations

import builtins
import os
import shutil
import stat
import sys
import zlib
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from render_samples import chain, gates, iris, residual
from svg_reading import paint

from nngraph.errors import FileError, UsageError
from nngraph.render import Picture, render, to_dot, to_mermaid, to_svg
from nngraph.render.engines import _with_library, lay_out_drawing
from nngraph.render.output import picture_bytes

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def no_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


MAGIC = [
    (".svg", b"<?xml"),
    (".png", b"\x89PNG\r\n\x1a\n"),
    (".pdf", b"%PDF-"),
    (".dot", b"digraph nngraph {"),
    (".gv", b"digraph nngraph {"),
    (".mmd", b"flowchart LR"),
    (".mermaid", b"flowchart LR"),
    (".SVG", b"<?xml"),
]


@pytest.mark.parametrize(("suffix", "magic"), MAGIC)
@pytest.mark.parametrize("neurons", [False, True])
def test_every_format_begins_as_it_should(
    tmp_path: Path, suffix: str, magic: bytes, neurons: bool
) -> None:
    path = tmp_path / f"net{suffix}"
    render(gates(), path, neurons=neurons)
    assert path.read_bytes().startswith(magic)


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.usefixtures("no_program")
def test_without_the_program_the_library_draws(tmp_path: Path, format: str) -> None:
    assert shutil.which("dot") is None
    path = tmp_path / f"net.{format}"
    render(gates(), path)
    assert path.stat().st_size > 1000


@pytest.mark.usefixtures("no_library")
def test_without_the_library_the_program_draws() -> None:
    if shutil.which("dot") is None:
        pytest.skip("no program 'dot' on this machine")
    assert "<svg" in to_svg(gates())


@pytest.mark.usefixtures("no_program", "no_library")
def test_without_both_the_error_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        render(gates(), tmp_path / "net.svg")
    assert caught.value.exit_code == 8
    assert caught.value.diagnostics[0].code == "E810"
    text = str(caught.value)
    assert "no program 'dot' on the PATH" in text
    assert "'pygraphviz' is not installed" in text
    assert "pip install 'nngraph[diagrams]'" in text
    assert not (tmp_path / "net.svg").exists()


@pytest.mark.usefixtures("no_program", "no_library")
def test_dot_and_mermaid_need_no_graphviz(tmp_path: Path) -> None:
    render(gates(), tmp_path / "net.dot")
    render(gates(), tmp_path / "net.mmd")
    assert (tmp_path / "net.dot").read_text(encoding="utf-8") == to_dot(gates())
    assert (tmp_path / "net.mmd").read_text(encoding="utf-8") == to_mermaid(gates())


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script as program")
@pytest.mark.usefixtures("no_library")
def test_a_broken_program_is_told_with_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Format: \"svg\" not recognized' >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    with pytest.raises(FileError, match='Format: "svg" not recognized'):
        lay_out_drawing("digraph {}", "svg")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net.gif", "cannot draw a '.gif' file"),
        ("net", "the picture's file has no suffix"),
        ("net.pngg", "did you mean '.png'?"),
    ],
)
def test_another_suffix_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        render(gates(), tmp_path / name)
    assert message in str(caught.value)
    assert ".pdf" in str(caught.value)


def test_a_missing_folder_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        render(gates(), tmp_path / "nowhere" / "net.dot")


def test_the_svg_can_stand_inside_a_page() -> None:
    svg = to_svg(residual())
    assert "<!DOCTYPE" not in svg
    assert "<!--" not in svg
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].text == "residual"


def test_tooltips_have_real_names_and_no_minted_ones() -> None:
    titles = {e.text for e in ElementTree.fromstring(to_svg(gates())).iter(f"{SVG}title")}
    assert {"gates", "x1", "x1 → h", "h → y", "loss: binary_cross_entropy"} <= titles
    assert not any(title in titles for title in ("n0", "n0->n2", "nngraph"))


def shown(svg: str) -> set[str]:
    texts = ("".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return {text.replace("\u00a0", " ") for text in texts}


def test_program_and_library_draw_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("dot") is None:
        pytest.skip("no program 'dot' on this machine")
    picture = iris(np.random.default_rng(3))
    for neurons in (False, True):
        library = _with_library(to_dot(picture, neurons=neurons), "svg").decode()
        assert shown(to_svg(picture, neurons=neurons)) == shown(library)


def test_pixels_lie_on_white_paper() -> None:
    png = picture_bytes(gates(), ".png")
    packed, place = b"", 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + length]
        place += 12 + length
    # whatever its filter, the first pixel of a PNG is written as it is
    assert zlib.decompress(packed)[1:4] == b"\xff\xff\xff"


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert to_svg(residual()) == to_svg(residual())


def test_the_svg_follows_its_reader_unless_a_theme_is_asked() -> None:
    svg = to_svg(gates())
    assert 'class="paper-fill"' in svg
    assert ".nngraph-network .paper-fill{fill:#14171c}" in svg
    assert "prefers-color-scheme:dark" in svg
    for theme, paper in (("light", "#ffffff"), ("dark", "#14171c")):
        asked = to_svg(gates(), theme=theme)
        assert "prefers-color-scheme" not in asked
        drawn = next(ElementTree.fromstring(asked).iter(f"{SVG}polygon"))
        assert paint(drawn, {}) == paper


def test_pixels_lie_on_dark_paper_where_that_is_asked() -> None:
    png = Image.open(BytesIO(picture_bytes(gates(), ".png", theme="dark"))).convert("RGB")
    assert png.getpixel((0, 0)) == (0x14, 0x17, 0x1C)


@pytest.mark.parametrize("suffix", [".dot", ".mmd"])
def test_a_text_is_of_light_colours_or_of_dark(suffix: str) -> None:
    light, dark = (picture_bytes(gates(), suffix, theme=theme) for theme in ("light", "dark"))
    assert picture_bytes(gates(), suffix) == light
    assert (b"#dce8fb" in light, b"#1b2f4d" in light) == (True, False)
    assert (b"#dce8fb" in dark, b"#1b2f4d" in dark) == (False, True)


def test_a_thousand_neurons_take_seconds() -> None:
    generator = np.random.default_rng(0)
    picture = wide(generator, columns=10, rows=100, fan=5)
    before = sum(os.times()[:4])
    svg = to_svg(picture)
    assert sum(os.times()[:4]) - before < 20
    assert svg.count("<ellipse") >= 1000


def wide(generator: np.random.Generator, columns: int, rows: int, fan: int) -> Picture:
    from render_samples import dense, neuron

    nodes = [neuron(f"n{c}_{r}") for c in range(columns) for r in range(rows)]
    edges = [
        dense(f"n{c - 1}_{source}", f"n{c}_{r}", generator.normal(size=(1, 1)))
        for c in range(1, columns)
        for r in range(rows)
        for source in generator.choice(rows, fan, replace=False)
    ]
    return Picture("wide", "", tuple(nodes), tuple(edges), (), 0)


def test_a_deep_chain_takes_seconds() -> None:
    before = sum(os.times()[:4])
    assert "2,000 nodes" in to_svg(chain(2_000)).replace("\u00a0", " ")
    assert sum(os.times()[:4]) - before < 20


def test_importing_the_room_brings_neither_numpy_nor_graphviz() -> None:
    import subprocess

    code = (
        "import sys, nngraph.render; print([m for m in ('numpy', 'graphviz') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_library_is_not_asked_where_the_program_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if shutil.which("dot") is None:
        pytest.skip("no program 'dot' on this machine")
    real = builtins.__import__

    def guarded(name: str, *rest: object) -> object:
        assert name != "pygraphviz"
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", guarded)
    assert lay_out_drawing("digraph {a}", "svg")
