"""The commands of safe keeping. Thin: settings and arguments in, one action, words and data out."""

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from roundtables.app import database
from roundtables.commands import Told
from roundtables.convener.model import Convener
from roundtables.db import now
from roundtables.errors import Refusal
from roundtables.keeping import archive, exporting, for_good, holding, reading, retaining, rules, sealing
from roundtables.keeping.holding import Waiting
from roundtables.person import queries as book
from roundtables.person.model import Person
from roundtables.settings import Settings

Arguments = argparse.Namespace
Add = Callable[[str, object, str], argparse.ArgumentParser]


def offer(add: Add) -> None:
    """Names the commands and what they take."""
    audit = add("audit", verify, "says how far the log of all changes is whole")
    audit.add_argument("action", choices=["verify"])
    audit.add_argument("--head", default="", help="a head noted earlier, which must still be in the log")
    made = add("backup", backup, "writes the whole instance into one file, while it runs")
    made.add_argument("file", type=Path, metavar="FILE")
    back = add("restore", restore, "puts a backup in place of an empty instance, and holds it")
    back.add_argument("file", type=Path, metavar="FILE")
    back.add_argument("--replace", action="store_true", help="in place of the instance that is here")
    back.add_argument("--erased", type=Path, metavar="FILE", help="a register of erasures newer than the backup's")
    person = add("person", person_of, "gives out or erases everything that is held on somebody")
    person.add_argument("action", choices=["export", "erase"])
    person.add_argument("email", metavar="EMAIL")
    person.add_argument("file", nargs="?", type=Path, metavar="FILE", help="of export: a zip with letters and mails")
    person.add_argument("--convener", default="", metavar="SLUG", help="in the book of this convener alone")
    kept = add("retention", retention, "deletes what is over; it happens daily by itself")
    kept.add_argument("--dry-run", action="store_true", help="only says what would go")
    kept.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="as if it were that day")
    let_go = add("release", release, "lets a restored instance send again")
    let_go.add_argument("--dry-run", action="store_true", help="only says what would leave")
    let_go.add_argument("--discard", action="store_true", help="letters that were on their way stay unsent")


def verify(settings: Settings, chosen: Arguments) -> Told:
    with closing(database(settings)) as db:
        proof = sealing.verify(db, settings.secret_key)
        gone = bool(chosen.head) and not sealing.has_head(db, chosen.head)
    why = proof.why or (f"no seal has the head {chosen.head} any more: the end of the log was cut off" if gone else "")
    waiting = f", {proof.unsealed} more since the last seal" if proof.unsealed else ""
    words = f"{proof.entries} entries, {proof.seals} seals{waiting}. Head: {proof.head}"
    words = f"The log is broken: {why}.\n{words}" if why else f"The log is whole: {words}"
    return Told(words, asdict(proof) | {"whole": not why, "why": why}, code=1 if why else 0)


def backup(settings: Settings, chosen: Arguments) -> Told:
    manifest = archive.backup(settings, chosen.file, now=now())
    size = chosen.file.stat().st_size
    words = f"{chosen.file}: {_counted(manifest.counts)}, {size / 1024 / 1024:.1f} MB. Keep it as you keep a password."
    return Told(words, {"file": str(chosen.file), "bytes": size, "counts": dict(manifest.counts)})


def restore(settings: Settings, chosen: Arguments) -> Told:
    done = archive.restore(settings, chosen.file, replace=chosen.replace, erased=chosen.erased, now=now())
    words = [f"Restored, as it was on {done.manifest.made_at}: {_counted(done.manifest.counts)}."]
    if done.erased.people:
        words.append(f"Erased once more: {done.erased.people} people, as the register says.")
    if done.settled:
        words.append(f"{done.settled} letters have left since, and will not again.")
    words.append("It is held: it takes mail in and sends nothing until you say: roundtables release")
    if done.letters:
        words.append(f"{done.letters} letters were on their way when the backup was made. Were they sent since?")
        words.append("Look at them at /desk/outbox, or say: roundtables release --dry-run")
    data = {"made_at": done.manifest.made_at, "held": True, "letters_waiting": done.letters}
    return Told("\n".join(words), data | {"settled": done.settled, "erased_again": done.erased.people})


def release(settings: Settings, chosen: Arguments) -> Told:
    with closing(database(settings)) as db:
        with db.read() as session:
            waiting = holding.waiting(session)
        if waiting is None:
            return Told("It is not held.", {"released": False, "held": False})
        words = _waiting(waiting)
        data = {"letters": waiting.letters, "kinds": dict(waiting.kinds), "in_backup": waiting.in_backup}
        if chosen.dry_run:
            return Told(words, data | {"released": False, "held": True})
        if waiting.letters and not chosen.discard and not chosen.json:
            _ask(words)
        with db.write() as session:
            letters = holding.release(session, discard=chosen.discard, now=now())
    said = f"Released. {letters} letters may leave." if not chosen.discard else "Released. Nothing is left to send."
    return Told(f"{words}\n{said}", data | {"released": True, "held": False, "may_leave": letters})


def _ask(words: str) -> None:
    """Somebody at a terminal is asked; a script has said what it wants. Raises Refusal."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(words)
        if input("Send them? [y/N] ").strip().lower() not in ("y", "yes"):
            raise Refusal("It stays held. With --discard these letters stay unsent.")


def _waiting(waiting: Waiting) -> str:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(waiting.kinds.items())) or "no letters"
    made = f"{waiting.backup_of:%Y-%m-%d %H.%M} UTC"
    return f"Held since {waiting.since:%Y-%m-%d %H.%M} UTC, from a backup of {made}. Waiting to be sent: {kinds}."


def _counted(counts: Any) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def person_of(settings: Settings, chosen: Arguments) -> Told:
    return export(settings, chosen) if chosen.action == "export" else erase(settings, chosen)


def export(settings: Settings, chosen: Arguments) -> Told:
    """One JSON object on standard output, or with FILE a zip for its owner alone."""
    with closing(database(settings)) as db, db.read() as session:
        found = _known(session, chosen)
        reading.note(db, "command", [n for one in found for n in exporting.invitations_of(session, one)], now=now())
        if chosen.file is not None:
            exporting.write(chosen.file, exporting.packed(session, found))
            return Told(f"{chosen.file} has everything we hold on them.", {"file": str(chosen.file)})
        data = {"email": chosen.email, "held": [exporting.everything(session, person) for person in found]}
    return Told("", json.loads(exporting.as_json(data)), data_only=True)


def erase(settings: Settings, chosen: Arguments) -> Told:
    with closing(database(settings)) as db:
        gone = for_good.erase(
            db, settings.data_dir, lambda session: _known(session, chosen), now=now(), thoroughly=True
        )
    done = asdict(gone.erased) | {"clean": gone.clean}
    words = [f"Erased, with {gone.erased.letters} letters and {gone.erased.mails} mails. Their seats stay, nameless."]
    words += [f"Look at {row}: it names them in public." for row in gone.erased.look]
    if not gone.clean:
        words.append("The database was busy: traces may be left in its file until you say this again.")
    return Told("\n".join(words), done)


def _known(session: Session, chosen: Arguments) -> list[Person]:
    """Whoever has that address, in each book or in one. Raises NotFound."""
    conveners = select(Convener.id).order_by(col(Convener.id))
    if chosen.convener:
        conveners = conveners.where(Convener.slug == chosen.convener)
    found = [book.by_address(session, number or 0, chosen.email) for number in session.exec(conveners).all()]
    known = [person for person in found if person is not None]
    if not known:
        raise Refusal("Nobody with that address is in the book.")
    return known


def retention(settings: Settings, chosen: Arguments) -> Told:
    today, days = chosen.today or now().date(), rules.periods(**settings.chosen_periods)
    with closing(database(settings)) as db:
        if not chosen.dry_run:
            done = retaining.retain(db, today, days)
            return Told(_counted(done) or "Nothing is over.", {str(kind): number for kind, number in done.items()})
        with db.read() as session:
            found = retaining.overdue(session, today, days)
    lines = [f"{one.kind}: {one.count}" + (f", the oldest of {_day(one.oldest)}" if one.count else "") for one in found]
    data = [{"kind": one.kind, "count": one.count, "oldest": _day(one.oldest), "days": days[one.kind]} for one in found]
    return Told("\n".join(lines), data)


def _day(moment: Any) -> str | None:
    """A date as the database gave it: a text of SQLite, a moment of PostgreSQL."""
    return str(moment)[:10] if moment is not None else None
