"""
Every error of ours.

    RoundtablesError
     ├── Refusal        a "no" that a person reads, beside the field it is about
     │    └── NotFound  nothing of that name is yours to see
     ├── Unreadable     something that arrived cannot be read, and why
     └── TryLater       a store or a server does not answer now; nothing was kept
"""

from collections.abc import Mapping
from typing import Any

from roundtables.texts import Wording, _

PAGE = _("page")


class RoundtablesError(Exception):
    """The root of this tree."""


class Refusal(RoundtablesError):
    """
    A "no" in words a person can act on; `field` names the input it is about, "" if none.

    The words are English with {names} of `values`; whoever shows them says them in the reader's language.
    """

    def __init__(self, message: str, *, field: str = "", **values: Any) -> None:
        self.message = message if isinstance(message, Wording) else _(message, **values)
        super().__init__(str(self.message))
        self.field = field


class Refusals(Refusal):
    """Several at once, one for each field of a form: `errors` maps field to message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        field, message = next(iter(errors.items()))
        super().__init__(message, field=field)
        self.errors = {name: words if isinstance(words, Wording) else _(words) for name, words in errors.items()}


class NotFound(Refusal):
    """Nothing of that name is there for the one who asks."""

    def __init__(self, what: str = PAGE) -> None:
        super().__init__(_("There is no such {what} here.", what=_(what)))


class Unreadable(RoundtablesError):
    """What arrived cannot be read; the message says why."""


class TryLater(RoundtablesError):
    """Nothing was kept: the sender should try again."""
