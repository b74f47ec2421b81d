"""Mail over the API: the suggestion as a reading left it, and every decision that the inbox offers."""

from datetime import timedelta

import pytest

from roundtables.invitation.rules import State
from tests.desk.inbox_mails import NOW, lay
from tests.world import JO, KINDNESS

LATER = KINDNESS.starts_at + timedelta(days=7)
COUNTER = {
    "says": "counter",
    "answer": "declined",
    "starts_at": LATER.isoformat(),
    "ends_at": (LATER + timedelta(hours=2)).isoformat(),
}
DEPUTY = {"says": "deputy", "name": "Tomasz Reed", "email": "tomasz.reed@example.org", "until": "2027-05-01"}


@pytest.fixture
def jo(world):
    return world.ask(JO, now=NOW)[0]


def test_a_mail_has_all_that_was_promised(api, world, jo):
    mail = lay(world, jo, suggestion=COUNTER, decides="The 8th would do.")
    item = api.get("/api/v1/mail").json()["items"][0]
    assert item == api.get(f"/api/v1/mail/{mail}").json()
    assert item["received_at"].startswith(NOW.date().isoformat())
    del item["received_at"]
    expected = {
        "id": mail,
        "door": "lmtp",
        "from": "jo@example.org",
        "subject": "Re: Will you?",
        "outcome": "needs-human",
        "reason": "no answer was recognised",
        "decides": "The 8th would do.",
        "suggestion": COUNTER,
        "invitation_id": jo,
    }
    assert {name: item[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("suggestion", "decision", "outcome", "state"),
    [
        (COUNTER, {"decision": "accept-counter"}, "applied", State.INVITED),
        (COUNTER, {"decision": "decline-counter"}, "applied", State.INVITED),
        (DEPUTY, {"decision": "seat-deputy"}, "applied", State.DELEGATED),
        (DEPUTY, {"decision": "thank-deputy"}, "applied", State.INVITED),
        ({"answer": "declined"}, {"decision": "apply"}, "applied", State.DECLINED),
        (DEPUTY, {"decision": "set-aside", "note": "rang her"}, "ignored", State.INVITED),
    ],
)
def test_every_decision_may_be_taken_over_the_api(api, world, jo, suggestion, decision, outcome, state):
    mail = lay(world, jo, suggestion=suggestion)
    came = api.post(f"/api/v1/mail/{mail}/decision", json=decision)
    assert (came.status_code, came.json()["outcome"]) == (200, outcome)
    assert world.states(jo) == [state]


def test_a_table_moves_to_the_proposed_time(api, world, jo):
    mail = lay(world, jo, suggestion=COUNTER)
    api.post(f"/api/v1/mail/{mail}/decision", json={"decision": "accept-counter"})
    with world.db.read() as session:
        assert world.table(session).starts_at == LATER
