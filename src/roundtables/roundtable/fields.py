"""What the REST API takes and tells of a roundtable."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, PlainSerializer, StrictInt

from roundtables.errors import Refusal
from roundtables.roundtable.actions import MOST_SEATS
from roundtables.roundtable.model import SeatKind
from roundtables.roundtable.rules import Deputies, Rule, Status, Visibility
from roundtables.web.api import Day, Line, Moment, RowId, Text, WebAddress, Zone, patch_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _as_kinds(value: Any) -> Any:
    """Names alone, or names with how many seats, are as good as whole entries."""
    if isinstance(value, dict):
        return [{"name": name, "target": target} for name, target in value.items()]
    if isinstance(value, list):
        return [{"name": entry} if isinstance(entry, str) else entry for entry in value]
    return value


class SeatKindIn(BaseModel):
    """A kind of seat. `target` (or `seats`) is how many are meant for it; `key` is made of the name if it is absent."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    target: Annotated[
        int, Field(strict=True, ge=0, le=MOST_SEATS, validation_alias=AliasChoices("target", "seats"))
    ] = 0
    key: Annotated[str, Field(pattern="^[A-Z]?$")] = ""


Local = Annotated[datetime, PlainSerializer(lambda at: at.isoformat(), return_type=str, when_used="json")]
SeatKindsIn = Annotated[list[SeatKindIn], BeforeValidator(_as_kinds), Field(max_length=len(LETTERS))]
Seats = Annotated[StrictInt, Field(ge=1, le=MOST_SEATS)]


class RoundtableIn(BaseModel):
    """All that an organiser decides. `time_zone` is the convener's own if it is absent."""

    title: Line
    question: Text = ""
    summary: Text = ""
    starts_at: Moment
    ends_at: Moment
    time_zone: Zone = ""
    place: Line = ""
    town: Line = ""
    online_url: WebAddress = ""
    seats: Seats
    seat_kinds: SeatKindsIn = []
    max_per_organisation: Seats | None = None
    rule: Rule = Rule.CHATHAM_HOUSE
    deputies: Deputies = Deputies.ASK
    reply_by: Day | None = None
    report_ids: Annotated[list[RowId], Field(max_length=100)] = []
    visibility: Visibility = Visibility.AFTER
    host_name: Line = ""


RoundtablePatch = patch_of(RoundtableIn, "RoundtablePatch")


class ClosingIn(BaseModel):
    """`came_in_public` releases how many came; without it the public learns no number."""

    came_in_public: Annotated[StrictInt, Field(ge=0, le=MOST_SEATS)] | None = None


class SeatKindOut(BaseModel):
    key: str
    name: str
    target: int


class Counts(BaseModel):
    """Invitations by state, and seats. `invited` are those who have not answered. For organisers only."""

    invited: int = 0
    accepted: int = 0
    declined: int = 0
    tentative: int = 0
    delegated: int = 0
    waiting: int = 0
    withdrawn: int = 0
    lapsed: int = 0
    draft: int = 0
    seats: int
    seats_taken: int
    seats_free: int


class RoundtableOut(BaseModel):
    """A roundtable; its times carry the offset of its own zone."""

    id: int
    slug: str
    uid: str
    sequence: int
    status: Status
    title: str
    question: str
    summary: str
    starts_at: Local
    ends_at: Local
    time_zone: str
    place: str
    town: str
    online_url: str
    seats: int
    seat_kinds: list[SeatKindOut]
    max_per_organisation: int | None
    rule: Rule
    deputies: Deputies
    reply_by: date | None
    report_ids: list[int]
    visibility: Visibility
    host_name: str
    came_in_public: int | None
    counts: Counts
    created_at: datetime
    changed_at: datetime


def keyed(kinds: Sequence[SeatKindIn], known: Iterable[SeatKind] = ()) -> list[SeatKind]:
    """
    Every kind with a capital letter of its own: the one given, the one a kind of that name had before (`known`),
    else the first letter of its name that is free. Raises Refusal.
    """
    before = {kind["name"].casefold(): kind["key"] for kind in known}
    given = [kind.key or before.get(kind.name.casefold(), "") for kind in kinds]
    taken = [key for key in given if key]
    if len(set(taken)) < len(taken) or len({kind.name.casefold() for kind in kinds}) < len(kinds):
        raise Refusal("Each kind of seat needs a name and a letter of its own.", field="seat_kinds")
    found: list[SeatKind] = []
    for kind, key in zip(kinds, given, strict=True):
        key = key or next(c for c in kind.name.upper() + LETTERS if c in LETTERS and c not in taken)
        taken.append(key)
        found.append({"key": key, "name": kind.name, "target": kind.target})
    return found
