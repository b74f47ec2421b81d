"""The mail room in the browser: everybody's letters, and an answer to each. Only the demo opens these doors."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, URLEncodedBody
from sqlmodel import Session

from roundtables.calendar.attendees import PartStat
from roundtables.convener.access import TheDb
from roundtables.db import now
from roundtables.desk.opened import FRAMED, opened
from roundtables.errors import NotFound, Refusal
from roundtables.invitation.model import Invitation
from roundtables.mail.inbox import IncomingMail
from roundtables.mailroom import mailbox, replying
from roundtables.mailroom.handing_in import hand_in
from roundtables.mailroom.mailbox import MailRoom
from roundtables.roundtable.model import Roundtable
from roundtables.web.answers import page, plain, see
from roundtables.web.forms import Form
from roundtables.web.shell import POLICY

Typed = URLEncodedBody[dict[str, Any]]
SITE = {"name": "The mail room", "accent": "#2c62b4"}
FLAGS = "allow-popups allow-popups-to-escape-sandbox"  # a link of the letter opens in a tab of its own
WITH_FRAME = {"content-security-policy": f"{POLICY}; frame-src 'self'"}


def handlers(room: MailRoom) -> list[Any]:
    """The doors of this mail room, for `create_app(more=…)`."""

    @get("/mailroom", sync_to_thread=True, include_in_schema=False)
    def everybody() -> Response[str]:
        """Everybody's letters by person, the newest first."""
        return page("mailroom/everybody.html", site=SITE, room=room, boxes=mailbox.mailboxes(room.folder), now=now())

    @get("/mailroom/{name:str}", sync_to_thread=True, include_in_schema=False)
    def letter(name: FromPath[str]) -> Response[str]:
        """One letter, as the one who got it sees it."""
        return _letter(room, name, Form())

    @get("/mailroom/{name:str}/html", sync_to_thread=True, include_in_schema=False)
    def html(name: FromPath[str]) -> Response[Any]:
        """The letter's page for the frame; its links open outside it."""
        words = opened(mailbox.read(room.folder, name)).html
        framed = words.replace("<head>", '<head>\n<base target="_blank">', 1)
        policy = {"content-security-policy": FRAMED.format(flags=FLAGS)}
        return plain(framed, "text/html; charset=utf-8", headers=policy)

    @post("/mailroom/{name:str}/answers", sync_to_thread=True, include_in_schema=False)
    def answer(name: FromPath[str], data: Typed, db: TheDb) -> Response[str]:
        """Answers a letter, in words or by the calendar card, through the ordinary door for mail."""
        form, original = Form(data), mailbox.read(room.folder, name)
        try:
            raw = _answered(original, form)
        except Refusal as error:
            form.refuse(error)
            return _letter(room, name, form, status=422)
        return see(f"/mailroom/{name}/answers/{hand_in(db, raw, room.lmtp_address)}")

    @get("/mailroom/{name:str}/answers/{mail_id:int}", sync_to_thread=True, include_in_schema=False)
    def became(name: FromPath[str], mail_id: FromPath[int], db: TheDb) -> Response[str]:
        """What became of an answer."""
        with db.read() as session:
            return page("mailroom/became.html", site=SITE, name=name, now=now(), **_became(session, mail_id))

    return [everybody, letter, html, answer, became]


def _letter(room: MailRoom, name: str, form: Form, *, status: int = 200) -> Response[str]:
    raw = mailbox.read(room.folder, name)
    return page(
        "mailroom/letter.html",
        status=status,
        headers=WITH_FRAME,
        site=SITE,
        name=name,
        opened=opened(raw),
        flags=FLAGS,
        card=replying.can_answer_by_calendar(raw),
        form=form,
    )


def _answered(original: bytes, form: Form) -> bytes:
    if not form.get("partstat"):
        return replying.worded(original, form.get("words"), now())
    partstat = form.choice("partstat", PartStat, PartStat.TENTATIVE)
    form.check()
    return replying.calendar_answer(original, partstat, now())


def _became(session: Session, mail_id: int) -> dict[str, Any]:
    mail = session.get(IncomingMail, mail_id)
    if mail is None:
        raise NotFound("answer")
    invitation = session.get(Invitation, mail.invitation_id) if mail.invitation_id else None
    table = session.get(Roundtable, invitation.roundtable_id) if invitation else None
    return {"mail": mail, "guest": invitation, "table": table, "raw": mail.raw.decode("utf-8", "replace")[:20_000]}
