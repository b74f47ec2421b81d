"""
What calendar programs write by themselves beside an answer: that it was given, and to what. Pure.

Nine in ten calendar answers come with nothing else, so that nobody need read on.
"""

import re

_GIVEN = {
    "accepted": r"accepted",
    "declined": r"declined",
    "tentative": r"tentatively accepted|replied [\"“]?maybe[\"”]? to",
}
_DAY = r"mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_MONTH = r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
_TIME = re.compile(rf"(?:(?:{_DAY}|{_MONTH}|nov(?:ember)?|dec(?:ember)?|\d+(?:st|nd|rd|th|am|pm)?)\b[\W_]*){{1,20}}")
_QUOTES = "\"'“”„«»‘’ "


def is_all(text: str, *, answer: str, summary: str) -> bool:
    """
    Whether each line of `text` only says that `answer` ("accepted", "declined", "tentative") was given to the entry
    called `summary`, or repeats its name or time. Another answer in it is never a program's own word.
    """
    title = " ".join(summary.lower().strip(_QUOTES).split())
    lines = filter(None, (" ".join(line.lower().split()) for line in text.splitlines()))
    return all(len(line) < 500 and (_names(line, title) or _tells(line, answer, title)) for line in lines)


def _names(line: str, title: str) -> bool:
    bare = line.removeprefix("title:").strip(_QUOTES)
    return bare == title or _TIME.fullmatch(line) is not None


def _tells(line: str, answer: str, title: str) -> bool:
    given = re.search(rf"\b(?:has )?(?:{_GIVEN[answer]})(?: (?:this|your|the) (?:event )?invitation)?\b", line)
    if given is None or (not given[0].startswith("has ") and not given[0].endswith("invitation")):
        return False
    rest = line[given.end() :].strip(f"{_QUOTES}.").removeprefix("to the appointment:").removeprefix("to ")
    return rest.strip(_QUOTES) in ("", title) and _is_a_name(line[: given.start()])


def _is_a_name(before: str) -> bool:
    """Whether "Jo Bloggs has" or "jo@example.org" stands before the word, and no talk."""
    return re.fullmatch(r"[\w.'’@+-]+(?: [\w.'’()-]+){0,5} ?", before) is not None
