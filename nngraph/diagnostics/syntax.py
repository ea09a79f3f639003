"""E100 to E114: the text of a spec, its keys and its words."""

from __future__ import annotations

from nngraph.diagnostics.row import Example, Family, Row

SYNTAX = Family(
    "Syntax, keys and words of a spec",
    3,
    (
        Row(
            "E100",
            "spec",
            "Something is wrong with the spec that has no code of its own.",
            "Follow the message.",
            unprovoked="every mistake of a spec has a code of its own; this one is for callers "
            "who raise a SpecError by themselves",
        ),
        Row(
            "E101",
            "no-yaml",
            "The text is no YAML, so nothing in it can be understood.",
            "Look at the place and just above it: brackets, quotes, and the column in which a "
            "line begins.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        Row(
            "E102",
            "no-plain-text",
            "The file is not plain text in UTF-8, or holds characters that nobody sees.",
            "Save it as UTF-8 and remove the character.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {title: "a\x07b"}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {title: "ab"}}
edges: [x -> y]
"""),
        ),
        Row(
            "E103",
            "given-twice",
            "A key, or the id of a node, stands twice; only one of the two could count.",
            "Keep one of the two, or rename one.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}, y: {units: 2}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}, z: {units: 2}}
edges: [x -> y, x -> z]
"""),
        ),
        Row(
            "E104",
            "unknown-key",
            "No such key exists here. It is not read over, as what it should say would be lost.",
            "Correct the spelling; the help lists the keys that are known.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {activaton: tanh}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: tanh}}
edges: [x -> y]
"""),
        ),
        Row(
            "E105",
            "missing-key",
            "A key that is always needed is not there.",
            "Add it; the help shows how.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        Row(
            "E106",
            "wrong-type",
            "The value is of another type: text where a number is meant, a list where one value "
            "is. In YAML `0,7`, `50%` and `1_000` are text.",
            "Write a value of the type that the message names.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: "3"}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 3}}
edges: [x -> y]
"""),
        ),
        Row(
            "E107",
            "value-not-allowed",
            "The value has the right type, but lies outside what makes sense, or contradicts a "
            "value beside it.",
            "Choose a value inside the bounds that the message names, or leave one of the two out.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 0}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 1}}
edges: [x -> y]
"""),
        ),
        Row(
            "E108",
            "unknown-word",
            "There is no kind, activation, loss, source, ... of this name.",
            "Correct the spelling; the help lists the words that are known.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: rely}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: relu}}
edges: [x -> y]
"""),
        ),
        Row(
            "E109",
            "no-value",
            "A key without a value, or an empty entry of a list: what was meant cannot be guessed.",
            "Write a value, `{}` for a node with all defaults, or leave the key out.",
            wrong=Example("""\
nngraph: 1
nodes:
  x: input
  y:
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes:
  x: input
  y: {}
edges: [x -> y]
"""),
        ),
        Row(
            "E110",
            "yaml-not-allowed",
            "YAML knows it, a spec does not: tags, merge keys, a second document, lists as keys, "
            "directives, an alias of nothing.",
            "Write the value out, or give a whole mapping by an alias.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: !!python/name:os.system {}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: &h {units: 2}, y: *h}
edges: [x -> h -> y]
"""),
        ),
        Row(
            "E111",
            "too-large-a-text",
            "The text, its nesting, its aliases or its comma lists go beyond what any network "
            "needs; a file like this could otherwise exhaust the machine.",
            "Bring many edges or weights from a side file: `{file: edges.csv}`, `weights.npz`.",
            wrong=Example(f"""\
nngraph: 1
nodes: {{x: input, y: {{}}}}
edges: [x -> y]
expect: {"[" * 70}{"]" * 70}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
expect: []
"""),
        ),
        Row(
            "E112",
            "no-id",
            "An id is an ASCII letter, then letters, digits and _, at most 64 of them, so that it "
            "can be named in arrows, on the command line and in generated code.",
            "Choose such an id; `title` takes any text.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}, 2nd: {}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {title: 2nd layer}}
edges: [x -> y]
"""),
        ),
        Row(
            "E113",
            "overlong-number",
            "A number of thousands of digits is a slip, and slow to read.",
            "Write it with an exponent, e.g. `1e300`; text belongs in quotes.",
            wrong=Example(f"""\
nngraph: 1
nodes: {{x: input, y: {{}}}}
edges:
  - x -> y: 0.{"1" * 5000}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: 0.1111111111111111
"""),
        ),
        Row(
            "E114",
            "file-outside",
            "A spec reads only files inside its own folder, so that one from elsewhere cannot "
            "reach what is yours. Links are followed before this is judged.",
            "Move the file beside the spec, or name its folder with --data-root.",
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: ../edges.csv}
"""),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: edges.csv}
""",
                files=(("edges.csv", "from,to,weight\nx,y,0.5\n"),),
            ),
        ),
        Row(
            "E190",
            "not-yet",
            "The language reserves the word, but this version cannot follow it yet.",
            "Do without it, or use a later version.",
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: lstm}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {activation: tanh}}
edges: [x -> y]
"""),
        ),
    ),
)
