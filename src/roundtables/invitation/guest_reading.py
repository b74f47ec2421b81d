"""Guests as an organiser writes them down: rows of a form, and lines pasted from a list."""

import re
from dataclasses import dataclass, field

from roundtables.errors import Refusal, Refusals
from roundtables.invitation.actions import Guest
from roundtables.web.forms import Form

ROWS = 5
FIELDS = ("name", "email", "title", "organisation", "seat_kind", "note")
ADDRESS = re.compile(r"^(?P<name>[^<]*?)[\s,]*<(?P<email>[^<>\s]+@[^<>\s]+)>(?P<rest>.*)$")
MOST_LINES, LONGEST_LINE = 200, 1000


@dataclass(slots=True)
class Written:
    """The guests, and where each was written: the name of its row, or the number of its line."""

    guests: list[Guest] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


def read_guests(form: Form) -> Written:
    """Everybody written down. Raises Refusals, each problem at its row ("row.2.email") or line ("pasted")."""
    found = Written()
    for row in range(ROWS):
        typed = {name: form.text(f"row.{row}.{name}", most=2000 if name == "note" else 300) for name in FIELDS}
        if any(typed[name] for name in ("name", "email", "title", "organisation", "note")):
            found.guests.append(Guest(**typed))
            found.places.append(f"row.{row}")
    for number, line in enumerate(form.text("pasted").splitlines(), start=1):
        if line.strip():
            _paste(form, found, number, line.strip())
    if len(found.guests) > MOST_LINES:
        form.errors["pasted"] = f"At most {MOST_LINES} people at once."
    if not found.guests and not form.errors:
        form.errors[""] = "Nobody is written down yet."
    form.check()
    return found


def read_line(line: str) -> Guest:
    """
    "Name <mail>, title, organisation, seat kind", or the same with commas or tabs only; what is missing is "".

    Raises Refusal if there is no address in it.
    """
    match = ADDRESS.match(line)
    if match is not None:
        name, email, rest = match["name"].strip(' "'), match["email"], match["rest"].lstrip(" ,;\t")
        more = _parts(rest)
    else:
        name, email, *more = [*_parts(line), "", ""]
    if "@" not in email or not name or len(line) > LONGEST_LINE:
        raise Refusal("is not “Name <mail>, title, organisation”.")
    title, organisation, kind, *_ = [*more, "", "", ""]
    return Guest(name=name, email=email, title=title, organisation=organisation, seat_kind=kind)


def put_back(form: Form, written: Written, error: Refusals) -> None:
    """The problems of `invite` ("guests.3.email") beside the rows and lines where those guests were written."""
    for name, words in error.errors.items():
        _, number, about = [*name.split("."), "", ""][:3]
        place = written.places[int(number)] if number.isdigit() and int(number) < len(written.places) else ""
        if place.startswith("row."):
            form.errors[f"{place}.{about if about in FIELDS else 'email'}"] = words
        else:
            earlier = form.errors.get("pasted", "")
            form.errors["pasted"] = f"{earlier} {place}: {words}".strip() if place else words


def _parts(text: str) -> list[str]:
    return [part.strip() for part in (text.split("\t") if "\t" in text else text.split(","))]


def _paste(form: Form, found: Written, number: int, line: str) -> None:
    try:
        found.guests.append(read_line(line))
        found.places.append(f"Line {number}")
    except Refusal as error:
        form.errors.setdefault("pasted", f"Line {number} {error.message}")
