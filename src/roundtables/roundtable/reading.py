"""From what an organiser typed to a Plan, and back from a Plan to the form."""

import re
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlmodel import Session

from roundtables.errors import Refusal, Refusals
from roundtables.report import actions as reports
from roundtables.roundtable.actions import MOST_SEATS, Plan
from roundtables.roundtable.model import SeatKind
from roundtables.roundtable.rules import Deputies, Rule, Visibility
from roundtables.texts import _
from roundtables.web.filters import clock
from roundtables.web.forms import Form
from roundtables.web.table import OTHER

RULES = {
    Rule.CHATHAM_HOUSE: _("Chatham House Rule"),
    Rule.CHATHAM_HOUSE_LIST: _("Chatham House Rule, the list of those present may be published"),
    Rule.CHATHAM_HOUSE_PLUS: _("Chatham House Rule, nothing quoted without written consent"),
    Rule.ON_THE_RECORD: _("On the record"),
}
DEPUTIES = {
    Deputies.ASK: _("ask me every time"),
    Deputies.SAME_ORGANISATION: _("from the same organisation"),
    Deputies.NEVER: _("none"),
}
VISIBILITIES = {
    Visibility.AFTER: _("Public once it is closed, or once a post about it is out"),
    Visibility.LISTED: _("Listed in public from the start"),
    Visibility.PRIVATE: _("Never public"),
}
OWN_LETTERS = {
    "local government": "L",
    "health and care": "C",
    "voluntary and community": "V",
    "government": "G",
    "research": "R",
    "hosts": "H",
    "hosts and chair": "H",
}
KIND = re.compile(r"^(?:(?P<key>[A-Za-z])\s*[:.]\s*)?(?P<name>\S.*?)[\s,:]+(?P<target>\d{1,3})$")
MOST_KINDS = 12
WORDS = {
    "title": 300,
    "question": 1000,
    "summary": 10_000,
    "place": 500,
    "town": 120,
    "online_url": 1000,
    "host_name": 200,
}
LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZ"


def read_plan(form: Form) -> Plan:
    """The plan typed. Raises Refusals, one for each field that is missing or cannot be read."""
    zone = _zone(form)
    starts = form.moment("date", "starts_at", zone, needed="A table needs a date.")
    ends = form.moment("date", "ends_at", zone)
    for name, words in (("starts_at", _("When does it begin?")), ("ends_at", _("When does it end?"))):
        form.text(name, needed=words, most=10)
    seats = form.whole("seats", needed="How many seats?", least=1, most=MOST_SEATS)
    form.text("title", needed="A table needs a title.", most=300)
    kinds = _kinds(form)
    most = form.whole("max_per_organisation", least=1, most=MOST_SEATS)
    reply_by, report = form.day("reply_by"), form.whole("report_ids", most=2**31 - 1)
    plan = {name: form.text(name, most=most_letters) for name, most_letters in WORDS.items()}
    rule = form.choice("rule", Rule, Rule.CHATHAM_HOUSE)
    deputies = form.choice("deputies", Deputies, Deputies.ASK)
    visibility = form.choice("visibility", Visibility, Visibility.AFTER)
    form.check()
    assert starts
    assert ends
    assert seats
    return Plan(
        **plan,
        starts_at=starts.astimezone(UTC),
        ends_at=ends.astimezone(UTC),
        time_zone=zone.key,
        seats=seats,
        seat_kinds=kinds,
        max_per_organisation=most,
        rule=rule,
        deputies=deputies,
        reply_by=reply_by,
        report_ids=[report] if report else [],
        visibility=visibility,
    )


def form_of(plan: Plan) -> Form:
    """The form filled in with a plan as it stands."""
    local = plan.starts_at.astimezone(zoneinfo.ZoneInfo(plan.time_zone))
    typed = {name: getattr(plan, name) for name in WORDS}
    typed |= {"rule": plan.rule.value, "deputies": plan.deputies.value, "visibility": plan.visibility.value}
    return Form(
        typed
        | {
            "date": local.date().isoformat(),
            "starts_at": clock(plan.starts_at, plan.time_zone),
            "ends_at": clock(plan.ends_at, plan.time_zone),
            "time_zone": plan.time_zone,
            "seats": str(plan.seats),
            "seat_kinds": kind_lines(plan.seat_kinds),
            "max_per_organisation": str(plan.max_per_organisation or ""),
            "reply_by": plan.reply_by.isoformat() if plan.reply_by else "",
            "report_ids": str(plan.report_ids[0]) if plan.report_ids else "",
        }
    )


def keeping_reports(plan: Plan, linked: Sequence[int]) -> Plan:
    """The plan with its further reports: the form shows the first alone, and changes only that one."""
    return replace(plan, report_ids=[*plan.report_ids, *(i for i in linked[1:] if i not in plan.report_ids)])


def with_report(session: Session, convener_id: int, plan: Plan, form: Form, *, now: datetime) -> Plan:
    """The plan, about the report whose title was typed beside it, if one was. Raises Refusals."""
    title = form.text("report_title", most=reports.LONGEST_TITLE)
    if not title:
        return plan
    details = reports.Details(
        title=title,
        authors=[name for name in form.text("report_authors", most=2000).splitlines() if name.strip()],
        publisher=form.text("report_publisher", most=300),
        published_on=form.day("report_published_on"),
        url=form.text("report_url", most=1000),
    )
    form.check()
    try:
        report = reports.add(session, convener_id, details, now=now)
    except Refusals as error:
        raise Refusals({f"report_{field}": words for field, words in error.errors.items()}) from error
    if report.id is None:
        raise Refusal("The report could not be kept.")
    return replace(plan, report_ids=[report.id, *plan.report_ids])


def kind_lines(kinds: Iterable[SeatKind]) -> str:
    """ "L: Local government 5", a line for each kind."""
    return "\n".join(f"{kind['key']}: {kind['name']} {kind['target']}" for kind in kinds)


def read_kinds(text: str) -> list[SeatKind]:
    """
    A kind from each line: "Local government 5", or "L: Local government 5" to choose its letter.

    Raises Refusals at the first line that is neither.
    """
    found: list[SeatKind] = []
    for line in (line.strip() for line in text.splitlines() if line.strip()):
        match = KIND.match(line)
        if match is None or len(line) > 120:
            raise Refusals(
                {"seat_kinds": _("“{line}” needs a name and a number, such as “Research 2”.", line=line[:60])}
            )
        taken = {kind["key"] for kind in found}
        key = (match["key"] or "").upper() or _letter(match["name"], taken)
        if key in taken or len(found) == MOST_KINDS:
            raise Refusals({"seat_kinds": _("At most {most} kinds, each with a letter of its own.", most=MOST_KINDS)})
        found.append({"key": key, "name": match["name"], "target": int(match["target"])})
    return found


def _kinds(form: Form) -> list[SeatKind]:
    try:
        return read_kinds(form.text("seat_kinds", most=2000))
    except Refusals as error:
        form.refuse(error)
        return []


def _letter(name: str, taken: set[str]) -> str:
    """The letter people know a kind by, else one of its own, else the first that is free."""
    initials = [word[0] for word in name.upper().split()]
    wanted: Sequence[str] = [OWN_LETTERS.get(name.casefold(), ""), *initials, *name.upper(), *LETTERS]
    return next(letter for letter in wanted if letter and letter in LETTERS and letter not in taken | {OTHER})


def _zone(form: Form) -> zoneinfo.ZoneInfo:
    name = form.text("time_zone", most=60)
    if name in zoneinfo.available_timezones():
        return zoneinfo.ZoneInfo(name)
    form.errors["time_zone"] = _("There is no such time zone; write it like Europe/London.")
    return zoneinfo.ZoneInfo("UTC")
