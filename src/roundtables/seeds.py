"""
The sample story: the July 2019 table on kindness in public policy, one table being filled, one in preparation.

Facts about 2019 are public; every guest is invented and lives at example.org. A composition root.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from roundtables.attendance.actions import record_attendance
from roundtables.attendance.model import Came
from roundtables.convener import actions as conveners
from roundtables.convener.model import Convener, Role
from roundtables.db import Db
from roundtables.invitation import gathering, intake
from roundtables.invitation.actions import Guest, invite
from roundtables.invitation.answering import record_reply
from roundtables.invitation.keeping import row_id
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Reply, Via
from roundtables.mail.inbox import Door
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.mailroom.replying import worded
from roundtables.post import actions as posts
from roundtables.post.text import Text
from roundtables.report import actions as reports
from roundtables.report.model import Report
from roundtables.roundtable.actions import Plan, plan
from roundtables.roundtable.model import Roundtable, SeatKind
from roundtables.seed_texts import (
    DEPUTY_OFFERED,
    FILLING,
    KINDNESS_2019,
    LIBRARY,
    ORGANISER,
    POSTS,
    REPORTS,
    Asked,
    Table,
)

LONDON = ZoneInfo("Europe/London")
NAME = "Carnegie UK Trust"


@dataclass(frozen=True, slots=True)
class Sown:
    """What was sown: the convener's slug, and a token that signs in once."""

    convener: str
    sign_in: str
    words: str


def sow(db: Db, *, now: datetime) -> Sown:
    """Adds the sample story unless it is there; a fresh sign-in token either way."""
    with db.write() as session:
        convener = conveners.found_convener(session, NAME, now=now)
        assert convener.id is not None
        account = conveners.appoint(session, convener, ORGANISER[1], role=Role.OWNER, name=ORGANISER[0], now=now)
        there = session.exec(select(Roundtable.id).where(Roundtable.convener_id == convener.id)).first()
        if there is None:
            _tell_story(session, convener, now=now)
        link = conveners.sign_in_link(session, account, now=now, lasts=conveners.SET_UP_LINK_LASTS)
    if there is None:
        _somebody_writes(db, now=now)
    words = "The sample story is there already." if there else "The sample story is sown."
    return Sown(convener.slug, link, f"{words} Organiser: {account.name}, {account.email}")


def _somebody_writes(db: Db, *, now: datetime) -> None:
    """One reply that only a person can decide, in by the ordinary door."""
    with db.read() as session:
        found = select(OutgoingLetter.raw).where(OutgoingLetter.to_address == DEPUTY_OFFERED[0])
        letter = session.exec(found.order_by(col(OutgoingLetter.id).desc())).first()
    if letter is not None:
        intake.receive(db, worded(letter, DEPUTY_OFFERED[1], now), door=Door.PIPE, now=now)


def _tell_story(session: Session, convener: Convener, *, now: datetime) -> None:
    convener.tagline = "Notes from discussions on public life"
    session.add(convener)
    assert convener.id is not None
    made = [reports.add(session, convener.id, details, now=now) for details in REPORTS]
    kindness = _kindness_2019(session, convener.id, made[0])
    _write_posts(session, convener.id, kindness, made)
    _being_filled(session, convener.id, made, now=now)
    _in_preparation(session, convener.id, now=now)


def _kindness_2019(session: Session, convener_id: int, report: Report) -> Roundtable:
    asked_on = datetime(2019, 5, 2, 9, tzinfo=LONDON)
    starts = datetime(2019, 7, 11, 10, tzinfo=LONDON)
    table = plan(
        session,
        convener_id,
        _plan(KINDNESS_2019, starts, timedelta(hours=2, minutes=30), date(2019, 5, 30), [report.id]),
        now=asked_on,
    )
    invitations = _ask(session, table, KINDNESS_2019.guests, now=asked_on)
    _answers(session, invitations, KINDNESS_2019.guests, begin=asked_on)
    for invitation in invitations:
        if invitation.answer is Answer.ACCEPTED:
            record_attendance(session, invitation, Came.IN_PERSON, by=ORGANISER[0], now=starts + timedelta(hours=4))
    gathering.close(session, table, by=ORGANISER[0], now=starts + timedelta(days=1), came_in_public=KINDNESS_2019.came)
    _sent_long_ago(session, table)
    return table


def _being_filled(session: Session, convener_id: int, made: Sequence[Report], *, now: datetime) -> None:
    asked_on = now - timedelta(days=12)
    starts = _thursday(now + timedelta(weeks=7))
    words = _plan(FILLING, starts, timedelta(hours=2), (starts - timedelta(weeks=2)).date(), [made[1].id])
    table = plan(session, convener_id, words, now=asked_on)
    invitations = _ask(session, table, [g for g in FILLING.guests if g.wave == 1], now=asked_on)
    _answers(session, invitations, FILLING.guests, begin=asked_on)
    second = [g for g in FILLING.guests if g.wave == 2]
    invite(session, table, [_guest(g) for g in second], by=ORGANISER[0], now=now, wave=2, send=False)


def _in_preparation(session: Session, convener_id: int, *, now: datetime) -> None:
    starts = _thursday(now + timedelta(weeks=14))
    words = _plan(LIBRARY, starts, timedelta(hours=2), (starts - timedelta(weeks=6)).date(), [])
    table = plan(session, convener_id, words, now=now)
    invite(session, table, [_guest(g) for g in LIBRARY.guests], by=ORGANISER[0], now=now, send=False)


def _plan(table: Table, starts: datetime, lasts: timedelta, reply_by: date, report_ids: Sequence[int | None]) -> Plan:
    kinds = [SeatKind(key=key, name=name, target=target) for key, name, target in table.kinds]
    return Plan(
        title=table.title,
        question=table.question,
        summary=table.summary,
        starts_at=starts,
        ends_at=starts + lasts,
        time_zone="Europe/London",
        seats=table.seats,
        seat_kinds=kinds,
        place=table.place,
        town=table.town,
        reply_by=reply_by,
        max_per_organisation=2,
        report_ids=[i for i in report_ids if i is not None],
        visibility=table.visibility,
        host_name=ORGANISER[0],
    )


def _guest(asked: Asked) -> Guest:
    return Guest(
        name=asked.name,
        email=asked.email,
        title=asked.title,
        organisation=asked.organisation,
        role=asked.role,
        seat_kind=asked.kind,
        note=asked.note,
    )


def _ask(session: Session, table: Roundtable, guests: Sequence[Asked], *, now: datetime) -> list[Invitation]:
    return invite(session, table, [_guest(g) for g in guests], by=ORGANISER[0], now=now)


def _answers(session: Session, invitations: Sequence[Invitation], guests: Sequence[Asked], *, begin: datetime) -> None:
    said = {g.email: g for g in guests}
    for n, invitation in enumerate(invitations):
        guest = said[invitation.email]
        if guest.answer is not None:
            at = begin + timedelta(days=1 + n % 7, hours=n % 9)
            until = at.date() + timedelta(days=21) if guest.answer is Answer.TENTATIVE else None
            reply = Reply(guest.answer, at, guest.via, until=until, comment=guest.said)
            by = ORGANISER[0] if guest.via is Via.PHONE else guest.email
            record_reply(session, invitation, reply, by=by, now=at)


def _sent_long_ago(session: Session, table: Roundtable) -> None:
    """Letters of 2019 do not leave today."""
    theirs = col(OutgoingLetter.roundtable_id) == row_id(table)
    session.execute(
        update(OutgoingLetter)
        .where(theirs, col(OutgoingLetter.state) == LetterState.QUEUED)
        .values(state=LetterState.SENT, sent_at=OutgoingLetter.created_at)
    )


def _write_posts(session: Session, convener_id: int, table: Roundtable, made: Sequence[Report]) -> None:
    for text in POSTS:
        at = datetime(2019, 7, text.day, 9, tzinfo=LONDON)
        content = Text(
            title=text.title,
            standfirst=text.standfirst,
            body=text.body,
            authors=[text.author],
            roundtable_ids=[row_id(table)],
            report_ids=[made[0].id] if made[0].id is not None else [],
            topics=list(text.topics),
            canonical_url=text.elsewhere,
        )
        post = posts.write(session, convener_id, content, now=at)
        posts.publish(session, post, by=ORGANISER[0], now=at)


def _thursday(moment: datetime) -> datetime:
    """Ten o'clock on the first Thursday from `moment` on."""
    local = moment.astimezone(LONDON) + timedelta(days=(3 - moment.astimezone(LONDON).weekday()) % 7)
    return local.replace(hour=10, minute=0, second=0, microsecond=0)
