"""Values back into the text of the spec, at their places; comments and all else stay."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.errors import NNGraphError
from nngraph.network import compile_document
from nngraph.search.plan import Plan
from nngraph.spec import parse_spec
from nngraph.spec.editing.editor import Editor
from nngraph.spec.editing.entries import entries_of, ids_of
from nngraph.spec.editing.flow import arrow, flow_of, word
from nngraph.spec.editing.values import is_word
from nngraph.spec.model import ParametersExpect
from nngraph.spec.resolved import resolved_yaml
from nngraph.spec.tree import Path as Steps

LONG_FORM = "# The values could not be put into the text of the spec: this is its long form.\n"


def spec_with(plan: Plan, texts: Mapping[str, str]) -> str:
    """The spec's text with these values; what -s changed stands in it too.

    An expected number of parameters that held is that of the network that is found. Where a value
    has no place in the text, as inside a table, it is the spec's long form.
    """
    texts = {**texts, **_counts(plan, texts)}
    wanted = resolved_yaml(plan.document_with(texts))
    changes = dict(override.partition("=")[::2] for override in plan.overrides) | dict(texts)
    base = plan.document
    try:
        text = _edited(base.source.text, changes)
        document = parse_spec(text, base.source.name, base.folder, data_root=base.data_root)
    except (ValueError, NNGraphError):
        return LONG_FORM + wanted
    return text if resolved_yaml(document) == wanted else LONG_FORM + wanted


def _counts(plan: Plan, texts: Mapping[str, str]) -> dict[str, str]:
    """The expected numbers of parameters, by path, that are others with these values."""
    stated = {
        f"expect.{index}.parameters": expected.parameters
        for index, expected in enumerate(plan.document.spec.expect)
        if isinstance(expected, ParametersExpect)
    }
    if not stated:
        return {}
    before = compile_document(plan.document).parameters
    now = compile_document(plan.document_with(texts)).parameters
    return {path: str(now) for path, count in stated.items() if count == before != now}


def _edited(text: str, changes: Mapping[str, str]) -> str:
    editor = Editor(text)
    for path, value in changes.items():
        _put(editor, [step.strip() for step in path.split(".")], value.strip())
        editor.settle()
    return editor.text()


def _put(editor: Editor, steps: list[str], value: str) -> None:
    if steps == ["nodes"] and value.startswith("{"):
        _put_all_nodes(editor, value)
    elif steps == ["edges"] and value.startswith("["):
        _put_all_edges(editor, value)
    elif steps[0] == "edges" and len(steps) > 1 and not steps[1].isdigit():
        _put_into_edge(editor, "".join(steps[1].split()), steps[2:], value)
    elif steps[0] == "nodes" and len(steps) > 1:
        _alone(editor, steps[1])
        editor.set(tuple(steps), value)
    else:
        editor.set(_positions(editor, steps), value)


def _put_all_nodes(editor: Editor, value: str) -> None:
    """The nodes that differ from those that are written, and those that are new."""
    wanted = Editor(value)
    for key, node in wanted.root.entries:
        id, text = key.text, wanted.source(node)
        section = editor.at(("nodes",))
        written = [] if section is None else section.entries
        there = next((old for ids, old in written if id in ids_of(ids)), None)
        if there is not None and flow_of(there) == flow_of(node):
            continue
        _alone(editor, id)
        editor.set(("nodes", id), text)
        editor.settle()


def _put_all_edges(editor: Editor, value: str) -> None:
    """All edges, each on a line of its own."""
    wanted, section = Editor(value), editor.root.get("edges")
    assert section is not None
    entries = [f"- {wanted.source(edge)}" for edge in wanted.root.items]
    if section.is_flow:
        editor.replace(section, "".join(f"\n  {entry}" for entry in entries))
    else:
        before = editor.text()[: section.start].rpartition("\n")[2]
        editor.replace(section, f"\n{' ' * len(before)}".join(entries))


def _positions(editor: Editor, steps: list[str]) -> Steps:
    """The steps, as numbers where they lead into a list."""
    path: Steps = ()
    for step in steps:
        node = editor.at(path)
        in_list = node is not None and node.kind == "sequence" and step.isdigit()
        path = (*path, int(step) if in_list else step)
    return path


def _alone(editor: Editor, id: str) -> None:
    """Give a node a key of its own, where one names several."""
    section = editor.at(("nodes",))
    for index, (key, value) in enumerate([] if section is None else section.entries):
        ids = ids_of(key)
        if id in ids and len(ids) > 1:
            assert section is not None
            editor.replace(key, ids[0])
            lines = [f"{word(other)}: {flow_of(value)}" for other in ids[1:]]
            editor.add_lines(section, index, lines)
            editor.settle()
            return


def _put_into_edge(editor: Editor, id: str, steps: list[str], value: str) -> None:
    """Set an option of one edge, which gets an entry of its own where one makes several.

    Errors: ValueError for one of a table.
    """
    entry = next((e for e in entries_of(editor.root) if id in [edge.id for edge in e.edges]), None)
    if entry is None or not steps:
        raise ValueError(f"no entry of its own makes the edge '{id}'")
    if len(entry.edges) > 1:
        section = editor.root.get("edges")
        assert section is not None
        assert entry.key is not None
        options = None if entry.options is None else editor.at(entry.options)
        first, *others = entry.edges
        editor.replace(entry.key, arrow(first.arrow, is_flow=entry.key.is_flow))
        said = "" if options is None else f": {flow_of(options)}"
        lines = [arrow(e.arrow, is_flow=section.is_flow) + said for e in others]
        editor.add_lines(section, entry.index, lines)
        editor.settle()
        entry = next(e for e in entries_of(editor.root) if id in [edge.id for edge in e.edges])
    below = value
    for step in reversed(steps[1:]):
        below = f"{{{word(step)}: {below}}}"
    options = None if entry.options is None else editor.at(entry.options)
    if entry.options is None:
        assert entry.key is not None
        editor.append(entry.key, f": {{{word(steps[0])}: {below}}}")
    elif options is not None and options.kind == "mapping":
        editor.set((*entry.options, *steps), value)
    else:
        assert options is not None
        short = "kind" if options.kind == "scalar" and is_word(options) else "weight"
        said = "" if short == steps[0] else f"{short}: {editor.source(options)}, "
        editor.replace(options, f"{{{said}{word(steps[0])}: {below}}}")
