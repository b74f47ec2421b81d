"""
Whose answer a calendar object is: the address it came to says which seat, the ATTENDEE line who speaks. Pure.

    their own address, or one of theirs    it counts
    theirs under another address           it counts; the address is learnt, or it waits to be confirmed
    somebody for them                      it counts until they, or an organiser, say otherwise
    anybody else                           a person decides
"""

import re
from dataclasses import dataclass
from datetime import datetime

from roundtables.calendar.attendees import Attendee
from roundtables.invitation.rules import Answer

_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "prof", "professor", "sir", "dame", "rev"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mail says it is from; `proven` and `forged` are our own mail server's word. Address canonical."""

    address: str
    name: str = ""
    proven: bool = False
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the invitation the mail was sent to, and of its invitee; addresses canonical."""

    uid: str
    address: str
    others: frozenset[str]  # further addresses of the same person
    name: str
    by_token: bool  # it came to the address that only this invitee was given
    by_letter: bool = False  # it answers a letter that only this invitee was sent
    assistant: str = ""
    earlier_uid: str = ""  # under which an earlier date of it stands in their calendar
    starts_at: datetime | None = None

    @property
    def mine(self) -> frozenset[str]:
        return self.others | {self.address}


@dataclass(frozen=True, slots=True)
class Theirs:
    """
    It is the invitee's. `alias`: an address to learn; `agent`: who writes for them and is not known to; `provisional`:
    why it still waits for a confirmation.
    """

    alias: str = ""
    agent: str = ""
    provisional: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """A person decides; `says`, `answer`, `name` and `email` are what they may want to do (arrival.Suggestion)."""

    why: str
    answer: Answer | None = None
    says: str = ""
    name: str = ""
    email: str = ""


def whose(person: Attendee, known: Known, sender: Sender) -> Theirs | Waits:
    """Whose answer the line of `person` is."""
    if not sender.address:
        return Waits("its sender cannot be read")
    if not known.by_token:
        return _without_token(person, known, sender)
    if person.address in known.mine:
        return _own(person, known, sender)
    if not person.address:
        own = sender.address in known.mine
        return Theirs(note="it names no address") if own else Waits("the calendar reply does not say who answers")
    if known.address in person.member_of:
        return _somebody_else(person, f"{_named(person)} answers as one of {known.address}")
    if person.delegated_from:
        return _somebody_else(person, f"{_named(person)} answers in somebody's place")
    if sender.forged:
        return Waits("our mail server found the sender forged")
    return _other_address(person, known, sender)


def same_name(one: str, other: str) -> bool:
    """Whether two names are of one person as far as names can say: "Bloggs, Jo (Policy)" and "Dr Jo Bloggs"."""
    first, second = _name_words(one), _name_words(other)
    shorter, longer = sorted((first, second), key=len)
    return bool(shorter) and shorter <= longer and (len(shorter) > 1 or shorter == longer)


def soft(address: str) -> str:
    """The address without a plus tag, and without dots where the provider ignores them."""
    local, _, domain = address.partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        return local.replace(".", "") + "@gmail.com"
    return f"{local}@{domain}"


def _without_token(person: Attendee, known: Known, sender: Sender) -> Theirs | Waits:
    if person.address in known.mine and sender.address in known.mine:
        if known.by_letter or sender.proven:
            return _own(person, known, sender)
        return Waits("nothing proves that it comes from the invitee")
    return _somebody_else(person, f"{_named(person) or sender.address} answers, and was not asked under this address")


def _own(person: Attendee, known: Known, sender: Sender) -> Theirs:
    """Their own line; sent by themselves, by a machine of theirs, or by somebody who says so (RFC 5546 §2.1.3)."""
    agent = person.sent_by or (sender.address if sender.address == known.assistant else "")
    if agent and agent not in known.mine:
        via = f"via {agent}"
        if agent == known.assistant:
            return Theirs(note=f"{via}, their assistant")
        return Theirs(agent=agent, provisional=via)
    return Theirs(note="" if sender.address in known.mine else f"sent from {sender.address}")


def _other_address(person: Attendee, known: Known, sender: Sender) -> Theirs | Waits:
    if soft(person.address) in {soft(address) for address in known.mine}:
        return Theirs(alias=person.address, note=f"answered as {person.address}")
    name = person.name or (sender.name if sender.address == person.address else "")
    named, nameless = same_name(name, known.name), not name
    own_house = _domain(person.address) in {_domain(address) for address in known.mine}
    if sender.address in known.mine and (named or (nameless and own_house)):
        return Theirs(alias=person.address, note=f"answered as {person.address}")
    if sender.address == person.address or own_house:
        if named:
            return Theirs(alias=person.address, provisional=f"answered as {person.address}")
        if nameless and own_house:
            return Theirs(provisional=f"answered as {person.address}")
    who = f"{_named(person)} answered the invitation of {known.name}"
    return _somebody_else(person, f"answered by somebody else? {who}; it was probably forwarded")


def _somebody_else(person: Attendee, why: str) -> Waits:
    return Waits(why, says="forwarded", name=person.name, email=person.address)


def _named(person: Attendee) -> str:
    return person.name or person.address


def _name_words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", name.casefold())) - _TITLES


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
