"""What each command does. Thin: settings and arguments in, one action, words and data out."""

import argparse
import sys
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from roundtables import db as databases
from roundtables import doctoring, seeds
from roundtables.app import database
from roundtables.convener import actions as conveners
from roundtables.convener.model import Role
from roundtables.db import now
from roundtables.desk import posting
from roundtables.errors import Refusal
from roundtables.invitation import intake
from roundtables.mail.inbox import Door
from roundtables.mail.message import MAX_BYTES
from roundtables.mail.outbox import LetterState, OutgoingLetter
from roundtables.person import import_command, reading
from roundtables.person.progress import Progress
from roundtables.settings import Settings

Arguments = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Told:
    """What a command answers: words for people, data for --json (always, where `data_only`)."""

    words: str
    data: Any = field(default_factory=dict)
    code: int = 0
    data_only: bool = False


def serve(settings: Settings, chosen: Arguments) -> None:
    from roundtables.serving import Serving, run

    databases.migrate(settings.database)
    web = (chosen.host, chosen.port)
    run(Serving(settings, web=web, background=not chosen.no_background, workers=chosen.workers))


def work(settings: Settings, chosen: Arguments) -> None:
    from roundtables.serving import Serving, run

    run(Serving(settings))


def demo(settings: Settings, chosen: Arguments) -> None:
    from roundtables.demo import run

    run(settings, chosen.host, chosen.port)


def setup(settings: Settings, chosen: Arguments) -> Told:
    databases.migrate(settings.database)
    with database(settings).write() as session:
        convener = conveners.found_convener(session, chosen.convener, now=now())
        account = conveners.appoint(session, convener, chosen.organiser, role=Role.OWNER, now=now())
        link = conveners.sign_in_link(session, account, now=now(), lasts=conveners.SET_UP_LINK_LASTS)
        address = f"{settings.public_url}/sign-in/{link}"
        data = {"convener": convener.slug, "organiser": account.email, "sign_in": address}
    return Told(f"{convener.name} ({convener.slug}), {account.email}\nSign in once, within seven days: {address}", data)


def token(settings: Settings, chosen: Arguments) -> Told:
    with database(settings).write() as session:
        made = conveners.api_token(session, chosen.email, chosen.convener, now=now())
    return Told(made, {"token": made})


def deliver(settings: Settings, chosen: Arguments) -> Told:
    if chosen.file is not None and not chosen.file.is_file():
        raise Refusal(f"There is no file {chosen.file}.")
    raw = chosen.file.read_bytes() if chosen.file else sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Refusal(f"A message may have at most {MAX_BYTES // 1024 // 1024} MB.")
    if not raw.strip():
        raise Refusal("There is no message.")
    mail = intake.receive(
        database(settings), raw, door=Door.PIPE, now=now(), trusted=settings.trusted_authserv_id or None
    )
    data = {"id": mail.id, "outcome": mail.outcome, "reason": mail.reason, "invitation": mail.invitation_id}
    return Told("", data, data_only=True)


def import_people(settings: Settings, chosen: Arguments) -> Told:
    raw = import_command.bytes_of(chosen.file)
    bar = Progress(reading.checked_through(raw), "people")
    report = import_command.store(database(settings), chosen.convener, raw, bar.at)
    return Told(import_command.words(report), import_command.data(report), code=import_command.code(report))


def migrate(settings: Settings, chosen: Arguments) -> Told:
    databases.migrate(settings.database)
    return Told("The database is at the newest version.", {"migrated": True})


def seed(settings: Settings, chosen: Arguments) -> Told:
    databases.migrate(settings.database)
    sown = seeds.sow(database(settings), now=now())
    address = f"{settings.public_url}/sign-in/{sown.sign_in}"
    return Told(f"{sown.words}\nSign in once: {address}", {"convener": sown.convener, "sign_in": address})


def doctor(settings: Settings, chosen: Arguments) -> Told:
    findings = doctoring.examine(settings)
    words = "\n".join(f"{'ok  ' if f.well else 'look'}  {f.what}: {f.words}" for f in findings)
    data = [{"what": f.what, "well": f.well, "words": f.words} for f in findings]
    return Told(words, data, code=0 if all(f.well or f.mild for f in findings) else 1)


def outbox(settings: Settings, chosen: Arguments) -> Told:
    unsent = [state for state in LetterState if state not in (LetterState.SENT, LetterState.CANCELLED)]
    with database(settings).read() as session:
        found = select(OutgoingLetter).where(col(OutgoingLetter.state).in_(unsent)).order_by(col(OutgoingLetter.id))
        letters = session.exec(found.limit(chosen.limit)).all()
    return Told("\n".join(map(_line, letters)) or "Every letter has left.", [_facts(x) for x in letters])


def _line(letter: OutgoingLetter) -> str:
    doubt = posting.doubt(letter.state, letter.doubts)
    standing = posting.STANDING[letter.state]
    return f"{letter.id}  {letter.kind}: {standing}, {letter.attempts} tries. {doubt} {letter.answer[:60]}".rstrip()


def _facts(letter: OutgoingLetter) -> dict[str, Any]:
    same = {name: getattr(letter, name) for name in ("id", "kind", "attempts", "doubts", "answer")}
    in_doubt = letter.state is LetterState.IN_DOUBT
    return same | {"state": posting.told(letter.state), "in_doubt": in_doubt}
