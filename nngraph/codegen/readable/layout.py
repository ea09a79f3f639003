"""Lines as a formatter would break them."""

from __future__ import annotations

from collections.abc import Sequence

INDENT = "    "
WIDTH = 88


def assignment(name: str, text: str) -> list[str]:
    """`name = text` as a statement of a function's body, broken where it is too long."""
    line = f"{INDENT}{name} = {text}"
    return [line] if len(line) <= WIDTH else _broken(f"{INDENT}{name} = ", text)


def _broken(head: str, text: str) -> list[str]:
    """A call whose arguments stand on lines of their own."""
    opening = text.find("(")
    if opening < 0 or not text.endswith(")"):
        return [f"{head}(", f"{INDENT * 2}{text}", f"{INDENT})"]
    inside = text[opening + 1 : -1]
    lines = [f"{head}{text[: opening + 1]}"]
    if len(inside) + 8 <= WIDTH:
        return [*lines, f"{INDENT * 2}{inside}", f"{INDENT})"]
    for item in _split_line(inside):
        if len(item) + 9 > WIDTH and item.startswith("["):
            lines.append(f"{INDENT * 2}[")
            lines += [f"{INDENT * 3}{element}," for element in _split_line(item[1:-1])]
            lines.append(f"{INDENT * 2}],")
        else:
            lines.append(f"{INDENT * 2}{item},")
    return [*lines, f"{INDENT})"]


def _split_line(text: str) -> list[str]:
    """The items of a list, at the commas outside of all brackets.

    >>> _split_line("[a, b], axis=(0, 1)")
    ['[a, b]', 'axis=(0, 1)']
    """
    items, depth, start = [], 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            items.append(text[start:at].strip())
            start = at + 1
    return [*items, text[start:].strip()]


def returned(items: Sequence[tuple[str, str]], more: Sequence[str] = ()) -> list[str]:
    """`return {"id": value, ...} | more`, one line where it fits."""
    inside = ", ".join(f"{key}: {value}" for key, value in items)
    after = "".join(f" | {text}" for text in more)
    line = f"{INDENT}return {{{inside}}}{after}"
    if len(line) <= WIDTH:
        return [line]
    body = [f"{INDENT * 2}{key}: {value}," for key, value in items]
    if items and len(after) + len(INDENT) + 1 <= WIDTH:
        return [f"{INDENT}return {{", *body, f"{INDENT}}}{after}"]
    whole = f"{INDENT * 2}{{{inside}}}"
    first = [whole] if len(whole) <= WIDTH else [
        f"{INDENT * 2}{{", *(INDENT + line for line in body), f"{INDENT * 2}}}"
    ]  # fmt: skip
    return [f"{INDENT}return (", *first, *(f"{INDENT * 2}| {text}" for text in more), f"{INDENT})"]


def lined_up(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns side by side, two spaces apart."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
