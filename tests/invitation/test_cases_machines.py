"""What machines write, through the real intake and on both databases: they answer for nobody, and get no answer."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from roundtables.db import Db
from roundtables.errors import Refusal
from roundtables.invitation import actions, intake, notices
from roundtables.invitation.actions import Guest
from roundtables.invitation.queries import deliveries, history
from roundtables.invitation.rules import Answer, State
from roundtables.mail.inbox import Door, IncomingMail, Outcome
from roundtables.mail.message import read
from roundtables.mail.stationery import Stationery
from roundtables.person.model import Person
from tests.mails import golden
from tests.world import ANA, CARYS, NOW, World

ASKED = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 23, 9, 5, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JO = Guest("Jo Bloggs", "jo@example.org", "Chief Executive", "Northshire Council", seat_kind="L")


@pytest.fixture
def jo(world):
    with world.db.write() as session:
        table = world.table(session)
        table.starts_at = datetime(2026, 12, 20, 10, tzinfo=UTC)
        table.ends_at = table.starts_at + timedelta(minutes=90)
        table.reply_by = date(2026, 12, 10)
    [jo] = world.ask(JO, now=ASKED)
    return jo


def mail(world, jo, name, **changes) -> bytes:
    uid = world.invitation(jo).uid
    raw = golden(name, TOKENJO=world.reply_token(jo), UIDOFTABLE=uid)
    for old, new in changes.items():
        raw = raw.replace(old.encode(), new.encode())
    return raw


def receive(world, raw, *, at=RECEIVED, to=(), sender="") -> IncomingMail:
    return intake.receive(world.db, raw, door=Door.LMTP, now=at, envelope_from=sender, envelope_to=list(to))


def bounce(world, jo, name="bounce-unknown-user", *, letter=None, at=RECEIVED, status="5.1.1") -> IncomingMail:
    """A report that came to the address of a letter of Jo's (the newest)."""
    letter = letter or world.letters(invitation_id=jo)[-1]
    raw = golden(name).replace(b"5.1.1", status.encode()).replace(b"<2026", f"<{letter.id}.".encode() + b"2026")
    return receive(world, raw, to=[letter.envelope_from], at=at)


def lines(world, jo) -> list[str]:
    with world.db.read() as session:
        return [line.what for line in history(session, jo)][2:]


def delivery(world, jo) -> str:
    with world.db.read() as session:
        return deliveries(session, [world.invitation(jo)])[jo]


def untouched(world, jo) -> bool:
    """Nothing was answered, and nothing was written in return."""
    return world.states(jo) == [State.INVITED] and {x.kind for x in world.letters()} == {"invitation"}


ENDS = {
    "exchange-out-of-office": (Outcome.IGNORED, None),
    "icloud-vacation": (Outcome.IGNORED, None),
    "absence-german-no-header": (Outcome.NEEDS_HUMAN, {"says": "auto-reply"}),
    "absence-left-the-organisation": (
        Outcome.NEEDS_HUMAN,
        {"says": "left", "name": "Sam Okafor", "email": "sam.okafor@example.org"},
    ),
    "bounce-unknown-user": (Outcome.NEEDS_HUMAN, {"says": "bounced", "email": "jo@example.org"}),
    "bounce-delayed": (Outcome.IGNORED, None),
    "bounce-refused-by-policy": (Outcome.NEEDS_HUMAN, {"says": "refused", "email": "jo@example.org"}),
    "bounce-notes-without-report": (Outcome.NEEDS_HUMAN, {"says": "bounced", "email": "jo@example.org"}),
    "challenge-guest-list": (Outcome.NEEDS_HUMAN, {"says": "challenge"}),
    "ticket-receipt": (Outcome.IGNORED, None),
    "read-receipt": (Outcome.IGNORED, None),
    "journal-report": (Outcome.IGNORED, None),
    "forwarded-reply-as-attachment": (Outcome.NEEDS_HUMAN, {"says": "forwarded"}),
}

BY_PEOPLE = ("absence-german-no-header", "forwarded-reply-as-attachment")  # with an envelope sender of their own


@pytest.mark.parametrize(("name", "end"), ENDS.items(), ids=ENDS.keys())
def test_a_machine_answers_for_nobody_and_gets_no_letter(world, jo, name, end):
    got = receive(world, mail(world, jo, name), sender="x@example.org" if name in BY_PEOPLE else "")
    assert (got.outcome, got.suggestion) == end, got.reason
    assert got.reason
    assert got.invitation_id == jo
    assert untouched(world, jo)


def test_case_58_an_absence_is_kept_and_a_reminder_waits_until_the_day_after(world, jo):
    got = receive(world, mail(world, jo, "exchange-out-of-office"))
    assert got.facts == {"back": "2026-11-30"}
    assert got.reason.startswith("an automatic reply, back Monday 30 November")
    assert lines(world, jo) == ["automatic reply, back Monday 30 November"]
    assert world.invitation(jo).away_until == date(2026, 11, 30)
    with pytest.raises(Refusal, match="is away until Monday 30 November"), world.db.write() as session:
        actions.remind(session, session.get_one(type(world.invitation(jo)), jo), by="Farah", now=RECEIVED + 6 * DAY)
    with world.db.write() as session:
        actions.remind(session, session.get_one(type(world.invitation(jo)), jo), by="Farah", now=RECEIVED + 8 * DAY)
    assert [x.kind for x in world.letters()] == ["invitation", "invitation"]


def test_an_absence_without_an_end_stops_no_reminder(world, jo):
    raw = mail(world, jo, "exchange-out-of-office").replace(b"on Monday", b"soon")
    assert receive(world, raw).facts is None
    assert world.invitation(jo).away_until is None


LANGUAGES = {
    "fr": ("Re: Housing and health", "Je suis absent jusqu'au 30 novembre."),
    "es": ("Re: Housing and health", "Estoy ausente hasta el 30 de noviembre."),
    "it": ("R: Housing and health", "Sono assente fino al 30 novembre."),
    "nl": ("Antw: Housing and health", "Ik ben afwezig tot en met 30 november."),
    "pl": ("Odp: Housing and health", "Jestem nieobecna do 30 listopada."),
    "cy": ("Ymateb Awtomatig: Housing and health", "Rydw i ar wyliau tan 30 Tachwedd."),
    "ja": ("自動応答: Housing and health", "11月30日まで休暇をいただいております。"),
}


@pytest.mark.parametrize(("subject", "words"), LANGUAGES.values(), ids=LANGUAGES.keys())
def test_case_60_an_absence_without_a_sign_is_never_a_refusal(world, jo, subject, words):
    raw = mail(world, jo, "absence-german-no-header")
    head, _, _ = raw.partition(b"\r\n\r\n")
    head = head.replace(b"AW: Housing and health", subject.encode())
    got = receive(world, head + b"\r\n\r\n" + words.encode() + b"\r\n", sender="jo@example.org")
    says = (got.suggestion or {}).get("says")
    assert (got.outcome, says) in [(Outcome.NEEDS_HUMAN, "auto-reply"), (Outcome.IGNORED, None)], got.reason
    assert untouched(world, jo)


def test_case_62_no_such_person_at_the_letters_own_address_is_believed_at_once(world, jo):
    got = bounce(world, jo)
    assert (got.outcome, got.suggestion) == (Outcome.NEEDS_HUMAN, {"says": "bounced", "email": "jo@example.org"})
    assert got.decides == "550 5.1.1 User unknown"
    marked = world.invitation(jo)
    assert (marked.bounced_at, marked.bounce, marked.state) == (RECEIVED, "hard", State.INVITED)
    assert delivery(world, jo) == "bounced"
    again = bounce(world, jo, at=RECEIVED + HOUR, status="5.1.10")
    assert (again.outcome, again.suggestion) == (Outcome.IGNORED, None)
    assert untouched(world, jo)


def test_other_failures_mark_the_guest_at_the_second_letter_and_not_at_the_second_report(world, jo):
    assert bounce(world, jo, status="5.4.1").outcome is Outcome.NEEDS_HUMAN
    assert bounce(world, jo, status="5.4.4").outcome is Outcome.IGNORED
    assert (world.invitation(jo).bounced_at, delivery(world, jo)) == (None, "queued")
    with world.db.write() as session:
        actions.remind(session, session.get_one(type(world.invitation(jo)), jo), by="Farah", now=RECEIVED + DAY)
    assert bounce(world, jo, status="5.4.1", at=RECEIVED + DAY + HOUR).outcome is Outcome.IGNORED
    assert (world.invitation(jo).bounce, delivery(world, jo)) == ("hard", "bounced")


def test_a_full_mailbox_and_a_late_letter_are_only_noted(world, jo):
    [letter] = world.letters(invitation_id=jo)
    soft, late = bounce(world, jo, status="5.2.2"), bounce(world, jo, "bounce-delayed", at=RECEIVED + HOUR)
    assert (soft.outcome, late.outcome) == (Outcome.IGNORED, Outcome.IGNORED)
    assert lines(world, jo) == [
        f"letter {letter.id} came back (5.2.2)",
        f"letter {letter.id} is late; the mail server still tries (4.4.1)",
    ]
    assert (world.invitation(jo).bounced_at, world.invitation(jo).bounce) == (None, "")


def test_a_refusal_by_policy_is_told_and_the_address_is_not_given_up(world, jo):
    got = bounce(world, jo, "bounce-refused-by-policy")
    assert (got.outcome, got.suggestion) == (Outcome.NEEDS_HUMAN, {"says": "refused", "email": "jo@example.org"})
    assert "refused our letter by policy (5.7.1)" in got.reason
    marked = world.invitation(jo)
    assert (marked.bounced_at, marked.bounce, delivery(world, jo)) == (None, "policy", "queued")


def test_the_letter_to_somebody_elses_address_does_not_speak_of_the_guest(world, jo):
    with world.db.write() as session:
        invitation = session.get_one(type(world.invitation(jo)), jo)
        invitation.email = "jo.bloggs@example.org"  # put right since the letter left
        session.add(invitation)
    got = bounce(world, jo)
    assert (got.outcome, got.suggestion) == (Outcome.IGNORED, None)
    assert world.invitation(jo).bounced_at is None
    assert lines(world, jo) == [f"letter {world.letters()[0].id} to another address came back (5.1.1)"]


def test_case_63_a_letter_in_nobodys_format_to_a_bounce_address_came_back(world, jo):
    got = bounce(world, jo, "bounce-notes-without-report")
    assert (got.outcome, got.suggestion) == (Outcome.NEEDS_HUMAN, {"says": "bounced", "email": "jo@example.org"})
    assert world.invitation(jo).bounced_at is None


def test_case_63_a_report_at_an_answers_address_is_a_report_and_marks_nobody(world, jo):
    got = receive(world, mail(world, jo, "bounce-unknown-user"))
    assert got.suggestion == {"says": "bounced", "email": "jo@example.org"}
    assert world.invitation(jo).bounced_at is None
    assert untouched(world, jo)


def test_a_report_that_came_to_no_address_of_anybodys_finds_its_letter(world, jo):
    [letter] = world.letters(invitation_id=jo)
    raw = golden("bounce-unknown-user").replace(b"table-1-jo@localhost", letter.message_id.encode())
    got = receive(world, raw, to=["rsvp@localhost"])
    assert (got.invitation_id, got.suggestion) == (jo, {"says": "bounced", "email": "jo@example.org"})


def test_an_absence_that_comes_to_a_bounce_address_is_an_absence(world, jo):
    [letter] = world.letters(invitation_id=jo)
    got = receive(world, mail(world, jo, "exchange-out-of-office"), to=[letter.envelope_from])
    assert (got.outcome, got.facts) == (Outcome.IGNORED, {"back": "2026-11-30"})
    assert world.invitation(jo).bounced_at is None


def test_an_answer_to_a_bounce_address_is_no_answer_and_is_looked_at(world, jo):
    [letter] = world.letters(invitation_id=jo)
    got = receive(world, mail(world, jo, "words-yes"), to=[letter.envelope_from], sender="jo@example.org")
    assert got.outcome is Outcome.NEEDS_HUMAN
    assert untouched(world, jo)


def test_a_challenge_is_told_once_and_no_link_is_followed(world, jo):
    first = receive(world, mail(world, jo, "challenge-guest-list"))
    second = receive(
        world, mail(world, jo, "challenge-guest-list", **{"5550064@gate": "5550164@gate"}), at=RECEIVED + DAY
    )
    assert first.reason.startswith("the invitation was probably not delivered")
    assert (first.suggestion, second.outcome) == ({"says": "challenge"}, Outcome.IGNORED)
    assert world.invitation(jo).bounce == "challenge"


def test_case_65_a_calendar_answer_through_a_list_counts_and_words_do_not(world, jo):
    token = f"rsvp+{world.reply_token(jo)}@localhost"
    head = b"From: Jo Bloggs <jo@example.org>\r\nMessage-ID: <w@example.org>\r\nList-Id: <l.example.org>\r\n"
    words = head + b"\r\nYes, I will come.\r\n"
    assert receive(world, words, to=[token], sender="x@example.org").outcome is Outcome.IGNORED
    got = receive(world, mail(world, jo, "list-reply-accepted"), to=[token], sender="x@example.org")
    assert got.outcome is Outcome.APPLIED, got.reason
    assert world.states(jo) == [State.ACCEPTED]


def test_a_journals_copy_without_its_header_is_known_too(world, jo):
    raw = mail(world, jo, "journal-report").replace(b"X-MS-Journal-Report:\r\n", b"")
    assert receive(world, raw, sender="journal@example.org").outcome is Outcome.IGNORED
    assert untouched(world, jo)


def complaint(world, jo, kind="abuse") -> IncomingMail:
    letter = world.letters(invitation_id=jo)[0]
    raw = golden("complaint-abuse", IDOFLETTER=letter.message_id).replace(b"Type: abuse", f"Type: {kind}".encode())
    return receive(world, raw, sender="fbl@provider.example")


def test_whoever_calls_a_letter_spam_gets_no_more_of_them(world, jo):
    got = complaint(world, jo)
    assert (got.outcome, got.suggestion, got.invitation_id) == (Outcome.NEEDS_HUMAN, {"says": "complaint"}, jo)
    with world.db.read() as session:
        assert session.get_one(Person, world.invitation(jo).person_id).unsubscribed_at == RECEIVED
    with pytest.raises(Refusal, match="asked for no more letters"), world.db.write() as session:
        actions.remind(session, session.get_one(type(world.invitation(jo)), jo), by="Farah", now=RECEIVED + DAY)


def test_a_complaint_that_is_none_changes_nothing(world, jo):
    assert complaint(world, jo, "not-spam").outcome is Outcome.IGNORED
    with world.db.read() as session:
        assert session.get_one(Person, world.invitation(jo).person_id).unsubscribed_at is None


def test_case_78_the_envelope_says_whose_a_copy_is_and_copies_count_once(world, jo):
    [ana] = world.ask(ANA, now=ASKED)
    raw = mail(world, jo, "list-reply-accepted")
    raw = raw.replace(b"To: rsvp+", f"To: rsvp+{world.reply_token(ana)}@localhost, rsvp+".encode(), 1)
    token = f"rsvp+{world.reply_token(jo)}@localhost"
    copies = [b"Received: by way %d\r\n" % n + raw for n in range(30)]
    ends = [receive(world, copy, to=[token], sender="x@example.org").outcome for copy in copies]
    assert ends == [Outcome.APPLIED] + [Outcome.IGNORED] * 29
    assert world.states(jo, ana) == [State.ACCEPTED, State.INVITED]
    assert [what for what in lines(world, jo) if "accepted" in what] == ["accepted by calendar"]
    assert {x.kind for x in world.letters()} == {"invitation"}


def automatic(world, jo, n) -> bytes:
    return mail(world, jo, "icloud-vacation", **{"5550009@icloud": f"{n}@icloud"})


def test_case_78_more_than_twenty_in_an_hour_are_kept_and_not_read(world, jo):
    ends = [receive(world, automatic(world, jo, n), at=RECEIVED + timedelta(minutes=n)) for n in range(24)]
    assert [m.reason.startswith("too many in an hour") for m in ends] == [False] * 20 + [True] * 4
    assert len([what for what in lines(world, jo) if what.startswith("more than 20 mails")]) == 1
    later = receive(world, automatic(world, jo, 99), at=RECEIVED + timedelta(hours=2))
    assert later.reason.startswith("an automatic reply")
    assert untouched(world, jo)


def test_a_notice_is_written_once_in_seven_days_and_what_is_owed_always(world, jo):
    with world.db.write() as session:
        invitation = session.get_one(type(world.invitation(jo)), jo)
        letter = world.letters()[0]
        session.add(type(letter)(**{**letter.model_dump(exclude={"id"}), **_a_notice("understood")}))
        session.flush()
        kinds = ("understood", "old-date", "invitation", "new-date", "cancellation", "seat-free", "waiting")
        may = {kind: notices.may_write(session, invitation, kind, RECEIVED + 6 * DAY) for kind in kinds}
        assert may == {kind: kind != "understood" for kind in kinds}
        assert notices.may_write(session, invitation, "understood", RECEIVED + 7 * DAY)


def _a_notice(kind) -> dict:
    return {"kind": kind, "about": kind, "message_id": "m", "bounce_hash": "h", "created_at": RECEIVED}


def test_case_78_a_letter_of_ours_that_comes_round_is_not_read(world, jo):
    [letter] = world.letters()
    token = [f"rsvp+{world.reply_token(jo)}@localhost"]
    round_trip = receive(world, letter.raw, to=token, sender="jo@example.org")
    assert round_trip.reason == "a letter of our own that came round to us"
    marked = b"From: jo@example.org\r\nX-Loop: localhost\r\nMessage-ID: <q@example.org>\r\n\r\nYes, I will come.\r\n"
    assert receive(world, marked, to=token, sender="jo@example.org").reason == round_trip.reason
    assert untouched(world, jo)


@pytest.fixture
def other(sqlite_template, tmp_path):
    """Another organisation's instance, under its own domain."""
    office = Stationery(secret="another secret", mail_from="rt@other.example", reply_address="rsvp@other.example")
    file = shutil.copy(sqlite_template, tmp_path / "other.sqlite3")
    db = Db(f"sqlite:///{file}", info={"stationery": office})
    yield World(db)
    db.close()


def test_case_78_two_instances_that_write_to_each_other_fall_silent(world, other):
    """Each has invited the other's reply address; every letter of one is carried to the other until none is left."""
    [theirs] = other.ask(Guest("A machine", "rsvp@localhost"), now=NOW)
    [ours] = world.ask(Guest("A machine", _reply_to(other, theirs)), now=NOW)
    with other.db.write() as session:
        invitation = session.get_one(type(other.invitation(theirs)), theirs)
        invitation.email = _reply_to(world, ours)
        session.add(invitation)
    carried, exchanged = set(), 0
    for turn in range(10):
        for here, there in ((world, other), (other, world)):
            for letter in here.letters():
                if (here is world, letter.id) not in carried:
                    carried.add((here is world, letter.id))
                    exchanged += 1
                    to = _reply_to(other, theirs) if here is world else _reply_to(world, ours)
                    at = NOW + timedelta(minutes=turn)
                    receive(there, letter.raw, to=[to], sender=letter.envelope_from, at=at)
    assert exchanged <= 2
    assert world.states(ours) == other.states(theirs) == [State.INVITED]


def _reply_to(world: World, invitation_id: int) -> str:
    letter = world.letters(invitation_id=invitation_id)[0]
    return next(v for n, v in _headers(letter.raw) if n == "reply-to").partition("<")[2].strip(">")


def _headers(raw: bytes) -> list[tuple[str, str]]:
    head = raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ")
    return [(line.partition(":")[0].lower(), line.partition(":")[2].strip()) for line in head.split("\r\n")]


def test_nothing_is_kept_of_a_mail_but_its_row_its_end_and_a_line(world, jo):
    """A machine's mail makes no person, no invitation and no letter."""
    with world.db.read() as session:
        before = len(session.exec(select(Person)).all())
    for name in ENDS:
        receive(world, mail(world, jo, name))
    with world.db.read() as session:
        assert len(session.exec(select(Person)).all()) == before
        assert all(row.outcome for row in session.exec(select(IncomingMail)).all())
    assert read(world.letters()[0].raw).automatic == "it says it was sent automatically (auto-generated)"


def test_a_later_answer_takes_the_mark_away(world, jo):
    bounce(world, jo)
    world.answer(jo, Answer.ACCEPTED, after=RECEIVED + HOUR - NOW)
    answered = world.invitation(jo)
    assert (answered.bounced_at, answered.bounce, delivery(world, jo)) == (None, "", "queued")


def test_a_guest_who_is_not_marked_is_asked_as_ever(world, jo):
    [carys] = world.ask(CARYS, now=ASKED)
    bounce(world, jo)
    assert (world.invitation(carys).bounced_at, delivery(world, carys)) == (None, "queued")
