"""How posts, discussions and reports are told to readers: threads, citations, the words beside a drawing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from roundtables.post.attribution import Shown
from roundtables.post.pieces import Article, Discussion, Paper
from roundtables.roundtable.rules import Rule
from roundtables.web.filters import MONTHS, count_words, day_short, day_year, plural
from roundtables.web.table import SeatState, fold_kinds, glyph, planned_glyph, public_table

HELD_UNDER = {
    Rule.CHATHAM_HOUSE: "under the Chatham House Rule: we say what was said, never who said it or who was there",
    Rule.CHATHAM_HOUSE_LIST: "under the Chatham House Rule: who came may be listed, never who said what",
    Rule.CHATHAM_HOUSE_PLUS: "under the Chatham House Rule, and nothing is quoted without written consent",
    Rule.ON_THE_RECORD: "on the record",
}
OTHER = "O"

Kinds = list[tuple[str, str, int]]


def kinds(table: Discussion) -> Kinds:
    """The planned kinds (letter, name, seats) as the public may see them; none smaller than three."""
    planned = [(str(kind["key"]), str(kind["name"]), int(kind["target"])) for kind in table.seat_kinds]
    rest = table.seats - sum(count for _, _, count in planned)
    return fold_kinds([*planned, (OTHER, "", rest)]) if planned else []


def empty(table: Discussion) -> int:
    """Seats that stayed empty, if the organiser released how many came; else 0."""
    return 0 if table.came is None or table.shown is not Shown.OVER else max(0, table.seats - table.came)


def drawing(table: Discussion) -> Markup:
    """
    The table as planned. Whose seat stayed empty is nobody's business: empty seats are taken from the other
    fields, and where those are too few all fields are drawn alike.
    """
    bare = empty(table)
    drawn = {letter: count for letter, _, count in kinds(table)}
    if bare and drawn.get(OTHER, 0) < bare:
        drawn = {}
    elif bare:
        drawn[OTHER] -= bare
    to_come = table.shown is not Shown.OVER
    return public_table(drawn.items(), label=label(table), empty=bare, total=table.seats, to_come=to_come)


def label(table: Discussion) -> str:
    """The drawing in one sentence, for those who do not see it."""
    told = [f"A round table with {seats(table.seats)}"]
    told += [f"{count_words(count)} for {name[:1].lower()}{name[1:]}" for _, name, count in kinds(table)]
    if empty(table):
        told.append(f"{count_words(empty(table))} of them stayed empty")
    return ", ".join(told)


def seats(number: int) -> str:
    return f"{count_words(number)} {plural(number, 'seat')}"


def small_drawing(table: Discussion) -> Markup:
    """The glyph beside its words: pinpricks before the day, seats after it."""
    return glyph(states(table)) if table.shown is Shown.OVER else planned_glyph(table.seats)


def states(table: Discussion) -> list[SeatState]:
    if table.shown is not Shown.OVER:
        return [SeatState.EMPTY] * table.seats
    return [SeatState.COMING] * (table.seats - empty(table)) + [SeatState.EMPTY] * empty(table)


def line(table: Discussion) -> str:
    """ "4 July 2019, Leeds. 15 of 16 seats taken"."""
    place = f", {table.town}" if table.town else ""
    return f"{day_year(table.starts_at, table.time_zone)}{place}. {_how_it_stands(table)}"


def _how_it_stands(table: Discussion) -> str:
    if table.shown is Shown.CALLED_OFF:
        return "Called off"
    if table.shown is Shown.COMING:
        return "By invitation"
    if table.came is None:
        return seats(table.seats).capitalize()
    return f"{table.came} of {table.seats} seats taken" if empty(table) else f"All {table.seats} seats taken"


def thread(
    papers: Iterable[Paper], tables: Iterable[Discussion], articles: Iterable[Article], current: str = ""
) -> list[dict[str, Any]]:
    """Report, discussion, posts in order, for the macro of that name; `current` is a path."""
    told = [
        *(_step("report", paper, _report_line(paper), ", ".join(paper.authors)) for paper in papers),
        *(
            _step("discussion", table, f"Discussion, {day_year(table.starts_at, table.time_zone)}", "")
            | {"states": states(table)}
            for table in tables
        ),
        *(_step("post", article, _post_line(article), article.by) for article in articles),
    ]
    return [step | {"current": step["href"] == current} for step in told]


def _step(kind: str, piece: Paper | Discussion | Article, small: str, after: str) -> dict[str, Any]:
    return {"kind": kind, "small": small, "title": piece.title, "href": piece.path, "after": after}


def _report_line(paper: Paper) -> str:
    return f"Report, {month(paper.published_on)}" if paper.published_on else "Report"


def _post_line(article: Article) -> str:
    where = "Post elsewhere" if article.canonical_url else "Post"
    return f"{where}, {day_year(article.published_at, article.host.time_zone)}"


def paper_line(paper: Paper) -> str:
    """ "Ines Calloway, Larkmoor Trust, November 2018."."""
    told = [*paper.authors, paper.publisher, month(paper.published_on) if paper.published_on else ""]
    return ", ".join(word for word in told if word) + "." if any(told) else ""


def standing(table: Discussion) -> str:
    """Whether it is to come, over, or called off, and how many seats it has."""
    if table.shown is Shown.CALLED_OFF:
        return "This discussion was called off."
    if table.shown is Shown.COMING:
        return f"{seats(table.seats).capitalize()}, by invitation."
    return f"{_how_it_stands(table)}."


def empty_words(table: Discussion) -> str:
    """ "One seat stayed empty"."""
    return f"{seats(empty(table)).capitalize()} stayed empty"


def rule_words(table: Discussion) -> str:
    verb = {Shown.OVER: "Held", Shown.COMING: "To be held", Shown.CALLED_OFF: "It was to be held"}[table.shown]
    return f"{verb} {HELD_UNDER[table.rule]}."


def seats_words(table: Discussion) -> str:
    """What the drawing and its key do and do not say."""
    small = "fields with fewer than three are counted together as “other”."
    if empty(table):
        return f"The fields are those the seats were meant for, not who came; {small}"
    return f"The seats are shown as they were planned; {small}"


def nothing_yet(table: Discussion) -> str:
    if table.shown is Shown.CALLED_OFF:
        return "It did not take place."
    return "What comes of it will stand here." if table.shown is Shown.COMING else "Nothing has been published yet."


def time_of_day(table: Discussion) -> str:
    """ "The morning", as a heading for when and where."""
    zone = ZoneInfo(table.time_zone)
    begins, ends = table.starts_at.astimezone(zone), table.ends_at.astimezone(zone)
    if begins.date() != ends.date() or (begins.hour < 12 and ends.hour > 14):
        return "The day"
    return "The morning" if begins.hour < 12 else "The afternoon" if begins.hour < 17 else "The evening"


def table_citation(table: Discussion) -> str:
    """ "Larkmoor Trust (2019), “Whose job is it to be kind?”, discussion, 4 July"."""
    on = table.starts_at.astimezone(ZoneInfo(table.time_zone)).date()
    return f"{table.host.name} ({on.year}), “{table.title}”, discussion, {day_short(on)}"


def month(day: date) -> str:
    """ "November 2018"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def rules_of(tables: Sequence[Discussion]) -> list[str]:
    """What holds for a post about these tables, each said once."""
    return [f"Written after a discussion {words}." for words in dict.fromkeys(HELD_UNDER[t.rule] for t in tables)]


def citation(article: Article, address: str) -> str:
    """ "Osei-Hart, D. (2019) “The form was never the problem”, Larkmoor Trust, 18 July. https://…"."""
    who = " and ".join(_cited(author) for author in article.authors) or article.host.name
    on = article.published_at.astimezone(ZoneInfo(article.host.time_zone)).date()
    return f"{who} ({on.year}) “{article.title}”, {article.host.name}, {day_short(on)}. {address.partition('://')[2]}"


def _cited(author: Mapping[str, str]) -> str:
    *first, last = author["name"].split()
    return f"{last}, {' '.join(f'{name[0]}.' for name in first)}" if first else last


def stop(title: str) -> str:
    """The full stop behind a title at the end of a sentence, unless it has one of its own."""
    return "" if title.endswith(("?", ".", "…", "!")) else "."


def paragraphs(text: str) -> list[str]:
    """Plain text by its empty lines."""
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def snippet(text: str, words: Sequence[str], room: int = 200) -> str:
    """About `room` letters round the first of `words` in `text`."""
    plain = " ".join(text.split())
    low = plain.lower()
    first = min((place for word in words if (place := low.find(word)) >= 0), default=0)
    start = 0 if first < room // 2 else plain.rfind(" ", 0, first - room // 4) + 1
    cut = plain[start : start + room]
    if start + room < len(plain):
        cut = cut.rpartition(" ")[0] + " …"
    return f"… {cut}" if start else cut
