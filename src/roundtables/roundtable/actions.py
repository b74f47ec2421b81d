"""What organisers do with a roundtable itself. Each action runs inside the caller's transaction."""

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, delete, select

from roundtables.errors import Refusal, Refusals
from roundtables.naming import slug, unused
from roundtables.report.model import Report
from roundtables.roundtable.model import AgendaItem, Roundtable, RoundtableReport, SeatKind, TagLimit
from roundtables.roundtable.rules import Deputies, Particulars, Rule, Status, Visibility, Writes, needs_new_invitation
from roundtables.texts import _

MOST_SEATS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an organiser decides about a roundtable. Times are aware; `time_zone` is an IANA name."""

    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    seats: int
    question: str = ""
    summary: str = ""
    place: str = ""
    town: str = ""
    online_url: str = ""
    seat_kinds: Sequence[SeatKind] = ()
    max_per_organisation: int | None = None
    rule: Rule = Rule.CHATHAM_HOUSE
    deputies: Deputies = Deputies.ASK
    reply_by: date | None = None
    report_ids: Sequence[int] = ()
    visibility: Visibility = Visibility.AFTER
    host_name: str = ""
    hosts: Sequence[str] = ()
    partners: Sequence[str] = ()
    agenda: Sequence[AgendaItem] = ()
    tag_limits: Sequence[TagLimit] = ()
    place_after_yes: bool = False
    on_record_part: str = ""


def plan(session: Session, convener_id: int, plan: Plan, *, now: datetime) -> Roundtable:
    """A new roundtable, in preparation. Raises Refusal."""
    _check(session, convener_id, plan)
    roundtable = Roundtable(
        convener_id=convener_id,
        slug=free_slug(session, plan.title),
        uid=str(uuid4()),
        public_uid=str(uuid4()),
        status=Status.DRAFT,
        created_at=now,
        changed_at=now,
        **_columns(plan),
    )
    session.add(roundtable)
    session.flush()
    _link_reports(session, roundtable, plan.report_ids)
    return roundtable


def rewrite(session: Session, roundtable: Roundtable, plan: Plan, *, now: datetime) -> Writes:
    """Writes a changed plan down and counts the version up where calendars need it. Raises Refusal."""
    _check(session, roundtable.convener_id, plan)
    before = particulars(roundtable)
    for name, value in _columns(plan).items():
        setattr(roundtable, name, value)
    roundtable.changed_at = now
    session.add(roundtable)
    _link_reports(session, roundtable, plan.report_ids)
    writes = needs_new_invitation(before, particulars(roundtable))
    if roundtable.status is Status.DRAFT:
        return Writes.NOTHING
    if writes is not Writes.NOTHING:
        roundtable.sequence += 1
    if writes is Writes.ASKS_AGAIN:
        roundtable.reset_sequence, roundtable.reset_at = roundtable.sequence, now
    return writes


def particulars(roundtable: Roundtable) -> Particulars:
    return Particulars(roundtable.starts_at, roundtable.ends_at, roundtable.place, roundtable.online_url)


def plan_of(session: Session, roundtable: Roundtable) -> Plan:
    """The plan as it stands: change fields of it and hand it to `rewrite`."""
    names = Plan.__dataclass_fields__.keys() - {"report_ids"}
    values: Mapping[str, Any] = {name: getattr(roundtable, name) for name in names}
    return Plan(**values, report_ids=report_ids(session, roundtable))


def report_ids(session: Session, roundtable: Roundtable) -> list[int]:
    linked = select(RoundtableReport.report_id).where(RoundtableReport.roundtable_id == roundtable.id)
    return list(session.exec(linked.order_by(col(RoundtableReport.report_id))))


def free_slug(session: Session, title: str) -> str:
    """An address nobody has: the title's words, with a number behind if need be."""
    wanted = slug(title)
    taken = set(session.exec(select(Roundtable.slug).where(col(Roundtable.slug).startswith(wanted, autoescape=True))))
    return unused(wanted, taken)


def _columns(plan: Plan) -> dict[str, Any]:
    columns = {name: getattr(plan, name) for name in Plan.__dataclass_fields__ if name != "report_ids"}
    lists = {name: list(columns[name]) for name in ("seat_kinds", "hosts", "partners", "agenda", "tag_limits")}
    return columns | {"title": plan.title.strip()} | lists


def _check(session: Session, convener_id: int, plan: Plan) -> None:
    errors: dict[str, str] = {}
    if not plan.title.strip() or len(plan.title) > 300:
        errors["title"] = _("A roundtable needs a title of at most 300 letters.")
    if plan.time_zone not in zoneinfo.available_timezones():
        name = plan.time_zone[:60]
        errors["time_zone"] = _("There is no time zone “{name}”; write it like Europe/London.", name=name)
    if plan.ends_at <= plan.starts_at:
        errors["ends_at"] = _("It must end after it begins.")
    if not 1 <= plan.seats <= MOST_SEATS:
        errors["seats"] = _("Between 1 and {most} seats.", most=MOST_SEATS)
    if sum(kind["target"] for kind in plan.seat_kinds) > plan.seats:
        errors["seat_kinds"] = _("The seat kinds ask for more seats than the table has.")
    if plan.online_url and not plan.online_url.startswith(("https://", "http://")):
        errors["online_url"] = _("A link begins with https://.")
    known = _known_reports(session, convener_id, plan.report_ids)
    if missing := [str(i) for i in plan.report_ids if i not in known]:
        errors["report_ids"] = _("There is no report {numbers}.", numbers=", ".join(missing))
    if errors:
        raise Refusals(errors)


def _known_reports(session: Session, convener_id: int, ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    found = session.exec(select(Report.id).where(Report.convener_id == convener_id, col(Report.id).in_(ids)))
    return {i for i in found if i is not None}


def _link_reports(session: Session, roundtable: Roundtable, ids: Sequence[int]) -> None:
    if roundtable.id is None:
        raise Refusal("The roundtable is not stored yet.")
    session.execute(delete(RoundtableReport).where(col(RoundtableReport.roundtable_id) == roundtable.id))
    session.add_all(RoundtableReport(roundtable_id=roundtable.id, report_id=i) for i in dict.fromkeys(ids))
    session.flush()
