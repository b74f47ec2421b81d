"""Letters and mail through the REST API: kept first, read then, decided by a person, taken back."""

from datetime import datetime

from sqlmodel import select

from roundtables.invitation.model import Invitation
from roundtables.mail.inbox import IncomingMail
from roundtables.tokens import Purpose, derive
from tests.api.conftest import problem
from tests.world import SECRET

MAIL = "/api/v1/mail"


def reply_to(db, invitation_id: int) -> str:
    """The address that only this invitee was given."""
    with db.read() as session:
        return f"rsvp+{derive(SECRET, Purpose.REPLY, session.get_one(Invitation, invitation_id).nonce)}@localhost"


def worded(
    words: str, to: str, *, subject: str = "Re: Invitation", sender: str = "Jo Bloggs <jo@example.org>"
) -> bytes:
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{abs(hash(words))}@example.org>\r\n"
    return (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + words + "\r\n").encode()


def state(api, invitation) -> str:
    return api.get(f"/api/v1/invitations/{invitation['id']}").json()["state"]


def test_a_worded_yes_is_applied_and_told(api, db, asked):
    sent = api.post(
        MAIL,
        content=worded("Yes, I will be there.", reply_to(db, asked["Jo"]["id"])),
        headers={"content-type": "message/rfc822"},
    )
    assert sent.status_code == 201
    item = sent.json()
    assert datetime.fromisoformat(item.pop("received_at")).tzinfo is not None
    assert item == {
        "id": item["id"],
        "door": "http",
        "from": "jo@example.org",
        "subject": "Re: Invitation",
        "outcome": "applied",
        "reason": item["reason"],
        "decides": item["decides"],
        "suggestion": item["suggestion"],
        "invitation_id": asked["Jo"]["id"],
    }
    assert item["reason"]
    assert "Yes" in item["decides"]
    assert state(api, asked["Jo"]) == "accepted"
    assert api.get(f"{MAIL}/{item['id']}").json() == sent.json()


def test_what_a_mail_did_is_undone_by_a_decision_and_applied_again(api, db, asked):
    mail = api.post(MAIL, content=worded("Yes, I will be there.", reply_to(db, asked["Jo"]["id"]))).json()
    at = f"{MAIL}/{mail['id']}/decision"
    undone = api.post(at, json={"decision": "undo"})
    assert (undone.status_code, undone.json()["outcome"]) == (200, "needs-human")
    assert state(api, asked["Jo"]) == "invited"
    assert problem(api.post(at, json={"decision": "undo"}))[0] == 409
    applied = api.post(at, json={"decision": "apply", "answer": "declined", "note": "She rang."})
    assert (applied.json()["outcome"], state(api, asked["Jo"])) == ("applied", "declined")


def test_a_mail_of_nobody_is_listed_by_its_outcome_and_can_be_set_aside(api):
    stranger = worded("Please take me off your list.", "rsvp@localhost", sender="who@example.com")
    mail = api.post(MAIL, content=stranger).json()
    listed = api.get(MAIL, params={"outcome": mail["outcome"]}).json()["items"]
    assert listed == [mail]
    others = {"applied", "needs-human", "ignored", "quarantined"} - {mail["outcome"]}
    assert [api.get(MAIL, params={"outcome": o}).json()["items"] for o in others] == [[], [], []]
    aside = api.post(f"{MAIL}/{mail['id']}/decision", json={"decision": "set-aside", "note": "not ours"})
    assert (aside.json()["outcome"], aside.json()["reason"]) == ("ignored", "not ours")


def test_a_decision_that_cannot_be_taken_names_its_field(api, asked, db):
    mail = api.post(MAIL, content=worded("Hm.", reply_to(db, asked["Jo"]["id"]), subject="x")).json()
    at = f"{MAIL}/{mail['id']}/decision"
    told = [
        problem(api.post(at, json=body))
        for body in (
            {},
            {"decision": "burn"},
            {"decision": "apply", "answer": "perhaps"},
            {"decision": "add-guest", "name": "A\x00"},
            {"decision": "add-guest", "name": "Kit Lane"},
        )
    ]
    assert told == [(422, [field]) for field in ("decision", "decision", "answer", "name", "email")]


def test_a_message_is_kept_byte_for_byte_and_the_same_again_is_the_same(api, db):
    raw = b"From: a@example.org\r\nSubject: \xff\x00odd\r\n\r\nbody\x00\xfe\r\n"
    first, again = api.post(MAIL, content=raw), api.post(MAIL, content=raw)
    assert (first.status_code, again.json()) == (201, first.json())
    with db.read() as session:
        assert [row.raw for row in session.exec(select(IncomingMail))] == [raw]


def test_a_key_gives_the_same_answer_even_after_a_decision(api, db, asked):
    raw, head = worded("Yes, I will be there.", reply_to(db, asked["Jo"]["id"])), {"Idempotency-Key": "m1"}
    first = api.post(MAIL, content=raw, headers=head)
    api.post(f"{MAIL}/{first.json()['id']}/decision", json={"decision": "undo"})
    again = api.post(MAIL, content=raw, headers=head)
    assert (again.status_code, again.json()) == (201, first.json())
    assert state(api, asked["Jo"]) == "invited"


def test_another_message_under_the_same_key_is_refused_and_not_kept(api):
    head = {"Idempotency-Key": "m1"}
    api.post(MAIL, content=b"From: a@example.org\r\n\r\none\r\n", headers=head)
    other = api.post(MAIL, content=b"From: a@example.org\r\n\r\ntwo\r\n", headers=head)
    assert problem(other) == (422, ["Idempotency-Key"])
    assert len(api.get(MAIL).json()["items"]) == 1


def test_a_mail_for_somebody_else_s_table_tells_nothing_of_it(api, strangers, db, asked):
    raw = worded("Yes, I will be there.", reply_to(db, asked["Jo"]["id"]))
    told = strangers.post(MAIL, content=raw)
    assert told.status_code == 201
    item = told.json()
    assert (item["invitation_id"], item["suggestion"], item["decides"]) == (None, None, "")
    assert problem(strangers.get(f"{MAIL}/{item['id']}"))[0] == 404
    assert api.get(f"{MAIL}/{item['id']}").json()["invitation_id"] == asked["Jo"]["id"]


def test_a_message_too_large_or_empty_is_refused(api):
    assert problem(api.post(MAIL, content=b"x" * (10 * 1024 * 1024 + 1)))[0] == 413
    assert problem(api.post(MAIL, content=b"x" * (13 * 1024 * 1024)))[0] == 413
    assert problem(api.post(MAIL, content=b" \r\n")) == (422, ["body"])
    assert api.get(MAIL).json()["items"] == []


def test_letters_are_filtered_and_listed_in_parts(api, planned, asked):
    def listed(**where):
        return api.get("/api/v1/letters", params=where).json()

    every = listed()["items"]
    assert [letter["to"] for letter in every] == ["bashir@example.org", "ana@example.org", "jo@example.org"]
    assert {(x["kind"], x["state"], x["attempts"], x["sent_at"]) for x in every} == {("invitation", "queued", 0, None)}
    assert len({x["message_id"] for x in every}) == 3
    assert every[0].keys() >= {
        "id",
        "kind",
        "to",
        "subject",
        "message_id",
        "state",
        "attempts",
        "created_at",
        "sent_at",
    }
    assert listed(invitation_id=asked["Ana"]["id"])["items"] == [every[1]]
    assert listed(roundtable_id=planned["id"], state="queued")["items"] == every
    assert listed(state="sent")["items"] == listed(roundtable_id=999)["items"] == []
    first = listed(limit=2)
    assert first["items"] + listed(limit=2, cursor=first["next"])["items"] == every
    assert problem(api.get("/api/v1/letters", params={"state": "lost"})) == (422, ["state"])
    assert problem(api.get("/api/v1/letters", params={"roundtable_id": "9" * 30}))[0] == 422
