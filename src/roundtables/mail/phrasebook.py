"""The phrases of one language, compiled. Their little language is explained at the top of phrases/en.toml. Pure."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_ELEMENT = re.compile(r"\[[^\]]*\]|\S+")
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of answer: `whole` is all of a clause, `says` and the softer `soft` begin it, `hints` stand anywhere."""

    whole: re.Pattern[str]
    says: re.Pattern[str]
    soft: re.Pattern[str]
    hints: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Phrasebook:
    accept: Kind
    decline: Kind
    tentative: Kind
    idioms: re.Pattern[str]
    leads: re.Pattern[str]
    deputy: re.Pattern[str]
    harmless: re.Pattern[str]
    needs: re.Pattern[str]
    vetoes: Mapping[str, re.Pattern[str]]
    written_out: Mapping[str, str]
    greetings: frozenset[str]
    not_names: frozenset[str]


@cache
def load(language: str) -> Phrasebook:
    """The phrasebook in phrases/<language>.toml. Matches texts as words.normal() writes them."""
    data = tomllib.loads(files(__package__).joinpath("phrases", f"{language}.toml").read_text(encoding="utf-8"))
    sets = data["sets"]

    def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
        return _any_of(phrases, sets)

    def kind(table: dict[str, list[str]]) -> Kind:
        return Kind(*(any_of(table.get(name, ())) for name in ("whole", "says", "soft", "hints")))

    return Phrasebook(
        accept=kind(data["accept"]),
        decline=kind(data["decline"]),
        tentative=kind(data["tentative"]),
        idioms=any_of(data["accept"]["idioms"]),
        leads=any_of(data["leads"]["says"]),
        deputy=any_of(data["deputy"]["says"]),
        harmless=any_of(data["harmless"]["says"]),
        needs=any_of(data["needs"]["words"]),
        vetoes={name: any_of(words) for name, words in data["vetoes"].items()},
        written_out=data["written_out"],
        greetings=frozenset(data["letter"]["greetings"]),
        not_names=frozenset(data["letter"]["not_names"]),
    )


def _any_of(phrases: Iterable[str], sets: dict[str, Any]) -> re.Pattern[str]:
    """Longest first, so that an alternative never hides a longer one."""
    written = sorted(set(phrases), key=len, reverse=True)
    return re.compile("(?<= )(?:" + "|".join(_phrase(p, sets) for p in written) + ")") if written else _NOTHING


def _phrase(phrase: str, sets: dict[str, Any]) -> str:
    return "".join(_element(element, sets) for element in _ELEMENT.findall(phrase))


def _element(element: str, sets: dict[str, Any]) -> str:
    if element.startswith("["):
        return f"(?:{_words(element[1:-1], sets)})?"
    return _words(element, sets)


def _words(written: str, sets: dict[str, Any]) -> str:
    return "(?:" + "|".join(_word(word, sets) for word in written.split("|")) + ")"


def _word(word: str, sets: dict[str, Any]) -> str:
    name = word[1:-1]
    if word in ("{come}", "{coming}", "{accept}"):
        objects = _set("accept_objects" if name == "accept" else "come_objects", sets)
        return f"{_set(f'{name}_verbs', sets)}(?:{objects})?{_word('{stop}', sets)}"
    if word == "{stop}":
        return f"(?={_set('follow', sets)}|$)"
    if word == "{number}":
        return "[0-9]{1,4} "
    return _set(name, sets) if word.startswith("{") else re.escape(word) + " "


def _set(name: str, sets: dict[str, Any]) -> str:
    written = sorted(sets[name], key=len, reverse=True)
    return "(?:" + "|".join(_phrase(phrase, sets) for phrase in written) + ")"


def english() -> Phrasebook:
    """Read at the first mail in words and not at the start: compiling it takes a good part of a second."""
    return load("en")
