"""
What the calendar objects of one mail come to, before anybody's state is looked at. Pure.

    several parts, one object                       one answer
    parts that contradict each other                a person decides
    a REPLY for this invitation, by this invitee    Answered, or Delegated
    by the deputy they named                        ByDeputy
    a COUNTER, a REFRESH                            Countered, Refresh
    anybody else, any other method                  a person decides, or nobody
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from roundtables.calendar.answers import YAHOO, CalendarAnswer
from roundtables.calendar.attendees import Attendee, PartStat, named_as_delegate
from roundtables.invitation.localised import answer_in
from roundtables.invitation.rules import Answer, Ignored
from roundtables.invitation.whose import Known, Sender, Waits, whose

ANSWERS = {
    PartStat.ACCEPTED: Answer.ACCEPTED,
    PartStat.DECLINED: Answer.DECLINED,
    PartStat.TENTATIVE: Answer.TENTATIVE,
}
FAILED = ("3", "4", "5")  # REQUEST-STATUS classes, RFC 5546 §3.6


@dataclass(frozen=True, slots=True)
class Object:
    """A calendar object and the method its part declares, "" if it declares none."""

    answer: CalendarAnswer
    declared: str


@dataclass(frozen=True, slots=True)
class Answered:
    """
    An answer of this invitee. `alias` is an address of theirs we did not know, `provisional` why somebody else may
    have given it, `agent` the address of that somebody if the object tells, `notes` how it was read.
    """

    answer: Answer
    source: CalendarAnswer
    alias: str = ""
    provisional: str = ""
    notes: tuple[str, ...] = ()
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Countered:
    """Another time, or other words, proposed by this invitee; `answered` is what they say to ours, None if nothing."""

    source: CalendarAnswer
    answered: Answered | None
    people: int  # in the proposal, besides the invitee


@dataclass(frozen=True, slots=True)
class Delegated:
    """This invitee names who comes instead: addresses with names, as far as the object tells them."""

    source: CalendarAnswer
    deputies: tuple[tuple[str, str], ...]  # name, address


@dataclass(frozen=True, slots=True)
class ByDeputy:
    """The named deputy answers, with the address that the invitee was given."""

    source: CalendarAnswer
    name: str
    email: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Refresh:
    """Their calendar asks for the newest version. RFC 5546 §3.2.6."""


Spoken = Answered | Countered | Delegated | ByDeputy
Verdict = Spoken | Refresh | Ignored | Waits


def on_objects(objects: Sequence[Object], known: Known, sender: Sender) -> Verdict:
    """The one thing that the calendar objects of a mail say about this invitation."""
    distinct = {_essence(o): o for o in objects}
    ours = [_dated(o, known) for o in distinct.values() if o.answer.uid and o.answer.uid in _uids(known)]
    if not ours:
        return Waits("it is about a calendar entry that is not this invitation", _suggested(objects))
    whole = [o for o in ours if _is_of_the_whole(o.answer, known)]
    if not whole:
        return Waits("it answers one day of a series we do not have", _suggested(ours))
    if len({(o.answer.method, _partstat(o.answer, known)) for o in whole}) > 1:
        return Waits("its calendar parts contradict each other")
    first = whole[0]
    occurrences = ("it also answers single days, which we do not have",) if len(whole) < len(ours) else ()
    return _by_method(first, known, sender, occurrences)


def _uids(known: Known) -> tuple[str, ...]:
    return tuple(filter(None, (known.uid, known.earlier_uid)))


def _dated(o: Object, known: Known) -> Object:
    """An answer under the UID of an earlier date is about that date, whatever version it names."""
    return o if o.answer.uid == known.uid else replace(o, answer=replace(o.answer, sequence=0))


def _is_of_the_whole(answer: CalendarAnswer, known: Known) -> bool:
    """A RECURRENCE-ID that is our own start means all there is."""
    return not answer.recurrence or (answer.recurs_at is not None and answer.recurs_at == known.starts_at)


def _essence(o: Object) -> tuple[object, ...]:
    a = o.answer
    return (a.method, a.uid, a.recurrence, a.sequence, a.stamp, a.partstat, a.attendee, a.starts_at, a.ends_at)


def _partstat(answer: CalendarAnswer, known: Known) -> PartStat | None:
    line = _line(answer, known)
    return line.partstat if line else None


def _by_method(o: Object, known: Known, sender: Sender, notes: tuple[str, ...]) -> Verdict:
    """Handling goes by the object's own METHOD; the part's parameter only stands in for a missing one."""
    method = o.answer.method or o.declared or "REPLY"
    if method == "REPLY":
        return _reply(o, known, sender, notes)
    if method == "COUNTER":
        return _counter(o, known, sender, notes)
    if method == "REFRESH":
        line = _line(o.answer, known) or Attendee(sender.address, "", None, "", (), (), (), "")
        asks = whose(line, known, sender)
        return asks if isinstance(asks, Waits) else Refresh()
    if method == "REQUEST" and known.by_token:
        said = _partstat(o.answer, known)
        return Waits("it is an invitation and not a reply", ANSWERS.get(said) if said else None)
    return Ignored(f"a calendar message of the kind {method} is never acted on")  # RFC 6047 §2.4


def _reply(o: Object, known: Known, sender: Sender, notes: tuple[str, ...]) -> Verdict:
    answer = o.answer
    if answer.request_status.startswith(FAILED):
        return Waits(f"their calendar could not read the invitation ({answer.request_status[:80]})")
    if (deputy := _answering_deputy(answer, known, sender)) is not None and deputy.partstat in ANSWERS:
        return ByDeputy(answer, deputy.name, deputy.address, ANSWERS[deputy.partstat])
    line = _line(answer, known)
    if line is None and any(person.address in known.mine for person in answer.people):
        return Waits("it gives two answers of one person")
    if line is None:
        return _no_status(answer, "")
    if line.partstat is PartStat.DELEGATED:
        return _delegated(answer, line, known, sender)
    if line.partstat not in ANSWERS:
        return _no_status(answer, line.odd_word)
    answered = _answered(o, line, known, sender, notes)
    return replace(answered, answer=ANSWERS[line.partstat]) if isinstance(answered, Waits) else answered


def _answered(o: Object, line: Attendee, known: Known, sender: Sender, notes: tuple[str, ...]) -> Answered | Waits:
    theirs = whose(line, known, sender)
    if isinstance(theirs, Waits):
        return theirs
    others = ("the other attendees in it were not read",) if len(o.answer.people) > 1 else ()
    told = (*filter(None, [theirs.note]), *others, *notes)
    provisional = "; ".join(filter(None, (theirs.provisional, *_doubts(o))))
    source = replace(o.answer, comment=line.comment if others and line.comment else o.answer.comment)
    assert line.partstat is not None
    return Answered(ANSWERS[line.partstat], source, theirs.alias, provisional, told, theirs.agent)


def _doubts(o: Object) -> list[str]:
    """Why the answer itself is a little uncertain, whoever gave it."""
    doubts = [YAHOO] if YAHOO in o.answer.notes else []
    if o.declared and o.answer.method and o.declared != o.answer.method:
        doubts.append(f"the part said {o.declared}, the object {o.answer.method}")
    return doubts


def _line(answer: CalendarAnswer, known: Known) -> Attendee | None:
    """The line of this invitee, else of the one who answers: nobody answers for others in the same object."""
    mine = [person for person in answer.people if person.address in known.mine]
    decided = {person.partstat: person for person in mine if person.decided}
    if len(decided) > 1:
        return None
    if mine:
        return next(iter(decided.values()), mine[0])
    answering = [person for person in answer.people if person.decided] or list(answer.people)
    return answering[0] if len(answering) == 1 else None


def _answering_deputy(answer: CalendarAnswer, known: Known, sender: Sender) -> Attendee | None:
    """Who answers as the deputy of this invitee (RFC 5546 §4.2.6); not when the invitee writes it."""
    if sender.address in known.mine:
        return None
    deputies = [p for p in answer.people if p.decided and known.mine.intersection(p.delegated_from)]
    return deputies[0] if len(deputies) == 1 and deputies[0].address not in known.mine else None


def _delegated(answer: CalendarAnswer, line: Attendee, known: Known, sender: Sender) -> Delegated | Waits:
    theirs = whose(line, known, sender)
    if isinstance(theirs, Waits):
        return replace(theirs, says="deputy", name="", email="")
    named = {person.address: person.name for person in named_as_delegate(answer.people, line)}
    addresses = dict.fromkeys((*line.delegated_to, *named))
    return Delegated(answer, tuple((named.get(address, ""), address) for address in addresses))


def _counter(o: Object, known: Known, sender: Sender, notes: tuple[str, ...]) -> Countered | Waits:
    """Never read for the answers of others, who may all stand in it."""
    line = _line(o.answer, known)
    if line is None:
        line = Attendee(sender.address, sender.name, None, "", (), (), (), "")
    if line.partstat in ANSWERS:
        answered = _answered(o, line, known, sender, notes)
        if isinstance(answered, Waits):
            return replace(answered, answer=ANSWERS[line.partstat])
    else:
        answered, theirs = None, whose(line, known, sender)
        if isinstance(theirs, Waits):
            return theirs
    return Countered(o.answer, answered, len({p.address for p in o.answer.people} - known.mine - {line.address}))


def _no_status(answer: CalendarAnswer, odd_word: str) -> Ignored | Waits:
    if odd_word == "DELETED":
        return Waits("their calendar says that the entry was deleted", Answer.DECLINED)
    suggestion = answer_in(answer.summary)
    if suggestion or answer.comment or odd_word:
        return Waits("the calendar reply names no answer", suggestion)
    return Ignored("the calendar reply names no answer")


def _suggested(objects: Sequence[Object]) -> Answer | None:
    said = {o.answer.partstat for o in objects}
    only = said.pop() if len(said) == 1 else None
    return ANSWERS.get(only) if only else None
