"""E002 of columns by name, and of specs that are written from a file."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

DATA_TEXTS: tuple[Text, ...] = (
    Text(
        "a row of '{input}' has a cell for each of its columns, {columns}; got {count:cell}",
        "write the cells in this order, or give a mapping by name",
        case="row",
    ),
    Text(
        "cannot write a spec from '{file}': {suffix} is none of .csv, .tsv and .txt",
        "name a table with one sample a line",
        case="new-file",
    ),
    Text(
        "there is no picture in '{path}' that ends in .png, .jpg or .jpeg",
        "a folder is read with all folders below it",
        case="no-pictures",
    ),
    Text(
        "no picture has a name like '{path}'",
        "* stands for any letters, ** for any folders, e.g. 'photos/**/*.png'",
        case="no-match",
    ),
    Text("'{file}' has no column '{name}'", "{help}", case="new-target"),
    Text(
        "'{name}' cannot be the target: {why}", "name another with --target", case="new-no-target"
    ),
    Text(
        "there is nothing to learn from '{file}': {why}",
        "name a table with a column to foretell and others to tell it from",
        case="new-nothing",
    ),
    Text(
        "name a template, or a file with --data",
        "e.g. `nngraph new classifier` or `nngraph new --data pets.csv`",
        case="new-what",
    ),
    Text(
        "--target names a column of the file of --data",
        "add --data FILE, or leave --target out",
        case="new-target-alone",
    ),
)
