"""
Texts that can be said in another language by whoever shows them. Pure.

    _("There are only {seats} seats.", seats=3)        English, with what it speaks of
    many("{n} post", "{n} posts", 3, n=3)              one, or several
    listed([weekday, place], ", ")                     one after another

A Wording is English wherever it is used as text, so that rules, logs, the API and what is kept know one language. Only
a page or a letter asks for its words in another one, by `spoken`. Cutting or joining it as text leaves plain English.
The English words are their own key in src/roundtables/locale (docs/decisions/0017).
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

SOURCE = "en-GB"
LANGUAGES = {SOURCE: "English", "cy": "Cymraeg"}


class Catalogue(Protocol):
    """What a language says for our English words."""

    def gettext(self, message: str) -> str: ...
    def pgettext(self, context: str, message: str) -> str: ...
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


Say = Callable[[Catalogue], str]


class Wording(str):
    """English words that know how they are said elsewhere."""

    __slots__ = ("say",)
    say: Say

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # another process gets the English

    def changed(self, change: Callable[[str], str]) -> "Wording":
        """With `change` done to it in every language."""
        return worded(change(str(self)), lambda catalogue: change(self.say(catalogue)))

    def capitalize(self) -> "Wording":
        return self.changed(str.capitalize)

    def lower(self) -> "Wording":
        return self.changed(str.lower)


def worded(english: str, say: Say) -> Wording:
    """A text that is `english` and says itself by `say`; made in a hurry, as a page has dozens."""
    made = str.__new__(Wording, english)
    made.say = say
    return made


def _(message: str, **values: Any) -> Wording:
    """`message` with its {values}, among which Wordings are said in the same language."""
    if not values:
        return worded(message, lambda catalogue: catalogue.gettext(message))
    return worded(
        message.format(**values), lambda catalogue: catalogue.gettext(message).format(**_all(values, catalogue))
    )


def pgettext(context: str, message: str) -> Wording:
    """A word that English uses for two things; `context` says for which."""
    return worded(message, lambda catalogue: catalogue.pgettext(context, message))


def marked(message: str) -> str:
    """A text that is made a Wording later, when its {values} are known."""
    return message


def many(one: str, several: str, number: int, /, **values: Any) -> Wording:
    """`one` or `several`, by `number`; a language may have more forms, or none."""

    def say(catalogue: Catalogue) -> str:
        return catalogue.ngettext(one, several, number).format(**_all(values, catalogue))

    return worded((one if number == 1 else several).format(**values), say)


def listed(parts: Iterable[str], between: str) -> Wording:
    """Texts joined by `between`, each in the language of the whole."""
    kept = list(parts)

    def say(catalogue: Catalogue) -> str:
        return str(spoken(between, catalogue)).join(str(spoken(part, catalogue)) for part in kept)

    return worded(between.join(kept), say)


def spoken(words: Any, catalogue: Catalogue) -> Any:
    """A Wording in the catalogue's language; anything else as it is."""
    return words.say(catalogue) if words.__class__ is Wording else words


def known(language: str) -> str:
    """`language` if we have it, else English: whatever was kept or asked for."""
    return language if language in LANGUAGES else SOURCE


def _all(values: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    return {name: spoken(value, catalogue) for name, value in values.items()}
