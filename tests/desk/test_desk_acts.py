"""What organisers do at the desk, through its forms."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from roundtables.attendance.model import Attendance
from roundtables.convener.model import Account, SignInLink
from roundtables.db import now
from roundtables.invitation.deputies import propose
from roundtables.invitation.model import Invitation
from roundtables.invitation.rules import Answer, State
from roundtables.report.model import Report
from roundtables.roundtable.actions import plan_of
from roundtables.roundtable.model import Roundtable
from tests.web_client import csrf
from tests.world import ANA, BASHIR, JO

LAID = {
    "title": "What should a library be for?",
    "question": "What for, in 2030?",
    "date": "2027-09-16",
    "starts_at": "10.00",
    "ends_at": "12.30",
    "time_zone": "Europe/Paris",
    "place": "Central Library, Cardiff",
    "seats": "14",
    "seat_kinds": "Local government 5\nHealth and care 3\nX: Readers 2",
    "max_per_organisation": "2",
    "reply_by": "2027-08-01",
    "report_title": "Shelves",
    "report_authors": "Mina Achterberg\nPeter Sole",
    "report_url": "https://example.org/shelves",
    "rule": "chatham-house-list",
    "deputies": "never",
    "visibility": "private",
}


@pytest.fixture
def send(desk, world):
    """Posts a form of the desk, with its token; answers what came back."""
    token = csrf(desk.get("/desk").text)

    def send(path, *, headers=None, **typed):
        return desk.post(path, data={"_csrf": token} | typed, headers=headers, follow_redirects=False)

    return send


def test_a_table_is_laid_with_its_report(send, world, db):
    answer = send("/desk/roundtables", **LAID)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/desk/roundtables/{world.table_id + 1}/invitations/new",
    )
    with db.read() as session:
        table = session.get_one(Roundtable, world.table_id + 1)
        [report] = session.exec(select(Report))
        assert plan_of(session, table).report_ids == [report.id]
    assert (report.title, report.authors, report.url) == (
        "Shelves",
        ["Mina Achterberg", "Peter Sole"],
        "https://example.org/shelves",
    )
    assert (table.starts_at, table.ends_at) == (
        datetime(2027, 9, 16, 8, tzinfo=UTC),
        datetime(2027, 9, 16, 10, 30, tzinfo=UTC),
    )
    assert table.seat_kinds == [
        {"key": "L", "name": "Local government", "target": 5},
        {"key": "C", "name": "Health and care", "target": 3},
        {"key": "X", "name": "Readers", "target": 2},
    ]
    assert (table.rule, table.deputies, table.visibility) == ("chatham-house-list", "never", "private")


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("title", "", "A table needs a title."),
        ("date", "soon", "A date such as 2026-03-14, please."),
        ("date", "", "A table needs a date."),
        ("starts_at", "25.00", "A time such as 10.00, please."),
        ("ends_at", "", "When does it end?"),
        ("ends_at", "09.00", "It must end after it begins."),
        ("time_zone", "Europe/../etc", "There is no such time zone; write it like Europe/London."),
        ("seats", "0", "A whole number between 1 and 200, please."),
        ("seat_kinds", "Research 15", "The seat kinds ask for more seats than the table has."),
        ("seat_kinds", "Research", "“Research” needs a name and a number, such as “Research 2”."),
        ("online_url", "javascript:alert(1)", "A link begins with https://."),
        ("report_url", "javascript:alert(1)", "A link begins with https://."),
        ("report_ids", "777", "There is no report 777."),
        ("rule", "secret", "One of: chatham-house"),
    ],
)
def test_a_wrong_form_comes_back_filled_in_with_the_problem_beside_the_field(send, world, db, field, typed, problem):
    answer = send("/desk/roundtables", **LAID | {field: typed})
    told = re.search(rf'id="f-{field}-error">([^<]*)<', answer.text)
    assert (answer.status_code, bool(told)) == (422, True), answer.text
    assert problem in told[1].replace("&#39;", "’")
    assert "Central Library, Cardiff" in answer.text
    with db.read() as session:
        assert [t.id for t in session.exec(select(Roundtable))] == [world.table_id]
        assert session.exec(select(Report)).all() == []


def typed_of(desk, world):
    """The edit form as a browser would send it back."""
    html = desk.get(f"/desk/roundtables/{world.table_id}/edit").text
    typed = dict(re.findall(r'<input id="f-[^"]*" name="([^"]*)" type="[^"]*" value="([^"]*)"', html))
    typed |= dict(re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n([^<]*)<', html))
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        typed[name] = re.search(r'value="([^"]*)" selected', options + 'value="" selected')[1]
    return typed


def test_a_typo_is_put_right_without_a_word_to_anybody(desk, send, world):
    world.ask(JO)
    answer = send(f"/desk/roundtables/{world.table_id}/edit", **typed_of(desk, world) | {"title": "Whose job?"})
    assert answer.headers["location"].endswith("?said=changed")
    assert len(world.letters()) == 1
    with world.db.read() as session:
        table = world.table(session)
        assert (table.title, table.sequence, len(table.seat_kinds)) == ("Whose job?", 0, 3)


@pytest.mark.parametrize(
    ("change", "says", "said", "letters"),
    [
        ({"date": "2027-07-08"}, "This asks two people again", "asked-again", ["new-date", "new-date"]),
        ({"place": "Town Hall, Leeds"}, "This tells one person", "told", ["new-place"]),
    ],
)
def test_a_change_that_writes_to_people_says_so_first(desk, send, world, change, says, said, letters):
    jo, ana = world.ask(JO, ANA)
    world.answer(jo, Answer.ACCEPTED)
    world.answer(ana, Answer.DECLINED)
    before = len(world.letters())
    path = f"/desk/roundtables/{world.table_id}/edit"
    typed = typed_of(desk, world) | change
    preview = send(path, **typed)
    assert (preview.status_code, says in preview.text, len(world.letters())) == (200, True, before)
    hidden = dict(re.findall(r'<input type="hidden" name="(?!_csrf)([^"]*)" value="([^"]*)"', preview.text))
    assert send(path, **hidden, agreed="yes").headers["location"].endswith(f"?said={said}")
    assert [letter.kind for letter in world.letters()[before:]] == letters


def test_those_who_declined_can_be_left_be(desk, send, world):
    jo, ana = world.ask(JO, ANA)
    world.answer(ana, Answer.DECLINED)
    typed = typed_of(desk, world) | {"date": "2027-07-08", "agreed": "yes", "ask_decliners": "no"}
    send(f"/desk/roundtables/{world.table_id}/edit", **typed)
    assert world.states(jo, ana) == [State.INVITED, State.DECLINED]


def test_guests_are_written_down_as_drafts_from_rows_and_from_lines(send, world):
    typed = {
        "wave": "2",
        "row.0.name": "Jo Bloggs",
        "row.0.email": "jo@example.org",
        "row.0.seat_kind": "L",
        "row.0.note": "You said it best.",
        "pasted": "Ana Ruiz <ana@example.net>, Director, Open Door Kitchens, Voluntary and community\n\n"
        "Dr Bashir Okello\tbashir@example.com\tMedical Director",
    }
    answer = send(f"/desk/roundtables/{world.table_id}/invitations", **typed)
    assert answer.headers["location"].endswith("?said=added")
    with world.db.read() as session:
        made = session.exec(select(Invitation).order_by(Invitation.id)).all()
    assert [(i.name, i.email, i.title, i.organisation, i.seat_kind, i.note, i.wave, i.state) for i in made] == [
        ("Jo Bloggs", "jo@example.org", "", "", "L", "You said it best.", 2, "draft"),
        ("Ana Ruiz", "ana@example.net", "Director", "Open Door Kitchens", "V", "", 2, "draft"),
        ("Dr Bashir Okello", "bashir@example.com", "Medical Director", "", "", "", 2, "draft"),
    ]
    assert [letter.state for letter in world.letters()] == ["held"] * 3


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({}, "Nobody is written down yet."),
        ({"row.1.name": "Jo", "row.1.email": "nowhere"}, "“nowhere” is not an e-mail address"),
        ({"pasted": "Ana Ruiz, Director"}, "Line 1 is not “Name &lt;mail&gt;, title, organisation”."),
        ({"pasted": "Jo <jo@example.org>\nDee <dee@nowhere..example>"}, "Line 2: “dee@nowhere..example” is not"),
        ({"pasted": "Jo <jo@example.org>\nJo <jo@example.org>"}, "Line 2: Jo has been asked to this table already."),
        (
            {"row.0.name": "Jo", "row.0.email": "jo@example.org", "wave": "x"},
            "A whole number between 1 and 99, please.",
        ),
    ],
)
def test_guests_that_cannot_be_written_down_come_back_and_nobody_is(send, world, typed, problem):
    answer = send(f"/desk/roundtables/{world.table_id}/invitations", **typed)
    assert (answer.status_code, problem in answer.text) == (422, True), answer.text
    assert world.letters() == []


def test_a_wave_is_sent_to_exactly_those_listed(desk, send, world):
    jo, ana = world.ask(JO, ANA, send=False)
    page = desk.get(f"/desk/roundtables/{world.table_id}/waves/1").text
    listed = re.search(r'name="listed" value="([^"]*)"', page)[1]
    assert (listed, "Send two invitations" in page) == (f"{jo},{ana}", True)
    [bashir] = world.ask(BASHIR, send=False)
    path = f"/desk/roundtables/{world.table_id}/waves/1/sending"
    assert send(path, listed=listed).headers["location"].endswith("?said=sent")
    assert world.states(jo, ana, bashir) == [State.INVITED, State.INVITED, State.DRAFT]
    assert send(path, listed="").status_code == 303
    assert world.states(bashir) == [State.DRAFT]


@pytest.mark.parametrize(
    ("act", "typed", "state", "newest"),
    [
        ("withdrawal", {"because": "The room is small."}, State.WITHDRAWN, "withdrawal"),
        ("reminder", {}, State.INVITED, "invitation"),
        ("answer", {"answer": "accepted", "note": "Gladly"}, State.ACCEPTED, "invitation"),
        ("answer", {"answer": "tentative", "until": "2027-06-20"}, State.TENTATIVE, "invitation"),
        ("answer", {"answer": "declined"}, State.DECLINED, "invitation"),
    ],
)
def test_what_an_organiser_does_about_one_guest(send, world, act, typed, state, newest):
    [jo] = world.ask(JO, now=now())
    answer = send(f"/desk/invitations/{jo}/{act}", **typed)
    assert (answer.status_code, world.states(jo)) == (303, [state]), answer.text
    assert (world.letters()[-1].kind, world.invitation(jo).until) == (
        newest,
        date(2027, 6, 20) if "until" in typed else None,
    )


def test_an_answer_by_telephone_can_be_undone(desk, send, world):
    [jo] = world.ask(JO, now=now())
    send(f"/desk/invitations/{jo}/answer", answer="accepted", note="Gladly")
    page = desk.get(f"/desk/roundtables/{world.table_id}").text
    assert "“Gladly” By phone, taken down by Farah Lindqvist" in page
    assert send(f"/desk/invitations/{jo}/undoing").status_code == 303
    assert world.states(jo) == [State.INVITED]


@pytest.mark.parametrize(
    ("act", "typed", "problem"),
    [
        ("answer", {}, "What did they say?"),
        ("answer", {"answer": "perhaps"}, "One of: accepted, declined, tentative."),
        ("answer", {"answer": "tentative", "until": "later"}, "A date such as 2026-03-14, please."),
        ("deputy", {}, "Seat the deputy, or thank them?"),
        ("deputy", {"decision": "seat"}, "A deputy needs a name and an e-mail address."),
        ("undoing", {}, "There is no answer to undo."),
        ("withdrawal", {"because": "x" * 1001}, "At most 1000 letters, please."),
    ],
)
def test_what_cannot_be_done_says_why_on_the_guest_s_page(send, world, act, typed, problem):
    [jo] = world.ask(JO, now=now())
    answer = send(f"/desk/invitations/{jo}/{act}", **typed)
    assert (answer.status_code, problem in answer.text) == (422, True), answer.text
    assert world.states(jo) == [State.INVITED]


@pytest.mark.parametrize(
    ("decision", "states"), [("seat", [State.DELEGATED, State.INVITED]), ("thank", [State.INVITED])]
)
def test_a_proposed_deputy_is_seated_or_thanked(send, world, decision, states):
    [jo] = world.ask(JO)
    with world.db.write() as session:
        guest = session.get_one(Invitation, jo)
        propose(session, guest, name="Tom Reed", email="tom@example.org", comment="", by="them", now=now())
    assert send(f"/desk/invitations/{jo}/deputy", decision=decision).status_code == 303
    with world.db.read() as session:
        found = session.exec(select(Invitation).order_by(Invitation.id)).all()
    assert [i.state for i in found] == states


def test_somebody_else_s_guest_is_not_there(send, world):
    assert [send(f"/desk/invitations/{i}/reminder").status_code for i in (999, 10**20)] == [404, 404]


def test_a_table_is_called_off_once(send, world):
    world.ask(JO)
    path = f"/desk/roundtables/{world.table_id}/cancellation"
    assert [send(path).status_code for _ in range(2)] == [303, 409]
    assert world.letters()[-1].kind == "cancellation"


@pytest.mark.parametrize(("typed", "kept"), [("2", 2), ("", None)])
def test_a_table_is_closed_and_says_how_many_came_only_if_told(send, world, typed, kept):
    assert send(f"/desk/roundtables/{world.table_id}/closing", came_in_public=typed).status_code == 303
    with world.db.read() as session:
        table = world.table(session)
        assert (table.status, table.came_in_public) == ("closed", kept)


def test_a_table_is_not_closed_with_more_than_it_has_seats(send, world):
    answer = send(f"/desk/roundtables/{world.table_id}/closing", came_in_public="50")
    assert (answer.status_code, "Between 0 and 3 can have come." in answer.text) == (422, True)


@pytest.mark.parametrize("fragment", [False, True])
def test_the_door_marks_who_came(send, world, fragment):
    [jo] = world.ask(JO)
    world.answer(jo, Answer.ACCEPTED)
    headers = {"hx-request": "true"} if fragment else {}
    answer = send(f"/desk/invitations/{jo}/attendance", headers=headers, came="online")
    assert answer.status_code == (200 if fragment else 303)
    assert answer.text.lstrip().startswith("<li") is fragment
    with world.db.read() as session:
        row = session.get_one(Attendance, jo)
        assert (row.came, row.recorded_by) == ("online", "Farah Lindqvist")


def link_in(world):
    [letter] = world.letters(kind="sign-in")
    return re.search(rb"/sign-in/([\w-]+)", letter.raw.replace(b"=\r\n", b""))[1].decode()


def test_a_link_is_mailed_and_signs_in_once(client, world):
    asked = client.post("/sign-in", data={"email": "Farah@larkmoor.example"})
    stranger = client.post("/sign-in", data={"email": "nobody@larkmoor.example"})
    assert [a.status_code for a in (asked, stranger)] == [200, 200]
    assert asked.text.replace("Farah@", "nobody@") == stranger.text
    link = f"/sign-in/{link_in(world)}"
    assert "Sign in</button>" in client.get(link).text
    assert client.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"
    answer = client.post(link, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert (answer.headers["location"], "HttpOnly" in cookie, "SameSite=lax" in cookie) == ("/desk", True, True)
    assert client.get("/desk").status_code == 200
    again = client.post(link)
    assert (again.status_code, "This link has been used or is too old." in again.text) == (422, True)


def test_an_account_is_sent_few_links_at_once(client, world):
    for _ in range(7):
        client.post("/sign-in", data={"email": "farah@larkmoor.example"})
    assert len(world.letters(kind="sign-in")) == 5


def test_no_address_no_link(client, world):
    answer = client.post("/sign-in", data={"email": "nonsense"})
    assert (answer.status_code, "is not an e-mail address" in answer.text) == (422, True)


def test_an_old_link_says_so(client, world, db):
    token = world.sign_in_link()
    with db.write() as session:
        session.exec(select(SignInLink)).one().expires_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert "too old" in client.post(f"/sign-in/{token}").text


def test_signing_out_ends_the_session_on_the_server_too(desk, send):
    kept = dict(desk.cookies)
    assert desk.post("/sign-out", data={}).status_code == 403
    assert send("/sign-out").headers["location"] == "/sign-in"
    desk.cookies.update(kept)
    assert desk.get("/desk", follow_redirects=False).headers["location"] == "/sign-in"


def test_an_account_without_a_convener_gets_no_link(client, world, db):
    with db.write() as session:
        session.add(Account(email="ex@larkmoor.example", name="Ex", created_at=now()))
    assert client.post("/sign-in", data={"email": "ex@larkmoor.example"}).status_code == 200
    assert world.letters() == []


def test_an_answer_that_does_not_count_says_why_and_is_kept_in_the_history(desk, send, world, db):
    [jo] = world.ask(JO)
    world.answer(jo, Answer.ACCEPTED)  # in 2027, so that a telephone call of today is the older word
    answer = send(f"/desk/invitations/{jo}/answer", answer="declined")
    assert (answer.status_code, "It does not count: we hold a newer answer." in answer.text) == (422, True)
    assert world.states(jo) == [State.ACCEPTED]
    assert "Declined by phone: we hold a newer answer" in desk.get(f"/desk/invitations/{jo}").text
