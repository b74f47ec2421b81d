"""An erasure to its end: the rows, the register beside the database, and the free room in its file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from roundtables.db import Db
from roundtables.keeping import cleaning, erasing, register
from roundtables.keeping.erasing import Erased
from roundtables.person.model import Person


@dataclass(frozen=True, slots=True)
class Gone:
    """What went; `clean` says whether the database's file is written anew too."""

    erased: Erased
    clean: bool


def erase(
    db: Db,
    data_dir: Path,
    find: Callable[[Session], Iterable[Person]],
    *,
    now: datetime,
    thoroughly: bool = False,
) -> Gone:
    """
    Erases whomever `find` finds, all or none; what it raises goes on. The register is on disk before it is committed:
    a mark too many erases nobody, one too few would bring somebody back.
    """
    done = Erased()
    with db.write() as session:
        for person in list(find(session)):
            marks = erasing.marks_of(session, person)
            done += erasing.erase(session, person, now=now)
            register.write_down(data_dir, marks, now=now)
    return Gone(done, cleaning.clean(db, thoroughly=thoroughly) if done.people else True)
