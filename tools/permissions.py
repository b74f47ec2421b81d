"""
Writes docs/permissions.md: every door of the service, and who may use it (`make permissions`).

The doors say so themselves: each handler, or the router around it, has `may=` one of the sets of convener/rules.py.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from litestar.routes import HTTPRoute

from roundtables.app import service
from roundtables.convener.rules import EVERYBODY
from roundtables.db import Db
from roundtables.settings import Settings

FILE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
ROLES = ("viewer", "day-team", "editor", "organiser", "owner")
PEOPLE = ("nobody", "invitee", *ROLES, "token")
BY_TOKEN = ("/api/", "/metrics")
WORDS = {"nobody": "nobody", "invitee": "invitee", "day-team": "day team", "token": "API token"}
HEAD = """# Who may use which door

Written by `make permissions` from the doors themselves; a test drives every cell over HTTP.

*Nobody* is not signed in and holds no link; an *invitee* holds the personal link that the address stands for; the
others are signed in at the desk with that role. An *API token* is an owner's. A cell is for the door as such: what a
convener does not own is not found, and some forms ask for a sign-in of the last quarter of an hour.
"""
API_HEAD = """
## For programs

The roles are those of the people whose API token is shown; a browser that is signed in is *nobody* here.
"""


@dataclass(frozen=True, slots=True)
class Door:
    """A method and an address; `may` is None where nobody said who may use it."""

    method: str
    path: str
    may: frozenset[str] | None

    @property
    def by_token(self) -> bool:
        return self.path.startswith(BY_TOKEN) and self.may != EVERYBODY

    def lets(self, person: str) -> bool:
        """Whether this kind of person may use it."""
        may = self.may or frozenset()
        if may == EVERYBODY:
            return True
        if person == "token":
            return self.by_token and "owner" in may
        return person in may


def doors() -> list[Door]:
    """All of them, by address."""
    settings = Settings(secret_key="of no account", _env_file=None)  # noqa: S106  no secret: nothing is served
    app = service(settings, Db("sqlite://"))
    found = (door for route in app.routes if isinstance(route, HTTPRoute) for door in _of(route))
    return sorted(found, key=lambda door: (door.path, door.method))


def _of(route: HTTPRoute) -> Iterator[Door]:
    for handler in route.route_handlers:
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            yield Door(str(method), route.path_format, handler.opt.get("may"))


def table(found: list[Door], people: tuple[str, ...]) -> str:
    heads = "| door | " + " | ".join(WORDS.get(one, one) for one in people) + " |"
    lines = [heads, "|---|" + ":-:|" * len(people)]
    for door in found:
        cells = " | ".join("yes" if door.lets(one) else "–" for one in people)
        lines.append(f"| `{door.method} {door.path}` | {cells} |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The whole page."""
    every = doors()
    pages = [door for door in every if not door.by_token]
    programs = [door for door in every if door.by_token]
    return f"{HEAD}\n## Pages\n\n{table(pages, PEOPLE)}{API_HEAD}\n{table(programs, ('nobody', *ROLES))}"


def main() -> int:
    FILE.write_text(written(), "utf-8")
    undeclared = [f"{door.method} {door.path}" for door in doors() if door.may is None]
    print("\n".join(undeclared), file=sys.stderr)
    return 1 if undeclared else 0


if __name__ == "__main__":
    sys.exit(main())
