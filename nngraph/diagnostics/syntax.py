"""E101 to E113: the text of a spec."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_NAME_FIRST = "name a value first: `&{alias} ...`"
_SIDE_FILE = "bring many edges or weights from a side file: {{file: edges.csv}}, weights.npz"

SYNTAX = Family(
    "The text of a spec",
    3,
    (
        DiagnosticRow(
            "E101",
            "no-yaml",
            "The text is no YAML, so nothing in it can be understood.",
            "Look at the place and just above it: brackets, quotes, and the column in which a "
            "line begins.",
            texts=(
                Text(
                    "not readable as YAML: {problem}",
                    "look at this line and the one above it: `key: value`, lists with '- ', equal "
                    "indentation",
                ),
                Text(
                    "'{key} = ...' has '=' where YAML wants ':'",
                    label="write `{key}: {value}`",
                    case="equals",
                ),
                Text("the file is empty", "start with `nngraph: 1`", case="empty"),
                Text("a tab where YAML wants spaces", "indent with spaces", case="tab"),
                Text(
                    "a text cannot start with '{character}'", "put the text in quotes", case="start"
                ),
                Text(
                    "a ':' where no key can stand",
                    "put text that holds ': ' in quotes; start a key on a line of its own, "
                    "indented like the keys beside it",
                    case="colon",
                ),
                Text(
                    "a second ':' on this line, and no braces around what belongs to '{key}'",
                    "write `{key}: {{{inside}}}`",
                    case="braces",
                ),
                Text(
                    "“ and ” are letters for YAML, no quotes, so a ':' stands where no key can",
                    'put " in the place of “ and ”, one pair around the whole text',
                    case="quotes",
                ),
                Text(
                    "a ':' is missing after this key",
                    "write `key: value`, with a space after the ':'",
                    case="no-colon",
                ),
                Text(
                    "a ',' or a '{closing}' is missing here",
                    "separate entries by ', ' and close the bracket with '{closing}'",
                    case="unclosed",
                ),
                Text(
                    "the file ends inside a bracket or a quote",
                    "look for one that is never closed",
                    case="end",
                ),
                Text(
                    "this line does not fit to the lines above it",
                    "keys of one mapping, and the '-' of one list, stand in one column",
                    case="column",
                ),
                Text(
                    "a value is missing here",
                    "write a value, or close the bracket",
                    case="no-value",
                ),
                Text(
                    "a ',' with nothing in front of it",
                    "take the ',' out, or write a value before it",
                    case="comma",
                ),
                Text(
                    "the mapping above ends, but more text follows",
                    "check how this line is indented",
                    case="more",
                ),
            ),
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
        DiagnosticRow(
            "E102",
            "no-plain-text",
            "The file is not plain text in UTF-8, or holds characters that nobody sees.",
            "Save it as UTF-8 and remove the character.",
            texts=(
                Text("{name} in the text", label="a spec is plain text in UTF-8"),
                Text("the file is UTF-16 or UTF-32", "save it as UTF-8", case="encoding"),
                Text("the byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8", case="byte"),
            ),
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
        DiagnosticRow(
            "E103",
            "given-twice",
            "A key, or the id of a node, stands twice; only one of the two could count.",
            "Keep one of the two, or rename one.",
            texts=(
                Text("the key '{key}' is given twice", "keep one of the two", "second", case="key"),
                Text(
                    "the node '{id}' is given twice", "rename one of the two", "second", case="node"
                ),
            ),
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
        DiagnosticRow(
            "E109",
            "no-value",
            "A key without a value, or an empty entry of a list: what was meant cannot be guessed.",
            "Write a value, `{}` for a node with all defaults, or leave the key out.",
            texts=(
                Text("'{key}' has no value", "write a value behind '{key}:' or leave the key out"),
                Text(
                    "'{key}' has no value",
                    "begin each line that belongs to '{key}' with two spaces, or leave the key out",
                    case="below",
                ),
                Text("an empty entry in a list", "fill it or leave it out", case="entry"),
                Text("a key is missing here", "write `key: value`", case="key"),
                Text(
                    "a space is missing after the ':' of '{key}'",
                    "write `{name}: {value}`",
                    case="space",
                ),
                Text(
                    "no value follows '{key}:'",
                    "write `- {key}`, or a weight behind the ':'",
                    case="arrow",
                ),
                Text(
                    "node '{key}' has no value",
                    "write `{key}: {{}}` for a node with all defaults",
                    case="node",
                ),
            ),
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
        DiagnosticRow(
            "E110",
            "yaml-not-allowed",
            "YAML knows it, a spec does not: tags, merge keys, a second document, lists as keys, "
            "directives, an alias of nothing.",
            "Write the value out, or give a whole mapping by an alias.",
            texts=(
                Text(
                    "the tag '{tag}' is not allowed",
                    "leave the tag out; quote the value if it is meant as text",
                    "nothing in a spec can name code or types",
                    case="tag",
                ),
                Text(
                    "a second document begins here",
                    "keep one network per file and remove the '---'",
                    case="document",
                ),
                Text(
                    "the alias '*{alias}' stands inside what it names",
                    _NAME_FIRST,
                    case="inside-itself",
                ),
                Text("the alias '*{alias}' names nothing above it", _NAME_FIRST, case="alias"),
                Text(
                    "a list or mapping as a key",
                    "where this is meant as text, put it in quotes",
                    "a key is a word",
                    case="key",
                ),
                Text(
                    "merge keys are not allowed",
                    "write the keys out, or give the whole mapping by an alias: `h2: *h1`",
                    case="merge",
                ),
                Text(
                    "the directive '{directive}' is not allowed",
                    "leave this line out",
                    case="directive",
                ),
            ),
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
        DiagnosticRow(
            "E111",
            "too-large-a-text",
            "The text, its nesting, its aliases or its comma lists go beyond what any network "
            "needs; a file like this could otherwise exhaust the machine.",
            "Bring many edges or weights from a side file: `{file: edges.csv}`, `weights.npz`.",
            texts=(
                Text("the text is longer than 64 MiB", _SIDE_FILE, case="text"),
                Text("more than 5 million values", _SIDE_FILE, case="values"),
                Text(
                    "aliases stand for {aliased} values in a file of {values}",
                    label="at most {factor} times what is written is allowed",
                    case="aliases",
                ),
                Text(
                    "lists and mappings are nested more than {deepest} deep",
                    "a spec needs five or six levels; look for brackets that are not closed",
                    case="depth",
                ),
                Text(
                    "the comma lists make more than {most:,} edges",
                    "nodes with `units` need one edge only; many single edges belong in a "
                    "side file: {{file: edges.csv}}",
                    case="commas",
                ),
            ),
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
        DiagnosticRow(
            "E112",
            "no-id",
            "An id is an ASCII letter, then letters, digits and _, at most 64 of them, so that it "
            "can be named in arrows, on the command line and in generated code.",
            "Choose such an id; `title` takes any text.",
            texts=(
                Text(
                    "{problem}", "an id is an ASCII letter, then letters, digits and _", case="edge"
                ),
                Text(
                    "{problem}",
                    "an id is an ASCII letter, then letters, digits and _; `title` takes any text",
                    case="node",
                ),
                Text("'{word}' is a word of YAML and cannot be an id", case="reserved"),
                Text("an id is missing", case="empty"),
                Text("an id of {length} characters; at most 64 are allowed", case="long"),
                Text(
                    "the id '{word}' starts with '{first}', not with a letter from a to z",
                    case="first",
                ),
                Text(
                    "the id '{word}' has {odd} in it; only letters, digits and _ may follow "
                    "the first",
                    case="letters",
                ),
            ),
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
        DiagnosticRow(
            "E113",
            "overlong-number",
            "A number of thousands of digits is a slip, and slow to read.",
            "Write it with an exponent, e.g. `1e300`; text belongs in quotes.",
            texts=(Text("a number of {length:,} characters", label="at most {most} are read"),),
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
    ),
)
