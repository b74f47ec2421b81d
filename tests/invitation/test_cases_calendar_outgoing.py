"""What leaves: the calendar objects of our letters, as an independent parser reads them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar

from roundtables.invitation import actions, counter_proposals, deputies, gathering
from roundtables.invitation.model import Invitation
from roundtables.mail.inbox import IncomingMail
from roundtables.mail.message import read
from roundtables.roundtable.actions import plan_of
from tests.invitation.scene import ASKED, MINUTE, RECEIVED, Part, Scene, attendee, set_up
from tests.invitation.test_cases_calendar import WAITS


@pytest.fixture
def scene(world) -> Scene:
    return set_up(world)


def newest(scene, invitation_id):
    """(letter, METHOD, event) of the last letter to somebody that has a calendar object."""
    letters = [x for x in scene.world.letters(invitation_id=invitation_id) if read(x.raw).calendars]
    letter = letters[-1]
    shown, file = read(letter.raw).calendars
    assert (shown.data, shown.attachment, file.attachment) == (file.data, False, True)
    calendar = Calendar.from_ical(shown.data)
    assert shown.method == str(calendar["METHOD"])
    [event] = calendar.walk("VEVENT")
    assert event.errors == []
    return letter, shown.method, event


def facts(event) -> dict:
    person = event["ATTENDEE"]
    assert not isinstance(person, list)
    kept = {name: str(event[name]) for name in ("SEQUENCE", "STATUS") if name in event}
    return kept | {"PARTSTAT": person.params["PARTSTAT"], "RSVP": person.params.get("RSVP")}


def change(scene, **values):
    with scene.world.db.write() as session:
        table = scene.world.table(session)
        gathering.change(session, table, replace(plan_of(session, table), **values), by="Farah", now=RECEIVED + MINUTE)


def act(scene, action, invitation_id, **more):
    with scene.world.db.write() as session:
        return action(session, session.get_one(Invitation, invitation_id), by="Farah", now=RECEIVED + MINUTE, **more)


def test_an_invitation_is_one_persons_and_names_nobody_else(scene):
    letter, method, event = newest(scene, scene.jo)
    mail = read(letter.raw)
    assert method == "REQUEST"
    assert facts(event) == {"SEQUENCE": "2", "STATUS": "CONFIRMED", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    assert str(event["ATTENDEE"]) == f"mailto:{letter.to_address}"
    assert str(event["ORGANIZER"]) == f"mailto:{scene.address()}"
    assert event["ORGANIZER"].params["CN"] == "Larkmoor Trust"
    assert event["ORGANIZER"].params["EMAIL"] == mail.from_address
    assert event["DTSTAMP"].dt == ASKED
    assert f"Reply-To: Larkmoor Trust <{scene.address()}>".encode() in letter.raw.replace(b"\r\n ", b" ")
    assert b"\r\nContent-class: urn:content-classes:calendarmessage\r\n" in letter.raw
    [part, _] = mail.calendars
    for other in (b"ana@", b"Ruiz"):
        assert other not in letter.raw
        assert other not in part.data
    assert b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" in part.data
    assert b"X-MICROSOFT-DISALLOW-COUNTER:FALSE" in part.data


def test_an_update_repeats_what_they_answered(scene):
    scene.receive(scene.reply(attendee("ACCEPTED")))
    change(scene, place="The Weigh House, Leeds")
    _, method, event = newest(scene, scene.jo)
    assert (method, facts(event)["PARTSTAT"], facts(event)["SEQUENCE"]) == ("REQUEST", "ACCEPTED", "3")
    assert facts(newest(scene, scene.ana)[2])["PARTSTAT"] == "NEEDS-ACTION"


def test_a_new_date_asks_again_and_whoever_had_declined_gets_a_fresh_name(scene):
    before = {who: str(newest(scene, who)[2]["UID"]) for who in (scene.jo, scene.ana)}
    scene.receive(scene.reply(attendee("DECLINED")))
    change(scene, starts_at=plan_starts(scene) + timedelta(days=1), ends_at=plan_starts(scene) + timedelta(hours=26))
    for who in (scene.jo, scene.ana):
        assert facts(newest(scene, who)[2]) == {
            "SEQUENCE": "3",
            "STATUS": "CONFIRMED",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "TRUE",
        }
    after = {who: str(newest(scene, who)[2]["UID"]) for who in (scene.jo, scene.ana)}
    assert after[scene.ana] == before[scene.ana]
    assert after[scene.jo] != before[scene.jo]


def plan_starts(scene):
    with scene.world.db.read() as session:
        return scene.world.table(session).starts_at


def test_the_same_question_again_has_the_same_version(scene):
    act(scene, actions.remind, scene.jo)
    _, method, event = newest(scene, scene.jo)
    assert (method, facts(event)["SEQUENCE"], facts(event)["RSVP"]) == ("REQUEST", "2", "TRUE")


def test_one_person_is_uninvited_without_saying_that_the_table_is_off(scene):
    act(scene, actions.withdraw, scene.jo)
    _, method, event = newest(scene, scene.jo)
    assert (method, facts(event)) == ("CANCEL", {"SEQUENCE": "3", "PARTSTAT": "NEEDS-ACTION", "RSVP": None})
    assert "RECURRENCE-ID" not in event
    assert len(scene.world.letters(invitation_id=scene.ana)) == 1


def test_who_stays_may_still_answer_the_version_they_have(scene):
    act(scene, actions.withdraw, scene.ana)
    assert scene.receive(scene.reply(attendee("ACCEPTED")), at=RECEIVED + 2 * MINUTE).outcome == "applied"


def test_a_table_that_is_off_is_cancelled_for_all(scene):
    with scene.world.db.write() as session:
        gathering.cancel(session, scene.world.table(session), by="Farah", now=RECEIVED)
    for who in (scene.jo, scene.ana):
        _, method, event = newest(scene, who)
        assert method == "CANCEL"
        assert facts(event) == {
            "SEQUENCE": "3",
            "STATUS": "CANCELLED",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": None,
        }
        assert (str(event["SUMMARY"]), event.start) == ("Housing and health", plan_starts(scene))


def test_a_deputy_learns_in_whose_place_they_come(scene):
    sam = act(scene, deputies.seat_deputy, scene.jo, name="Sam Okafor", email="sam@example.org")
    sam_id = sam.id
    _, method, event = newest(scene, sam_id)
    assert method == "REQUEST"
    assert str(event["ATTENDEE"].params["DELEGATED-FROM"]).strip('"') == "mailto:jo@example.org"
    assert newest(scene, scene.jo)[1] == "CANCEL"


def test_the_no_to_a_proposal_goes_to_its_author_alone_with_the_version_that_stands(scene):
    later = {"dtstart": "20261201T140000Z", "dtend": "20261201T153000Z"}
    event = scene.event(attendee("TENTATIVE"), method="COUNTER", **later)
    mail = scene.receive(scene.mail(Part("text/calendar; method=COUNTER", event)))
    assert mail.outcome is WAITS
    with scene.world.db.write() as session:
        row = session.get_one(IncomingMail, mail.id)
        jo = session.get_one(Invitation, scene.jo)
        counter_proposals.decline(session, row, jo, by="Farah", now=RECEIVED + MINUTE)
    _, method, event = newest(scene, scene.jo)
    assert (method, facts(event)["SEQUENCE"], facts(event).get("STATUS")) == ("DECLINECOUNTER", "2", None)
    assert len(scene.world.letters(invitation_id=scene.ana)) == 1


def test_a_zone_without_a_yearly_rule_is_sent_in_utc(world):
    scene = set_up(world)
    scene.change_table(time_zone="Africa/Casablanca")
    act(scene, actions.remind, scene.jo)
    letter, _, event = newest(scene, scene.jo)
    assert b"VTIMEZONE" not in read(letter.raw).calendars[0].data
    assert event.start == plan_starts(scene)
