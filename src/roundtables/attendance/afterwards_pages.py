"""Afterwards: who came, put right where it was marked wrong, and the thank-yous."""

from collections import Counter
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody

from roundtables.attendance.at_day import TABLE, at_day, check_day_team, pages_of_the_day
from roundtables.attendance.checking_in import fresh_key, mark
from roundtables.attendance.day import gathered
from roundtables.attendance.door_pages import count
from roundtables.attendance.model import Came
from roundtables.attendance.thanks import Thanks, draft_thanks, letters_of, owed, unmarked
from roundtables.convener.access import Signed, TheDb, TheSettings
from roundtables.convener.rules import DAY_TEAM, ORGANISERS, READERS, Organiser
from roundtables.db import Db, now
from roundtables.desk.frame import check_organiser
from roundtables.errors import Refusal
from roundtables.invitation.rules import State
from roundtables.mail.outbox import LetterState
from roundtables.settings import Settings
from roundtables.texts import _
from roundtables.web.answers import page, see
from roundtables.web.forms import Form

Typed = URLEncodedBody[dict[str, Any]]
DONE = {
    "drafted": _("The thank-yous lie ready in the outbox. Nothing leaves until you send it."),
    "corrected": _("Put right."),
}
WORDS = {Thanks.CAME: _("came"), Thanks.MISSED: _("missed you"), Thanks.DEPUTY: _("sent a deputy")}
CAME = [
    *(("", _("not marked")), (Came.IN_PERSON, _("was there"))),
    *((Came.ONLINE, _("online")), (Came.NO, _("did not come")), (Came.WALK_IN, _("came unasked"))),
]
NEVER_THERE = (State.DRAFT, State.WITHDRAWN)


@get(f"{TABLE}/afterwards", may=READERS, sync_to_thread=True)
def afterwards(
    roundtable_id: FromPath[int], organiser: Signed, db: TheDb, settings: TheSettings, said: FromQuery[str] = ""
) -> Response[str]:
    return _shown(organiser, db, settings, roundtable_id, flash=DONE.get(said, ""))


@post(f"{TABLE}/attendance", may=DAY_TEAM, sync_to_thread=True)
def correct(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Every mark that was changed in the list, in one go; the others stay as they are."""
    check_day_team(data, organiser, settings)
    form = Form(data)
    with db.write() as session:
        day = gathered(session, organiser.convener_id, roundtable_id)
        for guest in day.everybody:
            row = day.came.get(guest.id or 0)
            stands = row.came.value if row else ""
            wanted = form.text(f"came-{guest.id}", most=20)
            if wanted in list(Came) and wanted != stands and form.text(f"was-{guest.id}", most=20) == stands:
                mark(session, guest, Came(wanted), key=form.text("key", most=64), by=organiser.name, now=now())
    return see(f"/desk/roundtables/{roundtable_id}/afterwards?said=corrected")


@post(f"{TABLE}/thanks", may=ORGANISERS, sync_to_thread=True)
def thank(
    roundtable_id: FromPath[int], data: Typed, organiser: Signed, db: TheDb, settings: TheSettings
) -> Response[str]:
    """Lays the thank-yous ready; once or twice, there is one for each."""
    check_organiser(data, organiser, settings)
    try:
        with db.write() as session:
            draft_thanks(session, gathered(session, organiser.convener_id, roundtable_id), now=now())
    except Refusal as error:
        return _shown(organiser, db, settings, roundtable_id, problem=error.message)
    return see(f"/desk/roundtables/{roundtable_id}/afterwards?said=drafted")


def _shown(
    organiser: Organiser, db: Db, settings: Settings, roundtable_id: int, *, flash: str = "", problem: str = ""
) -> Response[str]:
    with db.read() as session:
        day, context = at_day(session, organiser, settings, roundtable_id, tab="afterwards", flash=flash)
        letters = letters_of(session, day)
    found = owed(day)
    context |= {
        "guests": [guest for guest in day.everybody if guest.state not in NEVER_THERE],
        "came": day.came,
        "choices": CAME,
        "count": count(day),
        "walk_ins": day.walk_ins,
        "unmarked": unmarked(day),
        "owed": {one.guest.id: one for one in found},
        "numbers": Counter(one.kind for one in found),
        "kinds_of_thanks": list(WORDS.items()),
        "letters": letters,
        "held": sum(letter.state is LetterState.HELD for letter in letters.values()),
        "met": context["now"] >= day.table.starts_at,
        "key": fresh_key(),
        "problem": problem,
    }
    return page("attendance/afterwards.html", status=409 if problem else 200, **context)


HANDLERS = [pages_of_the_day(afterwards, correct, thank)]
