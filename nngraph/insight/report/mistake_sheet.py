"""Every kind of mistake with its pictures: which class was taken for which, how surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nngraph.data import Part
from nngraph.diagnostics.wording import count
from nngraph.insight.input_pictures import InputPictures
from nngraph.insight.mistakes import Mistakes, mistakes_of
from nngraph.insight.report.cards import card, cards
from nngraph.insight.report.gather import Story
from nngraph.records import dataclass
from nngraph.render.markup import Markup, join, tag
from nngraph.render.words import clip_text, percent
from nngraph.train.supervision import answered_nodes

MOST_CONFIDENT = 14  # two full rows of a wide page
GROUPS, IN_GROUP = 24, 7
LARGEST_SIDE = 96  # pixels, what a card shows; of photos more would weigh megabytes
LONGEST_NAME = 24

Cell = tuple[str, int, int]
"""A node, the class that is true, the one that came."""


def found_mistakes(story: Story) -> tuple[Mistakes, ...]:
    """The mistakes of each node that names classes, where the input is a picture."""
    if story.examined is None or story.pictures is None:
        return ()
    learner, (_, part) = story.learner, story.examined
    found = [mistakes_of(learner, part, answered) for answered in answered_nodes(learner, part)]
    return tuple(mistakes for mistakes in found if mistakes is not None and len(mistakes.rows))


def mistake_section(story: Story, found: Sequence[Mistakes]) -> Markup | None:
    """The section, None without mistakes."""
    if not found or story.examined is None or story.pictures is None:
        return None
    part, pictures = story.examined[1], story.pictures
    parts: list[Markup] = []
    for mistakes in found:
        if len(found) > 1:
            parts.append(tag("h3", f"Of '{mistakes.node}'"))
        parts.append(mistakes_of_node(mistakes, sheet_cells(found), part, pictures))
    return join(parts)


def sheet_cells(found: Sequence[Mistakes]) -> dict[Cell, str]:
    """The id of the group of each cell of a confusion matrix, for the commonest ones."""
    return {
        (mistakes.node, true, came): f"mistakes-{place}-{true}-{came}"
        for place, mistakes in enumerate(found)
        for true, came in list(_groups(mistakes))[:GROUPS]
    }


def mistakes_of_node(
    mistakes: Mistakes, ids: Mapping[Cell, str], part: Part, pictures: InputPictures
) -> Markup:
    """The most confident ones, then a group for each kind; few are shown once."""
    wrong = len(mistakes.rows)
    share = percent(wrong / mistakes.total, 1)
    text = f"{count(wrong, 'row')} of {mistakes.total:,} ({share}), the most confident first"
    if mistakes.sure is not None:
        text += "; in percent, how sure the network was of what it answered"
    sheet = _Sheet(mistakes, part, pictures)
    if wrong <= MOST_CONFIDENT:  # each is seen; the first of its kind is what links lead to
        return join(tag("p", f"{text}.", class_="detail"), sheet.cards(range(wrong), ids))
    first = sheet.cards(range(MOST_CONFIDENT))
    return join(tag("p", f"{text}.", class_="detail"), first, _kinds(sheet, ids))


def _kinds(sheet: _Sheet, ids: Mapping[Cell, str]) -> list[Markup]:
    """A group of pictures for each kind of mistake, the commonest first."""
    mistakes, groups = sheet.mistakes, _groups(sheet.mistakes)
    found = []
    for (true, came), places in list(groups.items())[:GROUPS]:
        heading = (
            tag("b", _name(mistakes, true)),
            " taken for ",
            tag("b", _name(mistakes, came)),
            tag("span", f" {count(len(places), 'time')}", class_="detail"),
            tag("span", f", {IN_GROUP} shown", class_="detail") if len(places) > IN_GROUP else None,
        )
        cards = sheet.cards(places[:IN_GROUP])
        found.append(tag("div", tag("h4", heading), cards, id=ids[mistakes.node, true, came]))
    if len(groups) > GROUPS:
        rest = count(len(groups) - GROUPS, "rarer kind")
        found.append(tag("p", f"And {rest} of mistake.", class_="detail"))
    return found


def _groups(mistakes: Mistakes) -> dict[tuple[int, int], list[int]]:
    """(true, came) -> places of its mistakes, the commonest kind first."""
    groups: dict[tuple[int, int], list[int]] = {}
    pairs = zip(mistakes.true.tolist(), mistakes.came.tolist(), strict=True)
    for place, pair in enumerate(pairs):
        groups.setdefault(pair, []).append(place)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


@dataclass(frozen=True, eq=False, slots=True)
class _Sheet:
    mistakes: Mistakes
    part: Part
    pictures: InputPictures

    def cards(self, places: Iterable[int], ids: Mapping[Cell, str] | None = None) -> Markup:
        """Pictures with what they were taken for; with `ids` the first of a kind has its id."""
        free = dict(ids or {})
        found = []
        for place in places:
            kind = int(self.mistakes.true[place]), int(self.mistakes.came[place])
            found.append(self._card(place, *kind, free.pop((self.mistakes.node, *kind), None)))
        return cards(found)

    def _card(self, place: int, true: int, came: int, id_: str | None) -> Markup:
        mistakes, row = self.mistakes, int(self.mistakes.rows[place])
        where = f"row {int(self.part.row_numbers[row])}"
        pixels = self.pictures.pixels(self.part.inputs[self.pictures.node][row], LARGEST_SIDE)
        sure = "" if mistakes.sure is None else f"{percent(float(mistakes.sure[place]))}, "
        caption = join(
            (tag("b", _name(mistakes, true)), " taken for ", tag("b", _name(mistakes, came))),
            tag("br"),
            tag("span", f"{sure}{where}", class_="detail"),
        )
        return card([(pixels, where)], caption, id_)


def _name(mistakes: Mistakes, code: int) -> str:
    return clip_text(mistakes.names[code], LONGEST_NAME)
