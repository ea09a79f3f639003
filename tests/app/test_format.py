"""The layout of the house: what a spec means stays, and so do its comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from spec_layouts import layouts

import nngraph
from nngraph.cli import run
from nngraph.errors import SpecError
from nngraph.spec import parse_spec
from nngraph.spec.editing.layout import formatted
from nngraph.spec.resolved import resolved_yaml

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
REMARK = re.compile(r"(?:^|\s)#[^\r\n]*", re.MULTILINE)

UNTIDY = """\


# head

nngraph:   1
nodes:
    x : { kind: input , shape: [ 2 ] }      # two
    # about h


    h1,h2:   &n    # both
          activation :   tanh
          # inside
          title: |
              a
                b
              c


          bias: 0
      # odd
    "y" : {units: 1,
        activation: sigmoid,   # s
           # deep
        bias: 0 ,
    }
edges:
# first
- x->h1,h2  :  0.5 # w
-   from: x
    to: y
    weight:
    - [ 1 ]
    -   - 3
- 'h1->y':
    *n
# last
description: one
  two
     three
# end


"""

TIDY = """\
# head

nngraph: 1
nodes:
  x: {kind: input, shape: [2]}  # two
  # about h

  h1, h2: &n  # both
    activation: tanh
    # inside
    title: |
        a
          b
        c

    bias: 0
  # odd
  "y": {units: 1,
      activation: sigmoid,  # s
         # deep
      bias: 0,
  }
edges:
  # first
  - x -> h1, h2: 0.5  # w
  - from: x
    to: y
    weight:
      - [1]
      - - 3
  - 'h1 -> y':
      *n
# last
description: one
  two
     three
# end
"""


def test_an_untidy_text_becomes_tidy():
    assert formatted(UNTIDY) == TIDY
    assert formatted(TIDY) == TIDY


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_shipped_specs_mean_the_same_when_they_are_formatted(path):
    text = path.read_text()
    after = formatted(text)
    assert formatted(after) == after
    before = resolved_yaml(parse_spec(text, folder=path.parent))
    assert resolved_yaml(parse_spec(after, folder=path.parent)) == before


@settings(max_examples=150, deadline=None)
@given(layouts())
def test_any_layout_is_formatted_once_and_for_all(layout):
    text, _ = layout
    after = formatted(text)
    assert formatted(after) == after
    before, now = parse_spec(text), parse_spec(after)
    assert now.spec == before.spec
    assert [(e.id, e.source, e.target, e.options) for e in now.edges] == [
        (e.id, e.source, e.target, e.options) for e in before.edges
    ]
    remarks = [[" ".join(m.split()) for m in REMARK.findall(each)] for each in (text, after)]
    assert remarks[0] == remarks[1]
    assert after.endswith("\n")
    assert ("\r\n" in text) == ("\r\n" in after)
    assert not re.search(r"[ \t]\r?\n|\n\r?\n\r?\n|^\s", after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: |+\n  b\n\n\n", "a: |+\n  b\n\n\n"),  # blank lines that count
        (
            "a:\n   b: >-\n        one\n\n        two\nc: 1",
            "a:\n  b: >-\n       one\n\n       two\nc: 1\n",
        ),
        ('a: "one\n\n     two"', 'a: "one\n\n     two"\n'),
        ("{a: 1 , b: [ ]   ,c: { }}", "{a: 1, b: [], c: {}}\n"),
        ("--- # start\na: 1\n", "---  # start\na: 1\n"),
        ("a: &x  1\nb:   *x\nc: {*x : 2}\n", "a: &x 1\nb: *x\nc: {*x : 2}\n"),
        ("? a\n: b\n", "? a\n: b\n"),
        ("a:\n    - b\n    # of c\n    - c\n  # of a\n", "a:\n  - b\n  # of c\n  - c\n# of a\n"),
    ],
)
def test_forms_of_yaml(before, after):
    assert formatted(before) == after
    assert formatted(after) == after


def test_files_are_formatted_in_place_and_a_check_only_looks(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "net.yaml"
    spec.write_text(UNTIDY)
    (tmp_path / "tidy.yaml").write_text(TIDY)
    assert run(["fmt", "--check", "net.yaml", "tidy.yaml"]) == 10
    told = capsys.readouterr().err
    assert told == "net.yaml would be formatted\ntidy.yaml is formatted\n"
    assert spec.read_text() == UNTIDY
    assert nngraph.format_spec(spec, check=True).changed
    assert run(["fmt", "net.yaml"]) == 0
    assert capsys.readouterr().err == "net.yaml was formatted\n"
    assert spec.read_text() == TIDY
    assert run(["fmt", "--check", "net.yaml"]) == 0
    assert not nngraph.format_spec(spec).changed


def test_what_is_no_yaml_is_refused_at_its_place(tmp_path, capsys):
    spec = tmp_path / "net.yaml"
    spec.write_text("nodes: {x: input\nedges: []\n")
    assert run(["fmt", str(spec)]) == 3
    assert "net.yaml:2:" in capsys.readouterr().err
    with pytest.raises(SpecError):
        formatted("a: [1")
