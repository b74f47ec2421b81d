"""
Reads what a person typed. A form keeps every word as typed, so that the page can show it again beside the problem.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from roundtables.errors import Refusal, Refusals
from roundtables.texts import Wording, _

Choice = TypeVar("Choice", bound=StrEnum)
LONGEST = 100_000


class Form:
    """What came, and what is wrong with it. Ask for fields, then `check()`."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        self.typed = {name: _as_text(value) for name, value in (data or {}).items()}
        self.errors: dict[str, str] = {}

    def text(self, name: str, *, needed: str = "", most: int = 10_000) -> str:
        """The words of a field, outer space gone; `needed` is what to say if there are none."""
        value = self.typed.get(name, "").replace("\r\n", "\n").strip()
        if needed and not value:
            self.errors[name] = needed if isinstance(needed, Wording) else _(needed)
        if len(value) > min(most, LONGEST):
            self.errors[name] = _("At most {most} letters, please.", most=most)
        return value

    def whole(self, name: str, *, needed: str = "", least: int = 0, most: int = 10_000) -> int | None:
        value = self.text(name, needed=needed, most=20)
        if not value:
            return None
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            self.errors[name] = _("A whole number between {least} and {most}, please.", least=least, most=most)
            return None
        return int(value)

    def day(self, name: str, *, needed: str = "") -> date | None:
        value = self.text(name, needed=needed, most=20)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.errors[name] = _("A date such as 2026-03-14, please.")
            return None

    def moment(self, day: str, clock: str, zone: ZoneInfo, *, needed: str = "") -> datetime | None:
        """A date field and a time field, read in `zone`; a time of "9.30" is as good as "09:30"."""
        on, at = self.day(day, needed=needed), self.text(clock, needed=needed, most=10).replace(".", ":")
        if on is None or not at:
            return None
        try:
            hours, _colon, minutes = at.partition(":")
            return datetime.combine(on, time(int(hours), int(minutes or 0)), tzinfo=zone)
        except ValueError:
            self.errors[clock] = _("A time such as 10.00, please.")
            return None

    def choice(self, name: str, kinds: type[Choice], default: Choice) -> Choice:
        try:
            return kinds(self.typed.get(name) or default)
        except ValueError:
            self.errors[name] = _("One of: {choices}.", choices=", ".join(kinds))
            return default

    def ticked(self, name: str) -> bool:
        return bool(self.typed.get(name))

    def refuse(self, error: Refusal) -> None:
        """Puts a refusal beside the field it is about; without a field it stands above the form ("")."""
        self.errors |= error.errors if isinstance(error, Refusals) else {error.field: error.message}

    def check(self) -> None:
        """Raises Refusals if anything asked for so far is wrong."""
        if self.errors:
            raise Refusals(self.errors)

    def get(self, name: str, default: object = "") -> str:
        return self.typed.get(name, str(default) if default is not None else "")


def _as_text(value: object) -> str:
    """As typed, but for the NUL that no database keeps."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ",".join(_as_text(v) for v in value)
    return (value if isinstance(value, str) else str(value)).replace("\0", "")
