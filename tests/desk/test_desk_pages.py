"""Every page of the desk, read with a filled world."""

import re

import pytest

from roundtables.attendance.actions import record_needs
from roundtables.convener import actions as conveners
from roundtables.convener.model import Convener, Role
from roundtables.db import now
from roundtables.invitation.deputies import propose
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Via
from roundtables.mail.outbox import OutgoingLetter
from roundtables.roundtable.actions import plan
from tests.world import ANA, BASHIR, CARYS, DEWI, EKOW, JO, KINDNESS, NOW


@pytest.fixture
def filled(world):
    """Jo comes, Ana may, Bashir declined and sends word, Carys waits for nothing yet, Dewi and Ekow are drafts."""
    world.jo, world.ana, world.bashir = world.ask(JO, ANA, BASHIR)
    [world.carys] = world.ask(CARYS, wave=2)
    world.dewi, world.ekow = world.ask(DEWI, EKOW, wave=3, send=False)
    world.answer(world.jo, Answer.ACCEPTED, via=Via.CALENDAR)
    world.answer(world.ana, Answer.TENTATIVE)
    world.answer(world.bashir, Answer.DECLINED, via=Via.MAIL)
    with world.db.write() as session:
        carys = session.get_one(Invitation, world.carys)
        propose(session, carys, name="Tomasz Reed", email="tomasz@example.org", comment="", by="them", now=NOW)
        jo = session.get_one(Invitation, world.jo)
        record_needs(session, jo, dietary="No nuts", access="Hearing loop", note="", now=NOW)
        bashir = session.get_one(Invitation, world.bashir)
        bashir.bounced_at = NOW
    return world


def pages(world):
    base = f"/desk/roundtables/{world.table_id}"
    tabs = ("", "/guests", "/needs", "/door", "/seating", "/badges", "/papers", "/outcomes", "/edit")
    more = ("/invitations/new", "/waves/3", "/waves/9")
    return [
        *("/desk", "/desk/account", "/desk/roundtables", "/desk/roundtables/new"),
        *(f"{base}{tab}" for tab in tabs + more),
        *(f"/desk/invitations/{i}" for i in (world.jo, world.ana, world.bashir, world.carys, world.dewi)),
    ]


def everything(world):
    """All that a reader could have changed, as it stands."""
    with world.db.read() as session:
        tables = (Invitation, OutgoingLetter)
        from sqlmodel import select

        return [row.model_dump() for table in tables for row in session.exec(select(table).order_by(table.id))]


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_every_page_is_there_and_reading_it_changes_nothing(desk, filled):
    before = everything(filled)
    answers = {path: desk.get(path, follow_redirects=False).status_code for path in pages(filled)}
    assert answers == dict.fromkeys(pages(filled), 200)
    assert everything(filled) == before


def test_a_stranger_is_shown_to_the_door(client, filled):
    seen = {path: client.get(path, follow_redirects=False).headers.get("location") for path in pages(filled)}
    assert seen == dict.fromkeys(pages(filled), "/sign-in")


@pytest.mark.parametrize("number", ["{other}", "999999", "99999999999999999999"])
def test_another_convener_s_table_is_not_there(desk, filled, number):
    with filled.db.write() as session:
        theirs = conveners.found_convener(session, "Somebody Else", now=NOW)
        other = plan(session, theirs.id, KINDNESS, now=NOW).id
    base = f"/desk/roundtables/{number.format(other=other)}"
    paths = [path.replace(f"/desk/roundtables/{filled.table_id}", base) for path in pages(filled)]
    paths = [path for path in paths if path.startswith(base)]
    assert {path: desk.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_the_desk_opens_with_a_sentence(desk, filled):
    html = desk.get("/desk").text
    said = words(re.search(r'<p class="say">(.*?)</p>', html, re.DOTALL)[1])
    assert re.fullmatch(
        r"Good (morning|afternoon|evening), Farah\. One deputy is proposed, two letters are waiting to go,"
        r" and “Whose job is it to be kind\?” is one seat full with .* left\.",
        said,
    )
    assert "1 of 3 taken, 1 maybe, 1 to answer" in words(html)


def test_an_empty_desk_says_what_to_do_next(desk, world):
    with world.db.write() as session:
        session.delete(world.table(session))
    html = desk.get("/desk").text
    assert 'href="/desk/roundtables/new">Lay a new table</a>' in html
    assert "Your tables" not in html


def test_the_guest_list_says_each_answer_and_how_we_know(desk, filled):
    told = words(desk.get(f"/desk/roundtables/{filled.table_id}").text)
    for sentence in (
        "Jo Bloggs Chief Executive, Northshire Council L Local government Coming Said yes in the calendar, 1 March",
        "Ana Ruiz Director, Open Door Kitchens V Voluntary and community Maybe Answered on their page, 1 March",
        "Declined Reply, 1 March. The letter came back",
        "Asked, no answer yet Sent 1 March. Tomasz Reed is proposed as deputy",
        "Wave 1 sent 1 March, answers due Friday 14 May. 3 asked: 1 coming, 1 maybe, 1 declined",
        "Wave 3 two drafted, nothing sent",
        "The letter to Dr Bashir Okello at bashir@example.com did not arrive.",
        "1 of 1. Full",
        "Thursday 1 July 2027, 10.00 to 12.30 UK time, The Weigh House, Leeds. Chatham House Rule.",
    ):
        assert sentence in told


def test_needs_name_their_readers_and_their_end(desk, filled):
    told = words(desk.get(f"/desk/roundtables/{filled.table_id}/needs").text)
    assert "Only Farah Lindqvist can read this. It is deleted on Thursday 15 July 2027." in told
    assert "No nuts" in told


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_whoever_does_not_run_the_day_reads_no_needs_and_changes_nothing(client, filled, role):
    with filled.db.write() as session:
        convener = session.get_one(Convener, filled.convener_id)
        account = conveners.appoint(session, convener, "vic@larkmoor.example", role=role, now=NOW)
        link = conveners.sign_in_link(session, account, now=now())
    client.post(f"/sign-in/{link}")
    page = client.get(f"/desk/roundtables/{filled.table_id}").text
    assert "/edit" not in page
    assert client.get(f"/desk/roundtables/{filled.table_id}/needs").status_code == 403
    token = re.search(r'name="_csrf" value="([0-9a-f]+)"', page)[1]
    before = everything(filled)
    answers = {path: client.post(path, data={"_csrf": token}).status_code for path in posts(filled)}
    assert answers == dict.fromkeys(posts(filled), 403)
    assert everything(filled) == before


def posts(world):
    base, guest = f"/desk/roundtables/{world.table_id}", f"/desk/invitations/{world.jo}"
    return [
        "/desk/roundtables",
        *(f"{base}/{thing}" for thing in ("edit", "cancellation", "closing", "invitations", "waves/3/sending")),
        *(f"{guest}/{act}" for act in ("withdrawal", "reminder", "answer", "undoing", "deputy", "attendance")),
    ]


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_that_is_not_ours_changes_nothing(desk, filled, token):
    before = everything(filled)
    answers = {path: desk.post(path, data={"_csrf": token}).status_code for path in posts(filled)}
    assert answers == dict.fromkeys(posts(filled), 403)
    assert everything(filled) == before


def test_the_number_of_queries_does_not_grow_with_the_guests(desk, filled, db):
    from sqlalchemy import event

    def counted(path):
        asked = []
        listen = lambda *args: asked.append(args[2])  # noqa: E731 one expression, taken off again below
        event.listen(db.engine, "before_cursor_execute", listen)
        desk.get(path)
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(asked)

    paths = [
        "/desk",
        "/desk/roundtables",
        *(f"/desk/roundtables/{filled.table_id}{t}" for t in ("", "/door", "/needs")),
    ]
    few = {path: counted(path) for path in paths}
    more = [JO.__class__(f"Guest {n}", f"guest{n}@example.org", seat_kind="L") for n in range(20)]
    for number in filled.ask(*more, wave=4)[:12]:
        filled.answer(number, Answer.DECLINED)
    assert {path: counted(path) for path in paths} == few


def test_nobody_reads_another_persons_way_in(desk, client, world):
    """The link of a sign-in letter would open the desk to whoever may look at the outbox."""
    client.post("/sign-in", data={"email": "farah@larkmoor.example"})
    [letter] = world.letters(kind="sign-in")
    assert [desk.get(f"/desk/outbox/{letter.id}{part}").status_code for part in ("", "/html")] == [404, 404]
    assert "Your link to sign in" not in desk.get("/desk/outbox").text
