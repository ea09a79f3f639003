"""Reading and writing: the atomic writer, files that grow, lock and manifest of a run, arrays."""

from nngraph.files.array_writing import (
    safetensors_parts,
    safetensors_writer,
    write_npy,
    write_npz,
    write_safetensors,
)
from nngraph.files.arrays import array_names, read_array, read_arrays, read_safetensors
from nngraph.files.lock import LOCK_NAME, FolderLock, WaitingLock, check_unlocked
from nngraph.files.manifest import (
    MANIFEST,
    STAGED,
    Binding,
    Content,
    Manifest,
    bind_files,
    bound_exists,
    bound_path,
    finish_binding,
    read_manifest,
    seal_of,
)
from nngraph.files.mapping import map_array
from nngraph.files.memory import check_fits
from nngraph.files.places import relative_path, resolve_inside
from nngraph.files.reading import open_file, read_bytes, read_text
from nngraph.files.singles import pack_singles, unpack_singles
from nngraph.files.writing import AppendedFile, make_folder, write_atomically

__all__ = [
    "MANIFEST",
    "AppendedFile",
    "LOCK_NAME",
    "STAGED",
    "WaitingLock",
    "Binding",
    "Content",
    "FolderLock",
    "Manifest",
    "array_names",
    "bind_files",
    "bound_exists",
    "bound_path",
    "check_fits",
    "check_unlocked",
    "finish_binding",
    "make_folder",
    "map_array",
    "open_file",
    "pack_singles",
    "read_array",
    "read_arrays",
    "read_bytes",
    "read_manifest",
    "read_safetensors",
    "read_text",
    "relative_path",
    "resolve_inside",
    "safetensors_parts",
    "safetensors_writer",
    "seal_of",
    "unpack_singles",
    "write_atomically",
    "write_npy",
    "write_npz",
    "write_safetensors",
]
