"""One ATTENDEE line as a person wrote it, or rather as their calendar did. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .addresses import canonical_address
from .lines import Parameters, split, split_loosely
from .text import many_lines, one_line, unescaped_html, unquoted

_CODED_EQUALS = re.compile(r'(;[A-Za-z-]+=)3D(?="|[A-Z-]+[;:])')
_LONGEST_NAME = 200
_LONGEST_VALUE = 16 * 1024  # of a parameter, still escaped
_MOST_ADDRESSES = 20  # in one parameter


class PartStat(StrEnum):
    """What an attendee says to an event. RFC 5545 §3.2.12."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


_WORDS = {str(answer): answer for answer in PartStat}


@dataclass(frozen=True, slots=True)
class Attendee:
    """One attendee of an incoming object. Addresses are canonical, "" where there is none we could write to."""

    address: str
    name: str
    partstat: PartStat | None
    sent_by: str
    delegated_to: tuple[str, ...]
    delegated_from: tuple[str, ...]
    member_of: tuple[str, ...]
    comment: str
    odd_word: str = ""  # the PARTSTAT we do not know, or give no meaning to

    @property
    def decided(self) -> bool:
        return self.partstat not in (None, PartStat.NEEDS_ACTION)


def attendee(line: str, notes: list[str]) -> Attendee:
    """One ATTENDEE content line, repaired where its author's calendar got the quoting wrong."""
    parameters, value = _parts(_equals_restored(line, notes), notes)
    return Attendee(
        address=canonical_address(value) or canonical_address(first(parameters, "EMAIL")),  # RFC 7986 §6.2
        name=one_line(first(parameters, "CN"))[:_LONGEST_NAME],
        partstat=(partstat := _partstat(parameters, notes)),
        odd_word=one_line(first(parameters, "PARTSTAT")).upper()[:40] if partstat is None else "",
        sent_by=canonical_address(first(parameters, "SENT-BY")),
        delegated_to=_addresses(parameters, "DELEGATED-TO"),
        delegated_from=_addresses(parameters, "DELEGATED-FROM"),
        member_of=_addresses(parameters, "MEMBER"),
        comment=many_lines(unescaped_html(first(parameters, "X-RESPONSE-COMMENT"))),  # Google
    )


def first(parameters: Parameters, name: str) -> str:
    """The first value of a parameter without its quotes, "" if it is not there."""
    return next((unquoted(value[:_LONGEST_VALUE]) for found, value in parameters if found == name), "")


def _parts(line: str, notes: list[str]) -> tuple[Parameters, str]:
    parameters, value = split(line)
    start = value.lower().rfind("mailto:")
    if ";" not in value and start <= len(value) - len(value.lstrip(' "')):
        return parameters, value
    notes.append("an ATTENDEE line lacks its quotes; took the last address in it")
    return split_loosely(line)


def _equals_restored(line: str, notes: list[str]) -> str:
    if "=3D" not in line:
        return line
    restored = _CODED_EQUALS.sub(r"\1", line)
    if restored != line:
        notes.append("undid quoted-printable left in an ATTENDEE line")
    return restored


def _partstat(parameters: Parameters, notes: list[str]) -> PartStat | None:
    said = {unquoted(value).upper().partition(":")[0] for name, value in parameters if name == "PARTSTAT"}
    if not said:
        return PartStat.NEEDS_ACTION  # RFC 5545 §3.2.12: the default
    if len(said) > 1:
        notes.append("an ATTENDEE line gives two answers")
        return None
    word = said.pop()
    if word not in _WORDS:
        notes.append(f'the answer "{one_line(word)[:40]}" is none we know')
    return _WORDS.get(word)


def _addresses(parameters: Parameters, name: str) -> tuple[str, ...]:
    texts = [text for found, value in parameters if found == name for text in value.replace('"', "").split(",")]
    return tuple(filter(None, map(canonical_address, texts[:_MOST_ADDRESSES])))


def named_as_delegate(attendees: Sequence[Attendee], of: Attendee) -> list[Attendee]:
    """Those whose own line says that they come for `of`, or whom the line of `of` names."""
    return [a for a in attendees if a.address and (of.address in a.delegated_from or a.address in of.delegated_to)]
