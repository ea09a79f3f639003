"""What augmentation means for the inputs and targets of one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nngraph.data.augmentations.effect import AugmentPlan, Handling
from nngraph.data.columns import DataPlaces
from nngraph.data.dataset import Port
from nngraph.data.normalizers import Normalizer, Normalizers
from nngraph.errors import DataError, diagnostic, join_words
from nngraph.words.augmentations import AUGMENTATIONS, Augmentation
from nngraph.words.sources import DataSpec


def plan_augmentation(
    spec: DataSpec | None,
    ports: Sequence[Port],
    normalizers: Normalizers,
    places: DataPlaces = DataPlaces(),  # noqa: B008 (frozen)
) -> AugmentPlan | None:
    """Who takes part in which way, or None where the spec asks for no augmentation.

    Errors: DataError where images are to be moved and there are none, or of unlike size.
    """
    if spec is None or not spec.augment:
        return None
    check_augmentation(spec, ports, places)
    inputs = {p.name: _handling(p, normalizers.inputs) for p in ports if p.role == "input"}
    targets = {p.name: _handling(p, normalizers.targets) for p in ports if p.role == "target"}
    return AugmentPlan(spec.augment, inputs, targets)


def check_augmentation(spec: DataSpec, ports: Sequence[Port], places: DataPlaces) -> None:
    """Refuse to move images where there are none, or of unlike size. Errors: DataError."""
    _check_images(spec.augment, [port for port in ports if _is_image(port)], places)


def _is_image(port: Port) -> bool:
    """[height, width] or [height, width, channels]; a target of classes has them last."""
    axes = len(port.shape) - (port.role == "target" and port.kind == "classes")
    return axes == 2 or (axes == 3 and port.kind != "classes")


def _check_images(
    specs: Sequence[Augmentation], images: Sequence[Port], places: DataPlaces
) -> None:
    moving = [i for i, spec in enumerate(specs) if spec.needs_image]
    if not moving:
        return
    others_too = join_words([row.word() for row in AUGMENTATIONS if not row.needs_image])
    kind, place = specs[moving[0]].kind, places.at("augment", moving[0])
    if not any(port.role == "input" for port in images):
        raise DataError(diagnostic("E415", place, kind=kind, others=others_too))
    first, *others = images
    for port in others:
        if port.shape[:2] != first.shape[:2]:
            raise DataError(
                diagnostic(
                    "E415:sizes",
                    place,
                    kind=kind,
                    first=f"{first.role} '{first.name}'",
                    second=f"{port.role} '{port.name}'",
                    sizes=f"{_size(first)} and {_size(port)} pixels",
                )
            )


def _size(port: Port) -> str:
    return f"{port.shape[0]} x {port.shape[1]}"


def _handling(port: Port, normalizers: Mapping[str, Normalizer]) -> Handling:
    if not _is_image(port):
        return Handling()
    channels = port.shape[2] if len(port.shape) == 3 else 1
    if port.kind == "classes":  # what comes from outside is of class 0, the background
        return Handling(True, True, (1.0, *(0.0,) * (channels - 1)))
    zero = normalizers.get(port.name, Normalizer("none")).apply(np.zeros((1, channels)))
    return Handling(True, port.kind != "values", tuple(map(float, zero[0])))
