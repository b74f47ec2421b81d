"""
Every error of ours.

    RoundtablesError
     ├── Refusal        a "no" that a person reads, beside the field it is about
     │    └── NotFound  nothing of that name is yours to see
     ├── Unreadable     something that arrived cannot be read, and why
     └── TryLater       a store or a server does not answer now; nothing was kept
"""


class RoundtablesError(Exception):
    """The root of this tree."""


class Refusal(RoundtablesError):
    """A "no" in words a person can act on; `field` names the input it is about, "" if none."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Refusals(Refusal):
    """Several at once, one for each field of a form: `errors` maps field to message."""

    def __init__(self, errors: dict[str, str]) -> None:
        field, message = next(iter(errors.items()))
        super().__init__(message, field=field)
        self.errors = errors


class NotFound(Refusal):
    """Nothing of that name is there for the one who asks."""

    def __init__(self, what: str = "page") -> None:
        super().__init__(f"There is no such {what} here.")


class Unreadable(RoundtablesError):
    """What arrived cannot be read; the message says why."""


class TryLater(RoundtablesError):
    """Nothing was kept: the sender should try again."""
