"""
What every call of the REST API shares: bounded fields, bodies read from raw bytes, lists with cursors, answers in JSON.
"""

import json
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import available_timezones

from litestar import Response
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as PydanticField
from pydantic_core import PydanticCustomError

from roundtables.errors import NotFound, Refusal, Refusals
from roundtables.web.problems import NotAllowed

LARGEST_ID = 2**31 - 1
MOST_ERRORS = 50
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")
Row = TypeVar("Row")
Choice = TypeVar("Choice", bound=StrEnum)


def _refused(words: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{words}", {"words": words})


def _one_line(text: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text):
        raise _refused("This is one line: it cannot hold line breaks or control characters.")
    return text


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(c) == "Cc" for c in text if c not in "\n\t"):
        raise _refused("Control characters cannot be kept; only line breaks and tabs.")
    return text


def _written(pattern: re.Pattern[str], example: str) -> Callable[[Any], Any]:
    """Only text in the form of RFC 3339: a bare number is not a time."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not pattern.match(value) or len(value) > 40:
            raise _refused(f"Write it like {example}.")
        return value

    return check


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise _refused("A time needs its offset from UTC, as in 2027-07-01T10:00:00+01:00.")
    if not 1970 <= moment.year <= 2200:
        raise _refused("A time between the years 1970 and 2200, please.")
    return moment.astimezone(UTC)


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise _refused("There is no such time zone; write it like Europe/London.")
    return name


def _web_address(text: str) -> str:
    if text and not re.match(r"https?://[^\s/?#]", text):
        raise _refused("A link begins with https://.")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(_lines)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_one_line)]
WebAddress = Annotated[Link, AfterValidator(_web_address)]
Zone = Annotated[Line, AfterValidator(_zone)]
Moment = Annotated[
    datetime, BeforeValidator(_written(MOMENT, "2027-07-01T10:00:00+01:00")), AfterValidator(_aware)
]  # UTC once read
Day = Annotated[date, BeforeValidator(_written(DAY, "2027-05-14"))]
RowId = Annotated[int, PydanticField(strict=True, ge=1, le=LARGEST_ID)]

Limit = Annotated[int, QueryParameter(ge=1, le=500, description="How many items at most.")]
Cursor = Annotated[str, QueryParameter(max_length=2_000, description="The `next` of the list before.")]
RowIdQuery = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_ID)]


class Listing(BaseModel, Generic[Item]):
    """A part of a list; `next` is the cursor of the part that follows, null at the end."""

    items: list[Item]
    next: str | None = None


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    class Fault(BaseModel):
        field: str
        message: str

    model_config = ConfigDict(title="Problem")
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


def patch_of(model: type[BaseModel], name: str) -> type[BaseModel]:
    """The same fields, none of them needed: what a PATCH may send. Only fields sent are in `sent(...)`."""
    fields: dict[str, Any] = {}
    for field, info in model.model_fields.items():
        known: Any = PydanticField(default_factory=lambda: None, description=info.description)
        fields[field] = Annotated[(info.annotation, *info.metadata, known)]
    return type(
        name, (BaseModel,), {"__annotations__": fields, "__module__": model.__module__, "__doc__": model.__doc__}
    )


def sent(patch: BaseModel) -> dict[str, Any]:
    """The fields that were sent, and no others."""
    return {name: getattr(patch, name) for name in patch.model_fields_set}


def read(model: type[Model], body: bytes) -> Model:
    """A body as `model`. Raises ClientException (400) where it is no JSON, Refusals (422) naming each bad field."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        if faults[0]["type"] == "json_invalid":
            raise ClientException("The body is not valid JSON.") from error
        raise Refusals({_where(f["loc"]): _said(f["type"], f["msg"]) for f in faults[:MOST_ERRORS]}) from error


def _where(place: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in place) or "body"


def _said(kind: str, message: str) -> str:
    return "This is needed." if kind == "missing" else message


def one_of(values: type[Choice], word: str, field: str) -> Choice | None:
    """A word of a query as one of `values`, None for "". Raises Refusal."""
    if word and word not in list(values):
        raise Refusal("One of: {choices}.", field=field, choices=", ".join(values))
    return values(word) if word else None


def told(model: BaseModel, *, status: int = 200) -> Response[Any]:
    """The JSON answer, written in the handler's own thread."""
    return Response(model.model_dump_json().encode(), status_code=status, media_type="application/json")


def part(rows: Sequence[Row], limit: int, place: Callable[[Row], Sequence[int | str]]) -> tuple[list[Row], str | None]:
    """Of `limit + 1` rows the first `limit`, and the cursor behind them if there are more."""
    kept = list(rows[:limit])
    return kept, cursor(*place(kept[-1])) if len(rows) > limit else None


def cursor(*place: int | str) -> str:
    """An opaque cursor: where the list goes on."""
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> Any:
    """What `cursor` was given, None for ""; one value alone, several as a tuple. Raises Refusal."""
    if not cursor:
        return None
    try:
        place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fits = [type(value) for value in place] == list(kinds) and all(map(_sane, place))
    except (ValueError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise Refusal("This cursor is not one of ours; begin the list again.", field="cursor")
    return place[0] if len(kinds) == 1 else tuple(place)


def _sane(value: object) -> bool:
    if isinstance(value, int):
        return 0 <= value <= LARGEST_ID
    return isinstance(value, str) and "\0" not in value and value.encode("utf-8", "replace").decode() == value


def known_numbers(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: a number in the path that no row can have is not found, on either database. Raises NotFound."""
    for value in connection.path_params.values():
        if isinstance(value, int) and not 0 < value <= LARGEST_ID:
            raise NotFound("record")


def allow(may: bool) -> None:
    """Raises NotAllowed for a token whose role may not do this."""
    if not may:
        raise NotAllowed("The role of this token may not do this.")
