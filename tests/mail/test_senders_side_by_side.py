"""
Senders beside each other in processes of their own, stopped and let go on: whatever one missed, nobody gets a letter
twice that is not said to have been in doubt. On PostgreSQL, where there may be several.
"""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from roundtables.db import Db, now
from roundtables.mail import outbox
from roundtables.mail.outbox import LetterState
from roundtables.mail.postman import Connection, deliver
from roundtables.mail.stationery import Stationery
from tests.mail.letters import RAW, put
from tests.mail.servers import scripted, sink
from tests.service import wait_until
from tests.world import SECRET, Guest, World

LEASE = 0.6  # seconds, in place of minutes
SENDER = f"""
import sys, time
from datetime import timedelta
from roundtables.db import Db, now
from roundtables.mail import claims, postman

claims.LEASE, claims.ANSWER_LEASE = timedelta(seconds={LEASE}), timedelta(seconds={2 * LEASE})
url, server, name = sys.argv[1:]
db, connection = Db(url), postman.Connection(server)
while True:
    if not postman.deliver(db, connection, by=name, clock=now, base=timedelta(seconds=0.3), most=5):
        time.sleep(0.02)
"""


@contextmanager
def sender(url: str, server: str, name: str):
    process = subprocess.Popen([sys.executable, "-c", SENDER, url, server, name])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def states(world: World) -> set[LetterState]:
    return {letter.state for letter in world.letters()}


@pytest.fixture
def world(postgresql_url):
    db = Db(postgresql_url, info={"stationery": Stationery(secret=SECRET)})
    yield World(db)
    db.close()


def test_who_is_stopped_for_longer_than_the_lease_sends_nothing_that_another_has(world):
    url = world.db.url.render_as_string(hide_password=False)
    put(world.db, world.convener_id, [f"g{n}@example.org" for n in range(60)], now=now())
    chance = random.Random(7)
    with sink(delay=0.02) as server, ExitStack() as both:
        processes = [both.enter_context(sender(url, server.url, name)) for name in ("one", "two")]
        wait_until(lambda: len(server.taken) > 2, why="the first letters")
        for stop in range(8):
            stopped = processes[stop % 2]
            time.sleep(chance.random() * 0.1)
            stopped.send_signal(signal.SIGSTOP)
            time.sleep(LEASE * 2.2)
            stopped.send_signal(signal.SIGCONT)
        wait_until(lambda: states(world) == {LetterState.SENT}, why="the last letter")
        copies = Counter(x.recipients[0] for x in server.taken)
    letters = world.letters()
    assert set(copies) == {x.to_address for x in letters}, "lost"
    assert [x.to_address for x in letters if copies[x.to_address] - 1 > x.doubts] == []
    assert {x.raw for x in server.taken} == {RAW}
    assert len({x.claimed_by for x in letters}) == 2, "only one of them sent"


def test_who_was_told_that_a_letter_is_taken_back_will_not_see_it_leave(world):
    """Taken back by one thread while two others send; what counts is when the taking back was committed."""
    guests = world.ask(*(Guest(f"Guest {n}", f"g{n}@example.org") for n in range(40)), now=now())
    told, began = dict[str, float](), dict[str, float]()
    addresses = {i: f"g{n}@example.org" for n, i in enumerate(guests)}

    def noted(stage: str, address: str) -> None:
        if stage == "data":
            began[address] = time.monotonic()

    def send(name: str) -> None:
        connection = Connection(server.url)
        while {LetterState.QUEUED, LetterState.SENDING} & states(world):
            deliver(world.db, connection, by=name, clock=now, base=timedelta(seconds=1))
        connection.close()

    def take_back(guest: int) -> None:
        with world.db.write() as session:
            outbox.cancel_unsent(session, invitation_ids=[guest])
        told[addresses[guest]] = time.monotonic()

    with scripted(noted) as server, ThreadPoolExecutor(3) as pool:
        sending = [pool.submit(send, name) for name in ("one", "two")]
        for guest in random.Random(3).sample(guests, 25):
            pool.submit(take_back, guest).result()
            threading.Event().wait(0.004)
        for one in sending:
            one.result(30)
    assert {a for a, at in began.items() if at > told.get(a, at) + 1} == set()
    assert 0 < len(began) < len(guests)
    assert {x.to_address for x in world.letters(state=LetterState.SENT)} == set(began)
    assert sorted(server.recipients) == sorted(began)
