"""The lists of the inbox: a page at a time, at a constant price, to those who may see them; and the ways back."""

import re

import pytest

from roundtables.convener import actions as conveners
from roundtables.convener.model import Convener, Role
from roundtables.desk import inbox_lists
from roundtables.desk.inbox_lists import View
from roundtables.invitation.answering import record_reply, undo
from roundtables.invitation.deputies import seat_deputy
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, Reply, State, Via
from roundtables.mail.inbox import IncomingMail, Outcome
from tests.desk.inbox_mails import NOW, lay, letter, outcome
from tests.desk.test_outbox import queries_of
from tests.web_client import browser, csrf
from tests.world import JO

ALL_VIEWS = {View.NEEDS_YOU: Outcome.NEEDS_HUMAN, View.UNDERSTOOD: Outcome.APPLIED, View.SET_ASIDE: Outcome.IGNORED}


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


@pytest.fixture
def signed_in(settings, db, world):
    """Opens the browser of somebody with a role at the Larkmoor Trust, or of an owner elsewhere."""
    opened = []

    def sign_in(role, convener=""):
        with db.write() as session:
            own = session.get_one(Convener, world.convener_id)
            found = conveners.found_convener(session, convener, now=NOW) if convener else own
            account = conveners.appoint(session, found, f"{role}@one.example", role=role, name="One", now=NOW)
            token = conveners.sign_in_link(session, account, now=NOW)
        opened.append(context := browser(settings, db))
        client = context.__enter__()
        assert client.post(f"/sign-in/{token}", follow_redirects=False).status_code == 303
        return client

    yield sign_in
    for context in opened:
        context.__exit__(None, None, None)


def decide(desk, mail, **form):
    form |= {"_csrf": csrf(desk.get("/desk/inbox").text)}
    return desk.post(f"/desk/inbox/{mail}/decision", data=form, follow_redirects=False)


def numbers(world, view, **place):
    with world.db.read() as session:
        part = inbox_lists.part(session, world.convener_id, view, most=3, **place)
    return [row.id for row in part.rows], part.newer, part.older


def test_what_waits_longest_comes_first_and_pages_go_both_ways(world, jo):
    a, b, c, d, e, f, g = (lay(world, jo) for _ in range(7))
    assert numbers(world, View.NEEDS_YOU) == ([a, b, c], c, None)
    assert numbers(world, View.NEEDS_YOU, after=c) == ([d, e, f], f, d)
    assert numbers(world, View.NEEDS_YOU, after=f) == ([g], None, g)
    assert numbers(world, View.NEEDS_YOU, before=g) == ([d, e, f], f, d)
    assert numbers(world, View.NEEDS_YOU, before=d) == ([a, b, c], c, None)
    assert numbers(world, View.NEEDS_YOU, after=g) == ([], None, None)


@pytest.mark.parametrize("view", [View.UNDERSTOOD, View.SET_ASIDE])
def test_what_is_done_begins_with_the_newest(world, jo, view):
    a, b, c, d = (lay(world, jo, outcome=ALL_VIEWS[view]) for _ in range(4))
    assert numbers(world, view) == ([d, c, b], None, b)
    assert numbers(world, view, before=b) == ([a], a, None)
    assert numbers(world, view, after=a) == ([d, c, b], None, b)


def test_set_aside_and_quarantined_stand_in_one_list_in_their_order(world, jo):
    a = lay(world, jo, outcome=Outcome.IGNORED)
    b = lay(world, jo, outcome=Outcome.QUARANTINED)
    c = lay(world, jo, outcome=Outcome.IGNORED)
    assert numbers(world, View.SET_ASIDE)[0] == [c, b, a]


@pytest.mark.parametrize("view", View)
def test_every_mail_is_on_exactly_one_page(desk, world, jo, view):
    laid = {lay(world, jo, outcome=ALL_VIEWS[view]) for _ in range(60)}
    at, seen = f"/desk/inbox?view={view}", []
    while at:
        page = desk.get(at).text
        seen += [int(number) for number in re.findall(r'<(?:li|a)[^>]*href="/desk/inbox/(\d+)#open"', page)]
        if view is not View.NEEDS_YOU:
            seen += [int(number) for number in re.findall(r'href="/desk/inbox/(\d+)" aria-label', page)]
        onward = re.search(r'<a rel="next" href="([^"]+)"', page)
        at = onward[1].replace("&amp;", "&") if onward else ""
    assert sorted(seen) == sorted(laid)


def test_a_mail_far_down_is_opened_in_a_page_that_holds_it(desk, world, jo):
    laid = [lay(world, jo) for _ in range(60)]
    assert f'href="/desk/inbox/{laid[50]}#open" aria-current="true"' in desk.get(f"/desk/inbox/{laid[50]}").text


@pytest.mark.parametrize("view", View)
def test_sixty_mails_cost_as_many_queries_as_three(desk, world, jo, view):
    for _ in range(3):
        lay(world, jo, outcome=ALL_VIEWS[view])
    few = queries_of(world, lambda: desk.get(f"/desk/inbox?view={view}"))
    for _ in range(57):
        lay(world, jo, outcome=ALL_VIEWS[view])
    assert queries_of(world, lambda: desk.get(f"/desk/inbox?view={view}")) == few


@pytest.mark.parametrize("place", ["before=0", "after=-1", "before=x", "done=99999999999999999999"])
def test_a_place_that_cannot_be_is_refused(desk, place):
    assert desk.get(f"/desk/inbox?{place}").status_code == 400


def test_mail_of_nobodys_goes_to_the_first_convener_alone(desk, world, signed_in):
    other = signed_in(Role.OWNER, convener="Penhallow Forum")
    mail = lay(world, None, convener=False, sender="m@example.org")
    assert "Somebody we did not invite: m@example.org" in desk.get("/desk/inbox").text
    assert "m@example.org" not in other.get("/desk/inbox").text
    assert other.get(f"/desk/inbox/{mail}").status_code == 404
    assert other.get(f"/desk/inbox/{mail}/raw").status_code == 404
    assert decide(desk, mail, decision="set-aside").status_code == 303
    with world.db.read() as session:
        assert session.get_one(IncomingMail, mail).convener_id == world.convener_id


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DAY_TEAM, Role.EDITOR])
def test_who_may_only_look_sees_what_we_think_and_decides_nothing(world, jo, signed_in, role):
    client = signed_in(role)
    mail = lay(world, jo, suggestion={"answer": "accepted"})
    done = lay(world, jo, outcome=Outcome.APPLIED, reason="in their words: accepted")
    page = client.get("/desk/inbox").text
    assert "We think: a yes from Jo Bloggs" in page
    assert "An organiser decides." in page
    for at in ("", f"/{mail}", f"/{done}", "?view=understood", f"?done={done}"):
        assert 'name="decision"' not in client.get(f"/desk/inbox{at}").text
    form = {"_csrf": csrf(page), "decision": "apply", "answer": "accepted"}
    assert client.post(f"/desk/inbox/{mail}/decision", data=form).status_code == 403
    assert client.get(f"/desk/inbox/{mail}/raw").status_code == 403
    assert (outcome(world, mail), world.states(jo)) == (Outcome.NEEDS_HUMAN, [State.INVITED])


def answered(world, jo, answer=Answer.ACCEPTED):
    """A mail that was applied, with the answer it gave."""
    mail = lay(
        world, jo, raw=letter("Count me in."), outcome=Outcome.APPLIED, reason="in their words", decides="Count me in."
    )
    with world.db.write() as session:
        guest = session.get_one(Invitation, jo)
        record_reply(
            session, guest, Reply(answer, NOW, Via.MAIL, comment="Count me in."), by="Jo", now=NOW, mail_id=mail
        )
    return mail


def test_undo_brings_back_what_it_says(desk, world, jo):
    mail = answered(world, jo)
    assert "Undo brings back what stood before: asked, no answer yet." in desk.get(f"/desk/inbox/{mail}").text
    assert decide(desk, mail, decision="undo").status_code == 303
    assert (outcome(world, mail), world.states(jo)) == (Outcome.NEEDS_HUMAN, [State.INVITED])


def test_what_was_undone_elsewhere_shows_as_such(desk, world, jo):
    mail = answered(world, jo)
    with world.db.write() as session:
        undo(session, session.get_one(Invitation, jo), by="Jo Bloggs", now=NOW)
    for page in (desk.get("/desk/inbox?view=understood").text, desk.get(f"/desk/inbox/{mail}").text):
        assert "It has been undone since." in page
        assert 'value="undo"' not in page


def test_an_answer_that_a_newer_one_replaced_cannot_be_undone_alone(desk, world, jo):
    first, second = answered(world, jo), answered(world, jo, Answer.DECLINED)
    page = desk.get(f"/desk/inbox/{first}").text
    assert "A newer answer has come since" in page
    assert f'<form method="post" action="/desk/inbox/{first}/decision">' not in page
    assert "Undo brings back what stood before: coming." in desk.get(f"/desk/inbox/{second}").text


def test_a_deputy_who_cannot_come_after_all_stands_among_what_needs_somebody(desk, world, jo):
    with world.db.write() as session:
        principal = session.get_one(Invitation, jo)
        sam = seat_deputy(session, principal, name="Sam Okafor", email="sam@example.org", by="Farah", now=NOW)
        record_reply(session, sam, Reply(Answer.DECLINED, NOW, Via.PAGE), by="them", now=NOW)
    told = "Sam Okafor cannot come for Jo Bloggs"
    assert told in desk.get("/desk/inbox").text
    world.answer(jo, Answer.ACCEPTED)
    assert told not in desk.get("/desk/inbox").text


def test_a_polite_no_can_be_taken_back_until_it_leaves(desk, world, jo):
    mail = lay(world, jo, suggestion={"says": "counter"})
    decide(desk, mail, decision="decline-counter")
    assert "Undo takes the letter back: it has not left yet." in desk.get(f"/desk/inbox/{mail}").text
    assert decide(desk, mail, decision="undo").status_code == 303
    assert outcome(world, mail) is Outcome.NEEDS_HUMAN
