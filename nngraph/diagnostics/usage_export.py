"""E002 of what leaves for other tools."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

EXPORT_TEXTS: tuple[Text, ...] = (
    Text(
        "'{path}': the ending says what is written, and it is none that is known",
        "name a file.onnx, or a module.py that needs NumPy alone",
        case="export-file",
    ),
    Text(
        "{options} belong to ONNX models, and a module has no such thing",
        "leave them out, or name a file.onnx",
        case="export-option",
    ),
    Text(
        "operator set {opset} cannot be written",
        "from {oldest} to {newest} there is all that is needed; 21 is what runtimes know today",
        case="opset",
    ),
    Text(
        "{what} needs the package '{package}', which is not installed",
        "pip install 'nngraph[{extra}]'",
        case="no-package",
    ),
    Text(
        "ONNX has nothing for {ops}",
        "a module (-o net.py) has all ops",
        case="no-onnx",
    ),
)
