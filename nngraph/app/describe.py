"""What the data of a network hold, in figures and as a picture of samples."""

from __future__ import annotations

from pathlib import Path

from nngraph.data import DataSet, Port
from nngraph.errors import UsageError, diagnostic
from nngraph.files import write_atomically
from nngraph.insight.sample_points import plane_svg
from nngraph.insight.samples import image_port, sample_pictures, sample_sheet
from nngraph.render.contact_sheet import sheet_png, sheet_svg
from nngraph.train.learner import Learner
from nngraph.train.ports import ports_of


def check_picture_name(path: Path) -> None:
    """Refuse an ending that no picture of samples has. Errors: UsageError."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(diagnostic("E002:samples-file", path=path))


def write_samples(path: Path, learner: Learner, data: DataSet, *, augmented: bool) -> None:
    """Draw samples of the training part: pictures, or points of a plane.

    Errors: UsageError for another ending, and for data that are neither; FileError.
    """
    check_picture_name(path)
    ports = ports_of(learner.network, data.labels, data.normalizers)
    title = f"{learner.document.name}: samples of the training part"
    is_svg = path.suffix.lower() == ".svg"
    if image_port(data, ports) is not None:
        rows = sample_pictures(data, ports, augmented=augmented, seed=learner.seed)
        sheet = sample_sheet(title, rows)
        content = sheet_svg(sheet).encode() if is_svg else sheet_png(sheet)
    else:
        content = _plane(path, data, ports, title)
    write_atomically(path, content)


def _plane(path: Path, data: DataSet, ports: tuple[Port, ...], title: str) -> bytes:
    drawn = plane_svg(data, ports, title)
    if drawn is not None and path.suffix.lower() == ".svg":
        return drawn.encode()
    if drawn is not None:
        raise UsageError(diagnostic("E002:points-file", path=path))
    raise UsageError(diagnostic("E002:samples", path=path))
