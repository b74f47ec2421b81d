"""
The Rule: what the public may see of a table, and whether a text says who was there. Pure: no database, no clock.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roundtables.person.rules import HONORIFICS
from roundtables.post.phrases import COMMON_WORDS, GENERAL, LEGAL_FORMS, LETTERS_BEHIND, SPEECH
from roundtables.post.wording import Reading, occurrences, read, words
from roundtables.roundtable.rules import Rule, Status, Visibility

SHORTEST_SURNAME, SHORTEST_PLACE, FEW = 4, 5, 2
ONLY_ONE = re.compile(
    r"\bthe\s+(?:only|one|sole)\s+(?:[\w’'-]+\s+){1,5}(?:in\s+the\s+room|(?:at|round|around)\s+the\s+table|present|among\s+us)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"“[^”]{20,}”|\"[^\"\n]{20,}\"|^>[^\n]{20,}", re.MULTILINE)


class Shown(StrEnum):
    """What the public sees of a table: nothing, that it will be, that it was, or that it was called off."""

    NOTHING = "nothing"
    COMING = "coming"
    OVER = "over"
    CALLED_OFF = "called-off"


def visible(status: Status, visibility: Visibility, *, ends_at: datetime, post_published: bool, now: datetime) -> Shown:
    """
    What the public may see of a roundtable.

        private   nothing, ever
        after     once it is closed, or a published post is linked to it
        listed    from the day it is planned: whether anybody has been asked yet must not show

    Nothing here knows of people: no public byte may depend on who was invited, answered or came.
    """
    if visibility is Visibility.PRIVATE:
        return Shown.NOTHING
    if visibility is Visibility.AFTER and status is not Status.CLOSED and not post_published:
        return Shown.NOTHING
    if status is Status.CANCELLED:
        return Shown.CALLED_OFF
    return Shown.OVER if status is Status.CLOSED or ends_at <= now else Shown.COMING


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody asked to a table, whatever became of it: as printed there, and as in the book."""

    names: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One linked table: its Rule and all who were asked."""

    rule: Rule
    guests: Sequence[Guest]


@dataclass(frozen=True, slots=True)
class Finding:
    """Words at [start, end) of a field that point at a guest; `must` be changed, or be thought about."""

    field: str
    start: int
    end: int
    words: str
    reason: str
    suggestion: str
    must: bool


@dataclass(frozen=True, slots=True)
class Clue:
    """Why a sequence of words is looked for; `capital`: only where it is written with one."""

    reason: str
    suggestion: str
    must: bool = True
    capital: bool = False
    address: bool = False
    inside: bool = False  # only inside a sentence: its first word has a capital anyway


NAME = Clue("A guest’s name", "Say “someone”, or what they do in general.")
SURNAME = Clue("A guest’s surname", "Say “someone”, or what they do in general.", capital=True)
WORDLIKE = Clue(
    "A guest’s surname, which is also a word", "If it means the guest, say “someone”.", False, capital=True, inside=True
)
ADDRESS = Clue("A guest’s e-mail address", "Take it out.", address=True)
ORGANISATION = Clue("A guest’s organisation", "Say “an organisation”: where people come from is part of the Rule.")
ONE_WORD = Clue(ORGANISATION.reason, ORGANISATION.suggestion, capital=True)
PLACE = Clue("A word from the name of a guest’s organisation", "Readers who know the field may guess.", False, True)
POST = Clue("Few of the guests have this post", "Say “one participant”: readers who know the field may guess.", False)


def findings(fields: Mapping[str, str], tables: Sequence[Table], *, ours: Iterable[str] = ()) -> list[Finding]:
    """
    Where the texts point at guests of the tables a post is about, in the order of the fields and of the text.

    `ours` are names that may stand there: the authors, their organisations, the convener. An empty list is no proof:
    it says that no name, address or organisation of the guest list was found.
    """
    allowed = {form for text in ours for form in _every_form(text)}
    return [
        finding
        for field, text in fields.items()
        for finding in _without_overlaps(_in_text(field, read(text), tables, allowed))
    ]


def _in_text(field: str, reading: Reading, tables: Sequence[Table], allowed: set[tuple[str, ...]]) -> Iterator[Finding]:
    for table in tables:
        if table.rule is Rule.ON_THE_RECORD:
            continue
        clues = {name: clue for name, clue in _clues(table.guests).items() if name not in allowed}
        for name, start, end in occurrences(reading, clues):
            clue = clues[name]
            if _counts(reading, clue, start, end) and _protected(reading, table.rule, clue, start, end):
                yield _finding(field, reading, start, end, clue.reason, clue.suggestion, must=clue.must)
        yield from _in_other_words(field, reading, table)


def _in_other_words(field: str, reading: Reading, table: Table) -> Iterator[Finding]:
    for match in ONLY_ONE.finditer(reading.text) if table.guests else ():
        yield _finding(field, reading, *match.span(), "One person fits this", "Say “someone”.", must=True)
    for match in QUOTED.finditer(reading.text) if table.rule is Rule.CHATHAM_HOUSE_PLUS else ():
        reason = "Nothing is quoted from this table without written consent"
        yield _finding(field, reading, *match.span(), reason, "Say it in your own words.", must=False)


def _finding(
    field: str, reading: Reading, start: int, end: int, reason: str, suggestion: str, *, must: bool
) -> Finding:
    return Finding(field, start, end, reading.text[start:end], reason, suggestion, must)


def _counts(reading: Reading, clue: Clue, start: int, end: int) -> bool:
    """Whether the words are written so that they mean the guest."""
    if clue.address:
        return "@" in reading.text[start:end] or "&" in reading.text[start:end]
    if clue.inside and reading.begins_sentence(start):
        return False
    return not clue.capital or not reading.text[start].islower()


def _protected(reading: Reading, rule: Rule, clue: Clue, start: int, end: int) -> bool:
    """Where a list of those present may be published, a name is wrong only beside what was said."""
    if rule is not Rule.CHATHAM_HOUSE_LIST or clue.address:
        return True
    return not SPEECH.isdisjoint(words(reading.sentence_at(start, end)))


def _clues(guests: Sequence[Guest]) -> dict[tuple[str, ...], Clue]:
    """What to look for; where two guests give the same words, the graver reason counts."""
    found: dict[tuple[str, ...], Clue] = dict.fromkeys(_rare_posts(guests), POST)
    for clue, texts in (
        (PLACE, (place for guest in guests for name in guest.organisations for place in _places(name))),
        (ORGANISATION, (form for guest in guests for name in guest.organisations for form in _forms(name))),
        (SURNAME, (surname for guest in guests for name in guest.names for surname in _surnames(name))),
        (NAME, (words(" ".join(_bare(name))) for guest in guests for name in guest.names)),
        (ADDRESS, (words(address) for guest in guests for address in guest.addresses)),
    ):
        found |= {text: _fitting(clue, text) for text in texts if text}
    return found


def _fitting(clue: Clue, text: tuple[str, ...]) -> Clue:
    if clue is SURNAME and text[0] in COMMON_WORDS:
        return WORDLIKE
    return ONE_WORD if clue is ORGANISATION and len(text) == 1 else clue


def _bare(name: str) -> list[str]:
    """A name without "Dr" before and "OBE" behind."""
    parts = [part for part in name.split(",")[0].split() if part.strip(".").casefold() not in HONORIFICS]
    while len(parts) > 1 and parts[-1].strip(".").casefold() in LETTERS_BEHIND:
        parts.pop()
    return parts if len(parts) > 1 else []


def _surnames(name: str) -> Iterator[tuple[str, ...]]:
    parts = _bare(name)
    if parts and len(parts[-1]) >= SHORTEST_SURNAME:
        yield words(parts[-1])


def _forms(organisation: str) -> Iterator[tuple[str, ...]]:
    """ "The Orrin Health Board (OHB)" → with and without "The", without the bracket, and the bracket."""
    outside, _, rest = organisation.partition("(")
    for form in (organisation, outside, rest.rstrip(" )")):
        plain = words(form)
        plain = plain[1:] if plain[:1] == ("the",) else plain
        while len(plain) > 1 and plain[-1] in LEGAL_FORMS:
            plain = plain[:-1]
        if len("".join(plain)) > 2:
            yield plain


def _places(organisation: str) -> Iterator[tuple[str, ...]]:
    """The one telling word of "Northshire Council"."""
    telling = [word for word in words(organisation) if word not in GENERAL and word not in LEGAL_FORMS]
    if len(telling) == 1 and len(telling[0]) >= SHORTEST_PLACE:
        yield (telling[0],)


def _every_form(ours: str) -> Iterator[tuple[str, ...]]:
    """Whatever would be looked for if this were the name of a guest or of an organisation."""
    yield words(" ".join(_bare(ours)))
    yield from (*_surnames(ours), *_forms(ours), *_places(ours))


def _rare_posts(guests: Sequence[Guest]) -> list[tuple[str, ...]]:
    held = [{words(post) for post in guest.posts} for guest in guests]
    every = {post for posts in held for post in posts if len(post) > 1}
    return [post for post in every if sum(post in posts for posts in held) <= FEW]


def _without_overlaps(found: Iterable[Finding]) -> Iterator[Finding]:
    """By place, the longest first; what overlaps an earlier one that weighs as much says nothing new."""
    must = think = 0  # where the last one of each weight ends
    for finding in sorted(set(found), key=lambda f: (f.start, -f.end, not f.must, f.reason)):
        if finding.start < (must if finding.must else max(must, think)):
            continue
        must, think = (finding.end, think) if finding.must else (must, finding.end)
        yield finding
