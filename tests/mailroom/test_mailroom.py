"""The mail room, with real parts: letters leave by SMTP to the catcher, answers come back by LMTP."""

import asyncio
import re
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import TestClient

from roundtables.app import create_app
from roundtables.db import now
from roundtables.errors import NotFound
from roundtables.invitation import intake
from roundtables.invitation.rules import State
from roundtables.mail import lmtp, postman
from roundtables.mail.inbox import Door
from roundtables.mailroom import mailbox, pages
from roundtables.mailroom.catcher import Catcher
from roundtables.mailroom.mailbox import MailRoom
from tests.world import ANA, BASHIR, JO

NOW = datetime.now(UTC)


@contextmanager
def lmtp_door(db) -> Iterator[tuple[str, int]]:
    """Our own listener, its mail read at once."""

    def keep(mails):
        for m in mails:
            intake.receive(db, m.raw, door=Door.LMTP, now=now(), envelope_from=m.sender, envelope_to=[m.recipient])

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = lmtp.listen(("127.0.0.1", 0), keep, "rsvp@localhost")
    server = asyncio.run_coroutine_threadsafe(opening, loop).result(10)
    yield server.sockets[0].getsockname()
    asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _end(server):
    server.close()
    await server.wait_closed()
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
def catcher(tmp_path):
    catcher = Catcher(tmp_path / "mailroom")
    catcher.port = catcher.start()
    yield catcher
    catcher.stop()


@pytest.fixture
def room(settings, db, catcher):
    """A browser in the mail room of a running service."""
    with lmtp_door(db) as address:
        app = create_app(settings, db, more=pages.handlers(MailRoom(catcher.folder, address, sign_in="/sign-in/once")))
        with TestClient(app, base_url="http://127.0.0.1:8000") as client:
            yield client


@pytest.fixture
def asked(world, db, catcher):
    """Asks people and sends what waits; answers the letters' names by address, and the invitations' ids."""

    def ask(*guests):
        ids = world.ask(*guests, now=NOW)
        send(db, catcher)
        boxes = mailbox.mailboxes(catcher.folder)
        return {box.address: box.letters[0].name for box in boxes}, ids

    return ask


def send(db, catcher):
    connection = postman.Connection(f"smtp://127.0.0.1:{catcher.port}")
    postman.deliver(db, connection, by="test", clock=now, base=timedelta(minutes=5))
    connection.close()


def test_a_letter_is_kept_byte_for_byte(world, asked, catcher):
    names, _ = asked(JO)
    [letter] = world.letters()
    assert letter.state == "sent"
    assert mailbox.read(catcher.folder, names["jo@example.org"]) == letter.raw


def test_the_catcher_keeps_the_newest_and_no_more(tmp_path):
    catcher = Catcher(tmp_path, most=3)
    kept = [catcher.keep(b"Subject: %d\r\n\r\n" % number).name for number in range(5)]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept[2:]


def test_the_catcher_refuses_what_is_too_large(catcher):
    with smtplib.SMTP("127.0.0.1", catcher.port) as smtp, pytest.raises(smtplib.SMTPException):
        smtp.sendmail("a@example.org", ["b@example.org"], b"x" * 70 + b"\r\n" * (6 * 1024 * 1024))
    assert list(catcher.folder.iterdir()) == []


def test_letters_stand_by_person_the_newest_first(room, asked):
    asked(JO, ANA)
    page = room.get("/mailroom").text
    assert "Two mailboxes" in page
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Ana Ruiz", "Jo Bloggs"]
    assert "nothing leaves this machine" in page
    assert 'href="/sign-in/once"' in page


def test_a_letter_is_shown_in_a_frame_without_script(room, asked):
    names, _ = asked(JO)
    name = names["jo@example.org"]
    page = room.get(f"/mailroom/{name}")
    assert f'src="/mailroom/{name}/html"' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    framed = room.get(f"/mailroom/{name}/html")
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "Dear Jo," in framed.text


@pytest.mark.parametrize(
    ("guest", "words", "state"),
    [
        (JO, "Count me in, thank you.", State.ACCEPTED),
        (ANA, "I am sorry, but I cannot make it.", State.DECLINED),
        (BASHIR, "Yes, I will be there.", State.ACCEPTED),
    ],
)
def test_a_reply_in_words_comes_back_and_counts(room, world, asked, guest, words, state):
    names, [asked_id] = asked(guest)
    came = room.post(f"/mailroom/{names[guest.email]}/answers", data={"words": words})
    assert came.status_code == 200
    assert "Understood, and it counts." in came.text
    assert world.states(asked_id) == [state]


@pytest.mark.parametrize("guest", [JO, ANA, BASHIR], ids=["jo", "ana", "bashir"])
@pytest.mark.parametrize(
    ("partstat", "state"),
    [("ACCEPTED", State.ACCEPTED), ("TENTATIVE", State.TENTATIVE), ("DECLINED", State.DECLINED)],
)
def test_the_calendar_card_comes_back_and_counts(room, world, asked, guest, partstat, state):
    names, [asked_id] = asked(guest)
    came = room.post(f"/mailroom/{names[guest.email]}/answers", data={"partstat": partstat})
    assert "Understood, and it counts." in came.text
    assert world.states(asked_id) == [state]
    assert world.invitation(asked_id).answered_via == "calendar"


def test_a_doubtful_reply_waits_for_a_person(room, world, asked):
    names, [jo] = asked(JO)
    came = room.post(f"/mailroom/{names['jo@example.org']}/answers", data={"words": "Perhaps my deputy could come."})
    assert "A person will decide." in came.text
    assert 'href="/desk/inbox"' in came.text
    assert world.states(jo) == [State.INVITED]


def test_somebody_changes_their_mind(room, world, asked):
    names, [jo] = asked(JO)
    for words, state in [("Count me in.", State.ACCEPTED), ("Sadly I cannot come after all.", State.DECLINED)]:
        room.post(f"/mailroom/{names['jo@example.org']}/answers", data={"words": words})
        assert world.states(jo) == [state]


@pytest.mark.parametrize("form", [{"words": "  "}, {"words": ""}, {"words": "x" * 4001}, {"partstat": "ASLEEP"}])
def test_an_answer_that_is_none_is_refused(room, asked, form):
    names, _ = asked(JO)
    assert room.post(f"/mailroom/{names['jo@example.org']}/answers", data=form).status_code == 422


@pytest.mark.parametrize("name", ["nothing", "0" * 20 + "-000000", "%2e%2e%2fsecret_key"])
def test_there_is_nothing_but_letters(room, name):
    assert room.get(f"/mailroom/{name}").status_code == 404


@pytest.mark.parametrize("name", ["../secret", "..", "", "x/../../secret", "0" * 20 + "-000000\n"])
def test_a_name_never_leads_out_of_the_folder(tmp_path, name):
    (tmp_path / "secret.eml").write_text("mine")
    (tmp_path / "room").mkdir()
    with pytest.raises(NotFound):
        mailbox.read(tmp_path / "room", name)


def test_without_the_demo_there_is_no_mail_room(client):
    assert client.get("/mailroom").status_code == 404
