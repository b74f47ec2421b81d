"""
From a report to a post that readers find: everything through HTTP and mail, as organisers, guests and readers do it.

The guests' calendar is ical.js, their mail the standard library's: nothing of ours reads what we wrote.
"""

import json

import httpx
import pytest

from tests.journeys import mails
from tests.mail.servers import Sink, sink
from tests.service import Service, founded, run, running, wait_until

pytestmark = pytest.mark.journey
JO, ANA, BASHIR = "jo@example.org", "ana@example.net", "bashir@example.com"
TABLE = {
    "title": "Whose job is it to be kind?",
    "question": "What would it take for public bodies to be kind on purpose?",
    "starts_at": "2030-07-04T10:00:00+01:00",
    "ends_at": "2030-07-04T12:30:00+01:00",
    "time_zone": "Europe/London",
    "place": "The Weigh House, Leeds",
    "seats": 3,
    "reply_by": "2030-05-14",
    "visibility": "after",
}
GUESTS = {
    "guests": [
        {"name": "Jo Bloggs", "email": JO, "title": "Chief Executive", "organisation": "Northshire Council"},
        {"name": "Ana Ruiz", "email": ANA, "title": "Director", "organisation": "Open Door Kitchens"},
        {"name": "Dr Bashir Okello", "email": BASHIR, "title": "Medical Director", "organisation": "Orrin Health"},
    ]
}
POST = {
    "title": "Kindness is a decision",
    "standfirst": "What we heard about being kind on purpose.",
    "body": "Nobody is kind **by accident** at nine in the morning, one of us said.",
    "authors": [{"name": "Farah Lindqvist", "title": "Convener", "organisation": "Larkmoor Trust"}],
    "topics": ["kindness"],
}


@pytest.fixture
def loop(tmp_path):
    """A running service, its mail server, and a client with a token."""
    mails.needs_node()
    token = founded(tmp_path)
    with (
        sink() as server,
        running(
            tmp_path, "serve", "--port", "0", smtp_url=server.url, lmtp_listen="127.0.0.1:0", retry_base_seconds="1"
        ) as service,
        service.api(token) as api,
    ):
        yield tmp_path, server, service, api


def made(answer: httpx.Response) -> dict:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def states(api: httpx.Client, table: int) -> dict[str, str]:
    items = made(api.get(f"/roundtables/{table}/invitations"))["items"]
    return {item["email"]: item["state"] for item in items}


def counts(api: httpx.Client, table: int, *names: str) -> tuple[int, ...]:
    found = made(api.get(f"/roundtables/{table}"))["counts"]
    return tuple(found[name] for name in names)


def test_from_a_report_to_a_post_that_is_read(loop):
    folder, server, service, api = loop
    report = made(api.post("/reports", json={"title": "Kindness, Emotions and Human Relationships"}))["id"]
    table = made(api.post("/roundtables", json={**TABLE, "report_ids": [report]}))["id"]
    asked = api.post(f"/roundtables/{table}/invitations", json=GUESTS, headers={"idempotency-key": "ask"})
    again = api.post(f"/roundtables/{table}/invitations", json=GUESTS, headers={"idempotency-key": "ask"})
    assert made(asked) == made(again)
    invitations = [server.wait_for(address).raw for address in (JO, ANA, BASHIR)]
    uid = only_their_own(invitations)

    they_answer_and_seats_fill(folder, service, api, table, invitations)
    moved_they_are_asked_again(server, service, api, table, uid)
    post_is_read(service, api, table, report)
    calling_another_table_off_clears_calendars(server, api)


def only_their_own(invitations: list[bytes]) -> str:
    """Each letter knows one guest and one address for the answer; the UID of the event, the same for all."""
    addresses = [mails.reply_address(raw) for raw in invitations]
    assert len(set(addresses)) == 3
    for raw, own in zip(invitations, (JO, ANA, BASHIR), strict=True):
        assert mails.method(raw) == "REQUEST"
        assert mails.lines(raw)["ATTENDEE"] == f"mailto:{own}"
        assert not [other for other in (JO, ANA, BASHIR) if other != own and other.encode() in raw]
    uids = {mails.lines(raw)["UID"] for raw in invitations}
    assert len(uids) == 1
    return uids.pop()


def they_answer_and_seats_fill(folder, service: Service, api: httpx.Client, table: int, letters: list[bytes]) -> None:
    """Jo by her calendar, Ana in words through the pipe of a mail server, Bashir on his page."""
    to_jo, to_ana, _ = letters
    assert counts(api, table, "seats_taken", "seats_free") == (0, 3)
    yes = mails.calendar_reply(to_jo, JO, "ACCEPTED")
    for _ in range(2):  # a mail server that missed our answer sends it again
        mails.hand_in(service.lmtp_port, yes, mails.reply_address(to_jo))
    wait_until(lambda: states(api, table)[JO] == "accepted", why="Jo's answer")
    assert counts(api, table, "seats_taken", "seats_free") == (1, 2)

    words = mails.worded_reply(to_ana, ANA, "Thank you, I would be delighted to come.\n\nAna")
    done = run(folder, "deliver", stdin=words)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["outcome"] == "applied", done.stdout
    assert states(api, table)[ANA] == "accepted"

    items = {item["email"]: item for item in made(api.get(f"/roundtables/{table}/invitations"))["items"]}
    page = httpx.URL(items[BASHIR]["link"]).path
    with httpx.Client(base_url=service.url, trust_env=False) as browser:
        assert browser.get(page).status_code == 200
        assert states(api, table)[BASHIR] == "invited", "looking changes nothing"
        browser.post(f"{page}/answer", data={"answer": "declined"})
    assert states(api, table) == {JO: "accepted", ANA: "accepted", BASHIR: "declined"}
    by = {item["email"]: item["answered_via"] for item in made(api.get(f"/roundtables/{table}/invitations"))["items"]}
    assert by == {JO: "calendar", ANA: "mail", BASHIR: "page"}
    arrived = made(api.get("/mail"))["items"]
    assert [m["outcome"] for m in arrived] == ["applied", "applied"]


def moved_they_are_asked_again(server: Sink, service: Service, api: httpx.Client, table: int, uid: str) -> None:
    before = made(api.get(f"/roundtables/{table}"))["sequence"]
    change = {"starts_at": "2030-07-11T10:00:00+01:00", "ends_at": "2030-07-11T12:30:00+01:00"}
    assert made(api.patch(f"/roundtables/{table}", json=change))["sequence"] > before
    assert states(api, table) == {JO: "invited", ANA: "invited", BASHIR: "invited"}
    old = server.to(JO)[0].raw
    new = wait_until(
        lambda: [x.raw for x in server.to(JO) if mails.lines(x.raw)["DTSTART"] > "20300705"], why="the new date"
    )[0]
    assert (mails.method(new), mails.lines(new)["UID"]) == ("REQUEST", uid)
    assert int(mails.lines(new)["SEQUENCE"]) > int(mails.lines(old)["SEQUENCE"])

    stale = mails.calendar_reply(old, JO, "ACCEPTED")
    mails.hand_in(service.lmtp_port, stale, mails.reply_address(old))
    settled = lambda number: len([m for m in made(api.get("/mail"))["items"] if m["outcome"]]) == number  # noqa: E731
    wait_until(lambda: settled(3), why="the outcome of the stale answer")
    assert states(api, table)[JO] == "invited", "an answer to the old date does not count for the new one"
    mails.hand_in(service.lmtp_port, mails.calendar_reply(new, JO, "TENTATIVE"), mails.reply_address(new))
    wait_until(lambda: states(api, table)[JO] == "tentative", why="the answer to the new date")


def post_is_read(service: Service, api: httpx.Client, table: int, report: int) -> None:
    assert made(api.post(f"/roundtables/{table}/closing"))["status"] == "closed"
    post = made(api.post("/posts", json={**POST, "roundtable_ids": [table], "report_ids": [report]}))
    with httpx.Client(base_url=service.url, trust_env=False) as reader:
        address = f"/posts/{post['slug']}"
        assert reader.get(address).status_code == 404, "a draft is nobody's"
        naming = api.patch(f"/posts/{post['id']}", json={"body": "Ana Ruiz of Open Door Kitchens said so."})
        assert naming.status_code == 200
        refused = api.post(f"/posts/{post['id']}/publication")
        assert refused.status_code == 409
        assert "Ana Ruiz" in [finding["words"] for finding in refused.json()["findings"]]
        made(api.patch(f"/posts/{post['id']}", json={"body": POST["body"]}))
        assert made(api.post(f"/posts/{post['id']}/publication"))["state"] == "published"
        page = wait_until(lambda: (r := reader.get(address)).status_code == 200 and r.text, why="the post")
        assert "Nobody is kind <strong>by accident</strong>" in page
        assert POST["title"] in reader.get("/").text
        assert address in reader.get("/feed.atom").text
        for private in ("jo@example.org", "Ana Ruiz", "Jo Bloggs", "rsvp+"):
            assert private not in page


def calling_another_table_off_clears_calendars(server: Sink, api: httpx.Client) -> None:
    table = made(api.post("/roundtables", json={**TABLE, "title": "A table that will not be"}))["id"]
    made(
        api.post(
            f"/roundtables/{table}/invitations", json={"guests": [{"name": "Carys", "email": "carys@example.org"}]}
        )
    )
    request = server.wait_for("carys@example.org").raw
    assert made(api.post(f"/roundtables/{table}/cancellation"))["status"] == "cancelled"
    cancel = server.wait_for("carys@example.org", 2).raw
    assert (mails.method(cancel), mails.lines(cancel)["STATUS"]) == ("CANCEL", "CANCELLED")
    assert mails.lines(cancel)["UID"] == mails.lines(request)["UID"]
    assert int(mails.lines(cancel)["SEQUENCE"]) > int(mails.lines(request)["SEQUENCE"])
