"""What a mail tells beside its answer: dates, a deputy, needs, wishes for the paper, how they take part. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from . import deputies_named, returning, until
from .addresses import Mailbox
from .phrasebook import Phrasebook
from .sentences import Sentence
from .weighing import Weighed

if TYPE_CHECKING:
    from .words import Reading


def beside(
    reading: "Reading",
    written: Sequence[Weighed],
    text: str,
    *,
    day: date | None,
    sent: date | None,
    invitee: str,
    copied: Sequence[Mailbox],
) -> "Reading":
    """`reading` with all that stands beside the answer."""
    says = str(reading.says)
    name, address = deputies_named.found(written, text, invitee, copied) if says == "deputy" else ("", "")
    return replace(
        reading,
        until=until.promised(written, sent, day) if says == "tentative" else None,
        back=returning.back(text, sent) if sent and says == "auto-reply" else None,
        deputy_name=name,
        deputy_address=address,
        needs=" ".join(each.sentence.verbatim for each in written if "needs" in each.facts),
        wants_writeup=any({"writeup", "asks_for"} <= each.facts for each in written),
        mode=_mode(written),
        unsubscribe=any("unsubscribe" in each.signals for each in written),
        left=any("left" in each.signals for each in written),
    )


def strange_parts(sentence: Sentence, book: Phrasebook, subject: str, day: date | None) -> frozenset[int]:
    """The parts of the sentence that name a date or an hour that is not the meeting's."""
    return until.parts_with_another_time(sentence, book, subject, day)


def _mode(written: Sequence[Weighed]) -> str:
    for each in written:
        if "no_mode" not in each.facts and {"online", "room"} & each.facts:
            return "online" if "online" in each.facts else "room"
    return ""
