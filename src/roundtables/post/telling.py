"""How posts, discussions and reports are told to readers: threads, citations, the words beside a drawing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from roundtables.post.attribution import Shown
from roundtables.post.pieces import Article, Discussion, Paper
from roundtables.roundtable.rules import Rule
from roundtables.texts import Wording, _, listed, many, marked
from roundtables.web.filters import MONTHS, count_words, day_short, day_year
from roundtables.web.table import SeatState, fold_kinds, glyph, planned_glyph, public_table

HELD_UNDER = {
    Rule.CHATHAM_HOUSE: _("under the Chatham House Rule: we say what was said, never who said it or who was there"),
    Rule.CHATHAM_HOUSE_LIST: _("under the Chatham House Rule: who came may be listed, never who said what"),
    Rule.CHATHAM_HOUSE_PLUS: _("under the Chatham House Rule, and nothing is quoted without written consent"),
    Rule.ON_THE_RECORD: _("on the record"),
}
WHEN_HELD = {
    Shown.OVER: marked("Held {under}."),
    Shown.COMING: marked("To be held {under}."),
    Shown.CALLED_OFF: marked("It was to be held {under}."),
}
OTHER = "O"

Kinds = list[tuple[str, str, int]]


def kinds(table: Discussion) -> Kinds:
    """The planned kinds (letter, name, seats) as the public may see them; none smaller than three."""
    planned = [(str(kind["key"]), str(kind["name"]), int(kind["target"])) for kind in table.seat_kinds]
    rest = table.seats - sum(count for _letter, _name, count in planned)
    return fold_kinds([*planned, (OTHER, "", rest)]) if planned else []


def empty(table: Discussion) -> int:
    """Seats that stayed empty, if the organiser released how many came; else 0."""
    return 0 if table.came is None or table.shown is not Shown.OVER else max(0, table.seats - table.came)


def drawing(table: Discussion, said: str) -> Markup:
    """
    The table as planned; `said` is its label in the reader's language. Whose seat stayed empty is nobody's business:
    empty seats are taken from the other fields, and where those are too few all fields are drawn alike.
    """
    bare = empty(table)
    drawn = {letter: count for letter, _name, count in kinds(table)}
    if bare and drawn.get(OTHER, 0) < bare:
        drawn = {}
    elif bare:
        drawn[OTHER] -= bare
    to_come = table.shown is not Shown.OVER
    return public_table(drawn.items(), label=said, empty=bare, total=table.seats, to_come=to_come)


def label(table: Discussion) -> Wording:
    """The drawing in one sentence, for those who do not see it."""
    told = [_("A round table with {seats}", seats=seats(table.seats))]
    told += [
        _("{count} for {kind}", count=count_words(count), kind=_small(name)) for _letter, name, count in kinds(table)
    ]
    if empty(table):
        told.append(_("{count} of them stayed empty", count=count_words(empty(table))))
    return listed(told, ", ")


def _small(name: str) -> str:
    return name.changed(_uncapitalised) if isinstance(name, Wording) else _uncapitalised(name)


def _uncapitalised(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"


@lru_cache(maxsize=500)
def seats(number: int) -> Wording:
    return many("{count} seat", "{count} seats", number, count=count_words(number))


def small_drawing(table: Discussion) -> Markup:
    """The glyph beside its words: pinpricks before the day, seats after it."""
    return glyph(states(table)) if table.shown is Shown.OVER else planned_glyph(table.seats)


def states(table: Discussion) -> list[SeatState]:
    if table.shown is not Shown.OVER:
        return [SeatState.EMPTY] * table.seats
    return [SeatState.COMING] * (table.seats - empty(table)) + [SeatState.EMPTY] * empty(table)


def line(table: Discussion) -> Wording:
    """ "4 July 2019, Leeds. 15 of 16 seats taken"."""
    place = [table.town] if table.town else []
    day = listed([day_year(table.starts_at, table.time_zone), *place], ", ")
    return listed([day, _how_it_stands(table)], ". ")


def _how_it_stands(table: Discussion) -> Wording:
    if table.shown is Shown.CALLED_OFF:
        return _("Called off")
    if table.shown is Shown.COMING:
        return _("By invitation")
    if table.came is None:
        return seats(table.seats).capitalize()
    if empty(table):
        return _("{came} of {seats} seats taken", came=table.came, seats=table.seats)
    return _("All {seats} seats taken", seats=table.seats)


def thread(
    papers: Iterable[Paper], tables: Iterable[Discussion], articles: Iterable[Article], current: str = ""
) -> list[dict[str, Any]]:
    """Report, discussion, posts in order, for the macro of that name; `current` is a path."""
    told = [
        *(_step("report", paper, _report_line(paper), ", ".join(paper.authors)) for paper in papers),
        *(
            _step("discussion", table, _("Discussion, {day}", day=day_year(table.starts_at, table.time_zone)), "")
            | {"states": states(table)}
            for table in tables
        ),
        *(_step("post", article, _post_line(article), article.by) for article in articles),
    ]
    return [step | {"current": step["href"] == current} for step in told]


def _step(kind: str, piece: Paper | Discussion | Article, small: str, after: str) -> dict[str, Any]:
    return {"kind": kind, "small": small, "title": piece.title, "href": piece.path, "after": after}


def _report_line(paper: Paper) -> str:
    return _("Report, {month}", month=month(paper.published_on)) if paper.published_on else _("Report")


def _post_line(article: Article) -> str:
    day = day_year(article.published_at, article.host.time_zone)
    return _("Post elsewhere, {day}", day=day) if article.canonical_url else _("Post, {day}", day=day)


def paper_line(paper: Paper) -> str:
    """ "Ines Calloway, Larkmoor Trust, November 2018."."""
    told = [*paper.authors, paper.publisher, month(paper.published_on) if paper.published_on else ""]
    return listed([listed([word for word in told if word], ", "), ""], ".") if any(told) else ""


def standing(table: Discussion) -> Wording:
    """Whether it is to come, over, or called off, and how many seats it has."""
    if table.shown is Shown.CALLED_OFF:
        return _("This discussion was called off.")
    if table.shown is Shown.COMING:
        return _("{seats}, by invitation.", seats=seats(table.seats).capitalize())
    return listed([_how_it_stands(table), ""], ".")


def empty_words(table: Discussion) -> Wording:
    """ "One seat stayed empty"."""
    number = empty(table)
    return many(
        "{count} seat stayed empty", "{count} seats stayed empty", number, count=count_words(number)
    ).capitalize()


def rule_words(table: Discussion) -> Wording:
    return _(WHEN_HELD[table.shown], under=HELD_UNDER[table.rule])


def seats_words(table: Discussion) -> Wording:
    """What the drawing and its key do and do not say."""
    small = _("fields with fewer than three are counted together as “other”.")
    if empty(table):
        return _("The fields are those the seats were meant for, not who came; {small}", small=small)
    return _("The seats are shown as they were planned; {small}", small=small)


def nothing_yet(table: Discussion) -> Wording:
    if table.shown is Shown.CALLED_OFF:
        return _("It did not take place.")
    to_come = table.shown is Shown.COMING
    return _("What comes of it will stand here.") if to_come else _("Nothing has been published yet.")


def time_of_day(table: Discussion) -> Wording:
    """ "The morning", as a heading for when and where."""
    zone = ZoneInfo(table.time_zone)
    begins, ends = table.starts_at.astimezone(zone), table.ends_at.astimezone(zone)
    if begins.date() != ends.date() or (begins.hour < 12 and ends.hour > 14):
        return _("The day")
    if begins.hour < 12:
        return _("The morning")
    return _("The afternoon") if begins.hour < 17 else _("The evening")


def table_citation(table: Discussion) -> Wording:
    """ "Larkmoor Trust (2019), “Whose job is it to be kind?”, discussion, 4 July"."""
    on = table.starts_at.astimezone(ZoneInfo(table.time_zone)).date()
    who = {"host": table.host.name, "year": on.year, "title": table.title}
    return _("{host} ({year}), “{title}”, discussion, {day}", day=day_short(on), **who)


def month(day: date) -> Wording:
    """ "November 2018"."""
    return _("{month} {year}", month=MONTHS[day.month - 1], year=day.year)


def rules_of(tables: Sequence[Discussion]) -> list[str]:
    """What holds for a post about these tables, each said once."""
    under = dict.fromkeys(HELD_UNDER[table.rule] for table in tables)
    return [_("Written after a discussion {under}.", under=words) for words in under]


def citation(article: Article, address: str) -> Wording:
    """ "Osei-Hart, D. (2019) “The form was never the problem”, Larkmoor Trust, 18 July. https://…"."""
    who = listed(map(_cited, article.authors), _(" and ")) if article.authors else article.host.name
    on = article.published_at.astimezone(ZoneInfo(article.host.time_zone)).date()
    what = {"who": who, "year": on.year, "title": article.title, "host": article.host.name}
    at = address.partition("://")[2]
    return _("{who} ({year}) “{title}”, {host}, {day}. {address}", day=day_short(on), address=at, **what)


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
