"""/metrics: figures for Prometheus, told to this machine and to holders of an API token, and never about people."""

from ipaddress import ip_address

from litestar import Response, get
from prometheus_client import REGISTRY, generate_latest
from sqlmodel import Session, col, func, select

from roundtables.convener import actions as conveners
from roundtables.convener.access import AnyRequest, TheDb
from roundtables.convener.rules import READERS
from roundtables.errors import NotFound
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.web.answers import plain

UNSENT = [state for state in LetterState if state not in (LetterState.SENT, LetterState.CANCELLED)]


@get("/metrics", may=READERS, sync_to_thread=True, include_in_schema=False)
def metrics(request: AnyRequest, db: TheDb) -> Response[bytes]:
    """Prometheus text. To anybody else there is no such page."""
    with db.read() as session:
        if not (_is_here(request) or _has_token(session, request)):
            raise NotFound
        lines = _figures(session)
    return plain("\n".join(lines).encode() + generate_latest(REGISTRY), "text/plain; version=0.0.4")


def _figures(session: Session) -> list[str]:
    letters = select(OutgoingLetter.state, func.count()).where(col(OutgoingLetter.state).in_(UNSENT))
    unread = select(func.count()).where(col(IncomingMail.outcome).is_(None))
    lines = ["# TYPE roundtables_letters gauge"]
    for state, number in session.exec(letters.group_by(col(OutgoingLetter.state))):
        lines.append(f'roundtables_letters{{state="{state}"}} {number}')
    return [*lines, "# TYPE roundtables_mail_unread gauge", f"roundtables_mail_unread {session.exec(unread).one()}", ""]


def _is_here(request: AnyRequest) -> bool:
    """Asked from this very machine, and not through a proxy on it."""
    client = request.client.host if request.client else ""
    try:
        return ip_address(client).is_loopback and "x-forwarded-for" not in request.headers
    except ValueError:
        return False


def _has_token(session: Session, request: AnyRequest) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and conveners.who_holds_token(session, token.strip()) is not None


HANDLERS = [metrics]
