"""Letters through the REST API: a letter in doubt is told as what it is, in words the contract knows."""

import pytest

from roundtables.mail.outbox import LetterState, OutgoingLetter
from tests.world import JO, NOW


@pytest.mark.parametrize(
    ("state", "doubts", "told"),
    [
        (LetterState.IN_DOUBT, 1, ("sending", True, 1, "queued")),
        (LetterState.SENDING, 0, ("sending", False, 0, "queued")),
        (LetterState.QUEUED, 1, ("queued", False, 1, "queued")),
        (LetterState.SENT, 1, ("sent", False, 1, "sent")),
    ],
)
def test_a_letter_in_doubt_is_still_being_sent(api, world, state, doubts, told):
    world.ask(JO, now=NOW)
    with world.db.write() as session:
        letter = session.get_one(OutgoingLetter, 1)
        letter.state, letter.doubts = state, doubts
    (item,) = api.get("/api/v1/letters", params={"state": told[0]}).json()["items"]
    (guest,) = api.get(f"/api/v1/roundtables/{world.table_id}/invitations").json()["items"]
    assert (item["state"], item["in_doubt"], item["doubts"], guest["delivery"]) == told


def test_in_doubt_is_no_state_to_ask_for(api):
    refused = api.get("/api/v1/letters", params={"state": "in-doubt"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "state")
