"""
What a worded answer says, which sentence says it, and whether it may be applied unseen. Pure.

    text -> language -> sentences -> what each says of coming (propositions.py) and shows besides (signals, facts)
         -> what the mail says, and what speaks against applying it (verdict.py)
    certain only when one class speaks, plainly, and nothing in the mail speaks against it, nor does the second reader
    anything else is a guess, shown to a person with its sentence
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from . import automatic, extracts, reasons, second_reader, tongues
from .addresses import Mailbox
from .listening import hear
from .phrasebook import Phrasebook
from .propositions import Class, Speaker, Strength, name_words
from .sentences import sentence
from .verdict import HINT, SOFT, against, best, softly
from .weighing import Weighed, signals_and_facts

MAX_READ = 8_000
MAX_SPOKEN = 3_000  # characters of sentences that are read; a longer mail is never certain


class Says(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DEPUTY = "deputy"
    QUESTION = "question"
    COUNTER = "counter"
    AUTO = "auto-reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    `sentence` decided, verbatim, "" if none; `certain`: it may be applied unseen; `why` in plain English.

    Beside the answer: `until` they let us know, `back` from an absence, who would come instead, what they need
    (verbatim), whether they want what comes of it, how they take part ("online", "room"), whether they want no
    more mail of ours or have left their organisation, and the language they wrote in.
    """

    says: Says
    sentence: str
    certain: bool
    why: str
    until: date | None = None
    back: date | None = None
    deputy_name: str = ""
    deputy_address: str = ""
    needs: str = ""
    wants_writeup: bool = False
    mode: str = ""
    unsubscribe: bool = False
    left: bool = False
    language: str = "en"


SecondReader = Callable[[str], Mapping[Class, float]]
UNLIKELY, SURE = 0.3, 0.7  # shares; how they were chosen: docs/decisions/0022-a-second-reader.md
FEW = 4  # words, of which nothing can be learnt that the phrases do not know
PLAIN = "it says so plainly, and nothing speaks against it"
_SUBJECTS = {"accepted:": Says.ACCEPTED, "declined:": Says.DECLINED, "tentative:": Says.TENTATIVE}
_ANSWERS = frozenset(_SUBJECTS.values())
_UNSETTLED = ("but", "doubt", "cannot")
_SIGNS = {"👍": Says.ACCEPTED, "👌": Says.ACCEPTED, "✅": Says.ACCEPTED, "👎": Says.DECLINED, "❌": Says.DECLINED}


def read(
    text: str,
    *,
    subject: str = "",
    day: date | None = None,
    sent: date | None = None,
    invitee: str = "",
    sender: str = "",
    copied: Sequence[Mailbox] = (),
    second: SecondReader | None = second_reader.confidence,
) -> Reading:
    """
    What `text`, already cut (see cutting.py), says.

    `day` is the meeting's and `sent` the mail's date; `subject` names the meeting's day too. `invitee` and `sender` are
    names; where they differ, "she accepts" may be the invitee. `copied`, who stands in Cc, may hold a deputy's address.
    `second` is asked about answers in English.
    """
    text, cut = text[:MAX_READ], len(text) > MAX_READ
    tongue = tongues.of(text)
    speaker = _speaker(invitee, sender)
    heard = [_weighed(piece, book, speaker, subject, day) for piece, book in _first(tongue.pieces)]
    if not speaker.for_another and any(_written_for(each, speaker) for each in heard):
        speaker = Speaker(speaker.names, for_another=True)
        heard = [_weighed(piece, book, speaker, subject, day) for piece, book in _first(tongue.pieces)]
    written = reasons.undecided(reasons.concluded(heard, day))
    reading = replace(_decided(written, text, subject, speaker.for_another), language=tongue.language)
    reading = extracts.beside(reading, written, text, day=day, sent=sent, invitee=invitee, copied=copied)
    asked = tongue.language == "en" and reading.says in _ANSWERS and sum(each.sentence.words for each in written) > FEW
    if second and asked and not speaker.for_another:  # it has hardly seen an assistant's mail
        told = {text, text.replace(reading.needs, "") if reading.needs else text}  # needs say nothing of coming
        share = max(second(each)[Class(reading.says)] for each in told)
        reading = _second_said(reading, share, may_help=_soft(reading, written, subject))
    if reading.certain and (len(written) < len(tongue.pieces) or cut):
        reading = replace(reading, certain=False, why="it is too long to be read to its end")
    if written and not tongue.known and reading.certain:
        reading = replace(reading, certain=False, why="its language is not known well enough")
    return reading


def _second_said(reading: Reading, share: float, *, may_help: bool) -> Reading:
    """The second reader stops what it finds unlikely, and helps where it is sure and only a hint was found."""
    if reading.certain and share < UNLIKELY:
        return replace(reading, certain=False, why="it does not read like the answers we know")
    if may_help and share > SURE:
        return replace(reading, certain=True, why="it hints at it, and reads like the answers we know")
    return reading


def _soft(reading: Reading, written: Sequence[Weighed], subject: str) -> bool:
    if reading.certain or reading.why not in SOFT or _other_subject(reading.says, subject) or _forwarded(subject):
        return False
    return softly(Class(reading.says), written)


def _first(pieces: Sequence[tuple[str, Phrasebook]]) -> Iterator[tuple[str, Phrasebook]]:
    """As many sentences as are read."""
    read = 0
    for piece, book in pieces:
        if read + len(piece) > MAX_SPOKEN:
            return
        read += len(piece)
        yield piece, book


def _speaker(invitee: str, sender: str) -> Speaker:
    names, sending = name_words(invitee), name_words(sender)
    for_another = bool(names and sending and names.isdisjoint(sending))
    return Speaker(names if for_another else names | sending, for_another)


def _written_for(each: Weighed, speaker: Speaker) -> bool:
    """ "Penelope has asked me to thank you", from Penelope's own address."""
    named = any(not speaker.names.isdisjoint(words) for words in each.sentence.parts)
    titled = any(mark.kind == "who.them" for marks in each.sentence.marks for mark in marks)
    return ("asked_to_write" in each.facts and named) or ("on_behalf" in each.facts and (named or titled))


def _weighed(piece: str, book: Phrasebook, speaker: Speaker, subject: str, day: date | None) -> Weighed:
    one = sentence(piece, book)
    signals, facts = signals_and_facts(one, book)
    return Weighed(one, hear(one, book, speaker), signals, facts, extracts.strange_parts(one, book, subject, day), book)


def _decided(written: list[Weighed], text: str, subject: str, stranger: bool) -> Reading:
    if not written or text.strip(" .!") == "+1":
        return _from_sign(text) or _from_subject(subject)
    says, each, strength = best(written)
    away = _absence(written, text, subject)
    if away and (says is None or strength < Strength.STRONG or away.sentence == (each and each.sentence.verbatim)):
        return away
    if any("deputy" in one.signals for one in written):
        deputy = next(one for one in written if "deputy" in one.signals)
        return Reading(Says.DEPUTY, deputy.sentence.verbatim, False, "somebody else may come instead")
    if says is None or each is None or strength is Strength.HINT:
        return _no_answer(written, says, each)
    why = _other_subject(Says(says.value), subject) or _forwarded(subject) or against(says, written)
    why = why or (away.why if away else "") or (_not_theirs(says, each, written) if stranger else "")
    return Reading(Says(says.value), each.sentence.verbatim, not why, why or PLAIN)


def _absence(written: list[Weighed], text: str, subject: str) -> Reading | None:
    line = automatic.away_sentence(text)
    found = next((one.sentence.verbatim for one in written if "away" in one.signals), "")
    if line or found or automatic.away_subject(subject):
        return Reading(Says.AUTO, found or line, False, "it reads like an absence notice")
    return None


def _no_answer(written: list[Weighed], says: Class | None, hinted: Weighed | None) -> Reading:
    counter = next((one for one in written if "when" in one.signals), None)
    asks = next((one for one in written if one.sentence.asks), None)
    if counter and (counter.sentence.asks or says is None):
        return Reading(Says.COUNTER, counter.sentence.verbatim, False, "it may offer another time")
    if says and hinted and not (asks and (says is Class.TENTATIVE or hinted is asks)):
        return Reading(Says(says.value), hinted.sentence.verbatim, False, HINT)
    if asks:
        return Reading(Says.QUESTION, asks.sentence.verbatim, False, "it asks something")
    return Reading(Says.UNKNOWN, "", False, "no answer was recognised")


def _not_theirs(says: Class, each: Weighed, written: Sequence[Weighed]) -> str:
    """Somebody else wrote in the first person: their own coming, perhaps, and not the invitee's."""
    theirs = each.heard.for_invitee
    if says is not Class.ACCEPTED:  # "Kate may be in New York. I'll come back to you"
        open_ones = (one for one in written if one is each or not one.heard.flags.keys().isdisjoint(_UNSETTLED))
        theirs = theirs or any(one.heard.names_invitee for one in open_ones)
    return "" if theirs else "somebody else may speak of themselves"


def _from_sign(text: str) -> Reading | None:
    """Nothing but a sign was written. Several that disagree say nothing."""
    if text.strip(" .!") == "+1":
        return Reading(Says.ACCEPTED, text.strip(), True, PLAIN)
    found = {says for sign, says in _SIGNS.items() if sign in text}
    if not found:
        return None
    return Reading(min(found), text.strip(), len(found) == 1, PLAIN if len(found) == 1 else "its signs disagree")


def _from_subject(subject: str) -> Reading:
    """What Outlook puts before the subject of an answer, for a mail in which nothing is written."""
    says = next((s for start, s in _SUBJECTS.items() if subject.strip().lower().startswith(start)), None)
    if says is None:
        return Reading(Says.UNKNOWN, "", False, "nothing is written in it")
    return Reading(says, subject.strip(), True, "their mail program says so, and nothing is written beside it")


def _other_subject(says: Says, subject: str) -> str:
    stated = _from_subject(subject).says
    return "" if stated in (says, Says.UNKNOWN) else f"its subject says {stated}"


def _forwarded(subject: str) -> str:
    return "it was forwarded" if subject.strip().lower().startswith(("fw:", "fwd:", "wg:", "tr:")) else ""
