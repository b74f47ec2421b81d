"""Who is answering: the invitee, under whatever address, somebody for them, a deputy, or somebody else."""

import pytest

from roundtables.attendance.actions import take_down_needs
from roundtables.db import Db
from roundtables.invitation import deputies
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, State
from roundtables.mail.message import read
from roundtables.mail.stationery import ReplyMode, Stationery
from roundtables.person.model import Person
from roundtables.roundtable.rules import Deputies
from tests.invitation.scene import FAIL, FAIL_UNMINDED, MINUTE, PASS, RECEIVED, Scene, attendee, set_up
from tests.invitation.test_cases_calendar import APPLIED, IGNORED, PA, WAITS, check, check_twice, ignored, waits, yes
from tests.world import SECRET, World

ACCEPTED = attendee("ACCEPTED")
SAM = "Sam Okafor <sam@other.example>"
SAMS = attendee("ACCEPTED", "sam@other.example", CN="Sam Okafor")


@pytest.fixture
def scene(world) -> Scene:
    return set_up(world)


def mail(scene, *lines, sender="Jo Bloggs <jo@example.org>", to=None, head=(), **more) -> bytes:
    return scene.mail(scene.event(*lines, **more), sender=sender, to=to, head=head)


def forwarded(reason, name, email, answer="accepted"):
    return waits(reason, answer=answer, **{"says": "forwarded", "email": email} | ({"name": name} if name else {}))


BLOGGS = '"Bloggs, Jo (Policy)"'
FROM_JO, FROM_KIM = (f'"mailto:{who}@example.org"' for who in ("jo", "kim"))
KIM = attendee("ACCEPTED", "kim@example.org", CN="Kim", MEMBER=FROM_JO)
JO_AT_EVIL = attendee("ACCEPTED", "jo@evil.example", CN='"Jo Bloggs"')


def for_somebody(principal: str) -> str:
    return attendee("ACCEPTED", "sam@other.example", CN='"Sam Okafor"', DELEGATED_FROM=principal)


THEIRS = {
    "29 her own address in capitals": (
        lambda s: mail(s, "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:JO@Example.ORG", sender="JO@EXAMPLE.ORG"),
        yes(),
    ),
    "her system writes for her": (
        lambda s: mail(s, ACCEPTED, sender="noreply@cloud.example.org"),
        yes(reason="sent from noreply@cloud.example.org"),
    ),
    "her system writes for her, unproven": (
        lambda s: mail(s, ACCEPTED, sender="noreply@cloud.example.org", head=(FAIL,)),
        yes(reason="sent from noreply@cloud.example.org"),
    ),
    "32 another address of the same name and house": (
        lambda s: mail(
            s, attendee("ACCEPTED", "j.bloggs@example.org", CN='"Bloggs, Jo (Policy)"'), sender="j.bloggs@example.org"
        ),
        yes(provisional=True, reason="provisional: answered as j.bloggs@example.org"),
    ),
    "another address, written from her own": (
        lambda s: mail(s, attendee("ACCEPTED", "jo.bloggs@home.example", CN='"Jo Bloggs"')),
        yes(reason="answered as jo.bloggs@home.example"),
    ),
    "no name in her own house": (
        lambda s: mail(s, attendee("ACCEPTED", "j.bloggs@example.org"), sender="j.bloggs@example.org"),
        yes(provisional=True, reason="provisional: answered as j.bloggs@example.org"),
    ),
    "33 an assistant": (
        lambda s: mail(s, attendee("ACCEPTED", SENT_BY='"mailto:pa@example.org"'), sender="Pat <pa@example.org>"),
        yes(provisional=True, reason="provisional: via pa@example.org", suggestion=PA),
    ),
    "a forged alias": (
        lambda s: mail(
            s, attendee("ACCEPTED", "jo@evil.example", CN='"Jo Bloggs"'), sender="jo@evil.example", head=(FAIL,)
        ),
        waits("our mail server found the sender forged", answer="accepted"),
    ),
    "an alias whose domain does not mind": (
        lambda s: mail(s, JO_AT_EVIL, sender="jo@evil.example", head=(FAIL_UNMINDED,)),
        yes(provisional=True, reason="provisional: answered as jo@evil.example"),
    ),
    "31 a stranger, proven": (
        lambda s: mail(s, SAMS, sender=SAM, head=(PASS,)),
        waits(
            "answered by somebody else?",
            says="forwarded",
            name="Sam Okafor",
            email="sam@other.example",
            answer="accepted",
        ),
    ),
    "a stranger without a name": (
        lambda s: mail(s, attendee("DECLINED", "x@other.example"), sender="x@other.example"),
        waits(
            "x@other.example answered the invitation of Jo Bloggs",
            says="forwarded",
            email="x@other.example",
            answer="declined",
        ),
    ),
    "a colleague of another name": (
        lambda s: mail(s, attendee("ACCEPTED", "pat@example.org", CN='"Pat Lee"'), sender="pat@example.org"),
        forwarded("somebody else?", "Pat Lee", "pat@example.org"),
    ),
    "38 a member of the invited group": (
        lambda s: mail(
            s,
            attendee("ACCEPTED", "kim@example.org", CN="Kim", MEMBER='"mailto:jo@example.org"'),
            sender="kim@example.org",
        ),
        waits(
            "Kim answers as one of jo@example.org",
            says="forwarded",
            name="Kim",
            email="kim@example.org",
            answer="accepted",
        ),
    ),
    "an address that is none": (
        lambda s: mail(s, "ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail"),
        yes(reason="it names no address"),
    ),
    "an address that is none, of a stranger": (
        lambda s: mail(s, "ATTENDEE;PARTSTAT=ACCEPTED:invalid:nomail", sender=SAM),
        waits("does not say who answers", answer="accepted"),
    ),
    "36 a delegate's answer before anybody said so": (
        lambda s: mail(
            s,
            attendee("ACCEPTED", "sam@other.example", CN='"Sam Okafor"', DELEGATED_FROM='"mailto:jo@example.org"'),
            sender=SAM,
        ),
        waits(
            "Sam Okafor answers in the place of Jo Bloggs: accepted",
            says="deputy",
            name="Sam Okafor",
            email="sam@other.example",
            answer="accepted",
        ),
    ),
    "a delegate of somebody else": (
        lambda s: mail(
            s,
            attendee("ACCEPTED", "sam@other.example", CN='"Sam Okafor"', DELEGATED_FROM='"mailto:kim@example.org"'),
            sender=SAM,
        ),
        waits(
            "answers in somebody's place",
            says="forwarded",
            name="Sam Okafor",
            email="sam@other.example",
            answer="accepted",
        ),
    ),
}


@pytest.mark.parametrize("case", THEIRS)
def test_whose_answer_it_is(scene, case):
    build, ends = THEIRS[case]
    check_twice(scene, build(scene), ends)
    assert scene.world.letters(kind="invitation", invitation_id=scene.ana) == scene.world.letters(
        invitation_id=scene.ana
    )


def test_30_a_plus_tag_that_was_stripped_is_hers(world):
    scene = set_up(world)
    scene.change(email="jo+rt@example.org")
    with world.db.write() as session:
        person = session.get_one(Person, scene.jos().person_id)
        person.email = person.email_key = "jo+rt@example.org"
    check_twice(scene, mail(scene, ACCEPTED), yes(reason="answered as jo@example.org"))
    assert scene.aliases() == ["jo@example.org"]


def test_a_learnt_address_is_hers_from_then_on_and_what_it_said_is_confirmed(scene):
    alias = attendee("ACCEPTED", "jo.bloggs@home.example", CN='"Jo Bloggs"')
    scene.receive(mail(scene, alias, sender="Jo Bloggs <jo.bloggs@home.example>"))
    assert (scene.aliases(), scene.jos().provisional) == (["jo.bloggs@home.example"], True)
    again = mail(scene, alias, sender="Jo Bloggs <jo.bloggs@home.example>", dtstamp="20261123T101000Z")
    check(scene, scene.receive(again, at=RECEIVED + MINUTE), yes())


@pytest.mark.parametrize(
    "line",
    [
        SAMS,
        attendee("ACCEPTED", "pat@example.org", CN='"Pat Lee"'),
        attendee("ACCEPTED", SENT_BY='"mailto:pa@example.org"'),
        ACCEPTED,
    ],
)
def test_no_address_of_a_stranger_is_learnt(scene, line):
    scene.receive(mail(scene, line, sender=SAM))
    assert scene.aliases() == []


def test_33_a_known_assistant_counts_at_once(scene):
    with scene.world.db.write() as session:
        session.get_one(Person, scene.jos().person_id).assistant_email = "pa@example.org"
    raw = mail(scene, attendee("ACCEPTED", SENT_BY='"mailto:pa@example.org"'), sender="Pat <pa@example.org>")
    check_twice(scene, raw, yes(reason="via pa@example.org, their assistant"))


@pytest.mark.parametrize("confirms", ["her own calendar", "her page"])
def test_what_counts_for_the_time_being_is_confirmed_by_herself(scene, confirms):
    from roundtables.invitation.rules import Via
    from tests.world import NOW

    scene.receive(mail(scene, attendee("ACCEPTED", SENT_BY='"mailto:pa@example.org"'), sender="pa@example.org"))
    assert scene.jos().provisional
    if confirms == "her page":
        scene.world.answer(scene.jo, Answer.ACCEPTED, via=Via.PAGE, after=RECEIVED + MINUTE - NOW)
    else:
        scene.receive(mail(scene, ACCEPTED), at=RECEIVED + MINUTE)
    assert (scene.jos().state, scene.jos().provisional) == (State.ACCEPTED, False)


def test_what_she_said_herself_is_not_made_uncertain_by_her_assistant(scene):
    scene.receive(mail(scene, ACCEPTED))
    line = attendee("ACCEPTED", SENT_BY='"mailto:pa@example.org"')
    scene.receive(mail(scene, line, sender="pa@example.org", dtstamp="20261123T101500Z"), at=RECEIVED + MINUTE)
    assert not scene.jos().provisional


DELEGATED = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:sam@example.org":mailto:jo@example.org'
SAM_TOO = 'ATTENDEE;DELEGATED-FROM="mailto:jo@example.org";PARTSTAT=NEEDS-ACTION;CN=Sam Okafor:mailto:sam@example.org'
OFFERS = {
    "34 both lines": ([DELEGATED, SAM_TOO], ("Sam Okafor", "sam@example.org")),
    "34 only her own line": ([DELEGATED], ("sam@example.org", "sam@example.org")),
    "34 a bare address": (
        ["ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=sam@example.org:mailto:jo@example.org"],
        ("sam@example.org", "sam@example.org"),
    ),
    "34 only his line names her": (
        ["ATTENDEE;PARTSTAT=DELEGATED:mailto:jo@example.org", SAM_TOO],
        ("Sam Okafor", "sam@example.org"),
    ),
}


@pytest.mark.parametrize("case", OFFERS)
def test_a_deputy_named_by_a_calendar_waits_for_a_person(scene, case):
    lines, (name, email) = OFFERS[case]
    check_twice(
        scene,
        mail(scene, *lines, "COMMENT:Sam knows more"),
        waits("the calendar names a deputy", says="deputy", name=name, email=email),
    )
    assert (scene.jos().deputy_name, scene.jos().deputy_email) == (name, email)
    assert scene.kinds() == ["invitation"]


def test_35_several_deputies_are_shown_and_none_is_chosen(scene):
    both = '"mailto:sam@example.org","mailto:kim@example.org"'
    line = attendee("DELEGATED", DELEGATED_TO=both)
    ends = waits("the calendar names several deputies: sam@example.org, kim@example.org", says="deputy")
    check_twice(scene, mail(scene, line), ends)
    assert scene.jos().deputy_email == ""


def test_a_deputy_who_is_not_named_is_asked_about(scene):
    line = "ATTENDEE;PARTSTAT=DELEGATED:mailto:jo@example.org"
    check_twice(scene, mail(scene, line), waits("names a deputy and not whom", says="deputy"))


def test_a_table_without_deputies_says_so(scene):
    scene.change_table(deputies=Deputies.NEVER)
    mail_ = scene.receive(mail(scene, DELEGATED, SAM_TOO))
    assert (mail_.outcome, "this table keeps to the people asked" in mail_.reason) == (WAITS, True)
    assert scene.jos().deputy_email == ""


def test_a_deputy_named_for_the_old_date_is_only_shown(scene):
    ends = waits("an earlier date", says="deputy", name="Sam Okafor", email="sam@example.org")
    check_twice(scene, mail(scene, DELEGATED, SAM_TOO, sequence="1"), ends)
    assert scene.jos().deputy_email == ""


def test_a_deputy_named_before_her_newest_answer_is_not_considered(scene):
    scene.receive(mail(scene, ACCEPTED))
    late = mail(scene, DELEGATED, SAM_TOO, dtstamp="20261123T090000Z")
    assert scene.receive(late, at=RECEIVED + MINUTE).outcome is IGNORED


def test_an_older_answer_that_comes_later_does_not_undo_the_offer(scene):
    scene.receive(mail(scene, DELEGATED, SAM_TOO, dtstamp="20261123T100500Z"))
    late = mail(scene, ACCEPTED, dtstamp="20261123T100000Z")
    assert scene.receive(late, at=RECEIVED + MINUTE).outcome is IGNORED
    assert (scene.jos().state, scene.jos().deputy_email) == (State.INVITED, "sam@example.org")


def seat(scene, principal: int, name: str, email: str) -> int:
    with scene.world.db.write() as session:
        invitation = session.get_one(Invitation, principal)
        return deputies.seat_deputy(session, invitation, name=name, email=email, by="Farah", now=RECEIVED).id


def from_deputy(scene, deputy: int, *lines, sender: str) -> bytes:
    uid = scene.world.invitation(deputy).uid
    version = {"sequence": "9", "uid": uid, "dtstamp": "20261123T110000Z"}
    return mail(scene, *lines, sender=sender, to=scene.address(deputy), **version)


def test_36_a_deputy_who_declines_gives_the_seat_back_and_she_is_asked_again(scene):
    sam = seat(scene, scene.jo, "Sam Okafor", "sam@example.org")
    line = attendee("DECLINED", "sam@example.org")
    later = RECEIVED + 60 * MINUTE
    mail_ = scene.receive(from_deputy(scene, sam, line, sender="sam@example.org"), at=later)
    assert mail_.outcome is APPLIED, mail_.reason
    assert scene.world.states(sam, scene.jo) == [State.DECLINED, State.INVITED]
    newest = scene.world.letters(invitation_id=scene.jo)[-1]
    assert read(newest.raw).calendars[0].method == "REQUEST"


def test_a_seated_deputy_may_answer_with_the_address_she_was_given(scene):
    sam = seat(scene, scene.jo, "Sam Okafor", "sam@example.org")
    line = attendee("ACCEPTED", "sam@example.org", DELEGATED_FROM='"mailto:jo@example.org"')
    later = RECEIVED + 60 * MINUTE
    raw = mail(scene, line, sender="sam@example.org", sequence="9", dtstamp="20261123T110000Z")
    mail_ = scene.receive(raw, at=later)
    assert (mail_.outcome, scene.world.states(sam, scene.jo)) == (APPLIED, [State.ACCEPTED, State.DELEGATED])
    assert mail_.reason.startswith("provisional: calendar reply of Sam Okafor, who comes for Jo Bloggs")


def test_37_a_seat_does_not_go_round_in_a_circle(scene):
    sam = seat(scene, scene.jo, "Sam Okafor", "sam@example.org")
    line = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:jo@example.org":mailto:sam@example.org'
    mail_ = scene.receive(from_deputy(scene, sam, line, sender="sam@example.org"), at=RECEIVED + 60 * MINUTE)
    assert mail_.outcome is WAITS
    assert "pass back to somebody who has passed it on" in mail_.reason


def test_37_a_seat_is_passed_on_twice_and_no_further(scene):
    sam = seat(scene, scene.jo, "Sam Okafor", "sam@example.org")
    kim = seat(scene, sam, "Kim Hale", "kim@example.com")
    line = 'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:lee@example.com":mailto:kim@example.com'
    mail_ = scene.receive(from_deputy(scene, kim, line, sender="kim@example.com"), at=RECEIVED + 60 * MINUTE)
    assert mail_.outcome is WAITS
    assert "not passed on any further" in mail_.reason


# --- the address it came to -------------------------------------------------------------------------------------

BARE = "rsvp@localhost"
NOT_ASKED = forwarded("answers, and was not asked under this address", "", "jo@example.org")
WITHOUT_TOKEN = {
    "66 forged": ((FAIL,), "jo@example.org", ACCEPTED, waits("nothing proves", answer="accepted")),
    "nobody vouches": ((), "jo@example.org", ACCEPTED, waits("nothing proves", answer="accepted")),
    "proven": ((PASS,), "jo@example.org", ACCEPTED, yes()),
    "proven, but for somebody else": (
        (PASS,),
        "ana@example.net",
        ACCEPTED,
        waits(
            "answers, and was not asked under this address", says="forwarded", email="jo@example.org", answer="accepted"
        ),
    ),
    "Nextcloud from its own address": (
        (PASS,),
        "noreply@cloud.example.org",
        ACCEPTED,
        NOT_ASKED,
    ),
}


@pytest.mark.parametrize("case", WITHOUT_TOKEN)
def test_without_a_personal_address_only_a_proven_sender_is_believed(scene, case):
    head, sender, line, ends = WITHOUT_TOKEN[case]
    check_twice(scene, mail(scene, line, sender=sender, to=BARE, head=head), ends, to=[BARE])


def test_a_stranger_who_knows_the_uid_is_shown_to_the_organiser(scene):
    mail_ = scene.receive(mail(scene, SAMS, sender=SAM, to=BARE), to=[BARE])
    assert (mail_.outcome, mail_.invitation_id, mail_.convener_id) == (WAITS, None, scene.world.convener_id)


def test_an_entry_nobody_here_knows_waits_for_nobody(scene):
    raw = mail(scene, SAMS, sender=SAM, to=BARE, uid="2f1e7c9a-0000-4000-8000-000000000000")
    assert scene.receive(raw, to=[BARE]).outcome is IGNORED


def test_a_letter_that_is_answered_stands_in_for_the_address(scene):
    letter = scene.world.letters(invitation_id=scene.jo)[0]
    head = (f"In-Reply-To: <{letter.message_id}>",)
    check_twice(scene, mail(scene, ACCEPTED, to=BARE, head=head), yes(), to=[BARE])


def test_an_address_that_was_given_up_is_explained(scene):
    stale = f"rsvp+{'a' * 26}@localhost"
    raw = mail(scene, ACCEPTED, to=stale, uid="2f1e7c9a-0000-4000-8000-000000000000")
    check_twice(scene, raw, ignored("a personal address that is not valid"), to=[stale])


@pytest.mark.parametrize(
    ("head", "ends"), [((), ignored("not valid")), ((FAIL,), ignored("not valid")), ((PASS,), yes())]
)
def test_an_address_that_was_given_up_counts_only_for_a_proven_sender(scene, head, ends):
    stale = f"rsvp+{'a' * 26}@localhost"
    check_twice(scene, mail(scene, ACCEPTED, to=stale, head=head), ends, to=[stale])


def test_who_was_uninvited_and_asked_afresh_cannot_answer_with_the_old_address(scene):
    from roundtables.invitation import actions
    from tests.invitation.scene import JO

    old = scene.address()
    raw = mail(scene, ACCEPTED, to=old)
    with scene.world.db.write() as session:
        actions.withdraw(session, session.get_one(Invitation, scene.jo), by="Farah", now=RECEIVED)
    assert scene.world.ask(JO, now=RECEIVED + MINUTE) == [scene.jo]
    assert old != scene.address()
    check_twice(scene, raw, ignored("ask the sender to answer the newest letter"), at=RECEIVED + 2 * MINUTE, to=[old])


FORMS = {
    "plus": "rsvp+{token}@localhost",
    "plus, percent-encoded": "rsvp%2B{token}@localhost",
    "capitals": "RSVP+{upper}@LOCALHOST",
    "minus": "rsvp-{token}@localhost",
    "bare": "{token}@localhost",
    "a domain of its own": "{token}@rsvp.localhost",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_personal_address_is_known_in_every_form(scene, form):
    token = scene.world.reply_token(scene.jo)
    to = FORMS[form].format(token=token, upper=token.upper())
    check_twice(scene, mail(scene, ACCEPTED, to=to), yes(), to=[to])


def test_78_on_a_copy_to_all_only_the_envelopes_address_counts(scene):
    both = f"{scene.address(scene.ana)}, {scene.address()}"
    check_twice(scene, mail(scene, ACCEPTED, to=both), yes(), to=[scene.address()])


@pytest.mark.parametrize("sender", ["jo@example.org", "sam@other.example"])
def test_of_several_addresses_without_an_envelope_the_senders_own_counts(scene, sender):
    both = f"{scene.address(scene.ana)}, {scene.address()}"
    mail_ = scene.receive(mail(scene, attendee("ACCEPTED", sender), sender=sender, to=both))
    applied = sender == "jo@example.org"
    assert mail_.outcome is (APPLIED if applied else WAITS), mail_.reason
    assert scene.world.states(scene.jo, scene.ana) == [State.ACCEPTED if applied else State.INVITED, State.INVITED]


@pytest.mark.parametrize("mark", ["b-", "u-"])
def test_an_address_for_something_else_is_never_an_answers(scene, mark):
    to = f"rsvp+{mark}{scene.world.reply_token(scene.jo)}@localhost"
    check_twice(scene, mail(scene, ACCEPTED, to=to), ignored(), to=[to])


@pytest.fixture(params=[ReplyMode.TABLE, ReplyMode.STATIC])
def other_mode(request, database_url):
    office = Stationery(secret=SECRET, reply_mode=request.param)
    info = {"stationery": office, "take_down_needs": take_down_needs}
    db = Db(database_url, info=info)
    yield set_up(World(db)), request.param
    db.close()


def test_in_the_other_modes_a_table_or_all_share_one_address(other_mode):
    scene, mode = other_mode
    addresses = set()
    for letter in scene.world.letters():
        text = letter.raw.decode()
        addresses |= {line.partition("<")[2].rstrip(">") for line in text.split("\r\n") if line.startswith("Reply-To")}
        [part] = [p for p in read(letter.raw).calendars if not p.attachment]
        [address] = addresses
        assert f"mailto:{address}".encode() in part.data.replace(b"\r\n ", b"")
    assert address.startswith("rsvp+t-" if mode is ReplyMode.TABLE else "rsvp@")
    for head, line, sender, outcome in [
        ((), ACCEPTED, "jo@example.org", WAITS),
        ((PASS,), SAMS, "sam@other.example", WAITS),
        ((PASS,), ACCEPTED, "jo@example.org", APPLIED),
    ]:
        mail_ = scene.receive(mail(scene, line, sender=sender, to=address, head=head), to=[address])
        assert mail_.outcome is outcome, mail_.reason
    assert scene.world.states(scene.jo, scene.ana) == [State.ACCEPTED, State.INVITED]


def test_in_the_other_modes_an_address_we_learnt_proves_nothing(other_mode):
    scene, _ = other_mode
    alias = attendee("ACCEPTED", "jo@home.example", CN='"Jo Bloggs"')
    scene.receive(mail(scene, alias, to=scene.address()), to=[scene.address()])
    assert scene.aliases() == ["jo@home.example"]
    raw = mail(scene, attendee("DECLINED", "jo@home.example"), sender="jo@home.example", to=BARE, head=(PASS,))
    assert scene.receive(raw, to=[BARE], at=RECEIVED + MINUTE).outcome is WAITS


def test_a_personal_address_still_counts_after_the_mode_was_changed(other_mode):
    scene, _ = other_mode
    assert scene.receive(mail(scene, ACCEPTED), to=[scene.address()]).outcome is APPLIED
