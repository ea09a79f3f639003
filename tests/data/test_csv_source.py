"""CSV: what is read, and the place of everything that cannot be."""

import csv
import io

import numpy as np
import pytest
from cases import by_tens, for_each
from data_samples import binary, classes, place_of, values, x

from nngraph.data.csv_cells import cell_place
from nngraph.errors import DataError, FileError, SourceFile

PLAIN = "a,b,label\n1,2,0\n3,4,1\n5,6,0\n"


@pytest.fixture
def load_csv(tmp_path, load_here):
    def load_text(text, *ports, **keys):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "t.csv").write_bytes(content)
        return load_here(*ports, source="csv", path="t.csv", **keys).parts["train"]

    return load_text


def refused(load_csv, text, *ports, **keys):
    with pytest.raises(DataError) as e:
        load_csv(text, *(ports or (x(2), binary(name="label"))), **keys)
    assert e.value.exit_code == 4
    return e


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.rstrip("\n"),
        "\n" + PLAIN + "\n  \n",
        PLAIN.replace(",", " , "),
        "\ufeff" + PLAIN,
        PLAIN.replace("3,4", '"3","4"'),
        PLAIN.replace("3,4", "+3.,40e-1"),
    ],
)
def test_the_same_table_in_other_dress_gives_the_same_numbers(load_csv, text):
    part = load_csv(text, x(2), binary(name="label"), inputs={"x": ["a", "b"]})
    assert part.inputs["x"].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert part.targets["label"].tolist() == [0, 1, 0]


def test_the_own_pair_is_the_last_column_and_all_the_others(load_csv):
    part = load_csv(PLAIN, x(2), binary())
    assert part.inputs["x"].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert part.targets["y"].tolist() == [0, 1, 0]


def test_a_target_named_elsewhere_leaves_the_other_columns_to_the_input(load_csv):
    part = load_csv(PLAIN, x(2), values(name="a"))
    assert part.inputs["x"].tolist() == [[2, 0], [4, 1], [6, 0]]


def test_columns_with_indices_make_one_input(load_csv):
    part = load_csv("x[1],y,x[0],x[10],x[2]\n1,9,0,10,2\n", x(4), values())
    assert part.inputs["x"].tolist() == [[0, 1, 2, 10]]


def test_without_a_header_columns_are_counted_or_named(load_csv):
    body = PLAIN.partition("\n")[2]
    part = load_csv(body, x(2), binary(), header=False, inputs={"x": ["c1", "c0"]})
    assert part.inputs["x"].tolist() == [[2, 1], [4, 3], [6, 5]]
    part = load_csv(body, x(name="b"), binary(name="c"), header=["a", "b", "c"])
    assert part.inputs["b"].tolist() == [2, 4, 6]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_the_delimiter_is_the_one_asked_for(load_csv, delimiter):
    part = load_csv(PLAIN.replace(",", delimiter), x(2), binary(), delimiter=delimiter)
    assert part.inputs["x"].tolist() == [[1, 2], [3, 4], [5, 6]]


def test_quoted_names_keep_delimiters_quotes_and_line_breaks(load_csv, tmp_path, load_here):
    text = 'n,"the ""class"""\n1,"a, b"\n2,"c\nd"\n3,"a, b"\n'
    (tmp_path / "t.csv").write_text(text)
    keys = {"targets": {"y": 'the "class"'}, "inputs": {"x": "n"}}
    data = load_here(x(), classes(2), source="csv", path="t.csv", **keys)
    assert data.labels == {"y": ("a, b", "c\nd")}
    assert data.parts["train"].targets["y"].tolist() == [[1, 0], [0, 1], [1, 0]]


def test_the_short_way_for_numbers_gives_what_the_long_one_gives(load_csv):
    generator = np.random.default_rng(1)
    table = generator.normal(size=(50, 3)) * 10.0 ** generator.integers(-9, 9, (50, 3))
    lines = [",".join(map(repr, map(float, row))) for row in table]
    plain = "a,b,c\n" + "\n".join(lines) + "\n"
    quoted = plain.replace("a,b,c", 'a,"b",c')  # quotes are for the long way
    for text in (plain, quoted):
        np.testing.assert_array_equal(load_csv(text, x(3)).inputs["x"], table)


def test_a_cell_that_is_no_number_is_shown(load_csv):
    e = refused(load_csv, PLAIN.replace("4", "four"))
    assert place_of(e) == ("t.csv", 3, 3, "four")
    assert "the input 'x' takes numbers, but column 'b' holds the text 'four'" in str(e.value)
    assert e.value.diagnostics[0].code == "E404"


@pytest.mark.parametrize("cell", ["0,5", "1_000", "inf", "0x10", "1e", "--1", "٣", "1 2", "-nan"])
def test_no_other_way_to_write_a_number_is_taken(load_csv, cell):
    text = PLAIN.replace("4", f'"{cell}"')
    assert place_of(refused(load_csv, text)) == ("t.csv", 3, 3, f'"{cell}"')


def test_a_number_beyond_the_type_is_shown(load_csv):
    e = refused(load_csv, PLAIN.replace("6", "1e999"))
    assert place_of(e) == ("t.csv", 4, 3, "1e999")
    assert e.value.diagnostics[0].code == "E406"
    e = refused(load_csv, PLAIN.replace("6", "1e99"), x(2), binary(), dtype="float32")
    assert place_of(e) == ("t.csv", 4, 3, "1e99")
    assert "holds 1e+99, beyond float32" in str(e.value)


def test_a_number_that_scaling_leads_beyond_the_type_is_shown_as_such(load_csv):
    normalize = {"kind": "scale", "divisor": 1e-20}
    text = PLAIN.replace("6", "1e30")
    e = refused(load_csv, text, x(2), binary(), dtype="float32", normalize=normalize)
    assert place_of(e) == ("t.csv", 4, 3, "1e30")
    assert "holds 1e+30, which lies, scaled, beyond float32" in str(e.value)
    assert e.value.diagnostics[0].help.startswith("scale it otherwise")


@pytest.mark.parametrize(
    ("row", "cells"), [("3,4", "2 cells"), ("3,4,1,1", "4 cells"), ("3", "1 cell,")]
)
def test_a_row_of_another_length_is_shown(load_csv, row, cells):
    e = refused(load_csv, PLAIN.replace("3,4,1", row))
    assert place_of(e) == ("t.csv", 3, 1, row)
    assert f"this row has {cells}" in str(e.value)
    assert "but the header names 3 columns" in str(e.value)


@pytest.mark.parametrize("cell", ["", "  ", "NA", "NaN", "?"])
def test_a_missing_cell_is_shown_unless_told_otherwise(load_csv, cell):
    text = PLAIN.replace("3,4", f"{cell},4")
    e = refused(load_csv, text)
    assert place_of(e) == ("t.csv", 3, 1, cell)
    assert "column 'a' has no value here" in str(e.value)
    assert "`missing: drop`" in str(e.value)


def test_a_missing_cell_in_an_unused_column_is_no_matter(load_csv):
    part = load_csv(PLAIN.replace("3,4", ",4"), x(name="b"), binary(name="label"))
    assert part.rows == 3


def test_rows_with_missing_cells_can_be_dropped(load_csv):
    text = PLAIN.replace("3,4", ",4") + "7,8,NA\n9,10,1\n"
    part = load_csv(text, x(2), binary(name="label"), missing="drop")
    assert part.inputs["x"].tolist() == [[1, 2], [5, 6], [9, 10]]
    assert part.row_numbers.tolist() == [0, 2, 4]


def test_errors_after_dropped_rows_still_show_their_own_line(load_csv):
    text = PLAIN.replace("3,4", ",4") + "7,8,2\n"
    e = refused(load_csv, text, missing="drop")
    assert place_of(e) == ("t.csv", 5, 5, "2")


def test_dropping_every_row_is_an_error(load_csv):
    e = refused(load_csv, "a,label\n,1\n,0\n", x(name="a"), binary(name="label"), missing="drop")
    assert "every row lacks a value" in str(e.value)


def test_means_of_the_training_rows_fill_missing_inputs(tmp_path, load_here):
    text = "a,b,label\n1,2,0\n,4,1\n6,,0\n2,9,1\n100,100,1\n,,0\n"
    (tmp_path / "t.csv").write_text(text)
    keys = {"missing": "mean", "split": {"test": 2, "order": "file"}}
    data = load_here(x(2), binary(name="label"), source="csv", path="t.csv", **keys)
    assert data.parts["train"].inputs["x"].tolist() == [[1, 2], [3, 4], [6, 5], [2, 9]]
    assert data.parts["test"].inputs["x"].tolist() == [[100, 100], [3, 5]]


def test_means_fill_inputs_only(load_csv):
    e = refused(load_csv, PLAIN.replace("5,6,0", "5,6,"), missing="mean")
    assert place_of(e)[:3] == ("t.csv", 4, 5)
    assert "not of targets" in str(e.value)


def test_a_missing_class_name_is_told_as_missing(load_csv):
    text = "a,label\n1,dog\n2,\n3,cat\n"
    e = refused(load_csv, text, x(name="a"), classes(2, name="label"), missing="mean")
    assert place_of(e)[:3] == ("t.csv", 3, 3)


def test_a_column_without_any_training_value_has_no_mean(load_csv):
    e = refused(load_csv, "a,b,label\n1,,0\n2,,1\n", missing="mean")
    assert "column 'b' has no value in any training row" in str(e.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'t.csv' is empty"),
        ("\n \n", "'t.csv' is empty"),
        ("a,b,label\n", "has a header, but no rows"),
        ("a,b,label\n\n\n", "has a header, but no rows"),
        ('a,b,label\n1,2,0\n3,"4,1\n', "this line is no CSV"),
        ('a,b,label\n1,"2"x,0\n', "this line is no CSV"),
        ("a,b,a\n1,2,3\n", "two columns are called 'a'"),
        (b"a,b,label\n1,2,\xe4\n", "is not UTF-8 text: byte 0xe4 in line 2"),
        ("a,b,label\n1,2,0\n".encode("utf-16"), "is not UTF-8 text"),
    ],
)
def test_files_that_hold_no_table_are_told(load_csv, text, message):
    assert message in str(refused(load_csv, text).value)


def test_a_column_that_is_not_there_is_told_with_the_nearest_name(load_csv):
    e = refused(load_csv, PLAIN, x(name="q"), targets={}, inputs={"q": "lable"})
    assert "'t.csv' has no column 'lable'; it offers 'a', 'b' and 'label'" in str(e.value)
    assert e.value.diagnostics[0].label == "did you mean 'label'?"


def test_a_header_that_holds_numbers_is_pointed_out(load_csv):
    e = refused(load_csv, "1,2,0\n3,4,1\n", x(name="p"), x(name="q"))
    assert "write `header: false`" in str(e.value)


def test_a_missing_file_is_a_file_error_at_the_place_that_names_it(load_here, places):
    with pytest.raises(FileError, match="there is no file") as e:
        load_here(x(2), source="csv", path="none.csv", span=places)
    assert e.value.exit_code == 8
    assert place_of(e)[0] == "spec:data/path"


def test_a_file_outside_the_folder_is_refused_unless_the_root_holds_it(tmp_path, load_here):
    (tmp_path / "spec").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "t.csv").write_text(PLAIN)
    keys = {"source": "csv", "folder": tmp_path / "spec"}
    with pytest.raises(FileError, match="leads out of the folder"):
        load_here(x(2), binary(), path="../root/t.csv", **keys)
    data = load_here(x(2), binary(), path="t.csv", data_root=tmp_path / "root", **keys)
    assert data.parts["train"].rows == 3


@for_each("seed", range(20), together=by_tens)
def test_places_agree_with_pythons_reader_on_random_tables(seed):
    generator = np.random.default_rng(seed)
    pieces = ["a", "1", "", " ", ",", '"', "\n", "\r\n", "ä", ";"]
    table = [
        ["".join(generator.choice(pieces, generator.integers(0, 4))) for _ in range(3)]
        for _ in range(8)
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if seed % 2 else "\n")
    for row in table:
        writer.writerow(row)
        if generator.random() < 0.3:
            text.write("\n")
    source = SourceFile("t", text.getvalue())
    for i, row in enumerate(table):
        for j, cell in enumerate(row):
            span = cell_place(source, ",", i, j)
            shown = source.text[span.start : span.end]
            assert next(csv.reader(io.StringIO(shown, newline="")), [""]) in (
                [cell],
                [] if not cell else [cell],
            )
    assert cell_place(source, ",", len(table), 0) is None
