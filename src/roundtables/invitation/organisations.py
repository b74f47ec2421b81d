"""Of which organisation a deputy is, and how many of it a table takes. Counted by record, not by mail domain."""

from sqlmodel import Session, col, or_, select

from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import State
from roundtables.naming import address_key
from roundtables.person import queries as people
from roundtables.roundtable.model import Roundtable
from roundtables.web.filters import count_words, plural

_PROVIDERS = """gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com
    yahoo.co.uk ymail.com icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me gmx.com gmx.net gmx.de web.de
    mail.com btinternet.com btopenworld.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk
    tiscali.co.uk fastmail.com zoho.com yandex.com mail.ru orange.fr wanadoo.fr free.fr"""
ANYBODYS = frozenset(_PROVIDERS.split())


def is_colleague(session: Session, principal: Invitation, email: str) -> bool:
    """Whether `email` is of the principal's organisation: by the book, else by a mail domain that is not anybody's."""
    known = people.by_address(session, principal.convener_id, email)
    if known is not None and known.organisation and principal.organisation:
        return _same(known.organisation, principal.organisation)
    domain = address_key(email).rpartition("@")[2]
    return domain not in ANYBODYS and domain == address_key(principal.email).rpartition("@")[2]


def of_deputy(session: Session, principal: Invitation, email: str) -> str:
    """The organisation to print for a deputy: their own if the book knows it, else the principal's."""
    known = people.by_address(session, principal.convener_id, email)
    return (known.organisation if known is not None else "") or principal.organisation


def too_many(session: Session, table: Roundtable, organisation: str, *, instead_of: Invitation) -> str:
    """Why one more of `organisation` in that guest's place would be too many, "" if it would not."""
    if table.max_per_organisation is None or not organisation.strip():
        return ""
    coming = select(Invitation.organisation).where(
        Invitation.roundtable_id == table.id,
        col(Invitation.id) != instead_of.id,
        or_(col(Invitation.holds_seat).is_(True), col(Invitation.state) == State.ACCEPTED),
    )
    number = sum(_same(other, organisation) for other in session.exec(coming))
    if number < table.max_per_organisation:
        return ""
    are, most = plural(number, "is", "are"), count_words(table.max_per_organisation)
    return f"{count_words(number)} of {organisation} {are} coming already, and the table takes {most}"


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
