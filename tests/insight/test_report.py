"""Reports, read back and looked into."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from html_reading import Page
from old_runs import make_old
from run_samples import (
    DEEP,
    HOSTILE_LABEL,
    MASKS,
    PICTURES,
    TABLE,
    bars,
    change,
    train,
)

from nngraph.data import Normalizer, Part
from nngraph.data.picture_files import decode_png
from nngraph.errors import FileError, ModelFileError, UnboundRunWarning
from nngraph.insight.input_pictures import InputPictures
from nngraph.insight.mistakes import Mistakes
from nngraph.insight.report import read_story, report_html
from nngraph.insight.report.confusion_table import confusion_section
from nngraph.insight.report.findings import findings
from nngraph.insight.report.mistake_sheet import mistakes_of_node, sheet_cells
from nngraph.train.metrics import Confusion


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    bars(folder)
    return train(PICTURES, folder)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(TABLE, tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(DEEP, tmp_path_factory.mktemp("deep"))


@pytest.fixture
def copy(pictures: Path, tmp_path: Path) -> Path:
    """A run that a test may damage."""
    return Path(shutil.copytree(pictures, tmp_path / "copy"))


def page_of(run: Path) -> Page:
    return Page(report_html(read_story(run)))


def test_a_report_has_every_section_and_links_to_them(pictures):
    page = page_of(pictures)
    ids = [a["id"] for a in page.named("section")]
    wanted = ["curves", "figures", "answers", "examples", "inside", "network", "spec"]
    wanted.append("environment")
    assert ids == wanted
    assert [a["href"] for a in page.named("a")] == [f"#{id_}" for id_ in wanted]


def test_hostile_names_come_back_as_text_and_nothing_else(pictures):
    page = page_of(pictures)  # reading it back refuses scripts, handlers and foreign addresses
    assert "</p><script>alert('description')</script>" in page.text("p")
    assert HOSTILE_LABEL[:13] in page.text("th")
    assert HOSTILE_LABEL in page.text("pre")
    assert all(a["src"].startswith("data:image/png") for a in page.named("img"))


def test_a_report_forbids_whatever_would_come_from_elsewhere(pictures):
    policies = [a for a in page_of(pictures).named("meta") if a.get("http-equiv")]
    assert policies[0]["content"].startswith("default-src 'none'")


def test_the_spec_stands_in_the_report_as_it_was_written(pictures):
    assert page_of(pictures).text("pre") == (pictures / "spec.yaml").read_text()


def test_the_worst_examples_are_pictures_of_the_rows_with_the_largest_loss(pictures):
    story = read_story(pictures)
    images = Page(report_html(story)).named("img")
    assert len(images) == 10  # all of the test part
    content = base64.b64decode(images[0]["src"].partition(",")[2])
    pixels = decode_png(content, "worst")[..., 0].astype(float)
    row = int(images[0]["title"].removeprefix("row "))
    original = np.load(pictures.parent / "bars.npz")["x"][row, :, :, 0]
    seen = story.examined[1].inputs["x"]
    low, high = seen.min(), seen.max()
    np.testing.assert_allclose(pixels / 255, (original - low) / (high - low), atol=0.003)
    losses = story.learner.outputs({"x": original[None, ..., None].astype("float32")})["y"]
    label = int(np.load(pictures.parent / "bars.npz")["y"][row])
    worst = -np.log(losses[0, label])
    others = story.learner.outputs(story.examined[1].inputs)["y"]
    truths = story.examined[1].targets["y"].argmax(axis=1)
    assert worst == pytest.approx((-np.log(others[np.arange(10), truths])).max(), rel=1e-5)


def test_numbers_are_shown_as_a_table_and_against_the_truth(table):
    page = page_of(table)
    ids = [a["id"] for a in page.named("section")]
    assert "scatter" in ids
    assert "answers" not in ids
    dots = [a for a in page.named("circle") if a.get("class") == "dot-fill"]
    assert len(dots) == 8  # four against the truth, four along the curve
    assert not page.named("img")


def test_a_function_of_one_number_is_drawn_as_a_curve_through_its_points(table):
    page = page_of(table)
    (curve,) = [a["d"] for a in page.named("path") if a.get("class") == "curve-line"]
    places = [tuple(map(float, place.split(","))) for place in curve[1:].split(" L")]
    (x0, y0), (x1, y1) = places[0], places[-1]
    slope = (y1 - y0) / (x1 - x0)  # the network is a line, and so is its picture
    assert all(abs(y - y0 - slope * (x - x0)) < 0.2 for x, y in places)
    assert slope < 0  # up on the paper


def test_a_function_of_two_numbers_is_drawn_as_a_map_of_answers(deep):
    page, story = page_of(deep), read_story(deep)
    (image,) = page.named("image")
    pixels = decode_png(base64.b64decode(image["href"].partition(",")[2]), "map").astype(int)
    side = np.linspace(-0.08, 1.08, len(pixels))
    across, up = np.meshgrid(side, side[::-1])
    grid = np.stack([across.ravel(), up.ravel()], axis=1).astype("float32")
    yes = story.learner.outputs({"x": grid})["y"].reshape(across.shape) > 0.5
    is_orange = pixels[..., 0] > pixels[..., 2]
    assert (is_orange == yes).all()
    fills = [a["fill"] for a in page.named("circle") if a.get("class", "").startswith("class")]
    assert sorted(fills) == ["#1f63b0"] * 2 + ["#b1530a"] * 2


def test_vanishing_gradients_dead_and_saturated_units_are_told(deep):
    told = [f.text for f in findings(read_story(deep), {}) if f.warns]
    assert any("vanishes: at 'a'" in text for text in told)
    assert any(text.startswith("5 of the 5 units of 'dead' are dead") for text in told)
    assert any(text.startswith("'far' is saturated: 100 %") for text in told)
    assert not any("'y' is saturated" in text for text in told)  # an output may be sure


def test_flagged_nodes_are_marked_in_the_table_of_nodes(deep):
    marked = [a for a in page_of(deep).named("td") if "warn-text" in (a.get("class") or "")]
    assert len(marked) >= 3


def test_overfitting_is_told_with_the_epoch_that_was_best(copy):
    rows = [(0.9, 0.8), (0.5, 0.4), (0.4, 0.6), (0.3, 0.7), (0.2, 0.9), (0.1, 1.2)]
    lines = [
        json.dumps({"epoch": n, "train.loss": t, "validation.loss": v})
        for n, (t, v) in enumerate(rows, 1)
    ]
    change(copy, "metrics.jsonl", "\n".join(lines))
    told = [f.text for f in findings(read_story(copy), {}) if f.warns]
    assert any("lowest after epoch 2 (0.4) and is 1.2 after epoch 6" in text for text in told)


def test_an_early_stop_is_told_with_the_epoch_whose_weights_came_back(tmp_path):
    bars(tmp_path)
    stop = "train.early_stopping={monitor: train.loss, patience: 2, min_delta: 10}"
    run = train(PICTURES, tmp_path, "-s", stop)
    told = [f.text for f in findings(read_story(run), {})]
    assert any("train.loss was best after epoch 1, and the weights" in text for text in told)


def test_exploding_gradients_are_told(copy):
    line = {"epoch": 1, "nodes": {"h": {"gradient": 1e9}, "y": {"gradient": None}}}
    change(copy, "statistics.jsonl", json.dumps(line))
    told = [f.text for f in findings(read_story(copy), {}) if f.warns]
    assert any("explodes: at 'h'" in text for text in told)
    page_of(copy)


def test_outputs_may_be_sure_and_silent(copy):
    values = {"gradient": 1.0, "saturated": 1.0, "dead": 1.0}
    line = {"epoch": 1, "nodes": {"y": values, "h": {"gradient": 1.0}}}
    change(copy, "statistics.jsonl", json.dumps(line))
    assert not [f for f in findings(read_story(copy), {}) if f.warns]


def test_an_answer_no_better_than_the_commonest_class_is_a_warning(pictures):
    found = Confusion(np.array([[5, 0], [5, 0]]), ("a", "b"))
    told = [
        f for f in findings(read_story(pictures), {"y": found}) if "right for 5 of 10" in f.text
    ]
    assert told[0].warns


def test_a_run_whose_data_are_gone_still_has_its_report(copy, monkeypatch):
    data = json.loads((copy / "data.json").read_text())
    data["folder"] = str(copy)
    change(copy, "data.json", json.dumps(data))
    page = page_of(copy)
    assert "could not be read" in page.text()
    assert "curves" in [a.get("id") for a in page.named("section")]


@pytest.mark.parametrize("name", ["metrics.jsonl", "statistics.jsonl", "summary.json"])
@pytest.mark.parametrize("content", [None, "", "{", '{"epoch": 1', "[]", '"text"', "7\n"])
def test_a_report_of_an_old_run_can_do_without_what_is_damaged(copy, name, content):
    make_old(copy)
    (copy / name).unlink() if content is None else (copy / name).write_text(content)
    with pytest.warns(UnboundRunWarning, match=r"has no manifest\.json"):
        page = page_of(copy)
    assert "spec" in [a.get("id") for a in page.named("section")]


@pytest.mark.parametrize(
    "name", ["metrics.jsonl", "statistics.jsonl", "summary.json", "spec.yaml", "resolved.yaml"]
)
@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_report_is_refused_where_a_file_does_not_hold(copy, name, content):
    (copy / name).unlink() if content is None else (copy / name).write_text(content)
    expected = FileError if content is None else ModelFileError
    with pytest.raises(expected, match=rf"{name}' does not hold|has no {name}"):
        page_of(copy)


def test_hostile_values_in_the_files_of_a_run_stay_text(copy):
    summary = json.loads((copy / "summary.json").read_text())
    summary["versions"] = {"<b>x</b>": "<script>1</script>"}
    summary["test"] = {"<i>loss</i>": 1e400, "accuracy": None}
    change(copy, "summary.json", json.dumps(summary))
    bad = {"epoch": 1, "nodes": {"h": {"gradient": 1.0, "dead": "<x>"}, "<y>": {"gradient": 2}}}
    change(copy, "statistics.jsonl", json.dumps(bad))
    change(copy, "metrics.jsonl", '{"epoch": 1, "train.<b>": 2, "train.loss": NaN}\n')
    page = page_of(copy)
    assert "<script>1</script>" in page.text("dd")


def test_many_classes_are_told_by_their_commonest_mistakes():
    counts = np.eye(40, dtype=np.int64) * 9
    counts[3, 7] = 5
    page = Page(
        confusion_section("y", Confusion(counts, tuple(f"class {n}" for n in range(40))), {})
    )
    assert "class 3" in page.text("td")
    assert not [a for a in page.named("table") if a.get("class") == "confusion"]


def test_mistakes_are_pictured_the_most_confident_first_and_linked_from_their_cell(tmp_path):
    bars(tmp_path)
    story = read_story(train(PICTURES, tmp_path, "-s", "train.epochs=1"))
    part = story.examined[1]
    z = story.learner.outputs(part.inputs)["y"]
    true = part.targets["y"].argmax(axis=1)
    wrong = np.flatnonzero(z.argmax(axis=1) != true)
    assert 0 < len(wrong) < part.rows
    page = Page(report_html(story))
    first = page.named("img")[: len(wrong)]
    order = wrong[np.argsort(-z[wrong].max(axis=1), kind="stable")]
    assert [image["title"] for image in first] == [f"row {part.row_numbers[k]}" for k in order]
    kinds = {(int(true[k]), int(z[k].argmax())) for k in wrong}
    links = {a["href"] for a in page.named("a") if a["href"].startswith("#mistakes-")}
    assert links == {f"#mistakes-0-{t}-{c}" for t, c in kinds}
    targets = {a["id"] for a in page.named("li") if "id" in a}
    assert targets == {link[1:] for link in links}
    assert f"{len(wrong)} row" in page.text("p")


def test_many_mistakes_are_grouped_by_what_was_taken_for_what():
    names = tuple("abc")
    rows = np.arange(30)
    found = Mistakes(
        "y", names, rows, rows % 3, (rows + 1 + rows // 29) % 3, None, 100, rows[:0], rows, None
    )
    x = np.linspace(0, 1, 30 * 16).reshape(30, 4, 4)
    part = Part({"x": x}, {}, rows)
    pictures = InputPictures("x", (4, 4), Normalizer("none"), (0.0, 1.0))
    ids = sheet_cells([found])
    page = Page(mistakes_of_node(found, ids, part, pictures))
    groups = [a["id"] for a in page.named("div")]
    assert groups == ["mistakes-0-0-1", "mistakes-0-1-2", "mistakes-0-2-0", "mistakes-0-2-1"]
    assert len(page.named("img")) == 14 + 3 * 7 + 1
    assert "30 rows of 100 (30.0 %)" in page.text("p")
    assert "a taken for b 10 times, 7 shown" in page.text("h4", "b", "span")


def test_masks_are_told_by_their_dice_the_worst_first(tmp_path):
    story = read_story(train(MASKS, tmp_path))
    page = Page(report_html(story))
    images = page.named("img")
    assert [image["title"] for image in images[1:4]] == [
        "what is true",
        "what came",
        "the difference",
    ]
    scores = [float(s) for s in re.findall(r"Dice ([0-9.]+)", page.text("b"))]
    assert scores == sorted(scores)
    assert len(scores) == 12
    assert "missed" in page.text("span")


def test_an_autoencoder_of_vectors_shows_the_picture_that_it_made(tmp_path):
    spec = (Path(__file__).parents[2] / "specs" / "autoencoder-mlp.yaml").read_text()
    story = read_story(train(spec.replace("epochs: 40", "epochs: 1"), tmp_path))
    page = Page(report_html(story))
    titles = [image["title"] for image in page.named("img")]
    assert titles.count("what came") == 21
    assert len(titles) == 2 * 21
    assert "instead of" not in report_html(story), "numbers of pixels say nothing"


def test_the_colours_of_classes_of_pixels_are_named(tmp_path):
    spec = MASKS.replace(
        "mask: {units: 1, activation: sigmoid}", "regions: {units: 4, activation: softmax}"
    )
    spec = spec.replace("-> mask", "-> regions").replace("loss: dice", "loss: cross_entropy")
    spec = spec.replace("size: [8, 8],", "size: [8, 8], targets: {regions: regions},")
    page = page_of(train(spec, tmp_path))
    assert len([a for a in page.named("span") if a.get("class") == "key"]) == 3 + 4
    assert "one for another" in page.text("span")
