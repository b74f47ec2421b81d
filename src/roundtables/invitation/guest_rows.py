"""The guest list as the desk tells it: each answer, and how we know. From rows that are loaded to lines of words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Answer, State, Via
from roundtables.invitation.seating_plan import Sitter, drawn_as
from roundtables.invitation.seats import Waiting, next_waiting
from roundtables.mail.inbox import IncomingMail, Outcome
from roundtables.roundtable.model import Roundtable
from roundtables.web.filters import count_words, day_short, plural, weekday
from roundtables.web.shapes import SeatState

STATES = {
    State.DRAFT: "Drafted, not sent",
    State.INVITED: "Asked, no answer yet",
    State.ACCEPTED: "Coming",
    State.TENTATIVE: "Maybe",
    State.DECLINED: "Declined",
    State.DELEGATED: "Sends a deputy",
    State.WAITING: "Waiting for a seat",
    State.WITHDRAWN: "Withdrawn",
    State.LAPSED: "Never answered",
}
GONE = (State.DECLINED, State.DELEGATED, State.WITHDRAWN, State.LAPSED)
SAID = {Answer.ACCEPTED: "yes", Answer.DECLINED: "no", Answer.TENTATIVE: "maybe"}
QUOTED = 140


@dataclass(frozen=True, slots=True)
class Known:
    """All that the list of one table is made from."""

    table: Roundtable
    invitations: Sequence[Invitation]
    histories: Mapping[int, Sequence[History]]
    mails: Mapping[int, Sequence[IncomingMail]]
    deliveries: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class GuestRow:
    """One line of the list; `link` is (words, address) of what waits for a person, or None."""

    id: int
    ref: str
    name: str
    post: str
    kind: str
    state: State
    shape: SeatState | None
    says: str
    how: str
    link: tuple[str, str] | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of the list; `drafts` are those not sent."""

    number: int
    words: str
    rows: list[GuestRow]
    drafts: int


def rows(known: Known) -> list[GuestRow]:
    """Everybody on the list, in the order of asking."""
    names = {i.id: i.name for i in known.invitations}
    return [_row(known, i, names) for i in known.invitations]


def waves(known: Known) -> list[Wave]:
    """The list by wave, each with a sentence on how it went."""
    lines = rows(known)
    numbers = {i.id: i.wave for i in known.invitations}
    found = []
    for number in sorted(set(numbers.values())):
        those = [line for line in lines if numbers[line.id] == number]
        drafts = sum(line.state is State.DRAFT for line in those)
        found.append(Wave(number, _wave_words(known, those, drafts), those, drafts))
    return found


def sitters(known: Known) -> list[Sitter]:
    """Those who may be drawn, for `seating_plan.seating`."""
    found = []
    for i in known.invitations:
        shape = drawn_as(i.state, deputy=i.deputy_of_id is not None)
        if shape is not None:
            lines = (i.name, i.title, i.organisation)
            found.append(Sitter(i.seat_kind, shape, i.holds_seat, f"g{i.id}", lines, i.role.casefold() == "chair"))
    return found


def waiting_list(known: Known) -> list[Invitation]:
    """Those who said yes when the table was full, whoever waits longest first."""
    waiting = {i.id: i for i in known.invitations if i.state is State.WAITING and i.id is not None}
    order = [Waiting(id, i.waiting_since) for id, i in waiting.items() if i.waiting_since is not None]
    return [waiting[id] for id in next_waiting(order, free=len(order))]


def undelivered(known: Known) -> list[Invitation]:
    """Those whose letter came back or could not be sent."""
    there = [i for i in known.invitations if i.state not in (State.WITHDRAWN, State.LAPSED)]
    return [i for i in there if known.deliveries.get(i.id or 0) in ("bounced", "failed")]


def asked_on(lines: Sequence[History]) -> datetime | None:
    """When the first letter went."""
    return next((line.at for line in lines if line.what == "asked"), None)


def _row(known: Known, i: Invitation, names: Mapping[int | None, str]) -> GuestRow:
    shape = drawn_as(i.state, deputy=i.deputy_of_id is not None)
    says = "Deputy coming" if shape is SeatState.DEPUTY else STATES[i.state]
    return GuestRow(
        id=i.id or 0,
        ref=f"g{i.id}",
        name=i.name,
        post=", ".join(part for part in (i.title, i.organisation) if part),
        kind=i.seat_kind,
        state=i.state,
        shape=shape or (SeatState.EMPTY if i.state in (State.DRAFT, State.WAITING) else None),
        says=says,
        how=how_we_know(known, i, names),
        link=_link(known, i),
        gone=i.state in GONE,
    )


def how_we_know(known: Known, i: Invitation, names: Mapping[int | None, str]) -> str:
    """ "“Count me in.” Reply, 3 May", "By phone, taken down by Farah Lindqvist, 14 May", "Sent 30 May"."""
    zone, lines = known.table.time_zone, known.histories.get(i.id or 0, ())
    words = [f"For {names[i.deputy_of_id]}"] if i.deputy_of_id in names and i.deputy_of_id else []
    if i.state is State.DELEGATED:
        deputy = next((name for j in known.invitations if j.deputy_of_id == i.id for name in [j.name]), "somebody else")
        return f"{deputy} comes instead"
    if i.state is State.DRAFT:
        return ". ".join([*words, f"Drafted {day_short(i.created_at, zone)}"])
    if i.answer is None or i.answered_at is None or i.state in (State.INVITED, State.LAPSED):
        return ". ".join([*words, *_unanswered(i, lines, zone)])
    words.append(_answered(i, lines, zone, _deciding(known, i)))
    if i.state is State.TENTATIVE and i.until:
        words.append(f"Will know by {weekday(i.until)}")
    return ". ".join(words)


def _unanswered(i: Invitation, lines: Sequence[History], zone: str) -> list[str]:
    sent, again = asked_on(lines), [line.at for line in lines if line.what == "asked again"]
    words = [f"Sent {day_short(sent, zone)}"] if sent else []
    words += [f"asked again {day_short(again[-1], zone)}"] if again else []
    found = [", ".join(words)] if words else []
    if i.earlier_answer and i.state is State.INVITED:
        found.append(f"Had said {SAID[i.earlier_answer]} to the earlier date")
    return found


def _deciding(known: Known, i: Invitation) -> str:
    """What they wrote, or the sentence of their reply that decided it."""
    applied = [mail.decides for mail in known.mails.get(i.id or 0, ()) if mail.outcome is Outcome.APPLIED]
    return i.comment or (applied[-1] if applied and i.answered_via is Via.MAIL else "")


def _answered(i: Invitation, lines: Sequence[History], zone: str, said: str) -> str:
    assert i.answer is not None
    assert i.answered_at is not None
    on, quote = day_short(i.answered_at, zone), _quoted(said)
    if i.answered_via is Via.CALENDAR:
        return f"{quote}Said {SAID[i.answer]} in the calendar, {on}"
    if i.answered_via is Via.MAIL:
        return f"{quote}Reply, {on}"
    if i.answered_via is Via.PHONE:
        by = next((line.by for line in reversed(lines) if line.what.endswith("by phone")), "")
        return f"{quote}By phone{f', taken down by {by}' if by else ''}, {on}"
    return f"{quote}{'Answered on their page' if i.answered_via is Via.PAGE else 'Entered by a program'}, {on}"


def _quoted(comment: str) -> str:
    words = " ".join(comment.split())
    short = words if len(words) <= QUOTED else words[: QUOTED - 1].rsplit(" ", 1)[0] + "…"
    return f"“{short}” " if short else ""


def _link(known: Known, i: Invitation) -> tuple[str, str] | None:
    mail = next((m for m in known.mails.get(i.id or 0, ()) if m.outcome is Outcome.NEEDS_HUMAN), None)
    if mail is not None:
        return "A reply waits for you", f"/desk/inbox/{mail.id}"
    if i.deputy_email:
        return f"{i.deputy_name} is proposed as deputy", f"/desk/invitations/{i.id}"
    if known.deliveries.get(i.id or 0) in ("bounced", "failed") and i.state is not State.WITHDRAWN:
        return "The letter came back", f"/desk/invitations/{i.id}"
    return None


def _wave_words(known: Known, those: Sequence[GuestRow], drafts: int) -> str:
    asked = [line for line in those if line.state not in (State.DRAFT, State.WITHDRAWN)]
    sent = [at for line in those if (at := asked_on(known.histories.get(line.id, ())))]
    if not asked or not sent:
        return f"{count_words(drafts)} drafted, nothing sent" if drafts else "nobody asked"
    due = f", answers due {weekday(known.table.reply_by)}" if known.table.reply_by else ""
    told = _tally(asked)
    more = f". {count_words(drafts).capitalize()} more drafted" if drafts else ""
    return f"sent {day_short(min(sent), known.table.time_zone)}{due}. {len(asked)} asked: {told}{more}"


def _tally(asked: Sequence[GuestRow]) -> str:
    deputies = sum(line.shape is SeatState.DEPUTY for line in asked)
    number = {state: sum(line.state is state for line in asked) for state in State}
    parts = [
        (number[State.ACCEPTED] - deputies, "coming"),
        (deputies, plural(deputies, "deputy", "deputies")),
        (number[State.TENTATIVE], "maybe"),
        (number[State.WAITING], "waiting"),
        (number[State.INVITED], "to answer"),
        (number[State.DECLINED] + number[State.DELEGATED], "declined"),
        (number[State.LAPSED], "never answered"),
    ]
    return ", ".join(f"{count} {words}" for count, words in parts if count)
