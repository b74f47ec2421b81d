"""
Pulled out by SIGKILL in the middle of sending and of taking in: nothing is lost, and what comes twice is explained.

A letter is ambiguous when the mail server had its last dot and we had not written that down: it alone may come twice,
and where its copy comes back to us not even that one.
"""

import smtplib
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys import mails
from tests.mail.servers import Sink, Taken, sink
from tests.mails import golden
from tests.service import Service, founded, running, wait_until

pytestmark = pytest.mark.journey
GUESTS, SEATS = 60, 50
ARCHIVE = "archive@larkmoor.example"
TABLE = {
    "title": "Whose job is it to be kind?",
    "starts_at": "2030-12-05T10:00:00+00:00",
    "ends_at": "2030-12-05T11:30:00+00:00",
    "time_zone": "Europe/London",
    "seats": SEATS,
}


def serving(folder: Path, server: Sink, **more: str):
    settings = {"smtp_url": server.url, "lmtp_listen": "127.0.0.1:0", "retry_base_seconds": "1", **more}
    return running(folder, "serve", "--port", "0", **settings)


def rows(folder: Path, statement: str) -> list[tuple]:
    """What stands in the file, seen by nobody of ours."""
    with closing(sqlite3.connect(folder / "var" / "roundtables.sqlite3", timeout=20)) as connection:
        return connection.execute(statement).fetchall()


def message_id(letter: Taken) -> str:
    return str(mails.opened(letter.raw)["message-id"]).strip("<>")


def test_what_was_promised_survives_being_killed(tmp_path):
    token = founded(tmp_path)
    with sink(delay=0.04) as server:
        ambiguous: Counter[str] = Counter()
        for kill in range(2):
            with serving(tmp_path, server) as service:
                if kill == 0:
                    ask(service, token)
                ambiguous.update(killed_while_sending(tmp_path, server, service, later=0.013 * kill))
        with serving(tmp_path, server) as service:
            wait_until(lambda: all_sent(tmp_path), why="the last letter")
            each_letter_came_once_or_explainably_twice(tmp_path, server, ambiguous)
            waiting, acknowledged = answers_to(server), set[str]()
            killed_while_taking_in(tmp_path, service, waiting, acknowledged)
        with serving(tmp_path, server) as service:
            killed_while_taking_in(tmp_path, service, waiting, acknowledged)
        with serving(tmp_path, server) as service:
            hand_in_all(service.lmtp_port, waiting, acknowledged)
            wait_until(lambda: unread(tmp_path) == 0, why="every mail's outcome")
        every_answer_counts_once(tmp_path, acknowledged)


@pytest.mark.parametrize("archive", ["", ARCHIVE])
def test_who_is_killed_between_the_dot_and_the_answer_says_so(tmp_path, archive):
    """By design inside the gap: the mail server has a letter and says so 200 ms later."""
    token, guests = founded(tmp_path), 8
    with sink(delay=0.2) as server:
        ambiguous = set[str]()
        for kill in range(2):
            with serving(tmp_path, server, archive_address=archive) as service:
                if kill == 0:
                    ask(service, token, guests)
                ambiguous.add(killed_in_the_gap(tmp_path, server, service, ambiguous))
        with serving(tmp_path, server, archive_address=archive) as service:
            if archive:
                wait_until(lambda: len(came(server)) == guests, why="the last letter")
                hand_back_copies(service, server)
            wait_until(lambda: all_sent(tmp_path), why="the last answer")
    twice = {name for name, number in came(server).items() if number == 2}
    assert (len(ambiguous), len(came(server)), max(came(server).values())) == (2, guests, 1 if archive else 2)
    assert twice == doubtful(tmp_path) == (set() if archive else ambiguous)
    assert len({(message_id(x), x.raw) for x in server.taken}) == guests, "the same letter in other bytes"


def killed_in_the_gap(folder: Path, server: Sink, service: Service, before: set[str]) -> str:
    """The Message-ID of the letter that the server had and that we were not told about."""
    until = len(server.taken) + 2
    wait_until(lambda: len(server.taken) >= until and message_id(server.taken[-1]) not in before, why="a letter")
    service.kill()
    last = message_id(server.taken[-1])
    assert doubtful(folder) == before | {last}
    return last


def came(server: Sink) -> Counter[str]:
    return Counter(message_id(x) for x in list(server.taken))


def doubtful(folder: Path) -> set[str]:
    return {name for (name,) in rows(folder, "SELECT message_id FROM outgoing_letter WHERE doubts > 0")}


def hand_back_copies(service: Service, server: Sink) -> None:
    with smtplib.LMTP("127.0.0.1", service.lmtp_port, local_hostname="mx.example", timeout=20) as lmtp:
        for letter in list(server.taken):
            assert letter.recipients[1:] == (ARCHIVE,)
            lmtp.sendmail(letter.sender, [ARCHIVE], letter.raw)


def killed_while_sending(folder: Path, server: Sink, service: Service, *, later: float) -> set[str]:
    """The Message-IDs whose transaction was cut between the last dot and our note of it."""
    until = len(server.taken) + 9
    wait_until(lambda: len(server.taken) >= until, why="some letters")
    time.sleep(later)
    service.kill()
    time.sleep(0.1)
    sent = {name for (name,) in rows(folder, "SELECT message_id FROM outgoing_letter WHERE state = 'sent'")}
    return {message_id(x) for x in list(server.taken)} - sent


def ask(service: Service, token: str, number: int = GUESTS) -> None:
    guests = [{"name": f"Guest {n}", "email": f"g{n}@example.org"} for n in range(number)]
    with service.api(token) as api:
        table = api.post("/roundtables", json=TABLE).json()["id"]
        assert api.post(f"/roundtables/{table}/invitations", json={"guests": guests}).status_code == 201


def all_sent(folder: Path) -> bool:
    return rows(folder, "SELECT DISTINCT state FROM outgoing_letter") == [("sent",)]


def each_letter_came_once_or_explainably_twice(folder: Path, server: Sink, ambiguous: Counter[str]) -> None:
    copies = Counter(message_id(x) for x in server.taken)
    assert set(copies) == {name for (name,) in rows(folder, "SELECT message_id FROM outgoing_letter")}
    assert len(copies) == GUESTS, "lost"
    unexplained = {name: n for name, n in copies.items() if n - 1 > ambiguous[name]}
    assert unexplained == {}
    by_name: dict[str, set[bytes]] = {}
    for letter in server.taken:
        by_name.setdefault(message_id(letter), set()).add(letter.raw)
    assert {len(different) for different in by_name.values()} == {1}, "the same letter in other bytes"


def answers_to(server: Sink) -> dict[str, bytes]:
    """Where each answer goes -> the mail."""
    return {mails.reply_address(x.raw): answer(x.raw, x.recipients[0]) for x in server.taken}


def killed_while_taking_in(folder: Path, service: Service, waiting: dict[str, bytes], acknowledged: set[str]) -> None:
    enough = len(acknowledged) + 12
    sender = threading.Thread(target=hand_in_all, args=(service.lmtp_port, waiting, acknowledged))
    sender.start()
    wait_until(lambda: len(acknowledged) >= enough, why="acknowledgements")
    service.kill()
    sender.join()
    assert acknowledged <= kept(folder), "acknowledged and lost"


def every_answer_counts_once(folder: Path, acknowledged: set[str]) -> None:
    assert acknowledged == kept(folder)
    outcomes = rows(folder, "SELECT outcome, count(*), count(DISTINCT invitation_id) FROM incoming_mail GROUP BY 1")
    assert outcomes == [("applied", GUESTS, GUESTS)]
    states = dict(rows(folder, "SELECT state, count(*) FROM invitation GROUP BY 1"))
    assert states == {"accepted": SEATS, "waiting": GUESTS - SEATS}


def answer(raw: bytes, address: str) -> bytes:
    """A yes as Google writes it, to this very letter."""
    token = mails.reply_address(raw).partition("+")[2].partition("@")[0]
    times = {"20261201T100000Z": "20301205T100000Z", "20261201T113000Z": "20301205T113000Z"}
    words = {"TOKENJO": token, "UIDOFTABLE": mails.lines(raw)["UID"], "jo@example.org": address}
    return golden("google-accepted", **words, **times)


def hand_in_all(port: int, waiting: dict[str, bytes], acknowledged: set[str]) -> None:
    """Delivers what is not acknowledged yet, as a mail server does, until the other side is gone."""
    try:
        with smtplib.LMTP("127.0.0.1", port, local_hostname="mx.example", timeout=20) as lmtp:
            for address, raw in waiting.items():
                if address not in acknowledged:
                    lmtp.sendmail("guest@example.org", [address], raw)
                    acknowledged.add(address)
    except (OSError, smtplib.SMTPException):
        return  # killed: what was not acknowledged goes again


def kept(folder: Path) -> set[str]:
    return {text.strip('[]"') for (text,) in rows(folder, "SELECT envelope_to FROM incoming_mail")}


def unread(folder: Path) -> int:
    return rows(folder, "SELECT count(*) FROM incoming_mail WHERE outcome IS NULL")[0][0]
