"""Letters: composed with their invitations, then handed over with durable commits, beside a bare smtplib loop."""

import smtplib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from time import perf_counter

from sqlmodel import select

from bench.rows import Row
from bench.stage import beside, folder, opened, plan_a_table
from roundtables.convener.model import Convener
from roundtables.db import Db, now
from roundtables.invitation.actions import Guest, invite
from roundtables.mail.outbox import OutgoingLetter
from roundtables.mail.postman import Connection, deliver

AT_ONCE = 100  # guests of one request


def measure(*, quick: bool) -> Iterator[Row]:
    number = 200 if quick else 600
    with folder() as where, beside("-m", "bench.sink") as port:
        db, _ = opened(where)
        with closing(db):
            yield Row("invitations composed and kept", number / _compose(db, number), "/s")
            taken = _hand_over(db, int(port))
            bare = _bare(db, int(port))
            yield Row("letters handed over, durably", number / taken, "/s", number / bare, "bare smtplib, same bytes")


def _compose(db: Db, number: int) -> float:
    with db.write() as session:
        convener_id = session.exec(select(Convener.id)).one()
        table = plan_a_table(session, convener_id, seats=200)
    begun = perf_counter()
    for at in range(0, number, AT_ONCE):
        guests = [Guest(f"Guest {n}", f"g{n}@example.org") for n in range(at, min(number, at + AT_ONCE))]
        with db.write() as session:
            invite(session, session.merge(table, load=False), guests, by="bench", now=now())
    return perf_counter() - begun


def _hand_over(db: Db, port: int) -> float:
    connection, base = Connection(f"smtp://127.0.0.1:{port}"), timedelta(seconds=300)
    begun = perf_counter()
    while deliver(db, connection, by="bench", clock=now, base=base):
        pass
    took = perf_counter() - begun
    connection.close()
    return took


def _bare(db: Db, port: int) -> float:
    with db.read() as session:
        letters = session.exec(select(OutgoingLetter)).all()
    assert {letter.state for letter in letters} == {"sent"}
    begun = perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for letter in letters:
            smtp.sendmail(letter.envelope_from, [letter.to_address], letter.raw)
    return perf_counter() - begun
