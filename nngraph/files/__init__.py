"""Reading and writing: the one atomic writer, files that grow, a run's lock, array files."""

from nngraph.files.array_writing import (
    safetensors_parts,
    safetensors_writer,
    write_npy,
    write_npz,
    write_safetensors,
)
from nngraph.files.arrays import array_names, read_array, read_arrays, read_safetensors
from nngraph.files.lock import FolderLock
from nngraph.files.mapping import map_array
from nngraph.files.places import resolve_inside
from nngraph.files.reading import open_file, read_bytes, read_text
from nngraph.files.writing import AppendedFile, make_folder, write_atomically

__all__ = [
    "AppendedFile",
    "FolderLock",
    "array_names",
    "make_folder",
    "map_array",
    "open_file",
    "read_array",
    "read_arrays",
    "read_bytes",
    "read_safetensors",
    "read_text",
    "resolve_inside",
    "safetensors_parts",
    "safetensors_writer",
    "write_atomically",
    "write_npy",
    "write_npz",
    "write_safetensors",
]
