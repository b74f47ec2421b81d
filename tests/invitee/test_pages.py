"""The invitee's page: it shows, it takes the four answers, and opening it changes nothing."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from roundtables.attendance.model import Needs
from roundtables.desk.opened import opened
from roundtables.invitation import gathering
from roundtables.invitation.actions import withdraw
from roundtables.invitation.deputies import seat_deputy
from roundtables.invitation.model import History, Invitation
from roundtables.invitation.rules import Answer, State, Via
from roundtables.roundtable.actions import plan_of
from tests.desk.test_outbox import queries_of
from tests.world import ANA, BASHIR, CARYS, JO

NOW = datetime.now(UTC)


@pytest.fixture
def jo(world):
    """The id of Jo's invitation, her letter on its way."""
    return world.ask(JO, now=NOW)[0]


def at(world, invitation_id, below=""):
    return f"/i/{world.page_token(invitation_id)}{below}"


def answer(client, world, invitation_id, **form):
    return client.post(at(world, invitation_id, "/answer"), data=form, follow_redirects=False)


def needs_of(world, invitation_id):
    with world.db.read() as session:
        row = session.get(Needs, invitation_id)
        return (row.dietary, row.access, row.note) if row else None


def everything(world):
    """All that an answer could touch."""
    with world.db.read() as session:
        rows = [*session.exec(select(Invitation)), *session.exec(select(History)), *session.exec(select(Needs))]
        return [row.model_dump() for row in rows], len(world.letters())


def test_the_page_asks_by_name_with_day_zone_town_and_four_answers(client, world, jo):
    page = client.get(at(world, jo)).text
    assert "<h1>Jo, can you join us?</h1>" in page
    assert "Thursday 1 July 2027, 10.00 to 12.30 UK time</time><br>The Weigh House, Leeds</p>" in page
    assert re.findall(r'value="(\w+)" id="(\w+)"( checked)?', page) == [
        ("accepted", "yes", " checked"),
        ("declined", "no", ""),
        ("tentative", "perhaps", ""),
        ("deputy", "deputy", ""),
    ]
    assert "<script" not in page
    assert "style=" not in page


def test_the_page_names_nobody_else(client, world, jo):
    world.ask(ANA, BASHIR, now=NOW)
    page = client.get(at(world, jo)).text
    assert not [word for word in ("Ana", "Ruiz", "Bashir", "Okello", "Open Door", "Orrin") if word in page]


@pytest.mark.parametrize(
    ("asked", "ticked"),
    [
        ("accepted", "yes"),
        ("declined", "no"),
        ("tentative", "perhaps"),
        ("deputy", "deputy"),
        ("nonsense", "yes"),
        ("", "yes"),
    ],
)
def test_a_link_of_the_letter_only_fills_the_form_in(client, world, jo, asked, ticked):
    before = everything(world)
    page = client.get(at(world, jo), params={"answer": asked}).text
    assert re.findall(r'id="(\w+)" checked', page) == [ticked]
    assert everything(world) == before


def test_every_link_of_a_letter_may_be_fetched_by_a_scanner(client, world, jo):
    [letter] = world.letters()
    seen = opened(letter.raw)
    links = {link.rstrip(".") for link in re.findall(r"http://127[^\s\"<>]+", seen.html + seen.text)}
    assert len(links) == 5
    before = everything(world)
    for link in links:
        parts = urlsplit(link)
        for method in ("GET", "HEAD"):
            assert client.request(method, f"{parts.path}?{parts.query}").status_code == 200
    assert everything(world) == before


@pytest.mark.parametrize("below", ["/answer", "/deputy", "/needs", "/undo"])
def test_what_an_answer_is_posted_to_cannot_be_fetched(client, world, jo, below):
    before = everything(world)
    assert client.get(at(world, jo, below)).status_code == 405
    assert client.head(at(world, jo, below)).status_code == 405
    assert everything(world) == before


@pytest.mark.parametrize(
    ("form", "state", "says"),
    [
        ({"answer": "accepted"}, State.ACCEPTED, "You are coming on Thursday 1 July."),
        ({"answer": "declined"}, State.DECLINED, "You cannot come on Thursday 1 July."),
        ({"answer": "tentative", "until": "2027-06-17"}, State.TENTATIVE, "We keep your seat until Thursday 17 June"),
        ({"answer": "tentative"}, State.TENTATIVE, "You are not sure yet."),
        ({"answer": "accepted", "send": "declined"}, State.DECLINED, "You cannot come on Thursday 1 July."),
    ],
    ids=["yes", "no", "until a day", "not sure", "the button pressed beats the choice"],
)
def test_an_answer_counts_and_the_page_says_what_stands(client, world, jo, form, state, says):
    came = answer(client, world, jo, **form)
    assert (came.status_code, came.headers["location"]) == (303, at(world, jo))
    guest = world.invitation(jo)
    assert (guest.state, guest.answered_via) == (state, Via.PAGE)
    page = client.get(at(world, jo)).text
    assert says in page
    assert "Not what you meant?" in page


def test_the_page_names_the_place_as_the_letter_does(client, world, jo):
    assert "The Weigh House, Leeds" in client.get(at(world, jo)).text


def test_a_word_to_the_hosts_is_kept_with_the_answer(client, world, jo):
    answer(client, world, jo, answer="declined", comment="Do send the paper.")
    assert world.invitation(jo).comment == "Do send the paper."


def test_a_yes_may_carry_needs_and_they_are_never_shown_back(client, world, jo):
    answer(client, world, jo, send="accepted", dietary="coeliac", access="a hearing loop", note="arrives by train")
    assert needs_of(world, jo) == ("coeliac", "a hearing loop", "arrives by train")
    page = client.get(at(world, jo)).text
    assert "We have your note of" in page
    assert not [word for word in ("coeliac", "hearing loop", "by train") if word in page]


def test_saying_yes_again_without_needs_leaves_them_alone(client, world, jo):
    answer(client, world, jo, answer="accepted", dietary="coeliac")
    answer(client, world, jo, answer="accepted", dietary="", access="", note="")
    assert needs_of(world, jo) == ("coeliac", "", "")


def test_needs_have_a_form_of_their_own_and_an_empty_one_deletes_them(client, world, jo):
    answer(client, world, jo, answer="accepted")
    client.post(at(world, jo, "/needs"), data={"dietary": "vegan", "access": "", "note": ""})
    assert needs_of(world, jo) == ("vegan", "", "")
    client.post(at(world, jo, "/needs"), data={"dietary": "", "access": "", "note": ""})
    assert needs_of(world, jo) is None


def test_undo_brings_back_what_stood_before(client, world, jo):
    answer(client, world, jo, answer="declined")
    gone = client.post(at(world, jo, "/undo"), follow_redirects=False)
    assert gone.status_code == 303
    assert world.states(jo) == [State.INVITED]
    again = client.post(at(world, jo, "/undo"))
    assert again.status_code == 422
    assert "There is no answer to undo." in again.text


def test_a_deputy_is_proposed_and_the_principal_is_not_a_no(client, world, jo):
    came = client.post(
        at(world, jo, "/deputy"), data={"name": "Tomasz Reed", "email": "tomasz@example.org"}, follow_redirects=False
    )
    assert came.status_code == 303
    guest = world.invitation(jo)
    assert (guest.state, guest.deputy_name, guest.deputy_email) == (State.INVITED, "Tomasz Reed", "tomasz@example.org")
    assert "You suggested that Tomasz Reed comes for you." in client.get(at(world, jo)).text


def test_the_deputy_button_works_where_a_browser_knows_no_formaction(client, world, jo):
    form = {"answer": "accepted", "send": "deputy", "name": "Tomasz Reed", "email": "tomasz@example.org"}
    assert answer(client, world, jo, **form).status_code == 303
    assert world.invitation(jo).deputy_name == "Tomasz Reed"


def test_the_enter_key_in_the_deputys_name_says_no_yes(client, world, jo):
    """The choice still says yes, no button was pressed, and a name was typed."""
    refused = answer(client, world, jo, answer="accepted", name="Tomasz Reed", email="")
    assert refused.status_code == 422
    assert world.states(jo) == [State.INVITED]


@pytest.mark.parametrize(
    ("below", "form", "beside", "says"),
    [
        ("/answer", {"answer": "perhaps"}, "", "One of: accepted, declined, tentative."),
        ("/answer", {}, "", "Please choose one of the four."),
        ("/answer", {"answer": "tentative", "until": "soon"}, "until", "A date such as 2026-03-14, please."),
        ("/answer", {"answer": "tentative", "until": "2031-01-01"}, "until", "A day between today and the day of"),
        ("/answer", {"answer": "tentative", "until": "2020-01-01"}, "until", "A day between today and the day of"),
        ("/answer", {"answer": "declined", "comment": "x" * 2001}, "comment", "At most 2000 letters, please."),
        ("/answer", {"answer": "accepted", "dietary": "x" * 2001}, "dietary", "At most 2000 letters, please."),
        ("/deputy", {"name": "", "email": "t@example.org"}, "name", "Who would come?"),
        ("/deputy", {"name": "Tomasz", "email": "nowhere"}, "email", "is not an e-mail address"),
        ("/deputy", {"name": "Tomasz", "email": ""}, "email", "Their e-mail, please"),
        ("/needs", {"note": "x" * 2001}, "note", "At most 2000 letters, please."),
    ],
)
def test_a_refusal_stands_beside_its_field_with_what_was_typed(client, world, jo, below, form, beside, says):
    if below == "/needs":
        answer(client, world, jo, answer="accepted")
    before = everything(world)
    refused = client.post(at(world, jo, below), data=form)
    assert refused.status_code == 422
    assert says in refused.text
    for name, typed in form.items():
        assert typed in refused.text or name == "answer"
    if beside:
        assert f'id="f-{beside}-error"' in refused.text
    assert everything(world) == before


def test_somebody_on_the_waiting_list_reads_their_number(client, world):
    ids = world.ask(JO, ANA, BASHIR, CARYS, now=NOW)
    for number in ids[:3]:
        world.answer(number, Answer.ACCEPTED)
    answer(client, world, ids[3], answer="accepted")
    assert world.states(ids[3]) == [State.WAITING]
    page = client.get(at(world, ids[3])).text
    assert "You are on the waiting list, number one." in page


def test_a_moved_date_asks_again_and_remembers(client, world, jo):
    world.answer(jo, Answer.ACCEPTED)
    with world.db.write() as session:
        table = world.table(session)
        later = plan_of(session, table)
        moved = type(later)(**{**_fields(later), "starts_at": later.starts_at + timedelta(days=7)})
        moved = type(later)(**{**_fields(moved), "ends_at": later.ends_at + timedelta(days=7)})
        gathering.change(session, table, moved, by="Farah", now=NOW)
    page = client.get(at(world, jo)).text
    assert "<h1>Jo, can you join us?</h1>" in page
    assert "You had said yes to the earlier date, and your seat is kept until you answer." in page


def _fields(plan):
    return {name: getattr(plan, name) for name in type(plan).__dataclass_fields__}


def closed(session, world, jo):
    gathering.close(session, world.table(session), by="Farah", now=NOW)


def cancelled(session, world, jo):
    gathering.cancel(session, world.table(session), by="Farah", now=NOW)


def withdrawn(session, world, jo):
    withdraw(session, session.get_one(Invitation, jo), by="Farah", now=NOW)


def delegated(session, world, jo):
    guest = session.get_one(Invitation, jo)
    seat_deputy(session, guest, name="Tomasz Reed", email="tomasz@example.org", by="Farah", now=NOW)


def past(session, world, jo):
    table = world.table(session)
    table.starts_at, table.ends_at = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    session.add(table)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (closed, "This table met on"),
        (past, "This table met on"),
        (cancelled, "This table will not meet."),
        (withdrawn, "This invitation has been taken back."),
        (delegated, "Tomasz Reed is coming for you."),
    ],
)
def test_where_nothing_can_be_changed_the_page_says_why(client, world, jo, happens, says):
    world.answer(jo, Answer.ACCEPTED)
    with world.db.write() as session:
        happens(session, world, jo)
    page = client.get(at(world, jo)).text
    assert says in page
    assert page.count("<form") == (1 if happens is delegated else 0)  # a principal may take their seat back
    state = world.states(jo)
    assert answer(client, world, jo, answer="declined").status_code == 303
    assert client.post(at(world, jo, "/deputy"), data={"name": "A", "email": "a@example.org"}).status_code == 422
    assert client.post(at(world, jo, "/needs"), data={"dietary": "vegan"}).status_code == 422
    assert world.states(jo) == state
    assert needs_of(world, jo) is None


def test_a_draft_is_not_answered(client, world):
    [held] = world.ask(JO, send=False, now=NOW)
    assert "This invitation has not been sent yet." in client.get(at(world, held)).text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_unknown_link_is_told_kindly(client, world, method):
    below = "/answer" if method == "POST" else ""
    sent = {"data": {"answer": "accepted"}} if method == "POST" else {}
    told = client.request(method, f"/i/aaaaaaaaaaaaaaaaaaaaaaaaaa{below}", **sent)
    assert told.status_code == 404
    assert method == "HEAD" or "We cannot find this invitation." in told.text


def test_a_form_of_another_site_is_refused(client, world, jo):
    before = everything(world)
    sent = client.post(
        at(world, jo, "/answer"), data={"answer": "declined"}, headers={"origin": "https://evil.example"}
    )
    assert sent.status_code == 403
    assert everything(world) == before


def test_the_page_is_nobody_elses_business(client, world, jo):
    came = client.get(at(world, jo))
    assert came.headers["cache-control"] == "no-store"
    assert came.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in came.headers
    assert '<meta name="robots" content="noindex">' in came.text


def test_the_number_of_queries_does_not_grow_with_the_guests(client, world, jo):
    few = queries_of(world, lambda: client.get(at(world, jo)))
    for guest in world.ask(ANA, BASHIR, CARYS, now=NOW):
        world.answer(guest, Answer.ACCEPTED)
    assert queries_of(world, lambda: client.get(at(world, jo))) == few <= 7  # SQLite counts the BEGIN
